"""What the pages ask of the databases stays as quick with fifty thousand rows: the plans, and what they have to touch.

Asked through the doors, of stores that are filled behind their backs. How much a statement touches is counted by the
databases themselves: steps of SQLite's machine, rows that PostgreSQL's plan has met.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import BigInteger, Connection, Integer, Table, Uuid, select

from coord.application.case.commands import AddToTeam
from coord.application.declared import Question
from coord.application.find.questions import MOST_OF_A_CHILD, Find
from coord.application.goals import questions as g
from coord.application.groups import questions as w
from coord.application.history.questions import HistoryFilter, ReadAudit, ReadHistory
from coord.application.home.questions import ReadCaseload, ReadForSupply
from coord.application.notes.questions import ReadBeside
from coord.application.summary.questions import ReadSummarySources
from coord.application.timeline.questions import ReadTimeline, ReadTimelineAs, TimelineFilter
from coord.domain.actors import Actor, Relation
from coord.office.access import looks
from coord.office.drafts import drafts
from coord.persistence import Stores
from coord.projections import Courses, Goals, History, Timeline
from coord.projections.engine import FOREVER
from coord.projections.writer import Writer
from tests.group_story import a_group
from tests.house import House
from tests.statements import Statement, statements_of

MANY = 50_000
"""Entries, changes and looks of the child that is asked about."""
OTHERS = 10_000
"""Rows of other children in each table that grows with the work."""
A_LONG_TIME = timedelta(days=1_000)
STEPS = 80_000
"""Of SQLite's machine: a page takes some thousands, and to pass through the child's rows half a million at least."""
ROWS = 5_000
"""That a plan of PostgreSQL may meet."""

Asked = Callable[[House, UUID], tuple[Actor, Question]]
HOT: dict[str, Asked] = {
    "timeline": lambda h, c: (h.ot, ReadTimeline(c)),
    "timeline, with ratings in their sessions": lambda h, c: (h.ot, ReadTimeline(c, gathered=True)),
    "timeline of a teacher": lambda h, c: (h.teacher, ReadTimeline(c)),
    "timeline, as known on": lambda h, c: (h.ot, ReadTimeline(c, as_of=h.services.record.head() // 2)),
    "timeline, with ratings, as known on": lambda h, c: (
        h.ot,
        ReadTimeline(c, as_of=h.services.record.head() // 2, gathered=True),
    ),
    "timeline, as known at the beginning": lambda h, c: (h.ot, ReadTimeline(c, as_of=20)),
    "timeline, as a teacher knew it": lambda h, c: (h.teacher, ReadTimeline(c, as_of=h.services.record.head() // 2)),
    "timeline, as somebody else saw it": lambda h, c: (h.lead, ReadTimelineAs(c, h.ot.person_id, as_of=20)),
    "search": lambda h, c: (h.ot, ReadTimeline(c, TimelineFilter(text="laces"))),
    "home": lambda h, c: (h.ot, ReadCaseload(waiting=7)),
    "home of a teacher": lambda h, c: (h.teacher, ReadCaseload()),
    "cards of a teacher": lambda h, c: (h.teacher, ReadCaseload(cards=True, waiting=7)),
    "page for a supply teacher": lambda h, c: (h.teacher, ReadForSupply()),
    "home of a lead": lambda h, c: (h.lead, ReadCaseload(waiting=7)),
    "a form of a note": lambda h, c: (h.ot, ReadBeside(c)),
    "what a summary can rest on": lambda h, c: (h.ot, ReadSummarySources(c)),
    "goals": lambda h, c: (h.ot, g.ReadGoals(c)),
    "groups of a child": lambda h, c: (h.ot, w.ReadGroups(c)),
    "my sessions": lambda h, c: (h.ot, w.ReadMySessions(h.clock.now.date(), h.clock.now.date(), waiting=True)),
    "history": lambda h, c: (h.lead, ReadHistory(c)),
    "history, changes by a person": lambda h, c: (
        h.lead,
        ReadHistory(c, HistoryFilter(person=h.slt.person_id, kind="changes")),
    ),
    "audit": lambda h, c: (h.lead, ReadAudit(choices=True)),
    "audit of a person": lambda h, c: (h.lead, ReadAudit(HistoryFilter(person=h.ot.person_id))),
}


# ---- a large store -----------------------------------------------------------------------------------------------


def other_than(table: Table, row: dict[str, Any], number: int) -> dict[str, Any]:
    """The row as it would be of another child: other ids, in another team, further on in the record, of another day."""
    more: dict[str, Any] = {}
    for column in table.columns:
        if isinstance(column.type, Uuid) and row[column.name] is not None:
            more[column.name] = uuid4()
        if column.name == "at":
            more["at"] = row["at"] - A_LONG_TIME * ((number % 1_000) / 1_000)
        if column.name == "team":
            more["team"] = f"Team {number % 50}"
        if column.primary_key and isinstance(column.type, BigInteger | Integer):
            more[column.name] = 10_000_000 + number
    return {**row, **more}


def rows_of(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def fill_views(house: House, stores: Stores, child: UUID) -> None:
    """Other children in every table; and of this one, entries and changes."""
    head, now = house.services.record.head(), house.clock.now
    with house.services.views.reading(head) as snapshot:
        kinds = {kind: snapshot.view(kind) for kind in house.services.views.kinds}
    growing = {
        kinds[Timeline].entries,  # type: ignore[attr-defined]
        kinds[History].changes,  # type: ignore[attr-defined]
        kinds[Goals].observations,  # type: ignore[attr-defined]
        kinds[Courses].lines,  # type: ignore[attr-defined]
    }
    with stores.views.execution_options(write=True, bulk=True).begin() as connection:
        writer = Writer(connection)
        for view in kinds.values():
            for table in view.metadata.sorted_tables:
                found = rows_of(connection, table)
                for number in range((OTHERS if table in growing else 1_000) if found else 0):
                    writer.insert(table, other_than(table, found[number % len(found)], number))
        timeline: Any = kinds[Timeline]
        note = next(r for r in rows_of(connection, timeline.entries) if r["kind"] == "note" and r["case_id"] == child)
        change = next(r for r in rows_of(connection, kinds[History].changes) if r["entry_id"] == note["entry_id"])  # type: ignore[attr-defined]
        writer.delete(timeline.reach, case_id=child)
        for position in range(1, head + 1):
            at = now - A_LONG_TIME * (1 - position / head)
            until, to = at + timedelta(days=1), position + 1 if position < head else FOREVER
            reach = {"case_id": child, "from_position": position, "to_position": to, "until": until}
            writer.insert(timeline.reach, reach)
        for number in range(MANY):
            entry, position = uuid4(), 1 + number * head // MANY
            at = now - A_LONG_TIME * (1 - position / head) - timedelta(seconds=number % 7)
            state = {"entry_id": entry, "from_position": position, "entered_position": position, "observed_from": at}
            school = {"audience": "care-team-and-school"} if number % 10 == 0 else {}
            writer.insert(timeline.entries, {**note, **state, **school, "search_text": "tied the laces twice"})
            told = {"position": 1_000_000 + number, "entry_id": entry, "at": at}
            writer.insert(kinds[History].changes, {**change, **told})  # type: ignore[attr-defined]
        writer.flush()


def fill_looks(stores: Stores, house: House, child: UUID) -> None:
    """Of the child and of others, by forty people; and drafts of others."""
    with stores.access.execution_options(write=True, bulk=True).begin() as connection:
        found = [r for r in rows_of(connection, looks) if r["case_id"] == child]
        people = [house.ot.person_id, *(uuid4() for _ in range(40))]
        writer = Writer(connection)
        for number in range(MANY + OTHERS):
            at = house.clock.now - timedelta(seconds=number)
            who = {"id": 1_000_000 + number, "at": at, "person_id": people[number % len(people)]}
            case = child if number < MANY else uuid4()
            writer.insert(looks, {**found[number % len(found)], **who, "case_id": case})
        writer.flush()
    with stores.office.execution_options(write=True).begin() as connection:
        writer = Writer(connection)
        row = {"kind": "note", "body": {}, "revision": 1, "created_at": house.clock.now, "updated_at": house.clock.now}
        for _ in range(OTHERS):
            writer.insert(drafts, {"draft_id": uuid4(), "case_id": uuid4(), "person_id": uuid4(), **row})
        writer.flush()


@pytest.fixture
def child(house: House) -> UUID:
    """With a group, goals, an audience, and more notes than a page has."""
    group = a_group(house)
    group.record()
    child = group.children[0]
    for person, relation in ((house.slt, Relation.SPEECH_THERAPIST), (house.teacher, Relation.CLASS_TEACHER)):
        house.services.doors.execute(house.ot, AddToTeam(child, person.person_id, relation))
    for _ in range(25):
        house.note(house.slt, "Tied the laces.", case_id=child, audience="care-team-and-school")
    house.summary(case_id=child)
    return child


@pytest.fixture
def asked(house: House, stores: Stores, child: UUID) -> list[tuple[str, Statement]]:
    """What each hot question asks, and by its name; the child has but few rows then, and many afterwards."""
    found = []
    for name, question in HOT.items():
        who, what = question(house, child)
        house.services.doors.ask(who, what)  # once before, so that it is no first visit
        with statements_of(house.services) as sent:
            house.services.doors.ask(who, what)
        selects = (s for s in sent if s.store != "record" and s.text.lstrip().startswith(("SELECT", "WITH")))
        found += [(name, statement) for statement in selects]
    fill_views(house, stores, child)
    fill_looks(stores, house, child)
    return found


# ---- what is touched ---------------------------------------------------------------------------------------------


def touched_in_sqlite(stores: Stores, statement: Statement) -> tuple[bool, str]:
    """Whether it is too much; and how much, by which plan. What takes far too many steps is not waited for."""
    hundreds = 0

    def tick() -> bool:
        nonlocal hundreds
        hundreds += 1
        return hundreds * 100 > 10 * STEPS

    with getattr(stores, statement.store).begin() as connection:
        driver = connection.connection.driver_connection
        plan = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.params)]
        driver.set_progress_handler(tick, 100)
        with suppress(sqlite3.OperationalError):
            driver.execute(statement.text, statement.params).fetchall()
        driver.set_progress_handler(None, 0)
    scans = [line for line in plan if line.startswith("SCAN") and is_large(line.split()[1]) and "_in_order" not in line]
    return hundreds * 100 > STEPS or bool(scans), f"{hundreds * 100} steps: {'; '.join(plan)}"


LARGE = {"timeline_entries", "changes", "looks", "goal_observations", "group_lines", "drafts"}


def is_large(table: str) -> bool:
    return (table.rpartition("_g")[0] or table) in LARGE


def touched_in_postgres(stores: Stores, statement: Statement) -> tuple[bool, str]:
    """Likewise."""
    explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement.text}"
    with getattr(stores, statement.store).begin() as connection:
        plan = connection.exec_driver_sql(explain, statement.params).scalar_one()[0]["Plan"]
    nodes = list(nodes_of(plan))
    rows = sum(rows_met(node) for node in nodes)
    whole = [n for n in nodes if n["Node Type"] == "Seq Scan" and is_large(n["Relation Name"])]
    used = (n.get("Index Name") or n.get("Relation Name") or "" for n in nodes)
    return rows > ROWS or bool(whole), f"{rows} rows: {', '.join(n for n in used if n)}; whole: {len(whole)}"


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes_of(part)


def rows_met(node: dict[str, Any]) -> int:
    removed = (node.get(f"Rows Removed by {how}", 0) for how in ("Filter", "Join Filter", "Index Recheck"))
    here = node["Actual Rows"] if "Relation Name" in node or "Index Name" in node else 0
    return int(node["Actual Loops"] * (here + sum(removed)))


def too_much(stores: Stores, asked: list[tuple[str, Statement]]) -> str:
    """Every statement that touches too much, with its plan."""
    touched = touched_in_sqlite if stores.kind == "sqlite" else touched_in_postgres
    told = [(name, statement, *touched(stores, statement)) for name, statement in asked]
    return "\n\n".join(f"{name} ({s.store}): {how}\n{s.text[:1500]}" for name, s, too, how in told if too)


def test_what_is_often_asked_touches_a_page_of_rows_and_not_all_of_a_child(
    house: House, stores: Stores, asked: list[tuple[str, Statement]]
):
    assert len({name for name, _ in asked}) == len(HOT)
    if stores.kind == "sqlite":  # PostgreSQL counts by itself; SQLite only once somebody has it do so
        assert not (found := too_much(stores, asked)), found
    house.services.analyse_stores()
    assert not (found := too_much(stores, asked)), found


def test_a_search_of_everything_looks_through_the_newest_entries_and_no_more(house: House, stores: Stores, child: UUID):
    """Its bound is a moment of each child's record as it is now, so it is asked again when the rows are there."""
    fill_views(house, stores, child)
    house.services.analyse_stores()
    for who, text in ((house.ot, "laces"), (house.ot, "nowhere"), (house.teacher, "laces"), (house.lead, "nowhere")):
        with statements_of(house.services) as sent:
            answer = house.services.doors.ask(who, Find(text))
        assert answer.newest_only == MOST_OF_A_CHILD
        looked = [("find", s) for s in sent if s.store == "views" and "timeline_entries" in s.text]
        assert len(looked) >= 2
        assert not (found := too_much(stores, looked)), found
