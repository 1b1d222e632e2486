"""Every main page is valid HTML: what a browser guesses at, a screen reader may guess otherwise."""

import pytest

from tests.aims import copm, goal, instrument, seen, strategy
from tests.group_story import a_group
from tests.house import House
from tests.web.valid_html import faults_of


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ('<p id="a"></p><p id="a"></p>', "id 'a'"),
        ('<table><tr><td role="cell"></td></tr></table>', "role='cell'"),
        ('<span role="text"></span>', "role='text'"),
        ('<time datetime="2026-03-10T09:00:00.123456+00:00"></time>', "datetime"),
        ('<label for="b"></label>', "#b"),
        ("<div><p></div>", "closes p"),
        ("<p><ul></ul></p>", "within a paragraph"),
    ],
)
def test_the_checker_finds_what_it_is_for(page: str, fault: str):
    assert any(fault in found for found in faults_of(page))


def told(house: House) -> str:
    """Something of everything, with microseconds in the times."""
    house.clock.now = house.clock.now.replace(microsecond=123456)
    note = house.note(house.ot)
    house.note(house.teacher, "Sat by the window.", audience="care-team-and-school")
    for statement in ("Zig asks for a break.", "Zig waits for a turn."):
        aim = goal(house, statement)
        seen(house, aim, house.ot, "therapy", 0)
        seen(house, aim, house.teacher, "school", -1)
        strategy(house, f"For: {statement}", goal=aim)
    copm(house)
    instrument(house)
    house.summary(sources=[note])
    house.browser_of(house.slt).get(f"/children/{house.child}/notes/{note}")
    return f"/notes/{note}"


def test_every_main_page_of_a_child_is_valid(house: House):
    note = told(house)
    of_child = (
        *("", "/summary", "/summary/edit", "/goals", "/goals/new", "/goals/review", "/groups", "/profile", "/measures"),
        *("/measures/copm", "/measures/instrument", "/strategies", "/strategies/offer", "/strategies/family", "/team"),
        *("/team/add", "/details", "/close", "/notes/new", "/history", "/history/as-known", "/complaint-files"),
        *(note, f"{note}/readers", f"{note}/amend", f"{note}/audience", f"{note}/error"),
    )
    browser = house.browser_of(house.lead)
    amiss = {}
    for path in of_child:
        page = browser.get(f"/children/{house.child}{path}", follow_redirects=True)
        if found := faults_of(page.text) or ([str(page.status_code)] if page.status_code >= 400 else []):
            amiss[path] = found
    assert not amiss


def test_every_other_main_page_is_valid(house: House):
    told(house)
    group = a_group(house)
    house.activity("Traffic lights")
    pages = {
        house.lead: (
            *(
                "/",
                "/groups",
                f"/groups/{group.course}",
                f"/groups/{group.course}/sessions/1",
                f"/groups/{group.course}/enrol",
            ),
            *("/groups/new", "/activities", "/activities/new", "/policies", "/audit", "/account", "/children/new"),
        ),
        house.teacher: ("/", f"/children/{house.child}/goals", f"/children/{house.child}/summary"),
        house.admin: ("/people", "/people/new", f"/people/{house.ot.person_id}"),
    }
    amiss = {}
    for person, paths in pages.items():
        browser = house.browser_of(person)
        for path in paths:
            page = browser.get(path, follow_redirects=True)
            if found := faults_of(page.text) or ([str(page.status_code)] if page.status_code >= 400 else []):
                amiss[path] = found
    assert not amiss
