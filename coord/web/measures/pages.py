"""What was measured of a child: each COPM with its change, every named instrument, and the forms that record them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from coord.application.declared import Command
from coord.application.goals.commands import EnterMeasureInError, RecordCopm, RecordInstrument
from coord.application.goals.questions import MeasureLine, MeasuresAnswer, ReadMeasures
from coord.domain.actors import Actor
from coord.domain.errors import NotFound, NotPermitted
from coord.web.kit.asking import confirmed
from coord.web.kit.child import around, here, page, refuse_unless_offered
from coord.web.kit.done import Done
from coord.web.kit.form import Form, number_of
from coord.web.kit.reason import Act, Asks, one_of, told, what_is_wrong
from coord.web.labels import label
from coord.web.measures.form import (
    COPM,
    INSTRUMENT,
    INSTRUMENTS,
    Measured,
    Row,
    copm_content,
    copm_rows,
    instrument_content,
)
from coord.web.spelling import format_date
from coord.web.visit import see_other
from coord.words import spelled_alike

pages = Blueprint("measures", __name__)

DONE = Done("measures")
"""What was just done, said once."""


# ---- reading -----------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/measures")
def index(case_id: UUID) -> Response:
    """Every measure, newest first, each with what its numbers mean and who answered."""
    _services, actor = here()
    answer = _measures(actor, case_id)
    return page(
        "measures/index.html",
        **around(actor, case_id, answer),
        measures=answer.measures,
        earlier_of={m.id: _earlier(m, answer) for m in answer.measures},
        may=answer.may,
        done=DONE.once(),
    )


def _earlier(measure: MeasureLine, answer: MeasuresAnswer) -> MeasureLine | None:
    """The measure that a COPM names as its earlier one, where it stands and is no mistake."""
    named = measure.copm and measure.copm["earlier"]
    return next((m for m in answer.measures if m.id == named and not m.error_reason), None) if named else None


def _measures(actor: Actor, case_id: UUID) -> MeasuresAnswer:
    services, _actor = here()
    return cast(MeasuresAnswer, services.doors.ask(actor, ReadMeasures(case_id)))


# ---- recording ---------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/measures/copm")
def copm(case_id: UUID) -> Response:
    """The form for a COPM; with ``earlier`` in the address it begins with the activities of that one."""
    _services, actor = here()
    answer = _measures(actor, case_id)
    wanted = request.args.get("earlier", "")
    then = _copm_named(answer, wanted)
    if wanted and then is None:
        raise NotFound("no-such-measure")
    stands: dict[str, Any] = {"measured_on": _today()}
    if then is not None:
        stands |= {"earlier": then.id, **{name: then.content[name] for name in ("informant", "informant_name")}}
    return _copm_page(actor, case_id, COPM.of(stands, copm_rows(then.content["problems"]) if then else ()))


def _today() -> date:
    services, _actor = here()
    return services.clock().astimezone(services.settings.zone).date()


@pages.post("/children/<uuid:case_id>/measures/copm", endpoint="record_copm")
def record_copm(case_id: UUID) -> ResponseReturnValue:
    """Record it, add or remove a row, or take over the activities of the earlier one; nothing typed is lost."""
    _services, actor = here()
    action = request.form.get("action", "record")
    form = COPM.sent(_removed(action))
    if action == "record":
        command = lambda: RecordCopm(case_id, form.id, copm_content(form))  # noqa: E731 - read when it is carried out
        return _recorded(case_id, form, command, _copm_page)

    def with_rows() -> AnyResponse:
        rows = _changed(COPM.rows(form), action)
        then = _copm_named(_measures(actor, case_id), form.typed["earlier"]) if action == "begin" else None
        if then is not None:
            _as_then(form, rows, then)
        return _copm_page(actor, case_id, COPM.changed(form, rows), added=action == "add")

    return form.send(with_rows, lambda: _copm_page(actor, case_id, form))


def _as_then(form: Form, rows: list[Row], then: MeasureLine) -> None:
    """Add the activities of an earlier COPM that are not in it yet; and who answered then, if nobody is named: only
    answers of the same person are compared."""
    known = {spelled_alike(row["activity"]) for row in rows}
    rows += [row for row in copm_rows(then.content["problems"]) if spelled_alike(row["activity"]) not in known]
    if not (form.typed["informant"] or form.typed["informant_name"].strip()):
        form.typed |= {name: then.content[name] for name in ("informant", "informant_name")}


@pages.get("/children/<uuid:case_id>/measures/instrument")
def instrument(case_id: UUID) -> Response:
    """The form for a named instrument."""
    _services, actor = here()
    return _instrument_page(actor, case_id, INSTRUMENT.of({"measured_on": _today()}))


@pages.post("/children/<uuid:case_id>/measures/instrument", endpoint="record_instrument")
def record_instrument(case_id: UUID) -> ResponseReturnValue:
    """Record it, add or remove a scale; nothing typed is lost."""
    _services, actor = here()
    action = request.form.get("action", "record")
    form = INSTRUMENT.sent(_removed(action))
    if action == "record":
        command = lambda: RecordInstrument(case_id, form.id, instrument_content(form), confirmed())  # noqa: E731
        return _recorded(case_id, form, command, _instrument_page)
    changed = INSTRUMENT.changed(form, _changed(INSTRUMENT.rows(form), action))
    with_rows = partial(_instrument_page, actor, case_id, changed, added=action == "add")
    return changed.send(with_rows, with_rows)


def _removed(action: str) -> int | None:
    """The row that is to go, by its place on the page."""
    what, _sep, index = action.partition(".")
    return number_of(index) if what == "remove" else None


def _changed(rows: list[Row], action: str) -> list[Row]:
    """One row more, where that was wanted."""
    return [*rows, {}] if action == "add" and rows else rows


def _recorded(
    case_id: UUID, form: Form, command: Callable[[], Command], again: Callable[[Actor, UUID, Form], Response]
) -> ResponseReturnValue:
    services, actor = here()

    def act() -> AnyResponse:
        services.doors.execute(actor, command())
        DONE.say("recorded")
        return see_other(url_for("measures.index", case_id=case_id) + f"#measure-{form.id}")

    return form.send(act, lambda: again(actor, case_id, form))


def _copms(answer: MeasuresAnswer) -> list[MeasureLine]:
    """Those that a new one may be compared with."""
    return [m for m in answer.measures if m.kind == "copm" and not m.error_reason]


def _copm_named(answer: MeasuresAnswer, wanted: str) -> MeasureLine | None:
    return next((m for m in _copms(answer) if str(m.id) == wanted), None)


def _copm_page(actor: Actor, case_id: UUID, form: Form, *, added: bool = False) -> Response:
    answer = _measures(actor, case_id)
    refuse_unless_offered("RecordCopm", actor, answer)
    earlier = []
    for m in _copms(answer):
        day = format_date(m.measured_on, "long")
        who = label("informant", m.content["informant"])
        if m.content["informant_name"]:
            who = f"{who}, {m.content['informant_name']}"
        earlier.append({"value": str(m.id), "text": _("%(day)s, answered by: %(who)s", day=day, who=who)})
    form.offer("earlier", earlier)
    return _rows_page("copm", actor, case_id, form, answer, COPM, added)


def _instrument_page(actor: Actor, case_id: UUID, form: Form, *, added: bool = False) -> Response:
    answer = _measures(actor, case_id)
    refuse_unless_offered("RecordInstrument", actor, answer)
    return _rows_page("instrument", actor, case_id, form, answer, INSTRUMENT, added, instruments=INSTRUMENTS)


def _rows_page(
    name: str, actor: Actor, case_id: UUID, form: Form, answer: MeasuresAnswer, what: Measured, added: bool, **more: Any
) -> Response:
    rows = max(sum(field.startswith(f"{what.names[0]}.") for field in form.fields), 1)
    around_it = around(actor, case_id, answer)
    html = render_template(
        f"measures/{name}.html", form=form, rows=rows, most=what.most, added=added, **around_it, **more
    )
    return make_response(html)


# ---- mistakes ----------------------------------------------------------------------------------------------------


asks = Asks(pages, DONE, lambda case_id, measure_id: _measures(here()[1], case_id))  # noqa: ARG005


@asks("/children/<uuid:case_id>/measures/<uuid:measure_id>/error")
def error(answer: MeasuresAnswer | None, case_id: UUID, measure_id: UUID) -> Act:
    """Mark a measure as a mistake; if somebody has done so already, what was wanted is so."""
    measure: MeasureLine | None = one_of(answer.measures, measure_id, "no-such-measure") if answer else None

    def may() -> None:
        if measure and "EnterMeasureInError" not in measure.may:
            raise NotPermitted("not-the-author")

    return Act(
        _("Mark a measure as entered in error"),
        _("Mark as entered in error"),
        lambda form: EnterMeasureInError(case_id, measure_id, form["reason"]),
        back=(url_for("measures.index", case_id=case_id), _("Measures")),
        said="marked",
        about=[told("measures/_error.html")],
        fields=[what_is_wrong()],
        caption=told("measures/_name.html", measure=measure)() if measure else "",
        dangerous=True,
        may=may,
        already=["entered-in-error"],
    )
