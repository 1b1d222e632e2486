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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, Protocol, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Index,
    Inspector,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    func,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy import exc as sql_errors
from sqlalchemy.schema import CreateTable, DropIndex

from coord.columns import Instant
from coord.damage import is_damage
from coord.domain.errors import Unavailable
from coord.domain.events import CoordEvent
from coord.patience import AT_LENGTH, left
from coord.projections.writer import Writer as Writer  # handlers are written with it: views import it from here
from coord.worded import Asked

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


def _live() -> Select[Any]:
    """How far each view is that is shown."""
    told = [column for column in state_table.c if column.name != "live"]
    return select(*told).where(state_table.c.live)


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
        self.asked = Asked()
        self.metadata = MetaData()
        self.build_tables()
        self.by_event = {event: getattr(self, name) for event, name in self._handlers.items()}

    def name(self, table: str) -> str:
        """A table's or index's name in this generation."""
        return f"{table}_g{self.generation}"

    def build_tables(self) -> None:
        """Define the view's tables on ``self.metadata``."""
        raise NotImplementedError

    def reading_index(self, name: str, *columns: Any, only: ColumnElement[bool] | None = None) -> None:
        """An index for queries alone, of ``only`` some rows if that is said. What a handler looks up, updates or
        deletes by needs a plain `Index`.

        A rebuild makes it when the table is full: sorting all rows once is far cheaper than placing them one by one.
        """
        Index(self.name(name), *columns, info={_FOR_READING: True}, sqlite_where=only, postgresql_where=only)

    def create_tables(self, connection: Connection) -> None:
        """Make the tables, with what handlers need and no more; see `reading_indexes`."""
        for table in self.metadata.sorted_tables:
            connection.execute(CreateTable(table))
            for index in self._indexes(for_reading=False):
                if index.table is table:
                    index.create(connection)

    def reading_indexes(self) -> list[Index]:
        """What only queries need."""
        return self._indexes(for_reading=True)

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


class Astray(Unavailable):
    """A view shows what the record does not hold: the record is older than what was shown from it, or another one.

    Such a view must never be taken for fresh. Whoever runs the service decides: the newer record is put back, or the
    views are built anew from the one that is there.
    """


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of a table that are in one of two generations only, and where some of them are: their numbers and ids."""

    rows: int
    places: Sequence[str] = ()


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


_STORE_FAILS = tuple(
    f"SQLITE_{how}" for how in ("FULL", "BUSY", "LOCKED", "IOERR", "READONLY", "CANTOPEN", "CORRUPT", "NOTADB")
)


def _raise_if_store_fails(error: Exception) -> None:
    """Raise again what is the store's fault (gone, full, busy): it will pass, and must not stop a view for good."""
    if is_damage(error):
        raise error
    cause: BaseException | None = error  # a full disk also ends the transaction, and then that is what fails last
    while cause is not None:
        if isinstance(cause, sql_errors.DBAPIError):
            name = getattr(cause.orig, "sqlite_errorname", None)
            gone = cause.connection_invalidated or isinstance(
                cause, (sql_errors.InterfaceError, sql_errors.InternalError)
            )
            refused = isinstance(cause, sql_errors.OperationalError) or type(cause) is sql_errors.DatabaseError
            if gone or (refused and (name or "SQLITE_FULL").startswith(_STORE_FAILS)):
                raise cause
        cause = cause.__context__


def _hold(states: Sequence[ViewState], position: int) -> bool:
    """Whether all views show the record up to a position; those that have stopped aside."""
    return all(state.position >= position or state.error is not None for state in states)


def _as_declared(present: Inspector, table: Table) -> bool:
    """Whether a table is there with the columns and the key that the code gives it; indexes only make it slow."""
    if not present.has_table(table.name):
        return False
    columns = {column["name"] for column in present.get_columns(table.name)}
    key = set(present.get_pk_constraint(table.name)["constrained_columns"])
    return columns == set(table.columns.keys()) and key == set(table.primary_key.columns.keys())


def _only_in(one: Table, two: Table) -> Select[Any]:
    """The key of every row of a table that another has not, or has otherwise."""
    key = [column.name for column in one.primary_key]
    same = and_(
        *(one.c[name] == two.c[name] for name in key),
        *(one.c[c.name].is_not_distinct_from(two.c[c.name]) for c in one.columns if c.name not in key),
    )
    return select(*(one.c[name] for name in key)).where(~select(two).where(same).correlate(one).exists())


def _place(row: Any) -> str:
    """Where a row is: its ids and numbers, never a text, which may be somebody's words."""
    values = row._mapping.items()
    return ", ".join(f"{name} {value}" for name, value in values if isinstance(value, UUID | int))


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
        # Over all processes one at a time moves the live views, and one makes and drops tables of others: a reader that
        # catches up waits for the former and never for the latter. (SQLite knows but one that writes.)
        self._writer = engine.execution_options(write=True, turn="catch-up")
        self._bulk_writer = engine.execution_options(write=True, bulk=True)
        self._builder = self._bulk_writer.execution_options(turn="rebuild")
        self._log = log_
        self.kinds = tuple(kinds)
        self._by_name = {kind.NAME: kind for kind in kinds}
        self._made: dict[tuple[str, int], View] = {}
        # One thread of a process catches up; the others wait until the views hold what they need.
        self._moved, self._moving, self._steps = threading.Condition(), False, 0
        self._asked = Asked()

    def create(self) -> None:
        """Make the tables of views that do not exist yet, at generation 1. Safe to call from many processes."""
        with self._writer.begin() as connection:
            STATE.create_all(connection)
            known = {state.view for state in self._read_states(connection)}
            for kind in self.kinds:
                if kind.NAME not in known:
                    view = self._made_view(kind, 1)
                    view.metadata.create_all(connection)
                    connection.execute(insert(state_table).values(view=kind.NAME, generation=1, live=True, position=0))

    def add_missing_indexes(self) -> None:
        """Give the live views the indexes for queries that a later version of the code declares, and take those away
        that it does not declare any more: they would have to be written, and be in the way of better ones."""
        with self._reader.begin() as connection:
            live = self._live_views(self._read_states(connection))
            present = inspect(connection)
            tables = [table for view in live.values() for table in view.metadata.sorted_tables]
            there = {str(i["name"]) for t in tables if present.has_table(t.name) for i in present.get_indexes(t.name)}
        declared = {str(index.name) for table in tables for index in table.indexes}
        for view in live.values():
            for index in view.reading_indexes():
                with self._bulk_writer.begin() as connection:
                    index.create(connection, checkfirst=True)
        for name in sorted(there - declared):
            with self._bulk_writer.begin() as connection:
                connection.execute(DropIndex(Index(name), if_exists=True))

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

    def astray(self) -> list[ViewState]:
        """The live views that show what the record does not hold; see `Astray`."""
        return [state for state in self.states() if not self._is_of_this_record(state)]

    def _is_of_this_record(self, state: ViewState) -> bool:
        """Whether the record has, where the view stands, the event that the view has seen there."""
        if state.position == 0:
            return True
        found = self._log.after(state.position - 1, 1, state.position)
        return [(f.position, f.event.timestamp) for f in found] == [(state.position, state.recorded_at)]

    def try_writing(self) -> None:
        """Take the turn to write, and give it back. Raises what a catch-up would raise because of the store."""
        with self._writer.begin():
            pass

    # ---- reading

    @contextmanager
    def reading(self, until: int) -> Iterator[Snapshot]:
        """A consistent state of all views that is not older than position ``until`` (a stopped view aside)."""
        for attempt in (1, 2, 3):
            with self._reader.begin() as connection:
                states = self._read_states(connection)
                self._refuse_if_ahead(states, until)
                if attempt == 3 or _hold(states, until):
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
        if not self._is_to_move(until):
            return 0
        try:
            reached = False
            while not reached:
                step, reached = self._step(until)
                applied += step
                self._tell(moving=True)
        finally:
            self._tell(moving=False)
        return applied

    def _is_to_move(self, until: int) -> bool:
        """Whether this thread is the one to catch up; if not, another did while we waited, as far as ``until``."""
        give_up = time.monotonic() + left(AT_LENGTH)
        while True:
            with self._moved:
                if not self._moving:
                    self._moving = True
                    return True
                seen = self._steps
            # Looked at after the steps were counted: else one made in between would be waited for once more.
            if _hold(self.states(), until):
                return False
            self._wait_for_a_step(seen, give_up)
            if _hold(self.states(), until):
                return False

    def _wait_for_a_step(self, seen: int, give_up: float) -> None:
        """Of whoever moves the views, since they had made ``seen``. Raises `Unavailable` when none was made in time."""
        with self._moved:
            if not self._moved.wait_for(lambda: self._steps != seen, max(give_up - time.monotonic(), 0)):
                raise Unavailable("too-busy")

    def _tell(self, *, moving: bool) -> None:
        with self._moved:
            self._moving = moving
            self._steps += 1
            self._moved.notify_all()

    def _step(self, until: int) -> tuple[int, bool]:
        """One batch in one transaction; how many events it applied to the view that was furthest behind, and whether
        no more of them are to come."""
        with self._writer.begin() as connection:
            states = [s for s in self._read_states(connection) if s.error is None]
            self._refuse_if_ahead(states, until)
            behind = [s for s in states if s.position < until]
            if not behind:
                return 0, True
            start = min(s.position for s in behind)
            # From the last that was applied on: what stands there now must be what was applied.
            events = self._log.after(max(start - 1, 0), BATCH + 1, until)
            self._refuse_if_another_record(behind, events)
            events = [e for e in events if e.position > start]
            if not events:
                return 0, True
            views = self._live_views(states)
            for state in behind:
                view = views[self._by_name[state.view]]
                mine = [e for e in events if e.position > state.position]
                if mine:
                    self._apply(connection, view, mine)
            return len(events), events[-1].position >= until

    def _refuse_if_ahead(self, states: Sequence[ViewState], until: int) -> None:
        """Raise `Astray` when a view is ahead of the record. ``until`` is a head of it, from before the states."""
        furthest = max((s.position for s in states), default=0)
        if furthest <= until:
            return
        head = self._log.head()  # others may have gone on meanwhile
        if furthest > head:
            log.error("the views are at %d and the record ends at %d; see `coord health`", furthest, head)
            raise Astray

    def _refuse_if_another_record(self, behind: Sequence[ViewState], events: Sequence[Recorded]) -> None:
        """Raise `Astray` when the record, which may have grown since it was replaced, lacks what a view has seen."""
        last = events[-1].position if events else 0
        stands = {state.position: state.recorded_at for state in behind if 0 < state.position <= last}
        found = {e.position: e.event.timestamp for e in events if e.position in stands}
        start = min(state.position for state in behind)
        if found != stands or (start and start not in found):
            log.error("the record is not the one that the views were made from; see `coord health`")
            raise Astray

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
        ``grace`` seconds pass before the old tables go, for readers that are still on them. Tables that show what the
        record does not hold are not dropped: nothing else may know of it any more.
        """
        evidence = {state.view for state in self.astray()}
        kinds = [self._by_name[n] for n in names] if names else list(self.kinds)
        with self._builder.begin() as connection:
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
            for index in view.reading_indexes():  # in a transaction of its own: writers of views wait for one, not all
                with self._bulk_writer.begin() as connection:
                    index.create(connection, checkfirst=True)
            with self._bulk_writer.begin() as connection:
                for table in view.metadata.sorted_tables:  # as soon as it is live, everybody asks it at once
                    connection.exec_driver_sql(f"ANALYZE {table.name}")
        self._fill(new, position, progress)  # what arrived meanwhile: the swap holds everybody up, and shall be short
        if swap:
            self._swap(new)
            time.sleep(grace)
            with self._builder.begin() as connection:
                for view in new:
                    if view.NAME in evidence:
                        self._forget(connection, view.NAME, live[view.NAME])
                    elif view.NAME in live:
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
        with self._writer.begin() as connection:
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
        with self._builder.begin() as connection:
            for row in connection.execute(select(state_table).where(~state_table.c.live)).all():
                self._drop(connection, self._by_name[row.view], row.generation)

    def differences(
        self, generations: Mapping[str, int], *, progress: Callable[[Progress], None] = lambda _: None
    ) -> dict[str, Difference]:
        """Compare live tables with those of other generations, at one position of the record: table name -> what is in
        one only. A view that has stopped is left out.

        The database compares, row by row by their keys: nothing is held in memory, however large the tables.
        """
        result: dict[str, Difference] = {}
        with self._level_with(generations) as connection:
            states = [s for s in self._read_states(connection) if s.view in generations and s.error is None]
            pairs = [
                pair
                for kind, live in self._live_views(states).items()
                for pair in zip(
                    live.metadata.sorted_tables,
                    self._made_view(kind, generations[kind.NAME]).metadata.sorted_tables,
                    strict=True,
                )
            ]
            for number, (one, two) in enumerate(pairs):
                progress(Progress(one.name, number, len(pairs)))
                here, there = _only_in(one, two), _only_in(two, one)
                count = sum(
                    connection.execute(select(func.count()).select_from(rows.subquery())).scalar_one()
                    for rows in (here, there)
                )
                # A changed row is in both, with one key.
                places = [_place(row) for rows in (here, there) if count for row in connection.execute(rows.limit(3))]
                result[one.name] = Difference(count, list(dict.fromkeys(places))[:3])
            progress(Progress("", len(pairs), len(pairs)))
        return result

    @contextmanager
    def _level_with(self, generations: Mapping[str, int]) -> Iterator[Connection]:
        """One state of the store in which these generations show exactly as much of the record as the live ones."""
        with ExitStack() as stack:
            connection: Connection | None = None
            while connection is None:
                self.catch_up()
                with self._writer.begin() as turn:
                    if self._drawn_level(turn, generations):  # and nobody else can write
                        connection = stack.enter_context(self._reader.begin())
                        self._read_states(connection)
            yield connection

    def _drawn_level(self, turn: Connection, generations: Mapping[str, int]) -> bool:
        """Whether they are as far; if not, apply to those beside what the live ones have had."""
        beside = {
            (row.view, row.generation): row.position
            for row in turn.execute(select(state_table).where(~state_table.c.live))
        }
        level = True
        for state in self._read_states(turn):
            generation = generations.get(state.view)
            if generation is None or state.error is not None:
                continue
            position = beside[state.view, generation]
            level = level and position == state.position
            while position < state.position:
                events = self._log.after(position, REBUILD_BATCH, state.position)
                self._apply_all(turn, self._made_view(self._by_name[state.view], generation), events)
                position = events[-1].position
        return level

    # ---- the parts

    def _drop(self, connection: Connection, kind: type[View], generation: int) -> None:
        self._made_view(kind, generation).metadata.drop_all(connection)
        self._forget(connection, kind.NAME, generation)

    def _forget(self, connection: Connection, name: str, generation: int) -> None:
        connection.execute(
            state_table.delete().where(state_table.c.view == name, state_table.c.generation == generation)
        )

    def _read_states(self, connection: Connection) -> list[ViewState]:
        rows = self._asked.all(connection, _live)
        return [ViewState(**row) for row in rows if row["view"] in self._by_name]

    def _live_views(self, states: Sequence[ViewState]) -> dict[type[View], View]:
        return {self._by_name[s.view]: self._made_view(self._by_name[s.view], s.generation) for s in states}

    def _made_view(self, kind: type[View], generation: int) -> View:
        key = (kind.NAME, generation)
        view = self._made.get(key)
        if view is None:
            view = self._made[key] = kind(generation)
        return view
