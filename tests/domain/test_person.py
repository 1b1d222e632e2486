"""People: registered, changed, moved, disabled, enabled."""

from typing import Any
from uuid import UUID

import pytest

from coord.domain.actors import Discipline, Role
from coord.domain.errors import Conflict, DomainError, InvalidInput
from coord.domain.person import (
    Person,
    PersonDisabled,
    PersonEmailChanged,
    PersonEnabled,
    PersonMoved,
    PersonRegistered,
    PersonRoleChanged,
)
from tests.domain.story import LEA, NOW, given_person

BY = LEA.by()
FINE: dict[str, Any] = {
    "name": "Ada",
    "email": "Ada@Example.org",
    "role": Role.THERAPIST,
    "discipline": Discipline.OT,
    "team": "North",
}


def register(**changes: Any) -> Person:
    return Person.register(id=UUID(int=99), at=NOW, by=BY, **{**FINE, **changes})


def happened(person: Person) -> list[type]:
    return [type(e) for e in person.pending_events]


def test_a_person_is_registered():
    person = register()
    (event,) = person.pending_events
    assert isinstance(event, PersonRegistered)
    assert (person.name, person.email, person.role, person.discipline, person.team, person.active) == (
        "Ada",
        "ada@example.org",
        "therapist",
        "ot",
        "North",
        True,
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": ""}, "/name missing"),
        ({"name": "a\nb"}, "/name broken-characters"),
        ({"email": ""}, "/email missing"),
        ({"email": "ada"}, "/email not-an-email"),
        ({"email": "@x"}, "/email not-an-email"),
        ({"email": "a b@x.org"}, "/email not-an-email"),
        ({"team": ""}, "/team missing"),
        ({"discipline": None}, "/discipline missing"),
        ({"discipline": Discipline.SCHOOL}, "/discipline not-clinical"),
        ({"role": Role.STUDENT, "discipline": None}, "/discipline missing"),
    ],
)
def test_a_person_with_a_wrong_fact_is_not_registered(changes: dict[str, Any], problem: str):
    with pytest.raises(InvalidInput) as refusal:
        register(**changes)
    assert problem in [f"{p.pointer} {p.code}" for p in refusal.value.problems]


@pytest.mark.parametrize(
    ("role", "given", "kept"),
    [
        (Role.TEACHER, None, "school"),
        (Role.TEACHER, Discipline.OT, "school"),
        (Role.ADMINISTRATOR, Discipline.OT, None),
        (Role.TEAM_LEAD, None, None),
        (Role.TEAM_LEAD, Discipline.PSYCHOLOGY, "psychology"),
    ],
)
def test_the_discipline_follows_from_the_role(role: Role, given: Discipline | None, kept: str | None):
    assert register(role=role, discipline=given).discipline == kept


def test_an_administrator_needs_no_team():
    assert register(role=Role.ADMINISTRATOR, team="").team == ""


def test_changing_role_and_team():
    person = given_person()
    person.change_role(at=NOW, by=BY, role=Role.TEACHER, discipline=None)
    person.move(at=NOW, by=BY, team="Pine School")
    assert happened(person) == [PersonRoleChanged, PersonMoved]
    assert (person.role, person.discipline, person.team) == ("teacher", "school", "Pine School")


def test_changing_to_what_it_is_does_nothing():
    person = given_person()
    person.change_role(at=NOW, by=BY, role=Role.THERAPIST, discipline=Discipline.OT)
    person.move(at=NOW, by=BY, team=" North ")
    assert happened(person) == []


def test_another_address_changes_nothing_but_the_address():
    person = given_person()
    person.change_email(at=NOW, by=BY, email=" Ada.Lim@Example.org ")
    assert happened(person) == [PersonEmailChanged]
    assert (person.email, person.name, person.active) == ("ada.lim@example.org", "Ada", True)
    person.change_email(at=NOW, by=BY, email="ada.lim@example.org")
    assert happened(person) == [PersonEmailChanged]


@pytest.mark.parametrize(
    ("email", "problem"), [("", "missing"), ("ada", "not-an-email"), ("a b@x.org", "not-an-email")]
)
def test_an_address_is_checked_when_it_changes_as_when_it_was_registered(email: str, problem: str):
    person = given_person()
    with pytest.raises(InvalidInput) as refusal:
        person.change_email(at=NOW, by=BY, email=email)
    assert [f"{p.pointer} {p.code}" for p in refusal.value.problems] == [f"/email {problem}"]
    assert happened(person) == []


def test_disabling_and_enabling():
    person = given_person()
    person.disable(at=NOW, by=BY, reason="left the service")
    person.enable(at=NOW, by=BY, reason="came back")
    assert happened(person) == [PersonDisabled, PersonEnabled]
    assert person.active


@pytest.mark.parametrize(
    ("decide", "code"),
    [
        (lambda p: p.enable(at=NOW, by=BY, reason="x"), "already-enabled"),
        (lambda p: p.disable(at=NOW, by=BY, reason=""), "invalid-input"),
        (lambda p: p.move(at=NOW, by=BY, team=""), "invalid-input"),
        (lambda p: p.change_role(at=NOW, by=BY, role=Role.STUDENT, discipline=None), "invalid-input"),
    ],
)
def test_refusals_write_nothing(decide: Any, code: str):
    person = given_person()
    with pytest.raises(DomainError, match=code):
        decide(person)
    assert happened(person) == []


def test_nobody_is_disabled_twice():
    person = given_person()
    person.disable(at=NOW, by=BY, reason="left")
    with pytest.raises(Conflict, match="already-disabled"):
        person.disable(at=NOW, by=BY, reason="left")
    with pytest.raises(InvalidInput):
        person.enable(at=NOW, by=BY, reason=" ")
