"""Every access is recorded before anything is shown; what cannot be recorded is not shown."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from coord.application.case.commands import CloseCase
from coord.application.case.questions import ExportCase, ReadCase
from coord.application.declared import Command
from coord.application.groups import commands as groups
from coord.application.groups import questions as about_groups
from coord.application.history.questions import ReadAudit, ReadHistory
from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import AmendNote, EnterNoteInError, SaveDraft
from coord.application.notes.questions import ReadDraft, ReadNote, ReadNoteReaders
from coord.application.people.commands import RegisterPerson
from coord.application.people.questions import ReadPeople
from coord.application.summary.questions import ReadSummary, ReadSummarySources
from coord.application.timeline.questions import ReadTimeline, ReadTimelineAs
from coord.domain.actors import COMMAND_LINE
from coord.domain.errors import InvalidInput, NotFound, NotPermitted, Unavailable
from coord.persistence import open_stores
from tests.group_story import a_group
from tests.house import House


def looks(house: House, after: int = 0) -> list[dict[str, Any]]:
    """The newest first."""
    return [x for x in house.services.access.page(limit=1000) if x["id"] > after]


def last(house: House) -> int:
    rows = looks(house)
    return int(rows[0]["id"]) if rows else 0


def test_every_answer_leaves_one_look_and_one_more_at_each_child_of_a_list(house: House):
    note, draft = house.note(house.ot), uuid4()
    house.services.doors.execute(house.ot, SaveDraft(house.child, draft, "note", {}))
    for question in (
        ReadCase(house.child),
        ReadTimeline(house.child),
        ReadTimeline(house.child, as_of=3),
        ReadNote(house.child, note),
        ReadNoteReaders(house.child, note),
        ReadDraft(house.child, draft),
        ReadSummary(house.child),
        ReadSummarySources(house.child),
        ReadHistory(house.child),
        ReadTimelineAs(house.child, house.teacher.person_id),
        ExportCase(house.child),
        ReadCaseload(),
        ReadAudit(),
        ReadPeople(),
    ):
        lead = type(question).__name__ in ("ReadHistory", "ReadTimelineAs", "ExportCase", "ReadAudit")
        actor = house.lead if lead else house.ot
        before = last(house)
        house.services.doors.ask(actor, question)
        *at_children, look = looks(house, before)
        # A list of children is a look at the list, and one at each child that it names.
        listed = type(question).__name__ in ("ReadCaseload", "ReadAudit")
        named = [(x["kind"], x["case_id"], x["outcome"]) for x in at_children]
        assert named == ([(type(question).__name__, house.child, "shown")] if listed else [])
        assert (look["kind"], look["outcome"], look["person_id"], look["case_id"]) == (
            type(question).__name__,
            "shown",
            actor.person_id,
            getattr(question, "case_id", None),
        )
        assert look["position"] == house.services.record.head()
        if type(question).__name__ in ("ReadTimeline", "ReadNote", "ReadSummarySources", "ExportCase") and not getattr(
            question, "as_of", None
        ):
            assert note.hex in look["entries"].split()


def test_every_refusal_leaves_exactly_one_look_and_no_answer(house: House):
    note, group = house.note(house.psychologist, audience="own-discipline"), a_group(house, 1)
    wishes: Any = (
        (house.teacher, about_groups.ReadCourse(group.course), NotFound),
        (house.psychologist, about_groups.ReadRoster(group.course), NotPermitted),
        (house.psychologist, about_groups.ReadFit(group.course, group.children[0]), NotFound),
        (house.psychologist, groups.EndCourse(group.course, "x"), NotPermitted),
        (house.psychologist, groups.EndPlace(group.course, house.child, "x"), NotPermitted),
        (house.stranger, ReadTimeline(house.child), NotFound),
        (house.stranger, ReadTimeline(uuid4()), NotFound),
        (house.admin, ReadCase(house.child), NotFound),
        (house.teacher, ReadHistory(house.child), NotPermitted),
        (house.ot, ReadNote(house.child, note), NotFound),
        (house.teacher, ReadAudit(), NotPermitted),
        (house.stranger, CloseCase(house.child, "x"), NotFound),
        (house.student, CloseCase(house.child, "x"), NotPermitted),
        (house.ot, AmendNote(house.child, note, 1, {}, ""), NotFound),
        (house.ot, RegisterPerson(uuid4(), "x", "x@y.z", house.ot.role), NotPermitted),
    )
    head = house.services.record.head()
    for actor, wish, error in wishes:
        before = last(house)
        door = house.services.doors.execute if isinstance(wish, Command) else house.services.doors.ask
        with pytest.raises(error):
            door(actor, wish)
        (look,) = looks(house, before)
        assert (look["kind"], look["outcome"]) == (type(wish).__name__, "refused")
        assert look["case_id"] == getattr(wish, "case_id", None)
        course = None if look["case_id"] else getattr(wish, "course_id", None)  # a child's history leads to no course
        assert look["detail"].get("course") == (str(course) if course else None)
        assert look["entries"] == ""
    assert house.services.record.head() == head


def test_a_question_that_makes_no_sense_shows_nothing_and_leaves_no_look(house: House):
    house.note(house.ot)
    before = last(house)
    with pytest.raises(InvalidInput):
        house.services.doors.ask(house.ot, ReadTimeline(house.child, limit=0))
    assert looks(house, before) == []


def break_the_log(house: House) -> None:
    """The access log refuses every row from now on."""
    stores = open_stores(house.services.settings)
    with stores.access.execution_options(write=True).begin() as connection:
        if stores.kind == "sqlite":
            connection.execute(
                text("CREATE TRIGGER broken BEFORE INSERT ON looks BEGIN SELECT RAISE(ABORT, 'disk on fire'); END")
            )
        else:
            connection.execute(text("ALTER TABLE looks ADD CONSTRAINT broken CHECK (id < 0) NOT VALID"))
    stores.close()


def test_what_cannot_be_recorded_is_not_shown(house: House, caplog: pytest.LogCaptureFixture):
    note = house.note(house.ot, "secret words")
    house.services.doors.ask(house.ot, ReadTimeline(house.child))
    before = last(house)
    break_the_log(house)
    for actor, question in (
        (house.ot, ReadTimeline(house.child)),
        (house.ot, ReadNote(house.child, note)),
        (house.ot, ReadCaseload()),
        (house.lead, ReadHistory(house.child)),
        (house.stranger, ReadCase(house.child)),  # a refusal has to be recorded as well
        (COMMAND_LINE, ExportCase(house.child)),
    ):
        with pytest.raises(Unavailable, match="access-not-recorded"):
            house.services.doors.ask(actor, question)
    assert looks(house, before) == []
    assert "secret words" not in caplog.text


def test_writing_goes_on_while_the_access_log_is_broken(house: House):
    house.note(house.ot)
    break_the_log(house)
    head = house.services.record.head()
    house.note(house.ot)
    assert house.services.record.head() == head + 1


def test_who_read_a_note_is_known_also_after_it_was_entered_in_error(house: House):
    ask = house.services.doors.ask
    note = house.note(house.ot)
    ask(house.slt, ReadTimeline(house.child))
    house.clock.turn(minutes=5)
    ask(house.slt, ReadNote(house.child, note))
    ask(house.psychologist, ReadSummary(house.child))  # shows no text of it
    ask(house.teacher, ReadTimeline(house.child))  # nor this: it is not for the school
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, note, "wrong child"))
    for actor in (house.ot, house.lead):
        readers = ask(actor, ReadNoteReaders(house.child, note)).readers
        found = {r["person_name"]: (r["times"], r["last"] - r["first"]) for r in readers}
        assert found == {house.slt.name: (2, timedelta(minutes=5))}
    with pytest.raises(NotFound):
        ask(house.slt, ReadNoteReaders(house.child, note))
