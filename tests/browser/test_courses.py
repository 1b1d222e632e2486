"""Courses in a real browser: planned and filled by keyboard alone, accessible in every look, whole at 320 px."""

from datetime import date
from typing import Any

from playwright.sync_api import Page, expect

from coord.application.groups import commands as w
from coord.application.groups.questions import ReadCourses, ReadRoster
from tests.browser.harness import NARROW, OpenPage, assert_accessible_in_each_look
from tests.group_story import Group, a_group, a_plan


def whole(page: Page) -> bool:
    """The page itself does not scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def a_course_with_a_past(live: Any) -> Group:
    """Three recorded children, one of them gone by now, one who waits although something is against it."""
    group = a_group(live.house, 3)
    activity = live.house.activity("Shared tower", kinds=["social-skills"], icf=["d7"], cognitive="high")
    group.do(live.ot, w.PlanSession(group.course, 2, a_plan(activity)))
    first, second, third = group.children
    live.house.clock.turn(hours=2)
    group.record(
        group.line(first, grading="down", support="verbal", response="Waited twice."),
        group.line(second, attendance="late"),
        group.line(third, attendance="absent", absence_reason="A cold"),
    )
    group.do(live.ot, w.CancelSession(group.course, 3, "The therapist is ill"))
    group.do(live.ot, w.EndPlace(group.course, first, "Moves away"))
    group.enrol(group.child("Heidi", born=date(2010, 1, 1)), place="waiting")
    return group


def test_every_page_is_accessible_at_320_px_by_day_and_by_night_and_at_a_desk(open_page: OpenPage, live: Any):
    group = a_course_with_a_past(live)
    _gone, second, _third, waiting = group.children
    course = f"/groups/{group.course}"
    page = open_page(viewport=NARROW)
    live.sign_in(page, live.ot, "/groups")
    for path in (
        "/groups",
        "/groups?ended=1&week=2026-03-17",
        course,
        f"{course}/revise",
        f"{course}/enrol",
        f"{course}/enrol?child={waiting}",
    ):
        page.goto(live.base_url + path)
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
        assert_accessible_in_each_look(page)
    for path, button in (
        ("/groups/new", "Plan the course"),
        (f"{course}/end", "End the course"),
        (f"{course}/children/{second}/leave", "Take off the course"),
        (f"{course}/enrol?child={waiting}", "Give the child a place"),
    ):
        page.goto(live.base_url + path)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert_accessible_in_each_look(page)


def test_the_table_of_attendance_scrolls_within_its_place_by_keyboard_and_keeps_the_names(
    open_page: OpenPage, live: Any
):
    group = a_course_with_a_past(live)
    page = open_page(viewport=NARROW)
    live.sign_in(page, live.ot, f"/groups/{group.course}")
    region = page.get_by_role("region", name="Attendance, a table that scrolls sideways")
    name = region.get_by_role("rowheader", name="Cleo")
    before = name.bounding_box()
    region.focus()
    for _times in range(6):
        page.keyboard.press("ArrowRight")
    for _times in range(100):  # the policy of the page forbids a script in words, so no wait_for_function
        if page.locator(".coord-scroll").first.evaluate("(one) => one.scrollLeft") > 50:
            break
        page.wait_for_timeout(50)
    after = name.bounding_box()
    assert before
    assert after
    assert abs(before["x"] - after["x"]) < 2
    assert whole(page)
    expect(region.get_by_role("row", name="Cleo")).to_contain_text("Came late")


def tab_to(page: Page, role: str, name: str) -> None:
    """Press Tab until what has this role and name has the focus; words for the ear only have a space before them."""
    wanted = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
    for _times in range(80):
        if wanted.count() and wanted.first.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached the {role} “{name}”")


def test_a_course_is_planned_and_a_waiting_child_enrolled_by_keyboard_alone(open_page: OpenPage, live: Any):
    assert live.stranger  # somebody to run it with
    page = open_page()
    live.sign_in(page, live.ot, "/groups")
    tab_to(page, "link", "Plan a course")
    page.keyboard.press("Enter")
    page.wait_for_url("**/groups/new")
    tab_to(page, "textbox", "Name of the course, for the staff")
    page.keyboard.type("Tuesday builders")
    tab_to(page, "radio", "Therapeutic play")
    page.keyboard.press("Space")
    policy = page.locator("[data-chosen-policy]")
    expect(policy).to_contain_text("Ages: 3 to 7 years")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(policy).to_contain_text("Ages: 5 to 12 years")
    for field, words in (
        ("Aims, in plain words", "Waiting for a turn."),
        ("Room", "Blue room"),
        ("First session", "17/3/2026"),
        ("Begins at", "10:00"),
        ("Minutes", "45"),
        ("Number of sessions", "10"),
        ("Days without a session", "24/3/2026"),
        ("Places", "6"),
    ):
        tab_to(page, "textbox", field)
        page.keyboard.type(words)
    tab_to(page, "checkbox", "Una Rask")
    page.keyboard.press("Space")
    tab_to(page, "button", "Plan the course")
    page.keyboard.press("Enter")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    tab_to(
        page, "link", "Minutes: The policy of your team foresees 60 to 90. Change it, or say why it is otherwise here"
    )
    page.keyboard.press("Enter")
    expect(page.get_by_label("Minutes", exact=True)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("60")
    tab_to(page, "button", "Plan the course")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tuesday builders")
    expect(page.get_by_text("The course is planned.")).to_be_visible()

    ask = live.house.services.doors.ask
    (course,) = ask(live.ot, ReadCourses()).courses
    assert len(course.staff) == 2
    group = Group(live.house, course.id)
    group.enrol(group.child("Cleo", born=date(2010, 1, 1)), place="waiting")
    page.reload()
    tab_to(page, "link", "Give a place : Cleo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Reasons against")).to_be_visible()
    tab_to(page, "button", "Give the child a place")
    page.keyboard.press("Enter")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    tab_to(page, "textbox", "Why the child shall have the place all the same")
    page.keyboard.type("A small sixteen")
    tab_to(page, "button", "Give the child a place")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The child has a place.")).to_be_visible()
    (child,) = ask(live.ot, ReadRoster(course.id)).children
    assert (child.status, child.override) == ("enrolled", "A small sixteen")


def test_planned_changed_and_ended_without_javascript(open_page: OpenPage, live: Any):
    group = Group(live.house)
    group.plan()
    page = open_page(javascript=False)
    live.sign_in(page, live.ot, "/groups")
    page.get_by_role("link", name="Plan a course").click()
    page.get_by_text("What the policy of your team says of each kind").click()
    expect(page.get_by_text("Ages: 3 to 10 years")).to_be_visible()
    page.goto(f"{live.base_url}/groups/{group.course}")
    page.get_by_role("link", name="Change the course").click()
    page.get_by_label("Room").fill("Green room")
    page.get_by_label("Why it is changed").fill("The other one is damp")
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_text("Green room")).to_be_visible()
    page.get_by_role("link", name="End the course").click()
    page.get_by_label("Reason").fill("Nobody came")
    page.get_by_role("button", name="End the course").click()
    expect(page.get_by_text("This course has ended.")).to_be_visible()


def test_on_paper_the_course_has_its_children_and_no_buttons(open_page: OpenPage, live: Any):
    group = a_course_with_a_past(live)
    page = open_page()
    live.sign_in(page, live.ot, f"/groups/{group.course}")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Attendance")).to_be_visible()
    for action in ("Enrol a child", "Take off the course"):
        link = page.get_by_role("link", name=action, include_hidden=True).first
        expect(link).to_be_attached()
        expect(link).to_be_hidden()
