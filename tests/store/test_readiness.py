"""What ``/readyz`` and `coord health` say of a real service, and that it comes right by itself."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest

from coord.application.services import Services
from coord.bootstrap import build
from coord.follower import ALIVE, beat
from coord.settings import Settings
from tests.house import House
from tests.postgres import Postgres
from tests.store.test_faults import answered, locked, read_only, stopped


class Service:
    """`coord serve` and `coord follow` over SQLite, with a child that one may write about."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.env = {**os.environ, "COORD_DATA": str(folder), "PORT": str(port), "WEB_CONCURRENCY": "1"}
        self.env["COORD_QUEUE_SECONDS"] = "60"
        self.processes = [subprocess.Popen(self._coord(part), env=self.env) for part in ("serve", "follow")]

    def _coord(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "coord", *arguments]

    def ready(self) -> tuple[int, dict[str, Any]]:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=60) as answer:
                return answer.status, orjson.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, orjson.loads(error.read())
        except OSError:
            return 0, {}

    def becomes(self, code: int, **said: str) -> None:
        """Wait until ``/readyz`` says so."""
        answer: dict[str, Any] = {}
        for _ in range(600):
            found, answer = self.ready()
            if found == code and said.items() <= answer.items():
                return
            time.sleep(0.1)
        pytest.fail(f"waited in vain for {code} {said}; it is {answer}")

    def health(self, *, most_bytes: int = resource.RLIM_INFINITY) -> tuple[int, str, str]:
        """What `coord health` says, in a process that can make no file longer than ``most_bytes``."""
        done = subprocess.run(
            self._coord("health"),
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: _limit(0, most_bytes),
        )
        return done.returncode, done.stdout, done.stderr

    def limit_files(self, most_bytes: int) -> None:
        """As on a full disk: no process of the service can make a file longer than that."""
        for process in self.processes:
            for each in (psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)):
                _limit(each.pid, most_bytes)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=60)


def _limit(pid: int, most_bytes: int) -> None:
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most_bytes, hard))


@pytest.fixture
def service(data_folder: Path) -> Iterator[Service]:
    build(Settings(data=data_folder)).close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    service = Service(data_folder, port)
    try:
        service.becomes(200, follower="alive")
        yield service
    finally:
        service.stop()


def test_a_full_disk_is_said_and_when_there_is_room_again_everything_goes_on(service: Service):
    status, said = service.ready()
    assert (status, said["status"], said["writing"], said["disk"]) == (200, "ready", "possible", "has room")
    code, out, _ = service.health()
    assert code == 0
    assert "follower  alive" in out
    assert "writing   possible" in out
    service.limit_files(2_048)
    service.becomes(503, status="read-only", writing="not possible", disk="full or nearly full", stores="answer")
    code, _, wrong = service.health(most_bytes=2_048)
    assert code == 1
    assert wrong.count("\n") == 1
    with urllib.request.urlopen(f"{service.url}/healthz", timeout=60) as answer:
        assert orjson.loads(answer.read()) == {"status": "ok"}
    service.limit_files(resource.RLIM_INFINITY)
    service.becomes(200, status="ready", writing="possible", disk="has room", follower="alive")
    assert service.health()[0] == 0


def ready(house: House) -> tuple[int, dict[str, Any]]:
    answer = house.app.test_client().get("/readyz")
    found: dict[str, Any] = answer.get_json()
    return answer.status_code, found


def test_nothing_of_the_record_is_told_to_who_has_not_signed_in(house: House):
    house.note(house.ot)
    assert ready(house) == (
        200,
        {
            "status": "ready",
            "stores": "answer",
            "writing": "possible",
            "disk": "has room",
            "follower": "never seen",
            "stopped": [],
            "astray": [],
        },
    )


@pytest.mark.parametrize(
    ("database_url", "fault", "stores"),
    [
        pytest.param("postgres", stopped, "no answer", id="stopped"),
        pytest.param("postgres", locked, "no answer", id="locked-postgresql"),
        pytest.param("sqlite", locked, "answer", id="locked-sqlite"),
        pytest.param("postgres", read_only, "answer", id="read-only"),
    ],
    indirect=["database_url"],
)
def test_stores_that_take_no_writes_are_said(house: House, fault: Any, stores: str, request: pytest.FixtureRequest):
    postgres: Postgres | None = request.getfixturevalue("postgres") if house.services.settings.database_url else None
    assert ready(house)[0] == 200
    with fault(house, postgres):
        found = answered(lambda: _until(house, 503, stores=stores))
        assert (found["writing"], found["stores"]) == ("not possible", stores)
    assert _until(house, 200)["writing"] == "possible"


def _until(house: House, status: int, **wanted: str) -> dict[str, Any]:
    """What it says when it says so: an answer holds for a second, and dead connections are found by using them."""
    said: dict[str, Any] = {}
    for _ in range(200):
        found, said = ready(house)
        if found == status and wanted.items() <= said.items():
            return said
        time.sleep(0.1)
    return said


def test_a_follower_that_is_gone_is_wrong_and_people_are_served_all_the_same(house: House):
    services: Services = house.services
    beat(services, "follower", 0)
    assert ready(house)[1]["follower"] == "alive"
    house.clock.turn(seconds=ALIVE + 1)
    for _ in range(100):  # an answer holds for a second
        if ready(house)[1]["follower"] == "not running":
            break
        time.sleep(0.1)
    assert ready(house) == (200, {**ready(house)[1], "follower": "not running"})
