"""Namesakes are told apart wherever a child is chosen or named in a list: two who are called alike get a birth date
and, for readers who may not know it, a class beside the name. Everybody else keeps just the name: calmer to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from coord.web.spelling import format_date
from coord.words import spelled_alike


def names_of(children: Sequence[Mapping[str, Any]], marks: Mapping[UUID, str] | None = None) -> dict[UUID, str]:
    """What to call each child of a list: the preferred name; of namesakes, whatever tells them apart with it.

    ``marks`` are their `marks_of`, for who has asked for them already.
    """
    marks = marks_of(children) if marks is None else marks
    return {
        child["case_id"]: f"{child['preferred_name']} ({marks[child['case_id']]})"
        if child["case_id"] in marks
        else child["preferred_name"]
        for child in children
    }


def marks_of(children: Sequence[Mapping[str, Any]]) -> dict[UUID, str]:
    """What tells those apart who share a preferred or a full name with another child of the list; no others."""
    every = [(child, _names(child)) for child in children]
    alike = Counter(name for _, names in every for name in names)
    return {
        child["case_id"]: mark
        for child, names in every
        if any(alike[name] > 1 for name in names) and (mark := _mark(child))
    }


def called(child: Any) -> str:
    """What to call a child of a course: with the birth date where another one in it is called alike."""
    born = getattr(child, "born", None)
    return f"{child.preferred_name} ({born_words(born)})" if born else str(child.preferred_name)


def born_words(day: Any) -> str:
    """A birth date, as it stands beside a name."""
    return str(_("born %(day)s", day=format_date(day, "medium")))


def _names(child: Mapping[str, Any]) -> set[tuple[str, str]]:
    names = (("preferred", child["preferred_name"]), ("full", child.get("full_name") or ""))
    return {(kind, spelled_alike(name)) for kind, name in names if name}


def _mark(child: Mapping[str, Any]) -> str:
    parts = [born_words(child["birth_date"])] if child.get("birth_date") else []
    parts += [child["school_class"]] if child.get("school_class") else []
    return ", ".join(parts)
