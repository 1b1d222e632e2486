"""Accounts as the store keeps them, and Flask-Security's view of them."""

from uuid import uuid4

import flask_security
import pytest
from flask import Flask
from sqlalchemy import Engine

from coord.domain.errors import Conflict, InvalidInput, NotFound
from coord.office.accounts import Accounts
from tests.office.conftest import NOW, PASSWORD, Clock, Site


@pytest.fixture
def accounts(engine: Engine) -> Accounts:
    return Accounts(engine)


def test_making_an_account_twice_changes_nothing(accounts: Accounts, clock: Clock):
    person = uuid4()
    first = accounts.create_account(person, " Ida@Example.ORG ", PASSWORD, now=clock.now, language="it")
    again = accounts.create_account(person, "ida@example.org", PASSWORD, now=clock.turn(days=1))
    assert vars(again) == vars(first)
    assert again.email == "ida@example.org"
    assert again.created_at == again.password_changed_at == NOW
    assert again.language == "it"


def test_an_address_belongs_to_one_account(accounts: Accounts):
    accounts.create_account(uuid4(), "strasse@example.org", None, now=NOW)
    with pytest.raises(Conflict) as refused:
        accounts.create_account(uuid4(), "STRAßE@example.org", None, now=NOW)
    assert refused.value.code == "email-taken"


def test_found_however_the_address_is_spelled(accounts: Accounts):
    account = accounts.create_account(uuid4(), "Zoë@example.org", None, now=NOW)
    found = accounts.by_email("ZOE\u0308@EXAMPLE.ORG")
    assert found is not None
    assert found.person_id == account.person_id
    assert accounts.by_email("zoe@example.org") is None


def test_a_weak_password_is_not_set(accounts: Accounts):
    person = uuid4()
    for password in ("short", "password1234", "ida.berg@example.org"):
        with pytest.raises(InvalidInput):
            accounts.create_account(person, "ida.berg@example.org", password, now=NOW)
    assert accounts.by_person(person) is None
    accounts.create_account(person, "ida.berg@example.org", None, now=NOW)
    with pytest.raises(InvalidInput):
        accounts.set_password(person, "password1234", now=NOW)
    assert accounts.get(person).password is None


def test_a_new_password_replaces_the_old_one_and_all_that_was_signed_for_it(accounts: Accounts, clock: Clock):
    before = accounts.create_account(uuid4(), "ida@example.org", PASSWORD, now=NOW, must_change_password=True)
    assert before.must_change_password
    accounts.set_password(before.person_id, "nine loud herons paint", now=clock.turn(days=1))
    after = accounts.get(before.person_id)
    assert accounts.hasher.verify(after.password, "nine loud herons paint")
    assert not accounts.hasher.verify(after.password, PASSWORD)
    assert after.password_changed_at == clock.now
    assert after.fs_uniquifier != before.fs_uniquifier
    assert not after.must_change_password


def test_language_and_activity(accounts: Accounts):
    account = accounts.create_account(uuid4(), "ida@example.org", None, now=NOW)
    accounts.set_language(account.person_id, "it")
    accounts.set_active(account.person_id, False)
    changed = accounts.get(account.person_id)
    assert (changed.language, changed.active) == ("it", False)
    with pytest.raises(ValueError, match="tlh"):
        accounts.set_language(account.person_id, "tlh")  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        accounts.set_language(uuid4(), "it")


def test_an_account_shows_no_secret_in_a_log(accounts: Accounts):
    account = accounts.create_account(uuid4(), "ida@example.org", PASSWORD, now=NOW)
    assert "argon2" not in repr(account)
    assert account.fs_uniquifier not in repr(account)


def test_flask_security_sees_the_same_accounts(app: Flask, site: Site):
    account = site.person()
    with app.test_request_context():
        store = app.extensions["security"].datastore
        for key in ("email", "fs_uniquifier", "person_id", "id"):
            found = store.find_user(**{key: getattr(account, key)})
            assert found.person_id == account.person_id
        assert store.find_user(email="nobody@example.org") is None
        assert account.password
        assert flask_security.verify_password(PASSWORD, account.password)
        assert not flask_security.verify_password("wrong", account.password)
        # What it would hash is what we hash, so neither side makes the other's look outdated.
        theirs = flask_security.hash_password(PASSWORD)
        assert not site.entrance.accounts.hasher.is_outdated(theirs)
        assert site.entrance.accounts.hasher.verify(theirs, PASSWORD)
