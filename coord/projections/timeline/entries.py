"""The rows of the timeline, and how they are entered and followed by others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    select,
)

from coord.columns import Document, Instant
from coord.domain.events import CoordEvent
from coord.projections.engine import FOREVER, View, Writer, person_of
from coord.words import folded

A_DAY = timedelta(days=1)


class Entries(View):
    """One row for each state of each entry, valid from one position up to (not including) another."""

    def build_tables(self) -> None:
        """The entries; and of each goal, strategy and place in a group what the entries about it need to know."""
        self.entries = t = Table(
            self.name("timeline_entries"),
            self.metadata,
            Column("case_id", Uuid, nullable=False),
            Column("entry_id", Uuid, primary_key=True),
            Column("from_position", BigInteger, primary_key=True, autoincrement=False),
            Column("to_position", BigInteger, nullable=False),
            Column("entered_position", BigInteger, nullable=False),
            Column("kind", Text, nullable=False),
            Column("status", Text, nullable=False),
            Column("author_id", Uuid, nullable=False),
            Column("author_name", Text, nullable=False),
            Column("role", Text, nullable=False),
            Column("discipline", Text),
            Column("audience", Text, nullable=False),
            Column("format", Text),
            Column("setting", Text),
            Column("observed_from", Instant, nullable=False),
            Column("observed_to", Instant, nullable=False),
            Column("recorded_at", Instant, nullable=False),
            Column("signed_at", Instant, nullable=False),
            Column("received_at", Instant, nullable=False),
            Column("version", Integer, nullable=False),
            Column("text_version", Integer, nullable=False),
            Column("sections", Document, nullable=False),
            Column("present", Document, nullable=False),
            Column("addenda", Document, nullable=False),
            Column("detail", Document, nullable=False),
            Column("search_text", Text, nullable=False),
            Column("unattested_text", Text, nullable=False),
            Column("narrow_text", Text, nullable=False),
            Column("changed_by", Uuid, nullable=False),
            Column("subject_id", Uuid),
            # What of it alone can be a mistake: an observation of a goal, what was told of a strategy.
            Column("report_id", Uuid),
            # Whose readers it has: those of the goal that it is about, else those of its author.
            Column("owner_id", Uuid, nullable=False),
            Column("owner_discipline", Text),
            Column("school_from", Date),
            # Goals that a group session worked on without rating them. Ids, not words: each has readers of its own.
            Column("unrated", Document, nullable=False),
            # The entry of the group session that a rating comes from: a page can show it there.
            Column("within", Uuid),
            # The note that a rating comes from: a page that shows both can show it there.
            Column("note_id", Uuid),
        )
        # The last two, so that states of another time are passed over without a look at the table.
        of_time = (t.c.from_position, t.c.to_position)
        self.reading_index(
            "timeline_pages", t.c.case_id, t.c.observed_from.desc(), t.c.entered_position.desc(), *of_time
        )
        self.reading_index("timeline_news", t.c.case_id, t.c.from_position)
        rated = t.c.within.is_not(None)  # a few rows of many: the others are not to be written into it
        self.reading_index("timeline_within", t.c.within, only=rated)
        Index(self.name("timeline_subject"), t.c.subject_id)
        # How late the entries reach that were known at a position: at most one row for each day. Where a page of the
        # past begins, however much was entered since.
        self.reach = Table(
            self.name("timeline_reach"),
            self.metadata,
            Column("case_id", Uuid, primary_key=True),
            Column("from_position", BigInteger, primary_key=True, autoincrement=False),
            Column("to_position", BigInteger, nullable=False),
            Column("until", Instant, nullable=False),
        )
        self.subjects = Table(
            self.name("timeline_subjects"),
            self.metadata,
            Column("subject_id", Uuid, primary_key=True),
            Column("words", Text, nullable=False),
            Column("audience", Text, nullable=False),
            Column("agreed", Boolean, nullable=False),
            Column("author_id", Uuid, nullable=False),
            Column("discipline", Text),
        )
        self.places = Table(
            self.name("timeline_places"),
            self.metadata,
            Column("membership", Uuid, primary_key=True),
            Column("had_place", Boolean, nullable=False),
            Column("told", Document, nullable=False),
        )

    def _enter(self, writer: Writer, row: dict[str, Any]) -> None:
        """A new state of an entry, from its position on."""
        case_id, position = row["case_id"], row["from_position"]
        until = row["observed_from"].astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + A_DAY
        present = writer.one(self.reach, case_id=case_id, to_position=FOREVER)
        if present["until"] < until:
            key = {"case_id": case_id, "from_position": present["from_position"]}
            if present["from_position"] == position:  # an event may enter several
                writer.update(self.reach, key, until=until)
            else:
                writer.update(self.reach, key, to_position=position)
                self._reaches(writer, case_id, position, until)
        writer.insert(self.entries, row)

    def _reaches(self, writer: Writer, case_id: UUID, position: int, until: datetime) -> None:
        row = {"case_id": case_id, "from_position": position, "to_position": FOREVER, "until": until}
        writer.insert(self.reach, row)

    def _insert_marker(
        self,
        writer: Writer,
        event: CoordEvent,
        position: int,
        kind: str,
        audience: str,
        detail: dict[str, Any],
        *,
        subject_id: UUID | None = None,
        report_id: UUID | None = None,
        sections: dict[str, str] | None = None,
        observed_at: datetime | None = None,
        observed_to: datetime | None = None,
        entry_id: UUID | None = None,
        school_from: date | None = None,
        unrated: Sequence[str] = (),
        within: UUID | None = None,
        note_id: UUID | None = None,
        owner: tuple[UUID, str | None] | None = None,
    ) -> None:
        at, sections = event.timestamp, sections or {}
        owner_id, owner_discipline = owner or (person_of(event), event.by["discipline"])
        self._enter(
            writer,
            {
                "case_id": event.originator_id,
                # An entry id that a rebuild finds again: derived from the place in the stream, not from a name.
                "entry_id": entry_id or UUID(int=(event.originator_id.int ^ event.originator_version)),
                "from_position": position,
                "to_position": FOREVER,
                "entered_position": position,
                "kind": kind,
                "status": "signed",
                "author_id": person_of(event),
                "author_name": event.by["name"],
                "role": event.by["role"],
                "discipline": event.by["discipline"],
                "audience": audience,
                "format": None,
                "setting": None,
                "observed_from": observed_at or at,
                "observed_to": observed_to or observed_at or at,
                "recorded_at": at,
                "signed_at": at,
                "received_at": at,
                "version": 1,
                "text_version": 1,
                "sections": sections,
                "present": [],
                "addenda": [],
                "detail": detail,
                "search_text": folded(" ".join([str(detail.get("reason", "")), *sections.values()]).strip()),
                "unattested_text": "",
                "narrow_text": "",
                "changed_by": person_of(event),
                "subject_id": subject_id,
                "report_id": report_id,
                "owner_id": owner_id,
                "owner_discipline": owner_discipline,
                "school_from": school_from,
                "unrated": list(unrated),
                "within": within,
                "note_id": note_id,
            },
        )

    def _replace(self, writer: Writer, event: CoordEvent, row: dict[str, Any], position: int, **changes: Any) -> None:
        """Close the present row at ``position`` and open the next."""
        t = self.entries
        writer.update(t, {"entry_id": row["entry_id"], "from_position": row["from_position"]}, to_position=position)
        state = {"from_position": position, "to_position": FOREVER, "version": row["version"] + 1}
        self._enter(writer, {**row, **state, "changed_by": person_of(event), **changes})

    def _about(self, writer: Writer, subject_id: UUID) -> list[dict[str, Any]]:
        t = self.entries
        present = select(t).where(t.c.subject_id == subject_id, t.c.to_position == FOREVER).order_by(t.c.from_position)
        return [dict(row) for row in writer.run(present).mappings()]

    def _hide(self, writer: Writer, event: CoordEvent, subject_id: UUID, position: int) -> None:
        for row in self._about(writer, subject_id):
            if row["status"] != "entered-in-error":
                self._replace(writer, event, row, position, status="entered-in-error")

    def _new_subject(self, writer: Writer, event: CoordEvent, subject_id: UUID, words: str, audience: str) -> None:
        author = {"author_id": person_of(event), "discipline": event.by["discipline"]}
        subject = {"subject_id": subject_id, "words": words, "audience": audience, "agreed": False, **author}
        writer.insert(self.subjects, subject)

    def _subject(self, writer: Writer, subject_id: UUID) -> dict[str, Any]:
        return writer.one(self.subjects, subject_id=subject_id)
