"""Strategies: offered for a place, tried or not yet, ended with a reason."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from coord.domain.actors import Actor
from coord.domain.case import strategies
from coord.domain.case.strategies import (
    Strategy,
    StrategyEnded,
    StrategyEvent,
    StrategyOffered,
    StrategyTried,
    TrialContent,
)
from coord.domain.errors import Conflict
from tests.domain.story import ADA, NOW, PIA, TESS, Fact, Story, closed, given

HELP, TRIAL, GOAL = UUID(int=41), UUID(int=42), UUID(int=43)


def offered(context: str = "school", audience: str = "care-team-and-school", goal: str = "") -> Fact:
    return Fact(
        StrategyOffered, strategy_id=HELP, text="One step at a time", context=context, goal=goal, audience=audience
    )


tried = Fact(
    StrategyTried,
    TESS,
    strategy_id=HELP,
    trial_id=TRIAL,
    outcome="helped",
    remark="twice",
    tried_at=NOW,
    reported_by="",
)
ended = Fact(StrategyEnded, strategy_id=HELP, reason="he has outgrown it")


def strategy_of(story: Story) -> Strategy:
    found = Strategy.from_events(e for e in story.past if isinstance(e, StrategyEvent))
    assert found is not None
    return found


def offer(story: Story, **changes: Any) -> Story:
    values = {"text": "One step at a time", "context": "school", "goal": None, **changes}
    return story.when(strategies.offer, actor=ADA, strategy_id=HELP, **values)


@pytest.mark.parametrize(
    ("context", "audience"),
    [
        ("school", "care-team-and-school"),
        ("home", "care-team-and-family"),
        ("therapy", "care-team"),
        ("community", "care-team"),
    ],
)
def test_a_strategy_is_for_those_who_are_to_use_it(context: str, audience: str):
    offer(given(), context=context, goal=GOAL).then(
        Fact(
            StrategyOffered,
            strategy_id=HELP,
            text="One step at a time",
            context=context,
            goal=str(GOAL),
            audience=audience,
        )
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"text": ""}, "/text missing"),
        ({"text": "x" * 501}, "/text too-long"),
        ({"context": "moon"}, "/context unknown-choice"),
    ],
)
def test_words_and_a_place_are_needed(changes: dict[str, Any], problem: str):
    offer(given(), **changes).refused(problem)


def test_in_a_closed_case_nothing_new_is_advised():
    offer(given(closed)).refused("case-closed", Conflict)


def tell(story: Story, by: Actor = TESS, **changes: Any) -> Story:
    content = TrialContent(**{"outcome": "helped", **changes})
    return story.when(strategies.tell, strategy_of(story), actor=by, trial_id=TRIAL, content=content)


def test_what_came_of_it_comes_back():
    at = NOW - timedelta(hours=2)
    tell(given(offered()), outcome="not-yet", remark=" no time ", tried_at=at).then(
        Fact(StrategyTried, TESS, trial_id=TRIAL, outcome="not-yet", remark="no time", tried_at=at, reported_by="")
    )
    assert [t.outcome for t in strategy_of(given(offered(), tried)).trials] == ["helped"]


@pytest.mark.parametrize(
    ("past", "by", "changes", "problem"),
    [
        (offered(), TESS, {"outcome": "perhaps"}, "/outcome unknown-choice"),
        (offered(), TESS, {"outcome": ""}, "/outcome missing"),
        (offered("home", "care-team-and-family"), TESS, {}, "/outcome not-for-your-role"),
        (offered(), ADA, {"tried_at": NOW + timedelta(days=1)}, "/tried_at in-the-future"),
        (offered(), ADA, {"remark": "x" * 1001}, "/remark too-long"),
    ],
)
def test_a_report_that_makes_no_sense_is_refused(past: Fact, by: Actor, changes: dict[str, Any], problem: str):
    tell(given(past), by, **changes).refused(problem)


def test_of_what_is_no_longer_advised_nothing_is_told():
    tell(given(offered(), ended)).refused("strategy-ended", Conflict)
    tell(given(offered(), closed)).refused("case-closed", Conflict)


def end(story: Story, by: Actor = PIA, reason: str = "he has outgrown it") -> Story:
    return story.when(strategies.end, strategy_of(story), actor=by, reason=reason)


def test_any_professional_ends_it_once_and_says_why_in_a_closed_case_too():
    end(given(offered(), closed)).then(Fact(StrategyEnded, PIA, strategy_id=HELP, reason="he has outgrown it"))
    assert strategy_of(given(offered(), ended)).status == "ended"
    end(given(offered(), ended)).refused("strategy-ended", Conflict)
    end(given(offered()), reason=" ").refused("/reason missing")


def test_a_record_that_begins_in_the_middle_is_broken():
    story = given(offered(), tried)
    with pytest.raises(ValueError, match="before the strategy was offered"):
        Strategy.from_events(story.past[2:])
    with pytest.raises(ValueError, match="no event of a strategy"):
        Strategy.from_events([story.past[1], story.past[0]])
    assert Strategy.from_events([]) is None
