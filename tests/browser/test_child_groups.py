"""The groups of a child in a real browser: at every width, in light and dark, by keyboard."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Live
from tests.browser.harness import EVERY_WIDTH, LAPTOP, NARROW, OpenPage, assert_accessible_in_each_look
from tests.group_story import a_group


def _a_term(live: Live) -> Any:
    """Three sessions: told at length, absent, and corrected not at all."""
    house = live.house
    group = a_group(house, children=2, first_date=house.clock.now.date())
    brio, cleo = group.children
    house.clock.turn(hours=2)
    told: dict[str, Any] = {
        "arrival": "tired",
        "grading": "down",
        "support": "verbal",
        "response": "Waited for two turns, then chose the next builder and said why.",
        "incident": "Bumped a knee on the low shelf; cooled it.",
        "message_home": "Had a good day. Ask about the bridge.",
        "message_school": "Takes turns with a picture card.",
    }
    group.record(group.line(brio, level=1, **told), group.line(cleo))
    house.clock.turn(days=7)
    away = group.line(brio, attendance="absent", absence_reason="Had a cold.")
    group.record(away, group.line(cleo), number=2)
    house.clock.turn(days=1)
    return group


def test_the_groups_of_a_child_are_accessible_at_every_width(live: Live, open_page: OpenPage):
    group = _a_term(live)
    page = open_page(viewport=NARROW)
    live.sign_in(page, live.ot, f"/children/{group.children[0]}/groups")
    expect(page.get_by_text("Came to 1 of 2 sessions.")).to_be_visible()
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    for path in ("/profile", ""):
        page.goto(f"{live.base_url}/children/{group.children[0]}{path}")
        assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)


def test_the_profile_is_described_by_keyboard_and_leads_back(live: Live, open_page: OpenPage):
    page = open_page(viewport=LAPTOP)
    live.sign_in(page, live.ot, f"/children/{live.child}/profile?back=/children/{live.child}/groups")
    page.get_by_role("radio", name="Low").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("group", name="Movement").get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Keep it").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Communication")
    expect(page.get_by_role("radio", name="Low").first).to_be_checked()
    page.get_by_role("group", name="Communication").get_by_role("radio").nth(2).check()
    page.get_by_role("button", name="Keep it").press("Enter")
    page.wait_for_url(f"{live.base_url}/children/{live.child}/groups")
    expect(page.locator("main")).to_contain_text("Communication: high")


def test_the_calendar_page_and_the_first_page_are_accessible_at_every_width(live: Live, open_page: OpenPage):
    a_group(live.house, children=1)
    page = open_page(viewport=NARROW)
    live.sign_in(page, live.ot, "/")
    expect(page.get_by_text("My group sessions today")).to_be_visible()
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    page.goto(f"{live.base_url}/calendar")
    page.get_by_label("Name of the device").fill("My phone")
    page.get_by_role("button", name="Make an address").click()
    address = page.get_by_label("Copy it now: it is shown only this once").input_value()
    assert address.startswith(f"{live.base_url}/calendar/")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    page.get_by_role("button", name=re.compile("Revoke.*My phone")).first.click()
    expect(page.locator("main")).to_contain_text("worth nothing any more")
