"""The record: the one log of events, by the eventsourcing library."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application, ProcessingEvent
from eventsourcing.persistence import InfrastructureFactory, Notification, StoredEvent
from eventsourcing.utils import Environment

from coord.domain.activity import Activity
from coord.domain.case import Case, Note, NoteSigned
from coord.domain.errors import NotFound
from coord.domain.events import CoordEvent
from coord.domain.person import Person
from coord.domain.policy import Policy, policy_id

log = logging.getLogger(__name__)


class EntryRecorder(Protocol):
    """What our recorders offer beside the library's."""

    def select_entry_events(self, entry_id: UUID) -> list[StoredEvent]:
        """Every stored event about one entry, in order."""

    def select_positions(self, originator_id: UUID) -> list[tuple[int, int]]:
        """(version, position) of every event of one stream."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place in the record."""

    position: int
    event: CoordEvent


class Record(Application[UUID]):
    """Loads cases and people, saves what they decided, and reads the log.

    Cases load from a cache that is brought up to date by one query, or from a snapshot taken every 50 versions.
    """

    name = "stored"
    snapshotting_intervals: ClassVar[dict[Any, int]] = {Case: 50}
    env: ClassVar[dict[str, str]] = {"AGGREGATE_CACHE_MAXSIZE": "500"}

    def __init__(self, factory: type[InfrastructureFactory[Any]], env: dict[str, str]) -> None:
        """Open the record with the store's own factory and environment."""
        self._factory_type = factory
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
        try:
            case: object = self.repository.get(case_id)
        except AggregateNotFoundError:
            raise NotFound from None
        if not isinstance(case, Case):
            raise NotFound
        return case

    def person(self, person_id: UUID) -> Person:
        """A person as they stand. Raises `NotFound`."""
        try:
            person: object = self.repository.get(person_id)
        except AggregateNotFoundError:
            raise NotFound("no-such-person") from None
        if not isinstance(person, Person):
            raise NotFound("no-such-person")
        return person

    def activity(self, activity_id: UUID) -> Activity:
        """An activity of the library as it stands. Raises `NotFound`."""
        try:
            activity: object = self.repository.get(activity_id)
        except AggregateNotFoundError:
            raise NotFound("no-such-activity") from None
        if not isinstance(activity, Activity):
            raise NotFound("no-such-activity")
        return activity

    def policy(self, team: str) -> Policy:
        """The policies of a service team as they stand; the defaults, if it never changed any."""
        try:
            policy: object = self.repository.get(policy_id(team))
        except AggregateNotFoundError:
            return Policy.of(team)
        if not isinstance(policy, Policy):
            raise TypeError(f"the stream of the policies of {team} holds something else")
        return policy

    def exists(self, stream: UUID) -> bool:
        """Whether there is a stream with this id."""
        return bool(self.recorder.select_events(stream, limit=1))

    def entry(self, entry_id: UUID) -> tuple[UUID, Note] | None:
        """The case that an entry belongs to, and the entry folded; None if there is no such entry."""
        stored = self._entries.select_entry_events(entry_id)
        if not stored:
            return None
        note = Note.from_events(cast("CoordEvent", self.mapper.to_domain_event(s)) for s in stored)
        if note is None:
            return None
        return cast("UUID", stored[0].originator_id), note

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
        found = self.entry(note_id)
        if found is None or found[0] != case_id:
            raise NotFound("no-such-note")
        return found[1]

    def append(self, *aggregates: Case | Person | Activity | Policy) -> int:
        """Save what the aggregates decided, all or nothing; the position of the last event, 0 if there was none.

        Raises the library's `IntegrityError` when somebody else has appended to one of the streams meanwhile.
        """
        entries = [
            (event.entry_id, event.originator_id, event.originator_version, isinstance(event, NoteSigned))
            for aggregate in aggregates
            for event in aggregate.pending_events
            if isinstance(event, CoordEvent) and event.entry_id is not None
        ]
        recordings = self.save(*aggregates, entries=entries)
        return max((r.notification.id for r in recordings), default=0)

    def _take_snapshots(self, processing_event: ProcessingEvent[UUID]) -> None:
        # The events are recorded by now: a snapshot that fails must not look like a failed command.
        try:
            super()._take_snapshots(processing_event)
        except Exception:
            log.exception("a snapshot could not be taken; loading goes on from the one before")

    def after(self, position: int, limit: int, until: int | None = None) -> list[Recorded]:
        """At most ``limit`` events after ``position`` (and up to ``until``), in order."""
        notifications = self.recorder.select_notifications(position, limit, until, inclusive_of_start=False)
        return [Recorded(n.id, self._decoded(n)) for n in notifications]

    def stream(self, stream_id: UUID) -> Iterator[Recorded]:
        """Every event of one stream with its position, in order."""
        positions = dict(self._entries.select_positions(stream_id))
        for event in self.events.get(stream_id):
            yield Recorded(positions[event.originator_version], cast("CoordEvent", event))

    def _decoded(self, notification: Notification) -> CoordEvent:
        return cast("CoordEvent", self.mapper.to_domain_event(notification))
