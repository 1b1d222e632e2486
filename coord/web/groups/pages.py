"""Groups: my sessions of a week, the courses of the service team, one course with who is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.application.groups.questions import (
    CourseLine,
    CoursesAnswer,
    LineShown,
    MySession,
    MySessionsAnswer,
    ReadCourses,
    ReadMySessions,
    RosterAnswer,
    RosterChild,
    SessionLine,
)
from coord.domain.actors import Actor, Relationship
from coord.domain.case.groups import attendance_told
from coord.domain.permissions import PERMISSIONS
from coord.web.goals.words import level_words, lower_first
from coord.web.groups import course_writing, enrolling
from coord.web.groups.course_page import DONE, pages, read_course_or_roster
from coord.web.groups.words import picture_words, reason_words
from coord.web.kit.field import uuid_of
from coord.web.labels import label
from coord.web.local_time import NotADate, read_day
from coord.web.visit import require_actor, the_services

__all__ = ["course_writing", "enrolling", "pages"]
"""One blueprint: what these modules add to it is part of it."""

MARKS = {"present": "●", "late": "◐", "left-early": "◑", "absent": "○"}
"""The sign of each attendance in the grid; its words stand beside it for who does not see it, and in the legend."""
CANCELLED = "×"
WEEK = timedelta(days=7)


# ---- my week, and the courses ------------------------------------------------------------------------------------


@pages.get("/groups")
def index() -> Response:
    """My sessions of a week, and the courses of the team."""
    actor = require_actor()
    today = _today()
    monday = _monday(request.args.get("week", ""), today)
    ended = request.args.get("ended") == "1"
    doors = the_services().doors
    courses: CoursesAnswer = doors.ask(actor, ReadCourses(ended))
    week: MySessionsAnswer = doors.ask(actor, ReadMySessions(monday, monday + timedelta(days=6), waiting=False))
    days = groupby(week.sessions, key=lambda session: session.starts_at.date())
    child = uuid_of(request.args.get("child", ""))
    asked: dict[str, Any] = ({"ended": 1} if ended else {}) | ({"child": child} if child else {})
    page = render_template(
        "groups/index.html",
        answer=courses,
        days=[(day, [(session, _next_step(actor, session)) for session in found]) for day, found in days],
        monday=monday,
        sunday=monday + timedelta(days=6),
        this_week=monday <= today < monday + WEEK,
        before=url_for("groups.index", week=(monday - WEEK).isoformat(), **asked),
        after=url_for("groups.index", week=(monday + WEEK).isoformat(), **asked),
        now=url_for("groups.index", **asked),
        same_week=monday.isoformat() if request.args.get("week") else None,
        ended=ended,
        present=[course for course in courses.courses if course.status == "open"],
        over=[course for course in courses.courses if course.status != "open"],
        span=_span,
        child=child,
        done=DONE.once(),
    )
    return make_response(page)


def _today() -> date:
    here = the_services()
    return here.clock().astimezone(here.settings.zone).date()


def _monday(text: str, today: date) -> date:
    """The Monday of the week that was asked for; of this one, where the address makes no sense."""
    try:
        day = read_day(text)
    except NotADate:
        day = today
    if not 2000 <= day.year <= 2100:  # where nothing is, and where a week more is no date any more
        day = today
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Step:
    """Where a session stands in words, the status that colours it, and what comes next and where, if anything does."""

    state: str
    status: str
    text: str = ""
    href: str = ""


def _next_step(actor: Actor, session: MySession) -> Step:
    """Without a plan: plan it. With one: run it, once its day has come. Once it is over: record it."""

    def to(page: str) -> str:
        return url_for(f"group_sessions.{page}", course_id=session.course_id, number=session.number)

    state, status = label("session-status", session.status), session.status
    if session.recorded or session.status == "cancelled":
        return Step(state, "done" if session.recorded else "withdrawn")
    over = session.ends_at <= the_services().clock()
    if over:
        state, status = _("Not recorded yet"), "overdue"
    if not _may_run(actor):
        return Step(state, status)
    if over:
        return Step(state, status, _("Record it"), to("run"))
    if not session.planned:
        return Step(state, status, _("Plan it"), to("plan"))
    if session.starts_at.date() == _today():
        return Step(state, status, _("Run it"), to("run"))
    return Step(state, status, _("Change the plan"), to("plan"))


def _may_run(actor: Actor) -> bool:
    """Whether somebody on the staff of a course may plan and record its sessions: a student may only read them."""
    return PERMISSIONS["PlanSession"].who(actor, Relationship(on_staff=True))


def _span(course: CourseLine) -> tuple[datetime, datetime]:
    """The first and the last session of a course that take place; of all, if none does."""
    starts = [s.starts_at for s in course.sessions if s.status != "cancelled"]
    starts = starts or [s.starts_at for s in course.sessions]
    return min(starts), max(starts)


def _usual(course: CourseLine) -> tuple[time, time]:
    """From when to when its sessions are, as the course is planned now."""
    start = datetime.combine(date.min, time.fromisoformat(course.content["start_time"]))
    return start.time(), (start + timedelta(minutes=course.content["minutes"])).time()


# ---- one course --------------------------------------------------------------------------------------------------


@pages.get("/groups/<uuid:course_id>")
def show(course_id: UUID) -> Response:
    """One course; with its children for who may know them."""
    actor = require_actor()
    answer = read_course_or_roster(actor, course_id)
    course = answer.course
    roster = answer if isinstance(answer, RosterAnswer) else None
    children = [_Shown.of(child, course) for child in (roster.children if roster is not None else ())]
    page = render_template(
        "groups/show.html",
        course=course,
        shown=answer.shown,
        policy=answer.policy,
        roster=roster,
        span=_span(course),
        usual=_usual(course),
        next_number=_next_number(course),
        may_run="ReviseCourse" in course.may,
        picture=picture_words(roster.picture) if roster is not None else [],
        today=_today(),
        now=the_services().clock(),
        children=children,
        in_the_grid=[s for s in children if s.child.status != "waiting" and _came_in(s.child)],
        grid_sessions=_of_the_grid(course, roster),
        marks=MARKS,
        cancelled=CANCELLED,
        child_from=uuid_of(request.args.get("child", "")),
        done=DONE.once(),
    )
    return make_response(page)


def _next_number(course: CourseLine) -> int | None:
    """The session that comes next: the first one that is neither recorded nor cancelled."""
    planned = [s for s in course.sessions if s.status == "planned"]
    return min(planned, key=lambda s: s.starts_at).number if planned else None


def _of_the_grid(course: CourseLine, roster: RosterAnswer | None) -> Sequence[SessionLine]:
    return course.sessions if roster is not None else ()


def _came_in(child: RosterChild) -> bool:
    return child.status == "enrolled" or bool(child.lines)


@dataclass(frozen=True, slots=True)
class Mark:
    """A cell of the grid: signs for the eye, words for the ear; empty where nothing is recorded."""

    signs: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One session in a child's line over time."""

    number: int
    at: datetime
    line: LineShown
    ratings: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A child of the course, as the page shows them."""

    child: RosterChild
    favours: Sequence[str]
    against: Sequence[str]
    marks: Mapping[int, Mark]
    attended: int
    told: int
    unclear: int
    rows: Sequence[Row]

    @classmethod
    def of(cls, child: RosterChild, course: CourseLine) -> _Shown:
        """With everything put into words."""
        valid = {number: [n for n in lines if not n.error] for number, lines in child.lines.items()}
        told = {number: lines for number, lines in valid.items() if lines}
        return cls(
            child=child,
            favours=[reason_words(reason) for reason in child.fit if reason.favours],
            against=[reason_words(reason) for reason in child.fit if not reason.favours],
            marks={session.number: _mark(session, told.get(session.number, ())) for session in course.sessions},
            attended=sum(together(lines) == "there" for lines in told.values()),
            told=len(told),
            unclear=sum(together(lines) == "unclear" for lines in told.values()),
            rows=[
                Row(session.number, session.starts_at, line, _ratings(child, line))
                for session in course.sessions
                for line in child.lines.get(session.number, ())
            ],
        )


def together(lines: Sequence[LineShown]) -> str:
    """What the lines of a child in one session tell together."""
    return attendance_told(line.line for line in lines)


def _mark(session: SessionLine, lines: Sequence[LineShown]) -> Mark:
    """Where two recorded the same session and saw different things, both signs stand in the cell."""
    found = list(dict.fromkeys(str(line.line["attendance"]) for line in lines))
    if found:
        signs = "".join(MARKS.get(code, "?") for code in found)
        words = ", ".join(label("attendance", code) for code in found)
        if together(lines) == "unclear":
            return Mark(f"{signs}?", f"{words}: {_('the recordings disagree')}")
        return Mark(signs, words)
    if session.status == "cancelled":
        return Mark(CANCELLED, label("session-status", "cancelled"))
    return Mark("", _("No line") if session.status == "recorded" else label("session-status", session.status))


def _ratings(child: RosterChild, line: LineShown) -> list[tuple[str, str]]:
    """Each rating: the goal's statement, and what was seen of it in words."""
    goals = {goal.id: goal for goal in child.goals}
    found = []
    for rating in line.ratings:
        goal = goals.get(rating["goal_id"])
        seen = []
        if rating["level"] is not None:
            levels = (goal.levels if goal is not None else None) or ()
            words = next((one["text"] for one in levels if one["level"] == rating["level"]), "")
            seen.append(f"{level_words(rating['level'])}{f': {words}' if words else ''}")
        if rating["support"]:
            help_given = label("support", rating["support"])
            seen.append(lower_first(help_given) if seen else help_given)
        if rating["remark"]:
            seen.append(str(rating["remark"]))
        found.append((goal.statement if goal is not None else _("A goal of before"), "; ".join(seen)))
    return found
