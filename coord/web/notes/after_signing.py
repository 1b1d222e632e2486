"""What is being written to a note that is signed already: an addendum, or an amendment with its reason.

Like a note it is kept while it is typed, as a draft that its author alone can see, and is used up when it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from coord.application.case.questions import CaseAnswer, ReadCase
from coord.application.notes.commands import AmendNote
from coord.application.notes.questions import NoteAnswer, ReadDraft, ReadNote, draft_after_signing
from coord.domain.case import Note
from coord.domain.errors import NotFound
from coord.web.kit.child import around
from coord.web.kit.drafts import autosaved, discard, keep
from coord.web.kit.form import Form
from coord.web.notes import form as forms
from coord.web.notes.writing import DONE, explained
from coord.web.notes.writing import pages as notes
from coord.web.visit import here, see_other

pages = Blueprint("after_signing", __name__)

PLACE = "/children/<uuid:case_id>/notes/<uuid:note_id>/<any(addendum, amendment):kind>/draft"
_NEEDS = {"addendum": "AddAddendum", "amendment": "AmendNote"}
"""What one must be able to do to go on with a draft of each kind."""


def draft_id_of(kind: str, note_id: UUID) -> UUID:
    """One draft a person, note and kind, whichever window it is opened in."""
    return draft_after_signing(kind, note_id, here()[1].person_id)


@pages.post(PLACE, endpoint="autosave")
def autosave(case_id: UUID, note_id: UUID, kind: str) -> ResponseReturnValue:
    """Keep what is being typed to a signed note; the answer is what the page's status line says."""
    form = forms.sent_after_signing(kind)
    body = forms.body_after_signing(form, note_id)
    has_words = kind == "amendment" or bool(form.typed["text"].strip())
    return autosaved(lambda: keep(case_id, draft_id_of(kind, note_id), kind, form, body, has_words=has_words))


@pages.get(PLACE, endpoint="show")
def show(case_id: UUID, note_id: UUID, kind: str) -> ResponseReturnValue:
    """On to the page on which it was begun. If it cannot be sent any more, its words are shown, to copy or discard."""
    services, actor = here()
    kept: Mapping[str, Any] = services.doors.ask(actor, ReadDraft(case_id, draft_id_of(kind, note_id)))
    page = "notes.amend" if kind == "amendment" else "notes.show"
    try:
        answer: NoteAnswer = services.doors.ask(actor, ReadNote(case_id, note_id))
    except NotFound:
        pass  # the note is not for them to read any more; what they wrote themselves is
    else:
        if _NEEDS[kind] in answer.may:
            anchor = "add" if kind == "addendum" else None
            return see_other(url_for(page, case_id=case_id, note_id=note_id, _anchor=anchor))
    case: CaseAnswer = services.doors.ask(actor, ReadCase(case_id))
    send_to = url_for("notes.amend" if kind == "amendment" else "notes.add_addendum", case_id=case_id, note_id=note_id)
    return render_template("notes/begun.html", kind=kind, body=kept["body"], send_to=send_to, **around(case))


def discarded(case_id: UUID, note_id: UUID, kind: str) -> ResponseReturnValue:
    """Back to the child, without what was begun about a note; the note may not be theirs to read any more."""
    discard(case_id, draft_id_of(kind, note_id))
    return see_other(url_for("timeline.show", case_id=case_id))


@notes.route("/children/<uuid:case_id>/notes/<uuid:note_id>/amend", methods=["GET", "POST"])
def amend(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Correct one's own note, saying why; the version before stays readable."""
    place = url_for("notes.show", case_id=case_id, note_id=note_id)
    if request.form.get("action") == "discard":
        return discarded(case_id, note_id, "amendment")
    if request.method == "GET":
        answer = the_note(case_id, note_id)
        return _amending(answer) if "AmendNote" in answer.may else see_other(place)
    form = forms.sent_after_signing("amendment")
    services, actor = here()

    def act() -> Response:
        text, reason, draft = forms.written_in(form), form.typed["reason"], draft_id_of("amendment", note_id)
        services.doors.execute(actor, AmendNote(case_id, note_id, form.version, text, reason, draft))
        return DONE.then("amend", place)

    return form.send(act, lambda: _amending(the_note(case_id, note_id), form), explained)


def _amending(answer: NoteAnswer, form: Form | None = None) -> Response:
    note, kept = cast("Note", answer.note), answer.begun.get("amendment")
    if form is None and kept:
        body = kept["body"]
        version = int(body.get("version") or 0)  # begun before, it is decided on what stood then
        sections, reason = body.get("sections") or {}, str(body.get("reason", ""))
        form = forms.begin_amendment(note, sections, reason, version, kept["revision"])
    form = form or forms.begin_amendment(note, note.sections, "", note.version)
    # A new decision is made on what stands now, which the page shows.
    forms.call_sections(form, note)
    form.beside(note.version, forms.typed_in(note.sections))
    kept_at = kept["updated_at"] if kept and not form.came_back else None
    page = render_template(
        "notes/amend.html", note=note, form=form, kept_at=kept_at, phrases=answer.phrases, **around(answer)
    )
    return make_response(page)


def the_note(case_id: UUID, note_id: UUID) -> NoteAnswer:
    """A signed note, for a form of its own."""
    services, actor = here()
    answer: NoteAnswer = services.doors.ask(actor, ReadNote(case_id, note_id))
    if answer.note is None:
        raise NotFound("no-such-note")
    return answer
