"""The CRUD app's page of goals: two tables, the very template of Coord's page, and the same work to present it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, render_template, request
from sqlalchemy import Column, Engine, Index, Integer, MetaData, Table, Text, Uuid, insert, select

from coord.application.goals.questions import GoalLine, GoalObservation, GoalsAnswer, ScoreInContext
from coord.application.shown import Shown
from coord.columns import Document, Instant
from coord.domain.actors import Discipline, Relation, Relationship, Role
from coord.domain.case.attainment import ScaledGoal, attainment
from coord.domain.case.generalisation import Rule, Seen, generalisation, is_shown
from coord.domain.case.goals.goal import KnownAs
from coord.domain.case.goals.scales import weight_of
from coord.domain.case.goals.wording import Context
from coord.web.goals import words as goal_words

ENDPOINTS = (
    "goals.index",
    "goals.show",
    "goals.new",
    "goals.observe",
    "goals.observation_error",
    "goals.score",
    "goals.agreed_levels",
    "circle.index",
    "strategies.index",
    "strategies.tell",
    "strategies.end",
    "measures.index",
    "goal_review.show",
)
METADATA = MetaData()
GOALS = Table(
    "goals",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("child_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("content", Document, nullable=False),
)
Index("goals_of", GOALS.c.child_id)
RATINGS = Table(
    "ratings",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("child_id", Uuid, nullable=False),
    Column("goal_id", Uuid, nullable=False),
    Column("context", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("support", Text, nullable=False),
    Column("observed_at", Instant, nullable=False),
    Column("observer", Text, nullable=False),
)
Index("ratings_of", RATINGS.c.child_id, RATINGS.c.observed_at)


def add_goals(app: Flask, engine: Engine, around: Mapping[str, Any]) -> None:
    """Store goals with their ratings, and show them. ``around`` is what every page gets."""
    METADATA.create_all(engine)

    @app.post("/children/<uuid:child>/goals")
    def store_goal(child: UUID) -> Response:
        body, goal, now = request.get_json(), uuid4(), datetime.now(UTC)
        with engine.begin() as connection:
            row = {"id": goal, "child_id": child, "status": "active", "created_at": now, "content": body["content"]}
            connection.execute(insert(GOALS).values(row))
            ratings = [
                {**r, "id": uuid4(), "child_id": child, "goal_id": goal, "observer": "Ada Bench"}
                | {"observed_at": datetime.fromisoformat(r["observed_at"])}
                for r in body["ratings"]
            ]
            connection.execute(insert(RATINGS), ratings)
        return Response(status=201)

    @app.get("/children/<uuid:child>/goals")
    def goals(child: UUID) -> str:
        with engine.connect() as connection:
            found = connection.execute(select(GOALS).where(GOALS.c.child_id == child)).mappings().all()
            of_child = select(RATINGS).where(RATINGS.c.child_id == child).order_by(RATINGS.c.observed_at)
            ratings: dict[UUID, list[Any]] = {g["id"]: [] for g in found}
            for r in connection.execute(of_child).mappings():
                ratings[r["goal_id"]].append(r)
        lines = [_line(dict(g), ratings[g["id"]]) for g in found]
        contexts = {cell.context for line in lines for cell in line.generalisation.cells}
        rated = [c.value for c in Context if any(c.value in line.latest for line in lines)]
        shown = Shown(1, datetime.now(UTC))
        may = frozenset({"ProposeGoal", "ScoreAttainment"})
        answer = GoalsAnswer(
            case_id=child,
            preferred_name="Bench",
            status="open",
            relationship=Relationship(Relation.OCCUPATIONAL_THERAPIST),
            shown=shown,
            goals=lines,
            strategies=(),
            attainments=[ScoreInContext(c, attainment([_scaled(line, c) for line in lines])) for c in rated],
            scores=(),
            withheld=0,
            rule=Rule(),
            rule_change=None,
            may=may,
        )
        return render_template(
            "goals/index.html",
            from_note=None,
            answer=answer,
            ended=False,
            matrix_contexts=[c.value for c in Context if c.value in contexts],
            cells={line.id: {cell.context: cell for cell in line.generalisation.cells} for line in lines},
            strategies={line.id: [] for line in lines},
            scored=lines,
            weight_of=weight_of,
            said=[""],
            notice=None,
            case_id=child,
            preferred_name="Bench",
            shown=shown,
            incomplete_since=None,
            leads=False,
            role="therapist",
            teacher=False,
            words=goal_words,
            zone_key="Europe/Rome",
            today=datetime.now(UTC).date(),
            **around,
        )


def _scaled(line: GoalLine, context: str) -> ScaledGoal:
    scale, latest = line.content["scale"], line.latest.get(context)
    if latest is None:
        return ScaledGoal(line.id, weight_of(scale), None, scale["baseline"])
    seen = (latest.context, latest.observed_at, latest.rater, False, latest.id)
    return ScaledGoal(line.id, weight_of(scale), latest.level, scale["baseline"], 1, *seen)


def _line(goal: Mapping[str, Any], ratings: Sequence[Mapping[str, Any]]) -> GoalLine:
    content = goal["content"]
    seen = [
        Seen(r["id"], r["context"], r["observed_at"].date(), r["observer"], r["level"], r["support"]) for r in ratings
    ]
    observations = [
        GoalObservation(
            id=r["id"],
            context=r["context"],
            level=r["level"],
            scale_version=1,
            comparable=True,
            support=r["support"],
            shown=is_shown(o, content["support"]),
            remark="",
            observed_at=r["observed_at"],
            received_at=r["observed_at"],
            observer={
                "person": goal["id"],
                "name": r["observer"],
                "role": Role.THERAPIST,
                "discipline": Discipline.OT,
            },
            seen_by={"known_as": KnownAs.WRITER, "person": None, "name": "", "relation": ""},
            answered=(),
            note_id=None,
            from_group=False,
            marked="",
        )
        for r, o in zip(ratings, seen, strict=True)
    ]
    latest = ratings[-1]
    return GoalLine(
        id=goal["id"],
        status=goal["status"],
        version=3,
        content=content,
        scale_version=1,
        author_name="Ada Bench",
        discipline=Discipline.OT,
        proposed_at=goal["created_at"],
        agreed_as_it_stands=True,
        review_date=date.fromisoformat(content["review_date"]),
        review_passed=False,
        observations=observations,
        level=latest["level"],
        level_on=latest["observed_at"],
        level_context=latest["context"],
        level_by=latest["observer"],
        latest={o.context: o for o in observations},
        generalisation=generalisation(
            seen,
            contexts=content["contexts"],
            agreed_support=content["support"],
            begun=True,
            rule=Rule(),
            today=datetime.now(UTC).date(),
        ),
        may=frozenset({"ObserveGoal", "ReviseGoal", "AgreeGoal", "ChangeGoalStatus", "OfferStrategy"}),
    )
