"""What of a text is shown of what was found in it: the sentences that have the words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from coord.words import folded

SENTENCE = 240
"""Characters of a sentence that are shown; of a longer one those around the word."""
_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")


def excerpt(texts: Iterable[str], wanted: Sequence[str]) -> str:
    """For each of the words the first sentence that has it, in the order of the texts; where none has any (they stand
    in what is not shown as a text), the first sentence of all."""
    sentences = [found for text in texts for one in _ENDS.split(text) if (found := one.strip())]
    shown: dict[int, str] = {}
    for word in wanted:
        if any(word in folded(sentence) for sentence in shown.values()):
            continue
        for number, sentence in enumerate(sentences):
            if word in folded(sentence):
                shown[number] = _around(word, sentence)
                break
    if not shown and sentences:
        return _around("", sentences[0])
    return " … ".join(shown[number] for number in sorted(shown))


def _around(word: str, sentence: str) -> str:
    """A sentence, or of one that is too long whole words before and after the one that is looked for."""
    if len(sentence) <= SENTENCE:
        return sentence
    words = sentence.split()
    at = next((number for number, one in enumerate(words) if word in folded(one)), 0)
    first = last = at
    length = len(words[at])
    while length < SENTENCE and (first > 0 or last < len(words) - 1):
        if first > 0:
            first -= 1
            length += len(words[first]) + 1
        if last < len(words) - 1 and length < SENTENCE:
            last += 1
            length += len(words[last]) + 1
    text = " ".join(words[first : last + 1])
    return f"{'… ' if first else ''}{text}{' …' if last < len(words) - 1 else ''}"
