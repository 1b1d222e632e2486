"""Opening, correcting, closing and reopening a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from coord.domain.actors import Actor
from coord.domain.case.aggregate import Case, Details
from coord.domain.errors import Conflict, Stale
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, Input


class CaseOpened(CoordEvent, AggregateCreated):
    """A child's case was opened."""

    TOPIC = "case.opened.v1"
    HISTORY = in_the_history("Case opened")
    details: Details
    """``preferred_name``, ``full_name``, ``birth_date``, ``languages`` (spoken at home), ``school``, ``school_class``,
    and ``team``, the service team that looks after the child."""
    answered: Sequence[dict[str, Any]] = ()
    """What was asked about before, and is meant as it is (a second record of one child). Not in events from before
    questions were asked."""

    def apply(self, aggregate: Case) -> None:
        """Take over the details."""
        aggregate.details = self.details

    def told(self) -> Particulars:
        """That it was, and what was asked before."""
        return {"answered": list(self.answered)} if self.answered else {}


class CaseDetailsCorrected(CoordEvent):
    """Some details were wrong, or have changed."""

    TOPIC = "case.details-corrected.v1"
    HISTORY = in_the_history("Details corrected")
    changes: dict[str, object]
    """The new values, of the details that changed only."""
    before: dict[str, object]
    """The values they had."""
    reason: str
    """Why, in the words of whoever corrected it."""

    def apply(self, aggregate: Case) -> None:
        """Take over the new values."""
        aggregate.details = cast("Details", {**aggregate.details, **self.changes})
        aggregate.details_version += 1

    def told(self) -> Particulars:
        """From which values to which."""
        return {"before": self.before, "after": self.changes, "reason": self.reason}


class CaseClosed(CoordEvent):
    """The episode of care ended. The record stays, can be read and corrected; what was before can still be written,
    nothing new."""

    TOPIC = "case.closed.v1"
    HISTORY = in_the_history("Case closed")
    reason: str
    answered: Sequence[dict[str, Any]] = ()
    """What was asked about before: what is left open (``left-behind``), by kind and number. Not in events from before
    questions were asked."""

    def apply(self, aggregate: Case) -> None:
        """Closed."""
        aggregate.status, aggregate.closed_at = "closed", self.timestamp.isoformat()

    def told(self) -> Particulars:
        """That it happened, and why; and what was left behind, where that was asked."""
        return {"reason": self.reason} | ({"left_behind": list(self.answered)} if self.answered else {})


class CaseReopened(CoordEvent):
    """A closed case is worked on again."""

    TOPIC = "case.reopened.v1"
    HISTORY = in_the_history("Case reopened")
    reason: str

    def apply(self, aggregate: Case) -> None:
        """Open."""
        aggregate.status, aggregate.closed_at = "open", None

    def told(self) -> Particulars:
        """Why."""
        return {"reason": self.reason}


def open_case(
    *,
    id: UUID,
    at: datetime,
    actor: Actor,
    today: date,
    details: Mapping[str, object],
    answered: Sequence[dict[str, Any]] = (),
) -> Case:
    """Open a case. ``details`` has the keys of `Details`, ``birth_date`` as a date; ``answered`` is what was asked
    before.

    Raises `InvalidInput` field by field.
    """
    check = Input()
    clean = _checked(check, details, today, frozenset(Details.__annotations__))
    check.refuse_if_any()
    return Case._create(CaseOpened, id=id, timestamp=at, by=actor.by(), details=clean, answered=list(answered))


def correct_details(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    today: date,
    expected_version: int,
    changes: Mapping[str, object],
    reason: str,
) -> None:
    """Correct details of the child, saying why. Nothing happens if every value is as it was.

    Also of a closed case: a name typed wrong is wrong for ever otherwise. Raises `Stale` when the details were
    corrected since ``expected_version``, `InvalidInput`.
    """
    if expected_version != case.details_version:
        raise Stale(case.details_version, ["details"])
    check = Input()
    clean = _checked(check, changes, today, frozenset(changes))
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    present: Mapping[str, object] = case.details
    new = {name: value for name, value in clean.items() if value != present.get(name)}
    if new:
        before = {name: present.get(name) for name in new}
        case.trigger_event(CaseDetailsCorrected, timestamp=at, by=actor.by(), changes=new, before=before, reason=reason)


def close_case(case: Case, *, at: datetime, actor: Actor, reason: str, answered: Sequence[dict[str, Any]] = ()) -> None:
    """Close the case, saying why; ``answered`` is what was asked before. Raises `Conflict` if it is closed."""
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    case.refuse_if_closed()
    case.trigger_event(CaseClosed, timestamp=at, by=actor.by(), reason=reason, answered=list(answered))


def reopen_case(case: Case, *, at: datetime, actor: Actor, reason: str) -> None:
    """Reopen the case, saying why. Raises `Conflict` if it is open."""
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    if case.status == "open":
        raise Conflict("case-open")
    case.trigger_event(CaseReopened, timestamp=at, by=actor.by(), reason=reason)


def _checked(check: Input, values: Mapping[str, object], today: date, names: frozenset[str]) -> dict[str, object]:
    clean: dict[str, object] = {}
    for name in ("preferred_name", "full_name", "school", "school_class", "team"):
        if name in names:
            required = name in ("preferred_name", "full_name", "team")
            clean[name] = check.text(f"/{name}", values.get(name), required=required, lines=False)
    if "birth_date" in names:
        value = values.get("birth_date")
        day = check.birth_date("/birth_date", value if isinstance(value, date) else None, today=today)
        clean["birth_date"] = day.isoformat() if day else ""
    if "languages" in names:
        languages = values.get("languages") or []
        if not isinstance(languages, list | tuple) or len(languages) > 10:
            check.problem("/languages", "too-many", limit=10)
        else:
            clean["languages"] = [
                check.text(f"/languages/{i}", language, limit=60, lines=False) for i, language in enumerate(languages)
            ]
    return clean
