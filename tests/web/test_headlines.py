"""What an entry of the timeline says first."""

import pytest

from coord.web.headlines import LENGTH, headline_of, telling


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Tied the laces twice. Then once more.", "Tied the laces twice."),
        ("Tied the laces twice", "Tied the laces twice"),
        ("  Why now? Nobody knows.", "Why now?"),
        ("“It is mine!” He kept the ball.", "“It is mine!”"),
        ("Two lines\nand a third.", "Two lines"),
        ("Walked 2.5 metres alone. Then sat.", "Walked 2.5 metres alone."),
        ("Used e.g. the slope, and dr. Lund helped. Later rest.", "Used e.g. the slope, and dr. Lund helped."),
        ("Played with M. and the train. Shared it.", "Played with M. and the train."),
        ("1. Put on the coat. 2. Went out.", "1. Put on the coat."),
        ("Ha colto la palla ecc. e poi ha riso. Bene.", "Ha colto la palla ecc. e poi ha riso."),
        ("靴ひもを結べた。そして笑った。", "靴ひもを結べた。"),
    ],
)
def test_the_first_sentence_is_found(text: str, first: str):
    assert headline_of(text).text == first


@pytest.mark.parametrize(
    "text", ["word " * 40, "x" * 300, "a" * 50 + ", " + "b" * 100 + ". End.", "Short. " + "w " * 99]
)
def test_a_headline_is_short_and_nothing_of_the_text_is_lost(text: str):
    headline = headline_of(text)
    assert len(headline.text) <= LENGTH + 1
    assert headline.said + headline.rest == text.strip()


def test_a_long_sentence_is_cut_at_a_word():
    text = "He carried the heavy basket across the whole yard, set it down beside the gate, and asked for the next one."
    headline = headline_of(text)
    assert headline.text == "He carried the heavy basket across the whole yard, set it down beside the gate, and asked…"
    assert text.startswith(headline.said)


@pytest.mark.parametrize(
    ("sections", "chosen"),
    [
        ([("subjective", "Tired."), ("objective", "Slow."), ("assessment", "Holds.")], 2),
        ([("subjective", "Tired."), ("objective", "Slow."), ("assessment", " – ")], 0),
        ([("situation", "..."), ("observed", "Read aloud.")], 1),
        ([("text", "---")], None),
    ],
)
def test_the_assessment_speaks_for_a_note_or_else_what_says_something_first(
    sections: list[tuple[str, str]], chosen: int | None
):
    assert telling(sections) == chosen
