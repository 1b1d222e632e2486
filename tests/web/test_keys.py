"""A secret is replaced with overlap: the first key signs, what any of them signed counts; and the old one may go."""

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from coord.bootstrap import build
from coord.office.calendars import CalendarFeeds, NoFeed
from coord.office.idempotency import Claim, Replies, Reply
from coord.office.tokens import Tokens
from coord.settings import Settings
from coord.web.kit.device import seals_of
from tests.house import NOW, Client, Clock, House

OLD, NEW = "an old key of more than 32 characters", "a newer key of more than 32 characters"
BODY = {
    "format": "narrative",
    "sections": {"text": "Tied both laces."},
    "observed_from": "2026-03-10T09:00:00+01:00",
    "setting": "therapy-room",
    "audience": "care-team",
    "sign": True,
}
Started = Callable[..., House]


@pytest.fixture
def started(database_url: str | None, data_folder: Path) -> Iterator[Started]:
    """A service over the same stores, started with these keys."""
    clock, emails = Clock(), dict[Any, str]()
    with contextlib.ExitStack() as stack:

        def start(first: str, *earlier: str) -> House:
            settings = Settings(data=data_folder, database_url=database_url, secret_key=first, earlier_keys=earlier)
            services = build(settings, clock)
            stack.callback(services.close)
            return House(services, clock, emails)

        yield start


@pytest.fixture
def postgres_database(prepared_database: str) -> str:
    return prepared_database


def in_another(house: House, browser: Client) -> Client:
    """The same browser, whose service was started anew."""
    other = house.app.test_client()
    for cookie in browser.client._cookies.values():  # type: ignore[union-attr]
        other.set_cookie(cookie.key, cookie.value, domain=cookie.domain)
    return Client(other)


def test_sign_ins_and_open_forms_outlive_the_change_of_a_key(started: Started) -> None:
    before = started(OLD)
    browser, child = before.browser_of(before.ot), before.child
    page = f"/children/{child}/notes/new"
    form = browser.get(page)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form.text)
    assert token
    after = started(NEW, OLD)
    same = in_another(after, browser)
    assert same.get("/").status_code == 200
    sent = same.client.post("/account/language", data={"csrf_token": token[1], "language": "it"})
    assert sent.status_code == 303, sent.text
    # What is signed from now on is signed by the new key alone.
    assert in_another(started(NEW), after.browser_of(before.ot)).get("/").status_code == 200
    assert in_another(started(NEW), browser).get("/").status_code == 303, "the old key counts though it was left out"


def test_an_address_of_a_calendar_leads_on_while_its_key_is_known(started: Started) -> None:
    before, person = started(OLD), uuid4()
    address = CalendarFeeds(before.services.office, OLD).issue(person, "phone", now=NOW)
    assert CalendarFeeds(before.services.office, NEW, OLD).verify(address)[1] == person
    newer = CalendarFeeds(before.services.office, NEW, OLD).issue(person, "tablet", now=NOW)
    assert CalendarFeeds(before.services.office, NEW).verify(newer)[1] == person
    with pytest.raises(NoFeed):
        CalendarFeeds(before.services.office, NEW).verify(address)


def test_a_request_repeated_after_the_change_of_a_key_is_one_note(started: Started) -> None:
    before = started(OLD)
    token = Tokens(before.services.office).issue(before.ot.person_id, "t", NOW + timedelta(days=1), now=NOW)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "the-same-key"}
    path = f"/api/v1/cases/{before.child}/notes"
    first = before.app.test_client().post(path, json=BODY, headers=headers)
    assert first.status_code == 201, first.text
    after = started(NEW, OLD)
    head = after.services.record.head()
    again = after.app.test_client().post(path, json=BODY, headers=headers)
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert after.services.record.head() == head
    other = after.app.test_client().post(path, json={**BODY, "setting": "home"}, headers=headers)
    assert other.json
    assert other.json["code"] == "idempotency-key-reused"


def test_a_request_that_died_under_the_old_key_is_the_same_command_under_the_new_one(started: Started) -> None:
    engine, person = started(OLD).services.office, uuid4()

    def claim(replies: Replies, minutes: int) -> Any:
        at = NOW + timedelta(minutes=minutes)
        return replies.claim("k", person_id=person, route="/x", request=b"a", now=at)

    died = claim(Replies(engine, OLD), 0)
    taken_over = claim(Replies(engine, NEW, OLD), 5)
    assert taken_over == died
    kept = Reply(201, None, None, "{}")
    Replies(engine, NEW, OLD).keep(taken_over, kept)
    assert claim(Replies(engine, NEW, OLD), 6) == kept
    # After two days nothing is left of it, and the old key may go.
    new = claim(Replies(engine, NEW, OLD), 60 * 49)
    assert isinstance(new, Claim)
    assert new.new_id != died.new_id
    assert claim(Replies(engine, NEW), 60 * 49 + 5) == new


def test_the_keys_of_the_environment_are_a_list(tmp_path: Path) -> None:
    settings = Settings.from_env({"COORD_DATA": str(tmp_path), "COORD_SECRET_KEY": f"{NEW}, {OLD}"})
    assert settings.secret_keys == (NEW, OLD)
    assert replace(settings, earlier_keys=()).secret_keys == (settings.secret_key,)


def test_what_waits_on_a_tablet_is_opened_while_its_key_is_known(started: Started) -> None:
    person = uuid4()

    def seals(house: House) -> list[str]:
        with house.app.app_context():
            return seals_of(person)

    (before,) = seals(started(OLD))
    new, old = seals(started(NEW, OLD))
    assert (old, seals(started(NEW))) == (before, [new]), "the new key seals; the old one opens until it is left out"
    assert new != old
