"""docs/events.md says what the events say, and every event says what it means."""

import re
from pathlib import Path
from typing import get_type_hints

import pytest

from coord.domain.events import EVENT_CLASSES, CoordEvent
from tools import events_page

ROW = re.compile(r"^\| `(\w+)` \| (?:`.+?` \| )?(.+) \|$", re.MULTILINE)
NOT_STORED = {"TOPIC", "HISTORY", "BEGINS_ENTRY", "MISTAKE", "originator_id_type", "originator_topic"}
COMMON = set(get_type_hints(CoordEvent)) - NOT_STORED


def sections() -> dict[str, dict[str, str]]:
    """Topic -> field -> meaning."""
    parts = re.split(r"^### `([^`]+)`$", events_page.page(), flags=re.MULTILINE)
    bodies = [re.split(r"^## ", body, flags=re.MULTILINE)[0] for body in parts[2::2]]
    return {topic: dict(ROW.findall(body)) for topic, body in zip(parts[1::2], bodies, strict=True)}


def test_the_page_is_up_to_date():
    assert events_page.PAGE.read_text() == events_page.page(), "run: python -m tools.events_page"


def test_every_topic_is_explained_and_no_other():
    assert set(sections()) == set(EVENT_CLASSES)


def test_every_field_is_explained_and_no_other():
    shown = sections()
    for topic, kind in EVENT_CLASSES.items():
        assert set(shown[topic]) == set(get_type_hints(kind)) - COMMON - NOT_STORED, topic


def test_what_every_event_has_is_explained_once():
    common = dict(ROW.findall(events_page.page().split("## In every event")[1].split("\n## ")[0]))
    assert set(common) == COMMON


def test_every_topic_says_in_a_sentence_what_happened():
    for topic in EVENT_CLASSES:
        sentence = events_page.page().split(f"### `{topic}`\n")[1].split("\n")[0]
        assert re.match(r"[A-Z].+\.$", sentence), topic


def test_every_event_has_somebody_who_decides_it():
    assert not [name for name, functions in events_page.decisions().items() if not functions]


def test_an_event_that_nobody_placed_is_not_left_out_in_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    frame = tmp_path / "frame.md"
    frame.write_text(events_page.FRAME.read_text().replace("{{ events of policy }}", ""))
    monkeypatch.setattr(events_page, "FRAME", frame)
    with pytest.raises(KeyError, match=r"policy\.changed\.v1"):
        events_page.page()
