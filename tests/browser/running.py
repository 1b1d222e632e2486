"""The service as `make run` starts it: real processes over the demonstration children, on both stores."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from coord.demo import PASSWORD


@dataclass
class Running:
    """The service as `make run` starts it."""

    url: str
    env: dict[str, str]

    def coord(self, *arguments: str) -> str:
        """What the command line answers."""
        command = [sys.executable, "-m", "coord", *arguments]
        return subprocess.run(command, env=self.env, check=True, capture_output=True, text=True).stdout

    def sign_in(self, page: Page, name: str) -> None:
        """Sign in by the form."""
        page.goto(f"{self.url}/sign-in")
        page.locator("#email").fill(f"{name}@coord.example")
        page.locator("#password").fill(PASSWORD)
        page.locator("main form button[type=submit]").click()
        page.wait_for_url(lambda url: url == f"{self.url}/" or "/account/changes" in url)
        if "/account/changes" in page.url:  # that they signed in elsewhere before, which a browser's first time is
            page.locator("main form button[type=submit]").click()
            page.wait_for_url(f"{self.url}/")


@pytest.fixture
def running(data_folder: Path, database_url: str | None) -> Iterator[Running]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # A busy machine is not to turn away what one page asks for at once.
    env = {**os.environ, "COORD_DATA": str(data_folder), "PORT": str(port), "COORD_QUEUE_SECONDS": "60"}
    if database_url:
        env["COORD_DATABASE_URL"] = database_url
    service = Running(f"http://127.0.0.1:{port}", env)
    service.coord("release")
    service.coord("demo", "--if-empty")
    processes = [subprocess.Popen([sys.executable, "-m", "coord", part], env=env) for part in ("serve", "follow")]
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{service.url}/readyz", timeout=5)
                break
            except OSError:
                time.sleep(0.2)
        yield service
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)
