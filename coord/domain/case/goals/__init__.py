"""Goals: what the child's people aim at together, where it should hold, and how far it has come there."""

from coord.domain.case.goals.goal import (
    Goal,
    GoalAgreed,
    GoalEvent,
    GoalObservationEnteredInError,
    GoalObserved,
    GoalProposed,
    GoalRevised,
    GoalStanding,
    GoalStatusChanged,
    evolve,
)
from coord.domain.case.goals.life import agree, change_status, enter_in_error, possible_statuses, propose, revise
from coord.domain.case.goals.observing import (
    ObservationContent,
    enter_observation_in_error,
    mark_observation,
    observe,
)
from coord.domain.case.goals.scales import ScaleContent
from coord.domain.case.goals.wording import GoalContent

__all__ = [
    "Goal",
    "GoalAgreed",
    "GoalContent",
    "GoalEvent",
    "GoalObservationEnteredInError",
    "GoalObserved",
    "GoalProposed",
    "GoalRevised",
    "GoalStanding",
    "GoalStatusChanged",
    "ObservationContent",
    "ScaleContent",
    "agree",
    "change_status",
    "enter_in_error",
    "enter_observation_in_error",
    "evolve",
    "mark_observation",
    "observe",
    "possible_statuses",
    "propose",
    "revise",
]
