"""Goals: what the child's people aim at together, where it should hold, and how far it has come there.

Like notes, goals are folded apart from their case: each command folds the one goal that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from coord.domain.actors import Actor, By, Discipline, Role
from coord.domain.case.aggregate import Case
from coord.domain.case.attainment import LEVELS
from coord.domain.case.notes import AUDIENCES_OF_ROLE, Audience
from coord.domain.errors import Conflict, NotFound, NotPermitted, Stale
from coord.domain.events import CoordEvent
from coord.domain.icf import ICF_CHAPTERS
from coord.domain.input import REASON, SHORT, STATEMENT, Input

MOST_PARTIES = 12


class Context(StrEnum):
    """Where a skill is shown."""

    THERAPY = "therapy"
    HOME = "home"
    SCHOOL = "school"
    COMMUNITY = "community"


class Support(StrEnum):
    """The help that was needed, from least to most."""

    INDEPENDENT = "independent"
    VERBAL = "verbal"
    VISUAL = "visual"
    PHYSICAL = "physical"
    NOT_ACHIEVED = "not-achieved"


SUPPORTS = tuple(s.value for s in Support)
AGREED_SUPPORT = tuple(s.value for s in Support if s is not Support.NOT_ACHIEVED)
"""How much help may be given for a goal to count as met; "not achieved" is no help to agree on."""


class Status(StrEnum):
    """Where a goal is in its life."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    ACTIVE = "active"
    ON_HOLD = "on-hold"
    ACHIEVED = "achieved"
    MAINTAINED = "maintained"
    STOPPED = "stopped"
    ENTERED_IN_ERROR = "entered-in-error"


NEXT: dict[str, frozenset[str]] = {
    "proposed": frozenset({"stopped"}),
    "agreed": frozenset({"active", "on-hold", "stopped"}),
    "active": frozenset({"on-hold", "achieved", "stopped"}),
    "on-hold": frozenset({"active", "stopped"}),
    "achieved": frozenset({"maintained", "active", "stopped"}),
    "maintained": frozenset({"active", "stopped"}),
    "stopped": frozenset({"active"}),
    "entered-in-error": frozenset(),
}
"""Which state may follow which. A proposed goal becomes agreed by an agreement alone; an error is a wish of its own."""
WITHOUT_A_REASON = frozenset({("agreed", "active"), ("active", "achieved"), ("achieved", "maintained")})
"""Steps forward need no reason; all others do."""
ENDED = frozenset({"achieved", "maintained", "stopped", "entered-in-error"})
OBSERVABLE = frozenset({"proposed", "agreed", "active", "on-hold", "achieved", "maintained"})
"""Observed before the work starts (a baseline) and after it ended (is it still there?), not once it was given up."""

PARTIES = ("child", "guardian", "teacher", "professional", "other")
"""As what somebody agreed to a goal."""


class Scale(TypedDict):
    """Five observable levels, written before the work starts; keys are "-2" to "2". The weight is 1, or importance
    times difficulty where both are given (0 to 3 each)."""

    levels: dict[str, str]
    baseline: int | None
    importance: int | None
    difficulty: int | None


class Party(TypedDict):
    """Somebody who agreed, and as what (see `PARTIES`)."""

    name: str
    party: str


class Content(TypedDict):
    """What a goal says. ``support`` is the most help with which it still counts; ``review_date`` an ISO date."""

    statement: str
    child_view: str
    icf: str
    disciplines: list[str]
    contexts: list[str]
    condition: str
    criterion: str
    support: str
    baseline: str
    review_date: str
    audience: str
    scale: Scale | None


def weight_of(scale: Scale) -> int:
    """1, or importance times difficulty."""
    importance, difficulty = scale["importance"], scale["difficulty"]
    return 1 if importance is None or difficulty is None else importance * difficulty


# ---- events ------------------------------------------------------------------------------------------------------


class GoalEvent(CoordEvent):
    """An event about one goal of the case; the case's own state does not change with it."""

    goal_id: UUID

    @property
    def entry_id(self) -> UUID:
        """The goal."""
        return self.goal_id

    def apply(self, aggregate: Case) -> None:
        """Goals are folded apart (see `Goal`)."""


class GoalProposed(GoalEvent):
    """Somebody put a goal into words; it is not agreed yet."""

    TOPIC = "case.goal-proposed.v1"
    BEGINS_ENTRY = True
    content: Content

    def apply(self, aggregate: Case) -> None:
        """The case knows which goals it has, no more."""
        aggregate.goals = (*aggregate.goals, str(self.goal_id))


class GoalRevised(GoalEvent):
    """The goal says something else from here on. Other levels begin a new ``scale_version``: levels rated on another
    scale cannot be compared."""

    TOPIC = "case.goal-revised.v1"
    content: Content
    content_version: int
    scale_version: int
    reason: str


class GoalAgreed(GoalEvent):
    """These people agreed to the goal in this wording."""

    TOPIC = "case.goal-agreed.v1"
    content_version: int
    parties: list[Party]


class GoalStatusChanged(GoalEvent):
    """The work on the goal began, paused, was achieved, ended or began again; or the goal should never have been."""

    TOPIC = "case.goal-status-changed.v1"
    status: str
    before: str
    reason: str


class GoalObserved(GoalEvent):
    """Somebody saw how far the skill came: a level of the scale, the help needed, a remark; in one context.

    ``reported_by`` names who saw it, where that is not who writes (a parent, in their words); ``note`` is the entry
    that it comes from, if any.
    """

    TOPIC = "case.goal-observed.v1"
    observation_id: UUID
    context: str
    level: int | None
    scale_version: int
    support: str
    remark: str
    observed_at: datetime
    reported_by: str
    note: str


class GoalObservationEnteredInError(GoalEvent):
    """The observation should never have been recorded (a slip of the finger, the wrong goal or child)."""

    TOPIC = "case.goal-observation-entered-in-error.v1"
    observation_id: UUID
    reason: str


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

    before: str
    status: str
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
    reported_by: str
    note: UUID | None
    by: By
    received_at: datetime
    error: str = ""


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
        reported_by=event.reported_by,
        note=UUID(event.note) if event.note else None,
        by=event.by,
        received_at=event.timestamp,
    )


# ---- decisions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScaleContent:
    """A scale as it is written: ``levels`` by number, from -2 to +2."""

    levels: Mapping[int, str]
    baseline: int | None = None
    importance: int | None = None
    difficulty: int | None = None


@dataclass(frozen=True, slots=True)
class GoalContent:
    """A goal as it is written; see `Content`."""

    statement: str
    contexts: Sequence[str]
    disciplines: Sequence[str] = ()
    child_view: str = ""
    icf: str = ""
    condition: str = ""
    criterion: str = ""
    support: str = Support.INDEPENDENT.value
    baseline: str = ""
    review_date: date | None = None
    audience: str = Audience.CARE_TEAM.value
    scale: ScaleContent | None = None


def checked(content: GoalContent, *, actor: Actor, today: date) -> Content:
    """The content cleaned and complete. Raises `InvalidInput` with every problem in it."""
    check = Input()
    disciplines = [d.value for d in Discipline]
    audiences = [a.value for a in Audience if a in AUDIENCES_OF_ROLE[actor.role]]
    clean: Content = {
        "statement": check.text("/statement", content.statement, limit=STATEMENT),
        "child_view": check.text("/child_view", content.child_view, limit=REASON, required=False),
        "icf": check.choice("/icf", content.icf, ICF_CHAPTERS, required=False),
        "disciplines": check.chosen("/disciplines", content.disciplines, disciplines, required=False),
        "contexts": check.chosen("/contexts", content.contexts, [c.value for c in Context]),
        "condition": check.text("/condition", content.condition, limit=STATEMENT, required=False),
        "criterion": check.text("/criterion", content.criterion, limit=STATEMENT, required=False),
        "support": check.choice("/support", content.support, AGREED_SUPPORT),
        "baseline": check.text("/baseline", content.baseline, limit=REASON, required=False),
        "review_date": content.review_date.isoformat() if content.review_date else "",
        "audience": check.choice("/audience", content.audience, audiences),
        "scale": _checked_scale(check, content.scale),
    }
    if content.review_date is None:
        check.problem("/review_date", "missing")
    elif content.review_date < today:
        check.problem("/review_date", "in-the-past")
    if not clean["disciplines"] and actor.discipline:
        clean["disciplines"] = [actor.discipline.value]
    check.refuse_if_any()
    return clean


def _checked_scale(check: Input, scale: ScaleContent | None) -> Scale | None:
    if scale is None:
        return None
    for level in scale.levels:
        if level not in LEVELS:
            check.problem("/scale/levels", "unknown-choice", choices=list(LEVELS))
    levels = {str(n): check.text(f"/scale/levels/{n}", scale.levels.get(n), limit=STATEMENT) for n in LEVELS}
    seen: dict[str, str] = {}
    for number, text in levels.items():
        if text and text.casefold() in seen:
            check.problem(f"/scale/levels/{number}", "same-as-another")
        seen[text.casefold()] = number
    baseline = check.number("/scale/baseline", scale.baseline, -2, 2, required=False)
    importance = check.number("/scale/importance", scale.importance, 0, 3, required=scale.difficulty is not None)
    difficulty = check.number("/scale/difficulty", scale.difficulty, 0, 3, required=scale.importance is not None)
    return {
        "levels": levels,
        "baseline": None if baseline is None else int(baseline),
        "importance": None if importance is None else int(importance),
        "difficulty": None if difficulty is None else int(difficulty),
    }


def propose(case: Case, *, at: datetime, actor: Actor, today: date, goal_id: UUID, content: GoalContent) -> None:
    """Put a goal into words. Raises `Conflict` when the case is closed, and `InvalidInput`."""
    case.refuse_if_closed()
    clean = checked(content, actor=actor, today=today)
    case.trigger_event(GoalProposed, timestamp=at, by=actor.by(), goal_id=goal_id, content=clean)


def revise(
    case: Case,
    goal: Goal,
    *,
    at: datetime,
    actor: Actor,
    today: date,
    expected_version: int,
    content: GoalContent,
    reason: str,
) -> None:
    """Put it in other words. Raises `Conflict` (closed, ended, nothing changed), `Stale`, `InvalidInput`.

    The present review date may stand although it has passed. Other levels begin a new scale, rated or not: somebody
    may have the old ones before them, and rate on those.
    """
    case.refuse_if_closed()
    if goal.status in ENDED:
        raise Conflict("goal-ended")
    _refuse_if_stale(goal, expected_version)
    same_date = content.review_date and content.review_date.isoformat() == goal.content["review_date"]
    clean = checked(content, actor=actor, today=content.review_date if same_date and content.review_date else today)
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    own = actor.discipline.value if actor.discipline else None
    if clean["audience"] != goal.audience and clean["audience"] == Audience.OWN_DISCIPLINE and own != goal.discipline:
        check.problem("/audience", "not-for-your-role")  # it would be gone from their own eyes
    check.refuse_if_any()
    if clean == goal.content:
        raise Conflict("nothing-changed")
    before = _levels(goal.content)
    other_scale = before is not None and _levels(clean) != before
    case.trigger_event(
        GoalRevised,
        timestamp=at,
        by=actor.by(),
        goal_id=goal.id,
        content=clean,
        content_version=goal.versions[-1].number + 1,
        scale_version=goal.scale_version + other_scale,
        reason=reason,
    )


def _levels(content: Content) -> dict[str, str] | None:
    # Weight and baseline are no part of what was rated: levels stay comparable when those are put right.
    return content["scale"]["levels"] if content["scale"] else None


def agree(
    case: Case,
    goal: Goal,
    *,
    at: datetime,
    actor: Actor,
    expected_version: int,
    parties: Sequence[tuple[str, str]],
) -> None:
    """Keep who agreed to the present wording, as (name, party) pairs; a proposed goal is agreed by it.

    Raises `Conflict` (closed, ended), `Stale`, `InvalidInput`.
    """
    case.refuse_if_closed()
    if goal.status in ENDED:
        raise Conflict("goal-ended")
    _refuse_if_stale(goal, expected_version)
    check = Input()
    if not parties:
        check.problem("/parties", "missing")
    elif len(parties) > MOST_PARTIES:
        check.problem("/parties", "too-many", limit=MOST_PARTIES)
    clean: list[Party] = [
        {
            "name": check.text(f"/parties/{i}/name", name, limit=SHORT, lines=False),
            "party": check.choice(f"/parties/{i}/party", party, PARTIES),
        }
        for i, (name, party) in enumerate(parties[:MOST_PARTIES])
    ]
    check.refuse_if_any()
    case.trigger_event(
        GoalAgreed,
        timestamp=at,
        by=actor.by(),
        goal_id=goal.id,
        content_version=goal.versions[-1].number,
        parties=clean,
    )


def possible_statuses(goal: Goal) -> list[str]:
    """Which states may follow now, in the order of a goal's life."""
    following = NEXT[goal.status]
    if goal.status == "stopped" and not goal.agreed:
        following = frozenset()
    return [s.value for s in Status if s.value in following]


def change_status(
    case: Case, goal: Goal, *, at: datetime, actor: Actor, expected_version: int, status: str, reason: str
) -> None:
    """Begin, pause, achieve, stop, or begin again.

    Raises `Conflict` (closed, or not after the present state), `Stale`, `InvalidInput`.
    """
    case.refuse_if_closed()
    _refuse_if_stale(goal, expected_version)
    check = Input()
    status = check.choice("/status", status, [s.value for s in Status if s is not Status.ENTERED_IN_ERROR])
    needed = (goal.status, status) not in WITHOUT_A_REASON
    reason = check.text("/reason", reason, limit=REASON, required=needed)
    check.refuse_if_any()
    if status not in possible_statuses(goal):
        raise Conflict("not-after-this-status", status=goal.status)
    case.trigger_event(
        GoalStatusChanged,
        timestamp=at,
        by=actor.by(),
        goal_id=goal.id,
        status=status,
        before=goal.status,
        reason=reason,
    )


def enter_in_error(
    case: Case, goal: Goal, *, at: datetime, actor: Actor, expected_version: int | None, reason: str
) -> None:
    """Mark a goal that should never have existed. Its author may, and the team lead of the service team.

    Raises `NotPermitted`, `Stale`, `InvalidInput`, and `Conflict` if it is marked already.
    """
    if goal.status == "entered-in-error":
        raise Conflict("entered-in-error")
    _refuse_unless_own(case, actor, goal.author)
    _refuse_if_stale(goal, expected_version)
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    case.trigger_event(
        GoalStatusChanged,
        timestamp=at,
        by=actor.by(),
        goal_id=goal.id,
        status="entered-in-error",
        before=goal.status,
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class ObservationContent:
    """What somebody saw. At least one of level, support and remark is there; the time carries a zone."""

    context: str
    level: int | None = None
    support: str = ""
    remark: str = ""
    observed_at: datetime | None = None
    reported_by: str = ""
    note: UUID | None = None
    scale_version: int | None = None
    """The scale that its writer had before them; None for the present one, whichever that is."""


_CONTEXTS = tuple(c.value for c in Context)


def contexts_of(actor: Actor) -> list[str]:
    """Where a person of this role observes: a teacher at school, everybody else anywhere."""
    return [Context.SCHOOL.value] if actor.role is Role.TEACHER else list(_CONTEXTS)


def observe(
    case: Case, goal: Goal, *, at: datetime, actor: Actor, observation_id: UUID, content: ObservationContent
) -> None:
    """Keep what somebody saw of the goal. Raises `Conflict` (closed, given up) and `InvalidInput`."""
    case.refuse_if_closed()
    if goal.status not in OBSERVABLE:
        raise Conflict("goal-ended")
    check = Input()
    context = check.choice("/context", content.context, contexts_of(actor))
    level = check.number("/level", content.level, -2, 2, required=False)
    if level is not None and goal.content["scale"] is None:
        check.problem("/level", "no-scale")
    elif level is not None and content.scale_version not in (None, goal.scale_version):
        check.problem("/level", "other-scale")  # the words of that level may be others now
    support = check.choice("/support", content.support, SUPPORTS, required=False)
    remark = check.text("/remark", content.remark, limit=REASON, required=False)
    reported_by = check.text("/reported_by", content.reported_by, limit=SHORT, required=False, lines=False)
    observed_at = check.moment("/observed_at", content.observed_at or at, now=at)
    if level is None and not support and not remark and not check.problems:
        check.problem("/level" if goal.content["scale"] else "/support", "missing")
    check.refuse_if_any()
    case.trigger_event(
        GoalObserved,
        timestamp=at,
        by=actor.by(),
        goal_id=goal.id,
        observation_id=observation_id,
        context=context,
        level=None if level is None else int(level),
        scale_version=goal.scale_version,
        support=support,
        remark=remark,
        observed_at=observed_at,
        reported_by=reported_by,
        note=str(content.note) if content.note else "",
    )


def same_observation(found: Observation, content: ObservationContent, actor: Actor) -> bool:
    """Whether this is the same observation sent again (its time may have been left to us)."""
    check = Input()
    given = (
        content.context,
        content.level,
        content.support or "",
        content.note,
        check.text("/remark", content.remark, limit=REASON, required=False),
        check.text("/reported_by", content.reported_by, required=False),
    )
    return (
        not check.problems
        and found.by["person"] == str(actor.person_id)
        and (found.context, found.level, found.support, found.note, found.remark, found.reported_by) == given
        and (content.observed_at is None or content.observed_at == found.observed_at)
    )


def enter_observation_in_error(
    case: Case, goal: Goal, *, at: datetime, actor: Actor, observation_id: UUID, reason: str
) -> None:
    """Mark an observation as a mistake. Who wrote it may, and the team lead of the service team.

    Raises `NotFound`, `NotPermitted`, `InvalidInput`, and `Conflict` if it is marked already.
    """
    observation = next((o for o in goal.observations if o.id == observation_id), None)
    if observation is None:
        raise NotFound("no-such-observation")
    if observation.error:
        raise Conflict("entered-in-error")
    _refuse_unless_own(case, actor, observation.by)
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    mark_observation(case, goal, at=at, by=actor.by(), observation_id=observation_id, reason=reason)


def mark_observation(case: Case, goal: Goal, *, at: datetime, by: By, observation_id: UUID, reason: str) -> None:
    """Mark an observation as a mistake; whether that may be done was decided before."""
    case.trigger_event(
        GoalObservationEnteredInError,
        timestamp=at,
        by=by,
        goal_id=goal.id,
        observation_id=observation_id,
        reason=reason,
    )


def _refuse_if_stale(goal: Goal, expected_version: int | None) -> None:
    if expected_version is not None and expected_version != goal.version:
        raise Stale(goal.version, ["goal"])


def _refuse_unless_own(case: Case, actor: Actor, author: By) -> None:
    leads = actor.role is Role.TEAM_LEAD and bool(actor.team) and actor.team == case.details["team"]
    if author["person"] != str(actor.person_id) and not leads:
        raise NotPermitted("not-the-author")
