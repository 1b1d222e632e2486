"""The child's circle: each person named once, put right, and what was told under a typed name joined to them."""

from typing import Any
from uuid import UUID

from coord.domain.actors import Actor
from coord.domain.case import CircleNameJoined, CirclePersonCorrected, CirclePersonNamed
from coord.domain.case.circle import MOST_IN_CIRCLE, circle_for, correct_person, join_name, name_person
from coord.domain.errors import Conflict, NotFound, Stale
from tests.domain.story import ADA, LEA, PIA, TESS, Fact, Story, closed, given
from tests.domain.story import joined as on_the_team

MIA = UUID(int=41)
mia = Fact(CirclePersonNamed, person=str(MIA), name="Mia Così", relation="mother")
joined = Fact(CircleNameJoined, written="Mum", person=str(MIA), name="Mia Così")


def name(
    story: Story, by: Actor = ADA, person: UUID = MIA, called: str = "Mia Così", relation: str = "mother"
) -> Story:
    return story.when(name_person, actor=by, person_id=person, name=called, relation=relation)


def correct(story: Story, by: Actor = ADA, expected: int | None = 1, **changes: Any) -> Story:
    wanted: dict[str, Any] = {"name": None, "relation": None, "listed": None, "reason": "a typo", **changes}
    return story.when(correct_person, actor=by, person_id=MIA, expected_version=expected, **wanted)


def join(story: Story, written: str = "Mum", person: UUID | None = MIA) -> Story:
    return story.when(join_name, actor=ADA, written=written, person_id=person)


# ---- named once --------------------------------------------------------------------------------------------------


def test_somebody_is_named_with_what_they_are_to_the_child():
    name(given(), called=" Mia Così ").then(
        Fact(CirclePersonNamed, person=str(MIA), name="Mia Così", relation="mother")
    )


def test_an_id_of_the_circle_is_taken():
    name(given(mia), called="Mia Casa").refused("/id id-taken")


def test_one_person_is_in_the_list_once():
    name(given(mia), person=UUID(int=42), called="MIA  COSÌ").refused("/name in-circle-already")
    name(given(mia), person=UUID(int=42), relation="grandparent").then(Fact(CirclePersonNamed))  # a namesake


def test_an_id_of_the_care_team_is_taken():
    name(given(on_the_team(PIA, "psychologist")), person=PIA.person_id).refused("/id id-taken")


def test_what_makes_no_sense_is_refused():
    name(given(), called="").refused("/name missing")
    name(given(), relation="boss").refused("/relation unknown-choice")
    name(given(), called="a\nb").refused("/name broken-characters")
    name(given(closed)).refused("case-closed", Conflict)
    many = (Fact(CirclePersonNamed, person=str(n), name=f"P{n}", relation="other") for n in range(MOST_IN_CIRCLE))
    name(given(*many)).refused("circle-full", Conflict)


# ---- put right ---------------------------------------------------------------------------------------------------


def test_a_name_is_put_right_and_the_earlier_one_stays_in_the_record():
    correct(given(mia), LEA, name="Mia Casa").then(
        Fact(
            CirclePersonCorrected,
            LEA,
            person=str(MIA),
            changes={"name": "Mia Casa"},
            before={"name": "Mia Così"},
            reason="a typo",
        )
    )


def test_somebody_can_be_taken_off_the_list_and_put_on_it_again():
    off = Fact(CirclePersonCorrected, person=str(MIA), changes={"listed": False}, before={"listed": True}, reason="x")
    correct(given(mia), listed=False).then(Fact(CirclePersonCorrected, changes={"listed": False}))
    correct(given(mia, off), expected=2, listed=True).then(Fact(CirclePersonCorrected, changes={"listed": True}))
    correct(given(mia, off, closed), expected=2, listed=True).then(Fact(CirclePersonCorrected))


def test_a_correction_of_something_else_or_of_nothing_is_refused():
    correct(given(mia), name="Mia Casa", expected=2).refused("stale", Stale)
    correct(given(mia)).refused("nothing-changed", Conflict)
    correct(given(mia), name="Mia Casa", reason="").refused("/reason missing")
    correct(given(), name="Mia Casa").refused("no-such-person", NotFound)
    other = Fact(CirclePersonNamed, person=str(UUID(int=42)), name="Ines", relation="mother")
    correct(given(mia, other), name="ines").refused("/name in-circle-already")


# ---- whose a typed name is ---------------------------------------------------------------------------------------


def test_a_typed_name_is_joined_to_somebody_of_the_circle_however_it_was_typed():
    story = join(given(mia)).then(Fact(CircleNameJoined, written="Mum", person=str(MIA), name="Mia Così"))
    assert dict(story.state.circle_names) == {"mum": str(MIA)}
    join(given(mia, joined), written=" MUM ").refused("nothing-changed", Conflict)


def test_a_wrong_joining_is_taken_apart_again():
    story = join(given(mia, joined), person=None).then(Fact(CircleNameJoined, written="Mum", person="", name=""))
    assert dict(story.state.circle_names) == {}
    join(given(mia), person=None).refused("nothing-changed", Conflict)


def test_a_name_is_joined_to_nobody_who_is_not_there():
    join(given()).refused("/person not-in-circle")
    join(given(mia), written=" ").refused("/written missing")


def test_the_school_knows_of_the_people_of_the_school_alone():
    aide = Fact(CirclePersonNamed, person=str(UUID(int=42)), name="Ivo", relation="assistant")
    circle = given(mia, aide).state.circle
    assert set(circle_for(circle, TESS)) == {str(UUID(int=42))}
    assert set(circle_for(circle, ADA)) == set(circle)


def test_a_name_is_the_same_without_its_accents_and_with_more_spaces():
    name(given(mia), person=UUID(int=42), called="mia  cosi").refused("/name in-circle-already")
    join(given(mia, joined), written="MÜM ").refused("nothing-changed")
