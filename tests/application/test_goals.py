"""Writing about goals through the doors: once, never in another child's record, and nothing of two at once is lost."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import CloseCase, JoinNameToCircle, NameInCircle
from coord.application.declared import Command
from coord.application.goals import commands as g
from coord.application.goals import questions as r
from coord.application.notes.commands import SignNote
from coord.application.notes.questions import ReadNote
from coord.application.people.commands import RenamePerson
from coord.application.policies.commands import ChangePolicy
from coord.domain.case import GoalContent, GoalObserved, NoteContent, ObservationContent
from coord.domain.case.goals import ScaleContent
from coord.domain.case.measures import CopmContent, InstrumentContent, ScoreContent
from coord.domain.case.strategies import TrialContent
from coord.domain.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted, Stale
from tests.house import House, answered

LEVELS = {-2: "none", -1: "one", 0: "two", 1: "three", 2: "four"}


def words(house: House, statement: str = "Ties his laces", **more: Any) -> GoalContent:
    review = house.clock.now.date() + timedelta(days=90)
    scale = ScaleContent(LEVELS, baseline=-1)
    return GoalContent(statement, **{"contexts": ["therapy", "school"], "review_date": review, "scale": scale, **more})


def goal(house: House, *, case_id: UUID | None = None, active: bool = True, **more: Any) -> UUID:
    """A goal of the child that is being worked on (or only proposed)."""
    goal_id, child, do = uuid4(), case_id or house.child, house.services.doors.execute
    do(house.ot, g.ProposeGoal(child, goal_id, words(house, **more)))
    if active:
        do(house.ot, g.AgreeGoal(child, goal_id, 1, [("Mother", "guardian")]))
        do(house.ot, g.ChangeGoalStatus(child, goal_id, 2, "active"))
    return goal_id


def see(house: House, goal_id: UUID, level: int | None = 0, who: Any = None, **more: Any) -> UUID:
    seen = uuid4()
    content = ObservationContent(**{"context": "school", "level": level, **more})
    house.services.doors.execute(who or house.ot, g.ObserveGoal(house.child, goal_id, seen, content))
    return seen


def problem_of(house: House, who: Any, command: Command) -> str:
    with pytest.raises(InvalidInput) as refusal:
        house.services.doors.execute(who, command)
    (problem,) = refusal.value.problems
    return f"{problem.pointer} {problem.code}"


def test_a_colleague_who_saw_it_is_named_as_they_are_called_when_it_is_written(house: House):
    goal_id, sol, do = goal(house), house.slt.person_id, house.services.doors.execute
    see(house, goal_id, seen_by=sol)
    do(house.admin, RenamePerson(sol, "Sol Dahl"))
    see(house, goal_id, seen_by=sol)
    shown = house.services.doors.ask(house.ot, r.ReadGoal(house.child, goal_id)).observations
    assert sorted(o.seen_by["name"] for o in shown) == ["Sol Berg", "Sol Dahl"]


def test_a_remark_that_names_another_child_whom_one_knows_is_asked_about(house: House):
    goal_id = goal(house, audience="care-team-and-school")
    house.open_case("Cleo", full_name="Cleopatra Rossi")
    do = house.services.doors.execute

    def remark(text: str, *confirmed: str) -> g.ObserveGoal:
        return g.ObserveGoal(house.child, goal_id, uuid4(), ObservationContent("school", 0, "", text), confirmed)

    def answer_to(text: str) -> str:
        with pytest.raises(InvalidInput) as refusal:
            do(house.ot, remark(text))
        return refusal.value.problems[0].answer

    for text in ("Waited for cleo.", "Sat with Rossi."):
        assert problem_of(house, house.ot, remark(text)) == "/remark names-another-child"
    with pytest.raises(InvalidInput):  # an answer is for just the words that were asked about
        do(house.ot, remark("Waited for cleo.", answer_to("Sat with Rossi.")))
    do(house.ot, remark("Waited for cleo.", answer_to("Waited for cleo.")))
    seen = list(house.services.record.stream(house.child))[-1].event
    assert isinstance(seen, GoalObserved)
    # That it was asked is kept; which name it was taken for is not: who reads this child may not know the other.
    assert seen.answered == [{"pointer": "/remark", "code": "names-another-child", "params": {}}]
    do(house.ot, remark("Zig waited, as a Zander does."))  # the child's own names
    assert problem_of(house, house.teacher, remark("Sat by Cleo")) == "/remark names-another-child"
    do(house.teacher, remark("Sat by Rossi"))  # a family name is no business of the school's
    do(house.psychologist, g.ObserveGoal(house.child, goal_id, uuid4(), ObservationContent("school", 0)))


def test_names_of_children_whom_one_does_not_know_are_not_to_be_found_out(house: House):
    goal_id = goal(house)
    house.open_case("Cleo", members=())
    seen = ObservationContent("school", 0, "", "Waited for Cleo.")
    house.services.doors.execute(house.slt, g.ObserveGoal(house.child, goal_id, uuid4(), seen))


# ---- the same again ----------------------------------------------------------------------------------------------


def test_a_notes_id_may_not_be_a_goals(house: House):
    one = goal(house)
    command = SignNote(house.child, one, NoteContent("narrative", {"text": "x"}, house.clock.now))
    assert problem_of(house, house.ot, command) == "/id id-taken"
    with pytest.raises(NotFound, match="no-such-note"):
        house.services.doors.ask(house.ot, ReadNote(house.child, one))


@pytest.mark.parametrize("same_child", [True, False])
def test_the_same_id_sent_many_times_at_once_is_one_goal_of_one_child(house: House, same_child: bool):
    children = [house.child, house.child if same_child else house.open_case("Zag")]
    new, content = uuid4(), words(house)
    outcomes: list[tuple[UUID, str]] = []

    def send(number: int) -> None:
        child = children[number % 2]
        try:
            receipt = house.services.doors.execute(house.ot, g.ProposeGoal(child, new, content))
            outcomes.append((child, "repeated" if receipt.repeated else "new"))
        except DomainError as error:
            outcomes.append((child, error.code))

    at_once(send, 8)
    assert [o for _, o in outcomes].count("new") == 1
    (owner,) = {child for child, outcome in outcomes if outcome == "new"}
    assert all(o == ("repeated" if child == owner else "invalid-input") for child, o in outcomes if o != "new")
    assert [line.id for line in house.services.doors.ask(house.ot, r.ReadGoals(owner)).goals] == [new]


def at_once(do: Callable[[int], None], many: int) -> None:
    start = threading.Barrier(many)

    def run(number: int) -> None:
        start.wait()
        do(number)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_an_observation_sent_again_is_one_also_from_a_form(house: House):
    one, seen, do = goal(house), uuid4(), house.services.doors.execute
    at = house.clock.now - timedelta(hours=2)
    content = ObservationContent("home", 1, "verbal", "two\r\nlines ", at, "Mother")
    first = do(house.ot, g.ObserveGoal(house.child, one, seen, content))
    do(house.ot, g.ChangeGoalStatus(house.child, one, 3, "stopped", "moved"))
    again = do(house.ot, g.ObserveGoal(house.child, one, seen, content))
    assert again.repeated
    assert (again.id, again.position, again.status) == (seen, first.position, "observed")
    for other in (
        ObservationContent("home", 0, "verbal", "two\r\nlines ", at, "Mother"),
        ObservationContent("home", 1, "verbal", "two\r\nlines ", at, "Father"),
        ObservationContent("home", 1, "verbal", "two\r\nlines ", at + timedelta(hours=1), "Mother"),
    ):
        assert problem_of(house, house.ot, g.ObserveGoal(house.child, one, seen, other)) == "/id id-taken"
    assert problem_of(house, house.slt, g.ObserveGoal(house.child, one, seen, content)) == "/id id-taken"
    assert len(house.services.doors.ask(house.ot, r.ReadGoal(house.child, one)).observations) == 1


def test_what_came_of_a_strategy_is_told_once(house: House):
    strategy, trial, do = uuid4(), uuid4(), house.services.doors.execute
    do(house.ot, g.OfferStrategy(house.child, strategy, "One step", "school"))
    told = TrialContent("helped", "a\r\nb")
    first = do(house.teacher, g.TellOfStrategy(house.child, strategy, trial, told))
    again = do(house.teacher, g.TellOfStrategy(house.child, strategy, trial, told))
    assert (again.repeated, again.position) == (True, first.position)
    other = g.TellOfStrategy(house.child, strategy, trial, TrialContent("did-not", "a\r\nb"))
    assert problem_of(house, house.teacher, other) == "/id id-taken"
    assert problem_of(house, house.ot, g.TellOfStrategy(house.child, strategy, trial, told)) == "/id id-taken"


# ---- another child's ---------------------------------------------------------------------------------------------


def test_another_childs_goal_does_not_exist_here_nor_does_a_note(house: House):
    other = house.open_case("Zag")
    elsewhere, note = goal(house, case_id=other), house.note(house.ot)
    for one in (elsewhere, note, uuid4()):
        for wish in (
            g.ReviseGoal(house.child, one, 1, words(house, "x"), "x"),
            g.AgreeGoal(house.child, one, 1, [("Mother", "guardian")]),
            g.ChangeGoalStatus(house.child, one, 3, "achieved"),
            g.EnterGoalInError(house.child, one, "x"),
            g.ObserveGoal(house.child, one, uuid4(), ObservationContent("home", 0)),
            g.EnterObservationInError(house.child, one, uuid4(), "x"),
        ):
            with pytest.raises(NotFound, match="no-such-goal"):
                house.services.doors.execute(house.ot, wish)
        with pytest.raises(NotFound, match="no-such-goal"):
            house.services.doors.ask(house.ot, r.ReadGoal(house.child, one))
        assert problem_of(house, house.ot, g.OfferStrategy(house.child, uuid4(), "x", "home", one)) == (
            "/goal no-such-goal"
        )
        with pytest.raises(NotFound, match="no-such-strategy"):
            house.services.doors.execute(house.ot, g.EndStrategy(house.child, one, "x"))
        with pytest.raises(NotFound, match="no-such-measure"):
            house.services.doors.execute(house.ot, g.EnterMeasureInError(house.child, one, "x"))


def test_an_observation_names_a_note_of_this_child_that_its_writer_may_read(house: House):
    one, hidden = goal(house), house.note(house.psychologist, audience="own-discipline")
    mine, elsewhere = house.note(house.slt), house.note(house.ot, case_id=house.open_case("Zag"))
    for note in (hidden, elsewhere, one, uuid4()):
        command = g.ObserveGoal(house.child, one, uuid4(), ObservationContent("home", 0, note=note))
        assert problem_of(house, house.slt, command) == "/note no-such-note"
    see(house, one, who=house.slt, note=mine)
    (found,) = house.services.doors.ask(house.ot, r.ReadGoal(house.child, one)).observations
    assert found.note_id == mine


def test_a_copm_is_compared_with_a_copm_of_this_child_only(house: House):
    do, day, other = house.services.doors.execute, house.clock.now.date(), house.open_case("Zag")

    def take(child: UUID, earlier: UUID | None = None, performance: int = 3) -> UUID:
        measure = uuid4()
        content = CopmContent([("Laces", 8, performance, 4)], "guardian", "Mother", earlier, measured_on=day)
        do(house.ot, g.RecordCopm(child, measure, content))
        return measure

    first, elsewhere = take(house.child), take(other)
    with pytest.raises(InvalidInput):
        take(house.child, elsewhere)
    with pytest.raises(InvalidInput):
        take(house.child, goal(house))
    take(house.child, first, performance=5)
    later, _earlier = house.services.doors.ask(house.ot, r.ReadMeasures(house.child)).measures
    change = later.content["change"]
    assert (change.performance, change.performance_before) == (5, 3)
    do(house.ot, g.EnterMeasureInError(house.child, first, "wrong numbers"))
    later, _marked = house.services.doors.ask(house.ot, r.ReadMeasures(house.child)).measures
    assert later.content["change"].performance_before is None
    with pytest.raises(InvalidInput):
        take(house.child, first)


# ---- two at once -------------------------------------------------------------------------------------------------


def test_of_two_who_revise_at_once_one_hears_what_stands_now(house: House):
    one, done = goal(house), list[str]()

    def revise(number: int) -> None:
        command = g.ReviseGoal(house.child, one, 3, words(house, f"wording {number}"), "clearer")
        try:
            house.services.doors.execute((house.ot, house.slt)[number], command)
            done.append(f"wording {number}")
        except Stale as stale:
            done.append(f"stale, {stale.current_version} stands")

    assert house.ot != house.slt  # both are there before the race
    at_once(revise, 2)
    assert "stale, 4 stands" in done
    (line,) = house.services.doors.ask(house.ot, r.ReadGoals(house.child)).goals
    assert [line.content["statement"]] == [d for d in done if not d.startswith("stale")]
    assert line.version == 4


def test_everything_that_is_seen_at_once_is_kept(house: House):
    one = goal(house, audience="care-team-and-school")
    people = [house.ot, house.slt, house.student, house.teacher]
    failures: list[str] = []

    def watch(number: int) -> None:
        try:
            for i in range(6):
                see(house, one, i % 5 - 2, people[number % 4], remark=f"{number} {i}")
        except DomainError as error:
            failures.append(error.code)

    at_once(watch, 8)
    assert not failures
    answer = house.services.doors.ask(house.ot, r.ReadGoal(house.child, one))
    assert {o.remark for o in answer.observations} == {f"{n} {i}" for n in range(8) for i in range(6)}
    assert answer.line.version == 3, "observing is no edit that would be in somebody's way"


def test_an_observation_and_the_end_of_the_goal_at_once_are_both_kept_or_one_is_refused(house: House):
    for _ in range(4):
        one, seen, outcomes = goal(house), uuid4(), list[str]()

        def act(number: int, one: UUID = one, seen: UUID = seen, outcomes: list[str] = outcomes) -> None:
            wish: Command = g.ObserveGoal(house.child, one, seen, ObservationContent("home", 0))
            if number:
                wish = g.ChangeGoalStatus(house.child, one, 3, "stopped", "moved")
            try:
                house.services.doors.execute(house.ot, wish)
            except Conflict as conflict:
                outcomes.append(conflict.code)

        at_once(act, 2)
        answer = house.services.doors.ask(house.ot, r.ReadGoal(house.child, one))
        assert answer.goal.status == "stopped"
        assert len(answer.observations) == (0 if outcomes else 1)


# ---- what is read is what was written ----------------------------------------------------------------------------


def test_the_score_that_is_kept_is_the_one_that_is_shown(house: House):
    do, at = house.services.doors.execute, house.clock.now - timedelta(days=1)
    scale = ScaleContent(LEVELS, baseline=-1, importance=3, difficulty=1)
    one, two, unrated = goal(house), goal(house, scale=scale), goal(house)
    see(house, one, -2, observed_at=at)
    see(house, one, 1, observed_at=at)  # of the same moment: what was written later counts
    slip = see(house, one, 2)
    do(house.ot, g.EnterObservationInError(house.child, one, slip, "a slip"))
    see(house, two, 0)
    goal(house, active=False)  # only proposed: no part of it
    answer = house.services.doors.ask(house.ot, r.ReadGoals(house.child))
    (found,) = answer.attainments
    shown = found.attainment
    assert found.context == "school"
    assert (shown.rated, shown.scaled) == (2, 3)
    assert {x.goal: x.level for x in shown.included} == {one: 1, two: 0}
    do(house.ot, g.ScoreAttainment(house.child, uuid4()))
    (kept,) = house.services.doors.ask(house.ot, r.ReadGoals(house.child)).scores
    assert (kept.t, kept.baseline_t, kept.rated, kept.scaled, kept.rho) == (
        shown.t,
        shown.baseline_t,
        shown.rated,
        shown.scaled,
        shown.rho,
    )
    assert [(x["goal"], x["level"], x["weight"]) for x in kept.goals] == [(one, 1, 1), (two, 0, 3)]
    assert unrated not in {x["goal"] for x in kept.goals}
    see(house, one, -2)
    (kept,) = house.services.doors.ask(house.ot, r.ReadGoals(house.child)).scores
    assert kept.t == shown.t, "what was kept stays as it was"


def test_a_score_that_rests_on_a_hidden_goal_is_withheld(house: House):
    hidden = goal(house, audience="own-discipline")
    see(house, hidden, 1)
    see(house, goal(house), 0)
    house.services.doors.execute(house.ot, g.ScoreAttainment(house.child, uuid4()))
    assert len(house.services.doors.ask(house.student, r.ReadGoals(house.child)).scores) == 1
    answer = house.services.doors.ask(house.slt, r.ReadGoals(house.child))
    assert (answer.scores, answer.withheld) == ([], 1)
    assert [s.attainment.t for s in answer.attainments] == [50], "what they would score is over what they may read"


def test_a_rating_on_an_earlier_scale_counts_no_more_and_is_still_there(house: House):
    one = goal(house)
    see(house, one, 2, context="home")
    changed = words(house, scale=ScaleContent({**LEVELS, 2: "five"}, baseline=-1))
    house.services.doors.execute(house.ot, g.ReviseGoal(house.child, one, 3, changed, "too easy"))
    answer = house.services.doors.ask(house.ot, r.ReadGoal(house.child, one))
    assert (answer.line.level, answer.line.scale_version, answer.line.generalisation.state) == (None, 2, "unknown")
    (found,) = answer.observations
    assert (found.level, found.comparable, found.shown) == (2, False, None)
    assert house.services.doors.ask(house.ot, r.ReadGoals(house.child)).attainments == []


def test_the_matrix_moves_from_therapy_only_to_emerging_and_shows_why(house: House):
    one, ask = goal(house, audience="care-team-and-school"), house.services.doors.ask

    def row() -> dict[str, str]:
        found = ask(house.slt, r.ReadGoal(house.child, one)).line.generalisation
        return {"goal": found.state} | {x.context: x.state for x in found.cells}

    assert row() == {"goal": "unknown", "therapy": "unknown", "school": "unknown"}
    see(house, one, 0, context="therapy")
    assert row() == {"goal": "therapy-only", "therapy": "shown", "school": "unknown"}
    house.clock.turn(days=8)
    seen = see(house, one, 1, who=house.teacher)
    assert row() == {"goal": "emerging", "therapy": "shown", "school": "shown"}
    cell = ask(house.slt, r.ReadGoal(house.child, one)).line.generalisation.cells[1]
    assert (cell.shown, cell.lag_days) == ((seen,), 8)


def test_who_writes_what_they_saw_and_is_reported_by_another_is_one_observer(house: House):
    one = goal(house, contexts=["school", "community"], audience="care-team-and-school")
    see(house, one, who=house.teacher)
    see(house, one, reported_by=house.teacher.name.upper())
    see(house, one, context="community", reported_by=house.teacher.name)
    found = house.services.doors.ask(house.ot, r.ReadGoal(house.child, one)).line.generalisation
    # At school one of them twice on a day: one occasion.
    assert (found.state, found.occasions, found.contexts, found.observers) == ("emerging", 2, 2, 1)
    see(house, one, context="community", reported_by="Mother")
    found = house.services.doors.ask(house.ot, r.ReadGoal(house.child, one)).line.generalisation
    assert (found.state, found.observers) == ("generalised", 2)


# ---- the basis of a score ----------------------------------------------------------------------------------------


def scores(house: House) -> dict[str, float | None]:
    answer = house.services.doors.ask(house.ot, r.ReadGoals(house.child))
    return {s.context: round(s.attainment.t, 2) for s in answer.attainments}


def test_a_look_at_home_by_hearsay_does_not_move_the_score_of_therapy(house: House):
    three = [goal(house) for _ in range(3)]
    for one in three:
        see(house, one, 1, context="therapy")
    assert scores(house) == {"therapy": 63.69}
    house.clock.turn(days=1)
    for one in three:
        see(house, one, -2, context="home", reported_by="Mother")
    assert scores(house) == {"therapy": 63.69, "home": 22.61}, "each context has its own, and none is mixed"


def test_a_score_is_kept_with_context_rater_and_day_of_each_level(house: House):
    one, at = goal(house), house.clock.now - timedelta(days=2)
    seen = see(house, one, 1, context="therapy", observed_at=at)
    see(house, one, -2, context="home", reported_by="Mother")
    score = g.ScoreAttainment(house.child, uuid4())
    assert problem_of(house, house.ot, score) == "/context which-context"
    house.services.doors.execute(house.ot, g.ScoreAttainment(house.child, uuid4(), "therapy"))
    house.services.doors.execute(house.ot, g.ScoreAttainment(house.child, uuid4(), "home"))
    home, therapy = house.services.doors.ask(house.ot, r.ReadGoals(house.child)).scores
    assert therapy.basis == {"kind": "latest", "context": "therapy", "on": "", "parties": []}
    (level,) = therapy.goals
    assert (level["level"], level["context"], level["seen_at"], level["observation"]) == (1, "therapy", at, seen)
    assert (level["rater"], level["reported"]) == (house.ot.name, False)
    assert (home.goals[0]["rater"], home.goals[0]["reported"]) == ("Mother", True)


def test_levels_agreed_at_a_review_are_a_basis_of_their_own(house: House):
    one, two, other = goal(house), goal(house), goal(house, active=False)
    see(house, one, -2, context="therapy")
    today = house.clock.now.date()
    mia = [("Mia", "guardian"), ("Ada", "professional")]
    house.services.doors.execute(
        house.ot, g.ScoreAttainment(house.child, uuid4(), agreed=g.AgreedLevels(today, mia, [(one, 1)]))
    )
    (kept,) = house.services.doors.ask(house.ot, r.ReadGoals(house.child)).scores
    assert (kept.basis["kind"], kept.basis["on"]) == ("agreed", today.isoformat())
    assert [p["name"] for p in kept.basis["parties"]] == ["Mia", "Ada"]
    assert (kept.t, kept.rated, kept.scaled) == (60, 1, 2)
    assert (kept.goals[0]["level"], kept.goals[0]["rater"], kept.goals[0]["seen_at"]) == (1, "", None)

    def wrong(on: date | None = today, levels: Any = None, context: str = "") -> str:
        agreed = g.AgreedLevels(on, mia, [(two, 0)] if levels is None else levels)
        return problem_of(house, house.ot, g.ScoreAttainment(house.child, uuid4(), context, agreed))

    assert wrong(today + timedelta(days=1)) == "/on in-the-future"
    assert wrong(None) == "/on missing"
    assert wrong(levels={}) == "/levels missing"
    assert wrong(levels={two: 3}) == f"/levels/{two} out-of-range"
    assert wrong(levels={other: 1}) == f"/levels/{other} no-such-goal"  # only proposed: no part of a score
    assert wrong(context="home") == "/context two-bases"


def test_a_score_beside_the_one_before_says_where_the_scale_was_written_anew(house: House):
    one, two = goal(house), goal(house)
    see(house, one, -1, context="therapy")

    def keep() -> r.ScoreLine:
        house.clock.turn(days=1)
        house.services.doors.execute(house.ot, g.ScoreAttainment(house.child, uuid4(), "therapy"))
        answer: r.GoalsAnswer = house.services.doors.ask(house.ot, r.ReadGoals(house.child))
        return answer.scores[0]

    assert keep().earlier is None
    see(house, one, 0, context="therapy")
    then = keep().earlier
    assert then is not None
    assert (then.t, then.other_goals, list(then.other_scales)) == (40, False, [])
    changed = words(house, scale=ScaleContent({**LEVELS, 2: "five"}, baseline=-1))
    house.services.doors.execute(house.ot, g.ReviseGoal(house.child, one, 3, changed, "too easy"))
    see(house, one, 1, context="therapy")
    then = keep().earlier
    assert then is not None
    assert (then.t, list(then.other_scales)) == (50, ["Ties his laces"])
    see(house, two, 1, context="therapy")
    then = keep().earlier
    assert then is not None
    assert (then.other_goals, list(then.other_scales)) == (True, [])


# ---- observers, rules and time -----------------------------------------------------------------------------------


def state_of(house: House, one: UUID) -> Any:
    return house.services.doors.ask(house.ot, r.ReadGoal(house.child, one)).line


def test_mum_and_mother_are_one_observer_until_somebody_says_who_they_are(house: House):
    one, do = goal(house, contexts=["home", "community", "school"]), house.services.doors.execute
    see(house, one, context="home", reported_by="Mum")
    see(house, one, context="community", reported_by="mother")
    house.clock.turn(days=1)
    see(house, one, context="home")  # by the therapist, who went there
    found = state_of(house, one).generalisation
    assert (found.state, found.occasions, found.observers, found.reported) == ("generalised", 3, 2, 2)
    mia = uuid4()
    do(house.ot, NameInCircle(house.child, mia, "Mia", "mother"))
    do(house.ot, JoinNameToCircle(house.child, "MUM", mia))
    found = state_of(house, one).generalisation
    assert found.observers == 2, "Mia and the therapist; the typed “mother” may be Mia"
    nonno = uuid4()
    do(house.ot, NameInCircle(house.child, nonno, "Piero", "grandparent"))
    do(house.ot, JoinNameToCircle(house.child, "mother", nonno))
    assert state_of(house, one).generalisation.observers == 3


def test_two_typed_names_do_not_add_up_to_two_people(house: House):
    one = goal(house, contexts=["home", "community"])
    for n, (context, name) in enumerate((("home", "Mum"), ("community", "mother"), ("home", "Mamma"))):
        see(house, one, context=context, reported_by=name, observed_at=house.clock.now - timedelta(days=n))
    found = state_of(house, one).generalisation
    assert (found.state, found.occasions, found.contexts, found.observers) == ("emerging", 3, 2, 1)


def test_a_changed_rule_says_what_the_goal_was_by_the_one_before(house: House):
    one = goal(house, contexts=["home", "school"])
    see(house, one, context="home")
    assert state_of(house, one).generalisation.state == "emerging"
    assert state_of(house, one).generalisation.state_before == ""
    answer = house.services.doors.ask(house.ot, r.ReadGoals(house.child))
    assert answer.rule_change is None
    loose = {"occasions": 1, "contexts": 1, "observers": 1}
    house.services.doors.execute(house.lead, ChangePolicy("generalisation", 0, loose, "one look is enough"))
    answer = house.services.doors.ask(house.ot, r.ReadGoals(house.child))
    (line,) = answer.goals
    assert (line.generalisation.state, line.generalisation.state_before) == ("generalised", "emerging")
    change = answer.rule_change
    assert (change.by, change.reason, change.before.occasions) == (house.lead.name, "one look is enough", 3)
    assert house.services.doors.ask(house.teacher, r.ReadGoals(house.child)).rule_change is None


def test_what_was_found_long_ago_says_look_again(house: House):
    one = goal(house, contexts=["home", "school"])
    see(house, one, context="home")
    assert not state_of(house, one).generalisation.look_again
    house.clock.turn(weeks=12)
    found = state_of(house, one).generalisation
    assert (found.look_again, found.last_look, found.state) == (True, date(2026, 3, 10), "emerging")


# ---- what a page offers is what the door lets through ------------------------------------------------------------


@pytest.mark.parametrize("case_status", ["open", "closed"])
def test_what_a_goal_offers_is_what_can_be_done(house: House, case_status: str):
    do = house.services.doors.execute
    lives = {life: goal(house, active=life != "given up") for life in ("active", "stopped", "given up", "achieved")}
    lives["proposed"] = goal(house, active=False)
    do(house.ot, g.ChangeGoalStatus(house.child, lives["stopped"], 3, "stopped", "moved"))
    do(house.ot, g.ChangeGoalStatus(house.child, lives["given up"], 1, "stopped", "a duplicate"))
    do(house.ot, g.ChangeGoalStatus(house.child, lives["achieved"], 3, "achieved"))
    if case_status == "closed":
        answered(house.services.doors, house.ot, CloseCase(house.child, "done"))
    for who in (house.ot, house.slt, house.student, house.lead):
        for life, one in lives.items():
            answer = house.services.doors.ask(who, r.ReadGoal(house.child, one))
            steps = answer.next_statuses
            tries: dict[str, Command] = {
                "ReviseGoal": g.ReviseGoal(house.child, one, -1, words(house), ""),
                "AgreeGoal": g.AgreeGoal(house.child, one, -1, ()),
                "EnterGoalInError": g.EnterGoalInError(house.child, one, "", -1),
                "ObserveGoal": g.ObserveGoal(house.child, one, uuid4(), ObservationContent("")),
                "OfferStrategy": g.OfferStrategy(house.child, uuid4(), "", "home", one),
            }
            for name, command in tries.items():
                with pytest.raises(DomainError) as refusal:
                    do(who, command)
                possible = not isinstance(refusal.value, NotPermitted | Conflict)
                assert (name in answer.line.may) is possible, (name, who.name, life, refusal.value)
            may_step = case_status == "open" and who in (house.ot, house.slt, house.lead) and life != "given up"
            assert ("ChangeGoalStatus" in answer.line.may) is bool(steps) is may_step


# ---- a teacher ---------------------------------------------------------------------------------------------------


def test_a_teacher_gets_the_goal_without_what_is_no_business_of_the_schools(house: House):
    do, ask = house.services.doors.execute, house.services.doors.ask
    scale = ScaleContent(LEVELS, baseline=-1, importance=3, difficulty=2)
    private = goal(house)
    one = goal(house, audience="care-team-and-school", baseline="cannot yet", icf="d5", scale=scale)
    see(house, one, 2, context="therapy")
    note = house.note(house.ot)
    see(house, one, 0, context="school", note=note)
    mine = see(house, one, 1, house.teacher)
    do(house.ot, g.ScoreAttainment(house.child, uuid4(), "therapy"))
    strategy = uuid4()
    do(house.ot, g.OfferStrategy(house.child, strategy, "One step at a time", "school", private))
    answer = ask(house.teacher, r.ReadGoals(house.child))
    (line,) = answer.goals
    assert (answer.attainments, answer.scores, answer.withheld) == ([], [], 0)
    assert set(line.content) == {
        *("statement", "child_view", "contexts", "condition", "criterion"),
        *("support", "review_date", "audience", "scale"),
    }
    assert set(line.content["scale"]) == {"levels"}
    assert {o.context for o in line.observations} == {"school"}
    assert {o.note_id for o in line.observations} == {None}
    assert [x.context for x in line.generalisation.cells] == ["school"]
    assert line.generalisation.cells[0].lag_days is None
    assert line.may == {"ObserveGoal", "EnterObservationInError"}
    assert [s.goal_id for s in answer.strategies] == [None]
    story = ask(house.teacher, r.ReadGoal(house.child, one))
    assert (story.contexts, story.next_statuses) == (["school"], ())
    assert {o.id for o in story.observations} == {o.id for o in story.goal.observations} >= {mine}
    assert {o.note for o in story.goal.observations} == {None}
    assert (story.goal.agreements, [s.reason for s in story.goal.statuses]) == ((), [""])
    assert (story.goal.content["baseline"], story.goal.content["icf"]) == ("", "")
    for wish in (r.ReadMeasures(house.child),):
        with pytest.raises(NotPermitted):
            ask(house.teacher, wish)


def test_looks_at_goals_are_recorded_with_what_was_shown(house: House):
    one = goal(house)
    house.services.doors.ask(house.slt, r.ReadGoal(house.child, one))
    house.services.doors.ask(house.slt, r.ReadGoals(house.child, export="pdf"))
    whole, single = house.services.access.page(limit=2)
    assert (single["kind"], single["entries"]) == ("ReadGoal", one.hex)
    assert (whole["kind"], whole["entries"], whole["detail"]) == ("ReadGoals", one.hex, {"export": "pdf"})


# ---- nothing that anybody can type stops a view ------------------------------------------------------------------

ODD = (
    *("\u2028", "\u202eRTL", "👩‍👧‍👦", "e\u0301\u0301", "%_\\'\"--;", "{}[]null"),
    *("\x00", "\ud800", "\ufffe", " ", "x" * 1001, "ß"),
)


@pytest.mark.parametrize("odd", ODD)
def test_odd_words_in_every_field_are_kept_or_refused_and_stop_no_view(house: House, odd: str):
    do, one, strategy, day = house.services.doors.execute, goal(house), uuid4(), house.clock.now.date()
    do(house.ot, g.OfferStrategy(house.child, strategy, "One step", "school"))
    scale = ScaleContent({n: f"{n} {odd}"[:400] for n in range(-2, 3)})
    score = ScoreContent(odd, raw=1, band=odd)
    wishes: list[Command] = [
        g.ProposeGoal(house.child, uuid4(), words(house, odd, child_view=odd, criterion=odd, scale=scale)),
        g.ReviseGoal(house.child, one, 3, words(house, odd, baseline=odd, condition=odd), odd),
        g.AgreeGoal(house.child, one, 3, [(odd, "guardian")]),
        g.ChangeGoalStatus(house.child, one, 3, "on-hold", odd),
        g.ObserveGoal(house.child, one, uuid4(), ObservationContent("home", 0, "", odd, None, odd)),
        g.TellOfStrategy(house.child, strategy, uuid4(), TrialContent("helped", odd, None, odd)),
        g.EndStrategy(house.child, strategy, odd),
        g.RecordCopm(house.child, uuid4(), CopmContent([(odd, 1, 1, 1)] * 2, "child", odd, None, odd, measured_on=day)),
        g.RecordInstrument(
            house.child,
            uuid4(),
            InstrumentContent(odd, odd, day, [score], "child", odd, odd, odd, odd, odd),
        ),
    ]
    for wish in wishes:
        with suppress(InvalidInput, Stale):
            do(house.ot, wish)
    answer = house.services.doors.ask(house.ot, r.ReadGoals(house.child, ended=True))
    assert answer.shown.incomplete == {}
    assert answer.shown.position == house.services.record.head()
    assert [s for s in house.services.views.states() if s.error] == []


@pytest.mark.parametrize("year", [1900, 9999])
def test_the_ends_of_the_calendar_stop_no_view(house: House, year: int):
    do, one, at = house.services.doors.execute, goal(house), datetime(year, 1, 1, tzinfo=UTC)
    wishes: list[Command] = [
        g.ProposeGoal(house.child, uuid4(), words(house, review_date=date(year, 12, 31))),
        g.ObserveGoal(house.child, one, uuid4(), ObservationContent("home", 0, observed_at=at)),
        g.RecordCopm(house.child, uuid4(), CopmContent([("x", 1, 1, 1)], "child", measured_on=date(year, 1, 1))),
    ]
    for wish in wishes:
        with suppress(InvalidInput):
            do(house.ot, wish)
    assert house.services.doors.ask(house.ot, r.ReadGoals(house.child)).shown.incomplete == {}
