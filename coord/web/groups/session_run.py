"""The session while it runs: a page to record with, standing, on a tablet that may lose its connection."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from coord.application.groups.questions import RecordingShown, SessionAnswer
from coord.domain.actors import Actor
from coord.domain.case.goals.wording import Support
from coord.domain.errors import Conflict, DomainError, InvalidInput
from coord.web.errors import status_of
from coord.web.groups.session_correct import correct_page
from coord.web.groups.session_form import CHOICES, RecordForm
from coord.web.groups.session_page import attempt, explained, frame, pages, read, refuse_unless_may, who_can_have_run_it
from coord.web.groups.session_problems import problems_of
from coord.web.kit.child import here
from coord.web.kit.namesakes import called
from coord.web.kit.problem import Problem
from coord.web.local_time import NotADate, read_day
from coord.web.visit import see_other


@pages.route("/groups/<uuid:course_id>/sessions/<int:number>/run", methods=["GET", "POST"])
def run(course_id: UUID, number: int) -> ResponseReturnValue:
    """Record the session: who came, how it went for each child, and for the group."""
    services, actor = here()
    if request.method == "GET":
        answer = read(actor, course_id, number)
        refuse_unless_may("RecordSession", actor, answer)
        if "RecordSession" not in answer.may:
            return see_other(url_for("group_sessions.show", course_id=course_id, number=number))
        return _page(actor, answer, RecordForm.blank(answer, actor, services.clock(), services.settings.zone))
    form = RecordForm.sent(request.form)
    command, unread = form.to_record(course_id, number, services.clock(), services.settings.zone)
    outcome = attempt(actor, command)
    if not isinstance(outcome, DomainError):
        return _recorded(course_id, number, form.recording_id)
    answer = read(actor, course_id, number, outcome)
    before = _own(answer, actor, form.recording_id)
    if before is not None and _taken(outcome):
        return _as_correction(answer, form, before)
    if _by_the_device():
        return _refused_device(outcome)
    return _page(actor, answer, form, outcome, unread)


def _by_the_device() -> bool:
    """Whether the queue of the device sends this, and not the page's own button: it wants to know, and not to see."""
    return request.accept_mimetypes.best == "application/json"


def _recorded(course_id: UUID, number: int, recording_id: UUID) -> ResponseReturnValue:
    place = url_for("group_sessions.show", course_id=course_id, number=number, recorded=recording_id)
    return jsonify(state="recorded", location=place) if _by_the_device() else see_other(place)


def _refused_device(error: DomainError) -> ResponseReturnValue:
    """Only that it was refused: what is wrong, the page says, when the device sends the form as a person would."""
    return jsonify(state="refused", code=error.code), status_of(error)


def _own(answer: SessionAnswer, actor: Actor, recording_id: UUID) -> RecordingShown | None:
    return next((r for r in answer.recordings if r.id == recording_id and r.by_id == actor.person_id), None)


def _taken(error: DomainError) -> bool:
    return isinstance(error, InvalidInput) and any(p.pointer == "/id" and p.code == "id-taken" for p in error.problems)


def _as_correction(answer: SessionAnswer, form: RecordForm, before: RecordingShown) -> ResponseReturnValue:
    """This form was recorded before, with other words: they can be sent as a correction, and nothing is lost."""
    error = Conflict("recorded-already")
    if _by_the_device():
        return _refused_device(error)
    form.version = before.version
    return correct_page(answer, before, form, error)


def _ends_before(form: RecordForm) -> bool:
    """Whether it ends on a day before the one that it begins on."""
    try:
        return read_day(form.end.day) < read_day(form.start.day)
    except NotADate:
        return False


def _page(
    actor: Actor,
    answer: SessionAnswer,
    form: RecordForm,
    error: DomainError | None = None,
    unread: Sequence[Problem] = (),
) -> ResponseReturnValue:
    names = {child.case_id: called(child) for child in answer.children}
    problems = problems_of(error, form, names, unread)
    shown = [child for child in answer.children if child.recordable or form.child(child.case_id)]
    services, _actor = here()
    blank = RecordForm.blank(answer, actor, services.clock(), services.settings.zone)
    early = answer.session.starts_at.date() > services.clock().astimezone(services.settings.zone).date()
    if early and _ends_before(form):
        form.end = blank.end  # the device said when it was sent; it will say so again on the session's day
    page = render_template(
        "groups/session/run.html",
        form=form,
        typed={child.case_id: form.child(child.case_id) or blank.child(child.case_id) for child in shown},
        children=shown,
        gone=[child for child in form.children if child.case_id not in names],
        staff=who_can_have_run_it(answer, {str(actor.person_id): actor.name}),
        problems=problems.found,
        asked=problems.asked,
        again=error is not None,
        early=early,
        choices={**CHOICES, "support": [s.value for s in Support]},
        mine=[r for r in answer.recordings if r.by_id == actor.person_id],
        others=[r for r in answer.recordings if r.by_id != actor.person_id],
        notice=explained(error) if error and not isinstance(error, InvalidInput) else None,
        **frame(answer),
    )
    return page, status_of(error) if error else 200
