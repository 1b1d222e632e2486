"""Passkeys through HTTP, on both stores, with a device that may lie; a browser's own are in tests/browser."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from coord.office.accounts import Account
from coord.settings import Settings
from tests.office.authenticator import PRESENT, Device, decoded, encoded
from tests.office.conftest import PASSWORD, Browser, Site

HERE, NAME = "http://coord.test", "coord.test"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, public_url=HERE)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


def asked(browser: Browser, purpose: str = "sign-in") -> Any:
    """What a page's script is told to ask the person for."""
    page = "/sign-in" if purpose == "sign-in" else "/account/factors"
    token = browser.token(page)
    answer = browser.client.post(
        f"/passkeys/options?purpose={purpose}", headers={"X-CSRFToken": token}, base_url=browser.base
    )
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text)


def sign_in(browser: Browser, credential: str, **more: str) -> Any:
    return browser.post("/sign-in/passkey", data={"credential": credential, **more})


def add(browser: Browser, credential: str, name: str = "My phone") -> Any:
    return browser.post("/account/passkeys", form_on="/account/factors", data={"credential": credential, "name": name})


def with_passkey(browser: Browser, site: Site, email: str = "ida@example.org") -> tuple[Account, Device]:
    """Somebody who has made a passkey in this browser, and signed out."""
    account, device = site.person(email), Device(HERE, NAME)
    assert browser.sign_in(email).status_code == 303
    answer = add(browser, device.made(asked(browser, "add")))
    assert answer.status_code == 200, answer.text
    browser.post("/sign-out", form_on="/account")
    return account, device


def test_a_passkey_is_made_named_and_signs_in_as_both_factors(browser: Browser, site: Site):
    account, device = with_passkey(browser, site)
    (kept,) = site.entrance.factors.passkeys(account.person_id)
    assert (kept.name, kept.transports, kept.credential_id) == ("My phone", ("internal",), device.id)
    assert site.entrance.factors.recovery_codes_left(account.person_id) == 10
    answer = sign_in(browser, device.used(asked(browser)), next="/?a=1")
    assert (answer.status_code, answer.location) == (303, "/?a=1")
    assert browser.get("/who").text == "Ida Berg"
    assert site.records[-1][3]["how"] == "passkey"
    (kept,) = site.entrance.factors.passkeys(account.person_id)
    assert kept.last_used_at == site.clock.now


def test_what_is_asked_for(browser: Browser, site: Site):
    account, device = with_passkey(browser, site)
    told = asked(browser)
    assert told["rpId"] == NAME
    assert told["userVerification"] == "required"
    assert not told.get("allowCredentials"), "nobody learns which passkeys an account has"
    sign_in(browser, device.used(told))
    making = asked(browser, "add")
    assert making["authenticatorSelection"] == {
        "residentKey": "preferred",
        "requireResidentKey": False,
        "userVerification": "required",
    }, "phones and laptops themselves will do as well as keys"
    assert [one["id"] for one in making["excludeCredentials"]] == [encoded(device.id)]
    assert decoded(making["user"]["id"]) == account.person_id.bytes


def test_after_the_password_the_passkey_of_the_account_is_asked_for(browser: Browser, site: Site):
    _account, device = with_passkey(browser, site)
    assert browser.sign_in().location == "/sign-in/second?next=/"
    assert browser.get("/who").text == "nobody"
    told = asked(browser)
    assert [one["id"] for one in told["allowCredentials"]] == [encoded(device.id)]
    assert sign_in(browser, device.used(told)).status_code == 303
    assert browser.get("/sign-in/second").location == "/sign-in?next=/", "it is not half open any more"


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://coord.test"},
        {"origin": "http://coord.test.evil.example"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
    ],
    ids=["another scheme", "another host", "for another party", "nobody verified", "nobody there"],
)
def test_what_was_signed_elsewhere_or_unverified_is_refused(browser: Browser, site: Site, lie: dict[str, Any]):
    account, device = with_passkey(browser, site)
    for name, value in lie.items():
        setattr(device, name, value)
    answer = sign_in(browser, device.used(asked(browser)))
    assert answer.status_code == 422
    assert "could not be used here" in answer.text
    assert browser.get("/who").text == "nobody"
    kind, person, _name, detail = site.records[-1]
    assert (kind, person, detail["why"]) == ("sign-in-failed", account.person_id, "passkey-refused")


def test_none_is_made_unverified_or_for_another_party(browser: Browser, site: Site):
    account = site.person()
    browser.sign_in()
    for lie in ({"flags": PRESENT}, {"origin": "https://evil.example"}, {"rp_id": "evil.example"}):
        device = Device(**{"origin": HERE, "rp_id": NAME, **lie})  # type: ignore[arg-type]
        answer = add(browser, device.made(asked(browser, "add")))
        assert answer.status_code == 422
        assert 'value="My phone"' in answer.text, "what was typed is still there"
    assert not site.entrance.factors.any(account.person_id)


def test_a_challenge_counts_once(browser: Browser, site: Site):
    _account, device = with_passkey(browser, site)
    credential = device.used(asked(browser))
    assert sign_in(browser, credential).status_code == 303
    browser.post("/sign-out", form_on="/account")
    assert sign_in(browser, credential).status_code == 422
    assert site.records[-1][3]["why"] == "passkey-challenge"
    sign_in(browser, device.used(asked(browser)))
    credential = device.used(asked(browser, "again"))
    for status in (303, 422):  # in a session that goes on
        proved = browser.post("/account/again", form_on="/account/factors", data={"credential": credential})
        assert proved.status_code == status


def test_a_challenge_is_over_after_five_minutes(browser: Browser, site: Site):
    _account, device = with_passkey(browser, site)
    credential = device.used(asked(browser))
    site.clock.turn(minutes=5)
    assert sign_in(browser, credential).status_code == 422


def test_a_challenge_of_another_browser_or_made_up_or_for_something_else_is_none(
    browser: Browser, browser_of: Callable[..., Browser], app: Flask, site: Site
):
    _account, device = with_passkey(browser, site)
    theirs = asked(browser_of(app))
    for told in (theirs, {"challenge": encoded(b"x" * 32)}):
        assert sign_in(browser, device.used(told)).status_code == 422
    sign_in(browser, device.used(asked(browser)))
    for_again = asked(browser, "again")
    browser.post("/sign-out", form_on="/account")
    assert sign_in(browser, device.used(for_again)).status_code == 422


def test_a_count_that_goes_back_is_a_copy(browser: Browser, site: Site):
    _account, device = with_passkey(browser, site)
    device.count = 7
    assert sign_in(browser, device.used(asked(browser))).status_code == 303
    browser.post("/sign-out", form_on="/account")
    for count in (7, 6, 0):
        device.count = count
        assert sign_in(browser, device.used(asked(browser))).status_code == 422
    device.count = 8
    assert sign_in(browser, device.used(asked(browser))).status_code == 303


def test_anothers_passkey_is_no_proof(browser: Browser, browser_of: Callable[..., Browser], app: Flask, site: Site):
    _ida, mine = with_passkey(browser, site)
    _ada, theirs = with_passkey(browser_of(app), site, "ada@example.org")
    mine.handle = theirs.handle
    assert sign_in(browser, mine.used(asked(browser))).status_code == 422, "it says that it is somebody else's"
    mine.handle = site.entrance.factors.passkey(mine.id).person_id.bytes  # type: ignore[union-attr]
    sign_in(browser, mine.used(asked(browser)))
    site.clock.turn(minutes=6)
    for device, right in ((theirs, False), (mine, True)):
        answer = browser.post(
            "/account/again", form_on="/account/again", data={"credential": device.used(asked(browser, "again"))}
        )
        assert (answer.status_code == 303) is right
    stolen = Device(HERE, NAME, id=theirs.id)
    answer = add(browser, stolen.made(asked(browser, "add")))
    assert answer.status_code == 422
    assert "kept already" in answer.text


def test_what_is_no_credential_at_all_is_refused(browser: Browser, site: Site):
    _account, device = with_passkey(browser, site)
    good = json.loads(device.used(asked(browser)))
    for broken in (
        "",
        "null",
        "[]",
        "{" * 5000,
        "x" * 30_000,
        json.dumps({**good, "response": "x"}),
        json.dumps({**good, "rawId": 7}),
        json.dumps({**good, "response": {**good["response"], "clientDataJSON": "!"}}),
        json.dumps({**good, "response": {**good["response"], "clientDataJSON": encoded(b"{}")}}),
        device.used(asked(browser), signature=""),
        device.used(asked(browser), signature=encoded(b"0")),
        device.used(asked(browser), authenticatorData=encoded(b"0")),
        device.used(asked(browser), userHandle=7),
    ):
        assert sign_in(browser, broken).status_code == 422, broken[:60]
    assert browser.get("/who").text == "nobody"


def test_the_access_log_is_not_filled_with_what_is_no_passkey(browser: Browser, site: Site):
    _account, device = with_passkey(browser, site)
    assert {sign_in(browser, "{").status_code for _ in range(35)} == {422}
    assert site.kinds().count("sign-in-failed") == 30
    assert sign_in(browser, device.used(asked(browser))).status_code == 303
    browser.post("/sign-out", form_on="/account")
    site.clock.turn(minutes=1)
    sign_in(browser, "{")
    assert site.kinds().count("sign-in-failed") == 31


def test_a_passkey_of_somebody_without_access_opens_nothing(browser: Browser, site: Site):
    account, device = with_passkey(browser, site)
    del site.people[account.person_id]
    assert sign_in(browser, device.used(asked(browser))).status_code == 422
    assert site.records[-1][3]["why"] == "no-access"


def test_a_passkey_that_was_removed_opens_nothing(browser: Browser, site: Site):
    account, device = with_passkey(browser, site)
    sign_in(browser, device.used(asked(browser)))
    (kept,) = site.entrance.factors.passkeys(account.person_id)
    assert browser.post(f"/account/passkeys/{kept.id}/remove", form_on="/account/factors").status_code == 303
    browser.post("/sign-out", form_on="/account")
    assert sign_in(browser, device.used(asked(browser))).status_code == 422
    assert browser.sign_in(password=PASSWORD).location == "/", "it was the last factor"


def test_only_who_is_signed_in_is_asked_again_or_makes_one(browser: Browser, site: Site):
    for purpose in ("again", "add"):
        token = browser.token()
        answer = browser.client.post(
            f"/passkeys/options?purpose={purpose}", headers={"X-CSRFToken": token}, base_url=browser.base
        )
        assert answer.status_code == 403
    assert browser.client.post("/passkeys/options?purpose=sign-in", base_url=browser.base).status_code == 400
    unknown = browser.client.post("/passkeys/options", headers={"X-CSRFToken": browser.token()}, base_url=browser.base)
    assert unknown.status_code == 404


def test_challenges_are_not_made_without_end(browser: Browser, site: Site):
    token = browser.token()
    answers = [
        browser.client.post("/passkeys/options?purpose=sign-in", headers={"X-CSRFToken": token}, base_url=browser.base)
        for _ in range(301)
    ]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[-1].status_code == 429
    assert "Retry-After" in answers[-1].headers


class TestWhereNobodySaidTheAddress:
    """In production a passkey must not depend on what a request says of itself."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, public_url="", production=True)

    def test_there_are_none(self, browser: Browser, site: Site):
        site.person()
        assert "data-passkey" not in browser.get("/sign-in").text
        token = browser.token()
        for path in ("/passkeys/options?purpose=sign-in", "/sign-in/passkey"):
            answer = browser.client.post(path, headers={"X-CSRFToken": token}, base_url=browser.base)
            assert answer.status_code == 404
        browser.sign_in()
        assert "cannot be used here yet" in browser.get("/account/factors").text
