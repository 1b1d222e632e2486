"""What every request asks and says: statements that are worded once, and go straight to the driver from then on."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Dialect, Engine, Insert, Select, Uuid
from sqlalchemy import exc as sql_errors
from sqlalchemy.types import TypeEngine


class Lookup:
    """A SELECT of at most one row, worked out once for a database and then sent as it is.

    One statement needs no transaction around it. SQLAlchemy's own way to ask costs six times as much on SQLite, and on
    PostgreSQL three round trips for one.
    """

    def __init__(self, query: Select[Any]) -> None:
        """``query`` has named parameters (``bindparam``), and each of its columns a name of its own."""
        self._query = query
        self._worded: dict[str, _Worded] = {}

    def first(self, engine: Engine, **asked: Any) -> Any | None:
        """The row as a named tuple, None if there is none. Raises what SQLAlchemy raises."""
        dialect = engine.dialect
        worded = self._worded.get(dialect.name)
        if worded is None:
            worded = self._worded[dialect.name] = _Worded(self._query, dialect)
        parameters, connection = worded.parameters(asked), None  # what cannot be asked is found out before
        try:
            connection = engine.raw_connection()
            driver: Any = connection.driver_connection
            with_begin = dialect.name == "postgresql"  # the driver would send a BEGIN before, and need a ROLLBACK after
            if with_begin:
                driver.autocommit = True
            row = driver.execute(worded.text, parameters).fetchone()
            if with_begin:
                driver.autocommit = False
        except dialect.loaded_dbapi.Error as error:
            if connection is not None:
                connection.invalidate(error)  # whatever state it is in, nobody shall get it next
            raise sql_errors.DBAPIError.instance(
                worded.text, None, error, dialect.loaded_dbapi.Error, connection_invalidated=True, dialect=dialect
            ) from error
        except BaseException:
            if connection is not None:
                connection.invalidate()
            raise
        finally:
            if connection is not None:
                connection.close()
        return None if row is None else worded.row(row)


class Asked:
    """Statements of any number of rows, each worded once for a database, and asked within a transaction.

    To put a statement together anew costs twice what it costs to ask it, and to look up that it is the same as before
    as much again. Parameters are named, a list of them is one parameter (`coord.columns.given`), and each column of a
    SELECT has a name of its own.
    """

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._worded: dict[tuple[Hashable, ...], _Worded] = {}

    def all(
        self, connection: Connection, made: Callable[..., Select[Any]], *alike: Hashable, **asked: Any
    ) -> list[dict[str, Any]]:
        """What a statement finds that is ``made`` for all who are ``alike``: that is what it is found by, so that
        nobody gets what was made for others. Raises what SQLAlchemy raises."""
        worded = self._of(connection, made, alike)
        return worded.mappings(_sent(connection, worded.text, worded.parameters(asked)))

    def add(self, connection: Connection, made: Callable[[], Insert], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, of all columns but the key, which the database counts."""
        if rows:
            worded = self._of(connection, made, ())
            _sent(connection, worded.text, *map(worded.parameters, rows))

    def _of(self, connection: Connection, made: Callable[..., Any], alike: tuple[Hashable, ...]) -> _Worded:
        key = (connection.dialect.name, getattr(made, "__func__", made), *alike)  # of a method the function
        found = self._worded.get(key)
        if found is None:
            found = self._worded[key] = _Worded(made(*alike), connection.dialect)
        return found


def _sent(connection: Connection, text: str, *parameters: Any) -> list[Any]:
    """What the driver answers within the connection's transaction.

    SQLAlchemy's own way there costs more than most of what is asked. Who listens to statements hears this one too; what
    fails is told, and a connection that is gone is given up, as SQLAlchemy does it.
    """
    cursor: Any = None
    many = len(parameters) != 1
    said = parameters if many else parameters[0]
    try:
        cursor = connection.connection.cursor()
        for heard in connection.dispatch.before_cursor_execute:
            heard(connection, cursor, text, said, None, many)
        (cursor.executemany if many else cursor.execute)(text, said)
        found = cursor.fetchall() if cursor.description else []
    except BaseException as error:
        dbapi = isinstance(error, connection.dialect.loaded_dbapi.Error)
        connection._handle_dbapi_exception(error, text if dbapi else None, None, cursor, None)
    cursor.close()
    return found


class _Worded:
    """The text of a query for one database, and how its values go in and come out."""

    def __init__(self, query: Select[Any] | Insert, dialect: Dialect) -> None:
        said = None if isinstance(query, Select) else [c.name for c in query.table.columns if not c.primary_key]
        compiled: Any = query.compile(dialect=dialect, column_keys=said)
        asked = {name: None for name, bind in compiled.binds.items() if bind.required}
        whole = compiled.construct_expanded_state(asked)  # with the lists that stand in the statement itself
        self.text = whole.statement
        self._in = {
            name: found
            for name, bind in compiled.binds.items()
            if (found := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        self._fixed = {
            name: told(value) if (told := {**self._in, **whole.processors}.get(name)) else value
            for name, value in whole.parameters.items()
            if name not in asked
        }
        places = whole.positiontup  # none where the driver takes names
        self._order = None if places is None else [(name, self._in.get(name)) for name in places]
        columns = list(query.selected_columns) if isinstance(query, Select) else []
        self._out: list[tuple[int, Callable[[Any], Any]]] = [
            (place, found)
            for place, column in enumerate(columns)
            if (found := _way_out(column.type.dialect_impl(dialect), dialect)) is not None
        ]
        self._columns = [str(column.key) for column in columns]
        self._named = namedtuple("Found", self._columns)  # type: ignore[misc]

    def parameters(self, asked: Mapping[str, Any]) -> Any:
        """The parameters as the driver takes them."""
        if self._order is None:
            return self._fixed | {n: self._in[n](value) if n in self._in else value for n, value in asked.items()}
        return tuple(
            [
                self._fixed[name] if name in self._fixed else asked[name] if told is None else told(asked[name])
                for name, told in self._order
            ]
        )

    def mappings(self, found: Sequence[Any]) -> list[dict[str, Any]]:
        """Each row by the names of its columns."""
        names, rows = self._columns, []
        for one in found:
            rows.append(dict(zip(names, self._values(one), strict=True)))
        return rows

    def row(self, found: Any) -> Any:
        """The row as the columns' types have it."""
        return self._named(*self._values(found))

    def _values(self, found: Any) -> list[Any]:
        values = list(found)
        for place, convert in self._out:
            value = values[place]
            if value is not None:
                values[place] = convert(value)
        return values


# Most ids come again soon: the same child, the same author. What is read once is the same object then.
@lru_cache(8192)
def known_uuid(text: str) -> UUID:
    """The id that ``text`` spells. Raises `ValueError`."""
    return UUID(int=int(text.replace("-", ""), 16))  # half of the time that UUID(text) takes


def _way_out(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """How a column's values come out of the driver; None, as they are. SQLite has ids as text."""
    if isinstance(kind, Uuid) and dialect.name == "sqlite":
        return known_uuid
    return kind.result_processor(dialect, None)
