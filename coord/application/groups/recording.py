"""Handler: a session is recorded. One recording is one transaction over the course's stream and those of all children
concerned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from coord.application.carrying import decide
from coord.application.declared import Receipt
from coord.application.doors import Work, answers
from coord.application.groups.commands import RecordSession
from coord.application.groups.lines import Told
from coord.domain.course import Session, record_session
from coord.domain.course.life import as_named, can_run_a_group
from coord.domain.course.sessions import checked_note, checked_times, note_stand_ins
from coord.domain.errors import NotFound
from coord.domain.input import Input
from coord.domain.permissions import therapist_on_staff_or_lead


@answers(RecordSession)
def record(work: Work, command: RecordSession) -> Receipt:
    """The group's note and each child's line, all or nothing."""
    course = work.the_course
    session = course.session(command.number)
    check = Input(command.confirmed)
    if session["status"] == "cancelled" and not command.took_place:
        check.problem("/took_place", "cancelled-before")
    if work.today.isoformat() < (planned := course.dates[command.number - 1]):
        check.problem("/started_at", "before-its-day", day=planned)
    note = checked_note(check, command.note)
    started, ended = checked_times(check, command.started_at, command.ended_at, now=work.now)
    staff = who_ran_it(work, check, command.staff or [work.actor.person_id], command.number, started, ended)
    told = Told.of(work, check, command, started.astimezone(work.zone).date())
    sent = {str(child.case_id) for child in command.children}
    missing = [
        case
        for case in course.expected(told.day)
        if case not in sent and told.cases[UUID(case)].status != "closed" and not _told_elsewhere(session, case)
    ]
    if missing:
        check.problem("/children", "without-attendance", cases=missing, children=len(missing))
    elif not sent and not command.nobody_came:
        check.problem("/children", "missing")
    if command.nobody_came:
        for i, child in enumerate(command.children):
            if child.content.attendance != "absent":
                check.problem(f"/children/{i}/attendance", "nobody-came")
    told.ask_about_names(note)
    check.refuse_if_any()
    for i, child in enumerate(command.children):
        if told.cases[child.case_id].was_closed_by(started):
            check.problem(f"/children/{i}/case", "case-closed")
            continue
        told.record(i, started, ended)
        for j, strategy in enumerate(child.strategies):
            told.hand_over(f"/children/{i}/strategies/{j}", child, strategy)
    check.refuse_if_any()
    stand_in(work, command.number, staff)
    decide(
        work,
        record_session,
        command,
        course,
        started_at=started,
        ended_at=ended,
        staff=staff,
        note=note,
        lines={str(child.case_id): str(child.line_id) for child in command.children},
        answered=check.answered,
    )
    beside = [r["name"] for r in session["recordings"].values()]
    done = Receipt(command.recording_id, 1, 0, "recorded", detail={"beside": beside, "course": course.version})
    return work.keep(done, course, *(told.cases[child.case_id] for child in command.children))


def _told_elsewhere(session: Session, case: str) -> bool:
    """Whether another recording of the session has a line of the child that was not taken back."""
    return any(case in r["lines"] and case not in r["taken_back"] for r in session["recordings"].values())


def who_ran_it(
    work: Work,
    check: Input,
    staff: Sequence[UUID],
    number: int,
    started: datetime,
    ended: datetime,
    before: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Those who ran the session, from id to name: whom the recording names already, as it does (one of before kept no
    names); of the course's staff now or then, the one who records, and whoever else can run a group, for somebody
    stands in now and then, as they are called now."""
    ran: dict[str, str] = {}
    for i, person_id in enumerate(dict.fromkeys(staff)):
        if str(person_id) in before:
            ran[str(person_id)] = before[str(person_id)]
        elif work.the_course.ran(str(person_id), started, ended, number) is not None:
            ran[str(person_id)] = work.record.person(person_id).name
        elif person_id == work.actor.person_id:
            ran[str(person_id)] = work.actor.name
        elif not therapist_on_staff_or_lead(work.actor, work.relation):  # who stands in names nobody else
            check.problem(f"/staff/{i}", "not-on-staff")
        else:
            try:
                person = work.record.person(person_id)
            except NotFound:
                check.problem(f"/staff/{i}", "no-such-person")
                continue
            if not can_run_a_group(person):
                check.problem(f"/staff/{i}", "not-for-staff")
            ran[str(person_id)] = person.name
    return ran


def stand_in(work: Work, number: int, ran: Mapping[str, str], before: Mapping[str, str] = MappingProxyType({})) -> None:
    """Keep in the course who stood in, where a recording says that they ran the session: they know of it from then on.
    Who is or was on its staff does not stand in, nor does the team lead who records; and whom the recording named
    ``before`` was dealt with then."""
    course = work.the_course
    named = course.session(number)["stand_ins"]
    known = {*course.staff, *course.services, *named, *before, str(work.actor.person_id)}
    new = [person for person in ran if person not in known]
    if new:
        stand_ins = as_named([work.record.person(UUID(person)) for person in (*named, *new)], named)
        note_stand_ins(course, at=work.now, by=work.actor.by(), number=number, stand_ins=stand_ins)
