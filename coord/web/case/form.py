"""The forms that open a case and correct a child's details: their fields, as they are declared once."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coord.web.kit.form import Field, Form, Kind, declared


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


def details_of(form: Form) -> dict[str, Any]:
    """The child's details as a command takes them."""
    values = form.values()
    return {**values, "languages": [word.strip() for word in values["languages"].split(",") if word.strip()]}
