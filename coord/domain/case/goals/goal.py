"""A goal: what can happen to it, and how it stands after that.

Like notes, goals are folded apart from their case: each command folds the one goal that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypedDict
from uuid import UUID

from coord.domain.actors import By
from coord.domain.case.aggregate import Case
from coord.domain.case.goals.wording import Content, GoalStatus
from coord.domain.case.parties import Party
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.said import Said


class KnownAs(StrEnum):
    """As what somebody who saw it is known."""

    WRITER = "writer"
    TEAM = "team"
    CIRCLE = "circle"
    WRITTEN = "written"


class SeenBy(TypedDict):
    """Who saw it. ``known_as`` is writer (who wrote it down), team (a member of the care team), circle (of the child's
    circle) or written (a name that was only typed); ``person`` is the id of a member or of one of the circle. Name and
    relation are as they were then."""

    known_as: str
    person: str
    name: str
    relation: str


def the_writer() -> SeenBy:
    """Whoever wrote it down saw it."""
    return {"known_as": "writer", "person": "", "name": "", "relation": ""}


def written_name(name: str) -> SeenBy:
    """Somebody of whom there is only a name that was typed; nobody, if it is empty: then it was the writer."""
    return {"known_as": "written", "person": "", "name": name, "relation": ""} if name else the_writer()


# ---- events ------------------------------------------------------------------------------------------------------


class GoalEvent(CoordEvent):
    """An event about one goal of the case; the case's own state does not change with it."""

    goal_id: UUID
    """The goal. Its id was chosen at random by the sender, so that sending it twice is one goal."""

    @property
    def entry_id(self) -> UUID:
        """The goal."""
        return self.goal_id

    def apply(self, aggregate: Case) -> None:
        """Goals are folded apart (see `Goal`)."""


class GoalProposed(GoalEvent):
    """Somebody put into words what the child's people could aim at. Nobody has agreed to it yet."""

    TOPIC = "case.goal-proposed.v1"
    HISTORY = in_the_history("Goal proposed")
    BEGINS_ENTRY = True
    content: Content
    """``statement``, ``child_view`` (what the child says of it), ``icf`` (a chapter, ``d1`` to ``d9``, or empty),
    ``disciplines`` that share it, ``contexts`` where it should hold, ``condition``, ``criterion``, ``support`` (the
    most help with which it counts), ``baseline`` in words, ``review_date``, ``audience`` as of a note, and ``scale``:
    five ``levels`` from ``-2`` to ``2``, ``baseline`` as a level, ``importance`` and ``difficulty`` (0 to 3 each; both
    null is a weight of 1), or null."""

    def apply(self, aggregate: Case) -> None:
        """The case knows which goals it has, no more."""
        aggregate.goals = (*aggregate.goals, str(self.goal_id))

    def told(self) -> Particulars:
        """Which wording, for whom."""
        return {"goal_version": 1, "audience": self.content["audience"]}


class GoalRevised(GoalEvent):
    """The goal says something else from here on. The earlier wordings stay readable."""

    TOPIC = "case.goal-revised.v1"
    HISTORY = in_the_history("Goal revised")
    content: Content
    """The whole new content."""
    content_version: int
    """The number of this wording; 2 is the first revision."""
    scale_version: int
    """The number of the scale: one more when levels were changed, since ratings before and after cannot be compared; in
    older events only when somebody had rated on them."""
    reason: str

    def told(self) -> Particulars:
        """Which wording, for whom."""
        return {"goal_version": self.content_version, "audience": self.content["audience"]}


class GoalAgreed(GoalEvent):
    """These people agreed to the goal in this wording; a goal that was only proposed is agreed from here on."""

    TOPIC = "case.goal-agreed.v1"
    HISTORY = in_the_history("Goal agreed")
    content_version: int
    """The wording they agreed to."""
    parties: list[Party]
    """Each with ``name`` as typed and ``party``: ``child``, ``guardian``, ``teacher``, ``professional``, ``other``."""

    def told(self) -> Particulars:
        """Which wording, and as what people agreed to it."""
        parties = sorted({p["party"] for p in self.parties})
        return {"goal_version": self.content_version, "parties": parties}


class GoalStatusChanged(GoalEvent):
    """The work on the goal began, paused, reached its end or began again; or the goal should never have existed."""

    TOPIC = "case.goal-status-changed.v1"
    HISTORY = in_the_history("State of a goal changed")
    status: str
    """``active``, ``on-hold``, ``achieved``, ``maintained``, ``stopped``, or ``entered-in-error``, which hides it from
    ordinary views."""
    before: str
    """The state it was in."""
    reason: str
    """Why; may be empty for a step forward."""

    def told(self) -> Particulars:
        """From which state to which."""
        return {"before": {"goal_status": self.before}, "after": {"goal_status": self.status}}


class GoalObserved(GoalEvent):
    """Somebody saw how far the skill came, in one context.

    The first version had no ``answered``, and ``reported_by`` for ``seen_by``: a name as it was typed. Read today it is
    ``written``, or the ``writer`` where it was empty.
    """

    TOPIC = "case.goal-observed.v1"
    HISTORY = in_the_history("Goal observed")
    class_version = 2
    observation_id: UUID
    """The observation, chosen at random by the sender, so that sending it twice is one."""
    context: str
    """Where: ``therapy``, ``home``, ``school``, ``community``."""
    level: int | None
    """On the goal's scale, from -2 to 2; null is not rated, which is not 0."""
    scale_version: int
    """The scale that the level is on."""
    support: str
    """The help that was needed: ``independent``, ``verbal``, ``visual``, ``physical``, ``not-achieved``; empty if not
    said."""
    remark: str
    """In words; a remark alone says neither that the skill was shown nor that it was not."""
    observed_at: datetime
    """When it was seen (not when it was written down: that is ``timestamp``)."""
    seen_by: SeenBy
    """Who saw it: ``known_as`` ``writer`` (who wrote it down), ``team`` (a member of the care team), ``circle`` (of the
    child's circle) or ``written`` (a name that was only typed); ``person``, the id of a member or of one of the circle,
    or empty; ``name`` and ``relation`` as they were then."""
    note: str
    """The note that it comes from, or empty."""
    answered: list[dict[str, Any]]
    """What was asked about and is meant."""

    @property
    def reported_by(self) -> str:
        """The name of who saw it, where that is not who writes."""
        return self.seen_by["name"]

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """The typed name stays as it was typed; whose it is, nobody was asked."""
        state["seen_by"] = written_name(state.pop("reported_by"))
        state["answered"] = []

    def told(self) -> Particulars:
        """In which context."""
        return {"context": self.context}

    @property
    def happened_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.observed_at


class GoalObservationEnteredInError(GoalEvent):
    """The observation should never have been recorded: a slip of the finger, the wrong goal or child. It is kept, and
    counts no more."""

    TOPIC = "case.goal-observation-entered-in-error.v1"
    HISTORY = in_the_history("Observation of a goal marked as entered in error")
    MISTAKE = "observation_id"
    observation_id: UUID
    """The observation."""
    reason: str
    """What happened."""


# ---- a goal, folded ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GoalVersion:
    """One wording of a goal, with who wrote it, when, and why it was changed."""

    number: int
    scale_version: int
    content: Content
    by: By
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who agreed to which wording; ``by`` wrote it down."""

    content_version: int
    parties: tuple[Party, ...]
    by: By
    at: datetime


@dataclass(frozen=True, slots=True)
class StatusChange:
    """From which state to which, by whom, when and why."""

    before: Annotated[str, Said(of=GoalStatus)]
    status: Annotated[str, Said(of=GoalStatus)]
    by: By
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One observation; ``error`` is the reason if it was entered in error."""

    id: UUID
    context: str
    level: int | None
    scale_version: int
    support: str
    remark: str
    observed_at: datetime
    seen_by: SeenBy
    note: UUID | None
    by: By
    received_at: datetime
    error: str = ""

    @property
    def reported_by(self) -> str:
        """The name of who saw it, where that is not who wrote it down."""
        return self.seen_by["name"]


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal folded from its events.

    ``version`` counts every change to the goal (1 = proposed), not what is observed of it, and is what edits expect.
    """

    id: UUID
    author: By
    status: str
    version: int
    proposed_at: datetime
    versions: tuple[GoalVersion, ...]
    agreements: tuple[Agreement, ...] = ()
    statuses: tuple[StatusChange, ...] = ()
    observations: tuple[Observation, ...] = ()

    @property
    def content(self) -> Content:
        """What it says now."""
        return self.versions[-1].content

    @property
    def scale_version(self) -> int:
        """Number of the scale that is rated on now."""
        return self.versions[-1].scale_version

    @property
    def audience(self) -> str:
        """Who may read it."""
        return self.content["audience"]

    @property
    def discipline(self) -> str | None:
        """The discipline that it was proposed from."""
        return self.author["discipline"]

    @property
    def agreed(self) -> bool:
        """Whether anybody ever agreed to it, in any wording."""
        return bool(self.agreements)

    @property
    def agreed_as_it_stands(self) -> bool:
        """Whether somebody agreed to the present wording."""
        return any(a.content_version == self.versions[-1].number for a in self.agreements)

    @property
    def rated(self) -> bool:
        """Whether the present scale was ever used."""
        return any(o.level is not None and o.scale_version == self.scale_version for o in self.observations)

    @classmethod
    def from_events(cls, events: Iterable[CoordEvent]) -> Goal | None:
        """Fold a goal's events, in order; None if there are none."""
        goal: Goal | None = None
        for event in events:
            goal = evolve(goal, event)
        return goal


def evolve(goal: Goal | None, event: CoordEvent) -> Goal:
    """The goal after one more of its events.

    Raises `ValueError` on an event that is no goal's, or on one before the proposal: the record would be broken.
    """
    if isinstance(event, GoalProposed):
        first = GoalVersion(1, 1, event.content, event.by, event.timestamp)
        return Goal(event.goal_id, event.by, "proposed", 1, event.timestamp, (first,))
    if goal is None:
        raise ValueError(f"{type(event).__name__} before the goal was proposed")
    version = goal.version + 1
    match event:
        case GoalRevised():
            next_version = GoalVersion(
                event.content_version, event.scale_version, event.content, event.by, event.timestamp, event.reason
            )
            return replace(goal, version=version, versions=(*goal.versions, next_version))
        case GoalAgreed():
            agreement = Agreement(event.content_version, tuple(event.parties), event.by, event.timestamp)
            status = "agreed" if goal.status == "proposed" else goal.status
            return replace(goal, version=version, status=status, agreements=(*goal.agreements, agreement))
        case GoalStatusChanged():
            change = StatusChange(event.before, event.status, event.by, event.timestamp, event.reason)
            return replace(goal, version=version, status=event.status, statuses=(*goal.statuses, change))
        case GoalObserved():
            return replace(goal, observations=(*goal.observations, _observation(event)))
        case GoalObservationEnteredInError():
            marked = (replace(o, error=event.reason) if o.id == event.observation_id else o for o in goal.observations)
            return replace(goal, observations=tuple(marked))
    raise ValueError(f"{type(event).__name__} is no event of a goal")


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """What rating a goal asks of it: the ``goal`` without its observations, and their ids. One with hundreds of ratings
    is folded in a fraction of the time, and is small enough to be kept in memory."""

    goal: Goal
    observed: frozenset[UUID]

    @classmethod
    def after(cls, before: GoalStanding | None, events: Iterable[CoordEvent]) -> GoalStanding:
        """The standing after more of the goal's events. Raises `ValueError` when the record is broken."""
        goal = before.goal if before is not None else None
        observed = set[UUID]()
        for event in events:
            if isinstance(event, GoalObserved):
                observed.add(event.observation_id)
            elif not isinstance(event, GoalObservationEnteredInError):
                goal = evolve(goal, event)
        if goal is None:
            raise ValueError("observed before the goal was proposed")
        return cls(goal, before.observed | observed if before is not None else frozenset(observed))


def _observation(event: GoalObserved) -> Observation:
    return Observation(
        id=event.observation_id,
        context=event.context,
        level=event.level,
        scale_version=event.scale_version,
        support=event.support,
        remark=event.remark,
        observed_at=event.observed_at,
        seen_by=event.seen_by,
        note=UUID(event.note) if event.note else None,
        by=event.by,
        received_at=event.timestamp,
    )
