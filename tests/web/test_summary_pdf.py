"""The sheet as a file: tagged, titled, in its language, with its fonts, on one page; and what was typed stays text."""

import io
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from coord.web.accessible_pdf import DRAWABLE, MISSING
from coord.web.summary.pdf import Fact, Part, Sheet, summary_pdf

SKIPPED = ("Cf", "Cn", "Mn", "Me")
AT = datetime(2026, 3, 10, 13, 3, tzinfo=UTC)
SHEET = Sheet(
    language="en",
    text_language="en",
    title="School summary: Zig, version 3",
    kind="School summary",
    heading="Zig",
    subtitle="Hill School, class 2B",
    notices=[],
    rows=[
        [Part("plain", "Strengths and interests", ["Loves trains.", "Is kind to younger children."])],
        [
            Part("do", "What helps", [f"Give one step at a time, and wait for {n} seconds." for n in range(1, 6)]),
            Part("dont", "What to avoid", ["Do not touch his shoulders from behind."] * 3),
        ],
        [
            Part("plain", "Signs that it is too much", ["He hums and rocks."] * 2),
            Part("plain", "What to do then", ["Speak less. Walk with him to the quiet corner."] * 2),
        ],
        [Part("plain", "What we are working on", ["To ask for a break with a card, two times a day."] * 3)],
        [
            Part("plain", "In lessons", ["Write the task on a small card."] * 2),
            Part("plain", "In transitions", ["Tell him five minutes before."] * 2),
            Part("plain", "In the playground", ["Start a game with one friend and clear rules."] * 2),
        ],
    ],
    facts=[Fact("Who to ask:", "Ada Lind, 01632 960 123", written=True), Fact("Valid from:", "10 March 2026")],
    notes=["Downloaded by Tove Dahl, teacher, on 10 March 2026, 14:03. A summary can be recalled."],
    footer="Version 3. Downloaded by Tove Dahl, 10 March 2026, 14:03.",
    missing="A character is shown as a box.",
)


def made(sheet: Sheet = SHEET, at: datetime = AT) -> PdfReader:
    return PdfReader(io.BytesIO(summary_pdf(sheet, at=at)))


def text_of(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def root(pdf: PdfReader) -> Any:
    return pdf.trailer["/Root"].get_object()


def tags(pdf: PdfReader) -> list[str]:
    """The kinds of structure elements, in reading order."""
    found: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, ArrayObject):
            for child in node:
                walk(child)
        elif isinstance(node, DictionaryObject):
            if "/S" in node:
                found.append(str(node["/S"]))
            if "/K" in node:
                walk(node["/K"])

    walk(root(pdf)["/StructTreeRoot"])
    return found


def languages(pdf: PdfReader) -> set[str]:
    return {str(o["/Lang"]) for o in objects(pdf) if "/Lang" in o}


def objects(pdf: PdfReader) -> list[DictionaryObject]:
    size: Any = pdf.trailer["/Size"]
    found = (pdf.get_object(n) for n in range(1, int(size)))
    return [o for o in found if isinstance(o, DictionaryObject)]


def test_it_declares_itself_accessible_and_is_tagged():
    pdf = made()
    assert root(pdf)["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF's own boolean
    assert root(pdf)["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    metadata = root(pdf)["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert pdf.metadata is not None
    assert pdf.metadata.title == "School summary: Zig, version 3"
    assert "School summary: Zig, version 3" in metadata
    assert all(str(page["/Tabs"]) == "/S" for page in pdf.pages)


def test_headings_and_lists_are_headings_and_lists():
    found = tags(made())
    assert found.count("/H1") == 1
    assert found.count("/H2") == 9
    assert found.count("/L") == 9
    assert found.count("/LI") == found.count("/LBody") == 2 + 5 + 3 + 2 + 2 + 3 + 2 + 2 + 2
    assert found.index("/H1") < found.index("/H2") < found.index("/L")


def test_it_is_in_its_language_and_the_statements_in_theirs():
    assert root(made())["/Lang"] == "en"
    mixed = made(replace(SHEET, language="it"))
    assert root(mixed)["/Lang"] == "it"
    assert languages(mixed) == {"it", "en"}
    assert languages(made()) == {"en"}


def test_every_font_is_inside():
    pdf = made()
    fonts = [o for o in objects(pdf) if o.get("/Type") == "/FontDescriptor"]
    assert fonts
    assert all("/FontFile3" in font or "/FontFile2" in font for font in fonts)
    assert any("Libertinus" in str(font["/FontName"]) for font in fonts)


def test_an_ordinary_summary_is_one_page_that_says_who_took_it():
    pdf = made()
    assert len(pdf.pages) == 1
    text = text_of(pdf)
    assert "Version 3. Downloaded by Tove Dahl, 10 March 2026, 14:03." in text
    assert "A summary can be recalled." in text
    assert text.index("Strengths") < text.index("What helps") < text.index("What to avoid") < text.index("Who to ask")


def test_a_full_one_is_set_smaller_and_an_overfull_one_goes_on():
    full = replace(
        SHEET, rows=[[replace(part, statements=[*part.statements] * 2) for part in row] for row in SHEET.rows]
    )
    assert len(made(full).pages) == 1
    overfull = replace(SHEET, rows=[[Part("plain", "Aims", ["word " * 90] * 40)]])
    pdf = made(overfull)
    assert len(pdf.pages) > 1
    assert all("Downloaded by Tove Dahl" in page.extract_text() for page in pdf.pages)


@pytest.mark.parametrize(
    "typed",
    [
        '#panic() #read("/etc/passwd") #import "@preview/x:1.0.0": *',
        "*bold* _quiet_ $x$ `raw` = Heading",
        "- not a list\n+ nor this",
        "a\\b \"quoted\" 'single' </script> // no comment /* nor this */ <label> @reference",
        "]}) #text(red)[x",
        "https://example.org/a_b#c",
    ],
)
def test_what_was_typed_stays_text(typed: str):
    rows = [[Part("do", typed, [typed])]]
    pdf = made(replace(SHEET, heading=typed, subtitle=typed, rows=rows, facts=[Fact(typed, typed, True)], footer=typed))
    text = text_of(pdf).replace(" ", "")
    assert text.count(typed.replace(" ", "").replace("\n", "")) >= 5
    found = tags(pdf)
    assert (found.count("/H1"), found.count("/H2"), found.count("/L")) == (1, 1, 1)
    assert not any("/URI" in o for o in objects(pdf))


@pytest.mark.parametrize("typed", ["Živa", "Łukasz Ğ ș ħ", "Зоя", "Ζωή", "נועה", "10 € → 5 ≥ 3 – “so” … ½"])
def test_other_letters_are_drawn(typed: str):
    assert (
        typed.split()[0] in text_of(made(replace(SHEET, heading=typed))) or unicodedata.bidirectional(typed[0]) == "R"
    )
    assert SHEET.missing not in text_of(made(replace(SHEET, heading=typed)))


def test_what_no_font_can_draw_becomes_a_box_and_is_said():
    text = text_of(
        made(replace(SHEET, heading="Zig \U000f0000\U0010fffd", rows=[[Part("do", "Helps", ["So: \ue000"])]]))
    )
    assert f"Zig {MISSING}{MISSING}" in text
    assert f"So: {MISSING}" in text
    assert SHEET.missing in text


def test_every_character_called_drawable_is():
    """Else the last resort would fail too, and a teacher would get an error instead of a sheet."""
    for first, last in DRAWABLE:
        characters = [chr(c) for c in range(first, last + 1) if unicodedata.category(chr(c)) not in SKIPPED]
        statements = ["".join(characters[i : i + 100]) for i in range(0, len(characters), 100)]
        text = text_of(
            made(replace(SHEET, rows=[[Part("plain", "".join(characters), statements)]], missing="NOT DRAWN"))
        )
        assert "NOT DRAWN" not in text, hex(first)


def test_it_depends_on_nothing_but_the_sheet_and_the_time():
    assert summary_pdf(SHEET, at=AT) == summary_pdf(SHEET, at=AT)
    assert summary_pdf(SHEET, at=AT.replace(microsecond=987_654)) == summary_pdf(SHEET, at=AT)
    rome = AT.astimezone(timezone(timedelta(hours=1)))
    assert summary_pdf(SHEET, at=rome) == summary_pdf(SHEET, at=AT)


def test_a_word_longer_than_the_page_goes_on_in_the_next_line():
    """Paper does not scroll: what stands beyond its edge is lost."""
    word = "abcdefghij" * 20
    pdf = made(replace(SHEET, heading=word, rows=[[Part("plain", "What helps", [word])] * 3]))
    lines = [line for page in pdf.pages for line in page.extract_text().splitlines()]
    assert max(len(line) for line in lines) < 120
    assert "".join("".join(lines).split()).replace("\u200b", "").count("abcdefghij") >= 20


def test_empty_parts_are_no_fault():
    assert len(made(replace(SHEET, rows=[], facts=[], notes=[], subtitle="", heading="Zig")).pages) == 1
