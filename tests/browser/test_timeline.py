"""The timeline in a real browser: how much room it takes, what is folded and how it opens."""

import re
from datetime import timedelta

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.conftest import Live
from tests.browser.harness import NARROW, PHONE, OpenPage, assert_accessible_in_each_look
from tests.group_story import Group

DESK = ViewportSize(width=1366, height=768)
ROOM = {1366: 3250, 390: 4400}
"""Pixels that twenty entries may take: half of what they took."""
BEGINS = {1366: 200, 390: 240}
"""Where the first of them is to stand."""
SOAP = {
    "subjective": "Excited by rain, tram windows, and a new word. Slept well since the new bed, says his mother.",
    "objective": "Warm-up chosen and led by him. Fork: the cheese arrived. Ten pieces at the table without a reminder.",
    "assessment": "Shows in play that he knows each step of the routine. The order is his own by now.",
    "plan": "The same order next week; the picture strip goes to the classroom with him.",
}


def twenty_notes(live: Live) -> None:
    for number in range(20):
        at = live.clock.now - timedelta(days=number, hours=1)
        live.note(live.ot, format="soap", sections=SOAP, setting="therapy-room", observed_from=at)


def entry(page: Page, words: str) -> Locator:
    return page.locator(".coord-timeline__entry", has_text=words).first


def height(part: Locator) -> float:
    box = part.bounding_box()
    assert box
    return box["height"]


def test_twenty_entries_take_half_the_room_that_they_took(open_page: OpenPage, live: Live):
    twenty_notes(live)
    for viewport in (DESK, PHONE):
        page = open_page(viewport=viewport, base_url=live.base_url)
        live.sign_in(page, live.ot, f"/children/{live.child}")
        entries = page.locator("#entries .coord-timeline__entry")
        expect(entries).to_have_count(20)
        assert height(page.locator("#entries")) < ROOM[viewport["width"]]
        first = entries.first.bounding_box()
        assert first
        assert first["y"] <= BEGINS[viewport["width"]]
        page.context.close()


def test_an_entry_is_folded_to_two_lines_and_opens_in_place(open_page: OpenPage, live: Live):
    twenty_notes(live)
    page = open_page(javascript=False, viewport=DESK, base_url=live.base_url)
    live.sign_in(page, live.ot, f"/children/{live.child}")
    first = entry(page, "Shows in play")
    body = first.locator(".coord-timeline__body")
    line = body.evaluate("one => parseFloat(getComputedStyle(one).lineHeight)")
    assert height(body) <= 2 * line + 2
    first.locator("summary").click()
    assert height(body) > 6 * line
    expect(first.get_by_text("Received by Coord")).to_be_visible()
    first.locator("summary").click()
    assert height(body) <= 2 * line + 2
    page.emulate_media(media="print")
    assert height(body) > 6 * line  # paper cannot be opened


def test_what_is_searched_for_is_in_sight(open_page: OpenPage, live: Live):
    live.note(live.ot, "A first sentence. " + "And so it went on. " * 40 + "Laces at last.")
    page = open_page(viewport=PHONE, base_url=live.base_url)
    live.sign_in(page, live.ot, f"/children/{live.child}?q=laces")
    body = page.locator(".coord-timeline__body")
    assert body.evaluate("one => one.scrollHeight <= one.clientHeight + 1")


def test_the_line_of_what_is_new_leads_to_it(open_page: OpenPage, live: Live):
    twenty_notes(live)
    page = open_page(viewport=PHONE, base_url=live.base_url)
    live.sign_in(page, live.ot, f"/children/{live.child}")
    live.note(live.slt, "Theirs is new.", observed_from=live.clock.now - timedelta(days=12))
    page.reload()
    new = entry(page, "Theirs is new.")
    expect(new).not_to_be_in_viewport()
    page.get_by_role("link", name=re.compile("^New since")).click()
    expect(new).to_be_in_viewport()
    month = page.locator(".coord-timeline__month").first.bounding_box()
    place = new.bounding_box()
    assert month
    assert place
    assert place["y"] >= min(month["y"], 0) + month["height"] - 1  # not under the head that sticks


def test_months_stick_where_there_is_room(open_page: OpenPage, live: Live):
    twenty_notes(live)
    for tall, sticks in ((768, "sticky"), (470, "static")):
        page = open_page(viewport=ViewportSize(width=1366, height=tall), base_url=live.base_url)
        live.sign_in(page, live.ot, f"/children/{live.child}")
        head = page.locator(".coord-timeline__month").first
        assert head.evaluate("one => getComputedStyle(one).position") == sticks
        page.context.close()


def test_marks_in_a_session_are_accessible_in_every_look(open_page: OpenPage, live: Live):
    group = Group(live.house)
    group.plan()
    group.enrol(group.child("Brio"))
    group.record(group.line(group.children[0], level=1, response="Waited. " * 60))
    page = open_page(viewport=NARROW, base_url=live.base_url)
    live.sign_in(page, live.ot, f"/children/{group.children[0]}")
    session = entry(page, "Social skills, session 1")
    expect(session.locator(".coord-bars--4")).to_be_visible()
    expect(session.get_by_role("listitem")).to_contain_text("+1, more than expected")
    assert_accessible_in_each_look(page)
    session.locator("summary").click()
    assert_accessible_in_each_look(page)
