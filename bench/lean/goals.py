"""Where a goal's skill holds, and the attainment score: reckoned by hand, by the same rules.

An occasion is a day, a context and a person who saw it; it shows the skill at the expected level or above, with no more
help than agreed. The skill holds in a context after three such occasions; it generalised after three outside therapy,
in two contexts, seen by two people. Two days in a row without it and it is lost; seen six weeks later it is maintained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from math import sqrt
from typing import Any

from sqlalchemy import Row

from bench.lean.words import CONTEXTS, WHERE, day, days_apart, local

OCCASIONS, PLACES, OBSERVERS, LOST_AFTER = 3, 2, 2, 2
KEPT, AGAIN = timedelta(weeks=6), timedelta(weeks=12)
HELP = ("independent", "verbal", "visual", "physical", "not-achieved")
RHO = 0.30
RULE = f"Rule: {OCCASIONS} occasions, {PLACES} contexts, {OBSERVERS} people"


@dataclass(slots=True)
class Occasion:
    """What somebody saw in one context on one day."""

    on: date
    context: str
    observer: str
    shown: bool


@dataclass(slots=True)
class Cell:
    """One goal in one context."""

    state: str
    shown: int = 0
    of: int = 0
    lag: str = ""
    again: str = ""


@dataclass(slots=True)
class Line:
    """A goal with all that the page says of it."""

    goal: Row[Any]
    ratings: Sequence[Row[Any]]
    latest: dict[str, Row[Any]]
    cells: dict[str, Cell]
    where: str
    state: str
    since: date | None
    found: str
    again: str


@dataclass(slots=True)
class Score:
    """The T-score of one context, now and at the start."""

    context: str
    t: float
    before: float
    rated: int
    scaled: int
    reached: int


def line(goal: Row[Any], ratings: Sequence[Row[Any]], today: date) -> Line:
    """What is known of a goal by its ratings, which come by day."""
    seen: dict[tuple[date, str, str], Occasion] = {}
    most = HELP.index(goal.support)
    for r in ratings:
        on = local(r.observed_at).date()
        shown = r.level >= 0 and HELP.index(r.support) <= most
        occasion = seen.setdefault((on, r.context, r.observer), Occasion(on, r.context, r.observer, shown))
        occasion.shown = occasion.shown or shown
    occasions = list(seen.values())
    therapy = next((o.on for o in occasions if o.context == "therapy" and o.shown), None)
    cells = {}
    for context in CONTEXTS:
        here = [o for o in occasions if o.context == context]
        if here or context in goal.contexts:
            cells[context] = _cell(context, here, therapy, today, begun=goal.status != "proposed")
    state, since, found, again = _in_all(occasions, therapy, today)
    return Line(goal, ratings, {r.context: r for r in ratings}, cells, _where(cells), state, since, found, again)


TOLD = (
    (("Holds here", "Still holds here"), "holds {}"),
    (("Shown",), "shown {}, not yet often enough"),
    (("Tried, not yet",), "tried, not shown yet {}"),
    (("No longer here",), "no longer {}"),
    (("Unknown",), "nobody has looked {}"),
)


def _where(cells: dict[str, Cell]) -> str:
    """The contexts by how it is there, in a sentence."""
    parts = []
    for states, words in TOLD:
        places = [WHERE[context] for context, cell in cells.items() if cell.state in states]
        if places:
            first = ", ".join(places[:-1])
            parts.append(words.format(f"{first} and {places[-1]}" if first else places[-1]))
    said = "; ".join(parts) or "the work has not begun"
    return said[0].upper() + said[1:]


def _cell(context: str, here: Sequence[Occasion], therapy: date | None, today: date, *, begun: bool) -> Cell:
    if not here:
        return Cell("Unknown" if begun else "Not tried")
    good = [o for o in here if o.shown]
    state = "Shown" if good else "Tried, not yet"
    if len(good) >= OCCASIONS:
        names = ("Holds here", "Still holds here", "No longer here")
        state, _ = _since(here, good[OCCASIONS - 1].on, names)
    lag = days_apart((good[0].on - therapy).days) if good and therapy and context != "therapy" else ""
    return Cell(state, len(good), len(here), lag, look_again(here[-1].on, today))


def _in_all(occasions: Sequence[Occasion], therapy: date | None, today: date) -> tuple[str, date | None, str, str]:
    if not occasions:
        return "Unknown", None, "", ""
    beyond = [o for o in occasions if o.context != "therapy"]
    shown = [o for o in beyond if o.shown]
    again = look_again((beyond if shown else occasions)[-1].on, today)
    if not shown:
        nobody = "" if beyond else " Nobody has looked there, which is not a no."
        found = f"Outside therapy it has not been shown yet.{nobody}" if therapy else ""
        return ("Therapy only", therapy, found, again) if therapy else ("Tried, not yet", occasions[0].on, "", again)
    for n in range(OCCASIONS, len(shown) + 1):
        if _places(shown[:n]) >= PLACES and _people(shown[:n]) >= OBSERVERS:
            state, since = _since(beyond, shown[n - 1].on, ("Generalised", "Maintained", "Lost"))
            more = {"Maintained": "; again 6 weeks later", "Lost": "; then 2 days in a row without it"}.get(state, "")
            return state, since, RULE + more, again
    found = (
        f"Outside therapy, occasions on which it was shown: {len(shown)} (the rule asks for {OCCASIONS}); "
        f"contexts: {_places(shown)} ({PLACES}); people who saw it: {_people(shown)} ({OBSERVERS})."
    )
    return "Emerging", shown[0].on, found, again


def _places(occasions: Sequence[Occasion]) -> int:
    return len({o.context for o in occasions})


def _people(occasions: Sequence[Occasion]) -> int:
    return len({o.observer for o in occasions})


def _since(seen: Sequence[Occasion], reached: date, names: tuple[str, str, str]) -> tuple[str, date]:
    there, still, gone = names
    state, since, without = there, reached, list[date]()
    for on, of_the_day in groupby(seen, key=lambda o: o.on):
        if on < reached:
            continue
        if any(o.shown for o in of_the_day):
            without.clear()
            now = still if on >= reached + KEPT else there
            if state == gone or (state, now) == (there, still):
                state, since = now, on
        else:
            without.append(on)
            if len(without) >= LOST_AFTER:
                state, since = gone, without[0]
    return state, since


def look_again(last: date, today: date) -> str:
    """That the last look is too long ago to go by."""
    if last + AGAIN > today:
        return ""
    return f"last observed {(today - last).days // 7} weeks ago, on {day(last)}: look again"


def score(lines: Sequence[Line], context: str) -> Score | None:
    """By Kiresuk and Sherman, over what was last seen in one context."""
    scaled = [one for one in lines if one.goal.weight]
    rated = [(one.goal.weight, one.latest[context].level, one.goal.baseline) for one in scaled if context in one.latest]
    if not rated:
        return None
    total = sum(weight for weight, _, _ in rated)
    by = 10 / sqrt((1 - RHO) * sum(weight**2 for weight, _, _ in rated) + RHO * total**2)
    now, before = (50 + by * sum(one[0] * one[of] for one in rated) for of in (1, 2))
    reached = sum(level >= 0 for _, level, _ in rated)
    return Score(context, now, before, len(rated), len(scaled), reached)
