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
from coord.domain.case.team import TeamMemberChanged, TeamMemberJoined, TeamMemberLeft
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


def test_a_closed_case_does_not_keep_a_name_that_was_typed_wrong():
    correct(given(closed), preferred_name="Zigi").then(Fact(CaseDetailsCorrected, changes={"preferred_name": "Zigi"}))


def test_refused_corrections():
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
    add(given(member("2026-09-01"))).then(Fact(TeamMemberChanged, LEA, stays=[stay("2026-06-01")]))


def test_who_had_an_end_can_stay_on():
    add(given(member("2026-01-01", "2026-05-01"))).then(Fact(TeamMemberJoined, LEA))


def test_leaving():
    remove(given(joined(PIA, "psychologist")), PIA).then(
        Fact(TeamMemberLeft, LEA, person=str(PIA.person_id), name="Pia", relation="psychologist", on="2026-06-01")
    )
    remove(given(), PIA).refused("not-on-team", NotFound)


def remove(story: Any, who: Actor, since: date | None = None) -> Any:
    return story.when(team.remove_member, actor=LEA, today=TODAY, person=registered(who), since=since)


def registered(who: Actor) -> Person:
    """Somebody as the record knows them now."""
    email, role = f"{who.name.split()[0].lower()}@example.org", who.role
    facts: Any = {"name": who.name, "email": email, "role": role, "discipline": who.discipline, "team": "North"}
    return Person.register(id=who.person_id, at=NOW, by=ADA.by(), **facts)


def stay(since: str, until: str | None = None, relation: str = "occupational-therapist", **more: Any) -> dict[str, Any]:
    """A stay of Ada's."""
    facts = {"name": "Ada", "role": "therapist", "discipline": "ot", "relation": relation}
    return {**facts, "since": since, "until": until, **more}


def stays_of(story: Any) -> list[dict[str, Any]]:
    assert story.error is None, story.error
    return [dict(s) for s in story.state.members.get(str(given_person().id), ())]


COORDINATOR = Relation.COORDINATOR


def days(text: str) -> tuple[str, str | None]:
    """``6-8 6-12``, both of 2026; one day alone has no end."""
    first, last = (f"2026-{month:0>2}-{day:0>2}" for month, day in (d.split("-") for d in (*text.split(), "0-0")[:2]))
    return first, None if last == "2026-00-00" else last


@pytest.mark.parametrize(
    ("present", "added", "then"),
    [
        # two separate weeks are both kept, whichever was said first
        (["6-8 6-12"], "7-6 7-10", ["6-8 6-12", "7-6 7-10"]),
        (["7-6 7-10"], "6-8 6-12", ["6-8 6-12", "7-6 7-10"]),
        # days that meet, or follow each other, are one stay
        (["6-8 6-12"], "6-10 6-20", ["6-8 6-20"]),
        (["6-8 6-12"], "6-13 6-20", ["6-8 6-20"]),
        (["6-8 6-12"], "6-14 6-20", ["6-8 6-12", "6-14 6-20"]),
        (["6-8 6-12"], "6-1 6-7", ["6-1 6-12"]),
        (["6-8 6-12", "6-20"], "6-12 6-20", ["6-8"]),
        (["1-1 6-30"], "6-8", ["1-1"]),
    ],
)
def test_adding_takes_no_day_away(present: list[str], added: str, then: list[str]):
    story = given(*(member(*days(text)) for text in present))
    since, until = days(added)
    add(story, since=date.fromisoformat(since), until=date.fromisoformat(until) if until else None)
    assert stays_of(story) == [stay(*days(text)) for text in then]


def test_who_is_added_again_from_a_later_day_keeps_their_place_without_a_gap():
    story = given(member("2026-01-01"))
    add(story, since=date(2026, 6, 8)).refused("already-on-team", Conflict)
    add(story := given(member("2026-01-01")), COORDINATOR, since=date(2026, 6, 8)).then(Fact(TeamMemberJoined, LEA))
    assert stays_of(story) == [stay("2026-01-01", "2026-06-07"), stay("2026-06-08", relation="coordinator")]
    ada = Actor(given_person().id, "Ada", Role.THERAPIST, Discipline.OT)
    seen = [story.state.relationship_of(ada, date(2026, 6, day)).relation for day in (1, 7, 8)]
    assert seen == [Relation.OCCUPATIONAL_THERAPIST, Relation.OCCUPATIONAL_THERAPIST, COORDINATOR]


def test_who_is_something_else_for_a_week_is_afterwards_what_they_were():
    story = given(member("2026-01-01"))
    add(story, COORDINATOR, since=date(2026, 6, 8), until=date(2026, 6, 12))
    assert stays_of(story) == [
        stay("2026-01-01", "2026-06-07"),
        stay("2026-06-08", "2026-06-12", "coordinator"),
        stay("2026-06-13"),
    ]


def test_to_add_somebody_for_less_than_they_stay_is_no_way_to_end_their_stay():
    add(given(member("2026-01-01")), until=date(2026, 6, 30)).refused("/until on-team-longer")
    add(given(member("2026-01-01", "2026-12-31")), until=date(2026, 6, 30)).refused("/until on-team-longer")


def change(story: Any, **changes: Any) -> Any:
    return story.when(team.change_member, actor=LEA, today=TODAY, person=given_person(), **changes)


@pytest.mark.parametrize(
    ("present", "changes", "then"),
    [
        ([stay("2026-01-01")], {"until": date(2026, 6, 30)}, [stay("2026-01-01", "2026-06-30")]),
        ([stay("2026-01-01", "2026-06-30")], {"open_end": True}, [stay("2026-01-01")]),
        ([stay("2026-01-01", "2026-06-30")], {"until": TODAY}, [stay("2026-01-01", "2026-06-01")]),
        (
            [stay("2026-01-01")],
            {"relation": COORDINATOR},
            [stay("2026-01-01", "2026-05-31"), stay("2026-06-01", relation="coordinator")],
        ),
        (
            [stay("2026-01-01")],
            {"relation": COORDINATOR, "start": date(2026, 7, 1), "until": date(2026, 8, 1)},
            [stay("2026-01-01", "2026-06-30"), stay("2026-07-01", "2026-08-01", "coordinator")],
        ),
        ([stay("2026-07-01")], {"relation": COORDINATOR}, [stay("2026-07-01", relation="coordinator")]),
        (
            [stay("2026-01-01", "2026-06-30"), stay("2026-08-01")],
            {"since": date(2026, 8, 1), "until": date(2026, 8, 9)},
            [stay("2026-01-01", "2026-06-30"), stay("2026-08-01", "2026-08-09")],
        ),
    ],
)
def test_a_stay_is_changed(present: list[dict[str, Any]], changes: dict[str, Any], then: list[dict[str, Any]]):
    story = given(*(told(one) for one in present))
    change(story, **changes)
    (event,) = story.state.pending_events
    assert isinstance(event, TeamMemberChanged)
    assert stays_of(story) == then
    assert event.after in then


def told(one: dict[str, Any]) -> Fact:
    return Fact(TeamMemberJoined, person=str(given_person().id), member=one, stays=None)


def test_what_was_before_today_stays_as_it_was():
    over, present, to_come = stay("2026-01-01", "2026-03-31"), stay("2026-05-01", "2026-06-30"), stay("2026-08-01")
    story = lambda: given(*(told(one) for one in (over, present, to_come)))  # noqa: E731 - a fresh one each time
    change(story(), since=date(2026, 1, 1), open_end=True).refused("stay-is-over", Conflict)
    change(story(), since=date(2026, 2, 1), open_end=True).refused("not-on-team", NotFound)
    change(story(), until=date(2026, 5, 31)).refused("/until in-the-past")
    change(story(), until=date(2026, 4, 1)).refused("/until before-the-start")
    change(story(), relation=COORDINATOR, start=date(2026, 5, 15)).refused("/start in-the-past")
    change(story(), relation=COORDINATOR, start=date(2026, 7, 1)).refused("/start after-the-end")
    change(story(), relation=Relation.CLASS_TEACHER).refused("/relation relation-does-not-fit-role")
    change(story(), open_end=True).refused("/until meets-another-stay")
    change(story(), until=date(2026, 6, 30)).refused("nothing-changed", Conflict)


def test_in_a_closed_case_a_stay_can_end_sooner_and_nothing_else():
    change(given(member("2026-01-01"), closed), until=date(2026, 6, 30)).then(Fact(TeamMemberChanged, LEA))
    change(given(member("2026-01-01", "2026-06-30"), closed), open_end=True).refused("case-closed", Conflict)
    change(given(member("2026-01-01"), closed), relation=COORDINATOR).refused("case-closed", Conflict)


def test_who_is_taken_off_is_so_at_once_and_the_past_is_kept():
    over, present, to_come = stay("2026-01-01", "2026-03-31"), stay("2026-05-01"), stay("2026-08-01", "2026-08-02")
    ada = Actor(given_person().id, "Ada", Role.THERAPIST, Discipline.OT)
    facts = [told(over), told({**present, "until": "2026-07-01"}), told(to_come)]
    story = given(*facts)
    remove(story, ada).then(Fact(TeamMemberLeft, LEA, on="2026-06-01"))
    assert stays_of(story) == [over, stay("2026-05-01", "2026-05-31", left_on="2026-06-01")]
    assert not story.state.relationship_of(ada, TODAY).on_care_team
    only_now = given(*facts)
    remove(only_now, ada, date(2026, 5, 1))
    assert stays_of(only_now)[2] == to_come
    planned = given(*facts)
    remove(planned, ada, date(2026, 8, 1)).then(Fact(TeamMemberChanged, LEA, before=to_come, after=None, name="Ada"))
    assert stays_of(planned) == [over, {**present, "until": "2026-07-01"}]
    remove(given(*facts), ada, date(2026, 1, 1)).refused("not-on-team", NotFound)


def test_who_has_another_name_by_now_gives_up_a_stay_and_leaves_under_it():
    ada_lim = Actor(given_person().id, "Ada Lim", Role.THERAPIST, Discipline.OT)
    to_come = stay("2026-08-01")
    remove(given(told(to_come)), ada_lim).then(Fact(TeamMemberChanged, LEA, name="Ada Lim", before=to_come, stays=[]))
    remove(given(told(stay("2026-01-01"))), ada_lim).then(Fact(TeamMemberLeft, LEA, name="Ada Lim"))


def test_who_came_today_and_is_taken_off_today_can_come_again_today():
    story = given(told(stay("2026-06-01")))
    remove(story, Actor(given_person().id, "Ada", Role.THERAPIST, Discipline.OT))
    assert stays_of(story) == []
    again = given(told(stay("2026-01-01")), told(stay("2026-01-01", "2026-05-31", left_on="2026-06-01")))
    add(again).then(Fact(TeamMemberJoined, LEA))
    assert stays_of(again) == [stay("2026-01-01", "2026-05-31", left_on="2026-06-01"), stay("2026-06-01")]


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
    person = registered(ADA)
    team.add_member(original, at=NOW, actor=ADA, person=person, relation=Relation.OCCUPATIONAL_THERAPIST, since=TODAY)
    before = pickle.dumps(vars(original))
    copy = deepcopy(original)
    assert copy.pending_events == []
    child.correct_details(
        copy, at=NOW, actor=ADA, today=TODAY, expected_version=1, changes={"school": "Elsewhere"}, reason="Moved"
    )
    team.add_member(copy, at=NOW, actor=ADA, person=person, relation=Relation.COORDINATOR, since=TODAY)
    team.remove_member(copy, at=NOW, actor=ADA, today=TODAY, person=person)
    child.close_case(copy, at=NOW, actor=ADA, reason="Done")
    assert copy.status == "closed"
    assert pickle.dumps(vars(original)) == before
