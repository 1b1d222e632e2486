"""Generalisation: where a skill is shown, beyond the room and the person it was learnt with.

The rule (domain: goals and outcomes; its numbers are policy): a skill *generalised* when it was shown outside therapy
on enough occasions, in enough contexts, seen by enough observers, each time with no more help than agreed. It is
*maintained* when it is still shown weeks after that, and *lost* when the last days on which somebody looked say so.
Where nobody looked, nothing is known: no data is not "no".

An **occasion** is a distinct day, context and observer: three taps in one minute are one. An **observer** is a person
of the child's circle, not a spelling: names that were only typed count together as one person at most. What was only
reported counts less than what was seen: reports alone never make a skill generalised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Annotated
from uuid import UUID

from coord.domain.case.goals.wording import Context, Support
from coord.domain.said import Said

_HELP = [s.value for s in Support]
SOMEBODY = ""
"""The observer of what was told under a name that was only typed: nobody can say who of them is who."""


_LOOK_AGAIN = Said("The last observation is too long ago to go by")


class SkillState(StrEnum):
    """Where a goal's skill is shown, over all contexts."""

    NOT_TRIED = "not-tried"
    UNKNOWN = "unknown"
    NOT_YET = "not-yet"
    THERAPY_ONLY = "therapy-only"
    EMERGING = "emerging"
    GENERALISED = "generalised"
    MAINTAINED = "maintained"
    LOST = "lost"


class CellState(StrEnum):
    """How it is in one context."""

    NOT_TRIED = "not-tried"
    UNKNOWN = "unknown"
    NOT_YET = "not-yet"
    SHOWN = "shown"
    HOLDS = "holds"
    STILL_HOLDS = "still-holds"
    NO_LONGER = "no-longer"


@dataclass(frozen=True, slots=True)
class Rule:
    """The numbers of the rule. ``maintained_weeks`` after it generalised the skill must still be shown; after
    ``lost_after`` days in a row on which it was looked for and not shown, it is lost; after ``look_again_weeks``
    without a look nobody can say any more that it is as it was."""

    occasions: Annotated[int, Said("An occasion is a distinct day, context and observer")] = 3
    contexts: int = 2
    observers: Annotated[
        int, Said("Names that were only typed count as one together, and as none beside somebody of the circle")
    ] = 2
    maintained_weeks: Annotated[int, Said("Still shown so long after it generalised")] = 6
    lost_after: Annotated[int, Said("Days in a row on which it was looked for and not shown")] = 2
    look_again_weeks: Annotated[int, Said("Without an observation; then nobody can say how it is")] = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation as the rule sees it. ``observer`` tells people apart (`SOMEBODY`: a name that was only typed),
    ``listed`` says that they are of the relatives and others who were named for the child; ``reported``, that the
    observer told it to who wrote it down. Level and support may be unknown."""

    id: UUID
    context: str
    on: date
    observer: str
    level: int | None = None
    support: str = ""
    listed: bool = False
    reported: bool = False


@dataclass(frozen=True, slots=True)
class Occasion:
    """What one observer saw in one context on one day: shown, if any observation of it shows the skill."""

    on: date
    context: str
    observer: str
    shown: bool
    listed: bool
    reported: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One goal in one context. It speaks of this context alone.

    ``state`` is not-tried (work has not begun), unknown (nobody looked), not-yet (tried, not shown), shown, holds
    (shown here on as many occasions as the rule asks for), still-holds (and weeks after that) or no-longer (it held,
    and was not shown on the last days). ``shown`` and ``tried`` are the evidence, oldest first, and ``occasions`` and
    ``of`` how many occasions it makes: shown, of all; ``lag_days`` are the days from the first time in therapy to the
    first time here. ``look_again``: the last look is too long ago to go by.
    """

    context: Annotated[str, Said(of=Context)]
    state: Annotated[str, Said("`unknown`: nobody looked; that is not `not-yet`", of=CellState)]
    shown: Annotated[tuple[UUID, ...], Said("Observations of the skill")] = ()
    tried: Annotated[tuple[UUID, ...], Said("Observations without it")] = ()
    first_shown: date | None = None
    last_shown: date | None = None
    lag_days: Annotated[int | None, Said("From the first time in therapy to the first time here")] = None
    occasions: Annotated[int, Said("On which it was shown: distinct days and observers")] = 0
    of: Annotated[int, Said("Of so many occasions on which somebody looked")] = 0
    last_look: date | None = None
    look_again: Annotated[bool, _LOOK_AGAIN] = False


@dataclass(frozen=True, slots=True)
class Generalisation:
    """One row of the matrix: the goal's own state, since when, and a cell for each context where it should hold.

    ``state`` is not-tried, unknown, not-yet, therapy-only, emerging, generalised, maintained or lost. ``occasions``,
    ``contexts`` and ``observers`` are what was found outside therapy, to be held against the rule; ``reported`` of the
    occasions were told, not seen, by who wrote them down. ``last_look`` is the last day that the state rests on, and
    ``look_again`` says that it is too long ago. ``state_before`` is what the state would be by the rule before its last
    change, where that is another; empty otherwise.
    """

    state: Annotated[str, Said(of=SkillState)]
    since: date | None
    cells: tuple[Cell, ...]
    occasions: int
    contexts: int
    observers: int
    rule: Annotated[Rule, Said("That the state was found by")]
    reported: Annotated[int, Said("Of the occasions, those told by others to who wrote them down")] = 0
    last_look: Annotated[date | None, Said("That the state rests on")] = None
    look_again: Annotated[bool, _LOOK_AGAIN] = False
    state_before: Annotated[
        str, Said("By the rule before its last change, where that is another", of=SkillState, null=True)
    ] = ""


def is_shown(seen: Seen, agreed_support: str) -> bool:
    """Whether the skill was shown: at the expected level or more, where one was rated, and with no more help than
    agreed, where the help is known. A remark alone shows nothing."""
    if not says_something(seen):
        return False
    if seen.level is not None and seen.level < 0:
        return False
    return not seen.support or _HELP.index(seen.support) <= _HELP.index(agreed_support)


def says_something(seen: Seen) -> bool:
    """Whether it says that the skill was shown or not, by a level or the help; a remark alone does neither."""
    return seen.level is not None or bool(seen.support)


def occasions_of(observed: Sequence[Seen], agreed_support: str) -> list[Occasion]:
    """The occasions that these observations make, by day; one for each day, context and observer."""
    found: dict[tuple[date, str, str], list[Seen]] = {}
    for seen in observed:
        if says_something(seen):
            found.setdefault((seen.on, seen.context, seen.observer), []).append(seen)
    occasions = []
    for (on, context, observer), together in found.items():
        good = [seen for seen in together if is_shown(seen, agreed_support)]
        telling = good or together
        first_hand = any(not seen.reported for seen in telling)
        occasions.append(
            Occasion(on, context, observer, bool(good), any(seen.listed for seen in together), not first_hand)
        )
    return sorted(occasions, key=lambda o: o.on)


def people_among(occasions: Sequence[Occasion]) -> int:
    """How many people these are at least. Names that were only typed may all be one person, and anybody of the list."""
    known = {o.observer for o in occasions if o.observer != SOMEBODY}
    typed = any(o.observer == SOMEBODY for o in occasions) and not any(o.listed for o in occasions)
    return len(known) + typed


def generalisation(
    observed: Sequence[Seen], *, contexts: Sequence[str], agreed_support: str, begun: bool, rule: Rule, today: date
) -> Generalisation:
    """The row of the matrix for one goal. ``begun`` says whether the work on it has begun."""
    telling = sorted((seen for seen in observed if says_something(seen)), key=lambda seen: seen.on)
    occasions = occasions_of(telling, agreed_support)
    beyond = [o for o in occasions if o.context != Context.THERAPY]
    shown = [o for o in beyond if o.shown]
    in_therapy = [o for o in occasions if o.context == Context.THERAPY and o.shown]
    state, since = _goal_state(occasions, beyond, shown, in_therapy, begun, rule)
    looks = beyond if shown else occasions
    last_look = looks[-1].on if looks else None
    where = [c.value for c in Context if c.value in contexts or any(o.context == c.value for o in occasions)]
    first_therapy = in_therapy[0].on if in_therapy else None
    cells = tuple(
        _cell(
            context,
            [seen for seen in telling if seen.context == context],
            [o for o in occasions if o.context == context],
            agreed_support,
            begun=begun,
            rule=rule,
            first_therapy=first_therapy,
            today=today,
        )
        for context in where
    )
    return Generalisation(
        state,
        since,
        cells,
        len(shown),
        len({o.context for o in shown}),
        people_among(shown),
        rule,
        sum(o.reported for o in shown),
        last_look,
        _too_long_ago(last_look, today, rule),
    )


def reached_on(shown: Sequence[Occasion], rule: Rule) -> date | None:
    """The day on which the occasions outside therapy (by day) first met the rule; None if they have not."""
    for n in range(1, len(shown) + 1):
        so_far = shown[:n]
        if (
            n >= rule.occasions
            and len({o.context for o in so_far}) >= rule.contexts
            and people_among(so_far) >= rule.observers
            and any(not o.reported for o in so_far)
        ):
            return so_far[-1].on
    return None


def _too_long_ago(last_look: date | None, today: date, rule: Rule) -> bool:
    return last_look is not None and last_look + timedelta(weeks=rule.look_again_weeks) <= today


def _goal_state(
    occasions: Sequence[Occasion],
    beyond: Sequence[Occasion],
    shown: Sequence[Occasion],
    in_therapy: Sequence[Occasion],
    begun: bool,
    rule: Rule,
) -> tuple[str, date | None]:
    if not occasions:
        return ("unknown" if begun else "not-tried"), None
    if not shown:
        return ("therapy-only", in_therapy[0].on) if in_therapy else ("not-yet", occasions[0].on)
    reached = reached_on(shown, rule)
    if reached is None:
        return "emerging", shown[0].on
    return _after_reaching(beyond, reached, rule, ("generalised", "maintained", "lost"))


def _after_reaching(
    seen: Sequence[Occasion], reached: date, rule: Rule, names: tuple[str, str, str]
) -> tuple[str, date]:
    """There since a day; gone since the first day without it, found again after that, or still there weeks later.

    It goes by days: on a day on which anybody saw it, it was there, whoever looked in vain.
    """
    there, still_there, gone = names
    state, since = there, reached
    kept = reached + timedelta(weeks=rule.maintained_weeks)
    without: list[date] = []
    for day, of_the_day in groupby(seen, key=lambda o: o.on):
        if day < reached:
            continue
        if not any(o.shown for o in of_the_day):
            without.append(day)
            if len(without) >= rule.lost_after:
                state, since = gone, without[0]
            continue
        without.clear()
        now = still_there if day >= kept else there
        if state == gone or (state, now) == (there, still_there):
            state, since = now, day
    return state, since


def _cell(
    context: str,
    seen: Sequence[Seen],
    occasions: Sequence[Occasion],
    agreed_support: str,
    *,
    begun: bool,
    rule: Rule,
    first_therapy: date | None,
    today: date,
) -> Cell:
    if not seen:
        return Cell(context, "unknown" if begun else "not-tried")
    good = [o for o in occasions if o.shown]
    apart: dict[bool, list[UUID]] = {True: [], False: []}
    for one in seen:
        apart[is_shown(one, agreed_support)].append(one.id)
    shown, tried = tuple(apart[True]), tuple(apart[False])
    last_look = occasions[-1].on
    state = "not-yet"
    if len(good) >= rule.occasions:
        state, _ = _after_reaching(occasions, good[rule.occasions - 1].on, rule, ("holds", "still-holds", "no-longer"))
    elif good:
        state = "shown"
    first, last = (good[0].on, good[-1].on) if good else (None, None)
    lag = (first - first_therapy).days if first and first_therapy and context != Context.THERAPY else None
    return Cell(
        context,
        state,
        shown,
        tried,
        first,
        last,
        lag,
        len(good),
        len(occasions),
        last_look,
        _too_long_ago(last_look, today, rule),
    )
