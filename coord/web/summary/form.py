"""What the form for a school summary holds: from the browser, from a draft, from the version in force; and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.application.summary.questions import SummaryAnswer
from coord.domain.case import SummaryContent
from coord.domain.case.summary import DEFAULT_LIMIT, LIMITS, SECTIONS
from coord.domain.errors import FieldProblem
from coord.web import reading_ease
from coord.web.labels import label
from coord.web.local_time import NotADate, read_day
from coord.web.messages import field_message

MOST_STATEMENTS = 40
"""Read from a form in each section; far above what may be published, so that the refusal can say so."""
WEEKS_UNTIL_REVIEW = 12


@dataclass(frozen=True, slots=True)
class Typed:
    """One statement as typed. ``withheld`` counts sources of the version before that this writer cannot read."""

    text: str = ""
    sources: tuple[UUID, ...] = ()
    withheld: int = 0

    @property
    def blank(self) -> bool:
        """Nothing in it."""
        return not self.text.strip() and not self.sources


@dataclass(frozen=True, slots=True)
class SummaryForm:
    """All that was typed, right or wrong. ``version`` is the one that it would replace, ``revision`` the draft's,
    ``seen`` the place in the record at which the entries beside it were read (0: they were not)."""

    statements: Mapping[str, tuple[Typed, ...]] = field(default_factory=dict)
    contact: str = ""
    valid_from: str = ""
    review_date: str = ""
    version: int = 0
    revision: int = 0
    search: str = ""
    seen: int = 0

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> SummaryForm:
        """From the browser. Empty statements are left out."""
        statements = {}
        for section in SECTIONS:
            rows = (
                Typed(
                    form.get(f"text.{section}.{i}", ""),
                    _ids(form.getlist(f"source.{section}.{i}")),
                    _number(form.get(f"withheld.{section}.{i}")),
                )
                for i in range(MOST_STATEMENTS)
            )
            statements[section] = tuple(row for row in rows if not row.blank)
        return cls(
            statements,
            form.get("contact", ""),
            form.get("valid_from", ""),
            form.get("review_date", ""),
            _number(form.get("version")),
            _number(form.get("revision")),
            form.get("q", ""),
            _number(form.get("seen")),
        )

    @classmethod
    def kept(cls, draft: Mapping[str, Any]) -> SummaryForm:
        """From a draft. Its body may have been kept by another client: what does not fit is left out."""
        body = draft["body"]
        written = body.get("statements")
        statements = {}
        for section in SECTIONS:
            rows = written.get(section, ()) if isinstance(written, dict) else ()
            statements[section] = tuple(
                Typed(str(row.get("text", "")), _ids(row.get("sources", ())), _number(row.get("withheld")))
                for row in (rows if isinstance(rows, list) else ())
                if isinstance(row, dict)
            )
        texts = {name: str(body.get(name) or "") for name in ("contact", "valid_from", "review_date")}
        version, seen = _number(body.get("version")), _number(body.get("seen"))
        return cls(statements, **texts, version=version, revision=int(draft["revision"]), seen=seen)

    @classmethod
    def following(cls, answer: SummaryAnswer, today: date) -> SummaryForm:
        """A next version, beginning with what stands now but the advice that was ended."""
        statements = {
            section: tuple(
                Typed(
                    row["text"],
                    tuple(source["entry"] for source in row["sources"] if source["entry"]),
                    sum(not source["visible"] for source in row["sources"]),
                )
                for row in answer.statements.get(section, ())
                if row["withdrawn_at"] is None
            )
            for section in SECTIONS
        }
        review = today + timedelta(weeks=WEEKS_UNTIL_REVIEW)
        return cls(statements, answer.contact, today.isoformat(), review.isoformat(), answer.version)

    # ---- and back

    def body(self) -> dict[str, object]:
        """What a draft keeps."""
        return {
            "statements": {
                section: [
                    {"text": r.text, "sources": [str(s) for s in r.sources], "withheld": r.withheld} for r in rows
                ]
                for section, rows in self.statements.items()
                if rows
            },
            "contact": self.contact,
            "valid_from": self.valid_from,
            "review_date": self.review_date,
            "version": self.version,
            "seen": self.seen,
        }

    def content(self) -> SummaryContent:
        """What would be published; a date that is none is missing in it."""
        statements = {s: [(row.text, row.sources) for row in rows] for s, rows in self.statements.items() if rows}
        return SummaryContent(statements, self.contact, day_of(self.valid_from), day_of(self.review_date))

    def without(self, section: str, index: int) -> SummaryForm:
        """The same but for one statement."""
        rows = self.statements.get(section, ())
        return replace(self, statements={**self.statements, section: rows[:index] + rows[index + 1 :]})

    def taking(self, section: str, text: str, source: UUID) -> SummaryForm:
        """The same with one more statement that rests on the strategy or goal which it was taken from; as it is, if it
        says so already."""
        rows = self.statements.get(section, ())
        if any(row.text.strip() == text for row in rows):
            return self
        return replace(self, statements={**self.statements, section: (*rows, Typed(text, (source,)))})

    # ---- what the page asks

    def rows(self, section: str, more: bool) -> list[Typed]:
        """The statements of a section; and an empty one to write in where there is none yet or ``more`` are wanted."""
        rows = list(self.statements.get(section, ()))
        return [*rows, Typed()] if not rows or (more and len(rows) < limit_of(section)) else rows

    def cited(self) -> list[UUID]:
        """Every entry that is rested on, each once."""
        return list(dict.fromkeys(s for rows in self.statements.values() for row in rows for s in row.sources))

    def ease(self, language: reading_ease.Language) -> reading_ease.Ease:
        """How easy it is to read, in the language that it is written in (``language`` where that cannot be told)."""
        texts = [row.text for rows in self.statements.values() for row in rows]
        return reading_ease.read(texts, reading_ease.language_of(" ".join(texts), language))

    def problems(self, found: Iterable[FieldProblem]) -> list[dict[str, str]]:
        """For the error summary and beside the fields: ``text``, ``field`` (an id), ``href``."""
        return [self._problem(problem) for problem in found]

    def _problem(self, problem: FieldProblem) -> dict[str, str]:
        parts = problem.pointer.strip("/").split("/")
        words = field_message(problem)
        name, at = "", "summary-form"
        if parts[0] == "statements" and len(parts) >= 2:
            section = parts[1]
            name, at = label("summary-section", section), f"text-{section}-0"
            if len(parts) >= 3:
                at = f"text-{section}-{parts[2]}"
                name = _("%(section)s, %(number)s", section=name, number=int(parts[2]) + 1)
            if parts[-2] == "sources":
                at = f"sources-{section}-{parts[2]}"
            if problem.code == "missing" and len(parts) == 2:
                words = _("Write at least one statement")
        elif parts[0] in ("contact", "valid_from", "review_date"):
            at = parts[0]
            name = {
                "contact": _("Who to ask"),
                "valid_from": _("Valid from"),
                "review_date": _("Review date"),
            }[parts[0]]
            if parts[0] != "contact" and problem.code == "missing" and getattr(self, parts[0]).strip():
                words = field_message(FieldProblem(problem.pointer, "not-a-date"))
        elif parts[0] == "text":
            name, at = _("Search"), "q"
        return {"text": f"{name}: {words}" if name else words, "words": words, "field": at, "href": f"#{at}"}


def limit_of(section: str) -> int:
    """The most statements that a section may have."""
    return LIMITS.get(section, DEFAULT_LIMIT)


def draft_id_of(case_id: UUID, person_id: UUID) -> UUID:
    """One draft a person and child, whichever window it is opened in."""
    return uuid5(case_id, f"summary:{person_id}")


def day_of(text: str) -> date | None:
    """The day that was typed, or that another client kept in the draft; None if it is none."""
    try:
        return read_day(text)
    except NotADate:
        return None


def _ids(values: object) -> tuple[UUID, ...]:
    found: dict[UUID, None] = {}
    for value in values if isinstance(values, list | tuple) else ():
        with suppress(ValueError):
            found[UUID(str(value))] = None
    return tuple(found)


def _number(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
