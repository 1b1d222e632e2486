"""A child's timeline, team and details in a real browser."""

import re
from datetime import timedelta
from uuid import uuid4

from playwright.sync_api import Page, expect

from coord.application.case.commands import CloseCase
from coord.application.notes.commands import AddAddendum, AmendNote
from tests.browser.conftest import Live
from tests.browser.harness import NARROW, OpenPage, assert_accessible, assert_accessible_in_each_look
from tests.house import answered


def furnish(live: Live) -> None:
    """A record with something of every kind in it."""
    note = live.note(live.student, "Held the pencil with three fingers.", setting="school", present=["Mother"])
    live.services.doors.execute(live.student, AmendNote(live.child, note, 1, {"text": "Held it well."}, "word"))
    live.services.doors.execute(live.psychologist, AddAddendum(live.child, note, uuid4(), "He is proud of it."))
    live.note(live.slt, "Late words.", observed_from=live.clock.now - timedelta(days=9))
    live.note(live.ot, "x" * 300 + " a long word", audience="own-discipline")
    live.note(live.teacher, "Read aloud.", audience="care-team-and-school")
    live.summary()


def test_every_page_is_accessible_in_every_look(open_page: OpenPage, live: Live):
    furnish(live)
    closed = live.open_case("Vig")
    answered(live.services.doors, live.ot, CloseCase(closed, "Moved"))
    live.clock.turn(days=1)
    child = f"/children/{live.child}"
    page = open_page(viewport=NARROW, base_url=live.base_url)

    def look(*paths: str) -> None:
        for path in paths:
            page.goto(path)
            page.evaluate("document.querySelectorAll('main details').forEach(details => { details.open = true })")
            assert_accessible_in_each_look(page)

    live.sign_in(page, live.ot, child)
    look(child, f"{child}?as_of=2026-03-10&q=x", f"{child}?kind=nonsense&as_of=2030-01-01", f"{child}?q=nothing")
    look(f"{child}/team", f"{child}/team/add", f"{child}/details", f"{child}/close")
    look(
        f"{child}/team/{live.slt.person_id}/remove", f"/children/{closed}/team", f"/children/{closed}", "/children/new"
    )
    for path, send in ((f"{child}/team/add", "Add to the care team"), ("/children/new", "Open the case")):
        page.goto(path)
        page.get_by_role("button", name=send).click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert_accessible_in_each_look(page)
    for person in (live.teacher, live.lead):
        page.context.clear_cookies()
        live.sign_in(page, person, child)
        look(child, f"{child}/team")


def test_older_entries_come_in_place_and_the_focus_goes_with_them(page: Page, live: Live):
    for day in range(45):
        live.note(live.ot, f"Day {day}.", observed_from=live.clock.now - timedelta(days=day, hours=1))
    child = f"{live.base_url}/children/{live.child}?kind=note"
    live.sign_in(page, live.ot)
    page.goto(child)
    expect(page.locator(".coord-timeline__entry")).to_have_count(20)
    older = page.get_by_role("link", name="Show older entries")
    older.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".coord-timeline__entry")).to_have_count(40)
    assert page.url == child
    expect(page.locator("h2.coord-timeline__month[tabindex]").first).to_be_focused()
    older.click()
    expect(page.locator(".coord-timeline__entry")).to_have_count(45)
    expect(older).to_have_count(0)
    texts = page.locator(".coord-timeline__entry h3").all_inner_texts()
    assert texts == [f"Day {day}." for day in range(45)]
    assert_accessible(page)


def test_older_entries_after_the_sitting_is_over_lead_to_the_sign_in(page: Page, live: Live):
    for day in range(25):
        live.note(live.ot, observed_from=live.clock.now - timedelta(days=day, hours=1))
    live.sign_in(page, live.ot, f"/children/{live.child}")
    live.clock.turn(hours=13)
    page.get_by_role("link", name="Show older entries").click()
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/children/"))


def test_without_javascript_everything_can_be_reached(open_page: OpenPage, live: Live):
    for day in range(25):
        live.note(live.ot, f"Day {day}.", observed_from=live.clock.now - timedelta(days=day, hours=1))
    page = open_page(javascript=False, base_url=live.base_url)
    live.sign_in(page, live.ot, f"/children/{live.child}")
    page.get_by_role("link", name="Show older entries").click()
    expect(page.get_by_text("Day 24.")).to_be_visible()
    page.get_by_role("link", name="Newest entries").click()
    page.get_by_text("Search and filter").click()
    page.get_by_label("Words in the entry").fill("DAY 19.")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".coord-timeline__entry")).to_have_count(1)
    page.locator("details summary", has_text="When it was observed").click()
    expect(page.get_by_text("Received by Coord")).to_be_visible()
    page.get_by_role("link", name="Show all entries").click()
    page.get_by_role("link", name="Child", exact=True).click()
    page.get_by_role("link", name="Details and care team").click()
    page.get_by_role("link", name=re.compile("Take off the team.*Sol Berg")).click()
    page.get_by_role("button", name="Take off the team").click()
    expect(page.get_by_text("This person is no longer on the care team.")).to_be_visible()
    expect(page.get_by_role("cell", name="Sol Berg")).to_have_count(0)


def test_a_case_is_opened_with_the_keyboard_alone(page: Page, live: Live):
    live.sign_in(page, live.ot, "/children/new")
    page.get_by_label("Preferred name").focus()
    for text in ("Mia", "Mia Ek", "4 5 2020", "English", "Hill School", "1A"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Open the case")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The case is open. Now say who works with this child.")).to_be_visible()
    expect(page.get_by_text("4 May 2020", exact=True)).to_be_visible()


def test_a_mistake_is_announced_and_leads_to_its_field(page: Page, live: Live):
    live.sign_in(page, live.ot, "/children/new")
    page.get_by_label("Full name").fill("Mia Ek")
    page.get_by_role("button", name="Open the case").click()
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    page.get_by_role("link", name="Date of birth: Enter this").click()
    expect(page.get_by_label("Date of birth")).to_be_focused()
    expect(page.get_by_label("Full name")).to_have_value("Mia Ek")
