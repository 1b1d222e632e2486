"""How long anybody waits for a store. A person who waits for a page hears within seconds how it is; a rebuild may take
its hours.

A request has one limit for everything that it asks of the stores (`answer_within`), so that three stores that stand
still are not waited for one after the other. What has no such limit (the follower, a command) waits at each step for
as long as its stores were opened with.
"""

from __future__ import annotations

import time
from contextvars import ContextVar

SERVING = 4.0
"""Seconds for which a request, or one step of the follower, waits for the stores: it is to be answered within five."""
AT_LENGTH = 6 * 3600.0
"""The same for what a command asks for, which may read all of the record."""
QUEUE = 30.0
"""Seconds for which a command waits for its turn to write, while others do."""

_until: ContextVar[float | None] = ContextVar("until", default=None)


def answer_within(seconds: float) -> None:
    """From now on this thread waits for the stores no longer than ``seconds`` in all."""
    _until.set(time.monotonic() + seconds)


def no_hurry() -> None:
    """The request is answered: what this thread does next is not limited by it."""
    _until.set(None)


def left(at_most: float) -> float:
    """The seconds that may still be waited, at most ``at_most``; 0 when time is up."""
    until = _until.get()
    return at_most if until is None else max(0.0, min(at_most, until - time.monotonic()))
