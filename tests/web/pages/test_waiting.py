"""What waits for somebody, as pages: the first page's lines, and the list of all."""

import html
import re
from datetime import timedelta
from uuid import UUID, uuid4

from coord.application.case.commands import RemoveFromTeam
from coord.application.notes.commands import AddAddendum, SaveDraft
from coord.application.notes.questions import draft_after_signing
from coord.application.people.commands import ChangePersonRole
from coord.domain.actors import Actor, Discipline, Role
from coord.web.waiting.pages import A_PAGE
from tests.aims import alerted, goal
from tests.group_story import Group
from tests.house import House, answered
from tests.web.pages.test_home import words

ROW = re.compile(r'<li><span class="coord-waiting__mark">(.*?)</li>', re.S)


def rows(page: str) -> list[tuple[str, str]]:
    """Each line of a list of what waits: its words, and where it leads."""
    found = []
    for row in ROW.findall(page):
        text = html.unescape(re.sub(r"<[^>]+>", " ", row))
        (href,) = re.findall(r'href="([^"]+)"', row)
        found.append((re.sub(r"[\s\u2068\u2069]+", " ", text).strip(), href))
    return found


def seen(house: House, who: Actor, path: str) -> list[tuple[str, str]]:
    return rows(house.browser_of(who).get(path).text)


def draft(house: House, who: Actor, kind: str = "note", *, id: UUID | None = None, **body: object) -> UUID:
    draft_id = id or uuid4()
    house.services.doors.execute(who, SaveDraft(house.child, draft_id, kind, body))
    return draft_id


def test_each_line_says_what_whom_and_when_and_leads_to_where_it_is_done(house: House):
    day = house.clock.now.date()
    case = f"/children/{house.child}"
    alert = alerted(house, review_on=day + timedelta(days=2))
    aim, proposed = goal(house, review_date=day + timedelta(days=3)), goal(house, "Sits", status="proposed")
    house.summary(review_in=12)
    house.clock.turn(days=8)
    note = house.note(house.student)
    begun = draft_after_signing("addendum", note, house.ot.person_id)
    draft(house, house.ot, "addendum", id=begun, note=str(note))
    house.clock.turn(minutes=1)
    draft(house, house.ot, "summary")
    found = seen(house, house.ot, "/waiting")
    assert found == [
        ("Alert to check An alert of Zig Nut allergy was due on 12 Mar 2026", f"{case}/alerts/{alert}"),
        (
            "Goal to review A goal of Zig Zig asks for a break with a card. was due on 13 Mar 2026",
            f"{case}/goals/{aim}",
        ),
        ("To co-sign Stig Moe's note about Zig signed 18 Mar 2026, 10:00", f"{case}/notes/{note}"),
        ("Goal to agree A goal of Zig Sits proposed 10 Mar 2026", f"{case}/goals/{proposed}/agree"),
        (
            "Draft Go on with the addendum to a note about Zig saved 18 Mar 2026, 10:00",
            f"{case}/notes/{note}/addendum/draft",
        ),
        ("Draft Go on with the school summary of Zig saved 18 Mar 2026, 10:01", f"{case}/summary/edit"),
    ]
    browser = house.browser_of(house.ot)
    for _words, href in found:
        assert browser.get(href).status_code in (200, 303), href
    assert rows(browser.get("/").text) == found
    assert "that wait for you" not in words(browser.get("/").text)


def test_the_first_page_has_the_seven_most_urgent_and_the_list_all_of_them_page_by_page(house: House):
    for number in range(A_PAGE + 2):
        draft(house, house.ot, format="narrative", sections={"text": f"Number {number:02}."})
        house.clock.turn(minutes=1)
    browser = house.browser_of(house.ot)
    first = browser.get("/").text
    assert len(rows(first)) == 7
    assert f"All {A_PAGE + 2} that wait for you" in words(first)
    page = browser.get("/waiting").text
    assert [f"Number {number:02}." in text for number, (text, _) in enumerate(rows(page))] == [True] * A_PAGE
    (more,) = re.findall(r'href="([^"]+)">Show more<', page)
    rest = browser.get(html.unescape(more)).text
    assert [text for text, _ in rows(rest) if "Number 50." in text or "Number 51." in text]
    assert len(rows(rest)) == 2
    assert "From the beginning" in words(rest)
    assert browser.get("/waiting?cursor=x").status_code == 422


def test_the_list_is_narrowed_to_a_kind_and_a_child(house: House):
    other = house.open_case("Abe")
    draft(house, house.ot)
    goal(house, "Abe sits", status="proposed", case_id=other)
    browser = house.browser_of(house.ot)
    whole = browser.get("/waiting").text
    assert len(rows(whole)) == 2
    assert re.findall(r'<option value="([a-z-]+)"', whole) == ["goal-agreement", "draft"]
    assert [text for text, _ in rows(browser.get(f"/waiting?child={other}").text)] == [
        "Goal to agree A goal of Abe Abe sits proposed 10 Mar 2026"
    ]
    assert len(rows(browser.get("/waiting?kind=draft").text)) == 1
    nothing = words(browser.get(f"/waiting?kind=draft&child={other}").text)
    assert "Nothing of this kind waits for you." in nothing
    assert browser.get("/waiting?kind=anything").status_code == 422
    assert browser.get(f"/waiting?child={uuid4()}").status_code == 404
    assert house.browser_of(house.stranger).get(f"/waiting?child={other}").status_code == 404


def test_namesakes_are_told_apart(house: House):
    house.open_case("Zig", school_class="4A", full_name="Zig Other")
    draft(house, house.ot)
    (line, _href), *_ = seen(house, house.ot, "/waiting")
    assert "the note about Zig (born 4 May 2019, 2B)" in line


def test_a_teacher_goes_on_with_an_observation_and_reads_nothing_of_a_child_of_before(house: House):
    draft(house, house.teacher, format="school-observation", sections={"observed": "He waited"})
    (line,) = seen(house, house.teacher, "/")
    assert line[0].startswith("Draft Go on with the observation about Zig He waited")
    answered(house.services.doors, house.ot, RemoveFromTeam(house.child, house.teacher.person_id))
    page = house.browser_of(house.teacher).get("/").text
    (left,) = rows(page)
    assert left[0].startswith("Draft left over Never signed, about a child whose care team you have left")
    assert "He waited" not in page
    assert "Zig" not in words(page)
    assert house.browser_of(house.teacher).get(left[1]).status_code == 200


def test_an_administrator_and_a_lead_come_to_what_takes_two_from_their_first_page(house: House):
    other = house.person("Mia Ek", Role.ADMINISTRATOR, team="")
    house.lead  # noqa: B018 - somebody who could be the second
    rise = ChangePersonRole(house.stranger.person_id, Role.TEAM_LEAD, Discipline.OT)
    house.services.doors.execute(house.admin, rise)
    line = "To confirm A change of Una Rask's account: Role or discipline until 17 Mar 2026"
    for who, path in ((house.lead, "/"), (other, "/people")):
        assert seen(house, who, path) == [(line, "/proposals")]
    assert seen(house, house.admin, "/people") == []
    assert "Waiting for you" not in words(house.browser_of(house.admin).get("/people").text)
    assert "/proposals" in house.browser_of(house.admin).get("/waiting").text
    assert "/proposals" not in house.browser_of(house.ot).get("/waiting").text


def test_a_form_of_before_the_list_still_reaches_its_decision(house: House):
    house.lead  # noqa: B018 - somebody who could be the second
    rise = ChangePersonRole(house.stranger.person_id, Role.TEAM_LEAD, Discipline.OT)
    house.services.doors.execute(house.admin, rise)
    lead = house.browser_of(house.lead)
    (path,) = re.findall(r'action="/proposals(/[^"]+/confirm)"', lead.get("/proposals").text)
    assert lead.post(f"/waiting{path}", form_on="/proposals").status_code == 303
    assert "Confirmed." in words(lead.get("/proposals").text)


def test_a_session_not_recorded_leads_to_where_it_is(house: House):
    group = Group(house)
    group.plan()
    house.clock.turn(days=1)
    (line,) = seen(house, house.ot, "/")
    assert line == (
        "Not recorded yet Tuesday builders, session 1 of 10 10 Mar 2026",
        f"/groups/{group.course}/sessions/1/run",
    )


def test_nothing_that_waits_is_one_kind_line_and_on_the_first_page_none(house: House):
    house.note(house.ot)
    browser = house.browser_of(house.ot)
    assert "Waiting" not in words(browser.get("/").text)
    assert "Nothing waits for you." in words(browser.get("/waiting").text)


def test_it_reads_in_italian(house: House):
    note = house.note(house.ot)
    house.services.doors.execute(house.slt, AddAddendum(house.child, note, uuid4(), "Twice."))
    draft(house, house.ot, format="narrative", sections={"text": "Corse via"})
    house.email(house.ot)
    house.accounts.set_language(house.ot.person_id, "it")
    text = words(house.browser_of(house.ot).get("/waiting").text)
    assert "Aspettano te" in text
    assert "Una cosa, la più urgente per prima." in text
