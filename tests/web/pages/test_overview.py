"""The first page about a child: who is this, and what now; in words first, and everything leads to where it is from."""

import html
import re
from datetime import timedelta

from coord.domain.note_template import TemplateUsed, section_key
from tests.aims import alerted, goal, seen, strategy, tried
from tests.house import House


def told(page: str) -> str:
    main = page.split("<main", 1)[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_it_is_where_one_lands_from_the_list_of_children_and_the_first_of_its_pages(house: House):
    overview = f"/children/{house.child}/overview"
    home = house.browser_of(house.ot).get("/").text
    assert re.search(rf'<a href="{overview}"><strong>', home)
    for who in (house.ot, house.teacher, house.lead):
        page = house.browser_of(who).get(overview).text
        tabs = re.findall(r'<li><a href="([^"]+)"( aria-current="page")?>', page.split("coord-tabs", 1)[1])
        assert tabs[0] == (overview, ' aria-current="page"')


def test_where_a_goal_holds_is_said_in_words_first_there_and_on_the_page_of_the_goals(house: House):
    aim = goal(house, "Zig asks for a break.", scale={"importance": 2, "difficulty": 2})
    for day in range(3):
        seen(house, aim, house.teacher, "school", 0)
        seen(house, aim, house.ot, "home", -1) if day == 0 else None
        house.clock.turn(days=1)
    browser = house.browser_of(house.ot)
    page = told(browser.get(f"/children/{house.child}/overview").text)
    words = "Holds at school; tried, not shown yet at home; nobody has looked in therapy"
    assert words in page
    assert "0, as expected, at school" in page
    assert "At school : 1 of 1 as expected or further (T-score 50.0)" in page
    goals = told(browser.get(f"/children/{house.child}/goals").text)
    assert goals.index(words) < goals.index("What these words mean")
    assert "1 of 1 as expected or further : T-score 50.0" in goals


def test_what_was_seen_too_long_ago_to_go_by_is_not_told_as_if_it_were_of_today(house: House):
    aim = goal(house, "Zig asks for a break.")
    for _ in range(3):
        seen(house, aim, house.teacher, "school", 0)
        house.clock.turn(days=1)
    house.clock.turn(days=97)
    browser = house.browser_of(house.ot)
    for page in ("overview", "goals"):
        words = told(browser.get(f"/children/{house.child}/{page}").text)
        assert re.search(r"Holds at school \(last observed 14 weeks ago, on [^:]+: look again\);", words)


def test_of_a_goal_under_way_that_is_not_for_class_a_teacher_is_not_told_that_it_has_not_begun(house: House):
    goal(house, "Zig ties laces.", contexts=["home"])
    browser = house.browser_of(house.teacher)
    for page in ("overview", "goals"):
        words = told(browser.get(f"/children/{house.child}/{page}").text)
        assert "Zig ties laces." in words
        assert "he work has not begun" not in words


def test_a_goal_without_a_scale_is_told_by_the_help_and_not_called_unrated(house: House):
    aim = goal(house, "Zig ties laces.", scale=None)
    browser, page = house.browser_of(house.ot), f"/children/{house.child}/overview"
    assert "Not observed yet. It has no scale" in told(browser.get(page).text)
    seen(house, aim, house.teacher, "school", support="verbal")
    words = told(browser.get(page).text)
    assert "With words, at school" in words
    assert "Not rated yet" not in words


def test_the_headline_of_a_note_in_a_template_is_its_assessment(house: House):
    template = house.template()
    why, understood = section_key(template, 1), section_key(template, 3)
    sections = {why: "His mother asked for it.", understood: "Ties the first knot."}
    house.note(house.ot, format="template", template=TemplateUsed(template, 1), sections=sections)
    page = house.browser_of(house.ot).get(f"/children/{house.child}/overview").text
    (said,) = re.findall(r'class="coord-glance__said">(.+?)</p>', page)
    assert re.sub(r"<[^>]+>", "", said) == "Ties the first knot."


def test_a_students_note_is_marked_until_somebody_attests_it(house: House):
    house.note(house.student, "He said his name.")
    assert "Awaiting co-signature" in told(house.browser_of(house.ot).get(f"/children/{house.child}/overview").text)


def test_everything_leads_to_where_it_comes_from(house: House):
    alert = alerted(house, review_on=house.clock.now.date())
    aim, note = goal(house), house.note(house.ot, "Tied one shoe. Then two.")
    tried(house, strategy(house, "Heavy work first."), house.teacher)
    house.summary()
    page = house.browser_of(house.ot).get(f"/children/{house.child}/overview").text
    child = f"/children/{house.child}"
    wanted = {f"{child}/alerts#alert-{alert}", f"{child}/goals/{aim}", f"{child}/notes/{note}", f"{child}/strategies"}
    wanted |= {f"{child}/summary", f"{child}/goals", child, f"{child}/team", f"{child}/alerts"}
    assert wanted <= set(re.findall(r'href="([^"]+)"', page.split("<main", 1)[1]))
    assert "Tied one shoe. Then two." in told(page)


def test_what_is_out_of_date_is_said_first(house: House):
    goal(house, "Zig asks for a break.")
    house.summary()
    house.clock.turn(days=120)
    page = told(house.browser_of(house.ot).get(f"/children/{house.child}/overview").text)
    first, _, rest = page.partition("What helps")
    assert "To be looked at again: the school summary may be out of date" in first
    assert "Zig asks for a break." in first
    assert rest


def test_of_a_child_of_whom_nothing_is_known_it_says_so(house: House):
    for who, words in ((house.ot, "There are no goals at present."), (house.teacher, "No goal is shared")):
        page = told(house.browser_of(who).get(f"/children/{house.child}/overview").text)
        assert words in page
        assert "There is no summary for the school at present." in page


def test_a_long_note_is_two_lines_of_it(house: House):
    house.note(house.ot, f"Tied one shoe. {'And then he waited for the other one. ' * 40}")
    page = house.browser_of(house.ot).get(f"/children/{house.child}/overview").text
    (said,) = re.findall(r'class="coord-glance__said">(.+?)</p>', page)
    assert len(re.sub(r"<[^>]+>", "", said)) < 220


def test_goals_whose_review_is_to_come_are_not_named(house: House):
    goal(house, review_date=house.clock.now.date() + timedelta(days=2))
    assert "To be looked at again" not in house.browser_of(house.ot).get(f"/children/{house.child}/overview").text
