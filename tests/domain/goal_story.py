"""A goal's past, in the domain's words: facts for `tests.domain.story`."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from coord.domain.actors import Actor
from coord.domain.case.goals import (
    Goal,
    GoalAgreed,
    GoalContent,
    GoalEvent,
    GoalObservationEnteredInError,
    GoalObserved,
    GoalProposed,
    GoalRevised,
    GoalStatusChanged,
    ScaleContent,
)
from coord.domain.case.goals.goal import written_name
from coord.domain.case.goals.scales import Scale
from coord.domain.case.goals.wording import Content
from tests.domain.story import ADA, NOW, TODAY, Fact, Story

GOAL, SEEN = UUID(int=21), UUID(int=31)
LEVELS = {-2: "no word", -1: "two words", 0: "five words", 1: "five words on the line", 2: "a page on the line"}
SCALE: Scale = {
    "levels": {str(n): words for n, words in LEVELS.items()},
    "baseline": -1,
    "importance": None,
    "difficulty": None,
}


def wording(**changes: Any) -> Content:
    """What a goal says in the record."""
    words: dict[str, Any] = {
        "statement": "Copies a sentence of five words on the line",
        "child_view": "",
        "icf": "d1",
        "disciplines": ["ot"],
        "contexts": ["therapy", "home", "school"],
        "condition": "",
        "criterion": "",
        "support": "verbal",
        "baseline": "",
        "review_date": "2026-09-01",
        "audience": "care-team",
        "scale": SCALE,
    }
    words.update(changes)
    return words  # type: ignore[return-value]


def written(**changes: Any) -> GoalContent:
    """The same as it is typed."""
    values: dict[str, Any] = {
        "statement": "Copies a sentence of five words on the line",
        "icf": "d1",
        "disciplines": ["ot"],
        "contexts": ["therapy", "home", "school"],
        "support": "verbal",
        "review_date": date(2026, 9, 1),
        "scale": ScaleContent(LEVELS, baseline=-1),
    }
    return GoalContent(**{**values, **changes})


def proposed(by: Actor = ADA, goal_id: UUID = GOAL, **changes: Any) -> Fact:
    return Fact(GoalProposed, by, goal_id=goal_id, content=wording(**changes))


def revised(version: int = 2, scale_version: int = 1, by: Actor = ADA, **changes: Any) -> Fact:
    return Fact(
        GoalRevised,
        by,
        goal_id=GOAL,
        content=wording(**changes),
        content_version=version,
        scale_version=scale_version,
        reason="clearer",
    )


def agreed(version: int = 1, by: Actor = ADA) -> Fact:
    parties = [{"name": "Mother", "party": "guardian"}]
    return Fact(GoalAgreed, by, goal_id=GOAL, content_version=version, parties=parties)


def became(status: str, before: str = "agreed", reason: str = "", by: Actor = ADA) -> Fact:
    return Fact(GoalStatusChanged, by, goal_id=GOAL, status=status, before=before, reason=reason)


def observed(
    level: int | None = 0,
    context: str = "therapy",
    *,
    by: Actor = ADA,
    support: str = "",
    remark: str = "",
    at: datetime = NOW - timedelta(days=1),
    scale_version: int = 1,
    observation_id: UUID = SEEN,
    reported_by: str = "",
) -> Fact:
    return Fact(
        GoalObserved,
        by,
        goal_id=GOAL,
        observation_id=observation_id,
        context=context,
        level=level,
        scale_version=scale_version,
        support=support,
        remark=remark,
        observed_at=at,
        seen_by=written_name(reported_by),
        note="",
        answered=[],
    )


def observation_in_error(by: Actor = ADA, observation_id: UUID = SEEN) -> Fact:
    return Fact(GoalObservationEnteredInError, by, goal_id=GOAL, observation_id=observation_id, reason="the wrong goal")


def goal_of(story: Story, goal_id: UUID = GOAL) -> Goal:
    goal = Goal.from_events(e for e in story.past if isinstance(e, GoalEvent) and e.goal_id == goal_id)
    assert goal is not None
    return goal


def when(story: Story, decision: Any, **named: Any) -> Story:
    """Decide about the goal."""
    return story.when(decision, goal_of(story), **named)


def someday(days: int) -> date:
    return TODAY + timedelta(days=days)
