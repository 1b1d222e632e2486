"""Links by which somebody comes to a password of their own: an invitation, a reset that they are given, or one that
they ask for. Each opens one page, once.

What stands in a link is derived from its row and the service's secret key, so that neither this store nor the outbox
holds anything that opens: the mail that carries it is written when it is sent, and a letter when it is made. A row has
a hash of it alone, by which it is found. It is good for its time, until it is used, until a later one of its kind takes
its place, and for the account as it was: another password or address makes it void.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, Connection, Engine, LargeBinary, String, Table, Uuid, delete, insert, select, update

from coord.domain.errors import Conflict
from coord.office.tables import OFFICE, UtcDateTime

LINKS = Table(
    "links",
    OFFICE,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("way", String(16), nullable=False),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("account", String(64), nullable=False),
    Column("mark", LargeBinary(32), nullable=False, unique=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("voided_at", UtcDateTime),
)
INVITATION, RESET, ASKED = "invitation", "reset", "asked"
"""Anybody can ask in anybody's name: what is asked for is a kind of its own, and voids nothing that was given."""
MAIL, LETTER = "mail", "letter"
GOOD_FOR = {
    (INVITATION, MAIL): timedelta(days=7),
    (INVITATION, LETTER): timedelta(days=7),
    (RESET, MAIL): timedelta(hours=1),
    (RESET, LETTER): timedelta(days=7),
    (ASKED, MAIL): timedelta(hours=1),
}
"""A letter is handed over: an hour would be over before it is read."""
KEPT = timedelta(days=30)
"""So long after its time a row is kept."""

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Those of base 32 that are not taken for each other (Crockford's), for somebody types them from paper."""
GROUPS, GROUP = 6, 5
"""30 of them: 150 bits."""
_MEANT = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Link:
    """One link, without what stands in it. ``account`` is the account's own mark at the time, ``way`` how it goes to
    the person: by ``mail`` or as a ``letter``."""

    id: UUID
    kind: str
    way: str
    person_id: UUID
    account: str
    mark: bytes
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    voided_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it could be used."""
        return self.used_at is None and self.voided_at is None and now < self.expires_at


Beside = Callable[[Connection, Link], None]
"""What is written in the same transaction."""


def _nothing(_connection: Connection, _link: Link) -> None:
    pass


class Links:
    """The links of one office store."""

    def __init__(self, engine: Engine, *keys: str) -> None:
        """``keys`` are the service's secrets: the first derives, what any of them derived counts. Without the key that
        derived it a link is none any more."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self._keys = [hashlib.sha256(b"links\0" + key.encode()).digest() for key in keys]

    def make(
        self, kind: str, way: str, person_id: UUID, account: str, *, now: datetime, beside: Beside = _nothing
    ) -> Link:
        """A new link; earlier ones of the same kind and person are void. ``beside`` is written with it, or neither."""
        id = uuid4()
        mark = _mark(_derived(self._keys[0], id))
        link = Link(id, kind, way, person_id, account, mark, now, now + GOOD_FOR[kind, way])
        row = {name: getattr(link, name) for name in LINKS.c.keys()}  # noqa: SIM118 - a collection of columns
        same = (LINKS.c.person_id == person_id, LINKS.c.kind == kind)
        with self._writer.begin() as connection:
            self._void(connection, now, *same)
            connection.execute(insert(LINKS).values(**row))
            beside(connection, link)
        return link

    def secret(self, link: Link) -> str:
        """What stands in a link, in groups to be typed. Raises `LookupError` when its key is gone."""
        for key in self._keys:
            derived = _derived(key, link.id)
            if hmac.compare_digest(_mark(derived), link.mark):
                return "-".join(derived[at : at + GROUP] for at in range(0, GROUPS * GROUP, GROUP))
        raise LookupError(link.id)

    def found(self, typed: str, now: datetime) -> Link | None:
        """The open link in which this stands, however it was typed. It is still to be held against its account."""
        secret = typed[:_LONGEST].casefold().translate(_MEANT)
        if len(secret) != GROUPS * GROUP or set(secret) - set(LETTERS):
            return None
        link = self._first(LINKS.c.mark == _mark(secret))
        if link is None or not link.is_open(now):
            return None
        try:
            self.secret(link)
        except LookupError:
            return None
        return link

    def one(self, id: UUID) -> Link | None:
        """By its id."""
        return self._first(LINKS.c.id == id)

    def latest(self, person_id: UUID) -> Link | None:
        """The last that was made for the person, open or not."""
        query = select(LINKS).where(LINKS.c.person_id == person_id).order_by(LINKS.c.made_at.desc(), LINKS.c.id)
        with self._engine.connect() as connection:
            row = connection.execute(query.limit(1)).first()
        return None if row is None else _link(row)

    def use(self, link: Link, now: datetime, beside: Beside) -> None:
        """Use it, together with what is written ``beside``; all others of the person are void.

        Raises `Conflict` (``link-over``) for whoever comes second, and then nothing was written.
        """
        still = (LINKS.c.used_at.is_(None), LINKS.c.voided_at.is_(None), LINKS.c.expires_at > now)
        with self._writer.begin() as connection:
            used = update(LINKS).where(LINKS.c.id == link.id, *still).values(used_at=now).returning(LINKS.c.id)
            if connection.execute(used).first() is None:
                raise Conflict("link-over")
            self._void(connection, now, LINKS.c.person_id == link.person_id)
            beside(connection, link)

    def void_all(self, person_id: UUID, now: datetime) -> None:
        """None that the person was given is good any more."""
        with self._writer.begin() as connection:
            self._void(connection, now, LINKS.c.person_id == person_id)

    def sweep(self, now: datetime) -> None:
        """Remove those whose time is long over."""
        with self._writer.begin() as connection:
            connection.execute(delete(LINKS).where(LINKS.c.expires_at < now - KEPT))

    def _void(self, connection: Connection, now: datetime, *which: Any) -> None:
        still = (LINKS.c.used_at.is_(None), LINKS.c.voided_at.is_(None))
        connection.execute(update(LINKS).where(*which, *still).values(voided_at=now))

    def _first(self, condition: Any) -> Link | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(LINKS).where(condition)).first()
        return None if row is None else _link(row)


def _derived(key: bytes, id: UUID) -> str:
    number = int.from_bytes(hmac.digest(key, id.bytes, "sha256"), "big")
    return "".join(LETTERS[number >> 5 * place & 31] for place in range(GROUPS * GROUP))


def _mark(secret: str) -> bytes:
    """150 bits that nobody can guess need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def _link(row: Any) -> Link:
    return Link(**row._mapping)
