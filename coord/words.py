"""How words are compared: one folding of letters and marks for every search, every sort and every guard.

The same way for every view and on both databases, so nothing of it is left to a database's own collation.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not take apart, as people without them on the keyboard write them.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
        "ı": "i",
        "ĸ": "k",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ə": "e",
        # Marks for which there are several characters, and one key.
        **dict.fromkeys("‘’‛ʼʹʻ`´′ꞌ＇", "'"),
        **dict.fromkeys("“”„‟«»″＂‹›", '"'),
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        "…": "...",
    }
)
# What has a place in a text and cannot be seen: soft hyphens, joiners, marks of direction, fillers, and their like.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_NOT_ASCII = re.compile("[^\x00-\x7f]{1,64}")
_BLANK = frozenset("\u2800")
"""A character of its own right that looks like nothing at all: Braille without a dot."""


def folded(text: str) -> str:
    """Lower case without accents and what cannot be seen, with one apostrophe, one quotation mark and one hyphen: a
    search for "perche" finds "perché", "soren" finds "Søren", "d'angelo" finds "D’Angelo"."""
    plain = text.lower().replace("`", "'")
    return plain if plain.isascii() else _NOT_ASCII.sub(_folded_run, plain)


def _folded_run(run: re.Match[str]) -> str:
    return _folded_letters(run[0])


@lru_cache(4096)  # those of a language are few, and long texts are compared whenever a note is signed
def _folded_letters(text: str) -> str:
    """What `folded` makes of letters and marks that no ASCII stands between. (A mark changes none that does.)"""
    text = _UNSEEN.sub("", text).translate(_LETTERS)
    # Once more after taking apart: "㎒" holds capital letters, and one of the databases tells those from small ones.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    plain = "".join(ch for ch in decomposed if not unicodedata.combining(ch)).translate(_LETTERS)
    return _UNSEEN.sub("", plain)


def words_wanted(text: str) -> list[str]:
    """The words of a search, folded, each once: what is found has all of them, in whatever order."""
    return list(dict.fromkeys(folded(text).split()))


def found_in(wanted: list[str], *texts: str) -> bool:
    """Whether every word that is wanted stands in one of the texts."""
    facts = folded(" ".join(texts))
    return all(word in facts for word in wanted)


@lru_cache(8192)  # a list of names is sorted again at every visit
def sort_key(text: str) -> tuple[str, str]:
    """Where a text stands in a list that people read: É beside E, ø beside o, capitals beside small letters, spaces and
    marks before letters. That is the order of both languages of the pages (the root of the Unicode collation); ties
    are settled by the text itself, so that the order is the same everywhere."""
    return " ".join(folded(text).replace("-", " ").replace("'", "").split()), text


def without_unseen(text: str) -> str:
    """The text without marks of direction, soft hyphens and other characters that nobody sees, but with the joiners
    that shape letters in Persian and the scripts of India."""
    if text.isascii():
        return text
    return _UNSEEN.sub(lambda found: found[0] if found[0] in "\u200c\u200d\ufe0e\ufe0f" else "", text)


def can_be_seen(text: str) -> bool:
    """Whether a text has at least one character that leaves a mark on the page."""
    return any(ch not in _BLANK and unicodedata.category(ch)[0] not in "ZCM" for ch in _UNSEEN.sub("", text))


def isolated(text: str) -> str:
    """The text as it can stand within another: one that runs from right to left turns nothing round beside it."""
    if text.isascii() or not any(unicodedata.bidirectional(ch) in ("R", "AL", "RLE", "RLO", "AN") for ch in text):
        return text
    return f"\u2068{text}\u2069"


def spelled_alike(name: str) -> str:
    """What is the same of two spellings of one name: folded, with one space between its words."""
    return " ".join(folded(name).split())


def name_key(name: str) -> str:
    """A person's whole name for comparing: its words folded, in one order, whichever was written first."""
    return " ".join(sorted(folded(name).replace("-", " ").split()))
