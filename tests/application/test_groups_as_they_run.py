"""Groups as they really run: stays, moved dates, stand-ins, the staff of then, recordings that disagree."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import AddToTeam
from coord.application.declared import Command
from coord.application.groups import commands as w
from coord.application.groups import questions as r
from coord.application.people.commands import DisablePerson, RenamePerson
from coord.application.timeline.questions import ReadTimeline
from coord.domain.actors import COMMAND_LINE, Actor, Relation
from coord.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from tests.group_story import Group, a_group, course_content
from tests.house import House


def problems(group: Group, who: Actor, command: Command) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        group.house.services.doors.execute(who, command)
    return {problem.pointer: problem.code for problem in refused.value.problems}


def answers_to(group: Group, who: Actor, command: Command) -> tuple[str, ...]:
    with pytest.raises(InvalidInput) as refused:
        group.house.services.doors.execute(who, command)
    return tuple(problem.answer for problem in refused.value.problems if problem.answer)


def session(group: Group, number: int = 1, who: Actor | None = None) -> r.SessionAnswer:
    answer: r.SessionAnswer = group.house.services.doors.ask(who or group.house.ot, r.ReadSession(group.course, number))
    return answer


def roster(group: Group) -> r.RosterAnswer:
    answer: r.RosterAnswer = group.house.services.doors.ask(group.house.ot, r.ReadRoster(group.course))
    return answer


def on_roster(group: Group, case: UUID) -> r.RosterChild:
    return next(child for child in roster(group).children if child.case_id == case)


def of_child(group: Group, case: UUID) -> list[r.GroupOfChild]:
    answer: r.GroupsAnswer = group.house.services.doors.ask(group.house.ot, r.ReadGroups(case))
    return list(answer.groups)


def told(group: Group, case: UUID) -> list[dict[str, Any]]:
    items = group.house.services.doors.ask(group.house.ot, ReadTimeline(case, limit=100)).items
    return [item["detail"] for item in items if item["kind"] == "group" and item["detail"]["what"] != "profile"]


# ---- joining and leaving on a day that one names -----------------------------------------------------------------


def test_a_child_joins_and_leaves_on_days_that_one_names_and_who_came_back_has_two_stays(house: House):
    group = a_group(house, 1)
    child = group.child("Nino")
    house.clock.turn(days=30)  # 9 April
    group.enrol(child, since=date(2026, 3, 17))
    group.do(house.ot, w.EndPlace(group.course, child, "In hospital", date(2026, 3, 24)))
    group.enrol(child, since=date(2026, 4, 14))
    (first, second) = on_roster(group, child).periods
    assert first == {"since": date(2026, 3, 17), "until": date(2026, 3, 24)}
    assert second == {"since": date(2026, 4, 14), "until": None}
    here = [child in [c.case_id for c in session(group, n).children if c.expected] for n in range(1, 8)]
    assert here == [False, True, False, False, False, True, True]
    came_back, stayed = of_child(group, child)
    assert (stayed.joined, stayed.left_on) == (date(2026, 3, 17), date(2026, 3, 24))
    assert (came_back.joined, came_back.left_on) == (date(2026, 4, 14), None)
    assert {at.date() for at in came_back.next_dates} >= {date(2026, 4, 14)}
    early = w.EnrolChild(group.course, child, "enrolled", since=date(2026, 3, 20))
    assert problems(group, house.ot, early) == {"/since": "in-an-earlier-stay"}


def test_the_line_of_an_earlier_stay_is_told_under_that_stay(house: House):
    group = a_group(house, 1)
    child = group.children[0]
    first = of_child(group, child)[0].membership_id
    house.clock.turn(days=8)
    group.do(house.ot, w.EndPlace(group.course, child, "In hospital"))
    house.clock.turn(days=20)
    group.enrol(child)
    end = house.clock.now - timedelta(days=28)
    group.do(house.ot, w.RecordSession(group.course, 1, uuid4(), end, end, children=[group.line(child)]))
    assert [line.membership_id for line in session(group).children[0].lines] == [first]


def test_a_last_day_to_come_keeps_the_place_until_then(house: House):
    group = a_group(house, 1, capacity=4)
    child = group.children[0]
    group.do(house.ot, w.EndPlace(group.course, child, "Moves", date(2026, 4, 7)))
    assert on_roster(group, child).status == "enrolled"
    assert of_child(group, child)[0].left_on == date(2026, 4, 7)
    assert max(at.date() for at in of_child(group, child)[0].next_dates) == date(2026, 4, 7)
    assert told(group, child)[0] == {"what": "left", "group": "social-skills", "on": "2026-04-07"}
    group.enrol(child)  # who was to leave stays
    assert on_roster(group, child).periods == [{"since": date(2026, 3, 10), "until": None}]
    group.do(house.ot, w.EndPlace(group.course, child, "Moves", date(2026, 4, 7)))
    house.clock.turn(days=28)
    assert on_roster(group, child).status == "left"


def test_a_last_day_before_a_session_that_the_child_was_in_is_asked_about_once(house: House):
    group = a_group(house, 1)
    group.record(number=2)  # 17 March
    wish = w.EndPlace(group.course, group.children[0], "Moved", date(2026, 3, 12))
    assert problems(group, house.ot, wish) == {"/until": "was-there-after"}
    group.do(house.ot, replace(wish, confirmed=answers_to(group, house.ot, wish)))
    event = [recorded.event for recorded in house.services.record.stream(group.course)][-1]
    assert [answer["code"] for answer in vars(event)["answered"]] == ["was-there-after"]
    assert problems(group, house.ot, replace(wish, until=date(2026, 3, 1))) == {"/until": "before-the-stay"}


def test_a_stay_that_is_over_before_it_began_never_was(house: House):
    group = a_group(house, 1)
    child = group.child("Nino")
    group.enrol(child, since=date(2026, 4, 7))
    assert on_roster(group, child).status == "enrolled"
    group.do(house.ot, w.EndPlace(group.course, child, "Changed their mind"))
    assert (on_roster(group, child).status, on_roster(group, child).periods) == ("left", [])
    late = w.EnrolChild(group.course, child, "enrolled", since=date(2026, 12, 1))
    assert problems(group, house.ot, late) == {"/since": "after-the-last-session"}


def test_other_goals_do_not_move_a_waiting_child_to_the_end(house: House):
    group = a_group(house, 1)
    first, second = group.child("Nino"), group.child("Lupo")
    for child in (first, second):
        group.enrol(child, place="waiting")
    house.clock.turn(days=1)
    group.enrol(first, place="waiting", goals=[])
    assert [child.case_id for child in roster(group).children if child.status == "waiting"] == [first, second]
    assert list(house.services.record.course(group.course).places)[-2:] == [str(first), str(second)]


# ---- one date moved, one held after all ---------------------------------------------------------------------------


def test_a_moved_date_reaches_the_children_and_stays_when_the_course_is_revised(house: House):
    group = a_group(house, 1)
    child = group.children[0]
    group.do(house.ot, w.MoveSession(group.course, 2, date(2026, 3, 19), "15:30", "The school's feast"))
    assert "19 15:30" in [at.strftime("%d %H:%M") for at in of_child(group, child)[0].next_dates[:2]]
    assert told(group, child)[0]["instead"] == {"day": "2026-03-19", "at": "15:30"}
    version = house.services.record.course(group.course).version
    later = course_content(house, room="Green room", start_time="11:00")
    group.do(house.ot, w.ReviseCourse(group.course, version, later, None, "Paint"))
    starts = {s.number: s.starts_at.strftime("%d.%m. %H:%M") for s in session(group).course.sessions}
    assert (starts[1], starts[2], starts[3]) == ("10.03. 11:00", "19.03. 15:30", "24.03. 11:00")
    again = w.MoveSession(group.course, 3, date(2026, 3, 19), "16:30", "So")
    assert problems(group, house.ot, again) == {"/day": "another-session-then"}
    same = w.MoveSession(group.course, 2, date(2026, 3, 19), "15:30", "So")
    with pytest.raises(Conflict, match="nothing-changed"):
        group.do(house.ot, same)


def starts(group: Group) -> list[str]:
    return [s.starts_at.strftime("%d.%m. %H:%M") for s in session(group).course.sessions]


def revise(group: Group, **more: Any) -> None:
    """The course as it was planned first, but for this."""
    version = group.house.services.record.course(group.course).version
    content = course_content(group.house, first_date=date(2026, 3, 10), **more)
    group.do(group.house.ot, w.ReviseCourse(group.course, version, content, None, "Another hour"))


def test_a_session_that_was_keeps_its_time_its_length_and_its_room_when_the_course_is_revised(house: House):
    group = a_group(house, 1)
    child = group.children[0]
    group.record()  # 10 March; nobody records the 17th
    house.clock.turn(days=8)
    revise(group, start_time="14:00", minutes=75, room="Green room")
    assert starts(group)[:3] == ["10.03. 10:00", "17.03. 10:00", "24.03. 14:00"]
    first, second, third = session(group).course.sessions[:3]
    assert [s.room for s in (first, second, third)] == ["Blue room", "Blue room", "Green room"]
    assert [s.ends_at - s.starts_at for s in (second, third)] == [timedelta(minutes=60), timedelta(minutes=75)]
    mine = house.services.doors.ask(house.ot, r.ReadMySessions(date(2026, 3, 10), date(2026, 3, 24), waiting=True))
    assert [(s.starts_at.hour, s.room) for s in mine.sessions] == [
        (10, "Blue room"),
        (10, "Blue room"),
        (14, "Green room"),
    ]
    assert [s.starts_at.hour for s in mine.unrecorded] == [10]
    (place,) = house.services.record.case(child).memberships.values()
    assert (place["start_time"], place["other_times"]) == ("14:00", {"2026-03-10": "10:00", "2026-03-17": "10:00"})
    assert {at.hour for at in of_child(group, child)[0].next_dates} == {14}
    group.do(house.ot, w.CancelSession(group.course, 4, "Paint"))
    assert told(group, child)[0]["gone"] == ["2026-03-31"]


def test_each_session_has_the_time_that_was_decided_last_before_it_began(house: House):
    group = a_group(house, 1)
    house.clock.turn(days=8)
    revise(group, start_time="14:00")
    house.clock.turn(days=7)  # 25 March
    revise(group, start_time="15:00")
    house.clock.turn(days=6, hours=-2)  # 31 March at 9, by summer time
    revise(group, start_time="16:00")
    assert [text[-5:] for text in starts(group)[:5]] == ["10:00", "10:00", "14:00", "16:00", "16:00"]
    house.clock.turn(hours=8)
    revise(group, start_time="11:00")
    revise(group, start_time="17:30")  # the hour before was a slip of the pen
    assert [text[-5:] for text in starts(group)[:5]] == ["10:00", "10:00", "14:00", "16:00", "17:30"]


@pytest.mark.parametrize(("hours", "starts_at"), [(14, "09:00"), (15, "00:30")])
def test_whether_a_session_has_begun_is_told_by_the_clock_of_the_clinic(house: House, hours: int, starts_at: str):
    group = Group(house)
    group.plan(start_time="00:30")
    house.clock.turn(days=6, hours=hours)  # there it is the 17th of March, half an hour before it begins or after it
    revise(group, start_time="09:00")
    assert starts(group)[1] == f"17.03. {starts_at}"


def test_a_session_that_was_held_earlier_than_planned_was_held(house: House):
    group = a_group(house, 1, start_time="15:00")
    group.record()  # until ten
    revise(group, start_time="16:00", room="Green room")
    first, second = session(group).course.sessions[:2]
    assert [(s.starts_at.hour, s.room) for s in (first, second)] == [(15, "Blue room"), (16, "Green room")]


def test_a_past_session_is_moved_from_when_it_was(house: House):
    group = a_group(house, 1)
    house.clock.turn(days=8)
    revise(group, start_time="14:00", minutes=75)
    with pytest.raises(Conflict, match="nothing-changed"):
        group.do(house.ot, w.MoveSession(group.course, 2, date(2026, 3, 17), "10:00", "So"))
    group.do(house.ot, w.MoveSession(group.course, 2, date(2026, 3, 16), "11:00", "It was on the Monday"))
    moved = session(group, 2).session
    assert moved.moved is not None
    assert (moved.moved["from_time"], moved.starts_at.hour, moved.minutes) == ("10:00", 11, 60)


def test_a_move_into_another_group_of_a_child_is_asked_about(house: House):
    group, other = a_group(house, 1), Group(house)
    other.plan(first_date=date(2026, 3, 12), start_time="10:00")
    other.goals = group.goals
    other.enrol(group.children[0])
    wish = w.MoveSession(group.course, 2, date(2026, 3, 19), "10:30", "A feast")
    assert problems(group, house.ot, wish) == {"/day": "another-group-then"}
    group.do(house.ot, replace(wish, confirmed=answers_to(group, house.ot, wish)))
    assert session(group, 2).session.moved is not None


def test_a_cancelled_session_takes_place_after_all_before_and_after_its_day(house: House):
    group = a_group(house, 1)
    child = group.children[0]
    for number in (2, 3):
        group.do(house.ot, w.CancelSession(group.course, number, "By mistake"))
    group.do(house.ot, w.ReinstateSession(group.course, 2, "It was not meant"))
    assert told(group, child)[0]["after_all"] == ["2026-03-17"]
    house.clock.turn(days=30)
    group.do(house.ot, w.ReinstateSession(group.course, 3, "It was held"))
    assert [session(group, n).session.status for n in (2, 3)] == ["planned", "planned"]
    with pytest.raises(Conflict, match="not-cancelled"):
        group.do(house.ot, w.ReinstateSession(group.course, 3, "Again"))
    (place,) = house.services.record.case(child).memberships.values()
    assert {"2026-03-17", "2026-03-24"} <= set(place["dates"])


# ---- who ran it ----------------------------------------------------------------------------------------------------


def test_the_staff_of_then_is_named_also_when_it_is_former_staff_by_now(house: House):
    group = a_group(house, 1)
    house.clock.turn(days=8)
    version = house.services.record.course(group.course).version
    content = course_content(house, first_date=date(2026, 3, 10))
    alone = w.ReviseCourse(group.course, version, content, [house.ot.person_id], "She left")
    group.do(house.ot, alone)
    group.do(COMMAND_LINE, DisablePerson(house.stranger.person_id, "Left the service"))
    then = {member["person_id"] for member in session(group, 1).staff_then}
    now = {member["person_id"] for member in session(group, 3).staff_then}
    assert (house.stranger.person_id in then, house.stranger.person_id in now) == (True, False)
    end = house.clock.now - timedelta(days=8)
    held = w.RecordSession(
        group.course, 1, uuid4(), end, end, {}, [group.line(group.children[0])], [house.stranger.person_id]
    )
    group.do(house.ot, held)
    assert session(group).recordings[0].staff == [house.stranger.name]
    assert session(group).stand_ins == []


def test_who_has_a_new_name_runs_what_is_to_come_under_it_and_ran_what_is_recorded_under_that_of_then(house: House):
    group, stands_in, ada, una = a_group(house, 1), house.slt.person_id, house.ot.person_id, house.stranger.person_id
    group.do(house.ot, w.NameStandIns(group.course, 2, [stands_in], "She is away"))
    held = uuid4()
    group.record(id=held, staff=[ada, una])
    for person, name in ((ada, "Ada Lim"), (una, "Una Lim"), (stands_in, "Sol Lim")):
        group.do(house.admin, RenamePerson(person, name))
    courses = house.services.doors.ask(house.lead, r.ReadCourses()).courses
    assert [member["name"] for member in courses[0].staff] == ["Ada Lim", "Una Lim"]
    first, second = session(group, 1), session(group, 2)
    assert [member["name"] for member in second.course.staff] == ["Ada Lim", "Una Lim"]
    assert second.session.stand_ins == [member["name"] for member in second.stand_ins] == ["Sol Lim"]
    assert [member["name"] for member in second.staff_then] == ["Ada Lim", "Una Lim", "Sol Lim"]
    assert first.recordings[0].staff == [house.ot.name, house.stranger.name]  # what is recorded keeps them
    version = house.services.record.course(group.course).version
    revised = w.ReviseCourse(group.course, version, course_content(house, room="Red room"), None, "Paint")
    group.do(house.ot, revised)
    assert [m["name"] for m in house.services.record.course(group.course).staff.values()] == ["Ada Lim", "Una Lim"]
    assert [member["name"] for member in session(group, 2).course.staff] == ["Ada Lim", "Una Lim"]
    group.do(house.ot, w.CorrectSession(group.course, 1, held, 1, "She came later", staff=[ada, una, stands_in]))
    assert session(group, 1).recordings[0].staff == [house.ot.name, house.stranger.name, "Sol Lim"]
    group.record(number=2, staff=[ada, una, stands_in])
    assert session(group, 2).recordings[0].staff == ["Ada Lim", "Una Lim", "Sol Lim"]
    group.do(house.ot, w.NameStandIns(group.course, 3, [stands_in], "She is away"))
    group.do(house.admin, RenamePerson(stands_in, "Sol Dahl"))
    group.do(house.ot, w.NameStandIns(group.course, 3, [stands_in, house.psychologist.person_id], "Both"))
    named = house.services.record.course(group.course).session(3)["stand_ins"]
    assert [member["name"] for member in named.values()] == ["Sol Dahl", house.psychologist.name]


def test_a_stand_in_by_recording_knows_of_that_session_and_names_nobody_else(house: House):
    group = a_group(house, 1)
    with pytest.raises((NotFound, NotPermitted)):
        session(group, 1, house.slt)
    line = group.line(group.children[0])
    group.record(line, staff=[house.slt.person_id])
    assert session(group, 1, house.slt).recordings[0].staff == [house.slt.name]
    with pytest.raises((NotFound, NotPermitted)):
        session(group, 2, house.slt)
    mine = house.services.doors.ask(house.slt, r.ReadMySessions(date(2026, 3, 1), date(2026, 6, 1))).sessions
    assert [(s.number, s.stands_in) for s in mine] == [(1, True)]
    second = w.RecordSession(
        group.course,
        1,
        uuid4(),
        house.clock.now,
        house.clock.now,
        {},
        [group.line(group.children[0])],
        [house.psychologist.person_id],
    )
    assert problems(group, house.slt, second) == {"/staff/0": "not-on-staff"}


def test_a_colleague_without_access_does_not_hold_up_the_room(house: House):
    group = a_group(house, 1)
    group.do(COMMAND_LINE, DisablePerson(house.stranger.person_id, "Left the service"))
    course = house.services.record.course(group.course)
    green = course_content(house, room="Green room")
    group.do(house.ot, w.ReviseCourse(group.course, course.version, green, None, "Paint"))
    both = [house.ot.person_id, house.stranger.person_id]  # as the page sends them
    red = course_content(house, room="Red room")
    group.do(house.ot, w.ReviseCourse(group.course, course.version + 1, red, both, "Paint again"))
    assert list(house.services.record.course(group.course).staff) == [str(person) for person in both]


# ---- what recordings tell ------------------------------------------------------------------------------------------


def test_recordings_that_disagree_count_neither_way_and_are_settled_with_lineage(house: House):
    group = a_group(house, 2)
    one = group.children[0]
    present = group.line(one, level=1)
    group.record(present, group.line(group.children[1]))
    absent = group.line(one, attendance="absent", absence_reason="ill")
    group.record(absent, who=house.stranger)
    (mine,) = of_child(group, one)
    assert (mine.attended, mine.held, mine.unclear) == (0, 1, 1)
    assert (session(group).session.unclear, session(group).children[0].attendance) == (1, "unclear")
    waiting = house.services.doors.ask(house.ot, r.ReadMySessions(date(2026, 3, 1), date(2026, 3, 2), waiting=True))
    assert [s.number for s in waiting.unclear] == [1]
    wish = w.SettleAttendance(group.course, 1, one, absent.line_id, "The mother called")
    with pytest.raises((NotPermitted, NotFound)):
        group.do(house.slt, wish)
    named = replace(wish, reason="Cleo said so")
    assert problems(group, house.ot, named) == {"/reason": "names-another-child"}
    group.do(house.ot, wish)
    (mine,) = of_child(group, one)
    assert (mine.attended, mine.held, mine.unclear) == (0, 1, 0)
    given_up = house.services.record.line(one, present.line_id)
    assert (given_up.error, given_up.instead) == ("The mother called", str(absent.line_id))
    goal = house.services.record.goal(one, group.goals[one])
    assert [bool(o.error) for o in goal.observations] == [True]
    assert session(group).session.unclear == 0
    with pytest.raises(Conflict, match="recordings-agree"):
        group.do(house.ot, wish)


def test_nobody_came_is_recordable_with_and_without_children_and_counts(house: House):
    group = a_group(house, 1)
    line = group.line(group.children[0], attendance="absent", absence_reason="A strike")
    group.record(line, nobody_came=True)
    assert session(group).session.nobody_came
    assert (of_child(group, group.children[0])[0].attended, of_child(group, group.children[0])[0].held) == (0, 1)
    now, lines = house.clock.now, [group.line(group.children[0])]
    there = w.RecordSession(group.course, 1, uuid4(), now, now, {}, lines, nobody_came=True)
    assert problems(group, house.ot, there) == {"/children/0/attendance": "nobody-came"}
    empty = Group(house)
    empty.plan(title="Empty", start_time="15:00")
    empty.do(house.ot, w.RecordSession(empty.course, 1, uuid4(), now, now, nobody_came=True))
    assert session(empty).session.nobody_came


def test_what_nobody_recorded_waits_while_the_course_runs_however_long_ago(house: House):
    a_group(house, 1)
    house.clock.turn(days=300)
    ask = r.ReadMySessions(house.clock.now.date(), house.clock.now.date(), waiting=True)
    assert len(house.services.doors.ask(house.ot, ask).unrecorded) == 10
    assert house.services.doors.ask(house.slt, ask).unrecorded == []


# ---- the group as it is --------------------------------------------------------------------------------------------


def test_a_profile_says_what_is_known_of_impressions_and_attention_and_unknown_is_unknown(house: House):
    group = a_group(house, 2)
    one = group.children[0]
    group.do(house.ot, w.DescribeProfile(one, "moderate", "moderate", "moderate", sensory="low"))
    assert on_roster(group, one).profile == {
        "cognitive": "moderate",
        "motor": "moderate",
        "communication": "moderate",
        "sensory": "low",
        "attention": "",
    }
    spread = roster(group).picture.spread
    assert spread["sensory"] == {"low": 1, "moderate": 0, "high": 0, "unsaid": 1}
    assert spread["attention"] == {"low": 0, "moderate": 0, "high": 0, "unsaid": 2}
    assert list(roster(group).picture.ages) == [7, 7]


def test_the_group_is_shown_in_enrolling_to_those_who_may_know_who_is_in_it(house: House):
    group = a_group(house, 2)
    child = group.child("Nino")
    ask = house.services.doors.ask
    group.do(house.ot, AddToTeam(child, house.slt.person_id, Relation.SPEECH_THERAPIST))
    assert ask(house.ot, r.ReadFit(group.course, child)).picture.children == 2
    assert ask(house.slt, r.ReadFit(group.course, child)).picture is None
