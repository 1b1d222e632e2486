"""Templates of notes: one row a template as it stands, and one for each thing that happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Connection, Index, Integer, Table, Text, Uuid, or_, select, update

from coord.columns import Document, Instant, as_mappings
from coord.domain.note_template import (
    TemplateChanged,
    TemplateDrawnUp,
    TemplateRestored,
    TemplateRetired,
    TemplateText,
)
from coord.projections.engine import View, Writer, handles
from coord.words import folded


class NoteTemplates(View):
    """A service team has a handful of them."""

    NAME = "note_templates"

    def build_tables(self) -> None:
        """What stands, and the changes."""
        self.templates = t = Table(
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
        self.changes = c = Table(
            self.name("note_template_changes"),
            self.metadata,
            Column("position", BigInteger, primary_key=True, autoincrement=False),
            Column("template_id", Uuid, nullable=False),
            Column("what", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("text_version", Integer),
            Column("at", Instant, nullable=False),
            Column("by", Document, nullable=False),
            Column("reason", Text, nullable=False),
            Column("content", Document),
        )
        Index(self.name("note_templates_of"), t.c.team)
        Index(self.name("note_template_changes_of"), c.c.template_id, c.c.version)

    @handles(TemplateDrawnUp)
    def drawn_up(self, writer: Writer, event: TemplateDrawnUp, position: int) -> None:
        """A new row."""
        writer.insert(
            self.templates,
            {
                "template_id": event.originator_id,
                "team": event.team,
                "status": "in-use",
                "version": event.originator_version,
                "text_version": 1,
                "changed_at": event.timestamp,
                **_columns(event.content, {}),
            },
        )
        self._add_change(writer, event, position, "drawn-up", text_version=1, content=event.content)

    @handles(TemplateChanged)
    def changed(self, writer: Writer, event: TemplateChanged, position: int) -> None:
        """Another version."""
        known = writer.one(self.templates, template_id=event.originator_id)["called"]
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

    def _set(self, writer: Writer, event: Any, **values: Any) -> None:
        t = self.templates
        changed = update(t).where(t.c.template_id == event.originator_id)
        writer.run(changed.values(version=event.originator_version, changed_at=event.timestamp, **values))

    def _add_change(
        self,
        writer: Writer,
        event: Any,
        position: int,
        what: str,
        *,
        text_version: int | None = None,
        content: TemplateText | None = None,
        reason: str = "",
    ) -> None:
        writer.insert(
            self.changes,
            {
                "position": position,
                "template_id": event.originator_id,
                "what": what,
                "version": event.originator_version,
                "text_version": text_version,
                "at": event.timestamp,
                "by": event.by,
                "reason": reason,
                "content": content,
            },
        )

    # ---- queries

    def one(self, connection: Connection, template_id: UUID) -> Any:
        """A template as it stands, None if there is none."""
        t = self.templates
        row = connection.execute(select(t).where(t.c.template_id == template_id)).mappings().first()
        return _shown(row) if row else None

    def of_team(self, connection: Connection, team: str) -> list[Any]:
        """Those of a service team, and those for all: in use before retired, by name."""
        t = self.templates
        there = or_(t.c.team == team, t.c.all_teams) if team else t.c.all_teams
        query = select(t).where(there).order_by(t.c.status, t.c.sort_name, t.c.template_id)
        return [_shown(row) for row in connection.execute(query).mappings()]

    def changes_of(self, connection: Connection, template_id: UUID) -> list[Any]:
        """Everything that happened to a template, the newest first."""
        t = self.changes
        query = select(t).where(t.c.template_id == template_id).order_by(t.c.version.desc())
        return as_mappings(connection.execute(query))


def _columns(content: TemplateText, known: Mapping[str, str]) -> dict[str, Any]:
    return {
        "all_teams": content["all_teams"],
        "sort_name": folded(content["name"]),
        "content": content,
        "called": {**known, **{section["key"]: section["label"] for section in content["sections"]}},
    }


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    kept = ("template_id", "team", "status", "version", "text_version", "changed_at", "called")
    return {**{name: row[name] for name in kept}, **row["content"]}
