"""In which of several roles somebody is here: kept of a sign-in, an API token or a calendar address; and which one a
person chose last.

Of whom has one role nothing is kept, and nothing is asked.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Engine, String, Table, Uuid, select

from coord.office.tables import OFFICE, UtcDateTime, upsert

CHOSEN = Table(
    "chosen_roles",
    OFFICE,
    Column("of", Uuid, primary_key=True),
    Column("role", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)


class ChosenRoles:
    """The chosen roles of one office store."""

    def __init__(self, engine: Engine) -> None:
        """The office store's engine."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)

    def choose(self, of: UUID, role: str, now: datetime) -> None:
        """From now on ``of`` (a sign-in, a token, an address; or a person, when they are here next) is in this role."""
        values = {"of": of, "role": role, "at": now}
        insert = upsert(self._engine, CHOSEN).values(values)
        with self._writer.begin() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["of"], set_={"role": role, "at": now}))

    def of(self, of: UUID) -> str:
        """The role that was chosen for it; empty if none was."""
        with self._engine.connect() as connection:
            return connection.execute(select(CHOSEN.c.role).where(CHOSEN.c.of == of)).scalar() or ""
