"""Generalisation: shown elsewhere, by others, again, and weeks later; and where nobody looked, nothing is known."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given as every
from hypothesis import strategies as st

from coord.domain.case.generalisation import (
    Cell,
    Generalisation,
    Occasion,
    Rule,
    generalisation,
    is_shown,
    reached_on,
    says_something,
)

START = date(2026, 1, 5)
EVERYWHERE = ("therapy", "home", "school", "community")


def seen(day: int, context: str, level: int | None = 0, observer: str = "", support: str = "") -> Occasion:
    """Something seen on a day (counted from the start), by somebody of that place."""
    number = uuid5(UUID(int=0), f"{day} {context} {level} {observer} {support}")
    return Occasion(number, context, START + timedelta(days=day), observer or context, level, support)


def row(*occasions: Occasion, begun: bool = True, support: str = "verbal", rule: Rule = Rule()) -> Generalisation:  # noqa: B008
    return generalisation(occasions, contexts=EVERYWHERE[:3], agreed_support=support, begun=begun, rule=rule)


def states(found: Generalisation) -> dict[str, str]:
    return {"goal": found.state} | {c.context: c.state for c in found.cells}


def cell(found: Generalisation, context: str) -> Cell:
    return next(c for c in found.cells if c.context == context)


REACHED = (seen(0, "therapy"), seen(10, "home"), seen(12, "school"), seen(20, "school", observer="aide"))


# ---- no data is not no -------------------------------------------------------------------------------------------


def test_before_the_work_nothing_was_tried_and_then_nothing_is_known():
    assert states(row(begun=False)) == dict.fromkeys(("goal", "therapy", "home", "school"), "not-tried")
    assert states(row()) == dict.fromkeys(("goal", "therapy", "home", "school"), "unknown")


def test_where_nobody_looked_stays_unknown_whatever_was_seen_elsewhere():
    assert states(row(seen(0, "therapy"), seen(3, "home", -1)))["school"] == "unknown"


def test_tried_and_not_shown_is_not_yet():
    found = row(seen(0, "therapy", -1), seen(1, "home", -2))
    assert states(found) == {"goal": "not-yet", "therapy": "not-yet", "home": "not-yet", "school": "unknown"}
    assert cell(found, "home").tried
    assert not cell(found, "home").shown


# ---- from therapy into life --------------------------------------------------------------------------------------


def test_shown_in_therapy_alone():
    found = row(seen(0, "therapy"))
    assert states(found) == {"goal": "therapy-only", "therapy": "therapy-only", "home": "unknown", "school": "unknown"}
    assert found.since == START


def test_shown_in_therapy_and_tried_at_school_without_success():
    assert states(row(seen(0, "therapy"), seen(4, "school", -1)))["school"] == "therapy-only"


def test_tried_at_school_without_success_is_not_therapy_only_once_it_was_shown_at_home():
    found = row(seen(0, "therapy"), seen(2, "home"), seen(4, "school", -1))
    assert states(found) == {"goal": "emerging", "therapy": "shown", "home": "emerging", "school": "not-yet"}


def test_the_first_time_elsewhere_it_emerges():
    found = row(seen(0, "therapy"), seen(9, "school"))
    assert states(found) == {"goal": "emerging", "therapy": "shown", "home": "unknown", "school": "emerging"}
    assert found.since == START + timedelta(days=9)


def test_it_generalised_when_seen_often_enough_in_enough_places_by_enough_people():
    found = row(*REACHED)
    assert (found.state, found.since) == ("generalised", START + timedelta(days=20))
    assert (found.occasions, found.contexts, found.observers) == (3, 2, 3)


@pytest.mark.parametrize(
    "occasions",
    [
        (seen(1, "home"), seen(2, "school")),  # two occasions
        (seen(1, "home"), seen(2, "home"), seen(3, "home", observer="father")),  # one place
        (seen(1, "home", observer="mother"), seen(2, "school", observer="mother"), seen(3, "home", observer="mother")),
        (seen(1, "therapy"), seen(2, "therapy", observer="b"), seen(3, "home"), seen(4, "school")),  # therapy apart
    ],
)
def test_short_of_the_rule_it_still_emerges(occasions: Any):
    assert row(*occasions).state == "emerging"


def test_the_numbers_are_policy():
    two = (seen(1, "home"), seen(2, "home"))
    assert row(*two).state == "emerging"
    assert row(*two, rule=Rule(occasions=2, contexts=1, observers=1)).state == "generalised"


def test_weeks_later_it_is_maintained():
    assert row(*REACHED, seen(20 + 41, "home")).state == "generalised"
    found = row(*REACHED, seen(20 + 42, "home"))
    assert (found.state, found.since) == ("maintained", START + timedelta(days=62))
    assert row(*REACHED, seen(62, "therapy")).state == "generalised"  # in therapy it does not count


def test_twice_in_a_row_without_it_and_it_is_lost():
    assert row(*REACHED, seen(70, "home", -1)).state == "generalised"
    found = row(*REACHED, seen(62, "home"), seen(70, "home", -1), seen(75, "school", -2))
    assert (found.state, found.since) == ("lost", START + timedelta(days=70))
    assert row(*REACHED, seen(70, "home", -1), seen(75, "school", -2), seen(80, "home")).state == "maintained"


def test_it_is_lost_since_the_first_time_without_it_however_often_that_is_seen_again():
    without = [seen(day, "home", -1) for day in (70, 75, 80, 85)]
    for n in (2, 3, 4):
        found = row(*REACHED, seen(62, "home"), *without[:n])
        assert (found.state, found.since) == ("lost", START + timedelta(days=70))
    assert row(*REACHED, *without, rule=Rule(lost_after=1)).since == START + timedelta(days=70)


def test_what_was_lost_and_found_again_is_kept_since_it_was_found_again():
    lost = (seen(62, "home"), seen(70, "home", -1), seen(75, "school", -2))
    found = row(*REACHED, *lost, seen(80, "home"), seen(90, "school"))
    assert (found.state, found.since) == ("maintained", START + timedelta(days=80))
    found = row(*REACHED, seen(25, "home", -1), seen(26, "home", -1), seen(30, "home"))
    assert (found.state, found.since) == ("generalised", START + timedelta(days=30))


def test_nothing_is_lost_that_was_never_there():
    found = row(seen(0, "therapy"), seen(1, "home"), seen(2, "home", -1), seen(3, "home", -2))
    assert states(found)["goal"] == "emerging"
    assert states(found)["home"] == "emerging"


def test_a_place_of_its_own_can_lose_it():
    at_home = [seen(d, "home") for d in (1, 2, 3)]
    found = row(seen(0, "therapy"), *at_home, seen(8, "home", -1), seen(9, "home", -1))
    assert states(found)["home"] == "lost"
    assert states(found)["goal"] == "emerging"


def test_the_lag_is_counted_from_the_first_time_in_therapy():
    found = row(*REACHED)
    assert {c.context: c.lag_days for c in found.cells} == {"therapy": None, "home": 10, "school": 12}
    assert cell(row(seen(0, "home")), "home").lag_days is None  # never in therapy
    assert cell(row(seen(0, "home"), seen(5, "therapy")), "home").lag_days == -5  # at home first


def test_a_place_that_the_goal_did_not_name_is_shown_when_it_was_seen_there():
    assert "community" not in states(row(seen(0, "therapy")))
    assert states(row(seen(0, "therapy"), seen(3, "community")))["community"] == "emerging"


# ---- what counts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "support", "shown"),
    [
        (0, "", True),
        (2, "independent", True),
        (-1, "", False),
        (-1, "independent", False),
        (None, "independent", True),
        (None, "verbal", True),
        (None, "visual", False),
        (0, "physical", False),
        (None, "not-achieved", False),
        (1, "not-achieved", False),
        (None, "", False),
    ],
)
def test_shown_is_at_least_as_expected_with_no_more_help_than_agreed(level: Any, support: str, shown: bool):
    assert is_shown(seen(0, "home", level, support=support), "verbal") is shown


def test_more_help_agreed_is_more_help_allowed():
    assert is_shown(seen(0, "home", None, support="physical"), "physical")
    assert not is_shown(seen(0, "home", None, support="verbal"), "independent")


def test_a_remark_says_neither():
    remark = seen(5, "home", None)
    assert not says_something(remark)
    assert row(seen(0, "therapy"), remark) == row(seen(0, "therapy"))


# ---- laws --------------------------------------------------------------------------------------------------------

OCCASIONS = st.lists(
    st.builds(
        seen,
        day=st.integers(0, 120),
        context=st.sampled_from(EVERYWHERE),
        level=st.none() | st.integers(-2, 2),
        observer=st.sampled_from(["a", "b", "c"]),
        support=st.sampled_from(["", "independent", "verbal", "physical", "not-achieved"]),
    ),
    max_size=12,
    unique_by=lambda o: o.on,
)


@every(OCCASIONS, st.randoms(), st.booleans())
def test_the_order_in_which_days_are_told_of_does_not_matter(occasions: Any, chance: Any, begun: bool):
    other = list(occasions)
    chance.shuffle(other)
    assert row(*other, begun=begun) == row(*occasions, begun=begun)


@every(OCCASIONS, OCCASIONS, st.sampled_from(EVERYWHERE))
def test_what_is_seen_elsewhere_never_makes_anything_known_here(occasions: Any, more: Any, here: str):
    before = row(*(o for o in occasions if o.context != here))
    after = row(*(o for o in (*occasions, *more) if o.context != here))
    for found in (before, after):
        assert all(c.state == "unknown" for c in found.cells if c.context == here)


@every(OCCASIONS)
def test_remarks_never_count(occasions: Any):
    assert row(*occasions) == row(*(o for o in occasions if o.level is not None or o.support))


@every(OCCASIONS)
def test_nothing_is_shown_without_evidence(occasions: Any):
    found = row(*occasions)
    good = {o.id for o in occasions if is_shown(o, "verbal")}
    for c in found.cells:
        assert set(c.shown) <= good
        if c.state in ("shown", "emerging", "generalised", "maintained", "lost"):
            assert c.shown
        if c.state in ("unknown", "not-tried"):
            assert not c.shown
            assert not c.tried
        assert set(c.shown).isdisjoint(c.tried)
    if found.state in ("emerging", "generalised", "maintained", "lost"):
        assert found.occasions > 0


@every(OCCASIONS)
def test_lost_and_maintained_come_only_after_the_rule_was_reached(occasions: Any):
    found = row(*occasions)
    shown = sorted((o for o in occasions if o.context != "therapy" and is_shown(o, "verbal")), key=lambda o: o.on)
    reached = reached_on(shown, Rule())
    assert (found.state in ("generalised", "maintained", "lost")) == (reached is not None)
    if reached is not None:
        assert found.since is not None
        assert found.since >= reached


@every(OCCASIONS)
def test_every_place_that_was_seen_has_one_cell(occasions: Any):
    contexts = [c.context for c in row(*occasions).cells]
    assert len(contexts) == len(set(contexts))
    assert {o.context for o in occasions if says_something(o)} <= set(contexts)
