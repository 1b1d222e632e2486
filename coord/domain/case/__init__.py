"""The child's stream. Each module holds the events and the decisions of one part of it."""

from coord.domain.case.aggregate import Case
from coord.domain.case.attainment import AttainmentScored
from coord.domain.case.child import CaseClosed, CaseDetailsCorrected, CaseOpened, CaseReopened
from coord.domain.case.goals import (
    Goal,
    GoalAgreed,
    GoalContent,
    GoalEvent,
    GoalObservationEnteredInError,
    GoalObserved,
    GoalProposed,
    GoalRevised,
    GoalStatusChanged,
    ObservationContent,
)
from coord.domain.case.measures import CopmRecorded, InstrumentRecorded, MeasureEnteredInError, MeasureEvent
from coord.domain.case.notes import (
    Audience,
    Note,
    NoteAddendumAdded,
    NoteAmended,
    NoteAudienceChanged,
    NoteContent,
    NoteCosigned,
    NoteEnteredInError,
    NoteEvent,
    NoteSigned,
    Setting,
)
from coord.domain.case.strategies import Strategy, StrategyEnded, StrategyEvent, StrategyOffered, StrategyTried
from coord.domain.case.summary import SummaryContent, SummaryPublished, SummaryRecalled
from coord.domain.case.team import TeamMemberJoined, TeamMemberLeft

__all__ = [
    "AttainmentScored",
    "Audience",
    "Case",
    "CaseClosed",
    "CaseDetailsCorrected",
    "CaseOpened",
    "CaseReopened",
    "CopmRecorded",
    "Goal",
    "GoalAgreed",
    "GoalContent",
    "GoalEvent",
    "GoalObservationEnteredInError",
    "GoalObserved",
    "GoalProposed",
    "GoalRevised",
    "GoalStatusChanged",
    "InstrumentRecorded",
    "MeasureEnteredInError",
    "MeasureEvent",
    "Note",
    "NoteAddendumAdded",
    "NoteAmended",
    "NoteAudienceChanged",
    "NoteContent",
    "NoteCosigned",
    "NoteEnteredInError",
    "NoteEvent",
    "NoteSigned",
    "ObservationContent",
    "Setting",
    "Strategy",
    "StrategyEnded",
    "StrategyEvent",
    "StrategyOffered",
    "StrategyTried",
    "SummaryContent",
    "SummaryPublished",
    "SummaryRecalled",
    "TeamMemberJoined",
    "TeamMemberLeft",
]
