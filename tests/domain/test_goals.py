"""Goals: proposed, agreed, worked on, seen in many places; revised as new versions, never overwritten."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as every
from hypothesis import strategies as st

from coord.domain.actors import Actor
from coord.domain.case import CirclePersonCorrected, CirclePersonNamed, goals
from coord.domain.case.goals import (
    Goal,
    GoalAgreed,
    GoalObservationEnteredInError,
    GoalObserved,
    GoalProposed,
    GoalRevised,
    GoalStatusChanged,
    ObservationContent,
    ScaleContent,
    possible_statuses,
)
from coord.domain.case.goals.goal import the_writer, written_name
from coord.domain.case.goals.life import NEXT
from coord.domain.case.goals.scales import weight_of
from coord.domain.case.goals.wording import GoalStatus
from coord.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted, Stale
from coord.domain.input import answer_to
from tests.domain.goal_story import (
    GOAL,
    LEVELS,
    SCALE,
    SEEN,
    agreed,
    became,
    goal_of,
    observation_in_error,
    observed,
    proposed,
    revised,
    someday,
    when,
    wording,
    written,
)
from tests.domain.story import ADA, LARS, LEA, NOW, PIA, SAM, TESS, TODAY, Fact, Story, closed, given, joined

active = (proposed(), agreed(), became("active"))


def propose(story: Story, by: Actor = ADA, **changes: Any) -> Story:
    return story.when(goals.propose, actor=by, today=TODAY, goal_id=GOAL, content=written(**changes))


# ---- proposing ---------------------------------------------------------------------------------------------------


def test_a_goal_is_proposed_as_it_was_written():
    propose(given()).then(Fact(GoalProposed, goal_id=GOAL, content=wording()))


def test_the_case_knows_its_goals_and_no_more():
    story = given(proposed(), proposed(goal_id=UUID(int=22)), agreed(), observed())
    assert list(story.state.goals) == [str(GOAL), str(UUID(int=22))]


def test_a_goal_without_a_discipline_is_its_authors():
    propose(given(), PIA, disciplines=[]).then(Fact(GoalProposed, PIA, content=wording(disciplines=["psychology"])))


def test_choices_are_kept_once_and_in_one_order():
    story = propose(given(), contexts=["school", "home", "school"], disciplines=["slt", "ot", "slt"])
    content = story.state.pending_events[0].content
    assert (content["contexts"], content["disciplines"]) == (["home", "school"], ["ot", "slt"])


def test_in_a_closed_case_no_goal_is_proposed():
    propose(given(closed)).refused("case-closed", Conflict)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"statement": " "}, "/statement missing"),
        ({"statement": "x" * 501}, "/statement too-long"),
        ({"statement": "a\x00b"}, "/statement broken-characters"),
        ({"contexts": []}, "/contexts missing"),
        ({"contexts": ["moon"]}, "/contexts/0 unknown-choice"),
        ({"disciplines": ["magic"]}, "/disciplines/0 unknown-choice"),
        ({"icf": "d10"}, "/icf unknown-choice"),
        ({"icf": "b1"}, "/icf unknown-choice"),
        ({"support": "not-achieved"}, "/support unknown-choice"),
        ({"support": ""}, "/support missing"),
        ({"review_date": None}, "/review_date missing"),
        ({"review_date": someday(-1)}, "/review_date in-the-past"),
        ({"audience": "everybody"}, "/audience unknown-choice"),
        ({"audience": ""}, "/audience missing"),
        ({"child_view": "x" * 1001}, "/child_view too-long"),
    ],
)
def test_what_no_goal_can_be_made_of_is_refused(changes: dict[str, Any], problem: str):
    propose(given(), **changes).refused(problem)


def test_a_review_today_is_no_review_in_the_past():
    propose(given(), review_date=TODAY).then(Fact(GoalProposed, content=wording(review_date=TODAY.isoformat())))


# ---- the scale ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scale", "problem"),
    [
        (ScaleContent({n: t for n, t in LEVELS.items() if n != 2}), "/scale/levels/2 missing"),
        (ScaleContent({**LEVELS, 3: "the moon"}), "/scale/levels unknown-choice"),
        (ScaleContent({**LEVELS, -1: "NO WORD"}), "/scale/levels/-1 same-as-another"),
        (ScaleContent({**LEVELS, -1: "no  word"}), "/scale/levels/-1 same-as-another"),
        (ScaleContent({**LEVELS, -1: "no\N{NO-BREAK SPACE}word"}), "/scale/levels/-1 same-as-another"),
        (ScaleContent(LEVELS, baseline=-3), "/scale/baseline out-of-range"),
        (ScaleContent(LEVELS, baseline=0.5), "/scale/baseline wrong-type"),  # type: ignore[arg-type]
        (ScaleContent(LEVELS, importance=4, difficulty=1), "/scale/importance out-of-range"),
        (ScaleContent(LEVELS, importance=1, difficulty=-1), "/scale/difficulty out-of-range"),
        (ScaleContent(LEVELS, importance=2), "/scale/difficulty missing"),
        (ScaleContent(LEVELS, difficulty=2), "/scale/importance missing"),
    ],
)
def test_a_scale_has_five_different_levels_and_a_whole_weight_or_none(scale: ScaleContent, problem: str):
    propose(given(), scale=scale).refused(problem)


@pytest.mark.parametrize(
    ("importance", "difficulty", "weight"), [(None, None, 1), (3, 3, 9), (2, 1, 2), (0, 3, 0), (3, 0, 0)]
)
def test_the_weight_is_one_or_importance_times_difficulty(importance: Any, difficulty: Any, weight: int):
    assert weight_of({**SCALE, "importance": importance, "difficulty": difficulty}) == weight


# ---- other words -------------------------------------------------------------------------------------------------


def revise(
    story: Story, expected: int | None = None, by: Actor = ADA, reason: str = "clearer", **changes: Any
) -> Story:
    version = goal_of(story).version if expected is None else expected
    return when(
        story,
        goals.revise,
        actor=by,
        today=TODAY,
        expected_version=version,
        content=written(**changes),
        reason=reason,
    )


def test_other_words_are_a_new_version_and_the_old_ones_stay():
    story = revise(given(*active), statement="Copies a sentence")
    story.then(Fact(GoalRevised, content=wording(statement="Copies a sentence"), content_version=2, reason="clearer"))
    told = given(*active, revised(statement="Copies a sentence"))
    assert [v.content["statement"] for v in goal_of(told).versions] == [
        "Copies a sentence of five words on the line",
        "Copies a sentence",
    ]


def test_who_agreed_to_other_words_did_not_agree_to_these():
    assert goal_of(given(*active)).agreed_as_it_stands
    goal = goal_of(given(*active, revised(statement="More")))
    assert goal.agreed
    assert not goal.agreed_as_it_stands
    assert goal_of(given(*active, revised(statement="More"), agreed(2))).agreed_as_it_stands


OTHER = {**LEVELS, 0: "four words"}


@pytest.mark.parametrize(
    ("past", "scale", "version"),
    [
        ((), ScaleContent(OTHER, baseline=-1), 2),  # somebody may be reading the old one to rate on it
        ((observed(),), ScaleContent(OTHER, baseline=-1), 2),
        ((observed(),), None, 2),
        ((observed(), observation_in_error()), ScaleContent(OTHER, baseline=-1), 2),  # it was rated, if wrongly
        ((observed(None, support="verbal"),), ScaleContent(OTHER, baseline=-1), 2),
        ((observed(),), ScaleContent(LEVELS, baseline=-2), 1),  # a better baseline or weight: the levels still mean
        ((observed(),), ScaleContent(LEVELS, baseline=-1, importance=3, difficulty=2), 1),  # what was rated
    ],
)
def test_other_levels_begin_a_new_scale(past: Any, scale: Any, version: int):
    revise(given(*active, *past), scale=scale).then(Fact(GoalRevised, scale_version=version))


def test_a_goal_that_had_no_scale_gets_its_first():
    story = revise(given(proposed(scale=None)))
    story.then(Fact(GoalRevised, content=wording(), scale_version=1))


@pytest.mark.parametrize(
    ("past", "expected", "changes", "code", "kind"),
    [
        ((proposed(),), 1, {}, "nothing-changed", Conflict),
        (active, 1, {"statement": "More"}, "stale", Stale),
        ((proposed(), became("stopped", "proposed", "no")), 2, {"statement": "More"}, "goal-ended", Conflict),
        ((*active, became("achieved", "active")), 4, {"statement": "More"}, "goal-ended", Conflict),
        ((proposed(), became("entered-in-error", "proposed", "no")), 2, {"statement": "x"}, "goal-ended", Conflict),
        ((proposed(), closed), 1, {"statement": "More"}, "case-closed", Conflict),
    ],
)
def test_what_cannot_be_revised(past: Any, expected: int, changes: dict[str, Any], code: str, kind: Any):
    revise(given(*past), expected, **changes).refused(code, kind)


def test_a_revision_says_why():
    revise(given(proposed()), statement="More", reason=" ").refused("/reason missing")


def test_a_review_date_that_has_passed_may_stand_but_no_new_one_in_the_past():
    past = given(proposed(review_date="2026-05-01"))
    revise(past, statement="More", review_date=someday(-31)).then(Fact(GoalRevised))
    revise(given(proposed(review_date="2026-05-01")), statement="More", review_date=someday(-30)).refused(
        "/review_date in-the-past"
    )


def test_nobody_takes_a_goal_out_of_their_own_sight():
    revise(given(proposed()), by=PIA, audience="own-discipline").refused("/audience not-for-your-role")
    revise(given(proposed()), by=LEA, audience="own-discipline").refused("/audience not-for-your-role")
    revise(given(proposed()), audience="own-discipline").then(Fact(GoalRevised))
    for by in (PIA, LEA):  # to share it with more is nobody's alone
        revise(given(proposed()), by=by, audience="care-team-and-school").then(Fact(GoalRevised, by))


# ---- agreeing ----------------------------------------------------------------------------------------------------


def agree(story: Story, *parties: tuple[str, str], expected: int = 1) -> Story:
    return when(story, goals.agree, actor=ADA, expected_version=expected, parties=parties)


def test_agreed_by_the_guardian_and_the_child():
    agree(given(proposed()), ("Mother", "guardian"), (" Zig ", "child")).then(
        Fact(
            GoalAgreed,
            content_version=1,
            parties=[{"name": "Mother", "party": "guardian"}, {"name": "Zig", "party": "child"}],
        )
    )
    assert goal_of(given(proposed(), agreed())).status == "agreed"


def test_agreeing_again_does_not_end_the_work():
    assert goal_of(given(*active, revised(statement="x"), agreed(2))).status == "active"


@pytest.mark.parametrize(
    ("parties", "problem"),
    [
        ((), "/parties missing"),
        ((("Mother", "friend"),), "/parties/0/party unknown-choice"),
        ((("", "guardian"),), "/parties/0/name missing"),
        ((("Mo\nther", "guardian"),), "/parties/0/name broken-characters"),
        ((("Mother", "guardian"),) * 13, "/parties too-many"),
    ],
)
def test_an_agreement_names_who_and_as_what(parties: Any, problem: str):
    agree(given(proposed()), *parties).refused(problem)


@pytest.mark.parametrize(
    ("past", "expected", "code"),
    [
        ((proposed(),), 2, "stale"),
        ((proposed(), closed), 1, "case-closed"),
        ((proposed(), became("stopped", "proposed", "no")), 2, "goal-ended"),
    ],
)
def test_what_cannot_be_agreed_to(past: Any, expected: int, code: str):
    agree(given(*past), ("Mother", "guardian"), expected=expected).refused(code)


# ---- the life of a goal ------------------------------------------------------------------------------------------

LIVES: dict[str, tuple[Fact, ...]] = {
    "proposed": (proposed(),),
    "agreed": (proposed(), agreed()),
    "active": active,
    "on-hold": (*active, became("on-hold", "active", "holidays")),
    "achieved": (*active, became("achieved", "active")),
    "maintained": (*active, became("achieved", "active"), became("maintained", "achieved")),
    "stopped": (*active, became("stopped", "active", "moved")),
    "entered-in-error": (proposed(), became("entered-in-error", "proposed", "wrong child")),
}


def go(story: Story, status: str, reason: str = "so it is", expected: int | None = None) -> Story:
    version = goal_of(story).version if expected is None else expected
    return when(story, goals.change_status, actor=ADA, expected_version=version, status=status, reason=reason)


@pytest.mark.parametrize("before", list(LIVES))
@pytest.mark.parametrize("after", [s.value for s in GoalStatus if s.value != "entered-in-error"])
def test_only_the_steps_of_the_table_are_taken(before: str, after: str):
    story = go(given(*LIVES[before]), after)
    if after in NEXT[before]:
        story.then(Fact(GoalStatusChanged, status=after, before=before, reason="so it is"))
    else:
        story.refused("not-after-this-status", Conflict)


@pytest.mark.parametrize(
    ("before", "after", "needed"),
    [
        ("agreed", "active", False),
        ("active", "achieved", False),
        ("achieved", "maintained", False),
        ("active", "on-hold", True),
        ("active", "stopped", True),
        ("achieved", "active", True),
        ("stopped", "active", True),
        ("proposed", "stopped", True),
    ],
)
def test_steps_forward_need_no_reason_and_all_others_do(before: str, after: str, needed: bool):
    story = go(given(*LIVES[before]), after, reason="")
    if needed:
        story.refused("/reason missing")
    else:
        story.then(Fact(GoalStatusChanged, status=after))


def test_an_error_is_no_state_that_one_may_choose():
    go(given(*active), "entered-in-error").refused("/status unknown-choice")


def test_what_was_given_up_before_anybody_agreed_does_not_begin():
    story = given(proposed(), became("stopped", "proposed", "a duplicate"))
    assert possible_statuses(goal_of(story)) == []
    go(story, "active").refused("not-after-this-status", Conflict)


def test_two_who_step_at_once_do_not_both_step():
    go(given(*active), "achieved", expected=2).refused("stale", Stale)


def test_in_a_closed_case_no_goal_moves():
    go(given(*active, closed), "achieved").refused("case-closed", Conflict)


# ---- entered in error --------------------------------------------------------------------------------------------


def wrong(story: Story, by: Actor = ADA, expected: int | None = None, reason: str = "wrong child") -> Story:
    return when(story, goals.enter_in_error, actor=by, expected_version=expected, reason=reason)


@pytest.mark.parametrize(("who", "may"), [(ADA, True), (LEA, True), (LARS, False), (PIA, False), (SAM, False)])
def test_its_author_and_the_lead_say_that_a_goal_was_a_mistake(who: Actor, may: bool):
    story = wrong(given(proposed()), who)
    if may:
        story.then(Fact(GoalStatusChanged, who, status="entered-in-error", before="proposed", reason="wrong child"))
    else:
        story.refused("not-the-author", NotPermitted)


@pytest.mark.parametrize("life", [s for s in LIVES if s != "entered-in-error"])
def test_from_every_state_and_in_a_closed_case_too(life: str):
    wrong(given(*LIVES[life], closed)).then(Fact(GoalStatusChanged, status="entered-in-error", before=life))


def test_once_and_with_a_reason_and_not_on_an_older_version():
    wrong(given(*LIVES["entered-in-error"])).refused("entered-in-error", Conflict)
    wrong(given(proposed()), reason="").refused("/reason missing")
    wrong(given(*active), expected=1).refused("stale", Stale)


# ---- observing ---------------------------------------------------------------------------------------------------


def observe(story: Story, by: Actor = ADA, confirmed: Sequence[str] = (), **content: Any) -> Story:
    values = {"context": "school", "level": 0, **content}
    seen = ObservationContent(**values)
    return when(story, goals.observe, actor=by, observation_id=SEEN, content=seen, confirmed=confirmed)


def test_an_observation_keeps_where_by_whom_how_far_and_with_which_help():
    at = NOW - timedelta(hours=3)
    observe(given(*active), TESS, support="visual", remark=" on his own ", observed_at=at).then(
        Fact(
            GoalObserved,
            TESS,
            goal_id=GOAL,
            observation_id=SEEN,
            context="school",
            level=0,
            scale_version=1,
            support="visual",
            remark="on his own",
            observed_at=at,
            seen_by=the_writer(),
            note="",
            answered=[],
        )
    )


def test_without_a_time_it_is_now():
    observe(given(*active)).then(Fact(GoalObserved, observed_at=NOW))


@pytest.mark.parametrize("life", list(LIVES))
def test_observed_before_the_work_and_after_it_but_not_once_given_up(life: str):
    story = observe(given(*LIVES[life]))
    if life in ("stopped", "entered-in-error"):
        story.refused("goal-ended", Conflict)
    else:
        story.then(Fact(GoalObserved))


def test_an_observation_changes_no_version_so_that_nobody_is_in_anybodys_way():
    assert goal_of(given(*active, observed(), observed(observation_id=UUID(int=32)))).version == 3


def test_it_is_on_the_scale_of_that_day():
    observe(given(*active, observed(), revised(2, 2, scale={**SCALE, "levels": {}}))).then(
        Fact(GoalObserved, scale_version=2)
    )


def test_a_level_read_on_a_scale_that_was_changed_meanwhile_is_not_taken_for_one_on_the_new():
    past = (*active, observed(), revised(2, 2, scale={**SCALE, "levels": {}}))
    observe(given(*past), scale_version=1).refused("/level other-scale")
    observe(given(*past), scale_version=2).then(Fact(GoalObserved, scale_version=2))
    observe(given(*past), scale_version=1, level=None, support="verbal").then(Fact(GoalObserved, level=None))


@pytest.mark.parametrize(
    ("by", "content", "problem"),
    [
        (ADA, {"context": "moon"}, "/context unknown-choice"),
        (ADA, {"context": ""}, "/context missing"),
        (TESS, {"context": "home"}, "/context unknown-choice"),  # a teacher observes at school
        (ADA, {"level": 3}, "/level out-of-range"),
        (ADA, {"level": True}, "/level wrong-type"),
        (ADA, {"level": 0.5}, "/level wrong-type"),
        (ADA, {"level": None}, "/level missing"),
        (ADA, {"support": "magic"}, "/support unknown-choice"),
        (ADA, {"observed_at": NOW + timedelta(hours=1)}, "/observed_at in-the-future"),
        (ADA, {"observed_at": NOW.replace(tzinfo=None)}, "/observed_at no-time-zone"),
        (ADA, {"remark": "x" * 1001}, "/remark too-long"),
        (ADA, {"reported_by": "a\nb"}, "/reported_by broken-characters"),
    ],
)
def test_an_observation_that_makes_no_sense_is_refused(by: Actor, content: dict[str, Any], problem: str):
    observe(given(*active), by, **content).refused(problem)


def test_more_than_expected_and_not_achieved_cannot_both_be():
    for level in (1, 2):
        observe(given(*active), level=level, support="not-achieved").refused("/support achieved-and-not")
    for level in (-1, -2):
        observe(given(*active), level=level, support="not-achieved").then(Fact(GoalObserved, level=level))


def test_as_expected_and_not_achieved_is_asked_about_once_and_the_answer_kept():
    question = "/support as-expected-and-not-achieved"
    observe(given(*active), level=0, support="not-achieved").refused(question)
    answer = answer_to("as-expected-and-not-achieved", f"{GOAL} 0 not-achieved")
    kept = [{"pointer": "/support", "code": "as-expected-and-not-achieved", "params": {}}]
    observe(given(*active), confirmed=[answer], level=0, support="not-achieved").then(Fact(GoalObserved, answered=kept))
    observe(given(*active), confirmed=[answer], level=2, support="not-achieved").refused("/support achieved-and-not")


MIA, AIDE = UUID(int=41), UUID(int=42)
around = (
    Fact(CirclePersonNamed, person=str(MIA), name="Mia", relation="mother"),
    Fact(CirclePersonNamed, person=str(AIDE), name="Ivo", relation="assistant"),
)
PIA_JOINS = joined(PIA, "psychologist")


def test_who_saw_it_is_chosen_from_the_people_around_the_child():
    past = (*active, *around, PIA_JOINS)
    observe(given(*past), seen_by=MIA).then(
        Fact(GoalObserved, seen_by={"known_as": "circle", "person": str(MIA), "name": "Mia", "relation": "mother"})
    )
    pia = {"known_as": "team", "person": str(PIA.person_id), "name": "Pia", "relation": "psychologist"}
    observe(given(*past), seen_by=PIA.person_id).then(Fact(GoalObserved, seen_by=pia))
    observe(given(*past), PIA, seen_by=PIA.person_id).then(Fact(GoalObserved, PIA, seen_by=the_writer()))
    observe(given(*past), reported_by="Mum").then(Fact(GoalObserved, seen_by=written_name("Mum")))
    observe(given(*past), seen_by=UUID(int=99)).refused("/seen_by not-around-the-child")
    observe(given(*past), seen_by=MIA, reported_by="Mum").refused("/reported_by two-observers")


def test_a_teacher_chooses_among_the_people_of_the_school():
    past = (*active, *around, PIA_JOINS)
    observe(given(*past), TESS, seen_by=AIDE).then(Fact(GoalObserved, TESS))
    observe(given(*past), TESS, seen_by=MIA).refused("/seen_by not-around-the-child")
    observe(given(*past), TESS, seen_by=PIA.person_id).refused("/seen_by not-around-the-child")


def test_who_is_not_on_the_list_any_more_is_not_chosen():
    gone = Fact(
        CirclePersonCorrected, person=str(MIA), changes={"listed": False}, before={"listed": True}, reason="moved away"
    )
    observe(given(*active, *around, gone), seen_by=MIA).refused("/seen_by not-around-the-child")


def test_a_goal_without_a_scale_is_observed_by_help_or_words():
    bare = (proposed(scale=None), agreed())
    observe(given(*bare), level=0).refused("/level no-scale")
    observe(given(*bare), level=None).refused("/support missing")
    observe(given(*bare), level=None, support="verbal").then(Fact(GoalObserved, level=None, support="verbal"))
    observe(given(*bare), level=None, remark="smiled").then(Fact(GoalObserved, remark="smiled", support=""))


def test_in_a_closed_case_only_what_was_seen_before_is_kept():
    observe(given(*active, closed)).refused("case-closed", Conflict)  # it was closed a day ago
    observe(given(*active, closed), observed_at=NOW - timedelta(hours=23)).refused("case-closed", Conflict)
    observe(given(*active, closed), observed_at=NOW - timedelta(hours=25)).then(Fact(GoalObserved))


# ---- an observation in error -------------------------------------------------------------------------------------


def slip(story: Story, by: Actor = ADA, observation_id: UUID = SEEN, reason: str = "a slip") -> Story:
    return when(story, goals.enter_observation_in_error, actor=by, observation_id=observation_id, reason=reason)


@pytest.mark.parametrize(("who", "may"), [(TESS, True), (LEA, True), (ADA, False), (LARS, False)])
def test_who_wrote_it_and_the_lead_take_an_observation_back(who: Actor, may: bool):
    story = slip(given(*active, observed(by=TESS, context="school")), who)
    if may:
        story.then(Fact(GoalObservationEnteredInError, who, observation_id=SEEN, reason="a slip"))
    else:
        story.refused("not-the-author", NotPermitted)


def test_once_with_a_reason_and_only_what_is_there():
    slip(given(*active, observed(), observation_in_error())).refused("entered-in-error", Conflict)
    slip(given(*active, observed()), reason="").refused("/reason missing")
    slip(given(*active, observed()), observation_id=UUID(int=99)).refused("no-such-observation", NotFound)
    slip(given(*active, observed(), closed)).then(Fact(GoalObservationEnteredInError))


def test_it_stays_in_the_record_with_its_mark():
    (found,) = goal_of(given(*active, observed(), observation_in_error())).observations
    assert (found.error, found.level) == ("the wrong goal", 0)


# ---- folding -----------------------------------------------------------------------------------------------------


def test_a_record_that_begins_in_the_middle_is_broken():
    story = given(*active)
    with pytest.raises(ValueError, match="before the goal was proposed"):
        Goal.from_events(story.past[2:])
    with pytest.raises(ValueError, match="no event of a goal"):
        Goal.from_events([story.past[1], story.past[0]])
    assert Goal.from_events([]) is None


@every(
    st.builds(
        dict,
        statement=st.text(max_size=20),
        contexts=st.lists(st.sampled_from(["home", "school", "moon", "therapy"]), max_size=4),
        support=st.sampled_from(["verbal", "", "magic"]),
        icf=st.sampled_from(["", "d4", "x"]),
    )
)
def test_whatever_is_written_is_kept_whole_or_refused_whole(changes: dict[str, Any]):
    story = propose(given(), **changes)
    assert (story.error is None) == (len(story.state.pending_events) == 1)
    if story.error is not None:
        assert isinstance(story.error, InvalidInput)
        return
    folded = Goal.from_events(story.state.pending_events)
    assert folded is not None
    assert set(folded.content["contexts"]) == set(changes["contexts"])
    assert folded.content["statement"] == folded.content["statement"].strip() != ""
