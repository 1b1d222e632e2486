"""A page of the timeline: every entry once, whatever the clocks said; found by words with or without accents."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coord.application.case.commands import AddToTeam
from coord.application.goals import commands as g
from coord.application.groups import commands as w
from coord.application.groups.questions import ReadSession
from coord.application.history.questions import HistoryFilter, ReadHistory
from coord.application.notes.commands import AddAddendum, AmendNote
from coord.application.summary.questions import ReadSummarySources
from coord.application.timeline.questions import ReadTimeline, ReadTimelineAs, TimelineFilter
from coord.domain.actors import Actor, Relation
from coord.domain.case import GoalContent
from coord.domain.case.goals import ScaleContent
from coord.domain.errors import InvalidInput
from tests.group_story import LEVELS, a_group
from tests.house import House
from tests.projections.life import Life


def pages(house: House, limit: int, **filters: Any) -> list[list[UUID]]:
    cursor, found = "", []
    while True:
        question = ReadTimeline(house.child, TimelineFilter(kind="note", **filters), cursor=cursor, limit=limit)
        answer = house.services.doors.ask(house.slt, question)
        found.append([i["entry_id"] for i in answer.items])
        cursor = answer.next
        if not cursor:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_paging_yields_every_entry_once_also_when_many_were_observed_at_the_same_time(house: House, limit: int):
    same = house.clock.now - timedelta(hours=5)
    moments = [same] * 6 + [same + timedelta(microseconds=i) for i in range(3)] + [same - timedelta(days=1)] * 3
    notes = {house.note(house.ot, f"n{i}", observed_from=at): at for i, at in enumerate(moments)}
    found = [n for page in pages(house, limit) for n in page]
    assert len(found) == len(notes)
    assert set(found) == set(notes)
    assert [notes[n] for n in found] == sorted(notes.values(), reverse=True)
    assert all(len(page) == limit for page in pages(house, limit)[:-1])


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
def test_a_session_and_what_is_said_of_it_stand_together_and_none_is_lost_between_two_pages(house: House, limit: int):
    group = a_group(house, 1, staff=[house.ot, house.lead])
    said: Any = {"response": "Waited twice.", "message_home": "He waited.", "message_school": "Let him wait first."}
    for number in (1, 2, 3):
        house.clock.turn(days=7)
        group.record(group.line(group.children[0], **said), number=number)
    cursor, found = "", []
    while True:
        question = ReadTimeline(group.children[0], cursor=cursor, limit=limit)
        answer = house.services.doors.ask(house.ot, question)
        found += [(i["kind"], i["detail"]["what"]) for i in answer.items if i["kind"] in ("group", "message")]
        cursor = answer.next
        if not cursor:
            break
    assert len(found) == 3 * 3 + 2  # and the child's profile and place
    for first in (0, 3, 6):
        assert found[first] == ("group", "session")
        assert {what for _, what in found[first + 1 : first + 3]} == {"message_home", "message_school"}


def test_a_goal_worked_on_without_a_rating_is_told_to_whoever_may_read_the_goal_in_the_words_of_the_time(house: House):
    group = a_group(house, 1)
    (case,), ask, do = group.children, house.services.doors.ask, house.services.doors.execute
    goal = group.goals[case]
    do(house.ot, AddToTeam(case, house.slt.person_id, Relation.SPEECH_THERAPIST))
    group.record(line := group.line(case, level=None, goals=[goal]))
    then = ask(house.ot, ReadTimeline(case)).shown.position

    def told(who: Actor, as_of: int | None = None, reader: Actor | None = None) -> list[str]:
        asked = ReadTimelineAs(case, reader.person_id, as_of) if reader else ReadTimeline(case, as_of=as_of)
        session = next(i for i in ask(who, asked).items if i["detail"].get("what") == "session")
        assert "unrated" not in session
        return list(session["worked_on"].values())

    assert (told(house.ot), told(house.slt)) == (["Brio waits for a turn"],) * 2

    review = house.clock.now.date() + timedelta(days=90)
    scale = ScaleContent(LEVELS, baseline=-1)
    ours = GoalContent("Brio says so", ["therapy"], audience="own-discipline", review_date=review, scale=scale)
    do(house.ot, g.ReviseGoal(case, goal, 3, ours, "For us alone"))
    assert told(house.ot) == ["Brio says so"]
    assert told(house.ot, then) == ["Brio waits for a turn"]
    assert (told(house.slt), told(house.slt, then), told(house.lead, then, house.slt)) == ([], [], [])

    recording = ask(house.ot, ReadSession(group.course, 1)).recordings[0]
    rated = replace(line, ratings=[w.Rating(uuid4(), goal, 1, "verbal")])
    do(house.ot, w.CorrectSession(group.course, 1, recording.id, recording.version, "He was rated", children=[rated]))
    assert told(house.ot) == []  # the rating tells of it


def test_pages_of_every_length_hold_each_entry_of_a_life_once_and_in_the_same_order(house: House):
    for _ in (life := Life(house, 22)).live(300):
        pass
    for who in (house.ot, house.teacher, house.lead):
        whole = [i["entry_id"] for i in everything(house, who, 100)]
        assert len(whole) > 10
        assert len(whole) == len(set(whole))
        for limit in (1, 3, 8):
            assert [i["entry_id"] for i in everything(house, who, limit)] == whole
    assert life.done > 100


def everything(house: House, who: Actor, limit: int) -> list[dict[str, Any]]:
    cursor, found = "", list[dict[str, Any]]()
    while True:
        answer = house.services.doors.ask(who, ReadTimeline(house.child, cursor=cursor, limit=limit))
        found += answer.items
        cursor = answer.next
        if not cursor:
            return found


def test_an_entry_written_while_one_pages_makes_none_come_twice(house: House):
    notes = [house.note(house.ot, observed_from=house.clock.now - timedelta(hours=i)) for i in range(6)]
    first = house.services.doors.ask(house.slt, ReadTimeline(house.child, TimelineFilter(kind="note"), limit=3))
    house.note(house.ot, "new on top")
    house.services.doors.execute(house.ot, AmendNote(house.child, notes[4], 1, {"text": "corrected"}, "typo"))
    rest = house.services.doors.ask(
        house.slt, ReadTimeline(house.child, TimelineFilter(kind="note"), cursor=first.next, limit=10)
    )
    assert [i["entry_id"] for i in (*first.items, *rest.items)] == notes


def test_the_order_is_that_of_the_room_not_of_the_signatures(house: House):
    late = house.note(house.ot, observed_from=house.clock.now - timedelta(days=9))
    house.clock.turn(minutes=1)
    prompt = house.note(house.ot, observed_from=house.clock.now - timedelta(days=1))
    house.clock.turn(minutes=1)
    later = house.note(house.ot, observed_from=house.clock.now - timedelta(days=20))
    assert pages(house, 10) == [[prompt, late, later]]


def test_over_the_hour_that_happens_twice_the_order_is_that_of_the_instants(house: House):
    house.clock.now = datetime(2026, 10, 26, 9, tzinfo=UTC)
    first = house.note(house.ot, observed_from=datetime(2026, 10, 25, 0, 50, tzinfo=UTC))  # 02:50 summer time
    second = house.note(house.ot, observed_from=datetime(2026, 10, 25, 1, 10, tzinfo=UTC))  # 02:10 winter time
    assert pages(house, 10) == [[second, first]]
    items = house.services.doors.ask(house.slt, ReadTimeline(house.child, TimelineFilter(kind="note"))).items
    assert [i["observed_from"] for i in items] == [
        datetime(2026, 10, 25, 1, 10, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 50, tzinfo=UTC),
    ]


FOUND = [
    ("perche", "Perché non dorme?"),
    ("PERCHÉ", "perche' no"),
    ("strasse", "Auf der Straße"),
    ("straße", "STRASSE"),
    ("cosi laces", "LACES, tied così"),
    ("mhz", "at 40 ㎒"),
    ("ffi", "an oﬃce"),
    ("100%", "sure to 100%"),
    ("a_b", "a_b"),
    ("c/d", "c/d"),
    ("back\\slash", "back\\slash"),
]
MISSED = [("perch laces", "perché"), ("100%x", "1000x"), ("a_b", "axb"), ("%", "plain"), ("_", "plain"), ("/", "plain")]


def test_a_search_folds_accents_and_capitals_and_takes_every_character_as_itself(house: House):
    for words, text in FOUND + MISSED:
        note = house.note(house.ot, text)
        wanted = ReadTimeline(house.child, TimelineFilter(text=words), limit=100)
        found = {i["entry_id"] for i in house.services.doors.ask(house.slt, wanted).items}
        assert (note in found) is ((words, text) in FOUND), (words, text)


def test_a_search_finds_what_was_added_and_the_text_as_it_stands(house: House):
    do = house.services.doors.execute
    note = house.note(house.ot, "first words")
    do(house.slt, AddAddendum(house.child, note, uuid4(), "added dinosaur"))
    do(house.ot, AmendNote(house.child, note, 2, {"text": "second words"}, "typo"))
    for words, found in (("dinosaur", 1), ("second", 1), ("first", 0), ("second dinosaur", 1)):
        assert len(pages(house, 10, text=words)[0]) == found, words


def test_filters_leave_out_the_rest(house: House):
    now = house.clock.now
    home = house.note(house.ot, setting="home", observed_from=now - timedelta(days=3), observed_to=now)
    room = house.note(house.slt, observed_from=now - timedelta(days=2))
    for filters, expected in (
        ({"setting": "home"}, {home}),
        ({"discipline": "slt"}, {room}),
        ({"author": house.ot.person_id}, {home}),
        ({"start": now - timedelta(days=1)}, {home}),  # it lasted into the period
        ({"end": now - timedelta(days=2)}, {home}),
        ({"end": now - timedelta(days=2, seconds=-1)}, {home, room}),
        ({"start": now + timedelta(days=1)}, set()),
        ({"setting": "moon"}, set()),
    ):
        assert set(pages(house, 10, **filters)[0]) == expected, filters


EDGES = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)]


@pytest.mark.parametrize("at", EDGES)
@pytest.mark.parametrize("hours", [-14, 14])
def test_the_ends_of_the_calendar_are_times_like_others(house: House, at: datetime, hours: int):
    from datetime import timezone

    edge = at.replace(tzinfo=timezone(timedelta(hours=hours)))
    note = house.note(house.ot)
    assert pages(house, 10, start=edge) == ([[note]] if at.year == 1 else [[]])
    assert pages(house, 10, end=edge) == ([[]] if at.year == 1 else [[note]])
    answer = house.services.doors.ask(house.slt, ReadTimeline(house.child, as_of=edge))
    assert bool(answer.items) is (at.year != 1)


BAD: list[dict[str, Any]] = [
    {"limit": 0},
    {"limit": 101},
    {"as_of": -1},
    {"as_of": datetime(2026, 1, 1)},  # noqa: DTZ001
    {"cursor": "nonsense"},
    {"cursor": "MjAyNi0wMS0wMXxub25l"},
    {"cursor": "é"},
    {"filter": TimelineFilter(text="a\x00b")},
    {"filter": TimelineFilter(text="\ud800")},
    {"filter": TimelineFilter(text="x" * 1_000_000)},
    {"filter": TimelineFilter(setting="\x00")},
    {"filter": TimelineFilter(discipline="\ud800")},
    {"filter": TimelineFilter(start=datetime(2026, 1, 1))},  # noqa: DTZ001
]


def test_a_question_that_makes_no_sense_is_refused_as_input(house: House):
    house.note(house.ot)
    for bad in BAD:
        with pytest.raises(InvalidInput):
            house.services.doors.ask(house.ot, ReadTimeline(house.child, **bad))
    for bad in BAD[:2]:
        with pytest.raises(InvalidInput):
            house.services.doors.ask(house.lead, ReadTimelineAs(house.child, house.ot.person_id, **bad))
    with pytest.raises(InvalidInput):
        house.services.doors.ask(house.ot, ReadSummarySources(house.child, "\x00"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40), cursor=st.text(max_size=40))
def test_whatever_is_typed_is_answered_or_refused(house: House, text: str, cursor: str):
    for question in (
        ReadTimeline(house.child, TimelineFilter(text=text)),
        ReadTimeline(house.child, cursor=cursor),
        ReadHistory(house.child, HistoryFilter(kind=text), cursor=cursor),
    ):
        with suppress(InvalidInput):
            house.services.doors.ask(house.lead, question)
