"""What somebody proves who they are with, beside the password: passkeys, one-time codes, recovery codes.

A passkey is kept as its public half. The secret of one-time codes must be read again at each sign-in: it is sealed
(`coord.office.sealed`), and of each code the step is kept, so that none counts twice. Recovery codes are chance of 120
bits, kept as hashes, each good once.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID, uuid4

import pyotp
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Engine,
    LargeBinary,
    Row,
    String,
    Table,
    Uuid,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from coord.domain.errors import Conflict, FieldProblem, InvalidInput
from coord.office.sealed import Seal, Unsealable
from coord.office.tables import OFFICE, UtcDateTime, later, upsert

PASSKEYS = Table(
    "passkeys",
    OFFICE,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("credential_id", LargeBinary(1023), nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", String(100), nullable=False),
    Column("name", String(100), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
)
ONE_TIME_CODES = Table(
    "one_time_codes",
    OFFICE,
    Column("person_id", Uuid, primary_key=True),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("last_step", BigInteger, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),  # until then it is no factor yet: nobody has shown that their app has it
    Column("last_used_at", UtcDateTime),
    later(Column("begun_in", Uuid)),  # the sign-in that was shown the secret
)
RECOVERY_CODES = Table(
    "recovery_codes",
    OFFICE,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)
GRACE = Table(
    "second_factor_grace",
    OFFICE,
    Column("person_id", Uuid, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
)

DIGITS, STEP = 6, 30
"""Of a one-time code, and the seconds that it stands for (RFC 6238), as every app has them."""
SKEW = 1
"""Steps before and after the present one that count too: the clocks of phones differ."""
UNCONFIRMED_FOR = timedelta(hours=1)
"""So long a secret that was shown may wait for its first code."""
RECOVERY = 10
"""Recovery codes that are made at once."""
LONGEST_NAME = 100
MOST_PASSKEYS = 20
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
"""Of a recovery code: 32 that are not taken for each other, so five bits each. O, I, L are read as digits, U as V."""
_LENGTH, _GROUP = 24, 4
_READ_AS = str.maketrans("OILU", "011V")
_NEVER = -1


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey, as its owner may see it and as a signature is checked."""

    id: UUID
    person_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    name: str
    made_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class OneTimeCodes:
    """That somebody has one-time codes: since when, and when one was last used."""

    since: datetime
    last_used_at: datetime | None


class Factors:
    """The factors of one office store."""

    def __init__(self, engine: Engine, *keys: str) -> None:
        """``keys`` are the service's secrets, the first of which seals."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self._seal = Seal("one-time codes", *keys)

    def any(self, person_id: UUID) -> bool:
        """Whether the person has a second factor: after their password they are asked for it."""
        with self._engine.connect() as connection:
            codes = select(ONE_TIME_CODES.c.person_id).where(_in_state(person_id, confirmed=True))
            keys = select(PASSKEYS.c.person_id).where(PASSKEYS.c.person_id == person_id)
            return connection.execute(codes.union_all(keys)).first() is not None

    def how_many(self, person_id: UUID) -> int:
        """How many factors the person has beside the password; recovery codes only stand in for them."""
        return len(self.passkeys(person_id)) + (self.one_time_codes(person_id) is not None)

    # ---- passkeys

    def passkeys(self, person_id: UUID) -> list[Passkey]:
        """The person's passkeys, the oldest first."""
        query = select(PASSKEYS).where(PASSKEYS.c.person_id == person_id).order_by(PASSKEYS.c.made_at, PASSKEYS.c.id)
        with self._engine.connect() as connection:
            return [_passkey(row) for row in connection.execute(query)]

    def passkey(self, credential_id: bytes) -> Passkey | None:
        """The passkey that a browser says it has used."""
        with self._engine.connect() as connection:
            row = connection.execute(select(PASSKEYS).where(PASSKEYS.c.credential_id == credential_id)).first()
        return _passkey(row) if row is not None else None

    def check_name(self, name: str) -> str:
        """The name as it is kept. Raises `InvalidInput` for one that is empty or too long."""
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise InvalidInput([FieldProblem("/name", "too-long" if name else "missing", {"limit": LONGEST_NAME})])
        return name

    def add_passkey(
        self,
        person_id: UUID,
        name: str,
        *,
        credential_id: bytes,
        public_key: bytes,
        sign_count: int,
        transports: tuple[str, ...],
        now: datetime,
    ) -> None:
        """Keep a passkey whose making was checked. Raises `InvalidInput` as `check_name`, and for too many; `Conflict`
        (``passkey-known``) for one that is kept already, whoever's it is."""
        name = self.check_name(name)
        if len(self.passkeys(person_id)) >= MOST_PASSKEYS:
            raise InvalidInput([FieldProblem("/name", "too-many", {"limit": MOST_PASSKEYS})])
        row = {
            "id": uuid4(),
            "person_id": person_id,
            "credential_id": credential_id,
            "public_key": public_key,
            "sign_count": sign_count,
            "transports": ",".join(transports)[:100],
            "name": name,
            "made_at": now,
        }
        try:
            with self._writer.begin() as connection:
                connection.execute(PASSKEYS.insert().values(row))
        except IntegrityError as error:
            raise Conflict("passkey-known") from error

    def passkey_used(self, passkey: Passkey, sign_count: int, now: datetime) -> bool:
        """Keep that it was used. False where it was used in between: what stands now was not what was checked."""
        as_checked = (PASSKEYS.c.id == passkey.id) & (PASSKEYS.c.sign_count == passkey.sign_count)
        with self._writer.begin() as connection:
            done = connection.execute(
                update(PASSKEYS).where(as_checked).values(sign_count=sign_count, last_used_at=now)
            )
        return done.rowcount == 1

    def remove_passkey(self, id: UUID, person_id: UUID) -> Passkey | None:
        """Forget one passkey of this person; with the last factor go the recovery codes. What it was, if it was one."""
        found = next((key for key in self.passkeys(person_id) if key.id == id), None)
        with self._writer.begin() as connection:
            connection.execute(delete(PASSKEYS).where(PASSKEYS.c.id == id, PASSKEYS.c.person_id == person_id))
        self._tidy(person_id)
        return found

    # ---- one-time codes

    def one_time_codes(self, person_id: UUID) -> OneTimeCodes | None:
        """The person's one-time codes, once they were confirmed."""
        row = self._codes_row(person_id, confirmed=True)
        return OneTimeCodes(row.confirmed_at, row.last_used_at) if row is not None else None

    def begin_codes(self, person_id: UUID, now: datetime, begun_in: UUID | None = None) -> str:
        """The secret that waits to be confirmed, in letters and digits (base 32): the one that this sign-in was shown
        within the hour, or a new one. Whoever knows the password may have seen what another sign-in was shown.

        Raises `Conflict` (``codes-there``) where codes are in use: they are removed first.
        """
        with self._engine.connect() as connection:
            row = connection.execute(select(ONE_TIME_CODES).where(ONE_TIME_CODES.c.person_id == person_id)).first()
        if row is not None and row.confirmed_at is not None:
            raise Conflict("codes-there")
        if row is not None and row.begun_in == begun_in and now - row.made_at < UNCONFIRMED_FOR:
            try:
                return self._seal.open(row.secret, person_id.bytes).decode()
            except Unsealable:  # an older secret of the service: a new one is made
                pass
        secret = pyotp.random_base32()
        sealed = self._seal.seal(secret.encode(), person_id.bytes)
        values = {"secret": sealed, "last_step": _NEVER, "made_at": now, "begun_in": begun_in}
        made = upsert(self._engine, ONE_TIME_CODES).values(person_id=person_id, **values)
        unconfirmed = ONE_TIME_CODES.c.confirmed_at.is_(None)
        with self._writer.begin() as connection:
            connection.execute(made.on_conflict_do_update(index_elements=["person_id"], set_=values, where=unconfirmed))
        return secret

    def drop_unconfirmed(self, person_id: UUID) -> None:
        """A secret that waits to be confirmed is none any more: whoever was shown it knew a password that is void."""
        with self._writer.begin() as connection:
            connection.execute(delete(ONE_TIME_CODES).where(_in_state(person_id, confirmed=False)))

    def fits(self, person_id: UUID, code: str, now: datetime) -> bool:
        """Whether the code is right of codes that wait to be confirmed; nothing changes."""
        row = self._codes_row(person_id, confirmed=False)
        return row is not None and self._step(row, code, now) is not None

    def confirm_codes(self, person_id: UUID, code: str, now: datetime) -> bool:
        """Whether the code is right; then the codes are a factor from now on."""
        return self._take_code(person_id, code, now, confirmed=False)

    def take_code(self, person_id: UUID, code: str, now: datetime) -> bool:
        """Whether it is a one-time code of now; each step counts once, however many ask at the same moment."""
        return self._take_code(person_id, code, now, confirmed=True)

    def _take_code(self, person_id: UUID, code: str, now: datetime, *, confirmed: bool) -> bool:
        row = self._codes_row(person_id, confirmed=confirmed)
        step = self._step(row, code, now) if row is not None else None
        if row is None or step is None:
            return False
        t = ONE_TIME_CODES
        values: dict[str, object] = {"last_step": step, "last_used_at": now}
        if not confirmed:
            values["confirmed_at"] = now
        if self._seal.is_older(row.secret):
            values["secret"] = self._seal.seal(self._seal.open(row.secret, person_id.bytes), person_id.bytes)
        as_read = _in_state(person_id, confirmed=confirmed) & (t.c.last_step < step) & (t.c.secret == row.secret)
        with self._writer.begin() as connection:
            return connection.execute(update(t).where(as_read).values(**values)).rowcount == 1

    def _codes_row(self, person_id: UUID, *, confirmed: bool) -> Row[Any] | None:
        query = select(ONE_TIME_CODES).where(_in_state(person_id, confirmed=confirmed))
        with self._engine.connect() as connection:
            return connection.execute(query).first()

    def _step(self, row: Row[Any], code: str, now: datetime) -> int | None:
        """Of which step the code is. Whether that was used already, is asked where it is taken."""
        typed = re.sub(r"\s", "", code[:LONGEST_NAME])
        if not (len(typed) == DIGITS and typed.isascii() and typed.isdigit()):
            return None
        try:
            secret = self._seal.open(row.secret, row.person_id.bytes)
        except Unsealable:
            return None  # no code can be right; a passkey or a recovery code is
        codes, present = pyotp.TOTP(secret.decode(), digits=DIGITS, interval=STEP), int(now.timestamp()) // STEP
        steps = [s for s in range(present - SKEW, present + SKEW + 1) if compare_digest(codes.generate_otp(s), typed)]
        return max(steps, default=None)

    def remove_codes(self, person_id: UUID) -> bool:
        """Forget the one-time codes; with the last factor go the recovery codes. Whether there were any."""
        with self._writer.begin() as connection:
            done = connection.execute(delete(ONE_TIME_CODES).where(ONE_TIME_CODES.c.person_id == person_id))
        self._tidy(person_id)
        return done.rowcount == 1

    def seal_anew(self) -> int:
        """Seal under today's secret what an earlier one sealed, so that it can be left out. How many there were."""
        t, done = ONE_TIME_CODES, 0
        with self._engine.connect() as connection:
            rows = connection.execute(select(t.c.person_id, t.c.secret)).all()
        for person_id, sealed in rows:
            if not self._seal.is_older(sealed):
                continue
            try:
                secret = self._seal.open(sealed, person_id.bytes)
            except Unsealable:
                continue
            values = {"secret": self._seal.seal(secret, person_id.bytes)}
            as_read = (t.c.person_id == person_id) & (t.c.secret == sealed)
            with self._writer.begin() as connection:
                done += connection.execute(update(t).where(as_read).values(values)).rowcount
        return done

    # ---- recovery codes

    def make_recovery_codes(self, person_id: UUID, now: datetime) -> list[str]:
        """Ten new ones in plain text, the only time that anybody sees them; those of before are void."""
        plain = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(RECOVERY)]
        rows = [{"hash": _hash(code, person_id), "person_id": person_id, "made_at": now} for code in plain]
        with self._writer.begin() as connection:
            connection.execute(delete(RECOVERY_CODES).where(RECOVERY_CODES.c.person_id == person_id))
            connection.execute(RECOVERY_CODES.insert(), rows)
        return ["-".join(code[i : i + _GROUP] for i in range(0, _LENGTH, _GROUP)) for code in plain]

    def recovery_codes_left(self, person_id: UUID) -> int:
        """How many of the person's recovery codes are still good."""
        left = select(func.count()).where(RECOVERY_CODES.c.person_id == person_id, RECOVERY_CODES.c.used_at.is_(None))
        with self._engine.connect() as connection:
            return int(connection.execute(left).scalar_one())

    def take_recovery_code(self, person_id: UUID, code: str, now: datetime) -> bool:
        """Whether it is one of the person's that was not used yet; it is used from now on."""
        typed = re.sub(r"[\s-]", "", code[:LONGEST_NAME]).upper().translate(_READ_AS)
        if len(typed) != _LENGTH:
            return False
        t = RECOVERY_CODES
        good = (t.c.hash == _hash(typed, person_id)) & (t.c.person_id == person_id) & t.c.used_at.is_(None)
        with self._writer.begin() as connection:
            return connection.execute(update(t).where(good).values(used_at=now)).rowcount == 1

    # ---- all of them

    def remove_all(self, person_id: UUID) -> bool:
        """Forget every factor of a person who has lost them. Whether there was any."""
        had = self.any(person_id)
        with self._writer.begin() as connection:
            for table in (PASSKEYS, ONE_TIME_CODES, RECOVERY_CODES):
                connection.execute(delete(table).where(table.c.person_id == person_id))
        return had

    def grace_since(self, person_id: UUID, now: datetime) -> datetime:
        """When the person first signed in while a second factor was asked of them: at ``now``, if this is the first
        time. It never begins anew: who removes a factor has no other fortnight."""
        insert = upsert(self._engine, GRACE).values(person_id=person_id, since=now).on_conflict_do_nothing()
        kept = select(GRACE.c.since).where(GRACE.c.person_id == person_id)
        with self._engine.connect() as connection:
            found: datetime | None = connection.execute(kept).scalar()
        if found is not None:
            return found
        with self._writer.begin() as connection:
            connection.execute(insert)
            since: datetime = connection.execute(kept).scalar_one()
        return since

    def _tidy(self, person_id: UUID) -> None:
        """Without a factor there is nothing to recover."""
        if not self.any(person_id):
            with self._writer.begin() as connection:
                connection.execute(delete(RECOVERY_CODES).where(RECOVERY_CODES.c.person_id == person_id))


def _in_state(person_id: UUID, *, confirmed: bool) -> ColumnElement[bool]:
    t = ONE_TIME_CODES
    return (t.c.person_id == person_id) & (t.c.confirmed_at.is_not(None) if confirmed else t.c.confirmed_at.is_(None))


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        person_id=row.person_id,
        credential_id=row.credential_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        transports=tuple(filter(None, row.transports.split(","))),
        name=row.name,
        made_at=row.made_at,
        last_used_at=row.last_used_at,
    )


def _hash(code: str, person_id: UUID) -> bytes:
    """120 random bits need no slow hash; the person is in it, so that it tells nothing of another's."""
    return hashlib.sha256(person_id.bytes + code.encode()).digest()
