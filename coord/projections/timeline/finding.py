"""Words looked for in the records of several children at once, for somebody's eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, Integer, Select, Uuid, bindparam, select, true

from coord.columns import Instant, OfMany, as_mappings, given, utc_text
from coord.domain.actors import Actor, Relationship
from coord.projections.engine import FOREVER
from coord.projections.timeline.reading import ReadingTimeline, Selection, with_readable_addenda
from coord.projections.timeline.standing import Standing, alike

_EACH = bindparam("each", type_=Integer())
_FROM_THE_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


class FindingInTimeline(ReadingTimeline):
    """A search that is not about one child."""

    def found(
        self,
        connection: Connection,
        *,
        actor: Actor,
        children: Mapping[UUID, Relationship],
        day: date,
        text: str,
        each: int,
        limit: int,
    ) -> tuple[list[dict[str, Any]], bool]:
        """The newest ``limit`` of all entries that a search of each child's timeline for ``text`` would show to the
        actor, newest observation first; and whether there are older ones that were not looked through.

        Of each child the newest ``each`` entries are looked through, whoever may read them: so a word that stands
        nowhere costs no more in a long record than one that stands everywhere. Two statements for all children whom the
        actor knows alike.
        """
        rows: list[dict[str, Any]] = []
        older = False
        for standing, cases in alike(actor, children).items():
            since = self._newest(connection, cases, each)
            older = older or any(since.values())
            asked = [(case_id, utc_text(at or _FROM_THE_BEGINNING)) for case_id, at in since.items()]
            query = self._with_words(standing, actor, day, text)
            rows += as_mappings(connection.execute(query, {"asked": asked, "limit": limit}))
        rows.sort(key=lambda row: (row["observed_from"], row["entered_position"]), reverse=True)
        return [with_readable_addenda(row, actor, children[row["case_id"]]) for row in rows[:limit]], older

    def _newest(self, connection: Connection, cases: Sequence[UUID], each: int) -> dict[UUID, datetime | None]:
        """After which moment the newest ``each`` entries of each child were observed; None where there are no more."""
        asked = [(case_id,) for case_id in cases]
        rows = self.asked.all(connection, self._after_which, asked=asked, each=each)
        return {row["case_id"]: row["at"] for row in rows}

    def _after_which(self) -> Select[Any]:
        """The first entry that is too old, found in the index of the order alone."""
        t, asked = self.entries, given("asked", Column("id", Uuid))
        too_old = (
            select(t.c.observed_from)
            .where(OfMany(t.c.case_id == asked.c.id), t.c.to_position == FOREVER)
            .order_by(t.c.observed_from.desc(), t.c.entered_position.desc())
            .offset(_EACH)
            .limit(1)
            .correlate(asked)
        )
        return select(asked.c.id.label("case_id"), too_old.scalar_subquery().label("at"))

    def _with_words(self, standing: Standing, actor: Actor, day: date, text: str) -> Select[Any]:
        """The same conditions as a page of the timeline has that is searched (`ReadingTimeline.page`)."""
        t, asked = self.entries, given("asked", Column("id", Uuid), Column("at", Instant))
        where: list[ColumnElement[bool]] = [
            *self._stands(asked.c.id, standing, actor.person_id, day, hide_errors=True),
            t.c.observed_from > asked.c.at,
            *self._selected(Selection(text=text), actor),
        ]
        return (
            select(*self._told)
            .select_from(asked.join(t, true()))
            .where(*where)
            .order_by(t.c.observed_from.desc(), t.c.entered_position.desc(), t.c.kind, t.c.entry_id)
            .limit(bindparam("limit"))
        )
