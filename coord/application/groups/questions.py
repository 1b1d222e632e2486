"""Looks at courses, with the shapes of their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from coord.application.questions import CaseQuestion, CourseQuestion, Question, Shown
from coord.domain.actors import Relationship
from coord.domain.case.aggregate import Profile
from coord.domain.case.groups import LineVersion
from coord.domain.course import Reason
from coord.domain.policy import Values


@dataclass(frozen=True, slots=True)
class ReadCourses(Question):
    """The courses of one's own service team, and those one is on the staff of: no child is named. ``ended`` too."""

    ended: bool = False


@dataclass(frozen=True, slots=True)
class ReadCourse(CourseQuestion):
    """One course without its children: what it is, when, who runs it, whether there is a place."""

    course_id: UUID


@dataclass(frozen=True, slots=True)
class ReadRoster(CourseQuestion):
    """Who is in the course, who came when, and each child's line over time. Its staff and the team lead alone."""

    course_id: UUID


@dataclass(frozen=True, slots=True)
class ReadSession(CourseQuestion):
    """One session with its plan, its children, and what was recorded; for its staff and the team lead."""

    course_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class ReadFit(CourseQuestion):
    """Whether the course fits a child, why and why not; for somebody who may enrol this child."""

    course_id: UUID
    case_id: UUID
    goals: Sequence[UUID] = ()
    """The goals that the child would work on; all that may be chosen, if empty."""


@dataclass(frozen=True, slots=True)
class ReadMySessions(Question):
    """The sessions of the courses one is on the staff of, from ``start`` to ``end``, both days included. No child."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class ReadGroups(CaseQuestion):
    """The groups of a child: kind, aims, dates, attendance, messages. Not the other children, nor how many there are.

    Teachers: attendance and the messages for school.
    """

    case_id: UUID


# ---- answers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session in a list. ``status``: planned (to take place), recorded, cancelled; ``plan_version`` 0: no plan.
    ``recorded_by`` names who recorded it, ``reason`` says why it was cancelled."""

    number: int
    starts_at: datetime
    ends_at: datetime
    status: str
    plan_version: int
    recorded_by: Sequence[str]
    reason: str


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One course. ``content`` is a `CourseText`; ``staff`` are mappings with person_id, name, role, discipline;
    ``version`` is what commands expect. ``may``: names of commands and questions that this person may put to it now."""

    id: UUID
    team: str
    status: str
    version: int
    content_version: int
    content: Mapping[str, Any]
    why_otherwise: str
    staff: Sequence[Mapping[str, Any]]
    sessions: Sequence[SessionLine]
    enrolled: int
    waiting: int
    staff_needed: int
    on_staff: bool
    may: frozenset[str]

    @property
    def free(self) -> int:
        """Places that are free."""
        return max(0, int(self.content["capacity"]) - self.enrolled)


@dataclass(frozen=True, slots=True)
class CoursesAnswer:
    """Courses by their first date. ``may`` has ``PlanCourse`` for who may plan one; ``policies`` are the team's values
    in force for each kind."""

    team: str
    courses: Sequence[CourseLine]
    policies: Mapping[str, Values]
    may: frozenset[str]
    shown: Shown


@dataclass(frozen=True, slots=True)
class CourseAnswer:
    """One course, with the policy of its kind."""

    course: CourseLine
    policy: Values
    shown: Shown


@dataclass(frozen=True, slots=True)
class GoalToAddress:
    """A goal of a child that the group works on. ``levels`` are the words of its scale ("-2" to "2"), or None;
    ``open``: it can be rated now."""

    id: UUID
    statement: str
    levels: Mapping[str, str] | None
    scale_version: int
    status: str
    open: bool


@dataclass(frozen=True, slots=True)
class LineShown:
    """What one session was for one child, in one recording. ``line`` is a `coord.domain.case.groups.Line`;
    ``ratings`` and ``strategies`` are spelled out: mappings with goal_id, observation_id, level, support, remark, and
    with strategy_id, text; `ReadGroups` has only ratings of goals that the reader may read, with their ``statement``,
    and of the goals ``worked_on`` without a rating the statements.
    ``corrected`` is the reason of the last correction, ``error`` that of a mistake. ``earlier`` are the versions before
    the present one, the oldest first: of `ReadGroups` alone, as they are the past of the child's record."""

    id: UUID
    case_id: UUID
    membership_id: UUID
    kind: str
    number: int
    version: int
    line: Mapping[str, Any]
    ratings: Sequence[Mapping[str, Any]]
    strategies: Sequence[Mapping[str, Any]]
    observed_from: datetime
    observed_to: datetime
    by_name: str
    recorded_at: datetime
    corrected: str
    error: str
    earlier: Sequence[LineVersion] = ()
    worked_on: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RosterChild:
    """One child of the course. ``status``: enrolled, waiting, left. ``fit`` as it was known when the place was given.
    ``lines`` by the number of the session; more than one where two recorded it."""

    case_id: UUID
    preferred_name: str
    age: int
    status: str
    since: date
    goals: Sequence[GoalToAddress]
    guardians: Sequence[str]
    fit: Sequence[Reason]
    override: str
    profile: Profile | None
    lines: Mapping[int, Sequence[LineShown]]
    may_open: bool
    """Whether this person may open the child's own record."""
    born: date | None = None
    """Only where another child of the course is called alike, to tell them apart."""


@dataclass(frozen=True, slots=True)
class RosterAnswer:
    """The course, its children: those enrolled first, then those who wait, then those who left."""

    course: CourseLine
    children: Sequence[RosterChild]
    policy: Values
    shown: Shown


@dataclass(frozen=True, slots=True)
class SessionChild:
    """One child in a session: what is planned (``grading``, ``how``, ``goals``), what each planned activity asks of
    them beyond what they cope with (``beyond``: title -> names of demands), what was recorded.

    ``enrolled``: has a place now, or has left, ``since`` that day. ``expected``: had the place on the day that is
    planned, so that attendance is asked; ``recordable``: can have been there.
    """

    case_id: UUID
    preferred_name: str
    age: int
    goals: Sequence[GoalToAddress]
    planned_goals: Sequence[UUID]
    guardians: Sequence[str]
    grading: str
    how: str
    beyond: Mapping[str, Sequence[str]]
    lines: Sequence[LineShown]
    enrolled: bool
    since: date
    expected: bool
    recordable: bool
    born: date | None = None
    """Only where another child of the session is called alike, to tell them apart."""


@dataclass(frozen=True, slots=True)
class RecordingShown:
    """One recording. ``note`` is a `GroupNote`; ``lines`` leads from the case to the line; ``may_correct`` for this
    person. ``corrections``: mappings with version, by_name, at, reason."""

    id: UUID
    by_id: UUID
    by_name: str
    recorded_at: datetime
    version: int
    started_at: datetime
    ended_at: datetime
    staff: Sequence[str]
    note: Mapping[str, str]
    lines: Mapping[UUID, UUID]
    corrections: Sequence[Mapping[str, Any]]
    may_correct: bool


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """A session. ``plan`` is a `coord.domain.course.sessions.Plan` or None; ``last_plan`` that of the last session
    before it that has one, to be copied. ``activities`` by id: mappings of `ActivityText` with status and text_version,
    those of the plan. ``record``: what this kind records of each child, as the policy says."""

    course: CourseLine
    session: SessionLine
    plan: Mapping[str, Any] | None
    last_plan: Mapping[str, Any] | None
    activities: Mapping[str, Mapping[str, Any]]
    children: Sequence[SessionChild]
    recordings: Sequence[RecordingShown]
    policy: Values
    record: Sequence[str]
    may: frozenset[str]
    shown: Shown


@dataclass(frozen=True, slots=True)
class FitAnswer:
    """Reasons for and against; ``profile`` of the child (None: not described); ``goals`` that may be chosen;
    ``place`` the child's present one in this course ("" if none), with the goals ``chosen`` for it and its
    ``guardians``; ``may``: ``enrolled``, ``waiting`` as this person may give; ``may_describe``: whether they may
    describe the profile."""

    course: CourseLine
    case_id: UUID
    preferred_name: str
    age: int
    reasons: Sequence[Reason]
    profile: Profile | None
    goals: Sequence[GoalToAddress]
    place: str
    chosen: Sequence[UUID]
    guardians: Sequence[str]
    may: frozenset[str]
    may_describe: bool
    policy: Values
    shown: Shown


@dataclass(frozen=True, slots=True)
class MySession:
    """A session in one's own week: the course's title, kind and room, never a child."""

    course_id: UUID
    title: str
    kind: str
    room: str
    number: int
    of: int
    starts_at: datetime
    ends_at: datetime
    status: str
    planned: bool
    recorded: bool
    version: int


@dataclass(frozen=True, slots=True)
class MySessionsAnswer:
    """Sessions in order of time."""

    start: date
    end: date
    sessions: Sequence[MySession]
    shown: Shown


@dataclass(frozen=True, slots=True)
class GroupOfChild:
    """One place of a child in a group, with their lines, oldest first. ``next_dates``: when the sessions to come
    begin. ``attended`` of ``held`` sessions that have a line."""

    membership_id: UUID
    kind: str
    aims: str
    status: str
    reason: str
    since: datetime
    next_dates: Sequence[datetime]
    attended: int
    held: int
    lines: Sequence[LineShown]


@dataclass(frozen=True, slots=True)
class GroupsAnswer:
    """The groups of a child, newest first, and how much the child copes with (None: not described, or not for this
    reader)."""

    case_id: UUID
    preferred_name: str
    groups: Sequence[GroupOfChild]
    profile: Profile | None
    may: frozenset[str]
    status: str
    relationship: Relationship
    shown: Shown
