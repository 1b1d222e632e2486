"""Positions: dense from 1 on, in the order of commits, whoever writes, loses a race or dies; and what a store that was
made before they were dense looks like."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner
from eventsourcing.persistence import IntegrityError, StoredEvent

from coord.bootstrap import build, faults_of_what_is_kept, restore
from coord.cli import main
from coord.persistence.backup import back_up
from coord.persistence.postgres_schema import statements, turn_key
from coord.settings import Settings
from tests.house import House, open_house
from tests.postgres import Postgres

# Several writers are forks of one process, so that each costs a connection and no more. Each has three threads: two go
# on in a stream of their own, one to three events at a time; one races with everybody's for the next place in a stream
# of all. What is acknowledged is said at once: a word cut off by the kill is no acknowledgement.
WRITER = """
import json, os, random, sys, threading
from pathlib import Path
from uuid import UUID, uuid4
from eventsourcing.persistence import IntegrityError, StoredEvent
from coord.bootstrap import build
from coord.settings import Settings

folder, url, shared = sys.argv[1:]

def write(recorder, stream, many):
    version = lost = 0
    while True:
        events = [StoredEvent(stream, version + 1 + n, "t", uuid4().bytes) for n in range(random.randint(1, many))]
        try:
            positions = recorder.insert_events(events, entries=[(uuid4(), True) for _ in events])
        except IntegrityError:
            version, lost = version + 1, lost + 1
            continue
        version += len(events)
        told = [[stream.hex, e.originator_version, p] for e, p in zip(events, positions)]
        os.write(1, (json.dumps({"lost": lost, "told": told}) + "\\n").encode())
        lost = 0

print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        random.seed()
        services = build(Settings(data=Path(folder), database_url=url or None))
        recorder = services.record.recorder
        for stream, many in ((UUID(shared), 1), (uuid4(), 3)):
            threading.Thread(target=write, args=(recorder, stream, many)).start()
        write(recorder, uuid4(), 3)
    os.write(1, (json.dumps({"pid": pid}) + "\\n").encode())  # in one piece: print may write the end of a line apart
"""
KILLS = int(os.environ.get("COORD_KILLS", "20")) // 4


def test_a_reader_never_sees_a_position_without_all_below_it_whoever_writes_races_or_is_killed(house: House):
    settings, chance = house.services.settings, random.Random(4)
    recorder: Any = house.services.record.recorder
    shared, start = uuid4(), recorder.max_notification_id()
    writer = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WRITER, str(settings.data), settings.database_url or "", shared.hex],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    assert json.loads(writer.stdout.readline()) == {"ready": True}
    acknowledged, alive, lost, stdout = dict[int, tuple[str, int]](), list[int](), 0, writer.stdout

    def hear() -> None:
        nonlocal lost
        for line in stdout:
            said = json.loads(line)
            alive.extend([said["pid"]] if "pid" in said else [])
            lost += said.get("lost", 0)
            for stream, version, position in said.get("told", ()):
                assert position not in acknowledged
                acknowledged[position] = (stream, version)

    hearing = threading.Thread(target=hear)
    hearing.start()
    seen, found = start, dict[int, tuple[str, int]]()

    def look() -> None:
        nonlocal seen
        for position, stream, version, *_ in recorder.select_rows(seen, 5_000):
            assert position == seen + 1
            found[position] = (UUID(str(stream)).hex, version)
            seen = position

    def look_until(enough: Any) -> None:
        give_up = time.monotonic() + 120
        while not enough():
            assert time.monotonic() < give_up
            look()

    try:
        for killed in range(KILLS + 3):
            writer.stdin.write("go\n")
            writer.stdin.flush()
            look_until(lambda n=killed: len(alive) > n)
            if killed >= 3:  # three go on, and one of them dies at any moment
                before = seen
                look_until(lambda before=before: seen > before + chance.randrange(40))
                os.kill(alive[killed - 3], signal.SIGKILL)
        look_until(lambda: lost > 3 and len(acknowledged) > 100)
    finally:
        os.killpg(writer.pid, signal.SIGKILL)  # those that go on, and who made them
        writer.stdin.close()
        hearing.join()
        writer.wait()
        writer.stdout.close()
    look()
    assert sorted(found) == list(range(start + 1, recorder.max_notification_id() + 1))
    assert acknowledged.items() <= found.items(), "lost"
    assert list(recorder.insert_events([StoredEvent(uuid4(), 1, "t", b"x")])) == [seen + 1]
    assert [f.what for f in faults_of_what_is_kept(settings, lambda *_: None, thorough=False)] == []


def test_what_loses_a_race_burns_no_position(house: House):
    recorder: Any = house.services.record.recorder
    head, stream = recorder.max_notification_id(), uuid4()
    assert list(recorder.insert_events([StoredEvent(stream, 1, "t", b"1")])) == [head + 1]
    for _ in range(3):
        with pytest.raises(IntegrityError):
            recorder.insert_events([StoredEvent(uuid4(), 1, "t", b"2"), StoredEvent(stream, 1, "t", b"2")])
    assert list(recorder.insert_events([StoredEvent(stream, v, "t", b"3") for v in (2, 3)])) == [head + 2, head + 3]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_appends_that_wait_for_each_other_share_a_statement_and_fail_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    recorder: Any = house.services.record.recorder
    head, sent, rows = recorder.max_notification_id(), list[str](), recorder._rows

    def counted(statement: str, params: Any = ()) -> Any:
        sent.append(statement)
        return rows(statement, params)

    monkeypatch.setattr(recorder, "_rows", counted)
    taken, streams = uuid4(), [uuid4() for _ in range(6)]
    outcomes = dict[UUID, Any]()

    def append(stream: UUID) -> None:
        entry = taken if stream in streams[2:4] else uuid4()  # the same entry cannot begin twice
        try:
            outcomes[stream] = recorder.insert_events([StoredEvent(stream, 1, "t", b"x")], entries=[(entry, True)])
        except IntegrityError as error:
            outcomes[stream] = error

    threads = [threading.Thread(target=append, args=(stream,)) for stream in streams]
    with turn_held(house, "record", "append"):
        threads[0].start()
        while not recorder._together._busy:
            time.sleep(0.001)
        for thread in threads[1:]:
            thread.start()
        while len(recorder._together._queue) < 5:
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert len(sent) == 2
    refused = [outcome for outcome in outcomes.values() if isinstance(outcome, IntegrityError)]
    assert len(refused) == 1
    assert isinstance(refused[0].__cause__, psycopg.errors.UniqueViolation)
    positions = sorted(position for outcome in outcomes.values() if outcome not in refused for position in outcome)
    assert positions == list(range(head + 1, head + 6))
    assert house.services.record.head() == head + 5


@contextmanager
def turn_held(house: House, schema: str, turn: str) -> Iterator[None]:
    """Another process has the turn."""
    with psycopg.connect(str(house.services.settings.database_url)) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [turn_key(schema, turn)])
        yield


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_record_never_waits_for_another_of_the_same_server(house: House, postgres: Postgres, tmp_path: Path):
    with postgres.prepared_database() as url, open_house(tmp_path, url) as other, turn_held(house, "record", "append"):
        head = other.services.record.head()
        other.note(other.ot)
        assert other.services.record.head() > head


def test_turns_of_two_schemas_are_two():
    turns = {turn_key(schema, turn) for schema in ("record", "views", "north") for turn in ("append", "tables")}
    assert len(turns) == 6


# ---- stores of before ------------------------------------------------------------------------------------------------

APPEND_OF_BEFORE = """
CREATE OR REPLACE FUNCTION record.append(
    streams uuid[], versions bigint[], topics text[], states bytea[], entries uuid[], opens boolean[]
) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE record.stored_events IN EXCLUSIVE MODE;
    INSERT INTO record.entry_index SELECT entry, stream, version
        FROM unnest(entries, streams, versions) AS t (entry, stream, version) WHERE entry IS NOT NULL;
    INSERT INTO record.entry_origin SELECT entry, stream
        FROM unnest(entries, streams, opens) AS t (entry, stream, opened) WHERE opened;
    NOTIFY stored_events;
    RETURN QUERY INSERT INTO record.stored_events (originator_id, originator_version, topic, state)
        SELECT * FROM unnest(streams, versions, topics, states) RETURNING notification_id;
END $$;
"""
BEFORE = f"""
DROP TABLE record.gaps;
ALTER TABLE record.stored_events ALTER notification_id
    SET DEFAULT nextval('record.stored_events_notification_id_seq');
SELECT setval('record.stored_events_notification_id_seq', max(notification_id))
    FROM record.stored_events HAVING count(*) > 0;
{APPEND_OF_BEFORE}
DROP FUNCTION record.append_alone;
{APPEND_OF_BEFORE.replace("record.append(", "record.append_alone(")}
"""
"""The schema as it was, and for the house its function under both names."""
BURN = "SELECT nextval('record.stored_events_notification_id_seq')"


@pytest.fixture
def of_before(house: House) -> list[int]:
    """The house's record is made and written by a version that burned a position with each race that was lost; those
    that it lacks."""
    url = str(house.services.settings.database_url)
    lacking = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(BEFORE)
        for burned in (1, 0, 3):
            house.note(house.ot)
            for _ in range(burned):
                lacking.append(connection.execute(BURN).fetchone())
        house.note(house.ot)
        connection.execute(BURN)  # at the end: nothing stands after it
        connection.execute("DROP FUNCTION record.append_alone")
    return [row[0] for row in lacking if row]


def gaps(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT first, last, found_at FROM record.gaps ORDER BY 1").fetchall()


def run(settings: Settings, *arguments: str) -> str:
    env = {"COORD_DATA": str(settings.data), "COORD_DATABASE_URL": settings.database_url}
    result = CliRunner().invoke(main, list(arguments), prog_name="coord", env=env)
    return f"{result.exit_code} {result.output}"


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_store_that_has_gaps_keeps_them_listed_once_and_never_gets_another(house: House, of_before: list[int]):
    settings, head = house.services.settings, house.services.record.head()
    url = str(settings.database_url)
    assert run(settings, "release").startswith("0 ")
    listed = gaps(url)
    assert [p for first, last, _ in listed for p in range(first, last + 1)] == of_before
    assert len(listed) == 2
    house.note(house.ot)
    assert house.services.record.head() == head + 1, "what was burned at the end was never anybody's"
    assert run(settings, "release").startswith("0 ")
    assert gaps(url) == listed
    assert run(settings, "check").startswith("0 ")
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"), psycopg.connect(url) as connection:
        connection.execute("DELETE FROM record.gaps")
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM record.stored_events WHERE notification_id = %s", [of_before[0] + 1])
    assert f"the record: nothing at position {of_before[0] + 1}\n" in run(settings, "check")
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO record.stored_events SELECT gen_random_uuid(), 1, topic, state, %s "
            "FROM record.stored_events LIMIT 1",
            [of_before[0]],
        )
    assert f"the record: something at position {of_before[0]}, which was never given" in run(settings, "check")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_store_of_before_is_checked_before_it_is_released(house: House, of_before: list[int]):
    told = [f.what for f in faults_of_what_is_kept(house.services.settings, lambda *_: None)]
    assert told == []


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_who_was_appending_while_the_store_was_brought_up_to_date_appends_after_all(house: House, of_before: list[int]):
    url, head, stream = str(house.services.settings.database_url), house.services.record.head(), uuid4()
    came = list[Any]()

    def append() -> Any:
        with psycopg.connect(url) as connection:
            arguments = [[stream], [1], ["t"], [b"x"], [None], [False]]
            statement = "SELECT record.append(%s, %s::bigint[], %s, %s, %s::uuid[], %s)"
            return connection.execute(statement, arguments).fetchall()

    def append_as_before() -> None:
        try:
            came.append(append())
        except psycopg.IntegrityError:  # as in a race that was lost: the doors decide again
            came.append(append())

    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE record.stored_events IN ACCESS EXCLUSIVE MODE")
        writing = threading.Thread(target=append_as_before)
        writing.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'record.stored_events'::regclass"
        while connection.execute(waiting).fetchone() != (1,):
            time.sleep(0.005)
        for statement in statements("record", "stored_events"):
            connection.execute(statement)
    writing.join()
    assert came == [[(head + 1,)]]
    with psycopg.connect(url) as connection:
        connection.execute(APPEND_OF_BEFORE)  # a process of before starts once more: it can append nothing
        connection.commit()
        stream = uuid4()
        with pytest.raises(psycopg.errors.NotNullViolation):
            append()
    build(house.services.settings, house.clock).close()
    house.services.record.recorder.insert_events([StoredEvent(uuid4(), 1, "t", b"x")])
    assert house.services.record.head() == head + 2


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("version", ["before", "now"])
def test_a_backup_brings_its_gaps_along(
    house: House, postgres: Postgres, of_before: list[int], tmp_path: Path, version: str
):
    if version == "now":
        build(house.services.settings, house.clock).close()
    back_up(house.services.settings, tmp_path / "backup")
    target = postgres.new_database()
    settings = Settings(data=tmp_path / "restored", database_url=target)
    try:
        restore(settings, tmp_path / "backup", lambda _: None)
        assert [p for first, last, _ in gaps(target) for p in range(first, last + 1)] == of_before
        assert [f.what for f in faults_of_what_is_kept(settings, lambda *_: None)] == []
        services = build(settings, house.clock)
        head = services.record.head()
        services.record.recorder.insert_events([StoredEvent(uuid4(), 1, "t", b"x")])
        assert services.record.head() == head + 1
        services.close()
    finally:
        postgres.drop_database(target)


# ---- what was taken away ---------------------------------------------------------------------------------------------


def test_positions_of_events_that_were_taken_from_the_end_are_not_given_again(house: House):
    settings, url = house.services.settings, house.services.settings.database_url
    for _ in range(4):
        house.note(house.ot)
    recorder: Any = house.services.record.recorder
    head = recorder.max_notification_id()
    taken_away = "DELETE FROM stored_events WHERE {} > " + str(head - 3)
    if url:
        with psycopg.connect(url, options="-csearch_path=record") as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(taken_away.format("notification_id").encode())
        known = head - 1  # of the very last only the views and the looks tell
    else:
        with recorder.datastore.transaction(commit=True) as cursor:
            cursor.execute("DROP TRIGGER stored_events_no_delete")
            cursor.execute(taken_away.format("id"))
        known = head
    told = [f.what for f in faults_of_what_is_kept(settings, lambda *_: None, thorough=False)]
    assert f"the events at the end, positions {head - 2} to {known}, are missing" in told
    assert list(recorder.insert_events([StoredEvent(uuid4(), 1, "t", b"x")])) == [known + 1]
    told = [f.what for f in faults_of_what_is_kept(settings, lambda *_: None)]
    assert f"nothing at position {head - 2} to {known}" in told
