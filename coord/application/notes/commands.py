"""What can be done with a note and its drafts: commands, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from coord.application.declared import CaseCommand, Makes, Reason, command
from coord.domain.case import Audience, NoteContent, Setting, notes
from coord.domain.case.goals.wording import Context, Support
from coord.domain.case.notes import Sections
from coord.domain.input import LONG
from coord.domain.permissions import (
    leads_service_team,
    therapist_or_lead_of_the_child,
    whose_draft_it_is,
    writes_to_the_child,
)
from coord.domain.said import INSIDE, Said


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


MOST_RATINGS = 12


@dataclass(frozen=True, slots=True)
class RatingInNote:
    """A goal rated in the signature of a note: the level, the help that was needed, or both. It was seen when the note
    begins, by who writes it, and is an observation of its own from then on."""

    goal_id: UUID
    level: Annotated[int | None, Said("On the goal's scale; unrated is not zero", least=-2, most=2, null=True)] = None
    support: Annotated[str, Said("The help that was needed", of=Support, null=True)] = ""
    context: Annotated[str, Said("Where; if left out, what the note's setting says", of=Context, null=True)] = ""
    scale_version: Annotated[
        int | None,
        Said("Of the scale that you read the level on; refused if it is another now", least=1, most=10_000, null=True),
    ] = None


Ratings = Annotated[Sequence[RatingInNote], Said("Goals rated in the same signature", most=MOST_RATINGS)]


@command(writes_to_the_child, "Tried to sign a note", makes="note_id")
class SignNote(CaseCommand):
    """Sign a note. A draft with the same id by the same author is used up by it, and gives ``recorded_at``.

    ``new`` is for an id that was made for this very command: there can be no draft or note of that id yet, and none is
    looked for. A note that its author seems to have signed already is asked about; ``confirmed`` are the answers.

    The ``ratings`` are recorded together with the note, or nothing is: each is decided as an observation of its goal
    (`ObserveGoal`) that comes from the note, and is corrected apart from it afterwards.
    """

    note_id: UUID
    content: NoteContent
    new: bool = False
    confirmed: Sequence[str] = ()
    ratings: Ratings = ()
    in_part: bool = False
    """Whether the note alone is sent again, whatever was rated with it (the draft is gone that told it)."""


@command(therapist_or_lead_of_the_child, "Tried to co-sign a note", notes.cosign)
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


@command(writes_to_the_child, "Tried to amend a note", notes.amend)
class AmendNote(CaseCommand):
    """Correct one's own note. ``sections`` is the whole new text; ``expected_version`` the note's version one saw.

    ``draft_id`` names the draft that it uses up, if there is one.
    """

    note_id: UUID
    expected_version: int
    sections: Sections
    reason: Reason
    draft_id: Annotated[UUID | None, INSIDE] = None


@command(writes_to_the_child, "Tried to correct the time, setting or people of a note", notes.correct_circumstances)
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


@command(writes_to_the_child, "Tried to mark a note as entered in error", notes.enter_in_error)
class EnterNoteInError(CaseCommand):
    """Mark a note as one that should never have existed."""

    note_id: UUID
    reason: Reason
    expected_version: int | None = None


@command(writes_to_the_child, "Tried to change the audience of a note", notes.change_audience)
class ChangeNoteAudience(CaseCommand):
    """Let others read a note, or fewer."""

    note_id: UUID
    audience: Annotated[str, Said(of=Audience)]
    expected_version: int | None = None
