"""Goals, measures and strategies of the child of a house, as people would have written them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from coord.application.case.commands import RaiseAlert
from coord.application.goals.commands import (
    AgreeGoal,
    ChangeGoalStatus,
    ObserveGoal,
    OfferStrategy,
    ProposeGoal,
    RecordCopm,
    RecordInstrument,
    TellOfStrategy,
)
from coord.domain.actors import Actor
from coord.domain.case.alerts import AlertContent
from coord.domain.case.goals import GoalContent, ObservationContent, ScaleContent
from coord.domain.case.measures import CopmContent, InstrumentContent, ScoreContent
from coord.domain.case.strategies import TrialContent
from tests.house import House

LEVELS = {
    -2: "Never asks",
    -1: "Asks when shown the card",
    0: "Asks with the card alone",
    1: "Asks in words once",
    2: "Asks in words each time",
}

NUTS = AlertContent("Nut allergy", "health", "care-team-and-school", "Pen in the red bag.\nThen call 112.")


def alerted(house: House, content: AlertContent = NUTS, **more: Any) -> UUID:
    """Raise an alert, by the OT if nothing else is said; ``more`` are other words."""
    alert_id, by, case_id = uuid4(), more.pop("by", house.ot), more.pop("case_id", None) or house.child
    house.services.doors.execute(by, RaiseAlert(case_id, alert_id, replace(content, **more)))
    return alert_id


def goal(
    house: House, statement: str = "Zig asks for a break with a card.", *, by: Actor | None = None, **more: Any
) -> UUID:
    """Propose a goal, agree it and begin the work, unless ``status`` says how far to go."""
    author = by or house.ot
    case_id: UUID = more.pop("case_id", None) or house.child
    status = more.pop("status", "active")
    scale = more.pop("scale", {})
    content: dict[str, Any] = {
        "contexts": ["therapy", "school", "home"],
        "review_date": house.clock.now.date() + timedelta(days=80),
        "audience": "care-team-and-school",
        "scale": None if scale is None else ScaleContent(**{"levels": LEVELS, "baseline": -1, **scale}),
        **more,
    }
    goal_id = uuid4()
    execute = house.services.doors.execute
    execute(author, ProposeGoal(case_id, goal_id, GoalContent(statement, **content)))
    if status != "proposed":
        execute(author, AgreeGoal(case_id, goal_id, 1, [("Mia, mother", "guardian")]))
    if status not in ("proposed", "agreed"):
        execute(author, ChangeGoalStatus(case_id, goal_id, 2, status, "" if status == "active" else "a reason"))
    return goal_id


def seen(house: House, goal_id: UUID, by: Actor, context: str, level: int | None = None, **more: Any) -> UUID:
    """Observe a goal, now."""
    observation_id = uuid4()
    content = ObservationContent(context, level, **more)
    house.services.doors.execute(by, ObserveGoal(house.child, goal_id, observation_id, content))
    return observation_id


def strategy(house: House, text: str = "Give one step at a time.", context: str = "school", **more: Any) -> UUID:
    """Offer something to try."""
    strategy_id = uuid4()
    by = more.pop("by", house.ot)
    case_id = more.pop("case_id", None) or house.child
    house.services.doors.execute(by, OfferStrategy(case_id, strategy_id, text, context, more.pop("goal", None)))
    return strategy_id


def tried(house: House, strategy_id: UUID, by: Actor, outcome: str = "helped", remark: str = "") -> UUID:
    """Tell what came of it."""
    trial_id = uuid4()
    content = TrialContent(outcome, remark)
    house.services.doors.execute(by, TellOfStrategy(house.child, strategy_id, trial_id, content))
    return trial_id


def copm(house: House, problems: Any = (("Tying laces", 8, 3, 2), ("Eating soup", 6, 4, 5)), **more: Any) -> UUID:
    """Record a COPM."""
    measure_id = uuid4()
    by = more.pop("by", house.ot)
    parts: dict[str, Any] = {
        "informant": "guardian",
        "informant_name": "Mia",
        "measured_on": house.clock.now.date(),
        **more,
    }
    house.services.doors.execute(by, RecordCopm(house.child, measure_id, CopmContent(problems, **parts)))
    return measure_id


def instrument(house: House, name: str = "MABC-2", **more: Any) -> UUID:
    """Record a named instrument with two scales of different metrics."""
    measure_id = uuid4()
    by = more.pop("by", house.ot)
    parts: dict[str, Any] = {
        "edition": "2nd, age band 2",
        "norm_set": "UK 2007",
        "language": "English",
        "informant": "child",
        "measured_on": date(2026, 3, 9),
        "scores": [
            ScoreContent("Manual dexterity", 18, 6, "scaled-10-3", 9, 4, 8, 90, "higher-is-better", "at risk"),
            ScoreContent("Strengths", None, 61.5, "t-50-10", None, direction="higher-is-worse"),
        ],
        "validity": "Tired at the end.",
        "summary": "Fine hand movements are hard for Zig.",
        **more,
    }
    house.services.doors.execute(by, RecordInstrument(house.child, measure_id, InstrumentContent(name, **parts)))
    return measure_id
