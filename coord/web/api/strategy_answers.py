"""Answers about strategies as JSON; `strategy_schemas` describes the same shapes."""

from __future__ import annotations

from typing import Any

from coord.application.goals.questions import GoalsAnswer, StrategyLine
from coord.domain.case.strategies import OUTCOMES
from coord.web.api.of_a_case import of_a_case


def strategies(found: GoalsAnswer) -> dict[str, Any]:
    """What helps."""
    return {**of_a_case(found), "items": [strategy(s) for s in found.strategies]}


def strategy(found: StrategyLine) -> dict[str, Any]:
    """One strategy, with what came of it."""
    return {
        "id": found.id,
        "text": found.text,
        "context": found.context,
        "goal": found.goal_id,
        "status": found.status,
        "author_name": found.author_name,
        "discipline": found.discipline,
        "offered_at": found.offered_at,
        "ended_reason": found.ended_reason or None,
        "counts": {outcome: found.counts.get(outcome, 0) for outcome in OUTCOMES},
        "trials": [
            {
                "id": trial["trial_id"],
                "outcome": trial["outcome"],
                "remark": trial["remark"],
                "tried_at": trial["tried_at"],
                "reported_by": trial["reported_by"],
                "person": trial["person_id"],
                "name": trial["name"],
                "role": trial["role"],
            }
            for trial in found.trials
        ],
    }
