"""Files for one pair of eyes: whatever holds children's records is its owner's alone, whatever the umask says."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def private_folder(folder: Path) -> None:
    """Make a folder for its owner alone, with what is missing above it. One that is there already is closed to others
    too, if it is ours and nothing else is meant to be in it. Raises `OSError`."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    here = folder.stat()
    if here.st_uid != os.geteuid() or not here.st_mode & 0o077 or here.st_mode & stat.S_ISVTX:
        return
    kept = [entry.name for entry in folder.iterdir()]
    if not kept or "events.db" in kept:
        folder.chmod(0o700)


def private_file(file: Path) -> None:
    """Make an empty file for its owner alone, or close the one that is there. Raises `OSError`.

    Whatever SQLite lays beside a database (WAL, shared memory, journal) has the mode of the database itself; beside one
    that was open to others before, the files of then are closed as well.
    """
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
    for one in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        try:
            here = one.stat()
            if here.st_mode & 0o077 and here.st_uid == os.geteuid():
                one.chmod(0o600)
        except FileNotFoundError:
            continue  # it is another process's to make and to remove
