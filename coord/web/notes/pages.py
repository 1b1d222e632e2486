"""Reading a signed note, and what is done with it."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord.application.case.questions import CaseAnswer, ReadCase
from coord.application.declared import Command
from coord.application.notes.commands import (
    AddAddendum,
    ChangeNoteAudience,
    CosignNote,
    EnterNoteInError,
    EntrustCosignature,
)
from coord.application.notes.questions import (
    CosignersAnswer,
    NextAnswer,
    NoteAnswer,
    ReadCosigners,
    ReadersAnswer,
    ReadNextToWrite,
    ReadNote,
    ReadNoteReaders,
)
from coord.domain.actors import Actor
from coord.domain.case import Note
from coord.domain.case.notes import format_of
from coord.domain.errors import NotFound
from coord.web.differences import word_parts
from coord.web.kit import child
from coord.web.kit.child import around, audiences_for
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import Form
from coord.web.kit.reason import Act, Asks, seen, told, what_is_wrong, why
from coord.web.labels import AUDIENCE_STATEMENTS, label
from coord.web.notes.after_signing import discarded, draft_id_of, the_note
from coord.web.notes.form import ADDENDUM, COSIGNATURE, begin_addendum
from coord.web.notes.writing import DONE, explained, pages
from coord.web.sections import format_called
from coord.web.spelling import format_date
from coord.web.visit import here, see_other

# ---- reading -----------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/notes/<uuid:note_id>")
def show(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """The note with everything that happened to it, and what one may do with it."""
    services, actor = here()
    try:
        answer: NoteAnswer = services.doors.ask(actor, ReadNote(case_id, note_id))
    except NotFound:
        if DONE.once() != "audience":
            raise
        # Who changed the readers may have left themselves out.
        return child.DONE.then("note-narrowed", url_for("timeline.show", case_id=case_id))
    if answer.note is None:
        return see_other(url_for("notes.draft", case_id=case_id, draft_id=note_id))
    said, _colon, rated = (DONE.once() or "").partition(":")
    return _note_page(answer, said=said, rated=int(rated or 0))


def _note_page(answer: NoteAnswer, form: Form | None = None, said: str = "", rated: int = 0) -> Response:
    """``form`` is what was sent from it and came back; ``rated`` is how many goals were, in the signature just made."""
    services, actor = here()
    note, kept = cast("Note", answer.note), answer.begun.get("addendum")
    readers: ReadersAnswer | None = None
    following: NextAnswer | None = None
    if said == "signed":
        following = services.doors.ask(actor, ReadNextToWrite(answer.case_id))
    if note.status == "entered-in-error" and "ReadNoteReaders" in answer.may:
        readers = services.doors.ask(actor, ReadNoteReaders(answer.case_id, note.id))
    addendum = form if form and "text" in form.fields else None
    if addendum is None and kept:
        body = kept["body"]
        text = (body.get("sections") or {}).get("text", "")
        addendum = begin_addendum(text, body.get("addendum_id", ""), kept["revision"])
    page = render_template(
        "notes/show.html",
        answer=answer,
        note=note,
        versions=_versions(note),
        statements=AUDIENCE_STATEMENTS,
        readers=readers.readers if readers else (),
        said=said,
        rated=rated,
        following=following if following and following.case_id else None,
        form=form,
        addendum=addendum or begin_addendum(_to_say_again(note, actor)),
        kept_at=kept["updated_at"] if kept and not form else None,
        me=str(actor.person_id),
        **around(answer),
    )
    return make_response(page)


def _to_say_again(note: Note, actor: Actor) -> str:
    """The words of one's own addendum, to be signed again for those for whom the note is now; "" if none was chosen."""
    again = request.args.get("again", "")
    mine = [a.text for a in note.addenda if str(a.id) == again and a.by["person"] == str(actor.person_id)]
    return mine[0] if mine else ""


def _versions(note: Note) -> list[dict[str, Any]]:
    """Every text of the note, newest first, each with what it changed in the one before, section by section."""
    written = format_of(note.format, note.written_in)
    order = written.sections if written else ()
    versions: list[dict[str, Any]] = []
    for i, text in enumerate(note.texts):
        changes: list[tuple[str, Any]] = []
        if i:
            before = note.texts[i - 1].sections
            names = dict.fromkeys([*order, *before, *text.sections])
            changes = [
                (name, word_parts(before.get(name, ""), text.sections.get(name, "")))
                for name in names
                if before.get(name, "") != text.sections.get(name, "")
            ]
        versions.append({"text": text, "changes": changes})
    return versions[::-1]


@pages.get("/children/<uuid:case_id>/notes/<uuid:note_id>/readers")
def readers(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Who has read the note, and when."""
    services, actor = here()
    answer: ReadersAnswer = services.doors.ask(actor, ReadNoteReaders(case_id, note_id))
    case: CaseAnswer = services.doors.ask(actor, ReadCase(case_id))
    return render_template("notes/readers.html", answer=answer, note_id=note_id, **around(case))


# ---- what is done with a note ------------------------------------------------------------------------------------


@pages.post("/children/<uuid:case_id>/notes/<uuid:note_id>/addenda")
def add_addendum(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Add what was not known at signing. The form carries the addendum's id: sent twice it is one."""
    if request.form.get("action") == "discard":
        return discarded(case_id, note_id, "addendum")
    services, actor = here()
    form = ADDENDUM.sent()

    def act() -> Response:
        text, draft = form.typed["text"], draft_id_of("addendum", note_id)
        services.doors.execute(actor, AddAddendum(case_id, note_id, form.id, text, draft))
        return DONE.then("addendum", url_for("notes.show", case_id=case_id, note_id=note_id) + "#addenda")

    return form.send(act, lambda: _note_page(the_note(case_id, note_id), form), explained)


@pages.post("/children/<uuid:case_id>/notes/<uuid:note_id>/cosignature")
def cosign(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Co-sign the version that was on the page."""
    services, actor = here()
    form = COSIGNATURE.sent()

    def act() -> Response:
        services.doors.execute(actor, CosignNote(case_id, note_id, form.version))
        return DONE.then("cosigned", url_for("notes.show", case_id=case_id, note_id=note_id))

    return form.send(act, lambda: _note_page(the_note(case_id, note_id), form), explained)


_COSIGNER = Field(
    "person",
    Kind.RADIOS,
    _l("Who shall co-sign it"),
    becomes=UUID,
    says={"unknown-choice": _l("Choose a person from the list")},
)
asks = Asks(pages, DONE, the_note)
asks_whom = Asks(pages, DONE, lambda case_id, note_id: here()[0].doors.ask(here()[1], ReadCosigners(case_id, note_id)))


@asks("/children/<uuid:case_id>/notes/<uuid:note_id>/audience", [Field("audience", Kind.RADIOS, _l("From now on"))])
def change_audience(answer: NoteAnswer | None, case_id: UUID, note_id: UUID) -> Act:
    """Let others read the note from now on, or fewer."""
    note = answer.note if answer else None
    items = [{"value": value, "text": words, "hint": means} for value, words, means in audiences_for(here()[1])]
    return Act(
        _("Change who will see it"),
        _("Change who will see it"),
        lambda form: ChangeNoteAudience(case_id, note_id, form["audience"], seen("expected_version")),
        said="audience",
        about=[told("notes/_audience.html", note=note, statements=AUDIENCE_STATEMENTS)],
        stands={"audience": note.audience if note else ""},
        offers={"audience": items},
        may=lambda: answer and "ChangeNoteAudience" in answer.may,
        **_around_the_act(answer, case_id, note_id),
    )


@asks("/children/<uuid:case_id>/notes/<uuid:note_id>/error", [what_is_wrong()])
def enter_in_error(answer: NoteAnswer | None, case_id: UUID, note_id: UUID) -> Act:
    """Mark a note as one that should never have existed, after reading what that means."""
    return Act(
        _("Mark it as entered in error"),
        _("Mark as entered in error"),
        lambda form: EnterNoteInError(case_id, note_id, form["reason"], seen("expected_version")),
        said="error",
        about=[told("notes/_error.html")],
        dangerous=True,
        may=lambda: answer and "EnterNoteInError" in answer.may,
        **_around_the_act(answer, case_id, note_id),
    )


@asks_whom("/children/<uuid:case_id>/notes/<uuid:note_id>/cosigner", [_COSIGNER, why()])
def entrust(answer: CosignersAnswer | None, case_id: UUID, note_id: UUID) -> Act:
    """Let somebody of another discipline co-sign a note that would wait for ever: for the lead of the service team."""

    def command(form: Form) -> Command:
        values = form.values()
        return EntrustCosignature(case_id, note_id, values["person"], values["reason"], seen("expected_version"))

    items = []
    for p in answer.people if answer else ():
        about = (p["name"], label("role", p["role"]), label("discipline", p["discipline"]) if p["discipline"] else "")
        items.append({"value": str(p["person_id"]), "text": ", ".join(filter(None, about))})
    return Act(
        _("Let somebody else co-sign it"),
        _("Entrust the co-signature"),
        command,
        said="entrusted",
        about=[told("notes/_entrust.html", note=answer.note if answer else None)],
        offers={"person": items},
        may=lambda: bool(items),
        **_around_the_act(answer, case_id, note_id),
    )


def _around_the_act(answer: NoteAnswer | CosignersAnswer | None, case_id: UUID, note_id: UUID) -> dict[str, Any]:
    back = (url_for("notes.show", case_id=case_id, note_id=note_id), _("Back to the note"))
    if answer is None or answer.note is None:
        return {"back": back, "seen": {"expected_version": ""}}
    note = answer.note
    written = format_called(note.format, note.written_in)
    called = _("%(format)s, %(day)s", format=written, day=format_date(note.observed_from, "long"))
    return {
        "back": back,
        "seen": {"expected_version": note.version},
        "caption": f"{called} · {answer.preferred_name}",
        "tab": "timeline",
    }
