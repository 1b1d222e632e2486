"""Phrases: words that somebody writes again and again, by a short name of their own, with places to fill.

They are drafts of words and no part of the record: there is no child in them, and no event tells of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, TypedDict

from coord.domain.input import Input
from coord.domain.said import Said

LONGEST_NAME, LONGEST_TEXT = 40, 2_000  # characters
MOST_PHRASES = 100
"""Of one person: the page where one writes holds them all."""
_NAME = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


class PhraseWords(TypedDict):
    """A phrase as it is written; ``[…]`` in the text is a place to fill."""

    name: str
    text: str
    shared: bool


PhraseName = Annotated[
    str, Said("Letters, digits and hyphens, without capitals: what is typed after `;`", most=LONGEST_NAME)
]
PhraseText = Annotated[
    str, Said("With `[…]` where something is to be filled in. No child's name belongs in it", most=LONGEST_TEXT)
]


def as_name(typed: str) -> str:
    """A short name as it is kept and looked for: without capitals, and without the ``;`` before it."""
    return unicodedata.normalize("NFC", typed.strip().removeprefix(";").casefold())


def checked(check: Input, name: object, text: object, shared: object = False, *, under: str = "") -> PhraseWords:
    """What is to be kept of one phrase; ``under`` goes before the pointers of what is wrong with it."""
    short = as_name(check.text(f"{under}/name", name, limit=LONGEST_NAME, lines=False))
    if short and not _NAME.fullmatch(short):
        check.problem(f"{under}/name", "not-a-short-name")
    if not isinstance(shared, bool):
        check.problem(f"{under}/shared", "wrong-type")
    words = check.text(f"{under}/text", text, limit=LONGEST_TEXT)
    return {"name": short, "text": words, "shared": shared is True}


def checked_rows(rows: Sequence[Mapping[str, object]], own: Mapping[str, str], *, replace: bool) -> list[PhraseWords]:
    """The phrases of a file, beside one's ``own`` (texts by name). All that is wrong is told by row, and then none is
    taken; one's own with another text is only replaced where that is wanted. Raises `InvalidInput`."""
    check, found, seen = Input(), list[PhraseWords](), set[str]()
    if not rows:
        check.problem("/rows", "missing")
    for number, row in enumerate(rows[: MOST_PHRASES + 1]):
        at = f"/rows/{number}"
        one = checked(check, row.get("name"), row.get("text"), row.get("shared", False), under=at)
        name = one["name"]
        if name in seen:
            check.problem(f"{at}/name", "given-twice")
        elif not replace and own.get(name, one["text"]) != one["text"]:
            check.problem(f"{at}/name", "phrase-name-taken")
        seen.add(name)
        found.append(one)
    if len(own.keys() | seen) > MOST_PHRASES:
        check.problem("/rows", "too-many", limit=MOST_PHRASES)
    check.refuse_if_any()
    return found


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, or with the first number behind it that makes it one's own."""
    for number in range(2, MOST_PHRASES + 2):
        if name not in taken:
            break
        stem = name.rpartition("-")[0] if name.rpartition("-")[2].isdigit() else name
        name = f"{stem[: LONGEST_NAME - 4].rstrip('-')}-{number}"
    return name
