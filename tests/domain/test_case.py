"""The case: opened, corrected, closed, reopened; and who is on the care team."""

import pickle
from copy import deepcopy
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from coord.domain.actors import RELATIONS_OF_ROLE, Actor, Discipline, Relation, Relationship, Role
from coord.domain.case import child, team
from coord.domain.case.aggregate import Case
from coord.domain.case.child import CaseClosed, CaseDetailsCorrected, CaseOpened, CaseReopened
from coord.domain.case.team import TeamMemberJoined, TeamMemberLeft
from coord.domain.errors import Conflict, InvalidInput, NotFound, Stale
from coord.domain.person import Person
from tests.domain.story import (
    ADA,
    CHILD,
    DETAILS,
    LARS,
    LEA,
    NOW,
    PIA,
    TODAY,
    Fact,
    closed,
    given,
    given_person,
    joined,
)

GIVEN_DETAILS = {**DETAILS, "birth_date": date(2019, 3, 2)}


def open_with(**changes: Any) -> Case:
    return child.open_case(id=CHILD, at=NOW, actor=ADA, today=TODAY, details={**GIVEN_DETAILS, **changes})


def test_a_case_is_opened_with_its_details_cleaned():
    case = open_with(preferred_name=" Zig ", languages=["it", " en "])
    (event,) = case.pending_events
    assert isinstance(event, CaseOpened)
    assert event.details == DETAILS
    assert (case.status, case.details_version, case.members, case.summary_version) == ("open", 1, {}, 0)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"preferred_name": " "}, "/preferred_name missing"),
        ({"preferred_name": "x" * 201}, "/preferred_name too-long"),
        ({"full_name": ""}, "/full_name missing"),
        ({"full_name": "two\nlines"}, "/full_name broken-characters"),
        ({"team": ""}, "/team missing"),
        ({"school": "\ud800"}, "/school broken-characters"),
        ({"birth_date": None}, "/birth_date missing"),
        ({"birth_date": "2019-03-02"}, "/birth_date missing"),
        ({"birth_date": TODAY + timedelta(days=1)}, "/birth_date in-the-future"),
        ({"birth_date": date(1999, 12, 31)}, "/birth_date too-long-ago"),
        ({"languages": ["x"] * 11}, "/languages too-many"),
        ({"languages": "italian"}, "/languages too-many"),
        ({"languages": ["it", ""]}, "/languages/1 missing"),
    ],
)
def test_a_case_with_a_wrong_detail_is_not_opened(changes: dict[str, Any], problem: str):
    with pytest.raises(InvalidInput) as refusal:
        open_with(**changes)
    assert problem in [f"{p.pointer} {p.code}" for p in refusal.value.problems]


def test_a_school_is_not_required():
    assert open_with(school="", school_class="").details["school"] == ""


def correct(story: Any, version: int = 1, reason: str = "typing error", **changes: Any) -> Any:
    return story.when(
        child.correct_details, actor=ADA, today=TODAY, expected_version=version, changes=changes, reason=reason
    )


def test_a_correction_says_what_it_was_before():
    correct(given(), school="Oak School", preferred_name="Zig").then(
        Fact(CaseDetailsCorrected, changes={"school": "Oak School"}, before={"school": "Pine School"})
    )


def test_a_birth_date_is_corrected_too():
    correct(given(), birth_date=date(2019, 2, 3)).then(
        Fact(CaseDetailsCorrected, changes={"birth_date": "2019-02-03"}, before={"birth_date": "2019-03-02"})
    )


def test_correcting_to_what_it_is_does_nothing():
    correct(given(), school="Pine School").then_nothing()


def test_refused_corrections():
    correct(given(closed), school="Oak").refused("case-closed", Conflict)
    correct(given(), version=2, school="Oak").refused("stale", Stale)
    correct(given(), reason="", school="Oak").refused("/reason missing")
    correct(given(), preferred_name="").refused("/preferred_name missing")
    earlier = Fact(CaseDetailsCorrected, changes={"school": "Oak"}, before={"school": "Pine School"}, reason="moved")
    correct(given(earlier), version=1, school="Elm").refused("stale", Stale)
    correct(given(earlier), version=2, school="Elm").then(Fact(CaseDetailsCorrected, before={"school": "Oak"}))


def test_closing_and_reopening():
    given().when(child.close_case, actor=ADA, reason="moved away").then(Fact(CaseClosed, reason="moved away"))
    given(closed).when(child.close_case, actor=ADA, reason="again").refused("case-closed", Conflict)
    given().when(child.close_case, actor=ADA, reason=" ").refused("/reason missing")
    given(closed).when(child.reopen_case, actor=ADA, reason="came back").then(Fact(CaseReopened, reason="came back"))
    given().when(child.reopen_case, actor=ADA, reason="why").refused("case-open", Conflict)
    given(closed).when(child.reopen_case, actor=ADA, reason="").refused("/reason missing")


# ---- the care team -----------------------------------------------------------------------------------------------


def add(story: Any, relation: Relation = Relation.OCCUPATIONAL_THERAPIST, since: date = TODAY, **named: Any) -> Any:
    person = named.pop("person", None) or given_person()
    return story.when(team.add_member, actor=LEA, person=person, relation=relation, since=since, **named)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("relation", list(Relation))
def test_a_relation_fits_the_role_or_is_refused(role: Role, relation: Relation):
    person = given_person(role=role.value)
    story = add(given(), relation, person=person)
    if relation in RELATIONS_OF_ROLE[role]:
        story.then(Fact(TeamMemberJoined, LEA, person=str(person.id)))
    else:
        story.refused("/relation relation-does-not-fit-role")


def test_refused_members():
    disabled = given_person()
    disabled.disable(at=NOW, by=LEA.by(), reason="left")
    add(given(), person=disabled).refused("/person person-disabled")
    add(given(), until=TODAY - timedelta(days=1)).refused("/until before-the-start")
    add(given(closed)).refused("case-closed", Conflict)


def member(since: str, until: str | None = None) -> Fact:
    return joined(
        Actor(given_person().id, "Ada", Role.THERAPIST, Discipline.OT), "occupational-therapist", since, until
    )


def test_being_on_the_team_already_is_told():
    add(given(member("2026-01-01"))).refused("already-on-team", Conflict)
    add(given(member("2026-06-01"))).refused("already-on-team", Conflict)


def test_who_was_to_join_later_can_join_now():
    add(given(member("2026-09-01"))).then(Fact(TeamMemberJoined, LEA))


def test_who_had_an_end_can_stay_on():
    add(given(member("2026-01-01", "2026-05-01"))).then(Fact(TeamMemberJoined, LEA))


def test_leaving():
    given(joined(PIA, "psychologist")).when(team.remove_member, actor=LEA, person_id=PIA.person_id).then(
        Fact(TeamMemberLeft, LEA, person=str(PIA.person_id), name="Pia", relation="psychologist")
    )
    given().when(team.remove_member, actor=LEA, person_id=PIA.person_id).refused("not-on-team", NotFound)


@pytest.mark.parametrize(
    ("since", "until", "on"),
    [
        ("2026-05-31", None, True),
        ("2026-06-01", None, True),
        ("2026-06-02", None, False),
        ("2026-01-01", "2026-06-01", True),
        ("2026-01-01", "2026-05-31", False),
    ],
)
def test_both_days_of_a_membership_count(since: str, until: str | None, on: bool):
    relationship = given(joined(PIA, "psychologist", since, until)).state.relationship_of(PIA, TODAY)
    assert relationship == Relationship(Relation.PSYCHOLOGIST if on else None, True)


def test_the_service_team_is_compared_by_name_and_no_team_is_nobodys():
    case = given().state
    assert case.relationship_of(LEA, TODAY).same_service_team
    assert not case.relationship_of(LARS, TODAY).same_service_team
    assert not case.relationship_of(Actor(UUID(int=50), "x", Role.TEAM_LEAD), TODAY).same_service_team


def test_a_copy_of_a_case_can_be_changed_without_the_original() -> None:
    """The cache hands out copies that share their parts: an event must replace what it changes."""
    details = {**DETAILS, "birth_date": date(2019, 3, 2)}
    original = child.open_case(id=CHILD, at=NOW, actor=ADA, today=TODAY, details=details)
    person = Person.register(
        id=ADA.person_id,
        at=NOW,
        by=ADA.by(),
        name="Ada",
        email="a@example.org",
        role=ADA.role,
        discipline=ADA.discipline,
        team="North",
    )
    team.add_member(original, at=NOW, actor=ADA, person=person, relation=Relation.OCCUPATIONAL_THERAPIST, since=TODAY)
    before = pickle.dumps(vars(original))
    copy = deepcopy(original)
    assert copy.pending_events == []
    child.correct_details(
        copy, at=NOW, actor=ADA, today=TODAY, expected_version=1, changes={"school": "Elsewhere"}, reason="Moved"
    )
    team.add_member(copy, at=NOW, actor=ADA, person=person, relation=Relation.COORDINATOR, since=TODAY)
    team.remove_member(copy, at=NOW, actor=ADA, today=TODAY, person_id=ADA.person_id)
    child.close_case(copy, at=NOW, actor=ADA, reason="Done")
    assert copy.status == "closed"
    assert pickle.dumps(vars(original)) == before
