"""Every write, as data. The name of a class is its name in the permission table, in the logs and in the docs.

Identifiers of new things are chosen by the caller (random UUIDs), so that sending a command twice is one command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from coord.application.declared import CaseCommand, Command, Makes, Reason, command
from coord.domain.actors import Discipline, Relation, Role
from coord.domain.case import Audience, NoteContent, Setting, SummaryContent
from coord.domain.case.circle import Kinship
from coord.domain.case.notes import Sections
from coord.domain.input import LONG, REASON, SHORT
from coord.domain.permissions import (
    administrator,
    administrator_or_lead,
    clinician_of_the_child,
    leads_service_team,
    opens_cases,
    therapist_or_lead_of_the_child,
    whose_draft_it_is,
    writes_to_the_child,
)
from coord.domain.said import INSIDE, Said


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


@command(writes_to_the_child, "Tried to keep a draft")
class SaveDraft(CaseCommand):
    """Keep unsigned words for their author alone. ``kind`` is ``note``, ``summary``, ``addendum`` or ``amendment``;
    ``body`` is what the form holds, of the last two with the ``note`` that they are about.

    ``expected_revision`` is the revision that the page started from (0: none yet); another tab having saved since is
    `Stale`. None saves in any case.
    """

    draft_id: UUID
    kind: str
    body: Mapping[str, object]
    expected_revision: int | None = None


@command(whose_draft_it_is, "Tried to discard a draft", of_ones_own=True)
class DiscardDraft(CaseCommand):
    """Throw one's own draft away."""

    draft_id: UUID


@command(writes_to_the_child, "Tried to sign a note", makes="note_id")
class SignNote(CaseCommand):
    """Sign a note. A draft with the same id by the same author is used up by it, and gives ``recorded_at``.

    ``new`` is for an id that was made for this very command: there can be no draft or note of that id yet, and none is
    looked for. A note that its author seems to have signed already is asked about; ``confirmed`` are the answers.
    """

    note_id: UUID
    content: NoteContent
    new: bool = False
    confirmed: Sequence[str] = ()


@command(therapist_or_lead_of_the_child, "Tried to co-sign a note")
class CosignNote(CaseCommand):
    """Attest the note of a student or assistant. ``expected_version`` is the version one read, so that no text is
    attested that was corrected meanwhile; None attests whatever stands."""

    note_id: UUID
    expected_version: int | None = None


@command(leads_service_team, "Tried to entrust a co-signature")
class EntrustCosignature(CaseCommand):
    """Let somebody co-sign a note whose discipline has nobody left who could: a therapist of another discipline on the
    care team, or the actor themselves, who leads the service team. ``expected_version`` is the version one read."""

    note_id: UUID
    person_id: UUID
    reason: Reason
    expected_version: int | None = None


@command(writes_to_the_child, "Tried to add to a note", makes=Makes("addendum_id", within="note_id"))
class AddAddendum(CaseCommand):
    """Add to a signed note what was not known then. ``addendum_id`` makes a repeated post one addendum.

    ``draft_id`` names the draft that it uses up, if there is one.
    """

    note_id: UUID
    addendum_id: UUID
    text: Annotated[str, Said(most=LONG)]
    draft_id: Annotated[UUID | None, Said(inside=True)] = None


@command(writes_to_the_child, "Tried to amend a note")
class AmendNote(CaseCommand):
    """Correct one's own note. ``sections`` is the whole new text; ``expected_version`` the note's version one saw.

    ``draft_id`` names the draft that it uses up, if there is one.
    """

    note_id: UUID
    expected_version: int
    sections: Sections
    reason: Reason
    draft_id: Annotated[UUID | None, INSIDE] = None


@command(writes_to_the_child, "Tried to correct the time, setting or people of a note")
class CorrectNoteCircumstances(CaseCommand):
    """Correct when, where or with whom one's own note was observed. All of it is given, as it is to stand; an end that
    is left out is the beginning. ``expected_version`` is the note's version one saw."""

    note_id: UUID
    expected_version: int
    observed_from: Annotated[datetime | None, Said("When it began")]
    setting: Annotated[str, Said(of=Setting)]
    present: Annotated[Sequence[str], Said("Who was there; at most 20")]
    reason: Reason
    observed_to: Annotated[datetime | None, Said("When it ended; the beginning, if left out", null=True)] = None


@command(writes_to_the_child, "Tried to mark a note as entered in error")
class EnterNoteInError(CaseCommand):
    """Mark a note as one that should never have existed."""

    note_id: UUID
    reason: Reason
    expected_version: int | None = None


@command(writes_to_the_child, "Tried to change the audience of a note")
class ChangeNoteAudience(CaseCommand):
    """Let others read a note, or fewer."""

    note_id: UUID
    audience: Annotated[str, Said(of=Audience)]
    expected_version: int | None = None


@command(therapist_or_lead_of_the_child, "Tried to publish a school summary")
class PublishSummary(CaseCommand):
    """Publish a version of the school summary. ``expected_version`` is the one that it replaces (0: the first).

    ``draft_id`` names the draft that it uses up, if there is one; ``seen`` is the place in the record at which its
    writer saw the entries that it rests on: one whose text was corrected since is refused. None asks for nothing.
    """

    expected_version: int
    content: SummaryContent
    draft_id: UUID | None = None
    seen: int | None = None


@command(therapist_or_lead_of_the_child, "Tried to recall a school summary")
class RecallSummary(CaseCommand):
    """Take the published summary back, saying why: the ``version``, by default the one that the school reads, or the
    one to come, where it never had one."""

    reason: Reason
    version: int | None = None


@command(administrator, "Tried to register a person", makes="person_id")
class RegisterPerson(Command):
    """Register a person; the account (password) is made beside it in the office. ``confirmed`` answers what was asked
    about a service team that nobody is in yet."""

    person_id: UUID
    name: Annotated[str, Said(most=SHORT)]
    email: Annotated[str, Said(most=SHORT)]
    role: Role
    discipline: Annotated[Discipline | None, Said("Therapists and students have a clinical one", null=True)] = None
    team: Annotated[str, Said("The service team, or a teacher's school", most=SHORT)] = ""
    confirmed: Sequence[str] = ()


@command(administrator, "Tried to change a role")
class ChangePersonRole(Command):
    """Give a person another role or discipline."""

    person_id: UUID
    role: Role
    discipline: Discipline | None = None


@command(administrator, "Tried to move a person")
class MovePerson(Command):
    """Put a person into another service team. ``confirmed`` answers what was asked about one that nobody is in yet."""

    person_id: UUID
    team: str
    confirmed: Sequence[str] = ()


@command(administrator, "Tried to change a person's email address")
class ChangePersonEmail(Command):
    """Give a person another email address; the account in the office follows it."""

    person_id: UUID
    email: Annotated[str, Said(most=SHORT)]


@command(administrator, "Tried to disable a person")
class DisablePerson(Command):
    """Take a person's access away, at once and everywhere. What they leave behind is asked about."""

    person_id: UUID
    reason: Reason
    confirmed: Sequence[str] = ()


@command(administrator, "Tried to enable a person")
class EnablePerson(Command):
    """Give a person access again."""

    person_id: UUID
    reason: Reason


@command(administrator, "Tried to give somebody a one-time password")
class GivePassword(Command):
    """Give a person a one-time password: asked before it is made. Whoever sees children, or looks after accounts, is
    given one only after a second person has confirmed; the first time this proposes it. No password is in it."""

    person_id: UUID


@command(administrator, "Tried to change what somebody signs in with")
class NoteAccountChange(Command):
    """Keep in the record what is about to be done to what a person signs in with: ``sign-ins-ended``, ``token-issued``,
    ``token-ended``; ``name`` is the token's."""

    person_id: UUID
    done: str
    name: str = ""


@command(administrator_or_lead, "Tried to confirm a change that takes two people")
class ConfirmChange(Command):
    """Be the second person of what another one proposed; the change is made with it."""

    person_id: UUID
    proposal: int


@command(administrator_or_lead, "Tried to decline a change that takes two people")
class DeclineChange(Command):
    """Decline what another one proposed, or take one's own proposal back."""

    person_id: UUID
    proposal: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What `execute` answers: the id concerned, its version now, the position of the last event in the record.

    ``status`` is the state of the note or case after it (``draft``, ``signed``, ``awaiting-cosignature``, ...), or
    ``proposed`` for what waits for a second person;
    ``repeated`` says that the command had been carried out before and nothing was written now.
    """

    id: UUID
    version: int
    position: int
    status: str = ""
    repeated: bool = False
    detail: Mapping[str, object] = field(default_factory=dict)
