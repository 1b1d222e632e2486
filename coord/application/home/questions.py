"""What can be asked about all children that one works with: the question, and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, TypedDict
from uuid import UUID

from coord.application.case.questions import ForTheSchool
from coord.application.declared import Question, question
from coord.application.looking import Purpose
from coord.application.notes.questions import DraftKind
from coord.application.shown import AlertShown, Shown
from coord.application.waiting.questions import WaitingAnswer
from coord.domain.actors import Discipline, Relation
from coord.domain.case import CaseStatus, SummaryStatus
from coord.domain.permissions import (
    anyone_signed_in,
    teacher,
)
from coord.domain.said import FLAT, INSIDE, Said


@question(anyone_signed_in, "Looked at the home page", others=True)
class ReadCaseload(Question):
    """My children, what is new since my last visit to each, my drafts, what awaits my co-signature.

    With ``cards``, for a teacher: what helps each pupil, and the goals that they rate. ``kept`` is a goal and what they
    just observed of it, to be told once more. ``waiting`` is how much of what waits is shown, the most urgent first.
    """

    cards: bool = False
    waiting: int = 0
    kept: tuple[UUID, UUID] | None = None


@question(teacher, "Opened the page for a supply teacher", others=True, purpose=Purpose.EXPORT)
class ReadForSupply(Question):
    """What must be known of my pupils, what helps and what to avoid, of one class of a school or of all: a page to
    print for who stands in for me. No summary that I may not read is on it, nor how to reach anybody."""

    school: str | None = None
    school_class: str | None = None


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
    cards: Annotated[Mapping[UUID, Pupil], INSIDE] = field(default_factory=dict)
    kept: Annotated[Kept | None, INSIDE] = None
    waiting: Annotated[WaitingAnswer | None, INSIDE] = None


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


# ---- for a teacher -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PupilGoal:
    """A goal to rate: the words of its levels, by level as text, or None where it has no scale."""

    id: UUID
    statement: str
    levels: Mapping[str, str] | None
    scale_version: int


@dataclass(frozen=True, slots=True)
class Pupil:
    """The card of a pupil: what must be known first, what helps and what to avoid by the summary in force, the first
    goals to rate, and how many more there are."""

    alerts: Sequence[AlertShown]
    helps: Sequence[str]
    avoid: Sequence[str]
    goals: Sequence[PupilGoal]
    more_goals: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What was just observed of a goal."""

    level: int | None
    support: str


@dataclass(frozen=True, slots=True)
class SupplyPupil:
    """A pupil on the page for a supply teacher; ``has_summary`` is whether there is one in force."""

    case_id: UUID
    preferred_name: str
    school: str
    school_class: str
    alerts: Sequence[AlertShown]
    helps: Sequence[str]
    avoid: Sequence[str]
    has_summary: bool
    out_of_date: bool


@dataclass(frozen=True, slots=True)
class SupplyAnswer:
    """The page for a supply teacher: until when it is good, and which classes it is of (school, class)."""

    pupils: Sequence[SupplyPupil]
    good_until: date
    classes: Sequence[tuple[str, str]]
    shown: Shown


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
