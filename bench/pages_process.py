"""The other end of `bench.pages`: one checkout in a process of its own, which answers how long its pages take it.

Run as a file and not as a module, with the checkout to measure as its first argument: what it imports of Coord and of
`bench.data` is that checkout's. It fills a store of its own, then reads lines ``page count`` and answers each with the
processor times of so many requests, in seconds, as JSON.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

if __name__ == "__main__":  # what is imported below is the checkout's
    sys.path[0] = sys.argv[1]

from flask import Flask
from werkzeug.test import EnvironBuilder

from bench import data
from coord.bootstrap import Services, Settings, build
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.case.summary import SummaryContent
from coord.office.accounts import Accounts
from coord.office.tokens import Tokens
from coord.web import create_app
from coord.web.observability import init_logging

try:
    from coord.application.summary.commands import PublishSummary
    from coord.application.timeline.questions import ReadTimeline, TimelineFilter
except ImportError:  # where they were until 2026-11-30
    from coord.application.commands import PublishSummary  # type: ignore[import-not-found, no-redef]
    from coord.application.questions import ReadTimeline, TimelineFilter  # type: ignore[import-not-found, no-redef]

ENTRIES = 20
SECRET = "bench-" + "0" * 40
SAID = ("Waits for a turn with a word.", "Ties both laces after one prompt.", "Likes to be the one who tells the time.")
SUMMARY = ("strengths", "helps", "avoid", "overload-signs", "overload-response", "aims")

Call = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; ``sent`` is the body of the n-th, where there is one."""

    path: str
    headers: dict[str, str]
    sent: Callable[[int], Any] | None = None


def of_data(name: str) -> Any:
    """What a checkout's `bench.data` calls so, or called so with a line before it (until 2026-11-30)."""
    return getattr(data, name, None) or getattr(data, f"_{name}")


person, child, fill, aims, email = map(of_data, ("person", "child", "fill", "aims", "email"))


def therapist(services: Services, name: str) -> Actor:
    """A therapist who can sign in."""
    actor: Actor = person(services, name, Role.THERAPIST, Discipline.OT)
    Accounts(services.office).create_account(actor.person_id, email(actor), data.PASSWORD, now=datetime.now(UTC))
    return actor


@dataclass(frozen=True, slots=True)
class Filled:
    """Somebody with sixteen children and a token, somebody with many; and of the first one's a child with entries and a
    summary, and one with goals."""

    few: Actor
    many: Actor
    written: UUID
    with_goals: UUID
    token: str


def filled(services: Services, many_children: int) -> Filled:
    """Fill a store."""
    few, many, reader = (therapist(services, name) for name in ("Ada Bench", "Bo Bench", "Cy Bench"))
    written, with_goals, *_ = (child(services, few, reader) for _ in range(16))
    for _ in range(many_children):
        child(services, many, reader)
    fill(services, written, few, ENTRIES)
    read = services.doors.ask(few, ReadTimeline(written, TimelineFilter(kind="note")))
    notes = [UUID(str(item["entry_id"])) for item in read.items]
    statements = {section: [(said, [notes[n]]) for n, said in enumerate(SAID)] for section in SUMMARY}
    day = datetime.now(UTC).date()
    content = SummaryContent(statements, "Ada Bench, on Mondays", day, day + timedelta(days=60))
    services.doors.execute(few, PublishSummary(written, 0, content))
    aims(services, with_goals, few)
    services.views.catch_up()
    now = datetime.now(UTC)
    token = Tokens(services.office).issue(few.person_id, "bench", now + timedelta(days=1), now=now)
    return Filled(few, many, written, with_goals, token)


def note(number: int) -> dict[str, Any]:
    """To be signed: each of another time and in other words, or Coord would ask whether it is to be there twice."""
    sections = {**data.SECTIONS, "objective": f"Try {number}. {data.SECTIONS['objective']}"}
    sent = {"format": "soap", "setting": "therapy-room", "audience": "care-team", "sections": sections, "sign": True}
    return sent | {"observed_from": (datetime(2026, 3, 2, 9, tzinfo=UTC) - timedelta(hours=number)).isoformat()}


def sign_in(app: Flask, actor: Actor) -> str:
    """Sign in by the page, as a person does; the cookie to send from then on."""
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token
    form = {"email": email(actor), "password": data.PASSWORD, "csrf_token": token[1]}
    answer = client.post("/sign-in", data=form)
    assert answer.status_code == 303, answer.text
    return "; ".join(cookie.split(";")[0] for cookie in answer.headers.getlist("Set-Cookie"))


def asked(app: Flask, at: Filled) -> dict[str, Asked]:
    """What is asked of an application, by the name of the page; two people sign in to it for this."""
    page, other = {"Cookie": sign_in(app, at.few)}, {"Cookie": sign_in(app, at.many)}
    bearer = {"Authorization": f"Bearer {at.token}"}
    return {
        "timeline": Asked(f"/children/{at.written}", page),
        "home-16": Asked("/", page),
        "home-100": Asked("/", other),
        "summary": Asked(f"/children/{at.written}/summary", page),
        "goals": Asked(f"/children/{at.with_goals}/goals", page),
        "sign-in": Asked("/sign-in", {}),
        "api-timeline": Asked(f"/api/v1/cases/{at.written}/timeline", bearer),
        "note": Asked(f"/api/v1/cases/{at.with_goals}/notes", bearer, note),
    }


class Process:
    """The application, called as gunicorn would call it but in this very process."""

    def __init__(self, folder: Path, many_children: int = 100) -> None:
        """Fill a store in ``folder``, and sign in. ``many_children`` are those of the page ``home-100``."""
        self.services = build(Settings(data=folder, database_url=None, secret_key=SECRET))
        self.app = create_app(self.services)
        self.filled = filled(self.services, many_children)
        self.calls: dict[str, Call] = {name: self.call(a) for name, a in asked(self.app, self.filled).items()}

    def call(self, asked: Asked) -> Call:
        """What asks for a page once, and says how long it took."""
        count, path, sent = itertools.count(), asked.path, asked.sent
        environ = EnvironBuilder(
            path,
            method="POST" if sent else "GET",
            headers=list(asked.headers.items()),
            content_type="application/json" if sent else None,
        ).get_environ()
        wanted = b"201" if sent else b"200"

        def once() -> float:
            body = json.dumps(sent(next(count))).encode() if sent else b""
            asked = environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
            status: list[str] = []
            begun = time.process_time()
            answer = self.app.wsgi_app(asked, lambda line, *_: status.append(line))  # type: ignore[arg-type]
            whole = b"".join(answer)
            close = getattr(answer, "close", None)
            if close:
                close()
            took = time.process_time() - begun
            assert status[0].encode().startswith(wanted), (path, status, whole[:500])
            self.size = len(whole)
            return took

        return once


def main(lines: Iterator[str]) -> None:
    """Say how large each page is, then answer line by line; what Coord logs on the way is paid for and thrown away."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    init_logging()  # as a server writes its lines, not as a terminal has them
    process = Process(Path(sys.argv[2]))
    sizes = {}
    for name, once in process.calls.items():
        for _ in range(5):
            once()
        sizes[name] = process.size
    print(json.dumps(sizes), file=answers, flush=True)
    for line in lines:
        name, count = line.split()
        print(json.dumps([process.calls[name]() for _ in range(int(count))]), file=answers, flush=True)
    process.services.close()


if __name__ == "__main__":
    main(iter(sys.stdin))
