"""Large stores for `bench.growth`: made once, in bulk, and found again."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import Connection

from bench.data import SECTIONS, Sign, aims, child, fill, person
from coord.application.summary.commands import PublishSummary
from coord.bootstrap import Services, Settings, build
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.case import Case, NoteContent, SummaryContent, notes
from coord.domain.events import CoordEvent
from coord.patience import AT_LENGTH
from coord.projections import Goals, Timeline

LONG = timedelta(days=1_000)
"""Over which the entries and the looks are spread."""
OLDEST = "It is one of the beginnings. "
"""In the five oldest notes of each child, so that a search has to go to the end."""
OTHER_CHILDREN = 12
"""Of the care team, beside the one that is measured."""


@dataclass(frozen=True)
class Place:
    """A store, the child that is asked about in it, and who asks."""

    services: Services
    child: UUID
    note: UUID
    goal: UUID
    positions: Sequence[int]
    """Of the child's entries, in order."""
    writer: Actor
    reader: Actor
    teacher: Actor
    lead: Actor
    admin: Actor
    cursor: str = ""
    time: datetime | None = None


@dataclass(frozen=True)
class Large:
    """A store that is filled: its children of interest, in the order in which their sizes were given."""

    services: Services
    people: dict[str, Actor]
    children: Sequence[UUID]

    def of(self, number: int) -> Place:
        """One of the children, with everything that questions about it need."""
        child, views = self.children[number], self.services.views
        with views.reading(self.services.record.head()) as snapshot:
            t, g = snapshot.view(Timeline).entries, snapshot.view(Goals).goals
            rows = snapshot.connection.execute(
                t.select().with_only_columns(t.c.from_position, t.c.entry_id, t.c.kind).where(t.c.case_id == child)
            ).all()
            goal = snapshot.connection.execute(
                g.select().with_only_columns(g.c.goal_id).where(g.c.case_id == child).limit(1)
            ).scalar_one()
        rows = sorted(rows, key=lambda row: row.from_position)
        note = next(row.entry_id for row in rows if row.kind == "note")
        people: dict[str, Any] = dict(self.people)
        return Place(self.services, child, note, goal, [row.from_position for row in rows], **people)


def large_store(folder: Path, url: str | None, *, entries: Sequence[int], events: int, looks: int) -> Large:
    """A store in ``folder`` (or in a database of its own, named as the folder), made if there is none of these sizes:
    a child for each of ``entries``, others up to ``events`` in all, and ``looks`` at all of them."""
    size = {"entries": list(entries), "events": events, "looks": looks}
    database = _database(url, f"growth_{folder.name}")
    settings = Settings(data=folder, database_url=database, secret_key="growth-" + "0" * 40)
    told = folder / "growth.json"
    if not told.exists() or json.loads(told.read_text())["size"] != size:
        _empty(folder, url, database)
        begun = time.perf_counter()
        clock = _Clock()
        made = _made(build(settings, clock, patience=AT_LENGTH), clock, size)
        told.write_text(json.dumps({"size": size, **made}))
        print(f"  made {folder.name} in {time.perf_counter() - begun:.0f} s", flush=True)
    made = json.loads(told.read_text())
    people = {
        name: Actor(UUID(p[0]), p[1], Role(p[2]), Discipline(p[3]) if p[3] else None, p[4])
        for name, p in made["people"].items()
    }
    services = build(settings, patience=AT_LENGTH)
    if services.views.outdated():  # made by another version of the code
        services.views.rebuild(grace=0.0)
    services.views.add_missing_indexes()
    services.analyse_stores()
    return Large(services, people, [UUID(child) for child in made["children"]])


def _database(url: str | None, name: str) -> str | None:
    return None if url is None else psycopg.conninfo.make_conninfo(url, dbname=name)


def _empty(folder: Path, url: str | None, database: str | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if url is not None and database is not None:
        name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
            connection.execute(f'CREATE DATABASE "{name}"'.encode())


class _Clock:
    """Shows the day on which the children came, until it is set right."""

    def __init__(self) -> None:
        self.behind = LONG + timedelta(days=1)

    def __call__(self) -> datetime:
        return datetime.now(UTC) - self.behind


def _made(services: Services, clock: _Clock, size: dict[str, Any]) -> dict[str, object]:
    people = {
        "writer": person(services, "Ada Bench", Role.THERAPIST, Discipline.OT),
        "reader": person(services, "Ben Bench", Role.THERAPIST, Discipline.SLT),
        "teacher": person(services, "Tia Bench", Role.TEACHER, Discipline.SCHOOL, "Hill School"),
        "lead": person(services, "Lea Bench", Role.TEAM_LEAD),
        "admin": person(services, "Max Bench", Role.ADMINISTRATOR),
    }
    writer, reader, teacher = people["writer"], people["reader"], people["teacher"]
    wanted: list[int] = size["entries"]
    children = [child(services, writer, reader, teacher, name=f"Number {number}") for number in range(len(wanted))]
    others = [child(services, writer, reader, teacher, name=f"Other {number}") for number in range(OTHER_CHILDREN)]
    clock.behind = timedelta()
    for case_id, entries in zip(children, wanted, strict=True):
        fill(services, case_id, writer, entries, _over_years(entries, reader))
        aims(services, case_id, writer)  # last: what is as known on an earlier day shall not end with them
        _summary(services, case_id, writer)
    for case_id in others:
        fill(services, case_id, writer, 30, _over_years(30, reader))
    while (missing := min(size["events"] - services.record.head(), 5_000)) > 0:
        fill(services, child(services, writer, name="Filler"), writer, missing, _over_years(missing))
    services.views.rebuild(grace=0.0)
    known = [*children, *others, *(uuid4() for _ in range(300))]
    _looks(services, list(people.values()), known, size["looks"])
    services.close()
    return {
        "people": {
            name: (str(p.person_id), p.name, p.role.value, p.discipline.value if p.discipline else None, p.team)
            for name, p in people.items()
        },
        "children": [str(child) for child in children],
    }


def _over_years(entries: int, *others: Actor) -> Sign:
    """So many notes, observed and signed over the years before: by the others in turn with the author, every tenth for
    the school too, every twentieth corrected at once."""
    now, apart = datetime.now(UTC), LONG / max(entries, 1)

    def sign(case: Case, actor: Actor, number: int) -> None:
        authors = (actor, *others)
        author, note_id = authors[number % len(authors)], uuid4()
        plan = OLDEST if number < 5 else SECTIONS["plan"]
        sections = {**SECTIONS, "plan": f"{plan} No. {number:06}"}  # the same words twice would be asked about
        at = now - apart * (entries - number)
        audience = "care-team-and-school" if number % 10 == 0 else "care-team"
        content = NoteContent("soap", sections, at, audience=audience)
        signed = at + timedelta(minutes=10)
        notes.sign(case, at=signed, actor=author, note_id=note_id, content=content)
        if number % 20 == 0:
            note = notes.evolve(None, cast("CoordEvent", case.pending_events[-1]))
            said = {**sections, "plan": "Another plan."}
            notes.amend(case, note, at=signed, actor=author, expected_version=1, sections=said, reason="Not so.")

    return sign


def _summary(services: Services, case_id: UUID, writer: Actor) -> None:
    today = datetime.now(UTC).date()
    said: dict[str, Any] = {"strengths": [("Loves trains", [])], "helps": [("One step at a time", [])]}
    content = SummaryContent(said, "Ada", today, today + timedelta(90))
    services.doors.execute(writer, PublishSummary(case_id, 0, content))


def _looks(services: Services, people: Sequence[Actor], children: Sequence[UUID], count: int) -> None:
    """Looks of the last years, by these people and forty others, at these children; the indexes are made afterwards."""
    at_one_child = 100
    """The part of all looks that is at the first child: one in so many."""
    engine = services.access._engine
    who = [(p.person_id, p.name, p.role.value) for p in people] + [
        (uuid4(), f"Other {number}", "therapist") for number in range(40)
    ]
    begun = datetime.now(UTC) - LONG
    with engine.execution_options(write=True, bulk=True).begin() as connection:
        _without_guards(connection)
        step = 200_000
        for start in range(0, count, step):
            rows = []
            for number in range(start, min(start + step, count)):
                person, name, role = who[number * 7919 % len(who)]
                child = children[0 if number % at_one_child == 0 else 1 + number * 104_729 % (len(children) - 1)]
                at = begun + LONG * (number / count)
                rows.append(_row(connection, at, person, name, role, child, number))
            _insert(connection, rows)
    services.access.create()


COLUMNS = (
    *("at", "person_id", "person_name", "role", "team", "channel", "request", "kind", "outcome", "case_id", "entries"),
    *("position", "detail", "purpose", "categories"),
)


def _row(
    connection: Connection, at: datetime, person: UUID, name: str, role: str, child: UUID, number: int
) -> tuple[object, ...]:
    sqlite = connection.dialect.name == "sqlite"
    when: object = at.isoformat(" ", "microseconds") if sqlite else at
    kind = ("ReadTimeline", "ReadGoals", "ReadNote", "ReadCaseload")[number % 4]
    entries = " ".join(uuid4().hex for _ in range(3)) if kind != "ReadCaseload" else ""
    ids = (person.hex, child.hex) if sqlite else (person, child)
    return (
        *(when, ids[0], name, role, "North", "page", f"{number:032x}", kind, "shown", ids[1], entries),
        *(0, "{}" if number % 3 else '{"older":true}', "care", "identity notes"),
    )


def _without_guards(connection: Connection) -> None:
    """Without what would be looked at for each row; `AccessLog.create` puts it back."""
    for name in ("looks_person", "looks_of_case", "looks_of_person", "looks_in_order"):
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")
    if connection.dialect.name == "sqlite":
        for name in ("no_update", "no_delete", "no_replace"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS looks_{name}")


def _insert(connection: Connection, rows: list[tuple[object, ...]]) -> None:
    names = ", ".join(COLUMNS)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(COLUMNS))
        connection.exec_driver_sql(f"INSERT INTO looks ({names}) VALUES ({places})", rows)
        return
    driver = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY looks ({names}) FROM STDIN") as copy:  # type: ignore[union-attr]
        for row in rows:
            copy.write_row(row)
