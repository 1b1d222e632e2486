"""From settings to stores. The only file that knows SQLite from PostgreSQL.

Four stores: the record (events, by the eventsourcing library), the access log, the views (disposable) and the office
(accounts, drafts, tokens). SQLite keeps each in a file of its own, so that one never waits for another's writer;
PostgreSQL keeps each in a schema of its own.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, cast, get_type_hints
from uuid import UUID

import orjson
import psycopg
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    InterfaceError,
    Mapper,
    MapperDeserialisationError,
    Notification,
    OperationalError,
    StoredEvent,
    Transcoder,
)
from eventsourcing.postgres import (
    PostgresApplicationRecorder,
    PostgresFactory,
)
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteFactory,
)
from eventsourcing.utils import Environment, EnvType, get_topic, resolve_topic, retry
from psycopg import sql
from psycopg.rows import DictRow, tuple_row
from psycopg_pool import PoolTimeout
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from coord.domain.errors import Unavailable
from coord.settings import Settings, SettingsError

SCHEMAS = ("record", "access", "views", "office")
BULK = ("PRAGMA cache_size=-32768", "PRAGMA wal_autocheckpoint=16384", "PRAGMA secure_delete=OFF")
"""For a large transaction on views (SQLite): its pages stay in memory until they are whole, where two megabytes are
usual, and are copied out of the WAL seldom. What is dropped is not filled with zeros: the record keeps it anyway."""
Row = tuple[int, UUID, int, str, bytes]
"""An event as it is stored: position, stream, version, topic, state."""
LAST = 2**63 - 1
"""No position comes after this one."""
BUSY_TIMEOUT = 30  # seconds that a SQLite connection waits for another's write to end


# ---- how an event becomes bytes ----------------------------------------------------------------------------------


class OrjsonTranscoder(Transcoder):
    """JSON by orjson: dates, UUIDs and text enumerations become plain text, and `CoordMapper` turns them back."""

    def encode(self, obj: Any) -> bytes:
        """Bytes of ``obj``."""
        return orjson.dumps(obj)

    def decode(self, data: bytes) -> Any:
        """What ``data`` held, with texts where there were dates and UUIDs."""
        return orjson.loads(data)


# Most ids and times come again soon: the same child, the same author, the same moment in several fields. What is read
# once is the same object then, which also makes it cheap to write.
@lru_cache(8192)
def _uuid(text: str) -> UUID:
    return UUID(int=int(text.replace("-", ""), 16))  # half of the time that UUID(text) takes


_CONVERTERS: dict[type, Callable[[Any], Any]] = {UUID: _uuid, datetime: lru_cache(8192)(datetime.fromisoformat)}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What there is to know of an event's class before its state can be read."""

    cls: type
    version: int
    conversions: tuple[tuple[str, Callable[[Any], Any]], ...]


@lru_cache(None)  # as many as there are topics
def _shape(topic: str) -> _Shape:
    cls = resolve_topic(topic)
    hints = get_type_hints(cls)
    conversions = tuple(
        (name, _CONVERTERS[hint])
        for name, hint in hints.items()
        if hint in _CONVERTERS and name not in ("originator_id", "originator_version")
    )
    return _Shape(cls, getattr(cls, "class_version", 1), conversions)


class CoordMapper(Mapper[UUID]):
    """The library's mapper with plain JSON in the store: readable without our code, and fast to read again."""

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """The event that ``stored_event`` holds. Raises `MapperDeserialisationError` on bytes that are none."""
        e = stored_event
        return self.decoded(cast("UUID", e.originator_id), e.originator_version, e.topic, e.state)

    def decoded(
        self, originator_id: UUID, originator_version: int, topic: str, stored: bytes
    ) -> DomainEventProtocol[UUID]:
        """The event in a row of the record, without the library's object in between."""
        shape = _shape(topic)
        try:
            state: dict[str, Any] = orjson.loads(stored)
            from_version = state.pop("class_version", 1)
            while from_version < shape.version:
                getattr(shape.cls, f"upcast_v{from_version}_v{from_version + 1}")(state)
                from_version += 1
            for name, convert in shape.conversions:
                value = state.get(name)
                if value is not None:
                    state[name] = convert(value)
        except Exception as error:
            where = f"{topic} {originator_id}/{originator_version}"
            raise MapperDeserialisationError(f"{where}: {error}") from error
        state["originator_id"] = originator_id
        state["originator_version"] = originator_version
        domain_event: DomainEventProtocol[UUID] = object.__new__(shape.cls)
        object.__setattr__(domain_event, "__dict__", state)
        return domain_event


# ---- the record in SQLite ----------------------------------------------------------------------------------------


class _SafePool(SQLiteConnectionPool):
    """Connections that wait for their turn and never acknowledge what a power cut could take back."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        _secure_sqlite(connection._sqlite_conn, "FULL")
        return connection


def _secure_sqlite(connection: sqlite3.Connection, synchronous: str) -> None:
    """Set and assert WAL and the synchronous level (FULL = 2, NORMAL = 1)."""
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT * 1000}")
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    level = connection.execute("PRAGMA synchronous").fetchone()[0]
    if mode != "wal" or level != {"FULL": 2, "NORMAL": 1}[synchronous]:
        raise SettingsError(f"SQLite refused WAL with synchronous={synchronous} (it says {mode}, {level})")


class SQLiteRecord(SQLiteApplicationRecorder):
    """Events with lasting positions and an index by entry; rows can be added, never changed or removed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the columns: the table has one more than the library's."""
        super().__init__(*args, **kwargs)
        events_table = self.events_table_name
        self.insert_events_statement = (
            f"INSERT INTO {events_table} "  # noqa: S608 - every name in these statements is our own
            "(originator_id, originator_version, topic, state) VALUES (?,?,?,?)"
        )
        self.select_max_notification_id_statement = f"SELECT COALESCE(MAX(id), 0) FROM {events_table}"  # noqa: S608

    def construct_create_table_statements(self) -> list[str]:
        """Positions are declared (AUTOINCREMENT), for implicit row ids are renumbered by a dump and reused."""
        name = self.events_table_name
        never = [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END"
            for table in (name, "entry_index", "entry_origin")
            for verb in ("update", "delete")
        ]
        events = (
            f"CREATE TABLE IF NOT EXISTS {name} (id INTEGER PRIMARY KEY AUTOINCREMENT, originator_id TEXT NOT NULL, "
            "originator_version INTEGER NOT NULL, topic TEXT NOT NULL, state BLOB NOT NULL, "
            "UNIQUE (originator_id, originator_version))"
        )
        index = (
            "CREATE TABLE IF NOT EXISTS entry_index (entry_id TEXT NOT NULL, originator_id TEXT NOT NULL, "
            "originator_version INTEGER NOT NULL, PRIMARY KEY (entry_id, originator_version)) WITHOUT ROWID"
        )
        # An entry belongs to one child for ever, also when the same id is sent for two of them at once.
        origin = (
            "CREATE TABLE IF NOT EXISTS entry_origin "
            "(entry_id TEXT PRIMARY KEY, originator_id TEXT NOT NULL) WITHOUT ROWID"
        )
        return [events, index, origin, *never]

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        ids = super()._insert_events(c, stored_events)
        entries = kwargs.get("entries")
        if entries:
            c.executemany("INSERT INTO entry_index VALUES (?,?,?)", [(e.hex, o.hex, v) for e, o, v, _ in entries])
            c.executemany("INSERT INTO entry_origin VALUES (?,?)", [(e.hex, o.hex) for e, o, _, new in entries if new])
        return ids

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """At most ``limit`` events from (or after) position ``start``, up to ``stop``, of ``topics`` if named."""
        where, params = ["1=1"], list[int | str]()
        if start is not None:
            where.append("id>=?" if inclusive_of_start else "id>?")
            params.append(start)
        if stop is not None:
            where.append("id<=?")
            params.append(stop)
        if topics:
            where.append(f"topic IN ({','.join('?' * len(topics))})")
            params += topics
        statement = (
            f"SELECT id, originator_id, originator_version, topic, state FROM {self.events_table_name} "  # noqa: S608
            f"WHERE {' AND '.join(where)} ORDER BY id LIMIT ?"
        )
        with self.datastore.transaction(commit=False) as c:
            c.execute(statement, [*params, limit])
            return [Notification(UUID(r[1]), r[2], r[3], r[4], r[0]) for r in c.fetchall()]

    def select_rows(self, after: int, limit: int, until: int | None = None) -> list[Row]:
        """At most ``limit`` events after a position, up to ``until``, as `Row`."""
        statement = (
            "SELECT id, originator_id, originator_version, topic, state "  # noqa: S608
            f"FROM {self.events_table_name} WHERE id>? AND id<=? ORDER BY id LIMIT ?"
        )
        with self.datastore.transaction(commit=False) as c:
            c.execute(statement, (after, LAST if until is None else until, limit))
            return [(r[0], _uuid(r[1]), r[2], r[3], r[4]) for r in c.fetchall()]

    def select_entry_events(self, entry_id: UUID) -> list[StoredEvent]:
        """Every stored event about one entry, in order."""
        with self.datastore.transaction(commit=False) as c:
            c.execute(
                "SELECT e.originator_id, e.originator_version, e.topic, e.state FROM entry_index i "  # noqa: S608
                f"JOIN {self.events_table_name} e USING (originator_id, originator_version) "
                "WHERE i.entry_id=? ORDER BY i.originator_version",
                (entry_id.hex,),
            )
            return [StoredEvent(UUID(r[0]), r[1], r[2], r[3]) for r in c.fetchall()]

    def select_positions(self, originator_id: UUID) -> list[tuple[int, int]]:
        """(version, position) of every event of one stream."""
        with self.datastore.transaction(commit=False) as c:
            c.execute(
                f"SELECT originator_version, id FROM {self.events_table_name} WHERE originator_id=? "  # noqa: S608
                "ORDER BY originator_version",
                (originator_id.hex,),
            )
            return [(r[0], r[1]) for r in c.fetchall()]


class SQLiteStore(SQLiteFactory):
    """The library's factory with our recorder, mapper and connection settings."""

    application_recorder_class = SQLiteRecord

    def __init__(self, env: EnvType | Environment | None) -> None:
        """Replace the pool before any connection is made."""
        super().__init__(env)
        old = self.datastore.pool
        self.datastore.pool = _SafePool(
            db_name=old.db_name, lock_timeout=BUSY_TIMEOUT, pool_size=8, max_overflow=24, pool_timeout=BUSY_TIMEOUT
        )
        old.close()

    def transcoder(self) -> Transcoder:
        """Plain JSON."""
        return OrjsonTranscoder()


# ---- the record in PostgreSQL ------------------------------------------------------------------------------------


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
        """Add the entry index and the triggers that keep rows from being changed."""
        super().__init__(*args, **kwargs)
        schema = sql.Identifier(self.datastore.schema)
        self._index = sql.SQL("{}.entry_index").format(schema)
        self._origin = sql.SQL("{}.entry_origin").format(schema)
        self._events = sql.SQL("{}.{}").format(schema, sql.Identifier(self.events_table_name))
        # One writer at a time, so that positions appear in the order of commits; and the follower hears of it.
        self._turn = sql.SQL("SET LOCAL lock_timeout = '{}s'; LOCK TABLE {} IN EXCLUSIVE MODE; NOTIFY {}").format(
            sql.SQL(str(self.datastore.lock_timeout)), self._events, sql.Identifier(self.channel_name)
        )
        self.sql_create_statements.append(
            sql.SQL(
                "CREATE TABLE IF NOT EXISTS {} (entry_id uuid NOT NULL, originator_id uuid NOT NULL, "
                "originator_version bigint NOT NULL, PRIMARY KEY (entry_id, originator_version))"
            ).format(self._index)
        )
        self.sql_create_statements.append(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} (entry_id uuid PRIMARY KEY, originator_id uuid NOT NULL)").format(
                self._origin
            )
        )
        self.sql_create_statements.append(
            sql.SQL(
                "CREATE OR REPLACE FUNCTION {}.append_only() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN RAISE EXCEPTION 'the record is append-only'; END$$"
            ).format(schema)
        )
        for table, name in ((self._events, "events"), (self._index, "entry_index"), (self._origin, "entry_origin")):
            self.sql_create_statements.append(
                sql.SQL(
                    "CREATE OR REPLACE TRIGGER {} BEFORE UPDATE OR DELETE OR TRUNCATE ON {} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION {}.append_only()"
                ).format(sql.Identifier(f"{name}_append_only"), table, schema)
            )

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Events, their positions in commit order, and the indexes, in one transaction; the positions.

        Not by the library's pipeline: with some hundred kilobytes in it, psycopg 3.3 was seen to wait for good for a
        server that waited for the rest.
        """
        if not stored_events:
            return []
        with self.datastore.get_connection() as conn, conn.transaction(), conn.cursor() as curs:
            curs.execute(self._turn)
            self._insert_indexes(curs, kwargs.get("entries") or ())
            self._insert_prepared(curs, stored_events)
            return [row["notification_id"] for row in curs.fetchall()]

    def _insert_prepared(self, curs: Any, stored_events: Sequence[StoredEvent]) -> None:
        make = self.construct_pg_stored_event
        rows = [make(e.originator_id, e.originator_version, e.topic, e.state) for e in stored_events]
        curs.execute(self.insert_events_statement, (rows,), prepare=True)

    def _insert_indexes(self, curs: Any, entries: Sequence[tuple[UUID, UUID, int, bool]]) -> None:
        if entries:
            ids, streams, versions, _ = map(list, zip(*entries, strict=True))
            many = sql.SQL("INSERT INTO {} SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[])")
            curs.execute(many.format(self._index), (ids, streams, versions), prepare=True)
        origins = [e[:2] for e in entries if e[3]]
        if origins:
            ids, streams = map(list, zip(*origins, strict=True))
            many = sql.SQL("INSERT INTO {} SELECT * FROM unnest(%s::uuid[], %s::uuid[])")
            curs.execute(many.format(self._origin), (ids, streams), prepare=True)

    def max_notification_id(self) -> int:
        """The last position, 0 in an empty record."""
        return super().max_notification_id() or 0

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def select_rows(self, after: int, limit: int, until: int | None = None) -> list[Row]:
        """At most ``limit`` events after a position, up to ``until``, as `Row`."""
        statement = sql.SQL(
            "SELECT notification_id, originator_id, originator_version, topic, state "
            "FROM {} WHERE notification_id>%s AND notification_id<=%s ORDER BY notification_id LIMIT %s"
        ).format(self._events)
        with self.datastore.get_connection() as conn, conn.cursor(row_factory=tuple_row) as curs:
            curs.execute(statement, (after, LAST if until is None else until, limit), prepare=True)
            return curs.fetchall()

    def select_entry_events(self, entry_id: UUID) -> list[StoredEvent]:
        """Every stored event about one entry, in order."""
        with self.datastore.get_connection() as conn, conn.cursor() as curs:
            curs.execute(
                sql.SQL(
                    "SELECT e.originator_id, e.originator_version, e.topic, e.state FROM {} i "
                    "JOIN {} e USING (originator_id, originator_version) WHERE i.entry_id=%s "
                    "ORDER BY i.originator_version"
                ).format(self._index, self._events),
                (entry_id,),
                prepare=True,
            )
            return [
                StoredEvent(r["originator_id"], r["originator_version"], r["topic"], bytes(r["state"]))
                for r in curs.fetchall()
            ]

    def select_positions(self, originator_id: UUID) -> list[tuple[int, int]]:
        """(version, position) of every event of one stream."""
        with self.datastore.get_connection() as conn, conn.cursor() as curs:
            curs.execute(
                sql.SQL(
                    "SELECT originator_version, notification_id FROM {} WHERE originator_id=%s "
                    "ORDER BY originator_version"
                ).format(self._events),
                (originator_id,),
            )
            return [(r["originator_version"], r["notification_id"]) for r in curs.fetchall()]


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


# ---- all stores --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stores:
    """What `open_stores` hands out.

    ``record_factory`` and ``record_env`` make the library's application. Each engine begins a plain transaction; with
    ``engine.execution_options(write=True)`` it begins one that has the write lock from the start (SQLite), with
    ``bulk=True`` as well one that is made for thousands of rows (SQLite), and with
    ``snapshot=True`` one that sees a single state of the store throughout (PostgreSQL; SQLite always does).
    """

    kind: str
    record_factory: type[SQLiteStore] | type[PostgresStore]
    record_env: dict[str, str]
    views: Engine
    office: Engine
    access: Engine

    def close(self) -> None:
        """Give every connection back."""
        for engine in (self.views, self.office, self.access):
            engine.dispose()


def open_stores(settings: Settings) -> Stores:
    """Open (and where needed create) the stores. Raises `SettingsError` with one line when that is not possible."""
    return _open_postgres(settings.database_url) if settings.database_url else _open_sqlite(settings)


def _open_sqlite(settings: Settings) -> Stores:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        probe = settings.data / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(f"the folder {settings.data} cannot be written: {error.strerror}") from error
    folder = settings.data.resolve()
    return Stores(
        kind="sqlite",
        record_factory=SQLiteStore,
        record_env={
            "SQLITE_DBNAME": str(folder / "events.db"),
            "MAPPER_TOPIC": get_topic(CoordMapper),
        },
        views=_sqlite_engine(str(folder / "views.db"), "NORMAL"),  # disposable: a power cut only costs a catch-up
        office=_sqlite_engine(str(folder / "office.db"), "FULL"),
        access=_sqlite_engine(str(folder / "access.db"), "FULL"),
    )


def _sqlite_engine(path: str, synchronous: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False},
        pool_size=8,
        max_overflow=24,
    )
    first = threading.Lock()

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        with first:
            connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT * 1000}")
            connection.execute("PRAGMA journal_mode=WAL")
            _secure_sqlite(connection, synchronous)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("bulk"):
            for pragma in BULK:
                connection.exec_driver_sql(pragma)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")

    return engine


def _open_postgres(url: str) -> Stores:
    try:
        conninfo = psycopg.conninfo.conninfo_to_dict(url)
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            for schema in SCHEMAS:
                # Two processes may start at once; "if not exists" alone can still collide.
                connection.execute("SELECT pg_advisory_lock(4711)")
                connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
                connection.execute("SELECT pg_advisory_unlock(4711)")
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise SettingsError(f"the database at COORD_DATABASE_URL does not answer: {reason}") from error
    env = {
        "POSTGRES_DBNAME": str(conninfo.get("dbname") or "postgres"),
        "POSTGRES_HOST": str(conninfo.get("host") or "localhost"),
        "POSTGRES_PORT": str(conninfo.get("port") or 5432),
        "POSTGRES_USER": str(conninfo.get("user") or "postgres"),
        "POSTGRES_PASSWORD": str(conninfo.get("password") or ""),
        "POSTGRES_SCHEMA": "record",
        "POSTGRES_POOL_SIZE": "2",
        "POSTGRES_MAX_OVERFLOW": "14",
        "POSTGRES_LOCK_TIMEOUT": str(BUSY_TIMEOUT),
        "POSTGRES_CONNECT_TIMEOUT": "2",  # seconds that a caller waits for a connection to be free
        "POSTGRES_PRE_PING": "n",
        "MAPPER_TOPIC": get_topic(CoordMapper),
    }
    return Stores(
        kind="postgresql",
        record_factory=PostgresStore,
        record_env=env,
        views=_postgres_engine(url, "views"),
        office=_postgres_engine(url, "office"),
        access=_postgres_engine(url, "access"),
    )


def _postgres_engine(url: str, schema: str) -> Engine:
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
