"""The stores in PostgreSQL: the record by the library's recorder, the others by SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError, StoredEvent, Transcoder
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresFactory
from eventsourcing.utils import Environment, EnvType, retry
from psycopg import sql
from psycopg.rows import DictRow, tuple_row
from psycopg_pool import PoolTimeout
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from coord.domain.errors import Unavailable
from coord.persistence.events import LAST, Entries, OrjsonTranscoder, Row, library_error


@contextmanager
def _asked_once(
    get_connection: Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]],
) -> Iterator[psycopg.Connection[DictRow]]:
    """A connection, or `Unavailable` within seconds: the library would ask ten times, and a page would wait for it."""
    try:
        with get_connection() as connection:
            yield connection
    except OperationalError as error:
        if isinstance(error.__cause__, PoolTimeout):
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
            "channel": sql.Identifier(self.channel_name),
            "patience": sql.Literal(f"{self.datastore.lock_timeout}s"),
        }

        def worded(statement: str) -> sql.Composed:
            return sql.SQL(statement).format(**names)

        self.sql_create_statements += [worded(statement) for statement in (_INDEX, _ORIGIN, _APPEND, _APPEND_ONLY)]
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

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
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
        try:
            connection = pool.getconn()
        except PoolTimeout as error:
            raise Unavailable from error
        except psycopg.Error as error:
            raise library_error(error) from error
        try:
            cursor = connection.cursor(binary=True, row_factory=tuple_row)
            return cursor.execute(statement, params, prepare=True).fetchall()
        except psycopg.Error as error:
            raise library_error(error) from error
        finally:
            pool.putconn(connection)

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def max_notification_id(self) -> int:
        """The last position, 0 in an empty record."""
        return int(self._rows(self._head)[0][0])

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def select_newer(self, originator_id: UUID, version: int) -> list[StoredEvent]:
        """The events of one stream after a version, in order."""
        return [StoredEvent(originator_id, *row) for row in self._rows(self._newer, (originator_id, version))]

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def select_newer_of(self, known: Sequence[tuple[UUID, int]]) -> list[StoredEvent]:
        """The events of several streams, of each after its version, in the order of each stream."""
        streams, versions = [stream for stream, _ in known], [version for _, version in known]
        return [StoredEvent(*row) for row in self._rows(self._newer_of, (streams, versions))]

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
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
) RETURNS SETOF bigint LANGUAGE plpgsql SET lock_timeout = {patience} AS $$
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
_APPEND_ONLY = (
    "CREATE OR REPLACE FUNCTION {schema}.append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN RAISE EXCEPTION 'the record is append-only'; END$$"
)


class PostgresStore(PostgresFactory):
    """The library's factory with our recorder, mapper and connections."""

    application_recorder_class = PostgresRecord

    def __init__(self, env: EnvType | Environment | None) -> None:
        """Ask once for a connection."""
        super().__init__(env)
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


def postgres_engine(url: str, schema: str) -> Engine:
    """An engine over one schema, whose transactions begin as `coord.persistence.Stores` says."""
    address = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(
        address,
        connect_args={"options": f"-csearch_path={schema}", "connect_timeout": 10},
        pool_size=4,
        max_overflow=12,
        pool_recycle=1800,
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("snapshot"):
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))

    return engine
