"""The child's circle through the doors: who names whom, who reads whom, and whose the typed names are."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import CorrectInCircle, JoinNameToCircle, NameInCircle
from coord.application.case.questions import CircleAnswer, ReadCircle
from coord.application.goals import questions as r
from coord.domain.errors import InvalidInput, NotFound, NotPermitted
from tests.aims import goal, seen
from tests.house import House


def name(
    house: House, called: str = "Mia", relation: str = "mother", by: Any = None, person: UUID | None = None
) -> UUID:
    person_id = person or uuid4()
    house.services.doors.execute(by or house.ot, NameInCircle(house.child, person_id, called, relation))
    return person_id


def circle(house: House, who: Any = None) -> CircleAnswer:
    answer: CircleAnswer = house.services.doors.ask(who or house.ot, ReadCircle(house.child))
    return answer


def test_who_is_named_is_in_the_circle_from_then_on(house: House):
    mia = name(house, by=house.student)
    assert [(p.id, p.name, p.relation, p.listed) for p in circle(house).people] == [(mia, "Mia", "mother", True)]
    again = house.services.doors.execute(house.student, NameInCircle(house.child, mia, "Mia", "mother"))
    assert again.repeated
    assert len(circle(house).people) == 1


def test_a_correction_names_the_version_that_one_saw(house: House):
    mia, do = name(house), house.services.doors.execute
    done = do(house.lead, CorrectInCircle(house.child, mia, 1, "moved away", listed=False))
    assert (done.version, done.status) == (2, "not-listed")
    (person,) = circle(house).people
    assert (person.listed, person.version) == (False, 2)
    with pytest.raises(NotPermitted):
        do(house.student, CorrectInCircle(house.child, mia, 2, "back", listed=True))


def test_the_names_that_were_typed_are_listed_with_whose_they_are(house: House):
    one = goal(house)
    for written in ("Mum", "Mum", "Nonna"):
        seen(house, one, house.ot, "home", 0, reported_by=written)
    mia = name(house)
    seen(house, one, house.ot, "home", 0, seen_by=mia)  # chosen, not typed
    assert [(t.written, t.observations, t.person) for t in circle(house).typed] == [
        ("Mum", 2, None),
        ("Nonna", 1, None),
    ]
    house.services.doors.execute(house.ot, JoinNameToCircle(house.child, "mum", mia))
    assert [t.person for t in circle(house).typed] == [mia, None]
    house.services.doors.execute(house.ot, JoinNameToCircle(house.child, "mum", None))
    assert [t.person for t in circle(house).typed] == [None, None]


def test_a_name_typed_beside_a_goal_that_one_may_not_read_is_not_listed(house: House):
    hidden = goal(house, audience="own-discipline")
    seen(house, hidden, house.ot, "home", 0, reported_by="Mum")
    assert [t.written for t in circle(house).typed] == ["Mum"]
    assert circle(house, house.slt).typed == []


def test_the_school_sees_of_the_circle_only_who_is_of_the_school(house: House):
    one = goal(house)
    name(house)
    aide = name(house, "Ivo", "assistant")
    with pytest.raises(NotPermitted):
        circle(house, house.teacher)
    shown = house.services.doors.ask(house.teacher, r.ReadGoal(house.child, one)).around
    assert [(p.id, p.kind, p.name) for p in shown] == [(aide, "circle", "Ivo")]


def test_one_chooses_from_the_circle_and_the_care_team_but_oneself(house: House):
    one = goal(house)
    mia = name(house)
    shown = house.services.doors.ask(house.ot, r.ReadGoal(house.child, one)).around
    assert shown[0].id == mia
    assert house.ot.person_id not in {p.id for p in shown}
    assert house.teacher.person_id in {p.id for p in shown}


def test_what_a_colleague_saw_and_what_they_write_themselves_is_one_observer(house: House):
    one = goal(house, audience="care-team-and-school")
    seen(house, one, house.ot, "school", 0, seen_by=house.teacher.person_id)
    seen(house, one, house.teacher, "school", 0)
    found = house.services.doors.ask(house.ot, r.ReadGoal(house.child, one)).line.generalisation
    assert (found.occasions, found.observers, found.reported) == (1, 1, 0)


def test_somebody_of_another_childs_circle_is_nobody_here(house: House):
    elsewhere = house.open_case("Cleo")
    mia = uuid4()
    house.services.doors.execute(house.ot, NameInCircle(elsewhere, mia, "Mia", "mother"))
    one = goal(house)
    with pytest.raises(InvalidInput) as refusal:
        seen(house, one, house.ot, "home", 0, seen_by=mia)
    assert [(p.pointer, p.code) for p in refusal.value.problems] == [("/seen_by", "not-around-the-child")]
    with pytest.raises(NotFound):
        house.services.doors.execute(house.ot, CorrectInCircle(house.child, mia, 1, "x", name="Ines"))
