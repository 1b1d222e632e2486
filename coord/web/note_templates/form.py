"""The form of a template of notes: its name, and its sections in rows, with buttons to add, move and remove them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coord.domain.errors import FieldProblem, InvalidInput
from coord.domain.note_template import MOST_SECTIONS, SectionContent, TemplateContent
from coord.web.kit.field import Field, Kind, Words, number_of
from coord.web.kit.form import Declared, Form, declared
from coord.web.labels import COUNTS_AS

PARTS = ("key", "label", "hint", "required", "counts_as")
MOST_ROWS = MOST_SECTIONS + 3
"""On the page, the empty ones among them."""


_OTHER = _l("Something else")


def _of_section(i: int) -> list[Field]:
    def part(name: str, kind: Kind, label: LazyString, short: LazyString, **more: Any) -> Field:
        called = LazyString(lambda: _("Section %(number)s, %(part)s", number=i + 1, part=short))
        return Field(f"{name}.{i}", kind, label, called=called, target=f"{name}-{i}", optional=True, **more)

    twice: Words = {"given-twice": _l("Another section is called so already")}
    return [
        Field(f"key.{i}", Kind.HIDDEN),
        part("label", Kind.TEXT, _l("Above the box"), _l("words above the box"), says=twice),
        part("hint", Kind.TEXT, _l("A line of help (optional)"), _l("line of help")),
        part("required", Kind.TICK, _l("A note cannot be signed without it"), _l("needed")),
        part("counts_as", Kind.CHOICE, _l("What it is"), _l("what it is"), options=COUNTS_AS, first=_OTHER),
    ]


_SECTIONS = Field(
    "sections",
    Kind.ROWS,
    _l("Sections"),
    says={
        "missing": _l("Add at least one section"),
        "none-required": _l("Tick at least one section without which a note cannot be signed"),
    },
    target="add-section",
)
_NAME = Field("name", Kind.TEXT, _l("Name of the template"), _l("It is the words of a button: keep it short"), width=20)
_ALL = Field("all_teams", Kind.TICK, _l("For every service team, not only yours"))
_ABOVE = (_NAME, _ALL, _SECTIONS)
_TAKEN = _l("A template was drawn up from this form already. To draw up another one, send it again.")
_REASON = Field("reason", Kind.LONG, _l("Why it is changed"), _l("It stands beside the new version"), rows=2)
_NEW = (Field("template_id", Kind.ID, pointer="/id"), *_ABOVE)
_CHANGED = (Field("expected_version", Kind.VERSION), *_ABOVE)
NEW = declared("note-template-new", *_NEW, *_of_section(0), taken=_TAKEN, small=True)
CHANGED = declared("note-template-changed", *_CHANGED, *_of_section(0), _REASON, small=True)


def _with_rows(form: Declared, count: int) -> Declared:
    rows = [one for i in range(count) for one in _of_section(i)]
    return replace(form, fields=[*_NEW, *rows] if form.name == NEW.name else [*_CHANGED, *rows, _REASON])


def begun(form: Declared, stands: Mapping[str, Any], sections: Sequence[Mapping[str, Any]]) -> Form:
    """The form with what stands, and its sections in rows."""
    rows = {f"{name}.{i}": section.get(name, "") for i, section in enumerate(sections) for name in PARTS}
    return _with_rows(form, len(sections)).of({**stands, **rows})


def sent(form: Declared) -> Form:
    """From the browser."""
    rows = min(number_of(request.form.get("rows", "")) or 0, MOST_ROWS)
    return _with_rows(form, max(rows, 0)).sent()


def rows_of(form: Form) -> list[dict[str, str]]:
    """What was typed, section by section."""
    count = sum(name.startswith("label.") for name in form.fields)
    return [{name: form.typed[f"{name}.{i}"] for name in PARTS} for i in range(count)]


def changed(declared: Declared, form: Form) -> Form | None:
    """The form after a button that is about one section; None where it was none. Raises `InvalidInput` where the page
    is full."""
    rows = rows_of(form)
    what, _dash, which = request.form.get("action", "").partition("-")
    i = number_of(which)
    if what == "add":
        if len(rows) >= MOST_ROWS:
            raise InvalidInput([FieldProblem("/sections", "too-many", {"limit": MOST_SECTIONS})])
        rows.append({})
    elif what == "remove" and i is not None and 0 <= i < len(rows):
        del rows[i]
    elif what == "up" and i is not None and 1 <= i < len(rows):
        rows[i - 1], rows[i] = rows[i], rows[i - 1]
    elif what != "look":
        return None
    return begun(declared, form.typed, rows)


def content_of(form: Form, values: Mapping[str, Any]) -> TemplateContent:
    """What would be drawn up. A row that says nothing at all is left out."""
    sections: list[SectionContent] = []
    for i, typed in enumerate(rows_of(form)):
        if any(text.strip() for text in typed.values()):
            form.counts(f"/sections/{len(sections)}", {name: f"{name}.{i}" for name in PARTS})
            said = {name: values[f"{name}.{i}"] for name in PARTS if name != "key"}
            sections.append(SectionContent(**said, key=typed["key"]))
    return TemplateContent(values["name"], sections, values["all_teams"])


def as_typed(form: Form) -> list[dict[str, Any]]:
    """The sections as the page would show them now, for a look at what a writer will see."""
    rows = rows_of(form)
    return [{**row, "required": row["required"] == "yes"} for row in rows if row["label"].strip()]
