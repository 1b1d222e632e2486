"""When, where and with whom: corrected by its author, by forms alone."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from coord.application.notes.commands import AmendNote, ChangeNoteAudience, CosignNote
from coord.application.notes.questions import ReadNote
from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from coord.domain.actors import Actor
from coord.domain.case import Note
from tests.house import House

ROME = ZoneInfo("Europe/Rome")


def place_of(house: House, note: UUID) -> str:
    return f"/children/{house.child}/notes/{note}"


def note_of(house: House, note: UUID, who: Actor | None = None) -> Note:
    found = house.services.doors.ask(who or house.ot, ReadNote(house.child, note)).note
    assert isinstance(found, Note)
    return found


def typed(**changed: str) -> dict[str, str]:
    fields = {
        "expected_version": "1",
        "from-day": "09/03/2026",
        "from-time": "8:30",
        "to-day": "09/03/2026",
        "to-time": "9:15",
        "setting": "home",
        "present": "His mother\nA sister",
        "reason": "It was on Monday",
    }
    return fields | {name.replace("_", "-"): value for name, value in changed.items()}


def as_it_stands(page: str) -> dict[str, str]:
    """What the form holds before anybody has touched it."""
    found = dict(re.findall(r'<input[^>]* name="((?:from|to)-(?:day|time))"[^>]* value="([^"]*)"', page))
    found["setting"] = re.findall(r'<option value="([^"]+)" selected>', page)[0]
    return found


def timeline(house: House, who: Actor, **selected: Any) -> list[Any]:
    found = house.services.doors.ask(who, ReadTimeline(house.child, TimelineFilter(kind="note", **selected)))
    return list(found.items)


def test_a_wrong_day_is_put_right_and_what_stood_before_stays_readable(either_house: House):
    house = either_house
    note_id = house.note(house.ot, "Tied the laces twice.", audience="care-team-and-school")
    place, ot = place_of(house, note_id), house.browser_of(house.ot)
    assert "Correct the time, setting or people" in ot.get(place).text
    before = note_of(house, note_id).observed_from.astimezone(ROME)
    form = as_it_stands(ot.get(f"{place}/circumstances").text)
    assert (form["from-day"], form["from-time"]) == (before.strftime("%d/%m/%Y"), before.strftime("%H:%M"))
    assert form["setting"] == "therapy-room"
    assert ot.post(f"{place}/circumstances", typed()).status_code == 303
    page = re.sub(r"\s+", " ", unescape(ot.get(place).text))
    assert "Corrected. What stood before stays readable below." in page
    assert "Reason: It was on Monday" in page
    assert re.search(r"After: [^<]*9 Mar 2026[^;]*; Home; His mother, A sister", re.sub("<[^>]+>", "", page))
    note = note_of(house, note_id)
    assert note.observed_from == datetime(2026, 3, 9, 8, 30, tzinfo=ROME)
    assert note.observed_to == datetime(2026, 3, 9, 9, 15, tzinfo=ROME)
    assert (note.setting, note.present) == ("home", ("His mother", "A sister"))
    assert note.sections == {"text": "Tied the laces twice."}
    teacher = unescape(house.browser_of(house.teacher).get(place).text)
    assert "It was on Monday" in teacher


def test_the_timeline_has_it_where_it_was_and_tells_what_was_known_before(either_house: House):
    house = either_house
    moved, other = house.note(house.ot, "Moved."), house.note(house.slt, "Other.")
    head = house.services.record.head()
    ids = [i["entry_id"] for i in timeline(house, house.slt)]
    assert set(ids) == {moved, other}
    house.browser_of(house.ot).post(f"{place_of(house, moved)}/circumstances", typed())
    (last, item) = timeline(house, house.slt)
    assert (last["entry_id"], item["entry_id"]) == (other, moved)
    assert (item["setting"], item["present"]) == ("home", ["His mother", "A sister"])
    assert [i["entry_id"] for i in timeline(house, house.slt, setting="home")] == [moved]
    day = datetime(2026, 3, 9, tzinfo=ROME)
    assert [i["entry_id"] for i in timeline(house, house.slt, start=day, end=day + timedelta(days=1))] == [moved]
    found = house.services.doors.ask(house.slt, ReadTimeline(house.child, as_of=head)).items
    assert {i["setting"] for i in found if i["entry_id"] == moved} == {"therapy-room"}
    assert "Time, setting or people corrected" in house.browser_of(house.slt).get(f"/children/{house.child}").text


def test_what_is_not_touched_stays_to_the_second(house: House):
    house.clock.turn(seconds=7)
    note_id = house.note(house.ot)
    place, ot = f"{place_of(house, note_id)}/circumstances", house.browser_of(house.ot)
    before = note_of(house, note_id)
    assert before.observed_from.second == 7
    form = as_it_stands(ot.get(place).text) | {"expected_version": "1", "reason": "She was there", "present": "Ms Ek"}
    assert ot.post(place, form).status_code == 303
    after = note_of(house, note_id)
    assert (after.observed_from, after.observed_to) == (before.observed_from, before.observed_to)
    assert after.present == ("Ms Ek",)


def test_bad_times_come_back_with_every_problem_and_every_word(house: House):
    note_id = house.note(house.ot)
    place, ot = f"{place_of(house, note_id)}/circumstances", house.browser_of(house.ot)
    unread = ot.post(place, typed(from_day="31/02/2026", from_time="at nine", reason=" "))
    assert unread.status_code == 422
    page = unescape(unread.text)
    assert "Observed from: Enter a real date" in page
    assert "Observed from: Enter a time" in page
    assert "Why it is corrected: Enter this" in page
    assert 'value="31/02/2026"' in page
    assert "A sister" in page
    skipped = unescape(ot.post(place, typed(from_day="29/03/2026", from_time="2:30")).text)
    assert "the clocks went forward" in skipped
    backwards = unescape(ot.post(place, typed(to_time="8:00")).text)
    assert "Observed until: " in backwards
    assert "It was on Monday" in backwards
    assert note_of(house, note_id).version == 1


def test_on_an_older_version_it_is_not_made_and_what_was_typed_stays(house: House):
    note_id = house.note(house.ot, "One.")
    house.services.doors.execute(house.ot, AmendNote(house.child, note_id, 1, {"text": "Two."}, "First"))
    place, ot = f"{place_of(house, note_id)}/circumstances", house.browser_of(house.ot)
    stale = ot.post(place, typed())
    assert stale.status_code == 412
    assert "A sister" in stale.text
    assert 'name="expected_version" value="2"' in stale.text
    assert ot.post(place, typed() | {"expected_version": "2"}).status_code == 303
    same = ot.post(place, typed() | {"expected_version": "3", "reason": "Again"})
    assert same.status_code == 409
    assert "Nothing has changed" in same.text


def test_which_of_two_hours_stands_now_is_said_in_words(house: House):
    house.child  # noqa: B018 - made at the clock's present
    house.clock.now = datetime(2026, 10, 25, 9, 0, tzinfo=UTC)
    note_id = house.note(house.ot)
    place, ot = f"{place_of(house, note_id)}/circumstances", house.browser_of(house.ot)
    night = {"from_day": "25/10/2026", "from_time": "2:30", "to_day": "", "to_time": ""}
    second = typed(**night) | {"from-second": "yes"}
    assert ot.post(place, second).status_code == 303
    first = ot.post(place, typed(**night, reason="The first"))
    assert first.status_code == 412
    assert re.search(r"after the clocks went back:</dt>\s*<dd[^>]*>Yes</dd>", first.text)


def test_only_the_author_corrects_it(house: House):
    note_id = house.note(house.ot, "One.")
    place = place_of(house, note_id)
    for who in (house.slt, house.lead):
        browser = house.browser_of(who)
        assert "Correct the time, setting or people" not in browser.get(place).text
        assert browser.get(f"{place}/circumstances").status_code in (302, 303)
        assert browser.post(f"{place}/circumstances", typed(), form_on=place).status_code == 403
    for who in (house.teacher, house.stranger):
        assert house.browser_of(who).post(f"{place}/circumstances", typed(), form_on="/account").status_code == 404
    assert note_of(house, note_id).version == 1


def test_a_student_has_it_attested_again(house: House):
    note_id = house.note(house.student, "Scissors.")
    house.services.doors.execute(house.ot, CosignNote(house.child, note_id, 1))
    student = house.browser_of(house.student)
    place = place_of(house, note_id)
    assert "has to be co-signed again" in student.get(f"{place}/circumstances").text
    assert student.post(f"{place}/circumstances", typed() | {"expected_version": "2"}).status_code == 303
    assert note_of(house, note_id).status == "awaiting-cosignature"
    assert "Co-sign this note" in house.browser_of(house.ot).get(place).text


def test_what_was_corrected_before_the_school_could_read_it_is_not_for_the_school(house: House):
    note_id = house.note(house.ot, "Laces.")
    place = place_of(house, note_id)
    house.browser_of(house.ot).post(f"{place}/circumstances", typed(reason="The father had telephoned"))
    house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, note_id, "care-team-and-school"))
    page = unescape(house.browser_of(house.teacher).get(place).text)
    assert "His mother" in page
    assert "telephoned" not in page
    assert "Corrections of time, setting or people" not in page
    assert (
        "Time, setting or people corrected" not in house.browser_of(house.teacher).get(f"/children/{house.child}").text
    )
