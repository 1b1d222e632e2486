"""Measures: every COPM and named instrument of a child, as it was recorded."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Connection, Date, Table, Text, Uuid, or_, select

from coord.columns import Document, Instant, as_mappings
from coord.domain.actors import Actor, Relationship
from coord.domain.case import CopmRecorded, InstrumentRecorded, MeasureEnteredInError
from coord.domain.permissions import leads_service_team
from coord.projections.engine import View, Writer, handles, person_of

_COPM = ("problems", "informant", "informant_name", "earlier", "remark")
_INSTRUMENT = (
    "instrument",
    "edition",
    "norm_set",
    "language",
    "informant",
    "informant_name",
    "scores",
    "validity",
    "summary",
    "answered",
)


class Measures(View):
    """One table."""

    NAME = "measures"

    def build_tables(self) -> None:
        """Define it."""
        self.measures = m = Table(
            self.name("measures"),
            self.metadata,
            Column("measure_id", Uuid, primary_key=True),
            Column("case_id", Uuid, nullable=False),
            Column("position", BigInteger, nullable=False),
            Column("kind", Text, nullable=False),
            Column("measured_on", Date, nullable=False),
            Column("recorded_at", Instant, nullable=False),
            Column("by_id", Uuid, nullable=False),
            Column("by_name", Text, nullable=False),
            Column("discipline", Text),
            Column("content", Document, nullable=False),
            Column("marked", Text, nullable=False),
        )
        self.reading_index("measures_case", m.c.case_id, m.c.measured_on, m.c.position)

    @handles(CopmRecorded)
    def copm(self, writer: Writer, event: CopmRecorded, position: int) -> None:
        """A COPM."""
        self._add(writer, event, position, "copm", {name: getattr(event, name) for name in _COPM})

    @handles(InstrumentRecorded)
    def instrument(self, writer: Writer, event: InstrumentRecorded, position: int) -> None:
        """A named instrument."""
        self._add(writer, event, position, "instrument", {name: getattr(event, name) for name in _INSTRUMENT})

    def _add(
        self,
        writer: Writer,
        event: CopmRecorded | InstrumentRecorded,
        position: int,
        kind: str,
        content: dict[str, Any],
    ) -> None:
        writer.insert(
            self.measures,
            {
                "measure_id": event.measure_id,
                "case_id": event.originator_id,
                "position": position,
                "kind": kind,
                "measured_on": date.fromisoformat(event.measured_on),
                "recorded_at": event.timestamp,
                "by_id": person_of(event),
                "by_name": event.by["name"],
                "discipline": event.by["discipline"],
                "content": content,
                "marked": "",
            },
        )

    @handles(MeasureEnteredInError)
    def marked(self, writer: Writer, event: MeasureEnteredInError, position: int) -> None:
        """A mistake."""
        writer.update(self.measures, {"measure_id": event.measure_id}, marked=event.reason)

    # ---- queries

    def of_case(self, connection: Connection, case_id: UUID, actor: Actor, child: Relationship) -> list[dict[str, Any]]:
        """The measures of a child, newest first; a mistake is for who recorded it and the team lead."""
        m = self.measures
        query = select(m).where(m.c.case_id == case_id).order_by(m.c.measured_on.desc(), m.c.position.desc())
        if not leads_service_team(actor, child):
            query = query.where(or_(m.c.marked == "", m.c.by_id == actor.person_id))
        return as_mappings(connection.execute(query))
