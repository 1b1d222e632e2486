"""Writing, signing, reading and correcting notes, by forms alone: a browser without JavaScript."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import exc

from coord.application.case.commands import CloseCase, RemoveFromTeam
from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import AmendNote, CosignNote, SaveDraft, SignNote
from coord.application.notes.questions import ReadNote
from coord.application.timeline.questions import ReadTimeline
from coord.domain.actors import Actor
from coord.domain.case import Note, NoteContent
from coord.domain.errors import NotFound, Unavailable
from coord.web.local_time import NotADate, NotATime, SkippedTime, read_day, read_time, readings, typed_day
from tests.house import Client, House, answered, open_house

ROME = ZoneInfo("Europe/Rome")
CLOCKS_BACK = date(2026, 10, 25)
CLOCKS_FORWARD = date(2026, 3, 29)
FIELDS = re.compile(r"<(?:input|textarea)\b[^>]*>(?:[^<]*</textarea>)?")


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the writing page, before a button is added."""
    found: dict[str, str] = {}
    form = page[page.index("data-note-form") :]
    for tag in FIELDS.findall(form[: form.index("</form>")]):
        name = re.search(r'name="([^"]+)"', tag)
        if name is None or (re.search(r'type="(radio|checkbox)"', tag) and " checked" not in tag):
            continue
        if tag.startswith("<textarea"):
            found[name[1]] = unescape(tag[tag.index(">") + 1 : -len("</textarea>")])
        else:
            value = re.search(r'value="([^"]*)"', tag)
            found[name[1]] = unescape(value[1]) if value else ""
    chosen = re.search(r'<option value="([^"]+)" selected>', form)
    found["setting"] = chosen[1] if chosen else ""
    return found


class Writer:
    """Somebody at the writing page."""

    def __init__(self, house: House, person: Actor, case_id: UUID | None = None) -> None:
        self.house, self.person = house, person
        self.case_id = case_id or house.child
        self.client: Client = house.browser_of(person)

    def open(self, query: str = "") -> "Writer":
        self.read(self.client.get(f"/children/{self.case_id}/notes/new{query}"))
        return self

    def open_draft(self, draft_id: UUID) -> "Writer":
        self.read(self.client.get(f"/children/{self.case_id}/drafts/{draft_id}"))
        return self

    def read(self, answer: Any) -> Any:
        self.page = unescape(answer.text)
        self.fields = fields_of(answer.text)
        place = re.search(r'data-place="([^"]+)"', answer.text)
        assert place, answer.text
        self.place = place[1]
        self.draft_id = UUID(self.place.rsplit("/", 1)[1])
        return answer

    def press(self, action: str, **typed: str) -> Any:
        """Fill fields (underscores stand for hyphens) and press a button."""
        data = self.fields | {name.replace("_", "-"): value for name, value in typed.items()} | {"action": action}
        return self.client.client.post(self.place, data=data)

    def again(self, action: str, **typed: str) -> Any:
        """Press a button that brings the page back."""
        return self.read(self.press(action, **typed))

    def autosave(self, **typed: str) -> Any:
        data = self.fields | {name.replace("_", "-"): value for name, value in typed.items()}
        return self.client.client.post(f"{self.place}/autosave", data=data)


def note_of(house: House, reader: Actor, note_id: UUID, case_id: UUID | None = None) -> Note:
    note = house.services.doors.ask(reader, ReadNote(case_id or house.child, note_id)).note
    assert isinstance(note, Note)
    return note


def drafts_of(house: House, person: Actor) -> list[UUID]:
    return [d["id"] for d in house.services.doors.ask(person, ReadCaseload()).drafts]


def notes_in(house: House, reader: Actor) -> list[Any]:
    return [i for i in house.services.doors.ask(reader, ReadTimeline(house.child)).items if i["kind"] == "note"]


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, data_folder: Path) -> Iterator[House]:
    """A house on each store."""
    url = request.getfixturevalue("postgres_database") if request.param == "postgres" else None
    with open_house(data_folder, url) as house:
        yield house


# ---- the clinic's clock


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-27", (2026, 3, 27)),
        ("27/3/2026", (2026, 3, 27)),
        (" 7.3.2026 ", (2026, 3, 7)),
        ("7 3 2026", (2026, 3, 7)),
        ("7. 3. 2026", (2026, 3, 7)),
        ("7 / 3 / 2026", (2026, 3, 7)),
        ("7/3/26", (2026, 3, 7)),
    ],
)
def test_a_day_is_understood_as_people_write_it(text: str, day: tuple[int, int, int]):
    assert read_day(text) == date(*day)


def test_a_field_shows_a_day_that_was_kept_as_people_write_it_and_what_was_typed_as_it_was():
    assert typed_day("2026-03-07") == "07/03/2026"
    assert [typed_day(text) for text in ("", "7/3", "7.3.2026", "31/2/2026")] == ["", "7/3", "7.3.2026", "31/2/2026"]


@pytest.mark.parametrize("text", ["", "31/2/2026", "3/2026", "tomorrow", "0/0/0000", "1/1/026", "7--3-2026"])
def test_what_is_no_day_is_refused(text: str):
    with pytest.raises(NotADate):
        read_day(text)


@pytest.mark.parametrize("text", ["14:30", "14.30", "1430", "14h30", " 14:30:00 "])
def test_a_time_is_understood_as_people_write_it(text: str):
    assert read_time(text) == time(14, 30)


@pytest.mark.parametrize("text", ["", "25:00", "14:60", "noon", "14:3"])
def test_what_is_no_time_is_refused(text: str):
    with pytest.raises(NotATime):
        read_time(text)


def test_a_time_that_the_clocks_skipped_is_no_time():
    with pytest.raises(SkippedTime) as skipped:
        readings(CLOCKS_FORWARD, time(2, 30), ROME)
    assert (skipped.value.before, skipped.value.after) == (time(2), time(3))
    assert readings(CLOCKS_FORWARD, time(1, 59), ROME).first == datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert readings(CLOCKS_FORWARD, time(3, 0), ROME).first == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_time_that_came_twice_is_the_first_unless_said_or_unless_only_the_second_can_be_meant():
    both = readings(CLOCKS_BACK, time(2, 30), ROME)
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert (both.first, both.second) == (first, second)
    assert both.chosen() == first
    assert both.chosen(second=True) == second
    assert both.chosen(not_before=datetime(2026, 10, 25, 0, 50, tzinfo=UTC)) == second
    assert both.chosen(not_before=datetime(2026, 10, 25, 5, 0, tzinfo=UTC)) == first


def test_a_note_over_the_night_when_the_clocks_go_back_is_an_hour_longer(house: House):
    house.child  # noqa: B018 - made at the clock's present
    house.clock.now = datetime(2026, 10, 25, 9, 0, tzinfo=UTC)
    writer = Writer(house, house.ot).open()
    writer.press(
        "sign",
        section_plan="Slept badly.",
        from_day="25/10/2026",
        from_time="01:30",
        to_day="25/10/2026",
        to_time="03:30",
    )
    note = note_of(house, house.ot, writer.draft_id)
    assert note.observed_to - note.observed_from == (datetime(2026, 1, 1, 3) - datetime(2026, 1, 1, 0))  # noqa: DTZ001
    page = writer.client.get(f"/children/{house.child}/notes/{writer.draft_id}").text
    assert "25 Oct 2026, 01:30" in page
    assert "03:30" in page


def test_the_second_time_of_an_hour_can_be_asked_for_once_the_page_knows_that_it_came_twice(house: House):
    house.child  # noqa: B018
    house.clock.now = datetime(2026, 10, 25, 9, 0, tzinfo=UTC)
    writer = Writer(house, house.ot).open()
    assert "from-second" not in writer.page
    day = {"from_day": "25/10/2026", "from_time": "02:30", "to_day": "", "to_time": ""}
    writer.again("sign", **day)  # nothing written: the page comes back, and asks
    assert "The second time that it was this hour" in writer.page
    writer.press("sign", section_plan="Woke.", from_second="yes")
    assert note_of(house, house.ot, writer.draft_id).observed_from == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_time_in_the_skipped_hour_is_refused_in_words_and_everything_typed_stays(house: House):
    house.child  # noqa: B018
    house.clock.now = datetime(2026, 3, 29, 9, 0, tzinfo=UTC)
    writer = Writer(house, house.ot).open()
    answer = writer.again("sign", section_plan="Slept.", from_day="29/3/2026", from_time="02:30")
    assert answer.status_code == 422
    assert "the clocks went forward from 02:00 to 03:00, so there was no 02:30" in writer.page
    assert 'href="#from-time"' in writer.page
    assert (writer.fields["section-plan"], writer.fields["from-time"]) == ("Slept.", "02:30")


def test_the_hour_offered_is_the_one_that_has_passed_on_the_clinics_clock(house: House):
    house.clock.now = datetime(2026, 7, 1, 9, 3, 20, tzinfo=UTC)
    fields = Writer(house, house.ot).open().fields
    assert [fields[n] for n in ("from-day", "from-time", "to-day", "to-time")] == [
        "01/07/2026",
        "10:00",
        "01/07/2026",
        "11:00",
    ]


# ---- signing


def test_a_note_is_signed_and_says_who_will_see_it(either: House):
    house = either
    writer = Writer(house, house.ot).open()
    answer = writer.press(
        "sign",
        section_objective="Cut along the line.\r\nTwice.",
        present="Mother\r\n\r\n Sol Berg ",
        setting="home",
        audience="care-team-and-school",
    )
    assert answer.status_code == 303
    page = unescape(writer.client.get(answer.location).text)
    assert "Signed, 10:00. The care team and the school will see this. The family will not." in page
    assert "Up to date, 10:00" in page
    note = note_of(house, house.slt, writer.draft_id)
    assert dict(note.sections) == {"objective": "Cut along the line.\nTwice."}
    assert (note.format, note.setting, note.present) == ("soap", "home", ("Mother", "Sol Berg"))
    assert note.observed_from == datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
    assert drafts_of(house, house.ot) == []
    assert "Signed, 10:00." not in unescape(writer.client.get(answer.location).text)  # said once


def test_sending_the_form_twice_is_one_note(either: House):
    house = either
    writer = Writer(house, house.ot).open()
    first, second = (writer.press("sign", section_plan="Once.") for _ in range(2))
    assert first.location == second.location
    assert second.status_code == 303
    assert len(notes_in(house, house.ot)) == 1


def test_a_second_click_while_the_first_still_runs_is_the_same_note(house: House):
    """The first has kept the draft and not yet signed: the second finds its own words there, and goes on."""
    writer = Writer(house, house.ot).open()
    writer.autosave(section_plan="Once.", turn="7")
    answer = writer.press("sign", section_plan="Once.", turn="7")
    assert answer.status_code == 303
    assert len(notes_in(house, house.ot)) == 1


def test_what_is_sent_after_the_note_was_signed_with_other_words_is_kept_on_the_page_for_a_note_of_its_own(
    house: House,
):
    writer = Writer(house, house.ot).open()
    writer.press("sign", section_plan="First.")
    signed = writer.draft_id
    answer = writer.again("sign", section_plan="Something more.")
    assert answer.status_code == 409
    assert "This note is signed already" in writer.page
    assert writer.fields["section-plan"] == "Something more."
    assert writer.draft_id != signed
    assert note_of(house, house.ot, signed).sections == {"plan": "First."}
    assert writer.press("sign").status_code == 303
    assert len(notes_in(house, house.ot)) == 2


def test_all_problems_are_named_at_once_and_what_was_typed_is_on_the_page_and_in_the_draft(house: House):
    writer = Writer(house, house.ot).open()
    long = "Lento. " * 3000
    answer = writer.again("sign", section_plan=long, from_day="31/2/2026", to_time="half past", setting="moon")
    assert answer.status_code == 422
    summary = writer.page[writer.page.index("There is a problem") : writer.page.index("<h1")]
    for link in ("#section-plan", "#from-day", "#to-time", "#setting"):
        assert f'href="{link}"' in summary
    assert "<title>Error:" in writer.page
    assert writer.fields["section-plan"] == long
    assert (writer.fields["from-day"], writer.fields["to-time"]) == ("31/2/2026", "half past")
    assert drafts_of(house, house.ot) == [writer.draft_id]
    again = Writer(house, house.ot).open_draft(writer.draft_id)
    assert again.fields["section-plan"] == long
    assert again.fields["to-time"] == "half past"
    assert notes_in(house, house.ot) == []


def test_an_end_before_the_start_and_an_hour_to_come_are_refused(house: House):
    writer = Writer(house, house.ot).open()
    writer.again("sign", section_plan="x", from_time="09:30", to_time="09:00")
    assert "This must not be before the start" in writer.page
    writer.again("sign", from_time="09:00", to_time="23:00")
    assert "This cannot be in the future" in writer.page


def test_a_time_that_cannot_be_read_is_said_once_and_not_called_missing(house: House):
    writer = Writer(house, house.ot).open()
    writer.again("sign", section_plan="x", from_time="nine", to_time="")
    assert '<a href="#from-time">Observed from: Enter a time like 14:30</a>' in writer.page
    assert "Enter this" not in writer.page
    writer.again("sign", from_time="nine", section_plan="")
    assert "Enter a time like 14:30" in writer.page
    assert "Write something in at least one section" in writer.page


def test_an_end_on_another_day_needs_its_time_and_is_not_dropped(house: House):
    page, note = f"/children/{house.child}/notes/new", uuid4()
    place = f"/children/{house.child}/drafts/{note}"
    sent = {
        "format": "narrative",
        "section-text": "Slept badly.",
        "setting": "home",
        "audience": "care-team",
        "from-day": "2026-03-08",
        "from-time": "22:00",
        "to-day": "2026-03-09",
        "to-time": "",
        "action": "sign",
    }
    browser = house.browser_of(house.ot)
    refused = browser.post(place, sent, form_on=page)
    assert refused.status_code == 422
    assert 'href="#to-time"' in refused.text
    same_day = {**sent, "to-day": "8.3.2026", "revision": "1"}
    assert browser.post(place, same_day, form_on=page).status_code == 303


def test_nothing_is_signed_in_a_closed_case_and_the_words_are_kept(house: House):
    writer = Writer(house, house.ot).open()
    answered(house.services.doors, house.ot, CloseCase(house.child, "Done"))
    answer = writer.again("sign", section_plan="Late thought.")
    assert answer.status_code == 409
    assert "The case is closed" in writer.page
    assert writer.fields["section-plan"] == "Late thought."
    assert drafts_of(house, house.ot) == [writer.draft_id]
    page = writer.client.get(f"/children/{house.child}/notes/new").text
    assert "You can still write down what was before that, as a late entry" in page


def test_when_the_record_does_not_answer_the_page_says_so_and_the_words_are_in_the_draft(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    writer = Writer(house, house.ot).open()

    def down(*_: object) -> int:
        raise exc.OperationalError("insert", {}, Exception("disk I/O error"))

    monkeypatch.setattr(house.services.record, "append", down)
    answer = writer.again("sign", section_plan="Kept.")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "kept as a draft that only you can see" in writer.page
    monkeypatch.undo()
    assert writer.press("sign").status_code == 303
    assert note_of(house, house.ot, writer.draft_id).sections == {"plan": "Kept."}


def test_when_no_store_answers_the_words_stay_on_the_page(house: House, monkeypatch: pytest.MonkeyPatch):
    writer = Writer(house, house.ot).open()

    def down(*_: object, **__: object) -> object:
        raise Unavailable

    monkeypatch.setattr(house.services.doors, "execute", down)
    monkeypatch.setattr(house.services.doors, "ask", down)
    answer = writer.again("sign", section_plan="Still here.")
    assert answer.status_code == 503
    assert writer.fields["section-plan"] == "Still here."
    assert "kept as a draft" not in writer.page[: writer.page.index("<form")]
    monkeypatch.undo()
    assert writer.press("sign").status_code == 303


def test_words_sent_after_the_sign_in_ended_are_carried_by_the_sign_in_page(house: House):
    writer = Writer(house, house.ot).open()
    house.clock.turn(hours=2)
    answer = writer.press("sign", section_plan="Typed too late.", present="Mother")
    assert answer.status_code == 403
    assert 'name="unsent:section-plan" value="Typed too late."' in answer.text
    assert 'name="unsent:present" value="Mother"' in answer.text
    assert notes_in(house, house.ot) == []


# ---- templates


def test_another_template_keeps_every_word_and_does_not_sign_what_it_has_no_place_for(house: House):
    writer = Writer(house, house.ot).open()
    answer = writer.press("format:dap", section_subjective="Said he was tired.", section_plan="Shorter steps.")
    assert answer.status_code == 303
    writer.read(writer.client.get(answer.location))
    assert writer.fields["format"] == "dap"
    assert writer.fields["section-plan"] == "Shorter steps."
    assert writer.fields["section-subjective"] == "Said he was tired."
    refused = writer.again("sign")
    assert refused.status_code == 422
    assert "This is left from another template" in writer.page
    assert writer.press("sign", section_data="Said he was tired.", section_subjective="").status_code == 303
    note = note_of(house, house.ot, writer.draft_id)
    assert dict(note.sections) == {"data": "Said he was tired.", "plan": "Shorter steps."}


def test_a_teacher_is_offered_the_school_observation_and_the_audiences_of_a_teacher(house: House):
    house.child  # noqa: B018
    writer = Writer(house, house.teacher).open("?format=soap")
    assert writer.fields["format"] == "school-observation"
    assert "Write an observation about Zig" in writer.page
    assert 'value="format:' not in writer.page
    assert 'value="own-discipline"' not in writer.page
    assert 'value="care-team-and-school"' in writer.page
    assert writer.press("sign", section_observed="Sat by the window.").status_code == 303
    assert note_of(house, house.ot, writer.draft_id).format == "school-observation"


def test_a_teacher_cannot_choose_another_template_by_forging_the_form(house: House):
    house.child  # noqa: B018
    writer = Writer(house, house.teacher).open()
    answer = writer.again("sign", format="narrative", section_text="A clinical note.")
    assert answer.status_code == 422
    assert "Template: Your role cannot choose this" in writer.page
    assert writer.fields["section-text"] == "A clinical note."
    assert notes_in(house, house.ot) == []
    answer = writer.again("sign", section_observed="Sat.", section_text="", audience="own-discipline")
    assert "Your role cannot choose this" in writer.page
    assert notes_in(house, house.ot) == []


def test_strangers_and_administrators_find_no_page_to_write_on(house: House):
    place = f"/children/{house.child}/notes/new"
    assert house.browser_of(house.stranger).get(place).status_code == 404
    assert house.browser_of(house.admin).get(place).status_code == 404


# ---- drafts


def test_a_draft_is_private_and_goes_on_where_it_was_left(house: House):
    writer = Writer(house, house.ot).open()
    answer = writer.press("keep", section_plan="Half a", present="Mother", audience="own-discipline")
    page = unescape(writer.client.get(answer.location).text)
    assert "Draft kept, 10:00" in page
    for other in (house.slt, house.lead, house.teacher):
        assert house.browser_of(other).get(writer.place).status_code == 404
    again = Writer(house, house.ot).open_draft(writer.draft_id)
    assert again.fields["section-plan"] == "Half a"
    assert (again.fields["present"], again.fields["audience"]) == ("Mother", "own-discipline")
    assert again.press("sign", section_plan="Half a sentence.").status_code == 303
    assert again.client.get(writer.place).location.endswith(f"/notes/{writer.draft_id}")
    note = note_of(house, house.ot, writer.draft_id)
    assert note.sections == {"plan": "Half a sentence."}


def test_a_note_recorded_in_a_draft_keeps_that_time_apart_from_its_signature(house: House):
    writer = Writer(house, house.ot).open()
    writer.press("keep", section_plan="Begun.")
    house.clock.turn(minutes=20)
    writer = Writer(house, house.ot).open_draft(writer.draft_id)
    writer.press("sign")
    note = note_of(house, house.ot, writer.draft_id)
    assert (note.signed_at - note.recorded_at).total_seconds() == 20 * 60


def test_autosave_keeps_the_draft_and_counts_its_revisions(either: House):
    house = either
    writer = Writer(house, house.ot).open()
    first = writer.autosave(section_plan="One")
    assert first.json == {"state": "saved", "message": "Draft kept, 10:00", "revision": 1}
    second = writer.autosave(section_plan="One two", revision="1")
    assert second.json["revision"] == 2
    assert Writer(house, house.ot).open_draft(writer.draft_id).fields["section-plan"] == "One two"


def test_two_tabs_on_one_draft_never_overwrite_each_other(either: House):
    house = either
    here = Writer(house, house.ot).open()
    here.autosave(section_plan="Shared beginning")
    there = Writer(house, house.ot).open_draft(here.draft_id)
    here = Writer(house, house.ot).open_draft(here.draft_id)
    assert there.autosave(section_plan="From there", turn="1").status_code == 200

    refused = here.autosave(section_plan="From here", turn="1")
    assert (refused.status_code, refused.json["state"]) == (412, "stale")
    assert "Nothing was overwritten" in refused.json["message"]

    for action in ("keep", "sign"):
        answer = here.again(action, section_plan="From here")
        assert answer.status_code == 412
        assert "This draft was changed elsewhere" in here.page
        assert here.fields["section-plan"] == "From here"
    assert notes_in(house, house.ot) == []
    assert Writer(house, house.ot).open_draft(here.draft_id).fields["section-plan"] == "From there"

    apart = here.press("keep-apart")
    assert apart.status_code == 303
    assert len(drafts_of(house, house.ot)) == 2
    assert Writer(house, house.ot).read(here.client.get(apart.location)).status_code == 200


def test_keeping_a_draft_says_nothing_of_a_time_that_is_not_typed_to_its_end(house: House):
    here = Writer(house, house.ot).open()
    here.autosave(section_plan="Shared beginning")
    there, here = (Writer(house, house.ot).open_draft(here.draft_id) for _ in range(2))
    there.autosave(section_plan="From there", turn="1")
    assert here.again("keep", section_plan="From here", from_time="half p").status_code == 412
    assert here.fields["from-time"] == "half p"
    assert "Enter a time" not in here.page


def test_a_draft_left_behind_shows_its_words_and_not_when_it_was(house: House):
    writer = Writer(house, house.slt)
    writer.open().press("keep", section_plan="Tell the mother.", present="Sol Berg", from_time="08:17")
    answered(house.services.doors, house.ot, RemoveFromTeam(house.child, house.slt.person_id))
    page = unescape(writer.client.get(writer.place).text)
    assert re.findall(r'<p class="coord-prose">([^<]*)</p>', page) == ["Tell the mother.", "Sol Berg"]


def test_the_last_words_of_a_closing_tab_need_not_wait_for_the_answer_to_those_before(house: House):
    writer = Writer(house, house.ot).open()
    assert writer.autosave(section_plan="One", turn="1").status_code == 200
    late = writer.autosave(section_plan="One two", turn="2")  # sent before the answer: still revision 0
    assert late.json["state"] == "saved"
    overtaken = writer.autosave(section_plan="One", turn="1")
    assert overtaken.status_code == 412
    assert Writer(house, house.ot).open_draft(writer.draft_id).fields["section-plan"] == "One two"


def test_autosave_after_the_signature_says_so_and_keeps_nothing(house: House):
    writer = Writer(house, house.ot).open()
    writer.press("sign", section_plan="Signed.")
    answer = writer.autosave(section_plan="Signed. And more")
    assert (answer.status_code, answer.json["state"]) == (409, "signed")
    assert drafts_of(house, house.ot) == []


def test_autosave_answers_for_a_child_that_one_does_not_know_and_without_a_token(house: House):
    writer = Writer(house, house.ot).open()
    writer.client = house.browser_of(house.stranger)
    writer.fields["csrf_token"] = re.search(  # type: ignore[index]
        r'name="csrf_token" value="([^"]+)"', writer.client.get("/account").text
    )[1]
    assert writer.autosave(section_plan="x").status_code == 404
    del writer.fields["csrf_token"]
    assert writer.autosave(section_plan="x").status_code == 400
    assert drafts_of(house, house.ot) == []


def test_a_draft_made_by_a_program_goes_on_in_the_page_at_the_right_moment(house: House):
    draft_id = uuid4()
    body = {
        "format": "dap",
        "sections": {"plan": "From afar"},
        "observed_from": "2026-03-10T07:15:00+00:00",
        "present": ["A"],
    }
    house.services.doors.execute(house.ot, SaveDraft(house.child, draft_id, "note", body))
    writer = Writer(house, house.ot).open_draft(draft_id)
    assert (writer.fields["from-day"], writer.fields["from-time"]) == ("10/03/2026", "08:15")
    writer.press("sign", setting="remote", audience="care-team")
    note = note_of(house, house.ot, draft_id)
    assert note.observed_from == datetime(2026, 3, 10, 7, 15, tzinfo=UTC)
    assert (note.format, note.present) == ("dap", ("A",))


def test_a_draft_is_discarded_after_a_question(house: House):
    writer = Writer(house, house.ot).open()
    writer.press("keep", section_plan="Never mind.")
    page = writer.client.get(f"{writer.place}/discard")
    assert "cannot be brought back" in page.text
    assert "Never mind." in page.text
    assert drafts_of(house, house.ot) == [writer.draft_id]
    assert writer.client.post(f"{writer.place}/discard").status_code == 303
    assert drafts_of(house, house.ot) == []
    assert writer.client.get(writer.place).status_code == 404


# ---- empty drafts


def test_an_empty_page_leaves_no_draft_behind(house: House):
    """Signing it, linking a note, taking another template, keeping it and leaving it are no reason to keep nothing."""
    house.note(house.slt, "Asked for water.")
    writer = Writer(house, house.ot)
    for action in ("sign", "find-notes", "format:dap", "keep"):
        writer = Writer(house, house.ot).open()
        answer = writer.press(action, setting="home")
        assert answer.status_code == (422 if action == "sign" else 200), action
        writer.read(answer)
        assert writer.fields["setting"] == "home", "what was chosen stays on the page"
        assert house.services.drafts.of(house.ot.person_id) == [], action
    assert "Nothing is written yet, so there is nothing to keep." in writer.page


def test_a_draft_that_was_emptied_goes(house: House):
    writer = Writer(house, house.ot).open()
    writer.read(writer.client.get(writer.press("keep", section_plan="Goes on.").location))
    assert len(house.services.drafts.of(house.ot.person_id)) == 1
    assert writer.press("keep", section_plan=" ").status_code == 200
    assert house.services.drafts.of(house.ot.person_id) == []


def test_the_first_page_tells_drafts_apart_by_their_first_words(house: House):
    writer = Writer(house, house.ot).open()
    writer.press("keep", section_plan="Shorter steps. " * 20)
    assert f"<q>{('Shorter steps. ' * 20)[:80].rstrip()}…</q>" in writer.client.get("/").text


# ---- earlier notes


def test_earlier_notes_are_listed_when_asked_for_and_linked(house: House):
    earlier = house.note(house.slt, "Asked for water.")
    hidden = house.note(house.psychologist, "For psychology.", audience="own-discipline")
    writer = Writer(house, house.ot).open()
    assert "Asked for water." not in writer.page  # listing is a look at each of them, and is recorded as one
    answer = writer.press("find-notes", section_plan="Goes on.")
    writer.read(writer.client.get(answer.location))
    assert "Asked for water." in writer.page
    assert str(hidden) not in writer.page
    assert writer.press("sign", linked=str(earlier)).status_code == 303
    assert note_of(house, house.ot, writer.draft_id).linked == (earlier,)
    page = writer.client.get(f"/children/{house.child}/notes/{writer.draft_id}").text
    assert f"/notes/{earlier}" in page


def test_a_note_that_one_may_not_read_cannot_be_linked(house: House):
    hidden = house.note(house.psychologist, "For psychology.", audience="own-discipline")
    writer = Writer(house, house.ot).open(f"?linked={hidden}")
    answer = writer.again("sign", section_plan="x")
    assert answer.status_code == 422
    assert "Earlier notes: There is no such entry" in writer.page


# ---- reading


def test_a_note_is_shown_whole_with_its_four_times_and_a_late_label(house: House):
    note_id = uuid4()
    house.child  # noqa: B018
    sections = {"subjective": "S here.", "objective": "O here.", "assessment": "A here.", "plan": "P <b>here</b>."}
    start, end = datetime(2026, 3, 5, 8, 0, tzinfo=UTC), datetime(2026, 3, 5, 8, 45, tzinfo=UTC)
    content = NoteContent("soap", sections, start, end, "school", ("Mother",), "own-discipline")
    house.services.doors.execute(house.ot, SignNote(house.child, note_id, content))
    page = house.browser_of(house.ot).get(f"/children/{house.child}/notes/{note_id}").text
    for words in (
        "S here.",
        "O here.",
        "A here.",
        "P &lt;b&gt;here&lt;/b&gt;.",
        "Ada Lind",
        "Occupational therapy",
        "Mother",
    ):
        assert words in page
    about = re.sub(r"<[^>]+>|\s+", " ", page[page.index('id="about"') :])
    assert re.search(r"Observed +5 Mar 2026, 09:00 until +09:45", about)
    assert re.search(r"Recorded +10 Mar 2026, 10:00", about)
    assert re.search(r"Signed +10 Mar 2026, 10:00 *. A late entry", about)
    assert re.search(r"Received +10 Mar 2026, 10:00", about)
    assert "Late entry" in page
    assert "Only people of your own discipline" in page
    assert house.browser_of(house.slt).get(f"/children/{house.child}/notes/{note_id}").status_code == 404
    other = house.open_case("Mia")
    assert house.browser_of(house.ot).get(f"/children/{other}/notes/{note_id}").status_code == 404


def test_a_teacher_reads_what_is_shared_and_is_offered_nothing_beyond_their_part(house: House):
    shared = house.note(house.ot, "For school.", audience="care-team-and-school")
    inside = house.note(house.ot, "Not for school.")
    teacher = house.browser_of(house.teacher)
    page = teacher.get(f"/children/{house.child}/notes/{shared}").text
    assert "For school." in page
    assert "Add an addendum" in page
    for link in ("amend", "audience", "error", "readers"):
        assert f"/notes/{shared}/{link}" not in page
    assert teacher.get(f"/children/{house.child}/notes/{inside}").status_code == 404
    own = house.note(house.teacher, "Sat by the window.")
    page = teacher.get(f"/children/{house.child}/notes/{own}").text
    assert f"/notes/{own}/amend" in page
    assert f"/notes/{own}/readers" not in page  # the door would refuse it


def test_a_student_signs_and_it_awaits_an_ot_who_cosigns(house: House):
    house.child  # noqa: B018
    student = Writer(house, house.student).open()
    assert "a therapist of your discipline co-signs it" in student.page
    answer = student.press("sign", section_plan="Scissors next.", audience="care-team-and-school")
    page = unescape(student.client.get(answer.location).text)
    assert "It awaits a co-signature now." in page
    note_id, place = student.draft_id, answer.location
    assert house.browser_of(house.teacher).get(place).status_code == 404
    assert "Co-sign this note" not in house.browser_of(house.slt).get(place).text
    ot = house.browser_of(house.ot)
    assert "Stig Moe stays its author" in unescape(ot.get(place).text)
    answer = ot.post(f"{place}/cosignature", {"expected_version": "1"}, form_on=place)
    assert answer.status_code == 303
    page = unescape(ot.get(place).text)
    assert "Co-signed. Thank you." in page
    note = note_of(house, house.ot, note_id)
    assert (note.status, note.cosignatures[0].by["name"]) == ("cosigned", "Ada Lind")
    assert "Scissors next." in house.browser_of(house.teacher).get(place).text
    again = ot.post(f"{place}/cosignature", {"expected_version": "1"}, form_on=place)
    assert again.status_code in (409, 412)


def test_no_text_is_cosigned_that_was_corrected_after_it_was_read(house: House):
    note_id = house.note(house.student, "First words.")
    place = f"/children/{house.child}/notes/{note_id}"
    ot = house.browser_of(house.ot)
    ot.get(place)
    house.services.doors.execute(house.student, AmendNote(house.child, note_id, 1, {"text": "Other words."}, "Wrong"))
    answer = ot.post(f"{place}/cosignature", {"expected_version": "1"}, form_on=place)
    assert answer.status_code == 412
    assert "It was changed in the meantime" in answer.text
    assert "Other words." in answer.text
    assert note_of(house, house.ot, note_id).status == "awaiting-cosignature"


def test_a_correction_shows_what_was_taken_out_and_put_in_and_keeps_every_version(either: House):
    house = either
    note_id = house.note(house.ot, "Tied the laces twice.")
    place = f"/children/{house.child}/notes/{note_id}"
    ot = house.browser_of(house.ot)
    form = unescape(ot.get(f"{place}/amend").text)
    assert "Tied the laces twice." in form
    sent = {"expected_version": "1", "section-text": "Tied both laces once.", "reason": "Counted wrongly"}
    answer = ot.post(f"{place}/amend", sent)
    assert answer.status_code == 303
    page = re.sub(r"\s+", " ", unescape(ot.get(place).text))
    assert '<del><span class="nhsuk-u-visually-hidden">Removed:</span>the</del>' in page
    assert '<ins><span class="nhsuk-u-visually-hidden">Added:</span>both</ins>' in page
    assert "Reason: Counted wrongly" in page
    assert "Tied the laces twice." in page  # version 1, readable
    assert note_of(house, house.ot, note_id).sections == {"text": "Tied both laces once."}


def test_a_correction_on_an_older_version_is_not_made_and_what_was_typed_stays(house: House):
    note_id = house.note(house.ot, "One.")
    place = f"/children/{house.child}/notes/{note_id}/amend"
    ot = house.browser_of(house.ot)
    house.services.doors.execute(house.ot, AmendNote(house.child, note_id, 1, {"text": "Two."}, "First"))
    sent = {"expected_version": "1", "section-text": "Three.", "reason": "Second"}
    answer = ot.post(place, sent)
    assert answer.status_code == 412
    assert "Three." in answer.text
    assert "Two." in answer.text
    assert 'name="expected_version" value="2"' in answer.text
    assert ot.post(place, sent | {"expected_version": "2"}).status_code == 303
    empty = ot.post(place, {"expected_version": "3", "section-text": "Four.", "reason": ""})
    assert empty.status_code == 422
    assert "Why it is corrected: Enter this" in empty.text
    assert "Four." in empty.text
    same = ot.post(place, {"expected_version": "3", "section-text": "Three.", "reason": "None"})
    assert same.status_code == 409
    assert "Nothing has changed" in same.text


def test_only_the_author_corrects(house: House):
    note_id = house.note(house.ot, "One.")
    place = f"/children/{house.child}/notes/{note_id}/amend"
    slt = house.browser_of(house.slt)
    assert slt.get(place).status_code == 303  # back to the note
    sent = {"expected_version": "1", "section-text": "Mine.", "reason": "x"}
    answer = slt.post(place, sent, form_on=f"/children/{house.child}/notes/{note_id}")
    assert answer.status_code == 403
    assert "Only its author can do this" in answer.text
    assert note_of(house, house.ot, note_id).sections == {"text": "One."}


def test_an_addendum_sent_twice_is_one_and_an_empty_one_comes_back(house: House):
    note_id = house.note(house.ot, "One.")
    place = f"/children/{house.child}/notes/{note_id}"
    slt = house.browser_of(house.slt)
    page = slt.get(place).text
    found = re.search(r'name="addendum_id" value="([^"]+)"', page)
    assert found
    sent = {"addendum_id": found[1], "text": "At home too."}
    for _ in range(2):
        assert slt.post(f"{place}/addenda", sent, form_on=place).status_code == 303
    note = note_of(house, house.ot, note_id)
    assert [a.text for a in note.addenda] == ["At home too."]
    assert "At home too." in slt.get(place).text
    empty = slt.post(f"{place}/addenda", {"addendum_id": str(uuid4()), "text": "  "}, form_on=place)
    assert empty.status_code == 422
    assert 'href="#text"' in empty.text
    assert re.search(r'<details[^>]*id="add" open', empty.text)
    other = slt.post(f"{place}/addenda", sent | {"text": "Another thought."}, form_on=place)
    assert other.status_code == 422
    assert "Another thought." in other.text


def test_the_audience_is_changed_in_words_and_the_change_is_shown(house: House):
    note_id = house.note(house.ot, "One.")
    place = f"/children/{house.child}/notes/{note_id}"
    ot = house.browser_of(house.ot)
    assert "Now: The therapists on this child's care team will see this." in unescape(ot.get(f"{place}/audience").text)
    answer = ot.post(f"{place}/audience", {"expected_version": "1", "audience": "care-team-and-school"})
    page = unescape(ot.get(answer.location).text)
    assert "Changed. The care team and the school will see this." in page
    assert "From “Care team” to “Care team and school”, by Ada Lind" in page
    assert "One." in house.browser_of(house.teacher).get(place).text
    lead = house.browser_of(house.lead)
    wider = lead.post(f"{place}/audience", {"expected_version": "2", "audience": "care-team-and-family"})
    assert wider.status_code == 403
    assert "Only to fewer readers" in wider.text
    assert lead.post(f"{place}/audience", {"expected_version": "2", "audience": "care-team"}).status_code == 303
    assert ot.post(f"{place}/audience", {"expected_version": "3"}).status_code == 422


def test_a_note_in_error_is_shown_to_its_author_and_the_lead_with_who_had_read_it(either: House):
    house = either
    note_id = house.note(house.ot, "About somebody else.")
    place = f"/children/{house.child}/notes/{note_id}"
    slt, ot = house.browser_of(house.slt), house.browser_of(house.ot)
    assert slt.get(place).status_code == 200
    page = unescape(ot.get(f"{place}/error").text)
    assert "It cannot be undone." in page
    assert ot.post(f"{place}/error", {"expected_version": "1", "reason": " "}).status_code == 422
    assert ot.post(f"{place}/error", {"expected_version": "1", "reason": "Another child"}).status_code == 303
    assert slt.get(place).status_code == 404
    for person in (house.ot, house.lead):
        page = unescape(house.browser_of(person).get(place).text)
        assert "Reason: Another child" in page
        assert "About somebody else." in page
        assert "Sol Berg" in page[page.index("Who had read it") :]
        assert "Correct this note" not in page
    assert ot.get(f"{place}/amend").status_code == 303


def test_who_has_read_a_note_is_for_its_author_and_the_lead(house: House):
    note_id = house.note(house.ot, "One.")
    place = f"/children/{house.child}/notes/{note_id}"
    slt = house.browser_of(house.slt)
    slt.get(place)
    house.clock.turn(minutes=20)
    slt.get(place)
    page = unescape(house.browser_of(house.lead).get(f"{place}/readers").text)
    row = page[page.index("<tbody") :]
    assert "Sol Berg" in row
    assert "10 Mar 2026, 10:00" in row
    assert "10 Mar 2026, 10:20" in row
    assert slt.get(f"{place}/readers").status_code == 403
    assert house.browser_of(house.teacher).get(f"{place}/readers").status_code in (403, 404)


def test_every_look_at_a_note_is_recorded_and_so_is_cosigning_by_the_wrong_person(house: House):
    note_id = house.note(house.student, "One.")
    place = f"/children/{house.child}/notes/{note_id}"
    slt = house.browser_of(house.slt)
    answer = slt.post(f"{place}/cosignature", {"expected_version": "1"}, form_on=place)
    assert answer.status_code == 403
    assert "Another discipline's note" in unescape(answer.text)
    with pytest.raises(NotFound):
        house.services.doors.execute(house.stranger, CosignNote(house.child, note_id))


# ---- what is likely ----------------------------------------------------------------------------------------------


def setting_offered(house: House, person: Any) -> str:
    page = house.browser_of(person).get(f"/children/{house.child}/notes/new").text
    chosen = re.search(r'<option value="([\w-]+)" selected', page) or re.search(
        r'name="setting"[^>]*value="([\w-]+)"[^>]* checked', page
    )
    assert chosen, page
    return chosen[1]


def test_a_teachers_observation_is_at_school_and_a_therapists_where_they_were_last_with_the_child(either_house: House):
    house = either_house
    assert setting_offered(house, house.teacher) == "school"
    assert setting_offered(house, house.ot) == "therapy-room"
    house.note(house.ot, setting="home")
    house.note(house.slt, setting="remote", observed_from=house.clock.now)
    assert setting_offered(house, house.ot) == "home"
    other = house.open_case("Alba")
    page = house.browser_of(house.ot).get(f"/children/{other}/notes/new").text
    assert 'value="therapy-room" selected' in page or re.search(r'value="therapy-room"[^>]* checked', page)
