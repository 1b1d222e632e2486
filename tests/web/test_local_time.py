"""Days and times as people type them: generous in what is taken, and never a day that nobody meant."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.web.local_time import NotADate, NotATime, read_day, read_time


@pytest.mark.parametrize(
    "typed",
    [
        "2026-03-27",
        "27/3/2026",
        "27.3.2026",
        "27 03 2026",
        "27/3/26",
        "27-3-26",
        "27032026",
        "27 March 2026",
        "27 mar 26",
        "27th of March 2026",
        "27 marzo 2026",
        "27 MARZO 26",
        " 27  mar.  2026 ",
    ],
)
def test_a_day_is_read_however_people_write_it(typed: str):
    assert read_day(typed) == date(2026, 3, 27)


def test_months_are_known_by_their_beginning_in_both_languages():
    assert [read_day(f"1 {month} 26").month for month in ("gen", "feb", "apr", "mag", "giu", "lug", "ago", "set")] == [
        *(1, 2, 4, 5, 6, 7, 8, 9)
    ]
    assert read_day("1° aprile 2026") == date(2026, 4, 1)


@pytest.mark.parametrize(
    "typed", ["", "27", "27/3", "3/27/2026", "30 2 2026", "1 ma 26", "1 ju 26", "1 xyz 26", "32032026"]
)
def test_what_is_no_day_or_could_be_two_is_none(typed: str):
    with pytest.raises(NotADate):
        read_day(typed)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_as_it_was_written(day: date):
    for typed in (f"{day:%d/%m/%Y}", f"{day:%d%m%Y}", f"{day:%d %B %Y}", day.isoformat()):
        assert read_day(typed) == day


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("9", time(9)),
        ("0", time(0)),
        ("930", time(9, 30)),
        ("1430", time(14, 30)),
        ("14:30", time(14, 30)),
        ("14.30", time(14, 30)),
        ("14h30", time(14, 30)),
        ("9am", time(9)),
        ("930am", time(9, 30)),
        ("9.30 p.m.", time(21, 30)),
        ("2pm", time(14)),
        ("2 PM", time(14)),
        ("12am", time(0)),
        ("12 pm", time(12)),
    ],
)
def test_a_time_is_read_however_people_write_it(typed: str, at: time):
    assert read_time(typed) == at


@pytest.mark.parametrize("typed", ["", "24:00", "25", "9:60", "13pm", "0am", "nine", "9:3"])
def test_what_is_no_time_is_none(typed: str):
    with pytest.raises(NotATime):
        read_time(typed)
