"""The case: one child's stream. Its state is small, whatever the length of the stream: notes are folded apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NotRequired, Self, TypedDict, cast
from uuid import UUID

from eventsourcing.domain import BaseAggregate, CanSnapshotAggregate, DomainEvent
from eventsourcing.utils import register_topic

from coord.domain.actors import Actor, Relation, Relationship
from coord.domain.errors import Conflict


class Details(TypedDict):
    """Who the child is. ``birth_date`` is an ISO date."""

    preferred_name: str
    full_name: str
    birth_date: str
    languages: list[str]
    school: str
    school_class: str
    team: str


class Member(TypedDict):
    """One person on the care team. ``since`` and ``until`` are ISO dates, both days included."""

    name: str
    role: str
    discipline: str | None
    relation: str
    since: str
    until: str | None


class Profile(TypedDict):
    """How much a child copes with: low, moderate or high, as activities demand it (`coord.domain.activity.Demand`);
    of ``sensory`` impressions, and of what asks for ``attention``, "" where nobody has said (no "no")."""

    cognitive: str
    motor: str
    communication: str
    sensory: str
    attention: str


class Membership(TypedDict):
    """A place in a therapeutic group, as the child's own stream knows it: nothing here leads to who else is in it.

    ``dates`` are ISO dates, ``start_time`` HH:MM on the clinic's clock, ``other_times`` those of single dates that
    begin at another time; ``status`` is waiting, enrolled or left, ``since`` and ``until`` the first and the last day
    of the stay ("": not said). A case of before knows nothing of the last three."""

    status: str
    kind: str
    aims: str
    dates: list[str]
    start_time: str
    minutes: int
    since: NotRequired[str]
    until: NotRequired[str]
    other_times: NotRequired[dict[str, str]]


class SummaryState(TypedDict):
    """A version of the school summary: the ISO date from which it is valid, and whether it was recalled, and that
    before its day."""

    valid_from: str
    recalled: bool
    before_its_day: bool


class CaseSnapshot(CanSnapshotAggregate[UUID], DomainEvent):
    """A case's state at a version, so that loading does not grow with the stream."""

    TOPIC = "case.snapshot.v1"
    topic: str
    state: dict[str, Any]

    @classmethod
    def take(cls, aggregate: Any) -> Self:
        """Keep the state, without what the library sets again."""
        set_again = ("_id", "_version", "_pending_events")
        return cls(  # type: ignore[call-arg]  # the library makes __init__ from the annotations
            originator_id=aggregate.id,
            originator_version=aggregate.version,
            timestamp=aggregate.modified_on,
            topic=Case.TOPIC,
            state={name: value for name, value in vars(aggregate).items() if name not in set_again},
        )

    def mutate(self, _: None) -> Case:
        """Rebuild the case; the two library times come back from text."""
        case = cast("Case", super().mutate(None))
        for name in ("_created_on", "_modified_on"):
            value = getattr(case, name)
            if isinstance(value, str):
                setattr(case, name, datetime.fromisoformat(value))
        return case


register_topic(CaseSnapshot.TOPIC, CaseSnapshot)


class Case(BaseAggregate[UUID]):
    """A child and an episode of care. Decisions live in the modules beside this one; this class keeps the state."""

    TOPIC = "case"
    Snapshot = CaseSnapshot

    details: Details
    details_version: int
    status: str
    members: dict[str, Member]
    summary_version: int
    summary_status: str
    summaries: Mapping[str, SummaryState]
    """Versions of the school summary, by their number. Not in snapshots from before there were any for a later day."""
    memberships: Mapping[str, Membership]
    """Places in groups, by the membership's id."""
    goals: tuple[str, ...] = ()
    """Identifiers of all goals ever proposed. A default of the class, for snapshots from before there were goals."""
    profile: Profile | None = None
    """Likewise, and so are the memberships."""

    def __init__(self) -> None:
        """State comes from the events alone."""
        self.details_version = 1
        self.status = "open"
        self.members = {}
        self.summary_version = 0
        self.summary_status = "none"

    def __deepcopy__(self, memo: dict[int, Any]) -> Case:
        """A case that can be changed without the cached one. Events replace what they change and alter nothing in place
        (a test holds them to it), so the parts can be shared."""
        copy = object.__new__(Case)
        copy.__dict__ = {**self.__dict__, "_pending_events": []}
        return copy

    def relationship_of(self, actor: Actor, today: date) -> Relationship:
        """What ``actor`` is to this child on the day ``today``."""
        member = self.members.get(str(actor.person_id))
        day = today.isoformat()
        relation = None
        if member and member["since"] <= day and (member["until"] is None or day <= member["until"]):
            relation = Relation(member["relation"])
        return Relationship(relation, bool(actor.team) and actor.team == self.details["team"])

    @property
    def has_forgotten_summaries(self) -> bool:
        """It comes from a snapshot from before versions of the school summary were kept: only its events know them."""
        known = [state["valid_from"] for state in self.summaries.values()]
        return self.summary_version > 0 and not (known and all(known))

    def refuse_if_closed(self) -> None:
        """Raise `Conflict` when nothing more may be written to the case."""
        if self.status == "closed":
            raise Conflict("case-closed")


Case.memberships = MappingProxyType({})  # a default that the class statement, a dataclass's, would refuse
Case.summaries = MappingProxyType({})
