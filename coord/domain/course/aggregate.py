"""The course: a therapeutic group over a term. Its stream alone knows who is in it, and which line of which child's
record belongs to which session; no child's stream says so (docs/adr/0010)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from eventsourcing.domain import BaseAggregate

from coord.domain.actors import Actor, Relationship
from coord.domain.errors import Conflict, NotFound, Stale


class CourseText(TypedDict):
    """What a course is. ``first_date`` and ``holidays`` are ISO dates, ``start_time`` is HH:MM on the clinic's clock;
    ``sessions`` counts them, one a week. ``title`` is for the staff; the ``aims`` are for every child's people too."""

    title: str
    kind: str
    aims: str
    room: str
    first_date: str
    start_time: str
    minutes: int
    sessions: int
    holidays: list[str]
    capacity: int


class StaffMember(TypedDict):
    """Somebody who runs the course, as they were when named."""

    name: str
    role: str
    discipline: str | None


class Place(TypedDict):
    """A child's place in a course. ``membership`` is the random id under which the child's own stream speaks of it;
    ``goals`` are the child's goals that the group works on; ``guardians`` those enrolled with the child; ``override``
    says why the child has the place in spite of reasons against; ``since`` is the first day in this status (of one who
    has left, the last in the group), and ``had_place`` whether they ever did more than wait."""

    membership: str
    status: str
    goals: list[str]
    guardians: list[str]
    override: str
    since: str
    had_place: bool


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
    the cases whose line was entered in error; ``staff`` are the ids of those who ran it."""

    by: str
    name: str
    version: int
    started_at: datetime
    ended_at: datetime
    staff: list[str]
    note: GroupNote
    lines: dict[str, str]
    taken_back: list[str]


class Session(TypedDict):
    """Where one session of the course stands: ``planned`` (it is to take place), ``recorded`` or ``cancelled``.
    ``activities`` are the ids of those in its plan."""

    status: str
    plan_version: int
    activities: list[str]
    recordings: dict[str, Recording]


PLACES = ("waiting", "enrolled", "left")
NOTHING_YET: Session = {"status": "planned", "plan_version": 0, "activities": [], "recordings": {}}


class Course(BaseAggregate[UUID]):
    """The stream of one course. Sessions are known by their number, from 1 on; decisions live beside this module."""

    TOPIC = "course"
    team: str
    content: CourseText
    content_version: int
    dates: tuple[str, ...]
    staff: Mapping[str, StaffMember]
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

    def relationship_of(self, actor: Actor) -> Relationship:
        """What ``actor`` is to this course: among its staff, or of its service team."""
        return Relationship(
            None, bool(actor.team) and actor.team == self.team, on_staff=str(actor.person_id) in self.staff
        )

    def session(self, number: int) -> Session:
        """Where a session stands. Raises `NotFound` when the course has none of this number."""
        if not 1 <= number <= len(self.dates):
            raise NotFound("no-such-session")
        return self.sessions.get(number, NOTHING_YET)

    def place(self, case_id: UUID) -> Place:
        """The place of a child. Raises `NotFound` when the child never had one."""
        place = self.places.get(str(case_id))
        if place is None:
            raise NotFound("no-such-place")
        return place

    def enrolled(self) -> list[str]:
        """The cases that have a place now, in the order in which they got it."""
        return [case for case, place in self.places.items() if place["status"] == "enrolled"]

    def expected(self, day: date) -> list[str]:
        """Those of them whose place was given by a day: of a session on it, their attendance is asked."""
        return [case for case in self.enrolled() if self.places[case]["since"] <= day.isoformat()]

    def can_have_been_there(self, case_id: UUID, day: date) -> bool:
        """Whether a child can have been in a session on a day: in the group now, or until then or longer. Since when is
        not asked, for a place is often written down after the first session."""
        place = self.places.get(str(case_id))
        if place is None or not place["had_place"]:
            return False
        return place["status"] == "enrolled" or place["since"] >= day.isoformat()

    @property
    def dates_that_stand(self) -> list[str]:
        """The dates of the sessions that were not cancelled."""
        return [day for number, day in enumerate(self.dates, 1) if self.session(number)["status"] != "cancelled"]

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
