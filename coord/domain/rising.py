"""Nobody rises unseen: what gives somebody sight of children takes two people, and what was done to an account is told.

A *rise* is a change by which somebody could come to see children: making a team lead, moving one who sees children,
giving access again, another address or password of somebody who sees them, and taking their second factors away, for
whoever does these could sign in as that person. What gives the power to confirm (an administrator's) is a rise too, or
one administrator would make the second. One administrator proposes; another administrator, or the lead of a service
team that it touches, confirms. While there is nobody who could be the second, one alone may, and the record says so.
The operator at the machine, where the files are in reach anyway, is outside of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from coord.domain.actors import Actor, By, Discipline, Role
from coord.domain.errors import Conflict, NotFound, NotPermitted
from coord.domain.person import (
    Person,
    PersonAccountChanged,
    PersonChangeConfirmed,
    PersonChangedByOneAlone,
    PersonChangeDeclined,
    PersonChangeProposed,
    Proposal,
)


class ProposedChange(StrEnum):
    """What may wait for a second person."""

    REGISTRATION = "registration"
    ROLE = "role"
    ROLE_ADDED = "role-added"
    TEAM = "team"
    EMAIL = "email"
    ACCESS = "access"
    PASSWORD = "password"  # noqa: S105 - a word for a change
    FACTORS = "factors"


class Way(StrEnum):
    """How somebody is given the link by which they choose a password: mailed to their address, or on paper."""

    MAIL = "mail"
    LETTER = "letter"


DONE_TO_AN_ACCOUNT = (
    "invited",
    "link-given",
    "password-given",
    "password-chosen",
    "sign-ins-ended",
    "token-issued",
    "token-ended",
    "factors-removed",
)
"""What the record keeps of what was done to what a person signs in with."""
STANDS = timedelta(days=7)
"""So long a proposal waits; then it is as if it had never been made."""

Teams = frozenset[str]
"""The service teams whose leads may be the second person."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who might be the second person, in one of their roles."""

    person_id: UUID
    role: str
    team: str
    active: bool


# ---- what is a rise: each answers the teams whose leads may confirm it, or None where one alone may


def _sees(role: Role, team: str, care: Collection[str]) -> Teams | None:
    """Of somebody with this role in this team, on care teams of children of the teams ``care``."""
    if role is Role.ADMINISTRATOR:
        return frozenset()
    teams = frozenset(care) | (frozenset({team}) if role is Role.TEAM_LEAD else frozenset())
    return teams or None


def by_registration(role: Role, team: str) -> Teams | None:
    """Somebody new: a team lead sees the children of the team at once."""
    return _sees(role, team, ())


def by_role_added(role: Role, team: str, care: Collection[str]) -> Teams | None:
    """A role beside the others: a lead's or an administrator's; or any, of somebody on a care team, for stays in a role
    that they had once open again with it."""
    return _sees(role, team, () if role is Role.TEAM_LEAD else care)


def by_role(person: Person, role: Role, discipline: Discipline | None, care: Collection[str]) -> Teams | None:
    """Another role or discipline: a lead's or an administrator's; or any, of somebody on a care team, for each role and
    discipline reads other entries."""
    if (role.value, discipline.value if discipline else None) == (person.role, person.discipline):
        return None
    if role in (Role.TEAM_LEAD, Role.ADMINISTRATOR):
        return _sees(role, person.team, ())
    return _sees(role, person.team, care)


def by_team(person: Person, team: str, care: Collection[str]) -> Teams | None:
    """Another service team, of a lead or of somebody on a care team."""
    if team == person.team or person.role in (Role.ADMINISTRATOR.value, Role.TEACHER.value):
        return None  # an administrator sees no child, and a teacher's team is their school, which shows them none
    sees = _sees(Role(person.role), person.team, care)
    return None if sees is None else frozenset({team})


def by_account(person: Person, care: Collection[str]) -> Teams | None:
    """Access again, another address, a password, no second factor: whoever has these sees what the person sees, in
    whichever role."""
    sees = [_sees(one.role, one.team, care) for one in person.standings]
    found = [teams for teams in sees if teams is not None]
    return frozenset().union(*found) if found else None


def second_person_exists(
    teams: Collection[str], colleagues: Collection[Colleague], *, proposer: UUID, person: UUID
) -> bool:
    """Whether anybody could be the second: another active administrator, or an active lead of one of ``teams``."""
    return any(
        one.active
        and one.person_id not in (proposer, person)
        and (one.role == Role.ADMINISTRATOR.value or (one.role == Role.TEAM_LEAD.value and one.team in teams))
        for one in colleagues
    )


# ---- proposing and deciding


def propose(
    person: Person,
    *,
    at: datetime,
    by: By,
    change: str,
    wanted: Mapping[str, str | None],
    teams: Collection[str],
    answered: Sequence[dict[str, Any]] = (),
) -> None:
    """Propose a change; ``answered`` is what was asked before. Nothing happens if the same person has proposed just
    that for the same teams, and it waits still."""
    waiting = person.proposals.get(change)
    if (
        waiting is not None
        and at < waiting.expires_at
        and (waiting.wanted, waiting.by["person"], set(waiting.teams)) == (wanted, by["person"], set(teams))
    ):
        return
    person.trigger_event(
        PersonChangeProposed,
        timestamp=at,
        by=by,
        change=change,
        wanted=dict(wanted),
        teams=sorted(teams),
        expires_at=at + STANDS,
        answered=list(answered),
    )


def waiting(person: Person, number: int, at: datetime) -> Proposal:
    """The proposal of this number. Raises `Conflict` when it was decided or has expired, `NotFound` if there was
    none."""
    for proposal in person.proposals.values():
        if proposal.number == number and not proposal.confirmed and at < proposal.expires_at:
            return proposal
    if 1 < number <= person.version:
        raise Conflict("proposal-over")
    raise NotFound("no-such-proposal")


def may_decide(actor: Actor, teams: Collection[str]) -> bool:
    """Whether somebody could be the second person for the leads of ``teams``, or for administrators."""
    return actor.role is Role.ADMINISTRATOR or (actor.role is Role.TEAM_LEAD and actor.team in teams)


def confirm(person: Person, *, at: datetime, actor: Actor, number: int) -> Proposal:
    """Be the second person. The caller makes the change that was proposed, and saves both together.

    Raises as `waiting`; `NotFound` to whom it is no business of, `Conflict` to whoever proposed it or is concerned.
    """
    proposal = waiting(person, number, at)
    if not may_decide(actor, proposal.teams):
        raise NotFound("no-such-proposal")
    if str(actor.person_id) == proposal.by["person"]:
        raise Conflict("needs-another-person")
    if actor.person_id == person.id:
        raise Conflict("not-oneself")
    person.trigger_event(
        PersonChangeConfirmed,
        timestamp=at,
        by=actor.by(),
        change=proposal.kind,
        proposal=number,
        proposed_by=proposal.by,
    )
    return proposal


def refuse_if_overtaken(proposal: Proposal, touched: Teams | None, actor: Actor) -> None:
    """Whoever confirms answers for what the change touches now, which may be more than when it was proposed: the person
    may have been moved since. Raises `Conflict`; it can be proposed anew, as it is now."""
    if touched is not None and not (touched <= set(proposal.teams) and may_decide(actor, touched)):
        raise Conflict("proposal-over")


def decline(person: Person, *, at: datetime, actor: Actor, number: int) -> None:
    """Say no, or take one's own proposal back. Raises as `confirm`."""
    proposal = waiting(person, number, at)
    if not may_decide(actor, proposal.teams):
        raise NotFound("no-such-proposal")
    if actor.person_id == person.id:
        raise Conflict("not-oneself")
    person.trigger_event(
        PersonChangeDeclined,
        timestamp=at,
        by=actor.by(),
        change=proposal.kind,
        proposal=number,
        proposed_by=proposal.by,
    )


def by_one_alone(person: Person, *, at: datetime, by: By, change: str) -> None:
    """Keep that what takes two people was done by one."""
    person.trigger_event(PersonChangedByOneAlone, timestamp=at, by=by, change=change)


def done_to_account(person: Person, *, at: datetime, by: By, done: str, name: str = "") -> None:
    """Keep what was done to what the person signs in with. Raises `NotPermitted` for anything else, and `Conflict`
    where somebody without access would be given a way in."""
    if done not in DONE_TO_AN_ACCOUNT:
        raise NotPermitted("no-permission-declared", name=done)
    if done in ("invited", "link-given") and not person.active:
        raise Conflict("already-disabled")
    person.trigger_event(PersonAccountChanged, timestamp=at, by=by, done=done, name=name)


def may_give_password(person: Person, actor: Actor, at: datetime, way: str | None = None) -> bool:
    """Whether a second person has confirmed that ``actor`` gives a password, and it was not given yet. Where a mail to
    the person was confirmed, what anybody else would have in hand was not."""
    confirmed = person.proposals.get("password")
    return (
        confirmed is not None
        and confirmed.confirmed
        and at < confirmed.expires_at
        and confirmed.by["person"] == str(actor.person_id)
        and (confirmed.wanted.get("way") != Way.MAIL or way == Way.MAIL)
    )
