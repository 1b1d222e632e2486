"""Whose record it is: on every page about a child, as far as its reader may know it."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

from coord.application.case.commands import CorrectDetails, OpenCase
from coord.application.case.questions import ReadCase
from tests.house import House

NO_PAGES = ("children.new", "goal_review.pdf", "summaries.pdf", "audit.child_file")
"""Files, and a form about a child who is not there yet."""


def pages_of_a_child(house: House, child: str) -> list[str]:
    """Every page whose address names a child and nothing else."""
    rules = [r for r in house.app.url_map.iter_rules() if r.arguments == {"case_id"} and "GET" in (r.methods or ())]
    return [
        r.rule.replace("<uuid:case_id>", child) for r in rules if r.endpoint not in NO_PAGES and "/api/" not in r.rule
    ]


def whose(page: str) -> str:
    """Whose record the banner says it is, as it is read."""
    if 'class="coord-whose"' not in page:
        return ""
    line = page.split('class="coord-whose"', 1)[1].split("</p>", 1)[0].split(">", 1)[1]
    return " ".join(re.sub(r"<[^>]+>", "", line).split())


def opened(house: House, **details: Any) -> str:
    case_id = uuid4()
    said: dict[str, Any] = {
        "preferred_name": "Rory",
        "full_name": "Aurora Lindqvist",
        "birth_date": date(2018, 5, 3),
        "school": "Hill School",
        "school_class": "2B",
    } | details
    house.services.doors.execute(house.lead, OpenCase(case_id=case_id, team="North", languages=("English",), **said))
    return str(case_id)


def test_every_page_about_a_child_says_whose_record_it_is(house: House):
    """Two tabs, two children of one name: the note must not land in the wrong one."""
    browser, child = house.browser_of(house.lead), opened(house)
    found = {path: browser.get(path, follow_redirects=True) for path in pages_of_a_child(house, child)}
    assert len(found) > 20
    line = "Aurora Lindqvist (Rory) · born 3 May 2018, 7 years · class: 2B"
    without = [(path, page.status_code) for path, page in found.items() if whose(page.text) != line]
    assert not without


def test_a_teacher_is_told_no_more_than_a_teacher_may_know(house: House):
    case = house.services.doors.ask(house.ot, ReadCase(house.child))
    change = CorrectDetails(house.child, case.version, {"full_name": "Aurora Lindqvist", "school_class": "2B"}, "known")
    house.services.doors.execute(house.ot, change)
    browser = house.browser_of(house.teacher)
    paths = ("", "/summary", "/goals", "/groups", "/strategies", "/notes/new")
    found = {p: browser.get(f"/children/{house.child}{p}", follow_redirects=True).text for p in paths}
    assert {whose(page) for page in found.values()} == {f"{case.details['preferred_name']} · class: 2B"}
    assert not any("Lindqvist" in page for page in found.values())


def test_a_form_that_came_back_says_it_too(house: House):
    sent = house.browser_of(house.lead).post(f"/children/{opened(house)}/close", {"reason": ""})
    assert sent.status_code == 422
    assert whose(sent.text).startswith("Aurora Lindqvist")


def test_a_name_that_runs_from_right_to_left_turns_nothing_about(house: House):
    name = "\u0639\u0644\u064a"
    child = opened(house, preferred_name=name, full_name=name)
    page = house.browser_of(house.lead).get(f"/children/{child}/history").text
    assert f"Who saw \u2068{name}\u2069" in page
    assert f"Pages about \u2068{name}\u2069" in page
