"""Writing through the doors: once and no more, drafts that are one's own, the same id never for two things."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from coord.application.declared import Receipt
from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import (
    AddAddendum,
    AmendNote,
    ChangeNoteAudience,
    CosignNote,
    DiscardDraft,
    EnterNoteInError,
    SaveDraft,
    SignNote,
)
from coord.application.notes.questions import ReadDraft, ReadNote
from coord.application.timeline.questions import ReadTimeline, ReadTimelineAs, TimelineFilter
from coord.domain.case import NoteContent
from coord.domain.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted, Stale
from tests.house import House


def content(house: House, text: str = "Tied one.", **more: Any) -> NoteContent:
    return NoteContent("narrative", {"text": text}, house.clock.now - timedelta(hours=1), **more)


def code_of(refusal: pytest.ExceptionInfo[InvalidInput]) -> str:
    (problem,) = refusal.value.problems
    return f"{problem.pointer} {problem.code}"


def test_the_same_post_twice_is_one_note(house: House):
    note, do = uuid4(), house.services.doors.execute
    first = do(house.ot, SignNote(house.child, note, content(house)))
    head = house.services.record.head()
    again = do(house.ot, SignNote(house.child, note, content(house)))
    assert (first.repeated, again.repeated) == (False, True)
    assert (again.id, again.version, again.status) == (first.id, first.version, first.status)
    assert house.services.record.head() == head


def test_a_note_that_was_recorded_without_our_hearing_of_it_is_not_signed_again(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    # The connection breaks after the commit, the store tries again by itself and is told: that version is taken.
    recorder: Any = house.services.record.recorder
    insert, calls = recorder.insert_events, []

    def unheard(*args: Any, **kwargs: Any) -> Any:
        positions = insert(*args, **kwargs)
        calls.append(positions)
        if len(calls) == 1:
            raise IntegrityError("that version is taken")
        return positions

    child, note = house.child, uuid4()
    monkeypatch.setattr(recorder, "insert_events", unheard)
    receipt = house.services.doors.execute(house.ot, SignNote(child, note, content(house), new=True))
    assert [receipt.position] == calls[0]
    assert receipt.repeated
    signed = [r for r in house.services.record.stream(child) if r.event.entry_id == note]
    assert len(signed) == len(calls) == 1


def test_the_same_id_with_other_words_by_another_or_for_another_child_is_refused(house: House):
    do, note, other = house.services.doors.execute, uuid4(), house.open_case("Zag")
    do(house.ot, SignNote(house.child, note, content(house)))
    head = house.services.record.head()
    for actor, child, words in (
        (house.ot, house.child, "Tied two."),
        (house.slt, house.child, "Tied one."),
        (house.ot, other, "Tied one."),
    ):
        with pytest.raises(InvalidInput) as refusal:
            do(actor, SignNote(child, note, content(house, words)))
        assert code_of(refusal) == "/id id-taken"
    assert house.services.record.head() == head


@pytest.mark.parametrize("same_child", [True, False])
def test_the_same_id_posted_many_times_at_once_is_one_note_of_one_child(house: House, same_child: bool):
    children = [house.child, house.child if same_child else house.open_case("Zag")]
    note, start = uuid4(), threading.Barrier(8)
    outcomes: list[tuple[UUID, str]] = []

    def post(child: UUID) -> None:
        start.wait()
        try:
            receipt = house.services.doors.execute(house.ot, SignNote(child, note, content(house)))
            outcomes.append((child, "repeated" if receipt.repeated else "new"))
        except DomainError as error:
            outcomes.append((child, error.code))

    threads = [threading.Thread(target=post, args=(children[i % 2],)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [o for _, o in outcomes].count("new") == 1
    (owner,) = {child for child, outcome in outcomes if outcome == "new"}
    assert all(o == ("repeated" if child == owner else "invalid-input") for child, o in outcomes if o != "new")
    signed = [
        r.event for child in set(children) for r in house.services.record.stream(child) if r.event.entry_id == note
    ]
    assert len(signed) == 1
    assert signed[0].originator_id == owner


def test_an_addendum_sent_twice_is_one_and_its_id_is_taken_for_others(house: House):
    do, note, addendum = house.services.doors.execute, house.note(house.ot), uuid4()
    do(house.slt, AddAddendum(house.child, note, addendum, "more"))
    assert do(house.slt, AddAddendum(house.child, note, addendum, " more ")).repeated
    for actor, text in ((house.slt, "other"), (house.ot, "more")):
        with pytest.raises(InvalidInput) as refusal:
            do(actor, AddAddendum(house.child, note, addendum, text))
        assert code_of(refusal) == "/id id-taken"
    assert len(house.services.doors.ask(house.ot, ReadNote(house.child, note)).note.addenda) == 1


def test_a_note_links_to_what_its_author_may_read_only(house: House):
    do = house.services.doors.execute
    shared, hidden = house.note(house.ot), house.note(house.psychologist, audience="own-discipline")
    elsewhere = house.note(house.ot, case_id=house.open_case("Zag"))
    note = house.note(house.slt, linked=(shared,))
    assert house.services.doors.ask(house.ot, ReadNote(house.child, note)).linked_from == [str(shared)]
    for linked in (hidden, elsewhere, uuid4()):
        with pytest.raises(InvalidInput) as refusal:
            do(house.slt, SignNote(house.child, uuid4(), content(house, linked=(shared, linked))))
        assert code_of(refusal) == "/linked/1 no-such-note"


def test_another_childs_note_does_not_exist_here(house: House):
    note = house.note(house.ot, case_id=house.open_case("Zag"))
    for wish in (
        AddAddendum(house.child, note, uuid4(), "x"),
        AmendNote(house.child, note, 1, {"text": "x"}, "x"),
        EnterNoteInError(house.child, note, "x"),
        ChangeNoteAudience(house.child, note, "own-discipline"),
    ):
        with pytest.raises(NotFound, match="no-such-note"):
            house.services.doors.execute(house.ot, wish)
    with pytest.raises(NotFound, match="no-such-note"):
        house.services.doors.ask(house.ot, ReadNote(house.child, note))


# ---- drafts ------------------------------------------------------------------------------------------------------


def save(house: House, actor: Any, draft: UUID, revision: int | None = None, **more: Any) -> Receipt:
    body = {"text": "half a sent", **more}
    return house.services.doors.execute(actor, SaveDraft(house.child, draft, "note", body, revision))


def test_a_draft_is_kept_whatever_it_holds_and_for_its_author_alone(house: House):
    draft, ask = uuid4(), house.services.doors.ask
    assert save(house, house.ot, draft, 0, observed_from="not a time", odd="\x00\u2028").version == 1
    assert ask(house.ot, ReadDraft(house.child, draft))["body"]["odd"] == "\x00\u2028"
    assert ask(house.ot, ReadNote(house.child, draft)).draft.revision == 1
    for other in (house.slt, house.lead, house.teacher):
        for question in (ReadDraft(house.child, draft), ReadNote(house.child, draft)):
            with pytest.raises(NotFound):
                ask(other, question)
        with pytest.raises(NotFound):
            save(house, other, draft)
        with pytest.raises(NotFound):
            house.services.doors.execute(other, DiscardDraft(house.child, draft))
    assert ask(house.slt, ReadCaseload()).drafts == []
    assert [d["id"] for d in ask(house.ot, ReadCaseload()).drafts] == [draft]


def test_a_draft_saved_in_another_tab_is_stale_in_this_one(house: House):
    draft = uuid4()
    assert [save(house, house.ot, draft, n).version for n in (0, 1, 2)] == [1, 2, 3]
    with pytest.raises(Stale) as refusal:
        save(house, house.ot, draft, 2)
    assert refusal.value.current_version == 3
    assert save(house, house.ot, draft, None, last="wins").version == 4
    assert house.services.doors.ask(house.ot, ReadDraft(house.child, draft))["body"]["last"] == "wins"


@pytest.mark.parametrize(
    ("kind", "body", "problem"),
    [
        ("poem", {}, "/kind unknown-choice"),
        ("note", {"text": "\ud800"}, " broken-characters"),
        ("note", {"text": "x" * 200_001}, " too-long"),
    ],
)
def test_a_draft_that_cannot_be_kept_is_refused(house: House, kind: str, body: Any, problem: str):
    with pytest.raises(InvalidInput) as refusal:
        house.services.doors.execute(house.ot, SaveDraft(house.child, uuid4(), kind, body))
    assert code_of(refusal) == problem


def test_two_first_saves_at_once_are_both_answered(house: House):
    draft, start, answers = uuid4(), threading.Barrier(6), list[int]()

    def first_save() -> None:
        start.wait()
        answers.append(save(house, house.ot, draft).version)

    threads = [threading.Thread(target=first_save) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [1, 2, 3, 4, 5, 6]


def test_signing_uses_up_the_draft_and_takes_the_time_it_was_begun(house: House):
    draft = uuid4()
    save(house, house.ot, draft)
    begun = house.clock.now
    house.clock.turn(minutes=50)
    save(house, house.ot, draft)
    house.clock.turn(minutes=10)
    house.services.doors.execute(house.ot, SignNote(house.child, draft, content(house)))
    note = house.services.doors.ask(house.ot, ReadNote(house.child, draft)).note
    assert (note.recorded_at, note.signed_at, note.received_at) == (begun, house.clock.now, house.clock.now)
    with pytest.raises(NotFound, match="no-such-draft"):
        house.services.doors.ask(house.ot, ReadDraft(house.child, draft))
    with pytest.raises(Conflict, match="already-signed"):
        save(house, house.ot, draft)


def test_a_note_that_is_refused_keeps_its_draft(house: House):
    draft = uuid4()
    save(house, house.ot, draft)
    with pytest.raises(InvalidInput):
        house.services.doors.execute(house.ot, SignNote(house.child, draft, content(house, "")))
    assert house.services.doors.ask(house.ot, ReadDraft(house.child, draft))["body"]["text"] == "half a sent"


def test_a_draft_thrown_away_is_gone(house: House):
    draft = uuid4()
    save(house, house.ot, draft)
    house.services.doors.execute(house.ot, DiscardDraft(house.child, draft))
    for wish in (ReadDraft(house.child, draft),):
        with pytest.raises(NotFound):
            house.services.doors.ask(house.ot, wish)


# ---- what the note's page offers is what the door lets through --------------------------------------------------


def test_what_a_note_offers_is_what_can_be_done(house: House):
    notes = [
        house.note(author, audience=audience)
        for author in (house.ot, house.student, house.psychologist)
        for audience in ("care-team", "own-discipline")
    ]
    house.services.doors.execute(house.student, EnterNoteInError(house.child, notes[3], "wrong"))
    for actor in (house.ot, house.slt, house.student, house.psychologist, house.lead):
        for note in notes:
            try:
                may = house.services.doors.ask(actor, ReadNote(house.child, note)).may
            except NotFound:
                continue
            tries = {
                "AddAddendum": AddAddendum(house.child, note, uuid4(), ""),
                "AmendNote": AmendNote(house.child, note, -1, {}, ""),
                "EnterNoteInError": EnterNoteInError(house.child, note, "", -1),
                "ChangeNoteAudience": ChangeNoteAudience(house.child, note, "own-discipline", -1),
                "CosignNote": CosignNote(house.child, note, -1),
            }
            for name, command in tries.items():
                with pytest.raises(DomainError) as refusal:
                    house.services.doors.execute(actor, command)
                possible = not isinstance(refusal.value, NotPermitted | Conflict)
                if name == "ChangeNoteAudience" and actor is house.lead and note != notes[0]:
                    continue  # the lead may narrow, and nothing is narrower than a discipline of one's own
                assert (name in may) is possible, (name, actor.name, refusal.value)


def test_a_text_that_was_corrected_before_the_school_could_read_it_stays_with_the_care_team(house: House):
    do, ask = house.services.doors.execute, house.services.doors.ask
    note = house.note(house.ot, "The parents separate. Tied one.")
    do(house.ot, AmendNote(house.child, note, 1, {"text": "Tied one."}, "of the parents no word"))
    do(house.ot, ChangeNoteAudience(house.child, note, "care-team-and-school", 2))
    told = ask(house.teacher, ReadNote(house.child, note)).note
    assert [(t.number, t.sections["text"], t.reason) for t in told.texts] == [(2, "Tied one.", "")]
    (entry,) = [i for i in ask(house.teacher, ReadTimeline(house.child)).items if i["entry_id"] == note]
    assert "parents" not in repr(entry)

    do(house.ot, AmendNote(house.child, note, 3, {"text": "Tied two."}, "counted again"))
    told = ask(house.teacher, ReadNote(house.child, note)).note
    assert [(t.number, t.sections["text"], t.reason) for t in told.texts] == [
        (2, "Tied one.", ""),
        (3, "Tied two.", "counted again"),
    ]
    assert len(ask(house.slt, ReadNote(house.child, note)).note.texts) == 3
    page = house.browser_of(house.teacher).get(f"/children/{house.child}/notes/{note}").text
    assert "Version 2" in page
    assert "as first signed" not in page


def test_the_school_gets_nothing_that_a_student_added_until_it_is_attested(house: House):
    do, ask = house.services.doors.execute, house.services.doors.ask
    notes = [house.note(who, audience="care-team-and-school") for who in (house.ot, house.student)]
    for note in notes:
        do(house.student, AddAddendum(house.child, note, uuid4(), "Perhaps a squint."))
    do(house.ot, CosignNote(house.child, notes[1], 2))

    def told(who: Any, text: str = "") -> dict[UUID, list[str]]:
        items = ask(who, ReadTimeline(house.child, TimelineFilter(text=text, kind="note"))).items
        found = {i["entry_id"]: [a["text"] for a in i["addenda"]] for i in items}
        for note, addenda in found.items():
            assert [a.text for a in ask(who, ReadNote(house.child, note)).note.addenda] == addenda
        return found

    assert told(house.teacher) == {notes[0]: [], notes[1]: ["Perhaps a squint."]}
    assert told(house.teacher, "squint").keys() == {notes[1]}, "nor learns it by searching"
    assert told(house.slt) == told(house.slt, "tied squint") == {note: ["Perhaps a squint."] for note in notes}
    as_the_teacher = ask(house.lead, ReadTimelineAs(house.child, house.teacher.person_id)).items
    assert [i["addenda"] for i in as_the_teacher if i["entry_id"] == notes[0]] == [[]]
