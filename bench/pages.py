"""`python -m bench.pages`: the processor time that a page takes in one process, beside that of another checkout.

    git worktree add --detach ../before 5cb40e3
    python -m bench.pages --against ../before

Each checkout fills a store of its own (20 entries, 16 and 100 children, 10 goals with 200 ratings) and is asked in
turn with the other, so that whatever else the machine does is done to both; medians are compared. No network, no
load generator, no other process of Coord: what is left is what the page costs.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AIMS = {
    "timeline": 0.30,
    "home-16": 0.32,
    "home-100": 0.21,
    "summary": 0.40,
    "goals": 0.50,
    "sign-in": 0.24,
    "api-timeline": 0.57,
    "note": 0.90,
}
"""Of what commit 5cb40e3 takes."""


class Checkout:
    """A checkout of Coord that answers from a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Over a process that has just been started; waits until its store is filled."""
        self._process = process
        self.sizes: dict[str, int] = json.loads(self._answer())

    def ask(self, page: str, count: int) -> list[float]:
        """The processor times of so many requests, in seconds."""
        assert self._process.stdin
        self._process.stdin.write(f"{page} {count}\n")
        self._process.stdin.flush()
        found: list[float] = json.loads(self._answer())
        return found

    def _answer(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a checkout gave up: {self._process.args!r}")
        return line


@contextmanager
def checkout(root: Path) -> Iterator[Checkout]:
    """Start one; it ends with the block."""
    with tempfile.TemporaryDirectory(prefix="coord-pages-") as folder:
        command = [sys.executable, str(ROOT / "bench" / "pages_process.py"), str(root.resolve()), folder]
        quiet = {**os.environ, "PYTHONHASHSEED": "0", "COORD_LOG_LEVEL": "ERROR"}
        with subprocess.Popen(
            command, cwd=root, env=quiet, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield Checkout(process)
            finally:
                process.terminate()


def compare(checkouts: list[Checkout], page: str, *, rounds: int, each: int) -> list[float]:
    """The median of each checkout, in milliseconds; they take turns."""
    times: list[list[float]] = [[] for _ in checkouts]
    for _ in range(rounds):
        for found, one in zip(times, checkouts, strict=True):
            found += one.ask(page, each)
    return [1e3 * statistics.median(found) for found in times]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=Path, help="another checkout, such as a worktree of commit 5cb40e3")
    parser.add_argument("--rounds", type=int, default=15, help="turns that each checkout takes")
    parser.add_argument("--each", type=int, default=8, help="requests in a turn")
    parser.add_argument("--pages", nargs="+", choices=AIMS, default=list(AIMS), metavar="PAGE", help=", ".join(AIMS))
    a = parser.parse_args()
    roots = [ROOT] if a.against is None else [ROOT, a.against]
    with ExitStack() as stack:
        checkouts = [stack.enter_context(checkout(root)) for root in roots]
        print(
            f"{'page':14}{'bytes':>9}{'ms':>9}" + (f"{'bytes':>11}{'ms':>9}{'ratio':>8}{'aim':>7}" if a.against else "")
        )
        for page in a.pages:
            medians = compare(checkouts, page, rounds=a.rounds, each=a.each)
            line = "  ".join(f"{c.sizes[page]:>9}{ms:>9.2f}" for c, ms in zip(checkouts, medians, strict=True))
            beside = f"{medians[0] / medians[1]:>8.2f}{AIMS[page]:>7.2f}" if a.against else ""
            print(f"{page:14}{line}{beside}", flush=True)


if __name__ == "__main__":
    main()
