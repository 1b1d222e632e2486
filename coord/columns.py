"""Column types that mean the same on both databases, and how many rows are asked about in one statement."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    Result,
    String,
    Text,
    and_,
    bindparam,
    false,
    or_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeDecorator, TypeEngine

K = TypeVar("K", bound=Hashable)
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


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _structure(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


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

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """In UTC, with its zone."""
        return _instant if dialect.name == "sqlite" else _in_utc


class Document(TypeDecorator[Any]):
    """A small structure of lists, mappings and texts, kept as JSON text."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        """As JSON text."""
        return _json_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:
        """The structure."""
        return _structure


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


class OfMany(FunctionElement[bool]):
    """A condition that may be true of half of a table, so that SQLite takes the index that has the order as well.

    By a sample of a thousand rows (ANALYZE) it takes each child for one of few entries, finds them by any index, and
    sorts: of the child who has fifty thousand, all of them for a page of twenty.
    """

    inherit_cache = True

    def __init__(self, condition: ColumnElement[bool]) -> None:
        """Is true when ``condition`` is."""
        super().__init__(condition)


@compiles(OfMany)
def _the_condition(element: OfMany, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


@compiles(OfMany, "sqlite")
def _likely(element: OfMany, compiler: Any, **more: Any) -> str:
    return f"likelihood({compiler.process(element.clauses, **more)}, 0.5)"


class _Given(FunctionElement[Any]):
    """Rows that come with a statement, as JSON; see `given`."""

    inherit_cache = True


class _Rows(TypeDecorator[Any]):
    """Rows of ids, numbers, dates and texts, as JSON text."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Sequence[Sequence[Any]] | None], str | None]:
        """As JSON text, with ids as SQLite keeps them."""
        return lambda rows: _json_text(
            rows and [[value.hex if isinstance(value, UUID) else value for value in row] for row in rows]
        )


def given(name: str, *columns: Column[Any]) -> TableValuedAlias:
    """A table, for one statement, of rows that are not in the database: what is asked about each child of a list. They
    are the parameter ``name``.

    The statement's text is the same for three rows and for three hundred, and each row is looked up by itself: join it
    with what is asked as a scalar subquery. Values are ids, numbers, dates and texts.
    """
    return _Given(bindparam(name, type_=_Rows())).table_valued(*columns, name=name)


def _columns_of(element: _Given, one: Callable[[int, str, str], str], dialect: Dialect) -> str:
    kind: Any = element.type
    columns: Sequence[Column[Any]] = kind._elements
    return ", ".join(
        one(place, str(column.name), column.type.compile(dialect=dialect)) for place, column in enumerate(columns)
    )


@compiles(_Given, "sqlite")
def _by_sqlite(element: _Given, compiler: Any, **more: Any) -> str:
    columns = _columns_of(
        element, lambda place, name, _: f"json_extract(value, '$[{place}]') AS {name}", compiler.dialect
    )
    return f"(SELECT {columns} FROM json_each({compiler.process(element.clauses, **more)}))"  # noqa: S608


@compiles(_Given, "postgresql")
def _by_postgres(element: _Given, compiler: Any, **more: Any) -> str:
    columns = _columns_of(
        element, lambda place, name, kind: f"CAST(value ->> {place} AS {kind}) AS {name}", compiler.dialect
    )
    rows = compiler.process(element.clauses, **more)
    return f"(SELECT {columns} FROM json_array_elements(CAST({rows} AS json)))"  # noqa: S608


def each_as(
    column: ColumnElement[Any], kinds: Mapping[Any, K], where: Callable[[K], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """That a row's ``column`` is one of the keys of ``kinds``, and the row fulfils what ``where`` asks for its kind.

    For what depends on what somebody is to each of many children: there are few kinds of that, so it is asked once.
    """
    alike: dict[K, list[Any]] = {}
    for key, kind in kinds.items():
        alike.setdefault(kind, []).append(key)
    return or_(false(), *(and_(column.in_(keys), where(kind)) for kind, keys in alike.items()))


def as_mappings(found: Result[Any]) -> list[dict[str, Any]]:
    """Each row by the names of its columns: what ``dict(row)`` makes of ``mappings()``, at a fifth of its cost."""
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


class BelowInOrder(FunctionElement[bool]):
    """Within one group (``this`` of a column), whatever is below another value: ``of, column, this, below``.

    For an order that begins with both columns. PostgreSQL is told as one comparison of two, for only an index that
    begins with both has such an order: where another had it too, it would now and then pass through all the others.
    There the group below may follow, so the caller asks for ``this`` again. SQLite finds its way by the plain one.
    """

    inherit_cache = True

    def __init__(
        self, of: ColumnElement[Any], column: ColumnElement[Any], this: ColumnElement[Any], below: ColumnElement[Any]
    ) -> None:
        """As above."""
        super().__init__(of, column, this, below)


@compiles(BelowInOrder)
def _as_one(element: BelowInOrder, compiler: Any, **more: Any) -> str:
    of, column, this, below = (compiler.process(clause, **more) for clause in element.clauses)
    return f"({of}, {column}) < ({this}, {below})"


@compiles(BelowInOrder, "sqlite")
def _as_two(element: BelowInOrder, compiler: Any, **more: Any) -> str:
    of, column, this, below = (compiler.process(clause, **more) for clause in element.clauses)
    return f"({of} = {this} AND {column} < {below})"
