"""What is said of a field beside its type: stated once, where the field stands, for whoever sends or reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Said:
    """Stands in ``Annotated``: what the field is, the most characters of a text or things of a list (of a number, the
    ``least`` too), which words it may be, and whether ``null`` says that there is none; a typed dict says what ``each``
    of a list of tuples has by name. Documented for whoever sends it; the decision holds it. What is ``inside`` is the
    pages' own, and nobody else's to send or to be told.

    Of an answer also: what it is called outside, where that is not its ``name`` (without ``_id``: an id is named by
    what it is the id of); that its own fields stand among those of what holds it (``flat``); that
    more words may come (``open``); that it is left out where
    it is empty (``absent``), or told as ``null``; that a text, as an event keeps it, is an ``id`` or a ``day``.
    """

    about: str = ""
    most: int | None = None
    of: Iterable[str] = ()
    null: bool = False
    inside: bool = False
    name: str = ""
    flat: bool = False
    open: bool = False
    absent: bool = False
    id: bool = False
    day: bool = False
    least: int | None = None
    each: type | None = None


INSIDE = Said(inside=True)
FLAT = Said(flat=True)
IdText = Annotated[str, Said(id=True)]
DayText = Annotated[str, Said(day=True)]


def said_of(hint: object) -> Said:
    """What is said of a field with this type hint."""
    return next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Said)), Said())
