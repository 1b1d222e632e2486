"""A note that is there already, through the doors: asked about once, never where a post is only repeated."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from coord.application.asked import as_meant
from coord.application.declared import Receipt
from coord.application.notes.commands import EnterNoteInError, SignNote
from coord.application.record import SNAPSHOT_EVERY
from coord.domain.case import Note, NoteContent, NoteSigned
from coord.domain.case.aggregate import CaseSnapshot
from coord.domain.errors import InvalidInput
from tests.house import House


def content(house: House, text: str = "Tied one.", **more: Any) -> NoteContent:
    return NoteContent("narrative", {"text": text}, house.clock.now - timedelta(hours=1), **more)


def signs(house: House, note_id: UUID | None = None, text: str = "Tied one.", **more: Any) -> Receipt:
    command = SignNote(house.child, note_id or uuid4(), content(house, text), **more)
    return house.services.doors.execute(house.ot, command)


def asked(house: House, **more: Any) -> list[str]:
    with pytest.raises(InvalidInput) as refusal:
        signs(house, **more)
    return [problem.code for problem in refusal.value.problems]


def test_the_same_note_signed_twice_under_two_ids_is_asked_about_and_nothing_is_written(house: House):
    signs(house)
    head = house.services.record.head()
    assert asked(house) == asked(house, new=True) == ["note-of-these-words"]
    assert asked(house, text="Tied two.") == ["note-of-this-time"]
    assert house.services.record.head() == head


def test_whoever_means_it_has_two_notes_and_the_second_says_so(house: House):
    first, second = signs(house).id, uuid4()
    as_meant(house.services.doors, house.ot, SignNote(house.child, second, content(house)))
    kept = [r.event for r in house.services.record.stream(house.child) if isinstance(r.event, NoteSigned)]
    assert [(e.note_id, [a["code"] for a in e.answered]) for e in kept] == [
        (first, []),
        (second, ["note-of-these-words"]),
    ]


def test_a_post_that_is_repeated_is_the_same_note_and_not_asked_about(house: House):
    command = SignNote(house.child, uuid4(), content(house))
    house.services.doors.execute(house.ot, command)
    house.clock.turn(minutes=10)
    assert house.services.doors.execute(house.ot, command).repeated


def test_a_note_of_which_nobody_heard_that_it_was_recorded_is_no_twin_of_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    recorder: Any = house.services.record.recorder
    insert = recorder.insert_events
    lost = [True]

    def unheard(*args: Any, **kwargs: Any) -> Any:
        positions = insert(*args, **kwargs)
        if lost.pop() if lost else False:
            raise IntegrityError("that version is taken")
        return positions

    _ = house.child
    monkeypatch.setattr(recorder, "insert_events", unheard)
    assert signs(house, new=True).repeated


def test_another_child_and_another_author_have_notes_of_their_own(house: House):
    signs(house)
    other = house.open_case("Zag")
    for actor, child in ((house.ot, other), (house.slt, house.child)):
        house.services.doors.execute(actor, SignNote(child, uuid4(), content(house)))


def test_a_case_from_a_snapshot_remembers_its_last_notes(house: House):
    _ = house.child
    while house.services.record.case(house.child).version % SNAPSHOT_EVERY:
        signs(house, text=f"Tied {house.clock.turn(minutes=5)}.")
    house.services.record._known.clear()
    snapshots = house.services.record.snapshots
    assert snapshots is not None
    assert any(isinstance(s, CaseSnapshot) for s in snapshots.get(house.child, desc=True, limit=1))
    assert house.services.record.case(house.child).recent_notes
    assert asked(house, text="Something else.") == ["note-of-this-time"]


def test_a_note_that_was_entered_in_error_may_be_written_again(house: House):
    note = signs(house).id
    found = house.services.record.note(house.child, note)
    assert isinstance(found, Note)
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, note, "Wrong child", found.version))
    assert signs(house).status == "signed"
