"""The library in pages: found, read, printed, written and improved, without JavaScript; nothing typed is lost."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError

from coord.application.activities.commands import RetireActivity, ReviseActivity
from coord.application.activities.questions import ReadActivity
from coord.domain.activity import FIELDS, ActivityContent
from tests.house import House

TYPED: dict[str, Any] = {
    "title": "Rain on the roof",
    "purpose": "Listening together.",
    "kinds": ["therapeutic-play", "sensory-integration"],
    "skills": ["attention", "social"],
    "icf": ["d7"],
    "age_from": "3",
    "age_to": "6",
    "cognitive": "low",
    "motor": "moderate",
    "communication": "low",
    "materials": "A tin tray\r\n\r\nA cup of <rice>\r\n",
    "watch": "Rice on the floor",
    "steps": "Sit down.\r\nLet it rain.",
}


def form(**changes: Any) -> dict[str, Any]:
    return {"activity_id": str(uuid4()), **TYPED, **changes}


def path_of(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_an_activity_is_written_and_read_as_a_sheet(house: House):
    ot = house.browser_of(house.ot)
    sent = form()
    path = path_of(ot.post("/activities/new", sent))
    assert path == f"/activities/{sent['activity_id']}"
    page = ot.get(path).text
    assert "The activity is in the library." in page
    for words in (
        "Therapeutic play, Sensory integration (ASI-informed)",
        "3 to 6 years",
        "Cognitive: low. Motor: moderate. Communication: low.",
        "A cup of &lt;rice&gt;",
        "d7 Interpersonal interactions and relationships",
        "Fidelity is rated for each child, and is not claimed here.",
        "Written, version 1",
    ):
        assert words in page, words
    assert re.search(r'<ol class="nhsuk-list nhsuk-list--number">\s*<li>Sit down.</li>\s*<li>Let it rain.</li>', page)
    assert "The activity is in the library." not in ot.get(path).text  # said once
    assert path_of(ot.post("/activities/new", sent)) == path  # sent twice is written once


def test_what_is_wrong_is_said_at_its_field_and_everything_typed_stays(house: House):
    ot = house.browser_of(house.ot)
    answer = ot.post(
        "/activities/new",
        form(title="", age_from="three", age_to="40", kinds=["choir"], steps="Sit.\r\n" + "x" * 501, motor=""),
    )
    assert answer.status_code == 422
    page = answer.text
    assert "<title>Error: Write an activity" in page
    for text, target in (
        ("Title: Enter this", "title"),
        ("Age from: Enter a whole number", "age_from"),
        ("Age to: This must be from 0 to 18", "age_to"),
        ("Kinds of group: Choose one of the options", "kinds"),
        ("Motor demands: Enter this", "motor"),
        ("Steps: Line 2: This is too long: at most 500 characters", "steps"),
    ):
        assert f'<a href="#{target}">{text}</a>' in page, text
        assert f'id="{target}"' in page
    for kept in ('value="three"', 'value="40"', "A cup of &lt;rice&gt;", "x" * 501, "Listening together."):
        assert kept in page
    assert re.search(r'value="attention"[^>]*checked', page)
    assert not re.search(r'href="/activities/[0-9a-f-]{36}"', ot.get("/activities").text)


def test_an_id_that_was_used_for_another_activity_is_replaced_and_the_second_try_succeeds(house: House):
    ot = house.browser_of(house.ot)
    answer = ot.post("/activities/new", form(activity_id=str(house.activity("Wind"))))
    assert answer.status_code == 422
    assert "An activity was written from this form already." in answer.text
    new = re.search(r'name="activity_id" value="([^"]+)"', answer.text)
    assert new
    path_of(ot.post("/activities/new", form(activity_id=new[1])))


def current(house: House, activity: UUID) -> ActivityContent:
    found = house.services.doors.ask(house.ot, ReadActivity(activity)).activity
    return ActivityContent(**{name: found[name] for name in FIELDS})


def test_a_revision_shows_what_was_changed_and_why(house: House):
    ot = house.browser_of(house.ot)
    path = path_of(ot.post("/activities/new", form()))
    page = ot.get(f"{path}/revise").text
    assert 'name="expected_version" value="1"' in page
    assert "A tin tray\nA cup of &lt;rice&gt;" in page
    changed = form(steps="Sit down.\r\nLet it pour.", motor="low", expected_version="1", reason="It poured")
    assert path_of(ot.post(f"{path}/revise", changed)) == path
    page = ot.get(path).text
    assert "Revised, version 2" in page
    assert "Reason: It poured" in page
    assert re.search(r"<del>.*rain</del>\s*<ins>.*pour</ins>", page)
    assert re.search(r"<del>.*Moderate</del>\s*<ins>.*Low</ins>", page)
    assert "Read version 1" in page
    assert "Read version 2" not in page


def test_somebody_who_was_slower_sees_what_stands_now_and_keeps_their_words(house: House):
    ot = house.browser_of(house.ot)
    path = path_of(ot.post("/activities/new", form()))
    activity = UUID(path.rsplit("/", 1)[1])
    content = current(house, activity)
    faster = ReviseActivity(activity, 1, replace(content, purpose="Hearing the rain."), "clearer")
    house.services.doors.execute(house.lead, faster)
    mine = form(purpose="Listening and waiting.", expected_version="1", reason="mine")
    answer = ot.post(f"{path}/revise", mine)
    assert answer.status_code == 412
    assert "It was changed in the meantime" in answer.text
    stands = answer.text.split("What stands now, where it is not what you typed")[1].split("</dl>")[0]
    assert "Hearing the rain." in stands
    assert "Rain on the roof" not in stands
    assert "Listening and waiting." in answer.text
    assert 'name="expected_version" value="2"' in answer.text
    path_of(ot.post(f"{path}/revise", {**mine, "expected_version": "2"}))


def test_out_of_use_and_in_use_again_with_a_reason(house: House):
    ot, activity = house.browser_of(house.ot), house.activity("Rain")
    path = f"/activities/{activity}"
    refused = ot.post(f"{path}/retire", {"reason": " ", "expected_version": "1"})
    assert refused.status_code == 422
    assert '<a href="#reason">Reason: Enter this</a>' in refused.text
    path_of(ot.post(f"{path}/retire", {"reason": "No rice", "expected_version": "1"}))
    page = ot.get(path).text
    assert "This activity is out of use. Reason: No rice" in page
    assert "Revise this activity" not in page
    assert "No activity fits this." in ot.get("/activities?q=rain").text
    assert "Out of use" in ot.get("/activities?q=rain&status=all").text
    again = ot.post(f"{path}/retire", {"reason": "No rice", "expected_version": "2"})
    assert again.status_code == 409
    assert "This activity is out of use" in again.text
    path_of(ot.post(f"{path}/restore", {"reason": "Rice", "expected_version": "2"}))
    assert "1 activity" in ot.get("/activities?q=rain").text


def test_filters_stand_in_the_address_and_a_wrong_one_is_said(house: House):
    for number in range(22):
        house.activity(f"Rain {number:02}", age_from=3, age_to=4 if number else 9)
    student = house.browser_of(house.student)
    page = student.get("/activities").text
    assert "22 activities" in page
    assert "Write an activity" not in page
    following = re.search(r'class="nhsuk-button[^"]*" href="(/activities\?cursor=[^"]+)" hx-get', page)
    assert following
    rest = student.get(following[1].replace("&amp;", "&")).text
    assert re.findall(r">(Rain \d\d)<", rest) == ["Rain 20", "Rain 21"]
    page = student.get("/activities?age=8&kind=therapeutic-play&motor=low").text
    assert re.findall(r">(Rain \d\d)<", page) == ["Rain 00"]
    assert 'value="8"' in page
    assert re.search(r"<details[^>]* open>", page)
    wrong = student.get("/activities?age=eight&kind=choir")
    assert wrong.status_code == 422
    assert "Age of a child: Enter a whole number" in wrong.text
    assert "Kind of group: Choose one of the options" in wrong.text
    assert student.get("/activities?cursor=x").status_code == 422


def test_who_may_not_see_the_library_is_told_so_and_who_may_not_write_gets_no_form(house: House):
    path = f"/activities/{house.activity('Rain')}"
    for person in (house.teacher, house.admin):
        client = house.browser_of(person)
        assert [client.get(p).status_code for p in ("/activities", path, "/activities/new")] == [403] * 3
        assert 'href="/activities"' not in client.get("/account").text
    student = house.browser_of(house.student)
    assert student.get(path).status_code == 200
    assert "What you can do" not in student.get(path).text
    for form_page in ("/activities/new", f"{path}/revise", f"{path}/retire", f"{path}/restore"):
        assert student.get(form_page).status_code == 403
    assert student.post("/activities/new", form(), form_on="/activities").status_code == 403
    assert house.browser_of(house.ot).get(f"/activities/{uuid4()}").status_code == 404
    assert house.browser_of(None).get("/activities").status_code == 303
    away = house.app.test_client().get("/activities", headers={"HX-Request": "true"})
    assert away.headers["HX-Redirect"] == "/activities"


def test_a_store_that_is_down_loses_no_word(house: House, monkeypatch: pytest.MonkeyPatch):
    ot, path = house.browser_of(house.ot), f"/activities/{house.activity('Rain')}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', ot.get(f"{path}/revise").text)
    assert token

    def down(*_: Any, **__: Any) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(house.services.record, "append", down)
    monkeypatch.setattr(house.services.access, "record", down)
    sent = {"csrf_token": token[1], **form(expected_version="1", reason="It poured")}
    for address in (f"{path}/revise", "/activities/new"):
        answer = ot.client.post(address, data=sent)
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers
        assert "It poured" in answer.text or "Let it rain." in answer.text


def test_the_audit_says_what_was_done_to_the_library(house: House):
    activity = house.activity("Rain")
    house.services.doors.execute(house.ot, RetireActivity(activity, "No rice"))
    house.services.doors.ask(house.ot, ReadActivity(activity))
    page = house.browser_of(house.lead).get("/audit").text
    for words in ("Activity written", "Activity taken out of use", "No rice", "Read an activity"):
        assert words in page
    assert str(activity) not in page


# --- what comes along ---------------------------------------------------------------------------------------------


def test_an_empty_library_offers_the_activities_that_come_along(house: House):
    lead = house.browser_of(house.lead)
    page = lead.get("/activities").text
    assert page.index("Load them in English") < page.index("Load them in Italian"), "the clinic's comes first"
    answer = lead.post("/activities/shipped", {"language": "en"}, form_on="/activities")
    assert path_of(answer) == "/activities"
    page = lead.get("/activities").text
    assert "The activities that come with Coord are in the library." in page
    assert "30 activities" in page
    assert "Boat race" in page
    assert "Load them" not in page
    (boats,) = re.findall(r'href="/activities/([0-9a-f-]+)">Boat race', page)
    answer = house.services.doors.ask(house.ot, ReadActivity(UUID(boats)))
    assert [(c["what"], c["by"]["person"]) for c in answer.changes] == [("written", str(house.lead.person_id))]
    # Sent twice, it is there once.
    head = house.services.record.head()
    path_of(lead.post("/activities/shipped", {"language": "it"}, form_on="/activities/new"))
    assert house.services.record.head() == head


def test_they_come_in_the_language_of_the_clinic_unless_another_is_asked_for(house: House):
    ot = house.browser_of(house.ot)
    path_of(ot.post("/activities/shipped", {"language": "it"}, form_on="/activities"))
    assert "La regata" in ot.get("/activities?q=regata").text


@pytest.mark.parametrize("language", ["", "de", "../en"])
def test_a_language_that_is_none_is_that_of_the_clinic(house: House, language: str):
    ot = house.browser_of(house.ot)
    path_of(ot.post("/activities/shipped", {"language": language}, form_on="/activities"))
    assert "Boat race" in ot.get("/activities").text


@pytest.mark.parametrize("who", ["teacher", "student", "admin"])
def test_who_may_not_write_activities_is_not_offered_them(house: House, who: str):
    browser = house.browser_of(getattr(house, who))
    assert "Load them" not in browser.get("/activities").text
    head = house.services.record.head()
    assert browser.post("/activities/shipped", {"language": "en"}, form_on="/account").status_code in (403, 404)
    assert house.services.record.head() == head
