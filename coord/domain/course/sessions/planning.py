"""What a session is to be: its aims, its steps, and what is planned for each child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, TypedDict
from uuid import UUID

from coord.domain.actors import By
from coord.domain.case.groups import GRADINGS, Grading
from coord.domain.course.aggregate import Course, Session
from coord.domain.course.sessions.state import set_session
from coord.domain.errors import Conflict
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, STATEMENT, Input
from coord.domain.policy import SESSION_STEPS
from coord.domain.said import INSIDE, IdText, Said

MOST_STEPS = 12
MOST_MINUTES = 240


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
        set_session(aggregate, self, planned)

    def told(self) -> Particulars:
        """Which session."""
        return {"session": self.number, "version": self.version}


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
