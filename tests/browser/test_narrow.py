"""No page is wider than the screen, however long a name or a word is that somebody typed."""

from datetime import date
from uuid import uuid4

from coord.application.commands import OpenCase
from tests.aims import proposal
from tests.browser.conftest import Live
from tests.browser.harness import NARROW, OpenPage

WORD = "Wolfeschlegelsteinhausenbergerdorff" * 6
SIDEWAYS = "document.documentElement.scrollWidth"


def test_a_name_of_two_hundred_letters_and_an_unbroken_word_fit_the_narrowest_screen(live: Live, open_page: OpenPage):
    child, name = uuid4(), WORD[:200]
    house = live.house
    house.services.doors.execute(
        house.ot,
        OpenCase(
            case_id=child,
            preferred_name=name,
            full_name=name,
            birth_date=date(2018, 5, 3),
            languages=("English",),
            school=name,
            school_class="2B",
            team="North",
        ),
    )
    note = house.note(house.ot, WORD, case_id=child)
    goal = proposal(house, house.ot, case_id=child, statement=f"Says {WORD}")
    page = open_page(viewport=NARROW)
    live.sign_in(page, house.ot)
    of_child = f"/children/{child}"
    for path in (
        "/",
        of_child,
        f"{of_child}/summary",
        f"{of_child}/summary/edit",
        f"{of_child}/goals",
        f"{of_child}/goals/{goal}",
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
        wide = page.evaluate(SIDEWAYS)
        assert wide <= NARROW["width"], f"{path} is {wide} px wide"
