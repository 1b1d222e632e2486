"""The record as it was known: what one was shown then, less what is not for one's eyes any more."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from coord.application import commands as c
from coord.application import questions as q
from coord.domain.errors import DomainError
from tests.house import House
from tests.projections.life import Life


def shown(house: House, who: Any, child: UUID, as_of: int | datetime | None = None) -> list[dict[str, Any]]:
    answer = house.services.doors.ask(who, q.ReadTimeline(child, as_of=as_of, limit=100))
    return [{k: v for k, v in i.items() if k != "to_position"} for i in answer.items]


def may_still_read(house: House, who: Any, child: UUID, item: dict[str, Any]) -> bool:
    if item["kind"] != "note":
        return True
    try:
        note = house.services.doors.ask(who, q.ReadNote(child, item["entry_id"])).note
    except DomainError:
        return False
    return bool(note.status != "entered-in-error")


def test_as_of_shows_what_was_shown_then(house: House):
    life, readers = Life(house, 11), (house.ot, house.teacher, house.lead, house.student)
    then: list[tuple[Any, int, datetime, list[dict[str, Any]]]] = []
    for step in life.live(100):
        if step % 20 == 19:
            position = house.services.record.head()
            then += [(who, position, house.clock.now, shown(house, who, house.child)) for who in readers]
            house.clock.turn(seconds=1)
    compared, readable = 0, dict[tuple[UUID, UUID], bool]()
    for who, position, time, items in then:
        for item in items:
            key = (who.person_id, item["entry_id"])
            if key not in readable:
                readable[key] = may_still_read(house, who, house.child, item)
        expected = [i for i in items if readable[who.person_id, i["entry_id"]]]
        assert shown(house, who, house.child, position) == expected
        assert shown(house, who, house.child, time) == expected
        compared += len(expected)
    assert compared > 150
    assert not all(readable.values())


def test_a_position_before_the_case_shows_nothing_and_one_beyond_the_head_the_present(house: House):
    house.note(house.ot)
    assert shown(house, house.ot, house.child, 0) == []
    assert shown(house, house.ot, house.child, house.clock.now - timedelta(days=1)) == []
    assert shown(house, house.ot, house.child, 10**12) == shown(house, house.ot, house.child)


def test_what_was_taken_from_the_school_is_gone_for_the_teacher_on_every_day(house: House):
    do = house.services.doors.execute
    note = house.note(house.ot, "shared by mistake", audience="care-team-and-school")
    position = house.services.record.head()
    assert any(i["entry_id"] == note for i in shown(house, house.teacher, house.child))
    house.clock.turn(minutes=1)
    do(house.ot, c.ChangeNoteAudience(house.child, note, "care-team"))
    for as_of in (None, position, house.clock.now - timedelta(seconds=1)):
        assert not any(i["entry_id"] == note for i in shown(house, house.teacher, house.child, as_of))
        assert any(i["entry_id"] == note for i in shown(house, house.slt, house.child, as_of))


def test_what_is_shared_today_does_not_show_the_teacher_what_it_was_before(house: House):
    do = house.services.doors.execute
    note = house.note(house.ot, "for the team", audience="care-team")
    position = house.services.record.head()
    do(house.ot, c.ChangeNoteAudience(house.child, note, "care-team-and-school"))
    assert not any(i["entry_id"] == note for i in shown(house, house.teacher, house.child, position))
    assert any(i["entry_id"] == note for i in shown(house, house.teacher, house.child))


@pytest.mark.parametrize("reader", ["ot", "slt", "teacher", "lead"])
def test_what_was_entered_in_error_is_hidden_on_every_day(house: House, reader: str):
    note = house.note(house.ot, "wrong child", audience="care-team-and-school")
    position = house.services.record.head()
    house.services.doors.execute(house.ot, c.EnterNoteInError(house.child, note, "wrong child"))
    who = getattr(house, reader)
    for as_of in (None, position):
        assert not any(i["entry_id"] == note for i in shown(house, who, house.child, as_of))
    search = q.ReadTimeline(house.child, q.TimelineFilter(text="wrong"), as_of=position)
    assert not house.services.doors.ask(who, search).items


# ---- as somebody else --------------------------------------------------------------------------------------------


def seen_as(house: House, reader: Any, as_of: int | None = None) -> set[UUID]:
    answer = house.services.doors.ask(house.lead, q.ReadTimelineAs(house.child, reader.person_id, as_of))
    return {i["entry_id"] for i in answer.items if i["kind"] == "note"}


def test_the_lead_sees_the_record_with_the_teachers_eyes(house: House):
    shared = house.note(house.ot, audience="care-team-and-school")
    team = house.note(house.ot, audience="care-team")
    own = house.note(house.teacher, audience="care-team")
    assert seen_as(house, house.teacher) == {shared, own}
    assert seen_as(house, house.ot) == {shared, team, own}
    assert seen_as(house, house.stranger) == set()


def test_an_entry_that_was_shared_then_shows_as_shared_then(house: House):
    note = house.note(house.ot, audience="care-team-and-school")
    position = house.services.record.head()
    house.services.doors.execute(house.ot, c.ChangeNoteAudience(house.child, note, "care-team"))
    assert seen_as(house, house.teacher, position) == {note}
    assert seen_as(house, house.teacher) == set()


def test_nobodys_eyes_are_borrowed_to_see_more(house: House):
    kept = house.note(house.psychologist, audience="own-discipline")
    taken = house.note(house.psychologist, audience="care-team")
    position = house.services.record.head()
    assert seen_as(house, house.psychologist) == {taken}
    house.services.doors.execute(house.psychologist, c.ChangeNoteAudience(house.child, taken, "own-discipline"))
    for reader in (house.psychologist, house.lead, house.ot):
        for as_of in (None, position):
            assert not seen_as(house, reader, as_of) & {kept, taken}
