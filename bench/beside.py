"""`python -m bench.beside`: Coord beside the lean app (`bench.lean`) and a bare Flask app, each behind gunicorn.

All three take turns, asked by as many clients as the row says, so that whatever else the machine does is done to all of
them. What is compared is the processor time of the workers for each request; "answers" is
how many answers a second Coord gives for each of the lean app's, in which waiting for the disk or for each other counts
too. A *hello* is a request of the bare app, and the lean app's limits are counted in it, so that it stays lean.

Both show the same: 20 entries, 16 and 100 children, 10 goals with 200 ratings. Only SQLite.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
from flask import Flask

from bench import data
from bench.__main__ import server, worker_memory
from bench.lean.app import lean
from bench.lean.facts import fill
from bench.load import Request, get, post, run
from bench.pages_process import SECRET, Asked, Filled, asked, filled
from bench.weight import Weight, signed_in, weighed
from coord.bootstrap import Services, build
from coord.settings import Settings
from coord.web import create_app


@dataclass(frozen=True, slots=True)
class Aim:
    """Of a page: what Coord may cost, as the lean app's processor time by its own, and what the lean app may cost, in
    hellos. None where nothing is aimed at."""

    ratio: float | None
    hellos: float | None
    clients: int = 1


AIMS = {
    "sign-in": Aim(0.60, 2),
    "api-timeline": Aim(0.40, 3.5),
    "summary": Aim(0.40, 3.5),
    "home-16": Aim(0.45, 8.5),
    "home-100": Aim(None, None),
    "timeline": Aim(0.30, 10.5),
    "goals": Aim(0.35, 29),
    "note": Aim(0.75, 3),
    "note, 8 at once": Aim(0.70, None, clients=8),
}


@dataclass(frozen=True, slots=True)
class Both:
    """The same facts in Coord and in the lean app, and what is asked of each."""

    services: Services
    env: dict[str, str]
    filled: Filled
    url: str
    of_coord: Mapping[str, Asked]
    of_lean: Mapping[str, Asked]

    def weights(self) -> Iterator[tuple[str, Weight, Weight]]:
        """Of each page what the lean app's and Coord's weigh."""
        ways = ((lean(self.url), self.of_lean), (create_app(self.services), self.of_coord))
        for name in (name for name in AIMS if name in self.of_lean and not name.startswith(("note", "api"))):
            who = self.filled.many if name == "home-100" else self.filled.few
            one, other = (_weight(app, asks[name], data.email(who)) for app, asks in ways)
            yield name, one, other


def _weight(app: Flask, page: Asked, email: str) -> Weight:
    browser = signed_in(app, email, data.PASSWORD) if page.headers else app.test_client()
    return weighed(browser, page.path)


@contextmanager
def both(folder: Path, many_children: int = 100) -> Iterator[Both]:
    """Fill Coord, the lean app with the same, and sign in to both."""
    services = build(Settings(data=folder / "coord", database_url=None, secret_key=SECRET))
    try:
        at = filled(services, many_children)
        url = f"sqlite:///{folder / 'lean.db'}"
        fill(url, services.record, data.PASSWORD, (str(at.few.person_id), at.token))
        env = {"COORD_DATA": str(folder / "coord"), "COORD_SECRET_KEY": SECRET, "COORD_ENV": "development"}
        env |= {"BENCH_LEAN_URL": url}
        yield Both(services, env, at, url, asked(create_app(services), at), asked(lean(url), at))
    finally:
        services.close()


@dataclass(frozen=True, slots=True)
class Turn:
    """What a request took of an app's processor time, in milliseconds, and its answers a second."""

    ms: float
    per_second: float


SCHEDULED = 2
"""Of a process's clocks in Linux, the one that counts while it runs: with its id it makes the clock's own number."""
Round = tuple[Turn, Turn, Turn]
"""A turn of the bare app, of the lean one, and of Coord."""
Target = tuple[int, int, Request]
"""A port, the process id of gunicorn, and what is asked."""


def taken_in_turn(targets: Sequence[Target], *, rounds: int, seconds: float, clients: int) -> list[Round]:
    """The three take turns, after all their workers have answered at least once."""
    for port, _, request in targets:
        run(port, request, seconds=seconds, clients=8)
    hello, of_lean, of_coord = targets
    return [
        (_turn(*hello, seconds, clients), _turn(*of_lean, seconds, clients), _turn(*of_coord, seconds, clients))
        for _ in range(rounds)
    ]


def _turn(port: int, pid: int, request: Request, seconds: float, clients: int) -> Turn:
    """An answer that failed is no figure. Who is turned away, because the machine has too much else to do, is not
    counted."""
    before = _spent(pid)
    found = run(port, request, seconds=seconds, clients=clients)
    if found.failures or not found.times:
        raise SystemExit(f"{found.failures} answers of {port} failed: {request(0)[:80]!r}")
    return Turn(1e3 * (_spent(pid) - before) / len(found.times), found.per_second)


def _spent(pid: int) -> float:
    """The processor time of gunicorn's workers so far, to the microsecond, as Linux tells it of any process."""
    workers = psutil.Process(pid).children()
    return sum(time.clock_gettime((~worker.pid << 3) | SCHEDULED) for worker in workers)


def request_of(page: Asked) -> Request:
    """What goes over the wire; what is posted is another each time."""
    sent, numbers = page.sent, itertools.count(1)
    if sent is None:
        ready = get(page.path, page.headers)
        return lambda _: ready
    return lambda _: post(page.path, json.dumps(sent(next(numbers))).encode(), page.headers)


APPS = (("bench.bare:bare()", 18741), ("bench.lean.app:lean_app()", 18742), ("coord.wsgi:app", 18743))
"""What gunicorn is given, and where it listens."""
HEAD = """\
| page | hello, ms | lean, ms | Coord, ms | lean by Coord | aim | | answers | lean, in hellos | at most | |
|---|---|---|---|---|---|---|---|---|---|---|"""


def line(name: str, aim: Aim, rounds: Sequence[Round]) -> str:
    """A row of the table: medians, of the ratios too, for what disturbs a round disturbs all three."""
    ratio = median(lean.ms / coord.ms for _, lean, coord in rounds)
    hellos = median(lean.ms / hello.ms for hello, lean, _ in rounds)
    answers = median(coord.per_second / lean.per_second for _, lean, coord in rounds)
    cells = [name, *(f"{median(turn.ms for turn in turns):.2f}" for turns in zip(*rounds, strict=True))]
    cells.append(f"{ratio:.2f}")
    cells += ["", ""] if aim.ratio is None else [f"{aim.ratio:.2f}", "reached" if ratio >= aim.ratio else "**missed**"]
    cells += [f"{answers:.2f}", f"{hellos:.1f}"]
    cells += ["", ""] if aim.hellos is None else [f"{aim.hellos:g}", "kept" if hellos <= aim.hellos else "**not lean**"]
    return f"| {' | '.join(cells)} |"


def weight_line(name: str, of_lean: Weight, of_coord: Weight) -> str:
    """A row of the table of bytes."""
    parts = (f"{w.text:,} | {w.repeat:,} | {w.first:,}" for w in (of_lean, of_coord))
    return f"| {name} | {' | '.join(parts)} |"


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.beside", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="turns that each app takes")
    parser.add_argument("--seconds", type=float, default=0.6, help="of a turn")
    parser.add_argument("--pages", nargs="+", choices=AIMS, default=list(AIMS), metavar="PAGE", help=", ".join(AIMS))
    a = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coord-beside-") as folder, both(Path(folder)) as facts:
        weights = list(facts.weights())  # first, for Coord logs these requests where the tables are printed
        measured(facts, a.pages, a.rounds, a.seconds)
    print("\n| page | lean: its text | repeat visit | first visit | Coord: its text | repeat visit | first visit |")
    print("|---|---|---|---|---|---|---|")
    for of_page in weights:
        print(weight_line(*of_page))


def measured(facts: Both, pages: Sequence[str], rounds: int, seconds: float) -> None:
    """Start the three, and print the table, the memory and the machine's load meanwhile."""
    with ExitStack() as stack:
        pids = [stack.enter_context(server(app, port, facts.env)) for app, port in APPS]
        print(HEAD)
        for name in pages:
            page = name.partition(",")[0]
            requests = (lambda _: get("/"), request_of(facts.of_lean[page]), request_of(facts.of_coord[page]))
            targets = [(port, pid, ask) for (_, port), pid, ask in zip(APPS, pids, requests, strict=True)]
            found = taken_in_turn(targets, rounds=rounds, seconds=seconds, clients=AIMS[name].clients)
            print(line(name, AIMS[name], found), flush=True)
        megabytes = [f"{worker_memory(pid):.0f}" for pid in pids]
    print("\nlargest worker, MB: hello {}, lean {}, Coord {}".format(*megabytes))
    print("load of the last 1, 5 and 15 minutes: {:.1f}, {:.1f}, {:.1f}".format(*psutil.getloadavg()))


if __name__ == "__main__":
    main()
