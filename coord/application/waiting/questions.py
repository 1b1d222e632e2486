"""What waits for somebody: the question, and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from coord.application.declared import Question, question
from coord.application.shown import CURSOR_OF_THE_NEXT, Shown
from coord.domain.permissions import anyone_signed_in
from coord.domain.said import FLAT, INSIDE, Said


class WaitingKind(StrEnum):
    """What is to be done about a thing that waits; in this order, where nothing else says which comes first."""

    ALERT = "alert"
    COSIGNATURE = "cosignature"
    NOBODY_COSIGNS = "nobody-cosigns"
    SESSION = "session"
    RECORDINGS = "recordings"
    PROPOSAL = "proposal"
    PASSWORD = "password"  # noqa: S105 - what is to be done, not one
    ACCOUNT = "account"
    SUMMARY = "summary"
    GOAL_REVIEW = "goal-review"
    GOAL_AGREEMENT = "goal-agreement"
    COMPLAINT_FILE = "complaint-file"
    DRAFT = "draft"
    DRAFT_LEFT = "draft-left"


class Urgency(StrEnum):
    """How soon, the most urgent first: its day has passed, is within the next seven, or there is none that near."""

    OVERDUE = "overdue"
    SOON = "soon"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits. What its id is of, the kind says: a note, a goal, an alert, a draft, a course, a file, or
    the person whose account it is; a summary has none, for each child has one."""

    kind: Annotated[WaitingKind, Said("What is to be done", open=True)]
    urgency: Urgency
    id: UUID | None
    since: Annotated[datetime | None, Said("When it began to wait; null where nobody can say")]
    due: Annotated[date | None, Said("The day by which it should be done, or is over")] = None
    case_id: Annotated[UUID | None, Said("The child whom it is about")] = None
    preferred_name: Annotated[str, Said("What the child is called; empty where it is about no child")] = ""
    person_name: Annotated[str, Said("The colleague whom it is about: who wrote the note, whose account it is")] = ""
    text: Annotated[str, Said("Words of it: of the goal, the alert, the draft; of a course its title")] = ""
    number: Annotated[int | None, Said("Of a session in its course, of a proposal, of a person's account changes")] = (
        None
    )
    detail: Annotated[
        str,
        Said("Of a draft its kind, of a proposal what changes, of a file what became of it, of a summary why"),
    ] = ""
    note_id: Annotated[UUID | None, Said("The note that the draft of an addendum or amendment is about")] = None


@question(anyone_signed_in, "Looked at what waits for them", others=True)
class ReadWaiting(Question):
    """What waits for me, the most urgent first.

    ``kind`` and ``child`` narrow it; ``cursor`` is where the page before ended. With ``choices`` also what it can be
    narrowed to.
    """

    kind: WaitingKind | None = None
    child: UUID | None = None
    cursor: str = ""
    limit: int | None = None
    choices: bool = False


@dataclass(frozen=True, slots=True)
class WaitingAnswer:
    """What waits for you, and apart what of yours waits for others."""

    items: Sequence[Waiting]
    total: Annotated[int, Said("How many there are on all pages together")]
    for_others: Annotated[
        Sequence[Waiting],
        Said("Notes of yours that await somebody else's co-signature, on the first page: nothing is to be done by you"),
    ]
    next: Annotated[str | None, Said(CURSOR_OF_THE_NEXT)]
    shown: Annotated[Shown, FLAT]
    kinds: Annotated[Sequence[WaitingKind], INSIDE] = ()
    """Those that there are, whatever is narrowed to."""
    children: Annotated[Sequence[Mapping[str, object]], INSIDE] = ()
    """All whom you know, with what tells namesakes apart; ``listed`` are those whom something is about, where the
    choices were asked for."""
