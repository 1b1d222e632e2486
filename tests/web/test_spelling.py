"""Days, times and numbers are written as Flask-Babel writes them, only sooner."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import flask_babel
import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from coord.web import spelling

ROME = ZoneInfo("Europe/Rome")
STYLES = ("short", "medium", "long", "full", "d MMM", "d MMMM y")
DAYS = st.dates(date(1990, 1, 1), date(2037, 12, 31))
MOMENTS = st.builds(datetime.combine, DAYS, st.times(), st.just(UTC))


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask(__name__)
    Babel(app, locale_selector=lambda: flask_babel.Locale.parse("en_GB"), timezone_selector=lambda: ROME.key)
    spelling.init_spelling(app, ROME)
    return app


@given(at=MOMENTS, style=st.sampled_from(STYLES), language=st.sampled_from(("en_GB", "it")))
def test_a_moment_is_read_on_the_clock_of_the_clinic(app: Flask, at: datetime, style: str, language: str):
    with app.test_request_context(), flask_babel.force_locale(language):
        assert spelling.format_date(at, style) == flask_babel.format_date(at, style)
        assert spelling.format_date(at.date(), style) == flask_babel.format_date(at.date(), style)
        if style in ("short", "medium"):  # the longer ones name the zone, which nothing here does
            assert spelling.format_time(at, style) == flask_babel.format_time(at, style)
            assert spelling.format_datetime(at, style) == flask_babel.format_datetime(at, style)


@given(
    number=st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6),
    style=st.sampled_from((None, "0.0", "0.00")),
    language=st.sampled_from(("en_GB", "it")),
)
def test_a_number_has_the_separators_of_the_language(app: Flask, number: float, style: str | None, language: str):
    with app.test_request_context(), flask_babel.force_locale(language):
        number += 0  # nobody means minus nothing
        assert spelling.format_number(number) == flask_babel.format_number(number)
        assert spelling.format_decimal(number, style) == flask_babel.format_decimal(number, style)


def test_no_number_is_written_as_an_equal_one_was_before(app: Flask):
    with app.test_request_context():
        assert [spelling.format_number(number) for number in (-0.0, 0, 0.0)] == ["0", "0", "0"]


def test_what_was_written_in_one_language_is_not_read_in_the_other(app: Flask):
    day = date(2026, 3, 27)
    for _again in range(2):
        with app.test_request_context():
            for language, words in (("en_GB", "27 March 2026"), ("it", "27 marzo 2026")):
                with flask_babel.force_locale(language):
                    assert spelling.format_date(day, "long") == words


def test_a_time_of_day_is_nowhere_in_particular(app: Flask):
    with app.test_request_context():
        assert spelling.format_time(time(14, 30), "short") == "14:30"


def test_the_hour_that_comes_twice_is_written_alike(app: Flask):
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    with app.test_request_context():
        written = {spelling.format_datetime(first + timedelta(hours=n), "short") for n in (0, 1)}
    assert written == {"25/10/2026, 02:30"}
