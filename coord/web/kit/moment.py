"""A day and a time on the clinic's clock, as three fields of a form: the day, the time, and which of two hours is meant
where the clocks went back."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from coord.domain.errors import FieldProblem
from coord.web.kit.field import Field, Kind, Text, Unread
from coord.web.kit.form import Form
from coord.web.local_time import NotADate, SkippedTime, readings
from coord.web.visit import the_services

_SECOND = _l("The second time that it was this hour, after the clocks went back")
_NONE = {"day": "not-a-date", "time": "not-a-time"}
"""What is said of a part that was left empty."""


def moment_fields(which: str, called: Text, pointer: str, *, optional: bool = False) -> tuple[Field, Field, Field]:
    """The fields of a moment, which the domain has at ``pointer``; the macro ``moment`` shows them."""
    return (
        Field(f"{which}-day", Kind.DAY, _l("Date"), called=called, pointer=pointer, optional=optional),
        Field(
            f"{which}-time", Kind.TIME, _l("Time"), called=called, pointer=f"{pointer}/time", optional=optional, width=5
        ),
        Field(f"{which}-second", Kind.TICK, _SECOND, pointer=f"{pointer}/second", optional=optional),
    )


def moment_typed(which: str, moment: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """As a person in the clinic would type it."""
    local = moment.astimezone(zone)
    return {f"{which}-day": local.date(), f"{which}-time": local.strftime("%H:%M"), f"{which}-second": local.fold == 1}


PRESSED = Field("pressed_at", Kind.HIDDEN)
"""Of a form that means *now*: filled in where it had to wait on a device, and empty in any other."""


def pressed_at(form: Form, now: datetime) -> datetime | None:
    """When the button of such a form was pressed, and not a moment after now: a clock may have been put right since.
    None where it did not wait, or nobody can read what is there."""
    with suppress(ValueError):
        at = datetime.fromisoformat(form.typed[PRESSED.name])
        return min(at, now) if at.tzinfo else None
    return None


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
) -> tuple[datetime | None, list[FieldProblem]]:
    """What was typed; or None, and what is wrong with it: with the day and with the time at once.

    ``day`` stands for one that was left empty; of two readings it is the later that does not lie before ``not_before``.
    """
    read: dict[str, Any] = {"day": day}
    wrong: list[FieldProblem] = []

    def say(part: str, code: str, **params: object) -> None:
        wrong.append(FieldProblem(form.under + form.fields[f"{which}-{part}"].at, code, params))

    for part, none in _NONE.items():
        try:
            read[part] = form[f"{which}-{part}"] or read.get(part)
            if not read[part]:
                raise Unread(none)
        except Unread as unread:
            say(part, unread.code)
    if wrong:
        return None, wrong
    try:
        found = readings(read["day"], time.fromisoformat(read["time"]), zone)
        return found.chosen(second=form[f"{which}-second"], not_before=not_before), []
    except NotADate:
        say("day", "not-a-date")
    except SkippedTime as gap:
        clocks = {"before": f"{gap.before:%H:%M}", "after": f"{gap.after:%H:%M}", "time": read["time"]}
        say("time", "skipped-time", day=str(read["day"]), **clocks)
    return None, wrong
