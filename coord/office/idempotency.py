"""Answers kept for those who post the same thing twice: what an ``Idempotency-Key`` led to, for two days.

A row holds ids, versions and positions only. Key and body are kept as keyed hashes, so that nobody who reads the table
can guess a short text from them. While the service's key is being replaced, what was kept under an earlier one is found
as well.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    delete,
    select,
    update,
)

from coord.office.process import has_ended, this_process
from coord.office.tables import OFFICE, UtcDateTime, upsert

REPLIES = Table(
    "idempotent_replies",
    OFFICE,
    Column("key_hash", LargeBinary(32), primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("route", String(200), nullable=False),
    Column("body_hash", LargeBinary(32), nullable=False),
    Column("state", String(20), nullable=False),
    Column("status", Integer),
    Column("etag", String(40)),
    Column("location", String(300)),
    Column("body", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
)
Index("idempotent_replies_created", REPLIES.c.created_at)

AT_WORK = Table(
    "idempotent_claims",
    OFFICE,
    Column("key_hash", LargeBinary(32), primary_key=True),
    Column("process", String(200), nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False, index=True),
)
"""Which process is at work on a key; no longer there when it is done."""

IN_PROGRESS, DONE = "in-progress", "done"
KEPT_FOR = timedelta(hours=48)
ABANDONED_AFTER = timedelta(seconds=20)
"""No request takes this long: it waits four seconds for the stores. One that did not end by then died with its machine,
and its retry may go ahead; so it may at once when its process has ended."""
PURGE_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Reply:
    """The first answer: status, version and address headers, and the body as JSON text."""

    status: int
    etag: str | None
    location: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry a request out. ``new_id`` is the same for each retry of the same request, so that one whose
    first attempt died between its command and its answer is the same command again."""

    key_hash: bytes
    new_id: UUID


Refused = Literal["in-progress", "idempotency-key-reused"]


class Replies:
    """The kept answers of one office store."""

    def __init__(self, engine: Engine, secret: str, *earlier: str) -> None:
        """``secret`` keys the hashes; it is the service's own, as the ``earlier`` ones were."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self._secrets = [key.encode() for key in (secret, *earlier)]
        self._purged_at: datetime | None = None

    def claim(self, key: str, *, person_id: UUID, route: str, request: bytes, now: datetime) -> Claim | Reply | Refused:
        """Claim a key for a request (``request`` is everything that makes it this one and no other).

        Gives the claim to whoever comes first; to the others the first answer, or why there is none: the first is still
        at work, or the key was used for another request.
        """
        t = REPLIES
        with self._writer.begin() as connection:
            self._purge_now_and_then(connection, now)
            secret = self._secrets[0]
            for earlier in self._secrets[1:]:
                known = t.c.key_hash == _hash(earlier, b"key", person_id.bytes, key.encode())
                if connection.execute(select(t.c.key_hash).where(known, t.c.created_at >= now - KEPT_FOR)).first():
                    secret = earlier
            key_hash = _hash(secret, b"key", person_id.bytes, key.encode())
            body_hash = _hash(secret, b"request", person_id.bytes, route.encode(), request)
            new_id = UUID(bytes=_hash(secret, b"id", key_hash, body_hash)[:16], version=4)
            made = connection.execute(
                upsert(self._engine, t)
                .values(
                    key_hash=key_hash,
                    person_id=person_id,
                    route=route,
                    body_hash=body_hash,
                    state=IN_PROGRESS,
                    created_at=now,
                    claimed_at=now,
                )
                .on_conflict_do_nothing()
                .returning(t.c.key_hash)  # rowcount is -1 on PostgreSQL whatever happened
            ).first()
            if made is not None:
                self._say_who(connection, key_hash, now)
                return Claim(key_hash, new_id)
            row = connection.execute(select(t).where(t.c.key_hash == key_hash).with_for_update()).first()
            if row is None:  # purged or released by another process this very moment
                return "in-progress"
            expired = row.created_at < now - KEPT_FOR
            if not expired and row.body_hash != body_hash:
                return "idempotency-key-reused"
            if not expired and row.state == DONE:
                return Reply(row.status, row.etag, row.location, row.body)
            if not expired and row.claimed_at > now - ABANDONED_AFTER and not self._died(connection, key_hash):
                return "in-progress"
            connection.execute(
                update(t)
                .where(t.c.key_hash == key_hash)
                .values(
                    body_hash=body_hash,
                    route=route,
                    state=IN_PROGRESS,
                    claimed_at=now,
                    created_at=now if expired else row.created_at,
                )
            )
            self._say_who(connection, key_hash, now)
            return Claim(key_hash, new_id)

    def keep(self, claim: Claim, reply: Reply) -> None:
        """Keep the answer for those who ask again."""
        with self._writer.begin() as connection:
            connection.execute(
                update(REPLIES)
                .where(REPLIES.c.key_hash == claim.key_hash)
                .values(state=DONE, status=reply.status, etag=reply.etag, location=reply.location, body=reply.body)
            )
            connection.execute(delete(AT_WORK).where(AT_WORK.c.key_hash == claim.key_hash))

    def release(self, claim: Claim) -> None:
        """Give the key back: the request was refused and wrote nothing, and may come again corrected."""
        with self._writer.begin() as connection:
            connection.execute(
                delete(REPLIES).where(REPLIES.c.key_hash == claim.key_hash, REPLIES.c.state == IN_PROGRESS)
            )
            connection.execute(delete(AT_WORK).where(AT_WORK.c.key_hash == claim.key_hash))

    def _say_who(self, connection: Connection, key_hash: bytes, now: datetime) -> None:
        row = {"process": this_process(), "claimed_at": now}
        statement = upsert(self._engine, AT_WORK).values(key_hash=key_hash, **row)
        connection.execute(statement.on_conflict_do_update(index_elements=["key_hash"], set_=row))

    def _died(self, connection: Connection, key_hash: bytes) -> bool:
        """Whether the process that is at work on it is known to have ended."""
        process = connection.execute(select(AT_WORK.c.process).where(AT_WORK.c.key_hash == key_hash)).scalar()
        return process is not None and has_ended(process)

    def _purge_now_and_then(self, connection: Connection, now: datetime) -> None:
        if self._purged_at is not None and now - self._purged_at < PURGE_EVERY:
            return
        self._purged_at = now
        connection.execute(delete(REPLIES).where(REPLIES.c.created_at < now - KEPT_FOR))
        connection.execute(delete(AT_WORK).where(AT_WORK.c.claimed_at < now - KEPT_FOR))


def _hash(secret: bytes, *parts: bytes) -> bytes:
    mac = hmac.new(secret or b"development", digestmod="sha256")
    for part in parts:
        mac.update(len(part).to_bytes(8, "big") + part)
    return mac.digest()
