"""Generalisation: where a skill is shown, beyond the room and the person it was learnt with.

The rule (domain: goals and outcomes; its numbers are policy): a skill *generalised* when it was shown outside therapy
on enough occasions, in enough contexts, seen by enough observers, each time with no more help than agreed. It is
*maintained* when it is still shown weeks after that, and *lost* when what came after says so twice in a row. Where
nobody looked, nothing is known: no data is not "no".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from coord.domain.case.goals.wording import Context, Support

_HELP = [s.value for s in Support]


@dataclass(frozen=True, slots=True)
class Rule:
    """The numbers of the rule. ``maintained_weeks`` after it generalised the skill must still be shown; ``lost_after``
    occasions in a row without it, and it is lost."""

    occasions: int = 3
    contexts: int = 2
    observers: int = 2
    maintained_weeks: int = 6
    lost_after: int = 2


@dataclass(frozen=True, slots=True)
class Occasion:
    """One observation as the rule sees it. ``observer`` tells people apart; level and support may be unknown."""

    id: UUID
    context: str
    on: date
    observer: str
    level: int | None = None
    support: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One goal in one context.

    ``state`` is not-tried (work has not begun), unknown (nobody looked), not-yet (tried, not shown), therapy-only
    (tried here, shown in therapy and nowhere else; or the therapy cell while nothing is shown elsewhere), emerging
    (shown), generalised (shown here on enough occasions), maintained or lost; in therapy, where a skill is learnt and
    does not generalise to, it is shown. ``shown`` and ``tried`` are the evidence, oldest first; ``lag_days`` are the
    days from the first time in therapy to the first time here.
    """

    context: str
    state: str
    shown: tuple[UUID, ...] = ()
    tried: tuple[UUID, ...] = ()
    first_shown: date | None = None
    last_shown: date | None = None
    lag_days: int | None = None


@dataclass(frozen=True, slots=True)
class Generalisation:
    """One row of the matrix: the goal's own state, since when, and a cell for each context where it should hold.

    ``occasions``, ``contexts`` and ``observers`` are what was found outside therapy, to be held against the rule.
    """

    state: str
    since: date | None
    cells: tuple[Cell, ...]
    occasions: int
    contexts: int
    observers: int


def is_shown(occasion: Occasion, agreed_support: str) -> bool:
    """Whether the skill was shown: at the expected level or more, where one was rated, and with no more help than
    agreed, where the help is known. A remark alone shows nothing."""
    if occasion.level is None and not occasion.support:
        return False
    if occasion.level is not None and occasion.level < 0:
        return False
    return not occasion.support or _HELP.index(occasion.support) <= _HELP.index(agreed_support)


def says_something(occasion: Occasion) -> bool:
    """Whether it says that the skill was shown or not, by a level or the help; a remark alone does neither."""
    return occasion.level is not None or bool(occasion.support)


def generalisation(
    occasions: Sequence[Occasion], *, contexts: Sequence[str], agreed_support: str, begun: bool, rule: Rule
) -> Generalisation:
    """The row of the matrix for one goal. ``begun`` says whether the work on it has begun."""
    telling = sorted((o for o in occasions if says_something(o)), key=lambda o: o.on)
    beyond = [o for o in telling if o.context != Context.THERAPY]
    shown = [o for o in beyond if is_shown(o, agreed_support)]
    in_therapy = [o for o in telling if o.context == Context.THERAPY and is_shown(o, agreed_support)]
    state, since = _goal_state(telling, beyond, shown, in_therapy, agreed_support, begun, rule)
    where = [c.value for c in Context if c.value in contexts or any(o.context == c.value for o in telling)]
    first_therapy = in_therapy[0].on if in_therapy else None
    cells = tuple(
        _cell(
            context,
            [o for o in telling if o.context == context],
            agreed_support,
            begun=begun,
            rule=rule,
            goal_state=state,
            first_therapy=first_therapy,
        )
        for context in where
    )
    return Generalisation(
        state, since, cells, len(shown), len({o.context for o in shown}), len({o.observer for o in shown})
    )


def reached_on(shown: Sequence[Occasion], rule: Rule) -> date | None:
    """The day on which the occasions outside therapy first met the rule; None if they have not."""
    for n in range(1, len(shown) + 1):
        so_far = shown[:n]
        if (
            n >= rule.occasions
            and len({o.context for o in so_far}) >= rule.contexts
            and len({o.observer for o in so_far}) >= rule.observers
        ):
            return so_far[-1].on
    return None


def _goal_state(
    telling: Sequence[Occasion],
    beyond: Sequence[Occasion],
    shown: Sequence[Occasion],
    in_therapy: Sequence[Occasion],
    agreed_support: str,
    begun: bool,
    rule: Rule,
) -> tuple[str, date | None]:
    if not telling:
        return ("unknown" if begun else "not-tried"), None
    if not shown:
        return ("therapy-only", in_therapy[0].on) if in_therapy else ("not-yet", telling[0].on)
    reached = reached_on(shown, rule)
    if reached is None:
        return "emerging", shown[0].on
    return _after_reaching(beyond, reached, agreed_support, rule)


def _after_reaching(seen: Sequence[Occasion], reached: date, agreed_support: str, rule: Rule) -> tuple[str, date]:
    """Generalised on a day; lost since the first time without it, found again after that, or maintained."""
    state, since = "generalised", reached
    kept = reached + timedelta(weeks=rule.maintained_weeks)
    without: list[Occasion] = []
    for occasion in seen:
        if occasion.on < reached:
            continue
        if not is_shown(occasion, agreed_support):
            without.append(occasion)
            if len(without) >= rule.lost_after:
                state, since = "lost", without[0].on
            continue
        without.clear()
        now = "maintained" if occasion.on >= kept else "generalised"
        if state == "lost" or (state, now) == ("generalised", "maintained"):
            state, since = now, occasion.on
    return state, since


def _cell(
    context: str,
    seen: Sequence[Occasion],
    agreed_support: str,
    *,
    begun: bool,
    rule: Rule,
    goal_state: str,
    first_therapy: date | None,
) -> Cell:
    if not seen:
        return Cell(context, "unknown" if begun else "not-tried")
    shown = [o for o in seen if is_shown(o, agreed_support)]
    tried = tuple(o.id for o in seen if o not in shown)
    if not shown:
        return Cell(context, "therapy-only" if goal_state == "therapy-only" else "not-yet", (), tried)
    first, last = shown[0].on, shown[-1].on
    if context == Context.THERAPY:
        state = "therapy-only" if goal_state == "therapy-only" else "shown"
    elif len(shown) >= rule.occasions:
        # Enough occasions here; how many contexts and observers is the goal's own state.
        state, _ = _after_reaching(seen, shown[rule.occasions - 1].on, agreed_support, rule)
    else:
        state = "emerging"
    lag = (first - first_therapy).days if first_therapy and context != Context.THERAPY else None
    return Cell(context, state, tuple(o.id for o in shown), tried, first, last, lag)
