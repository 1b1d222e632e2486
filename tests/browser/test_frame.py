"""What stands around every page: one row of header, whose record it is, the pages about the child, and then at once
what one came for."""

from playwright.sync_api import Page, ViewportSize, expect

from tests.aims import alerted, goal, seen
from tests.browser.conftest import Live
from tests.browser.harness import PHONE, OpenPage, assert_accessible

DESK = ViewportSize(width=1366, height=768)
LOW = ViewportSize(width=1366, height=420)  # what a zoom of 400 % leaves is lower still
FIRST = {
    "": "#entries li",
    "/summary": "main .nhsuk-list li, main p.nhsuk-body-l",
    "/goals": "main article",
    "/groups": "main h2",
    "/measures": "main .nhsuk-button",
    "/team": ".coord-list > li",
    "/overview": "main h2",
    "/alerts": ".coord-list > li",
    "/history": "main form",
}
"""The first entry, field or item of each page about a child."""


def furnished(live: Live) -> str:
    """A child of whom every page has something to show."""
    house = live.house
    house.note(house.ot)
    house.summary()
    alerted(house)
    seen(house, goal(house, "Ties both laces"), house.ot, "therapy", 0)
    return f"/children/{house.child}"


def top(page: Page, selector: str) -> float:
    """How far below the upper end of the page it begins."""
    return float(page.locator(selector).first.evaluate("one => one.getBoundingClientRect().top + scrollY"))


def height(page: Page, selector: str) -> float:
    """How high it is."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["height"]


def test_what_one_came_for_begins_near_the_upper_end(live: Live, open_page: OpenPage):
    of_child = furnished(live)
    page = open_page(viewport=DESK)
    live.sign_in(page, live.lead)
    late = {}
    for viewport, most in ((DESK, 200), (PHONE, 240)):
        page.set_viewport_size(viewport)
        for path, first in {of_child + end: first for end, first in FIRST.items()}.items() | {
            ("/", ".coord-list > li")
        }:
            page.goto(live.base_url + path)
            if (begins := top(page, first)) > most:
                late[viewport["width"], path.removeprefix(of_child)] = begins
    assert not late


def test_the_pages_about_a_child_stand_in_one_place_and_in_one_row(live: Live, open_page: OpenPage):
    of_child = furnished(live)
    page = open_page(viewport=DESK)
    live.sign_in(page, live.lead)
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        places = set()
        for end in FIRST:
            page.goto(live.base_url + of_child + end)
            tabs = page.get_by_role("navigation", name="Pages about Zig")
            box = tabs.get_by_role("link", name="Timeline").bounding_box()
            assert box is not None
            places.add((box["x"], box["y"]))
            assert tabs.locator("[aria-current=page]").count() == 1
            assert height(page, ".coord-tabs") <= 48
            assert height(page, ".coord-top") <= 56
        assert len(places) == 1


def test_whose_record_it_is_stays_in_sight_where_there_is_room(live: Live, open_page: OpenPage):
    live.house.child = live.house.open_case("Zig", full_name="Sigrid " + "Wolfeschlegelsteinhausen" * 7)
    of_child = furnished(live)
    page = open_page(viewport=PHONE)
    live.sign_in(page, live.ot, of_child + "/goals")
    assert height(page, ".coord-whose") <= 44, "one line on a phone, however long the name"
    for viewport, stays in ((PHONE, True), (DESK, True), (LOW, False)):
        page.set_viewport_size(viewport)
        page.evaluate("scrollTo(0, 0)")
        page.evaluate("scrollTo(0, 300)")
        page.wait_for_function("scrollY > 100")
        box = page.locator(".coord-whose").bounding_box()
        assert box is not None
        assert (box["y"] == 0) is stays


def test_paper_has_every_alert_in_its_words_with_what_to_do(live: Live, open_page: OpenPage):
    of_child = furnished(live)
    for number in (2, 3):
        alerted(live.house, text=f"Another alert, {number}", what_to_do=f"Do as in {number}.")
    page = open_page(viewport=DESK)
    live.sign_in(page, live.ot, of_child + "/summary")
    banner = page.locator(".coord-whose")
    expect(banner.get_by_text("Do as in 3.")).to_be_hidden()
    page.emulate_media(media="print")
    for words in ("Nut allergy", "Another alert, 2", "Another alert, 3"):
        expect(banner.locator("li", has_text=words)).to_be_visible()
    expect(banner.get_by_text("Do as in 3.")).to_be_visible()
    expect(banner.get_by_text("and 1 more")).to_be_hidden()
    page.goto(f"{live.base_url}{of_child}/alerts")
    expect(page.get_by_text("Do as in 3.").and_(page.locator(":visible"))).to_have_count(1)


def test_a_jump_leads_to_what_it_names_and_the_keyboard_goes_on_from_there(live: Live, open_page: OpenPage):
    of_child = furnished(live)
    aim = goal(live.house, "Waits for a turn.")
    seen(live.house, aim, live.house.ot, "therapy", 0)
    jumped_on = (f"{of_child}/goals", f"{of_child}/goals/{aim}", f"{of_child}/summary/edit", "/policies")
    page = open_page(viewport=DESK)
    live.sign_in(page, live.lead)
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        for path in jumped_on:
            page.goto(live.base_url + path)
            links = page.get_by_role("navigation", name="On this page").get_by_role("link")
            assert page.evaluate("document.documentElement.scrollHeight") > viewport["height"], path
            assert links.count(), path
            for link in links.all():
                target = page.locator(link.get_attribute("href") or "")
                expect(target).to_have_count(1)
                expect(target).to_contain_text(link.inner_text())
                link.focus()
                page.keyboard.press("Enter")
                expect(target).to_be_in_viewport()
                below = """one => one.getBoundingClientRect().top
                    - (document.querySelector(".coord-whose")?.getBoundingClientRect().bottom ?? 0)"""
                assert target.evaluate(below) >= -1, "not under the banner"
                page.keyboard.press("Tab")
                came_after = "one => Boolean(one.compareDocumentPosition(document.activeElement) & 20)"
                assert target.evaluate(came_after) or page.evaluate("document.activeElement === document.body"), path
        for path in (of_child + end for end in FIRST):
            page.goto(live.base_url + path)
            if page.evaluate("document.documentElement.scrollHeight") <= viewport["height"]:
                assert not page.get_by_role("navigation", name="On this page").count(), path


def test_one_writes_by_one_press_from_wherever_one_is(live: Live, open_page: OpenPage):
    of_child = furnished(live)
    page = open_page(viewport=PHONE)
    live.sign_in(page, live.ot, of_child)
    write = page.get_by_role("link", name="Write a note")
    box = write.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] > PHONE["height"] * 0.8, "in reach of the thumb"
    assert box["height"] >= 36
    write.click()
    page.wait_for_url("**/notes/new")
    assert write.count() == 0


def test_a_list_of_fifty_two_children_is_short(live: Live, open_page: OpenPage):
    for number in range(52):
        live.house.open_case(f"Ann{number}", full_name=f"Annabel Lindqvist-Marlow {number}", school_class="Foxgloves")
    page = open_page(viewport=DESK)
    live.sign_in(page, live.ot)
    assert page.locator(".coord-list__do").count() >= 52
    for viewport, most in ((DESK, 2_600), (PHONE, 4_000)):
        page.set_viewport_size(viewport)
        assert page.evaluate("document.documentElement.scrollHeight") < most


def test_all_buttons_have_one_height(live: Live, open_page: OpenPage):
    of_child = furnished(live)
    page = open_page(viewport=DESK)
    live.sign_in(page, live.ot)
    heights = set()
    for end in ("/summary", "/team", "/notes/new", "/measures"):
        page.goto(live.base_url + of_child + end)
        heights |= {
            round(box["height"]) for one in page.locator(".nhsuk-button:visible").all() if (box := one.bounding_box())
        }
    assert len(heights) == 1


def test_a_key_begins_a_note_but_not_while_one_types_or_where_it_is_not_wanted(live: Live, open_page: OpenPage):
    of_child = furnished(live)
    page = open_page(viewport=DESK)
    live.sign_in(page, live.ot, of_child)
    page.keyboard.press("n")
    page.wait_for_url("**/notes/new")
    box = page.locator("textarea:visible").first
    box.focus()
    page.keyboard.type("n?")
    assert box.input_value() == "n?"
    assert not page.locator("dialog[open]").count()
    page.goto(live.base_url + of_child)
    page.keyboard.press("/")
    page.wait_for_url("**/find")
    page.goto(live.base_url + of_child)
    page.keyboard.press("?")
    told = page.get_by_role("dialog", name="Keys")
    told.get_by_label("Use the keys of one letter in this browser").uncheck()
    told.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("n")
    page.keyboard.press("?")
    page.wait_for_timeout(300)
    assert page.url == live.base_url + of_child
    assert not page.locator("dialog[open]").count()
    page.get_by_role("button", name="Keys").click()
    assert_accessible(page)
