"""Goals: proposed, agreed, observed, scored; and where they hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response

from coord.application.goals.commands import (
    AgreedLevels,
    AgreeGoal,
    ChangeGoalStatus,
    EnterGoalInError,
    EnterObservationInError,
    ObserveGoal,
    ProposeGoal,
    ReviseGoal,
    ScoreAttainment,
)
from coord.application.goals.questions import GoalAnswer, GoalsAnswer, ReadGoal, ReadGoals
from coord.domain.case import GoalContent, ObservationContent
from coord.domain.case.goals import ScaleContent
from coord.web.api import answers, goal_answers, goal_schemas, schemas
from coord.web.api.fields import answers_in
from coord.web.api.intake import expected_version
from coord.web.api.operations import PREFIX, ApiBlueprint, actor, new_id, operation, services
from coord.web.api.routes import sends

blueprint = ApiBlueprint("goals", "Goals: what the child's people aim at together, how far it has come, and where.")
GOALS = "/cases/<uuid:case>/goals"
GOAL = f"{GOALS}/<uuid:goal>"


@operation(blueprint, "GET", GOALS, query=goal_schemas.GoalsQuery, answer=goal_schemas.GoalsAnswer)
def read_goals(case: UUID, query: dict[str, Any]) -> Response:
    """Read a child's goals

    Levels by context, the matrix of generalisation, the T-score beside its levels, and what helps. What is for others
    is not in it; a teacher gets what the school needs, and no score.
    """
    found: GoalsAnswer = services().doors.ask(actor(), ReadGoals(case, query["ended"]))
    return answers.json_answer(goal_answers.goals(found))


@operation(
    blueprint,
    "POST",
    GOALS,
    body=goal_schemas.NewGoal,
    answer=schemas.Receipt,
    status=201,
    example={
        "statement": "Zig puts his jacket on by himself before he goes out.",
        "child_view": "I want to be first outside.",
        "icf": "d5",
        "contexts": ["home", "school"],
        "condition": "With the jacket laid on the floor",
        "criterion": "On four of five days",
        "support": "verbal",
        "review_date": "2026-06-10",
        "audience": "care-team-and-school",
        "scale": {
            "levels": {
                "-2": "Waits to be dressed",
                "-1": "One arm, with a hand to help",
                "0": "Both arms, when told how",
                "1": "By himself, without the zip",
                "2": "By himself, zip and all",
            },
            "baseline": -2,
            "importance": 3,
            "difficulty": 2,
        },
    },
    located=True,
)
def propose_goal(case: UUID, body: dict[str, Any]) -> Response:
    """Propose a goal

    Its scale is written before the work starts. It is not for the school before somebody agreed to it.
    """
    goal_id = new_id(body.pop("id", None))
    done = services().doors.execute(actor(), ProposeGoal(case, goal_id, _content(body)))
    return answers.receipt(done, 201, location=f"{PREFIX}/cases/{case}/goals/{goal_id}")


@operation(blueprint, "GET", GOAL, answer=goal_schemas.GoalAnswer, etag=True)
def read_goal(case: UUID, goal: UUID) -> Response:
    """Read one goal's story

    Every wording, who agreed to which, its states, and what was observed of it.
    """
    found: GoalAnswer = services().doors.ask(actor(), ReadGoal(case, goal))
    return answers.json_answer(goal_answers.goal(found), etag=found.line.version)


@operation(
    blueprint,
    "PATCH",
    GOAL,
    body=goal_schemas.GoalChanges,
    answer=schemas.Receipt,
    if_match="required",
    example={"criterion": "On five of five days", "reason": "He is nearly there"},
)
def revise_goal(case: UUID, goal: UUID, body: dict[str, Any]) -> Response:
    """Put a goal in other words, or write its scale

    Only what is sent is changed; `scale` as a whole, and null takes it away. What it said before stays readable. Other
    levels begin a new `scale_version`.
    """
    version = expected_version() or 0
    reason = body.pop("reason")
    found: GoalAnswer = services().doors.ask(actor(), ReadGoal(case, goal))
    # Read later than the version named is no harm: it is stale if the goal was put in other words in between, and
    # whether somebody may is asked before whether they saw the latest.
    present = dict(found.goal.content)
    content = _content({**present, "review_date": date.fromisoformat(str(present["review_date"])), **body})
    return answers.receipt(services().doors.execute(actor(), ReviseGoal(case, goal, version, content, reason)))


@operation(
    blueprint,
    "POST",
    f"{GOAL}/agreement",
    body=goal_schemas.NewAgreement,
    answer=schemas.Receipt,
    if_match="required",
    example={"parties": [{"name": "Zig", "party": "child"}, {"name": "His mother", "party": "guardian"}]},
)
def agree_goal(case: UUID, goal: UUID, body: dict[str, Any]) -> Response:
    """Keep who agreed to a goal as it stands

    A proposed goal is agreed by it.
    """
    parties = [(p["name"], p["party"]) for p in body["parties"]]
    command = AgreeGoal(case, goal, expected_version() or 0, parties)
    return answers.receipt(services().doors.execute(actor(), command))


sends(
    blueprint,
    "POST",
    f"{GOAL}/status",
    ChangeGoalStatus,
    example={"status": "active"},
    about="""Begin, pause, achieve, maintain or stop; or begin again

    `next_statuses` of the goal says what may follow now.
    """,
)


sends(
    blueprint,
    "POST",
    f"{GOAL}/error",
    EnterGoalInError,
    if_match="required",
    example={"reason": "Written for the wrong child"},
    about="""Mark a goal as one that should never have existed (its author, and the team lead)

    It is hidden from ordinary views and kept.
    """,
)


@operation(
    blueprint,
    "POST",
    f"{GOAL}/observations",
    body=goal_schemas.NewObservation,
    answer=schemas.Receipt,
    status=201,
    example={"context": "school", "level": 0, "support": "verbal", "remark": "Before both breaks."},
)
def observe_goal(case: UUID, goal: UUID, body: dict[str, Any]) -> Response:
    """Keep what one saw of a goal

    The version in the answer is the goal's, which an observation does not change. A remark that seems to name another
    child whom you know is asked about (`names-another-child`). Who saw it is one person however they are called: name
    them by `seen_by`, and once for the child in its circle.
    """
    observation_id, answered = new_id(body.pop("id", None)), answers_in(body)
    content = ObservationContent(**{**body, "support": body.get("support") or ""})
    command = ObserveGoal(case, goal, observation_id, content, answered)
    return answers.receipt(services().doors.execute(actor(), command), 201)


sends(
    blueprint,
    "POST",
    f"{GOAL}/observations/<uuid:observation>/error",
    EnterObservationInError,
    example={"reason": "A slip of the finger"},
    about="Mark an observation as a mistake (who made it, and the team lead)",
)


@operation(
    blueprint,
    "POST",
    "/cases/<uuid:case>/attainment",
    body=goal_schemas.NewScore,
    answer=schemas.Receipt,
    status=201,
    example={"context": "school"},
)
def score_attainment(case: UUID, body: dict[str, Any]) -> Response:
    """Keep a T-score of the child's goals

    Over the latest levels in one context, or over levels agreed on a day, never mixed; with every goal, weight and
    level in it. A summary, and never to rank children by.
    """
    agreed = body.get("agreed")
    if agreed is not None:
        parties = [(p["name"], p["party"]) for p in agreed["parties"]]
        agreed = AgreedLevels(agreed["on"], parties, {one["goal"]: one["level"] for one in agreed["levels"]})
    command = ScoreAttainment(case, new_id(body.get("id")), body.get("context") or "", agreed)
    return answers.receipt(services().doors.execute(actor(), command), 201)


@operation(
    blueprint,
    "GET",
    "/cases/<uuid:case>/generalisation",
    query=goal_schemas.GoalsQuery,
    answer=goal_schemas.GeneralisationAnswer,
)
def read_generalisation(case: UUID, query: dict[str, Any]) -> Response:
    """Read where a child's goals hold

    The matrix, goal by context, with the observations behind each cell and the numbers of the rule. Where nobody
    looked it is `unknown`, which is not "no".
    """
    found: GoalsAnswer = services().doors.ask(actor(), ReadGoals(case, query["ended"]))
    return answers.json_answer(goal_answers.matrix(found))


def _content(body: Mapping[str, Any]) -> GoalContent:
    scale = body.get("scale")
    if scale is not None:
        levels = {int(level): text for level, text in scale["levels"].items()}
        scale = ScaleContent(levels, scale.get("baseline"), scale.get("importance"), scale.get("difficulty"))
    return GoalContent(**{**body, "icf": body.get("icf") or "", "scale": scale})
