"""The outbox: what waits, who sends it, and that a death loses nothing."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select

from coord.office import outbox
from coord.office.outbox import CLAIMED_FOR, DROPPED, KEPT, MAILS, REFUSED, SENT, WAITING, WAITS, Mail, Outbox, Stopped
from tests.office.conftest import Clock


@pytest.fixture
def box(engine: Engine) -> Outbox:
    return Outbox(engine)


def put(engine: Engine, clock: Clock, kind: str = "reset") -> None:
    with engine.execution_options(write=True).begin() as connection:
        worth = clock.now + timedelta(hours=1)
        outbox.put(connection, kind, uuid4(), "ida@example.org", "it", now=clock.now, worth_until=worth)


def the_mail(engine: Engine) -> Mail:
    with engine.connect() as connection:
        return Mail(**connection.execute(select(MAILS)).one()._mapping)


def taken(box: Outbox, clock: Clock) -> Mail:
    mail = box.take(clock.now)
    assert mail is not None
    return mail


def test_a_mail_is_sent_by_one(open_office: Callable[[], Engine], clock: Clock):
    one, other = Outbox(open_office()), Outbox(open_office())
    put(one._engine, clock)
    assert one.due(clock.now)
    mail = taken(one, clock)
    assert other.take(clock.now) is None
    assert not other.due(clock.now)
    one.sent(mail, clock.now, "250 kept")
    assert other.take(clock.now + timedelta(days=1)) is None
    assert (the_mail(one._engine).state, the_mail(one._engine).said) == (SENT, "250 kept")


def test_what_somebody_else_has_claimed_since_is_not_theirs_to_tell_of(box: Outbox, engine: Engine, clock: Clock):
    put(engine, clock)
    slow = taken(box, clock)
    clock.now += CLAIMED_FOR
    again = taken(box, clock)
    for tell in (box.sent, box.refused, box.drop, box.later):
        with pytest.raises(Stopped):
            tell(slow, clock.now, "late")
    box.sent(again, clock.now)


def test_a_claim_ends_with_its_process(box: Outbox, engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch):
    put(engine, clock)
    taken(box, clock)
    assert box.take(clock.now) is None
    monkeypatch.setattr(outbox, "has_ended", lambda process: bool(process))
    assert taken(box, clock).attempts == 2


def test_a_server_that_is_away_delays_with_growing_waits(box: Outbox, engine: Engine, clock: Clock):
    put(engine, clock)
    waits = []
    for _ in range(len(WAITS) + 2):
        before = clock.now
        box.later(taken(box, clock), clock.now, "421 come later")
        while not box.due(clock.now):
            clock.turn(minutes=1)
        waits.append(clock.now - before)
    assert waits == [*WAITS, WAITS[-1], WAITS[-1]]
    assert the_mail(engine).said == "421 come later"


def test_one_that_waits_holds_no_other_up(box: Outbox, engine: Engine, clock: Clock):
    put(engine, clock, "reset")
    box.later(taken(box, clock), clock.now, "451")
    put(engine, clock, "invitation")
    assert taken(box, clock).kind == "invitation"


def test_what_was_refused_is_not_tried_again_and_says_why_on_one_short_line(box: Outbox, engine: Engine, clock: Clock):
    put(engine, clock)
    box.refused(taken(box, clock), clock.now, "550 no such user\r\n\x1b[31m here " + "x" * 500)
    kept = the_mail(engine)
    assert kept.state == REFUSED
    assert kept.said.startswith("550 no such user [31m here xxx")
    assert len(kept.said) == 200
    assert not box.due(clock.now + timedelta(days=1))


def test_nothing_that_waits_is_sent_any_more(box: Outbox, engine: Engine, clock: Clock):
    put(engine, clock)
    slow = taken(box, clock)
    assert box.drop_all(clock.now, "restored") == 1
    assert the_mail(engine).state == DROPPED
    assert not box.due(clock.now + timedelta(days=1))
    with pytest.raises(Stopped):
        box.sent(slow, clock.now)


def test_it_is_known_how_many_wait_and_what_became_of_others_for_a_while(box: Outbox, engine: Engine, clock: Clock):
    assert box.waiting() == (0, None)
    put(engine, clock)
    assert box.waiting() == (1, clock.now)
    box.sent(taken(box, clock), clock.now)
    assert box.waiting() == (0, None)
    box.sweep(clock.now + KEPT)
    assert the_mail(engine).state == SENT
    box.sweep(clock.now + KEPT + timedelta(seconds=1))
    with engine.connect() as connection:
        assert connection.execute(select(MAILS)).first() is None


def test_a_transaction_that_fails_puts_nothing_there(box: Outbox, engine: Engine, clock: Clock):
    with engine.execution_options(write=True).begin() as connection:
        outbox.put(connection, "reset", uuid4(), "a@b.c", "en", now=clock.now, worth_until=clock.now)
        connection.rollback()
    assert not box.due(clock.now)


def test_a_row_that_waits_has_no_end_yet(engine: Engine, clock: Clock):
    put(engine, clock)
    mail = the_mail(engine)
    assert (mail.state, mail.finished_at, mail.attempts, mail.process) == (WAITING, None, 0, "")
