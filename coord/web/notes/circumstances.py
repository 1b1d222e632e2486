"""Correcting when, where and with whom a note was observed."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from coord.application.notes.commands import CorrectNoteCircumstances
from coord.application.notes.questions import NoteAnswer
from coord.domain.case import Note
from coord.domain.errors import FieldProblem, InvalidInput
from coord.web.kit.child import around
from coord.web.kit.form import Form
from coord.web.notes import form as forms
from coord.web.notes.after_signing import the_note
from coord.web.notes.writing import DONE, explained
from coord.web.visit import here, see_other

pages = Blueprint("note_circumstances", __name__)


@pages.route("/children/<uuid:case_id>/notes/<uuid:note_id>/circumstances", methods=["GET", "POST"])
def correct(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Correct when, where or with whom one's own note was observed, saying why; what was said before stays readable."""
    place = url_for("notes.show", case_id=case_id, note_id=note_id)
    if request.method == "GET":
        answer = the_note(case_id, note_id)
        return _page(answer) if "CorrectNoteCircumstances" in answer.may else see_other(place)
    form = forms.CIRCUMSTANCES.sent()
    services, actor = here()

    def act() -> Response:
        note = cast("Note", the_note(case_id, note_id).note)
        services.doors.execute(actor, _command(case_id, note, form))
        return DONE.then("circumstances", place)

    return form.send(act, lambda: _page(the_note(case_id, note_id), form), explained)


def _command(case_id: UUID, note: Note, form: Form) -> CorrectNoteCircumstances:
    start, end, form.unread = forms.read_circumstances(form, here()[0].settings.zone)
    reason = form.typed["reason"]
    if form.unread:
        raise InvalidInput([*form.unread, *([] if reason.strip() else [FieldProblem("/reason", "missing")])])
    # The page shows minutes: what was not touched keeps its seconds.
    if start == _minute(note.observed_from):
        start = note.observed_from
    if end == _minute(note.observed_to):
        end = note.observed_to
    setting, present = form.typed["setting"], forms.people_in(form)
    return CorrectNoteCircumstances(case_id, note.id, form.version, start, setting, present, reason, end)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _page(answer: NoteAnswer, form: Form | None = None) -> Response:
    note, zone = cast("Note", answer.note), here()[0].settings.zone
    standing = forms.circumstances_as_they_stand(note.circumstances, zone)
    form = form or forms.CIRCUMSTANCES.of({**standing, "expected_version": note.version})
    form.beside(note.version, standing)
    return make_response(render_template("notes/circumstances.html", note=note, form=form, **around(answer)))
