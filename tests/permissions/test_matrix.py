"""Roles x relations x commands and questions x notes x states, through the doors, against a table written by hand.

The cells themselves are tried in the files beside this one, a part each.
"""

import random
from collections import Counter
from pathlib import Path
from uuid import uuid4

from coord.application import COMMANDS, QUESTIONS
from coord.application.groups import commands as w
from tests.permissions.cast import Cast, Viewer
from tests.permissions.matrix import NOTES, PARTS, cells, compare, expected, part_of
from tests.permissions.table import (
    ABOUT_A_CHILD,
    ABOUT_A_COURSE,
    ABOUT_NO_CHILD,
    STANDS_IN,
    standing,
    standing_in_a_course,
)


def test_the_parts_are_all_cells_together_and_each_has_its_file(cast: Cast):
    counted = Counter(part_of(cast, cell) for cell in cells(cast))
    assert set(counted) == set(PARTS)
    assert counted.total() >= 36_000
    files = {path.stem.removeprefix("test_matrix_") for path in Path(__file__).parent.glob("test_matrix_*.py")}
    assert files == set(PARTS)


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
