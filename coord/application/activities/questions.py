"""Looks into the library, with the shapes of their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal, TypedDict
from uuid import UUID

from coord.application.declared import Question, question
from coord.application.looking import Purpose
from coord.application.shown import CURSOR_OF_THE_NEXT, Shown
from coord.domain.activity import OLDEST, YOUNGEST, ActivityText
from coord.domain.actors import By
from coord.domain.permissions import clinician
from coord.domain.said import FLAT, Said


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """What to leave out. ``age`` is that of a child whom it should suit; ``cognitive``, ``motor`` and ``communication``
    are the most that it may demand; ``status`` is in-use, retired or all."""

    text: str = ""
    kind: str = ""
    skill: str = ""
    icf: str = ""
    age: Annotated[int | None, Said(least=YOUNGEST, most=OLDEST)] = None
    cognitive: str = ""
    motor: str = ""
    communication: str = ""
    status: str = "in-use"


@question(clinician, "Searched the activity library", purpose=Purpose.SERVICE)
class SearchActivities(Question):
    """A page of the activity library, by title."""

    filter: Annotated[ActivityFilter, FLAT] = field(default_factory=ActivityFilter)
    cursor: str = ""
    limit: int = 20


@question(clinician, "Read an activity", purpose=Purpose.SERVICE)
class ReadActivity(Question):
    """One activity with all its versions."""

    activity_id: UUID


class Activity(ActivityText):
    """An activity as it stands."""

    activity_id: Annotated[UUID, Said(name="id")]
    status: Literal["in-use", "retired"]
    version: Annotated[int, Said("What the next edit has to name in If-Match")]
    text_version: Annotated[int, Said("The number of its text")]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ActivitiesAnswer:
    """A page of the library, by title."""

    items: Sequence[Activity]
    next: Annotated[str | None, Said(CURSOR_OF_THE_NEXT)]
    count: Annotated[int, Said("How many fit in all")]
    shown: Annotated[Shown, FLAT]


class ActivityChange(TypedDict):
    """Something that happened to an activity; with its text, where that is a new one."""

    what: Literal["written", "revised", "retired", "restored"]
    version: int
    text_version: int | None
    by: By
    at: datetime
    reason: str
    content: ActivityText | None


@dataclass(frozen=True, slots=True)
class ActivityAnswer:
    """An activity with everything that happened to it, the newest first."""

    activity: Annotated[Activity, FLAT]
    changes: Sequence[ActivityChange]
    may: Annotated[frozenset[str], Said("Commands that you could carry out on it now")]
    shown: Annotated[Shown, FLAT]

    @property
    def version(self) -> int:
        """What the next edit has to name."""
        return self.activity["version"]
