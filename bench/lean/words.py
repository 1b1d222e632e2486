"""What the lean app calls things, and how it writes days and times."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Rome")
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
SHORT = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
ROLES = {"therapist": "Therapist", "student": "Student or assistant", "teacher": "Teacher", "team-lead": "Team lead"}
DISCIPLINES = {
    "ot": "Occupational therapy",
    "slt": "Speech and language therapy",
    "psychology": "Psychology",
    "other": "Other discipline",
    "school": "School",
}
RELATIONS = {
    "occupational-therapist": "Occupational therapist",
    "speech-therapist": "Speech and language therapist",
    "psychologist": "Psychologist",
    "class-teacher": "Class teacher",
}
KINDS = {
    "note": "Note",
    "summary": "School summary",
    "team": "Care team",
    "case": "Case",
    "goal": "Goal",
    "strategy": "Strategy",
    "measure": "Measure",
    "group": "Group",
    "message": "Message",
    "alert": "Alert",
}
SETTINGS = {
    "therapy-room": "Therapy room",
    "school": "School",
    "home": "Home",
    "community": "Community",
    "remote": "Remote",
}
AUDIENCES = {
    "care-team": "Care team",
    "care-team-and-school": "Care team and school",
}
FORMATS = {"soap": "SOAP"}
SECTIONS = {
    "subjective": "Subjective: what the child or family said",
    "objective": "Objective: what I saw and measured",
    "assessment": "Assessment: what I make of it",
    "plan": "Plan: what comes next",
}
PARTS = {name: called.partition(":")[0] for name, called in SECTIONS.items()}
MARKS = {"ot": "OT", "slt": "SL", "psychology": "PS", "school": "SC", "summary": "SU", "team": "T", "case": "C"}
SUMMARY = {
    "strengths": "Strengths and interests",
    "helps": "What helps",
    "avoid": "What to avoid",
    "overload-signs": "Signs that it is too much",
    "overload-response": "What to do then",
    "aims": "What we are working on",
}
CONTEXTS = {"therapy": "Therapy", "home": "Home", "school": "School", "community": "Community"}
WHERE = {"therapy": "in therapy", "home": "at home", "school": "at school", "community": "in the community"}
GOAL_STATES = {
    "proposed": "Proposed",
    "agreed": "Agreed",
    "active": "Being worked on",
    "on-hold": "On hold",
    "achieved": "Achieved",
    "maintained": "Maintained",
    "stopped": "Stopped",
}
LEVELS = {
    -2: "\u22122, much less than expected",
    -1: "\u22121, less than expected",
    0: "0, as expected",
    1: "+1, more than expected",
    2: "+2, much more than expected",
}


def local(at: datetime) -> datetime:
    """As the clinic's clock shows it."""
    return at.astimezone(ZONE)


@lru_cache(4096)
def day(on: date) -> str:
    """``1 May 2019``, with a short month."""
    on = local(on) if isinstance(on, datetime) else on
    return f"{on.day} {SHORT[on.month - 1]} {on.year}"


def long_day(on: date) -> str:
    """``1 May 2019``, with the whole month."""
    on = local(on) if isinstance(on, datetime) else on
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


@lru_cache(4096)
def minute(at: datetime) -> str:
    """Day and time of day."""
    at = local(at)
    return f"{at.day} {SHORT[at.month - 1]} {at.year}, {at:%H:%M}"


@lru_cache(4096)
def short_day(at: datetime) -> str:
    """``1 Wed``."""
    at = local(at)
    return f"{at.day} {DAYS[at.weekday()]}"


def month(at: datetime) -> str:
    """``May 2019``."""
    return f"{MONTHS[local(at).month - 1]} {local(at).year}"


def until_today(at: datetime, now: datetime) -> str:
    """The time alone, if it is of today."""
    return f"{local(at):%H:%M}" if local(at).date() == local(now).date() else minute(at)


def age(born: date, today: date) -> int:
    """In whole years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def days_apart(days: int) -> str:
    """How long after therapy something was first seen elsewhere."""
    if not days:
        return "on the same day as in therapy"
    many = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"{many} {'after' if days > 0 else 'before'} therapy"
