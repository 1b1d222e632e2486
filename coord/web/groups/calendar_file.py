"""A person's own sessions as iCalendar, so neutral that it may lie on any phone: that there is something, and when.

Neither what it is nor where nor with whom: a calendar shows on a locked screen, and goes through its maker's hands.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from icalendar import Calendar, Event

from coord.application.groups.questions import MySession
from coord.web.groups.calendar_zone import described

FETCH_AGAIN = timedelta(hours=1)
"""How often a calendar is asked to look again."""


def as_calendar(sessions: Iterable[MySession], *, now: datetime, zone: ZoneInfo, secret_key: str) -> bytes:
    """The file. Times are in the clinic's zone, which the file describes, so that summer time is the calendar's too."""
    calendar = Calendar()
    calendar.add("prodid", "-//Coord//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Appointments"))  # or else the address itself stands as the name
    calendar.add("refresh-interval", FETCH_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add_component(described(zone, now.year))
    for session in sessions:
        calendar.add_component(_event(session, secret_key))
    content: bytes = calendar.to_ical()
    return content


def _event(session: MySession, secret_key: str) -> Event:
    """A session. Whenever its day, its time or its cancelling changes, it has another number and another time of the
    change, by which a calendar knows that what it holds is old; until then not a byte of it changes."""
    event = Event()
    event.add("uid", _uid(session, secret_key))
    event.add("dtstamp", session.changed_at)
    event.add("last-modified", session.changed_at)
    event.add("sequence", session.changes)
    event.add("dtstart", session.starts_at)
    event.add("dtend", session.ends_at)
    event.add("summary", _("Appointment"))
    event.add("status", "CANCELLED" if session.status == "cancelled" else "CONFIRMED")
    return event


def _uid(session: MySession, secret_key: str) -> str:
    """The same for the same session, however often its day is changed; and nothing that leads to the course.

    ``secret_key`` is the earliest that is known: while keys are replaced, nobody's calendar says everything twice.
    """
    key = hashlib.sha256(b"coord.calendar.uid\0" + secret_key.encode()).digest()
    return hmac.new(key, f"{session.course_id}/{session.number}".encode(), hashlib.sha256).hexdigest()[:40]
