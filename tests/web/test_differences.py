"""What a correction changed, word by word: no more than what was changed, and all of it."""

from hypothesis import given
from hypothesis import strategies as st

from coord.web.differences import word_parts

TEXT = st.text(st.sampled_from("ab .\n"), max_size=80)


@given(TEXT, TEXT)
def test_the_parts_make_both_texts(before: str, after: str):
    parts = word_parts(before, after)
    assert "".join(text for kind, text in parts if kind != "added") == before
    assert "".join(text for kind, text in parts if kind != "removed") == after


def test_one_word_in_a_long_note_marks_that_word_and_no_more():
    for long in (
        " ".join(f"Zig asked for the word{i} and got the word{i % 7}" for i in range(80)),  # without a full stop
        " ".join(f"Zig asked for the word{i}. He got the same, and the rest." for i in range(80)),
    ):
        changed = long.replace("word41", "ball", 1)
        assert [part for part in word_parts(long, changed) if part[0] != "same"] == [
            ("removed", "word41"),
            ("added", "ball"),
        ]


def test_two_words_far_apart_are_two_marks():
    long = " ".join(f"Zig asked for the word{i}. He got the same, and the rest." for i in range(120))
    changed = long.replace("word3.", "ball.").replace("word110.", "hoop.")
    kinds = [kind for kind, _ in word_parts(long, changed)]
    assert kinds == ["same", "removed", "added", "same", "removed", "added", "same"]
