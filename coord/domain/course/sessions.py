"""Sessions of a course: planned, cancelled, recorded, corrected. What is about one child is in that child's stream;
here is what is about the group, without names, and which child's line is which."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Annotated, Any, TypedDict, cast
from uuid import UUID

from coord.domain.actors import Actor, By, Role
from coord.domain.case.groups import GRADINGS, Grading
from coord.domain.course.aggregate import Course, GroupNote, Recording, Session, StaffMember
from coord.domain.course.life import MOST_STAFF, as_named, can_run_a_group, checked_clock
from coord.domain.errors import Conflict, NotFound, NotPermitted
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, STATEMENT, Input
from coord.domain.names import Seems, ask_about_names
from coord.domain.person import Person
from coord.domain.policy import SESSION_STEPS
from coord.domain.said import INSIDE, IdText, Said

MOST_STEPS = 12
MOST_MINUTES = 240
LONGEST = timedelta(hours=6)
"""A recording that spans more than this is a slip of the pen."""


class PlanStep(TypedDict):
    """One step of a session. ``activity`` is its id in the library or empty, ``title`` and ``text_version`` are the
    activity's as planned; ``minutes`` is 0 where nobody minds."""

    step: Annotated[str, Said(of=SESSION_STEPS)]
    activity: Annotated[str, Said(id=True, null=True)]
    title: str
    text_version: int
    minutes: Annotated[int, Said(null=True)]
    note: str


class PlannedChild(TypedDict):
    """What is planned for one child: the grading, how, and the goals addressed."""

    grading: Annotated[str, Said(of=Grading, null=True)]
    how: str
    goals: list[IdText]


class Plan(TypedDict):
    """What a session is to be; ``children`` by case."""

    aims: str
    steps: list[PlanStep]
    children: dict[str, PlannedChild]


NOTE_PARTS: tuple[str, ...] = tuple(GroupNote.__annotations__)
NOTE_PART = REASON * 4
"""The most characters of one of them."""


@dataclass(frozen=True, slots=True)
class StepContent:
    """A step of a session: an activity of the library, or a note, or both."""

    step: Annotated[str, Said(of=SESSION_STEPS)]
    activity: Annotated[UUID | None, Said("In the library")] = None
    title: Annotated[str, INSIDE] = ""
    text_version: Annotated[int, INSIDE] = 0
    minutes: Annotated[int | None, Said(least=1, most=MOST_MINUTES)] = None
    note: Annotated[str, Said(most=STATEMENT)] = ""


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """What is planned for one child."""

    case_id: UUID
    grading: Annotated[str, Said(of=Grading)] = ""
    how: Annotated[str, Said("How the activities are graded for the child", most=STATEMENT)] = ""
    goals: Annotated[Sequence[UUID], Said("Of those that the group works on")] = ()


@dataclass(frozen=True, slots=True)
class PlanContent:
    """A plan as it is sent."""

    aims: Annotated[str, Said(most=REASON)] = ""
    steps: Annotated[Sequence[StepContent], Said(least=1, most=MOST_STEPS)] = ()
    children: Sequence[ChildPlan] = ()


class SessionPlanned(CoordEvent):
    """A session was planned, or planned otherwise."""

    TOPIC = "course.session-planned.v1"
    HISTORY = in_the_history("Session planned")
    number: int
    plan: Plan
    """``aims``; ``steps``, each with ``step``, ``activity`` (its id in the library, or empty), its ``title`` and
    ``text_version`` as planned, ``minutes``, ``note``; ``children`` by case, each with ``grading``, ``how`` and
    ``goals``."""
    version: int
    """The number of the plan."""

    def apply(self, aggregate: Course) -> None:
        """The number of the plan and its activities; its words are in the event."""
        activities = list(dict.fromkeys(step["activity"] for step in self.plan["steps"] if step["activity"]))
        planned: Session = {**aggregate.session(self.number), "plan_version": self.version, "activities": activities}
        _set(aggregate, self, planned)

    def told(self) -> Particulars:
        """Which session."""
        return {"session": self.number, "version": self.version}


class SessionCancelled(CoordEvent):
    """A session does not take place; the children's dates lose it. If it is recorded all the same, it took place after
    all."""

    TOPIC = "course.session-cancelled.v1"
    HISTORY = in_the_history("Session cancelled")
    number: int
    reason: str
    answered: Sequence[Mapping[str, object]] = ()

    def apply(self, aggregate: Course) -> None:
        """Cancelled."""
        _set(aggregate, self, {**aggregate.session(self.number), "status": "cancelled"})

    def told(self) -> Particulars:
        """Which session, and why."""
        return {"session": self.number, "reason": self.reason} | self.meant()


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
        _set(aggregate, self, {**session, "status": "recorded", "recordings": recordings})

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
        _set(aggregate, self, {**session, "recordings": recordings})

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


class SessionReinstated(CoordEvent):
    """A session that was cancelled takes place after all; the children's dates have it again."""

    TOPIC = "course.session-reinstated.v1"
    HISTORY = in_the_history("Session takes place after all")
    number: int
    reason: str
    answered: list[dict[str, object]]

    def apply(self, aggregate: Course) -> None:
        """To take place again; one that somebody had recorded is recorded."""
        session = aggregate.session(self.number)
        _set(aggregate, self, {**session, "status": "recorded" if session["recordings"] else "planned"})

    def told(self) -> Particulars:
        """Which session, and why."""
        return {"session": self.number, "reason": self.reason} | self.meant()


class SessionMoved(CoordEvent):
    """One session takes place on another day or at another time; the children's dates follow."""

    TOPIC = "course.session-moved.v1"
    HISTORY = in_the_history("Session moved")
    number: int
    day: str
    """The day on which it takes place."""
    start_time: str
    """When it begins, by the clock on the clinic's wall."""
    from_day: str
    """The day until then."""
    from_time: str
    """When it was to begin until then."""
    reason: str
    answered: list[dict[str, object]]

    def apply(self, aggregate: Course) -> None:
        """Its own day and time from here on, whatever becomes of those of the course."""
        dates = list(aggregate.dates)
        dates[self.number - 1] = self.day
        aggregate.dates = tuple(dates)
        _set(aggregate, self, {**aggregate.session(self.number), "moved_to": self.start_time})

    def told(self) -> Particulars:
        """Which session, from when to when, and why."""
        return {
            "session": self.number,
            "reason": self.reason,
            "before": {"held_on": self.from_day, "start_time": self.from_time},
            "after": {"held_on": self.day, "start_time": self.start_time},
        } | self.meant()


class StandInsNamed(CoordEvent):
    """Somebody was named to run one session without being on the staff of the course, beforehand or by a recording;
    they know of that session from then on."""

    TOPIC = "course.stand-ins-named.v1"
    HISTORY = in_the_history("Somebody named to stand in for a session")
    number: int
    stand_ins: dict[str, StaffMember]
    """All of them, as they were when named: ``name``, ``role``, ``discipline`` by id; who is not among them any more
    knows of it no more."""
    reason: str
    """Why, or empty where a recording says it."""
    answered: Sequence[Mapping[str, object]] = ()

    def apply(self, aggregate: Course) -> None:
        """They know of this session from here on, and nobody who was named before them any more."""
        _set(aggregate, self, {**aggregate.session(self.number), "stand_ins": self.stand_ins})

    def told(self) -> Particulars:
        """Of which session, who, and why."""
        names = [member["name"] for member in self.stand_ins.values()]
        return {"session": self.number, "stand_ins": names, "reason": self.reason} | self.meant()


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
        _set(aggregate, self, {**session, "recordings": cast("dict[str, Recording]", recordings)})

    def told(self) -> Particulars:
        """Of which session, of whom, and why."""
        return {"session": self.number, "child": self.case, "reason": self.reason} | self.meant()


def _set(course: Course, event: _OfASession, to: Session) -> None:
    course.sessions = {**course.sessions, event.number: to}
    course.changed_in = course.now_changed(f"session/{event.number}", event.originator_version)


_OfASession = (
    SessionPlanned
    | SessionCancelled
    | SessionReinstated
    | SessionMoved
    | StandInsNamed
    | SessionRecorded
    | SessionCorrected
    | AttendanceSettled
)


# ---- decisions ---------------------------------------------------------------------------------------------------


def plan_session(
    course: Course, *, at: datetime, by: By, number: int, expected_version: int | None, content: PlanContent
) -> int:
    """Plan a session; the number of the plan. Titles and versions of activities are the library's, filled in before.

    Raises `NotFound`, `Conflict` (over, cancelled, recorded), `Stale`, `InvalidInput`.
    """
    course.refuse_if_ended()
    session = course.session(number)
    if session["status"] != "planned":
        raise Conflict("session-cancelled" if session["status"] == "cancelled" else "session-recorded")
    check = Input()
    plan: Plan = {
        "aims": check.text("/aims", content.aims, limit=REASON, required=False),
        "steps": _steps(check, content.steps),
        "children": _children(check, course, date.fromisoformat(course.dates[number - 1]), content.children),
    }
    if not plan["steps"] and not check.problems:
        check.problem("/steps", "missing")
    check.refuse_if_any()
    course.refuse_if_changed(expected_version, f"session/{number}")
    version = session["plan_version"] + 1
    course.trigger_event(SessionPlanned, timestamp=at, by=by, number=number, plan=plan, version=version)
    return version


def _steps(check: Input, steps: Sequence[StepContent]) -> list[PlanStep]:
    if len(steps) > MOST_STEPS:
        check.problem("/steps", "too-many", limit=MOST_STEPS)
        return []
    clean: list[PlanStep] = []
    for i, step in enumerate(steps):
        at = f"/steps/{i}"
        clean.append(
            {
                "step": check.choice(f"{at}/step", step.step, SESSION_STEPS),
                "activity": str(step.activity) if step.activity else "",
                "title": step.title,
                "text_version": step.text_version,
                "minutes": int(check.number(f"{at}/minutes", step.minutes, 1, MOST_MINUTES, required=False) or 0),
                "note": check.text(f"{at}/note", step.note, limit=STATEMENT, required=False),
            }
        )
    return clean


def _children(check: Input, course: Course, day: date, children: Sequence[ChildPlan]) -> dict[str, PlannedChild]:
    clean: dict[str, PlannedChild] = {}
    for i, child in enumerate(children):
        at, case = f"/children/{i}", str(child.case_id)
        if not course.can_have_been_there(child.case_id, day):
            check.problem(f"{at}/case", "not-in-the-course")
            continue
        known = course.places[case]["goals"]
        for j, goal in enumerate(child.goals):
            if str(goal) not in known:
                check.problem(f"{at}/goals/{j}", "no-such-goal")
        clean[case] = {
            "grading": check.choice(f"{at}/grading", child.grading, GRADINGS, required=False),
            "how": check.text(f"{at}/how", child.how, limit=STATEMENT, required=False),
            "goals": [goal for goal in known if goal in {str(g) for g in child.goals}],
        }
    return clean


def cancel_session(
    course: Course,
    *,
    at: datetime,
    by: By,
    number: int,
    expected_version: int | None,
    reason: str,
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> None:
    """Say that a session does not take place, and why; ``named`` is asked about.

    Raises `NotFound`, `Conflict`, `Stale`, `InvalidInput`.
    """
    course.refuse_if_ended()
    session = course.session(number)
    check = Input(confirmed)
    reason = check.text("/reason", reason, limit=REASON)
    ask_about_names(check, named)
    check.refuse_if_any()
    if session["status"] != "planned":
        raise Conflict("session-cancelled" if session["status"] == "cancelled" else "session-recorded")
    course.refuse_if_changed(expected_version, f"session/{number}")
    course.trigger_event(SessionCancelled, timestamp=at, by=by, number=number, reason=reason, answered=check.answered)


def reinstate_session(
    course: Course,
    *,
    at: datetime,
    by: By,
    number: int,
    expected_version: int | None,
    reason: str,
    overlaps: int = 0,
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> None:
    """Say that a session takes place although it was cancelled, before its day or after it. ``overlaps``: so many of
    its children have another group then, which is asked about.

    Raises `NotFound`, `Conflict` (over, not cancelled), `Stale`, `InvalidInput`.
    """
    course.refuse_if_ended()
    session = course.session(number)
    check = Input(confirmed)
    reason = check.text("/reason", reason, limit=REASON)
    ask_about_names(check, named)
    day = course.dates[number - 1]
    if _others_on(course, number, day):
        check.problem("/number", "another-session-then", day=day)
    elif overlaps:
        check.ask("/number", "another-group-then", (number, day), children=overlaps)
    if session["status"] != "cancelled":
        raise Conflict("not-cancelled")
    check.refuse_if_any()
    course.refuse_if_changed(expected_version, f"session/{number}")
    course.trigger_event(SessionReinstated, timestamp=at, by=by, number=number, reason=reason, answered=check.answered)


def move_session(
    course: Course,
    *,
    at: datetime,
    by: By,
    zone: tzinfo,
    number: int,
    expected_version: int | None,
    day: date | None,
    start_time: str,
    reason: str,
    overlaps: int = 0,
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> None:
    """Let one session take place on another day, or at another time, also in the past: it may have. ``start_time`` is
    HH:MM, in ``zone``, the clinic's. A day off and a child's other group then (``overlaps`` counts the children) are
    asked about.

    Raises `NotFound`, `Conflict` (over, cancelled, recorded, nothing changes), `Stale`, `InvalidInput`.
    """
    course.refuse_if_ended()
    session = course.session(number)
    if session["status"] != "planned":
        raise Conflict("session-cancelled" if session["status"] == "cancelled" else "session-recorded")
    check = Input(confirmed)
    reason = check.text("/reason", reason, limit=REASON)
    ask_about_names(check, named)
    clock = checked_clock(check, "/start_time", start_time)
    if day is None:
        check.problem("/day", "missing")
    elif not 2000 <= day.year <= 2100:
        check.problem("/day", "not-a-date")
    elif _others_on(course, number, day.isoformat()):
        check.problem("/day", "another-session-then", day=day.isoformat())
    else:
        if day.isoformat() in course.content["holidays"]:
            check.ask("/day", "on-a-day-off", day.isoformat(), day=day.isoformat())
        if overlaps:
            check.ask("/day", "another-group-then", (day.isoformat(), clock), children=overlaps)
    check.refuse_if_any()
    from_day, from_time = course.dates[number - 1], course.hours_of(number, zone)["start_time"]
    to_day = day.isoformat() if day is not None else from_day
    if (to_day, clock) == (from_day, from_time):
        raise Conflict("nothing-changed")
    course.refuse_if_changed(expected_version, f"session/{number}")
    course.trigger_event(
        SessionMoved,
        timestamp=at,
        by=by,
        number=number,
        day=to_day,
        start_time=clock,
        from_day=from_day,
        from_time=from_time,
        reason=reason,
        answered=check.answered,
    )


def _others_on(course: Course, number: int, day: str) -> bool:
    """Whether another session of the course that takes place is on a day: a child's record knows a date once."""
    return any(
        n != number and other == day and course.session(n)["status"] != "cancelled"
        for n, other in enumerate(course.dates, 1)
    )


def name_stand_ins(
    course: Course,
    *,
    at: datetime,
    by: By,
    number: int,
    expected_version: int | None,
    people: Sequence[Person],
    reason: str,
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> None:
    """Name who runs one session without being on the staff of the course; the whole list, empty to name nobody. They
    read this session, its children included, and record it; of the rest of the course nothing more.

    Raises `NotFound`, `Conflict` (over, cancelled, nothing changes), `Stale`, `InvalidInput`.
    """
    course.refuse_if_ended()
    session = course.session(number)
    if session["status"] == "cancelled":
        raise Conflict("session-cancelled")
    check = Input(confirmed)
    reason = check.text("/reason", reason, limit=REASON)
    ask_about_names(check, named)
    before = session["stand_ins"]
    if len(people) > MOST_STAFF:
        check.problem("/people", "too-many", limit=MOST_STAFF)
    for i, person in enumerate(people):
        if str(person.id) in course.staff:
            check.problem(f"/people/{i}", "on-staff-already")
        elif str(person.id) not in before and not can_run_a_group(person):
            check.problem(f"/people/{i}", "not-for-staff")
    check.refuse_if_any()
    stands_in = as_named(people, before)
    if stands_in.keys() == before.keys():
        raise Conflict("nothing-changed")
    course.refuse_if_changed(expected_version, f"session/{number}")
    course.trigger_event(
        StandInsNamed, timestamp=at, by=by, number=number, stand_ins=stands_in, reason=reason, answered=check.answered
    )


def note_stand_ins(course: Course, *, at: datetime, by: By, number: int, stand_ins: Mapping[str, StaffMember]) -> None:
    """Keep who stood in by what a recording says, beside who was named before; everything is checked by now."""
    course.trigger_event(StandInsNamed, timestamp=at, by=by, number=number, stand_ins=dict(stand_ins), reason="")


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


def may_settle(course: Course, session: Session, case: str, actor: Actor) -> bool:
    """Whether somebody may settle what the recordings tell differently of a child: who made one of those, either way,
    and the lead of the service team of the course."""
    if actor.role is Role.TEAM_LEAD and bool(actor.team) and actor.team == course.team:
        return True
    return any(case in r["lines"] and r["by"] == str(actor.person_id) for r in session["recordings"].values())


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
