"""Passkeys, one-time codes and recovery codes as the store keeps them."""

from datetime import timedelta
from uuid import UUID, uuid4

import pyotp
import pytest
from sqlalchemy import Engine, inspect, select, text

from coord.domain.errors import Conflict, InvalidInput
from coord.office import create_tables
from coord.office.devices import device_of
from coord.office.factors import MOST_PASSKEYS, ONE_TIME_CODES, RECOVERY_CODES, Factors
from coord.office.sealed import Seal, Unsealable
from coord.office.sign_ins import SignIns
from coord.office.steps import Challenges, HalfOpen
from tests.office.conftest import NOW, Clock

KEY, NEWER = "k" * 40, "n" * 40


@pytest.fixture
def factors(engine: Engine) -> Factors:
    return Factors(engine, KEY)


@pytest.fixture
def ida() -> UUID:
    return uuid4()


def with_codes(factors: Factors, person: UUID, clock: Clock) -> pyotp.TOTP:
    """The app of somebody who has set up one-time codes, a minute ago."""
    app = pyotp.TOTP(factors.begin_codes(person, clock.now))
    assert factors.confirm_codes(person, app.at(clock.now), clock.now)
    clock.turn(minutes=1)
    return app


# ---- one-time codes


def test_codes_count_once_the_first_has_shown_that_the_app_has_them(factors: Factors, ida: UUID, clock: Clock):
    secret = factors.begin_codes(ida, clock.now)
    assert factors.begin_codes(ida, clock.now) == secret, "asked for twice, it is the picture that was scanned"
    assert not factors.any(ida)
    app = pyotp.TOTP(secret)
    assert not factors.take_code(ida, app.at(clock.now), clock.now)
    assert not factors.confirm_codes(ida, "000000" if app.at(clock.now) != "000000" else "111111", clock.now)
    assert factors.confirm_codes(ida, app.at(clock.now), clock.now)
    assert factors.any(ida)
    with pytest.raises(Conflict):
        factors.begin_codes(ida, clock.now)


def test_a_secret_is_shown_again_to_the_same_sign_in_alone_and_within_the_hour(
    factors: Factors, ida: UUID, clock: Clock
):
    here, elsewhere = uuid4(), uuid4()
    secret = factors.begin_codes(ida, clock.now, here)
    assert factors.begin_codes(ida, clock.turn(minutes=59), here) == secret
    other = factors.begin_codes(ida, clock.now, elsewhere)
    assert other != secret
    assert not factors.fits(ida, pyotp.TOTP(secret).at(clock.now), clock.now)
    assert factors.begin_codes(ida, clock.turn(hours=1), elsewhere) != other


def test_a_secret_that_waits_is_dropped_and_one_in_use_is_not(factors: Factors, ida: UUID, clock: Clock):
    secret = factors.begin_codes(ida, clock.now)
    factors.drop_unconfirmed(ida)
    assert not factors.fits(ida, pyotp.TOTP(secret).at(clock.now), clock.now)
    with_codes(factors, ida, clock)
    factors.drop_unconfirmed(ida)
    assert factors.any(ida)


def test_one_step_counts_once_and_none_before_it(factors: Factors, ida: UUID, clock: Clock):
    app = with_codes(factors, ida, clock)
    before, code = app.at(clock.now - timedelta(seconds=30)), app.at(clock.now)
    assert factors.take_code(ida, f" {code[:3]} {code[3:]} ", clock.now)
    assert not factors.take_code(ida, code, clock.now)
    assert not factors.take_code(ida, code, clock.turn(seconds=29))
    assert not factors.take_code(ida, before, clock.now)
    assert factors.take_code(ida, app.at(clock.turn(seconds=30)), clock.now)


@pytest.mark.parametrize(("late", "counts"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_phones_clock_may_be_half_a_minute_off(factors: Factors, ida: UUID, clock: Clock, late: int, counts: bool):
    app = with_codes(factors, ida, clock)
    clock.turn(minutes=10)
    assert factors.take_code(ida, app.at(clock.now + timedelta(seconds=late)), clock.now) is counts


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "\u0661\u0662\u0663\u0664\u0665\u0666", "1" * 9000]
)
def test_what_is_no_code_is_refused(factors: Factors, ida: UUID, clock: Clock, typed: str):
    with_codes(factors, ida, clock)
    assert not factors.take_code(ida, typed, clock.now)


def test_anothers_code_is_nobodys(factors: Factors, ida: UUID, clock: Clock):
    ada = uuid4()
    mine, theirs = with_codes(factors, ida, clock), with_codes(factors, ada, clock)
    clock.turn(minutes=5)
    assert mine.secret != theirs.secret
    if mine.at(clock.now) != theirs.at(clock.now):
        assert not factors.take_code(ida, theirs.at(clock.now), clock.now)


def test_the_secret_is_in_the_store_sealed_and_for_its_owner_alone(
    factors: Factors, engine: Engine, ida: UUID, clock: Clock
):
    secret = with_codes(factors, ida, clock).secret
    with engine.connect() as connection:
        (kept,) = connection.execute(select(ONE_TIME_CODES.c.secret)).scalars()
    assert secret.encode() not in kept
    ada = uuid4()
    with engine.execution_options(write=True).begin() as connection:
        connection.execute(ONE_TIME_CODES.update().values(person_id=ada))
    assert not factors.take_code(ada, pyotp.TOTP(secret).at(clock.now), clock.now), (
        "a row moved to another opens no more"
    )


def test_the_services_secret_is_changed_with_overlap(engine: Engine, ida: UUID, clock: Clock):
    app = with_codes(Factors(engine, KEY), ida, clock)
    both = Factors(engine, NEWER, KEY)
    assert both.take_code(ida, app.at(clock.now), clock.now), "what an earlier key sealed counts"
    assert both.seal_anew() == 0, "it was sealed anew when it was used"
    assert Factors(engine, NEWER).take_code(ida, app.at(clock.turn(minutes=1)), clock.now)
    assert not Factors(engine, KEY).take_code(ida, app.at(clock.turn(minutes=1)), clock.now)


def test_whoever_signs_in_seldom_is_sealed_anew_too(engine: Engine, ida: UUID, clock: Clock):
    app = with_codes(Factors(engine, KEY), ida, clock)
    assert Factors(engine, NEWER).seal_anew() == 0, "without the earlier key nothing can be done"
    assert Factors(engine, NEWER, KEY).seal_anew() == 1
    assert Factors(engine, NEWER).take_code(ida, app.at(clock.now), clock.now)


def test_a_seal_is_for_one_purpose_and_one_owner():
    seal = Seal("one thing", KEY)
    sealed = seal.seal(b"words", b"ida")
    assert seal.open(sealed, b"ida") == b"words"
    assert seal.seal(b"words", b"ida") != sealed
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for other, what, owner in (
        (seal, sealed, b"ada"),
        (Seal("another thing", KEY), sealed, b"ida"),
        (Seal("one thing", NEWER), sealed, b"ida"),
        (seal, changed, b"ida"),
        (seal, b"", b"ida"),
        (seal, sealed[:10], b"ida"),
    ):
        with pytest.raises(Unsealable):
            other.open(what, owner)


# ---- recovery codes


def test_a_recovery_code_works_once_however_it_is_typed(factors: Factors, engine: Engine, ida: UUID, clock: Clock):
    codes = factors.make_recovery_codes(ida, clock.now)
    assert len(set(codes)) == 10
    with engine.connect() as connection:
        kept = str(connection.execute(select(RECOVERY_CODES)).all())
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    typed = f" {codes[0].replace('-', ' ').lower()} "
    assert not factors.take_recovery_code(uuid4(), typed, clock.now)
    assert factors.take_recovery_code(ida, typed, clock.now)
    assert not factors.take_recovery_code(ida, typed, clock.now)
    assert factors.recovery_codes_left(ida) == 9
    fresh = factors.make_recovery_codes(ida, clock.now)
    assert not factors.take_recovery_code(ida, codes[1], clock.now), "those of before are void"
    assert factors.take_recovery_code(ida, fresh[0], clock.now)
    for nothing in ("", "-", codes[1][:-1], "A" * 5000):
        assert not factors.take_recovery_code(ida, nothing, clock.now)


def test_letters_that_are_taken_for_each_other_are_read_as_one(factors: Factors, ida: UUID, clock: Clock):
    for code in factors.make_recovery_codes(ida, clock.now):
        misread = code.replace("0", "O").replace("1", "l").replace("V", "u")
        assert factors.take_recovery_code(ida, misread, clock.now)


# ---- passkeys


def keep(factors: Factors, person: UUID, name: str = "Phone", credential: bytes = b"c", count: int = 0) -> None:
    factors.add_passkey(
        person,
        name,
        credential_id=credential,
        public_key=b"public",
        sign_count=count,
        transports=("internal", "hybrid"),
        now=NOW,
    )


def test_a_passkey_is_kept_once_and_is_its_owners(factors: Factors, ida: UUID):
    keep(factors, ida, "  My   phone ")
    (passkey,) = factors.passkeys(ida)
    assert (passkey.name, passkey.transports, passkey.last_used_at) == ("My phone", ("internal", "hybrid"), None)
    ada = uuid4()
    with pytest.raises(Conflict):
        keep(factors, ada)
    assert factors.remove_passkey(passkey.id, ada) is None
    assert factors.passkey(b"c") == passkey
    for name in ("", "   ", "x" * 101):
        with pytest.raises(InvalidInput):
            keep(factors, ida, name, b"other")
    for number in range(1, MOST_PASSKEYS):
        keep(factors, ida, "Key", bytes([number]))
    with pytest.raises(InvalidInput):
        keep(factors, ida, "Key", b"one too many")


def test_a_passkey_that_was_used_in_between_is_checked_anew(factors: Factors, ida: UUID):
    keep(factors, ida, count=3)
    (as_checked,) = factors.passkeys(ida)
    assert factors.passkey_used(as_checked, 4, NOW)
    assert not factors.passkey_used(as_checked, 4, NOW), "of two signatures of one count, one counts"
    (now,) = factors.passkeys(ida)
    assert (now.sign_count, now.last_used_at) == (4, NOW)


def test_with_the_last_factor_go_the_recovery_codes(factors: Factors, ida: UUID, clock: Clock):
    keep(factors, ida)
    with_codes(factors, ida, clock)
    factors.make_recovery_codes(ida, clock.now)
    assert factors.remove_codes(ida)
    assert factors.recovery_codes_left(ida) == 10
    factors.remove_passkey(factors.passkeys(ida)[0].id, ida)
    assert factors.recovery_codes_left(ida) == 0
    assert not factors.any(ida)
    assert not factors.remove_codes(ida)


def test_somebody_who_has_lost_everything_begins_anew(factors: Factors, ida: UUID, clock: Clock):
    keep(factors, ida)
    with_codes(factors, ida, clock)
    assert factors.remove_all(ida)
    assert not factors.any(ida)
    assert not factors.remove_all(ida)


def test_the_days_of_grace_begin_once(factors: Factors, ida: UUID, clock: Clock):
    began = clock.now
    assert factors.grace_since(ida, began) == began
    assert factors.grace_since(ida, clock.turn(days=9)) == began
    keep(factors, ida)
    factors.remove_all(ida)
    assert factors.grace_since(ida, clock.turn(days=9)) == began, "a factor that is removed gives no other fortnight"


# ---- what was begun


def test_a_half_open_sign_in_lasts_ten_minutes_and_is_completed_once(engine: Engine, ida: UUID, clock: Clock):
    half = HalfOpen(engine)
    secret = half.begin(ida, clock.now, "mark")
    assert half.whose(secret, clock.turn(minutes=9, seconds=59)) == (ida, "mark")
    assert half.end(secret)
    assert not half.end(secret)
    late = half.begin(ida, clock.now, "mark")
    assert half.whose(late, clock.turn(minutes=10)) is None


def test_what_ends_every_sign_in_ends_what_is_half_open(engine: Engine, ida: UUID, clock: Clock):
    half, other = HalfOpen(engine), uuid4()
    sign_ins = SignIns(engine, idle_limit=timedelta(minutes=30), absolute_limit=timedelta(hours=12))
    ended, others = half.begin(ida, clock.now, "mark"), half.begin(other, clock.now, "mark")
    assert sign_ins.end_all(ida, "factors-removed", clock.now) == 0
    assert half.whose(ended, clock.now) is None
    assert half.whose(others, clock.now) == (other, "mark")


def test_its_secret_opens_no_sign_in(engine: Engine, ida: UUID, clock: Clock):
    secret = HalfOpen(engine).begin(ida, clock.now, "mark")
    sign_ins = SignIns(engine, idle_limit=timedelta(minutes=30), absolute_limit=timedelta(hours=12))
    assert sign_ins.find(secret, clock.now) is None


def test_a_challenge_is_for_one_browser_purpose_and_person_and_counts_once(engine: Engine, ida: UUID, clock: Clock):
    challenges = Challenges(engine)
    made = challenges.make("mine", "again", clock.now, ida)
    assert len(made) == 32
    for browser, purpose, person in (
        ("yours", "again", ida),
        ("mine", "sign-in", ida),
        ("mine", "again", uuid4()),
        ("mine", "again", None),
    ):
        assert not challenges.take(made, browser, purpose, clock.now, person)
    assert not challenges.take(b"made up", "mine", "again", clock.now, ida)
    assert challenges.take(made, "mine", "again", clock.now, ida)
    assert not challenges.take(made, "mine", "again", clock.now, ida)
    late = challenges.make("mine", "sign-in", clock.now)
    assert not challenges.take(late, "mine", "sign-in", clock.turn(minutes=5))


# ---- stores of before


def test_a_store_of_before_gets_the_columns_that_sign_ins_have_since(engine: Engine, ida: UUID):
    added = ("verified_at", "verified_how", "device", "factor_due", "news")
    with engine.execution_options(write=True).begin() as connection:
        for column in added:
            connection.execute(text(f"ALTER TABLE sign_ins DROP COLUMN {column}"))
    for _again in range(2):
        create_tables(engine)
        assert set(added) <= {column["name"] for column in inspect(engine).get_columns("sign_ins")}


@pytest.mark.parametrize(
    ("said", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox/Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
            "Chrome/Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge/Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1 Version/18.5 Mobile Safari/604.1",
            "Safari/iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome/Android"),
        ("curl/8.5", "/"),
        ("", "/"),
    ],
)
def test_a_device_in_two_words(said: str, device: str):
    assert device_of(said) == device
