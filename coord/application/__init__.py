"""The two doors and what passes through them: `Doors.execute` for commands, `Doors.ask` for questions."""

from coord.application import (  # they register their handlers
    activities,
    caseload,
    cases,
    circle,
    goals,
    groups,
    history,
    left_behind,
    notes,
    people,
    policies,
    summaries,
)
from coord.application.doors import COMMANDS, QUESTIONS, Doors, utc_now
from coord.application.record import Record

__all__ = [
    "COMMANDS",
    "QUESTIONS",
    "Doors",
    "Record",
    "activities",
    "caseload",
    "cases",
    "circle",
    "goals",
    "groups",
    "history",
    "left_behind",
    "notes",
    "people",
    "policies",
    "summaries",
    "utc_now",
]
