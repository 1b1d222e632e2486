"""Complaint files that were asked for: how far they are, and what was made, in pieces, until a few days later.

They are kept here and not on a disk: web and worker may run on different machines, and the rights, the backup and the
care for a file of the office hold for them too (docs/adr/0017). Nothing of a file is left once its days are over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from coord.office.tables import OFFICE, UtcDateTime, later
from coord.worded import Asked

FILES = Table(
    "complaint_files",
    OFFICE,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("language", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("reader", Uuid),
    Column("at", UtcDateTime, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("why", String(40), nullable=False, default=""),
    Column("attempt", Integer, nullable=False, default=0),
    Column("beat_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("chapter", String(16), nullable=False, default=""),
    Column("done", Integer, nullable=False, default=0),
    Column("expected", Integer, nullable=False, default=0),
    Column("pages", Integer, nullable=False, default=0),
    Column("looks", Integer, nullable=False, default=0),
    Column("pdf_size", BigInteger, nullable=False, default=0),
    Column("data_size", BigInteger, nullable=False, default=0),
    later(Column("role", String(32))),  # in which of several roles it was asked for
)
Index("complaint_files_of_person", FILES.c.person_id, FILES.c.case_id)
Index("complaint_files_by_status", FILES.c.status, FILES.c.asked_at)
PIECES = Table(
    "complaint_file_pieces",
    OFFICE,
    Column("file_id", Uuid, primary_key=True),
    Column("form", String(8), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
WAITING, MAKING, READY, FAILED, CANCELLED = "waiting", "making", "ready", "failed", "cancelled"
WITHDRAWN = "withdrawn"
"""It was ready, and something in it was taken back before it was taken."""
UNFINISHED = (WAITING, MAKING)
KEPT = timedelta(days=7)
"""After it was made a file can be taken for so long; then nothing of it is left."""
GIVEN_UP = timedelta(minutes=1)
"""Whoever makes a file and is not heard of for so long has stopped: somebody else begins anew."""
UNATTENDED = timedelta(minutes=10)
"""Nothing began to make a file, or went on, for so long, nor was at any other: the worker may not be running."""
AT_ONCE = timedelta(minutes=1)
"""Between reading the clock for a file of now, and keeping that it is wanted."""
MOST_ATTEMPTS = 3
PDF, DATA, HELD = "pdf", "data", "held"
"""The forms in which a file is taken; and beside them which entries it holds, for when it is."""
SIZE_OF_A_PIECE = 512 * 1024


class Stopped(Exception):
    """The file is not to be made any more: it was cancelled, or somebody else makes it by now."""


@dataclass(frozen=True, slots=True)
class ComplaintFile:
    """A file that was asked for, as it stands: ``done`` of ``expected`` rows are read. ``why`` says why it failed, and
    ``role`` in which of several roles it was asked for (nobody knows of one from before that was kept)."""

    id: UUID
    case_id: UUID
    person_id: UUID
    language: str
    reason: str
    reader: UUID | None
    at: datetime
    position: int
    asked_at: datetime
    status: str
    why: str
    attempt: int
    beat_at: datetime | None
    finished_at: datetime | None
    chapter: str
    done: int
    expected: int
    pages: int
    looks: int
    pdf_size: int
    data_size: int
    role: str | None = None

    @property
    def until(self) -> datetime | None:
        """Until when it can be taken."""
        return None if self.finished_at is None else self.finished_at + KEPT

    @property
    def percent(self) -> int:
        """How much of it is made, of a hundred; never all before it is."""
        if self.status == READY:
            return 100
        return min(99, 100 * self.done // self.expected) if self.expected else 0


class ComplaintFiles:
    """Every call on behalf of a person names them: nobody else's file is ever found.

    What nobody makes is judged where it is asked for and shown, by the clock of that process, which said when it was
    asked for: whoever makes files may have another clock, and takes whatever waits.
    """

    def __init__(self, engine: Engine) -> None:
        """Over the office store."""
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self._asked = Asked()

    # ---- for whoever asks

    def ask(self, wanted: ComplaintFile) -> ComplaintFile:
        """Keep that a file is wanted. If the same is being made (of the child as known at the same moment, for the same
        reader and reason, by the same person), it is that one; if nobody makes that, this one takes its place."""
        self._let_go(wanted.asked_at)
        same = (
            FILES.c.case_id == wanted.case_id,
            FILES.c.person_id == wanted.person_id,
            FILES.c.reader.is_(None) if wanted.reader is None else FILES.c.reader == wanted.reader,
            FILES.c.status.in_(UNFINISHED),
        )
        row = {name: getattr(wanted, name) for name in FILES.c.keys()}  # noqa: SIM118 - a collection of columns
        with self._writer.begin() as connection:
            for known in map(_file, connection.execute(select(FILES).where(*same))):
                if known.reason == wanted.reason and _of_the_same_moment(known, wanted):
                    if not _unattended(connection, known, wanted.asked_at):
                        return known
                    over = {"status": CANCELLED, "finished_at": wanted.asked_at}
                    connection.execute(update(FILES).where(FILES.c.id == known.id).values(**over))
                    connection.execute(delete(PIECES).where(PIECES.c.file_id == known.id))
            connection.execute(insert(FILES).values(**row))
        return wanted

    def of(self, person_id: UUID, case_id: UUID | None, now: datetime) -> list[ComplaintFile]:
        """One's own of a child (of all, if None), the latest first, without those whose days are over."""
        if case_id is not None:  # the list of all is a first page's, which tells of none that nobody has made
            self._let_go(now)
        told = {"person": person_id, "gone": now - KEPT} | ({} if case_id is None else {"case": case_id})
        with self._engine.connect() as connection:
            rows = self._asked.all(connection, _mine, case_id is not None, **told)
        return [ComplaintFile(**row) for row in rows]

    def one(self, file_id: UUID, person_id: UUID, now: datetime) -> ComplaintFile | None:
        """One's own, None if there is no such file of this person, or its days are over."""
        self._let_go(now)
        mine = (FILES.c.id == file_id, FILES.c.person_id == person_id, _still(now))
        with self._engine.connect() as connection:
            row = connection.execute(select(FILES).where(*mine)).first()
        return None if row is None else _file(row)

    def unattended(self, file: ComplaintFile, now: datetime) -> bool:
        """Whether nothing is heard of a worker that would make it: see `UNATTENDED`. One that waits while another is
        made is not left alone."""
        with self._engine.connect() as connection:
            return _unattended(connection, file, now)

    def _let_go(self, now: datetime) -> None:
        """What nobody has made in as many days as it could have been taken is wanted no more."""
        due = and_(FILES.c.status.in_(UNFINISHED), FILES.c.asked_at <= now - KEPT, _quiet_since(now - KEPT))
        with self._engine.connect() as connection:
            if connection.execute(select(FILES.c.id).where(due).limit(1)).first() is None:
                return
        over = {"status": FAILED, "why": "never-made", "finished_at": now}
        with self._writer.begin() as connection:
            gone = list(connection.execute(update(FILES).where(due).values(**over).returning(FILES.c.id)).scalars())
            connection.execute(delete(PIECES).where(PIECES.c.file_id.in_(gone)))

    def cancel(self, file_id: UUID, person_id: UUID, now: datetime, becomes: str = CANCELLED) -> None:
        """Stop making it, or remove what was made; harmless when repeated."""
        mine = (FILES.c.id == file_id, FILES.c.person_id == person_id, FILES.c.status.in_((*UNFINISHED, READY)))
        with self._writer.begin() as connection:
            gone = connection.execute(
                update(FILES).where(*mine).values(status=becomes, finished_at=now).returning(FILES.c.id)
            ).first()
            if gone is not None:
                connection.execute(delete(PIECES).where(PIECES.c.file_id == file_id))

    def pieces(self, file: ComplaintFile, form: str) -> Iterator[bytes]:
        """What was made, piece by piece, each read when it is asked for."""
        number = 0
        while True:
            one = select(PIECES.c.content).where(
                PIECES.c.file_id == file.id, PIECES.c.form == form, PIECES.c.number == number
            )
            with self._engine.connect() as connection:
                content = connection.execute(one).scalar()
            if content is None:
                return
            yield content
            number += 1

    # ---- for whoever makes them

    def waiting(self, now: datetime) -> bool:
        """Whether there is one to be made."""
        with self._engine.connect() as connection:
            return connection.execute(select(FILES.c.id).where(_to_be_made(now)).limit(1)).first() is not None

    def take(self, now: datetime) -> ComplaintFile | None:
        """The one that has waited longest, to be made from its beginning; what was given up too often has failed."""
        with self._writer.execution_options(turn="complaint files").begin() as connection:
            oldest = select(FILES).where(_to_be_made(now)).order_by(FILES.c.asked_at).limit(1)
            row = connection.execute(oldest).first()
            if row is None:
                return None
            connection.execute(delete(PIECES).where(PIECES.c.file_id == row.id))
            if row.attempt >= MOST_ATTEMPTS:
                told = {"status": FAILED, "why": "given-up", "finished_at": now}
            else:
                told = {"status": MAKING, "attempt": row.attempt + 1, "beat_at": now, "done": 0, "pages": 0, "looks": 0}
            taken = connection.execute(
                update(FILES).where(FILES.c.id == row.id).values(**told).returning(*FILES.c)
            ).one()
        return _file(taken)

    def beat(self, file: ComplaintFile, now: datetime, **told: Any) -> None:
        """Say how far it is. Raises `Stopped`."""
        with self._writer.begin() as connection:
            self._change(connection, file, beat_at=now, **told)

    def add(self, file: ComplaintFile, form: str, number: int, content: bytes, now: datetime) -> None:
        """Keep a piece. Raises `Stopped`."""
        with self._writer.begin() as connection:
            self._change(connection, file, beat_at=now)
            connection.execute(insert(PIECES).values(file_id=file.id, form=form, number=number, content=content))

    def finish(self, file: ComplaintFile, now: datetime, **told: Any) -> None:
        """It can be taken from now on. Raises `Stopped`."""
        with self._writer.begin() as connection:
            self._change(connection, file, status=READY, finished_at=now, **told)

    def fail(self, file: ComplaintFile, why: str, now: datetime) -> None:
        """It cannot be made; nothing of it is kept."""
        self._leave(file, status=FAILED, why=why, finished_at=now)

    def give_back(self, file: ComplaintFile) -> None:
        """Whoever makes it has to stop, and is not to blame: it waits again."""
        self._leave(file, status=WAITING, attempt=file.attempt - 1)

    def sweep(self, now: datetime) -> None:
        """Remove what nobody may take any more; that it was there stands in the child's history."""
        over = FILES.c.finished_at <= now - KEPT
        with self._engine.connect() as connection:
            gone = list(connection.execute(select(FILES.c.id).where(over)).scalars())
        if not gone:
            return
        with self._writer.begin() as connection:
            connection.execute(delete(PIECES).where(PIECES.c.file_id.in_(gone)))
            connection.execute(delete(FILES).where(FILES.c.id.in_(gone)))

    def _leave(self, file: ComplaintFile, **told: Any) -> None:
        with self._writer.begin() as connection:
            try:
                self._change(connection, file, **told)
            except Stopped:
                return
            connection.execute(delete(PIECES).where(PIECES.c.file_id == file.id))

    def _change(self, connection: Connection, file: ComplaintFile, **told: Any) -> None:
        mine = (FILES.c.id == file.id, FILES.c.status == MAKING, FILES.c.attempt == file.attempt)
        if connection.execute(update(FILES).where(*mine).values(**told).returning(FILES.c.id)).first() is None:
            raise Stopped


def _to_be_made(now: datetime) -> ColumnElement[bool]:
    left = and_(FILES.c.status == MAKING, func.coalesce(FILES.c.beat_at, FILES.c.asked_at) < now - GIVEN_UP)
    return or_(FILES.c.status == WAITING, left)


def _quiet_since(then: datetime) -> ColumnElement[bool]:
    return or_(FILES.c.beat_at.is_(None), FILES.c.beat_at <= then)


def _unattended(connection: Connection, file: ComplaintFile, now: datetime) -> bool:
    heard = file.beat_at or file.asked_at
    if file.status not in UNFINISHED or max(heard, file.asked_at) > now - UNATTENDED:
        return False
    at_another = select(FILES.c.id).where(FILES.c.beat_at > now - UNATTENDED).limit(1)
    return connection.execute(at_another).first() is None


def _of_the_same_moment(one: ComplaintFile, other: ComplaintFile) -> bool:
    """Of two that are not made yet; "now" is one moment, so that whoever presses twice gets one file."""
    return one.at == other.at or (_of_then(one) and _of_then(other))


def _of_then(file: ComplaintFile) -> bool:
    """Whether it is of the moment in which it was asked for."""
    return file.asked_at - file.at < AT_ONCE


def _mine(of_a_child: bool) -> Select[Any]:
    """One's own that are not gone yet, the latest first."""
    still = or_(FILES.c.finished_at.is_(None), FILES.c.finished_at > bindparam("gone"))
    query = select(FILES).where(FILES.c.person_id == bindparam("person"), still).order_by(FILES.c.asked_at.desc())
    return query.where(FILES.c.case_id == bindparam("case")) if of_a_child else query


def _still(now: datetime) -> ColumnElement[bool]:
    return or_(FILES.c.finished_at.is_(None), FILES.c.finished_at > now - KEPT)


def _file(row: Any) -> ComplaintFile:
    return ComplaintFile(**row._mapping)
