"""Strategies: what helps, at home and in class."""

from __future__ import annotations

from coord.application.goals.commands import EndStrategy, EnterTrialInError, OfferStrategy, TellOfStrategy
from coord.application.goals.questions import ReadGoals, StrategiesAnswer
from coord.web.api.fields import Strict, Switch
from coord.web.api.operations import ApiBlueprint
from coord.web.api.routes import reads, sends

blueprint = ApiBlueprint("strategies", "Strategies: what helps at home, in class and elsewhere; and whether it did.")
STRATEGIES = "/cases/<uuid:case>/strategies"


class StrategiesQuery(Strict):
    """Which strategies."""

    ended = Switch(load_default=False, metadata={"description": "Those no longer advised too"})


reads(
    blueprint,
    STRATEGIES,
    ReadGoals,
    StrategiesAnswer,
    name="read_strategies",
    query=StrategiesQuery,
    about="""Read what helps

    With what came of trying it. The look is recorded as one at the goals, which they belong to.
    """,
)


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


sends(
    blueprint,
    "POST",
    f"{STRATEGIES}/<uuid:strategy>/trials",
    TellOfStrategy,
    status=201,
    makes="trial_id",
    example={"outcome": "helped", "remark": "Dressed alone on three days."},
    about="""Tell what came of trying it

    A teacher tells of what is for school.
    """,
)


sends(
    blueprint,
    "POST",
    f"{STRATEGIES}/<uuid:strategy>/trials/<uuid:trial>/error",
    EnterTrialInError,
    example={"reason": "A slip of the finger"},
    about="Mark what was told as a mistake (who told it, and the team lead)",
)


sends(
    blueprint,
    "POST",
    f"{STRATEGIES}/<uuid:strategy>/end",
    EndStrategy,
    example={"reason": "He does it without by now"},
    about="""Advise it no longer

    Name the `version` of the strategy that you saw, and it is not ended if more was told of it since.
    """,
)
