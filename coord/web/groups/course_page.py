"""What all pages about courses have in common: the course, and what was just done."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import Blueprint

from coord.application.groups.questions import CourseAnswer, ReadCourse, ReadRoster, RosterAnswer
from coord.domain.actors import Actor
from coord.domain.errors import Conflict, NotFound, NotPermitted
from coord.web.kit.done import Done
from coord.web.visit import the_services

pages = Blueprint("groups", __name__)

DONE = Done("groups")
"""What was just done, said once."""


def read_course(actor: Actor, course_id: UUID) -> CourseAnswer:
    """The course without its children."""
    return cast("CourseAnswer", the_services().doors.ask(actor, ReadCourse(course_id)))


def read_roster(actor: Actor, course_id: UUID) -> RosterAnswer:
    """The course with its children."""
    return cast("RosterAnswer", the_services().doors.ask(actor, ReadRoster(course_id)))


def read_course_or_roster(actor: Actor, course_id: UUID) -> CourseAnswer | RosterAnswer:
    """The course with its children, for who may know them; without, for everybody else who may know of it."""
    answer = the_services().doors.ask(actor, ReadRoster(course_id), otherwise=ReadCourse(course_id))
    return cast("CourseAnswer | RosterAnswer", answer)


def refuse_unless_may(answer: CourseAnswer | RosterAnswer | None, command: str) -> None:
    """Nobody fills in a form that would be refused: say at once that the course is over, or that it is not theirs."""
    if answer is None or command in answer.course.may:
        return
    if answer.course.status == "ended":
        raise Conflict("course-ended")
    raise NotPermitted


def child_on(answer: RosterAnswer, case_id: UUID) -> Any:
    """The child on the roster. Raises `NotFound` for one who never was on it."""
    found = next((child for child in answer.children if child.case_id == case_id), None)
    if found is None:
        raise NotFound("no-such-child")
    return found
