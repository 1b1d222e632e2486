"""A case is opened, its details are corrected, and it is closed and reopened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from coord.application.commands import CloseCase, CorrectDetails, OpenCase, ReopenCase
from coord.application.questions import CaseAnswer, LeftBehindAnswer, ReadLeftBehind
from coord.domain.actors import Actor, Role
from coord.web.kit.asking import confirmed, questions
from coord.web.kit.form import Form as OneForm
from coord.web.pages.case_form import CORRECTED, OPENED, details_of
from coord.web.pages.case_page import (
    DONE,
    Form,
    case_for,
    case_of,
    execute,
    frame,
    may,
    pages,
    rendered,
    the_services,
    typed,
)
from coord.web.visit import require_actor, see_other

# ---- opening a case, and its details -----------------------------------------------------------------------------


def _without_team(form: OneForm, without: bool) -> OneForm:
    """A new case is for one's own team, if one has any; later the team is the lead's to change."""
    if without:
        del form.fields["team"]
    return form


@pages.get("/children/new")
def new() -> AnyResponse:
    """The form that opens a case."""
    actor = require_actor()
    return _new_page(actor, _without_team(OPENED.of(), bool(actor.team)))


def _new_page(actor: Actor, form: OneForm) -> AnyResponse:
    like_this = form.typed["full_name"] if form.asked else ""
    return make_response(render_template("children/new.html", form=form, team=actor.team, like_this=like_this))


@pages.post("/children/new", endpoint="open")
def open_case() -> AnyResponse:
    """The new child's care team page; or the form again."""
    actor = require_actor()
    form = _without_team(OPENED.sent(), bool(actor.team))

    def act() -> AnyResponse:
        the_services().doors.execute(actor, OpenCase(form.id, **details_of(form), confirmed=confirmed()))
        return _done(form.id, "opened")

    return form.send(act, lambda: _new_page(actor, form))


def _done(case_id: UUID, said: str) -> AnyResponse:
    DONE.say(said)
    return see_other(url_for("children.team", case_id=case_id))


@pages.get("/children/<uuid:case_id>/details")
def edit(case_id: UUID) -> AnyResponse:
    """The form that corrects the child's details."""
    actor = require_actor()
    case = case_of(actor, case_id)
    form = _without_team(CORRECTED.of(_stands(case)), actor.role is not Role.TEAM_LEAD)
    return _edit_page(actor, case_id, form, case)


def _stands(case: CaseAnswer) -> dict[str, Any]:
    languages = ", ".join(case.details.get("languages", ()))
    return {**case.details, "languages": languages, "expected_version": case.version}


def _edit_page(actor: Actor, case_id: UUID, form: OneForm, case: CaseAnswer) -> AnyResponse:
    form.beside(case.version, _stands(case))
    return make_response(render_template("children/edit.html", form=form, **frame(actor, case_id, case)))


@pages.post("/children/<uuid:case_id>/details", endpoint="correct")
def correct(case_id: UUID) -> AnyResponse:
    """Back to the child's page; or the form again, beside what stands now if somebody else was faster."""
    actor = require_actor()
    form = _without_team(CORRECTED.sent(), actor.role is not Role.TEAM_LEAD)

    def act() -> AnyResponse:
        changes = details_of(form)
        reason = changes.pop("reason")
        the_services().doors.execute(actor, CorrectDetails(case_id, form.version, changes, reason))
        return _done(case_id, "corrected")

    return form.send(act, lambda: _edit_page(actor, case_id, form, case_of(actor, case_id)))


# ---- closing and reopening ---------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/close", endpoint="close")
@pages.get("/children/<uuid:case_id>/reopen", endpoint="reopen")
def ask_reason(case_id: UUID) -> Response:
    """The form that closes the case, or reopens it, with a reason; before closing it says what is left open."""
    actor, form = require_actor(), Form({"reason": ""}, {"reason": (_("Reason"), "reason")})
    case = case_of(actor, case_id)
    if request.path.endswith("/close") and may(actor, case.relationship, "CloseCase")["CloseCase"]:
        left: LeftBehindAnswer = the_services().doors.ask(actor, ReadLeftBehind(case_id))
        form.asked = questions(left.asked)
    return _reason_page(actor, case_id, form, case)


def _reason_page(actor: Actor, case_id: UUID, form: Form, case: CaseAnswer | None = None) -> Response:
    case = case or case_for(form, actor, case_id)
    closing = request.path.endswith("/close")
    context = frame(actor, case_id, case)
    return rendered("children/reason.html", form, **context, closing=closing, given=confirmed() if closing else ())


@pages.post("/children/<uuid:case_id>/close", endpoint="close_case")
@pages.post("/children/<uuid:case_id>/reopen", endpoint="reopen_case")
def close_or_reopen(case_id: UUID) -> AnyResponse:
    """Back to the child's page; or the form again."""
    actor = require_actor()
    form = Form(typed("reason"), {"reason": (_("Reason"), "reason")})
    closing = request.path.endswith("/close")
    reason = form.values["reason"]
    command = CloseCase(case_id, reason, confirmed()) if closing else ReopenCase(case_id, reason)
    if execute(form, actor, command):
        DONE.say("closed" if closing else "reopened")
        return see_other(url_for("children.team", case_id=case_id))
    return _reason_page(actor, case_id, form)
