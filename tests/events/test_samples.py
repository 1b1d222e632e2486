"""The frozen samples: what was stored once can be read for ever, and is written so still.

An event class without a sample fails. To add one, or a field with a default, add its meaning to ``expected.py``, and
``python -m tests.events.freeze`` writes the bytes. Never change a sample: a new shape is a new topic (or an upcaster),
with a sample of its own beside the old one.
"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

import coord.application  # noqa: F401 - so that every event class has been defined
from coord.domain.case import Case, GoalObserved, GroupLineEnteredInError, NoteSigned
from coord.domain.case.aggregate import CaseSnapshot
from coord.domain.case.measures import InstrumentRecorded
from coord.domain.case.summary import SummaryPublished, SummaryRecalled
from coord.domain.case.team import TeamMemberJoined, TeamMemberLeft
from coord.domain.course import CourseRevised, PlaceEnded
from coord.domain.events import EVENT_CLASSES
from coord.persistence import CoordMapper, OrjsonTranscoder
from tests.events.expected import AT, BY, CASE, DETAILS, EARLIER_STAY, EXPECTED, GOAL, MEMBER, stream_of

FILE = Path(__file__).parent / "samples.json"
SAMPLES: dict[str, str] = json.loads(FILE.read_text())
MAPPER = CoordMapper(transcoder=OrjsonTranscoder())
SNAPSHOT = "case.snapshot.v1"
BEFORE_GOALS = f"{SNAPSHOT} before goals"
RECALLED = "case.summary-recalled.v1"
BEFORE_LATER_DAYS = f"{RECALLED} before later days"
BEFORE_GIVING_BACK = f"{RECALLED} before giving back"
PUBLISHED = "case.summary-published.v1"
PUBLISHED_BEFORE = f"{PUBLISHED} before later days"
ON_NOTES_ALONE = f"{PUBLISHED} before strategies and goals"
INSTRUMENT = "case.instrument-recorded.v1"
BEFORE_ANSWERS = f"{INSTRUMENT} before answers"
JOINED, LEFT = "case.team-member-joined.v1", "case.team-member-left.v1"
BEFORE_STAYS = [f"{topic} before stays were a list" for topic in (JOINED, LEFT, SNAPSHOT)]
BEFORE_QUESTIONS = {
    topic: f"{topic} before questions"
    for topic in ("case.opened.v1", "case.closed.v1", "person.disabled.v1", "case.note-signed.v1")
}
SIGNED = "case.note-signed.v1"
BEFORE_CLOSED_TOOK_NOTES = f"{SIGNED} before closed cases took notes"
WITH_HOW_IT_WAS_SENT = f"{SIGNED} with how it was sent"
OBSERVED = "case.goal-observed.v1"
SCORED = "case.attainment-scored.v1"
FIRST = "of class version 1"
"""Bytes that were stored before the class had a second version; they pass through its upcaster."""
PROFILE = "case.profile-described.v1"
PLACE = "case.group-place-changed.v1"
IN_ERROR = "case.group-line-entered-in-error.v1"
REVISED = "course.revised.v1"
PLACE_ENDED = "course.place-ended.v1"
HELD = "course.session-recorded.v1"
CORRECTED = "course.session-corrected.v1"
OF_FIRST = "%s first version"
BEFORE_SETTLING = f"{IN_ERROR} before settling"
BEFORE_MOVES = f"{REVISED} before moves"
BEFORE_ASKING = f"{PLACE_ENDED} before asking"
BEFORE_NAMES_WERE_ASKED = {
    topic: f"{topic} before names were asked about"
    for topic in (
        *(REVISED, HELD, CORRECTED),
        *("course.ended.v1", "course.place-given.v1", "course.session-cancelled.v1"),
        *("course.stand-ins-named.v1", "course.attendance-settled.v1"),
    )
}
BEFORE_TEAMS_WERE_KEPT = {
    topic: f"{topic} before team names were asked about"
    for topic in ("person.registered.v1", "person.moved.v1", "person.change-proposed.v1")
}
OF_TWO = (PROFILE, PLACE, HELD, CORRECTED)
EARLIER = {
    *(BEFORE_SETTLING, BEFORE_MOVES, BEFORE_ASKING),
    *(OF_FIRST % topic for topic in OF_TWO),
    *(f"{OBSERVED} {FIRST}", f"{SCORED} {FIRST}"),
    BEFORE_ANSWERS,
    SNAPSHOT,
    BEFORE_GOALS,
    BEFORE_LATER_DAYS,
    BEFORE_GIVING_BACK,
    PUBLISHED_BEFORE,
    ON_NOTES_ALONE,
    BEFORE_CLOSED_TOOK_NOTES,
    WITH_HOW_IT_WAS_SENT,
    *BEFORE_STAYS,
    *BEFORE_QUESTIONS.values(),
    *BEFORE_NAMES_WERE_ASKED.values(),
    *BEFORE_TEAMS_WERE_KEPT.values(),
}


def newest_version(topic: str) -> int:
    return getattr(EVENT_CLASSES[topic], "class_version", 1)


OF_BEFORE = [
    name
    for name, sample in SAMPLES.items()
    if " " in name and name not in (WITH_HOW_IT_WAS_SENT, BEFORE_GOALS, BEFORE_STAYS[2])
    if json.loads(sample).get("class_version", 1) == newest_version(name.partition(" ")[0])
]
"""Bytes from before the class had all its fields, which no upcaster has to touch."""


def stored(topic: str, text: str) -> StoredEvent:
    return StoredEvent(stream_of(topic), 7, topic, text.encode())


def meaning(topic: str) -> dict[str, Any]:
    """Every attribute of the event, with its type."""
    return {"originator_id": stream_of(topic), "originator_version": 7, "timestamp": AT, "by": BY, **EXPECTED[topic]}


def test_every_event_class_has_a_sample_and_every_sample_a_class():
    assert set(EVENT_CLASSES) == set(EXPECTED)
    assert set(EVENT_CLASSES) | EARLIER | set(OF_BEFORE) == set(SAMPLES)


@pytest.mark.parametrize("topic", sorted(EXPECTED))
def test_a_frozen_event_loads_and_means_what_it_meant(topic: str):
    event = MAPPER.to_domain_event(stored(topic, SAMPLES[topic]))
    assert type(event) is EVENT_CLASSES[topic]
    assert vars(event) == meaning(topic)
    assert {k: type(v) for k, v in vars(event).items()} == {k: type(v) for k, v in meaning(topic).items()}


@pytest.mark.parametrize("name", OF_BEFORE)
def test_an_event_of_before_has_the_default_of_what_came_later(name: str):
    topic = name.partition(" ")[0]
    event = MAPPER.to_domain_event(stored(topic, SAMPLES[name]))
    later = meaning(topic).keys() - of_then(name).keys()
    assert later
    assert vars(event) == of_then(name)
    for field in later:
        assert getattr(event, field) == getattr(EVENT_CLASSES[topic], field)


@pytest.mark.parametrize("topic", sorted(EXPECTED))
def test_the_newest_version_is_written_as_frozen(topic: str):
    make: Any = EVENT_CLASSES[topic]
    written = MAPPER.to_stored_event(make(**meaning(topic)))
    assert written.topic == topic
    assert written.state.decode() == SAMPLES[topic]


@pytest.mark.parametrize("topic", sorted(EXPECTED))
def test_stored_bytes_are_plain_json_without_anything_derived_from_a_name(topic: str):
    kept = json.loads(SAMPLES[topic])
    assert "originator_id" not in kept
    assert kept["timestamp"] == "2026-03-29T01:30:00.123456+00:00"


def test_a_summary_recalled_before_there_were_any_for_a_later_day_was_in_force():
    event = MAPPER.to_domain_event(stored(RECALLED, SAMPLES[BEFORE_LATER_DAYS]))
    assert vars(event) == without(meaning(RECALLED), "before_its_day", "gives_back")
    assert isinstance(event, SummaryRecalled)
    assert not event.before_its_day


def test_a_summary_from_before_they_said_so_took_no_others_place_and_gave_none_back():
    published = MAPPER.to_domain_event(stored(PUBLISHED, SAMPLES[PUBLISHED_BEFORE]))
    recalled = MAPPER.to_domain_event(stored(RECALLED, SAMPLES[BEFORE_GIVING_BACK]))
    assert isinstance(published, SummaryPublished)
    assert isinstance(recalled, SummaryRecalled)
    assert vars(published) == without(meaning(PUBLISHED), "in_place_of")
    assert vars(recalled) == without(meaning(RECALLED), "gives_back")
    assert (list(published.in_place_of), list(recalled.gives_back)) == ([], [])


def test_an_instrument_from_before_anything_was_asked_has_no_answers():
    recorded = MAPPER.to_domain_event(stored(INSTRUMENT, SAMPLES[BEFORE_ANSWERS]))
    assert isinstance(recorded, InstrumentRecorded)
    assert vars(recorded) == without(meaning(INSTRUMENT), "answered")
    assert list(recorded.answered) == []


def test_a_summary_from_before_strategies_and_goals_rested_on_notes():
    published = MAPPER.to_domain_event(stored(PUBLISHED, SAMPLES[ON_NOTES_ALONE]))
    assert vars(published) == meaning(PUBLISHED)


def test_somebody_who_joined_before_stays_were_a_list_has_the_stay_that_was_told():
    event = MAPPER.to_domain_event(stored(JOINED, SAMPLES[BEFORE_STAYS[0]]))
    assert vars(event) == {**meaning(JOINED), "stays": None}
    assert isinstance(event, TeamMemberJoined)
    assert event.stays_after([]) == [MEMBER]
    before: Any = {**MEMBER, "since": "2025-12-01", "until": None}
    assert event.stays_after([before]) == [{**before, "until": "2026-02-28"}, MEMBER]
    assert event.stays_after([EARLIER_STAY]) == [EARLIER_STAY, MEMBER]


def test_somebody_who_left_before_stays_were_a_list_left_on_that_day():
    event = MAPPER.to_domain_event(stored(LEFT, SAMPLES[BEFORE_STAYS[1]]))
    assert vars(event) == {**without(meaning(LEFT), "answered"), "on": "2026-03-29", "stays": None}
    assert isinstance(event, TeamMemberLeft)
    to_come: Any = {**MEMBER, "since": "2026-05-01"}
    left = {**MEMBER, "until": "2026-03-28", "left_on": "2026-03-29"}
    assert event.stays_after([EARLIER_STAY, MEMBER, to_come]) == [EARLIER_STAY, left]


@pytest.mark.parametrize("topic", sorted(BEFORE_QUESTIONS))
def test_what_happened_before_questions_were_asked_has_no_answers(topic: str):
    event: Any = MAPPER.to_domain_event(stored(topic, SAMPLES[BEFORE_QUESTIONS[topic]]))
    assert vars(event) == without(of_then(BEFORE_QUESTIONS[topic]), "answered")
    assert list(event.answered) == []


def test_a_note_from_before_closed_cases_took_any_was_signed_in_an_open_one():
    event = MAPPER.to_domain_event(stored(SIGNED, SAMPLES[BEFORE_CLOSED_TOOK_NOTES]))
    assert vars(event) == without(of_then(BEFORE_CLOSED_TOOK_NOTES), "after_closing", "answered")
    assert isinstance(event, NoteSigned)
    assert not event.after_closing


def test_what_began_under_an_id_of_its_senders_keeps_how_it_was_sent_and_what_is_older_nothing():
    event: Any = MAPPER.to_domain_event(stored(SIGNED, SAMPLES[WITH_HOW_IT_WAS_SENT]))
    sent = {"key": "5ac1f00d", "mac": "0123456789abcdef0123456789abcdef", "version": 1, "status": "signed"}
    assert event.sent == sent
    assert vars(event) == of_then(WITH_HOW_IT_WAS_SENT) | {"sent": sent}
    assert MAPPER.to_stored_event(event).state.decode() == SAMPLES[WITH_HOW_IT_WAS_SENT]
    older: Any = MAPPER.to_domain_event(stored(SIGNED, SAMPLES[SIGNED]))
    assert older.sent == {}
    assert MAPPER.to_stored_event(older).state.decode() == SAMPLES[SIGNED]


@pytest.mark.parametrize("topic", sorted(EXPECTED))
def test_only_a_class_that_changed_its_shape_has_a_second_version(topic: str):
    version = newest_version(topic)
    assert json.loads(SAMPLES[topic]).get("class_version", 1) == version
    before = [SAMPLES[name] for name in EARLIER if name.startswith(f"{topic} ")]
    assert version == 1 or any("class_version" not in json.loads(sample) for sample in before)


def test_an_observation_of_before_the_circle_keeps_the_name_as_it_was_typed():
    event = MAPPER.to_domain_event(stored(OBSERVED, SAMPLES[f"{OBSERVED} {FIRST}"]))
    told = {"known_as": "written", "person": "", "name": "Mother", "relation": ""}
    assert vars(event) == {**meaning(OBSERVED), "seen_by": told, "answered": []}
    assert isinstance(event, GoalObserved)
    assert event.reported_by == "Mother"


def test_an_observation_of_before_without_a_name_was_seen_by_its_writer():
    of_the_writer = SAMPLES[f"{OBSERVED} {FIRST}"].replace('"reported_by":"Mother"', '"reported_by":""')
    event = MAPPER.to_domain_event(stored(OBSERVED, of_the_writer))
    assert isinstance(event, GoalObserved)
    assert event.seen_by == {"known_as": "writer", "person": "", "name": "", "relation": ""}


def test_a_score_of_before_stays_as_it_was_and_says_that_its_basis_was_not_kept():
    event = MAPPER.to_domain_event(stored(SCORED, SAMPLES[f"{SCORED} {FIRST}"]))
    (goal,) = meaning(SCORED)["goals"]
    nothing = {"context": "", "seen_at": "", "rater": "", "reported": False, "observation": ""}
    assert vars(event) == {
        **meaning(SCORED),
        "basis": {"kind": "not-kept", "context": "", "on": "", "parties": []},
        "goals": [{**goal, **nothing}],
    }


@pytest.mark.parametrize("topic", OF_TWO)
def test_an_event_of_the_first_version_is_turned_into_the_second_as_it_is_read(topic: str):
    event = MAPPER.to_domain_event(stored(topic, SAMPLES[OF_FIRST % topic]))
    changed: dict[str, dict[str, Any]] = {
        PROFILE: {"profile": {**EXPECTED[PROFILE]["profile"], "sensory": "", "attention": ""}},
        PLACE: {"since": "", "until": "", "other_times": {}},
        HELD: {"staff": {str(UUID(int=0xA)): ""}},
        CORRECTED: {"staff": {str(UUID(int=0xA)): ""}},
    }
    of_then = without(meaning(topic), "answered")
    assert vars(event) == {**of_then, **changed[topic]}
    assert json.loads(MAPPER.to_stored_event(event).state)["class_version"] == 2


def test_what_groups_say_more_by_now_is_said_of_none_of_before():
    in_error = MAPPER.to_domain_event(stored(IN_ERROR, SAMPLES[BEFORE_SETTLING]))
    revised = MAPPER.to_domain_event(stored(REVISED, SAMPLES[BEFORE_MOVES]))
    left = MAPPER.to_domain_event(stored(PLACE_ENDED, SAMPLES[BEFORE_ASKING]))
    assert isinstance(in_error, GroupLineEnteredInError)
    assert isinstance(revised, CourseRevised)
    assert isinstance(left, PlaceEnded)
    assert vars(in_error) == without(meaning(IN_ERROR), "instead")
    assert vars(revised) == without(meaning(REVISED), "regular", "answered")
    assert vars(left) == without(meaning(PLACE_ENDED), "answered")
    assert (in_error.instead, list(revised.regular), list(left.answered)) == ("", [], [])


@pytest.mark.parametrize("topic", sorted(BEFORE_NAMES_WERE_ASKED))
def test_what_groups_did_before_names_were_asked_about_has_no_answers(topic: str):
    event: Any = MAPPER.to_domain_event(stored(topic, SAMPLES[BEFORE_NAMES_WERE_ASKED[topic]]))
    assert vars(event) == without(meaning(topic), "answered")
    assert list(event.answered) == []


@pytest.mark.parametrize("topic", sorted(BEFORE_TEAMS_WERE_KEPT))
def test_what_was_done_to_an_account_before_the_answer_was_kept_has_none(topic: str):
    event: Any = MAPPER.to_domain_event(stored(topic, SAMPLES[BEFORE_TEAMS_WERE_KEPT[topic]]))
    assert vars(event) == without(meaning(topic), "answered")
    assert list(event.answered) == []


def of_then(name: str) -> dict[str, Any]:
    """What an event of before means: its newest meaning, without what it does not tell."""
    topic = name.partition(" ")[0]
    return without(meaning(topic), *(EXPECTED[topic].keys() - json.loads(SAMPLES[name]).keys()))


def without(meant: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in meant.items() if name not in names}


def a_case() -> Case:
    case = Case.__new__(Case)
    vars(case).update(**before_goals(), goals=[str(GOAL)], closed_at=AT.isoformat())
    case.members = {str(UUID(int=0xB)): [EARLIER_STAY, MEMBER]}
    return case


def before_goals() -> dict[str, Any]:
    """The state of a case from before there were goals."""
    return {
        "_id": CASE,
        "_version": 50,
        "_pending_events": [],
        "_created_on": AT,
        "_modified_on": AT,
        "details": DETAILS,
        "details_version": 2,
        "status": "closed",
        "members": {str(UUID(int=0xB)): [MEMBER]},
        "summary_version": 3,
        "summary_status": "recalled",
    }


def loaded(sample: str) -> Case:
    snapshot = MAPPER.to_domain_event(StoredEvent(CASE, 50, SNAPSHOT, SAMPLES[sample].encode()))
    assert isinstance(snapshot, CaseSnapshot)
    return snapshot.mutate(None)


def test_a_frozen_snapshot_loads_as_the_case_it_was_taken_of():
    assert vars(loaded(SNAPSHOT)) == vars(a_case())


def test_a_snapshot_from_before_there_were_goals_loads_as_a_case_without_any():
    case = loaded(BEFORE_GOALS)
    assert vars(case) == before_goals()
    assert case.goals == ()


def test_a_snapshot_from_before_stays_were_a_list_has_the_one_of_each_and_asks_its_events_when_it_was_closed():
    case = loaded(BEFORE_STAYS[2])
    assert vars(case) == {**before_goals(), "goals": [str(GOAL)]}
    assert case.has_forgotten_its_closing


def test_a_snapshot_is_written_as_frozen():
    # Fails when the case's state changes shape: then the snapshot needs a new version, or old ones cannot be read.
    assert MAPPER.to_stored_event(CaseSnapshot.take(a_case())).state.decode() == SAMPLES[SNAPSHOT]


def test_bytes_that_are_no_event_are_named_with_their_place():
    from eventsourcing.persistence import MapperDeserialisationError

    with pytest.raises(MapperDeserialisationError, match=r"case\.closed\.v1 .*/7"):
        MAPPER.to_domain_event(stored("case.closed.v1", "{"))
