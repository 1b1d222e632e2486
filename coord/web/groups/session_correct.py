"""A recording corrected: the same form, filled with what stands. What changes reaches each child concerned."""

from __future__ import annotations

from uuid import UUID

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from coord.application.groups.questions import RecordingShown, SessionAnswer
from coord.domain.errors import NotPermitted
from coord.web.groups.session_form import Recording, call, line_in
from coord.web.groups.session_page import (
    DONE,
    explained,
    frame,
    pages,
    read,
    recording_in,
    refuse_unless_may,
    who_can_have_run_it,
)
from coord.web.visit import here


@pages.route(
    "/groups/<uuid:course_id>/sessions/<int:number>/recordings/<uuid:recording_id>/correct", methods=["GET", "POST"]
)
def correct(course_id: UUID, number: int, recording_id: UUID) -> ResponseReturnValue:
    """Correct one's own recording, saying why."""
    services, actor = here()
    zone = services.settings.zone

    def stands() -> tuple[SessionAnswer, RecordingShown]:
        answer = read(actor, course_id, number)
        refuse_unless_may("CorrectSession", actor, answer)
        made = recording_in(answer, recording_id)
        if not made.may_correct:
            raise NotPermitted("not-the-author")
        return answer, made

    if request.method == "GET":
        answer, made = stands()
        return correct_page(answer, made, Recording.of(answer, made, zone))
    typed = Recording.sent(correcting=True)
    typed.form.typed["recording_id"] = str(recording_id)

    def act() -> Response:
        standing = Recording.of(*stands(), zone)
        services.doors.execute(actor, typed.to_correct(course_id, number, standing, services.clock(), zone))
        place = url_for("group_sessions.show", course_id=course_id, number=number)
        return DONE.then(f"corrected:{recording_id}", place)

    return typed.form.send(act, lambda: correct_page(*stands(), typed), explained)


def correct_page(answer: SessionAnswer, made: RecordingShown, recording: Recording) -> Response:
    """The form of a correction, in one of its states."""
    standing = Recording.of(answer, made, here()[0].settings.zone)
    form, shown = recording.form, [child for child in answer.children if child.case_id in standing.cards]
    recording.completed(standing)
    if form.status == 412:
        recording.renew(standing)
    call(form, {child.case_id: child.preferred_name for child in shown})
    ran = dict(zip(map(str, made.staff_ids), made.staff, strict=True))
    form.offer("staff", who_can_have_run_it(answer, ran))
    page = render_template(
        "groups/session/correct.html",
        form=form,
        recording=recording,
        made=made,
        children=shown,
        written=[child.case_id for child in shown if line_in(made, child) is not None],
        **frame(answer),
    )
    return make_response(page)
