"""Another child's name is found however it is written, and a word that is none is left alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.domain.name_words import FUNCTION_WORDS, ORDINARY_WORDS, PARTICLES
from coord.domain.names import NO_NAMES, Names, names_found, names_of
from coord.words import folded

BRUNO, BEA = names_of("Bruno", "Bruno De Rosa"), names_of("Bea", "Beatrice de Rosa")


def found(text: str, *others: Names, own: Names = NO_NAMES) -> str | None:
    return names_found({"/x": text}, others, own).get("/x")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Waited for Bruno.", "Bruno"),
        ("waited for BRUNO!", "Bruno"),
        ("Brùno's turn", "Bruno"),
        ("It was _Bruno_ who led.", "Bruno"),
        ("Brunonian", None),
        ("Waited for a peer.", None),
        ("The Rosa family", None),  # her own family name too
        ("De facto", None),  # a particle tells of nobody
    ],
)
def test_another_childs_name_is_found_as_a_word_however_it_is_written(text: str, name: str | None):
    assert found(text, BRUNO, own=BEA) == name


@pytest.mark.parametrize(
    "text",
    [
        "Ha chiesto di giocare con la palla.",
        "La palla è finita lo stesso di là.",
        "Di nuovo in piedi, del tutto calmo.",
        "La bambina ha dato la palla rosa.",
        "Nella stanza sarà più facile.",
        "Conta fino a tre, porta la sedia, va in sala.",
        "He will try again, and he may mark it himself.",
        "Will he try again? May we begin?",
        "The grace of a swan; a long summer day.",
        "3 volte su 10, 135 cm, alle 10:30",
    ],
)
def test_ordinary_italian_and_english_is_left_alone(text: str):
    children = [
        names_of(preferred, full)
        for preferred, full in (
            ("Marco", "Marco Di Marco"),
            ("Anna", "Anna La Rosa"),
            ("Will", "William May"),
            ("Sara", "Sara Lo Porta"),
            ("Nella", "Nella Del Conte"),
            ("Grace", "Grace Summer Long"),
            ("Mark", "Mark Sala"),
            ("Lo", "Lo Es"),
        )
    ]
    assert found(text, *children) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ha giocato con Di Marco", "Marco"),
        ("ha giocato con marco", "Marco"),
        ("Anche La Rosa ha riso", "Rosa"),
        ("poi Rosa ha riso", "Rosa"),
        ("He pushed Will.", "Will"),
        ("Then Will pushed back", "Will"),
    ],
)
def test_a_name_that_is_a_word_is_found_where_it_is_written_as_a_name(text: str, name: str):
    children = [names_of("Marco", "Marco Di Marco"), names_of("Anna", "Anna La Rosa"), names_of("Will", "Will Testa")]
    assert found(text, *children) == name


@pytest.mark.parametrize(
    "text",
    [
        "Mar\u200blow led",
        "M\u0430rlow led",  # a Cyrillic a
        "Mar-low led",
        "Mar\u00adlow led",
        "MARLOW led",
        "Mar’low led",
        "Marl0w led",
        "ＭＡＲＬＯＷ led",
        "(Marlow)",
        "Marlow's turn",
        "with M. T. again",
        "with M.T. again",
        "with M.T, again",
    ],
)
def test_a_name_is_found_in_disguise(text: str):
    assert found(text, names_of("Tess", "Marlow Thorne")) is not None


def test_initials_are_given_back_as_initials():
    assert found("with M. T. again", names_of("Tess", "Marlow Thorne")) == "M. T."
    assert found("with M. T. again", names_of("Tess", "Marlow Thorne"), own=names_of("Max", "Max Todd")) is None
    assert found("e.g. milk, m. t.", names_of("Tess", "Marlow Thorne")) is None


@pytest.mark.parametrize(
    ("names", "text", "name"),
    [
        (("Éva", "Éva"), "E\N{COMBINING ACUTE ACCENT}va's turn", "Éva"),
        (("प्रिया", "प्रिया"), "प्रिया ने मदद की", "प्रिया"),
        (("Ольга", "Ольга"), "Помогла ОЛЬГА!", "Ольга"),
        (("小明", "王小明"), "今天小明帮助了他", "小明"),
        (("สมชาย", "สมชาย ใจดี"), "วันนี้สมชายช่วยเพื่อน", "สมชาย"),
        (("Soren", "Soren Holm"), "Then Søren laughed", "Soren"),
        (("Søren", "Søren Holm"), "then soren laughed", "Søren"),
        (("Łucja", "Łucja Nowak"), "con Lucja", "Łucja"),
        (("D’Angelo", "Pia D’Angelo"), "insieme a dangelo", "D’Angelo"),
        (("Pia", "Pia D'Angelo"), "insieme ad Angelo", "D'Angelo"),
        (("Anna-Maria", "Anna-Maria Bo"), "poi annamaria e", "Anna-Maria"),
        (("Anna-Maria", "Anna-Maria Bo"), "poi Anna e", "Anna-Maria"),
        (("tim", "tim della valle"), "Played with Tim", "tim"),
        (("tim", "tim della valle"), "il turno della bambina", None),
    ],
)
def test_a_name_is_found_in_any_script_and_spelling(names: tuple[str, str], text: str, name: str | None):
    assert found(text, names_of(*names)) == name


def test_a_childs_own_names_and_initials_are_no_others():
    sister = names_of("Zoe", "Zoe Di Marco")
    assert found("Marco came with Zoe.", names_of("Pia", "Pia Di Marco"), own=sister) is None
    assert found("Pia came.", names_of("Pia", "Pia Di Marco"), own=sister) == "Pia"


@given(st.text(max_size=60), st.sampled_from(["Brunello", "brunello", "BRUNELLO"]), st.text(max_size=60))
def test_a_name_between_any_two_words_is_found(before: str, name: str, after: str):
    assert found(f"{before} {name} {after}", names_of("Brunello", "Brunello Testovsky")) in (
        "Brunello",
        "Testovsky",
        "B. T.",
    )


@given(st.text(max_size=200))
def test_no_text_is_found_to_name_nobody(text: str):
    assert found(text) is None


@pytest.mark.parametrize("words", [PARTICLES, FUNCTION_WORDS, ORDINARY_WORDS])
def test_the_lists_are_folded_as_what_is_compared_with_them(words: Any):
    assert {word for word in words if folded(word) != word or not word.isalpha()} == set()
