"""An addendum is for those for whom it was written: it gets more readers by its own author's word alone."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import AddToTeam
from coord.application.case.questions import ExportCase
from coord.application.history.questions import ReadHistory
from coord.application.notes.commands import AddAddendum, AmendNote, ChangeNoteAudience
from coord.application.notes.questions import ReadNote
from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from coord.domain.actors import Actor, Relation
from tests.house import House, open_house


@pytest.fixture
def house(data_folder: Path, database_url: str | None) -> Any:
    with open_house(data_folder, database_url) as house:
        yield house


def add(house: House, note: UUID, by: Actor, text: str) -> UUID:
    addendum = uuid4()
    house.services.doors.execute(by, AddAddendum(house.child, note, addendum, text))
    return addendum


def give(house: House, note: UUID, audience: str, by: Actor) -> None:
    house.services.doors.execute(by, ChangeNoteAudience(house.child, note, audience, None))


def read(house: House, reader: Actor, note: UUID) -> list[str]:
    """The addenda that somebody reads, which are the same in the note, in the timeline, and by searching."""
    ask = house.services.doors.ask
    shown = [a.text for a in ask(reader, ReadNote(house.child, note)).note.addenda]
    rows = ask(reader, ReadTimeline(house.child)).items
    (row,) = [row for row in rows if row["entry_id"] == note]
    assert [a["text"] for a in row["addenda"]] == shown
    for text in ("maroon", "indigo"):
        found = ask(reader, ReadTimeline(house.child, TimelineFilter(text=text))).items
        assert bool(found) == (text in shown), f"{text} found by {reader.name}"
    return shown


def test_it_does_not_go_to_the_school_when_the_note_does(house: House):
    note = house.note(house.ot, audience="care-team")
    add(house, note, house.slt, "maroon")
    add(house, note, house.ot, "indigo")
    give(house, note, "care-team-and-school", house.ot)
    assert read(house, house.teacher, note) == ["indigo"], "the note's author spoke for their own words alone"
    for colleague in (house.ot, house.slt, house.psychologist, house.lead):
        assert read(house, colleague, note) == ["maroon", "indigo"]


def test_nor_to_the_care_team_when_the_note_of_one_discipline_does(house: House):
    other_ot = house.stranger
    house.services.doors.execute(house.ot, AddToTeam(house.child, other_ot.person_id, Relation.OCCUPATIONAL_THERAPIST))
    note = house.note(house.ot, audience="own-discipline")
    add(house, note, other_ot, "maroon")
    give(house, note, "care-team", house.ot)
    assert read(house, house.slt, note) == []
    assert read(house, house.lead, note) == []
    for of_the_discipline in (house.ot, other_ot, house.student):
        assert read(house, of_the_discipline, note) == ["maroon"]
    export = house.services.doors.ask(house.lead, ExportCase(house.child))
    assert "maroon" not in str(export.events)
    history = house.services.doors.ask(house.lead, ReadHistory(house.child))
    (row,) = [row for row in history.items if row["kind"] == "case.note-addendum-added"]
    assert row["withheld"]
    assert row["after"] == {}


def test_narrowing_takes_it_along_and_widening_again_does_not_bring_it_back(house: House):
    note = house.note(house.ot, audience="care-team-and-school")
    add(house, note, house.slt, "maroon")
    assert read(house, house.teacher, note) == ["maroon"]
    give(house, note, "care-team", house.ot)
    give(house, note, "care-team-and-school", house.ot)
    assert read(house, house.teacher, note) == []
    assert read(house, house.psychologist, note) == ["maroon"]


def test_the_school_and_the_family_have_the_care_team_in_common(house: House):
    note = house.note(house.ot, audience="care-team-and-family")
    add(house, note, house.slt, "maroon")
    give(house, note, "care-team-and-school", house.ot)
    assert read(house, house.teacher, note) == []
    assert read(house, house.psychologist, note) == ["maroon"]


def test_what_the_author_of_an_addendum_signs_again_is_for_those_of_now(house: House):
    note = house.note(house.ot, audience="care-team")
    first = add(house, note, house.slt, "maroon")
    give(house, note, "care-team-and-school", house.ot)
    page = house.browser_of(house.slt).get(f"/children/{house.child}/notes/{note}").text
    assert "This addendum is for fewer readers than the note is now: Care team." in page
    assert f"again={first}#add" in page
    assert ">maroon</textarea>" in house.browser_of(house.slt).get(
        f"/children/{house.child}/notes/{note}?again={first}"
    ).text.replace("\n", "")
    others = house.browser_of(house.psychologist).get(f"/children/{house.child}/notes/{note}?again={first}").text
    assert "for fewer readers" in others
    assert "Sign it again" not in others
    assert ">maroon</textarea>" not in others.replace("\n", "")
    add(house, note, house.slt, "maroon")
    assert read(house, house.teacher, note) == ["maroon"]


def test_it_is_the_same_in_views_built_anew(house: House):
    note = house.note(house.ot, audience="care-team")
    add(house, note, house.slt, "maroon")
    give(house, note, "care-team-and-school", house.ot)
    house.services.views.rebuild(["timeline"])
    assert read(house, house.teacher, note) == []


def test_the_past_shows_no_more(house: House):
    note = house.note(house.ot, audience="care-team-and-school")
    add(house, note, house.slt, "maroon")
    then = house.services.record.head()
    give(house, note, "care-team", house.ot)
    give(house, note, "care-team-and-school", house.ot)
    answer = house.services.doors.ask(house.teacher, ReadTimeline(house.child, as_of=then))
    assert "maroon" not in str(answer.items)


def test_what_nobody_attested_is_not_found_by_the_school_after_an_amendment(house: House):
    do = house.services.doors.execute
    note = house.note(house.ot, audience="care-team-and-school")
    add(house, note, house.student, "maroon")
    for words in ("Tied them once.", "Tied them three times."):
        version = house.services.record.note(house.child, note).version
        do(house.ot, AmendNote(house.child, note, version, {"text": words}, "miscounted"))
        assert read(house, house.teacher, note) == []
        assert read(house, house.slt, note) == ["maroon"]
