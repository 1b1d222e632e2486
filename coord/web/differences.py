"""Two texts, word by word: what stayed, what was removed, what was added."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import groupby

Part = tuple[str, str]
"""``same``, ``removed`` or ``added``, and the words."""

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]+")
_MANY = 300  # tokens; above, common words are no anchors: a text of few words repeated would take a minute


def word_parts(before: str, after: str) -> list[Part]:
    """The parts in reading order: those not ``added`` make ``before``, those not ``removed`` make ``after``."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > _MANY)
    parts: list[Part] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            parts.append(("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            parts.append(("removed", "".join(old[i1:i2])))
        if j2 > j1:
            parts.append(("added", "".join(new[j1:j2])))
    return _without_islands(parts)


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
