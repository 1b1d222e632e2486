"""What stays behind when somebody leaves a care team or loses access, and when a case is closed; and who could co-sign.

It is counted, never told: who takes a colleague off the team may not read every note that is concerned, and an
administrator, who takes access away, knows no child. Whoever does it is asked once whether it is meant so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from coord.application.case.questions import LeftBehindAnswer, ReadLeftBehind, ReadLeftBehindBy
from coord.application.doors import Reading, Work, answers
from coord.domain.actors import Role
from coord.domain.input import Input
from coord.office.drafts import Drafts
from coord.projections import Caseload, Courses, Goals, People, Snapshot
from coord.projections.people import standing_by
from coord.projections.roles import IN_ANY

KINDS = (
    "care_teams",
    "drafts",
    "awaiting",
    "awaiting_only_them",
    "goals",
    "places",
    "courses",
    "sessions",
)
"""What can be left behind: children whose care team they are on, unsigned words, notes that await a co-signature, those
that only they could co-sign, open goals, places in courses, courses that they run, sessions not recorded."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Where it is looked for, on which day."""

    snapshot: Snapshot
    drafts: Drafts
    now: datetime
    today: date
    zone: ZoneInfo


def ask_of(check: Input, about: object, counts: Mapping[str, int]) -> None:
    """Ask once whether this much may stay behind; ``about`` is who leaves, or what is closed."""
    if counts:
        params: dict[str, Any] = dict(counts)
        check.ask("", "left-behind", [str(about), sorted(counts.items())], **params)


def behind_member(work: Work, case_id: UUID, person_id: UUID) -> Mapping[str, int]:
    """What a member of the care team leaves behind with this child."""
    with work.views() as snapshot:
        return _of_member(_Look(snapshot, work.drafts, work.now, work.today, work.zone), case_id, person_id)


def behind_case(work: Work, case_id: UUID) -> Mapping[str, int]:
    """What a case leaves behind that is closed."""
    with work.views() as snapshot:
        return _of_case(_Look(snapshot, work.drafts, work.now, work.today, work.zone), case_id)


def behind_person(work: Work, person_id: UUID) -> Mapping[str, int]:
    """What a person leaves behind everywhere."""
    with work.views() as snapshot:
        return _of_person(_Look(snapshot, work.drafts, work.now, work.today, work.zone), person_id)


@answers(ReadLeftBehind)
def read_left_behind(reading: Reading, question: ReadLeftBehind) -> LeftBehindAnswer:
    """Counts, for the page on which it is decided."""
    look = _look_of(reading)
    if question.person_id is None:
        return _answer(reading, question.case_id, _of_case(look, question.case_id))
    return _answer(reading, question.person_id, _of_member(look, question.case_id, question.person_id))


@answers(ReadLeftBehindBy)
def read_left_behind_by(reading: Reading, question: ReadLeftBehindBy) -> LeftBehindAnswer:
    """Likewise."""
    return _answer(reading, question.person_id, _of_person(_look_of(reading), question.person_id))


def _look_of(reading: Reading) -> _Look:
    return _Look(reading.snapshot, reading.drafts, reading.now, reading.today, reading.zone)


def _answer(reading: Reading, about: UUID, counts: Mapping[str, int]) -> LeftBehindAnswer:
    check = Input()
    ask_of(check, about, counts)
    return LeftBehindAnswer(counts, tuple(check.problems), reading.shown)


# ---- who could co-sign -------------------------------------------------------------------------------------------


def cosigners(
    snapshot: Snapshot, case_ids: Collection[UUID], today: date, *, but: UUID | None = None
) -> dict[UUID, list[dict[str, Any]]]:
    """Who is on the care team of each child on the day as a therapist and has access, as they are today; without
    ``but``. Who is there in another of their roles co-signs nothing there."""
    members = snapshot.view(Caseload).members_on(snapshot.connection, case_ids, today)
    people = {p["person_id"]: p for p in snapshot.view(People).all(snapshot.connection)}
    found: dict[UUID, list[dict[str, Any]]] = {case_id: [] for case_id in case_ids}
    for case_id, person_id, role in members:
        person = people.get(person_id)
        if person is None or not person["active"] or person_id == but:
            continue
        there = standing_by(person, role)
        if there is not None and there["role"] == Role.THERAPIST.value:
            found[case_id].append({**person, **there})
    return found


def nobody_cosigns(note: Mapping[str, Any], therapists: Sequence[Mapping[str, Any]], lead: UUID | None = None) -> bool:
    """Whether a waiting note has nobody who could co-sign it among these therapists, nor was entrusted to ``lead``."""
    if lead is not None and note["entrusted_to"] == lead:
        return False
    return not any(
        p["person_id"] != note["author_id"]
        and (p["discipline"] == note["discipline"] or p["person_id"] == note["entrusted_to"])
        for p in therapists
    )


# ---- counting ----------------------------------------------------------------------------------------------------


def _counted(**counts: int) -> Mapping[str, int]:
    return {kind: counts[kind] for kind in KINDS if counts.get(kind)}


def _of_member(look: _Look, case_id: UUID, person_id: UUID) -> Mapping[str, int]:
    waiting = look.snapshot.view(Caseload).waiting_in(look.snapshot.connection, [case_id])
    return _counted(
        drafts=look.drafts.count(case_id=case_id, person_id=person_id),
        awaiting=sum(note["author_id"] == person_id for note in waiting),
        awaiting_only_them=len(_only_theirs(look, waiting, person_id)),
        goals=_open_goals(look, case_id=case_id, author=person_id),
    )


def _of_case(look: _Look, case_id: UUID) -> Mapping[str, int]:
    connection = look.snapshot.connection
    places = [g for g in look.snapshot.view(Courses).of_child(connection, case_id) if g["status"] != "left"]
    told = {(t["membership"], t["number"]) for t in look.snapshot.view(Courses).lines_of_child(connection, case_id)}
    unrecorded = look.snapshot.view(Courses).planned_before(connection, [p["membership"] for p in places], look.today)
    return _counted(
        drafts=look.drafts.count(case_id=case_id),
        awaiting=len(look.snapshot.view(Caseload).waiting_in(connection, [case_id])),
        goals=_open_goals(look, case_id=case_id),
        places=len(places),
        sessions=sum(session not in told for session in unrecorded),
    )


def _of_person(look: _Look, person_id: UUID) -> Mapping[str, int]:
    connection, caseload = look.snapshot.connection, look.snapshot.view(Caseload)
    cases = caseload.cases_of_member(connection, person_id, look.today)
    waiting = caseload.waiting_in(connection, None)
    courses = look.snapshot.view(Courses)
    sessions = courses.sessions_of_staff(connection, person_id, date.min, look.today - timedelta(days=1), IN_ANY)
    return _counted(
        care_teams=len(cases),
        drafts=look.drafts.count(person_id=person_id),
        awaiting=sum(note["author_id"] == person_id for note in waiting),
        awaiting_only_them=len(_only_theirs(look, [n for n in waiting if n["case_id"] in cases], person_id)),
        goals=_open_goals(look, author=person_id),
        courses=courses.open_of_staff(connection, person_id),
        sessions=sum(session["status"] == "planned" for session in sessions),
    )


def _only_theirs(look: _Look, waiting: Sequence[dict[str, Any]], person_id: UUID) -> list[dict[str, Any]]:
    """Of these notes those that the person could co-sign, and nobody else."""
    ids = {note["case_id"] for note in waiting}
    everybody = cosigners(look.snapshot, ids, look.today)
    others = cosigners(look.snapshot, ids, look.today, but=person_id)
    return [
        note
        for note in waiting
        if not nobody_cosigns(note, everybody[note["case_id"]]) and nobody_cosigns(note, others[note["case_id"]])
    ]


def _open_goals(look: _Look, *, case_id: UUID | None = None, author: UUID | None = None) -> int:
    return look.snapshot.view(Goals).count(
        look.snapshot.connection, statuses=Goals.OPEN, case_id=case_id, author=author
    )
