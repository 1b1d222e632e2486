"""Whatever a store does (it stands still, is locked, read-only or damaged), people hear 503 while it does so, their
words stand on the page, and when it is over everything goes on by itself.

How fast is not measured; but a store stands still until the answer is there, so that whoever waits for it waits for
ever.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import psycopg
import pytest

from coord.domain.actors import Actor
from coord.office.tokens import Tokens
from tests.house import House
from tests.postgres import Postgres

FILES = ("events", "views", "office", "access")
WORDS = "He threw the ball to me and waited until I threw it back."


def stopped(house: House, postgres: Postgres) -> contextlib.AbstractContextManager[None]:
    """The database server stands still."""
    return server_stopped(postgres)


@contextlib.contextmanager
def server_stopped(postgres: Postgres) -> Iterator[None]:
    """It stands still with every process that it has."""
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    server = psutil.Process(int((Path(row[0]) / "postmaster.pid").read_text().split()[0]))
    everybody = [server, *server.children(recursive=True)]
    for process in everybody:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in everybody:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)


@contextlib.contextmanager
def locked(house: House, postgres: Postgres | None) -> Iterator[None]:
    """Somebody else holds every table that one would need."""
    url = house.services.settings.database_url
    with contextlib.ExitStack() as held:
        if url:
            connection = held.enter_context(psycopg.connect(url))
            tables = connection.execute(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
                "WHERE schemaname IN ('record', 'views', 'office', 'access')"
            ).fetchall()
            connection.execute(f"LOCK TABLE {', '.join(t for (t,) in tables)} IN ACCESS EXCLUSIVE MODE".encode())
            held.callback(connection.rollback)
        for name in () if url else FILES:
            file = sqlite3.connect(house.services.settings.data / f"{name}.db", isolation_level=None)
            held.callback(file.close)
            file.execute("BEGIN IMMEDIATE")
        yield


@contextlib.contextmanager
def read_only(house: House, postgres: Postgres) -> Iterator[None]:
    """As after a failover: what was the primary takes no more writes."""
    name = str(house.services.settings.database_url).rpartition("/")[2]
    with psycopg.connect(postgres.url(), autocommit=True) as admin:
        terminate = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'".encode()
        admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
        admin.execute(terminate)
        try:
            yield
        finally:
            admin.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'.encode())
            admin.execute(terminate)


@contextlib.contextmanager
def damaged(house: House, postgres: Postgres | None) -> Iterator[None]:
    """The views lie on a disk that has lost most of them."""
    file = house.services.settings.data / "views.db"
    with contextlib.closing(sqlite3.connect(file)) as views:
        views.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\x07" * (len(whole) - 4096))
    try:
        yield
    finally:
        file.write_bytes(whole)


@contextlib.contextmanager
def gone(house: House, postgres: Postgres | None) -> Iterator[None]:
    """The files were taken away: what is written to one that is still open would be gone with the last connection."""
    data = house.services.settings.data
    kept = [data / f"{name}.db" for name in FILES if name != "views"]
    for file in kept:
        file.rename(file.with_suffix(".away"))
    try:
        yield
    finally:
        for file in kept:
            file.with_suffix(".away").rename(file)


def answered(ask: Callable[[], Any]) -> Any:
    """What ``ask`` gives, while the store is as it is. Fails when nothing comes."""
    found: list[Any] = []
    asking = threading.Thread(target=lambda: found.append(ask()), daemon=True)
    asking.start()
    asking.join(60)
    assert found, "nobody answered"
    return found[0]


def token_of(house: House, person: Actor) -> str:
    house.email(person)
    now = house.clock.now
    return Tokens(house.services.office).issue(person.person_id, "tests", now + timedelta(days=30), now=now)


FAULTS = [
    pytest.param("postgres", stopped, id="stopped"),
    pytest.param("postgres", locked, id="locked-postgresql"),
    pytest.param("sqlite", locked, id="locked-sqlite"),
    pytest.param("postgres", read_only, id="read-only"),
    pytest.param("sqlite", damaged, id="damaged"),
    pytest.param("sqlite", gone, id="gone"),
]


@pytest.mark.parametrize(("database_url", "fault"), FAULTS, indirect=["database_url"])
def test_a_store_in_trouble_is_answered_for_and_words_are_kept(
    house: House, fault: Any, request: pytest.FixtureRequest
):
    postgres = request.getfixturevalue("postgres") if house.services.settings.database_url else None
    browser, bearer = house.browser_of(house.ot), {"Authorization": f"Bearer {token_of(house, house.ot)}"}
    child, api = f"/children/{house.child}", f"/api/v1/cases/{house.child}"
    form = f"{child}/notes/new"
    place = f"{child}/drafts/{uuid4()}"
    assert browser.get(child).status_code == 200
    typed = {
        "format": "narrative",
        "section-text": WORDS,
        "setting": "therapy-room",
        "audience": "care-team",
        "from-day": "2026-03-10",
        "from-time": "09:00",
        "action": "sign",
    }
    page = browser.get(form).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    note = {
        "format": "narrative",
        "sections": {"text": f"By HTTP: {WORDS}"},
        "setting": "therapy-room",
        "audience": "care-team",
        "observed_from": datetime(2026, 3, 10, 7, tzinfo=UTC).isoformat(),
        "sign": True,
    }
    with fault(house, postgres):
        answers = {
            "page": answered(lambda: browser.get(child)),
            "form": answered(lambda: browser.client.post(place, data={"csrf_token": token, **typed})),
            "api": answered(lambda: house.app.test_client().get(f"{api}/timeline", headers=bearer)),
            "api post": answered(lambda: house.app.test_client().post(f"{api}/notes", json=note, headers=bearer)),
        }
    written = [] if fault is not damaged else [answers.pop("form"), answers.pop("api post")]
    assert [answer.status_code for answer in written] in ([], [303, 201])  # the record is whole, and takes what comes
    for what, answer in answers.items():
        assert answer.status_code == 503, (what, answer.status_code, answer.text[:300])
        assert int(answer.headers["Retry-After"]) > 0
        assert "Content-Security-Policy" in answer.headers
    assert "form" not in answers or WORDS in answers["form"].text
    # It is over: nobody has to do anything for it.
    for _ in range(40):  # connections that died are noticed when they are used, each once
        if browser.get(child).status_code == 200:
            break
    assert browser.get(child).status_code == 200
    assert (
        house.app.test_client()
        .post(f"{api}/notes", json={**note, "sections": {"text": "Since"}, "setting": "home"}, headers=bearer)
        .status_code
        == 201
    )
