"""The stores in PostgreSQL: the record by the library's recorder, the others by SQLAlchemy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from functools import partial
from itertools import chain
from typing import Any, LiteralString, Self
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    InterfaceError,
    OperationalError,
    PersistenceError,
    StoredEvent,
    Transcoder,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresFactory
from eventsourcing.utils import Environment, EnvType
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg_pool import PoolTimeout
from sqlalchemy import Connection, Engine, create_engine, event, text

from coord.domain.errors import Unavailable
from coord.patience import QUEUE, SERVING, left
from coord.persistence import postgres_schema
from coord.persistence.events import LAST, Entries, OrjsonTranscoder, Row, library_error
from coord.persistence.together import Together

LEAST = 0.5
"""Seconds that a statement is given even when time is up: where a server answers at all, it is answered by then."""
CONNECTING = 2
"""Seconds for a new connection, unless the URL says otherwise; the library takes no less."""


def parameters_of(url: str, patience: float, schema: str | None = None, *, disposable: bool = False) -> dict[str, Any]:
    """Everything that the URL says, for every connection alike, with limits where it says nothing of them.

    What is ``disposable`` (the views: made from the record again) is committed without waiting for the disk. Raises
    psycopg's `ProgrammingError` on a URL, or a parameter in it, that PostgreSQL's library does not know.
    """
    limit, turn = round(patience * 1000), round(min(patience * 0.75, QUEUE) * 1000)
    given = {name: value for name, value in conninfo_to_dict(url).items() if value is not None}
    idle = round(max(30.0, min(patience, 300.0)) * 1000)  # of a client that stands still and holds what others need
    ours = f"-c statement_timeout={limit} -c lock_timeout={turn} -c idle_in_transaction_session_timeout={idle}"
    ours += r" -c default_transaction_isolation=read\ committed"  # who waited for a turn must see what it waited for
    ours += f" -c search_path={schema}" if schema else ""
    ours += " -c synchronous_commit=off" if disposable else ""
    noticed = {
        "connect_timeout": CONNECTING,
        "keepalives": 1,  # a server that is gone without a word is noticed
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "tcp_user_timeout": round(SERVING * 1000),
    }
    return {**noticed, **given, "options": f"{given.get('options', '')} {ours}".strip(), "patience": patience}


class PatientConnection(psycopg.Connection[Any]):
    """A connection that waits for its server no longer than there is time; then it is closed.

    The server's own limits say nothing while it stands still, nor does TCP, which the kernel answers.
    """

    patience: float = SERVING
    gave_up: bool = False
    """Whether it was closed by us, because no answer came in time."""

    @classmethod
    def connect(cls, conninfo: str = "", *, patience: float = SERVING, **kwargs: Any) -> Self:  # type: ignore[override]
        """As the driver does. Raises `psycopg.OperationalError` at once when there is no time to wait for it."""
        if left(SERVING) <= 0:
            raise psycopg.OperationalError("there is no time to connect")
        connection = super().connect(conninfo, **kwargs)
        connection.patience = patience
        return connection

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for what was sent to be answered. Raises `psycopg.OperationalError` when that takes too long."""
        if timeout is not None:  # the driver's own limit
            return super().wait(gen, interval, timeout)
        limit = max(left(self.patience), LEAST)
        until = time.monotonic() + limit
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError:
            if time.monotonic() >= until:
                self.gave_up = True
                self.pgconn.finish()
            raise


def _lost(connection: psycopg.Connection[Any]) -> bool:
    """Whether the connection had died before it was used: the next one may be alive."""
    return connection.closed and not getattr(connection, "gave_up", False)


@contextmanager
def _asked_once(
    get_connection: Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]],
) -> Iterator[psycopg.Connection[DictRow]]:
    """A connection, or `Unavailable` within seconds: the library would ask ten times, and a page would wait for it."""
    used: psycopg.Connection[DictRow] | None = None
    try:
        with get_connection() as connection:
            used = connection
            yield connection
    except (OperationalError, InterfaceError) as error:
        if isinstance(error.__cause__, PoolTimeout) or (used is not None and not _lost(used)):
            raise Unavailable from error
        raise


_Event = tuple[Any, int, str, bytes, UUID | None, bool]
"""Stream, version, topic, state; the entry that it is about, and whether it begins it."""


class PostgresRecord(PostgresApplicationRecorder):
    """The same promises as `SQLiteRecord`, kept by PostgreSQL."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Word the statements once; add the entry index, the append and what keeps rows from being changed."""
        super().__init__(*args, **kwargs)
        schema, table = self.datastore.schema, self.events_table_name
        # Of the library's statements those for its table. Its function, which nobody calls, would append with NOTIFY,
        # and that takes turns over all databases of a server.
        tables = ("CREATE TABLE ", "CREATE UNIQUE INDEX ")
        made = [statement for statement in self.sql_create_statements if statement.as_string().startswith(tables)]
        self.sql_create_statements = [*made, *postgres_schema.statements(schema, table)]
        connecting = self.datastore.pool.kwargs
        patience = connecting.get("patience", SERVING) if isinstance(connecting, dict) else SERVING
        self._together = Together(self._append_all, patience)
        names = postgres_schema.names(schema, table)

        def worded(statement: LiteralString) -> sql.Composed:
            return sql.SQL(statement).format(**names)

        self._append_each = worded(
            "SELECT * FROM {append_each}(%s::int[], %s::uuid[], %s::bigint[], %s::text[], %b::bytea[], %s::uuid[], "
            "%s::boolean[])"
        ).as_string()
        self._append = worded("SELECT {append_alone}(%s, %s::bigint[], %s, %b, %s::uuid[], %s)").as_string()
        self._append_one = worded(  # the driver sends a value in half the time of an array of one
            "SELECT {append_alone}(ARRAY[%s::uuid], ARRAY[%s::bigint], ARRAY[%s], ARRAY[%b::bytea], "
            "ARRAY[%s::uuid], ARRAY[%s])"
        ).as_string()
        self._try = worded("SELECT {try_writing}()").as_string()
        self._head = worded("SELECT COALESCE(MAX(notification_id), 0) FROM {events}").as_string()
        self._newer = worded(
            "SELECT originator_version, topic, state FROM {events} "
            "WHERE originator_id=%s AND originator_version>%s ORDER BY originator_version"
        ).as_string()
        # LATERAL and OFFSET 0: one look into the index for each, never a scan of the whole table.
        self._newer_of = worded(
            "SELECT e.originator_id, e.originator_version, e.topic, e.state "
            "FROM unnest(%s::uuid[], %s::bigint[]) AS known (stream, version) CROSS JOIN LATERAL ("
            "SELECT * FROM {events} WHERE originator_id=stream AND originator_version>version OFFSET 0) e ORDER BY 1, 2"
        ).as_string()
        self._of_entries = worded(
            "SELECT i.entry_id, e.originator_id, e.originator_version, e.topic, e.state "
            "FROM unnest(%s::uuid[], %s::bigint[]) AS known (entry, version) CROSS JOIN LATERAL ("
            "SELECT * FROM {index} WHERE entry_id=entry AND originator_version>version OFFSET 0) i "
            "CROSS JOIN LATERAL (SELECT * FROM {events} WHERE originator_id=i.originator_id "
            "AND originator_version=i.originator_version OFFSET 0) e ORDER BY i.entry_id, i.originator_version"
        ).as_string()
        self._of_entry = worded(
            "SELECT e.originator_id, e.originator_version, e.topic, e.state FROM {index} i "
            "JOIN {events} e USING (originator_id, originator_version) "
            "WHERE i.entry_id=%s ORDER BY i.originator_version"
        ).as_string()
        self._after = worded(
            "SELECT notification_id, originator_id, originator_version, topic, state FROM {events} "
            "WHERE notification_id>%s AND notification_id<=%s ORDER BY notification_id LIMIT %s"
        ).as_string()
        self._positions = worded(
            "SELECT originator_version, notification_id FROM {events} "
            "WHERE originator_id=%s ORDER BY originator_version"
        ).as_string()

    def insert_events(self, stored_events: Sequence[StoredEvent], *, entries: Entries = (), **_: Any) -> Sequence[int]:
        """Events, their positions in commit order, and the indexes, all or nothing; the positions.

        One statement is one round trip and its own transaction, so the turn is held while the server works and never
        while it waits for us. Threads that wait for each other share one, in which each succeeds or fails alone.
        """
        if not stored_events:
            return []
        given = entries or [None] * len(stored_events)
        rows = [
            (e.originator_id, e.originator_version, e.topic, e.state, about and about[0], bool(about and about[1]))
            for e, about in zip(stored_events, given, strict=True)
        ]
        last = self._together.do(rows)
        return list(range(last - len(rows) + 1, last + 1))

    def _append_all(self, appends: Sequence[Sequence[_Event]]) -> list[int | Exception]:
        """Append what one or several threads have; for each the last position, or why there is none."""
        try:
            if len(appends) == 1:
                return [self._append_alone(appends[0])]
            columns = [list(column) for column in zip(*chain.from_iterable(appends), strict=True)]
            answers = self._rows(self._append_each, [[len(append) for append in appends], *columns])
        except (PersistenceError, Unavailable) as error:
            return [_another(error) for _ in appends]
        return [last if code is None else _refused(code, said) for last, code, said in answers]

    def _append_alone(self, events: Sequence[_Event]) -> int:
        if len(events) == 1:
            rows = self._rows(self._append_one, events[0])
        else:
            rows = self._rows(self._append, [list(column) for column in zip(*events, strict=True)])
        return int(rows[-1][0])

    def _create_table(self, curs: Any) -> None:
        take_turn(curs, self.datastore.schema, "tables")  # workers start at once, and replace the same functions
        super()._create_table(curs)

    def _rows(self, statement: str, params: Sequence[Any] = ()) -> list[Any]:
        """What one statement gives. Connections commit each statement by itself, so it is one round trip."""
        pool = self.datastore.pool
        for attempt in range(pool.max_size + 1):  # each that died is found out by using it
            try:
                connection = pool.getconn(timeout=max(left(pool.timeout), LEAST))
            except PoolTimeout as error:
                raise Unavailable from error
            except psycopg.Error as error:
                raise library_error(error) from error
            try:
                cursor = connection.cursor(binary=True, row_factory=tuple_row)
                return cursor.execute(statement, params, prepare=True).fetchall()
            except psycopg.Error as error:
                if not _lost(connection) or attempt == pool.max_size or left(SERVING) <= 0:
                    raise library_error(error) from error
            finally:
                pool.putconn(connection)
        raise Unavailable  # not reached: the last attempt has an answer or an error

    def try_writing(self) -> None:
        """Take the lock that an append needs, and give it back. Raises what an append would raise."""
        self._rows(self._try)

    def max_notification_id(self) -> int:
        """The last position, 0 in an empty record."""
        return int(self._rows(self._head)[0][0])

    def select_newer(self, originator_id: UUID, version: int) -> list[StoredEvent]:
        """The events of one stream after a version, in order."""
        return [StoredEvent(originator_id, *row) for row in self._rows(self._newer, (originator_id, version))]

    def select_newer_of(self, known: Sequence[tuple[UUID, int]]) -> list[StoredEvent]:
        """The events of several streams, of each after its version, in the order of each stream."""
        streams, versions = [stream for stream, _ in known], [version for _, version in known]
        return [StoredEvent(*row) for row in self._rows(self._newer_of, (streams, versions))]

    def select_rows(self, after: int, limit: int, until: int | None = None) -> list[Row]:
        """At most ``limit`` events after a position, up to ``until``, as `Row`."""
        return self._rows(self._after, (after, LAST if until is None else until, limit))

    def select_entry_events(self, entry_id: UUID) -> list[StoredEvent]:
        """Every stored event about one entry, in order."""
        return [StoredEvent(*row) for row in self._rows(self._of_entry, (entry_id,))]

    def select_entries(self, known: Sequence[tuple[UUID, int]]) -> list[tuple[UUID, StoredEvent]]:
        """The stored events about several entries, of each after a version of its stream, with the entry; in the order
        of each."""
        entries, versions = [entry for entry, _ in known], [version for _, version in known]
        return [(row[0], StoredEvent(*row[1:])) for row in self._rows(self._of_entries, (entries, versions))]

    def select_positions(self, originator_id: UUID) -> list[tuple[int, int]]:
        """(version, position) of every event of one stream."""
        return [(row[0], row[1]) for row in self._rows(self._positions, (originator_id,))]


def _refused(code: str, said: str) -> PersistenceError:
    """What the server said of one append of several, as if it had been the only one."""
    try:
        kind: type[psycopg.Error] = psycopg.errors.lookup(code)
    except KeyError:
        kind = psycopg.DatabaseError
    cause = kind(said)
    refusal = library_error(cause)
    refusal.__cause__ = cause
    return refusal


def _another(error: Exception) -> Exception:
    """The same error for one more thread: each adds to it where it was raised."""
    same = copy(error)
    same.__cause__ = error.__cause__
    return same


class PostgresStore(PostgresFactory):
    """The library's factory with our recorder, mapper and connections."""

    application_recorder_class = PostgresRecord

    def __init__(self, env: EnvType | Environment | None) -> None:
        """Connect with all that the URL says, where the library knows five parameters; and ask once for a connection.

        Nothing is connected before the first use.
        """
        super().__init__(env)
        patience = float(self.env.get("PATIENCE_SECONDS") or SERVING)
        pool = self.datastore.pool
        pool.connection_class = PatientConnection
        pool.kwargs = {**parameters_of(str(self.env.get("COORD_DATABASE_URL")), patience), "row_factory": dict_row}
        pool.reconnect_timeout = CONNECTING  # then it is asked for anew, rather than after a pause that has doubled
        once = partial(_asked_once, self.datastore.get_connection)
        self.datastore.get_connection = once  # type: ignore[method-assign]

    def transcoder(self) -> Transcoder:
        """Plain JSON."""
        return OrjsonTranscoder()


_IN_USE = {
    "record": ("record.stored_events", "true"),
    "access": ("access.looks", "true"),
    "office": ("office.accounts", "true"),
    "views": ("views.view_state", "position > 0"),
}


def present_at(connection: psycopg.Connection[Any]) -> dict[str, bool]:
    """The stores that are there, each with whether there is anything in it."""
    found = {}
    for store, (table, where) in _IN_USE.items():
        there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
        if there and there[0]:
            some = connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {where})".encode())  # noqa: S608
            found[store] = bool((some.fetchone() or [False])[0])
    return found


_TURN: LiteralString = "SELECT pg_advisory_xact_lock(%s)"


def take_turn(cursor: Any, schema: str, turn: str) -> None:
    """Wait for a turn of a schema, over all processes; the end of the transaction gives it back."""
    cursor.execute(_TURN, [postgres_schema.turn_key(schema, turn)])


def postgres_engine(url: str, schema: str, patience: float = SERVING, *, disposable: bool = False) -> Engine:
    """An engine over one schema, whose transactions begin as `coord.persistence.Stores` says."""
    parameters = parameters_of(url, patience, schema, disposable=disposable)
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: PatientConnection.connect(**parameters),
        pool_size=4,
        max_overflow=12,
        pool_timeout=min(patience / 2, QUEUE),
        pool_recycle=1800,
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("snapshot"):
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        if turn := options.get("turn"):
            connection.exec_driver_sql(_TURN, (postgres_schema.turn_key(schema, turn),))

    return engine
