"""Handlers: a session is planned, or does not take place."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from coord.application.commands import Receipt
from coord.application.doors import Work, answers
from coord.application.groups.commands import CancelSession, PlanSession
from coord.application.groups.writing import refuse_names, write_place
from coord.domain.course import cancel_session, plan_session
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
    plan_session(
        course,
        at=work.now,
        by=work.actor.by(),
        number=command.number,
        expected_version=command.expected_version,
        content=replace(command.plan, steps=steps),
    )
    return Receipt(course.id, course.version, work.record.append(course), "planned")


@answers(CancelSession)
def cancel(work: Work, command: CancelSession) -> Receipt:
    """It does not take place; which the whole service team reads. The children's own streams lose the date."""
    course = work.the_course
    cancel_session(
        course,
        at=work.now,
        by=work.actor.by(),
        number=command.number,
        expected_version=command.expected_version,
        reason=command.reason,
    )
    every = work.record.cases([UUID(case) for case in course.places])
    refuse_names("/reason", command.reason, every)
    cases = [case for id, case in every.items() if course.places[str(id)]["status"] != "left"]
    for case in cases:
        write_place(work, course, case, course.places[str(case.id)]["membership"], "revised")
    return Receipt(course.id, course.version, work.record.append(course, *cases), "cancelled")
