"""What the pages of a child's case share: their blueprint, their forms, and what each has around its content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from coord.application.case.questions import CaseAnswer, LeftBehindAnswer, ReadCase, ReadLeftBehind
from coord.application.declared import Command
from coord.application.services import Services
from coord.domain.actors import Actor, Relationship
from coord.domain.errors import Conflict, DomainError, FieldProblem, InvalidInput, Stale, Unavailable
from coord.domain.permissions import PERMISSIONS, leads_service_team
from coord.web.errors import status_of
from coord.web.kit.asking import Asked, questions
from coord.web.local_time import NotADate, read_day
from coord.web.messages import explanation, field_message
from coord.web.visit import require_actor

pages = Blueprint("children", __name__)
ON_THE_FORM = (InvalidInput, Stale, Conflict, Unavailable)
"""Refusals that leave the person on the form, with everything they typed."""


def the_services() -> Services:
    """The one set of services."""
    return cast(Services, current_app.extensions["coord"])


def may(actor: Actor, child: Relationship, *commands: str) -> dict[str, bool]:
    """Which of these commands the permission table would let this person do: what to offer them."""
    return {name: PERMISSIONS[name].who(actor, child) for name in commands}


@dataclass(slots=True)
class Form:
    """What was typed, and what is wrong with it. ``labels`` names each field and the id of its input."""

    values: dict[str, str]
    labels: dict[str, tuple[str, str]]
    errors: list[dict[str, str]] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)
    title: str | None = None
    status: int = 200
    asked: list[Asked] = field(default_factory=list)
    """What is asked about, for the macro ``questions``."""

    def refuse(self, error: DomainError) -> None:
        """Take over a refusal: sentences for the summary on top, and for each field."""
        self.status = status_of(error)
        if isinstance(error, InvalidInput):
            self.ask(error.problems)
            self.problems(problem for problem in error.problems if not problem.answer)
            if self.asked and len(self.asked) == len(self.errors):
                self.title = _("Please look at this once more")
            return
        words = explanation(error.code)
        self.title = words.title
        self.errors = [{"text": words.message}, {"text": words.what_next}]

    def ask(self, problems: Iterable[FieldProblem]) -> None:
        """Take over what is asked about."""
        self.asked = questions(problems)
        self.errors += [{"text": one.text, "href": f"#asked-{i}"} for i, one in enumerate(self.asked, 1)]

    def problems(self, problems: Iterable[FieldProblem]) -> None:
        """Take over what is wrong with single fields."""
        for problem in problems:
            self.wrong_in(problem.pointer.split("/")[-1 if "filter" in problem.pointer else 1], field_message(problem))

    def wrong_in(self, name: str, message: str) -> None:
        """One sentence for a field, the first one counts; a field that the page does not have is named on top only."""
        self.status = 422
        if name in self.wrong:
            return
        self.wrong[name] = message
        if name in self.labels:
            words, target = self.labels[name]
            self.errors.append({"text": f"{words}: {message}", "href": f"#{target}"})
        else:
            self.errors.append({"text": message})


def rendered(template: str, form: Form | None = None, **context: Any) -> Response:
    """The page, with the status that its form came back with."""
    status = form.status if form else 200
    return make_response(render_template(template, form=form, **context), status)


def typed(*names: str) -> dict[str, str]:
    """What was typed into these fields."""
    return {name: request.form.get(name, "") for name in names}


def options(words: Mapping[str, LazyString], chosen: str, first: str) -> list[dict[str, object]]:
    """The items of a select, after a ``first`` one that chooses none."""
    items: list[dict[str, object]] = [{"value": "", "text": first}]
    return items + [{"value": v, "text": str(text), "selected": v == chosen} for v, text in words.items()]


def execute(form: Form, actor: Actor, command: Command) -> bool:
    """Carry out a command; False if the form has to be shown again, with why."""
    try:
        the_services().doors.execute(actor, command)
    except ON_THE_FORM as refusal:
        form.refuse(refusal)
        return False
    return True


def case_of(actor: Actor, case_id: UUID) -> CaseAnswer:
    """The child's details and care team."""
    return cast(CaseAnswer, the_services().doors.ask(actor, ReadCase(case_id)))


def case_for(form: Form, actor: Actor, case_id: UUID) -> CaseAnswer | None:
    """The child around a form; None when a store is down and the form stands alone, so that nothing typed is lost."""
    try:
        return case_of(actor, case_id)
    except Unavailable as unavailable:
        form.refuse(unavailable)
        return None


def frame(actor: Actor, case_id: UUID, case: CaseAnswer | None) -> dict[str, Any]:
    """What every page about a child needs around its content."""
    child = case.relationship if case else Relationship()
    return {
        "case_id": case_id,
        "case": case,
        "actor_role": actor.role.value,
        "leads": leads_service_team(actor, child),
        "preferred_name": case.details["preferred_name"] if case else "",
        "shown": case.shown if case else None,
    }


def to_the_team(case_id: UUID) -> tuple[str, str]:
    """Where one came from, for what is done with the case or its care team."""
    return url_for("children.team", case_id=case_id), _("Child and care team")


def left_behind(question: ReadLeftBehind) -> Sequence[FieldProblem]:
    """What will be asked about before a case is closed, or somebody leaves its care team."""
    answer: LeftBehindAnswer = the_services().doors.ask(require_actor(), question)
    return answer.asked


def day_in(form: Form, name: str) -> date | None:
    """The day in a field, or None; one that is none is noted on the form."""
    if not form.values[name]:
        return None
    try:
        return read_day(form.values[name])
    except NotADate:
        form.problems([FieldProblem(f"/{name}", "not-a-date")])
        return None
