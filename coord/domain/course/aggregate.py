"""The course: a therapeutic group over a term. Its stream alone knows who is in it, and which line of which child's
record belongs to which session; no child's stream says so (docs/adr/0010)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Annotated, Any, TypedDict
from uuid import UUID

from eventsourcing.domain import BaseAggregate

from coord.domain.actors import Actor, Relationship
from coord.domain.course.hours import Hours, held_on
from coord.domain.errors import Conflict, NotFound, Stale
from coord.domain.groups import GroupKind
from coord.domain.said import DayText, Said


class SessionStatus(StrEnum):
    """Where a session stands."""

    PLANNED = "planned"
    RECORDED = "recorded"
    CANCELLED = "cancelled"


class PlaceStatus(StrEnum):
    """Where a child stands with a course."""

    ENROLLED = "enrolled"
    WAITING = "waiting"
    LEFT = "left"


class CourseText(TypedDict):
    """What a course is. ``first_date`` and ``holidays`` are ISO dates, ``start_time`` is HH:MM on the clinic's clock;
    ``sessions`` counts them, one a week. ``title`` is for the staff; the ``aims`` are for every child's people too."""

    title: str
    kind: Annotated[str, Said(of=GroupKind)]
    aims: str
    room: str
    first_date: DayText
    start_time: str
    minutes: int
    sessions: int
    holidays: list[DayText]
    capacity: int


class StaffMember(TypedDict):
    """Somebody who runs the course, as they were when named."""

    name: str
    role: str
    discipline: str | None


class Period(TypedDict):
    """One stay of a child in the group: from a first day to a last one (ISO dates, both included; "": no end is named).
    ``membership`` is what the child's own stream calls it."""

    membership: str
    since: str
    until: str


class Place(TypedDict):
    """A child's place in a course. ``membership`` is the random id under which the child's own stream speaks of it;
    ``goals`` are the child's goals that the group works on; ``guardians`` those enrolled with the child; ``override``
    says why the child has the place in spite of reasons against; ``since`` is the first day in this status (of one who
    has left, the last in the group). ``periods`` are all stays in the group, the earliest first: who left and came back
    has two."""

    membership: str
    status: str
    goals: list[str]
    guardians: list[str]
    override: str
    since: str
    periods: list[Period]


class GroupNote(TypedDict):
    """What a session was for the group as a whole, without names: what was delivered of the plan, the room and its
    noise, how the children were with each other, what to do next time."""

    delivered: str
    environment: str
    dynamics: str
    next_plan: str


class Recording(TypedDict):
    """What one member of the staff recorded of one session: by whom (``name`` as it was then), how often corrected,
    and the line of each child. ``lines`` leads from the case to the entry in that child's stream, ``taken_back`` are
    the cases whose line was entered in error; ``staff`` are those who ran it, from id to name as it was then ("" where
    a recording of before kept the id alone)."""

    by: str
    name: str
    version: int
    started_at: datetime
    ended_at: datetime
    staff: dict[str, str]
    note: GroupNote
    lines: dict[str, str]
    taken_back: list[str]


class Session(TypedDict):
    """Where one session of the course stands: ``planned`` (it is to take place), ``recorded`` or ``cancelled``.
    ``activities`` are the ids of those in its plan; ``moved_to`` is when it begins (HH:MM) if its date was moved, else
    ""; ``stand_ins`` run this one session without being on the staff of the course, by id."""

    status: str
    plan_version: int
    activities: list[str]
    recordings: dict[str, Recording]
    moved_to: str
    stand_ins: dict[str, StaffMember]


class Service(TypedDict):
    """One stretch of time for which somebody was on the staff: from and until which moment; None: from the beginning,
    and until now."""

    member: StaffMember
    since: datetime | None
    until: datetime | None


NOTHING_YET: Session = {
    "status": "planned",
    "plan_version": 0,
    "activities": [],
    "recordings": {},
    "moved_to": "",
    "stand_ins": {},
}


def is_among(people: Mapping[str, StaffMember] | Mapping[str, Mapping[str, Any]], actor: Actor) -> bool:
    """Whether the actor is one of those who run a course or a session, in the role that they are here in: a course
    that somebody runs in one role opens no child to another of theirs."""
    member = people.get(str(actor.person_id))
    return member is not None and actor.is_here_by(member["role"])


def here_on(place: Place | Mapping[str, Any], day: date) -> Period | None:
    """The stay in which a child is in the group on a day, its last day included."""
    text = day.isoformat()
    return next((p for p in place["periods"] if p["since"] <= text and (not p["until"] or text <= p["until"])), None)


def on_the_roster(place: Place | Mapping[str, Any], day: date) -> bool:
    """Whether a session on a day asks for the child's attendance: here then, and not for the last day."""
    text = day.isoformat()
    return any(p["since"] <= text and (not p["until"] or text < p["until"]) for p in place["periods"])


def may_have_come(place: Place | Mapping[str, Any], day: date) -> bool:
    """Whether the child can have been in a session on a day: in the group then, on the last day too; or to join later,
    for a place is often written down after the first session."""
    return any(not p["until"] or p["until"] >= day.isoformat() for p in place["periods"])


def keeps_place(place: Place | Mapping[str, Any], day: date) -> bool:
    """Whether a child is in the group on a day, or is to join after it. The last day frees the place."""
    return any(not p["until"] or p["until"] > day.isoformat() for p in place["periods"])


def standing_on(place: Place | Mapping[str, Any], day: date) -> str:
    """What the place is on a day: enrolled (also who is to join, or whose last day is still to come), waiting, left."""
    if keeps_place(place, day):
        return "enrolled"
    return "waiting" if place["status"] == "waiting" else "left"


class Course(BaseAggregate[UUID]):
    """The stream of one course. Sessions are known by their number, from 1 on; decisions live beside this module."""

    TOPIC = "course"
    team: str
    content: CourseText
    content_version: int
    hours: tuple[Hours, ...]
    """When and where its sessions were to be, from the beginning until now."""
    dates: tuple[str, ...]
    regular: tuple[str, ...]
    """The dates as the weeks give them; those of sessions that were moved are another one in ``dates``."""
    staff: Mapping[str, StaffMember]
    services: Mapping[str, tuple[Service, ...]]
    """When everybody who is or was on the staff was so, by person."""
    places: Mapping[str, Place]
    sessions: Mapping[int, Session]
    status: str
    changed_in: Mapping[str, int]
    """In which version of the stream the content, each place and each session were last changed."""

    def __init__(self) -> None:
        """State comes from the events alone."""

    def __deepcopy__(self, memo: dict[int, object]) -> Course:
        """One that can be changed without the cached one: events replace what they change, and alter nothing."""
        copy = object.__new__(Course)
        copy.__dict__ = {**self.__dict__, "_pending_events": []}
        return copy

    def relationship_of(self, actor: Actor, number: int | None = None) -> Relationship:
        """What ``actor`` is to this course: among its staff, or of its service team; and to its session ``number``,
        which somebody else may run for once."""
        stands_in = number is not None and is_among(self.sessions.get(number, NOTHING_YET)["stand_ins"], actor)
        same_team = bool(actor.team) and actor.team == self.team
        return Relationship(None, same_team, on_staff=is_among(self.staff, actor), stands_in=stands_in)

    def session(self, number: int) -> Session:
        """Where a session stands. Raises `NotFound` when the course has none of this number."""
        if not 1 <= number <= len(self.dates):
            raise NotFound("no-such-session")
        return self.sessions.get(number, NOTHING_YET)

    def hours_of(self, number: int, zone: tzinfo) -> Hours:
        """When, for how long and where a session is: as the course has it now, or had it when the session began (by
        ``zone``, the clinic's); at its own time, if its date was moved."""
        session, day = self.session(number), date.fromisoformat(self.dates[number - 1])
        began = [recording["started_at"] for recording in session["recordings"].values()]
        return held_on(self.hours, day, zone, moved_to=session["moved_to"], began=began)

    def place(self, case_id: UUID) -> Place:
        """The place of a child. Raises `NotFound` when the child never had one."""
        place = self.places.get(str(case_id))
        if place is None:
            raise NotFound("no-such-place")
        return place

    def enrolled(self, day: date) -> list[str]:
        """The cases that have a place on a day or are to have one after it, in the order in which they got it."""
        return [case for case, place in self.places.items() if keeps_place(place, day)]

    def expected(self, day: date) -> list[str]:
        """The roster of a session on a day: their attendance is asked. Not of one whose last day it is, who may have
        gone before the session."""
        return [case for case, place in self.places.items() if on_the_roster(place, day)]

    def membership_on(self, case_id: UUID, day: date) -> str:
        """Under which membership a session on a day is told of in the child's own stream: that of the stay it was in,
        and the present one where it was in none."""
        place = self.place(case_id)
        period = here_on(place, day)
        return period["membership"] if period is not None else place["membership"]

    def can_have_been_there(self, case_id: UUID, day: date) -> bool:
        """Whether a child can have been in a session on a day; see `may_have_come`."""
        place = self.places.get(str(case_id))
        return place is not None and may_have_come(place, day)

    def ran(self, person: str, started: datetime, ended: datetime, number: int) -> StaffMember | None:
        """Somebody who can have run a session by what the course knows: its staff, now or when the session was, and
        who was named to stand in. None for everybody else."""
        if person in self.staff:
            return self.staff[person]
        for service in self.services.get(person, ()):
            if (service["since"] is None or service["since"] <= ended) and (
                service["until"] is None or started <= service["until"]
            ):
                return service["member"]
        return self.session(number)["stand_ins"].get(person)

    @property
    def dates_that_stand(self) -> list[str]:
        """The dates of the sessions that were not cancelled."""
        return [day for number, day in enumerate(self.dates, 1) if self.session(number)["status"] != "cancelled"]

    def other_times(self, zone: tzinfo) -> dict[str, str]:
        """Of the dates that stand those on which a session begins, or began, at another time than the course has now,
        with that time."""
        times = {
            day: self.hours_of(number, zone)["start_time"]
            for number, day in enumerate(self.dates, 1)
            if self.session(number)["status"] != "cancelled"
        }
        return {day: clock for day, clock in times.items() if clock != self.content["start_time"]}

    def refuse_if_ended(self) -> None:
        """Raise `Conflict` when the course is over."""
        if self.status == "ended":
            raise Conflict("course-ended")

    def refuse_if_changed(self, expected: int | None, *parts: str) -> None:
        """Raise `Stale` when any of these parts of it changed since the version of the stream that one saw; and when
        nobody can have seen it yet."""
        if expected is None:
            return
        changed = [part for part in parts if self.changed_in.get(part, 0) > expected]
        if changed or expected > self.version:
            raise Stale(self.version, changed)

    def now_changed(self, part: str, version: int) -> Mapping[str, int]:
        """What ``changed_in`` is once ``part`` changed in ``version``."""
        return {**self.changed_in, part: version}
