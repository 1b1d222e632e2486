"""Addenda and corrections in a real browser: nothing typed to a signed note is lost with its tab."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Live
from tests.browser.harness import NARROW, OpenPage, assert_accessible_in_each_look

KEPT = re.compile("Draft kept")
TEXT = "What was not known at signing"


def place_of(live: Live, page: Page) -> str:
    """Signed in, with a note to add to."""
    note = live.note(live.ot)
    live.sign_in(page, live.ot, "/account")
    return f"{live.base_url}/children/{live.child}/notes/{note}"


def test_an_addendum_outlives_its_tab_and_is_used_up_by_signing(live: Live, page: Page):
    place = place_of(live, page)
    page.goto(place)
    page.get_by_text("Add an addendum").click()
    expect(page.get_by_role("button", name="Discard the draft")).to_be_hidden()
    page.get_by_label(TEXT).press_sequentially("At home")
    expect(page.locator("#autosave")).to_have_text(KEPT)
    expect(page.get_by_role("button", name="Discard the draft")).to_be_visible()
    page.get_by_label(TEXT).press_sequentially(" too.")
    page.close(run_before_unload=False)  # a tab that crashes or is closed: what was typed last goes on its own
    again = page.context.new_page()
    again.goto(live.base_url)
    again.get_by_role("link", name="Go on with the addendum to a note about Zig").click()
    expect(again.get_by_label(TEXT)).to_have_value(re.compile("At home"))
    again.get_by_label(TEXT).fill("At home and at school.")
    again.get_by_role("button", name="Sign the addendum").click()
    expect(again.get_by_text("Your addendum is part of the note now.")).to_be_visible()
    assert live.services.drafts.of(live.ot.person_id) == []
    expect(again.get_by_text("At home and at school.")).to_be_visible()


def test_a_correction_is_kept_and_can_be_discarded(live: Live, page: Page):
    place = place_of(live, page)
    page.goto(f"{place}/amend")
    page.get_by_label("Why it is corrected").press_sequentially("A slip")
    expect(page.locator("#autosave")).to_have_text(KEPT)
    page.goto(f"{place}/amend")
    expect(page.get_by_label("Why it is corrected")).to_have_value("A slip")
    page.get_by_role("button", name="Discard the draft").click()
    page.wait_for_url(f"**/children/{live.child}")
    page.goto(f"{place}/amend")
    expect(page.get_by_label("Why it is corrected")).to_have_value("")


def test_both_are_accessible_with_a_draft(live: Live, open_page: OpenPage):
    page = open_page(viewport=NARROW)
    place = place_of(live, page)
    page.goto(place)
    page.get_by_text("Add an addendum").click()
    page.get_by_label(TEXT).fill("x")
    expect(page.locator("#autosave")).to_have_text(KEPT)
    assert_accessible_in_each_look(page)
    page.goto(f"{place}/amend")
    page.get_by_label("Why it is corrected").fill("y")
    expect(page.locator("#autosave")).to_have_text(KEPT)
    assert_accessible_in_each_look(page)


def test_without_javascript_nothing_is_different(live: Live, open_page: OpenPage):
    page = open_page(javascript=False)
    page.goto(place_of(live, page))
    page.get_by_text("Add an addendum").click()
    expect(page.get_by_role("button", name="Discard the draft")).to_be_hidden()
    page.get_by_label(TEXT).fill("By hand.")
    page.get_by_role("button", name="Sign the addendum").click()
    expect(page.get_by_text("Your addendum is part of the note now.")).to_be_visible()
