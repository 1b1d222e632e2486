"""The school summary: published by a professional, resting on signed entries, recallable."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from coord.domain.case import summary
from coord.domain.case.summary import SECTIONS, SummaryContent, SummaryPublished, SummaryRecalled
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
    notes = {NOTE: story.note()} if cites else {}
    return story.when(summary.publish, actor=ADA, today=TODAY, expected_version=version, content=content, notes=notes)


def test_a_summary_keeps_which_text_each_statement_rests_on():
    publish(given(signed(), amended())).then(
        Fact(
            SummaryPublished,
            version=1,
            statements={
                "strengths": [{"text": "Loves trains.", "sources": []}],
                "helps": [{"text": "Short steps.", "sources": [{"note": str(NOTE), "text_version": 2}]}],
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


def test_recalling():
    given(summary_published()).when(summary.recall, actor=ADA, reason="too much said").then(
        Fact(SummaryRecalled, version=1, reason="too much said")
    )
    given(closed).when(summary.recall, actor=ADA, reason="x").refused("no-summary-published", Conflict)
    given(summary_published()).when(summary.recall, actor=ADA, reason="").refused("/reason missing")
    given(summary_published(), Fact(SummaryRecalled, version=1, reason="x")).when(
        summary.recall, actor=ADA, reason="x"
    ).refused("no-summary-published", Conflict)
