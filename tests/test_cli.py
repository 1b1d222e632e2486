"""Each command, run for real: in this process by click's runner, `serve` and `follow` as processes of their own."""

import contextlib
import json
import os
import secrets
import shlex
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import click
import psycopg
import pyotp
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection

from coord import library
from coord.application.activities.questions import ActivityFilter, SearchActivities
from coord.application.people.commands import DisablePerson
from coord.application.people.handlers import actor_of
from coord.application.people.questions import ReadAccounts
from coord.bootstrap import Services, build
from coord.cli import main
from coord.demo.generate import Load, generate
from coord.domain.actors import COMMAND_LINE
from coord.domain.case import GoalAgreed, GoalObserved, GoalProposed, GroupSessionRecorded
from coord.domain.course import CoursePlanned, SessionRecorded
from coord.domain.groups import GroupKind
from coord.follower import ALIVE, Follower, beat, last_heartbeat
from coord.office.accounts import Accounts
from coord.office.chosen_roles import ChosenRoles
from coord.office.factors import Factors
from coord.office.passwords import Hasher
from coord.office.tokens import Tokens, Unauthenticated
from coord.persistence import open_stores
from coord.projections import ALL_VIEWS, Goals, Summaries, Timeline
from coord.settings import Settings

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> None:
    """SQLite in an empty folder, and nothing of the machine's own settings."""
    for name in [n for n in os.environ if n.startswith("COORD_") or n == "PORT"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COORD_DATA", str(data_folder))
    monkeypatch.setenv("PORT", str(free_port()))


@pytest.fixture(autouse=True, scope="module")
def somebody_on_8000() -> Iterator[None]:
    """As when `make run` runs beside the tests: none of them may need the usual port."""
    with socket.socket() as usual:
        with contextlib.suppress(OSError):  # taken already: as good
            usual.bind(("127.0.0.1", 8000))
            usual.listen()
        yield


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, database_url: str | None) -> str | None:
    """Twice: on SQLite, then on PostgreSQL; made, and nobody in it."""
    if database_url:
        monkeypatch.setenv("COORD_DATABASE_URL", database_url)
    build(Settings.from_env()).close()
    return database_url


@pytest.fixture
def made() -> None:
    """A store on SQLite, and nobody in it."""
    build(Settings.from_env()).close()


@pytest.fixture
def run() -> Run:
    def run(*arguments: str, typed: str = "", code: int = 0) -> Result:
        result = CliRunner().invoke(main, list(arguments), input=typed, prog_name="coord")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run


@contextlib.contextmanager
def services() -> Iterator[Services]:
    services = build(Settings.from_env())
    try:
        yield services
    finally:
        services.close()


@contextlib.contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", "from coord.cli import main; main()", *arguments],
        env={**os.environ, "PYTHONPATH": os.getcwd(), "WEB_CONCURRENCY": "1"},
        start_new_session=True,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def lag(services: Services) -> int:
    return services.record.head() - min(s.position for s in services.views.states())


# --- help and errors ----------------------------------------------------------------------------------------------


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", [pytest.param(p, id=" ".join(p)) for p in commands(main)])
def test_every_command_has_help_with_an_example(run, path):
    assert "Example" in run(*path, "--help").output


def test_the_reference_names_every_command():
    text = Path("docs/cli.md").read_text()
    missing = [" ".join(path) for path in commands(main) if f"coord {' '.join(path)}" not in text]
    assert missing == []


def test_a_folder_that_cannot_be_written_is_one_line(run, monkeypatch):
    monkeypatch.setenv("COORD_DATA", "/dev/null/x")
    for command in ("release", "serve", "demo"):
        result = run(command, code=1)
        assert result.stderr == "coord: the folder /dev/null/x cannot be written: Not a directory\n"
    for command in ("follow", "health"):  # they make none
        assert run(command, code=1).stderr.startswith("coord: there is no store yet (SQLite files in /dev/null/x)")


def test_a_file_in_place_of_the_folder_is_one_line(run, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COORD_DATA", str(tmp_path / "file"))
    assert run("release", code=1).stderr.count("\n") == 1


def test_a_dead_database_is_one_line(run, monkeypatch):
    monkeypatch.setenv("COORD_DATABASE_URL", f"postgresql://127.0.0.1:{free_port()}/coord")
    for command in ("release", "serve", "follow"):
        result = run(command, code=1)
        assert result.stderr.startswith("coord: the database at COORD_DATABASE_URL does not answer")
        assert result.stderr.count("\n") == 1


def test_settings_that_make_no_sense_are_one_line(run, monkeypatch):
    monkeypatch.setenv("COORD_ZONE", "Mars/Olympus")
    assert run("health", code=1).stderr == "coord: COORD_ZONE: no time zone is called 'Mars/Olympus'\n"


ADDED = ("people", "add", "ada@clinic.example", "Ada Lim", "--role", "administrator")
MAKES_NONE = {
    "people add": ADDED,
    "people list": ("people", "list"),
    "people disable": ("people", "disable", "a@x.org", "--reason", "x"),
    "token": ("token", "--for", "a@x.org"),
    "activities load": ("activities", "load", "--for", "a@x.org"),
    "generate": ("generate", "--children", "1", "--entries", "1"),
    "follow": ("follow",),
    "health": ("health",),
    "check": ("check",),
    "rebuild": ("rebuild",),
    "export": ("export", str(uuid4())),
    "backup": ("backup", "somewhere"),
}


@pytest.mark.parametrize("command", MAKES_NONE.values(), ids=MAKES_NONE.keys())
def test_no_command_makes_a_store_by_the_way(run, tmp_path, monkeypatch, command):
    monkeypatch.setenv("COORD_DATA", str(tmp_path / "var"))
    refused = run(*command, code=1).stderr
    assert refused.startswith(f"coord: there is no store yet (SQLite files in {tmp_path}/var); set COORD_DATA or ")
    assert refused.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_no_command_makes_a_store_in_a_database_by_the_way(run, monkeypatch, postgres_database):
    monkeypatch.setenv("COORD_DATABASE_URL", postgres_database)
    name = postgres_database.rpartition("/")[2]
    for command in MAKES_NONE.values():
        refused = run(*command, code=1).stderr
        assert refused.startswith(f"coord: there is no store yet (PostgreSQL database {name} at 127.0.0.1:")
        assert "postgres@" not in refused, "who signs in there is nobody's business"
    with psycopg.connect(postgres_database) as connection:
        assert connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'record'").fetchone() is None


def test_a_command_that_changes_a_store_says_which(run, store, data_folder):
    place = f"PostgreSQL database {store.rpartition('/')[2]} at" if store else f"SQLite files in {data_folder}"
    assert place in run("release").stdout
    for command in (ADDED, ("people", "password", "ada@clinic.example"), ("token", "--for", "ada@clinic.example")):
        assert f"Store: {place}" in run(*command).stderr
    assert "Store:" not in run("people", "list").stderr
    assert "Store:" not in run(*ADDED, code=1).stderr, "nothing was changed"


def test_a_backup_and_a_restore_by_the_command_line(run, store, tmp_path, monkeypatch, request):
    run(*ADDED)
    target = tmp_path / "backup"
    assert "record at 1," in run("backup", str(target)).stdout
    assert run("backup", str(target), code=1).stderr == (
        f"coord: {target} is not empty: each backup has a folder of its own\n"
    )
    refused = run("restore", str(target), code=1).stderr
    assert refused.startswith("coord: there is a store in ")
    assert refused.count("\n") == 1
    monkeypatch.setenv("COORD_DATA", str(tmp_path / "new"))
    if store:
        postgres = request.getfixturevalue("postgres")
        monkeypatch.setenv("COORD_DATABASE_URL", postgres.new_database())
    result = run("restore", str(target))
    assert "Restored as of" in result.stdout
    assert "none of those" not in result.stderr, "the secret of development goes with the files"
    assert "Ada Lim" in run("people", "list").stdout
    run("check")
    (target / "manifest.json").unlink()
    assert "no finished backup" in run("restore", str(target), code=1).stderr


@pytest.mark.parametrize("language", ["en", "it"])
def test_the_demonstration_brings_the_library_in_the_language_of_the_clinic(run, monkeypatch, language):
    monkeypatch.setenv("COORD_LANGUAGE", language)
    run("demo")
    titles = {shipped.content.title for shipped in library.shipped(language)}
    with services() as s:
        ida = Accounts(s.office).by_email("ida@coord.example")
        assert ida is not None
        author = actor_of(s.record.person(ida.person_id))
        found = s.doors.ask(author, SearchActivities(ActivityFilter(status="all"), limit=100)).items
    assert {item["title"] for item in found} == titles


def test_a_new_account_speaks_the_language_of_the_clinic(run, made, monkeypatch):
    monkeypatch.setenv("COORD_LANGUAGE", "it")
    run(*ADDED)
    with services() as s:
        account = Accounts(s.office).by_email("ada@clinic.example")
        assert account is not None
        assert account.language == "it"


def test_an_empty_clinic_is_told_how_its_first_administrator_gets_in(run, store, monkeypatch):
    from coord.cli.running import first_steps

    with services() as s:
        lines = first_steps(s, "http://localhost:8000")
    assert len(lines) == 3
    command = shlex.split(lines[1])
    while "=" in command[0]:
        name, _, value = command.pop(0).partition("=")
        monkeypatch.setenv(name, value)
    assert Path(command[0]).name == "coord"
    assert not store or store not in "".join(lines), "a database's address may hold a password"
    assert "Password:" in run(*command[1:]).stdout
    with services() as s:
        assert first_steps(s, "http://localhost:8000") == []


def test_a_port_in_use_is_one_line(run, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        result = run("serve", "--check", code=1)
    assert result.stderr.startswith(f"coord: cannot listen on 127.0.0.1:{port}: Address already in use")
    assert result.stderr.count("\n") == 1
    run("serve", "--check")


def test_a_worker_without_a_store_ends_with_one_line():
    code = "import coord.wsgi; coord.wsgi.app"
    environment = {**os.environ, "COORD_DATA": "/dev/null/x"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    assert done.stderr == "coord: the folder /dev/null/x cannot be written: Not a directory\n"


# --- the stores ---------------------------------------------------------------------------------------------------


def test_from_release_to_rebuild(run, store):
    assert "0 events" in run("release").stdout
    result = run(
        "generate",
        "--children",
        "3",
        "--entries",
        "40",
        "--goals",
        "2",
        "--ratings",
        "8",
        "--courses",
        "1",
        "--seed",
        "5",
    )
    assert "events/s" in result.stdout
    health = run("health").stdout
    assert ("postgresql" if store else "sqlite") in health
    assert health.count("0 behind") == len(ALL_VIEWS)
    assert "equal" in run("check").stdout
    assert "Rebuilt: history, timeline" in run("rebuild", "timeline", "history").stdout
    assert "differ" not in run("check").output
    assert run("rebuild", "nosuchview", code=2)


@contextlib.contextmanager
def views_database() -> Iterator[Connection]:
    stores = open_stores(Settings.from_env())
    try:
        with stores.views.begin() as connection:
            yield connection
    finally:
        stores.close()


def make_views_of_an_older_version() -> None:
    """As a version left them that knew of no goals: a column and a table less, and a view that is not there at all."""
    timeline = Timeline(1)
    with views_database() as views:
        timeline.subjects.drop(views)
        views.exec_driver_sql("DROP INDEX timeline_subject_g1")
        views.exec_driver_sql("ALTER TABLE timeline_entries_g1 DROP COLUMN subject_id")
        Goals(1).metadata.drop_all(views)
        views.exec_driver_sql("DELETE FROM view_state WHERE view = 'goals'")


def test_a_store_of_an_older_version_is_served_only_after_a_release(run, store):
    run("generate", "--children", "2", "--entries", "30", "--seed", "5")
    make_views_of_an_older_version()
    for command in (("serve",), ("serve", "--check"), ("follow",), ("health",)):
        refused = run(*command, code=1)
        assert refused.stderr == "coord: of an older version: timeline; run `coord release` first\n"
    worker = subprocess.run(
        [sys.executable, "-c", "import coord.wsgi; coord.wsgi.app"], capture_output=True, text=True, check=False
    )
    assert (worker.returncode, worker.stderr.splitlines()[-1]) == (
        3,
        "coord: of an older version: timeline; run `coord release` first",
    )
    released = run("release")
    assert "Rebuilt: goals, timeline" in released.stdout
    assert "rebuilding: " in released.stderr
    assert "differ" not in run("check").output
    assert "Rebuilt" not in run("release").output
    assert run("health").stdout.count(" 0 behind") == len(ALL_VIEWS)
    run("serve", "--check")


def test_a_view_with_another_key_is_of_an_older_version(run, store):
    run("release")
    summaries = Summaries(1)
    table = next(iter(summaries.metadata.tables.values()))
    with views_database() as views:
        table.drop(views)
        columns = ", ".join(f"{column.name} INTEGER" for column in table.columns)
        views.exec_driver_sql(f"CREATE TABLE {table.name} ({columns})")
    assert "older version: summary" in run("serve", "--check", code=1).stderr
    run("release")
    run("serve", "--check")


def test_check_finds_a_row_that_differs(run, made, data_folder):
    run("generate", "--children", "1", "--entries", "20")
    with contextlib.closing(sqlite3.connect(data_folder / "views.db")) as views, views:
        views.execute("UPDATE cases_g1 SET preferred_name = 'Somebody else'")
    result = run("check", code=4)
    assert "cases_g1: 2 rows differ" in result.stdout
    assert "coord rebuild" in result.stderr
    run("rebuild", "caseload")
    run("check")


def test_health_says_which_view_stopped(run, made, data_folder):
    run("generate", "--children", "1", "--entries", "1")
    with contextlib.closing(sqlite3.connect(data_folder / "views.db")) as views, views:
        views.execute("UPDATE view_state SET error = 'case.opened.v1 could not be shown' WHERE view = 'timeline'")
    result = run("health", code=1)
    assert "STOPPED" in result.stdout
    assert "stopped: timeline" in result.stderr
    run("rebuild", "timeline")
    run("health")


def test_health_says_that_the_follower_has_stopped(run):
    run("release")
    assert "never seen" in run("health").stdout  # nobody has started one: pages are brought up to date without
    with services() as s:
        beat(s, "follower", 0)
        assert "follower  alive" in run("health").stdout
        beat(replace(s, clock=lambda: datetime.now(UTC) - timedelta(seconds=ALIVE + 60)), "follower", 0)
    result = run("health", code=1)
    assert "NOT RUNNING" in result.stdout
    assert result.stderr == "coord: the follower does not run; pages are slower without it\n"


def test_the_same_seed_makes_the_same_texts(run, data_folder, tmp_path, monkeypatch):
    texts = []
    for folder in ("one", "two"):
        monkeypatch.setenv("COORD_DATA", str(tmp_path / folder))
        run("release")
        run("generate", "--children", "2", "--entries", "10", "--seed", "3")
        with services() as s:
            events = [r.event for r in s.record.after(0, 1000)]
        texts.append([getattr(e, "sections", None) for e in events])
    assert texts[0] == texts[1]


def test_generated_load_is_decided_by_the_domain_and_saved_in_batches():
    with services() as s:
        result = generate(s.record, s.doors, Load(children=30, entries=30))
        assert result.events >= 30 * 36
        for case_id in result.case_ids:
            times = [r.event.timestamp for r in s.record.stream(case_id)]
            assert times == sorted(times)
        case = s.record.case(result.case_ids[0])
        assert len(case.members) == 4
        topics = {r.event.TOPIC for r in s.record.after(0, 10_000)}
        assert {"case.note-amended.v1", "case.note-addendum-added.v1", "case.note-audience-changed.v1"} <= topics


def test_generated_goals_have_scales_are_agreed_and_rated_in_every_context():
    with services() as s:
        result = generate(s.record, s.doors, Load(2, 3, goals=4, ratings=25))
        s.views.catch_up()
        assert [v.error for v in s.views.states() if v.error] == []
        events = [r.event for r in s.record.stream(result.case_ids[0])]
        rated = [e for e in events if isinstance(e, GoalObserved)]
        assert Counter(e.goal_id for e in rated) == {e.goal_id: 25 for e in events if isinstance(e, GoalProposed)}
        assert {e.context for e in rated} == {"therapy", "home", "school", "community"}
        assert {e.level for e in rated} == {-2, -1, 0, 1, 2}
        assert sum(isinstance(e, GoalAgreed) for e in events) == 4
        times = [e.timestamp for e in events]
        assert times == sorted(times)


def test_generated_courses_are_of_every_kind_and_recorded_in_the_streams_of_their_children():
    with services() as s:
        result = generate(s.record, s.doors, Load(20, 4, goals=2, ratings=3, courses=5, sessions=6))
        s.views.catch_up()
        assert [v.error for v in s.views.states() if v.error] == []
        assert {d.rows for d in s.views.differences(s.views.rebuild(swap=False)).values()} == {0}
        s.views.drop_beside()
        events = [r.event for r in s.record.after(0, 10_000)]
        planned = [e for e in events if isinstance(e, CoursePlanned)]
        assert {e.content["kind"] for e in planned} == {kind.value for kind in GroupKind}
        recorded = [e for e in events if isinstance(e, SessionRecorded)]
        assert Counter(e.originator_id for e in recorded) == {e.originator_id: 6 for e in planned}
        lines = {str(e.line_id): e for e in events if isinstance(e, GroupSessionRecorded)}
        assert len(lines) == 5 * 6 * 8
        assert all(str(lines[line].originator_id) == case for e in recorded for case, line in e.lines.items())
        assert {e.line["attendance"] for e in lines.values()} >= {"present", "absent"}
        rated = [e for e in lines.values() if e.line["ratings"]]
        assert len(rated) > 150
        for stream in (*result.case_ids, *(e.originator_id for e in planned)):
            times = [r.event.timestamp for r in s.record.stream(stream)]
            assert times == sorted(times)
            assert times[-1] <= s.doors.clock()


def test_courses_are_generated_without_goals_and_with_fewer_children_than_places():
    with services() as s:
        result = generate(s.record, s.doors, Load(3, 0, courses=2, sessions=2))
        s.views.catch_up()
        assert len(result.case_ids) == 3
        lines = [r.event for r in s.record.after(0, 1_000) if isinstance(r.event, GroupSessionRecorded)]
        assert len(lines) == 2 * 2 * 3
        assert not any(e.line["ratings"] for e in lines)


def test_export_is_complete_private_and_recorded(run, store, tmp_path):
    with services() as s:
        case = generate(s.record, s.doors, Load(1, 12)).case_ids[0]
        expected = [r.event.TOPIC for r in s.record.stream(case)]
    out = tmp_path / "child.json"
    run("export", str(case), "--out", str(out))
    whole = json.loads(out.read_text())
    assert [event["topic"] for event in whole["events"]] == expected
    assert whole["case_id"] == str(case)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert run("export", str(case), "--out", str(out), code=1).stderr == f"coord: {out} exists already\n"
    with services() as s:
        assert any(look["kind"] == "ExportCase" for look in s.access.page(case_id=case))
    assert run("export", str(uuid4()), code=1).stderr == "coord: there is no such child\n"


# --- people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["disable", "enable"])
def test_what_a_crash_left_open_when_access_was_taken_away_is_closed_by_the_next_command(run, store, command: str):
    who = ("Ada Lim", "--role", "therapist", "--discipline", "ot", "--team", "North")
    run("people", "add", "ada@clinic.example", *who)
    token = run("token", "--for", "ada@clinic.example").stdout.strip()
    with services() as s:
        person_id = Tokens(s.office).verify(token, datetime.now(UTC))
        s.doors.execute(COMMAND_LINE, DisablePerson(person_id, "left"))  # and no further
    run("people", command, "ada@clinic.example", "--reason", "x", code=1 if command == "disable" else 0)
    with services() as s, pytest.raises(Unauthenticated):
        Tokens(s.office).verify(token, datetime.now(UTC))


def test_the_life_of_a_person(run, store):
    added = run(
        *("people", "add", "ada@clinic.example", "Ada Lim"),
        *("--role", "therapist", "--discipline", "ot", "--team", "North"),
    ).stdout
    password = added.split("Password: ")[1].split()[0]
    with services() as s:
        account = Accounts(s.office).by_email("ada@clinic.example")
        assert account is not None
        assert account.must_change_password
        assert Hasher().verify(account.password, password)
    assert "North" in run("people", "list", "lim").stdout
    token = run("token", "--for", "ADA@clinic.example", "--days", "7").stdout.strip()
    with services() as s:
        assert Tokens(s.office).verify(token, datetime.now(UTC)) == account.person_id
        with pytest.raises(Unauthenticated):
            Tokens(s.office).verify(token, datetime.now(UTC) + timedelta(days=8))
    run("people", "disable", "ada@clinic.example", "--reason", "left")
    with services() as s, pytest.raises(Unauthenticated):
        Tokens(s.office).verify(token, datetime.now(UTC))
    assert "no access" in run("people", "list").stdout
    assert run("token", "--for", "ada@clinic.example", code=1).stderr == "coord: this person has no access\n"
    assert "no access as it is" in run("people", "disable", "ada@clinic.example", "--reason", "x", code=1).stderr
    run("people", "enable", "ada@clinic.example", "--reason", "back")
    asked = run("people", "move", "ada@clinic.example", "Souht", code=1).stderr
    assert asked.startswith("coord: team Souht: nobody is in this team yet")
    run("people", "move", "ada@clinic.example", "  south", "--new-team")
    run("people", "move", "ada@clinic.example", "South")  # the same, however it is spelled
    run("people", "add", "bo@clinic.example", "Bo Ek", "--role", "student", "--discipline", "ot", "--team", " SOUTH ")
    assert run("people", "list", "bo@").stdout.split()[-1] == "south"
    run("people", "role", "ada@clinic.example", "student", "--discipline", "slt")
    listed = run("people", "list").stdout
    assert "south" in listed
    assert "student (slt)" in listed
    run("people", "add-role", "ada@clinic.example", "teacher", "--team", "Hill School")
    no = run("token", "--for", "ada@clinic.example", "--role", "administrator", code=1).stderr
    assert no == "coord: this person does not have that role\n"
    as_teacher = run("token", "--for", "ada@clinic.example", "--role", "teacher").stdout.strip()
    with services() as s:
        made = Tokens(s.office).id_of(as_teacher)
        assert made is not None
        assert ChosenRoles(s.office).of(made) == "teacher"
    run("people", "end-role", "ada@clinic.example", "teacher", "--reason", "Has left the school")
    over = run("people", "end-role", "ada@clinic.example", "teacher", "--reason", "x", code=1).stderr
    assert over == "coord: this person does not have that role any more\n"
    assert (
        "Ada Lim signs in as lim@clinic.example now"
        in run(*("people", "email", "ada@clinic.example", "Lim@clinic.example")).stdout
    )
    renamed = run("people", "rename", "lim@clinic.example", " Ada Dahl")
    assert renamed.stdout == "Ada Lim is called Ada Dahl now.\n"
    assert run("people", "rename", "lim@clinic.example", " ", code=1).stderr == "coord: name is missing\n"
    assert "Ada Dahl" in run("people", "list", "dahl").stdout
    with services() as s:
        assert Accounts(s.office).by_email("ada@clinic.example") is None
    assert run("people", "email", "ada@clinic.example", "x@x.org", code=1).stderr == "coord: there is no such person\n"
    wrong = run("people", "email", "lim@clinic.example", "nowhere", code=1)
    assert wrong.stderr == "coord: email is not an email address\n"
    run("people", "email", "lim@clinic.example", "ada@clinic.example")
    typed = "seven calm otters read\n"
    token = run("token", "--for", "ada@clinic.example").stdout.strip()
    with services() as s:
        (row,) = s.doors.ask(COMMAND_LINE, ReadAccounts("ada")).items
        factors, now = Factors(s.office, *s.settings.secret_keys), datetime.now(UTC)
        app = pyotp.TOTP(factors.begin_codes(row["person_id"], now))
        assert factors.fits(row["person_id"], app.at(now), now)
    run("people", "password", "ada@clinic.example", "--password", typed=typed * 2)
    with services() as s:
        assert not Factors(s.office, *s.settings.secret_keys).fits(row["person_id"], app.at(now), now)
        account = Accounts(s.office).by_email("ada@clinic.example")
        assert account is not None
        assert Hasher().verify(account.password, "seven calm otters read")
        assert not account.must_change_password
        with pytest.raises(Unauthenticated, match="token-revoked"):
            Tokens(s.office).verify(token, datetime.now(UTC))
        # The operator is outside of what takes two, and recorded the same way.
        kinds = [type(r.event).__name__ for r in s.record.stream(account.person_id)]
        assert kinds.count("PersonAccountChanged") == 4
        assert "PersonChangeProposed" not in kinds
        (row,) = s.doors.ask(COMMAND_LINE, ReadAccounts("ada")).items
        assert row["active"]


def test_what_is_wrong_with_a_new_person_is_one_line(run, made):
    add = ("people", "add", "ada@clinic.example", "Ada Lim")
    assert run(*add, "--role", "therapist", "--team", "N", code=1).stderr == "coord: discipline is missing\n"
    weak = run(*add, "--role", "administrator", "--password", typed="password1234\n" * 2, code=1)
    assert "too easy to guess" in weak.stderr.splitlines()[-1]
    run(*add, "--role", "administrator")
    assert run(*add, "--role", "administrator", code=1).stderr == "coord: this address has an account already\n"
    assert run("token", "--for", "bob@clinic.example", code=1).stderr == "coord: there is no such person\n"
    with services() as s:
        assert len(s.doors.ask(COMMAND_LINE, ReadAccounts()).items) == 1


# --- the activity library -----------------------------------------------------------------------------------------


def test_activities_are_loaded_once_in_the_name_of_somebody_who_answers_for_them(run, store):
    for email, role, more in (("a@x.org", "therapist", ("--discipline", "ot")), ("t@x.org", "teacher", ())):
        run("people", "add", email, "Ada Lind", "--role", role, *more, "--team", "North")
    assert "therapists and team leads" in run("activities", "load", "--for", "t@x.org", code=1).stderr
    assert "no such person" in run("activities", "load", "--for", "b@x.org", code=1).stderr
    assert run("activities", "load", "--for", "a@x.org").stdout == "30 activities written, 0 were there already.\n"
    assert run("activities", "load", "--for", "a@x.org").stdout == "0 activities written, 30 were there already.\n"
    run("people", "disable", "a@x.org", "--reason", "left")
    assert "no access" in run("activities", "load", "--for", "a@x.org", code=1).stderr


@pytest.mark.parametrize(
    ("pages", "asked", "title"),
    [
        ("en", (), "Boat race"),
        ("it", (), "La regata"),
        ("it", ("--language", "en"), "Boat race"),
        ("en", ("--language", "it"), "La regata"),
    ],
)
def test_activities_are_loaded_in_the_language_of_the_persons_pages_or_the_one_asked_for(
    run, made, pages, asked, title
):
    run("people", "add", "a@x.org", "Ada Lind", "--role", "therapist", "--discipline", "ot", "--team", "North")
    with services() as s:
        accounts = Accounts(s.office)
        ada = accounts.by_email("a@x.org")
        assert ada is not None
        accounts.set_language(ada.person_id, pages)
    run("activities", "load", "--for", "a@x.org", *asked)
    with services() as s:
        author = actor_of(s.record.person(ada.person_id))
        found = s.doors.ask(author, SearchActivities(ActivityFilter(), limit=100)).items
    assert len(found) == 30
    assert title in {item["title"] for item in found}


# --- the demonstration --------------------------------------------------------------------------------------------


def test_demo_loads_once_and_tells_the_sign_ins_each_time(run, store):
    first = run("demo", "--if-empty").stdout
    assert "Loaded 12 invented children" in first
    second = run("demo", "--if-empty").stdout
    assert "Loaded" not in second
    for text in (first, second):
        assert "ida@coord.example" in text
        assert "paper-boats-on-the-lake" in text
    assert "nothing was loaded" in run("demo", code=1).stderr
    run("check")


def test_demo_leaves_other_data_alone_and_stays_out_of_production(run, made, monkeypatch):
    run("people", "add", "ada@clinic.example", "Ada Lim", "--role", "administrator")
    assert "no demonstration loaded" in run("demo", "--if-empty").stdout
    monkeypatch.setenv("COORD_ENV", "production")
    monkeypatch.setenv("COORD_PUBLIC_URL", "https://coord.example.org")
    monkeypatch.setenv("COORD_SECRET_KEY", secrets.token_urlsafe(48))
    assert "not in production" in run("demo", "--if-empty", code=1).stderr


def test_demo_says_when_it_was_interrupted(run, monkeypatch):
    from coord.demo import play

    def interrupted(stage: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(play.Stage, "play", interrupted)
        CliRunner().invoke(main, ["demo"])
    result = run("demo", "--if-empty")
    assert "interrupted" in result.stderr
    assert "ida@coord.example" in result.stdout


# --- processes ----------------------------------------------------------------------------------------------------


def test_serve_answers_and_ends_cleanly(monkeypatch):
    port = free_port()
    monkeypatch.setenv("PORT", str(port))
    of_before = Path(os.environ["COORD_DATA"]) / "templates" / "of-code-of-before"
    of_before.parent.mkdir(parents=True, exist_ok=True)
    of_before.write_text("")
    with process("serve") as server:

        def answers() -> bool:
            assert server.poll() is None, server.stderr and server.stderr.read()
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as r,
            ):
                return bool(r.status == 200)
            return False

        wait_for(answers, 90)
        assert not of_before.exists()
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) == 0


def test_a_killed_follower_leaves_nothing_behind_that_another_cannot_finish(run, store):
    run("release")
    with process("follow") as follower, services() as s:
        wait_for(lambda: last_heartbeat(s.office) is not None)
        generate(s.record, s.doors, Load(children=4, entries=100))
        wait_for(lambda: lag(s) < s.record.head())
        follower.kill()
        follower.wait(timeout=30)
        generate(s.record, s.doors, Load(children=4, entries=100))
        assert lag(s) > 0
    with process("follow") as follower, services() as s:
        wait_for(lambda: lag(s) == 0)
        heard = last_heartbeat(s.office)
        assert heard is not None
        assert heard.is_fresh(datetime.now(UTC))
        assert "follower  alive" in run("health").stdout
        follower.send_signal(signal.SIGTERM)
        assert follower.wait(timeout=30) == 0
    run("check")


def test_a_follower_waits_out_a_database_that_hangs_up(run, monkeypatch, postgres_database):
    monkeypatch.setenv("COORD_DATABASE_URL", postgres_database)
    run("release")
    with process("follow") as follower:
        with services() as s:
            wait_for(lambda: last_heartbeat(s.office) is not None)
        with psycopg.connect(postgres_database, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with services() as s:
            generate(s.record, s.doors, Load(1, 10))
            wait_for(lambda: lag(s) == 0)
        assert follower.poll() is None
        follower.send_signal(signal.SIGINT)
        assert follower.wait(timeout=30) == 0


def test_a_follower_waits_longer_each_time_and_says_when_it_goes_on(monkeypatch, caplog):
    with services() as s:
        follower = Follower(s, poll=0)
        waits: list[float] = []
        monkeypatch.setattr(follower.stop, "wait", waits.append)
        calls = iter([OSError("gone"), OSError("gone"), OSError("gone"), None, "stop"])

        def turn() -> None:
            what = next(calls)
            if isinstance(what, OSError):
                raise what
            if what == "stop":
                follower.stop.set()

        monkeypatch.setattr(follower, "_turn", turn)
        with caplog.at_level("INFO"):
            follower.run()
    assert waits[:3] == [1.0, 2.0, 4.0]
    assert "the follower goes on" in caplog.text
    assert "gone" not in caplog.text  # a driver's message may quote what was being written
