"""Goals in a real browser: agreed at the desk, rated in one tap on a phone, with and without JavaScript."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from coord.application.case.commands import NameInCircle
from coord.application.goals.commands import (
    AgreeGoal,
    ChangeGoalStatus,
    ObserveGoal,
    OfferStrategy,
    ProposeGoal,
    ReviseGoal,
    ScoreAttainment,
)
from coord.application.goals.questions import ReadGoals
from coord.domain.actors import Actor
from coord.domain.case import GoalContent, ObservationContent
from coord.domain.case.goals import ScaleContent
from tests.browser.conftest import Live
from tests.browser.harness import NARROW, PHONE, OpenPage, assert_accessible, assert_accessible_in_each_look, until

STATEMENT = "In class, Zig copies a five-word sentence on the line"
LEVELS = {
    "−2, much less than expected": "Copies no word without a hand on his",
    "−1, less than expected": "Copies two words with prompts",
    "0, as expected": "Copies the sentence with two prompts",
    "+1, more than expected": "Copies it with one prompt",
    "+2, much more than expected": "Copies it without a prompt",
}


def at_work(live: Live, page: Page, person: Actor, to: str) -> Page:
    """Signed in and there."""
    live.sign_in(page, person, to)
    return page


def goals_page(live: Live) -> str:
    return f"/children/{live.child}/goals"


def propose(live: Live, statement: str = STATEMENT, *, scaled: bool = True) -> UUID:
    goal_id = uuid4()
    scale = ScaleContent(dict(zip((-2, -1, 0, 1, 2), LEVELS.values(), strict=True)), -1, 3, 2) if scaled else None
    content = GoalContent(
        statement,
        ["therapy", "school", "home"],
        condition="When the class copies",
        support="verbal",
        review_date=live.clock.now.date() + timedelta(days=2),
        audience="care-team-and-school",
        scale=scale,
    )
    live.services.doors.execute(live.ot, ProposeGoal(live.child, goal_id, content))
    return goal_id


def a_full_page(live: Live) -> tuple[UUID, UUID]:
    """Goals in every state that a page shows: rated in three places, put in other words, only proposed."""
    execute = live.services.doors.execute
    first, second = propose(live), propose(live, "Asks another child to play", scaled=False)
    propose(live, "Ties both laces")
    for goal in (first, second):
        execute(live.ot, AgreeGoal(live.child, goal, 1, [("Tove Dahl", "teacher")]))
        execute(live.ot, ChangeGoalStatus(live.child, goal, 2, "active"))
    for who, context, level in (
        (live.ot, "therapy", -1),
        (live.ot, "therapy", 1),
        (live.teacher, "school", -2),
        (live.teacher, "school", 0),
        (live.slt, "home", 0),
    ):
        live.clock.turn(days=1)
        content = ObservationContent(
            context, level, "verbal", "At the board", None, "mother" if context == "home" else ""
        )
        execute(who, ObserveGoal(live.child, first, uuid4(), content))
    execute(live.teacher, ObserveGoal(live.child, second, uuid4(), ObservationContent("school", None, "physical")))
    revised = GoalContent(
        "Asks another child to play, with words",
        ["school"],
        review_date=live.clock.now.date() + timedelta(days=30),
        audience="care-team-and-school",
    )
    execute(live.ot, ReviseGoal(live.child, second, 3, revised, "Words are next"))
    execute(live.slt, OfferStrategy(live.child, uuid4(), "Give the sentence in two halves", "school", first))
    execute(live.ot, ScoreAttainment(live.child, uuid4(), "therapy"))
    return first, second


def test_every_page_of_goals_is_accessible_in_every_look(live: Live, open_page: OpenPage):
    live.child  # noqa: B018
    first, second = a_full_page(live)
    seen = live.services.doors.ask(live.ot, ReadGoals(live.child)).goals[0].observations[0].id
    live.services.doors.execute(live.ot, NameInCircle(live.child, uuid4(), "Mia", "mother"))
    page = at_work(live, open_page(viewport=NARROW), live.ot, goals_page(live))
    goal = f"/goals/{first}"
    for place in (
        "/goals",
        "/goals/score/agreed",
        "/circle",
        goal,
        f"/goals/{second}",
        "/goals/new",
        *(f"{goal}/{name}" for name in ("edit", "agree", "status", "observe", "error", f"observations/{seen}/error")),
        "",
    ):
        page.goto(f"{live.base_url}/children/{live.child}{place}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.evaluate("document.querySelectorAll('main details').forEach((details) => { details.open = true; })")
        assert_accessible_in_each_look(page)
    page.goto(f"{live.base_url}/children/{live.child}/goals/new")
    page.get_by_role("button", name="Propose this goal").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert_accessible_in_each_look(page)
    page.context.close()
    teacher = at_work(live, open_page(viewport=NARROW), live.teacher, goals_page(live))
    assert_accessible_in_each_look(teacher)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_from_a_proposal_at_the_desk_to_emerging_by_a_tap_in_class(live: Live, open_page: OpenPage, javascript: bool):
    place = goals_page(live)
    # A therapist puts the goal into words and writes its scale before the work starts.
    ot = at_work(live, open_page(javascript=javascript), live.ot, place)
    ot.get_by_role("link", name="Propose a goal").click()
    ot.get_by_label("Goal", exact=True).fill(STATEMENT)
    where = ot.get_by_role("group", name="Where it should hold")
    where.get_by_label("Therapy").check()
    where.get_by_label("School").check()
    ot.get_by_label("With words").check()
    for level, words in LEVELS.items():
        ot.get_by_label(f"Level {level}").fill(words)
    ot.get_by_label("Level at the start").select_option("-1")
    ot.get_by_label("Care team and school").check()
    ot.get_by_role("button", name="Propose this goal").click()
    expect(ot.locator("#said")).to_contain_text("The goal is proposed.")
    # Family, child and teacher agree; one row more than the page had.
    ot.get_by_role("link", name="Write down who agreed").click()
    people = [("Mrs Zander", "guardian"), ("Zig", "child"), ("Tove Dahl", "teacher"), ("Ada Lind", "professional")]
    for i, (name, party) in enumerate(people):
        if i == 3:
            ot.get_by_role("button", name="Add another person", exact=True).last.click()
        ot.locator(f"#name-{i}").fill(name)
        ot.locator(f"#party-{i}").select_option(party)
    ot.get_by_role("button", name="Keep the agreement").click()
    expect(ot.locator("#agreements").locator("..")).to_contain_text("Mrs Zander (parent or guardian)")
    ot.get_by_role("button", name="Begin the work").click()
    expect(ot.locator("#said")).to_contain_text("The state of the goal has been changed.")
    # Twice in therapy: the second time the place is remembered.
    for again in (False, True):
        ot.get_by_role("link", name="Rate or observe").click()
        if again:
            expect(ot.get_by_role("radio", name="Therapy")).to_be_checked()
        else:
            ot.get_by_role("radio", name="Therapy").check()
        ot.get_by_role("radio", name="0 As expected").check()
        ot.get_by_role("radio", name="With words").check()
        ot.get_by_role("button", name="Keep what I saw").click()
        expect(ot.locator("#said")).to_contain_text("Kept. Thank you. 0, as expected, in therapy")
    ot.goto(live.base_url + place)
    row = ot.locator("table.coord-matrix tbody tr")
    expect(row).to_contain_text("Therapy only")
    expect(row).to_contain_text("Outside therapy it has not been shown yet.")

    # The teacher, on a phone, in class: one tap.
    phone = open_page(viewport=PHONE, javascript=javascript)
    teacher = at_work(live, phone, live.teacher, place)
    expect(teacher.locator(".coord-rate__button").first).to_be_in_viewport()  # without looking for it
    button = teacher.get_by_role("button", name="0 As expected")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.click()
    expect(teacher.locator("#said")).to_contain_text("Kept. Thank you. 0, as expected, at school")
    expect(teacher.locator("#said")).to_be_in_viewport()
    expect(teacher.get_by_role("button", name="Undo")).to_be_visible()
    if javascript:
        assert_accessible(teacher)

    # The matrix has moved, and shows why.
    ot.reload()
    expect(row).to_contain_text("Emerging")
    expect(row).to_contain_text("shown: 1 (the rule asks for 3); contexts: 1 (2); people who saw it: 1 (2)")
    row.get_by_role("link", name=re.compile(r"shown on 1 of 1 occasion\W+at school")).click()
    evidence = ot.locator("#context-school")
    expect(evidence).to_be_in_viewport()
    expect(evidence).to_contain_text("Tove Dahl, Teacher")
    ot.goto(f"{live.base_url}/children/{live.child}")
    expect(ot.locator("main")).to_contain_text("Tove Dahl, class teacher, observed: as expected, at school")


def test_a_slip_is_undone_in_one_tap(live: Live, open_page: OpenPage):
    a_full_page(live)
    page = at_work(live, open_page(viewport=PHONE), live.teacher, goals_page(live))
    page.get_by_role("button", name="+2 Much more than expected").first.click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#said")).to_contain_text("Undone.")
    assert live.services.doors.ask(live.ot, ReadGoals(live.child)).goals[0].level == 0


def test_the_chart_is_drawn_from_its_table_and_follows_the_readers_colours(live: Live, open_page: OpenPage):
    a_full_page(live)
    page = at_work(live, open_page(), live.ot, goals_page(live))
    chart = page.locator(".coord-chart").first
    canvas = chart.locator("canvas")
    expect(canvas).to_be_visible()
    expect(chart).to_have_attribute("aria-hidden", "true")
    expect(chart.locator("li")).to_have_text([re.compile("Therapy"), re.compile("School"), re.compile("Home")])
    by_day = canvas.evaluate("c => c.toDataURL()")
    page.emulate_media(color_scheme="dark")
    until(page, "before => document.querySelector('.coord-chart canvas').toDataURL() !== before", by_day)
    page.set_viewport_size(NARROW)
    until(page, "() => document.querySelector('.coord-chart canvas').getBoundingClientRect().width < 320")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")  # paper is white
    until(page, "() => document.documentElement.scrollWidth <= 320")


def test_without_a_script_the_table_says_it_all(live: Live, open_page: OpenPage):
    a_full_page(live)
    page = at_work(live, open_page(javascript=False), live.ot, goals_page(live))
    expect(page.locator(".coord-chart").first).to_be_hidden()
    page.locator("summary", has_text="5 ratings, in words").click()
    table = page.get_by_role("table", name=f"Levels over time: {STATEMENT}")
    expect(table.get_by_role("row")).to_have_count(6)
    expect(table).to_contain_text("+1, more than expected")
