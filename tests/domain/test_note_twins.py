"""A note that is there already is asked about, once: the same words lately, or the same contact told twice."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from coord.domain.actors import Actor
from coord.domain.case import notes
from coord.domain.case.note_twins import MOST
from coord.domain.case.notes import NoteSigned
from coord.domain.errors import InvalidInput
from tests.domain.story import (
    ADA,
    NOTE,
    NOW,
    PIA,
    Fact,
    Story,
    amended,
    audience_changed,
    circumstances_corrected,
    content,
    given,
    in_error,
    signed,
)

ANOTHER = UUID(int=3)
ROME = ZoneInfo("Europe/Rome")
CONTACT = NOW - timedelta(days=1, hours=2)
"""When what `signed` tells of began."""
WORDS, TIME = "/sections/text note-of-these-words", "/observed_from note-of-this-time"


def told(**values: Any) -> Fact:
    """A note signed some while ago, by Ada."""
    fact = signed()
    fact.values |= values
    return fact


def again(story: Story, by: Actor = ADA, confirmed: Any = (), **changes: Any) -> Story:
    """Somebody signs one more, of today unless it says otherwise."""
    return story.when(notes.sign, actor=by, note_id=ANOTHER, content=content(**changes), zone=ROME, confirmed=confirmed)


def at_the_same_time(**changes: Any) -> dict[str, Any]:
    return {"sections": {"text": "She asked for help."}, "observed_from": CONTACT, "observed_to": None, **changes}


def answers_of(story: Story) -> list[str]:
    assert isinstance(story.error, InvalidInput)
    return [problem.answer for problem in story.error.problems]


# ---- the same words


@pytest.mark.parametrize("text", ["Tied one shoe.", " tied  one\nshoe. ", "Tìed one shoe."])
def test_the_same_words_signed_within_a_day_are_asked_about_however_they_are_spaced(text: str):
    story = again(given(told(signed_at=NOW - timedelta(hours=23))), sections={"text": text})
    story.refused(WORDS, InvalidInput)
    assert isinstance(story.error, InvalidInput)
    (problem,) = story.error.problems
    assert problem.params == {"note": str(NOTE), "observed_from": CONTACT.isoformat()}


def test_who_means_it_signs_it_and_the_answer_is_kept_without_telling_which_note():
    before = told(signed_at=NOW - timedelta(hours=1))
    answers = answers_of(again(given(before)))
    kept = [{"pointer": "/sections/text", "code": "note-of-these-words", "params": {}}]
    again(given(before), confirmed=answers).then(Fact(NoteSigned, note_id=ANOTHER, answered=kept))


def test_an_answer_counts_for_just_these_words():
    before, other = told(signed_at=NOW - timedelta(hours=1)), signed(text="Tied none.", note_id=UUID(int=4))
    other.values["signed_at"] = NOW - timedelta(hours=1)
    answers = answers_of(again(given(before)))
    again(given(before, other), sections={"text": "Tied none."}, confirmed=answers).refused(WORDS, InvalidInput)


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        pytest.param({"signed_at": NOW - timedelta(days=2)}, {}, id="another day"),
        pytest.param({}, {"sections": {"text": "Tied two shoes."}}, id="other words"),
        pytest.param({}, {"format": "school-observation", "sections": {"observed": "Tied one shoe."}}, id="template"),
    ],
)
def test_what_need_not_be_the_same_note_is_not_asked_about(before: dict[str, Any], changes: dict[str, Any]):
    again(given(told(**{"signed_at": NOW - timedelta(hours=1), **before})), **changes).then(
        Fact(NoteSigned, answered=[])
    )


@pytest.mark.parametrize(("hour", "asked"), [(21, False), (22, True)])
def test_the_same_words_of_one_day_of_the_clinic_are_asked_about_whenever_they_were_signed(hour: int, asked: bool):
    # 22:00 in UTC is midnight in the clinic, which is on summer time.
    evening, morning = datetime(2026, 5, 11, hour, tzinfo=UTC), datetime(2026, 5, 12, 9, tzinfo=UTC)
    before = told(observed_from=evening, signed_at=datetime(2026, 5, 13, tzinfo=UTC))
    story = again(given(before), observed_from=morning, observed_to=None)
    assert (story.error is not None) is asked


def test_somebody_elses_same_words_are_their_own():
    again(given(told(signed_at=NOW)), by=PIA).then(Fact(NoteSigned, PIA, answered=[]))


# ---- the same contact


def test_another_note_of_the_same_minute_is_asked_about_whatever_it_says():
    within = at_the_same_time(observed_from=CONTACT + timedelta(seconds=59))
    again(given(told()), **within).refused(TIME, InvalidInput)
    again(given(told()), **at_the_same_time(observed_from=CONTACT + timedelta(minutes=1))).then(Fact(NoteSigned))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"audience": "own-discipline"}, id="for other readers"),
        pytest.param({"setting": "school"}, id="another contact"),
        pytest.param({"linked": [NOTE]}, id="goes on with the other"),
    ],
)
def test_a_second_note_of_one_minute_that_is_plainly_meant_is_not_asked_about(changes: dict[str, Any]):
    again(given(told()), **at_the_same_time(**changes)).then(Fact(NoteSigned, answered=[]))


def test_the_answer_about_the_time_is_kept_and_holds_while_the_words_are_still_changed():
    answers = answers_of(again(given(told()), **at_the_same_time()))
    kept = [{"pointer": "/observed_from", "code": "note-of-this-time", "params": {}}]
    changed = at_the_same_time(sections={"text": "She asked for help, twice."})
    again(given(told()), confirmed=answers, **changed).then(Fact(NoteSigned, answered=kept))


def test_the_same_words_at_the_same_time_are_one_question():
    story = again(given(told()), observed_from=CONTACT, observed_to=None)
    assert len(answers_of(story)) == 1
    story.refused(WORDS, InvalidInput)


def test_a_note_that_is_not_fit_to_sign_hears_of_that_first():
    story = again(given(told()), observed_from=CONTACT, observed_to=None, setting="moon")
    story.refused("/setting unknown-choice", InvalidInput)
    assert answers_of(story) == [""]


# ---- what is remembered


@pytest.mark.parametrize(
    ("after", "changes", "asked"),
    [
        pytest.param(in_error(), {"observed_from": CONTACT}, "", id="entered in error"),
        pytest.param(amended(), {"observed_from": CONTACT}, TIME, id="other words by now"),
        pytest.param(
            amended(), {"sections": {"text": "Tied two shoes."}, "observed_from": CONTACT}, WORDS, id="amended"
        ),
        pytest.param(circumstances_corrected(), at_the_same_time(), "", id="another time by now"),
        pytest.param(audience_changed("own-discipline"), at_the_same_time(), "", id="other readers by now"),
    ],
)
def test_a_note_counts_as_it_stands(after: Fact, changes: dict[str, Any], asked: str):
    story = again(given(told(), after), **{"observed_to": None, **changes})
    story.refused(asked, InvalidInput) if asked else story.then(Fact(NoteSigned, answered=[]))


def test_a_change_of_a_note_that_is_remembered_no_more_is_none_of_what_is():
    many = [signed(text=f"Tied {i}.", note_id=UUID(int=100 + i)) for i in range(MOST)]
    story = given(signed(), *many, amended(), in_error())
    assert [note["note"] for note in story.state.recent_notes] == [str(UUID(int=100 + i)) for i in range(MOST)]


def test_of_a_long_stream_the_last_are_remembered():
    many = [signed(text=f"Tied {i}.", note_id=UUID(int=100 + i), audience="own-discipline") for i in range(MOST)]
    again(given(told(), *many[1:]), **at_the_same_time()).refused(TIME, InvalidInput)
    again(given(told(), *many), **at_the_same_time()).then(Fact(NoteSigned, answered=[]))


def test_what_is_remembered_holds_no_words():
    (note,) = given(signed(text="Tied one shoe.")).state.recent_notes
    assert "shoe" not in str(note)
