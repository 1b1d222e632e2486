"""People: who I am, whom one may work with, and accounts for administrators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response

from coord.application.declared import Command, Receipt
from coord.application.people.accounts import confirm, give_email
from coord.application.people.commands import (
    AddPersonRole,
    ChangePersonEmail,
    ChangePersonRole,
    DeclineChange,
    DisablePerson,
    EnablePerson,
    EndPersonRole,
    MovePerson,
    RegisterPerson,
    RenamePerson,
)
from coord.application.people.handlers import PROPOSED
from coord.application.people.questions import (
    AccountChangesAnswer,
    MeAnswer,
    PeopleAnswer,
    ProposalsAnswer,
    ReadAccountChanges,
    ReadAccounts,
    ReadMe,
    ReadPeople,
    ReadProposals,
)
from coord.domain.actors import Discipline, Role
from coord.domain.errors import Conflict
from coord.domain.input import SHORT, Input
from coord.domain.rising import Way
from coord.web.api import answers, schemas
from coord.web.api.fields import Strict, Whole, Words, choice, confirmed, words
from coord.web.api.operations import ApiBlueprint, actor, operation, services
from coord.web.api.routes import reads, sends
from coord.web.api.schemas import CURSOR
from coord.web.api.typed import shape, told
from coord.web.people.ways_in import end_everything, ways_in
from coord.web.visit import entrance

blueprint = ApiBlueprint("people", "People, and (for administrators) their roles and access.")
PERSON = "/people/<uuid:person>"


class PeopleQuery(Strict):
    """Whom to look for."""

    q = Words(most=SHORT, metadata={"description": "Part of a name"})
    cursor = Words(most=6 * SHORT, metadata={"description": CURSOR})  # it holds a name
    limit = Whole(1, 100, load_default=100)


class PersonChanges(Strict):
    """Another role (with its discipline), another team, or both."""

    role = choice(Role)
    discipline = choice(Discipline, null=True)
    team = words(limit=SHORT)
    confirmed = confirmed()


class AfterPosition(Strict):
    """From where on."""

    after = Whole(0, 2**53, metadata={"description": "The position of the record that you have seen"})


reads(blueprint, "/me", ReadMe, MeAnswer, about="See who you are to Coord")


@operation(blueprint, "GET", "/people", query=PeopleQuery, answer=shape(PeopleAnswer))
def read_people(query: dict[str, Any]) -> Response:
    """List people

    For those who work in the service, whoever can be on a care team; for administrators, everybody with address and
    state. Not for teachers: they see the care team with the child.
    """
    question = ReadAccounts if actor().role is Role.ADMINISTRATOR else ReadPeople
    wanted = question(query.get("q", ""), cursor=query.get("cursor", ""), limit=query["limit"])
    return answers.json_answer(told(services().doors.ask(actor(), wanted)))


def _register(command: RegisterPerson) -> Receipt:
    accounts = entrance().accounts
    if actor().role is Role.ADMINISTRATOR:  # nobody else learns which addresses have an account
        taken = accounts.by_email(command.email)
        if taken is not None and taken.person_id != command.person_id:
            raise Conflict("email-taken")
    ways = ways_in()
    command = replace(command, invite=ways.way(command.invite))
    done = services().doors.execute(actor(), command)
    account = accounts.by_person(command.person_id)
    if account is None:
        account = accounts.create_account(
            command.person_id,
            command.email,
            None,
            now=services().clock(),
            language=services().settings.language,
            name=command.name,
        )
    invited = ways.links.latest(command.person_id) is not None
    if command.invite is Way.MAIL and done.status != PROPOSED and account.password is None and not invited:
        ways.give(actor(), account, Way.MAIL, end_everything)
    return done


sends(
    blueprint,
    "POST",
    "/people",
    RegisterPerson,
    status=201,
    makes="person_id",
    execute=_register,
    etag=False,
    example={
        "name": "Ada Lind",
        "email": "ada@clinic.example",
        "role": "therapist",
        "discipline": "ot",
        "team": "North",
    },
    about="""Register a person (administrators)

    They can be put on care teams at once. To sign in they choose a password, by a link that is mailed to them; where
    there is no mail server, or `invite` is `letter`, the pages make a letter with it. A team lead or an administrator
    is `proposed`, and is invited and comes in when a second person has confirmed (see `/proposals`). A service team
    that nobody is in is asked about: send the `answer` among the `confirmed` if it is a new one.
    """,
)


@operation(
    blueprint,
    "PATCH",
    PERSON,
    body=PersonChanges,
    answer=schemas.Receipt,
    example={"role": "team-lead", "team": "South"},
    etag=False,
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
    changes: list[Command] = []
    if "team" in body:  # first: it may be asked about, and whose lead somebody becomes depends on it
        changes.append(MovePerson(person, body["team"], confirmed))
    if "role" in body:
        changes.append(ChangePersonRole(person, Role(body["role"]), _discipline(body)))
    *_, done = [services().doors.execute(actor(), command) for command in changes]
    return answers.receipt(done, etag=False)


def _give_email(command: ChangePersonEmail) -> Receipt:
    here = entrance()
    asked = services().doors
    return give_email(asked, here.accounts, here.sign_ins.end_all, actor(), command.person_id, command.email)


sends(
    blueprint,
    "POST",
    f"{PERSON}/email",
    ChangePersonEmail,
    name="change_email",
    execute=_give_email,
    etag=False,
    example={"email": "ada.lind@clinic.example"},
    about="""Give a person another email address to sign in with (administrators)

    They are signed out everywhere; their password and tokens stay. An address that somebody has is `email-taken`. Of
    somebody who sees children it is `proposed` (see `/proposals`).
    """,
)


sends(
    blueprint,
    "POST",
    f"{PERSON}/name",
    RenamePerson,
    etag=False,
    example={"name": "Ada Lim"},
    about="""Give a person another name, which colleagues see from now on (administrators)

    What the person wrote, decided and signed before keeps the name that they had then.
    """,
)


sends(
    blueprint,
    "POST",
    f"{PERSON}/roles",
    AddPersonRole,
    name="add_role",
    etag=False,
    example={"role": "team-lead", "team": "North"},
    about="""Give a person a role beside the one they have (administrators)

    They sign in once and are here in one of their roles at a time; a token is for the first, or the one it was made in.
    Each role once. A team lead's or an administrator's is `proposed` (see `/proposals`).
    """,
)


sends(
    blueprint,
    "POST",
    f"{PERSON}/roles/ending",
    EndPersonRole,
    name="end_role",
    etag=False,
    example={"role": "team-lead", "reason": "Leads another service now"},
    about="""Take a further role away, at once (administrators)

    What was done in it stays. The first role is changed (`PATCH`), not ended.
    """,
)


def _disable(command: DisablePerson) -> Receipt:
    done = services().doors.execute(actor(), command)
    end_everything(command.person_id)
    _mirror(command.person_id, active=False)
    return done


sends(
    blueprint,
    "POST",
    f"{PERSON}/disabling",
    DisablePerson,
    execute=_disable,
    etag=False,
    example={"reason": "Has left the service"},
    about="""Take a person's access away, at once and everywhere (administrators)

    What they leave behind (`left-behind`: counts, and no child) is asked about once.
    """,
)


def _enable(command: EnablePerson) -> Receipt:
    found: PeopleAnswer = services().doors.ask(actor(), ReadAccounts())
    if any(row["person_id"] == command.person_id and not row["active"] for row in found.items):
        end_everything(command.person_id)  # a crash may have left some open when access was taken away
    done = services().doors.execute(actor(), command)
    if done.status != PROPOSED:
        _mirror(command.person_id, active=True)
    return done


sends(
    blueprint,
    "POST",
    f"{PERSON}/enabling",
    EnablePerson,
    execute=_enable,
    etag=False,
    example={"reason": "Is back"},
    about="""Give a person access again (administrators)

    Sign-ins and tokens of before stay closed. To somebody who sees children it is `proposed` (see `/proposals`).
    """,
)


reads(
    blueprint,
    "/proposals",
    ReadProposals,
    ProposalsAnswer,
    about="""List the changes of accounts that wait for a second person (administrators, team leads)

    For a team lead those that touch the team. One that nobody decides within seven days is over.
    """,
)


PROPOSAL = f"{PERSON}/proposals/<int:number>"


@operation(blueprint, "POST", f"{PROPOSAL}/confirming", answer=schemas.Receipt, etag=False)
def confirm_change(person: UUID, number: int) -> Response:
    """Confirm what another administrator proposed; it is done with it (administrators, team leads)

    A link or a letter for a new password is given afterwards, in the pages, by whoever proposed it; somebody new is
    mailed the invitation.
    """
    here = entrance()
    ends = (here.sign_ins.end_all, end_everything, here.factors.remove_all)
    done, _ = confirm(services().doors, here.accounts, *ends, ways_in(), actor(), person, number)
    return answers.receipt(done, etag=False)


@operation(blueprint, "POST", f"{PROPOSAL}/declining", answer=schemas.Receipt, etag=False)
def decline_change(person: UUID, number: int) -> Response:
    """Decline what was proposed, or take back what one proposed oneself (administrators, team leads)"""
    return answers.receipt(services().doors.execute(actor(), DeclineChange(person, number)), etag=False)


reads(
    blueprint,
    "/me/account-changes",
    ReadAccountChanges,
    AccountChangesAnswer,
    query=AfterPosition,
    about="See what others changed in your account, the newest first",
)


def _mirror(person: UUID, *, active: bool) -> None:
    """Bring the account up to date; it decides nothing, the record is asked on every request."""
    if entrance().accounts.by_person(person) is not None:
        entrance().accounts.set_active(person, active)


def _discipline(body: dict[str, Any]) -> Discipline | None:
    return Discipline(body["discipline"]) if body.get("discipline") else None
