"""The forms about a note: their fields, declared once, what a draft keeps of them, and what would be signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from coord.application.notes.drafts import template_of_draft
from coord.application.notes.questions import OwnLastNote
from coord.domain.actors import Actor, Role
from coord.domain.case import Audience, Circumstances, Note, NoteContent, NoteWords, Setting
from coord.domain.case.notes import (
    FORMATS,
    Format,
    NoteFormat,
    NoteSection,
    checked_content,
    counts_as,
    format_of,
    section_in,
    shared_by_both,
)
from coord.domain.errors import FieldProblem, InvalidInput
from coord.domain.note_template import WrittenIn
from coord.web.kit.drafts import KEPT, another_tab, tab_of
from coord.web.kit.field import Field, Kind, Text, uuid_of
from coord.web.kit.form import Declared, Form, declared
from coord.web.kit.moment import moment_fields, moment_of, moment_typed
from coord.web.labels import SECTIONS, SETTINGS, label
from coord.web.local_time import NotADate, read_day
from coord.web.notes import rating_form as rating
from coord.web.notes.formats import Offered, format_named, spelled, template_in
from coord.web.sections import section_called
from coord.web.spelling import format_date, format_time

SECTION = "section-"
_MOMENTS = ("from", "to")
_LEFT_OVER = _l("This is left from another template. Move what you need into the note, and clear it here")
_FROM_ANOTHER = _l("Written in another template")
_OBSERVED = (
    *moment_fields("from", _l("Observed from"), "/observed_from"),
    *moment_fields("to", _l("Observed until"), "/observed_to"),
    Field("setting", Kind.CHOICE, _l("Setting"), options=SETTINGS),
    Field("present", Kind.LONG, _l("Who was present"), _l("Beside the child and you, one on each line"), rows=2),
)
_REASON = Field(
    "reason", Kind.LONG, _l("Why it is corrected"), _l("Everybody who may read the note reads this too"), rows=2
)
_VERSION = Field("expected_version", Kind.VERSION)


def _sections(
    names: Iterable[str], kept: WrittenIn | None = None, called: Mapping[str, str] | None = None
) -> list[Field]:
    """The boxes of these sections, in the words of the template's version that is ``kept``; ``called`` are those of
    other versions and templates."""

    def label_of(name: str) -> Text:
        other = (called or {}).get(name) or SECTIONS.get(name, _FROM_ANOTHER)
        return section_called(name, kept) if section_in(kept, name) else other

    def hint_of(name: str) -> str:
        section = section_in(kept, name)
        needed = _("Needed to sign") if section and section["required"] else ""
        return ". ".join(part for part in (section["hint"].rstrip(".") if section else "", needed) if part)

    return [
        Field(
            SECTION + name,
            Kind.LONG,
            label_of(name),
            hint_of(name),
            pointer=f"/sections/{name}",
            says={"left-over": _LEFT_OVER},
        )
        for name in names
    ]


_BELOW = (Field("audience", Kind.RADIOS, _l("Who will see this")),)
"""What stands at the end of the page, in this order: here a note gets another field, by the name of its content's."""
_NOTE = (
    *_OBSERVED,
    Field(
        "linked",
        Kind.SEVERAL,
        _l("Earlier notes that this one continues"),
        called=_l("Earlier notes"),
        before=_l("The note that you chose before"),
    ),
    *_BELOW,
    Field("format", Kind.HIDDEN, called=_l("Template")),
    *KEPT,
)
BELOW = [one.name for one in _BELOW]
_AS_TYPED = [one.name for one in _NOTE if one.name in {f.name for f in fields(NoteWords)} - {"present", "linked"}]
"""What is typed is what a draft keeps of it, and what is signed."""
NOTE = declared("note", *_sections(NoteSection), *_NOTE, small=True)
AMENDMENT = declared("amendment", *_sections(NoteSection), _REASON, _VERSION, *KEPT, small=True)
CIRCUMSTANCES = declared("note-circumstances", *_OBSERVED, _REASON, _VERSION, small=True)
COSIGNATURE = declared("cosignature", _VERSION)
ADDENDUM = declared(
    "addendum",
    Field("addendum_id", Kind.ID),
    Field(
        "text",
        Kind.LONG,
        _l("What was not known at signing"),
        _l("It is signed in your name and stands below the note, which stays as it is."),
        called=_l("Addendum"),
        rows=4,
    ),
    *KEPT,
)


def in_sections(form: Declared, names: Iterable[str], goals: Iterable[str] = ()) -> Declared:
    """A form with the sections of a template, and with whatever others somebody wrote in; and with ``goals`` to rate,
    by their ids."""
    below = [one for one in form.fields if not one.name.startswith(SECTION)]
    return replace(form, fields=[*_sections(dict.fromkeys(names)), *rating.fields_for(goals), *below])


def sent_in_sections(form: Declared, names: Iterable[str] = (), goals: Iterable[str] = ()) -> Form:
    """From the browser."""
    others = (name.removeprefix(SECTION) for name in request.form if name.startswith(SECTION))
    return in_sections(form, [*names, *others], goals).sent()


def written_in(form: Form) -> dict[str, str]:
    """What was typed, by section."""
    return {name.removeprefix(SECTION): text for name, text in form.typed.items() if name.startswith(SECTION)}


def typed_in(sections: Mapping[str, str] | None) -> dict[str, str]:
    """Sections, as their fields hold them."""
    return {f"{SECTION}{name}": str(text) for name, text in (sections or {}).items()}


# ---- when, where and with whom


def circumstances_as_they_stand(circumstances: Circumstances, zone: ZoneInfo) -> dict[str, object]:
    """What the fields of the circumstances begin with."""
    return {
        **moment_typed("from", circumstances.observed_from, zone),
        **moment_typed("to", circumstances.observed_to, zone),
        "setting": circumstances.setting,
        "present": "\n".join(circumstances.present),
    }


def read_circumstances(form: Form, zone: ZoneInfo) -> tuple[datetime | None, datetime | None, list[FieldProblem]]:
    """Start, end, and what is wrong with them as typed; an end without a time is left out."""
    begun, unread = moment_of(form, "from", zone)
    if form.typed["to-time"].strip():
        ended, more = moment_of(form, "to", zone, not_before=begun)
        return begun, ended, unread + more
    if form.typed["to-day"].strip() and _another_day(form.typed["from-day"], form.typed["to-day"]):
        unread.append(FieldProblem("/observed_to/time", "not-a-time"))
    return begun, None, unread


def _another_day(one: str, other: str) -> bool:
    try:
        return read_day(one) != read_day(other)
    except NotADate:
        return False


def people_in(form: Form) -> list[str]:
    """Who was present, one on each line."""
    return [line.strip() for line in form.typed["present"].splitlines() if line.strip()]


# ---- a note that is written


def lay_out(form: Form, template: Format, called: Mapping[str, str]) -> None:
    """Give a form the boxes of what it is written in, in order and in its words, below them those in which something
    else is left; ``called`` are sections of other templates."""
    names = dict.fromkeys([*template.sections, *written_in(form)])
    others = [one for one in form.fields.values() if not one.name.startswith(SECTION)]
    form.fields = {one.name: one for one in [*_sections(names, template.written_in, called), *others]}
    form.typed |= {name: "" for name in form.fields if name not in form.typed}
    form.typed["format"] = spelled_of(template)


def spelled_of(template: Format) -> str:
    """What is written in, as the form of a note has it."""
    kept = template.written_in
    return f"{template.name}:{kept['id']}:{kept['version']}" if kept else template.name


def blank(
    name: str,
    linked: Sequence[UUID],
    began_with: Mapping[str, object],
    now: datetime,
    zone: ZoneInfo,
    likely: tuple[datetime, datetime] | None,
) -> Form:
    """A page without a word: from when until when is ``likely``, or today at a time to be typed; where and for whom,
    it ``began_with`` (see `beginning`)."""
    when = {f"{which}-day": now.astimezone(zone).date() for which in _MOMENTS}
    for which, moment in zip(_MOMENTS, likely or (), strict=False):
        when |= moment_typed(which, moment, zone)
    return in_sections(NOTE, FORMATS[name].sections if name in FORMATS else ()).of(
        {
            **when,
            **began_with,
            "format": name,
            "linked": linked,
            **another_tab(),
        }
    )


def beginning(actor: Actor, own: OwnLastNote | None) -> dict[str, object]:
    """Where and for whom a note is, to begin with: as the author's last of this child. A teacher's is at school; and
    nobody's begins with more readers than the care team, whoever was let read the last."""
    setting, audience = Setting.THERAPY_ROOM.value, Audience.CARE_TEAM.value
    if own is not None:
        setting, audience = own["setting"], shared_by_both(own["audience"], audience)
    if actor.role is Role.TEACHER:
        setting = Setting.SCHOOL.value
    return {"setting": setting, "audience": audience}


def sent(actor: Actor, name: str = "") -> Form:
    """What the browser sent of a note; in the format or template of this ``name``, if another one was chosen."""
    name = name or request.form.get("format", "")
    form = sent_in_sections(NOTE, _known_sections(name, actor), rating.rated_from_browser())
    form.typed["format"] = name
    return form


def _known_sections(name: str, actor: Actor) -> Sequence[str]:
    """Those of a format. (Those of a template are on the page that is sent, and laid out on the one that is shown.)"""
    return () if template_in(name) else format_named(name, actor).sections


def kept(body: Mapping[str, Any], revision: int, actor: Actor, zone: ZoneInfo) -> Form:
    """What a draft holds, whether a page made it or the API. It goes on as another tab."""
    typed, sections = body.get("typed") or {}, body.get("sections") or {}
    name = spelled(template_of_draft(body), body.get("format") or "")
    ratings = rating.rated_in(body.get("ratings") or ())
    stands: dict[str, Any] = {
        **typed_in(sections),
        **ratings,
        **_moment_kept(typed, "from", body.get("observed_from"), zone),
        **_moment_kept(typed, "to", body.get("observed_to"), zone),
        **{name: body.get(name) for name in _AS_TYPED},
        "format": name,
        "present": typed.get("present") or "\n".join(str(p) for p in body.get("present") or ()),
        "linked": [i for i in dict.fromkeys(body.get("linked") or ()) if uuid_of(str(i))],
        **another_tab(revision),
    }
    names = [*_known_sections(name, actor), *map(str, sections)]
    return in_sections(NOTE, names, rating.goals_of(ratings)).of(stands)


def _moment_kept(typed: Mapping[str, Any], name: str, moment: object, zone: ZoneInfo) -> dict[str, object]:
    if f"{name}-day" in typed:
        return {part: typed.get(part) for part in (f"{name}-day", f"{name}-time", f"{name}-second")}
    try:
        return moment_typed(name, datetime.fromisoformat(str(moment)), zone)
    except ValueError:
        return {}


def left_over(form: Form, template: Format) -> list[str]:
    """Sections with words that the template does not have: typed before another one was chosen."""
    return [name for name, text in written_in(form).items() if name not in template.sections and text.strip()]


def has_words(form: Form) -> bool:
    """Whether anything is written or rated. When, where and for whom are filled in by the page itself."""
    return any(text.strip() for text in written_in(form).values()) or bool(rating.rated(form))


def section_for(template: Format, name: str, kept: WrittenIn | None) -> str:
    """Where the words belong that were a section of an earlier note, in a format or the version of a template that it
    ``kept``: in the same section, else in one that counts as the same, else in the first."""
    if name in template.sections:
        return name
    same = counts_as(name, kept)
    alike = (one for one in template.sections if same and counts_as(one, template.written_in) == same)
    return next(alike, template.sections[0])


def take_over(form: Form, name: str, text: str) -> str:
    """Put the words of a section of an earlier note where they belong, below what is there already; the field that they
    are in now."""
    field = SECTION + name
    there = form.typed[field].rstrip()
    if text not in there:
        form.typed[field] = f"{there}\n\n{text}" if there else text
    return field


def boxes_of(template: Format) -> list[str]:
    """The fields of its sections."""
    return [SECTION + name for name in template.sections]


def put_in(form: Form, template: Format, box: str, text: str) -> str:
    """Put a phrase at the end of a box, or of the first where there is none of the name; the box."""
    boxes = boxes_of(template)
    box = box if box in boxes else boxes[0]
    form.typed[box] = f"{form.typed[box].rstrip()}\n{text}".strip()
    return box


def when_and_where(form: Form, zone: ZoneInfo, now: datetime) -> str:
    """The circumstances in a line; "" where they cannot be read, or a time is missing."""
    begun, ended, unread = read_circumstances(form, zone)
    if begun is None or unread or any(form.wrong.get(one.name) for one in _OBSERVED):
        return ""

    def on(moment: datetime) -> str:
        day = moment.astimezone(zone).date()
        return _("today") if day == now.astimezone(zone).date() else format_date(day, "medium")

    words = [on(begun), format_time(begun, "short")]
    if ended and ended != begun:
        another_day = "" if on(ended) == on(begun) else f"{on(ended)}, "
        words[-1] += f"–{another_day}{format_time(ended, 'short')}"
    if form.typed["setting"]:
        words.append(label("setting", form.typed["setting"]))
    line = ", ".join([*words, *people_in(form)])
    return line[:1].upper() + line[1:]


def body_of(form: Form, zone: ZoneInfo) -> dict[str, object]:
    """What a draft keeps: the content as the API has it, and beside it what was typed, complete or not."""
    start, end, _unread = read_circumstances(form, zone)
    used = template_in(form.typed["format"])
    return {
        **{name: form.typed[name] for name in _AS_TYPED},
        **(
            {"format": NoteFormat.TEMPLATE.value, "template": {"id": str(used.id), "version": used.version}}
            if used
            else {}
        ),
        "sections": {name: text for name, text in written_in(form).items() if text},
        "observed_from": start.isoformat() if start else "",
        "observed_to": end.isoformat() if end else "",
        "present": people_in(form),
        "linked": [one for one in form.typed["linked"] if uuid_of(one)],
        **({"ratings": rated} if (rated := rating.rated(form)) else {}),
        "typed": {
            **{f"{name}-{part}": form.typed[f"{name}-{part}"] for name in _MOMENTS for part in ("day", "time")},
            **{f"{name}-second": form[f"{name}-second"] for name in _MOMENTS},
            "present": form.typed["present"],
        },
        **tab_of(form),
    }


def content_of(form: Form, actor: Actor, offered: Offered, now: datetime, zone: ZoneInfo) -> NoteContent:
    """The note to sign. Raises `InvalidInput` with every problem at once."""
    template, used = offered.named(form.typed["format"]), template_in(form.typed["format"])
    start, end, form.unread = read_circumstances(form, zone)
    linked = [UUID(one) for one in form.typed["linked"] if uuid_of(one)]
    if len(linked) < len(form.typed["linked"]):
        form.unread.append(FieldProblem("/linked", "unknown-choice"))
    content = NoteContent(
        **{name: form.typed[name] for name in _AS_TYPED} | ({"format": NoteFormat.TEMPLATE.value} if used else {}),
        template=used,
        sections={name: text for name, text in written_in(form).items() if name in template.sections},
        observed_from=start,
        observed_to=end,
        present=people_in(form),
        linked=linked,
    )
    problems = [
        *form.unread,
        *(FieldProblem(f"/sections/{name}", "left-over") for name in left_over(form, template)[:1]),
    ]
    try:
        checked_content(content, actor=actor, now=now, written_in=template.written_in)
    except InvalidInput as invalid:
        problems += invalid.problems
    if problems:
        raise InvalidInput(problems)
    return content


# ---- what is written to a note that is signed


def begin_addendum(text: str = "", addendum_id: str = "", revision: int = 0) -> Form:
    """An addendum, to begin with or to go on with."""
    return ADDENDUM.of({"text": text, "addendum_id": addendum_id, **another_tab(revision)})


def begin_amendment(note: Note, sections: Mapping[str, str], reason: str, version: int, revision: int = 0) -> Form:
    """A whole new text of a note, and why, to begin with or to go on with."""
    written = format_of(note.format, note.written_in)
    stands = {**typed_in(sections), "reason": reason, "expected_version": version, **another_tab(revision)}
    form = in_sections(AMENDMENT, [*(written.sections if written else ()), *sections]).of(stands)
    call_sections(form, note)
    return form


def call_sections(form: Form, note: Note) -> None:
    """Call the boxes of a correction as the note has them."""
    names = [name.removeprefix(SECTION) for name in form.fields if name.startswith(SECTION)]
    form.fields |= {one.name: one for one in _sections(names, note.written_in)}


def sent_after_signing(kind: str) -> Form:
    """From the browser."""
    return ADDENDUM.sent() if kind == "addendum" else sent_in_sections(AMENDMENT)


def body_after_signing(form: Form, note_id: UUID) -> dict[str, object]:
    """What a draft keeps of it."""
    typed = form.typed
    return {
        "note": str(note_id),
        "sections": {"text": typed["text"]} if "text" in typed else written_in(form),
        "reason": typed.get("reason", ""),
        "version": form.version,
        "addendum_id": typed.get("addendum_id", ""),
        **tab_of(form),
    }
