"""Groups through the doors, misused: ids of others, the same sent otherwise, names in the wrong place, looks that lead
from one child to another. By mistake or not; the record stays whole, and nobody learns what is not theirs to know."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import CloseCase
from coord.application.declared import Command
from coord.application.goals import commands as g
from coord.application.groups import commands as w
from coord.application.groups import questions as r
from coord.application.history.questions import HistoryFilter, ReadAudit, ReadHistory
from coord.application.timeline.questions import ReadTimeline
from coord.domain.actors import Discipline, Role
from coord.domain.case import LineContent, ObservationContent
from tests.application.test_goals import words
from tests.application.test_groups import correct, lines_of, observations, problems
from tests.group_story import NAMES, Group, a_group, course_content
from tests.house import House, answered

# ---- ids of others -----------------------------------------------------------------------------------------------


def test_no_correction_takes_back_what_somebody_else_observed(house: House):
    """A rating under the id of a teacher's observation would, left out of the next correction, take that one back."""
    group = Group(house)
    group.plan()
    child = group.child("Brio", teacher=house.teacher)
    group.enrol(child)
    theirs = uuid4()
    seen = ObservationContent("school", level=2)
    house.services.doors.execute(house.teacher, g.ObserveGoal(child, group.goals[child], theirs, seen))
    line, recording = group.line(child, level=None), uuid4()
    group.record(line, id=recording)
    under_their_id = replace(line, ratings=[w.Rating(theirs, group.goals[child], -2)])
    wish = w.CorrectSession(group.course, 1, recording, 1, "A slip", children=[under_their_id])
    assert problems(house, house.ot, wish) == {"/children/0/ratings/0/id": "id-taken"}
    assert [(o.context, o.level, o.marked) for o in observations(house, group, child)] == [("school", 2, "")]


def test_a_strategy_has_an_id_of_its_own_also_in_a_correction(house: House):
    group = a_group(house, 2)
    one, other = group.children
    handed = [w.HandedOver(uuid4(), "One turn each at supper")]
    lines, recording = [replace(group.line(one), strategies=handed), group.line(other)], uuid4()
    group.record(*lines, id=recording)
    wish = w.CorrectSession(group.course, 1, recording, 1, "A slip", children=[replace(lines[1], strategies=handed)])
    assert problems(house, house.ot, wish) == {"/children/0/strategies/0/id": "id-taken"}
    late = replace(lines[0], content=LineContent("late"))
    correct(group, recording, 1, late)  # with what was handed over, which is this child's
    assert [line.line["attendance"] for line in lines_of(house, one)] == ["late"]


def test_ratings_of_two_children_under_one_id_stay_apart(house: House):
    group = a_group(house, 2)
    one, other = group.children
    same = uuid4()
    for number, child, rest, level in ((1, one, other, 1), (2, other, one, -2)):
        rating = w.Rating(same, group.goals[child], level, "verbal")
        told = w.ChildRecord(child, uuid4(), LineContent("present"), [rating])
        group.record(told, group.line(rest, level=None), number=number)
    roster = house.services.doors.ask(house.ot, r.ReadRoster(group.course)).children
    for child, number, level in ((one, 1, 1), (other, 2, -2)):
        by_session = {line.number: [o["level"] for o in line.ratings] for line in lines_of(house, child)}
        assert by_session == {1: [], 2: []} | {number: [level]}
        (on_the_roster,) = [x for x in roster if x.case_id == child]
        shown = {n: [o["level"] for line in lines for o in line.ratings] for n, lines in on_the_roster.lines.items()}
        assert shown == by_session


def test_a_line_can_be_corrected_whatever_became_of_the_place(house: House):
    """Other goals since, off the course, on the waiting list again: what was rated then stays as it was."""
    group = a_group(house, 2)
    child = group.children[0]
    lines, recording = [group.line(child) for child in group.children], uuid4()
    group.record(*lines, id=recording)
    before = group.goals[child]
    another = uuid4()
    group.do(house.ot, g.ProposeGoal(child, another, words(house)))
    steps = (
        lambda: group.enrol(child, goals=[another]),
        lambda: group.do(house.ot, w.EndPlace(group.course, child, "Moves")),
        lambda: group.enrol(child, place="waiting", goals=[another]),
    )
    for version, step in enumerate(steps, 1):
        step()
        correct(group, recording, version, replace(lines[0], content=LineContent("late", response=f"Way {version}.")))
        (line,) = lines_of(house, child)
        assert (line.line["response"], [o["goal_id"] for o in line.ratings]) == (f"Way {version}.", [before])


# ---- the same sent again, otherwise ------------------------------------------------------------------------------


def test_another_level_or_strategy_under_the_ids_of_before_is_no_repetition(house: House):
    group = a_group(house, 1)
    line = replace(group.line(group.children[0]), strategies=[w.HandedOver(uuid4(), "One turn each at supper")])
    recording = uuid4()
    group.record(line, id=recording)
    spaced = replace(line, strategies=[replace(line.strategies[0], text=" One turn each at supper\r\n")])
    assert group.record(spaced, id=recording).repeated  # what is kept of it is the same
    end = house.clock.now
    for otherwise in (
        replace(line, ratings=[replace(line.ratings[0], level=2)]),
        replace(line, ratings=[replace(line.ratings[0], support="physical")]),
        replace(line, ratings=[replace(line.ratings[0], remark="Much better")]),
        replace(line, strategies=[replace(line.strategies[0], text="Two turns each")]),
    ):
        wish = w.RecordSession(group.course, 1, recording, end, end, children=[otherwise])
        assert problems(house, house.ot, wish) == {"/id": "id-taken"}


# ---- other times -------------------------------------------------------------------------------------------------


def moved(group: Group, recording: UUID, version: int, *children: w.ChildRecord) -> None:
    """The session was a day earlier than recorded."""
    yesterday = group.house.clock.now - timedelta(days=1)
    correct(group, recording, version, *children, started_at=yesterday - timedelta(hours=1), ended_at=yesterday)


@pytest.mark.parametrize("sent", [False, True])
def test_other_times_do_not_bring_a_mistaken_rating_back(house: House, sent: bool):
    group = a_group(house, 1)
    (child,) = group.children
    line, recording = group.line(child), uuid4()
    group.record(line, id=recording)
    wrong = line.ratings[0].observation_id
    group.do(house.ot, g.EnterObservationInError(child, group.goals[child], wrong, "Another child's"))
    moved(group, recording, 1, *([line] if sent else []))
    assert [o.marked for o in observations(house, group, child)] == ["Another child's"]


@pytest.mark.parametrize("sent", [False, True])
def test_other_times_reach_a_closed_case_whose_ratings_stay(house: House, sent: bool):
    group = a_group(house, 2)
    closed, other = group.children
    lines, recording = [group.line(child) for child in group.children], uuid4()
    group.record(*lines, id=recording)
    answered(house.services.doors, house.ot, CloseCase(closed, "Done here"))
    moved(group, recording, 1, *(lines if sent else []))
    for child, marks in ((closed, [""]), (other, ["", "A slip"])):
        (line,) = lines_of(house, child)
        assert (line.version, len(line.ratings)) == (2, 1)
        assert sorted(o.marked for o in observations(house, group, child)) == marks


# ---- names where others read them --------------------------------------------------------------------------------


def test_what_the_whole_team_reads_of_a_course_names_no_child(house: House):
    """Who is in a course is for its staff; why a session was cancelled, and how the course is called, for the team."""
    group = a_group(house, 2)
    left = group.child("Nino")
    group.enrol(left)
    group.do(house.ot, w.EndPlace(group.course, left, "Moves"))
    for name in (*NAMES[:2], "Nino"):
        wish: Command = w.CancelSession(group.course, 3, f"{name} is ill, and all were at the party")
        assert problems(house, house.ot, wish) == {"/reason": "names-another-child"}
        for part in ("title", "aims", "why_otherwise"):
            content = course_content(house, **{part: f"For {name} and friends"})
            wish = w.ReviseCourse(group.course, None, content, [house.ot.person_id], "Better words")
            assert problems(house, house.ot, wish) == {f"/{part}": "names-another-child"}
    group.do(house.ot, w.CancelSession(group.course, 3, "Too many are ill"))


def test_a_title_that_was_there_before_a_child_of_that_name_stays(house: House):
    group = Group(house)
    group.plan(title="The Rose room")
    group.enrol(group.child("Rose"))
    content = course_content(house, title="The Rose room", room="Blue room, upstairs")
    group.do(house.ot, w.ReviseCourse(group.course, None, content, [house.ot.person_id], "Painting"))


# ---- looks that lead from one child to another -------------------------------------------------------------------


def test_a_look_at_the_children_of_a_course_leads_from_no_childs_history_to_the_next(house: House):
    group = a_group(house, 2)
    group.record()
    ask = house.services.doors.ask
    questions = {"ReadRoster": r.ReadRoster(group.course), "ReadSession": r.ReadSession(group.course, 1)}
    for kind, question in questions.items():
        ask(replace(house.ot, request_id=f"the {kind}"), question)
    ask(replace(house.ot, request_id="the ReadFit"), r.ReadFit(group.course, group.children[0]))
    of_the_course = house.services.access.page(person=house.ot.person_id, kind="ReadRoster")
    assert [look["request"] for look in of_the_course if look["case_id"] is None] == ["the ReadRoster"]
    seen: list[str] = []
    for child, looks in ((group.children[0], 3), (group.children[1], 2)):
        items = ask(house.lead, ReadHistory(child, HistoryFilter(kind="accesses"))).items
        requests = [i["request"] for i in items if i["person"] == house.ot.person_id]
        assert len(requests) == looks
        seen += requests
    assert len({*seen, "", "the ReadRoster", "the ReadSession", "the ReadFit"}) == len(seen) + 4


def test_the_lead_of_a_colleague_learns_from_their_looks_neither_who_is_in_a_course_nor_how_many(house: House):
    """Somebody of the south runs a group of the north with others, in which one child of the south is."""
    group = a_group(house, 3)
    runs_it = house.person("Pat Yon", Role.THERAPIST, Discipline.OT, "South")
    lead = house.person("Lena Ydal", Role.TEAM_LEAD, team="South")
    staff = [house.ot.person_id, runs_it.person_id]
    group.do(house.ot, w.ReviseCourse(group.course, None, course_content(house), staff, "Ill"))
    theirs = house.open_case("Yara", by=runs_it, members=[])
    wish = w.EnrolChild(group.course, theirs, override="Friends there")
    group.do(runs_it, wish)
    group.record(*(w.ChildRecord(x, uuid4(), LineContent("absent")) for x in (*group.children, theirs)))
    ask = house.services.doors.ask
    for question in (r.ReadRoster(group.course), r.ReadSession(group.course, 1)):
        ask(runs_it, question)
    items = ask(lead, ReadAudit(HistoryFilter(kind="accesses"), limit=100)).items
    for kind in ("ReadRoster", "ReadSession"):
        assert [(i["case_id"], i["withheld"]) for i in items if i["kind"] == kind] == [(theirs, False), (None, False)]
    of_the_north = ask(house.lead, ReadAudit(HistoryFilter(kind="ReadRoster"), limit=100)).items
    assert {i["case_id"] for i in of_the_north} == {*group.children}


def test_what_is_asked_otherwise_is_about_the_same_course(house: House):
    """Who may know of one course would be shown another, by what they are to the first."""
    group = a_group(house, 1)
    south = house.person("Pat Yon", Role.THERAPIST, Discipline.OT, "South")
    theirs = uuid4()
    group.do(south, w.PlanCourse(theirs, course_content(house), [south.person_id]))
    doors = house.services.doors
    for other in (r.ReadCourse(theirs), r.ReadGroups(group.children[0]), r.ReadCourses()):
        with pytest.raises(ValueError, match="is not about what ReadRoster is about"):
            doors.ask(house.psychologist, r.ReadRoster(group.course), otherwise=other)
    assert doors.ask(house.psychologist, r.ReadRoster(group.course), otherwise=r.ReadCourse(group.course))


# ---- the school --------------------------------------------------------------------------------------------------


def test_that_a_child_waited_is_no_matter_of_the_schools_afterwards_either(house: House):
    group = Group(house)
    group.plan()
    child = group.child("Brio", teacher=house.teacher)
    ask = house.services.doors.ask

    def told(who: Any = house.teacher) -> list[str]:
        items = ask(who, ReadTimeline(child, limit=100)).items
        return [i["detail"]["what"] for i in items if i["kind"] == "group" and i["detail"]["what"] != "profile"]

    group.enrol(child, place="waiting")
    content = course_content(house, aims="Asking for help.")
    group.do(house.ot, w.ReviseCourse(group.course, None, content, [house.ot.person_id], "Plainer"))
    group.do(house.ot, w.EndPlace(group.course, child, "Another group"))
    assert (told(), list(ask(house.teacher, r.ReadGroups(child)).groups)) == ([], [])
    assert told(house.ot) == ["left", "revised", "waiting"]
    group.enrol(child, place="waiting")
    group.enrol(child)
    group.do(house.ot, w.EndPlace(group.course, child, "Moves"))
    assert told() == ["left", "enrolled"]
    assert [shown.status for shown in ask(house.teacher, r.ReadGroups(child)).groups] == ["left"]
