"""What can be asked about a note: questions, and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypedDict
from uuid import UUID, uuid5

from coord.application.case.questions import Colleague
from coord.application.declared import CaseQuestion, Question, question
from coord.application.goals.questions import LevelText, StrategyLine
from coord.application.looking import Category
from coord.application.note_templates.questions import NoteTemplate
from coord.application.notes.commands import RatingInNote
from coord.application.shown import OfACase, Shown
from coord.application.timeline.questions import TimelineEntry
from coord.domain.actors import Relationship
from coord.domain.case import Audience, Note, NoteWords, Setting
from coord.domain.case.goals.wording import AgreedSupport, GoalStatus
from coord.domain.case.notes import BY_SECTION, NoteStatus
from coord.domain.note_template import TemplateUsed, TemplateVersion, told_of
from coord.domain.permissions import (
    anyone_signed_in,
    anyone_who_knows_the_child,
    clinician_of_the_child,
    leads_service_team,
    whose_draft_it_is,
)
from coord.domain.said import FLAT, INSIDE, Said
from coord.office.phrases import Phrase


@question(
    anyone_who_knows_the_child,
    "Looked at what a note is written beside",
    shows=(Category.IDENTITY, Category.GOALS, Category.STRATEGIES),
)
class ReadBeside(CaseQuestion):
    """What one needs beside a note that one writes: the last note of one's own discipline, the goals to rate, what
    helps; and where and for whom one wrote of this child last.

    ``rated`` are goals that the draft rates already: they stay to be rated while that is possible, whatever became of
    them since it was begun.
    """

    rated: Sequence[UUID] = ()


@question(anyone_signed_in, "Looked at whom to write of next", others=True)
class ReadNextToWrite(Question):
    """Of whom one has not written today: the next of one's own children, by name, after the one named."""

    after: UUID


@question(anyone_who_knows_the_child, "Read a note", shows=(Category.IDENTITY,))
class ReadNote(CaseQuestion):
    """A note with all its versions, addenda, co-signatures; or the actor's own draft of that id."""

    note_id: UUID

    @property
    def entry(self) -> UUID:
        """The note."""
        return self.note_id


@question(clinician_of_the_child, "Looked at who had read a note", shows=(Category.HISTORY,))
class ReadNoteReaders(CaseQuestion):
    """Who has read a note, and when; needed above all when it was entered in error. For author and team lead."""

    note_id: UUID

    @property
    def entry(self) -> UUID:
        """The note."""
        return self.note_id


@question(leads_service_team, "Looked at who could co-sign a note", shows=(Category.IDENTITY, Category.CARE_TEAM))
class ReadCosigners(CaseQuestion):
    """To whom the co-signature of a note can be entrusted, where its discipline has nobody left who could. For the
    team lead."""

    note_id: UUID

    @property
    def entry(self) -> UUID:
        """The note."""
        return self.note_id


@question(whose_draft_it_is, "Opened an own draft", shows=(Category.IDENTITY, Category.DRAFTS), of_ones_own=True)
class ReadDraft(CaseQuestion):
    """One's own draft, also of a child whom one knows no more."""

    draft_id: UUID


def draft_after_signing(kind: str, note_id: UUID, person_id: UUID) -> UUID:
    """The id of a person's draft of an ``addendum`` or ``amendment`` to a note: they have one of each at a time."""
    return uuid5(note_id, f"{kind}:{person_id}")


@dataclass(frozen=True, slots=True)
class NoteAnswer:
    """A signed note with everything that happened to it; or your own draft, which has no author or versions yet."""

    case_id: UUID
    preferred_name: str
    note: Annotated[Note | None, FLAT]
    draft: Annotated[DraftNote | None, FLAT]
    may: Annotated[frozenset[str], Said("Commands that you could carry out on it now")]
    linked_from: Annotated[Sequence[str], Said(name="linked")]
    shown: Annotated[Shown, FLAT]
    relationship: Annotated[Relationship, INSIDE] = field(default_factory=Relationship)
    begun: Annotated[Mapping[str, Mapping[str, Any]], INSIDE] = field(default_factory=dict)
    """The actor's own drafts about a signed note, with id, revision, body and updated_at, by their kind: ``addendum``,
    ``amendment``."""
    entrusted_now: Annotated[str, INSIDE] = ""
    """What they are called now who were let co-sign it, while it waits; ``entrusted`` tells the name of then."""
    phrases: Annotated[Sequence[Phrase], INSIDE] = ()
    """The reader's own, to be put into what they may write to it."""

    @property
    def version(self) -> int:
        """What an edit has to name."""
        return self.note.version if self.note else self.draft.revision if self.draft else 0


@dataclass(frozen=True, slots=True)
class NextAnswer:
    """The child to write of next; none, if one has written of each today."""

    case_id: UUID | None
    preferred_name: str
    full_name: str
    """Not for teachers."""
    school_class: str
    shown: Shown


class GoalToRate(TypedDict):
    """A goal that is worked on, with what one needs to rate it."""

    id: UUID
    statement: str
    status: GoalStatus
    levels: Sequence[LevelText]
    """None, if it has no scale: it is rated by the help that was needed."""
    scale_version: int
    support: AgreedSupport


class OwnLastNote(TypedDict):
    """What one's own last note of this child says beside its words."""

    id: UUID
    setting: Setting
    audience: Audience
    observed_from: datetime
    observed_to: datetime


@dataclass(frozen=True, slots=True)
class BesideAnswer(OfACase):
    """What one needs beside a note that one writes, each as far as one may read it: the ``last`` note of one's own
    discipline (one's own or a colleague's) and one's ``own`` last one, if they are among the latest entries; the goals
    to rate, and in which ``contexts``; things to try, with what came of them so far."""

    last: TimelineEntry | None
    own: OwnLastNote | None
    goals: Sequence[GoalToRate]
    contexts: Sequence[str]
    strategies: Sequence[StrategyLine]
    phrases: Annotated[Sequence[Phrase], INSIDE]
    """One's own, to be put into what one writes."""
    templates: Annotated[Sequence[NoteTemplate], INSIDE]
    """Of one's own service team and for all, to write in; those out of use too, for what was begun in them."""


@dataclass(frozen=True, slots=True)
class CosignersAnswer:
    """To whom the co-signature of a note can be entrusted: nobody where somebody of its discipline can co-sign it."""

    case_id: Annotated[UUID, INSIDE]
    preferred_name: Annotated[str, INSIDE]
    note: Annotated[Note, INSIDE]
    people: Annotated[Sequence[Colleague], Said(name="items")]
    shown: Annotated[Shown, FLAT]
    relationship: Annotated[Relationship, INSIDE]

    @property
    def note_id(self) -> Annotated[UUID, Said()]:
        """Which note."""
        return self.note.id


@dataclass(frozen=True, slots=True)
class ReadersAnswer:
    """Who was shown a note, and when."""

    note_id: UUID
    readers: Annotated[Sequence[NoteReader], Said(name="items")]
    shown: Annotated[Shown, FLAT]


class DraftKind(StrEnum):
    """What unsigned words are to become."""

    NOTE = "note"
    SUMMARY = "summary"
    ADDENDUM = "addendum"
    AMENDMENT = "amendment"


class OwnDraft(TypedDict):
    """Unsigned words of your own, as they were kept."""

    id: UUID
    case_id: UUID
    kind: DraftKind
    revision: int
    body: Mapping[str, object]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftNote(NoteWords):
    """One's own draft of a note, as far as it makes sense already: a page may have kept half of anything."""

    id: UUID
    revision: Annotated[int, Said("What an edit has to name in If-Match (a draft's revision)", name="version")]
    sections: Annotated[Mapping[str, str], Said(f"{BY_SECTION}. A draft may have any other")]
    linked: Annotated[Sequence[UUID], INSIDE] = ()
    ratings: Annotated[Sequence[RatingInNote], Said("Goals rated with it, once it is signed")] = ()
    template: Annotated[TemplateUsed | None, INSIDE] = None
    updated_at: Annotated[datetime, Said("Of a draft")]
    body: Annotated[Mapping[str, Any], INSIDE]
    """As it was kept."""
    status: Annotated[str, Said(of=NoteStatus)] = NoteStatus.DRAFT

    @property
    def template_told(self) -> Annotated[TemplateVersion | None, Said(name="template")]:
        """Which version of which template it is written in."""
        return told_of(self.template)


class NoteReader(TypedDict):
    """Who was shown a note."""

    person_id: UUID | None
    person_name: Annotated[str, Said(name="name")]
    role: str
    first: datetime
    last: datetime
    times: int
