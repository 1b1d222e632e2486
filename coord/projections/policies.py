"""Policies: what a service team works by where it is not the default, and what it worked by before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, Text, select

from coord.columns import Document, Instant, as_mappings
from coord.domain.policy import PolicyChanged, Values, in_force
from coord.projections.engine import View, Writer, handles


class Policies(View):
    """One row a change; the last one of a team and name is in force."""

    NAME = "policies"

    def build_tables(self) -> None:
        """One table."""
        self.changes = t = Table(
            self.name("policy_changes"),
            self.metadata,
            Column("position", BigInteger, primary_key=True, autoincrement=False),
            Column("team", Text, nullable=False),
            Column("name", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("values", Document, nullable=False),
            Column("before", Document, nullable=False),
            Column("reason", Text, nullable=False),
            Column("at", Instant, nullable=False),
            Column("by", Document, nullable=False),
        )
        Index(self.name("policy_changes_of"), t.c.team, t.c.name, t.c.position)

    @handles(PolicyChanged)
    def changed(self, writer: Writer, event: PolicyChanged, position: int) -> None:
        """What holds from here on."""
        writer.insert(
            self.changes,
            {
                "position": position,
                "team": event.team,
                "name": event.name,
                "version": event.originator_version,
                "values": event.values,
                "before": event.before,
                "reason": event.reason,
                "at": event.timestamp,
                "by": event.by,
            },
        )

    # ---- queries

    def values(self, connection: Connection, team: str, name: str) -> Values:
        """What is in force for a team. Raises `KeyError` for a name that is no policy."""
        t = self.changes
        query = select(t.c["values"]).where(t.c.team == team, t.c.name == name).order_by(t.c.position.desc()).limit(1)
        return in_force(name, connection.execute(query).scalar())

    def changes_of(self, connection: Connection, team: str) -> list[Any]:
        """Every change of a team's policies, the newest first."""
        t = self.changes
        query = select(t).where(t.c.team == team).order_by(t.c.position.desc())
        return as_mappings(connection.execute(query))
