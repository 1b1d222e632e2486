"""Addresses of calendar feeds: signed, shown once, kept as a hash, named after a device, revocable.

A calendar cannot sign in: whoever knows the address may fetch what it leads to, which is why that says so little
(`coord.web.groups.calendar_file`). The signature lets a guess be refused without a look into the store; the row is
what makes an address somebody's, and what ends it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from itsdangerous import BadSignature, Signer
from sqlalchemy import Column, Engine, LargeBinary, String, Table, Uuid, bindparam, func, select, update

from coord.domain.errors import FieldProblem, InvalidInput
from coord.office.tables import OFFICE, UtcDateTime
from coord.worded import Lookup

FEEDS = Table(
    "calendar_feeds",
    OFFICE,
    Column("id", Uuid, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_fetched_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)
LONGEST_NAME = 100
MOST_FEEDS = 10
"""So many addresses of one person may be open at once."""
FETCHED_EVERY = timedelta(minutes=1)
"""How old ``last_fetched_at`` may get before it is written again."""

_BY_HASH = Lookup(select(FEEDS.c.id, FEEDS.c.person_id, FEEDS.c.revoked_at).where(FEEDS.c.hash == bindparam("hash")))


class NoFeed(Exception):
    """The address leads nowhere (any more); ``why`` is for the record alone, ``person_id`` whose it was if known."""

    def __init__(self, why: str, person_id: UUID | None = None) -> None:
        """``why`` is unknown-address or revoked."""
        super().__init__(why)
        self.why = why
        self.person_id = person_id


@dataclass(frozen=True, slots=True)
class Feed:
    """One address as its owner may see it; the address itself is gone since it was made."""

    id: UUID
    name: str
    created_at: datetime
    last_fetched_at: datetime | None


class CalendarFeeds:
    """The addresses of one office store."""

    def __init__(self, engine: Engine, secret_key: str, *earlier: str) -> None:
        """``secret_key`` (the service's) signs; what one of the ``earlier`` signed is an address still."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        keys = [*reversed(earlier), secret_key]  # the last one signs
        self._signer = Signer(keys, salt="coord.calendar", key_derivation="hmac", digest_method=hashlib.sha256)

    def check_name(self, person_id: UUID, name: str) -> str:
        """The name as it will be kept. Raises `InvalidInput` for one that is empty or too long, and when there are too
        many addresses already."""
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise InvalidInput([FieldProblem("/name", "too-long" if name else "missing", {"limit": LONGEST_NAME})])
        mine = select(func.count()).where(FEEDS.c.person_id == person_id, FEEDS.c.revoked_at.is_(None))
        with self._engine.connect() as connection:
            if connection.execute(mine).scalar_one() >= MOST_FEEDS:
                raise InvalidInput([FieldProblem("/name", "too-many", {"limit": MOST_FEEDS})])
        return name

    def issue(self, person_id: UUID, name: str, *, now: datetime) -> str:
        """The secret part of a new address: the only time that anybody sees it. Raises as `check_name`."""
        name = self.check_name(person_id, name)
        token = self._signer.sign(secrets.token_urlsafe(32)).decode()
        row = {"id": uuid4(), "hash": _hash(token), "person_id": person_id, "name": name, "created_at": now}
        with self._writer.begin() as connection:
            connection.execute(FEEDS.insert().values(row))
        return token

    def verify(self, token: str) -> tuple[UUID, UUID]:
        """Which address it is, and whose. One indexed SELECT, and none for what we never signed. Raises `NoFeed`."""
        try:
            self._signer.unsign(token)
        except BadSignature as error:
            raise NoFeed("unknown-address") from error
        row = _BY_HASH.first(self._engine, hash=_hash(token))
        if row is None:
            raise NoFeed("unknown-address")
        id, person_id, revoked_at = row
        if revoked_at is not None:
            raise NoFeed("revoked", person_id)
        return id, person_id

    def fetched(self, id: UUID, now: datetime) -> None:
        """Keep when it was fetched, to the minute."""
        due = FEEDS.c.last_fetched_at.is_(None) | (FEEDS.c.last_fetched_at <= now - FETCHED_EVERY)
        with self._writer.begin() as connection:
            connection.execute(update(FEEDS).where(FEEDS.c.id == id, due).values(last_fetched_at=now))

    def of(self, person_id: UUID) -> list[Feed]:
        """The addresses of a person that are open, the newest first."""
        query = (
            select(FEEDS)
            .where(FEEDS.c.person_id == person_id, FEEDS.c.revoked_at.is_(None))
            .order_by(FEEDS.c.created_at.desc(), FEEDS.c.id)
        )
        with self._engine.connect() as connection:
            return [Feed(row.id, row.name, row.created_at, row.last_fetched_at) for row in connection.execute(query)]

    def revoke(self, id: UUID, now: datetime, *, person_id: UUID) -> bool:
        """Revoke one address of this person. Whether it was open until now."""
        mine = (FEEDS.c.id == id) & (FEEDS.c.person_id == person_id) & FEEDS.c.revoked_at.is_(None)
        with self._writer.begin() as connection:
            return connection.execute(update(FEEDS).where(mine).values(revoked_at=now)).rowcount == 1

    def revoke_all(self, person_id: UUID, now: datetime) -> int:
        """Revoke all addresses of a person. How many were open."""
        open_ones = (FEEDS.c.person_id == person_id) & FEEDS.c.revoked_at.is_(None)
        with self._writer.begin() as connection:
            return connection.execute(update(FEEDS).where(open_ones).values(revoked_at=now)).rowcount


def _hash(token: str) -> bytes:
    """256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
