"""What was measured of a child: each COPM with its change, every named instrument, and the forms that record them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from uuid import UUID, uuid4

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coord.application.declared import Command
from coord.application.goals.commands import EnterMeasureInError, RecordCopm, RecordInstrument
from coord.application.goals.questions import MeasureLine, MeasuresAnswer, ReadMeasures
from coord.domain.actors import Actor
from coord.domain.case.measures import DIRECTIONS, INFORMANTS, METRICS
from coord.domain.errors import DomainError, InvalidInput, NotFound, NotPermitted, Unavailable
from coord.web.kit.asking import confirmed
from coord.web.kit.done import Done
from coord.web.kit.reason import Act, Asks, one_of, told, what_is_wrong, written
from coord.web.labels import label
from coord.web.pages.child_page import ON_THE_FORM, Refusal, around, here, page, refuse_unless_offered
from coord.web.pages.measure_form import INSTRUMENTS, SCORE, CopmForm, InstrumentForm, MeasureForm
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
    named = measure.content.get("earlier")
    return next((m for m in answer.measures if str(m.id) == named and not m.marked), None) if named else None


def _measures(actor: Actor, case_id: UUID) -> MeasuresAnswer:
    services, _actor = here()
    return cast(MeasuresAnswer, services.doors.ask(actor, ReadMeasures(case_id)))


# ---- recording ---------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/measures/copm")
def copm(case_id: UUID) -> Response:
    """The form for a COPM; with ``earlier`` in the address it begins with the activities of that one."""
    services, actor = here()
    answer = _measures(actor, case_id)
    wanted = request.args.get("earlier", "")
    then = next((m for m in _copms(answer) if str(m.id) == wanted), None)
    if wanted and then is None:
        raise NotFound("no-such-measure")
    form = CopmForm.begun(services.clock().astimezone(services.settings.zone).date(), then)
    return _copm_page(actor, case_id, form, answer)


@pages.post("/children/<uuid:case_id>/measures/copm", endpoint="record_copm")
def record_copm(case_id: UUID) -> ResponseReturnValue:
    """Record it, add or remove a row, or take over the activities of the earlier one; nothing typed is lost."""
    _services, actor = here()
    form = CopmForm.sent(request.form)
    action = request.form.get("action", "record")
    if action == "record":
        return _recorded(case_id, form, RecordCopm(case_id, form.measure_id, form.content()), _copm_page)
    answer = _measures(actor, case_id)
    if action == "begin":
        then = next((m for m in _copms(answer) if str(m.id) == form.values["earlier"]), None)
        if then is not None:
            form = _with_activities_of(form, then)
    return _copm_page(actor, case_id, _changed(form, action), answer, more=action == "add")


def _with_activities_of(form: CopmForm, then: MeasureLine) -> CopmForm:
    """The same with the activities of an earlier COPM that are not in it yet; and with who answered then, if nobody is
    named: only answers of the same person are compared."""
    known = {spelled_alike(row["activity"]) for row in form.rows}
    more = tuple(r for r in CopmForm.rows_of(then.content["problems"]) if spelled_alike(r["activity"]) not in known)
    values = dict(form.values)
    if not (values["informant"] or values["informant_name"].strip()):
        values |= {name: then.content[name] for name in ("informant", "informant_name")}
    return CopmForm(form.rows + more, values, form.measure_id)


@pages.get("/children/<uuid:case_id>/measures/instrument")
def instrument(case_id: UUID) -> Response:
    """The form for a named instrument."""
    services, actor = here()
    answer = _measures(actor, case_id)
    form = InstrumentForm.begun(services.clock().astimezone(services.settings.zone).date())
    return _instrument_page(actor, case_id, form, answer)


@pages.post("/children/<uuid:case_id>/measures/instrument", endpoint="record_instrument")
def record_instrument(case_id: UUID) -> ResponseReturnValue:
    """Record it, add or remove a scale; nothing typed is lost."""
    _services, actor = here()
    form = InstrumentForm.sent(request.form)
    action = request.form.get("action", "record")
    if action == "record":
        command = RecordInstrument(case_id, form.measure_id, form.content(), confirmed())
        return _recorded(case_id, form, command, _instrument_page)
    answer = _measures(actor, case_id)
    return _instrument_page(actor, case_id, _changed(form, action), answer, more=action == "add")


def _changed(form: Any, action: str) -> Any:
    what, _sep, index = action.partition(".")
    return form.without(int(index)) if what == "remove" and index.isascii() and index.isdigit() else form


def _recorded(case_id: UUID, form: MeasureForm, command: Command, again: Any) -> ResponseReturnValue:
    services, actor = here()
    try:
        services.doors.execute(actor, command)
    except ON_THE_FORM as refusal:
        if isinstance(refusal, InvalidInput) and any(p.pointer == "/id" for p in refusal.problems):
            form = replace(form, measure_id=uuid4())  # gone back to and changed: sent again, it is one of its own
        answer: MeasuresAnswer | None = None
        if not isinstance(refusal, Unavailable):
            answer = _measures(actor, case_id)
        return cast(Response, again(actor, case_id, form, answer, error=refusal))
    DONE.say("recorded")
    return see_other(url_for("measures.index", case_id=case_id) + f"#measure-{form.measure_id}")


def _copms(answer: MeasuresAnswer | None) -> list[MeasureLine]:
    """Those that a new one may be compared with."""
    return [m for m in answer.measures if m.kind == "copm" and not m.marked] if answer else []


def _copm_page(
    actor: Actor,
    case_id: UUID,
    form: CopmForm,
    answer: MeasuresAnswer | None,
    *,
    error: DomainError | None = None,
    more: bool = False,
) -> Response:
    if answer is not None:
        refuse_unless_offered("RecordCopm", actor, answer)
    earlier: list[dict[str, object]] = [{"value": "", "text": _("None: this is the first")}]
    for m in _copms(answer):
        day = format_date(m.measured_on, "long")
        who = label("informant", m.content["informant"])
        if m.content["informant_name"]:
            who = f"{who}, {m.content['informant_name']}"
        words = _("%(day)s, answered by: %(who)s", day=day, who=who)
        earlier.append({"value": str(m.id), "text": words, "selected": str(m.id) == form.values["earlier"]})
    if form.values["earlier"] and all(e["value"] != form.values["earlier"] for e in earlier):
        earlier.append({"value": form.values["earlier"], "text": _("The one you chose"), "selected": True})
    return page(
        "measures/copm.html",
        Refusal.of(error, form.fields(), form.words),
        **around(actor, case_id, answer),
        form=form,
        rows=form.shown_rows(more),
        added=more,
        earlier=earlier,
        informants=_options("informant", INFORMANTS, form.values["informant"], _("Choose who answered")),
    )


def _instrument_page(
    actor: Actor,
    case_id: UUID,
    form: InstrumentForm,
    answer: MeasuresAnswer | None,
    *,
    error: DomainError | None = None,
    more: bool = False,
) -> Response:
    if answer is not None:
        refuse_unless_offered("RecordInstrument", actor, answer)
    rows = form.shown_rows(more)
    return page(
        "measures/instrument.html",
        Refusal.of(error, form.fields(), form.words),
        **around(actor, case_id, answer),
        form=form,
        rows=rows,
        added=more,
        score_fields=SCORE,
        instruments=INSTRUMENTS,
        given=confirmed(),
        informants=_options("informant", INFORMANTS, form.values["informant"], _("Choose who answered")),
        metrics=[_options("metric", METRICS, row["metric"], _("Choose what the score means")) for row in rows],
        directions=[_options("direction", DIRECTIONS, row["direction"] or "unknown") for row in rows],
    )


def _options(table: str, choices: tuple[str, ...], chosen: str, first: str = "") -> list[dict[str, object]]:
    items: list[dict[str, object]] = [{"value": "", "text": first}] if first else []
    return items + [{"value": c, "text": label(table, c), "selected": c == chosen} for c in choices]


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
        lambda: EnterMeasureInError(case_id, measure_id, written("reason")),
        back=(url_for("measures.index", case_id=case_id), _("Measures")),
        said="marked",
        about=[told("measures/_error.html")],
        fields=[what_is_wrong()],
        caption=told("measures/_name.html", measure=measure)() if measure else "",
        dangerous=True,
        may=may,
        already=["entered-in-error"],
    )
