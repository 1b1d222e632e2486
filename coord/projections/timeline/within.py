"""Ratings of goals inside the group session that they were made in, where a page gathers them there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Connection, Select, Uuid, bindparam, select

from coord.columns import InOrder, given
from coord.domain.actors import Actor, Relationship
from coord.projections.engine import FOREVER
from coord.projections.timeline.reading import ReadingTimeline, shown_row
from coord.projections.timeline.standing import Standing, standing_of

_CASE, _READER = bindparam("case", type_=Uuid()), bindparam("reader", type_=Uuid())
_POSITION = bindparam("position", type_=BigInteger())


class RatingsInSessions(ReadingTimeline):
    """A rating has readers of its own, which are the goal's: who reads a session need not read what it rated."""

    def ratings_within(
        self,
        connection: Connection,
        *,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        sessions: Collection[UUID],
        as_of: int | None = None,
    ) -> dict[UUID, list[dict[str, Any]]]:
        """The ratings that were made in these sessions of the child, by session, in the order in which they were made.

        Only those that the actor may read now; with ``as_of`` those of that position, which the actor may read now as
        well and could ever since (see `page`).
        """
        found: dict[UUID, list[dict[str, Any]]] = {}
        if not sessions:
            return found
        told = {"case": case_id, "reader": actor.person_id, "sessions": [(one,) for one in sorted(sessions)]}
        past = as_of is not None
        more = {"position": as_of} if past else {}
        for row in self.asked.all(connection, self._rated, standing_of(actor, child), past, **told, **more):
            found.setdefault(row["within"], []).append({**shown_row(row), "worked_on": {}})
        return found

    def _rated(self, standing: Standing, past: bool) -> Select[Any]:
        """Ratings of sessions of a child whom the reader knows so, as they stand or as they stood at a position."""
        t, sessions = self.entries, given("sessions", Column("id", Uuid))
        where = [
            t.c.within.is_not(None),
            t.c.within.in_(select(sessions.c.id)),
            InOrder(t.c.case_id) == _CASE,
            t.c.status != "entered-in-error",
            self.readable(standing, _READER),
        ]
        if past:
            where += [InOrder(t.c.from_position) <= _POSITION, InOrder(t.c.to_position) > _POSITION]
            where += self._read_ever_since(standing, _READER, hide_errors=True)
        else:
            where.append(t.c.to_position == FOREVER)
        return select(*self._told).where(*where).order_by(t.c.entered_position)
