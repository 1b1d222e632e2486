"""Backups of SQLite files: the writers of all of them wait for an instant, in which a view of each is opened."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

from coord.persistence.manifest import (
    BackupError,
    KeptFile,
    Manifest,
    Step,
    copied,
    is_as_written,
    kept,
    new_file,
    now_and_here,
    sync_folder,
)
from coord.persistence.private import private_folder
from coord.settings import Settings

NAMES = ("office.db", "access.db", "events.db")
"""The record is last, so that stores put into a folder by a process that dies half way are never taken for whole."""
TURN = 0.1
"""Seconds in which the turn to write must come in all files; if it does not, those that came are given back at once."""
PATIENCE = 60.0
"""Seconds after which no moment was found in which nobody else wrote for long."""
PAGES = 2_048
"""Copied in one go; nobody waits for it."""
LAST = {
    "record": ("events.db", "SELECT COALESCE(MAX(id), 0) FROM stored_events"),
    "access": ("access.db", "SELECT COALESCE(MAX(id), 0) FROM looks"),
}


def back_up(settings: Settings, folder: Path, step: Step) -> Manifest:
    """Copy the files, as they are at one moment, into an (empty) folder. Raises `BackupError`.

    Writers wait while the moment is found, not while it is copied: WAL keeps what a reader sees until it has read it.
    """
    data = settings.data.resolve()
    missing = [name for name in NAMES if not (data / name).is_file()]
    if missing:
        raise BackupError(f"there is no {' and no '.join(missing)} in {data}")
    files: dict[str, KeptFile] = {}
    with _one_moment([data / name for name in NAMES], step) as seen:
        by_name = dict(zip(NAMES, seen, strict=True))
        positions = {store: by_name[name].execute(query).fetchone()[0] for store, (name, query) in LAST.items()}
        manifest = now_and_here("sqlite", settings, positions)
        for name, connection in by_name.items():
            step(f"before {name}")
            _copy(connection, folder / name, partial(step, f"copying {name}"))
            files[name] = kept(folder / name)
    return Manifest(**manifest, files=files)


@contextmanager
def _one_moment(files: Sequence[Path], step: Step) -> Iterator[list[sqlite3.Connection]]:
    """Connections that see each file as it was at the one moment when nobody was writing to any of them."""
    with ExitStack() as opened:

        def connection(file: Path) -> sqlite3.Connection:
            # Never makes a file; and says BEGIN itself.
            made = sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)
            opened.enter_context(closing(made))
            return made

        try:
            holding, seeing = [connection(file) for file in files], [connection(file) for file in files]
            for one in seeing:
                one.execute("PRAGMA query_only=ON")
            give_up = time.monotonic() + PATIENCE
            while not _hold(holding, step):
                if time.monotonic() > give_up:
                    raise BackupError("somebody has been writing for a minute without a pause; try again")
                time.sleep(0.01)  # others first
            try:
                for one in seeing:
                    one.execute("BEGIN")
                    one.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()  # what it reads first it sees for good
                step("held")
            finally:
                for one in holding:
                    one.rollback()
        except sqlite3.Error as error:
            raise BackupError(f"a store does not answer: {error}") from error
        step("moment")
        yield seeing


def _hold(connections: Sequence[sqlite3.Connection], step: Step) -> bool:
    """Have the turn to write in every file, or in none: whoever waits here makes nobody else wait for longer."""
    until = time.monotonic() + TURN
    for connection in connections:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                if connection is connections[0]:
                    step("turn")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
            if time.monotonic() > until:
                for other in connections:
                    other.rollback()
                return False
            time.sleep(0.0005)
    return True


def _copy(source: sqlite3.Connection, target: Path, between: Callable[[], None]) -> None:
    os.close(new_file(target))
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA synchronous=OFF")  # it is brought to the disk as a whole
        source.backup(copy, pages=PAGES, progress=lambda *_: between())


def refuse_unless_empty(settings: Settings) -> None:
    """Raise `BackupError` when there is a store in the data folder."""
    data = settings.data.resolve()
    there = [name for name in NAMES if (data / name).exists()]
    if there:
        raise BackupError(f"there is a store in {data} already ({', '.join(there)}); nothing was restored")


def restore(settings: Settings, folder: Path, manifest: Manifest, step: Step) -> None:
    """Put the files of a backup, which was read and found whole, into the data folder. Raises `BackupError`."""
    data = settings.data.resolve()
    try:
        private_folder(data)
        beside = data / ".restoring"
        private_folder(beside)
        for left in beside.iterdir():  # by a restore that died
            left.unlink()
        for name in NAMES:
            expected = manifest.files[name]
            copied(folder / name, beside / name)
            if not is_as_written(beside / name, expected):
                raise BackupError(f"{name} did not arrive as it was read; nothing was restored")
        step("copied")
        for disposable in data.glob("views.db*"):
            disposable.unlink()
        for name in NAMES:
            (beside / name).rename(data / name)
            step(f"placed {name}")
        beside.rmdir()
        sync_folder(data)
    except OSError as error:
        raise BackupError(f"{error.filename or data}: {error.strerror}") from error
