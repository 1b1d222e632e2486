"""What the pages of a child's case share: their blueprint, and what each has around its content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, url_for
from flask_babel import gettext as _

from coord.application.case.questions import CaseAnswer, LeftBehindAnswer, ReadCase, ReadLeftBehind
from coord.domain.actors import Actor, Relationship
from coord.domain.errors import FieldProblem
from coord.domain.permissions import PERMISSIONS
from coord.web.kit.child import around
from coord.web.visit import require_actor, the_services

pages = Blueprint("children", __name__)


def may(actor: Actor, child: Relationship, *commands: str) -> dict[str, bool]:
    """Which of these commands the permission table would let this person do: what to offer them."""
    return {name: PERMISSIONS[name].who(actor, child) for name in commands}


def case_of(actor: Actor, case_id: UUID) -> CaseAnswer:
    """The child's details and care team."""
    return cast(CaseAnswer, the_services().doors.ask(actor, ReadCase(case_id)))


def frame(case: CaseAnswer) -> dict[str, Any]:
    """What every page about a child needs around its content."""
    return {"case": case, **around(case)}


def to_the_team(case_id: UUID) -> tuple[str, str]:
    """Where one came from, for what is done with the case or its care team."""
    return url_for("children.team", case_id=case_id), _("Child and care team")


def left_behind(question: ReadLeftBehind) -> Sequence[FieldProblem]:
    """What will be asked about before a case is closed, or somebody leaves its care team."""
    answer: LeftBehindAnswer = the_services().doors.ask(require_actor(), question)
    return answer.asked
