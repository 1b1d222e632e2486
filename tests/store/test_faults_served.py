"""The service before a database server that stands still: its main loop answers, its threads do within their
time, and nobody has to start anything anew."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from coord.bootstrap import build
from coord.settings import Settings
from tests.postgres import Postgres
from tests.store.test_faults import server_stopped


@pytest.fixture
def postgres_database(prepared_database: str) -> str:
    return prepared_database


@pytest.fixture
def served(postgres_database: str, data_folder: Path) -> Iterator[str]:
    """The address of `coord serve` with one worker."""
    build(Settings(data=data_folder, database_url=postgres_database)).close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "COORD_DATA": str(data_folder), "COORD_DATABASE_URL": postgres_database, "PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "coord", "serve"], env={**env, "WEB_CONCURRENCY": "1"})
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            if asked(f"{url}/readyz")[0] == 200:
                break
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=60)


def asked(url: str, headers: dict[str, str] | None = None) -> tuple[int, str | None]:
    """The status and when to come again. Nobody waits for ever: what does not answer in a minute fails the test."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=60) as answer:
            return answer.status, None
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, error.headers["Retry-After"]
    except (ConnectionError, urllib.error.URLError):
        return 0, None


def test_a_server_that_stands_still_holds_no_thread_for_ever(served: str, postgres: Postgres):
    token = {"Authorization": "Bearer coord_nobody"}
    asking = f"{served}/api/v1/cases"
    assert asked(asking, token)[0] == 401
    with ThreadPoolExecutor(30) as people:
        with server_stopped(postgres):
            waiting = [people.submit(asked, asking, token) for _ in range(30)]  # more than there are threads
            assert [asked(f"{served}/healthz")[0] for _ in range(10)] == [200] * 10
            answers = [each.result() for each in waiting]
            assert asked(f"{served}/readyz")[0] == 503
            assert asked(f"{served}/healthz")[0] == 200
        assert {status for status, _ in answers} == {503}
        assert all(retry for _, retry in answers)
    for _ in range(600):
        if asked(asking, token)[0] == 401 and asked(f"{served}/readyz")[0] == 200:
            break
        time.sleep(0.1)
    assert asked(asking, token)[0] == 401
    assert asked(f"{served}/readyz")[0] == 200
