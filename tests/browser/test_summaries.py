"""The school summary in a real browser: on a phone, on paper, by keyboard, with JavaScript and without."""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from coord.application.notes.commands import AmendNote
from coord.application.summary.commands import PublishSummary
from coord.domain.case import SummaryContent
from tests.browser.conftest import Live
from tests.browser.harness import NARROW, PHONE, OpenPage, assert_accessible_in_each_look
from tests.house import PASSWORD


def publish(live: Live) -> UUID:
    """A summary with something in each section, resting on entries that some may read; the shared one's id."""
    shared: UUID = live.note(live.ot, "He named eleven stations.", audience="care-team-and-school")
    closed = live.note(live.psychologist, "Not for everybody.", audience="own-discipline")
    statements = {
        "strengths": [
            ("Loves trains and knows every line on the map.", [shared]),
            ("Notices when others are sad.", [closed]),
        ],
        "helps": [(f"Give one step at a time, number {n}. Wait for ten seconds.", [shared, closed]) for n in range(5)],
        "avoid": [("Do not touch his shoulders from behind.", []), ("Avoid surprises.", [])],
        "overload-signs": [("He hums and rocks.", [])],
        "overload-response": [("Speak less. Walk with him to the quiet corner.", [])],
        "aims": [("To ask for a break with a card, two times a day.", [])],
        "lessons": [("Write the task on a small card.", [])],
        "transitions": [("Tell him five minutes before.", [])],
        "playground": [("Start a game with one friend and clear rules.", [])],
    }
    today = live.clock.now.date()
    content = SummaryContent(statements, "Pia Holm, 01632 960 123", today, today + timedelta(days=90))
    live.services.doors.execute(live.psychologist, PublishSummary(live.child, 0, content))
    return shared


def address(live: Live, more: str = "") -> str:
    return f"/children/{live.child}/summary{more}"


def test_every_page_is_accessible_in_every_look(live: Live, open_page: OpenPage):
    teacher = open_page(viewport=NARROW, base_url=live.base_url)
    live.sign_in(teacher, live.teacher, address(live))
    assert_accessible_in_each_look(teacher)  # none yet
    shared = publish(live)
    teacher.reload()
    teacher.get_by_text("What each statement rests on").click()
    assert_accessible_in_each_look(teacher)

    page = open_page(viewport=NARROW, base_url=live.base_url)
    live.sign_in(page, live.ot, address(live))
    live.services.doors.execute(live.ot, AmendNote(live.child, shared, 1, {"text": "He named ten."}, "miscounted"))
    page.reload()
    expect(page.get_by_text("has been corrected since")).to_be_visible()
    assert_accessible_in_each_look(page)
    page.goto(address(live, "/edit"))
    page.locator("details:has(#sources-strengths-0) > summary").click()
    assert_accessible_in_each_look(page)
    page.get_by_role("button", name="See it as the school will").click()
    page.wait_for_url("**view=preview")
    assert_accessible_in_each_look(page)
    page.goto(address(live, "/edit"))
    page.get_by_label("Who to ask").fill("")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("Who to ask")
    assert_accessible_in_each_look(page)
    page.goto(address(live, "/recall"))
    page.get_by_role("button", name="Recall").click()
    expect(page).to_have_title("Error: Recall the school summary of Zig – Coord")
    assert_accessible_in_each_look(page)
    page.get_by_label("Why do you recall it?").fill("It named a diagnosis.")
    page.get_by_role("button", name="Recall").click()
    expect(page.get_by_text("The summary is recalled")).to_be_visible()
    assert_accessible_in_each_look(page)
    teacher.reload()
    expect(teacher.get_by_role("heading", name="This summary was recalled")).to_be_visible()
    assert_accessible_in_each_look(teacher)


def test_a_teacher_reads_it_on_a_phone_and_takes_the_file(live: Live, open_page: OpenPage, tmp_path):
    publish(live)
    page = open_page(viewport=PHONE, base_url=live.base_url)
    live.sign_in(page, live.teacher, address(live))
    expect(page.get_by_role("heading", name="What helps")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as PDF").click()
    file = tmp_path / "summary.pdf"
    download.value.save_as(file)
    pdf = PdfReader(file)
    assert len(pdf.pages) == 1
    assert "Downloaded by Tove Dahl" in pdf.pages[0].extract_text()


@pytest.mark.parametrize("who", ["teacher", "ot"])
def test_the_page_prints_on_one_sheet(live: Live, open_page: OpenPage, tmp_path, who: str):
    publish(live)
    page = open_page(base_url=live.base_url)
    live.sign_in(page, getattr(live, who), address(live))
    file = tmp_path / "printed.pdf"
    page.pdf(path=file, format="A4", prefer_css_page_size=True)
    pdf = PdfReader(file)
    assert len(pdf.pages) == 1
    text = pdf.pages[0].extract_text()
    assert "What helps" in text
    assert "Version 1, published by Pia Holm" in " ".join(text.split())
    assert "Download as PDF" not in text


def write_first(page: Page) -> None:
    """By keyboard alone: from the top of the form to a published summary."""
    page.locator("#text-strengths-0").focus()
    page.keyboard.type("Loves trains.")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "text-helps-0":
            break
    page.keyboard.type("Give one step at a time.")
    page.locator("#contact").focus()
    page.keyboard.type("Ada Lind")
    page.get_by_role("button", name="See it as the school will").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**view=preview")
    page.get_by_role("button", name="Publish").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Version 1 is published")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without"])
def test_written_and_published_by_keyboard(live: Live, open_page: OpenPage, javascript: bool):
    page = open_page(javascript=javascript, base_url=live.base_url)
    live.sign_in(page, live.ot, address(live, "/edit"))
    write_first(page)
    expect(page.get_by_text("Give one step at a time.").first).to_be_visible()


def test_without_javascript_statements_come_and_go(live: Live, open_page: OpenPage):
    page = open_page(javascript=False, base_url=live.base_url)
    live.sign_in(page, live.ot, address(live, "/edit"))
    page.locator("#text-helps-0").fill("One step.")
    page.get_by_role("button", name="Keep as draft").first.click()
    page.get_by_role("button", name="Add another to “What helps”").click()
    page.locator("#text-helps-1").fill("A picture first.")
    page.get_by_role("button", name="Keep as draft").first.click()
    page.get_by_role("button", name="Remove statement 1 of “What helps”").click()
    expect(page.locator("#text-helps-0")).to_have_value("A picture first.")
    expect(page.get_by_text("Draft saved at")).to_be_visible()


def test_the_draft_and_the_hint_follow_while_one_writes(live: Live, open_page: OpenPage):
    page = open_page(base_url=live.base_url)
    live.sign_in(page, live.ot, address(live, "/edit"))
    page.locator("#text-helps-0").press_sequentially("Consequently " * 24 + "endeavour.")
    expect(page.get_by_text("more than 20 words")).to_be_visible()
    expect(page.get_by_text("Draft saved at")).to_be_visible()
    expect(page.locator("#draft-revision")).not_to_have_value("0")
    page.goto("about:blank")  # the tab is closed
    page.goto(live.base_url + address(live, "/edit"))
    expect(page.locator("#text-helps-0")).to_have_value("Consequently " * 24 + "endeavour.")


def test_signed_out_elsewhere_a_draft_says_so_and_its_words_come_along(live: Live, open_page: OpenPage):
    page = open_page(base_url=live.base_url)
    live.sign_in(page, live.ot, address(live, "/edit"))
    other = page.context.new_page()
    other.goto(live.base_url + "/")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_label("Email address")).to_be_visible()
    page.locator("#text-helps-0").fill("A picture first.")
    expect(page.locator("[data-coord-connection]")).to_contain_text("You are signed out")
    page.get_by_role("button", name="Keep as draft").first.click()
    page.get_by_label("Email address").fill(live.house.email(live.ot))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")
    page.get_by_role("button", name="Send it now").click()
    expect(page.locator("#text-helps-0")).to_have_value("A picture first.")


def test_the_error_summary_leads_to_the_field(live: Live, open_page: OpenPage):
    page = open_page(base_url=live.base_url)
    live.sign_in(page, live.ot, address(live, "/edit"))
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("link", name="What helps: Write at least one statement").click()
    expect(page.locator("#text-helps-0")).to_be_focused()
