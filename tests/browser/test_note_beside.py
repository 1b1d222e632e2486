"""What a note costs: pages, clicks and keys; and what stands beside it, in a real browser."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from coord.application.goals.questions import ReadGoal
from coord.application.timeline.questions import ReadTimeline
from tests.aims import goal, strategy
from tests.browser.conftest import Live
from tests.browser.harness import LAPTOP, NARROW, PHONE, OpenPage, assert_accessible_in_each_look

FIRST = "Subjective: what the child or family said"


@dataclass
class Hand:
    """Somebody with a mouse, or with keys alone. Counts clicks, and keys that are no text, and the pages that came by
    them."""

    page: Page
    clicks: int = 0
    keys: int = 0
    places: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("framenavigated", self._came)

    def _came(self, frame: Frame) -> None:
        if frame == self.page.main_frame:
            self.places.append(re.sub("[0-9a-f-]{36}", "…", frame.url.partition("//")[2].partition("/")[2]))

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def write(self, text: str) -> None:
        """Where the cursor is."""
        self.page.keyboard.type(text)


def levels(live: Live, goal_id: UUID) -> list[int | None]:
    return [o.level for o in live.services.doors.ask(live.ot, ReadGoal(live.child, goal_id)).observations]


def notes(live: Live) -> list[Any]:
    answer = live.services.doors.ask(live.ot, ReadTimeline(live.child))
    return [" ".join(i["sections"].values()) for i in answer.items if i["kind"] == "note"]


def rate(page: Page, statement: str) -> Locator:
    """A goal beside the note."""
    return page.locator(".coord-rating", has_text=statement)


def pages_of(hand: Hand) -> list[str]:
    """Those that were opened to be read: a draft that gets its address while it is written is the same page."""
    return [place for place in dict.fromkeys(hand.places) if "/drafts/" not in place]


def test_from_the_first_page_to_a_signed_note_with_two_ratings_in_six_clicks(live: Live, page: Page):
    card, swing = goal(live.house), goal(live.house, "Takes turns at the swing.")
    live.sign_in(page, live.ot, "/")
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Write a note about Zig"))
    expect(page.get_by_label(FIRST)).to_be_focused()
    hand.write("Said that it was easy.")
    for statement, level in (("asks for a break", "+1 More than expected"), ("Takes turns", "0 As expected")):
        hand.click(rate(page, statement).locator("summary"))
        hand.click(rate(page, statement).get_by_text(level))
    hand.click(page.get_by_role("button", name="Sign", exact=True))
    expect(page.locator("#said")).to_contain_text("Signed, 10:00.")
    assert (levels(live, card), levels(live, swing)) == ([1], [0])
    assert notes(live) == ["Said that it was easy."]
    assert hand.clicks <= 6
    assert pages_of(hand) == [
        "children/…/notes/new",
        "children/…/notes/…",
    ]  # it is written on one, and the other says so


def test_from_the_first_page_to_a_signed_note_in_four_clicks_without_ratings(live: Live, page: Page):
    live.child  # noqa: B018
    live.sign_in(page, live.ot, "/")
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Write a note about Zig"))
    expect(page.get_by_label(FIRST)).to_be_focused()
    hand.write("Said that it was easy.")
    hand.click(page.get_by_role("button", name="Sign", exact=True))
    expect(page.locator("#said")).to_contain_text("Signed, 10:00.")
    assert hand.clicks <= 4
    assert len(pages_of(hand)) == 2


def test_by_keyboard_it_takes_twelve_keys_besides_the_words(live: Live, page: Page):
    card, swing = goal(live.house), goal(live.house, "Takes turns at the swing.")
    live.sign_in(page, live.ot, "/")
    hand = Hand(page)
    hand.press("n")
    expect(page.get_by_role("link", name="Write a note about Zig")).to_be_focused()
    hand.press("Enter")
    expect(page.get_by_label(FIRST)).to_be_focused()
    hand.write("Said that it was easy.")
    hand.press("F2", "ArrowUp", "ArrowUp")  # from "not rated", which is last, up to what was more than expected
    expect(rate(page, "asks for a break").locator("[data-rated]")).to_have_text("+1 More than expected")
    hand.press("F2", "ArrowUp", "ArrowUp", "ArrowUp")
    expect(rate(page, "Takes turns").locator("[data-rated]")).to_have_text("0 As expected")
    hand.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("Signed, 10:00.")
    assert (levels(live, card), levels(live, swing)) == ([1], [0])
    assert hand.keys <= 12
    assert hand.clicks == 0
    assert len(pages_of(hand)) == 2


def test_f2_goes_from_a_box_to_each_goal_and_back_to_the_box(live: Live, page: Page):
    goal(live.house), goal(live.house, "Takes turns at the swing.")
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    page.locator("#section-plan").focus()
    for statement in ("asks for a break", "Takes turns"):
        page.keyboard.press("F2")
        expect(rate(page, statement).get_by_label("Not rated in this note")).to_be_focused()
    page.keyboard.press("F2")
    expect(page.locator("#section-plan")).to_be_focused()


def test_n_goes_from_child_to_child_where_there_are_several(live: Live, page: Page):
    for name in ("Ada", "Mia"):
        live.house.open_case(name)
    live.sign_in(page, live.ot, "/")
    for name in ("Ada", "Mia", "Ada"):
        page.keyboard.press("n")
        expect(page.get_by_role("link", name=f"Write a note about {name}")).to_be_focused()


def test_fifty_two_children_with_three_records_each_take_at_most_520_clicks(live: Live, page: Page):
    statements, rated = ("Asks for a break.", "Takes turns at the swing."), []
    for number in range(52):
        child = live.house.open_case(f"Ann{number:02}")
        rated += [(child, goal(live.house, statement, case_id=child)) for statement in statements]
    hand = Hand(page)
    for number in range(52):
        if number in (0, 26):  # two days' work
            live.sign_in(page, live.ot, "/")
            hand.click(page.get_by_role("link", name=f"Write a note about Ann{number:02}"))
        expect(page.get_by_label(FIRST)).to_be_focused()
        hand.write(f"Said number {number}.")
        for statement in statements:
            hand.click(rate(page, statement).locator("summary"))
            hand.click(rate(page, statement).get_by_text("0 As expected"))
        hand.click(page.get_by_role("button", name="Sign", exact=True))
        expect(page.locator("#said")).to_contain_text("Signed")
        live.clock.turn(minutes=15)
        if number == 25:
            live.clock.turn(hours=17)
        elif number < 51:
            hand.click(page.get_by_role("link", name="Write the next"))
    for child, goal_id in rated:
        assert [o.level for o in live.services.doors.ask(live.ot, ReadGoal(child, goal_id)).observations] == [0]
    assert hand.clicks <= 520


def test_three_notes_for_three_children_in_six_pages(live: Live, page: Page):
    for name in ("Ada", "Mia", "Zoe"):
        live.house.open_case(name)
    live.sign_in(page, live.ot, "/")
    hand = Hand(page)
    page.get_by_role("link", name="Write a note about Ada").click()
    for minutes in range(3):
        expect(page.get_by_label(FIRST)).to_be_focused()
        hand.write(f"Said number {minutes}.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#said")).to_contain_text("Signed")
        following = page.get_by_role("link", name="Write the next")
        live.clock.turn(minutes=20)
        if minutes < 2:
            following.click()
    assert len([place for place in hand.places if "/drafts/" not in place]) == 6


def test_control_and_enter_sign_from_any_box(live: Live, page: Page):
    live.child  # noqa: B018
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    page.keyboard.type("Said that it was easy.")
    page.locator("#section-plan").press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("Signed, 10:00.")
    assert notes(live) == ["Said that it was easy."]


def test_a_section_is_taken_over_where_one_writes_and_kept_at_once(live: Live, page: Page):
    live.note(live.ot, format="soap", sections={"plan": "Both laces.\nTwice."})
    live.clock.turn(days=1)
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    page.locator("#section-plan").fill("First this.")
    for _ in range(2):  # the second press changes nothing
        page.locator("[data-take=last-plan]").click()
        expect(page.locator("#section-plan")).to_have_value("First this.\n\nBoth laces.\nTwice.")
        expect(page.locator("#section-plan")).to_be_focused()
    expect(page.locator("#autosave")).to_contain_text("Draft kept")


def test_one_goal_is_open_at_a_time_and_says_the_level_that_was_chosen(live: Live, page: Page):
    goal(live.house), goal(live.house, "Takes turns at the swing.")
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    card, swing = rate(page, "asks for a break"), rate(page, "Takes turns")
    card.locator("summary").click()
    card.get_by_text("+1 More than expected").click()
    swing.locator("summary").click()
    expect(card.get_by_text("−2 Much less than expected")).to_be_hidden()
    expect(card.locator("[data-rated]")).to_have_text("+1 More than expected")
    expect(page.locator("#autosave")).to_contain_text("Draft kept")
    page.reload()
    expect(rate(page, "asks for a break").locator("[data-rated]")).to_have_text("+1 More than expected")


def test_the_lines_say_what_was_changed(live: Live, page: Page):
    live.child  # noqa: B018
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    when, who = page.locator("[data-when-line]"), page.locator("[data-audience-statement]")
    expect(when).to_have_text("Today, 09:00–10:00, Therapy room")
    when.click()
    page.get_by_label("Setting").select_option("home")
    page.get_by_label("Who was present").fill("Mother\nSister")
    expect(when).to_have_text("10/03/2026, 09:00–10:00, Home, Mother, Sister")
    expect(who).to_contain_text("The school and the family will not.")
    who.click()
    page.get_by_role("radio", name="Care team and school").check()
    expect(who).to_have_text("The care team and the school will see this. The family will not.")


def test_without_javascript_the_line_of_the_readers_never_says_what_was_changed_since(live: Live, open_page: OpenPage):
    live.child  # noqa: B018
    page = open_page(javascript=False)
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    summary = page.locator("#who summary")
    summary.click()
    page.get_by_role("radio", name="Care team and school").check()
    expect(page.locator("[data-audience-statement]")).to_be_hidden()
    expect(summary).to_contain_text("Other readers than before are chosen here")


@pytest.mark.parametrize(("viewport", "shown"), [(LAPTOP, True), (PHONE, False)])
def test_what_one_needs_is_a_column_at_a_desk_and_a_drawer_on_a_phone(
    live: Live, open_page: OpenPage, viewport: Any, shown: bool
):
    live.note(live.ot, "Tied one lace.")
    page = open_page(viewport=viewport)
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    expect(page.get_by_text("Tied one lace.")).to_be_visible(visible=shown)
    page.get_by_text("Last time, things to try").click()
    expect(page.get_by_text("Tied one lace.")).to_be_visible(visible=not shown)
    boxes, beside = page.locator("#section-subjective").bounding_box(), page.locator("[data-beside]").bounding_box()
    assert boxes
    assert beside
    assert (beside["x"] > boxes["x"] + boxes["width"]) is shown


def test_the_page_is_accessible_with_all_of_it_open(live: Live, open_page: OpenPage):
    goal(live.house), strategy(live.house, "Show the picture first."), live.note(live.ot, "Tied one lace.")
    page = open_page(viewport=NARROW)
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    for summary in ("Goals, last time, things to try", "asks for a break"):
        page.locator("summary", has_text=summary).click()
    for line in page.locator(".coord-line summary").all():
        line.click()
    assert_accessible_in_each_look(page)


def test_it_is_all_there_without_javascript(live: Live, open_page: OpenPage):
    card = goal(live.house)
    live.note(live.ot, format="soap", sections={"plan": "Both laces."})
    live.clock.turn(days=1)
    page = open_page(javascript=False, viewport=PHONE)
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    page.locator("[data-take=last-plan]").click()
    expect(page.locator("#section-plan")).to_have_value("Both laces.")
    rate(page, "asks for a break").locator("summary").click()
    rate(page, "asks for a break").get_by_text("0 As expected").click()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Signed")
    assert levels(live, card) == [0]
