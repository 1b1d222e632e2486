"""Groups in the history of a child and in the audit of the team: all in words, and no other child in the first."""

import re
from datetime import date
from html import unescape
from typing import Any
from uuid import UUID

from coord.application.groups.commands import (
    CancelSession,
    CorrectSession,
    EndCourse,
    EndPlace,
    PlanSession,
    ReviseCourse,
)
from coord.application.groups.questions import ReadCourses, ReadFit, ReadMySessions, ReadRoster, ReadSession
from coord.web.history.words import rows
from tests.group_story import a_group, a_plan, course_content
from tests.house import House


def listed(answer: Any) -> str:
    """The list of changes and accesses alone, as it reads."""
    words = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text)))
    return words.partition("Changes and accesses, the newest first")[2].partition("Take it out")[0]


def test_groups_in_words_in_the_history_of_a_child(house: House):
    group = a_group(house, children=2)
    brio, cleo = group.children
    house.clock.turn(hours=2)
    group.record()
    recording = house.services.doors.ask(house.ot, ReadSession(group.course, 1)).recordings[0]
    line = group.line(brio, id=recording.lines[brio], response="Waited for two turns.")
    group.do(
        house.ot,
        CorrectSession(group.course, 1, recording.id, recording.version, "Counted again", children=[line]),
    )
    house.browser_of(house.ot).get(f"/children/{brio}/groups")
    house.services.doors.ask(house.ot, ReadFit(group.course, brio))
    house.services.doors.ask(house.ot, ReadRoster(group.course))
    page = house.browser_of(house.lead).get(f"/children/{brio}/history")
    words = listed(page)
    for text in (
        "What the child copes with described",
        "Place in a group changed Kind of group: Social skills Place: Has a place",
        "Group session recorded Observed: 10 Mar 2026, 11:00:00 Kind of group: Social skills Session: 1",
        "Record of a group session corrected Observed: 10 Mar 2026, 11:00:00 Version: 2",
        "Looked at the child's groups Shown: The words of 2 entries",
        "Looked at a group session",
        "Looked whether a course fits",
        "Looked at who is in a course",
    ):
        assert text in words, text
    for other in ("Cleo", "Tuesday builders", str(cleo), str(group.course), "Counted again", "two turns"):
        assert other not in page.text.partition("<table")[2]


def test_courses_in_words_in_the_audit_of_the_team(house: House):
    group = a_group(house, children=2)
    brio, _cleo = group.children
    house.clock.turn(hours=2)
    group.do(house.ot, PlanSession(group.course, 1, a_plan()))
    group.record()
    group.do(house.ot, CancelSession(group.course, 2, "The room is being painted"))
    version = house.services.record.course(group.course).version
    content = course_content(house, aims="Waiting for a turn, and telling so.")
    staff = [house.ot.person_id, house.stranger.person_id]
    group.do(house.ot, ReviseCourse(group.course, version, content, staff, "Said more plainly"))
    group.do(house.ot, EndPlace(group.course, brio, "Moved away"))
    group.do(house.ot, EndCourse(group.course, "The term is over"))
    browser = house.browser_of(house.ot)
    browser.get(f"/groups/{group.course}")
    house.services.doors.ask(house.ot, ReadRoster(group.course))
    house.services.doors.ask(house.ot, ReadCourses())
    house.services.doors.ask(house.ot, ReadMySessions(date(2026, 3, 10), date(2026, 3, 17)))
    page = house.browser_of(house.lead).get("/audit")
    words = listed(page)
    for text in (
        "Course planned Course: Tuesday builders Kind of group: Social skills",
        "Place in a course given Child: Brio Place: Has a place From: 10 Mar 2026",
        "Session planned Session: 1 Version: 1",
        "Session recorded Observed: 10 Mar 2026, 11:00:00 Session: 1 Children: 2",
        "Session cancelled Session: 2 Reason: The room is being painted",
        "Course revised Course: Tuesday builders Kind of group: Social skills Version: 2 Reason: Said more plainly",
        "Left a course Child: Brio Place: Has left Until: 10 Mar 2026 Reason: Moved away",
        "Course ended Reason: The term is over",
        "Looked at who is in a course Course: Tuesday builders",
        "Looked at the courses",
        "Looked at their own sessions",
    ):
        assert text in words, text
    shown = re.sub(r"<[^>]*>", " ", page.text)
    for raw in (str(group.course), str(brio), "social-skills", "enrolled"):
        assert raw not in shown


def test_a_child_of_another_team_in_a_course_is_not_named_to_its_lead(house: House):
    names = {str(UUID(int=1)): "Brio"}
    item = {
        "sort": "change",
        "kind": "course.place-given",
        "detail": {"child": str(UUID(int=2)), "place": "waiting"},
        "version_after": None,
        "role": "therapist",
        "discipline": None,
        "observed_at": None,
        "recorded_at": None,
        "channel": "",
        "before": {},
        "after": {},
        "entry": None,
    }
    facts = rows([item], names)[0].facts
    assert facts == [("Child", "a child of another service team"), ("Place", "Waiting for a place")]
