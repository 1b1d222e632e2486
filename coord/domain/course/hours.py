"""When and where a session is: as decided by the time it began. Another plan leaves what was before it as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from typing import Any, TypedDict


class Hours(TypedDict):
    """At which time (HH:MM on the clinic's clock), for how long and where the sessions of a course are, from the moment
    on at which that was decided (``since``, as ISO text; "": from the beginning)."""

    since: str
    start_time: str
    minutes: int
    room: str


def decided(before: Sequence[Hours], content: Mapping[str, Any], at: datetime | None) -> list[Hours]:
    """All hours a course has had, the earliest first, once its content is this one from a moment on (None: from the
    beginning). Nothing is added where time, length and room are what they were."""
    now: Hours = {
        "since": at.isoformat() if at is not None else "",
        "start_time": content["start_time"],
        "minutes": content["minutes"],
        "room": content["room"],
    }
    same = bool(before) and {**before[-1], "since": now["since"]} == now
    return [*before] if same else [*before, now]


def held_on(
    all_hours: Sequence[Hours], day: date, zone: tzinfo, *, moved_to: str = "", began: Iterable[datetime] = ()
) -> Hours:
    """The hours of a session on a day. What was decided later holds for it unless it had begun by then, by the clock of
    before (``zone`` is the clinic's), by that of the new hours, or by what was recorded of it (``began``).

    ``moved_to`` is when it begins if it was moved, whatever the hours of the course.
    """
    told = list(began)
    holds = all_hours[0]
    for later in all_hours[1:]:
        begins = [at_clock(day, moved_to or hours["start_time"], zone) for hours in (holds, later)]
        if min(*begins, *told) >= datetime.fromisoformat(later["since"]):
            holds = later
    return {**holds, "start_time": moved_to} if moved_to else holds


def at_clock(day: date, clock: str, zone: tzinfo) -> datetime:
    """The moment of a time (HH:MM) by the clock on the clinic's wall, whatever summer time does."""
    return datetime.combine(day, time.fromisoformat(clock), zone)
