"""A person who uses Coord: registered, re-teamed, given another role, disabled. Their password is kept elsewhere.

What takes two people is proposed first (`coord.domain.rising`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated, BaseAggregate

from coord.domain.actors import CLINICAL_DISCIPLINES, RELATIONS_OF_ROLE, By, Discipline, Relation, Role, Standing
from coord.domain.errors import Conflict, NotFound
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import Input

GIVEN = ("password-given", "link-given")
"""What a second person has to confirm before it is given to somebody who sees children."""
CAME_IN = ("invited", "password-chosen")
"""What makes a password that was confirmed, and not given yet, needless: the person comes in, or came in, without."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of somebody's account that waits for a second person, or that the second has confirmed and that is still
    to be made (a password). ``number`` is the version of the person's stream that it was proposed in."""

    number: int
    kind: str
    wanted: Mapping[str, str | None]
    teams: Sequence[str]
    """The service teams whose leads may be the second person; an administrator always may."""
    by: By
    expires_at: datetime
    confirmed: bool = False


class PersonRegistered(CoordEvent, AggregateCreated):
    """A person got an account. The password is in the office store, never here."""

    TOPIC = "person.registered.v1"
    HISTORY = in_the_history("Person registered")
    name: str
    """As others see it."""
    email: str
    """The address they sign in with, in small letters."""
    role: str
    """``therapist``, ``student``, ``teacher``, ``team-lead``, ``administrator``."""
    discipline: str | None
    """``ot``, ``slt``, ``psychology``, ``other``, ``school``, or null."""
    team: str
    """The service team, or the school."""
    answered: Sequence[dict[str, Any]] = ()
    """What was asked about it before it was done, and is meant so: pointer, code and params of each."""

    def apply(self, aggregate: Person) -> None:
        """Take over what was registered."""
        aggregate.name, aggregate.email, aggregate.role = self.name, self.email, self.role
        aggregate.discipline, aggregate.team, aggregate.active = self.discipline, self.team, True
        aggregate.proposals, aggregate.further, aggregate.apart = {}, {}, ()

    def told(self) -> Particulars:
        """Who, as what, in which team."""
        return {"name": self.name, "role": self.role, "discipline": self.discipline, "team": self.team} | self.meant()


class PersonChange(CoordEvent):
    """Something about a person changed that they are told of when they next sign in, if others did it."""


class PersonRoleChanged(PersonChange):
    """A person's role or discipline changed. What they wrote before keeps the old one."""

    TOPIC = "person.role-changed.v1"
    HISTORY = in_the_history("Role changed")
    role: str
    """The new role."""
    discipline: str | None
    """The new discipline, or null."""

    def apply(self, aggregate: Person) -> None:
        """Take over the new role."""
        aggregate.role, aggregate.discipline = self.role, self.discipline

    def told(self) -> Particulars:
        """To which role."""
        return {"role": self.role, "discipline": self.discipline}


class PersonRoleAdded(PersonChange):
    """A person got a further role beside the first: they sign in once, and are here in one of them at a time."""

    TOPIC = "person.role-added.v1"
    HISTORY = in_the_history("Further role given")
    role: str
    """Which role; a person has each once."""
    discipline: str | None
    """The discipline in that role, or null."""
    team: str
    """The service team in that role, or the school."""
    answered: Sequence[dict[str, Any]] = ()
    """What was asked about it before it was done, and is meant so: pointer, code and params of each."""

    def apply(self, aggregate: Person) -> None:
        """One role more."""
        discipline = Discipline(self.discipline) if self.discipline else None
        aggregate.further = {**aggregate.further, self.role: Standing(Role(self.role), discipline, self.team)}
        aggregate.apart = tuple(sorted({*aggregate.apart, self.role}))

    def told(self) -> Particulars:
        """Which role, in which team."""
        return {"role": self.role, "discipline": self.discipline, "team": self.team} | self.meant()


class PersonRoleEnded(PersonChange):
    """A person has a further role no more. What they did in it keeps it."""

    TOPIC = "person.role-ended.v1"
    HISTORY = in_the_history("Further role ended")
    role: str
    """Which role."""
    team: str
    """The service team in that role, or the school."""
    reason: str

    def apply(self, aggregate: Person) -> None:
        """One role less. Stays on care teams in it open nothing from now on."""
        aggregate.further = {role: one for role, one in aggregate.further.items() if role != self.role}

    def told(self) -> Particulars:
        """Which role, and why."""
        return {"role": self.role, "team": self.team, "reason": self.reason}


class PersonMoved(PersonChange):
    """A person belongs to another service team."""

    TOPIC = "person.moved.v1"
    HISTORY = in_the_history("Moved to another service team")
    team: str
    """The new team."""
    answered: Sequence[dict[str, Any]] = ()
    """What was asked about it before it was done, and is meant so: pointer, code and params of each."""

    def apply(self, aggregate: Person) -> None:
        """Take over the new team."""
        aggregate.team = self.team

    def told(self) -> Particulars:
        """To which team."""
        return {"team": self.team} | self.meant()


class PersonEmailChanged(PersonChange):
    """A person signs in with another email address. Their name, and what they wrote, is as before."""

    TOPIC = "person.email-changed.v1"
    HISTORY = in_the_history("Email address changed")
    email: str
    """The new address, in small letters."""

    def apply(self, aggregate: Person) -> None:
        """Take over the new address."""
        aggregate.email = self.email


class PersonRenamed(PersonChange):
    """A person has another name. What was done before, by them or with them, is told under the name of then."""

    TOPIC = "person.renamed.v1"
    HISTORY = in_the_history("Name changed")
    name: str
    """The new name."""
    before: str
    """The name until then."""

    def apply(self, aggregate: Person) -> None:
        """Take over the new name."""
        aggregate.name = self.name

    def told(self) -> Particulars:
        """Both names."""
        return {"before": {"name": self.before}, "after": {"name": self.name}}


class PersonDisabled(PersonChange):
    """A person lost access, at once. Their name stays on what they wrote."""

    TOPIC = "person.disabled.v1"
    HISTORY = in_the_history("Access taken away")
    reason: str
    answered: Sequence[dict[str, Any]] = ()
    """What was asked about before: what they leave behind. Not in events from before questions were asked."""

    def apply(self, aggregate: Person) -> None:
        """No longer active."""
        aggregate.active = False

    def told(self) -> Particulars:
        """That it happened, and why; and what was left behind, where that was asked."""
        return {"reason": self.reason} | ({"left_behind": list(self.answered)} if self.answered else {})


class PersonEnabled(PersonChange):
    """A person got access again."""

    TOPIC = "person.enabled.v1"
    HISTORY = in_the_history("Access given again")
    reason: str

    def apply(self, aggregate: Person) -> None:
        """Active again."""
        aggregate.active = True

    def told(self) -> Particulars:
        """Why."""
        return {"reason": self.reason}


class PersonChangeProposed(CoordEvent):
    """One administrator proposed what takes two people; of a ``registration`` the person has no access before it is
    confirmed."""

    TOPIC = "person.change-proposed.v1"
    HISTORY = in_the_history("Change that takes two people proposed")
    change: str
    """``registration``, ``role``, ``role-added``, ``team``, ``email``, ``access`` (again), ``password`` or
    ``factors``; a later proposal of one kind takes the place of the earlier."""
    wanted: dict[str, str | None]
    """How it would be then: ``role`` and ``discipline``, ``team`` (of a further role all three), ``email``, or
    ``reason``; of a registration perhaps ``invite`` (``mail`` or ``letter``), of a password ``way`` (the same, where it
    is a link); never a password."""
    teams: list[str]
    """The service teams whose leads may be the second person; another administrator always may."""
    expires_at: datetime
    """When it is over, if nobody decides."""
    answered: Sequence[dict[str, Any]] = ()
    """What was asked about it before it was done, and is meant so: pointer, code and params of each."""

    def apply(self, aggregate: Person) -> None:
        """It waits; an earlier proposal of the same kind waits no longer."""
        new = Proposal(
            self.originator_version,
            self.change,
            self.wanted,
            tuple(self.teams),
            self.by,
            self.expires_at.astimezone(UTC),
        )
        aggregate.proposals = {**aggregate.proposals, self.change: new}
        if self.change == "registration":
            aggregate.active = False

    def told(self) -> Particulars:
        """What would change, and to which role or team."""
        wanted = {name: self.wanted[name] for name in ("role", "discipline", "team") if self.wanted.get(name)}
        return {"change": self.change, **wanted} | self.meant()


class PersonChangeConfirmed(CoordEvent):
    """A second person confirmed what was proposed. The change is an event of its own, in the same save; a password, or
    the letter to somebody new, is given afterwards by whoever proposed it."""

    TOPIC = "person.change-confirmed.v1"
    HISTORY = in_the_history("Change that takes two people confirmed")
    change: str
    """As proposed."""
    proposal: int
    """The version of the person's stream in which it was proposed."""
    proposed_by: By
    """Who had proposed it, as they were then."""

    def apply(self, aggregate: Person) -> None:
        """It is made, or may be."""
        waiting = aggregate.proposals[self.change]
        if self.change == "password":
            confirmed = Proposal(
                waiting.number, waiting.kind, waiting.wanted, waiting.teams, waiting.by, waiting.expires_at, True
            )
            aggregate.proposals = {**aggregate.proposals, self.change: confirmed}
            return
        aggregate.proposals = {k: v for k, v in aggregate.proposals.items() if k != self.change}
        if self.change == "registration":
            aggregate.active = True
            if waiting.wanted.get("invite") == "letter":  # which gives what a password gives, once
                letter = Proposal(
                    waiting.number, "password", waiting.wanted, waiting.teams, waiting.by, waiting.expires_at, True
                )
                aggregate.proposals = {**aggregate.proposals, "password": letter}

    def told(self) -> Particulars:
        """What was decided, and who had proposed it."""
        return {"change": self.change, "proposed_by": self.proposed_by["name"]}


class PersonChangeDeclined(CoordEvent):
    """A second person declined what was proposed, or whoever proposed it took it back."""

    TOPIC = "person.change-declined.v1"
    HISTORY = in_the_history("Change that takes two people declined")
    change: str
    """As proposed."""
    proposal: int
    """The version of the person's stream in which it was proposed."""
    proposed_by: By
    """Who had proposed it, as they were then."""

    def apply(self, aggregate: Person) -> None:
        """It waits no longer."""
        aggregate.proposals = {k: v for k, v in aggregate.proposals.items() if k != self.change}

    def told(self) -> Particulars:
        """What was decided, and who had proposed it."""
        return {"change": self.change, "proposed_by": self.proposed_by["name"]}


class PersonChangedByOneAlone(PersonChange):
    """What takes two people was done by one, because there was nobody who could be the second. In the same save as the
    change."""

    TOPIC = "person.changed-by-one-alone.v1"
    HISTORY = in_the_history("Changed by one person alone: there was nobody who could be the second")
    change: str
    """As of a proposal."""

    def apply(self, aggregate: Person) -> None:
        """Nothing more than the change itself, saved with this one."""

    def told(self) -> Particulars:
        """What one did that takes two."""
        return {"change": self.change}


class PersonAccountChanged(PersonChange):
    """Something was done to what a person signs in with: by another person, or by themselves where they chose a
    password by a link. No secret is in it."""

    TOPIC = "person.account-changed.v1"
    HISTORY = in_the_history("What somebody signs in with changed")
    done: str
    """``invited`` (mailed a link to choose the first password), ``link-given`` (another link to choose a password, or
    one on paper), ``password-chosen`` (by such a link), ``password-given`` (a one-time password), ``sign-ins-ended``,
    ``token-issued``, ``token-ended``, ``factors-removed`` (whatever was asked for beside the password)."""
    name: str
    """Of an API token its name, else empty."""

    def apply(self, aggregate: Person) -> None:
        """What was confirmed is given, once; or is over, where the person comes in without it."""
        waiting = aggregate.proposals.get("password")
        if self.done in GIVEN or (self.done in CAME_IN and waiting is not None and waiting.confirmed):
            aggregate.proposals = {k: v for k, v in aggregate.proposals.items() if k != "password"}

    def told(self) -> Particulars:
        """What was done; of a token its name."""
        return {"done": self.done, "token": self.name}


class Person(BaseAggregate[UUID]):
    """The stream of one person's account."""

    TOPIC = "person"
    name: str
    email: str
    role: str
    discipline: str | None
    team: str
    active: bool
    proposals: dict[str, Proposal]
    """By kind: what waits for a second person. Some may have expired."""
    further: Mapping[str, Standing]
    """By role: the roles beside the first, which is ``role``."""
    apart: tuple[str, ...]
    """Every role that was ever given beside the first."""

    def __init__(self) -> None:
        """State comes from the events alone."""

    @property
    def standings(self) -> list[Standing]:
        """The roles of the person, the first one first."""
        discipline = Discipline(self.discipline) if self.discipline else None
        return [Standing(Role(self.role), discipline, self.team), *self.further.values()]

    def standing_for(self, relation: Relation) -> Standing | None:
        """The role in which the person can have this relation to a child; None if in none."""
        return next((one for one in self.standings if relation in RELATIONS_OF_ROLE[one.role]), None)

    def standing_as(self, *roles: str) -> Standing | None:
        """The first of the person's roles that is one of ``roles``; None if they have none of them."""
        return next((one for one in self.standings if one.role.value in roles), None)

    def __deepcopy__(self, memo: dict[int, object]) -> Person:
        """A person that can be changed without the cached one; every part of a person is a plain value."""
        copy = object.__new__(Person)
        copy.__dict__ = {**self.__dict__, "_pending_events": []}
        return copy

    @classmethod
    def register(
        cls,
        *,
        id: UUID,
        at: datetime,
        by: By,
        name: str,
        email: str,
        role: Role,
        discipline: Discipline | None,
        team: str,
        answered: Sequence[dict[str, Any]] = (),
    ) -> Self:
        """Register a person; ``answered`` is what was asked about before.

        Raises `InvalidInput` when a name or address is missing, or role and discipline do not go together.
        """
        check = Input()
        name = check.text("/name", name, lines=False)
        email = _address(check, email)
        team = check.text("/team", team, lines=False, required=role is not Role.ADMINISTRATOR)
        discipline = _fitting_discipline(check, role, discipline)
        check.refuse_if_any()
        return cls._create(
            PersonRegistered,
            id=id,
            timestamp=at,
            by=by,
            name=name,
            email=email,
            role=role.value,
            discipline=discipline.value if discipline else None,
            team=team,
            answered=list(answered),
        )

    def change_role(self, *, at: datetime, by: By, role: Role, discipline: Discipline | None) -> None:
        """Give another role or discipline, in place of the first. Nothing happens if both are as before.

        Raises `InvalidInput`, or `Conflict` if the person has that role beside it.
        """
        check = Input()
        discipline = _fitting_discipline(check, role, discipline)
        check.refuse_if_any()
        new = discipline.value if discipline else None
        if role.value in self.further:
            raise Conflict("has-that-role")
        if (role.value, new) != (self.role, self.discipline):
            self.trigger_event(PersonRoleChanged, timestamp=at, by=by, role=role.value, discipline=new)

    def add_role(
        self,
        *,
        at: datetime,
        by: By,
        role: Role,
        discipline: Discipline | None,
        team: str,
        answered: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Give a role beside those that the person has; ``answered`` is what was asked before.

        Raises `InvalidInput` when role, discipline and team do not go together, `Conflict` if they have that role.
        """
        check = Input()
        team = check.text("/team", team, lines=False, required=role is not Role.ADMINISTRATOR)
        discipline = _fitting_discipline(check, role, discipline)
        check.refuse_if_any()
        if any(one.role is role for one in self.standings):
            raise Conflict("has-that-role")
        self.trigger_event(
            PersonRoleAdded,
            timestamp=at,
            by=by,
            role=role.value,
            discipline=discipline.value if discipline else None,
            team=team,
            answered=list(answered),
        )

    def end_role(self, *, at: datetime, by: By, role: Role, reason: str) -> None:
        """Take a further role away. Raises `InvalidInput` without a reason, `Conflict` when it has ended already,
        `NotFound` if they never had it beside the first."""
        check = Input()
        reason = check.text("/reason", reason)
        check.refuse_if_any()
        if role.value not in self.further:
            raise Conflict("role-over") if role.value in self.apart else NotFound("no-such-role")
        team = self.further[role.value].team
        self.trigger_event(PersonRoleEnded, timestamp=at, by=by, role=role.value, team=team, reason=reason)

    def move(self, *, at: datetime, by: By, team: str, answered: Sequence[dict[str, Any]] = ()) -> None:
        """Put into another service team; ``answered`` is what was asked before. Nothing happens if it is the same."""
        check = Input()
        team = check.text("/team", team, lines=False)
        check.refuse_if_any()
        if team != self.team:
            self.trigger_event(PersonMoved, timestamp=at, by=by, team=team, answered=list(answered))

    def change_email(self, *, at: datetime, by: By, email: str) -> None:
        """Give another email address. Nothing happens if it is the same."""
        check = Input()
        email = _address(check, email)
        check.refuse_if_any()
        if email != self.email:
            self.trigger_event(PersonEmailChanged, timestamp=at, by=by, email=email)

    def rename(self, *, at: datetime, by: By, name: str) -> None:
        """Give another name. Nothing happens if it is the same."""
        check = Input()
        name = check.text("/name", name, lines=False)
        check.refuse_if_any()
        if name != self.name:
            self.trigger_event(PersonRenamed, timestamp=at, by=by, name=name, before=self.name)

    def disable(self, *, at: datetime, by: By, reason: str, answered: Sequence[dict[str, Any]] = ()) -> None:
        """Take access away; ``answered`` is what was asked before. Raises `Conflict` if that was done already."""
        check = Input()
        reason = check.text("/reason", reason)
        check.refuse_if_any()
        if not self.active:
            raise Conflict("already-disabled")
        self.trigger_event(PersonDisabled, timestamp=at, by=by, reason=reason, answered=list(answered))

    def enable(self, *, at: datetime, by: By, reason: str) -> None:
        """Give access back. Raises `Conflict` if the person has it."""
        check = Input()
        reason = check.text("/reason", reason)
        check.refuse_if_any()
        if self.active:
            raise Conflict("already-enabled")
        self.trigger_event(PersonEnabled, timestamp=at, by=by, reason=reason)


def _address(check: Input, email: str) -> str:
    """An email address in small letters."""
    email = check.text("/email", email, lines=False)
    if email and ("@" not in email[1:-1] or " " in email):
        check.problem("/email", "not-an-email")
    return email.lower()


def _fitting_discipline(check: Input, role: Role, discipline: Discipline | None) -> Discipline | None:
    """Therapists and students have a clinical discipline, teachers write from school, the others may have one."""
    if role is Role.TEACHER:
        return Discipline.SCHOOL
    if role is Role.ADMINISTRATOR:
        return None
    if role in (Role.THERAPIST, Role.STUDENT) and discipline not in CLINICAL_DISCIPLINES:
        check.problem("/discipline", "missing" if discipline is None else "not-clinical")
    return discipline
