"""Strategies: what helps, at home and in class."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coord.application.goals.commands import EndStrategy, OfferStrategy, TellOfStrategy
from coord.application.goals.questions import GoalsAnswer, ReadGoals
from coord.domain.case.strategies import TrialContent
from coord.web.api import answers, schemas, strategy_answers, strategy_schemas
from coord.web.api.operations import ApiBlueprint, actor, new_id, operation, services
from coord.web.api.routes import sends

blueprint = ApiBlueprint("strategies", "Strategies: what helps at home, in class and elsewhere; and whether it did.")
STRATEGIES = "/cases/<uuid:case>/strategies"


@operation(
    blueprint,
    "GET",
    STRATEGIES,
    query=strategy_schemas.StrategiesQuery,
    answer=strategy_schemas.StrategiesAnswer,
)
def read_strategies(case: UUID, query: dict[str, Any]) -> Response:
    """Read what helps

    With what came of trying it. The look is recorded as one at the goals, which they belong to.
    """
    found: GoalsAnswer = services().doors.ask(actor(), ReadGoals(case, query["ended"]))
    return answers.json_answer(strategy_answers.strategies(found))


sends(
    blueprint,
    "POST",
    STRATEGIES,
    OfferStrategy,
    status=201,
    makes="strategy_id",
    example={"text": "Lay the clothes out in the order in which they go on.", "context": "home"},
    about="Offer something to try",
)


@operation(
    blueprint,
    "POST",
    f"{STRATEGIES}/<uuid:strategy>/trials",
    body=strategy_schemas.NewTrial,
    answer=schemas.Receipt,
    status=201,
    example={"outcome": "helped", "remark": "Dressed alone on three days."},
)
def tell_of_strategy(case: UUID, strategy: UUID, body: dict[str, Any]) -> Response:
    """Tell what came of trying it

    A teacher tells of what is for school.
    """
    trial_id = new_id(body.pop("id", None))
    command = TellOfStrategy(case, strategy, trial_id, TrialContent(**body))
    return answers.receipt(services().doors.execute(actor(), command), 201)


sends(
    blueprint,
    "POST",
    f"{STRATEGIES}/<uuid:strategy>/end",
    EndStrategy,
    example={"reason": "He does it without by now"},
    about="Advise it no longer",
)
