"""The lean app's tables, filled with what stands in a record: the same people, children and words, by their ids."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from argon2 import PasswordHasher
from sqlalchemy import Connection, Table, insert, update

from bench.lean import tables as t
from bench.lean.app import hash_of
from coord.application.record import Record
from coord.domain.case import (
    CaseOpened,
    GoalObserved,
    GoalProposed,
    GoalStatusChanged,
    NoteSigned,
    SummaryPublished,
    TeamMemberJoined,
)
from coord.domain.case.goals.scales import weight_of
from coord.domain.events import CoordEvent
from coord.domain.person import PersonRegistered


def fill(url: str, record: Record, password: str, token: tuple[str, str]) -> None:
    """Everybody has the one ``password``; ``token`` is a person's id, and their token for the API."""
    engine = t.opened(url)
    t.METADATA.create_all(engine)
    secret, (person, bearer) = PasswordHasher().hash(password), token
    with engine.begin() as connection:
        for position, event in ((found.position, found.event) for found in record.after(0, record.head())):
            change = {"position": position, "at": event.timestamp, "person": event.by["person"], "what": event.TOPIC}
            connection.execute(insert(t.CHANGES), change)
            _told(connection, event, position, secret)
        expires = datetime.now(UTC) + timedelta(days=1)
        connection.execute(insert(t.TOKENS), {"hash": hash_of(f"token {bearer}"), "person": person, "expires": expires})
    engine.dispose()


def _told(connection: Connection, event: CoordEvent, position: int, secret: str) -> None:
    """The rows that one event makes; those that the lean app has no page for make none."""

    def keep(table: Table, **row: Any) -> None:
        connection.execute(insert(table), row)

    def entry(kind: str, audience: str, **row: Any) -> None:
        at = event.timestamp
        times = dict.fromkeys(("observed_from", "observed_to", "recorded_at", "signed_at", "received_at"), at)
        rest: dict[str, Any] = {
            "id": str(uuid4()),
            "format": None,
            "setting": None,
            "present": [],
            "sections": {},
            "detail": {},
        }
        about = {"child": stream, "author": event.by["person"], "position": position}
        keep(t.ENTRIES, **(times | rest | about | row), kind=kind, audience=audience)

    stream = str(event.originator_id)
    match event:
        case PersonRegistered():
            person = {name: getattr(event, name) for name in ("name", "role", "discipline", "email")}
            keep(t.PEOPLE, id=stream, **person, password=secret, active=True)
        case CaseOpened(details=d):
            born = date.fromisoformat(d["birth_date"])
            keep(t.CHILDREN, id=stream, name=d["preferred_name"], full_name=d["full_name"], born=born)
            entry("case", "care-team", detail={"what": "opened"})
        case TeamMemberJoined(person=who, member=m):
            keep(t.TEAM, child=stream, person=who, relation=m["relation"])
            joined = {name: m[name] for name in ("name", "relation", "since", "until")}
            entry("team", "care-team", detail={"what": "joined", **joined})
        case NoteSigned():
            names = ("format", "setting", "sections", "present", "observed_from", "observed_to", "recorded_at")
            told = {name: getattr(event, name) for name in names}
            entry("note", event.audience, id=str(event.note_id), signed_at=event.signed_at, **told)
        case SummaryPublished():
            keep(t.SUMMARIES, **_summary(event), child=stream)
            published = {"what": "published", "version": event.version, "valid_from": event.valid_from}
            entry("summary", "care-team-and-school", detail=published)
        case GoalProposed():
            keep(t.GOALS, **_goal(event), child=stream, position=position)
        case GoalStatusChanged(goal_id=goal, status=status):
            connection.execute(update(t.GOALS).where(t.GOALS.c.id == str(goal)).values(status=status))
        case GoalObserved():
            seen = {name: getattr(event, name) for name in ("context", "level", "support", "observed_at")}
            whose = {"goal": str(event.goal_id), "observer": event.by["person"], "position": position}
            keep(t.RATINGS, id=str(event.observation_id), **whose, **seen)


def _summary(event: SummaryPublished) -> dict[str, Any]:
    days = {name: date.fromisoformat(getattr(event, name)) for name in ("valid_from", "review_date")}
    said = {name: getattr(event, name) for name in ("version", "statements", "contact")}
    return said | days | {"author": event.by["person"], "published_at": event.signed_at}


def _goal(event: GoalProposed) -> dict[str, Any]:
    content = event.content
    scale = content["scale"]
    assert scale
    return {
        "id": str(event.goal_id),
        "status": "proposed",
        **{name: content[name] for name in ("statement", "contexts", "disciplines", "support")},
        "review_date": date.fromisoformat(content["review_date"]),
        "levels": scale["levels"],
        "baseline": scale["baseline"],
        "weight": weight_of(scale),
    }
