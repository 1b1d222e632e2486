"""Handlers: a session is planned, moved, does not take place, takes place after all; and who runs it for once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import time
from uuid import UUID

from coord.application.carrying import decide
from coord.application.declared import Receipt
from coord.application.doors import Work, answers
from coord.application.groups.commands import CancelSession, MoveSession, NameStandIns, PlanSession, ReinstateSession
from coord.application.groups.writing import seeming_names, write_place
from coord.domain.case import Case, groups
from coord.domain.course import (
    Course,
    cancel_session,
    move_session,
    name_stand_ins,
    plan_session,
    reinstate_session,
)
from coord.domain.course.aggregate import standing_on
from coord.domain.errors import FieldProblem, InvalidInput, NotFound


@answers(PlanSession)
def plan(work: Work, command: PlanSession) -> Receipt:
    """A plan, with the activities as they are in the library now."""
    course = work.the_course
    problems = []
    steps = []
    for i, step in enumerate(command.plan.steps):
        if step.activity is None:
            steps.append(replace(step, title="", text_version=0))
            continue
        try:
            activity = work.record.activity(step.activity)
        except NotFound:
            problems.append(FieldProblem(f"/steps/{i}/activity", "no-such-activity"))
            continue
        if activity.retired and str(step.activity) not in course.session(command.number)["activities"]:
            problems.append(FieldProblem(f"/steps/{i}/activity", "activity-retired"))
        steps.append(replace(step, title=activity.content["title"], text_version=activity.text_version))
    if problems:
        raise InvalidInput(problems)
    decide(work, plan_session, command, course, content=replace(command.plan, steps=steps))
    return Receipt(course.id, course.version, work.record.append(course), "planned")


@answers(CancelSession)
def cancel(work: Work, command: CancelSession) -> Receipt:
    """It does not take place; which the whole service team reads. The children's own streams lose the date."""
    course, every = work.the_course, _every_child(work)
    decide(work, cancel_session, command, course, named=seeming_names("/reason", command.reason, every))
    return Receipt(course.id, course.version, _append_with_children(work, course, every), "cancelled")


@answers(ReinstateSession)
def reinstate(work: Work, command: ReinstateSession) -> Receipt:
    """It takes place after all, and the children's own streams have the date again."""
    course, every = work.the_course, _every_child(work)
    course.session(command.number)
    dates = [course.dates[command.number - 1]]
    decide(
        work,
        reinstate_session,
        command,
        course,
        overlaps=_with_another_group(work, course, dates, course.hours_of(command.number, work.zone)["start_time"]),
        named=seeming_names("/reason", command.reason, every),
    )
    return Receipt(course.id, course.version, _append_with_children(work, course, every), "planned")


@answers(MoveSession)
def move(work: Work, command: MoveSession) -> Receipt:
    """On another day or at another time; the children's own streams have that one."""
    course, every = work.the_course, _every_child(work)
    course.session(command.number)
    overlapping = 0
    with suppress(ValueError):  # a time that is none is refused below
        begins = time.fromisoformat(command.start_time).strftime("%H:%M")
        dates = [command.day.isoformat()] if command.day is not None else []
        overlapping = _with_another_group(work, course, dates, begins)
    decide(
        work,
        move_session,
        command,
        course,
        zone=work.zone,
        overlaps=overlapping,
        named=seeming_names("/reason", command.reason, every),
    )
    return Receipt(course.id, course.version, _append_with_children(work, course, every), "moved")


@answers(NameStandIns)
def name_who_stands_in(work: Work, command: NameStandIns) -> Receipt:
    """They know of the session from here on; who is named no more does not."""
    course = work.the_course
    course.refuse_if_ended()
    people, problems = [], []
    for i, person_id in enumerate(dict.fromkeys(command.people)):
        try:
            people.append(work.record.person(person_id))
        except NotFound:
            problems.append(FieldProblem(f"/people/{i}", "no-such-person"))
    if problems:
        raise InvalidInput(problems)
    decide(
        work,
        name_stand_ins,
        command,
        course,
        people=people,
        named=seeming_names("/reason", command.reason, _every_child(work)),
    )
    return Receipt(course.id, course.version, work.record.append(course), "named")


def _every_child(work: Work) -> dict[UUID, Case]:
    """Everybody who was ever in the course: a reason, which the whole service team reads, names none of them."""
    return work.record.cases([UUID(case) for case in work.the_course.places])


def _append_with_children(work: Work, course: Course, every: Mapping[UUID, Case]) -> int:
    """Save a change of the dates, with the dates in the stream of each child in the group or waiting for it."""
    cases = [case for id, case in every.items() if standing_on(course.places[str(id)], work.today) != "left"]
    for case in cases:
        write_place(work, course, case, course.places[str(case.id)]["membership"], "revised")
    return work.record.append(course, *cases)


def _with_another_group(work: Work, course: Course, dates: Sequence[str], start_time: str) -> int:
    """How many children of the course have another group at a time to come."""
    cases = work.record.cases([UUID(case) for case in course.enrolled(work.today)])
    return sum(
        bool(
            groups.overlaps(
                case,
                dates=dates,
                start_time=start_time,
                minutes=course.content["minutes"],
                today=work.today,
                but=course.places[str(case.id)]["membership"],
            )
        )
        for case in cases.values()
    )
