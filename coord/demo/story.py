"""The stories of children and groups, as files that anybody can read and edit: `stories/*.md`. `README.md` there
says how.

A story is read into steps; `coord.demo.play` carries them out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from typing import NoReturn
from zoneinfo import ZoneInfo

from coord.domain.case.notes import FORMATS

OPENED_WEEKS_AGO = 40
SPRING_WEEKS_AGO = 34
"""At least: what rests on the notes around the change to summer time happens 33 weeks ago at the earliest."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
THIS_AND_NEXT = ("this", "next")
FORMAT_OF_VERB = {name: name for name in FORMATS} | {"school": "school-observation"}
AUDIENCES = {
    "team": "care-team",
    "own": "own-discipline",
    "school": "care-team-and-school",
    "family": "care-team-and-family",
}
_HEADING = re.compile(
    r"## (?P<when>\S+(?: (?:mon|tue|wed|thu|fri|sat|sun))?) (?P<hour>\d\d):(?P<minute>\d\d) (?P<rest>.+)"
)
_FIELD = re.compile(r"([a-z-]+): ?(.*)")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. ``where`` is file and line, for whoever has to mend a story."""

    where: str
    at: datetime
    who: str
    verb: str
    words: tuple[str, ...]
    options: Mapping[str, str]
    fields: Mapping[str, Sequence[str]]

    def text(self, name: str) -> str:
        """The paragraphs of one field, or nothing."""
        return "\n\n".join(self.fields.get(name, ()))

    def wrong(self, why: str) -> NoReturn:
        """Raise `ValueError` saying where."""
        raise ValueError(f"{self.where}: {why}")


@dataclass(frozen=True, slots=True)
class Story:
    """One child or one group: the details (a child's as at the opening), and the steps in the order of the file."""

    name: str
    details: Mapping[str, str]
    steps: tuple[Step, ...]


class Dates:
    """Turns a story's "so many weeks ago" into days, seen from ``now``.

    ``34 tue`` is the Tuesday of 34 weeks before the present one; ``d3`` the third last working day; ``start mon`` the
    week in which cases were opened; ``spring-1 fri`` the Friday of the week before the change to summer time;
    ``this wed`` the Wednesday of the present week, gone by or not, and ``next wed`` a week later.
    """

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        """``now`` is aware; days and hours are those of ``zone``."""
        self._zone = zone
        self.today = now.astimezone(zone).date()
        self._monday = self.today - timedelta(days=self.today.weekday())
        changes = (_last_sunday_of_march(self.today.year - years) - timedelta(days=6) for years in (0, 1))
        self.spring_monday = max(c for c in changes if (self._monday - c).days // 7 >= SPRING_WEEKS_AGO)
        weeks_since = (self._monday - self.spring_monday).days // 7
        self._start = self._monday - timedelta(weeks=max(OPENED_WEEKS_AGO, weeks_since + 3))

    def day(self, when: str) -> date:
        """The day that ``when`` means. Raises `ValueError` if it means none."""
        head, _, weekday = when.partition(" ")
        if re.fullmatch(r"d\d+", head):
            return self._working_day(int(head[1:]))
        if weekday not in DAYS:
            raise ValueError(f"no day of the week in {when!r}")
        if head.isdigit() and int(head) > 0:
            monday = self._monday - timedelta(weeks=int(head))
        elif head == "start":
            monday = self._start
        elif head in THIS_AND_NEXT:
            monday = self._monday + timedelta(weeks=THIS_AND_NEXT.index(head))
        elif re.fullmatch(r"spring([+-]\d+)?", head):
            monday = self.spring_monday + timedelta(weeks=int(head[6:] or 0))
        else:
            raise ValueError(f"cannot read {when!r}")
        return monday + timedelta(days=DAYS.index(weekday))

    def at(self, when: str, hour: int, minute: int) -> datetime:
        """The moment, with its zone."""
        day = self.day(when)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=self._zone)

    def _working_day(self, number: int) -> date:
        day = self.today
        while number > 0:
            day -= timedelta(days=1)
            number -= day.weekday() < 5
        return day


def _last_sunday_of_march(year: int) -> date:
    last = date(year, 3, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def read_stories(dates: Dates) -> list[Story]:
    """Every child's story, by file name. Raises `ValueError` with file and line for one that cannot be read."""
    return _read(r"[a-z]\.md", dates)


def read_group_stories(dates: Dates) -> list[Story]:
    """Every group's story, by file name. Raises `ValueError` with file and line for one that cannot be read."""
    return _read(r"group-[a-z-]+\.md", dates)


def _read(names: str, dates: Dates) -> list[Story]:
    folder = resources.files("coord.demo") / "stories"
    files = sorted((f for f in folder.iterdir() if re.fullmatch(names, f.name)), key=lambda f: f.name)
    return [read_story(f.name, f.read_text(encoding="utf-8"), dates) for f in files]


def read_story(name: str, text: str, dates: Dates) -> Story:
    """One story. Raises `ValueError` with file and line if it cannot be read."""
    details: dict[str, str] = {}
    steps: list[Step] = []
    fields: dict[str, list[str]] = {}
    field = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("# "):
            continue
        if line.startswith("## "):
            fields, field = {}, ""
            steps.append(_step(f"{name}:{number}", line, fields, dates))
            continue
        found = _FIELD.fullmatch(line)
        if found and not steps:
            details[found[1]] = found[2]
        elif found:
            field = found[1]
            fields.setdefault(field, []).append(found[2])
        elif line.strip():
            if not steps:
                raise ValueError(f"{name}:{number}: text before the first step")
            if not field:
                field = "text"
                fields.setdefault(field, []).append(line)
            else:
                fields[field].append(line)
    return Story(name, details, tuple(steps))


def _step(where: str, line: str, fields: dict[str, list[str]], dates: Dates) -> Step:
    found = _HEADING.fullmatch(line)
    if not found:
        raise ValueError(f"{where}: not a heading of a step: {line!r}")
    who, verb, *rest = found["rest"].split(" ")
    options = dict(word.split("=", 1) for word in rest if "=" in word)
    words = tuple(word for word in rest if "=" not in word)
    try:
        at = dates.at(found["when"], int(found["hour"]), int(found["minute"]))
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    return Step(where, at, who, verb, words, options, fields)
