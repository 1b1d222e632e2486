"""What can be asked about people and accounts: questions, and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NotRequired, TypedDict
from uuid import UUID

from coord.application.declared import Question, question
from coord.application.looking import Purpose
from coord.application.shown import CURSOR_OF_THE_NEXT, GivenWhole, Shown
from coord.domain.actors import By, Discipline, Role
from coord.domain.permissions import (
    administrator,
    administrator_or_lead,
    anyone_but_teachers,
    anyone_signed_in,
)
from coord.domain.person import PersonChange
from coord.domain.rising import ProposedChange
from coord.domain.said import FLAT, Said


@question(anyone_signed_in, "Looked at their own account", purpose=Purpose.ACCOUNT)
class ReadMe(Question):
    """Who I am to Coord."""


@question(anyone_but_teachers, "Looked for people", purpose=Purpose.SERVICE)
class ReadPeople(Question):
    """The people one may put on a care team: of every role but administrator, active ones, no addresses."""

    text: str = ""
    cursor: str = ""
    limit: int | None = None


@question(administrator, "Looked at the accounts", purpose=Purpose.ACCOUNT)
class ReadAccounts(Question):
    """All people with address, role, team and whether they are active; for administrators."""

    text: str = ""
    active: bool | None = None
    cursor: str = ""
    limit: int | None = None


@question(administrator_or_lead, "Looked at the changes that take two people", purpose=Purpose.ACCOUNT)
class ReadProposals(Question):
    """Which changes of accounts wait for a second person: for administrators all, for a team lead those that touch the
    team."""


@question(anyone_signed_in, "Looked at what others changed in their account", purpose=Purpose.ACCOUNT)
class ReadAccountChanges(Question):
    """What others changed in one's own account, after a position of the record."""

    after: int = 0


class FurtherRole(TypedDict):
    """A role that somebody has beside the first."""

    role: Role
    discipline: Discipline | None
    team: str


class Account(TypedDict):
    """Somebody who uses Coord. `email` and `since` are for administrators, and for oneself."""

    person_id: Annotated[UUID, Said(name="id")]
    name: str
    email: NotRequired[str]
    role: Role
    discipline: Discipline | None
    team: str
    further: Annotated[Sequence[FurtherRole], Said("The roles beside the first", name="further_roles")]
    active: bool
    since: NotRequired[datetime]


@dataclass(frozen=True, slots=True)
class MeAnswer:
    """Who you are to Coord."""

    me: Account | None
    shown: Annotated[Shown, FLAT]


@dataclass(frozen=True, slots=True)
class PeopleAnswer:
    """People by name."""

    items: Sequence[Account]
    next: Annotated[str | None, Said(CURSOR_OF_THE_NEXT)]
    shown: Annotated[Shown, FLAT]


class Proposal(TypedDict):
    """A change of somebody's account that takes two people: `change` is what, `wanted` how it would be then."""

    person_id: Annotated[UUID, Said("Whose account")]
    number: int
    name: str
    role: Annotated[Role, Said("As it is")]
    discipline: Discipline | None
    team: str
    change: ProposedChange
    wanted: Mapping[str, Any]
    teams: Sequence[str]
    confirmed: Annotated[bool, Said("Whoever proposed the link or letter may give it now")]
    by: Annotated[By, Said(name="proposed_by")]
    at: Annotated[datetime, Said(name="proposed_at")]
    expires_at: datetime
    may: Annotated[frozenset[str], Said("What you can do: `confirm`, `decline`, `give`")]


@dataclass(frozen=True, slots=True)
class ProposalsAnswer(GivenWhole):
    """What waits, the oldest first."""

    items: Sequence[Proposal]
    shown: Annotated[Shown, FLAT]


TOLD_TO_THE_OWNER = tuple(kind.TOPIC.partition(".v")[0] for kind in PersonChange.__subclasses__())


class AccountChange(TypedDict):
    """Something that another person did to your account."""

    at: datetime
    kind: Annotated[str, Said(of=TOLD_TO_THE_OWNER, open=True)]
    position: int
    detail: Mapping[str, Any]
    by: By


@dataclass(frozen=True, slots=True)
class AccountChangesAnswer(GivenWhole):
    """What others did, the newest first."""

    items: Sequence[AccountChange]
    shown: Annotated[Shown, FLAT]
