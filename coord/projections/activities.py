"""The activity library: one row an activity as it stands, and one for each thing that happened to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    and_,
    func,
    or_,
    select,
)

from coord.columns import Document, Instant
from coord.domain.activity import (
    FIELDS,
    ActivityRestored,
    ActivityRetired,
    ActivityRevised,
    ActivityText,
    ActivityWritten,
    Demand,
)
from coord.projections.engine import Writer, handles
from coord.projections.versions import InVersions
from coord.words import folded, words_wanted

_HOW_MUCH = {demand.value: number for number, demand in enumerate(Demand, 1)}


class Activities(InVersions):
    """A library has hundreds of activities, not millions: a filter may look at every row."""

    NAME = "activities"
    KEY = "activity_id"

    def build_tables(self) -> None:
        """What stands, with what is searched beside the content; and the changes."""
        self.things = Table(
            self.name("activities"),
            self.metadata,
            Column("activity_id", Uuid, primary_key=True),
            # Both databases put titles in the same order: that of the folded characters.
            Column("sort_title", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
            Column("title", Text, nullable=False),
            Column("status", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("text_version", Integer, nullable=False),
            Column("changed_at", Instant, nullable=False),
            Column("codes", Text, nullable=False),  # kinds, skills and ICF chapters, each between blanks
            Column("age_from", Integer, nullable=False),
            Column("age_to", Integer, nullable=False),
            Column("cognitive", Integer, nullable=False),
            Column("motor", Integer, nullable=False),
            Column("communication", Integer, nullable=False),
            Column("content", Document, nullable=False),
            Column("folded_text", Text, nullable=False),
        )
        Index(self.name("activities_order"), self.things.c.sort_title, self.things.c.activity_id)
        self.build_changes("activity_changes")

    @handles(ActivityWritten)
    def written(self, writer: Writer, event: ActivityWritten, position: int) -> None:
        """A new row."""
        self._enter(writer, event, position, "written", **_columns(event.content))

    @handles(ActivityRevised)
    def revised(self, writer: Writer, event: ActivityRevised, position: int) -> None:
        """Another text."""
        self._set(writer, event, text_version=event.version, **_columns(event.content))
        self._add_change(
            writer,
            event,
            position,
            "revised",
            text_version=event.version,
            content=event.content,
            reason=event.reason,
        )

    @handles(ActivityRetired)
    def retired(self, writer: Writer, event: ActivityRetired, position: int) -> None:
        """Out of use."""
        self._set(writer, event, status="retired")
        self._add_change(writer, event, position, "retired", reason=event.reason)

    @handles(ActivityRestored)
    def restored(self, writer: Writer, event: ActivityRestored, position: int) -> None:
        """In use again."""
        self._set(writer, event, status="in-use")
        self._add_change(writer, event, position, "restored", reason=event.reason)

    # ---- queries

    def page(self, connection: Connection, *, after: UUID | None = None, limit: int = 20, **wanted: Any) -> list[Any]:
        """Activities by title, those after the activity ``after``; ``wanted`` has the names of `ActivityFilter`."""
        t = self.things
        where = self._wanted(**wanted)
        if after is not None:
            place = select(t.c.sort_title).where(t.c.activity_id == after).scalar_subquery()
            where.append(or_(t.c.sort_title > place, and_(t.c.sort_title == place, t.c.activity_id > after)))
        query = select(t).where(*where).order_by(t.c.sort_title, t.c.activity_id).limit(limit)
        return [self._shown(row) for row in connection.execute(query).mappings()]

    def count(self, connection: Connection, **wanted: Any) -> int:
        """How many activities fit."""
        query = select(func.count()).select_from(self.things).where(*self._wanted(**wanted))
        return int(connection.execute(query).scalar_one())

    def _wanted(
        self, *, text: str, kind: str, skill: str, icf: str, age: int | None, status: str, **demands: str
    ) -> list[ColumnElement[bool]]:
        t = self.things
        where = [t.c.codes.contains(f" {code} ", autoescape=True) for code in (kind, skill, icf) if code]
        if age is not None:
            where += [t.c.age_from <= age, t.c.age_to >= age]
        where += [t.c[name] <= _HOW_MUCH[most] for name, most in demands.items() if most]
        if status != "all":
            where.append(t.c.status == status)
        for word in words_wanted(text):
            where.append(t.c.folded_text.contains(word, autoescape=True))
        return where


def _columns(content: ActivityText) -> dict[str, Any]:
    words: list[str] = []
    for name in FIELDS:
        value = content.get(name)
        if name in ("kinds", "skills", "icf"):
            continue
        if isinstance(value, list):
            words += value
    return {
        "sort_title": folded(content["title"]),
        "title": content["title"],
        "codes": " ".join(["", *content["kinds"], *content["skills"], *content["icf"], ""]),
        "age_from": content["age_from"],
        "age_to": content["age_to"],
        "cognitive": _HOW_MUCH[content["cognitive"]],
        "motor": _HOW_MUCH[content["motor"]],
        "communication": _HOW_MUCH[content["communication"]],
        "content": content,
        "folded_text": folded(" ".join([content["title"], content["purpose"], *words])),
    }
