"""Goal attainment scaling: five observable levels, and the T-score over several goals (Kiresuk and Sherman, 1968)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import sqrt
from typing import Annotated, Any, TypedDict
from uuid import UUID

from coord.domain.actors import Actor
from coord.domain.case.aggregate import Case
from coord.domain.case.goals.scales import LEVELS
from coord.domain.case.goals.wording import Context
from coord.domain.case.parties import Party, checked_parties
from coord.domain.errors import Conflict
from coord.domain.events import CoordEvent, in_the_history
from coord.domain.input import Input
from coord.domain.said import Said

RHO = 0.30
"""The assumed correlation between goals, as Kiresuk and Sherman took it."""


@dataclass(frozen=True, slots=True)
class ScaledGoal:
    """A goal as the score sees it. ``level`` and ``baseline`` are from -2 to +2; None is unrated, which is not zero.

    Of a latest level also where it was seen, when, by whom (``reported``: they told it) and the observation.
    """

    goal: UUID
    weight: int = 1
    level: int | None = None
    baseline: int | None = None
    scale_version: int = 1
    context: Annotated[str, Said(of=Context, null=True)] = ""
    seen_at: datetime | None = None
    rater: Annotated[str, Said("Who saw it", null=True)] = ""
    reported: Annotated[bool, Said("They told it to who wrote it down")] = False
    observation: UUID | None = None


@dataclass(frozen=True, slots=True)
class Attainment:
    """The score over the goals that count, and what it was made of.

    ``t`` is None where there is no score (nothing rated, or all weights zero); it is not rounded. ``baseline_t`` is
    over the same goals, None unless each has a baseline. ``rated`` of ``scaled`` goals are in it (a weight of zero
    drops out of both).
    """

    t: Annotated[float | None, Said("Not rounded; null where nothing is rated, which is not 50")]
    baseline_t: Annotated[float | None, Said("Over the same goals; null unless each has a baseline")]
    rated: Annotated[int, Said("Goals in it")]
    scaled: Annotated[int, Said("Goals that could be in it")]
    rho: Annotated[float, Said("The assumed correlation between goals")]
    included: tuple[ScaledGoal, ...]

    @property
    def change(self) -> Annotated[float | None, Said("From the baseline to now")]:
        """From the baseline to now, in points of T."""
        return None if self.t is None or self.baseline_t is None else self.t - self.baseline_t


def t_score(levels: Sequence[tuple[int, int]], rho: float = RHO) -> float | None:
    """T of (weight, level) pairs: 50 + 10 Σwx / √((1-ρ) Σw² + ρ (Σw)²); None where the denominator is zero.

    Raises `ValueError` for a level outside -2..+2, a negative weight, or ρ outside [0, 1).
    """
    if not 0 <= rho < 1:
        raise ValueError("rho must be at least 0 and less than 1")
    for weight, level in levels:
        if level not in LEVELS:
            raise ValueError("a level is from -2 to +2")
        if weight < 0:
            raise ValueError("a weight is not negative")
    total = sum(w for w, _ in levels)
    squares = sum(w * w for w, _ in levels)
    if not total:
        return None
    return 50 + 10 * sum(w * x for w, x in levels) / sqrt((1 - rho) * squares + rho * total**2)


def attainment(goals: Sequence[ScaledGoal], rho: float = RHO) -> Attainment:
    """The score over ``goals``. Unrated ones are left out of both sums and counted; see `Attainment`."""
    counting = [g for g in goals if g.weight > 0]
    rated = [g for g in counting if g.level is not None]
    now = t_score([(g.weight, g.level) for g in rated if g.level is not None], rho)
    before = [(g.weight, g.baseline) for g in rated if g.baseline is not None]
    baseline = t_score(before, rho) if before and len(before) == len(rated) else None
    return Attainment(now, baseline, len(rated), len(counting), rho, tuple(rated))


class BasisKind(StrEnum):
    """Which levels a score is made of."""

    LATEST = "latest"
    AGREED = "agreed"
    NOT_KEPT = "not-kept"


class Basis(TypedDict):
    """Which levels a score is made of. ``kind`` is latest (the latest in one ``context``), agreed (levels that these
    ``parties`` agreed ``on`` a day, an ISO date), or not-kept: of a score from before bases were kept, made of the
    latest levels of whatever context. They are never mixed."""

    kind: Annotated[str, Said(of=BasisKind)]
    context: Annotated[str, Said(of=Context, null=True)]
    on: Annotated[str, Said(day=True, null=True)]
    parties: list[Party]


class ScoredGoal(TypedDict):
    """One goal in a score, as it was then. Of a latest level: where it was seen and when (in ISO form, UTC), by whom
    (``rater``; ``reported``: they told it to who wrote it down) and the ``observation``; empty for an agreed one."""

    goal: str  # UUID in text form
    weight: int
    level: int
    baseline: int | None
    scale_version: int
    context: str
    seen_at: str
    rater: str
    reported: bool
    observation: str


class AttainmentScored(CoordEvent):
    """A T-score over the child's scaled goals was taken (Kiresuk and Sherman), with all that it was made of. Never to
    rank children by.

    Of each goal the first version had level, weight, baseline and scale alone: the latest level of whatever context.
    Read today its basis is ``not-kept``.
    """

    TOPIC = "case.attainment-scored.v1"
    HISTORY = in_the_history("T-score kept")
    BEGINS_ENTRY = True
    class_version = 2
    score_id: UUID
    """The score, chosen at random by the sender."""
    basis: Basis
    """Which levels these are: ``kind`` ``latest`` (the latest in one ``context``), ``agreed`` (what the ``parties``
    agreed ``on`` a day) or ``not-kept``."""
    goals: list[ScoredGoal]
    """Each rated goal with ``goal``, ``weight``, ``level``, ``baseline`` and ``scale_version`` as they were then; of a
    latest level also ``context``, ``seen_at``, ``rater`` (``reported``: they told it) and ``observation``, all empty
    for an agreed one."""
    rated: int
    """How many goals are in it."""
    scaled: int
    """Of how many with a scale and a weight."""
    rho: float
    """The assumed correlation between goals."""
    t: float
    """The score, not rounded; there is no event where there is no score."""
    baseline_t: float | None
    """The same over the baselines of the same goals, or null unless each has one."""
    signed_at: datetime
    """When it was taken."""

    @property
    def entry_id(self) -> UUID:
        """The score."""
        return self.score_id

    def apply(self, aggregate: Case) -> None:
        """The case's own state does not change with it."""

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """It stays as it was, and says that nobody kept what it rests on."""
        state["basis"] = {"kind": "not-kept", "context": "", "on": "", "parties": []}
        unknown = {"context": "", "seen_at": "", "rater": "", "reported": False, "observation": ""}
        state["goals"] = [{**goal, **unknown} for goal in state["goals"]]


def latest_in(context: str) -> Basis:
    """The latest levels in one context."""
    return {"kind": "latest", "context": context, "on": "", "parties": []}


def agreed_on(check: Input, day: date | None, parties: Sequence[tuple[str, str]], *, today: date) -> Basis:
    """Levels that these people (name, and as what) agreed on a day; what is wrong is noted in ``check``."""
    if day is None:
        check.problem("/on", "missing")
    elif day > today:
        check.problem("/on", "in-the-future")
    clean = checked_parties(check, parties)
    return {"kind": "agreed", "context": "", "on": day.isoformat() if day else "", "parties": clean}


def score(
    case: Case, *, at: datetime, actor: Actor, score_id: UUID, basis: Basis, goals: Sequence[ScaledGoal]
) -> Attainment:
    """Keep the score over these goals. Raises `Conflict` when there is none, or the case is closed."""
    case.refuse_if_closed()
    found = attainment(goals)
    if found.t is None:
        raise Conflict("no-score")
    case.trigger_event(
        AttainmentScored,
        timestamp=at,
        by=actor.by(),
        score_id=score_id,
        basis=basis,
        goals=[
            {
                "goal": str(g.goal),
                "weight": g.weight,
                "level": g.level,
                "baseline": g.baseline,
                "scale_version": g.scale_version,
                "context": g.context,
                "seen_at": g.seen_at.isoformat() if g.seen_at else "",
                "rater": g.rater,
                "reported": g.reported,
                "observation": str(g.observation) if g.observation else "",
            }
            for g in found.included
        ],
        rated=found.rated,
        scaled=found.scaled,
        rho=found.rho,
        t=found.t,
        baseline_t=found.baseline_t,
        signed_at=at,
    )
    return found
