"""A form that came too late: its sender's sign-in had ended. The words go along with the sign-in page, and come back.

Nothing of it is stored on the server. Whose words they are is known from the form's own CSRF token, which the server
signed and which names the person whom it gave the page to (`token_for`). Only that person sees them again, and only
their button sends them, with a fresh token: an old token never counts as one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from flask import current_app, request
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer

from coord.web.form_token import unmasked
from coord.web.kit.field import Kind, Text
from coord.web.kit.form import DECLARED
from coord.web.labels import label
from coord.web.visit import safe_next

PREFIX = "unsent:"
"""Before the name of each field that a sign-in form carries, so that none of them can pass for one of its own."""
MARKER = "unsent"
"""The field that says whose words they are, and where they were going; signed."""
KEPT_SECONDS = 7 * 86400
"""A form left open over a long weekend is taken back; an older one is no longer believed."""
MOST_BYTES = 900_000
"""Of a form that is carried along: with the prefixes it must stay below what a request may hold."""
NEVER_CARRIED = frozenset({"csrf_token", "password", "current", "again", "new", "next"})
_LATER = "coord-unsent-form"  # the signature's salt: a token for one purpose is worth nothing for another
_OF_CSRF = "wtf-csrf-token"  # Flask-WTF's


@dataclass(frozen=True, slots=True)
class Unsent:
    """What a person wrote, where it was to go, and who they are."""

    person_id: UUID
    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def marker(self) -> str:
        """Whose it is and where it goes, for the sign-in form to bring back."""
        return str(_signer(_LATER).dumps([self.person_id.hex, self.path]))

    def in_words(self) -> list[tuple[str, str]]:
        """What can be read of it: the name of a field, and what is in it."""
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            heading, words = _heading(name), _in_words(name, value)
            if heading and words:
                found.setdefault(heading, []).append(words)
        return [(heading, _joined(parts)) for heading, parts in found.items()]


def token_for(person_id: UUID) -> str:
    """What a sign-in's CSRF tokens are made from: chance, and the person who gets the pages that hold them."""
    return f"{secrets.token_hex(20)}.{person_id.hex}"


def came_too_late() -> Unsent | None:
    """What this request's form holds, if it was sent from a page of ours and somebody had typed something in it."""
    by_script = "HX-Request" in request.headers or "X-CSRFToken" in request.headers
    if request.method != "POST" or by_script or request.blueprint == "account":
        return None
    if request.content_length is None or request.content_length > MOST_BYTES:
        return None
    try:
        token = unmasked(request.form.get("csrf_token", ""))
        value = _signer(_OF_CSRF).loads(token, max_age=KEPT_SECONDS)
        person_id = UUID(str(value).partition(".")[2])
    except (BadData, ValueError):
        return None  # of nobody, of another site, or too old
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if name not in NEVER_CARRIED)
    if not any(value.strip() and _is_typed(name) for name, value in fields):
        return None
    return Unsent(person_id, safe_next(request.full_path.rstrip("?")), fields)


def brought_back() -> Unsent | None:
    """What the sign-in form has carried along, if its marker is ours."""
    marker = request.form.get(MARKER)
    if not marker:
        return None
    try:
        person, path = _signer(_LATER).loads(marker, max_age=KEPT_SECONDS)
        person_id = UUID(person)
    except (BadData, ValueError, TypeError):
        return None
    fields = tuple(
        (name.removeprefix(PREFIX), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in NEVER_CARRIED
    )
    return Unsent(person_id, safe_next(path), fields)


def _signer(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["WTF_CSRF_SECRET_KEY"], salt=salt)


# ---- in words ----------------------------------------------------------------------------------------------------

_CHOICES = {
    "format": "format",
    "setting": "setting",
    "audience": "audience",
    "relation": "relation",
    "role": "role",
    "discipline": "discipline",
}
"""Fields in which one chooses, with the table that names the choices."""
_OF_AN_ACTIVITY = frozenset(
    {"title", "purpose", "materials", "contraindications", "watch", "steps"}
    | {"grade_down", "grade_up", "at_home", "in_class"}
)
"""What is typed of an activity; and the title of a course."""


_WRITTEN = (Kind.TEXT, Kind.LONG, Kind.LINES, Kind.DAY, Kind.DAYS, Kind.TIME, Kind.WHOLE)


def _is_typed(name: str) -> bool:
    return name not in _CHOICES and bool(_heading(name))


def _heading(name: str) -> str:
    """What a field is called; empty for what the page itself put there."""
    if name.startswith("section-"):
        return label("section", name.removeprefix("section-"))
    if name.startswith("text."):
        return label("summary-section", name.split(".")[1])
    if name.startswith(("c-", "note-", "step-")):
        return _heading_of_session(name)
    if name in _OF_AN_ACTIVITY:
        return label("activity-field", name)
    if name in ("room", "first_date", "holidays"):
        return label("course-part", name)
    if "." in name:
        return _heading_in_a_row(name.partition(".")[0])
    if name.startswith(("level-minus", "level-plus")):
        return str(_("Level"))
    known = {
        "aims": _("What this session is for"),
        "format": _("Template"),
        "setting": _("Setting"),
        "audience": _("Who will see this"),
        "relation": _("What they are to the child"),
        "since": _("From"),
        "until": _("Until"),
        "role": _("Role"),
        "discipline": _("Discipline"),
        "reported_by": _("Who saw it, if not you"),
        "norm_set": _("Norms"),
        "language": _("Language of the test"),
        "guardians": _("Parents or guardians who come too"),
        "override": _("Why it shall be so all the same"),
    }
    return str(known.get(name) or _declared(name))


def _declared(name: str) -> Text:
    """What the form in which one writes it calls it."""
    fields = (one for form in DECLARED.values() for one in form.fields if one.name == name)
    return next((one.called or one.label for one in fields if one.kind in _WRITTEN), "")


def _heading_of_session(name: str) -> str:
    """A field of a session planned or recorded (see `coord.web.groups.session_form`), without the child's name."""
    about, _dash, part = name.rpartition("-")
    if about == "note":
        return label("note-part", part)
    words = ("response", "incident", "message_home", "message_school", "absence_reason", "practice")
    if about.startswith("c-") and part in words:
        return label("line-part", part)
    return str({"how": _("How"), "note": _("Note"), "text": _("Strategy")}.get(part, ""))


def _heading_in_a_row(name: str) -> str:
    """A field of one row: of a measure (see `coord.web.measures.form`), or of those who agreed."""
    if name == "name":
        return str(_("Name"))
    if name in ("activity", "importance", "performance", "satisfaction"):
        return str(_("Activity"))
    return str(_("Scale")) if name in ("scale", "raw", "standard", "percentile", "low", "high", "band") else ""


def _in_words(name: str, value: str) -> str:
    return label(_CHOICES[name], value) if name in _CHOICES and value else value.strip()


def _joined(parts: list[str]) -> str:
    """The parts of a date or time on one line; statements each in a paragraph of its own."""
    return (" " if all(len(part) <= 10 for part in parts) else "\n\n").join(parts)
