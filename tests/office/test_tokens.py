"""API tokens as the store keeps them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select

from coord.domain.errors import InvalidInput
from coord.office.tokens import TOKENS, Tokens, Unauthenticated
from tests.office.conftest import Clock

PERSON = uuid4()


@pytest.fixture
def tokens(engine: Engine) -> Tokens:
    return Tokens(engine)


def refusal(tokens: Tokens, token: str, clock: Clock) -> str:
    with pytest.raises(Unauthenticated) as refused:
        tokens.verify(token, clock.now)
    return refused.value.code


def test_a_token_stands_for_its_person_until_it_expires(tokens: Tokens, clock: Clock):
    token = tokens.issue(PERSON, "reports", clock.now + timedelta(days=1), now=clock.now)
    assert token.startswith("coord_")
    assert len(token) == len("coord_") + 43
    assert tokens.verify(token, clock.turn(hours=23)) == PERSON
    clock.turn(hours=1)
    assert refusal(tokens, token, clock) == "token-expired"


def test_a_revoked_token_is_worth_nothing(tokens: Tokens, clock: Clock):
    token = tokens.issue(PERSON, "reports", clock.now + timedelta(days=1), now=clock.now)
    (listed,) = tokens.of(PERSON)
    assert not tokens.revoke(listed.id, clock.now, person_id=uuid4())
    assert tokens.verify(token, clock.now) == PERSON
    assert tokens.revoke(listed.id, clock.now, person_id=PERSON)
    assert refusal(tokens, token, clock) == "token-revoked"
    assert not tokens.revoke(listed.id, clock.now)


def test_all_of_a_persons_tokens_at_once(tokens: Tokens, clock: Clock):
    later = clock.now + timedelta(days=1)
    mine, mine_too = (tokens.issue(PERSON, "n", later, now=clock.now) for _ in range(2))
    other = uuid4()
    others = tokens.issue(other, "n", later, now=clock.now)
    assert tokens.revoke_all(PERSON, clock.now) == 2
    assert refusal(tokens, mine, clock) == refusal(tokens, mine_too, clock) == "token-revoked"
    assert tokens.verify(others, clock.now) == other


@pytest.mark.parametrize(
    "token", ["", "coord_", "coord_" + "A" * 43, "coord_" + "A" * 42 + "é", "x" * 100_000, "coord_\0"]
)
def test_what_is_no_token(tokens: Tokens, clock: Clock, token: str):
    assert refusal(tokens, token, clock) == "token-invalid"


def test_a_token_is_kept_as_a_hash_only(tokens: Tokens, engine: Engine, clock: Clock):
    token = tokens.issue(PERSON, "reports", clock.now + timedelta(days=1), now=clock.now)
    with engine.connect() as connection:
        kept = str(connection.execute(select(TOKENS)).all())
    assert token not in kept
    assert token.removeprefix("coord_") not in kept


def test_use_is_written_once_a_minute_at_most(tokens: Tokens, statements: list[str], clock: Clock):
    token = tokens.issue(PERSON, "reports", clock.now + timedelta(days=1), now=clock.now)
    (listed,) = tokens.of(PERSON)
    assert listed.last_used_at is None
    first = clock.turn(minutes=5)
    tokens.verify(token, first)
    statements.clear()
    tokens.verify(token, clock.turn(seconds=59))
    assert statements.count("SELECT") == 1
    assert "UPDATE" not in statements
    assert tokens.of(PERSON)[0].last_used_at == first
    tokens.verify(token, clock.turn(seconds=1))
    assert tokens.of(PERSON)[0].last_used_at == clock.now


def test_the_lookup_goes_by_an_index(engine: Engine):
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN SELECT id FROM tokens WHERE hash = x'00'").all()
    else:
        with engine.connect() as connection:
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = connection.exec_driver_sql("EXPLAIN SELECT id FROM tokens WHERE hash = '\\x00'").all()
    assert "index" in str(plan).lower()


def test_an_input_that_makes_no_sense(tokens: Tokens, clock: Clock):
    later = clock.now + timedelta(days=1)
    for name, expires_at in ((" ", later), ("x" * 101, later), ("reports", clock.now)):
        with pytest.raises(InvalidInput):
            tokens.issue(PERSON, name, expires_at, now=clock.now)
    assert tokens.of(PERSON) == []
