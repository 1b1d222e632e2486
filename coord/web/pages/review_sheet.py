"""What stands on the sheet for a review meeting, in words: composed once, shown as a page and as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import format_date, format_decimal, ngettext
from flask_babel import gettext as _

from coord.application.goals.questions import GoalLine, GoalObservation, GoalsAnswer, StrategyLine
from coord.domain.case.attainment import LEVELS, Attainment
from coord.domain.case.generalisation import Cell, Generalisation, Rule
from coord.domain.case.goals.scales import weight_of
from coord.domain.case.goals.wording import Context
from coord.domain.case.strategies import OUTCOMES
from coord.web.goal_words import change_words, found_sentence
from coord.web.labels import label


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a scale; ``text`` is what was written for it."""

    value: str
    name: str
    text: str
    present: bool
    baseline: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A term with its words. ``written`` by a person, hence in the language that they wrote in."""

    term: str
    words: str
    written: bool = False


@dataclass(frozen=True, slots=True)
class GoalPart:
    """One goal on the sheet."""

    id: UUID
    statement: str
    status: str
    lines: Sequence[Line]
    levels: Sequence[Level]
    latest: Sequence[Line]
    """By context, with day and observer."""
    row: Sequence[Line]
    """Its row of the matrix: the goal's own state first, then each context."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One goal in the score."""

    statement: str
    weight: str
    level: str
    baseline: str


@dataclass(frozen=True, slots=True)
class Score:
    """The T-score in words, beside the levels that it was made of."""

    sentences: Sequence[str]
    goals: Sequence[Weighed]


@dataclass(frozen=True, slots=True)
class Tried:
    """A strategy and what came of it."""

    where: str
    text: str
    outcome: str
    goal: str


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """All that is on it, in the reader's language where it is ours."""

    preferred_name: str
    day: str
    goals: Sequence[GoalPart]
    score: Score
    strategies: Sequence[Tried]


def review_sheet(answer: GoalsAnswer, day: date) -> ReviewSheet:
    """The sheet of the goals that stand, for a meeting on ``day``."""
    statements = {g.id: str(g.content["statement"]) for g in answer.goals}
    return ReviewSheet(
        answer.preferred_name,
        format_date(day, "full"),
        [_goal(g, answer.rule) for g in answer.goals],
        _score(answer.attainment, answer.goals),
        [_tried(s, statements) for s in answer.strategies],
    )


def level_words(level: int | None) -> str:
    """A level with its name: "+1, more than expected"."""
    if level is None:
        return str(_("not rated"))
    return f"{signed(level)}, {_low(label('level', level))}"


def signed(number: int) -> str:
    """With its sign; a true minus, so that it is read and printed as one."""
    return f"+{number}" if number > 0 else f"−{-number}" if number < 0 else "0"


def _low(words: str) -> str:
    return words[:1].lower() + words[1:]


# ---- a goal ------------------------------------------------------------------------------------------------------


def _goal(goal: GoalLine, rule: Rule) -> GoalPart:
    content = goal.content
    scale = content["scale"]
    review = format_date(goal.review_date, "long")
    present = _("not rated yet")
    if goal.level is not None and goal.level_on is not None:
        where, day = _low(label("context", goal.level_context)), format_date(goal.level_on, "long")
        present = f"{level_words(goal.level)}; {where}, {day}"
    lines = [
        Line(_("The child's own view"), content["child_view"], written=True),
        Line(_("When"), content["condition"], written=True),
        Line(_("Met when"), content["criterion"], written=True),
        Line(_("Help agreed"), label("support", content["support"])),
        Line(_("Baseline"), content["baseline"], written=True),
        Line(_("Baseline level"), level_words(scale["baseline"]) if scale else ""),
        Line(_("Present level"), present if scale else ""),
        Line(
            _("Agreement"),
            _("agreed in these words") if goal.agreed_as_it_stands else _("not agreed in these words yet"),
        ),
        Line(
            _("Review by"),
            _("%(day)s, which has passed", day=review) if goal.review_passed else review,
        ),
    ]
    levels = [
        Level(signed(n), label("level", n), scale["levels"][str(n)], n == goal.level, n == scale["baseline"])
        for n in (LEVELS if scale else ())
    ]
    return GoalPart(
        goal.id,
        content["statement"],
        label("goal-status", goal.status),
        [line for line in lines if line.words],
        levels,
        _latest(goal),
        _row(goal.generalisation, rule),
    )


def _latest(goal: GoalLine) -> list[Line]:
    """The latest observation that says something, in each context where the goal should hold or was looked at."""
    latest: dict[str, GoalObservation] = {}
    for seen in goal.observations:  # oldest first
        if seen.comparable and (seen.level is not None or seen.support):
            latest[seen.context] = seen
    where = [c.value for c in Context if c.value in goal.content["contexts"] or c.value in latest]
    return [Line(label("context", c), _seen(latest[c]) if c in latest else _("nothing seen yet")) for c in where]


def _seen(seen: GoalObservation) -> str:
    parts = [level_words(seen.level)] if seen.level is not None else []
    if seen.support:
        parts.append(_low(label("support", seen.support)))
    parts.append(format_date(seen.observed_at, "medium"))
    who = seen.observer_name
    if seen.reported_by:
        who = _("%(name)s, written down by %(writer)s", name=seen.reported_by, writer=who)
    return "; ".join([*parts, who])


def _row(found: Generalisation, rule: Rule) -> list[Line]:
    state = label("generalisation", found.state)
    if found.since is not None:
        state = _("%(state)s, since %(day)s", state=state, day=format_date(found.since, "long"))
    beyond = found_sentence(found, rule)
    whole = f"{state}. {beyond}" if found.state not in ("not-tried", "unknown") else f"{state}."
    return [
        Line(_("Altogether"), whole),
        *(Line(label("context", c.context), _cell(c)) for c in found.cells),
    ]


def _cell(cell: Cell) -> str:
    state = label("generalisation", cell.state)
    if cell.state == "unknown":
        return str(_("%(state)s: nobody has looked here, which is not a no.", state=state))
    if cell.state == "not-tried":
        return str(_("%(state)s: the work has not begun.", state=state))
    parts = [state]
    if cell.shown:
        parts.append(ngettext("shown once", "shown %(num)s times", len(cell.shown)))
    if cell.tried:
        parts.append(ngettext("once not shown", "%(num)s times not shown", len(cell.tried)))
    if cell.last_shown is not None:
        parts.append(_("last on %(day)s", day=format_date(cell.last_shown, "medium")))
    if cell.lag_days is not None and cell.lag_days >= 0:
        parts.append(
            ngettext("first %(num)s day after therapy", "first %(num)s days after therapy", cell.lag_days)
            if cell.lag_days
            else _("first on the same day as in therapy")
        )
    return "; ".join(parts) + "."


# ---- the score ---------------------------------------------------------------------------------------------------


def _score(found: Attainment | None, goals: Sequence[GoalLine]) -> Score:
    if found is None:
        return Score([], [])
    by_id = {g.id: g for g in goals}
    weighed = [
        Weighed(
            by_id[g.goal].content["statement"],
            str(g.weight),
            level_words(g.level),
            level_words(g.baseline),
        )
        for g in found.included
        if g.goal in by_id
    ]
    weighed += [
        Weighed(
            g.content["statement"],
            _weight(g),
            level_words(g.level),
            level_words(g.content["scale"]["baseline"]),
        )
        for g in goals
        if g.content["scale"]
        and g.status in ("active", "on-hold", "achieved", "maintained")
        and all(g.id != included.goal for included in found.included)
    ]
    if found.t is None:
        return Score(
            [_("There is no score: no goal with a scale and a weight has been rated. No score is not 50.")], weighed
        )
    sentences = [
        _(
            "T %(t)s, over %(rated)s of %(scaled)s goals with a scale (rho %(rho)s).",
            t=_one(found.t),
            rated=found.rated,
            scaled=found.scaled,
            rho=format_decimal(found.rho, format="0.00"),
        )
    ]
    if found.baseline_t is not None:
        sentences.append(
            _(
                "At the baseline of the same goals: %(before)s, so a change of %(change)s.",
                before=_one(found.baseline_t),
                change=change_words(found.change),
            )
        )
    else:
        sentences.append(_("Not every one of these goals has a baseline level, so no change is worked out."))
    sentences.append(
        _("Unrated goals are left out; unrated is not zero. Levels are an order, so T sums up and proves nothing.")
    )
    return Score(sentences, weighed)


def _weight(goal: GoalLine) -> str:
    """A weight of nothing leaves the goal out, rated or not."""
    weight = weight_of(goal.content["scale"])
    out = _("left out")
    return str(weight) if weight else f"{weight} ({out})"


def _one(number: float) -> str:
    return str(format_decimal(number, format="0.0"))


# ---- strategies --------------------------------------------------------------------------------------------------


def _tried(strategy: StrategyLine, statements: Mapping[UUID, str]) -> Tried:
    goal = statements.get(strategy.goal_id, "") if strategy.goal_id else ""
    outcome = counted(strategy)
    if strategy.status == "ended":
        outcome = f"{outcome}; {_low(label('strategy-status', 'ended'))}"
    return Tried(label("context", strategy.context), strategy.text, outcome, goal)


def counted(strategy: StrategyLine) -> str:
    """What came of trying it: "It helped: 3; It did not help: 1"."""
    if not strategy.trials:
        return str(_("nobody has told yet"))
    parts = [f"{label('strategy-outcome', o)}: {strategy.counts[o]}" for o in OUTCOMES if strategy.counts.get(o)]
    return "; ".join(parts)
