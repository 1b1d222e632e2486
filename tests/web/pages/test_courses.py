"""Courses in pages: my week, planned, revised, ended, enrolled; who came and how it went; and who must not know."""

import re
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError

from coord.application.groups import commands as w
from coord.application.groups.questions import ReadCourse, ReadRoster
from coord.application.people.commands import RenamePerson
from coord.application.policies.commands import ChangePolicy
from coord.domain.actors import Actor, Discipline, Relation, Role
from tests.group_story import NAMES, Group, a_group, a_plan, course_content
from tests.house import House, legible


def form(house: House, **changes: Any) -> dict[str, Any]:
    """The form of a social-skills course within the policy, from today on."""
    return {
        "course_id": str(uuid4()),
        "title": "Tuesday builders",
        "kind": "social-skills",
        "aims": "Waiting for a turn.",
        "room": "Blue room",
        "first_date": "10/3/2026",
        "start_time": "14.30",
        "minutes": "60",
        "sessions": "10",
        "holidays": "17/3/2026\r\n2026-04-07, 14.4.2026\r\n",
        "capacity": "6",
        "staff": [str(house.ot.person_id), str(house.stranger.person_id)],
        **changes,
    }


def path_of(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def course_of(house: House, course: UUID) -> Any:
    return house.services.doors.ask(house.ot, ReadCourse(course)).course


def text_of(page: str) -> str:
    """What stands on a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main")[1]).split())


# ---- my week, and the courses ------------------------------------------------------------------------------------


def test_the_week_says_what_comes_next_for_each_of_my_sessions(house: House):
    group = a_group(house, 1)
    ot = house.browser_of(house.ot)
    page = ot.get("/groups").text
    session = f"/groups/{group.course}/sessions/1"
    assert "Tuesday, 10 March 2026" in page
    assert "10:00 to 11:00" in page
    assert "Tuesday builders, session 1 of 10" in text_of(page)
    assert f'href="{session}/plan"' in page
    assert "No plan yet" in page
    group.do(house.ot, w.PlanSession(group.course, 1, a_plan()))
    page = ot.get("/groups").text
    assert f'href="{session}/run"' in page
    assert "Has a plan" in page
    house.clock.turn(minutes=90)
    ot = house.browser_of(house.ot)  # the sign-in before was idle for too long
    page = ot.get("/groups").text
    assert "Not recorded yet" in page
    assert "Record it" in page
    group.record()
    page = ot.get("/groups").text
    assert "Recorded" in page
    assert f'href="{session}"' in page
    assert f'href="{session}/run"' not in page
    group.do(house.ot, w.CancelSession(group.course, 2, "Ill"))
    assert "Cancelled" in ot.get("/groups?week=2026-03-17").text


def test_weeks_follow_each_other_and_an_address_that_makes_no_sense_is_this_week(house: House):
    a_group(house, 0)
    ot = house.browser_of(house.ot)
    page = ot.get("/groups").text
    assert 'href="/groups?week=2026-03-02"' in page
    after = ot.get("/groups?week=2026-03-19").text
    assert "16 March 2026 – 22 March 2026" in after
    assert "Tuesday, 17 March 2026" in after
    assert "This week" in after
    before = ot.get("/groups?week=2026-03-02").text
    assert "You run no group in this week." in before
    for nonsense in ("x", "2026-02-31", "0001-01-01", "9999-12-31"):
        assert "9 March 2026 – 15 March 2026" in ot.get(f"/groups?week={nonsense}").text


def test_the_courses_of_the_team_without_any_child_and_those_that_ended_on_demand(house: House):
    group = a_group(house, 2)
    group.enrol(group.child("Heidi"), place="waiting")
    colleague = house.browser_of(house.slt)
    page = colleague.get("/groups").text
    words = text_of(page)
    assert "Tuesday builders" in words
    assert "10 Mar 2026 – 12 May 2026" in words
    assert "Ada Lind, Una Rask" in words
    assert "2 of 6 taken; 1 waiting" in words
    assert 'href="/groups/new"' in page
    assert 'href="/calendar"' in page
    for name in ("Brio", "Cleo", "Heidi"):
        assert name not in legible(page)
    group.do(house.ot, w.EndCourse(group.course, "Over"))
    assert "Tuesday builders" not in colleague.get("/groups").text
    assert "There is no course at present." in colleague.get("/groups").text
    assert "Tuesday builders" in colleague.get("/groups?ended=1").text


def test_a_student_reads_the_courses_and_plans_none(house: House):
    group = Group(house)
    group.plan(staff=[house.ot, house.student])
    student = house.browser_of(house.student)
    page = student.get("/groups").text
    assert "session 1 of 10" in page
    assert "/plan" not in page
    assert 'href="/groups/new"' not in page
    assert student.get("/groups/new").status_code == 403
    page = student.get(f"/groups/{group.course}").text
    assert "No child is in the course yet." in page
    for action in ("revise", "end", "enrol"):
        assert f"/{action}" not in page
        assert student.get(f"/groups/{group.course}/{action}").status_code == 403


# ---- planning ----------------------------------------------------------------------------------------------------


def test_a_course_is_planned_with_days_off_however_they_are_typed(house: House):
    ot = house.browser_of(house.ot)
    page = ot.get("/groups/new").text
    assert re.search(rf'value="{house.ot.person_id}"[^>]*checked', page)  # who plans it most likely runs it
    sent = form(house)
    path = path_of(ot.post("/groups/new", sent))
    assert path == f"/groups/{sent['course_id']}"
    page = ot.get(path).text
    assert "The course is planned. Now give children a place." in page
    assert "The course is planned." not in ot.get(path).text  # said once
    content = course_of(house, UUID(sent["course_id"])).content
    assert content["start_time"] == "14:30"
    assert content["holidays"] == ["2026-03-17", "2026-04-07", "2026-04-14"]
    words = text_of(page)
    assert "Tuesday, 24 March 2026, 14:30 to 15:30" in words
    assert "17 March" not in words
    assert path_of(ot.post("/groups/new", sent)) == path  # sent twice is planned once


def test_every_kind_has_its_policy_on_the_form_as_the_team_has_it(house: House):
    change = ChangePolicy("social-skills", 0, {"size_most": 7}, "The room holds seven")
    house.services.doors.execute(house.lead, change)
    words = text_of(house.browser_of(house.ot).get("/groups/new").text)
    assert "Policy of your team: Social skills" in words
    assert "Children: 4 to 7" in words
    assert "Sessions: 10 to 20" in words  # of sensory integration


def test_what_is_wrong_is_said_at_its_field_and_everything_typed_stays(house: House):
    ot = house.browser_of(house.ot)
    wrong = form(
        house,
        title=" ",
        kind="choir",
        minutes="sixty",
        capacity="40",
        start_time="soon",
        staff=[str(house.teacher.person_id)],
        holidays="",
        first_date="10/13/2026",
    )
    answer = ot.post("/groups/new", wrong)
    assert answer.status_code == 422
    page = answer.text
    assert "<title>Error: Plan a course" in page
    for text, target in (
        ("Name of the course, for the staff: Enter this", "title"),
        ("Kind of group: Choose one of the options", "kind"),
        ("Minutes: Enter a whole number", "minutes"),
        ("Places: This must be from 1 to 20", "capacity"),
        ("Begins at: Enter a time like 14:30", "start_time"),
        ("First session: Enter a real date, like 27 3 2026", "first_date"),
        ("Staff: Only a therapist, a student or a team lead who has access can run a group", "staff"),
    ):
        assert f'<a href="#{target}">{text}</a>' in page, text
        assert f'id="{target}"' in page, target
    for kept in (
        'value="sixty"',
        'value="40"',
        'value="soon"',
        'value="10/13/2026"',
        "Waiting for a turn.",
        "Blue room",
    ):
        assert kept in page, kept
    assert re.search(rf'value="{house.teacher.person_id}"[^>]*checked', page)
    assert "There is no course at present." in ot.get("/groups").text


def test_a_day_off_that_cannot_be_read_is_named_and_nothing_is_planned_without_it(house: House):
    ot = house.browser_of(house.ot)
    answer = ot.post("/groups/new", form(house, holidays="17/3/2026\r\nEaster", title="", staff=["x"]))
    assert answer.status_code == 422
    assert "Days without a session: Line 2: Enter a real date, like 27 3 2026" in answer.text
    assert "Name of the course, for the staff: Enter this" in answer.text
    assert "Staff: Choose who runs the course" in answer.text
    assert "17/3/2026\r\nEaster" in answer.text or "17/3/2026\nEaster" in answer.text
    assert "There is no course at present." in ot.get("/groups").text


def test_a_departure_from_the_policy_asks_why_and_the_answer_stands_beside_the_course(house: House):
    ot = house.browser_of(house.ot)
    assert 'name="why_otherwise"' not in ot.get("/groups/new").text
    sent = form(house, minutes="45")
    answer = ot.post("/groups/new", sent)
    assert answer.status_code == 422
    assert "Minutes: The policy of your team foresees 60 to 90." in answer.text
    assert 'name="why_otherwise"' in answer.text
    path = path_of(ot.post("/groups/new", {**sent, "why_otherwise": "They tire sooner"}))
    assert "They tire sooner" in ot.get(path).text
    again = ot.post("/groups/new", form(house, title="", why_otherwise="They tire sooner"))
    assert "They tire sooner" in again.text


def test_an_id_that_was_used_before_is_replaced_and_the_second_try_succeeds(house: House):
    group = a_group(house, 0)
    ot = house.browser_of(house.ot)
    answer = ot.post("/groups/new", form(house, course_id=str(group.course)))
    assert answer.status_code == 422
    assert "A course was planned from this form already." in answer.text
    new = re.search(r'name="course_id" value="([^"]+)"', answer.text)
    assert new
    path_of(ot.post("/groups/new", form(house, course_id=new[1])))


# ---- revised and ended -------------------------------------------------------------------------------------------


def test_a_course_is_changed_with_a_reason(house: House):
    group = a_group(house, 1, holidays=[date(2026, 3, 17)])
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}"
    page = ot.get(f"{path}/revise").text
    version = course_of(house, group.course).version
    assert f'name="expected_version" value="{version}"' in page
    assert "17/03/2026" in page
    changed = form(house, room="Green room", holidays="17/03/2026", start_time="10:00", expected_version=str(version))
    refused = ot.post(f"{path}/revise", changed)
    assert refused.status_code == 422
    assert '<a href="#reason">Why it is changed: Enter this</a>' in refused.text
    assert path_of(ot.post(f"{path}/revise", {**changed, "reason": "The other one is damp"})) == path
    page = ot.get(path).text
    assert "The course is changed." in page
    assert "Green room" in page
    same = ot.post(f"{path}/revise", {**changed, "reason": "x", "expected_version": str(version + 1)})
    assert same.status_code == 409
    assert "Green room" in same.text


def test_what_was_stays_on_the_pages_when_the_course_is_changed(house: House):
    group = a_group(house, 1)
    group.record()
    house.clock.turn(days=8)
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}"
    version = course_of(house, group.course).version
    changed = form(house, first_date="10/03/2026", holidays="", room="Green room", start_time="14:00", minutes="75")
    changed |= {"expected_version": str(version), "reason": "Another hour"}
    assert path_of(ot.post(f"{path}/revise", changed)) == path
    page = text_of(ot.get(path).text)
    assert "Time 14:00 to 15:15, 75 minutes" in page
    assert "10 March 2026, 10:00 to 11:00" in page
    assert "17 March 2026, 10:00 to 11:00" in page
    assert "24 March 2026, 14:00 to 15:15" in page
    was, is_now = "10:00–11:00 · Blue room", "14:00–15:15 · Green room"
    for number, line in ((1, was), (2, was), (3, is_now)):
        assert line in text_of(ot.get(f"{path}/sessions/{number}").text)


def test_an_hour_at_which_a_child_has_another_group_asks_for_a_reason_of_its_own(house: House):
    group = a_group(house, 1)
    other = Group(house, children=group.children, goals=group.goals)
    other.plan(start_time="14:00", why_otherwise="A room that is small")
    other.enrol(group.children[0])
    ot, path = house.browser_of(house.ot), f"/groups/{other.course}"
    assert 'id="override"' not in ot.get(f"{path}/revise").text
    version = course_of(house, other.course).version
    sent = form(
        house,
        holidays="",
        start_time="10:30",
        expected_version=str(version),
        why_otherwise="A room that is small",
        reason="The room",
    )
    refused = ot.post(f"{path}/revise", sent)
    assert refused.status_code == 422
    assert "Children who have another group at that time: 1." in refused.text
    assert 'id="override"' in refused.text
    assert path_of(ot.post(f"{path}/revise", {**sent, "override": "They come to each in turn"})) == path
    lead = house.browser_of(house.lead)
    assert "They come to each in turn" in lead.get("/audit?kind=course.revised").text


def test_somebody_who_was_slower_sees_what_stands_now_and_keeps_their_words(house: House):
    group = a_group(house, 0)
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}"
    version = course_of(house, group.course).version
    faster = course_content(house, room="Red room")
    people = [house.ot.person_id, house.stranger.person_id]
    house.services.doors.execute(house.stranger, w.ReviseCourse(group.course, version, faster, people, "Flood"))
    mine = form(
        house,
        room="Green room",
        aims="Waiting for a turn and asking for help.",
        holidays="",
        start_time="10:00",
        expected_version=str(version),
        reason="Mine",
    )
    answer = ot.post(f"{path}/revise", mine)
    assert answer.status_code == 412
    stands = answer.text.split('id="meanwhile"')[1].split("</dl>")[0]
    assert "Red room" in stands
    assert "Aims" not in stands
    assert 'value="Green room"' in answer.text
    assert f'name="expected_version" value="{version + 1}"' in answer.text
    path_of(ot.post(f"{path}/revise", {**mine, "expected_version": str(version + 1)}))
    assert "Green room" in ot.get(path).text


def test_a_course_ends_with_a_reason_and_offers_nothing_more(house: House):
    group = a_group(house, 2)
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}"
    page = ot.get(f"{path}/end").text
    assert "2 children have a place or wait for one, and leave with it." in page
    version = str(course_of(house, group.course).version)
    refused = ot.post(f"{path}/end", {"reason": " ", "expected_version": version})
    assert refused.status_code == 422
    assert '<a href="#reason">Reason: Enter this</a>' in refused.text
    naming = ot.post(f"{path}/end", {"reason": "Brio moved", "expected_version": version})
    assert naming.status_code == 422
    assert "Brio moved" in naming.text
    assert path_of(ot.post(f"{path}/end", {"reason": "The term is over", "expected_version": version})) == path
    page = ot.get(path).text
    assert "The course has ended." in page
    for action in ("revise", "end", "enrol"):
        assert f'href="{path}/{action}' not in page
        answer = ot.get(f"{path}/{action}")
        assert answer.status_code == 409
        assert "The course has ended" in answer.text
    assert "Has left" in page


def test_ending_what_was_changed_meanwhile_is_decided_again(house: House):
    group = a_group(house, 0)
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}"
    content = course_content(house, room="Red room")
    group.do(house.stranger, w.ReviseCourse(group.course, 1, content, [house.ot.person_id], "Flood"))
    answer = ot.post(f"{path}/end", {"reason": "Over", "expected_version": "1"})
    assert answer.status_code == 412
    assert "Over</textarea>" in answer.text
    path_of(ot.post(f"{path}/end", {"reason": "Over", "expected_version": "2"}))


# ---- one course --------------------------------------------------------------------------------------------------


def test_who_came_when_in_a_table_whose_signs_have_words(house: House):
    group = a_group(house, 3)
    first, second, third = group.children
    house.clock.turn(hours=2)
    group.record(
        group.line(first), group.line(second, attendance="late"), group.line(third, attendance="absent"), number=1
    )
    group.do(house.ot, w.CancelSession(group.course, 2, "Therapist ill"))
    page = house.browser_of(house.ot).get(f"/groups/{group.course}").text
    grid = page.split('id="attendance"')[1].split("</section>")[0]
    rows = re.findall(r'<th scope="row".*?</tr>', grid, re.S)
    marks = [[" ".join(words.split()) for words in re.findall(r'visually-hidden">([^<]+)</span>', r)] for r in rows]
    assert [m[:3] for m in marks] == [
        ["Present", "Cancelled", "To come"],
        ["Came late", "Cancelled", "To come"],
        ["Absent", "Cancelled", "To come"],
    ]
    assert len(re.findall(r'<th scope="col"', grid)) == 12
    assert 'role="region"' in grid
    assert 'tabindex="0"' in grid
    assert "1 of 1" in text_of(f"<main{rows[0]}")
    assert "0 of 1" in text_of(f"<main{rows[2]}")
    assert "Therapist ill" in page


def test_what_two_saw_differently_stands_together_in_one_cell(house: House):
    group = a_group(house, 1)
    (child,) = group.children
    house.clock.turn(hours=2)
    group.record(group.line(child, attendance="late"))
    group.record(group.line(child, attendance="present"), who=house.stranger)
    page = house.browser_of(house.ot).get(f"/groups/{group.course}").text
    cell = re.search(r'aria-hidden="true">([●◐]{2})</span><span class="nhsuk-u-visually-hidden">([^<]+)<', page)
    assert cell
    assert set(cell[2].split(", ")) == {"Present", "Came late"}


def test_each_child_with_goals_reasons_and_a_line_over_time(house: House):
    group = a_group(house, 2)
    first, second = group.children
    house.clock.turn(hours=2)
    group.record(
        group.line(first, level=1, grading="down", support="verbal", response="Waited <twice>."),
        group.line(second, attendance="absent", absence_reason="A cold"),
    )
    late = group.child("Heidi", born=date(2010, 1, 1))
    group.enrol(late, place="waiting", guardians=["Grandmother"])
    page = house.browser_of(house.ot).get(f"/groups/{group.course}").text
    cards = {UUID(card[:36]): card for card in page.split('<article class="nhsuk-card" id="child-')[1:]}
    card = cards[first]
    assert f'href="/children/{first}"' in card
    words = text_of(f"<main>{card}")
    for told in (
        "Has a place since 10 March 2026",
        "7 years",
        "Brio waits for a turn",
        "Thinking and understanding: moderate",
        "Reasons for Age 7 is within 5 to 12.",
        "Graded down",
        "+1, more than expected: three; with words",
        "Waited &lt;twice&gt;.",
    ):
        assert told in words, told
    assert "Absent: A cold" in text_of(f"<main>{cards[second]}")
    words = text_of(f"<main>{cards[late]}")
    assert "Waiting for a place" in words
    assert "Reasons against At 16 the child is older than this kind of group is for (5 to 12)." in words
    assert "Grandmother" in words
    assert f"/groups/{group.course}/enrol?child={late}" in cards[late]


def test_the_staff_of_a_course_read_its_children_without_a_way_into_their_records(house: House):
    group = a_group(house, 1)
    (child,) = group.children
    page = house.browser_of(house.stranger).get(f"/groups/{group.course}").text
    assert "Brio waits for a turn" in page
    assert "/children/" not in page.replace(f"/groups/{group.course}/children/", "")
    assert f"/groups/{group.course}/children/{child}/leave" in page


def test_other_therapists_of_the_team_see_the_course_and_no_child(house: House):
    group = a_group(house, 2)
    colleague = house.browser_of(house.slt)
    path = f"/groups/{group.course}"
    page = colleague.get(path).text
    assert "2 of 6 taken" in text_of(page)
    assert "Who is in the course is known to its staff and the team lead." in page
    assert "Put a child on the waiting list" in page
    for name, case in zip(("Brio", "Cleo"), group.children, strict=True):
        assert name not in legible(page)
        assert str(case) not in page
        assert colleague.get(f"{path}/enrol?child={case}").status_code == 404
        assert colleague.get(f"{path}/children/{case}/leave").status_code == 403
    for action in ("revise", "end"):
        assert colleague.get(f"{path}/{action}").status_code == 403
    assert "Brio" in house.browser_of(house.lead).get(path).text


@pytest.mark.parametrize("who", ["teacher", "admin", "of another team"])
def test_for_everybody_else_there_is_no_such_course(house: House, who: str):
    group = a_group(house, 1)
    people: dict[str, Actor] = {
        "teacher": house.teacher,
        "admin": house.admin,
        "of another team": house.person("Finn Ask", Role.THERAPIST, Discipline.OT, "South"),
    }
    client = house.browser_of(people[who])
    path = f"/groups/{group.course}"
    for page in ("", "/revise", "/end", "/enrol", f"/enrol?child={uuid4()}", f"/children/{group.children[0]}/leave"):
        assert client.get(path + page).status_code == 404, page
    for page in ("/revise", "/end", f"/enrol?child={group.children[0]}", f"/children/{group.children[0]}/leave"):
        assert client.post(path + page, {"reason": "x", "place": "waiting"}, form_on="/account").status_code == 404
    if who == "of another team":
        assert "Tuesday builders" not in client.get("/groups").text
    else:
        assert client.get("/groups").status_code == 403
        assert client.get("/groups/new").status_code == 403
        assert client.post("/groups/new", form(house), form_on="/account").status_code == 403


# ---- places ------------------------------------------------------------------------------------------------------


def test_a_child_is_chosen_looked_at_and_given_a_place(house: House):
    group = a_group(house, 1)
    child = group.child("Cleo")
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}"
    page = ot.get(f"{path}/enrol").text
    assert f'href="{path}/enrol?child={child}"' in page
    assert "Brio</strong></a> (has a place)" in page
    page = ot.get(f"{path}/enrol?child={child}").text
    words = text_of(page)
    assert "Does the course fit Cleo?" in words
    assert "Reasons for Age 7 is within 5 to 12." in words
    assert "Copes with: movement Moderate" in words
    assert f"/children/{child}/profile?back=" in page
    sent = {"place": "enrolled", "goals": [str(group.goals[child])]}
    assert path_of(ot.post(f"{path}/enrol?child={child}", sent)) == path
    page = ot.get(path).text
    assert "The child has a place." in page
    assert "Cleo waits for a turn" in page


def test_reasons_against_ask_for_a_reason_and_everything_chosen_stays(house: House):
    group = a_group(house, 0)
    child = group.child("Cleo", born=date(2010, 1, 1))
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}"
    page = ot.get(f"{path}/enrol?child={child}").text
    assert "Reasons against" in page
    assert 'name="override"' in page
    sent = {"place": "enrolled", "goals": [str(group.goals[child])], "override": " "}
    answer = ot.post(f"{path}/enrol?child={child}", sent)
    assert answer.status_code == 422
    assert '<a href="#override">Why the child shall have the place all the same: There are reasons against.' in (
        answer.text
    )
    assert re.search(rf'value="{group.goals[child]}"[^>]*checked', answer.text)
    path_of(ot.post(f"{path}/enrol?child={child}", {**sent, "override": "A small sixteen"}))
    assert "A small sixteen" in ot.get(path).text


def test_who_chooses_no_goal_is_told_that_this_is_a_reason_against(house: House):
    group = a_group(house, 0)
    child = group.child("Cleo")
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}/enrol?child={group.children[0]}"
    assert child == group.children[0]
    answer = ot.post(path, {"place": "enrolled"})
    assert answer.status_code == 422
    assert "Reasons against No goal is chosen for the group to work on." in text_of(answer.text)
    assert "The child has a goal to work on in the group." not in answer.text
    forged = ot.post(path, {"place": "somewhere", "goals": [str(uuid4())]})
    assert forged.status_code == 422


def test_families_come_together_so_the_guardian_is_asked_for(house: House):
    group = a_group(house, 0, kind="psycho-educational", sessions=8)
    child = group.child("Cleo")
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}/enrol?child={group.children[0]}"
    assert "This kind of group is for child and parent together" in ot.get(path).text
    sent = {"place": "enrolled", "goals": [str(group.goals[child])], "guardians": ["", " ", "", ""]}
    answer = ot.post(path, sent)
    assert answer.status_code == 422
    assert '<a href="#guardians-1">Parents or guardians who come too: Name at least one' in answer.text
    assert 'id="guardians-1"' in answer.text
    path_of(ot.post(path, {**sent, "guardians": ["", "Her father"]}))
    assert "Her father" in ot.get(f"/groups/{group.course}").text


def test_a_waiting_child_keeps_goals_and_guardians_when_the_staff_give_the_place(house: House):
    group = a_group(house, 0, kind="psycho-educational", sessions=8)
    child = group.child("Cleo")
    group.enrol(child, place="waiting", guardians=["Her father"])
    staff = house.browser_of(house.stranger)  # who treats her not
    path = f"/groups/{group.course}/enrol?child={child}"
    page = staff.get(path).text
    assert "Cleo waits for a place in this course." in page
    assert 'value="Her father"' in page
    assert re.search(rf'value="{group.goals[child]}"[^>]*checked', page)
    assert 'type="hidden" name="place" value="enrolled"' in page
    assert f"/children/{child}/profile" not in page
    sent = {"place": "enrolled", "goals": [str(group.goals[child])], "guardians": ["Her father"]}
    path_of(staff.post(path, sent))
    (found,) = house.services.doors.ask(house.ot, ReadRoster(group.course)).children
    assert (found.status, found.guardians) == ("enrolled", ["Her father"])
    assert "has a place in this course already" in staff.get(path).text


def test_a_therapist_of_the_team_puts_a_child_on_the_waiting_list(house: House):
    group = a_group(house, 0)
    child = house.child
    slt, path = house.browser_of(house.slt), f"/groups/{group.course}"
    page = slt.get(f"{path}/enrol?child={child}").text
    assert "The child has no goal that a group could work on." in page
    assert "Nobody has described it yet." in page
    assert path_of(slt.post(f"{path}/enrol?child={child}", {"place": "waiting"})) == path
    page = slt.get(path).text
    assert "The child is on the waiting list." in page
    assert "0 of 6 taken; 1 waiting" in text_of(page)
    assert "Zig" not in legible(page)
    refused = slt.post(f"{path}/enrol?child={child}", {"place": "enrolled", "override": "x"})
    assert refused.status_code == 403


def test_a_full_course_offers_the_waiting_list_and_says_why(house: House):
    group = a_group(house, 1, capacity=1, why_otherwise="A trial")
    child = group.child("Cleo")
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}/enrol?child={group.children[1]}"
    page = ot.get(path).text
    assert "Every place is taken. Cleo can wait for one." in page
    assert "Put Cleo on the waiting list" in page
    assert "Give the child a place" not in page
    course = ot.get(f"/groups/{group.course}").text
    assert "Every place is taken. A child can wait for one." in course
    assert "Enrol a child" not in course
    answer = ot.post(path, {"place": "enrolled", "goals": [str(group.goals[child])]})
    assert answer.status_code == 409
    assert "The course is full" in answer.text
    assert answer.text.index("Put Cleo on the waiting list") < answer.text.index("Give the child a place")
    assert re.search(rf'value="{group.goals[child]}"[^>]*checked', answer.text)


def test_who_waits_for_a_full_course_is_shown_where_to_give_it_more_places(house: House):
    group = a_group(house, 1, capacity=1, why_otherwise="A trial")
    group.enrol(group.child("Cleo"), place="waiting")
    page = house.browser_of(house.ot).get(f"/groups/{group.course}/enrol?child={group.children[1]}").text
    assert "Every place is taken: one has to become free first." in page
    assert f"/groups/{group.course}/revise" in page
    course = house.browser_of(house.ot).get(f"/groups/{group.course}").text
    assert "Every place is taken: one has to become free first." in course
    for offered in (page, course):
        assert "Give a place" not in offered
        assert "Give the child a place" not in offered


def test_an_italian_reads_whom_a_kind_suits_in_italian_and_a_leads_own_words_as_they_are(house: House):
    words = "Children who like to be with others"
    house.services.doors.execute(house.lead, ChangePolicy("social-skills", 0, {"suits": words}, "Wider"))
    ot = house.browser_of(house.ot)
    house.accounts.set_language(house.ot.person_id, "it")
    page = text_of(ot.get("/groups/new").text)
    assert "Bambini con difficoltà di sviluppo o psicomotorie" in page
    assert words in page


def test_aims_that_seem_to_name_the_child_are_asked_about_once(house: House):
    group = a_group(house, 0, aims="Waiting, like Cleo does.")
    child = group.child("Cleo")
    ot = house.browser_of(house.ot)
    path, form = (
        f"/groups/{group.course}/enrol?child={child}",
        {"place": "enrolled", "goals": [str(group.goals[child])]},
    )
    answer = ot.post(path, form)
    assert answer.status_code == 422
    assert "The aims of the course seem to name this child." in answer.text
    (meant,) = re.findall(r'name="confirmed" type="checkbox" value="(names-the-child[^"]+)"', answer.text)
    assert ot.post(path, {**form, "confirmed": meant}).status_code == 303


def test_a_reason_or_aims_with_a_word_that_is_a_name_come_back_with_a_question_and_are_kept(house: House):
    group = a_group(house, 1)
    ot, name = house.browser_of(house.ot), NAMES[0]

    def asked_and_sent(path: str, **form: str) -> None:
        form |= {"reason": f"The {name} bridge is closed"}
        answer = ot.post(path, form)
        assert answer.status_code == 422
        assert f"The {name} bridge is closed" in answer.text
        (meant,) = re.findall(r'name="confirmed" type="checkbox" value="(names-another-child[^"]+)"', answer.text)
        assert ot.post(path, {**form, "confirmed": meant}).status_code == 303

    asked_and_sent(f"/groups/{group.course}/sessions/2/cancel")
    asked_and_sent(f"/groups/{group.course}/end")


def test_a_search_finds_a_child_among_many(house: House):
    group = a_group(house, 0)
    for number in range(9):
        house.open_case(f"Nia{number}", members=[])
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}/enrol"
    assert 'name="q"' in ot.get(path).text
    found = ot.get(f"{path}?q=NIA3").text
    assert re.findall(r"<strong>(Nia\d)</strong>", found) == ["Nia3"]
    assert "No child fits “Otto”." in ot.get(f"{path}?q=Otto").text
    assert "You are on no child's care team yet" in house.browser_of(house.stranger).get(path).text


def test_a_child_is_taken_off_with_a_reason_that_names_no_other(house: House):
    group = a_group(house, 2)
    first, _second = group.children
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}"
    leave = f"{path}/children/{first}/leave"
    assert "Take Brio off the course?" in ot.get(leave).text
    assert ot.post(leave, {"reason": ""}).status_code == 422
    naming = ot.post(leave, {"reason": "Quarrels with Cleo"})
    assert naming.status_code == 422
    assert "Quarrels with Cleo</textarea>" in naming.text
    assert path_of(ot.post(leave, {"reason": "Moves away"})) == path
    page = ot.get(path).text
    assert "The child is no longer in the course." in page
    assert "Has left" in page
    assert ot.post(leave, {"reason": "Moves away"}).status_code == 409
    assert ot.get(f"{path}/children/{uuid4()}/leave").status_code == 404


def test_a_store_that_is_down_loses_no_word(house: House, monkeypatch: pytest.MonkeyPatch):
    group, child = a_group(house, 1), house.child
    ot, path = house.browser_of(house.ot), f"/groups/{group.course}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', ot.get(f"{path}/revise").text)
    assert token

    def down(*_: Any, **__: Any) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(house.services.record, "append", down)
    monkeypatch.setattr(house.services.access, "record", down)
    words = {"reason": "The room is damp", "override": "A small sixteen", "place": "waiting"}
    sent = {"csrf_token": token[1], **form(house, expected_version="1"), **words}
    for address in (
        "/groups/new",
        f"{path}/revise",
        f"{path}/enrol?child={child}",
    ):
        answer = ot.client.post(address, data=sent)
        assert answer.status_code == 503, address
        assert "Retry-After" in answer.headers
        assert any(kept in answer.text for kept in ("The room is damp", "A small sixteen", "Waiting for a turn."))


def test_every_look_at_the_children_is_recorded(house: House):
    group = a_group(house, 1)
    house.browser_of(house.stranger).get(f"/groups/{group.course}")
    history = house.browser_of(house.lead).get(f"/children/{group.children[0]}/history").text
    assert "Looked at who is in a course" in history
    assert Relation.CLASS_TEACHER not in history


# ---- another name --------------------------------------------------------------------------------------------------


def test_who_has_a_new_name_runs_the_group_under_it_on_every_page_of_what_is_to_come(house: House):
    group = a_group(house, 1)
    group.do(house.ot, w.NameStandIns(group.course, 2, [house.slt.person_id], "She is away"))
    for person, name in ((house.ot, "Ada Lim"), (house.slt, "Sol Dahl")):
        group.do(house.admin, RenamePerson(person.person_id, name))
    una, course = house.browser_of(house.stranger), f"/groups/{group.course}"
    session = f"{course}/sessions/2"
    for page in (course, session, f"{session}/run", f"{session}/stand-ins", f"{course}/revise", f"{session}/sheet"):
        answer = una.get(page)
        assert answer.status_code == 200, page
        assert "Ada Lind" not in answer.text, page
        assert "Sol Berg" not in answer.text, page
    assert "Sol Dahl" in una.get(session).text
    assert "Ada Lim" in una.get(course).text
