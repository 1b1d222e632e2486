"""How rows get into the tables of a view: collected over a batch of events, and sent together.

A handler sees its tables as they are after everything before it, whether that has been sent or not. What it reads and
changes by key (`Writer.one`, `update`, `delete`) is held in memory until the end of the batch; any other statement
(`Writer.run`) sends first what was collected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import (
    Column,
    Connection,
    Delete,
    Dialect,
    Executable,
    Select,
    Table,
    Update,
    Uuid,
    and_,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from coord.columns import Instant, utc_text

Row = dict[str, Any]
Names = tuple[str, ...]

COPY_FROM = 50
"""Rows from which COPY is worth its round trip."""
SENT_TOGETHER = 200
"""Changes sent in one go; PostgreSQL's driver sends them all before it reads an answer."""


def _digits(ids: Sequence[UUID | None]) -> Sequence[str | None]:
    """Ids as both databases take them. The JSON library writes a whole column ten times as fast as UUID.hex does."""
    return cast("list[str | None]", orjson.loads(orjson.dumps(ids).replace(b"-", b"")))


class _Insert:
    """An INSERT as the driver wants it, worked out once for a table: rebuilding writes two rows for each event."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        compiled = insert(table).compile(dialect=dialect)
        self._sql = str(compiled)
        self._positional = compiled.positiontup is not None
        self._names = list(compiled.positiontup or (c.name for c in table.columns))
        self._copy = f"COPY {table.name} ({', '.join(self._names)}) FROM STDIN"
        self._values_of = itemgetter(*self._names)
        self._ids = [place for place, name in enumerate(self._names) if isinstance(table.c[name].type, Uuid)]
        self._converted = [
            (place, convert)
            for place, name in enumerate(self._names)
            if place not in self._ids and (convert := _to_driver(table.c[name], dialect)) is not None
        ]

    def send(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Add the rows: many at once by COPY where there is such a thing (PostgreSQL), by the INSERT otherwise."""
        values = list(self._values(rows))
        if self._positional:
            connection.exec_driver_sql(self._sql, values)
        elif len(values) < COPY_FROM:
            connection.exec_driver_sql(self._sql, [dict(zip(self._names, v, strict=True)) for v in values])
        else:
            driver: Any = connection.connection.driver_connection
            with driver.cursor() as cursor, cursor.copy(self._copy) as copy:
                for row in values:
                    copy.write_row(row)

    def _values(self, rows: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
        """Column by column: a loop inside the interpreter is several times faster than one in Python."""
        columns: list[Any] = list(zip(*map(self._values_of, rows), strict=True))
        for place in self._ids:
            columns[place] = _digits(columns[place])
        for place, convert in self._converted:
            columns[place] = map(convert, columns[place])
        return zip(*columns, strict=True)


def _to_driver(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(column.type, Instant):  # PostgreSQL's driver takes three times as long over a time than over its text
        return utc_text
    return cast("Callable[[Any], Any] | None", column.type.dialect_impl(dialect).bind_processor(dialect))


class _Pending:
    """What a batch makes of one table: new rows, and changes of rows that are stored already.

    Changes are sent before new rows. A new row takes its changes here, so a change that is sent only ever means a row
    that was stored before the batch.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._key: Names = tuple(c.name for c in table.primary_key)
        self._new: dict[int, Row] = {}
        self._read: dict[int, Row] = {}
        self._changes: list[tuple[Names, Names | None, list[dict[str, Any]]]] = []
        self._changed_unread = False
        self._by: dict[Names, dict[tuple[Any, ...], dict[int, Row]]] = {}

    def insert(self, row: Row) -> None:
        """A new row."""
        self._new[id(row)] = row
        if self._by:
            self._file(row)

    def one(self, connection: Connection, key: Mapping[str, Any]) -> Row:
        """The row with these values. Raises `LookupError` if there is none, or more than one."""
        rows = list(self._held(key).values())
        if not rows:
            if self._changed_unread:
                self._send_changes(connection)
            for stored in connection.execute(_selection(self._table, tuple(key)), dict(key)).mappings():
                row = dict(stored)
                if not self._held({name: row[name] for name in self._key}):  # else it is held, and otherwise by now
                    self._read[id(row)] = row
                    self._file(row)
                    rows.append(row)
        if len(rows) != 1:
            raise LookupError(f"{len(rows)} rows of {self._table.name} where one was expected")
        return dict(rows[0])

    def update(self, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Other values for the rows with these."""
        held = dict(self._held(key))
        for row in held.values():
            self._unfile(row)
            row.update(values)
            self._file(row)
        self._change(key, values, held)

    def delete(self, key: Mapping[str, Any]) -> None:
        """No such rows any more."""
        held = dict(self._held(key))
        self._change(key, None, held)
        for place, row in held.items():
            self._unfile(row)
            self._new.pop(place, None)
            self._read.pop(place, None)

    def send(self, connection: Connection) -> None:
        """Send everything."""
        self._send_changes(connection)
        if self._new:
            known = self._table.info.setdefault("inserts", {})
            fast = known.get(connection.dialect.name)
            if fast is None:
                fast = known[connection.dialect.name] = _Insert(self._table, connection.dialect)
            fast.send(connection, self._new.values())

    def _change(self, key: Mapping[str, Any], values: Mapping[str, Any] | None, held: dict[int, Row]) -> None:
        the_row_itself = bool(held) and set(key) == set(self._key)
        if the_row_itself and held.keys() <= self._new.keys():
            return
        if values is None or not the_row_itself:
            self._changed_unread = True
        names = (tuple(key), None if values is None else tuple(values))
        if not self._changes or self._changes[-1][:2] != names:
            self._changes.append((*names, []))
        new = {f"new_{name}": value for name, value in (values or {}).items()}
        self._changes[-1][2].append({**{f"key_{name}": value for name, value in key.items()}, **new})

    def _send_changes(self, connection: Connection) -> None:
        for key, values, params in self._changes:
            statement = _change(self._table, key, values)
            for start in range(0, len(params), SENT_TOGETHER):
                connection.execute(statement, params[start : start + SENT_TOGETHER])
        self._changes = []
        self._changed_unread = False

    def _held(self, key: Mapping[str, Any]) -> dict[int, Row]:
        names = tuple(key)
        if names not in self._by:
            self._by[names] = {}
            for row in chain(self._new.values(), self._read.values()):
                self._by[names].setdefault(tuple(row[name] for name in names), {})[id(row)] = row
        return self._by[names].get(tuple(key.values()), {})

    def _file(self, row: Row) -> None:
        for names, rows in self._by.items():
            rows.setdefault(tuple(row[name] for name in names), {})[id(row)] = row

    def _unfile(self, row: Row) -> None:
        for names, rows in self._by.items():
            del rows[tuple(row[name] for name in names)][id(row)]


def _selection(table: Table, key: Names) -> Select[Any]:
    known: dict[Names, Select[Any]] = table.info.setdefault("selections", {})
    if key not in known:
        known[key] = select(table).where(and_(*(table.c[name] == bindparam(name) for name in key)))
    return known[key]


def _change(table: Table, key: Names, values: Names | None) -> Update | Delete:
    where = and_(*(table.c[name] == bindparam(f"key_{name}") for name in key))
    if values is None:
        return delete(table).where(where)
    new = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in values}
    return update(table).where(where).values(new)


class Writer:
    """What a handler writes with. It lives for one batch of one view."""

    def __init__(self, connection: Connection) -> None:
        """Write through ``connection``, in its transaction."""
        self._connection = connection
        self._tables: dict[Table, _Pending] = {}

    def insert(self, table: Table, row: Row) -> None:
        """Add a row; it names every column of the table."""
        (self._tables.get(table) or self._pending(table)).insert(row)

    def one(self, table: Table, **key: Any) -> Row:
        """The row with these values, which are not None. Raises `LookupError` if there is none."""
        return self._pending(table).one(self._connection, key)

    def update(self, table: Table, key: Mapping[str, Any], **values: Any) -> None:
        """Give the rows with the values of ``key`` (none of them None) these ``values``."""
        self._pending(table).update(key, values)

    def delete(self, table: Table, **key: Any) -> None:
        """Remove the rows with these values, which are not None."""
        self._pending(table).delete(key)

    def run(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Any:
        """Send any other statement; what was collected goes first, so it is dear in a handler that is often called."""
        self.flush()
        return self._connection.execute(statement, params)

    def flush(self) -> None:
        """Send what was collected."""
        for pending in self._tables.values():
            pending.send(self._connection)
        self._tables = {}

    def _pending(self, table: Table) -> _Pending:
        pending = self._tables.get(table)
        if pending is None:
            pending = self._tables[table] = _Pending(table)
        return pending
