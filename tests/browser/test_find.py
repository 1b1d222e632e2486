"""Finding something everywhere, in a real browser."""

from playwright.sync_api import ViewportSize, expect

from tests.aims import goal
from tests.browser.conftest import Live
from tests.browser.harness import NARROW, PHONE, OpenPage, assert_accessible_in_each_look

DESK = ViewportSize(width=1366, height=768)


def test_words_are_typed_at_once_and_lead_to_their_entry(live: Live, open_page: OpenPage):
    house = live.house
    house.note(house.ot, "We warmed up. Zig tied both laces, and " + "x" * 150 + "! Then tea.")
    goal(house, "Ties both laces")
    house.activity("Laces in a row")
    page = open_page(viewport=PHONE)
    live.sign_in(page, house.ot)
    page.get_by_role("link", name="Find", exact=True).click()
    assert_accessible_in_each_look(page, viewports=(NARROW, PHONE, DESK))
    page.reload()
    page.keyboard.type("laces")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2)).to_have_text(["In the records", "Activities"])
    assert_accessible_in_each_look(page, viewports=(NARROW, PHONE, DESK))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Zig: Narrative").click()
    expect(page.get_by_text("We warmed up.")).to_be_visible()
