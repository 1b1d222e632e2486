"""Courses: therapeutic groups over a term, who is in them, and whom they fit."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response

from coord.application.groups.commands import EndCourse, EndPlace, EnrolChild, PlanCourse, ReviseCourse
from coord.application.groups.questions import (
    CourseAnswer,
    CoursesAnswer,
    FitAnswer,
    ReadCourse,
    ReadCourses,
    ReadFit,
    ReadRoster,
    RosterAnswer,
)
from coord.domain.errors import FieldProblem, InvalidInput
from coord.web.api import answers
from coord.web.api.fields import Id, Several, Strict, Switch, id_
from coord.web.api.operations import ApiBlueprint, actor, operation, services
from coord.web.api.routes import reads, sends
from coord.web.api.typed import shape, told

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


class CoursesQuery(Strict):
    """Which courses."""

    ended = Switch(load_default=False, metadata={"description": "Those that are over too"})


class FitQuery(Strict):
    """Whom the course should fit, and what the group would work on."""

    case = id_("The child", required=True)
    goals = Several(
        Id(),
        metadata={
            "description": "The child's goals to look at, with commas between. All that may be chosen, if left out or "
            "empty (a place is then given without any)"
        },
    )


reads(
    blueprint,
    "/courses",
    ReadCourses,
    CoursesAnswer,
    query=CoursesQuery,
    about="""Read the courses of your service team, and those that you run

    No child is named. Therapists, students and team leads read them.
    """,
)


sends(
    blueprint,
    "POST",
    "/courses",
    PlanCourse,
    status=201,
    makes="course_id",
    at="/courses/{id}",
    example=EXAMPLE,
    about="""Plan a course in your service team (therapists and team leads)

    Where it departs from the policy of the team, say why in `why_otherwise`.
    """,
)


reads(
    blueprint,
    COURSE,
    ReadCourse,
    CourseAnswer,
    etag="course.version",
    about="""Read one course without its children

    What it is, when, who runs it, and whether there is a place.
    """,
)


def _standing(course: UUID) -> dict[str, Any]:
    """What is planned now. Read later than the version named is no harm: it is stale if the course was planned
    otherwise in between. The staff that is not sent is not judged either."""
    found: CourseAnswer = services().doors.ask(actor(), ReadCourse(course))
    content = found.course.content
    days = [date.fromisoformat(day) for day in content["holidays"]]
    first = date.fromisoformat(content["first_date"])
    why = found.course.why_otherwise
    return {**content, "first_date": first, "holidays": days, "why_otherwise": why, "staff": None}


sends(
    blueprint,
    "PATCH",
    COURSE,
    ReviseCourse,
    if_match="required",
    standing=_standing,
    example={"room": "Green room", "reason": "The blue room is being painted"},
    about="""Plan a course otherwise (its therapists, and the team lead)

    Only what is sent is changed. Sessions recorded or cancelled keep their dates. What the children's people see of it
    (aims, dates, times) reaches each child's record. What seems to name one of them is asked about
    (`names-another-child`).
    """,
)


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


reads(
    blueprint,
    f"{COURSE}/roster",
    ReadRoster,
    RosterAnswer,
    etag="course.version",
    about="""Read who is in a course (its staff, and the team lead)

    With every child's lines over the sessions.
    """,
)


@operation(blueprint, "GET", f"{COURSE}/fit", query=FitQuery, answer=shape(FitAnswer))
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
    return answers.json_answer(told(found))


sends(
    blueprint,
    "POST",
    f"{COURSE}/places",
    EnrolChild,
    status=201,
    example={"case": "00000000-0000-4000-8000-000000000002", "goals": ["00000000-0000-4000-8000-000000000003"]},
    about="""Give a child a place, or put them on the waiting list

    The `id` in the answer is the place as the child's own record knows it, the version that of the course. Reasons
    against are refused unless `override` says why it should be so all the same; that no goal is named is one, though
    `fit` without goals looks at all. Sent again for a child who has the place, it changes goals and guardians, and the
    first day, if `since` is sent; a child who was to leave stays. Aims that seem to name the child are asked about
    (`names-the-child`).
    """,
)


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
