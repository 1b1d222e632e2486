"""Answers about the child's circle as JSON; `circle_schemas` describes the same shapes."""

from __future__ import annotations

from typing import Any

from coord.application.questions import AroundTheChild, CircleAnswer
from coord.web.api.of_a_case import of_a_case


def circle(found: CircleAnswer) -> dict[str, Any]:
    """Everybody of it, and every typed name."""
    return {
        **of_a_case(found),
        "people": [
            {"id": p.id, "name": p.name, "relation": p.relation, "listed": p.listed, "version": p.version}
            for p in found.people
        ],
        "typed": [{"written": t.written, "observations": t.observations, "person": t.person} for t in found.typed],
        "may": sorted(found.may),
    }


def around(one: AroundTheChild) -> dict[str, Any]:
    """Somebody to choose as who saw something."""
    return {"id": one.id, "kind": one.kind, "name": one.name, "relation": one.relation}
