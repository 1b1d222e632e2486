"""Looks into the library, with the shapes of their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from coord.application.declared import Question, question
from coord.application.looking import Purpose
from coord.application.questions import Shown
from coord.domain.permissions import clinician


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """What to leave out. ``age`` is that of a child whom it should suit; ``cognitive``, ``motor`` and ``communication``
    are the most that it may demand; ``status`` is in-use, retired or all."""

    text: str = ""
    kind: str = ""
    skill: str = ""
    icf: str = ""
    age: int | None = None
    cognitive: str = ""
    motor: str = ""
    communication: str = ""
    status: str = "in-use"


@question(clinician, "Searched the activity library", purpose=Purpose.SERVICE)
class SearchActivities(Question):
    """A page of the activity library, by title."""

    filter: ActivityFilter = field(default_factory=ActivityFilter)
    cursor: str = ""
    limit: int = 20


@question(clinician, "Read an activity", purpose=Purpose.SERVICE)
class ReadActivity(Question):
    """One activity with all its versions."""

    activity_id: UUID


@dataclass(frozen=True, slots=True)
class ActivitiesAnswer:
    """``items``: activities as mappings of `ActivityText` with activity_id, status, version, text_version and
    changed_at. ``next`` is the cursor of the next page, or empty; ``count`` how many fit the filter in all."""

    items: Sequence[Mapping[str, Any]]
    next: str
    count: int
    shown: Shown


@dataclass(frozen=True, slots=True)
class ActivityAnswer:
    """``activity`` as in `ActivitiesAnswer`. ``changes``, the newest first: what (written, revised, retired, restored),
    by, at, reason, version, text_version, and ``content`` where there is a new text. ``may``: names of the commands
    that this person could carry out on it now."""

    activity: Mapping[str, Any]
    changes: Sequence[Mapping[str, Any]]
    may: frozenset[str]
    shown: Shown
