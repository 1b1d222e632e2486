"""Answers about goals as JSON; `goal_schemas` describes the same shapes. What is not there for a teacher stays away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from coord.application.goals.questions import (
    GoalAnswer,
    GoalLine,
    GoalObservation,
    GoalsAnswer,
    RuleChange,
    ScoreInContext,
    ScoreLine,
    StrategyLine,
)
from coord.application.questions import AroundTheChild
from coord.domain.case.attainment import Basis, latest_in
from coord.domain.case.generalisation import Rule
from coord.web.api.answers import by, plain
from coord.web.api.of_a_case import of_a_case
from coord.web.api.typed import told

_FOR_ALL = ("statement", "child_view", "contexts", "condition", "criterion", "support", "review_date", "audience")


def goals(found: GoalsAnswer) -> dict[str, Any]:
    """All goals at a glance."""
    return {
        **of_a_case(found),
        "goals": [line(goal, found.rule) for goal in found.goals],
        "strategies": [told(s, StrategyLine) for s in found.strategies],
        "attainments": [attainment(score) for score in found.attainments],
        "scores": [_kept(score) for score in found.scores],
        "scores_withheld": found.withheld,
        "rule": rule(found.rule),
        "rule_change": rule_change(found.rule_change),
        "may": sorted(found.may),
    }


def goal(found: GoalAnswer) -> dict[str, Any]:
    """One goal's story."""
    g, present = found.goal, found.line
    story = {
        "versions": [
            {
                "number": v.number,
                "scale_version": v.scale_version,
                "content": _text(v.content, like=present.content),
                "by": by(v.by),
                "at": v.at,
                "reason": v.reason,
            }
            for v in g.versions
        ],
        "agreements": [
            {"content_version": a.content_version, "parties": a.parties, "by": by(a.by), "at": a.at}
            for a in g.agreements
        ],
        "statuses": [
            {"before": s.before, "status": s.status, "by": by(s.by), "at": s.at, "reason": s.reason} for s in g.statuses
        ],
    }
    return {
        **of_a_case(found),
        **line(present, found.rule),
        "observations": [observation(o) for o in found.observations],
        **plain(story),
        "strategies": [told(s, StrategyLine) for s in found.strategies],
        "next_statuses": list(found.next_statuses),
        "observe_in": list(found.contexts),
        "rule": rule(found.rule),
        "rule_change": rule_change(found.rule_change),
        "around": [told(one, AroundTheChild) for one in found.around],
    }


def matrix(found: GoalsAnswer) -> dict[str, Any]:
    """The generalisation matrix alone."""
    rows = [
        {
            "goal": goal.id,
            "statement": goal.content["statement"],
            "status": goal.status,
            **generalisation(goal, found.rule),
        }
        for goal in found.goals
    ]
    rules = {"rule": rule(found.rule), "rule_change": rule_change(found.rule_change)}
    return {**of_a_case(found), "rows": rows, **rules}


# ---- parts -------------------------------------------------------------------------------------------------------


def line(found: GoalLine, by_rule: Rule) -> dict[str, Any]:
    """A goal as it stands."""
    return {
        "id": found.id,
        "status": found.status,
        "version": found.version,
        **_text(found.content, like=found.content),
        "scale_version": found.scale_version,
        "author_name": found.author_name,
        "discipline": found.discipline,
        "proposed_at": found.proposed_at,
        "agreed_as_it_stands": found.agreed_as_it_stands,
        "review_passed": found.review_passed,
        "level": found.level,
        "level_on": found.level_on,
        "level_context": found.level_context or None,
        "level_by": found.level_by or None,
        "observations": [observation(o) for o in found.observations],
        "generalisation": generalisation(found, by_rule),
        "may": sorted(found.may),
    }


def _text(content: Mapping[str, Any], *, like: Mapping[str, Any]) -> dict[str, Any]:
    """What a goal says, as far as ``like`` (what this reader sees of its present wording) has it."""
    text = {name: content[name] for name in _FOR_ALL}
    scale = content["scale"]
    if "icf" in like:
        text |= {"icf": content["icf"] or None, "disciplines": content["disciplines"], "baseline": content["baseline"]}
    elif scale is not None:
        scale = {"levels": scale["levels"]}
    return {**text, "scale": scale}


def observation(o: GoalObservation) -> dict[str, Any]:
    """What somebody saw."""
    return {
        "id": o.id,
        "context": o.context,
        "level": o.level,
        "scale_version": o.scale_version,
        "comparable": o.comparable,
        "support": o.support or None,
        "shown": o.shown,
        "remark": o.remark,
        "observed_at": o.observed_at,
        "received_at": o.received_at,
        "observer": {
            "person": o.observer_id,
            "name": o.observer_name,
            "role": o.role,
            "discipline": o.discipline,
        },
        "reported_by": o.reported_by,
        "seen_by": {
            "known_as": o.seen_as,
            "person": o.seen_person,
            "name": o.reported_by,
            "relation": o.seen_relation,
        },
        "note": o.note_id,
        "error_reason": o.marked or None,
    }


def generalisation(goal: GoalLine, by_rule: Rule) -> dict[str, Any]:
    """A row of the matrix."""
    found = goal.generalisation
    return {
        "state": found.state,
        "since": found.since,
        "occasions": found.occasions,
        "contexts": found.contexts,
        "observers": found.observers,
        "reported": found.reported,
        "last_look": found.last_look,
        "look_again": found.look_again,
        "rule": rule(by_rule),
        "state_before": goal.state_before or None,
        "cells": [
            {
                "context": cell.context,
                "state": cell.state,
                "shown": cell.shown,
                "tried": cell.tried,
                "first_shown": cell.first_shown,
                "last_shown": cell.last_shown,
                "lag_days": cell.lag_days,
                "occasions": cell.occasions,
                "of": cell.of,
                "last_look": cell.last_look,
                "look_again": cell.look_again,
            }
            for cell in found.cells
        ],
    }


def rule(found: Rule) -> dict[str, Any]:
    """The numbers of the rule in force."""
    return asdict(found)


def rule_change(change: RuleChange | None) -> dict[str, Any] | None:
    """The last change of the rule."""
    if change is None:
        return None
    return {"at": change.at, "by": change.by, "reason": change.reason, "before": rule(change.before)}


def basis(found: Basis) -> dict[str, Any]:
    """Which levels a score is made of; null for what is no part of it."""
    return {**found, "context": found["context"] or None, "on": found["on"] or None}


def attainment(score: ScoreInContext) -> dict[str, Any]:
    """The score of one context with every level in it."""
    found = score.attainment
    return {
        "basis": basis(latest_in(score.context)),
        "t": found.t,
        "baseline_t": found.baseline_t,
        "change": found.change,
        "rated": found.rated,
        "scaled": found.scaled,
        "rho": found.rho,
        "included": [_scored(asdict(goal)) for goal in found.included],
    }


def _kept(score: ScoreLine) -> dict[str, Any]:
    earlier = score.earlier
    return {
        "id": score.id,
        "at": score.at,
        "by": score.by,
        "t": score.t,
        "baseline_t": score.baseline_t,
        "rho": score.rho,
        "rated": score.rated,
        "scaled": score.scaled,
        "basis": basis(score.basis),
        "goals": [{**_scored(goal), "statement": goal["statement"]} for goal in score.goals],
        "earlier": None if earlier is None else asdict(earlier),
    }


def _scored(goal: Mapping[str, Any]) -> dict[str, Any]:
    names = ("goal", "weight", "level", "baseline", "scale_version", "seen_at", "reported", "observation")
    return {name: goal[name] for name in names} | {name: goal[name] or None for name in ("context", "rater")}
