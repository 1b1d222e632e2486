"""The record as it was known: what one was shown then, less what is not for one's eyes any more."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import AddToTeam, ChangeOnTeam
from coord.application.case.questions import ReadCase
from coord.application.goals import commands as g
from coord.application.goals import questions as r
from coord.application.groups.commands import CorrectSession
from coord.application.notes.commands import AmendNote, ChangeNoteAudience, CosignNote, EnterNoteInError
from coord.application.notes.questions import ReadNote
from coord.application.rights import goal_readable, readable
from coord.application.timeline.questions import ReadTimeline, ReadTimelineAs, TimelineFilter
from coord.domain.actors import Discipline, Relation, Role
from coord.domain.case import Goal, GoalContent, Note, ObservationContent
from coord.domain.errors import DomainError, NotFound
from tests.group_story import Group
from tests.house import House
from tests.projections.life import Life


def shown(house: House, who: Any, child: UUID, as_of: int | datetime | None = None) -> list[dict[str, Any]]:
    cursor, items = "", list[dict[str, Any]]()
    while True:
        answer = house.services.doors.ask(who, ReadTimeline(child, as_of=as_of, cursor=cursor, limit=100))
        items += [{k: v for k, v in i.items() if k != "to_position"} for i in answer.items]
        cursor = answer.next
        if not cursor:
            return items


def may_still_read(house: House, who: Any, child: UUID, item: dict[str, Any]) -> bool:
    if item["kind"] in ("goal", "measure") and item["subject_id"] is not None:
        return may_still_read_about(house, who, child, item)
    if item["kind"] in ("group", "message") and item["subject_id"] is not None:
        line = house.services.record.line(child, item["subject_id"])
        texts: Any = line.versions[-1].line
        return not line.error and (item["kind"] == "group" or bool(texts[item["detail"]["what"]]))
    if item["kind"] != "note":
        return True
    try:
        note = house.services.doors.ask(who, ReadNote(child, item["entry_id"])).note
    except DomainError:
        return False
    return bool(note.status != "entered-in-error")


def may_still_read_about(house: House, who: Any, child: UUID, item: dict[str, Any]) -> bool:
    """By the goal's or measure's own page, not by the timeline."""
    if item["kind"] == "measure":
        measures = house.services.doors.ask(house.lead, r.ReadMeasures(child)).measures
        return not next(m for m in measures if m.id == item["subject_id"]).error_reason
    record = house.services.record.goal(child, item["subject_id"])
    wrong = {str(o.id) for o in record.observations if o.error}
    if record.status == "entered-in-error" or item["detail"].get("observation") in wrong:
        return False
    if item["author_id"] == who.person_id:
        return True
    try:
        goal = house.services.doors.ask(who, r.ReadGoal(child, item["subject_id"])).goal
    except DomainError:
        return False
    if who.role is not Role.TEACHER:
        return True
    observed = item["detail"].get("observation")
    return observed is None or observed in {str(o.id) for o in goal.observations}


def ever_since(house: House, who: Any, child: UUID, item: dict[str, Any], position: int) -> bool:
    """Whether nobody has taken what it is about from this reader after ``position``, to give it back later."""
    if item["kind"] not in ("note", "goal") or item["author_id"] == who.person_id or who.role is Role.TEACHER:
        return True
    relationship = house.services.doors.ask(who, ReadCase(child)).relationship
    about = item["entry_id"] if item["kind"] == "note" else item["subject_id"]
    told = house.services.record.entry_history(about)
    for i, recorded in enumerate(told, 1):
        if recorded.position <= position:
            continue
        events = [r.event for r in told[:i]]
        if item["kind"] == "note":
            note = Note.from_events(events)
            allowed = note is not None and readable(who, relationship, note)
        else:
            goal = Goal.from_events(events)
            allowed = goal is not None and goal_readable(who, relationship, goal)
        if not allowed:
            return False
    return True


def test_as_of_shows_what_was_shown_then(house: House):
    life, readers = Life(house, 12), (house.ot, house.teacher, house.lead, house.student)
    then: list[tuple[Any, int, datetime, list[dict[str, Any]]]] = []
    mistaken = house.note(house.ot)  # whatever else chance brings: something that could be read, and can no longer be
    for step in life.live(160):
        if step == 30:
            house.services.doors.execute(house.ot, EnterNoteInError(house.child, mistaken, "another child"))
        if step % 20 == 19:
            position = house.services.record.head()
            then += [(who, position, house.clock.now, shown(house, who, house.child)) for who in readers]
            house.clock.turn(seconds=1)
    compared, still = 0, dict[tuple[UUID, UUID], bool]()
    for who, position, time, items in then:
        for item in items:
            key = (who.person_id, item["entry_id"])
            if key not in still:
                still[key] = may_still_read(house, who, house.child, item)
        expected = [
            i for i in items if still[who.person_id, i["entry_id"]] and ever_since(house, who, house.child, i, position)
        ]
        assert shown(house, who, house.child, position) == expected
        assert shown(house, who, house.child, time) == expected
        compared += len(expected)
    assert compared > 150
    assert not all(still.values())


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
    do(house.ot, ChangeNoteAudience(house.child, note, "care-team"))
    for as_of in (None, position, house.clock.now - timedelta(seconds=1)):
        assert not any(i["entry_id"] == note for i in shown(house, house.teacher, house.child, as_of))
        assert any(i["entry_id"] == note for i in shown(house, house.slt, house.child, as_of))


def test_what_was_for_nobodys_discipline_meanwhile_is_not_given_back(house: House):
    """A team lead without a discipline of their own kept the note to themselves, and shared it again: what it said
    before is not for the others any more."""
    do = house.services.doors.execute
    note = house.note(house.lead, "for the team", audience="care-team")
    position = house.services.record.head()
    for audience in ("own-discipline", "care-team"):
        do(house.lead, ChangeNoteAudience(house.child, note, audience, None))
    for as_of, wanted in ((None, True), (position, False)):
        assert any(i["entry_id"] == note for i in shown(house, house.slt, house.child, as_of)) is wanted
    assert any(i["entry_id"] == note for i in shown(house, house.lead, house.child, position))


def test_who_attested_a_note_is_told_whatever_its_author_corrects_since(house: House):
    do = house.services.doors.execute
    note = house.note(house.student)
    do(house.ot, CosignNote(house.child, note))
    by_now = replace(house.student, role=Role.THERAPIST)  # and nobody has to attest what they write
    do(by_now, AmendNote(house.child, note, 2, {"text": "Tied them once."}, "miscounted"))
    (row,) = [i for i in shown(house, house.slt, house.child) if i["entry_id"] == note]
    assert (row["status"], row["text_version"]) == ("cosigned", 2)
    assert row["detail"]["cosigned_by"] == house.ot.name


def test_what_is_shared_today_does_not_show_the_teacher_what_it_was_before(house: House):
    do = house.services.doors.execute
    note = house.note(house.ot, "for the team", audience="care-team")
    position = house.services.record.head()
    do(house.ot, ChangeNoteAudience(house.child, note, "care-team-and-school"))
    assert not any(i["entry_id"] == note for i in shown(house, house.teacher, house.child, position))
    assert any(i["entry_id"] == note for i in shown(house, house.teacher, house.child))


def test_what_was_taken_from_the_school_is_not_given_back_with_other_words(house: House):
    do, ask = house.services.doors.execute, house.services.doors.ask
    note = house.note(house.ot, "The parents separate.", audience="care-team-and-school")
    position = house.services.record.head()
    do(house.ot, ChangeNoteAudience(house.child, note, "care-team", 1))
    do(house.ot, AmendNote(house.child, note, 2, {"text": "Tied one."}, "no word of the parents"))
    do(house.ot, ChangeNoteAudience(house.child, note, "care-team-and-school", 3))
    for as_of, texts in ((None, ["Tied one."]), (position, [])):
        items = ask(house.teacher, ReadTimeline(house.child, as_of=as_of)).items
        assert [i["sections"]["text"] for i in items if i["kind"] == "note"] == texts
    assert [t.sections["text"] for t in ask(house.teacher, ReadNote(house.child, note)).note.texts] == ["Tied one."]
    (entry,) = [i for i in ask(house.slt, ReadTimeline(house.child, as_of=position)).items if i["kind"] == "note"]
    assert entry["sections"] == {"text": "The parents separate."}
    as_the_teacher = ask(house.lead, ReadTimelineAs(house.child, house.teacher.person_id, as_of=position)).items
    assert "The parents separate." in repr(as_the_teacher), "who asks what the school could see then is told"


def test_a_message_that_was_taken_back_is_not_given_back_with_the_next_one(house: House):
    group, recording = Group(house), uuid4()
    group.plan()
    child = group.child("Brio", teacher=house.teacher)
    group.enrol(child)
    first = group.line(child, level=None, message_school="He hit a girl.")
    group.record(first, id=recording)
    position = house.services.record.head()
    for version, words in ((1, ""), (2, "He shared a toy.")):
        line = group.line(child, level=None, id=first.line_id, message_school=words)
        group.do(house.ot, CorrectSession(group.course, 1, recording, version, "so", children=[line]))
    for as_of, told in ((None, True), (position, False)):
        items = house.services.doors.ask(house.teacher, ReadTimeline(child, as_of=as_of)).items
        assert ("shared a toy" in repr(items), "hit" in repr(items)) == (told, False)


@pytest.mark.parametrize("reader", ["ot", "slt", "teacher", "lead"])
def test_what_was_entered_in_error_is_hidden_on_every_day(house: House, reader: str):
    note = house.note(house.ot, "wrong child", audience="care-team-and-school")
    position = house.services.record.head()
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, note, "wrong child"))
    who = getattr(house, reader)
    for as_of in (None, position):
        assert not any(i["entry_id"] == note for i in shown(house, who, house.child, as_of))
    search = ReadTimeline(house.child, TimelineFilter(text="wrong"), as_of=position)
    assert not house.services.doors.ask(who, search).items


# ---- goals -------------------------------------------------------------------------------------------------------


def goal(house: House, audience: str = "care-team", **changes: Any) -> UUID:
    """A goal that the occupational therapist proposed."""
    goal_id = uuid4()
    house.services.doors.execute(house.ot, g.ProposeGoal(house.child, goal_id, words(house, audience, **changes)))
    return goal_id


def words(house: House, audience: str, statement: str = "Ties his laces", **changes: Any) -> GoalContent:
    review = house.clock.now.date() + timedelta(days=90)
    return GoalContent(statement, ["therapy", "school"], review_date=review, audience=audience, **changes)


def about(house: House, who: Any, goal_id: UUID, as_of: int | None = None) -> list[str]:
    """What the timeline tells of the goal, oldest first."""
    items = shown(house, who, house.child, as_of)
    return [i["detail"]["what"] for i in reversed(items) if i["subject_id"] == goal_id]


def agree(house: House, goal_id: UUID, version: int = 1) -> None:
    house.services.doors.execute(house.ot, g.AgreeGoal(house.child, goal_id, version, [("Mother", "guardian")]))
    house.clock.turn(minutes=1)


def see(house: House, goal_id: UUID, who: Any, context: str = "school") -> UUID:
    seen = uuid4()
    content = ObservationContent(context, None, "verbal", "on his own")
    house.services.doors.execute(who, g.ObserveGoal(house.child, goal_id, seen, content))
    house.clock.turn(minutes=1)
    return seen


def test_the_school_hears_of_a_goal_when_it_is_agreed_and_not_before(house: House):
    one = goal(house, "care-team-and-school")
    house.clock.turn(minutes=1)
    see(house, one, house.ot)
    assert about(house, house.teacher, one) == []
    before = house.services.record.head()
    agree(house, one)
    see(house, one, house.ot)
    assert about(house, house.teacher, one) == ["agreed", "observed"]
    assert about(house, house.teacher, one, before) == []
    assert about(house, house.slt, one, before) == ["proposed", "observed"]


def test_a_goal_given_up_before_anybody_agreed_was_never_the_schools(house: House):
    one = goal(house, "care-team-and-school")
    house.services.doors.execute(house.ot, g.ChangeGoalStatus(house.child, one, 1, "stopped", "a duplicate"))
    assert about(house, house.teacher, one) == []
    assert house.services.doors.ask(house.teacher, r.ReadGoals(house.child, ended=True)).goals == []
    with pytest.raises(NotFound, match="no-such-goal"):
        house.services.doors.ask(house.teacher, r.ReadGoal(house.child, one))


def test_what_is_told_of_a_goal_follows_its_audience_and_so_on_every_day(house: House):
    do, one = house.services.doors.execute, goal(house, "care-team-and-school")
    agree(house, one)
    see(house, one, house.ot)
    see(house, one, house.ot, "home")
    see(house, one, house.student)
    mine = see(house, one, house.teacher)
    shared = house.services.record.head()
    assert about(house, house.teacher, one) == ["agreed", "observed", "observed"]
    do(house.ot, g.ReviseGoal(house.child, one, 2, words(house, "care-team"), "not for the school"))
    taken = house.services.record.head()
    for as_of in (None, shared, taken):
        items = [i for i in shown(house, house.teacher, house.child, as_of) if i["subject_id"] == one]
        assert [i["detail"].get("observation") for i in items] == [str(mine)], "one's own words stay"
        assert len(about(house, house.slt, one, as_of)) >= 6
    do(house.ot, g.ReviseGoal(house.child, one, 3, words(house, "care-team-and-school"), "for the school again"))
    assert about(house, house.teacher, one) == ["agreed", "observed", "observed"]
    assert about(house, house.teacher, one, taken) == ["observed"], "what was kept from them then is not shown as then"


def test_words_that_were_not_for_the_school_do_not_become_so_by_other_words(house: House):
    do, one = house.services.doors.execute, goal(house, "care-team", statement="Afraid since the separation")
    agree(house, one)
    see(house, one, house.ot)
    plain = words(house, "care-team-and-school", "Feels safe in class")
    do(house.ot, g.ReviseGoal(house.child, one, 2, plain, "plainer"))
    house.clock.turn(minutes=1)
    see(house, one, house.ot)
    told = [i["sections"]["goal"] for i in shown(house, house.teacher, house.child) if i["subject_id"] == one]
    assert told == ["Feels safe in class"]


def test_what_another_discipline_saw_of_a_goal_is_kept_to_the_goals_own_discipline_with_it(house: House):
    colleague = house.person("Ola Vik", Role.THERAPIST, Discipline.SLT)
    house.services.doors.execute(house.ot, AddToTeam(house.child, colleague.person_id, Relation.SPEECH_THERAPIST))
    one = goal(house)
    see(house, one, house.slt)
    assert about(house, colleague, one) == ["proposed", "observed"]
    house.services.doors.execute(house.ot, g.ReviseGoal(house.child, one, 1, words(house, "own-discipline"), "private"))
    assert about(house, colleague, one) == [], "neither the goal's words nor what was seen"
    assert about(house, house.slt, one) == ["observed"], "one's own words stay"
    assert about(house, house.student, one) == about(house, house.ot, one) == ["proposed", "observed", "revised"]


def test_who_keeps_a_goal_to_themselves_reads_on_what_others_saw_of_it(house: House):
    one = uuid4()
    house.services.doors.execute(house.lead, g.ProposeGoal(house.child, one, words(house, "care-team")))
    see(house, one, house.slt)
    house.services.doors.execute(house.lead, g.ReviseGoal(house.child, one, 1, words(house, "own-discipline"), "mine"))
    assert about(house, house.lead, one) == ["proposed", "observed", "revised"]


@pytest.mark.parametrize("reader", ["ot", "slt", "teacher", "lead"])
def test_a_goal_entered_in_error_is_gone_with_all_that_was_about_it(house: House, reader: str):
    one, who = goal(house, "care-team-and-school"), getattr(house, reader)
    agree(house, one)
    see(house, one, house.teacher)
    position = house.services.record.head()
    assert about(house, who, one)
    house.services.doors.execute(house.ot, g.EnterGoalInError(house.child, one, "wrong child"))
    for as_of in (None, position):
        assert about(house, who, one, as_of) == []
    found = ReadTimeline(house.child, TimelineFilter(text="laces"), as_of=position)
    assert not house.services.doors.ask(who, found).items
    assert one not in {line.id for line in house.services.doors.ask(who, r.ReadGoals(house.child)).goals}
    assert house.services.doors.ask(who, ReadTimeline(house.child)).shown.incomplete == {}


def test_an_observation_entered_in_error_is_hidden_on_every_day_and_the_rest_stays(house: House):
    one = goal(house)
    agree(house, one)
    slip = see(house, one, house.ot)
    see(house, one, house.ot)
    position = house.services.record.head()
    house.services.doors.execute(house.ot, g.EnterObservationInError(house.child, one, slip, "a slip"))
    for as_of in (None, position):
        assert about(house, house.slt, one, as_of) == ["proposed", "agreed", "observed"]


# ---- as somebody else --------------------------------------------------------------------------------------------


def seen_as(house: House, reader: Any, as_of: int | None = None) -> set[UUID]:
    answer = house.services.doors.ask(house.lead, ReadTimelineAs(house.child, reader.person_id, as_of))
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
    house.services.doors.execute(house.ot, ChangeNoteAudience(house.child, note, "care-team"))
    assert seen_as(house, house.teacher, position) == {note}
    assert seen_as(house, house.teacher) == set()


def test_who_had_left_by_the_day_of_a_position_saw_nothing_any_more(house: House):
    do, until = house.services.doors.execute, house.clock.now.date() + timedelta(days=7)
    house.child  # noqa: B018 - made with its care team
    do(house.ot, ChangeOnTeam(house.child, house.slt.person_id, until=until))
    house.clock.turn(days=7)
    last = house.note(house.ot)
    of_the_last_day = house.services.record.head()
    house.clock.turn(days=1)
    house.note(house.ot)
    assert seen_as(house, house.slt, of_the_last_day) == {last}
    assert seen_as(house, house.slt, house.services.record.head()) == set()


def test_nobodys_eyes_are_borrowed_to_see_more(house: House):
    kept = house.note(house.psychologist, audience="own-discipline")
    taken = house.note(house.psychologist, audience="care-team")
    position = house.services.record.head()
    assert seen_as(house, house.psychologist) == {taken}
    house.services.doors.execute(house.psychologist, ChangeNoteAudience(house.child, taken, "own-discipline"))
    for reader in (house.psychologist, house.lead, house.ot):
        for as_of in (None, position):
            assert not seen_as(house, reader, as_of) & {kept, taken}
