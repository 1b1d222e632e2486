"""What a page of the timeline has inside its rows (the ratings of its sessions and notes), and what is new to the
reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from coord.application.doors import Reading
from coord.application.timeline.questions import TimelineFilter
from coord.projections import Timeline

Row = dict[str, Any]
FRAME = ("team", "case")
"""Kinds of entries that are never news."""


class Visit(NamedTuple):
    """The reader's last visit to this child's timeline: the position that it showed, and when it was."""

    position: int
    at: datetime


def gathers(wanted: TimelineFilter) -> bool:
    """Whether ratings stand with their sessions: where nothing is looked for that a rating alone may be, or have."""
    looked_for = (wanted.kind, wanted.text, wanted.author, wanted.discipline, wanted.setting)
    return not any(looked_for)


def last_visit(reading: Reading, case_id: UUID) -> Visit | None:
    """The actor's; None where all is new to them."""
    found = reading.access.last_visits(reading.actor.person_id, "ReadTimeline", [case_id]).get(case_id)
    return Visit(*found) if found else None


def with_ratings(
    reading: Reading,
    case_id: UUID,
    rows: Sequence[Row],
    as_of: int | None,
    stands: Callable[[Row], bool],
    *,
    gathered: bool,
) -> list[Row]:
    """The rows, those of sessions and notes each with its ``ratings`` that the actor may read, and of which it
    ``stands`` that they may; without them where they are not ``gathered``.

    What was rated in the signature of a note stands in the note where both are among the rows, and by itself for who
    may not read the note.
    """
    sessions = [row["entry_id"] for row in rows if row["kind"] == "group" and row["detail"]["what"] == "session"]
    found = reading.snapshot.view(Timeline).ratings_within(
        reading.snapshot.connection,
        case_id=case_id,
        actor=reading.actor,
        child=reading.child,
        sessions=sessions if gathered else (),
        as_of=as_of,
    )
    inside = {row["entry_id"]: _signed_in(row, rows) for row in rows if gathered and row["kind"] == "note"}
    elsewhere = {rating["entry_id"] for ratings in inside.values() for rating in ratings}
    ratings = inside | {session: [r for r in theirs if stands(r)] for session, theirs in found.items()}
    return [{**row, "ratings": ratings.get(row["entry_id"], [])} for row in rows if row["entry_id"] not in elsewhere]


def _signed_in(note: Row, rows: Sequence[Row]) -> list[Row]:
    """Those of the rows that were rated with the note, in the order in which they were; what names it and was seen at
    another time or by somebody else, has a remark, or was put right since, is told by itself."""
    own = (note["entry_id"], note["author_id"], note["observed_from"])
    rated = [row for row in rows if row["kind"] == "goal" and row["note_id"] and not _says_more(row)]
    return [row for row in reversed(rated) if (row["note_id"], row["author_id"], row["observed_from"]) == own]


def _says_more(rating: Row) -> bool:
    """Whether it says more than a signature does: what was written down afterwards."""
    return bool(rating["detail"].get("reported_by") or rating["sections"].get("remark"))


def with_news(reading: Reading, rows: Sequence[Row], visit: Visit | None) -> list[Row]:
    """The rows, each with whether it is ``new`` since the visit, or a rating in it is."""
    if visit is None:
        return [{**row, "new": False} for row in rows]
    day = visit.at.astimezone(reading.zone).date()
    return [{**row, "new": any(_is_new(reading, one, visit, day) for one in (row, *row["ratings"]))} for row in rows]


def _is_new(reading: Reading, row: Mapping[str, Any], visit: Visit, day: date) -> bool:
    """As `news` has it."""
    if row["kind"] in FRAME or row["changed_by"] == reading.actor.person_id:
        return False
    come = reading.actor.sight.as_school and row["school_from"] is not None and row["school_from"] > day
    return row["from_position"] > visit.position or come


def without_those_in(sessions: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """The rows without ratings that stand in one of these sessions, or in one of the rows."""
    shown = {row["entry_id"] for row in (*sessions, *rows)}
    return [row for row in rows if row["within"] not in shown]
