"""Alerts: what must be known of a child before anything else, in a few words; raised, changed, ended, never lost."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from coord.domain.case import AlertChanged, AlertContent, AlertEnded, AlertRaised
from coord.domain.case.alerts import MOST_STANDING, change_alert, end_alert, in_order, raise_alert
from coord.domain.errors import Conflict, NotFound, Stale
from tests.domain.story import ADA, TODAY, Fact, Story, closed, given

NUTS = UUID(int=51)
CONTENT = AlertContent("Nut allergy", "health", "care-team-and-school", "Pen in the red bag.")
SAID = {
    "text": "Nut allergy",
    "what_to_do": "Pen in the red bag.",
    "kind": "health",
    "since": "2026-06-01",
    "review_on": "",
    "audience": "care-team-and-school",
}
nuts = Fact(AlertRaised, alert_id=NUTS, content=SAID)
ended = Fact(AlertEnded, alert_id=NUTS, reason="outgrown")


def raised(story: Story, id: UUID = NUTS, **other: Any) -> Story:
    return story.when(raise_alert, actor=ADA, today=TODAY, alert_id=id, content=replace(CONTENT, **other))


def changed(story: Story, expected: int = 1, reason: str = "asked the family", **other: Any) -> Story:
    content = replace(CONTENT, **other)
    asked: dict[str, Any] = {"alert_id": NUTS, "expected_version": expected, "content": content, "reason": reason}
    return story.when(change_alert, actor=ADA, today=TODAY, **asked)


def test_an_alert_says_in_a_few_words_what_must_be_known_from_today_on():
    raised(given(), text=" Nut allergy ").then(Fact(AlertRaised, alert_id=NUTS, content=SAID))


def test_it_may_be_so_for_long_and_is_to_be_looked_at_again():
    said = {**SAID, "since": "2019-03-02", "review_on": "2026-06-01"}
    raised(given(), since=date(2019, 3, 2), review_on=TODAY).then(Fact(AlertRaised, alert_id=NUTS, content=said))


def test_what_makes_no_sense_is_refused():
    raised(given(), text=" ").refused("/text missing")
    raised(given(), text="x" * 81).refused("/text too-long")
    raised(given(), text="Nut\nallergy").refused("/text broken-characters")
    raised(given(), kind="gossip").refused("/kind unknown-choice")
    raised(given(), audience="own-discipline").refused("/audience unknown-choice")
    raised(given(), since=TODAY + timedelta(days=1)).refused("/since in-the-future")
    raised(given(), since=date(2019, 3, 1)).refused("/since before-birth")
    raised(given(), review_on=TODAY - timedelta(days=1)).refused("/review_on in-the-past")
    raised(given(nuts)).refused("/id id-taken")
    raised(given(nuts, ended)).refused("/id id-taken")


def test_a_closed_case_gets_no_new_alert_and_of_very_many_nobody_would_read_one():
    raised(given(closed)).refused("case-closed", Conflict)
    many = (Fact(AlertRaised, alert_id=UUID(int=n), content=SAID) for n in range(100, 100 + MOST_STANDING))
    raised(given(*many)).refused("alerts-full", Conflict)


def test_a_change_keeps_what_it_said_before_and_why():
    changed(given(nuts), audience="care-team").then(
        Fact(
            AlertChanged,
            alert_id=NUTS,
            changes={"audience": "care-team"},
            before={"audience": "care-team-and-school"},
            reason="asked the family",
        )
    )


def test_an_alert_is_changed_in_a_closed_case_too_for_it_may_say_too_much():
    changed(given(nuts, closed), audience="care-team").then(Fact(AlertChanged))


def test_who_puts_a_word_right_need_not_have_looked_at_all_of_it():
    late = Fact(AlertRaised, alert_id=NUTS, content={**SAID, "review_on": "2026-05-01"})
    changed(given(late), text="Peanut allergy", review_on=date(2026, 5, 1)).then(Fact(AlertChanged))
    changed(given(late), review_on=date(2026, 5, 2)).refused("/review_on in-the-past")


def test_a_change_names_the_version_it_has_seen_and_changes_something():
    changed(given(nuts), expected=2, text="Peanuts").refused("stale", Stale)
    changed(given(nuts)).refused("nothing-changed", Conflict)
    changed(given(nuts), reason="", text="Peanuts").refused("/reason missing")
    changed(given(), text="Peanuts").refused("no-such-alert", NotFound)
    changed(given(nuts, ended), text="Peanuts").refused("alert-ended", Conflict)


def end(story: Story, reason: str = "outgrown") -> Story:
    return story.when(end_alert, actor=ADA, alert_id=NUTS, reason=reason)


def test_an_alert_is_ended_with_a_reason_once_in_a_closed_case_too():
    end(given(nuts)).then(ended)
    end(given(nuts, closed)).then(ended)
    end(given(nuts), reason=" ").refused("/reason missing")
    end(given(nuts, ended)).refused("alert-ended", Conflict)
    end(given()).refused("no-such-alert", NotFound)


def test_what_can_cost_a_life_stands_first_and_what_was_ended_not_at_all():
    kinds = {"1": "contact", "2": "safety", "3": "health", "4": "safety"}
    alerts: Any = {id: {"kind": kind, "ended": id == "4"} for id, kind in kinds.items()}
    assert list(in_order(alerts)) == ["3", "2", "1"]
