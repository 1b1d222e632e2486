"""Signing in with a second factor, and being asked again, through HTTP; passkeys: tests/browser/test_passkeys.py."""

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from flask import Flask

from coord.office.accounts import Account
from tests.office.conftest import PASSWORD, Browser, Site

PAGES = ("/", "/account", "/account/factors", "/account/again", "/account/password")


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


def with_codes(site: Site, account: Account) -> pyotp.TOTP:
    """The app of somebody who set up one-time codes a while ago."""
    factors, clock = site.entrance.factors, site.clock
    app = pyotp.TOTP(factors.begin_codes(account.person_id, clock.now))
    assert factors.confirm_codes(account.person_id, app.at(clock.now), clock.now)
    clock.turn(minutes=2)
    return app


def second(browser: Browser, **typed: str) -> Any:
    return browser.post("/sign-in/second", form_on="/sign-in/second", data=typed)


def test_after_the_password_a_code_is_asked_for_and_until_then_nothing_opens(browser: Browser, site: Site):
    phone = with_codes(site, site.person())
    answer = browser.sign_in(next="/?a=1")
    assert (answer.status_code, answer.location) == (303, "/sign-in/second?next=/?a%3D1")
    for page in PAGES:
        refused = browser.get(page)
        assert refused.status_code == 303, page
        assert refused.location.startswith("/sign-in"), page
    assert browser.get("/who").text == browser.get("/user").text == "nobody"
    assert browser.get("/api/me").status_code == 401
    assert browser.post("/account/again", form_on="/sign-in", data={"password": PASSWORD}).location == "/sign-in"
    assert "coord-browser" not in browser.cookies(), "a browser is known once its person is in, and not before"
    arrived = second(browser, one_time_code=phone.at(site.clock.now), next="/?a=1")
    assert (arrived.status_code, arrived.location) == (303, "/?a=1")
    assert browser.get("/who").text == "Ida Berg"
    assert [(kind, detail.get("how")) for kind, _, _, detail in site.records] == [
        ("sign-in-half-open", None),
        ("signed-in", "code"),
    ]


def test_the_page_for_the_code_is_nobodys_without_the_password(browser: Browser, site: Site):
    phone = with_codes(site, site.person())
    assert browser.get("/sign-in/second").location == "/sign-in?next=/"
    answer = browser.post("/sign-in/second", data={"one_time_code": phone.at(site.clock.now)})
    assert answer.status_code == 403
    assert browser.get("/who").text == "nobody"


def test_a_code_counts_once_also_in_another_browser(
    browser: Browser, browser_of: Callable[..., Browser], app: Flask, site: Site
):
    phone = with_codes(site, site.person())
    code, other = phone.at(site.clock.now), browser_of(app)
    browser.sign_in()
    other.sign_in()
    assert second(browser, one_time_code=code).status_code == 303
    again = second(other, one_time_code=code)
    assert again.status_code == 422
    assert "was used already" in again.text
    assert other.get("/who").text == "nobody"


def test_wrong_codes_are_held_back_and_do_not_lock_the_password_out(browser: Browser, site: Site):
    phone = with_codes(site, site.person())
    browser.sign_in()
    wrong = str((int(phone.at(site.clock.now)) + 1) % 1_000_000).zfill(6)
    answers = [second(browser, one_time_code=wrong).status_code for _ in range(5)]
    assert answers == [422] * 5
    held = second(browser, one_time_code=phone.at(site.clock.now))
    assert held.status_code == 429
    assert held.headers["Retry-After"] == "60"
    assert browser.sign_in().status_code == 303, "the right password does not make the wait any shorter"
    assert second(browser, one_time_code=phone.at(site.clock.now)).status_code == 429
    site.clock.turn(seconds=61)
    assert second(browser, one_time_code=phone.at(site.clock.now)).status_code == 303
    assert {"second-factor-failed", "second-factor-throttled"} <= set(site.kinds())


def test_a_recovery_code_stands_for_the_phone_once(
    browser: Browser, browser_of: Callable[..., Browser], app: Flask, site: Site
):
    account = site.person()
    with_codes(site, account)
    code, *_ = site.entrance.factors.make_recovery_codes(account.person_id, site.clock.now)
    browser.sign_in()
    assert second(browser, recovery_code=code).status_code == 303
    assert browser.get("/who").text == "Ida Berg"
    assert "9 recovery codes left" in browser.get("/account").text
    other = browser_of(app)
    other.sign_in()
    assert second(other, recovery_code=code).status_code == 422
    assert other.get("/who").text == "nobody"


def test_ten_minutes_are_enough_and_eleven_too_many(browser: Browser, site: Site):
    phone = with_codes(site, site.person())
    browser.sign_in()
    token = browser.token("/sign-in/second")
    site.clock.turn(minutes=11)
    late = browser.client.post(
        "/sign-in/second",
        data={"csrf_token": token, "one_time_code": phone.at(site.clock.now)},
        base_url=browser.base,
    )
    assert late.status_code == 403
    assert "Enter your password once more" in late.text
    assert browser.get("/who").text == "nobody"


def test_nothing_is_half_open_that_cannot_be_recorded(browser: Browser, site: Site):
    phone = with_codes(site, site.person())
    site.log_is_down = True
    assert browser.sign_in().status_code == 503
    assert browser.get("/sign-in/second").location == "/sign-in?next=/"
    site.log_is_down = False
    browser.sign_in()
    site.log_is_down = True
    assert second(browser, one_time_code=phone.at(site.clock.now)).status_code == 503
    assert browser.get("/who").text == "nobody"


def test_whoever_lost_access_in_between_does_not_come_in(browser: Browser, site: Site):
    phone = with_codes(site, site.person())
    browser.sign_in()
    site.people.clear()
    assert second(browser, one_time_code=phone.at(site.clock.now)).status_code == 403
    assert browser.get("/who").text == "nobody"


@pytest.mark.parametrize("meanwhile", ["set", "voided", "moved", "signed out"])
def test_what_is_half_open_ends_with_the_account_as_it_was(browser: Browser, site: Site, meanwhile: str):
    account, here = site.person(), site.entrance
    phone = with_codes(site, account)
    browser.sign_in()
    token = browser.token("/sign-in/second")
    match meanwhile:
        case "set":
            here.accounts.set_password(account.person_id, "nine loud herons paint", now=site.clock.now)
        case "voided":
            here.accounts.void_password(account.person_id)
        case "moved":
            here.accounts.change_email(account.person_id, "ida.berg@example.org")
        case "signed out":
            here.sign_ins.end_all(account.person_id, "factors-removed", site.clock.now)
    code = {"csrf_token": token, "one_time_code": phone.at(site.clock.now)}
    late = browser.client.post("/sign-in/second", data=code, base_url=browser.base)
    assert late.status_code == 403
    assert "Enter your password once more" in late.text
    assert browser.get("/who").text == "nobody"


def test_an_unknown_account_and_one_with_a_second_factor_get_the_same_answer_to_a_wrong_password(
    browser: Browser, site: Site
):
    with_codes(site, site.person())
    known, unknown = browser.sign_in(password="wrong"), browser.sign_in("eva@example.org", "wrong")
    assert known.status_code == unknown.status_code == 422
    assert "The email address or the password is not right" in known.text
    assert known.text.count("\n") == unknown.text.count("\n")


# ---- one's own


def test_somebody_sets_up_one_time_codes_and_gets_recovery_codes_once(browser: Browser, site: Site):
    account = site.person()
    browser.sign_in()
    page = browser.post("/account/one-time-codes/begin", form_on="/account/factors")
    assert "<svg" in page.text
    found = re.search(r'<code id="secret" translate="no">([A-Z2-7 ]+)<', page.text)
    assert found
    phone = pyotp.TOTP(found[1].replace(" ", ""))
    wrong = browser.post("/account/one-time-codes", form_on="/account/factors", data={"one_time_code": "12 34"})
    assert wrong.status_code == 422
    assert found[1] in wrong.text, "the picture is still there"
    assert not site.entrance.factors.any(account.person_id)
    made = browser.post(
        "/account/one-time-codes", form_on="/account/factors", data={"one_time_code": phone.at(site.clock.now)}
    )
    codes = re.findall(r'<code translate="no">([0-9A-Z-]+)</code>', made.text)
    assert len(codes) == 10
    assert made.headers["Cache-Control"] == "no-store"
    assert site.entrance.factors.recovery_codes_left(account.person_id) == 10
    assert not any(code in browser.get("/account/factors").text for code in codes)
    assert [k for k in site.kinds() if k.startswith(("factor", "recovery"))] == ["factor-added", "recovery-codes-made"]
    removed = browser.post("/account/one-time-codes/remove", form_on="/account/factors")
    assert removed.location == "/account/factors"
    assert not site.entrance.factors.any(account.person_id)
    assert site.kinds()[-1] == "factor-removed"


def test_what_changes_ones_factors_asks_again_after_five_minutes(browser: Browser, site: Site):
    account = site.person()
    browser.sign_in()
    site.clock.turn(minutes=5)
    asked = browser.post("/account/one-time-codes/begin", form_on="/account/factors")
    assert asked.location.startswith("/account/again")
    assert browser.post("/account/recovery-codes", form_on="/account/factors").location.startswith("/account/again")
    wrong = browser.post("/account/again", form_on="/account/again", data={"password": "wrong"})
    assert wrong.status_code == 422
    cookie = browser.cookies()["coord"]
    right = browser.post(
        "/account/again", form_on="/account/again", data={"password": PASSWORD, "next": "/account/factors"}
    )
    assert right.location == "/account/factors"
    assert browser.post("/account/one-time-codes/begin", form_on="/account/factors").status_code == 200
    assert site.kinds()[-2:] == ["proof-failed", "proved-again"]
    browser.client.set_cookie("coord", cookie, domain="coord.test")
    assert browser.get("/who").text == "nobody", "the secret of before is void"
    del account


def test_whoever_has_a_second_factor_shows_it_when_asked_again(browser: Browser, site: Site):
    phone = with_codes(site, site.person())
    browser.sign_in()
    second(browser, one_time_code=phone.at(site.clock.now))
    site.clock.turn(minutes=6)
    alone = browser.post("/account/again", form_on="/account/again", data={"password": PASSWORD})
    assert alone.status_code == 422
    assert "Enter a code" in alone.text
    both = {"password": PASSWORD, "one_time_code": phone.at(site.clock.now)}
    assert browser.post("/account/again", form_on="/account/again", data=both).status_code == 303


def test_a_new_password_is_no_proof_of_who_has_a_second_factor(browser: Browser, site: Site):
    phone = with_codes(site, site.person())
    browser.sign_in()
    second(browser, one_time_code=phone.at(site.clock.now))
    site.clock.turn(minutes=6)
    new = "nine loud herons paint"
    browser.post(
        "/account/password", form_on="/account/password", data={"current": PASSWORD, "password": new, "again": new}
    )
    assert browser.get("/who").text == "Ida Berg"
    assert browser.post("/account/recovery-codes", form_on="/account/factors").location.startswith("/account/again")


def shown_secret(browser: Browser) -> str:
    page = browser.post("/account/one-time-codes/begin", form_on="/account/factors").text
    found: str = re.findall(r'<code id="secret" translate="no">([A-Z2-7 ]+)<', page)[0]
    return found.replace(" ", "")


def test_nobody_plants_a_secret_whose_codes_somebody_else_confirms(
    browser: Browser, browser_of: Callable[..., Browser], app: Flask, site: Site
):
    site.person()
    thief = browser_of(app)
    thief.sign_in()
    browser.sign_in()
    planted = shown_secret(thief)
    assert shown_secret(browser) != planted


def test_with_another_password_a_secret_of_before_is_none(browser: Browser, site: Site):
    account, new = site.person(), "nine loud herons paint"
    browser.sign_in()
    phone = pyotp.TOTP(shown_secret(browser))
    assert site.entrance.factors.fits(account.person_id, phone.at(site.clock.now), site.clock.now)
    typed = {"current": PASSWORD, "password": new, "again": new}
    assert browser.post("/account/password", form_on="/account/password", data=typed).status_code == 303
    assert not site.entrance.factors.fits(account.person_id, phone.at(site.clock.now), site.clock.now)


# ---- by when


def required(site: Site, days: int | None) -> None:
    object.__setattr__(site.entrance, "grace_of", lambda _actor: days)


def test_the_days_are_counted_down_and_then_a_sign_in_leads_to_setting_one_up_and_nowhere_else(
    browser: Browser, site: Site
):
    account = site.person()
    required(site, 14)
    browser.sign_in()
    assert "14 days left" in browser.get("/account").text
    site.clock.turn(days=13, hours=1)
    browser.sign_in()
    assert "today is the last day" in browser.get("/account").text
    site.clock.turn(days=1)
    late = browser.sign_in(next="/?a=1")
    assert late.location == "/account/factors?next=/?a%3D1"
    for page in ("/", "/account"):
        assert browser.get(page).location.startswith("/account/factors"), page
    assert browser.get("/who").text == "nobody"
    assert browser.post("/write", form_on="/account/factors").status_code == 303
    page = browser.post("/account/one-time-codes/begin", form_on="/account/factors").text
    secret = re.findall(r'<code id="secret" translate="no">([A-Z2-7 ]+)<', page)[0].replace(" ", "")
    code = pyotp.TOTP(secret).at(site.clock.now)
    done = browser.post(
        "/account/one-time-codes", form_on="/account/factors", data={"one_time_code": code, "next": "/"}
    )
    assert "Your recovery codes" in done.text
    assert browser.get("/").text == "Ida Berg by page"
    site.clock.turn(minutes=2)
    site.entrance.factors.remove_all(account.person_id)
    browser.post("/sign-out", form_on="/account")
    assert browser.sign_in().location.startswith("/account/factors"), "no other fortnight"


def test_a_sign_in_that_began_in_time_goes_on(browser: Browser, site: Site):
    site.person()
    required(site, 1)
    browser.sign_in()
    site.clock.turn(hours=23, minutes=50)
    browser.sign_in()
    site.clock.turn(minutes=20)
    assert browser.get("/").text == "Ida Berg by page"


def test_whoever_needs_none_is_told_nothing(browser: Browser, site: Site):
    site.person()
    browser.sign_in()
    assert "None yet" in browser.get("/account").text
    site.clock.turn(days=100)
    assert browser.sign_in().location == "/"


# ---- devices


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_where_one_is_signed_in_is_told_in_words(browser: Browser, site: Site):
    site.person()
    browser.sign_in(headers={"User-Agent": FIREFOX})
    assert "Firefox on Windows" in browser.get("/account").text
