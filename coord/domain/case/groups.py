"""The child in therapeutic groups: places, and one line for each session. Nothing here leads to who else was there.

A line names its membership, a random id that the course's stream alone can resolve (docs/adr/0010). Lines are folded
apart from their case, as notes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, TypedDict, cast
from uuid import UUID

from coord.domain.activity import DEMANDS, Demand
from coord.domain.actors import Actor, By
from coord.domain.case.aggregate import Case, Membership, Profile
from coord.domain.case.goals.wording import SUPPORTS, Support
from coord.domain.errors import Conflict
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, Input
from coord.domain.said import Said


class Attendance(StrEnum):
    """Whether a child was there."""

    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left-early"
    ABSENT = "absent"


class Arrival(StrEnum):
    """How a child arrived."""

    SETTLED = "settled"
    EXCITED = "excited"
    TIRED = "tired"
    UPSET = "upset"
    WITHDRAWN = "withdrawn"


class Grading(StrEnum):
    """How the activities were graded for the child."""

    DOWN = "down"
    AS_WRITTEN = "as-written"
    UP = "up"


class GuardianCame(StrEnum):
    """Whether the guardian who is enrolled with the child came."""

    PRESENT = "present"
    ABSENT = "absent"


ATTENDANCE = tuple(a.value for a in Attendance)
ARRIVALS = tuple(a.value for a in Arrival)
GRADINGS = tuple(g.value for g in Grading)
GUARDIAN = tuple(g.value for g in GuardianCame)
TEXTS = ("absence_reason", "response", "incident", "message_home", "message_school", "practice")
"""What is written in words about a child."""
ONLY_WHEN_THERE = ("arrival", "grading", "support", "response")
"""What can be told only of a child who came."""


ALSO_COPES_WITH = ("sensory", "attention")
"""What a profile says beside the demands of activities, or leaves unknown."""


class RatingRef(TypedDict):
    """A goal that was rated, and the observation that holds the rating."""

    goal: str
    observation: str


class Line(TypedDict):
    """What a session was for one child. ``goals`` are those worked on; ``practice`` is what was agreed for home;
    ``strategies`` are those handed over."""

    attendance: str
    absence_reason: str
    arrival: str
    grading: str
    support: str
    response: str
    incident: str
    message_home: str
    message_school: str
    guardian: str
    practice: str
    goals: list[str]
    ratings: list[RatingRef]
    strategies: list[str]


_Words = Annotated[str, Said(most=REASON)]


@dataclass(frozen=True, slots=True)
class LineContent:
    """What somebody writes about one child in one session; see `Line`. Ids are the caller's, random."""

    attendance: Annotated[str, Said(of=Attendance)]
    absence_reason: _Words = ""
    arrival: Annotated[str, Said("How the child arrived", of=Arrival)] = ""
    grading: Annotated[str, Said(of=Grading)] = ""
    support: Annotated[str, Said(of=Support)] = ""
    response: Annotated[str, Said("How the child took part", most=REASON)] = ""
    incident: _Words = ""
    message_home: Annotated[str, Said("For the family", most=REASON)] = ""
    message_school: Annotated[str, Said("For the school", most=REASON)] = ""
    guardian: Annotated[str, Said("Whether the guardian came, where one is enrolled", of=GuardianCame)] = ""
    practice: Annotated[str, Said("Agreed for home", most=REASON)] = ""
    goals: Annotated[Sequence[UUID], Said("Worked on; those rated are anyway")] = ()


# ---- events ------------------------------------------------------------------------------------------------------


class ProfileDescribed(CoordEvent):
    """Somebody described how much the child copes with, for choosing groups and grading activities."""

    TOPIC = "case.profile-described.v1"
    HISTORY = in_the_history("What the child copes with described")
    class_version = 2
    profile: Profile
    """``cognitive``, ``motor``, ``communication``: each ``low``, ``moderate`` or ``high``, in the words in which
    activities say what they demand; from the second version on also ``sensory`` (what there may be to hear, see and
    touch) and ``attention``, or empty: not known."""
    remark: str
    """In words, or empty."""

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """Nobody was asked about impressions and attention then: that is not known."""
        state["profile"] = {**state["profile"], "sensory": "", "attention": ""}

    def apply(self, aggregate: Case) -> None:
        """Take it over."""
        aggregate.profile = self.profile


class GroupPlaceChanged(CoordEvent):
    """The child waits for a group, has a place in one, has other dates in it, or has left it."""

    TOPIC = "case.group-place-changed.v1"
    HISTORY = in_the_history("Place in a group changed")
    class_version = 2
    membership: str
    """The child's place, a random id."""
    change: str
    """``waiting``, ``enrolled``, ``revised`` (other dates or aims; a session was cancelled, moved, or takes place after
    all), ``left``."""
    kind: str
    """The kind of group."""
    aims: str
    """What the group is for, in plain words."""
    dates: list[str]
    """The days of the sessions, of a child who is in the group for a part of it those of that part."""
    start_time: str
    """When they begin, by the clock on the clinic's wall."""
    minutes: int
    """How long they are."""
    reason: str
    """Why the child left, or empty."""
    since: str
    """The first day in this place; empty in the first version, which did not say."""
    until: str
    """The last day, past or to come; empty while there is none, and in the first version."""
    other_times: dict[str, str]
    """Of the sessions that were moved and begin at another time: the day, and when."""

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """The days of the stay were not said, and no session was moved alone."""
        state["since"] = state["until"] = ""
        state["other_times"] = {}

    def apply(self, aggregate: Case) -> None:
        """Take over the place."""
        before = aggregate.memberships.get(self.membership)
        status = before["status"] if self.change == "revised" and before is not None else self.change
        place: Membership = {
            "status": status,
            "kind": self.kind,
            "aims": self.aims,
            "dates": self.dates,
            "start_time": self.start_time,
            "minutes": self.minutes,
            "since": self.since,
            "until": self.until,
            "other_times": self.other_times,
        }
        aggregate.memberships = {**aggregate.memberships, self.membership: place}

    def told(self) -> Particulars:
        """Which kind of group, what became of the place, and from and until which day."""
        days = {name: day for name, day in (("since", self.since), ("until", self.until)) if day}
        return {"group": self.kind, "place": self.change, **days}


class GroupLineEvent(CoordEvent):
    """An event about what one session was for the child; the case's own state does not change with it."""

    line_id: UUID
    """The entry. Its id was chosen at random by the sender."""

    @property
    def entry_id(self) -> UUID:
        """The line."""
        return self.line_id

    def apply(self, aggregate: Case) -> None:
        """Lines are folded apart (see `GroupLine`)."""


class GroupSessionRecorded(GroupLineEvent):
    """A group session took place, and this is what it was for this child; also for one who was absent."""

    TOPIC = "case.group-session-recorded.v1"
    HISTORY = in_the_history("Group session recorded")
    BEGINS_ENTRY = True
    membership: str
    """The child's place."""
    kind: str
    """The kind of group."""
    session: int
    """Its number in the course."""
    line: Line
    """``attendance``, ``absence_reason``, ``arrival``, ``grading``, ``support``, ``response`` (how it went),
    ``incident``, ``message_home``, ``message_school``, ``guardian`` (whether one came), ``practice`` (agreed for home),
    ``goals`` (worked on), ``ratings`` (``goal`` and ``observation``: the ``case.goal-observed.v1`` saved with it),
    ``strategies`` (handed over: the ``case.strategy-offered.v1`` saved with it)."""
    observed_from: datetime
    """When the session began."""
    observed_to: datetime
    """When it ended."""

    def told(self) -> Particulars:
        """Which session of which kind of group."""
        return {"group": self.kind, "session": self.session}

    @property
    def happened_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.observed_from


class GroupLineCorrected(GroupLineEvent):
    """The recording of the session was corrected, and with it this child's line; the earlier version stays readable."""

    TOPIC = "case.group-line-corrected.v1"
    HISTORY = in_the_history("Record of a group session corrected")
    line: Line
    """The whole new line."""
    observed_from: datetime
    """When the session began."""
    observed_to: datetime
    """When it ended."""
    version: int
    """Of the line, from 2 on."""
    reason: str

    def told(self) -> Particulars:
        """Which version."""
        return {"text_version": self.version}

    @property
    def happened_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.observed_from


class GroupLineEnteredInError(GroupLineEvent):
    """The line should never have been in this child's record; its ratings and messages are taken back with it."""

    TOPIC = "case.group-line-entered-in-error.v1"
    HISTORY = in_the_history("Record of a group session marked as entered in error")
    reason: str
    instead: str = ""
    """Where two recordings told differently whether the child was there, the line of the other one, which holds; else
    empty."""


# ---- a line, folded ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LineVersion:
    """One version of a line, with who wrote it, when, and why it was corrected."""

    number: int
    line: Line
    observed_from: datetime
    observed_to: datetime
    by: By
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One line folded from its events; ``error`` is the reason if it was entered in error, ``instead`` the line that
    holds in its place, if there is one."""

    id: UUID
    author: By
    membership: str
    kind: str
    session: int
    versions: tuple[LineVersion, ...]
    error: str = ""
    instead: str = ""

    @property
    def line(self) -> Line:
        """What it says now."""
        return self.versions[-1].line

    @property
    def version(self) -> int:
        """The number of its present version."""
        return self.versions[-1].number

    @property
    def status(self) -> str:
        """recorded, or entered-in-error."""
        return "entered-in-error" if self.error else "recorded"

    @classmethod
    def from_events(cls, events: Iterable[CoordEvent]) -> GroupLine | None:
        """Fold a line's events, in order; None if there are none."""
        line: GroupLine | None = None
        for event in events:
            line = evolve(line, event)
        return line


def evolve(line: GroupLine | None, event: CoordEvent) -> GroupLine:
    """The line after one more of its events. Raises `ValueError` when the record is broken."""
    if isinstance(event, GroupSessionRecorded):
        first = LineVersion(1, event.line, event.observed_from, event.observed_to, event.by, event.timestamp)
        return GroupLine(event.line_id, event.by, event.membership, event.kind, event.session, (first,))
    if line is None:
        raise ValueError(f"{event.TOPIC} of a line that was never recorded")
    if isinstance(event, GroupLineCorrected):
        version = LineVersion(
            event.version,
            event.line,
            event.observed_from,
            event.observed_to,
            event.by,
            event.timestamp,
            event.reason,
        )
        return replace(line, versions=(*line.versions, version))
    if isinstance(event, GroupLineEnteredInError):
        return replace(line, error=event.reason, instead=event.instead)
    raise ValueError(f"{event.TOPIC} is no event of a line")


# ---- decisions ---------------------------------------------------------------------------------------------------


def apart(by: By, request: str) -> By:
    """Who did it, under a request id of this child's own: the true one is shared by all children of the group, and
    would lead from one record to the next. The course's event keeps it."""
    return cast("By", {**by, "request": request})


def describe_profile(case: Case, *, at: datetime, actor: Actor, profile: Mapping[str, str], remark: str) -> None:
    """Describe how much the child copes with; of `ALSO_COPES_WITH` what somebody can say. Nothing happens if it is as
    before and nothing is remarked.

    Raises `Conflict` (closed), `InvalidInput`.
    """
    case.refuse_if_closed()
    check = Input()
    levels = [demand.value for demand in Demand]
    told = {name: check.choice(f"/{name}", profile.get(name), levels) for name in DEMANDS}
    told |= {name: check.choice(f"/{name}", profile.get(name), levels, required=False) for name in ALSO_COPES_WITH}
    clean = cast("Profile", told)
    remark = check.text("/remark", remark, limit=REASON, required=False)
    check.refuse_if_any()
    if clean != ({**dict.fromkeys(ALSO_COPES_WITH, ""), **case.profile} if case.profile else None) or remark:
        case.trigger_event(ProfileDescribed, timestamp=at, by=actor.by(), profile=clean, remark=remark)


def change_place(
    case: Case,
    *,
    at: datetime,
    by: By,
    membership: str,
    change: str,
    kind: str,
    aims: str,
    dates: Sequence[str],
    start_time: str,
    minutes: int,
    reason: str = "",
    since: str = "",
    until: str = "",
    other_times: Mapping[str, str] | None = None,
) -> None:
    """Write the child's place in a group into the child's own stream. Raises `Conflict` for a new place when the case
    is closed; that a place ended may be written all the same."""
    if change in ("waiting", "enrolled"):
        case.refuse_if_closed()
    case.trigger_event(
        GroupPlaceChanged,
        timestamp=at,
        by=by,
        membership=membership,
        change=change,
        kind=kind,
        aims=aims,
        dates=list(dates),
        start_time=start_time,
        minutes=minutes,
        reason=reason,
        since=since,
        until=until,
        other_times=dict(other_times or {}),
    )


def overlaps(
    case: Case,
    *,
    dates: Sequence[str],
    start_time: str,
    minutes: int,
    today: date,
    but: str = "",
    other_times: Mapping[str, str] | None = None,
) -> list[tuple[str, str]]:
    """Sessions of other groups that the child is in, from ``today`` on, that take place at the same time: their kind
    and date. ``but`` is a membership to leave out; ``other_times`` are those of single ``dates``."""
    found = []
    wanted = {
        day: _span((other_times or {}).get(day, start_time), minutes) for day in dates if day >= today.isoformat()
    }
    for membership, place in case.memberships.items():
        if membership == but or place["status"] == "waiting":
            continue
        for day in place["dates"]:
            if day not in wanted or not _in_it_on(place, day):
                continue
            start, end = wanted[day]
            other_start, other_end = _span(place.get("other_times", {}).get(day, place["start_time"]), place["minutes"])
            if start < other_end and other_start < end:
                found.append((place["kind"], day))
    return sorted(found, key=lambda hit: hit[1])


def _in_it_on(place: Membership, day: str) -> bool:
    """Whether the child goes to a group on a day: also to one that it is to leave, up to the last day."""
    return day >= place.get("since", "") and (place["status"] == "enrolled" or day < place.get("until", ""))


def _span(start_time: str, minutes: int) -> tuple[timedelta, timedelta]:
    hours, mins = start_time.split(":")
    start = timedelta(hours=int(hours), minutes=int(mins))
    return start, start + timedelta(minutes=minutes)


def checked_line(
    check: Input, pointer: str, content: LineContent, *, ratings: Sequence[RatingRef], strategies: Sequence[UUID]
) -> Line:
    """The line cleaned; what is wrong with it is noted in ``check``, under ``pointer``.

    An absent child was not seen: nothing can be told but why, and what is to be said at home and at school.
    """
    line: dict[str, object] = {
        "attendance": check.choice(f"{pointer}/attendance", content.attendance, ATTENDANCE),
        "arrival": check.choice(f"{pointer}/arrival", content.arrival, ARRIVALS, required=False),
        "grading": check.choice(f"{pointer}/grading", content.grading, GRADINGS, required=False),
        "support": check.choice(f"{pointer}/support", content.support, SUPPORTS, required=False),
        "guardian": check.choice(f"{pointer}/guardian", content.guardian, GUARDIAN, required=False),
    }
    for name in TEXTS:
        line[name] = check.text(f"{pointer}/{name}", getattr(content, name), limit=REASON, required=False)
    if content.attendance == "absent":
        for name in ONLY_WHEN_THERE:
            if line[name]:
                check.problem(f"{pointer}/{name}", "not-of-the-absent")
        if ratings:
            check.problem(f"{pointer}/ratings", "not-of-the-absent")
    elif line["absence_reason"] and content.attendance:
        check.problem(f"{pointer}/absence_reason", "not-of-the-present")
    line["goals"] = [] if content.attendance == "absent" else [str(g) for g in dict.fromkeys(content.goals)]
    line["ratings"] = list(ratings)
    line["strategies"] = [str(s) for s in strategies]
    return cast("Line", line)


def record_line(
    case: Case,
    *,
    at: datetime,
    by: By,
    line_id: UUID,
    membership: str,
    kind: str,
    session: int,
    line: Line,
    observed_from: datetime,
    observed_to: datetime,
) -> None:
    """Write a checked line into the child's stream. Raises `Conflict` when the case was closed by then."""
    case.refuse_if_closed_by(observed_from)
    case.trigger_event(
        GroupSessionRecorded,
        timestamp=at,
        by=apart(by, str(line_id)),
        line_id=line_id,
        membership=membership,
        kind=kind,
        session=session,
        line=line,
        observed_from=observed_from.astimezone(UTC),
        observed_to=observed_to.astimezone(UTC),
    )


def correct_line(
    case: Case,
    present: GroupLine,
    *,
    at: datetime,
    by: By,
    line: Line,
    observed_from: datetime,
    observed_to: datetime,
    reason: str,
) -> bool:
    """Correct a line, also in a closed case; whether anything changed. Raises `Conflict` if it was entered in error."""
    if present.error:
        raise Conflict("entered-in-error")
    now = present.versions[-1]
    if (now.line, now.observed_from, now.observed_to) == (line, observed_from, observed_to):
        return False
    case.trigger_event(
        GroupLineCorrected,
        timestamp=at,
        by=apart(by, str(present.id)),
        line_id=present.id,
        line=line,
        observed_from=observed_from,
        observed_to=observed_to,
        version=present.version + 1,
        reason=reason,
    )
    return True


def enter_line_in_error(
    case: Case, present: GroupLine, *, at: datetime, by: By, reason: str, instead: UUID | None = None
) -> None:
    """Mark a line that should never have been in this record; ``instead`` is the one that holds in its place, if there
    is one. Raises `Conflict` if it is marked already."""
    if present.error:
        raise Conflict("entered-in-error")
    case.trigger_event(
        GroupLineEnteredInError,
        timestamp=at,
        by=apart(by, str(present.id)),
        line_id=present.id,
        reason=reason,
        instead=str(instead) if instead is not None else "",
    )


def there(line: Line | Mapping[str, Any]) -> bool:
    """Whether a line tells that the child was there, late or not."""
    return line["attendance"] != "absent"


def attendance_told(lines: Iterable[Line | Mapping[str, Any]]) -> str:
    """What all lines of a child in one session tell together: ``there``, ``absent``, or ``unclear`` where the
    recordings disagree; "" without a line."""
    told = {there(line) for line in lines}
    return "" if not told else "unclear" if len(told) > 1 else "there" if told.pop() else "absent"
