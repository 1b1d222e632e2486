"""Sign-ins as the store keeps them."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event, select

from coord.office.accounts import Accounts
from coord.office.sign_ins import SIGN_INS, SignIns
from tests.office.conftest import NOW, Clock


def sign_ins_on(engine: Engine) -> SignIns:
    return SignIns(engine, idle_limit=timedelta(minutes=30), absolute_limit=timedelta(hours=12))


@pytest.fixture
def sign_ins(engine: Engine) -> SignIns:
    return sign_ins_on(engine)


@pytest.fixture
def person(engine: Engine) -> UUID:
    return Accounts(engine).create_account(uuid4(), "ida@example.org", None, now=NOW).person_id


def test_an_open_sign_in_is_found_by_its_secret_alone(sign_ins: SignIns, person: UUID, clock: Clock):
    secret, id = sign_ins.start(person, clock.now)
    found = sign_ins.find(secret, clock.now)
    assert found is not None
    assert (found.sign_in.id, found.sign_in.person_id, found.account.email) == (id, person, "ida@example.org")
    assert sign_ins.find(str(id), clock.now) is None
    assert sign_ins.find(secret[:-1], clock.now) is None


def test_secrets_are_long_never_repeat_and_are_not_stored(sign_ins: SignIns, engine: Engine, person: UUID):
    secrets = {sign_ins.start(person, NOW)[0] for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(secret) == 43 for secret in secrets)  # 256 bits in base 64
    with engine.connect() as connection:
        kept = str(connection.execute(select(SIGN_INS)).all())
    assert not any(secret in kept for secret in secrets)


def test_idle_limit(sign_ins: SignIns, person: UUID, clock: Clock):
    secret, _ = sign_ins.start(person, clock.now)
    for _ in range(3):
        found = sign_ins.find(secret, clock.turn(minutes=29, seconds=59))
        assert found is not None
        assert found.expired is None
    found = sign_ins.find(secret, clock.turn(minutes=30))
    assert found is not None
    assert found.expired == "idle"
    assert sign_ins.find(secret, clock.now) is None
    assert sign_ins.open_of(person, clock.now) == []


def test_absolute_limit_holds_however_busy(sign_ins: SignIns, person: UUID, clock: Clock):
    secret, _ = sign_ins.start(person, clock.now)
    for _ in range(47):
        found = sign_ins.find(secret, clock.turn(minutes=15))
        assert found is not None
        assert found.expired is None
    found = sign_ins.find(secret, clock.turn(minutes=15))
    assert found is not None
    assert found.expired == "absolute"
    assert sign_ins.find(secret, clock.now) is None


def test_being_seen_is_written_once_a_minute_at_most(sign_ins: SignIns, engine: Engine, person: UUID, clock: Clock):
    secret, _ = sign_ins.start(person, clock.now)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2].split()[0]))
    for _ in range(5):
        sign_ins.find(secret, clock.turn(seconds=10))
    assert statements == [s for s in statements if s not in ("UPDATE", "INSERT")]
    sign_ins.find(secret, clock.turn(seconds=10))
    assert statements.count("UPDATE") == 1
    assert sign_ins.open_of(person, clock.now)[0].last_seen_at == clock.now


def test_an_end_holds_on_another_worker_at_once(open_office: Callable[[], Engine], clock: Clock):
    one, two = open_office(), open_office()
    person = Accounts(one).create_account(uuid4(), "ida@example.org", None, now=NOW).person_id
    secret, id = sign_ins_on(one).start(person, clock.now)
    assert sign_ins_on(two).find(secret, clock.now)
    assert sign_ins_on(one).end(id, "signed-out", clock.now)
    assert sign_ins_on(two).find(secret, clock.now) is None
    assert not sign_ins_on(two).end(id, "again", clock.now)


def test_end_all_but_one_of_this_person_only(sign_ins: SignIns, engine: Engine, person: UUID, clock: Clock):
    other = Accounts(engine).create_account(uuid4(), "bo@example.org", None, now=NOW).person_id
    kept, keep = sign_ins.start(person, clock.now)
    ended, _ = sign_ins.start(person, clock.now)
    others, _ = sign_ins.start(other, clock.now)
    assert sign_ins.end_all(person, "password-changed", clock.now, keep=keep) == 1
    assert sign_ins.find(kept, clock.now)
    assert sign_ins.find(others, clock.now)
    assert sign_ins.find(ended, clock.now) is None
    with engine.connect() as connection:
        assert connection.execute(
            select(SIGN_INS.c.ended_why).where(SIGN_INS.c.ended_at.is_not(None))
        ).scalars().all() == ["password-changed"]


def test_nobody_ends_the_sign_in_of_somebody_else(sign_ins: SignIns, person: UUID, clock: Clock):
    secret, id = sign_ins.start(person, clock.now)
    assert not sign_ins.end(id, "ended-by-person", clock.now, person_id=uuid4())
    assert sign_ins.find(secret, clock.now)
