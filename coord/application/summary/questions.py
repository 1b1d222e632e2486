"""What can be asked about the school summary: questions, and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, TypedDict
from uuid import UUID

from coord.application.case.questions import ChildDetails
from coord.application.declared import CaseQuestion, question
from coord.application.looking import Category
from coord.application.shown import Shown
from coord.application.timeline.questions import TimelineEntry
from coord.domain.actors import By, Relationship
from coord.domain.case import SummaryStatus
from coord.domain.case.strategies import Outcome
from coord.domain.note_template import WrittenIn
from coord.domain.permissions import (
    anyone_who_knows_the_child,
    therapist_or_lead_of_the_child,
)
from coord.domain.said import FLAT, INSIDE, Said


@question(anyone_who_knows_the_child, "Read the school summary", shows=(Category.IDENTITY, Category.SUMMARY))
class ReadSummary(CaseQuestion):
    """The school summary in force, or another ``version``."""

    version: int | None = None
    export: str = ""
    """``pdf`` when it leaves as a file; recorded as such."""


@question(
    therapist_or_lead_of_the_child,
    "Prepared the school summary",
    shows=(Category.IDENTITY, Category.NOTES, Category.GOALS, Category.STRATEGIES, Category.SUMMARY),
)
class ReadSummarySources(CaseQuestion):
    """What one needs to write the summary: the latest one, one's draft, and the signed entries it may rest on.

    ``text`` searches among the entries, newest first; those in ``cited`` and those that the latest summary and the
    draft rest on are always among them. Each entry given counts as read.
    """

    text: str = ""
    cited: Sequence[UUID] = ()
    limit: int = 20


@dataclass(frozen=True, slots=True)
class SummaryAnswer:
    """The school summary; version 0 if none was ever published.

    What a version is, it is on the day of reading, of the clinic's calendar.
    """

    case_id: UUID
    details: Annotated[ChildDetails, INSIDE]
    version: int
    status: Annotated[str, Said(of=SummaryStatus)]
    statements: Mapping[str, Sequence[Statement]]
    contact: str
    valid_from: date | None
    review_date: date | None
    published_by: By | None
    published_at: datetime | None
    recalled_by: By | None
    recalled_at: datetime | None
    recall_reason: str
    out_of_date: Sequence[OutOfDate]
    versions: Sequence[SummaryVersion]
    relationship: Annotated[Relationship, INSIDE]
    shown: Annotated[Shown, FLAT]

    @property
    def preferred_name(self) -> Annotated[str, Said()]:
        """What the child is called."""
        return self.details["preferred_name"]


@dataclass(frozen=True, slots=True)
class SummarySourcesAnswer:
    """What one needs to write the next version: the latest one, one's draft, and the entries that it may rest on."""

    summary: SummaryAnswer
    draft: SummaryDraft | None
    sources: Sequence[TimelineEntry]
    strategies: Sequence[SchoolStrategy] = ()
    goals: Sequence[SchoolGoal] = ()

    @property
    def shown(self) -> Annotated[Shown, FLAT]:
        """As of the summary."""
        return self.summary.shown


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
    written_in: Annotated[WrittenIn | None, INSIDE]
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
