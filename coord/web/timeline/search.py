"""What of a timeline is asked for: words, kinds, people and days, and as known when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from coord.application.timeline.questions import TimelineFilter
from coord.domain.errors import FieldProblem
from coord.web.case.page import Form, day_in, options
from coord.web.kit.form import uuid_of
from coord.web.labels import DISCIPLINES, KINDS, SETTINGS, label
from coord.web.local_time import NotADate, NotATime, SkippedTime, read_day, read_time, readings
from coord.web.spelling import format_date


def filter_labels() -> dict[str, tuple[str, str]]:
    """The fields of the search: what each is called, and the id of its input."""
    return {
        "q": (_("Words"), "q"),
        "text": (_("Words"), "q"),
        "discipline": (_("Discipline"), "discipline"),
        "setting": (_("Where it happened"), "setting"),
        "kind": (_("Kind of entry"), "kind"),
        "author": (_("Written by"), "author"),
        "from": (_("From"), "from"),
        "to": (_("To"), "to"),
        "as_of": (_("As known on"), "as_of"),
        "as_of_time": (_("At"), "as_of_time"),
    }


FILTERS = ("q", "discipline", "setting", "kind", "author", "from", "to", "as_of", "as_of_time")


def wanted_by(form: Form, zone: ZoneInfo, now: datetime) -> tuple[TimelineFilter, datetime | None]:
    """What the address asks for; what makes no sense in it is noted on the form."""
    typed = form.values
    for name, words in (("discipline", DISCIPLINES), ("setting", SETTINGS), ("kind", KINDS)):
        if typed[name] and typed[name] not in words:
            form.problems([FieldProblem(f"/{name}", "unknown-choice")])
    author = None
    if typed["author"]:
        author = uuid_of(typed["author"])
        if author is None:
            form.problems([FieldProblem("/author", "no-such-person")])
    first, last = day_in(form, "from"), day_in(form, "to")
    if first and last and last < first:
        form.problems([FieldProblem("/to", "before-the-start")])
    wanted = TimelineFilter(
        discipline=typed["discipline"] or None,
        setting=typed["setting"] or None,
        kind=typed["kind"] or None,
        author=author,
        start=_start_of(form, "from", first, zone),
        end=_start_of(form, "to", _day_after(last), zone),
        text=typed["q"],
    )
    return wanted, _as_of(form, zone, now)


def _as_of(form: Form, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The moment whose knowledge is asked for: of a day without a time its end, or now, if it is today."""
    day = day_in(form, "as_of")
    at = None
    if form.values["as_of_time"]:
        try:
            at = read_time(form.values["as_of_time"])
        except NotATime:
            form.problems([FieldProblem("/as_of_time", "not-a-time")])
            return None
        if not form.values["as_of"]:
            form.problems([FieldProblem("/as_of", "missing")])
    if day is None:
        return None
    if at is None:
        following = _start_of(form, "as_of", _day_after(day), zone)
        if following is None:
            return None
        moment = following - timedelta(microseconds=1)
        if day == now.astimezone(zone).date():
            moment = now
    else:
        try:
            moment = readings(day, at, zone).first
        except NotADate:
            form.problems([FieldProblem("/as_of", "not-a-date")])
            return None
        except SkippedTime as skipped:
            form.wrong_in(
                "as_of_time",
                _(
                    "No clock showed this time: at %(before)s the clocks went forward to %(after)s",
                    before=skipped.before.strftime("%H:%M"),
                    after=skipped.after.strftime("%H:%M"),
                ),
            )
            return None
    if moment > now:
        form.problems([FieldProblem("/as_of", "in-the-future")])
        return None
    return moment


def _day_after(day: date | None) -> date | None:
    """The day after; the calendar's last day has none."""
    return day + timedelta(days=1) if day is not None and day < date.max else day


def _start_of(form: Form, name: str, day: date | None, zone: ZoneInfo) -> datetime | None:
    """When a day begins on the clinic's clock; in some places the clocks go forward at midnight."""
    if day is None:
        return None
    try:
        try:
            return readings(day, time(0), zone).first
        except SkippedTime as skipped:
            return readings(day, skipped.after, zone).first
    except NotADate:
        form.problems([FieldProblem(f"/{name}", "not-a-date")])
        return None


def choices_of(typed: Mapping[str, str], members: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, object]]]:
    """What can be chosen in each field, with what is chosen now."""
    authors: list[dict[str, object]] = [{"value": "", "text": _("Anyone")}]
    authors += [
        {
            "value": str(m["person_id"]),
            "text": f"{m['name']}, {label('relation', m['relation'])}",
            "selected": str(m["person_id"]) == typed["author"],
        }
        for m in members
    ]
    return {
        "discipline": options(DISCIPLINES, typed["discipline"], _("Any discipline")),
        "setting": options(SETTINGS, typed["setting"], _("Anywhere")),
        "kind": options(KINDS, typed["kind"], _("Every kind")),
        "author": authors,
    }


def active_in(form: Form, choices: Mapping[str, list[dict[str, object]]]) -> list[tuple[str, str]]:
    """What is searched for, in words; the time whose knowledge is asked for has a banner of its own."""
    active = []
    for name, typed in form.values.items():
        if not typed or name.startswith("as_of"):
            continue
        words = typed
        if name in choices:
            words = next((str(c["text"]) for c in choices[name] if c["value"] == typed), _("Somebody else"))
        elif name in ("from", "to"):
            words = format_date(read_day(typed), "medium")
        active.append((form.labels[name][0], words))
    return active
