"""A list that is filtered by its address: what the filters mean, what is wrong with them, and the way to its next page.

The filters are a declared form, all of it optional, that is read from the address (`Declared.asked`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from coord.application.declared import Question
from coord.domain.errors import FieldProblem, InvalidInput
from coord.web.kit.form import Form
from coord.web.kit.sent import refused
from coord.web.local_time import NotADate, Readings, SkippedTime, day_begins, day_ends, read_time, readings
from coord.web.visit import current_actor, here


def answered(form: Form, means: Callable[[Mapping[str, Any]], Question]) -> tuple[Any, Any]:
    """The question that the filters mean, and its answer; None where they make no sense, and then the form says why."""
    services, actor = here()
    question = None
    try:
        question = means(form.values())
        return question, services.doors.ask(actor, question)
    except InvalidInput as invalid:
        form.take(refused(invalid))
        return question, None


def asked(form: Form) -> dict[str, Any]:
    """What is filtered for, as another page of the list has it in its address."""
    return {name: typed for name, typed in form.typed.items() if typed}


def next_page(form: Form, answer: Any, endpoint: str, **place: Any) -> str | None:
    """The address of the list's next page; None if there is none."""
    return url_for(endpoint, **place, **asked(form), cursor=answer.next) if answer and answer.next else None


def away_from_here(endpoint: str, **place: Any) -> Response | None:
    """Where a list goes on inside its page and the sitting is over by now, there is no room for the sign-in page: one
    leaves the list, and comes back to the whole page."""
    if request.headers.get("HX-Request") and current_actor() is None:
        return Response(headers={"HX-Redirect": url_for(endpoint, **place)})
    return None


def period(values: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """When the day ``from`` begins and the day ``to`` ends. Raises `InvalidInput`."""
    zone = here()[0].settings.zone
    first, last = values["from"], values["to"]
    if first and last and last < first:
        raise InvalidInput([FieldProblem("/to", "before-the-start")])
    return _real("/from", first, day_begins, zone), _real("/to", last, day_ends, zone)


def moment(values: Mapping[str, Any], day: str, time: str, *, second: bool = False) -> Readings | None:
    """The moment that a day and a time of it mean: without the time the end of the day, or now, if that is today's; and
    None without a day. Raises `InvalidInput`; no record of what is yet to come."""
    services, _actor = here()
    zone, now, on, at = services.settings.zone, services.clock(), values[day], values[time]
    if on is None:
        if at:
            raise InvalidInput([FieldProblem(f"/{day}", "missing")])
        return None
    if at:
        try:
            found: Readings = _real(f"/{day}", on, lambda on, zone: readings(on, read_time(at), zone), zone)
        except SkippedTime as skipped:
            gap = {"before": f"{skipped.before:%H:%M}", "after": f"{skipped.after:%H:%M}", "day": str(on), "time": at}
            raise InvalidInput([FieldProblem(f"/{time}", "skipped-time", gap)]) from None
    else:
        today = on == now.astimezone(zone).date()
        found = Readings(now if today else _real(f"/{day}", on, day_ends, zone) - timedelta(microseconds=1))
    if found.chosen(second=second) > now:
        raise InvalidInput([FieldProblem(f"/{day}", "in-the-future")])
    return found


def _real(pointer: str, day: Any, means: Callable[..., Any], zone: Any) -> Any:
    try:
        return None if day is None else means(day, zone)
    except NotADate:
        raise InvalidInput([FieldProblem(pointer, "not-a-date")]) from None
