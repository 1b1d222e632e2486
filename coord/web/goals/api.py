"""Goals: proposed, agreed, observed, scored; and where they hold."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from coord.application.goals.commands import (
    AgreeGoal,
    ChangeGoalStatus,
    EnterGoalInError,
    EnterObservationInError,
    ObserveGoal,
    ProposeGoal,
    ReviseGoal,
    ScoreAttainment,
)
from coord.application.goals.questions import GeneralisationAnswer, GoalAnswer, GoalsAnswer, ReadGoal, ReadGoals
from coord.web.api.fields import Strict, Switch
from coord.web.api.operations import ApiBlueprint, actor, services
from coord.web.api.routes import reads, sends

blueprint = ApiBlueprint("goals", "Goals: what the child's people aim at together, how far it has come, and where.")
GOALS = "/cases/<uuid:case>/goals"
GOAL = f"{GOALS}/<uuid:goal>"


class GoalsQuery(Strict):
    """Which goals."""

    ended = Switch(load_default=False, metadata={"description": "Those stopped or entered in error too"})


reads(
    blueprint,
    GOALS,
    ReadGoals,
    GoalsAnswer,
    query=GoalsQuery,
    about="""Read a child's goals

    Levels by context, the matrix of generalisation, the T-score beside its levels, and what helps. What is for others
    is not in it; a teacher gets what the school needs, and no score.
    """,
)


sends(
    blueprint,
    "POST",
    GOALS,
    ProposeGoal,
    status=201,
    makes="goal_id",
    at="/cases/{case}/goals/{id}",
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
            "levels": [
                {"level": -2, "text": "Waits to be dressed"},
                {"level": -1, "text": "One arm, with a hand to help"},
                {"level": 0, "text": "Both arms, when told how"},
                {"level": 1, "text": "By himself, without the zip"},
                {"level": 2, "text": "By himself, zip and all"},
            ],
            "baseline": -2,
            "importance": 3,
            "difficulty": 2,
        },
    },
    about="""Propose a goal

    Its scale is written before the work starts. It is not for the school before somebody agreed to it.
    """,
)


reads(
    blueprint,
    GOAL,
    ReadGoal,
    GoalAnswer,
    etag="line.version",
    about="""Read one goal's story

    Every wording, who agreed to which, its states, and what was observed of it.
    """,
)


def _standing(case: UUID, goal: UUID) -> dict[str, Any]:
    """What it says now. Read later than the version named is no harm: it is stale if the goal was put in other words in
    between, and whether somebody may is asked before whether they saw the latest."""
    found: GoalAnswer = services().doors.ask(actor(), ReadGoal(case, goal))
    content = found.goal.content
    scale = content["scale"]
    levels = {int(level): text for level, text in scale["levels"].items()} if scale else {}
    day = date.fromisoformat(content["review_date"])
    return {**content, "review_date": day, "scale": scale and {**scale, "levels": levels}}


sends(
    blueprint,
    "PATCH",
    GOAL,
    ReviseGoal,
    standing=_standing,
    example={"criterion": "On five of five days", "reason": "He is nearly there"},
    about="""Put a goal in other words, or write its scale

    Only what is sent is changed; `scale` as a whole, and null takes it away. What it said before stays readable. Other
    levels begin a new `scale_version`.
    """,
)


sends(
    blueprint,
    "POST",
    f"{GOAL}/agreement",
    AgreeGoal,
    example={"parties": [{"name": "Zig", "party": "child"}, {"name": "His mother", "party": "guardian"}]},
    about="""Keep who agreed to a goal as it stands

    A proposed goal is agreed by it.
    """,
)


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


sends(
    blueprint,
    "POST",
    f"{GOAL}/observations",
    ObserveGoal,
    status=201,
    makes="observation_id",
    older=True,
    example={"context": "school", "level": 0, "support": "verbal", "remark": "Before both breaks."},
    about="""Keep what one saw of a goal

    At least one of `level`, `support` and `remark`. The version in the answer is the goal's, which an observation does
    not change. A remark that seems to name another child whom you know is asked about (`names-another-child`). Who saw
    it is one person however they are called: name them by `seen_by`, and once for the child in its circle.
    """,
)


sends(
    blueprint,
    "POST",
    f"{GOAL}/observations/<uuid:observation>/error",
    EnterObservationInError,
    example={"reason": "A slip of the finger"},
    about="Mark an observation as a mistake (who made it, and the team lead)",
)


sends(
    blueprint,
    "POST",
    "/cases/<uuid:case>/attainment",
    ScoreAttainment,
    status=201,
    makes="score_id",
    example={"context": "school"},
    about="""Keep a T-score of the child's goals

    Of the latest levels in one `context`, or of `agreed` ones, never mixed; with every goal, weight and level in it.
    The goals are those under way or achieved that you may read. With neither, it is the only context in which anything
    is rated; where there are several, name one. A summary, and never to rank children by.
    """,
)


reads(
    blueprint,
    "/cases/<uuid:case>/generalisation",
    ReadGoals,
    GeneralisationAnswer,
    name="read_generalisation",
    query=GoalsQuery,
    about="""Read where a child's goals hold

    The matrix, goal by context, with the observations behind each cell and the numbers of the rule. Where nobody
    looked it is `unknown`, which is not "no".
    """,
)
