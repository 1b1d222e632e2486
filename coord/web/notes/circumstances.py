"""Correcting when, where and with whom a note was observed."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coord.application.notes.commands import CorrectNoteCircumstances
from coord.application.notes.questions import NoteAnswer, ReadNote
from coord.domain.case import Note, Setting
from coord.domain.errors import (
    Conflict,
    DomainError,
    FieldProblem,
    InvalidInput,
    NotFound,
    NotPermitted,
    Stale,
    Unavailable,
)
from coord.web.errors import status_of
from coord.web.kit.child import here
from coord.web.kit.circumstances import CircumstancesForm, lines_of
from coord.web.kit.problem import Problem
from coord.web.labels import label
from coord.web.messages import field_message
from coord.web.notes.form import number_in, problems_of
from coord.web.notes.pages import DONE
from coord.web.notes.writing import around, explained
from coord.web.visit import see_other

pages = Blueprint("note_circumstances", __name__)


@pages.route("/children/<uuid:case_id>/notes/<uuid:note_id>/circumstances", methods=["GET", "POST"])
def correct(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Correct when, where or with whom one's own note was observed, saying why; what was said before stays readable."""
    services, actor = here()
    zone = services.settings.zone
    form, reason = CircumstancesForm.sent(request.form), lines_of(request.form.get("reason", ""))
    sent, version = request.method == "POST", number_in(request.form.get("expected_version", ""))
    error: DomainError | None = None
    problems: list[Problem] = []
    place = url_for("notes.show", case_id=case_id, note_id=note_id)
    answer = _note(case_id, note_id)
    note = cast(Note, answer.note)
    if not sent and "CorrectNoteCircumstances" not in answer.may:
        return see_other(place)
    standing = CircumstancesForm.of(note.circumstances, zone)
    if sent:
        start, end, problems = form.read(zone)
        if problems:
            if not reason.strip():
                problems.append(Problem("reason", _reason(), field_message(FieldProblem("/reason", "missing"))))
        else:
            # The page shows minutes: what was not touched keeps its seconds.
            command = CorrectNoteCircumstances(
                case_id,
                note_id,
                version,
                note.observed_from if form.start == standing.start else start,
                form.setting,
                form.people(),
                reason,
                note.observed_to if form.end == standing.end else end,
            )
            try:
                services.doors.execute(actor, command)
            except InvalidInput as invalid:
                error, problems = invalid, problems_of(invalid.problems, reason=_reason())
            except (Conflict, Stale, Unavailable, NotPermitted) as refusal:
                error = refusal
            else:
                return DONE.then("circumstances", place)
    # A new decision is made on what stands now, which the page shows; one begun before, on what stood then.
    expected = version if sent and not isinstance(error, Stale) else note.version
    body = render_template(
        "notes/circumstances.html",
        answer=answer,
        note=note,
        version=expected,
        form=form if sent else standing,
        reason=reason,
        reason_name=_reason(),
        settings=[(s.value, label("setting", s.value)) for s in Setting],
        zone=zone,
        notice=explained(error) if error and not problems else None,
        problems=problems,
        **around(actor, case_id, note=answer),
    )
    return body, status_of(error) if error else 422 if problems else 200


def _note(case_id: UUID, note_id: UUID) -> NoteAnswer:
    services, actor = here()
    answer: NoteAnswer = services.doors.ask(actor, ReadNote(case_id, note_id))
    if answer.note is None:
        raise NotFound("no-such-note")
    return answer


def _reason() -> str:
    return str(_("Why it is corrected"))
