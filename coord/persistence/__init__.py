"""From settings to stores. The only room that knows SQLite from PostgreSQL.

Four stores: the record (events, by the eventsourcing library), the access log, the views (disposable) and the office
(accounts, drafts, tokens). SQLite keeps each in a file of its own, so that one never waits for another's writer;
PostgreSQL keeps each in a schema of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventsourcing.utils import get_topic
from sqlalchemy import Engine, inspect

from coord.patience import QUEUE, SERVING
from coord.persistence.events import CoordMapper, OrjsonTranscoder
from coord.persistence.private import private_file, private_folder
from coord.persistence.sqlite import FILES, SQLiteStore, present_in, sqlite_engine
from coord.settings import Settings, SettingsError

if TYPE_CHECKING:
    from coord.persistence.postgres import PostgresStore

__all__ = ["CoordMapper", "OrjsonTranscoder", "StoreMissing", "Stores", "open_stores", "there_is_a_store"]

SCHEMAS = ("record", "access", "views", "office")


class StoreMissing(SettingsError):
    """One of the stores that are kept for ever is not there, beside others that are in use."""


def _refuse_if_missing(place: str, present: Mapping[str, bool]) -> None:
    """Raise `StoreMissing` when some of the kept stores are there and in use, and others are not there at all.

    ``present`` says of each store that is there whether it is in use. Without this, what is missing would be made
    anew, empty, and served as a clinic in which nobody ever wrote, looked or signed in. A first start that was
    interrupted has left stores that nobody has used.
    """
    missing = [name for name in ("record", "access", "office") if name not in present]
    used = [name for name, in_use in present.items() if in_use]
    if missing and used:
        raise StoreMissing(
            f"missing {place}: {_names(missing)}, beside {_names(used)} in use; "
            "put it back, or restore one backup of all of them"
        )


def _names(stores: Sequence[str]) -> str:
    words = {"record": "the record", "access": "the access log", "office": "the office", "views": "the views"}
    said = [words[store] for store in stores]
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


@dataclass(frozen=True)
class Stores:
    """What `open_stores` hands out.

    ``record_factory`` and ``record_env`` make the library's application. Each engine begins a plain transaction; with
    ``engine.execution_options(write=True)`` it begins one that has the write lock from the start (SQLite), with
    ``bulk=True`` as well one that is made for thousands of rows (SQLite), and with
    ``snapshot=True`` one that sees a single state of the store throughout (PostgreSQL; SQLite always does), with
    ``turn=NAME`` one that waits until no other process has this turn of the store (PostgreSQL; on SQLite, where who
    writes has the only one there is, say ``write=True`` as well).
    """

    kind: str
    record_factory: type[SQLiteStore] | type[PostgresStore]
    record_env: dict[str, str]
    views: Engine
    office: Engine
    access: Engine
    record: Engine
    """The tables of the record themselves, for whoever verifies them; the application has its own way to them."""

    def analyse(self) -> None:
        """Let the database count anew what its tables hold, by a sample: it chooses its ways to an answer by that.

        The record in SQLite is left as it is: what is asked of it names its way.
        """
        engines = (self.views, self.office, self.access)
        for engine in engines if self.kind == "sqlite" else (*engines, self.record):
            with engine.execution_options(write=True).begin() as connection:
                for table in inspect(connection).get_table_names():
                    connection.exec_driver_sql(f"ANALYZE {table}")

    def close(self) -> None:
        """Give every connection back."""
        for engine in (self.views, self.office, self.access, self.record):
            engine.dispose()


def open_stores(settings: Settings, patience: float = SERVING) -> Stores:
    """Open (and where needed create) the stores. Raises `SettingsError` with one line when that is not possible.

    ``patience``: seconds that one step may take; the rest of a request's time, if that is less (`coord.patience`).
    """
    url = settings.database_url
    return _open_postgres(url, patience) if url else _open_sqlite(settings, patience)


def there_is_a_store(settings: Settings) -> bool:
    """Whether anybody has made stores there. Makes nothing. Raises `SettingsError` when a database does not answer."""
    if not settings.database_url:
        return any((settings.data / name).exists() for name in FILES.values() if name != FILES["views"])
    import psycopg

    from coord.persistence.postgres import present_at

    try:
        with psycopg.connect(settings.database_url, connect_timeout=5) as connection:
            return any(name != "views" for name in present_at(connection))
    except psycopg.Error as error:
        raise _no_answer(error) from error


def _no_answer(error: Exception) -> SettingsError:
    return SettingsError(f"the database at COORD_DATABASE_URL does not answer: {' '.join(str(error).split())}")


def _open_sqlite(settings: Settings, patience: float) -> Stores:
    try:
        private_folder(settings.data)
        probe = settings.data / ".writable"
        probe.touch()
        probe.unlink(missing_ok=True)  # web and follower start at once and try it with the same file
        _refuse_if_missing(f"in {settings.data.resolve()}", present_in(settings.data.resolve()))
        for name in FILES.values():
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
            "PATIENCE_SECONDS": str(patience),
        },
        views=sqlite_engine(str(folder / "views.db"), "NORMAL", patience),  # disposable: a power cut costs a catch-up
        office=sqlite_engine(str(folder / "office.db"), "FULL", patience),
        access=sqlite_engine(str(folder / "access.db"), "FULL", patience),
        record=sqlite_engine(str(folder / "events.db"), "FULL", patience),
    )


def _open_postgres(url: str, patience: float) -> Stores:
    # Only here, for the driver is the largest thing in a worker that has SQLite and no use for it.
    import psycopg
    from psycopg import sql

    from coord.persistence.postgres import (
        PatientConnection,
        PostgresStore,
        parameters_of,
        postgres_engine,
        present_at,
        take_turn,
    )

    try:
        parameters = parameters_of(url, patience)
    except psycopg.Error as error:
        raise SettingsError("COORD_DATABASE_URL is not an address that PostgreSQL's own library understands") from error
    try:
        with PatientConnection.connect(**parameters, autocommit=True) as connection:
            _refuse_if_missing("in the database", present_at(connection))
            for schema in SCHEMAS:
                # Two processes may start at once; "if not exists" alone can still collide.
                with connection.transaction():
                    take_turn(connection, schema, "tables")
                    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    except psycopg.Error as error:
        raise _no_answer(error) from error
    env = {
        # Required by the library and used by nobody: our factory connects with all of the URL's parameters.
        "POSTGRES_DBNAME": "-",
        "POSTGRES_HOST": "-",
        "POSTGRES_USER": "-",
        "POSTGRES_PASSWORD": "-",
        "POSTGRES_SCHEMA": "record",
        "POSTGRES_POOL_SIZE": "2",
        "POSTGRES_MAX_OVERFLOW": "14",
        "POSTGRES_CONNECT_TIMEOUT": str(
            round(min(patience / 2, QUEUE))
        ),  # seconds that a caller waits for one to be free
        "POSTGRES_PRE_PING": "n",
        "MAPPER_TOPIC": get_topic(CoordMapper),
        "COORD_DATABASE_URL": url,
        "PATIENCE_SECONDS": str(patience),
    }
    return Stores(
        kind="postgresql",
        record_factory=PostgresStore,
        record_env=env,
        views=postgres_engine(url, "views", patience, disposable=True),
        office=postgres_engine(url, "office", patience),
        access=postgres_engine(url, "access", patience),
        record=postgres_engine(url, "record", patience),
    )
