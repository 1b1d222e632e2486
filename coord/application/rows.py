"""The rows that answers are made of: what they hold, what they are called outside, and what only the pages need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TypedDict
from uuid import UUID

from coord.domain.actors import Discipline, Relation, Role
from coord.domain.case import CaseStatus, SummaryStatus
from coord.domain.said import Said


class DraftKind(StrEnum):
    """What unsigned words are to become."""

    NOTE = "note"
    SUMMARY = "summary"
    ADDENDUM = "addendum"
    AMENDMENT = "amendment"


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


class OnTheTeam(TypedDict):
    """A stay on the care team: one that is over, the present one, or one to come. A person may have several."""

    person_id: UUID
    name: str
    role: Role
    discipline: Discipline | None
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
