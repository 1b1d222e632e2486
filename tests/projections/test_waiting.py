"""Who reads waits for what they need alone: for nothing, if there is nothing to catch up; never for a rebuild."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest

from coord.application.timeline.questions import ReadTimeline
from coord.persistence import Stores
from coord.persistence.postgres_schema import turn_key
from coord.projections import ALL_VIEWS, Views, engine
from coord.projections.engine import Recorded
from tests.house import House


@contextlib.contextmanager
def somebody_moves_the_views(house: House) -> Iterator[None]:
    """Another process has the turn, and does not end."""
    url = house.services.settings.database_url
    if url:
        with psycopg.connect(url) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [turn_key("views", "catch-up")])
            yield
        return
    with contextlib.closing(sqlite3.connect(house.services.settings.data / "views.db", isolation_level=None)) as views:
        views.execute("BEGIN IMMEDIATE")
        yield


def test_a_read_that_has_nothing_to_catch_up_takes_no_turn(house: House):
    house.note(house.ot)
    ask, head = house.services.doors.ask, house.services.record.head()
    assert ask(house.ot, ReadTimeline(house.child)).shown.position == head
    with somebody_moves_the_views(house):
        assert ask(house.ot, ReadTimeline(house.child)).shown.position == head


class Slow:
    """The record, which gives a batch of events to whoever follows it when it is told to."""

    def __init__(self, house: House) -> None:
        self._record = house.services.record
        self.asked, self.goes_on = threading.Semaphore(0), threading.Semaphore(0)

    def head(self) -> int:
        return self._record.head()

    def after(self, position: int, limit: int, until: int | None = None) -> Sequence[Recorded]:
        self.asked.release()
        self.goes_on.acquire()
        return self._record.after(position, limit, until)


def test_a_reader_waits_until_the_views_hold_what_it_needs_and_no_longer(
    house: House, stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine, "BATCH", 3)
    house.note(house.ot)
    house.services.views.catch_up()
    before = house.services.record.head()
    for _ in range(9):
        house.note(house.ot)
    assert {state.position for state in house.services.views.states()} == {before}
    slow, shown = Slow(house), list[int]()
    views = Views(stores.views, slow, ALL_VIEWS)
    following = threading.Thread(target=views.catch_up)
    following.start()
    slow.asked.acquire()  # it has the turn, and no event yet

    def read() -> None:
        with views.reading(before + 2) as snapshot:
            shown.append(snapshot.position)

    reading = threading.Thread(target=read)
    reading.start()
    slow.goes_on.release()
    slow.asked.acquire()  # the first batch is in, and the second is not
    reading.join(60)
    assert shown == [before + 3]
    assert following.is_alive()
    for _ in range(9):
        slow.goes_on.release()
    following.join()
    assert {state.position for state in views.states()} == {before + 9}


def test_who_looked_before_a_step_was_made_does_not_wait_for_another(
    house: House, stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine, "BATCH", 3)
    house.note(house.ot)
    house.services.views.catch_up()
    before = house.services.record.head()
    for _ in range(9):
        house.note(house.ot)
    slow = Slow(house)
    views = Views(stores.views, slow, ALL_VIEWS)
    following = threading.Thread(target=views.catch_up)
    following.start()
    slow.asked.acquire()
    slow.goes_on.release()
    slow.asked.acquire()  # the first batch is in, which a reader who was slow to go on has not seen
    applied = list[int]()
    late = threading.Thread(target=lambda: applied.append(views.catch_up(before + 2)))
    late.start()
    late.join(10)
    assert applied == [0]
    for _ in range(9):
        slow.goes_on.release()
    following.join()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_reader_does_not_wait_for_a_rebuild_that_waits_for_somebody_else(house: House):
    views, url = house.services.views, str(house.services.settings.database_url)
    house.note(house.ot)
    views.rebuild(swap=False)
    failed: list[Any] = []

    def rebuild() -> None:
        try:
            views.rebuild(grace=0)
        except Exception as error:  # it waits for its turn no longer than a request would
            failed.append(error)

    with psycopg.connect(url) as connection:
        connection.execute("SELECT count(*) FROM views.timeline_entries_g2")
        rebuilding = threading.Thread(target=rebuild)
        rebuilding.start()
        waits = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
        while connection.execute(waits).fetchone() != (True,):
            time.sleep(0.005)
        note = house.note(house.ot)
        items = house.services.doors.ask(house.ot, ReadTimeline(house.child)).items
        assert note in {item["entry_id"] for item in items}
        assert connection.execute(waits).fetchone() == (True,), "the rebuild was still at it"
    rebuilding.join()
