"""What the pages about measures, strategies and reviews have around their content, and how a form comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast
from uuid import UUID

from flask import Response, current_app, make_response, render_template
from flask_babel import gettext as _

from coord.application.services import Services
from coord.application.shown import Shown
from coord.domain.actors import Actor, Relationship, Role
from coord.domain.case import Audience
from coord.domain.case.notes import AUDIENCES_OF_ROLE
from coord.domain.errors import Conflict, DomainError, FieldProblem, InvalidInput, NotPermitted, Unavailable
from coord.domain.permissions import PERMISSIONS, leads_service_team
from coord.web.errors import status_of
from coord.web.kit.asking import Asked, questions
from coord.web.kit.done import Done
from coord.web.labels import AUDIENCE_STATEMENTS, label
from coord.web.messages import explanation, field_message
from coord.web.visit import require_actor

Words = Callable[[FieldProblem], str]
ON_THE_FORM = (InvalidInput, Conflict, Unavailable)
"""Refusals that leave the person on the form, with everything they typed."""

DONE = Done("children")
"""What was just done about a child, said once on its timeline or with its care team."""


class Answer(Protocol):
    """An answer about one child."""

    @property
    def preferred_name(self) -> str:
        """What the child is called."""

    @property
    def status(self) -> str:
        """Of the case."""

    @property
    def relationship(self) -> Relationship:
        """What the reader is to the child."""

    @property
    def shown(self) -> Shown:
        """Which place of the record it shows."""


def here() -> tuple[Services, Actor]:
    """The services, and who is asking."""
    return cast(Services, current_app.extensions["coord"]), require_actor()


def around(actor: Actor, case_id: UUID, answer: Answer | None) -> dict[str, Any]:
    """What each page says about the child; without an answer (a store is down) it does without the name."""
    return {
        "case_id": case_id,
        "preferred_name": answer.preferred_name if answer else "",
        "closed": answer is not None and answer.status != "open",
        "actor_role": actor.role.value,
        "teacher": actor.role is Role.TEACHER,
        "leads": answer is not None and leads_service_team(actor, answer.relationship),
        "shown": answer.shown if answer else None,
    }


def refuse_unless_offered(command: str, actor: Actor, answer: Answer) -> None:
    """A form whose command the person could never carry out is not shown. Raises `NotPermitted`."""
    if not PERMISSIONS[command].who(actor, answer.relationship):
        raise NotPermitted


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form came back: sentences for the summary on top, and beside each field (by the id of its input)."""

    errors: Sequence[Mapping[str, str]] = ()
    wrong: Mapping[str, str] | None = None
    title: str | None = None
    status: int = 200
    asked: Sequence[Asked] = ()
    """What is asked among it; see `coord.web.kit.asking`."""

    @classmethod
    def of(
        cls, error: DomainError | None, fields: Mapping[str, tuple[str, str]], words: Words = field_message
    ) -> Refusal:
        """``fields`` gives for a pointer what the field is called and the id of its input, in the order of the page
        and so of the summary; ``words`` the sentence for a problem."""
        if error is None:
            return cls(wrong={})
        if not isinstance(error, InvalidInput):
            said = explanation(error.code)
            return cls([{"text": said.message}, {"text": said.what_next}], {}, said.title, status_of(error))
        errors: list[dict[str, str]] = []
        wrong: dict[str, str] = {}
        order = {pointer: place for place, pointer in enumerate(fields)}
        for problem in sorted(error.problems, key=lambda problem: order.get(problem.pointer, -1)):
            name, target = fields.get(problem.pointer, ("", ""))
            sentence = words(problem)
            if target and target in wrong:
                continue
            text = f"{name}: {sentence}" if name else sentence
            errors.append({"text": text, "href": f"#{target}"} if target else {"text": text})
            if target:
                wrong[target] = sentence
        asked = questions(error.problems, words)
        title = str(_("Please look at this once more")) if len(asked) == len(error.problems) else None
        return cls(errors, wrong, title, status_of(error), asked)


def page(template: str, refusal: Refusal | None = None, **context: Any) -> Response:
    """The page, with the status that its refusal asks for."""
    refusal = refusal or Refusal(wrong={})
    return make_response(render_template(template, refusal=refusal, wrong=refusal.wrong, **context), refusal.status)


def audiences_for(actor: Actor) -> list[tuple[str, str, object]]:
    """The audiences that the person's role may choose: value, name, and what it means in words."""
    return [
        (a.value, label("audience", a.value), AUDIENCE_STATEMENTS[a.value])
        for a in Audience
        if a in AUDIENCES_OF_ROLE[actor.role]
    ]
