"""The school summary: every version published, what each statement rests on, and whether that still stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    or_,
    select,
)

from coord.columns import Document, Instant, given
from coord.domain.case import (
    GoalRevised,
    GoalStatusChanged,
    NoteAmended,
    NoteAudienceChanged,
    NoteCircumstancesCorrected,
    NoteEnteredInError,
    StrategyEnded,
    SummaryPublished,
    SummaryRecalled,
)
from coord.domain.case.notes import narrows
from coord.domain.errors import NotFound
from coord.domain.events import CoordEvent
from coord.projections.engine import View, Writer, handles

_OF_GOAL_STATUS = {
    "achieved": "source-achieved",
    "maintained": "source-achieved",
    "stopped": "source-ended",
    "entered-in-error": "source-in-error",
}
"""What becomes of a statement about a goal with this state."""


class Summaries(View):
    """Versions, and the entries that they rest on."""

    NAME = "summary"

    def build_tables(self) -> None:
        """Two tables."""
        self.versions = Table(
            self.name("summary_versions"),
            self.metadata,
            Column("case_id", Uuid, primary_key=True),
            Column("version", Integer, primary_key=True, autoincrement=False),
            Column("status", Text, nullable=False),
            Column("statements", Document, nullable=False),
            Column("contact", Text, nullable=False),
            Column("valid_from", Date, nullable=False),
            Column("review_date", Date, nullable=False),
            Column("published_by", Document, nullable=False),
            Column("published_at", Instant, nullable=False),
            Column("recalled_by", Document),
            Column("recalled_at", Instant),
            Column("recall_reason", Text, nullable=False),
            Column("before_its_day", Boolean, nullable=False),
        )
        self.sources = Table(
            self.name("summary_sources"),
            self.metadata,
            Column("case_id", Uuid, primary_key=True),
            Column("version", Integer, primary_key=True, autoincrement=False),
            Column("entry_id", Uuid, primary_key=True),
            Column("kind", Text, nullable=False),
            Column("entry_version", Integer, nullable=False),
            Column("problem", Text),
            Column("problem_at", Instant),
        )
        Index(self.name("summary_sources_entry"), self.sources.c.entry_id)

    # ---- handlers

    @handles(SummaryPublished)
    def published(self, writer: Writer, event: SummaryPublished, position: int) -> None:
        """A new version. Which one is in force depends on the day, hence it is said when they are read."""
        writer.insert(
            self.versions,
            {
                "case_id": event.originator_id,
                "version": event.version,
                "status": "published",
                "statements": event.statements,
                "contact": event.contact,
                "valid_from": date.fromisoformat(event.valid_from),
                "review_date": date.fromisoformat(event.review_date),
                "published_by": event.by,
                "published_at": event.signed_at,
                "recalled_by": None,
                "recalled_at": None,
                "recall_reason": "",
                "before_its_day": False,
            },
        )
        cited = {
            UUID(source["entry"]): source
            for statements in event.statements.values()
            for statement in statements
            for source in statement["sources"]
        }
        for entry_id, source in cited.items():
            writer.insert(
                self.sources,
                {
                    "case_id": event.originator_id,
                    "version": event.version,
                    "entry_id": entry_id,
                    "kind": source["kind"],
                    "entry_version": source["version"],
                    "problem": None,
                    "problem_at": None,
                },
            )

    @handles(SummaryRecalled)
    def recalled(self, writer: Writer, event: SummaryRecalled, position: int) -> None:
        """Taken back."""
        writer.update(
            self.versions,
            {"case_id": event.originator_id, "version": event.version},
            status="recalled",
            recalled_by=event.by,
            recalled_at=event.timestamp,
            recall_reason=event.reason,
            before_its_day=event.before_its_day,
        )

    @handles(NoteAmended, NoteCircumstancesCorrected, NoteEnteredInError)
    def source_changed(
        self, writer: Writer, event: NoteAmended | NoteCircumstancesCorrected | NoteEnteredInError, position: int
    ) -> None:
        """What a statement rests on was corrected or withdrawn."""
        problem = "source-in-error" if isinstance(event, NoteEnteredInError) else "source-amended"
        self._mark(writer, event, event.note_id, problem)

    @handles(NoteAudienceChanged)
    def source_narrowed(self, writer: Writer, event: NoteAudienceChanged, position: int) -> None:
        """A note that fewer people may read than when it was cited: the school may not be among those who should."""
        if narrows(event.before, event.audience):
            self._mark(writer, event, event.note_id, "source-narrowed")

    @handles(StrategyEnded)
    def advice_ended(self, writer: Writer, event: StrategyEnded, position: int) -> None:
        """What is no longer advised is struck from the summary when that is read (`coord.application.summary`)."""
        self._mark(writer, event, event.strategy_id, "source-ended")

    @handles(GoalRevised)
    def goal_revised(self, writer: Writer, event: GoalRevised, position: int) -> None:
        """The goal says something else, or is for others."""
        self._mark(writer, event, event.goal_id, "source-revised")

    @handles(GoalStatusChanged)
    def goal_changed(self, writer: Writer, event: GoalStatusChanged, position: int) -> None:
        """The goal was reached, given up or a mistake; or the work on it goes on after all."""
        problem = _OF_GOAL_STATUS.get(event.status)
        if problem is not None:
            self._mark(writer, event, event.goal_id, problem)
        elif event.before in _OF_GOAL_STATUS:
            writer.update(self.sources, {"entry_id": event.goal_id}, problem=None, problem_at=None)

    def _mark(self, writer: Writer, event: CoordEvent, entry_id: UUID, problem: str) -> None:
        writer.update(self.sources, {"entry_id": entry_id}, problem=problem, problem_at=event.timestamp)

    # ---- queries

    def version(self, connection: Connection, case_id: UUID, version: int) -> dict[str, Any]:
        """One version. Raises `NotFound`."""
        for found in self.asked.all(connection, self._version, case=case_id, version=version):
            return found
        raise NotFound("no-such-version")

    def _version(self) -> Select[Any]:
        v = self.versions
        return select(v).where(v.c.case_id == bindparam("case"), v.c.version == bindparam("version"))

    def versions_of(self, connection: Connection, case_id: UUID) -> list[dict[str, Any]]:
        """All versions, newest first, without their text."""
        return self.asked.all(connection, self._versions, case=case_id)

    def _versions(self) -> Select[Any]:
        v = self.versions
        return (
            select(
                *(v.c.version, v.c.status, v.c.valid_from, v.c.published_by, v.c.published_at),
                *(v.c.recalled_at, v.c.recall_reason, v.c.before_its_day),
            )
            .where(v.c.case_id == bindparam("case"))
            .order_by(v.c.version.desc())
        )

    def problems(self, connection: Connection, case_id: UUID, version: int) -> list[dict[str, Any]]:
        """The sources of a version that no longer stand as they were cited: entry_id, kind, problem, problem_at."""
        return self.asked.all(connection, self._problems, case=case_id, version=version)

    def _problems(self) -> Select[Any]:
        s = self.sources
        return (
            select(s.c.entry_id, s.c.kind, s.c.problem, s.c.problem_at)
            .where(s.c.case_id == bindparam("case"), s.c.version == bindparam("version"), s.c.problem.is_not(None))
            .order_by(s.c.problem_at, s.c.entry_id)
        )

    def states(
        self, connection: Connection, case_ids: Sequence[UUID], today: date, *, whole: bool = False
    ) -> dict[UUID, dict[str, Any]]:
        """For each child whose school had a summary by ``today``, of the one of that day: status, version, review date,
        how many sources have a problem, and whether the next one is ``upcoming``; the ``whole`` one with its
        statements."""
        if not case_ids:
            return {}
        told = {"asked": [(case_id,) for case_id in case_ids], "today": today}
        return {row["case_id"]: row for row in self.asked.all(connection, self._states, whole, **told)}

    def _states(self, whole: bool) -> Select[Any]:
        v, s = self.versions, self.sources
        asked, today = given("asked", Column("id", Uuid)), bindparam("today", type_=Date())
        latest = (
            select(v.c.case_id, func.max(v.c.version).label("version"))
            .join(asked, asked.c.id == v.c.case_id)
            # One that was recalled while in force had begun: see `of_day`, which says the same of one child.
            .where(
                or_(v.c.valid_from <= today, v.c.status == "recalled"),
                v.c.before_its_day.is_(False),
            )
            .group_by(v.c.case_id)
            .subquery()
        )
        problems = (
            select(func.count())
            .where(s.c.case_id == v.c.case_id, s.c.version == v.c.version, s.c.problem.is_not(None))
            .scalar_subquery()
        )
        later = v.alias("later")
        upcoming = (
            select(later.c.version)
            .where(later.c.case_id == v.c.case_id, later.c.version > v.c.version, later.c.status == "published")
            .exists()
        )
        told = (v.c.case_id, v.c.version, v.c.status, v.c.review_date, *((v.c.statements,) if whole else ()))
        return select(*told, problems.label("problems"), upcoming.label("upcoming")).join(
            latest, (latest.c.case_id == v.c.case_id) & (latest.c.version == v.c.version)
        )
