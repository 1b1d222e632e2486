"""A day and a time of the clinic's clock, as a person types them: three fields of a form that mean one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from coord.domain.errors import FieldProblem
from coord.web.kit.form import Field, Form, Kind, Text
from coord.web.local_time import NotADate, NotATime, Readings, SkippedTime, read_day, read_time, readings


@dataclass(frozen=True, slots=True)
class When:
    """A date and a time as typed; ``second`` asks for the later of the two where the clocks went back over them."""

    day: str = ""
    at: str = ""
    second: bool = False

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> When:
        """As a person in the clinic would type it."""
        local = moment.astimezone(zone)
        return cls(local.strftime("%d/%m/%Y"), local.strftime("%H:%M"), local.fold == 1)

    @classmethod
    def typed(cls, form: Form, name: str) -> When:
        """What stands in the fields of a moment (`moment_fields`)."""
        typed = form.typed
        return cls(typed[f"{name}-day"], typed[f"{name}-time"], typed[f"{name}-second"] == "yes")

    def fields(self, name: str) -> dict[str, object]:
        """What its fields hold."""
        return {f"{name}-day": self.day, f"{name}-time": self.at, f"{name}-second": self.second}

    def read(self, zone: ZoneInfo) -> Readings:
        """What it can mean. Raises `NotADate`, `NotATime` or `SkippedTime`."""
        return readings(read_day(self.day), read_time(self.at), zone)

    def twice(self, zone: ZoneInfo) -> bool:
        """Whether the clocks went back over it, so that it came twice."""
        try:
            return self.read(zone).second is not None
        except ValueError:
            return False


def moment_fields(name: str, called: Text, pointer: str) -> tuple[Field, ...]:
    """The fields of one moment; the macro ``moment_fields`` of ``_macros/form.html`` shows them."""
    return (
        Field(f"{name}-day", Kind.DAY, _l("Date"), called=called, pointer=pointer),
        Field(f"{name}-time", Kind.TIME, _l("Time"), called=called, pointer=f"{pointer}/time"),
        Field(
            f"{name}-second",
            Kind.TICK,
            _l("The second time that it was this hour, after the clocks went back"),
            pointer=f"{pointer}/second",
        ),
    )


def read_moment(
    form: Form, name: str, zone: ZoneInfo, problems: list[FieldProblem], *, not_before: datetime | None = None
) -> datetime | None:
    """The moment that was typed; None, with everything that is wrong with it noted, if it is none."""
    when, at = When.typed(form, name), form.fields[f"{name}-day"].at
    try:
        return when.read(zone).chosen(second=when.second, not_before=not_before)
    except NotADate:
        problems.append(FieldProblem(at, "not-a-date"))
        if not _is_time(when.at):  # both at once, or the second is refused only once the first is put right
            problems.append(FieldProblem(f"{at}/time", "not-a-time"))
    except NotATime:
        problems.append(FieldProblem(f"{at}/time", "not-a-time"))
    except SkippedTime as skipped:
        clocks = {"before": skipped.before, "after": skipped.after, "time": read_time(when.at)}
        said = {name: f"{clock:%H:%M}" for name, clock in clocks.items()}
        problems.append(FieldProblem(f"{at}/time", "skipped-time", {"day": read_day(when.day).isoformat(), **said}))
    return None


def came_twice(form: Form, zone: ZoneInfo, *names: str) -> set[str]:
    """The moments of a form that are to say which of two they mean."""
    return {name for name in names if When.typed(form, name).second or When.typed(form, name).twice(zone)}


def beside(unread: list[FieldProblem], others: list[FieldProblem]) -> list[FieldProblem]:
    """What cannot be read, and what the domain says of the rest: a moment that was not read is not missing as well."""
    known = {problem.pointer.removesuffix("/time") for problem in unread}
    return [*unread, *(problem for problem in others if problem.pointer not in known)]


def _is_time(text: str) -> bool:
    try:
        read_time(text)
    except NotATime:
        return False
    return True
