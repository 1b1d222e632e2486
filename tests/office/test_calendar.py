"""Addresses of calendar feeds as the store keeps them."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine, select

from coord.domain.errors import InvalidInput
from coord.office.calendars import FEEDS, MOST_FEEDS, CalendarFeeds, NoFeed
from tests.office.conftest import Clock

PERSON = uuid4()
KEY = "k" * 40


@pytest.fixture
def feeds(engine: Engine) -> CalendarFeeds:
    return CalendarFeeds(engine, KEY)


def refusal(feeds: CalendarFeeds, token: str) -> str:
    with pytest.raises(NoFeed) as refused:
        feeds.verify(token)
    return refused.value.why


def test_an_address_stands_for_its_person_until_it_is_revoked(feeds: CalendarFeeds, clock: Clock):
    token = feeds.issue(PERSON, "  My   phone ", now=clock.now)
    (mine,) = feeds.of(PERSON)
    assert mine.name == "My phone"
    assert mine.created_at == clock.now
    assert feeds.verify(token) == (mine.id, PERSON)
    assert not feeds.revoke(mine.id, clock.now, person_id=uuid4())
    assert feeds.verify(token) == (mine.id, PERSON)
    assert feeds.revoke(mine.id, clock.now, person_id=PERSON)
    assert refusal(feeds, token) == "revoked"
    assert not feeds.revoke(mine.id, clock.now, person_id=PERSON)
    assert feeds.of(PERSON) == []


def test_all_addresses_of_a_person_at_once(feeds: CalendarFeeds, clock: Clock):
    mine = [feeds.issue(PERSON, "n", now=clock.now) for _ in range(2)]
    other = uuid4()
    theirs = feeds.issue(other, "n", now=clock.now)
    assert feeds.revoke_all(PERSON, clock.now) == 2
    assert [refusal(feeds, token) for token in mine] == ["revoked", "revoked"]
    assert feeds.verify(theirs)[1] == other


def test_only_the_hash_is_kept_and_no_two_are_alike(feeds: CalendarFeeds, clock: Clock, engine: Engine):
    tokens = {feeds.issue(PERSON, "n", now=clock.now) for _ in range(5)}
    assert len(tokens) == 5
    with engine.connect() as connection:
        rows = connection.execute(select(FEEDS)).all()
    for token in tokens:
        assert len(token) > 80
        assert token not in str(rows)
        assert token.split(".")[0] not in str(rows)


def test_what_we_never_signed_is_refused_without_a_look(feeds: CalendarFeeds, clock: Clock, engine: Engine):
    token = feeds.issue(PERSON, "n", now=clock.now)
    foreign = CalendarFeeds(engine, "another secret of forty characters, no less").issue(PERSON, "n", now=clock.now)
    for wrong in ("", ".", "x", token[:-1], token + "A", token.replace(".", ""), foreign, "é" * 90, "a" * 5000):
        assert refusal(feeds, wrong) == "unknown-address"
    assert feeds.verify(token)[1] == PERSON


def test_when_it_was_fetched_is_kept_to_the_minute(feeds: CalendarFeeds, clock: Clock):
    feed_id, _person = feeds.verify(feeds.issue(PERSON, "n", now=clock.now))
    assert feeds.of(PERSON)[0].last_fetched_at is None
    first = clock.turn(hours=1)
    feeds.fetched(feed_id, first)
    feeds.fetched(feed_id, clock.turn(seconds=59))
    assert feeds.of(PERSON)[0].last_fetched_at == first
    feeds.fetched(feed_id, clock.turn(seconds=1))
    assert feeds.of(PERSON)[0].last_fetched_at == clock.now


def test_an_address_needs_a_name_and_there_is_an_end_to_them(feeds: CalendarFeeds, clock: Clock):
    for name, code in (("  ", "missing"), ("n" * 101, "too-long")):
        with pytest.raises(InvalidInput) as refused:
            feeds.issue(PERSON, name, now=clock.now)
        assert refused.value.problems[0].code == code
    for _ in range(MOST_FEEDS):
        feeds.issue(PERSON, "n", now=clock.now)
    with pytest.raises(InvalidInput) as refused:
        feeds.issue(PERSON, "one more", now=clock.now)
    assert refused.value.problems[0].code == "too-many"
    feeds.revoke(feeds.of(PERSON)[0].id, clock.now, person_id=PERSON)
    feeds.issue(PERSON, "one more", now=clock.now)
