"""A form that is sent while Coord is out of reach stays on its page, with all that was written and chosen."""

from playwright.sync_api import expect

from tests.aims import goal
from tests.browser.conftest import Live
from tests.browser.harness import PHONE, OpenPage


def test_a_teachers_rating_waits_on_the_device_and_goes_by_itself(live: Live, open_page: OpenPage):
    aim = goal(live.house, audience="care-team-and-school")
    page = open_page(viewport=PHONE)
    live.sign_in(page, live.teacher, f"/children/{live.child}/goals/{aim}/observe")
    page.get_by_label("With words").check()
    page.locator("#remark").fill("After the break.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("[data-coord-status]")).to_contain_text("Waiting to be sent: 1. Kept on this device")
    expect(page.locator("[data-coord-status]")).to_be_in_viewport()
    expect(page.locator("#remark")).to_have_value("After the break.")
    page.context.set_offline(False)
    expect(page.locator("#said")).to_contain_text("Kept")


def test_what_was_written_on_meanwhile_is_not_sent_half_done(live: Live, open_page: OpenPage):
    page = open_page()
    live.sign_in(page, live.ot, f"/children/{live.child}/close")
    page.locator("#reason").fill("Moved")
    page.context.set_offline(True)
    page.get_by_role("button", name="Close the case").click()
    expect(page.locator("[data-coord-connection]")).to_contain_text("leave it open")
    page.locator("#reason").fill("Moved to ano")
    page.context.set_offline(False)
    expect(page.locator("[data-coord-connection]")).to_contain_text("press the button once more")
    expect(page.locator("#reason")).to_have_value("Moved to ano")


def test_a_box_grows_with_its_text(live: Live, open_page: OpenPage):
    page = open_page(viewport=PHONE)
    live.sign_in(page, live.ot, f"/children/{live.child}/close")
    box = page.locator("#reason")
    before = float(box.evaluate("box => box.offsetHeight"))
    box.fill("He says\n" * 14)
    after = float(box.evaluate("box => box.offsetHeight"))
    assert before < after <= PHONE["height"]


def test_the_warning_of_a_draft_is_where_its_writer_looks(live: Live, open_page: OpenPage):
    page = open_page(viewport=PHONE)
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    page.context.set_offline(True)
    page.locator("textarea:visible").first.press_sequentially("He")
    expect(page.locator("#autosave[data-state=waits]")).to_be_in_viewport()
    expect(page.locator("textarea:visible").first).to_be_in_viewport()
