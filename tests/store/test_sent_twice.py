"""The same thing sent twice at once, over two processes: it is recorded once, and both hear of the same.

The worst moment is forced: the second is carried out as a whole after the first has loaded the stream that it decides
on, and before it looks anything else up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.declared import Command, Receipt
from coord.application.groups import commands as w
from coord.application.services import Services
from coord.bootstrap import build
from coord.domain.actors import Actor
from coord.domain.errors import InvalidInput
from tests.group_story import Group, a_group
from tests.house import House
from tests.samples import SAMPLES


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


def twice_at_once(house: House, beside: Services, loading: str, who: Actor, command: Command) -> list[Receipt]:
    """What the process hears that was first to record it, and what the one hears that had loaded before."""
    heard: list[Receipt] = []
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


@pytest.mark.parametrize("name", list(SAMPLES))
def test_whatever_brings_an_id(house: House, beside: Services, name: str):
    sample = SAMPLES[name](house)
    head = house.services.record.head()
    first, second = twice_at_once(house, beside, sample.loads, sample.who, sample.command)
    assert (first.repeated, second.repeated) == (False, True)
    assert (second.id, second.position) == (first.id, first.position)
    assert first.position > head
    assert house.services.record.head() == first.position
