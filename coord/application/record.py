"""The record: the one log of events, by the eventsourcing library."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar, cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application, LRUCache, Repository
from eventsourcing.persistence import EventStore, InfrastructureFactory, StoredEvent
from eventsourcing.utils import Environment

from coord.domain.activity import Activity
from coord.domain.case import (
    AttainmentScored,
    Case,
    CopmRecorded,
    Goal,
    GoalProposed,
    GoalStanding,
    GroupLine,
    GroupSessionRecorded,
    InstrumentRecorded,
    Note,
    NoteSigned,
    Strategy,
    StrategyOffered,
)
from coord.domain.case.measures import Measure
from coord.domain.course import Course
from coord.domain.errors import NotFound
from coord.domain.events import CoordEvent
from coord.domain.note_template import NoteTemplate
from coord.domain.person import Person
from coord.domain.policy import Policy, policy_id

log = logging.getLogger(__name__)

Entry = Note | Goal | Strategy | Measure | AttainmentScored | GroupLine
"""What is folded apart from its case, by an index of its own (docs/adr/0001)."""
E = TypeVar("E", Note, Goal, Strategy, Measure, GroupLine)
S = TypeVar("S", Case, Activity)
_FOLDS: dict[type[CoordEvent], Callable[[list[CoordEvent]], Any]] = {
    NoteSigned: Note.from_events,
    GoalProposed: Goal.from_events,
    StrategyOffered: Strategy.from_events,
    CopmRecorded: Measure.from_events,
    InstrumentRecorded: Measure.from_events,
    AttainmentScored: lambda events: events[0],
    GroupSessionRecorded: GroupLine.from_events,
}
"""By the event that an entry begins with."""
Stream = Case | Person | Activity | NoteTemplate | Policy | Course
"""What has a stream of its own."""
SNAPSHOT_EVERY = 50
"""Versions of a case from one snapshot to the next."""
KEPT = 500
"""Cases and people that are kept in memory, each brought up to date when it is asked for."""


class EntryRecorder(Protocol):
    """What our recorders offer beside the library's."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, entries: Sequence[tuple[UUID, bool] | None]
    ) -> Sequence[int]:
        """Add events, all or nothing; their positions.

        ``entries`` has for each event the entry that it is about, and whether it is the entry's first; or None.
        """

    def select_newer(self, originator_id: UUID, version: int) -> list[StoredEvent]:
        """The stored events of one stream after a version, in order."""

    def select_newer_of(self, known: Sequence[tuple[UUID, int]]) -> list[StoredEvent]:
        """The stored events of several streams, of each after its version, in the order of each stream."""

    def select_entry_events(self, entry_id: UUID) -> list[StoredEvent]:
        """Every stored event about one entry, in order."""

    def select_entries(self, known: Sequence[tuple[UUID, int]]) -> list[tuple[UUID, StoredEvent]]:
        """The stored events about several entries, of each after a version of its stream, with the entry; in the order
        of each."""

    def select_positions(self, originator_id: UUID) -> list[tuple[int, int]]:
        """(version, position) of every event of one stream."""

    def try_writing(self) -> None:
        """Raise what an append would raise because of the store, and append nothing."""

    def select_rows(self, after: int, limit: int, until: int | None = None) -> list[tuple[int, UUID, int, str, bytes]]:
        """At most ``limit`` events after a position, up to ``until``: position, stream, version, topic, state."""


class EntryMapper(Protocol):
    """What our mapper offers beside the library's."""

    def decoded(self, originator_id: UUID, originator_version: int, topic: str, stored: bytes) -> CoordEvent:
        """The event in a row of the record."""


class Recorded(NamedTuple):  # quicker to make than a dataclass, and a rebuild makes as many as there are events
    """An event with its place in the record."""

    position: int
    event: CoordEvent


class Record(Application[UUID]):
    """Loads cases and people, saves what they decided, and reads the log.

    They load from memory, brought up to date by one query; at first from a snapshot and the events after it.
    """

    name = "stored"
    is_snapshotting_enabled = True
    env: ClassVar[dict[str, str]] = {}

    def __init__(self, factory: type[InfrastructureFactory[Any]], env: dict[str, str]) -> None:
        """Open the record with the store's own factory and environment."""
        self._factory_type = factory
        self._known: LRUCache[UUID, Any] = LRUCache(KEPT)
        self._standings: LRUCache[UUID, tuple[int, GoalStanding]] = LRUCache(KEPT)
        super().__init__(env)

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """The store's factory, whatever the process environment says."""
        return self._factory_type(env)

    @property
    def _entries(self) -> EntryRecorder:
        return cast("EntryRecorder", self.recorder)

    def head(self) -> int:
        """The position of the last event; 0 in an empty record."""
        return self.recorder.max_notification_id() or 0

    def case(self, case_id: UUID) -> Case:
        """A child's case as it stands. Raises `NotFound`."""
        case = self._loaded(case_id)
        if not isinstance(case, Case):
            raise NotFound
        return case

    def person(self, person_id: UUID) -> Person:
        """A person as they stand. Raises `NotFound`."""
        person = self._loaded(person_id)
        if not isinstance(person, Person):
            raise NotFound("no-such-person")
        return person

    def _loaded(self, stream: UUID) -> object:
        """What a stream folds to now, for the caller to change; None if there is no such stream.

        What is kept is never changed, only replaced: threads that ask for the same stream need not wait for each other.
        """
        try:
            kept: Any = self._known.get(stream)
        except KeyError:
            try:
                kept = self.repository.get(stream)
            except AggregateNotFoundError:
                return None
            if isinstance(kept, Case) and (kept.has_forgotten_summaries or kept.has_forgotten_its_closing):
                kept = self._from_events_alone(stream)
            self._known.put(stream, kept)
        aggregate = deepcopy(kept)
        newer = self._entries.select_newer(stream, kept.version)
        if newer:
            for stored in newer:
                cast("CoordEvent", self.mapper.to_domain_event(stored)).mutate(aggregate)
            self._keep(aggregate)
        return cast("object", aggregate)

    def _from_events_alone(self, stream: UUID) -> Any:
        aggregate: Any = None
        for event in self.events.get(stream):
            aggregate = cast("CoordEvent", event).mutate(aggregate)
        return aggregate

    def cases(self, case_ids: Sequence[UUID]) -> dict[UUID, Case]:
        """Several cases as they stand, in one query for those that are in memory. Raises `NotFound`."""
        return self._several(case_ids, Case, self.case)

    def activities(self, activity_ids: Sequence[UUID]) -> dict[UUID, Activity]:
        """Several activities of the library as they stand, likewise. Raises `NotFound`."""
        return self._several(activity_ids, Activity, self.activity)

    def _several(self, ids: Sequence[UUID], kind: type[S], one: Callable[[UUID], S]) -> dict[UUID, S]:
        """Several streams of one kind as they stand; ``one`` loads one that is not in memory."""
        kept: dict[UUID, S] = {}
        for stream in ids:
            known: object = None
            with suppress(KeyError):
                known = self._known.get(stream)
            kept[stream] = deepcopy(known) if isinstance(known, kind) else one(stream)
        known_to = [(stream, aggregate.version) for stream, aggregate in kept.items()]
        newer = self._entries.select_newer_of(known_to) if known_to else []
        for stored in newer:
            cast("CoordEvent", self.mapper.to_domain_event(stored)).mutate(kept[cast("UUID", stored.originator_id)])
        for changed in {cast("UUID", stored.originator_id) for stored in newer}:
            self._keep(kept[changed])
        return kept

    def course(self, course_id: UUID) -> Course:
        """A course as it stands. Raises `NotFound`."""
        course = self._loaded(course_id)
        if not isinstance(course, Course):
            raise NotFound("no-such-course")
        return course

    def _keep(self, aggregate: Stream) -> None:
        self._known.put(aggregate.id, deepcopy(aggregate))

    def activity(self, activity_id: UUID) -> Activity:
        """An activity of the library as it stands. Raises `NotFound`."""
        activity = self._loaded(activity_id)
        if not isinstance(activity, Activity):
            raise NotFound("no-such-activity")
        return activity

    def note_template(self, template_id: UUID) -> NoteTemplate:
        """A template of notes as it stands. Raises `NotFound`."""
        template = self._loaded(template_id)
        if not isinstance(template, NoteTemplate):
            raise NotFound("no-such-template")
        return template

    def policy(self, team: str) -> Policy:
        """The policies of a service team as they stand; the defaults, if it never changed any."""
        policy = self._loaded(policy_id(team))
        if policy is None:
            return Policy.of(team)
        if not isinstance(policy, Policy):
            raise TypeError(f"the stream of the policies of {team} holds something else")
        return policy

    def exists(self, stream: UUID) -> bool:
        """Whether there is a stream with this id."""
        return bool(self.recorder.select_events(stream, limit=1))

    def try_writing(self) -> None:
        """Raise what an append would raise because of the store (locked, read-only), and append nothing."""
        self._entries.try_writing()

    def has_moved(self, stream: UUID, version: int) -> bool:
        """Whether somebody has appended to a stream since it was at ``version``."""
        return bool(self._entries.select_newer(stream, version))

    def entry(self, entry_id: UUID) -> tuple[UUID, Entry] | None:
        """The case that an entry belongs to, and the entry folded; None if there is no such entry."""
        stored = self._entries.select_entry_events(entry_id)
        if not stored:
            return None
        events = [cast("CoordEvent", self.mapper.to_domain_event(s)) for s in stored]
        return cast("UUID", stored[0].originator_id), _FOLDS[type(events[0])](events)

    def entries(self, entry_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, Entry]]:
        """Of several entries the case that each belongs to, and the entry folded; without those that do not exist."""
        events: dict[UUID, list[CoordEvent]] = {}
        wanted = [(entry_id, 0) for entry_id in entry_ids]
        for entry_id, stored in self._entries.select_entries(wanted) if wanted else ():
            events.setdefault(entry_id, []).append(cast("CoordEvent", self.mapper.to_domain_event(stored)))
        return {entry_id: (told[0].originator_id, _FOLDS[type(told[0])](told)) for entry_id, told in events.items()}

    def standings(self, entry_ids: Sequence[UUID]) -> dict[UUID, GoalStanding | None]:
        """Of several entries those that exist: how a goal stands, None for what is no goal. One query brings those up
        to date that are kept in memory, and loads the others."""
        kept: dict[UUID, tuple[int, GoalStanding]] = {}
        for entry_id in entry_ids:
            with suppress(KeyError):
                kept[entry_id] = self._standings.get(entry_id)
        wanted = [(entry_id, kept[entry_id][0] if entry_id in kept else 0) for entry_id in dict.fromkeys(entry_ids)]
        newer: dict[UUID, list[CoordEvent]] = {}
        for entry_id, stored in self._entries.select_entries(wanted) if wanted else ():
            newer.setdefault(entry_id, []).append(cast("CoordEvent", self.mapper.to_domain_event(stored)))
        found: dict[UUID, GoalStanding | None] = {entry_id: standing for entry_id, (_, standing) in kept.items()}
        for entry_id, events in newer.items():
            before = found.get(entry_id)
            if before is None and not isinstance(events[0], GoalProposed):
                found[entry_id] = None
                continue
            standing = found[entry_id] = GoalStanding.after(before, events)
            self._standings.put(entry_id, (events[-1].originator_version, standing))
        return found

    def entry_history(self, entry_id: UUID) -> list[Recorded]:
        """Every event about one entry with its position, in order."""
        stored = self._entries.select_entry_events(entry_id)
        if not stored:
            return []
        positions = dict(self._entries.select_positions(cast("UUID", stored[0].originator_id)))
        return [
            Recorded(positions[s.originator_version], cast("CoordEvent", self.mapper.to_domain_event(s)))
            for s in stored
        ]

    def note(self, case_id: UUID, note_id: UUID) -> Note:
        """One note of one case. Raises `NotFound`, also when the note is another child's."""
        return self._one(case_id, note_id, Note, "no-such-note")

    def goal(self, case_id: UUID, goal_id: UUID) -> Goal:
        """One goal of one case. Raises `NotFound`, also when the goal is another child's."""
        return self._one(case_id, goal_id, Goal, "no-such-goal")

    def strategy(self, case_id: UUID, strategy_id: UUID) -> Strategy:
        """One strategy of one case. Raises `NotFound`, also when it is another child's."""
        return self._one(case_id, strategy_id, Strategy, "no-such-strategy")

    def measure(self, case_id: UUID, measure_id: UUID) -> Measure:
        """One measure of one case. Raises `NotFound`, also when it is another child's."""
        return self._one(case_id, measure_id, Measure, "no-such-measure")

    def line(self, case_id: UUID, line_id: UUID) -> GroupLine:
        """One line of a group session in a child's record. Raises `NotFound`, also when it is another child's."""
        return self._one(case_id, line_id, GroupLine, "no-such-line")

    def _one(self, case_id: UUID, entry_id: UUID, kind: type[E], code: str) -> E:
        found = self.entry(entry_id)
        if found is None or found[0] != case_id or not isinstance(found[1], kind):
            raise NotFound(code)
        return found[1]

    def first_with(self, id: UUID, *, entry: UUID | None = None, stream: UUID | None = None) -> Recorded | None:
        """The first event that has ``id`` in it, of those about an entry or of those of a stream; its own first one, if
        it is the stream's."""
        told = self._entries.select_entry_events(entry) if entry else self.recorder.select_events(cast("UUID", stream))
        text = str(id).encode()
        stored = next((s for s in told if s.originator_id == id or text in s.state), None)
        if stored is None:
            return None
        positions = dict(self._entries.select_positions(cast("UUID", stored.originator_id)))
        return Recorded(positions[stored.originator_version], cast("CoordEvent", self.mapper.to_domain_event(stored)))

    def before(self, position: int) -> Record:
        """The record as it was before a position; only to be read, and not for long."""
        return _Past(self, position)

    def as_stored(self, event: CoordEvent) -> CoordEvent:
        """An event as it would be read after it was saved."""
        return cast("CoordEvent", self.mapper.to_domain_event(self.mapper.to_stored_event(event)))

    def append(self, *aggregates: Stream) -> int:
        """Save what the aggregates decided, all or nothing; the position of the last event, 0 if there was none.

        Raises the library's `IntegrityError` when somebody else has appended to one of the streams meanwhile.
        """
        decided = [aggregate.collect_events() for aggregate in aggregates]
        counts = [len(of_one) for of_one in decided]
        events = [cast("CoordEvent", event) for of_one in decided for event in of_one]
        if not events:
            return 0
        entries = [None if (entry := event.entry_id) is None else (entry, event.BEGINS_ENTRY) for event in events]
        stored = [self.mapper.to_stored_event(event) for event in events]
        positions = self._entries.insert_events(stored, entries=entries)
        due = []
        for aggregate, count in zip(aggregates, counts, strict=True):
            self._keep(aggregate)
            before = aggregate.version - count
            if isinstance(aggregate, Case) and before // SNAPSHOT_EVERY < aggregate.version // SNAPSHOT_EVERY:
                due.append(aggregate)
        if due:
            self._take_snapshots_of(due)
        return positions[-1]

    def _take_snapshots_of(self, cases: Sequence[Case]) -> None:
        # The events are recorded by now: a snapshot that fails must not look like a failed command.
        try:
            cast("EventStore[UUID]", self.snapshots).put([Case.Snapshot.take(case) for case in cases])
        except Exception:
            log.exception("a snapshot could not be taken; loading goes on from the one before")

    def after(self, position: int, limit: int, until: int | None = None) -> list[Recorded]:
        """At most ``limit`` events after ``position`` (and up to ``until``), in order."""
        decoded = cast("EntryMapper", self.mapper).decoded
        rows = self._entries.select_rows(position, limit, until)
        return [Recorded(row[0], decoded(row[1], row[2], row[3], row[4])) for row in rows]

    def stream(self, stream_id: UUID) -> Iterator[Recorded]:
        """Every event of one stream with its position, in order."""
        positions = dict(self._entries.select_positions(stream_id))
        for event in self.events.get(stream_id):
            yield Recorded(positions[event.originator_version], cast("CoordEvent", event))


class _Past(Record):
    """The record as it was before a position, over the same store."""

    def __init__(self, record: Record, position: int) -> None:
        self.mapper, self.recorder = record.mapper, cast("Any", _Before(record.recorder, position))
        self.events = EventStore(self.mapper, self.recorder)
        self._repository = Repository(self.events)
        self._known, self._standings = LRUCache(KEPT), LRUCache(KEPT)

    def close(self) -> None:
        """The store is another's."""


class _Before:
    """What finds stored events, without those of a position and later."""

    def __init__(self, recorder: Any, position: int) -> None:
        self._recorder, self._position = recorder, position
        self._last: dict[UUID, int] = {}

    def __getattr__(self, name: str) -> Any:
        select = getattr(self._recorder, name)
        return lambda *args, **more: [found for found in select(*args, **more) if self._was_there(found)]

    def _was_there(self, found: StoredEvent | tuple[UUID, StoredEvent]) -> bool:
        stored = found[1] if isinstance(found, tuple) else found
        stream = cast("UUID", stored.originator_id)
        if stream not in self._last:
            positions = self._recorder.select_positions(stream)
            self._last[stream] = max((version for version, at in positions if at < self._position), default=0)
        return stored.originator_version <= self._last[stream]
