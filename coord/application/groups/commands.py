"""Commands about courses. Ids of what is new are the caller's, random, so that sending twice is once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from coord.application.declared import CaseCommand, Command, CourseCommand, Makes, Reason, command
from coord.domain.activity import Demand
from coord.domain.case.groups import LineContent
from coord.domain.course import CourseContent, PlanContent
from coord.domain.course.life import MOST_STAFF
from coord.domain.course.places import GIVEN, MOST_GOALS, MOST_GUARDIANS
from coord.domain.input import REASON, SHORT
from coord.domain.permissions import (
    therapist_near_the_course,
    therapist_on_staff_or_lead,
    therapist_or_lead,
    therapist_or_lead_of_the_child,
    therapist_running_the_session_or_lead,
)
from coord.domain.said import FLAT, Said

_STAFF = Said("People, a therapist among them", most=MOST_STAFF)


@command(therapist_or_lead_of_the_child, "Tried to describe what the child copes with")
class DescribeProfile(CaseCommand):
    """Describe how much a child copes with, as activities demand it; "" where nobody can say."""

    cognitive: Annotated[str, Said(of=Demand)]
    motor: Annotated[str, Said(of=Demand)]
    communication: Annotated[str, Said(of=Demand)]
    remark: Annotated[str, Said(most=REASON)] = ""
    sensory: Annotated[str, Said("Of what there is to hear, see and touch; not known, if left out", of=Demand)] = ""
    attention: Annotated[str, Said("How long, and with how much around; not known, if left out", of=Demand)] = ""


@command(therapist_or_lead, "Tried to plan a course", makes="course_id")
class PlanCourse(Command):
    """Plan a course in one's own service team. ``staff`` are people; whoever plans it is among them or not."""

    course_id: UUID
    content: Annotated[CourseContent, FLAT]
    staff: Annotated[Sequence[UUID], _STAFF]


@command(therapist_on_staff_or_lead, "Tried to revise a course")
class ReviseCourse(CourseCommand):
    """Plan it otherwise, saying why; ``content`` and ``staff`` are the whole new ones, None leaves the staff as it
    is."""

    expected_version: int | None
    content: Annotated[CourseContent, FLAT]
    staff: Annotated[Sequence[UUID] | None, _STAFF]
    reason: Reason
    override: Annotated[
        str, Said("Why the times shall be so although children of it have another group then", most=REASON)
    ] = ""
    confirmed: Sequence[str] = ()


@command(therapist_on_staff_or_lead, "Tried to end a course")
class EndCourse(CourseCommand):
    """End the course; every child in it, or waiting, leaves with it."""

    reason: Reason
    expected_version: int | None = None
    confirmed: Sequence[str] = ()


@command(therapist_near_the_course, "Tried to give a place in a course")
class EnrolChild(CourseCommand):
    """Give a child a place (``enrolled``), or let them wait for one (``waiting``); to one who has it, other goals.

    A place is given by the staff of the course or the team lead; any therapist of the team who knows the child may put
    them on the waiting list. ``goals`` None leaves those of before; ``since`` None is today, or the day of before.
    """

    case_id: Annotated[UUID, Said("A child whom you treat; for the staff also one that waits")]
    place: Annotated[
        str,
        Said("`enrolled`, if left out; it is given by the staff of the course or the team lead", of=GIVEN),
    ] = "enrolled"
    goals: Annotated[
        Sequence[UUID] | None,
        Said(
            "The child's goals that the group is to work on: its staff will read them. If left out none, where `fit` "
            "means all; for a child who has, had or waits for a place those of before. Empty: none",
            most=MOST_GOALS,
        ),
    ] = None
    guardians: Annotated[
        Sequence[Annotated[str, Said(most=SHORT)]],
        Said(
            "Who is enrolled with the child, whole: nobody, if left out. Needed in a psycho-educational group",
            most=MOST_GUARDIANS,
        ),
    ] = ()
    override: Annotated[str, Said("Why it should be so although there are reasons against", most=REASON)] = ""
    since: Annotated[date | None, Said("The first day, past or to come; today, if left out")] = None
    confirmed: Sequence[str] = ()


@command(therapist_on_staff_or_lead, "Tried to take a child off a course")
class EndPlace(CourseCommand):
    """Take a child off the course, or off its waiting list. ``until`` is the last day, past or to come: today, if it is
    None; for a child who has left, another last day. ``confirmed`` are answers to what was asked."""

    case_id: UUID
    reason: Reason
    until: Annotated[date | None, Said("The last day, past or to come; today, if left out")] = None
    confirmed: Sequence[str] = ()


@command(therapist_on_staff_or_lead, "Tried to plan a session")
class PlanSession(CourseCommand):
    """Plan a session, or plan it otherwise; ``plan`` is the whole of it."""

    number: int
    plan: Annotated[PlanContent, FLAT]
    expected_version: int | None = None


@command(therapist_on_staff_or_lead, "Tried to cancel a session")
class CancelSession(CourseCommand):
    """Say that a session does not take place."""

    number: int
    reason: Reason
    expected_version: int | None = None
    confirmed: Sequence[str] = ()


@command(therapist_on_staff_or_lead, "Tried to have a session take place after all")
class ReinstateSession(CourseCommand):
    """Say that a session takes place after all that was cancelled; before its day or after it."""

    number: int
    reason: Reason
    expected_version: int | None = None
    confirmed: Sequence[str] = ()


@command(therapist_on_staff_or_lead, "Tried to move a session")
class MoveSession(CourseCommand):
    """Let one session take place on another day, or at another time (HH:MM), saying why."""

    number: int
    day: date | None
    start_time: Annotated[str, Said("HH:MM on the clinic's clock", most=5)]
    reason: Reason
    expected_version: int | None = None
    confirmed: Sequence[str] = ()


@command(therapist_on_staff_or_lead, "Tried to name who stands in for a session")
class NameStandIns(CourseCommand):
    """Name who runs one session without being on the staff of the course: the whole list, empty for nobody. They read
    this session with its children, and record it."""

    number: int
    people: Annotated[Sequence[UUID], Said(most=MOST_STAFF)]
    reason: Reason
    expected_version: int | None = None
    confirmed: Sequence[str] = ()


@command(therapist_running_the_session_or_lead, "Tried to settle whether a child was in a session")
class SettleAttendance(CourseCommand):
    """Settle what the recordings of a session tell differently of a child: ``line_id`` is the line that holds, those
    that tell the contrary are entered in error, with their ratings. Who made one of them may, and the team lead."""

    number: int
    case_id: UUID
    line_id: Annotated[UUID, Said("The line that holds; what tells the contrary is marked as entered in error")]
    reason: Reason
    confirmed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Rating:
    """A goal rated in a session: at least one of level, support and remark."""

    observation_id: UUID
    goal_id: UUID
    level: int | None = None
    support: str = ""
    remark: str = ""
    scale_version: int | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A strategy for home, handed over in a session."""

    strategy_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class ChildRecord:
    """What is recorded of one child. ``line_id`` is new, or that of the line to be corrected."""

    case_id: UUID
    line_id: UUID
    content: LineContent
    ratings: Sequence[Rating] = ()
    strategies: Sequence[HandedOver] = ()


@command(
    therapist_running_the_session_or_lead,
    "Tried to record a session",
    makes=Makes("recording_id", apart=frozenset({"started_at", "ended_at"})),  # an end that is left empty is now
)
class RecordSession(CourseCommand):
    """Record a session: a note about the group without names, and a line for each child, in one transaction.

    Every child who has a place has a line, from this recording or another of the same session; the absent one too.
    ``confirmed`` are answers to what was asked: what looks like another child's name and is none. ``staff`` are those
    who ran it; the one who records, if empty. Whoever of them was never on the staff stands in, and knows of the
    session from then on. ``nobody_came`` says so of a session without any child on its roster. Nothing is recorded
    before the session's day (of the clinic's calendar). ``took_place`` says so of a session that was cancelled: the
    cancellation stays in the course's history."""

    number: int
    recording_id: UUID
    started_at: datetime | None
    ended_at: datetime | None
    note: Mapping[str, str] = field(default_factory=dict)
    children: Sequence[ChildRecord] = ()
    staff: Sequence[UUID] = ()
    confirmed: Sequence[str] = ()
    took_place: bool = False
    nobody_came: bool = False


@command(therapist_running_the_session_or_lead, "Tried to correct the record of a session")
class CorrectSession(CourseCommand):
    """Correct a recording of one's own, saying why. It reaches the record of each child whom it concerns.

    ``expected_version`` is that of the recording. ``note``, ``staff`` and the times are the whole new ones; None
    leaves them as they are (new times concern every child). ``children`` are the lines that change, whole, with all
    their ratings (one that is left out is marked as a mistake), and lines that are new; ``in_error`` are cases whose
    line should never have been written."""

    number: int
    recording_id: UUID
    expected_version: int
    reason: Reason
    started_at: datetime | None = None
    ended_at: datetime | None = None
    note: Mapping[str, str] | None = None
    children: Sequence[ChildRecord] = ()
    in_error: Sequence[UUID] = ()
    confirmed: Sequence[str] = ()
    staff: Sequence[UUID] | None = None
