"""Every write about goals, measures and strategies, as data. Identifiers of new things are chosen by the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypedDict
from uuid import UUID

from coord.application.declared import CaseCommand, Makes, Reason, command
from coord.domain.case import GoalContent, ObservationContent, goals, measures, strategies
from coord.domain.case.goals.wording import Context, GoalStatus
from coord.domain.case.measures import CopmContent, InstrumentContent
from coord.domain.case.parties import Parties
from coord.domain.case.strategies import TrialContent
from coord.domain.input import STATEMENT
from coord.domain.permissions import clinician_of_the_child, therapist_or_lead_of_the_child, writes_to_the_child
from coord.domain.said import FLAT, Said

STATUSES = tuple(s.value for s in GoalStatus if s is not GoalStatus.ENTERED_IN_ERROR)


@command(clinician_of_the_child, "Tried to propose a goal", makes="goal_id")
class ProposeGoal(CaseCommand):
    """Put a goal into words."""

    goal_id: UUID
    content: Annotated[GoalContent, FLAT]


@command(therapist_or_lead_of_the_child, "Tried to revise a goal", goals.revise)
class ReviseGoal(CaseCommand):
    """Put a goal in other words, or write its scale. ``expected_version`` is the goal's version one saw."""

    goal_id: UUID
    expected_version: int
    content: Annotated[GoalContent, FLAT]
    reason: Reason


@command(therapist_or_lead_of_the_child, "Tried to record an agreement to a goal", goals.agree)
class AgreeGoal(CaseCommand):
    """Keep who agreed to the goal as it stands."""

    goal_id: UUID
    expected_version: int
    parties: Parties


@command(therapist_or_lead_of_the_child, "Tried to change the state of a goal", goals.change_status)
class ChangeGoalStatus(CaseCommand):
    """Begin, pause, achieve, maintain or stop; or begin again. A step that is not forward needs a reason."""

    goal_id: UUID
    expected_version: int
    status: Annotated[str, Said(of=STATUSES)]
    reason: Reason = ""


@command(clinician_of_the_child, "Tried to mark a goal as entered in error", goals.enter_in_error)
class EnterGoalInError(CaseCommand):
    """Mark a goal as one that should never have existed."""

    goal_id: UUID
    reason: Reason
    expected_version: int | None = None


@command(writes_to_the_child, "Tried to observe a goal", makes=Makes("observation_id", within="goal_id"))
class ObserveGoal(CaseCommand):
    """Keep what one saw of a goal, in a context.

    ``confirmed``: the answers to what was asked about, such as what looks like the name of another child one knows.
    """

    goal_id: UUID
    observation_id: UUID
    content: Annotated[ObservationContent, FLAT]
    confirmed: Sequence[str] = ()


@command(writes_to_the_child, "Tried to mark an observation as entered in error", goals.enter_observation_in_error)
class EnterObservationInError(CaseCommand):
    """Mark an observation as a mistake."""

    goal_id: UUID
    observation_id: UUID
    reason: Reason


class AgreedLevel(TypedDict):
    """The level of one goal."""

    goal: UUID
    level: Annotated[int, Said(least=-2, most=2)]


@dataclass(frozen=True, slots=True)
class AgreedLevels:
    """The levels that these people agreed on a day, at a review."""

    on: date | None
    parties: Parties
    levels: Annotated[Sequence[tuple[UUID, int]], Said(each=AgreedLevel)]


@command(therapist_or_lead_of_the_child, "Tried to keep a T-score", makes="score_id")
class ScoreAttainment(CaseCommand):
    """Keep the T-score over the goals under way or achieved that one may read: of the latest levels in one context, or
    of those agreed on a day, never of both.

    Without a ``context`` it is the only one in which anything is rated; where there are several, one has to be named.
    """

    score_id: UUID
    context: Annotated[str, Said(of=Context, null=True)] = ""
    agreed: Annotated[AgreedLevels | None, Said(null=True)] = None


@command(therapist_or_lead_of_the_child, "Tried to record a COPM", makes="measure_id")
class RecordCopm(CaseCommand):
    """Keep a Canadian Occupational Performance Measure."""

    measure_id: UUID
    content: Annotated[CopmContent, FLAT]


@command(therapist_or_lead_of_the_child, "Tried to record an instrument", makes="measure_id")
class RecordInstrument(CaseCommand):
    """Keep what a named instrument gave. ``confirmed``: the answers to what was asked about and is meant."""

    measure_id: UUID
    content: Annotated[InstrumentContent, FLAT]
    confirmed: Sequence[str] = ()


@command(therapist_or_lead_of_the_child, "Tried to mark a measure as entered in error", measures.enter_in_error)
class EnterMeasureInError(CaseCommand):
    """Mark a measure as a mistake."""

    measure_id: UUID
    reason: Reason


@command(therapist_or_lead_of_the_child, "Tried to offer a strategy", makes="strategy_id")
class OfferStrategy(CaseCommand):
    """Offer something to try at home, in class, in therapy or elsewhere; for a goal, where there is one."""

    strategy_id: UUID
    text: Annotated[str, Said("In plain words, for who is to do it", most=STATEMENT)]
    context: Annotated[str, Said(of=Context)]
    goal_id: Annotated[UUID | None, Said("The goal that it is for", null=True)] = None


@command(writes_to_the_child, "Tried to tell what came of a strategy", makes=Makes("trial_id", within="strategy_id"))
class TellOfStrategy(CaseCommand):
    """Tell what came of trying a strategy: it helped, it did not, or it was not tried yet."""

    strategy_id: UUID
    trial_id: UUID
    content: Annotated[TrialContent, FLAT]


@command(
    writes_to_the_child,
    "Tried to mark a report of a strategy as entered in error",
    strategies.enter_trial_in_error,
)
class EnterTrialInError(CaseCommand):
    """Mark what was told of a strategy as a mistake."""

    strategy_id: UUID
    trial_id: UUID
    reason: Reason


@command(therapist_or_lead_of_the_child, "Tried to end a strategy", strategies.end)
class EndStrategy(CaseCommand):
    """Advise a strategy no longer, saying why."""

    strategy_id: UUID
    reason: Reason
    expected_version: int | None = None
