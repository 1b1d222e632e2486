"""What is being written to a note that is signed already: an addendum, or an amendment with its reason.

Like a note it is kept while it is typed, as a draft that its author alone can see, and is used up when it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID, uuid4

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from coord.application.case.questions import CaseAnswer, ReadCase
from coord.application.notes.commands import DiscardDraft, SaveDraft
from coord.application.notes.questions import NoteAnswer, ReadDraft, ReadNote, draft_after_signing
from coord.application.services import Services
from coord.domain.actors import Actor
from coord.domain.case import Note
from coord.domain.errors import NotFound, Stale, Unavailable
from coord.web.kit.child import here
from coord.web.kit.circumstances import lines_of
from coord.web.notes.form import SECTION, number_in
from coord.web.notes.writing import around, autosaved
from coord.web.visit import see_other

pages = Blueprint("after_signing", __name__)

_BURSTS = 5
_NEEDS = {"addendum": "AddAddendum", "amendment": "AmendNote"}
"""What one must be able to do to go on with a draft of each kind."""


@dataclass(frozen=True, slots=True)
class AfterSigning:
    """What stands in the form. ``tab`` and ``turn`` tell this page's own later words from another tab's."""

    kind: str
    note_id: UUID
    sections: Mapping[str, str]
    """Of an amendment the whole new text; an addendum has one section, ``text``."""
    reason: str = ""
    version: int = 0
    """Of the note, as the writer saw it."""
    addendum_id: str = ""
    revision: int = 0
    tab: str = ""
    turn: int = 0
    kept_at: Any = None

    @classmethod
    def of(cls, answer: NoteAnswer, kind: str, sections: Mapping[str, str]) -> AfterSigning:
        """What was begun about a signed note; if nothing was, the ``sections`` to begin with."""
        note = cast(Note, answer.note)
        if kind in answer.begun:
            return cls.kept(kind, note.id, answer.begun[kind])
        return cls(kind, note.id, sections, version=note.version, addendum_id=str(uuid4()), tab=uuid4().hex)

    @classmethod
    def sent(cls, kind: str, note_id: UUID, form: MultiDict[str, str]) -> AfterSigning:
        """From the browser."""
        sections = {k.removeprefix(SECTION): lines_of(v) for k, v in form.items() if k.startswith(SECTION)}
        return cls(
            kind,
            note_id,
            sections if kind == "amendment" else {"text": lines_of(form.get("text", ""))},
            lines_of(form.get("reason", "")),
            number_in(form.get("expected_version", "")),
            form.get("addendum_id", "")[:64],
            number_in(form.get("revision", "")),
            form.get("tab", "")[:64],
            number_in(form.get("turn", "")),
        )

    @classmethod
    def kept(cls, kind: str, note_id: UUID, draft: Mapping[str, Any]) -> AfterSigning:
        """From a draft; it goes on as another tab."""
        body = draft["body"]
        return cls(
            kind,
            note_id,
            {str(k): str(v) for k, v in (body.get("sections") or {}).items()},
            str(body.get("reason", "")),
            int(body.get("version") or 0),
            str(body.get("addendum_id", "")),
            draft["revision"],
            uuid4().hex,
            kept_at=draft["updated_at"],
        )

    @property
    def blank_addendum(self) -> bool:
        """An addendum that has been emptied again: there is nothing to keep."""
        return self.kind == "addendum" and not self.sections["text"].strip()

    def draft_id(self, actor: Actor) -> UUID:
        """One draft a person, note and kind, whichever window it is opened in."""
        return draft_after_signing(self.kind, self.note_id, actor.person_id)

    def body(self) -> dict[str, object]:
        """What a draft keeps."""
        return {
            "note": str(self.note_id),
            "sections": dict(self.sections),
            "reason": self.reason,
            "version": self.version,
            "addendum_id": self.addendum_id,
            "tab": self.tab,
            "turn": self.turn,
        }

    def follows(self, body: Mapping[str, Any]) -> bool:
        """Whether these words may take the place of the kept ones: they say the same, or came later from this tab."""
        if self.tab and self.tab == body.get("tab") and self.turn > int(body.get("turn") or 0):
            return True
        own = {"tab": None, "turn": None}
        return {**self.body(), **own} == {**body, **own}


def keep(services: Services, actor: Actor, case_id: UUID, form: AfterSigning) -> AfterSigning:
    """Keep the form as a draft; the form with its new revision. Another tab's words are never overwritten (`Stale`)."""
    if form.blank_addendum:
        discard(services, actor, case_id, form.kind, form.note_id)
        return replace(form, revision=0)
    draft_id, revision = form.draft_id(actor), form.revision
    for _attempt in range(_BURSTS):
        command = SaveDraft(case_id, draft_id, form.kind, form.body(), expected_revision=revision)
        try:
            return replace(form, revision=services.doors.execute(actor, command).version)
        except Stale:
            present: Mapping[str, Any] = services.doors.ask(actor, ReadDraft(case_id, draft_id))
            if not form.follows(present["body"]):
                raise
            revision = present["revision"]
    raise Unavailable("too-busy")


def discard(services: Services, actor: Actor, case_id: UUID, kind: str, note_id: UUID) -> None:
    """Throw the draft away, if there is one."""
    try:
        services.doors.execute(actor, DiscardDraft(case_id, draft_after_signing(kind, note_id, actor.person_id)))
    except NotFound as gone:
        if gone.code != "no-such-draft":
            raise


# ---- pages -------------------------------------------------------------------------------------------------------

PLACE = "/children/<uuid:case_id>/notes/<uuid:note_id>/<any(addendum, amendment):kind>/draft"


@pages.post(PLACE, endpoint="autosave")
def autosave(case_id: UUID, note_id: UUID, kind: str) -> ResponseReturnValue:
    """Keep what is being typed to a signed note; the answer is what the page's status line says."""
    services, actor = here()
    form = AfterSigning.sent(kind, note_id, request.form)
    return autosaved(lambda: keep(services, actor, case_id, form).revision)


@pages.get(PLACE, endpoint="show")
def show(case_id: UUID, note_id: UUID, kind: str) -> ResponseReturnValue:
    """On to the page on which it was begun. If it cannot be sent any more, its words are shown, to copy or discard."""
    services, actor = here()
    draft_id = draft_after_signing(kind, note_id, actor.person_id)
    kept: Mapping[str, Any] = services.doors.ask(actor, ReadDraft(case_id, draft_id))
    try:
        answer: NoteAnswer = services.doors.ask(actor, ReadNote(case_id, note_id))
    except NotFound:
        pass  # the note is not for them to read any more; what they wrote themselves is
    else:
        if _NEEDS[kind] in answer.may:
            page = "notes.amend" if kind == "amendment" else "notes.show"
            return see_other(
                url_for(page, case_id=case_id, note_id=note_id, _anchor="add" if kind == "addendum" else None)
            )
    case: CaseAnswer = services.doors.ask(actor, ReadCase(case_id))
    return render_template(
        "notes/begun.html",
        kind=kind,
        form=AfterSigning.kept(kind, note_id, kept),
        send_to=url_for(
            "notes.amend" if kind == "amendment" else "notes.add_addendum", case_id=case_id, note_id=note_id
        ),
        **around(actor, case_id, case=case),
    )


def discarded(services: Services, actor: Actor, case_id: UUID, form: AfterSigning) -> ResponseReturnValue:
    """Back to the child, without what was begun about a note; the note may not be theirs to read any more."""
    discard(services, actor, case_id, form.kind, form.note_id)
    return see_other(url_for("timeline.show", case_id=case_id))
