"""How easy a text for school is to read, in English and Italian; a hint for whoever writes it, never a gate.

English: the Flesch-Kincaid grade (Kincaid, Fishburne, Rogers and Chissom 1975),
``0.39 * words / sentences + 11.8 * syllables / words - 15.59``. A grade is a school year in the United States, whose
pupils are about five years older than its number, so the reading age is grade + 5.

Italian: the Gulpease index (Lucisano and Piemontese 1988), ``89 + (300 * sentences - 10 * letters) / words``, from 0
(hardest) to 100. Its authors found that texts below 80 are difficult for readers with primary school, below 60 with
lower secondary school, below 40 with upper secondary school. It counts letters, so that no syllables are needed.

Syllables of English are counted by groups of vowels with a few corrections (`syllables`), without a word list: of 179
everyday words that were not looked at while writing it, one was a syllable off. Hyphenation patterns (pyphen) miss one
word in six, for they leave out each break that would look bad on paper, and so make a text look a year and a half
easier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "it"]
Level = Literal["easy", "middling", "hard", "unknown"]

LONGEST_SENTENCE = 20
"""Words; the NHS style guide asks for no more."""
FEWEST_WORDS = 15
"""Below this the formulas say nothing worth hearing."""
EASY_AGE, HARD_AGE = 11, 14
"""English: up to 11 is what we aim for, above 14 is worth rewording."""
EASY_GULPEASE, HARD_GULPEASE = 80, 60
"""Italian: from 80 it is easy with primary school (up to 11, what we aim for); below 60 it is hard with lower secondary
school (up to 14), and worth rewording."""

# Capital letters that need no explanation at a school.
_KNOWN_CAPITALS = frozenset({"OK", "TV", "PE", "UK", "EU", "USB", "CD", "DVD", "LEGO", "AM", "PM"})
_TITLES = frozenset(
    {"mr", "mrs", "ms", "dr", "prof", "st", "sig", "dott", "sigg", "ins", "e.g", "i.e", "es", "ecc", "no"}
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ITALIAN_WORD = re.compile(r"[^\W_]+")  # an elided article is a word: l'amico has two
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|\n+")
_ABBREVIATION = re.compile(r"(?<![\w.])[A-ZÀ-Þ]{2,6}(?:[A-ZÀ-Þ0-9])?s?(?!\w)")
_VOWELS = re.compile(r"[aeiouyàáâäèéêëìíîïòóôöùúûü]+")
_SILENT = tuple(
    (re.compile(pattern), spoken)
    for pattern, spoken in (
        (r"^everyone", "evriwan"),
        (r"^every", "evry"),
        (
            r"(?<=[a-z][bcdfgklmnprstvz])e(?=(?:ly|ful|fully|fulness|ments?|less|ness|times?|things?|where|body|ones?|ways?|work|table|ty)$)",
            "",
        ),
        (r"(?<=som)e(?=(?:time|times|thing|one|body|where|how|what)$)", ""),
        (r"gue(?=s?$)", "g"),
        (r"que(?=s?$)", "k"),
        (r"(?<=[bcdfgkpstz])le(?=[sd]?$)", "el"),  # table, tables, handled: spoken
        (r"([bcdfgkpstz]el)d$", r"\1"),
        (r"(?<=[^aeiouytd])ed$", ""),
        (r"(?<=[^aeiouysxzcg])(?<!ch)(?<!sh)es$", ""),
        (r"(?<=[^aeiouy])e$", ""),
    )
)
_SPOKEN_APART = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![tsc])ia(?!r$)|(?<=t)ia(?=te)",  # piano, material; not special, initial, familiar
        r"(?<![tscgxh])io(?!u)|(?<=ev)iou|(?<=r)iou",  # radio, previous; not nation, region
        r"iu|eum|eo(?!p|u)|(?<=r)ea(?=$|t(?!h|m|s?$|y|en))|(?<=^r)ea(?=ct)|(?<=cr)ea(?=t)|(?<=id)ea|(?<=[^aeiou])ea$|(?<=th)ea(?=t)",
        r"(?<=[^aeiougq])ua|(?<=[^aeiougq])uou|(?<=r)uin",
        r"(?:[aeiouy])ing|(?<=[^aeio])iet|(?<=sc)ien|(?<=[^tcs])ienc$|(?<=[^aeiougq])ue(?=n[tc])|(?<=[^aeiou])ier(?=$|s$)",
        r"sm$|thm",  # autism, rhythm
    )
)


@dataclass(frozen=True, slots=True)
class Ease:
    """What can be said of a text. ``age`` is set for English, ``gulpease`` for Italian; neither if it is too short."""

    language: Language
    words: int
    sentences: int
    age: int | None
    gulpease: int | None
    level: Level
    long_sentences: Sequence[str]
    """Those of more than `LONGEST_SENTENCE` words, the longest first."""
    abbreviations: Sequence[str]
    """Written in capitals and not explained in brackets anywhere, in order of appearance."""


def read(parts: Iterable[str], language: Language) -> Ease:
    """Look at a text given in parts (statements); a part ends a sentence even without a full stop."""
    sentences = [sentence for part in parts for sentence in sentences_of(part)]
    text = "\n".join(sentences)
    counts = {sentence: len(words_of(sentence, language)) for sentence in sentences}
    words = sum(counts[sentence] for sentence in sentences)
    age = gulpease_index = None
    level: Level = "unknown"
    if words >= FEWEST_WORDS and language == "en":
        grade = flesch_kincaid_grade(words, len(sentences), sum(syllables(w) for w in words_of(text, "en")))
        age = max(5, round(grade + 5))
        level = "easy" if age <= EASY_AGE else "middling" if age <= HARD_AGE else "hard"
    elif words >= FEWEST_WORDS:
        letters = sum(character.isalnum() for character in text)
        gulpease_index = max(0, min(100, round(gulpease(words, len(sentences), letters))))
        level = "easy" if gulpease_index >= EASY_GULPEASE else "middling" if gulpease_index >= HARD_GULPEASE else "hard"
    long = sorted((s for s in counts if counts[s] > LONGEST_SENTENCE), key=lambda s: -counts[s])
    return Ease(language, words, len(sentences), age, gulpease_index, level, long, abbreviations(text))


def flesch_kincaid_grade(words: int, sentences: int, syllables: int) -> float:
    """The school grade at which an English text is understood."""
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def gulpease(words: int, sentences: int, letters: int) -> float:
    """The ease of an Italian text: 89 + (300 sentences - 10 letters) / words."""
    return 89 + (300 * sentences - 10 * letters) / words


def words_of(text: str, language: Language) -> list[str]:
    """The words; in Italian, what an apostrophe joins is two."""
    return (_ITALIAN_WORD if language == "it" else _WORD).findall(text)


def sentences_of(text: str) -> list[str]:
    """The sentences, without surrounding space. ``Dr.`` and ``3.5`` end none, nor does a stop before a small letter."""
    found, start = [], 0
    for end in _END.finditer(text):
        if end.group().startswith(".") and not _is_end(
            text[max(start, end.start() - 40) : end.start()], text[end.end() : end.end() + 40]
        ):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    found.append(text[start:].strip())
    return [sentence for sentence in found if _WORD.search(sentence)]


def _is_end(before: str, after: str) -> bool:
    last = before.split()[-1].lower().lstrip("(\"'“‘«") if before.split() else ""
    following = after.lstrip()[:1]
    if last in _TITLES:
        return False
    return not following or not following.islower() or "\n" in after[: len(after) - len(after.lstrip())]


def syllables(word: str) -> int:
    """How many syllables an English word has, at least one.

    What is written and not spoken goes first (a final e, the e of -es and -ed, one inside a compound); then each group
    of neighbouring vowels is one syllable, and pairs that are spoken apart (idea, being, area, quiet) add one.
    """
    w = re.sub(r"['’](?:s|d|m|ll|re|ve|t)?$", "", word.lower())
    if not _VOWELS.search(w):
        return max(1, len(w)) if word.isupper() and len(w) < 5 else 1  # letters said one by one
    for silent, spoken in _SILENT:
        w = silent.sub(spoken, w)
    return max(1, len(_VOWELS.findall(w)) + sum(len(apart.findall(w)) for apart in _SPOKEN_APART))


def abbreviations(text: str) -> list[str]:
    """Words in capitals that nobody explains, neither by ``OT (therapist)`` nor by ``therapist (OT)``."""
    found: list[str] = []
    for sentence in text.split("\n"):
        if sentence.upper() == sentence and len(sentence) > 8:
            continue  # shouted, not abbreviated
        for match in _ABBREVIATION.finditer(sentence):
            name = match.group().removesuffix("s")
            if name in _KNOWN_CAPITALS or name in found or _explained(name, text):
                continue
            found.append(name)
    return found


def _explained(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}s?\s*\(|\(\s*{re.escape(name)}s?\s*\)", text) is not None


_ENGLISH = (
    "the and to of is in it he she they his her their with for when not at on or be him them this that has have you "
    "help helps if by"
)
_ITALIAN = (
    "il lo la gli le di che per con non una uno del della dei delle nel nella al alla quando si suo sua è sono ha "
    "lui lei anche più se da dopo prima"
)
_FREQUENT: dict[Language, frozenset[str]] = {"en": frozenset(_ENGLISH.split()), "it": frozenset(_ITALIAN.split())}


def language_of(text: str, otherwise: Language) -> Language:
    """In which of the two languages a text is written, told by its small words; ``otherwise`` where they do not say."""
    words = [word.lower() for word in _ITALIAN_WORD.findall(text)]
    english, italian = (sum(word in _FREQUENT[language] for word in words) for language in ("en", "it"))
    if english == italian:
        return otherwise
    return "en" if english > italian else "it"
