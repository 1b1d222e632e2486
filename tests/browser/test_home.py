"""The first page in a real browser."""

from uuid import uuid4

from playwright.sync_api import expect

from coord.application.notes.commands import SaveDraft
from coord.application.summary.commands import RecallSummary
from tests.browser.conftest import Live
from tests.browser.harness import EVERY_WIDTH, NARROW, PHONE, OpenPage, assert_accessible_in_each_look


def furnish(live: Live) -> None:
    """Something of everything that the page can show."""
    live.note(live.student)
    live.note(live.slt)
    live.summary()
    live.services.doors.execute(live.ot, SaveDraft(live.child, uuid4(), "note", {"format": "soap"}))
    for name in ("Ann", "Bea", "Cal", "Dot", "Eva", "Fay", "Gil", "Hal"):
        live.open_case(name)
    recalled = live.open_case("Ian")
    live.summary(case_id=recalled)
    live.services.doors.execute(live.ot, RecallSummary(recalled, "Wrong child"))


def test_it_is_accessible_to_every_role_in_every_look(open_page: OpenPage, live: Live):
    furnish(live)
    page = open_page(viewport=NARROW, base_url=live.base_url)
    for person in (live.ot, live.teacher, live.lead):
        page.context.clear_cookies()
        live.sign_in(page, person)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)


def test_a_teacher_reaches_three_summaries_by_one_tap_each(open_page: OpenPage, live: Live):
    pupils = {name: live.open_case(name) for name in ("Ann", "Bea", "Cal")}
    page = open_page(viewport=PHONE, base_url=live.base_url)
    live.sign_in(page, live.teacher)
    for name, case in pupils.items():
        link = page.locator(".coord-pupil", has_text=name).get_by_role("link", name="Summary")
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        link.click()
        expect(page).to_have_url(f"{live.base_url}/children/{case}/summary")
        page.go_back()


def test_by_keyboard_to_a_child_without_javascript(open_page: OpenPage, live: Live):
    furnish(live)
    page = open_page(javascript=False, base_url=live.base_url)
    live.sign_in(page, live.ot)
    page.get_by_label("Name, school or class").focus()
    page.keyboard.type("zig")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Ann")).to_have_count(0)
    link = page.get_by_role("link", name="Zig", exact=True)
    link.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live.base_url}/children/{live.child}/overview")
