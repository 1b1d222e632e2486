"""Looks at courses, with the shapes of their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID

from coord.application.declared import CaseQuestion, CourseQuestion, Question, question
from coord.application.goals.questions import LevelText
from coord.application.looking import Category, Purpose
from coord.application.shown import AlertShown, GivenWhole, OfACase, Shown
from coord.domain.activity import ActivityText
from coord.domain.case.aggregate import Profile
from coord.domain.case.goals.wording import GoalStatus, Support
from coord.domain.case.groups import Arrival, Attendance, Grading, GuardianCame, LineVersion
from coord.domain.course import FitReason, GroupPicture
from coord.domain.course.aggregate import CourseText, PlaceStatus, SessionStatus, StaffMember
from coord.domain.course.picture import HowItSuits
from coord.domain.course.places import GIVEN
from coord.domain.course.sessions import PlannedChild, PlanStep
from coord.domain.groups import GroupKind
from coord.domain.permissions import (
    anyone_who_knows_the_child,
    clinician,
    knows_course,
    runs_the_session_or_leads,
    staff_or_lead_of_the_course,
    therapist_near_the_course,
)
from coord.domain.policy import RECORDED
from coord.domain.said import FLAT, INSIDE, IdText, Said
from coord.office.phrases import Phrase


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
    waiting: bool = True


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

Policy = dict[str, Any]
"""A team's values in force for one kind of group (`coord.domain.policy.Values`)."""


class MovedSession(TypedDict):
    """From when a session was moved, and why."""

    from_day: Annotated[str, Said(day=True)]
    from_time: str
    reason: str
    by_name: Annotated[str, Said("The name", name="by")]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session in the calendar of its course: when and where it is, or was when it began, whatever was changed
    later."""

    number: int
    starts_at: datetime
    ends_at: datetime
    minutes: Annotated[int, INSIDE]
    room: Annotated[str, Said("Where it is, or was when it began")]
    status: Annotated[str, Said(of=SessionStatus)]
    plan_version: Annotated[int, Said("0: not planned yet")]
    recorded_by: Sequence[str]
    reason: Annotated[str, Said("Why it was cancelled", null=True)]
    moved: Annotated[MovedSession | None, Said("If it is not on the day the weeks give it")]
    stand_ins: Annotated[Sequence[str], Said("Who runs it for once, by name")]
    nobody_came: Annotated[bool, Said("Recorded, and no child was there")]
    unclear: Annotated[int, Said("Children of whom the recordings disagree about whether they were there")]


class CourseStaff(StaffMember):
    """Somebody who runs the course, as they were when named, under the name that they have now."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course without its children."""

    id: UUID
    team: str
    status: Literal["open", "ended"]
    version: Annotated[int, Said("What an edit of the course or of a plan has to name in If-Match")]
    content_version: int
    content: Annotated[CourseText, FLAT]
    why_otherwise: str
    staff: Sequence[CourseStaff]
    sessions: Annotated[Sequence[SessionLine], Said(name="calendar")]
    enrolled: int
    waiting: int
    staff_needed: Annotated[int, Said("By the policy, with so many children")]
    on_staff: Annotated[bool, Said("Whether you are on its staff")]
    may: Annotated[frozenset[str], Said("What you may do with it, or ask about it, now")]

    @property
    def free(self) -> Annotated[int, Said("Places that are free")]:
        """Places that are free."""
        return max(0, self.content["capacity"] - self.enrolled)


@dataclass(frozen=True, slots=True)
class CoursesAnswer(GivenWhole):
    """Courses by their first date, and the policy of your team for each kind."""

    team: str
    courses: Annotated[Sequence[CourseLine], Said(name="items")]
    policies: dict[str, Any]
    may: Annotated[frozenset[str], Said("`PlanCourse` for who may plan one")]
    shown: Annotated[Shown, FLAT]


@dataclass(frozen=True, slots=True)
class CourseAnswer:
    """A course with the policy of its kind."""

    course: Annotated[CourseLine, FLAT]
    policy: Policy
    shown: Annotated[Shown, FLAT]


@dataclass(frozen=True, slots=True)
class GoalToAddress:
    """A goal of the child that the group works on, or may."""

    id: UUID
    statement: str
    levels: Annotated[Sequence[LevelText] | None, Said("Of its scale, from -2 to 2")]
    scale_version: int
    status: Annotated[str, Said(of=GoalStatus)]
    open: Annotated[bool, Said("Whether it can be rated now")]


class LineRating(TypedDict):
    """A goal as it was rated in the session. In the child's own record with the goal's ``statement``."""

    observation_id: Annotated[UUID, Said("As an observation of the goal", name="id")]
    goal_id: UUID
    level: Annotated[int | None, Said("Unrated is not zero")]
    scale_version: int | None
    support: Annotated[str, Said(of=Support, null=True)]
    remark: str
    statement: NotRequired[Annotated[str, INSIDE]]


class LineStrategy(TypedDict):
    """A strategy for home, handed over in the session."""

    strategy_id: Annotated[UUID, Said("As one of the child's strategies", name="id")]
    text: str


class LineTold(TypedDict):
    """What of a `coord.domain.case.groups.Line` is told as it is kept: a teacher gets attendance and what is for
    school."""

    attendance: Annotated[str, Said(of=Attendance)]
    absence_reason: NotRequired[str]
    arrival: NotRequired[Annotated[str, Said(of=Arrival, null=True)]]
    grading: NotRequired[Annotated[str, Said(of=Grading, null=True)]]
    support: NotRequired[Annotated[str, Said(of=Support, null=True)]]
    response: NotRequired[str]
    incident: NotRequired[str]
    message_home: NotRequired[str]
    message_school: str
    guardian: NotRequired[Annotated[str, Said(of=GuardianCame, null=True)]]
    practice: NotRequired[str]
    goals: NotRequired[Annotated[list[IdText], Said("Worked on")]]


@dataclass(frozen=True, slots=True)
class LineShown:
    """What a session was for a child: one line for each recording. A teacher gets attendance and what is for school.

    In `ReadGroups` only goals that the reader may read, those ``worked_on`` without a rating as well, and the versions
    ``earlier`` than the present one, the oldest first: they are the past of the child's record.
    """

    id: UUID
    case_id: Annotated[UUID, INSIDE]
    membership_id: Annotated[UUID, Said("The place that it belongs to")]
    kind: Annotated[str, Said(of=GroupKind)]
    number: Annotated[int, Said("Its number in the course", name="session")]
    version: int
    line: Annotated[LineTold, FLAT]
    ratings: Sequence[LineRating]
    strategies: Sequence[LineStrategy]
    observed_from: datetime
    observed_to: datetime
    by_name: Annotated[str, Said(name="author_name")]
    recorded_at: datetime
    corrected: Annotated[str, Said("Of the last correction", name="correction_reason", null=True)]
    error: Annotated[str, Said("Why it should never have been written", name="error_reason", null=True)]
    earlier: Annotated[Sequence[LineVersion], INSIDE] = ()
    worked_on: Annotated[Sequence[str], INSIDE] = ()
    instead: Annotated[UUID | None, Said("The line of another recording that holds in its place")] = None


class Stay(TypedDict):
    """A stay of the child in the group."""

    since: date
    until: Annotated[date | None, Said("The last day; null: none is named")]


@dataclass(frozen=True, slots=True)
class RosterChild:
    """A child of the course, with every line, by session."""

    case_id: UUID
    preferred_name: str
    age: Annotated[int, Said("In years")]
    status: Annotated[str, Said(name="place", of=PlaceStatus)]
    since: date
    periods: Annotated[Sequence[Stay], Said("Each stay in the group, the earliest first")]
    goals: Sequence[GoalToAddress]
    guardians: Sequence[str]
    fit: Annotated[Sequence[FitReason], Said("When the place was given")]
    override: str
    profile: Profile | None
    lines: Annotated[Mapping[int, Sequence[LineShown]], INSIDE]
    """By the number of the session; more than one where two recorded it."""
    may_open: Annotated[bool, Said("Whether you may open the child's own record")]
    born: Annotated[date | None, INSIDE] = None
    """Only where another child of the course is called alike, to tell them apart."""

    @property
    def in_order(self) -> Annotated[Sequence[LineShown], Said(name="lines")]:
        """The lines of all sessions."""
        return [line for _, lines in sorted(self.lines.items()) for line in lines]


@dataclass(frozen=True, slots=True)
class RosterAnswer:
    """Who is in the course: those enrolled, those who wait, in their turn, those who left."""

    course: CourseLine
    children: Sequence[RosterChild]
    picture: Annotated[GroupPicture, Said("Those enrolled now", name="group")]
    policy: Policy
    shown: Annotated[Shown, FLAT]


@dataclass(frozen=True, slots=True)
class SessionChild:
    """A child in a session: planned and recorded."""

    case_id: UUID
    preferred_name: str
    age: Annotated[int, Said("In years")]
    goals: Sequence[GoalToAddress]
    planned_goals: Sequence[UUID]
    guardians: Sequence[str]
    grading: Annotated[str, Said(of=Grading, null=True)]
    how: str
    beyond: Annotated[
        Mapping[str, Any], Said("What planned activities, by title, demand beyond what the child copes with")
    ]
    lines: Sequence[LineShown]
    enrolled: Annotated[bool, Said("On its day, or joins after it")]
    since: Annotated[date, Said("Has the place, or has left, since that day")]
    expected: Annotated[bool, Said("Had the place on the day that is planned: attendance is asked")]
    recordable: Annotated[bool, Said("Has a place, or had it on that day")]
    attendance: Annotated[
        str, Said("All lines together; unclear where they disagree", of=("there", "absent", "unclear"), null=True)
    ]
    may_settle: Annotated[bool, Said("Whether you may say which line holds")]
    alerts: Annotated[Sequence[AlertShown], Said("What must be known before anything else, as far as it is for you")]
    born: Annotated[date | None, INSIDE] = None
    """Only where another child of the session is called alike, to tell them apart."""


class LineOfRecording(TypedDict):
    """Which line is whose."""

    case: UUID
    line: UUID


class CorrectionMade(TypedDict):
    """When a recording was corrected, and why."""

    version: int
    by_name: Annotated[str, Said("The name", name="by")]
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class RecordingShown:
    """What one of the staff recorded of the session."""

    id: UUID
    by_id: Annotated[UUID, Said(name="author")]
    by_name: Annotated[str, Said(name="author_name")]
    recorded_at: datetime
    version: Annotated[int, Said("What a correction has to name in If-Match")]
    started_at: datetime
    ended_at: datetime
    staff: Annotated[Sequence[str], Said("Who ran it, by name")]
    staff_ids: Sequence[UUID]
    note: Mapping[str, Any]
    lines: Annotated[Mapping[UUID, UUID], INSIDE]
    """From the case to the line."""
    corrections: Sequence[CorrectionMade]
    may_correct: bool

    @property
    def whose(self) -> Annotated[Sequence[LineOfRecording], Said(name="lines")]:
        """Which line is whose."""
        return [{"case": case, "line": line} for case, line in self.lines.items()]


@dataclass(frozen=True, slots=True)
class ChildOfPlan:
    """What is planned for one child."""

    case_id: UUID
    planned: Annotated[PlannedChild, FLAT]


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """What a session is to be."""

    aims: str
    steps: Annotated[Sequence[PlanStep], Said("With each activity as it was called when planned")]
    children: Sequence[ChildOfPlan]


class PlannedActivity(ActivityText):
    """An activity of the plan, as it stands in the library now."""

    id: IdText
    status: Annotated[str, Said(of=("in-use", "retired"))]
    text_version: int


@dataclass(frozen=True, slots=True)
class SuitsGroup:
    """How many children of the group an activity of the plan suits, and how; and how many it is not the age for."""

    activity: IdText
    how: Annotated[HowItSuits, FLAT]


class RunsIt(TypedDict):
    """Somebody who runs a session."""

    person_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """A session with its plan, its children, and what was recorded."""

    course: CourseLine
    session: SessionLine
    plan: SessionPlan | None
    last_plan: Annotated[SessionPlan | None, Said("Of the last session planned before it")]
    activities: Annotated[Mapping[str, PlannedActivity], INSIDE]
    """Those of the plan, by id."""
    phrases: Annotated[Sequence[Phrase], INSIDE]
    """The reader's own, to be put into what they may record."""
    children: Sequence[SessionChild]
    recordings: Sequence[RecordingShown]
    policy: Policy
    record: Annotated[Sequence[str], Said("What this kind records of each child", of=RECORDED)]
    staff_then: Annotated[Sequence[RunsIt], Said("Who can have run it: the staff of then and now")]
    stand_ins: Sequence[RunsIt]
    stands_in: Annotated[bool, INSIDE]
    """Whether the reader does, in the role that they are here in."""
    picture: Annotated[GroupPicture, Said("The children on its roster", name="group")]
    may: frozenset[str]
    shown: Annotated[Shown, FLAT]

    @property
    def library(self) -> Annotated[Sequence[PlannedActivity], Said(name="activities")]:
        """The activities of the plan."""
        return list(self.activities.values())

    @property
    def suits(self) -> Annotated[Sequence[SuitsGroup], Said()]:
        """How many children each of them suits."""
        return [SuitsGroup(id, self.picture.suits(activity)) for id, activity in self.activities.items()]


@dataclass(frozen=True, slots=True)
class FitAnswer:
    """What speaks for this child in this course, and what against. A therapist decides."""

    course: CourseLine
    case_id: UUID
    preferred_name: str
    age: Annotated[int, Said("In years")]
    reasons: Sequence[FitReason]
    profile: Profile | None
    goals: Annotated[Sequence[GoalToAddress], Said("That may be chosen")]
    place: Annotated[str, Said("That the child has, waits for or had", of=PlaceStatus, null=True)]
    chosen: Annotated[Sequence[UUID], Said("The goals chosen for that place")]
    guardians: Annotated[Sequence[str], Said("Who is enrolled with the child")]
    since: Annotated[date | None, Said("The first day of the place")]
    until: Annotated[date | None, Said("The last one, where it is named")]
    picture: Annotated[GroupPicture | None, Said("Null for who may not know who is in it", name="group")]
    may: Annotated[frozenset[str], Said("Places that you may give", of=GIVEN)]
    may_describe: Annotated[bool, Said("Whether you may describe the profile")]
    policy: Policy
    shown: Annotated[Shown, FLAT]


@dataclass(frozen=True, slots=True)
class MySession:
    """A session of a course that you run; no child is named."""

    course_id: UUID
    title: str
    kind: Annotated[str, Said(of=GroupKind)]
    room: str
    number: int
    of: Annotated[int, Said("How many the course has")]
    starts_at: datetime
    ends_at: datetime
    status: Annotated[str, Said(of=SessionStatus)]
    planned: bool
    recorded: bool
    version: Annotated[int, Said("Of the course")]
    changes: Annotated[int, Said("How often its day, its time or its cancelling changed")]
    changed_at: datetime
    stands_in: Annotated[bool, Said("You run only this session of the course")]


@dataclass(frozen=True, slots=True)
class MySessionsAnswer(GivenWhole):
    """Your sessions, in order of time; and what waits for you, if that was asked for."""

    start: Annotated[date, Said(name="from")]
    end: Annotated[date, Said(name="to")]
    sessions: Annotated[Sequence[MySession], Said(name="items")]
    unrecorded: Annotated[
        Sequence[MySession],
        Said("Before today, recorded by nobody, however long ago, while the course runs"),
    ]
    unclear: Annotated[
        Sequence[MySession],
        Said("Whose recordings disagree about whether a child was there, while the course runs"),
    ]
    shown: Annotated[Shown, FLAT]


@dataclass(frozen=True, slots=True)
class GroupOfChild:
    """One place of the child in a group, with what each session was for the child, the oldest first."""

    membership_id: Annotated[UUID, Said("The place, as the child's own record knows it", name="id")]
    kind: Annotated[str, Said(of=GroupKind)]
    aims: str
    status: Annotated[str, Said(of=PlaceStatus)]
    reason: Annotated[str, Said("Why the child left; not for teachers")]
    since: datetime
    next_dates: Annotated[Sequence[datetime], Said("When the sessions to come begin")]
    attended: int
    held: Annotated[int, Said("Sessions that the child has a line of")]
    unclear: Annotated[
        int,
        Said("Of these, sessions whose recordings disagree about whether the child was there; not in `attended`"),
    ]
    joined: Annotated[date | None, Said("The first day of the stay, where it is said")]
    left_on: Annotated[date | None, Said("The last day of the stay, past or to come")]
    lines: Sequence[LineShown]


@dataclass(frozen=True, slots=True)
class GroupsAnswer(GivenWhole, OfACase):
    """The groups of a child, the newest first."""

    groups: Annotated[Sequence[GroupOfChild], Said(name="items")]
    profile: Annotated[Profile | None, Said("Null if not described, or not for you")]
    may: frozenset[str]
