"""The school summary: one calm page for the teacher, each statement resting on signed entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from coord.domain.actors import Actor
from coord.domain.case.aggregate import Case
from coord.domain.case.notes import Note
from coord.domain.errors import Conflict, Stale
from coord.domain.events import CoordEvent
from coord.domain.input import REASON, STATEMENT, Input

SECTIONS: tuple[str, ...] = (
    "strengths",
    "helps",
    "avoid",
    "overload-signs",
    "overload-response",
    "aims",
    "lessons",
    "transitions",
    "playground",
)
"""In the order in which a teacher reads them: strengths first."""

REQUIRED_SECTIONS = ("strengths", "helps")
LIMITS: dict[str, int] = {"helps": 5}  # "what helps" has at most five, or nobody does any of them
DEFAULT_LIMIT = 8


class Source(TypedDict):
    """A signed entry that a statement rests on: the note and the number of its text when it was cited."""

    note: str
    text_version: int


class Statement(TypedDict):
    """One sentence or two for the teacher, with what it rests on (may be nothing)."""

    text: str
    sources: list[Source]


@dataclass(frozen=True, slots=True)
class SummaryContent:
    """What a professional publishes. ``statements`` maps a section to (text, cited notes) pairs, in order."""

    statements: Mapping[str, Sequence[tuple[str, Sequence[UUID]]]]
    contact: str
    valid_from: date | None
    review_date: date | None


class SummaryPublished(CoordEvent):
    """A version of the school summary was approved and published."""

    TOPIC = "case.summary-published.v1"
    version: int
    statements: dict[str, list[Statement]]
    contact: str
    valid_from: str
    review_date: str
    signed_at: datetime

    def apply(self, aggregate: Case) -> None:
        """This version is the one in force."""
        aggregate.summary_version, aggregate.summary_status = self.version, "published"


class SummaryRecalled(CoordEvent):
    """The published summary was taken back; those who read it are known from the access record."""

    TOPIC = "case.summary-recalled.v1"
    version: int
    reason: str

    def apply(self, aggregate: Case) -> None:
        """No version is in force."""
        aggregate.summary_status = "recalled"


def publish(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    today: date,
    expected_version: int,
    content: SummaryContent,
    notes: Mapping[UUID, Note],
    corrected: Set[UUID] = frozenset(),
) -> None:
    """Publish a new version. ``notes`` are the cited entries that this actor may read; nobody rests a statement on a
    text that they have not seen, as on those ``corrected`` since.

    ``expected_version`` is the version that the person started from (0 for the first). Raises `Stale`, `Conflict` when
    the case is closed, and `InvalidInput`.
    """
    case.refuse_if_closed()
    if expected_version != case.summary_version:
        raise Stale(case.summary_version, ["summary"])
    check = Input()
    statements = _checked_statements(check, content, notes, corrected)
    contact = check.text("/contact", content.contact, limit=STATEMENT)
    valid_from = content.valid_from.isoformat() if content.valid_from else ""
    review_date = content.review_date.isoformat() if content.review_date else ""
    if content.valid_from is None:
        check.problem("/valid_from", "missing")
    if content.review_date is None:
        check.problem("/review_date", "missing")
    elif content.valid_from is not None and content.review_date <= content.valid_from:
        check.problem("/review_date", "before-the-start")
    elif content.review_date < today:
        check.problem("/review_date", "in-the-past")
    check.refuse_if_any()
    case.trigger_event(
        SummaryPublished,
        timestamp=at,
        by=actor.by(),
        version=case.summary_version + 1,
        statements=statements,
        contact=contact,
        valid_from=valid_from,
        review_date=review_date,
        signed_at=at,
    )


def recall(case: Case, *, at: datetime, actor: Actor, reason: str) -> None:
    """Take the published summary back, saying why. Raises `Conflict` when none is published."""
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    if case.summary_status != "published":
        raise Conflict("no-summary-published")
    case.trigger_event(SummaryRecalled, timestamp=at, by=actor.by(), version=case.summary_version, reason=reason)


def _checked_statements(
    check: Input, content: SummaryContent, notes: Mapping[UUID, Note], corrected: Set[UUID]
) -> dict[str, list[Statement]]:
    for section in content.statements:
        if section not in SECTIONS:
            check.problem(f"/statements/{section}", "unknown-section", choices=list(SECTIONS))
    clean: dict[str, list[Statement]] = {}
    for section in SECTIONS:
        given = content.statements.get(section, ())
        limit = LIMITS.get(section, DEFAULT_LIMIT)
        if len(given) > limit:
            check.problem(f"/statements/{section}", "too-many", limit=limit)
            continue
        kept: list[Statement] = []
        for i, (text, cited) in enumerate(given):
            pointer = f"/statements/{section}/{i}"
            cleaned = check.text(f"{pointer}/text", text, limit=STATEMENT)
            sources: list[Source] = []
            for j, note_id in enumerate(cited):
                note = notes.get(note_id)
                if note is None:
                    check.problem(f"{pointer}/sources/{j}", "no-such-source")
                elif note.status == "entered-in-error":
                    check.problem(f"{pointer}/sources/{j}", "source-in-error")
                elif note_id in corrected:
                    check.problem(f"{pointer}/sources/{j}", "source-corrected")
                else:
                    sources.append({"note": str(note_id), "text_version": note.text_version})
            kept.append({"text": cleaned, "sources": sources})
        if kept:
            clean[section] = kept
        elif section in REQUIRED_SECTIONS:
            check.problem(f"/statements/{section}", "missing")
    return clean
