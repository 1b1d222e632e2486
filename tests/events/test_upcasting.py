"""A change of an event's shape is a version of its own, and what was stored before it is read as the newest."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

import pytest
from eventsourcing.persistence import MapperDeserialisationError, StoredEvent
from eventsourcing.utils import _topic_cache

from coord.domain.events import EVENT_CLASSES, CoordEvent
from coord.persistence import CoordMapper, OrjsonTranscoder
from coord.persistence.events import _shape
from tests.events.expected import AT, BY, CASE

MAPPER = CoordMapper(transcoder=OrjsonTranscoder())
TOPIC = "case.chair-adjusted.v1"


@pytest.fixture
def adjusted() -> Iterator[type[CoordEvent]]:
    """An event in its third shape: first a height in inches; then in centimetres; then with who sits on it."""

    class ChairAdjusted(CoordEvent):
        TOPIC: ClassVar[str] = "case.chair-adjusted.v1"
        class_version: ClassVar[int] = 3
        centimetres: float
        sitter: UUID
        steps: list[str]

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["centimetres"] = state.pop("inches") * 2.54
            state["steps"] = ["1 to 2"]

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            state["sitter"] = str(CASE)
            state.setdefault("steps", []).append("2 to 3")

    yield ChairAdjusted
    del EVENT_CLASSES[TOPIC]
    del _topic_cache[TOPIC]
    _shape.cache_clear()


def read(**state: Any) -> dict[str, Any]:
    return vars(MAPPER.to_domain_event(StoredEvent(CASE, 7, TOPIC, _kept(**state))))


def test_the_first_shape_goes_through_every_step_in_order(adjusted: type[CoordEvent]):
    event = read(inches=16)  # the first version of anything is stored without a number
    assert event == {
        "originator_id": CASE,
        "originator_version": 7,
        "timestamp": AT,
        "by": BY,
        "centimetres": 40.64,
        "sitter": CASE,  # what a step adds is converted like what was stored
        "steps": ["1 to 2", "2 to 3"],
    }
    assert type(MAPPER.to_domain_event(StoredEvent(CASE, 7, TOPIC, _kept(inches=16)))) is adjusted


def test_a_later_shape_goes_through_the_steps_after_it_alone(adjusted: type[CoordEvent]):
    event = read(class_version=2, centimetres=20.0)
    assert (event["centimetres"], event["sitter"], event["steps"]) == (20.0, CASE, ["2 to 3"])
    assert "class_version" not in event


def test_the_newest_shape_is_read_as_it_is_and_written_with_its_number(adjusted: type[CoordEvent]):
    event = read(class_version=3, centimetres=20.0, sitter=str(CASE), steps=[])
    assert (event["sitter"], event["steps"]) == (CASE, [])
    make: Any = adjusted
    written = MAPPER.to_stored_event(make(**event))
    assert json.loads(written.state)["class_version"] == 3
    assert vars(MAPPER.to_domain_event(written)) == event


def test_a_shape_that_no_step_leads_from_is_named_with_its_place(adjusted: type[CoordEvent]):
    with pytest.raises(MapperDeserialisationError, match=rf"{TOPIC} {CASE}/7"):
        read(class_version=0, inches=16)
    with pytest.raises(MapperDeserialisationError, match=rf"{TOPIC} {CASE}/7"):
        read(feet=1)


def test_a_topic_that_nobody_knows_is_named_with_its_place():
    with pytest.raises(MapperDeserialisationError, match=rf"case\.of-another-house\.v1 {CASE}/7"):
        MAPPER.to_domain_event(StoredEvent(CASE, 7, "case.of-another-house.v1", b"{}"))


def _kept(**state: Any) -> bytes:
    return json.dumps({"timestamp": AT.isoformat(), "by": BY, **state}).encode()
