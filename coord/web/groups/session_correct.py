"""A recording corrected: the same form, filled with what stands. What changes reaches each child concerned."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from coord.application.groups.questions import RecordingShown, SessionAnswer
from coord.domain.case.goals.wording import Support
from coord.domain.errors import DomainError, InvalidInput, NotPermitted, Stale
from coord.web.errors import status_of
from coord.web.groups.session_form import CHOICES, RecordForm, line_in
from coord.web.groups.session_page import (
    attempt,
    explained,
    frame,
    pages,
    read,
    recording_in,
    refuse_unless_may,
    who_can_have_run_it,
)
from coord.web.groups.session_problems import problems_of
from coord.web.kit.child import here
from coord.web.kit.problem import Problem
from coord.web.visit import see_other


@pages.route(
    "/groups/<uuid:course_id>/sessions/<int:number>/recordings/<uuid:recording_id>/correct", methods=["GET", "POST"]
)
def correct(course_id: UUID, number: int, recording_id: UUID) -> ResponseReturnValue:
    """Correct one's own recording, saying why."""
    services, actor = here()
    zone = services.settings.zone
    answer = read(actor, course_id, number)
    refuse_unless_may("CorrectSession", actor, answer)
    recording: RecordingShown = recording_in(answer, recording_id)
    if not recording.may_correct:
        raise NotPermitted("not-the-author")
    standing = RecordForm.of(answer, recording, zone)
    if request.method == "GET":
        return correct_page(answer, recording, standing)
    form = RecordForm.sent(request.form)
    form.recording_id = recording_id
    command, unread = form.to_correct(course_id, number, standing, services.clock(), zone)
    outcome = attempt(actor, command)
    if not isinstance(outcome, DomainError):
        place = url_for("group_sessions.show", course_id=course_id, number=number, corrected=recording_id)
        return see_other(place)
    answer = read(actor, course_id, number, outcome)
    recording = recording_in(answer, recording_id)
    if isinstance(outcome, Stale):
        form.renew(RecordForm.of(answer, recording, zone))
    return correct_page(answer, recording, form, outcome, unread)


def correct_page(
    answer: SessionAnswer,
    recording: RecordingShown,
    form: RecordForm,
    error: DomainError | None = None,
    unread: Sequence[Problem] = (),
) -> ResponseReturnValue:
    """The form of a correction, in one of its states."""
    names = {child.case_id: child.preferred_name for child in answer.children}
    problems = problems_of(error, form, names, unread)
    standing = RecordForm.of(answer, recording, here()[0].settings.zone)
    shown = [child for child in answer.children if standing.child(child.case_id)]
    page = render_template(
        "groups/session/correct.html",
        form=form,
        recording=recording,
        typed={child.case_id: form.child(child.case_id) or standing.child(child.case_id) for child in shown},
        children=shown,
        written=[child.case_id for child in shown if line_in(recording, child) is not None],
        problems=problems.found,
        asked=problems.asked,
        again=error is not None,
        choices={**CHOICES, "support": [s.value for s in Support]},
        staff=who_can_have_run_it(answer, dict(zip(map(str, recording.staff_ids), recording.staff, strict=True))),
        notice=explained(error) if error and not isinstance(error, InvalidInput) else None,
        stale=isinstance(error, Stale),
        **frame(answer),
    )
    return page, status_of(error) if error else 200
