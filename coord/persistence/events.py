"""How an event becomes bytes, and an event again; and what both recorders share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, get_type_hints
from uuid import UUID

import orjson
from eventsourcing import persistence
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, MapperDeserialisationError, PersistenceError, StoredEvent, Transcoder
from eventsourcing.utils import resolve_topic


class OrjsonTranscoder(Transcoder):
    """JSON by orjson: dates, UUIDs and text enumerations become plain text, and `CoordMapper` turns them back."""

    def encode(self, obj: Any) -> bytes:
        """Bytes of ``obj``."""
        return orjson.dumps(obj)

    def decode(self, data: bytes) -> Any:
        """What ``data`` held, with texts where there were dates and UUIDs."""
        return orjson.loads(data)


_CONVERTERS: dict[type, Callable[[Any], Any]] = {UUID: UUID, datetime: datetime.fromisoformat}
_fields_to_convert: dict[type, tuple[tuple[str, Callable[[Any], Any]], ...]] = {}


def _conversions(cls: type) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    known = _fields_to_convert.get(cls)
    if known is None:
        hints = get_type_hints(cls)
        known = tuple((name, _CONVERTERS[hint]) for name, hint in hints.items() if hint in _CONVERTERS)
        known = tuple((name, how) for name, how in known if name not in ("originator_id", "originator_version"))
        _fields_to_convert[cls] = known
    return known


class CoordMapper(Mapper[UUID]):
    """The library's mapper with plain JSON in the store: readable without our code, and fast to read again."""

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """The event that ``stored_event`` holds. Raises `MapperDeserialisationError` on bytes that are none."""
        cls = resolve_topic(stored_event.topic)
        try:
            state: dict[str, Any] = self.transcoder.decode(stored_event.state)
            from_version = state.pop("class_version", 1)
            class_version = getattr(cls, "class_version", 1)
            while from_version < class_version:
                getattr(cls, f"upcast_v{from_version}_v{from_version + 1}")(state)
                from_version += 1
            for name, convert in _conversions(cls):
                value = state.get(name)
                if value is not None:
                    state[name] = convert(value)
        except Exception as error:
            where = f"{stored_event.topic} {stored_event.originator_id}/{stored_event.originator_version}"
            raise MapperDeserialisationError(f"{where}: {error}") from error
        state["originator_id"] = stored_event.originator_id
        state["originator_version"] = stored_event.originator_version
        domain_event: DomainEventProtocol[UUID] = object.__new__(cls)
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
