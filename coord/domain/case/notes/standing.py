"""A note as it stands, folded from its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from coord.domain.actors import By, Role
from coord.domain.case.circumstances import Circumstances
from coord.domain.case.notes.content import NoteContent
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
from coord.domain.case.notes.formats import NoteFormat, Sections
from coord.domain.case.notes.readers import Audience, addendum_audience
from coord.domain.events import CoordEvent
from coord.domain.note_template import TemplateUsed, TemplateVersion, WrittenIn, told_of
from coord.domain.said import FLAT, INSIDE, Said


class NoteStatus(StrEnum):
    """Of a note: a draft is its author's alone."""

    DRAFT = "draft"
    SIGNED = "signed"
    AWAITING_COSIGNATURE = "awaiting-cosignature"
    COSIGNED = "cosigned"
    ENTERED_IN_ERROR = "entered-in-error"


LATE_AFTER = timedelta(hours=48)
"""A note signed longer than this after the observation ended is labelled late (practice varies, 24-48 h)."""


def is_late(observed_to: datetime, signed_at: datetime, *, after_closing: bool) -> bool:
    """Whether a note was signed long after what it tells of, or after the case was closed."""
    return after_closing or signed_at - observed_to > LATE_AFTER


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """One text of a note: number from 1, who signed it and when, why if it is a correction. ``for_school``: whether it
    stood while the school could read the note as it can now."""

    number: int
    sections: Sections
    by: By
    signed_at: datetime
    received_at: datetime
    reason: str = ""
    for_school: Annotated[bool, INSIDE] = False


@dataclass(frozen=True, slots=True)
class CircumstancesCorrection:
    """From which circumstances to which: number from 1, who signed it and when, and why. ``for_school``: whether the
    school has been able to read the note ever since."""

    number: int
    before: Circumstances
    after: Circumstances
    by: By
    signed_at: datetime
    received_at: datetime
    reason: str
    for_school: Annotated[bool, INSIDE] = False


@dataclass(frozen=True, slots=True)
class Addendum:
    """A later addition to a note. A student's is ``attested`` once somebody co-signed the note with it. ``audience``:
    that of the note when it was added, and since then as `addendum_audience` says."""

    id: UUID
    text: str
    by: By
    signed_at: datetime
    received_at: datetime
    attested: Annotated[bool, INSIDE] = True
    audience: Annotated[
        str, Said("The note's when it was added; wider only if its own author made it so", of=Audience)
    ] = Audience.CARE_TEAM.value


@dataclass(frozen=True, slots=True)
class Mark:
    """A co-signature, and what else happened to a note: by whom, and when."""

    by: By
    at: datetime


@dataclass(frozen=True, slots=True)
class AudienceChange(Mark):
    """From whom to whom."""

    before: Annotated[str, Said(name="from", of=Audience)]
    after: Annotated[str, Said(name="to", of=Audience)]


@dataclass(frozen=True, slots=True)
class ErrorMark(Mark):
    """Why the note should never have existed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Entrustment:
    """Who may co-sign a note of another discipline, as who let them, when and why."""

    to: Entrusted
    by: By
    at: datetime
    reason: str


_ENTRUSTED = "Whom the team lead let co-sign it, though of another discipline"


@dataclass(frozen=True, slots=True)
class Note:
    """One note folded from its events. ``version`` counts every change to it (1 = signed) and is what edits expect."""

    id: UUID
    format: Annotated[str, Said(of=NoteFormat)]
    author: By
    audience: Annotated[str, Said(of=Audience)]
    circumstances: Annotated[Circumstances, FLAT]
    linked: Annotated[tuple[UUID, ...], INSIDE]
    recorded_at: datetime
    signed_at: datetime
    received_at: datetime
    status: Annotated[str, Said(of=NoteStatus)]
    version: int
    texts: Annotated[tuple[NoteVersion, ...], Said(name="versions")]
    addenda: tuple[Addendum, ...] = ()
    cosignatures: tuple[Mark, ...] = ()
    audience_changes: tuple[AudienceChange, ...] = ()
    corrections: tuple[CircumstancesCorrection, ...] = ()
    error: ErrorMark | None = None
    entrusted: Annotated[Entrustment | None, INSIDE] = None
    """To whom its co-signature was entrusted last."""
    after_closing: Annotated[bool, Said("Written after the case was closed, about what was before")] = False
    written_in: Annotated[
        WrittenIn | None, Said("The version of the template that it was written in, with its sections", absent=True)
    ] = None

    @property
    def late(self) -> Annotated[bool, Said()]:
        """See `is_late`."""
        return is_late(self.observed_to, self.signed_at, after_closing=self.after_closing)

    @property
    def entrusted_to(self) -> Annotated[Entrusted | None, Said(_ENTRUSTED, name="entrusted", absent=True)]:
        """Who may co-sign it though of another discipline."""
        return self.entrusted.to if self.entrusted else None

    @property
    def observed_from(self) -> datetime:
        """When what it tells of began."""
        return self.circumstances.observed_from

    @property
    def observed_to(self) -> datetime:
        """When what it tells of ended."""
        return self.circumstances.observed_to

    @property
    def setting(self) -> str:
        """Where it happened."""
        return self.circumstances.setting

    @property
    def present(self) -> tuple[str, ...]:
        """Who was there, beside the child and the author."""
        return self.circumstances.present

    @property
    def sections(self) -> Sections:
        """The text as it stands now."""
        return self.texts[-1].sections

    @property
    def text_version(self) -> Annotated[int, Said()]:
        """Number of the present text: 1 as signed, 2 after the first amendment."""
        return self.texts[-1].number

    @property
    def template(self) -> TemplateUsed | None:
        """Which version of which template it was written in."""
        return TemplateUsed(UUID(self.written_in["id"]), self.written_in["version"]) if self.written_in else None

    @property
    def template_told(self) -> Annotated[TemplateVersion | None, Said(name="template")]:
        """The same."""
        return told_of(self.template)

    @property
    def discipline(self) -> str | None:
        """The discipline it was written from."""
        return self.author["discipline"]

    @property
    def as_signed(self) -> NoteContent:
        """What its author signed first, whatever was corrected or shared since."""
        first = self.corrections[0].before if self.corrections else self.circumstances
        changes = self.audience_changes
        return NoteContent(
            format=self.format,
            sections=self.texts[0].sections,
            observed_from=first.observed_from,
            observed_to=first.observed_to,
            setting=first.setting,
            present=first.present,
            audience=changes[0].before if changes else self.audience,
            linked=self.linked,
            template=self.template,
        )

    @classmethod
    def from_events(cls, events: Iterable[CoordEvent]) -> Note | None:
        """Fold a note's events, in order; None if there are none."""
        note: Note | None = None
        for event in events:
            note = evolve(note, event)
        return note


def evolve(note: Note | None, event: CoordEvent) -> Note:
    """The note after one more of its events.

    Raises `ValueError` on an event that is no note's, or on one before the signature: the record would be broken.
    """
    evolved = _evolved(note, event)
    if evolved.audience == Audience.CARE_TEAM_AND_SCHOOL and evolved.status in ("signed", "cosigned"):
        return replace(evolved, texts=(*evolved.texts[:-1], replace(evolved.texts[-1], for_school=True)))
    # What was taken from the school is not given back with other words.
    return replace(
        evolved,
        texts=tuple(replace(text, for_school=False) for text in evolved.texts),
        corrections=tuple(replace(correction, for_school=False) for correction in evolved.corrections),
    )


def for_the_school(note: Note) -> Note:
    """What the school gets of somebody's note: the texts that stood while it could read them, and what was attested.

    A text that was corrected before the note was shared is for the care team alone, and so is why it was corrected;
    and so are circumstances that were.
    """
    texts = [text for text in note.texts if text.for_school]
    known = {text.number for text in texts}
    return replace(
        note,
        entrusted=None,
        texts=tuple(text if text.number - 1 in known else replace(text, reason="") for text in texts),
        addenda=tuple(a for a in note.addenda if a.attested and a.audience == Audience.CARE_TEAM_AND_SCHOOL),
        corrections=tuple(correction for correction in note.corrections if correction.for_school),
    )


def _evolved(note: Note | None, event: CoordEvent) -> Note:
    if isinstance(event, NoteSigned):
        first = NoteVersion(1, event.sections, event.by, event.signed_at, event.timestamp)
        return Note(
            id=event.note_id,
            format=event.format,
            author=event.by,
            audience=event.audience,
            circumstances=Circumstances(event.observed_from, event.observed_to, event.setting, tuple(event.present)),
            linked=tuple(UUID(i) for i in event.linked),
            recorded_at=event.recorded_at,
            signed_at=event.signed_at,
            received_at=event.timestamp,
            status="awaiting-cosignature" if event.needs_cosignature else "signed",
            version=1,
            texts=(first,),
            after_closing=event.after_closing,
            written_in=event.written_in,
        )
    if note is None:
        raise ValueError(f"{type(event).__name__} before the note was signed")
    version = note.version + 1
    if isinstance(event, NoteCosignatureEntrusted):
        return replace(note, version=version, entrusted=Entrustment(event.to, event.by, event.timestamp, event.reason))
    if isinstance(event, NoteCosigned):
        mark = Mark(event.by, event.signed_at)
        addenda = tuple(replace(addendum, attested=True) for addendum in note.addenda)
        cosignatures = (*note.cosignatures, mark)
        return replace(note, version=version, status="cosigned", cosignatures=cosignatures, addenda=addenda)
    if isinstance(event, NoteAddendumAdded):
        attested = event.by["role"] != Role.STUDENT
        addendum = Addendum(
            event.addendum_id, event.text, event.by, event.signed_at, event.timestamp, attested, note.audience
        )
        return replace(note, version=version, addenda=(*note.addenda, addendum))
    if isinstance(event, NoteAmended):
        text = NoteVersion(event.version, event.sections, event.by, event.signed_at, event.timestamp, event.reason)
        status = "awaiting-cosignature" if event.needs_cosignature else note.status
        return replace(note, version=version, status=status, texts=(*note.texts, text))
    if isinstance(event, NoteCircumstancesCorrected):
        correction = CircumstancesCorrection(
            number=event.number,
            before=Circumstances.from_content(event.before),
            after=event.circumstances,
            by=event.by,
            signed_at=event.signed_at,
            received_at=event.timestamp,
            reason=event.reason,
            for_school=True,  # unless it is not for the school now, or is taken from it later: see `evolve`
        )
        status = "awaiting-cosignature" if event.needs_cosignature else note.status
        return replace(
            note,
            version=version,
            status=status,
            circumstances=event.circumstances,
            corrections=(*note.corrections, correction),
        )
    if isinstance(event, NoteEnteredInError):
        return replace(
            note, version=version, status="entered-in-error", error=ErrorMark(event.by, event.timestamp, event.reason)
        )
    if isinstance(event, NoteAudienceChanged):
        mark = AudienceChange(event.by, event.timestamp, event.before, event.audience)
        by = event.by["person"]
        addenda = tuple(
            replace(
                a,
                audience=addendum_audience(a.audience, author=a.by["person"], changed_by=by, audience=event.audience),
            )
            for a in note.addenda
        )
        changes = (*note.audience_changes, mark)
        return replace(note, version=version, audience=event.audience, audience_changes=changes, addenda=addenda)
    raise ValueError(f"{type(event).__name__} is no event of a note")
