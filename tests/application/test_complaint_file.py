"""What stands in a complaint file: the record of one moment, for one reader, with every look; and never more."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import RemoveFromTeam
from coord.application.complaint_file.questions import (
    AskForComplaintFile,
    Chapter,
    Extent,
    Held,
    ReadForComplaintFile,
    TakeComplaintFile,
    Wanted,
)
from coord.application.goals import commands as g
from coord.application.notes.commands import AddAddendum, AmendNote, ChangeNoteAudience, EnterNoteInError
from coord.application.notes.questions import ReadNote
from coord.domain.actors import Actor
from coord.domain.case import GoalContent
from coord.domain.errors import InvalidInput, NotFound, NotPermitted
from tests.aims import goal, seen
from tests.group_story import Group
from tests.house import House, answered


def asked(house: House, reader: Actor | None = None, **more: Any) -> Extent:
    question = AskForComplaintFile(house.child, "The parents complained", reader.person_id if reader else None, **more)
    wanted: Wanted = house.services.doors.ask(house.lead, question)
    return replace(wanted.extent, asked_at=house.clock.now)


def rows(house: House, extent: Extent, chapter: Chapter, limit: int = 3) -> list[Any]:
    """All of a chapter, by small pages."""
    found: list[Any] = []
    cursor = ""
    while True:
        answer = house.services.doors.ask(house.lead, ReadForComplaintFile(house.child, extent, chapter, cursor, limit))
        found += answer.rows
        if not answer.next:
            return found
        cursor = answer.next


def everything(house: House, extent: Extent) -> str:
    return "".join(str(rows(house, extent, chapter)) for chapter in Chapter)


def last_look(house: House) -> dict[str, Any]:
    return house.services.access.page(case_id=house.child, limit=1)[0]


def test_asking_is_in_the_history_with_its_reason_reader_and_position_before_anything_is_made(house: House):
    house.note(house.ot)
    extent = asked(house, house.slt)
    look = last_look(house)
    assert (look["kind"], look["purpose"], look["outcome"]) == ("AskForComplaintFile", "export", "shown")
    assert look["detail"] == {
        "reason": "The parents complained",
        "reader": str(house.slt.person_id),
        "as_of": extent.position,
    }


def refused(house: House, reader: Actor | None = None, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as found:
        asked(house, reader, **more)
    return [(problem.pointer, problem.code) for problem in found.value.problems]


def test_it_needs_a_reason(house: House):
    with pytest.raises(InvalidInput) as found:
        house.services.doors.ask(house.lead, AskForComplaintFile(house.child, " "))
    assert [(problem.pointer, problem.code) for problem in found.value.problems] == [("/reason", "missing")]


def test_it_is_for_somebody_who_could_read_the_record_then(house: House):
    _ = house.child
    on_the_team = house.clock.turn(days=1)
    house.clock.turn(days=1)
    house.services.doors.execute(house.lead, RemoveFromTeam(house.child, house.student.person_id))
    house.clock.turn(days=1)
    assert refused(house, house.student) == [("/reader", "could-not-read")]
    assert asked(house, house.student, as_of=on_the_team).reader == house.student.person_id
    assert refused(house, house.stranger) == [("/reader", "no-such-person")]


def test_it_is_of_a_moment_that_was_and_in_which_the_record_had_begun(house: House):
    _ = house.child
    now = house.clock.now
    assert refused(house, as_of=now - timedelta(days=1)) == [("/as_of", "before-the-record")]
    assert refused(house, as_of=now + timedelta(minutes=1)) == [("/as_of", "in-the-future")]
    assert refused(house, as_of=now.replace(tzinfo=None)) == [("/as_of", "no-time-zone")]


@pytest.mark.parametrize("who", ["ot", "teacher", "student", "admin", "stranger"])
def test_nobody_but_the_lead_asks_reads_or_takes(house: House, who: str):
    extent, person = asked(house), getattr(house, who)
    for question in (
        AskForComplaintFile(house.child, "I want it"),
        ReadForComplaintFile(house.child, extent, Chapter.LOOKS),
        TakeComplaintFile(house.child, uuid4(), extent, "pdf", Held(extent.position, None, frozenset())),
    ):
        with pytest.raises((NotPermitted, NotFound)):
            house.services.doors.ask(person, question)


def test_the_words_are_those_of_the_day_and_later_ones_are_not_in_it(house: House):
    note = house.note(house.ot, "Cried at the door.")
    day = house.clock.turn(hours=1)
    house.clock.turn(days=3)
    house.services.doors.execute(house.ot, AmendNote(house.child, note, 1, {"text": "Smiled at the door."}, "Mixed up"))
    house.note(house.slt, "Written afterwards.")
    then = everything(house, asked(house, as_of=day))
    assert "Cried at the door." in then
    assert not any(words in then for words in ("Smiled at the door.", "Written afterwards.", "Mixed up"))

    now = asked(house)
    (entry,) = (row for row in rows(house, now, Chapter.ENTRIES) if row["entry_id"] == note)
    assert entry["sections"] == {"text": "Smiled at the door."}
    (change,) = (row for row in rows(house, now, Chapter.CHANGES) if row["kind"] == "case.note-amended")
    assert (change["before"], change["after"]) == ({"text": "Cried at the door."}, {"text": "Smiled at the door."})
    assert change["detail"]["reason"] == "Mixed up"


def test_a_readers_file_has_nothing_that_this_reader_could_not_read(house: House):
    house.note(house.ot, "For the whole team.")
    narrow = house.note(house.psychologist, "For psychology alone.", audience="own-discipline")
    taken = house.note(house.ot, "Once for all.")
    house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, taken, "own-discipline"))
    extent = asked(house, house.slt)
    told = everything(house, extent)
    assert "For the whole team." in told
    assert "For psychology alone." not in told
    assert "Once for all." not in told
    about = {row["entry_id"] for row in rows(house, extent, Chapter.CHANGES)}
    assert not about & {narrow, taken}


def test_without_a_stated_reader_what_is_withheld_is_named_without_its_words(house: House):
    narrow = house.note(house.psychologist, "For psychology alone.", audience="own-discipline")
    house.services.doors.execute(
        house.psychologist, AmendNote(house.child, narrow, 1, {"text": "For psychology, still."}, "A slip")
    )
    extent = asked(house)
    assert "For psychology" not in everything(house, extent)
    kinds = {row["kind"]: row["withheld"] for row in rows(house, extent, Chapter.CHANGES) if row["entry_id"] == narrow}
    assert kinds == {"case.note-signed": False, "case.note-amended": True}


def test_nobodys_eyes_are_borrowed_to_read_more(house: House):
    house.note(house.psychologist, "For psychology alone.", audience="own-discipline")
    assert "For psychology alone." not in everything(house, asked(house, house.psychologist))


def test_an_addendum_that_is_for_fewer_than_its_note_is_in_no_file_of_theirs(house: House):
    note = house.note(house.ot, "For the team, then for the school.")
    house.services.doors.execute(house.slt, AddAddendum(house.child, note, uuid4(), "Not for the school."))
    house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, note, "care-team-and-school"))
    extent = asked(house, house.teacher)
    told = everything(house, extent)
    assert "then for the school" in told
    assert "Not for the school." not in told
    assert "case.note-addendum-added" not in {row["kind"] for row in rows(house, extent, Chapter.CHANGES)}
    assert "Not for the school." in everything(house, asked(house, house.psychologist))


def test_the_schools_reader_has_the_schools_words_alone(house: House):
    goal(house, "Zig asks for a break with a card.", scale={"importance": 3, "difficulty": 2}, baseline="Runs away")
    note = house.note(house.ot, "Before the school could read.", audience="care-team")
    house.services.doors.execute(
        house.ot, AmendNote(house.child, note, 1, {"text": "For the school."}, "An inner reason")
    )
    house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, note, "care-team-and-school"))
    house.summary()
    extent = asked(house, house.teacher)
    told = "".join(str(rows(house, extent, chapter)) for chapter in Chapter if chapter is not Chapter.LOOKS)
    assert "Zig asks for a break with a card." in told
    assert "For the school." in told
    assert "Loves trains" in told
    for unsaid in (
        "Before the school could read.",
        "An inner reason",
        "Runs away",
        "Zig Zander",
        "Sol Berg",
        "Mia, mother",
    ):
        assert unsaid not in told, unsaid


def test_what_was_entered_in_error_is_in_the_leads_file_and_in_no_readers(house: House):
    note = house.note(house.ot, "Of another child.")
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, note, "Wrong child"))
    assert "Of another child." in everything(house, asked(house))
    assert "Of another child." not in everything(house, asked(house, house.slt))


def test_every_look_is_named_until_the_file_was_asked_for_and_the_asking_too(house: House):
    note = house.note(house.ot)
    for reader in (house.slt, house.psychologist, house.teacher, house.lead) * 3:
        house.clock.turn(minutes=1)
        with_words = ReadNote(house.child, note)
        try:
            house.services.doors.ask(reader, with_words)
        except NotFound:
            assert reader is house.teacher  # a refusal is told as well
    extent = asked(house)
    before = house.services.access.page(case_id=house.child, limit=1000)
    house.clock.turn(minutes=1)
    house.services.doors.ask(house.slt, ReadNote(house.child, note))
    found = rows(house, extent, Chapter.LOOKS)
    assert [(row["number"], row["person_name"], row["at"]) for row in found] == [
        (look["id"], look["person_name"], look["at"]) for look in before
    ]
    assert found[0]["kind"] == "AskForComplaintFile"
    assert {row["outcome"] for row in found} == {"shown", "refused"}
    read = next(row for row in found if row["kind"] == "ReadNote" and row["person"] == house.slt.person_id)
    assert read["entry"]["sections"] == {"text": "Tied the laces twice."}


def looked_at(house: House) -> None:
    """Everybody reads the note of the OT; the school cannot."""
    note = house.note(house.ot)
    for reader in (house.slt, house.lead, house.teacher, house.psychologist):
        house.clock.turn(minutes=1)
        with suppress(NotFound):
            house.services.doors.ask(reader, ReadNote(house.child, note))


@pytest.mark.parametrize("who", ["slt", "teacher", "student"])
def test_a_readers_file_names_no_looks_but_their_own_for_they_could_have_seen_no_others(house: House, who: str):
    looked_at(house)
    reader = getattr(house, who)
    found = rows(house, asked(house, reader), Chapter.LOOKS)
    own = house.services.access.page(case_id=house.child, person=reader.person_id, limit=100)
    assert [row["number"] for row in found] == [look["id"] for look in own]
    for row in found:
        assert row["person"] == reader.person_id
        assert (row["entry"], row["entry_id"], row["detail"]) == (None, None, {})


def test_the_file_of_a_reader_who_led_the_service_team_says_who_looked_and_not_at_what(house: House):
    looked_at(house)
    found = rows(house, asked(house, house.lead), Chapter.LOOKS)
    assert {"Sol Berg", "Tove Dahl", "Pia Holm"} <= {row["person_name"] for row in found}
    assert {(row["entry"], row["entry_id"], len(row["detail"])) for row in found} == {(None, None, 0)}


def test_the_schools_reader_is_told_of_changes_what_its_pages_tell(house: House):
    aim = goal(house, "Zig asks for a break with a card.")
    seen(house, aim, house.slt, "therapy", 0)
    seen(house, aim, house.teacher, "school", 1)
    note = house.note(house.ot, "For the school.", audience="care-team-and-school")
    change = AmendNote(house.child, note, 1, {"text": "For the school, too."}, "A slip")
    house.services.doors.execute(house.ot, change)
    for audience in ("care-team", "care-team-and-school"):
        house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, note, audience))
    told = rows(house, asked(house, house.teacher), Chapter.CHANGES)
    kinds = {(row["kind"], row["person_name"]) for row in told}
    assert {("case.note-signed", "Ada Lind"), ("case.note-amended", "Ada Lind")} <= kinds
    assert ("case.goal-observed", "Tove Dahl") in kinds
    assert not {kind for kind, name in kinds if name != "Tove Dahl"} & {
        *("case.note-audience-changed", "case.goal-observed", "case.goal-agreed", "case.goal-revised")
    }
    assert "Sol Berg" not in str(told)


def test_each_part_that_is_read_leaves_a_look_with_the_entries_whose_words_were_in_it(house: House):
    notes = [house.note(house.ot, f"Number {n}.") for n in range(4)]
    extent = asked(house)
    rows(house, extent, Chapter.ENTRIES, limit=2)
    looks = [x for x in house.services.access.page(case_id=house.child) if x["kind"] == "ReadForComplaintFile"]
    shown = [UUID(hex=one) for look in looks for one in look["entries"].split()]
    assert set(notes) <= set(shown)
    assert {look["detail"]["chapter"] for look in looks} == {"entries"}


def test_goals_are_told_as_they_stood_then(house: House):
    kept = goal(house, "Zig asks for a break with a card.")
    seen(house, kept, house.teacher, "school", 0)
    day = house.clock.turn(hours=1)
    house.clock.turn(days=2)
    goal(house, "Zig ties both laces.")
    (then,) = rows(house, asked(house, as_of=day), Chapter.GOALS)
    assert then["versions"][-1].content["statement"] == "Zig asks for a break with a card."
    assert len(rows(house, asked(house), Chapter.GOALS)) == 2


def test_the_care_team_is_that_of_the_day_with_its_stays(house: House):
    _ = house.child
    day = house.clock.turn(days=5)
    house.clock.turn(minutes=1)
    house.services.doors.execute(house.lead, RemoveFromTeam(house.child, house.slt.person_id))
    then = {
        row["name"]: row["until"]
        for row in rows(house, asked(house, as_of=day), Chapter.CHILD)
        if row["what"] == "stay"
    }
    now = {row["name"]: row["until"] for row in rows(house, asked(house), Chapter.CHILD) if row["what"] == "stay"}
    assert then["Sol Berg"] is None
    assert now["Sol Berg"] is not None


# ---- what leaves -------------------------------------------------------------------------------------------------


def made(house: House, reader: Actor | None) -> TakeComplaintFile:
    """What is asked when a file leaves that has just been made."""
    extent, sent = asked(house, reader), house.services.doors
    parts = [sent.ask(house.lead, ReadForComplaintFile(house.child, extent, chapter, "", 500)) for chapter in Chapter]
    assert not any(part.next for part in parts)
    held = Held(house.services.record.head(), None, frozenset().union(*(part.holds for part in parts)))
    return TakeComplaintFile(house.child, uuid4(), extent, "pdf", held)


def leaves(house: House, file: TakeComplaintFile) -> bool:
    try:
        house.services.doors.ask(house.lead, file)
    except NotFound as problem:
        if problem.code != "complaint-file-withdrawn":
            raise
        return False
    return True


def otherwise(house: House, goal_id: UUID, audience: str) -> None:
    """The goal in other words."""
    due = house.clock.now.date() + timedelta(days=80)
    content = GoalContent("Zig asks aloud.", ["school"], review_date=due, audience=audience)
    version = house.services.record.goal(house.child, goal_id).version
    answered(house.services.doors, house.ot, g.ReviseGoal(house.child, goal_id, version, content, "She grew"))


WHILE_IT_WAITS: dict[str, Any] = {
    "rated by a student": lambda house, aim: seen(house, aim, house.student, "school", 0),
    "rated in therapy": lambda house, aim: seen(house, aim, house.ot, "therapy", 0),
    "in other words, still shared": lambda house, aim: otherwise(house, aim, "care-team-and-school"),
}


@pytest.mark.parametrize("what", WHILE_IT_WAITS)
def test_a_step_of_a_shared_goal_that_is_not_for_the_school_takes_nothing_from_its_file(house: House, what: str):
    aim = goal(house)
    file = made(house, house.teacher)
    assert file.held is not None
    assert aim in file.held.entries
    WHILE_IT_WAITS[what](house, aim)
    assert leaves(house, file)


def test_a_rating_in_a_group_session_takes_nothing_from_the_schools_file(house: House):
    house.child, house.lead  # noqa: B018 - made now
    group = Group(house)
    group.plan()
    case = group.child("Brio", teacher=house.teacher)
    group.enrol(case)
    house.child = case
    file = made(house, house.teacher)
    assert file.held is not None
    assert group.goals[case] in file.held.entries
    group.record()
    assert leaves(house, file)


@pytest.mark.parametrize("audience", ["care-team", "own-discipline"])
@pytest.mark.parametrize("steps", [True, False], ids=["with steps in it", "without"])
def test_a_goal_that_was_kept_from_its_reader_since_withdraws_it(house: House, audience: str, steps: bool):
    # Agreed to before it was for the school, no step of it is the school's to read: the goal is.
    aim = goal(house, audience="care-team-and-school" if steps else "care-team")
    otherwise(house, aim, "care-team-and-school")
    file = made(house, house.teacher)
    assert file.held is not None
    assert aim in file.held.entries
    otherwise(house, aim, audience)
    assert not leaves(house, file)
    otherwise(house, aim, "care-team-and-school")
    assert not leaves(house, file), "for a while it was not theirs"


def test_a_goal_that_is_kept_for_its_discipline_since_withdraws_the_leads_own_file(house: House):
    aim = goal(house)
    file = made(house, None)
    otherwise(house, aim, "own-discipline")
    assert not leaves(house, file)


@pytest.mark.parametrize("steps", [True, False], ids=["with steps in it", "without"])
def test_a_goal_that_was_a_mistake_withdraws_a_stated_readers_file_alone(house: House, steps: bool):
    aim = goal(house, audience="care-team-and-school" if steps else "care-team")
    otherwise(house, aim, "care-team-and-school")
    for_school, for_lead = made(house, house.teacher), made(house, None)
    house.services.doors.execute(house.ot, g.EnterGoalInError(house.child, aim, "Of another child"))
    assert not leaves(house, for_school)
    assert leaves(house, for_lead)
