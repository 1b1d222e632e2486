"""Generalisation: shown elsewhere, by others, again, and weeks later; and where nobody looked, nothing is known."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given as every
from hypothesis import strategies as st

from coord.domain.case.generalisation import (
    SOMEBODY,
    Cell,
    Generalisation,
    Rule,
    Seen,
    generalisation,
    is_shown,
    occasions_of,
    reached_on,
    says_something,
)

START = date(2026, 1, 5)
EVERYWHERE = ("therapy", "home", "school", "community")


def seen(day: int, context: str, level: int | None = 0, observer: str = "", support: str = "", nth: int = 0) -> Seen:
    """Something seen on a day (counted from the start), by somebody of that place; the ``nth`` time on it."""
    number = uuid5(UUID(int=0), f"{day} {context} {level} {observer} {support} {nth}")
    return Seen(number, context, START + timedelta(days=day), observer or context, level, support)


def typed(day: int, context: str, level: int = 0) -> Seen:
    """Told under a name that was only typed."""
    return replace(seen(day, context, level), observer=SOMEBODY, reported=True)


def told(day: int, context: str, who: str, level: int = 0) -> Seen:
    """Told by somebody of the child's circle."""
    return replace(seen(day, context, level, observer=who), listed=True, reported=True)


def row(
    *observed: Seen,
    begun: bool = True,
    support: str = "verbal",
    rule: Rule = Rule(),  # noqa: B008
    today: int = 100,
) -> Generalisation:
    return generalisation(
        observed,
        contexts=EVERYWHERE[:3],
        agreed_support=support,
        begun=begun,
        rule=rule,
        today=START + timedelta(days=today),
    )


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
    assert states(found) == {"goal": "therapy-only", "therapy": "shown", "home": "unknown", "school": "unknown"}
    assert found.since == START


def test_shown_in_therapy_and_tried_at_school_without_success():
    found = row(seen(0, "therapy"), seen(4, "school", -1))
    assert (found.state, states(found)["school"]) == ("therapy-only", "not-yet")


def test_what_was_tried_at_school_without_success_is_so_whatever_was_seen_at_home():
    found = row(seen(0, "therapy"), seen(2, "home"), seen(4, "school", -1))
    assert states(found) == {"goal": "emerging", "therapy": "shown", "home": "shown", "school": "not-yet"}


def test_the_first_time_elsewhere_it_emerges():
    found = row(seen(0, "therapy"), seen(9, "school"))
    assert states(found) == {"goal": "emerging", "therapy": "shown", "home": "unknown", "school": "shown"}
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
    assert states(found)["home"] == "shown"


def test_a_place_of_its_own_can_lose_it():
    at_home = [seen(d, "home") for d in (1, 2, 3)]
    found = row(seen(0, "therapy"), *at_home, seen(8, "home", -1), seen(9, "home", -1))
    assert states(found)["home"] == "no-longer"
    assert states(found)["goal"] == "emerging"


def test_the_lag_is_counted_from_the_first_time_in_therapy():
    found = row(*REACHED)
    assert {c.context: c.lag_days for c in found.cells} == {"therapy": None, "home": 10, "school": 12}
    assert cell(row(seen(0, "home")), "home").lag_days is None  # never in therapy
    assert cell(row(seen(0, "home"), seen(5, "therapy")), "home").lag_days == -5  # at home first


def test_a_place_that_the_goal_did_not_name_is_shown_when_it_was_seen_there():
    assert "community" not in states(row(seen(0, "therapy")))
    assert states(row(seen(0, "therapy"), seen(3, "community")))["community"] == "shown"


# ---- an occasion, and an observer ---------------------------------------------------------------------------------


def test_three_taps_of_one_minute_are_one_occasion():
    taps = [seen(5, "school", nth=n) for n in range(3)]
    found = row(seen(0, "therapy"), *taps, seen(6, "home"))
    assert (found.state, found.occasions) == ("emerging", 2)
    school = cell(found, "school")
    assert (school.state, school.occasions, school.of, len(school.shown)) == ("shown", 1, 1, 3)


def test_an_occasion_is_a_day_a_place_and_an_observer():
    assert row(seen(5, "school"), seen(5, "school", observer="aide"), seen(5, "home")).occasions == 3
    assert row(seen(5, "school"), seen(6, "school")).occasions == 2


def test_shown_once_on_an_occasion_is_shown_whatever_else_was_rated_on_it():
    found = cell(row(seen(5, "school", -1), seen(5, "school"), seen(5, "school", -2)), "school")
    assert (found.state, found.occasions, found.of) == ("shown", 1, 1)
    assert (len(found.shown), len(found.tried)) == (1, 2)


def test_two_taps_without_it_on_one_day_do_not_lose_a_skill():
    found = row(*REACHED, seen(30, "school", -1), seen(30, "school", -1, nth=1))
    assert found.state == "generalised"
    found = row(*REACHED, seen(30, "school", -1), seen(30, "home", -1))  # by two people, and one day all the same
    assert found.state == "generalised"
    assert row(*REACHED, seen(30, "school", -1), seen(31, "school", -1)).state == "lost"


def test_without_it_with_it_and_without_it_again_is_not_twice_in_a_row():
    found = row(*REACHED, seen(30, "home", -1), seen(31, "school"), seen(32, "home", -1))
    assert (found.state, found.since) == ("generalised", START + timedelta(days=20))
    at_home = [seen(d, "home") for d in (1, 2, 3)]
    found = row(*at_home, seen(8, "home", -1), seen(9, "home"), seen(10, "home", -1))
    assert states(found)["home"] == "holds"


def test_a_day_on_which_anybody_saw_it_is_no_day_without_it():
    the_day = seen(20, "home", -1, observer="father")  # it generalised on that day: a colleague saw it at school
    assert row(*REACHED, the_day, seen(25, "home", -1)).state == "generalised"
    assert row(*REACHED, the_day, seen(25, "home", -1), seen(26, "home", -1)).since == START + timedelta(days=25)


def test_weeks_are_counted_in_a_place_from_the_occasion_that_made_it_hold_there():
    at_home = [seen(d, "home") for d in (1, 2, 3)]
    assert states(row(*at_home, seen(3 + 41, "home")))["home"] == "holds"
    assert states(row(*at_home, seen(3 + 42, "home")))["home"] == "still-holds"
    assert states(row(*at_home, seen(30, "home"), seen(3 + 42, "home")))["home"] == "still-holds"


def test_names_that_were_only_typed_are_one_person_at_most():
    mum, mother = typed(5, "home"), typed(7, "community")
    found = row(mum, mother, typed(9, "home"))
    assert (found.state, found.occasions, found.observers) == ("emerging", 3, 1)
    assert row(mum, mother, seen(9, "school")).observers == 2  # a teacher under her own name is somebody else
    assert row(mum, mother, seen(9, "school")).state == "generalised"


def test_a_typed_name_may_be_anybody_of_the_circle():
    found = row(typed(5, "home"), told(6, "community", "Mia"), told(7, "home", "Mia"))
    assert (found.state, found.observers) == ("emerging", 1)
    found = row(told(5, "home", "Mia"), told(6, "community", "Nonno"), seen(7, "school"))
    assert (found.state, found.observers) == ("generalised", 3)


def test_two_typed_names_of_one_day_and_place_are_one_occasion():
    assert row(typed(5, "home"), replace(typed(5, "home"), id=UUID(int=9))).occasions == 1


def test_reports_alone_never_make_a_skill_generalised():
    reports = (told(5, "home", "Mia"), told(6, "community", "Nonno"), told(7, "home", "Mia"))
    found = row(*reports)
    assert (found.state, found.occasions, found.observers, found.reported) == ("emerging", 3, 2, 3)
    found = row(*reports, seen(9, "school"))
    assert (found.state, found.since, found.reported) == ("generalised", START + timedelta(days=9), 3)


# ---- how long ago ------------------------------------------------------------------------------------------------


def test_what_nobody_has_looked_at_for_weeks_says_look_again():
    since = 62 + 12 * 7
    found = row(*REACHED, seen(62, "home"), today=since - 1)
    assert (found.state, found.look_again, found.last_look) == ("maintained", False, START + timedelta(days=62))
    found = row(*REACHED, seen(62, "home"), today=since)
    assert (found.state, found.look_again) == ("maintained", True)
    assert not row(*REACHED, seen(62, "home"), today=since, rule=Rule(look_again_weeks=13)).look_again


def test_a_look_in_therapy_makes_no_news_of_life_outside():
    found = row(*REACHED, seen(150, "therapy"), today=20 + 12 * 7)
    assert (found.last_look, found.look_again) == (START + timedelta(days=20), True)
    assert cell(found, "home").look_again
    assert not cell(found, "therapy").look_again


def test_a_look_without_success_is_a_look():
    found = row(*REACHED, seen(90, "home", -1), today=20 + 12 * 7)
    assert (found.state, found.last_look, found.look_again) == ("generalised", START + timedelta(days=90), False)


def test_nothing_is_too_old_where_nobody_ever_looked():
    found = row(today=1000)
    assert (found.last_look, found.look_again) == (None, False)


def test_a_place_and_the_whole_never_say_the_same_word():
    """What a cell says is about its place alone, so it can contradict nothing that is said of the goal."""
    found = row(*(seen(d, "school") for d in (1, 2, 3)))
    assert states(found) == {"goal": "emerging", "therapy": "unknown", "home": "unknown", "school": "holds"}


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
        day=st.integers(0, 120) | st.integers(0, 4),
        nth=st.integers(0, 2),
        context=st.sampled_from(EVERYWHERE),
        level=st.none() | st.integers(-2, 2),
        observer=st.sampled_from(["a", "b", "c"]),
        support=st.sampled_from(["", "independent", "verbal", "physical", "not-achieved"]),
    ),
    max_size=12,
    unique_by=lambda o: o.id,
)


@every(OCCASIONS, st.randoms(), st.booleans())
def test_the_order_in_which_days_are_told_of_does_not_matter(occasions: Any, chance: Any, begun: bool):
    other = list(occasions)
    chance.shuffle(other)
    one, two = row(*other, begun=begun), row(*occasions, begun=begun)
    assert replace(one, cells=()) == replace(two, cells=())
    for mine, yours in zip(one.cells, two.cells, strict=True):  # the evidence of one day is listed as it was told
        assert replace(mine, shown=(), tried=()) == replace(yours, shown=(), tried=())
        assert (set(mine.shown), set(mine.tried)) == (set(yours.shown), set(yours.tried))


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
        if c.state in ("shown", "holds", "still-holds", "no-longer"):
            assert c.shown
        assert c.occasions <= c.of <= len(c.shown) + len(c.tried)
        if c.state in ("unknown", "not-tried"):
            assert not c.shown
            assert not c.tried
        assert set(c.shown).isdisjoint(c.tried)
    if found.state in ("emerging", "generalised", "maintained", "lost"):
        assert found.occasions > 0


@every(OCCASIONS)
def test_lost_and_maintained_come_only_after_the_rule_was_reached(occasions: Any):
    found = row(*occasions)
    shown = [o for o in occasions_of(occasions, "verbal") if o.context != "therapy" and o.shown]
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
