"""The child's circle: naming who is around it, and whose the names are that were only typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from coord.application.carrying import carries_out, of_the_case
from coord.application.case.commands import CorrectInCircle, JoinNameToCircle, NameInCircle
from coord.application.case.questions import Around, AroundTheChild, CircleAnswer, CirclePerson, ReadCircle, TypedName
from coord.application.declared import Receipt
from coord.application.doors import Reading, Work, answers
from coord.application.rights import about_the_child, known_case, permitted
from coord.domain.case import Case, circle
from coord.projections import Caseload, Circle, Goals
from coord.words import spelled_alike


def _named(work: Work, command: NameInCircle, case: Case) -> Receipt:
    return work.keep(Receipt(command.person_id, 1, 0, "listed"), case)


def _corrected(work: Work, command: CorrectInCircle, case: Case) -> Receipt:
    entry = case.circle[str(command.person_id)]
    status = "listed" if entry["listed"] else "not-listed"
    return Receipt(command.person_id, entry["version"], work.record.append(case), status)


def _joined(work: Work, command: JoinNameToCircle, case: Case) -> Receipt:
    status = "joined" if command.person_id else "apart"
    return Receipt(command.person_id or case.id, 1, work.record.append(case), status)


carries_out(NameInCircle, circle.name_person, of_the_case, _named)
carries_out(CorrectInCircle, circle.correct_person, of_the_case, _corrected)
carries_out(JoinNameToCircle, circle.join_name, of_the_case, _joined)


@answers(ReadCircle)
def read_circle(reading: Reading, question: ReadCircle) -> CircleAnswer:
    """Everybody of the circle, and every typed name that this reader may read."""
    case_id = question.case_id
    row = known_case(reading, case_id)
    whose = whose_names(reading, case_id)
    typed = reading.snapshot.view(Goals).typed_names(reading.snapshot.connection, case_id, reading.actor, reading.child)
    may = {"CorrectInCircle", "JoinNameToCircle"} | ({"NameInCircle"} if row["status"] == "open" else set())
    return CircleAnswer(
        **about_the_child(reading, row),
        people=_circle(reading, case_id),
        typed=[TypedName(name, count, whose.get(spelled_alike(name))) for name, count in typed],
        may=permitted(may, reading.actor, reading.child),
    )


def who_may_have_seen(reading: Reading, case_id: UUID) -> list[AroundTheChild]:
    """The people around the child from whom this person chooses who saw something, beside themselves."""
    listed = [
        AroundTheChild(one.id, Around.CIRCLE, one.name, one.relation) for one in _circle(reading, case_id) if one.listed
    ]
    if not reading.actor.sight.colleagues:  # who else is around the child is no question of the school's
        return [one for one in listed if one.relation in circle.OF_THE_SCHOOL]
    members = [
        AroundTheChild(member["person_id"], Around.TEAM, member["name"], member["relation"])
        for member in reading.snapshot.view(Caseload).team_of(reading.snapshot.connection, case_id)
        if member["person_id"] != reading.actor.person_id and _is_on_the_team(reading, member)
    ]
    return listed + members


def whose_names(reading: Reading, case_id: UUID) -> Mapping[str, UUID]:
    """Who of the circle each typed name is, by the name as `spelled_alike` has it."""
    if Circle.NAME in reading.snapshot.incomplete:  # a stopped view may not know of the last one
        return {name: UUID(person) for name, person in reading.record.case(case_id).circle_names.items()}
    rows = reading.snapshot.view(Circle).names_of(reading.snapshot.connection, case_id)
    return {row["folded"]: row["person_id"] for row in rows}


def _circle(reading: Reading, case_id: UUID) -> list[CirclePerson]:
    if Circle.NAME in reading.snapshot.incomplete:
        now = reading.record.case(case_id).circle
        return [
            CirclePerson(UUID(person), one["name"], one["relation"], one["listed"], one["version"])
            for person, one in now.items()
        ]
    rows = reading.snapshot.view(Circle).people_of(reading.snapshot.connection, case_id)
    return [CirclePerson(r["person_id"], r["name"], r["relation"], r["listed"], r["version"]) for r in rows]


def _is_on_the_team(reading: Reading, member: Mapping[str, Any]) -> bool:
    return bool(member["since"] <= reading.today and (member["until"] is None or member["until"] >= reading.today))
