"""What a look says it was for and showed; the log's table as earlier versions made it; and its pages at many rows."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, insert, inspect, text

from coord.application.case.questions import ExportCase, ReadCase
from coord.application.declared import DECLARED, that_list_children
from coord.application.doors import COMMANDS, QUESTIONS
from coord.application.find.questions import Find
from coord.application.goals.questions import ReadGoals
from coord.application.groups.questions import ReadMySessions, ReadRoster
from coord.application.history.questions import HistoryFilter, ReadAudit, ReadHistory
from coord.application.home.questions import ReadCaseload
from coord.application.looking import OF_THE_TIMELINE, Category, Purpose
from coord.application.notes.commands import EnterNoteInError
from coord.application.people.questions import ReadMe, ReadPeople
from coord.application.timeline.questions import EntryKind, ReadTimeline
from coord.domain.actors import COMMAND_LINE, Discipline, Relation, Relationship, Role
from coord.domain.errors import NotPermitted
from coord.office.access import AccessLog, Look, looks
from coord.projections import History, Timeline
from coord.projections.timeline import Selection
from coord.web.labels import DATA_CATEGORIES, PURPOSES
from tests.group_story import a_group
from tests.house import NOW, House, open_house


@pytest.fixture
def house(data_folder: Path, database_url: str | None) -> Iterator[House]:
    with open_house(data_folder, database_url) as house:
        yield house


def last(house: House) -> int:
    return max((int(x["id"]) for x in house.services.access.page(limit=1)), default=0)


def test_every_question_says_what_it_shows_and_every_code_has_words():
    assert DECLARED.keys() == {kind.__name__ for kind in (*COMMANDS, *QUESTIONS)}
    assert OF_THE_TIMELINE.keys() == set(EntryKind)
    assert PURPOSES.keys() == set(Purpose)
    assert DATA_CATEGORIES.keys() == set(Category)
    assert set(that_list_children()) == {
        *("ReadCaseload", "ReadWaiting", "ReadForSupply", "ReadAudit", "ReadNextToWrite", "Find")
    }


def test_a_look_says_what_it_was_for_and_which_data_it_showed(house: House):
    house.note(house.ot)
    group = a_group(house, 1)
    expected: Any = (
        (house.ot, ReadTimeline(house.child), "care", "care-team identity notes"),
        (house.teacher, ReadTimeline(house.child), "school", "care-team identity"),
        (house.lead, ReadTimeline(house.child), "team-lead-review", "care-team identity notes"),
        (house.lead, ReadHistory(house.child), "team-lead-review", "history identity"),
        (house.lead, ReadHistory(house.child, export="csv"), "export", "history identity"),
        (house.lead, ExportCase(house.child), "export", "record"),
        (COMMAND_LINE, ExportCase(house.child), "operator", "record"),
        (house.ot, ReadGoals(house.child), "care", "goals identity strategies"),
        (house.ot, ReadMe(), "account", ""),
        (house.ot, ReadPeople(), "service", ""),
        (house.ot, ReadCaseload(), "care", "identity"),
        (house.ot, Find("laces"), "care", "identity notes"),
        (house.stranger, ReadRoster(group.course), "care", "goals groups identity"),
        (house.lead, ReadAudit(choices=True), "team-lead-review", "history identity"),
    )
    for actor, question, purpose, categories in expected:
        before = last(house)
        house.services.doors.ask(actor, question)
        new = [x for x in house.services.access.page(limit=20) if x["id"] > before]
        about = [x for x in new if x["case_id"] is not None] or new
        assert {x["purpose"] for x in about} == {purpose}, question
        assert categories in {x["categories"] for x in about}, question


def test_what_was_refused_showed_nothing(house: House):
    with pytest.raises(Exception, match="not-permitted"):
        house.services.doors.ask(house.teacher, ReadHistory(house.child))
    (look,) = house.services.access.page(limit=1)
    assert (look["outcome"], look["purpose"], look["categories"]) == ("refused", "", "")


def test_a_list_of_many_children_is_one_insert_and_one_commit(house: House):
    for number in range(6):
        house.open_case(f"Child {number}", members=())
    engine, written, commits = house.services.access._engine, list[bool](), list[int]()

    def said(_connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith("INSERT"):
            written.append(many)
            event.listen(engine, "commit", committed)

    def committed(_connection: Any) -> None:
        commits.append(1)

    before = last(house)
    event.listen(engine, "before_cursor_execute", said)
    house.services.doors.ask(house.ot, ReadCaseload())
    event.remove(engine, "before_cursor_execute", said)
    event.remove(engine, "commit", committed)
    assert len([x for x in house.services.access.page(limit=20) if x["id"] > before]) == 7
    assert (written, commits) == ([True], [1])


def test_what_one_page_asks_together_is_of_one_state_and_recorded_at_once(house: House):
    engine, written = house.services.access._engine, list[str]()
    child, today, before = house.child, NOW.date(), last(house)

    def said(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        written.extend(["looks"] * statement.startswith("INSERT"))

    event.listen(engine, "before_cursor_execute", said)
    caseload, mine = house.services.doors.ask_together(house.ot, ReadCaseload(), ReadMySessions(today, today))
    event.remove(engine, "before_cursor_execute", said)
    new = [x["kind"] for x in house.services.access.page(limit=20) if x["id"] > before]
    assert (new, written) == (["ReadMySessions", "ReadCaseload", "ReadCaseload"], ["looks"])
    assert caseload.shown == mine.shown
    assert [child["case_id"] for child in caseload.children] == [child]


def test_of_what_is_asked_together_nothing_is_shown_if_one_is_refused(house: House):
    before = last(house)
    with pytest.raises(NotPermitted):
        house.services.doors.ask_together(house.teacher, ReadCaseload(), ReadHistory(house.child))
    new = [x for x in house.services.access.page(limit=20) if x["id"] > before]
    assert [(x["kind"], x["outcome"]) for x in new] == [("ReadHistory", "refused")]


# ---- a table that an earlier version made ------------------------------------------------------------------------

OLD = [c for c in looks.c if c.name not in ("purpose", "categories")]


def made_by_an_earlier_version(house: House) -> None:
    engine = house.services.access._engine
    with engine.execution_options(write=True).begin() as connection:
        for index in looks.indexes:
            connection.execute(text(f"DROP INDEX {index.name}"))
        connection.execute(text("ALTER TABLE looks DROP COLUMN purpose"))
        connection.execute(text("ALTER TABLE looks DROP COLUMN categories"))
        connection.execute(text("CREATE INDEX looks_at ON looks (at)"))
        connection.execute(text("CREATE INDEX looks_case ON looks (case_id, id)"))


def test_a_log_of_before_gets_its_columns_and_indexes_and_no_row_is_written_anew(house: House):
    house.services.doors.ask(house.ot, ReadCase(house.child))
    made_by_an_earlier_version(house)
    engine = house.services.access._engine
    with engine.begin() as connection:
        before = connection.execute(text("SELECT id, at, person_id, kind FROM looks ORDER BY id")).all()
    for _ in range(2):  # opening twice is harmless
        AccessLog(engine).create()
    with engine.begin() as connection:
        assert connection.execute(text("SELECT id, at, person_id, kind FROM looks ORDER BY id")).all() == before
        assert connection.execute(text("SELECT count(*) FROM looks WHERE purpose IS NOT NULL")).scalar() == 0
        found = inspect(connection)
        assert {c["name"] for c in found.get_columns("looks")} == {c.name for c in looks.c}
        assert {i["name"] for i in found.get_indexes("looks")} == {i.name for i in looks.indexes}
    house.services.doors.ask(house.ot, ReadCase(house.child))
    new, old = house.services.access.page(limit=2)
    assert (new["purpose"], new["categories"]) == ("care", "care-team identity")
    assert (old["purpose"], old["categories"]) == (None, None)
    items = house.services.doors.ask(house.lead, ReadHistory(house.child, HistoryFilter(kind="ReadCase"))).items
    assert [(x["purpose"], x["categories"]) for x in items] == [
        ("care", ["care-team", "identity"]),
        (None, None),
    ]


# ---- many rows ---------------------------------------------------------------------------------------------------

ROWS, CHILDREN, PEOPLE = 50_000, 200, 80


@pytest.fixture
def crowd(house: House) -> tuple[House, list[UUID], list[UUID]]:
    chance = random.Random(7)
    cases = [UUID(int=chance.getrandbits(128)) for _ in range(CHILDREN)]
    people = [UUID(int=chance.getrandbits(128)) for _ in range(PEOPLE)]
    kinds = ("ReadTimeline", "ReadNote", "ReadCaseload", "ReadRoster", "ReadAudit")
    views = house.services.views
    with views._bulk_writer.begin() as connection:
        history: Any = views._live_views(views._read_states(connection))[History]
    table = history.changes
    for start in range(0, ROWS, 10_000):
        numbers = range(start + 1, start + 10_001)
        house.services.access.record(
            *(
                Look(
                    at=NOW + timedelta(seconds=n),
                    kind=chance.choice(kinds),
                    person_id=chance.choice(people),
                    case_id=chance.choice([None, *cases]),
                    position=n,
                )
                for n in numbers
            )
        )
        rows = [
            {
                "position": 1_000_000 + n,
                "stream_id": (case := chance.choice(cases)),
                "case_id": case,
                "kind": "case.note-signed",
                "at": NOW + timedelta(seconds=n),
                "person_id": chance.choice(people),
                "person_name": "x",
                "role": "therapist",
                "request": "",
                "version": 1,
                "detail": {},
            }
            for n in numbers
        ]
        with views._bulk_writer.begin() as connection:
            connection.execute(insert(table), rows)
    for engine in (house.services.access._engine, views._reader):
        if engine.dialect.name == "postgresql":
            with engine.execution_options(write=True).begin() as connection:
                connection.execute(text("ANALYZE"))
    return house, cases, people


def plan_of(engine: Engine, ask: Any) -> str:
    """How the database finds the answer to the last statement."""
    said: list[tuple[str, Any]] = []

    def heard(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        said.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", heard)
    ask()
    event.remove(engine, "before_cursor_execute", heard)
    statement, parameters = said[-1]
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with engine.begin() as connection:
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters))


def test_a_page_of_the_history_or_the_audit_sorts_nothing(crowd: Any):
    house, cases, people = crowd
    access, views = house.services.access, house.services.views
    with views._bulk_writer.begin() as connection:
        history: Any = views._live_views(views._read_states(connection))[History]
    team: Any = {"cases": cases[:12], "people": people[:8], "at_many": ["ReadRoster"], "lists": that_list_children()}
    streams: Any = {"streams": {*cases[:12], *people[:8]}, "authors": people[:8]}
    middle = (NOW + timedelta(seconds=ROWS // 2), ROWS // 2)

    def changes(**asked: Any) -> None:
        with views._reader.begin() as connection:
            history.page(connection, limit=51, **asked)

    plans = {
        "looks at a child": plan_of(access._engine, lambda: access.page(case_id=cases[0], limit=51)),
        "older": plan_of(access._engine, lambda: access.page(case_id=cases[0], before=middle, limit=51)),
        "looks of a team": plan_of(access._engine, lambda: access.page(**team, limit=51)),
        "older of a team": plan_of(access._engine, lambda: access.page(**team, before=middle, limit=51)),
        "changes of a child": plan_of(views._reader, lambda: changes(case_id=cases[0])),
        "changes of a team": plan_of(views._reader, lambda: changes(**streams)),
        "older changes of a team": plan_of(views._reader, lambda: changes(**streams, before=middle)),
    }
    if access._engine.dialect.name == "sqlite":  # PostgreSQL counts, and sorts the few that one person did
        plans["of a person"] = plan_of(access._engine, lambda: access.page(**team, person=people[0], limit=51))
        plans["changes by one"] = plan_of(views._reader, lambda: changes(**streams, person=people[0]))
    sorting = {name: plan for name, plan in plans.items() if "Sort" in plan or "TEMP B-TREE" in plan}
    assert sorting == {}
    assert all("SCAN looks\n" not in f"{plan}\n" and "Seq Scan" not in plan for plan in plans.values()), plans


def test_what_one_reader_may_read_is_not_what_the_next_one_gets(house: House):
    """The statement of a timeline is put together once for all who may read alike: who asks is never a part of it."""
    next_teacher = house.person("Tove Rask", Role.TEACHER, Discipline.SCHOOL, house.teacher.team)
    in_school = ((house.teacher, Relation.CLASS_TEACHER), (next_teacher, Relation.SUPPORT_TEACHER))
    child = house.open_case("Noa", members=((house.slt, Relation.SPEECH_THERAPIST), *in_school))
    mine = house.note(house.teacher, "He waited.", case_id=child, audience="care-team")
    theirs = house.note(next_teacher, "He ran.", case_id=child, audience="care-team")
    shared = house.note(house.slt, "He spoke.", case_id=child, audience="care-team-and-school")
    elsewhere = house.note(house.teacher, "She sang.")
    readable = {
        (house.teacher, child): {mine, shared},
        (next_teacher, child): {theirs, shared},
        (house.slt, child): {mine, theirs, shared},
        (house.teacher, house.child): {elsewhere},
    }
    for _again in range(2):
        for (reader, of), notes in readable.items():
            answer = house.services.doors.ask(reader, ReadTimeline(of))
            assert {row["entry_id"] for row in answer.items if row["kind"] == "note"} == notes, reader.name


def test_who_stands_otherwise_to_the_child_gets_another_statement(house: House):
    """Of each two of these readers, one thing about them is another: role, discipline, knowing, or leading."""
    colleague = house.person("Sara Vik", Role.THERAPIST, Discipline.SLT)
    elsewhere = house.person("Lars Eng", Role.TEAM_LEAD, team="South")
    everybodys = house.note(house.ot)
    narrow = house.note(house.slt, audience="own-discipline")
    wrong = house.note(house.ot)
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, wrong, "Of another child"))
    on_team, at_school = Relationship(Relation.SPEECH_THERAPIST), Relationship(Relation.CLASS_TEACHER)
    readers: Any = (
        (house.teacher, at_school, set()),
        (replace(house.teacher, role=Role.THERAPIST), at_school, {everybodys}),
        (colleague, on_team, {everybodys, narrow}),
        (house.psychologist, on_team, {everybodys}),
        (colleague, Relationship(), set()),
        (house.lead, Relationship(same_service_team=True), {everybodys, wrong}),
        (elsewhere, Relationship(Relation.COORDINATOR), {everybodys}),
    )
    with house.services.views.reading(house.services.record.head()) as snapshot:
        for reader, child, notes in readers:
            rows, _ = snapshot.view(Timeline).page(
                snapshot.connection,
                case_id=house.child,
                actor=reader,
                child=child,
                day=NOW.date(),
                selection=Selection(),
                limit=50,
                hide_errors=False,
            )
            assert {row["entry_id"] for row in rows if row["kind"] == "note"} == notes, reader


def test_a_late_note_is_news_to_others_and_not_to_its_author(house: House):
    colleague = house.person("Sara Vik", Role.THERAPIST, Discipline.SLT)
    both = (house.slt, colleague)
    child = house.open_case("Noa", members=[(person, Relation.SPEECH_THERAPIST) for person in both])
    house.note(house.ot, case_id=child)
    for reader in both:
        house.services.doors.ask(reader, ReadTimeline(child))
    house.clock.turn(hours=1)
    late = house.note(house.slt, "A week ago.", case_id=child, observed_from=NOW - timedelta(days=7))
    for reader, news in zip(both, ([], [late]), strict=True):
        answer = house.services.doors.ask(reader, ReadTimeline(child, limit=1))
        assert [row["entry_id"] for row in answer.further_down] == news
