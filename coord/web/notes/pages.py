"""Writing, signing, reading and correcting notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID, uuid4

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from coord.application.case.questions import CaseAnswer, ReadCase
from coord.application.declared import Command
from coord.application.notes.commands import (
    AddAddendum,
    AmendNote,
    ChangeNoteAudience,
    CosignNote,
    DiscardDraft,
    EnterNoteInError,
    EntrustCosignature,
    SaveDraft,
    SignNote,
)
from coord.application.notes.questions import (
    CosignersAnswer,
    NoteAnswer,
    ReadCosigners,
    ReadDraft,
    ReadersAnswer,
    ReadNote,
    ReadNoteReaders,
)
from coord.application.services import Services
from coord.domain.actors import Actor
from coord.domain.case import Note
from coord.domain.case.notes import FORMATS
from coord.domain.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotFound,
    NotPermitted,
    Stale,
    Unavailable,
)
from coord.web.differences import word_parts
from coord.web.errors import status_of
from coord.web.kit import child
from coord.web.kit.asking import confirmed
from coord.web.kit.child import audiences_for, here
from coord.web.kit.circumstances import CircumstancesForm
from coord.web.kit.done import Done
from coord.web.kit.form import Field, Form, Kind
from coord.web.kit.problem import Problem
from coord.web.kit.reason import Act, Asks, seen, told, what_is_wrong, why
from coord.web.labels import AUDIENCE_STATEMENTS, label
from coord.web.notes.after_signing import AfterSigning, discarded
from coord.web.notes.form import InvalidForm, NoteForm, formats_of, problems_of
from coord.web.notes.likely_time import last_note, likely_time, remember
from coord.web.notes.writing import WritingPage, around, autosaved, explained
from coord.web.spelling import format_date
from coord.web.visit import see_other

pages = Blueprint("notes", __name__)

DONE = Done("note")
"""What was just done, said once."""
_BURSTS = 5


# ---- writing -----------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/notes/new")
def new(case_id: UUID) -> ResponseReturnValue:
    """An empty page for what has just ended, if one writes as one goes; ``linked`` names an earlier note that it
    continues."""
    services, actor = here()
    case: CaseAnswer = services.doors.ask(actor, ReadCase(case_id, writing=True))
    wanted = FORMATS.get(request.args.get("format", ""), formats_of(actor)[0])
    name = wanted.name if wanted in formats_of(actor) else formats_of(actor)[0].name
    linked = request.args.get("linked", type=UUID)
    now = services.clock()
    likely = likely_time(now, last_note())
    circumstances = CircumstancesForm.blank(now, services.settings.zone, likely, case.setting)
    form = NoteForm.blank(name, circumstances, (linked,) if linked else ())
    return WritingPage(case_id, uuid4(), form, filled_in=likely is not None).page(case=case)


@pages.get("/children/<uuid:case_id>/drafts/<uuid:draft_id>")
def draft(case_id: UUID, draft_id: UUID) -> ResponseReturnValue:
    """One's own draft, to go on with; what has been signed meanwhile is shown as the note that it is."""
    services, actor = here()
    answer: NoteAnswer | Mapping[str, Any] = services.doors.ask(
        actor, ReadNote(case_id, draft_id), otherwise=ReadDraft(case_id, draft_id)
    )
    if not isinstance(answer, NoteAnswer):
        return _left_draft(case_id, answer)
    if answer.draft is None:
        return see_other(url_for("notes.show", case_id=case_id, note_id=draft_id))
    form = NoteForm.kept(answer.draft.body, answer.draft.revision, services.settings.zone)
    return WritingPage(case_id, draft_id, form).page(note=answer)


def _left_draft(case_id: UUID, draft: Mapping[str, Any]) -> ResponseReturnValue:
    """One's own words about a child whom one knows no more: to read once more, and to throw away; never to sign."""
    return render_template("notes/left.html", case_id=case_id, draft=draft, texts=_texts_in(draft["body"]))


_NO_WORDS = frozenset(
    {"note", "addendum_id", "tab", "turn", "version", "seen", "format", "audience", "setting", "linked"}
    | {"observed_from", "observed_to", "valid_from", "review_date", "sources", "revision"}
)


def _texts_in(body: object) -> list[str]:
    """The words of a draft of any kind, in its order."""
    if isinstance(body, Mapping):
        return [text for name, part in body.items() if name not in _NO_WORDS for text in _texts_in(part)]
    if isinstance(body, list):
        return [text for part in body for text in _texts_in(part)]
    return [body.strip()] if isinstance(body, str) and body.strip() else []


@pages.post("/children/<uuid:case_id>/drafts/<uuid:draft_id>")
def write(case_id: UUID, draft_id: UUID) -> ResponseReturnValue:
    """Keep what was typed, and sign it if that is wanted. Whatever goes wrong, the page comes back with every word."""
    services, actor = here()
    form = NoteForm.sent(request.form)
    action = request.form.get("action", "keep")
    if action == "keep-apart":
        draft_id, form = uuid4(), form.apart()
    if action.startswith("format:"):
        form = replace(form, format=action.removeprefix("format:"))
    writing = WritingPage(case_id, draft_id, form)
    try:
        form = _keep(services, actor, case_id, draft_id, form)
        writing = replace(writing, form=form, kept=form.revision > 0)
    except Conflict as conflict:
        if conflict.code != "already-signed":
            return writing.page(error=conflict)
        if action != "sign":
            return writing.after(draft_id).page(error=conflict)
    except (InvalidInput, Stale, Unavailable) as error:
        return writing.page(error=error)
    if action == "sign":
        return _sign(services, actor, writing)
    if not writing.kept:  # a page without words is no draft: it goes on as it is
        return replace(writing, nothing_to_keep=action.startswith("keep")).page()
    place = url_for("notes.draft", case_id=case_id, draft_id=draft_id)
    if action == "find-notes":
        return see_other(f"{place}?earlier=1#earlier-notes")
    return see_other(place)


def _sign(services: Services, actor: Actor, writing: WritingPage) -> ResponseReturnValue:
    case_id, note_id = writing.case_id, writing.draft_id
    try:
        content = writing.form.content(actor, services.clock(), services.settings.zone)
        services.doors.execute(actor, SignNote(case_id, note_id, content, confirmed=confirmed()))
    except InvalidForm as invalid:
        return writing.page(problems=invalid.problems)
    except InvalidInput as invalid:
        if any(p.code == "id-taken" for p in invalid.problems):
            return writing.after(note_id).page(error=Conflict("already-signed"))
        return writing.page(error=invalid)
    except (Conflict, Unavailable) as error:
        return writing.page(error=error)
    remember(content, services.clock())
    return DONE.then("signed", url_for("notes.show", case_id=case_id, note_id=note_id))


@pages.post("/children/<uuid:case_id>/drafts/<uuid:draft_id>/autosave")
def autosave(case_id: UUID, draft_id: UUID) -> ResponseReturnValue:
    """Keep what is being typed; the answer is what the page's status line says."""
    services, actor = here()
    return autosaved(lambda: _keep(services, actor, case_id, draft_id, NoteForm.sent(request.form)).revision)


def _keep(services: Services, actor: Actor, case_id: UUID, draft_id: UUID, form: NoteForm) -> NoteForm:
    """Keep the form as a draft; the form with its new revision, 0 without a word: an empty draft is none, and one that
    was emptied goes. Another tab's words are never overwritten (`Stale`)."""
    zone = services.settings.zone
    revision = form.revision
    if not form.has_words:
        if revision:
            _let_go(services, actor, case_id, draft_id, form)
        return replace(form, revision=0)
    for _attempt in range(_BURSTS):
        command = SaveDraft(case_id, draft_id, "note", form.body(zone), expected_revision=revision)
        try:
            return replace(form, revision=services.doors.execute(actor, command).version)
        except Stale:
            present: Mapping[str, Any] = services.doors.ask(actor, ReadDraft(case_id, draft_id))
            if not form.follows(present["body"], zone):
                raise
            revision = present["revision"]
    raise Unavailable("too-busy")


def _let_go(services: Services, actor: Actor, case_id: UUID, draft_id: UUID, form: NoteForm) -> None:
    """Throw an emptied draft away, unless another tab has kept words in it since (`Stale`)."""
    try:
        present: Mapping[str, Any] = services.doors.ask(actor, ReadDraft(case_id, draft_id))
        if present["revision"] != form.revision and not form.follows(present["body"], services.settings.zone):
            raise Stale(present["revision"], ["draft"])
        services.doors.execute(actor, DiscardDraft(case_id, draft_id))
    except NotFound as gone:
        if gone.code != "no-such-draft":
            raise


@pages.get("/children/<uuid:case_id>/drafts/<uuid:draft_id>/discard")
def confirm_discard(case_id: UUID, draft_id: UUID) -> ResponseReturnValue:
    """Asks whether the draft is really to go, and shows it once more."""
    services, actor = here()
    answer: NoteAnswer | Mapping[str, Any] = services.doors.ask(
        actor, ReadNote(case_id, draft_id), otherwise=ReadDraft(case_id, draft_id)
    )
    if not isinstance(answer, NoteAnswer):
        return _left_draft(case_id, answer)
    if answer.draft is None:
        return see_other(url_for("notes.show", case_id=case_id, note_id=draft_id))
    form = NoteForm.kept(answer.draft.body, answer.draft.revision, services.settings.zone)
    return render_template(
        "notes/discard.html", answer=answer, form=form, draft_id=draft_id, **around(actor, answer.case_id, note=answer)
    )


@pages.post("/children/<uuid:case_id>/drafts/<uuid:draft_id>/discard")
def discard(case_id: UUID, draft_id: UUID) -> ResponseReturnValue:
    """Throw one's own draft away."""
    services, actor = here()
    services.doors.execute(actor, DiscardDraft(case_id, draft_id))
    return see_other(url_for("home.show"))


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
    return _note_page(services, actor, answer, said=DONE.once() or "")


def _note_page(
    services: Services,
    actor: Actor,
    answer: NoteAnswer,
    *,
    said: str = "",
    error: DomainError | None = None,
    problems: Sequence[Problem] = (),
    typed: AfterSigning | None = None,
) -> ResponseReturnValue:
    note = cast("Note", answer.note)
    readers: ReadersAnswer | None = None
    if note.status == "entered-in-error" and "ReadNoteReaders" in answer.may:
        readers = services.doors.ask(actor, ReadNoteReaders(answer.case_id, note.id))
    page = render_template(
        "notes/show.html",
        answer=answer,
        note=note,
        own=note.author["person"] == str(actor.person_id),
        versions=_versions(note),
        statements=AUDIENCE_STATEMENTS,
        readers=readers.readers if readers else (),
        said=said,
        notice=explained(error) if error else None,
        problems=problems,
        typed=typed,
        addendum=typed or AfterSigning.of(answer, "addendum", {"text": _to_say_again(note, actor)}),
        me=str(actor.person_id),
        **around(actor, answer.case_id, note=answer),
    )
    return page, (status_of(error) if error else 422 if problems else 200)


def _to_say_again(note: Note, actor: Actor) -> str:
    """The words of one's own addendum, to be signed again for those for whom the note is now; "" if none was chosen."""
    again = request.args.get("again", "")
    mine = [a.text for a in note.addenda if str(a.id) == again and a.by["person"] == str(actor.person_id)]
    return mine[0] if mine else ""


def _versions(note: Note) -> list[dict[str, Any]]:
    """Every text of the note, newest first, each with what it changed in the one before, section by section."""
    order = FORMATS[note.format].sections if note.format in FORMATS else ()
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
    return render_template("notes/readers.html", answer=answer, note_id=note_id, **around(actor, case_id, case=case))


# ---- what is done with a note ------------------------------------------------------------------------------------


@pages.post("/children/<uuid:case_id>/notes/<uuid:note_id>/addenda")
def add_addendum(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Add what was not known at signing. The form carries the addendum's id: sent twice it is one."""
    services, actor = here()
    form = AfterSigning.sent("addendum", note_id, request.form)
    if request.form.get("action") == "discard":
        return discarded(services, actor, case_id, form)
    try:
        addendum_id = UUID(form.addendum_id)
    except ValueError:
        addendum_id = uuid4()
    command = AddAddendum(case_id, note_id, addendum_id, form.sections["text"], form.draft_id(actor))
    try:
        services.doors.execute(actor, command)
    except (InvalidInput, Conflict, Unavailable, NotPermitted) as error:
        answer = _note_again(services, actor, case_id, note_id, error)
        if isinstance(error, InvalidInput):
            if any(p.code == "id-taken" for p in error.problems):
                form = replace(form, addendum_id=str(uuid4()))  # the first one was added; this is another
            return _note_page(services, actor, answer, problems=problems_of(error.problems), typed=form)
        return _note_page(services, actor, answer, error=error, typed=form)
    return DONE.then("addendum", url_for("notes.show", case_id=case_id, note_id=note_id) + "#addenda")


@pages.post("/children/<uuid:case_id>/notes/<uuid:note_id>/cosignature")
def cosign(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Co-sign the version that was on the page."""
    services, actor = here()
    try:
        services.doors.execute(actor, CosignNote(case_id, note_id, _expected()))
    except (Conflict, Stale, Unavailable, NotPermitted) as error:
        return _note_page(services, actor, _note_again(services, actor, case_id, note_id, error), error=error)
    return DONE.then("cosigned", url_for("notes.show", case_id=case_id, note_id=note_id))


@pages.route("/children/<uuid:case_id>/notes/<uuid:note_id>/amend", methods=["GET", "POST"])
def amend(case_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Correct one's own note, saying why; the version before stays readable."""
    services, actor = here()
    form = AfterSigning.sent("amendment", note_id, request.form)
    if request.form.get("action") == "discard":
        return discarded(services, actor, case_id, form)
    return _amended(case_id, note_id, form)


def _amended(case_id: UUID, note_id: UUID, typed: AfterSigning) -> ResponseReturnValue:
    """Show the form for a correction, or carry it out and go back to the note."""
    services, actor = here()
    place = url_for("notes.show", case_id=case_id, note_id=note_id)
    command = AmendNote(case_id, note_id, typed.version, typed.sections, typed.reason, typed.draft_id(actor))
    error: DomainError | None = None
    if request.method == "POST":
        try:
            services.doors.execute(actor, command)
        except (InvalidInput, Conflict, Stale, Unavailable, NotPermitted) as refusal:
            error = refusal
        else:
            return DONE.then("amend", place)
    answer = _note_again(services, actor, case_id, note_id, error)
    note = cast("Note", answer.note)
    if error is None and "AmendNote" not in answer.may:
        return see_other(place)
    template, reason = FORMATS.get(note.format), _("Why it is corrected")
    problems = problems_of(error.problems, template, reason=reason) if isinstance(error, InvalidInput) else []
    begun = AfterSigning.of(answer, "amendment", note.sections)
    # A new decision is made on what stands now, which the page shows; one begun before, on what stood then.
    version = note.version if isinstance(error, Stale) else _expected() or note.version
    body = render_template(
        "notes/amend.html",
        answer=answer,
        note=note,
        version=begun.version if error is None else version,
        typed=typed if request.method == "POST" else None,
        begun=begun,
        names=template.sections if template else tuple(note.sections),
        notice=explained(error) if error and not problems else None,
        problems=problems,
        **around(actor, answer.case_id, note=answer),
    )
    return body, status_of(error) if error else 200


_COSIGNER = Field(
    "person",
    Kind.RADIOS,
    _l("Who shall co-sign it"),
    becomes=UUID,
    says={"unknown-choice": _l("Choose a person from the list")},
)
asks = Asks(pages, DONE, lambda case_id, note_id: _note_again(*here(), case_id, note_id, None))
asks_whom = Asks(pages, DONE, lambda case_id, note_id: here()[0].doors.ask(here()[1], ReadCosigners(case_id, note_id)))


@asks("/children/<uuid:case_id>/notes/<uuid:note_id>/audience")
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
        fields=[Field("audience", Kind.RADIOS, _("From now on"))],
        stands={"audience": note.audience if note else ""},
        offers={"audience": items},
        may=lambda: answer and "ChangeNoteAudience" in answer.may,
        **_around_the_act(answer, case_id, note_id),
    )


@asks("/children/<uuid:case_id>/notes/<uuid:note_id>/error")
def enter_in_error(answer: NoteAnswer | None, case_id: UUID, note_id: UUID) -> Act:
    """Mark a note as one that should never have existed, after reading what that means."""
    return Act(
        _("Mark it as entered in error"),
        _("Mark as entered in error"),
        lambda form: EnterNoteInError(case_id, note_id, form["reason"], seen("expected_version")),
        said="error",
        about=[told("notes/_error.html")],
        fields=[what_is_wrong()],
        dangerous=True,
        may=lambda: answer and "EnterNoteInError" in answer.may,
        **_around_the_act(answer, case_id, note_id),
    )


@asks_whom("/children/<uuid:case_id>/notes/<uuid:note_id>/cosigner")
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
        fields=[_COSIGNER, why()],
        offers={"person": items},
        may=lambda: bool(items),
        **_around_the_act(answer, case_id, note_id),
    )


def _around_the_act(answer: NoteAnswer | CosignersAnswer | None, case_id: UUID, note_id: UUID) -> dict[str, Any]:
    back = (url_for("notes.show", case_id=case_id, note_id=note_id), _("Back to the note"))
    if answer is None or answer.note is None:
        return {"back": back, "seen": {"expected_version": ""}}
    note = answer.note
    called = _("%(format)s, %(day)s", format=label("format", note.format), day=format_date(note.observed_from, "long"))
    return {
        "back": back,
        "seen": {"expected_version": note.version},
        "caption": f"{called} · {answer.preferred_name}",
        "tab": "timeline",
    }


def _note_again(
    services: Services, actor: Actor, case_id: UUID, note_id: UUID, error: DomainError | None
) -> NoteAnswer:
    """The note, for a form of its own. If it cannot be had, the reason why the form failed is what the person hears."""
    try:
        answer: NoteAnswer = services.doors.ask(actor, ReadNote(case_id, note_id))
    except DomainError:
        if error is not None:
            raise error from None
        raise
    if answer.note is None:
        raise NotFound("no-such-note")
    return answer


def _expected() -> int | None:
    return request.form.get("expected_version", type=int)
