"""Sessions of a course: planned, cancelled, recorded, corrected. What is about one child is in that child's stream;
here is what is about the group, without names, and which child's line is which."""

from coord.domain.course.sessions.dates import (
    SessionCancelled,
    SessionMoved,
    SessionReinstated,
    cancel_session,
    move_session,
    reinstate_session,
)
from coord.domain.course.sessions.planning import (
    MOST_STEPS,
    ChildPlan,
    PlanContent,
    PlannedChild,
    PlanStep,
    SessionPlanned,
    StepContent,
    plan_session,
)
from coord.domain.course.sessions.recording import (
    NOTE_PART,
    NOTE_PARTS,
    AttendanceSettled,
    SessionCorrected,
    SessionRecorded,
    checked_note,
    checked_times,
    correct_session,
    may_settle,
    record_session,
    recording_of,
    refuse_unless_own_recording,
    settle_attendance,
)
from coord.domain.course.sessions.standing_in import (
    StandInsNamed,
    name_stand_ins,
    note_stand_ins,
)

__all__ = [
    "MOST_STEPS",
    "NOTE_PART",
    "NOTE_PARTS",
    "AttendanceSettled",
    "ChildPlan",
    "PlanContent",
    "PlanStep",
    "PlannedChild",
    "SessionCancelled",
    "SessionCorrected",
    "SessionMoved",
    "SessionPlanned",
    "SessionRecorded",
    "SessionReinstated",
    "StandInsNamed",
    "StepContent",
    "cancel_session",
    "checked_note",
    "checked_times",
    "correct_session",
    "may_settle",
    "move_session",
    "name_stand_ins",
    "note_stand_ins",
    "plan_session",
    "record_session",
    "recording_of",
    "refuse_unless_own_recording",
    "reinstate_session",
    "settle_attendance",
]
