"""What of a timeline is asked for: words, kinds, people and days, and as known when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from coord.web.kit.field import Field, Kind, Text, Words, among
from coord.web.kit.form import Form, declared
from coord.web.kit.listed import moment, period
from coord.web.labels import DISCIPLINES, KINDS, SETTINGS, label


def _choice(name: str, label: LazyString, words: Words, first: LazyString) -> Field:
    how: dict[str, Any] = {"optional": True, "options": words, "first": first, "becomes": among(words)}
    return Field(name, Kind.CHOICE, label, pointer=f"/filter/{name}", **how)


def _day(name: str, label: LazyString, hint: Text = "") -> Field:
    return Field(name, Kind.DAY, label, hint, optional=True)


SEARCH = declared(
    "timeline-search",
    Field("q", Kind.TEXT, _l("Words in the entry"), called=_l("Words"), pointer="/filter/text", optional=True),
    _choice("kind", _l("Kind of entry"), KINDS, _l("Every kind")),
    Field(
        "author",
        Kind.CHOICE,
        _l("Written by"),
        optional=True,
        first=_l("Anyone"),
        before=_l("Somebody else"),
        becomes=UUID,
        says={"unknown-choice": _l("Choose a person from the list")},
    ),
    _choice("discipline", _l("Discipline"), DISCIPLINES, _l("Any discipline")),
    _choice("setting", _l("Where it happened"), SETTINGS, _l("Anywhere")),
    _day("from", _l("From")),
    _day("to", _l("To")),
    _day("as_of", _l("As known on"), _l("The record as it stood then")),
    Field("as_of_time", Kind.TIME, _l("At"), _l("If empty, the end of the day"), optional=True),
)


def question(case_id: UUID, values: Mapping[str, Any], cursor: str) -> ReadTimeline:
    """What the filters ask. Raises `InvalidInput`."""
    start, end = period(values)
    asked = {name: values[name] for name in ("discipline", "setting", "kind", "author")}
    as_of = moment(values, "as_of", "as_of_time")
    wanted = TimelineFilter(**asked, start=start, end=end, text=values["q"])
    return ReadTimeline(case_id, wanted, as_of.first if as_of else None, cursor, gathered=True)


def offer_authors(form: Form, members: Sequence[Mapping[str, Any]]) -> None:
    """Whom one can choose as the author: the care team."""
    named = ((str(m["person_id"]), f"{m['name']}, {label('relation', m['relation'])}") for m in members)
    form.offer("author", ({"value": value, "text": text} for value, text in named))


def active_in(form: Form) -> list[tuple[str, str]]:
    """What is searched for, in words; the time whose knowledge is asked for has a banner of its own."""
    fields = ((one, form.typed[name]) for name, one in form.fields.items() if not name.startswith("as_of"))
    return [(str(one.called or one.label), form.in_words(one.name, typed)) for one, typed in fields if typed]
