"""Views follow the record, whoever else does so at the same time; to the first event they cannot show, no further."""

import logging
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from sqlalchemy import Column, Integer, Table, Text, event, select, update

from coord.application.case.commands import RemoveFromTeam
from coord.application.goals import commands as g
from coord.application.goals import questions as r
from coord.application.groups.commands import CorrectSession
from coord.application.groups.questions import ReadGroups
from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import AddAddendum, AmendNote, ChangeNoteAudience, EnterNoteInError
from coord.application.notes.questions import ReadNote
from coord.application.summary.commands import RecallSummary
from coord.application.summary.questions import ReadSummary
from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from coord.domain.case import GoalContent, NoteSigned, ObservationContent
from coord.domain.errors import NotFound
from coord.persistence import Stores, open_stores
from coord.projections import ALL_VIEWS, Views
from coord.projections.engine import View, Writer, handles, state_table
from tests.aims import copm, strategy, tried
from tests.group_story import Group
from tests.house import House, answered


class Fragile(View):
    """Shows the text of every note, and stumbles over some."""

    NAME = "fragile"
    stumbles_over: ClassVar[str] = "secret stone"

    def build_tables(self) -> None:
        self.texts = Table(
            self.name("fragile"), self.metadata, Column("position", Integer, primary_key=True), Column("text", Text)
        )

    @handles(NoteSigned)
    def signed(self, writer: Writer, note: NoteSigned, position: int) -> None:
        text = note.sections["text"]
        if self.stumbles_over and self.stumbles_over in text:
            raise ValueError(f"cannot show {text}")
        writer.insert(self.texts, {"position": position, "text": text})


def shown_by(stores: Stores, generation: int = 1) -> list[str]:
    with stores.views.connect() as connection:
        return list(connection.execute(select(Fragile(generation).texts.c.text)).scalars())


def states(views: Views) -> dict[str, Any]:
    return {s.view: s for s in views.states()}


def test_a_view_that_cannot_show_an_event_stops_there_alone_and_a_rebuild_heals_it(
    house: House, stores: Stores, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    views = Views(stores.views, house.services.record, (*ALL_VIEWS, Fragile))
    views.create()
    for text in ("one", "two", "the secret stone", "three"):
        house.note(house.ot, text)
    head = house.services.record.head()
    views.catch_up()
    stopped = states(views).pop("fragile")
    assert shown_by(stores) == ["one", "two"]
    assert (stopped.position, stopped.error_position) == (head - 2, head - 1)
    assert "case.note-signed.v1" in stopped.error
    others = [s for name, s in states(views).items() if name != "fragile"]
    assert {(s.position, s.error) for s in others} == {(head, None)}
    assert "fragile stopped at position" in caplog.text
    assert "secret stone" not in caplog.text
    with views.reading(head) as snapshot:
        assert set(snapshot.incomplete) == {"fragile"}
        assert snapshot.position == head

    house.note(house.ot, "four")
    assert views.catch_up() > 0
    assert shown_by(stores) == ["one", "two"], "it neither skips nor goes on"
    monkeypatch.setattr(Fragile, "stumbles_over", "")  # the fix is deployed
    views.catch_up()
    assert shown_by(stores) == ["one", "two"]
    views.rebuild(["fragile"], grace=0)
    assert shown_by(stores, 2) == ["one", "two", "the secret stone", "three", "four"]
    assert states(views)["fragile"].error is None


def stop(stores: Stores, view: str, at: Any) -> None:
    with stores.views.execution_options(write=True).begin() as connection:
        connection.execute(
            update(state_table).where(state_table.c.view == view).values(error="stopped", error_position=1, error_at=at)
        )


def test_a_stopped_view_is_told_with_every_answer(house: House, stores: Stores):
    house.note(house.ot)
    house.services.views.catch_up()
    stop(stores, "history", house.clock.now)
    answer = house.services.doors.ask(house.ot, ReadTimeline(house.child))
    assert answer.shown.incomplete == {"history": house.clock.now}


def test_advice_that_is_ended_while_its_view_stands_still_is_given_no_more(house: House, stores: Stores):
    do, ask = house.services.doors.execute, house.services.doors.ask
    strategy_id = uuid4()
    do(house.ot, g.OfferStrategy(house.child, strategy_id, "Give one step at a time", "school"))
    house.summary()
    assert "helps" in ask(house.teacher, ReadSummary(house.child)).statements
    stop(stores, "strategies", house.clock.now)
    do(house.ot, g.EndStrategy(house.child, strategy_id, "too slow for him"))
    assert ask(house.teacher, ReadSummary(house.child)).statements["helps"] == []


def test_who_leaves_while_the_caseload_stands_still_is_out_all_the_same(house: House, stores: Stores):
    ask = house.services.doors.ask
    ask(house.slt, ReadTimeline(house.child))
    stop(stores, "caseload", house.clock.now)
    answered(house.services.doors, house.ot, RemoveFromTeam(house.child, house.slt.person_id))
    with pytest.raises(NotFound):
        ask(house.slt, ReadTimeline(house.child))
    assert ask(house.slt, ReadCaseload()).children == []
    assert len(ask(house.ot, ReadCaseload()).children) == 1


def test_what_is_taken_from_the_school_while_the_timeline_stands_still_is_gone_all_the_same(
    house: House, stores: Stores
):
    do, ask = house.services.doors.execute, house.services.doors.ask
    taken = house.note(house.ot, audience="care-team-and-school")
    wrong = house.note(house.ot, audience="care-team-and-school")
    stays = house.note(house.ot, audience="care-team-and-school")
    ask(house.teacher, ReadTimeline(house.child))
    stop(stores, "timeline", house.clock.now)
    do(house.ot, ChangeNoteAudience(house.child, taken, "care-team"))
    do(house.ot, EnterNoteInError(house.child, wrong, "wrong child"))
    items = ask(house.teacher, ReadTimeline(house.child)).items
    assert [i["entry_id"] for i in items if i["kind"] == "note"] == [stays]


def test_what_is_taken_while_the_views_of_goals_stand_still_is_gone_all_the_same(house: House, stores: Stores):
    do, ask, goals = house.services.doors.execute, house.services.doors.ask, [uuid4() for _ in range(3)]
    review = house.clock.now.date() + timedelta(days=9)
    shared = GoalContent("Ties", ["school"], review_date=review, audience="care-team-and-school")
    for goal in goals:
        do(house.ot, g.ProposeGoal(house.child, goal, shared))
        do(house.ot, g.AgreeGoal(house.child, goal, 1, [("Mother", "guardian")]))
        house.clock.turn(minutes=1)
    seen = [uuid4(), uuid4()]
    for observation in seen:
        content = ObservationContent("school", None, "verbal", "twice")
        do(house.ot, g.ObserveGoal(house.child, goals[0], observation, content))
    ask(house.teacher, r.ReadGoals(house.child))
    stop(stores, "goals", house.clock.now)
    stop(stores, "timeline", house.clock.now)
    private = GoalContent("Private words", ["school"], review_date=review, audience="care-team")
    do(house.ot, g.ReviseGoal(house.child, goals[1], 2, private, "so"))
    do(house.ot, g.EnterGoalInError(house.child, goals[2], "wrong child"))
    do(house.ot, g.EnterObservationInError(house.child, goals[0], seen[1], "a slip"))
    answer = ask(house.teacher, r.ReadGoals(house.child, ended=True))
    assert set(answer.shown.incomplete) == {"goals", "timeline"}
    assert [(line.id, [o.id for o in line.observations]) for line in answer.goals] == [(goals[0], seen[:1])]
    for goal in goals[1:]:
        with pytest.raises(NotFound, match="no-such-goal"):
            ask(house.teacher, r.ReadGoal(house.child, goal))
    story = ask(house.teacher, r.ReadGoal(house.child, goals[0]))
    assert [o.id for o in story.observations] == seen[:1]
    told = [i for i in ask(house.teacher, ReadTimeline(house.child)).items if i["kind"] == "goal"]
    assert {(i["subject_id"], i["detail"]["what"]) for i in told} == {(goals[0], "agreed"), (goals[0], "observed")}


def test_what_is_ended_or_marked_while_its_view_stands_still_is_so_all_the_same(house: House, stores: Stores):
    do, ask = house.services.doors.execute, house.services.doors.ask
    offered, measured = strategy(house, "Sit by the window"), copm(house)
    note = house.note(house.student)
    assert [a["note_id"] for a in ask(house.ot, ReadCaseload()).awaiting] == [note]
    for view in ("strategies", "measures", "caseload"):
        stop(stores, view, house.clock.now)
    do(house.ot, g.EndStrategy(house.child, offered, "It made him cry"))
    do(house.ot, g.EnterMeasureInError(house.child, measured, "another child"))
    assert ask(house.teacher, r.ReadGoals(house.child)).strategies == []
    (ended,) = ask(house.slt, r.ReadGoals(house.child, ended=True)).strategies
    assert (ended.status, ended.ended_reason) == ("ended", "It made him cry")
    assert ask(house.slt, r.ReadMeasures(house.child)).measures == []
    assert [m.error_reason for m in ask(house.ot, r.ReadMeasures(house.child)).measures] == ["another child"]
    answered(house.services.doors, house.lead, RemoveFromTeam(house.child, house.ot.person_id))
    assert ask(house.ot, ReadCaseload()).awaiting == []


def test_what_was_told_by_mistake_is_out_of_a_timeline_that_stands_still(house: House, stores: Stores):
    do, ask, offered = house.services.doors.execute, house.services.doors.ask, strategy(house)
    slip, stands = (tried(house, offered, house.teacher, remark=words) for words in ("He cried", "He laughed"))
    assert len(ask(house.slt, ReadTimeline(house.child)).items) > 2
    stop(stores, "timeline", house.clock.now)
    do(house.teacher, g.EnterTrialInError(house.child, offered, slip, "another child"))
    told = [i for i in ask(house.slt, ReadTimeline(house.child)).items if i["detail"].get("what") == "tried"]
    assert [i["detail"]["trial"] for i in told] == [str(stands)]


def test_a_summary_recalled_while_its_view_stands_still_is_recalled_all_the_same(house: House, stores: Stores):
    do, ask = house.services.doors.execute, house.services.doors.ask
    house.summary()
    assert ask(house.teacher, ReadSummary(house.child)).statements
    stop(stores, "summary", house.clock.now)
    do(house.ot, RecallSummary(house.child, "another child's words"))
    told = ask(house.teacher, ReadSummary(house.child))
    assert (told.status, told.statements, told.contact) == ("recalled", {}, "")
    house.summary(version=1)
    assert ask(house.ot, ReadSummary(house.child)).status == "recalled"


def test_a_summary_recalled_before_its_day_while_its_view_stands_still_hides_no_other(house: House, stores: Stores):
    do, ask = house.services.doors.execute, house.services.doors.ask
    house.summary()
    house.summary(version=1, valid_in=3)
    ask(house.teacher, ReadSummary(house.child))
    stop(stores, "summary", house.clock.now)
    do(house.ot, RecallSummary(house.child, "too early", 2))
    house.clock.turn(days=3)
    told = ask(house.teacher, ReadSummary(house.child))
    assert (told.version, told.status) == (1, "published")
    assert told.statements


def test_the_school_hears_nothing_of_a_summary_recalled_before_its_day_while_the_timeline_stands_still(
    house: House, stores: Stores
):
    do, ask = house.services.doors.execute, house.services.doors.ask

    def told(who: Any) -> list[int]:
        items = ask(who, ReadTimeline(house.child)).items
        return [i["detail"]["version"] for i in items if i["kind"] == "summary"]

    house.summary()
    house.summary(version=1, valid_in=3)
    assert told(house.teacher) == [1]
    stop(stores, "timeline", house.clock.now)
    do(house.ot, RecallSummary(house.child, "another child's words", 2))
    house.clock.turn(days=3)
    assert told(house.teacher) == [1]
    assert told(house.slt) == [2, 1]


@pytest.mark.parametrize("correction", ["message", "line"])
def test_a_message_taken_back_while_the_views_stand_still_is_gone_all_the_same(
    house: House, stores: Stores, correction: str
):
    group, ask, recording = Group(house), house.services.doors.ask, uuid4()
    group.plan()
    child = group.child("Brio", teacher=house.teacher)
    group.enrol(child)
    line = group.line(child, level=None, message_school="He shared a toy.")
    group.record(line, id=recording)
    assert "shared a toy" in repr(ask(house.teacher, ReadGroups(child)))
    assert "shared a toy" in repr(ask(house.teacher, ReadTimeline(child)))
    for view in ("courses", "timeline"):
        stop(stores, view, house.clock.now)
    command = CorrectSession(group.course, 1, recording, 1, "another child", in_error=[child])
    if correction == "message":
        without = group.line(child, level=None, id=line.line_id)
        command = CorrectSession(group.course, 1, recording, 1, "not so", children=[without])
    group.do(house.ot, command)
    assert "shared a toy" not in repr(ask(house.teacher, ReadGroups(child)))
    assert "shared a toy" not in repr(ask(house.teacher, ReadTimeline(child)))


def test_what_a_timeline_that_stands_still_did_not_show_is_new_when_it_goes_on(house: House, stores: Stores):
    ask = house.services.doors.ask
    ask(house.slt, ReadTimeline(house.child))
    stop(stores, "timeline", house.clock.now)
    note = house.note(house.ot)
    assert note not in {i["entry_id"] for i in ask(house.slt, ReadTimeline(house.child)).items}
    house.services.views.rebuild(grace=0)
    (child,) = ask(house.slt, ReadCaseload()).children
    assert child["new"] == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_stops_no_view_for_good(house: House, stores: Stores):
    full = {"now": False}

    @event.listens_for(stores.views, "checkout")
    def _limit(connection: Any, *_: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages if full['now'] else 1_000_000}")

    views = Views(stores.views, house.services.record, ALL_VIEWS)
    for many in (3, 1):
        for _ in range(many):
            house.note(house.ot, "x" * 15_000)
        full["now"] = True
        with pytest.raises(Exception, match="database or disk is full"):
            views.catch_up()
        assert {s.error for s in views.states()} == {None}
        full["now"] = False
        assert views.catch_up() >= many
        assert {s.position for s in views.states()} == {house.services.record.head()}


def test_many_threads_of_two_processes_worth_apply_every_event_once(house: House, stores: Stores):
    for i in range(120):
        house.note(house.ot, f"note {i}")
    start, errors = threading.Barrier(8), []
    two = (house.services.views, Views(stores.views, house.services.record, ALL_VIEWS))

    def follow(views: Views) -> None:
        start.wait()
        try:
            views.catch_up()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=follow, args=(two[i % 2],)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert {d.rows for d in two[0].differences(two[0].rebuild(swap=False)).values()} == {0}
    assert {s.position for s in two[1].states()} == {house.services.record.head()}


FOLLOWER = """
import sys
from pathlib import Path
from coord.bootstrap import build
from coord.settings import Settings
services = build(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2] or None))
print("ready", flush=True)
sys.stdin.readline()
services.views.catch_up()
services.close()
"""


def test_two_processes_at_once_apply_every_event_once(house: House):
    for i in range(60):
        house.note(house.ot, f"note {i}")
    settings = house.services.settings
    arguments = [sys.executable, "-c", FOLLOWER, str(settings.data), settings.database_url or ""]
    followers = [
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for follower in followers:
        assert follower.stdout is not None
        assert follower.stdout.readline() == "ready\n"
    for follower in followers:
        assert follower.stdin is not None
        follower.stdin.write("\n")
        follower.stdin.flush()
    for follower in followers:
        follower.communicate()
        assert follower.returncode == 0
    views = house.services.views
    assert {s.position for s in views.states()} == {house.services.record.head()}
    assert {d.rows for d in views.differences(views.rebuild(swap=False)).values()} == {0}


def test_a_read_is_never_older_than_the_last_write_acknowledged(house: House):
    do, ask, note = house.services.doors.execute, house.services.doors.ask, house.note(house.ot)
    for i in range(10):
        note = house.note(house.ot, f"note {i}")
        position = house.services.record.head()
        answer = ask(house.slt, ReadTimeline(house.child, limit=100))
        assert answer.shown.position == position
        assert note in {i["entry_id"] for i in answer.items}
    do(house.ot, AmendNote(house.child, note, 1, {"text": "better"}, "typo"))
    items = ask(house.slt, ReadTimeline(house.child, TimelineFilter(text="better"))).items
    assert [i["entry_id"] for i in items] == [note]


def test_another_process_reads_what_this_one_wrote(house: House):
    from coord.bootstrap import build

    other = build(house.services.settings, house.clock)
    try:
        note = house.note(house.ot)
        items = other.doors.ask(house.slt, ReadTimeline(house.child)).items
        assert note in {i["entry_id"] for i in items}
        other.doors.execute(house.slt, AddAddendum(house.child, note, uuid4(), "more"))
        answer = house.services.doors.ask(house.ot, ReadNote(house.child, note))
        assert [a.text for a in answer.note.addenda] == ["more"]
    finally:
        other.close()


def test_the_log_is_quiet_while_all_goes_well(house: House, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    house.note(house.ot)
    house.services.doors.ask(house.ot, ReadTimeline(house.child))
    assert [r for r in caplog.records if r.name.startswith("coord") and r.levelno >= logging.WARNING] == []


def test_stores_can_be_opened_twice(house: House):
    again = open_stores(house.services.settings)
    Views(again.views, house.services.record, ALL_VIEWS).create()
    again.close()
    assert len(house.services.views.states()) == len(ALL_VIEWS)
