"""The access log: who looked at what, exported what, was refused what, came in or failed to. It only ever grows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    and_,
    func,
    insert,
    or_,
    select,
)

from coord.columns import Document, Instant

ACCESS = MetaData()
looks = Table(
    "looks",
    ACCESS,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("person_id", Uuid),
    Column("person_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("discipline", Text),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("case_id", Uuid),
    Column("entries", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("detail", Document, nullable=False),
    sqlite_autoincrement=True,
)
Index("looks_case", looks.c.case_id, looks.c.id)
Index("looks_person", looks.c.person_id, looks.c.kind, looks.c.case_id, looks.c.position)
Index("looks_at", looks.c.at)


_REFUSED = "BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"
# INSERT OR REPLACE removes what is in its way, and no trigger for removals hears of it.
_NEVER_REPLACED = (
    "CREATE TRIGGER IF NOT EXISTS looks_no_replace BEFORE INSERT ON looks "  # noqa: S608
    f"WHEN EXISTS (SELECT 1 FROM looks WHERE id=NEW.id) {_REFUSED}"
)
_REFUSAL = (
    "CREATE OR REPLACE FUNCTION looks_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN RAISE EXCEPTION 'the access log is append-only'; END$$"
)
_NEVER_CHANGED = (
    "CREATE TRIGGER looks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON looks "
    "FOR EACH STATEMENT EXECUTE FUNCTION looks_append_only()"
)
_NEVER = {
    "sqlite": (
        f"CREATE TRIGGER IF NOT EXISTS looks_no_update BEFORE UPDATE ON looks {_REFUSED}",
        f"CREATE TRIGGER IF NOT EXISTS looks_no_delete BEFORE DELETE ON looks {_REFUSED}",
        _NEVER_REPLACED,
    ),
    "postgresql": (_REFUSAL, _NEVER_CHANGED),
}
"""By database, what lets looks be added, and never changed, removed or replaced."""


def _defend(connection: Connection) -> None:
    """Add the triggers where they are missing: also to a log that an older version made."""
    if connection.dialect.name == "postgresql":  # there a trigger that is made anew would wait for whoever writes
        there = "SELECT 1 FROM pg_trigger WHERE tgrelid = 'looks'::regclass AND tgname = 'looks_append_only'"
        if connection.exec_driver_sql(there).first() is not None:
            return
    for statement in _NEVER[connection.dialect.name]:
        connection.exec_driver_sql(statement)


SHOWN, REFUSED, FAILED = "shown", "refused", "failed"


@dataclass(frozen=True, slots=True)
class Look:
    """One access. ``kind`` is the question's name, or ``signed-in``, ``sign-in-failed`` and their like; ``entries`` are
    the notes whose text was shown; ``position`` is the place in the record that was shown."""

    at: datetime
    kind: str
    outcome: str = SHOWN
    person_id: UUID | None = None
    person_name: str = ""
    role: str = ""
    discipline: str | None = None
    team: str = ""
    channel: str = ""
    request: str = ""
    case_id: UUID | None = None
    entries: Sequence[UUID] = ()
    position: int = 0
    detail: dict[str, Any] = field(default_factory=dict)


class AccessLog:
    """Adds looks and answers who saw what."""

    def __init__(self, engine: Engine) -> None:
        """Over the access store."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self._insert = insert(looks).inline()

    def create(self) -> None:
        """Make the table where it is missing, and what keeps its rows from being changed."""
        with self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4711)")  # two processes may start at once
            ACCESS.create_all(connection)
            _defend(connection)

    def try_writing(self) -> None:
        """Take the turn to write, and give it back. Raises what `record` would raise because of the store."""
        with self._writer.begin():
            pass

    def record(self, *told: Look) -> None:
        """Add looks, durably and together, before anything is shown. Raises what the database raises."""
        with self._writer.begin() as connection:
            connection.execute(
                self._insert,
                [
                    {
                        "at": look.at,
                        "person_id": look.person_id,
                        "person_name": look.person_name,
                        "role": look.role,
                        "discipline": look.discipline,
                        "team": look.team,
                        "channel": look.channel,
                        "request": look.request,
                        "kind": look.kind,
                        "outcome": look.outcome,
                        "case_id": look.case_id,
                        "entries": " ".join(e.hex for e in look.entries),
                        "position": look.position,
                        "detail": look.detail,
                    }
                    for look in told
                ],
            )

    def last_visits(self, person_id: UUID, kind: str, case_ids: Collection[UUID]) -> dict[UUID, tuple[int, datetime]]:
        """For each child that the person visited by this kind of question: the position last shown, and when.

        A look with a detail showed a part or the past only, and is no visit: what is new may not have been in it.
        """
        found: dict[UUID, tuple[int, datetime]] = {}
        with self._engine.begin() as connection:
            for case_id in case_ids:
                row = connection.execute(
                    select(looks.c.position, looks.c.at)
                    .where(
                        looks.c.person_id == person_id,
                        looks.c.kind == kind,
                        looks.c.case_id == case_id,
                        looks.c.outcome == SHOWN,
                        looks.c.detail == {},
                    )
                    .order_by(looks.c.position.desc())
                    .limit(1)
                ).first()
                if row is not None:
                    found[case_id] = (row.position, row.at)
        return found

    def page(
        self,
        *,
        case_id: UUID | None = None,
        cases: Collection[UUID] | None = None,
        people: Collection[UUID] | None = None,
        at_many: Collection[str] = (),
        person: UUID | None = None,
        kind: str = "",
        start: datetime | None = None,
        end: datetime | None = None,
        before: tuple[datetime, int] | None = None,
        limit: int = 50,
    ) -> list[dict[str, Any]]:
        """Looks, newest first: at one child; or at any of ``cases`` or by any of ``people``.

        ``at_many`` are kinds of questions that show many children at once, with one look at the whole and one at each:
        of those at a child only what concerns ``cases`` is given, for how many others there were is told by the rows.
        """
        t = looks
        where: list[ColumnElement[bool]] = []
        if case_id is not None:
            where.append(t.c.case_id == case_id)
        if cases is not None or people is not None:
            whole = or_(t.c.case_id.is_(None), t.c.kind.not_in(list(at_many)))
            where.append(or_(t.c.case_id.in_(list(cases or ())), and_(t.c.person_id.in_(list(people or ())), whole)))
        if person is not None:
            where.append(t.c.person_id == person)
        if kind:
            where.append(or_(t.c.kind == kind, t.c.outcome == kind))
        if start is not None:
            where.append(t.c.at >= start)
        if end is not None:
            where.append(t.c.at < end)
        if before is not None:
            at, number = before
            where += [t.c.at <= at, or_(t.c.at < at, t.c.id < number)]
        query = select(t).where(*where).order_by(t.c.at.desc(), t.c.id.desc()).limit(limit)
        with self._engine.begin() as connection:
            return [dict(r) for r in connection.execute(query).mappings()]

    def grouped(
        self,
        *,
        case_id: UUID | None = None,
        person: UUID | None = None,
        cases: Collection[UUID] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> list[dict[str, Any]]:
        """Who was shown something of which child: case_id, person_id, person_name, role, discipline, first,
        last, times.

        One row for each child and person, the latest first; name and role as they were at the last look. ``cases``
        leaves other children out.
        """
        t = looks
        where: list[ColumnElement[bool]] = [t.c.outcome == SHOWN, t.c.case_id.is_not(None)]
        if case_id is not None:
            where.append(t.c.case_id == case_id)
        if person is not None:
            where.append(t.c.person_id == person)
        if cases is not None:
            where.append(t.c.case_id.in_(list(cases)))
        if start is not None:
            where.append(t.c.at >= start)
        if end is not None:
            where.append(t.c.at < end)
        who = (t.c.case_id, t.c.person_id, t.c.person_name, t.c.role, t.c.discipline)
        last = func.max(t.c.at)
        query = (
            select(*who, func.min(t.c.at).label("first"), last.label("last"), func.count().label("times"))
            .where(*where)
            .group_by(*who)
            .order_by(last.desc(), t.c.case_id, t.c.person_id)
        )
        found: dict[tuple[UUID, UUID | None], dict[str, Any]] = {}
        with self._engine.begin() as connection:
            for row in connection.execute(query).mappings():
                # Somebody whose name or role changed has several rows; the latest comes first and names them.
                one = found.setdefault((row["case_id"], row["person_id"]), {**row, "times": 0})
                one["first"] = min(one["first"], row["first"])
                one["times"] += row["times"]
        return list(found.values())

    def readers_of(self, case_id: UUID, entry_id: UUID) -> list[dict[str, Any]]:
        """Who was shown the text of an entry: person_id, person_name, role, first, last, times."""
        t = looks
        query = (
            select(
                t.c.person_id,
                func.max(t.c.person_name).label("person_name"),
                func.max(t.c.role).label("role"),
                func.min(t.c.at).label("first"),
                func.max(t.c.at).label("last"),
                func.count().label("times"),
            )
            .where(t.c.case_id == case_id, t.c.outcome == SHOWN, t.c.entries.contains(entry_id.hex))
            .group_by(t.c.person_id)
            .order_by(func.max(t.c.at).desc())
        )
        with self._engine.begin() as connection:
            return [dict(r) for r in connection.execute(query).mappings()]
