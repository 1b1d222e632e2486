"""The history: one row a change, of every child and every account. What was looked at is in the access log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    func,
    literal,
    or_,
    select,
)

from coord.columns import BelowInOrder, Document, InOrder, Instant, Position, as_mappings, given
from coord.domain.activity import Activity
from coord.domain.case import Case, GoalEvent, NoteEvent
from coord.domain.course import Course
from coord.domain.events import EVENT_CLASSES, CoordEvent
from coord.domain.note_template import NoteTemplate
from coord.domain.person import Person
from coord.domain.policy import Policy
from coord.projections.engine import View, Writer, handles, person_of

_EVERY_STREAM = (Activity, Case, Course, NoteTemplate, Person, Policy)
"""Named so that every event class has been defined."""
_AREAS = ("case", "person", "activity", "note-template", "policy", "course")
_OF_THE_HOUSE = ("activity.", "note-template.")
"""What has no child and no one team: a team's history has what its own people did to it."""


@cache
def _kind(topic: str) -> tuple[str, bool]:
    """A topic without its version, and whether it is of a child's stream."""
    return topic.rsplit(".v", 1)[0], topic.startswith("case.")


class History(View):
    """Facts only: who, as what, what, when. Texts of notes are not copied here; they are read from the note itself."""

    NAME = "history"

    def build_tables(self) -> None:
        """One table."""
        self.changes = t = Table(
            self.name("changes"),
            self.metadata,
            Column("position", Position, primary_key=True, autoincrement=False),
            Column("stream_id", Uuid, nullable=False),
            Column("case_id", Uuid),
            Column("entry_id", Uuid),
            Column("kind", Text, nullable=False),
            Column("at", Instant, nullable=False),
            Column("observed_at", Instant),
            Column("recorded_at", Instant),
            Column("person_id", Uuid, nullable=False),
            Column("person_name", Text, nullable=False),
            Column("role", Text, nullable=False),
            Column("discipline", Text),
            Column("request", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("detail", Document, nullable=False),
        )
        self.reading_index("changes_by_kind", t.c.stream_id, t.c.kind, t.c.position)
        # For pages, in their order: of a child, of a child by a person, of a person, of everybody.
        self.reading_index("changes_of_case", t.c.case_id, t.c.at, t.c.position)
        self.reading_index("changes_of_case_by", t.c.case_id, t.c.person_id, t.c.at, t.c.position)
        self.reading_index("changes_of_person", t.c.person_id, t.c.at, t.c.position)
        self.reading_index("changes_in_order", t.c.at, t.c.position)

    @handles(*EVENT_CLASSES.values())
    def add(self, writer: Writer, event: CoordEvent, position: int) -> None:
        """Every event, with what it tells of itself."""
        kind, of_child = _kind(event.TOPIC)
        writer.insert(
            self.changes,
            {
                "position": position,
                "stream_id": event.originator_id,
                "case_id": event.originator_id if of_child else None,
                "entry_id": event.entry_id if isinstance(event, NoteEvent | GoalEvent) else None,
                "kind": kind,
                "at": event.timestamp,
                "observed_at": event.happened_at,
                "recorded_at": event.written_at,
                "person_id": person_of(event),
                "person_name": event.by["name"],
                "role": event.by["role"],
                "discipline": event.by["discipline"],
                "request": event.by["request"],
                "version": event.originator_version,
                "detail": event.told(),
            },
        )

    # ---- queries

    def page(
        self,
        connection: Connection,
        *,
        streams: Collection[UUID] | None = None,
        also: Select[Any] | None = None,
        authors: Collection[UUID] = (),
        case_id: UUID | None = None,
        person: UUID | None = None,
        kind: str = "",
        start: datetime | None = None,
        end: datetime | None = None,
        before: tuple[datetime, int] | None = None,
        limit: int = 50,
    ) -> list[dict[str, Any]]:
        """Changes, newest first, to a child or to any of ``streams``, and those of ``authors`` to the activity
        library and to templates of notes;
        with ``streams`` also those at the positions that the query ``also`` gives.

        ``before`` is the (time, position) of the last one shown.
        """
        t = self.changes
        where: list[ColumnElement[bool]] = []
        if case_id is not None:
            where.append(t.c.case_id == case_id)
        if streams is not None:
            of_the_house = or_(*(t.c.kind.startswith(area) for area in _OF_THE_HOUSE))
            library = and_(of_the_house, InOrder(t.c.person_id).in_(list(authors)))
            beside = [InOrder(t.c.position).in_(also)] if also is not None else []
            where.append(or_(InOrder(t.c.stream_id).in_(list(streams)), library, *beside))
        if person is not None:
            where.append(t.c.person_id == person)
        if kind:
            where.append(t.c.kind.in_([kind, *(f"{of}.{kind}" for of in _AREAS)]))
        if start is not None:
            where.append(t.c.at >= start)
        if end is not None:
            where.append(t.c.at < end)
        if before is not None:
            at, position = before
            where += [t.c.at <= at, or_(t.c.at < at, t.c.position < position)]
        query = select(t).where(*where).order_by(t.c.at.desc(), t.c.position.desc()).limit(limit)
        return as_mappings(connection.execute(query))

    def people_of(self, connection: Connection, case_id: UUID) -> dict[UUID, str]:
        """Everybody who ever changed something in a child's record, with the name they had last.

        One look into the index for each, however much each has changed: the last change of whoever comes next, in an
        order that only that index has. Where another had it too, PostgreSQL would now and then pass through the
        changes of all others.
        """
        t, before = self.changes, self.changes.alias()
        this, order = literal(case_id, Uuid), (t.c.case_id, t.c.person_id, t.c.at, t.c.position)

        def last_of_next(person: ColumnElement[Any]) -> Any:
            """The position of the last change of whoever is next below by id; of another child, when nobody is."""
            below = BelowInOrder(t.c.case_id, t.c.person_id, this, person)
            found = select(t.c.position).where(below).order_by(*(column.desc() for column in order))
            return found.limit(1).scalar_subquery()

        first = last_of_next(literal(UUID(int=2**128 - 1), Uuid))
        last = select(first.label("position")).cte("last", recursive=True)
        following = last_of_next(before.c.person_id)
        # As a condition on one table, SQLite would read all of it first to know which positions are not in question.
        of_this = or_(before.c.case_id == this, last.c.position.is_(None))
        found = last.join(before, and_(before.c.position == last.c.position, of_this))
        last = last.union_all(select(following).select_from(found))
        query = select(t.c.case_id, t.c.person_id, t.c.person_name).join(last, t.c.position == last.c.position)
        return {row.person_id: row.person_name for row in connection.execute(query) if row.case_id == case_id}

    def told(
        self, connection: Connection, *, streams: Collection[UUID], kinds: Collection[str]
    ) -> list[dict[str, Any]]:
        """Changes of these kinds in these streams, all of them, oldest first: for what was so on a day."""
        pairs = [(stream, kind) for stream in streams for kind in kinds]  # so that each is looked up as such
        return self.asked.all(connection, self._told, asked=pairs)

    def _told(self) -> Select[Any]:
        t = self.changes
        asked = given("asked", Column("stream_id", Uuid), Column("kind", Text))
        same = and_(t.c.stream_id == asked.c.stream_id, t.c.kind == asked.c.kind)
        return select(t).select_from(asked.join(t, same)).order_by(InOrder(t.c.position))

    def position_at(self, connection: Connection, case_id: UUID, at: datetime) -> int:
        """The last position of a child's record that had been received by the time ``at``; 0 if there was none."""
        t = self.changes
        found = connection.execute(select(func.max(t.c.position)).where(t.c.case_id == case_id, t.c.at <= at)).scalar()
        return int(found or 0)

    def time_of(self, connection: Connection, position: int) -> datetime | None:
        """When the last event up to a position, of any stream, was received; None if there was none."""
        t = self.changes
        query = select(t.c.at).where(t.c.position <= position).order_by(t.c.position.desc()).limit(1)
        return cast("datetime | None", connection.execute(query).scalar())
