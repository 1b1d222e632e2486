"""Drafts: unsigned words, private to their author, kept out of the record until they are signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Engine,
    Index,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    select,
    update,
)

from coord.columns import Document, Instant
from coord.domain.errors import NotFound, Stale
from coord.office.tables import OFFICE, upsert
from coord.worded import Asked, Lookup

drafts = Table(
    "drafts",
    OFFICE,
    Column("draft_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Document, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
Index("drafts_person", drafts.c.person_id, drafts.c.case_id)

_ONE_OF_MINE = Lookup(
    select(drafts).where(*(drafts.c[name] == bindparam(name) for name in ("draft_id", "case_id", "person_id")))
)


def _mine(of_a_child: bool, of_a_kind: bool) -> Select[Any]:
    """One's own, the latest first."""
    query = select(drafts).where(drafts.c.person_id == bindparam("person")).order_by(drafts.c.updated_at.desc())
    if of_a_child:
        query = query.where(drafts.c.case_id == bindparam("case"))
    return query.where(drafts.c.kind == bindparam("kind")) if of_a_kind else query


@dataclass(frozen=True, slots=True)
class Draft:
    """An author's unsigned words. ``revision`` counts the saves, from 1."""

    draft_id: UUID
    case_id: UUID
    person_id: UUID
    kind: str
    body: Mapping[str, Any]
    revision: int
    created_at: datetime
    updated_at: datetime


class Drafts:
    """Keeps drafts; every call but `count` names the author, and nobody else's draft is ever found."""

    def __init__(self, engine: Engine) -> None:
        """Over the office store."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self._asked = Asked()

    def save(
        self,
        *,
        draft_id: UUID,
        case_id: UUID,
        person_id: UUID,
        kind: str,
        body: Mapping[str, object],
        expected_revision: int | None,
        now: datetime,
    ) -> int:
        """Keep the draft; its new revision.

        Raises `Stale` when it was saved elsewhere since ``expected_revision``, `NotFound` when the id is
        somebody else's or another child's.
        """
        with self._writer.begin() as connection:
            # Make it first: of two saves at once, one makes the row and the other waits here and finds it.
            made = connection.execute(
                upsert(self._engine, drafts)
                .values(
                    draft_id=draft_id,
                    case_id=case_id,
                    person_id=person_id,
                    kind=kind,
                    body=dict(body),
                    revision=1,
                    created_at=now,
                    updated_at=now,
                )
                .on_conflict_do_nothing()
                .returning(drafts.c.revision)  # rowcount is -1 on PostgreSQL whatever happened
            ).first()
            if made is not None:
                return 1
            row = connection.execute(select(drafts).where(drafts.c.draft_id == draft_id).with_for_update()).one()
            if row.person_id != person_id or row.case_id != case_id or row.kind != kind:
                raise NotFound("no-such-draft")
            if expected_revision is not None and expected_revision != row.revision:
                raise Stale(row.revision, ["draft"])
            connection.execute(
                update(drafts)
                .where(drafts.c.draft_id == draft_id)
                .values(body=dict(body), revision=row.revision + 1, updated_at=now)
            )
            return int(row.revision) + 1

    def find(self, draft_id: UUID, case_id: UUID, person_id: UUID) -> Draft | None:
        """One's own draft; None if there is none."""
        row = _ONE_OF_MINE.first(self._engine, draft_id=draft_id, case_id=case_id, person_id=person_id)
        return Draft(*row) if row else None

    def of(self, person_id: UUID, case_id: UUID | None = None, kind: str | None = None) -> list[Draft]:
        """One's own drafts, the latest first."""
        asked = {"person": person_id, "case": case_id, "kind": kind}
        given = {name: value for name, value in asked.items() if value is not None}
        with self._engine.begin() as connection:
            rows = self._asked.all(connection, _mine, case_id is not None, kind is not None, **given)
        return [Draft(**row) for row in rows]

    def count(self, *, case_id: UUID | None = None, person_id: UUID | None = None) -> int:
        """How many drafts there are of a child, of a person, or of both: how many, and nothing of what they say."""
        query = select(func.count()).select_from(drafts)
        if case_id is not None:
            query = query.where(drafts.c.case_id == case_id)
        if person_id is not None:
            query = query.where(drafts.c.person_id == person_id)
        with self._engine.begin() as connection:
            return int(connection.execute(query).scalar_one())

    def discard(self, draft_id: UUID, person_id: UUID) -> bool:
        """Throw one's own draft away; whether there was one."""
        with self._writer.begin() as connection:
            found = connection.execute(
                delete(drafts).where(drafts.c.draft_id == draft_id, drafts.c.person_id == person_id)
            )
        return bool(found.rowcount)
