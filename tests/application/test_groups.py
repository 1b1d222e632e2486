"""Groups through the doors: one recording into many records, all or nothing; and nothing from one record to another."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import AddToTeam, CloseCase, ReopenCase
from coord.application.case.questions import ExportCase, ReadCase
from coord.application.declared import Command, Receipt
from coord.application.goals import commands as g
from coord.application.goals import questions as about_goals
from coord.application.groups import commands as w
from coord.application.groups import questions as r
from coord.application.history.questions import ReadHistory
from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from coord.domain.actors import Relation
from coord.domain.case import LineContent, ObservationContent
from coord.domain.course import ChildPlan
from coord.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted, Stale
from coord.domain.input import REASON, STATEMENT
from tests.application.test_goals import words
from tests.group_story import NAMES, Group, a_group, a_plan, course_content
from tests.house import NOW, House, answered


def problems(house: House, who: Any, command: Command) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        house.services.doors.execute(who, command)
    return {p.pointer: p.code for p in refusal.value.problems}


def topics(house: House, after: int) -> list[str]:
    return [recorded.event.TOPIC for recorded in house.services.record.after(after, 1000)]


def lines_of(house: House, child: UUID, who: Any = None) -> list[r.LineShown]:
    groups = house.services.doors.ask(who or house.ot, r.ReadGroups(child)).groups
    return [line for group in groups for line in group.lines]


def test_a_strategy_that_a_corrected_line_leaves_out_is_advised_no_longer(house: House):
    group = a_group(house, 1)
    (child,) = group.children
    stays, slip = w.HandedOver(uuid4(), "One turn each at supper"), w.HandedOver(uuid4(), "Meant for another")
    line, recording = replace(group.line(child), strategies=[stays, slip]), uuid4()
    group.record(line, id=recording)
    correct(group, recording, 1, replace(line, strategies=[stays]))
    advised = house.services.doors.ask(house.ot, about_goals.ReadGoals(child, ended=True)).strategies
    assert {s.text: s.ended_reason for s in advised} == {"One turn each at supper": None, "Meant for another": "A slip"}
    (shown,) = lines_of(house, child)
    assert [s["text"] for s in shown.strategies] == ["One turn each at supper"]
    again = w.CorrectSession(group.course, 1, recording, 2, "A slip", children=[line])
    assert problems(house, house.ot, again) == {"/children/0/strategies/1/id": "id-taken"}  # what has ended stays ended


def test_words_that_were_handed_over_are_not_changed_by_a_correction_nor_passed_over(house: House):
    group = a_group(house, 1)
    (child,) = group.children
    handed = w.HandedOver(uuid4(), "One turn each at supper")
    line, recording = replace(group.line(child), strategies=[handed]), uuid4()
    group.record(line, id=recording)
    otherwise = replace(line, strategies=[replace(handed, text="Two turns each")])
    command = w.CorrectSession(group.course, 1, recording, 1, "A slip", children=[otherwise])
    assert problems(house, house.ot, command) == {"/children/0/strategies/0/text": "strategy-handed-over"}
    too_long = replace(line, strategies=[replace(handed, text="x" * (STATEMENT + 1))])
    command = w.CorrectSession(group.course, 1, recording, 1, "A slip", children=[too_long])
    assert problems(house, house.ot, command) == {"/children/0/strategies/0/text": "strategy-handed-over"}
    correct(group, recording, 1, replace(line, strategies=[w.HandedOver(uuid4(), "Two turns each")]))
    advised = house.services.doors.ask(house.ot, about_goals.ReadGoals(child)).strategies
    assert [s.text for s in advised] == ["Two turns each"]


def test_a_remark_that_is_too_long_is_not_passed_over_in_a_correction(house: House):
    group = a_group(house, 1)
    (child,) = group.children
    line, recording = group.line(child), uuid4()
    group.record(line, id=recording)
    (rating,) = line.ratings
    longer = replace(line, ratings=[replace(rating, remark="x" * (REASON + 1))])
    command = w.CorrectSession(group.course, 1, recording, 1, "A slip", children=[longer])
    assert problems(house, house.ot, command) == {"/children/0/ratings/0/remark": "too-long"}


def observations(house: House, group: Group, child: UUID) -> list[Any]:
    answer = house.services.doors.ask(house.ot, about_goals.ReadGoal(child, group.goals[child]))
    return list(answer.observations)


def correct(group: Group, recording: UUID, version: int, *children: w.ChildRecord, **more: Any) -> Receipt:
    house = group.house
    command = w.CorrectSession(group.course, 1, recording, version, "A slip", children=children, **more)
    return house.services.doors.execute(house.ot, command)


# ---- one recording, many streams, one transaction ----------------------------------------------------------------


def test_a_recording_is_one_line_in_each_childs_record_with_their_ratings_and_messages(house: House):
    group = a_group(house, 3)
    first, second, third = group.children
    house.clock.turn(hours=2)
    head = house.services.record.head()
    handed = [w.HandedOver(uuid4(), "One turn each at supper")]
    told = group.line(first, response="Waited twice.", message_school="Praise it.", message_home="Play it.")
    absent = group.line(second, attendance="absent", absence_reason="A cold")
    recording = uuid4()
    lines = [w.ChildRecord(first, told.line_id, told.content, told.ratings, handed), absent, group.line(third)]
    receipt = group.record(*lines, id=recording)
    assert topics(house, head) == [
        "course.session-recorded.v1",
        *("case.group-session-recorded.v1", "case.goal-observed.v1", "case.strategy-offered.v1"),
        "case.group-session-recorded.v1",
        *("case.group-session-recorded.v1", "case.goal-observed.v1"),
    ]
    assert receipt.position == house.services.record.head()
    (line,) = lines_of(house, first)
    assert line.line["response"] == "Waited twice."
    assert [(o["level"], o["support"]) for o in line.ratings] == [(0, "verbal")]
    assert [s["text"] for s in line.strategies] == ["One turn each at supper"]
    assert [line.line["attendance"] for line in lines_of(house, second)] == ["absent"]
    (seen,) = observations(house, group, first)
    assert (seen.context, seen.note_id) == ("therapy", told.line_id)
    timeline = house.services.doors.ask(house.ot, ReadTimeline(first)).items
    kinds = {(i["kind"], i["detail"].get("what")) for i in timeline if i["received_at"] == house.clock.now}
    assert kinds == {
        ("group", "session"),
        ("message", "message_home"),
        ("message", "message_school"),
        ("goal", "observed"),
        ("strategy", "offered"),
    }


def test_sent_again_a_recording_is_the_same_with_the_first_receipt(house: House):
    group = a_group(house, 2)
    lines, recording = [group.line(child) for child in group.children], uuid4()
    first = group.record(*lines, id=recording)
    house.clock.turn(hours=1)
    head = house.services.record.head()
    again = group.record(*lines, id=recording)
    assert (again.id, again.position, again.repeated) == (first.id, first.position, True)
    with pytest.raises(InvalidInput, match="invalid-input"):  # other words under the same ids are not called the same
        group.record(replace(lines[0], content=LineContent("late", response="More")), lines[1], id=recording)
    with pytest.raises(InvalidInput, match="invalid-input"):
        group.record(*(group.line(child) for child in group.children), id=recording)
    with pytest.raises(InvalidInput, match="invalid-input"):
        group.record(*lines, id=recording, who=house.stranger)
    with pytest.raises(InvalidInput, match="invalid-input"):
        group.record(*lines, id=recording, number=2)
    assert house.services.record.head() == head


def test_one_fault_and_nothing_of_a_recording_is_written(house: House):
    group, outsider = a_group(house, 3), house.teacher
    head = house.services.record.head()
    bad = group.line(group.children[2])
    bad = w.ChildRecord(bad.case_id, bad.line_id, bad.content, [w.Rating(uuid4(), group.goals[bad.case_id], 7)])
    end = house.clock.now
    command = w.RecordSession(
        group.course,
        1,
        uuid4(),
        end + timedelta(hours=5),
        end - timedelta(hours=30),
        {"dynamics": f"{NAMES[0]} led"},
        [group.line(group.children[0], response=f"Pushed {NAMES[1]}"), group.line(group.children[1]), bad],
        [outsider.person_id],
    )
    found = problems(house, house.ot, command)
    assert found == {
        "/started_at": "in-the-future",
        "/staff/0": "not-for-staff",
        "/note/dynamics": "names-another-child",
        "/children/0/response": "names-another-child",
    }
    fine: dict[str, Any] = {"started_at": end - timedelta(hours=1), "ended_at": end, "note": {}, "staff": ()}
    later = w.RecordSession(
        group.course, 1, uuid4(), children=[group.line(c) for c in group.children[:2]] + [bad], **fine
    )
    assert problems(house, house.ot, later) == {"/children/2/ratings/0/level": "out-of-range"}
    assert house.services.record.head() == head


def test_every_child_who_has_a_place_has_a_line_the_absent_one_too(house: House):
    group = a_group(house, 3)
    waiting = group.child("Nino")
    group.enrol(waiting, place="waiting")
    end = house.clock.now
    some = [group.line(child) for child in group.children[:2]]
    command = w.RecordSession(group.course, 1, uuid4(), end, end, children=some)
    with pytest.raises(InvalidInput) as refusal:
        house.services.doors.execute(house.ot, command)
    (problem,) = refusal.value.problems
    assert (problem.pointer, problem.code) == ("/children", "without-attendance")
    assert problem.params["cases"] == [str(group.children[2])]  # not the one who waits
    elsewhere = w.RecordSession(group.course, 1, uuid4(), end, end, children=[group.line(waiting)])
    assert problems(house, house.ot, elsewhere)["/children/0/case"] == "not-in-the-course"


def held(group: Group, *lines: w.ChildRecord, days_ago: int, number: int = 1) -> w.RecordSession:
    """The recording of a session of some days ago."""
    end = group.house.clock.now - timedelta(days=days_ago)
    return w.RecordSession(group.course, number, uuid4(), end, end, children=lines)


def test_a_session_is_recorded_from_its_day_on_and_that_day_is_the_clinics(house: House):
    group = a_group(house, 1)
    lines = group.line(group.children[0])
    house.clock.now = house.clock.now.replace(hour=22, minute=59) + timedelta(days=6)  # a minute to midnight, in Rome
    early = held(group, lines, days_ago=0, number=2)
    assert problems(house, house.ot, early) == {"/started_at": "before-its-day"}
    house.clock.turn(minutes=1)
    group.do(house.ot, early)


def test_of_a_session_before_a_child_came_their_attendance_is_not_asked_but_may_be_told(house: House):
    group = a_group(house, 1)
    house.clock.turn(days=8)
    late = group.child("Nino")
    group.enrol(late)
    group.do(house.ot, held(group, group.line(group.children[0]), days_ago=2))
    assert problems(house, house.ot, held(group, group.line(group.children[0]), days_ago=0, number=2)) == {
        "/children": "without-attendance"
    }
    group.do(house.ot, held(group, group.line(late), days_ago=1))  # the place was written down late


def test_who_has_left_is_told_of_until_that_day_and_not_after_it(house: House):
    group = a_group(house, 2)
    stays, leaves = group.children
    waits = group.child("Nino")
    group.enrol(waits, place="waiting")
    house.clock.turn(days=7)
    for child in (leaves, waits):
        group.do(house.ot, w.EndPlace(group.course, child, "Moves"))
    house.clock.turn(days=7)
    # The roster of a session is that of its day; of the last day nothing need be said.
    assert problems(house, house.ot, held(group, group.line(stays, level=None), days_ago=8)) == {
        "/children": "without-attendance"
    }
    group.do(house.ot, held(group, group.line(stays), group.line(leaves), days_ago=8))
    group.do(house.ot, held(group, group.line(stays), days_ago=7))
    group.do(house.ot, held(group, group.line(leaves), days_ago=7))
    never_there = {"/children/0/case": "not-in-the-course"}
    assert problems(house, house.ot, held(group, group.line(leaves, level=None), days_ago=6)) == never_there
    assert problems(house, house.ot, held(group, group.line(waits, level=None), days_ago=8)) == never_there


def test_a_cancelled_session_goes_from_the_childrens_dates_and_overlaps_with_nothing(house: House):
    group, other = a_group(house, 1), Group(house)
    (child,) = group.children
    waits, left = group.child("Nino"), group.child("Lupo")
    group.enrol(waits, place="waiting")
    group.enrol(left)
    group.do(house.ot, w.EndPlace(group.course, left, "Moves"))
    (before,) = house.services.doors.ask(house.ot, r.ReadGroups(child)).groups
    head = house.services.record.head()
    group.do(house.ot, w.CancelSession(group.course, 2, "A holiday"))
    assert topics(house, head) == ["course.session-cancelled.v1", *["case.group-place-changed.v1"] * 2]
    for case in (child, waits):
        (now,) = house.services.doors.ask(house.ot, r.ReadGroups(case)).groups
        assert now.reason == ""  # why, the staff and the service team know
    told = house.services.doors.ask(house.ot, ReadTimeline(child)).items[0]["detail"]
    assert told == {"what": "revised", "group": "social-skills", "gone": [before.next_dates[1].date().isoformat()]}
    (now,) = house.services.doors.ask(house.ot, r.ReadGroups(child)).groups
    assert list(now.next_dates) == [d for i, d in enumerate(before.next_dates, 1) if i != 2]
    staff, otherwise = [house.ot.person_id], course_content(house, aims="Other aims")
    group.do(house.ot, w.ReviseCourse(group.course, None, otherwise, staff, "Talked about it"))
    (revised,) = house.services.doors.ask(house.ot, r.ReadGroups(child)).groups
    assert (revised.aims, list(revised.next_dates)) == ("Other aims", list(now.next_dates))
    other.goals = group.goals
    second = house.clock.now.date() + timedelta(days=7)
    other.plan(first_date=second, sessions=1, why_otherwise="A single day")
    other.enrol(child)  # at the time of the session that does not take place


def test_a_line_can_be_put_into_no_other_childs_record(house: House):
    group = a_group(house, 2)
    one, other = group.children
    taken = group.line(one)
    group.record(taken, group.line(other))
    house.clock.turn(days=7)
    note = house.note(house.ot)
    for line_id in (taken.line_id, note, group.goals[one]):
        lines = [group.line(one), group.line(other, id=line_id)]
        end = house.clock.now
        command = w.RecordSession(group.course, 2, uuid4(), end, end, children=lines)
        assert problems(house, house.ot, command) == {"/children/1/line": "id-taken"}
    strange = w.Rating(uuid4(), group.goals[one], 0)
    lines = [group.line(one), w.ChildRecord(other, uuid4(), LineContent("present"), [strange])]
    command = w.RecordSession(group.course, 2, uuid4(), house.clock.now, house.clock.now, children=lines)
    assert problems(house, house.ot, command) == {"/children/1/ratings/0/goal": "no-such-goal"}


def test_two_staff_who_record_the_same_session_at_once_are_both_kept(house: House):
    group = a_group(house, 3)
    house.clock.turn(hours=2)
    found: list[Any] = []

    def tell(who: Any, word: str) -> None:
        try:
            found.append(group.record(*(group.line(c, response=word) for c in group.children), who=who))
        except Exception as error:
            found.append(error)

    threads = [threading.Thread(target=tell, args=a) for a in ((house.ot, "One"), (house.stranger, "Two"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(receipt) for receipt in found] == [Receipt, Receipt]
    assert sorted(len(receipt.detail["beside"]) for receipt in found) == [0, 1]
    answer = house.services.doors.ask(house.ot, r.ReadSession(group.course, 1))
    assert {recording.by_name for recording in answer.recordings} == {house.ot.name, house.stranger.name}
    for child in group.children:
        assert {line.line["response"] for line in lines_of(house, child)} == {"One", "Two"}
        assert len(observations(house, group, child)) == 2


def test_the_second_of_two_may_leave_out_whom_the_first_has_told_of(house: House):
    group = a_group(house, 3)
    group.record()
    receipt = group.record(group.line(group.children[0]), who=house.stranger)
    assert receipt.detail["beside"] == [house.ot.name]


# ---- corrections -------------------------------------------------------------------------------------------------


def test_a_correction_reaches_each_child_whom_it_concerns_and_no_other(house: House):
    group = a_group(house, 3)
    one, two, three = group.children
    lines, recording = [group.line(child, response="Shared.") for child in group.children], uuid4()
    group.record(*lines, id=recording)
    head = house.services.record.head()
    rated = lines[0].ratings[0].observation_id
    better = w.ChildRecord(
        one, lines[0].line_id, LineContent("late", response="Shared twice."), [w.Rating(rated, group.goals[one], 2)]
    )
    correct(group, recording, 1, better, in_error=[two])
    assert sorted(topics(house, head)) == [
        "case.goal-observation-entered-in-error.v1",  # of the child who was not there
        "case.goal-observation-entered-in-error.v1",  # and the earlier level of the one who was
        "case.goal-observed.v1",
        "case.group-line-corrected.v1",
        "case.group-line-entered-in-error.v1",
        "course.session-corrected.v1",
    ]
    (line,) = lines_of(house, one)
    assert (line.version, line.line["response"], line.corrected) == (2, "Shared twice.", "A slip")
    assert [(o.level, bool(o.marked)) for o in observations(house, group, one)] == [(2, False), (0, True)]
    assert lines_of(house, two, house.lead)[0].error == "A slip"
    assert [line.version for line in lines_of(house, three)] == [1]
    assert house.services.record.line(one, lines[0].line_id).versions[0].line["response"] == "Shared."
    shown = house.services.doors.ask(house.ot, ReadTimeline(two)).items
    assert not [i for i in shown if i["detail"].get("what") == "session"]


def test_other_times_concern_every_child_and_move_their_ratings(house: House):
    group = a_group(house, 2)
    recording = uuid4()
    group.record(id=recording)
    yesterday = house.clock.now - timedelta(days=1)
    correct(group, recording, 1, started_at=yesterday - timedelta(hours=1), ended_at=yesterday)
    for child in group.children:
        (line,) = lines_of(house, child)
        assert (line.observed_to, line.version) == (yesterday, 2)
        present = [o for o in observations(house, group, child) if not o.marked]
        assert [(o.level, o.observed_at) for o in present] == [(0, yesterday - timedelta(hours=1))]


def test_a_message_taken_back_is_gone_from_the_schools_timeline(house: House):
    group = Group(house)
    group.plan()
    child = group.child("Brio", teacher=house.teacher)
    group.enrol(child)
    line, recording = group.line(child, message_school="Praise it."), uuid4()
    group.record(line, id=recording)
    ask = house.services.doors.ask
    told = [i["sections"] for i in ask(house.teacher, ReadTimeline(child)).items if i["kind"] == "message"]
    assert told == [{"message": "Praise it."}]
    position = house.services.record.head()
    correct(group, recording, 1, w.ChildRecord(child, line.line_id, LineContent("present"), line.ratings))
    for as_of in (None, position):
        items = ask(house.teacher, ReadTimeline(child, as_of=as_of)).items
        assert not [i for i in items if i["kind"] == "message"]


def test_a_correction_is_its_authors_or_the_leads_and_not_of_an_older_version(house: House):
    group = a_group(house, 2)
    recording = uuid4()
    group.record(id=recording)
    note = {"dynamics": "Calm"}
    with pytest.raises(NotPermitted, match="not-the-author"):
        house.services.doors.execute(
            house.stranger, w.CorrectSession(group.course, 1, recording, 1, "A slip", note=note)
        )
    command = w.CorrectSession(group.course, 1, recording, 1, "A slip", note=note)
    house.services.doors.execute(house.lead, command)
    with pytest.raises(Stale):
        house.services.doors.execute(house.ot, command)
    with pytest.raises(Conflict, match="nothing-changed"):
        correct(group, recording, 2)
    with pytest.raises(NotFound):
        correct(group, uuid4(), 1, note=note)


def test_a_correction_takes_no_id_that_something_else_has(house: House):
    group = a_group(house, 2)
    child, other = group.children
    recording, line, handed = uuid4(), group.line(child), w.HandedOver(uuid4(), "A card")
    group.record(line, replace(group.line(other), strategies=[handed]), id=recording)
    at_home = uuid4()
    goal = group.goals[child]
    seen = g.ObserveGoal(child, goal, at_home, ObservationContent(context="home", level=1))
    house.services.doors.execute(house.ot, seen)
    (rating,) = line.ratings
    taken = replace(
        line, ratings=[rating, w.Rating(at_home, goal, 2)], strategies=[replace(handed, text="Another card")]
    )
    command = w.CorrectSession(group.course, 1, recording, 1, "A slip", children=[taken])
    assert problems(house, house.ot, command) == {
        "/children/0/ratings/1/id": "id-taken",
        "/children/0/strategies/0/id": "id-taken",
    }
    correct(group, recording, 1, replace(line, ratings=[]))
    again = w.CorrectSession(group.course, 1, recording, 2, "A slip", children=[line])
    assert problems(house, house.ot, again) == {"/children/0/ratings/0/id": "id-taken"}  # it is kept as a mistake
    with pytest.raises(Stale):  # nor is it called wrong to name what stood when one looked
        correct(group, recording, 1, line)


def test_ratings_of_two_children_under_one_id_are_each_childs_own(house: House):
    group = a_group(house, 2)
    first, second = group.children
    same = uuid4()
    for number, (rated, unrated, level) in enumerate(((first, second, 1), (second, first, -1)), 1):
        line = w.ChildRecord(rated, uuid4(), LineContent("present"), [w.Rating(same, group.goals[rated], level)])
        group.record(line, group.line(unrated, level=None), number=number)
    roster = house.services.doors.ask(house.ot, r.ReadRoster(group.course)).children
    told = {
        x.case_id: [rating["level"] for lines in x.lines.values() for line in lines for rating in line.ratings]
        for x in roster
    }
    assert told == {first: [1], second: [-1]}


def test_a_reason_goes_into_several_records_and_so_names_nobody(house: House):
    group = a_group(house, 2)
    recording = uuid4()
    group.record(id=recording)
    command = w.CorrectSession(group.course, 1, recording, 1, f"{NAMES[0]} was ill", note={"dynamics": "x"})
    assert problems(house, house.ot, command) == {"/reason": "names-another-child"}
    assert problems(house, house.ot, w.EndPlace(group.course, group.children[0], f"Quarrels with {NAMES[1]}")) == {
        "/reason": "names-another-child"
    }
    assert problems(house, house.ot, w.EndCourse(group.course, f"{NAMES[0]} moves")) == {
        "/reason": "names-another-child"
    }


# ---- nothing leads from one child to another ---------------------------------------------------------------------


def everything_of(house: House, child: UUID, teacher: Any) -> str:
    """All that anybody who knows only this child can get: each reader's pages, and the whole export."""
    ask = house.services.doors.ask
    found: list[Any] = []
    for who in (teacher, house.slt, house.ot, house.lead):
        found += [
            ask(who, ReadCase(child)),
            ask(who, ReadTimeline(child, limit=100)),
            ask(who, r.ReadGroups(child)),
            ask(who, about_goals.ReadGoals(child, ended=True)),
        ]
    found.append(ask(house.lead, ReadHistory(child, limit=100)).items)
    found.append(ask(house.lead, ExportCase(child)).events)
    return repr(found)


def test_a_childs_record_holds_nothing_that_leads_to_another(house: House):
    group = Group(house)
    group.plan()
    teachers = {}
    for name in NAMES[:4]:
        teacher = house.person(f"Teacher of {name}", house.teacher.role, house.teacher.discipline, "Hill School")
        child = group.child(name, teacher=teacher)
        group.do(house.ot, AddToTeam(child, house.slt.person_id, Relation.SPEECH_THERAPIST))
        teachers[child] = teacher
        group.enrol(child)
    group.do(house.ot, w.PlanSession(group.course, 1, a_plan(children=[ChildPlan(child) for child in group.children])))
    words = {child: f"canary-{i}-{child.hex[:4]}" for i, child in enumerate(group.children)}
    ids: dict[UUID, list[str]] = {}
    recording = uuid4()
    lines = []
    for child, word in words.items():
        line = group.line(child, response=word, message_school=f"{word} school", message_home=f"{word} home")
        lines.append(line)
        ids[child] = [str(line.line_id), *(str(rating.observation_id) for rating in line.ratings)]
    group.record(*lines, id=recording)
    correct(
        group,
        recording,
        1,
        *(w.ChildRecord(x.case_id, x.line_id, LineContent("late", response=words[x.case_id])) for x in lines[:3]),
        in_error=[group.children[3]],
    )
    record = house.services.record
    course = record.course(group.course)
    requests = {recorded.event.by["request"] for recorded in record.stream(group.course)} - {""}
    for child in group.children:
        others = [o for o in group.children if o != child]
        text = everything_of(house, child, teachers[child])
        assert words[child] in text
        forbidden = [str(group.course), str(recording), course.content["title"], *requests]
        for other in others:
            forbidden += [str(other), other.hex, words[other], str(group.goals[other]), *ids[other]]
            forbidden += [course.places[str(other)]["membership"], record.case(other).details["preferred_name"]]
        leaked = [secret for secret in forbidden if secret in text]
        assert leaked == []


def test_the_true_request_is_in_the_courses_stream_alone(house: House):
    group = a_group(house, 2)
    group.record(who=replace(house.ot, request_id="the-request"))
    events = [recorded.event for recorded in house.services.record.after(0, 1000)]
    carrying = {e.TOPIC for e in events if e.by["request"] == "the-request"}
    assert carrying == {"course.session-recorded.v1"}
    of_children = [e.by["request"] for e in events if e.TOPIC == "case.group-session-recorded.v1"]
    assert len(set(of_children)) == 2


def test_a_teacher_sees_attendance_aims_and_messages_for_school_and_no_more(house: House):
    group = Group(house)
    group.plan()
    child = group.child("Brio", teacher=house.teacher)
    group.enrol(child, place="waiting")
    ask = house.services.doors.ask
    assert ask(house.teacher, r.ReadGroups(child)).groups == []  # that a child waits is no matter of the school's
    group.enrol(child)
    group.record(
        group.line(child, response="canary", message_home="canary", message_school="Praise it.", incident="canary")
    )
    answer = ask(house.teacher, r.ReadGroups(child))
    (shown,) = answer.groups
    assert (shown.aims, shown.attended, shown.held) == ("Waiting for a turn and asking for help.", 1, 1)
    assert [line.line for line in shown.lines] == [{"attendance": "present", "message_school": "Praise it."}]
    assert answer.profile is None
    assert "canary" not in repr(answer)
    assert "canary" not in repr(ask(house.teacher, ReadTimeline(child)).items)
    found = ask(house.teacher, ReadTimeline(child, TimelineFilter(text="canary"))).items
    assert list(found) == []


# ---- the roster is its own permission ----------------------------------------------------------------------------


def test_who_is_in_a_course_is_for_its_staff_and_the_lead_and_each_look_is_in_each_childs_history(house: House):
    group = a_group(house, 2)
    ask = house.services.doors.ask
    assert ask(house.psychologist, r.ReadCourse(group.course)).course.enrolled == 2  # of the team: it may fit a child
    assert "Brio" not in repr(ask(house.psychologist, r.ReadCourse(group.course)))
    assert "Brio" not in repr(ask(house.psychologist, r.ReadCourses()))
    for question in (r.ReadRoster(group.course), r.ReadSession(group.course, 1)):
        with pytest.raises(NotPermitted):
            ask(house.psychologist, question)
        with pytest.raises(NotFound):
            ask(house.teacher, question)
    answer = ask(house.stranger, r.ReadRoster(group.course))  # runs it, and is on no child's care team
    assert [child.preferred_name for child in answer.children] == list(NAMES[:2])
    assert [child.may_open for child in answer.children] == [False, False]
    looks = house.services.access.page(limit=3)
    assert {look["case_id"] for look in looks} == {None, *group.children}
    assert {look["kind"] for look in looks} == {"ReadRoster"}
    for look in looks:
        if look["case_id"] is not None:
            assert look["detail"] == {}  # in a child's history, nothing of the course


def test_who_may_not_know_the_children_is_asked_for_the_course_and_refused_nothing(house: House):
    group = a_group(house)
    doors = house.services.doors
    for actor, kind, children in (
        (house.ot, "ReadRoster", {None, *group.children}),
        (house.psychologist, "ReadCourse", {None}),
    ):
        before = max((look["id"] for look in house.services.access.page(limit=20)), default=0)
        answer = doors.ask(actor, r.ReadRoster(group.course), otherwise=r.ReadCourse(group.course))
        assert answer.course.id == group.course
        assert ("Brio" in repr(answer)) == (kind == "ReadRoster")
        told = [look for look in house.services.access.page(limit=20) if look["id"] > before]
        assert {(look["kind"], look["outcome"]) for look in told} == {(kind, "shown")}
        assert {look["case_id"] for look in told} == children
    with pytest.raises(NotFound):
        doors.ask(house.teacher, r.ReadRoster(group.course), otherwise=r.ReadCourse(group.course))


def test_a_colleague_puts_a_child_of_theirs_on_the_waiting_list_and_no_other(house: House):
    group = a_group(house, 1)
    mine, theirs = group.child("Nino"), group.child("Olga")
    group.do(house.ot, AddToTeam(mine, house.slt.person_id, Relation.SPEECH_THERAPIST))
    for nobody in (theirs, uuid4()):
        wish = w.EnrolChild(group.course, nobody, "waiting")
        assert problems(house, house.slt, wish) == {"/case": "no-such-child"}
        with pytest.raises(NotFound):
            house.services.doors.ask(house.slt, r.ReadFit(group.course, nobody))
    with pytest.raises(NotPermitted, match="staff-of-the-course-only"):
        group.enrol(mine, who=house.slt)
    group.enrol(mine, who=house.slt, place="waiting")
    fit = house.services.doors.ask(house.stranger, r.ReadFit(group.course, mine))
    assert fit.may == {"enrolled"}
    group.enrol(mine, who=house.stranger)  # the staff gives the place, with the goals chosen before
    roster = house.services.doors.ask(house.stranger, r.ReadRoster(group.course)).children
    (child,) = [x for x in roster if x.case_id == mine]
    assert [goal.id for goal in child.goals] == [group.goals[mine]]


def test_who_runs_the_course_chooses_anew_among_the_goals_that_were_chosen_and_no_others(house: House):
    """They know of no others: the child may be one that they do not treat."""
    group = a_group(house, 1)
    child, second, third = group.children[0], uuid4(), uuid4()
    for goal in (second, third):
        group.do(house.ot, g.ProposeGoal(child, goal, words(house)))
    group.enrol(child, goals=[group.goals[child], second])
    assert house.services.doors.ask(house.stranger, r.ReadFit(group.course, child)).may == {"enrolled"}
    group.enrol(child, who=house.stranger, goals=[second])
    assert house.services.record.course(group.course).places[str(child)]["goals"] == [str(second)]
    wish = w.EnrolChild(group.course, child, goals=[second, third])
    assert problems(house, house.stranger, wish) == {"/goals/1": "no-such-goal"}
    group.do(house.ot, w.EndPlace(group.course, child, "Moves"))
    wish = w.EnrolChild(group.course, child, goals=[second])
    assert problems(house, house.stranger, wish) == {"/case": "no-such-child"}


def test_a_line_that_was_taken_back_by_mistake_is_told_anew_and_asked_of_others_meanwhile(house: House):
    group, recording = a_group(house, 2), uuid4()
    one, two = group.children
    group.record(id=recording)
    group.do(house.ot, w.CorrectSession(group.course, 1, recording, 1, "Was ill", in_error=[one]))
    beside = w.RecordSession(group.course, 1, uuid4(), NOW - timedelta(hours=1), NOW, {}, [group.line(two)])
    assert problems(house, house.stranger, beside) == {"/children": "without-attendance"}
    again = group.line(one)
    group.do(house.ot, w.CorrectSession(group.course, 1, recording, 2, "Was there after all", children=[again]))
    session = house.services.doors.ask(house.ot, r.ReadSession(group.course, 1))
    (child,) = [c for c in session.children if c.case_id == one]
    assert [(line.error, line.id == again.line_id) for line in child.lines] == [("Was ill", False), ("", True)]
    assert session.recordings[0].lines[one] == again.line_id
    (place,) = house.services.doors.ask(house.ot, r.ReadGroups(one)).groups
    assert (place.attended, place.held) == (1, 1)
    house.services.doors.execute(house.stranger, beside)


def test_who_left_and_waits_again_was_in_the_sessions_before_all_the_same(house: House):
    group = a_group(house, 2)
    one = group.children[0]
    held = house.clock.now
    house.clock.turn(days=1)
    group.do(house.ot, w.EndPlace(group.course, one, "In hospital"))
    house.clock.turn(days=7)
    group.enrol(one, place="waiting")
    (child,) = [
        c for c in house.services.doors.ask(house.ot, r.ReadSession(group.course, 1)).children if c.case_id == one
    ]
    assert (child.recordable, child.expected, child.enrolled) == (True, True, True)  # as on the day of the session
    lines = [group.line(child) for child in group.children]
    wish = w.RecordSession(group.course, 1, uuid4(), held - timedelta(hours=1), held, {}, lines)
    house.services.doors.execute(house.ot, wish)
    now = house.clock.turn(days=1)
    later = w.RecordSession(group.course, 2, uuid4(), now - timedelta(hours=1), now, {}, [group.line(one)])
    assert problems(house, house.ot, later)["/children/0/case"] == "not-in-the-course"


def test_a_child_whose_case_was_closed_holds_no_recording_up_and_has_no_dates_to_come(house: House):
    group = a_group(house, 2)
    one, two = group.children
    answered(group.house.services.doors, house.ot, CloseCase(one, "Has moved away"))
    page = house.browser_of(house.ot).get(f"/groups/{group.course}/sessions/1/run").text
    assert (str(one) in page, str(two) in page) == (False, True)
    group.record(group.line(two))
    (place,) = house.services.doors.ask(house.ot, r.ReadGroups(one)).groups
    assert place.next_dates == []
    group.do(house.ot, ReopenCase(one, "Is back"))
    (place,) = house.services.doors.ask(house.ot, r.ReadGroups(one)).groups
    assert len(place.next_dates) == 10


def test_a_session_from_before_the_closing_is_recorded_for_the_child_too(house: House):
    group = a_group(house, 2)
    one, two = group.children
    house.clock.turn(hours=10)
    ended = house.clock.now - timedelta(hours=1)
    answered(house.services.doors, house.ot, CloseCase(one, "Has moved away"))
    house.clock.turn(days=1)
    page = house.browser_of(house.ot).get(f"/groups/{group.course}/sessions/1/run").text
    assert (str(one) in page, str(two) in page) == (True, True)
    told = [group.line(one), group.line(two)]
    with pytest.raises(InvalidInput):  # as if it had been after the closing
        group.do(house.ot, w.RecordSession(group.course, 1, uuid4(), house.clock.now, house.clock.now, {}, told))
    started = ended - timedelta(hours=1)
    group.do(house.ot, w.RecordSession(group.course, 1, uuid4(), started, ended, {}, told))
    (line,) = house.services.doors.ask(house.ot, r.ReadGroups(one)).groups[0].lines
    assert line.line["attendance"] == "present"


def test_a_group_that_is_to_work_on_no_goal_of_a_child_any_more_reads_none(house: House):
    group = a_group(house, 1)
    (child,) = group.children
    page = f"/groups/{group.course}/enrol?child={child}"
    sent = {"place": "enrolled", "guardians": ["Her aunt"]}
    assert house.browser_of(house.ot).post(page, sent).status_code == 303  # every goal unticked
    place = house.services.record.course(group.course).places[str(child)]
    assert (place["goals"], place["guardians"]) == ([], ["Her aunt"])
    (on_the_roster,) = house.services.doors.ask(house.stranger, r.ReadRoster(group.course)).children
    assert list(on_the_roster.goals) == []


def test_a_goal_of_one_discipline_alone_is_no_goal_for_a_group(house: House):
    group = a_group(house, 1)
    child, goal = group.children[0], group.goals[group.children[0]]
    do, record = house.services.doors.execute, house.services.record
    now = record.goal(child, goal)
    do(house.ot, g.ReviseGoal(child, goal, now.version, words(house, audience="own-discipline"), "private"))
    answer = house.services.doors.ask(house.stranger, r.ReadSession(group.course, 1))
    assert [list(c.goals) for c in answer.children] == [[]]
    other = group.child("Nino")
    wish = w.EnrolChild(group.course, other, goals=[goal])
    assert problems(house, house.ot, wish) == {"/goals/0": "no-such-goal"}


# ---- overlap, and other dates ------------------------------------------------------------------------------------


def test_another_group_at_the_same_time_is_refused_unless_there_is_a_reason(house: House):
    group = a_group(house, 1)
    child, other = group.children[0], Group(house)
    other.goals = group.goals
    other.plan(start_time="10:30", title="Other")
    wish = w.EnrolChild(other.course, child, goals=[group.goals[child]])
    assert problems(house, house.ot, wish) == {"/override": "reasons-against"}
    fit = house.services.doors.ask(house.ot, r.ReadFit(other.course, child))
    (against,) = [reason for reason in fit.reasons if not reason.favours]
    assert (against.code, against.params["kind"], against.params["times"]) == ("overlap", "social-skills", 10)
    other.enrol(child, override="Half of each")
    assert len(house.services.doors.ask(house.ot, r.ReadGroups(child)).groups) == 2


def test_other_dates_reach_every_child_and_may_not_fall_on_another_group_unsaid(house: House):
    group = a_group(house, 2)
    other = Group(house)
    other.goals = group.goals
    other.plan(start_time="14:00", title="Other")
    other.enrol(group.children[0])
    content = course_content(house, start_time="10:30", title="Other")
    staff = [house.ot.person_id]
    version = house.services.record.course(other.course).version
    wish = w.ReviseCourse(other.course, version, content, staff, "The room")
    assert problems(house, house.ot, wish) == {"/start_time": "overlaps-for-children"}
    otherwise = course_content(house, start_time="10:30", title="Other", why_otherwise="A small room")
    for content in (otherwise, course_content(house, start_time="10:15", title="Other")):
        wish = w.ReviseCourse(other.course, version, content, staff, "The room")
        assert problems(house, house.ot, wish) == {"/start_time": "overlaps-for-children"}
    later = course_content(house, start_time="15:00", title="Other")
    house.services.doors.execute(house.ot, w.ReviseCourse(other.course, version, later, staff, "The room"))
    groups = house.services.doors.ask(house.ot, r.ReadGroups(group.children[0])).groups
    times = {shown.next_dates[-1].strftime("%H:%M") for shown in groups}
    assert times == {"10:00", "15:00"}
    again = w.ReviseCourse(other.course, version + 1, otherwise, staff, "The room", "They choose day by day")
    house.services.doors.execute(house.ot, again)
    aims = course_content(house, start_time="10:30", title="Other", aims="Waiting", why_otherwise="A small room")
    house.services.doors.execute(house.ot, w.ReviseCourse(other.course, version + 2, aims, staff, "Plainer"))


def test_sessions_keep_their_hour_over_the_change_to_summer_time(house: House):
    group = Group(house)
    group.plan()
    sessions = house.services.doors.ask(house.ot, r.ReadCourse(group.course)).course.sessions
    assert {session.starts_at.strftime("%H:%M") for session in sessions} == {"10:00"}
    offsets = [session.starts_at.utcoffset() for session in sessions]
    assert offsets[0] == timedelta(hours=1)  # 10 March
    assert offsets[3] == timedelta(hours=2)  # 31 March, two days into summer time
    assert all(session.ends_at - session.starts_at == timedelta(hours=1) for session in sessions)


def test_when_a_course_ends_nobody_is_in_it_any_more(house: House):
    group = a_group(house, 2)
    waiting = group.child("Nino")
    group.enrol(waiting, place="waiting")
    group.do(house.ot, w.EndCourse(group.course, "The term is over"))
    for child in (*group.children, waiting):
        (shown,) = house.services.doors.ask(house.ot, r.ReadGroups(child)).groups
        assert (shown.status, shown.reason, list(shown.next_dates)) == ("left", "The term is over", [])
    house.clock.turn(hours=3)
    group.record(*(group.line(child) for child in group.children[:2]))  # what took place can still be told


def test_my_sessions_are_those_i_run(house: House):
    group = a_group(house, 1)
    group.do(house.ot, w.CancelSession(group.course, 2, "A holiday"))
    today = house.clock.now.date()
    ask = house.services.doors.ask
    mine = ask(house.stranger, r.ReadMySessions(today, today + timedelta(days=14))).sessions
    assert [(s.number, s.status) for s in mine] == [(1, "planned"), (2, "cancelled"), (3, "planned")]
    assert list(ask(house.slt, r.ReadMySessions(today, today)).sessions) == []
    for start, end, code in (
        (today, today - timedelta(days=1), "before-the-start"),
        (today, today.replace(year=2030), ""),
    ):
        with pytest.raises(InvalidInput) as refusal:
            ask(house.ot, r.ReadMySessions(start, end))
        assert code in refusal.value.problems[0].code
