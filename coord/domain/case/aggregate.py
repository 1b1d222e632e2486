"""The case: one child's stream. Its state is small, whatever the length of the stream: notes are folded apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, NotRequired, Self, TypedDict, cast
from uuid import UUID

from eventsourcing.domain import BaseAggregate, CanSnapshotAggregate, DomainEvent
from eventsourcing.utils import register_topic

from coord.domain.activity import Demand
from coord.domain.actors import Actor, Relation, Relationship
from coord.domain.errors import Conflict
from coord.domain.said import Said


class CaseStatus(StrEnum):
    """Of an episode of care."""

    OPEN = "open"
    CLOSED = "closed"


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
    """One stay of a person on the care team. ``since`` and ``until`` are ISO dates, both days included. ``left_on``:
    the day, the one after ``until``, on which they were taken off it at once."""

    name: str
    role: str
    discipline: str | None
    relation: str
    since: str
    until: str | None
    left_on: NotRequired[str]


class Profile(TypedDict):
    """How much a child copes with: low, moderate or high, as activities demand it (`coord.domain.activity.Demand`);
    of ``sensory`` impressions, and of what asks for ``attention``, "" where nobody has said (no "no")."""

    cognitive: Annotated[str, Said(of=Demand)]
    motor: Annotated[str, Said(of=Demand)]
    communication: Annotated[str, Said(of=Demand)]
    sensory: Annotated[str, Said("How much there may be to hear, see and touch", of=Demand, null=True)]
    attention: Annotated[str, Said("How long, and with how much around", of=Demand, null=True)]


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


class CirclePerson(TypedDict):
    """Somebody around the child without an account (`coord.domain.case.circle`). ``listed``: to be chosen from the list
    as who saw something; ``version`` counts the corrections."""

    name: str
    relation: str
    listed: bool
    version: int


class Alert(TypedDict):
    """What everybody who is with the child must know (`coord.domain.case.alerts`): what it says, with ISO dates (""
    for none), who raised it, how often it was changed, and whether it was ended."""

    text: str
    what_to_do: str
    kind: str
    since: str
    review_on: str
    audience: str
    author: str
    author_name: str
    version: int
    ended: bool


class RecentNote(TypedDict):
    """What a case remembers of a note that was signed lately (`coord.domain.case.note_twins`): ``words`` stands for its
    text without holding it, times are ISO text in UTC."""

    note: str
    author: str
    format: str
    words: str
    observed_from: str
    setting: str
    audience: str
    signed_at: str


class SummaryState(TypedDict):
    """A version of the school summary: the ISO date from which it is valid, and whether it was recalled, and that
    before its day."""

    valid_from: str
    recalled: bool
    before_its_day: bool


class CaseSnapshot(CanSnapshotAggregate[UUID], DomainEvent):
    """A case's state at a version, so that loading does not grow with the stream."""

    TOPIC = "case.snapshot.v1"
    class_version = 2
    topic: str
    state: dict[str, Any]

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """The first version knew one stay of each person on the care team."""
        of_the_case = state["state"]
        of_the_case["members"] = {person: [stay] for person, stay in of_the_case["members"].items()}

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
    members: dict[str, list[Member]]
    """The stays of each person on the care team, by their first day; those of one person never overlap."""
    summary_version: int
    summary_status: str
    summaries: Mapping[str, SummaryState]
    """Versions of the school summary, by their number. Not in snapshots from before there were any for a later day."""
    memberships: Mapping[str, Membership]
    """Places in groups, by the membership's id."""
    circle: Mapping[str, CirclePerson]
    """Who is around the child without an account, by an id of their own."""
    circle_names: Mapping[str, str]
    """Names that were typed for who saw something, and who of the circle each is."""
    alerts: Mapping[str, Alert]
    """What must be known before anything else, by an id of its own; those that were ended, too."""
    recent_notes: tuple[RecentNote, ...] = ()
    """The notes signed last, without those entered in error; the oldest first. A default of the class, for snapshots
    from before any were remembered: such a case remembers those that follow."""
    goals: tuple[str, ...] = ()
    """Identifiers of all goals ever proposed. A default of the class, for snapshots from before there were goals."""
    profile: Profile | None = None
    """Likewise, and so are the memberships, and the circle."""
    closed_at: str | None = None
    """When it was closed last, as ISO text; None while it is open. Not in snapshots from before it was kept."""

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
        """What ``actor``, in the role that they are here in, is to this child on the day ``today``."""
        day = today.isoformat()
        relation = None
        for stay in self.members.get(str(actor.person_id), ()):
            here = actor.is_here_by(stay["role"])
            if here and stay["since"] <= day and (stay["until"] is None or day <= stay["until"]):
                relation = Relation(stay["relation"])
        return Relationship(relation, bool(actor.team) and actor.team == self.details["team"])

    @property
    def has_forgotten_summaries(self) -> bool:
        """It comes from a snapshot from before versions of the school summary were kept: only its events know them."""
        known = [state["valid_from"] for state in self.summaries.values()]
        return self.summary_version > 0 and not (known and all(known))

    @property
    def born(self) -> date:
        """The child's date of birth."""
        return date.fromisoformat(self.details["birth_date"])

    @property
    def has_forgotten_its_closing(self) -> bool:
        """It comes from a snapshot from before the time of the closing was kept: only its events know it."""
        return self.status == "closed" and self.closed_at is None

    def refuse_if_closed(self) -> None:
        """Raise `Conflict` when nothing more may be written to the case."""
        if self.status == "closed":
            raise Conflict("case-closed")

    def was_closed_by(self, moment: datetime) -> bool:
        """Whether the case is closed, and was so at this moment: what took place then is no part of its record."""
        closed_at = datetime.fromisoformat(self.closed_at) if self.closed_at else None
        return self.status == "closed" and (closed_at is None or moment >= closed_at)

    def refuse_if_closed_by(self, moment: datetime) -> None:
        """Raise `Conflict` when what took place at this moment may not be written to the case: it was closed by then.
        What was before can be told later."""
        if self.was_closed_by(moment):
            raise Conflict("case-closed")


Case.memberships = MappingProxyType({})  # a default that the class statement, a dataclass's, would refuse
Case.summaries = MappingProxyType({})
Case.circle = MappingProxyType({})
Case.circle_names = MappingProxyType({})
Case.alerts = MappingProxyType({})
