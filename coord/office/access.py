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
    Insert,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    insert,
    inspect,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.schema import CreateIndex

from coord.columns import Document, InOrder, Instant, as_mappings, given
from coord.worded import Asked, Lookup

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
    # Of looks from before there were these, nobody can say: NULL, which is not "none".
    Column("purpose", Text),
    Column("categories", Text),
    sqlite_autoincrement=True,
)
Index("looks_person", looks.c.person_id, looks.c.kind, looks.c.case_id, looks.c.position)
# For pages of the history, in their order: of a child, of a person, of everybody.
Index("looks_of_case", looks.c.case_id, looks.c.at, looks.c.id)
Index("looks_of_person", looks.c.person_id, looks.c.at, looks.c.id)
Index("looks_in_order", looks.c.at, looks.c.id)
_SUPERSEDED = ("looks_case", "looks_at")
"""Indexes of earlier versions, whose work the ones above do as well."""


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
    those whose words were shown; ``position`` is the place in the record that was shown. ``purpose`` and ``categories``
    say what it was for and which data of the child were shown, by the codes of `coord.application.looking`."""

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
    purpose: str = "account"
    categories: Sequence[str] = ()


LAST_VISIT = Lookup(
    select(looks.c.position, looks.c.at)
    .where(
        looks.c.person_id == bindparam("person"),
        looks.c.kind == bindparam("kind"),
        looks.c.case_id == bindparam("case"),
        looks.c.outcome == bindparam("shown"),
        looks.c.detail == bindparam("whole"),
    )
    .order_by(looks.c.position.desc())
    .limit(literal_column("1"))
    .offset(literal_column("0"))  # SQLite is always told one
)
"""To one child: every timeline asks for it."""


def _last_of_each() -> Select[Any]:
    """The same to each of many children."""
    visited = given("visited", Column("case_id", Uuid))
    one = looks.alias("one")
    last = (
        select(one.c.id)
        .where(
            one.c.person_id == bindparam("person"),
            one.c.kind == bindparam("kind"),
            one.c.case_id == visited.c.case_id,
            one.c.outcome == SHOWN,
            one.c.detail == {},
        )
        .order_by(one.c.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(visited.c.case_id, looks.c.position, looks.c.at).select_from(visited.join(looks, looks.c.id == last))


def _one_more() -> Insert:
    return insert(looks).inline()


class AccessLog:
    """Adds looks and answers who saw what."""

    def __init__(self, engine: Engine) -> None:
        """Over the access store."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self._asked = Asked()

    def create(self) -> None:
        """Make the table where it is missing, what a later version added to it, and what keeps its rows from being
        changed. No row is written anew."""
        with self._writer.execution_options(turn="tables").begin() as connection:  # two processes may start at once
            ACCESS.create_all(connection)
            _add_missing(connection)
            _defend(connection)

    def try_writing(self) -> None:
        """Take the turn to write, and give it back. Raises what `record` would raise because of the store."""
        with self._writer.begin():
            pass

    def record(self, *told: Look) -> None:
        """Add looks, durably and together, before anything is shown. Raises what the database raises."""
        with self._writer.begin() as connection:
            self._asked.add(
                connection,
                _one_more,
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
                        "purpose": look.purpose,
                        "categories": " ".join(look.categories),
                    }
                    for look in told
                ],
            )

    def last_visits(self, person_id: UUID, kind: str, case_ids: Collection[UUID]) -> dict[UUID, tuple[int, datetime]]:
        """For each child that the person visited by this kind of question: the position last shown, and when.

        A look with a detail showed a part or the past only, and is no visit: what is new may not have been in it.
        """
        if not case_ids:
            return {}
        if len(case_ids) == 1:
            (case_id,) = case_ids
            asked = {"person": person_id, "kind": kind, "case": case_id, "shown": SHOWN, "whole": {}}
            row = LAST_VISIT.first(self._engine, **asked)
            return {} if row is None else {case_id: (row.position, row.at)}
        told = {"visited": [(case_id,) for case_id in case_ids], "person": person_id, "kind": kind}
        with self._engine.begin() as connection:
            rows = self._asked.all(connection, _last_of_each, **told)
        return {row["case_id"]: (row["position"], row["at"]) for row in rows}

    def page(
        self,
        *,
        case_id: UUID | None = None,
        cases: Collection[UUID] | None = None,
        people: Collection[UUID] | None = None,
        at_many: Collection[str] = (),
        lists: Collection[str] = (),
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
        Of ``lists`` by ``people`` the look at the whole stands for those at its children, which would fill every page;
        each of these is in its child's own history.
        """
        t = looks
        where: list[ColumnElement[bool]] = []
        if case_id is not None:
            where.append(t.c.case_id == case_id)
        if cases is not None or people is not None:
            whole = or_(t.c.case_id.is_(None), t.c.kind.not_in(list(at_many)))
            told = or_(t.c.case_id.is_(None), t.c.kind.not_in(list(lists)), t.c.person_id.not_in(list(people or ())))
            child, reader = InOrder(t.c.case_id), InOrder(t.c.person_id)
            where.append(or_(child.in_(list(cases or ())), and_(reader.in_(list(people or ())), whole)))
            where.append(told)
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
            return as_mappings(connection.execute(query))

    def grouped(
        self,
        *,
        case_id: UUID | None = None,
        person: UUID | None = None,
        cases: Collection[UUID] | None = None,
        lists: Collection[str] = (),
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> list[dict[str, Any]]:
        """Who was shown something of which child: case_id, person_id, person_name, role, discipline, first,
        last, times, in_lists.

        One row for each child and person, the latest first; name and role as they were at the last look. ``cases``
        leaves other children out. ``in_lists`` counts looks in which the child was only named in a list, ``times`` the
        others.
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
        listed = func.sum(case((and_(t.c.kind.in_(list(lists)), t.c.entries == ""), 1), else_=0)).label("in_lists")
        query = (
            select(*who, func.min(t.c.at).label("first"), last.label("last"), func.count().label("times"), listed)
            .where(*where)
            .group_by(*who)
            .order_by(last.desc(), t.c.case_id, t.c.person_id)
        )
        found: dict[tuple[UUID, UUID | None], dict[str, Any]] = {}
        with self._engine.begin() as connection:
            for row in connection.execute(query).mappings():
                # Somebody whose name or role changed has several rows; the latest comes first and names them.
                one = found.setdefault((row["case_id"], row["person_id"]), {**row, "times": 0, "in_lists": 0})
                one["first"] = min(one["first"], row["first"])
                one["times"] += row["times"] - row["in_lists"]
                one["in_lists"] += row["in_lists"]
        return list(found.values())

    def count(self, case_id: UUID) -> int:
        """How many looks at a child there are."""
        with self._engine.begin() as connection:
            return int(connection.execute(select(func.count()).where(looks.c.case_id == case_id)).scalar_one())

    def readers_of(self, case_id: UUID, entry_id: UUID) -> list[dict[str, Any]]:
        """Who was shown the text of an entry: person_id, person_name, role, first, last, times; the latest first, name
        and role as they were at the last look."""
        t = looks
        who, last = (t.c.person_id, t.c.person_name, t.c.role), func.max(t.c.at)
        query = (
            select(*who, func.min(t.c.at).label("first"), last.label("last"), func.count().label("times"))
            .where(t.c.case_id == case_id, t.c.outcome == SHOWN, t.c.entries.contains(entry_id.hex))
            .group_by(*who)
            .order_by(last.desc(), t.c.person_id)
        )
        found: dict[UUID | None, dict[str, Any]] = {}
        with self._engine.begin() as connection:
            for row in connection.execute(query).mappings():
                one = found.setdefault(row["person_id"], {**row, "times": 0})
                one["first"] = min(one["first"], row["first"])
                one["times"] += row["times"]
        return list(found.values())


def _add_missing(connection: Connection) -> None:
    """Add the columns and indexes of later versions to a table that is there already.

    Several processes may start at once: on SQLite they take turns, on PostgreSQL the statements ask again.
    """
    found = inspect(connection)
    again = "IF NOT EXISTS " if connection.dialect.name == "postgresql" else ""
    columns = {column["name"] for column in found.get_columns("looks")}
    for column in (looks.c.purpose, looks.c.categories):
        if column.name not in columns:
            connection.execute(text(f"ALTER TABLE looks ADD COLUMN {again}{column.name} TEXT"))
    indexes = {index["name"] for index in found.get_indexes("looks")}
    for index in sorted(looks.indexes, key=lambda i: str(i.name)):
        if index.name not in indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
    for name in _SUPERSEDED:
        if name in indexes:
            connection.execute(text(f"DROP INDEX IF EXISTS {name}"))
