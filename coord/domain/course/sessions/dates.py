"""Whether a session takes place, and when: cancelled, taking place after all, moved to another day or time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, tzinfo

from coord.domain.actors import By
from coord.domain.course.aggregate import Course
from coord.domain.course.life import checked_clock
from coord.domain.course.sessions.state import set_session
from coord.domain.errors import Conflict
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, Input
from coord.domain.names import Seems, ask_about_names


class SessionCancelled(CoordEvent):
    """A session does not take place; the children's dates lose it. If it is recorded all the same, it took place after
    all."""

    TOPIC = "course.session-cancelled.v1"
    HISTORY = in_the_history("Session cancelled")
    number: int
    reason: str
    answered: Sequence[Mapping[str, object]] = ()

    def apply(self, aggregate: Course) -> None:
        """Cancelled."""
        set_session(aggregate, self, {**aggregate.session(self.number), "status": "cancelled"})

    def told(self) -> Particulars:
        """Which session, and why."""
        return {"session": self.number, "reason": self.reason} | self.meant()


class SessionReinstated(CoordEvent):
    """A session that was cancelled takes place after all; the children's dates have it again."""

    TOPIC = "course.session-reinstated.v1"
    HISTORY = in_the_history("Session takes place after all")
    number: int
    reason: str
    answered: list[dict[str, object]]

    def apply(self, aggregate: Course) -> None:
        """To take place again; one that somebody had recorded is recorded."""
        session = aggregate.session(self.number)
        set_session(aggregate, self, {**session, "status": "recorded" if session["recordings"] else "planned"})

    def told(self) -> Particulars:
        """Which session, and why."""
        return {"session": self.number, "reason": self.reason} | self.meant()


class SessionMoved(CoordEvent):
    """One session takes place on another day or at another time; the children's dates follow."""

    TOPIC = "course.session-moved.v1"
    HISTORY = in_the_history("Session moved")
    number: int
    day: str
    """The day on which it takes place."""
    start_time: str
    """When it begins, by the clock on the clinic's wall."""
    from_day: str
    """The day until then."""
    from_time: str
    """When it was to begin until then."""
    reason: str
    answered: list[dict[str, object]]

    def apply(self, aggregate: Course) -> None:
        """Its own day and time from here on, whatever becomes of those of the course."""
        dates = list(aggregate.dates)
        dates[self.number - 1] = self.day
        aggregate.dates = tuple(dates)
        set_session(aggregate, self, {**aggregate.session(self.number), "moved_to": self.start_time})

    def told(self) -> Particulars:
        """Which session, from when to when, and why."""
        return {
            "session": self.number,
            "reason": self.reason,
            "before": {"held_on": self.from_day, "start_time": self.from_time},
            "after": {"held_on": self.day, "start_time": self.start_time},
        } | self.meant()


def cancel_session(
    course: Course,
    *,
    at: datetime,
    by: By,
    number: int,
    expected_version: int | None,
    reason: str,
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> None:
    """Say that a session does not take place, and why; ``named`` is asked about.

    Raises `NotFound`, `Conflict`, `Stale`, `InvalidInput`.
    """
    course.refuse_if_ended()
    session = course.session(number)
    check = Input(confirmed)
    reason = check.text("/reason", reason, limit=REASON)
    ask_about_names(check, named)
    check.refuse_if_any()
    if session["status"] != "planned":
        raise Conflict("session-cancelled" if session["status"] == "cancelled" else "session-recorded")
    course.refuse_if_changed(expected_version, f"session/{number}")
    course.trigger_event(SessionCancelled, timestamp=at, by=by, number=number, reason=reason, answered=check.answered)


def reinstate_session(
    course: Course,
    *,
    at: datetime,
    by: By,
    number: int,
    expected_version: int | None,
    reason: str,
    overlaps: int = 0,
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> None:
    """Say that a session takes place although it was cancelled, before its day or after it. ``overlaps``: so many of
    its children have another group then, which is asked about.

    Raises `NotFound`, `Conflict` (over, not cancelled), `Stale`, `InvalidInput`.
    """
    course.refuse_if_ended()
    session = course.session(number)
    check = Input(confirmed)
    reason = check.text("/reason", reason, limit=REASON)
    ask_about_names(check, named)
    day = course.dates[number - 1]
    if _others_on(course, number, day):
        check.problem("/number", "another-session-then", day=day)
    elif overlaps:
        check.ask("/number", "another-group-then", (number, day), children=overlaps)
    if session["status"] != "cancelled":
        raise Conflict("not-cancelled")
    check.refuse_if_any()
    course.refuse_if_changed(expected_version, f"session/{number}")
    course.trigger_event(SessionReinstated, timestamp=at, by=by, number=number, reason=reason, answered=check.answered)


def move_session(
    course: Course,
    *,
    at: datetime,
    by: By,
    zone: tzinfo,
    number: int,
    expected_version: int | None,
    day: date | None,
    start_time: str,
    reason: str,
    overlaps: int = 0,
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> None:
    """Let one session take place on another day, or at another time, also in the past: it may have. ``start_time`` is
    HH:MM, in ``zone``, the clinic's. A day off and a child's other group then (``overlaps`` counts the children) are
    asked about.

    Raises `NotFound`, `Conflict` (over, cancelled, recorded, nothing changes), `Stale`, `InvalidInput`.
    """
    course.refuse_if_ended()
    session = course.session(number)
    if session["status"] != "planned":
        raise Conflict("session-cancelled" if session["status"] == "cancelled" else "session-recorded")
    check = Input(confirmed)
    reason = check.text("/reason", reason, limit=REASON)
    ask_about_names(check, named)
    clock = checked_clock(check, "/start_time", start_time)
    if day is None:
        check.problem("/day", "missing")
    elif not 2000 <= day.year <= 2100:
        check.problem("/day", "not-a-date")
    elif _others_on(course, number, day.isoformat()):
        check.problem("/day", "another-session-then", day=day.isoformat())
    else:
        if day.isoformat() in course.content["holidays"]:
            check.ask("/day", "on-a-day-off", day.isoformat(), day=day.isoformat())
        if overlaps:
            check.ask("/day", "another-group-then", (day.isoformat(), clock), children=overlaps)
    check.refuse_if_any()
    from_day, from_time = course.dates[number - 1], course.hours_of(number, zone)["start_time"]
    to_day = day.isoformat() if day is not None else from_day
    if (to_day, clock) == (from_day, from_time):
        raise Conflict("nothing-changed")
    course.refuse_if_changed(expected_version, f"session/{number}")
    course.trigger_event(
        SessionMoved,
        timestamp=at,
        by=by,
        number=number,
        day=to_day,
        start_time=clock,
        from_day=from_day,
        from_time=from_time,
        reason=reason,
        answered=check.answered,
    )


def _others_on(course: Course, number: int, day: str) -> bool:
    """Whether another session of the course that takes place is on a day: a child's record knows a date once."""
    return any(
        n != number and other == day and course.session(n)["status"] != "cancelled"
        for n, other in enumerate(course.dates, 1)
    )
