"""What happened in the room has its own time, whatever the clock on the wall did; two nights a year test it."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coord.domain.case import notes
from coord.domain.case.notes import Note, NoteContent
from coord.domain.errors import DomainError, InvalidInput
from tests.domain.story import ADA, CHILD, NOTE, content, given, signed

ROME = ZoneInfo("Europe/Rome")


def sign_at(now: datetime, observed_from: datetime, observed_to: datetime | None) -> Any:
    story = given()
    notes.sign(
        story.state,
        at=now,
        actor=ADA,
        note_id=NOTE,
        content=content(observed_from=observed_from, observed_to=observed_to),
    )
    return story.state.pending_events[0]


def test_an_hour_that_happens_twice_keeps_its_instants():
    # 2026-10-25, 02:50 summer time to 02:10 winter time: twenty minutes, though the clock on the wall went back.
    start = datetime(2026, 10, 25, 2, 50, tzinfo=ROME, fold=0)
    end = datetime(2026, 10, 25, 2, 10, tzinfo=ROME, fold=1)
    event = sign_at(datetime(2026, 10, 26, tzinfo=UTC), start, end)
    assert event.observed_from == datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    assert event.observed_to == datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert event.observed_to - event.observed_from == timedelta(minutes=20)


def test_an_observation_over_the_missing_hour_lasts_as_long_as_it_did():
    # 2026-03-29, 01:30 to 03:30 on the wall: one hour.
    start = datetime(2026, 3, 29, 1, 30, tzinfo=ROME)
    end = datetime(2026, 3, 29, 3, 30, tzinfo=ROME)
    event = sign_at(datetime(2026, 3, 30, tzinfo=UTC), start, end)
    assert event.observed_to - event.observed_from == timedelta(hours=1)


@pytest.mark.parametrize("fold", [0, 1])
def test_the_folded_hour_itself_means_two_different_instants(fold: int):
    start = datetime(2026, 10, 25, 2, 30, tzinfo=ROME, fold=fold)
    event = sign_at(datetime(2026, 10, 26, tzinfo=UTC), start, None)
    assert event.observed_from == datetime(2026, 10, 25, fold, 30, tzinfo=UTC)
    assert event.observed_to == event.observed_from


@pytest.mark.parametrize("hours", [-11, 0, 2, 14])
def test_an_instant_is_the_same_in_every_zone(hours: int):
    now = datetime(2026, 6, 1, 9, tzinfo=UTC)
    start = (now - timedelta(minutes=5)).astimezone(timezone(timedelta(hours=hours)))
    assert sign_at(now, start, None).observed_from == now - timedelta(minutes=5)


@pytest.mark.parametrize(("ahead", "accepted"), [(0, True), (119, True), (121, False)])
def test_a_devices_clock_may_run_ahead_by_two_minutes(ahead: int, accepted: bool):
    now = datetime(2026, 6, 1, 9, tzinfo=UTC)
    with nullcontext() if accepted else pytest.raises(InvalidInput):
        sign_at(now, now + timedelta(seconds=ahead), None)


def test_nobody_can_backdate_the_signature():
    # There is no argument for it: signing takes the moment of the decision, whatever the content says.
    assert "signed_at" not in NoteContent.__dataclass_fields__
    assert "recorded_at" not in NoteContent.__dataclass_fields__
    now = datetime(2026, 6, 1, 9, tzinfo=UTC)
    event = sign_at(now, now - timedelta(days=400), None)
    assert (event.signed_at, event.timestamp, event.recorded_at) == (now, now, now)


def test_the_end_before_the_start_is_refused_across_the_change_of_the_clock():
    # 02:10 winter time is after 02:50 summer time; 02:50 winter time to 02:10 winter time is not.
    start = datetime(2026, 10, 25, 2, 50, tzinfo=ROME, fold=1)
    end = datetime(2026, 10, 25, 2, 10, tzinfo=ROME, fold=1)
    with pytest.raises(DomainError, match="invalid-input"):
        sign_at(datetime(2026, 10, 26, tzinfo=UTC), start, end)


def test_signing_order_is_not_observation_order():
    early = signed(text="seen later").at(CHILD, 2)
    late = sign_at(datetime(2026, 6, 1, 9, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC), None)
    first, second = Note.from_events([early]), Note.from_events([late])
    assert first is not None
    assert second is not None
    assert first.signed_at < second.signed_at
    assert first.observed_from > second.observed_from
