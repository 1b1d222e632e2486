"""What can be asked about a child's timeline: questions, and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypedDict
from uuid import UUID

from coord.application.declared import CaseQuestion, question
from coord.application.looking import Category, Purpose
from coord.application.shown import Author, Shown
from coord.domain.actors import Discipline, Relationship, Role
from coord.domain.case import Audience, Setting
from coord.domain.case.notes import NoteFormat
from coord.domain.permissions import (
    anyone_who_knows_the_child,
    leads_service_team,
)
from coord.domain.said import FLAT, INSIDE, Said

FURTHER_DOWN = (
    "On a visit (the first page of all there is now): what is new since the one before and stands on a later page, at "
    "its day"
)


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """What to leave out. ``kind`` is one of `EntryKind`; ``start`` and ``end`` bound the time observed."""

    discipline: str | None = None
    setting: str | None = None
    kind: str | None = None
    author: UUID | None = None
    start: datetime | None = None
    end: datetime | None = None
    text: str = ""


@question(anyone_who_knows_the_child, "Looked at the timeline", shows=(Category.IDENTITY, Category.CARE_TEAM))
class ReadTimeline(CaseQuestion):
    """A page of the child's timeline, newest observation first. ``as_of`` is a position or a time in the past.

    The first page of all there is now is a visit: what comes later is new to this person (see `ReadCaseload`).
    """

    filter: TimelineFilter = field(default_factory=TimelineFilter)
    as_of: int | datetime | None = None
    cursor: str = ""
    limit: int = 20
    gathered: bool = False
    """The ratings of a group session stand with it, where nothing is looked for but days: who looks for words, a kind
    or a person gets each entry by itself."""


@question(
    leads_service_team,
    "Looked at the timeline as another reader",
    shows=(Category.IDENTITY, Category.CARE_TEAM),
    purpose=Purpose.REVIEW,
)
class ReadTimelineAs(CaseQuestion):
    """The timeline as ``reader`` could see it at ``as_of``; for the team lead."""

    reader: UUID | None
    """None answers only whom one may choose."""
    as_of: int | datetime | None = None
    filter: TimelineFilter = field(default_factory=TimelineFilter)
    cursor: str = ""
    limit: int = 20


@dataclass(frozen=True, slots=True)
class TimelineAnswer:
    """A page of entries, the newest observation first."""

    case_id: UUID
    preferred_name: str
    items: Sequence[TimelineEntry]
    next: Annotated[str | None, Said("The cursor of the next page")]
    shown: Annotated[Shown, FLAT]
    as_of: Annotated[int | None, Said("The position asked for, if one was", absent=True)] = None
    relationship: Annotated[Relationship, INSIDE] = field(default_factory=Relationship)
    status: Annotated[str, INSIDE] = "open"
    """Of the case, today."""
    members: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    """The care team, as in `CaseAnswer`, without who is on it today: whose entries there may be."""
    reader: Annotated[Mapping[str, Any] | None, INSIDE] = None
    """For `ReadTimelineAs`, all as of the time asked for: person_id, name, role, discipline, relation, ``active``, and
    ``knew`` (whether they knew the child)."""
    readers: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    """For `ReadTimelineAs`: whom one may choose, as person_id and name."""
    further_down: Annotated[Sequence[TimelineEntry], Said(FURTHER_DOWN)] = ()
    visited: Annotated[datetime | None, INSIDE] = None
    """On a visit: when the one before was, since when an entry is ``new``."""


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
    ALERT = "alert"


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
    sections: Annotated[
        dict[str, str],
        Said("Of a note by its sections (called in `detail.written_in`, if of a template)"),
    ]
    addenda: list[AddendumRow]
    detail: Mapping[str, object]
    worked_on: Annotated[Mapping[UUID, str], INSIDE]
    """Of a group session: the goals that it worked on without rating them, in words, for who may read them."""
    ratings: Annotated[Sequence[Mapping[str, Any]], INSIDE]
    """Of a group session and of a note, where they are gathered: the ratings that were made in it or signed with it,
    for who may read them."""
    new: Annotated[bool, INSIDE]
    """Others made or changed it, or a rating in it, since the last visit; or its day has come for the school."""
