"""Activities: written, revised, retired, restored."""

from dataclasses import fields, replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.domain.activity import (
    FIELDS,
    LINES,
    Activity,
    ActivityContent,
    ActivityRestored,
    ActivityRetired,
    ActivityRevised,
    ActivityWritten,
    Demand,
    SkillArea,
)
from coord.domain.errors import Conflict, DomainError, InvalidInput, Stale
from coord.domain.groups import GroupKind
from coord.domain.icf import ICF_CHAPTERS, IcfChapter
from coord.domain.input import Input
from tests.domain.story import ADA, NOW

BY = ADA.by()
RAIN = ActivityContent(
    title="Rain on the roof",
    purpose="Listening together.",
    kinds=["therapeutic-play"],
    skills=["attention", "social"],
    icf=["d7"],
    age_from=3,
    age_to=6,
    cognitive="low",
    motor="low",
    communication="low",
    materials=["A tin tray"],
    watch=["Rice on the floor"],
    steps=["Sit down.", "Let it rain."],
)


def written(content: ActivityContent = RAIN) -> Activity:
    return Activity.write(id=UUID(int=7), at=NOW, by=BY, content=content)


def given_rain() -> Activity:
    """Written some time ago."""
    activity = written()
    activity.collect_events()
    return activity


def revise(activity: Activity, expected: int = 1, reason: str = "too hard", **changes: Any) -> None:
    content = replace(RAIN, **changes)
    activity.revise(at=NOW, by=BY, expected_version=expected, content=content, reason=reason)


def happened(activity: Activity) -> list[type]:
    return [type(e) for e in activity.pending_events]


def test_an_activity_is_written_with_everything_in_its_place():
    activity = written(replace(RAIN, skills=["social", "attention", "social"], steps=[" Sit down. ", "", "Rain."]))
    (event,) = activity.pending_events
    assert isinstance(event, ActivityWritten)
    assert event.content["skills"] == ["social", "attention"]  # the enumeration's order, each once
    assert event.content["steps"] == ["Sit down.", "Rain."]
    assert set(event.content) == set(FIELDS) == {f.name for f in fields(ActivityContent)}
    assert (activity.status, activity.text_version, activity.version) == ("in-use", 1, 1)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": " "}, "/title missing"),
        ({"title": "a\nb"}, "/title broken-characters"),
        ({"purpose": ""}, "/purpose missing"),
        ({"kinds": []}, "/kinds missing"),
        ({"kinds": ["therapeutic-play", "choir"]}, "/kinds/1 unknown-choice"),
        ({"skills": []}, "/skills missing"),
        ({"icf": ["d10"]}, "/icf/0 unknown-choice"),
        ({"age_from": None}, "/age_from missing"),
        ({"age_from": -1}, "/age_from out-of-range"),
        ({"age_to": 19}, "/age_to out-of-range"),
        ({"age_from": 7}, "/age_to less-than-from"),
        ({"motor": ""}, "/motor missing"),
        ({"motor": "huge"}, "/motor unknown-choice"),
        ({"steps": []}, "/steps missing"),
        ({"steps": [" ", ""]}, "/steps missing"),
        ({"watch": []}, "/watch missing"),
        ({"materials": ["x"] * 21}, "/materials too-many"),
        ({"materials": ["x", "y" * 501]}, "/materials/1 too-long"),
    ],
)
def test_an_activity_with_something_wrong_is_not_written(changes: dict[str, Any], problem: str):
    with pytest.raises(InvalidInput) as refusal:
        written(replace(RAIN, **changes))
    assert [f"{p.pointer} {p.code}" for p in refusal.value.problems] == [problem]


def test_everything_wrong_is_told_at_once():
    with pytest.raises(InvalidInput) as refusal:
        written(ActivityContent())
    needed = ("title", "purpose", "kinds", "skills", "age_from", "age_to", "cognitive", "motor", "communication")
    assert [p.pointer for p in refusal.value.problems] == [f"/{name}" for name in (*needed, "watch", "steps")]


def test_a_revision_is_a_new_text_with_its_reason():
    activity = given_rain()
    revise(activity, age_from=4)
    (event,) = activity.pending_events
    assert isinstance(event, ActivityRevised)
    assert (event.version, event.reason, event.content["age_from"]) == (2, "too hard", 4)
    assert (activity.version, activity.text_version) == (2, 2)


def test_an_activity_goes_out_of_use_and_comes_back():
    activity = given_rain()
    activity.retire(at=NOW, by=BY, reason="no rice")
    assert activity.status == "retired"
    activity.restore(at=NOW, by=BY, reason="rice", expected_version=2)
    assert happened(activity) == [ActivityRetired, ActivityRestored]
    assert (activity.status, activity.version, activity.text_version) == ("in-use", 3, 1)


@pytest.mark.parametrize(
    ("decide", "code"),
    [
        (lambda a: revise(a), "nothing-changed"),
        (lambda a: revise(a, reason=" ", age_from=4), "invalid-input"),
        (lambda a: revise(a, title=""), "invalid-input"),
        (lambda a: revise(a, expected=0, age_from=4), "stale"),
        (lambda a: a.retire(at=NOW, by=BY, reason=""), "invalid-input"),
        (lambda a: a.retire(at=NOW, by=BY, reason="x", expected_version=2), "stale"),
        (lambda a: a.restore(at=NOW, by=BY, reason="x"), "activity-in-use"),
    ],
)
def test_refusals_write_nothing(decide: Any, code: str):
    activity = given_rain()
    with pytest.raises(DomainError, match=code):
        decide(activity)
    assert happened(activity) == []


def test_a_retired_activity_is_neither_revised_nor_retired_again():
    activity = given_rain()
    activity.retire(at=NOW, by=BY, reason="x")
    with pytest.raises(Conflict, match="activity-retired"):
        revise(activity, expected=2, age_from=4)
    with pytest.raises(Conflict, match="activity-retired"):
        activity.retire(at=NOW, by=BY, reason="x")


def test_who_decided_on_an_old_version_hears_what_has_changed_since():
    activity = given_rain()
    revise(activity, age_from=4)
    revise(activity, expected=2, age_from=4, title="Rain")
    activity.retire(at=NOW, by=BY, reason="x")
    for seen, changed in ((1, {"age_from", "title", "status"}), (2, {"title", "status"}), (3, {"status"})):
        with pytest.raises(Stale) as stale:
            activity.restore(at=NOW, by=BY, reason="x", expected_version=seen)
        assert (stale.value.current_version, set(stale.value.changed)) == (4, changed)


def codes(enumeration: Any, least: int = 1) -> Any:
    return st.lists(st.sampled_from([str(code) for code in enumeration]), min_size=least)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=40)
TEXTS = WORDS.filter(lambda text: Input().text("/x", text, required=False))
"""Of which something is left when what nobody can see is taken out: a mark that combines with nothing is no text."""
LINE_LISTS = st.lists(TEXTS, min_size=1, max_size=20)


@given(
    st.fixed_dictionaries(
        {
            "title": TEXTS,
            "purpose": TEXTS,
            "kinds": codes(GroupKind),
            "skills": codes(SkillArea),
            "icf": codes(ICF_CHAPTERS, least=0),
            "age_to": st.integers(9, 18),
            "age_from": st.integers(0, 9),
            **{name: st.sampled_from([d.value for d in Demand]) for name in ("cognitive", "motor", "communication")},
            **dict.fromkeys(LINES, LINE_LISTS),
        }
    )
)
def test_what_was_kept_is_accepted_again_and_is_the_same(parts: dict[str, Any]):
    """So that a revision which changes nothing is found out, whatever was typed."""
    activity = written(ActivityContent(**parts))
    content = ActivityContent(**activity.content)
    with pytest.raises(Conflict, match="nothing-changed"):
        activity.revise(at=NOW, by=BY, expected_version=1, content=content, reason="x")


def test_every_chapter_has_its_code_and_its_title():
    assert tuple(IcfChapter) == tuple(ICF_CHAPTERS)
