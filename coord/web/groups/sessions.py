"""One session of a course: shown, printed, cancelled. Planning, running and correcting it have modules of their own."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from coord.web.groups import session_changes, session_correct, session_plan, session_run
from coord.web.groups.session_page import DONE, frame, pages, read
from coord.web.visit import here

__all__ = ["pages", "session_changes", "session_correct", "session_plan", "session_run"]


@pages.get("/groups/<uuid:course_id>/sessions/<int:number>")
def show(course_id: UUID, number: int) -> ResponseReturnValue:
    """One session: its plan, and what was recorded."""
    services, actor = here()
    answer = read(actor, course_id, number)
    done, _colon, recording = (DONE.once() or "").partition(":")
    just = next((r for r in answer.recordings if str(r.id) == recording), None)
    return render_template(
        "groups/session/show.html",
        lines={line.id: line for child in answer.children for line in child.lines},
        children={child.case_id: child for child in answer.children},
        just=just,
        now=services.clock(),
        done=done,
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
    return render_template("groups/session/sheet.html", children=children, **frame(answer))
