"""A day and a time on the clinic's clock, as three fields of a form: the day, the time, and which of two hours is meant
where the clocks went back."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from coord.web.kit.form import Field, Form, Kind, Text, Unread
from coord.web.local_time import NotADate, SkippedTime, readings
from coord.web.visit import the_services

_SECOND = _l("The second time that it was this hour, after the clocks went back")


def moment_fields(which: str, called: Text, pointer: str, *, optional: bool = False) -> tuple[Field, Field, Field]:
    """The fields of a moment, which the domain has at ``pointer``."""
    return (
        Field(f"{which}-day", Kind.DAY, _l("Day"), called=called, pointer=pointer, optional=optional),
        Field(f"{which}-time", Kind.TIME, _l("Time"), called=called, optional=optional, width=5),
        Field(f"{which}-second", Kind.TICK, _SECOND, optional=optional),
    )


def moment_typed(which: str, moment: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """As a person in the clinic would type it."""
    local = moment.astimezone(zone)
    return {f"{which}-day": local.date(), f"{which}-time": local.strftime("%H:%M"), f"{which}-second": local.fold == 1}


def comes_twice(form: Form, which: str) -> bool:
    """Whether the clocks went back over what was typed."""
    try:
        at = time.fromisoformat(form[f"{which}-time"])
        day = form[f"{which}-day"]
        return day is not None and readings(day, at, the_services().settings.zone).second is not None
    except ValueError:
        return False


def moment_of(
    form: Form, which: str, zone: ZoneInfo, *, day: date | None = None, not_before: datetime | None = None
) -> datetime | None:
    """What was typed; None, with what is wrong said at its field, where that is no moment. ``day`` stands for one that
    was left empty; of two readings it is the later that does not lie before ``not_before``."""
    wrong, text = f"{which}-day", ""
    try:
        day = form[wrong] or day
        if day is None:
            form.unread(wrong, "not-a-date")
            return None
        wrong = f"{which}-time"
        if not (text := form[wrong]):
            raise Unread("not-a-time")
        return readings(day, time.fromisoformat(text), zone).chosen(
            second=form[f"{which}-second"], not_before=not_before
        )
    except NotADate:
        form.unread(f"{which}-day", "not-a-date")
    except Unread as unread:
        form.unread(wrong, unread.code)
    except SkippedTime as gap:
        at = {"before": gap.before.strftime("%H:%M"), "after": gap.after.strftime("%H:%M"), "time": text}
        form.unread(wrong, "skipped-time", day=str(day), **at)
    return None
