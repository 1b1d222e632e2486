"""What every answer about a child's goals, measures and strategies begins with."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from coord.application.questions import Shown
from coord.domain.actors import Relation, Relationship
from coord.web.api import answers
from coord.web.api.fields import choice, id_, words
from coord.web.api.schemas import Placed


class OfACase(Placed):
    """Whose it is, and what you are to the child."""

    case = id_(required=True)
    preferred_name = words(required=True)
    case_status = choice("open", "closed", required=True)
    relation = choice(*(r.value for r in Relation), required=True, null=True)


class Found(Protocol):
    """An answer of the doors about one child."""

    @property
    def case_id(self) -> UUID:
        """The child's case."""

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
        """Which position of the record it shows."""


def of_a_case(found: Found) -> dict[str, Any]:
    """The beginning of an answer; see `OfACase`."""
    return {
        "case": found.case_id,
        "preferred_name": found.preferred_name,
        "case_status": found.status,
        "relation": found.relationship.relation,
        **answers.place(found.shown),
    }
