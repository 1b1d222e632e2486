"""Measures in a real browser: in every look, by keyboard, with JavaScript and without."""

from datetime import date

import pytest
from playwright.sync_api import Dialog, expect

from tests.aims import copm, instrument
from tests.browser.conftest import Live
from tests.browser.harness import NARROW, OpenPage, assert_accessible_in_each_look


def address(live: Live, more: str = "") -> str:
    return f"/children/{live.child}/measures{more}"


def test_every_page_is_accessible_in_every_look(live: Live, open_page: OpenPage):
    page = open_page(viewport=NARROW, base_url=live.base_url)
    live.sign_in(page, live.ot, address(live))
    assert_accessible_in_each_look(page)  # nothing yet
    first = copm(live.house, measured_on=date(2026, 1, 12))
    copm(live.house, (("Tying laces", 8, 6, 6), ("Eating soup", 6, 5, 5)), earlier=first)
    copm(live.house, informant="teacher", informant_name="Tove", earlier=first)
    instrument(live.house)
    for more in ("", f"/copm?earlier={first}", "/instrument", f"/{first}/error"):
        page.goto(address(live, more))
        assert_accessible_in_each_look(page)
    page.get_by_role("button", name="Mark as entered in error").click()
    expect(page.get_by_role("alert")).to_contain_text("What is wrong with it: Enter this")
    assert_accessible_in_each_look(page)
    page.goto(address(live, "/instrument"))
    page.locator("#measured_on").fill("")
    page.locator("#raw-0").fill("many")
    page.get_by_role("button", name="Record an instrument").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Scale 1, raw score: Enter a number")
    expect(page.locator("#raw-0")).to_have_value("many")
    assert_accessible_in_each_look(page)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_reassessment_is_recorded_with_a_row_more(live: Live, open_page: OpenPage, javascript):
    copm(live.house)
    live.clock.turn(days=60)
    page = open_page(base_url=live.base_url, javascript=javascript)
    live.sign_in(page, live.ot, address(live))
    page.get_by_role("link", name="Measure again").click()
    page.get_by_role("button", name="Add another activity").click()
    expect(page.locator("#activity-2")).to_be_focused()  # the page does not jump to its top
    page.locator("#activity-2").fill("Riding a bicycle")
    for row in range(3):
        page.locator(f"#performance-{row}").fill("6")
        page.locator(f"#satisfaction-{row}").fill("5")
    page.locator("#importance-2").fill("9")
    page.get_by_role("button", name="Remove activity 3").click()
    expect(page.locator("#activity-1")).to_have_value("Eating soup")
    page.locator("#performance-1").press("Enter")  # records, and removes nothing
    expect(page.get_by_text("The measure is recorded.")).to_be_visible()
    expect(page.get_by_role("heading", name="What has changed")).to_be_visible()
    expect(page.get_by_text("Performance: 3.5 on 10 March 2026, 6 now")).to_be_visible()


@pytest.mark.parametrize(("form", "field"), [("/copm", "#activity-0"), ("/instrument", "#edition")])
def test_who_leaves_a_measure_half_typed_is_asked_first(live: Live, open_page: OpenPage, form, field):
    page = open_page(base_url=live.base_url)
    live.sign_in(page, live.ot, address(live, form))
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator(field).click()
    page.keyboard.type("Half a measure")
    page.get_by_role("button", name="Italiano").click(no_wait_after=True)
    expect(page.locator(field)).to_have_value("Half a measure")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.locator(field)).to_have_value("Half a measure")
