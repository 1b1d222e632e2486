"""Complaint files are made in a process of their own, which the worker starts when one is wanted."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from types import FrameType

from coord.bootstrap import Services
from coord.cli.frame import main, opened
from coord.office.complaint_files import ComplaintFiles
from coord.patience import SERVING

log = logging.getLogger(__name__)
LOOKED_EVERY = 1.0
"""Seconds between two looks whether one is wanted."""
SWEPT_EVERY = 3600.0
AFTER_A_FAULT = 60.0
"""Seconds until it is tried again: what cannot begin once a second would take the machine from the pages."""


@main.command(name="make-complaint-files")
def make_complaint_files() -> None:
    """Make the complaint files that are wanted, and end. The worker (`coord follow`) does it by itself.

    What is stopped (Ctrl-C, SIGTERM) is begun anew the next time.

    Example: coord make-complaint-files
    """
    from coord.web import create_app
    from coord.web.complaint_file.making import make_next
    from coord.web.observability import init_logging

    init_logging()
    signal.signal(signal.SIGTERM, _stop)
    with opened(patience=SERVING) as services:
        app = create_app(services)
        while make_next(app, services):
            pass


def _stop(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


class Maker:
    """Starts `coord make-complaint-files` when one is wanted; never two at a time."""

    def __init__(self, services: Services) -> None:
        """Nothing is started yet."""
        self._services, self._files = services, ComplaintFiles(services.office)
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
        log.warning("complaint files cannot be made (%s), next attempt in %.0f s", why, AFTER_A_FAULT)
        self._look_due = time.monotonic() + AFTER_A_FAULT

    def _start_if_wanted(self) -> None:
        now = self._services.clock()
        if time.monotonic() >= self._sweep_due:
            self._sweep_due = time.monotonic() + SWEPT_EVERY
            self._files.sweep(now)
        if self._files.waiting(now):
            command = [sys.executable, "-m", "coord", "make-complaint-files"]
            self._running = subprocess.Popen(command)  # noqa: S603 - our own interpreter, no shell

    def stop(self) -> None:
        """What is being made waits again."""
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
            try:
                self._running.wait(10)
            except subprocess.TimeoutExpired:
                self._running.kill()
