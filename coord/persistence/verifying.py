"""Whether what is kept is whole: the record, its indexes and the access log, read through once, a part at a time.

Nothing is changed, and as little is held in memory for a million events as for a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.persistence import MapperDeserialisationError
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    exists,
    func,
    inspect,
    select,
    text,
    tuple_,
)

from coord.damage import is_damage
from coord.office.access import looks
from coord.persistence.events import CoordMapper, OrjsonTranscoder
from coord.persistence.sqlite import FILES, own_check

AT_ONCE = 1_000
"""Events that are looked at together."""
KEYS_AT_ONCE = 10_000
"""Places in streams that are looked at together."""

RECORD, ACCESS, OFFICE = "the record", "the access log", "the office"

Told = Callable[[str, int, int], None]
"""Hears how far it is: what is done, how much of it, of how much."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written: in which store, and where and what it is, in one line."""

    store: str
    what: str


def _not_told(_: str, __: int, ___: int) -> None:
    """Nobody listens."""


class Verification:
    """One pass over the stores that are kept. Each method gives the faults that it finds, in order, without end."""

    def __init__(self, record: Engine, access: Engine, folder: Path | None, told: Told = _not_told) -> None:
        """``folder`` is where the files are, on SQLite."""
        self._record, self._access, self._folder = record, access, folder
        self._told = told
        self._mapper = CoordMapper(transcoder=OrjsonTranscoder())
        made, sqlite = MetaData(), folder is not None
        self._sqlite = sqlite
        stream, version = Column("originator_id", Uuid), Column("originator_version", BigInteger)
        self._events = Table(
            "stored_events",
            made,
            Column("id" if sqlite else "notification_id", BigInteger, key="position"),
            stream,
            version,
            Column("topic", Text),
            Column("state", LargeBinary),
        )
        self._index = Table(
            "entry_index",
            made,
            Column("entry_id", Uuid),
            Column("originator_id", Uuid),
            Column("originator_version", BigInteger),
        )
        self._gaps = Table("gaps", made, Column("first", BigInteger), Column("last", BigInteger))
        self._origin = Table("entry_origin", made, Column("entry_id", Uuid), Column("originator_id", Uuid))
        self._snapshots = Table(
            "stored_snapshots", made, Column("originator_id", Uuid), Column("originator_version", BigInteger)
        )

    def files(self) -> Iterator[Fault]:
        """What SQLite's own check finds in the files; nothing on PostgreSQL, which checks what is read from it."""
        if self._folder is None:
            return
        kept = (("record", RECORD), ("access", ACCESS), ("office", OFFICE))
        for number, (store, name) in enumerate(kept):
            self._told("checking the files", number, len(kept))
            if (self._folder / FILES[store]).exists():
                for line in own_check(self._folder / FILES[store]):
                    yield Fault(name, f"{FILES[store]}: {line}")
        self._told("checking the files", len(kept), len(kept))

    def record(self, *, thorough: bool = True) -> Iterator[Fault]:
        """Streams and positions without gaps; and if ``thorough``, every event can be read and the indexes say what the
        events say.

        All of it is one state of the store, so that others may write meanwhile.
        """
        yield from _guarded(RECORD, self._whole(thorough=thorough))

    def _whole(self, *, thorough: bool) -> Iterator[Fault]:
        given = self._given()
        with self._record.execution_options(snapshot=True).begin() as connection:
            if not inspect(connection).has_table(self._events.name):
                return
            last = connection.execute(select(func.max(self._events.c.position))).scalar() or 0
            yield from _guarded(RECORD, self._ordered(connection, last, given, exactly=thorough))
            if thorough:
                yield from _guarded(RECORD, self._decoded(connection, last))
                yield from _guarded(RECORD, self._snapshots_fit(connection))

    def _given(self) -> int:
        """The last position that is known to have been given to an event. Asked before the record is looked at, for on
        PostgreSQL what a sequence says is of now, not of the moment that is looked at."""
        said = (
            "SELECT seq FROM sqlite_sequence WHERE name='stored_events'"
            if self._sqlite
            else "SELECT last_value FROM stored_events_notification_id_seq WHERE is_called"
        )
        with self._record.begin() as connection:
            there = inspect(connection).has_table(self._events.name)
            return (connection.execute(text(said)).scalar() or 0) if there else 0

    def _ordered(self, connection: Connection, last: int, given: int, *, exactly: bool) -> Iterator[Fault]:
        count = yield from self._streams(connection)
        if self._sqlite or inspect(connection).has_table(self._gaps.name):
            yield from self._positions(connection, last, count, given, exactly=exactly)

    def _streams(self, connection: Connection) -> Generator[Fault, None, int]:
        """Each stream has the versions 1 to its last, at rising positions. Returns the number of events."""
        e = self._events.c
        total = connection.execute(select(func.count()).select_from(self._events)).scalar_one()
        keys = select(e.originator_id, e.originator_version, e.position).order_by(e.originator_id, e.originator_version)
        stream, version, position, done = None, 0, 0, 0
        rows = connection.execute(keys.limit(KEYS_AT_ONCE)).all()
        while rows:
            for next_stream, next_version, next_position in rows:
                if next_stream != stream:
                    stream, version, position = next_stream, 0, 0
                if next_version != version + 1:
                    gap = f"version {version + 1}" + (f" to {next_version - 1}" if next_version > version + 2 else "")
                    yield Fault(RECORD, f"stream {stream}: {gap} missing (version {next_version} is there)")
                if next_position <= position:
                    yield Fault(
                        RECORD,
                        f"stream {stream}: version {next_version} stands at position {next_position}, before the "
                        f"version before it, at {position}",
                    )
                version, position = next_version, next_position
            done += len(rows)
            self._told("checking streams", done, total)
            after = tuple_(e.originator_id, e.originator_version) > tuple_(stream, version)
            rows = connection.execute(keys.where(after).limit(KEYS_AT_ONCE)).all()
        return done

    def _positions(
        self, connection: Connection, last: int, count: int, given: int, *, exactly: bool
    ) -> Iterator[Fault]:
        """Every position from 1 on is there, but for those that a race burned on PostgreSQL before Coord listed them
        (see `coord.persistence.postgres_schema`; a store of before that has no list yet, and is not asked)."""
        if given > last:
            yield Fault(RECORD, f"the events at the end, positions {last + 1} to {given}, are missing")
        burned = [] if self._sqlite else self._burned(connection)
        if count + sum(end - first + 1 for first, end in burned) != last:
            if not exactly:
                yield Fault(RECORD, f"{count} events where the last position is {last}")
                return
            for first, end in _unlisted(_gaps(connection, self._events.c.position), burned):
                yield Fault(RECORD, f"nothing at position {_range(first, end)}")
        if burned:
            e, g = self._events.c, self._gaps.c
            given_again = select(e.position).join(self._gaps, e.position.between(g.first, g.last)).limit(20)
            for position in connection.execute(given_again).scalars():
                yield Fault(RECORD, f"something at position {position}, which was never given to an event")

    def _burned(self, connection: Connection) -> list[tuple[int, int]]:
        listed = select(self._gaps.c.first, self._gaps.c.last).order_by(self._gaps.c.first)
        return [(first, end) for first, end in connection.execute(listed)]

    def _decoded(self, connection: Connection, last: int) -> Iterator[Fault]:
        """Every event can be read by its topic, and the indexes hold what events say they are about, and no more."""
        e = self._events.c
        query = select(e.position, e.originator_id, e.originator_version, e.topic, e.state).order_by(e.position)
        position = entries = origins = 0
        while True:
            try:
                rows = connection.execute(query.where(e.position > position).limit(AT_ONCE)).all()
            except Exception as error:
                if not _is_unreadable(error):
                    raise
                yield Fault(RECORD, f"cannot be read after position {position}: {_line(error)}")
                return
            if not rows:
                break
            about: dict[tuple[UUID, int], UUID] = {}
            begun: dict[UUID, UUID] = {}
            for position, stream, version, topic, state in rows:
                try:
                    event: Any = self._mapper.decoded(stream, version, topic, state)
                    entry = event.entry_id
                except Exception as error:
                    # The error's own message may quote what was written about a child.
                    kind = type(error.__cause__ or error).__name__
                    where = f"stream {stream}: version {version} (position {position}, {topic})"
                    yield Fault(RECORD, f"{where} cannot be read: {kind}")
                    continue
                if entry is not None:
                    about[entry, version] = stream
                    if event.BEGINS_ENTRY:
                        begun[entry] = stream
            entries, origins = entries + len(about), origins + len(begun)
            yield from self._indexed(connection, about, begun)
            self._told("checking events", min(position, last), last)
        yield from self._nothing_else(connection, entries, origins)

    def _indexed(
        self, connection: Connection, about: dict[tuple[UUID, int], UUID], begun: dict[UUID, UUID]
    ) -> Iterator[Fault]:
        i, o = self._index.c, self._origin.c
        found: dict[tuple[UUID, int], UUID] = {}
        for keys in _parts(list(about)):
            # Not by pairs, for which SQLite would go through the whole index. The events of an entry may be many, and
            # those around here few.
            concerned, versions = {entry for entry, _ in keys}, [version for _, version in keys]
            query = select(i.entry_id, i.originator_version, i.originator_id).where(
                i.entry_id.in_(concerned), i.originator_version.between(min(versions), max(versions))
            )
            found |= {(row[0], row[1]): row[2] for row in connection.execute(query)}
        for (entry, version), stream in about.items():
            if found.get((entry, version)) != stream:
                yield Fault(RECORD, f"stream {stream}: version {version} is not under its entry {entry} in the index")
        first: dict[UUID, UUID] = {}
        for ids in _parts(list(begun)):
            rows = connection.execute(select(o.entry_id, o.originator_id).where(o.entry_id.in_(ids)))
            first |= {row[0]: row[1] for row in rows}
        for entry, stream in begun.items():
            if first.get(entry) != stream:
                yield Fault(RECORD, f"stream {stream}: entry {entry} is not kept as its own")

    def _nothing_else(self, connection: Connection, entries: int, origins: int) -> Iterator[Fault]:
        """Every row of an index has an event behind it. Those that have were counted; others are looked for then."""
        e, i, o = self._events.c, self._index.c, self._origin.c
        more = connection.execute(select(func.count()).select_from(self._index)).scalar_one() - entries
        if more > 0:
            event = exists().where(e.originator_id == i.originator_id, e.originator_version == i.originator_version)
            without = select(i.originator_id, i.originator_version, i.entry_id).where(~event).limit(20)
            named = connection.execute(without).all()
            for stream, version, entry in named:
                yield Fault(RECORD, f"stream {stream}: version {version} is in the index of entry {entry}, and missing")
            if more > len(named):
                yield Fault(RECORD, f"the index of entries has {more - len(named)} rows that no event is about")
        more = connection.execute(select(func.count()).select_from(self._origin)).scalar_one() - origins
        if more > 0:
            event = exists().where(i.entry_id == o.entry_id)
            orphans = connection.execute(select(o.originator_id, o.entry_id).where(~event).limit(20)).all()
            for stream, entry in orphans:
                yield Fault(RECORD, f"stream {stream}: its entry {entry} is missing")
            if more > len(orphans):
                yield Fault(RECORD, f"{more - len(orphans)} entries are kept as somebody's that no event begins")

    def _snapshots_fit(self, connection: Connection) -> Iterator[Fault]:
        """A snapshot is of a version that its stream has: it was taken when the event had been written."""
        e, s = self._events.c, self._snapshots.c
        if not inspect(connection).has_table(self._snapshots.name):
            return
        event = exists().where(e.originator_id == s.originator_id, e.originator_version == s.originator_version)
        for stream, version in connection.execute(select(s.originator_id, s.originator_version).where(~event)):
            yield Fault(RECORD, f"stream {stream}: version {version} is missing, of which there is a snapshot")

    def access(self) -> Iterator[Fault]:
        """Every look can be read, on SQLite none is missing, and none shows what the record has not."""
        yield from _guarded(ACCESS, self._all_looks())

    def _all_looks(self) -> Iterator[Fault]:
        with self._access.execution_options(snapshot=True).begin() as connection:
            if not inspect(connection).has_table(looks.name):
                return
            numbers = select(func.max(looks.c.id), func.count(), func.max(looks.c.position))
            last, count, furthest = (value or 0 for value in connection.execute(numbers).one())
            if self._sqlite:
                given = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name='looks'")).scalar() or 0
                if given > last:
                    yield Fault(ACCESS, f"the looks at the end, {last + 1} to {given}, are missing")
                if count != last:
                    yield from (
                        Fault(ACCESS, f"look {_range(*gap)} is missing") for gap in _gaps(connection, looks.c.id)
                    )
            yield from self._looks(connection, last)
        with self._record.begin() as connection:  # later: by now the record holds what had been shown before
            known = inspect(connection).has_table(self._events.name)
            head = connection.execute(select(func.max(self._events.c.position))).scalar() if known else 0
        if furthest > (head or 0):
            yield Fault(RECORD, f"ends at position {head or 0}, and somebody was shown position {furthest}")

    def _looks(self, connection: Connection, last: int) -> Iterator[Fault]:
        query, number = select(looks).order_by(looks.c.id), 0
        while ids := _next(connection, looks.c.id, number, AT_ONCE):
            part = and_(looks.c.id > number, looks.c.id <= ids[-1])
            if not _readable(connection, query.where(part)):
                for one in ids:
                    if not _readable(connection, query.where(looks.c.id == one)):
                        yield Fault(ACCESS, f"look {one} cannot be read")
            number = ids[-1]
            self._told("checking looks", number, last)


def _guarded(store: str, faults: Iterator[Fault]) -> Iterator[Fault]:
    """These faults; and that the store cannot be read on, where it is too damaged for that."""
    try:
        yield from faults
    except Exception as error:
        if not _is_unreadable(error):
            raise
        yield Fault(store, f"cannot be read: {_line(error)}")


def _readable(connection: Connection, query: Select[Any]) -> bool:
    try:
        for row in connection.execute(query).mappings():
            for entry in row["entries"].split():
                UUID(entry)
    except Exception as error:
        if not _is_unreadable(error):
            raise
        return False
    return True


def _next(connection: Connection, column: ColumnElement[int], after: int, limit: int) -> Sequence[int]:
    """The next numbers of a column, in order."""
    return connection.execute(select(column).where(column > after).order_by(column).limit(limit)).scalars().all()


def _gaps(connection: Connection, column: ColumnElement[int]) -> Iterator[tuple[int, int]]:
    """What is left out in a column of numbers from 1 on, in order: the first and the last of each gap."""
    last = 0
    while numbers := _next(connection, column, last, KEYS_AT_ONCE):
        for one, two in pairwise([last, *numbers]):
            if two > one + 1:
                yield one + 1, two - 1
        last = numbers[-1]


def _range(first: int, last: int) -> str:
    """So much as "17", or "17 to 20"."""
    return f"{first}" + (f" to {last}" if last > first else "")


def _unlisted(found: Iterable[tuple[int, int]], listed: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What of some ranges is in none of those listed; both are in order."""
    known = iter(listed)
    one = next(known, None)
    for begin, end in found:
        first = begin
        while one is not None and one[0] <= end:
            if one[0] > first:
                yield first, one[0] - 1
            first = max(first, one[1] + 1)
            if one[1] > end:
                break
            one = next(known, None)
        if first <= end:
            yield first, end


def _parts(keys: list[Any]) -> Iterator[Sequence[Any]]:
    """Few enough to be named in one statement."""
    for start in range(0, len(keys), 400):
        yield keys[start : start + 400]


def _is_unreadable(error: Exception) -> bool:
    """Whether it is the content that is wrong; a store that is away or busy is another matter."""
    return is_damage(error) or isinstance(error, ValueError | MapperDeserialisationError | AttributeError | TypeError)


def _line(error: Exception) -> str:
    """What a database says of its own state; any other error's message may quote what was written about a child."""
    if not is_damage(error):
        return type(error).__name__
    cause = getattr(error, "orig", None) or error
    return str(cause).splitlines()[0][:200] if str(cause) else type(cause).__name__
