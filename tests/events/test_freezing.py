"""Freezing: new bytes come beside the old ones, never in their place."""

import pytest

from tests.events.freeze import frozen

SAMPLES = {"a.v1": "1", "b.v1": "1", "b.v1 before": "0"}


def test_what_is_new_is_frozen_and_what_stands_stays():
    assert frozen(SAMPLES, {"a.v1": "2", "c.v1": "1"}) == {**SAMPLES, "c.v1": "1"}


def test_of_the_one_that_is_named_the_older_bytes_are_kept_under_their_words():
    now = {"a.v1": "2", "b.v1": "2"}
    assert frozen(SAMPLES, now, "a.v1", "before") == {**SAMPLES, "a.v1": "2", "a.v1 before": "1"}
    assert frozen(SAMPLES, now, "b.v1", "before that") == {**SAMPLES, "b.v1": "2", "b.v1 before that": "1"}


@pytest.mark.parametrize(
    ("topic", "before"),
    [("b.v1", "before"), ("a.v1", ""), ("c.v1", "before"), ("before follow-ups", "")],
    ids=["the words are taken", "no words", "never frozen", "no topic"],
)
def test_bytes_that_stand_are_never_written_over(topic: str, before: str):
    with pytest.raises(ValueError, match=r"other words|nothing else"):
        frozen(SAMPLES, {"a.v1": "2", "b.v1": "2", "c.v1": "1"}, topic, before)


def test_what_tells_nothing_else_has_nothing_to_freeze():
    with pytest.raises(ValueError, match="nothing else"):
        frozen(SAMPLES, SAMPLES, "a.v1", "before")
