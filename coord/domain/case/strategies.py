"""Strategies: what helps, at home and in class, in plain words; and whether it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from coord.domain.actors import Actor, By, Role
from coord.domain.case.aggregate import Case
from coord.domain.case.goals.life import refuse_unless_own
from coord.domain.case.goals.observing import contexts_of
from coord.domain.case.goals.wording import Context
from coord.domain.case.notes import Audience
from coord.domain.errors import Conflict, NotFound, Stale
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, SHORT, STATEMENT, Input
from coord.domain.said import INSIDE, Said


class Outcome(StrEnum):
    """What came of trying it; "not yet" is an answer too."""

    HELPED = "helped"
    DID_NOT = "did-not"
    NOT_YET = "not-yet"


class StrategyStatus(StrEnum):
    """Whether it is still advised."""

    OFFERED = "offered"
    ENDED = "ended"


OUTCOMES = tuple(outcome.value for outcome in Outcome)
AUDIENCE_OF_CONTEXT = {
    Context.SCHOOL.value: Audience.CARE_TEAM_AND_SCHOOL.value,
    Context.HOME.value: Audience.CARE_TEAM_AND_FAMILY.value,
}
"""A strategy is for those who are to use it; the care team reads all of them."""


class StrategyEvent(CoordEvent):
    """An event about one strategy; the case's own state does not change with it."""

    strategy_id: UUID
    """The strategy. Its id was chosen at random by the sender."""

    @property
    def entry_id(self) -> UUID:
        """The strategy."""
        return self.strategy_id

    def apply(self, aggregate: Case) -> None:
        """Strategies are folded apart (see `Strategy`)."""


class StrategyOffered(StrategyEvent):
    """A professional offered something to try, for one context."""

    TOPIC = "case.strategy-offered.v1"
    HISTORY = in_the_history("Strategy offered")
    BEGINS_ENTRY = True
    text: str
    """What to do, in plain words."""
    context: str
    """Where: ``therapy``, ``home``, ``school``, ``community``."""
    goal: str
    """The goal that it serves, or empty."""
    audience: str
    """Who may read it: ``care-team-and-school`` for one at school, ``care-team-and-family`` for one at home, else
    ``care-team``."""

    def told(self) -> Particulars:
        """For which context."""
        return {"context": self.context}


class StrategyTried(StrategyEvent):
    """Somebody told what came of trying it."""

    TOPIC = "case.strategy-tried.v1"
    HISTORY = in_the_history("Told what came of a strategy")
    trial_id: UUID
    """The report, chosen at random by the sender."""
    outcome: str
    """``helped``, ``did-not``, ``not-yet`` (not tried yet is an answer too)."""
    remark: str
    """In words."""
    tried_at: datetime
    """When it was tried."""
    reported_by: str
    """Who tried it, as typed, where that is not who writes."""

    def told(self) -> Particulars:
        """What came of it."""
        return {"tried": self.outcome}

    @property
    def happened_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.tried_at


class StrategyTrialEnteredInError(StrategyEvent):
    """What was told of it should never have been recorded: a slip of the finger, the wrong strategy or child. It is
    kept, and counts no more."""

    TOPIC = "case.strategy-trial-entered-in-error.v1"
    HISTORY = in_the_history("Report of a strategy marked as entered in error")
    MISTAKE = "trial_id"
    trial_id: UUID
    """The report."""
    reason: str
    """What happened."""


class StrategyEnded(StrategyEvent):
    """It is no longer advised. It stays in the record."""

    TOPIC = "case.strategy-ended.v1"
    HISTORY = in_the_history("Strategy no longer advised")
    reason: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One report of trying it; ``error`` is the reason if it was entered in error."""

    id: UUID
    outcome: Annotated[str, Said(of=Outcome)]
    remark: str
    tried_at: datetime
    reported_by: str
    by: Annotated[By, INSIDE]
    error: Annotated[str, Said("Why it was entered in error; null if it stands", name="error_reason", null=True)] = ""

    @classmethod
    def told(cls, event: StrategyTried) -> Trial:
        """As it was told."""
        return cls(event.trial_id, event.outcome, event.remark, event.tried_at, event.reported_by, event.by)

    @property
    def person_id(self) -> Annotated[UUID, Said()]:
        """Who told it."""
        return UUID(self.by["person"])

    @property
    def name(self) -> Annotated[str, Said()]:
        """Their name, as it was then."""
        return self.by["name"]

    @property
    def role(self) -> Annotated[Role, Said()]:
        """What they were."""
        return Role(self.by["role"])

    @property
    def status(self) -> str:
        """As of an entry: what a student tells, nobody attests."""
        if self.error:
            return "entered-in-error"
        return "awaiting-cosignature" if self.role is Role.STUDENT else "signed"


def version_of(trials: Collection[Trial], *, ended: bool) -> int:
    """The version of a strategy of which all of this was told, as `evolve` counts it."""
    return 1 + len(trials) + sum(bool(trial.error) for trial in trials) + ended


def counted(trials: Iterable[Trial]) -> dict[Outcome, int]:
    """How often each came of it, as far as it stands."""
    found = Counter(trial.outcome for trial in trials if not trial.error)
    return {outcome: found[outcome] for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class Strategy:
    """One strategy folded from its events; ``ended`` is the reason if it is no longer advised. ``version`` counts them,
    for its words never change: what came of it is what whoever ends it has to have seen."""

    id: UUID
    author: By
    text: str
    context: str
    goal: UUID | None
    audience: str
    offered_at: datetime
    trials: tuple[Trial, ...] = ()
    ended: str = ""
    ended_by: By | None = None
    ended_at: datetime | None = None
    version: int = 1

    @property
    def discipline(self) -> str | None:
        """The discipline that it was offered from."""
        return self.author["discipline"]

    @property
    def status(self) -> str:
        """offered, or ended."""
        return "ended" if self.ended else "offered"

    @classmethod
    def from_events(cls, events: Iterable[CoordEvent]) -> Strategy | None:
        """Fold a strategy's events, in order; None if there are none."""
        strategy: Strategy | None = None
        for event in events:
            strategy = evolve(strategy, event)
        return strategy


def evolve(strategy: Strategy | None, event: CoordEvent) -> Strategy:
    """The strategy after one more of its events. Raises `ValueError` when the record is broken."""
    if isinstance(event, StrategyOffered):
        return Strategy(
            event.strategy_id,
            event.by,
            event.text,
            event.context,
            UUID(event.goal) if event.goal else None,
            event.audience,
            event.timestamp,
        )
    if strategy is None:
        raise ValueError(f"{type(event).__name__} before the strategy was offered")
    strategy = replace(strategy, version=strategy.version + 1)
    if isinstance(event, StrategyTried):
        return replace(strategy, trials=(*strategy.trials, Trial.told(event)))
    if isinstance(event, StrategyTrialEnteredInError):
        marked = (replace(t, error=event.reason) if t.id == event.trial_id else t for t in strategy.trials)
        return replace(strategy, trials=tuple(marked))
    if isinstance(event, StrategyEnded):
        return replace(strategy, ended=event.reason, ended_by=event.by, ended_at=event.timestamp)
    raise ValueError(f"{type(event).__name__} is no event of a strategy")


def offer(
    case: Case, *, at: datetime, actor: Actor, strategy_id: UUID, text: str, context: str, goal: UUID | None
) -> None:
    """Offer something to try. Raises `Conflict` when the case is closed, and `InvalidInput`."""
    case.refuse_if_closed()
    check = Input()
    text = check.text("/text", text, limit=STATEMENT)
    context = check.choice("/context", context, [c.value for c in Context])
    check.refuse_if_any()
    case.trigger_event(
        StrategyOffered,
        timestamp=at,
        by=actor.by(),
        strategy_id=strategy_id,
        text=text,
        context=context,
        goal=str(goal) if goal else "",
        audience=AUDIENCE_OF_CONTEXT.get(context, Audience.CARE_TEAM.value),
    )


@dataclass(frozen=True, slots=True)
class TrialContent:
    """What came of trying it; now, if no time is given."""

    outcome: Annotated[str, Said(of=Outcome)]
    remark: Annotated[str, Said(most=REASON)] = ""
    tried_at: Annotated[datetime | None, Said("Now, if left out", null=True)] = None
    reported_by: Annotated[str, Said("Who tried it, where that is not you", most=SHORT)] = ""


def tell(case: Case, strategy: Strategy, *, at: datetime, actor: Actor, trial_id: UUID, content: TrialContent) -> None:
    """Tell what came of trying it. Raises `Conflict` (closed, no longer advised) and `InvalidInput`."""
    case.refuse_if_closed()
    if strategy.ended:
        raise Conflict("strategy-ended")
    check = Input()
    if strategy.context not in contexts_of(actor):
        check.problem("/outcome", "not-for-your-role")
    outcome = check.choice("/outcome", content.outcome, OUTCOMES)
    remark = check.text("/remark", content.remark, limit=REASON, required=False)
    tried_at = check.moment("/tried_at", content.tried_at or at, now=at, born=case.born)
    reported_by = check.text("/reported_by", content.reported_by, limit=SHORT, required=False, lines=False)
    check.refuse_if_any()
    case.trigger_event(
        StrategyTried,
        timestamp=at,
        by=actor.by(),
        strategy_id=strategy.id,
        trial_id=trial_id,
        outcome=outcome,
        remark=remark,
        tried_at=tried_at,
        reported_by=reported_by,
    )


def enter_trial_in_error(
    case: Case, strategy: Strategy, *, at: datetime, actor: Actor, trial_id: UUID, reason: str
) -> None:
    """Mark what was told as a mistake, of what is no longer advised too. Who told it may, and the team lead of the
    service team.

    Raises `NotFound`, `NotPermitted`, `InvalidInput`, and `Conflict` if it is marked already.
    """
    trial = next((t for t in strategy.trials if t.id == trial_id), None)
    if trial is None:
        raise NotFound("no-such-trial")
    if trial.error:
        raise Conflict("entered-in-error")
    refuse_unless_own(case, actor, trial.by)
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    case.trigger_event(
        StrategyTrialEnteredInError,
        timestamp=at,
        by=actor.by(),
        strategy_id=strategy.id,
        trial_id=trial_id,
        reason=reason,
    )


def end(
    case: Case, strategy: Strategy, *, at: datetime, actor: Actor, reason: str, expected_version: int | None = None
) -> None:
    """Advise it no longer; any professional on the team may. Raises `Conflict`, `InvalidInput`, and `Stale` when more
    was told of it since ``expected_version``: that it helps, perhaps."""
    if strategy.ended:
        raise Conflict("strategy-ended")
    if expected_version is not None and strategy.version != expected_version:
        raise Stale(strategy.version, ["strategy"])
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    case.trigger_event(StrategyEnded, timestamp=at, by=actor.by(), strategy_id=strategy.id, reason=reason)
