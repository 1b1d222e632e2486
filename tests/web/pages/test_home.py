"""The first page, for each role."""

import html
import re
from uuid import uuid4

from coord.application.case.commands import CloseCase
from coord.application.notes.commands import DiscardDraft, SaveDraft
from coord.application.summary.commands import RecallSummary
from coord.application.timeline.questions import ReadTimeline
from coord.domain.actors import Relation, Role
from tests.house import House, answered, legible


def words(page: str) -> str:
    """The page's words without markup."""
    main = page.split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def test_nobody_sees_it_without_signing_in(house: House):
    answer = house.browser_of(None).get("/")
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["Location"]


def test_an_administrator_is_led_to_people(house: House):
    answer = house.browser_of(house.admin).get("/")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/people"


def test_a_therapist_sees_what_is_new_since_the_last_visit(house: House):
    browser = house.browser_of(house.ot)
    house.note(house.slt), house.note(house.slt), house.note(house.psychologist)
    assert "3 new" in words(browser.get("/").text)
    browser.get(f"/children/{house.child}")
    page = words(browser.get("/").text)
    assert "nothing new" in page
    assert "3 new" not in page
    house.note(house.slt)
    assert "1 new" in words(browser.get("/").text)


def test_what_one_wrote_oneself_or_may_not_read_is_no_news(house: House):
    house.note(house.ot)
    house.note(house.psychologist, audience="own-discipline")
    assert "nothing new" in words(house.browser_of(house.ot).get("/").text)


def test_a_hundred_are_many(house: House):
    for _ in range(100):
        house.note(house.slt)
    page = words(house.browser_of(house.ot).get("/").text)
    assert "many new" in page
    assert "100" not in page


def test_children_with_news_come_first(house: House):
    first, last = house.open_case("Abe"), house.open_case("Zoe")
    house.note(house.slt, case_id=last)
    page = house.browser_of(house.ot).get("/").text
    assert page.index(str(last)) < page.index(str(first))


def test_drafts_and_signatures_that_wait(house: House):
    draft, summary_draft = uuid4(), uuid4()
    house.services.doors.execute(house.ot, SaveDraft(house.child, draft, "note", {"format": "soap"}))
    house.services.doors.execute(house.ot, SaveDraft(house.child, summary_draft, "summary", {}))
    note = house.note(house.student, audience="care-team")
    page = house.browser_of(house.ot).get("/").text
    assert f"/children/{house.child}/drafts/{draft}" in page
    assert f"/children/{house.child}/summary" in page
    assert f"/children/{house.child}/notes/{note}" in page
    assert "Stig Moe" in page
    other = house.browser_of(house.slt).get("/").text
    assert str(draft) not in other
    assert "co-sign" not in words(other)
    assert "co-sign" not in words(house.browser_of(house.student).get("/").text)
    for each in (draft, summary_draft):
        house.services.doors.execute(house.ot, DiscardDraft(house.child, each))
    assert "Go on with" not in words(house.browser_of(house.ot).get("/").text)


def test_what_waits_long_for_somebody_else_is_one_line_and_not_ones_own_to_do(house: House):
    house.note(house.student)
    assert "of yours" not in words(house.browser_of(house.student).get("/").text)
    house.clock.turn(days=5)
    house.note(house.student)
    house.clock.turn(days=3)
    page = house.browser_of(house.student)
    first = words(page.get("/").text)
    assert "A note of yours waits for a co-signature since" in first
    assert "Waiting for you" not in first
    whole = words(page.get("/waiting").text)
    assert "Nothing waits for you." in whole
    assert whole.split("Waiting for others")[1].count("Not co-signed yet") == 2


def test_a_teachers_cards_lead_to_the_summary_and_tell_its_state(house: House):
    ready, none, recalled, old = (house.open_case(n) for n in ("Ann", "Bea", "Cal", "Dot"))
    house.summary(case_id=ready)
    house.summary(case_id=recalled)
    house.services.doors.execute(house.ot, RecallSummary(recalled, "Wrong child"))
    house.summary(case_id=old, review_in=1)
    house.clock.turn(days=3)
    page = house.browser_of(house.teacher).get("/").text
    cards = re.findall(r'pupil__name"><bdi>(\w+)</bdi>(.*?)</h2>.*?href="/children/([^/]+)/summary">', page, re.S)
    assert {name: case for name, _, case in cards} == {
        "Ann": str(ready), "Bea": str(none), "Cal": str(recalled), "Dot": str(old)
    }  # fmt: skip
    states = {name: re.sub("<[^>]+>", "", state).removeprefix(" 2B").strip() for name, state, _ in cards}
    assert states == {
        "Ann": "", "Bea": "No summary yet", "Cal": "Summary recalled", "Dot": "May be out of date"
    }  # fmt: skip
    assert f"/children/{ready}/notes/new" in page
    assert "Zander" not in page
    assert "Wrong child" not in page


def test_a_team_lead_sees_the_service_team_and_own_children_apart(house: House):
    joined = house.open_case("Own", members=[(house.lead, Relation.COORDINATOR)])
    other = house.open_case("Tea", members=())
    page = house.browser_of(house.lead).get("/").text
    own, team = page.split('id="team-heading"')
    assert str(joined) in own
    assert str(joined) not in team
    assert str(other) in team
    assert str(other) not in own
    assert '/audit"' in page
    elsewhere = house.person("Liv Aas", Role.TEAM_LEAD, team="South")
    assert "no children here yet" in words(house.browser_of(elsewhere).get("/").text)


def test_children_of_others_are_not_there(house: House):
    house.child  # noqa: B018 - made now
    page = house.browser_of(house.stranger).get("/").text
    assert "Zig" not in legible(page)
    assert "no children here yet" in words(page)


def test_many_children_can_be_searched_without_accents_or_capitals(house: House):
    for n in range(8):
        house.open_case(f"Kim{n}", members=())
    assert 'name="q"' not in house.browser_of(house.ot).get("/").text
    case = house.open_case("Zoë", members=(), school_class="4A")
    browser = house.browser_of(house.ot)
    assert 'name="q"' in browser.get("/").text
    for text in ("zoe", "ZOË zand", "4a"):
        page = browser.get("/", query_string={"q": text}).text
        assert str(case) in page, text
        assert "Kim1" not in words(page), text
    nothing = browser.get("/", query_string={"q": "<b>xyz"})
    assert "No child fits" in words(nothing.text)
    assert "<b>xyz" not in nothing.text


def test_closed_cases_stand_apart(house: House):
    answered(house.services.doors, house.ot, CloseCase(house.child, "Moved away"))
    page = house.browser_of(house.ot).get("/").text
    assert "1 closed case" in words(page)
    assert "own-heading" not in page
    assert str(house.child) in page.split("1 closed case")[1]


def test_it_says_which_place_of_the_record_it_shows(house: House):
    position = house.services.doors.ask(house.ot, ReadTimeline(house.child)).shown.position
    page = house.browser_of(house.ot).get("/").text
    assert f'data-position="{position}"' in page
    assert "10:00" in words(page)


def test_no_search_engine_keeps_a_page(house: House):
    browser = house.browser_of(house.ot)
    for path in ("/", f"/children/{house.child}", "/sign-in"):
        assert browser.get(path).headers["X-Robots-Tag"] == "noindex"
