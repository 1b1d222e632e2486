"""Groups as chance would have them, for `Life`: courses of two children, planned, recorded, corrected, ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from coord.application.declared import Command
from coord.application.groups import commands as w
from coord.domain.actors import Actor
from coord.domain.case import LineContent
from coord.domain.case.goals.life import ENDED
from coord.domain.case.groups import ARRIVALS, ATTENDANCE, GRADINGS
from coord.domain.course import ChildPlan, Course, CourseContent, PlanContent, StepContent
from coord.domain.groups import GroupKind
from tests.house import House

Wish = tuple[Actor, Command]


class GroupLife:
    """What can happen to the courses of a house; ``text`` and ``uuid`` are its life's."""

    def __init__(
        self, house: House, chance: Random, children: list[UUID], text: Callable[[], str], uuid: Callable[[], UUID]
    ) -> None:
        self.house, self.chance, self.children, self.text, self.uuid = house, chance, children, text, uuid
        self.courses: list[UUID] = []

    def command(self, goals: list[UUID], activities: list[UUID]) -> Wish:
        """One more thing; the first ones make a course and fill it."""
        if not self.courses or self.chance.random() < 0.05:
            return self.plan_course()
        course = self.house.services.record.course(self.chance.choice(self.courses))
        if len(course.enrolled(self.house.clock.now.date())) < 2:
            return self.enrol(course, goals)
        kind = self.chance.random()
        if kind < 0.5:
            return self.record(course)
        if kind < 0.7:
            return self.correct(course)
        if kind < 0.8:
            return self.plan(course, activities)
        rare = (self.revise, self.cancel, self.leave, self.describe, self.end, self.move, self.reinstate, self.stand_in)
        return self.chance.choice((*rare, self.settle))(course)

    def content(self) -> CourseContent:
        return CourseContent(
            title=self.text(),
            kind=self.chance.choice(list(GroupKind)).value,
            aims=self.text(),
            room=self.text(),
            first_date=self.house.clock.now.date() - timedelta(days=self.chance.randint(0, 40)),
            start_time=self.chance.choice(("09:30", "10:00", "16:15")),
            minutes=60,
            sessions=self.chance.randint(4, 8),
            holidays=[self.house.clock.now.date()] if self.chance.random() < 0.3 else [],
            capacity=6,
            why_otherwise="as chance would have it",
        )

    def plan_course(self) -> Wish:
        self.courses.append(self.uuid())
        staff = [self.house.ot.person_id, self.house.slt.person_id]
        return self.house.ot, w.PlanCourse(self.courses[-1], self.content(), staff)

    def revise(self, course: Course) -> Wish:
        staff = [self.house.ot.person_id] if self.chance.random() < 0.5 else [self.house.slt.person_id]
        content = self.content()
        kind = course.content["kind"] if self.chance.random() < 0.9 else content.kind
        parts: dict[str, Any] = {name: getattr(content, name) for name in CourseContent.__dataclass_fields__}
        return self.house.lead, w.ReviseCourse(
            course.id,
            None,
            CourseContent(**{**parts, "kind": kind}),
            staff,
            self.text(),
            self.chance.choice(("", self.text())),
        )

    def end(self, course: Course) -> Wish:
        return self.house.lead, w.EndCourse(course.id, self.text() if self.chance.random() < 0.2 else "")

    def enrol(self, course: Course, goals: list[UUID]) -> Wish:
        child = self.chance.choice(self.children)
        record = self.house.services.record
        known = {UUID(goal) for goal in record.case(child).goals}
        mine = [record.goal(child, goal) for goal in goals if goal in known]
        chosen = [g.id for g in mine if g.status not in ENDED and g.audience != "own-discipline"][:3]
        place = self.chance.choice(("enrolled", "enrolled", "waiting"))
        return self.house.lead, w.EnrolChild(course.id, child, place, chosen, [self.text()], override=self.text())

    def leave(self, course: Course) -> Wish:
        return self.house.lead, w.EndPlace(course.id, self.chance.choice(self.children), self.text())

    def describe(self, course: Course) -> Wish:
        low, high = self.chance.choice((("low", "high"), ("moderate", "low")))
        return self.house.ot, w.DescribeProfile(self.chance.choice(self.children), low, high, low, self.text())

    def number(self, course: Course) -> int:
        return self.chance.randint(1, len(course.dates))

    def plan(self, course: Course, activities: list[UUID]) -> Wish:
        steps = [StepContent("welcome", minutes=10, note=self.text())]
        steps += [StepContent("main", activity) for activity in activities[-2:]]
        children = [
            ChildPlan(UUID(case), self.chance.choice(GRADINGS), self.text(), [UUID(g) for g in place["goals"]])
            for case, place in course.places.items()
            if place["status"] == "enrolled"
        ]
        plan = PlanContent(self.text(), steps, children)
        return self.house.lead, w.PlanSession(course.id, self.number(course), plan)

    def cancel(self, course: Course) -> Wish:
        return self.house.lead, w.CancelSession(course.id, self.number(course), self.text())

    def move(self, course: Course) -> Wish:
        day = self.house.clock.now.date() + timedelta(days=self.chance.randint(-20, 40))
        at = self.chance.choice(("09:30", "10:00", "16:15"))
        return self.house.lead, w.MoveSession(course.id, self.number(course), day, at, self.text())

    def reinstate(self, course: Course) -> Wish:
        cancelled = [number for number, session in course.sessions.items() if session["status"] == "cancelled"]
        number = self.chance.choice(cancelled) if cancelled else 1
        return self.house.lead, w.ReinstateSession(course.id, number, self.text())

    def stand_in(self, course: Course) -> Wish:
        people = [self.house.psychologist.person_id] if self.chance.random() < 0.7 else []
        return self.house.lead, w.NameStandIns(course.id, self.number(course), people, self.text())

    def settle(self, course: Course) -> Wish:
        twice = [
            (number, case, line)
            for number, session in course.sessions.items()
            for recording in session["recordings"].values()
            for case, line in recording["lines"].items()
            if len(session["recordings"]) > 1
        ]
        if not twice:
            return self.record(course)
        number, case, line = self.chance.choice(twice)
        return self.house.lead, w.SettleAttendance(course.id, number, UUID(case), UUID(line), self.text())

    def child_record(self, case: UUID, goals: list[str], line_id: UUID) -> w.ChildRecord:
        attendance = self.chance.choice(ATTENDANCE)
        if attendance == "absent":
            return w.ChildRecord(case, line_id, LineContent(attendance, absence_reason=self.text()))
        content = LineContent(
            attendance,
            arrival=self.chance.choice(("", *ARRIVALS)),
            response=self.text(),
            message_home=self.chance.choice(("", self.text())),
            message_school=self.chance.choice(("", self.text())),
        )
        ratings = [w.Rating(self.uuid(), UUID(goal), support="verbal", remark=self.text()) for goal in goals]
        handed = [w.HandedOver(self.uuid(), self.text())] if self.chance.random() < 0.3 else []
        return w.ChildRecord(case, line_id, content, ratings, handed)

    def record(self, course: Course) -> Wish:
        end = self.house.clock.now
        lines = [
            self.child_record(UUID(c), course.places[c]["goals"], self.uuid()) for c in course.enrolled(end.date())
        ]
        note = {"dynamics": self.text(), "next_plan": self.text()}
        today = end.date().isoformat()
        number = self.chance.randint(1, max(1, sum(day <= today for day in course.dates)))
        recording = w.RecordSession(course.id, number, self.uuid(), end - timedelta(hours=1), end, note, lines)
        return self.house.lead, recording

    def correct(self, course: Course) -> Wish:
        recordings = [
            (number, id, recording)
            for number, session in course.sessions.items()
            for id, recording in session["recordings"].items()
        ]
        if not recordings:
            return self.record(course)
        number, id, recording = self.chance.choice(recordings)
        lines = {UUID(case): UUID(line) for case, line in recording["lines"].items()}
        chosen = self.chance.sample(sorted(lines), self.chance.randint(0, len(lines)))
        wrong = chosen[:1] if self.chance.random() < 0.3 else []
        children = [
            self.child_record(case, course.places[str(case)]["goals"], lines[case]) for case in chosen[len(wrong) :]
        ]
        started = self.house.clock.now - timedelta(hours=3) if self.chance.random() < 0.3 else None
        return self.house.lead, w.CorrectSession(
            course.id, number, UUID(id), recording["version"], self.text(), started, children=children, in_error=wrong
        )
