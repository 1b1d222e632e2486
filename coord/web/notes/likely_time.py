"""The time that a new note begins with: what has just ended, if one writes as one goes, and otherwise none.

Whoever writes up a whole day in the evening would get the same hour for every child, and it would be wrong for all but
the last. So the note that was signed before, in this browser and since signing in, tells how somebody writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import session

from coord.domain.case import NoteContent

LAST_NOTE = "last_note"
"""Key of the session: when the last note was signed, and when what it tells of had ended."""
LAST_FORMAT = "last_format"
"""Key of the session: what the last note was written in. Whoever chose a template writes the next note in it too."""
HOUR = timedelta(hours=1)
SHORTEST = timedelta(minutes=15)
"""Less time is no session that one writes a note of."""


@dataclass(frozen=True, slots=True)
class LastNote:
    """When it was signed, and when what it tells of had ended."""

    signed_at: datetime
    ended_at: datetime


def likely_time(now: datetime, last: LastNote | None = None) -> tuple[datetime, datetime] | None:
    """The hour that has just passed, or what is left of it since the last note's; None where nobody can say.

    Nobody can say shortly after a note of what was earlier in the day (one is catching up), nor after one that told of
    just now.
    """
    end = now - timedelta(minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond)
    start = end - HOUR
    if last is not None and timedelta(0) <= now - last.signed_at < HOUR:
        if last.signed_at - last.ended_at > HOUR:
            return None
        start = max(start, last.ended_at)
    return (start, end) if end - start >= SHORTEST else None


def remember(content: NoteContent, format: str, now: datetime) -> None:
    """A note was signed in this browser, in this format or version of a template as its form has it."""
    ended = content.observed_to or content.observed_from or now
    session[LAST_NOTE] = [now.timestamp(), ended.timestamp()]
    session[LAST_FORMAT] = format


def last_format() -> str:
    """What the last note was written in since signing in; "" if there was none."""
    return str(session.get(LAST_FORMAT, ""))


def last_note() -> LastNote | None:
    """What was remembered since signing in, if anything."""
    match session.get(LAST_NOTE):
        case [int() | float() as signed, int() | float() as ended]:
            return LastNote(datetime.fromtimestamp(signed, UTC), datetime.fromtimestamp(ended, UTC))
    return None
