"""What helps, in a real browser: one tap on a phone, a hint while writing; and the sheet for the review on paper."""

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from coord.application.goals.commands import EndStrategy
from tests.aims import goal, seen, strategy, tried
from tests.browser.conftest import Live
from tests.browser.harness import NARROW, PHONE, OpenPage, assert_accessible_in_each_look


def address(live: Live, more: str = "") -> str:
    return f"/children/{live.child}{more}"


def test_every_page_is_accessible_in_every_look(live: Live, open_page: OpenPage):
    page = open_page(viewport=NARROW, base_url=live.base_url)
    live.sign_in(page, live.ot, address(live, "/strategies"))
    assert_accessible_in_each_look(page)  # nothing yet
    aim = goal(live.house)
    seen(live.house, aim, live.teacher, "school", 1)
    offered = strategy(live.house, goal=aim)
    tried(live.house, offered, live.teacher, "helped", "in maths")
    strategy(live.house, "Lay out the clothes.", "home")
    ended = strategy(live.house, "No longer.", "therapy")
    live.services.doors.execute(live.ot, EndStrategy(live.child, ended, "it did not help"))
    for more in (
        "/strategies",
        "/strategies/family",
        "/strategies/offer",
        f"/strategies/{offered}/end",
        "/goals/review",
        "/summary/edit",
    ):
        page.goto(address(live, more))
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
        assert_accessible_in_each_look(page)
    page.goto(address(live, "/strategies/offer"))
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_role("alert")).to_contain_text("What to try: Enter this")
    expect(page.get_by_role("alert")).to_contain_text("Where: Enter this")
    assert_accessible_in_each_look(page)
    page.get_by_role("link", name="Where: Enter this").click()
    expect(page.locator("#context")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_teacher_tells_in_one_tap_on_a_phone(live: Live, open_page: OpenPage, javascript):
    strategy(live.house, "Give one step at a time.")
    page = open_page(viewport=PHONE, base_url=live.base_url, javascript=javascript)
    live.sign_in(page, live.teacher, address(live))
    page.get_by_role("link", name="Things to try").click()
    button = page.get_by_role("button", name="It helped")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 24
    button.click()
    expect(page.get_by_text("Thank you: it helped.")).to_be_visible()
    expect(page.get_by_text("Tried: helped once.")).to_be_visible()
    page.get_by_text("Add a remark first (optional)").click()
    page.get_by_label("Remark").fill("not in gym")
    page.get_by_role("button", name="It did not help").click()
    expect(page.get_by_text("Tried: helped once, did not once.")).to_be_visible()
    page.get_by_text("Who told what").click()
    expect(page.get_by_text("not in gym")).to_be_visible()


def test_the_hint_follows_while_one_writes(live: Live, open_page: OpenPage):
    page = open_page(base_url=live.base_url)
    live.sign_in(page, live.ot, address(live, "/strategies/offer"))
    words = "Give him one step at a time, and wait for ten seconds. Then tell him the next one."
    page.get_by_label("What to try").fill(words)
    expect(page.get_by_text("About reading age")).to_be_visible()
    page.get_by_label("In class").check()
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_text("Those who are to use it can see it now.")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_strategy_goes_into_the_school_summary(live: Live, open_page: OpenPage, javascript):
    strategy(live.house, "Give one step at a time.")
    page = open_page(base_url=live.base_url, javascript=javascript)
    live.sign_in(page, live.ot, address(live, "/summary/edit"))
    page.locator("#text-strengths-0").fill("Loves trains.")
    page.get_by_role("button", name="Put into “What helps”").click()
    expect(page.locator("#text-helps-0")).to_have_value("Give one step at a time.")
    expect(page.locator("#text-strengths-0")).to_have_value("Loves trains.")
    expect(page.get_by_text("It is in the summary.")).to_be_visible()


def test_the_review_sheet_prints_with_room_to_write(live: Live, open_page: OpenPage, tmp_path):
    aim = goal(live.house, "Zig asks for a break.")
    seen(live.house, aim, live.ot, "therapy", 1)
    page = open_page(base_url=live.base_url)
    live.sign_in(page, live.ot, address(live, "/goals/review"))
    expect(page.get_by_role("heading", name="Decisions")).to_be_hidden()
    file = tmp_path / "printed.pdf"
    page.pdf(path=file, format="A4", prefer_css_page_size=True)
    text = " ".join(" ".join(part.extract_text() for part in PdfReader(file).pages).split())
    assert text.index("Present, and apologies") < text.index("Zig asks for a break.") < text.index("Decisions")
    assert "Download as PDF" not in text
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as PDF").click()
    taken = tmp_path / "taken.pdf"
    download.value.save_as(taken)
    assert "Downloaded by Ada Lind" in PdfReader(taken).pages[0].extract_text()
