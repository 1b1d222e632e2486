"""The shapes of requests and answers about sessions of a course: plans, recordings, corrections."""

from __future__ import annotations

from marshmallow import fields

from coord.application.groups.lines import MOST_RATINGS, MOST_STRATEGIES
from coord.domain.case.goals.wording import SUPPORTS
from coord.domain.case.groups import ARRIVALS, ATTENDANCE, GRADINGS, GUARDIAN
from coord.domain.course.sessions import MOST_MINUTES, MOST_STEPS, NOTE_PARTS
from coord.domain.input import REASON, STATEMENT
from coord.domain.policy import RECORDED, SESSION_STEPS
from coord.web.api import activity_schemas
from coord.web.api.course_schemas import SESSION_STATUSES, Course, GoalToAddress, GroupAsItIs, SessionInCourse
from coord.web.api.fields import (
    Anything,
    Count,
    Day,
    Flag,
    Id,
    Items,
    Part,
    Strict,
    choice,
    confirmed,
    id_,
    names_confirmed,
    number,
    time_,
    whole,
    words,
)
from coord.web.api.group_lines import KINDS, Line
from coord.web.api.schemas import NEW_ID, Placed, Reason

_MADE = "Chosen by you, a random UUID; made here, if left out"
_RAN_IT = "Who ran it. Who is not on the staff, now or then, stands in, and reads this session from then on."
NOTE_PART = REASON * 4


# ---- requests ----------------------------------------------------------------------------------------------------


class PlannedStep(Strict):
    """A step of a session: an activity of the library, or a note, or both."""

    step = choice(*SESSION_STEPS, required=True)
    activity = id_("In the library", null=True)
    minutes = Count(1, MOST_MINUTES, allow_none=True)
    note = words(limit=STATEMENT)


class PlanForChild(Strict):
    """What is planned for one child."""

    case = id_(required=True)
    grading = choice(*GRADINGS, null=True)
    how = words("How the activities are graded for the child", limit=STATEMENT)
    goals = Items(Id(), metadata={"description": "Of those that the group works on"})


class NewPlan(Strict):
    """The whole plan of a session; it replaces the one before."""

    aims = words(limit=REASON)
    steps = Items(Part(PlannedStep), required=True, metadata={"maxItems": MOST_STEPS})
    children = Items(Part(PlanForChild))


class NewRating(Strict):
    """A goal rated in the session: at least one of `level`, `support` and `remark`."""

    id = id_(f"As an observation of the goal. {_MADE}")
    goal = id_(required=True)
    level = number(-2, 2, "On the goal's scale; unrated is not zero")
    support = choice(*SUPPORTS, null=True, about="The help that was needed")
    remark = words(limit=REASON)
    scale_version = number(1, 10_000, "Of the scale that you read the level on; refused if it is another now")


class NewHandedOver(Strict):
    """A strategy for home, handed over in the session."""

    id = id_(f"As one of the child's strategies. {_MADE}")
    text = words(required=True, limit=STATEMENT)


class ChildLine(Strict):
    """What the session was for one child. No other child's name in any text: each is in this child's record alone.

    Of an absent child, only why, and the messages.
    """

    case = id_(required=True)
    line = id_(f"In the child's record. {_MADE}; in a correction that of the line as it stands")
    attendance = choice(*ATTENDANCE, required=True)
    absence_reason = words(limit=REASON)
    arrival = choice(*ARRIVALS, null=True, about="How the child arrived")
    grading = choice(*GRADINGS, null=True)
    support = choice(*SUPPORTS, null=True)
    response = words("How the child took part", limit=REASON)
    incident = words(limit=REASON)
    message_home = words("For the family", limit=REASON)
    message_school = words("For the school", limit=REASON)
    guardian = choice(*GUARDIAN, null=True, about="Whether the guardian came, where one is enrolled")
    practice = words("Agreed for home", limit=REASON)
    goals = Items(Id(), metadata={"description": "Worked on; those rated are anyway"})
    ratings = Items(Part(NewRating), metadata={"maxItems": MOST_RATINGS})
    strategies = Items(Part(NewHandedOver), metadata={"maxItems": MOST_STRATEGIES})


GroupNoteText = Strict.from_dict({part: words(limit=NOTE_PART) for part in NOTE_PARTS}, name="GroupNoteText")
"""What the session was for the group, without names."""


class NewRecording(Strict):
    """What a session was, for the group and for each child: saved together, or not at all.

    Every child who has a place has a line, from this recording or another of the same session; the absent one too.
    """

    id = id_(NEW_ID)
    started_at = time_(required=True)
    ended_at = time_(required=True)
    note = Part(GroupNoteText)
    children = Items(Part(ChildLine), required=True)
    staff = Items(Id(), metadata={"description": _RAN_IT + " You, if left out"})
    names_confirmed = names_confirmed()
    confirmed = confirmed()
    took_place = Flag(metadata={"description": "Although it was cancelled"})
    nobody_came = Flag(
        metadata={
            "description": "No child was there: every line says absent, and there need be none if no place is given"
        }
    )


class NewCorrection(Strict):
    """What is to be different in a recording, and why; it reaches the record of each child whom it concerns.

    A line that is sent is the whole new one, with all its ratings and strategies: a rating that is left out is marked
    as a mistake, a strategy that is left out is advised no longer, and one without an `id` is new.
    """

    reason = words("Read in each child's record: no names", required=True, limit=REASON)
    started_at = time_("As before, if left out", null=True)
    ended_at = time_("As before, if left out", null=True)
    note = Part(GroupNoteText, metadata={"description": "The whole new one; as before, if left out"})
    children = Items(Part(ChildLine), metadata={"description": "Lines that change, and lines that are new"})
    in_error = Items(Id(), metadata={"description": "Cases whose line should never have been written"})
    staff = Items(Id(), metadata={"description": f"The whole new one; as before, if left out. {_RAN_IT}"})
    names_confirmed = names_confirmed()
    confirmed = confirmed()


class Settlement(Reason):
    """Which line of a child holds, where the recordings disagree about whether the child was there; and why."""

    case = id_(required=True)
    line = id_("The line that holds; what tells the contrary is marked as entered in error", required=True)
    names_confirmed = names_confirmed()
    confirmed = confirmed()


# ---- answers -----------------------------------------------------------------------------------------------------


class StepOfPlan(Strict):
    """A step, with the activity as it was called when planned."""

    step = choice(*SESSION_STEPS, required=True)
    activity = id_(required=True, null=True)
    title = words(required=True)
    text_version = whole()
    minutes = whole(null=True)
    note = words(required=True)


class ChildOfPlan(Strict):
    """What is planned for one child."""

    case = id_(required=True)
    grading = choice(*GRADINGS, required=True, null=True)
    how = words(required=True)
    goals = fields.List(id_(), required=True)


class SessionPlan(Strict):
    """What a session is to be."""

    aims = words(required=True)
    steps = fields.List(fields.Nested(StepOfPlan), required=True)
    children = fields.List(fields.Nested(ChildOfPlan), required=True)


class PlannedActivity(activity_schemas.ActivityContent):
    """An activity of the plan, as it stands in the library now."""

    id = id_(required=True)
    status = choice("in-use", "retired", required=True)
    text_version = whole()


class SessionChild(Strict):
    """A child in a session: planned and recorded."""

    case = id_(required=True)
    preferred_name = words(required=True)
    age = whole("In years")
    enrolled = fields.Boolean(required=True, metadata={"description": "On its day, or joins after it"})
    since = fields.Date(required=True, metadata={"description": "Has the place, or has left, since that day"})
    expected = fields.Boolean(
        required=True, metadata={"description": "Had the place on the day that is planned: attendance is asked"}
    )
    recordable = fields.Boolean(required=True, metadata={"description": "Has a place, or had it on that day"})
    goals = fields.List(fields.Nested(GoalToAddress), required=True)
    planned_goals = fields.List(id_(), required=True)
    guardians = fields.List(words(), required=True)
    grading = choice(*GRADINGS, required=True, null=True)
    how = words(required=True)
    beyond = Anything(
        required=True,
        metadata={"description": "What planned activities, by title, demand beyond what the child copes with"},
    )
    lines = fields.List(fields.Nested(Line), required=True)
    attendance = choice(
        "there", "absent", "unclear", required=True, null=True, about="All lines together; unclear where they disagree"
    )
    may_settle = fields.Boolean(required=True, metadata={"description": "Whether you may say which line holds"})


class LineOfRecording(Strict):
    """Which line is whose."""

    case = id_(required=True)
    line = id_(required=True)


class CorrectionMade(Strict):
    """When a recording was corrected, and why."""

    version = whole()
    by = words("The name", required=True)
    at = time_(required=True)
    reason = words(required=True)


class Recording(Strict):
    """What one of the staff recorded of the session."""

    id = id_(required=True)
    version = whole("What a correction has to name in If-Match")
    author = id_(required=True)
    author_name = words(required=True)
    recorded_at = time_(required=True)
    started_at = time_(required=True)
    ended_at = time_(required=True)
    staff = fields.List(words(), required=True, metadata={"description": "Who ran it, by name"})
    staff_ids = fields.List(id_(), required=True)
    note = Anything(required=True)
    lines = fields.List(fields.Nested(LineOfRecording), required=True)
    corrections = fields.List(fields.Nested(CorrectionMade), required=True)
    may_correct = fields.Boolean(required=True)


class RunsIt(Strict):
    """Somebody who runs a session."""

    person = id_(required=True)
    name = words(required=True)


class SuitsGroup(Strict):
    """How many children of the group an activity of the plan suits, and how; and how many it is not the age for."""

    activity = id_(required=True)
    as_written = whole()
    down = whole("Graded down")
    up = whole("Graded up")
    too_much = whole("Two steps beyond what they cope with")
    unsaid = whole("Nobody has described them")
    another_age = whole()


class SessionAnswer(Placed):
    """A session with its plan, its children, and what was recorded."""

    course = fields.Nested(Course, required=True)
    session = fields.Nested(SessionInCourse, required=True)
    plan = fields.Nested(SessionPlan, required=True, allow_none=True)
    last_plan = fields.Nested(
        SessionPlan, required=True, allow_none=True, metadata={"description": "Of the last session planned before it"}
    )
    activities = fields.List(fields.Nested(PlannedActivity), required=True)
    children = fields.List(fields.Nested(SessionChild), required=True)
    recordings = fields.List(fields.Nested(Recording), required=True)
    staff_then = fields.List(
        fields.Nested(RunsIt), required=True, metadata={"description": "Who can have run it: the staff of then and now"}
    )
    stand_ins = fields.List(fields.Nested(RunsIt), required=True)
    group = fields.Nested(GroupAsItIs, required=True, metadata={"description": "The children on its roster"})
    suits = fields.List(fields.Nested(SuitsGroup), required=True)
    policy = Anything(required=True)
    record = fields.List(
        choice(*RECORDED), required=True, metadata={"description": "What this kind records of each child"}
    )
    may = fields.List(fields.String(), required=True)


class MySession(Strict):
    """A session of a course that you run; no child is named."""

    course = id_(required=True)
    title = words(required=True)
    kind = choice(*KINDS, required=True)
    room = words(required=True)
    number = whole()
    of = whole("How many the course has")
    starts_at = time_(required=True)
    ends_at = time_(required=True)
    status = choice(*SESSION_STATUSES, required=True)
    planned = fields.Boolean(required=True)
    recorded = fields.Boolean(required=True)
    version = whole("Of the course")
    changes = whole("How often its day, its time or its cancelling changed")
    changed_at = time_(required=True)
    stands_in = fields.Boolean(required=True, metadata={"description": "You run only this session of the course"})


class MySessionsAnswer(Placed):
    """Your sessions, in order of time."""

    start = Day(required=True, data_key="from")
    end = Day(required=True, data_key="to")
    items = fields.List(fields.Nested(MySession), required=True)
    unrecorded = fields.List(
        fields.Nested(MySession),
        required=True,
        metadata={"description": "Before today, recorded by nobody, however long ago, while the course runs"},
    )
    unclear = fields.List(
        fields.Nested(MySession),
        required=True,
        metadata={"description": "Whose recordings disagree about whether a child was there, while the course runs"},
    )
