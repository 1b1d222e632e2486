"""docs/events.md names every topic and every field of it, and nothing that does not exist."""

import re
from pathlib import Path
from typing import get_type_hints

import pytest

import coord.application  # noqa: F401 - so that every event class has been defined
from coord.domain.events import EVENT_CLASSES, CoordEvent

TEXT = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.MULTILINE)
NOT_STORED = {"TOPIC", "BEGINS_ENTRY", "originator_id_type"}
COMMON = set(get_type_hints(CoordEvent)) - NOT_STORED


def sections() -> dict[str, dict[str, str]]:
    """Topic -> field -> meaning."""
    parts = re.split(r"^### `([^`]+)`$", TEXT, flags=re.MULTILINE)
    bodies = [re.split(r"^## ", body, flags=re.MULTILINE)[0] for body in parts[2::2]]
    return {topic: dict(ROW.findall(body)) for topic, body in zip(parts[1::2], bodies, strict=True)}


def test_every_topic_is_explained_and_no_other():
    assert set(sections()) == set(EVENT_CLASSES)


@pytest.mark.parametrize("topic", sorted(EVENT_CLASSES))
def test_every_field_is_explained_and_no_other(topic: str):
    fields = set(get_type_hints(EVENT_CLASSES[topic])) - COMMON - NOT_STORED - {"originator_topic"}
    assert set(sections()[topic]) == fields


def test_what_every_event_has_is_explained_once():
    common = dict(ROW.findall(TEXT.split("## In every event")[1].split("\n## ")[0]))
    assert set(common) == COMMON


def test_every_topic_says_in_a_sentence_what_happened():
    for topic in EVENT_CLASSES:
        sentence = TEXT.split(f"### `{topic}`\n")[1].split("\n")[0]
        assert re.match(r"[A-Z].+\.$", sentence), topic
