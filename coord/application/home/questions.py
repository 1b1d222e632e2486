"""What can be asked about all children that one works with: the question, and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, TypedDict
from uuid import UUID

from coord.application.case.questions import ForTheSchool
from coord.application.declared import Question, question
from coord.application.notes.questions import DraftKind
from coord.application.shown import Shown
from coord.domain.actors import Discipline, Relation
from coord.domain.case import CaseStatus, SummaryStatus
from coord.domain.permissions import (
    anyone_signed_in,
)
from coord.domain.said import FLAT, Said


@question(anyone_signed_in, "Looked at the home page", others=True)
class ReadCaseload(Question):
    """My children, what is new since my last visit to each, my drafts, what awaits my co-signature."""


@dataclass(frozen=True, slots=True)
class CaseloadAnswer:
    """My children, my drafts, what I may co-sign, and what of mine waits for others."""

    children: Annotated[Sequence[MyChild], Said(name="items")]
    drafts: Sequence[MyDraft]
    awaiting: Sequence[Awaiting]
    mine_awaiting: Sequence[Awaiting]
    shown: Annotated[Shown, FLAT]
    drafts_left: Sequence[DraftLeft] = ()
    nobody_cosigns: Annotated[
        Sequence[Awaiting], Said("For the team lead: nobody on the care team can co-sign them")
    ] = ()


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
