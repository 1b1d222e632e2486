"""Templates of notes in pages: drawn up by the lead, written in by the team, read for ever as they were."""

import re
from dataclasses import replace
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.note_templates.commands import (
    ChangeNoteTemplate,
    DrawUpNoteTemplate,
    RestoreNoteTemplate,
    RetireNoteTemplate,
)
from coord.application.note_templates.questions import ReadNoteTemplate
from coord.application.people.commands import MovePerson
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.errors import Conflict, InvalidInput, NotFound
from coord.domain.note_template import SectionContent, TemplateContent, TemplateUsed
from coord.domain.teams import on_purpose
from tests.house import Client, House
from tests.web.pages.test_notes import Writer, note_of

SAID, SEEN, MADE, COMING = "Why they came", "At the table", "How I understand it", "For next time"


def text_of(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<script.*?</script>", "", page))))


def form(**changes: Any) -> dict[str, Any]:
    """The form of a new one as it comes to the lead, with two sections filled in."""
    typed = {"template_id": str(uuid4()), "form": "note-template-new", "rows": "3", "name": "First visit"}
    typed |= {"label.0": "What I saw", "counts_as.0": "objective", "required.0": "yes", "label.1": "Next"}
    return typed | changes


def sections(house: House, template: UUID) -> list[SectionContent]:
    stands = house.services.doors.ask(house.lead, ReadNoteTemplate(template)).template
    return [SectionContent(**section) for section in stands["sections"]]


def change(house: House, template: UUID, *parts: SectionContent, version: int = 1, name: str = "First visit") -> None:
    content = TemplateContent(name, parts or sections(house, template))
    house.services.doors.execute(house.lead, ChangeNoteTemplate(template, version, content, "it is shorter"))


def choose(writer: Writer, name: str) -> Writer:
    """Press the button of the chooser."""
    found = re.search(rf'value="(format:[^"]+)">{re.escape(name)}<', writer.page)
    assert found, writer.page
    writer.again(found[1])
    return writer


def boxes(writer: Writer) -> list[str]:
    """What stands above the boxes, in order."""
    found = re.findall(r'<label[^>]*for="section-[^"]+"[^>]*>\s*([^<]+?)\s*</label>', writer.page)
    return [unescape(label) for label in found]


def keys(writer: Writer) -> list[str]:
    return [name for name in writer.fields if name.startswith("section-")]


def typed(writer: Writer, *words: str) -> dict[str, str]:
    return dict(zip(keys(writer), words, strict=False))


def sign(writer: Writer, *words: str) -> UUID:
    answer = writer.press("sign", **typed(writer, *words))
    assert answer.status_code == 303, text_of(answer.text)
    return writer.draft_id


# ---- the editor


def test_a_lead_draws_one_up_without_a_script_and_moves_its_sections(house: House):
    lead = house.browser_of(house.lead)
    assert "Your team has no template of its own." in lead.get("/note-templates").text
    again = lead.post("/note-templates/new", form(action="add")).text
    assert 'name="label.3"' in again
    assert 'value="First visit"' in again
    moved = lead.post("/note-templates/new", form(action="up-1")).text
    assert moved.index('value="Next"') < moved.index('value="What I saw"')
    without = lead.post("/note-templates/new", form(action="remove-0")).text
    assert 'value="What I saw"' not in without
    assert "As somebody sees it who writes What I saw (needed) Next" in text_of(
        lead.post("/note-templates/new", form(action="look")).text
    )
    done = lead.post("/note-templates/new", form(action="save"))
    assert done.status_code == 303
    page = text_of(lead.get(done.headers["Location"]).text)
    assert "The template is drawn up. Whoever writes a note can choose it from now on." in page
    assert "For the service team North" in page


def test_what_is_wrong_is_said_at_its_section_and_everything_typed_stays(house: House):
    lead = house.browser_of(house.lead)
    wrong = form(**{"label.2": "NEXT", "label.0": "", "required.0": "yes", "hint.2": "x" * 201}, action="save")
    answer = lead.post("/note-templates/new", wrong)
    assert answer.status_code == 422
    page = text_of(answer.text)
    assert "Section 1, words above the box: " in page
    assert "Section 3, words above the box: Another section is called so already" in page
    assert "Section 3, line of help: This is too long: at most 200 characters" in page
    assert 'value="NEXT"' in answer.text
    none = text_of(lead.post("/note-templates/new", form(**{"required.0": ""}, action="save")).text)
    assert "Tick at least one section without which a note cannot be signed" in none


def test_who_was_slower_is_shown_the_sections_that_stand_before_theirs_take_their_place(house: House):
    template, lead = house.template(), house.browser_of(house.lead)
    page = lead.get(f"/note-templates/{template}/change").text
    sent = dict(re.findall(r'name="((?:key|label|hint)\.\d)"[^>]*value="([^"]*)"', page))
    sent |= {"required.2": "yes", "counts_as.0": "subjective", "counts_as.1": "objective", "counts_as.2": "assessment"}
    sent |= {"counts_as.3": "plan", "rows": "4", "form": "note-template-changed", "expected_version": "1"}
    sent |= {"name": "First visit", "label.1": "Under the table", "reason": "he sits there"}
    change(house, template, *(replace(s, label=f"{s.label}, today") for s in sections(house, template)))
    answer = lead.post(f"/note-templates/{template}/change", sent)
    assert answer.status_code == 412
    meanwhile = text_of(answer.text.partition('id="meanwhile"')[2].partition("</dl>")[0])
    assert "Sections: 1. Why they came, today" in meanwhile
    assert 'value="Under the table"' in answer.text


def test_a_change_is_a_version_with_what_changed_and_why(house: House):
    template, lead = house.template(), house.browser_of(house.lead)
    page = lead.get(f"/note-templates/{template}/change").text
    found = dict(re.findall(r'name="((?:key|label|hint)\.\d)"[^>]*value="([^"]*)"', page))
    ticked = {"required.2": "yes", "counts_as.2": "assessment", "counts_as.3": "plan"}
    sent = {**found, **ticked, "rows": "4", "form": "note-template-changed", "expected_version": "1"}
    sent |= {"name": "First visit", "label.1": "Under the table", "reason": "he sits there"}
    stale = lead.post(f"/note-templates/{template}/change", {**sent, "expected_version": "7"})
    assert (stale.status_code, 'value="Under the table"' in stale.text) == (412, True)
    assert lead.post(f"/note-templates/{template}/change", sent).status_code == 303
    page = text_of(lead.get(f"/note-templates/{template}").text)
    assert "Template of notes, version 2" in page
    assert "Reason: he sits there" in page
    assert "Read version 1" in page
    assert [s.label for s in sections(house, template)] == [SAID, "Under the table", MADE, COMING]
    assert "Change this template" not in house.browser_of(house.ot).get(f"/note-templates/{template}").text


def test_another_teams_template_is_not_there_and_one_for_all_is_changed_by_its_own_lead_alone(house: House):
    own, for_all = house.template("North's own"), house.template("For everybody", all_teams=True)
    south = house.person("Lou Fenn", Role.TEAM_LEAD, team="South")
    page = house.browser_of(south).get("/note-templates").text
    assert ("North&#39;s own" in page, "For everybody" in page) == (False, True)
    assert house.browser_of(south).get(f"/note-templates/{own}").status_code == 404
    with pytest.raises(NotFound):
        change_as(house, south, own)
    shown = house.browser_of(south).get(f"/note-templates/{for_all}")
    assert "Change this template" not in shown.text
    refused = house.browser_of(south).client.get(f"/note-templates/{for_all}/change")
    assert refused.status_code == 303


def version_of(house: House, template: UUID, version: int, name: str, *labels: str, for_all: bool) -> None:
    """The lead gives it another version: these sections are all new."""
    sections = [SectionContent(label, required=True) for label in labels]
    content = TemplateContent(name, sections, all_teams=for_all)
    house.services.doors.execute(house.lead, ChangeNoteTemplate(template, version, content, f"why {name}"))


def test_who_is_of_another_team_reads_the_versions_that_were_for_all_and_no_other(either_house: House):
    house = either_house
    template = house.template("North's draft")
    version_of(house, template, 1, "For all", "Seen by all", for_all=True)
    south = house.person("Ove Rask", Role.THERAPIST, Discipline.OT, team="South")
    browser, address = house.browser_of(south), f"/note-templates/{template}"

    def read() -> Any:
        return house.services.doors.ask(south, ReadNoteTemplate(template))

    assert [change["content"]["name"] for change in read().changes] == ["For all"]
    assert (read().template["status"], read().template["text_version"]) == ("in-use", 2)
    assert "North&#39;s draft" not in browser.get(address).text

    version_of(house, template, 2, "North's alone", "Seen by North", for_all=False)
    house.services.doors.execute(house.lead, RetireNoteTemplate(template, "North's reason"))
    now = read()
    assert (now.template["name"], now.template["status"], now.template["text_version"]) == ("For all", "retired", 2)
    assert list(now.template["called"].values()) == ["Seen by all"]
    assert [change["version"] for change in now.changes] == [2]
    page = browser.get(address).text
    assert "This template is offered to your service team no longer." in page
    for theirs in ("North&#39;s alone", "Seen by North", "North&#39;s reason"):
        assert theirs not in page
        assert theirs in house.browser_of(house.ot).get(address).text

    house.services.doors.execute(house.lead, RestoreNoteTemplate(template, "Back"))
    version_of(house, template, 5, "For all again", "Seen by all", for_all=True)
    assert [change["text_version"] for change in read().changes] == [4, 2]
    assert (read().template["name"], read().template["status"]) == ("For all again", "in-use")


def test_a_team_has_so_many_in_use_and_is_told_how_many_and_what_to_do(either_house: House, monkeypatch: Any):
    house = either_house
    monkeypatch.setattr("coord.domain.note_template.MOST_IN_USE", 3)
    first, *_more = [house.template(f"Template {n}") for n in range(3)]
    lead = house.browser_of(house.lead)
    full = lead.post("/note-templates/new", form(name="One too many"))
    assert full.status_code == 409
    assert "Your service team has 60 templates in use" in text_of(full.text)
    assert "Take one out of use that nobody needs" in text_of(full.text)
    assert 'value="One too many"' in full.text, "nothing that was typed is lost"

    south = house.person("Lou Fenn", Role.TEAM_LEAD, team="South")
    house.template("South's first", by=south)
    house.services.doors.execute(house.lead, RetireNoteTemplate(first, "Nobody writes in it"))
    assert lead.post("/note-templates/new", form()).status_code == 303
    with pytest.raises(Conflict) as refused:
        house.services.doors.execute(house.lead, RestoreNoteTemplate(first, "They ask for it"))
    assert (refused.value.code, refused.value.params) == ("templates-full", {"limit": 3})


def test_one_that_was_drawn_up_already_is_no_other_one_when_it_is_sent_again(house: House, monkeypatch: Any):
    monkeypatch.setattr("coord.domain.note_template.MOST_IN_USE", 1)
    content = TemplateContent("Only one", [SectionContent("x", required=True)])
    command = DrawUpNoteTemplate(uuid4(), content)
    first, again = (house.services.doors.execute(house.lead, command) for _time in range(2))
    assert (again.id, again.repeated) == (first.id, True)


def change_as(house: House, who: Actor, template: UUID) -> None:
    content = TemplateContent("Mine", [SectionContent("x", required=True)])
    house.services.doors.execute(who, ChangeNoteTemplate(template, 1, content, "x"))


# ---- writing in one


def test_the_teams_templates_stand_first_and_the_note_is_signed_in_its_words(either_house: House):
    house = either_house
    house.template()
    writer = choose(Writer(house, house.ot).open(), "First visit")
    assert boxes(writer) == [SAID, SEEN, MADE, COMING]
    assert "In their own words" in writer.page
    lacking = writer.again("sign", **typed(writer, "He said so."))
    assert lacking.status_code == 422
    assert f"{MADE}: " in text_of(writer.page)
    assert writer.fields[keys(writer)[0]] == "He said so."
    note = note_of(house, house.ot, sign(writer, "He said so.", "", "It is the noise. Not the light.", "Ear muffs."))
    assert (note.format, note.written_in and note.written_in["name"]) == ("template", "First visit")
    browser = house.browser_of(house.slt)
    page = text_of(browser.get(f"/children/{house.child}/notes/{note.id}").text)
    assert f"{SAID} He said so. {MADE} It is the noise. Not the light. {COMING} Ear muffs." in page
    assert "First visit, version 1" in page
    row = text_of(browser.get(f"/children/{house.child}").text)
    assert "It is the noise." in row  # what counts as the assessment is the headline
    assert "First visit · " in row
    found = text_of(browser.get("/find?q=muffs").text)
    assert "First visit" in found


def test_the_next_note_begins_in_the_same_and_takes_over_what_was_planned_by_what_it_is(house: House):
    house.template()
    writer = choose(Writer(house, house.ot).open(), "First visit")
    sign(writer, "", "", "So it is.", "Ear muffs.")
    following = writer.open()
    assert boxes(following) == [SAID, SEEN, MADE, COMING]
    assert "Planned last time" in following.page
    plan = keys(following)[3].removeprefix("section-")
    into_soap = choose(following, "SOAP")
    assert 'data-into="section-plan">Take over' in into_soap.page
    into_soap.press(f"take:{plan}")
    into_soap.open_draft(into_soap.draft_id)
    assert into_soap.fields["section-plan"] == "Ear muffs."


def test_a_draft_stays_in_its_version_and_takes_the_next_by_a_button_with_nothing_lost(either_house: House):
    house = either_house
    template = house.template()
    writer = choose(Writer(house, house.ot).open(), "First visit")
    writer.press("keep", **typed(writer, "said", "seen", "made", "coming"))
    said, _seen, made, coming = sections(house, template)
    change(house, template, made, said, coming, SectionContent("With whom"))
    writer.open_draft(writer.draft_id)
    assert boxes(writer) == [SAID, SEEN, MADE, COMING]
    assert "You write in version 1 of this template. There is a version 2 by now" in writer.page
    button = re.search(r'value="(format:template:[^"]+:2)"', writer.page)
    assert button
    writer.press(button[1])
    writer.open_draft(writer.draft_id)
    assert boxes(writer) == [MADE, SAID, COMING, "With whom", SEEN]
    assert [writer.fields[key] for key in keys(writer)] == ["made", "said", "coming", "", "seen"]
    refused = writer.again("sign")
    assert refused.status_code == 422
    assert f"{SEEN}: This is left from another template" in text_of(writer.page)
    note = note_of(house, house.ot, sign(writer, "made", "said", "coming", "his mother", ""))
    assert note.written_in
    assert note.written_in["version"] == 2


def test_a_draft_of_an_earlier_version_is_signed_in_it_and_no_change_reaches_a_note(house: House):
    template = house.template()
    writer = choose(Writer(house, house.ot).open(), "First visit")
    writer.press("keep", **typed(writer, "", "", "made"))
    change(house, template, SectionContent("All else", required=True), name="Second visit")
    writer.open_draft(writer.draft_id)
    note = note_of(house, house.ot, sign(writer, "", "", "made"))
    assert note.written_in
    assert (note.written_in["version"], note.written_in["name"]) == (1, "First visit")
    place = f"/children/{house.child}/notes/{note.id}"
    page = house.browser_of(house.ot).get(f"{place}/amend").text
    assert re.findall(r'<label[^>]*for="section-[^"]+"[^>]*>\s*([^<]+?)\s*</label>', page) == [SAID, SEEN, MADE, COMING]
    assert "Second visit" not in text_of(page)


def test_a_correction_needs_what_its_version_requires_and_the_history_says_its_words(house: House):
    house.template()
    writer = choose(Writer(house, house.ot).open(), "First visit")
    note, (_, _, made, coming) = sign(writer, "", "", "made", "coming"), keys(writer)
    browser, place = house.browser_of(house.ot), f"/children/{house.child}/notes/{note}"
    sent = {made: "", coming: "other", "reason": "a slip", "expected_version": "1", "form": "amendment"}
    assert browser.post(f"{place}/amend", sent, form_on=f"{place}/amend").status_code == 422
    done = browser.post(f"{place}/amend", {**sent, made: "made"}, form_on=f"{place}/amend")
    assert done.status_code == 303
    assert f"{COMING} " in text_of(browser.get(place).text)
    history = text_of(house.browser_of(house.lead).get(f"/children/{house.child}/history").text)
    assert COMING in history
    assert "Template: First visit" in history


def test_one_that_is_out_of_use_is_offered_no_longer_and_what_was_begun_in_it_is_signed(house: House):
    template = house.template()
    writer = choose(Writer(house, house.ot).open(), "First visit")
    writer.press("keep", **typed(writer, "", "", "made"))
    house.services.doors.execute(house.lead, RetireNoteTemplate(template, "nobody writes in it"))
    assert "First visit" not in Writer(house, house.ot).open().page
    key = sections(house, template)[2].key
    with pytest.raises(InvalidInput) as refused:
        house.note(house.ot, format="template", sections={key: "x"}, template=TemplateUsed(template, 1))
    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/template", "template-retired")]
    writer.open_draft(writer.draft_id)
    assert "This template is offered no longer. What you began in it can still be signed." in writer.page
    assert note_of(house, house.ot, sign(writer, "", "", "made")).written_in


def test_a_school_reads_a_note_in_its_words_and_writes_in_no_template(house: House):
    house.template()
    writer = choose(Writer(house, house.ot).open(), "First visit")
    writer.press("sign", **typed(writer, "", "", "It is the noise."), audience="care-team-and-school")
    teacher: Client = house.browser_of(house.teacher)
    assert MADE in teacher.get(f"/children/{house.child}/notes/{writer.draft_id}").text
    assert "First visit" not in Writer(house, house.teacher).open().page
    assert teacher.get("/note-templates").status_code == 403


def test_who_moved_to_another_team_finds_their_words_and_writes_on_in_a_format(house: House):
    house.template()
    writer = choose(Writer(house, house.ot).open(), "First visit")
    writer.press("keep", **typed(writer, "", "", "made"))
    house.services.doors.execute(house.admin, MovePerson(house.ot.person_id, "West", on_purpose("West")))
    writer.open_draft(writer.draft_id)
    assert writer.fields["format"] == "soap"
    assert "Written in another template" in boxes(writer)
    assert "made" in writer.fields.values()
