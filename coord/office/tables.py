"""What the office's tables share: one MetaData, times in UTC on both databases, and the insert that may update."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, DateTime, Engine, MetaData, Table, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

OFFICE = MetaData()
"""Every table of the office store is declared on this."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC; SQLite, which knows no zones, gives back an aware one as well."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: nobody could say later what it meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back what was stored, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def later(column: Column[Any]) -> Column[Any]:
    """A column that a table did not have from the beginning: `create_tables` adds it, empty, to one that is there."""
    if not column.nullable:
        raise ValueError(f"{column.name}: nobody can say what it holds for the rows of before")
    column.info["later"] = True
    return column


def _add_missing(connection: Connection) -> None:
    """Add the columns of later versions, where they are not there yet."""
    again = "IF NOT EXISTS " if connection.dialect.name == "postgresql" else ""
    quoted = connection.dialect.identifier_preparer.quote
    for table in OFFICE.sorted_tables:
        added = [column for column in table.columns if column.info.get("later")]
        if not added:
            continue
        there = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in added:
            if column.name not in there:
                kind = column.type.compile(connection.dialect)
                what = f"{again}{quoted(column.name)} {kind}"
                connection.execute(text(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {what}"))


def create_tables(engine: Engine) -> None:
    """Make the office's tables, and columns of later versions, where they are missing. Harmless when repeated.

    Import the modules that declare tables first (`coord.office.accounts` and its neighbours).
    """
    with engine.execution_options(write=True, turn="tables").begin() as connection:  # two processes may start at once
        OFFICE.create_all(connection)
        _add_missing(connection)


def upsert(engine: Engine, table: Table) -> Any:
    """An INSERT that knows ``on_conflict_do_update``: the two databases spell it alike, SQLAlchemy keeps them apart."""
    return postgresql.insert(table) if engine.dialect.name == "postgresql" else sqlite.insert(table)
