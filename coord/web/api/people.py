"""People: who I am, whom one may work with, and accounts for administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coord.application.commands import ChangePersonRole, DisablePerson, EnablePerson, MovePerson, RegisterPerson
from coord.application.people import give_email
from coord.application.questions import PeopleAnswer, ReadAccounts, ReadMe, ReadPeople
from coord.domain.actors import Discipline, Role
from coord.domain.errors import Conflict, FieldProblem, InvalidInput
from coord.domain.input import Input
from coord.web.api import answers, schemas
from coord.web.api import people_schemas as shapes
from coord.web.api.operations import ApiBlueprint, actor, new_id, operation, services
from coord.web.visit import door

blueprint = ApiBlueprint("people", "People, and (for administrators) their roles and access.")
PERSON = "/people/<uuid:person>"


@operation(blueprint, "GET", "/me", answer=shapes.MeAnswer)
def read_me() -> Response:
    """See who you are to Coord"""
    found: PeopleAnswer = services().doors.ask(actor(), ReadMe())
    me = _account(found.people[0]) if found.people else None
    return answers.json_answer({"me": me, **answers.place(found.shown)})


@operation(blueprint, "GET", "/people", query=shapes.PeopleQuery, answer=shapes.PeopleAnswer)
def read_people(query: dict[str, Any]) -> Response:
    """List people

    For those who work in the service, whoever can be on a care team; for administrators, everybody with address and
    state. Not for teachers: they see the care team with the child.
    """
    text = query.get("q", "")
    question = ReadAccounts(text) if actor().role is Role.ADMINISTRATOR else ReadPeople(text)
    found: PeopleAnswer = services().doors.ask(actor(), question)
    return answers.json_answer({"items": [_account(row) for row in found.people], **answers.place(found.shown)})


def _account(row: Any) -> dict[str, Any]:
    return {"id" if name == "person_id" else name: value for name, value in row.items()}


@operation(
    blueprint,
    "POST",
    "/people",
    body=shapes.NewPerson,
    answer=schemas.Receipt,
    status=201,
    example={
        "name": "Ada Lind",
        "email": "ada@clinic.example",
        "role": "therapist",
        "discipline": "ot",
        "team": "North",
    },
)
def register_person(body: dict[str, Any]) -> Response:
    """Register a person (administrators)

    They can be put on care teams at once. To sign in they need a password: the pages or `coord people` give one.
    """
    person_id, accounts = new_id(body.get("id")), door().accounts
    if actor().role is Role.ADMINISTRATOR:  # nobody else learns which addresses have an account
        taken = accounts.by_email(body["email"])
        if taken is not None and taken.person_id != person_id:
            raise Conflict("email-taken")
    command = RegisterPerson(
        person_id, body["name"], body["email"], Role(body["role"]), _discipline(body), body.get("team", "")
    )
    done = services().doors.execute(actor(), command)
    if accounts.by_person(person_id) is None:
        now = services().clock()
        accounts.create_account(person_id, body["email"], None, now=now, must_change_password=True, name=body["name"])
    return answers.receipt(done, 201, etag=False)


@operation(
    blueprint,
    "PATCH",
    PERSON,
    body=shapes.PersonChanges,
    answer=schemas.Receipt,
    example={"role": "team-lead", "team": "South"},
)
def change_person(person: UUID, body: dict[str, Any]) -> Response:
    """Give a person another role or service team (administrators)

    `discipline` goes with `role`. What the person wrote keeps the role that they had then.
    """
    check = Input()
    if "role" not in body and ("discipline" in body or "team" not in body):
        check.problem("/role", "missing")
    if "team" in body:
        check.text("/team", body["team"], lines=False)
    check.refuse_if_any()
    execute = services().doors.execute
    done = None
    if "role" in body:
        done = execute(actor(), ChangePersonRole(person, Role(body["role"]), _discipline(body)))
    if "team" in body:
        done = execute(actor(), MovePerson(person, body["team"]))
    if done is None:
        raise InvalidInput([FieldProblem("/role", "missing")])
    return answers.receipt(done, etag=False)


@operation(
    blueprint,
    "POST",
    f"{PERSON}/email",
    body=shapes.NewEmail,
    answer=schemas.Receipt,
    example={"email": "ada.lind@clinic.example"},
)
def change_email(person: UUID, body: dict[str, Any]) -> Response:
    """Give a person another email address to sign in with (administrators)

    They are signed out everywhere; their password and tokens stay. An address that somebody has is `email-taken`.
    """
    here = door()
    done = give_email(services().doors, here.accounts, here.sign_ins.end_all, actor(), person, body["email"])
    return answers.receipt(done, etag=False)


@operation(
    blueprint,
    "POST",
    f"{PERSON}/disabling",
    body=shapes.Disabling,
    answer=schemas.Receipt,
    example={"reason": "Has left the service"},
)
def disable_person(person: UUID, body: dict[str, Any]) -> Response:
    """Take a person's access away, at once and everywhere (administrators)

    What they leave behind (`left-behind`: counts, and no child) is asked about once.
    """
    done = services().doors.execute(actor(), DisablePerson(person, body["reason"], body.get("confirmed", ())))
    _end_everything(person)
    _mirror(person, active=False)
    return answers.receipt(done, etag=False)


@operation(
    blueprint,
    "POST",
    f"{PERSON}/enabling",
    body=schemas.Reason,
    answer=schemas.Receipt,
    example={"reason": "Is back"},
)
def enable_person(person: UUID, body: dict[str, Any]) -> Response:
    """Give a person access again (administrators)

    Sign-ins and tokens of before stay closed.
    """
    found: PeopleAnswer = services().doors.ask(actor(), ReadAccounts())
    if any(row["person_id"] == person and not row["active"] for row in found.people):
        _end_everything(person)  # a crash may have left some open when access was taken away
    done = services().doors.execute(actor(), EnablePerson(person, body["reason"]))
    _mirror(person, active=True)
    return answers.receipt(done, etag=False)


def _end_everything(person: UUID) -> None:
    here = door()
    now = here.clock()
    here.sign_ins.end_all(person, "no-access", now)
    here.tokens.revoke_all(person, now)
    here.feeds.revoke_all(person, now)


def _mirror(person: UUID, *, active: bool) -> None:
    """Bring the account up to date; it decides nothing, the record is asked on every request."""
    if door().accounts.by_person(person) is not None:
        door().accounts.set_active(person, active)


def _discipline(body: dict[str, Any]) -> Discipline | None:
    return Discipline(body["discipline"]) if body.get("discipline") else None
