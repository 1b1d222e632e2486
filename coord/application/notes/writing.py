"""Signing notes, adding to them and correcting them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from coord.application.carrying import about, decide
from coord.application.declared import Command, Receipt
from coord.application.doors import Work, answers
from coord.application.note_templates.handlers import is_retired, written_in
from coord.application.notes.commands import (
    AddAddendum,
    AmendNote,
    SignNote,
)
from coord.application.notes.drafts import use_up
from coord.application.notes.rating import rate_in
from coord.application.rights import readable
from coord.domain.actors import Role
from coord.domain.case import Case, Note, notes
from coord.domain.errors import FieldProblem, InvalidInput, NotFound
from coord.domain.input import Input


@answers(SignNote)
def sign_note(work: Work, command: SignNote) -> Receipt:
    """Sign a note."""
    case = work.the_case
    for i, linked in enumerate(command.content.linked):
        if _visible_note(work, linked) is None:
            raise InvalidInput([FieldProblem(f"/linked/{i}", "no-such-note")])
    draft = None if command.new else work.drafts.find(command.note_id, case.id, work.actor.person_id)
    check, used = Input(), command.content.template
    kept = written_in(work, used)
    if used and kept and draft is None and not command.in_part and is_retired(work, used):
        raise InvalidInput([FieldProblem("/template", "template-retired")])  # what was begun in it goes on
    began = draft.created_at if draft else None
    try:
        decide(work, notes.sign, command, case, recorded_at=began, written_in=kept)
    except InvalidInput as invalid:
        check.problems += invalid.problems
    rate_in(work, command, check)
    check.refuse_if_any()
    status = "awaiting-cosignature" if work.actor.role is Role.STUDENT else "signed"
    done = work.keep(Receipt(command.note_id, 1, 0, status), case)
    if draft is not None:
        work.drafts.discard(command.note_id, work.actor.person_id)
    return done


@answers(AddAddendum)
def add_addendum(work: Work, command: AddAddendum) -> Receipt:
    """Add to a note."""
    note = readable_note(work, command.note_id)
    decide(work, notes.add_addendum, command, work.the_case, note)
    done = work.keep(_receipt(work, note), work.the_case)
    use_up(work, command.draft_id)
    return done


def _visible_note(work: Work, note_id: UUID) -> Note | None:
    try:
        note = work.record.note(work.the_case.id, note_id)
    except NotFound:
        return None
    return note if readable(work.actor, work.child, note) else None


def readable_note(work: Work, note_id: UUID) -> Note:
    """A note that the actor may read; what they may not read does not exist for them."""
    note = _visible_note(work, note_id)
    if note is None:
        raise NotFound("no-such-note")
    return note


def _note_saved(work: Work, command: Command, _: Case, note: Note) -> Receipt:
    return saved(work, note, draft_id=command.draft_id if isinstance(command, AmendNote) else None)


def saved(work: Work, before: Note, draft_id: UUID | None = None) -> Receipt:
    """Save what was done with a note, and use up the draft that it was made of."""
    done = replace(_receipt(work, before), position=work.record.append(work.the_case))
    use_up(work, draft_id)
    return done


def _receipt(work: Work, note: Note) -> Receipt:
    """Of what was decided about a note, before it is saved."""
    for event in work.the_case.pending_events:
        note = notes.evolve(note, event)  # type: ignore[arg-type]
    return Receipt(note.id, note.version, 0, note.status)


about("note", lambda work, command: readable_note(work, command.note_id), _note_saved)
