"""What may be done with a note: signed, attested, added to, corrected, marked, shared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from coord.domain.actors import Actor, Role
from coord.domain.case import note_twins
from coord.domain.case.aggregate import Case
from coord.domain.case.circumstances import checked_circumstances
from coord.domain.case.notes.content import NoteContent, checked_content, checked_sections
from coord.domain.case.notes.events import (
    Entrusted,
    NoteAddendumAdded,
    NoteAmended,
    NoteAudienceChanged,
    NoteCircumstancesCorrected,
    NoteCosignatureEntrusted,
    NoteCosigned,
    NoteEnteredInError,
    NoteSigned,
)
from coord.domain.case.notes.formats import format_of
from coord.domain.case.notes.readers import AUDIENCES_OF_ROLE, Audience, narrower
from coord.domain.case.notes.standing import Note
from coord.domain.errors import Conflict, InvalidInput, NotPermitted, Stale
from coord.domain.input import LONG, REASON, Input
from coord.domain.note_template import WrittenIn


def sign(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    note_id: UUID,
    content: NoteContent,
    recorded_at: datetime | None = None,
    zone: tzinfo = UTC,
    confirmed: Collection[str] = (),
    written_in: WrittenIn | None = None,
) -> None:
    """Sign a note. ``recorded_at`` is when its author began to write it down (the draft's first save), now if None;
    ``written_in`` is the version of the template that it names, which it keeps, if there is one.

    In a closed case a note of what was before is late, and marked so. One that its author seems to have signed already
    is asked about (`note_twins.ask_about_twins`); ``confirmed`` are the answers, and ``zone`` is the clinic's. Raises
    `Conflict` when the case was closed by then, and `InvalidInput` when the content is not fit to sign.
    """
    if content.observed_from is None or content.observed_from.tzinfo is None:
        case.refuse_if_closed()  # nobody can say that it was before
    clean = checked_content(content, actor=actor, now=at, born=case.born, written_in=written_in)
    for moment in (clean.observed_from, clean.observed_to):
        if moment is not None:
            case.refuse_if_closed_by(moment)
    check = Input(confirmed)
    begun = clean.observed_from or at
    note_twins.ask_about_twins(check, case, actor=actor, at=at, zone=zone, content=clean, begun=begun)
    check.refuse_if_any()
    case.trigger_event(
        NoteSigned,
        timestamp=at,
        by=actor.by(),
        note_id=note_id,
        format=clean.format,
        sections=dict(clean.sections),
        observed_from=clean.observed_from,
        observed_to=clean.observed_to,
        setting=clean.setting,
        present=list(clean.present),
        audience=clean.audience,
        linked=[str(i) for i in clean.linked],
        recorded_at=recorded_at or at,
        signed_at=at,
        needs_cosignature=actor.role is Role.STUDENT,
        after_closing=case.status == "closed",
        answered=check.answered,
        written_in=written_in,
    )


def cosign(case: Case, note: Note, *, at: datetime, actor: Actor, expected_version: int | None = None) -> None:
    """Attest a student's or assistant's note. Nobody attests a text that they have not seen: see ``expected_version``.

    A therapist of the note's discipline does it, or whom the lead entrusted it to. Raises `Conflict` when it awaits no
    co-signature, `NotPermitted` for its author or another discipline, `Stale`.
    """
    _refuse_if_in_error(note)
    if note.status != "awaiting-cosignature":
        raise Conflict("no-cosignature-awaited")
    if note.author["person"] == str(actor.person_id):
        raise NotPermitted("own-note")
    if not may_cosign(note, actor):
        raise NotPermitted("other-discipline")
    _refuse_if_stale(note, expected_version)
    case.trigger_event(NoteCosigned, timestamp=at, by=actor.by(), note_id=note.id, signed_at=at)


def may_cosign(note: Note, actor: Actor) -> bool:
    """Whether the actor is of those who co-sign this note: of its discipline, or entrusted with it; not its author."""
    if note.author["person"] == str(actor.person_id):
        return False
    if note.entrusted is not None and note.entrusted.to["person"] == str(actor.person_id):
        return True
    same = actor.discipline is not None and note.discipline == actor.discipline.value
    return actor.role is Role.THERAPIST and same


def entrust_cosignature(
    case: Case,
    note: Note,
    *,
    at: datetime,
    actor: Actor,
    to: Entrusted,
    reason: str,
    expected_version: int | None = None,
    others_can: bool,
) -> None:
    """Let ``to`` co-sign a note whose discipline has nobody left who could: a therapist on the care team, or the lead
    of the service team themselves, who decides it. ``others_can``: whether there is a therapist of the discipline.

    Raises `Conflict` when none is awaited or somebody of the discipline can, `NotPermitted` when the actor does not
    lead the service team, `Stale`, `InvalidInput`.
    """
    _refuse_if_in_error(note)
    if not _leads(case, actor):
        raise NotPermitted("team-lead-only")
    if note.status != "awaiting-cosignature":
        raise Conflict("no-cosignature-awaited")
    _refuse_if_stale(note, expected_version)
    if others_can:
        raise Conflict("somebody-can-cosign")
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    if to["person"] == note.author["person"]:
        check.problem("/person", "own-note")
    check.refuse_if_any()
    if note.entrusted is not None and note.entrusted.to["person"] == to["person"]:
        raise Conflict("nothing-changed")
    case.trigger_event(NoteCosignatureEntrusted, timestamp=at, by=actor.by(), note_id=note.id, to=to, reason=reason)


def add_addendum(case: Case, note: Note, *, at: datetime, actor: Actor, addendum_id: UUID, text: str) -> None:
    """Add what was not known at signing. Raises `InvalidInput`, or `Conflict` if the note is in error."""
    case.refuse_if_closed()
    _refuse_if_in_error(note)
    check = Input()
    text = check.text("/text", text, limit=LONG)
    check.refuse_if_any()
    case.trigger_event(
        NoteAddendumAdded,
        timestamp=at,
        by=actor.by(),
        note_id=note.id,
        addendum_id=addendum_id,
        text=text,
        signed_at=at,
    )


def amend(
    case: Case,
    note: Note,
    *,
    at: datetime,
    actor: Actor,
    expected_version: int,
    sections: Mapping[str, str],
    reason: str,
) -> None:
    """Correct one's own note, saying why. ``sections`` is the whole new text.

    Raises `NotPermitted` for another person's note, `Stale`, `InvalidInput`, and `Conflict` when nothing would change.
    """
    _refuse_if_in_error(note)
    if note.author["person"] != str(actor.person_id):
        raise NotPermitted("not-the-author")
    _refuse_if_stale(note, expected_version)
    check = Input()
    clean = checked_sections(check, format_of(note.format, note.written_in), sections)
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    if clean == dict(note.sections):
        raise Conflict("nothing-changed")
    case.trigger_event(
        NoteAmended,
        timestamp=at,
        by=actor.by(),
        note_id=note.id,
        sections=clean,
        reason=reason,
        version=note.text_version + 1,
        signed_at=at,
        needs_cosignature=actor.role is Role.STUDENT,
    )


def correct_circumstances(
    case: Case,
    note: Note,
    *,
    at: datetime,
    actor: Actor,
    expected_version: int,
    observed_from: datetime | None,
    observed_to: datetime | None,
    setting: str,
    present: Sequence[str],
    reason: str,
) -> None:
    """Correct when, where or with whom one's own note was observed, saying why. All of it is given, changed or not.

    Raises `NotPermitted` for another person's note, `Stale`, `InvalidInput`, and `Conflict` when nothing would change.
    """
    _refuse_if_in_error(note)
    if note.author["person"] != str(actor.person_id):
        raise NotPermitted("not-the-author")
    _refuse_if_stale(note, expected_version)
    check = Input()
    clean = checked_circumstances(
        check,
        observed_from=observed_from,
        observed_to=observed_to,
        setting=setting,
        present=present,
        now=at,
        born=case.born,
    )
    reason = check.text("/reason", reason, limit=REASON)
    if clean is None or check.problems:
        raise InvalidInput(check.problems)
    case.refuse_if_closed_by(clean.observed_to)
    if clean == note.circumstances:
        raise Conflict("nothing-changed")
    case.trigger_event(
        NoteCircumstancesCorrected,
        timestamp=at,
        by=actor.by(),
        note_id=note.id,
        observed_from=clean.observed_from,
        observed_to=clean.observed_to,
        setting=clean.setting,
        present=list(clean.present),
        before=note.circumstances.content,
        reason=reason,
        number=len(note.corrections) + 1,
        signed_at=at,
        needs_cosignature=actor.role is Role.STUDENT,
    )


def enter_in_error(
    case: Case, note: Note, *, at: datetime, actor: Actor, expected_version: int | None, reason: str
) -> None:
    """Mark a note as one that should never have existed. Its author may, and the team lead of the service team.

    Raises `NotPermitted`, `Stale`, `InvalidInput`, and `Conflict` if it is marked already.
    """
    _refuse_if_in_error(note)
    if note.author["person"] != str(actor.person_id) and not _leads(case, actor):
        raise NotPermitted("not-the-author")
    _refuse_if_stale(note, expected_version)
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    case.trigger_event(NoteEnteredInError, timestamp=at, by=actor.by(), note_id=note.id, reason=reason)


def change_audience(
    case: Case, note: Note, *, at: datetime, actor: Actor, expected_version: int | None, audience: str
) -> None:
    """Let others read the note, or fewer. Its author may; the team lead may narrow it (the author may have left).

    Raises `NotPermitted`, `Stale`, `InvalidInput`, and `Conflict` when it is so already.
    """
    _refuse_if_in_error(note)
    own = note.author["person"] == str(actor.person_id)
    if not own and not _leads(case, actor):
        raise NotPermitted("not-the-author")
    _refuse_if_stale(note, expected_version)
    check = Input()
    if audience not in set(Audience):
        check.problem("/audience", "unknown-choice", choices=[a.value for a in Audience])
    elif Audience(audience) not in AUDIENCES_OF_ROLE[actor.role]:
        check.problem("/audience", "not-for-your-role")
    check.refuse_if_any()
    if audience == note.audience:
        raise Conflict("nothing-changed")
    if not own and not narrower(audience, note.audience):
        raise NotPermitted("only-narrower")
    case.trigger_event(
        NoteAudienceChanged, timestamp=at, by=actor.by(), note_id=note.id, audience=audience, before=note.audience
    )


def _leads(case: Case, actor: Actor) -> bool:
    """The actor leads the service team of this child. (A lead of another team may be on the care team: no more.)"""
    return actor.role is Role.TEAM_LEAD and bool(actor.team) and actor.team == case.details["team"]


def _refuse_if_in_error(note: Note) -> None:
    if note.status == "entered-in-error":
        raise Conflict("entered-in-error")


def _refuse_if_stale(note: Note, expected_version: int | None) -> None:
    if expected_version is not None and expected_version != note.version:
        raise Stale(note.version, ["note"])
