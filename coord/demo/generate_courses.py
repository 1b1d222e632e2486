"""Courses in bulk, by the domain's own decisions: places, and sessions recorded with a line for each child."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from coord.domain.actors import Actor, Relationship
from coord.domain.case import Case, Goal, LineContent, ObservationContent, goals, groups
from coord.domain.case.groups import Line, RatingRef
from coord.domain.course import Course, CourseContent, fit, give_place, plan_course, record_session
from coord.domain.course.sessions import checked_note, checked_times
from coord.domain.groups import GroupKind
from coord.domain.input import Input
from coord.domain.permissions import refuse_unless_permitted
from coord.domain.person import Person
from coord.domain.policy import defaults

CHILDREN = 8
"""In one course, or as many as there are."""
MINUTES = 60
AIMS = (
    "Waiting for a turn and asking for help.",
    "Two hands that know what the other does.",
    "Staying with a task until it is done.",
    "Saying that it is too much before it is.",
)
SEEN = (
    "Came in, looked for the own place and found it.",
    "Needed the picture strip twice, and not a third time.",
    "Gave away the best piece without being asked.",
    "Watched the first round and led the second.",
    "Stopped, breathed, and went on.",
)
AT_HOME = ("Ask for the song with the boats.", "The strip of pictures is in the bag.", "A good day, and a tired one.")


class Scribe(Protocol):
    """Whoever decides and collects: its clock, its chance, the goals it has begun for each child."""

    chance: random.Random
    now: datetime
    today: date
    aims: dict[UUID, list[Goal]]

    def collect_together(self, *changed: Case | Course) -> None:
        """What belongs into one transaction."""


@dataclass(slots=True)
class CourseLoad:
    """One course of a load: who runs it, who is in it, and how many sessions have been recorded."""

    scribe: Scribe
    team: str
    leader: Actor
    staff: Sequence[Person]
    cases: Sequence[Case]
    sessions: int
    course: Course | None = field(default=None)
    recorded: int = 0

    def begin(self, kind: GroupKind) -> None:
        """Plan it, and give every child a place."""
        scribe = self.scribe
        refuse_unless_permitted("PlanCourse", self.leader, Relationship())
        content = CourseContent(
            title=f"{kind.value} {scribe.today:%d.%m.}",
            kind=kind.value,
            aims=scribe.chance.choice(AIMS),
            room=scribe.chance.choice(("Blue room", "Hall", "Kitchen")),
            first_date=scribe.today,
            start_time=scribe.chance.choice(("09:00", "10:30", "14:00", "15:30", "17:00")),
            minutes=MINUTES,
            sessions=self.sessions,
            capacity=len(self.cases),
            why_otherwise="A load, to see how much the service carries",
        )
        self.course = plan_course(
            id=uuid4(),
            at=scribe.now,
            by=self.leader.by(),
            team=self.team,
            content=content,
            staff=self.staff,
            policy=defaults(kind.value),
        )
        for case in self.cases:
            self._give_place(self.course, case, kind)
        scribe.collect_together(self.course, *self.cases)

    def _give_place(self, course: Course, case: Case, kind: GroupKind) -> None:
        scribe, content = self.scribe, course.content
        self._permit("EnrolChild", course)
        chosen = scribe.aims.get(case.id, [])[:3]
        when = {"dates": course.dates, "start_time": content["start_time"], "minutes": content["minutes"]}
        reasons = fit(
            birth_date=date.fromisoformat(case.details["birth_date"]),
            first_date=scribe.today,
            policy=defaults(kind.value),
            profile=case.profile,  # type: ignore[arg-type]
            activities=[],
            goal_chapters=[goal.content["icf"] for goal in chosen],
            overlaps=groups.overlaps(case, **when, today=scribe.today),  # type: ignore[arg-type]
        )
        membership = give_place(
            course,
            at=scribe.now,
            by=self.leader.by(),
            today=scribe.today,
            case_id=case.id,
            membership=uuid4(),
            status="enrolled",
            goals=[goal.id for goal in chosen],
            guardians=["Mother"] if kind is GroupKind.PSYCHO_EDUCATIONAL else [],
            fit=reasons,
            override="Looked at, and tried",
        )
        groups.change_place(
            case,
            at=scribe.now,
            by=groups.apart(self.leader.by(), membership),
            membership=membership,
            change="enrolled",
            kind=kind.value,
            aims=content["aims"],
            **when,  # type: ignore[arg-type]
        )

    def record(self) -> None:
        """The next session: a note about the group, and a line with its ratings for each child."""
        course, scribe = self.course, self.scribe
        if course is None:
            raise ValueError("a course is planned before it is recorded")
        self._permit("RecordSession", course)
        self.recorded += 1
        check = Input()
        note = checked_note(check, {"delivered": "As planned.", "dynamics": scribe.chance.choice(SEEN)})
        end = scribe.now - timedelta(minutes=20)
        started, ended = checked_times(check, end - timedelta(minutes=MINUTES), end, now=scribe.now)
        lines = {str(case.id): str(self._write_line(check, course, case, started, ended)) for case in self.cases}
        check.refuse_if_any()
        record_session(
            course,
            at=scribe.now,
            by=self.leader.by(),
            number=self.recorded,
            recording_id=uuid4(),
            started_at=started,
            ended_at=ended,
            staff={str(self.leader.person_id): self.leader.name},
            note=note,
            lines=lines,
        )
        scribe.collect_together(course, *self.cases)

    def _write_line(self, check: Input, course: Course, case: Case, started: datetime, ended: datetime) -> UUID:
        chance, line_id = self.scribe.chance, uuid4()
        place = course.place(case.id)
        absent = chance.random() < 0.1
        worked_on = [g for g in self.scribe.aims.get(case.id, []) if str(g.id) in place["goals"]]
        rated = [] if absent or not worked_on else [chance.choice(worked_on)]
        refs: list[RatingRef] = [{"goal": str(goal.id), "observation": str(uuid4())} for goal in rated]
        line = _line(check, chance, absent=absent, goals_of=worked_on, refs=refs)
        groups.record_line(
            case,
            at=self.scribe.now,
            by=self.leader.by(),
            line_id=line_id,
            membership=place["membership"],
            kind=course.content["kind"],
            session=self.recorded,
            line=line,
            observed_from=started,
            observed_to=ended,
        )
        for goal, ref in zip(rated, refs, strict=True):
            content = ObservationContent(
                context="therapy",
                level=max(-2, min(2, round(chance.gauss(self.recorded / 12 - 0.8, 0.8)))),
                support=chance.choice(("independent", "verbal", "visual")),
                observed_at=started,
                note=line_id,
            )
            seen = UUID(ref["observation"])
            goals.observe(case, goal, at=self.scribe.now, actor=self.leader, observation_id=seen, content=content)
        return line_id

    def _permit(self, name: str, course: Course) -> None:
        refuse_unless_permitted(name, self.leader, course.relationship_of(self.leader))


def _line(
    check: Input, chance: random.Random, *, absent: bool, goals_of: Sequence[Goal], refs: Sequence[RatingRef]
) -> Line:
    pick = chance.choice
    if absent:
        content = LineContent("absent", absence_reason=pick(("A cold", "A school trip", "Slept too little")))
    else:
        content = LineContent(
            pick(("present",) * 8 + ("late", "left-early")),
            arrival=pick(groups.ARRIVALS),
            grading=pick(groups.GRADINGS),
            support=pick(("independent", "verbal", "visual", "physical")),
            response=pick(SEEN),
            message_home=pick(AT_HOME) if chance.random() < 0.3 else "",
            goals=[goal.id for goal in goals_of],
        )
    return groups.checked_line(check, "/line", content, ratings=refs, strategies=[])


def session_rounds(rounds: int, first: int, sessions: int) -> Callable[[int], int]:
    """How many sessions are recorded in a round: ``sessions`` in all, spread from the round ``first`` on."""
    span = max(1, rounds - first)

    def due(number: int) -> int:
        return sum(first + s * span // sessions == number for s in range(sessions)) if number >= first else 0

    return due
