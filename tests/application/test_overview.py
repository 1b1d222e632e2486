"""A child at a glance: who is this, and what now; of each part as much as this reader may read where it comes from."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from coord.application.case.commands import CloseCase
from coord.application.goals.commands import ChangeGoalStatus, EndStrategy
from coord.application.notes.commands import ChangeNoteAudience, CosignNote, EnterNoteInError
from coord.application.overview.questions import Overview, ReadOverview
from coord.application.summary.commands import RecallSummary
from coord.domain.actors import Actor
from coord.domain.note_template import TemplateUsed, section_key
from coord.persistence import open_stores
from coord.projections import Goals, Strategies, Summaries, Timeline
from tests.aims import alerted, goal, seen, strategy, tried
from tests.application.test_statements import asked_with, more_of
from tests.group_story import a_group
from tests.house import House, answered
from tests.projections.test_following import stop


def at_a_glance(house: House, who: Actor) -> Overview:
    answer: Overview = house.services.doors.ask(who, ReadOverview(house.child))
    return answer


def first_words(overview: Overview) -> list[str]:
    return [next(iter(note["sections"].values())) for note in overview.notes]


# ---- what it says ------------------------------------------------------------------------------------------------


def test_it_says_what_helps_by_the_summary_in_force_and_what_was_tried_and_helped(house: House):
    house.summary()
    told, other = strategy(house, "Carry the books first."), strategy(house, "Hum before lunch.")
    tried(house, told, house.teacher)
    overview = at_a_glance(house, house.ot)
    assert overview.helps
    assert [s.text for s in overview.strategies] == ["Carry the books first."]
    assert other not in {s.id for s in overview.strategies}
    house.services.doors.execute(house.ot, RecallSummary(house.child, "Wrong child"))
    assert (at_a_glance(house, house.ot).helps, at_a_glance(house, house.ot).summary_status) == ([], "recalled")


def test_goals_under_way_say_how_far_and_where_they_hold_those_that_ended_do_not(house: House):
    aim, waiting = goal(house, "Zig asks for a break."), goal(house, "Zig waits.", status="agreed")
    over = goal(house, "Zig tied laces.")
    house.services.doors.execute(house.ot, ChangeGoalStatus(house.child, over, 3, "achieved"))
    seen(house, aim, house.ot, "therapy", -1)
    house.clock.turn(days=1)
    seen(house, aim, house.teacher, "school", 1)
    first, second = at_a_glance(house, house.ot).goals
    assert (first.id, first.levels, first.level, first.level_context) == (aim, [-1, 1], 1, "school")
    assert {cell.context: cell.state for cell in first.where} == {
        "therapy": "not-yet",
        "school": "shown",
        "home": "unknown",
    }
    assert (second.id, second.level) == (waiting, None)


def test_the_last_note_of_each_discipline_stands_once(house: House):
    house.note(house.ot, "The older one.")
    house.clock.turn(hours=2)
    house.note(house.slt, "Asked in two words.")
    house.clock.turn(hours=2)
    house.note(house.ot, "Tied two.")
    assert first_words(at_a_glance(house, house.lead)) == ["Tied two.", "Asked in two words."]


def at_school(house: House) -> tuple[str, date | None, bool]:
    (line,) = at_a_glance(house, house.ot).goals
    (cell,) = (one for one in line.where if one.context == "school")
    return cell.state, cell.last_look, cell.look_again


def test_a_state_that_is_too_old_to_go_by_says_so(house: House):
    aim = goal(house, "Zig asks for a break.")
    for _ in range(3):
        house.clock.turn(days=1)
        seen(house, aim, house.teacher, "school", 1)
    last = house.clock.now.date()
    assert at_school(house) == ("holds", last, False)
    house.clock.turn(days=100)
    assert at_school(house) == ("holds", last, True)


def test_a_goal_without_a_scale_is_told_by_the_help_that_was_needed(house: House):
    aim = goal(house, "Zig ties laces.", scale=None)
    assert [(g.scaled, g.help) for g in at_a_glance(house, house.ot).goals] == [(False, None)]
    seen(house, aim, house.teacher, "school", support="verbal")
    (found,) = at_a_glance(house, house.ot).goals
    assert found.help is not None
    assert (found.level, found.help.support, found.help.context) == (None, "verbal", "school")


def test_a_note_in_a_template_comes_with_the_words_it_was_written_in(house: House):
    template = house.template()
    key = section_key(template, 3)
    house.note(house.ot, format="template", template=TemplateUsed(template, 1), sections={key: "Ties the first knot."})
    (note,) = at_a_glance(house, house.ot).notes
    assert note["written_in"] is not None
    assert [one["label"] for one in note["written_in"]["sections"] if one["key"] == key] == ["How I understand it"]


def test_a_students_note_says_that_nobody_has_attested_it(house: House):
    note = house.note(house.student, "He said his name.")
    assert [one["status"] for one in at_a_glance(house, house.ot).notes] == ["awaiting-cosignature"]
    house.services.doors.execute(house.ot, CosignNote(house.child, note))
    assert [one["status"] for one in at_a_glance(house, house.ot).notes] == ["cosigned"]


def test_groups_come_with_their_next_dates_and_end_with_the_case(house: House):
    (child,) = a_group(house, 1).children
    (found,) = house.services.doors.ask(house.ot, ReadOverview(child)).groups
    assert len(found.next_dates) == 3
    assert found.next_dates == sorted(found.next_dates)
    answered(house.services.doors, house.ot, CloseCase(child, "Moved away"))
    assert house.services.doors.ask(house.ot, ReadOverview(child)).groups == []


def test_what_is_out_of_date_is_named_with_its_day(house: House):
    alerted(house, review_on=house.clock.now.date() + timedelta(days=3))
    due = goal(house, "Zig asks for a break.")
    house.summary()
    assert at_a_glance(house, house.ot).to_renew == []
    house.clock.turn(days=120)
    found = [(one.what.value, one.id) for one in at_a_glance(house, house.ot).to_renew]
    assert [what for what, _ in found] == ["alert", "summary", "goal"]
    assert found[-1] == ("goal", due)


def test_a_summary_that_was_recalled_is_not_called_out_of_date(house: House):
    note = house.note(house.ot, "Loves trains.", audience="care-team-and-school")
    house.summary(sources=[note])
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, note, "the wrong child"))
    assert [one.what for one in at_a_glance(house, house.ot).to_renew] == ["summary"]
    house.services.doors.execute(house.ot, RecallSummary(house.child, "Wrong child"))
    assert at_a_glance(house, house.ot).to_renew == []


# ---- for whom ----------------------------------------------------------------------------------------------------


def test_a_teacher_is_told_what_is_for_the_school_and_no_more(house: House):
    alerted(house, text="Custody in dispute", audience="care-team")
    alerted(house)
    shared, own = goal(house, "Zig asks for a break."), goal(house, "Only for us.", audience="care-team")
    seen(house, shared, house.ot, "therapy", 2)
    seen(house, own, house.ot, "therapy", 0)
    tried(house, strategy(house, "At home alone.", "home"), house.ot)
    house.note(house.ot, "For the team.")
    house.note(house.slt, "For the school too.", audience="care-team-and-school")
    overview = at_a_glance(house, house.teacher)
    assert [alert.text for alert in overview.alerts] == ["Nut allergy"]
    assert [(g.statement, g.level, [c.context for c in g.where]) for g in overview.goals] == [
        ("Zig asks for a break.", None, ["school"])
    ]
    assert (list(overview.attainments), list(overview.strategies), list(overview.team)) == ([], [], [])
    assert first_words(overview) == ["For the school too."]


def test_the_words_of_a_note_that_was_narrowed_or_is_an_error_are_not_on_it(house: House):
    house.note(house.slt, "An older word.")
    house.clock.turn(hours=1)
    narrowed = house.note(house.slt, "A word too many.")
    assert first_words(at_a_glance(house, house.ot)) == ["A word too many."]
    house.services.doors.execute(house.slt, ChangeNoteAudience(house.child, narrowed, "own-discipline"))
    assert first_words(at_a_glance(house, house.ot)) == ["An older word."]
    assert first_words(at_a_glance(house, house.slt)) == ["A word too many."]
    house.services.doors.execute(house.slt, EnterNoteInError(house.child, narrowed, "the wrong child"))
    assert first_words(at_a_glance(house, house.slt)) == ["An older word."]


@pytest.mark.parametrize("view", [Timeline, Goals, Strategies, Summaries])
def test_where_a_view_stands_still_nothing_stands_there_that_was_taken_back_since(house: House, view: Any):
    note = house.note(house.slt, "A word too many.")
    aim, advice = goal(house, "Zig asks for a break."), strategy(house, "Heavy work first.")
    tried(house, advice, house.teacher)
    house.summary()
    before = at_a_glance(house, house.ot)
    assert (len(before.goals), len(before.strategies), bool(before.helps or before.strengths)) == (1, 1, True)
    stores = open_stores(house.services.settings)
    stop(stores, view.NAME, house.clock.now)
    stores.close()
    acts = {
        Timeline: (house.slt, ChangeNoteAudience(house.child, note, "own-discipline")),
        Goals: (house.ot, ChangeGoalStatus(house.child, aim, 3, "stopped", "moved")),
        Strategies: (house.ot, EndStrategy(house.child, advice, "His back hurts")),
        Summaries: (house.ot, RecallSummary(house.child, "Wrong child")),
    }
    house.services.doors.execute(*acts[view])
    after = at_a_glance(house, house.ot)
    gone: dict[Any, Any] = {
        Timeline: first_words(after),
        Strategies: list(after.strategies),
        Summaries: [*after.helps, *after.strengths],
    }
    assert gone.get(view, []) == []
    assert after.shown.incomplete


# ---- what it leaves, and costs -----------------------------------------------------------------------------------


def looks(house: House, who: Actor) -> tuple[set[str], set[UUID]]:
    at_a_glance(house, who)
    (look,) = house.services.access.page(limit=1)
    return set(look["categories"].split()), {UUID(one) for one in look["entries"].split()}


def test_the_look_names_what_was_shown(house: House):
    assert looks(house, house.teacher) == ({"identity"}, set())
    alerted(house)
    aim, advice = goal(house), strategy(house, "Heavy work first.")
    tried(house, advice, house.teacher)
    team_alone = house.note(house.ot, "For the team.")
    shared = house.note(house.slt, "For the school too.", audience="care-team-and-school")
    over = goal(house, "Zig tied laces.")
    house.services.doors.execute(house.ot, ChangeGoalStatus(house.child, over, 3, "achieved"))
    categories, entries = looks(house, house.teacher)
    assert categories == {"identity", "alerts", "goals", "strategies", "notes"}
    assert entries == {aim, advice, shared}
    categories, entries = looks(house, house.lead)
    assert categories == {"identity", "alerts", "goals", "strategies", "notes", "care-team"}
    assert entries == {aim, advice, shared, team_alone}


def test_it_is_asked_for_in_the_same_number_of_statements_however_much_there_is(house: House):
    def more(count: int) -> None:
        for number in range(count):
            alerted(house, text=f"Alert {number}") if number < 6 else None
            aim = goal(house, f"Goal {count} {number}.")
            seen(house, aim, house.teacher, "school", 0)
            tried(house, strategy(house, f"Advice {count} {number}."), house.teacher)
            house.note(house.ot, f"Note {number}.", audience="care-team-and-school")
            house.clock.turn(hours=1)

    people = (house.ot, house.teacher, house.lead)
    more(3)
    few = [asked_with(house, who, ReadOverview(house.child)) for who in people]
    more(27)
    many = [asked_with(house, who, ReadOverview(house.child)) for who in people]
    assert [more_of(f, m) for f, m in zip(few, many, strict=True)] == [{}, {}, {}]
    assert max(map(len, many)) < 40
