"""Phrases: words to be written again, each one person's, by a short name; read by colleagues where they are shared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    select,
    update,
)

from coord.columns import Instant
from coord.domain.errors import FieldProblem, InvalidInput, NotFound, Stale
from coord.domain.phrases import PhraseWords
from coord.office.tables import OFFICE, upsert
from coord.worded import Asked
from coord.words import sort_key

phrases = Table(
    "phrases",
    OFFICE,
    Column("person_id", Uuid, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
)


def _own() -> Select[Any]:
    """Of one person."""
    return select(phrases).where(phrases.c.person_id == bindparam("person"))


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase. ``revision`` counts the saves, from 1."""

    person_id: UUID
    name: str
    text: str
    shared: bool
    revision: int
    updated_at: datetime


class Phrases:
    """Keeps phrases; all that changes them names whose they are."""

    def __init__(self, engine: Engine) -> None:
        """Over the office store."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self._asked = Asked()

    def of(self, person_id: UUID) -> list[Phrase]:
        """One's own, by name."""
        with self._engine.begin() as connection:
            rows = self._asked.all(connection, _own, person=person_id)
        return _by_name(Phrase(**row) for row in rows)

    def shared_by(self, people: Collection[UUID]) -> list[Phrase]:
        """What these people share, by name."""
        p = phrases.c
        query = select(phrases).where(p.person_id.in_(list(people)), p.shared)
        with self._engine.begin() as connection:
            return _by_name(Phrase(*row) for row in connection.execute(query)) if people else []

    def keep(self, person_id: UUID, words: PhraseWords, *, before: str, expected: int | None, now: datetime) -> int:
        """Keep a phrase, under another name than ``before`` if that is said; its new revision.

        Raises `Stale` when it was saved elsewhere since the ``expected`` revision (0: there was none), `InvalidInput`
        when one has another phrase of the name, `NotFound` when there is none of the name before.
        """
        taken = InvalidInput([FieldProblem("/name", "phrase-name-taken")])
        with self._writer.begin() as connection:
            revision = 0
            if before and before != words["name"]:
                revision = self._refuse_if_stale(connection, person_id, before, expected)
                connection.execute(delete(phrases).where(*_one(person_id, before)))
            if self._made(connection, person_id, words, revision + 1, now):
                if not revision and expected and not before:
                    raise NotFound("no-such-phrase")
                return revision + 1
            if revision or expected == 0:
                raise taken
            revision = self._refuse_if_stale(connection, person_id, words["name"], expected)
            self._change(connection, person_id, words, revision + 1, now)
            return revision + 1

    def keep_all(self, person_id: UUID, rows: Sequence[PhraseWords], now: datetime) -> None:
        """Keep several, each in place of one's own of the name; all or none."""
        with self._writer.begin() as connection:
            for words in rows:
                if not self._made(connection, person_id, words, 1, now):
                    self._change(connection, person_id, words, phrases.c.revision + 1, now)

    def remove(self, person_id: UUID, name: str) -> bool:
        """Throw one's own away; whether there was one."""
        with self._writer.begin() as connection:
            return bool(connection.execute(delete(phrases).where(*_one(person_id, name))).rowcount)

    def _made(self, connection: Connection, person_id: UUID, words: PhraseWords, revision: int, now: datetime) -> bool:
        # Made first: of two saves at once, one makes the row and the other waits here and finds it.
        new = upsert(self._engine, phrases).values(person_id=person_id, **words, revision=revision, updated_at=now)
        return connection.execute(new.on_conflict_do_nothing().returning(phrases.c.revision)).first() is not None

    @staticmethod
    def _refuse_if_stale(connection: Connection, person_id: UUID, name: str, expected: int | None) -> int:
        query = select(phrases.c.revision).where(*_one(person_id, name)).with_for_update()
        stands = connection.execute(query).scalar_one_or_none()
        if stands is None:
            raise NotFound("no-such-phrase")
        if expected is not None and expected != stands:
            raise Stale(stands, ["phrase"])
        return int(stands)

    @staticmethod
    def _change(connection: Connection, person_id: UUID, words: PhraseWords, revision: object, now: datetime) -> None:
        values = {"text": words["text"], "shared": words["shared"], "revision": revision, "updated_at": now}
        connection.execute(update(phrases).where(*_one(person_id, words["name"])).values(values))


def _one(person_id: UUID, name: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return phrases.c.person_id == person_id, phrases.c.name == name


def _by_name(found: Iterable[Phrase]) -> list[Phrase]:
    """No database sorts these: the two of them do not sort alike."""
    return sorted(found, key=lambda one: (sort_key(one.name), str(one.person_id)))
