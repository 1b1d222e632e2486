"""Answers about goals as JSON; `goal_schemas` describes the same shapes. What is not there for a teacher stays away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from coord.application.goals.questions import GoalAnswer, GoalLine, GoalObservation, GoalsAnswer, ScoreLine
from coord.domain.case.attainment import Attainment
from coord.domain.case.generalisation import Generalisation, Rule
from coord.web.api.answers import by, plain
from coord.web.api.of_a_case import of_a_case
from coord.web.api.strategy_answers import strategy

_FOR_ALL = ("statement", "child_view", "contexts", "condition", "criterion", "support", "review_date", "audience")


def goals(found: GoalsAnswer) -> dict[str, Any]:
    """All goals at a glance."""
    return {
        **of_a_case(found),
        "goals": [line(goal) for goal in found.goals],
        "strategies": [strategy(s) for s in found.strategies],
        "attainment": None if found.attainment is None else attainment(found.attainment),
        "scores": [_kept(score) for score in found.scores],
        "scores_withheld": found.withheld,
        "rule": rule(found.rule),
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
        **line(present),
        "observations": [observation(o) for o in found.observations],
        **plain(story),
        "strategies": [strategy(s) for s in found.strategies],
        "next_statuses": list(found.next_statuses),
        "observe_in": list(found.contexts),
        "rule": rule(found.rule),
    }


def matrix(found: GoalsAnswer) -> dict[str, Any]:
    """The generalisation matrix alone."""
    rows = [
        {
            "goal": goal.id,
            "statement": goal.content["statement"],
            "status": goal.status,
            **generalisation(goal.generalisation),
        }
        for goal in found.goals
    ]
    return {**of_a_case(found), "rows": rows, "rule": rule(found.rule)}


# ---- parts -------------------------------------------------------------------------------------------------------


def line(found: GoalLine) -> dict[str, Any]:
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
        "observations": [observation(o) for o in found.observations],
        "generalisation": generalisation(found.generalisation),
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
        "note": o.note_id,
        "error_reason": o.marked or None,
    }


def generalisation(found: Generalisation) -> dict[str, Any]:
    """A row of the matrix."""
    return {
        "state": found.state,
        "since": found.since,
        "occasions": found.occasions,
        "contexts": found.contexts,
        "observers": found.observers,
        "cells": [
            {
                "context": cell.context,
                "state": cell.state,
                "shown": cell.shown,
                "tried": cell.tried,
                "first_shown": cell.first_shown,
                "last_shown": cell.last_shown,
                "lag_days": cell.lag_days,
            }
            for cell in found.cells
        ],
    }


def rule(found: Rule) -> dict[str, Any]:
    """The numbers of the rule in force."""
    return asdict(found)


def attainment(found: Attainment) -> dict[str, Any]:
    """The score with every level in it."""
    return {
        "t": found.t,
        "baseline_t": found.baseline_t,
        "change": found.change,
        "rated": found.rated,
        "scaled": found.scaled,
        "rho": found.rho,
        "included": [asdict(goal) for goal in found.included],
    }


def _kept(score: ScoreLine) -> dict[str, Any]:
    names = ("goal", "statement", "weight", "level", "baseline", "scale_version")
    return {
        "id": score.id,
        "at": score.at,
        "by": score.by,
        "t": score.t,
        "baseline_t": score.baseline_t,
        "rho": score.rho,
        "rated": score.rated,
        "scaled": score.scaled,
        "goals": [{name: goal[name] for name in names} for goal in score.goals],
    }
