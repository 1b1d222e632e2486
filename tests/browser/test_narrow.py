"""No page is wider than the screen, however long a name or a word is that somebody typed."""

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.aims import copm, goal, seen
from tests.browser.conftest import Live
from tests.browser.harness import NARROW, PHONE, OpenPage

WORD = "Wolfeschlegelsteinhausenbergerdorff" * 6
SIDEWAYS = "document.documentElement.scrollWidth"
WIDEST = """() => [...document.querySelectorAll("main *, header *")]
  .filter((element) => element.getBoundingClientRect().right > innerWidth && !element.closest(".coord-scroll"))
  .map((element) => `${element.localName}.${element.className}`).slice(0, 8)"""

HEADINGS = ".nhsuk-table__heading"
BROKEN = """(headings) => [...document.querySelectorAll(headings)].flatMap((heading) => {
  const text = heading.firstChild, range = document.createRange();
  return [...text.data.matchAll(/\\S+/g)].filter((word) => {
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map((line) => line.top)).size > 1;
  }).map(([word]) => word);
})"""
"""The words of rows' headings that stand in more than one line."""


def test_a_name_of_two_hundred_letters_and_an_unbroken_word_fit_the_narrowest_screen(live: Live, open_page: OpenPage):
    name = WORD[:200]
    house = live.house
    house.child = child = house.open_case(name, full_name=name, school=name)
    note = house.note(house.ot, WORD)
    aim = goal(house, f"Says {WORD}")
    seen(house, aim, house.ot, "therapy", 0, remark=WORD)
    page = open_page(viewport=NARROW)
    live.sign_in(page, house.ot)
    too_wide = {}
    of_child = f"/children/{child}"
    for path in (
        "/",
        of_child,
        f"{of_child}/summary",
        f"{of_child}/summary/edit",
        f"{of_child}/goals",
        f"{of_child}/goals/{aim}",
        f"{of_child}/goals/review",
        f"{of_child}/groups",
        f"{of_child}/measures",
        f"{of_child}/team",
        f"{of_child}/details",
        f"{of_child}/notes/new",
        f"{of_child}/notes/{note}",
        "/groups",
        "/activities",
    ):
        page.goto(live.base_url + path)
        if page.evaluate(SIDEWAYS) > NARROW["width"]:
            too_wide[path] = page.evaluate(WIDEST)
    assert not too_wide


def test_what_is_asked_once_keeps_its_distance_to_the_button(live: Live, open_page: OpenPage):
    live.note(live.student)  # it awaits a co-signature, and the closing of the case asks about it
    page = open_page(viewport=NARROW)
    live.sign_in(page, live.ot, f"/children/{live.child}/close")
    page.locator("#reason").fill("Moved")
    page.get_by_role("button", name="Close the case").click()
    expect(page.get_by_role("checkbox", name="Yes, it is meant so")).to_be_visible()
    asked = page.locator("#asked").bounding_box()
    button = page.get_by_role("button", name="Close the case").bounding_box()
    assert asked is not None
    assert button is not None
    assert button["y"] - (asked["y"] + asked["height"]) >= 16


@pytest.mark.parametrize("viewport", [PHONE, NARROW])
def test_the_heading_of_a_row_is_broken_within_no_word(live: Live, open_page: OpenPage, viewport: ViewportSize):
    house = live.house
    aim = goal(house, "Copies a five-word sentence from the board in class, without a prompt")
    seen(house, aim, house.ot, "therapy", 0, remark="With the thick pencil, and nobody beside him the whole time. " * 3)
    copm(house, [("Putting on the coat and the boots before going out to play", 8, 3, 2)])
    of_child = f"/children/{house.child}"
    goals = (f"{of_child}/goals", f"{of_child}/goals/{aim}", f"{of_child}/measures")
    broken = {}
    for who, paths in (
        (house.ot, goals),
        (house.lead, (f"{of_child}/history",)),
        (house.admin, ("/people",)),
    ):
        page = open_page(viewport=viewport)
        live.sign_in(page, who, to=paths[0])
        for path in paths:
            page.goto(live.base_url + path)
            assert page.locator(HEADINGS).filter(visible=True).count(), path
            broken[path] = page.evaluate(BROKEN, HEADINGS)
            assert page.evaluate(SIDEWAYS) <= viewport["width"], path
    assert not {path: words for path, words in broken.items() if words}
