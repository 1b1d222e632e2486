"""The page that finds: a child, a person, a page, an activity, or words in the records."""

import re
from datetime import timedelta
from typing import Any

import pytest

from coord.application.find import handlers
from tests.aims import goal, seen
from tests.group_story import a_group
from tests.house import House


def sections(page: str) -> dict[str, str]:
    """What was found, by the headings of its groups."""
    found = re.findall(r'<section aria-labelledby="[\w-]+">\s*<h2[^>]*>(.*?)</h2>(.*?)</section>', page, re.S)
    return {heading: " ".join(re.sub("<[^>]+>", " ", body).split()) for heading, body in found}


def test_one_search_finds_children_words_colleagues_activities_and_pages(either_house: House):
    house = either_house
    house.note(house.ot, "We warmed up. Zig tied the LACES alone! Then tea.")
    house.activity("Zigzag laces")
    ot = house.browser_of(house.ot)

    page = ot.get("/find?q=laces").text
    assert '<input class="nhsuk-input" id="q" name="q" type="text" value="laces"' in page
    found = sections(page)
    assert found.keys() == {"In the records", "Activities"}
    assert "Zig: Narrative 10 Mar 2026 · Ada Lind, Therapist Zig tied the LACES alone!" in found["In the records"]
    assert "warmed" not in page
    assert "<mark>LACES</mark>" in page
    assert "Zigzag laces Listening together." in found["Activities"]

    found = sections(ot.get("/find?q=zig").text)
    assert list(found) == ["Children", "In the records", "Activities"]
    assert found["Children"] == "Zig Zig Zander, 2B , Hill School"
    assert sections(ot.get("/find?q=berg").text) == {
        "Colleagues": "Sol Berg Therapist, Speech and language therapy works with Zig"
    }
    assert sections(ot.get("/find?q=polic").text) == {"Pages": "Policies"}
    assert "Nothing that you may read fits this" in ot.get("/find?q=nowhere").text


def test_each_entry_is_a_way_to_where_it_is_read(house: House):
    note = house.note(house.ot, "Otters in a note.")
    aim = goal(house, "Draws otters")
    rating = seen(house, aim, house.ot, "therapy", 0, remark="Two otters")
    group = a_group(house)
    group.record()
    ot = house.browser_of(house.ot)

    page = ot.get("/find?q=otters").text
    child = f"/children/{house.child}"
    for href in (f"{child}/notes/{note}", f"{child}/goals/{aim}", f"{child}/goals/{aim}#observation-{rating}"):
        assert f'<a href="{href}">' in page
    ways = set(re.findall(r'href="(/children/[^"#]+)', ot.get("/find?q=a").text))
    assert len(ways) > 4
    assert {ot.get(way).status_code for way in ways} == {200}


def test_without_words_it_says_what_can_be_found(house: House):
    house.note(house.ot)
    page = house.browser_of(house.ot).get("/find").text
    assert re.search(r'id="q"[^>]* autofocus', page)
    assert "Colleagues who work with your children today" in page
    assert "Zig" not in page
    teacher = house.browser_of(house.teacher)
    assert "Colleagues" not in teacher.get("/find").text
    assert 'href="/find"' in teacher.get("/").text
    admin = house.browser_of(house.admin)
    assert admin.get("/find").status_code == 403
    assert 'href="/find"' not in admin.get("/people").text


def test_namesakes_are_told_apart_and_what_is_too_long_is_said(house: House):
    _ = house.child
    other = house.open_case("Zig", full_name="Zig Moe", school_class="3A", members=())
    house.note(house.ot, "Laces.", case_id=other)
    page = house.browser_of(house.ot).get("/find?q=laces").text
    assert "Zig (born 4 May 2019, 3A): Narrative" in sections(page)["In the records"]
    assert house.browser_of(house.ot).get(f"/find?q={'x' * 201}").status_code == 422


def test_that_only_the_newest_were_looked_through_is_said(house: House, monkeypatch: pytest.MonkeyPatch):
    _ = house.child, house.clock.turn(days=10)
    for days in range(4):
        house.note(house.ot, "Laces.", observed_from=house.clock.now - timedelta(days=days, hours=1))
    ot = house.browser_of(house.ot)
    assert 'id="bound"' not in ot.get("/find?q=laces").text
    monkeypatch.setattr(handlers, "MOST_OF_A_CHILD", 2)
    page = ot.get("/find?q=laces").text
    assert "Only the newest 2 entries of each child were looked through." in page
    assert f'href="/children/{house.child}?q=laces"' in page


def test_what_was_typed_is_text_and_an_answer_that_repeats_it_is_not_compressed(house: House):
    house.note(house.ot, "Said <b>laces</b> & more.")
    asked: dict[str, Any] = {"headers": {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}}
    answer = house.browser_of(house.ot).get("/find?q=%3Cb%3Elaces", **asked)
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<mark>&lt;b&gt;laces&lt;/b&gt;</mark>" in answer.text
    assert "<b>" not in answer.text
