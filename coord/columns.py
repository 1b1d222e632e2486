"""Column types that mean the same on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Integer, String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

Position = BigInteger().with_variant(Integer(), "sqlite")
"""A place in the record, as a primary key: with this type SQLite keeps the table in its order, with no index beside."""


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:  # nobody could say later what it meant
        raise ValueError("a time without a zone cannot be stored")
    try:
        return value.astimezone(UTC)
    except OverflowError:  # the first or last hours of the calendar in another zone: only a question has those
        first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
        return first if value.year == 1 else last


@lru_cache(8192)  # most events hold the same time two or three times, and several views show it; see REBUILD_BATCH
def utc_text(value: datetime | None) -> str | None:
    """A time as text, in UTC and of one width. Raises `ValueError` for a time without a zone."""
    value = _in_utc(value)
    return None if value is None else value.isoformat(" ", "microseconds")


def _json_text(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


class Instant(TypeDecorator[datetime]):
    """A point in time, in UTC; given and taken with its zone. One without is refused with `ValueError`.

    SQLite, which knows no times, keeps it as text of one width, so that it sorts as it should and reads back fast.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text in SQLite, a time with zone elsewhere."""
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """To UTC, in one call for each value: a rebuild makes eight of them for each event."""
        return utc_text if dialect.name == "sqlite" else _in_utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """In UTC, with its zone."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


class Document(TypeDecorator[Any]):
    """A small structure of lists, mappings and texts, kept as JSON text."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        """As JSON text."""
        return _json_text

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The structure."""
        return None if value is None else orjson.loads(value)


class InOrder(FunctionElement[Any]):
    """A column by which SQLite shall not look rows up, so that it walks the index of the order instead.

    Of two ways to a page of the newest it cannot tell the shorter: it would rather find everything by ids, and sort it
    all for fifty rows. PostgreSQL counts its rows, and is left alone.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        """Has the type of the column, and equals it."""
        super().__init__(column)
        self.type = column.type


@compiles(InOrder)
def _as_it_is(element: InOrder, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


@compiles(InOrder, "sqlite")
def _not_by_an_index(element: InOrder, compiler: Any, **more: Any) -> str:
    return f"+{compiler.process(element.clauses, **more)}"
