"""Who is to co-sign a note, and who could."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from coord.application.carrying import decide
from coord.application.case.left_behind import cosigners
from coord.application.case.questions import Colleague
from coord.application.declared import Receipt
from coord.application.doors import Reading, Work, answers
from coord.application.notes.commands import (
    EntrustCosignature,
)
from coord.application.notes.questions import (
    CosignersAnswer,
    ReadCosigners,
)
from coord.application.notes.writing import readable_note, saved
from coord.application.rights import known_case, readable
from coord.domain.actors import Actor
from coord.domain.case import Note, notes
from coord.domain.errors import FieldProblem, InvalidInput, NotFound


@answers(EntrustCosignature)
def entrust_cosignature(work: Work, command: EntrustCosignature) -> Receipt:
    """Let a therapist of another discipline, or the lead themselves, co-sign what would wait for ever."""
    note = readable_note(work, command.note_id)
    case = work.the_case
    with work.views() as snapshot:
        therapists = cosigners(snapshot, [case.id], work.today)[case.id]
    chosen = _choices(work.actor, note, therapists)
    to = next((p for p in chosen if p["person_id"] == command.person_id), None)
    if to is None and not others_can(note, therapists) and note.status == "awaiting-cosignature":
        raise InvalidInput([FieldProblem("/person", "no-such-person")])
    entrusted: notes.Entrusted = {
        "person": str(command.person_id),
        "name": to["name"] if to else "",
        "role": to["role"] if to else "",
        "discipline": to["discipline"] if to else None,
    }
    decide(work, notes.entrust_cosignature, command, case, note, to=entrusted, others_can=others_can(note, therapists))
    return saved(work, note)


def others_can(note: Note, therapists: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a therapist of the note's own discipline is there who could co-sign it."""
    author = note.author["person"]
    return any(p["discipline"] == note.discipline and str(p["person_id"]) != author for p in therapists)


def _choices(actor: Actor, note: Note, therapists: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Whom a lead may entrust a co-signature to: the therapists of the care team but its author, and themselves."""
    me = {
        "person_id": actor.person_id,
        "name": actor.name,
        "role": actor.role.value,
        "discipline": actor.discipline.value if actor.discipline else None,
    }
    others = [p for p in therapists if str(p["person_id"]) != note.author["person"]]
    return [*others, me]


@answers(ReadCosigners)
def read_cosigners(reading: Reading, question: ReadCosigners) -> CosignersAnswer:
    """Nobody where somebody of the discipline can co-sign it, or where it waits for nobody."""
    row = known_case(reading, question.case_id)
    note = reading.record.note(question.case_id, question.note_id)
    if not readable(reading.actor, reading.child, note):
        raise NotFound("no-such-note")
    therapists = cosigners(reading.snapshot, [question.case_id], reading.today)[question.case_id]
    waits = note.status == "awaiting-cosignature" and not others_can(note, therapists)
    people = cast("list[Colleague]", _choices(reading.actor, note, therapists) if waits else [])
    return CosignersAnswer(question.case_id, row["preferred_name"], note, people, reading.shown, reading.child)


def therapists(reading: Reading, case_id: UUID) -> Sequence[Mapping[str, Any]]:
    """Who could co-sign for the child today."""
    return cosigners(reading.snapshot, [case_id], reading.today)[case_id]
