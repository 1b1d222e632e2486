"""What helps: offered in plain words, told in one tap whether it did, ended with a reason; each reader their part."""

import re
from typing import Any
from uuid import uuid4

import pytest

from coord.application.case.commands import CloseCase
from coord.application.goals.commands import EndStrategy, EnterTrialInError
from coord.application.goals.questions import ReadGoals
from coord.domain.actors import Actor
from coord.domain.errors import Stale
from coord.persistence import open_stores
from tests.aims import goal, strategy, tried
from tests.house import House, answered
from tests.projections.test_following import stop
from tests.web.forms import Forms


def url(house: House, more: str = "") -> str:
    return f"/children/{house.child}/strategies{more}"


def text_of(answer: Any) -> str:
    """A page as it reads, without its marks."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", f"<main{main}"))


def strategies(house: House, who: Actor | None = None) -> Any:
    return house.services.doors.ask(who or house.ot, ReadGoals(house.child, ended=True)).strategies


def test_strategies_stand_by_context_with_their_goal_and_who_offered_them(house: House):
    aim = goal(house, "Zig asks for a break.")
    strategy(house, "Wait for ten seconds.", "school", goal=aim)
    strategy(house, "Lay out the clothes.", "home", by=house.slt)
    page = text_of(house.browser_of(house.psychologist).get(url(house)))
    assert page.index("At home") < page.index("Lay out the clothes.") < page.index("In class")
    assert "For the goal: Zig asks for a break." in page
    assert "Sol Berg, Speech and language therapy · 10 Mar 2026" in page
    assert page.count("Nobody has told yet whether it helps.") == 2
    assert "In therapy" not in page


def test_a_teacher_sees_and_answers_those_for_school_alone(house: House):
    closed = goal(house, "A goal of the clinic.", audience="care-team")
    strategy(house, "Wait for ten seconds.", "school", goal=closed)
    at_home = strategy(house, "Lay out the clothes.", "home")
    teacher = house.browser_of(house.teacher)
    page = teacher.get(url(house))
    assert "Wait for ten seconds." in page.text
    assert "clothes" not in page.text
    assert "goal of the clinic" not in page.text
    assert url(house, "/offer") not in page.text
    assert "Advise it no longer" not in page.text
    assert teacher.get(url(house, "/offer")).status_code == 403
    assert teacher.get(url(house, f"/{at_home}/end")).status_code == 403
    told = {"outcome": "helped", "trial_id": str(uuid4())}
    assert teacher.post(url(house, f"/{at_home}/tell"), told, form_on=url(house)).status_code == 404


def test_the_familys_page_holds_what_is_advised_for_home_and_nothing_else_of_the_record(house: House):
    aim = goal(house, "Zig asks for a break.")
    at_home = strategy(house, "Lay out the clothes.", "home", goal=aim, by=house.slt)
    tried(house, at_home, house.slt, remark="Father was tired of it.")
    strategy(house, "Count the steps.", "community")
    strategy(house, "Wait for ten seconds.", "school")
    gone = strategy(house, "Sing loudly.", "home")
    house.services.doors.execute(house.ot, EndStrategy(house.child, gone, "Too loud"))
    ot = house.browser_of(house.ot)
    assert url(house, "/family") in ot.get(url(house)).text
    page = text_of(ot.get(url(house, "/family")))
    assert page.index("At home") < page.index("Lay out the clothes.") < page.index("Out and about")
    assert "Sol Berg, Speech and language therapy" in page
    for other in ("Wait for ten seconds.", "Sing loudly.", "Father was tired", "asks for a break"):
        assert other not in page
    teacher = house.browser_of(house.teacher)
    assert url(house, "/family") not in teacher.get(url(house)).text
    assert teacher.get(url(house, "/family")).status_code == 403
    assert house.browser_of(house.stranger).get(url(house, "/family")).status_code == 404


def test_who_does_not_know_the_child_finds_nothing(house: House):
    offered = strategy(house)
    for who in (house.stranger, house.admin):
        client = house.browser_of(who)
        for more in ("", "/offer", f"/{offered}/end"):
            assert client.get(url(house, more)).status_code == 404
        assert client.post(url(house, f"/{offered}/tell"), {"outcome": "helped"}, form_on="/account").status_code == 404


@pytest.mark.parametrize(
    ("outcome", "thanks", "counted"),
    [
        ("helped", "Thank you: it helped.", "Tried: helped once."),
        ("did-not", "Thank you: it did not help.", "Tried: did not once."),
        ("not-yet", "Thank you: not tried yet.", "Tried: not tried yet, said once."),
    ],
)
def test_one_tap_tells_what_came_of_it(house: House, outcome: str, thanks: str, counted: str):
    offered = strategy(house)
    teacher = house.browser_of(house.teacher)
    answer = teacher.post(url(house, f"/{offered}/tell"), {"outcome": outcome}, form_on=url(house))
    assert answer.status_code == 303
    assert answer.location.endswith(f"/strategies#strategy-{offered}")
    page = text_of(teacher.get(url(house)))
    assert thanks in page
    assert counted in page
    assert "Tove Dahl (Teacher)" in text_of(house.browser_of(house.ot).get(url(house)))


def test_what_came_of_it_is_counted(house: House):
    offered = strategy(house)
    for outcome in ("helped", "helped", "helped", "did-not"):
        tried(house, offered, house.teacher, outcome, "in maths")
    page = text_of(house.browser_of(house.ot).get(url(house)))
    assert "Tried: helped 3 times, did not once." in page
    assert page.count("in maths") == 4


def test_a_tap_sent_twice_is_one_report(house: House):
    offered = strategy(house)
    teacher = house.browser_of(house.teacher)
    told = {"outcome": "helped", "trial_id": str(uuid4())}
    for _ in range(2):
        assert teacher.post(url(house, f"/{offered}/tell"), told, form_on=url(house)).status_code == 303
    assert strategies(house)[0].counts == {"helped": 1, "did-not": 0, "not-yet": 0}


def test_a_remark_that_is_too_long_stays_with_what_is_wrong(house: House):
    offered = strategy(house)
    remark = "very " * 300
    answer = house.browser_of(house.teacher).post(
        url(house, f"/{offered}/tell"), {"outcome": "helped", "remark": remark}, form_on=url(house)
    )
    assert answer.status_code == 422
    assert "Remark: This is too long: at most 1000 characters" in text_of(answer)
    assert remark in answer.text
    assert f'href="#strategy-{offered}-remark"' in answer.text


def test_a_tap_leads_back_to_where_it_was_made_and_never_off_the_site(house: House):
    offered = strategy(house)
    client = house.browser_of(house.ot)
    for wanted, leads_to in ((f"/children/{house.child}", f"/children/{house.child}"), ("https://example.org/", "/")):
        told = {"outcome": "helped", "next": wanted, "trial_id": str(uuid4())}
        assert client.post(url(house, f"/{offered}/tell"), told, form_on=url(house)).location == leads_to


def test_one_is_offered_from_the_form_for_a_context_and_a_goal(house: House):
    aim = goal(house)
    client = house.browser_of(house.slt)
    form = client.get(url(house, f"/offer?context=school&goal={aim}")).text
    assert re.search(r'value="school"[^>]*checked', form)
    assert f'<option value="{aim}" selected' in form
    answer = client.post(
        url(house, "/offer"), {"text": "Give one step at a time.", "context": "school", "goal": str(aim)}
    )
    assert answer.status_code == 303
    assert "Give one step at a time." in house.browser_of(house.teacher).get(url(house)).text
    assert strategies(house)[0].goal_id == aim


def test_a_form_sent_twice_offers_one(house: House):
    client = house.browser_of(house.ot)
    typed = {"text": "Wait.", "context": "home", "goal": "", "strategy_id": str(uuid4())}
    for _ in range(2):
        assert client.post(url(house, "/offer"), typed).status_code == 303
    assert len(strategies(house)) == 1
    changed = client.post(url(house, "/offer"), {**typed, "text": "Wait longer."})
    assert "This form was sent before, with other words" in text_of(changed)
    assert typed["strategy_id"] not in changed.text
    assert "Wait longer.</textarea>" in changed.text


def test_what_is_wrong_is_named_and_what_was_typed_stays(house: House):
    client = house.browser_of(house.ot)
    answer = client.post(url(house, "/offer"), {"text": "Wait for ten.", "context": "", "goal": "no id"})
    assert answer.status_code == 422
    assert "Goal: There is no such goal" in text_of(answer)
    assert "Wait for ten.</textarea>" in answer.text
    answer = client.post(url(house, "/offer"), {"text": " ", "context": "moon", "goal": ""})
    assert "What to try: Enter this" in text_of(answer)
    assert "Where: Choose one of the options" in text_of(answer)
    assert 'href="#context"' in answer.text
    assert 'id="context"' in answer.text


def test_a_goal_that_one_may_not_read_is_none(house: House):
    hidden = goal(house, "A quiet fear.", by=house.psychologist, audience="own-discipline")
    client = house.browser_of(house.ot)
    assert "quiet fear" not in client.get(url(house, "/offer")).text
    answer = client.post(url(house, "/offer"), {"text": "Wait.", "context": "home", "goal": str(hidden)})
    assert "There is no such goal" in text_of(answer)


def test_the_hint_says_how_easy_it_is_to_read(house: House):
    client = house.browser_of(house.ot)
    hard = "Endeavour to facilitate proprioceptive regulation utilising individualised accommodations " * 3
    answer = client.post(url(house, "/reading-hint"), {"text": hard}, form_on=url(house, "/offer"))
    assert "takes a busy reader some effort" in answer.text
    assert "a few sentences" in client.get(url(house, "/offer")).text


def test_one_is_ended_with_a_reason_that_the_school_does_not_get(house: House):
    offered = strategy(house)
    client = house.browser_of(house.slt)
    form = url(house, f"/{offered}/end")
    assert form in client.get(url(house)).text
    assert "Why: Enter this" not in client.get(form).text
    refused = client.post(form, {"reason": "", "expected_version": "1"})
    assert "Why: Enter this" in text_of(refused)
    assert client.post(form, {"reason": "It made him anxious.", "expected_version": "1"}).status_code == 303
    page = text_of(client.get(url(house)))
    assert "No longer advised (1)" in page
    assert "Reason: It made him anxious." in page
    assert "Did it help?" not in page
    assert "Nothing is advised at present." in page
    assert "Nothing has been offered" not in page
    teacher = house.browser_of(house.teacher)
    assert "No longer advised" in teacher.get(url(house)).text
    assert "anxious" not in teacher.get(url(house)).text
    late = teacher.post(url(house, f"/{offered}/tell"), {"outcome": "helped"}, form_on="/account")
    assert late.status_code == 409
    assert "This strategy was ended." in text_of(late)
    told = {"outcome": "helped", "remark": "In maths"}
    assert "In maths</textarea>" in teacher.post(url(house, f"/{offered}/tell"), told, form_on="/account").text
    assert client.post(form, {"reason": "again"}, form_on=url(house, "/offer")).status_code == 303


def test_what_was_told_by_mistake_counts_no_more_and_is_seen_by_who_told_it_and_the_lead(house: House):
    offered = strategy(house)
    slip = tried(house, offered, house.teacher, "did-not", "He cried all morning.")
    tried(house, offered, house.teacher, "helped", "in maths")
    mistake = url(house, f"/{offered}/trials/{slip}/error")
    teacher, ot, lead = (house.browser_of(who) for who in (house.teacher, house.ot, house.lead))
    assert "Tried: helped once, did not once." in text_of(ot.get(url(house)))
    assert mistake in teacher.get(url(house)).text
    assert mistake not in ot.get(url(house)).text
    assert ot.get(mistake).status_code == 403
    assert teacher.post(mistake, {"reason": "It was another child"}).status_code == 303
    for of_it in (f"/children/{house.child}", url(house), f"/children/{house.child}/summary/edit"):
        assert "He cried all morning." not in ot.get(of_it).text
    assert "Tried: helped once." in text_of(ot.get(url(house)))
    assert "It did not help" not in ot.get(f"/children/{house.child}/summary/edit").text
    for knows in (teacher, lead):
        page = text_of(knows.get(url(house)))
        assert "Tried: helped once." in page
        assert "He cried all morning. Entered in error It was another child" in page
    assert mistake not in lead.get(url(house)).text
    assert ot.get(mistake).status_code == 404
    assert ot.post(mistake, {"reason": "Yes"}, form_on="/account").status_code == 404
    history = text_of(lead.get(f"/children/{house.child}/history"))
    assert "Report of a strategy marked as entered in error" in history


def test_what_a_teacher_may_not_read_is_no_mistake_that_they_could_find(house: House):
    offered = strategy(house)
    learnt = tried(house, offered, house.student, "did-not")
    at_home = strategy(house, "Lay out the clothes.", "home")
    theirs = tried(house, at_home, house.ot)
    teacher = house.browser_of(house.teacher)
    for way in (f"/{offered}/trials/{learnt}/error", f"/{at_home}/trials/{theirs}/error"):
        assert teacher.get(url(house, way)).status_code == 404
        assert teacher.post(url(house, way), {"reason": "x"}, form_on="/account").status_code == 404


def test_a_mistake_of_ended_advice_is_taken_back_in_a_closed_case_while_the_view_stands_still(house: House):
    offered = strategy(house)
    slip = tried(house, offered, house.teacher, "did-not")
    house.services.doors.execute(house.ot, EndStrategy(house.child, offered, "Too loud"))
    answered(house.services.doors, house.ot, CloseCase(house.child, "moved away"))
    assert strategies(house)[0].counts["did-not"] == 1
    stores = open_stores(house.services.settings)
    stop(stores, "strategies", house.clock.now)
    stores.close()
    house.services.doors.execute(house.lead, EnterTrialInError(house.child, offered, slip, "Asked her: a slip"))
    assert strategies(house)[0].trials == []
    assert strategies(house)[0].counts["did-not"] == 0


def test_ending_advice_of_which_a_colleague_just_told_asks_anew_with_what_was_told(house: House):
    offered = strategy(house)
    browser, page = house.browser_of(house.ot), url(house, f"/{offered}/end")
    (form,) = [one for one in Forms(browser.get(page).text).forms if one["action"] == page]
    tried(house, offered, house.teacher, remark="Dressed alone on three days.")
    again = browser.client.post(page, data={**form["fields"], "reason": "Nobody tries it"})
    assert again.status_code == 412
    for words in ("It was changed in the meantime", "Dressed alone on three days.", "Nobody tries it"):
        assert words in text_of(again), words
    assert strategies(house)[0].status == "offered"
    (form,) = [one for one in Forms(again.text).forms if one["action"] == page]
    assert browser.client.post(page, data=form["fields"]).status_code == 303


def test_what_was_told_and_taken_back_counts_and_a_teacher_is_told_no_version(house: House):
    offered = strategy(house)
    seen = strategies(house)[0].version
    slip = tried(house, offered, house.teacher)
    house.services.doors.execute(house.teacher, EnterTrialInError(house.child, offered, slip, "a slip"))
    assert (seen, strategies(house)[0].version) == (1, 3)
    with pytest.raises(Stale):
        house.services.doors.execute(house.ot, EndStrategy(house.child, offered, "x", expected_version=2))
    house.services.doors.execute(house.ot, EndStrategy(house.child, offered, "x", expected_version=3))
    assert [line.version for line in strategies(house)] == [4]
    assert [line.version for line in strategies(house, house.teacher)] == [None]


def test_nothing_is_written_in_a_closed_case(house: House):
    offered = strategy(house)
    answered(house.services.doors, house.ot, CloseCase(house.child, "moved away"))
    client = house.browser_of(house.ot)
    page = text_of(client.get(url(house)))
    assert "The case is closed" in page
    assert "Did it help?" not in page
    assert "Offer something" not in page
    answer = client.post(url(house, "/offer"), {"text": "Wait.", "context": "home", "goal": ""})
    assert answer.status_code == 409
    assert "Wait.</textarea>" in answer.text
    house.services.doors.execute(house.ot, EndStrategy(house.child, offered, "no more"))  # what was written can end
