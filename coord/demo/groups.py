"""The verbs of the stories that are about therapeutic groups; `stories/README.md` explains them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from coord import library
from coord.application import Doors
from coord.application.declared import Command, CourseQuestion
from coord.application.groups import commands as g
from coord.application.groups import questions as q
from coord.demo.story import Dates, Step, Story
from coord.domain.actors import Actor
from coord.domain.case import LineContent
from coord.domain.case.goals.wording import Support
from coord.domain.case.groups import ARRIVALS, ATTENDANCE, GRADINGS
from coord.domain.course import ChildPlan, Course, CourseContent, PlanContent, StepContent
from coord.domain.course.hours import at_clock
from coord.domain.course.sessions import NOTE_PARTS
from coord.domain.policy import SESSION_STEPS

_GUARDIAN = {"guardian": "present", "no-guardian": "absent"}
_TEXTS = {"home": "message_home", "school": "message_school", "incident": "incident", "practice": "practice"}


class Child(Protocol):
    """What is known of a child on the stage: the case, and what its entries are called in the story."""

    case_id: UUID
    names: dict[str, UUID]


@dataclass(slots=True)
class Group:
    """One course on the stage; ``recordings`` by the number of the session and who recorded it."""

    story: Story
    course_id: UUID = field(default_factory=uuid4)
    recordings: dict[tuple[int, str], UUID] = field(default_factory=dict)


class GroupVerbs:
    """Carries out one step each. ``children`` are known by the name they are called by, in small letters."""

    def __init__(
        self,
        doors: Doors,
        people: Mapping[str, Actor],
        children: Mapping[str, Child],
        dates: Dates,
        zone: ZoneInfo,
    ) -> None:
        """Through the same doors as everybody."""
        self._doors, self._people, self._children = doors, people, children
        self._dates, self._zone = dates, zone
        self._library = {activity.content.title: activity.id for activity in library.shipped("en")}
        self.verbs: dict[str, Callable[[Group, Step], None]] = {
            "describes": self._describes,
            "founds": self._founds,
            "replans": self._replans,
            "enrols": self._gives("enrolled"),
            "waits": self._gives("waiting"),
            "releases": self._releases,
            "prepares": self._prepares,
            "cancels": self._cancels,
            "runs": self._runs,
            "rewrites": self._rewrites,
            "finishes": self._finishes,
            "looks": self._looks,
        }

    # ---- the course

    def _describes(self, group: Group, step: Step) -> None:
        name, thinking, moving, speaking = step.words
        case_id = self._child(step, name).case_id
        self._do(step, g.DescribeProfile(case_id, thinking, moving, speaking, step.text("text")))

    def _founds(self, group: Group, step: Step) -> None:
        options = step.options
        content = CourseContent(
            title=step.text("title"),
            kind=options["kind"],
            aims=step.text("aims"),
            room=step.text("room"),
            first_date=self._day(options["first"]),
            start_time=options["at"],
            minutes=int(options["min"]),
            sessions=int(options["sessions"]),
            capacity=int(options["places"]),
            holidays=[self._dates.day(when) for when in step.fields.get("holiday", ())],
            why_otherwise=step.text("why"),
        )
        self._do(step, g.PlanCourse(group.course_id, content, self._staff(options["staff"])))

    def _replans(self, group: Group, step: Step) -> None:
        """What the step does not say stays."""
        course = self._course(group)
        old = dict(course.content)
        for name in ("title", "aims", "room"):
            old[name] = step.text(name) or old[name]
        holidays = [date.fromisoformat(day) for day in course.content["holidays"]]
        content = CourseContent(
            **old  # type: ignore[arg-type]
            | {
                "first_date": date.fromisoformat(course.content["first_date"]),
                "start_time": step.options.get("at", course.content["start_time"]),
                "holidays": holidays + [self._dates.day(when) for when in step.fields.get("holiday", ())],
                "why_otherwise": step.text("why"),
            }
        )
        staff = self._staff(step.options["staff"]) if "staff" in step.options else [UUID(p) for p in course.staff]
        self._do(step, g.ReviseCourse(group.course_id, course.version, content, staff, step.text("reason")))

    def _finishes(self, group: Group, step: Step) -> None:
        self._do(step, g.EndCourse(group.course_id, step.text("reason")))

    # ---- places

    def _gives(self, place: str) -> Callable[[Group, Step], None]:
        def give(group: Group, step: Step) -> None:
            child = self._child(step, step.words[0])
            goals = [child.names[name] for name in step.words[1:]]
            guardians = step.fields.get("guardian", ())
            command = g.EnrolChild(group.course_id, child.case_id, place, goals, guardians, step.text("override"))
            self._do(step, command)

        return give

    def _releases(self, group: Group, step: Step) -> None:
        case_id = self._child(step, step.words[0]).case_id
        self._do(step, g.EndPlace(group.course_id, case_id, step.text("reason")))

    # ---- sessions

    def _prepares(self, group: Group, step: Step) -> None:
        """``main: Dough bakery | 20 | Two rolling pins`` is a step, ``amina: down a-ask | how`` a child."""
        steps = []
        children = []
        for name, lines in step.fields.items():
            if name in SESSION_STEPS:
                steps += [self._step(step, name, line) for line in lines]
            elif name != "aims":
                child = self._child(step, name)
                words, _, how = lines[0].partition(" | ")
                grading = next((word for word in words.split() if word in GRADINGS), "")
                goals = [child.names[word] for word in words.split() if word not in GRADINGS]
                children.append(ChildPlan(child.case_id, grading, how, goals))
        plan = PlanContent(step.text("aims"), steps, children)
        self._do(step, g.PlanSession(group.course_id, int(step.words[0]), plan))

    def _step(self, step: Step, name: str, line: str) -> StepContent:
        first, *more = (part.strip() for part in line.split(" | "))
        if first.isdigit():
            return StepContent(name, minutes=int(first), note=more[0] if more else "")
        if first not in self._library:
            step.wrong(f"no activity is called {first!r}")
        minutes, *note = more
        return StepContent(name, self._library[first], minutes=int(minutes), note=note[0] if note else "")

    def _cancels(self, group: Group, step: Step) -> None:
        self._do(step, g.CancelSession(group.course_id, int(step.words[0]), step.text("reason")))

    def _runs(self, group: Group, step: Step) -> None:
        number = int(step.words[0])
        started, ended = self._times(group, number)
        recording = group.recordings[number, step.who] = uuid4()
        children = [
            self._line(step, name, lines[0], uuid4()) for name, lines in step.fields.items() if name in self._children
        ]
        note = {part: step.text(part.replace("_", "-")) for part in NOTE_PARTS}
        command = g.RecordSession(
            group.course_id, number, recording, started, ended, note, children, self._staff(step.options.get("with"))
        )
        self._do(step, command)

    def _rewrites(self, group: Group, step: Step) -> None:
        """Only the children that are named; ``not=dario`` is a line that should never have been."""
        number = int(step.words[0])
        recording_id = group.recordings[number, step.who]
        recording = self._course(group).session(number)["recordings"][str(recording_id)]
        children = []
        for name, lines in step.fields.items():
            if name in self._children:
                line_id = UUID(recording["lines"][str(self._children[name].case_id)])
                children.append(self._line(step, name, lines[0], line_id))
        wrong = [self._child(step, name).case_id for name in step.options.get("not", "").split(",") if name]
        given = {part: step.text(part.replace("_", "-")) for part in NOTE_PARTS}
        note = {**recording["note"], **{part: text for part, text in given.items() if text}}
        command = g.CorrectSession(
            group.course_id,
            number,
            recording_id,
            recording["version"],
            step.text("reason"),
            note=note,  # type: ignore[arg-type]
            children=children,
            in_error=wrong,
        )
        self._do(step, command)

    def _line(self, step: Step, name: str, line: str, line_id: UUID) -> g.ChildRecord:
        """``late tired down verbal a-ask:0:visual | what was seen``, or ``absent | why``; more in ``NAME-home`` and
        its like."""
        child = self._child(step, name)
        words, _, text = line.partition(" | ")
        content: dict[str, object] = {}
        ratings = []
        for word in words.split():
            key = _sort_of(word)
            if key:
                content[key] = _GUARDIAN.get(word, word)
                continue
            goal, level, support = word.split(":")
            ratings.append(g.Rating(uuid4(), child.names[goal], int(level) if level else None, support))
        content["absence_reason" if content.get("attendance") == "absent" else "response"] = text
        for key, of in _TEXTS.items():
            content[of] = step.text(f"{name}-{key}")
        gives = [g.HandedOver(uuid4(), text) for text in step.fields.get(f"{name}-gives", ())]
        return g.ChildRecord(child.case_id, line_id, LineContent(**content), ratings, gives)  # type: ignore[arg-type]

    # ---- looking

    def _looks(self, group: Group, step: Step) -> None:
        questions: dict[str, Callable[[], CourseQuestion]] = {
            "course": lambda: q.ReadCourse(group.course_id),
            "roster": lambda: q.ReadRoster(group.course_id),
            "session": lambda: q.ReadSession(group.course_id, int(step.words[1])),
        }
        self._doors.ask(self._people[step.who], questions[step.words[0]]())

    # ---- the parts

    def _do(self, step: Step, command: Command) -> None:
        self._doors.execute(self._people[step.who], command)

    def _child(self, step: Step, name: str) -> Child:
        if name not in self._children:
            step.wrong(f"no child is called {name!r}")
        return self._children[name]

    def _course(self, group: Group) -> Course:
        return self._doors.record.course(group.course_id)

    def _staff(self, keys: str | None) -> list[UUID]:
        return [self._people[key].person_id for key in (keys or "").split(",") if key]

    def _day(self, when: str) -> date:
        return self._dates.day(when.replace("_", " "))

    def _times(self, group: Group, number: int) -> tuple[datetime, datetime]:
        """When the session took place: as planned, by the clinic's clock."""
        course = self._course(group)
        hours = course.hours_of(number, self._zone)
        started = at_clock(date.fromisoformat(course.dates[number - 1]), hours["start_time"], self._zone)
        return started, started + timedelta(minutes=hours["minutes"])


def _sort_of(word: str) -> str:
    """Which part of a line a word stands for; none for a rating."""
    sorts = {
        "attendance": ATTENDANCE,
        "arrival": ARRIVALS,
        "grading": GRADINGS,
        "support": tuple(s.value for s in Support),
        "guardian": tuple(_GUARDIAN),
    }
    return next((sort for sort, codes in sorts.items() if word in codes), "")
