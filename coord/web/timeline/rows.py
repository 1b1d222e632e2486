"""The rows of a timeline, each with its headline, what it tells and where more of it can be read, by month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from coord.domain.case.goals.observing import told_by_setting
from coord.web.goals.words import KINDS_IN_WORDS, entry_sentence, level_words, lower_first
from coord.web.headlines import Headline, headline_of, in_order, telling
from coord.web.kit.entry import place_of
from coord.web.labels import label, label_in
from coord.web.sections import format_called, section_called, written_in
from coord.web.spelling import format_date, reading, spelling

Label = Callable[[str, object], str]
FRAME = ("team", "case", "summary")
"""Kinds of entries whose readers need not be told."""
LOUD = ("observed", "session", "message_home", "message_school", "raised")
"""What is told of besides notes that is no change of the frame."""
LONG = 160
"""Letters: what says more is folded to two lines."""


class Said(NamedTuple):
    """A part of what an entry says."""

    name: str
    """Of a section; empty where nothing needs to be named."""
    head: str
    """Its first words, where the headline has said them: hidden while the entry is folded."""
    text: str
    """The others."""


class Rated(NamedTuple):
    """A rating inside its session, small: bars, and in words what they mean."""

    bars: int
    """How many of five; none for what was not rated."""
    goal: str
    words: str
    remark: str
    place: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is shown."""

    item: Mapping[str, Any]
    id: UUID
    kind: str
    at: datetime
    quiet: bool
    """It changes the frame of the others, and is told in smaller letters."""
    mark: str
    word: str
    """For the ear, what the mark says."""
    headline: str
    """Empty for what is told of the case, the care team and the summary."""
    place: str | None
    """Where more can be read."""
    rated: Sequence[Rated]
    texts: Sequence[Said]
    small: str
    """How, where and by whom, in small print."""
    bars: int
    """Of an observation that was rated."""
    audience: str
    long: bool
    """It says more than two lines do, or has several times."""
    new: bool


class Rows:
    """Makes rows of the entries of a page, in the reader's language."""

    def __init__(self, parts: Mapping[UUID, str]) -> None:
        """``parts`` says what each person is to the child."""
        self._parts, self._label, self._spelling = parts, label_in(reading()), spelling()

    def row(self, item: Mapping[str, Any]) -> Row:
        """A row of the timeline."""
        kind, detail, label = item["kind"], item["detail"], self._label
        note, told = kind == "note", kind in ("goal", "strategy", "measure")
        sentence = entry_sentence(item, _who(item, self._parts)) if kind in KINDS_IN_WORDS else ""
        headline, texts = _note(item, label) if note else _other(item, sentence)
        level = detail.get("level") if kind == "goal" else None
        long = note or _is_session(item) or sum(map(len, item["sections"].values())) > LONG
        small = [*self._circumstances(item)] if note else [label("alert", detail["what"])] if kind == "alert" else []
        small.append(sentence if told else self.who(item["author_name"], item["role"], item["discipline"]))
        if note and item["present"]:
            small.append(_("Present: %(names)s", names=", ".join(item["present"])))
        if recorded := self._recorded(item, long):
            small.append(recorded)
        word = label("kind", kind)
        return Row(
            item=item,
            id=item["entry_id"],
            kind=kind,
            at=item["observed_from"],
            quiet=not note and detail["what"] not in LOUD,
            mark=(item["discipline"] or "note") if note else kind,
            word=f"{word}, {label('discipline', item['discipline'])}" if note and item["discipline"] else word,
            headline=headline,
            place=place_of(item),
            rated=[_rated(rating, item) for rating in item["ratings"]],
            texts=texts,
            small=" · ".join(small),
            bars=0 if level is None else level + 3,
            audience="" if kind in FRAME else label("audience", item["audience"]),
            long=long,
            new=item["new"],
        )

    def who(self, name: str, role: str, discipline: str | None) -> str:
        """As in "Ada Lind, Therapist, Occupational therapy"."""
        known = [name, self._label("role", role)]
        return ", ".join(
            [*known, self._label("discipline", discipline)] if discipline not in (None, "school") else known
        )

    def _circumstances(self, item: Mapping[str, Any]) -> Iterator[str]:
        kept = written_in(item)
        yield kept["name"] if kept else self._label("format", item["format"])
        if item["setting"]:
            yield self._label("setting", item["setting"])

    def _recorded(self, item: Mapping[str, Any], long: bool) -> str:
        """When it was written down, where that is not when it was; of one that has its times below, where that is not
        the same day."""
        at, observed, day = item["received_at"], item["observed_from"], self._spelling.day
        if item["kind"] == "note" or at == observed or (long and day(at) == day(observed)):
            return ""
        return str(_("recorded %(time)s", time=self._spelling.minute(at)))


def _note(item: Mapping[str, Any], label: Label) -> tuple[str, list[Said]]:
    """The first sentence of the assessment or of what says something first; and all sections, in the order of the
    format. Of a note that says no more than its headline nothing is left."""
    kept = written_in(item)
    sections = in_order(item["format"], item["sections"], kept)
    chosen = telling(sections, kept)
    if chosen is None:
        return format_called(item["format"], kept), []
    first = headline_of(sections[chosen][1])
    if len(sections) == 1 and sections[0][0] == "text":
        return first.text, _after(first)
    texts = [
        Said(section_called(name, kept) if kept else label("section", name).partition(":")[0], "", text)
        for name, text in sections
    ]
    if chosen == 0:  # what would be read twice, one under the other
        texts[0] = Said(texts[0].name, first.said, first.rest)
    return first.text, texts


def _after(first: Headline, name: str = "") -> list[Said]:
    return [Said(name, first.said, first.rest)] if first.rest.strip() else []


def _other(item: Mapping[str, Any], sentence: str) -> tuple[str, list[Said]]:
    """What a goal or a strategy says is the headline of all that is told of it; the group and its number that of a
    session; else the sentence."""
    kind, detail, sections = item["kind"], item["detail"], item["sections"]
    remark = [Said("", "", f"“{sections['remark']}”")] if sections.get("remark") and kind != "group" else []
    if kind in ("goal", "strategy", "alert"):
        first = headline_of(sections[kind])
        to_do = [Said("", "", sections["what-to-do"])] if sections.get("what-to-do") else []
        why = [Said("", "", f"“{detail['reason']}”")] if detail.get("reason") else []
        return first.text, _after(first) + to_do + why + remark
    if kind == "measure":
        return _measured(detail), remark
    if kind in ("group", "message"):
        return _session(detail) if _is_session(item) else sentence, []
    if kind == "case" and detail.get("reason"):
        return "", [Said("", "", detail["reason"])]
    return "", []


def _is_session(item: Mapping[str, Any]) -> bool:
    return item["kind"] == "group" and bool(item["detail"]["what"] == "session")


def _session(detail: Mapping[str, Any]) -> str:
    kind, number = label("group-kind", detail["group"]), detail["session"]
    if detail["attendance"] == "present":
        return str(_("%(kind)s, session %(number)s", kind=kind, number=number))
    there = lower_first(label("attendance", detail["attendance"]))
    return str(_("%(kind)s, session %(number)s: %(attendance)s", kind=kind, number=number, attendance=there))


def _measured(detail: Mapping[str, Any]) -> str:
    if detail["what"] == "scored":
        return str(_("T-score of the goals"))
    return f"{detail['instrument']}, {format_date(date.fromisoformat(detail['measured_on']), 'medium')}"


def _rated(rating: Mapping[str, Any], session: Mapping[str, Any]) -> Rated:
    """The level in words, with what belongs to it; where it was seen, if the note that it stands in does not say so."""
    detail = rating["detail"]
    words = [level_words(detail["level"])]
    if session["kind"] == "note" and not told_by_setting(session["setting"], detail["context"]):
        words.append(label("context-phrase", detail["context"]))
    if detail["support"]:
        words.append(lower_first(label("support", detail["support"])))
    if rating["author_id"] != session["author_id"]:
        words.append(rating["author_name"])
    return Rated(
        bars=0 if detail["level"] is None else detail["level"] + 3,
        goal=rating["sections"]["goal"],
        words=", ".join(words),
        remark=rating["sections"].get("remark", ""),
        place=place_of(rating),
    )


def _who(item: Mapping[str, Any], parts: Mapping[UUID, str]) -> str:
    """As in "Tove Dahl, class teacher": what they are to this child, or, if they have no part in it today, their role
    and discipline: "Bo Lind, therapist, psychology"."""
    part = parts.get(item["author_id"])
    if part:
        return f"{item['author_name']}, {lower_first(label('relation', part))}"
    known = [label("role", item["role"])]
    if item["discipline"] not in (None, "", "school"):
        known.append(label("discipline", item["discipline"]))
    return ", ".join([item["author_name"], *(lower_first(words) for words in known)])


def by_month(rows: Sequence[Row], zone: ZoneInfo) -> list[tuple[date, list[Row]]]:
    """The rows of each month, in their order."""
    return [
        (month, list(group))
        for month, group in groupby(rows, key=lambda row: row.at.astimezone(zone).date().replace(day=1))
    ]
