"""The form of a course: what was typed, as it was typed, and the content that it means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self
from uuid import UUID, uuid4

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.application.groups.questions import CourseLine
from coord.domain.course import CourseContent
from coord.domain.errors import FieldProblem
from coord.web.labels import label
from coord.web.local_time import NotADate, NotATime, read_day, read_time
from coord.web.messages import field_message
from coord.web.pages.course_page import FormState
from coord.web.pages.goal_form import uuid_of
from coord.web.spelling import format_date

NUMBERS = ("minutes", "sessions", "capacity")
REASONS = ("why_otherwise", "reason", "override")
TEXTS = ("title", "kind", "aims", "room", "first_date", "start_time", *NUMBERS, "holidays", *REASONS)
REQUIRED = ("title", "kind", "aims", "first_date", "start_time", *NUMBERS)
PARTS = ("title", "kind", "aims", "room", "first_date", "start_time", *NUMBERS, "holidays")
"""Of a course as it stands, in the order of the form."""
ASKS_WHY = {"outside-policy": "why_otherwise", "overlaps-for-children": "override"}
"""What can be overridden by saying why, and the field in which to say it."""


@dataclass(slots=True)
class CourseForm(FormState):
    """``texts`` is what the person typed; ``staff`` whom they ticked."""

    course_id: UUID = field(default_factory=uuid4)
    texts: dict[str, str] = field(default_factory=lambda: dict.fromkeys(TEXTS, ""))
    staff: list[str] = field(default_factory=list)
    version: int = 0
    asked: set[str] = field(default_factory=set)

    @classmethod
    def blank(cls, person_id: UUID) -> Self:
        """For a new course; who plans it most likely runs it."""
        return cls(staff=[str(person_id)])

    @classmethod
    def of(cls, course: CourseLine) -> Self:
        """What stands, to begin with."""
        content = course.content
        texts = dict.fromkeys(TEXTS, "") | {name: str(content[name]) for name in PARTS if name != "holidays"}
        texts |= {"holidays": days_typed(content["holidays"]), "why_otherwise": course.why_otherwise}
        staff = [str(member["person_id"]) for member in course.staff]
        return cls(course_id=course.id, texts=texts, staff=staff, version=course.version)

    @classmethod
    def sent(cls, form: MultiDict[str, str], course_id: UUID | None = None) -> Self:
        """What came with a request."""
        version = form.get("expected_version", "")
        return cls(
            course_id=course_id or uuid_of(form.get("course_id", "")) or uuid4(),
            texts={name: form.get(name, "") for name in TEXTS},
            staff=list(dict.fromkeys(form.getlist("staff"))),
            version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
        )

    def asks(self, name: str) -> bool:
        """Whether to ask for a reason that is not always needed: once that was a problem, or something is written."""
        return name in self.asked or bool(self.texts[name].strip()) or name in self.wrong

    def content(self) -> CourseContent:
        """What it means. What cannot be read is noted as wrong, and left out."""
        texts = self.texts
        return CourseContent(
            title=texts["title"],
            kind=texts["kind"],
            aims=texts["aims"],
            room=texts["room"],
            first_date=self._first_date(),
            start_time=clock_typed(texts["start_time"]),
            **{name: self._number(name) for name in NUMBERS},
            holidays=self._holidays(),
            why_otherwise=texts["why_otherwise"],
        )

    def people(self) -> list[UUID]:
        """Whom the ticks mean."""
        found = [uuid_of(person) for person in self.staff]
        return [person for person in found if person is not None]

    def settled(self) -> bool:
        """Whether the domain can be asked. Not if a day off cannot be read: without it there would be a session on
        that day. What else is missing is said at the same time."""
        if "holidays" not in self.wrong:
            return True
        for name in REQUIRED:
            if not self.texts[name].strip():
                self.take(FieldProblem(f"/{name}", "missing"))
        if not self.people():
            self.take(FieldProblem("/staff", "missing"))
        return False

    def take(self, problem: FieldProblem) -> None:
        """As any form, and: what can be overridden by a reason asks for it."""
        self.asked |= {ASKS_WHY[problem.code]} if problem.code in ASKS_WHY else set()
        if problem.pointer == "/id":
            self.course_id = uuid4()
            self.wrong_in("id", _("A course was planned from this form already. To plan another one, send it again."))
            return
        if problem.pointer == "/staff" and problem.code == "missing":
            self.wrong_in("staff", _("Choose who runs the course"))
            return
        FormState.take(self, problem)

    def names(self) -> dict[str, tuple[str, str]]:
        """What each field is called, and the id of its first element."""
        found = {name: (label("course-part", name), name) for name in (*PARTS, "staff")}
        return found | {
            "why_otherwise": (_("Why it is otherwise here"), "why_otherwise"),
            "reason": (_("Why it is changed"), "reason"),
            "override": (_("Why the times shall be so all the same"), "override"),
        }

    def _first_date(self) -> date | None:
        if not self.texts["first_date"].strip():
            return None
        try:
            return read_day(self.texts["first_date"])
        except NotADate:
            self.take(FieldProblem("/first_date", "not-a-date"))
            return None

    def _number(self, name: str) -> int | None:
        text = self.texts[name].strip()
        if text.isascii() and text.isdigit() and len(text) < 7:
            return int(text)
        if text:
            self.take(FieldProblem(f"/{name}", "not-a-number"))
        return None

    def _holidays(self) -> list[date]:
        days = []
        for number, line in enumerate(_lines(self.texts["holidays"]), 1):
            try:
                days += [read_day(part) for part in re.split(r"[,;]", line) if part.strip()]
            except NotADate:
                problem = field_message(FieldProblem("/holidays", "not-a-date"))
                self.wrong_in("holidays", _("Line %(number)s: %(problem)s", number=number, problem=problem))
        return days


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def clock_typed(text: str) -> str:
    """``9.30`` and ``0930`` are 09:30; what is no time is left as it is, for the domain to say so."""
    try:
        return read_time(text).strftime("%H:%M")
    except NotATime:
        return text


def days_typed(days: Sequence[str]) -> str:
    """Days as the form takes them, one a line."""
    return "\n".join(date.fromisoformat(day).strftime("%d/%m/%Y") for day in days)


def in_words(name: str, value: Any) -> str:
    """A part of a course as one text."""
    if name == "kind":
        return label("group-kind", value)
    if name == "first_date":
        return format_date(date.fromisoformat(value), "full")
    if name == "holidays":
        return ", ".join(format_date(date.fromisoformat(day), "long") for day in value)
    return str(value)


def stands_otherwise(form: CourseForm, course: CourseLine) -> list[tuple[str, str]]:
    """The parts of the course that stand otherwise than they were typed: what each is called, and how it stands."""
    typed = CourseForm(texts=form.texts, staff=form.staff)  # whatever cannot be read is told elsewhere
    content = typed.content()
    stands: Mapping[str, Any] = course.content
    found: list[tuple[str, str]] = []
    for name in PARTS:
        mine = getattr(content, name)
        if name == "first_date":
            mine = mine.isoformat() if mine else ""
        if name == "holidays":
            mine = sorted(day.isoformat() for day in mine)
        same = mine == stands[name] if name not in ("title", "aims", "room") else mine.split() == stands[name].split()
        if not same:
            found.append((label("course-part", name), in_words(name, stands[name]) or "–"))
    if set(form.staff) != {str(member["person_id"]) for member in course.staff}:
        names = ", ".join(str(member["name"]) for member in course.staff)
        found.append((label("course-part", "staff"), names))
    return found
