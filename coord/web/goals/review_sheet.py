"""What stands on the sheet for a review meeting, in words: composed once, shown as a page and as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext

from coord.application.goals.questions import (
    GoalLine,
    GoalObservation,
    GoalsAnswer,
    ScoreInContext,
    ScoreLine,
    StrategyLine,
)
from coord.domain.case.attainment import latest_in
from coord.domain.case.generalisation import Cell, Rule
from coord.domain.case.goals.scales import LEVELS, weight_of
from coord.domain.case.goals.wording import Context
from coord.domain.case.strategies import Outcome
from coord.web.goals.words import (
    basis_words,
    change_words,
    found_sentence,
    look_again_words,
    lower_first,
    rule_of,
    seen_words,
    state_before_words,
)
from coord.web.labels import label
from coord.web.spelling import format_date, format_decimal


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a scale; ``text`` is what was written for it."""

    value: str
    name: str
    text: str
    now: str
    """The contexts in which the latest observation was at this level, in words."""
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
    """One goal in the score; ``seen`` is where, when and by whom its level was seen."""

    statement: str
    weight: str
    level: str
    seen: str
    baseline: str


@dataclass(frozen=True, slots=True)
class Score:
    """The T-score of one basis in words, beside the levels that it was made of."""

    basis: str
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
    scores: Sequence[Score]
    """As of now, one for each context; the last one that was agreed on comes first."""
    strategies: Sequence[Tried]


def review_sheet(answer: GoalsAnswer, day: date) -> ReviewSheet:
    """The sheet of the goals that stand, for a meeting on ``day``."""
    statements = {g.id: str(g.content["statement"]) for g in answer.goals}
    return ReviewSheet(
        answer.preferred_name,
        format_date(day, "full"),
        [_goal(g, answer, day) for g in answer.goals],
        _scores(answer),
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


def _goal(goal: GoalLine, answer: GoalsAnswer, day: date) -> GoalPart:
    content = goal.content
    scale = content["scale"]
    review = format_date(goal.review_date, "long")
    present = _("not rated yet")
    if goal.level is not None:
        where = (f"{level_words(o.level)} ({_where_seen(o)})" for o in goal.latest.values())
        present = "; ".join(where)
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
        Level(signed(n), label("level", n), scale["levels"][str(n)], _now_at(goal, n), n == scale["baseline"])
        for n in (LEVELS if scale else ())
    ]
    return GoalPart(
        goal.id,
        content["statement"],
        label("goal-status", goal.status),
        [line for line in lines if line.words],
        levels,
        _latest(goal),
        _row(goal, answer, day),
    )


def _now_at(goal: GoalLine, level: int) -> str:
    contexts = [c.value for c in Context if c.value in goal.latest and goal.latest[c.value].level == level]
    return ", ".join(label("context-phrase", c) for c in contexts)


def _where_seen(seen: GoalObservation) -> str:
    return seen_words(seen.context, seen.observed_at, seen.rater, reported=seen.seen_by["known_as"] != "writer")


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
    who = seen.observer["name"]
    if seen.reported_by:
        who = _("%(name)s, written down by %(writer)s", name=seen.reported_by, writer=who)
    return "; ".join([*parts, who])


def _row(goal: GoalLine, answer: GoalsAnswer, day: date) -> list[Line]:
    found, rule = goal.generalisation, answer.rule
    state = label("generalisation", found.state)
    if found.since is not None:
        state = _("%(state)s, since %(day)s", state=state, day=format_date(found.since, "long"))
    if again := look_again_words(found, day):
        state = f"{state}; {again}"
    parts = [state]
    if found.state not in ("not-tried", "unknown"):
        parts.append(found_sentence(found, rule).removesuffix("."))
    parts += [rule_of(found.state, rule), state_before_words(found.state_before, answer.rule_change)]
    whole = ". ".join(part for part in parts if part) + "."
    return [
        Line(_("Altogether"), whole),
        *(Line(label("context", c.context), _cell(c, rule, day)) for c in found.cells),
    ]


def _cell(cell: Cell, rule: Rule, day: date) -> str:
    state = label("cell", cell.state)
    if cell.state == "unknown":
        return str(_("%(state)s: nobody has looked here, which is not a no.", state=state))
    if cell.state == "not-tried":
        return str(_("%(state)s: the work has not begun.", state=state))
    parts = [state]
    parts.append(
        ngettext(
            "shown on %(shown)s of %(num)s occasion",
            "shown on %(shown)s of %(num)s occasions",
            cell.of,
            shown=cell.occasions,
        )
    )
    if cell.last_shown is not None:
        parts.append(_("last on %(day)s", day=format_date(cell.last_shown, "medium")))
    if cell.lag_days is not None and cell.lag_days >= 0:
        parts.append(
            ngettext("first %(num)s day after therapy", "first %(num)s days after therapy", cell.lag_days)
            if cell.lag_days
            else _("first on the same day as in therapy")
        )
    parts += [words for words in (look_again_words(cell, day), lower_first(rule_of(cell.state, rule))) if words]
    return "; ".join(parts) + "."


# ---- the score ---------------------------------------------------------------------------------------------------


def _scores(answer: GoalsAnswer) -> list[Score]:
    """The last one that was agreed on, as it was kept; then as of now, one for each context."""
    agreed = [_kept(score) for score in answer.scores if score.basis["kind"] == "agreed"][:1]
    now = [_score(score, answer.goals) for score in answer.attainments]
    if not now and any(_scaled(goal) for goal in answer.goals):
        now = [Score("", [_no_score()], [])]
    return agreed + now


def _kept(kept: ScoreLine) -> Score:
    weighed = [
        Weighed(g["statement"], str(g["weight"]), level_words(g["level"]), "", level_words(g["baseline"]))
        for g in kept.goals
    ]
    change = None if kept.baseline_t is None else kept.t - kept.baseline_t
    sentences = _sentences(kept.t, kept.baseline_t, change, kept.rated, kept.scaled, kept.rho)
    return Score(basis_words(kept.basis), sentences, weighed)


def _score(score: ScoreInContext, goals: Sequence[GoalLine]) -> Score:
    found, context = score.attainment, score.context
    included = {g.goal for g in found.included}
    counting = sorted((g for g in goals if _scaled(g)), key=lambda g: g.id not in included)  # those in it come first
    weighed = []
    for goal in counting:
        seen = goal.latest.get(context)
        weighed.append(
            Weighed(
                goal.content["statement"],
                _weight(goal),
                level_words(seen.level if seen else None),
                _where_seen(seen) if seen else "",
                level_words(goal.content["scale"]["baseline"]),
            )
        )
    basis = basis_words(latest_in(context))
    if found.t is None:
        return Score(basis, [_no_score()], weighed)
    anew = [g for g in counting if g.id in included and g.scale_version > 1 and found.baseline_t is not None]
    sentences = _sentences(found.t, found.baseline_t, found.change, found.rated, found.scaled, found.rho)
    sentences += [
        _(
            "The scale of “%(goal)s” was written anew since the work began. Its level at the start is one of the "
            "present scale.",
            goal=goal.content["statement"],
        )
        for goal in anew
    ]
    return Score(basis, sentences, weighed)


def _scaled(goal: GoalLine) -> bool:
    return bool(goal.content["scale"]) and goal.status in ("active", "on-hold", "achieved", "maintained")


def _no_score() -> str:
    return str(_("There is no score: no goal with a scale and a weight has been rated. No score is not 50."))


def _sentences(
    t: float, baseline_t: float | None, change: float | None, rated: int, scaled: int, rho: float
) -> list[str]:
    sentences = [
        _(
            "T %(t)s, over %(rated)s of %(scaled)s goals with a scale (rho %(rho)s).",
            t=_one(t),
            rated=rated,
            scaled=scaled,
            rho=format_decimal(rho, "0.00"),
        )
    ]
    if baseline_t is not None:
        sentences.append(
            _(
                "At the baseline of the same goals: %(before)s, so a change of %(change)s.",
                before=_one(baseline_t),
                change=change_words(change),
            )
        )
    else:
        sentences.append(_("Not every one of these goals has a baseline level, so no change is worked out."))
    sentences.append(
        _("Unrated goals are left out; unrated is not zero. Levels are an order, so T sums up and proves nothing.")
    )
    return sentences


def _weight(goal: GoalLine) -> str:
    """A weight of nothing leaves the goal out, rated or not."""
    weight = weight_of(goal.content["scale"])
    out = _("left out")
    return str(weight) if weight else f"{weight} ({out})"


def _one(number: float) -> str:
    return format_decimal(number, "0.0")


# ---- strategies --------------------------------------------------------------------------------------------------


def _tried(strategy: StrategyLine, statements: Mapping[UUID, str]) -> Tried:
    goal = statements.get(strategy.goal_id, "") if strategy.goal_id else ""
    outcome = counted(strategy)
    if strategy.status == "ended":
        outcome = f"{outcome}; {_low(label('strategy-status', 'ended'))}"
    return Tried(label("context", strategy.context), strategy.text, outcome, goal)


def counted(strategy: StrategyLine) -> str:
    """What came of trying it: "It helped: 3; It did not help: 1"."""
    if not any(strategy.counts.values()):
        return str(_("nobody has told yet"))
    parts = [f"{label('strategy-outcome', o)}: {strategy.counts[o]}" for o in Outcome if strategy.counts.get(o)]
    return "; ".join(parts)
