"""The clinic's time zone as a calendar file describes it (VTIMEZONE of RFC 5545, section 3.6.5).

A calendar takes summer time from here. The changes of the clock are found by search in the zone itself; where they
follow a rule of the kind "the last Sunday of March", the file says the rule, so that no calendar runs out of dates.
Each change begins by the clock on the wall *before* it, as the standard says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

LOOK_BACK, LOOK_AHEAD = 30, 3
"""Years: how far back a rule is followed, and how far ahead the dates are named where there is none."""
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the clock: when, by the wall before it; from and to which offset; what the time is called then."""

    wall: datetime
    before: timedelta
    after: timedelta
    summer: bool
    name: str

    @property
    def rule(self) -> tuple[object, ...]:
        """What it has in common with those of other years: the month, the Sunday of it, and the time."""
        last = (self.wall + timedelta(days=7)).month != self.wall.month
        which = -1 if last else (self.wall.day - 1) // 7 + 1
        return self.wall.month, which, self.wall.weekday(), self.wall.time(), self.before, self.after, self.summer


@lru_cache
def described(zone: ZoneInfo, year: int) -> Timezone:
    """The zone, for a feed that is fetched in a year; it holds from the year before the one before it."""
    component = Timezone()
    component.add("tzid", zone.key)
    changes = _changes(zone, year - LOOK_BACK, year + LOOK_AHEAD)
    by_kind = [[c for c in changes if c.summer is summer] for summer in (True, False)]
    if not any(by_kind):
        component.add_component(_observance(_never_changed(zone, year), ()))
    for kind in by_kind:
        ruled = _under_one_rule(kind, year)
        if ruled:
            component.add_component(_observance(ruled[0], (), yearly=True))
        elif kind:
            recent = [c for c in kind if c.wall.year >= year - 2] or kind[-1:]
            component.add_component(_observance(recent[0], recent[1:]))
    return component


def _changes(zone: ZoneInfo, first: int, last: int) -> list[Change]:
    """Every change of the clock from the first year to the last."""
    start, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return [_found(zone, one, other) for one, other in pairwise(days) if _offset(zone, one) != _offset(zone, other)]


def _found(zone: ZoneInfo, early: datetime, late: datetime) -> Change:
    """The change between two moments, to the minute."""
    while late - early > timedelta(minutes=1):
        middle = early + timedelta(minutes=int((late - early).total_seconds() // 120))
        if _offset(zone, middle) == _offset(zone, early):
            early = middle
        else:
            late = middle
    before, now = _offset(zone, early), late.astimezone(zone)
    wall = (late + before).replace(tzinfo=None)
    after = _offset(zone, late)
    return Change(wall, before, after, after > before, now.tzname() or zone.key)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _under_one_rule(kind: Sequence[Change], year: int) -> list[Change]:
    """The changes of one kind as long as they have followed the rule of today, one a year up to the last year; none if
    that is not longer than the feed reaches back, or two days of a month would fit (its fourth Sunday is its last)."""
    by_year: dict[int, list[Change]] = {}
    for change in kind:
        by_year.setdefault(change.wall.year, []).append(change)
    found: list[Change] = []
    for of_year in range(year + LOOK_AHEAD, year - LOOK_BACK - 1, -1):
        changes = by_year.get(of_year, [])
        if len(changes) != 1 or (found and changes[0].rule != found[-1].rule):
            break
        found.append(changes[0])
    return found[::-1] if found and found[-1].wall.year <= year - 2 else []


def _never_changed(zone: ZoneInfo, year: int) -> Change:
    now = datetime(year, 1, 1, tzinfo=zone)
    offset = now.utcoffset() or timedelta()
    return Change(
        datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None),
        offset,
        offset,
        summer=False,
        name=now.tzname() or zone.key,
    )


def _observance(
    first: Change, others: Sequence[Change], *, yearly: bool = False
) -> TimezoneDaylight | TimezoneStandard:
    part = TimezoneDaylight() if first.summer else TimezoneStandard()
    part.add("dtstart", first.wall)
    part.add("tzoffsetfrom", first.before)
    part.add("tzoffsetto", first.after)
    part.add("tzname", first.name)
    if yearly:
        month, which, weekday = first.rule[:3]
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": f"{which}{_DAYS[int(str(weekday))]}"})
    if others:
        part.add("rdate", [change.wall for change in others])
    return part
