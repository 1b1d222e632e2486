"""A teacher's cards on a phone: everything about the first pupil on the first screen, in few taps."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from coord.application.goals.questions import ReadGoal
from coord.application.home.questions import CaseloadAnswer, ReadCaseload
from coord.application.summary.commands import PublishSummary
from coord.application.timeline.questions import ReadTimeline
from coord.domain.case import SummaryContent
from tests.aims import goal
from tests.browser.conftest import Live
from tests.browser.harness import EVERY_WIDTH, NARROW, PHONE, OpenPage, assert_accessible_in_each_look

HELPS = ("Let him try new movements where few people look", "Say “elbow home” when he cuts or writes")
AVOID = ("Choosing teams among the children",)
FINGER = 44
"""Pixels that a finger needs."""


def furnish(live: Live) -> dict[str, UUID]:
    """Pupils with a summary, goals that are shared with the school, and something new; the first goal of each."""
    first = live.clock.now.date()
    statements: Any = {"strengths": [("Loves trains", [])]}
    statements |= {"helps": [(one, []) for one in HELPS], "avoid": [(one, []) for one in AVOID]}
    content = SummaryContent(statements, "Ada", first, first + timedelta(days=90))
    goals = {}
    for name in ("Ann", "Bea", "Cal"):
        case = live.open_case(name)
        live.services.doors.execute(live.ot, PublishSummary(case, 0, content))
        goals[name] = goal(live.house, f"{name} catches a beanbag with both hands.", case_id=case)
        goal(live.house, f"{name} waits for a turn.", case_id=case)
        live.note(live.slt, case_id=case, audience="care-team-and-school")
    return goals


def pupils(page: Page, live: Live) -> Locator:
    live.sign_in(page, live.teacher)
    return page.locator(".coord-pupil")


def case_of(live: Live, name: str) -> UUID:
    answer: CaseloadAnswer = live.services.doors.ask(live.teacher, ReadCaseload())
    return next(child["case_id"] for child in answer.children if child["preferred_name"] == name)


def observed(live: Live, name: str, aim: UUID) -> Any:
    return live.services.doors.ask(live.teacher, ReadGoal(case_of(live, name), aim)).observations


@pytest.mark.parametrize("others", [0, 8])
def test_the_first_pupil_is_whole_on_the_first_screen_and_a_finger_finds_each_place(
    open_page: OpenPage, live: Live, others: int
):
    furnish(live)
    for number in range(others):  # so many that there is a search
        live.open_case(f"Dot {'abcdefgh'[number]}")
    page = open_page(viewport=PHONE, base_url=live.base_url)
    card = pupils(page, live).first
    places = [
        card.get_by_role("link", name="Summary"),
        *card.locator("details[open] button").all(),
        card.get_by_role("textbox"),
        *card.locator(".coord-line__button").all(),
    ]
    assert len(places) == 1 + 5 + 1 + 3
    for place in places:
        box = place.bounding_box()
        assert box is not None
        assert box["height"] >= FINGER
        assert box["y"] + box["height"] <= PHONE["height"], place
    for said in (*HELPS, *AVOID):
        expect(card).to_contain_text(said)


def test_a_rating_is_one_tap_and_another_undoes_it(open_page: OpenPage, live: Live):
    goals = furnish(live)
    page = open_page(viewport=PHONE, base_url=live.base_url)
    card = pupils(page, live).first
    card.get_by_role("button", name="Asks in words once").click()
    said = page.locator("#said")
    expect(said).to_contain_text("Kept just now: +1, more than expected")
    expect(said).to_be_in_viewport()
    expect(said).to_be_focused()
    (kept,) = observed(live, "Ann", goals["Ann"])
    assert (kept.level, kept.context) == (1, "school")
    said.get_by_role("button", name="Undo").click()
    expect(page.locator("#said")).to_contain_text("Undone")
    (kept,) = observed(live, "Ann", goals["Ann"])
    assert kept.marked


def test_an_observation_is_two_taps_and_a_line(open_page: OpenPage, live: Live):
    furnish(live)
    page = open_page(viewport=PHONE, base_url=live.base_url)
    card = pupils(page, live).first
    card.get_by_role("textbox").click()
    page.keyboard.type("Caught six of ten, and laughed.")
    card.get_by_role("button", name="Went well").click()
    expect(page.locator("#said")).to_contain_text("Signed just now.")
    expect(page.locator("#said")).to_be_in_viewport()
    entries = live.services.doors.ask(live.teacher, ReadTimeline(case_of(live, "Ann"))).items
    told = [entry["sections"] for entry in entries if entry["kind"] == "note"]
    assert {"observed": "Went well: Caught six of ten, and laughed."} in told


def test_one_goal_is_open_at_a_time(open_page: OpenPage, live: Live):
    furnish(live)
    page = open_page(viewport=PHONE, base_url=live.base_url)
    cards = pupils(page, live)
    expect(page.locator("details.coord-aim[open]")).to_have_count(1)
    cards.nth(1).locator("summary").nth(1).click()
    expect(page.locator("details.coord-aim[open] summary")).to_have_text(["Bea waits for a turn."])


def test_all_of_it_works_without_javascript_and_with_the_keyboard(open_page: OpenPage, live: Live):
    goals = furnish(live)
    page = open_page(viewport=PHONE, javascript=False, base_url=live.base_url)
    card = pupils(page, live).first
    card.get_by_role("button", name="Asks with the card alone").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Kept just now: 0")
    page.locator("#said").get_by_role("button", name="Undo").click()
    (kept,) = observed(live, "Ann", goals["Ann"])
    assert kept.marked
    card.get_by_role("button", name="Mixed").click()
    expect(card).to_contain_text("Write a line about what you saw, then press one of the three buttons")
    card.get_by_role("textbox").fill("Two of ten.")
    card.get_by_role("button", name="Never asks").click()
    expect(page.locator("#said")).to_contain_text("Kept just now: −2")
    expect(card.get_by_role("textbox")).to_have_value("Two of ten.")
    card.get_by_role("button", name="Mixed").click()
    expect(page.locator("#said")).to_contain_text("Signed just now.")


@pytest.mark.parametrize("locale", ["en-GB", "it-IT"])
def test_cards_and_paper_are_accessible_in_each_look(open_page: OpenPage, live: Live, locale: str):
    furnish(live)
    live.open_case("Z" + "a" * 60)
    page = open_page(viewport=NARROW, locale=locale, base_url=live.base_url)
    card = pupils(page, live).first
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)
    card.locator(".coord-line__button").first.click()
    expect(page.locator(".nhsuk-error-summary")).to_be_visible()
    assert_accessible_in_each_look(page, viewports=(NARROW,))
    page.goto("/")
    card.locator("details[open] button").first.click()
    expect(page.locator("#said")).to_be_visible()
    assert_accessible_in_each_look(page, viewports=(NARROW,))
    page.goto("/pupils/supply")
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)


def test_on_paper_stand_the_pupils_who_printed_it_and_until_when_it_is_good(open_page: OpenPage, live: Live):
    furnish(live)
    page = open_page(base_url=live.base_url)
    live.sign_in(page, live.teacher, "/pupils/supply")
    page.emulate_media(media="print")
    for said in ("Printed by Tove Dahl, 10 Mar 2026, 10:00.", "Good until Tuesday, 17 March 2026.", HELPS[0], AVOID[0]):
        expect(page.get_by_text(said).first).to_be_visible()
    for not_there in ("Print this page with your browser", "My pupils", "Sign out"):
        expect(page.get_by_text(not_there).first).to_be_hidden()
