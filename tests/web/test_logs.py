"""A line of the log is written whatever is in it."""

import json
import logging
from typing import Any

import pytest
import structlog

from coord.web.observability import init_logging


class Hostile:
    """What cannot even say what it is."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


def deep(levels: int) -> list[Any]:
    """A list in a list in a list."""
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


@pytest.fixture
def logging_as_served():
    """The service's own logging, and afterwards what was there."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


HOSTILE = {
    "half a pair": ("a\ud800b", "a\\ud800b"),
    "a large number": (2**80, str(2**80)),
    "a key": ({("a", 1): "b"}, "{('a', 1): 'b'}"),
    "too deep": (deep(300), str(deep(300))),
    "hostile": (Hostile(), "<Hostile>"),
    "hostile inside": ([Hostile()], "<list>"),
}


@pytest.mark.usefixtures("logging_as_served")
@pytest.mark.parametrize(("value", "told"), HOSTILE.values(), ids=HOSTILE)
def test_what_json_cannot_hold_is_told_in_words_and_the_rest_as_it_is(
    capsys: pytest.CaptureFixture[str], value: object, told: str
):
    init_logging()
    structlog.get_logger("coord.request").info("request", status=200, route=value)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["status"], line["route"]) == ("request", "info", 200, told)


@pytest.mark.usefixtures("logging_as_served")
def test_what_a_library_logs_is_a_line_too(capsys: pytest.CaptureFixture[str]):
    init_logging()
    logging.getLogger("sqlalchemy").error("broken: %s", "a\ud800b", extra={"fault": 2**80})
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["fault"]) == ("broken: a\\ud800b", str(2**80))
