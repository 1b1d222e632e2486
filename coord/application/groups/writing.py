"""Handlers: a course's life, and who is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from uuid import UUID, uuid4

from coord.application.carrying import decide
from coord.application.declared import Receipt
from coord.application.doors import Work, answers
from coord.application.groups.commands import (
    DescribeProfile,
    EndCourse,
    EndPlace,
    EnrolChild,
    PlanCourse,
    ReviseCourse,
)
from coord.application.record import Record
from coord.application.rights import goal_readable
from coord.domain.actors import Actor
from coord.domain.case import Case, Goal, GroupLine, groups
from coord.domain.case.goals.life import ENDED
from coord.domain.case.notes import Audience
from coord.domain.course import (
    Course,
    CourseContent,
    CoursePlanned,
    CourseRevised,
    FitReason,
    end_course,
    end_place,
    fit,
    give_place,
    plan_course,
)
from coord.domain.course.aggregate import Place, standing_on
from coord.domain.course.life import revise_course
from coord.domain.course.picture import COPES_WITH
from coord.domain.errors import FieldProblem, InvalidInput, NotFound, NotPermitted
from coord.domain.groups import GroupKind
from coord.domain.names import NO_NAMES, Names, Seems, names_of, seeming
from coord.domain.permissions import staff_or_lead_of_the_course, therapist_or_lead_of_the_child
from coord.domain.person import Person
from coord.domain.policy import Values


@answers(DescribeProfile)
def describe_profile(work: Work, command: DescribeProfile) -> Receipt:
    """How much the child copes with."""
    case = work.the_case
    profile = {name: getattr(command, name) for name in COPES_WITH}
    groups.describe_profile(case, at=work.now, actor=work.actor, profile=profile, remark=command.remark)
    position = work.record.append(case)
    return Receipt(case.id, case.details_version, position or work.record.head(), "described", repeated=not position)


@answers(PlanCourse)
def plan_a_course(work: Work, command: PlanCourse) -> Receipt:
    """A course in one's own service team."""
    team = work.actor.team
    if not team:
        raise NotPermitted("no-service-team")
    course = plan_course(
        id=command.course_id,
        at=work.now,
        by=work.actor.by(),
        team=team,
        content=command.content,
        staff=_people(work, command.staff),
        policy=_policy(work, team, command.content.kind),
    )
    return work.keep(Receipt(course.id, course.version, 0, course.status), course)


def _people(work: Work, ids: Sequence[UUID]) -> list[Person]:
    people: list[Person] = []
    problems = []
    for i, person_id in enumerate(dict.fromkeys(ids)):
        try:
            people.append(work.record.person(person_id))
        except NotFound:
            problems.append(FieldProblem(f"/staff/{i}", "no-such-person"))
    if problems:
        raise InvalidInput(problems)
    return people


def _policy(work: Work, team: str, kind: str) -> Values:
    """The values in force; of any kind while the one named is none, for the other fields are checked all the same."""
    known = kind if kind in tuple(GroupKind) else GroupKind.THERAPEUTIC_PLAY.value
    return work.record.policy(team).values(known)


@answers(ReviseCourse)
def revise(work: Work, command: ReviseCourse) -> Receipt:
    """Otherwise from here on; the children's own streams hear of other dates and aims."""
    course = work.the_course
    before, dates = course.content, course.dates
    every = work.record.cases([UUID(case) for case in course.places])
    decide(
        work,
        revise_course,
        command,
        course,
        staff=_people(work, [UUID(person) for person in course.staff] if command.staff is None else command.staff),
        policy=_policy(work, course.team, course.content["kind"]),
        named=_named_otherwise(work, course, command.content, every),
    )
    cases = {id: case for id, case in every.items() if standing_on(course.places[str(id)], work.today) != "left"}
    at_other_times = (dates, before["start_time"], before["minutes"]) != (
        course.dates,
        course.content["start_time"],
        course.content["minutes"],
    )
    if not at_other_times and course.content["aims"] == before["aims"]:
        return Receipt(course.id, course.version, work.record.append(course), course.status)
    if at_other_times and not command.override.strip():
        _refuse_overlaps(work, course, cases)
    for case_id, case in cases.items():
        write_place(work, course, case, course.places[str(case_id)]["membership"], "revised")
    return Receipt(course.id, course.version, work.record.append(course, *cases.values()), course.status)


def _named_otherwise(work: Work, course: Course, content: CourseContent, every: Mapping[UUID, Case]) -> list[Seems]:
    """What seems to name a child in what is to be otherwise: the aims, which go into each child's record, and what the
    whole service team reads, which may not know who is in the course. What stood before was asked about then."""
    found = [
        seems
        for part in ("aims", "title")
        if (text := str(getattr(content, part))).strip() != course.content[part]
        for seems in seeming_names(f"/{part}", text, every)
    ]
    why = seeming_names("/why_otherwise", content.why_otherwise, every)
    if why:
        told = [
            e.why_otherwise
            for r in work.record.stream(course.id)
            if isinstance(e := r.event, CoursePlanned | CourseRevised)
        ]
        found += why if content.why_otherwise.strip() != told[-1] else []
    return found


def _refuse_overlaps(work: Work, course: Course, cases: dict[UUID, Case]) -> None:
    enrolled = {UUID(case) for case in course.enrolled(work.today)}
    children = sum(
        bool(_overlaps(course, case, work.today, work.zone, but=course.places[str(case_id)]["membership"]))
        for case_id, case in cases.items()
        if case_id in enrolled
    )
    if children:
        raise InvalidInput([FieldProblem("/start_time", "overlaps-for-children", {"children": children})])


@answers(EndCourse)
def end(work: Work, command: EndCourse) -> Receipt:
    """The course is over, and nobody is in it any more."""
    course = work.the_course
    present = [case for case, place in course.places.items() if _still_counts(place, work.today)]
    cases = work.record.cases([UUID(case) for case in present])
    decide(
        work,
        end_course,
        command,
        course,
        named=seeming_names("/reason", command.reason, work.record.cases([UUID(case) for case in course.places])),
    )
    reason = command.reason.strip()
    for case_id, case in cases.items():
        membership = end_place(
            course, at=work.now, by=work.actor.by(), today=work.today, case_id=case_id, reason=reason, until=work.today
        )
        write_place(work, course, case, membership, "left", reason=reason)
    return Receipt(course.id, course.version, work.record.append(course, *cases.values()), course.status)


def _still_counts(place: Place, today: date) -> bool:
    """Whether a place ends with the course: also one whose last day is to come."""
    last = [p["until"] for p in place["periods"] if p["membership"] == place["membership"]]
    return place["status"] != "left" or (bool(last) and last[0] > today.isoformat())


# ---- places ------------------------------------------------------------------------------------------------------


@answers(EnrolChild)
def enrol(work: Work, command: EnrolChild) -> Receipt:
    """A place in the course's stream and in the child's, together."""
    course, actor = work.the_course, work.actor
    runs_it = staff_or_lead_of_the_course(actor, work.relation)
    case = _child_of(work, course, command.case_id, runs_it=runs_it)
    knows = therapist_or_lead_of_the_child(actor, case.relationship_of(actor, work.today))
    if command.place == "enrolled" and not runs_it:
        raise NotPermitted("staff-of-the-course-only")
    place = course.places.get(str(command.case_id))
    present = list(place["goals"]) if place is not None else []
    sent = command.goals or ()
    wanted = [UUID(goal) for goal in present] if command.goals is None else list(dict.fromkeys(sent))
    may = {g.id: g for g in goals_to_choose(work.record, case, actor, work.today, knows=knows, present=present)}
    problems = [FieldProblem(f"/goals/{i}", "no-such-goal") for i, goal in enumerate(sent) if goal not in may]
    if problems:
        raise InvalidInput(problems)
    goals = [may[goal] for goal in wanted if goal in may]
    # Who had a place before was asked about then, or when the aims were put otherwise.
    named_in_aims = place is None and bool(seeming_names("/aims", course.content["aims"], {case.id: case}))
    reasons = fit_of(work.record, course, case, goals, work.today, work.zone)
    membership = decide(
        work,
        give_place,
        command,
        course,
        by=actor.by(),
        membership=uuid4(),
        status=command.place,
        goals=[goal.id for goal in goals],
        fit=reasons,
        named_in_aims=named_in_aims,
    )
    # Other goals or guardians are the course's matter alone.
    if place is None or (place["status"], place["since"]) != (command.place, course.places[str(case.id)]["since"]):
        write_place(work, course, case, membership, command.place)
    position = work.record.append(course, case)
    return Receipt(UUID(membership), course.version, position, command.place)


def _child_of(work: Work, course: Course, case_id: UUID, *, runs_it: bool) -> Case:
    """The child to be enrolled: one that the actor treats; or, for the staff, one that waits for this course, or has a
    place in it and is to work on fewer of its goals.

    Raises `InvalidInput`, the same for a child of others and for none.
    """
    try:
        case = work.record.case(case_id)
    except NotFound:
        case = None
    if case is not None:
        place = course.places.get(str(case_id))
        is_there = place is not None and standing_on(place, work.today) != "left"
        if (runs_it and is_there) or therapist_or_lead_of_the_child(
            work.actor, case.relationship_of(work.actor, work.today)
        ):
            return case
    raise InvalidInput([FieldProblem("/case", "no-such-child")])


def goals_to_choose(
    record: Record, case: Case, actor: Actor, today: date, *, knows: bool, present: Sequence[str]
) -> list[Goal]:
    """The goals of a child that a group may work on: those under way, or to be, that are no matter of one discipline
    alone. Who does not know the child may choose among those ``present`` in its place already."""
    found = record.entries([UUID(goal) for goal in case.goals])
    relation = case.relationship_of(actor, today)
    goals = []
    for goal_id in case.goals:
        entry = found[UUID(goal_id)][1]
        if not isinstance(entry, Goal) or entry.status in ENDED or entry.audience == Audience.OWN_DISCIPLINE:
            continue
        if goal_id in present or (knows and goal_readable(actor, relation, entry)):
            goals.append(entry)
    return goals


def fit_of(
    record: Record, course: Course, case: Case, goals: Sequence[Goal], today: date, zone: tzinfo
) -> list[FitReason]:
    """The reasons for and against this child in this course, as of now."""
    ids = dict.fromkeys(activity for session in course.sessions.values() for activity in session["activities"])
    content = course.content
    place = course.places.get(str(case.id))
    return fit(
        birth_date=date.fromisoformat(case.details["birth_date"]),
        first_date=date.fromisoformat(min(course.dates)),
        policy=record.policy(course.team).values(content["kind"]),
        profile=case.profile,  # type: ignore[arg-type]
        activities=[record.activity(UUID(activity)).content for activity in ids],
        goal_chapters=[goal.content["icf"] for goal in goals],
        overlaps=_overlaps(course, case, today, zone, but=place["membership"] if place else ""),
    )


def _overlaps(course: Course, case: Case, today: date, zone: tzinfo, *, but: str) -> list[tuple[str, str]]:
    content, dates = course.content, course.dates_that_stand
    return groups.overlaps(
        case,
        dates=dates,
        start_time=content["start_time"],
        minutes=content["minutes"],
        today=today,
        but=but,
        other_times=course.other_times(zone),
    )


@answers(EndPlace)
def leave(work: Work, command: EndPlace) -> Receipt:
    """The child leaves the course, or the waiting list."""
    course = work.the_course
    course.place(command.case_id)
    every = work.record.cases([UUID(case) for case in course.places])
    case = every[command.case_id]
    others = {id: other for id, other in every.items() if id != command.case_id}
    membership = decide(
        work,
        end_place,
        command,
        course,
        seen_last=_seen_last(work, course, command.case_id),
        named=seeming_names("/reason", command.reason, others, own=case),
    )
    write_place(work, course, case, membership, "left", reason=command.reason.strip())
    return Receipt(UUID(membership), course.version, work.record.append(course, case), "left")


def _seen_last(work: Work, course: Course, case_id: UUID) -> date | None:
    """The last day on which a recording has the child in a session."""
    told = [
        r["lines"][str(case_id)]
        for s in course.sessions.values()
        for r in s["recordings"].values()
        if str(case_id) in r["lines"]
    ]
    lines = [line for _, line in work.record.entries([UUID(id) for id in told]).values() if isinstance(line, GroupLine)]
    days = [
        line.versions[-1].observed_from.astimezone(work.zone).date()
        for line in lines
        if not line.error and groups.there(line.line)
    ]
    return max(days, default=None)


def write_place(work: Work, course: Course, case: Case, membership: str, change: str, reason: str = "") -> None:
    """The child's place, into the child's own stream: what it is, from when to when, and on which dates.

    Of a child who is in the group for a part of the course the dates are those of that part.
    """
    content = course.content
    place = course.places[str(case.id)]
    stay = next((p for p in place["periods"] if p["membership"] == membership), None)
    since, until = (stay["since"], stay["until"]) if stay is not None else (place["since"], "")
    if stay is None and place["status"] == "left":
        until = place["since"]
    from_day = since if stay is not None else ""
    dates = [day for day in course.dates_that_stand if from_day <= day and (not until or day <= until)]
    groups.change_place(
        case,
        at=work.now,
        by=groups.apart(work.actor.by(), membership),
        membership=membership,
        change=change,
        kind=content["kind"],
        aims=content["aims"],
        dates=dates,
        start_time=content["start_time"],
        minutes=content["minutes"],
        reason=reason,
        since=since,
        until=until,
        other_times={day: clock for day, clock in course.other_times(work.zone).items() if day in dates},
    )


def names_in(case: Case) -> Names:
    """The names of a child."""
    return names_of(case.details["preferred_name"], case.details["full_name"])


def seeming_names(pointer: str, text: str, others: Mapping[UUID, Case], *, own: Case | None = None) -> list[Seems]:
    """What is to be asked about in a text that is read beyond the staff, or goes into several children's records or
    another's: a word that seems to name one of these children."""
    return seeming({pointer: text}, [names_in(c) for c in others.values()], names_in(own) if own else NO_NAMES)
