"""The session while it runs: a page to record with, standing, on a tablet that may lose its connection."""

from __future__ import annotations

from uuid import UUID

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from coord.application.groups.questions import RecordingShown, SessionAnswer
from coord.domain.actors import Actor
from coord.domain.errors import Conflict, InvalidInput
from coord.web.groups.session_correct import correct_page
from coord.web.groups.session_form import Recording, call
from coord.web.groups.session_page import DONE, explained, frame, pages, read, refuse_unless_may, who_can_have_run_it
from coord.web.kit.namesakes import called
from coord.web.local_time import NotADate, read_day
from coord.web.visit import here, see_other


@pages.route("/groups/<uuid:course_id>/sessions/<int:number>/run", methods=["GET", "POST"])
def run(course_id: UUID, number: int) -> ResponseReturnValue:
    """Record the session: who came, how it went for each child, and for the group."""
    services, actor = here()
    place = url_for("group_sessions.show", course_id=course_id, number=number)
    if request.method == "GET":
        answer = read(actor, course_id, number)
        refuse_unless_may("RecordSession", actor, answer)
        if "RecordSession" not in answer.may:
            return see_other(place)
        return _page(actor, answer)
    recording = Recording.sent()
    form = recording.form

    before: RecordingShown | None = None

    def act() -> Response:
        nonlocal before
        command = recording.to_record(course_id, number, services.clock(), services.settings.zone)
        try:
            services.doors.execute(actor, command)
        except InvalidInput as refusal:
            if any(problem.pointer == "/id" and problem.code == "id-taken" for problem in refusal.problems):
                made = read(actor, course_id, number).recordings
                before = next((r for r in made if r.id == form.id and r.by_id == actor.person_id), None)
            if before is None:
                raise
            raise Conflict("recorded-already") from None
        DONE.say(f"recorded:{form.id}", whenever=True)
        return see_other(place)

    def again() -> Response:
        answer = read(actor, course_id, number)
        if before is None:
            return _page(actor, answer, recording)
        # Recorded from this form, with other words: they can be sent as a correction, and nothing is lost.
        recording.as_correction(before.version)
        return correct_page(answer, before, recording)

    return form.send(act, again, explained)


def _ends_before(recording: Recording) -> bool:
    """Whether it ends on a day before the one that it begins on."""
    typed = recording.form.typed
    try:
        return read_day(typed["ended-day"]) < read_day(typed["started-day"])
    except NotADate:
        return False


def _page(actor: Actor, answer: SessionAnswer, recording: Recording | None = None) -> Response:
    services, _actor = here()
    blank = Recording.blank(answer, actor, services.clock(), services.settings.zone)
    recording = recording or blank
    form = recording.form
    shown = [child for child in answer.children if child.recordable or child.case_id in recording.cards]
    known = {child.case_id for child in answer.children}
    recording.completed(blank)
    call(form, {child.case_id: called(child) for child in shown})
    form.offer("staff", who_can_have_run_it(answer, {str(actor.person_id): actor.name}))
    early = answer.session.starts_at.date() > services.clock().astimezone(services.settings.zone).date()
    if early and _ends_before(recording):  # the device said when it was sent; it will say so again on the session's day
        form.typed |= {name: text for name, text in blank.form.typed.items() if name.startswith("ended-")}
    page = render_template(
        "groups/session/run.html",
        form=form,
        recording=recording,
        children=shown,
        gone=[case for case in recording.cards if case not in known],
        early=early,
        mine=[r for r in answer.recordings if r.by_id == actor.person_id],
        others=[r for r in answer.recordings if r.by_id != actor.person_id],
        **frame(answer),
    )
    return make_response(page)
