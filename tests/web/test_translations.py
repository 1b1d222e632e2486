"""Italian is complete: every text has its words, what runs is what was written, and pages hold no English."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from pypdf import PdfReader

from coord.application.activities.commands import RetireActivity
from coord.application.case.commands import CloseCase
from coord.application.notes.commands import AddAddendum, AmendNote, ChangeNoteAudience, EnterNoteInError, SaveDraft
from coord.application.policies.commands import ChangePolicy
from coord.application.summary.commands import RecallSummary
from coord.domain.actors import COMMAND_LINE, Actor
from coord.web.catalogue import catalogue
from tests.house import Client, House, answered, open_house
from tools import translations

PLACEHOLDER = re.compile(r"%\((\w+)\)([a-z])|%[^%( ]")
MARKERS = {"_": 1, "_l": 1, "gettext": 1, "lazy_gettext": 1, "ngettext": 2, "pgettext": 2}
"""What marks a text, and how many of its first arguments must stand there in so many words."""
THE_SAME = {
    "SOAP",
    "DAP",
    "No",
    "Performance",
    "Percentile",
    "Standard",
    "percentile",
    "performance",
    "BIRP",
    "File",
    "Link",
    "Menu",
    "no",
    "Password",
    "password",
    "%(num)s passkey",
    "%(name)s: %(value)s",
    "%(format)s, %(day)s",
    "%(name)s, %(day)s",
    *("G", "M", "N", "PS", "SC", "ST"),  # that mark an entry of the timeline: gruppo, messaggio, nota, ...
}
"""Texts that Italian has word for word."""


# ---- the catalogue -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def marked() -> Catalog:
    return translations.extracted()


@pytest.fixture(scope="module")
def kept() -> Catalog:
    return translations.catalogue()


def forms(words: Any) -> tuple[str, ...]:
    return tuple(words) if isinstance(words, (list, tuple)) else (words or "",)


def texts(of: Catalog) -> dict[tuple[tuple[str, ...], str | None], Message]:
    return {(forms(m.id), m.context): m for m in of if m.id}


def test_every_text_has_italian_words(marked: Catalog, kept: Catalog):
    italian = texts(kept)
    assert len(texts(marked)) > 900  # the extraction saw the templates, their macros and the code
    missing = [
        f"{m.id!r} in {m.locations[0][0]}"
        for key, m in texts(marked).items()
        if key not in italian
        or italian[key].fuzzy
        or len(forms(italian[key].string)) != len(forms(m.id))
        or not all(form.strip() for form in forms(italian[key].string))
    ]
    assert not missing, "run `make translations` and fill in what it names"


def test_no_italian_words_are_left_of_texts_that_are_gone(marked: Catalog, kept: Catalog):
    assert set(texts(kept)) == set(texts(marked)), "run `make translations`"
    assert not kept.obsolete


def test_placeholders_are_the_same(kept: Catalog):
    def placeholders(text: str) -> list[str]:
        return sorted(found.group() for found in PLACEHOLDER.finditer(text))

    differing = [
        (english, italian)
        for m in texts(kept).values()
        for english, italian in zip(forms(m.id), forms(m.string), strict=True)
        if placeholders(english) != placeholders(italian)
    ]
    assert not differing


def test_nothing_was_left_in_english(kept: Catalog):
    same = {english for m in texts(kept).values() for english in forms(m.id) if english in forms(m.string)}
    assert same == THE_SAME


STUMBLED_OVER = {
    r"\b[Tt]erapist[ai]\b(?! occupazional)": "a psychologist is a professionista",
    r"responsabile del servizio": "a lead leads an équipe, not the whole service",
    r"\b(il|dal|del|al) %\((day|days|date)\)s": "before 8 and 11 it would be l', dall'",
    r"[Hh]a tentato": "ha provato",
    r"\bcartella\b|\bpercorso come annullat": "fascicolo, ciclo",
    r"\baggiunt[ae] (a|alla|di)\b.*nota|[Uu]n'aggiunta": "integrazione",
    r"^Norme|\bValidità": "norms of a test are no regulations, and validity is a property of the test",
    r"\bNarrativa\b": "testo libero",
    r"^Comunità$|nella comunità": "una comunità is where children are placed",
    r"Eccitat|Turbat": "of a child: su di giri, agitazione",
    r"“un compagno”": "it tells whether it was a boy",
    r"name@": "in Italian words",
}
"""What a native clinician stumbled over, and why; no text has it again."""


def test_no_text_has_what_a_clinician_stumbled_over(kept: Catalog):
    wrong = [
        (italian, why)
        for m in texts(kept).values()
        for italian in forms(m.string)
        for pattern, why in STUMBLED_OVER.items()
        if re.search(pattern, italian)
    ]
    assert not wrong


TWO_MEANINGS = {
    r"\b(last|without a|needs your) look\b": "a look is a row of the access log: seen, observation, attention",
    r"\b(in one|each|whatever|of one|at least one) place\b": "a place is a child's in a course: context, setting",
    r"\bcourse's group\b|\bgroup's course\b": "a course is its staff's word, a group that of the child's people",
}
"""A word of docs/glossary.md with a second meaning, and what to say instead."""


def test_no_text_gives_a_word_of_the_house_a_second_meaning(kept: Catalog):
    wrong = [
        (english, why)
        for m in texts(kept).values()
        for english in forms(m.id)
        for pattern, why in TWO_MEANINGS.items()
        if re.search(pattern, english, re.IGNORECASE)
    ]
    assert not wrong


def test_what_is_said_of_a_girl_is_not_said_in_the_masculine(kept: Catalog):
    italian = {key[0][0]: message.string for key, message in texts(kept).items()}
    arrival = [italian[word] for word in ("Settled", "Excited", "Tired", "Upset", "Withdrawn")]
    assert arrival == ["Calma", "Su di giri", "Stanchezza", "Agitazione o pianto", "Tendenza a isolarsi"]
    levels = [italian[word] for word in ("Low", "Moderate", "High")]
    assert levels == ["Livello basso", "Livello medio", "Livello alto"]  # whatever it is the level of


def test_a_sentence_ends_as_it_ends_in_english(kept: Catalog):
    differing = [
        (english, italian)
        for m in texts(kept).values()
        for english, italian in zip(forms(m.id), forms(m.string), strict=True)
        if (english[-1] in ".:?!" and english[-1] != italian[-1]) or (english[-1].isalnum() and italian[-1] in ".:?!")
    ]
    assert not differing


def test_what_runs_is_what_was_written(kept: Catalog):
    running = catalogue(Locale("it"))
    for (words, context), m in texts(kept).items():
        if len(words) == 2:
            one, many = forms(m.string)
            assert [running.ngettext(*words, n) for n in (0, 1, 2, 11)] == [many, one, many, many]
        elif context is not None:
            assert running.pgettext(context, words[0]) == m.string
        else:
            assert running.gettext(words[0]) == m.string


def test_nothing_compiled_is_kept_beside_what_was_written():
    assert not list((translations.ROOT / "coord").rglob("*.mo"))
    assert catalogue(Locale("en", "GB")).gettext("Save") == "Save"


def test_the_file_tells_nothing_of_the_day_the_machine_or_anybody():
    text = translations.PO.read_text(encoding="utf-8")
    head = text.split("\n\n")[0]
    assert not re.search(r"-Date:|Translator|Generated-By|EMAIL", head)
    assert not re.search(r"^#: (?!coord/)|^#: .*:\d", text, re.MULTILINE)
    assert set(re.findall(r"[\w.]+@[\w.]+", text)) == {"name@example.org", "nome@example.org"}


def marked_calls() -> Iterator[tuple[Path, ast.Call, str]]:
    for path in sorted((translations.ROOT / "coord").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
                yield path, node, node.func.id


def test_no_marked_text_hides_from_the_extraction(marked: Catalog):
    """As one inside an f-string does, or one that is put together."""
    known = {form for m in texts(marked).values() for form in forms(m.id)}
    calls = list(marked_calls())
    assert len(calls) > 300
    hidden = [
        f"{path.relative_to(translations.ROOT)}:{call.lineno}"
        for path, call, name in calls
        for argument in call.args[(1 if name == "pgettext" else 0) : MARKERS[name]]
        if not (isinstance(argument, ast.Constant) and argument.value in known)
    ]
    assert not hidden


# ---- the pages ---------------------------------------------------------------------------------------------------

SENTINELS = (
    "the",
    "and",
    "this",
    "you",
    "your",
    "not",
    "sign (in|out)",
    "error",
    "information",
    "save",
    "drafts?",
    "notes",
    "timeline",
    "history",
    "care team",
    "school",
    "therapist",
    "teacher",
    "up to date",
    "co-sign(ed)?",
    "addend(um|a)",
    "search",
    "home",
    "people",
    "children",
    "entry|entries",
)
"""English that no page in Italian may hold, beyond what people wrote."""
WRITTEN = "Ojala kuu"
"""Stands for whatever people write: neither English nor Italian."""
SPOKEN = ("aria-label", "title", "alt", "placeholder", "value")
UNSPOKEN = {"script", "style", "svg"}
ANYWHERE = THE_SAME | {"Coord", "English", "Italiano", "API", "CSV", "JSON Lines", "UTC", "PDF", "Ctrl"}
"""What reads the same in both languages."""


class _Read(HTMLParser):
    """All that is read or heard of a page, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSPOKEN:
            self._inside.append(tag)
        values = dict(attrs)
        for name, value in attrs:
            a_choice = name == "value" and (tag != "input" or values.get("type") not in (None, "text", "submit"))
            spoken = name in SPOKEN or (name.startswith("data-") and " " in (value or ""))
            if value and spoken and tag != "meta" and not a_choice:
                self.pieces.append(value)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside and data.strip():
            self.pieces.append(" ".join(data.split()))


def pieces(page: str) -> list[str]:
    reader = _Read()
    reader.feed(page)
    return reader.pieces


@dataclass(frozen=True)
class Scene:
    """A house in which what the pages can show has happened, and where to find it."""

    house: House
    places: dict[str, UUID]

    def browser(self, who: str) -> Client:
        """Somebody's, signed in; or ``nobody``'s."""
        return self.house.browser_of(None if who == "nobody" else getattr(self.house, who))

    def choose(self, client: Client, who: str, language: str) -> None:
        """Choose the language, by the form in the footer of every page."""
        form = "/sign-in" if who == "nobody" else "/account"
        assert client.post("/account/language", {"language": language}, form_on=form).status_code == 303

    def written(self) -> list[str]:
        """What people wrote, the longest first: it stays in the language it was written in."""
        people = [person for person in vars(self.house).values() if isinstance(person, Actor)]
        words = {part for person in people for part in (person.name, person.team)}
        words |= {half for email in self.house.emails.values() for half in email.partition("@")}
        words |= {"Zig", "Zander", "Kit", "Lou", "Hill School", "2B", "Ada, through the school office"}
        words |= {"Loves trains", "Give one step at a time", WRITTEN, COMMAND_LINE.name, "Coord"}
        return sorted(words - {""}, key=len, reverse=True)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with open_house(tmp_path_factory.mktemp("house")) as house:
        do = house.services.doors.execute
        house.note(house.teacher, WRITTEN, audience="care-team-and-school")
        note = house.note(house.ot, WRITTEN)
        house.summary(sources=(note,))
        do(house.ot, AmendNote(house.child, note, 1, {"text": f"{WRITTEN} {WRITTEN}"}, WRITTEN))
        do(house.ot, AddAddendum(house.child, note, uuid4(), WRITTEN))
        do(house.ot, ChangeNoteAudience(house.child, note, "care-team-and-family"))
        student = house.note(house.student, format="soap", sections={"subjective": WRITTEN, "plan": WRITTEN})
        wrong = house.note(house.ot, WRITTEN)
        do(house.ot, EnterNoteInError(house.child, wrong, WRITTEN))
        draft = uuid4()
        do(house.ot, SaveDraft(house.child, draft, "note", {"format": "narrative", "sections": {"text": WRITTEN}}))
        recalled, closed = house.open_case("Kit"), house.open_case("Lou")
        house.summary(case_id=recalled)
        do(house.ot, RecallSummary(recalled, WRITTEN))
        answered(house.services.doors, house.ot, CloseCase(closed, WRITTEN))
        person = house.slt.person_id
        more = ("materials", "contraindications", "grade_down", "grade_up", "at_home", "in_class")
        lines = {name: [WRITTEN] for name in more}
        words: dict[str, Any] = {
            "purpose": WRITTEN,
            "watch": [WRITTEN],
            "steps": [WRITTEN],
            "icf": ["d1", "d7"],
            **lines,
        }
        activity, retired = house.activity(WRITTEN, **words), house.activity(f"{WRITTEN} {WRITTEN}", **words)
        do(house.ot, RetireActivity(retired, WRITTEN))
        do(house.lead, ChangePolicy("social-skills", 0, {"size_most": 6, "shape": ["welcome", "main"]}, WRITTEN))
        places = {"child": house.child, "note": note, "student": student, "wrong": wrong, "draft": draft}
        yield Scene(
            house,
            {
                **places,
                "recalled": recalled,
                "closed": closed,
                "person": person,
                "nothing": uuid4(),
                "activity": activity,
                "retired": retired,
            },
        )


PAGES = [
    ("nobody", "/sign-in", "Accedi"),
    ("ot", "/", "I miei bambini"),
    ("ot", "/account", "Il tuo account"),
    ("ot", "/account/password", "Cambia la tua password"),
    ("ot", "/children/{child}", "Zig: Cronologia"),
    ("ot", "/children/{child}?from=x", "Zig: Cronologia"),
    ("ot", "/children/{closed}", "Lou: Cronologia"),
    ("ot", "/children/new", "Apri un caso"),
    ("ot", "/children/{child}/team", "Zig: Bambino ed équipe"),
    ("ot", "/children/{child}/team/add", "Aggiungi qualcuno all'équipe del bambino"),
    ("ot", "/children/{child}/details", "Correggi i dati"),
    ("ot", "/children/{child}/close", "Chiudi il caso"),
    ("ot", "/children/{child}/notes/new", "Scrivi una nota su Zig"),
    ("ot", "/children/{child}/notes/new?format=soap&earlier=1", "Scrivi una nota su Zig"),
    ("ot", "/children/{child}/drafts/{draft}", "Scrivi una nota su Zig"),
    ("ot", "/children/{child}/drafts/{draft}/discard", "Eliminare questa bozza?"),
    ("ot", "/children/{child}/notes/{note}", "Testo libero, 10 marzo 2026"),
    ("ot", "/children/{child}/notes/{note}/amend", "Rettifica questa nota"),
    ("ot", "/children/{child}/notes/{note}/circumstances", "Rettifica data, luogo o persone"),
    ("ot", "/children/{child}/notes/{note}/audience", "Cambia chi la vede"),
    ("ot", "/children/{child}/notes/{note}/error", "Segna come inserita per errore"),
    ("ot", "/children/{child}/notes/{student}", "SOAP, 10 marzo 2026"),
    ("ot", "/children/{child}/notes/{wrong}", "Testo libero, 10 marzo 2026"),
    ("ot", "/children/{child}/summary", "Zig: Scheda per la scuola · Hill School · classe 2B"),
    ("ot", "/children/{child}/summary/edit", "Scrivi la scheda per la scuola di Zig"),
    ("ot", "/children/{child}/summary/recall", "Ritira la scheda per la scuola di Zig"),
    ("ot", "/children/{recalled}/summary", "Kit: Scheda per la scuola · Hill School · classe 2B"),
    ("ot", "/children/{nothing}", "Pagina non trovata"),
    ("ot", "/audit", "Non puoi farlo"),
    ("ot", "/find", "Cerca"),
    ("ot", "/find?q=Zig", "Cerca"),
    ("ot", "/find?q=Hill School", "Cerca"),
    ("teacher", "/find?q=Zig Kit", "Cerca"),
    ("ot", "/activities", "Attività"),
    ("ot", "/activities?age=x", "Attività"),
    ("ot", "/activities?q=Ojala kuu&kind=school-skills&status=all&icf=d1&motor=low", "Attività"),
    ("ot", "/activities/new", "Scrivi un'attività"),
    ("ot", "/activities/{activity}", "Gioco terapeutico: Ojala kuu"),
    ("ot", "/activities/{retired}", "Gioco terapeutico: Ojala kuu Ojala kuu"),
    ("ot", "/activities/{activity}/revise", "Rivedi un'attività"),
    ("ot", "/activities/{activity}/retire", "Togli un'attività dall'uso"),
    ("ot", "/activities/{retired}/restore", "Proponi di nuovo un'attività"),
    ("ot", "/policies", "Regole"),
    ("lead", "/policies", "Regole"),
    ("lead", "/policies/social-skills", "Abilità sociali"),
    ("lead", "/policies/generalisation", "Quando un'abilità è generalizzata"),
    ("student", "/children/{child}/notes/new", "Scrivi una nota su Zig"),
    ("teacher", "/", "I miei alunni"),
    ("teacher", "/children/{child}", "Zig: Voci"),
    ("teacher", "/children/{child}/summary", "Zig: Scheda per la scuola · Hill School · classe 2B"),
    ("teacher", "/children/{child}/notes/new", "Scrivi un'osservazione su Zig"),
    ("lead", "/", "Bambini"),
    ("lead", "/audit", "Registro degli accessi della tua équipe del servizio"),
    ("lead", "/children/{child}/history", "Storico di Zig"),
    ("lead", "/children/{child}/history?from=x", "Storico di Zig"),
    ("lead", "/children/{child}/history/as-known?reader={person}", "Zig con gli occhi di un'altra persona"),
    ("lead", "/children/{child}/notes/{note}/readers", "Chi ha letto questa nota"),
    ("admin", "/people", "Persone"),
    ("admin", "/people/new", "Registra una persona"),
    ("admin", "/people/{person}", "Sol Berg"),
]


EVERY_PAGE = pytest.mark.parametrize(
    ("who", "path", "heading"), PAGES, ids=[f"{who} {path}" for who, path, _heading in PAGES]
)


@pytest.fixture(scope="module")
def read(scene: Scene) -> dict[tuple[str, str, str], str]:
    """Every page of `PAGES` in both languages. An account has one language, so they are read one after the other."""
    found = {}
    for who in dict.fromkeys(page[0] for page in PAGES):
        client = scene.browser(who)
        for language in ("en", "it"):
            scene.choose(client, who, language)
            for path in (path for somebody, path, _heading in PAGES if somebody == who):
                found[who, path, language] = client.get(path.format(**scene.places)).text
    return found


def without(written: list[str], piece: str) -> str:
    for words in written:
        piece = piece.replace(words, " ")
    return piece


@EVERY_PAGE
def test_a_page_in_italian(scene: Scene, read: dict[tuple[str, str, str], str], who: str, path: str, heading: str):
    page = read[who, path, "it"]
    assert '<html lang="it"' in page
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    assert found
    assert " ".join(pieces(found[1])).replace(" : ", ": ").endswith(heading)
    heard = " " + without(scene.written(), " | ".join(p for p in pieces(page) if p not in ANYWHERE)).lower() + " "
    assert [words for words in SENTINELS if re.search(rf"\b{words}\b", heard)] == []


@EVERY_PAGE
def test_a_page_shares_with_its_english_only_what_people_wrote(
    scene: Scene, read: dict[tuple[str, str, str], str], who: str, path: str, heading: str
):
    english, italian = read[who, path, "en"], read[who, path, "it"]
    assert '<html lang="en"' in english
    common = {without(scene.written(), piece).strip() for piece in {*pieces(english)} & {*pieces(italian)}}
    assert {piece for piece in common if re.search(r"[^\W\d_]{2}", piece)} - ANYWHERE == set()


def test_a_wrong_password_and_a_form_sent_back_are_answered_in_italian(scene: Scene):
    client = scene.browser("nobody")
    scene.choose(client, "nobody", "it")
    answer = client.post("/sign-in", {"email": "a@example.org", "password": "b"}, form_on="/sign-in")
    assert "L&#39;indirizzo email o la password non è corretta" in answer.text
    assert "Errore:" in answer.text
    assert "Error:" not in answer.text
    assert "Information:" not in answer.text
    client = scene.browser("ot")
    scene.choose(client, "ot", "it")
    answer = client.post("/children/new", {"preferred_name": ""}, form_on="/children/new")
    assert "Compila questo campo" in answer.text
    assert "Enter this" not in answer.text


def test_the_paper_for_school_is_in_italian(scene: Scene):
    client = scene.browser("teacher")
    scene.choose(client, "teacher", "it")
    answer = client.get(f"/children/{scene.house.child}/summary.pdf")
    assert answer.headers["Content-Disposition"] == "attachment; filename=scheda-per-la-scuola-1.pdf"
    pdf = PdfReader(BytesIO(answer.data))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for words in ("Punti di forza e interessi", "Che cosa aiuta", "A chi chiedere:", "Pubblicata da: ", "(versione 1)"):
        assert words in text
    heard = without(scene.written(), text).lower()
    assert [words for words in SENTINELS if re.search(rf"\b{words}\b", heard)] == []
