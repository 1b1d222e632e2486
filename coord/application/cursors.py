"""Cursors: where the next page starts, as opaque text. Nothing in one is believed; the query holds its own limits."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from coord.domain.errors import FieldProblem, InvalidInput

LAST = 2**62
"""No position and no number of a look is larger."""


def write_cursor(at: datetime, number: int, sort: str = "entry") -> str:
    """A cursor for what comes after the row of this time and number."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{sort}|{number}".encode()).decode().rstrip("=")


def read_cursor(cursor: str, sorts: tuple[str, ...] = ("entry",)) -> tuple[datetime, int, str] | None:
    """What `write_cursor` wrote: time, number, sort; None for an empty one. Raises `InvalidInput` on anything else."""
    if not cursor:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at_text, sort, number_text = text.split("|")
        at, number = datetime.fromisoformat(at_text), int(number_text)
        if at.tzinfo is None or sort not in sorts or not 0 <= number <= LAST:
            raise ValueError
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise InvalidInput([FieldProblem("/cursor", "not-a-cursor")]) from None
    return at, number, sort
