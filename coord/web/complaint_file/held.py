"""Which entries a complaint file holds, as it is kept beside the file until it is taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from uuid import UUID

from coord.application.complaint_file.questions import Held

_AN_ID = 16


def packed(held: Held) -> Iterator[bytes]:
    """A line of JSON, then sixteen bytes an entry: there may be many thousands."""
    yield json.dumps({"position": held.position, "discipline": held.discipline}).encode() + b"\n"
    for entry in held.entries:
        yield entry.bytes


def unpacked(pieces: Iterable[bytes]) -> Held | None:
    """The same again; None of a file that was made before this was kept."""
    head, line, entries = b"".join(pieces).partition(b"\n")
    if not line:
        return None
    ids = frozenset(UUID(bytes=entries[at : at + _AN_ID]) for at in range(0, len(entries), _AN_ID))
    return Held(**json.loads(head), entries=ids)
