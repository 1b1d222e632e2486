"""Whether a process that said it was at work still can be. One that was killed takes nothing back by itself."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

_PROC = Path("/proc")


def this_process() -> str:
    """A name for this process that no other has: where it runs (the machine since it was started, and the container),
    its number, and when it began. Empty where the system does not tell."""
    return _name_of(os.getpid())  # not once for all: a worker is forked


def has_ended(name: str) -> bool:
    """Whether the process of that name is known to have ended. Of one that runs elsewhere nothing is known."""
    place, _, rest = name.partition(" ")
    number, _, began = rest.partition(" ")
    if not number.isdigit() or place != _place():
        return False
    return _began(int(number)) != began


@lru_cache(8)
def _name_of(pid: int) -> str:
    began = _began(pid)
    return f"{_place()} {pid} {began}" if began and _place() else ""


@lru_cache(1)
def _place() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _began(pid: int) -> str:
    """When a process began, as the system counts it; empty if there is none, or only what is left of one."""
    try:
        # After the name, which may hold anything, in brackets: the state, and as the 20th from there the time.
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
