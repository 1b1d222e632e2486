"""How the databases say that what they hold is damaged, whoever asked them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from eventsourcing.persistence import MapperDeserialisationError

_SQLITE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_POSTGRESQL = ("XX001", "XX002")
"""The codes of PostgreSQL for damaged data and a damaged index."""


def is_damage(error: BaseException) -> bool:
    """Whether an error, or what it comes from, says that a store is damaged: not away, not full, not busy."""
    for cause in _causes(error):
        code = getattr(cause, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _SQLITE:
            return True
        if getattr(cause, "sqlstate", None) in _POSTGRESQL:
            return True
        if isinstance(cause, MapperDeserialisationError):
            return True
    return False


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it was made of, each once."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [getattr(cause, "orig", None), cause.__cause__, cause.__context__]
