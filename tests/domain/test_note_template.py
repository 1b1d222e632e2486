"""Templates of notes: drawn up by a lead, changed into another version, taken out of use, brought back."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.domain.actors import Actor, Role
from coord.domain.errors import Conflict, DomainError, InvalidInput, NotPermitted, Stale
from coord.domain.input import Input
from coord.domain.note_template import (
    HINT_LIMIT,
    LABEL_LIMIT,
    MOST_IN_USE,
    MOST_SECTIONS,
    NAME_LIMIT,
    CountsAs,
    NoteTemplate,
    SectionContent,
    TemplateChanged,
    TemplateContent,
    TemplateDrawnUp,
    TemplateRestored,
    TemplateRetired,
    checked,
)
from tests.domain.story import NOW

LEA = Actor(UUID(int=0x1EA), "Lea", Role.TEAM_LEAD, None, "North")
SOUTH = replace(LEA, person_id=UUID(int=0x50), team="South")
IT = UUID(int=0x91)
SAID, SEEN, NEXT = (
    SectionContent("What was said", "In their words", counts_as="subjective"),
    SectionContent("What I saw", required=True, counts_as="objective"),
    SectionContent("Next", counts_as="plan"),
)
VISIT = TemplateContent("First visit", [SAID, SEEN, NEXT])


def drawn_up(content: TemplateContent = VISIT, by: Actor = LEA) -> NoteTemplate:
    template = NoteTemplate.draw_up(id=IT, at=NOW, actor=by, content=content)
    template.collect_events()
    return template


def as_it_stands(template: NoteTemplate) -> list[SectionContent]:
    return [SectionContent(**section) for section in template.content["sections"]]


def change(template: NoteTemplate, *sections: SectionContent, expected: int = 1, by: Actor = LEA, **more: Any) -> None:
    content = TemplateContent(
        more.get("name", "First visit"), sections or as_it_stands(template), more.get("all", False)
    )
    reason = more.get("reason", "so")
    template.change(at=NOW, actor=by, expected_version=expected, content=content, reason=reason)


def happened(template: NoteTemplate) -> list[type]:
    return [type(event) for event in template.pending_events]


def keys(template: NoteTemplate) -> list[str]:
    return [section["key"] for section in template.content["sections"]]


# ---- drawn up


def test_a_template_is_drawn_up_for_the_leads_own_team_with_a_key_for_each_section():
    template = NoteTemplate.draw_up(id=IT, at=NOW, actor=LEA, content=VISIT)
    (event,) = template.pending_events
    assert isinstance(event, TemplateDrawnUp)
    assert (event.team, event.content["name"], event.content["all_teams"]) == ("North", "First visit", False)
    assert [s["label"] for s in event.content["sections"]] == ["What was said", "What I saw", "Next"]
    assert len(set(keys(template))) == 3
    assert (template.status, template.text_version, template.version) == ("in-use", 1, 1)


def test_no_two_templates_share_a_key():
    other = NoteTemplate.draw_up(id=UUID(int=0x92), at=NOW, actor=LEA, content=VISIT)
    assert not set(keys(drawn_up())) & set(keys(other))


def test_who_leads_no_team_draws_up_nothing():
    with pytest.raises(NotPermitted, match="no-service-team"):
        drawn_up(by=replace(LEA, team=""))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (replace(VISIT, name=" "), "/name missing"),
        (replace(VISIT, name="x" * (NAME_LIMIT + 1)), "/name too-long"),
        (replace(VISIT, name="a\nb"), "/name broken-characters"),
        (replace(VISIT, sections=[]), "/sections missing"),
        (replace(VISIT, sections=[SAID, NEXT]), "/sections none-required"),
        (replace(VISIT, sections=[replace(SEEN, label=f"S{i}") for i in range(13)]), "/sections too-many"),
        (replace(VISIT, sections=[SEEN, replace(NEXT, label="")]), "/sections/1/label missing"),
        (replace(VISIT, sections=[SEEN, replace(NEXT, label="x" * (LABEL_LIMIT + 1))]), "/sections/1/label too-long"),
        (replace(VISIT, sections=[SEEN, replace(NEXT, label="a\nb")]), "/sections/1/label broken-characters"),
        (replace(VISIT, sections=[SEEN, replace(NEXT, label="WHAT  I sàw")]), "/sections/1/label given-twice"),
        (replace(VISIT, sections=[replace(SEEN, hint="x" * (HINT_LIMIT + 1))]), "/sections/0/hint too-long"),
        (replace(VISIT, sections=[replace(SEEN, hint="a\nb")]), "/sections/0/hint broken-characters"),
        (replace(VISIT, sections=[replace(SEEN, counts_as="magic")]), "/sections/0/counts_as unknown-choice"),
        (replace(VISIT, sections=[replace(SEEN, key="0a1b2c3d4e5f")]), "/sections/0/key unknown-choice"),
    ],
)
def test_a_template_with_something_wrong_is_not_drawn_up(content: TemplateContent, problem: str):
    with pytest.raises(InvalidInput) as refusal:
        drawn_up(content)
    assert [f"{p.pointer} {p.code}" for p in refusal.value.problems] == [problem]


def test_everything_wrong_is_told_at_once():
    with pytest.raises(InvalidInput) as refusal:
        drawn_up(TemplateContent("", [SectionContent(""), SectionContent("Next", counts_as="x")]))
    found = [f"{p.pointer} {p.code}" for p in refusal.value.problems]
    assert found == [
        "/name missing",
        "/sections none-required",
        "/sections/0/label missing",
        "/sections/1/counts_as unknown-choice",
    ]


# ---- changed


def test_a_change_is_another_version_and_the_sections_that_stay_keep_their_keys():
    template = drawn_up()
    said, seen, coming = as_it_stands(template)
    change(template, replace(seen, label="What we saw"), SectionContent("With whom"), said, reason="we are two now")
    (event,) = template.pending_events
    assert isinstance(event, TemplateChanged)
    assert (event.version, event.reason, template.text_version) == (2, "we are two now", 2)
    assert [keys(template)[0], keys(template)[2]] == [seen.key, said.key]
    assert keys(template)[1] not in {said.key, seen.key, coming.key}
    assert [s["label"] for s in template.texts[0]["sections"]] == ["What was said", "What I saw", "Next"]


def test_a_section_that_fell_away_can_come_back_under_its_key_and_no_other_gets_it():
    template = drawn_up()
    said, seen, coming = as_it_stands(template)
    change(template, said, seen)
    change(template, said, seen, SectionContent("New"), expected=2)
    new = keys(template)[2]
    assert new != coming.key
    change(template, said, seen, coming, expected=3)
    assert keys(template) == [said.key, seen.key, coming.key]


def test_one_key_is_no_two_sections():
    template = drawn_up()
    _, seen, _ = as_it_stands(template)
    with pytest.raises(InvalidInput) as refusal:
        change(template, seen, replace(seen, label="Again"))
    assert [f"{p.pointer} {p.code}" for p in refusal.value.problems] == ["/sections/1/key given-twice"]


def test_the_version_of_a_note_stays_what_it_was():
    template = drawn_up()
    first = template.written_in(1, team="North")
    assert first
    change(template, name="Second visit")
    assert template.written_in(1, team="North") == first
    assert [template.written_in(n, team="North") is None for n in (0, 2, 3)] == [True, False, True]


def test_another_teams_template_is_not_there_unless_it_is_or_was_for_all():
    template = drawn_up()
    assert (template.is_for("North"), template.is_for("South"), template.is_for("")) == (True, False, False)
    change(template, all=True)
    assert template.is_for("South")
    change(template, expected=2)
    assert template.is_for("South")  # somebody may have begun a draft
    assert [template.written_in(n, team="South") is None for n in (1, 2, 3)] == [True, False, True]


# ---- out of use, and in use again


def test_a_template_goes_out_of_use_and_comes_back():
    template = drawn_up()
    template.retire(at=NOW, actor=LEA, reason="nobody uses it")
    assert template.status == "retired"
    template.restore(at=NOW, actor=LEA, reason="they ask for it", expected_version=2)
    assert happened(template) == [TemplateRetired, TemplateRestored]
    assert (template.status, template.version, template.text_version) == ("in-use", 3, 1)


@pytest.mark.parametrize(
    ("decide", "code"),
    [
        (lambda t: change(t), "nothing-changed"),
        (lambda t: change(t, name="Other", reason=" "), "invalid-input"),
        (lambda t: change(t, name="Other", expected=0), "stale"),
        (lambda t: change(t, name="Other", by=SOUTH), "another-teams-template"),
        (lambda t: t.retire(at=NOW, actor=LEA, reason=""), "invalid-input"),
        (lambda t: t.retire(at=NOW, actor=LEA, reason="x", expected_version=2), "stale"),
        (lambda t: t.retire(at=NOW, actor=SOUTH, reason="x"), "another-teams-template"),
        (lambda t: t.restore(at=NOW, actor=LEA, reason="x"), "template-in-use"),
        (lambda t: t.restore(at=NOW, actor=SOUTH, reason="x"), "another-teams-template"),
    ],
)
def test_refusals_write_nothing(decide: Any, code: str):
    template = drawn_up()
    with pytest.raises(DomainError, match=code):
        decide(template)
    assert happened(template) == []


def test_a_team_with_very_many_takes_one_out_of_use_first():
    with pytest.raises(Conflict, match="templates-full"):
        NoteTemplate.draw_up(id=IT, at=NOW, actor=LEA, content=VISIT, in_use=MOST_IN_USE)
    template = NoteTemplate.draw_up(id=IT, at=NOW, actor=LEA, content=VISIT, in_use=MOST_IN_USE - 1)
    template.retire(at=NOW, actor=LEA, reason="x")
    with pytest.raises(Conflict, match="templates-full"):
        template.restore(at=NOW, actor=LEA, reason="y", in_use=MOST_IN_USE)
    template.restore(at=NOW, actor=LEA, reason="y", in_use=MOST_IN_USE - 1)


def test_a_retired_template_is_neither_changed_nor_retired_again():
    template = drawn_up()
    template.retire(at=NOW, actor=LEA, reason="x")
    with pytest.raises(Conflict, match="template-retired"):
        change(template, name="Other", expected=2)
    with pytest.raises(Conflict, match="template-retired"):
        template.retire(at=NOW, actor=LEA, reason="x")


def test_who_decided_on_an_old_version_hears_what_has_changed_since():
    template = drawn_up()
    change(template, name="Other")
    change(template, *as_it_stands(template)[:2], name="Other", expected=2)
    template.retire(at=NOW, actor=LEA, reason="x")
    for seen, changed in ((1, {"name", "sections", "status"}), (2, {"sections", "status"}), (3, {"status"})):
        with pytest.raises(Stale) as stale:
            template.restore(at=NOW, actor=LEA, reason="x", expected_version=seen)
        assert (stale.value.current_version, set(stale.value.changed)) == (4, changed)


# ---- whatever is typed

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=NAME_LIMIT + 2)
SECTIONS = st.builds(
    SectionContent,
    label=WORDS,
    hint=WORDS,
    required=st.sampled_from([True, True, False]),
    counts_as=st.sampled_from(["", *map(str, CountsAs)]),
)


@given(st.builds(TemplateContent, name=WORDS, sections=st.lists(SECTIONS, max_size=13), all_teams=st.booleans()))
def test_what_is_accepted_is_within_its_limits_and_accepted_again(content: TemplateContent):
    check = Input()
    text = checked(check, content, template=IT, known=())
    if check.problems:
        return
    sections = text["sections"]
    assert 1 <= len(sections) <= MOST_SECTIONS
    assert 0 < len(text["name"]) <= NAME_LIMIT
    assert any(section["required"] for section in sections)
    assert len({section["key"] for section in sections}) == len({s["label"] for s in sections}) == len(sections)
    assert all(0 < len(section["label"]) <= LABEL_LIMIT for section in sections)
    template = drawn_up(content)
    with pytest.raises(Conflict, match="nothing-changed"):
        change(template, name=text["name"], all=text["all_teams"])
