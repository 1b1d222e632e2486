"""Up to which place of the record somebody has seen what others changed in their account."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, Column, Engine, Table, Uuid, bindparam, select

from coord.office.tables import OFFICE, upsert
from coord.worded import Lookup

TOLD = Table(
    "account_changes_seen",
    OFFICE,
    Column("person_id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
)


_SEEN = Lookup(select(TOLD.c.position).where(TOLD.c.person_id == bindparam("person")))


class Told:
    """What of it is kept in one office store."""

    def __init__(self, engine: Engine) -> None:
        """The office store's engine."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)

    def until(self, person_id: UUID) -> int:
        """The position that the person has seen; 0 if nothing yet."""
        found = _SEEN.first(self._engine, person=person_id)
        return int(found[0]) if found else 0

    def seen(self, person_id: UUID, position: int) -> None:
        """The person has seen what was changed up to here; never less than before."""
        insert = upsert(self._engine, TOLD).values(person_id=person_id, position=position)
        forward = insert.on_conflict_do_update(
            index_elements=["person_id"], set_={"position": position}, where=TOLD.c.position < position
        )
        with self._writer.begin() as connection:
            connection.execute(forward)
