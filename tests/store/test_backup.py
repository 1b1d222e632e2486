"""`coord backup` and `coord restore`: one moment over all stores, whatever is written between its steps."""

import collections
import contextlib
import itertools
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from coord.application.notes.commands import SaveDraft, SignNote
from coord.application.phrases.commands import KeepPhrase
from coord.application.phrases.questions import ReadPhrases
from coord.application.services import Services
from coord.application.timeline.questions import ReadTimeline
from coord.bootstrap import back_up, build, restore
from coord.domain.actors import Role
from coord.domain.case import NoteContent, NoteSigned
from coord.domain.errors import NotFound
from coord.office.access import looks
from coord.office.idempotency import DONE, REPLIES
from coord.office.outbox import Outbox, put
from coord.office.tokens import Tokens
from coord.persistence.backup import BackupError
from coord.settings import Settings
from tests.house import NOW, Clock, House
from tests.postgres import Postgres

CLIENTS = 8
# How many minutes ago each note was: two of one time would be asked about, and refused here.
MINUTES: dict[str, int] = collections.defaultdict(itertools.count(61).__next__)
BODY = {
    "format": "narrative",
    "sections": {"text": "Tied both laces."},
    "observed_from": "2026-03-10T09:00:00+01:00",
    "setting": "therapy-room",
    "audience": "care-team",
    "sign": True,
}


def quietly(_step: str) -> None:
    """Nothing happens between the steps."""


@dataclass
class Person:
    """Somebody who writes by the API, and keeps what was acknowledged."""

    house: House
    token: str
    signed: list[UUID] = field(default_factory=list)
    keyed: dict[str, UUID] = field(default_factory=dict)

    @classmethod
    def of(cls, house: House) -> "Person":
        later = NOW + timedelta(days=30)
        return cls(house, Tokens(house.services.office).issue(house.ot.person_id, "a test", later, now=NOW))

    def post(self, key: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        client = self.house.app.test_client(use_cookies=False)
        begun = NOW - timedelta(minutes=MINUTES[key])
        body = {**BODY, "sections": {"text": f"Of {key}"}, "observed_from": begun.isoformat()}
        return client.post(f"/api/v1/cases/{self.house.child}/notes", json=body, headers=headers)

    def write_with_a_key(self) -> None:
        key = uuid4().hex
        answer = self.post(key)
        assert answer.status_code == 201, answer.text
        assert answer.json
        self.keyed[key] = UUID(answer.json["id"])
        self.signed.append(self.keyed[key])

    def sign_a_draft(self) -> None:
        """What a page does: two stores are written, one after the other."""
        house, note_id = self.house, uuid4()
        begun = NOW - timedelta(minutes=MINUTES[note_id.hex])
        content = NoteContent("narrative", {"text": f"Draft {note_id}"}, begun)
        house.services.doors.execute(house.ot, SaveDraft(house.child, note_id, "note", {"sections": {"text": "Words"}}))
        house.services.doors.execute(house.ot, SignNote(house.child, note_id, content))
        self.signed.append(note_id)

    def look(self) -> None:
        self.house.services.doors.ask(self.house.ot, ReadTimeline(self.house.child))

    def everything(self) -> None:
        self.write_with_a_key()
        self.sign_a_draft()
        self.look()
        self.house.person("Nia Falk", Role.TEACHER)


@dataclass
class Place:
    """Where one service is, and where the next one will be."""

    live: Settings
    empty: Settings
    backup: Path


@pytest.fixture
def place(
    database_url: str | None, data_folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Place]:
    other = data_folder / "restored"
    postgres: Postgres | None = request.getfixturevalue("postgres") if database_url else None
    target = postgres.new_database() if postgres else None
    secret = "k" * 40
    yield Place(
        Settings(data=data_folder / "live", database_url=database_url, secret_key=secret),
        Settings(data=other, database_url=target, secret_key=secret),
        tmp_path / "backup",
    )
    if postgres and target:
        postgres.drop_database(target)


@pytest.fixture
def house(place: Place) -> Iterator[House]:
    clock = Clock()
    services = build(place.live, clock)
    house = House(services, clock)
    services.doors.ask(house.ot, ReadTimeline(house.child))
    yield house
    services.close()


@contextlib.contextmanager
def restored(place: Place) -> Iterator[House]:
    restore(place.empty, place.backup, quietly)
    services = build(place.empty, Clock())
    services.views.rebuild(grace=0)
    try:
        yield House(services, Clock())
    finally:
        services.close()


def coord(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as an operator runs it, in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COORD_")}
    environment |= {"COORD_DATA": str(settings.data), "COORD_SECRET_KEY": settings.secret_key}
    if settings.database_url:
        environment["COORD_DATABASE_URL"] = settings.database_url
    command = [sys.executable, "-c", "from coord.cli import main; main()", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


def kept_answers(services: Services) -> list[UUID]:
    """The notes that a repeated request would be told of."""
    with services.office.connect() as connection:
        rows = connection.execute(select(REPLIES.c.body).where(REPLIES.c.state == DONE)).scalars()
        return [UUID(json.loads(body)["id"]) for body in rows]


def count_of_looks(services: Services) -> int:
    with services.access._engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(looks)).scalar_one())


def notes_of(services: Services, case_id: UUID) -> set[UUID]:
    return {r.event.note_id for r in services.record.stream(case_id) if isinstance(r.event, NoteSigned)}


def nothing_is_half_there(live: House, after: Services) -> None:
    """The restored stores are a beginning of the live ones, and agree with each other."""
    head = after.record.head()
    original = {r.position: r.event for r in live.services.record.after(0, 100_000, head)}
    assert {r.position: r.event for r in after.record.after(0, 100_000)} == original
    notes = notes_of(after, live.child)
    assert set(kept_answers(after)) <= notes, "an answer is kept for a note that does not exist"
    with after.access._engine.connect() as connection:
        assert (connection.execute(select(func.max(looks.c.position))).scalar() or 0) <= head
    assert [view.error for view in after.views.states() if view.error] == []


# --- writes are forced between the steps --------------------------------------------------------------------------


def test_a_backup_is_one_moment_whatever_is_written_between_its_steps(place: Place, house: House) -> None:
    somebody = Person.of(house)
    somebody.everything()
    draft = uuid4()
    content = NoteContent("narrative", {"text": "Not signed yet"}, NOW - timedelta(hours=1))
    house.services.doors.execute(house.ot, SaveDraft(house.child, draft, "note", {"sections": {"text": "Words"}}))
    house.services.doors.execute(house.ot, KeepPhrase("laces", "Tied the laces [how often]."))
    head, looked = house.services.record.head(), count_of_looks(house.services)
    notes, answers = notes_of(house.services, house.child), set(kept_answers(house.services))
    steps: list[str] = []

    def write(step: str) -> None:
        steps.append(step)
        if step in ("turn", "held"):  # nobody can write: see below
            return
        if step == "moment":  # the draft is used up: it must be in the backup all the same, and not as a note
            house.services.doors.execute(house.ot, SignNote(house.child, draft, content))
        somebody.everything()
        if not place.live.database_url:
            move_the_wal(place.live.data)

    manifest = back_up(place.live, place.backup, write)
    assert {step.partition(" ")[0] for step in steps} >= {"moment", "before", "copying"}
    assert len(steps) > 6
    assert manifest.positions == {"record": head, "access": looked}
    with restored(place) as after:
        assert after.services.record.head() == head < house.services.record.head()
        assert notes_of(after.services, house.child) == notes
        assert set(kept_answers(after.services)) == answers
        assert count_of_looks(after.services) == looked
        assert after.services.drafts.find(draft, house.child, house.ot.person_id) is not None
        assert [p["name"] for p in after.services.doors.ask(house.ot, ReadPhrases()).items] == ["laces"]
        nothing_is_half_there(house, after.services)
        # And it is a store that goes on: what is written next comes after everything that is there.
        after.services.doors.execute(house.ot, SignNote(house.child, draft, content))
        assert after.services.record.head() > head


def move_the_wal(folder: Path) -> None:
    """What a busy service does by and by: copy the WAL into the files, and begin a new one if nobody is on the old."""
    for name in ("events.db", "access.db", "office.db"):
        with contextlib.closing(sqlite3.connect(folder / name, timeout=0)) as connection:
            for mode in ("PASSIVE", "RESTART", "TRUNCATE"):
                connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()


def test_what_was_written_long_after_the_moment_is_not_seen_by_a_copy_of_many_pages(tmp_path: Path) -> None:
    """More is written during the copy than a WAL holds before it is copied into the file (1,000 pages)."""
    live = Settings(data=tmp_path / "live", secret_key="k" * 40)
    build(live).close()
    record = sqlite3.connect(live.data / "events.db", isolation_level=None)
    insert = "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (?,?,'x',?)"

    def fill(rows: int) -> None:
        stream = uuid4().hex
        record.execute("BEGIN")
        record.executemany(insert, [(stream, version, os.urandom(20_000)) for version in range(rows)])
        record.execute("COMMIT")

    fill(1_000)
    copied: list[str] = []

    def write(step: str) -> None:
        if step == "copying events.db":
            copied.append(step)
            fill(300)
            move_the_wal(live.data)

    manifest = back_up(live, tmp_path / "backup", write)
    record.close()
    assert len(copied) > 1, "the file was copied in one go"
    assert manifest.positions["record"] == 1_000
    with contextlib.closing(sqlite3.connect(tmp_path / "backup" / "events.db")) as copy:
        assert copy.execute("SELECT COUNT(*), MAX(id) FROM stored_events").fetchone() == (1_000, 1_000)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_nobody_can_write_to_any_file_while_the_moment_is_found(tmp_path: Path) -> None:
    live = Settings(data=tmp_path / "live", secret_key="k" * 40)
    build(live).close()

    def can_write(name: str) -> bool:
        with contextlib.closing(sqlite3.connect(live.data / name, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            return True

    found: dict[str, list[bool]] = {}
    files = ("events.db", "access.db", "office.db")

    def try_all(step: str) -> None:
        found.setdefault(step, [can_write(name) for name in files])

    back_up(live, tmp_path / "backup", try_all)
    assert found["held"] == [False, False, False]
    assert {all(able) for step, able in found.items() if step not in ("turn", "held")} == {True}


def test_a_writer_who_does_not_end_is_not_waited_for_with_the_others_held(tmp_path: Path, monkeypatch: Any) -> None:
    live = Settings(data=tmp_path / "live", secret_key="k" * 40)
    build(live).close()
    monkeypatch.setattr("coord.persistence.backup_sqlite.PATIENCE", 0.3)
    turns: list[str] = []
    with contextlib.closing(sqlite3.connect(live.data / "events.db", isolation_level=None)) as slow:
        slow.execute("BEGIN IMMEDIATE")
        with pytest.raises(BackupError, match="without a pause"):
            back_up(live, tmp_path / "backup", turns.append)
    assert turns.count("turn") > 1, "the others were held all the time"
    assert not (tmp_path / "backup").exists(), "half a backup was left behind"
    assert back_up(live, tmp_path / "backup").positions == {"record": 0, "access": 0}


# --- what two stores are told one after the other -----------------------------------------------------------------


def test_a_note_signed_and_its_draft_not_yet_gone_is_one_note_after_a_restore(
    place: Place, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = uuid4()
    content = NoteContent("narrative", {"text": "Half way"}, NOW - timedelta(hours=1))
    house.services.doors.execute(house.ot, SaveDraft(house.child, draft, "note", {"sections": {"text": "Words"}}))
    discard = house.services.drafts.discard

    def between(*of: Any) -> bool:
        back_up(place.live, place.backup)
        return discard(*of)

    with monkeypatch.context() as patch:
        patch.setattr(house.services.drafts, "discard", between)
        house.services.doors.execute(house.ot, SignNote(house.child, draft, content))
    with restored(place) as after:
        assert draft in notes_of(after.services, house.child)
        head = after.services.record.head()
        again = after.services.doors.execute(house.ot, SignNote(house.child, draft, content))
        assert (again.id, after.services.record.head()) == (draft, head), "it was signed twice"
        assert after.services.drafts.find(draft, house.child, house.ot.person_id) is None


def test_a_request_repeated_after_a_restore_is_answered_with_the_note_that_is_there(
    place: Place, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment lies between the note and the answer that is kept for it: neither lost nor doubled."""
    somebody = Person.of(house)
    replies = house.app.extensions["coord-replies"]
    keep = replies.keep

    def between(*of: Any) -> None:
        back_up(place.live, place.backup)
        keep(*of)

    with monkeypatch.context() as patch:
        patch.setattr(replies, "keep", between)
        first = somebody.post("a-key")
    with restored(place) as after:
        after.__dict__.update(child=house.child, ot=house.ot)
        after.services.clock.turn(minutes=10)  # type: ignore[attr-defined]
        notes = notes_of(after.services, house.child)
        answer = Person(after, somebody.token).post("a-key")
        assert answer.status_code == 201, answer.text
        assert answer.json
        assert first.json
        assert answer.json["id"] == first.json["id"]
        assert notes_of(after.services, house.child) == notes


# --- eight people at once -----------------------------------------------------------------------------------------


def test_eight_people_write_while_a_backup_is_taken_by_the_command(place: Place, house: House) -> None:
    people = [Person.of(house) for _ in range(CLIENTS)]
    people[0].everything()
    stop, failures = threading.Event(), list[BaseException]()

    def work(person: Person) -> None:
        try:
            while not stop.is_set():
                person.write_with_a_key()
                person.sign_a_draft()
                person.look()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    try:
        while min(len(person.signed) for person in people) < 2 and not failures:
            stop.wait(0.01)
        before = {note for person in people for note in list(person.signed)}
        keys = {key: note for person in people for key, note in list(person.keyed.items())}
        taken = coord(place.live, "backup", str(place.backup))
        assert taken.returncode == 0, taken.stderr
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    written = {note for person in people for note in person.signed}
    assert len(written) > len(before), "nobody wrote while the backup was taken"
    done = coord(place.empty, "restore", str(place.backup))
    assert done.returncode == 0, done.stderr
    checked = coord(place.empty, "check")
    assert checked.returncode == 0, checked.stderr + checked.stdout
    services = build(place.empty, Clock())
    with contextlib.closing(services):
        notes = notes_of(services, house.child)
        assert before <= notes <= written
        assert set(keys.values()) <= set(kept_answers(services)), "an answer that was kept is gone"
        nothing_is_half_there(house, services)
        for note in before:
            assert services.record.note(house.child, note).id == note


# --- what is refused ----------------------------------------------------------------------------------------------


def contents(settings: Settings) -> Any:
    """What is in the place of a store that shall stay as it is."""
    if not settings.database_url:
        return sorted(file.name for file in settings.data.rglob("*")) if settings.data.exists() else []
    import psycopg

    with psycopg.connect(settings.database_url) as connection:
        return connection.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1").fetchall()


Damage = Callable[[Path], None]


def one_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-2])


@pytest.mark.parametrize("damage", [one_byte, cut_off, Path.unlink])
def test_a_damaged_backup_is_refused_before_anything_is_written(place: Place, house: House, damage: Damage) -> None:
    Person.of(house).everything()
    back_up(place.live, place.backup)
    before = contents(place.empty)
    for file in sorted(place.backup.iterdir()):
        whole = file.read_bytes()
        if whole:
            damage(file)
            with pytest.raises(BackupError, match=r"damaged|no finished backup"):
                restore(place.empty, place.backup, quietly)
            assert contents(place.empty) == before, f"{file.name} was damaged, and something was written"
            file.write_bytes(whole)
    restore(place.empty, place.backup, quietly)


def test_a_manifest_that_was_put_right_by_hand_is_damaged_too(place: Place, house: House) -> None:
    back_up(place.live, place.backup)
    manifest = json.loads((place.backup / "manifest.json").read_text())
    manifest["positions"]["record"] += 1
    (place.backup / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BackupError, match="damaged"):
        restore(place.empty, place.backup, quietly)


def test_a_restore_into_a_store_that_is_not_empty_is_refused(place: Place, house: House) -> None:
    back_up(place.live, place.backup)
    head, looked = house.services.record.head(), count_of_looks(house.services)
    with pytest.raises(BackupError, match="there is a store in"):
        restore(place.live, place.backup, quietly)
    assert (house.services.record.head(), count_of_looks(house.services)) == (head, looked)
    done = coord(place.live, "restore", str(place.backup))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    restore(place.empty, place.backup, quietly)
    with pytest.raises(BackupError, match="there is a store in"):
        restore(place.empty, place.backup, quietly)


def test_a_restore_that_dies_half_way_leaves_no_store_that_is_taken_for_whole(place: Place, house: House) -> None:
    back_up(place.live, place.backup)

    def die(step: str) -> None:
        if step in ("placed access.db", "placed office.idempotent_replies.copy"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(place.empty, place.backup, die)
    if place.empty.database_url:  # all in one transaction: it can be done again
        restore(place.empty, place.backup, quietly)
    else:
        assert not (place.empty.data / "events.db").exists()


def test_a_backup_goes_into_a_folder_of_its_own(place: Place, house: House) -> None:
    back_up(place.live, place.backup)
    with pytest.raises(BackupError, match="not empty"):
        back_up(place.live, place.backup)
    restore(place.empty, place.backup, quietly)


def test_a_backup_that_fails_leaves_nothing_behind(place: Place, house: House) -> None:
    def fail(step: str) -> None:
        if step.startswith("before"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(place.live, place.backup, fail)
    assert not place.backup.exists()
    Person.of(house).everything()  # and nobody is held


def test_a_backup_of_files_does_not_go_into_a_database(tmp_path: Path, postgres_database: str) -> None:
    files = Settings(data=tmp_path / "live", secret_key="k" * 40)
    build(files).close()
    back_up(files, tmp_path / "backup")
    with pytest.raises(BackupError, match="of sqlite"):
        restore(Settings(data=tmp_path / "x", database_url=postgres_database), tmp_path / "backup", quietly)


def test_another_secret_key_is_pointed_out(place: Place, house: House) -> None:
    back_up(place.live, place.backup)
    other = Settings(data=place.empty.data, database_url=place.empty.database_url, secret_key="another" * 8)
    done = coord(other, "restore", str(place.backup))
    assert done.returncode == 0
    assert "none of those that the backup was made under" in done.stderr
    assert house.child.hex not in done.stderr + done.stdout


def test_a_note_is_not_found_that_was_written_after_the_backup(place: Place, house: House) -> None:
    back_up(place.live, place.backup)
    later = house.note(house.ot)
    with restored(place) as after, pytest.raises(NotFound):
        after.services.record.note(house.child, later)


# --- for one pair of eyes -----------------------------------------------------------------------------------------


def test_what_waited_to_be_mailed_is_not_sent_by_what_is_restored(place: Place, house: House) -> None:
    person, until = house.ot.person_id, NOW + timedelta(days=2)
    with house.services.office.execution_options(write=True).begin() as connection:
        put(connection, "invitation", person, "ada@example.org", "en", now=NOW, worth_until=until)
    back_up(place.live, place.backup, quietly)
    assert Outbox(house.services.office).due(NOW), "here it is still sent"
    with restored(place) as after:
        box = Outbox(after.services.office)
        assert not box.due(NOW)
        assert box.waiting() == (0, None)


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> set[str]:
    return {f"{stat.S_IMODE(file.stat().st_mode):o}" for file in folder.iterdir() if file.is_file()}


def test_a_backup_is_its_owners_alone_whatever_the_umask(open_umask: None, place: Place, house: House) -> None:
    back_up(place.live, place.backup)
    assert f"{stat.S_IMODE(place.backup.stat().st_mode):o}" == "700"
    assert modes(place.backup) == {"600"}
    restore(place.empty, place.backup, quietly)
    if not place.empty.database_url:
        assert f"{stat.S_IMODE(place.empty.data.stat().st_mode):o}" == "700"
        assert modes(place.empty.data) == {"600"}


@pytest.mark.parametrize("before", ["new", "open to all"])
def test_the_files_of_a_service_are_its_owners_alone_whatever_the_umask(
    open_umask: None, tmp_path: Path, before: str
) -> None:
    data = tmp_path / "var"
    if before == "open to all":  # as an earlier version left them
        data.mkdir()
        for name in ("events.db", "views.db", "office.db", "access.db"):
            sqlite3.connect(data / name).execute("PRAGMA journal_mode=WAL").connection.close()
            (data / name).chmod(0o644)
    services = build(Settings(data=data, secret_key="k" * 40), Clock())
    house = House(services, Clock())
    house.note(house.ot)
    services.doors.ask(house.ot, ReadTimeline(house.child))
    assert {file.suffix for file in data.iterdir()} >= {".db", ".db-wal", ".db-shm"}
    assert f"{stat.S_IMODE(data.stat().st_mode):o}" == "700"
    assert modes(data) == {"600"}
    services.close()


def test_a_folder_that_holds_other_things_keeps_its_mode(open_umask: None, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o755)
    (tmp_path / "shared" / "letter").touch()
    build(Settings(data=tmp_path / "shared", secret_key="k" * 40)).close()
    assert f"{stat.S_IMODE((tmp_path / 'shared').stat().st_mode):o}" == "755"
    made = {file.name: stat.S_IMODE(file.stat().st_mode) & 0o077 for file in (tmp_path / "shared").glob("*.db")}
    assert made == dict.fromkeys(("events.db", "views.db", "office.db", "access.db"), 0)
