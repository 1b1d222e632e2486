"""One folding for every search, sort and guard: a table of what people write and what they mean by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.domain.input import Input
from coord.words import can_be_seen, folded, found_in, isolated, sort_key, without_unseen, words_wanted

SAME = [
    ("perché", "PERCHE"),
    ("D’Angelo", "d'angelo"),
    ("D‘Angelo", "D`Angelo"),
    ("Søren", "soren"),
    ("Łukasz", "lukasz"),
    ("Đorđe", "dorde"),
    ("Ægir", "aegir"),
    ("Œuvre", "oeuvre"),
    ("Þóra", "thora"),
    ("Straße", "STRASSE"),
    ("Işık", "isik"),
    ("“ciao”", '"ciao"'),
    ("«ciao»", '"ciao"'),
    ("Anna–Maria", "anna-maria"),
    ("so\u00adft", "soft"),
    ("Mar\u200blow", "marlow"),
    ("E\N{COMBINING ACUTE ACCENT}va", "Éva"),
    ("ＡＢ１", "ab1"),
    ("a\u00a0b", "a b"),
    ("㎒", "mhz"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_is_the_same_to_people_is_the_same_to_a_search(one: str, other: str):
    assert folded(one) == folded(other)
    assert found_in(words_wanted(other), f"x {one} y")
    assert found_in(words_wanted(one), f"x {other} y")


@pytest.mark.parametrize(("one", "other"), [("casa", "cassa"), ("Ольга", "Olga"), ("小明", "小红")])
def test_what_differs_is_told_apart(one: str, other: str):
    assert folded(one) != folded(other)


def test_all_words_count_in_any_order_also_the_eleventh():
    text = "uno due tre quattro cinque sei sette otto nove dieci undici"
    assert found_in(words_wanted("undici  Uno\tdue"), text)
    assert not found_in(words_wanted(f"{text} dodici"), text)
    assert found_in(words_wanted("De Luca  Anna"), "Anna De Luca")


def test_a_list_stands_as_people_look_for_it():
    names = [
        "Zoe",
        "élan",
        "Echo",
        "ølaf",
        "Olga",
        "Ada",
        "ada",
        "De Luca",
        "Deluca",
        "D'Angelo",
        "Éva",
        "Łucja",
        "Lucio",
    ]
    assert sorted(names, key=sort_key) == [
        "Ada",
        "ada",
        "D'Angelo",
        "De Luca",
        "Deluca",
        "Echo",
        "élan",
        "Éva",
        "Lucio",
        "Łucja",
        "ølaf",
        "Olga",
        "Zoe",
    ]


@pytest.mark.parametrize("nothing", ["\u200b", "\u2800", "\u3164", "\u2800 \u00a0\ufeff", "\u202e", "\u0301"])
def test_a_text_that_nobody_sees_is_none(nothing: str):
    assert not can_be_seen(nothing)
    check = Input()
    assert check.text("/name", nothing) == ""
    assert [(p.pointer, p.code) for p in check.problems] == [("/name", "missing")]


def test_marks_that_turn_a_name_round_are_taken_out_and_joiners_stay():
    check = Input()
    assert check.text("/name", "An\u202ena\u2066") == "Anna"
    assert check.text("/name", "می\u200cخواهم") == "می\u200cخواهم"
    assert without_unseen("👩\u200d🏫") == "👩\u200d🏫"
    assert not check.problems


def test_a_name_from_right_to_left_is_set_apart_and_others_are_left_alone():
    assert isolated("שרה") == "\u2068שרה\u2069"
    assert isolated("Søren") == "Søren"


@given(st.text(max_size=60))
def test_folding_is_done_once_and_a_text_is_found_in_itself(text: str):
    assert folded(folded(text)) == folded(text)
    assert found_in(words_wanted(text), text)
