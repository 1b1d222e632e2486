"""What an entry says first: composed when it is shown, of words that its reader may read, and kept nowhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from coord.domain.case.notes import counts_as, format_of
from coord.domain.note_template import WrittenIn

LENGTH = 90
"""Letters of a headline, about: one line at a desk, two or three on a phone."""
_PAUSE = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]|(?=\n)")
"""Where a sentence may end."""
_NUMBER = re.compile(r"\d{1,2}")
_ABBREVIATIONS = frozenset(
    {"dr", "mr", "mrs", "ms", "prof", "st", "vs", "ca", "approx", "no", "e.g", "i.e", "etc", "min", "max"}
    | {"dott", "sig", "sigg", "es", "ecc", "pag", "tel", "cfr"}
)
"""Of English and Italian: a full stop after one of them ends no sentence by itself."""
_QUOTES = "\"'“‘«(["


class Headline(NamedTuple):
    """The first words of a text, and whether they are all of it."""

    said: str
    """As they stand in the text: with ``rest`` it is the whole of it."""
    rest: str
    cut: bool
    """In the middle of a sentence."""

    @property
    def text(self) -> str:
        """As one reads it."""
        return f"{self.said.rstrip(' ,;:–-')}…" if self.cut else self.said


def headline_of(text: str) -> Headline:
    """The first sentence, cut at a word where it is long."""
    text = text.strip()
    end = _first_end(text)
    if end <= LENGTH:
        return Headline(text[:end], text[end:], cut=False)
    at = text.rfind(" ", LENGTH // 2, LENGTH + 1)
    at = at if at > 0 else LENGTH
    return Headline(text[:at], text[at:], cut=True)


def in_order(format: str, sections: Mapping[str, str], kept: WrittenIn | None = None) -> list[tuple[str, str]]:
    """The sections of a note, in the order of its format, or of the template's version that it ``kept``."""
    written = format_of(format, kept)
    known = written.sections if written else ()
    names = [n for n in known if n in sections] + [n for n in sections if n not in known]
    return [(name, sections[name]) for name in names]


def title_of(format: str, sections: Mapping[str, str], kept: WrittenIn | None = None) -> str:
    """What a note says first; empty if it says nothing."""
    ordered = in_order(format, sections, kept)
    chosen = telling(ordered, kept)
    return "" if chosen is None else headline_of(ordered[chosen][1]).text


def telling(sections: Sequence[tuple[str, str]], kept: WrittenIn | None = None) -> int | None:
    """Which section of a note its headline is of: its assessment, else the first that says something."""
    says = [place for place, (_, text) in enumerate(sections) if any(map(str.isalnum, text))]
    assessed = (place for place in says if counts_as(sections[place][0], kept) == "assessment")
    return next(assessed, says[0] if says else None)


def _first_end(text: str) -> int:
    for pause in _PAUSE.finditer(text):
        if pause.end() and _ends(text, pause):
            return pause.end()
    return len(text)


def _ends(text: str, pause: re.Match[str]) -> bool:
    """Whether a sentence ends here: what goes on with a small letter goes on; and so does what stands after the number
    of a list, an initial or an abbreviation."""
    if not pause.group().startswith("."):
        return True
    follows = text[pause.end() :].lstrip().lstrip(_QUOTES)[:1]
    before = text[: pause.start()].rsplit(None, 1)
    word = before[-1].lstrip(_QUOTES) if before else ""
    listed = len(before) <= 1 and _NUMBER.fullmatch(word)
    initial = len(word) == 1 and word.isalpha()
    return not (follows.islower() or listed or initial or word.lower() in _ABBREVIATIONS)
