"""How days, times and numbers are written in the reader's language, and on the clinic's clock.

A page writes the same few days and times over and over, and finding out how costs a hundred times more than writing
it again: each is found out once. `flask_babel` has functions of the same names, which find it out every time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from flask import Flask, current_app, g, has_app_context
from flask_babel import get_locale

LOCALES = {"en": Locale("en", "GB"), "it": Locale("it")}
"""Of each language. English is Britain's: dates and the 24-hour clock."""
EXTENSION = "coord-spellings"
KEPT = 4096
"""Of each kind, in each language: nobody reads more days than these before the first comes round again."""


class Spelling:
    """The ways of one language and one clinic."""

    def __init__(self, locale: Locale, zone: ZoneInfo) -> None:
        """``zone`` is where moments are read on the clock."""
        self.locale = locale
        self._zone = zone
        keep = lru_cache(maxsize=KEPT)
        self._days = keep(lambda day, style: str(dates.format_date(day, style, locale)))
        self._times = keep(lambda at, style: str(dates.format_time(at, style, locale=locale)))
        self._moments = keep(lambda at, style: str(dates.format_datetime(at, style, locale=locale)))
        self._minutes = keep(lambda at: f"{self._days(at.date(), 'medium')}, {self._times(at.time(), 'short')}")
        self._numbers = keep(lambda number, style: str(numbers.format_decimal(number, style, locale)))

    def day(self, day: date, style: str = "medium") -> str:
        """A day, or the day on which a moment falls. ``style`` is short, medium, long, full, or a pattern."""
        return self._days(day.astimezone(self._zone).date() if isinstance(day, datetime) else day, style)

    def time(self, at: datetime | time, style: str = "medium") -> str:
        """The time of day: of a moment on the clinic's clock, of a time of day as it is."""
        if isinstance(at, datetime):
            at = at.astimezone(self._zone).time()
        return self._times(at.replace(microsecond=0), style)

    def moment(self, at: datetime, style: str = "medium") -> str:
        """Day and time of day."""
        return self._moments(at.astimezone(self._zone).replace(microsecond=0, tzinfo=None), style)

    def minute(self, at: datetime) -> str:
        """A day and a time of day without seconds, as it stands beside whatever has happened."""
        return self._minutes(at.astimezone(self._zone).replace(second=0, microsecond=0, tzinfo=None))

    def number(self, number: float, style: str | None = None) -> str:
        """A number, with the separators of the language."""
        return self._numbers(number + 0, style)  # of -0.0 makes 0, which it would be taken for ever after


_FILTERS: dict[str, Callable[..., str]] = {
    "dateformat": Spelling.day,
    "timeformat": Spelling.time,
    "datetimeformat": Spelling.moment,
    "minute": Spelling.minute,
    "numberformat": Spelling.number,
    "decimalformat": Spelling.number,
}
"""What templates call them."""


class _Spellings(dict[Locale, Spelling]):
    """Those of an application, made when first asked for."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, locale: Locale) -> Spelling:
        return self.setdefault(locale, Spelling(locale, self._zone))


def init_spelling(app: Flask, zone: ZoneInfo) -> None:
    """Let templates and Python write alike. Call it once Flask-Babel is there, whose filters it takes over."""
    app.extensions[EXTENSION] = _Spellings(zone)
    app.jinja_env.filters |= {name: lambda *given, way=way: way(spelling(), *given) for name, way in _FILTERS.items()}


def filters_of(spelling: Spelling) -> dict[str, Any]:
    """The same for templates of one language, which need not ask whose page it is."""
    return {name: partial(way, spelling) for name, way in _FILTERS.items()}


def spelling() -> Spelling:
    """That of the reader of this request."""
    found: Spelling = current_app.extensions[EXTENSION][reading()]
    return found


def reading() -> Locale | None:
    """The reader's language in this request: what `flask_babel.get_locale` says, which takes ten times as long to say
    what it has said before."""
    kept = getattr(g.get("_flask_babel"), "babel_locale", None) if has_app_context() else None
    return kept if isinstance(kept, Locale) else get_locale()


def format_date(day: date, style: str = "medium") -> str:
    """A day, or the day on which a moment falls, for the reader of this request."""
    return spelling().day(day, style)


def format_time(at: datetime | time, style: str = "medium") -> str:
    """A time of day for the reader of this request."""
    return spelling().time(at, style)


def format_datetime(at: datetime, style: str = "medium") -> str:
    """Day and time of day for the reader of this request."""
    return spelling().moment(at, style)


def format_number(number: float) -> str:
    """A number for the reader of this request."""
    return spelling().number(number)


def format_decimal(number: float, style: str | None = None) -> str:
    """A number for the reader of this request, by a pattern such as ``0.0``."""
    return spelling().number(number, style)
