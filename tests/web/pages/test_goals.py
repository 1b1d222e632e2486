"""A child's goals, by forms alone: a browser without JavaScript."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import CloseCase, RemoveFromTeam
from coord.application.goals.commands import (
    AgreeGoal,
    ChangeGoalStatus,
    EnterGoalInError,
    EnterObservationInError,
    ObserveGoal,
    OfferStrategy,
    ProposeGoal,
    ReviseGoal,
    ScoreAttainment,
    TellOfStrategy,
)
from coord.application.goals.questions import GoalAnswer, GoalsAnswer, ReadGoal, ReadGoals
from coord.application.notes.commands import EnterNoteInError
from coord.domain.actors import Actor
from coord.domain.case import GoalContent, ObservationContent
from coord.domain.case.goals import ScaleContent
from coord.domain.case.strategies import TrialContent
from coord.domain.errors import Unavailable
from tests.house import Client, House, answered
from tests.web.forms import Forms

STATEMENT = "In class, Zig copies a five-word sentence on the line"
LEVELS = {
    -2: "Copies no word without a hand on his",
    -1: "Copies two words with prompts",
    0: "Copies the sentence with two prompts",
    1: "Copies it with one prompt",
    2: "Copies it without a prompt",
}
LEVEL_FIELDS = {-2: "level-minus-2", -1: "level-minus-1", 0: "level-plus-0", 1: "level-plus-1", 2: "level-plus-2"}


class Person:
    """Somebody at the pages of the child's goals."""

    def __init__(self, house: House, who: Actor) -> None:
        self.house, self.client = house, house.browser_of(who)
        self.page, self.status = "", 0

    def open(self, path: str = "/goals") -> "Person":
        return self._took(self.client.get(f"/children/{self.house.child}{path}"))

    def _took(self, answer: Any) -> "Person":
        self.status, self.raw = answer.status_code, answer.text
        self.page = " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
        return self

    def fields(self, action: str) -> dict[str, Any]:
        """The form whose address ends so; on a page that changes one goal the only one has none."""
        found = [
            form for form in Forms(self.raw).forms if form["action"].endswith(action) and "q" not in form["fields"]
        ]
        return next(form for form in found if "next" not in form["fields"] and form["fields"].keys() - {"csrf_token"})

    def send(self, ends: str, /, *, to: str | None = None, **typed: Any) -> "Person":
        """Fill the form (underscores stand for hyphens where a field has one), send it, and follow to what is said."""
        form = self.fields(ends)
        data = dict(form["fields"])
        for name, value in typed.items():
            data[name if name in data or name.replace("_", "-") not in data else name.replace("_", "-")] = value
        place = form["action"] or to or ""
        if place.startswith("/goals"):
            place = f"/children/{self.house.child}{place}"
        answer = self.client.client.post(place, data=data)
        self.sent_status = answer.status_code
        if answer.status_code == 303:
            self.location = answer.headers["Location"]
            return self._took(self.client.get(answer.headers["Location"]))
        return self._took(answer)


@pytest.fixture
def ot(house: House) -> Person:
    house.child  # noqa: B018 - made at the clock's present
    return Person(house, house.ot)


@pytest.fixture
def teacher(house: House) -> Person:
    house.child  # noqa: B018
    return Person(house, house.teacher)


def scale(**more: Any) -> ScaleContent:
    return ScaleContent(LEVELS, **{"baseline": -1, **more})


def propose(house: House, statement: str = STATEMENT, *, by: Actor | None = None, **content: Any) -> UUID:
    goal_id = uuid4()
    parts = {
        "contexts": ["therapy", "school"],
        "support": "verbal",
        "review_date": house.clock.now.date() + timedelta(days=30),
        "audience": "care-team-and-school",
        "scale": scale(),
        **content,
    }
    house.services.doors.execute(by or house.ot, ProposeGoal(house.child, goal_id, GoalContent(statement, **parts)))
    return goal_id


def begun(house: House, statement: str = STATEMENT, **content: Any) -> UUID:
    """A goal that a guardian agreed to, and that is being worked on."""
    goal_id = propose(house, statement, **content)
    execute = house.services.doors.execute
    execute(house.ot, AgreeGoal(house.child, goal_id, 1, [("Mrs Zander", "guardian"), ("Zig", "child")]))
    execute(house.ot, ChangeGoalStatus(house.child, goal_id, 2, "active"))
    return goal_id


def see(house: House, goal_id: UUID, who: Actor, context: str, level: int | None = 0, **more: Any) -> UUID:
    observation_id = uuid4()
    content = ObservationContent(context, level, **more)
    house.services.doors.execute(who, ObserveGoal(house.child, goal_id, observation_id, content))
    return observation_id


def goal_of(house: House, goal_id: UUID, who: Actor | None = None) -> GoalAnswer:
    answer: GoalAnswer = house.services.doors.ask(who or house.ot, ReadGoal(house.child, goal_id))
    return answer


def goals_of(house: House, who: Actor | None = None) -> GoalsAnswer:
    answer: GoalsAnswer = house.services.doors.ask(who or house.ot, ReadGoals(house.child))
    return answer


def typed_scale() -> dict[str, str]:
    return {LEVEL_FIELDS[level]: words for level, words in LEVELS.items()}


# ---- proposing


def test_a_goal_is_proposed_with_its_scale_and_its_page_says_who_sees_it(house: House, ot: Person):
    ot.open("/goals/new")
    assert "One sentence that a parent understands" in ot.page
    assert "the school once it is agreed" in ot.page
    assert ot.fields("/goals/new")["fields"].get("contexts") is None  # nobody's place is chosen for them
    ot.send(
        "/goals/new",
        statement=STATEMENT,
        contexts=["school", "therapy"],
        child_view="I want to write my name",
        criterion="In 4 of 5 lessons",
        icf="d1",
        scale_baseline="-1",
        importance="3",
        difficulty="2",
        audience="care-team-and-school",
        **typed_scale(),
    )
    assert "The goal is proposed." in ot.page
    assert "Nobody has agreed to this goal yet." in ot.page
    line = goals_of(house).goals[0]
    assert line.content["statement"] == STATEMENT
    assert line.content["scale"]["levels"]["-2"] == LEVELS[-2]
    assert (line.content["scale"]["importance"], line.content["scale"]["difficulty"]) == (3, 2)
    assert line.content["disciplines"] == ["ot"]
    for words in ("I want to write my name", "In 4 of 5 lessons", "d1 Learning and applying knowledge", LEVELS[2]):
        assert words in ot.page


def test_what_is_wrong_with_a_goal_is_said_at_its_field_and_everything_typed_stays(house: House, ot: Person):
    ot.open("/goals/new").send(
        "/goals/new",
        statement="",
        condition="When the class copies",
        review_date="31/2/2026",
        importance="2",
        **{LEVEL_FIELDS[0]: "Copies the sentence"},
    )
    assert ot.sent_status == 422
    assert "Review date: Enter a real date" in ot.page
    ot.send("/goals/new", review_date="2026-06-01")
    for words in ("Goal: Enter this", "Choose at least one context", "Write all five levels, or none", "or neither"):
        assert words in ot.page
    for target in ("statement", "contexts", LEVEL_FIELDS[-2], "difficulty"):
        assert f'href="#{target}"' in ot.raw
        assert f'id="{target}"' in ot.raw
    kept = ot.fields("/goals/new")["fields"]
    assert (kept["condition"], kept["importance"]) == (["When the class copies"], ["2"])
    assert [words.strip() for words in kept[LEVEL_FIELDS[0]]] == ["Copies the sentence"]
    assert goals_of(house).goals == []


def test_a_goal_sent_twice_is_one_and_other_words_from_the_same_form_can_be_another(house: House, ot: Person):
    ot.open("/goals/new")
    form = ot.fields("/goals/new")["fields"] | {"statement": STATEMENT, "contexts": ["home"]}
    place = f"/children/{house.child}/goals/new"
    for _ in range(2):
        assert ot.client.client.post(place, data=form).status_code == 303
    assert len(goals_of(house).goals) == 1
    answer = ot.client.client.post(place, data=form | {"statement": "Ties both laces"})
    assert answer.status_code == 409
    assert "proposed from this form already" in answer.text
    ot._took(answer).send("/goals/new")
    assert [g.content["statement"] for g in goals_of(house).goals] == [STATEMENT, "Ties both laces"]


def test_a_goal_survives_a_store_that_does_not_answer(house: House, ot: Person, monkeypatch: pytest.MonkeyPatch):
    ot.open("/goals/new")

    def down(*_: Any) -> Any:
        raise Unavailable("unavailable")

    with monkeypatch.context() as broken:
        broken.setattr(type(house.services.doors), "execute", down)
        broken.setattr(type(house.services.doors), "ask", down)
        ot.send("/goals/new", statement=STATEMENT, contexts=["school"])
    assert ot.sent_status == 503
    kept = ot.fields("/goals/new")["fields"]
    assert (kept["statement"][0].strip(), kept["contexts"]) == (STATEMENT, ["school"])
    ot.send("/goals/new")
    assert "The goal is proposed." in ot.page


# ---- agreeing


def test_several_people_agree_by_rows_that_are_added_without_a_script(house: House, ot: Person):
    goal = propose(house)
    page = f"/goals/{goal}/agree"
    parents, child = {"name.0": "Mrs Zander", "party.0": "guardian"}, {"name.2": "Zig", "party.2": "child"}
    ot.open(page).send("", to=page, **parents, **child, action="more")
    rows = ot.fields("")["fields"]
    assert [rows[f"name.{i}"] for i in range(4)] == [["Mrs Zander"], [""], ["Zig"], [""]]
    assert [rows[f"party.{i}"] for i in range(4)] == [["guardian"], [""], ["child"], [""]]
    ot.send("", to=page, **{"name.3": "Tove Dahl"}, action="agree")
    assert ot.sent_status == 422
    assert "As what, row 4: Enter this" in ot.page
    assert 'href="#party-3"' in ot.raw
    ot.send("", to=page, **{"party.3": "teacher"}, action="agree")
    assert "The agreement is written down." in ot.page
    assert "Mrs Zander (parent or guardian), Zig (the child), Tove Dahl (teacher)" in ot.page.replace(" ,", ",")
    assert "No parent or guardian is among them." not in ot.page
    assert goal_of(house, goal).line.status == "agreed"


def test_an_agreement_without_a_guardian_is_marked_as_one(house: House, ot: Person):
    goal = propose(house)
    page = f"/goals/{goal}/agree"
    ot.open(page).send("", to=page, action="agree")
    assert "Enter at least one person who agreed" in ot.page
    ot.send("", to=page, **{"name.0": "Tove Dahl", "party.0": "teacher"}, action="agree")
    assert "No parent or guardian is among them." in ot.page


# ---- its state


def test_a_step_forward_is_one_button_and_any_other_needs_a_reason(house: House, ot: Person):
    goal = propose(house)
    house.services.doors.execute(house.ot, AgreeGoal(house.child, goal, 1, [("Mrs Zander", "guardian")]))
    ot.open(f"/goals/{goal}").send(f"/goals/{goal}/status")
    assert "Being worked on" in ot.page
    page = f"/goals/{goal}/status"
    ot.open(page)
    assert re.findall(r'name="status" type="radio" value="([^"]+)"', ot.raw) == ["on-hold", "achieved", "stopped"]
    ot.send("", to=page, status="on-hold")
    assert (ot.sent_status, "Reason: Enter this" in ot.page) == (422, True)
    ot.send("", to=page, reason="Summer break")
    assert "From “Being worked on” to “On hold”, by Ada Lind" in ot.page
    assert "Summer break" in ot.page


def test_two_who_change_the_state_at_once_are_told_of_each_other(house: House, ot: Person):
    goal = begun(house)
    page = f"/goals/{goal}/status"
    ot.open(page)
    house.services.doors.execute(house.slt, ChangeGoalStatus(house.child, goal, 3, "on-hold", "Ill"))
    ot.send("", to=page, status="achieved", reason="Well done")
    assert ot.sent_status == 412
    assert "Its state was “Being worked on”, and is “On hold” now." in ot.page
    assert "Well done" in ot.fields("")["fields"]["reason"][0]
    ot.send("", to=page, status="active", reason="Back again")
    assert goal_of(house, goal).line.status == "active"


# ---- revising


def test_a_goal_in_other_words_shows_what_was_changed_and_that_it_is_not_agreed(house: House, ot: Person):
    goal = begun(house)
    page = f"/goals/{goal}/edit"
    ot.open(page)
    assert "scale-warning" not in ot.raw
    ot.send(page, statement="In class, Zig copies a six-word sentence on the line", reason="He grew")
    assert "The goal stands in other words now." in ot.page
    assert "Version 2 is not yet agreed" in ot.page
    assert re.search(r"<del>.*?five.*?</del>", ot.raw)
    assert re.search(r"<ins>.*?six.*?</ins>", ot.raw)
    assert "Reason: He grew" in ot.page
    assert "Not agreed in these words yet" in ot.open().page


def test_a_scale_that_was_rated_on_is_changed_after_a_warning_and_begins_anew(house: House, ot: Person):
    goal = begun(house)
    see(house, goal, house.ot, "therapy", 1)
    page = f"/goals/{goal}/edit"
    ot.open(page)
    assert 'id="scale-warning"' in ot.raw
    ot.send(page, reason="Too easy", **{LEVEL_FIELDS[0]: "Copies the sentence alone"})
    assert "A new scale begins here" in ot.page
    assert "On an earlier scale, not to be compared." in ot.page
    assert "Not rated yet. That is not a zero." in ot.open().page
    assert "data-level" not in ot.raw


def test_who_revises_what_somebody_else_changed_meanwhile_sees_what_and_keeps_their_words(house: House, ot: Person):
    goal = begun(house)
    page = f"/goals/{goal}/edit"
    ot.open(page)
    theirs = GoalContent(
        "In class, Zig copies a four-word sentence on the line",
        ["therapy", "school"],
        support="verbal",
        review_date=date(2026, 4, 9),
        audience="care-team-and-school",
        scale=scale(),
    )
    house.services.doors.execute(house.slt, ReviseGoal(house.child, goal, 3, theirs, "Five is too many"))
    ot.send(page, statement="Zig copies a sentence", reason="Plainer")
    assert ot.sent_status == 412
    assert "Sol Berg put it in other words: Five is too many" in ot.page
    assert "four" in ot.page
    kept = ot.fields(page)["fields"]
    assert (kept["statement"][0].strip(), kept["reason"][0].strip()) == ("Zig copies a sentence", "Plainer")
    ot.send(page)
    assert goal_of(house, goal).line.content["statement"] == "Zig copies a sentence"


# ---- one tap


def test_a_teacher_rates_in_one_tap_and_can_undo_it_at_once(house: House, teacher: Person):
    goal = begun(house)
    teacher.open()
    for level, words in LEVELS.items():
        assert f'name="level" value="{level}"' in teacher.raw
        assert words in teacher.page
    assert teacher.fields("/observe")["fields"]["context"] == ["school"]
    teacher.send("/observe", level="1")
    assert teacher.location.endswith("/goals#said")
    assert "Kept. Thank you. +1, more than expected, at school" in teacher.page
    line = goals_of(house, house.teacher).goals[0]
    assert (line.level, line.level_context) == (1, "school")
    teacher.send("/error")
    assert "Undone. It is marked as entered in error." in teacher.page
    assert goals_of(house).goals[0].level is None
    assert goal_of(house, goal, house.teacher).observations[0].marked == "A slip, taken back"


def test_a_tap_sent_twice_is_one_and_another_level_from_the_same_page_asks_first(house: House, teacher: Person):
    goal = begun(house)
    form = teacher.open().fields("/observe")
    for _ in range(2):
        assert teacher.client.client.post(form["action"], data=form["fields"] | {"level": "0"}).status_code == 303
    again = teacher.client.client.post(form["action"], data=form["fields"] | {"level": "2"})
    assert again.status_code == 409
    assert "You have kept an observation from this form already" in again.text
    assert [o.level for o in goal_of(house, goal).observations] == [0]
    teacher._took(again).send("/observe")
    assert [o.level for o in goal_of(house, goal).observations] == [2, 0]


@pytest.mark.parametrize("rated", [True, False])
def test_a_tap_on_a_scale_that_was_changed_meanwhile_asks_again(house: House, teacher: Person, *, rated: bool):
    goal = begun(house)
    see(house, goal, house.ot, "therapy", 0 if rated else None, support="verbal")
    teacher.open()
    other = ScaleContent({**LEVELS, 1: "Copies two sentences with one prompt"}, -1)
    day = house.clock.now.date() + timedelta(days=60)
    revised = GoalContent(STATEMENT, ["school"], audience="care-team-and-school", review_date=day, scale=other)
    house.services.doors.execute(house.ot, ReviseGoal(house.child, goal, 3, revised, "One was too easy"))
    house.services.doors.execute(house.ot, AgreeGoal(house.child, goal, 4, [("Mrs Zander", "guardian")]))
    teacher.send("/observe", level="1")
    assert teacher.status == 422
    assert "The scale was changed meanwhile. Read the levels again, and choose" in teacher.page
    assert "Copies two sentences with one prompt" in teacher.page
    assert [o.context for o in goal_of(house, goal).observations] == ["therapy"]
    teacher.send("/observe", to=f"/goals/{goal}/observe")
    assert goal_of(house, goal).observations[0].level == 1


def test_a_goal_without_a_scale_is_observed_by_the_help_that_was_needed(house: House, teacher: Person):
    begun(house, scale=None)
    teacher.open()
    assert 'name="level"' not in teacher.raw
    teacher.send("/observe", support="visual")
    assert "Kept. Thank you. With a picture or sign, at school" in teacher.page


# ---- in full


def test_another_childs_name_in_a_remark_is_asked_about_before_it_is_kept(house: House, ot: Person):
    goal = begun(house)
    house.open_case("Cleo")
    page = f"/goals/{goal}/observe"
    ot.open(page)
    assert "Is this as you mean it?" not in ot.page
    ot.send(page, context="therapy", level="1", remark="Waited for Cleo.")
    assert ot.sent_status == 422
    assert "This seems to name Cleo, another child." in ot.page
    assert "Waited for Cleo." in ot.raw
    (answer,) = re.findall(r'name="confirmed" type="checkbox" value="(names-another-child[^"]+)"', ot.raw)
    ot.send(page, confirmed=answer)
    assert ot.sent_status == 303
    (kept,) = house.services.record.goal(house.child, goal).observations
    assert kept.remark == "Waited for Cleo."


def test_an_observation_in_full_keeps_where_when_how_and_who_saw_it(house: House, ot: Person):
    goal = begun(house)
    page = f"/goals/{goal}/observe"
    ot.open(page)
    assert 'name="context" type="radio" value="therapy" checked' not in ot.raw
    ot.send(
        page,
        context="home",
        level="-1",
        support="physical",
        remark="At the kitchen table",
        seen_by="other",
        reported_by="Mia",
        relation="mother",
        when_day="2026-03-09",
        when_time="18:30",
    )
    (o,) = goal_of(house, goal).observations
    assert (o.context, o.level, o.support, o.reported_by) == ("home", -1, "physical", "Mia")
    assert (o.seen_by["known_as"], o.seen_by["relation"]) == ("circle", "mother")
    assert o.observed_at == datetime(2026, 3, 9, 17, 30, tzinfo=UTC)
    for words in ("9 Mar 2026, 18:30", "Seen by Mia (mother)", "At the kitchen table", LEVELS[-1]):
        assert words in ot.page
    assert re.search(r'<input[^>]*value="home" checked', ot.open(page).raw)  # the last place is remembered
    other = Person(house, house.slt)
    assert not re.search(r'name="context"[^>]*checked', other.open(page).raw)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"context": "home"}, "Choose a level, or say how much help was needed"),
        ({"level": "1"}, "Where: Choose where you saw it"),
        ({"context": "home", "level": "1", "when-day": "2026-03-29"}, "When: Enter a time like 14:30"),
        ({"context": "home", "level": "1", "when-day": "2026-03-11", "when-time": "9:00"}, "cannot be in the future"),
        ({"context": "home", "level": "1", "when-day": "30/2/2026", "when-time": "9:00"}, "Enter a real date"),
        ({"context": "home", "level": "1", "when-day": "30/2/2026", "when-time": ""}, "When: Enter a time like 14:30"),
        ({"context": "the moon", "level": "1"}, "Where: Choose one of the options"),
    ],
)
def test_an_observation_that_cannot_be_kept_says_why_and_keeps_the_words(
    house: House, ot: Person, typed: dict[str, str], words: str
):
    goal = begun(house)
    page = f"/goals/{goal}/observe"
    ot.open(page).send(page, **{"remark": "At last" if "level" in typed else "", **typed})
    assert ot.sent_status == 422
    assert words in ot.page
    if "level" in typed:
        assert "At last" in ot.fields(page)["fields"]["remark"][0]
    assert list(goal_of(house, goal).observations) == []


def test_an_hour_that_the_clocks_skipped_is_refused_in_words(house: House, ot: Person):
    goal = begun(house, review_date=date(2026, 6, 1))
    house.clock.now = datetime(2026, 3, 29, 9, 0, tzinfo=UTC)
    page = f"/goals/{goal}/observe"
    ot = Person(house, house.ot).open(page)
    ot.send(page, context="home", level="0", when_day="2026-03-29", when_time="02:30")
    assert "the clocks went forward from 02:00 to 03:00" in ot.page


def test_somebody_elses_observation_is_marked_by_the_lead_alone(house: House, ot: Person):
    goal = begun(house)
    seen = see(house, goal, house.slt, "home")
    page = f"/goals/{goal}/observations/{seen}/error"
    assert "This is a mistake" not in ot.open(f"/goals/{goal}").page
    ot.open(page).send("", to=page, reason="Wrong child")
    assert (ot.sent_status, "Only who wrote it can do this" in ot.page) == (403, True)
    lead = Person(house, house.lead)
    lead.open(page).send("", to=page, reason="Wrong goal")
    assert "Undone." in lead.page
    assert "Entered in error Wrong goal" in lead.page
    assert "Wrong goal" not in ot.open(f"/goals/{goal}").page


# ---- where it holds


def test_the_matrix_goes_from_therapy_only_to_emerging_and_says_why(house: House):
    goal = begun(house)
    for _ in range(2):
        see(house, goal, house.ot, "therapy", 0, support="verbal")
        house.clock.turn(days=5)
    ot = Person(house, house.ot).open()
    assert "Therapy only" in ot.page
    assert "Outside therapy it has not been shown yet." in ot.page
    see(house, goal, house.teacher, "school", 0, support="independent")
    ot.open()
    assert "Emerging since 20 Mar 2026" in ot.page
    found = "occasions on which it was shown: 1 (the rule asks for 3); contexts: 1 (2); people who saw it: 1 (2)"
    assert found in ot.page
    assert "10 days after therapy" in ot.page
    assert "on at least 3 occasions, in at least 2 contexts, seen by at least 2 people" in ot.page
    story = Person(house, house.ot).open(f"/goals/{goal}")
    for context in re.findall(rf"/goals/{goal}#context-(\w+)", ot.raw):
        assert f'id="context-{context}"' in story.raw
    for observation in re.findall(r'href="#(observation-[^"]+)"', story.raw):
        assert f'id="{observation}"' in story.raw
    assert "Shown , 20 Mar 2026 : 0, as expected, independent; Tove Dahl, Teacher" in story.page


def test_what_was_written_down_on_another_day_says_so(house: House, ot: Person):
    goal = begun(house)
    see(house, goal, house.ot, "home", 0, observed_at=house.clock.now - timedelta(days=5), reported_by="Mother")
    see(house, goal, house.ot, "therapy", 0)
    page = ot.open(f"/goals/{goal}").page
    assert page.count("written down on") == 1
    assert "written down on 10 March 2026" in page


def test_outside_therapy_where_nobody_looked_is_said_to_be_so(house: House, ot: Person):
    goal = begun(house)
    see(house, goal, house.ot, "therapy", 0)
    words = "Nobody has looked there, which is not a no."
    assert words in ot.open().page
    assert words in ot.open(f"/goals/{goal}").page
    assert words in ot.open("/goals/review").page
    see(house, goal, house.ot, "home", -1)
    assert words not in ot.open().page
    assert words not in ot.open(f"/goals/{goal}").page


def test_the_rule_is_told_as_it_is_kept(house: House, ot: Person):
    """A level without the help counts, and so does the help without a level."""
    goal = begun(house)
    see(house, goal, house.ot, "home", 0)
    house.clock.turn(days=1)
    ot = Person(house, house.ot)
    see(house, goal, house.ot, "home", None, support="independent")
    see(house, goal, house.teacher, "school", 1)
    assert goal_of(house, goal).line.generalisation.state == "generalised"
    ot.open()
    assert "each time with no more help than agreed" not in ot.page
    assert "at the level “as expected” or above, where a level was rated" in ot.page
    assert "with no more help than agreed, where the help was told" in ot.page


def test_no_data_is_not_no(house: House, ot: Person):
    begun(house)
    assert "Unknown" in ot.open().page
    assert "Tried, not yet" not in ot.page.split("What these words mean")[0]


# ---- the score


def test_the_score_stands_beside_its_levels_with_all_that_it_is_made_of(house: House, ot: Person):
    for statement, level in (("One", 1), ("Two", 0), ("Three", 1)):
        see(house, begun(house, statement), house.ot, "therapy", level)
    begun(house, "Four")
    ot.open()
    for words in (
        "T-score 59.1",
        "3 of 4 goals rated",
        "At the start, over the same goals: 36.3. Change: +22.8.",
        "a correlation between goals of 0.30",
        "not rated, left out",
        "it never compares children",
    ):
        assert words in ot.page
    ot.send("/goals/score")
    assert "The score is kept" in ot.page
    assert "The latest levels in therapy." in ot.page
    kept = (
        "One: +1, more than expected, in therapy, 10 Mar 2026, Ada Lind (weight 1; at the start −1, less than expected)"
    )
    assert kept in ot.page.replace("( w", "(w")
    assert [round(s.t, 2) for s in goals_of(house).scores] == [59.13]


def test_a_score_is_kept_once_however_often_its_form_is_sent(house: House, ot: Person):
    see(house, begun(house), house.ot, "therapy", 1)
    form = ot.open().fields("/goals/score")
    for _ in range(2):
        assert ot.client.client.post(form["action"], data=form["fields"]).status_code == 303
    assert len(goals_of(house).scores) == 1


def test_a_kept_score_says_which_of_its_goals_was_a_mistake(house: House, ot: Person):
    wrong, right = begun(house, "Another child's"), begun(house, "Zig's own")
    see(house, wrong, house.ot, "therapy", 2)
    see(house, right, house.ot, "therapy", -1)
    house.services.doors.execute(house.ot, ScoreAttainment(house.child, uuid4()))
    house.services.doors.execute(house.ot, EnterGoalInError(house.child, wrong, "Not Zig's"))
    page = ot.open().page.partition("Scores that were kept")[2]
    of_wrong, of_right = page.partition("Another child's: +2")[2].split("Zig's own: ")
    assert "Entered in error since" in of_wrong
    assert "Entered in error" not in of_right


def test_nothing_rated_is_no_score_and_never_fifty(house: House, ot: Person):
    begun(house)
    ot.open()
    assert "No score yet." in ot.page
    assert "T-score 50" not in ot.page
    assert 'name="score_id"' not in ot.raw
    token = re.search(r'name="csrf_token" value="([^"]+)"', ot.raw)
    assert token
    place = f"/children/{house.child}/goals/score"
    refused = ot.client.client.post(place, data={"csrf_token": token[1], "score_id": str(uuid4())})
    assert refused.status_code == 409
    assert "Nothing rated is no score, and not 50" in refused.text


def test_a_score_over_a_goal_that_is_not_shared_is_counted_and_no_more(house: House, ot: Person):
    see(house, begun(house, "Ours", audience="own-discipline"), house.ot, "therapy", 1)
    house.services.doors.execute(house.ot, ScoreAttainment(house.child, uuid4()))
    other = Person(house, house.slt).open()
    assert "1 score rests on a goal that is not shared with you." in other.page
    assert "Ours" not in other.page


# ---- who sees what


def test_a_teacher_sees_the_goal_and_what_was_seen_at_school_and_nothing_of_the_clinic(house: House, teacher: Person):
    goal = begun(house, baseline="BASELINEWORDS", icf="d1")
    propose(house, "PROPOSEDWORDS")
    see(house, goal, house.ot, "therapy", 2, remark="THERAPYWORDS")
    see(house, goal, house.slt, "home", 2, remark="HOMEWORDS", reported_by="mother")
    see(house, goal, house.slt, "school", 0, remark="SCHOOLWORDS")
    house.services.doors.execute(house.ot, ChangeGoalStatus(house.child, goal, 3, "on-hold", "REASONWORDS"))
    house.services.doors.execute(house.ot, ScoreAttainment(house.child, uuid4(), "therapy"))
    for path in ("/goals", f"/goals/{goal}", f"/goals/{goal}/observe", ""):
        teacher.open(path)
        assert STATEMENT in teacher.page
        for hidden in ("BASELINE", "PROPOSED", "THERAPYWORDS", "HOMEWORDS", "REASON", "T-score", "Mrs Zander", "d1 "):
            assert hidden not in teacher.page, (path, hidden)
    assert "SCHOOLWORDS" in teacher.open(f"/goals/{goal}").page
    for page in ("edit", "agree", "status", "error"):
        assert teacher.open(f"/goals/{goal}/{page}").status == 403
    assert teacher.open("/goals/new").status == 403


def test_the_goals_of_a_child_one_does_not_know_are_not_there(house: House):
    goal = begun(house)
    seen = see(house, goal, house.ot, "therapy")
    for who in (house.stranger, house.admin):
        person = Person(house, who)
        for path in (
            "/goals",
            "/goals/new",
            *(f"/goals/{goal}{page}" for page in ("", "/edit", "/agree", "/status", "/observe", "/error")),
            f"/goals/{goal}/observations/{seen}/error",
        ):
            assert person.open(path).status == 404, path


def test_a_goal_entered_in_error_disappears_from_every_page_of_the_others(house: House, ot: Person):
    goal = begun(house)
    see(house, goal, house.slt, "home", 1)
    page = f"/goals/{goal}/error"
    ot.open(page)
    assert "It cannot be undone." in ot.page
    ot.send("", to=page, reason="Another child's")
    assert "Important: entered in error" in ot.page
    assert "Another child's" in ot.page
    other = Person(house, house.slt)
    for path in ("/goals", "/goals?ended=1", ""):
        assert STATEMENT not in other.open(path).page
    assert other.open(f"/goals/{goal}").status == 404


def test_a_note_behind_an_observation_is_linked_only_where_it_may_be_read(house: House, ot: Person):
    goal = begun(house)
    note = house.note(house.slt, "Only for us.", audience="own-discipline")
    see(house, goal, house.slt, "therapy", note=note)
    assert f"/notes/{note}" in Person(house, house.slt).open(f"/goals/{goal}").raw
    assert str(note) not in ot.open(f"/goals/{goal}").raw


def test_what_a_note_tells_of_a_goal_is_kept_beside_the_note(house: House, ot: Person):
    goal = begun(house)
    note = house.note(house.ot, "Copied the whole sentence at the kitchen table.", setting="home")
    assert f"/goals?note={note}" in ot.open(f"/notes/{note}").raw  # the way there
    ot.open(f"/goals?note={note}")
    assert "Choose the goal that the note tells of" in ot.page
    assert f"/goals/{goal}/observe?back=index&amp;note={note}" in ot.raw
    page = f"/goals/{goal}/observe"
    ot.open(f"{page}?note={note}")
    assert re.search(r'<input[^>]*value="home" checked', ot.raw)  # where and when the note says that it was
    ot.send(page, level="1")
    (o,) = goal_of(house, goal).observations
    assert (o.note_id, o.context, o.level) == (note, "home", 1)
    assert house.clock.now - o.observed_at == timedelta(hours=1)
    assert "From a note" in ot.page


def test_a_note_that_one_may_not_read_leads_to_no_goal(house: House, ot: Person):
    goal = begun(house)
    note = house.note(house.slt, "Only for us.", audience="own-discipline")
    assert ot.open(f"/goals/{goal}/observe?note={note}").status == 404
    ot.open(f"/goals/{goal}/observe")
    fields = ot.fields(f"/goals/{goal}/observe")["fields"] | {"note": str(note), "context": "home", "level": "1"}
    answer = ot.client.client.post(f"/children/{house.child}/goals/{goal}/observe", data=fields)
    assert answer.status_code == 422
    assert goal_of(house, goal).observations == []


def test_who_takes_a_note_back_hears_that_what_was_observed_from_it_stays(house: House, ot: Person):
    goal, note = begun(house), house.note(house.ot)
    see(house, goal, house.ot, "home", 1, note=note)
    assert "What was observed of a goal from this note stays" in ot.open(f"/notes/{note}/error").page
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, note, "About another child"))
    assert goal_of(house, goal, house.slt).line.level == 1


def test_a_teacher_ties_what_was_seen_in_class_to_their_own_note(house: House, teacher: Person):
    goal, note = begun(house), house.note(house.teacher)
    teacher.open(f"/goals?note={note}")
    assert "One tap keeps it" not in teacher.page  # that says "today", and the note may tell of another day
    teacher.open(f"/goals/{goal}/observe?note={note}").send(f"/goals/{goal}/observe", level="0")
    (o,) = goal_of(house, goal, house.teacher).observations
    assert (o.note_id, o.context) == (note, "school")


def test_in_a_closed_case_everything_is_read_and_nothing_offered(house: House, ot: Person):
    goal = begun(house)
    see(house, goal, house.ot, "therapy")
    page = f"/goals/{goal}/observe"
    ot.open(page)
    answered(house.services.doors, house.ot, CloseCase(house.child, "Moved away"))
    ot.send(page, context="home", level="1", remark="Written too late for the case")
    assert (ot.sent_status, "The case is closed" in ot.page) == (409, True)
    assert "Written too late" in ot.fields(page)["fields"]["remark"][0]
    for path in ("/goals", f"/goals/{goal}"):
        ot.open(path)
        assert STATEMENT in ot.page
        for offered in ("/goals/new", "/edit", "/agree", "/observe", "/goals/score"):
            assert f'{offered}"' not in ot.raw
    assert "nothing more can be written" in ot.open("/goals/new").page


def test_where_every_goal_was_stopped_nobody_is_told_that_there_never_was_one(house: House, ot: Person):
    goal = begun(house)
    house.services.doors.execute(house.ot, ChangeGoalStatus(house.child, goal, 3, "stopped", "Moved on"))
    assert "There are no goals at present." in ot.open().page
    assert "No goal is shared with the school at present." in Person(house, house.teacher).open().page


def test_a_review_date_that_has_passed_is_said(house: House, ot: Person):
    begun(house, review_date=date(2026, 3, 20))
    assert "passed" not in ot.open().page
    house.clock.turn(days=20)
    assert "Review date has passed" in Person(house, house.ot).open().page


def test_what_did_not_help_does_not_stand_under_what_helps(house: House, ot: Person):
    goal, offered = begun(house), uuid4()
    do = house.services.doors.execute
    do(house.slt, OfferStrategy(house.child, offered, "Give the sentence in halves", "school", goal))
    do(house.teacher, TellOfStrategy(house.child, offered, uuid4(), TrialContent("did-not")))
    for path in ("/goals", f"/goals/{goal}"):
        assert "it did not help: 1" in ot.open(path).page
        assert "What helps" not in ot.page
        assert re.search(r"<h[23][^>]*>Things to try</h", ot.raw)


def test_what_helps_stands_beside_the_goal(house: House, teacher: Person):
    goal = begun(house)
    house.services.doors.execute(
        house.slt, OfferStrategy(house.child, uuid4(), "Give the sentence in halves", "school", goal)
    )
    assert "Give the sentence in halves (at school )" in teacher.open().page.replace("school)", "school )")
    assert "Give the sentence in halves" in teacher.open(f"/goals/{goal}").page


# ---- the timeline


def test_the_timeline_tells_of_goals_in_plain_sentences_with_their_way_there(house: House, ot: Person):
    goal = begun(house)
    seen = see(house, goal, house.teacher, "school", 0, support="independent", remark="At the board")
    see(house, goal, house.slt, "home", -1, reported_by="mother")
    execute = house.services.doors.execute
    execute(house.ot, ScoreAttainment(house.child, uuid4(), "school"))
    execute(house.ot, OfferStrategy(house.child, uuid4(), "Halves first", "school", goal))
    ot.open("")
    for words in (
        "Tove Dahl, class teacher, observed: as expected, at school, independent",
        "Sol Berg, speech and language therapist, wrote down what mother saw: less than expected, at home",
        "Ada Lind, occupational therapist, proposed a goal",
        "Ada Lind, occupational therapist, wrote down who agreed to the goal",
        "Ada Lind, occupational therapist, began the work on the goal",
        "Ada Lind, occupational therapist, kept the T-score of the goals",
        "Ada Lind, occupational therapist, offered something to try at school",
        "“At the board”",
        STATEMENT,
        "Halves first",
    ):
        assert words in ot.page
    assert f"/goals/{goal}#observation-{seen}" in ot.raw
    assert "T-score of the goals" not in ot.open("?kind=goal").page
    assert "observed: as expected" in ot.page
    assert "kept the T-score" in ot.open("?kind=measure").page
    assert "offered something to try" in ot.open("?kind=strategy").page
    assert "observed" not in ot.page.split("Only entries with")[1]
    assert "observed: as expected" in ot.open("?q=copies").page


def test_who_has_no_part_in_the_team_any_more_is_named_with_role_and_discipline(house: House, ot: Person):
    goal = begun(house)
    see(house, goal, house.psychologist, "therapy", 1)
    see(house, goal, house.teacher, "school", 0)
    for person in (house.psychologist, house.teacher):
        answered(house.services.doors, house.ot, RemoveFromTeam(house.child, person.person_id))
    assert "Pia Holm, therapist, psychology, observed: more than expected, in therapy" in ot.open("").page
    assert "Tove Dahl, teacher, observed: as expected, at school" in ot.page


def test_the_lead_sees_what_a_reader_could_see_of_goals(house: House):
    goal = begun(house)
    see(house, goal, house.teacher, "school", 0, remark="At the board")
    see(house, goal, house.ot, "therapy", 2)
    house.clock.turn(hours=1)
    lead = Person(house, house.lead).open(f"/history/as-known?reader={house.teacher.person_id}")
    assert lead.status == 200
    assert "Tove Dahl, teacher, observed: as expected, at school" in lead.page
    assert "At the board" in lead.page
    assert "in therapy" not in lead.page


def test_an_observation_marked_as_an_error_leaves_the_timeline(house: House, ot: Person):
    goal = begun(house)
    seen = see(house, goal, house.ot, "home", 2)
    assert "observed: much more than expected" in ot.open("").page
    house.services.doors.execute(house.ot, EnterObservationInError(house.child, goal, seen, "Slip"))
    assert "observed: much more than expected" not in ot.open("").page


def test_the_tab_is_there_for_everybody_who_knows_the_child(house: House):
    house.child  # noqa: B018
    for who in (house.ot, house.teacher, house.student, house.lead):
        client: Client = house.browser_of(who)
        assert f"/children/{house.child}/goals" in client.get(f"/children/{house.child}").text


def test_only_the_pages_of_goals_load_what_draws_the_chart(house: House, ot: Person):
    begun(house)
    assert "goals.js" in ot.open().raw
    assert "goals.js" not in ot.open("").raw
    assert "goals.css" not in ot.raw


def test_no_page_of_goals_has_anything_inline(house: House, ot: Person):
    goal = begun(house)
    see(house, goal, house.ot, "therapy")
    for path in (
        "/goals",
        "/goals/new",
        *(f"/goals/{goal}{p}" for p in ("", "/edit", "/agree", "/status", "/observe")),
    ):
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", ot.open(path).raw), path


def test_a_goal_that_was_marked_twice_is_told_so(house: House, ot: Person):
    goal = begun(house)
    page = f"/goals/{goal}/error"
    ot.open(page)
    house.services.doors.execute(house.ot, EnterGoalInError(house.child, goal, "Slip"))
    ot.send("", to=page, reason="Again")
    assert (ot.sent_status, "nothing can be changed in it" in ot.page) == (409, True)
