"""The pages about who is around the child, who saw something, and the levels agreed at a review."""

import re
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import NameInCircle
from coord.application.case.questions import ReadCircle
from coord.application.goals.questions import ReadGoal, ReadGoals
from coord.domain.errors import Unavailable
from tests.aims import goal, seen
from tests.house import House, legible
from tests.web.pages.test_goals import Person


@pytest.fixture
def ot(house: House) -> Person:
    house.child  # noqa: B018 - made at the clock's present
    return Person(house, house.ot)


def send(who: Person, path: str, **fields: Any) -> Any:
    """Send a form of the page with its token; the page that comes of it."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', who.raw)
    assert token
    place = f"/children/{who.house.child}{path}"
    return who.client.client.post(place, data={"csrf_token": token[1], **fields}, follow_redirects=True)


def circle(house: House) -> Any:
    return house.services.doors.ask(house.ot, ReadCircle(house.child))


def observations(house: House, one: UUID) -> Any:
    return house.services.doors.ask(house.ot, ReadGoal(house.child, one)).observations


def test_somebody_is_named_put_right_and_taken_off_the_list(house: House, ot: Person):
    ot.open("/circle")
    assert "Nobody has been named yet." in ot.page
    answer = send(ot, "/circle", name="Mia", relation="")
    assert answer.status_code == 422
    assert 'value="Mia"' in answer.text
    assert 'href="#new-relation"' in answer.text
    answer = send(ot, "/circle", name="Mia", relation="mother")
    assert "They are in the list now" in answer.text
    (mia,) = circle(house).people
    answer = send(
        ot, f"/circle/{mia.id}", version="1", name="Mia Rossi", relation="mother", reason="in full", gone="yes"
    )
    assert "It is put right." in answer.text
    assert "Not in the list any more" in answer.text
    stale = send(ot, f"/circle/{mia.id}", version="1", name="Ines", relation="mother", reason="x")
    assert stale.status_code == 412
    assert 'value="Ines"' in stale.text


def test_a_typed_name_is_joined_and_taken_apart_again(house: House, ot: Person):
    one = goal(house)
    seen(house, one, house.ot, "home", 0, reported_by="Mum")
    house.services.doors.execute(house.ot, NameInCircle(house.child, UUID(int=5), "Mia", "mother"))
    ot.open("/circle")
    assert "Mum" in ot.page
    answer = send(ot, "/circle/names", written="Mum", person=str(UUID(int=5)))
    assert "is theirs now" in answer.text
    assert circle(house).typed[0].person == UUID(int=5)
    answer = send(ot, "/circle/names", written="Mum", person="")
    assert "nobody&#39;s name again" in answer.text or "nobody's name again" in answer.text
    assert circle(house).typed[0].person is None


def test_whose_a_typed_name_is_must_be_chosen_and_the_choice_comes_back(
    house: House, ot: Person, monkeypatch: pytest.MonkeyPatch
):
    one, mia = goal(house), UUID(int=5)
    for name in ("Dad", "Mum"):
        seen(house, one, house.ot, "home", 0, reported_by=name)
    house.services.doors.execute(house.ot, NameInCircle(house.child, mia, "Mia", "mother"))
    ot.open("/circle")
    answer = send(ot, "/circle/names", written="Mum", person="")
    assert answer.status_code == 422
    link = re.search(r'href="#([^"]+)">This is: Choose a person', answer.text)
    assert link
    own_form = answer.text.partition('name="written" value="Mum"')[2].partition("</form>")[0]
    assert f'id="{link[1]}"' in own_form
    assert 'id="said"' not in answer.text
    with monkeypatch.context() as doors:
        doors.setattr(type(house.services.record), "append", no_answer)
        answer = send(ot, "/circle/names", written="Mum", person=str(mia))
    assert answer.status_code == 503
    own_form = answer.text.partition('name="written" value="Mum"')[2].partition("</form>")[0]
    assert f'<option value="{mia}" selected>' in own_form
    assert all(name.person is None for name in circle(house).typed)


def no_answer(*_: Any, **__: Any) -> None:
    raise Unavailable


def test_who_saw_it_is_chosen_or_named_once_on_the_way(house: House, ot: Person):
    one = goal(house)
    place = f"/goals/{one}/observe"
    ot.open(place)
    assert "I saw it myself" in ot.page
    assert "Tove Dahl" in ot.page
    answer = send(ot, place, context="home", level="0", seen_by="other", reported_by="Mia", relation="")
    assert answer.status_code == 422
    assert "Choose what they are to the child" in answer.text
    assert 'value="Mia"' in answer.text
    answer = send(ot, place, context="", level="0", reported_by="Mia", relation="mother")  # the place is missing
    assert answer.status_code == 422
    (mia,) = circle(house).people
    assert re.search(rf'value="{mia.id}" checked', answer.text), "they are in the list by now, and chosen"
    send(ot, place, context="home", level="0", seen_by=str(mia.id))
    (o,) = observations(house, one)
    assert o.seen_by == {"known_as": "circle", "person": mia.id, "name": "Mia", "relation": "mother"}


def test_whoever_goes_back_and_names_another_means_another(house: House, ot: Person):
    place = f"/goals/{goal(house)}/observe"
    ot.open(place)
    typed = {"context": "", "level": "0", "relation": "other", "person_id": str(uuid4())}
    for name in ("Mia", "Mona"):  # the place is missing, so that the same form is sent again
        assert send(ot, place, reported_by=name, **typed).status_code == 422
    assert {one.name for one in circle(house).people} == {"Mia", "Mona"}


def test_an_observer_who_is_none_of_those_offered_is_not_taken_for_the_writer(house: House, ot: Person):
    one = goal(house)
    refused = send(ot.open(f"/goals/{one}/observe"), f"/goals/{one}/observe", context="home", level="0", seen_by="Mia")
    assert refused.status_code == 422
    assert "Who saw it: Choose one of the options" in refused.text
    assert observations(house, one) == []


def test_a_teacher_types_a_name_and_is_not_told_who_is_around_the_child(house: House):
    one = goal(house)
    house.services.doors.execute(house.ot, NameInCircle(house.child, UUID(int=5), "Mia", "mother"))
    teacher = Person(house, house.teacher)
    teacher.open(f"/goals/{one}/observe")
    assert "Mia" not in legible(teacher.page)
    send(teacher, f"/goals/{one}/observe", context="school", level="0", seen_by="other", reported_by="the aide")
    (o,) = observations(house, one)
    assert (o.seen_by["known_as"], o.reported_by) == ("written", "the aide")
    assert teacher.open("/circle").status == 403


def test_what_is_hardly_meant_is_asked_about_and_what_cannot_be_is_refused(house: House, ot: Person):
    one = goal(house)
    place = f"/goals/{one}/observe"
    ot.open(place)
    refused = send(ot, place, context="home", level="2", support="not-achieved")
    assert "cannot both be" in refused.text
    asked = send(ot, place, context="home", level="0", support="not-achieved", remark="with tears")
    answer = re.search(r'name="confirmed" type="checkbox" value="([^"]+)"', asked.text)
    assert answer
    assert "with tears" in asked.text
    send(ot, place, context="home", level="0", support="not-achieved", remark="with tears", confirmed=answer[1])
    (o,) = observations(house, one)
    assert [a["code"] for a in o.answered] == ["as-expected-and-not-achieved"]
    assert "asked about, and meant so" in ot.open(f"/goals/{one}").page


def test_levels_agreed_at_a_review_are_kept_with_who_agreed(house: House, ot: Person):
    one = goal(house)
    seen(house, one, house.ot, "therapy", -2)
    ot.open("/goals/score/agreed")
    assert "Latest: −2, much less than expected (in therapy, 10 Mar 2026, Ada Lind)" in ot.page
    level = f"level-{one}"
    typed: dict[str, Any] = {"on": "10/03/2026", "name.0": "Mia", "party.0": "guardian", level: "1"}

    def sent(action: str = "keep", **other: Any) -> Any:
        return send(ot, "/goals/score/agreed", action=action, **{**typed, **other})

    wrong = sent(on="some day")
    assert wrong.status_code == 422
    assert 'value="Mia"' in wrong.text
    assert re.search(rf'id="{level}[^"]*"[^>]*value="1" checked', wrong.text)
    assert "Enter at least one person who agreed" in sent(**{"name.0": "", "party.0": ""}).text
    assert sent("more").status_code == 200
    kept = sent()
    assert "Levels agreed on 10 March 2026 by: Mia (parent or guardian)." in kept.text
    (score,) = house.services.doors.ask(house.ot, ReadGoals(house.child)).scores
    assert (score.t, date.fromisoformat(score.basis["on"])) == (60, date(2026, 3, 10))
    assert Person(house, house.student).open("/goals/score/agreed").status == 403
