"""Looks at courses, with the shapes of their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from coord.application.declared import CaseQuestion, CourseQuestion, Question, question
from coord.application.looking import Category, Purpose
from coord.application.questions import Shown
from coord.domain.actors import Relationship
from coord.domain.case.aggregate import Profile
from coord.domain.case.groups import LineVersion
from coord.domain.course import GroupPicture, Reason
from coord.domain.permissions import (
    anyone_who_knows_the_child,
    clinician,
    knows_course,
    runs_the_session_or_leads,
    staff_or_lead_of_the_course,
    therapist_near_the_course,
)
from coord.domain.policy import Values


@question(clinician, "Looked at the courses", purpose=Purpose.SERVICE)
class ReadCourses(Question):
    """The courses of one's own service team, and those one is on the staff of: no child is named. ``ended`` too."""

    ended: bool = False


@question(knows_course, "Looked at a course", purpose=Purpose.SERVICE)
class ReadCourse(CourseQuestion):
    """One course without its children: what it is, when, who runs it, whether there is a place."""


@question(staff_or_lead_of_the_course, "Looked at who is in a course", others=True)
class ReadRoster(CourseQuestion):
    """Who is in the course, who came when, and each child's line over time. Its staff and the team lead alone."""


@question(runs_the_session_or_leads, "Looked at a group session", others=True)
class ReadSession(CourseQuestion):
    """One session with its plan, its children, and what was recorded; for its staff and the team lead."""

    number: int


@question(therapist_near_the_course, "Looked whether a course fits", others=True)
class ReadFit(CourseQuestion):
    """Whether the course fits a child, why and why not; for somebody who may enrol this child."""

    case_id: UUID
    goals: Sequence[UUID] = ()
    """The goals that the child would work on; all that may be chosen, if empty."""


@question(clinician, "Looked at their own sessions", purpose=Purpose.SERVICE)
class ReadMySessions(Question):
    """The sessions of the courses one is on the staff of, and those one stands in for, from ``start`` to ``end``, both
    days included. No child. ``waiting``: also what waits for one, however long ago (see `MySessionsAnswer`)."""

    start: date
    end: date
    waiting: bool = False


@question(
    anyone_who_knows_the_child,
    "Looked at the child's groups",
    shows=(Category.IDENTITY, Category.GOALS, Category.GROUPS),
)
class ReadGroups(CaseQuestion):
    """The groups of a child: kind, aims, dates, attendance, messages. Not the other children, nor how many there are.

    Teachers: attendance and the messages for school.
    """


# ---- answers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session in a list: when and where it is, or was when it began, whatever was changed later.

    ``status``: planned (to take place), recorded, cancelled; ``plan_version`` 0: no plan. ``recorded_by`` names
    who recorded it, ``reason`` says why it was cancelled. ``moved``: why it is not on its day, by whom it was moved and
    from when (from_day, from_time, reason, by_name), or None. ``stand_ins`` name who runs it for once. ``nobody_came``:
    recorded, and no child was there; ``unclear``: of so many children the recordings disagree about whether they
    were."""

    number: int
    starts_at: datetime
    ends_at: datetime
    minutes: int
    room: str
    status: str
    plan_version: int
    recorded_by: Sequence[str]
    reason: str
    moved: Mapping[str, Any] | None
    stand_ins: Sequence[str]
    nobody_came: bool
    unclear: int


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
    and of the goals ``worked_on`` without a rating the statements. ``instead``: the line that holds in its place.
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
    instead: UUID | None = None


@dataclass(frozen=True, slots=True)
class RosterChild:
    """One child of the course. ``status``: enrolled (also who is to join, or has a last day to come), waiting, left.
    ``fit`` as it was known when the place was given. ``periods`` are the stays in the group, mappings with since and
    until (None: no end is named). ``lines`` by the number of the session; more than one where two recorded it."""

    case_id: UUID
    preferred_name: str
    age: int
    status: str
    since: date
    periods: Sequence[Mapping[str, date | None]]
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
    """The course, its children: those enrolled first, then those who wait, in their turn, then those who left.
    ``picture`` is the group as it is: who is enrolled."""

    course: CourseLine
    children: Sequence[RosterChild]
    picture: GroupPicture
    policy: Values
    shown: Shown


@dataclass(frozen=True, slots=True)
class SessionChild:
    """One child in a session: what is planned (``grading``, ``how``, ``goals``), what each planned activity asks of
    them beyond what they cope with (``beyond``: title -> names of demands), what was recorded.

    ``enrolled``: on the roster of its day or to join after it. ``since`` as in the roster. ``expected``: on the roster
    of the day that is planned, so that attendance is asked; ``recordable``: can have been there. ``attendance`` is
    what the lines tell together: there, absent, ``unclear`` where they disagree, "" without one; ``may_settle``: this
    person may say which of them holds."""

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
    attendance: str
    may_settle: bool
    born: date | None = None
    """Only where another child of the session is called alike, to tell them apart."""


@dataclass(frozen=True, slots=True)
class RecordingShown:
    """One recording. ``staff`` name those who ran it, ``staff_ids`` who they are; ``note`` is a `GroupNote`; ``lines``
    leads from the case to the line; ``may_correct`` for this person. ``corrections``: mappings with version, by_name,
    at, reason."""

    id: UUID
    by_id: UUID
    by_name: str
    recorded_at: datetime
    version: int
    started_at: datetime
    ended_at: datetime
    staff: Sequence[str]
    staff_ids: Sequence[UUID]
    note: Mapping[str, str]
    lines: Mapping[UUID, UUID]
    corrections: Sequence[Mapping[str, Any]]
    may_correct: bool


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """A session. ``plan`` is a `coord.domain.course.sessions.Plan` or None; ``last_plan`` that of the last session
    before it that has one, to be copied. ``activities`` by id: mappings of `ActivityText` with status and
    text_version, those of the plan. ``record``: what this kind records of each child, as the policy says.
    ``staff_then``: who can have run it by what the course knows, the staff of then and now and who stands in: mappings
    with person_id and name. ``stand_ins`` likewise. ``picture``: the children on its roster, as a group."""

    course: CourseLine
    session: SessionLine
    plan: Mapping[str, Any] | None
    last_plan: Mapping[str, Any] | None
    activities: Mapping[str, Mapping[str, Any]]
    children: Sequence[SessionChild]
    recordings: Sequence[RecordingShown]
    policy: Values
    record: Sequence[str]
    staff_then: Sequence[Mapping[str, Any]]
    stand_ins: Sequence[Mapping[str, Any]]
    picture: GroupPicture
    may: frozenset[str]
    shown: Shown


@dataclass(frozen=True, slots=True)
class FitAnswer:
    """Reasons for and against; ``profile`` of the child (None: not described); ``goals`` that may be chosen; ``place``
    the child's present one in this course ("" if none), with the goals ``chosen`` for it and its ``guardians`` and
    since when (``since``, None without one); ``may``: ``enrolled``, ``waiting`` as this person may give;
    ``may_describe``: whether they may describe the profile. ``picture``: those enrolled already, for who may know who
    they are; else None."""

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
    since: date | None
    until: date | None
    picture: GroupPicture | None
    may: frozenset[str]
    may_describe: bool
    policy: Values
    shown: Shown


@dataclass(frozen=True, slots=True)
class MySession:
    """A session in one's own week: the course's title, kind and room, never a child. ``changes`` counts what a calendar
    shows of it, ``changed_at`` says when that changed last; ``stands_in``: one runs only this session of the course."""

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
    changes: int
    changed_at: datetime
    stands_in: bool


@dataclass(frozen=True, slots=True)
class MySessionsAnswer:
    """Sessions in order of time. What waits, if it was asked for, while the course runs: ``unrecorded`` are those
    before today that nobody recorded, ``unclear`` those whose recordings disagree about whether a child was there."""

    start: date
    end: date
    sessions: Sequence[MySession]
    unrecorded: Sequence[MySession]
    unclear: Sequence[MySession]
    shown: Shown


@dataclass(frozen=True, slots=True)
class GroupOfChild:
    """One place of a child in a group, with their lines, oldest first. ``next_dates``: when the sessions to come
    begin. ``attended`` of ``held`` sessions that have a line; of ``unclear`` ones the recordings disagree, and the
    child may have come or not. ``joined`` and ``left_on``: the first and the last day of the stay, where they are
    said."""

    membership_id: UUID
    kind: str
    aims: str
    status: str
    reason: str
    since: datetime
    next_dates: Sequence[datetime]
    attended: int
    held: int
    unclear: int
    joined: date | None
    left_on: date | None
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
