"""Who writes to a SQLite file has the turn; the others try for it again and again, as long as they have time."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, inspect

from coord.application.notes.commands import SaveDraft
from coord.application.record import Record
from coord.application.timeline.questions import ReadTimeline
from coord.domain.case import Case
from coord.domain.errors import Unavailable
from coord.office import create_tables
from coord.office.told import TOLD
from coord.patience import answer_within, no_hurry
from coord.persistence import open_stores
from coord.persistence.sqlite import FILES
from tests.house import House
from tests.store.test_faults import WORDS, answered

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HOLDER = """
import sys
from contextlib import ExitStack
from pathlib import Path
from coord.persistence import open_stores
from coord.settings import Settings

stores = open_stores(Settings(data=Path(sys.argv[1])))
with ExitStack() as held:
    for engine in (stores.record, stores.access, stores.office, stores.views):
        held.enter_context(engine.execution_options(write=True).begin())
    print("has every turn", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def somebody_with_every_turn(house: House) -> Iterator[subprocess.Popen[str]]:
    """Another process of Coord, at a write to each of the files that does not end."""
    command = [sys.executable, "-c", HOLDER, str(house.services.settings.data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "has every turn\n"
        try:
            yield process
        finally:
            process.kill()


def what_writes(house: House) -> list[Callable[[], Any]]:
    """Something for each of the files: a note, a draft, a look (and the views, which it needs moved on)."""
    doors, child, ot, slt = house.services.doors, house.child, house.ot, house.slt
    return [
        lambda: house.note(ot, text=WORDS),
        lambda: doors.execute(ot, SaveDraft(child, uuid4(), "note", {"text": WORDS})),
        lambda: doors.ask(slt, ReadTimeline(child)),
    ]


def test_who_is_killed_with_the_turn_leaves_it_to_those_who_wait(house: House):
    writing, done = what_writes(house), threading.Semaphore(0)
    head = house.services.record.head()
    with somebody_with_every_turn(house) as holder:

        def write(one: Callable[[], Any]) -> None:
            one()
            done.release()

        waiting = [threading.Thread(target=write, args=(one,), daemon=True) for one in writing]
        for thread in waiting:
            thread.start()
        assert not done.acquire(timeout=0.3)  # all of them wait
        os.kill(holder.pid, signal.SIGKILL)
        for thread in waiting:
            thread.join(60)
    assert sum(done.acquire(blocking=False) for _ in waiting) == len(waiting)
    assert house.services.record.head() == head + 1


def test_who_has_no_time_left_hears_so_and_what_they_sent_is_not_written(house: House):
    writing, head = what_writes(house), house.services.record.head()

    def all_refused() -> bool:
        for one in writing:
            answer_within(0)
            with pytest.raises(Unavailable):
                one()
        no_hurry()
        return True

    with somebody_with_every_turn(house):
        assert answered(all_refused)
    assert house.services.record.head() == head
    for one in writing:
        one()
    assert house.services.record.head() == head + 1


def tries_while_somebody_writes(file: Path, connection: Any, write: Callable[[], Any]) -> int:
    """How often a transaction was to begin, until whoever wanted it gave up.

    Left to wait by itself, SQLite is told once, and sleeps longer and longer between its own tries.
    """
    tries = list[str]()
    connection.set_trace_callback(tries.append)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        with pytest.raises(Exception, match="database is locked"):
            write()
    return tries.count("BEGIN IMMEDIATE")


@pytest.mark.parametrize("store", ["access", "office", "views"])
def test_who_waits_tries_again_at_once_however_long_they_have_waited(house: House, store: str):
    with contextlib.closing(open_stores(house.services.settings, patience=1.0)) as stores:
        engine: Engine = getattr(stores, store)
        with engine.connect() as one:  # the only one so far, and the next to be used
            driver = one.connection.driver_connection
        file = house.services.settings.data / FILES[store]
        assert tries_while_somebody_writes(file, driver, engine.execution_options(write=True).connect().begin) > 20


def test_events_and_snapshots_are_tried_again_at_once_too(house: House):
    child, file = house.child, house.services.settings.data / FILES["record"]
    with contextlib.closing(open_stores(house.services.settings, patience=1.0)) as stores:
        record = Record(stores.record_factory, stores.record_env)
        with contextlib.closing(record):
            snapshots: Any = record.snapshots
            snapshot = Case.Snapshot.take(record.case(child))
            recorder: Any = record.recorder
            driver = recorder.datastore.pool._pool[-1]._sqlite_conn
            for write in (record.try_writing, lambda: snapshots.put([snapshot])):
                assert tries_while_somebody_writes(file, driver, write) > 20


def test_who_starts_while_somebody_writes_waits_and_makes_what_is_missing(house: House):
    office = house.services.office
    with office.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {TOLD.name}")
    starting = threading.Thread(target=create_tables, args=(office,))
    with office.execution_options(write=True).begin():
        starting.start()
        starting.join(0.3)
        assert starting.is_alive()
    starting.join(60)
    with office.connect() as connection:
        assert inspect(connection).has_table(TOLD.name)
