"""Which entries a person may read is decided once for a note and once in SQL for a page of them: the same decision."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, create_engine, insert, select

from coord.domain.actors import Actor, Discipline, Relation, Relationship, Role
from coord.domain.permissions import knows_child, leads_service_team, may_read_entry, may_read_goal
from coord.persistence import open_stores
from coord.projections import Caseload, Goals, Timeline
from coord.projections.engine import FOREVER
from coord.projections.timeline import Selection, standing_of
from coord.settings import Settings
from tests.domain.story import ADA, CHILD, TODAY, joined
from tests.domain.story import given as given_case

ME, OTHER = UUID(int=1), UUID(int=2)
AT = datetime(2026, 6, 1, tzinfo=UTC)
AUDIENCES = ("care-team", "own-discipline", "care-team-and-school", "care-team-and-family")
STATUSES = ("signed", "awaiting-cosignature", "cosigned", "entered-in-error")
DISCIPLINES = (None, *Discipline)

ENTRIES = [
    {"author_id": author, "audience": audience, "status": status, "discipline": d.value if d else None}
    for author, audience, status, d in itertools.product((ME, OTHER), AUDIENCES, STATUSES, DISCIPLINES)
]


def row(number: int, entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "case_id": CHILD,
        "entry_id": UUID(int=100 + number),
        "from_position": number,
        "to_position": FOREVER,
        "entered_position": number,
        "kind": "note",
        "author_name": "x",
        "role": "therapist",
        "format": "narrative",
        "setting": "home",
        "observed_from": AT,
        "observed_to": AT,
        "recorded_at": AT,
        "signed_at": AT,
        "received_at": AT,
        "version": 1,
        "text_version": 1,
        "sections": {},
        "present": [],
        "addenda": [],
        "unrated": [],
        "detail": {},
        "search_text": "",
        "unattested_text": "",
        "narrow_text": "",
        "changed_by": OTHER,
        "owner_id": entry["author_id"],
        "owner_discipline": entry["discipline"],
        **entry,
    }


@pytest.fixture(scope="module")
def sqlite() -> Any:
    engine = create_engine("sqlite://")
    yield engine
    engine.dispose()


@pytest.fixture
def views(database_url: str | None, data_folder: Path) -> Any:
    stores = open_stores(Settings(data=data_folder, database_url=database_url))
    yield stores.views
    stores.close()


def test_every_reader_sees_the_same_of_every_entry_by_rule_and_by_sql(views: Engine):
    timeline, seen = Timeline(1), 0
    with views.begin() as connection:
        timeline.metadata.create_all(connection)
        connection.execute(insert(timeline.entries), [row(i, e) for i, e in enumerate(ENTRIES, 1)])
        for role, discipline, relation, same in itertools.product(
            Role, DISCIPLINES, (None, Relation.COORDINATOR), (True, False)
        ):
            actor, child = Actor(ME, "me", role, discipline, "North"), Relationship(relation, same)
            ids = select(timeline.entries.c.from_position).where(timeline.readable(standing_of(actor, child), ME))
            by_sql = set(connection.execute(ids).scalars())
            by_rule = {
                i
                for i, e in enumerate(ENTRIES, 1)
                if may_read_entry(
                    actor,
                    child,
                    author=str(e["author_id"]),
                    audience=str(e["audience"]),
                    discipline=e["discipline"],  # type: ignore[arg-type]
                    status=str(e["status"]),
                )
            }
            assert by_sql == by_rule, (actor, child)
            rows, _ = timeline.page(  # by a statement that is put together once for all who stand alike
                connection,
                case_id=CHILD,
                actor=actor,
                child=child,
                day=TODAY,
                selection=Selection(),
                limit=len(ENTRIES),
                hide_errors=False,
            )
            assert {row["from_position"] for row in rows} == by_rule, (actor, child)
            seen += len(by_sql)
        connection.rollback()
    assert 0 < seen < len(ENTRIES) * 120


def every_reader() -> Iterator[tuple[Actor, Relationship]]:
    for role, discipline, relation, same in itertools.product(
        Role, DISCIPLINES, (None, Relation.COORDINATOR), (True, False)
    ):
        yield Actor(ME, "me", role, discipline, "North"), Relationship(relation, same)


GOALS = [
    {"author_id": a, "audience": w, "status": s, "discipline": d.value if d else None, "agreed_version": n}
    for a, w, s, d, n in itertools.product(
        (ME, OTHER), AUDIENCES, ("proposed", "active", "stopped", "entered-in-error"), DISCIPLINES, (0, 1)
    )
]


def test_every_reader_sees_the_same_of_every_goal_by_rule_and_by_sql(views: Engine):
    view, seen = Goals(1), 0
    fixed = {"case_id": CHILD, "author_name": "x", "role": "therapist", "version": 1, "content_version": 1}
    fixed |= {"scale_version": 1, "content": {}, "review_date": TODAY, "proposed_at": AT}
    rows = [{**fixed, **goal, "goal_id": UUID(int=i), "position": i} for i, goal in enumerate(GOALS, 1)]
    with views.begin() as connection:
        view.metadata.create_all(connection)
        connection.execute(insert(view.goals), rows)
        for actor, child in every_reader():
            by_sql = {r["position"] for r in view.of_case(connection, CHILD, actor, child)}
            by_rule = {
                i
                for i, goal in enumerate(GOALS, 1)
                if may_read_goal(
                    actor,
                    child,
                    author=str(goal["author_id"]),
                    audience=str(goal["audience"]),
                    discipline=goal["discipline"],  # type: ignore[arg-type]
                    status=str(goal["status"]),
                    agreed=bool(goal["agreed_version"]),
                )
            }
            assert by_sql == by_rule, (actor, child)
            seen += len(by_sql)
        connection.rollback()
    assert 0 < seen < len(GOALS) * 120


SEEN = [
    {"observer_id": who, "role": role, "context": context, "marked": marked}
    for who, role, context, marked in itertools.product(
        (ME, OTHER), ("therapist", "student", "teacher"), ("therapy", "home", "school", "community"), ("", "a slip")
    )
]


def may_read_observation(
    actor: Actor, child: Relationship, *, observer: str, by_student: bool, context: str, marked: bool
) -> bool:
    """The rule in words, for the view alone reads observations."""
    if observer == str(actor.person_id):
        return True
    if marked and not leads_service_team(actor, child):
        return False
    return actor.role is not Role.TEACHER or (context == "school" and not by_student)


def test_every_reader_sees_the_same_of_every_observation_by_rule_and_by_sql(views: Engine):
    view, goal = Goals(1), UUID(int=7)
    fixed = {"case_id": CHILD, "goal_id": goal, "level": 0, "scale_version": 1, "support": "", "remark": ""}
    fixed |= {"observed_at": AT, "received_at": AT, "observer_name": "x", "reported_by": ""}
    fixed |= {"seen_as": "writer", "seen_person": None, "seen_relation": "", "answered": []}
    rows = [{**fixed, **o, "observation_id": UUID(int=i), "position": i} for i, o in enumerate(SEEN, 1)]
    with views.begin() as connection:
        view.metadata.create_all(connection)
        connection.execute(insert(view.observations), rows)
        for actor, child in every_reader():
            if not knows_child(actor, child):
                continue
            for marked_too in (False, True):
                found = view.observed_of(connection, CHILD, actor, child, [goal], marked_too=marked_too)[goal]
                by_rule = {
                    i
                    for i, o in enumerate(SEEN, 1)
                    if (marked_too or not o["marked"])
                    and may_read_observation(
                        actor,
                        child,
                        observer=str(o["observer_id"]),
                        by_student=o["role"] == "student",
                        context=str(o["context"]),
                        marked=bool(o["marked"]),
                    )
                }
                assert {o["position"] for o in found} == by_rule, (actor, child)
        connection.rollback()


DAYS = st.integers(-3, 3).map(lambda n: TODAY + timedelta(days=n))


@settings(deadline=None)
@given(
    since=DAYS,
    until=st.none() | DAYS,
    team=st.sampled_from(["North", "South", ""]),
    role=st.sampled_from(list(Role)),
    member=st.booleans(),
)
def test_the_case_and_the_view_agree_on_what_a_person_is_to_the_child(
    sqlite: Engine, since: date, until: date | None, team: str, role: Role, member: bool
):
    actor = Actor(ADA.person_id, "Ada", role, None, team)
    past = [joined(ADA, "coordinator", since.isoformat(), until.isoformat() if until else None)] if member else []
    story = given_case(*past)
    caseload = Caseload(1)
    with sqlite.connect() as connection:
        caseload.metadata.create_all(connection)
        replay(caseload, connection, story.past)
        seen = caseload.relationship(connection, CHILD, actor, TODAY)
        listed = {case["case_id"]: child for case, child in caseload.children_of(connection, actor, TODAY)}
        connection.rollback()
    assert seen == story.state.relationship_of(actor, TODAY)
    assert listed == ({CHILD: seen} if knows_child(actor, seen) else {})


def replay(view: Any, connection: Connection, events: list[Any]) -> None:
    from coord.projections.engine import Writer

    writer = Writer(connection)
    for position, event in enumerate(events, 1):
        if type(event) in view.by_event:
            view.by_event[type(event)](writer, event, position)
    writer.flush()
