"""From settings to stores. The only room that knows SQLite from PostgreSQL.

Four stores: the record (events, by the eventsourcing library), the access log, the views (disposable) and the office
(accounts, drafts, tokens). SQLite keeps each in a file of its own, so that one never waits for another's writer;
PostgreSQL keeps each in a schema of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventsourcing.utils import get_topic
from sqlalchemy import Engine

from coord.persistence.events import CoordMapper, OrjsonTranscoder
from coord.persistence.private import private_file, private_folder
from coord.persistence.sqlite import BUSY_TIMEOUT, SQLiteStore, sqlite_engine
from coord.settings import Settings, SettingsError

if TYPE_CHECKING:
    from coord.persistence.postgres import PostgresStore

__all__ = ["CoordMapper", "OrjsonTranscoder", "Stores", "open_stores", "there_is_a_store"]

SCHEMAS = ("record", "access", "views", "office")
FILES = ("events.db", "views.db", "office.db", "access.db")


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


def there_is_a_store(settings: Settings) -> bool:
    """Whether anybody has made stores there. Makes nothing. Raises `SettingsError` when a database does not answer."""
    if not settings.database_url:
        return any((settings.data / name).exists() for name in FILES if name != "views.db")
    import psycopg

    try:
        with psycopg.connect(settings.database_url, connect_timeout=5) as connection:
            return bool(connection.execute("SELECT to_regclass('record.stored_events') IS NOT NULL").fetchone()[0])  # type: ignore[index]
    except psycopg.Error as error:
        raise _no_answer(error) from error


def _no_answer(error: Exception) -> SettingsError:
    return SettingsError(f"the database at COORD_DATABASE_URL does not answer: {' '.join(str(error).split())}")


def _open_sqlite(settings: Settings) -> Stores:
    try:
        private_folder(settings.data)
        probe = settings.data / ".writable"
        probe.touch()
        probe.unlink(missing_ok=True)  # web and follower start at once and try it with the same file
        for name in FILES:
            private_file(settings.data / name)
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
        views=sqlite_engine(str(folder / "views.db"), "NORMAL"),  # disposable: a power cut only costs a catch-up
        office=sqlite_engine(str(folder / "office.db"), "FULL"),
        access=sqlite_engine(str(folder / "access.db"), "FULL"),
    )


def _open_postgres(url: str) -> Stores:
    # Only here, for the driver is the largest thing in a worker that has SQLite and no use for it.
    import psycopg
    from psycopg import sql

    from coord.persistence.postgres import PostgresStore, postgres_engine

    try:
        conninfo = psycopg.conninfo.conninfo_to_dict(url)
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            for schema in SCHEMAS:
                # Two processes may start at once; "if not exists" alone can still collide.
                connection.execute("SELECT pg_advisory_lock(4711)")
                connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
                connection.execute("SELECT pg_advisory_unlock(4711)")
    except psycopg.Error as error:
        raise _no_answer(error) from error
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
        views=postgres_engine(url, "views"),
        office=postgres_engine(url, "office"),
        access=postgres_engine(url, "access"),
    )
