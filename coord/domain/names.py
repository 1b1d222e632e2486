"""The names of other children: in no child's record, and in no note about a group.

A guard against what slips through, not a proof. It knows how people write names (in any script, with letters that look
like others, with marks that nobody sees, apart or together) and which words of English and Italian are names and
ordinary words at once. It never forbids: where it speaks, who writes says once that no name is meant, and that is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import category

from coord.domain.input import Input
from coord.domain.name_words import FUNCTION_WORDS, ORDINARY_WORDS, PARTICLES
from coord.words import folded, without_unseen

NAMES_ANOTHER_CHILD = "names-another-child"
SHORTEST = 2
"""Letters. "A." is how people write who know not to write a name; the guard is for names that slipped through."""
# Letters of Greek and Cyrillic, and digits, that one takes for a Latin letter by looking at them.
_LOOK_ALIKE = str.maketrans(
    "авеёкмнорстухіїјѕԁԛԝһӏ" + "αβεικνορτυχϲϳ" + "0135",
    "abeekmhopctyxiijsdqwhl" + "abeikvoptuxcj" + "oles",
)
# Scripts that put no space between words: a name is looked for inside.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_JOINS = "-'’‘ʼ‐‑.·_\u00ad"
"""What may stand inside a name, or be put there: D'Angelo, Mar-low."""
_ENDS_SENTENCE = re.compile(r"(?:^|[.!?…:;\n\"“«(])\s*$")
_INITIALS = re.compile(r"(?<!\w)([^\W\d_])\.\s?(?:([^\W\d_])\.\s?)?([^\W\d_])\.?(?!\w)")


@dataclass(frozen=True, slots=True)
class Names:
    """How one child may be named: words folded for comparing, each with how it is written; and the initials."""

    words: Mapping[str, str]
    initials: frozenset[str] = frozenset()


NO_NAMES = Names({})


@lru_cache(4096)  # every child of a course, at each of its recordings
def names_of(preferred: str, full: str) -> Names:
    """The words of a child's names but the particles (de, von, La): what is told of "Di Marco" is told by "Marco"."""
    words: dict[str, str] = {}
    initials: set[str] = set()
    for text in (full, preferred):
        told = _told(text)
        for word in told:
            for key in _keys(word):
                words.setdefault(key, word)
        if len(told) > 1:
            initials.add(folded(told[0])[:1] + folded(told[-1])[:1])
    return Names(words, frozenset(initials))


def _told(text: str) -> list[str]:
    """The words of a name that tell whose it is, as they are written: without its particles."""
    words = [word for word in without_unseen(text).split() if any(ch.isalnum() for ch in word)]
    capitals = any(not word.islower() for word in words)
    told = [
        word
        for i, word in enumerate(words)
        if i == len(words) - 1 or not (_plain(word) in PARTICLES or (capitals and word.islower()))
    ]
    return [word.strip(".,;:") for word in told if len(_plain(word)) >= SHORTEST]


def _keys(word: str) -> Iterator[str]:
    """What a word of a name is found by: itself in one piece, and each of its parts that is a word of its own."""
    yield _plain(word)
    yield _skeleton(word)
    parts = [part for part in re.split(f"[{re.escape(_JOINS)}]", word) if part]
    if len(parts) > 1:
        for part in parts:
            if len(_plain(part)) >= SHORTEST and _plain(part) not in PARTICLES:
                yield _plain(part)
                yield _skeleton(part)


def _plain(word: str) -> str:
    """The letters and digits of a word, folded."""
    return "".join(ch for ch in folded(word) if ch.isalnum() or category(ch)[0] == "M")


@lru_cache(8192)
def _skeleton(word: str) -> str:
    """The word as it looks: letters of other alphabets by the Latin ones that they pass for."""
    return _plain(without_unseen(word).lower().translate(_LOOK_ALIKE))


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a text: where it begins, how it is written, and whether a sentence begins with it."""

    written: str
    first: bool


def _words_in(text: str) -> Iterator[_Word]:
    """The words of a text; of one with marks inside the whole and its parts, for both may be meant."""
    for found in re.finditer(r"\S+", text):
        chunk = found[0]
        inner = chunk.strip("".join({ch for ch in chunk if not ch.isalnum() and category(ch)[0] != "M"}) or " ")
        if not inner:
            continue
        first = bool(_ENDS_SENTENCE.search(text[: found.start()])) or not chunk[0].isalnum()
        yield _Word(inner, first)
        parts = re.findall(r"(?:[^\W_]|[\u0300-\u036f\u0900-\u0dff])+", inner)
        if len(parts) > 1:
            for i, part in enumerate(parts):
                yield _Word(part, first and i == 0)


def names_found(texts: Mapping[str, str], others: Iterable[Names], own: Names) -> dict[str, str]:
    """Where a text seems to hold a name of another child: pointer -> the name as that child writes it.

    ``others`` and ``own`` are as `names_of` gives them. A word that is the child's own name as well (a sibling's family
    name) is none.
    """
    foreign: dict[str, str] = {}
    initials: dict[str, str] = {}
    for other in others:
        foreign |= {word: written for word, written in other.words.items() if word not in own.words}
        initials |= {pair: f"{pair[0].upper()}. {pair[-1].upper()}." for pair in other.initials - own.initials}
    unspaced = {word: written for word, written in foreign.items() if _UNSPACED.search(word)}
    found: dict[str, str] = {}
    for pointer, text in texts.items():
        text = without_unseen(text)
        written = _named(text, foreign) or _named_inside(text, unspaced) or _initials(text, initials)
        if written:
            found[pointer] = written
    return found


@dataclass(frozen=True, slots=True)
class Seems:
    """A text that seems to name another child: where it is, what it says, and the name as that child writes it."""

    pointer: str
    text: str
    name: str


def seeming(texts: Mapping[str, str], others: Iterable[Names], own: Names) -> list[Seems]:
    """The texts of `names_found`, for `ask_about_names`."""
    return [Seems(pointer, texts[pointer], name) for pointer, name in names_found(texts, others, own).items()]


def ask_about_names(check: Input, seems: Iterable[Seems]) -> None:
    """Ask about each whether no name is meant. The event keeps that it was asked, and no name: it may be in the record
    of a child whose people do not know that one."""
    for one in seems:
        check.ask(one.pointer, NAMES_ANOTHER_CHILD, (one.text.strip(), one.name), kept=False, name=one.name)


def _named(text: str, foreign: Mapping[str, str]) -> str | None:
    for word in _words_in(text):
        written = foreign.get(_plain(word.written))
        if written is not None and _can_be_a_name(word, written):
            return written
        if written is None and not (word.written.isascii() and word.written.isalpha()) and not word.written.isdigit():
            alike = foreign.get(_skeleton(word.written))
            if alike is not None:
                return alike
    return None


def _can_be_a_name(word: _Word, written: str) -> bool:
    """Whether a word that spells a name can be meant as one: an ordinary word only with a capital, and a word that
    sentences often begin with not where one begins."""
    plain = folded(word.written)
    if plain not in ORDINARY_WORDS and plain not in FUNCTION_WORDS:
        return True
    if not word.written[:1].isupper():
        return written.islower() and plain not in FUNCTION_WORDS and word.written == written
    return not (word.first and plain in FUNCTION_WORDS)


def _named_inside(text: str, unspaced: Mapping[str, str]) -> str | None:
    if not unspaced or not _UNSPACED.search(text):
        return None
    plain = folded(text)
    return next((written for word, written in unspaced.items() if word in plain), None)


def _initials(text: str, initials: Mapping[str, str]) -> str | None:
    """Capitals with a full stop after the first, "M. T." or "M.T", that are a child's."""
    if not initials:
        return None
    for found in _INITIALS.finditer(text):
        letters = [ch for ch in found.groups() if ch]
        if all(ch.isupper() for ch in letters):
            written = initials.get(folded(letters[0])[:1] + folded(letters[-1])[:1])
            if written:
                return written
    return None
