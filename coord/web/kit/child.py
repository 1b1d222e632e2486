"""What the pages about one child have around their content."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from flask import Response, make_response, render_template

from coord.application.shown import Shown
from coord.domain.actors import Actor, Relationship, Role
from coord.domain.case import Audience
from coord.domain.case.notes import AUDIENCES_OF_ROLE
from coord.domain.errors import NotPermitted
from coord.domain.permissions import PERMISSIONS, leads_service_team
from coord.web.kit.done import Done
from coord.web.labels import AUDIENCE_STATEMENTS, label
from coord.web.visit import require_actor

DONE = Done("children")
"""What was just done about a child, said once on its timeline or with its care team."""


class Answer(Protocol):
    """An answer about one child."""

    @property
    def case_id(self) -> UUID:
        """Which child's."""

    @property
    def preferred_name(self) -> str:
        """What the child is called."""

    @property
    def relationship(self) -> Relationship:
        """What the reader is to the child."""

    @property
    def shown(self) -> Shown:
        """Which place of the record it shows."""


def around(answer: Answer | None, case_id: UUID | None = None) -> dict[str, Any]:
    """What each page says about the child, and what its reader may find there; without an answer (a store is down) it
    does without the name."""
    actor, shown = require_actor(), answer.shown if answer else None
    return {
        "case_id": answer.case_id if answer else case_id,
        "preferred_name": answer.preferred_name if answer else "",
        "role": actor.role.value,
        "teacher": actor.role is Role.TEACHER,
        "leads": answer is not None and leads_service_team(actor, answer.relationship),
        "shown": shown,
        "incomplete_since": min(shown.incomplete.values(), default=None) if shown else None,
    }


def refuse_unless_offered(command: str, actor: Actor, answer: Answer) -> None:
    """A form whose command the person could never carry out is not shown. Raises `NotPermitted`."""
    if not PERMISSIONS[command].who(actor, answer.relationship):
        raise NotPermitted


def page(template: str, **context: Any) -> Response:
    """The page."""
    return make_response(render_template(template, **context))


def audiences_for(actor: Actor) -> list[tuple[str, str, object]]:
    """The audiences that the person's role may choose: value, name, and what it means in words."""
    return [
        (a.value, label("audience", a.value), AUDIENCE_STATEMENTS[a.value])
        for a in Audience
        if a in AUDIENCES_OF_ROLE[actor.role]
    ]
