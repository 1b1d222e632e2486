"""The first page in a real browser."""

from datetime import timedelta
from uuid import uuid4

from playwright.sync_api import expect

from coord.application.notes.commands import SaveDraft
from coord.application.people.commands import ChangePersonRole
from coord.application.summary.commands import RecallSummary
from coord.domain.actors import Discipline, Role
from tests.aims import alerted, goal
from tests.browser.conftest import Live
from tests.browser.harness import EVERY_WIDTH, LAPTOP, NARROW, PHONE, OpenPage, assert_accessible_in_each_look


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


def much_waits(live: Live) -> None:
    """More than the first page has lines for, with words longer than a line."""
    today = live.clock.now.date()
    for number in range(6):
        words = f"Waits for the slide, {number}, and says so in words that go on for longer than a line has room for"
        goal(live.house, words, review_date=today + timedelta(days=2 + number))
    alerted(live.house, review_on=today + timedelta(days=1))
    live.summary(review_in=3)
    for person in (live.ot, live.teacher):
        sections = {"observed": "He waited", "text": "He ran to the slide"}
        body = {"format": "school-observation" if person is live.teacher else "narrative", "sections": sections}
        live.services.doors.execute(person, SaveDraft(live.child, uuid4(), "note", body))
    role = ChangePersonRole(live.stranger.person_id, Role.TEAM_LEAD, Discipline.OT)
    _ = live.lead
    live.services.doors.execute(live.admin, role)
    live.clock.turn(days=6)
    live.note(live.student)


def test_what_waits_is_at_the_top_a_line_each_and_leads_to_all_of_it(open_page: OpenPage, live: Live):
    much_waits(live)
    for viewport, first, row in ((LAPTOP, 112, 40), (PHONE, 136, 96)):
        page = open_page(viewport=viewport, base_url=live.base_url)
        live.sign_in(page, live.ot)
        lines = page.locator(".coord-waiting > li")
        expect(lines).to_have_count(7)
        boxes = [line.bounding_box() for line in lines.all()]
        assert boxes[0] is not None
        assert boxes[0]["y"] <= first + 8
        assert all(box and box["height"] <= row for box in boxes)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("link", name="All 9 that wait for you").click()
        expect(lines).to_have_count(9)
        page.get_by_label("What", exact=True).select_option("draft")
        page.get_by_role("button", name="Apply").click()
        expect(lines).to_have_count(1)
        page.get_by_role("link", name="Go on with the note about Zig").click()
        expect(page.get_by_text("He ran to the slide")).to_be_visible()
        page.close()


def test_the_list_of_what_waits_is_accessible_to_every_role_in_every_look(open_page: OpenPage, live: Live):
    much_waits(live)
    page = open_page(viewport=NARROW, base_url=live.base_url)
    for person, home in ((live.ot, "/"), (live.student, "/"), (live.teacher, "/"), (live.lead, "/")):
        page.context.clear_cookies()
        live.sign_in(page, person)
        for address in (home, "/waiting"):
            page.goto(f"{live.base_url}{address}")
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
