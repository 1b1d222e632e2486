"""Every write, as data. The name of a class is its name in the permission table, in the logs and in the docs.

Identifiers of new things are chosen by the caller (random UUIDs), so that sending a command twice is one command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from coord.domain.actors import Discipline, Relation, Role
from coord.domain.case import NoteContent, SummaryContent


class Command:
    """A wish to change something. Executed through `Doors.execute` alone."""


class CaseCommand(Command):
    """A command about one child; the door loads the case and checks the relation to it."""

    case_id: UUID


class CourseCommand(Command):
    """A command about one course (a therapeutic group); the door loads it and checks the relation to it.

    ``expected_version``, where there is one, is the version of the course that one saw: `Stale` is raised when the part
    concerned has changed since; None does not ask.
    """

    course_id: UUID


@dataclass(frozen=True, slots=True)
class OpenCase(Command):
    """Open a child's case. The therapist who opens it is on the care team from today."""

    case_id: UUID
    preferred_name: str
    full_name: str
    birth_date: date | None
    languages: Sequence[str] = ()
    school: str = ""
    school_class: str = ""
    team: str = ""
    """The service team; the actor's own, if empty. A case is opened in one's own service team only."""
    confirmed: Sequence[str] = ()
    """That there may be a record of the child already is asked about."""


@dataclass(frozen=True, slots=True)
class CorrectDetails(CaseCommand):
    """Correct details of the child. ``changes`` has some of the names of `Details`; ``birth_date`` is a date."""

    case_id: UUID
    expected_version: int
    changes: Mapping[str, object]
    reason: str


@dataclass(frozen=True, slots=True)
class CloseCase(CaseCommand):
    """Close the case, saying why. What is left open is asked about."""

    case_id: UUID
    reason: str
    confirmed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ReopenCase(CaseCommand):
    """Reopen a closed case, saying why."""

    case_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class AddToTeam(CaseCommand):
    """Put a person on the care team; both days are included, ``since`` is today if None. It takes no day away from who
    is there already: what overlaps becomes one stay, or gives way where they are to be something else."""

    case_id: UUID
    person_id: UUID
    relation: Relation
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class NameInCircle(CaseCommand):
    """Name somebody around the child who has no account, with what they are to the child; the same id again is once."""

    case_id: UUID
    person_id: UUID
    name: str
    relation: str


@dataclass(frozen=True, slots=True)
class CorrectInCircle(CaseCommand):
    """Put right name or relation of somebody in the circle, or take them off the list; what is None stays."""

    case_id: UUID
    person_id: UUID
    expected_version: int | None
    reason: str
    name: str | None = None
    relation: str | None = None
    listed: bool | None = None


@dataclass(frozen=True, slots=True)
class JoinNameToCircle(CaseCommand):
    """Say who of the circle a name is that was only typed; None takes an earlier joining apart."""

    case_id: UUID
    written: str
    person_id: UUID | None


@dataclass(frozen=True, slots=True)
class ChangeOnTeam(CaseCommand):
    """Change a stay on the care team: its last day (``until``, or none with ``open_end``), or what the person is from
    the day ``start`` on (today if None). ``since`` is its first day; the present one, or else the next, if None."""

    case_id: UUID
    person_id: UUID
    since: date | None = None
    until: date | None = None
    open_end: bool = False
    relation: Relation | None = None
    start: date | None = None


@dataclass(frozen=True, slots=True)
class RemoveFromTeam(CaseCommand):
    """Take a person off the care team at once, also off what is to come; or only the stay that begins on ``since``.
    What they would leave behind is asked about."""

    case_id: UUID
    person_id: UUID
    since: date | None = None
    confirmed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SaveDraft(CaseCommand):
    """Keep unsigned words for their author alone. ``kind`` is ``note``, ``summary``, ``addendum`` or ``amendment``;
    ``body`` is what the form holds, of the last two with the ``note`` that they are about.

    ``expected_revision`` is the revision that the page started from (0: none yet); another tab having saved since is
    `Stale`. None saves in any case.
    """

    case_id: UUID
    draft_id: UUID
    kind: str
    body: Mapping[str, object]
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class DiscardDraft(CaseCommand):
    """Throw one's own draft away."""

    case_id: UUID
    draft_id: UUID


@dataclass(frozen=True, slots=True)
class SignNote(CaseCommand):
    """Sign a note. A draft with the same id by the same author is used up by it, and gives ``recorded_at``.

    Sent twice with the same id and content it is one note; with other content it is `Conflict` ``id-taken``. ``new`` is
    for an id that was made for this very command: there can be no draft or note of that id yet, and none is looked for.
    A note that its author seems to have signed already is asked about; ``confirmed`` are the answers.
    """

    case_id: UUID
    note_id: UUID
    content: NoteContent
    new: bool = False
    confirmed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CosignNote(CaseCommand):
    """Attest the note of a student or assistant. ``expected_version`` is the version one read, so that no text is
    attested that was corrected meanwhile; None attests whatever stands."""

    case_id: UUID
    note_id: UUID
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class EntrustCosignature(CaseCommand):
    """Let somebody co-sign a note whose discipline has nobody left who could: a therapist of another discipline on the
    care team, or the actor themselves, who leads the service team. ``expected_version`` is the version one read."""

    case_id: UUID
    note_id: UUID
    person_id: UUID
    reason: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class AddAddendum(CaseCommand):
    """Add to a signed note what was not known then. ``addendum_id`` makes a repeated post one addendum.

    ``draft_id`` names the draft that it uses up, if there is one.
    """

    case_id: UUID
    note_id: UUID
    addendum_id: UUID
    text: str
    draft_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AmendNote(CaseCommand):
    """Correct one's own note. ``sections`` is the whole new text; ``expected_version`` the note's version one saw.

    ``draft_id`` names the draft that it uses up, if there is one.
    """

    case_id: UUID
    note_id: UUID
    expected_version: int
    sections: Mapping[str, str]
    reason: str
    draft_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CorrectNoteCircumstances(CaseCommand):
    """Correct when, where or with whom one's own note was observed. All of it is given, as it is to stand; an end that
    is left out is the beginning. ``expected_version`` is the note's version one saw."""

    case_id: UUID
    note_id: UUID
    expected_version: int
    observed_from: datetime | None
    observed_to: datetime | None
    setting: str
    present: Sequence[str]
    reason: str


@dataclass(frozen=True, slots=True)
class EnterNoteInError(CaseCommand):
    """Mark a note as one that should never have existed."""

    case_id: UUID
    note_id: UUID
    reason: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class ChangeNoteAudience(CaseCommand):
    """Let others read a note, or fewer."""

    case_id: UUID
    note_id: UUID
    audience: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class PublishSummary(CaseCommand):
    """Publish a version of the school summary. ``expected_version`` is the one that it replaces (0: the first).

    ``draft_id`` names the draft that it uses up, if there is one; ``seen`` is the place in the record at which its
    writer saw the entries that it rests on: one whose text was corrected since is refused. None asks for nothing.
    """

    case_id: UUID
    expected_version: int
    content: SummaryContent
    draft_id: UUID | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class RecallSummary(CaseCommand):
    """Take the published summary back, saying why: the ``version``, by default the one that the school reads, or the
    one to come, where it never had one."""

    case_id: UUID
    reason: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RegisterPerson(Command):
    """Register a person; the account (password) is made beside it in the office. ``confirmed`` answers what was asked
    about a service team that nobody is in yet."""

    person_id: UUID
    name: str
    email: str
    role: Role
    discipline: Discipline | None = None
    team: str = ""
    confirmed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ChangePersonRole(Command):
    """Give a person another role or discipline."""

    person_id: UUID
    role: Role
    discipline: Discipline | None = None


@dataclass(frozen=True, slots=True)
class MovePerson(Command):
    """Put a person into another service team. ``confirmed`` answers what was asked about one that nobody is in yet."""

    person_id: UUID
    team: str
    confirmed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ChangePersonEmail(Command):
    """Give a person another email address; the account in the office follows it."""

    person_id: UUID
    email: str


@dataclass(frozen=True, slots=True)
class DisablePerson(Command):
    """Take a person's access away, at once and everywhere. What they leave behind is asked about."""

    person_id: UUID
    reason: str
    confirmed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class EnablePerson(Command):
    """Give a person access again."""

    person_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class GivePassword(Command):
    """Give a person a one-time password: asked before it is made. Whoever sees children, or looks after accounts, is
    given one only after a second person has confirmed; the first time this proposes it. No password is in it."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class NoteAccountChange(Command):
    """Keep in the record what is about to be done to what a person signs in with: ``sign-ins-ended``, ``token-issued``,
    ``token-ended``; ``name`` is the token's."""

    person_id: UUID
    done: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmChange(Command):
    """Be the second person of what another one proposed; the change is made with it."""

    person_id: UUID
    proposal: int


@dataclass(frozen=True, slots=True)
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
