"""A course is planned, revised and ended; its dates are one a week, without the holidays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, cast
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from coord.domain.actors import By, Role
from coord.domain.course.aggregate import Course, CourseText, Service, StaffMember
from coord.domain.course.hours import decided
from coord.domain.errors import Conflict
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.groups import GroupKind
from coord.domain.input import REASON, SHORT, Input
from coord.domain.names import Seems, ask_about_names
from coord.domain.person import Person
from coord.domain.policy import Values
from coord.domain.said import Said

MOST_HOLIDAYS = 40
MOST_STAFF = 8
MOST_SESSIONS = 60
LARGEST = 20
"""Children."""
QUALIFIED_ROLES = (Role.THERAPIST.value, Role.TEAM_LEAD.value)
STAFF_ROLES = (*QUALIFIED_ROLES, Role.STUDENT.value)


@dataclass(frozen=True, slots=True)
class CourseContent:
    """What is planned; see `CourseText`. The ``title`` is for the staff."""

    title: Annotated[str, Said(most=SHORT)]
    kind: Annotated[str, Said("`sensory-integration` means ASI-informed. It cannot change later", of=GroupKind)]
    aims: Annotated[str, Said("In words for every child's people", most=REASON)]
    first_date: date | None
    start_time: Annotated[str, Said("HH:MM on the clinic's clock", most=5)]
    minutes: Annotated[int | None, Said(least=10, most=240)]
    sessions: Annotated[int | None, Said("How many, one a week", least=1, most=MOST_SESSIONS)]
    capacity: Annotated[int | None, Said("Places", least=1, most=LARGEST)]
    room: Annotated[str, Said(most=SHORT)] = ""
    holidays: Annotated[Sequence[date], Said("Days without a session", most=MOST_HOLIDAYS)] = ()
    why_otherwise: Annotated[
        str, Said("Why it departs from your team's policy for this kind, where it does", most=REASON)
    ] = ""


class CoursePlanned(CoordEvent, AggregateCreated):
    """A course was planned."""

    TOPIC = "course.planned.v1"
    HISTORY = in_the_history("Course planned")
    team: str
    """The service team whose course it is."""
    content: CourseText
    """``title`` (for the staff), ``kind``, ``aims`` (for every child's people), ``room``, ``first_date``,
    ``start_time`` (by the clock on the clinic's wall), ``minutes``, ``sessions`` (how many), ``holidays``,
    ``capacity``."""
    dates: list[str]
    """The day of each session, in order: session 1 is the first."""
    staff: dict[str, StaffMember]
    """By person: ``name``, ``role``, ``discipline``, as they were then."""
    why_otherwise: str
    """Why it departs from the team's policy for the kind, or empty."""

    def apply(self, aggregate: Course) -> None:
        """A course without children yet."""
        aggregate.team, aggregate.content, aggregate.content_version = self.team, self.content, 1
        aggregate.hours = tuple(decided((), self.content, None))
        aggregate.dates = aggregate.regular = tuple(self.dates)
        aggregate.staff = self.staff
        aggregate.services = {
            person: ({"member": member, "since": None, "until": None},) for person, member in self.staff.items()
        }
        aggregate.places, aggregate.sessions, aggregate.changed_in = {}, {}, {}
        aggregate.status = "open"

    def told(self) -> Particulars:
        """Which course."""
        return {"title": self.content["title"], "group": self.content["kind"]}


class CourseRevised(CoordEvent):
    """The course is to be otherwise from here on; sessions held, cancelled or moved keep their dates."""

    TOPIC = "course.revised.v1"
    HISTORY = in_the_history("Course revised")
    content: CourseText
    """The whole new content."""
    dates: list[str]
    """The day of each session, those that were recorded, cancelled or moved as they were."""
    staff: dict[str, StaffMember]
    """The whole new staff."""
    why_otherwise: str
    """Why it departs from the team's policy, or empty."""
    reason: str
    """Why it was revised."""
    override: str
    """Why the times shall be so although children of the course have another group then, or empty."""
    content_version: int
    """The number of this content, from 2 on."""
    regular: Sequence[str] = ()
    """The days as the weeks give them, where a session was moved from one of them; else empty."""
    answered: Sequence[Mapping[str, object]] = ()

    def apply(self, aggregate: Course) -> None:
        """Take over the new plan. A session that there is no more leaves nothing to one of its number later; one that
        had begun by now keeps its hours."""
        aggregate.hours = tuple(decided(aggregate.hours, self.content, self.timestamp))
        aggregate.content, aggregate.content_version = self.content, self.content_version
        aggregate.dates, aggregate.regular = tuple(self.dates), tuple(self.regular or self.dates)
        aggregate.sessions = {n: s for n, s in aggregate.sessions.items() if n <= len(self.dates)}
        aggregate.services = _served(aggregate.services, self.staff, self.timestamp)
        aggregate.staff = self.staff
        aggregate.changed_in = aggregate.now_changed("course", self.originator_version)

    def told(self) -> Particulars:
        """Which course."""
        which = {"title": self.content["title"], "group": self.content["kind"], "version": self.content_version}
        why = {"reason": self.reason} | ({"override": self.override} if self.override else {})
        return which | why | self.meant()


class CourseEnded(CoordEvent):
    """The course is over; every child left it in the same moment."""

    TOPIC = "course.ended.v1"
    HISTORY = in_the_history("Course ended")
    reason: str
    answered: Sequence[Mapping[str, object]] = ()

    def apply(self, aggregate: Course) -> None:
        """Over."""
        aggregate.status = "ended"
        aggregate.changed_in = aggregate.now_changed("course", self.originator_version)

    def told(self) -> Particulars:
        """That it happened, and why."""
        return {"reason": self.reason} | self.meant()


def _served(
    services: Mapping[str, tuple[Service, ...]], staff: Mapping[str, StaffMember], at: datetime
) -> dict[str, tuple[Service, ...]]:
    """Who was on the staff from when to when, once it is ``staff`` from a moment on."""
    now = {
        person: (
            *(stretches[:-1] if stretches[-1]["until"] is None else stretches),
            *([{**stretches[-1], "until": at}] if stretches[-1]["until"] is None else []),
        )
        for person, stretches in services.items()
        if person not in staff
    }
    for person, member in staff.items():
        before = services.get(person, ())
        stays = bool(before) and before[-1]["until"] is None
        now[person] = before if stays else (*before, {"member": member, "since": at, "until": None})
    return cast("dict[str, tuple[Service, ...]]", now)


def weekly_dates(first: date, count: int, holidays: Iterable[date] = (), *, after: date | None = None) -> list[date]:
    """``count`` dates, one a week from ``first`` on, that are no holidays and come after the day ``after``."""
    skipped = set(holidays)
    dates: list[date] = []
    day = first
    while len(dates) < count:
        if day not in skipped and (after is None or day > after):
            dates.append(day)
        day += timedelta(weeks=1)
    return dates


def plan_course(
    *, id: UUID, at: datetime, by: By, team: str, content: CourseContent, staff: Sequence[Person], policy: Values
) -> Course:
    """Plan a course. ``policy`` is the team's for this kind; a course may depart from it with a reason.

    Raises `InvalidInput` field by field.
    """
    check = Input()
    text = _checked(check, content, policy)
    people = _staff(check, staff, {})
    check.refuse_if_any()
    holidays = [date.fromisoformat(day) for day in text["holidays"]]
    dates = weekly_dates(date.fromisoformat(text["first_date"]), text["sessions"], holidays)
    return Course._create(
        CoursePlanned,
        id=id,
        timestamp=at,
        by=by,
        team=team,
        content=text,
        dates=[day.isoformat() for day in dates],
        staff=people,
        why_otherwise=content.why_otherwise.strip(),
    )


def revise_course(
    course: Course,
    *,
    at: datetime,
    by: By,
    expected_version: int | None,
    today: date,
    content: CourseContent,
    staff: Sequence[Person],
    policy: Values,
    reason: str,
    override: str = "",
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> None:
    """Plan it otherwise, saying why. Sessions recorded, cancelled or moved keep their dates; the others are dated anew.

    Who is on the staff already stays, also without access by now: it is told who ran it.
    ``named`` are the texts that seem to name a child of the course, which is asked about.

    Raises `Conflict` (over, nothing changes), `Stale`, `InvalidInput`.
    """
    course.refuse_if_ended()
    check = Input(confirmed)
    text = _checked(check, content, policy)
    people = _staff(check, staff, course.staff)
    reason = check.text("/reason", reason, limit=REASON)
    override = check.text("/override", override, limit=REASON, required=False)
    held = max((number for number, s in course.sessions.items() if s["status"] != "planned"), default=0)
    if text["kind"] and text["kind"] != course.content["kind"]:
        check.problem("/kind", "cannot-change")
    if content.sessions is not None and text["sessions"] < held:
        check.problem("/sessions", "out-of-range", least=held, most=MOST_SESSIONS)
    enrolled = len(course.enrolled(today))
    if text["capacity"] < enrolled and content.capacity is not None:
        check.problem("/capacity", "out-of-range", least=enrolled, most=LARGEST)
    ask_about_names(check, named)
    check.refuse_if_any()
    course.refuse_if_changed(expected_version, "course")
    regular = _dated_anew(course, text)
    dates = _with_moves(course, regular)
    if len(set(dates)) < len(dates) and dates != list(course.dates[: len(dates)]):
        twice = next(day for day in dates if dates.count(day) > 1)
        check.problem("/first_date", "meets-a-moved-session", day=twice)
        check.refuse_if_any()
    if text == course.content and people.keys() == course.staff.keys() and dates == list(course.dates):
        raise Conflict("nothing-changed")
    course.trigger_event(
        CourseRevised,
        timestamp=at,
        by=by,
        content=text,
        dates=dates,
        staff=people,
        why_otherwise=content.why_otherwise.strip(),
        reason=reason,
        override=override,
        content_version=course.content_version + 1,
        regular=regular if regular != dates else [],
        answered=check.answered,
    )


def _with_moves(course: Course, regular: Sequence[str]) -> list[str]:
    """The dates of all sessions by the weeks' dates: a session that was moved is on the day that it was moved to."""
    moved = {number for number, session in course.sessions.items() if session["moved_to"]}
    return [course.dates[n - 1] if n in moved and n <= len(course.dates) else day for n, day in enumerate(regular, 1)]


def _dated_anew(course: Course, text: CourseText) -> list[str]:
    """The dates of all sessions as the weeks give them in a revision: one recorded or cancelled keeps its own, and so
    does one before it that was to be before the new first date; each of the others comes after the one before it."""
    stands = {number: course.regular[number - 1] for number, s in course.sessions.items() if s["status"] != "planned"}
    recorded = max((number for number, s in course.sessions.items() if s["status"] == "recorded"), default=0)
    gone = {n: day for n, day in enumerate(course.regular[: max(stands, default=0)], 1) if day < text["first_date"]}
    kept = {n: date.fromisoformat(day) for n, day in (stands | gone).items()}
    kept |= {n: date.fromisoformat(day) for n, day in enumerate(course.regular[:recorded], 1)}
    taken = {*(date.fromisoformat(day) for day in text["holidays"]), *kept.values()}
    first = date.fromisoformat(text["first_date"])
    dates: list[date] = []
    for number in range(1, text["sessions"] + 1):
        following = kept.get(number) or weekly_dates(first, 1, taken, after=max(dates, default=None))[0]
        dates.append(following)
    return [day.isoformat() for day in dates]


def end_course(
    course: Course,
    *,
    at: datetime,
    by: By,
    expected_version: int | None,
    reason: str,
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> None:
    """End it, saying why; ``named`` is asked about. Raises `Conflict` if it is over, `Stale`, `InvalidInput`."""
    check = Input(confirmed)
    reason = check.text("/reason", reason, limit=REASON)
    ask_about_names(check, named)
    check.refuse_if_any()
    course.refuse_if_ended()
    course.refuse_if_changed(expected_version, "course")
    course.trigger_event(CourseEnded, timestamp=at, by=by, reason=reason, answered=check.answered)


def _checked(check: Input, content: CourseContent, policy: Values) -> CourseText:
    given: dict[str, Any] = {
        "title": check.text("/title", content.title, lines=False),
        "kind": check.choice("/kind", content.kind, [k.value for k in GroupKind]),
        "aims": check.text("/aims", content.aims, limit=REASON),
        "room": check.text("/room", content.room, required=False, lines=False),
        "first_date": _day(check, content.first_date),
        "start_time": checked_clock(check, "/start_time", content.start_time),
        "minutes": int(check.number("/minutes", content.minutes, 10, 240) or 0),
        "sessions": int(check.number("/sessions", content.sessions, 1, MOST_SESSIONS) or 0),
        "capacity": int(check.number("/capacity", content.capacity, 1, LARGEST) or 0),
    }
    if len(content.holidays) > MOST_HOLIDAYS:
        check.problem("/holidays", "too-many", limit=MOST_HOLIDAYS)
    given["holidays"] = sorted({day.isoformat() for day in content.holidays[:MOST_HOLIDAYS]})
    why = check.text("/why_otherwise", content.why_otherwise, limit=REASON, required=False)
    if not check.problems and not why:
        for field, params in departures(given, policy):
            check.problem(f"/{field}", "outside-policy", **params)
    return cast("CourseText", given)


def departures(content: Mapping[str, Any], policy: Values) -> list[tuple[str, dict[str, object]]]:
    """Where a plan departs from its team's policy for the kind: the field, with the least and the most it foresees."""
    limits = {
        "minutes": ("minutes_from", "minutes_to"),
        "sessions": ("sessions_from", "sessions_to"),
        "capacity": ("size_least", "size_most"),
    }
    found: list[tuple[str, dict[str, object]]] = []
    for field, (least, most) in limits.items():
        if not int(str(policy[least])) <= int(content[field]) <= int(str(policy[most])):
            found.append((field, {"least": policy[least], "most": policy[most]}))
    return found


def staff_needed(children: int, policy: Values) -> int:
    """How many staff the policy asks for with so many children."""
    per_staff = int(str(policy["children_per_staff"]))
    return max(int(str(policy["staff_least"])), -(-children // per_staff))


def _day(check: Input, day: date | None) -> str:
    if day is None:
        check.problem("/first_date", "missing")
        return ""
    if not 2000 <= day.year <= 2100:
        check.problem("/first_date", "not-a-date")
        return ""
    return day.isoformat()


def checked_clock(check: Input, pointer: str, text: str) -> str:
    """A time on the clinic's clock as HH:MM; what is wrong with it is noted in ``check``."""
    text = check.text(pointer, text, lines=False)
    if not text:
        return ""
    try:
        return time.fromisoformat(text).strftime("%H:%M")
    except ValueError:
        check.problem(pointer, "not-a-time")
        return ""


def _staff(check: Input, staff: Sequence[Person], present: Mapping[str, StaffMember]) -> dict[str, StaffMember]:
    """Who runs it, as they are now; those of the ``present`` staff as they were when named, under the name of now.
    Whoever is new has to have access, and where anybody comes or goes, somebody who is qualified has to be among
    them."""
    if not staff:
        check.problem("/staff", "missing")
    if len(staff) > MOST_STAFF:
        check.problem("/staff", "too-many", limit=MOST_STAFF)
    for i, person in enumerate(staff):
        if str(person.id) not in present and not can_run_a_group(person):
            check.problem(f"/staff/{i}", "not-for-staff")
    if staff and {str(p.id) for p in staff} != set(present) and not any(is_qualified(p) for p in staff):
        check.problem("/staff", "no-therapist")
    return as_named(staff, present)


def as_named(people: Iterable[Person], present: Mapping[str, StaffMember]) -> dict[str, StaffMember]:
    """Those who are named, by id: as they are now, or as they were when they were first; under the name of now."""
    return {str(p.id): {**present.get(str(p.id), as_staff(p)), "name": p.name} for p in people}


def can_run_a_group(person: Person) -> bool:
    """Somebody with access who works in the service."""
    return person.active and person.standing_as(*STAFF_ROLES) is not None


def is_qualified(person: Person) -> bool:
    """A therapist or team lead with access."""
    return person.active and person.standing_as(*QUALIFIED_ROLES) is not None


def as_staff(person: Person) -> StaffMember:
    """Somebody as they are now, in the role in which they run groups: as a student only who is nothing else there, for
    a student decides nothing about a course."""
    here = person.standing_as(*QUALIFIED_ROLES) or person.standing_as(*STAFF_ROLES) or person.standings[0]
    discipline = here.discipline.value if here.discipline else None
    return {"name": person.name, "role": here.role.value, "discipline": discipline}
