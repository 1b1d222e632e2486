"""The library and the policies in a real browser: accessible, whole at 320 px, without JavaScript, and on paper."""

from typing import Any

from playwright.sync_api import expect

from coord import library
from coord.application.activities.commands import RetireActivity
from coord.application.policies.commands import ChangePolicy
from tests.browser.harness import NARROW, OpenPage, assert_accessible_in_each_look


def test_every_page_is_accessible_in_every_look(open_page: OpenPage, live: Any):
    do = live.house.services.doors.execute
    library.load(live.house.services.doors, live.ot, "en")
    first, second = (activity.id for activity in library.shipped("en")[:2])
    do(live.ot, RetireActivity(second, "The basket is torn"))
    do(live.lead, ChangePolicy("social-skills", 0, {"size_most": 6}, "The room holds six"))
    page = open_page(viewport=NARROW)
    live.sign_in(page, live.lead, "/activities")
    for path in (
        "/activities?q=rain&motor=low",
        f"/activities/{first}",
        f"/activities/{second}/restore",
        "/policies",
    ):
        page.goto(live.base_url + path)
        assert_accessible_in_each_look(page)
    for path, button in (("/activities/new", "Add it to the library"), ("/policies/social-skills", "Change it")):
        page.goto(live.base_url + path)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert_accessible_in_each_look(page)


def test_written_found_and_revised_without_javascript(open_page: OpenPage, live: Any):
    page = open_page(javascript=False)
    live.sign_in(page, live.ot, "/activities")
    expect(page.get_by_text("The library is empty.")).to_be_visible()
    page.get_by_role("button", name="Write an activity").click()
    page.get_by_label("Title").fill("Rain on the roof")
    page.get_by_label("Purpose").fill("Listening together.")
    page.get_by_label("Therapeutic play").check()
    page.get_by_label("Attention").check()
    page.get_by_label("Age from").fill("3")
    page.get_by_label("Age to").fill("6")
    for name in ("Cognitive", "Motor", "Communication"):
        page.get_by_label(f"{name} demands").select_option("Low")
    page.get_by_label("Steps").fill("Sit down.\nLet it rain.")
    page.get_by_role("button", name="Add it to the library").click()
    page.get_by_role("link", name="What to watch: Enter this").click()
    page.get_by_label("What to watch").fill("Rice on the floor")
    page.get_by_role("button", name="Add it to the library").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rain on the roof")
    page.get_by_role("link", name="Revise this activity").click()
    page.get_by_label("Purpose").fill("Listening and waiting together.")
    page.get_by_label("Why it is revised").fill("Waiting is half of it")
    page.get_by_role("button", name="Save the new version").click()
    expect(page.locator("ins").filter(has_text="and waiting")).to_be_visible()
    page.goto(f"{live.base_url}/activities")
    page.get_by_label("Words in the activity").fill("RICE")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="1 activity")).to_be_visible()


def test_more_activities_come_into_the_page_and_paper_has_only_the_sheet(open_page: OpenPage, live: Any):
    library.load(live.house.services.doors, live.ot, "en")
    page = open_page()
    live.sign_in(page, live.student, "/activities")
    expect(page.locator("#entries li, #entries ~ ul li")).to_have_count(20)
    page.get_by_role("link", name="Show more activities").click()
    expect(page.get_by_role("link", name="The washing line")).to_be_visible()
    expect(page.locator("main li h3")).to_have_count(30)
    page.get_by_role("link", name="The washing line").click()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Safety")).to_be_visible()
    expect(page.get_by_role("heading", name="Versions")).to_be_hidden()
