"""Things of the house that are kept in versions, retired and restored: the activities, the templates of notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, Text, Uuid, select, update

from coord.columns import Document, Instant, as_mappings
from coord.projections.engine import View, Writer


class InVersions(View):
    """One row a thing as it stands (``things``), and one for each thing that happened to it (``changes``)."""

    KEY: ClassVar[str]
    """The column that says which thing it is."""
    things: Table
    changes: Table

    def build_changes(self, name: str) -> None:
        """The table of what happened."""
        self.changes = c = Table(
            self.name(name),
            self.metadata,
            Column("position", BigInteger, primary_key=True, autoincrement=False),
            Column(self.KEY, Uuid, nullable=False),
            Column("what", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("text_version", Integer),
            Column("at", Instant, nullable=False),
            Column("by", Document, nullable=False),
            Column("reason", Text, nullable=False),
            Column("content", Document),
        )
        Index(self.name(f"{name}_of"), c.c[self.KEY], c.c.version)

    def _enter(self, writer: Writer, event: Any, position: int, what: str, **values: Any) -> None:
        """Its first version."""
        first = {"status": "in-use", "version": event.originator_version, "text_version": 1}
        writer.insert(self.things, {self.KEY: event.originator_id, **first, "changed_at": event.timestamp, **values})
        self._add_change(writer, event, position, what, text_version=1, content=event.content)

    def _set(self, writer: Writer, event: Any, **values: Any) -> None:
        """As it stands from now on."""
        changed = update(self.things).where(self.things.c[self.KEY] == event.originator_id)
        writer.run(changed.values(version=event.originator_version, changed_at=event.timestamp, **values))

    def _add_change(
        self,
        writer: Writer,
        event: Any,
        position: int,
        what: str,
        *,
        text_version: int | None = None,
        content: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        row = {"position": position, self.KEY: event.originator_id, "what": what, "version": event.originator_version}
        told = {"at": event.timestamp, "by": event.by, "reason": reason}
        writer.insert(self.changes, {**row, **told, "text_version": text_version, "content": content})

    def one(self, connection: Connection, id: UUID) -> Any:
        """A thing as it stands, None if there is none."""
        query = select(self.things).where(self.things.c[self.KEY] == id)
        row = connection.execute(query).mappings().first()
        return self._shown(row) if row else None

    def changes_of(self, connection: Connection, id: UUID) -> list[Any]:
        """Everything that happened to a thing, the newest first."""
        c = self.changes
        query = select(c).where(c.c[self.KEY] == id).order_by(c.c.version.desc())
        return as_mappings(connection.execute(query))

    def _shown(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        kept = (self.KEY, "status", "version", "text_version", "changed_at")
        return {**{name: row[name] for name in kept}, **row["content"]}
