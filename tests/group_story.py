"""A group to test with: a social-skills course of the house's therapist, with children of their own goals."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from coord.application.case.commands import AddToTeam, OpenCase
from coord.application.declared import Command, Receipt
from coord.application.goals import commands as g
from coord.application.groups import commands as w
from coord.domain.actors import Actor, Relation
from coord.domain.case import GoalContent, LineContent
from coord.domain.case.goals import ScaleContent
from coord.domain.course import ChildPlan, CourseContent, PlanContent, StepContent
from tests.house import House, answered

LEVELS = {-2: "none", -1: "one", 0: "two", 1: "three", 2: "four"}
NAMES = ("Brio", "Cleo", "Dario", "Elsa", "Fulvio", "Ginevra", "Heidi", "Ivo")
"""Names that no other person of the house has."""


def course_content(house: House, **more: Any) -> CourseContent:
    """A course that keeps to the defaults of its kind, beginning today."""
    return CourseContent(
        **{
            "title": "Tuesday builders",
            "kind": "social-skills",
            "aims": "Waiting for a turn and asking for help.",
            "room": "Blue room",
            "first_date": house.clock.now.date(),
            "start_time": "10:00",
            "minutes": 60,
            "sessions": 10,
            "capacity": 6,
            **more,
        }
    )


@dataclass
class Group:
    """A course, its children with a goal each, and short words for what is done with it."""

    house: House
    course: UUID = field(default_factory=uuid4)
    children: list[UUID] = field(default_factory=list)
    goals: dict[UUID, UUID] = field(default_factory=dict)

    def do(self, who: Actor, command: Command) -> Receipt:
        """Through the door."""
        return answered(self.house.services.doors, who, command)

    def plan(self, *, staff: list[Actor] | None = None, **more: Any) -> Receipt:
        """Plan the course, run by the therapist and another."""
        people = staff or [self.house.ot, self.house.stranger]
        content = course_content(self.house, **more)
        return self.do(self.house.ot, w.PlanCourse(self.course, content, [p.person_id for p in people]))

    def child(self, name: str, *, teacher: Actor | None = None, born: date = date(2018, 5, 4)) -> UUID:
        """A child of the therapist's, described, with a scaled goal that is worked on."""
        house = self.house
        case = uuid4()
        self.do(house.ot, OpenCase(case, name, f"{name} {name}sen", born, ("it",), "Hill School", "3B"))
        if teacher is not None:
            self.do(house.ot, AddToTeam(case, teacher.person_id, Relation.CLASS_TEACHER))
        self.do(house.ot, w.DescribeProfile(case, "moderate", "moderate", "moderate"))
        goal = uuid4()
        content = GoalContent(
            f"{name} waits for a turn",
            contexts=["therapy", "school"],
            icf="d7",
            review_date=house.clock.now.date() + timedelta(days=90),
            scale=ScaleContent(LEVELS, baseline=-1),
            audience="care-team-and-school",
        )
        self.do(house.ot, g.ProposeGoal(case, goal, content))
        self.do(house.ot, g.AgreeGoal(case, goal, 1, [("Mother", "guardian")]))
        self.do(house.ot, g.ChangeGoalStatus(case, goal, 2, "active"))
        self.children.append(case)
        self.goals[case] = goal
        return case

    def enrol(self, case: UUID, *, who: Actor | None = None, place: str = "enrolled", **more: Any) -> Receipt:
        """A place, with the child's goal."""
        command = w.EnrolChild(self.course, case, place, **{"goals": [self.goals[case]], **more})
        return self.do(who or self.house.ot, command)

    def line(self, case: UUID, *, level: int | None = 0, id: UUID | None = None, **content: Any) -> w.ChildRecord:
        """What is recorded of one child: present and rated, unless said otherwise."""
        attendance = content.setdefault("attendance", "present")
        ratings = [w.Rating(uuid4(), self.goals[case], level, "verbal")] if attendance != "absent" else []
        return w.ChildRecord(case, id or uuid4(), LineContent(**content), ratings if level is not None else [])

    def record(
        self,
        *lines: w.ChildRecord,
        number: int = 1,
        who: Actor | None = None,
        id: UUID | None = None,
        **more: Any,
    ) -> Receipt:
        """Record a session that ended now, or on its day if that is to come; everybody is present and rated, if no
        lines are given."""
        planned = date.fromisoformat(self.house.services.record.course(self.course).dates[number - 1])
        self.house.clock.turn(days=max(0, (planned - self.house.clock.now.date()).days))
        end = self.house.clock.now
        told = list(lines) or [self.line(case) for case in self.children]
        command = w.RecordSession(
            self.course, number, id or uuid4(), end - timedelta(minutes=60), end, {}, told, **more
        )
        return self.do(who or self.house.ot, command)


def a_group(house: House, children: int = 3, **more: Any) -> Group:
    """A course with children who have a place."""
    group = Group(house)
    group.plan(**more)
    for name in NAMES[:children]:
        group.enrol(group.child(name))
    return group


def a_plan(*activities: UUID, children: list[ChildPlan] | None = None) -> PlanContent:
    """A plan: welcome, the activities, goodbye."""
    steps = [StepContent("welcome", minutes=10)]
    steps += [StepContent("main", activity, minutes=20) for activity in activities]
    steps += [StepContent("reflection", minutes=10, note="What went well today?")]
    return PlanContent("Taking turns", steps, children or [])


__all__ = ["LEVELS", "NAMES", "Group", "a_group", "a_plan", "course_content"]
