"""A case is opened, its details are corrected, and it is closed and reopened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from coord.application.case.commands import CloseCase, CorrectDetails, OpenCase, ReopenCase
from coord.application.case.questions import CaseAnswer, ReadLeftBehind
from coord.domain.actors import Actor, Role
from coord.web.case.form import CORRECTED, OPENED, details_of
from coord.web.case.page import case_of, frame, left_behind, pages, to_the_team
from coord.web.kit.asking import confirmed
from coord.web.kit.child import DONE
from coord.web.kit.form import Form
from coord.web.kit.reason import Act, Asks, told, why
from coord.web.visit import require_actor, the_services

# ---- opening a case, and its details -----------------------------------------------------------------------------


def _without_team(form: Form, without: bool) -> Form:
    """A new case is for one's own team, if one has any; later the team is the lead's to change."""
    if without:
        del form.fields["team"]
    return form


@pages.get("/children/new")
def new() -> AnyResponse:
    """The form that opens a case."""
    actor = require_actor()
    return _new_page(actor, _without_team(OPENED.of(), bool(actor.team)))


def _new_page(actor: Actor, form: Form) -> AnyResponse:
    like_this = form.typed["full_name"] if form.asked else ""
    return make_response(render_template("case/new.html", form=form, team=actor.team, like_this=like_this))


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
    return DONE.then(said, url_for("children.team", case_id=case_id))


@pages.get("/children/<uuid:case_id>/details")
def edit(case_id: UUID) -> AnyResponse:
    """The form that corrects the child's details."""
    actor = require_actor()
    case = case_of(actor, case_id)
    form = _without_team(CORRECTED.of(_stands(case)), actor.role is not Role.TEAM_LEAD)
    return _edit_page(form, case)


def _stands(case: CaseAnswer) -> dict[str, Any]:
    languages = ", ".join(case.details.get("languages", ()))
    return {**case.details, "languages": languages, "expected_version": case.version}


def _edit_page(form: Form, case: CaseAnswer) -> AnyResponse:
    form.beside(case.version, _stands(case))
    return make_response(render_template("case/edit.html", form=form, **frame(case)))


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

    return form.send(act, lambda: _edit_page(form, case_of(actor, case_id)))


# ---- closing and reopening ---------------------------------------------------------------------------------------


_REASON = why(_l("It stands in the timeline for the care team to read"))
asks = Asks(pages, DONE, lambda case_id: case_of(require_actor(), case_id))


@asks("/children/<uuid:case_id>/close", [_REASON], "CloseCase")
def close(_case: CaseAnswer | None, case_id: UUID) -> Act:
    """The case is closed, with a reason; before that it is said what is left open."""
    return Act(
        _("Close the case"),
        _("Close the case"),
        lambda form: CloseCase(case_id, form["reason"], confirmed()),
        said="closed",
        about=[told("case/_close.html")],
        ahead=lambda: left_behind(ReadLeftBehind(case_id)),
        back=to_the_team(case_id),
    )


@asks("/children/<uuid:case_id>/reopen", [_REASON], "ReopenCase")
def reopen(_case: CaseAnswer | None, case_id: UUID) -> Act:
    """The case is reopened, with a reason."""
    return Act(
        _("Reopen the case"),
        _("Reopen the case"),
        lambda form: ReopenCase(case_id, form["reason"]),
        said="reopened",
        about=[_("The same care team can write to it again.")],
        back=to_the_team(case_id),
    )
