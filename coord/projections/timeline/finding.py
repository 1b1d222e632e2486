"""Words looked for in the records of several children at once, for somebody's eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, Integer, Select, Text, Uuid, bindparam, cast, func, select

from coord.columns import Instant, OfMany, given, utc_text
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
        actor knows alike, and one for what was found.
        """
        found: list[UUID] = []
        older = False
        for standing, cases in alike(actor, children).items():
            since = self._newest(connection, cases, each)
            older = older or any(since.values())
            asked = [(case_id, utc_text(at or _FROM_THE_BEGINNING)) for case_id, at in since.items()]
            query = self._with_words(standing, actor, day, text)
            for ids in connection.execute(query, {"asked": asked, "limit": limit}).scalars():
                found += map(UUID, ids.split(",") if ids else ())
        told = {"found": [(entry_id,) for entry_id in found], "limit": limit}
        rows = self.asked.all(connection, self._of_ids, **told) if found else []
        return [with_readable_addenda(row, actor, children[row["case_id"]]) for row in rows], older

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
        """Of each child the ids of those that have the words, by the conditions of a page of the timeline that is
        searched (`ReadingTimeline.page`). In a subquery for each child, for in a join PostgreSQL would now and then
        look for the words in the whole table."""
        t, asked = self.entries, given("asked", Column("id", Uuid), Column("at", Instant))
        where: list[ColumnElement[bool]] = [
            *self._stands(asked.c.id, standing, actor.person_id, day, hide_errors=True),
            t.c.observed_from > asked.c.at,
            *self._selected(Selection(text=text), actor),
        ]
        newest_first = (t.c.observed_from.desc(), t.c.entered_position.desc(), t.c.kind, t.c.entry_id)
        some = (
            select(cast(t.c.entry_id, Text).label("id"))
            .where(*where)
            .order_by(*newest_first)
            .limit(bindparam("limit"))
            .correlate(asked)
            .subquery()
        )
        return select(select(func.aggregate_strings(some.c.id, ",")).scalar_subquery()).select_from(asked)

    def _of_ids(self) -> Select[Any]:
        """The newest of some entries, as they stand."""
        found = given("found", Column("id", Uuid))
        t = self.entries
        return self._newest_first([t.c.entry_id.in_(select(found.c.id)), t.c.to_position == FOREVER])
