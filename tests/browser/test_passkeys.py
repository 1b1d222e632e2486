"""Passkeys in a real browser with a device that answers by itself, and one-time codes without JavaScript."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from tests.browser.conftest import Live
from tests.browser.harness import EVERY_WIDTH, NARROW, OpenPage, assert_accessible_in_each_look
from tests.house import PASSWORD, open_house

ABLE = {
    "protocol": "ctap2",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Device:
    """A device of Chromium's: a phone's or laptop's own, or a key that is plugged in."""

    session: Any
    id: str

    @classmethod
    def of(cls, page: Page, transport: str) -> "Device":
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {"options": {**ABLE, "transport": transport}}
        return cls(session, session.send("WebAuthn.addVirtualAuthenticator", options)["authenticatorId"])

    def credentials(self) -> list[Any]:
        found = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]
        return list(found)

    def verifies(self, verifies: bool) -> None:
        """Whether it is its person's finger."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": verifies})


@pytest.fixture
def here(data_folder: Path) -> Iterator[Live]:
    """The service at an address with a name: browsers make no passkey for a bare number."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with open_house(data_folder) as house:
        house.services = replace(house.services, settings=replace(house.services.settings, port=port))
        server = make_server("127.0.0.1", port, house.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Live(f"http://localhost:{port}", house)
        server.shutdown()
        thread.join()
        server.server_close()


def add_passkey(here: Live, page: Page, name: str = "My phone") -> None:
    page.goto(f"{here.base_url}/account/factors")
    page.get_by_label("What you call it").fill(name)
    page.get_by_role("button", name="Add a passkey").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_label("Email address")).to_be_visible()


BY_BUTTON = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
"""A browser that offers none by itself: such a device as these answers at once, before anybody can press anything."""


@pytest.mark.parametrize("transport", ["internal", "usb"])
def test_somebody_adds_a_passkey_and_signs_in_with_it(here: Live, page: Page, transport: str):
    page.add_init_script(BY_BUTTON)
    device = Device.of(page, transport)
    here.sign_in(page, here.ot)
    add_passkey(here, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    assert len(device.credentials()) == 1
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("1 passkey", exact=False)).to_be_visible()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{here.base_url}/")
    expect(page.get_by_role("link", name="Ada Lind")).to_be_visible()


def test_the_browser_offers_it_by_itself_where_it_can(here: Live, page: Page):
    Device.of(page, "internal")
    here.sign_in(page, here.ot)
    add_passkey(here, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url(f"{here.base_url}/")  # over the sign-in page, on which nothing was pressed
    expect(page.get_by_role("link", name="Ada Lind")).to_be_visible()


def test_after_the_password_it_is_asked_for_and_an_unverified_one_is_not_enough(here: Live, page: Page):
    page.add_init_script(BY_BUTTON)
    device = Device.of(page, "internal")
    here.sign_in(page, here.ot)
    add_passkey(here, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    sign_out(page)
    page.get_by_label("Email address").fill(here.house.email(here.ot))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    device.verifies(False)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("status").filter(has_text="No passkey was used")).to_be_visible()
    device.verifies(True)
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url(f"{here.base_url}/")


def test_before_a_file_leaves_one_is_asked_again(here: Live, page: Page):
    device = Device.of(page, "internal")
    child = here.child
    here.sign_in(page, here.lead)
    add_passkey(here, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    here.clock.turn(minutes=6)
    page.goto(f"{here.base_url}/children/{child}/history")
    page.get_by_role("link", name="CSV").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    assert device.credentials()
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, it is you")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take the file").click()
    assert taken.value.suggested_filename.endswith(".csv")


def test_a_form_comes_back_with_its_words_once_it_is_still_they(here: Live, open_page: OpenPage):
    page = open_page(javascript=False)
    here.sign_in(page, here.admin, "/people")
    person = here.ot
    page.goto(f"{here.base_url}/people/{person.person_id}")
    page.locator("#name").fill("Ada Lind-Berg")
    here.clock.turn(minutes=6)
    page.locator("form[action$='/name'] button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    page.get_by_label("Your password", exact=True).fill("wrong")
    page.get_by_role("button", name="It is me").click()
    expect(page.get_by_text("This is not your present password").first).to_be_visible()
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="It is me").click()
    expect(page.locator("#unsent")).to_contain_text("Ada Lind-Berg")
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_role("heading", name="Ada Lind-Berg")).to_be_visible()


def test_another_devices_sign_in_is_told_seen_and_ended(here: Live, open_page: OpenPage):
    mine, other = open_page(), open_page()
    here.sign_in(mine, here.ot)
    here.clock.turn(minutes=1)
    here.sign_in(other, here.ot)
    here.clock.turn(minutes=1)
    mine.goto(f"{here.base_url}/account")
    expect(mine.get_by_text("Chrome on Linux").first).to_be_visible()
    mine.get_by_role("button", name="End", exact=False).first.click()
    expect(mine.get_by_text("That sign-in is over.")).to_be_visible()
    other.goto(f"{here.base_url}/account")
    expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")
    sign_out(mine)
    mine.get_by_label("Email address").fill(here.house.email(here.ot))
    mine.get_by_label("Password", exact=True).fill(PASSWORD)
    mine.get_by_role("button", name="Sign in", exact=True).click()
    expect(mine.get_by_role("heading", level=1)).to_have_text("Changed in your account")
    expect(mine.get_by_text("Chrome on Linux")).to_be_visible()
    mine.get_by_role("button", name="I have seen this").click()
    mine.wait_for_url(f"{here.base_url}/")
    mine.goto(f"{here.base_url}/account/changes")
    expect(mine.get_by_text("Nothing that you have not seen.")).to_be_visible()


def test_every_page_is_accessible_in_every_look(here: Live, open_page: OpenPage):
    page = open_page(viewport=NARROW)
    here.sign_in(page, here.ot)
    page.goto(f"{here.base_url}/account/factors")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    page.get_by_role("button", name="Set up one-time codes").click()
    expect(page).to_have_title("Set up one-time codes – Coord")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    page.get_by_role("button", name="Confirm and use them").click()
    expect(page).to_have_title("Error: Set up one-time codes – Coord")
    secret = page.locator("#secret").inner_text().replace(" ", "")
    page.get_by_label("One-time code").fill(pyotp.TOTP(secret).at(here.clock.now))
    page.get_by_role("button", name="Confirm and use them").click()
    expect(page).to_have_title("Your recovery codes – Coord")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    page.goto(f"{here.base_url}/account/factors")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    here.clock.turn(minutes=6)
    page.goto(f"{here.base_url}/account/again")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    sign_out(page)
    page.get_by_label("Email address").fill(here.house.email(here.ot))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_title("Error: One more step – Coord")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)


def test_by_keyboard_without_javascript(here: Live, open_page: OpenPage):
    page = open_page(javascript=False)
    here.sign_in(page, here.ot)
    page.goto(f"{here.base_url}/account/factors")
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    page.get_by_role("button", name="Set up one-time codes").press("Enter")
    phone = pyotp.TOTP(page.locator("#secret").inner_text().replace(" ", ""))
    page.get_by_label("One-time code").fill(phone.at(here.clock.now))
    page.get_by_label("One-time code").press("Enter")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    recovery = page.locator("#recovery-codes li").first.inner_text()
    here.clock.turn(minutes=2)
    sign_out(page)
    page.get_by_label("Email address").fill(here.house.email(here.ot))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")
    page.get_by_text("I do not have my phone").click()
    page.get_by_label("Recovery code").fill(recovery)
    page.get_by_label("Recovery code").press("Enter")
    page.wait_for_url(f"{here.base_url}/")
