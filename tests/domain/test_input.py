"""What people type is cleaned the same way everywhere, or refused."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

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
