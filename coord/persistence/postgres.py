"""The stores in PostgreSQL: the record by the library's recorder, the others by SQLAlchemy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, Self
from uuid import UUID

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError, StoredEvent, Transcoder
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresFactory
from eventsourcing.utils import Environment, EnvType
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg_pool import PoolTimeout
from sqlalchemy import Connection, Engine, create_engine, event, text

from coord.domain.errors import Unavailable
from coord.patience import QUEUE, SERVING, left
from coord.persistence.events import LAST, Entries, OrjsonTranscoder, Row, library_error

LEAST = 0.5
"""Seconds that a statement is given even when time is up: where a server answers at all, it is answered by then."""
CONNECTING = 2
"""Seconds for a new connection, unless the URL says otherwise; the library takes no less."""


def parameters_of(url: str, patience: float, schema: str | None = None) -> dict[str, Any]:
    """Everything that the URL says, for every connection alike, with limits where it says nothing of them.

    Raises psycopg's `ProgrammingError` on a URL, or a parameter in it, that PostgreSQL's library does not know.
    """
    limit, turn = round(patience * 1000), round(min(patience * 0.75, QUEUE) * 1000)
    given = {name: value for name, value in conninfo_to_dict(url).items() if value is not None}
    idle = round(max(10.0, min(patience, 300.0)) * 1000)  # of a client that stands still and holds what others need
    ours = f"-c statement_timeout={limit} -c lock_timeout={turn} -c idle_in_transaction_session_timeout={idle}"
    ours += f" -c search_path={schema}" if schema else ""
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


class PostgresRecord(PostgresApplicationRecorder):
    """The same promises as `SQLiteRecord`, kept by PostgreSQL."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Word the statements once; add the entry index, the append and what keeps rows from being changed."""
        super().__init__(*args, **kwargs)
        names = {
            "schema": sql.Identifier(self.datastore.schema),
            "events": sql.Identifier(self.datastore.schema, self.events_table_name),
            "index": sql.Identifier(self.datastore.schema, "entry_index"),
            "origin": sql.Identifier(self.datastore.schema, "entry_origin"),
            "append": sql.Identifier(self.datastore.schema, "append"),
            "try_writing": sql.Identifier(self.datastore.schema, "try_writing"),
            "channel": sql.Identifier(self.channel_name),
        }

        def worded(statement: str) -> sql.Composed:
            return sql.SQL(statement).format(**names)

        self.sql_create_statements += [
            worded(statement) for statement in (_INDEX, _ORIGIN, _APPEND, _TRY, _APPEND_ONLY)
        ]
        for table in ("events", "index", "origin"):
            trigger = sql.Identifier("events_append_only" if table == "events" else f"entry_{table}_append_only")
            self.sql_create_statements.append(
                sql.SQL(
                    "CREATE OR REPLACE TRIGGER {} BEFORE UPDATE OR DELETE OR TRUNCATE ON {} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION {}.append_only()"
                ).format(trigger, names[table], names["schema"])
            )
        self._append = worded("SELECT {append}(%s, %s::bigint[], %s, %b, %s::uuid[], %s)").as_string()
        self._append_one = worded(  # the driver sends a value in half the time of an array of one
            "SELECT {append}(ARRAY[%s::uuid], ARRAY[%s::bigint], ARRAY[%s], ARRAY[%b::bytea], "
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
        """Events, their positions in commit order, and the indexes, in one statement; the positions.

        One statement is one round trip and its own transaction, so the table is locked while the server works and never
        while it waits for us.
        """
        if not stored_events:
            return []
        events = [
            (
                e.originator_id,
                e.originator_version,
                e.topic,
                e.state,
                entry and entry[0],
                entry is not None and entry[1],
            )
            for e, entry in zip(stored_events, entries or [None] * len(stored_events), strict=True)
        ]
        if len(events) == 1:
            rows = self._rows(self._append_one, events[0])
        else:
            rows = self._rows(self._append, [list(column) for column in zip(*events, strict=True)])
        return [row[0] for row in rows]

    def _create_table(self, curs: Any) -> None:
        curs.execute("SELECT pg_advisory_xact_lock(4711)")  # workers start at once, and replace the same functions
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


_INDEX = (
    "CREATE TABLE IF NOT EXISTS {index} (entry_id uuid NOT NULL, originator_id uuid NOT NULL, "
    "originator_version bigint NOT NULL, PRIMARY KEY (entry_id, originator_version))"
)
_ORIGIN = "CREATE TABLE IF NOT EXISTS {origin} (entry_id uuid PRIMARY KEY, originator_id uuid NOT NULL)"
# One writer at a time, so that positions appear in the order of commits; and who listens hears of it.
_APPEND = """
CREATE OR REPLACE FUNCTION {append}(
    streams uuid[], versions bigint[], topics text[], states bytea[], entries uuid[], opens boolean[]
) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE {events} IN EXCLUSIVE MODE;
    INSERT INTO {index} SELECT entry, stream, version
        FROM unnest(entries, streams, versions) AS t (entry, stream, version) WHERE entry IS NOT NULL;
    INSERT INTO {origin} SELECT entry, stream
        FROM unnest(entries, streams, opens) AS t (entry, stream, opened) WHERE opened;
    NOTIFY {channel};
    RETURN QUERY INSERT INTO {events} (originator_id, originator_version, topic, state)
        SELECT * FROM unnest(streams, versions, topics, states) RETURNING notification_id;
END $$
"""
# Only a statement that writes needs this lock, so a server that is read-only refuses it.
_TRY = (
    "CREATE OR REPLACE FUNCTION {try_writing}() RETURNS void LANGUAGE plpgsql AS "
    "$$BEGIN LOCK TABLE {events} IN EXCLUSIVE MODE; END$$"
)
_APPEND_ONLY = (
    "CREATE OR REPLACE FUNCTION {schema}.append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN RAISE EXCEPTION 'the record is append-only'; END$$"
)


class PostgresStore(PostgresFactory):
    """The library's factory with our recorder, mapper and connections."""

    application_recorder_class = PostgresRecord

    def __init__(self, env: EnvType | Environment | None) -> None:
        """Connect with all that the URL says, where the library knows five parameters; and ask once for a connection.

        Nothing is connected before the first use.
        """
        super().__init__(env)
        patience = float(self.env.get("STORE_PATIENCE") or SERVING)
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


def postgres_engine(url: str, schema: str, patience: float = SERVING) -> Engine:
    """An engine over one schema, whose transactions begin as `coord.persistence.Stores` says."""
    parameters = parameters_of(url, patience, schema)
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: PatientConnection.connect(**parameters),
        pool_size=4,
        max_overflow=12,
        pool_timeout=SERVING / 2,
        pool_recycle=1800,
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("snapshot"):
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))

    return engine
