"""The names of the other children: in no child's record, and in no note about the group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from unicodedata import category

from coord.words import folded

_WORD = re.compile(r"[A-Za-z0-9]+")
SHORTEST = 2
"""Letters. "A." is how people write who know not to write a name; the check is for names that slipped through."""


@lru_cache(4096)  # every child of a course, at each of its recordings
def names_of(preferred: str, full: str) -> Mapping[str, str]:
    """The words of a child's names, folded for comparing, each with how it is written; without particles ("de")."""
    return MappingProxyType({folded(w): w for text in (full, preferred) for w in _words(text)})


def _words(name: str) -> list[str]:
    """The words of a name but its particles: small ones among capitals; where all are small, those in the middle."""
    words = _words_in(name)
    told = [w for w in words if not w.islower()] or words[:1] + words[1:][-1:]
    return [w for w in told if len(w) >= SHORTEST]


def _words_in(text: str) -> list[str]:
    """The words of a text in any script: a mark belongs to its letter, be it an accent typed apart or a vowel sign."""
    if text.isascii():
        return _WORD.findall(text)
    return "".join(ch if ch.isalnum() or category(ch)[0] == "M" else " " for ch in text).split()


def names_found(
    texts: Mapping[str, str], others: Iterable[Mapping[str, str]], own: Mapping[str, str]
) -> dict[str, str]:
    """Where a text holds a name of another child: pointer -> the name as that child writes it.

    ``others`` and ``own`` are as `names_of` gives them. A word that is the child's own name as well (a sibling's family
    name) is none.
    """
    foreign = {word: written for other in others for word, written in other.items() if word not in own}
    found: dict[str, str] = {}
    for pointer, text in texts.items():
        for word in _words_in(text):
            written = foreign.get(folded(word))
            if written is not None:
                found[pointer] = written
                break
    return found
