"""What every event has in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import AggregateEvent
from eventsourcing.utils import register_topic

from coord.domain.actors import By

Particulars = dict[str, Any]
"""What the history keeps of an event beside who and when: facts, and no words of a note or a goal."""
EVENT_CLASSES: dict[str, type[CoordEvent]] = {}
"""Every event class by its topic; tests walk it to hold a frozen sample and a meaning in the docs for each."""


def in_the_history(words: str) -> str:
    """Mark what the history calls an event, in English, to be translated when it is shown."""
    return words


class CoordEvent(AggregateEvent):
    """A fact in the record. ``timestamp`` is when the server received it; ``by`` is who did it, as they were then.

    A class states a ``TOPIC`` of its own (a rename of the class must not orphan the history), and its ``apply`` only
    assigns: decisions and refusals belong to the aggregate's public methods.
    """

    TOPIC: ClassVar[str]
    HISTORY: ClassVar[str]
    """What the history calls it; see `in_the_history`."""
    BEGINS_ENTRY: ClassVar[bool] = False
    """The first event of an entry: from it on the entry's id is this child's alone."""
    MISTAKE: ClassVar[str] = ""
    """Of an event that says that something should never have been recorded: the field with the id of that, which is the
    entry itself or a report that belongs to it."""

    sent: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """Of what began under an id that its sender chose: the fingerprint of what was sent, and what was answered. It is
    put on as the event is saved (`coord.application.sent_again`), and no part of what happened."""
    by: By

    def __init_subclass__(cls) -> None:
        """Register the topic, so that stored events find their class."""
        super().__init_subclass__()
        topic = cls.__dict__.get("TOPIC")
        if topic:
            register_topic(topic, cls)
            EVENT_CLASSES[topic] = cls

    def told(self) -> Particulars:
        """What the history is told of it; nothing, if that it happened says all."""
        return {}

    def meant(self) -> Particulars:
        """What was asked about before it was done, and is meant so."""
        answered = list(getattr(self, "answered", ()))
        return {"answered": answered} if answered else {}

    @property
    def happened_at(self) -> datetime | None:
        """When what it tells of happened, where that is a time of its own."""
        return None

    @property
    def written_at(self) -> datetime | None:
        """When that was written down, where that is a time of its own."""
        return None

    @property
    def entry_id(self) -> UUID | None:
        """The entry (note, goal, strategy) that the event is about, if there is one; the store keeps an index by it."""
        return None

    @property
    def mistake(self) -> UUID | None:
        """What should never have been recorded, if the event says so."""
        return getattr(self, self.MISTAKE) if self.MISTAKE else None
