"""Courses: therapeutic groups over a term, who is in them, and whom they fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response

from coord.application.groups.commands import EndCourse, EndPlace, EnrolChild, PlanCourse, ReviseCourse
from coord.application.groups.questions import (
    CourseAnswer,
    CourseLine,
    CoursesAnswer,
    FitAnswer,
    ReadCourse,
    ReadCourses,
    ReadFit,
    ReadRoster,
    RosterAnswer,
)
from coord.domain.course import CourseContent
from coord.domain.errors import FieldProblem, InvalidInput
from coord.web.api import answers, course_answers, schemas
from coord.web.api import course_schemas as shapes
from coord.web.api.intake import expected_version
from coord.web.api.operations import PREFIX, ApiBlueprint, actor, new_id, operation, services
from coord.web.api.routes import sends

blueprint = ApiBlueprint(
    "courses", "Courses: therapeutic groups over a term. Who is in one is for its staff and the team lead alone."
)
COURSE = "/courses/<uuid:course>"
PLACE = f"{COURSE}/places/<uuid:case>"
EXAMPLE = {
    "title": "Tuesday builders",
    "kind": "social-skills",
    "aims": "Waiting for a turn and asking for help.",
    "room": "Blue room",
    "first_date": "2026-09-15",
    "start_time": "15:00",
    "minutes": 60,
    "sessions": 10,
    "holidays": ["2026-11-03"],
    "capacity": 6,
    "staff": ["00000000-0000-4000-8000-000000000001"],
}


@operation(blueprint, "GET", "/courses", query=shapes.CoursesQuery, answer=shapes.CoursesAnswer)
def read_courses(query: dict[str, Any]) -> Response:
    """Read the courses of your service team, and those that you run

    No child is named. Therapists, students and team leads read them.
    """
    found: CoursesAnswer = services().doors.ask(actor(), ReadCourses(query["ended"]))
    return answers.json_answer(course_answers.courses(found))


@operation(blueprint, "POST", "/courses", body=shapes.NewCourse, answer=schemas.Receipt, status=201, example=EXAMPLE)
def plan_course(body: dict[str, Any]) -> Response:
    """Plan a course in your service team (therapists and team leads)

    Where it departs from the policy of the team, say why in `why_otherwise`.
    """
    course = new_id(body.pop("id", None))
    staff = body.pop("staff")
    done = services().doors.execute(actor(), PlanCourse(course, CourseContent(**body), staff))
    return answers.receipt(done, 201, location=f"{PREFIX}/courses/{course}")


@operation(blueprint, "GET", COURSE, answer=shapes.CourseAnswer)
def read_course(course: UUID) -> Response:
    """Read one course without its children

    What it is, when, who runs it, and whether there is a place.
    """
    found: CourseAnswer = services().doors.ask(actor(), ReadCourse(course))
    return answers.json_answer(course_answers.one_course(found), etag=found.course.version)


@operation(
    blueprint,
    "PATCH",
    COURSE,
    body=shapes.CourseChanges,
    answer=schemas.Receipt,
    if_match="required",
    example={"room": "Green room", "reason": "The blue room is being painted"},
)
def revise_course(course: UUID, body: dict[str, Any]) -> Response:
    """Plan a course otherwise (its therapists, and the team lead)

    Only what is sent is changed. Sessions recorded or cancelled keep their dates. What the children's people see of it
    (aims, dates, times) reaches each child's record. What seems to name one of them is asked about
    (`names-another-child`).
    """
    version, reason, override = expected_version(), body.pop("reason"), body.pop("override", "")
    confirmed = body.pop("confirmed", ())
    # Read later than the version named is no harm: it is stale if the course was planned otherwise in between.
    found: CourseAnswer = services().doors.ask(actor(), ReadCourse(course))
    staff = body.pop("staff", None)  # what is not sent is not judged either
    content = replace(_content(found.course), **body)
    command = ReviseCourse(course, version, content, staff, reason, override, confirmed)
    return answers.receipt(services().doors.execute(actor(), command))


def _content(found: CourseLine) -> CourseContent:
    """What is planned now, as it would be sent."""
    first, holidays = found.content["first_date"], found.content["holidays"]
    dates = {"first_date": date.fromisoformat(first), "holidays": [date.fromisoformat(day) for day in holidays]}
    return CourseContent(**{**found.content, **dates, "why_otherwise": found.why_otherwise})


sends(
    blueprint,
    "POST",
    f"{COURSE}/end",
    EndCourse,
    example={"reason": "The term is over"},
    about="""End a course (its therapists, and the team lead)

    Every child in it, or waiting, leaves with it; each child's record keeps the reason.
    """,
)


@operation(blueprint, "GET", f"{COURSE}/roster", answer=shapes.RosterAnswer)
def read_roster(course: UUID) -> Response:
    """Read who is in a course (its staff, and the team lead)

    With every child's lines over the sessions.
    """
    found: RosterAnswer = services().doors.ask(actor(), ReadRoster(course))
    return answers.json_answer(course_answers.roster(found), etag=found.course.version)


@operation(blueprint, "GET", f"{COURSE}/fit", query=shapes.FitQuery, answer=shapes.FitAnswer)
def read_fit(course: UUID, query: dict[str, Any]) -> Response:
    """Read whether a course fits a child

    For a child whom you treat; for the staff also one that has a place, or waits for one. The reasons are those of
    working on `goals`; on all that may be chosen, if none are named. In giving a place, none named are none.
    """
    goals = query.get("goals", ())
    found: FitAnswer = services().doors.ask(actor(), ReadFit(course, query["case"], goals))
    known = {goal.id for goal in found.goals}
    problems = [FieldProblem(f"/goals/{i}", "no-such-goal") for i, goal in enumerate(goals) if goal not in known]
    if problems:  # the reasons would be about others than were asked for
        raise InvalidInput(problems)
    return answers.json_answer(course_answers.fit(found))


@operation(
    blueprint,
    "POST",
    f"{COURSE}/places",
    body=shapes.NewPlace,
    answer=schemas.Receipt,
    status=201,
    example={"case": "00000000-0000-4000-8000-000000000002", "goals": ["00000000-0000-4000-8000-000000000003"]},
)
def enrol_child(course: UUID, body: dict[str, Any]) -> Response:
    """Give a child a place, or put them on the waiting list

    The `id` in the answer is the place as the child's own record knows it, the version that of the course. Reasons
    against are refused unless `override` says why it should be so all the same; that no goal is named is one, though
    `fit` without goals looks at all. Sent again for a child who has the place, it changes goals and guardians, and the
    first day, if `since` is sent; a child who was to leave stays. Aims that seem to name the child are asked about
    (`names-the-child`).
    """
    command = EnrolChild(course, body.pop("case"), **{"place": "enrolled", **body})
    return answers.receipt(services().doors.execute(actor(), command), 201)


sends(
    blueprint,
    "POST",
    f"{PLACE}/end",
    EndPlace,
    example={"reason": "Has moved away", "until": "2026-10-06"},
    about="""Take a child off a course, or off its waiting list (its therapists, and the team lead)

    What was recorded stays. The reason goes into the child's record. Sent again with another last day, it corrects it.
    """,
)
