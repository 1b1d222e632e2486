"""Bearer tokens for the API: shown once, kept as a hash, named, expiring, revocable."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import Column, Engine, LargeBinary, String, Table, Uuid, bindparam, select, update

from coord.domain.errors import FieldProblem, InvalidInput
from coord.office.tables import OFFICE, UtcDateTime
from coord.worded import Lookup

TOKENS = Table(
    "tokens",
    OFFICE,
    Column("id", Uuid, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

USED_EVERY = timedelta(minutes=1)
"""How old ``last_used_at`` may get before it is written again."""
_SHAPE = re.compile(r"coord_[A-Za-z0-9_-]{43}", re.ASCII)

# The lookup by hash is also what makes the comparison tell nothing by its time.
_BY_HASH = Lookup(
    select(TOKENS.c.id, TOKENS.c.person_id, TOKENS.c.expires_at, TOKENS.c.last_used_at, TOKENS.c.revoked_at).where(
        TOKENS.c.hash == bindparam("hash")
    )
)

Refusal = Literal["token-missing", "token-invalid", "token-expired", "token-revoked"]


class Unauthenticated(Exception):
    """No valid token came with the request; ``code`` says why, ``person_id`` whose it was if that is known."""

    def __init__(self, code: Refusal, person_id: UUID | None = None) -> None:
        """Keep the code, which is what the client gets to see."""
        super().__init__(code)
        self.code: Refusal = code
        self.person_id = person_id


@dataclass(frozen=True, slots=True)
class Token:
    """One token as its owner may see it; the secret itself is gone since it was issued."""

    id: UUID
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class Tokens:
    """The API tokens of one office store."""

    def __init__(self, engine: Engine) -> None:
        """The office store's engine."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)

    def issue(self, person_id: UUID, name: str, expires_at: datetime, *, now: datetime) -> str:
        """A new token in plain text: the only time that anybody sees it.

        Raises `InvalidInput` for a name that is empty or longer than 100 characters, or an expiry that is past.
        """
        name = " ".join(name.split())
        if not 0 < len(name) <= 100:
            raise InvalidInput([FieldProblem("/name", "too-long" if name else "missing", {"limit": 100})])
        if expires_at <= now:
            raise InvalidInput([FieldProblem("/expires_at", "in-the-past")])
        token = "coord_" + secrets.token_urlsafe(32)
        with self._writer.begin() as connection:
            connection.execute(
                TOKENS.insert().values(
                    id=uuid4(),
                    hash=_hash(token),
                    person_id=person_id,
                    name=name,
                    created_at=now,
                    expires_at=expires_at,
                )
            )
        return token

    def verify(self, token: str, now: datetime) -> UUID:
        """Whose token it is. One indexed SELECT; at most once a minute also an UPDATE.

        Raises `Unauthenticated` (``token-invalid``, ``token-expired`` or ``token-revoked``).
        """
        if not _SHAPE.fullmatch(token):
            raise Unauthenticated("token-invalid")
        row = _BY_HASH.first(self._engine, hash=_hash(token))
        if row is None:
            raise Unauthenticated("token-invalid")
        id, person_id, expires_at, last_used_at, revoked_at = row
        if revoked_at is not None:
            raise Unauthenticated("token-revoked", person_id)
        if expires_at <= now:
            raise Unauthenticated("token-expired", person_id)
        if last_used_at is None or now - last_used_at >= USED_EVERY:
            with self._writer.begin() as connection:
                connection.execute(update(TOKENS).where(TOKENS.c.id == id).values(last_used_at=now))
        found: UUID = person_id
        return found

    def id_of(self, token: str) -> UUID | None:
        """Which of the tokens it is, None if it is none."""
        row = _BY_HASH.first(self._engine, hash=_hash(token))
        return row[0] if row is not None else None

    def of(self, person_id: UUID) -> list[Token]:
        """All tokens of a person, the newest first, the revoked and expired ones too."""
        query = select(TOKENS).where(TOKENS.c.person_id == person_id).order_by(TOKENS.c.created_at.desc(), TOKENS.c.id)
        with self._engine.connect() as connection:
            return [
                Token(row.id, row.name, row.created_at, row.expires_at, row.last_used_at, row.revoked_at)
                for row in connection.execute(query)
            ]

    def revoke(self, id: UUID, now: datetime, *, person_id: UUID | None = None) -> bool:
        """Revoke one token; with ``person_id`` only if it is that person's. Whether it was valid until now."""
        condition = (TOKENS.c.id == id) & TOKENS.c.revoked_at.is_(None)
        if person_id is not None:
            condition &= TOKENS.c.person_id == person_id
        with self._writer.begin() as connection:
            return connection.execute(update(TOKENS).where(condition).values(revoked_at=now)).rowcount == 1

    def revoke_all(self, person_id: UUID, now: datetime) -> int:
        """Revoke all tokens of a person. How many were not revoked before."""
        condition = (TOKENS.c.person_id == person_id) & TOKENS.c.revoked_at.is_(None)
        with self._writer.begin() as connection:
            return connection.execute(update(TOKENS).where(condition).values(revoked_at=now)).rowcount


def _hash(token: str) -> bytes:
    """256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
