"""Accounts: a person's email, password and language. Whether the person may come in is the record's to say."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from flask_security import RoleMixin, UserDatastore, UserMixin
from sqlalchemy import Boolean, Column, Connection, Engine, Row, String, Table, Uuid, select, update
from sqlalchemy.exc import IntegrityError

from coord.domain.errors import Conflict, NotFound
from coord.office.passwords import Hasher, refuse_weak
from coord.office.tables import OFFICE, UtcDateTime, upsert

Language = Literal["en", "it"]
LANGUAGES: tuple[Language, ...] = ("en", "it")

ACCOUNTS = Table(
    "accounts",
    OFFICE,
    Column("person_id", Uuid, primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("password_hash", String(255)),
    Column("active", Boolean, nullable=False),
    Column("fs_uniquifier", String(64), nullable=False, unique=True),
    Column("language", String(2), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("password_changed_at", UtcDateTime),
    Column("must_change_password", Boolean, nullable=False),
)


@dataclass(eq=False, kw_only=True)
class Account(UserMixin):
    """One account, as Flask-Security knows a user. ``active`` only mirrors the record and decides nothing."""

    person_id: UUID
    email: str
    password: str | None = field(repr=False)
    active: bool
    fs_uniquifier: str = field(repr=False, default="")  # Flask-Security looks for it on the class
    language: Language
    created_at: datetime
    password_changed_at: datetime | None
    must_change_password: bool

    @property
    def roles(self) -> list[RoleMixin]:  # type: ignore[override]
        """None, ever: what a person may do is in `coord.domain.permissions`."""
        return []

    @property
    def id(self) -> UUID:  # type: ignore[override]
        """The name under which Flask-Security looks for the key."""
        return self.person_id


def account_of(row: Row[Any]) -> Account:
    """The account in a row that has all of `ACCOUNTS`' columns."""
    return Account(
        person_id=row.person_id,
        email=row.email,
        password=row.password_hash,
        active=row.active,
        fs_uniquifier=row.fs_uniquifier,
        language=row.language,
        created_at=row.created_at,
        password_changed_at=row.password_changed_at,
        must_change_password=row.must_change_password,
    )


LONGEST_EMAIL = 1_000
"""Characters of what is typed as an address; an address has 254."""


def fold_email(email: str) -> str:
    """The one spelling of an address under which an account is kept and found. Of what is far too long, the beginning:
    it is no address, and is not to cost anything."""
    return unicodedata.normalize("NFKC", email[:LONGEST_EMAIL]).strip().casefold()


class Accounts:
    """The accounts of one office store."""

    def __init__(self, engine: Engine, hasher: Hasher | None = None) -> None:
        """``hasher`` is shared by all who hash in this process, so that its cap holds for them together."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self.hasher = hasher or Hasher()

    def create_account(
        self,
        person_id: UUID,
        email: str,
        password: str | None,
        *,
        now: datetime,
        language: Language = "en",
        must_change_password: bool = False,
        name: str = "",
    ) -> Account:
        """Make the person's account, or bring the one there is up to date; repeating it changes nothing.

        Without a password nobody can sign in to it until `set_password`. An existing account keeps its language.
        Raises `InvalidInput` for a weak password and `Conflict` (``email-taken``) if another account has the address.
        """
        email = fold_email(email)
        if password is not None:
            refuse_weak(password, own=(name, email))
        insert = upsert(self._engine, ACCOUNTS).values(
            person_id=person_id,
            email=email,
            active=True,
            fs_uniquifier=uuid4().hex,
            language=language,
            created_at=now,
            must_change_password=must_change_password,
        )
        try:
            with self._writer.begin() as connection:
                connection.execute(
                    insert.on_conflict_do_update(index_elements=["person_id"], set_={"email": email, "active": True})
                )
        except IntegrityError as error:
            raise Conflict("email-taken") from error
        account = self.get(person_id)
        if password is not None and not (account.password and self.hasher.verify(account.password, password)):
            self.set_password(person_id, password, now=now, must_change_password=must_change_password, name=name)
            account = self.get(person_id)
        return account

    def any(self) -> bool:
        """Whether anybody has an account."""
        with self._engine.connect() as connection:
            return connection.execute(select(ACCOUNTS.c.person_id).limit(1)).first() is not None

    def set_password(
        self, person_id: UUID, password: str, *, now: datetime, must_change_password: bool = False, name: str = ""
    ) -> None:
        """Give a new password. The caller ends the sign-ins (`SignIns.end_all`).

        Raises `InvalidInput` for a weak one, `NotFound` without an account, `Unavailable` when too many are hashed.
        """
        account = self.get(person_id)
        refuse_weak(password, own=(name, account.email))
        self._change(
            person_id,
            password_hash=self.hasher.hash(password),
            password_changed_at=now,
            must_change_password=must_change_password,
            fs_uniquifier=uuid4().hex,  # whatever Flask-Security signed for the old one is void
        )

    def void_password(self, person_id: UUID) -> Account:
        """Let nobody sign in before another password is chosen; the account. The caller ends what is open."""
        self._change(person_id, password_hash=None, must_change_password=False, fs_uniquifier=uuid4().hex)
        return self.get(person_id)

    def hash_for(self, account: Account, password: str, *, name: str = "") -> str:
        """The hash of a password that its owner chooses. Raises as `set_password`."""
        refuse_weak(password, own=(name, account.email))
        return self.hasher.hash(password)

    def set_chosen(
        self, connection: Connection, account: Account, password_hash: str, language: Language, *, now: datetime
    ) -> None:
        """Keep what its owner chose, in a transaction of the office. Raises `Conflict` (``link-over``) when the account
        is not what it was any more: another password or address has come first."""
        same = (ACCOUNTS.c.person_id == account.person_id, ACCOUNTS.c.fs_uniquifier == account.fs_uniquifier)
        chosen = (
            update(ACCOUNTS)
            .where(*same)
            .values(
                password_hash=password_hash,
                password_changed_at=now,
                must_change_password=False,
                language=language,
                fs_uniquifier=uuid4().hex,
            )
        )
        if connection.execute(chosen.returning(ACCOUNTS.c.person_id)).first() is None:
            raise Conflict("link-over")

    def change_email(self, person_id: UUID, email: str) -> None:
        """Sign in with another address from now on; the password stays. The caller ends the sign-ins.

        Raises `Conflict` (``email-taken``) if another account has the address.
        """
        try:
            # A new uniquifier: whatever was signed for the account, such as a link sent to the old address, is void.
            self._change(person_id, email=fold_email(email), fs_uniquifier=uuid4().hex)
        except IntegrityError as error:
            raise Conflict("email-taken") from error

    def rehash(self, person_id: UUID, password: str) -> None:
        """Keep the same password, just verified, at today's cost."""
        self._change(person_id, password_hash=self.hasher.hash(password))

    def set_language(self, person_id: UUID, language: Language) -> None:
        """The language of the person's pages. Raises `ValueError` for one that Coord does not speak."""
        if language not in LANGUAGES:
            raise ValueError(f"no such language: {language!r}")
        self._change(person_id, language=language)

    def set_active(self, person_id: UUID, active: bool) -> None:
        """Mirror the record. It decides nothing: the record is asked on every request."""
        self._change(person_id, active=active)

    def by_email(self, email: str) -> Account | None:
        """The account with this address, however it is spelled in capitals."""
        return self._first(ACCOUNTS.c.email == fold_email(email))

    def by_person(self, person_id: UUID) -> Account | None:
        """The person's account."""
        return self._first(ACCOUNTS.c.person_id == person_id)

    def by_uniquifier(self, uniquifier: str) -> Account | None:
        """The account under Flask-Security's own name for it."""
        return self._first(ACCOUNTS.c.fs_uniquifier == uniquifier)

    def get(self, person_id: UUID) -> Account:
        """The person's account. Raises `NotFound` (``no-account``) without one."""
        account = self.by_person(person_id)
        if account is None:
            raise NotFound("no-account")
        return account

    def _first(self, condition: Any) -> Account | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(ACCOUNTS).where(condition)).first()
        return account_of(row) if row is not None else None

    def _change(self, person_id: UUID, **values: object) -> None:
        with self._writer.begin() as connection:
            done = connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.person_id == person_id).values(**values))
        if done.rowcount == 0:
            raise NotFound("no-account")


class AccountDatastore(UserDatastore):
    """Flask-Security's view of the accounts: plain Core, each call its own transaction, no session to leak.

    Roles and deletion have no meaning here and are not offered. Passkeys will need ``find_webauthn`` and
    ``create_webauthn`` on a table of their own.
    """

    def __init__(self, accounts: Accounts) -> None:
        """The accounts that it reads and writes."""
        super().__init__(Account, RoleMixin)
        self._accounts = accounts

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Account | None:
        """The account by ``email``, ``fs_uniquifier``, ``person_id`` or ``id``."""
        ((key, value),) = kwargs.items()
        finders: dict[str, Callable[[Any], Account | None]] = {
            "email": self._accounts.by_email,
            "fs_uniquifier": self._accounts.by_uniquifier,
            "person_id": self._accounts.by_person,
            "id": self._accounts.by_person,
        }
        return finders[key](value)

    def find_role(self, role: str) -> RoleMixin | None:
        """No role exists here."""
        return None

    def put(self, model: Account) -> Account:
        """Write what Flask-Security may change of an account."""
        self._accounts._change(model.person_id, password_hash=model.password, fs_uniquifier=model.fs_uniquifier)
        return model

    def commit(self) -> None:
        """Nothing waits: `put` has written."""
