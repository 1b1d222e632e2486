"""A day and a time of a session, as somebody typed them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from coord.domain.errors import FieldProblem
from coord.web.kit.circumstances import When
from coord.web.kit.problem import Problem
from coord.web.local_time import NotADate, NotATime, SkippedTime, read_day, read_time
from coord.web.messages import field_message
from coord.web.spelling import format_date


def read_moment(
    which: str, name: str, when: When, zone: ZoneInfo, problems: list[Problem], *, not_before: datetime | None = None
) -> datetime | None:
    """The moment that was typed; None, with the problem noted at the field, if it is none."""
    try:
        return when.read(zone).chosen(second=when.second, not_before=not_before)
    except NotADate:
        problems.append(Problem(f"{which}-day", name, field_message(FieldProblem("", "not-a-date"))))
    except NotATime:
        problems.append(Problem(f"{which}-time", name, field_message(FieldProblem("", "not-a-time"))))
    except SkippedTime as skipped:
        text = _(
            "On %(day)s the clocks went forward from %(before)s to %(after)s, so there was no %(time)s. "
            "Enter the time that the clock showed",
            day=format_date(read_day(when.day), "long"),
            before=skipped.before.strftime("%H:%M"),
            after=skipped.after.strftime("%H:%M"),
            time=read_time(when.at).strftime("%H:%M"),
        )
        problems.append(Problem(f"{which}-time", name, text))
    return None
