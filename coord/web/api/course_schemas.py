"""The shapes of requests and answers about courses: what they are, who is in them, whom they fit."""

from __future__ import annotations

from marshmallow import fields

from coord.domain.case.goals.life import Status
from coord.domain.course.life import LARGEST, MOST_HOLIDAYS, MOST_SESSIONS, MOST_STAFF
from coord.domain.course.places import MOST_GOALS, MOST_GUARDIANS
from coord.domain.input import REASON, SHORT
from coord.web.api.fields import (
    Anything,
    Count,
    Day,
    Id,
    Items,
    Several,
    Strict,
    Switch,
    choice,
    confirmed,
    id_,
    time_,
    whole,
    words,
)
from coord.web.api.group_lines import KINDS, ChildProfile, Line
from coord.web.api.schemas import NEW_ID, Placed

_STATUSES = ("open", "ended")
SESSION_STATUSES = ("planned", "recorded", "cancelled")
GIVEN = ("enrolled", "waiting")
_PLACES = (*GIVEN, "left")
_GOAL_STATUSES = tuple(s.value for s in Status)
_ABOUT_KIND = "`sensory-integration` means ASI-informed. It cannot change later"
_ABOUT_AIMS = "In words for every child's people"
_ABOUT_START = "HH:MM on the clinic's clock"
_ABOUT_SESSIONS = {"description": "How many, one a week"}
_ABOUT_CAPACITY = {"description": "Places"}
_ABOUT_STAFF = {"description": "People, a therapist among them", "maxItems": MOST_STAFF}


# ---- requests ----------------------------------------------------------------------------------------------------


class CourseWords(Strict):
    """What a course is to be. `title` is for the staff, `aims` are read by every child's people: no names in them."""

    title = words(limit=SHORT)
    kind = choice(*KINDS, about=_ABOUT_KIND)
    aims = words(_ABOUT_AIMS, limit=REASON)
    room = words(limit=SHORT)
    first_date = Day()
    start_time = words(_ABOUT_START, limit=5)
    minutes = Count(10, 240)
    sessions = Count(1, MOST_SESSIONS, metadata=_ABOUT_SESSIONS)
    holidays = Items(Day(), metadata={"description": "Days without a session", "maxItems": MOST_HOLIDAYS})
    capacity = Count(1, LARGEST, metadata=_ABOUT_CAPACITY)
    why_otherwise = words("Why it departs from your team's policy for this kind, where it does", limit=REASON)
    staff = Items(Id(), metadata=_ABOUT_STAFF)


class NewCourse(CourseWords):
    """A course to plan in your service team."""

    id = id_(NEW_ID)
    title = words(required=True, limit=SHORT)
    kind = choice(*KINDS, required=True, about=_ABOUT_KIND)
    aims = words(_ABOUT_AIMS, required=True, limit=REASON)
    first_date = Day(required=True)
    start_time = words(_ABOUT_START, required=True, limit=5)
    minutes = Count(10, 240, required=True)
    sessions = Count(1, MOST_SESSIONS, required=True, metadata=_ABOUT_SESSIONS)
    capacity = Count(1, LARGEST, required=True, metadata=_ABOUT_CAPACITY)
    staff = Items(Id(), required=True, metadata=_ABOUT_STAFF)


class CourseChanges(CourseWords):
    """What it is to be instead, and why; the rest stays. `holidays` and `staff` are sent whole."""

    reason = words("Why it is planned otherwise", required=True, limit=REASON)
    override = words("Why the times shall be so although children of it have another group then", limit=REASON)
    confirmed = confirmed()


class NewPlace(Strict):
    """A place for a child, or on the waiting list."""

    case = id_("A child whom you treat; for the staff also one that waits", required=True)
    place = choice(*GIVEN, about="`enrolled`, if left out; it is given by the staff of the course or the team lead")
    goals = Items(
        Id(),
        metadata={
            "description": "The child's goals that the group is to work on: its staff will read them. If left out "
            "none, where `fit` means all; for a child who has, had or waits for a place those of before. Empty: none",
            "maxItems": MOST_GOALS,
        },
    )
    guardians = Items(
        words(limit=SHORT),
        metadata={
            "description": "Who is enrolled with the child, whole: nobody, if left out. Needed in a "
            "psycho-educational group",
            "maxItems": MOST_GUARDIANS,
        },
    )
    override = words("Why it should be so although there are reasons against", limit=REASON)
    since = Day(allow_none=True, metadata={"description": "The first day, past or to come; today, if left out"})
    confirmed = confirmed()


class CoursesQuery(Strict):
    """Which courses."""

    ended = Switch(load_default=False, metadata={"description": "Those that are over too"})


class FitQuery(Strict):
    """Whom the course should fit, and what the group would work on."""

    case = id_("The child", required=True)
    goals = Several(
        Id(),
        metadata={
            "description": "The child's goals to look at, with commas between. All that may be chosen, if left out or "
            "empty (a place is then given without any)"
        },
    )


class MySessionsQuery(Strict):
    """From which day to which, both included; at most 400 days."""

    start = Day(required=True, data_key="from")
    end = Day(required=True, data_key="to")


# ---- answers -----------------------------------------------------------------------------------------------------


class CourseStaff(Strict):
    """Somebody who runs the course, as they were when named."""

    person = id_(required=True)
    name = words(required=True)
    role = words(required=True)
    discipline = words(required=True, null=True)


class MovedSession(Strict):
    """From when a session was moved, and why."""

    from_day = Day(required=True)
    from_time = words(required=True)
    reason = words(required=True)
    by = words("The name", required=True)


class SessionInCourse(Strict):
    """One session in the calendar of its course."""

    number = whole()
    starts_at = time_(required=True)
    ends_at = time_(required=True)
    room = words("Where it is, or was when it began", required=True)
    status = choice(*SESSION_STATUSES, required=True)
    plan_version = whole("0: not planned yet")
    recorded_by = fields.List(words(), required=True)
    reason = words("Why it was cancelled", required=True, null=True)
    moved = fields.Nested(
        MovedSession,
        required=True,
        allow_none=True,
        metadata={"description": "If it is not on the day the weeks give it"},
    )
    stand_ins = fields.List(words(), required=True, metadata={"description": "Who runs it for once, by name"})
    nobody_came = fields.Boolean(required=True, metadata={"description": "Recorded, and no child was there"})
    unclear = whole("Children of whom the recordings disagree about whether they were there")


class Course(Strict):
    """A course without its children."""

    id = id_(required=True)
    team = words(required=True)
    status = choice(*_STATUSES, required=True)
    version = whole("What an edit of the course or of a plan has to name in If-Match")
    content_version = whole()
    title = words(required=True)
    kind = choice(*KINDS, required=True)
    aims = words(required=True)
    room = words(required=True)
    first_date = Day(required=True)
    start_time = words(required=True)
    minutes = whole()
    sessions = whole("How many; `calendar` has each")
    holidays = fields.List(Day(), required=True)
    capacity = whole()
    why_otherwise = words(required=True)
    staff = fields.List(fields.Nested(CourseStaff), required=True)
    calendar = fields.List(fields.Nested(SessionInCourse), required=True)
    enrolled = whole()
    waiting = whole()
    free = whole()
    staff_needed = whole("By the policy, with so many children")
    on_staff = fields.Boolean(required=True, metadata={"description": "Whether you are on its staff"})
    may = fields.List(
        fields.String(), required=True, metadata={"description": "What you may do with it, or ask about it, now"}
    )


class CoursesAnswer(Placed):
    """Courses by their first date, and the policy of your team for each kind."""

    team = words(required=True)
    items = fields.List(fields.Nested(Course), required=True)
    policies = Anything(required=True)
    may = fields.List(fields.String(), required=True)


class CourseAnswer(Placed, Course):
    """A course with the policy of its kind."""

    policy = Anything(required=True)


class FitReason(Strict):
    """A reason for or against, with what its sentence needs."""

    code = words(required=True)
    favours = fields.Boolean(required=True)
    params = Anything(required=True)


class GoalToAddress(Strict):
    """A goal of the child that the group works on, or may."""

    id = id_(required=True)
    statement = words(required=True)
    levels = Anything(required=True, allow_none=True, metadata={"description": "Texts of its scale, from -2 to 2"})
    scale_version = whole()
    status = choice(*_GOAL_STATUSES, required=True)
    open = fields.Boolean(required=True, metadata={"description": "Whether it can be rated now"})


class Stay(Strict):
    """A stay of the child in the group."""

    since = Day(required=True)
    until = Day(required=True, allow_none=True, metadata={"description": "The last day; null: none is named"})


class SpreadOfDemand(Strict):
    """How many children cope with how much."""

    low = whole()
    moderate = whole()
    high = whole()
    unsaid = whole("Nobody has said: neither much nor little")


class SpreadOfGroup(Strict):
    """What the children of the group cope with."""

    cognitive = fields.Nested(SpreadOfDemand, required=True)
    motor = fields.Nested(SpreadOfDemand, required=True)
    communication = fields.Nested(SpreadOfDemand, required=True)
    sensory = fields.Nested(SpreadOfDemand, required=True)
    attention = fields.Nested(SpreadOfDemand, required=True)


class GroupAsItIs(Strict):
    """The children as a group: numbers, no names."""

    children = whole()
    ages = fields.List(fields.Integer(), required=True, metadata={"description": "In full years, the youngest first"})
    copes_with = fields.Nested(SpreadOfGroup, required=True)


class RosterChild(Strict):
    """A child of the course, with every line, by session."""

    case = id_(required=True)
    preferred_name = words(required=True)
    age = whole("In years")
    place = choice(*_PLACES, required=True)
    since = Day(required=True)
    periods = fields.List(
        fields.Nested(Stay), required=True, metadata={"description": "Each stay in the group, the earliest first"}
    )
    goals = fields.List(fields.Nested(GoalToAddress), required=True)
    guardians = fields.List(words(), required=True)
    fit = fields.List(fields.Nested(FitReason), required=True, metadata={"description": "When the place was given"})
    override = words(required=True)
    profile = fields.Nested(ChildProfile, required=True, allow_none=True)
    lines = fields.List(fields.Nested(Line), required=True)
    may_open = fields.Boolean(required=True, metadata={"description": "Whether you may open the child's own record"})


class RosterAnswer(Placed):
    """Who is in the course: those enrolled, those who wait, those who left."""

    course = fields.Nested(Course, required=True)
    children = fields.List(fields.Nested(RosterChild), required=True)
    group = fields.Nested(GroupAsItIs, required=True, metadata={"description": "Those enrolled now"})
    policy = Anything(required=True)


class FitAnswer(Placed):
    """What speaks for this child in this course, and what against. A therapist decides."""

    course = fields.Nested(Course, required=True)
    case = id_(required=True)
    preferred_name = words(required=True)
    age = whole("In years")
    reasons = fields.List(fields.Nested(FitReason), required=True)
    profile = fields.Nested(ChildProfile, required=True, allow_none=True)
    goals = fields.List(fields.Nested(GoalToAddress), required=True, metadata={"description": "That may be chosen"})
    place = choice(*_PLACES, required=True, null=True, about="That the child has, waits for or had")
    chosen = fields.List(id_(), required=True, metadata={"description": "The goals chosen for that place"})
    guardians = fields.List(words(), required=True, metadata={"description": "Who is enrolled with the child"})
    since = Day(required=True, allow_none=True, metadata={"description": "The first day of the place"})
    until = Day(required=True, allow_none=True, metadata={"description": "The last one, where it is named"})
    group = fields.Nested(
        GroupAsItIs, required=True, allow_none=True, metadata={"description": "Null for who may not know who is in it"}
    )
    may = fields.List(choice(*GIVEN), required=True, metadata={"description": "Places that you may give"})
    may_describe = fields.Boolean(required=True, metadata={"description": "Whether you may describe the profile"})
    policy = Anything(required=True)
