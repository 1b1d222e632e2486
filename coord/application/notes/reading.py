"""Reading a note, and who has read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from coord.application.doors import Reading, answers
from coord.application.looking import Category
from coord.application.notes.cosigning import others_can, therapists
from coord.application.notes.drafts import AFTER_SIGNING, draft_note
from coord.application.notes.questions import (
    NoteAnswer,
    NoteReader,
    ReadersAnswer,
    ReadNote,
    ReadNoteReaders,
    draft_after_signing,
)
from coord.application.rights import known_case, permitted, readable, readable_addenda
from coord.domain.actors import Actor, Relationship
from coord.domain.case import Note, notes
from coord.domain.errors import NotFound, NotPermitted
from coord.domain.permissions import leads_service_team
from coord.projections import People, Timeline


@answers(ReadNote)
def read_note(reading: Reading, question: ReadNote) -> NoteAnswer:
    """A note with all its versions, or one's own draft of that id."""
    row = known_case(reading, question.case_id)
    try:
        note = reading.record.note(question.case_id, question.note_id)
    except NotFound:
        draft = reading.drafts.find(question.note_id, question.case_id, reading.actor.person_id)
        if draft is None or draft.kind != "note":
            raise
        reading.categories.add(Category.DRAFTS)
        return NoteAnswer(
            case_id=question.case_id,
            preferred_name=row["preferred_name"],
            note=None,
            draft=draft_note(draft),
            may=frozenset({"SaveDraft", "SignNote", "DiscardDraft"}),
            linked_from=[str(i) for i in draft.body.get("linked") or ()],
            shown=reading.shown,
            relationship=reading.child,
        )
    if not readable(reading.actor, reading.child, note):
        raise NotFound("no-such-note")
    if reading.actor.sight.as_school and note.author["person"] != str(reading.actor.person_id):
        note = notes.for_the_school(note)
    note = replace(note, addenda=readable_addenda(reading.actor, reading.child, note))
    reading.entries.append(note.id)
    reading.categories.add(Category.NOTES)
    linked = reading.snapshot.view(Timeline).readable_ids(
        reading.snapshot.connection,
        actor=reading.actor,
        children={question.case_id: reading.child},
        entries=note.linked,
    )
    may = _possible(reading, question.case_id, note, row["status"])
    return NoteAnswer(
        case_id=question.case_id,
        preferred_name=row["preferred_name"],
        note=note,
        draft=None,
        may=may,
        linked_from=[str(i) for i in note.linked if (question.case_id, i) in linked],
        shown=reading.shown,
        relationship=reading.child,
        begun=_begun(reading, question.case_id, note),
        entrusted_now=_entrusted_now(reading, note),
        phrases=reading.phrases.of(reading.actor.person_id) if may & {"AddAddendum", "AmendNote"} else (),
    )


def _entrusted_now(reading: Reading, note: Note) -> str:
    to = note.entrusted_to
    if to is None or note.status != "awaiting-cosignature":
        return ""
    person = UUID(to["person"])
    return reading.snapshot.view(People).names(reading.snapshot.connection, [person]).get(person, to["name"])


def _begun(reading: Reading, case_id: UUID, note: Note) -> dict[str, Mapping[str, Any]]:
    """One's own unsent addendum and amendment to the note."""
    person = reading.actor.person_id
    ids = {draft_after_signing(kind, note.id, person): kind for kind in AFTER_SIGNING}
    return {
        ids[d.draft_id]: {"id": d.draft_id, "revision": d.revision, "body": d.body, "updated_at": d.updated_at}
        for d in reading.drafts.of(person, case_id)
        if d.draft_id in ids
    }


def _possible(reading: Reading, case_id: UUID, note: Note, case_status: str) -> frozenset[str]:
    """Which commands this person could carry out on the note now: what the page offers."""
    actor, child = reading.actor, reading.child
    may: set[str] = set()
    if note.status == "entered-in-error":
        return permitted({"ReadNoteReaders"} if _deals_with(actor, child, note) else set(), actor, child)
    own = note.author["person"] == str(actor.person_id)
    if case_status == "open":
        may.add("AddAddendum")
    if own:
        may |= {"AmendNote", "CorrectNoteCircumstances", "ChangeNoteAudience"}
    if _deals_with(actor, child, note):
        may |= {"EnterNoteInError", "ReadNoteReaders"}
    if leads_service_team(actor, child) and note.audience != "own-discipline":
        may.add("ChangeNoteAudience")
    if note.status == "awaiting-cosignature":
        if notes.may_cosign(note, actor):
            may.add("CosignNote")
        if leads_service_team(actor, child) and not others_can(note, therapists(reading, case_id)):
            may.add("EntrustCosignature")
    return permitted(may, actor, child)


def _deals_with(actor: Actor, child: Relationship, note: Note) -> bool:
    return note.author["person"] == str(actor.person_id) or leads_service_team(actor, child)


@answers(ReadNoteReaders)
def read_note_readers(reading: Reading, question: ReadNoteReaders) -> ReadersAnswer:
    """Who was shown the text of a note; for its author and the team lead."""
    note = reading.record.note(question.case_id, question.note_id)
    if not readable(reading.actor, reading.child, note):
        raise NotFound("no-such-note")
    if not _deals_with(reading.actor, reading.child, note):
        raise NotPermitted("not-the-author")
    readers = reading.access.readers_of(question.case_id, question.note_id)
    return ReadersAnswer(question.note_id, cast("list[NoteReader]", readers), reading.shown)
