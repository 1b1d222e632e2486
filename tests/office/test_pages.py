"""Sign-in, sign-out, the account page and bearer tokens through HTTP."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Engine

from coord.domain.errors import Unavailable
from coord.office.passwords import Hasher
from coord.settings import Settings
from coord.web.sign_in import safe_next
from tests.office.conftest import NOW, PASSWORD, Browser, Clock, Site

NEW = "nine loud herons paint"


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


# --- signing in ---------------------------------------------------------------------------------------------------


def test_somebody_signs_in_and_is_known(browser: Browser, site: Site):
    account = site.person()
    assert browser.get("/who").text == "nobody"
    answer = browser.sign_in()
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/").text == "Ida Berg by page"
    ((kind, person, name, detail),) = site.records
    assert (kind, person, name) == ("signed-in", account.person_id, "Ida Berg")
    assert detail["address"] == "127.0.0.1"


def test_the_address_may_be_typed_in_any_capitals(browser: Browser, site: Site):
    site.person()
    browser.sign_in("  IDA@Example.Org ")
    assert browser.get("/who").text == "Ida Berg"


def test_whoever_is_not_signed_in_is_led_there_and_back(browser: Browser, site: Site):
    site.person()
    answer = browser.get("/?a=1")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/?a%3D1")
    page = browser.get(answer.location)
    assert 'name="next" value="/?a=1"' in page.text
    assert browser.sign_in(next="/?a=1").location == "/?a=1"


def test_a_form_sent_without_sign_in_leads_back_to_the_page_it_stood_on(browser: Browser):
    answer = browser.post("/write", headers={"Referer": "http://coord.test/children/1"})
    assert answer.location == "/sign-in?next=/children/1"
    answer = browser.post("/write", headers={"Referer": "http://elsewhere.test/children/1"})
    assert answer.location == "/sign-in"


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(browser: Browser, site: Site):
    account = site.person()
    nobody = site.person("noa@example.org", None)
    answers = [
        browser.sign_in("ida@example.org", "wrong"),
        browser.sign_in("eva@example.org", "wrong"),
        browser.sign_in("noa@example.org", "wrong"),
    ]
    assert [answer.status_code for answer in answers] == [422] * 3
    texts = {
        re.sub(r'(name="csrf_token" value=)"[^"]+"', r"\1", answer.text).replace(f"{name}@example.org", "")
        for answer, name in zip(answers, ("ida", "eva", "noa"), strict=True)
    }
    assert len(texts) == 1
    assert "The email address or the password is not right" in texts.pop()
    assert browser.get("/who").text == "nobody"
    assert [(kind, person, name) for kind, person, name, _ in site.records] == [
        ("sign-in-failed", account.person_id, ""),
        ("sign-in-failed", None, ""),
        ("sign-in-failed", nobody.person_id, ""),
    ]


def test_an_unknown_account_costs_a_hash_like_a_known_one(
    browser: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
):
    site.person()
    verified = []
    original = PasswordHasher.verify

    def counting(self: PasswordHasher, kept: str, password: str) -> bool:
        verified.append(password)
        return original(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    browser.sign_in("eva@example.org", "wrong for eva")
    browser.sign_in("ida@example.org", "wrong for ida")
    assert verified == ["wrong for eva", "wrong for ida"]


def test_a_password_of_hundreds_of_kilobytes_costs_nothing_at_any_form(
    browser: Browser, browser_of: Callable[..., Browser], app: Flask, site: Site, monkeypatch: pytest.MonkeyPatch
):
    site.person()
    assert browser.sign_in().status_code == 303
    monkeypatch.setattr(PasswordHasher, "verify", lambda *_: pytest.fail("it was computed"))
    monkeypatch.setattr(PasswordHasher, "hash", lambda *_: pytest.fail("it was computed"))
    long = "\u1e9b\u0323" * 50_000
    form = {"current": long, "password": long, "again": long}
    assert browser.post("/account/password", form_on="/account/password", data=form).status_code == 422
    for email in ("ida@example.org", "eva@example.org", long):
        assert browser_of(app).sign_in(email, long).status_code == 422


def test_what_was_typed_is_kept_but_for_the_password_and_never_recorded(browser: Browser, site: Site):
    typed = '"><script>alert(1)</script>@example.org'
    answer = browser.sign_in(typed, "a secret that leaks")
    assert html.escape(typed) in answer.text.replace("&#34;", "&quot;")
    assert "<script>alert" not in answer.text
    assert "a secret that leaks" not in answer.text
    assert "script" not in str(site.records)
    assert "leaks" not in str(site.records)


def test_empty_fields_are_named_each_and_cost_no_attempt(browser: Browser, site: Site):
    answers = [browser.sign_in("", "") for _ in range(9)]
    answer = answers[-1]
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    assert 'href="#password"' in answer.text
    assert "Enter your email address" in answer.text
    assert site.records == []


def test_the_form_tells_password_managers_what_is_what(browser: Browser):
    text = browser.get("/sign-in").text
    assert 'autocomplete="username webauthn"' in text
    assert 'autocomplete="current-password"' in text


def test_a_person_disabled_in_the_record_does_not_get_in(browser: Browser, site: Site):
    account = site.person()
    del site.people[account.person_id]
    answer = browser.sign_in()
    assert answer.status_code == 422
    assert site.records[0][3]["why"] == "no-access"
    assert browser.get("/who").text == "nobody"


# --- throttling ---------------------------------------------------------------------------------------------------


def test_after_five_failures_even_the_right_password_waits(browser: Browser, site: Site, clock: Clock):
    site.person()
    for _ in range(5):
        assert browser.sign_in(password="wrong").status_code == 422
    answer = browser.sign_in()
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert "Try again in one minute." in answer.text
    assert 'value="ida@example.org"' in answer.text
    assert site.kinds() == ["sign-in-failed"] * 5 + ["sign-in-throttled"]
    clock.turn(seconds=60)
    assert browser.sign_in().status_code == 303


def test_unknown_accounts_are_throttled_alike(browser: Browser, site: Site):
    for _ in range(5):
        browser.sign_in("eva@example.org", "wrong")
    assert browser.sign_in("eva@example.org", "wrong").status_code == 429


def test_a_second_worker_counts_on_where_the_first_stopped(
    browser: Browser, site: Site, open_office: Callable[[], Engine]
):
    site.person()
    for _ in range(5):
        browser.sign_in(password="wrong")
    assert Browser(site.worker(open_office())).sign_in().status_code == 429


def test_too_much_hashing_at_once_is_answered_with_503_and_counts_for_nobody(
    browser: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
):
    site.person()

    def busy(self: Hasher, kept: str | None, password: str) -> bool:
        raise Unavailable("sign-in-busy", retry_after=5)

    with monkeypatch.context() as patch:
        patch.setattr(Hasher, "verify", busy)
        for _ in range(7):
            answer = browser.sign_in()
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert 'value="ida@example.org"' in answer.text
    assert browser.sign_in().status_code == 303


# --- the access log decides ---------------------------------------------------------------------------------------


def test_without_the_access_log_nobody_gets_in(browser: Browser, site: Site):
    account = site.person()
    site.log_is_down = True
    answer = browser.sign_in()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert browser.get("/who").text == "nobody"
    assert site.entrance.sign_ins.open_of(account.person_id, NOW) == []
    assert browser.sign_in(password="wrong").status_code == 503  # tells nothing of the password either


def test_without_the_access_log_the_password_stays(browser: Browser, site: Site):
    account = site.person()
    browser.sign_in()
    site.log_is_down = True
    form = {"current": PASSWORD, "password": NEW, "again": NEW}
    assert browser.post("/account/password", form_on="/account/password", data=form).status_code == 503
    kept = site.entrance.accounts.get(account.person_id).password
    assert site.entrance.accounts.hasher.verify(kept, PASSWORD)


# --- how a sign-in ends -------------------------------------------------------------------------------------------


def test_signing_out_makes_the_old_cookie_worthless(browser: Browser, site: Site, app: Flask):
    site.person()
    browser.sign_in()
    stolen = browser.cookies()["coord"]
    thief = Browser(app)
    thief.client.set_cookie("coord", stolen, domain="coord.test")
    assert thief.get("/who").text == "Ida Berg"
    answer = browser.post("/sign-out", form_on="/account")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert browser.get("/who").text == "nobody"
    assert thief.get("/who").text == "nobody"
    thief.client.set_cookie("coord", stolen, domain="coord.test")
    assert thief.get("/").status_code == 303
    assert site.kinds() == ["signed-in", "signed-out"]


def test_signing_out_needs_a_form(browser: Browser, site: Site):
    site.person()
    browser.sign_in()
    assert browser.get("/sign-out").status_code == 405
    assert browser.get("/who").text == "Ida Berg"


@pytest.mark.parametrize(
    ("idle", "steps", "why", "words"),
    [(30, 1, "idle", "had not been used for a while"), (20, 36, "absolute", "end of the working day")],
)
def test_limits(browser: Browser, site: Site, clock: Clock, idle: int, steps: int, why: str, words: str):
    site.person()
    browser.sign_in()
    clock.turn(minutes=idle - 1)
    for _ in range(steps - 1):
        assert browser.get("/who").text == "Ida Berg"
        clock.turn(minutes=idle)
    clock.turn(minutes=1)
    assert browser.get("/").status_code == 303
    assert words in browser.get("/sign-in").text
    assert words not in browser.get("/sign-in").text  # said once
    assert (site.records[-1][0], site.records[-1][3]["why"]) == ("signed-out", why)


def test_disabling_holds_at_the_very_next_request_on_every_worker(
    browser: Browser, site: Site, open_office: Callable[[], Engine]
):
    account = site.person()
    browser.sign_in()
    other = Browser(site.worker(open_office()))
    other.sign_in()
    silent = Browser(site.worker(open_office()))
    silent.sign_in()
    assert (browser.get("/who").text, other.get("/who").text) == ("Ida Berg", "Ida Berg")
    actor = site.people.pop(account.person_id)
    assert (browser.get("/").status_code, other.get("/").status_code) == (303, 303)
    assert [record[3].get("why") for record in site.records] == [None, None, None, "no-access"]
    site.people[account.person_id] = actor
    # Coming back means signing in, also for a browser that asked nothing in the meantime.
    assert {b.get("/who").text for b in (browser, other, silent)} == {"nobody"}


def test_a_changed_role_holds_at_the_very_next_request(browser: Browser, site: Site):
    account = site.person()
    browser.sign_in()
    site.people[account.person_id] = replace(site.people[account.person_id], name="Ida Berg-Rossi")
    assert browser.get("/who").text == "Ida Berg-Rossi"


def test_a_password_set_by_somebody_else_ends_sign_ins_by_itself(browser: Browser, site: Site):
    account = site.person()
    browser.sign_in()
    site.entrance.accounts.set_password(account.person_id, NEW, now=NOW)
    assert browser.get("/who").text == "nobody"


# --- the cookie ---------------------------------------------------------------------------------------------------


def test_a_cookie_planted_before_sign_in_is_worth_nothing_afterwards(browser: Browser, site: Site, app: Flask):
    site.person()
    browser.get("/sign-in")
    planted = browser.cookies()["coord"]
    browser.sign_in()
    attacker = Browser(app)
    attacker.client.set_cookie("coord", planted, domain="coord.test")
    assert attacker.get("/who").text == "nobody"


def test_signing_in_again_gives_a_new_secret_and_ends_the_old_sign_in(browser: Browser, site: Site, app: Flask):
    account = site.person()
    browser.sign_in()
    token = browser.token("/account")
    with browser.client.session_transaction(base_url=browser.base) as session:
        first = dict(session)
    old = browser.cookies()["coord"]
    data = {"email": account.email, "password": PASSWORD, "csrf_token": token}
    assert browser.client.post("/sign-in", data=data, base_url=browser.base).status_code == 303
    with browser.client.session_transaction(base_url=browser.base) as session:
        second = dict(session)
    assert first["sign_in"] != second["sign_in"]
    assert first["csrf_token"] != second.get("csrf_token")
    replay = Browser(app)
    replay.client.set_cookie("coord", old, domain="coord.test")
    assert replay.get("/who").text == "nobody"
    assert browser.get("/who").text == "Ida Berg"


def test_cookie_flags_with_https(site: Site, secure_settings: Settings):
    site.settings = secure_settings
    browser = Browser(site.worker(), https=True)
    site.person()
    cookies = [*browser.sign_in().headers.getlist("Set-Cookie")]
    cookies += browser.post("/account/language", form_on="/account", data={"language": "it"}).headers.getlist(
        "Set-Cookie"
    )
    assert {cookie.partition("=")[0] for cookie in cookies} == {
        "__Host-coord",
        "__Host-coord-language",
        "__Host-coord-browser",
    }
    for cookie in cookies:
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)
    assert browser.get("/who").text == "Ida Berg"


def test_cookie_flags_on_loopback(browser: Browser, site: Site):
    site.person()
    kept, cookie = sorted(browser.sign_in().headers.getlist("Set-Cookie"))
    assert kept.startswith("coord-browser=")  # this one stays; see test_throttle
    name, *parts = (part.strip() for part in cookie.split(";"))
    assert name.startswith("coord=")
    assert {part.lower() for part in parts} == {"httponly", "samesite=lax", "path=/"}  # and gone with the browser


def test_a_forged_cookie_is_nobody(app: Flask, browser: Browser, site: Site):
    site.person()
    browser.sign_in()
    good = browser.cookies()["coord"]
    forged = Browser(app)
    forged.client.set_cookie("coord", good[:-3] + "AAA", domain="coord.test")
    assert forged.get("/who").text == "nobody"


def test_flask_securitys_own_ways_in_are_closed(browser: Browser, app: Flask, site: Site):
    account = site.person()
    with app.test_request_context():
        token = account.get_auth_token()
    assert browser.get("/user", headers={"Authentication-Token": token}).text == "nobody"
    assert browser.get("/user", query_string={"auth_token": token}).text == "nobody"
    browser.sign_in()
    assert browser.get("/user").text == account.email
    site.entrance.sign_ins.end_all(account.person_id, "signed-out", NOW)
    assert browser.get("/user").text == "nobody"
    assert not [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("security.")]


# --- CSRF and redirects -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/sign-out",
        "/account/language",
        "/account/password",
        f"/account/sign-ins/{UUID(int=7)}/end",
        "/account/sign-ins/end-others",
        f"/account/tokens/{UUID(int=7)}/revoke",
        "/write",
    ],
)
def test_a_form_without_its_token_is_refused(browser: Browser, site: Site, path: str):
    site.person()
    browser.sign_in()
    answer = browser.client.post(path, data={"email": "ida@example.org", "password": PASSWORD}, base_url=browser.base)
    assert answer.status_code == 400
    assert "This form is too old" in answer.text
    assert browser.get("/who").text == "Ida Berg"


def test_somebody_elses_form_token_is_refused(browser: Browser, site: Site, app: Flask):
    site.person()
    other = Browser(app).token()
    browser.sign_in()
    answer = browser.client.post("/sign-out", data={"csrf_token": other}, base_url=browser.base)
    assert answer.status_code == 400


LEADING_AWAY = [
    "https://evil.test/",
    "//evil.test/",
    "/\\evil.test/",
    "\\\\evil.test/",
    "/\t/evil.test/",
    "/\n/evil.test",
    "///evil.test",
    "javascript:alert(1)",
    "evil.test",
    "http:evil.test",
    "/\x7f/evil.test",
    " //evil.test",
    "/\r\nSet-Cookie: a=b",
    "",
]


@pytest.mark.parametrize("target", LEADING_AWAY)
def test_next_never_leaves_the_site(target: str):
    assert safe_next(target) == "/"


def test_no_form_leads_away(browser: Browser, site: Site):
    site.person()
    for target in LEADING_AWAY:
        assert browser.sign_in(next=target).location == "/"
        assert browser.get("/sign-in", query_string={"next": target}).location == "/"  # signed in already
        changed = browser.post("/account/language", form_on="/account", data={"language": "en", "next": target})
        assert changed.location == "/"
        browser.post("/sign-out", form_on="/account")


@pytest.mark.parametrize("target", ["/children/1?tab=notes#last", "/a//b", "/search?q=http://x.test/", "/è"])
def test_next_keeps_a_page_of_the_site(target: str):
    assert safe_next(target) == target


# --- the account page ---------------------------------------------------------------------------------------------


def test_the_account_page_is_for_the_signed_in_and_no_cache_keeps_it(browser: Browser, site: Site):
    site.person()
    assert browser.get("/account").status_code == 303
    browser.sign_in()
    page = browser.get("/account")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    for words in ("Ida Berg", "ida@example.org", "Therapist", "North"):
        assert words in page.text


def test_a_new_password_holds_and_ends_the_other_sign_ins(browser: Browser, site: Site, app: Flask):
    account = site.person()
    elsewhere = Browser(app)
    elsewhere.sign_in()
    browser.sign_in()
    before = browser.cookies()["coord"]
    form = {"current": PASSWORD, "password": NEW, "again": NEW, "next": "/account"}
    answer = browser.post("/account/password", form_on="/account/password", data=form)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Your password is changed." in browser.get("/account").text
    assert elsewhere.get("/who").text == "nobody"
    assert len(site.entrance.sign_ins.open_of(account.person_id, NOW)) == 1
    replay = Browser(app)
    replay.client.set_cookie("coord", before, domain="coord.test")
    assert replay.get("/who").text == "nobody"
    assert ("password-changed", account.person_id) in [record[:2] for record in site.records]
    assert elsewhere.sign_in().status_code == 422
    assert elsewhere.sign_in(password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "again", "words"),
    [
        ("wrong", NEW, NEW, "This is not your present password"),
        (PASSWORD, NEW, NEW + "x", "The two new passwords are not the same"),
        (PASSWORD, PASSWORD, PASSWORD, "Choose a password other than the present one"),
        (PASSWORD, "short", "short", "Use at least 12 characters"),
        (PASSWORD, "x" * 129, "x" * 129, "Use at most 128 characters"),
        (PASSWORD, "password1234", "password1234", "Too easy to guess"),
        (PASSWORD, "the berg in the sea", "the berg in the sea", "Leave out your name"),
    ],
)
def test_a_new_password_that_cannot_be(browser: Browser, site: Site, current: str, new: str, again: str, words: str):
    account = site.person()
    browser.sign_in()
    form = {"current": current, "password": new, "again": again}
    answer = browser.post("/account/password", form_on="/account/password", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert site.kinds() == ["signed-in"]
    assert site.entrance.accounts.hasher.verify(site.entrance.accounts.get(account.person_id).password, PASSWORD)


def test_guessing_the_present_password_is_throttled_like_sign_in(browser: Browser, site: Site):
    site.person()
    browser.sign_in()
    form = {"current": "wrong", "password": NEW, "again": NEW}
    answers = [browser.post("/account/password", form_on="/account/password", data=form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]


def test_a_password_chosen_by_somebody_else_must_be_changed_first(browser: Browser, site: Site):
    site.person(must_change_password=True)
    assert browser.sign_in(next="/?a=1").location == "/account/password?next=/?a%3D1"
    assert browser.get("/who").text == "nobody"
    assert browser.get("/account").location == "/account/password?next=/account"
    form = {"current": PASSWORD, "password": NEW, "again": NEW, "next": "/?a=1"}
    assert browser.post("/account/password", form_on="/account/password", data=form).location == "/?a=1"
    assert browser.get("/who").text == "Ida Berg"


def test_ones_own_sign_ins_can_be_ended_and_nobody_elses(browser: Browser, site: Site, app: Flask):
    site.person()
    bo = site.person("bo@example.org")
    elsewhere, bos = Browser(app), Browser(app)
    elsewhere.sign_in()
    bos.sign_in("bo@example.org")
    browser.sign_in()
    (of_bo,) = site.entrance.sign_ins.open_of(bo.person_id, NOW)
    browser.post(f"/account/sign-ins/{of_bo.id}/end", form_on="/account")
    assert bos.get("/who").text == "Ida Berg"  # the name that this test gives everybody
    assert str(of_bo.id) not in browser.get("/account").text
    browser.post("/account/sign-ins/end-others", form_on="/account")
    assert elsewhere.get("/who").text == "nobody"
    assert browser.get("/who").text == "Ida Berg"
    assert bos.get("/who").text == "Ida Berg"


def test_one_sign_in_is_ended_from_another(browser: Browser, site: Site, app: Flask, clock: Clock):
    account = site.person()
    elsewhere = Browser(app)
    elsewhere.sign_in()
    clock.turn(minutes=2)
    browser.sign_in()
    _, older = site.entrance.sign_ins.open_of(account.person_id, clock.now)
    assert f"/account/sign-ins/{older.id}/end" in browser.get("/account").text
    browser.post(f"/account/sign-ins/{older.id}/end", form_on="/account")
    assert elsewhere.get("/who").text == "nobody"
    assert browser.get("/who").text == "Ida Berg"


def test_tokens_are_listed_and_revoked_by_their_owner_only(browser: Browser, site: Site):
    account, bo = site.person(), site.person("bo@example.org")
    later = NOW + timedelta(days=1)
    site.entrance.tokens.issue(account.person_id, 'reports <b>"x"</b>', later, now=NOW)
    bos = site.entrance.tokens.issue(bo.person_id, "of bo", later, now=NOW)
    browser.sign_in()
    text = browser.get("/account").text
    assert "reports &lt;b&gt;" in text
    assert "<b>" not in text
    assert "of bo" not in text
    (mine,) = site.entrance.tokens.of(account.person_id)
    (other,) = site.entrance.tokens.of(bo.person_id)
    for token in (mine, other):
        browser.post(f"/account/tokens/{token.id}/revoke", form_on="/account")
    assert site.entrance.tokens.of(account.person_id)[0].revoked_at == NOW
    assert site.entrance.tokens.verify(bos, NOW) == bo.person_id


def test_the_language_is_kept_by_the_account_and_before_that_by_a_cookie(browser: Browser, site: Site):
    account = site.person()
    answer = browser.post("/account/language", data={"language": "it", "next": "/sign-in"})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert browser.cookies()["coord-language"] == "it"
    browser.sign_in()
    assert site.entrance.accounts.get(account.person_id).language == "en"
    browser.post("/account/language", form_on="/account", data={"language": "it", "next": "//evil.test"})
    assert site.entrance.accounts.get(account.person_id).language == "it"
    browser.post("/account/language", form_on="/account", data={"language": "tlh"})
    assert site.entrance.accounts.get(account.person_id).language == "it"


# --- what it costs, and what happens without a store ---------------------------------------------------------------


def test_a_page_costs_one_query_here_and_a_page_for_anybody_none(browser: Browser, site: Site, statements: list[str]):
    site.person()
    browser.sign_in()
    statements.clear()
    assert browser.get("/plain").text == "plain"
    assert "SELECT" not in statements
    assert browser.get("/").text == "Ida Berg by page"
    assert statements.count("SELECT") == 1


def test_with_the_store_down_nobody_gets_in_and_the_page_that_says_so_has_a_language(browser: Browser, site: Site):
    site.person()
    browser.sign_in()
    browser.client.set_cookie("coord-language", "it", domain="coord.test")
    asked = []

    def down(person_id: UUID) -> None:
        asked.append(person_id)
        raise Unavailable

    site.person_loader = down
    with pytest.raises(Unavailable):
        browser.get("/")
    assert browser.get("/apology").text == "it"
    assert len(asked) == 2  # once in each request, though the second asked twice
    site.person_loader = None
    assert browser.get("/who").text == "Ida Berg"  # still signed in: down is not disabled


# --- the API ------------------------------------------------------------------------------------------------------


def test_a_token_is_its_person_and_a_cookie_is_not(browser: Browser, site: Site):
    account = site.person()
    token = site.entrance.tokens.issue(account.person_id, "reports", NOW + timedelta(days=1), now=NOW)
    answer = browser.get("/api/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json == {"name": "Ida Berg", "channel": "api"}
    assert browser.get("/who", headers={"Authorization": f"Bearer {token}"}).text == "nobody"
    browser.sign_in()
    assert browser.get("/api/me").json == {"code": "token-missing"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic aWRhOng=", "coord_abc"])
def test_no_token(browser: Browser, site: Site, header: str):
    answer = browser.get("/api/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json) == (401, {"code": "token-missing"})
    assert site.records == []


def test_refused_tokens_are_told_apart_and_recorded(browser: Browser, site: Site, clock: Clock):
    account = site.person()
    later = NOW + timedelta(days=1)
    good, old, gone = (
        site.entrance.tokens.issue(account.person_id, name, at, now=NOW)
        for name, at in (("good", later), ("old", NOW + timedelta(hours=1)), ("gone", later))
    )
    revoked = next(token for token in site.entrance.tokens.of(account.person_id) if token.name == "gone")
    site.entrance.tokens.revoke(revoked.id, NOW)
    clock.turn(hours=2)
    actor = site.people.pop(account.person_id)
    answers = {
        token: browser.get("/api/me", headers={"Authorization": f"Bearer {token}"}).json
        for token in (good, old, gone, "coord_" + "A" * 43)
    }
    assert [answer["code"] for answer in answers.values() if answer] == [
        "token-revoked",  # the person is disabled
        "token-expired",
        "token-revoked",
        "token-invalid",
    ]
    assert [(kind, person) for kind, person, _, _ in site.records] == [
        ("token-refused", account.person_id),
        ("token-refused", account.person_id),
        ("token-refused", account.person_id),
        ("token-refused", None),
    ]
    assert "coord_" not in str(site.records)
    site.people[account.person_id] = actor
    assert browser.get("/api/me", headers={"Authorization": f"Bearer {good}"}).status_code == 200


def test_guessed_tokens_do_not_fill_the_access_log(browser: Browser, site: Site):
    for _ in range(40):
        assert browser.get("/api/me", headers={"Authorization": "Bearer coord_guess"}).status_code == 401
    assert len(site.records) == 30


# --- what ends with a password, and whom others' failures keep out -------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        ({}, True),  # a form that did not ask
        ({"asked_to_end": "yes", "end_the_rest": "yes"}, True),
        ({"asked_to_end": "yes"}, False),
    ],
)
def test_tokens_and_calendar_addresses_end_with_the_password_unless_they_are_to_stay(
    browser: Browser, site: Site, clock: Clock, asked: dict[str, str], ends: bool
):
    account = site.person()
    browser.sign_in()
    assert "end_the_rest" not in browser.get("/account/password").text  # there is nothing to ask about
    site.entrance.tokens.issue(account.person_id, "ward tablet", clock.now + timedelta(days=9), now=clock.now)
    site.entrance.feeds.issue(account.person_id, "my phone", now=clock.now)
    page = browser.get("/account/password").text
    assert re.search(r'name="end_the_rest"[^>]* checked', page)
    assert "ward tablet, my phone" in page
    new = "four green kites sing"
    sent = {"current": PASSWORD, "password": new, "again": new, **asked}
    assert browser.post("/account/password", form_on="/account/password", data=sent).status_code == 303
    (token,) = site.entrance.tokens.of(account.person_id)
    assert (token.revoked_at is not None) is ends
    assert (site.entrance.feeds.of(account.person_id) == []) is ends


def test_others_failures_behind_the_same_address_keep_nobody_out_of_their_own_browser(app: Flask, site: Site):
    site.person()
    own = Browser(app)
    own.sign_in()
    own.post("/sign-out", form_on="/account")
    stranger = Browser(app)
    for n in range(30):
        stranger.sign_in(email="ida@example.org" if n < 5 else f"p{n}@example.org", password="wrong words")
    assert stranger.sign_in(email="other@example.org").status_code == 429
    assert stranger.sign_in().status_code == 429
    assert own.sign_in().status_code == 303


def test_an_unknown_account_looks_alike_in_a_browser_that_is_known_for_somebody(app: Flask, site: Site):
    site.person()
    own = Browser(app)
    own.sign_in()
    own.post("/sign-out", form_on="/account")
    for email in ("ida@example.org", "nobody@example.org"):
        answers = [own.sign_in(email=email, password="wrong words") for _ in range(6)]
        assert [a.status_code for a in answers] == [422] * 5 + [429]
