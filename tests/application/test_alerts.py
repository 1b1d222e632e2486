"""Alerts behind the doors: whom they reach, how long, and what a look at them leaves."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from coord.application.case.commands import ChangeAlert, EndAlert
from coord.application.case.questions import ReadCase
from coord.application.find.questions import Find
from coord.application.groups.questions import ReadSession
from coord.application.history.questions import ReadHistory
from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from coord.domain.actors import Actor
from coord.domain.errors import Stale
from coord.persistence import open_stores
from tests.aims import NUTS, alerted
from tests.group_story import Group
from tests.house import House
from tests.projections.test_following import stop


def known(house: House, who: Actor) -> list[str]:
    answer = house.services.doors.ask(who, ReadCase(house.child))
    return [alert.text for alert in answer.alerts]


def told(house: House, who: Actor, **more: Any) -> list[tuple[str, str]]:
    answer = house.services.doors.ask(who, ReadTimeline(house.child, filter=TimelineFilter(kind="alert"), **more))
    return [(item["detail"]["what"], item["sections"]["alert"]) for item in answer.items]


def change(house: House, alert: UUID, version: int = 1, **other: Any) -> None:
    command = ChangeAlert(house.child, alert, version, replace(NUTS, **other), "asked the family")
    house.services.doors.execute(house.ot, command)


def test_an_alert_reaches_all_who_are_with_the_child_and_one_for_the_professionals_not_the_school(house: House):
    alerted(house, text="May not be collected by his uncle", kind="contact")
    alerted(house, text="Seizures: under observation", audience="care-team")
    alerted(house)
    all_of_them = ["Seizures: under observation", "Nut allergy", "May not be collected by his uncle"]
    for professional in (house.ot, house.slt, house.student, house.lead):
        assert known(house, professional) == all_of_them
    assert known(house, house.teacher) == ["Nut allergy", "May not be collected by his uncle"]


def test_who_runs_a_group_knows_what_is_for_all_who_are_with_the_child(house: House):
    group = Group(house)
    group.plan(staff=[house.ot, house.stranger])
    case = group.child("Brio")
    group.enrol(case)
    for words, audience in (("Nut allergy", "care-team-and-school"), ("Custody is in dispute", "care-team")):
        alerted(house, case_id=case, text=words, audience=audience)
    for who, knows in (
        (house.ot, ["Nut allergy", "Custody is in dispute"]),
        (house.stranger, ["Nut allergy"]),  # of the staff, and not of the child's care team
    ):
        (child,) = house.services.doors.ask(who, ReadSession(group.course, 1)).children
        assert sorted(alert.text for alert in child.alerts) == sorted(knows)
        (look, *_) = house.services.access.page(case_id=case)
        assert "alerts" in look["categories"]


def test_what_is_for_the_professionals_alone_is_nowhere_for_the_school(house: House):
    alert = alerted(house, text="Custody is in dispute", audience="care-team")
    assert told(house, house.teacher) == []
    assert house.services.doors.ask(house.teacher, Find("custody")).entries == []
    assert [entry["kind"] for entry in house.services.doors.ask(house.ot, Find("custody")).entries] == ["alert"]
    change(house, alert, text="Collected by his aunt alone", audience="care-team-and-school")
    # What it said while it was for the professionals stays theirs.
    assert told(house, house.teacher) == [("changed", "Collected by his aunt alone")]
    assert known(house, house.teacher) == ["Collected by his aunt alone"]


def test_an_alert_taken_from_the_school_is_gone_from_what_it_read_before_and_from_every_past(house: House):
    alert = alerted(house)
    then = house.services.record.head()
    assert told(house, house.teacher) == [("raised", "Nut allergy")]
    change(house, alert, audience="care-team")
    assert (known(house, house.teacher), told(house, house.teacher)) == ([], [])
    assert told(house, house.teacher, as_of=then) == []
    assert told(house, house.ot, as_of=then) == [("raised", "Nut allergy")]


def test_an_ended_alert_stands_nowhere_and_stays_in_the_timeline_with_why(house: House):
    alert = alerted(house)
    house.services.doors.execute(house.lead, EndAlert(house.child, alert, "outgrown"))
    assert known(house, house.teacher) == []
    assert told(house, house.teacher) == [("ended", "Nut allergy"), ("raised", "Nut allergy")]


def test_nobody_ends_an_alert_that_says_something_else_than_they_saw(house: House):
    alert = alerted(house)
    change(house, alert, text="Nuts, and now bee stings")
    with pytest.raises(Stale) as refused:
        house.services.doors.execute(house.lead, EndAlert(house.child, alert, "outgrown", expected_version=1))
    assert refused.value.current_version == 2
    assert known(house, house.teacher) == ["Nuts, and now bee stings"]
    house.services.doors.execute(house.lead, EndAlert(house.child, alert, "outgrown", expected_version=2))
    assert known(house, house.teacher) == []


def test_one_that_was_to_be_looked_at_stands_and_says_so(house: House):
    alerted(house, review_on=date(2026, 3, 20))
    (before,) = house.services.doors.ask(house.teacher, ReadCase(house.child)).alerts
    house.clock.turn(days=30)
    (after,) = house.services.doors.ask(house.teacher, ReadCase(house.child)).alerts
    assert (before.due, after.due) == (False, True)


def test_a_view_that_stands_still_gives_no_alert_that_was_taken_back(house: House):
    first, second = alerted(house), alerted(house, text="Runs off", kind="safety")
    known(house, house.teacher)
    stores = open_stores(house.services.settings)
    for view in ("caseload", "timeline"):
        stop(stores, view, house.clock.now)
    stores.close()
    change(house, first, audience="care-team")
    house.services.doors.execute(house.ot, EndAlert(house.child, second, "holds a hand by now"))
    alerted(house, text="Choking")
    assert known(house, house.teacher) == ["Choking"]
    assert ("raised", "Nut allergy") not in told(house, house.teacher)


def test_a_look_that_showed_alerts_says_so_and_one_without_does_not(house: House):
    known(house, house.teacher)
    alerted(house)
    known(house, house.teacher)
    rows = house.services.doors.ask(house.lead, ReadHistory(house.child)).items
    looks = [row["categories"] for row in rows if row["kind"] == "ReadCase" and row["person_name"] == "Tove Dahl"]
    assert ["alerts" in categories for categories in looks] == [True, False]
