"""What the worker has done in a process of its own, when there is something to do: never two of a kind at a time."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

log = logging.getLogger(__name__)
LOOKED_EVERY = 1.0
"""Seconds between two looks whether there is something to do."""
SWEPT_EVERY = 3600.0
AFTER_A_FAULT = 60.0
"""Seconds until it is tried again: what cannot begin once a second would take the machine from the pages."""


class Beside:
    """Starts a command when it is wanted."""

    def __init__(self, command: str, what: str, wanted: Callable[[], bool], sweep: Callable[[], None]) -> None:
        """``what`` it makes or sends, for the log; ``sweep`` removes now and then what nobody needs any more. Nothing
        is started yet."""
        self._command, self._what, self._wanted, self._sweep = command, what, wanted, sweep
        self._running: subprocess.Popen[bytes] | None = None
        self._look_due = self._sweep_due = 0.0

    def look(self) -> None:
        """Start it if there is something to do. Nothing that goes wrong here keeps the worker from following."""
        if time.monotonic() < self._look_due or not self._has_ended():
            return
        self._look_due = time.monotonic() + LOOKED_EVERY
        try:
            self._start_if_wanted()
        except Exception as error:  # a database that is away, a machine without room for another process
            self._later(type(error).__name__)

    def _has_ended(self) -> bool:
        """Whether none is running; one that failed is followed by a wait."""
        if self._running is None:
            return True
        status = self._running.poll()
        if status is None:
            return False
        self._running = None
        if status:
            self._later(f"status {status}")
        return not status

    def _later(self, why: str) -> None:
        log.warning("%s: not possible (%s), next attempt in %.0f s", self._what, why, AFTER_A_FAULT)
        self._look_due = time.monotonic() + AFTER_A_FAULT

    def _start_if_wanted(self) -> None:
        if time.monotonic() >= self._sweep_due:
            self._sweep_due = time.monotonic() + SWEPT_EVERY
            self._sweep()
        if self._wanted():
            self._running = subprocess.Popen([sys.executable, "-m", "coord", self._command])  # noqa: S603 - our own

    def stop(self) -> None:
        """What is being done waits again."""
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
            try:
                self._running.wait(10)
            except subprocess.TimeoutExpired:
                self._running.kill()


def ends_when_told() -> None:
    """Let SIGTERM end this process as an exception does, so that what it is at is given back."""
    signal.signal(signal.SIGTERM, _stop)


def _stop(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
