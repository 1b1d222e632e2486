"""Links to a password of one's own: what opens, once, for a while, and is kept nowhere."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, select

from coord.domain.errors import Conflict
from coord.office.links import ASKED, INVITATION, LETTER, LINKS, MAIL, RESET, Link, Links
from tests.office.conftest import Clock

OLD, NEW = "o" * 40, "n" * 40


def nothing(_connection: Connection, _link: Link) -> None:
    pass


@pytest.fixture
def links(engine: Engine) -> Links:
    return Links(engine, NEW, OLD)


def made(links: Links, clock: Clock, kind: str = INVITATION, way: str = MAIL, person: UUID | None = None) -> Link:
    return links.make(kind, way, person or uuid4(), "mark", now=clock.now)


def test_what_stands_in_a_link_finds_it_however_it_is_typed(links: Links, clock: Clock):
    link = made(links, clock)
    secret = links.secret(link)
    for typed in (secret, secret.upper(), secret.replace("-", ""), f" {secret} ", secret.replace("0", "O")):
        assert links.found(typed.replace("1", "l"), clock.now) == link
    for other in ("", secret[:-1], secret + "0", "u" * 30, "\0" * 30, "ä" * 30, secret * 9):
        assert links.found(other, clock.now) is None


def test_nothing_that_opens_is_in_the_store(links: Links, clock: Clock, engine: Engine):
    secret = links.secret(made(links, clock)).replace("-", "")
    with engine.connect() as connection:
        (row,) = connection.execute(select(LINKS)).all()
    assert secret not in repr(row)
    assert secret.encode() not in row.mark


@pytest.mark.parametrize(
    ("kind", "way", "good"),
    [
        (INVITATION, MAIL, timedelta(days=7)),
        (INVITATION, LETTER, timedelta(days=7)),
        (RESET, MAIL, timedelta(hours=1)),
        (RESET, LETTER, timedelta(days=7)),
        (ASKED, MAIL, timedelta(hours=1)),
    ],
)
def test_it_is_good_for_its_time(links: Links, clock: Clock, kind: str, way: str, good: timedelta):
    link = made(links, clock, kind, way)
    secret = links.secret(link)
    assert links.found(secret, clock.now + good - timedelta(seconds=1)) == link
    assert links.found(secret, clock.now + good) is None
    with pytest.raises(Conflict, match="link-over"):
        links.use(link, clock.now + good, nothing)


def test_it_is_used_once_and_takes_the_others_of_the_person_with_it(links: Links, clock: Clock):
    person = uuid4()
    letter, mail = made(links, clock, INVITATION, LETTER, person), made(links, clock, RESET, MAIL, person)
    somebody_elses = made(links, clock)
    links.use(mail, clock.now, nothing)
    for one in (letter, mail):
        assert links.found(links.secret(one), clock.now) is None
        with pytest.raises(Conflict, match="link-over"):
            links.use(one, clock.now, nothing)
    assert links.found(links.secret(somebody_elses), clock.now) == somebody_elses


def test_a_later_one_of_its_kind_takes_its_place(links: Links, clock: Clock):
    person = uuid4()
    invitation = made(links, clock, person=person)
    reset = made(links, clock, RESET, person=person)
    assert links.found(links.secret(invitation), clock.now) == invitation, "somebody who asks voids no letter"
    asked = made(links, clock, ASKED, person=person)
    assert links.found(links.secret(reset), clock.now) == reset, "nor what they were given"
    again, later = made(links, clock, ASKED, person=person), made(links, clock, RESET, person=person)
    assert links.found(links.secret(asked), clock.now) is None
    assert links.found(links.secret(again), clock.now) == again
    assert links.found(links.secret(reset), clock.now) is None
    assert links.found(links.secret(later), clock.now) == later
    links.void_all(person, clock.now)
    assert links.found(links.secret(later), clock.now) is None
    assert links.found(links.secret(invitation), clock.now) is None


def test_of_many_at_once_one_uses_it(open_office: Callable[[], Engine], clock: Clock):
    several = [Links(open_office(), NEW) for _ in range(4)]
    link, won = made(several[0], clock), []

    def use(links: Links) -> None:
        try:
            links.use(link, clock.now, lambda _connection, _link: None)
            won.append(True)
        except Conflict:
            pass

    threads = [threading.Thread(target=use, args=(links,)) for links in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [True]


def test_what_fails_beside_it_leaves_it_unused(links: Links, clock: Clock):
    link = made(links, clock)

    def fails(_connection: Connection, _link: Link) -> None:
        raise Conflict("link-over")

    with pytest.raises(Conflict):
        links.use(link, clock.now, fails)
    links.use(link, clock.now, nothing)


def test_while_a_key_is_replaced_its_links_open_and_afterwards_none_of_them(engine: Engine, clock: Clock):
    link = made(Links(engine, OLD), clock)
    secret = Links(engine, OLD).secret(link)
    both = Links(engine, NEW, OLD)
    assert both.found(secret, clock.now) == link
    assert both.secret(link) == secret, "a mail that waits is sent with it"
    gone = Links(engine, NEW)
    assert gone.found(secret, clock.now) is None
    with pytest.raises(LookupError):
        gone.secret(link)


def test_what_is_long_over_is_removed(links: Links, clock: Clock, engine: Engine):
    made(links, clock)
    clock.turn(days=36)
    links.sweep(clock.now)
    assert links._first(LINKS.c.kind == INVITATION) is not None
    clock.turn(days=2)
    links.sweep(clock.now)
    assert links._first(LINKS.c.kind == INVITATION) is None
