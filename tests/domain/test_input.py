"""What people type is cleaned the same way everywhere, or refused."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coord.domain.errors import InvalidInput
from coord.domain.input import Input
from coord.words import folded

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)


@settings(deadline=None)
@given(ANYTHING)
def test_what_is_accepted_can_be_stored_and_read_again(text: str):
    check = Input()
    cleaned = check.text("/x", text, required=False)
    if check.problems:
        assert cleaned == ""
        return
    cleaned.encode()
    assert "\x00" not in cleaned
    assert "\r" not in cleaned
    assert cleaned == cleaned.strip() == unicodedata.normalize("NFC", cleaned)


@settings(deadline=None)
@given(ANYTHING)
def test_cleaning_twice_is_cleaning_once(text: str):
    check = Input()
    cleaned = check.text("/x", text, required=False)
    assert check.text("/x", cleaned, required=False) == cleaned


@settings(deadline=None)
@given(ANYTHING)
def test_folding_twice_is_folding_once_and_leaves_no_capital_that_one_database_would_tell_apart(text: str):
    once = folded(text)
    assert folded(once) == once
    assert not any("A" <= ch <= "Z" for ch in once)


def test_accents_do_not_matter_in_a_search():
    assert folded("Perché così, Ølåf? Straße ㎒") == folded("PERCHE COSI, Ølaf? STRASSE mhz")


def test_what_is_implausible_is_asked_about_once_and_the_answer_is_kept():
    check = Input()
    check.ask("/score", "far-from-the-rest", 155, mean=100)
    with pytest.raises(InvalidInput) as refused:
        check.refuse_if_any()
    (question,) = refused.value.problems
    assert (question.pointer, question.code, question.params) == ("/score", "far-from-the-rest", {"mean": 100})

    meant = Input([question.answer])
    meant.ask("/score", "far-from-the-rest", 155, mean=100)
    meant.refuse_if_any()
    assert meant.answered == [{"pointer": "/score", "code": "far-from-the-rest", "params": {"mean": 100}}]


def test_an_answer_counts_for_what_it_was_asked_about_and_for_nothing_else():
    first = Input()
    first.ask("/score", "far-from-the-rest", 155)
    first.ask("/remark", "names-another-child", "155")
    far, named = (problem.answer for problem in first.problems)
    assert far != named
    other = Input([far])
    other.ask("/score", "far-from-the-rest", 156)
    assert other.problems
    assert not other.answered


def test_what_is_impossible_has_no_answer():
    check = Input(["missing"])
    check.problem("/score", "missing")
    assert [problem.answer for problem in check.problems] == [""]
