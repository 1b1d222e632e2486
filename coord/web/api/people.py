"""People: who I am, whom one may work with, and accounts for administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coord.application.commands import (
    ChangePersonRole,
    DeclineChange,
    DisablePerson,
    EnablePerson,
    MovePerson,
    RegisterPerson,
)
from coord.application.people import PROPOSED, confirm, give_email
from coord.application.questions import (
    AccountChangesAnswer,
    PeopleAnswer,
    ProposalsAnswer,
    ReadAccountChanges,
    ReadAccounts,
    ReadMe,
    ReadPeople,
    ReadProposals,
)
from coord.domain.actors import Discipline, Role
from coord.domain.errors import Conflict, FieldProblem, InvalidInput
from coord.domain.input import Input
from coord.web.api import answers, schemas
from coord.web.api import people_schemas as shapes
from coord.web.api.operations import ApiBlueprint, actor, new_id, operation, services
from coord.web.visit import entrance

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

    They can be put on care teams at once. To sign in they need a password: the pages or `coord people` give one. A team
    lead or an administrator is `proposed`, and comes in when a second person has confirmed (see `/proposals`). A
    service team that nobody is in is asked about: send the `answer` among the `confirmed` if it is a new one.
    """
    person_id, accounts = new_id(body.get("id")), entrance().accounts
    if actor().role is Role.ADMINISTRATOR:  # nobody else learns which addresses have an account
        taken = accounts.by_email(body["email"])
        if taken is not None and taken.person_id != person_id:
            raise Conflict("email-taken")
    command = RegisterPerson(
        person_id,
        body["name"],
        body["email"],
        Role(body["role"]),
        _discipline(body),
        body.get("team", ""),
        body.get("confirmed", ()),
    )
    done = services().doors.execute(actor(), command)
    if accounts.by_person(person_id) is None:
        now = services().clock()
        accounts.create_account(
            person_id,
            body["email"],
            None,
            now=now,
            language=services().settings.language,
            must_change_password=True,
            name=body["name"],
        )
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

    `discipline` goes with `role`. What the person wrote keeps the role that they had then. What takes two people is
    `proposed`, and done when the second has confirmed (see `/proposals`). With both, the answer is that of the role.
    """
    check = Input()
    confirmed = body.get("confirmed", ())
    if "role" not in body and ("discipline" in body or "team" not in body):
        check.problem("/role", "missing")
    if "team" in body:
        check.text("/team", body["team"], lines=False)
    check.refuse_if_any()
    execute = services().doors.execute
    done = None
    if "team" in body:  # first: it may be asked about, and whose lead somebody becomes depends on it
        done = execute(actor(), MovePerson(person, body["team"], confirmed))
    if "role" in body:
        done = execute(actor(), ChangePersonRole(person, Role(body["role"]), _discipline(body)))
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

    They are signed out everywhere; their password and tokens stay. An address that somebody has is `email-taken`. Of
    somebody who sees children it is `proposed` (see `/proposals`).
    """
    here = entrance()
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

    Sign-ins and tokens of before stay closed. To somebody who sees children it is `proposed` (see `/proposals`).
    """
    found: PeopleAnswer = services().doors.ask(actor(), ReadAccounts())
    if any(row["person_id"] == person and not row["active"] for row in found.people):
        _end_everything(person)  # a crash may have left some open when access was taken away
    done = services().doors.execute(actor(), EnablePerson(person, body["reason"]))
    if done.status != PROPOSED:
        _mirror(person, active=True)
    return answers.receipt(done, etag=False)


@operation(blueprint, "GET", "/proposals", answer=shapes.ProposalsAnswer)
def read_proposals() -> Response:
    """List the changes of accounts that wait for a second person (administrators, team leads)

    For a team lead those that touch the team. One that nobody decides within seven days is over.
    """
    found: ProposalsAnswer = services().doors.ask(actor(), ReadProposals())
    return answers.json_answer({"items": [_proposal(row) for row in found.items], **answers.place(found.shown)})


_OF_A_PROPOSAL = (
    "number",
    "name",
    "role",
    "discipline",
    "team",
    "change",
    "wanted",
    "teams",
    "confirmed",
    "expires_at",
)


def _proposal(row: Any) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _OF_A_PROPOSAL},
        "person": row["person_id"],
        "proposed_by": {name: row["by"][name] for name in ("person", "name", "role", "discipline")},
        "proposed_at": row["at"],
        "may": sorted(row["may"]),
    }


PROPOSAL = f"{PERSON}/proposals/<int:number>"


@operation(blueprint, "POST", f"{PROPOSAL}/confirming", answer=schemas.Receipt)
def confirm_change(person: UUID, number: int) -> Response:
    """Confirm what another administrator proposed; it is done with it (administrators, team leads)

    A password is given afterwards, in the pages, by whoever proposed it.
    """
    here = entrance()
    done = confirm(services().doors, here.accounts, here.sign_ins.end_all, _end_everything, actor(), person, number)
    return answers.receipt(done, etag=False)


@operation(blueprint, "POST", f"{PROPOSAL}/declining", answer=schemas.Receipt)
def decline_change(person: UUID, number: int) -> Response:
    """Decline what was proposed, or take back what one proposed oneself (administrators, team leads)"""
    return answers.receipt(services().doors.execute(actor(), DeclineChange(person, number)), etag=False)


@operation(blueprint, "GET", "/me/account-changes", query=shapes.AfterPosition, answer=shapes.AccountChangesAnswer)
def read_account_changes(query: dict[str, Any]) -> Response:
    """See what others changed in your account, the newest first"""
    found: AccountChangesAnswer = services().doors.ask(actor(), ReadAccountChanges(query.get("after", 0)))
    items = [
        {
            **{name: row[name] for name in ("at", "kind", "position", "detail")},
            "by": {
                "person": row["person_id"],
                "name": row["person_name"],
                "role": row["role"],
                "discipline": row["discipline"],
            },
        }
        for row in found.items
    ]
    return answers.json_answer({"items": items, **answers.place(found.shown)})


def _end_everything(person: UUID) -> None:
    here = entrance()
    now = here.clock()
    here.sign_ins.end_all(person, "no-access", now)
    here.tokens.revoke_all(person, now)
    here.feeds.revoke_all(person, now)


def _mirror(person: UUID, *, active: bool) -> None:
    """Bring the account up to date; it decides nothing, the record is asked on every request."""
    if entrance().accounts.by_person(person) is not None:
        entrance().accounts.set_active(person, active)


def _discipline(body: dict[str, Any]) -> Discipline | None:
    return Discipline(body["discipline"]) if body.get("discipline") else None
