"""What somebody has begun in a browser and not finished: a sign-in after the right password, the making of a signature.

Both are kept here and not in the cookie, so that each ends when it is over, on every worker, and counts once.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, Engine, LargeBinary, String, Table, Uuid, delete, select

from coord.office.tables import OFFICE, UtcDateTime, later

HALF_OPEN = Table(
    "half_open_sign_ins",
    OFFICE,
    Column("secret_hash", LargeBinary(32), primary_key=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("until", UtcDateTime, nullable=False, index=True),
    later(Column("mark", String(64))),  # of the account as it was: another password or address, and it has another one
)
CHALLENGES = Table(
    "challenges",
    OFFICE,
    Column("challenge", LargeBinary(32), primary_key=True),
    Column("browser", LargeBinary(32), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("person_id", Uuid),
    Column("until", UtcDateTime, nullable=False, index=True),
)
HALF_OPEN_FOR = timedelta(minutes=10)
"""So long a second factor is waited for."""
CHALLENGE_FOR = timedelta(minutes=5)
"""So long a passkey may take to sign."""


class HalfOpen:
    """Sign-ins whose password was right, and which open nothing: another table than those that do."""

    def __init__(self, engine: Engine) -> None:
        """The office store's engine."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)

    def begin(self, person_id: UUID, now: datetime, mark: str) -> str:
        """The password was right, of an account with this ``mark``: the secret for the cookie. What was half open for
        the person before stays so: they may be at two browsers."""
        secret = secrets.token_urlsafe(32)
        with self._writer.begin() as connection:
            connection.execute(delete(HALF_OPEN).where(HALF_OPEN.c.until <= now))
            row = {"secret_hash": _hash(secret), "person_id": person_id, "until": now + HALF_OPEN_FOR, "mark": mark}
            connection.execute(HALF_OPEN.insert().values(row))
        return secret

    def whose(self, secret: str, now: datetime) -> tuple[UUID, str] | None:
        """Whose half-open sign-in it is, and the mark that their account had then; None if it is over."""
        t = HALF_OPEN
        query = select(t.c.person_id, t.c.mark).where(t.c.secret_hash == _hash(secret), t.c.until > now)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return (row.person_id, row.mark or "") if row is not None else None

    def end(self, secret: str) -> bool:
        """It is over, or complete. Whether it was there: of two who complete it at one moment, one does."""
        with self._writer.begin() as connection:
            done = connection.execute(delete(HALF_OPEN).where(HALF_OPEN.c.secret_hash == _hash(secret)))
        return done.rowcount == 1


class Challenges:
    """What a passkey is asked to sign: made here, for one browser and purpose, good once."""

    def __init__(self, engine: Engine) -> None:
        """The office store's engine."""
        self._writer = engine.execution_options(write=True)

    def make(self, browser: str, purpose: str, now: datetime, person_id: UUID | None = None) -> bytes:
        """A new one for the browser that keeps ``browser`` in its session; ``person_id`` where only theirs will do."""
        challenge = secrets.token_bytes(32)
        with self._writer.begin() as connection:
            connection.execute(delete(CHALLENGES).where(CHALLENGES.c.until <= now))
            connection.execute(
                CHALLENGES.insert().values(
                    challenge=challenge,
                    browser=_hash(browser),
                    purpose=purpose,
                    person_id=person_id,
                    until=now + CHALLENGE_FOR,
                )
            )
        return challenge

    def take(self, challenge: bytes, browser: str, purpose: str, now: datetime, person_id: UUID | None = None) -> bool:
        """Whether it was made for just this, and not used or over; it is gone from now on."""
        t = CHALLENGES
        same_person = t.c.person_id.is_(None) if person_id is None else t.c.person_id == person_id
        made = (t.c.challenge == challenge) & (t.c.browser == _hash(browser)) & (t.c.purpose == purpose) & same_person
        with self._writer.begin() as connection:
            return connection.execute(delete(t).where(made, t.c.until > now)).rowcount == 1


def _hash(secret: str) -> bytes:
    """256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
