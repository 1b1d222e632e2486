"""The follower: keeps the views up to date while nobody asks. Whoever asks catches up anyway; this saves them time."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Engine, String, Table, inspect, select

from coord.application.services import Services
from coord.office.tables import OFFICE, UtcDateTime, upsert

log = logging.getLogger(__name__)

POLL = {"sqlite": 0.2, "postgresql": 0.5}
"""Seconds between two looks at the head of the record."""
BEAT = 5.0
"""Seconds between two heartbeats."""
ALIVE = 4 * BEAT
"""A follower not heard of for this many seconds is taken for gone."""
LONGEST_WAIT = 5.0
"""Seconds between two attempts when a store has been away for long."""

ANALYSED_EVERY = 24 * 3600.0
"""Seconds after which the follower has SQLite count anew what its tables hold. PostgreSQL does that by itself."""

FOLLOWER = "follower"
"""The follower's name among the heartbeats."""
HEARTBEATS = Table(
    "heartbeats",
    OFFICE,
    Column("name", String(32), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("position", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When the follower was last heard of, and how far it had come in the record."""

    at: datetime
    position: int

    def is_fresh(self, now: datetime) -> bool:
        """Whether the follower can be taken to be alive."""
        return (now - self.at).total_seconds() <= ALIVE


def last_heartbeat(office: Engine) -> Heartbeat | None:
    """The follower's last sign of life, None if there never was one. Raises what the database raises."""
    with office.connect() as connection:
        if not inspect(connection).has_table(HEARTBEATS.name):
            return None
        found = select(HEARTBEATS.c.at, HEARTBEATS.c.position).where(HEARTBEATS.c.name == FOLLOWER)
        row = connection.execute(found).first()
    return Heartbeat(row.at, row.position) if row else None


def beat(services: Services, name: str, position: int) -> None:
    """Leave a sign of life in the office. Raises what the database raises."""
    office = services.office
    HEARTBEATS.create(office, checkfirst=True)
    row = {"at": services.clock(), "position": position}
    statement = upsert(office, HEARTBEATS).values(name=name, **row)
    with office.execution_options(write=True).begin() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))


class Follower:
    """Catches up, beats, and waits out a store that is away. `stop` may be set from a signal handler."""

    def __init__(
        self, services: Services, *, poll: float | None = None, beside: Callable[[], object] = lambda: None
    ) -> None:
        """``poll`` is in seconds; by default what suits the store. ``beside`` is done at each turn too, quickly."""
        self._beside = beside
        self.stop = threading.Event()
        self._services = services
        self._poll = POLL[services.store_kind] if poll is None else poll
        self._head = -1
        self._beat_due = 0.0
        self._analysis_due = 0.0 if services.store_kind == "sqlite" else math.inf
        self._stopped_views: frozenset[str] = frozenset()

    def run(self) -> None:
        """Follow until `stop` is set."""
        log.info("following the record")
        wait = 0.0
        while not self.stop.is_set():
            try:
                self._turn()
            except Exception as error:
                # A store that restarts, a full disk, a lost network: whatever it is, giving up would not mend it.
                wait = min(max(2 * wait, 1.0), LONGEST_WAIT)
                log.warning("the follower cannot go on (%s), next attempt in %.0f s", type(error).__name__, wait)
                self._head, self._beat_due = -1, 0.0
                self.stop.wait(wait)
                continue
            if wait:
                log.info("the follower goes on")
                wait = 0.0
            self.stop.wait(self._poll)
        log.info("stopped following")

    def _turn(self) -> None:
        head = self._services.record.head()
        due = time.monotonic() >= self._beat_due
        if head != self._head or due:  # catching up takes the views' write lock, so not for nothing
            applied = self._services.views.catch_up(head)
            if applied:
                log.info("applied %d events, up to %d", applied, head)
            self._head = head
        if due:
            self._say_what_stopped()
            beat(self._services, FOLLOWER, head)
            self._beat_due = time.monotonic() + BEAT
        self._beside()
        if time.monotonic() >= self._analysis_due:
            self._services.analyse_stores()
            self._analysis_due = time.monotonic() + ANALYSED_EVERY

    def _say_what_stopped(self) -> None:
        stopped = frozenset(f"{s.view} at {s.error_position}" for s in self._services.views.states() if s.error)
        if stopped - self._stopped_views:
            log.error("stopped: %s; see `coord health`", ", ".join(sorted(stopped)))
        self._stopped_views = stopped
