"""The groups of one child: what the care team sees of them, what the school sees, and what the child copes with."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import AddToTeam, CloseCase
from coord.application.goals.commands import ReviseGoal
from coord.application.groups import commands as w
from coord.application.groups.questions import ReadGroups, ReadSession
from coord.domain.actors import Actor, Relation
from coord.domain.case import GoalContent
from tests.group_story import Group, a_group
from tests.house import House, answered, legible

SEEN: dict[str, Any] = {
    "arrival": "tired",
    "grading": "down",
    "support": "verbal",
    "response": "Waited for two turns.",
    "incident": "Bumped a knee.",
    "message_home": "Had a good day.",
    "message_school": "Takes turns with a card.",
}


def main_of(answer: Any) -> str:
    return str(answer.text.partition("<main")[2].partition("</main>")[0])


def text_of(answer: Any) -> str:
    """A page as it reads, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", f"<main{main_of(answer)}"))


def groups_of(case: UUID) -> str:
    return f"/children/{case}/groups"


def taught(house: House, group: Group, case: UUID) -> Actor:
    """The class teacher of one of the children."""
    group.do(house.ot, AddToTeam(case, house.teacher.person_id, Relation.CLASS_TEACHER))
    return house.teacher


def recorded(house: House) -> tuple[Group, UUID, UUID]:
    """A group of three, of whose first session one child has much to tell, and one was absent."""
    group = a_group(house)
    house.clock.turn(hours=2)
    brio, cleo, dario = group.children
    group.record(
        group.line(brio, level=1, **SEEN),
        group.line(cleo, response="Built a tower."),
        group.line(dario, attendance="absent", absence_reason="Had a cold."),
    )
    return group, brio, dario


def test_a_rating_made_in_a_session_leads_to_what_the_session_was_for_the_child(house: House):
    group, brio, _dario = recorded(house)
    goal = main_of(house.browser_of(house.ot).get(f"/children/{brio}/goals/{group.goals[brio]}"))
    (line,) = house.services.doors.ask(house.ot, ReadGroups(brio)).groups[0].lines
    assert f'href="/children/{brio}/groups#line-{line.id}"' in goal
    assert "From a group session" in goal
    assert "/notes/" not in goal
    assert f'id="line-{line.id}"' in house.browser_of(house.ot).get(groups_of(brio)).text


# ---- the page of the groups --------------------------------------------------------------------------------------


def test_the_care_team_sees_each_session_in_words_and_nothing_of_the_other_children(house: House):
    _group, brio, _dario = recorded(house)
    page = house.browser_of(house.ot).get(groups_of(brio))
    words = text_of(page)
    assert "Social skills" in words
    assert "Has a place" in words
    assert "Aims: Waiting for a turn and asking for help." in words
    assert "Came to 1 of one session." in words
    assert "17 Mar 2026, 10:00" in words
    assert "6 dates more" in words
    assert "On arrival: Tired · Grading used: Graded down · Help needed:" in words
    for text in ("Waited for two turns.", "Bumped a knee.", "Had a good day.", "Takes turns with a card."):
        assert text in words
    assert "Brio waits for a turn: +1, more than expected" in words
    assert "Ada Lind" in words
    for other in ("Cleo", "Dario", "tower", "cold", "Tuesday builders", "Blue room", str(_group.course)):
        assert other not in legible(page.text)


def test_an_absent_child_has_an_absence_with_its_reason(house: House):
    _group, _brio, dario = recorded(house)
    words = text_of(house.browser_of(house.ot).get(groups_of(dario)))
    assert "Came to 0 of one session." in words
    assert "Absent" in words
    assert "Why absent: Had a cold." in words


def test_a_teacher_sees_aims_dates_attendance_and_what_is_said_to_the_school(house: House):
    group, brio, _dario = recorded(house)
    page = house.browser_of(taught(house, group, brio)).get(groups_of(brio))
    words = text_of(page)
    for text in ("Social skills", "Aims: Waiting for a turn", "Came to 1 of one session.", "Takes turns with a card."):
        assert text in words
    assert "17 Mar 2026, 10:00" in words
    for text in ("two turns", "knee", "good day", "Tired", "Graded down", "more than expected", "copes with"):
        assert text not in legible(page.text)
    assert "/profile" not in page.text
    assert 'href="/groups"' not in page.text


def test_a_rating_of_a_goal_that_is_now_kept_for_one_discipline_is_for_that_discipline(house: House):
    group, brio, _dario = recorded(house)
    group.do(house.ot, AddToTeam(brio, house.psychologist.person_id, Relation.PSYCHOLOGIST))
    their_browser = house.browser_of(house.psychologist)
    assert "waits for a turn" in their_browser.get(groups_of(brio)).text
    content = house.services.record.goal(brio, group.goals[brio]).content
    narrow = GoalContent(
        content["statement"],
        contexts=content["contexts"],
        icf=content["icf"],
        audience="own-discipline",
        review_date=house.clock.now.date() + timedelta(days=90),
    )
    version = house.services.record.goal(brio, group.goals[brio]).version
    group.do(house.ot, ReviseGoal(brio, group.goals[brio], version, narrow, "For us alone"))
    page = their_browser.get(groups_of(brio)).text
    assert "waits for a turn" not in page
    assert "Waited for two turns." in page
    assert "waits for a turn" in house.browser_of(house.ot).get(groups_of(brio)).text


def test_a_correction_says_why_and_a_mistake_is_for_its_author(house: House):
    group, brio, _dario = recorded(house)
    answer = house.services.doors.ask(house.ot, ReadSession(group.course, 1))
    recording = answer.recordings[0]
    line = group.line(brio, level=1, id=recording.lines[brio], **{**SEEN, "response": "Waited for three turns."})
    group.do(
        house.ot,
        w.CorrectSession(group.course, 1, recording.id, recording.version, "Counted again", children=[line]),
    )
    words = text_of(house.browser_of(house.ot).get(groups_of(brio)))
    assert "Waited for three turns." in words
    assert "Corrected: Counted again" in words
    told = text_of(house.browser_of(house.ot).get(f"/children/{brio}"))
    assert "Corrected: Counted again" in told
    assert "two turns" not in told


def test_what_a_line_said_before_it_was_corrected_stays_readable_for_the_care_team(house: House):
    group, brio, _dario = recorded(house)
    teacher = taught(house, group, brio)
    recording = house.services.doors.ask(house.ot, ReadSession(group.course, 1)).recordings[0]
    for version, seen in enumerate(("Waited for three turns.", "Waited for four turns."), 1):
        content = {**SEEN, "response": seen, "message_school": f"Takes turns: {seen}"}
        line = group.line(brio, level=1, id=recording.lines[brio], **content)
        group.do(house.ot, w.CorrectSession(group.course, 1, recording.id, version, "Counted again", children=[line]))
    words = text_of(house.browser_of(house.ot).get(groups_of(brio)))
    before = words.partition("What it said before")[2]
    assert words.index("four turns") < words.index("What it said before")
    assert before.index("Waited for three turns.") < before.index("Waited for two turns.")  # the latest first
    assert "Attendance" in before
    session = text_of(house.browser_of(house.ot).get(f"/groups/{group.course}/sessions/1"))
    assert "three turns" not in session  # the past of a child's record is not the course's to show
    words = text_of(house.browser_of(teacher).get(groups_of(brio)))
    assert "four turns" in words
    assert "What it said before" not in words
    assert "three turns" not in words


def test_the_groups_of_now_come_before_those_that_a_child_has_left(house: House):
    group = a_group(house, 0)
    child = group.child("Brio")
    group.enrol(child)
    other = a_group(house, 0, start_time="14:00", kind="therapeutic-play", aims="Play.", why_otherwise="A trial")
    other.goals = group.goals
    other.enrol(child, override="For a while")
    group.do(house.ot, w.EndPlace(other.course, child, "Two are too many"))
    words = text_of(house.browser_of(house.ot).get(groups_of(child)))
    assert words.index("Social skills") < words.index("Therapeutic play")
    assert "Has left on 10 March 2026" in words


def test_groups_of_a_child_one_does_not_know_are_not_there(house: House):
    group, brio, _dario = recorded(house)
    for person in (house.stranger, house.teacher):  # one of them is on the staff of the course
        browser = house.browser_of(person)
        assert browser.get(groups_of(brio)).status_code == 404
        assert browser.get(f"/children/{brio}/profile").status_code == 404
    assert house.browser_of(house.ot).get(groups_of(uuid4())).status_code == 404
    assert group.children


def test_a_child_in_no_group_is_said_to_be_in_none(house: House):
    words = text_of(house.browser_of(house.ot).get(groups_of(house.child)))
    assert "Zig has been in no group." in words
    assert "Nobody has described it yet." in words
    assert "Find a group" in words


def test_who_waits_is_told_so_to_the_care_team_alone(house: House):
    group = a_group(house, children=1)
    cleo = group.child("Cleo", teacher=house.teacher)
    group.enrol(cleo, place="waiting")
    assert "Waiting for a place" in text_of(house.browser_of(house.ot).get(groups_of(cleo)))
    assert "Cleo has been in no group." in text_of(house.browser_of(house.teacher).get(groups_of(cleo)))


# ---- what the child copes with -----------------------------------------------------------------------------------

COPES = {"cognitive": "low", "motor": "moderate", "communication": "high", "remark": "Noise makes it harder."}


def test_a_therapist_describes_what_the_child_copes_with(house: House):
    browser = house.browser_of(house.ot)
    form = f"/children/{house.child}/profile"
    answer = browser.post(form, {**COPES, "back": ""}, form_on=form)
    assert answer.status_code == 303
    assert answer.headers["Location"] == groups_of(house.child)
    words = text_of(browser.get(groups_of(house.child)))
    assert "Thinking and understanding: low · Movement: moderate · Communication: high" in words
    assert "Noise makes it harder." in text_of(browser.get(f"/children/{house.child}"))
    again = browser.get(form).text
    assert re.search(r'value="low"[^>]*checked', again)


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/groups/1234/enrol?child=5", "/groups/1234/enrol?child=5"),
        ("//elsewhere.example/x", None),
        ("https://elsewhere.example/", None),
        ("/\\elsewhere.example", None),
        ("", None),
    ],
)
def test_the_form_leads_back_to_a_page_of_this_site_alone(house: House, wanted: str, led: str | None):
    browser = house.browser_of(house.ot)
    form = f"/children/{house.child}/profile"
    assert "elsewhere" not in main_of(browser.get(form, query_string={"back": wanted}))
    answer = browser.post(form, {**COPES, "back": wanted}, form_on=form)
    assert answer.headers["Location"] == (led or groups_of(house.child))


def test_what_is_missing_is_said_at_its_field_and_everything_typed_stays(house: House):
    browser = house.browser_of(house.ot)
    form = f"/children/{house.child}/profile"
    answer = browser.post(form, {"cognitive": "low", "remark": "In the mornings.", "back": "/groups"}, form_on=form)
    assert answer.status_code == 422
    assert 'href="#motor"' in answer.text
    assert 'id="motor"' in answer.text
    assert "In the mornings." in answer.text
    assert 'name="back" value="/groups"' in answer.text
    assert re.search(r'id="cognitive"[^>]*checked', answer.text)


def test_who_may_not_describe_it_is_not_offered_the_form(house: House):
    for person in (house.student, house.teacher):
        browser = house.browser_of(person)
        assert "/profile" not in browser.get(groups_of(house.child)).text
        assert browser.get(f"/children/{house.child}/profile").status_code == 403


def test_in_a_closed_case_nothing_is_offered(house: House):
    answered(house.services.doors, house.ot, CloseCase(house.child, "Moved away"))
    assert "/profile" not in house.browser_of(house.ot).get(groups_of(house.child)).text


# ---- the timeline ------------------------------------------------------------------------------------------------


def test_the_timeline_tells_of_groups_in_plain_sentences_with_their_way_there(house: House):
    _group, brio, _dario = recorded(house)
    page = house.browser_of(house.ot).get(f"/children/{brio}")
    words = text_of(page)
    for text in (
        "What the child copes with: Thinking and understanding: moderate",
        "Has a place in a group: Social skills.",
        "Aims Waiting for a turn and asking for help.",
        "Social skills, session 1",
        "On arrival: Tired · Grading used: Graded down · Help needed:",
        "How it went Waited for two turns.",
        "Incident Bumped a knee.",
        "Message for home from the group: Social skills.",
        "Message for school from the group: Social skills.",
        "Takes turns with a card.",
    ):
        assert text in words
    line = house.services.doors.ask(house.ot, ReadGroups(brio)).groups[0].lines[0]
    assert f'href="{groups_of(brio)}#line-{line.id}"' in page.text
    for other in ("Cleo", "Dario", "tower", "cold", "Tuesday builders", str(_group.course)):
        assert other not in legible(page.text)


def test_the_timeline_is_filtered_by_groups_and_by_messages(house: House):
    group, brio, _dario = recorded(house)
    browser = house.browser_of(house.ot)
    only = text_of(browser.get(f"/children/{brio}?kind=group"))
    assert "Waited for two turns." in only
    assert "Takes turns with a card." not in only
    messages = text_of(browser.get(f"/children/{brio}?kind=message"))
    assert "Takes turns with a card." in messages
    assert "Waited for two turns." not in messages
    school = text_of(house.browser_of(taught(house, group, brio)).get(f"/children/{brio}"))
    assert "Takes turns with a card." in school
    for text in ("two turns", "knee", "good day", "Tired"):
        assert text not in school


def test_the_lead_sees_what_a_teacher_could_see_of_groups(house: House):
    group, brio, _dario = recorded(house)
    teacher = taught(house, group, brio)
    page = house.browser_of(house.lead).get(f"/children/{brio}/history/as-known?reader={teacher.person_id}")
    words = text_of(page)
    assert "Message for school from the group: Social skills." in words
    assert "Takes turns with a card." in words
    assert "two turns" not in words


# ---- the first page ----------------------------------------------------------------------------------------------


def test_who_runs_a_group_today_finds_it_on_the_first_page(house: House):
    group = a_group(house, children=1)
    page = house.browser_of(house.ot).get("/")
    words = text_of(page)
    assert "My group sessions today" in words
    assert "10:00–11:00 Tuesday builders, session 1 of 10" in words
    assert f'href="/groups/{group.course}/sessions/1/run"' in page.text
    assert "My group sessions today" not in house.browser_of(house.slt).get("/").text
    house.clock.turn(hours=2)
    group.record()
    page = house.browser_of(house.ot).get("/")
    assert f'href="/groups/{group.course}/sessions/1"' in page.text
    assert f'href="/groups/{group.course}/sessions/1/run"' not in page.text
    house.clock.turn(days=1)
    assert "My group sessions today" not in house.browser_of(house.ot).get("/").text


def test_a_session_that_nobody_recorded_waits_on_the_first_page_of_who_may_record_it(house: House):
    group = a_group(house, children=1, staff=[house.ot, house.student])
    house.clock.turn(hours=2)
    assert "Not recorded yet" not in text_of(house.browser_of(house.ot).get("/"))  # it stands under today's
    house.clock.turn(days=1)
    page = house.browser_of(house.ot).get("/")
    assert "Waiting for you" in text_of(page)
    assert re.search("Not recorded yet Tuesday builders, session 1 of 10 10 Mar 2026", text_of(page))
    assert f'href="/groups/{group.course}/sessions/1/run"' in page.text
    assert "Not recorded yet" not in text_of(house.browser_of(house.student).get("/"))
    group.record()
    assert "Not recorded yet" not in text_of(house.browser_of(house.ot).get("/"))
