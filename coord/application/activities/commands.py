"""Changes to the library."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from coord.application.commands import Command
from coord.domain.activity import ActivityContent


@dataclass(frozen=True, slots=True)
class WriteActivity(Command):
    """Add an activity to the library. Sent twice with the same id and content it is one activity."""

    activity_id: UUID
    content: ActivityContent


@dataclass(frozen=True, slots=True)
class ReviseActivity(Command):
    """Improve an activity: ``content`` is the whole new text, ``expected_version`` the version one saw."""

    activity_id: UUID
    expected_version: int
    content: ActivityContent
    reason: str


@dataclass(frozen=True, slots=True)
class RetireActivity(Command):
    """Take an activity out of use, saying why. What was done with it stays."""

    activity_id: UUID
    reason: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class RestoreActivity(Command):
    """Offer a retired activity again, saying why."""

    activity_id: UUID
    reason: str
    expected_version: int | None = None
