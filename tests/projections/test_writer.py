"""What a handler writes is there for the next one at once, whether it has been sent to the database or not."""

from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Connection, Index, Integer, MetaData, Table, Text, Uuid, delete, insert, inspect, select

from coord.columns import Document, Position
from coord.persistence import Stores
from coord.projections import ALL_VIEWS
from coord.projections.writer import Writer
from tests.house import House

THINGS = Table(
    "things_of_a_test",
    MetaData(),
    Column("position", Position, primary_key=True, autoincrement=False),
    Column("owner", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("detail", Document, nullable=False),
)
Index("things_of_a_test_owner", THINGS.c.owner)
OWNERS = [UUID(int=n) for n in range(4)]


@pytest.fixture
def connection(stores: Stores) -> Iterator[Connection]:
    with stores.views.execution_options(write=True).connect() as connection, connection.begin() as transaction:
        THINGS.create(connection)
        yield connection
        transaction.rollback()


def thing(position: int, owner: UUID = OWNERS[0], state: str = "open", count: int = 0) -> dict[str, Any]:
    return {"position": position, "owner": owner, "state": state, "count": count, "detail": {"tab": "a\tb\\n\n"}}


def stored(connection: Connection) -> list[dict[str, Any]]:
    return [dict(r) for r in connection.execute(select(THINGS).order_by(THINGS.c.position)).mappings()]


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_leaves_what_the_same_statements_one_by_one_would(connection: Connection, seed: int):
    chance, rows = Random(seed), dict[int, dict[str, Any]]()
    writer = Writer(connection)
    for position in range(1, 400):
        owner, state = chance.choice(OWNERS), chance.choice(("open", "done"))
        where: dict[str, Any] = chance.choice(
            ({"owner": owner}, {"owner": owner, "state": state}, {"position": chance.randint(1, position)})
        )
        found = [r for r in rows.values() if all(r[name] == value for name, value in where.items())]
        match chance.choices(("insert", "update", "delete", "one", "send", "again"), (10, 5, 1, 8, 1, 1))[0]:
            case "insert":
                row = thing(position, owner, state)
                rows[position] = dict(row)
                writer.insert(THINGS, row)
            case "update":
                values: dict[str, Any] = chance.choice(({"state": "done"}, {"count": position}, {"owner": OWNERS[0]}))
                for row in found:
                    row.update(values)
                writer.update(THINGS, where, **values)
            case "delete":
                for row in found:
                    del rows[row["position"]]
                writer.delete(THINGS, **where)
            case "one" if len(found) == 1:
                assert writer.one(THINGS, **where) == found[0]
            case "one" if not found:
                with pytest.raises(LookupError):
                    writer.one(THINGS, **where)
            case "send":
                writer.flush()
            case "again":  # another batch
                writer.flush()
                writer = Writer(connection)
    writer.flush()
    assert stored(connection) == [rows[position] for position in sorted(rows)]
    assert rows


def test_many_rows_keep_what_the_database_might_take_for_its_own_signs(connection: Connection):
    writer, rows = Writer(connection), [thing(n, state=f"\\N\t{n}\r\n\\.") for n in range(1, 300)]
    for row in rows:
        writer.insert(THINGS, row)
    writer.flush()
    assert stored(connection) == rows


def test_a_row_that_was_read_is_the_handlers_own(connection: Connection):
    writer = Writer(connection)
    writer.insert(THINGS, thing(1))
    writer.one(THINGS, position=1)["state"] = "changed by hand"
    assert writer.one(THINGS, position=1)["state"] == "open"


def test_any_other_statement_sees_everything_before_it(connection: Connection):
    writer = Writer(connection)
    connection.execute(insert(THINGS), [thing(1), thing(2)])
    writer.insert(THINGS, thing(3))
    writer.update(THINGS, {"owner": OWNERS[0]}, state="done")
    writer.delete(THINGS, position=1)
    assert writer.run(select(THINGS.c.position).where(THINGS.c.state == "done")).scalars().all() == [2, 3]
    writer.run(delete(THINGS).where(THINGS.c.position == 2))
    with pytest.raises(LookupError):
        writer.one(THINGS, position=2)


def test_a_rebuilt_view_has_every_index_of_the_first_one(house: House, stores: Stores):
    house.note(house.ot)
    generations = house.services.views.rebuild(swap=False)
    inspector = inspect(stores.views)

    def indexes(table: str) -> list[Any]:
        generation = table[table.rindex("_g") :]
        return sorted(
            (str(i["name"]).removesuffix(generation), i["column_names"]) for i in inspector.get_indexes(table)
        )

    for kind in ALL_VIEWS:
        for one, two in zip(
            kind(1).metadata.sorted_tables, kind(generations[kind.NAME]).metadata.sorted_tables, strict=True
        ):
            assert indexes(one.name) == indexes(two.name)
