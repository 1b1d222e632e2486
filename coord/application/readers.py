"""Who somebody was at an earlier time, and what they were to a child then: from the history, not from today's views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from coord.application.doors import Reading
from coord.domain.actors import Actor, Discipline, Relation, Relationship, Role
from coord.domain.case.aggregate import Member
from coord.domain.case.team import holds, joined_stays, left_stays
from coord.domain.errors import NotFound
from coord.projections import Caseload, History, People

_OF_PEOPLE = (
    "person.registered",
    "person.renamed",
    "person.role-changed",
    "person.role-added",
    "person.role-ended",
    "person.moved",
    "person.disabled",
    "person.enabled",
)
_OF_ENTERING = ("person.change-proposed", "person.change-confirmed")
_OF_THE_TEAM = ("case.team-member-joined", "case.team-member-changed", "case.team-member-left")
_OF_A_STAY = ("name", "role", "discipline", "relation", "since", "until")
_OF_THE_SERVICE = "case.details-corrected"


@dataclass(frozen=True, slots=True)
class Reader:
    """A person as of a time: as an actor, in relation to a child, and whether they could come in at all."""

    actor: Actor
    child: Relationship
    active: bool


def reader_then(reading: Reading, case_id: UUID, reader: UUID, as_of: int | datetime | None) -> Reader:
    """The reader as they were at ``as_of`` (a position or a time; now if None). Raises `NotFound` for nobody known."""
    history = reading.snapshot.view(History)
    rows = history.told(
        reading.snapshot.connection,
        streams=(case_id, reader),
        kinds=(*_OF_PEOPLE, *_OF_ENTERING, *_OF_THE_TEAM, _OF_THE_SERVICE),
    )
    if not any(row["kind"] == "person.registered" for row in rows):
        raise NotFound("no-such-person")
    past = [row for row in rows if _by_then(row, as_of)]
    later = [row for row in rows if not _by_then(row, as_of)]
    facts: dict[str, Any] = {}
    further: dict[str, dict[str, Any]] = {}
    apart: set[str] = set()
    active = False
    stays: list[Member] = []
    # Of somebody registered later, who they were to become; they could not come in then.
    registered = next(row for row in rows if row["kind"] == "person.registered")
    for row in (registered, *past):
        kind, detail = row["kind"], row["detail"]
        if kind in ("person.registered", "person.role-changed", "person.moved"):
            facts |= detail
            active = active or (kind == "person.registered" and _by_then(row, as_of))
        elif kind == "person.role-added":
            further[detail["role"]] = detail
            apart.add(detail["role"])
        elif kind == "person.role-ended":
            further.pop(detail["role"], None)
        elif kind == "person.renamed":
            facts |= detail["after"]
        elif kind in ("person.disabled", "person.enabled"):
            active = kind == "person.enabled"
        elif kind in _OF_ENTERING and detail["change"] == "registration":
            active = kind == "person.change-confirmed"
        elif kind in _OF_THE_TEAM and detail["person"] == str(reader):
            stays = _stays_after(kind, detail, stays)
    day = reading.today
    if isinstance(as_of, datetime):
        day = as_of.astimezone(reading.zone).date()
    elif as_of is not None and (at := history.time_of(reading.snapshot.connection, as_of)) is not None:
        day = at.astimezone(reading.zone).date()
    then = [stay for stay in stays if holds(stay, day.isoformat())]
    team = _service_team(reading, case_id, later)
    standing = _role_then(facts, further, then, team)
    discipline = standing["discipline"]
    actor = Actor(
        reader, facts["name"], Role(standing["role"]), Discipline(discipline) if discipline else None, standing["team"]
    )
    first = standing is facts
    apart -= {facts["role"]}  # one that was beside it and has become the first opens what it did
    counted = [one for one in then if (one["role"] not in apart if first else one["role"] == standing["role"])]
    relation = next((Relation(stay["relation"]) for stay in counted), None)
    return Reader(actor, Relationship(relation, bool(actor.team) and actor.team == team), active)


def _role_then(
    facts: dict[str, Any], further: Mapping[str, dict[str, Any]], stays: list[Member], team: str
) -> dict[str, Any]:
    """In which of their roles a person knew the child: the one of their stay, or as the lead of the child's team; else
    the first."""
    for stay in stays:
        if stay["role"] in further:
            return further[stay["role"]]
    lead = Role.TEAM_LEAD.value
    if not stays and lead in further and further[lead]["team"] == team:
        return further[lead]
    return facts


def choosable(reading: Reading, case_id: UUID) -> list[dict[str, Any]]:
    """Whom a team lead may choose as the reader, by name: who is or was on the care team, or changed something."""
    connection = reading.snapshot.connection
    history = reading.snapshot.view(History)
    ids = set(history.people_of(connection, case_id)) | {reading.actor.person_id}
    ids |= {UUID(row["detail"]["person"]) for row in history.told(connection, streams=(case_id,), kinds=_OF_THE_TEAM)}
    known = reading.snapshot.view(People).all(connection)
    return [{"person_id": p["person_id"], "name": p["name"]} for p in known if p["person_id"] in ids]


def _by_then(row: Mapping[str, Any], as_of: int | datetime | None) -> bool:
    if as_of is None:
        return True
    if isinstance(as_of, datetime):
        at: datetime = row["at"]
        return at <= as_of
    position: int = row["position"]
    return position <= as_of


def _stays_after(kind: str, detail: Mapping[str, Any], stays: list[Member]) -> list[Member]:
    """The stays of a person after a row of the history, as the case itself and the caseload fold them."""
    if kind == "case.team-member-joined":
        member = cast("Member", {name: detail[name] for name in _OF_A_STAY})
        return joined_stays(stays, member, detail["stays"])
    if kind == "case.team-member-left":
        return left_stays(stays, detail["on"], detail["stays"])
    return list(detail["stays"])


def _service_team(reading: Reading, case_id: UUID, later: list[dict[str, Any]]) -> str:
    """The service team of the child then: today's, unless it was changed since."""
    for row in later:
        if row["kind"] == _OF_THE_SERVICE and "team" in row["detail"]["before"]:
            return str(row["detail"]["before"]["team"])
    case = reading.snapshot.view(Caseload).case(reading.snapshot.connection, case_id)
    return str(case["team"]) if case else ""
