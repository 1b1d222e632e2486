"""Policies through the doors, on both stores: one's own team's, by its lead; cheap for the rules that work by them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from coord.application.doors import QUESTIONS, Reading
from coord.application.history.questions import HistoryFilter, ReadAudit
from coord.application.people.questions import ReadMe
from coord.application.policies.commands import ChangePolicy
from coord.application.policies.handlers import policy_for
from coord.application.policies.questions import PoliciesAnswer, ReadPolicies
from coord.domain.actors import Role
from coord.domain.errors import NotPermitted, Stale
from coord.domain.policy import defaults
from coord.persistence import open_stores
from coord.projections.engine import state_table
from tests.house import House

FOUR = ChangePolicy("generalisation", 0, {"occasions": 4}, "three were too few")


def read(house: House, who: Any) -> PoliciesAnswer:
    answer: PoliciesAnswer = house.services.doors.ask(who, ReadPolicies())
    return answer


def one(answer: PoliciesAnswer, name: str) -> Any:
    return next(policy for policy in answer.items if policy["name"] == name)


def test_a_lead_changes_the_policies_of_the_own_team_and_of_no_other(house: House):
    other = house.person("Lars Vang", Role.TEAM_LEAD, None, "South")
    house.services.doors.execute(house.lead, FOUR)
    north, south = read(house, house.student), read(house, other)
    assert (north.team, north.version, one(north, "generalisation")["values"]["occasions"]) == ("North", 1, 4)
    assert (south.team, south.version, one(south, "generalisation")["values"]) == (
        "South",
        0,
        defaults("generalisation"),
    )
    assert (north.may_change, south.may_change, read(house, house.lead).may_change) == (False, True, True)
    (change,) = one(north, "generalisation")["changes"]
    assert (change["reason"], change["by"]["name"], change["before"]["occasions"]) == (
        "three were too few",
        "Lea Strand",
        3,
    )


def test_the_change_before_is_what_the_next_one_is_decided_on(house: House):
    house.services.doors.execute(house.lead, FOUR)
    with pytest.raises(Stale):
        house.services.doors.execute(house.lead, FOUR)
    house.services.doors.execute(house.lead, ChangePolicy("generalisation", 1, {"occasions": 3}, "after all"))
    policy = one(read(house, house.ot), "generalisation")
    assert policy["values"] == defaults("generalisation")
    assert [c["values"]["occasions"] for c in policy["changes"]] == [3, 4]


def test_who_is_no_lead_or_has_no_team_changes_nothing(house: House):
    for person in (house.ot, house.student, house.teacher, house.admin):
        with pytest.raises(NotPermitted):
            house.services.doors.execute(person, FOUR)
    for person in (house.teacher, house.admin):
        with pytest.raises(NotPermitted):
            read(house, person)


def test_a_change_shows_in_the_audit_of_the_team(house: House):
    house.services.doors.execute(house.lead, FOUR)
    other = house.person("Lars Vang", Role.TEAM_LEAD, None, "South")
    ask = house.services.doors.ask
    (item,) = ask(house.lead, ReadAudit(HistoryFilter(kind="policy.changed"))).items
    assert (item["before"], item["after"]) == ({"occasions": 3}, {"occasions": 4})
    assert item["detail"] == {"policy": "generalisation", "reason": "three were too few"}
    assert ask(other, ReadAudit(HistoryFilter(kind="policy.changed"))).items == []


def test_the_rules_read_what_is_in_force_from_the_view_or_if_it_has_stopped_from_the_record(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    found: list[Any] = []

    def handler(reading: Reading, _: ReadMe) -> Any:
        found.append(policy_for(reading, "North", "generalisation")["occasions"])
        with pytest.raises(KeyError):
            policy_for(reading, "North", "weather")
        return None

    monkeypatch.setitem(QUESTIONS, ReadMe, handler)
    house.services.doors.ask(house.ot, ReadMe())
    house.services.doors.execute(house.lead, FOUR)
    house.services.doors.ask(house.ot, ReadMe())
    stores = open_stores(house.services.settings)
    with stores.views.execution_options(write=True).begin() as connection:
        stopped = update(state_table).where(state_table.c.view == "policies")
        connection.execute(stopped.values(error="x", error_position=1, error_at=datetime(2026, 3, 10, tzinfo=UTC)))
    stores.close()
    house.services.doors.execute(house.lead, ChangePolicy("generalisation", 1, {"occasions": 5}, "more"))
    house.services.doors.ask(house.ot, ReadMe())
    assert found == [3, 4, 5]
    assert house.services.record.policy("North").values("generalisation")["occasions"] == 5
