"""What can be done with a child's case, care team and circle: commands, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from coord.application.declared import CaseCommand, Command, Makes, Reason, command
from coord.domain.actors import Relation
from coord.domain.case.alerts import AlertContent
from coord.domain.case.circle import Kinship
from coord.domain.input import REASON, SHORT
from coord.domain.permissions import (
    clinician_of_the_child,
    opens_cases,
    therapist_or_lead_of_the_child,
)
from coord.domain.said import FLAT, Said


@command(opens_cases, "Tried to open a case", makes="case_id")
class OpenCase(Command):
    """Open a child's case. The therapist who opens it is on the care team from today."""

    case_id: UUID
    preferred_name: Annotated[str, Said("What the child is called", most=SHORT)]
    full_name: Annotated[str, Said(most=SHORT)]
    birth_date: date | None
    languages: Annotated[Sequence[str], Said("Spoken at home; at most ten")] = ()
    school: Annotated[str, Said(most=SHORT)] = ""
    school_class: Annotated[str, Said(most=SHORT)] = ""
    team: Annotated[str, Said("The service team, your own if left out", most=SHORT)] = ""
    """A case is opened in one's own service team only."""
    confirmed: Sequence[str] = ()
    """That there may be a record of the child already is asked about."""


@command(therapist_or_lead_of_the_child, "Tried to correct details")
class CorrectDetails(CaseCommand):
    """Correct details of the child. ``changes`` has some of the names of `Details`; ``birth_date`` is a date."""

    expected_version: int
    changes: Mapping[str, object]
    reason: Reason


@command(therapist_or_lead_of_the_child, "Tried to close the case")
class CloseCase(CaseCommand):
    """Close the case, saying why. What is left open is asked about."""

    reason: Reason
    confirmed: Sequence[str] = ()


@command(therapist_or_lead_of_the_child, "Tried to reopen the case")
class ReopenCase(CaseCommand):
    """Reopen a closed case, saying why."""

    reason: Reason


@command(therapist_or_lead_of_the_child, "Tried to change the care team")
class AddToTeam(CaseCommand):
    """Put a person on the care team; both days are included, ``since`` is today if None. It takes no day away from who
    is there already: what overlaps becomes one stay, or gives way where they are to be something else."""

    person_id: UUID
    relation: Relation
    since: Annotated[date | None, Said("Today, if left out")] = None
    until: Annotated[date | None, Said("The last day, if it is known")] = None


@command(clinician_of_the_child, "Tried to name somebody around the child", makes=Makes("person_id", within="case_id"))
class NameInCircle(CaseCommand):
    """Name somebody around the child who has no account, with what they are to the child."""

    person_id: UUID
    name: Annotated[str, Said("What they are called", most=SHORT)]
    relation: Annotated[str, Said("What they are to the child", of=Kinship)]


@command(therapist_or_lead_of_the_child, "Tried to put right who is around the child")
class CorrectInCircle(CaseCommand):
    """Put right name or relation of somebody in the circle, or take them off the list; what is None stays."""

    person_id: UUID
    expected_version: int | None
    reason: Annotated[str, Said("Why", most=REASON)]
    name: Annotated[str | None, Said("What they are called", most=SHORT)] = None
    relation: Annotated[str | None, Said(of=Kinship)] = None
    listed: Annotated[bool | None, Said("False takes them off the list; what they told stays")] = None


@command(therapist_or_lead_of_the_child, "Tried to say whose a typed name is")
class JoinNameToCircle(CaseCommand):
    """Say who of the circle a name is that was only typed; None takes an earlier joining apart."""

    written: Annotated[str, Said("As it was typed; capitals and spaces make no difference", most=SHORT)]
    person_id: Annotated[UUID | None, Said("Of the circle; null takes an earlier joining apart", null=True)]


@command(therapist_or_lead_of_the_child, "Tried to change the care team")
class ChangeOnTeam(CaseCommand):
    """Change a stay on the care team: its last day (``until``, or none with ``open_end``), or what the person is from
    the day ``start`` on (today if None). ``since`` is its first day; the present one, or else the next, if None."""

    person_id: UUID
    since: date | None = None
    until: date | None = None
    open_end: bool = False
    relation: Relation | None = None
    start: date | None = None


@command(therapist_or_lead_of_the_child, "Tried to change the care team")
class RemoveFromTeam(CaseCommand):
    """Take a person off the care team at once, also off what is to come; or only the stay that begins on ``since``.
    What they would leave behind is asked about."""

    person_id: UUID
    since: date | None = None
    confirmed: Sequence[str] = ()


@command(therapist_or_lead_of_the_child, "Tried to raise an alert", makes=Makes("alert_id", within="case_id"))
class RaiseAlert(CaseCommand):
    """Say what everybody who is with the child, or the professionals alone, must know before anything else."""

    alert_id: UUID
    content: Annotated[AlertContent, FLAT]


@command(therapist_or_lead_of_the_child, "Tried to change an alert")
class ChangeAlert(CaseCommand):
    """Let an alert say something else, be for others, or be looked at on another day, saying why."""

    alert_id: UUID
    expected_version: int
    content: Annotated[AlertContent, FLAT]
    reason: Reason


@command(therapist_or_lead_of_the_child, "Tried to end an alert")
class EndAlert(CaseCommand):
    """End an alert, saying why. It stays in the record."""

    alert_id: UUID
    reason: Reason
    expected_version: int | None = None
