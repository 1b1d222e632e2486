"""Handlers of the questions about courses, and what of a course stands in every answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from coord.application.doors import Reading, answers
from coord.application.goals.questions import levels_of
from coord.application.groups.questions import (
    CourseAnswer,
    CourseLine,
    CoursesAnswer,
    CourseStaff,
    FitAnswer,
    GoalToAddress,
    Policy,
    ReadCourse,
    ReadCourses,
    ReadFit,
    SessionLine,
)
from coord.application.groups.writing import fit_of, goals_to_choose
from coord.application.looking import Category
from coord.application.policies.handlers import policy_for
from coord.application.rights import permitted
from coord.domain.actors import Relationship
from coord.domain.case import Goal
from coord.domain.case.aggregate import Case, Profile
from coord.domain.case.goals.observing import OBSERVABLE
from coord.domain.course import Course, GroupPicture, age_on, staff_needed
from coord.domain.course.aggregate import is_among, standing_on
from coord.domain.course.hours import Hours, at_clock, held_on
from coord.domain.course.picture import COPES_WITH
from coord.domain.errors import NotFound
from coord.domain.groups import GroupKind
from coord.domain.permissions import (
    PERMISSIONS,
    staff_or_lead_of_the_course,
    therapist_or_lead_of_the_child,
)
from coord.projections import Courses, People
from coord.projections.courses import NOBODY_TOLD, Attendance

Row = Mapping[str, Any]
"""Of a view."""


@answers(ReadCourses)
def read_courses(reading: Reading, question: ReadCourses) -> CoursesAnswer:
    """The courses of the team, without their children."""
    actor = reading.actor
    view, connection = view_of(reading), reading.snapshot.connection
    rows = view.of_team(connection, actor, ended=question.ended)
    may = {"PlanCourse"} if actor.team and PERMISSIONS["PlanCourse"].who(actor, Relationship()) else set()
    policies = {kind.value: policy_for(reading, actor.team, kind.value) for kind in GroupKind} if actor.team else {}
    return CoursesAnswer(actor.team, _courses(reading, rows), policies, frozenset(may), reading.shown)


@answers(ReadCourse)
def read_course(reading: Reading, question: ReadCourse) -> CourseAnswer:
    """One course, without its children."""
    course = course_of(reading, question.course_id)
    reading.detail |= {"course": str(course.id), "title": course.content["title"]}
    return CourseAnswer(course, policy_of(reading, course), reading.shown)


@answers(ReadFit)
def read_fit(reading: Reading, question: ReadFit) -> FitAnswer:
    """Why, and why not."""
    actor = reading.actor
    course = reading.the_course
    runs_it = staff_or_lead_of_the_course(actor, reading.relation)
    case, knows = _child_of_fit(reading, question, runs_it=runs_it)
    place = course.places.get(str(case.id))
    present = place["goals"] if place is not None else []
    choosable = goals_to_choose(reading.record, case, actor, reading.today, knows=knows, present=present)
    wanted = [g for g in choosable if not question.goals or g.id in question.goals]
    reasons = fit_of(reading.record, course, case, wanted, reading.today, reading.zone)
    line = course_of(reading, question.course_id)
    relation = case.relationship_of(actor, reading.today)
    relation = replace(relation, on_staff=reading.relation.on_staff)
    shown = (Category.IDENTITY, Category.GROUPS, Category.GOALS)
    reading.shows(case.id, *shown, entries=[g.id for g in choosable], relation=relation)
    reading.detail |= {"course": str(course.id), "title": course.content["title"]}
    may = set()
    standing = standing_on(place, reading.today) if place is not None else ""
    stay = place["periods"][-1] if place is not None and standing == "enrolled" else None
    if course.status == "open" and case.status == "open":
        if runs_it:
            may.add("enrolled")
        if standing not in ("waiting", "enrolled"):
            may.add("waiting")
    return FitAnswer(
        course=line,
        case_id=case.id,
        preferred_name=case.details["preferred_name"],
        age=age_on(date.fromisoformat(case.details["birth_date"]), reading.today),
        reasons=reasons,
        profile=profile_of(case.profile),
        goals=[goal_to_address(g) for g in choosable],
        place=standing,
        chosen=[goal.id for goal in choosable if str(goal.id) in present],
        guardians=place["guardians"] if place is not None else (),
        since=day_of(stay["since"]) if stay is not None else day_of(place["since"]) if place is not None else None,
        until=day_of(stay["until"]) if stay is not None else None,
        picture=_group_now(reading, course) if runs_it else None,
        may=frozenset(may),
        may_describe=knows and case.status == "open",
        policy=policy_of(reading, line),
        shown=reading.shown,
    )


def _group_now(reading: Reading, course: Course) -> GroupPicture:
    """The children enrolled now, as a group."""
    cases = reading.record.cases([UUID(case) for case in course.enrolled(reading.today)])
    return GroupPicture.of(
        [
            (age_on(date.fromisoformat(case.details["birth_date"]), reading.today), case.profile)  # type: ignore[misc]
            for case in cases.values()
        ]
    )


def _child_of_fit(reading: Reading, question: ReadFit, *, runs_it: bool) -> tuple[Case, bool]:
    """The child, and whether this person treats them; for the staff also a child with a place. Raises `NotFound`, the
    same for a child of others and for none."""
    case = reading.record.case(question.case_id)
    knows = therapist_or_lead_of_the_child(reading.actor, case.relationship_of(reading.actor, reading.today))
    place = reading.the_course.places.get(str(question.case_id))
    if not knows and not (runs_it and place is not None and standing_on(place, reading.today) != "left"):
        raise NotFound
    return case, knows


def view_of(reading: Reading) -> Courses:
    """The view of courses."""
    return reading.snapshot.view(Courses)


def profile_of(found: Mapping[str, Any] | None) -> Profile | None:
    """How much a child copes with, as far as somebody said."""
    if found is None:
        return None
    told: Any = {name: found.get(name, "") for name in COPES_WITH}  # one of before says less
    return cast("Profile", told)


def day_of(text: str) -> date | None:
    """A day as the views keep it; None for none."""
    return date.fromisoformat(text) if text else None


def course_found(reading: Reading, course_id: UUID) -> tuple[Row, Sequence[Row], Sequence[Row]]:
    """The course, its sessions, its places. Raises `NotFound`."""
    view, connection = view_of(reading), reading.snapshot.connection
    row = view.one(connection, course_id)
    if row is None:
        raise NotFound("no-such-course")
    sessions, places = view.sessions_of(connection, [course_id])[course_id], view.places_of(connection, [course_id])
    (course,), sessions = _as_called_now(reading, [row], sessions)
    return course, sessions, places[course_id]


def names_now(reading: Reading, people: Iterable[str]) -> dict[str, str]:
    """What these people are called now, by id."""
    ids = {UUID(person) for person in people}
    return {str(id): name for id, name in reading.snapshot.view(People).names(reading.snapshot.connection, ids).items()}


def _as_called_now(
    reading: Reading, courses: list[dict[str, Any]], sessions: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Staff and stand-ins under the names that they have now; a recording keeps those of then."""
    staffs = [*(row["staff"] for row in courses), *(row["stand_ins"] for row in sessions)]
    now = names_now(reading, (person for staff in staffs for person in staff))

    def called(staff: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        return {person: {**member, "name": now.get(person, member["name"])} for person, member in staff.items()}

    return (
        [{**row, "staff": called(row["staff"])} for row in courses],
        [{**row, "stand_ins": called(row["stand_ins"])} for row in sessions],
    )


def course_of(reading: Reading, course_id: UUID) -> CourseLine:
    """A course as it stands. Raises `NotFound`."""
    return course_line(reading, *course_found(reading, course_id))


def _courses(reading: Reading, rows: list[dict[str, Any]]) -> list[CourseLine]:
    view, connection = view_of(reading), reading.snapshot.connection
    ids = [row["course_id"] for row in rows]
    found, places = view.sessions_of(connection, ids), view.places_of(connection, ids)
    told = view.attendance(connection, ids)
    courses, every = _as_called_now(reading, rows, [session for of_one in found.values() for session in of_one])
    sessions = {id: list(of_one) for id, of_one in groupby(every, key=lambda session: session["course_id"])}
    return [
        course_line(reading, row, sessions.get(row["course_id"], ()), places[row["course_id"]], told) for row in courses
    ]


def course_line(
    reading: Reading,
    row: Row,
    sessions: Iterable[Row],
    places: Sequence[Row],
    told: Mapping[tuple[UUID, int], Attendance] | None = None,
) -> CourseLine:
    """A course with its sessions, its staff and how many are in it."""
    actor = reading.actor
    content = row["content"]
    same_team, on_staff = bool(actor.team) and actor.team == row["team"], is_among(row["staff"], actor)
    relation = Relationship(None, same_team, on_staff=on_staff)
    possible = {"ReadRoster", "ReadSession"}
    if row["status"] == "open":
        possible |= {"ReviseCourse", "EndCourse", "EnrolChild", "ReadFit", "EndPlace"}
    standing = [standing_on(p, reading.today) for p in places]
    enrolled = standing.count("enrolled")
    if told is None:
        told = view_of(reading).attendance(reading.snapshot.connection, [row["course_id"]])
    return CourseLine(
        id=row["course_id"],
        team=row["team"],
        status=row["status"],
        version=row["version"],
        content_version=row["content_version"],
        content=content,
        why_otherwise=row["why_otherwise"],
        staff=[cast("CourseStaff", {"person_id": UUID(p), **member}) for p, member in row["staff"].items()],
        sessions=[
            _session(reading, s, row["hours"], told.get((s["course_id"], s["number"]), NOBODY_TOLD)) for s in sessions
        ],
        enrolled=enrolled,
        waiting=standing.count("waiting"),
        staff_needed=staff_needed(enrolled, policy_for(reading, row["team"], content["kind"])),
        on_staff=relation.on_staff,
        may=permitted(possible, actor, relation),
    )


def _session(reading: Reading, row: Mapping[str, Any], all_hours: Sequence[Hours], told: Attendance) -> SessionLine:
    hours = hours_of(reading, all_hours, row)
    start, end = times_of(reading, row["held_on"], hours)
    return SessionLine(
        number=row["number"],
        starts_at=start,
        ends_at=end,
        minutes=hours["minutes"],
        room=hours["room"],
        status=row["status"],
        plan_version=row["plan_version"],
        recorded_by=[r["by_name"] for r in row["recordings"]],
        reason=row["reason"],
        moved=row["moved"] or None,
        stand_ins=[member["name"] for member in row["stand_ins"].values()],
        nobody_came=row["status"] == "recorded" and told.came == 0 and told.unclear == 0,
        unclear=told.unclear,
    )


def hours_of(reading: Reading, all_hours: Sequence[Hours], session: Mapping[str, Any]) -> Hours:
    """When and where a session is, or was when it began."""
    began = [datetime.fromisoformat(recording["started_at"]) for recording in session["recordings"]]
    moved_to = session["moved"].get("start_time", "")
    return held_on(all_hours, session["held_on"], reading.zone, moved_to=moved_to, began=began)


def times_of(reading: Reading, day: date, hours: Hours) -> tuple[datetime, datetime]:
    """When a session begins and ends."""
    start = at_clock(day, hours["start_time"], reading.zone)
    end = start.astimezone(UTC) + timedelta(minutes=hours["minutes"])
    return start, end.astimezone(reading.zone)


def policy_of(reading: Reading, course: CourseLine) -> Policy:
    """What the policy of its team says of a course."""
    return policy_for(reading, course.team, str(course.content["kind"]))


def goal_to_address(goal: Goal) -> GoalToAddress:
    """A goal that a group works on."""
    scale = goal.content["scale"]
    return GoalToAddress(
        id=goal.id,
        statement=goal.content["statement"],
        levels=levels_of(scale) if scale else None,
        scale_version=goal.scale_version,
        status=goal.status,
        open=goal.status in OBSERVABLE,
    )
