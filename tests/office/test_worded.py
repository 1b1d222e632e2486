"""Statements that are worded once: the same answers as when they are put together anew, on both databases."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, Engine, Select, Uuid, bindparam, insert, select
from sqlalchemy.exc import DBAPIError

from coord.columns import Instant, given
from coord.office.drafts import drafts
from coord.worded import Asked, Lookup

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def of_kinds(newest_first: bool) -> Select[Any]:
    ids = given("ids", Column("id", Uuid))
    query = select(drafts).where(
        drafts.c.person_id == bindparam("person"),
        drafts.c.kind.in_(("note", "summary")),
        drafts.c.draft_id.in_(select(ids.c.id)),
    )
    return query.order_by(drafts.c.revision.desc() if newest_first else drafts.c.revision).limit(2)


def a_draft(person: UUID, number: int, kind: str = "note") -> dict[str, Any]:
    words = {"sections": {"text": "Così è"}}
    about = {"draft_id": uuid4(), "case_id": uuid4(), "person_id": person, "kind": kind}
    return about | {"body": words, "revision": number, "created_at": NOON, "updated_at": NOON}


def test_a_statement_is_worded_once_for_who_is_alike_and_finds_what_is_asked_with_it(engine: Engine):
    mine, others = uuid4(), uuid4()
    rows = [a_draft(mine, 1), a_draft(mine, 2, "summary"), a_draft(mine, 3, "addendum"), a_draft(mine, 4)]
    theirs = a_draft(others, 5)
    asked = Asked()
    ids = [(row["draft_id"],) for row in [*rows, theirs]]
    with engine.execution_options(write=True).begin() as connection:
        connection.execute(insert(drafts), [*rows, theirs])
        assert asked.all(connection, of_kinds, False, person=mine, ids=ids) == [rows[0], rows[1]]
        assert asked.all(connection, of_kinds, True, person=mine, ids=ids) == [rows[3], rows[1]]
        assert asked.all(connection, of_kinds, False, person=mine, ids=ids[1:]) == [rows[1], rows[3]]
        assert asked.all(connection, of_kinds, False, person=others, ids=ids) == [theirs]
        assert asked.all(connection, of_kinds, False, person=others, ids=[]) == []


def of_cases(*cases: UUID) -> Select[Any]:
    return select(drafts).where(drafts.c.case_id.in_(cases), drafts.c.person_id == bindparam("person"))


def test_a_list_that_stands_in_the_statement_is_of_its_columns_type(engine: Engine):
    row, asked = a_draft(uuid4(), 1), Asked()
    with engine.execution_options(write=True).begin() as connection:
        connection.execute(insert(drafts), [row])
        assert asked.all(connection, of_cases, row["case_id"], uuid4(), person=row["person_id"]) == [row]


def test_two_statements_of_one_name_are_two(engine: Engine):
    def named(kind: str) -> Any:
        def found() -> Select[Any]:
            return select(drafts).where(drafts.c.kind == kind, drafts.c.person_id == bindparam("person"))

        return found

    person, asked = uuid4(), Asked()
    note, summary = a_draft(person, 1), a_draft(person, 2, "summary")
    with engine.execution_options(write=True).begin() as connection:
        connection.execute(insert(drafts), [note, summary])
        for one, row in ((named("note"), note), (named("summary"), summary)):
            assert asked.all(connection, one, person=person) == [row]


def test_what_cannot_be_asked_leaves_no_connection_that_commits_by_itself(engine: Engine):
    newest = Lookup(select(drafts.c.draft_id).where(drafts.c.created_at == bindparam("at", type_=Instant())))
    row = a_draft(uuid4(), 1)
    for _ in range(4):
        with pytest.raises(ValueError, match="zone"):
            newest.first(engine, at=NOON.replace(tzinfo=None))
    with engine.execution_options(write=True).connect() as connection, connection.begin() as written:
        connection.execute(insert(drafts), [row])
        written.rollback()
    with engine.begin() as connection:
        assert connection.execute(select(drafts).where(drafts.c.draft_id == row["draft_id"])).all() == []


def test_a_connection_that_is_gone_is_told_as_the_database_tells_it(engine: Engine):
    with engine.connect() as connection:
        gone: Any = connection.connection.dbapi_connection
        gone.close()
        with pytest.raises(DBAPIError):
            Asked().all(connection, of_kinds, False, person=uuid4(), ids=[(uuid4(),)])
