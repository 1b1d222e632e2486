"""The looks that every request makes: one row by a key, straight from the driver."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

from sqlalchemy import Dialect, Engine, Select
from sqlalchemy import exc as sql_errors


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
        connection = None
        try:
            connection = engine.raw_connection()
            driver: Any = connection.driver_connection
            with_begin = dialect.name == "postgresql"  # the driver would send a BEGIN before, and need a ROLLBACK after
            if with_begin:
                driver.autocommit = True
            row = driver.execute(worded.text, worded.parameters(asked)).fetchone()
            if with_begin:
                driver.autocommit = False
        except dialect.loaded_dbapi.Error as error:
            if connection is not None:
                connection.invalidate(error)  # whatever state it is in, nobody shall get it next
            raise sql_errors.DBAPIError.instance(
                worded.text, None, error, dialect.loaded_dbapi.Error, connection_invalidated=True, dialect=dialect
            ) from error
        finally:
            if connection is not None:
                connection.close()
        return None if row is None else worded.row(row)


class _Worded:
    """The text of a query for one database, and how its values go in and come out."""

    def __init__(self, query: Select[Any], dialect: Dialect) -> None:
        compiled = query.compile(dialect=dialect)
        self.text = str(compiled)
        self._places = compiled.positiontup
        self._in = {
            name: found
            for name, bind in compiled.binds.items()
            if (found := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        columns = list(query.selected_columns)
        self._out: list[tuple[int, Callable[[Any], Any]]] = [
            (place, found)
            for place, column in enumerate(columns)
            if (found := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ]
        self._names = namedtuple("Found", [column.key for column in columns])  # type: ignore[misc]

    def parameters(self, asked: dict[str, Any]) -> Any:
        """The parameters as the driver takes them."""
        ready = {name: self._in[name](value) if name in self._in else value for name, value in asked.items()}
        return ready if self._places is None else [ready[name] for name in self._places]

    def row(self, found: Any) -> Any:
        """The row as the columns' types have it."""
        values = list(found)
        for place, convert in self._out:
            values[place] = convert(values[place])
        return self._names(*values)
