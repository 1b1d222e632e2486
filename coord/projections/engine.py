"""How views follow the record: pull, apply, track, in one transaction.

A view is disposable. Its tables belong to a *generation*: `Views.rebuild` fills a new generation from the first event
on, beside the live one, and makes it live in one transaction; nobody reads a half-built view.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, Protocol, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Index,
    Inspector,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy import exc as sql_errors
from sqlalchemy.schema import CreateTable

from coord.columns import Instant
from coord.domain.events import CoordEvent
from coord.projections.writer import Writer as Writer  # handlers are written with it: views import it from here

log = logging.getLogger(__name__)

BATCH = 500  # events applied in one transaction while catching up
REBUILD_BATCH = 2_000  # the times of so many events stay in the caches of coord.columns
FOREVER = 2**62
"""``to_position`` of a row that is still so."""

STATE = MetaData()
state_table = Table(
    "view_state",
    STATE,
    Column("view", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("live", Boolean, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("recorded_at", Instant),
    Column("error", Text),
    Column("error_position", BigInteger),
    Column("error_at", Instant),
)


class Recorded(Protocol):
    """An event with its place in the record."""

    @property
    def position(self) -> int:
        """Its place, counted over the whole record."""

    @property
    def event(self) -> CoordEvent:
        """What happened."""


class Log(Protocol):
    """What a view needs of the record."""

    def head(self) -> int:
        """The last position."""

    def after(self, position: int, limit: int, until: int | None = None) -> Sequence[Recorded]:
        """The events after a position."""


@lru_cache(4096)
def _person(text: str) -> UUID:
    return UUID(text)


def person_of(event: CoordEvent) -> UUID:
    """Who did it."""
    return _person(event.by["person"])


Handler = Callable[[Any, Writer, Any, int], None]


def handles(*events: type[CoordEvent]) -> Callable[[Handler], Handler]:
    """Mark a view's method as the handler of these events: ``method(writer, event, position)``."""

    def mark(method: Handler) -> Handler:
        method.__dict__["handled_events"] = events
        return method

    return mark


_FOR_READING = "for_reading"


class View:
    """One view: its tables, its handlers, its queries. ``build_tables`` makes the tables of one generation."""

    NAME: ClassVar[str]
    _handlers: ClassVar[dict[type[CoordEvent], str]]

    def __init_subclass__(cls) -> None:
        """Find the handlers."""
        super().__init_subclass__()
        cls._handlers = {
            event: name
            for part in reversed(cls.__mro__)
            for name, method in vars(part).items()
            for event in getattr(method, "handled_events", ())
        }

    def __init__(self, generation: int) -> None:
        """Make the tables (not yet in a database) of a generation."""
        self.generation = generation
        self.metadata = MetaData()
        self.build_tables()
        self.by_event = {event: getattr(self, name) for event, name in self._handlers.items()}

    def name(self, table: str) -> str:
        """A table's or index's name in this generation."""
        return f"{table}_g{self.generation}"

    def build_tables(self) -> None:
        """Define the view's tables on ``self.metadata``."""
        raise NotImplementedError

    def reading_index(self, name: str, *columns: Any) -> None:
        """An index for queries alone. What a handler looks up, updates or deletes by needs a plain `Index`.

        A rebuild makes it when the table is full: sorting all rows once is far cheaper than placing them one by one.
        """
        Index(self.name(name), *columns, info={_FOR_READING: True})

    def create_tables(self, connection: Connection) -> None:
        """Make the tables, with what handlers need and no more; see `create_reading_indexes`."""
        for table in self.metadata.sorted_tables:
            connection.execute(CreateTable(table))
            for index in self._indexes(for_reading=False):
                if index.table is table:
                    index.create(connection)

    def create_reading_indexes(self, connection: Connection) -> None:
        """Make what only queries need, unless it is there."""
        for index in self._indexes(for_reading=True):
            index.create(connection, checkfirst=True)

    def _indexes(self, *, for_reading: bool) -> list[Index]:
        every = [index for table in self.metadata.sorted_tables for index in table.indexes]
        return sorted((i for i in every if (_FOR_READING in i.info) is for_reading), key=lambda i: str(i.name))

    @classmethod
    def handled(cls) -> frozenset[type[CoordEvent]]:
        """The events that this view shows something of."""
        return frozenset(cls._handlers)


@dataclass(frozen=True, slots=True)
class ViewState:
    """How far a view is: the position it shows, when that was recorded, and why it stopped, if it did."""

    view: str
    generation: int
    position: int
    recorded_at: datetime | None
    error: str | None
    error_position: int | None
    error_at: datetime | None


V = TypeVar("V", bound=View)


class Snapshot:
    """One consistent state of all views: ``position`` is what the furthest-behind healthy view shows."""

    def __init__(self, connection: Connection, views: Mapping[type[View], View], states: Sequence[ViewState]) -> None:
        """Hold the transaction's connection and the live views."""
        self.connection = connection
        self._views = views
        self.states = states
        healthy = [s for s in states if s.error is None] or list(states)
        behind = min(healthy, key=lambda s: s.position)
        self.position = behind.position
        self.recorded_at = behind.recorded_at
        self.incomplete = {s.view: s.error_at or datetime.now(UTC) for s in states if s.error is not None}

    def view(self, kind: type[V]) -> V:
        """The live view of a kind."""
        return cast("V", self._views[kind])


_STORE_FAILS = ("SQLITE_FULL", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")


def _raise_if_store_fails(error: Exception) -> None:
    """Raise again what is the store's fault (gone, full, busy): it will pass, and must not stop a view for good."""
    cause: BaseException | None = error  # a full disk also ends the transaction, and then that is what fails last
    while cause is not None:
        if isinstance(cause, sql_errors.DBAPIError):
            name = getattr(cause.orig, "sqlite_errorname", None)
            gone = cause.connection_invalidated or isinstance(cause, sql_errors.InterfaceError)
            if gone or (
                isinstance(cause, sql_errors.OperationalError) and (name or "SQLITE_FULL").startswith(_STORE_FAILS)
            ):
                raise cause
        cause = cause.__context__


def _as_declared(present: Inspector, table: Table) -> bool:
    """Whether a table is there with the columns and the key that the code gives it; indexes only make it slow."""
    if not present.has_table(table.name):
        return False
    columns = {column["name"] for column in present.get_columns(table.name)}
    key = set(present.get_pk_constraint(table.name)["constrained_columns"])
    return columns == set(table.columns.keys()) and key == set(table.primary_key.columns.keys())


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Hundreds of thousands of short-lived objects, no cycle among them: the search for one took a third of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a rebuild is."""

    view: str
    done: int
    of: int


class Views:
    """All views over one engine, following one log."""

    def __init__(self, engine: Engine, log_: Log, kinds: Sequence[type[View]]) -> None:
        """Nothing is opened yet; see `create`."""
        self._reader = engine.execution_options(snapshot=True)
        self._writer = engine.execution_options(write=True)
        self._bulk_writer = engine.execution_options(write=True, bulk=True)
        self._postgres = engine.dialect.name == "postgresql"
        self._log = log_
        self.kinds = tuple(kinds)
        self._by_name = {kind.NAME: kind for kind in kinds}
        self._made: dict[tuple[str, int], View] = {}
        self._turn = threading.Lock()  # one thread of a process catches up, the others wait and find it done
        self._states_query = select(state_table).where(state_table.c.live)

    def create(self) -> None:
        """Make the tables of views that do not exist yet, at generation 1. Safe to call from many processes."""
        with self._writer.begin() as connection:
            self._lock(connection)
            STATE.create_all(connection)
            known = {row.view for row in connection.execute(self._states_query)}
            for kind in self.kinds:
                if kind.NAME not in known:
                    view = self._made_view(kind, 1)
                    view.metadata.create_all(connection)
                    connection.execute(insert(state_table).values(view=kind.NAME, generation=1, live=True, position=0))

    def add_missing_indexes(self) -> None:
        """Give the live views the indexes for queries that a later version of the code declares."""
        with self._bulk_writer.begin() as connection:
            for view in self._live_views(self._read_states(connection)).values():
                view.create_reading_indexes(connection)

    def outdated(self) -> list[str]:
        """The live views whose tables are not as the code declares them: an older version of it made them."""
        with self._reader.begin() as connection:
            present = inspect(connection)
            live = self._live_views(self._read_states(connection))
            return [
                view.NAME
                for view in live.values()
                if not all(_as_declared(present, table) for table in view.metadata.tables.values())
            ]

    def states(self) -> list[ViewState]:
        """How far each live view is."""
        with self._reader.begin() as connection:
            return self._read_states(connection)

    # ---- reading

    @contextmanager
    def reading(self, until: int) -> Iterator[Snapshot]:
        """A consistent state of all views that is not older than position ``until`` (a stopped view aside)."""
        for attempt in (1, 2, 3):
            with self._reader.begin() as connection:
                states = self._read_states(connection)
                if attempt == 3 or all(s.position >= until or s.error is not None for s in states):
                    yield Snapshot(connection, self._live_views(states), states)
                    return
            self.catch_up(until)

    # ---- following

    def catch_up(self, until: int | None = None) -> int:
        """Apply what is in the record and not yet in the views, up to ``until`` (the head, if None).

        Returns how many events were applied. A second process doing the same at the same time is harmless.
        """
        if until is None:
            until = self._log.head()
        applied = 0
        with self._turn:
            while True:
                step = self._step(until)
                applied += step
                if step == 0:
                    return applied

    def _step(self, until: int) -> int:
        """One batch in one transaction; how many events it applied to the view that was furthest behind."""
        with self._writer.begin() as connection:
            self._lock(connection)
            states = [s for s in self._read_states(connection) if s.error is None]
            behind = [s for s in states if s.position < until]
            if not behind:
                return 0
            start = min(s.position for s in behind)
            events = self._log.after(start, BATCH, until)
            if not events:
                return 0
            views = self._live_views(states)
            for state in behind:
                view = views[self._by_name[state.view]]
                mine = [e for e in events if e.position > state.position]
                if mine:
                    self._apply(connection, view, mine)
            return len(events)

    def _apply(self, connection: Connection, view: View, events: Sequence[Recorded]) -> None:
        """Apply events to one view; if a handler raises, keep what came before it and stop the view there."""
        try:
            with connection.begin_nested():
                self._apply_all(connection, view, events)
        except Exception as error:
            _raise_if_store_fails(error)
            if len(events) == 1:
                self._stop(connection, view, events[0], error)
                return
            # Find the event that it stops at: the good ones one by one, each kept.
            for event in events:
                try:
                    with connection.begin_nested():
                        self._apply_all(connection, view, [event])
                except Exception as one_error:
                    _raise_if_store_fails(one_error)
                    self._stop(connection, view, event, one_error)
                    return

    def _apply_all(self, connection: Connection, view: View, events: Sequence[Recorded]) -> None:
        writer = Writer(connection)
        handlers = view.by_event
        for recorded in events:
            handler = handlers.get(type(recorded.event))
            if handler is not None:
                handler(writer, recorded.event, recorded.position)
        writer.flush()
        last = events[-1]
        connection.execute(
            update(state_table)
            .where(state_table.c.view == view.NAME, state_table.c.generation == view.generation)
            .values(position=last.position, recorded_at=last.event.timestamp, error=None, error_at=None)
        )

    def _stop(self, connection: Connection, view: View, recorded: Recorded, error: Exception) -> None:
        """Say that the view stopped before this event. Never skip: a picture with a hole is worse than an old one."""
        # The error's own message may quote what was written about a child; where it was raised says enough.
        frames = traceback.extract_tb(error.__traceback__)
        where = " < ".join(f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in reversed(frames[-5:]))
        log.error("view %s stopped at position %d: %s at %s", view.NAME, recorded.position, type(error).__name__, where)
        connection.execute(
            update(state_table)
            .where(state_table.c.view == view.NAME, state_table.c.generation == view.generation)
            .values(
                error=f"{type(recorded.event).TOPIC} could not be shown",
                error_position=recorded.position,
                error_at=recorded.event.timestamp,
            )
        )

    # ---- rebuilding

    def rebuild(
        self,
        names: Sequence[str] = (),
        *,
        progress: Callable[[Progress], None] = lambda _: None,
        swap: bool = True,
        grace: float = 2.0,
    ) -> dict[str, int]:
        """Build views anew beside the live ones (all of them if ``names`` is empty) and make them live.

        Returns the new generation of each view. With ``swap=False`` it stays beside (see `coord check`).
        ``grace`` seconds pass before the old tables go, for readers that are still on them.
        """
        kinds = [self._by_name[n] for n in names] if names else list(self.kinds)
        with self._bulk_writer.begin() as connection:
            self._lock(connection)
            for row in connection.execute(select(state_table).where(~state_table.c.live)).all():
                kind = self._by_name.get(row.view)
                if kind in kinds and kind is not None:
                    self._drop(connection, kind, row.generation)
            live = {s.view: s.generation for s in self._read_states(connection)}
            new = [self._made_view(kind, live.get(kind.NAME, 0) + 1) for kind in kinds]
            for view in new:
                view.create_tables(connection)
                connection.execute(
                    insert(state_table).values(view=view.NAME, generation=view.generation, live=False, position=0)
                )
        with _collector_at_rest():
            position = self._fill(new, 0, progress)
        for view in new:
            with self._bulk_writer.begin() as connection:
                view.create_reading_indexes(connection)
        self._fill(new, position, progress)  # what arrived meanwhile: the swap holds everybody up, and shall be short
        if swap:
            self._swap(new)
            time.sleep(grace)
            with self._bulk_writer.begin() as connection:
                for view in new:
                    if view.NAME in live:
                        self._drop(connection, type(view), live[view.NAME])
        return {view.NAME: view.generation for view in new}

    def _fill(self, new: Sequence[View], position: int, progress: Callable[[Progress], None]) -> int:
        """Apply what comes after a position up to the head as it is now; the last position applied."""
        total = self._log.head()
        names = ", ".join(view.NAME for view in new)
        with ThreadPoolExecutor(1, "read-ahead") as ahead:
            events = self._log.after(position, REBUILD_BATCH, total)
            while events:
                with self._bulk_writer.begin() as connection:
                    for view in new:
                        self._apply_all(connection, view, events)
                    position = events[-1].position
                    # Read while the commit waits for the disk. Not sooner: two busy threads hold each other up.
                    following = ahead.submit(self._log.after, position, REBUILD_BATCH, total)
                progress(Progress(names, position, total))
                events = following.result()
        return position

    def _swap(self, new: Sequence[View]) -> None:
        with self._turn, self._writer.begin() as connection:
            self._lock(connection)
            for view in new:
                # What arrived during the build, in the same transaction as the swap.
                row = connection.execute(
                    select(state_table.c.position).where(
                        state_table.c.view == view.NAME, state_table.c.generation == view.generation
                    )
                ).one()
                position = row.position
                while events := self._log.after(position, REBUILD_BATCH):
                    self._apply_all(connection, view, events)
                    position = events[-1].position
                connection.execute(
                    update(state_table)
                    .where(state_table.c.view == view.NAME)
                    .values(live=state_table.c.generation == view.generation)
                )

    def drop_beside(self) -> None:
        """Drop every generation that is not live."""
        with self._bulk_writer.begin() as connection:
            self._lock(connection)
            for row in connection.execute(select(state_table).where(~state_table.c.live)).all():
                self._drop(connection, self._by_name[row.view], row.generation)

    def differences(self, generations: Mapping[str, int]) -> dict[str, int]:
        """Compare live tables with those of other generations: table name -> rows that are in one only."""
        result: dict[str, int] = {}
        with self._reader.begin() as connection:
            live = self._live_views(self._read_states(connection))
            for kind, view in live.items():
                if kind.NAME not in generations:
                    continue
                other = self._made_view(kind, generations[kind.NAME])
                for one, two in zip(view.metadata.sorted_tables, other.metadata.sorted_tables, strict=True):
                    left = {tuple(map(str, r)) for r in connection.execute(select(one))}
                    right = {tuple(map(str, r)) for r in connection.execute(select(two))}
                    result[one.name] = len(left ^ right)
        return result

    # ---- the parts

    def _drop(self, connection: Connection, kind: type[View], generation: int) -> None:
        self._made_view(kind, generation).metadata.drop_all(connection)
        connection.execute(
            state_table.delete().where(state_table.c.view == kind.NAME, state_table.c.generation == generation)
        )

    def _lock(self, connection: Connection) -> None:
        """One writer of views at a time, over all processes (SQLite has it from BEGIN IMMEDIATE)."""
        if self._postgres:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4712)")

    def _read_states(self, connection: Connection) -> list[ViewState]:
        return [
            ViewState(r.view, r.generation, r.position, r.recorded_at, r.error, r.error_position, r.error_at)
            for r in connection.execute(self._states_query)
            if r.view in self._by_name
        ]

    def _live_views(self, states: Sequence[ViewState]) -> dict[type[View], View]:
        return {self._by_name[s.view]: self._made_view(self._by_name[s.view], s.generation) for s in states}

    def _made_view(self, kind: type[View], generation: int) -> View:
        key = (kind.NAME, generation)
        view = self._made.get(key)
        if view is None:
            view = self._made[key] = kind(generation)
        return view
