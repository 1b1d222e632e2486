"""The rows that answers are made of: what they hold, what they are called outside, and what only the pages need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypedDict
from uuid import UUID

from coord.domain.actors import By, Discipline, Relation, Role
from coord.domain.case import Audience, CaseStatus, Setting, SummaryStatus
from coord.domain.case.notes import NoteFormat, NoteStatus
from coord.domain.case.strategies import Outcome
from coord.domain.said import INSIDE, Said


class DraftKind(StrEnum):
    """What unsigned words are to become."""

    NOTE = "note"
    SUMMARY = "summary"
    ADDENDUM = "addendum"
    AMENDMENT = "amendment"


class Colleague(TypedDict):
    """Somebody of the clinic or the school."""

    person_id: UUID
    name: str
    role: Role
    discipline: Discipline | None


# ---- children ----------------------------------------------------------------------------------------------------


class ForTheSchool(TypedDict):
    """What of a child's details a teacher needs."""

    preferred_name: str
    school: str
    school_class: str
    team: str


class ChildDetails(ForTheSchool, total=False):
    """A child's details, as far as the reader gets them: a teacher gets no more than the above."""

    full_name: Annotated[str, Said("Not for teachers")]
    birth_date: Annotated[date, Said("Not for teachers")]
    languages: Annotated[list[str], Said("Not for teachers")]


class OnTheTeam(Colleague):
    """A stay on the care team: one that is over, the present one, or one to come. A person may have several."""

    relation: Relation
    since: date
    until: date | None
    left_on: Annotated[
        date | None, Said("The day on which they were taken off the team at once, the one after `until`")
    ]
    current: Annotated[bool, Said("On the team today, and with access")]
    over: bool
    active: Annotated[bool, Said("Whether they have access")]


class OfMyChildren(ForTheSchool):
    """One of my children, as a teacher gets it."""

    case_id: Annotated[UUID, Said(name="id")]
    status: CaseStatus
    relation: Relation | None
    new: Annotated[int, Said("Entries by others since your last visit (100: or more)")]
    latest: datetime | None
    last_visit: datetime | None
    summary_status: SummaryStatus
    summary_version: int
    summary_review_date: date | None
    summary_out_of_date: bool


class MyChild(OfMyChildren, total=False):
    """One of my children."""

    full_name: Annotated[str, Said("Not for teachers")]
    birth_date: Annotated[date, Said("Not for teachers")]


# ---- what is unsigned, or waits ----------------------------------------------------------------------------------


class DraftLeft(TypedDict):
    """A draft of mine about a child whom I know no more: I can read it once more, and discard it."""

    id: UUID
    case_id: UUID
    kind: DraftKind
    updated_at: datetime


class MyDraft(DraftLeft):
    """One of my drafts."""

    preferred_name: str
    note_id: Annotated[UUID | None, Said("What an addendum or amendment is about")]
    excerpt: Annotated[str, Said("What it begins with; of a summary nothing")]


class Awaiting(TypedDict):
    """A note that waits for a co-signature."""

    note_id: UUID
    case_id: UUID
    preferred_name: str
    author_id: UUID
    author_name: str
    discipline: Discipline | None
    signed_at: datetime
    entrusted_to: Annotated[UUID | None, Said("Who may co-sign it though of another discipline")]


class OwnDraft(TypedDict):
    """Unsigned words of your own, as they were kept."""

    id: UUID
    case_id: UUID
    kind: DraftKind
    revision: int
    body: Mapping[str, object]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DraftNote:
    """One's own draft of a note, as far as it makes sense already: a page may have kept half of anything."""

    id: UUID
    revision: Annotated[int, Said("What an edit has to name in If-Match (a draft's revision)", name="version")]
    format: Annotated[str | None, Said(of=NoteFormat)]
    audience: Annotated[str | None, Said(of=Audience)]
    setting: Annotated[str | None, Said(of=Setting)]
    present: Sequence[str]
    sections: Annotated[Mapping[str, str], Said("By section (`NoteSection`); a draft may have any other")]
    observed_from: datetime | None
    observed_to: datetime | None
    updated_at: Annotated[datetime, Said("Of a draft")]
    body: Annotated[Mapping[str, Any], INSIDE]
    """As it was kept."""
    status: Annotated[str, Said(of=NoteStatus)] = NoteStatus.DRAFT


# ---- entries -----------------------------------------------------------------------------------------------------


class EntryKind(StrEnum):
    """What an entry of the timeline is."""

    NOTE = "note"
    SUMMARY = "summary"
    TEAM = "team"
    CASE = "case"
    GOAL = "goal"
    STRATEGY = "strategy"
    MEASURE = "measure"
    GROUP = "group"
    MESSAGE = "message"


class EntryStatus(StrEnum):
    """Of an entry: what is not a note's is signed, or entered in error."""

    SIGNED = "signed"
    AWAITING_COSIGNATURE = "awaiting-cosignature"
    COSIGNED = "cosigned"
    ENTERED_IN_ERROR = "entered-in-error"


class AddendumRow(TypedDict):
    """An addition to a note."""

    id: Annotated[str, Said(id=True)]
    text: str
    by: Annotated[str, Said("The name")]
    role: Role
    discipline: Discipline | None
    audience: Audience
    at: datetime


class Author(TypedDict):
    """Who wrote it, as they were then."""

    person: UUID
    name: str
    role: Role
    discipline: Discipline | None


class TimelineEntry(TypedDict):
    """One entry of the timeline in its present state, or in that of `as_of`."""

    entry_id: Annotated[UUID, Said(name="id")]
    case_id: Annotated[UUID, INSIDE]
    kind: EntryKind
    subject_id: Annotated[UUID | None, Said("The goal, strategy, measure or line of a group session that it is about")]
    status: EntryStatus
    version: int
    text_version: int
    from_position: Annotated[int, Said("Where the record put this state of it", name="position")]
    entered_position: Annotated[int, Said("Where the record first had it", name="first_position")]
    author: Author
    author_id: Annotated[UUID, INSIDE]
    author_name: Annotated[str, INSIDE]
    role: Annotated[Role, INSIDE]
    discipline: Annotated[Discipline | None, INSIDE]
    audience: Audience
    format: NoteFormat | None
    setting: Setting | None
    observed_from: datetime
    observed_to: datetime
    recorded_at: Annotated[datetime, Said("When its author began to write it down")]
    signed_at: datetime
    received_at: datetime
    late: Annotated[bool, Said("Signed long after it was observed")]
    present: list[str]
    sections: Annotated[dict[str, str], Said("Of a note by its sections (`NoteSection`); else by what is told")]
    addenda: list[AddendumRow]
    detail: Mapping[str, object]
    worked_on: Annotated[Mapping[UUID, str], INSIDE]
    """Of a group session: the goals that it worked on without rating them, in words, for who may read them."""


class NoteReader(TypedDict):
    """Who was shown a note."""

    person_id: UUID | None
    person_name: Annotated[str, Said(name="name")]
    role: str
    first: datetime
    last: datetime
    times: int


# ---- the school summary ------------------------------------------------------------------------------------------


class SourceKind(StrEnum):
    """What a statement may rest on."""

    NOTE = "note"
    STRATEGY = "strategy"
    GOAL = "goal"


class OutOfDateWhy(StrEnum):
    """Why a summary should not be relied on as it is."""

    SOURCE_AMENDED = "source-amended"
    SOURCE_NARROWED = "source-narrowed"
    SOURCE_REVISED = "source-revised"
    SOURCE_ACHIEVED = "source-achieved"
    SOURCE_ENDED = "source-ended"
    SOURCE_IN_ERROR = "source-in-error"
    ADVICE_ENDED = "advice-ended"
    REVIEW_DATE_PASSED = "review-date-passed"


class Source(TypedDict):
    """A note, strategy or goal that a statement rests on; withheld where you may not read it."""

    visible: bool
    kind: SourceKind
    entry: UUID | None
    version: Annotated[int | None, Said("Of its text, when it was cited")]


class SourceToOpen(Source, total=False):
    """What a page calls it by, where the reader may open it."""

    author_name: Annotated[str, INSIDE]
    observed_from: Annotated[datetime, INSIDE]
    format: Annotated[str, INSIDE]
    text: Annotated[str, INSIDE]


class Statement(TypedDict):
    """A sentence or two, and what it rests on."""

    text: str
    sources: list[SourceToOpen]
    withdrawn_at: Annotated[
        datetime | None, Said("Since when the advice is not given any more; the school is not shown it")
    ]


class OutOfDate(TypedDict):
    """Why the summary should not be relied on as it is."""

    why: OutOfDateWhy
    kind: SourceKind | None
    entry: UUID | None
    since: Annotated[datetime | date, Said("A time, or the review date")]
    visible: bool
    text: Annotated[str, INSIDE]
    """Of advice that was ended; not for teachers, to whom its statement is not given any more."""


class SummaryVersion(TypedDict):
    """A version of the summary, without its text."""

    version: int
    status: SummaryStatus
    valid_from: date
    published_by: By
    published_at: datetime
    recalled_at: datetime | None
    recall_reason: str


class SummaryDraft(TypedDict):
    """One's own unpublished words, as the page keeps them."""

    id: UUID
    revision: int
    body: Mapping[str, object]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SchoolStrategy:
    """A strategy offered for school, and how often it helped."""

    id: UUID
    text: str
    counts: Annotated[Mapping[Outcome, int], INSIDE]

    @property
    def helped(self) -> Annotated[int, Said()]:
        """How often it helped."""
        return self.counts[Outcome.HELPED]

    @property
    def did_not(self) -> Annotated[int, Said()]:
        """How often it did not."""
        return self.counts[Outcome.DID_NOT]

    @property
    def not_yet(self) -> Annotated[int, Said()]:
        """How often it was not tried yet."""
        return self.counts[Outcome.NOT_YET]


class SchoolGoal(TypedDict):
    """A goal agreed or under way that the school may read."""

    id: UUID
    statement: str
    status: Literal["agreed", "active"]
    agreed_as_it_stands: bool
