"""One session of a course: shown, printed, cancelled. Planning, running and correcting it have modules of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coord.application.groups.commands import CancelSession
from coord.domain.errors import DomainError, InvalidInput, Stale
from coord.web.errors import status_of
from coord.web.kit.asking import confirmed, questions
from coord.web.pages import (
    session_changes,
    session_correct,
    session_plan,
    session_run,
)  # their addresses are this area's
from coord.web.pages.goal_form import lines, number_of, uuid_of
from coord.web.pages.session_form import RecordForm
from coord.web.pages.session_page import DONE, attempt, explained, frame, pages, read, refuse_unless_may
from coord.web.pages.session_problems import problems_of
from coord.web.pages.writing_page import headers_of, here
from coord.web.visit import see_other

__all__ = ["pages", "session_changes", "session_correct", "session_plan", "session_run"]


@pages.get("/groups/<uuid:course_id>/sessions/<int:number>")
def show(course_id: UUID, number: int) -> ResponseReturnValue:
    """One session: its plan, and what was recorded."""
    services, actor = here()
    answer = read(actor, course_id, number)
    done = uuid_of(request.args.get("recorded", "")) or uuid_of(request.args.get("corrected", ""))
    just = next((r for r in answer.recordings if r.id == done), None)
    return render_template(
        "group_sessions/show.html",
        lines={line.id: line for child in answer.children for line in child.lines},
        children={child.case_id: child for child in answer.children},
        just=just,
        corrected="corrected" in request.args,
        now=services.clock(),
        done=DONE.once(),
        moved_from=date.fromisoformat(answer.session.moved["from_day"]) if answer.session.moved else None,
        beside=[r.by_name for r in answer.recordings if just is not None and r.by_id != just.by_id],
        **frame(answer),
    )


@pages.get("/groups/<uuid:course_id>/sessions/<int:number>/sheet")
def sheet(course_id: UUID, number: int) -> ResponseReturnValue:
    """The plan on paper, for the staff in the room."""
    _services, actor = here()
    answer = read(actor, course_id, number)
    children = [child for child in answer.children if child.enrolled]
    return render_template("group_sessions/sheet.html", children=children, **frame(answer))


@pages.route("/groups/<uuid:course_id>/sessions/<int:number>/cancel", methods=["GET", "POST"])
def cancel(course_id: UUID, number: int) -> ResponseReturnValue:
    """Say that the session does not take place, and why."""
    _services, actor = here()
    error: DomainError | None = None
    reason = lines(request.form.get("reason", ""))
    version = number_of(request.form.get("version", ""))
    if request.method == "POST":
        outcome = attempt(actor, CancelSession(course_id, number, reason, version, confirmed()))
        if not isinstance(outcome, DomainError):
            DONE.say("cancelled")
            return see_other(url_for("group_sessions.show", course_id=course_id, number=number))
        error = outcome
    wrong = problems_of(error, RecordForm(), {})
    answer = read(actor, course_id, number, error)
    refuse_unless_may("CancelSession", actor, answer)
    if error is None and "CancelSession" not in answer.may:
        return see_other(url_for("group_sessions.show", course_id=course_id, number=number))
    page = render_template(
        "group_sessions/cancel.html",
        reason=reason,
        version=answer.course.version if version is None or isinstance(error, Stale) else version,
        problems=[replace(p, name=_("Why")) if p.field == "reason" else p for p in wrong.found],
        asked=questions(error.problems if isinstance(error, InvalidInput) else ()),
        given=confirmed() if error and not isinstance(error, Stale) else (),
        notice=explained(error) if error and not isinstance(error, InvalidInput) else None,
        **frame(answer),
    )
    return page, status_of(error) if error else 200, headers_of(error)
