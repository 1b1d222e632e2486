"""The circle: who is around a child without an account, and whose the names are that were only typed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, Table, Text, Uuid, select

from coord.columns import as_mappings
from coord.domain.case import CircleNameJoined, CirclePersonCorrected, CirclePersonNamed
from coord.projections.engine import View, Writer, handles
from coord.words import spelled_alike


class Circle(View):
    """Two tables: the people, and the typed names that were joined to them."""

    NAME = "circle"

    def build_tables(self) -> None:
        """Define them."""
        self.people = Table(
            self.name("circle_people"),
            self.metadata,
            Column("case_id", Uuid, primary_key=True),
            Column("person_id", Uuid, primary_key=True),
            Column("position", BigInteger, nullable=False),
            Column("name", Text, nullable=False),
            Column("relation", Text, nullable=False),
            Column("listed", Boolean, nullable=False),
            Column("version", Integer, nullable=False),
        )
        self.names = Table(
            self.name("circle_names"),
            self.metadata,
            Column("case_id", Uuid, primary_key=True),
            Column("folded", Text, primary_key=True),
            Column("written", Text, nullable=False),
            Column("person_id", Uuid, nullable=False),
        )

    # ---- handlers

    @handles(CirclePersonNamed)
    def named(self, writer: Writer, event: CirclePersonNamed, position: int) -> None:
        """Somebody more."""
        writer.insert(
            self.people,
            {
                "case_id": event.originator_id,
                "person_id": UUID(event.person),
                "position": position,
                "name": event.name,
                "relation": event.relation,
                "listed": True,
                "version": 1,
            },
        )

    @handles(CirclePersonCorrected)
    def corrected(self, writer: Writer, event: CirclePersonCorrected, position: int) -> None:
        """As they are now."""
        key = {"case_id": event.originator_id, "person_id": UUID(event.person)}
        version = writer.one(self.people, **key)["version"] + 1
        writer.update(self.people, key, **event.changes, version=version)

    @handles(CircleNameJoined)
    def joined(self, writer: Writer, event: CircleNameJoined, position: int) -> None:
        """Whose name it is."""
        key = {"case_id": event.originator_id, "folded": spelled_alike(event.written)}
        writer.delete(self.names, **key)
        if event.person:
            writer.insert(self.names, {**key, "written": event.written, "person_id": UUID(event.person)})

    # ---- queries

    def people_of(self, connection: Connection, case_id: UUID) -> list[dict[str, Any]]:
        """Everybody of the circle, in the order in which they were named."""
        t = self.people
        query = select(t).where(t.c.case_id == case_id).order_by(t.c.position)
        return as_mappings(connection.execute(query))

    def names_of(self, connection: Connection, case_id: UUID) -> list[dict[str, Any]]:
        """The typed names that were joined to somebody, by name."""
        t = self.names
        query = select(t).where(t.c.case_id == case_id).order_by(t.c.folded)
        return as_mappings(connection.execute(query))
