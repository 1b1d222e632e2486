"""The levels of a goal stand in one order wherever they are chosen: much less than expected first."""

import re

import pytest

from tests.aims import goal
from tests.group_story import a_group
from tests.house import House

LEAST_FIRST = ["-2", "-1", "0", "1", "2"]


def chosen_from(page: str, name: str) -> list[str]:
    """The values of the radios or buttons of a name, in the order of the page."""
    found = [tag for tag in re.findall(r"<(?:input|button)[^>]*>", page) if re.search(rf'name="{name}"', tag)]
    values = [re.search(r'value="([^"]*)"', tag) for tag in found]
    return [value[1] for value in values if value and value[1]]


@pytest.mark.parametrize("path", ["/observe", ""])
def test_when_somebody_observes(house: House, path: str):
    page = house.browser_of(house.ot).get(f"/children/{house.child}/goals/{goal(house)}{path}").text
    assert chosen_from(page, "level") == (LEAST_FIRST if path else [])


def test_when_a_teacher_rates_in_one_tap(house: House):
    goal(house)
    page = house.browser_of(house.teacher).get(f"/children/{house.child}/goals").text
    assert chosen_from(page, "level") == LEAST_FIRST


def test_while_a_session_runs(house: House):
    group = a_group(house, 1)
    page = house.browser_of(house.ot).get(f"/groups/{group.course}/sessions/1/run").text
    assert [v for v in chosen_from(page, r"c-[^\"]*(?:level|rating)[^\"]*") if v in LEAST_FIRST] == LEAST_FIRST


def test_the_footers_languages_have_their_names_on_every_page_of_the_account(house: House):
    for path in ("/account", "/account/password"):
        footer = house.browser_of(house.ot).get(path).text.split("<footer")[1]
        assert re.findall(r'name="language" value="(\w+)"[^>]*>\s*(\w+)', footer) == [
            ("en", "English"),
            ("it", "Italiano"),
        ]
