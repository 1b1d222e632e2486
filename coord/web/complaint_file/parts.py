"""The complaint file as one PDF/UA: parts of so many words, set one after the other, with the contents in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from coord.web.accessible_pdf import accessible_pdf
from coord.web.complaint_file.words import HOW_TO_READ, NOTHING, Block
from coord.web.joined_pdf import JoinedPdf
from coord.web.spelling import format_date, format_datetime

MOST_BLOCKS = 120
"""In one part: setting it takes a quarter of a megabyte for each, which typst keeps for its next ten."""
MOST_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Front:
    """What stands on the cover, and at the foot of every page. ``facts`` are name, words, and whether a person wrote
    the words."""

    language: str
    text_language: str
    title: str
    kind: str
    heading: str
    facts: Sequence[tuple[str, str, bool]]
    notes: Sequence[str]
    footer: str


@dataclass(slots=True)
class _Month:
    heading: str
    marked: bool
    blocks: list[Mapping[str, Any]] = field(default_factory=list)


class Paper:
    """Takes blocks, chapter by chapter, and writes the file as it goes."""

    def __init__(self, front: Front, write: Callable[[bytes], object], made_at: datetime) -> None:
        """``write`` takes the file piece by piece."""
        self._front, self._made_at = front, made_at
        self._joined = JoinedPdf(write)
        self._contents: list[dict[str, Any]] = []
        self._chapter = self._month_now = ""
        self._begun = False
        self._months: list[_Month] = []
        self._length = 0

    @property
    def pages(self) -> int:
        """Of the body so far."""
        return self._joined.pages

    def chapter(self, title: str) -> None:
        """What comes now is of this chapter."""
        self._chapter, self._begun, self._month_now = title, False, ""

    def add(self, block: Block) -> None:
        """Under its month, if it has a time."""
        month = str(format_date(block.when, "LLLL y")) if block.when else ""
        new = month != self._month_now
        if new or not self._months:
            self._months.append(_Month(_went_on(month, going_on=not new), marked=new and bool(month)))
        self._month_now = month
        at = str(format_datetime(block.when, "d MMM y, HH:mm:ss")) if block.when else ""
        self._months[-1].blocks.append(
            {"title": block.title, "at": at, "facts": block.facts, "texts": block.texts, "small": block.small}
        )
        self._length += block.length
        if self._length >= MOST_CHARACTERS or sum(len(m.blocks) for m in self._months) >= MOST_BLOCKS:
            self._set()

    def end_chapter(self) -> None:
        """Set what is left; of a chapter without anything, that there is nothing."""
        if self._months or not self._begun:
            self._set([] if self._months else [str(NOTHING)])

    def finish(self) -> int:
        """Set how to read it, and the front with its contents; the number of all pages."""
        self.chapter(str(_("How to read this file")))
        for heading, words in HOW_TO_READ:
            self.add(Block(str(heading), texts=[("", str(words))]))
        self.end_chapter()
        front = self._front
        sheet = {
            "front": True,
            "kind": front.kind,
            "heading": front.heading,
            "facts": [*front.facts, (_("Pages"), self._pages_in_words(), False)],
            "notes": list(front.notes),
            "contents_heading": str(_("Contents")),
            "contents": self._contents,
            "on_page": str(_("page")),
        }
        return self._joined.finish(self._pdf(sheet))

    def _pages_in_words(self) -> str:
        return str(_("1 to %(last)s, after this front with i and on", last=self._joined.pages))

    def _set(self, notes: Sequence[str] = ()) -> None:
        first = not self._begun
        heading = self._chapter if first else _went_on(self._chapter, going_on=True)
        sheet = {
            "front": False,
            "first_page": self._joined.pages + 1,
            "heading": heading,
            "marked": first,
            "notes": list(notes),
            "months": [{"heading": m.heading, "marked": m.marked, "blocks": m.blocks} for m in self._months],
        }
        marks = [(heading, 1)] * first + [(m.heading, 2) for m in self._months if m.marked]
        before = self._joined.pages
        for mark in self._joined.add(self._pdf(sheet), marks):
            self._contents.append({"title": mark.title, "level": mark.level, "page": before + mark.page + 1})
        self._months, self._length, self._begun = [], 0, True

    def _pdf(self, sheet: Mapping[str, Any]) -> bytes:
        front = self._front
        shared = {
            "language": front.language,
            "text_language": front.text_language,
            "title": front.title,
            "footer": front.footer,
            "page_word": str(_("Page")),
            "notes": [],
        }
        missing = str(_("□ stands for a letter that no font at hand can draw; the data and the screen have it."))
        return accessible_pdf("complaint-file.typ", {**shared, **sheet}, missing=missing, at=self._made_at)


def _went_on(title: str, *, going_on: bool) -> str:
    return str(_("%(title)s, continued", title=title)) if going_on and title else title
