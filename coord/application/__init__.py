"""The two doors and what passes through them: `Doors.execute` for commands, `Doors.ask` for questions."""

from coord.application import caseload, cases, goals, history, notes, people, summaries  # they register their handlers
from coord.application.doors import COMMANDS, QUESTIONS, Doors, utc_now
from coord.application.record import Record

__all__ = [
    "COMMANDS",
    "QUESTIONS",
    "Doors",
    "Record",
    "caseload",
    "cases",
    "goals",
    "history",
    "notes",
    "people",
    "summaries",
    "utc_now",
]
