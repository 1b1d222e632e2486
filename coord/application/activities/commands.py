"""Changes to the library."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from coord.application.declared import Command, Reason, command
from coord.domain.activity import ActivityContent
from coord.domain.input import REASON
from coord.domain.permissions import therapist_or_lead
from coord.domain.said import FLAT, Said


@command(therapist_or_lead, "Tried to write an activity", makes="activity_id")
class WriteActivity(Command):
    """Add an activity to the library: ``title``, ``purpose``, ``kinds``, ``skills``, both ages, the three demands,
    ``watch`` and ``steps`` are needed."""

    activity_id: UUID
    content: Annotated[ActivityContent, FLAT]


@command(therapist_or_lead, "Tried to revise an activity")
class ReviseActivity(Command):
    """Improve an activity: ``content`` is the whole new text, ``expected_version`` the version one saw."""

    activity_id: UUID
    expected_version: int
    content: Annotated[ActivityContent, FLAT]
    reason: Annotated[str, Said("Why it is revised", most=REASON)]


@command(therapist_or_lead, "Tried to take an activity out of use")
class RetireActivity(Command):
    """Take an activity out of use, saying why. What was done with it stays."""

    activity_id: UUID
    reason: Reason
    expected_version: int | None = None


@command(therapist_or_lead, "Tried to offer an activity again")
class RestoreActivity(Command):
    """Offer a retired activity again, saying why."""

    activity_id: UUID
    reason: Reason
    expected_version: int | None = None
