"""A running service for the browser tests of the pages."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from coord.domain.actors import Actor
from tests.browser.running import running as running
from tests.house import PASSWORD, House, open_house


@dataclass
class Live:
    """A house that answers at ``base_url``; it has what the house has: ``live.ot``, ``live.child``, ``live.note()``."""

    base_url: str
    house: House

    def __getattr__(self, name: str) -> Any:
        return getattr(self.house, name)

    def sign_in(self, page: Page, person: Actor, to: str = "/") -> None:
        """Sign in by the form, and arrive at ``to``. The page must have been opened with ``base_url=live.base_url``, or
        any: addresses here are whole."""
        page.goto(f"{self.base_url}/sign-in?next={to}")
        page.locator("#email").fill(self.house.email(person))
        page.locator("#password").fill(PASSWORD)
        page.locator("main form button[type=submit]").click()
        page.wait_for_url(lambda url: url == self.base_url + to or "/account/changes" in url)
        if "/account/changes" in page.url:  # that they signed in elsewhere before, which a browser's first time is
            page.get_by_role("button", name="I have seen this").click()
            page.wait_for_url(self.base_url + to)
        first = page.locator("[autofocus]").first
        if first.count():  # a busy browser gives the focus a moment after it says that the page has loaded
            expect(first).to_be_focused()

    def sign_out(self, page: Page) -> None:
        """Sign out by the header's button, and be where one may sign in again."""
        page.get_by_role("button", name="Sign out").first.click()
        expect(page.locator("#email")).to_be_visible()


@contextmanager
def served(house: House) -> Iterator[Live]:
    """A house on a free port."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Live(f"http://127.0.0.1:{server.server_port}", house)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def live(data_folder: Path) -> Iterator[Live]:
    """The service on a free port, over fresh SQLite files, with a clock that only the test turns."""
    with open_house(data_folder) as house, served(house) as live:
        yield live
