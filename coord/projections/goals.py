"""Goals: each as it stands, what was observed of it in which context, and the scores that were kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    Float,
    Index,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
)

from coord.columns import Document, InOrder, Instant, Position, as_mappings, each_as, given
from coord.domain.actors import Actor, Relationship
from coord.domain.case import (
    AttainmentScored,
    GoalAgreed,
    GoalObservationEnteredInError,
    GoalObserved,
    GoalProposed,
    GoalRevised,
    GoalStatusChanged,
)
from coord.domain.permissions import knows_child, leads_service_team
from coord.projections.engine import View, Writer, handles, person_of


class Goals(View):
    """Three tables: goals, observations, scores."""

    NAME = "goals"
    OPEN = ("proposed", "agreed", "active", "on-hold")
    """States of a goal that has not ended."""

    def build_tables(self) -> None:
        """Define them."""
        self.goals = g = Table(
            self.name("goals"),
            self.metadata,
            Column("goal_id", Uuid, primary_key=True),
            Column("case_id", Uuid, nullable=False),
            Column("position", BigInteger, nullable=False),
            Column("author_id", Uuid, nullable=False),
            Column("author_name", Text, nullable=False),
            Column("role", Text, nullable=False),
            Column("discipline", Text),
            Column("audience", Text, nullable=False),
            Column("status", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("content_version", Integer, nullable=False),
            Column("scale_version", Integer, nullable=False),
            Column("agreed_version", Integer, nullable=False),
            Column("content", Document, nullable=False),
            Column("review_date", Date, nullable=False),
            Column("proposed_at", Instant, nullable=False),
        )
        self.reading_index("goals_case", g.c.case_id, g.c.position)
        self.observations = o = Table(
            self.name("goal_observations"),
            self.metadata,
            Column("position", Position, primary_key=True, autoincrement=False),
            Column("goal_id", Uuid, nullable=False),
            Column("case_id", Uuid, nullable=False),
            Column("observation_id", Uuid, nullable=False),
            Column("context", Text, nullable=False),
            Column("level", Integer),
            Column("scale_version", Integer, nullable=False),
            Column("support", Text, nullable=False),
            Column("remark", Text, nullable=False),
            Column("observed_at", Instant, nullable=False),
            Column("received_at", Instant, nullable=False),
            Column("observer_id", Uuid, nullable=False),
            Column("observer_name", Text, nullable=False),
            Column("role", Text, nullable=False),
            Column("discipline", Text),
            Column("seen_as", Text, nullable=False),
            Column("seen_person", Uuid),
            Column("seen_relation", Text, nullable=False),
            Column("reported_by", Text, nullable=False),
            Column("answered", Document, nullable=False),
            Column("note_id", Uuid),
            Column("marked", Text, nullable=False),
        )
        self.reading_index("goal_observations_case", o.c.case_id, o.c.observed_at, o.c.position)
        Index(self.name("goal_observations_goal"), o.c.goal_id, o.c.observation_id)
        self.reading_index("goal_observations_one", o.c.observation_id)
        self.scores = s = Table(
            self.name("attainment_scores"),
            self.metadata,
            Column("position", Position, primary_key=True, autoincrement=False),
            Column("score_id", Uuid, nullable=False),
            Column("case_id", Uuid, nullable=False),
            Column("at", Instant, nullable=False),
            Column("by_name", Text, nullable=False),
            Column("t", Float, nullable=False),
            Column("baseline_t", Float),
            Column("rho", Float, nullable=False),
            Column("rated", Integer, nullable=False),
            Column("scaled", Integer, nullable=False),
            Column("basis", Document, nullable=False),
            Column("goals", Document, nullable=False),
        )
        self.reading_index("attainment_scores_case", s.c.case_id, s.c.position)

    # ---- handlers

    @handles(GoalProposed)
    def proposed(self, writer: Writer, event: GoalProposed, position: int) -> None:
        """A new goal."""
        writer.insert(
            self.goals,
            {
                "goal_id": event.goal_id,
                "case_id": event.originator_id,
                "position": position,
                "author_id": person_of(event),
                "author_name": event.by["name"],
                "role": event.by["role"],
                "discipline": event.by["discipline"],
                "audience": event.content["audience"],
                "status": "proposed",
                "version": 1,
                "content_version": 1,
                "scale_version": 1,
                "agreed_version": 0,
                "content": event.content,
                "review_date": date.fromisoformat(event.content["review_date"]),
                "proposed_at": event.timestamp,
            },
        )

    @handles(GoalRevised)
    def revised(self, writer: Writer, event: GoalRevised, position: int) -> None:
        """Other words."""
        self._set(
            writer,
            event.goal_id,
            content=event.content,
            audience=event.content["audience"],
            review_date=date.fromisoformat(event.content["review_date"]),
            content_version=event.content_version,
            scale_version=event.scale_version,
        )

    @handles(GoalAgreed)
    def agreed(self, writer: Writer, event: GoalAgreed, position: int) -> None:
        """Agreed in these words; a proposed goal becomes an agreed one."""
        writer.update(self.goals, {"goal_id": event.goal_id, "status": "proposed"}, status="agreed")
        self._set(writer, event.goal_id, agreed_version=event.content_version)

    @handles(GoalStatusChanged)
    def status_changed(self, writer: Writer, event: GoalStatusChanged, position: int) -> None:
        """Another state."""
        self._set(writer, event.goal_id, status=event.status)

    def _set(self, writer: Writer, goal_id: UUID, **values: Any) -> None:
        row = writer.one(self.goals, goal_id=goal_id)
        writer.update(self.goals, {"goal_id": goal_id}, **values, version=row["version"] + 1)

    @handles(GoalObserved)
    def observed(self, writer: Writer, event: GoalObserved, position: int) -> None:
        """What somebody saw."""
        writer.insert(
            self.observations,
            {
                "position": position,
                "goal_id": event.goal_id,
                "case_id": event.originator_id,
                "observation_id": event.observation_id,
                "context": event.context,
                "level": event.level,
                "scale_version": event.scale_version,
                "support": event.support,
                "remark": event.remark,
                "observed_at": event.observed_at,
                "received_at": event.timestamp,
                "observer_id": person_of(event),
                "observer_name": event.by["name"],
                "role": event.by["role"],
                "discipline": event.by["discipline"],
                "seen_as": event.seen_by["known_as"],
                "seen_person": UUID(event.seen_by["person"]) if event.seen_by["person"] else None,
                "seen_relation": event.seen_by["relation"],
                "reported_by": event.seen_by["name"],
                "answered": event.answered,
                "note_id": UUID(event.note) if event.note else None,
                "marked": "",
            },
        )

    @handles(GoalObservationEnteredInError)
    def marked(self, writer: Writer, event: GoalObservationEnteredInError, position: int) -> None:
        """A mistake."""
        key = {"goal_id": event.goal_id, "observation_id": event.observation_id}
        writer.update(self.observations, key, marked=event.reason)

    @handles(AttainmentScored)
    def scored(self, writer: Writer, event: AttainmentScored, position: int) -> None:
        """A score was kept."""
        writer.insert(
            self.scores,
            {
                "position": position,
                "score_id": event.score_id,
                "case_id": event.originator_id,
                "at": event.signed_at,
                "by_name": event.by["name"],
                "t": event.t,
                "baseline_t": event.baseline_t,
                "rho": event.rho,
                "rated": event.rated,
                "scaled": event.scaled,
                "basis": event.basis,
                "goals": event.goals,
            },
        )

    # ---- queries

    def readable(self, actor: Actor, child: Relationship) -> ColumnElement[bool]:
        """`may_read_goal` in SQL."""
        g = self.goals
        if not knows_child(actor, child):
            return false()
        own = g.c.author_id == actor.person_id
        if actor.sight.as_school:
            others: ColumnElement[bool] = and_(g.c.audience == "care-team-and-school", g.c.agreed_version > 0)
        elif actor.discipline is None:
            others = g.c.audience != "own-discipline"
        else:
            others = or_(g.c.audience != "own-discipline", g.c.discipline == actor.discipline.value)
        if not leads_service_team(actor, child):
            others = and_(others, g.c.status != "entered-in-error")
        return or_(own, others)

    def of_case(
        self, connection: Connection, case_id: UUID, actor: Actor, child: Relationship, *, goal_id: UUID | None = None
    ) -> list[dict[str, Any]]:
        """The goals of a child that the actor may read, in the order in which they were proposed; or one of them."""
        g = self.goals
        query = select(g).where(g.c.case_id == case_id, self.readable(actor, child)).order_by(g.c.position)
        if goal_id is not None:
            query = query.where(g.c.goal_id == goal_id)
        return as_mappings(connection.execute(query))

    def of_children(
        self,
        connection: Connection,
        actor: Actor,
        children: Mapping[UUID, Relationship],
        statuses: Sequence[str],
    ) -> list[dict[str, Any]]:
        """The goals of these children that stand in one of these states and that the actor, by what they are to each,
        may read; child by child, in the order in which they were proposed."""
        g = self.goals
        if not children:
            return []
        theirs = each_as(g.c.case_id, children, lambda child: self.readable(actor, child))
        query = select(g).where(theirs, g.c.status.in_(list(statuses))).order_by(g.c.case_id, g.c.position)
        return as_mappings(connection.execute(query))

    def waiting(
        self,
        connection: Connection,
        case_ids: Sequence[UUID],
        led: Collection[UUID],
        today: date,
        person: UUID,
        discipline: str | None,
    ) -> list[dict[str, Any]]:
        """The open goals of these children whose review day has come, or whose wording nobody has agreed to: those of
        the ``person``, of students of the ``discipline``, and of the children that are ``led`` everybody's. For whom
        they wait, and who may read them, the caller says."""
        if not case_ids:
            return []
        asked = [(case_id, int(case_id in led)) for case_id in case_ids]
        return self.asked.all(
            connection, self._waiting, asked=asked, today=today, person=person, discipline=discipline or ""
        )

    def _waiting(self) -> Select[Any]:
        g = self.goals
        asked = given("asked", Column("id", Uuid), Column("led", Integer))
        columns = (g.c.goal_id, g.c.case_id, g.c.author_id, g.c.role, g.c.discipline, g.c.audience, g.c.status)
        more = (g.c.agreed_version, g.c.content_version, g.c.content, g.c.review_date, g.c.proposed_at)
        theirs = or_(
            g.c.author_id == bindparam("person", type_=Uuid()),
            and_(g.c.role == "student", g.c.discipline == bindparam("discipline")),
            asked.c.led == 1,
        )
        due = or_(g.c.review_date <= bindparam("today", type_=Date()), g.c.agreed_version < g.c.content_version)
        return (
            select(*columns, *more)
            .join(asked, asked.c.id == g.c.case_id)
            .where(g.c.status.in_(self.OPEN), due, theirs)
            .order_by(g.c.case_id, g.c.position)
        )

    def count(
        self,
        connection: Connection,
        *,
        statuses: Sequence[str],
        case_id: UUID | None = None,
        author: UUID | None = None,
    ) -> int:
        """How many goals stand in one of these states: of a child, of who proposed them, or of both."""
        g = self.goals
        query = select(func.count()).select_from(g).where(g.c.status.in_(list(statuses)))
        if case_id is not None:
            query = query.where(g.c.case_id == case_id)
        if author is not None:
            query = query.where(g.c.author_id == author)
        return int(connection.execute(query).scalar_one())

    def addressed(self, connection: Connection, goal_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """Goals that a group works on, for the staff of the group: whoever may read the goal chose it for them."""
        g = self.goals
        if not goal_ids:
            return {}
        columns = (g.c.goal_id, g.c.case_id, g.c.status, g.c.audience, g.c.scale_version, g.c.content)
        rows = connection.execute(select(*columns).where(g.c.goal_id.in_(list(goal_ids)))).mappings()
        return {row["goal_id"]: dict(row) for row in rows}

    def rated(self, connection: Connection, observation_ids: Sequence[UUID]) -> dict[tuple[UUID, UUID], dict[str, Any]]:
        """The ratings with these ids, by goal and observation, for who may read what they belong to (the line of a
        group session) or made them (``observer_id``); not those marked as a mistake since. The id of an observation is
        its sender's choice: of two goals, perhaps of two children, two may have the same."""
        o = self.observations
        if not observation_ids:
            return {}
        what = (o.c.level, o.c.support, o.c.remark, o.c.scale_version, o.c.observer_id)
        columns = (o.c.observation_id, o.c.goal_id, *what)
        query = select(*columns).where(o.c.observation_id.in_(list(observation_ids)), o.c.marked == "")
        return {(row["goal_id"], row["observation_id"]): dict(row) for row in connection.execute(query).mappings()}

    def readable_ids(
        self,
        connection: Connection,
        *,
        actor: Actor,
        children: Mapping[UUID, Relationship],
        entries: Collection[UUID],
    ) -> set[tuple[UUID, UUID]]:
        """Which of these are goals of these children that the actor, by what they are to each, may open now: pairs of
        child and goal."""
        g = self.goals
        theirs = each_as(InOrder(g.c.case_id), children, lambda child: self.readable(actor, child))
        query = select(g.c.case_id, g.c.goal_id).where(g.c.goal_id.in_(sorted(entries)), theirs)
        return {(row.case_id, row.goal_id) for row in connection.execute(query)} if entries else set()

    def observed_of(
        self,
        connection: Connection,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        goals: Sequence[UUID],
        *,
        marked_too: bool = False,
    ) -> dict[UUID, list[dict[str, Any]]]:
        """Observations of these goals that the actor may read, oldest first, by goal; of goals that they may read.

        A teacher: what was seen at school, but by no student, for nobody attested it; and their own. What was entered
        in error (``marked_too``) is for who wrote it and the team lead.
        """
        found: dict[UUID, list[dict[str, Any]]] = {goal: [] for goal in goals}
        if not goals:
            return found
        told = {"case": case_id, "goals": [(goal,) for goal in goals], "reader": actor.person_id}
        alike = actor.sight.as_school, marked_too, leads_service_team(actor, child)
        for row in self.asked.all(connection, self._observed, *alike, **told):
            found[row["goal_id"]].append(row)
        return found

    def _observed(self, teacher: bool, marked_too: bool, leads: bool) -> Select[Any]:
        o = self.observations
        goals = given("goals", Column("id", Uuid))
        query = (
            select(o)
            .where(o.c.case_id == bindparam("case"), o.c.goal_id.in_(select(goals.c.id)))
            .order_by(o.c.observed_at, o.c.position)
        )
        own = o.c.observer_id == bindparam("reader")
        if teacher:
            query = query.where(or_(own, and_(o.c.context == "school", o.c.role != "student")))
        if not marked_too:
            query = query.where(o.c.marked == "")
        elif not leads:
            query = query.where(or_(own, o.c.marked == ""))
        return query

    def typed_names(
        self, connection: Connection, case_id: UUID, actor: Actor, child: Relationship
    ) -> list[tuple[str, int]]:
        """The names that were only typed for who saw something of goals that the actor may read, and how often each."""
        o = self.observations
        readable = select(self.goals.c.goal_id).where(self.goals.c.case_id == case_id, self.readable(actor, child))
        query = (
            select(o.c.reported_by, func.count())
            .where(o.c.case_id == case_id, o.c.seen_as == "written", o.c.marked == "", o.c.goal_id.in_(readable))
            .group_by(o.c.reported_by)
            .order_by(o.c.reported_by)
        )
        return [(name, count) for name, count in connection.execute(query)]

    def scores_of(self, connection: Connection, case_id: UUID) -> list[dict[str, Any]]:
        """The scores kept for a child, newest first."""
        s = self.scores
        query = select(s).where(s.c.case_id == case_id).order_by(s.c.position.desc())
        return as_mappings(connection.execute(query))
