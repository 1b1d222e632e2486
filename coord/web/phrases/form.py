"""The forms of phrases: one phrase, and a file of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from coord.application.phrases.questions import OwnPhrase
from coord.domain.errors import FieldProblem, InvalidInput
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import declared
from coord.web.messages import field_message

PHRASE = declared(
    "phrase",
    Field("expected_version", Kind.VERSION),
    Field(
        "name",
        Kind.TEXT,
        _l("Short name"),
        _l("Letters, digits and hyphens, such as laces. In a note you type ;laces and a space"),
        width=20,
        look={"autocomplete": "off"},
    ),
    Field(
        "text",
        Kind.LONG,
        _l("Text"),
        _l(
            "What is to be filled in each time stands in square brackets, such as [how long]. Please no child's name: "
            "a phrase is for all of them"
        ),
        rows=5,
    ),
    Field("shared", Kind.TICK, _l("Colleagues may read it and take it over"), optional=True),
)
FILE = declared(
    "phrases-file",
    Field("replace", Kind.TICK, _l("Replace those of mine that have the same name and other words"), optional=True),
)
_KIND, _PHRASES = "coord-phrases", "phrases"
_PARTS = {"name": _l("short name"), "text": _l("text"), "shared": _l("“shared”")}


def as_file(phrases: Iterable[OwnPhrase]) -> str:
    """One's own phrases as a file that can be read again, here or elsewhere."""
    rows = [{"name": one["name"], "text": one["text"], "shared": one["shared"]} for one in phrases]
    return json.dumps({"kind": _KIND, "version": 1, _PHRASES: rows}, ensure_ascii=False, indent=2) + "\n"


def rows_of(file: FileStorage | None) -> list[Mapping[str, Any]]:
    """The phrases in a file, whatever is in each. Raises `InvalidInput` when it is no such file."""
    if file is None or not file.filename:
        raise InvalidInput([FieldProblem("/file", "no-file")])
    try:
        found = json.loads(file.read().decode("utf-8-sig"))
        rows = found[_PHRASES]
    except (ValueError, RecursionError, TypeError, KeyError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidInput([FieldProblem("/file", "not-of-phrases")])
    return rows


def by_row(problems: Sequence[FieldProblem]) -> list[str]:
    """What is wrong with a file, a sentence each, with the phrase that it is about."""
    found = []
    for problem in problems:
        _root, _rows, number, part = (*problem.pointer.split("/"), "", "")[:4]
        words = field_message(problem)
        if number.isdigit():
            called = _PARTS.get(part, "")
            words = _("Phrase %(number)s, %(part)s: %(problem)s", number=int(number) + 1, part=called, problem=words)
        found.append(str(words))
    return found
