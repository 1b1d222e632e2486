"""Handler: a session is recorded. One recording is one transaction over the course's stream and those of all children
concerned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from coord.application.commands import Receipt
from coord.application.doors import Work, answers
from coord.application.groups.commands import Rating, RecordSession
from coord.application.groups.lines import (
    Children,
    check_names,
    checked_child,
    hand_over,
    handed_so,
    ids_sent,
    rate,
    refuse_twice,
    under,
)
from coord.domain.actors import Actor
from coord.domain.case import Goal, GroupLine, groups
from coord.domain.course import Course, Session, record_session
from coord.domain.course.sessions import checked_note, checked_times
from coord.domain.errors import FieldProblem, InvalidInput
from coord.domain.input import REASON, Input


@answers(RecordSession)
def record(work: Work, command: RecordSession) -> Receipt:
    """The group's note and each child's line, all or nothing."""
    course = work.the_course
    session = course.session(command.number)
    before = _recorded_before(work, course, command)
    if before is not None:
        return before
    check = Input()
    if session["status"] == "cancelled" and not command.took_place:
        check.problem("/took_place", "cancelled-before")
    if work.today.isoformat() < (planned := course.dates[command.number - 1]):
        check.problem("/started_at", "before-its-day", day=planned)
    note = checked_note(check, command.note)
    started, ended = checked_times(check, command.started_at, command.ended_at, now=work.now)
    staff = _staff(check, course, command.staff or [work.actor.person_id], work.actor)
    day = started.astimezone(work.zone).date()
    children = Children.of(work, command.children, day)
    lines = [checked_child(check, i, child, children) for i, child in enumerate(command.children)]
    refuse_twice(check, command.children)
    told = {str(child.case_id) for child in command.children}
    missing = [
        case
        for case in course.expected(day)
        if case not in told and children.cases[UUID(case)].status != "closed" and not _told_elsewhere(session, case)
    ]
    if missing:
        check.problem("/children", "without-attendance", cases=missing, children=len(missing))
    elif not told:
        check.problem("/children", "missing")
    check_names(check, command, children, note)
    check.refuse_if_any()
    for i, (child, line) in enumerate(zip(command.children, lines, strict=True)):
        case = children.cases[child.case_id]
        if case.was_closed_by(started):
            check.problem(f"/children/{i}/case", "case-closed")
            continue
        groups.record_line(
            case,
            at=work.now,
            by=work.actor.by(),
            line_id=child.line_id,
            membership=course.places[str(child.case_id)]["membership"],
            kind=course.content["kind"],
            session=command.number,
            line=line,
            observed_from=started,
            observed_to=ended,
        )
        for j, rating in enumerate(child.ratings):
            with under(check, f"/children/{i}/ratings/{j}"):
                rate(work, child, rating, children, started)
        for j, strategy in enumerate(child.strategies):
            with under(check, f"/children/{i}/strategies/{j}"):
                hand_over(work, child, strategy, children)
    check.refuse_if_any()
    record_session(
        course,
        at=work.now,
        by=work.actor.by(),
        number=command.number,
        recording_id=command.recording_id,
        started_at=started,
        ended_at=ended,
        staff=staff,
        note=note,
        lines={str(child.case_id): str(child.line_id) for child in command.children},
    )
    position = work.record.append(course, *(children.cases[child.case_id] for child in command.children))
    beside = [r["name"] for r in session["recordings"].values()]
    return Receipt(command.recording_id, 1, position, "recorded", detail={"beside": beside, "course": course.version})


def _told_elsewhere(session: Session, case: str) -> bool:
    """Whether another recording of the session has a line of the child that was not taken back."""
    return any(case in r["lines"] and case not in r["taken_back"] for r in session["recordings"].values())


def _recorded_before(work: Work, course: Course, command: RecordSession) -> Receipt | None:
    """The receipt of the same recording sent before by the same person; None if it is new; else the id is taken."""
    for number, session in course.sessions.items():
        found = session["recordings"].get(str(command.recording_id))
        if found is None:
            continue
        sent = {str(child.case_id): str(child.line_id) for child in command.children}
        first = next(
            r for r in work.record.stream(course.id) if getattr(r.event, "recording_id", None) == command.recording_id
        )
        mine = found["by"] == str(work.actor.person_id) and number == command.number
        if mine and vars(first.event)["lines"] == sent and _says_what_it_said(work, command, vars(first.event)["note"]):
            # Everything that was saved with it came right after it, in one go.
            saved = sum(1 + len(child.ratings) + len(child.strategies) for child in command.children)
            return Receipt(command.recording_id, 1, first.position + saved, "recorded", repeated=True)
        raise InvalidInput([FieldProblem("/id", "id-taken")])
    return None


def _says_what_it_said(work: Work, command: RecordSession, note: Mapping[str, object]) -> bool:
    """Whether the words are those of the first time, so that no other ones are lost for being called a repetition. Its
    times apart: an end that was left empty moves."""
    check = Input()
    found = {id: entry for id, (_, entry) in work.record.entries(ids_sent(command.children)).items()}
    for child in command.children:
        first = found.get(child.line_id)
        worked_on = [*child.content.goals, *(r.goal_id for r in child.ratings)]
        line = groups.checked_line(
            check,
            "",
            replace(child.content, goals=worked_on),
            ratings=[{"goal": str(r.goal_id), "observation": str(r.observation_id)} for r in child.ratings],
            strategies=[s.strategy_id for s in child.strategies],
        )
        if not isinstance(first, GroupLine) or first.versions[0].line != line:
            return False
        if not all(_rated_so(check, rating, found.get(rating.goal_id)) for rating in child.ratings):
            return False
        if not all(handed_so(check, strategy, found.get(strategy.strategy_id)) for strategy in child.strategies):
            return False
    return checked_note(check, command.note) == note and not check.problems


def _rated_so(check: Input, rating: Rating, goal: object) -> bool:
    remark = check.text("", rating.remark, limit=REASON, required=False)
    return isinstance(goal, Goal) and any(
        (o.id, o.level, o.support, o.remark) == (rating.observation_id, rating.level, rating.support, remark)
        for o in goal.observations
    )


def _staff(check: Input, course: Course, staff: Sequence[UUID], actor: Actor) -> list[str]:
    """Those who ran the session: of the course's staff, or the lead who records."""
    for i, person in enumerate(staff):
        if str(person) not in course.staff and person != actor.person_id:
            check.problem(f"/staff/{i}", "not-on-staff")
    return [str(person) for person in dict.fromkeys(staff)]
