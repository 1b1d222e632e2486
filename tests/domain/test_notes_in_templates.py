"""A note in a template of a service team: it keeps the version, and needs what that requires."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from coord.domain.case import notes
from coord.domain.case.notes import Note, NoteAmended, NoteSigned, counts_as, section_in
from coord.domain.errors import InvalidInput
from coord.domain.note_template import TemplateUsed, WrittenIn
from tests.domain.story import ADA, NOTE, SAM, TESS, Fact, Story, content, given, signed

IT = UUID(int=0x91)
USED = TemplateUsed(IT, 1)
KEPT: WrittenIn = {
    "id": str(IT),
    "version": 1,
    "name": "First visit",
    "sections": [
        {"key": "k1", "label": "What was said", "hint": "", "required": False, "counts_as": "subjective"},
        {"key": "k2", "label": "How I understand it", "hint": "", "required": True, "counts_as": "assessment"},
        {"key": "k3", "label": "Next", "hint": "In a line", "required": True, "counts_as": "plan"},
        {"key": "k4", "label": "Weather", "hint": "", "required": False, "counts_as": ""},
    ],
}
WRITTEN = {"k3": "More of it.", "k1": "He said so.", "k2": "It helps."}


def in_it(sections: Any = None, **more: Any) -> Any:
    return content(format="template", sections=WRITTEN if sections is None else sections, template=USED, **more)


def when_signed(sections: Any = None, kept: WrittenIn | None = KEPT, actor: Any = ADA, **more: Any) -> Story:
    return given().when(notes.sign, actor=actor, note_id=NOTE, content=in_it(sections, **more), written_in=kept)


def test_a_note_keeps_the_version_that_it_was_written_in():
    story = when_signed()
    story.then(Fact(NoteSigned, ADA, format="template", written_in=KEPT))
    (event,) = story.state.pending_events
    assert list(event.sections) == ["k1", "k2", "k3"]  # in the order of the template
    note = Note.from_events([event])
    assert note
    assert (note.written_in, note.template, note.as_signed.template) == (KEPT, USED, USED)
    assert event.told()["template"] == "First visit"
    assert event.beside_the_text["written_in"] == KEPT


def test_a_student_writes_in_it_as_in_any_and_it_awaits_a_cosignature():
    when_signed(actor=SAM).then(Fact(NoteSigned, SAM, needs_cosignature=True, written_in=KEPT))


@pytest.mark.parametrize(
    ("sections", "problems"),
    [
        ({"k2": "x"}, ["/sections/k3 missing"]),
        ({"k1": "x", "k3": " \n"}, ["/sections/k2 missing", "/sections/k3 missing"]),
        ({}, ["/sections/k2 missing", "/sections/k3 missing"]),
        ({**WRITTEN, "plan": "x"}, ["/sections/plan unknown-section"]),
        ({**WRITTEN, "k2": "x" * 20_001}, ["/sections/k2 too-long"]),
    ],
)
def test_what_the_template_requires_is_named_where_it_is_missing(sections: dict[str, str], problems: list[str]):
    story = when_signed(sections)
    assert isinstance(story.error, InvalidInput)
    assert [f"{p.pointer} {p.code}" for p in story.error.problems] == problems


def test_without_a_version_that_is_there_nothing_is_signed():
    when_signed(kept=None).refused("/template no-such-template", InvalidInput)
    bare = replace(in_it(), template=None)
    story = given().when(notes.sign, actor=ADA, note_id=NOTE, content=bare)
    story.refused("/template missing", InvalidInput)


def test_a_format_goes_with_no_template_and_a_teacher_writes_in_none():
    plain = content(template=USED)
    given().when(notes.sign, actor=ADA, note_id=NOTE, content=plain).refused(
        "/template not-in-a-template", InvalidInput
    )
    when_signed(actor=TESS, audience="care-team").refused("/format not-for-your-role", InvalidInput)


def signed_in_it() -> Story:
    fact = signed()
    fact.values |= {"format": "template", "sections": dict(sorted(WRITTEN.items())), "written_in": KEPT}
    return given(fact)


def amended(sections: dict[str, str]) -> Story:
    return signed_in_it().when_about_the_note(
        notes.amend, actor=ADA, expected_version=1, sections=sections, reason="A slip"
    )


def test_a_correction_needs_what_the_notes_version_requires():
    amended({**WRITTEN, "k3": "Less of it."}).then(Fact(NoteAmended, ADA, version=2))
    amended({"k1": "x", "k2": "y"}).refused("/sections/k3 missing", InvalidInput)
    amended({**WRITTEN, "plan": "x"}).refused("/sections/plan unknown-section", InvalidInput)


def test_a_section_is_what_its_version_says_it_is_and_one_of_a_format_what_it_is_called():
    assert [counts_as(key, KEPT) for key in ("k1", "k2", "k3", "k4", "k9")] == [
        "subjective",
        "assessment",
        "plan",
        "",
        "",
    ]
    assert [counts_as(name, None) for name in ("plan", "assessment", "data", "k3")] == ["plan", "assessment", "", ""]
    assert section_in(None, "k1") is None
    assert section_in(KEPT, "k9") is None


def test_a_note_that_names_no_template_keeps_none():
    (event,) = given().when(notes.sign, actor=ADA, note_id=NOTE, content=content()).state.pending_events
    assert event.written_in is None
    assert "written_in" not in event.beside_the_text
    assert "template" not in event.told()
