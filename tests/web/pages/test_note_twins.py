"""A note that is there already, at the writing page; and the time that the page begins with."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from coord.domain.case import NoteSigned
from coord.web.notes.likely_time import LastNote, likely_time
from tests.house import NOW, House
from tests.web.pages.test_notes import ROME, Writer, notes_in

FILLED_IN, NOT_FILLED_IN = "The time is filled in for what has just ended", "so no time is filled in here"
NOON = {"from_time": "08:00", "to_time": "09:00"}


def sign(house: House, text: str = "Tied the laces.", **typed: str) -> UUID:
    writer = Writer(house, house.ot).open("?format=narrative")
    assert writer.press("sign", section_text=text, **typed).status_code == 303, writer.page
    return writer.draft_id


def tick(page: str) -> str:
    (answer,) = re.findall(r'name="confirmed" type="checkbox" value="([^"]+)"', page)
    return str(answer)


def answers_kept(house: House) -> list[list[str]]:
    events = [r.event for r in house.services.record.stream(house.child)]
    return [[str(a["code"]) for a in e.answered] for e in events if isinstance(e, NoteSigned)]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Tied  the laces.", "You signed a note of the same words about this child already (10 March 2026, 08:00)"),
        ("Asked for help.", "You signed another note about this child of just this time (10 March 2026, 08:00)"),
    ],
)
def test_the_page_comes_back_with_every_word_a_question_and_where_to_look(house: House, text: str, question: str):
    first = sign(house, **NOON)
    writer = Writer(house, house.ot).open("?format=narrative")
    answer = writer.again("sign", section_text=text, present="his mother", **NOON)
    assert answer.status_code == 422
    assert "Please look at this once more" in writer.page
    assert question in writer.page
    assert f'href="/children/{house.child}/notes/{first}"' in writer.page
    assert (writer.fields["section-text"], writer.fields["present"]) == (text, "his mother")
    assert len(notes_in(house, house.ot)) == 1
    assert writer.press("sign", confirmed=tick(writer.page)).status_code == 303
    assert [len(codes) for codes in answers_kept(house)] == [0, 1]


def test_an_answer_is_carried_along_when_something_else_is_wrong(house: House):
    sign(house, **NOON)
    writer = Writer(house, house.ot).open("?format=narrative")
    writer.again("sign", section_text="Asked for help.", **NOON)
    writer.again("sign", confirmed=tick(writer.page), to_time="25:00")
    assert 'name="confirmed" type="checkbox"' not in writer.page
    assert writer.press("sign", to_time="09:00").status_code == 303
    assert answers_kept(house)[1] == ["note-of-this-time"]


def test_a_page_that_is_sent_twice_is_one_note_without_a_question(house: House):
    writer = Writer(house, house.ot).open("?format=narrative")
    assert [writer.press("sign", section_text="Tied.").status_code for _ in range(2)] == [303, 303]
    assert answers_kept(house) == [[]]


def test_the_history_says_that_it_was_asked_about_and_not_which_note_it_was(house: House):
    sign(house, **NOON)
    writer = Writer(house, house.ot).open("?format=narrative")
    writer.again("sign", section_text="Tied the laces.", **NOON)
    writer.press("sign", confirmed=tick(writer.page))
    history = house.browser_of(house.lead).get(f"/children/{house.child}/history").text
    assert "Asked about, and meant so" in history
    assert "The same words as in an earlier note" in history


# ---- the time that a new page has


def opened(house: House, writer: Writer | None = None) -> tuple[str, str, str]:
    writer = (writer or Writer(house, house.ot)).open("?format=narrative")
    said = "filled in" if FILLED_IN in writer.page else "not filled in" if NOT_FILLED_IN in writer.page else ""
    return writer.fields["from-time"], writer.fields["to-time"], said


def test_the_first_note_is_of_the_hour_that_has_just_passed_and_says_so(house: House):
    assert opened(house) == ("09:00", "10:00", "filled in")


@pytest.mark.parametrize(
    ("signed_ago", "ended_before", "expected"),
    [
        pytest.param(30, 0, ("09:30", "10:00"), id="one after the other"),
        pytest.param(60, 0, ("09:00", "10:00"), id="an hour later"),
        pytest.param(10, 0, None, id="of the same session"),
        pytest.param(10, 40, ("09:10", "10:00"), id="what is left of the hour"),
        pytest.param(30, 61, None, id="catching up"),
        pytest.param(60, 61, ("09:00", "10:00"), id="caught up"),
        pytest.param(-5, 0, ("09:00", "10:00"), id="a clock that was put back"),
    ],
)
def test_the_next_note_goes_by_how_the_last_was_written(
    signed_ago: int, ended_before: int, expected: tuple[str, str] | None
):
    signed_at = NOW - timedelta(minutes=signed_ago)
    likely = likely_time(NOW, LastNote(signed_at, signed_at - timedelta(minutes=ended_before)))
    said = tuple(f"{moment.astimezone(ROME):%H:%M}" for moment in likely) if likely else None
    assert said == expected


@pytest.mark.parametrize(
    ("minutes", "expected"), [(20, ("10:00", "10:20", "filled in")), (5, ("", "", "not filled in"))]
)
def test_the_page_remembers_the_note_that_was_signed_before(house: House, minutes: int, expected: tuple[str, str, str]):
    writer = Writer(house, house.ot).open("?format=narrative")
    assert writer.press("sign", section_text="Tied.").status_code == 303
    house.clock.turn(minutes=minutes)
    assert opened(house, writer) == expected


def test_a_page_without_a_time_says_which_field_it_wants_and_keeps_the_words(house: House):
    writer = Writer(house, house.ot).open("?format=narrative")
    writer.press("sign", section_text="Tied.")
    writer.open("?format=narrative")
    assert writer.again("sign", section_text="Asked.").status_code == 422
    assert writer.fields["section-text"] == "Asked."
    assert writer.press("sign", from_time="07:00").status_code == 303


def test_somebody_else_in_another_browser_begins_anew(house: House):
    sign(house)
    assert opened(house, Writer(house, house.slt)) == ("09:00", "10:00", "filled in")
