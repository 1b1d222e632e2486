"""Opening, reading and changing a child's case and care team."""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from coord.application.commands import (
    AddToTeam,
    CloseCase,
    CorrectDetails,
    OpenCase,
    Receipt,
    RemoveFromTeam,
    ReopenCase,
)
from coord.application.doors import Reading, Work, answers
from coord.application.questions import CaseAnswer, ChildShown, ExportAnswer, ExportCase, ReadCase
from coord.domain.actors import Actor, Discipline, Relation, Relationship, Role
from coord.domain.case import AttainmentScored, Case, Goal, GroupLine, Note, Strategy, TeamMemberJoined, child, team
from coord.domain.case.circumstances import Setting
from coord.domain.case.measures import Measure
from coord.domain.course.fit import age_on
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, NotFound, NotPermitted
from coord.domain.permissions import is_operator, may_read_entry, may_read_goal
from coord.projections import Caseload, Timeline

WORDS_OF_AN_ENTRY = frozenset(
    # of a note; of a goal and its observations; of a strategy and its trials; of a measure; of a score; and below
    {"sections", "text", "reason", "present", "before"}
    | {"content", "parties", "remark", "reported_by", "level", "support"}
    | {"problems", "informant_name", "scores", "validity", "summary"}
    | {"goals", "t", "baseline_t"}
    | {"line"}  # of a group session
)
FOR_TEACHERS = ("preferred_name", "school", "school_class", "team")
"""What of a child's details a teacher needs; the rest is no business of the school's."""

_RELATION_OF_DISCIPLINE = {
    Discipline.OT: Relation.OCCUPATIONAL_THERAPIST,
    Discipline.SLT: Relation.SPEECH_THERAPIST,
    Discipline.PSYCHOLOGY: Relation.PSYCHOLOGIST,
}


def receipt(work: Work, case: Case) -> Receipt:
    """Save the case and say where that ended."""
    position = work.record.append(case)
    return Receipt(case.id, case.details_version, position or work.record.head(), case.status)


@answers(OpenCase)
def open_case(work: Work, command: OpenCase) -> Receipt:
    """Open a case in one's own service team. The same id again with the same details is the same case."""
    actor = work.actor
    service_team = command.team or actor.team
    if actor.team and service_team != actor.team:
        raise NotPermitted("other-service-team")
    details = {
        "preferred_name": command.preferred_name,
        "full_name": command.full_name,
        "birth_date": command.birth_date,
        "languages": list(command.languages),
        "school": command.school,
        "school_class": command.school_class,
        "team": service_team,
    }
    case = child.open_case(id=command.case_id, at=work.now, actor=actor, today=work.today, details=details)
    if work.record.exists(command.case_id):
        return _repeated(work, command.case_id, case)
    if actor.role is Role.THERAPIST:
        person = work.record.person(actor.person_id)
        relation = Relation.OTHER_PROFESSIONAL
        if actor.discipline:
            relation = _RELATION_OF_DISCIPLINE.get(actor.discipline, relation)
        team.add_member(case, at=work.now, actor=actor, person=person, relation=relation, since=work.today)
    return receipt(work, case)


def _repeated(work: Work, case_id: UUID, wanted: Case) -> Receipt:
    """The receipt of a case opened before with this id and these details; otherwise the id is taken."""
    taken = InvalidInput([FieldProblem("/id", "id-taken")])
    try:
        work.record.case(case_id)
    except NotFound:
        raise taken from None
    first, *then = islice(work.record.stream(case_id), 2)
    same = getattr(first.event, "details", None) == wanted.details
    if not same or first.event.by["person"] != str(work.actor.person_id):
        raise taken
    # Whoever opened it joined the team in the same breath, if they did; the first answer gave the place of that.
    opened = [first, *(r for r in then if r.event.by == first.event.by and isinstance(r.event, TeamMemberJoined))]
    return Receipt(case_id, 1, opened[-1].position, "open", repeated=True)


@answers(CorrectDetails)
def correct_details(work: Work, command: CorrectDetails) -> Receipt:
    """Correct details; the service team can be changed by its lead only."""
    case = work.the_case
    new_team = command.changes.get("team")
    if new_team is not None and new_team != case.details["team"] and work.actor.role is not Role.TEAM_LEAD:
        raise NotPermitted("team-lead-only")
    child.correct_details(
        case,
        at=work.now,
        actor=work.actor,
        today=work.today,
        expected_version=command.expected_version,
        changes=command.changes,
        reason=command.reason,
    )
    return receipt(work, case)


@answers(CloseCase)
def close_case(work: Work, command: CloseCase) -> Receipt:
    """Close the case."""
    child.close_case(work.the_case, at=work.now, actor=work.actor, reason=command.reason)
    return receipt(work, work.the_case)


@answers(ReopenCase)
def reopen_case(work: Work, command: ReopenCase) -> Receipt:
    """Reopen the case."""
    child.reopen_case(work.the_case, at=work.now, actor=work.actor, reason=command.reason)
    return receipt(work, work.the_case)


@answers(AddToTeam)
def add_to_team(work: Work, command: AddToTeam) -> Receipt:
    """Put a person on the care team; being there in just this way already is no error."""
    try:
        person = work.record.person(command.person_id)
    except NotFound:
        raise InvalidInput([FieldProblem("/person", "no-such-person")]) from None
    case = work.the_case
    try:
        team.add_member(
            case,
            at=work.now,
            actor=work.actor,
            person=person,
            relation=command.relation,
            since=command.since or _since(work, command),
            until=command.until,
        )
    except Conflict as conflict:
        if conflict.code == "already-on-team":
            return Receipt(case.id, case.details_version, work.record.head(), case.status, repeated=True)
        raise
    return receipt(work, case)


def _since(work: Work, command: AddToTeam) -> date:
    """From when, if nobody says so: from today, or as before for who is there in this way already."""
    present = work.the_case.members.get(str(command.person_id))
    if present is None or present["relation"] != command.relation:
        return work.today
    since, until = present["since"], present["until"]
    is_there = since <= work.today.isoformat() and (until is None or work.today.isoformat() <= until)
    return date.fromisoformat(since) if is_there else work.today


@answers(RemoveFromTeam)
def remove_from_team(work: Work, command: RemoveFromTeam) -> Receipt:
    """Take a person off the care team."""
    team.remove_member(work.the_case, at=work.now, actor=work.actor, person_id=command.person_id)
    return receipt(work, work.the_case)


@answers(ReadCase)
def read_case(reading: Reading, question: ReadCase) -> CaseAnswer:
    """Details and care team."""
    view = reading.snapshot.view(Caseload)
    row = known_case(reading, question.case_id)
    members = [
        {**m, "current": m["since"] <= reading.today and (m["until"] is None or m["until"] >= reading.today)}
        for m in view.team_of(reading.snapshot.connection, question.case_id)
    ]
    if reading.actor.role is Role.TEACHER:  # who else works with the child is no question of the school's
        members = [m for m in members if m["person_id"] == reading.actor.person_id]
    return CaseAnswer(
        case_id=question.case_id,
        details=details_for(reading, row),
        version=row["version"],
        status=row["status"],
        members=members,
        relationship=reading.child,
        shown=reading.shown,
        setting=_last_setting(reading, question.case_id) if question.writing else "",
    )


def _last_setting(reading: Reading, case_id: UUID) -> str:
    """Where the actor last observed the child; at school for a teacher, in any case."""
    if reading.actor.role is Role.TEACHER:
        return Setting.SCHOOL.value
    view = reading.snapshot.view(Timeline)
    return view.last_setting(reading.snapshot.connection, case_id, reading.actor.person_id)


@answers(ExportCase)
def export_case(reading: Reading, question: ExportCase) -> ExportAnswer:
    """Every event of the child's stream, in order, up to the position shown.

    For the operator it is complete; for the team lead the words of entries that they may not read are left out, and it
    says so (``withheld``).
    """
    known_case(reading, question.case_id)
    whole = is_operator(reading.actor)
    may_read: dict[UUID, bool] = {}
    told: set[UUID] = set()
    events: list[dict[str, Any]] = []
    for recorded in reading.record.stream(question.case_id):
        if recorded.position > reading.snapshot.position:
            break
        event = recorded.event
        content = {
            name: value
            for name, value in vars(event).items()
            if name not in ("originator_id", "originator_version", "timestamp", "originator_topic")
        }
        entry_id = recorded.event.entry_id
        if entry_id is not None:
            if entry_id not in may_read:
                may_read[entry_id] = whole or _entry_readable(reading, question.case_id, entry_id)
            if may_read[entry_id]:
                told.add(entry_id)
            else:
                content = {k: v for k, v in content.items() if k not in WORDS_OF_AN_ENTRY} | {"withheld": True}
        events.append(
            {
                "position": recorded.position,
                "version": event.originator_version,
                "topic": event.TOPIC,
                "received_at": event.timestamp,
                **content,
            }
        )
    reading.entries.extend(told)
    return ExportAnswer(question.case_id, events, reading.shown)


def _entry_readable(reading: Reading, case_id: UUID, entry_id: UUID) -> bool:
    found = reading.record.entry(entry_id)
    match found[1] if found else None:
        case Note() as note:
            return readable(reading.actor, reading.child, note)
        case Goal() as goal:
            return goal_readable(reading.actor, reading.child, goal)
        case Strategy() as strategy:
            return strategy_readable(reading.actor, reading.child, strategy)
        case Measure() | GroupLine():
            return True  # who may export may read measures, and what group sessions were for the child
        case AttainmentScored() as score:
            # It tells the levels of the goals that it rests on.
            goals = [reading.record.goal(case_id, UUID(g["goal"])) for g in score.goals]
            return all(goal_readable(reading.actor, reading.child, goal) for goal in goals)
    return False


def known_case(reading: Reading, case_id: UUID) -> dict[str, Any]:
    """The child's row; from here on the answer says whose record it is from. Raises `NotFound`."""
    row = reading.snapshot.view(Caseload).case(reading.snapshot.connection, case_id)
    if row is None:
        raise NotFound
    details = details_for(reading, row)
    born = details.get("birth_date")
    reading.whose = ChildShown(
        preferred_name=details["preferred_name"],
        school_class=details["school_class"],
        full_name=details.get("full_name", ""),
        birth_date=born,
        age=age_on(born, reading.today) if born else None,
    )
    return row


def details_for(reading: Reading, row: dict[str, Any]) -> dict[str, Any]:
    """The details that this reader may see."""
    names: tuple[str, ...] = FOR_TEACHERS
    if reading.actor.role is not Role.TEACHER:
        names = (*FOR_TEACHERS, "full_name", "birth_date", "languages")
    return {name: row[name] for name in names}


def readable(actor: Actor, child: Relationship, note: Note) -> bool:
    """Whether the actor may read this note of a child."""
    return may_read_entry(
        actor,
        child,
        author=note.author["person"],
        audience=note.audience,
        discipline=note.discipline,
        status=note.status,
    )


def goal_readable(actor: Actor, child: Relationship, goal: Goal) -> bool:
    """Whether the actor may read this goal of a child."""
    return may_read_goal(
        actor,
        child,
        author=goal.author["person"],
        audience=goal.audience,
        discipline=goal.discipline,
        status=goal.status,
        agreed=goal.agreed,
    )


def strategy_readable(actor: Actor, child: Relationship, strategy: Strategy) -> bool:
    """Whether the actor may read this strategy for a child."""
    return may_read_entry(
        actor,
        child,
        author=strategy.author["person"],
        audience=strategy.audience,
        discipline=strategy.discipline,
        status=strategy.status,
    )
