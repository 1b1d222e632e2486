"""How an event becomes bytes, and an event again; and what both recorders share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast, get_type_hints
from uuid import UUID

import orjson
from eventsourcing import persistence
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, MapperDeserialisationError, PersistenceError, StoredEvent, Transcoder
from eventsourcing.utils import resolve_topic

from coord.worded import known_uuid


class OrjsonTranscoder(Transcoder):
    """JSON by orjson: dates, UUIDs and text enumerations become plain text, and `CoordMapper` turns them back."""

    def encode(self, obj: Any) -> bytes:
        """Bytes of ``obj``."""
        return orjson.dumps(obj)

    def decode(self, data: bytes) -> Any:
        """What ``data`` held, with texts where there were dates and UUIDs."""
        return orjson.loads(data)


Row = tuple[int, UUID, int, str, bytes]
"""An event as it is stored: position, stream, version, topic, state."""
LAST = 2**63 - 1
"""No position comes after this one."""


# Most ids and times come again soon, in several fields: what is read once is the same object then, which also makes it
# cheap to write.
_CONVERTERS: dict[type, Callable[[Any], Any]] = {UUID: known_uuid, datetime: lru_cache(8192)(datetime.fromisoformat)}


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
        try:
            shape = _shape(topic)
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


Entries = Sequence[tuple[UUID, bool] | None]
"""For each event the entry (a note) that it is about, and whether it is the entry's first; or None."""


def library_error(error: Exception) -> PersistenceError:
    """The library's name for a driver's error: both drivers use the names of PEP 249, and so does the library."""
    for kind in type(error).__mro__:
        ours = getattr(persistence, kind.__name__, None)
        if isinstance(ours, type) and issubclass(ours, PersistenceError):
            return ours(str(error))
    return PersistenceError(str(error))
