"""What is being written to a signed note is kept while it is typed, privately, and is used up when it is sent."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from coord.application.case.commands import CloseCase, RemoveFromTeam
from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import AmendNote, ChangeNoteAudience, EnterNoteInError
from coord.application.notes.questions import ReadNote
from coord.domain.actors import Actor
from tests.house import Client, House, answered

FIELDS = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"|<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)<')


class Page:
    """A page with a form that keeps what is typed in it."""

    def __init__(self, browser: Client, path: str) -> None:
        self.browser, self.path = browser, path
        self.text = browser.get(path).text
        form: str = next(f for f in re.findall(r"<form.*?</form>", self.text, re.S) if "data-autosave" in f)
        (self.autosave,) = re.findall(r'data-autosave="([^"]+)"', form)
        self.action = (re.findall(r'action="([^"]+)"', form) or [path])[0]
        self.fields = {a or c: unescape(b or d) for a, b, c, d in FIELDS.findall(form)}

    def keep(self, **typed: str) -> Any:
        """What the page's script does after a pause."""
        self.fields |= {k.replace("_", "-"): v for k, v in typed.items()}
        self.fields["turn"] = str(int(self.fields["turn"]) + 1)
        answer = self.browser.client.post(self.autosave, data=self.fields)
        if answer.status_code == 200:
            said: Any = answer.json
            self.fields["revision"] = str(said["revision"])
        return answer

    def send(self, **more: str) -> Any:
        return self.browser.client.post(self.action, data={**self.fields, **more})


def drafts(house: House, person: Actor) -> list[str]:
    return [d["kind"] for d in house.services.doors.ask(person, ReadCaseload()).drafts]


@pytest.fixture
def note(house: House) -> UUID:
    return house.note(house.ot)


@pytest.fixture
def place(house: House, note: UUID) -> str:
    return f"/children/{house.child}/notes/{note}"


@pytest.fixture
def browser(house: House) -> Client:
    return house.browser_of(house.ot)


def test_an_addendum_is_kept_found_again_and_used_up(house: House, note: UUID, place: str, browser: Client):
    first = Page(browser, place)
    assert '<details class="nhsuk-details" id="add">' in first.text
    assert first.keep(text="Half a th").json["message"] == "Draft kept, 10:00"
    assert first.keep(text="Half a thought").json["revision"] == 2
    assert drafts(house, house.ot) == ["addendum"]
    link = re.search(r'href="([^"]+)">Go on with the addendum to a note about Zig', browser.get("/").text)
    assert link
    assert browser.get(link[1]).location == f"{place}#add"
    again = Page(browser, place)
    assert '<details class="nhsuk-details" id="add" open>' in again.text
    assert again.fields["text"] == "Half a thought"
    assert again.fields["addendum_id"] == first.fields["addendum_id"]
    assert again.send(text="A whole thought").status_code == 303
    assert drafts(house, house.ot) == []
    assert [a.text for a in house.services.doors.ask(house.ot, ReadNote(house.child, note)).note.addenda] == [
        "A whole thought"
    ]
    assert Page(browser, place).fields["text"] == ""


def test_an_amendment_is_kept_found_again_and_used_up(house: House, note: UUID, place: str, browser: Client):
    page = Page(browser, f"{place}/amend")
    assert page.fields["section-text"] == "Tied the laces twice."
    assert page.keep(section_text="Tied the laces once.", reason="I had").status_code == 200
    assert drafts(house, house.ot) == ["amendment"]
    assert "Go on with the correction of a note about Zig" in browser.get("/").text
    again = Page(browser, f"{place}/amend")
    assert (again.fields["section-text"], again.fields["reason"]) == ("Tied the laces once.", "I had")
    assert again.send(reason="I had counted wrongly").status_code == 303
    assert drafts(house, house.ot) == []
    assert house.services.doors.ask(house.ot, ReadNote(house.child, note)).note.sections == {
        "text": "Tied the laces once."
    }


def test_an_amendment_begun_on_an_older_version_is_decided_on_what_stands_now(
    house: House, note: UUID, place: str, browser: Client
):
    Page(browser, f"{place}/amend").keep(section_text="From the draft.", reason="why")
    house.services.doors.execute(house.ot, AmendNote(house.child, note, 1, {"text": "From elsewhere."}, "typo"))
    page = Page(browser, f"{place}/amend")
    answer = page.send()
    assert answer.status_code == 412
    assert "From the draft." in answer.text
    assert "From elsewhere." in answer.text
    assert drafts(house, house.ot) == ["amendment"]


def test_drafts_are_their_authors_alone(house: House, note: UUID, place: str, browser: Client):
    Page(browser, place).keep(text="For my eyes")
    assert "For my eyes" not in house.browser_of(house.slt).get(place).text
    assert house.browser_of(house.slt).get(f"{place}/addendum/draft").status_code == 404
    assert Page(house.browser_of(house.slt), place).keep(text="And mine").status_code == 200
    assert Page(browser, place).fields["text"] == "For my eyes"
    assert house.browser_of(house.stranger).get(f"{place}/addendum/draft").status_code == 404
    assert house.services.doors.ask(house.ot, ReadNote(house.child, note)).note.version == 1, "drafts are no events"


def test_another_tabs_words_are_not_overwritten(house: House, place: str, browser: Client):
    first, second = Page(browser, place), Page(browser, place)
    first.keep(text="One")
    answer = second.keep(text="Two")
    assert (answer.status_code, answer.json["state"]) == (412, "stale")
    first.fields["revision"] = "0"  # the tab that closes does not wait for the answer to the words before
    assert first.keep(text="One more").status_code == 200
    assert Page(browser, place).fields["text"] == "One more"


@pytest.mark.parametrize("page", ["", "/amend"])
def test_it_can_be_discarded(house: House, place: str, browser: Client, page: str):
    form = Page(browser, place + page)
    assert re.search(r'value="discard" data-when-kept hidden>', form.text)
    form.keep(**({"section_text": "x"} if page else {"text": "x"}))
    form = Page(browser, place + page)
    assert re.search(r'value="discard" data-when-kept>', form.text)
    assert form.send(action="discard").status_code == 303
    assert drafts(house, house.ot) == []
    assert form.send(action="discard").status_code == 303, "twice is once"


def test_an_addendum_that_is_emptied_again_is_no_draft(house: House, place: str, browser: Client):
    page = Page(browser, place)
    page.keep(text="x")
    assert page.keep(text=" ").json == {"state": "saved", "message": "", "revision": 0}
    assert drafts(house, house.ot) == []
    page.keep(text="y")
    assert drafts(house, house.ot) == ["addendum"]


def test_what_cannot_be_sent_any_more_is_given_back(house: House, note: UUID, place: str, browser: Client):
    page = Page(browser, place)
    page.keep(text="Too late, alas")
    answered(house.services.doors, house.ot, CloseCase(house.child, "moved away"))
    answer = page.send()
    assert answer.status_code == 409
    assert "Too late, alas</textarea>" in answer.text
    left = browser.get(f"{place}/addendum/draft")
    assert "This addendum cannot be signed any more" in left.text
    assert "Too late, alas" in left.text
    assert browser.post(f"{place}/addenda", {"action": "discard"}, form_on=f"{place}/addendum/draft").status_code == 303
    assert drafts(house, house.ot) == []


def test_words_about_a_note_that_one_may_not_read_any_more_are_still_ones_own(house: House, note: UUID, place: str):
    slt = house.browser_of(house.slt)
    Page(slt, place).keep(text="My thought")
    house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, note, "own-discipline", 1))
    assert slt.get(place).status_code == 404
    left = slt.get(f"{place}/addendum/draft")
    assert "My thought" in left.text
    assert "laces" not in left.text
    answered(house.services.doors, house.ot, RemoveFromTeam(house.child, house.slt.person_id))
    assert slt.get(f"{place}/addendum/draft").status_code == 404


def test_a_note_entered_in_error_takes_nothing_more(house: House, note: UUID, place: str, browser: Client):
    page = Page(browser, f"{place}/amend")
    page.keep(section_text="Better", reason="r")
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, note, "wrong child"))
    assert "This correction cannot be signed any more" in browser.get(f"{place}/amendment/draft").text


def test_a_teacher_finds_what_they_began(house: House):
    note = house.note(house.teacher, "Reads well.")
    browser = house.browser_of(house.teacher)
    place = f"/children/{house.child}/notes/{note}"
    Page(browser, f"{place}/amend").keep(section_observed="Reads very well.", reason="r")
    assert f"{place}/amendment/draft" in browser.get("/").text
    assert browser.get(f"{place}/amendment/draft").location == f"{place}/amend"
