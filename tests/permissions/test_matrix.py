"""Roles x relations x commands and questions x notes x states, through the doors, against a table written by hand."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from coord.application import COMMANDS, QUESTIONS
from coord.application.groups import commands as w
from coord.bootstrap import build
from coord.settings import Settings
from tests.permissions.cast import BEFORE, Cast, Entry, Hands, Viewer
from tests.permissions.table import (
    ABOUT_A_CHILD,
    ABOUT_A_COURSE,
    ABOUT_NO_CHILD,
    OPERATOR,
    REFUSED_WHEN_CLOSED,
    REFUSED_WHEN_ENDED,
    STANDS_IN,
    about_a_goal,
    about_a_measure,
    about_a_note,
    about_a_strategy,
    reads,
    reads_goal,
    standing,
    standing_in_a_course,
)
from tests.postgres import Postgres

NOTES = (
    "CosignNote",
    "EntrustCosignature",
    "ReadCosigners",
    "AddAddendum",
    "AmendNote",
    "CorrectNoteCircumstances",
    "EnterNoteInError",
    "ChangeNoteAudience",
    "ReadNote",
    "ReadNoteReaders",
)


GOALS = (
    "ReviseGoal",
    "AgreeGoal",
    "ChangeGoalStatus",
    "EnterGoalInError",
    "ObserveGoal",
    "EnterObservationInError",
    "ReadGoal",
)
STRATEGIES = ("TellOfStrategy", "EndStrategy")
MEASURES = ("EnterMeasureInError",)


@pytest.fixture(scope="module")
def cast() -> Iterator[Cast]:
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # twenty thousand accesses, each made durable
    folder = Path(tempfile.mkdtemp(dir=memory))
    hands = Hands(BEFORE)
    services = build(Settings(data=folder), hands)
    yield Cast(services, hands)
    services.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def postgres_cast(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    url, hands = postgres.new_database(), Hands(BEFORE)
    services = build(Settings(data=tmp_path_factory.mktemp("var"), database_url=url), hands)
    yield Cast(services, hands)
    services.close()
    postgres.drop_database(url)


Cell = tuple[Viewer, str, UUID | None, Entry | None]


def cells(cast: Cast) -> Iterator[Cell]:
    for viewer in cast.viewers:
        for name in ABOUT_NO_CHILD:
            yield viewer, name, None, None
        for course in (cast.course, cast.ended):
            for name in ABOUT_A_COURSE:
                yield viewer, name, course, None
        for case in (cast.open, cast.closed):
            for name in ABOUT_A_CHILD:
                if name not in NOTES + GOALS + STRATEGIES + MEASURES:
                    yield viewer, name, case, None
                    continue
                for entry in entries_for(cast, viewer, case, name):
                    yield viewer, name, case, entry


def entries_for(cast: Cast, viewer: Viewer, case: UUID, name: str) -> list[Entry]:
    """The authors' entries and one's own; for somebody who knows no child, some of them are as good as all."""
    for names, kind in ((GOALS, cast.goals), (STRATEGIES, cast.strategies), (MEASURES, cast.measures)):
        if name in names:
            every = kind[case]
            break
    else:
        every = cast.notes[case]
    role, authors = viewer.actor.role.value, {a.person_id for a in cast.author.values()}
    entries = [n for n in every if n.author in authors or n.author == viewer.actor.person_id]
    who = standing(role, on_care_team=viewer.on_care_team, same_service_team=viewer.same_service_team)
    return entries if who else entries[:3]


def expected(cast: Cast, cell: Cell) -> str:
    viewer, name, case, note = cell
    role = viewer.actor.role.value
    if case is None:
        return "allowed" if role in ABOUT_NO_CHILD[name] else "refused"
    if name in ABOUT_A_COURSE:
        return expected_of_course(cast, viewer, name, case)
    if viewer.operator:
        return "allowed" if name in OPERATOR else "refused"
    who = standing(role, on_care_team=viewer.on_care_team, same_service_team=viewer.same_service_team)
    if who is None:
        return "hidden"
    if who not in ABOUT_A_CHILD[name]:
        return "refused"
    own = same = False
    if note is not None:
        own = note.author == viewer.actor.person_id
        same = viewer.actor.discipline is not None and note.discipline == viewer.actor.discipline.value
        if not reads_it(who, note, own=own, same=same):
            return "hidden"
    if name in REFUSED_WHEN_CLOSED and case == cast.closed:
        return "conflict"
    if note is None:
        return "allowed"
    match note.kind:
        case "goal":
            return about_a_goal(name, who, own=own, status=note.status)
        case "strategy":
            return about_a_strategy(name, status=note.status)
        case "measure":
            return about_a_measure(who, own=own, status=note.status)
    return about_a_note(name, who, own=own, same_discipline=same, status=note.status)


def expected_of_course(cast: Cast, viewer: Viewer, name: str, course: UUID) -> str:
    role = viewer.actor.role.value
    who = standing_in_a_course(role, on_staff=viewer.on_staff, same_service_team=viewer.same_service_team)
    if who is None:
        return "hidden"
    if who not in ABOUT_A_COURSE[name]:
        return "refused"
    if name == "ReadFit":  # about a child as well, whom one has to know, or to have in the course
        treats = role == "therapist" and viewer.on_care_team
        in_it = course == cast.course and who in ("staff", "lead")
        return "allowed" if treats or in_it or who == "lead" else "hidden"
    return "conflict" if name in REFUSED_WHEN_ENDED and course == cast.ended else "allowed"


def reads_it(who: str, entry: Entry, *, own: bool, same: bool) -> bool:
    facts = {"own": own, "same_discipline": same, "audience": entry.audience}
    match entry.kind:
        case "goal":
            return reads_goal(who, **facts, status=entry.status, agreed=entry.agreed)  # type: ignore[arg-type]
        case "strategy":
            return reads(who, **facts, status="signed")  # type: ignore[arg-type]
        case "measure":
            return True
    return reads(who, **facts, status=entry.status)  # type: ignore[arg-type]


def compare(cast: Cast, chosen: list[Cell]) -> list[str]:
    wrong = []
    for cell in chosen:
        viewer, name, case, note = cell
        if case is None:
            wish = cast.about_no_child(name, viewer.actor.team)
        elif name in ABOUT_A_COURSE:
            wish = cast.about_a_course(name, case)
        else:
            wish = cast.about_a_child(name, case, note.id if note else uuid4())
        want, got = expected(cast, cell), cast.outcome(viewer, wish)
        if want != got:
            state = "" if case is None else "open" if case in (cast.open, cast.course) else "closed"
            wrong.append(f"{viewer.actor.name} {name} {state} {note}: {got}, the table says {want}")
    return wrong


def test_the_doors_agree_with_the_table_in_every_cell(cast: Cast):
    every = list(cells(cast))
    print(len(every), "cells")  # shown with pytest -s
    assert len(every) >= 10_000
    before = cast.doors.record.head()
    wrong = compare(cast, every)
    assert not wrong, f"{len(wrong)} of {len(every)}:\n" + "\n".join(wrong[:20])
    assert cast.doors.record.head() == before, "a trial changed something"


def test_the_table_meets_every_outcome_often(cast: Cast):
    # A matrix in which nearly all cells say "hidden" would prove little.
    found = [expected(cast, cell) for cell in cells(cast)]
    assert {o: found.count(o) > 500 for o in set(found)} == dict.fromkeys(
        ("allowed", "hidden", "refused", "conflict"), True
    )


def test_postgresql_agrees_too(postgres_cast: Cast):
    some = random.Random(7).sample(list(cells(postgres_cast)), 900)
    wrong = compare(postgres_cast, some)
    assert not wrong, "\n".join(wrong[:20])


def test_the_table_leaves_nothing_out():
    assert {k.__name__ for k in (*COMMANDS, *QUESTIONS)} == set(ABOUT_A_CHILD) | set(ABOUT_A_COURSE) | set(
        ABOUT_NO_CHILD
    )


def test_somebody_elses_course_is_answered_exactly_like_no_course(cast: Cast):
    for viewer in cast.viewers:
        role = viewer.actor.role.value
        if standing_in_a_course(role, on_staff=viewer.on_staff, same_service_team=viewer.same_service_team):
            continue
        for name in ABOUT_A_COURSE:
            answers = [cast.error(viewer, cast.about_a_course(name, course)) for course in (cast.course, uuid4())]
            told = [(type(e), getattr(e, "code", None), getattr(e, "params", None)) for e in answers]
            assert told[0] == told[1], (viewer, name)


def test_somebody_elses_child_is_answered_exactly_like_no_child(cast: Cast):
    for viewer in cast.viewers:
        role = viewer.actor.role.value
        if viewer.operator or standing(
            role, on_care_team=viewer.on_care_team, same_service_team=viewer.same_service_team
        ):
            continue
        for name in ABOUT_A_CHILD:
            note = cast.notes[cast.open][0].id
            there = cast.error(viewer, cast.about_a_child(name, cast.open, note))
            nowhere = cast.error(viewer, cast.about_a_child(name, uuid4(), note))
            assert there is not None
            assert nowhere is not None
            assert (type(there), there.code, there.params, there.args) == (
                type(nowhere),
                nowhere.code,
                nowhere.params,
                nowhere.args,
            )


def test_an_entry_one_may_not_read_is_answered_exactly_like_no_entry(cast: Cast):
    teacher = next(v for v in cast.viewers if v.actor.name == "teacher on South")
    hidden = next(n for n in cast.notes[cast.open] if n.audience == "own-discipline")
    for name in NOTES:
        if name in ("CosignNote", "ReadNoteReaders"):
            continue
        there = cast.error(teacher, cast.about_a_child(name, cast.open, hidden.id))
        nowhere = cast.error(teacher, cast.about_a_child(name, cast.open, uuid4()))
        elsewhere = cast.error(teacher, cast.about_a_child(name, cast.open, cast.notes[cast.closed][0].id))
        assert [(type(e), getattr(e, "code", None), getattr(e, "params", None)) for e in (there, elsewhere)] == [
            (type(nowhere), getattr(nowhere, "code", None), getattr(nowhere, "params", None))
        ] * 2


def test_a_goal_or_strategy_one_may_not_read_is_answered_exactly_like_none(cast: Cast):
    teacher = next(v for v in cast.viewers if v.actor.name == "teacher on South")
    for names, kind, audience in (
        (("ReadGoal", "ObserveGoal", "EnterObservationInError"), cast.goals, "own-discipline"),
        (("TellOfStrategy",), cast.strategies, "care-team-and-family"),
    ):
        hidden = next(n for n in kind[cast.open] if n.audience == audience)
        proposed = next(n for n in kind[cast.open] if n.audience == audience or n.status == "proposed")
        for name in names:
            answers = [
                cast.error(teacher, cast.about_a_child(name, cast.open, entry))
                for entry in (uuid4(), hidden.id, proposed.id, kind[cast.closed][0].id, cast.notes[cast.open][0].id)
            ]
            told = [(type(e), getattr(e, "code", None), getattr(e, "params", None)) for e in answers]
            assert told == [told[0]] * len(told), name


def test_who_stands_in_for_one_session_may_deal_with_that_one_and_knows_of_nothing_else(cast: Cast):
    kinds = {"therapist": "ot", "student": "student", "team-lead": "lead"}
    stand_ins = {role: cast.person(f"stand-in {role}", kind, "South") for role, kind in kinds.items()}
    people = [actor.person_id for actor in stand_ins.values()]
    cast.doors.execute(cast.author["ot"], w.NameStandIns(cast.course, 3, people, "ill"))
    of_a_session = {name for name in ABOUT_A_COURSE if name.endswith("Session")}
    of_a_session |= {"NameStandIns", "SettleAttendance"}
    for role, actor in stand_ins.items():
        viewer = Viewer(actor, "none", same_service_team=False)
        for name in ABOUT_A_COURSE:
            wanted = "hidden"
            if name in of_a_session:
                wanted = "allowed" if role in STANDS_IN.get(name, ()) else "refused"
                assert cast.outcome(viewer, cast.about_a_course(name, cast.course, 4)) == "hidden", (role, name)
            assert cast.outcome(viewer, cast.about_a_course(name, cast.course, 3)) == wanted, (role, name)
    cast.doors.execute(cast.author["ot"], w.NameStandIns(cast.course, 3, [], "well again"))
    for actor in stand_ins.values():
        viewer = Viewer(actor, "none", same_service_team=False)
        assert cast.outcome(viewer, cast.about_a_course("ReadSession", cast.course, 3)) == "hidden"
