"""The form of an observation: what one saw of a goal, where, with how much help, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from coord.domain.case import Note, ObservationContent
from coord.domain.case.circle import Kinship
from coord.domain.case.goals.wording import Support
from coord.domain.errors import FieldProblem
from coord.web.kit.field import Field, Kind, number_of, uuid_of
from coord.web.kit.form import Form, declared
from coord.web.kit.moment import PRESSED, moment_fields, moment_of, moment_typed, pressed_at
from coord.web.labels import KINSHIPS, SUPPORTS

SOMEBODY_ELSE = "other"
"""What stands for who is not in the list of those around the child."""
_NO_LEVEL = {"missing": _l("Choose a level, or say how much help was needed, or write a remark")}
_NO_HELP = {"missing": _l("Say how much help was needed, or write a remark")}
_IN_A_LINE = _l("What you saw, in a line. Do not name another child.")
_ONE_OBSERVER = _l("One person is one observer, however they are called.")
_NAMED_ONCE = _l("They are named once for this child, and can be chosen from then on.")
OBSERVED = declared(
    "goal-observed",
    Field("observation_id", Kind.ID, pointer="/id"),
    Field("person_id", Kind.ID, pointer="/person_id"),
    Field("scale_version", Kind.HIDDEN),
    Field("back", Kind.HIDDEN),
    Field("note", Kind.HIDDEN),
    PRESSED,
    Field("context", Kind.RADIOS, _l("Where"), says={"missing": _l("Choose where you saw it")}, look={"classes": ""}),
    Field("level", Kind.RADIOS, _l("How far"), optional=True, becomes=int, says=_NO_LEVEL, look={"classes": ""}),
    Field(
        "support",
        Kind.RADIOS,
        _l("Help that was needed"),
        optional=True,
        options={s.value: SUPPORTS[s.value] for s in Support},
        says=_NO_HELP,
    ),
    Field("remark", Kind.LONG, _l("Remark"), _IN_A_LINE, optional=True, rows=2),
    *moment_fields("when", _l("When"), "/observed_at", optional=True),
    Field(
        "seen_by",
        Kind.RADIOS,
        _l("Who saw it"),
        _ONE_OBSERVER,
        optional=True,
        becomes=lambda text: None if text == SOMEBODY_ELSE else UUID(text),
    ),
    Field(
        "reported_by",
        Kind.TEXT,
        _l("Name"),
        called=_l("Who saw it"),
        optional=True,
        says={"missing": _l("Enter their name")},
        look={"autocomplete": "off", "label_class": ""},
    ),
    Field(
        "relation",
        Kind.CHOICE,
        _l("What they are to the child"),
        _NAMED_ONCE,
        optional=True,
        options={k.value: KINSHIPS[k.value] for k in Kinship},
        first=_l("Choose"),
        says={"missing": _l("Choose what they are to the child")},
        look={"label_class": ""},
    ),
    small=True,
)
"""``seen_by`` is empty for who writes, the id of somebody around the child, or `SOMEBODY_ELSE`; those are named in
``reported_by`` and ``relation``, and join the child's circle as ``person_id``. A teacher only types the name. ``note``
is the note in which it was seen, if the way here led from one."""


def sent() -> Form:
    """What the browser sent, from the full form or from one tap; a name that was typed beside “I” is not lost."""
    form = OBSERVED.sent()
    if not form.typed["seen_by"] and form.typed["reported_by"].strip():
        form.typed["seen_by"] = SOMEBODY_ELSE
    form.counts("", {"name": "reported_by"})
    return form


def from_note(note: Note, context: str, zone: ZoneInfo) -> dict[str, Any]:
    """What a note tells of already: when it was, and (``context``) often where."""
    return {"context": context, "note": note.id, **moment_typed("when", note.observed_from, zone)}


def content_of(form: Form, now: datetime, zone: ZoneInfo) -> ObservationContent:
    """What was seen: now, if neither day nor time was typed, and today if only a time was. Who of the list saw it
    counts more than what stands beside it. Raises `InvalidInput` for what could not even be read."""
    somebody_else, at = form.typed["seen_by"] == SOMEBODY_ELSE, pressed_at(form, now)
    if form.typed["when-day"].strip() or form.typed["when-time"].strip():
        at, form.unread = moment_of(form, "when", zone, day=now.astimezone(zone).date())
    if somebody_else and not form.typed["reported_by"].strip():
        form.unread.append(FieldProblem("/reported_by", "missing"))
    values = form.values()
    form.refuse_unread()
    return ObservationContent(
        values["context"],
        values["level"],
        values["support"],
        values["remark"],
        at,
        values["reported_by"] if somebody_else else "",
        uuid_of(form.typed["note"]),
        scale_version=number_of(form.typed["scale_version"]),
        seen_by=values["seen_by"],
    )
