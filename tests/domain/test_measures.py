"""Measures: names and numbers, with everything that says what the numbers mean; never averaged, never items."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as every
from hypothesis import strategies as st

from coord.domain.actors import Actor
from coord.domain.case import measures
from coord.domain.case.measures import (
    CopmContent,
    CopmProblem,
    CopmRecorded,
    InstrumentContent,
    InstrumentRecorded,
    Measure,
    MeasureEnteredInError,
    MeasureEvent,
    ScoreContent,
    copm_change,
)
from coord.domain.errors import Conflict, InvalidInput, NotPermitted
from tests.domain.story import ADA, LARS, LEA, PIA, TODAY, Fact, Story, closed, given

BORN = date.fromisoformat(given().state.details["birth_date"])
COPM, OLDER = UUID(int=51), UUID(int=52)
PROBLEMS = [("Tying laces", 8, 3, 2), ("Eating with a fork", 6, 5, 5)]


def problem(activity: str, importance: int, performance: int, satisfaction: int) -> CopmProblem:
    return {
        "activity": activity,
        "importance": importance,
        "performance": performance,
        "satisfaction": satisfaction,
    }


KEPT = [problem(*p) for p in PROBLEMS]
recorded = Fact(
    CopmRecorded,
    measure_id=COPM,
    problems=KEPT,
    informant="guardian",
    informant_name="Mother",
    measured_on="2026-05-30",
    earlier="",
    remark="",
)
in_error = Fact(MeasureEnteredInError, measure_id=COPM, reason="wrong child")


# ---- COPM --------------------------------------------------------------------------------------------------------


def copm(story: Story, *, known: bool = True, earlier_on: date | None = None, **changes: Any) -> Story:
    values: dict[str, Any] = {
        "problems": PROBLEMS,
        "informant": "guardian",
        "informant_name": "Mother",
        "measured_on": date(2026, 5, 30),
    }
    content = CopmContent(**{**values, **changes})
    return story.when(
        measures.record_copm,
        actor=ADA,
        today=TODAY,
        measure_id=COPM,
        content=content,
        earlier_on=(earlier_on or date(2026, 1, 2)) if known else None,
    )


def test_a_copm_keeps_who_answered_and_what_it_is_compared_with():
    copm(given(), earlier=OLDER, remark="At the kitchen table").then(
        Fact(
            CopmRecorded,
            measure_id=COPM,
            problems=KEPT,
            informant="guardian",
            informant_name="Mother",
            measured_on="2026-05-30",
            earlier=str(OLDER),
            remark="At the kitchen table",
        )
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"problems": []}, "/problems missing"),
        ({"problems": PROBLEMS * 3}, "/problems too-many"),
        ({"problems": [("", 1, 1, 1)]}, "/problems/0/activity missing"),
        ({"problems": [("x", 0, 1, 1)]}, "/problems/0/importance out-of-range"),
        ({"problems": [("x", 1, 11, 1)]}, "/problems/0/performance out-of-range"),
        ({"problems": [("x", 1, 1, None)]}, "/problems/0/satisfaction missing"),
        ({"problems": [("x", 1, 1.5, 1)]}, "/problems/0/performance wrong-type"),
        ({"informant": ""}, "/informant missing"),
        ({"informant": "neighbour"}, "/informant unknown-choice"),
        ({"measured_on": None}, "/measured_on missing"),
        ({"measured_on": TODAY + timedelta(days=1)}, "/measured_on in-the-future"),
        ({"measured_on": date(1990, 1, 1)}, "/measured_on too-long-ago"),
        ({"measured_on": BORN - timedelta(days=1)}, "/measured_on before-birth"),
        ({"earlier": OLDER, "known": False}, "/earlier no-such-measure"),
        ({"earlier": OLDER, "earlier_on": date(2026, 5, 31)}, "/earlier later-than-this"),
        ({"problems": [("Laces", 1, 1, 1), ("laces", 2, 2, 2)]}, "/problems/1/activity given-twice"),
    ],
)
def test_a_copm_that_makes_no_sense_is_refused(changes: dict[str, Any], problem: str):
    copm(given(), **changes).refused(problem)


def test_in_a_closed_case_nothing_is_measured():
    copm(given(closed)).refused("case-closed", Conflict)


def test_means_of_performance_and_satisfaction_stay_apart():
    change = copm_change(KEPT, None)
    assert (change.performance, change.satisfaction, change.performance_before) == (4, 3.5, None)


def test_the_change_is_over_the_same_activities():
    later = [problem("tying LACES", 8, 6, 7), problem("Eating with a fork", 6, 6, 6)]
    change = copm_change(later, KEPT)
    assert (change.performance, change.performance_now, change.performance_before) == (6, 6, 4)
    assert (change.satisfaction, change.satisfaction_now, change.satisfaction_before) == (6.5, 6.5, 3.5)
    assert (change.new, change.gone) == ((), ())


def test_a_new_activity_does_not_hide_the_change_of_the_others():
    later = [problem("Tying laces", 8, 6, 7), problem("Swimming", 5, 10, 10)]
    change = copm_change(later, KEPT)
    assert (change.performance, change.satisfaction) == (8, 8.5)  # over all of now
    assert (change.performance_before, change.performance_now) == (3, 6)
    assert (change.satisfaction_before, change.satisfaction_now) == (2, 7)
    assert (change.new, change.gone) == (("Swimming",), ("Eating with a fork",))
    none = copm_change([problem("Swimming", 5, 5, 5)], KEPT)
    assert (none.performance_before, none.performance_now) == (None, None)


@pytest.mark.parametrize("again", ["Tying  laces", "tying\u00a0laces", " TYING LACES ", "Týing laces"])
def test_an_activity_is_the_same_however_it_was_typed(again: str):
    change = copm_change([problem(again, 8, 6, 7)], [problem("Tying laces", 8, 3, 2)])
    assert (change.performance_before, change.performance_now) == (3, 6)
    copm(given(), problems=[("Tying laces", 1, 1, 1), (again, 2, 2, 2)]).refused("/problems/1/activity given-twice")


def test_another_informant_is_said():
    assert not copm_change(KEPT, KEPT, same_informant=False).same_informant


ANY = st.lists(st.integers(1, 10), min_size=1, max_size=5)


@every(ANY)
def test_a_mean_lies_among_what_it_is_the_mean_of(numbers: list[int]):
    change = copm_change([problem(str(i), 1, n, n) for i, n in enumerate(numbers)], None)
    assert min(numbers) <= change.performance <= max(numbers)
    assert change.performance == change.satisfaction


# ---- instruments -------------------------------------------------------------------------------------------------

MANUAL = ScoreContent(
    "Manual dexterity", raw=21, standard=7, metric="scaled-10-3", percentile=16, low=5, high=9, interval=90
)


def instrument(story: Story, *scores: ScoreContent, confirmed: Any = (), **changes: Any) -> Story:
    values: dict[str, Any] = {
        "instrument": "A motor test",
        "edition": "3",
        "measured_on": date(2026, 5, 30),
        "scores": scores or (MANUAL,),
        "informant": "professional",
    }
    return story.when(
        measures.record_instrument,
        actor=ADA,
        today=TODAY,
        measure_id=COPM,
        content=InstrumentContent(**{**values, **changes}),
        confirmed=confirmed,
    )


def test_an_instrument_keeps_its_edition_norms_language_and_doubts():
    kept: dict[str, Any] = {
        "norm_set": "Italian 2019",
        "language": "it",
        "validity": "Tired at the end",
        "summary": "Hands, not legs",
    }
    instrument(given(), **kept).then(
        Fact(
            InstrumentRecorded,
            instrument="A motor test",
            edition="3",
            measured_on="2026-05-30",
            informant="professional",
            scores=[
                {
                    "scale": "Manual dexterity",
                    "raw": 21,
                    "standard": 7,
                    "metric": "scaled-10-3",
                    "percentile": 16,
                    "low": 5,
                    "high": 9,
                    "interval": 90,
                    "direction": "unknown",
                    "band": "",
                }
            ],
            **kept,
        )
    )


def test_a_band_alone_is_a_result_too():
    instrument(given(), ScoreContent("Balance", band="not applicable")).then(Fact(InstrumentRecorded))


@pytest.mark.parametrize(
    ("score", "problem"),
    [
        (ScoreContent("", raw=1), "/scores/0/scale missing"),
        (ScoreContent("x"), "/scores/0/raw missing"),
        (ScoreContent("x", raw=float("nan")), "/scores/0/raw wrong-type"),
        (ScoreContent("x", raw=float("inf")), "/scores/0/raw out-of-range"),
        (ScoreContent("x", raw=1, metric="stanine"), "/scores/0/metric unknown-choice"),
        (ScoreContent("x", standard=85), "/scores/0/metric meaning-of-standard"),
        (ScoreContent("x", standard=85, metric="percentile-only"), "/scores/0/metric meaning-of-standard"),
        (ScoreContent("x", raw=1, percentile=101), "/scores/0/percentile out-of-range"),
        (ScoreContent("x", raw=1, low=3), "/scores/0/high missing"),
        (ScoreContent("x", raw=1, high=3), "/scores/0/low missing"),
        (ScoreContent("x", raw=1, low=4, high=3), "/scores/0/high less-than-low"),
        (ScoreContent("x", raw=1, interval=20), "/scores/0/interval out-of-range"),
        (ScoreContent("x", raw=1, direction="up"), "/scores/0/direction unknown-choice"),
    ],
)
def test_a_score_that_makes_no_sense_is_refused(score: ScoreContent, problem: str):
    instrument(given(), score).refused(problem)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"instrument": ""}, "/instrument missing"),
        ({"edition": ""}, "/edition missing"),
        ({"scores": ()}, "/scores missing"),
        ({"scores": (MANUAL,) * 31}, "/scores too-many"),
        ({"measured_on": TODAY + timedelta(days=1)}, "/measured_on in-the-future"),
    ],
)
def test_an_instrument_without_what_its_numbers_mean_is_refused(changes: dict[str, Any], problem: str):
    instrument(given(), **changes).refused(problem)


def test_in_a_closed_case_no_instrument_either():
    instrument(given(closed)).refused("case-closed", Conflict)


# ---- entered in error --------------------------------------------------------------------------------------------


def measure_of(story: Story) -> Measure:
    found = Measure.from_events(e for e in story.past if isinstance(e, MeasureEvent))
    assert found is not None
    return found


def wrong(story: Story, by: Actor = ADA, reason: str = "wrong child") -> Story:
    return story.when(measures.enter_in_error, measure_of(story), actor=by, reason=reason)


@pytest.mark.parametrize(("who", "may"), [(ADA, True), (LEA, True), (PIA, False), (LARS, False)])
def test_who_recorded_it_and_the_lead_mark_a_mistake(who: Actor, may: bool):
    story = wrong(given(recorded, closed), who)
    if may:
        story.then(Fact(MeasureEnteredInError, who, measure_id=COPM, reason="wrong child"))
    else:
        story.refused("not-the-author", NotPermitted)


def test_once_and_with_a_reason():
    wrong(given(recorded, in_error)).refused("entered-in-error", Conflict)
    wrong(given(recorded), reason="").refused("/reason missing")
    assert measure_of(given(recorded, in_error)).error == "wrong child"


def test_a_record_that_begins_in_the_middle_is_broken():
    story = given(recorded, in_error)
    with pytest.raises(ValueError, match="before it was recorded"):
        Measure.from_events(story.past[2:])
    with pytest.raises(ValueError, match="no event of a measure"):
        Measure.from_events([story.past[1], story.past[0]])
    assert Measure.from_events([]) is None


STANDARD = ScoreContent("Index", standard=100, metric="standard-100-15", direction="higher-is-better")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"standard": 900}, "/scores/0/standard out-of-range"),
        ({"standard": 9}, "/scores/0/standard out-of-range"),
        ({"standard": 85, "metric": "scaled-10-3"}, "/scores/0/standard out-of-range"),
        ({"standard": 130, "metric": "t-50-10"}, "/scores/0/standard out-of-range"),
        ({"standard": 7, "metric": "z-0-1"}, "/scores/0/standard out-of-range"),
        ({"standard": 130, "percentile": 2}, "/scores/0/percentile contradicts-standard"),
        ({"standard": 85, "percentile": 84}, "/scores/0/percentile contradicts-standard"),
        ({"standard": 100, "low": 60, "high": 80}, "/scores/0/low interval-without-score"),
        ({"standard": None, "raw": 12, "low": 13, "high": 20}, "/scores/0/low interval-without-score"),
    ],
)
def test_a_score_that_cannot_be_is_refused(changes: dict[str, Any], problem: str):
    instrument(given(), replace(STANDARD, **changes)).refused(problem)


@pytest.mark.parametrize(
    "changes",
    [
        {"standard": 100, "percentile": 50},
        {"standard": 85, "percentile": 16},
        {"standard": 130, "percentile": 98},
        {"standard": 40},
        {"standard": 160},
        {"standard": 1, "metric": "scaled-10-3", "percentile": 0.1},
        {"standard": 70, "metric": "t-50-10", "percentile": 98},
        {"standard": -2.5, "metric": "z-0-1", "percentile": 1},
        {"standard": 900, "metric": "other", "percentile": 1},
        {"standard": 100, "low": 95, "high": 105},
        {"standard": 100, "raw": 31, "low": 28, "high": 34},  # of the raw score
        {"standard": 85, "percentile": 24},  # a table need not be the normal curve
    ],
)
def test_a_score_that_can_be_is_taken_without_a_word(changes: dict[str, Any]):
    instrument(given(), replace(STANDARD, **changes)).then(Fact(InstrumentRecorded, answered=[]))


@pytest.mark.parametrize(
    ("changes", "pointer", "code", "params"),
    [
        ({"standard": 165}, "/scores/0/standard", "far-from-the-mean", {"mean": 100, "deviation": 15}),
        ({"standard": 35}, "/scores/0/standard", "far-from-the-mean", {"mean": 100, "deviation": 15}),
        (
            {"standard": 20, "metric": "scaled-10-3"},
            "/scores/0/standard",
            "far-from-the-mean",
            {"mean": 10, "deviation": 3},
        ),
        ({"standard": 85, "percentile": 40}, "/scores/0/percentile", "far-from-standard", {"expected": 16}),
        (
            {"standard": 130, "percentile": 2, "direction": "higher-is-worse"},  # counted from the other end
            "/scores/0/percentile",
            "far-from-standard",
            {"expected": 98},
        ),
    ],
)
def test_an_implausible_score_is_asked_about_once_and_kept_with_the_answer(
    changes: dict[str, Any], pointer: str, code: str, params: dict[str, Any]
):
    score = replace(STANDARD, **changes)
    asked = instrument(given(), score).refused(f"{pointer} {code}")
    assert isinstance(asked.error, InvalidInput)
    (question,) = asked.error.problems
    assert question.answer
    meant = [{"pointer": pointer, "code": code, "params": params}]
    instrument(given(), score, confirmed=[question.answer]).then(Fact(InstrumentRecorded, answered=meant))
    other = replace(score, scale="Another scale")
    instrument(given(), other, confirmed=[question.answer]).refused(f"{pointer} {code}")


@pytest.mark.parametrize("again", ["Manual dexterity", "manual  DEXTERITY"])
def test_a_scale_has_one_score(again: str):
    instrument(given(), MANUAL, replace(MANUAL, scale=again)).refused("/scores/1/scale given-twice")


def test_nothing_is_measured_before_birth():
    instrument(given(), measured_on=BORN - timedelta(days=1)).refused("/measured_on before-birth")
    instrument(given(), measured_on=BORN).then(Fact(InstrumentRecorded))
