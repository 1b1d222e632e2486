"""Cursors: where the next page starts, as opaque text. Nothing in one is believed; the query holds its own limits."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from coord.domain.errors import FieldProblem, InvalidInput

LAST = 2**62
"""No position and no number of a look is larger."""


class Place(NamedTuple):
    """Where a page ended: time and number of its last row, its sort, and its id where a number alone is shared."""

    at: datetime
    number: int
    sort: str
    id: UUID


NO_ID = UUID(int=0)


def write_cursor(at: datetime, number: int, sort: str, id: UUID = NO_ID) -> str:
    """A cursor for what comes after this row."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{sort}|{number}|{id.hex}".encode()).decode().rstrip("=")


def id_in(cursor: str) -> UUID | None:
    """Of a list in the order of names, the cursor is the id of the last row, and where that stands now is looked up.
    Raises `InvalidInput` on anything that is no id."""
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        raise InvalidInput([FieldProblem("/cursor", "not-a-cursor")]) from None


def name_cursor(name: str, id: UUID) -> str:
    """A cursor for who comes after somebody of this name: where they stood then, whatever they are called by now."""
    return base64.urlsafe_b64encode(id.bytes + name.encode()).decode().rstrip("=")


def read_name_cursor(cursor: str) -> tuple[str, UUID] | None:
    """What `name_cursor` wrote; None for an empty one. Raises `InvalidInput` on anything else."""
    if not cursor:
        return None
    try:
        held = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return held[16:].decode(), UUID(bytes=held[:16])
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise InvalidInput([FieldProblem("/cursor", "not-a-cursor")]) from None


def order_cursor(order: Sequence[str]) -> str:
    """A cursor for what comes after this place of an order that is made of texts without a line break."""
    return base64.urlsafe_b64encode("\n".join(order).encode()).decode().rstrip("=")


def read_order_cursor(cursor: str, parts: int) -> tuple[str, ...] | None:
    """What `order_cursor` wrote of so many ``parts``; None for an empty one. Raises `InvalidInput` on anything else."""
    if not cursor:
        return None
    try:
        order = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("\n")
        if len(order) != parts:
            raise ValueError
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise InvalidInput([FieldProblem("/cursor", "not-a-cursor")]) from None
    return tuple(order)


def read_cursor(cursor: str, sorts: Collection[str]) -> Place | None:
    """What `write_cursor` wrote; None for an empty one. Raises `InvalidInput` on anything else."""
    if not cursor:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at_text, sort, number_text, id_text = text.split("|")
        place = Place(datetime.fromisoformat(at_text), int(number_text), sort, UUID(id_text))
        if place.at.tzinfo is None or sort not in sorts or not 0 <= place.number <= LAST:
            raise ValueError
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise InvalidInput([FieldProblem("/cursor", "not-a-cursor")]) from None
    return place
