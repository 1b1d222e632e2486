"""The forms of a child's details and care team: their fields, as they are declared once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coord.domain.actors import Relation
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import Form, declared
from coord.web.labels import RELATIONS


def _text(name: str, label: LazyString, hint: LazyString | str = "", width: int = 0) -> Field:
    return Field(name, Kind.TEXT, label, hint, width=width, look={"autocomplete": "off"})


_LOOKS_AFTER = _l("The team that looks after the child; its lead sees the record")
_DETAILS = (
    _text("preferred_name", _l("Preferred name"), _l("What the child is called every day")),
    _text("full_name", _l("Full name")),
    Field("birth_date", Kind.DAY, _l("Date of birth")),
    _text("languages", _l("Languages at home"), _l("With commas between them")),
    _text("school", _l("School")),
    _text("school_class", _l("Class"), width=10),
    _text("team", _l("Service team"), _LOOKS_AFTER),
)
_ANOTHER = _l(
    "A case was opened from this form already. If you meant to correct it, go to the child's page. To open a case for "
    "another child, send again."
)
_WHY = _l("Why it is corrected, for example: the family told us the right spelling")
OPENED = declared("case-opened", Field("case_id", Kind.ID, pointer="/id"), *_DETAILS, taken=_ANOTHER)
CORRECTED = declared(
    "case-corrected",
    Field("expected_version", Kind.VERSION),
    *_DETAILS,
    Field("reason", Kind.LONG, _l("Reason"), _WHY, rows=3),
)
_PERSON: dict[str, Any] = {
    "first": _l("Choose a person"),
    "before": _l("The person you chose"),
    "becomes": UUID,
    "says": {"unknown-choice": _l("Choose a person from the list")},
}
RELATION = Field(
    "relation",
    Kind.CHOICE,
    _l("What they are to the child"),
    options=RELATIONS,
    first=_l("Choose what they are"),
    becomes=Relation,
)
UNTIL = Field("until", Kind.DAY, _l("Until"), _l("The last day; leave it empty if there is none"), optional=True)
ADDED = declared(
    "team-added",
    Field("person", Kind.CHOICE, _l("Person"), **_PERSON),
    RELATION,
    Field("since", Kind.DAY, _l("From"), _l("If empty, from today"), optional=True),
    UNTIL,
)


def details_of(form: Form) -> dict[str, Any]:
    """The child's details as a command takes them."""
    values = form.values()
    return {**values, "languages": [word.strip() for word in values["languages"].split(",") if word.strip()]}
