"""Invited, and forgotten, in a real browser, by a real mail server: from the mail to one's own first page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from coord.web.people.mails import send_next
from tests.browser.conftest import Live, served
from tests.browser.harness import NARROW, OpenPage, assert_accessible_in_each_look
from tests.house import open_house
from tests.mailbox import Mailbox, link_in, mailbox
from tests.store.test_tls import certificate

OWN = "four green kites sing"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    with mailbox(certificate(tmp_path, "server")) as box:
        yield box


@pytest.fixture
def mailing(data_folder: Path, box: Mailbox) -> Iterator[Live]:
    with open_house(data_folder, mail=box.server) as house, served(house) as live:
        yield live


def latest_link(live: Live, box: Mailbox) -> str:
    while send_next(live.house.app, live.house.services):
        pass
    return live.base_url + link_in(box.arrived[-1][1])


def test_an_administrator_invites_and_the_colleague_comes_in(open_page: OpenPage, mailing: Live, box: Mailbox):
    page = open_page()
    mailing.sign_in(page, mailing.house.admin, "/people/new")
    page.get_by_label("Name", exact=True).fill("Nia Moss")
    page.get_by_label("Email address").fill("nia@example.org")
    page.get_by_label("Administrator").check()
    page.get_by_label("Italiano").check()
    expect(page.get_by_label("By mail, to their address")).to_be_checked()
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nia Moss")
    expect(page.get_by_text("A mail with the link is on its way to their address.")).to_be_visible()

    theirs = open_page(viewport=NARROW)
    theirs.goto(latest_link(mailing, box))
    assert box.arrived[0][0] == "nia@example.org"
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Ti diamo il benvenuto, Nia Moss")
    assert_accessible_in_each_look(theirs)
    theirs.get_by_label("English").check()
    theirs.locator("#password").fill("short")
    theirs.locator("#again").fill("short")
    theirs.get_by_role("button", name="Salva questa password").click()
    expect(theirs.locator(".nhsuk-error-summary")).to_be_focused()
    assert_accessible_in_each_look(theirs)
    expect(theirs.get_by_label("English")).to_be_checked()
    theirs.locator("#password").fill(OWN)
    theirs.locator("#again").fill(OWN)
    theirs.keyboard.press("Enter")
    theirs.wait_for_url(f"{mailing.base_url}/sign-in")
    theirs.locator("#email").fill("nia@example.org")
    theirs.locator("#password").fill(OWN)
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Changed in your account")
    expect(theirs.get_by_text("Invitation mailed")).to_be_visible()
    theirs.get_by_role("button", name="I have seen this: go on").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("People")


def test_a_forgotten_password_by_keyboard_without_javascript(open_page: OpenPage, mailing: Live, box: Mailbox):
    email = mailing.house.email(mailing.house.ot)
    page = open_page(javascript=False)
    page.goto(f"{mailing.base_url}/sign-in")
    page.get_by_role("link", name="Forgot your password?").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Email address").focus()
    page.keyboard.type(email)
    page.keyboard.press("Enter")
    expect(page.get_by_text("If somebody has an account with this address")).to_be_visible()
    link = latest_link(mailing, box)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a new password")
    page.locator("#password").fill(OWN)
    page.locator("#again").fill(OWN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.locator("#email").fill(email)
    page.locator("#password").fill(OWN)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{mailing.base_url}/")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is not good any more")


def test_the_pages_for_who_is_not_signed_in_are_accessible(open_page: OpenPage, mailing: Live):
    page = open_page(viewport=NARROW)
    for path in ("/forgotten", "/link/nothing"):
        page.goto(mailing.base_url + path)
        assert_accessible_in_each_look(page)
    page.goto(f"{mailing.base_url}/forgotten")
    page.get_by_role("button", name="Send me a link").click()
    expect(page).to_have_title("Error: Forgotten password – Coord")
    assert_accessible_in_each_look(page)
