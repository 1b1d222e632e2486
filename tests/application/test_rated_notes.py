"""A note and the goals rated with it: one signature, recorded together or not at all, corrected apart."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.goals.commands import ChangeGoalStatus, EnterObservationInError, ObserveGoal
from coord.application.goals.questions import GoalObservation, ReadGoal
from coord.application.notes.commands import MOST_RATINGS, EnterNoteInError, RatingInNote, SignNote
from coord.application.notes.questions import ReadNote
from coord.application.notes.rating import observation_in
from coord.domain.actors import Actor, Relation
from coord.domain.case import NoteContent, ObservationContent
from coord.domain.errors import InvalidInput, NotFound
from tests.aims import goal
from tests.house import House


def content(house: House, text: str = "Asked for a break.", **more: Any) -> NoteContent:
    """A note of an hour ago."""
    parts = {"format": "narrative", "sections": {"text": text}, "observed_from": house.clock.now - timedelta(hours=1)}
    return NoteContent(**{**parts, **more})


def rated(
    house: House, *ratings: RatingInNote, by: Actor | None = None, note_id: UUID | None = None, **more: Any
) -> UUID:
    """Sign a note with these ratings."""
    note_id = note_id or uuid4()
    command = SignNote(house.child, note_id, content(house, **more), ratings=ratings)
    house.services.doors.execute(by or house.ot, command)
    return note_id


def seen_of(house: House, goal_id: UUID, reader: Actor | None = None) -> list[GoalObservation]:
    return list(house.services.doors.ask(reader or house.ot, ReadGoal(house.child, goal_id)).observations)


def refused(house: House, *ratings: RatingInNote, by: Actor | None = None, **more: Any) -> list[str]:
    """What is wrong, and that nothing at all was recorded."""
    head, note_id = house.services.record.head(), uuid4()
    with pytest.raises(InvalidInput) as refusal:
        rated(house, *ratings, by=by, note_id=note_id, **more)
    assert house.services.record.head() == head
    return [f"{problem.pointer} {problem.code}" for problem in refusal.value.problems]


def test_a_note_and_its_ratings_are_recorded_in_one_go(house: House):
    card, swing = goal(house), goal(house, "Takes turns at the swing.")
    head = house.services.record.head()
    note = rated(house, RatingInNote(card, 0), RatingInNote(swing, -1, "verbal", "school"))
    assert house.services.record.head() == head + 3
    (on_card,), (on_swing,) = seen_of(house, card), seen_of(house, swing)
    assert (on_card.level, on_card.support, on_card.context) == (0, "", "therapy")
    assert (on_swing.level, on_swing.support, on_swing.context) == (-1, "verbal", "school")
    assert {on_card.note_id, on_swing.note_id} == {note}
    assert on_card.observed_at == house.clock.now - timedelta(hours=1)
    assert on_card.observer["name"] == "Ada Lind"


SCHOOL: dict[str, Any] = {"format": "school-observation", "sections": {"observed": "Asked."}}


def test_one_rating_that_is_refused_refuses_all_and_says_everything_that_is_wrong(house: House):
    card, stopped = goal(house), goal(house, "Takes turns at the swing.")
    house.services.doors.execute(house.ot, ChangeGoalStatus(house.child, stopped, 3, "stopped", "Moved on"))
    ratings = (RatingInNote(card, 0), RatingInNote(stopped, 1), RatingInNote(uuid4(), 1), RatingInNote(card, 1))
    assert refused(house, *ratings, text=" ") == [
        "/sections/text nothing-written",
        "/ratings/1/goal goal-ended",
        "/ratings/2/goal no-such-goal",
        "/ratings/3/goal rated-twice",
    ]
    assert seen_of(house, card) == []


def test_a_rating_in_a_note_is_decided_as_a_rating_alone(house: House):
    card = goal(house)
    assert refused(house, RatingInNote(card)) == ["/ratings/0/level missing"]
    assert refused(house, RatingInNote(card, 3)) == ["/ratings/0/level out-of-range"]
    assert refused(house, RatingInNote(card, 1, "not-achieved")) == ["/ratings/0/support achieved-and-not"]
    assert refused(house, RatingInNote(card, 0, "not-achieved")) == ["/ratings/0/support as-expected-and-not-achieved"]
    assert refused(house, RatingInNote(card, 0, scale_version=2)) == ["/ratings/0/level other-scale"]
    assert refused(house, *[RatingInNote(card, 0)] * (MOST_RATINGS + 1)) == ["/ratings too-many"]
    assert refused(house, RatingInNote(card, 0), setting="remote") == ["/ratings/0/context missing"]


def test_a_question_about_a_rating_is_answered_with_the_note(house: House):
    card = goal(house)
    wanted = SignNote(house.child, uuid4(), content(house), ratings=[RatingInNote(card, 0, "not-achieved")])
    with pytest.raises(InvalidInput) as asked:
        house.services.doors.execute(house.ot, wanted)
    (question,) = asked.value.problems
    meant = SignNote(wanted.case_id, wanted.note_id, wanted.content, False, [question.answer], wanted.ratings)
    house.services.doors.execute(house.ot, meant)
    assert [(o.level, o.support) for o in seen_of(house, card)] == [(0, "not-achieved")]


def test_the_same_note_sent_again_is_one_note_with_one_rating_each(house: House):
    card, note, do = goal(house), uuid4(), house.services.doors.execute
    command = SignNote(house.child, note, content(house), ratings=[RatingInNote(card, 0)])
    first, head = do(house.ot, command), house.services.record.head()
    again = do(house.ot, command)
    assert (again.repeated, again.position) == (True, first.position)
    assert house.services.record.head() == head
    with pytest.raises(InvalidInput) as other:
        do(house.ot, SignNote(house.child, note, command.content, ratings=[RatingInNote(card, 1)]))
    assert other.value.problems[0].code == "id-taken"
    assert [o.level for o in seen_of(house, card)] == [0]


def test_a_goal_that_one_may_not_read_does_not_exist_for_who_rates(house: House):
    own = goal(house, audience="own-discipline")
    unagreed = goal(house, "Ties his laces.", status="proposed")
    assert refused(house, RatingInNote(own, 0), by=house.slt) == ["/ratings/0/goal no-such-goal"]
    assert refused(house, RatingInNote(unagreed, 0), by=house.teacher, **SCHOOL) == ["/ratings/0/goal no-such-goal"]
    with_another = house.open_case("Mia", members=[(house.slt, Relation.SPEECH_THERAPIST)])
    command = SignNote(with_another, uuid4(), content(house), ratings=[RatingInNote(goal(house), 0)])
    with pytest.raises(InvalidInput) as refusal:
        house.services.doors.execute(house.ot, command)
    assert [p.code for p in refusal.value.problems] == ["no-such-goal"]


def test_a_teacher_rates_at_school_wherever_the_note_says_it_was(house: House):
    card = goal(house)
    rated(house, RatingInNote(card, 1), by=house.teacher, setting="community", **SCHOOL)
    assert [(o.context, o.observer["name"]) for o in seen_of(house, card)] == [("school", "Tove Dahl")]


def test_who_does_not_know_the_child_rates_nothing(house: House):
    card = goal(house)
    for nobody in (house.stranger, house.admin):
        with pytest.raises(NotFound):
            rated(house, RatingInNote(card, 0), by=nobody)
    assert seen_of(house, card) == []


def test_a_note_and_its_rating_are_corrected_apart(house: House):
    card, do = goal(house), house.services.doors.execute
    note = rated(house, RatingInNote(card, 0))
    (seen,) = seen_of(house, card)
    do(house.ot, EnterObservationInError(house.child, card, seen.id, "Another goal"))
    assert house.services.doors.ask(house.ot, ReadNote(house.child, note)).note.status == "signed"
    other = rated(house, RatingInNote(card, 1), text="Something else.", setting="home")
    do(house.ot, EnterNoteInError(house.child, other, "Another child"))
    assert [(o.level, o.marked) for o in seen_of(house, card)] == [(1, ""), (0, "Another goal")]


def test_an_id_that_somebody_chose_before_is_not_taken_over(house: House):
    card, note = goal(house), uuid4()
    chosen = observation_in(note, card)
    house.services.doors.execute(house.slt, ObserveGoal(house.child, card, chosen, ObservationContent("school", 1)))
    with pytest.raises(InvalidInput) as refusal:
        rated(house, RatingInNote(card, 0), note_id=note)
    assert [f"{p.pointer} {p.code}" for p in refusal.value.problems] == ["/ratings/0/goal id-taken"]


def test_an_answer_about_one_goal_is_none_about_another(house: House):
    card, swing = goal(house), goal(house, "Takes turns at the swing.")
    both = RatingInNote(card, 0, "not-achieved"), RatingInNote(swing, 0, "not-achieved")
    with pytest.raises(InvalidInput) as refusal:
        rated(house, *both)
    of_card, of_swing = (problem.answer for problem in refusal.value.problems)
    assert of_card != of_swing
    with pytest.raises(InvalidInput) as refusal:
        house.services.doors.execute(
            house.ot, SignNote(house.child, uuid4(), content(house), ratings=both, confirmed=(of_card,))
        )
    assert [problem.pointer for problem in refusal.value.problems] == ["/ratings/1/support"]
