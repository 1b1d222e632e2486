"""Group commit: work of several threads of one process, done by one of them for all that wait.

One commit, and one wait for the disk.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from coord.domain.errors import Unavailable
from coord.patience import SERVING, left

T = TypeVar("T")
R = TypeVar("R")

MOST = 32
"""That are done together: each of a group is a subtransaction, and PostgreSQL keeps 64 of one transaction at hand."""

SPARED = 0.25
"""The part of the time that the last group took for which the next one waits to be as many."""

AT_MOST = 0.05
"""Seconds of that: where the last group stood still (a disk, a standby), its company has gone elsewhere meanwhile."""


@dataclass(eq=False)
class _Waiting(Generic[T, R]):
    """Somebody's work, until there is an outcome. ``called`` is released when there is one, or when it is to lead."""

    work: T
    until: float
    leads: bool = False
    outcome: R | Exception | None = None
    called: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.called.acquire()


class Together(Generic[T, R]):
    """Does what threads ask for, in groups. Whoever comes while nobody is at it does their own; those who come
    meanwhile wait, and one of them does it for all of these.

    Nobody works for others once their own is done. And nobody waits for company, but for a part of the time that it
    takes (`SPARED`, but `AT_MOST`) where there was company the last time: without that a group of eight comes back as
    one and seven.

    A group is performed under its leader's time (`coord.patience`): of those who wait, who has the most leads next.
    """

    def __init__(
        self, perform: Callable[[Sequence[T]], Sequence[R | Exception]], patience: float = SERVING, most: int = MOST
    ) -> None:
        """``perform`` gives, for each piece of work, what came of it, or the exception that is its alone."""
        self._perform, self._patience, self._most = perform, patience, most
        self._lock = threading.Lock()
        self._come = threading.Condition(self._lock)
        self._busy = False
        self._queue: list[_Waiting[T, R]] = []
        self._company, self._took = 0, 0.0
        """Of the last group: how many others were in it or waited for it to end, and the seconds that it took."""

    def do(self, work: T) -> R:
        """What comes of ``work``. Raises its exception, and `Unavailable` when time is up; of what somebody was at by
        then, nobody can say whether it was done."""
        mine = _Waiting[T, R](work, time.monotonic() + left(self._patience))
        with self._lock:
            mine.leads = not self._busy
            self._busy = True
            if not mine.leads:
                self._queue.append(mine)
                self._come.notify()
        if not mine.leads and not mine.called.acquire(timeout=max(mine.until - time.monotonic(), 0)):
            with self._lock:
                if mine in self._queue:
                    self._queue.remove(mine)
                    raise Unavailable("too-busy")
        if mine.leads:
            self._lead(mine)
        if mine.outcome is None:
            raise Unavailable
        if isinstance(mine.outcome, Exception):
            raise mine.outcome
        return mine.outcome

    def _lead(self, mine: _Waiting[T, R]) -> None:
        """Do what waits; then call those whose it was, and whoever leads next."""
        with self._lock:
            if self._company:
                self._come.wait_for(lambda: len(self._queue) >= self._company, min(self._took * SPARED, AT_MOST))
            others = self._queue[: self._most - 1]
            del self._queue[: self._most - 1]
        group, began = [mine, *others], time.monotonic()
        try:
            outcomes = self._perform([one.work for one in group])
            for one, outcome in zip(group, outcomes, strict=True):
                one.outcome = outcome
        finally:  # whatever happens to this thread, the others are not left waiting
            with self._lock:
                self._company, self._took = len(others) + len(self._queue), time.monotonic() - began
                # Who has the most time: nobody of a group is then given up on before their own time.
                following = max(self._queue, key=lambda one: one.until, default=None)
                if following is None:
                    self._busy = False
                else:
                    self._queue.remove(following)
                    following.leads = True
            for one in [*others, *([following] if following else [])]:
                one.called.release()
