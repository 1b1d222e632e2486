"""The CRUD app's page of a course: two tables, the very template of Coord's page, and the same work to present it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import Flask, Response, render_template, request
from sqlalchemy import Column, Engine, Index, Integer, MetaData, Table, Text, Uuid, insert, select

from coord.application.groups.questions import (
    CourseLine,
    CourseStaff,
    GoalToAddress,
    LineShown,
    RosterAnswer,
    RosterChild,
    SessionLine,
)
from coord.application.shown import Shown
from coord.columns import Document
from coord.domain.course import GroupPicture
from coord.domain.policy import defaults
from coord.web.groups import pages as page

ENDPOINTS = (
    "groups.index",
    "groups.show",
    "groups.enrol",
    "groups.leave",
    "groups.revise",
    "groups.end",
    "group_sessions.show",
    "group_sessions.plan",
    "group_sessions.run",
)
METADATA = MetaData()
COURSES = Table(
    "courses",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("content", Document, nullable=False),
    Column("dates", Document, nullable=False),
)
LINES = Table(
    "lines",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, nullable=False),
    Column("child_id", Uuid, nullable=False),
    Column("child", Text, nullable=False),
    Column("goal", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("line", Document, nullable=False),
)
Index("lines_of", LINES.c.course_id, LINES.c.number)
ZONE = ZoneInfo("Europe/Rome")


def add_courses(app: Flask, engine: Engine, around: Mapping[str, Any]) -> None:
    """Store a course with its lines, and show it. ``around`` is what every page gets."""
    METADATA.create_all(engine)

    @app.post("/courses/<uuid:course>")
    def store_course(course: UUID) -> Response:
        body = request.get_json()
        with engine.begin() as connection:
            row = {"id": course, "content": body["content"], "dates": body["dates"]}
            connection.execute(insert(COURSES).values(row))
            lines = [
                {**line, "id": uuid4(), "course_id": course, "child_id": UUID(line["child_id"])}
                for line in body["lines"]
            ]
            connection.execute(insert(LINES), lines)
        return Response(status=201)

    @app.get("/courses/<uuid:course>")
    def show_course(course: UUID) -> str:
        with engine.connect() as connection:
            found = connection.execute(select(COURSES).where(COURSES.c.id == course)).mappings().one()
            of_course = select(LINES).where(LINES.c.course_id == course).order_by(LINES.c.number)
            rows = connection.execute(of_course).mappings().all()
        line = _course(course, dict(found))
        roster = RosterAnswer(
            line, _children(rows, line), GroupPicture((), ()), defaults("social-skills"), Shown(1, datetime.now(UTC))
        )
        shown = [page._Shown.of(child, line) for child in roster.children]
        return render_template(
            "groups/show.html",
            form=None,
            course=line,
            shown=roster.shown,
            policy=roster.policy,
            roster=roster,
            span=page._span(line),
            usual=page._usual(line),
            next_number=page._next_number(line),
            may_run=True,
            today=datetime.now(ZONE).date(),
            now=datetime.now(UTC),
            children=shown,
            picture=[],
            in_the_grid=shown,
            grid_sessions=page._of_the_grid(line, roster),
            marks=page.MARKS,
            cancelled=page.CANCELLED,
            child_from=None,
            done=None,
            **around,
        )


def _course(course: UUID, row: Mapping[str, Any]) -> CourseLine:
    starts = [datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=ZONE) for day in row["dates"]]
    sessions = [
        SessionLine(
            number, at, at + timedelta(hours=1), 60, "Hall", "recorded", 0, ["Ada Bench"], "", None, (), False, 0
        )
        for number, at in enumerate(starts, 1)
    ]
    staff: list[CourseStaff] = [
        {"person_id": course, "name": name, "role": "therapist", "discipline": "ot"} for name in ("Ada", "Ben")
    ]
    may = frozenset({"ReadRoster", "ReadSession", "ReviseCourse", "EndCourse", "EnrolChild", "ReadFit", "EndPlace"})
    return CourseLine(course, "North", "open", 9, 1, row["content"], "", staff, sessions, 8, 0, 2, True, may)


def _children(rows: Any, course: CourseLine) -> list[RosterChild]:
    lines: dict[UUID, dict[int, list[LineShown]]] = {}
    about: dict[UUID, Mapping[str, Any]] = {}
    for row in rows:
        about[row["child_id"]] = row
        at = course.sessions[row["number"] - 1].starts_at
        rating: Any = {**row["line"]["rating"], "goal_id": row["child_id"], "observation_id": row["id"]}
        shown = LineShown(
            id=row["id"],
            case_id=row["child_id"],
            membership_id=row["child_id"],
            kind="social-skills",
            number=row["number"],
            version=1,
            line=row["line"]["line"],
            ratings=[rating],
            strategies=(),
            observed_from=at,
            observed_to=at + timedelta(hours=1),
            by_name="Ada Bench",
            recorded_at=at,
            corrected="",
            error="",
        )
        lines.setdefault(row["child_id"], {}).setdefault(row["number"], []).append(shown)
    return [
        RosterChild(
            case_id=child,
            preferred_name=row["child"],
            age=7,
            status="enrolled",
            since=date(2026, 1, 1),
            periods=[{"since": date(2026, 1, 1), "until": None}],
            goals=[GoalToAddress(child, row["goal"], None, 1, "active", True)],
            guardians=(),
            fit=(),
            override="for the bench",
            profile=None,
            lines=lines[child],
            may_open=True,
        )
        for child, row in about.items()
    ]
