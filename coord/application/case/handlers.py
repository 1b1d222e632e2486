"""Opening, reading and changing a child's case and care team."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from difflib import SequenceMatcher
from typing import Any, cast
from uuid import UUID

from coord.application.carrying import carries_out, decide, of_the_case
from coord.application.case.commands import (
    AddToTeam,
    ChangeOnTeam,
    CloseCase,
    CorrectDetails,
    OpenCase,
    RemoveFromTeam,
    ReopenCase,
)
from coord.application.case.left_behind import ask_of, behind_case, behind_member
from coord.application.case.questions import CaseAnswer, ExportAnswer, ExportCase, OnTheTeam, ReadCase
from coord.application.declared import Command, Receipt
from coord.application.doors import Reading, Work, answers
from coord.application.looking import Category
from coord.application.people.handlers import teams_with_a_lead
from coord.application.rights import (
    WORDS_OF_AN_ENTRY,
    addendum_readable,
    alerts_for,
    details_for,
    entry_readable,
    known_case,
)
from coord.domain.actors import Discipline, Relation, Role, Standing
from coord.domain.case import Case, child, team
from coord.domain.case.aggregate import Details
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, NotFound, NotPermitted
from coord.domain.input import Input
from coord.domain.permissions import is_operator
from coord.domain.person import Person
from coord.domain.teams import known_as, with_a_lead
from coord.projections import Caseload, People
from coord.words import name_key, spelled_alike

ALIKE = 0.8
"""How alike two names are that may be one, typed twice: "Sigmund Zander" and "Sigmund Sander" are at 0.93."""

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
    """Open a case in one's own service team."""
    actor = work.actor
    # The actor's own, however it was spelled; another one is for its own people to say.
    service_team = known_as(command.team or actor.team, [actor.team]) or command.team
    if not actor.team:
        service_team = known_as(command.team, teams_with_a_lead(work)) or command.team
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
    _led(work, service_team)
    check = Input(command.confirmed)
    _ask_of_a_second_record(check, work, command.case_id, case.details)
    check.refuse_if_any()
    if check.answered:
        case = child.open_case(
            id=command.case_id, at=work.now, actor=actor, today=work.today, details=details, answered=check.answered
        )
    if actor.role is Role.THERAPIST:
        person = work.record.person(actor.person_id)
        relation = Relation.OTHER_PROFESSIONAL
        if actor.discipline:
            relation = _RELATION_OF_DISCIPLINE.get(actor.discipline, relation)
        # In the role at hand: one beside it, which the relation may fit as well, would know the child in their place.
        here = Standing(actor.role, actor.discipline, actor.team)
        team.add_member(
            case, at=work.now, actor=actor, person=person, relation=relation, since=work.today, standing=here
        )
    return work.keep(Receipt(case.id, case.details_version, 0, case.status), case)


def _ask_of_a_second_record(check: Input, work: Work, case_id: UUID, details: Details) -> None:
    """Ask once whether it is another child, where there may be a record of this one: among the children whom the actor
    knows; or among those of their service team, and then in words that tell of no child. Of other teams nothing."""
    known = {case["case_id"] for case in work.children_known()}
    with work.views() as snapshot:
        found = snapshot.view(Caseload).born_or_named(
            snapshot.connection, details["full_name"], date.fromisoformat(details["birth_date"])
        )
    # Not this very one, sent twice and opened in between: its id says so at once.
    like = [case for case in found if case["case_id"] != case_id and may_be_one_child(details, case)]
    about = [spelled_alike(details["full_name"]), details["birth_date"]]
    if any(case["case_id"] in known for case in like):
        check.ask("/full_name", "known-to-you", about)
    elif any(case["team"] == details["team"] for case in like):
        check.ask("/full_name", "known-in-the-team", about)


def may_be_one_child(details: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two records may be of one child: the same full name, in any order and spelling of accents; or one birth
    date and a name that is nearly the same."""
    mine, theirs = name_key(details["full_name"]), name_key(other["full_name"])
    if mine == theirs:
        return True
    if str(details["birth_date"]) != str(other["birth_date"]):
        return False
    called = spelled_alike(details["preferred_name"]) == spelled_alike(other["preferred_name"])
    shared = set(mine.split()) & set(theirs.split())
    return called or bool(shared) or SequenceMatcher(None, mine, theirs, autojunk=False).ratio() >= ALIKE


def _led(work: Work, typed: str) -> str:
    """The service team that is meant for a child. Raises `InvalidInput` for one that nobody leads."""
    check = Input()
    found = with_a_lead(check, "/team", typed, teams_with_a_lead(work))
    check.refuse_if_any()
    return found


@answers(CorrectDetails)
def correct_details(work: Work, command: CorrectDetails) -> Receipt:
    """Correct details; the service team can be changed by its lead only, and to one that has a lead."""
    case = work.the_case
    changes = dict(command.changes)
    new_team = changes.get("team")
    if isinstance(new_team, str) and known_as(new_team, [case.details["team"]]):
        new_team = changes["team"] = case.details["team"]
    if new_team is not None and new_team != case.details["team"]:
        if work.actor.role is not Role.TEAM_LEAD:
            raise NotPermitted("team-lead-only")
        if isinstance(new_team, str):
            changes["team"] = _led(work, new_team)
    decide(work, child.correct_details, command, case, changes=changes)
    return receipt(work, case)


@answers(CloseCase)
def close_case(work: Work, command: CloseCase) -> Receipt:
    """Close the case; once what is left open was asked about."""
    case = work.the_case
    check = Input(command.confirmed)
    if case.status == "open" and command.reason.strip():  # what is wrong with the rest is said first
        ask_of(check, case.id, behind_case(work, case.id))
    check.refuse_if_any()
    child.close_case(case, at=work.now, actor=work.actor, reason=command.reason, answered=check.answered)
    return receipt(work, work.the_case)


def _changed(work: Work, _: Command, case: Case) -> Receipt:
    return receipt(work, case)


carries_out(ReopenCase, child.reopen_case, of_the_case, _changed)


@answers(AddToTeam)
def add_to_team(work: Work, command: AddToTeam) -> Receipt:
    """Put a person on the care team; being there in just this way already is no error."""
    try:
        person = work.record.person(command.person_id)
    except NotFound:
        raise InvalidInput([FieldProblem("/person", "no-such-person")]) from None
    case = work.the_case
    try:
        decide(work, team.add_member, command, case, person=person, since=command.since or work.today)
    except Conflict as conflict:
        if conflict.code == "already-on-team":
            return Receipt(case.id, case.details_version, work.record.head(), case.status, repeated=True)
        raise
    return receipt(work, case)


@answers(ChangeOnTeam)
def change_on_team(work: Work, command: ChangeOnTeam) -> Receipt:
    """Change a stay on the care team."""
    person = _on_the_team(work, command.person_id)
    decide(work, team.change_member, command, work.the_case, person=person)
    return receipt(work, work.the_case)


def _on_the_team(work: Work, person_id: UUID) -> Person:
    """Somebody of a care team, as they are now. Raises `NotFound`."""
    try:
        return work.record.person(person_id)
    except NotFound:
        raise NotFound("not-on-team") from None


@answers(RemoveFromTeam)
def remove_from_team(work: Work, command: RemoveFromTeam) -> Receipt:
    """Take a person off the care team; once what they leave behind was asked about."""
    case, person = work.the_case, _on_the_team(work, command.person_id)
    check = Input(command.confirmed)
    if team.would_leave(case, person.id, work.today, command.since):
        ask_of(check, person.id, behind_member(work, case.id, person.id))
    check.refuse_if_any()
    decide(work, team.remove_member, command, case, person=person, answered=check.answered)
    return receipt(work, case)


@answers(ReadCase)
def read_case(reading: Reading, question: ReadCase) -> CaseAnswer:
    """Details and care team."""
    row = known_case(reading, question.case_id)
    alerts = alerts_for(reading, row, reading.child)
    if alerts:
        reading.categories.add(Category.ALERTS)
    members = members_of(reading, question.case_id)
    if not reading.actor.sight.colleagues:  # who else works with the child is no question of the school's
        members = [m for m in members if m["person_id"] == reading.actor.person_id]
    return CaseAnswer(
        case_id=question.case_id,
        details=details_for(reading, row),
        version=row["version"],
        status=row["status"],
        members=members,
        alerts=alerts,
        relationship=reading.child,
        shown=reading.shown,
    )


def members_of(reading: Reading, case_id: UUID) -> list[OnTheTeam]:
    """Every stay on the care team, whoever may know of it."""
    stays = [
        {**m, "current": m["since"] <= reading.today and not _over(m, reading.today), "over": _over(m, reading.today)}
        for m in reading.snapshot.view(Caseload).team_of(reading.snapshot.connection, case_id)
    ]
    return cast("list[OnTheTeam]", _as_they_are(reading, stays))


def _as_they_are(reading: Reading, members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the name, role and discipline that they have today (the history has those of then), and whether they have
    access: who has none does not work with the child now, however long they were to stay."""
    people = {row["person_id"]: row for row in reading.snapshot.view(People).all(reading.snapshot.connection)}
    found = []
    for member in members:
        person = people.get(member["person_id"])
        today = _as_today(person, member) if person else {"active": True}
        current = member["current"] and today["active"]
        found.append({**member, **today, "current": current})
    return found


def _as_today(person: Mapping[str, Any], member: Mapping[str, Any]) -> dict[str, Any]:
    """Of a stay in a further role what is so there; of any other what the person is first. One in a role that has ended
    opens nothing any more, unless it has become the first."""
    in_that_role = next((one for one in person["further"] if one["role"] == member["role"]), person)
    facts = {name: in_that_role[name] for name in ("role", "discipline")}
    ended = member["role"] in person["ended"] and member["role"] != person["role"]
    return {"name": person["name"], **facts, "active": person["active"] and not ended}


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
            if name not in ("originator_id", "originator_version", "timestamp", "originator_topic", "sent")
        }
        entry_id = recorded.event.entry_id
        if entry_id is not None:
            if entry_id not in may_read:
                may_read[entry_id] = whole or entry_readable(reading, question.case_id, entry_id)
            readable_words = may_read[entry_id] and (whole or addendum_readable(reading, question.case_id, event))
            if readable_words:
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


def _over(stay: dict[str, Any], day: date) -> bool:
    return stay["until"] is not None and stay["until"] < day
