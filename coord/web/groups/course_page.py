"""What all pages about courses have in common: the course, a form that came back and why, what was just done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, current_app, make_response, render_template, request
from werkzeug.wrappers import Response

from coord.application.declared import Command
from coord.application.groups.questions import CourseAnswer, ReadCourse, ReadRoster, RosterAnswer
from coord.application.services import Services
from coord.domain.actors import Actor
from coord.domain.errors import (
    Conflict,
    DomainError,
    FieldProblem,
    InvalidInput,
    NotFound,
    NotPermitted,
    Stale,
    Unavailable,
)
from coord.web.errors import status_of
from coord.web.kit.asking import Asked, confirmed, questions
from coord.web.kit.done import Done
from coord.web.messages import Explanation, explanation, field_message

pages = Blueprint("groups", __name__)

DONE = Done("groups")
"""What was just done, said once."""
ON_THE_FORM = (InvalidInput, Stale, Conflict, Unavailable)
"""Refusals that leave the person on the form, with everything they typed."""


def services() -> Services:
    """The one set of services."""
    return cast("Services", current_app.extensions["coord"])


def read_course(actor: Actor, course_id: UUID) -> CourseAnswer:
    """The course without its children."""
    return cast("CourseAnswer", services().doors.ask(actor, ReadCourse(course_id)))


def read_roster(actor: Actor, course_id: UUID) -> RosterAnswer:
    """The course with its children."""
    return cast("RosterAnswer", services().doors.ask(actor, ReadRoster(course_id)))


def read_course_or_roster(actor: Actor, course_id: UUID) -> CourseAnswer | RosterAnswer:
    """The course with its children, for who may know them; without, for everybody else who may know of it."""
    answer = services().doors.ask(actor, ReadRoster(course_id), otherwise=ReadCourse(course_id))
    return cast("CourseAnswer | RosterAnswer", answer)


def refuse_unless_may(answer: CourseAnswer | RosterAnswer | None, command: str) -> None:
    """Nobody fills in a form that would be refused: say at once that the course is over, or that it is not theirs."""
    if answer is None or command in answer.course.may:
        return
    if answer.course.status == "ended":
        raise Conflict("course-ended")
    raise NotPermitted


@dataclass(slots=True)
class FormState:
    """Why a form came back: at which fields, in the summary on top, or as a notice. Forms about courses are made of
    it; ``names`` says what people call each field, and which element it is where that is not called the same."""

    wrong: dict[str, str] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)
    notice: Explanation | None = None
    status: int = 200
    to_answer: list[Asked] = field(default_factory=list)
    """What is implausible and may yet be meant."""

    def refuse(self, error: DomainError) -> None:
        """Take over a refusal: at each field, or as a notice on top."""
        self.status = status_of(error)
        if isinstance(error, InvalidInput):
            for problem in error.problems:
                self.take(problem)
            self.to_answer = questions(error.problems)
        else:
            self.notice = explanation(error.code)

    def take(self, problem: FieldProblem) -> None:
        """One thing that is wrong with a field; of a list, with the list."""
        self.wrong_in(problem.pointer.strip("/").partition("/")[0], field_message(problem))

    def wrong_in(self, name: str, message: str) -> None:
        """One sentence for a field, the first one counts; a field that the page does not have is named on top only."""
        self.status = 422
        if name in self.wrong:
            return
        self.wrong[name] = message
        known = self.names().get(name)
        if known is None:
            self.errors.append({"text": message})
        else:
            called, target = known
            self.errors.append({"text": f"{called}: {message}", "href": f"#{target}"})

    def names(self) -> dict[str, tuple[str, str]]:
        """What each field is called, and the id of its first element; in the order of the page."""
        return {}

    def in_order(self) -> list[dict[str, str]]:
        """The summary in the order in which the page has the fields."""
        order = [f"#{target}" for _called, target in self.names().values()]
        return sorted(self.errors, key=lambda e: order.index(e["href"]) if "href" in e else -1)


def carried_out(actor: Actor, form: FormState, command: Command) -> bool:
    """Carry out a command; False if the form has to be shown again, with why."""
    try:
        services().doors.execute(actor, command)
    except ON_THE_FORM as refusal:
        form.refuse(refusal)
        return False
    return True


def rendered(template: str, form: FormState | None = None, **context: Any) -> Response:
    """A page, with the status that its form calls for."""
    status = form.status if form is not None else 200
    given = confirmed() if request.method == "POST" else ()
    return make_response(render_template(f"groups/{template}.html", form=form, given=given, **context), status)


def done() -> str | None:
    """What was just done, once."""
    return DONE.once()


def say(code: str) -> None:
    """Let the next page say it."""
    DONE.say(code)


def child_on(answer: RosterAnswer, case_id: UUID) -> Any:
    """The child on the roster. Raises `NotFound` for one who never was on it."""
    found = next((child for child in answer.children if child.case_id == case_id), None)
    if found is None:
        raise NotFound("no-such-child")
    return found
