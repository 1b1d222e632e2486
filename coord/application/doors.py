"""The two doors. Every write goes through `Doors.execute`, every read through `Doors.ask`; there is no third way."""

from __future__ import annotations

import logging
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, TypeVar, overload
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from eventsourcing.persistence import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    InternalError,
    MapperDeserialisationError,
    OperationalError,
)
from sqlalchemy import exc as sql_errors

from coord.application.declared import (
    DECLARED,
    CaseCommand,
    CaseQuestion,
    Command,
    CourseCommand,
    CourseQuestion,
    Question,
    Receipt,
)
from coord.application.looking import Category, purpose_of
from coord.application.record import Record
from coord.application.sent_again import Once
from coord.application.shown import ChildShown, Shown
from coord.damage import is_damage
from coord.domain.actors import Actor, Relationship
from coord.domain.case import Case
from coord.domain.course import Course
from coord.domain.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotFound,
    NotPermitted,
    Stale,
    Unavailable,
)
from coord.domain.permissions import PERMISSIONS, refuse_unless_permitted
from coord.domain.policy import Values
from coord.office.access import REFUSED, SHOWN, AccessLog, Look
from coord.office.complaint_files import ComplaintFiles
from coord.office.drafts import Drafts
from coord.office.phrases import Phrases
from coord.office.told import Told
from coord.patience import left
from coord.projections import Caseload, Snapshot, Views

log = logging.getLogger(__name__)

_NO_ANSWER = (
    OperationalError,
    InterfaceError,
    InternalError,  # a database that a failover left read-only says so with this
    sql_errors.OperationalError,
    sql_errors.InterfaceError,
    sql_errors.InternalError,
    sql_errors.TimeoutError,
)
_MAY_BE_THE_STORES = (
    *_NO_ANSWER,
    MapperDeserialisationError,
    DatabaseError,
    sql_errors.DatabaseError,
    sqlite3.DatabaseError,
)
"""What a damaged store says, too; and what is a fault of ours derives from them."""

Clock = Callable[[], datetime]
PATIENCE = 20.0
"""Seconds for which a command is tried again when others append to the same stream; far beyond what is ever needed."""


def utc_now() -> datetime:
    """The clock of a running service."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Work:
    """What a command's handler works with: the child's case or the course (for commands about one) and the stores.

    ``relation`` is what the actor is to it.
    """

    actor: Actor
    now: datetime
    today: date
    zone: ZoneInfo
    record: Record
    drafts: Drafts
    phrases: Phrases
    case: Case | None
    course: Course | None
    relation: Relationship
    children_known: Callable[[], Sequence[Mapping[str, Any]]]
    """The children whom the actor knows, as rows of the caseload; looked up when it is called."""
    views: Callable[[], AbstractContextManager[Snapshot]]
    """All views as they are now, for what a decision needs to know that no stream tells: what is left behind, whether a
    child has a record already."""
    keep: Callable[..., Receipt] = field(init=False)
    """Saves what a command makes (see `coord.application.declared.Makes`): it is given the receipt, whose position is
    not known yet, and the aggregates."""

    @property
    def the_case(self) -> Case:
        """The case of a command about a child. Raises `NotFound` for a command without one."""
        if self.case is None:
            raise NotFound
        return self.case

    @property
    def the_course(self) -> Course:
        """The course of a command about one. Raises `NotFound` for a command without one."""
        if self.course is None:
            raise NotFound
        return self.course

    @property
    def child(self) -> Relationship:
        """What the actor is to the child of a command about one."""
        return self.relation


@dataclass(slots=True)
class Seen:
    """What an answer shows of one child: entries whose words are in it, and categories of data. ``relation`` is what
    the reader is to that child."""

    entries: list[UUID] = field(default_factory=list)
    categories: set[Category] = field(default_factory=set)
    relation: Relationship = field(default_factory=Relationship)


@dataclass(slots=True)
class Reading:
    """What a question's handler works with: one consistent state of all views, and what the access record shall say.

    ``relation`` is what the actor is to the child or the course that is asked about, ``course`` that course.
    ``entries`` and ``categories`` are what is shown of that child; ``others``: the children that an answer about
    something else shows (see `shows`). Each of them gets a record of the access of their own.
    """

    actor: Actor
    now: datetime
    today: date
    zone: ZoneInfo
    snapshot: Snapshot
    record: Record
    drafts: Drafts
    phrases: Phrases
    files: ComplaintFiles
    told: Told
    access: AccessLog
    relation: Relationship
    entries: list[UUID]
    detail: dict[str, Any]
    course: Course | None = None
    categories: set[Category] = field(default_factory=set)
    others: dict[UUID, Seen] = field(default_factory=dict)
    policies: dict[tuple[str, str], Values] = field(default_factory=dict)
    """What `policy_for` found so far, by service team and name."""
    whose: ChildShown | None = None
    """The child that is asked about, once `coord.application.case.handlers.known_case` has found it."""

    @property
    def child(self) -> Relationship:
        """What the actor is to the child that is asked about."""
        return self.relation

    @property
    def the_course(self) -> Course:
        """The course that is asked about. Raises `NotFound` for a question without one."""
        if self.course is None:
            raise NotFound
        return self.course

    def shows(
        self,
        case_id: UUID,
        *categories: Category,
        entries: Iterable[UUID] = (),
        relation: Relationship | None = None,
    ) -> None:
        """Note that the answer to a question about something else shows this of a child."""
        seen = self.others.setdefault(case_id, Seen(relation=self.relation))
        seen.categories.update(categories)
        seen.entries.extend(entry for entry in entries if entry not in seen.entries)
        if relation is not None:
            seen.relation = relation

    @property
    def shown(self) -> Shown:
        """The place in the record that this answer shows."""
        s = self.snapshot
        return Shown(s.position, s.recorded_at, s.incomplete, self.whose)


CommandHandler = Callable[[Work, Any], Receipt]
QuestionHandler = Callable[[Reading, Any], Any]
COMMANDS: dict[type[Command], CommandHandler] = {}
QUESTIONS: dict[type[Question], QuestionHandler] = {}
H = TypeVar("H", bound=Callable[..., Any])


@overload
def answers(kind: type[Command]) -> Callable[[H], H]: ...
@overload
def answers(kind: type[Question]) -> Callable[[H], H]: ...
def answers(kind: type[Any]) -> Callable[[H], H]:
    """Mark a function as the handler of a command or a question."""

    def mark(handler: H) -> H:
        table: dict[Any, Any] = COMMANDS if issubclass(kind, Command) else QUESTIONS
        table[kind] = handler
        return handler

    return mark


class Doors:
    """Executes commands and answers questions, for whoever asks: pages, API, command line."""

    def __init__(
        self,
        record: Record,
        views: Views,
        access: AccessLog,
        drafts: Drafts,
        phrases: Phrases,
        files: ComplaintFiles,
        told: Told,
        once: Once,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        """Over the stores, with what knows again what was sent before, the clock and the clinic's time zone."""
        self.record, self.views, self.access = record, views, access
        self.drafts, self.phrases = drafts, phrases
        self._files, self._told = files, told
        self.clock, self.zone, self._once = clock, zone, once
        self._turns: dict[UUID, tuple[threading.Lock, int]] = {}
        self._turns_lock = threading.Lock()

    # ---- writing

    def execute(self, actor: Actor, command: Command) -> Receipt:
        """Carry out a command and return where in the record it ended.

        A concurrent append that does not conflict in meaning is retried, and the caller never sees it. Raises a
        `DomainError` when the command is refused; then nothing was written.
        """
        handler = COMMANDS.get(type(command))
        name = type(command).__name__
        case_id = getattr(command, "case_id", None)
        try:
            if handler is None:
                raise NotPermitted("no-permission-declared", name=name)
            with self._turn(getattr(command, "course_id", case_id)), stores_answer():
                return self._try(actor, command, name, handler)
        except (NotPermitted, NotFound) as refusal:
            self._note_refusal(actor, command, refusal)
            raise

    def refuse_unless_permitted(self, actor: Actor, command: Command) -> None:
        """Raise what `execute` would raise now for somebody who may not, and do nothing else.

        For an answer that is given again without carrying the command out again.
        """
        try:
            with stores_answer():
                self._permitted(actor, command, type(command).__name__, self.clock().astimezone(self.zone).date())
        except (NotPermitted, NotFound) as refusal:
            self._note_refusal(actor, command, refusal)
            raise

    def _permitted(
        self, actor: Actor, command: Command, name: str, today: date
    ) -> tuple[Case | None, Course | None, Relationship]:
        """What the command is about, and what the actor is to it. Raises `NotFound` and `NotPermitted`."""
        case: Case | None = None
        course: Course | None = None
        relation = Relationship()
        if isinstance(command, CaseCommand):
            case = self.record.case(command.case_id)
            relation = case.relationship_of(actor, today)
        elif isinstance(command, CourseCommand):
            course = self.record.course(command.course_id)
            relation = course.relationship_of(actor, getattr(command, "number", None))
        refuse_unless_permitted(name, actor, relation)
        return case, course, relation

    def _try(self, actor: Actor, command: Command, name: str, handler: CommandHandler) -> Receipt:
        give_up = time.monotonic() + PATIENCE
        again = False
        while True:
            now = self.clock()
            today = now.astimezone(self.zone).date()
            case, course, relation = self._permitted(actor, command, name, today)
            about = case or course
            loaded = (about.id, about.version) if about is not None else None
            try:
                known = partial(self._children_known, actor, today)
                stores = (self.zone, self.record, self.drafts, self.phrases)
                work = Work(actor, now, today, *stores, case, course, relation, known, self._views_now)
                return self._once.carry_out(handler, work, command, again=again)
            except (InvalidInput, Conflict, Stale, NotFound):
                # A handler looks things up after the stream was loaded. What somebody else recorded in between, in one
                # go, it has seen the one half of and not the other (the ids of a recording, but not the recording): a
                # refusal counts when nothing has moved.
                if loaded is None or time.monotonic() > give_up or not self.record.has_moved(*loaded):
                    raise
                again = True
            except IntegrityError:
                # Somebody appended to the stream since we loaded it: decide again on what stands now.
                again = True
                if time.monotonic() > give_up or left(PATIENCE) <= 0:
                    raise Unavailable("too-busy") from None
                time.sleep(random.uniform(0.0002, 0.003))  # noqa: S311 - spreads retries, keeps no secret

    def _children_known(self, actor: Actor, today: date) -> Sequence[Mapping[str, Any]]:
        with self.views.reading(self.record.head()) as snapshot:
            return [case for case, _ in snapshot.view(Caseload).children_of(snapshot.connection, actor, today)]

    def _views_now(self) -> AbstractContextManager[Snapshot]:
        return self.views.reading(self.record.head())

    @contextmanager
    def _turn(self, case_id: UUID | None) -> Iterator[None]:
        """One writer a case (or course) in this process: they would only make each other decide again."""
        if case_id is None:
            yield
            return
        with self._turns_lock:
            lock, waiting = self._turns.get(case_id, (threading.Lock(), 0))
            self._turns[case_id] = (lock, waiting + 1)
        try:
            if not lock.acquire(timeout=left(PATIENCE)):
                raise Unavailable("too-busy")
            try:
                yield
            finally:
                lock.release()
        finally:
            with self._turns_lock:
                lock, waiting = self._turns[case_id]
                if waiting == 1:
                    del self._turns[case_id]
                else:
                    self._turns[case_id] = (lock, waiting - 1)

    # ---- reading

    def ask(self, actor: Actor, question: Question, *, otherwise: Question | None = None) -> Any:
        """Answer a question from views that are no older than the last acknowledged write, and record the access.

        ``otherwise`` is asked instead, of the same child or course, for somebody who may not ask the question itself: a
        page that shows less to some people asks once, and what it did not show was not refused to anybody. Raises a
        `DomainError` when it is refused, and `Unavailable` when the access cannot be recorded: then nothing is shown.
        Raises `ValueError` when ``otherwise`` is about something else, for what the actor is to one child says nothing
        of the next.
        """
        if otherwise is not None and _subject(otherwise) != _subject(question):
            raise ValueError(f"{type(otherwise).__name__} is not about what {type(question).__name__} is about")
        return self._answers(actor, (question,), otherwise)[0]

    def ask_together(self, actor: Actor, *questions: Question) -> list[Any]:
        """Answer several questions of one page from one state of the views, and record all accesses in one go.

        Raises as `ask` does, for the first that is refused: then none is answered.
        """
        return self._answers(actor, questions)

    def _answers(self, actor: Actor, questions: Sequence[Question], otherwise: Question | None = None) -> list[Any]:
        answers, readings = [], []
        question = questions[0]
        try:
            with stores_answer():
                now = self.clock()
                today = now.astimezone(self.zone).date()
                with self.views.reading(self.record.head()) as snapshot:
                    for question in questions:
                        relation, course = self._standing(snapshot, question, actor, today)
                        rule = PERMISSIONS.get(type(question).__name__)
                        if otherwise is not None and rule is not None and not rule.who(actor, relation):
                            question = otherwise
                        name = type(question).__name__
                        refuse_unless_permitted(name, actor, relation)
                        office = (self.drafts, self.phrases, self._files, self._told)
                        stores = (self.zone, snapshot, self.record, *office, self.access)
                        shows = set(DECLARED[name].shows)
                        reading = Reading(actor, now, today, *stores, relation, [], {}, course, shows)
                        answers.append(QUESTIONS[type(question)](reading, question))
                        readings.append((question, reading))
        except (NotPermitted, NotFound) as refusal:
            self._note_refusal(actor, question, refusal)
            raise
        self.note(*(look for asked, reading in readings for look in self._looks(asked, reading)))
        return answers

    def _standing(
        self, snapshot: Snapshot, question: Question, actor: Actor, today: date
    ) -> tuple[Relationship, Course | None]:
        """What the actor is to the child or the course that is asked about, and that course."""
        name = type(question).__name__
        if type(question) not in QUESTIONS or name not in DECLARED:
            raise NotPermitted("no-permission-declared", name=name)
        if isinstance(question, CaseQuestion):
            return self._relationship(snapshot, question.case_id, actor, today), None
        if isinstance(question, CourseQuestion):
            course = self.record.course(question.course_id)
            return course.relationship_of(actor, getattr(question, "number", None)), course
        return Relationship(), None

    def _looks(self, question: Question, reading: Reading) -> Iterator[Look]:
        """What the access record keeps of an answer: the look at what was asked about, and one at each child that the
        answer shows beside."""
        name, position, actor = type(question).__name__, reading.snapshot.position, reading.actor
        export = bool(reading.detail.get("export"))
        declared = DECLARED[name].purpose
        yield self._look(
            actor,
            name,
            case_id=question.case_id if isinstance(question, CaseQuestion) else None,
            entries=reading.entries,
            position=position,
            detail=reading.detail,
            purpose=purpose_of(declared, actor, reading.relation, export=export),
            categories=reading.categories,
        )
        # Each under a request of its own: the true one would lead from one child's history to the next, and to what was
        # asked about; the look at that keeps it.
        for case_id, seen in reading.others.items():
            yield self._look(
                actor,
                name,
                request=uuid4().hex,
                case_id=case_id,
                entries=seen.entries,
                position=position,
                detail={"export": reading.detail["export"]} if export else None,
                purpose=purpose_of(declared, actor, seen.relation, export=export),
                categories=seen.categories,
            )

    def _relationship(self, snapshot: Snapshot, case_id: UUID, actor: Actor, today: date) -> Relationship:
        if Caseload.NAME not in snapshot.incomplete:
            return snapshot.view(Caseload).relationship(snapshot.connection, case_id, actor, today)
        # The view has stopped, and somebody may have left the team since: the record decides.
        return self.record.case(case_id).relationship_of(actor, today)

    # ---- the access log

    def note_look(
        self,
        actor: Actor,
        kind: str,
        *,
        case_id: UUID | None = None,
        entries: list[UUID] | None = None,
        position: int = 0,
        detail: dict[str, Any] | None = None,
        outcome: str = SHOWN,
        purpose: str = "account",
        categories: Iterable[str] = (),
    ) -> None:
        """Record an access, of accounts if nothing else is said. Raises `Unavailable` when that is not possible."""
        self.note(
            self._look(
                actor,
                kind,
                case_id=case_id,
                entries=entries,
                position=position,
                detail=detail,
                outcome=outcome,
                purpose=purpose,
                categories=categories,
            )
        )

    def _look(
        self,
        actor: Actor,
        kind: str,
        *,
        case_id: UUID | None = None,
        entries: list[UUID] | None = None,
        position: int = 0,
        detail: dict[str, Any] | None = None,
        outcome: str = SHOWN,
        purpose: str = "",
        categories: Iterable[str] = (),
        request: str = "",
    ) -> Look:
        return Look(
            at=self.clock(),
            kind=kind,
            outcome=outcome,
            person_id=actor.person_id,
            person_name=actor.name,
            role=actor.role.value,
            discipline=actor.discipline.value if actor.discipline else None,
            team=actor.team,
            channel=actor.channel,
            request=request or actor.request_id,
            case_id=case_id,
            entries=entries or [],
            position=position,
            detail=detail or {},
            purpose=purpose,
            categories=sorted(categories),
        )

    def note(self, *looks: Look) -> None:
        """Record accesses, also one that has no actor yet (a sign-in that failed, for example), all or none.

        Raises `Unavailable`.
        """
        try:
            self.access.record(*looks)
        except (sql_errors.DBAPIError, sql_errors.TimeoutError) as error:
            log.error("an access could not be recorded: %s", _first_line(error))
            raise Unavailable("access-not-recorded") from error

    def _note_refusal(self, actor: Actor, wish: Command | Question, refusal: DomainError) -> None:
        """In the history of the child whom the wish names, without the course; of a course alone, with it."""
        case_id, course_id = getattr(wish, "case_id", None), getattr(wish, "course_id", None)
        detail = {"code": refusal.code} | ({"course": str(course_id)} if course_id and not case_id else {})
        # Nothing was shown, so for nothing.
        self.note_look(actor, type(wish).__name__, case_id=case_id, outcome=REFUSED, detail=detail, purpose="")


def _subject(question: Question) -> tuple[UUID | None, UUID | None]:
    """The child and the course that decide what the actor is to what is asked about."""
    return (
        question.case_id if isinstance(question, CaseQuestion) else None,
        question.course_id if isinstance(question, CourseQuestion) else None,
    )


@contextmanager
def stores_answer() -> Iterator[None]:
    """Turn a store that does not answer (gone, full, read-only, locked long, damaged) into `Unavailable`; words typed
    stay in a draft."""
    try:
        yield
    except _MAY_BE_THE_STORES as error:
        if is_damage(error):
            log.error("a store is damaged: %s: %s; see `coord check`", type(error).__name__, _first_line(error))
        elif isinstance(error, _NO_ANSWER):
            log.error("a store does not answer: %s: %s", type(error).__name__, _first_line(error))
        else:  # a fault of ours: a value, a statement
            raise
        raise Unavailable from error


def _first_line(error: Exception) -> str:
    """Enough for the operator, without the parameters (they may be clinical text)."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, MapperDeserialisationError):
        return str(cause).partition(":")[0]  # which event; what follows may quote it
    return str(cause).splitlines()[0][:200] if str(cause) else ""
