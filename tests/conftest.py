"""Fixtures for every test: stores to run on, and a browser to look with."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import Postgres, running_postgres
from tests.stores import new_folder

# No test asserts how fast the machine is, not even by how long made-up input takes to make.
settings.register_profile("coord", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("coord")

if TYPE_CHECKING:  # a domain test need not load Playwright
    from playwright.sync_api import Browser, Page

    from tests.browser.harness import Faults, OpenPage


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by what is used, so that no marker is forgotten."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if "browser" in fixtures:
            item.add_marker("browser")
        databases = {"postgres", "postgres_database", "prepared_database"}
        if fixtures & databases or parameters.get("database_url") == "postgres":
            item.add_marker("postgres")


# --- stores -------------------------------------------------------------------------------------------------------


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """An empty folder for SQLite files, exports and whatever else COORD_DATA holds."""
    with new_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server (one for each xdist worker). `postgres.new_database()` serves fixtures of a wider scope."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """The server's own database, for a test that asks the server something. Data goes into `postgres_database`."""
    return postgres.url()


@pytest.fixture
def postgres_database(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database, dropped after the test."""
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def prepared_database(postgres: Postgres) -> Iterator[str]:
    """The URL of a database in which Coord's tables are, and nothing in them.

    Where a test is not about how they are made, the `postgres_database` of its folder is this one.
    """
    with postgres.prepared_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """What COORD_DATABASE_URL would say: None for SQLite in `data_folder`, then an empty PostgreSQL database.

    A test that asks for this runs twice, once on each store. `postgres_database` says how empty the latter is.
    """
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgres_database")
    return url


# --- browser ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium, driven by Playwright. Missing, it fails the test: a skipped check is a check nobody made."""
    from playwright.sync_api import sync_playwright

    from tests.browser.harness import CHROMIUM_FLAGS

    executable = os.environ.get("COORD_CHROMIUM") or "/usr/bin/chromium"
    if not os.access(executable, os.X_OK):
        pytest.fail(f"no browser at {executable}: run `make test`, or apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page_faults() -> "Faults":
    """Requests to other hosts, uncaught errors and policy breaches of this test's pages, so far."""
    from tests.browser.harness import Faults

    return Faults()


@pytest.fixture
def open_page(browser: "Browser", page_faults: "Faults") -> "Iterator[OpenPage]":
    """Open a page: `open_page(viewport=PHONE, dark=True, javascript=False, locale="it-IT")`.

    The test fails if any of its pages asked another host, raised an error or broke the content security policy.
    """
    from tests.browser.harness import page_opener

    with page_opener(browser, page_faults) as opener:
        yield opener
    assert not page_faults.found, "\n".join(page_faults.found)


@pytest.fixture
def page(open_page: "OpenPage") -> "Page":
    """One page on a laptop's screen, in light colours."""
    return open_page()
