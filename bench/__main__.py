"""`make bench`: Coord, a plain CRUD app and a bare Flask app, measured in one run on both stores; prints ratios.

Options: --seconds of each measurement, --clients, --large (entries of the large child), --events (size of the large
store), --store sqlite|postgres|both, --only notes|pages (leaves out all else), --markdown FILE.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import psutil

from bench import postgres
from bench.data import CHILDREN, GOALS, SESSIONS, Prepared, course_lines, goal_content, prepare, ratings
from bench.load import Connection, Request, Result, get, in_turn, post, run
from coord.cli.running import ALLOCATOR

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def server(target: str, port: int, env: dict[str, str]) -> Iterator[int]:
    """A gunicorn as in production: two workers of four threads. Yields its process id."""
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "coord" / "gunicorn_conf.py"), target]
    environment = {**os.environ, **ALLOCATOR, **env, "PORT": str(port), "COORD_BIND": f"127.0.0.1:{port}"}
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process that writes it
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(200):
            try:
                Connection(port).ask(get("/healthz"))
                break
            except OSError:
                time.sleep(0.1)
        else:
            log.seek(0)
            raise SystemExit(f"{target} did not start:\n{log.read().decode()[-2000:]}")
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def worker_memory(pid: int) -> float:
    """The largest worker's resident memory, in MB."""
    return max((c.memory_info().rss for c in psutil.Process(pid).children()), default=0) / 1e6


def signed_in_cookie(port: int, email: str, password: str) -> str:
    """Sign in by the page, as a person does; the cookie to send from then on."""
    connection = Connection(port)
    _, head, body = connection.ask(get("/sign-in"))
    cookie = _cookies(head)
    token = re.search(rb'name="csrf_token" value="([^"]+)"', body)
    assert token, "the sign-in page has no token"
    form = urllib.parse.urlencode({"email": email, "password": password, "csrf_token": token[1].decode()}).encode()
    request = post("/sign-in", form, {"Cookie": cookie}).replace(
        b"application/json", b"application/x-www-form-urlencoded"
    )
    status, head, _ = connection.ask(request)
    assert status == 303, f"signing in answered {status}"
    return _cookies(head)


def _cookies(head: bytes) -> str:
    return "; ".join(m.decode() for m in re.findall(rb"[Ss]et-[Cc]ookie: ([^;]+)", head))


class Report:
    """Lines for people, and the same as a table."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str]] = []

    def line(self, store: str, what: str, value: str) -> None:
        """One figure."""
        self.rows.append((store, what, value))
        print(f"{store:10} {what:62} {value}", flush=True)

    def result(self, store: str, what: str, r: Result, *, overload: bool = False) -> None:
        """One run. An answer that failed is no figure, and ends the bench."""
        if r.failures or (r.turned_away and not overload):
            raise SystemExit(f"{what}: {r.failures + r.turned_away} answers failed, see the log of the server")
        value = f"{r.per_second:8.0f}/s  {'  '.join(f'p{p} {r.quantile(p):.1f}' for p in (50, 95, 99))} ms"
        self.line(store, what, f"{value}  {r.turned_away / r.seconds:.0f}/s turned away" if overload else value)

    def beside(self, store: str, what: str, aim: str, clients: int, results: Sequence[Result]) -> None:
        """A run of the CRUD app and one of Coord, and what they come to."""
        crud, coord = results
        self.result(store, f"{what}, {clients} client(s), CRUD", crud)
        self.result(store, f"{what}, {clients} client(s), Coord", coord)
        self.line(store, f"  ratio, {clients} client(s) (aim {aim})", f"{coord.per_second / crud.per_second:.2f}")

    def markdown(self) -> str:
        """The table."""
        lines = ["| store | what | figure |", "|---|---|---|"]
        lines += [f"| {store} | {what} | {' '.join(value.split())} |" for store, what, value in self.rows]
        return "\n".join(lines) + "\n"


COURSE_PAGE = "page of a course, 12 sessions, 8 children"


def measure(report: Report, store: str, prepared: Prepared, url: str, a: argparse.Namespace) -> None:
    """All figures for one store."""
    env = prepared.env | {
        "BENCH_URL": url,
        "BENCH_TEMPLATES": str(ROOT / "coord" / "web" / "templates"),
        "BENCH_STATIC": str(ROOT / "coord" / "web" / "static"),
        "BENCH_COMPILED": str(Path(prepared.env["COORD_DATA"]) / "templates-of-crud"),
    }
    ours, plain, seconds = 18731, 18732, a.seconds
    note = note_for_crud(prepared)
    crud_body = orjson.dumps(note)
    our_body = orjson.dumps(note_for_coord(prepared))
    bearer = {"Authorization": f"Bearer {prepared.token}"}
    with server("coord.wsgi:app", ours, env) as pid, server("bench.plain:crud_app()", plain, env):
        cookie = {"Cookie": signed_in_cookie(ours, prepared.email, prepared.password)}
        children, small, large = prepared.writing, prepared.small, prepared.large
        connection = Connection(plain)
        for day in range(1, 25):  # the same page of twenty, over as many days, on both sides
            body = orjson.dumps(note | {"observed_from": f"2026-02-{day:02}T10:00:00+01:00"})
            connection.ask(post(f"/children/{small}/notes", body))
        for number in range(GOALS):
            connection.ask(post(f"/children/{prepared.with_goals}/goals", goal_for_crud(number)))

        connection.ask(post(f"/courses/{prepared.held}", course_for_crud()))

        for clients in (1, a.clients):
            if a.only != "pages":
                for many, where in ((len(children), "sixteen children in turn"), (1, "one child")):
                    crud = [post(f"/children/{child}/notes", crud_body, {}) for child in children[:many]]
                    coord = [post(f"/api/v1/cases/{child}/notes", our_body, bearer) for child in children[:many]]
                    targets = [(plain, _numbered(crud)), (ours, _numbered(coord))]
                    results = in_turn(targets, seconds=seconds, clients=clients)
                    report.beside(store, f"signed notes, {where}", "0.7", clients, results)
                both = [
                    (ours, _numbered([post(f"/api/v1/cases/{prepared.writing[0]}/notes", our_body, bearer)])),
                    (ours, _each([post(path, orjson.dumps(body), bearer) for path, body in recordings(prepared)])),
                ]
                note_result, session_result = in_turn(both, seconds=seconds, clients=clients)
                report.result(store, f"a session of eight children with ratings, {clients} client(s)", session_result)
                times = note_result.per_second / session_result.per_second
                report.line(store, f"  times a signed note, {clients} client(s) (aim under 3)", f"{times:.2f}")
            if a.only == "notes":
                continue
            goals = f"/children/{prepared.with_goals}/goals"
            for what, aim, path_of_crud, path in (
                ("timeline page of 20 entries", "0.8", f"/children/{small}", f"/children/{small}"),
                ("page of 10 goals, 200 ratings", "0.7", goals, goals),
                (COURSE_PAGE, "0.7", f"/courses/{prepared.held}", f"/groups/{prepared.held}"),
            ):
                targets = [(plain, _each([get(path_of_crud)])), (ours, _each([get(path, cookie)]))]
                for target, requests in targets:  # a worker loads the templates at its first page
                    run(target, requests, seconds=0.5, clients=a.clients)
                report.beside(store, what, aim, clients, in_turn(targets, seconds=seconds, clients=clients))

            targets = [(ours, _each([get(f"/children/{child}", cookie)])) for child in (small, large)]
            results = in_turn(targets, seconds=seconds, clients=clients)
            for many_entries, r in zip((300, a.large), results, strict=True):
                report.result(store, f"timeline page, child with {many_entries} entries, {clients} client(s)", r)
            first, second = (r.quantile(50) for r in results)
            report.line(store, f"  p50 ratio, {clients} client(s) (aim 1.2 or less)", f"{second / first:.2f}")
        if a.only != "notes":
            many = 10 * a.clients
            what = f"timeline page, {many} clients, of those accepted (aim p99 under 1,000 ms)"
            asked = _each([get(f"/children/{small}", cookie)])
            report.result(store, what, run(ours, asked, seconds=seconds, clients=many), overload=True)
        report.line(store, "memory of the largest web worker (aim under 120 MB)", f"{worker_memory(pid):.0f} MB")
    with server("bench.bare:bare()", plain, env):
        r = run(plain, _each([get("/")]), seconds=seconds, clients=a.clients)
        report.result(store, f"bare Flask, small GET, {a.clients} client(s)", r)
    for what, value in prepared.inside() if a.only is None else ():
        report.line(store, what, value)


NUMBER, TIME = "No. 0000000", "T10:00:00"
"""What is another in each note of a run, for Coord asks about two that say the same, or tell of the same minute."""
_NUMBERS = count(1)


def note_for_coord(prepared: Prepared) -> dict[str, Any]:
    """A note as both sides are sent it."""
    return {
        "format": "soap",
        "setting": "therapy-room",
        "audience": "care-team",
        "sections": prepared.sections | {"plan": f"{prepared.sections['plan']} {NUMBER}"},
        "observed_from": f"2026-03-02{TIME}+01:00",
        "sign": True,
    }


def note_for_crud(prepared: Prepared) -> dict[str, Any]:
    """The same; the CRUD app needs to be told its author."""
    return {"author": "bench", **note_for_coord(prepared)}


def course_for_crud() -> bytes:
    """The course of `bench.data`, with a line for each child and session, as the CRUD app keeps it."""
    group = [(uuid4(), uuid4()) for _ in range(CHILDREN)]
    lines = []
    for number in range(1, SESSIONS + 1):
        for told in course_lines(group, number):
            line = {f.name: getattr(told.content, f.name) for f in fields(told.content)} | {
                "ratings": [],
                "strategies": [],
            }
            rating = told.ratings[0] if told.ratings else None
            lines.append(
                {
                    "child_id": str(told.case_id),
                    "child": "Bench",
                    "goal": "Ties the laces at the classroom door",
                    "number": number,
                    "line": {
                        "line": line,
                        "rating": {
                            "level": rating.level if rating else None,
                            "support": rating.support if rating else "",
                            "remark": "",
                            "scale_version": 1,
                        },
                    },
                }
            )
    day = datetime.now(UTC).date()
    dates = [(day - timedelta(weeks=SESSIONS - n)).isoformat() for n in range(SESSIONS)]
    content = {
        "title": "Bench builders",
        "kind": "social-skills",
        "aims": "Waiting for a turn.",
        "room": "",
        "first_date": dates[0],
        "start_time": "10:00",
        "minutes": 60,
        "sessions": SESSIONS,
        "holidays": [],
        "capacity": CHILDREN,
    }
    return orjson.dumps({"content": content, "dates": dates, "lines": lines})


def recordings(prepared: Prepared) -> list[tuple[str, dict[str, Any]]]:
    """A recording of each session of the course, and where it is sent: every child present, rated, with some text."""
    told = [
        {
            "case": str(child),
            "attendance": "present",
            "arrival": "settled",
            "response": "Waited for a peer twice, with a word the second time.",
            "ratings": [{"goal": str(goal), "level": 0, "support": "verbal"}],
        }
        for child, goal in prepared.group
    ]
    body = {"started_at": "2026-03-02T10:00:00+01:00", "ended_at": "2026-03-02T11:00:00+01:00", "children": told}
    path = f"/api/v1/courses/{prepared.course}/sessions"
    return [(f"{path}/{number}/recordings", body) for number in range(1, SESSIONS + 1)]


def goal_for_crud(number: int) -> bytes:
    """A goal of `bench.data` with its ratings, as the CRUD app keeps it."""
    content = goal_content(number)
    scale = content.scale
    assert scale
    levels = {str(n): text for n, text in scale.levels.items()}
    return orjson.dumps(
        {
            "content": {
                **{f.name: getattr(content, f.name) for f in fields(content)},
                "disciplines": ["ot"],
                "scale": {"levels": levels, "baseline": -1, "importance": 2, "difficulty": 2},
            },
            "ratings": [
                {"context": r.context, "level": r.level, "support": r.support, "observed_at": r.observed_at}
                for r in ratings(datetime.now(UTC))
            ],
        }
    )


def _each(requests: list[bytes]) -> Request:
    return lambda n: requests[n % len(requests)]


def _numbered(requests: list[bytes]) -> Request:
    number, at = NUMBER.encode(), TIME.encode()

    def request(n: int) -> bytes:
        hour, minute = divmod((mine := next(_NUMBERS)) % 1440, 60)
        told = requests[n % len(requests)].replace(number, b"No. %07d" % mine)
        return told.replace(at, b"T%02d:%02d:00" % (hour, minute))

    return request


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--large", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--store", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--only", choices=("notes", "pages"))
    parser.add_argument("--markdown", type=Path)
    a = parser.parse_args()
    report = Report()
    memory = f"{psutil.virtual_memory().total / 2**30:.0f} GiB"
    machine = f"{psutil.cpu_count()} cores, {memory}, Python {platform.python_version()}"
    report.line("", "machine (the load generator runs on it too)", machine)
    for store in ("sqlite", "postgres") if a.store == "both" else (a.store,):
        folder = Path(tempfile.mkdtemp(prefix="coord-bench-"))
        try:
            with database(store, folder) as (url, sqlalchemy_url):
                prepared = prepare(folder, url, small=300, large=a.large, events=a.events)
                for what, value in prepared.built:
                    report.line(store, what, value)
                measure(report, store, prepared, sqlalchemy_url, a)
                prepared.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if a.markdown:
        a.markdown.write_text(report.markdown())


@contextmanager
def database(store: str, folder: Path) -> Iterator[tuple[str | None, str]]:
    """Where Coord and where the CRUD app keep their data."""
    if store == "sqlite":
        yield None, f"sqlite:///{folder / 'crud.db'}"
        return
    with postgres.running(folder / "pg") as running:
        yield running.url(), running.url().replace("postgresql://", "postgresql+psycopg://", 1)


if __name__ == "__main__":
    main()
