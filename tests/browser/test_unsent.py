"""Words typed before the sign-in ended, in a real browser: without JavaScript, by keyboard, in every look."""

import pytest
from playwright.sync_api import Page, expect

from coord.application.case.questions import ReadCase
from coord.application.notes.questions import ReadNote
from coord.domain.actors import Actor
from tests.browser.conftest import Live
from tests.browser.harness import EVERY_WIDTH, NARROW, OpenPage, assert_accessible, assert_accessible_in_each_look
from tests.house import PASSWORD

REASON = 'The school wrote: "new class".\n\nPerché no? <b>'


def patient(page: Page) -> None:
    """A busy machine takes its time."""


def sent_too_late(live: Live, page: Page) -> None:
    """Ada has corrected the child's class and why, but was away for an hour before she sent it."""
    patient(page)
    path = f"/children/{live.child}/details"
    live.sign_in(page, live.ot, path)
    page.get_by_label("Class").fill("3C")
    page.get_by_label("Reason").fill(REASON)
    live.clock.turn(hours=1)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def sign_in_here(live: Live, page: Page, person: Actor) -> None:
    page.get_by_label("Email address").fill(live.house.email(person))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")


@pytest.mark.parametrize("javascript", [True, False])
def test_they_come_back_and_are_sent_by_keyboard(live: Live, open_page: OpenPage, javascript: bool):
    page = open_page(javascript=javascript)
    sent_too_late(live, page)
    expect(page.get_by_text("what you wrote was not sent")).to_be_visible()
    sign_in_here(live, page, live.ot)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in again")
    expect(page.locator("#unsent")).to_contain_text('"new class"')
    expect(page.locator("#unsent")).to_contain_text("Perché no? <b>")
    assert live.services.doors.ask(live.ot, ReadCase(live.child)).details["school_class"] == "2B"
    page.get_by_role("button", name="Send it now").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/children/{live.child}/team")
    assert live.services.doors.ask(live.ot, ReadCase(live.child)).details["school_class"] == "3C"
    (correction,) = [
        recorded.event
        for recorded in live.services.record.stream(live.child)
        if getattr(recorded.event, "reason", "") and hasattr(recorded.event, "changes")
    ]
    assert correction.reason == REASON, "line ends, quotes and accents came through as they were typed"


def test_the_pages_are_accessible_in_every_look(live: Live, open_page: OpenPage):
    page = open_page(viewport=NARROW)
    sent_too_late(live, page)
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    sign_in_here(live, page, live.ot)
    expect(page.locator("#unsent")).to_be_visible()
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    page.get_by_role("link", name="Go on without sending it").click()
    expect(page.get_by_label("Class")).to_have_value("2B")


def test_somebody_else_at_the_same_screen_is_told_kindly(live: Live, page: Page):
    sent_too_late(live, page)
    sign_in_here(live, page, live.slt)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in")
    expect(page.get_by_text("it is not shown to you")).to_be_visible()
    assert "new class" not in page.content()
    assert_accessible(page)


def test_an_addendum_written_over_lunch_is_signed_after_all(live: Live, open_page: OpenPage):
    page = open_page(javascript=False)  # with it, the page itself keeps the words until one has signed in elsewhere
    patient(page)
    note = live.note(live.ot)
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/{note}")
    page.get_by_text("Add an addendum").click()
    page.get_by_label("What was not known at signing").fill("At school too.")
    live.clock.turn(hours=1)
    page.get_by_role("button", name="Sign the addendum").click()
    sign_in_here(live, page, live.ot)
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("Your addendum is part of the note now.")).to_be_visible()
    (addendum,) = live.services.doors.ask(live.ot, ReadNote(live.child, note)).note.addenda
    assert addendum.text == "At school too."
