"""The first page about a child, and its alerts: at a desk, on a phone, by keyboard and for a screen reader."""

from uuid import UUID

from playwright.sync_api import Page, ViewportSize, expect

from tests.aims import alerted, goal, seen, strategy, tried
from tests.browser.conftest import Live
from tests.browser.harness import NARROW, PHONE, OpenPage, assert_accessible_in_each_look

DESK = ViewportSize(width=1366, height=768)
WORDS = ("Nut allergy", "Seizures: time them", "Runs towards water", "Not to be collected by his uncle")


def furnished(live: Live) -> UUID:
    """A child of whom there is much to say."""
    house = live.house
    for number, words in enumerate(WORDS):
        kind = ("health", "health", "safety", "contact")[number]
        alerted(house, text=words, kind=kind, what_to_do=f"What to do: {words.lower()}.")
    alerted(house, text="Under observation", audience="care-team", review_on=house.clock.now.date())
    house.summary()
    for number in range(2):
        aim = goal(house, f"Zig asks for a break, {number}.")
        seen(house, aim, house.ot, "therapy", number)
        tried(house, strategy(house, f"Heavy work first, {number}."), house.teacher)
    for author in (house.ot, house.slt, house.teacher):
        house.note(author, "Tied one shoe. Then he waited for the other.", audience="care-team-and-school")
        house.clock.turn(hours=1)
    return house.child


def height(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["height"]


def test_the_alerts_are_words_at_a_desk_and_on_a_phone_how_many_in_one_line(open_page: OpenPage, live: Live):
    child = furnished(live)
    page = open_page(viewport=DESK, base_url=live.base_url)
    live.sign_in(page, live.ot, f"/children/{child}/overview")
    summary = page.locator(".coord-alerts > summary")
    assert summary.inner_text().split("\n") == ["Nut allergy", "Seizures: time them", "and 3 more"]
    for viewport, most in ((DESK, 52), (PHONE, 52), (NARROW, 52)):
        page.set_viewport_size(viewport)
        assert height(page, ".coord-whose") <= most, viewport
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert summary.inner_text().strip() == "5 alerts"


def test_by_keyboard_and_without_scripts_they_open_to_what_to_do(open_page: OpenPage, live: Live):
    child = furnished(live)
    page = open_page(viewport=PHONE, javascript=False, base_url=live.base_url)
    live.sign_in(page, live.teacher, f"/children/{child}/summary")
    page.locator(".coord-alerts > summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("What to do: seizures: time them.")).to_be_visible()
    expect(page.get_by_text("Under observation")).to_have_count(0)
    page.get_by_role("link", name="All about these alerts").click()
    expect(page.get_by_role("heading", name="Alerts")).to_be_visible()


def test_the_page_begins_at_once_and_is_two_screens_of_a_phone(open_page: OpenPage, live: Live):
    child = furnished(live)
    page = open_page(viewport=DESK, base_url=live.base_url)
    live.sign_in(page, live.ot, f"/children/{child}/overview")
    for viewport, most in ((DESK, 200), (PHONE, 240)):
        page.set_viewport_size(viewport)
        first = page.locator(".coord-glance__renew").bounding_box()
        assert first is not None
        assert first["y"] <= most
    assert page.evaluate("document.querySelector('main').getBoundingClientRect().bottom") <= 2 * PHONE["height"]


def test_page_alerts_and_forms_can_be_read_and_used_by_everybody(open_page: OpenPage, live: Live):
    child = furnished(live)
    page = open_page(viewport=NARROW, base_url=live.base_url)
    live.sign_in(page, live.ot, f"/children/{child}/overview")
    page.locator(".coord-alerts > summary").click()
    for end in ("overview", "alerts", "alerts/new"):
        page.goto(f"{live.base_url}/children/{child}/{end}")
        if end == "overview":
            page.locator(".coord-alerts > summary").click()
        assert_accessible_in_each_look(page)


def test_a_card_of_a_teacher_and_the_print_have_them_first(open_page: OpenPage, live: Live):
    furnished(live)
    page = open_page(viewport=PHONE, base_url=live.base_url)
    live.sign_in(page, live.teacher)
    page.locator(".coord-pupil summary", has_text="Nut allergy").click()
    expect(page.get_by_text("What to do: nut allergy.")).to_be_visible()
    assert_accessible_in_each_look(page)
    page.goto(f"{live.base_url}/pupils/supply")
    expect(page.get_by_text("What to do: runs towards water.")).to_be_visible()
