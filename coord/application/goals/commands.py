"""Every write about goals, measures and strategies, as data. Identifiers of new things are chosen by the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from coord.application.commands import CaseCommand
from coord.domain.case import GoalContent, ObservationContent
from coord.domain.case.measures import CopmContent, InstrumentContent
from coord.domain.case.strategies import TrialContent


@dataclass(frozen=True, slots=True)
class ProposeGoal(CaseCommand):
    """Put a goal into words. The same id again with the same content is the same goal."""

    case_id: UUID
    goal_id: UUID
    content: GoalContent


@dataclass(frozen=True, slots=True)
class ReviseGoal(CaseCommand):
    """Put a goal in other words, or write its scale. ``expected_version`` is the goal's version one saw."""

    case_id: UUID
    goal_id: UUID
    expected_version: int
    content: GoalContent
    reason: str


@dataclass(frozen=True, slots=True)
class AgreeGoal(CaseCommand):
    """Keep who agreed to the goal as it stands: (name, party) pairs, see `coord.domain.case.goals.life.PARTIES`."""

    case_id: UUID
    goal_id: UUID
    expected_version: int
    parties: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ChangeGoalStatus(CaseCommand):
    """Begin, pause, achieve, maintain or stop; or begin again. A step that is not forward needs a reason."""

    case_id: UUID
    goal_id: UUID
    expected_version: int
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EnterGoalInError(CaseCommand):
    """Mark a goal as one that should never have existed."""

    case_id: UUID
    goal_id: UUID
    reason: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class ObserveGoal(CaseCommand):
    """Keep what one saw of a goal, in a context. The same id again with the same content is the same observation.

    ``confirmed``: the answers to what was asked about, such as what looks like the name of another child one knows.
    """

    case_id: UUID
    goal_id: UUID
    observation_id: UUID
    content: ObservationContent
    confirmed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class EnterObservationInError(CaseCommand):
    """Mark an observation as a mistake."""

    case_id: UUID
    goal_id: UUID
    observation_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class AgreedLevels:
    """The levels that people agreed on a day, by goal; (name, party) pairs as for `AgreeGoal`."""

    on: date | None
    parties: Sequence[tuple[str, str]]
    levels: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class ScoreAttainment(CaseCommand):
    """Keep the T-score over the goals under way or achieved that one may read: of the latest levels in one context, or
    of those agreed on a day, never of both.

    Without a ``context`` it is the only one in which anything is rated; where there are several, one has to be named.
    """

    case_id: UUID
    score_id: UUID
    context: str = ""
    agreed: AgreedLevels | None = None


@dataclass(frozen=True, slots=True)
class RecordCopm(CaseCommand):
    """Keep a Canadian Occupational Performance Measure."""

    case_id: UUID
    measure_id: UUID
    content: CopmContent


@dataclass(frozen=True, slots=True)
class RecordInstrument(CaseCommand):
    """Keep what a named instrument gave. ``confirmed``: the answers to what was asked about and is meant."""

    case_id: UUID
    measure_id: UUID
    content: InstrumentContent
    confirmed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class EnterMeasureInError(CaseCommand):
    """Mark a measure as a mistake."""

    case_id: UUID
    measure_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class OfferStrategy(CaseCommand):
    """Offer something to try at home, in class, in therapy or elsewhere; for a goal, where there is one."""

    case_id: UUID
    strategy_id: UUID
    text: str
    context: str
    goal_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TellOfStrategy(CaseCommand):
    """Tell what came of trying a strategy: it helped, it did not, or it was not tried yet."""

    case_id: UUID
    strategy_id: UUID
    trial_id: UUID
    content: TrialContent


@dataclass(frozen=True, slots=True)
class EndStrategy(CaseCommand):
    """Advise a strategy no longer, saying why."""

    case_id: UUID
    strategy_id: UUID
    reason: str
