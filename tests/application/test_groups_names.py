"""A word that can be a child's name is asked about, wherever groups are written about, and never forbidden."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import CorrectDetails
from coord.application.declared import Command
from coord.application.groups import commands as w
from coord.domain.case import GoalObserved
from coord.domain.course import CourseRevised, PlaceGiven
from coord.domain.errors import FieldProblem, InvalidInput
from tests.group_story import NAMES, Group, a_group, course_content
from tests.house import House

KEPT = {"code": "names-another-child", "params": {}}


def asked(house: House, command: Command) -> Sequence[FieldProblem]:
    """What is asked about a command; nothing of it is done."""
    head = house.services.record.head()
    with pytest.raises(InvalidInput) as refused:
        house.services.doors.execute(house.ot, command)
    assert house.services.record.head() == head
    assert all(problem.answer for problem in refused.value.problems)
    return refused.value.problems


def done(house: House, command: Any) -> Any:
    """The event of a command in the course's stream, once what is asked about it is confirmed."""
    answers = [problem.answer for problem in asked(house, command)]
    house.services.doors.execute(house.ot, replace(command, confirmed=answers))
    return list(house.services.record.stream(command.course_id))[-1].event


def test_an_italian_group_is_recorded_without_a_false_alarm(house: House):
    group = Group(house)
    group.plan(title="Giochiamo insieme")
    for preferred, full in (("Marco", "Marco Di Marco"), ("Rosa", "Rosa La Rosa"), ("Sole", "Sole Della Valle")):
        case = group.child(preferred)
        group.do(house.ot, CorrectDetails(case, 1, {"full_name": full}, "As on the card"))
        group.enrol(case)
    now = house.clock.now
    first, *others = group.children
    words: Any = {
        "response": "Ha chiesto di giocare con la palla. La palla rosa è piaciuta a tutti.",
        "message_home": "Di solito aspetta il suo turno; oggi c'era il sole.",
    }
    lines = [group.line(first, **words), *(group.line(child) for child in others)]
    note = {"delivered": "La palla rosa, di mano in mano.", "dynamics": "Della valle di carta si è parlato a lungo."}
    command = w.RecordSession(group.course, 1, uuid4(), now - timedelta(hours=1), now, note, lines)
    receipt = house.services.doors.execute(house.ot, command)
    assert receipt.status == "recorded"
    told = [group.line(first, response="Aspetta la Rosa."), *(group.line(child) for child in others)]
    named = replace(command, recording_id=uuid4(), children=told)
    assert [p.pointer for p in asked(house, named)] == ["/children/0/response"]


def test_what_is_recorded_with_a_word_that_is_a_name_is_asked_about_once_and_kept_so(house: House):
    group = a_group(house, 2)
    now = house.clock.now
    lines = [group.line(group.children[0], response=f"{NAMES[1]} laughed"), group.line(group.children[1])]
    note = {"delivered": f"A book about {NAMES[0]}"}
    command = w.RecordSession(group.course, 1, uuid4(), now - timedelta(hours=1), now, note, lines)
    held = done(house, command)
    assert held.answered == [{"pointer": f"/{at}", **KEPT} for at in ("note/delivered", "children/0/response")]
    again = w.CorrectSession(group.course, 1, command.recording_id, 1, f"Not {NAMES[1]} the bear", note={})
    assert [p.pointer for p in asked(house, again)] == ["/reason"]
    assert done(house, again).answered == [{"pointer": "/reason", **KEPT}]


def test_an_answer_is_for_its_words_and_its_child_alone(house: House):
    group = a_group(house, 3)
    wish = w.CancelSession(group.course, 2, f"{NAMES[0]} is a word here")
    (problem,) = asked(house, wish)
    other = replace(wish, reason=f"{NAMES[1]} is a word here", confirmed=[problem.answer])
    assert [p.params for p in asked(house, other)] == [{"name": NAMES[1]}]


def test_every_reason_that_others_read_can_hold_such_a_word_once_that_is_confirmed(house: House):
    group = a_group(house, 2)
    why = f"The {NAMES[0]} bridge is closed"
    people = [house.slt.person_id]
    for wish in (
        w.CancelSession(group.course, 2, why),
        w.ReinstateSession(group.course, 2, why),
        w.MoveSession(group.course, 3, house.clock.now.date() + timedelta(days=15), "11:00", why),
        w.NameStandIns(group.course, 3, people, why),
        w.EndPlace(group.course, group.children[1], why),
        w.EndCourse(group.course, why),
    ):
        problems = asked(house, wish)
        assert [(p.pointer, p.code) for p in problems] == [("/reason", "names-another-child")], wish
        answers: Any = {"confirmed": [p.answer for p in problems]}
        before = house.services.record.head()
        house.services.doors.execute(house.ot, replace(wish, **answers))
        events = [r.event for r in house.services.record.stream(group.course) if r.position > before]
        kept = [list(getattr(event, "answered", ())) for event in events]
        assert [answered for answered in kept if answered] == [[{"pointer": "/reason", **KEPT}]]
    told = house.browser_of(house.lead).get("/audit").text
    assert told.count("Asked about, and meant so") == 6
    assert "Left behind" not in told, "nothing was: a word was meant as it stands"


def revised(house: House, group: Group, **changes: str) -> w.ReviseCourse:
    return w.ReviseCourse(group.course, None, course_content(house, **changes), None, "Better words")


def test_aims_with_a_word_that_is_a_childs_name_can_be_kept_once_that_is_confirmed(house: House):
    group = a_group(house, 1)
    aims = f"Con {NAMES[0]}: to move with spirit."
    event = done(house, revised(house, group, aims=aims))
    assert isinstance(event, CourseRevised)
    assert (event.content["aims"], event.answered) == (aims, [{"pointer": "/aims", **KEPT}])
    # It was asked once: what stands is not asked about again.
    house.services.doors.execute(house.ot, revised(house, group, aims=aims, room="Green room"))
    why = f"The {NAMES[0]} room is small"
    done(house, revised(house, group, aims=aims, room="Red room", why_otherwise=why))
    house.services.doors.execute(house.ot, revised(house, group, aims=aims, room="Blue room", why_otherwise=why))


def test_a_child_whose_name_is_a_word_of_the_aims_can_have_a_place_once_that_is_confirmed(house: House):
    group = Group(house)
    group.plan(aims="The Rose garden, in turns.")
    child = group.child("Rose")
    wish = w.EnrolChild(group.course, child, "waiting", [group.goals[child]])
    assert [(p.pointer, p.code) for p in asked(house, wish)] == [("/aims", "names-the-child")]
    event = done(house, wish)
    assert isinstance(event, PlaceGiven)
    assert event.answered == [{"pointer": "/aims", "code": "names-the-child", "params": {}}]
    house.services.doors.execute(house.ot, replace(wish, place="enrolled"))  # not asked again
    assert_no_name_of(house, group, child)


def assert_no_name_of(house: House, group: Group, child: UUID) -> None:
    """The child's own stream has the place; the answer is the course's alone."""
    events = [r.event for r in house.services.record.stream(child)]
    assert "group-place-changed" in events[-1].TOPIC
    assert not hasattr(events[-1], "answered")


def test_a_rating_that_is_hardly_meant_can_be_confirmed_in_a_session_too(house: House):
    group = a_group(house, 1)
    (child,) = group.children
    line = group.line(child)
    rated = replace(line, ratings=[replace(line.ratings[0], level=0, support="not-achieved")])
    now = house.clock.now
    command = w.RecordSession(group.course, 1, uuid4(), now - timedelta(hours=1), now, {}, [rated])
    (problem,) = asked(house, command)
    assert (problem.pointer, problem.code) == ("/children/0/ratings/0/support", "as-expected-and-not-achieved")
    house.services.doors.execute(house.ot, replace(command, confirmed=[problem.answer]))
    events = [r.event for r in house.services.record.stream(child)]
    (seen,) = (event for event in events if isinstance(event, GoalObserved))
    assert [a["code"] for a in seen.answered] == ["as-expected-and-not-achieved"]
