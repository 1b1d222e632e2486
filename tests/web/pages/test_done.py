"""What was just done is said once, and never because an address says so."""

import re

from tests.aims import goal
from tests.group_story import a_group
from tests.house import House


def test_no_address_says_that_something_was_done(house: House):
    browser = house.browser_of(house.ot)
    for path in ("", "/team"):
        page = browser.get(f"/children/{house.child}{path}?done=closed").text
        assert "The case is closed" not in page


def test_it_is_said_once(house: House):
    browser, team = house.browser_of(house.ot), f"/children/{house.child}/team"
    sent = browser.post(f"/children/{house.child}/close", {"reason": "Moved away."})
    assert sent.location == team
    assert "The case is closed. Nothing of it is lost" in browser.get(team).text
    assert "The case is closed. Nothing of it is lost" not in browser.get(team).text


def test_the_green_button_of_a_goal_is_what_is_done_every_day(house: House):
    page = house.browser_of(house.ot).get(f"/children/{house.child}/goals/{goal(house)}").text
    buttons = [part.split("</", 1)[0] for part in page.split('class="nhsuk-button')[1:]]
    green = [words.rpartition(">")[2] for words in buttons if not words.startswith(" nhsuk-button--secondary")]
    assert "Rate or observe" in green
    assert "Mark as achieved" not in green


def test_whoever_finds_a_group_for_a_child_has_the_child_chosen(house: House):
    browser, child = house.browser_of(house.lead), house.child
    way = f"/groups?child={child}"
    assert f'href="{way}"' in browser.get(f"/children/{child}/groups").text
    assert "the child you came from is chosen" in browser.get(way).text
    assert "the child you came from" not in browser.get("/groups?child=nobody").text


def test_a_plan_that_was_saved_and_a_session_that_was_cancelled_are_said_once(house: House):
    group = a_group(house, 1)
    browser, session = house.browser_of(house.ot), f"/groups/{group.course}/sessions/2"
    assert "The plan is saved" not in browser.get(f"{session}?planned=yes").text
    plan = {"version": "1", "steps": "1", "step-0-step": "welcome", "action": "save"}
    assert browser.post(f"{session}/plan", plan).location == session
    assert "The plan is saved." in browser.get(session).text
    assert "The plan is saved." not in browser.get(session).text
    shown = re.search(r'name="version" value="(\d+)"', browser.get(f"{session}/cancel").text)
    assert shown
    sent = {"version": shown[1], "reason": "A feast"}
    cancelled = browser.post(f"{session}/cancel", sent, form_on=f"{session}/cancel")
    assert cancelled.status_code == 303
    assert "The session is cancelled. The date is gone" in browser.get(session).text
    assert "The session is cancelled. The date is gone" not in browser.get(session).text
