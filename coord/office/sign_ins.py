"""Sign-ins, kept by the server: a cookie is worth only what its row says, on every request and on every worker."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Boolean, Column, Engine, LargeBinary, Row, String, Table, Uuid, bindparam, delete, select, update

from coord.office.accounts import ACCOUNTS, Account, account_of
from coord.office.steps import HALF_OPEN
from coord.office.tables import OFFICE, UtcDateTime, later
from coord.worded import Lookup

SIGN_INS = Table(
    "sign_ins",
    OFFICE,
    Column("id", Uuid, primary_key=True),
    Column("secret_hash", LargeBinary(32), nullable=False, unique=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_why", String(32)),
    later(Column("verified_at", UtcDateTime)),  # when the person last proved who they are; at the sign-in, or again
    later(Column("verified_how", String(32))),
    later(Column("device", String(100))),
    later(Column("factor_due", UtcDateTime)),  # by when a second factor is to be set up, where it is still missing
    later(Column("news", Boolean)),
)

SEEN_EVERY = timedelta(minutes=1)
"""How old ``last_seen_at`` may get before it is written again: a read-only page must not cost a write each time."""

_BY_SECRET = Lookup(
    select(
        SIGN_INS.c.id.label("sign_in_id"),
        SIGN_INS.c.channel,
        SIGN_INS.c.created_at.label("started_at"),
        SIGN_INS.c.last_seen_at,
        SIGN_INS.c.verified_at,
        SIGN_INS.c.verified_how,
        SIGN_INS.c.device,
        SIGN_INS.c.factor_due,
        ACCOUNTS,
    )
    .join(ACCOUNTS, ACCOUNTS.c.person_id == SIGN_INS.c.person_id)
    .where(SIGN_INS.c.secret_hash == bindparam("secret_hash"), SIGN_INS.c.ended_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in that is open. ``id`` may be shown; the secret in the cookie is another thing."""

    id: UUID
    person_id: UUID
    channel: str
    created_at: datetime
    last_seen_at: datetime
    verified_at: datetime | None = None
    """When the person last proved who they are; nobody knows of a sign-in from before this was kept."""
    verified_how: str = ""
    """``password``, ``code`` or ``recovery-code`` (with the password), or ``passkey``."""
    device: str = ""
    """Browser and system, as `coord.office.devices` tells them."""
    factor_due: datetime | None = None
    """By when the person is to set up a second factor; None where they have one, or need none."""

    @property
    def confined(self) -> bool:
        """It sets up a second factor, and opens nothing else until that is done. One that began in time goes on."""
        return self.factor_due is not None and self.factor_due <= self.created_at


@dataclass(frozen=True, slots=True)
class Found:
    """What a cookie led to: an open sign-in with its account, or why there is none any more."""

    sign_in: SignIn
    account: Account
    expired: str | None = None
    """``idle`` or ``absolute`` if this request found it past its limit and ended it."""


class SignIns:
    """The sign-ins of one office store, with their limits."""

    def __init__(self, engine: Engine, *, idle_limit: timedelta, absolute_limit: timedelta) -> None:
        """``idle_limit`` runs from the last request seen, ``absolute_limit`` from the sign-in."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self._idle, self._absolute = idle_limit, absolute_limit

    def start(
        self,
        person_id: UUID,
        now: datetime,
        channel: str = "page",
        *,
        how: str = "password",
        device: str = "",
        factor_due: datetime | None = None,
        known: bool = True,
        verified_at: datetime | None = None,
        created_at: datetime | None = None,
    ) -> tuple[str, UUID]:
        """Open a sign-in: the secret for the cookie (256 random bits, kept only as a hash) and the id to show.

        ``verified_at`` is when the person proved who they are, and ``created_at`` from when on the absolute limit runs,
        if that was before: of a sign-in that this one goes on from. One in a browser that is not ``known`` is told to
        its owner when they sign in next, unless it is their first.
        """
        secret, id = secrets.token_urlsafe(32), uuid4()
        with self._writer.begin() as connection:
            connection.execute(
                SIGN_INS.insert().values(
                    id=id,
                    secret_hash=_hash(secret),
                    person_id=person_id,
                    channel=channel,
                    created_at=created_at or now,
                    last_seen_at=now,
                    verified_at=verified_at or now,
                    verified_how=how,
                    device=device[:100],
                    factor_due=factor_due,
                    news=select(SIGN_INS.c.id).where(SIGN_INS.c.person_id == person_id).exists()
                    if not known
                    else False,
                )
            )
        return secret, id

    def verified(self, id: UUID, how: str, now: datetime) -> str:
        """The person of an open sign-in has proved again who they are: its new secret, for the old one is void."""
        secret = secrets.token_urlsafe(32)
        values = {"secret_hash": _hash(secret), "verified_at": now, "verified_how": how}
        with self._writer.begin() as connection:
            connection.execute(update(SIGN_INS).where(SIGN_INS.c.id == id).values(values))
        return secret

    def set_free(self, id: UUID) -> None:
        """In this sign-in its person has set up a second factor: it does not wait for that any more. No other one is
        freed by it, for nobody knows whose it is: it may be of somebody who has found out the password."""
        with self._writer.begin() as connection:
            connection.execute(update(SIGN_INS).where(SIGN_INS.c.id == id).values(factor_due=None))

    def news(self, person_id: UUID, *, besides: UUID) -> list[SignIn]:
        """Sign-ins in browsers that were new, of which the person was not told; all but the one they are in."""
        query = (
            select(SIGN_INS)
            .where(SIGN_INS.c.person_id == person_id, SIGN_INS.c.news, SIGN_INS.c.id != besides)
            .order_by(SIGN_INS.c.created_at)
        )
        with self._engine.connect() as connection:
            return [_sign_in(row) for row in connection.execute(query)]

    def is_news(self, id: UUID) -> bool:
        """Whether this one is in a browser that was new, and not the person's first."""
        query = select(SIGN_INS.c.id).where(SIGN_INS.c.id == id, SIGN_INS.c.news)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def told(self, person_id: UUID, until: datetime, *, besides: UUID) -> None:
        """The person has seen the sign-ins in new browsers up to this moment."""
        mine = (SIGN_INS.c.person_id == person_id) & SIGN_INS.c.news & (SIGN_INS.c.id != besides)
        with self._writer.begin() as connection:
            connection.execute(update(SIGN_INS).where(mine, SIGN_INS.c.created_at <= until).values(news=False))

    def find(self, secret: str, now: datetime) -> Found | None:
        """The open sign-in of this secret. One past a limit is ended and given back with ``expired`` set, once.

        One indexed SELECT; at most once a minute also an UPDATE. Because ``last_seen_at`` may be a minute old, the idle
        limit can come up to a minute early, never late.
        """
        row = _BY_SECRET.first(self._engine, secret_hash=_hash(secret))
        if row is None:
            return None
        account = account_of(row)
        sign_in = SignIn(
            row.sign_in_id,
            account.person_id,
            row.channel,
            row.started_at,
            row.last_seen_at,
            row.verified_at,
            row.verified_how or "",
            row.device or "",
            row.factor_due,
        )
        for why, over in (
            ("absolute", now - sign_in.created_at >= self._absolute),
            ("idle", now - sign_in.last_seen_at >= self._idle),
        ):
            if over:
                return Found(sign_in, account, why) if self.end(sign_in.id, why, now) else None
        if now - sign_in.last_seen_at >= SEEN_EVERY:
            self._seen(sign_in.id, now)
        return Found(sign_in, account)

    def open_of(self, person_id: UUID, now: datetime) -> list[SignIn]:
        """The person's sign-ins that would still be let in, the newest first."""
        query = (
            select(SIGN_INS)
            .where(
                SIGN_INS.c.person_id == person_id,
                SIGN_INS.c.ended_at.is_(None),
                SIGN_INS.c.last_seen_at > now - self._idle,
                SIGN_INS.c.created_at > now - self._absolute,
            )
            .order_by(SIGN_INS.c.created_at.desc())
        )
        with self._engine.connect() as connection:
            return [_sign_in(row) for row in connection.execute(query)]

    def end(self, id: UUID, why: str, now: datetime, *, person_id: UUID | None = None) -> bool:
        """End one sign-in; with ``person_id`` only if it is that person's. Whether it was open until now."""
        condition = (SIGN_INS.c.id == id) & SIGN_INS.c.ended_at.is_(None)
        if person_id is not None:
            condition &= SIGN_INS.c.person_id == person_id
        with self._writer.begin() as connection:
            done = connection.execute(update(SIGN_INS).where(condition).values(ended_at=now, ended_why=why))
        return done.rowcount == 1

    def end_all(self, person_id: UUID, why: str, now: datetime, *, keep: UUID | None = None) -> int:
        """End all of the person's sign-ins but ``keep``, everywhere at once, and whatever is half open. How many of the
        former there were."""
        condition = (SIGN_INS.c.person_id == person_id) & SIGN_INS.c.ended_at.is_(None)
        if keep is not None:
            condition &= SIGN_INS.c.id != keep
        with self._writer.begin() as connection:
            done = connection.execute(update(SIGN_INS).where(condition).values(ended_at=now, ended_why=why))
            connection.execute(delete(HALF_OPEN).where(HALF_OPEN.c.person_id == person_id))
        return done.rowcount

    def _seen(self, id: UUID, now: datetime) -> None:
        condition = (SIGN_INS.c.id == id) & SIGN_INS.c.ended_at.is_(None) & (SIGN_INS.c.last_seen_at < now)
        with self._writer.begin() as connection:
            connection.execute(update(SIGN_INS).where(condition).values(last_seen_at=now))


def _sign_in(row: Row[Any]) -> SignIn:
    return SignIn(
        row.id,
        row.person_id,
        row.channel,
        row.created_at,
        row.last_seen_at,
        row.verified_at,
        row.verified_how or "",
        row.device or "",
        row.factor_due,
    )


def _hash(secret: str) -> bytes:
    """A random secret needs no salt and no slow hash: nobody can guess through 256 bits."""
    return hashlib.sha256(secret.encode()).digest()
