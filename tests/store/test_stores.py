"""What the stores promise: rows that nobody changes, settings as asked for, and "unavailable" when in trouble."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from coord.application.notes.questions import ReadDraft
from coord.application.summary.commands import RecallSummary
from coord.application.summary.questions import ReadSummary
from coord.application.timeline.questions import ReadTimeline
from coord.bootstrap import build
from coord.domain.case import Case, Note
from coord.domain.case.summary import standing_of
from coord.domain.errors import Unavailable
from coord.persistence import open_stores
from coord.settings import Settings, SettingsError
from tests.house import House
from tests.postgres import Postgres
from tests.projections.life import Life

RECORD = ("stored_events", "entry_index", "entry_origin")


def connect(house: House) -> Any:
    """The record's tables and the looks, by hand."""
    url = house.services.settings.database_url
    if url:
        return psycopg.connect(url, autocommit=True, options="-csearch_path=record,access")
    connection = sqlite3.connect(house.services.settings.data / "events.db", isolation_level=None)
    connection.execute("ATTACH ? AS access", (str(house.services.settings.data / "access.db"),))
    return connection


KEYS = {
    "stored_events": (("id",), ("originator_id", "originator_version")),
    "entry_index": (("entry_id", "originator_version"),),
    "entry_origin": (("entry_id",),),
    "looks": (("id",),),
}
"""Of each table, what no two rows have in common (the names of SQLite)."""


def attempts(table: str, *, postgres: bool) -> Iterator[str]:
    """Every statement that changes, removes or replaces a row that is there."""
    column = "person_name" if table == "looks" else "originator_id"
    yield f"UPDATE {table} SET {column} = {column}"
    yield f"DELETE FROM {table}"
    if postgres:
        yield f"TRUNCATE {table}"
        first = "notification_id" if table == "stored_events" else ", ".join(KEYS[table][0])
        change = f"DO UPDATE SET {column} = EXCLUDED.{column}"
        yield f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {table} ON CONFLICT ({first}) {change}"
        yield f"MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET {column} = t.{column}"
        yield f"MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE"
        return
    yield f"UPDATE OR REPLACE {table} SET {column} = {column}"
    for key in KEYS[table]:
        for insert in ("INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"):
            yield f"{insert} INTO {table} SELECT * FROM {table}"
        yield (
            f"INSERT INTO {table} SELECT * FROM {table} WHERE true "
            f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {column} = 'x'"
        )
    if table == "stored_events":  # by the one of its two keys, with a new value of the other
        rest = "topic, CAST('{}' AS BLOB) FROM stored_events"
        yield f"INSERT OR REPLACE INTO stored_events SELECT id, hex(randomblob(16)), 1, {rest}"
        yield f"INSERT OR REPLACE INTO stored_events SELECT NULL, originator_id, originator_version, {rest}"
        yield f"INSERT OR REPLACE INTO stored_events SELECT id + 9999, originator_id, originator_version, {rest}"


def nothing_is_changed(house: House, table: str) -> None:
    """By any statement, by hand, whatever the connection has asked for."""
    connection = connect(house)
    postgres = house.services.settings.database_url is not None
    before = connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
    assert before
    for pragma in ("SELECT 1",) if postgres else ("PRAGMA recursive_triggers=OFF", "PRAGMA recursive_triggers=ON"):
        connection.execute(pragma)
        for attempt in attempts(table, postgres=postgres):
            with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
                connection.execute(attempt)
    assert connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() == before
    connection.close()


@pytest.mark.parametrize("table", [*RECORD, "looks"])
def test_nothing_written_is_changed_removed_or_replaced_even_by_hand(house: House, table: str):
    house.note(house.ot)
    house.services.doors.ask(house.ot, ReadTimeline(house.child))
    nothing_is_changed(house, table)
    head = house.services.record.head()
    house.note(house.ot)
    assert house.services.record.head() == head + 1


def test_stores_that_an_older_version_made_defend_themselves_once_they_are_opened(house: House):
    house.note(house.ot)
    house.services.doors.ask(house.ot, ReadTimeline(house.child))
    connection = connect(house)
    if house.services.settings.database_url:
        for trigger, table in (
            ("events_append_only", "stored_events"),
            ("entry_index_append_only", "entry_index"),
            ("entry_origin_append_only", "entry_origin"),
            ("looks_append_only", "looks"),
        ):
            connection.execute(f"DROP TRIGGER {trigger} ON {table}".encode())
    else:
        for table in RECORD:
            connection.execute(f"DROP TRIGGER {table}_no_replace")
        connection.execute("DROP TRIGGER access.looks_no_replace")
    connection.close()
    build(house.services.settings, house.clock).close()
    for table in (*RECORD, "looks"):
        nothing_is_changed(house, table)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_keeps_what_it_acknowledges(house: House):
    stores = open_stores(house.services.settings)
    for engine, level in ((stores.access, 2), (stores.office, 2), (stores.views, 1)):
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
            assert connection.execute(text("PRAGMA synchronous")).scalar() == level
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    recorder: Any = house.services.record.recorder
    with recorder.datastore.transaction(commit=False) as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone()[0] == "wal"
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2
    stores.close()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_postgresql_keeps_what_it_acknowledges(house: House):
    recorder: Any = house.services.record.recorder
    with recorder.datastore.get_connection() as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone()["synchronous_commit"] == "on"
    stores = open_stores(house.services.settings)
    said = {}
    for name, engine in (("office", stores.office), ("access", stores.access), ("views", stores.views)):
        with engine.connect() as connection:
            said[name] = connection.execute(text("SHOW synchronous_commit")).scalar()
    stores.close()
    assert said == {"office": "on", "access": "on", "views": "off"}, "the views are made anew from the record"


def test_positions_are_never_used_twice(house: House):
    positions = []
    for _ in range(5):
        house.note(house.ot)
        positions.append(house.services.record.head())
    assert positions == sorted(set(positions))
    stored = [r.position for r in house.services.record.after(0, 1000)]
    assert stored == sorted(set(stored))
    assert stored[-1] == positions[-1]


def test_a_case_loads_the_same_from_snapshots_cache_and_events(house: House):
    for _ in range(120):
        house.note(house.ot)
    house.services.doors.execute(house.ot, _closing(house))
    fresh = build(house.services.settings, house.clock)
    try:
        events = list(house.services.record.stream(house.child))
        folded: Any = None
        for recorded in events:
            folded = recorded.event.mutate(folded)
        for case in (house.services.record.case(house.child), fresh.record.case(house.child)):
            assert case.version == len(events)
            kept = {k: v for k, v in vars(case).items() if not k.startswith("_")}
            assert kept == {k: v for k, v in vars(folded).items() if not k.startswith("_")}
        entry = next(r.event for r in events if r.event.entry_id)
        assert entry.entry_id is not None
        note = Note.from_events(r.event for r in events if r.event.entry_id == entry.entry_id)
        assert fresh.record.entry(entry.entry_id) == (house.child, note)
    finally:
        fresh.close()


def test_a_snapshot_that_forgot_the_versions_of_the_summary_keeps_none_of_them_at_school(house: House):
    house.summary()
    house.summary(version=1, valid_in=3)
    snapshot = Case.Snapshot.take(house.services.record.case(house.child))
    snapshot.state.pop("summaries")  # as it was before there were versions for a later day
    snapshots: Any = house.services.record.snapshots
    snapshots.put([snapshot])
    for recalled in (False, True):
        fresh = build(house.services.settings, house.clock)
        try:
            if not recalled:
                fresh.doors.execute(house.ot, RecallSummary(house.child, "another child's words", 1))
            assert fresh.doors.ask(house.teacher, ReadSummary(house.child)).status == "recalled"
            stands = standing_of(fresh.record.case(house.child), house.clock.now.date())
            assert stands == {1: "recalled", 2: "upcoming"}
        finally:
            fresh.close()


def test_what_is_kept_in_memory_is_what_the_events_say(house: House):
    life = Life(house, seed=5)
    for _ in life.live(150):
        pass
    record = house.services.record
    people = [author.person_id for author in life.authors]
    for stream, load in (*((i, record.case) for i in life.children), *((i, record.person) for i in people)):
        loaded: Any = load(stream)
        folded: Any = None
        for recorded in record.stream(stream):
            folded = recorded.event.mutate(folded)
        assert vars(loaded) == vars(folded)
        assert repr(vars(loaded)) == repr(vars(folded))  # a text is not an enumeration that equals it


def _closing(house: House) -> Any:
    from coord.application.case.commands import CloseCase

    return CloseCase(house.child, "done")


def test_an_entry_belongs_to_one_child_however_it_is_appended(house: House):
    from uuid import uuid4

    from eventsourcing.persistence import IntegrityError

    from coord.domain.case import NoteContent, notes

    # Both were decided before either was appended: what two processes at once may do.
    children, note = (house.child, house.open_case("Zag")), uuid4()
    house.note(house.ot, case_id=children[1])  # so that their versions differ, and no other index refuses it
    cases = [house.services.record.case(child) for child in children]
    content = NoteContent("narrative", {"text": "whose?"}, house.clock.now)
    for case in cases:
        notes.sign(case, at=house.clock.now, actor=house.ot, note_id=note, content=content)
    house.services.record.append(cases[0])
    head = house.services.record.head()
    with pytest.raises(IntegrityError):
        house.services.record.append(cases[1])
    assert house.services.record.head() == head
    found = house.services.record.entry(note)
    assert found is not None
    assert found[0] == house.child


# ---- trouble -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_database_that_goes_away_is_unavailable_and_comes_back(house: House, postgres: Postgres):
    house.note(house.ot)
    url = house.services.settings.database_url
    assert url
    name = url.rpartition("/")[2]
    with psycopg.connect(postgres.url(), autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'".encode())
        with pytest.raises(Unavailable):
            house.services.doors.ask(house.ot, ReadTimeline(house.child))
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
    for _ in range(10):  # connections that died are noticed when they are used, each once
        try:
            answer = house.services.doors.ask(house.ot, ReadTimeline(house.child))
            break
        except Unavailable:
            continue
    assert len([i for i in answer.items if i["kind"] == "note"]) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_refuses_the_note_keeps_the_draft_and_loses_nothing(house: House):
    from uuid import uuid4

    from coord.application.notes.commands import SaveDraft, SignNote
    from coord.domain.case import NoteContent

    note, doors = uuid4(), house.services.doors
    doors.execute(house.ot, SaveDraft(house.child, note, "note", {"text": "typed words"}))
    recorder: Any = house.services.record.recorder
    pool = recorder.datastore.pool
    with recorder.datastore.transaction(commit=False) as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
    limited: list[Any] = []
    while pool._pool:
        connection = pool._pool.popleft()
        connection._sqlite_conn.execute(f"PRAGMA max_page_count={pages}")
        limited.append(connection)
    pool._pool.extend(limited)
    content = NoteContent("narrative", {"text": "x" * 19_000}, house.clock.now)
    head = house.services.record.head()
    with pytest.raises(Unavailable):
        doors.execute(house.ot, SignNote(house.child, note, content))
    assert house.services.record.head() == head
    assert doors.ask(house.ot, ReadDraft(house.child, note))["body"] == {"text": "typed words"}
    for connection in limited:
        connection._sqlite_conn.execute("PRAGMA max_page_count=1000000")
    assert doors.execute(house.ot, SignNote(house.child, note, content)).position == head + 1


def test_stores_that_cannot_be_opened_say_so_in_one_line(tmp_path: Path):
    file = tmp_path / "file"
    file.touch()
    for settings in (
        Settings(data=file / "var"),
        Settings(data=tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none"),
    ):
        with pytest.raises(SettingsError) as refusal:
            build(settings)
        assert "\n" not in str(refusal.value)
