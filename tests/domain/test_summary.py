"""The school summary: published by a professional, resting on signed entries, recallable."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from coord.domain.case import summary
from coord.domain.case.aggregate import SummaryState
from coord.domain.case.summary import (
    SECTIONS,
    SummaryContent,
    SummaryPublished,
    SummaryRecalled,
    of_day,
    standing,
    standing_of,
)
from coord.domain.errors import Conflict, InvalidInput, Stale
from tests.domain.story import ADA, NOTE, TODAY, Fact, amended, closed, given, in_error, signed, summary_published

FINE: dict[str, Any] = {"strengths": [("Loves trains.", [])], "helps": [("Short steps.", [NOTE])]}


def publish(story: Any, version: int = 0, cites: bool = True, **changes: Any) -> Any:
    values = {
        "statements": FINE,
        "contact": "Ada, 555",
        "valid_from": TODAY,
        "review_date": TODAY + timedelta(days=90),
    }
    content = SummaryContent(**{**values, **changes})
    entries = {NOTE: story.note()} if cites else {}
    return story.when(
        summary.publish, actor=ADA, today=TODAY, expected_version=version, content=content, entries=entries
    )


def test_a_summary_keeps_which_text_each_statement_rests_on():
    publish(given(signed(), amended())).then(
        Fact(
            SummaryPublished,
            version=1,
            statements={
                "strengths": [{"text": "Loves trains.", "sources": []}],
                "helps": [{"text": "Short steps.", "sources": [{"kind": "note", "entry": str(NOTE), "version": 2}]}],
            },
            contact="Ada, 555",
            valid_from="2026-06-01",
            review_date="2026-08-30",
        )
    )


def test_the_next_version_follows_also_after_a_recall():
    recalled = Fact(SummaryRecalled, version=1, reason="wrong")
    publish(given(signed(), summary_published()), version=1).then(Fact(SummaryPublished, version=2))
    publish(given(signed(), summary_published(), recalled), version=1).then(Fact(SummaryPublished, version=2))


def test_sections_come_in_the_teachers_order():
    statements: Any = {name: [("Words.", [])] for name in reversed(SECTIONS)}
    story = publish(given(signed()), statements=statements).then(Fact(SummaryPublished))
    assert tuple(story.state.pending_events[0].statements) == SECTIONS


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"statements": {"helps": [("x", [])]}}, "/statements/strengths missing"),
        ({"statements": {"strengths": [("x", [])]}}, "/statements/helps missing"),
        ({"statements": {**FINE, "diagnosis": [("x", [])]}}, "/statements/diagnosis unknown-section"),
        ({"statements": {**FINE, "helps": [("x", [])] * 6}}, "/statements/helps too-many"),
        ({"statements": {**FINE, "avoid": [("x", [])] * 9}}, "/statements/avoid too-many"),
        ({"statements": {**FINE, "avoid": [(" ", [])]}}, "/statements/avoid/0/text missing"),
        ({"statements": {**FINE, "avoid": [("x" * 501, [])]}}, "/statements/avoid/0/text too-long"),
        ({"statements": {**FINE, "avoid": [("x", [UUID(int=77)])]}}, "/statements/avoid/0/sources/0 no-such-source"),
        ({"contact": ""}, "/contact missing"),
        ({"valid_from": None}, "/valid_from missing"),
        ({"review_date": None}, "/review_date missing"),
        ({"review_date": TODAY}, "/review_date before-the-start"),
        (
            {"valid_from": TODAY - timedelta(days=9), "review_date": TODAY - timedelta(days=1)},
            "/review_date in-the-past",
        ),
    ],
)
def test_a_summary_that_is_not_fit_is_refused(changes: dict[str, Any], problem: str):
    publish(given(signed()), **changes).refused(problem, InvalidInput)


def test_five_things_that_help_are_not_too_many():
    publish(given(signed()), statements={**FINE, "helps": [("x", [])] * 5}).then(Fact(SummaryPublished))


def test_refused_summaries():
    publish(given(signed(), closed)).refused("case-closed", Conflict)
    publish(given(signed(), summary_published())).refused("stale", Stale)
    publish(given(signed()), version=1).refused("stale", Stale)
    publish(given(signed(), in_error())).refused("/statements/helps/0/sources/0 source-in-error")
    publish(given(signed()), cites=False).refused("/statements/helps/0/sources/0 no-such-source")


def recall(story: Any, reason: str = "too much said", version: int | None = None) -> Any:
    return story.when(summary.recall, actor=ADA, today=TODAY, reason=reason, version=version)


def test_recalling():
    recall(given(summary_published())).then(
        Fact(SummaryRecalled, version=1, reason="too much said", before_its_day=False)
    )
    recall(given(closed)).refused("no-summary-published", Conflict)
    recall(given(summary_published()), reason="").refused("/reason missing")
    recall(given(summary_published(), Fact(SummaryRecalled, version=1, reason="x"))).refused(
        "no-summary-published", Conflict
    )


def later(version: int, days: int = 7) -> Fact:
    """A version for a later day."""
    return summary_published(version, (TODAY + timedelta(days=days)).isoformat())


def test_what_is_recalled_is_what_the_school_reads_unless_one_says_otherwise():
    def two() -> Any:
        return given(summary_published(), later(2))

    recall(two()).then(Fact(SummaryRecalled, version=1, before_its_day=False))
    recall(two(), version=2).then(Fact(SummaryRecalled, version=2, before_its_day=True))
    recall(given(later(1))).then(Fact(SummaryRecalled, version=1, before_its_day=True))
    recall(given(summary_published(), summary_published(2)), version=1).refused("no-summary-published", Conflict)
    recall(two(), version=3).refused("no-summary-published", Conflict)


def test_a_recall_sent_twice_leaves_the_version_for_a_later_day_alone():
    taken_back = Fact(SummaryRecalled, version=1, reason="x")
    recall(given(summary_published(), later(2), taken_back)).refused("no-summary-published", Conflict)
    recall(given(summary_published(), later(2), taken_back), version=2).then(Fact(SummaryRecalled, version=2))
    early = Fact(SummaryRecalled, version=2, reason="x", before_its_day=True)
    recall(given(later(1), later(2, 3), early)).refused("no-summary-published", Conflict)


def test_a_version_says_which_will_never_be_in_force_for_it_and_its_recall_which_will_be_again():
    def followed_by(*versions: Fact, days: int) -> Any:
        story = given(summary_published(), *versions)
        words: Any = {"strengths": [("x", [])], "helps": [("y", [])]}
        start = TODAY + timedelta(days=days)
        return publish(story, len(versions) + 1, cites=False, statements=words, valid_from=start)

    followed_by(later(2, 9), later(3, 5), days=7).then(Fact(SummaryPublished, version=4, in_place_of=[]))
    followed_by(later(2, 5), later(3, 9), days=7).then(Fact(SummaryPublished, version=4, in_place_of=[3]))
    followed_by(later(2, 5), later(3, 9), days=0).then(Fact(SummaryPublished, version=4, in_place_of=[2, 3]))
    two = given(summary_published(), later(2, 9), later(3, 5))
    recall(two, version=3).then(Fact(SummaryRecalled, version=3, gives_back=[2]))
    recall(given(summary_published(), later(2))).then(Fact(SummaryRecalled, version=1, gives_back=[]))


@pytest.mark.parametrize(
    ("versions", "on_the_first", "on_the_tenth"),
    [
        ({1: ("2026-06-01", "")}, ["published"], ["published"]),
        ({1: ("2026-06-01", ""), 2: ("2026-06-10", "")}, ["published", "upcoming"], ["superseded", "published"]),
        ({1: ("2026-06-01", ""), 2: ("2026-06-10", "early")}, ["published", "recalled"], ["published", "recalled"]),
        ({1: ("2026-06-01", "late"), 2: ("2026-06-10", "")}, ["recalled", "upcoming"], ["recalled", "published"]),
        ({1: ("2026-05-01", ""), 2: ("2026-06-01", "late")}, ["superseded", "recalled"], ["superseded", "recalled"]),
        # Before there were any for a later day, each was in force at once, and so was this one when it was recalled.
        ({1: ("2026-05-01", ""), 2: ("2026-06-10", "late")}, ["superseded", "recalled"], ["superseded", "recalled"]),
        (
            # The newest stands in place of all that would begin after it.
            {1: ("2026-06-01", ""), 2: ("2026-06-10", ""), 3: ("2026-06-09", "")},
            ["published", "superseded", "upcoming"],
            ["superseded", "superseded", "published"],
        ),
    ],
)
def test_how_each_version_stands_depends_on_the_day(
    versions: dict[int, tuple[str, str]], on_the_first: list[str], on_the_tenth: list[str]
):
    states: dict[int, SummaryState] = {
        number: {"valid_from": start, "recalled": bool(recalled), "before_its_day": recalled == "early"}
        for number, (start, recalled) in versions.items()
    }
    for day, stands in ((1, on_the_first), (10, on_the_tenth)):
        assert [how for _, how in sorted(standing(states.items(), date(2026, 6, day)).items())] == stands


def test_what_was_recalled_before_its_day_never_counts_and_what_was_in_force_goes_on():
    said: dict[str, SummaryState] = {
        "early": {"valid_from": "2026-06-10", "recalled": True, "before_its_day": True},
        "late": {"valid_from": "2026-06-10", "recalled": True, "before_its_day": False},
        "first": {"valid_from": "2026-06-01", "recalled": False, "before_its_day": False},
    }
    tenth = date(2026, 6, 10)
    assert of_day([(1, said["first"]), (2, said["early"])], tenth) == 1
    assert of_day([(1, said["first"]), (2, said["late"])], tenth) == 2
    assert of_day([(1, said["first"])], date(2026, 5, 31)) is None


def test_of_an_older_snapshot_the_latest_version_is_in_force_until_a_newer_ones_day():
    story = given(summary_published(), summary_published(2))
    story.state.summaries = {}  # such a snapshot has none
    assert standing_of(story.state, TODAY) == {2: "published"}
    words: Any = {"strengths": [("x", [])], "helps": [("y", [])]}
    publish(story, 2, cites=False, statements=words, valid_from=TODAY + timedelta(days=7))
    assert standing_of(story.state, TODAY) == {2: "published", 3: "upcoming"}
