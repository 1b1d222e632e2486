"""What the bench measures on: a store with a small child, a large one, and many events."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from coord.application.asked import as_meant
from coord.application.case.commands import AddToTeam, OpenCase
from coord.application.goals.commands import AgreeGoal, ChangeGoalStatus, ObserveGoal, ProposeGoal
from coord.application.groups.commands import ChildRecord, EnrolChild, PlanCourse, Rating, RecordSession
from coord.application.people.commands import RegisterPerson
from coord.application.timeline.questions import ReadTimeline
from coord.bootstrap import Services, Settings, build
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Relation, Role
from coord.domain.case import Case, GoalContent, LineContent, NoteContent, ObservationContent, notes
from coord.domain.case.goals import ScaleContent
from coord.domain.course import CourseContent
from coord.domain.teams import on_purpose
from coord.office.accounts import Accounts
from coord.office.tokens import Tokens
from coord.patience import AT_LENGTH

SECTIONS = {
    "subjective": "He told me that the red laces are the fast ones.",
    "objective": "Tied both shoes with one verbal prompt, left before right; 4 of 5 tries. " * 4,
    "assessment": "The sequence holds when nobody is waiting; under time pressure the second loop slips.",
    "plan": "Same steps at the classroom door, picture strip on the bench, no clock.",
}
PASSWORD = "kettle-orbit-lantern-77"
BATCH = 500


@dataclass
class Prepared:
    """A filled store, and how to reach it."""

    services: Services
    env: dict[str, str]
    token: str
    email: str
    password: str
    writing: list[UUID]
    small: UUID
    with_goals: UUID
    held: UUID
    """A course of eight children and twelve sessions, all recorded: its page is measured."""
    course: UUID
    group: list[tuple[UUID, UUID]]
    """The children of the course, each with the goal that is worked on."""
    large: UUID
    actor: Actor
    reader: Actor
    built: list[tuple[str, str]]
    sections: dict[str, str]

    def inside(self) -> list[tuple[str, str]]:
        """Figures that no HTTP is needed for: the access record on its own, and rebuilding."""
        doors = self.services.doors
        doors.ask(self.reader, ReadTimeline(self.small))
        with_record = _rate(lambda: doors.ask(self.reader, ReadTimeline(self.small)))
        record, doors.note_look = doors.note_look, lambda *_a, **_k: None  # type: ignore[method-assign]
        without = _rate(lambda: doors.ask(self.reader, ReadTimeline(self.small)))
        doors.note_look = record  # type: ignore[method-assign]
        alone = _rate(lambda: doors.note_look(self.reader, "ReadTimeline", case_id=self.small))
        head = self.services.record.head()
        begun = time.perf_counter()
        self.services.views.rebuild(grace=0.0)
        took = time.perf_counter() - begun
        return [
            ("reading a timeline behind the doors, with access record", f"{1e3 / with_record:.2f} ms"),
            ("reading a timeline behind the doors, without", f"{1e3 / without:.2f} ms"),
            ("the access record on its own", f"{1e3 / alone:.2f} ms"),
            (f"rebuild of all views over {head} events (aim 20,000/s)", f"{head / took:.0f} events/s"),
        ]

    def close(self) -> None:
        """Give the connections back."""
        self.services.close()


def _rate(what: Callable[[], object], seconds: float = 2.0) -> float:
    stop = time.perf_counter() + seconds
    begun, count = time.perf_counter(), 0
    while time.perf_counter() < stop:
        what()
        count += 1
    return count / (time.perf_counter() - begun)


def prepare(folder: Path, url: str | None, *, small: int, large: int, events: int) -> Prepared:
    """Fill a store: a child with ``small`` entries, one with ``large``, and others up to ``events`` in all.

    The page of the small child is measured in the full store, and once before it is full: size must not matter.
    """
    secret = "bench-" + "0" * 40
    data = folder / "data"
    services = build(Settings(data=data, database_url=url, secret_key=secret), patience=AT_LENGTH)
    env = {"COORD_DATA": str(data), "COORD_SECRET_KEY": secret, "COORD_ENV": "development"}
    if url:
        env["COORD_DATABASE_URL"] = url
    actor = person(services, "Ada Bench", Role.THERAPIST, Discipline.OT)
    reader = person(services, "Ben Bench", Role.THERAPIST, Discipline.OT)
    address = email(actor)
    now = datetime.now(UTC)
    accounts = Accounts(services.office)
    accounts.create_account(actor.person_id, address, PASSWORD, now=now)
    token = Tokens(services.office).issue(actor.person_id, "bench", now + timedelta(days=1), now=now)
    built: list[tuple[str, str]] = []
    writing = [child(services, actor, reader) for _ in range(16)]
    small_child = child(services, actor, reader)
    fill(services, small_child, actor, small)
    with_goals = child(services, actor, reader)
    aims(services, with_goals, actor)
    held, of_held = _course(services, actor, reader)
    _hold(services, held, of_held, actor)
    course, group = _course(services, actor, reader)
    services.views.catch_up()
    ten = 10_000 - services.record.head()
    others = [child(services, actor, reader) for _ in range(10)]
    for other in others:
        fill(services, other, actor, max(1, ten // len(others)))
    services.views.catch_up()
    doors = services.doors
    doors.ask(reader, ReadTimeline(small_child))
    few = _rate(lambda: doors.ask(reader, ReadTimeline(small_child)))
    large_child = child(services, actor, reader)
    begun = time.perf_counter()
    fill(services, large_child, actor, large)
    while services.record.head() < events:
        fill(services, child(services, actor, reader), actor, 1_000)
    took = time.perf_counter() - begun
    head = services.record.head()
    built.append(("filling the record, decisions included", f"{(head - 10_000) / took:.0f} events/s"))
    begun = time.perf_counter()
    services.views.catch_up()
    built.append(("views catching up", f"{(head - 10_000) / (time.perf_counter() - begun):.0f} events/s"))
    many = _rate(lambda: doors.ask(reader, ReadTimeline(small_child)))
    built.append((f"timeline behind the doors, {head} events against 10,000 (aim 1.2 or less)", f"{few / many:.2f}"))
    return Prepared(
        services=services,
        env=env,
        token=token,
        email=address,
        password=PASSWORD,
        writing=writing,
        small=small_child,
        with_goals=with_goals,
        held=held,
        course=course,
        group=group,
        large=large_child,
        actor=actor,
        reader=reader,
        built=built,
        sections=SECTIONS,
    )


def email(actor: Actor) -> str:
    """What a person signs in with."""
    return f"{actor.person_id.hex}@coord.example"


def person(
    services: Services, name: str, role: Role, discipline: Discipline | None = None, team: str = "North"
) -> Actor:
    """Somebody who works here, or at a school."""
    actor = Actor(uuid4(), name, role, discipline, team)
    services.doors.execute(
        COMMAND_LINE,
        RegisterPerson(actor.person_id, name, email(actor), role, discipline, team, on_purpose(team)),
    )
    return actor


RELATIONS = {
    Discipline.OT: Relation.OCCUPATIONAL_THERAPIST,
    Discipline.SLT: Relation.SPEECH_THERAPIST,
    Discipline.SCHOOL: Relation.CLASS_TEACHER,
}


def child(services: Services, actor: Actor, *readers: Actor, name: str = "Bench") -> UUID:
    """A child whom this therapist brings, and whose care team the others are on too."""
    case_id = uuid4()
    as_meant(services.doors, actor, OpenCase(case_id, name, f"{name} Child", date(2019, 5, 1)))
    for reader in readers:
        assert reader.discipline
        services.doors.execute(actor, AddToTeam(case_id, reader.person_id, RELATIONS[reader.discipline]))
    return case_id


GOALS, RATINGS = 10, 20


def goal_content(number: int) -> GoalContent:
    """A goal with a scale, that should hold in three contexts."""
    levels = {n: f"Ties the laces {n + 3} times of five, aim {number}" for n in range(-2, 3)}
    return GoalContent(
        f"Ties the laces at the classroom door, aim {number}",
        ["therapy", "home", "school"],
        criterion="Four times of five",
        support="verbal",
        review_date=datetime.now(UTC).date() + timedelta(days=60),
        scale=ScaleContent(levels, -1, 2, 2),
    )


def ratings(now: datetime) -> list[ObservationContent]:
    """Ratings of one goal, a day apart, in three contexts in turn."""
    contexts = ("therapy", "home", "school")
    return [
        ObservationContent(contexts[i % 3], i % 4 - 1, "verbal", "", now - timedelta(days=RATINGS - i))
        for i in range(RATINGS)
    ]


def aims(services: Services, case_id: UUID, actor: Actor) -> None:
    """Ten goals of twenty ratings each, through the doors."""
    do, now = services.doors.execute, datetime.now(UTC)
    for number in range(GOALS):
        goal = uuid4()
        do(actor, ProposeGoal(case_id, goal, goal_content(number)))
        do(actor, AgreeGoal(case_id, goal, 1, [("Anna Bench", "guardian")]))
        do(actor, ChangeGoalStatus(case_id, goal, 2, "active"))
        for rating in ratings(now):
            do(actor, ObserveGoal(case_id, goal, uuid4(), rating))


CHILDREN, SESSIONS = 8, 12
"""Of the course."""


def _course(services: Services, actor: Actor, reader: Actor) -> tuple[UUID, list[tuple[UUID, UUID]]]:
    """A course of eight children, each with a goal of twenty ratings, through the doors."""
    do, now, course = services.doors.execute, datetime.now(UTC), uuid4()
    content = CourseContent(
        title="Bench builders",
        kind="social-skills",
        aims="Waiting for a turn.",
        first_date=now.date() - timedelta(weeks=SESSIONS),
        start_time="10:00",
        minutes=60,
        sessions=SESSIONS,
        capacity=CHILDREN,
    )
    do(actor, PlanCourse(course, content, [actor.person_id, reader.person_id]))
    group = []
    for number in range(CHILDREN):
        case_id, goal = child(services, actor, reader), uuid4()
        do(actor, ProposeGoal(case_id, goal, goal_content(number)))
        do(actor, AgreeGoal(case_id, goal, 1, [("Anna Bench", "guardian")]))
        do(actor, ChangeGoalStatus(case_id, goal, 2, "active"))
        for rating in ratings(now):
            do(actor, ObserveGoal(case_id, goal, uuid4(), rating))
        enrol = EnrolChild(course, case_id, "enrolled", [goal], (), "for the bench", since=content.first_date)
        do(actor, enrol)
        group.append((case_id, goal))
    return course, group


def course_lines(group: Sequence[tuple[UUID, UUID]], number: int) -> list[ChildRecord]:
    """What is told of each child in one session: one of the eight is absent."""
    lines = []
    for place, (case_id, goal) in enumerate(group):
        if place == number % CHILDREN:
            lines.append(ChildRecord(case_id, uuid4(), LineContent("absent", absence_reason=ILL)))
            continue
        content = LineContent("present", arrival="settled", support="verbal", response=RESPONSE)
        lines.append(ChildRecord(case_id, uuid4(), content, [Rating(uuid4(), goal, number % 4 - 1, "verbal")]))
    return lines


ILL = "A cold"
RESPONSE = "Waited for a peer twice, with a word the second time."


def _hold(services: Services, course: UUID, group: Sequence[tuple[UUID, UUID]], actor: Actor) -> None:
    """Record every session, through the doors."""
    now = datetime.now(UTC)
    for number in range(1, SESSIONS + 1):
        end = now - timedelta(weeks=SESSIONS - number)
        lines = course_lines(group, number)
        recording = RecordSession(course, number, uuid4(), end - timedelta(hours=1), end, {}, lines)
        services.doors.execute(actor, recording)


Sign = Callable[[Case, Actor, int], None]
"""Signs a note of that number about a child."""


def sign(case: Case, actor: Actor, number: int) -> None:
    """Two a day, the newest first; each in other words, for Coord asks about two that say the same."""
    now = datetime.now(UTC)
    at = now - timedelta(days=number // 2, minutes=30 * (number + 1) % 600)
    sections = SECTIONS | {"plan": f"{SECTIONS['plan']} No. {number:06}"}
    notes.sign(case, at=now, actor=actor, note_id=uuid4(), content=NoteContent("soap", sections, at))


def fill(services: Services, case_id: UUID, actor: Actor, entries: int, sign: Sign = sign) -> None:
    """Sign ``entries`` notes, by the domain's own decision, many to a transaction."""
    for done in range(0, entries, BATCH):
        case = services.record.case(case_id)
        for number in range(done, min(done + BATCH, entries)):
            sign(case, actor, number)
        services.record.append(case)
