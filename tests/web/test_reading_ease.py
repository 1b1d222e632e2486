"""The reading hint against examples worked out by hand, in both languages, and on what people really type."""

import pytest

from coord.web.reading_ease import (
    Language,
    abbreviations,
    flesch_kincaid_grade,
    gulpease,
    language_of,
    read,
    sentences_of,
    syllables,
    words_of,
)

BOTH: tuple[Language, ...] = ("en", "it")
EASY = ["He loves trains and maps.", "Give him one short step at a time.", "Show him what comes next."]
HARD = [
    (
        "Proprioceptive regulation opportunities considerably facilitate subsequent participation in collaborative "
        "curricular activities, particularly immediately following unanticipated environmental transitions"
    )
]


def test_the_english_formula_by_hand():
    # 18 words in 3 sentences with 19 syllables: 0.39 * 6 + 11.8 * 19/18 - 15.59 = 2.34 + 12.4556 - 15.59
    assert flesch_kincaid_grade(18, 3, 19) == pytest.approx(-0.7944, abs=1e-4)
    # 100 words in 5 sentences with 150 syllables: 7.8 + 17.7 - 15.59
    assert flesch_kincaid_grade(100, 5, 150) == pytest.approx(9.91)


def test_the_italian_formula_by_hand():
    # 100 words, 5 sentences, 450 letters: 89 + (1500 - 4500) / 100
    assert gulpease(100, 5, 450) == pytest.approx(59)


def test_an_easy_english_page_is_read_by_a_young_child():
    # 5 + 8 + 5 words; syllables He1 loves1 trains1 and1 maps1, Give1 him1 one1 short1 step1 at1 a1 time1, Show..next 5
    found = read(EASY, "en")
    assert (found.words, found.sentences) == (18, 3)
    # 0.39 * 6 + 11.8 * 18/18 - 15.59 = -1.45, so below the youngest age that we name
    assert (found.age, found.level, found.gulpease) == (5, "easy", None)
    assert not found.long_sentences


def test_a_hard_english_sentence_is_said_to_be_hard():
    found = read(HARD, "en")
    assert found.level == "hard"
    assert found.age is not None
    assert found.age > 14


def test_an_italian_page_by_hand():
    # Words: Ama i treni(3) Dagli un passo alla volta(5) Mostragli che cosa viene dopo(5) Aspetta la risposta(3) = 16
    # Letters: 3+1+5 + 5+2+5+4+5 + 9+3+4+5+4 + 7+2+8 = 9+21+25+17 = 72; 89 + (1200 - 720) / 16 = 119, at most 100
    easy = read(
        ["Ama i treni.", "Dagli un passo alla volta.", "Mostragli che cosa viene dopo", "Aspetta la risposta"], "it"
    )
    assert (easy.words, easy.sentences, easy.gulpease, easy.level, easy.age) == (16, 4, 100, "easy", None)
    hard = read(
        [("Considerando l'ipersensibilità propriocettiva documentata, predisporre preventivamente microinterruzioni "
         "sensoriali individualizzate durante attività particolarmente destabilizzanti per l'autoregolazione")],
        "it",
    )  # fmt: skip
    assert hard.level == "hard"
    assert hard.gulpease is not None
    assert hard.gulpease < 40


def test_an_elided_article_is_a_word_in_italian_only():
    assert words_of("l'amico dell’alunno", "it") == ["l", "amico", "dell", "alunno"]
    assert words_of("don't child’s", "en") == ["don't", "child’s"]


@pytest.mark.parametrize("text", ["", "   ", "?!", "One two.", "😀"])
def test_too_little_text_says_nothing(text: str):
    for language in BOTH:
        found = read([text], language)
        assert found.level == "unknown"
        assert found.age is None
        assert found.gulpease is None


def test_sentences_end_where_they_end():
    assert sentences_of("Dr. Verdi saw 3.5 m. He ran! Why? e.g. this\nA line") == [
        "Dr. Verdi saw 3.5 m.",
        "He ran!",
        "Why?",
        "e.g. this",
        "A line",
    ]
    assert sentences_of('He said "stop." Then he left…') == ['He said "stop."', "Then he left…"]
    assert sentences_of("Wait approx. two minutes") == ["Wait approx. two minutes"]
    assert sentences_of("Wait.\nthen go") == ["Wait.", "then go"]


def test_a_statement_without_a_full_stop_is_a_sentence_of_its_own():
    assert read(["one two three", "four five six"], "en").sentences == 2


def test_sentences_over_twenty_words_are_named_the_longest_first():
    twenty, more, most = (" ".join(["word"] * n) + "." for n in (20, 21, 25))
    assert read([twenty, more, most], "en").long_sentences == [most, more]


def test_unexplained_abbreviations():
    assert abbreviations("The OT and the SLT meet. The OT, SENCOs too. PE and TV are fine.") == ["OT", "SLT", "SENCO"]
    assert abbreviations("The occupational therapist (OT) asks. The OT waits. SLT (speech therapist) too.") == []
    assert abbreviations("DO NOT SHOUT AT HIM") == []
    assert abbreviations("A calm room. I see.") == []
    assert abbreviations("Il PEI e il GLO") == ["PEI", "GLO"]


SYLLABLES = {
    1: "the loves trains calm clothes league tongue asked jumps whole eyes planned scared squeeze queue don't child's",
    2: "being doing quiet create table handled every someone safety cushion wanted places rhythm lively message",
    3: "timetable another area familiar autism transition beautiful banana serious idea strategies suddenly",
    4: "situation usually independence material activity unusual experience information",
    5: "communication vocabulary",
}


@pytest.mark.parametrize(("count", "word"), [(n, word) for n, words in SYLLABLES.items() for word in words.split()])
def test_syllables(count: int, word: str):
    assert syllables(word) == count


def test_letters_said_one_by_one():
    assert syllables("TV") == 2
    assert syllables("x") == 1


def test_the_language_is_told_by_its_small_words():
    assert language_of("He likes to know what is next", "it") == "en"
    assert language_of("Gli piace sapere che cosa viene dopo, con la figura", "en") == "it"
    assert language_of("Puzzles", "it") == "it"


def test_nothing_that_can_be_typed_takes_long_or_fails():
    for text in (
        "a" * 20_000,
        "A." * 10_000,
        "(" * 20_000,
        "e" * 20_000 + "ed",
        ". " * 10_000,
        "\n" * 20_000,
        "AB " * 6_000,
    ):
        for language in BOTH:
            read([text], language)


@pytest.mark.parametrize(("letters", "level"), [(39, "easy"), (40, "middling"), (59, "middling"), (60, "hard")])
def test_gulpease_is_read_for_who_has_the_first_school_and_the_middle_school(letters: int, level: str):
    # Ten words in each sentence: 89 + (300 - 10 * letters) / 10, which is 80, 79, 60 and 59 here.
    least, more = divmod(letters, 10)
    words = ["a" * (least + (number < more)) for number in range(10)]
    found = read([" ".join(words)] * 3, "it")
    assert (found.gulpease, found.level) == (119 - letters, level)
