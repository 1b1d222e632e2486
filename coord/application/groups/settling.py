"""Handler: two recordings of one session tell differently whether a child was there, and a person settles it."""

from __future__ import annotations

from uuid import UUID

from coord.application.declared import Receipt
from coord.application.doors import Work, answers
from coord.application.groups.commands import SettleAttendance
from coord.application.groups.lines import came_of, take_back
from coord.application.groups.writing import seeming_names
from coord.domain.case import GroupLine
from coord.domain.case.groups import attendance_told, there
from coord.domain.course import Session, settle_attendance
from coord.domain.course.sessions import may_settle
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, NotFound, NotPermitted
from coord.domain.input import REASON, Input
from coord.domain.names import ask_about_names


@answers(SettleAttendance)
def settle(work: Work, command: SettleAttendance) -> Receipt:
    """The line that holds stays; those that tell the contrary are entered in error, and what came of them with them.
    Both lines stay readable for who wrote them and the team lead, and each says which one holds."""
    course = work.the_course
    session = course.session(command.number)
    case_id = str(command.case_id)
    if case_id not in course.places:
        raise NotFound("no-such-line")
    if not may_settle(course, session, case_id, work.actor):
        raise NotPermitted("not-the-author")
    lines = _lines_of(work, session, case_id)
    holds = lines.get(command.line_id)
    if holds is None:
        raise InvalidInput([FieldProblem("/line", "no-such-line")])
    if attendance_told(line.line for line in lines.values()) != "unclear":
        raise Conflict("recordings-agree")
    check = Input(command.confirmed)
    reason = check.text("/reason", command.reason, limit=REASON)
    every = work.record.cases([UUID(case) for case in course.places])
    case = every[command.case_id]
    # The reason goes into this child's record.
    others = {id: other for id, other in every.items() if id != command.case_id}
    ask_about_names(check, seeming_names("/reason", command.reason, others, own=case))
    check.refuse_if_any()
    given_up = [line for line in lines.values() if there(line.line) != there(holds.line)]
    known = work.record.entries(came_of(given_up))
    for line in given_up:
        take_back(work, case, line, known, reason, instead=holds.id)
    settle_attendance(
        course,
        at=work.now,
        by=work.actor.by(),
        number=command.number,
        case=case_id,
        holds=str(holds.id),
        given_up=[str(line.id) for line in given_up],
        reason=reason,
        answered=check.answered,
    )
    return Receipt(holds.id, course.version, work.record.append(course, case), "settled")


def _lines_of(work: Work, session: Session, case_id: str) -> dict[UUID, GroupLine]:
    """The lines of a child in all recordings of a session that stand."""
    ids = [UUID(r["lines"][case_id]) for r in session["recordings"].values() if case_id in r["lines"]]
    found = work.record.entries(ids)
    return {id: line for id, (_, line) in found.items() if isinstance(line, GroupLine) and not line.error}
