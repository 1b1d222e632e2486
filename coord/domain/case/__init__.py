"""The child's stream: details, care team, notes, school summary. Each module holds its events and its decisions."""

from coord.domain.case.aggregate import Case
from coord.domain.case.child import CaseClosed, CaseDetailsCorrected, CaseOpened, CaseReopened
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
from coord.domain.case.summary import SummaryContent, SummaryPublished, SummaryRecalled
from coord.domain.case.team import TeamMemberJoined, TeamMemberLeft

__all__ = [
    "Audience",
    "Case",
    "CaseClosed",
    "CaseDetailsCorrected",
    "CaseOpened",
    "CaseReopened",
    "Note",
    "NoteAddendumAdded",
    "NoteAmended",
    "NoteAudienceChanged",
    "NoteContent",
    "NoteCosigned",
    "NoteEnteredInError",
    "NoteEvent",
    "NoteSigned",
    "Setting",
    "SummaryContent",
    "SummaryPublished",
    "SummaryRecalled",
    "TeamMemberJoined",
    "TeamMemberLeft",
]
