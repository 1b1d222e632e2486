"""Dates and times as people type them, on the clinic's clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_YEAR_FIRST = re.compile(r"(\d{4}) ?[-/. ] ?(\d{1,2}) ?[-/. ] ?(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2}) ?[-/. ] ?(\d{1,2}) ?[-/. ] ?(\d{4}|\d{2})")
_RUN_TOGETHER = re.compile(r"(\d{2})(\d{2})(\d{4})")
_MONTH_IN_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th|[°º])?[ .\-]*(?:of |di )?([a-z]{3,})[ .,\-]*(\d{4}|\d{2})")
_TIME = re.compile(r"(\d{1,2})(?:[:.,h]?(\d{2}))?(?::00)? ?(am|pm|a\.m\.|p\.m\.)?")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january gennaio",
            "february febbraio",
            "march marzo",
            "april aprile",
            "may maggio",
            "june giugno",
            "july luglio",
            "august agosto",
            "september settembre",
            "october ottobre",
            "november novembre",
            "december dicembre",
        ),
        1,
    )
    for name in names.split()
}
_CENTURY = 2000
"""Of a year in two digits: nothing in a child's record is of another."""


class NotADate(ValueError):
    """No day of the calendar was typed."""


class NotATime(ValueError):
    """No time of day was typed."""


class SkippedTime(ValueError):
    """The clocks went forward over this time: no clock ever showed it. ``before`` and ``after`` are what it skipped."""

    def __init__(self, before: time, after: time) -> None:
        """``before`` is when the clocks went forward, ``after`` what they showed then."""
        super().__init__("skipped")
        self.before, self.after = before, after


@dataclass(frozen=True, slots=True)
class Readings:
    """What a local time can mean: one moment, or two where the clocks went back over it."""

    first: datetime
    second: datetime | None = None

    def chosen(self, *, second: bool = False, not_before: datetime | None = None) -> datetime:
        """The first, unless the second was asked for, or only the second does not lie before ``not_before``."""
        if self.second is None:
            return self.first
        if second or (not_before is not None and self.first < not_before <= self.second):
            return self.second
        return self.first


def read_day(text: str) -> date:
    """The day that ``2026-03-27``, ``27/3/2026``, ``27.3.26``, ``27032026``, ``27 March 2026`` or ``27 mar 26`` names,
    the month in English or Italian. Raises `NotADate`."""
    text = " ".join(text.split()).lower()
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found[1], int(found[2]), int(found[3])
    elif found := _DAY_FIRST.fullmatch(text) or _RUN_TOGETHER.fullmatch(text):
        day, month, year = int(found[1]), int(found[2]), found[3]
    elif found := _MONTH_IN_WORDS.fullmatch(text):
        day, month, year = int(found[1]), _month(found[2]), found[3]
    else:
        raise NotADate
    try:
        return date(int(year) if len(year) > 2 else _CENTURY + int(year), month, day)
    except ValueError:
        raise NotADate from None


def _month(word: str) -> int:
    """The month whose name begins so, in whichever language; 0 for none, or for more than one."""
    found = {number for name, number in _MONTHS.items() if name.startswith(word)}
    return found.pop() if len(found) == 1 else 0


def typed_day(text: str) -> str:
    """A day as a field shows it: ``27/03/2026`` for one that was kept as ``2026-03-27``; all else as it was typed."""
    found = _YEAR_FIRST.fullmatch(text)
    return f"{found[3]:0>2}/{found[2]:0>2}/{found[1]}" if found else text


def read_time(text: str) -> time:
    """The time of day that ``14:30``, ``14.30``, ``1430``, ``9``, ``930am`` or ``2 pm`` names. Raises `NotATime`."""
    found = _TIME.fullmatch(" ".join(text.lower().split()))
    if found is None:
        raise NotATime
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "")[:1]
    if half and not 1 <= hour <= 12:
        raise NotATime
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        raise NotATime from None


def readings(day: date, at: time, zone: ZoneInfo) -> Readings:
    """What ``at`` on ``day`` on the clinic's clock means, in UTC.

    Raises `SkippedTime` where the clocks went forward over it, `NotADate` at the calendar's very ends.
    """
    local = datetime.combine(day, at, zone)
    try:
        first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        if first.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
            # In a gap, fold 0 is read with the offset before it and lands after it; fold 1 the other way about.
            raise _skipped(min(first, second), max(first, second), zone)
    except OverflowError:
        raise NotADate from None
    return Readings(first) if first == second else Readings(first, second)


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins on the clinic's clock: in some places the clocks go forward at midnight. Raises `NotADate`."""
    try:
        return readings(day, time(0), zone).first
    except SkippedTime as skipped:
        return readings(day, skipped.after, zone).first


def day_ends(day: date, zone: ZoneInfo) -> datetime:
    """When the day after it begins. Raises `NotADate` for the calendar's last day."""
    try:
        return day_begins(day + timedelta(days=1), zone)
    except OverflowError:
        raise NotADate from None


def _skipped(low: datetime, high: datetime, zone: ZoneInfo) -> SkippedTime:
    """Between the two readings of a time in a gap lies the change itself: find its minute."""
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    change = high.replace(second=0, microsecond=0)
    local = change.astimezone(zone)
    return SkippedTime((change + (before or timedelta())).time(), local.time())
