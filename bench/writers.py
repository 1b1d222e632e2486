"""`python -m bench.writers --old FOLDER`: appends at the recorder, two versions taking turns on one PostgreSQL.

FOLDER is a working tree of another version of Coord. Each append is one event and its row in the index of entries; the
disk is waited for. ``--sqlite``: over files instead. ``--standby MS`` adds a second server that must have what is
acknowledged, and answers so many milliseconds later. ``--records 1 2`` also writes to two records at once, in two
databases of the one server.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import itertools
import json
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench import postgres

HERE = Path(__file__).resolve().parent.parent
WRITER = """
import json, sys, threading, time
from pathlib import Path
from uuid import uuid4
from eventsourcing.persistence import StoredEvent
from coord.bootstrap import build
from coord.settings import Settings

place, threads = sys.argv[1], int(sys.argv[2])
url = place if "://" in place else None
services = build(Settings(data=Path("/nowhere" if url else place), database_url=url))
recorder = services.record.recorder
state = b"x" * 600

def write(until, done, failed, stream):
    version = 0
    while (begun := time.monotonic()) < until:
        version += 1
        try:
            event = StoredEvent(stream, version, "case.note-signed.v1", state)
            recorder.insert_events([event], entries=[(uuid4(), True)])
        except Exception as error:
            failed.append(repr(error))
            return
        done.append((time.monotonic(), time.monotonic() - begun))

def go(seconds):
    done, failed, until = [], [], time.monotonic() + seconds
    at_work = [threading.Thread(target=write, args=(until, done, failed, uuid4())) for _ in range(threads)]
    for thread in at_work: thread.start()
    for thread in at_work: thread.join()
    print(json.dumps([[took for at, took in done if at <= until], failed[:1]]), flush=True)

print("ready", flush=True)
for line in sys.stdin:
    go(float(line))
"""


class Delay(threading.Thread):
    """Stands between a standby and its server: what the standby says arrives ``seconds`` later."""

    def __init__(self, to: int, seconds: float) -> None:
        """Listen at ``port``."""
        super().__init__(daemon=True)
        self._to, self._seconds = to, seconds
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def run(self) -> None:
        """Hand on, in order, until the process ends."""
        chosen, number, waiting = selectors.DefaultSelector(), itertools.count(), list[Any]()
        chosen.register(self._listener, selectors.EVENT_READ)
        while True:
            due = max(waiting[0][0] - time.monotonic(), 0) if waiting else None
            for key, _ in chosen.select(due):
                if key.data is None:
                    here, there = self._listener.accept()[0], socket.create_connection(("127.0.0.1", self._to))
                    for one in (here, there):
                        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    chosen.register(here, selectors.EVENT_READ, (there, self._seconds))
                    chosen.register(there, selectors.EVENT_READ, (here, 0))
                    continue
                source: Any = key.fileobj
                target, late = key.data
                data = source.recv(1 << 16)
                if not data:
                    chosen.unregister(source)
                elif late:
                    heapq.heappush(waiting, (time.monotonic() + late, next(number), target, data))
                else:
                    target.sendall(data)
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, target, data = heapq.heappop(waiting)
                with contextlib.suppress(OSError):
                    target.sendall(data)


@contextlib.contextmanager
def running(standby: float) -> Iterator[postgres.Server]:
    """A server, and its standby if it is to answer so many seconds late."""
    folder = Path(tempfile.mkdtemp(prefix="coord-writers-"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        primary = stack.enter_context(postgres.running(folder / "primary"))
        if standby:
            proxy, second = Delay(primary.port, standby), postgres.Server(folder / "standby")
            proxy.start()
            second.copy_of(primary, proxy.port)
            stack.callback(second.stop)
            second.start()
            with psycopg.connect(primary.url(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                connection.execute("SELECT pg_reload_conf()")
                state = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
                while (connection.execute(state).fetchone() or [0])[0] == 0:
                    time.sleep(0.1)
        yield primary


class Writers:
    """Processes of one version, each of so many threads, over one or several records."""

    def __init__(self, tree: Path, urls: list[str], processes: int, threads: int) -> None:
        """Start them; they wait to be told."""
        command = [sys.executable, "-W", "ignore", "-c", WRITER]
        environment = {**os.environ, "PYTHONPATH": str(tree)}
        self._processes = [
            subprocess.Popen(
                [*command, url, str(threads)],
                cwd=tree,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for url in urls
            for _ in range(processes)
        ]
        for process in self._processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"

    def appends(self, seconds: float) -> list[list[float]]:
        """For each process, how long each append took that was acknowledged."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(f"{seconds}\n")
            process.stdin.flush()
        done = []
        for process in self._processes:
            assert process.stdout is not None
            took, failed = json.loads(process.stdout.readline())
            if failed:
                raise SystemExit(f"an append failed: {failed[0]}")
            done.append(took)
        return done

    def end(self) -> None:
        """They go."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


@contextlib.contextmanager
def places(a: argparse.Namespace, trees: dict[str, Path]) -> Iterator[dict[str, list[str]]]:
    """For each version the records that it writes to: addresses of databases, or folders."""
    found: dict[str, list[str]] = {name: [] for name in trees}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coord-writers-")))
        server = None if a.sqlite else stack.enter_context(running(a.standby / 1000))
        for name, number in itertools.product(trees, range(max(a.records))):
            if server is None:
                found[name].append(str(folder / f"{name}_{number}"))
            else:
                with psycopg.connect(server.url(), autocommit=True) as connection:
                    connection.execute(f"CREATE DATABASE {name}_{number}".encode())
                found[name].append(server.url(f"{name}_{number}"))
            Writers(trees[name], found[name][-1:], 1, 1).end()  # it makes the tables
        yield found


def told(runs: list[list[list[float]]], seconds: float) -> str:
    """What several runs came to: appends a second, how long one took, and how evenly the processes had their turns."""
    rates = [sum(map(len, run)) / seconds for run in runs]
    took = sorted(1000 * each for run in runs for process in run for each in process)
    slow = [took[len(took) * percent // 100] for percent in (50, 99)]
    shares = [min(map(len, run)) / max(max(map(len, run)), 1) for run in runs]
    return (
        f"{statistics.median(rates):7.0f} ({min(rates):.0f} to {max(rates):.0f}) appends/s, "
        f"p50 {slow[0]:.1f}, p99 {slow[1]:.0f}, most {took[-1]:.0f} ms, "
        f"least by most of a process {statistics.median(shares):.2f}"
    )


def main() -> None:
    """Measure and print medians, with the least and the most."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old", type=Path, required=True)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--standby", type=float, default=0.0, metavar="MS")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--records", type=int, nargs="*", default=[1])
    parser.add_argument("--shapes", nargs="*", default=["1x1", "1x8", "2x4", "2x16", "4x8"])
    a = parser.parse_args()
    trees = {"old": a.old.resolve(), "new": HERE}
    with places(a, trees) as found:
        for shape in a.shapes:
            processes, threads = map(int, shape.split("x"))
            sides = {
                (name, records): Writers(tree, found[name][:records], processes, threads)
                for name, tree in trees.items()
                for records in a.records
            }
            runs: dict[Any, list[list[list[float]]]] = {side: [] for side in sides}
            for writers in sides.values():
                writers.appends(0.5)
            for _ in range(a.rounds):
                for side, writers in sides.items():
                    runs[side].append(writers.appends(a.seconds))
            for writers in sides.values():
                writers.end()
            for (name, records), mine in runs.items():
                where = f"{shape:>5} processes x threads, {records} record(s), {name}"
                print(f"{where}: {told(mine, a.seconds)}", flush=True)


if __name__ == "__main__":
    main()
