"""The form of a course: its fields, as they are declared once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from coord.application.groups.questions import CourseLine
from coord.domain.course import CourseContent
from coord.web.groups.labels import COURSE_PARTS
from coord.web.kit.field import Field, Kind, uuid_of
from coord.web.kit.form import Form, declared
from coord.web.labels import GROUP_KINDS

ASKS_WHY = {"why_otherwise": "outside-policy", "override": "overlaps-for-children"}
"""What can be overridden by saying why: the field in which to say it, and the problem after which it is there."""


def _text(name: str, hint: Any = "", width: int = 0, **more: Any) -> Field:
    return Field(name, Kind.TEXT, COURSE_PARTS[name], hint, width=width, **more)


def _number(name: str, hint: Any = "") -> Field:
    return Field(name, Kind.WHOLE, COURSE_PARTS[name], hint, width=3)


def _area(name: str, label: Any, hint: Any, rows: int = 3, **more: Any) -> Field:
    return Field(name, Kind.LONG, label, hint, rows=rows, **more)


_STAFF_ONLY = _l("For example, Tuesday builders. Only who works in the service reads it. Name no child")
_AIMS = _l(
    "What the children practise together. The people of every child in the course read this: plain words, and name no "
    "child"
)
_DAYS_OFF = _l("If there are any: one date a line, for example 24/12/2026. The sessions after it move back a week")
_RUNS_IT = _l("Who runs the course. They see who is in it, and record its sessions")
_STANDS_BESIDE = _l("Why this course departs from the policy of your team. It stands beside the course")
_ALL_THE_SAME = _l("Children of the course have another group then. It stands beside the change. Name no child")
_FOLLOW = _l("The others follow a week apart")
_STAFF = Field(
    "staff",
    Kind.SEVERAL,
    COURSE_PARTS["staff"],
    _RUNS_IT,
    before=_l("Somebody you chose before"),
    becomes=uuid_of,
    says={"missing": _l("Choose who runs the course")},
)
_CONTENT = (
    Field("course_id", Kind.ID, pointer="/id"),
    Field("expected_version", Kind.VERSION),
    _text("title", _STAFF_ONLY),
    Field("kind", Kind.RADIOS, COURSE_PARTS["kind"], options=GROUP_KINDS),
    _area("aims", COURSE_PARTS["aims"], _AIMS),
    _text("room", width=20, optional=True),
    Field("first_date", Kind.DAY, COURSE_PARTS["first_date"], _FOLLOW),
    Field("start_time", Kind.TIME, COURSE_PARTS["start_time"], _l("On the clinic's clock, for example 14:30"), width=5),
    _number("minutes"),
    _number("sessions"),
    Field("holidays", Kind.DAYS, COURSE_PARTS["holidays"], _DAYS_OFF, optional=True, rows=3),
    _number("capacity", _l("For how many children, or families")),
    _STAFF,
    _area("why_otherwise", _l("Why it is otherwise here"), _STANDS_BESIDE, optional=True),
)
_PLANNED = _l("A course was planned from this form already. To plan another one, send it again.")
_WHY = (_l("Why it is changed"), _l("It stands beside the change. Name no child"))
NEW = declared("course-new", *_CONTENT, taken=_PLANNED, small=True)
REVISED = declared(
    "course-revised",
    *_CONTENT,
    _area("reason", *_WHY, rows=2),
    _area("override", _l("Why the times shall be so all the same"), _ALL_THE_SAME, rows=2, optional=True),
    small=True,
)


def stands(course: CourseLine) -> dict[str, Any]:
    """What stands, as the form has it."""
    staff = [member["person_id"] for member in course.staff]
    return {**course.content, "staff": staff, "why_otherwise": course.why_otherwise, "expected_version": course.version}


def whys(form: Form) -> list[str]:
    """The reasons to ask for: that of a change; and others once they were a problem, or something is written there."""
    asked = [
        name
        for name, code in ASKS_WHY.items()
        if name in form.fields and (code in form.codes or form.typed[name].strip() or name in form.wrong)
    ]
    return [*asked, "reason"]


def content(values: Mapping[str, Any]) -> CourseContent:
    """What was typed of the course itself."""
    return CourseContent(**{k: v for k, v in values.items() if k not in ("staff", "reason", "override")})
