"""When, where and with whom, as a person types it: the same fields wherever a note is written or corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.domain.case import Circumstances, Setting
from coord.domain.errors import FieldProblem
from coord.web.kit.problem import Problem
from coord.web.local_time import NotADate, NotATime, Readings, SkippedTime, read_day, read_time, readings
from coord.web.messages import field_message
from coord.web.spelling import format_date, format_time


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

    def read(self, zone: ZoneInfo) -> Readings:
        """What it can mean. Raises `NotADate`, `NotATime` or `SkippedTime`."""
        return readings(read_day(self.day), read_time(self.at), zone)

    def twice(self, zone: ZoneInfo) -> bool:
        """Whether the clocks went back over it, so that it came twice."""
        try:
            return self.read(zone).second is not None
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class CircumstancesForm:
    """The fields for when it was observed, in which setting, and who was present (one on each line)."""

    start: When = field(default_factory=When)
    end: When = field(default_factory=When)
    setting: str = Setting.THERAPY_ROOM.value
    present: str = ""

    @classmethod
    def of(cls, circumstances: Circumstances, zone: ZoneInfo) -> CircumstancesForm:
        """As they stand."""
        start, end = When.of(circumstances.observed_from, zone), When.of(circumstances.observed_to, zone)
        return cls(start, end, circumstances.setting, "\n".join(circumstances.present))

    @classmethod
    def blank(
        cls, now: datetime, zone: ZoneInfo, likely: tuple[datetime, datetime] | None, setting: str = ""
    ) -> CircumstancesForm:
        """From when until when is ``likely``, or today at a time to be typed; in the setting that is likely (the
        therapy room, if nothing is known)."""
        today = When(When.of(now, zone).day)
        start, end = (When.of(moment, zone) for moment in likely) if likely else (today, today)
        return cls(start, end, setting or Setting.THERAPY_ROOM.value)

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> CircumstancesForm:
        """What the browser sent."""
        return cls(
            When(form.get("from-day", ""), form.get("from-time", ""), form.get("from-second") == "yes"),
            When(form.get("to-day", ""), form.get("to-time", ""), form.get("to-second") == "yes"),
            form.get("setting", ""),
            lines_of(form.get("present", "")),
        )

    @classmethod
    def kept(cls, body: Mapping[str, Any], zone: ZoneInfo) -> CircumstancesForm:
        """What a draft holds, whether a page made it or the API."""
        typed = body.get("typed") or {}
        present = typed.get("present")
        return cls(
            _when(typed, "from", body.get("observed_from"), zone),
            _when(typed, "to", body.get("observed_to"), zone),
            str(body.get("setting", "")),
            "\n".join(str(p) for p in body.get("present") or ()) if present is None else str(present),
        )

    def typed(self) -> dict[str, object]:
        """What stands in the fields, complete or not."""
        return {
            "from-day": self.start.day,
            "from-time": self.start.at,
            "from-second": self.start.second,
            "to-day": self.end.day,
            "to-time": self.end.at,
            "to-second": self.end.second,
            "present": self.present,
        }

    def people(self) -> list[str]:
        """Who was present, one on each line."""
        return [line.strip() for line in self.present.splitlines() if line.strip()]

    def read(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None, list[Problem]]:
        """Start and end, and what is wrong with them as typed; an end without a time is left out."""
        problems: list[Problem] = []
        start = self._time("from", self.start, zone, problems)
        begun = start.chosen(second=self.start.second) if start else None
        if not self.end.at.strip():
            if self._ends_on_another_day():
                problems.append(Problem("to-time", times()["to"], _message("not-a-time")))
            return begun, None, problems
        end = self._time("to", self.end, zone, problems)
        return begun, end.chosen(second=self.end.second, not_before=begun) if end else None, problems

    def _ends_on_another_day(self) -> bool:
        try:
            return bool(self.end.day.strip()) and read_day(self.end.day) != read_day(self.start.day)
        except NotADate:
            return False

    def _time(self, which: str, when: When, zone: ZoneInfo, problems: list[Problem]) -> Readings | None:
        name = times()[which]
        try:
            return when.read(zone)
        except NotADate:
            problems.append(Problem(f"{which}-day", name, _message("not-a-date")))
            if not _is_time(when.at):  # both at once, or the second is refused only once the first is put right
                problems.append(Problem(f"{which}-time", name, _message("not-a-time")))
        except NotATime:
            problems.append(Problem(f"{which}-time", name, _message("not-a-time")))
        except SkippedTime as skipped:
            text = _(
                "On %(day)s the clocks went forward from %(before)s to %(after)s, so there was no %(time)s. "
                "Enter the time that the clock showed",
                day=format_date(read_day(when.day), "long"),
                before=_clock(skipped.before),
                after=_clock(skipped.after),
                time=_clock(read_time(when.at)),
            )
            problems.append(Problem(f"{which}-time", name, text))
        return None


def times() -> dict[str, str]:
    """What the two ends of the observation are called."""
    return {"from": _("Observed from"), "to": _("Observed until")}


def _clock(at: time) -> str:
    return format_time(at, "short")


def _is_time(text: str) -> bool:
    try:
        read_time(text)
    except NotATime:
        return False
    return True


def _when(typed: Mapping[str, Any], which: str, kept: object, zone: ZoneInfo) -> When:
    if f"{which}-day" in typed:
        return When(str(typed[f"{which}-day"]), str(typed.get(f"{which}-time", "")), bool(typed.get(f"{which}-second")))
    try:
        return When.of(datetime.fromisoformat(str(kept)), zone)
    except ValueError:
        return When()


def _message(code: str) -> str:
    return field_message(FieldProblem("", code))


def lines_of(text: str) -> str:
    """Text with the line ends that it was typed with; a form sends others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
