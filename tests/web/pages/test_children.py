"""The timeline, the care team and the details of a child."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import CloseCase, CorrectDetails, RemoveFromTeam
from coord.application.case.questions import ReadCase
from coord.application.history.questions import ReadHistory
from coord.application.notes.commands import (
    AddAddendum,
    AmendNote,
    ChangeNoteAudience,
    CosignNote,
    EnterNoteInError,
    SaveDraft,
)
from coord.application.people.commands import ChangePersonRole
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.case.notes import LATE_AFTER
from coord.domain.errors import NotFound, Unavailable
from coord.web.local_time import typed_day
from tests.house import House, answered, legible
from tests.web.pages.test_home import words

SOAP = {"subjective": "He says", "objective": "I saw", "assessment": "I think", "plan": "We go on"}


@pytest.fixture
def timeline(house: House) -> str:
    return f"/children/{house.child}"


def case(house: House, person: Actor | None = None) -> Any:
    return house.services.doors.ask(person or house.ot, ReadCase(house.child))


# ---- the timeline


def test_every_section_is_shown_with_who_when_and_for_whom(either_house: House):
    house = either_house
    note = house.note(house.ot, format="soap", sections=SOAP, setting="home", present=["Grandmother"])
    page = house.browser_of(house.psychologist).get(f"/children/{house.child}")
    assert page.status_code == 200
    text = words(page.text)
    places = [text.rindex(part) for part in SOAP.values()]  # the first sentence of one is the headline too
    assert places == sorted(places)
    for part in (
        "SOAP · Home",
        "Ada Lind, Therapist, Occupational therapy",
        "10 Mar 2026, 09:00",
        "Present: Grandmother",
    ):
        assert part in text
    assert f'href="/children/{house.child}/notes/{note}"' in page.text
    assert "Late entry" not in text


def test_the_four_times_stay_apart(house: House, timeline: str):
    house.note(
        house.ot,
        observed_from=datetime(2026, 3, 9, 22, 30, tzinfo=UTC),
        observed_to=datetime(2026, 3, 9, 23, 30, tzinfo=UTC),
    )
    text = words(house.browser_of(house.ot).get(timeline).text)
    assert "Observed 9 Mar 2026, 23:30 to 10 Mar 2026, 00:30" in text
    for name in ("Written down", "Signed", "Received by Coord"):
        assert f"{name} 10 Mar 2026, 10:00" in text


def test_a_late_entry_is_labelled(house: House, timeline: str):
    house.note(house.ot, "just in time", observed_from=house.clock.now - LATE_AFTER)
    browser = house.browser_of(house.ot)
    assert "Late entry" not in browser.get(timeline).text
    house.note(house.ot, "late", observed_from=house.clock.now - LATE_AFTER - timedelta(minutes=1))
    assert browser.get(timeline).text.count("Late entry") == 1


def test_amendments_addenda_and_cosignatures_are_marked(house: House, timeline: str):
    execute = house.services.doors.execute
    note = house.note(house.student, "first words")
    browser = house.browser_of(house.slt)
    assert "Awaiting co-signature" in browser.get(timeline).text
    execute(house.student, AmendNote(house.child, note, 1, {"text": "second words"}, "better"))
    execute(house.ot, CosignNote(house.child, note))
    execute(house.psychologist, AddAddendum(house.child, note, uuid4(), "also at home"))
    text = words(browser.get(timeline).text)
    assert "Awaiting co-signature" not in text
    assert "Co-signed by Ada Lind" in text
    assert "Amended, version 2" in text
    assert "second words" in text
    assert "first words" not in text
    assert "1 addendum" in text
    assert "also at home Pia Holm, Therapist, Psychology" in text


def test_other_entries_stand_quietly_among_the_notes(house: House, timeline: str):
    house.summary()
    answered(house.services.doors, house.ot, RemoveFromTeam(house.child, house.student.person_id))
    page = house.browser_of(house.ot).get(timeline).text
    text = words(page)
    assert "Case opened" in text
    assert "Sol Berg joined the care team: Speech and language therapist" in text
    assert "Stig Moe left the care team" in text
    assert "School summary published, version 1" in text
    assert page.count("coord-timeline__entry--quiet") == len(re.findall('coord-timeline__entry[ "]', page)) == 8


def test_what_was_entered_in_error_is_hidden(house: House, timeline: str):
    note = house.note(house.ot, "of another child")
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, note, "Wrong child"))
    for person in (house.ot, house.slt, house.lead):
        assert "of another child" not in house.browser_of(person).get(timeline).text


def test_a_teacher_sees_what_is_shared_and_their_own(house: House, timeline: str):
    house.note(house.ot, "for the team")
    shared = house.note(house.ot, "for the school too", audience="care-team-and-school")
    house.note(house.teacher, "my own eyes", audience="care-team")
    browser = house.browser_of(house.teacher)
    page = browser.get(timeline).text
    assert "for the school too" in page
    assert "my own eyes" in page
    assert "for the team" not in page
    assert "Write an observation" in page
    assert "/history" not in page
    assert "No entry fits" in words(browser.get(timeline, query_string={"q": "for the team"}).text)
    house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, shared, "care-team"))
    assert "for the school too" not in browser.get(timeline).text


def test_a_strangers_child_does_not_exist(house: House, timeline: str):
    browser = house.browser_of(house.stranger)
    nobody = browser.get(f"/children/{uuid4()}")
    for path in ("", "/team", "/team/add", "/details", "/close", "/reopen", f"/team/{house.ot.person_id}/remove"):
        page = browser.get(timeline + path)
        assert page.status_code == 404, path
        assert "Zig" not in legible(page.text), path
        assert words(page.text) == words(nobody.text)


def test_only_the_team_lead_is_led_to_the_history(house: House, timeline: str):
    assert f"{timeline}/history" in house.browser_of(house.lead).get(timeline).text
    assert f"{timeline}/history" not in house.browser_of(house.ot).get(timeline).text


def test_filters(house: House, timeline: str):
    now = house.clock.now
    texts = {
        "aaa": house.note(house.ot, "aaa", setting="home", observed_from=now - timedelta(days=1)),
        "bbb": house.note(house.slt, "bbb", setting="school", observed_from=now - timedelta(days=2)),
        "ccc": house.note(house.psychologist, "ccc così", setting="school", observed_from=now - timedelta(days=3)),
    }
    browser = house.browser_of(house.ot)

    def found(**query: str) -> str:
        page = browser.get(timeline, query_string=query)
        assert page.status_code == 200
        return "".join(sorted(t[0] for t, note in texts.items() if f"entry-{note}" in page.text))

    assert found() == "abc"
    assert found(discipline="slt") == "b"
    assert found(setting="school") == "bc"
    assert found(author=str(house.psychologist.person_id)) == "c"
    assert found(kind="note") == "abc"
    assert found(kind="team") == ""
    assert found(q="COSI") == "c"
    assert found(**{"from": "2026-03-08"}) == "ab"
    assert found(to="8/3/2026") == "bc"
    assert found(**{"from": "2026-03-08", "to": "2026-03-08"}) == "b"
    assert found(setting="school", q="bbb") == "b"
    page = words(browser.get(timeline, query_string={"q": "bbb", "setting": "school"}).text)
    assert "Only entries with: Words: bbb ; Where it happened: School ." in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "tomorrow"}, "From: Enter a real date"),
        ({"to": "2026-02-30"}, "To: Enter a real date"),
        ({"from": "2026-03-05", "to": "2026-03-04"}, "To: This must not be before the start"),
        ({"to": "9999-12-31", "from": "0001-01-01"}, ""),
        ({"kind": "nonsense"}, "Kind of entry: Choose one of the options"),
        ({"author": "me"}, "Written by: Choose a person from the list"),
        ({"q": "\x00"}, "Words: This holds characters that cannot be stored"),
        ({"cursor": "zzz"}, "This is not the cursor of a page"),
        ({"as_of": "2027-01-01"}, "As known on: This cannot be in the future"),
        ({"as_of": "2026-03-10", "as_of_time": "10:01"}, "As known on: This cannot be in the future"),
        ({"as_of": "2026-03-01", "as_of_time": "25:00"}, "At: Enter a time like 14:30"),
        ({"as_of_time": "12:00"}, "As known on: Enter this"),
        (
            {"as_of": "2025-03-30", "as_of_time": "02:30"},
            "At: On 30 March 2025 the clocks went forward from 02:00",
        ),
    ],
)
def test_a_search_that_makes_no_sense_is_explained_and_kept(
    house: House, timeline: str, query: dict[str, str], said: str
):
    note = house.note(house.ot)
    answer = house.browser_of(house.ot).get(timeline, query_string=query)
    if not said:  # the whole calendar
        assert answer.status_code in (200, 422)
        return
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert f"entry-{note}" not in answer.text
    assert "<title>Error: " in answer.text
    for name, value in query.items():
        if name not in ("cursor", "q", "kind", "author"):
            assert f'value="{typed_day(value)}"' in answer.text, name


def test_who_wrote_it_stays_chosen_when_they_are_not_on_the_team_any_more(house: House, timeline: str):
    author = str(house.stranger.person_id)
    page = house.browser_of(house.ot).get(timeline, query_string={"author": author}).text
    assert f'<option value="{author}" selected>Somebody else</option>' in page
    assert "Only entries with: Written by: Somebody else ." in words(page)


def test_as_known_at_a_date(house: House, timeline: str):
    note = house.note(house.ot, "as it was")
    house.clock.turn(days=2)
    house.services.doors.execute(house.ot, AmendNote(house.child, note, 1, {"text": "as it is"}, "wrong word"))
    browser = house.browser_of(house.ot)
    assert "as it is" in browser.get(timeline).text
    page = browser.get(timeline, query_string={"as_of": "2026-03-10", "as_of_time": "18:00"}).text
    assert "as it was" in page
    assert "as it is" not in page
    assert "As known on 10 March 2026, 18:00" in words(page)
    assert f"/notes/{note}" not in page  # the note's page shows it as it is now
    assert "As known on 11 March 2026, 23:59" in words(browser.get(timeline, query_string={"as_of": "2026-03-11"}).text)
    assert "As known on 12 March 2026, 10:00" in words(browser.get(timeline, query_string={"as_of": "2026-03-12"}).text)
    before = browser.get(timeline, query_string={"as_of": "2026-03-01"}).text
    assert f"entry-{note}" not in before
    assert "Nothing was known here at that time" in words(before)


def test_a_late_entry_that_stands_further_down_is_shown_on_top_once(house: House, timeline: str):
    for day in range(21):
        house.note(house.slt, observed_from=house.clock.now - timedelta(days=day, hours=1))
    client = house.browser_of(house.ot)
    assert "New since your last visit" not in client.get(timeline).text
    house.clock.turn(minutes=1)
    late = house.note(house.slt, "Written late.", observed_from=house.clock.now - timedelta(days=40))
    page = client.get(timeline).text
    assert "New since your last visit, about earlier days" in page
    assert "Written late." in page
    assert f'id="new-{late}"' in page
    house.clock.turn(minutes=1)
    assert "Written late." not in client.get(timeline).text


def test_older_entries_page_by_page_none_lost_none_twice(house: House, timeline: str):
    notes = {house.note(house.ot, f"day {d}", observed_from=house.clock.now - timedelta(days=d)) for d in range(45)}
    browser = house.browser_of(house.ot)
    seen: list[str] = []
    path: str | None = timeline + "?kind=note"
    pages = 0
    while path:
        page = browser.get(path).text
        pages += 1
        seen += re.findall(r'id="entry-([^"]+)"', page)
        more = re.search(r'href="([^"]+)" hx-get', page)
        path = more[1].replace("&amp;", "&") if more else None
        assert path is None or "kind=note" in path
    assert pages == 3
    assert sorted(seen) == sorted(str(n) for n in notes)


def test_a_page_inside_the_page_leads_to_the_sign_in_when_the_sitting_is_over(house: House, timeline: str):
    browser = house.browser_of(house.ot)
    house.clock.turn(hours=13)
    answer = browser.get(timeline, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == timeline
    assert answer.text == ""


def test_a_closed_case_is_read_only(house: House, timeline: str):
    answered(house.services.doors, house.ot, CloseCase(house.child, "Moved to another town"))
    text = words(house.browser_of(house.ot).get(timeline).text)
    assert "This case is closed" in text
    assert "Moved to another town" in text


def test_nothing_that_somebody_wrote_becomes_markup(house: House, timeline: str):
    house.note(house.ot, "<script>alert(1)</script>", present=["<i>x"])
    page = house.browser_of(house.ot).get(timeline).text
    assert "<script>alert" not in page
    assert "<i>x" not in page
    assert "&lt;script&gt;" in page


# ---- opening a case

NEW = {
    "preferred_name": "Mia", "full_name": "Mia Ek", "birth_date": "4 5 2020",
    "languages": "Swedish, English ", "school": "Hill School", "school_class": "1A",
}  # fmt: skip


def test_a_therapist_opens_a_case_and_is_on_the_team(either_house: House):
    house = either_house
    browser = house.browser_of(house.ot)
    answer = browser.post("/children/new", {**NEW, "case_id": str(uuid4())})
    assert answer.status_code == 303
    page = words(browser.get(answer.headers["Location"]).text)
    for part in (
        "The case is open",
        "Mia Ek",
        "4 May 2020",
        "Swedish, English",
        "North",
        "Ada Lind Occupational",
    ):
        assert part in page, part


def test_the_same_form_sent_twice_is_one_case(house: House):
    browser = house.browser_of(house.ot)
    once = {**NEW, "case_id": str(uuid4())}
    first, second = (browser.post("/children/new", once).headers["Location"] for _ in range(2))
    assert first == second
    other = browser.post("/children/new", {**once, "preferred_name": "Ulf"})
    assert other.status_code == 422
    assert "opened from this form already" in words(other.text)
    assert once["case_id"] not in other.text
    assert 'value="Ulf"' in other.text


def test_what_is_wrong_with_a_new_case_is_said_beside_it(house: House):
    browser = house.browser_of(house.ot)
    answer = browser.post("/children/new", {**NEW, "preferred_name": "", "birth_date": "4 13 2020"})
    text = words(answer.text)
    assert answer.status_code == 422
    assert "Preferred name: Enter this" in text
    assert "Date of birth: Enter a real date" in text
    assert 'href="#preferred_name"' in answer.text
    assert 'href="#birth_date"' in answer.text
    assert 'value="4 13 2020"' in answer.text
    assert 'value="Swedish, English "' in answer.text
    future = browser.post("/children/new", {**NEW, "birth_date": "4 5 2030"})
    assert "Date of birth: This cannot be in the future" in words(future.text)


@pytest.mark.parametrize("who", ["student", "teacher", "admin"])
def test_others_do_not_open_cases(house: House, who: str):
    person = getattr(house, who)
    assert "/children/new" not in house.browser_of(person).get("/", follow_redirects=True).text
    assert house.browser_of(person).post("/children/new", NEW, form_on="/account").status_code == 403


# ---- details


def test_details_are_corrected_with_a_reason(house: House, timeline: str):
    browser = house.browser_of(house.ot)
    form = browser.get(f"{timeline}/details").text
    fields = re.findall(r"<input[^>]*>", form.split("<main")[1].split("</main>")[0])
    values = {re.search('name="([^"]*)', f)[1]: re.search('value="([^"]*)', f)[1] for f in fields}  # type: ignore[index]
    answer = browser.post(f"{timeline}/details", {**values, "school_class": "3C", "reason": "Moved up"})
    assert answer.status_code == 303
    assert case(house).details["school_class"] == "3C"
    change = house.services.doors.ask(house.lead, ReadHistory(house.child)).items
    corrected = next(i for i in change if i["kind"] == "case.details-corrected")
    assert corrected["after"] == {"school_class": "3C"}
    assert corrected["before"] == {"school_class": "2B"}


def test_a_correction_needs_a_reason(house: House, timeline: str):
    browser = house.browser_of(house.ot)
    sent = {**NEW, "preferred_name": "Sig", "expected_version": "1", "reason": ""}
    answer = browser.post(f"{timeline}/details", sent)
    assert answer.status_code == 422
    assert "Reason: Enter this" in words(answer.text)
    assert 'value="Sig"' in answer.text
    assert case(house).details["preferred_name"] == "Zig"


def test_somebody_else_was_faster(house: House, timeline: str):
    change = CorrectDetails(house.child, 1, {"school_class": "9Z"}, "Promoted")
    house.services.doors.execute(house.lead, change)
    browser = house.browser_of(house.ot)
    sent = {**NEW, "preferred_name": "Sig", "expected_version": "1", "reason": "Family told us"}
    answer = browser.post(f"{timeline}/details", sent)
    text = words(answer.text)
    assert answer.status_code == 412
    assert "It was changed in the meantime" in text
    assert "Class: 9Z" in text
    assert 'value="Sig"' in answer.text
    assert "Family told us" in answer.text
    assert case(house).details["preferred_name"] == "Zig"
    assert browser.post(f"{timeline}/details", {**sent, "expected_version": "2"}).status_code == 303


def test_the_service_team_is_the_leads_to_change(house: House, timeline: str):
    assert 'name="team"' not in house.browser_of(house.ot).get(f"{timeline}/details").text
    browser = house.browser_of(house.ot)
    sent = {**NEW, "team": "South", "expected_version": "1", "reason": "x"}
    assert browser.post(f"{timeline}/details", sent).status_code == 303
    assert case(house).details["team"] == "North"
    lead = house.browser_of(house.lead)
    assert 'name="team"' in lead.get(f"{timeline}/details").text
    sent |= {"expected_version": "2"}
    assert lead.post(f"{timeline}/details", sent).status_code == 422  # nobody leads it
    house.person("Sam Ost", Role.TEAM_LEAD, team="South")
    assert lead.post(f"{timeline}/details", sent).status_code == 303
    assert case(house).details["team"] == "South"


def test_a_case_goes_to_no_team_without_a_lead(house: House, timeline: str):
    house.person("Mo Rask", Role.THERAPIST, Discipline.OT, team="Orchard Team")
    lead = house.browser_of(house.lead)
    sent = {**NEW, "preferred_name": "Sig", "expected_version": "1", "reason": "They moved"}
    answer = lead.post(f"{timeline}/details", {**sent, "team": "Orchard Team"})
    assert answer.status_code == 422
    assert 'href="#team">Service team: Nobody leads a team Orchard Team, so nobody would answer' in answer.text
    for typed in ('value="Orchard Team"', 'value="Sig"', "They moved"):
        assert typed in answer.text
    house.person("Ola Moe", Role.TEAM_LEAD, team="Orchard Team")
    near = lead.post(f"{timeline}/details", {**sent, "team": "Orchad Team"})
    assert near.status_code == 422
    assert "Did you mean Orchard Team?" in near.text
    assert case(house).details["team"] == "North"
    # Spaces, capitals and accents make no other team.
    assert lead.post(f"{timeline}/details", {**sent, "team": "òrchard  team"}).status_code == 303
    assert case(house).details["team"] == "Orchard Team"


def test_who_has_no_team_opens_a_case_in_one_that_has_a_lead(house: House):
    house.lead  # noqa: B018 - there is a lead, of North
    person = house.person("Ola Free", Role.ADMINISTRATOR, team="")
    house.services.doors.execute(house.admin, ChangePersonRole(person.person_id, Role.THERAPIST, Discipline.OT))
    free, sent = house.browser_of(person), {**NEW, "team": "Lighthouse", "case_id": str(uuid4())}
    answer = free.post("/children/new", sent)
    assert answer.status_code == 422
    assert "Nobody leads a team Lighthouse" in answer.text
    for typed in ('value="Lighthouse"', 'value="Mia Ek"', 'value="4 5 2020"', sent["case_id"]):
        assert typed in answer.text
    assert free.post("/children/new", {**sent, "team": "north"}).status_code == 303
    opened = house.services.doors.ask(house.lead, ReadCase(UUID(sent["case_id"])))
    assert opened.details["team"] == "North"


def test_a_new_clinic_opens_its_first_cases_before_anybody_leads(house: House):
    assert house.browser_of(house.ot).post("/children/new", {**NEW, "case_id": str(uuid4())}).status_code == 303


# ---- the care team


def test_who_may_not_change_the_care_team_is_not_led_to_a_form_for_it(house: House):
    assert house.browser_of(house.student).get(f"/children/{house.child}/team/add").status_code == 403
    assert house.browser_of(house.ot).get(f"/children/{house.child}/team/add").status_code == 200


def test_somebody_is_added_and_taken_off(house: House, timeline: str):
    browser = house.browser_of(house.ot)
    form = browser.get(f"{timeline}/team/add").text
    assert "Una Rask" not in form
    person = house.stranger
    assert "Una Rask, Therapist, Occupational therapy, North" in browser.get(f"{timeline}/team/add").text
    sent = {"person": str(person.person_id), "relation": "occupational-therapist", "since": "", "until": ""}
    assert browser.post(f"{timeline}/team/add", sent).status_code == 303
    assert house.browser_of(person).get(timeline).status_code == 200
    remove = f"{timeline}/team/{person.person_id}/remove"
    assert "Take Una Rask off the care team?" in words(browser.get(remove).text)
    assert case(house, person)  # asking is not doing
    assert browser.post(remove).status_code == 303
    assert house.browser_of(person).get(timeline).status_code == 404
    gone = house.browser_of(house.ot)
    assert gone.post(remove, form_on=f"{timeline}/team/add").status_code == 303  # twice is no fault


def test_what_is_wrong_with_an_addition_is_said_and_nothing_done(house: House, timeline: str):
    browser = house.browser_of(house.ot)
    person = str(house.stranger.person_id)
    before = len(case(house).members)
    for sent, said in (
        ({"person": "", "relation": ""}, "Person: Choose a person from the list"),
        ({"person": person, "relation": "uncle"}, "What they are to the child: Choose one of the options"),
        ({"person": person, "relation": "class-teacher"}, "This relation does not fit the person's role"),
        ({"person": person, "relation": "coordinator", "since": "soon"}, "From: Enter a real date"),
        ({"person": person, "relation": "coordinator", "until": "1/4"}, "Until: Enter a real date"),
        (
            {"person": person, "relation": "coordinator", "since": "02/04/2026", "until": "01/04/2026"},
            "Until: This must not be before the start",
        ),
        ({"person": str(uuid4()), "relation": "coordinator"}, "Person: Choose a person from the list"),
    ):
        answer = browser.post(f"{timeline}/team/add", sent)
        assert answer.status_code == 422, said
        assert said in words(answer.text), said
        for name, value in sent.items():
            assert f'value="{value}"' in answer.text or value == "uncle", name
    assert len(case(house).members) == before


def test_what_is_wrong_with_a_change_of_a_stay_is_said_all_at_once(house: House, timeline: str):
    path = f"{timeline}/team/{house.slt.person_id}/change"
    answer = house.browser_of(house.ot).post(path, {"until": "soon", "relation": "", "start": "31/2/2026"})
    assert answer.status_code == 422
    for name, said in (
        ("until", "Until: Enter a real date"),
        ("relation", "What they are to the child: Choose one of the options"),
        ("start", "From which day: Enter a real date"),
    ):
        assert f'<a href="#{name}">{said}' in answer.text
    for typed in ("soon", "31/2/2026"):
        assert f'value="{typed}"' in answer.text


def test_the_team_page_says_who_is_there_today(house: House, timeline: str):
    browser = house.browser_of(house.ot)
    sent = {
        "person": str(house.stranger.person_id),
        "relation": "coordinator",
        "since": "2026-03-12",
        "until": "2026-03-20",
    }
    assert browser.post(f"{timeline}/team/add", sent).status_code == 303
    before, row = words(browser.get(f"{timeline}/team").text).split("Una Rask", 1)
    assert "To come" in before
    assert "12 Mar 2026" in row[:150]
    assert "20 Mar 2026" in row[:150]
    change = f"{timeline}/team/{house.stranger.person_id}/change?since=2026-03-12"
    with house.app.test_request_context():
        assert f'value="{typed_day("2026-03-20")}"' in browser.get(change).text
    wrong = browser.post(change, {"until": "1 3 2026", "relation": "coordinator", "start": ""})
    assert wrong.status_code == 422
    assert "Until: This must not be before the start" in words(wrong.text)
    assert browser.post(change, {"until": "25 3 2026", "relation": "coordinator", "start": ""}).status_code == 303
    assert "25 Mar 2026" in words(browser.get(f"{timeline}/team").text)
    house.clock.turn(days=2)
    page = house.browser_of(house.ot).get(f"{timeline}/team").text
    assert "To come" not in words(page).split("Una Rask")[0]
    assert f"/team/{house.stranger.person_id}/remove" in page
    house.clock.turn(days=20)
    later = house.browser_of(house.ot).get(f"{timeline}/team").text
    assert "1 earlier stay on the care team" in words(later)
    assert f"/team/{house.stranger.person_id}/" not in later  # over by itself, and it stays in sight


def test_a_page_names_what_is_left_behind_before_it_is_done(house: House, timeline: str):
    house.note(house.student)
    body = {"format": "narrative", "sections": {"text": "Never signed"}}
    draft = uuid4()
    house.services.doors.execute(house.slt, SaveDraft(house.child, draft, "note", body))
    lead, remove = house.browser_of(house.lead), f"{timeline}/team/{house.slt.person_id}/remove"
    page = lead.get(remove).text
    assert "This is left behind: 1 unsigned draft. Hand it over first if you can" in words(page)
    again = lead.post(remove)
    assert again.status_code == 422
    assert "1 unsigned draft" in words(again.text)
    tick = re.search(r'name="confirmed" type="checkbox" value="([^"]+)"', page)
    assert tick
    assert lead.post(remove, {"confirmed": tick[1]}).status_code == 303
    closing = lead.get(f"{timeline}/close").text
    assert "1 unsigned draft; 1 note that awaits a co-signature" in words(closing)
    left = house.browser_of(house.slt)
    home = left.get("/").text
    assert "Never signed, about a child whose care team you have left" in words(home)
    place = f"/children/{house.child}/drafts/{draft}"
    assert place in home
    shown = left.get(place)
    assert "Never signed" in shown.text
    assert "Zig" not in legible(shown.text)
    assert left.post(f"{place}/discard", form_on=place).status_code == 303
    assert left.get(place).status_code == 404
    person = house.browser_of(house.admin).get(f"/people/{house.student.person_id}").text
    assert "on the care team of 1 child; 1 note that awaits a co-signature" in words(person)
    assert "Zig" not in legible(person)


def test_a_lead_lets_somebody_else_cosign_what_would_wait_for_ever(house: House, timeline: str):
    note = house.note(house.student)
    answered(house.services.doors, house.lead, RemoveFromTeam(house.child, house.ot.person_id))
    lead = house.browser_of(house.lead)
    assert "Nobody to co-sign" in words(lead.get("/").text)
    shown = lead.get(f"{timeline}/notes/{note}").text
    form = f"{timeline}/notes/{note}/cosigner"
    assert form in shown
    assert "Pia Holm, Therapist, Psychology" in words(lead.get(form).text)
    wrong = lead.post(form, {"person": "", "reason": "Nobody is left"})
    assert wrong.status_code == 422
    assert "Nobody is left" in wrong.text
    sent = {"person": str(house.psychologist.person_id), "reason": "Nobody is left", "expected_version": "1"}
    assert lead.post(form, sent).status_code == 303
    assert "Pia Holm can co-sign this note now" in words(lead.get(f"{timeline}/notes/{note}").text)
    psychologist = house.browser_of(house.psychologist)
    page = psychologist.get(f"{timeline}/notes/{note}").text
    assert "Co-sign this note" in page
    cosign = f"{timeline}/notes/{note}/cosignature"
    sent = {"expected_version": "2"}
    assert psychologist.post(cosign, sent, form_on=f"{timeline}/notes/{note}").status_code == 303
    assert "to Pia Holm, by Lea Strand" in words(psychologist.get(f"{timeline}/notes/{note}").text)


def test_a_second_record_is_asked_about_on_the_form(house: House, timeline: str):
    browser = house.browser_of(house.ot)
    sent = {**NEW, "preferred_name": "Ziggy", "full_name": "Zig Zander", "case_id": str(uuid4())}
    asked = browser.post("/children/new", sent)
    assert asked.status_code == 422
    assert "There is a child with this name or birth date among those you know" in words(asked.text)
    assert 'value="Ziggy"' in asked.text
    tick = re.search(r'name="confirmed" type="checkbox" value="([^"]+)"', asked.text)
    assert tick
    assert browser.post("/children/new", {**sent, "confirmed": tick[1]}).status_code == 303


def test_namesakes_are_told_apart(house: House, timeline: str):
    browser = house.browser_of(house.ot)
    assert "born" not in words(browser.get("/").text)
    house.open_case("Zig", full_name="Zig Berg", birth_date=date(2018, 1, 2), members=())
    page = words(browser.get("/").text)
    assert "Zig Zander, born 4 May 2019, 2B" in page
    assert "Zig Berg, born 2 Jan 2018, 2B" in page
    assert "Zig (born 2 Jan 2018, 2B)" in words(house.browser_of(house.lead).get("/audit").text)


def test_who_takes_themselves_off_is_led_home(house: House, timeline: str):
    browser = house.browser_of(house.slt)
    remove = f"{timeline}/team/{house.slt.person_id}/remove"
    assert "This is you" in words(browser.get(remove).text)
    assert browser.post(remove).headers["Location"] == "/"
    with pytest.raises(NotFound):
        case(house, house.slt)


def test_many_people_can_be_searched(house: House, timeline: str):
    for n in range(20):
        house.person(f"Kai{n} Moen", Role.THERAPIST, Discipline.OTHER)
    browser = house.browser_of(house.ot)
    assert 'name="q"' in browser.get(f"{timeline}/team/add").text
    found = browser.get(f"{timeline}/team/add", query_string={"q": "kai7"}).text
    assert "Kai7 Moen" in found
    assert "Kai8 Moen" not in found
    assert "Nobody has a name like this" in browser.get(f"{timeline}/team/add", query_string={"q": "zzz"}).text


@pytest.mark.parametrize("who", ["student", "teacher"])
def test_who_may_not_change_is_offered_nothing_and_refused(house: House, timeline: str, who: str):
    person = getattr(house, who)
    browser = house.browser_of(person)
    page = browser.get(f"{timeline}/team").text
    for path in ("/team/add", "/details", "/close", "/remove"):
        assert f'{path}"' not in page, path
    sent = {"person": str(house.stranger.person_id), "relation": "coordinator"}
    assert browser.post(f"{timeline}/team/add", sent, form_on="/account").status_code == 403
    assert browser.post(f"{timeline}/close", {"reason": "x"}, form_on="/account").status_code == 403
    assert case(house).status == "open"


def test_a_teacher_is_told_no_names_beyond_the_care_teams_and_needs_none(house: House, timeline: str):
    assert house.stranger.name not in house.browser_of(house.teacher).get(f"{timeline}/team").text
    browser = house.browser_of(house.teacher)
    answer = browser.get(f"{timeline}/team/add")
    assert answer.status_code == 403
    assert house.stranger.name not in answer.text
    assert [x["outcome"] for x in house.services.access.page(limit=500) if x["kind"] == "ReadPeople"] == ["refused"]
    note = house.note(house.teacher)
    house.summary()
    for path in ("/", timeline, f"{timeline}/team", f"{timeline}/summary", f"{timeline}/notes/new", "/account"):
        assert browser.get(path).status_code == 200, path
    for path in ("", "/amend", "/audience", "/error"):
        assert browser.get(f"{timeline}/notes/{note}{path}").status_code == 200, path
    assert sum(x["kind"] == "ReadPeople" for x in house.services.access.page(limit=500)) == 1


def test_a_teacher_gets_no_birth_date_and_no_full_name(house: House, timeline: str):
    text = words(house.browser_of(house.teacher).get(f"{timeline}/team").text)
    assert "Hill School" in text
    assert "Zander" not in text
    assert "2019" not in text


# ---- closing and reopening


def test_a_case_is_closed_and_reopened_with_a_reason(house: House, timeline: str):
    browser = house.browser_of(house.ot)
    empty = browser.post(f"{timeline}/close", {"reason": ""})
    assert empty.status_code == 422
    assert "Reason: Enter this" in words(empty.text)
    assert browser.post(f"{timeline}/close", {"reason": "Aims reached"}).status_code == 303
    again = browser.post(f"{timeline}/close", {"reason": "Once more, please"})
    assert again.status_code == 409
    assert "The case is closed" in words(again.text)
    assert "Once more, please" in again.text
    page = browser.get(f"{timeline}/team").text
    assert "/reopen" in page
    assert "/team/add" not in page
    assert "/remove" not in page
    assert browser.post(f"{timeline}/reopen", {"reason": "New referral"}).status_code == 303
    assert case(house).status == "open"


# ---- a store that does not answer


def test_a_store_that_is_down_loses_nothing_that_was_typed(
    house: House, timeline: str, monkeypatch: pytest.MonkeyPatch
):
    browser = house.browser_of(house.ot)
    forms = {
        f"{timeline}/details": {**NEW, "expected_version": "1", "reason": "A long reason"},
        f"{timeline}/team/add": {"person": str(house.slt.person_id), "relation": "coordinator", "since": "11/03/2026"},
        "/children/new": {**NEW, "case_id": str(uuid4())},
    }
    tokens = {p: re.findall(r'name="csrf_token" value="([^"]+)"', browser.get(p).text)[0] for p in forms}

    def down(*_: object, **__: object) -> None:
        raise Unavailable

    monkeypatch.setattr(type(house.services.doors), "execute", down)
    for reading_is_down in (False, True):
        if reading_is_down:
            monkeypatch.setattr(type(house.services.doors), "ask", down)
        for path, sent in forms.items():
            answer = browser.client.post(path, data={**sent, "csrf_token": tokens[path]})
            assert answer.status_code == 503, path
            assert answer.headers["Retry-After"], path
            assert "Coord cannot do this just now" in words(answer.text)
            assert "<form" in answer.text.split("<main")[1]
            for value in sent.values():
                assert value in answer.text, (path, value)
