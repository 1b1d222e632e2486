"""Alerts of a child: what must be known before anything else, with what to do then; raised, changed, ended."""

from __future__ import annotations

from uuid import UUID

from flask import make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord.application.case.commands import ChangeAlert, EndAlert, RaiseAlert
from coord.application.case.questions import CaseAnswer
from coord.application.shown import AlertShown
from coord.domain.case import AlertContent
from coord.domain.case.alerts import FOR_WHOM
from coord.web.case.page import case_of, frame, may, pages
from coord.web.kit.child import DONE, refuse_unless_offered
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import Form, declared
from coord.web.kit.reason import Act, Asks, one_of, seen, told, why
from coord.web.labels import ALERT_KINDS, AUDIENCE_STATEMENTS, AUDIENCES
from coord.web.visit import here, require_actor

_SAID = (
    Field(
        "text",
        Kind.TEXT,
        _l("In a few words"),
        _l("At most 80 letters, what counts most first: “Nut allergy”, “Runs to water”. They stand on every page."),
        look={"autocomplete": "off"},
        says={"missing": _l("Say in a few words what must be known")},
    ),
    Field(
        "what_to_do",
        Kind.LONG,
        _l("What to do (optional)"),
        _l("For whoever is with the child just then, in plain words, one step after the other"),
        optional=True,
        rows=4,
        called=_l("What to do"),
    ),
    Field(
        "kind",
        Kind.RADIOS,
        _l("What it is about"),
        options=ALERT_KINDS,
        says={"missing": _l("Choose what it is about")},
    ),
    Field(
        "audience",
        Kind.RADIOS,
        _l("Who has to know it"),
        options={one: AUDIENCES[one] for one in FOR_WHOM},
        says={"missing": _l("Choose who has to know it")},
    ),
    Field("since", Kind.DAY, _l("Since"), _l("If empty, from today"), optional=True),
    Field(
        "review_on",
        Kind.DAY,
        _l("To be looked at again (optional)"),
        _l("It stands beyond that day, until somebody ends it"),
        optional=True,
        called=_l("To be looked at again"),
    ),
)
_WHY = why(_l("Whoever reads the alert reads this in the timeline"))
RAISED = declared("alert-raised", Field("alert_id", Kind.ID, pointer="/id"), *_SAID)
CHANGED = declared(
    "alert-changed",
    Field("version", Kind.VERSION),
    *_SAID,
    _WHY,
)


@pages.get("/children/<uuid:case_id>/alerts")
def alerts(case_id: UUID) -> Response:
    """What must be known of the child, with what to do then, and who it is for."""
    actor = require_actor()
    case = case_of(actor, case_id)
    allowed = may(actor, case.relationship, "RaiseAlert", "ChangeAlert", "EndAlert")
    return make_response(render_template("case/alerts.html", **frame(case), may=allowed, done=DONE.once()))


@pages.get("/children/<uuid:case_id>/alerts/new")
def new_alert(case_id: UUID) -> Response:
    """The form that raises one."""
    return _raise_page(case_id, RAISED.of())


@pages.post("/children/<uuid:case_id>/alerts/new", endpoint="raise_alert")
def raise_alert(case_id: UUID) -> Response:
    """It stands on every page about the child; or the form again."""
    form = RAISED.sent()

    def act() -> Response:
        services, actor = here()
        services.doors.execute(actor, RaiseAlert(case_id, form.id, AlertContent(**form.values())))
        return DONE.then("alert-raised", url_for("children.alerts", case_id=case_id))

    return form.send(act, lambda: _raise_page(case_id, form))


def _raise_page(case_id: UUID, form: Form) -> Response:
    case = case_of(require_actor(), case_id)
    refuse_unless_offered("RaiseAlert", require_actor(), case)
    return _form_page(case, form, _("Raise an alert"))


@pages.get("/children/<uuid:case_id>/alerts/<uuid:alert_id>")
def alert(case_id: UUID, alert_id: UUID) -> Response:
    """The form that changes one."""
    return _change_page(case_id, alert_id)


@pages.post("/children/<uuid:case_id>/alerts/<uuid:alert_id>", endpoint="change_alert")
def change_alert(case_id: UUID, alert_id: UUID) -> Response:
    """As it is now; or the form again, beside what stands now if somebody else was faster."""
    form = CHANGED.sent()

    def act() -> Response:
        values = form.values()
        reason = values.pop("reason")
        services, actor = here()
        services.doors.execute(actor, ChangeAlert(case_id, alert_id, form.version, AlertContent(**values), reason))
        return DONE.then("alert-changed", url_for("children.alerts", case_id=case_id))

    return form.send(act, lambda: _change_page(case_id, alert_id, form))


def _change_page(case_id: UUID, alert_id: UUID, form: Form | None = None) -> Response:
    actor = require_actor()
    case = case_of(actor, case_id)
    refuse_unless_offered("ChangeAlert", actor, case)
    if form is None or form.error is None or form.error.code != "alert-ended":  # what was typed outlives the alert
        now: AlertShown = one_of(case.alerts, alert_id, "no-such-alert")
        stands = {name: getattr(now, name) for name in (*(field.name for field in _SAID), "version")}
        form = form or CHANGED.of(stands)
        form.beside(now.version, stands)
    return _form_page(case, form, _("Change this alert"))


def _form_page(case: CaseAnswer, form: Form, title: str) -> Response:
    statements = ({"value": one, "text": AUDIENCES[one], "hint": AUDIENCE_STATEMENTS[one]} for one in FOR_WHOM)
    form.offer("audience", statements)
    return make_response(render_template("case/alert.html", **frame(case), form=form, title=title))


asks = Asks(pages, DONE, lambda case_id, **_of_it: case_of(require_actor(), case_id))


@asks("/children/<uuid:case_id>/alerts/<uuid:alert_id>/end", [_WHY], "EndAlert")
def end_alert(case: CaseAnswer | None, case_id: UUID, alert_id: UUID) -> Act:
    """It stands no longer; if somebody has ended it already, what was wanted is so."""
    now = next((one for one in case.alerts if one.id == alert_id), None) if case else None
    return Act(
        _("End this alert"),
        _("End this alert"),
        lambda form: EndAlert(case_id, alert_id, form["reason"], seen("expected_version")),
        said="alert-ended",
        about=[told("case/_alert_as_it_stands.html", alert=now)] if now else [],
        seen={"expected_version": now.version if now else ""},
        dangerous=True,
        already=["alert-ended"],
        caption=case.preferred_name if case else "",
        tab="team",
        back=(url_for("children.alerts", case_id=case_id), _("Alerts")),
    )
