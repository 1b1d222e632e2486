"""How words are compared in a search: the same way for every view and on both databases."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Lower case without accents, so that a search for "perche" finds "perché"."""
    if text.isascii():
        return text.lower()
    # Once more after taking apart: "㎒" holds capital letters, and one of the databases tells those from small ones.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    return "".join(ch for ch in decomposed if not unicodedata.combining(ch))


def name_key(name: str) -> str:
    """A person's whole name for comparing: its words folded, in one order, whichever was written first."""
    return " ".join(sorted(folded(name).replace("-", " ").split()))
