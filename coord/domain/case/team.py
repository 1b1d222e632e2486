"""The care team: who works with this child, as what, from when, until when."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from coord.domain.actors import RELATIONS_OF_ROLE, Actor, Relation, Role
from coord.domain.case.aggregate import Case, Member
from coord.domain.errors import Conflict, NotFound
from coord.domain.events import CoordEvent
from coord.domain.input import Input
from coord.domain.person import Person


class TeamMemberJoined(CoordEvent):
    """A person joined the child's care team (or their part in it changed); role and discipline as they were then."""

    TOPIC = "case.team-member-joined.v1"
    person: str
    member: Member

    def apply(self, aggregate: Case) -> None:
        """On the team."""
        aggregate.members = {**aggregate.members, self.person: self.member}


class TeamMemberLeft(CoordEvent):
    """A person left the child's care team; what they wrote stays."""

    TOPIC = "case.team-member-left.v1"
    person: str
    name: str
    relation: str

    def apply(self, aggregate: Case) -> None:
        """No longer on the team."""
        aggregate.members = {k: v for k, v in aggregate.members.items() if k != self.person}


def add_member(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    person: Person,
    relation: Relation,
    since: date,
    until: date | None = None,
) -> None:
    """Put ``person`` on the care team. Both days count.

    Raises `InvalidInput` when the relation does not fit the person's role, the days are reversed or the person is
    disabled; `Conflict` when the case is closed or the person is on the team in just this way.
    """
    case.refuse_if_closed()
    check = Input()
    role = Role(person.role)
    if not person.active:
        check.problem("/person", "person-disabled")
    elif relation not in RELATIONS_OF_ROLE[role]:
        check.problem("/relation", "relation-does-not-fit-role", role=person.role)
    if until is not None and until < since:
        check.problem("/until", "before-the-start")
    check.refuse_if_any()
    member: Member = {
        "name": person.name,
        "role": person.role,
        "discipline": person.discipline,
        "relation": relation.value,
        "since": since.isoformat(),
        "until": until.isoformat() if until else None,
    }
    present = case.members.get(str(person.id))
    # From an earlier day already: nothing new. From a later one: they join sooner than was planned.
    if present is not None and present["since"] <= member["since"] and {**present, "since": member["since"]} == member:
        raise Conflict("already-on-team")
    case.trigger_event(TeamMemberJoined, timestamp=at, by=actor.by(), person=str(person.id), member=member)


def remove_member(case: Case, *, at: datetime, actor: Actor, person_id: UUID) -> None:
    """Take a person off the care team. Raises `NotFound` when they are not on it."""
    member = case.members.get(str(person_id))
    if member is None:
        raise NotFound("not-on-team")
    case.trigger_event(
        TeamMemberLeft,
        timestamp=at,
        by=actor.by(),
        person=str(person_id),
        name=member["name"],
        relation=member["relation"],
    )
