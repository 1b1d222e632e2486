"""The outbox: mails that are to be sent, and what became of them. A row holds no words and nothing that opens.

A mail is put here in the transaction of what causes it, so that there is never one without the other. The worker sends
it: it claims a row, hands the mail to the server and says so here. If it dies, the claim ends with its process (or with
its time, on another machine) and the mail is sent again. Only between the server's answer and the row a mail can so be
sent twice, which SMTP does not let anybody exclude; both then have one ``Message-ID``.

Each mail has a last moment at which it is worth sending. What waits longer is dropped, and so is all that waits in a
store that was restored: nobody knows what of it was sent since (`Outbox.drop_all`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    delete,
    func,
    insert,
    select,
    update,
)

from coord.office.process import has_ended, this_process
from coord.office.tables import OFFICE, UtcDateTime

MAILS = Table(
    "outbox",
    OFFICE,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("address", String(320), nullable=False),
    Column("language", String(8), nullable=False),
    Column("link_id", Uuid, index=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("worth_until", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("process", String(200), nullable=False),
    Column("claimed_until", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("said", String(200), nullable=False),
)
Index("outbox_by_state", MAILS.c.state, MAILS.c.next_at)

WAITING, SENT, REFUSED, DROPPED = "waiting", "sent", "refused", "dropped"
CLAIMED_FOR = timedelta(minutes=10)
"""Twice as long as anybody takes to hand a mail over (`coord.office.smtp`)."""
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))
"""Between one attempt and the next while a server is away or asks to come later; the last from then on."""
KEPT = timedelta(days=30)
"""So long it is kept what became of a mail."""
LONGEST_SAID = 200
_AT_ONCE = 50


class Stopped(Exception):
    """The claim is over: somebody else sends the mail by now."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, as it stands. ``said`` is what the server said last, or why it was dropped: ``too-late``, ``link-over``,
    ``no-access``, ``restored``."""

    id: UUID
    kind: str
    person_id: UUID
    address: str
    language: str
    link_id: UUID | None
    made_at: datetime
    worth_until: datetime
    state: str
    attempts: int
    next_at: datetime
    process: str
    claimed_until: datetime | None
    finished_at: datetime | None
    said: str


def put(
    connection: Connection,
    kind: str,
    person_id: UUID,
    address: str,
    language: str,
    *,
    now: datetime,
    worth_until: datetime,
    link_id: UUID | None = None,
    state: str = WAITING,
) -> None:
    """Let a mail be sent, as part of a transaction of the office."""
    connection.execute(
        insert(MAILS).values(
            id=uuid4(),
            kind=kind,
            person_id=person_id,
            address=address,
            language=language,
            link_id=link_id,
            made_at=now,
            worth_until=worth_until,
            state=state,
            attempts=0,
            next_at=now,
            process="",
            finished_at=None if state == WAITING else now,
            said="",
        )
    )


class Outbox:
    """The mails of one office store."""

    def __init__(self, engine: Engine) -> None:
        """Over the office store."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)

    # ---- for whoever asks what became of one

    def of_link(self, link_id: UUID) -> Mail | None:
        """The mail that carries a link."""
        with self._engine.connect() as connection:
            row = connection.execute(select(MAILS).where(MAILS.c.link_id == link_id)).first()
        return None if row is None else _mail(row)

    def waiting(self) -> tuple[int, datetime | None]:
        """How many wait, and since when the oldest does."""
        query = select(func.count(), func.min(MAILS.c.made_at)).where(MAILS.c.state == WAITING)
        with self._engine.connect() as connection:
            count, oldest = connection.execute(query).one()
        return count, oldest

    # ---- for whoever sends them

    def due(self, now: datetime) -> bool:
        """Whether there is one to be sent now."""
        with self._engine.connect() as connection:
            return self._next(connection, now) is not None

    def take(self, now: datetime) -> Mail | None:
        """Claim the one that is due for longest. It is this process's for `CLAIMED_FOR`, or until it ends."""
        with self._writer.execution_options(turn="outbox").begin() as connection:
            found = self._next(connection, now)
            if found is None:
                return None
            claimed = {
                "attempts": found.attempts + 1,
                "process": this_process(),
                "claimed_until": now + CLAIMED_FOR,
            }
            query = update(MAILS).where(MAILS.c.id == found.id).values(**claimed).returning(*MAILS.c)
            return _mail(connection.execute(query).one())

    def sent(self, mail: Mail, now: datetime, said: str = "") -> None:
        """The server has it. Raises `Stopped`."""
        self._change(mail, state=SENT, finished_at=now, said=said)

    def refused(self, mail: Mail, now: datetime, said: str) -> None:
        """The server will not have it, now or later. Raises `Stopped`."""
        self._change(mail, state=REFUSED, finished_at=now, said=said)

    def drop(self, mail: Mail, now: datetime, said: str) -> None:
        """It is not worth sending any more. Raises `Stopped`."""
        self._change(mail, state=DROPPED, finished_at=now, said=said)

    def later(self, mail: Mail, now: datetime, said: str) -> None:
        """It was not possible now, and is tried again after a while. Raises `Stopped`."""
        wait = WAITS[min(mail.attempts, len(WAITS)) - 1]
        self._change(mail, next_at=now + wait, said=said)

    def drop_all(self, now: datetime, said: str) -> int:
        """Nothing that waits is sent; how many there were."""
        told = {"state": DROPPED, "finished_at": now, "said": said, "claimed_until": None, "process": ""}
        with self._writer.begin() as connection:
            gone = connection.execute(
                update(MAILS).where(MAILS.c.state == WAITING).values(**told).returning(MAILS.c.id)
            )
            return len(gone.all())

    def sweep(self, now: datetime) -> None:
        """Forget what became of mails long ago."""
        with self._writer.begin() as connection:
            connection.execute(delete(MAILS).where(MAILS.c.finished_at < now - KEPT))

    def _next(self, connection: Connection, now: datetime) -> Mail | None:
        """The one that is due for longest and that nobody is at work on."""
        due = (MAILS.c.state == WAITING, MAILS.c.next_at <= now)
        for row in connection.execute(select(MAILS).where(*due).order_by(MAILS.c.next_at, MAILS.c.id).limit(_AT_ONCE)):
            if row.claimed_until is None or row.claimed_until <= now or has_ended(row.process):
                return _mail(row)
        return None

    def _change(self, mail: Mail, **told: Any) -> None:
        told |= {"claimed_until": None, "process": "", "said": _short(told["said"])}
        mine = (MAILS.c.id == mail.id, MAILS.c.state == WAITING, MAILS.c.attempts == mail.attempts)
        with self._writer.begin() as connection:
            if connection.execute(update(MAILS).where(*mine).values(**told).returning(MAILS.c.id)).first() is None:
                raise Stopped


def _short(said: str) -> str:
    """What a server said, on one line that can be shown."""
    words = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    return words[:LONGEST_SAID]


def _mail(row: Any) -> Mail:
    return Mail(**row._mapping)
