"""What a session was: recorded by who ran it, corrected, and settled where two recordings disagree about a child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from coord.domain.actors import Actor, By, Role
from coord.domain.course.aggregate import Course, GroupNote, Recording, Session
from coord.domain.course.sessions.state import set_session
from coord.domain.errors import NotFound, NotPermitted
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, Input

LONGEST = timedelta(hours=6)
"""A recording that spans more than this is a slip of the pen."""
NOTE_PARTS: tuple[str, ...] = tuple(GroupNote.__annotations__)
NOTE_PART = REASON * 4
"""The most characters of one of them."""


class SessionRecorded(CoordEvent):
    """A member of the staff recorded a session; if somebody else did too, both recordings stand."""

    TOPIC = "course.session-recorded.v1"
    HISTORY = in_the_history("Session recorded")
    class_version = 2
    number: int
    recording_id: UUID
    """The recording, chosen at random by the sender."""
    started_at: datetime
    """When the session began."""
    ended_at: datetime
    """When it ended."""
    staff: dict[str, str]
    """Who ran it: the name as it was then, by id (the first version had the ids alone, and the names are empty)."""
    note: GroupNote
    """About the group, without names: ``delivered``, ``environment``, ``dynamics``, ``next_plan``."""
    lines: dict[str, str]
    """From each child to the entry in that child's stream that was saved with it."""
    answered: Sequence[Mapping[str, object]] = ()

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """The ids alone were kept; whose they are has to be looked up."""
        state["staff"] = dict.fromkeys(state["staff"], "")

    def apply(self, aggregate: Course) -> None:
        """Recorded; a second recording stands beside the first."""
        session = aggregate.session(self.number)
        recording: Recording = {
            "by": self.by["person"],
            "name": self.by["name"],
            "version": 1,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "staff": self.staff,
            "note": self.note,
            "lines": self.lines,
            "taken_back": [],
        }
        recordings = {**session["recordings"], str(self.recording_id): recording}
        set_session(aggregate, self, {**session, "status": "recorded", "recordings": recordings})

    def told(self) -> Particulars:
        """Which session, and of how many children."""
        return {"session": self.number, "children": len(self.lines)} | self.meant()

    @property
    def happened_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.started_at


class SessionCorrected(CoordEvent):
    """A recording was corrected; what it means for a child is in that child's stream, saved with it."""

    TOPIC = "course.session-corrected.v1"
    HISTORY = in_the_history("Record of a session corrected")
    class_version = 2
    number: int
    recording_id: UUID
    """The recording."""
    version: int
    """Of the recording, from 2 on."""
    started_at: datetime
    """When the session began."""
    ended_at: datetime
    """When it ended."""
    staff: dict[str, str]
    """Who ran it: the name as it was then, by id (the first version had the ids alone, and the names are empty)."""
    note: GroupNote
    """The whole note about the group."""
    lines: dict[str, str]
    """All lines of the recording now."""
    corrected: list[str]
    """The children whose line changed or is new."""
    in_error: list[str]
    """The children whose line should never have been."""
    reason: str
    answered: Sequence[Mapping[str, object]] = ()

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """The ids alone were kept; whose they are has to be looked up."""
        state["staff"] = dict.fromkeys(state["staff"], "")

    def apply(self, aggregate: Course) -> None:
        """Take over the version and the lines."""
        session = aggregate.session(self.number)
        before = session["recordings"][str(self.recording_id)]
        taken_back = [case for case in before["taken_back"] if case not in self.corrected]  # but to be told anew
        recording: Recording = {
            **before,
            "version": self.version,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "staff": self.staff,
            "note": self.note,
            "lines": self.lines,
            "taken_back": [*taken_back, *self.in_error],
        }
        recordings = {**session["recordings"], str(self.recording_id): recording}
        set_session(aggregate, self, {**session, "recordings": recordings})

    def told(self) -> Particulars:
        """Which session, of how many children, and why."""
        changed = len(self.corrected) + len(self.in_error)
        return {
            "session": self.number,
            "version": self.version,
            "children": changed,
            "reason": self.reason,
        } | self.meant()

    @property
    def happened_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.started_at


class AttendanceSettled(CoordEvent):
    """Two recordings told differently whether a child was in the session, and somebody settled it; the child's own
    stream has the lines given up as entered in error."""

    TOPIC = "course.attendance-settled.v1"
    HISTORY = in_the_history("Settled whether a child was in a session")
    number: int
    case: str
    """The child."""
    holds: str
    """The line that holds."""
    given_up: list[str]
    """The lines that told the contrary."""
    reason: str
    answered: Sequence[Mapping[str, object]] = ()

    def apply(self, aggregate: Course) -> None:
        """The other lines are taken back from their recordings."""
        session = aggregate.session(self.number)
        recordings = {
            id: {**r, "taken_back": [*r["taken_back"], self.case]} if r["lines"].get(self.case) in self.given_up else r
            for id, r in session["recordings"].items()
        }
        set_session(aggregate, self, {**session, "recordings": cast("dict[str, Recording]", recordings)})

    def told(self) -> Particulars:
        """Of which session, of whom, and why."""
        return {"session": self.number, "child": self.case, "reason": self.reason} | self.meant()


def checked_note(check: Input, note: Mapping[str, object]) -> GroupNote:
    """The note about the group cleaned; what is wrong with it is noted in ``check``."""
    for name in note:
        if name not in NOTE_PARTS:
            check.problem(f"/note/{name}", "unknown-field")
    text = {name: check.text(f"/note/{name}", note.get(name), limit=NOTE_PART, required=False) for name in NOTE_PARTS}
    return {
        "delivered": text["delivered"],
        "environment": text["environment"],
        "dynamics": text["dynamics"],
        "next_plan": text["next_plan"],
    }


def checked_times(
    check: Input, started: datetime | None, ended: datetime | None, *, now: datetime
) -> tuple[datetime, datetime]:
    """When the session took place, in UTC; what is wrong with it is noted in ``check``."""
    start = check.moment("/started_at", started, now=now)
    end = check.moment("/ended_at", ended, now=now)
    if start is not None and end is not None:
        if end < start:
            check.problem("/ended_at", "before-the-start")
        elif end - start > LONGEST:
            check.problem("/ended_at", "too-long-a-session", hours=int(LONGEST.total_seconds() // 3600))
    return start or now, end or now


def record_session(
    course: Course,
    *,
    at: datetime,
    by: By,
    number: int,
    recording_id: UUID,
    started_at: datetime,
    ended_at: datetime,
    staff: Mapping[str, str],
    note: GroupNote,
    lines: Mapping[str, str],
    answered: Sequence[Mapping[str, object]] = (),
) -> None:
    """Keep that a session was recorded, and which line is whose; everything is checked by now.

    A recording by somebody else stays beside it: both are kept. A session that was cancelled took place after all.
    """
    course.trigger_event(
        SessionRecorded,
        timestamp=at,
        by=by,
        number=number,
        recording_id=recording_id,
        started_at=started_at,
        ended_at=ended_at,
        staff=dict(staff),
        note=note,
        lines=dict(lines),
        answered=list(answered),
    )


def recording_of(course: Course, number: int, recording_id: UUID) -> Recording:
    """One recording of a session. Raises `NotFound`."""
    found = course.session(number)["recordings"].get(str(recording_id))
    if found is None:
        raise NotFound("no-such-recording")
    return found


def refuse_unless_own_recording(course: Course, recording: Recording, actor: Actor) -> None:
    """Raise `NotPermitted` unless the actor made the recording, or leads the service team of the course."""
    leads = actor.role is Role.TEAM_LEAD and bool(actor.team) and actor.team == course.team
    if recording["by"] != str(actor.person_id) and not leads:
        raise NotPermitted("not-the-author")


def correct_session(
    course: Course,
    *,
    at: datetime,
    by: By,
    number: int,
    recording_id: UUID,
    started_at: datetime,
    ended_at: datetime,
    staff: Mapping[str, str],
    note: GroupNote,
    lines: Mapping[str, str],
    corrected: Sequence[str],
    in_error: Sequence[str],
    reason: str,
    answered: Sequence[Mapping[str, object]] = (),
) -> None:
    """Keep that a recording was corrected; everything is checked by now."""
    before = recording_of(course, number, recording_id)
    course.trigger_event(
        SessionCorrected,
        timestamp=at,
        by=by,
        number=number,
        recording_id=recording_id,
        version=before["version"] + 1,
        started_at=started_at,
        ended_at=ended_at,
        staff=dict(staff),
        note=note,
        lines=dict(lines),
        corrected=list(corrected),
        in_error=list(in_error),
        reason=reason,
        answered=list(answered),
    )


def may_settle(course: Course, session: Session, case: str, actor: Actor) -> bool:
    """Whether somebody may settle what the recordings tell differently of a child: who made one of those, either way,
    and the lead of the service team of the course."""
    if actor.role is Role.TEAM_LEAD and bool(actor.team) and actor.team == course.team:
        return True
    return any(case in r["lines"] and r["by"] == str(actor.person_id) for r in session["recordings"].values())


def settle_attendance(
    course: Course,
    *,
    at: datetime,
    by: By,
    number: int,
    case: str,
    holds: str,
    given_up: Sequence[str],
    reason: str,
    answered: Sequence[Mapping[str, object]] = (),
) -> None:
    """Keep which of the lines of a child holds, and which were given up for it; everything is checked by now."""
    course.trigger_event(
        AttendanceSettled,
        timestamp=at,
        by=by,
        number=number,
        case=case,
        holds=holds,
        given_up=list(given_up),
        reason=reason,
        answered=list(answered),
    )
