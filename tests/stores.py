"""Folders for SQLite stores: in memory where there is room, and ready to use where their making is not the test."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

_SHM = Path("/dev/shm")
_ROOM = 2 * 1024**3


@contextmanager
def new_folder() -> Iterator[Path]:
    """An empty folder, gone afterwards.

    The stores make each acknowledged write durable. On a disk every test would wait for that hundreds of times; in
    memory nothing else about it differs, and no test here pulls the plug.
    """
    in_memory = _SHM.is_dir() and shutil.disk_usage(_SHM).free > _ROOM
    with tempfile.TemporaryDirectory(prefix="coord-", dir=_SHM if in_memory else None) as folder:
        yield Path(folder)


def furnish(folder: Path) -> None:
    """Put the stores of a service that nobody has used into an empty folder."""
    for name, content in _new_stores().items():
        (folder / name).write_bytes(content)


@cache
def _new_stores() -> dict[str, bytes]:
    """The files as the service makes them, once: it takes eight times as long as to copy them."""
    from coord.bootstrap import build  # here, for a test of the domain need not load all of the service
    from coord.settings import Settings

    with new_folder() as folder:
        build(Settings(data=folder)).close()
        found = {}
        for file in folder.glob("*.db"):
            with closing(sqlite3.connect(file)) as store:
                found[file.name] = store.serialize()  # with what is still in its WAL
        return found
