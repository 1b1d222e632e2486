"""A form that came too late: its sender's sign-in had ended. The words go along with the sign-in page, and come back.

Nothing of it is stored on the server. Whose words they are is known from the form's own CSRF token, which the server
signed and which names the person whom it gave the page to (`token_for`). Only that person sees them again, and only
their button sends them, with a fresh token: an old token never counts as one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask import current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeTimedSerializer

from coord.web.form_token import unmasked
from coord.web.kit.field import Field, Kind, Text
from coord.web.kit.form import DECLARED
from coord.web.labels import label
from coord.web.visit import NEVER_GIVEN_BACK, safe_next

PREFIX = "unsent:"
"""Before the name of each field that a sign-in form carries, so that none of them can pass for one of its own."""
MARKER = "unsent"
"""The field that says whose words they are, and where they were going; signed."""
KEPT_SECONDS = 7 * 86400
"""A form left open over a long weekend is taken back; an older one is no longer believed."""
MOST_BYTES = 900_000
"""Of a form that is carried along: with the prefixes it must stay below what a request may hold."""
_OF_ONESELF = ("account", "factors", "passkeys", "again")
"""Whose forms hold what lets somebody in, and nothing that anybody wrote."""
_LATER = "coord-unsent-form"  # the signature's salt: a token for one purpose is worth nothing for another
_OF_CSRF = "wtf-csrf-token"  # Flask-WTF's


@dataclass(frozen=True, slots=True)
class Unsent:
    """What a person wrote, where it was to go, and who they are."""

    person_id: UUID
    path: str
    fields: tuple[tuple[str, str], ...]
    role: str = ""
    """In which they wrote it; empty for a page from before it was kept."""

    @property
    def marker(self) -> str:
        """Whose it is and where it goes, for the sign-in form to bring back."""
        return str(_signer(_LATER).dumps([self.person_id.hex, self.path, self.role]))

    def in_words(self) -> list[tuple[str, str]]:
        """What can be read of it: the name of a field, and what is in it."""
        found: dict[str, list[str]] = {}
        declared = _declared(self.fields)
        for name, value in self.fields:
            one = declared.get(name)
            heading, words = _heading(name, one), _in_words(name, one, value)
            if heading and words:
                found.setdefault(heading, []).append(words)
        return [(heading, _joined(parts)) for heading, parts in found.items()]


def token_for(person_id: UUID, role: str) -> str:
    """What a sign-in's CSRF tokens are made from: chance, and the person who gets the pages that hold them, in the role
    that they are here in."""
    return f"{secrets.token_hex(20)}.{person_id.hex}.{role}"


def came_too_late(*, chosen: bool = False) -> Unsent | None:
    """What this request's form holds, if it was sent from a page of ours and somebody had typed something in it; or,
    with ``chosen``, whatever it holds."""
    by_script = "HX-Request" in request.headers or "X-CSRFToken" in request.headers
    if request.method != "POST" or by_script or request.blueprint in _OF_ONESELF:
        return None
    if request.content_length is None or request.content_length > MOST_BYTES:
        return None
    try:
        token = unmasked(request.form.get("csrf_token", ""))
        value = _signer(_OF_CSRF).loads(token, max_age=KEPT_SECONDS)
        _chance, person, *role = str(value).split(".")
        person_id = UUID(person)
    except (BadData, ValueError):
        return None  # of nobody, of another site, or too old
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if name not in NEVER_GIVEN_BACK)
    declared = _declared(fields)
    if not chosen and not any(value.strip() and _is_written(name, declared.get(name)) for name, value in fields):
        return None
    return Unsent(person_id, safe_next(request.full_path.rstrip("?")), fields, "".join(role))


def brought_back() -> Unsent | None:
    """What the sign-in form has carried along, if its marker is ours."""
    marker = request.form.get(MARKER)
    if not marker:
        return None
    try:
        person, path, *role = _signer(_LATER).loads(marker, max_age=KEPT_SECONDS)
        person_id = UUID(person)
    except (BadData, ValueError, TypeError):
        return None
    fields = tuple(
        (name.removeprefix(PREFIX), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in NEVER_GIVEN_BACK
    )
    return Unsent(person_id, safe_next(path), fields, "".join(role))


def _signer(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["WTF_CSRF_SECRET_KEY"], salt=salt)


def _declared(fields: Iterable[tuple[str, str]]) -> dict[str, Field]:
    """The fields of the form that it is, by what it was declared as; without rows, of which it may have any number. A
    page from before forms said what they are has words that must not be lost either: they have any form's name."""
    form = DECLARED.get(dict(fields).get("form", ""))
    every = form.fields if form else (one for known in DECLARED.values() for one in known.fields)
    found: dict[str, Field] = {}
    for one in every:
        if not _is_in_a_row(one.name) and (form or one.kind in _WRITTEN):
            found.setdefault(one.name, one)
    return found


def _is_in_a_row(name: str) -> bool:
    return "." in name or name.startswith(("section-", "c-", "step-"))


# ---- in words ----------------------------------------------------------------------------------------------------

_CHOICES = {"format": "format", "audience": "audience"}
"""Fields in which one chooses among what only the page knows, with the table that names the choices."""
_WRITTEN = (Kind.TEXT, Kind.LONG, Kind.LINES, Kind.NAMES, Kind.DAY, Kind.DAYS, Kind.TIME, Kind.WHOLE)


def _is_written(name: str, one: Field | None) -> bool:
    return one.kind in _WRITTEN if one else bool(_heading_in_a_row(name))


def _heading(name: str, one: Field | None) -> str:
    """What a field is called in its form; empty for what the page itself put there, and what cannot be read."""
    if one is None:
        return _heading_in_a_row(name)
    can_be_read = one.kind in _WRITTEN or name in _CHOICES or one.words()
    return str(one.called or one.label) if can_be_read else ""


def _heading_in_a_row(name: str) -> str:
    """A field of one of many rows, and what it is about: without the row's number, or the child's name."""
    about, _dash, part = name.rpartition("-")
    row = name.partition(".")
    if name.startswith("section-"):
        key = name.removeprefix("section-")
        called = label("section", key)
        return str(_("Written in a template")) if called == key else called
    if row[0] == "text" and row[2]:
        return label("summary-section", row[2].partition(".")[0])
    if about.startswith("c-") and part in _OF_A_CHILD:
        return label("line-part", part)
    if name.startswith(("c-", "step-")):
        return str({"how": _("How"), "note": _("Note"), "text": _("Strategy"), "remark": _("Remark")}.get(part, ""))
    return str(_IN_A_ROW.get(row[0], "")) if row[2] else ""


_OF_A_CHILD = ("response", "incident", "message_home", "message_school", "absence_reason", "practice")
_ACTIVITY, _SCALE = _l("Activity"), _l("Scale")
_IN_A_ROW: dict[str, Text] = {
    "name": _l("Name"),
    **dict.fromkeys(("label", "hint"), _l("Section")),
    **dict.fromkeys(("activity", "importance", "performance", "satisfaction"), _ACTIVITY),
    **dict.fromkeys(("scale", "raw", "standard", "percentile", "low", "high", "band"), _SCALE),
}
"""Of a measure (see `coord.web.measures.form`), or of those who agreed."""


def _in_words(name: str, one: Field | None, value: str) -> str:
    if name in _CHOICES and value:
        return label(_CHOICES[name], value)
    return str(one.words().get(value, value)).strip() if one else value.strip()


def _joined(parts: list[str]) -> str:
    """The parts of a date or time on one line; statements each in a paragraph of its own."""
    return (" " if all(len(part) <= 10 for part in parts) else "\n\n").join(parts)
