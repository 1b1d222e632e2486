"""What the office's tables share: one MetaData, times in UTC on both databases, and the insert that may update."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, Engine, MetaData, Table
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


def create_tables(engine: Engine) -> None:
    """Make the office's tables where they are missing. Harmless when repeated.

    Import the modules that declare tables first (`coord.office.accounts` and its neighbours).
    """
    with engine.execution_options(write=True, turn="tables").begin() as connection:  # two processes may start at once
        OFFICE.create_all(connection)


def upsert(engine: Engine, table: Table) -> Any:
    """An INSERT that knows ``on_conflict_do_update``: the two databases spell it alike, SQLAlchemy keeps them apart."""
    return postgresql.insert(table) if engine.dialect.name == "postgresql" else sqlite.insert(table)
