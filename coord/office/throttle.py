"""Throttled sign-in, counted in the office store: what one worker saw, all of them know.

An attempt is counted before the password is looked at and taken back when it was right, so attempts made at the same
moment cannot slip through together. Each count is one statement, and so safe between processes on both databases.
Accounts that do not exist are counted exactly as those that do.

What is counted is the pair of account and source, so that whoever fails on somebody's account makes themselves wait,
and not the person; beside it, more gently, the source (a clinic has one address for everybody) and the account
(failures from many sources). A browser that its person has signed in with before is held to none of these but to
failures of its own (`coord.office.known`): others' failures do not keep anybody out of their own browser.
"""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Engine, Integer, String, Table, case, delete, literal, select, update

from coord.office.accounts import fold_email
from coord.office.tables import OFFICE, upsert

ATTEMPTS = Table(
    "sign_in_attempts",
    OFFICE,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),  # addresses: the minute counted, in whole minutes since 1970
    Column("blocked_until", BigInteger, nullable=False),  # accounts: in seconds since 1970
    Column("last_at", BigInteger, nullable=False, index=True),
)

WAITS = (60, 120, 240, 480, 900)
"""Seconds to wait after the 5th, 6th ... failure of one source for one account; the last holds from then on."""
FREE = 5
"""This many failures in a row cost nothing but the last."""
FREE_OF_ALL = 100
"""As `FREE`, of all sources together for one account."""
FORGET = int(timedelta(hours=24).total_seconds())
"""Failures older than this do not count."""
PER_MINUTE = 30
"""Failed attempts from one address in one minute."""


class Throttle:
    """The counts of one office store."""

    def __init__(self, engine: Engine, key: str) -> None:
        """``key`` (the service's secret) keeps addresses and whatever was typed as an email unreadable in the store."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self._key = hashlib.sha256(key.encode()).digest()

    def admit(self, email: str, address: str, now: datetime, *, known: str = "", of: str = "address") -> int | None:
        """Count an attempt. None if it may go on, else the whole seconds to wait before the next one.

        ``known`` is the person's own browser (`coord.office.known`), or nothing; ``of`` is as of `admit_address`. An
        attempt that is turned away counts for nothing, so trying on does not make the wait longer.
        """
        if known:
            return self._admit(self._pair(email, address, known), now)
        wait = self.admit_address(address, now, of=of)
        if wait is not None:
            return wait
        wait = self._admit(self._pair(email, address), now)
        if wait is not None:
            return wait
        wait = self._admit(self._of_all(email), now, FREE_OF_ALL)
        if wait is not None:
            self._uncount(self._pair(email, address))
        return wait

    def succeeded(self, email: str, address: str, now: datetime, *, known: str = "") -> None:
        """The attempt was right: forget what this source failed on the account, and do not count the attempt.

        Others' failures stay: they may go on trying while the person works.
        """
        with self._writer.begin() as connection:
            connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.key == self._pair(email, address, known)))
        if not known:
            self._uncount(self._of_all(email))
            self._uncount_address(address, now)

    def not_looked_at(self, email: str, address: str, now: datetime, *, known: str = "") -> None:
        """The attempt got no answer, because the service was busy: take it back, but forget nothing else."""
        self._uncount(self._pair(email, address, known))
        if not known:
            self._uncount(self._of_all(email))
            self._uncount_address(address, now)

    def _uncount(self, key: str) -> None:
        with self._writer.begin() as connection:
            connection.execute(
                update(ATTEMPTS)
                .where(ATTEMPTS.c.key == key, ATTEMPTS.c.count > 0)
                .values(count=ATTEMPTS.c.count - 1, blocked_until=0)
            )

    def _uncount_address(self, address: str, now: datetime) -> None:
        key, minute = self._name("address", _network(address)), int(now.timestamp()) // 60
        with self._writer.begin() as connection:
            connection.execute(
                update(ATTEMPTS)
                .where(ATTEMPTS.c.key == key, ATTEMPTS.c.since == minute, ATTEMPTS.c.count > 0)
                .values(count=ATTEMPTS.c.count - 1)
            )

    def admit_address(self, address: str, now: datetime, *, of: str = "address", most: int = PER_MINUTE) -> int | None:
        """Count an attempt from an address alone, of which ``most`` go on in a minute; ``of`` keeps different kinds of
        attempt apart. As `admit`."""
        seconds = int(now.timestamp())
        minute = seconds // 60
        insert = upsert(self._engine, ATTEMPTS).values(
            key=self._name(of, _network(address)), count=1, since=minute, blocked_until=0, last_at=seconds
        )
        counted = insert.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((ATTEMPTS.c.since == minute, ATTEMPTS.c.count + 1), else_=1),
                "since": minute,
                "last_at": seconds,
            },
            where=(ATTEMPTS.c.since != minute) | (ATTEMPTS.c.count < most),
        ).returning(ATTEMPTS.c.count)
        with self._writer.begin() as connection:
            count = connection.execute(counted).scalar()
        return None if count is not None else 60 - seconds % 60

    def _admit(self, key: str, now: datetime, free: int = FREE) -> int | None:
        seconds = int(now.timestamp())
        count = case((ATTEMPTS.c.last_at < seconds - FORGET, 1), else_=ATTEMPTS.c.count + 1)
        wait = case(
            (count < free, 0),
            *((count == free + step, pause) for step, pause in enumerate(WAITS)),
            else_=WAITS[-1],
        )
        insert = upsert(self._engine, ATTEMPTS).values(key=key, count=1, since=0, blocked_until=0, last_at=seconds)
        counted = insert.on_conflict_do_update(
            index_elements=["key"],
            set_={"count": count, "last_at": seconds, "blocked_until": literal(seconds, BigInteger) + wait},
            where=ATTEMPTS.c.blocked_until <= seconds,
        ).returning(ATTEMPTS.c.count)
        with self._writer.begin() as connection:  # what does not count any more is not kept either
            connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.last_at < seconds - FORGET))
        with self._writer.begin() as connection:
            if connection.execute(counted).scalar() is not None:
                return None
            until = connection.execute(select(ATTEMPTS.c.blocked_until).where(ATTEMPTS.c.key == key)).scalar()
        return max(1, (until or 0) - seconds)

    def _of(self, email: str) -> str:
        """What all keys of one account begin with; half of a key."""
        return self._name("account", fold_email(email))[:32]

    def _pair(self, email: str, address: str, known: str = "") -> str:
        source = self._name("browser", known) if known else self._name("source", _network(address))
        return self._of(email) + source[:32]

    def _of_all(self, email: str) -> str:
        return self._of(email) + "0" * 32

    def _name(self, kind: str, value: str) -> str:
        return hashlib.blake2b(f"{kind}\0{value}".encode(), key=self._key, digest_size=32).hexdigest()


def _network(address: str) -> str:
    """What one attacker has at their disposal: one IPv4 address, but a whole /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
