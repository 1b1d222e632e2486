"""Whether the service is fit: its stores answer and can be written, no view has stopped, the follower is there, and the
disk has room. Asked by ``/readyz`` and by `coord health`."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from typing import Literal

from coord.application.doors import stores_answer
from coord.application.services import Services
from coord.domain.errors import Unavailable
from coord.follower import beat, last_heartbeat

PROBE = b"\0" * 65_536
"""Written to a new file and removed: a log that is used again from its beginning is written to on a full disk too."""
LOW = 64_000_000
"""Bytes free on the disk of the SQLite files. A day's notes of a large clinic are a tenth of it."""
KEPT_SECONDS = 1.0
"""For which an answer holds: whoever asks without a sign-in is not to make the service write as often as they ask."""

Following = Literal["alive", "not running", "never seen"]


@dataclass(frozen=True, slots=True)
class Fitness:
    """How the service is. Nothing in it says what is in the record, nor how much."""

    answers: bool
    """The stores can be read."""
    takes_writes: bool
    """Each of them can be written."""
    has_room: bool
    """The disk is neither full nor nearly full. Of PostgreSQL's disk only its writes tell."""
    follower: Following
    stopped: tuple[str, ...] = field(default=())
    """Views that have stopped: the picture is incomplete."""
    astray: tuple[str, ...] = field(default=())
    """Views that show what the record does not hold: nobody is shown them."""

    @property
    def ready(self) -> bool:
        """Whether people can be served. Without a follower they can: who asks brings the views up to date."""
        return self.answers and self.takes_writes and not self.stopped and not self.astray


def fitness(services: Services) -> Fitness:
    """Look, and write. Raises nothing: a store that fails is what is asked about."""
    try:
        with stores_answer():
            services.record.head()
            stopped = tuple(s.view for s in services.views.states() if s.error is not None)
            astray = tuple(s.view for s in services.views.astray())
            heard = last_heartbeat(services.office)
    except Unavailable:
        return Fitness(answers=False, takes_writes=False, has_room=_room(services) > 0, follower="never seen")
    alive = heard is not None and heard.is_fresh(services.clock())
    room = _room(services)
    return Fitness(
        answers=True,
        takes_writes=room > 0 and _takes_writes(services),
        has_room=room > LOW,
        follower="never seen" if heard is None else "alive" if alive else "not running",
        stopped=stopped,
        astray=astray,
    )


def _takes_writes(services: Services) -> bool:
    try:
        with stores_answer():
            services.record.try_writing()
            services.access.try_writing()
            services.views.try_writing()
            beat(services, "written", 0)
    except Unavailable:
        return False
    return True


def _room(services: Services) -> int:
    """Bytes that can be written where SQLite's files are; 0 when nothing can."""
    if services.store_kind != "sqlite":
        return LOW + 1
    try:
        with tempfile.TemporaryFile(dir=services.settings.data) as file:
            file.write(PROBE)
            file.flush()
            os.fsync(file.fileno())
        return shutil.disk_usage(services.settings.data).free
    except OSError:
        return 0


class Readiness:
    """`fitness`, asked by many and looked up once a second."""

    def __init__(self, services: Services) -> None:
        """Over the stores."""
        self._services = services
        self._turn = threading.Lock()
        self._known: tuple[float, Fitness] | None = None

    def now(self) -> Fitness:
        """How the service is, or was a second ago."""
        with self._turn:
            if self._known is None or time.monotonic() > self._known[0] + KEPT_SECONDS:
                self._known = time.monotonic(), fitness(self._services)
            return self._known[1]
