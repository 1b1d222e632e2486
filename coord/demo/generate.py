"""Load data in bulk, by the same permissions and decisions as everybody's; only the saving is done many at a time.

A command saves its events one by one, each durable before the next is decided. Here hundreds of decisions are collected
in the cases' pending events and saved in one transaction.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import cast
from uuid import UUID, uuid4

from coord.application import Doors, Record
from coord.application.people.commands import RegisterPerson
from coord.demo.generate_courses import CHILDREN, CourseLoad, session_rounds
from coord.demo.generated_words import (
    AIMS,
    AUDIENCES,
    FIRST,
    LAST,
    MEANING,
    OPENINGS,
    PLANS,
    SETTINGS,
    WORK,
)
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Relation, Role
from coord.domain.case import (
    Case,
    Goal,
    GoalContent,
    Note,
    NoteContent,
    ObservationContent,
    child,
    goals,
    notes,
    team,
)
from coord.domain.case.goals import ScaleContent
from coord.domain.course import Course
from coord.domain.errors import InvalidInput
from coord.domain.events import CoordEvent
from coord.domain.groups import GroupKind
from coord.domain.permissions import refuse_unless_permitted
from coord.domain.person import Person
from coord.domain.teams import on_purpose

BATCH = 500
"""Events saved in one transaction, or a few more."""
BLOCK = 200
"""Children written to in turn, so that their entries lie among each other in the record, batch by batch, as in life."""
YEARS = timedelta(days=730)
"""The time over which the entries are spread, ending now."""

STAFF: tuple[tuple[str, Role, Discipline | None, Relation | None], ...] = (
    ("Orla Brandt", Role.THERAPIST, Discipline.OT, Relation.OCCUPATIONAL_THERAPIST),
    ("Sandro Melk", Role.THERAPIST, Discipline.SLT, Relation.SPEECH_THERAPIST),
    ("Petra Yilde", Role.THERAPIST, Discipline.PSYCHOLOGY, Relation.PSYCHOLOGIST),
    ("Timo Arlen", Role.TEACHER, Discipline.SCHOOL, Relation.CLASS_TEACHER),
    ("Lena Vosk", Role.TEAM_LEAD, None, None),
)


@dataclass(frozen=True, slots=True)
class Load:
    """How much to write: children, notes for each, goals for each, ratings of each goal, and the seed of the texts;
    courses of eight of the children, and sessions recorded of each course."""

    children: int
    entries: int
    seed: int = 1
    goals: int = 0
    ratings: int = 0
    courses: int = 0
    sessions: int = 10


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written: events in how many seconds, and by whom."""

    events: int
    seconds: float
    team: str
    emails: Sequence[str]
    case_ids: Sequence[UUID] = field(repr=False)

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / max(self.seconds, 1e-6)


def generate(
    record: Record, doors: Doors, load: Load, *, progress: Callable[[int, int], None] = lambda *_: None
) -> Generated:
    """Write a load into the record; ``progress`` hears how many rounds (a note and a rating) of how many are saved.

    The people are new each time, in a service team of their own and without accounts. Raises a `DomainError` when a
    decision is refused, which would be a fault here.
    """
    chance = random.Random(load.seed)  # noqa: S311 - texts, not secrets
    name = f"Load {uuid4().hex[:6]}"
    staff = _register_staff(record, doors, name)
    case_ids: list[UUID] = []
    now = doors.clock()
    began = time.perf_counter()
    before = record.head()
    rounds = max(load.entries, load.goals * (load.ratings + 1), load.sessions if load.courses else 0)
    ticks = load.children * (load.entries + load.goals * (load.ratings + 2) + 6) + load.courses * (load.sessions + 1)
    step = YEARS / max(ticks, 1)
    blocks = -(-load.children // BLOCK)
    begins = min(load.goals, rounds - 1)
    due = session_rounds(rounds, begins, load.sessions)
    scribe = _Scribe(record, doors, staff, chance, now - YEARS, step)
    of = load.children * rounds
    for first in range(0, load.children, BLOCK):
        cases = [scribe.open_case(name) for _ in range(min(BLOCK, load.children - first))]
        case_ids += [case.id for case in cases]
        courses = scribe.courses(name, cases, range(first // BLOCK, load.courses, blocks), load.sessions)
        for number in range(rounds):
            for case in cases:
                if number < load.entries:
                    scribe.write(case)
                if number < load.goals * (load.ratings + 1):
                    scribe.aim(case, number, load.goals)
            for kind, course in courses:
                if number == begins:
                    scribe.begin(course, kind)
                for _ in range(due(number)):
                    scribe.record(course)
            progress(first * rounds + (number + 1) * len(cases), of)
        scribe.save()
    seconds = time.perf_counter() - began
    return Generated(record.head() - before, seconds, name, [person.email for _, person, _ in staff], case_ids)


Staff = list[tuple[Actor, Person, Relation | None]]


def _register_staff(record: Record, doors: Doors, team_name: str) -> Staff:
    staff: Staff = []
    for name, role, discipline, relation in STAFF:
        person_id = uuid4()
        email = f"{name.split()[0].lower()}.{team_name[-6:]}@load.example"
        command = RegisterPerson(person_id, name, email, role, discipline, team_name, on_purpose(team_name))
        doors.execute(COMMAND_LINE, command)
        actor = Actor(person_id, name, role, discipline, team_name)
        staff.append((actor, record.person(person_id), relation))
    return staff


class _Scribe:
    """Decides and collects, and saves when enough is collected."""

    def __init__(
        self, record: Record, doors: Doors, staff: Staff, chance: random.Random, start: datetime, step: timedelta
    ) -> None:
        self._record, self._zone, self.chance = record, doors.zone, chance
        self._staff = staff
        self._writers = [actor for actor, _, relation in staff if relation is not None]
        self.now, self._step = start.astimezone(UTC), step
        self._unsaved: dict[UUID, Case | Course] = {}
        self._pending = 0
        self._latest: dict[UUID, Note] = {}
        self.aims: dict[UUID, list[Goal]] = {}

    def open_case(self, team_name: str) -> Case:
        """A new child with a care team."""
        chance, (opener, _, _) = self.chance, self._staff[0]
        self._tick()
        first, last = chance.choice(FIRST.split()), chance.choice(LAST.split())
        refuse_unless_permitted("OpenCase", opener, None)
        details = {
            "preferred_name": first,
            "full_name": f"{first} {last}",
            "birth_date": self.today - timedelta(days=chance.randrange(3 * 365, 12 * 365)),
            "languages": ["Italian"],
            "school": "Larkwhistle Primary School",
            "school_class": chance.choice(("Owls", "Herons", "Foxes")),
            "team": team_name,
        }
        case = child.open_case(id=uuid4(), at=self.now, actor=opener, today=self.today, details=details)
        for _, person, relation in self._staff:
            if relation is not None:
                team.add_member(case, at=self.now, actor=opener, person=person, relation=relation, since=self.today)
        self._collect(case)
        return case

    def write(self, case: Case) -> None:
        """A note, and now and then something about the note before it."""
        self._tick()
        already = len(case.pending_events)
        before, draw = self._latest.get(case.id), self.chance.random()
        self._latest[case.id] = self._sign(case)
        if before is not None and draw < 0.12:
            self._follow_up(case, before, draw)
        self._collect(case, already)

    def _sign(self, case: Case) -> Note:
        chance = self.chance
        author = self._writers[min(int(chance.random() * 4.4), 3)]  # teachers write more often than they are asked to
        content = _teacher_content(chance, self.now) if author.role is Role.TEACHER else _content(chance, self.now)
        self._permit("SignNote", author, case)
        sign = partial(notes.sign, case, at=self.now, actor=author, note_id=uuid4(), content=content, zone=self._zone)
        try:
            sign()
        except InvalidInput as asked:  # the same words by chance: they are meant so
            sign(confirmed=[problem.answer for problem in asked.problems])
        return notes.evolve(None, cast("CoordEvent", case.pending_events[-1]))

    def _follow_up(self, case: Case, note: Note, draw: float) -> None:
        """An addendum, a correction, another audience, or the mark "entered in error"."""
        author = next(actor for actor in self._writers if str(actor.person_id) == note.author["person"])
        if draw < 0.06:
            self._permit("AddAddendum", author, case)
            text = self.chance.choice(PLANS)
            notes.add_addendum(case, note, at=self.now, actor=author, addendum_id=uuid4(), text=text)
        elif draw < 0.10:
            self._permit("AmendNote", author, case)
            sections = {key: f"{text} (Second session of the week.)" for key, text in note.sections.items()}
            notes.amend(
                case,
                note,
                at=self.now,
                actor=author,
                expected_version=note.version,
                sections=sections,
                reason="Wrote down which session it was",
            )
        elif draw < 0.115:
            audience = "care-team-and-school" if note.audience == "care-team" else "care-team"
            self._permit("ChangeNoteAudience", author, case)
            notes.change_audience(
                case, note, at=self.now, actor=author, expected_version=note.version, audience=audience
            )
        else:
            self._permit("EnterNoteInError", author, case)
            notes.enter_in_error(
                case, note, at=self.now, actor=author, expected_version=note.version, reason="Written twice"
            )

    def aim(self, case: Case, number: int, many: int) -> None:
        """The first ``many`` times a goal, agreed and begun, with its scale; then a rating of one after the other."""
        self._tick()
        already = len(case.pending_events)
        aims = self.aims.setdefault(case.id, [])
        if number < many:
            aims.append(self._begun_goal(case))
        else:
            self._rate(case, aims[number % many], number // many)
        self._collect(case, already)

    def _begun_goal(self, case: Case) -> Goal:
        chance, author = self.chance, self._writers[self.chance.randrange(3)]
        at = {"at": self.now, "actor": author}
        already = len(case.pending_events)
        self._permit("ProposeGoal", author, case)
        goal_id = uuid4()
        goals.propose(case, **at, today=self.today, goal_id=goal_id, content=_goal(chance, self.today))  # type: ignore[arg-type]
        goal = self._folded(case, already)
        self._permit("AgreeGoal", author, case)
        goals.agree(case, goal, **at, expected_version=1, parties=[("Mother", "guardian")])  # type: ignore[arg-type]
        goal = self._folded(case, already)
        self._permit("ChangeGoalStatus", author, case)
        goals.change_status(case, goal, **at, expected_version=2, status="active", reason="")  # type: ignore[arg-type]
        return self._folded(case, already)

    @staticmethod
    def _folded(case: Case, already: int) -> Goal:
        goal = Goal.from_events(cast("list[CoordEvent]", case.pending_events[already:]))
        if goal is None:
            raise ValueError("no goal was proposed")
        return goal

    def _rate(self, case: Case, goal: Goal, turn: int) -> None:
        chance = self.chance
        at_school = chance.random() < 0.3
        observer = self._writers[3 if at_school else chance.randrange(3)]
        if observer.role is Role.TEACHER and goal.audience != "care-team-and-school":
            observer = self._writers[0]
        context = "school" if at_school else chance.choice(("therapy", "therapy", "home", "community"))
        content = ObservationContent(
            context=context,
            level=max(-2, min(2, round(chance.gauss(turn / 12 - 1, 0.8)))),
            support=chance.choice(("independent", "verbal", "visual")),
            remark=chance.choice(MEANING) if chance.random() < 0.2 else "",
            observed_at=self.now - timedelta(hours=2),
            reported_by="Mother" if context == "home" else "",
        )
        self._permit("ObserveGoal", observer, case)
        goals.observe(case, goal, at=self.now, actor=observer, observation_id=uuid4(), content=content)

    def _permit(self, command: str, actor: Actor, case: Case) -> None:
        refuse_unless_permitted(command, actor, case.relationship_of(actor, self.today))

    def _tick(self) -> None:
        self.now += self._step
        self.today: date = self.now.astimezone(self._zone).date()

    # ---- courses

    def courses(
        self, team_name: str, cases: Sequence[Case], numbers: Sequence[int], sessions: int
    ) -> list[tuple[GroupKind, CourseLoad]]:
        """The courses of these children: eight in each, the next eight in the next, and round again."""
        leaders = [(actor, person) for actor, person, _ in self._staff if actor.role is Role.THERAPIST]
        every: list[tuple[GroupKind, CourseLoad]] = []
        for place, number in enumerate(numbers):
            leader, _ = leaders[number % len(leaders)]
            at = [(place * CHILDREN + i) % len(cases) for i in range(min(CHILDREN, len(cases)))]
            people = [person for _, person in leaders]
            load = CourseLoad(self, team_name, leader, people, [cases[i] for i in at], sessions)
            every.append((tuple(GroupKind)[number % len(GroupKind)], load))
        return every

    def begin(self, course: CourseLoad, kind: GroupKind) -> None:
        """Plan a course and give its children their places."""
        self._tick()
        course.begin(kind)

    def record(self, course: CourseLoad) -> None:
        """The next session of a course."""
        self._tick()
        course.record()

    def collect_together(self, *changed: Case | Course) -> None:
        """What belongs into one transaction."""
        self._unsaved |= {one.id: one for one in changed}
        self._pending = sum(len(one.pending_events) for one in self._unsaved.values())
        if self._pending >= BATCH:
            self.save()

    def _collect(self, case: Case, already: int = 0) -> None:
        self._unsaved[case.id] = case
        self._pending += len(case.pending_events) - already
        if self._pending >= BATCH:
            self.save()

    def save(self) -> None:
        """Save what is pending, all or nothing."""
        if self._unsaved:
            self._record.append(*self._unsaved.values())
        self._unsaved.clear()
        self._pending = 0


def _content(chance: random.Random, now: datetime) -> NoteContent:
    pick = chance.choice
    subjective, objective, assessment, plan = pick(OPENINGS), f"{pick(WORK)} {pick(WORK)}", pick(MEANING), pick(PLANS)
    kind = chance.random()
    if kind < 0.6:
        sections = {"subjective": subjective, "objective": objective, "assessment": assessment, "plan": plan}
        name = "soap"
    elif kind < 0.8:
        sections = {"data": f"{subjective} {objective}", "assessment": assessment, "plan": plan}
        name = "dap"
    elif kind < 0.9:
        sections = {"behaviour": subjective, "intervention": pick(WORK), "response": assessment, "plan": plan}
        name = "birp"
    else:
        sections, name = {"text": f"{subjective} {objective} {assessment} {plan}"}, "narrative"
    return NoteContent(
        format=name,
        sections=sections,
        observed_from=now - timedelta(minutes=75),
        observed_to=now - timedelta(minutes=30),
        setting=pick(SETTINGS),
        present=("mother",) if chance.random() < 0.2 else (),
        audience=pick(AUDIENCES),
    )


def _goal(chance: random.Random, today: date) -> GoalContent:
    skill, much = chance.choice(AIMS)
    steps = zip(range(-2, 3), ("Not at all", "A first part", much, f"{much}, and again on another day"), strict=False)
    levels = dict(steps) | {2: f"{much}, and shows another child"}
    weight = chance.choice(((None, None), (3, 2), (2, 2), (1, 3)))
    return GoalContent(
        statement=skill,
        contexts=["therapy", "home", "school"],
        icf=chance.choice(("d1", "d2", "d3", "d4", "d5", "d7")),
        condition="On an ordinary day",
        criterion="Four times of five",
        support="verbal",
        baseline="Seen at the first visit",
        review_date=today + timedelta(weeks=12),
        audience=chance.choice(("care-team", "care-team-and-school", "care-team-and-school")),
        scale=ScaleContent(levels, -1, *weight),
    )


def _teacher_content(chance: random.Random, now: datetime) -> NoteContent:
    pick = chance.choice
    return NoteContent(
        format="school-observation",
        sections={"situation": pick(OPENINGS), "observed": pick(WORK), "what-helped": pick(MEANING)},
        observed_from=now - timedelta(hours=3),
        observed_to=now - timedelta(hours=2),
        setting="school",
        audience=pick(("care-team", "care-team-and-school")),
    )
