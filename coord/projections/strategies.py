"""Strategies: what helps, for whom and where, and what came of trying it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Select,
    Table,
    Text,
    Uuid,
    false,
    or_,
    select,
)

from coord.columns import Document, Instant, Position, as_mappings, given
from coord.domain.actors import Actor, Relationship
from coord.domain.case import StrategyEnded, StrategyOffered, StrategyTried
from coord.domain.case.strategies import StrategyTrialEnteredInError, Trial
from coord.domain.permissions import knows_child
from coord.projections.engine import View, Writer, handles, person_of


class Strategies(View):
    """Two tables: strategies, and the reports of trying them."""

    NAME = "strategies"

    def build_tables(self) -> None:
        """Define them."""
        self.strategies = s = Table(
            self.name("strategies"),
            self.metadata,
            Column("strategy_id", Uuid, primary_key=True),
            Column("case_id", Uuid, nullable=False),
            Column("position", BigInteger, nullable=False),
            Column("author_id", Uuid, nullable=False),
            Column("author_name", Text, nullable=False),
            Column("discipline", Text),
            Column("text", Text, nullable=False),
            Column("context", Text, nullable=False),
            Column("goal_id", Uuid),
            Column("audience", Text, nullable=False),
            Column("status", Text, nullable=False),
            Column("offered_at", Instant, nullable=False),
            Column("ended_reason", Text, nullable=False),
            Column("ended_at", Instant),
        )
        self.reading_index("strategies_case", s.c.case_id, s.c.position)
        self.trials = t = Table(
            self.name("strategy_trials"),
            self.metadata,
            Column("position", Position, primary_key=True, autoincrement=False),
            Column("strategy_id", Uuid, nullable=False),
            # A `Trial`, field by field.
            Column("id", Uuid, nullable=False),
            Column("outcome", Text, nullable=False),
            Column("remark", Text, nullable=False),
            Column("tried_at", Instant, nullable=False),
            Column("reported_by", Text, nullable=False),
            Column("by", Document, nullable=False),
            Column("error", Text, nullable=False),
        )
        Index(self.name("strategy_trials_of"), t.c.strategy_id, t.c.id)

    @handles(StrategyOffered)
    def offered(self, writer: Writer, event: StrategyOffered, position: int) -> None:
        """Something new to try."""
        writer.insert(
            self.strategies,
            {
                "strategy_id": event.strategy_id,
                "case_id": event.originator_id,
                "position": position,
                "author_id": person_of(event),
                "author_name": event.by["name"],
                "discipline": event.by["discipline"],
                "text": event.text,
                "context": event.context,
                "goal_id": UUID(event.goal) if event.goal else None,
                "audience": event.audience,
                "status": "offered",
                "offered_at": event.timestamp,
                "ended_reason": "",
                "ended_at": None,
            },
        )

    @handles(StrategyTried)
    def tried(self, writer: Writer, event: StrategyTried, position: int) -> None:
        """What came of it."""
        trial = asdict(Trial.told(event))
        writer.insert(self.trials, {"position": position, "strategy_id": event.strategy_id, **trial})

    @handles(StrategyTrialEnteredInError)
    def mistaken(self, writer: Writer, event: StrategyTrialEnteredInError, position: int) -> None:
        """A mistake."""
        key = {"strategy_id": event.strategy_id, "id": event.trial_id}
        writer.update(self.trials, key, error=event.reason)

    @handles(StrategyEnded)
    def ended(self, writer: Writer, event: StrategyEnded, position: int) -> None:
        """No longer advised."""
        key = {"strategy_id": event.strategy_id}
        writer.update(self.strategies, key, status="ended", ended_reason=event.reason, ended_at=event.timestamp)

    # ---- queries

    def readable(self, actor: Actor, child: Relationship) -> ColumnElement[bool]:
        """`may_read_entry` in SQL: no strategy is for one discipline only, none is ever hidden as a mistake."""
        s = self.strategies
        if not knows_child(actor, child):
            return false()
        if actor.sight.as_school:
            return or_(s.c.author_id == actor.person_id, s.c.audience == "care-team-and-school")
        return s.c.case_id.is_not(None)

    def of_case(
        self,
        connection: Connection,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        *,
        goal_id: UUID | None = None,
        ended_too: bool = False,
    ) -> list[dict[str, Any]]:
        """The strategies of a child that the actor may read, in the order in which they were offered."""
        s = self.strategies
        query = select(s).where(s.c.case_id == case_id, self.readable(actor, child)).order_by(s.c.position)
        if goal_id is not None:
            query = query.where(s.c.goal_id == goal_id)
        if not ended_too:
            query = query.where(s.c.status == "offered")
        return as_mappings(connection.execute(query))

    def standing(self, connection: Connection, case_ids: Sequence[UUID]) -> list[dict[str, Any]]:
        """Every strategy of these children, whoever may read it: case_id, strategy_id, text, status, ended_at."""
        if not case_ids:
            return []
        return self.asked.all(connection, self._standing, asked=[(case_id,) for case_id in case_ids])

    def _standing(self) -> Select[Any]:
        s, asked = self.strategies, given("asked", Column("id", Uuid))
        told = (s.c.case_id, s.c.strategy_id, s.c.text, s.c.status, s.c.ended_at)
        return select(*told).join(asked, asked.c.id == s.c.case_id)

    def texts(self, connection: Connection, strategy_ids: Sequence[UUID]) -> dict[UUID, str]:
        """The words of strategies handed over in group sessions, for who may read the line that names them."""
        s = self.strategies
        if not strategy_ids:
            return {}
        query = select(s.c.strategy_id, s.c.text).where(s.c.strategy_id.in_(list(strategy_ids)))
        return {row.strategy_id: row.text for row in connection.execute(query)}

    def trials_of(self, connection: Connection, strategies: Sequence[UUID]) -> dict[UUID, list[Trial]]:
        """What came of these strategies, in the order in which it was told, whoever may read it."""
        found: dict[UUID, list[Trial]] = {strategy: [] for strategy in strategies}
        if not strategies:
            return found
        t = self.trials
        query = select(t).where(t.c.strategy_id.in_(list(strategies))).order_by(t.c.position)
        for row in connection.execute(query).mappings():
            found[row["strategy_id"]].append(Trial(**{one.name: row[one.name] for one in fields(Trial)}))
        return found
