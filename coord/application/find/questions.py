"""What can be looked for everywhere at once: the question, and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypedDict
from uuid import UUID

from coord.application.case.questions import ForTheSchool
from coord.application.declared import Question, question
from coord.application.shown import Author, Shown
from coord.application.timeline.questions import EntryKind
from coord.domain.actors import Discipline, Relation, Role
from coord.domain.case import CaseStatus
from coord.domain.case.notes import NoteFormat
from coord.domain.permissions import works_with_children
from coord.domain.said import FLAT, INSIDE, Said

MOST_SHOWN = 20
"""Of each group. Whoever finds more has to say more."""
MOST_ENTRIES, MOST_OF_A_CHILD = 20_000, 1_000
"""Entries that one search looks through: in all, which the children share, and of one child."""


class Group(StrEnum):
    """What can be found."""

    CHILDREN = "children"
    RECORDS = "records"
    COLLEAGUES = "colleagues"
    ACTIVITIES = "activities"


@question(works_with_children, "Looked for a child, a person or words", others=True)
class Find(Question):
    """My children, colleagues, activities, and words in my children's records; all words have to be there, in any
    order.

    In the records it finds what a search of each child's timeline would find, among the newest entries: at most 20,000
    of all children, and 1,000 of each.
    """

    text: str = ""
    group: Group | None = None


class FoundChild(ForTheSchool, total=False):
    """One of my children, by name, school or class."""

    case_id: Annotated[UUID, Said(name="id")]
    status: CaseStatus
    relation: Relation | None
    full_name: Annotated[str, Said("Not for teachers")]
    birth_date: Annotated[date, Said("Not for teachers")]


class FoundEntry(TypedDict):
    """An entry of a child's timeline that has the words."""

    entry_id: Annotated[UUID, Said(name="id")]
    case_id: UUID
    preferred_name: str
    kind: EntryKind
    format: NoteFormat | None
    author: Author
    observed_from: datetime
    excerpt: Annotated[str, Said("The sentences that have the words")]
    subject_id: Annotated[UUID | None, INSIDE]
    detail: Annotated[Mapping[str, Any], INSIDE]


class FoundColleague(TypedDict):
    """Somebody who is on a care team of my children today."""

    person_id: Annotated[UUID, Said(name="id")]
    name: str
    role: Role
    discipline: Discipline | None
    children: Annotated[Mapping[UUID, str], Said("Children whom we both work with: at most three, by id")]
    more: Annotated[int, Said("How many children more")]


class FoundActivity(TypedDict):
    """An activity of the library that is in use."""

    activity_id: Annotated[UUID, Said(name="id")]
    title: str
    purpose: str


@dataclass(frozen=True, slots=True)
class FindAnswer:
    """What was found, at most 20 of each group."""

    children: Annotated[Sequence[FoundChild], Said("By name")]
    entries: Annotated[Sequence[FoundEntry], Said("The newest observation first")]
    colleagues: Annotated[Sequence[FoundColleague], Said("By name; none for teachers")]
    activities: Annotated[Sequence[FoundActivity], Said("By title; none for teachers")]
    more: Annotated[Sequence[Group], Said("Groups of which more was found than is told")]
    newest_only: Annotated[
        int | None, Said("So many of the newest entries of each child were looked through; null: all there are")
    ]
    shown: Annotated[Shown, FLAT]
    known: Annotated[Sequence[FoundChild], INSIDE] = ()
    """All children of the reader: by them namesakes are told apart. Of whom nothing else is shown, nothing is."""
