"""People: registering, changing, disabling; and who one may put on a care team."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from coord.application.commands import (
    ChangePersonEmail,
    ChangePersonRole,
    DisablePerson,
    EnablePerson,
    MovePerson,
    Receipt,
    RegisterPerson,
)
from coord.application.doors import Doors, Reading, Work, answers
from coord.application.left_behind import ask_of, behind_person
from coord.application.questions import PeopleAnswer, ReadAccounts, ReadMe, ReadPeople
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Role
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, NotFound
from coord.domain.input import Input
from coord.domain.person import Person
from coord.projections import People


@answers(RegisterPerson)
def register_person(work: Work, command: RegisterPerson) -> Receipt:
    """Register a person; the same id with the same facts again is the same person."""
    person = Person.register(
        id=command.person_id,
        at=work.now,
        by=work.actor.by(),
        name=command.name,
        email=command.email,
        role=command.role,
        discipline=command.discipline,
        team=command.team,
    )
    if work.record.exists(command.person_id):
        present = work.record.person(command.person_id)
        if (present.name, present.email) == (person.name, person.email):
            first = next(iter(work.record.stream(present.id)))
            return Receipt(present.id, 1, first.position, "active", repeated=True)
        raise InvalidInput([FieldProblem("/id", "id-taken")])
    return _saved(work, person)


@answers(ChangePersonRole)
def change_person_role(work: Work, command: ChangePersonRole) -> Receipt:
    """Give another role; one cannot take one's own administration away by mistake."""
    person = work.record.person(command.person_id)
    _refuse_oneself(work, command.person_id)
    person.change_role(at=work.now, by=work.actor.by(), role=command.role, discipline=command.discipline)
    return _saved(work, person)


@answers(MovePerson)
def move_person(work: Work, command: MovePerson) -> Receipt:
    """Put into another service team."""
    person = work.record.person(command.person_id)
    person.move(at=work.now, by=work.actor.by(), team=command.team)
    return _saved(work, person)


@answers(ChangePersonEmail)
def change_person_email(work: Work, command: ChangePersonEmail) -> Receipt:
    """Give another address; one cannot lock oneself out by a slip of the finger."""
    person = work.record.person(command.person_id)
    _refuse_oneself(work, command.person_id)
    person.change_email(at=work.now, by=work.actor.by(), email=command.email)
    return _saved(work, person)


class Holder(Protocol):
    """Whose an account is."""

    @property
    def person_id(self) -> UUID:
        """The person."""


class Accounts(Protocol):
    """What is needed of the office's accounts, which are Flask-Security's users too: no web comes behind the doors."""

    def by_email(self, email: str) -> Holder | None:
        """The account with this address."""

    def by_person(self, person_id: UUID) -> Holder | None:
        """The person's account."""

    def change_email(self, person_id: UUID, email: str) -> None:
        """Give the account another address. Raises `Conflict` (``email-taken``)."""


def give_email(
    doors: Doors,
    accounts: Accounts,
    end_sign_ins: Callable[[UUID, str, datetime], object],
    actor: Actor,
    person_id: UUID,
    email: str,
) -> Receipt:
    """Another address in the record, and then in the account, whose sign-ins end.

    Sent again, it completes what a crash left undone.
    Raises `InvalidInput` for an address that is none, or that another person or account has.
    """
    people = doors.ask(actor, ReadAccounts()).people  # who may not do this learns of no account
    before = next((person["email"] for person in people if person["person_id"] == person_id), None)
    if before is None:
        raise NotFound("no-such-person")
    account, holder = accounts.by_person(person_id), accounts.by_email(email)
    others = {person["email"] for person in people if person["person_id"] != person_id}
    if email.strip().lower() in others or (holder is not None and holder.person_id != person_id):
        raise InvalidInput([FieldProblem("/email", "email-taken")])
    receipt = doors.execute(actor, ChangePersonEmail(person_id, email))
    if account is None or holder is not None:  # nobody can sign in yet; or it is theirs already
        return receipt
    end_sign_ins(person_id, "email-changed", doors.clock())
    try:
        accounts.change_email(person_id, email)
    except Conflict as taken:  # by somebody else in this very moment: the record goes back to what holds
        doors.execute(actor, ChangePersonEmail(person_id, before))
        raise InvalidInput([FieldProblem("/email", "email-taken")]) from taken
    return receipt


@answers(DisablePerson)
def disable_person(work: Work, command: DisablePerson) -> Receipt:
    """Take access away, at once."""
    person = work.record.person(command.person_id)
    _refuse_oneself(work, command.person_id)
    check = Input(command.confirmed)
    if person.active and command.reason.strip():  # what is wrong with the rest is said first
        ask_of(check, person.id, behind_person(work, person.id))
    check.refuse_if_any()
    person.disable(at=work.now, by=work.actor.by(), reason=command.reason, answered=check.answered)
    return _saved(work, person)


@answers(EnablePerson)
def enable_person(work: Work, command: EnablePerson) -> Receipt:
    """Give access again."""
    person = work.record.person(command.person_id)
    person.enable(at=work.now, by=work.actor.by(), reason=command.reason)
    return _saved(work, person)


def _saved(work: Work, person: Person) -> Receipt:
    position = work.record.append(person) or work.record.head()
    return Receipt(person.id, person.version, position, "active" if person.active else "disabled")


def _refuse_oneself(work: Work, person_id: UUID) -> None:
    if person_id == work.actor.person_id and work.actor != COMMAND_LINE:
        raise Conflict("not-oneself")


@answers(ReadPeople)
def read_people(reading: Reading, question: ReadPeople) -> PeopleAnswer:
    """Active people who can be on a care team, without addresses."""
    rows = reading.snapshot.view(People).all(reading.snapshot.connection)
    wanted = question.text.casefold()
    people = [
        {name: row[name] for name in ("person_id", "name", "role", "discipline", "team", "active")}
        for row in rows
        if row["active"] and row["role"] != Role.ADMINISTRATOR.value and wanted in row["name"].casefold()
    ]
    return PeopleAnswer(people, reading.shown)


@answers(ReadAccounts)
def read_accounts(reading: Reading, question: ReadAccounts) -> PeopleAnswer:
    """Everybody, with address and state."""
    return PeopleAnswer(
        reading.snapshot.view(People).all(reading.snapshot.connection, text=question.text), reading.shown
    )


@answers(ReadMe)
def read_me(reading: Reading, _: ReadMe) -> PeopleAnswer:
    """Who the actor is."""
    row = reading.snapshot.view(People).one(reading.snapshot.connection, reading.actor.person_id)
    return PeopleAnswer([row] if row else [], reading.shown)


def actor_of(person: Person) -> Actor:
    """The actor that a person is; the caller has checked that they may come in."""
    discipline = Discipline(person.discipline) if person.discipline else None
    return Actor(person.id, person.name, Role(person.role), discipline, person.team)
