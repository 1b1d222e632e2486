"""No page is wider than the screen, however long a name or a word is that somebody typed."""

from tests.aims import goal, seen
from tests.browser.conftest import Live
from tests.browser.harness import NARROW, OpenPage

WORD = "Wolfeschlegelsteinhausenbergerdorff" * 6
SIDEWAYS = "document.documentElement.scrollWidth"
WIDEST = """() => [...document.querySelectorAll("main *, header *")]
  .filter((element) => element.getBoundingClientRect().right > innerWidth && !element.closest(".coord-scroll"))
  .map((element) => `${element.localName}.${element.className}`).slice(0, 8)"""


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
