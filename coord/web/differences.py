"""Two texts, word by word: what stayed, what was removed, what was added."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import groupby

Part = tuple[str, str]
"""``same``, ``removed`` or ``added``, and the words."""

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]+")
_SENTENCE = re.compile(r"[^.!?\n]*[.!?]+\s*|[^.!?\n]*\n+|[^.!?\n]+$")
_MANY = 300  # tokens; above, common words are no anchors: a text of few words repeated would take a minute


def word_parts(before: str, after: str) -> list[Part]:
    """The parts in reading order: those not ``added`` make ``before``, those not ``removed`` make ``after``."""
    return _without_islands(_compared(before, after))


def _compared(before: str, after: str) -> list[Part]:
    """Sentence by sentence first, so that one changed word in a long note marks that word and not half of the note;
    then word by word in what differs."""
    old, new = _SENTENCE.findall(before), _SENTENCE.findall(after)
    parts: list[Part] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 2 * _MANY).get_opcodes():
        if tag == "equal":
            parts.append(("same", "".join(old[i1:i2])))
        else:
            parts.extend(_by_words("".join(old[i1:i2]), "".join(new[j1:j2])))
    return parts


def _by_words(before: str, after: str) -> list[Part]:
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    ahead = _alike(old, new)
    behind = _alike(old[ahead:][::-1], new[ahead:][::-1])
    middle_old, middle_new = old[ahead : len(old) - behind], new[ahead : len(new) - behind]
    parts: list[Part] = [("same", "".join(old[:ahead]))] if ahead else []
    many = max(len(middle_old), len(middle_new)) > _MANY
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, middle_old, middle_new, autojunk=many).get_opcodes():
        if tag == "equal":
            parts.append(("same", "".join(middle_old[i1:i2])))
            continue
        if i2 > i1:
            parts.append(("removed", "".join(middle_old[i1:i2])))
        if j2 > j1:
            parts.append(("added", "".join(middle_new[j1:j2])))
    return [*parts, ("same", "".join(old[len(old) - behind :]))] if behind else parts


def _alike(one: list[str], other: list[str]) -> int:
    """How many tokens are the same from the beginning."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _without_islands(parts: list[Part]) -> list[Part]:
    """A lone space between two changes belongs to them: nobody reads a replaced sentence word by word."""
    spread: list[Part] = []
    for i, (kind, text) in enumerate(parts):
        island = kind == "same" and not text.strip() and "\n" not in text and 0 < i < len(parts) - 1
        spread.extend((("removed", text), ("added", text)) if island else ((kind, text),))
    joined: list[Part] = []
    for same, run in groupby(spread, key=lambda part: part[0] == "same"):
        pieces = list(run)
        if same:
            joined.append(("same", "".join(text for _, text in pieces)))
            continue
        for kind in ("removed", "added"):
            if text := "".join(text for k, text in pieces if k == kind):
                joined.append((kind, text))
    return joined
