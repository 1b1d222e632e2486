"""What the first pages have in common: the blueprint, and the search among one's children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, request

from coord.words import found_in, words_wanted

pages = Blueprint("home", __name__)

MANY_CHILDREN = 8
"""More than this, and the list gets a search."""


def sought() -> str:
    """What is looked for."""
    return request.args.get("q", "").strip()


def found_among(children: Sequence[Mapping[str, Any]], text: str) -> list[Mapping[str, Any]]:
    """The children that fit what is looked for; all, if it is nothing."""
    return [child for child in children if _matches(child, text)] if text else list(children)


def _matches(child: Mapping[str, Any], text: str) -> bool:
    """Whether every word is in the child's names, school or class, without regard to capitals and accents."""
    facts = (str(child.get(name, "")) for name in ("preferred_name", "full_name", "school", "school_class"))
    return found_in(words_wanted(text), *facts)
