"""A case is opened, its details are corrected, and it is closed and reopened."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID, uuid4

from flask import Response, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from coord.application.commands import CloseCase, CorrectDetails, OpenCase, ReopenCase
from coord.application.questions import CaseAnswer, ReadLeftBehind
from coord.domain.actors import Actor, Role
from coord.domain.errors import FieldProblem
from coord.web.kit.asking import confirmed
from coord.web.kit.reason import Act, Asks, Field, told, written
from coord.web.local_time import NotADate, read_day
from coord.web.pages.case_page import (
    DONE,
    Form,
    case_for,
    case_of,
    execute,
    frame,
    left_behind,
    pages,
    rendered,
    to_the_team,
    typed,
)
from coord.web.pages.goal_form import uuid_of
from coord.web.visit import require_actor

# ---- opening a case, and its details -----------------------------------------------------------------------------

DETAILS = ("preferred_name", "full_name", "languages", "school", "school_class", "team")


def _detail_labels() -> dict[str, tuple[str, str]]:
    return {
        "preferred_name": (_("Preferred name"), "preferred_name"),
        "full_name": (_("Full name"), "full_name"),
        "birth_date": (_("Date of birth"), "birth_date"),
        "languages": (_("Languages at home"), "languages"),
        "school": (_("School"), "school"),
        "school_class": (_("Class"), "school_class"),
        "team": (_("Service team"), "team"),
        "reason": (_("Reason"), "reason"),
    }


def _details_of(form: Form) -> tuple[dict[str, object], list[FieldProblem]]:
    """The details as typed. A birth date that is none is left out (then the command is refused, never carried out)."""
    day, problems = None, []
    if form.values["birth_date"].strip():
        try:
            day = read_day(form.values["birth_date"])
        except NotADate:
            problems.append(FieldProblem("/birth_date", "not-a-date"))
    details: dict[str, object] = {name: form.values[name] for name in DETAILS if name not in ("languages", "team")}
    details["birth_date"] = day
    details["languages"] = [word.strip() for word in form.values["languages"].split(",") if word.strip()]
    return details, problems


@pages.get("/children/new")
def new() -> Response:
    """The form that opens a case."""
    actor = require_actor()
    values = dict.fromkeys((*DETAILS, "birth_date"), "") | {"case_id": str(uuid4())}
    return _new_page(actor, Form(values, _detail_labels()))


def _new_page(actor: Actor, form: Form) -> Response:
    return rendered(
        "children/new.html",
        form,
        asks_team=not actor.team,
        team=actor.team,
        given=confirmed(),
        like_this=form.values["full_name"] if form.asked else "",
    )


@pages.post("/children/new", endpoint="open")
def open_case() -> AnyResponse:
    """The new child's care team page; or the form again."""
    actor = require_actor()
    form = Form(typed(*DETAILS, "birth_date", "case_id"), _detail_labels())
    case_id = uuid_of(form.values["case_id"]) or uuid4()
    details, problems = _details_of(form)
    form.problems(problems)
    team = "" if actor.team else form.values["team"]
    opening = OpenCase(case_id=case_id, team=team, confirmed=confirmed(), **cast(dict[str, Any], details))
    if execute(form, actor, opening):
        return DONE.then("opened", url_for("children.team", case_id=case_id))
    if "id" in form.wrong:
        form.title = _("A case was opened from this form already")
        form.errors = [
            {
                "text": _(
                    "If you meant to correct it, go to the child's page. To open a case for another child, send again."
                )
            }
        ]
        form.values["case_id"] = str(uuid4())
    return _new_page(actor, form)


@pages.get("/children/<uuid:case_id>/details")
def edit(case_id: UUID) -> Response:
    """The form that corrects the child's details."""
    actor = require_actor()
    case = case_of(actor, case_id)
    return _edit_page(actor, case_id, case, Form(_present_values(case), _detail_labels()))


def _present_values(case: CaseAnswer) -> dict[str, str]:
    details = case.details
    born: date | None = details.get("birth_date")
    return {
        **{name: str(details.get(name, "")) for name in DETAILS},
        "languages": ", ".join(details.get("languages", ())),
        "birth_date": born.isoformat() if born else "",
        "reason": "",
        "expected_version": str(case.version),
    }


def _edit_page(
    actor: Actor,
    case_id: UUID,
    case: CaseAnswer | None,
    form: Form,
    *,
    stale: bool = False,
) -> Response:
    return rendered(
        "children/edit.html",
        form,
        **frame(actor, case_id, case),
        asks_team=actor.role is Role.TEAM_LEAD,
        stands_now=case.details if case and stale else None,
    )


@pages.post("/children/<uuid:case_id>/details", endpoint="correct")
def correct(case_id: UUID) -> AnyResponse:
    """Back to the child's page; or the form again, beside what stands now if somebody else was faster."""
    actor = require_actor()
    form = Form(typed(*DETAILS, "birth_date", "reason", "expected_version"), _detail_labels())
    changes, problems = _details_of(form)
    form.problems(problems)
    if actor.role is Role.TEAM_LEAD:  # the form asks nobody else for it
        changes["team"] = form.values["team"]
    expected = form.values["expected_version"]
    version = int(expected) if expected.isascii() and expected.isdigit() and len(expected) < 10 else 0
    correction = CorrectDetails(case_id, version, changes, form.values["reason"])
    if execute(form, actor, correction):
        return DONE.then("corrected", url_for("children.team", case_id=case_id))
    case = case_for(form, actor, case_id)
    stale = form.status == 412
    if stale and case:
        form.values["expected_version"] = str(case.version)  # they see what stands now, and decide on that
    return _edit_page(actor, case_id, case, form, stale=stale)


# ---- closing and reopening ---------------------------------------------------------------------------------------


asks = Asks(pages, DONE, lambda case_id: case_of(require_actor(), case_id))


@asks("/children/<uuid:case_id>/close", "CloseCase")
def close(_case: CaseAnswer | None, case_id: UUID) -> Act:
    """The case is closed, with a reason; before that it is said what is left open."""
    return Act(
        _("Close the case"),
        _("Close the case"),
        lambda: CloseCase(case_id, written("reason"), confirmed()),
        said="closed",
        about=[told("children/_close.html")],
        ahead=lambda: left_behind(ReadLeftBehind(case_id)),
        fields=_reason(),
        back=to_the_team(case_id),
    )


@asks("/children/<uuid:case_id>/reopen", "ReopenCase")
def reopen(_case: CaseAnswer | None, case_id: UUID) -> Act:
    """The case is reopened, with a reason."""
    return Act(
        _("Reopen the case"),
        _("Reopen the case"),
        lambda: ReopenCase(case_id, written("reason")),
        said="reopened",
        about=[_("The same care team can write to it again.")],
        fields=_reason(),
        back=to_the_team(case_id),
    )


def _reason() -> list[Field]:
    return [Field("reason", _("Reason"), _("It stands in the timeline for the care team to read"))]
