"""Every parameter of the database's address reaches every connection: what asks for TLS gets it everywhere, or nothing
is served.

The server of the tests' wheel knows no TLS. A TLS end stands before it here, which speaks PostgreSQL's way of asking
for it, takes nothing that is not encrypted, and hands on what it has decrypted.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg.rows import tuple_row

from coord.bootstrap import build
from coord.domain.errors import Unavailable
from coord.patience import SERVING
from coord.persistence import open_stores
from coord.settings import Settings, SettingsError
from tests.house import House, open_house
from tests.postgres import Postgres

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104


class TlsEnd:
    """Listens on 127.0.0.1 and speaks TLS for a PostgreSQL server that does not."""

    def __init__(self, certificate: Path, key: Path, behind: int) -> None:
        self.encrypted = self.plain = 0
        self._behind = behind
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            while (code := struct.unpack("!ii", client.recv(8, socket.MSG_WAITALL))[1]) == GSS_REQUEST:
                client.sendall(b"N")
            if code != SSL_REQUEST:
                self.plain += 1
                return
            client.sendall(b"S")
            with (
                self._context.wrap_socket(client, server_side=True) as inside,
                socket.create_connection(("127.0.0.1", self._behind)) as server,
            ):
                self.encrypted += 1
                while True:
                    ready = [inside] if inside.pending() else select.select([inside, server], [], [])[0]
                    for one, other in ((inside, server), (server, inside)):
                        if one in ready:
                            data = one.recv(65536)
                            if not data:
                                return
                            other.sendall(data)


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that has signed itself, for the host ``localhost``; and its key."""
    made, key = folder / f"{name}.crt", folder / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(made)]
    subprocess.run([*command, *names], check=True, capture_output=True)
    return made, key


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The server's and its key, and somebody else's."""
    folder = tmp_path_factory.mktemp("tls")
    return *certificate(folder, "server"), certificate(folder, "other")[0]


@pytest.fixture
def tls(certificates: tuple[Path, Path, Path], postgres: Postgres) -> Iterator[TlsEnd]:
    end = TlsEnd(certificates[0], certificates[1], postgres.port)
    try:
        yield end
    finally:
        end.close()


def connections_of(house: House) -> dict[str, Any]:
    """One connection of each store."""
    services = house.services
    recorder: Any = services.record.recorder
    found = {}
    with recorder.datastore.get_connection() as connection:
        found["record"] = connection
    for name, engine in (
        ("office", services.office),
        ("views", services.views._reader),
        ("access", services.access._engine),
    ):
        with engine.connect() as kept:
            found[name] = kept.connection.driver_connection
    return found


def test_what_asks_for_tls_gets_it_on_every_connection(
    tls: TlsEnd, certificates: tuple[Path, Path, Path], postgres_database: str, tmp_path: Path
):
    name = postgres_database.rpartition("/")[2]
    url = f"postgresql://postgres@localhost:{tls.port}/{name}?sslmode=verify-full&sslrootcert={certificates[0]}"
    with open_house(tmp_path, url, patience=SERVING) as house:
        house.note(house.ot)
        assert house.browser_of(house.ot).get(f"/children/{house.child}").status_code == 200
        for store, connection in connections_of(house).items():
            assert connection.pgconn.ssl_in_use, store
    assert tls.encrypted >= 5  # the one that makes the schemas, and one of each store
    assert tls.plain == 0


@pytest.mark.parametrize("wrong", ["certificate", "name"])
def test_a_server_that_is_another_is_refused_at_start_and_by_the_record_itself(
    tls: TlsEnd, certificates: tuple[Path, Path, Path], postgres_database: str, tmp_path: Path, wrong: str
):
    name = postgres_database.rpartition("/")[2]
    host, root = ("localhost", certificates[2]) if wrong == "certificate" else ("127.0.0.1", certificates[0])
    url = f"postgresql://postgres@{host}:{tls.port}/{name}?sslmode=verify-full&sslrootcert={root}"
    with pytest.raises(SettingsError, match="does not answer") as refusal:
        build(Settings(data=tmp_path, database_url=url))
    assert "\n" not in str(refusal.value)
    stores = open_stores(Settings(data=tmp_path, database_url=postgres_database))
    store = stores.record_factory({**stores.record_env, "COORD_DATABASE_URL": url})
    datastore: Any = store.datastore
    with pytest.raises(Unavailable), datastore.get_connection():
        pass
    store.close()
    stores.close()
    assert tls.plain == 0


def test_whatever_the_address_says_every_connection_hears(postgres_database: str, tmp_path: Path):
    url = f"{postgres_database}?application_name=clinic&options=-c%20work_mem%3D7MB&keepalives_idle=77"
    with open_house(tmp_path, url, patience=SERVING) as house:
        for store, connection in connections_of(house).items():
            for name, value in (("application_name", "clinic"), ("work_mem", "7MB"), ("statement_timeout", "4s")):
                shown = connection.cursor(row_factory=tuple_row).execute(f"SHOW {name}").fetchone()
                assert shown == (value,), (store, name)
            assert connection.info.get_parameters()["keepalives_idle"] == "77", store


@pytest.mark.parametrize("wrong", ["sslmod=require", "sslmode=sometimes"])
def test_a_parameter_that_nobody_knows_is_refused_at_start(postgres_database: str, tmp_path: Path, wrong: str):
    with pytest.raises(SettingsError) as refusal:
        build(Settings(data=tmp_path, database_url=f"{postgres_database}?{wrong}"))
    assert "COORD_DATABASE_URL" in str(refusal.value)
    assert "\n" not in str(refusal.value)
