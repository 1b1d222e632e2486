"""What can be asked for a complaint file: that one is wanted, what stands in it, chapter by chapter, and the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from coord.application.declared import CaseQuestion, Reason, question
from coord.application.looking import Category, Purpose
from coord.application.shown import OfACase, Shown
from coord.domain.permissions import leads_service_team


class Chapter(StrEnum):
    """What stands in the file, in its order."""

    CHILD = "child"
    SUMMARIES = "summaries"
    GOALS = "goals"
    ENTRIES = "entries"
    CHANGES = "changes"
    LOOKS = "looks"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a file holds: the record as it was known at the moment ``at`` (a ``position`` of it), and the looks
    until ``asked_at``. ``reader`` is with whose eyes; None is all that whoever asks may read."""

    reader: UUID | None
    at: datetime
    position: int
    asked_at: datetime


@question(leads_service_team, "Looked at whom a complaint file can be for", shows=(Category.IDENTITY,))
class ReadComplaintFiles(CaseQuestion):
    """For whom one can ask for the child's complaint file: who is or was on the care team, or changed something."""


@question(
    leads_service_team,
    "Asked for the complaint file",
    shows=(Category.IDENTITY, Category.RECORD),
    purpose=Purpose.EXPORT,
)
class AskForComplaintFile(CaseQuestion):
    """That a complaint file is wanted, and why: recorded before anything of it is made."""

    reason: Reason
    reader: UUID | None = None
    """With whose eyes the record is read; left out, all that whoever asks may read."""
    as_of: datetime | None = None
    """As the record was known then; left out, now."""


@question(leads_service_team, "Read for the complaint file", shows=(Category.IDENTITY,), purpose=Purpose.EXPORT)
class ReadForComplaintFile(CaseQuestion):
    """A part of one chapter, while the file is made: newest first."""

    extent: Extent
    chapter: Chapter
    cursor: str = ""
    limit: int = 150


@dataclass(frozen=True, slots=True)
class Held:
    """What a file that was made holds: the ``entries`` whose words are in it, as they were readable at ``position`` (of
    the record, when its first part was read) to who asked for it, who was of this ``discipline``."""

    position: int
    discipline: str | None
    entries: frozenset[UUID]


@question(
    leads_service_team, "Took the complaint file", shows=(Category.IDENTITY, Category.RECORD), purpose=Purpose.EXPORT
)
class TakeComplaintFile(CaseQuestion):
    """That a file which is ready leaves; only whoever asked for it is given it, as long as they may read all of it."""

    file_id: UUID
    extent: Extent
    export: str
    """``pdf`` or ``data``."""
    held: Held | None
    """None where nobody knows what it holds."""


@dataclass(frozen=True, slots=True)
class ReadersAnswer(OfACase):
    """Whom one may choose as the reader, as person_id and name."""

    readers: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made."""

    case_id: UUID
    preferred_name: str
    reason: str
    extent: Extent
    shown: Shown


@dataclass(frozen=True, slots=True)
class ChapterAnswer:
    """Rows of a chapter, each as the area that they are of tells them; and who reads, as they were then."""

    case_id: UUID
    preferred_name: str
    reader: Mapping[str, Any]
    """name, role, discipline, ``as_school``."""
    rows: Sequence[Mapping[str, Any]]
    next: str | None
    holds: frozenset[UUID]
    """Entries, and goals, whose words are in these rows."""
    shown: Shown


@dataclass(frozen=True, slots=True)
class TakenAnswer:
    """Whose file it is."""

    case_id: UUID
    preferred_name: str
    shown: Shown
