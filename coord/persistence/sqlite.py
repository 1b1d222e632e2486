"""The stores in SQLite: the record by the library's recorder, the others by SQLAlchemy."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from eventsourcing.persistence import Notification, OperationalError, StoredEvent, Transcoder
from eventsourcing.sqlite import (
    SQLiteAggregateRecorder,
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
)
from eventsourcing.utils import Environment, EnvType
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DBAPIError

from coord.damage import is_damage
from coord.patience import QUEUE, SERVING, left
from coord.persistence.events import LAST, Entries, OrjsonTranscoder, Row, library_error
from coord.settings import SettingsError
from coord.worded import known_uuid

BULK = ("PRAGMA cache_size=-32768", "PRAGMA wal_autocheckpoint=16384", "PRAGMA secure_delete=OFF")
"""For a large transaction on views: its pages stay in memory until they are whole, where two megabytes are usual, and
are copied out of the WAL seldom. What is dropped is not filled with zeros: the record keeps it anyway."""
SAMPLE = 1_000
"""Rows of an index that ANALYZE looks at: milliseconds, whatever there is."""
LEAST = 0.2  # seconds that it waits even when time is up: a reader, too, may meet somebody who opens or closes the file
BETWEEN_TRIES = 0.001
"""Seconds from one try for the turn to write to the next. SQLite itself waits longer each time, up to a tenth of a
second, while who comes new is served at once: see docs/adr/0015."""


def _turn_comes_within(patience: float) -> float:
    """Seconds that a connection waits for another's write to end. Nothing else makes SQLite wait."""
    return min(patience, QUEUE)


class _SameFile:
    """Sees whether a file that is open is still the one at its path.

    One that was removed goes on taking what is written, and all of it is gone with the last connection.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._opened: tuple[int, int] | None = None

    def check(self) -> None:
        """Raise `sqlite3.OperationalError` when it is gone or another is in its place; the first time, remember it."""
        try:
            status = os.stat(self._path)
        except OSError as error:
            raise sqlite3.OperationalError("the file is gone") from error
        found = status.st_dev, status.st_ino
        self._opened = self._opened or found
        if found != self._opened:
            raise sqlite3.OperationalError("another file is in its place")

    def check_before_opening(self) -> None:
        """The same, where SQLite would make an empty file in place of one that is gone."""
        if self._opened is not None:
            self.check()


class _SafePool(SQLiteConnectionPool):
    """Connections that wait for their turn and never acknowledge what a power cut could take back.

    As many are open as threads were ever at work at once. The library's pool queues its callers behind three locks;
    here a writer waits for the writer before it, and a reader for nobody.
    """

    patience: float = SERVING

    def __init__(self, *, db_name: str, lock_timeout: int) -> None:
        super().__init__(db_name=db_name, lock_timeout=lock_timeout)
        self.file = _SameFile(db_name)

    def get_connection(self, timeout: float | None = None, *, is_writer: bool | None = None) -> SQLiteConnection:
        """A connection that nobody else has until it is put back. Raises `OperationalError` if no turn comes."""
        if is_writer and not self._writer_lock.acquire(timeout=left(_turn_comes_within(self.patience))):
            raise OperationalError("no turn to write")
        try:
            connection = self._pool.pop()  # the one used last: its pages are still in its cache
        except IndexError:
            try:
                connection = self._create_connection()
            except BaseException:
                if is_writer:
                    self._writer_lock.release()
                raise
        connection.is_writer = is_writer
        return connection

    def put_connection(self, conn: SQLiteConnection) -> None:
        """Give a connection back."""
        was_writer, conn.is_writer = conn.is_writer, None
        if self._closed:
            conn.close()
        else:
            self._pool.append(conn)
        if was_writer:
            self._writer_lock.release()

    def _create_connection(self) -> SQLiteConnection:
        try:
            self.file.check_before_opening()
            # Not the library's own way: it keeps one prepared statement, so each is worked out again each time.
            how: Any = {"timeout": self.lock_timeout, "uri": True, "check_same_thread": False}
            opened = sqlite3.connect(self.db_name, isolation_level=None, **how)
            self.file.check()
            opened.execute("PRAGMA journal_mode=WAL")
            _secure(opened, "FULL", self.patience)
        except sqlite3.Error as error:
            raise library_error(error) from error
        opened.row_factory = sqlite3.Row
        return SQLiteConnection(opened, self.max_age)


def _wait_no_longer(connection: sqlite3.Connection, patience: float) -> None:
    """From now on SQLite waits no longer than there is time left."""
    seconds = max(left(_turn_comes_within(patience)), LEAST)
    connection.execute(f"PRAGMA busy_timeout={round(seconds * 1000)}")


def _begin_writing(connection: sqlite3.Connection, patience: float) -> None:
    """Begin a transaction that has the turn to write, as soon as nobody else has it.

    Raises `sqlite3.OperationalError` when time is up.
    """
    give_up = time.monotonic() + max(left(_turn_comes_within(patience)), LEAST)
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= give_up:
                    raise
            else:
                return
            time.sleep(BETWEEN_TRIES)
    finally:
        _wait_no_longer(connection, patience)


def _secure(connection: sqlite3.Connection, synchronous: str, patience: float) -> None:
    """Set and assert WAL and the synchronous level (FULL = 2, NORMAL = 1)."""
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("PRAGMA foreign_keys=ON")
    _wait_no_longer(connection, patience)
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    level = connection.execute("PRAGMA synchronous").fetchone()[0]
    if mode != "wal" or level != {"FULL": 2, "NORMAL": 1}[synchronous]:
        raise SettingsError(f"SQLite refused WAL with synchronous={synchronous} (it says {mode}, {level})")


@contextmanager
def _writing(datastore: SQLiteDatastore) -> Iterator[sqlite3.Connection]:
    """A transaction on the record's file that has the turn to write. Raises the library's errors."""
    pool = cast("_SafePool", datastore.pool)
    with datastore.get_connection(commit=True) as kept:
        connection = kept._sqlite_conn
        try:
            pool.file.check()
            _begin_writing(connection, pool.patience)
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise library_error(error) from error
        finally:
            if connection.in_transaction:
                connection.rollback()


def append_only(table: str, keys: Sequence[Sequence[str]], what: str) -> list[str]:
    """The triggers that let rows be added to a table, never changed, removed or replaced.

    INSERT OR REPLACE removes the row in its way without a word to any trigger for removals (unless the connection has
    asked for `recursive_triggers`, and a foreign one has not). So what has the key of a row that is there, by any of
    ``keys``, is refused before it comes in.
    """
    refused = f"BEGIN SELECT RAISE(ABORT, '{what} is append-only'); END"
    there = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{column}=NEW.{column}' for column in key)})"  # noqa: S608
        for key in keys
    )
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} {refused}",
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} {refused}",
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} WHEN {there} {refused}",
    ]


class SQLiteRecord(SQLiteApplicationRecorder):
    """Events with lasting positions and an index by entry; rows can be added, never changed or removed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Word the statements once."""
        super().__init__(*args, **kwargs)
        table = self.events_table_name
        # Every name in these statements is our own.
        self._insert = f"INSERT INTO {table} (originator_id, originator_version, topic, state) VALUES (?,?,?,?)"  # noqa: S608
        self._head = f"SELECT COALESCE(MAX(id), 0) FROM {table}"  # noqa: S608
        self._newer = (
            f"SELECT originator_version, topic, state FROM {table} "  # noqa: S608
            "WHERE originator_id=? AND originator_version>? ORDER BY originator_version"
        )
        self._of_entry = (
            "SELECT e.originator_id, e.originator_version, e.topic, e.state FROM entry_index i "  # noqa: S608
            f"JOIN {table} e USING (originator_id, originator_version) WHERE i.entry_id=? ORDER BY i.originator_version"
        )
        self._newer_of = (
            f"SELECT originator_id, originator_version, topic, state FROM known CROSS JOIN {table} "  # noqa: S608
            "ON originator_id=stream AND originator_version>version ORDER BY 1, 2"
        )
        self._of_entries = (
            "SELECT i.entry_id, e.originator_id, e.originator_version, e.topic, e.state FROM known "  # noqa: S608
            "CROSS JOIN entry_index i ON i.entry_id=entry AND i.originator_version>version "  # CROSS: in this order
            f"CROSS JOIN {table} e USING (originator_id, originator_version) ORDER BY i.entry_id, i.originator_version"
        )
        self._after = (
            "SELECT id, originator_id, originator_version, topic, state "  # noqa: S608
            f"FROM {table} WHERE id>? AND id<=? ORDER BY id LIMIT ?"
        )
        self._positions = (
            f"SELECT originator_version, id FROM {table} WHERE originator_id=? ORDER BY originator_version"  # noqa: S608
        )

    def construct_create_table_statements(self) -> list[str]:
        """Positions are declared (AUTOINCREMENT), for implicit row ids are renumbered by a dump and reused."""
        name = self.events_table_name
        keys = {
            name: (("id",), ("originator_id", "originator_version")),
            "entry_index": (("entry_id", "originator_version"),),
            "entry_origin": (("entry_id",),),
        }
        never = [statement for table, its in keys.items() for statement in append_only(table, its, "the record")]
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

    def insert_events(self, stored_events: Sequence[StoredEvent], *, entries: Entries = (), **_: Any) -> Sequence[int]:
        """Events and the indexes, in one transaction; their positions."""
        positions: list[int] = []
        index: list[tuple[str, str, int]] = []
        origins: list[tuple[str, str]] = []
        with _writing(self.datastore) as c:
            for e, entry in zip(stored_events, entries or [None] * len(stored_events), strict=True):
                stream, version = cast("UUID", e.originator_id).hex, e.originator_version
                positions.append(c.execute(self._insert, (stream, version, e.topic, e.state)).lastrowid or 0)
                if entry is not None:
                    index.append((entry[0].hex, stream, version))
                    if entry[1]:
                        origins.append((entry[0].hex, stream))
            c.executemany("INSERT INTO entry_index VALUES (?,?,?)", index)
            c.executemany("INSERT INTO entry_origin VALUES (?,?)", origins)
        return positions

    def try_writing(self) -> None:
        """Take the turn to write, and give it back. Raises what an append would raise."""
        with _writing(self.datastore):
            pass

    def _rows(self, statement: str, params: Sequence[Any] = ()) -> list[Any]:
        """What one SELECT finds. It needs no BEGIN of its own: a statement alone sees one state of the store."""
        with self.datastore.get_connection(commit=False) as kept:
            try:
                return kept._sqlite_conn.execute(statement, params).fetchall()
            except sqlite3.Error as error:
                raise library_error(error) from error

    def max_notification_id(self) -> int:
        """The last position, 0 in an empty record."""
        return int(self._rows(self._head)[0][0])

    def select_newer(self, originator_id: UUID, version: int) -> list[StoredEvent]:
        """The events of one stream after a version, in order."""
        rows = self._rows(self._newer, (originator_id.hex, version))
        return [StoredEvent(originator_id, r[0], r[1], r[2]) for r in rows]

    def select_newer_of(self, known: Sequence[tuple[UUID, int]]) -> list[StoredEvent]:
        """The events of several streams, of each after its version, in the order of each stream."""
        if not known:
            return []
        statement = f"WITH known (stream, version) AS (VALUES {','.join(['(?,?)'] * len(known))}) {self._newer_of}"
        rows = self._rows(statement, [param for stream, version in known for param in (stream.hex, version)])
        return [StoredEvent(known_uuid(r[0]), r[1], r[2], r[3]) for r in rows]

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
        return [Notification(UUID(r[1]), r[2], r[3], r[4], r[0]) for r in self._rows(statement, [*params, limit])]

    def select_rows(self, after: int, limit: int, until: int | None = None) -> list[Row]:
        """At most ``limit`` events after a position, up to ``until``, as `Row`."""
        rows = self._rows(self._after, (after, LAST if until is None else until, limit))
        return [(r[0], known_uuid(r[1]), r[2], r[3], r[4]) for r in rows]

    def select_entry_events(self, entry_id: UUID) -> list[StoredEvent]:
        """Every stored event about one entry, in order."""
        return [StoredEvent(UUID(r[0]), r[1], r[2], r[3]) for r in self._rows(self._of_entry, (entry_id.hex,))]

    def select_entries(self, known: Sequence[tuple[UUID, int]]) -> list[tuple[UUID, StoredEvent]]:
        """The stored events about several entries, of each after a version of its stream, with the entry; in the order
        of each."""
        statement = f"WITH known (entry, version) AS (VALUES {','.join(['(?,?)'] * len(known))}) {self._of_entries}"
        rows = self._rows(statement, [param for entry, version in known for param in (entry.hex, version)])
        return [(known_uuid(r[0]), StoredEvent(known_uuid(r[1]), r[2], r[3], r[4])) for r in rows]

    def select_positions(self, originator_id: UUID) -> list[tuple[int, int]]:
        """(version, position) of every event of one stream."""
        return [(r[0], r[1]) for r in self._rows(self._positions, (originator_id.hex,))]


class SQLiteSnapshots(SQLiteAggregateRecorder):
    """Snapshots, in the file of the record: they wait for their turn as its events do."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> None:
        """Add snapshots, in one transaction."""
        with _writing(self.datastore) as connection:
            self._insert_events(SQLiteCursor(connection.cursor()), stored_events)


class SQLiteStore(SQLiteFactory):
    """The library's factory with our recorders, mapper and connection settings."""

    aggregate_recorder_class = SQLiteSnapshots
    application_recorder_class = SQLiteRecord

    def __init__(self, env: EnvType | Environment | None) -> None:
        """Replace the pool before any connection is made."""
        super().__init__(env)
        old = self.datastore.pool
        pool = self.datastore.pool = _SafePool(db_name=old.db_name, lock_timeout=1)
        pool.patience = float(self.env.get("PATIENCE_SECONDS") or SERVING)
        old.close()

    def transcoder(self) -> Transcoder:
        """Plain JSON."""
        return OrjsonTranscoder()


FILES = {"record": "events.db", "access": "access.db", "office": "office.db", "views": "views.db"}
_IN_USE = {
    "record": "SELECT 1 FROM stored_events LIMIT 1",
    "access": "SELECT 1 FROM looks LIMIT 1",
    "office": "SELECT 1 FROM accounts LIMIT 1",
    "views": "SELECT 1 FROM view_state WHERE position > 0 LIMIT 1",
}


def present_in(folder: Path) -> dict[str, bool]:
    """The stores that are there (a file of no size is none), each with whether there is anything in it."""
    found = {}
    for store, name in FILES.items():
        sizes = [file.stat().st_size for file in (folder / name, folder / f"{name}-wal") if file.exists()]
        if any(sizes):
            found[store] = _in_use(folder / name, _IN_USE[store])
    return found


def _in_use(file: Path, statement: str) -> bool:
    try:
        with closing(sqlite3.connect(file, timeout=QUEUE)) as connection:
            return connection.execute(statement).fetchone() is not None
    except sqlite3.DatabaseError as error:  # damaged, for example: then it was used
        return not str(error).startswith("no such table")


def own_check(file: Path, *, quick: bool = False, most: int = 20) -> list[str]:
    """What SQLite itself finds wrong with a file, at most so many lines; none for a file that is whole.

    ``quick`` does not compare indexes with their tables. A file that cannot even be opened is told in the words of
    the error.
    """
    kind = "quick_check" if quick else "integrity_check"
    try:
        with closing(sqlite3.connect(file, timeout=QUEUE)) as connection:
            # As many as there are, for a healthy file of many entries has as many false alarms; see below.
            said = (str(row[0]) for row in connection.execute(f"PRAGMA {kind}(1000000000)"))
            real: dict[str, bool] = {}
            found = []
            for line in said:
                if line not in real:
                    real[line] = line != "ok" and not _is_false_alarm(file, line)
                    if len(real) > most:
                        break
                    if real[line]:
                        found.append(line)
            return found
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return [str(error)]


def _is_false_alarm(file: Path, line: str) -> bool:
    """SQLite 3.40 calls a column of a WITHOUT ROWID table NULL when it looks at the wrong one of a healthy row."""
    named = re.fullmatch(r"NULL value in (\w+)\.(\w+)", line)
    if named is None:
        return False
    table, column = named.groups()
    with closing(sqlite3.connect(file, timeout=QUEUE)) as connection:
        return connection.execute(f"SELECT 1 FROM {table} WHERE {column} IS NULL LIMIT 1").fetchone() is None  # noqa: S608


def emptied(file: Path) -> None:
    """Make a damaged file a whole one without any table, in its place: who has it open sees that from then on.

    Another file under its name would not do: SQLite removes the write-ahead log by its name when the last connection
    to the old one is closed.
    """
    with closing(sqlite3.connect(":memory:")) as nothing:
        if not _has_header(file):
            with file.open("r+b") as raw:
                raw.write(_first_page())
        with closing(sqlite3.connect(file, timeout=QUEUE)) as damaged:
            damaged.execute("PRAGMA writable_schema=ON")  # so that a file shorter than it says is opened all the same
            nothing.backup(damaged)


def _has_header(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(file, timeout=QUEUE)) as connection:
            connection.execute("PRAGMA writable_schema=ON")
            connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return error.sqlite_errorcode != sqlite3.SQLITE_NOTADB
    return True


def _first_page() -> bytes:
    with closing(sqlite3.connect(":memory:")) as one:
        one.execute("CREATE TABLE t (a)")
        one.execute("DROP TABLE t")
        return one.serialize()


def _is_believed_for_ever(error: BaseException) -> bool:
    """What a connection has read of a damaged file it would believe, also when the file is whole again."""
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR"))


def sqlite_engine(path: str, synchronous: str, patience: float = SERVING) -> Engine:
    """An engine over one file, whose transactions begin as `coord.persistence.Stores` says."""
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": _turn_comes_within(patience), "check_same_thread": False},
        pool_size=8,
        max_overflow=24,
        pool_timeout=SERVING / 2,
        pool_use_lifo=True,  # the one used last: its pages are still in its cache, and the others' caches stay small
    )
    first = threading.Lock()
    file = _SameFile(path) if synchronous == "FULL" else None  # what is disposable may be made anew at any time

    @event.listens_for(engine, "do_connect")
    def _before(*_: object) -> None:
        if file is not None:
            file.check_before_opening()

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        if file is not None:
            file.check()
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        with first:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA analysis_limit={SAMPLE}")
            _secure(connection, synchronous, patience)

    @event.listens_for(engine, "handle_error")
    def _failed(context: ExceptionContext) -> None:
        if _is_believed_for_ever(context.original_exception):
            context.is_disconnect = True

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("bulk"):
            for pragma in BULK:
                connection.exec_driver_sql(pragma)
        if options.get("write"):
            try:
                if file is not None:
                    file.check()
                _begin_writing(cast("sqlite3.Connection", connection.connection.driver_connection), patience)
            except sqlite3.Error as error:
                if _is_believed_for_ever(error):
                    connection.invalidate(error)
                raise DBAPIError.instance("BEGIN IMMEDIATE", None, error, sqlite3.Error) from error
        else:  # asks nothing of the file yet, so that there is nothing that could go wrong
            cast("sqlite3.Connection", connection.connection.driver_connection).execute("BEGIN")

    return engine
