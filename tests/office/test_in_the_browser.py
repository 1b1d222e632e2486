"""The sign-in pages in a real browser: accessible in every look, and whole without JavaScript or a mouse."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from werkzeug.serving import make_server

from coord.settings import Settings
from tests.browser.harness import EVERY_WIDTH, NARROW, OpenPage, assert_accessible, assert_accessible_in_each_look
from tests.office.conftest import NOW, PASSWORD, Clock, Site


@pytest.fixture
def database_url() -> None:
    """SQLite alone: the pages do not know the difference."""


@pytest.fixture
def served(engine: Engine, clock: Clock, settings: Settings) -> Iterator[tuple[Site, str]]:
    site = Site(engine, clock, settings)
    server = make_server("127.0.0.1", 0, site.worker(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Email address").fill("ida@example.org")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_every_page_is_accessible_in_every_look(open_page: OpenPage, served: tuple[Site, str]):
    site, base = served
    account = site.person()
    site.entrance.tokens.issue(account.person_id, "reports", NOW.replace(year=2027), now=NOW)

    page = open_page(viewport=NARROW, base_url=base)
    page.goto("/sign-in")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    sign_in(page, "wrong")
    expect(page).to_have_title("Error: Sign in – Coord")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    sign_in(page)
    page.goto("/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    page.goto("/account/password")
    page.get_by_role("button", name="Change password").click()
    expect(page).to_have_title("Error: Change your password – Coord")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)


def test_by_keyboard_without_javascript(open_page: OpenPage, served: tuple[Site, str]):
    site, base = served
    site.person()
    page = open_page(javascript=False, base_url=base)
    page.goto("/?a=1")
    page.get_by_label("Email address").focus()
    page.keyboard.type("ida@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{base}/?a=1")
    page.goto("/account")
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{base}/sign-in")


def test_the_summary_of_errors_leads_to_the_field(open_page: OpenPage, served: tuple[Site, str]):
    _, base = served
    page = open_page(base_url=base)
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Enter your password").click()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()


def test_the_wait_is_said_kindly_and_the_address_kept(open_page: OpenPage, served: tuple[Site, str]):
    _, base = served
    page = open_page(base_url=base)
    page.goto("/sign-in")
    for _ in range(6):
        sign_in(page, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("Try again in one minute")
    expect(page.get_by_label("Email address")).to_have_value("ida@example.org")
    assert_accessible(page)
