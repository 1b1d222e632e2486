"""Policies: defaults until a team lead changes them; each change kept."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.domain.actors import Role
from coord.domain.errors import Conflict, DomainError, InvalidInput, Stale
from coord.domain.groups import GroupKind
from coord.domain.policy import (
    POLICIES,
    RECORDED,
    SESSION_STEPS,
    Chosen,
    Policy,
    PolicyChanged,
    PolicyName,
    Whole,
    Words,
    days_for_second_factor,
    defaults,
    in_force,
    policy_id,
)
from tests.domain.story import LEA, NOW

BY = LEA.by()


def change(
    policy: Policy, values: dict[str, Any], name: str = "generalisation", expected: int = 0, reason: str = "so"
) -> None:
    policy.change(at=NOW, by=BY, expected_version=expected, name=name, values=values, reason=reason)


# The figures of the domain description, written out once more by hand: ages, sizes, children per member of staff (at
# most), members of staff (at least), minutes, sessions.
FIGURES = {
    "therapeutic-play": (3, 7, 3, 6, 3, 1, 45, 60, 8, 12),
    "sensory-integration": (3, 10, 2, 4, 2, 1, 45, 60, 10, 20),
    "social-skills": (5, 12, 4, 8, 4, 2, 60, 90, 10, 16),
    "psycho-educational": (3, 12, 4, 8, 4, 2, 60, 120, 6, 14),
    "school-skills": (4, 9, 4, 6, 4, 1, 45, 60, 8, 12),
}
NUMBERS = (
    "age_from",
    "age_to",
    "size_least",
    "size_most",
    "children_per_staff",
    "staff_least",
    "minutes_from",
    "minutes_to",
    "sessions_from",
    "sessions_to",
)


def test_the_defaults_are_those_of_the_domain():
    others = {"generalisation", "signing-in"}
    assert set(POLICIES) == others | set(GroupKind) == others | set(FIGURES) == set(PolicyName)
    seeing_children = ["therapist", "student", "teacher", "team-lead"]
    assert defaults("signing-in") == {"second_factor": seeing_children, "grace_days": 14}
    assert defaults("generalisation") == {
        "occasions": 3,
        "contexts": 2,
        "observers": 2,
        "maintained_weeks": 6,
        "lost_after": 2,
        "look_again_weeks": 12,
    }
    for kind, figures in FIGURES.items():
        values = defaults(kind)
        assert tuple(values[name] for name in NUMBERS) == figures
        assert values["shape"] == list(SESSION_STEPS)
        assert values["suits"]
    assert {"guardian", "practice"} <= set(RECORDED)
    families = {kind for kind in FIGURES if "guardian" in POLICIES[kind]["record"].default}  # type: ignore[operator]
    assert families == {"psycho-educational"}


def test_every_default_is_within_its_own_limits():
    for name in POLICIES:
        policy = Policy.of("North")
        with pytest.raises(Conflict, match="nothing-changed"):
            change(policy, dict(defaults(name)), name)


def test_a_team_that_changed_nothing_works_by_the_defaults():
    policy = Policy.of("North")
    assert (policy.version, policy.id, policy.values("social-skills")) == (
        0,
        policy_id("North"),
        defaults("social-skills"),
    )
    assert policy_id("North") != policy_id("South")


def test_the_first_change_begins_the_stream_and_keeps_what_was_before():
    policy = Policy.of("North")
    change(policy, {"occasions": 4}, reason="three were too few")
    (event,) = policy.pending_events
    assert isinstance(event, PolicyChanged)
    assert (event.team, event.name, event.reason, event.originator_version) == (
        "North",
        "generalisation",
        "three were too few",
        1,
    )
    assert event.before == defaults("generalisation")
    assert event.values == {**defaults("generalisation"), "occasions": 4}
    replayed = event.mutate(None)
    assert replayed is not None
    assert (replayed.id, replayed.version, replayed.changed) == (policy.id, 1, policy.changed)


def test_one_policy_changes_and_the_others_stay():
    policy = Policy.of("North")
    change(policy, {"occasions": 4})
    change(policy, {"size_most": 6, "shape": ["welcome", "main", "main"]}, "social-skills", expected=1)
    assert policy.values("generalisation")["occasions"] == 4
    assert policy.values("social-skills")["shape"] == ["welcome", "main", "main"]
    assert policy.values("school-skills") == defaults("school-skills")


@pytest.mark.parametrize(
    ("name", "values", "problem"),
    [
        ("weather", {}, "/name unknown-choice"),
        ("generalisation", {"colour": 1}, "/values/colour unknown-field"),
        ("generalisation", {"occasions": 0}, "/values/occasions out-of-range"),
        ("generalisation", {"occasions": "4"}, "/values/occasions wrong-type"),
        ("generalisation", {"occasions": True}, "/values/occasions wrong-type"),
        ("generalisation", {"occasions": None}, "/values/occasions missing"),
        ("social-skills", {"age_to": 4}, "/values/age_to less-than-from"),
        ("social-skills", {"size_least": 9}, "/values/size_most less-than-from"),
        ("social-skills", {"suits": " "}, "/values/suits missing"),
        ("social-skills", {"suits": 3}, "/values/suits not-text"),
        ("social-skills", {"shape": "main"}, "/values/shape wrong-type"),
        ("social-skills", {"shape": []}, "/values/shape missing"),
        ("social-skills", {"shape": ["main", "nap"]}, "/values/shape/1 unknown-choice"),
        ("social-skills", {"shape": ["main"] * 13}, "/values/shape too-many"),
        ("social-skills", {"record": ["weight"]}, "/values/record/0 unknown-choice"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_where_it_stands(name: str, values: dict[str, Any], problem: str):
    policy = Policy.of("North")
    with pytest.raises(InvalidInput) as refusal:
        change(policy, values, name)
    assert problem in [f"{p.pointer} {p.code}" for p in refusal.value.problems]
    assert list(policy.pending_events) == []


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"values": {"occasions": 3}}, "nothing-changed"),
        ({"values": {"occasions": 4}, "reason": " "}, "invalid-input"),
        ({"values": {"occasions": 4}, "expected": 1}, "stale"),
    ],
)
def test_refusals_write_nothing(wish: dict[str, Any], code: str):
    policy = Policy.of("North")
    with pytest.raises(DomainError, match=code):
        change(policy, **wish)
    assert list(policy.pending_events) == []


def test_who_decided_on_old_values_hears_which_policies_changed_since():
    policy = Policy.of("North")
    change(policy, {"occasions": 4})
    change(policy, {"size_most": 6}, "social-skills", expected=1)
    with pytest.raises(Stale) as stale:
        change(policy, {"occasions": 5}, expected=1)
    assert (stale.value.current_version, stale.value.changed) == (2, ("social-skills",))


def test_a_part_that_did_not_exist_at_the_last_change_has_its_default():
    assert in_force("generalisation", {"occasions": 5, "gone": 1}) == {**defaults("generalisation"), "occasions": 5}


def part(kind: Any) -> Any:
    if isinstance(kind, Whole):
        return st.integers(kind.least, kind.most)
    if isinstance(kind, Words):
        return st.text("abc é", min_size=1, max_size=50).filter(str.strip)
    assert isinstance(kind, Chosen)
    return st.lists(st.sampled_from(kind.choices), min_size=1, max_size=8)


@given(st.data(), st.sampled_from(sorted(POLICIES)))
def test_whatever_is_accepted_is_complete_and_comes_back_from_the_events(data: st.DataObject, name: str):
    values = data.draw(st.fixed_dictionaries({}, optional={p: part(k) for p, k in POLICIES[name].items()}))
    policy = Policy.of("North")
    try:
        change(policy, values, name)
    except (InvalidInput, Conflict):
        assert list(policy.pending_events) == []
        return
    kept = policy.values(name)
    assert set(kept) == set(POLICIES[name])
    for lower, upper in (("age_from", "age_to"), ("size_least", "size_most"), ("minutes_from", "minutes_to")):
        if lower in kept:
            assert kept[lower] <= kept[upper]  # type: ignore[operator]
    state: Any = None
    for event in policy.pending_events:
        state = event.mutate(state)
    assert state.values(name) == kept
    assert state.id == UUID(str(policy.id))


def test_who_shows_a_second_factor_and_in_how_many_days():
    values = defaults("signing-in")
    assert {role.value: days_for_second_factor(role, values) for role in Role} == {
        "therapist": 14,
        "student": 14,
        "teacher": 14,
        "team-lead": 14,
        "administrator": None,
    }
    changed = {**values, "second_factor": ["administrator"], "grace_days": 0}
    assert days_for_second_factor(Role.ADMINISTRATOR, changed) == 0
    assert days_for_second_factor(Role.THERAPIST, changed) is None
