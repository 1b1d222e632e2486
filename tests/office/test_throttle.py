"""Throttled sign-in, on both stores and over two workers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select

from coord.office.known import MOST_PEOPLE, KnownBrowsers
from coord.office.throttle import ATTEMPTS, FREE_OF_ALL, Throttle
from tests.office.conftest import Clock

EMAIL, HERE, THERE = "ida@example.org", "192.0.2.1", "192.0.2.2"


@pytest.fixture
def workers(open_office: Callable[[], Engine]) -> tuple[Throttle, Throttle]:
    return Throttle(open_office(), "secret"), Throttle(open_office(), "secret")


def test_five_failures_are_free_then_the_waits_grow_to_fifteen_minutes(
    workers: tuple[Throttle, Throttle], clock: Clock
):
    one, two = workers
    for worker in (one, two, one, two, one):
        assert worker.admit(EMAIL, HERE, clock.now) is None
    waits = []
    for _ in range(7):
        wait = two.admit(EMAIL, HERE, clock.now)
        assert wait == one.admit(EMAIL, HERE, clock.now)  # on every worker
        assert wait is not None
        waits.append(wait)
        clock.turn(seconds=wait - 1)
        assert one.admit(EMAIL, HERE, clock.now) == 1
        clock.turn(seconds=1)
        assert one.admit(EMAIL, HERE, clock.now) is None
    assert waits == [60, 120, 240, 480, 900, 900, 900]


def test_attempts_made_at_the_same_moment_do_not_slip_through(workers: tuple[Throttle, Throttle], clock: Clock):
    with ThreadPoolExecutor(8) as pool:
        admitted = list(pool.map(lambda n: workers[n % 2].admit(EMAIL, HERE, clock.now), range(24)))
    assert admitted.count(None) == 5


def test_who_fails_on_an_account_waits_and_not_its_owner(workers: tuple[Throttle, Throttle], clock: Clock):
    for _ in range(20):
        workers[0].admit(EMAIL, THERE, clock.now)
    assert workers[0].admit(EMAIL, THERE, clock.now) is not None
    assert workers[1].admit(EMAIL, HERE, clock.now) is None


def test_many_sources_for_one_account_are_slowed_down_too(workers: tuple[Throttle, Throttle], clock: Clock):
    admitted = [workers[n % 2].admit(EMAIL, f"198.51.{n // 200}.{n % 200}", clock.now) for n in range(120)]
    assert admitted.count(None) == FREE_OF_ALL
    # An attempt that was turned away for that counts for nothing where it came from.
    assert workers[0].admit(EMAIL, HERE, clock.now) == 60
    clock.turn(seconds=60)
    assert workers[0].admit(EMAIL, HERE, clock.now) is None


def test_a_known_browser_is_let_through_whatever_others_fail(workers: tuple[Throttle, Throttle], clock: Clock):
    for n in range(120):
        workers[n % 2].admit(EMAIL, f"198.51.{n // 200}.{n % 200}", clock.now)
    for n in range(40):
        workers[0].admit(f"somebody{n}@example.org", HERE, clock.now)
    assert workers[0].admit(EMAIL, HERE, clock.now) is not None
    # Its own failures count, so that a browser that is stolen opens no way to guess.
    assert [workers[n % 2].admit(EMAIL, HERE, clock.now, known="b1") for n in range(6)] == [None] * 5 + [60]
    assert workers[0].admit(EMAIL, HERE, clock.now, known="b2") is None
    workers[0].succeeded(EMAIL, HERE, clock.now, known="b1")
    assert workers[1].admit(EMAIL, HERE, clock.now, known="b1") is None


def test_a_browser_is_known_for_the_people_who_signed_in_with_it_alone():
    browsers, email = KnownBrowsers("secret"), "ida@example.org"
    kept = browsers.keep("", email)
    number = browsers.recognise(kept, "IDA@example.org ")
    assert len(number) == 32
    assert browsers.recognise(kept, "other@example.org") == ""
    shared = browsers.keep(kept, "other@example.org")
    assert browsers.recognise(shared, email) == browsers.recognise(shared, "other@example.org") == number
    assert not any(part in shared for part in ("ida", "other", "example"))
    first, second = kept.split("."), browsers.keep("", email).split(".")
    for forged in ("", "x", f"{second[0]}.{first[1]}", kept + ".", kept.upper(), kept * 9):
        assert browsers.recognise(forged, email) == ""
    assert KnownBrowsers("another secret").recognise(kept, email) == ""
    crowded = kept
    for n in range(MOST_PEOPLE):
        crowded = browsers.keep(crowded, f"p{n}@example.org")
    assert browsers.recognise(crowded, email) == ""  # whoever has not signed in for longest is forgotten
    assert browsers.recognise(crowded, "p0@example.org") == number


def test_success_forgets_the_failures_of_the_account(workers: tuple[Throttle, Throttle], clock: Clock):
    for _ in range(4):
        workers[0].admit(EMAIL, HERE, clock.now)
    workers[0].admit(EMAIL, HERE, clock.now)
    workers[1].succeeded(EMAIL.upper(), HERE, clock.now)
    assert [workers[0].admit(EMAIL, HERE, clock.now) for _ in range(5)] == [None] * 5


def test_an_attempt_that_the_busy_service_did_not_look_at_is_taken_back_alone(
    workers: tuple[Throttle, Throttle], clock: Clock
):
    for _ in range(5):
        workers[0].admit(EMAIL, HERE, clock.now)
    workers[0].not_looked_at(EMAIL, HERE, clock.now)
    assert workers[1].admit(EMAIL, HERE, clock.now) is None
    assert workers[1].admit(EMAIL, HERE, clock.now) == 60


def test_failures_are_forgotten_after_a_day_and_not_before(workers: tuple[Throttle, Throttle], clock: Clock):
    for _ in range(5):
        workers[0].admit(EMAIL, HERE, clock.now)
    clock.turn(hours=23)
    assert workers[0].admit(EMAIL, HERE, clock.now) is None
    assert workers[0].admit(EMAIL, HERE, clock.now) == 120
    clock.turn(hours=24, seconds=1)
    assert [workers[0].admit(EMAIL, HERE, clock.now) for _ in range(5)] == [None] * 5


def test_thirty_a_minute_from_one_address_whatever_the_accounts(workers: tuple[Throttle, Throttle], clock: Clock):
    clock.turn(seconds=20)
    for n in range(30):
        assert workers[n % 2].admit(f"somebody{n}@example.org", HERE, clock.now) is None
    assert workers[0].admit("another@example.org", HERE, clock.now) == 40
    assert workers[1].admit("another@example.org", HERE, clock.now) == 40
    assert workers[1].admit("another@example.org", THERE, clock.now) is None
    clock.turn(seconds=40)
    assert workers[1].admit("another@example.org", HERE, clock.now) is None


def test_a_school_behind_one_address_can_sign_in_at_eight(workers: tuple[Throttle, Throttle], clock: Clock):
    for n in range(100):
        email = f"teacher{n}@example.org"
        assert workers[n % 2].admit(email, HERE, clock.now) is None
        workers[n % 2].succeeded(email, HERE, clock.now)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
def test_what_counts_as_one_address(
    workers: tuple[Throttle, Throttle], clock: Clock, first: str, second: str, same: bool
):
    for _ in range(30):
        workers[0].admit_address(first, clock.now)
    assert (workers[0].admit_address(second, clock.now) is not None) is same


def test_the_store_keeps_neither_address_nor_email_and_not_for_long(engine: Engine, clock: Clock):
    throttle = Throttle(engine, "secret")
    throttle.admit(EMAIL, HERE, clock.now)
    with engine.connect() as connection:
        rows = [str(row) for row in connection.execute(select(ATTEMPTS))]
    assert len(rows) == 3
    assert not any(EMAIL in row or HERE in row for row in rows)
    clock.turn(days=2)
    throttle.admit("other@example.org", THERE, clock.now)
    with engine.connect() as connection:
        assert len(connection.execute(select(ATTEMPTS)).all()) == 3
