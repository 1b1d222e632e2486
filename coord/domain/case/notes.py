"""Notes: signed, never overwritten. An unsigned draft is no event and has no place here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Annotated, TypedDict
from uuid import UUID

from coord.domain.actors import Actor, By, Discipline, Role
from coord.domain.case import note_twins
from coord.domain.case.aggregate import Case
from coord.domain.case.circumstances import Circumstances, CircumstancesContent, Setting, checked_circumstances
from coord.domain.errors import Conflict, InvalidInput, NotPermitted, Stale
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import LONG, REASON, Input
from coord.domain.said import FLAT, INSIDE, Said


class Audience(StrEnum):
    """Who, beside its author, may read an entry."""

    CARE_TEAM = "care-team"
    OWN_DISCIPLINE = "own-discipline"
    CARE_TEAM_AND_SCHOOL = "care-team-and-school"
    CARE_TEAM_AND_FAMILY = "care-team-and-family"


_READERS = {
    Audience.OWN_DISCIPLINE.value: frozenset({"discipline"}),
    Audience.CARE_TEAM.value: frozenset({"discipline", "team"}),
    Audience.CARE_TEAM_AND_SCHOOL.value: frozenset({"discipline", "team", "school"}),
    Audience.CARE_TEAM_AND_FAMILY.value: frozenset({"discipline", "team", "family"}),
}


def narrows(before: str, after: str) -> bool:
    """Whether somebody who could read an entry with the one audience cannot with the other."""
    return not _READERS[before] <= _READERS[after]


class NoteStatus(StrEnum):
    """Of a note: a draft is its author's alone."""

    DRAFT = "draft"
    SIGNED = "signed"
    AWAITING_COSIGNATURE = "awaiting-cosignature"
    COSIGNED = "cosigned"
    ENTERED_IN_ERROR = "entered-in-error"


class NoteFormat(StrEnum):
    """The templates (domain: SOAP, DAP, BIRP, narrative, school observation)."""

    SOAP = "soap"
    DAP = "dap"
    BIRP = "birp"
    NARRATIVE = "narrative"
    SCHOOL_OBSERVATION = "school-observation"


class NoteSection(StrEnum):
    """The sections of all templates."""

    SUBJECTIVE = "subjective"
    OBJECTIVE = "objective"
    ASSESSMENT = "assessment"
    PLAN = "plan"
    DATA = "data"
    BEHAVIOUR = "behaviour"
    INTERVENTION = "intervention"
    RESPONSE = "response"
    TEXT = "text"
    SITUATION = "situation"
    OBSERVED = "observed"
    WHAT_HELPED = "what-helped"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Format:
    """A template: the named sections of a note, in their order, and which roles write in it."""

    name: str
    sections: tuple[str, ...]
    roles: frozenset[Role] = frozenset({Role.THERAPIST, Role.STUDENT, Role.TEAM_LEAD})


FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("soap", ("subjective", "objective", "assessment", "plan")),
        Format("dap", ("data", "assessment", "plan")),
        Format("birp", ("behaviour", "intervention", "response", "plan")),
        Format("narrative", ("text",)),
        Format(
            "school-observation",
            ("situation", "observed", "what-helped", "question"),
            frozenset({Role.THERAPIST, Role.STUDENT, Role.TEAM_LEAD, Role.TEACHER}),
        ),
    )
}
"""Templates as data."""

Sections = Annotated[Mapping[str, str], Said("By section; which ones there are depends on the format", of=NoteSection)]
"""The text of a note."""
LATE_AFTER = timedelta(hours=48)
"""A note signed longer than this after the observation ended is labelled late (practice varies, 24-48 h)."""


def is_late(observed_to: datetime, signed_at: datetime, *, after_closing: bool) -> bool:
    """Whether a note was signed long after what it tells of, or after the case was closed."""
    return after_closing or signed_at - observed_to > LATE_AFTER


AUDIENCES_OF_ROLE: dict[Role, frozenset[Audience]] = {
    Role.THERAPIST: frozenset(Audience),
    Role.STUDENT: frozenset(Audience),
    Role.TEAM_LEAD: frozenset(Audience),
    Role.TEACHER: frozenset({Audience.CARE_TEAM, Audience.CARE_TEAM_AND_SCHOOL}),
    Role.ADMINISTRATOR: frozenset(),
}


def shared_by_both(one: str, other: str) -> str:
    """The audience of those who are in both. The school and the family have the care team in common."""
    if _READERS[other] <= _READERS[one]:
        return other
    return one if _READERS[one] < _READERS[other] else Audience.CARE_TEAM.value


def addendum_audience(present: str, *, author: str, changed_by: str, audience: str) -> str:
    """For whom an addendum is after somebody gave its note another ``audience``.

    It never has more readers than the note. It gets more only by the word of its own author: whoever wrote for the
    therapists did not write for the school.
    """
    return audience if author == changed_by else shared_by_both(present, audience)


class Entrusted(TypedDict):
    """Whom a co-signature was entrusted to, as they were then."""

    person: Annotated[str, Said(id=True)]
    name: str
    role: Annotated[str, Said(of=Role)]
    discipline: Annotated[str | None, Said(of=Discipline)]


class NoteEvent(CoordEvent):
    """An event about one note of the case; of the case's own state only what it remembers of the last ones changes."""

    note_id: UUID
    """The note. Its id was chosen at random by the sender, so that sending it twice is one note."""

    @property
    def entry_id(self) -> UUID:
        """The note."""
        return self.note_id

    def apply(self, aggregate: Case) -> None:
        """Notes are folded apart (see `Note`), so that a case loads as fast with 50,000 of them as with three."""


class NoteSigned(NoteEvent):
    """Its author attested a note. The text is fixed from here; before, it was a draft, which is no event."""

    TOPIC = "case.note-signed.v1"
    HISTORY = in_the_history("Note signed")
    BEGINS_ENTRY = True
    format: str
    """The template: ``soap``, ``dap``, ``birp``, ``narrative`` or ``school-observation``."""
    sections: dict[str, str]
    """The text by section of the template; empty sections are left out."""
    observed_from: datetime
    """When what is described began."""
    observed_to: datetime
    """When it ended; equal to the beginning if not said."""
    setting: str
    """Where: ``therapy-room``, ``school``, ``home``, ``community``, ``remote``."""
    present: list[str]
    """Who was there beside author and child, as typed."""
    audience: str
    """Who may read it beside its author: ``care-team``, ``own-discipline``, ``care-team-and-school``,
    ``care-team-and-family``."""
    linked: list[str]
    """Earlier notes that it refers to."""
    recorded_at: datetime
    """When its author began to write it down: the first save of the draft."""
    signed_at: datetime
    """When its author signed."""
    needs_cosignature: bool
    """Whether a student or assistant wrote it, so that a supervisor has to attest it."""
    after_closing: bool = False
    """Signed after the case was closed, about what was before: a late entry. Not in events from before that was
    possible."""
    answered: Sequence[dict[str, object]] = ()
    """What was asked about it and is meant so. (Not told in events from before anything was asked.)"""

    def apply(self, aggregate: Case) -> None:
        """The case remembers it for a while."""
        note_twins.remember(
            aggregate,
            {
                "note": str(self.note_id),
                "author": self.by["person"],
                "format": self.format,
                "words": note_twins.words_of(self.sections),
                "observed_from": self.observed_from.isoformat(),
                "setting": self.setting,
                "audience": self.audience,
                "signed_at": self.signed_at.isoformat(),
            },
        )

    @property
    def beside_the_text(self) -> dict[str, object]:
        """What its entry of the timeline tells more, where there is anything to tell."""
        return {"after_closing": True} if self.after_closing else {}

    def told(self) -> Particulars:
        """With the times of doing and writing, and what was asked about it."""
        return {"format": self.format, "audience": self.audience, "setting": self.setting} | self.meant()

    @property
    def happened_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.observed_from

    @property
    def written_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.recorded_at


class NoteCosignatureEntrusted(NoteEvent):
    """The lead of the service team let somebody of another discipline co-sign a note, since nobody of its own was left
    on the care team who could."""

    TOPIC = "case.note-cosignature-entrusted.v1"
    HISTORY = in_the_history("Co-signature entrusted to another")
    to: Entrusted
    """Who may co-sign it: ``person``, ``name``, ``role``, ``discipline`` as they were then."""
    reason: str

    def told(self) -> Particulars:
        """To whom, and why."""
        return {"name": self.to["name"], "discipline": self.to["discipline"], "reason": self.reason}


class NoteCosigned(NoteEvent):
    """A supervisor of the same discipline attested the note of a student or assistant. Its author stays its author."""

    TOPIC = "case.note-cosigned.v1"
    HISTORY = in_the_history("Note co-signed")
    signed_at: datetime
    """When the supervisor signed."""


class NoteAddendumAdded(NoteEvent):
    """Something was added that was not known at signing. The note stays valid as it was."""

    TOPIC = "case.note-addendum-added.v1"
    HISTORY = in_the_history("Addendum added")
    addendum_id: UUID
    """The addendum, chosen at random by the sender. It is for the note's audience of that moment: see
    ``case.note-audience-changed.v1``."""
    text: str
    """What was added."""
    signed_at: datetime
    """When whoever added it signed."""

    def told(self) -> Particulars:
        """Which addendum."""
        return {"addendum": str(self.addendum_id)}


class NoteAmended(NoteEvent):
    """The author corrected the note. The earlier text stays readable beside the new one."""

    TOPIC = "case.note-amended.v1"
    HISTORY = in_the_history("Note amended")
    sections: dict[str, str]
    """The whole new text, by section."""
    reason: str
    """What was wrong, in the author's words."""
    version: int
    """The number of this text; 2 is the first correction."""
    signed_at: datetime
    """When the author signed the new text."""
    needs_cosignature: bool
    """Whether it has to be attested (again), since a student or assistant corrected it."""

    def apply(self, aggregate: Case) -> None:
        """The words are others from now on."""
        note_twins.correct(aggregate, self.note_id, words=note_twins.words_of(self.sections))

    def told(self) -> Particulars:
        """The number of the new text; the texts are in the note."""
        return {"reason": self.reason, "text_version": self.version}


class NoteCircumstancesCorrected(NoteEvent):
    """The author corrected when, where or with whom it was observed. What was said before stays readable beside it."""

    TOPIC = "case.note-circumstances-corrected.v1"
    HISTORY = in_the_history("Time, setting or people of a note corrected")
    observed_from: datetime
    """When it began, as it stands from now on."""
    observed_to: datetime
    """When it ended, as it stands from now on."""
    setting: str
    """Where it happened, as it stands from now on."""
    present: list[str]
    """Who was there, as it stands from now on."""
    before: CircumstancesContent
    """The same four, as they stood until now."""
    reason: str
    """What was wrong, in the author's words."""
    number: int
    """The number of this correction, from 1."""
    signed_at: datetime
    """When the author signed the correction."""
    needs_cosignature: bool
    """Whether the note has to be attested (again), since a student or assistant corrected it."""

    @property
    def circumstances(self) -> Circumstances:
        """As they stand from now on."""
        return Circumstances(self.observed_from, self.observed_to, self.setting, tuple(self.present))

    def apply(self, aggregate: Case) -> None:
        """The time or the setting may be others from now on."""
        told = {"observed_from": self.observed_from.isoformat(), "setting": self.setting}
        note_twins.correct(aggregate, self.note_id, **told)

    def told(self) -> Particulars:
        """That they were, and why; from what to what is in the note."""
        return {"reason": self.reason, "correction": self.number}

    @property
    def happened_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.observed_from


class NoteEnteredInError(NoteEvent):
    """The entry should never have existed; most often it was about another child. It is hidden from ordinary views and
    kept."""

    TOPIC = "case.note-entered-in-error.v1"
    HISTORY = in_the_history("Note marked as entered in error")
    reason: str
    """What happened."""

    def apply(self, aggregate: Case) -> None:
        """Nothing need be like it."""
        note_twins.forget(aggregate, self.note_id)

    def told(self) -> Particulars:
        """Why."""
        return {"reason": self.reason}


class NoteAudienceChanged(NoteEvent):
    """From now on others may read the note, or fewer.

    What colleagues added to the note is not widened with it: the audience of an addendum is the note's when it was
    added. A change by the addendum's own author takes the addendum along; a change by anybody else leaves it to those
    who are in both. It follows from these events, and is kept in none.
    """

    TOPIC = "case.note-audience-changed.v1"
    HISTORY = in_the_history("Audience changed")
    audience: str
    """Who may read it from now on."""
    before: str
    """Who could until now."""

    def apply(self, aggregate: Case) -> None:
        """It is for others from now on."""
        note_twins.correct(aggregate, self.note_id, audience=self.audience)

    def told(self) -> Particulars:
        """From which audience to which."""
        return {"before": {"audience": self.before}, "after": {"audience": self.audience}}


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


_BY_SECTION = "By section (`NoteSection`); which there are depends on the format. A draft may have any"


@dataclass(frozen=True, slots=True)
class NoteWords:
    """What an author writes. A draft may lack any of it."""

    format: Annotated[str | None, Said(of=NoteFormat, null=True)] = None
    sections: Annotated[Mapping[str, str], Said(_BY_SECTION)] = field(default_factory=dict)
    observed_from: Annotated[datetime | None, Said("When it began", null=True)] = None
    observed_to: Annotated[datetime | None, Said("When it ended; the beginning, if left out", null=True)] = None
    setting: Annotated[str | None, Said(of=Setting, null=True)] = None
    present: Annotated[Sequence[str], Said("Who was there; at most 20")] = ()
    audience: Annotated[str | None, Said("Who, beside you, may read it", of=Audience, null=True)] = None
    linked: Annotated[Sequence[UUID], Said("Earlier notes that it goes back to; at most 20")] = ()


@dataclass(frozen=True, slots=True)
class NoteContent(NoteWords):
    """What is signed. Times carry a zone; the end may equal the start."""

    format: str
    sections: Mapping[str, str]
    observed_from: datetime | None
    setting: str = Setting.THERAPY_ROOM.value
    audience: str = Audience.CARE_TEAM.value


def checked_content(content: NoteContent, *, actor: Actor, now: datetime, born: date | None = None) -> NoteContent:
    """The content cleaned and complete, ready to sign. Raises `InvalidInput` with every problem in it."""
    check = Input()
    template = FORMATS.get(content.format)
    if template is None:
        check.problem("/format", "unknown-choice", choices=sorted(FORMATS))
    elif actor.role not in template.roles:
        check.problem("/format", "not-for-your-role")
    sections = _checked_sections(check, template, content.sections)
    circumstances = checked_circumstances(
        check,
        observed_from=content.observed_from,
        observed_to=content.observed_to,
        setting=content.setting,
        present=content.present,
        now=now,
        born=born,
    )
    if content.audience not in set(Audience):
        check.problem("/audience", "unknown-choice", choices=[a.value for a in Audience])
    elif Audience(content.audience) not in AUDIENCES_OF_ROLE[actor.role]:
        check.problem("/audience", "not-for-your-role")
    if len(content.linked) > 20:
        check.problem("/linked", "too-many", limit=20)
    if circumstances is None or check.problems:
        raise InvalidInput(check.problems)
    return NoteContent(
        format=content.format,
        sections=sections,
        observed_from=circumstances.observed_from,
        observed_to=circumstances.observed_to,
        setting=circumstances.setting,
        present=circumstances.present,
        audience=content.audience,
        linked=tuple(content.linked),
    )


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
) -> None:
    """Sign a note. ``recorded_at`` is when its author began to write it down (the draft's first save), now if None.

    In a closed case a note of what was before is late, and marked so. One that its author seems to have signed already
    is asked about (`note_twins.ask_about_twins`); ``confirmed`` are the answers, and ``zone`` is the clinic's. Raises
    `Conflict` when the case was closed by then, and `InvalidInput` when the content is not fit to sign.
    """
    if content.observed_from is None or content.observed_from.tzinfo is None:
        case.refuse_if_closed()  # nobody can say that it was before
    clean = checked_content(content, actor=actor, now=at, born=case.born)
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
    clean = _checked_sections(check, FORMATS.get(note.format), sections)
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
    if not own and not _READERS[audience] < _READERS[note.audience]:
        raise NotPermitted("only-narrower")
    case.trigger_event(
        NoteAudienceChanged, timestamp=at, by=actor.by(), note_id=note.id, audience=audience, before=note.audience
    )


def _leads(case: Case, actor: Actor) -> bool:
    """The actor leads the service team of this child. (A lead of another team may be on the care team: no more.)"""
    return actor.role is Role.TEAM_LEAD and bool(actor.team) and actor.team == case.details["team"]


def _checked_sections(check: Input, template: Format | None, sections: Mapping[str, str]) -> dict[str, str]:
    """Known sections only, at least one with words in it; in the template's order, empty ones left out."""
    if template is None:
        return {}
    for name in sections:
        if name not in template.sections:
            check.problem(f"/sections/{name}", "unknown-section", choices=list(template.sections))
    before = len(check.problems)
    clean = {
        name: check.text(f"/sections/{name}", sections.get(name), limit=LONG, required=False)
        for name in template.sections
        if name in sections
    }
    clean = {name: text for name, text in clean.items() if text}
    if not clean and len(check.problems) == before:
        check.problem(f"/sections/{template.sections[0]}", "nothing-written")
    return clean


def _refuse_if_in_error(note: Note) -> None:
    if note.status == "entered-in-error":
        raise Conflict("entered-in-error")


def _refuse_if_stale(note: Note, expected_version: int | None) -> None:
    if expected_version is not None and expected_version != note.version:
        raise Stale(note.version, ["note"])
