"""Goal attainment scaling: the worked numbers of the literature, exactly, and the laws that they obey."""

from dataclasses import replace
from datetime import timedelta
from math import inf, nan
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume
from hypothesis import given as every
from hypothesis import strategies as st

from coord.domain.case.attainment import (
    RHO,
    Attainment,
    AttainmentScored,
    ScaledGoal,
    agreed_on,
    attainment,
    latest_in,
    score,
    t_score,
)
from coord.domain.case.goals.scales import LEVELS
from coord.domain.errors import Conflict
from coord.domain.input import Input
from tests.domain.story import ADA, NOW, TODAY, Fact, Story, closed, given

WEIGHTED = st.tuples(st.integers(0, 9), st.sampled_from(LEVELS))
SCORED = st.lists(WEIGHTED, min_size=1, max_size=8).filter(lambda pairs: any(w for w, _ in pairs))
RHOS = st.floats(0, 0.99)


def t(*levels: int, weights: Any = None) -> float | None:
    found = t_score(list(zip(weights or [1] * len(levels), levels, strict=True)))
    return None if found is None else round(found, 2)


def goals(*rows: tuple[int, int | None, int | None]) -> list[ScaledGoal]:
    """(weight, level, baseline) of each."""
    return [ScaledGoal(UUID(int=i), w, level, base) for i, (w, level, base) in enumerate(rows, 1)]


# ---- the worked numbers ------------------------------------------------------------------------------------------


def test_the_first_worked_example():
    assert t(1, 0, 1) == 59.13
    assert t(-1, -1, -1) == 36.31
    found = attainment(goals((1, 1, -1), (1, 0, -1), (1, 1, -1)))
    assert found.t is not None
    assert found.baseline_t is not None
    assert found.change is not None
    assert (round(found.t, 2), round(found.baseline_t, 2), round(found.change, 2)) == (59.13, 36.31, 22.82)


def test_the_second_worked_example_with_weights():
    assert t(1, 0, -1, weights=(3, 2, 1)) == 54.41


def test_how_far_it_can_go_depends_on_how_many_goals_there_are():
    assert (t(-2, -2, -2), t(2, 2, 2)) == (22.61, 77.39)
    assert t(2, 2, 2, 2, 2) == 80.15
    many = [(1, 2)] * 1_000_000
    assert (round(t_score(many) or 0, 2), round(t_score([(w, -x) for w, x in many]) or 0, 2)) == (86.51, 13.49)


@pytest.mark.parametrize("weight", [1, 2, 9])
@pytest.mark.parametrize("level", LEVELS)
def test_one_goal_is_fifty_and_ten_a_level_whatever_its_weight(weight: int, level: int):
    assert t_score([(weight, level)]) == pytest.approx(50 + 10 * level)


def test_the_same_score_can_be_made_of_other_levels():
    assert t(0, 1, -1) == t(0, 0, 0) == 50  # so levels always stand beside it


def test_no_score_is_not_fifty():
    assert t_score([]) is None
    assert t_score([(0, 2), (0, -2)]) is None
    assert attainment([]) == Attainment(None, None, 0, 0, RHO, ())
    assert attainment(goals((0, 2, 1))).t is None
    assert attainment(goals((1, None, -1))).t is None


def test_unrated_is_not_zero_and_is_counted():
    found = attainment(goals((1, 2, -1), (1, None, -1), (1, None, None)))
    assert found.t == pytest.approx(70)
    assert (found.rated, found.scaled) == (1, 3)
    assert attainment(goals((1, 2, -1), (1, 0, -1), (1, 0, None))).t != found.t


def test_a_goal_of_weight_zero_drops_out_of_everything():
    with_it, without = goals((3, 1, -1), (0, 2, None), (1, -1, -1)), goals((3, 1, -1), (1, -1, -1))
    one, two = attainment(with_it), attainment(without)
    assert (one.t, one.baseline_t, one.rated, one.scaled) == (two.t, two.baseline_t, 2, 2)


def test_before_and_after_are_over_the_same_goals_or_there_is_no_before():
    assert attainment(goals((1, 1, -1), (1, 0, None))).baseline_t is None
    assert attainment(goals((1, 1, -1), (1, 0, None))).change is None
    assert attainment(goals((1, 1, -1), (1, None, -2))).baseline_t == pytest.approx(40)  # the unrated one has no part


@pytest.mark.parametrize("level", [-3, 3, 0.5, nan, inf])
def test_a_level_beyond_the_scale_is_refused(level: Any):
    with pytest.raises(ValueError, match="level"):
        t_score([(1, level)])


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="weight"):
        t_score([(1, 1), (-1, 1)])


@pytest.mark.parametrize("rho", [-0.01, 1, 1.5, nan])
def test_a_correlation_outside_zero_to_one_is_refused(rho: float):
    with pytest.raises(ValueError, match="rho"):
        t_score([(1, 1)], rho)


def test_without_correlation_it_is_the_plain_sum():
    assert t_score([(1, 1), (1, 1), (1, 1), (1, 1)], 0) == pytest.approx(70)


# ---- its laws ----------------------------------------------------------------------------------------------------


@every(SCORED, st.integers(1, 50), RHOS)
def test_all_weights_times_the_same_change_nothing(pairs: Any, factor: int, rho: float):
    assert t_score([(w * factor, x) for w, x in pairs], rho) == pytest.approx(t_score(pairs, rho))


@every(SCORED, st.randoms(), RHOS)
def test_the_order_of_goals_changes_nothing(pairs: Any, chance: Any, rho: float):
    other = list(pairs)
    chance.shuffle(other)
    assert t_score(other, rho) == pytest.approx(t_score(pairs, rho))


@every(SCORED, RHOS)
def test_the_other_way_round_it_is_as_far_from_fifty(pairs: Any, rho: float):
    up, down = t_score(pairs, rho), t_score([(w, -x) for w, x in pairs], rho)
    assert up is not None
    assert down is not None
    assert up + down == pytest.approx(100)


@every(SCORED)
def test_it_stays_within_what_any_number_of_goals_can_reach(pairs: Any):
    found = t_score(pairs)
    assert found is not None
    assert 13.48 < found < 86.52


@every(SCORED, st.data())
def test_more_attained_is_never_a_lower_score(pairs: Any, data: Any):
    i = data.draw(st.integers(0, len(pairs) - 1))
    weight, level = pairs[i]
    assume(level < 2)
    better = [*pairs[:i], (weight, level + 1), *pairs[i + 1 :]]
    before, after = t_score(pairs), t_score(better)
    assert before is not None
    assert after is not None
    assert after > before if weight else after == pytest.approx(before)


# ---- kept --------------------------------------------------------------------------------------------------------


def test_a_score_is_kept_with_all_that_it_was_made_of():
    made_of = goals((3, 1, -1), (2, 0, -1), (1, None, None), (0, 2, 2))
    found = attainment(made_of)
    seen: dict[str, Any] = {
        "context": "therapy",
        "seen_at": NOW,
        "rater": "Ada",
        "reported": False,
        "observation": UUID(int=5),
    }
    made_of[0] = replace(made_of[0], **seen)
    kept = {**seen, "seen_at": NOW.isoformat(), "observation": str(UUID(int=5))}
    none = {"context": "", "seen_at": "", "rater": "", "reported": False, "observation": ""}
    given().when(score, actor=ADA, score_id=UUID(int=77), basis=latest_in("therapy"), goals=made_of).then(
        Fact(
            AttainmentScored,
            score_id=UUID(int=77),
            basis={"kind": "latest", "context": "therapy", "on": "", "parties": []},
            goals=[
                {"goal": str(UUID(int=1)), "weight": 3, "level": 1, "baseline": -1, "scale_version": 1, **kept},
                {"goal": str(UUID(int=2)), "weight": 2, "level": 0, "baseline": -1, "scale_version": 1, **none},
            ],
            rated=2,
            scaled=3,
            rho=0.3,
            t=found.t,
            baseline_t=found.baseline_t,
            signed_at=NOW,
        )
    )


def test_where_there_is_no_score_none_is_kept():
    def keep(story: Story, *row: Any) -> Story:
        return story.when(score, actor=ADA, score_id=UUID(int=77), basis=latest_in("home"), goals=goals(row))

    keep(given(), 1, None, 0).refused("no-score", Conflict)
    keep(given(closed), 1, 1, 0).refused("case-closed", Conflict)


def test_levels_are_agreed_on_a_day_by_somebody():
    check = Input()
    basis = agreed_on(check, TODAY, [(" Mia ", "guardian"), ("Ada", "professional")], today=TODAY)
    assert check.problems == []
    parties = [{"name": "Mia", "party": "guardian"}, {"name": "Ada", "party": "professional"}]
    assert basis == {"kind": "agreed", "context": "", "on": "2026-06-01", "parties": parties}


@pytest.mark.parametrize(
    ("day", "parties", "problem"),
    [
        (None, [("Mia", "guardian")], "/on missing"),
        (TODAY + timedelta(days=1), [("Mia", "guardian")], "/on in-the-future"),
        (TODAY, [], "/parties missing"),
        (TODAY, [("", "guardian")], "/parties/0/name missing"),
        (TODAY, [("Mia", "aunt")], "/parties/0/party unknown-choice"),
        (TODAY, [("Mia", "guardian")] * 13, "/parties too-many"),
    ],
)
def test_an_agreement_without_a_day_or_people_is_none(day: Any, parties: Any, problem: str):
    check = Input()
    agreed_on(check, day, parties, today=TODAY)
    assert problem in [f"{p.pointer} {p.code}" for p in check.problems]
