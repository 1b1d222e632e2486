"""Templates of notes: one row a template as it stands, and one for each thing that happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Index, Integer, Table, Text, Uuid, func, or_, select

from coord.columns import Document, Instant
from coord.domain.note_template import (
    TemplateChanged,
    TemplateDrawnUp,
    TemplateRestored,
    TemplateRetired,
    TemplateText,
)
from coord.projections.engine import Writer, handles
from coord.projections.versions import InVersions
from coord.words import folded


class NoteTemplates(InVersions):
    """A service team has a handful of them."""

    NAME = "note_templates"
    KEY = "template_id"

    def build_tables(self) -> None:
        """What stands, and the changes."""
        self.things = t = Table(
            self.name("note_templates"),
            self.metadata,
            Column("template_id", Uuid, primary_key=True),
            Column("team", Text, nullable=False),
            Column("all_teams", Boolean, nullable=False),
            # Both databases put names in the same order: that of the folded characters.
            Column("sort_name", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
            Column("status", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("text_version", Integer, nullable=False),
            Column("changed_at", Instant, nullable=False),
            Column("content", Document, nullable=False),
            Column("called", Document, nullable=False),  # every section that it has or had, by its key
        )
        Index(self.name("note_templates_of"), t.c.team)
        self.build_changes("note_template_changes")

    @handles(TemplateDrawnUp)
    def drawn_up(self, writer: Writer, event: TemplateDrawnUp, position: int) -> None:
        """A new row."""
        self._enter(writer, event, position, "drawn-up", team=event.team, **_columns(event.content, {}))

    @handles(TemplateChanged)
    def changed(self, writer: Writer, event: TemplateChanged, position: int) -> None:
        """Another version."""
        known = writer.one(self.things, template_id=event.originator_id)["called"]
        self._set(writer, event, text_version=event.version, **_columns(event.content, known))
        text, content, reason = event.version, event.content, event.reason
        self._add_change(writer, event, position, "changed", text_version=text, content=content, reason=reason)

    @handles(TemplateRetired)
    def retired(self, writer: Writer, event: TemplateRetired, position: int) -> None:
        """Out of use."""
        self._set(writer, event, status="retired")
        self._add_change(writer, event, position, "retired", reason=event.reason)

    @handles(TemplateRestored)
    def restored(self, writer: Writer, event: TemplateRestored, position: int) -> None:
        """In use again."""
        self._set(writer, event, status="in-use")
        self._add_change(writer, event, position, "restored", reason=event.reason)

    # ---- queries

    def _shown(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        return {"team": row["team"], "called": row["called"], **super()._shown(row)}

    def of_team(self, connection: Connection, team: str) -> list[Any]:
        """Those of a service team, and those for all: in use before retired, by name."""
        t = self.things
        there = or_(t.c.team == team, t.c.all_teams) if team else t.c.all_teams
        query = select(t).where(there).order_by(t.c.status, t.c.sort_name, t.c.template_id)
        return [self._shown(row) for row in connection.execute(query).mappings()]

    def in_use(self, connection: Connection, team: str) -> int:
        """How many a service team has that are offered."""
        t = self.things
        query = select(func.count()).where(t.c.team == team, t.c.status == "in-use")
        return connection.execute(query).scalar_one()


def _columns(content: TemplateText, known: Mapping[str, str]) -> dict[str, Any]:
    return {
        "all_teams": content["all_teams"],
        "sort_name": folded(content["name"]),
        "content": content,
        "called": {**known, **{section["key"]: section["label"] for section in content["sections"]}},
    }
