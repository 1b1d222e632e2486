"""A teacher's cards: what helps, a level in one tap, a line that is signed, and a page for who stands in."""

import html
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import CloseCase
from coord.application.goals.commands import AgreeGoal, ChangeGoalStatus, EndStrategy, ProposeGoal
from coord.application.goals.questions import ReadGoal
from coord.application.home.questions import ReadCaseload, ReadForSupply
from coord.application.notes.questions import ReadNote
from coord.application.summary.commands import PublishSummary, RecallSummary
from coord.domain.actors import Relation, Role
from coord.domain.case import GoalContent, SummaryContent
from coord.domain.errors import NotPermitted
from coord.persistence import open_stores
from coord.projections import Goals, Strategies, Summaries
from tests.aims import LEVELS, goal, seen, strategy
from tests.house import Client, House, answered
from tests.projections.test_following import stop
from tests.web.forms import Forms


def words(page: str) -> str:
    main = page.split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def advise(house: House, helps: Any = (), avoid: Any = (), **more: Any) -> None:
    """Publish a summary that says what helps and what to avoid, each a text or a text with what it rests on."""
    first = house.clock.now.date() + timedelta(days=more.get("valid_in", 0))
    sections = {"strengths": ["Loves trains"], "helps": helps, "avoid": avoid}
    statements = {name: [(one, []) if isinstance(one, str) else one for one in said] for name, said in sections.items()}
    content = SummaryContent(statements, "Ada, phone 555", first, first + timedelta(days=90))
    case_id = more.get("case_id") or house.child
    house.services.doors.execute(house.ot, PublishSummary(case_id, more.get("version", 0), content))


def card_of(page: str, address: str) -> dict[str, Any]:
    """What the card whose button leads to an address would send."""
    pupil = address.split("/")[2]
    (found,) = [form for form in Forms(page).forms if form["action"].startswith(f"/pupils/{pupil}/")]
    return dict(found["fields"])


def press(browser: Client, page: str, ending: str, **said: str) -> Any:
    """Fill in a card of a page and press the button (or one of those) that leads to such an address."""
    (address,) = set(re.findall(rf'action="(/pupils/[^"#]*{ending})[#"]', page))
    return browser.client.post(address, data={**card_of(page, address), **said})


def looks_since(house: House, before: int) -> list[dict[str, Any]]:
    return [one for one in house.services.access.page(limit=60) if one["id"] > before]


def last_look(house: House) -> int:
    return max((int(one["id"]) for one in house.services.access.page(limit=1)), default=0)


# ---- what a card shows -------------------------------------------------------------------------------------------


def test_a_card_says_what_helps_and_what_to_avoid_by_the_summary_in_force(house: House):
    advise(house, ["Give one step at a time"], ["“Hurry up”"])
    page = words(house.browser_of(house.teacher).get("/").text)
    assert "Helps Give one step at a time" in page
    assert "Avoid “Hurry up”" in page
    assert "555" not in page
    house.services.doors.execute(house.ot, RecallSummary(house.child, "Wrong child"))
    page = words(house.browser_of(house.teacher).get("/").text)
    assert "one step" not in page
    assert "Summary recalled" in page


def test_advice_that_was_ended_is_on_no_card_and_a_summary_for_a_later_day_is_not_either(house: House):
    ended = strategy(house, "Heavy work first.")
    advise(house, [("Carry the books first", [ended]), "Give one step at a time"])
    house.services.doors.execute(house.ot, EndStrategy(house.child, ended, "His back hurts"))
    advise(house, ["Sit him by the door"], version=1, valid_in=3)
    page = words(house.browser_of(house.teacher).get("/").text)
    assert "Give one step at a time" in page
    assert "books" not in page
    assert "May be out of date" in page
    assert "by the door" not in page
    house.clock.turn(days=3)
    assert "Sit him by the door" in words(house.browser_of(house.teacher).get("/").text)


def test_a_card_has_up_to_three_goals_that_are_shared_with_the_school_and_worked_on(house: House):
    names = [f"Goal number {n}." for n in range(4)]
    for name in names:
        goal(house, name)
    goal(house, "Goal of the team.", audience="care-team")
    goal(house, "Goal not agreed.", status="proposed")
    given_up = goal(house, "Goal given up.")
    house.services.doors.execute(house.ot, ChangeGoalStatus(house.child, given_up, 3, "stopped", "moved"))
    page = house.browser_of(house.teacher).get("/").text
    assert re.findall(r'coord-aim__goal">([^<]+)<', page) == names[:3]
    assert "Goals, and 1 more" in words(page)
    for hidden in ("of the team", "not agreed", "given up"):
        assert hidden not in page
    assert len(re.findall(r'<details class="coord-aim"[^>]* open>', page)) == 1
    for level in LEVELS.values():
        assert level in page
    assert not re.search(r"aria-pressed|checked|coord-aim__level--kept", page), "a finding that nobody made"


def test_the_cards_are_of_children_with_an_open_case_whom_the_teacher_knows(house: House):
    advise(house, ["Give one step at a time"])
    elsewhere = house.open_case("Bea", members=())
    advise(house, ["Let her sit in front"], case_id=elsewhere)
    answered(house.services.doors, house.ot, CloseCase(house.child, "Moved away"))
    page = words(house.browser_of(house.teacher).get("/").text)
    assert "one step" not in page
    assert "in front" not in page
    assert "1 closed case" in page
    assert house.services.doors.ask(house.teacher, ReadCaseload(cards=True)).cards == {}
    assert "one step" not in house.browser_of(house.teacher).get("/pupils/supply").text
    assert house.services.doors.ask(house.ot, ReadCaseload(cards=True)).cards == {}, "for teachers"


def test_what_a_card_shows_leaves_a_look_at_each_child_in_one_go(house: House):
    advise(house, ["Give one step at a time"])
    aim = goal(house)
    other = house.open_case("Bea")
    browser, before = house.browser_of(house.teacher), last_look(house)
    browser.get("/")
    (of_child,) = [x for x in looks_since(house, before) if x["case_id"] == house.child]
    assert of_child["purpose"] == "school"
    assert set(of_child["categories"].split()) == {"identity", "summary", "goals"}
    assert aim.hex in of_child["entries"]
    (of_other,) = [x for x in looks_since(house, before) if x["case_id"] == other]
    assert of_other["categories"] == "identity"


@pytest.mark.parametrize("stopped", [Summaries, Strategies, Goals])
def test_where_a_view_stands_still_nothing_is_shown_that_was_taken_back_since(house: House, stopped: Any):
    taken_back = strategy(house, "Heavy work first.")
    aim = goal(house, "Zig asks for a break.")
    advise(house, [("Carry the books first", [taken_back]), "Give one step at a time"])
    browser = house.browser_of(house.teacher)
    assert all(one in browser.get("/").text for one in ("books", "one step", "asks for a break"))
    if stopped is Summaries:
        act: Any = RecallSummary(house.child, "Wrong child")
    elif stopped is Strategies:
        act = EndStrategy(house.child, taken_back, "His back hurts")
    else:
        act = ChangeGoalStatus(house.child, aim, 3, "stopped", "moved")

    stores = open_stores(house.services.settings)
    stop(stores, stopped.NAME, house.clock.now)
    stores.close()
    house.services.doors.execute(house.ot, act)
    page = browser.get("/").text
    assert "incomplete" in words(page)
    gone = {Summaries: "one step", Strategies: "books", Goals: "asks for a break"}[stopped]
    assert gone not in page


def test_a_summary_recalled_before_its_day_while_its_view_stands_still_hides_no_other(house: House):
    advise(house, ["Give one step at a time"])
    house.summary(version=1, valid_in=3)
    browser = house.browser_of(house.teacher)
    browser.get("/")
    stores = open_stores(house.services.settings)
    stop(stores, "summary", house.clock.now)
    stores.close()
    house.services.doors.execute(house.ot, RecallSummary(house.child, "too early", 2))
    house.clock.turn(days=3)
    assert "Give one step at a time" in house.browser_of(house.teacher).get("/").text


# ---- a level in one tap ------------------------------------------------------------------------------------------


def observations(house: House, aim: UUID) -> Any:
    return house.services.doors.ask(house.teacher, ReadGoal(house.child, aim)).observations


def test_a_level_is_kept_with_one_tap_and_undone_with_another(house: House):
    aim = goal(house)
    browser = house.browser_of(house.teacher)
    answer = press(browser, browser.get("/").text, "/level", level="1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/#said")
    (kept,) = observations(house, aim)
    assert (kept.level, kept.context, kept.support, kept.observer["name"]) == (1, "school", "", "Tove Dahl")
    page = browser.get("/").text
    assert "Kept just now: +1, more than expected" in words(page)
    assert re.search(r'coord-aim__level--kept"[^>]* name="level" value="1">', page)
    assert "Kept just now" not in words(browser.get("/").text), "said once"
    assert press(browser, page, "/undo").status_code == 303
    assert "Undone" in words(browser.get("/").text)
    (marked,) = observations(house, aim)
    assert marked.marked == "A slip, taken back"
    assert press(browser, page, "/undo").status_code == 303, "undone twice is undone"


def test_of_what_somebody_else_kept_the_card_says_nothing(house: House):
    aim = goal(house)
    own, others = (seen(house, aim, who, "school", 1) for who in (house.teacher, house.ot))
    ask = house.services.doors.ask
    assert ask(house.teacher, ReadCaseload(cards=True, kept=(aim, own))).kept.level == 1
    assert ask(house.teacher, ReadCaseload(cards=True, kept=(aim, others))).kept is None
    assert ask(house.teacher, ReadCaseload(cards=True, kept=(uuid4(), own))).kept is None


def test_a_level_that_is_sent_twice_is_one_and_another_from_the_same_form_is_asked_about(house: House):
    aim = goal(house)
    browser = house.browser_of(house.teacher)
    page = browser.get("/").text
    for _ in range(2):
        assert press(browser, page, "/level", level="0").status_code == 303
    assert len(observations(house, aim)) == 1
    again = press(browser, page, "/level", level="2")
    assert again.status_code == 422
    assert "You have kept something from this card already" in words(again.text)
    assert press(browser, again.text, "/level", level="2").status_code == 303
    assert [one.level for one in observations(house, aim)] == [2, 0]


def test_of_a_goal_without_a_scale_the_help_is_tapped(house: House):
    aim = goal_without_scale(house)
    browser = house.browser_of(house.teacher)
    assert press(browser, browser.get("/").text, "/level", support="verbal").status_code == 303
    (kept,) = observations(house, aim)
    assert (kept.level, kept.support) == (None, "verbal")
    assert "Kept just now: with words" in words(browser.get("/").text)


def goal_without_scale(house: House) -> UUID:
    aim, review = uuid4(), house.clock.now.date() + timedelta(days=80)
    content = GoalContent("Zig waits.", ["school"], review_date=review, audience="care-team-and-school")
    house.services.doors.execute(house.ot, ProposeGoal(house.child, aim, content))
    house.services.doors.execute(house.ot, AgreeGoal(house.child, aim, 1, [("Mia, mother", "guardian")]))
    return aim


@pytest.mark.parametrize("level", ["", "7", "many"])
def test_what_is_no_level_is_refused_at_the_card(house: House, level: str):
    aim = goal(house)
    browser = house.browser_of(house.teacher)
    answer = press(browser, browser.get("/").text, "/level", level=level)
    assert answer.status_code == 422
    assert "There is a problem" in words(answer.text)
    assert re.search(rf'id="goal-{aim}" open>', answer.text)
    assert observations(house, aim) == []


def test_nobody_rates_a_goal_of_a_child_whom_they_do_not_teach(house: House):
    aim = goal(house)
    other = house.person("Tom Ek", Role.TEACHER, team="Lake School")
    mine = house.open_case("Bea", members=((other, Relation.CLASS_TEACHER),))
    browser = house.browser_of(other)
    page = browser.get("/").text
    token = card_of(page, f"/pupils/{mine}/observation")["csrf_token"]
    for case in (house.child, mine):
        answer = browser.client.post(f"/pupils/{case}/goals/{aim}/level", data={"csrf_token": token, "level": "1"})
        assert answer.status_code == 404
    assert observations(house, aim) == []


# ---- a line ------------------------------------------------------------------------------------------------------


def note_of(house: House, page: str) -> Any:
    (found,) = set(re.findall(rf'/children/{house.child}/notes/([0-9a-f-]{{36}})"', page))
    return house.services.doors.ask(house.teacher, ReadNote(house.child, UUID(found))).note


def test_a_line_and_how_it_went_are_signed_at_school_and_now(house: House):
    house.child  # noqa: B018 - made now
    browser = house.browser_of(house.teacher)
    answer = press(browser, browser.get("/").text, "/observation", line="Put the box away himself.", how="went-well")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/#said")
    page = browser.get("/").text
    assert "Signed just now." in words(page)
    note = note_of(house, page)
    assert (note.format, note.sections) == ("school-observation", {"observed": "Went well: Put the box away himself."})
    assert (note.setting, note.audience, note.status) == ("school", "care-team", "signed")
    assert note.observed_from == house.clock.now
    assert press(browser, page, "/undo").status_code == 303
    assert house.services.doors.ask(house.teacher, ReadNote(house.child, note.id)).note.status == "entered-in-error"


def test_the_words_before_the_line_are_in_the_language_of_who_signs_it(house: House):
    house.child  # noqa: B018 - made now
    browser = house.browser_of(house.teacher)
    browser.post("/account/language", {"language": "it"}, form_on="/")
    press(browser, browser.get("/").text, "/observation", line="Dieci parole.", how="hard")
    note = note_of(house, browser.get("/").text)
    assert note.sections == {"observed": "Difficile: Dieci parole."}


def test_a_line_that_is_sent_twice_is_one_note_though_time_has_passed(house: House):
    house.child  # noqa: B018 - made now
    browser = house.browser_of(house.teacher)
    page = browser.get("/").text
    for _ in range(2):
        assert press(browser, page, "/observation", line="Ten words.", how="mixed").status_code == 303
        house.clock.turn(minutes=1)
    head = house.services.record.head()
    other = press(browser, page, "/observation", line="Eleven words.", how="mixed")
    assert other.status_code == 422
    assert "You have kept something from this card already" in words(other.text)
    assert "Eleven words." in other.text
    assert house.services.record.head() == head
    assert press(browser, other.text, "/observation", how="mixed").status_code == 303


@pytest.mark.parametrize(("line", "how"), [("", "hard"), ("  ", "hard"), ("Ten words.", ""), ("Ten words.", "so-so")])
def test_without_a_line_or_a_button_nothing_is_signed_and_the_card_says_so(house: House, line: str, how: str):
    other = house.open_case("Bea")
    house.child  # noqa: B018 - made now
    browser = house.browser_of(house.teacher)
    head = house.services.record.head()
    answer = press(browser, browser.get("/").text, f"{house.child}/observation", line=line, how=how)
    assert answer.status_code == 422
    card = answer.text.split(f'id="pupil-{house.child}"')[1]
    assert "There is a problem" in card
    assert "There is a problem" not in answer.text.split(f'id="pupil-{other}"')[1].split("</li>")[0]
    assert card_of(answer.text, f"/pupils/{house.child}/observation")["line"] == [f"\n{line}"]
    assert house.services.record.head() == head


def test_a_line_whose_case_was_closed_meanwhile_comes_back_with_every_word_and_why(house: House):
    house.child  # noqa: B018 - made now
    browser = house.browser_of(house.teacher)
    page = browser.get("/").text
    house.clock.turn(minutes=1)
    answered(house.services.doors, house.ot, CloseCase(house.child, "Moved away"))
    house.clock.turn(minutes=1)
    answer = press(browser, page, "/observation", line="Ten words.", how="mixed")
    assert answer.status_code == 409
    assert "Ten words." in answer.text
    assert "closed" in words(answer.text)


def test_the_same_words_once_more_are_asked_about_once(house: House):
    house.child  # noqa: B018 - made now
    browser = house.browser_of(house.teacher)
    press(browser, browser.get("/").text, "/observation", line="Ten words.", how="mixed")
    house.clock.turn(minutes=20)
    asked = press(browser, browser.get("/").text, "/observation", line="Ten words.", how="mixed")
    assert asked.status_code == 422
    (tick,) = re.findall(r'name="confirmed" type="checkbox" value="([^"]+)"', asked.text)
    assert press(browser, asked.text, "/observation", how="mixed", confirmed=tick).status_code == 303


def test_a_line_that_was_typed_is_still_there_after_a_level_was_tapped_or_undone(house: House):
    aim = goal(house)
    browser = house.browser_of(house.teacher)
    kept = press(browser, browser.get("/").text, "/level", level="1", line="Ten words.")
    assert kept.status_code == 200
    assert "Kept just now: +1" in words(kept.text)
    assert kept.text.count('data-unsaved="yes"') == 1, "who leaves is asked first"
    undone = press(browser, kept.text, "/undo")
    assert undone.status_code == 200
    assert "Undone" in words(undone.text)
    refused = press(browser, undone.text, "/level", level="many")
    assert refused.status_code == 422
    assert press(browser, refused.text, "/observation", how="went-well").status_code == 303
    assert note_of(house, browser.get("/").text).sections == {"observed": "Went well: Ten words."}
    (marked,) = observations(house, aim)
    assert marked.marked


def test_two_goals_of_a_card_are_rated_one_after_the_other_from_one_page(house: House):
    first, second = goal(house, "Zig asks for a break."), goal(house, "Zig waits.")
    browser = house.browser_of(house.teacher)
    page = browser.get("/").text
    for aim in (first, second):
        assert press(browser, page, f"{aim}/level", level="0").status_code == 303
        assert [one.level for one in observations(house, aim)] == [0]


# ---- for who stands in -------------------------------------------------------------------------------------------


def test_the_page_for_a_supply_teacher_has_the_least_that_helps_and_who_printed_it(house: House):
    advise(house, ["Give one step at a time"], ["“Hurry up”"])
    goal(house, "Zig asks for a break.")
    other = house.open_case("Bea", school_class="3A")
    advise(house, ["Let her sit in front"], case_id=other)
    house.open_case("Cal")
    unknown = house.open_case("Dot", members=())
    advise(house, ["Nobody knows"], case_id=unknown)
    browser = house.browser_of(house.teacher)
    page = words(browser.get("/pupils/supply").text)
    for said in ("Zig", "Give one step at a time", "“Hurry up”", "Bea", "Let her sit in front"):
        assert said in page
    assert "Cal 2B There is no summary for the school at present." in page
    assert "Printed by Tove Dahl, 10 Mar 2026, 10:00." in page
    assert "Good until Tuesday, 17 March 2026." in page
    for hidden in ("Zander", "555", "trains", "break", "Nobody knows", "Dot"):
        assert hidden not in page
    one = words(browser.get("/pupils/supply?school=Hill+School&class=2B").text)
    assert "Give one step" in one
    assert "sit in front" not in one


def test_a_printed_page_is_good_until_the_first_review_and_a_week_at_most(house: House):
    house.summary(review_in=3)
    house.summary(case_id=house.open_case("Bea"), review_in=60)
    browser = house.browser_of(house.teacher)
    assert "Good until Friday, 13 March 2026." in words(browser.get("/pupils/supply").text)
    house.clock.turn(days=4)
    page = words(house.browser_of(house.teacher).get("/pupils/supply").text)
    assert "Good until Saturday, 21 March 2026." in page
    assert "What helps here may be out of date. Ask before you rely on it." in page


def test_a_printed_page_is_a_look_at_each_child_on_it(house: House):
    advise(house, ["Give one step at a time"])
    other = house.open_case("Bea", school_class="3A")
    browser, before = house.browser_of(house.teacher), last_look(house)
    browser.get("/pupils/supply?school=Hill+School&class=2B")
    looks = [x for x in looks_since(house, before) if x["case_id"] is not None]
    assert [(x["case_id"], x["kind"], x["purpose"], x["categories"]) for x in looks] == [
        (house.child, "ReadForSupply", "export", "identity summary")
    ]
    assert other not in {x["case_id"] for x in looks}
    history = words(house.browser_of(house.lead).get(f"/children/{house.child}/history").text)
    assert "Opened the page for a supply teacher" in history


def test_the_page_for_a_supply_teacher_is_for_teachers_alone(house: House):
    house.child  # noqa: B018 - made now
    for person in (house.ot, house.student, house.lead, house.admin):
        assert house.browser_of(person).get("/pupils/supply").status_code == 403
        with pytest.raises(NotPermitted):
            house.services.doors.ask(person, ReadForSupply())
