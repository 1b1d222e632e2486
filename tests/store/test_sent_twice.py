"""The same thing sent twice at once, over two processes: it is recorded once, and both hear of the same.

The worst moment is forced: the second is carried out as a whole after the first has loaded the stream that it decides
on, and before it looks anything else up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application import commands as c
from coord.application.activities.commands import WriteActivity
from coord.application.declared import Command
from coord.application.goals import commands as g
from coord.application.groups import commands as w
from coord.application.services import Services
from coord.bootstrap import build
from coord.domain.activity import ActivityContent
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Role
from coord.domain.case import NoteContent, ObservationContent
from coord.domain.case.measures import CopmContent
from coord.domain.errors import InvalidInput
from tests.application.test_goals import words
from tests.group_story import Group, a_group, course_content
from tests.house import House


@pytest.fixture
def beside(house: House) -> Iterator[Services]:
    """Another process over the same stores: with a memory and connections of its own."""
    services = build(house.services.settings, house.clock)
    try:
        yield services
    finally:
        services.close()


def in_between(house: House, loading: str, what: Callable[[], object]) -> None:
    """Have ``what`` happen right after the house's own process has loaded a stream for the first time from now on."""
    record: Any = house.services.record
    load = getattr(record, loading)

    def loaded(*ids: UUID) -> Any:
        delattr(record, loading)  # once
        found = load(*ids)
        what()
        return found

    setattr(record, loading, loaded)


def twice_at_once(house: House, beside: Services, loading: str, who: Actor, command: Command) -> list[c.Receipt]:
    """What the process hears that was first to record it, and what the one hears that had loaded before."""
    heard: list[c.Receipt] = []
    in_between(house, loading, lambda: heard.append(beside.doors.execute(who, command)))
    heard.append(house.services.doors.execute(who, command))
    return heard


def recording(house: House, group: Group) -> w.RecordSession:
    (child,) = group.children
    line = group.line(child, response="Waited twice.")
    line = w.ChildRecord(child, line.line_id, line.content, line.ratings, [w.HandedOver(uuid4(), "One turn each")])
    house.clock.turn(days=30)
    end = house.clock.now
    return w.RecordSession(group.course, 1, uuid4(), end - timedelta(minutes=60), end, {}, [line])


def test_a_recording_of_a_group(house: House, beside: Services):
    group = a_group(house, 1)
    command = recording(house, group)
    first, second = twice_at_once(house, beside, "course", house.ot, command)
    assert not first.repeated
    assert second.repeated
    assert (second.id, second.position) == (first.id, first.position)
    assert len(house.services.record.course(group.course).session(1)["recordings"]) == 1


def test_an_id_that_somebody_else_took_meanwhile_is_taken(house: House, beside: Services):
    group = a_group(house, 1)
    command = recording(house, group)
    (child,) = group.children
    other_lines = [group.line(child)]
    other = w.RecordSession(
        command.course_id, 1, command.recording_id, command.started_at, command.ended_at, {}, other_lines
    )
    in_between(house, "course", lambda: beside.doors.execute(house.ot, other))
    with pytest.raises(InvalidInput) as refusal:
        house.services.doors.execute(house.ot, command)
    assert [(p.pointer, p.code) for p in refusal.value.problems] == [("/id", "id-taken")]


def commands(house: House) -> dict[str, tuple[str, Actor, Command]]:
    """Those that bring an id of their own: what is loaded first, who sends it, and what."""
    now = house.clock.now
    goal, note, do = uuid4(), house.note(house.ot), house.services.doors.execute
    do(house.ot, g.ProposeGoal(house.child, goal, words(house)))
    copm = CopmContent([("Dressing", 8, 3, 2)], "child", measured_on=now.date())
    seen = ObservationContent(context="home", level=0, remark="Twice.", observed_at=now)
    opened = c.OpenCase(uuid4(), "Zag", "Zag Lomax", date(2018, 2, 3), ("English",), "Hill School", "2B")
    registered = c.RegisterPerson(uuid4(), "Ida Ek", "ida@example.org", Role.THERAPIST, Discipline.OT, "North")
    activity = ActivityContent(
        title="Rain",
        purpose="Listening together.",
        kinds=["therapeutic-play"],
        skills=["attention"],
        age_from=3,
        age_to=6,
        cognitive="low",
        motor="low",
        communication="low",
        watch=["Rice on the floor is slippery"],
        steps=["Sit down."],
    )
    return {
        "note": ("case", house.ot, c.SignNote(house.child, uuid4(), NoteContent("narrative", {"text": "x"}, now))),
        "addendum": ("case", house.ot, c.AddAddendum(house.child, note, uuid4(), "He asked for it.")),
        "goal": ("case", house.ot, g.ProposeGoal(house.child, uuid4(), words(house, "Cuts along a line"))),
        "observation": ("case", house.ot, g.ObserveGoal(house.child, goal, uuid4(), seen)),
        "strategy": ("case", house.ot, g.OfferStrategy(house.child, uuid4(), "One turn each", "home")),
        "measure": ("case", house.ot, g.RecordCopm(house.child, uuid4(), copm)),
        "child": ("exists", house.ot, opened),
        "person": ("exists", COMMAND_LINE, registered),
        "activity": ("exists", house.lead, WriteActivity(uuid4(), activity)),
        "course": ("exists", house.ot, w.PlanCourse(uuid4(), course_content(house), [house.ot.person_id])),
    }


def test_everything_else_that_brings_an_id(house: House, beside: Services):
    for what, (loading, who, command) in commands(house).items():
        head = house.services.record.head()
        first, second = twice_at_once(house, beside, loading, who, command)
        assert (first.repeated, second.repeated) == (False, True), what
        assert (second.id, second.position) == (first.id, first.position), what
        assert first.position > head, what
        assert house.services.record.head() == first.position, what
