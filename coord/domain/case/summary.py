"""The school summary: one calm page for the teacher, each statement resting on signed entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypedDict
from uuid import UUID

from coord.domain.actors import Actor
from coord.domain.case.aggregate import Case, SummaryState
from coord.domain.case.goals.goal import Goal
from coord.domain.case.notes import Note
from coord.domain.case.strategies import Strategy
from coord.domain.errors import Conflict, Stale
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, STATEMENT, Input

SECTIONS: tuple[str, ...] = (
    "strengths",
    "helps",
    "avoid",
    "overload-signs",
    "overload-response",
    "aims",
    "lessons",
    "transitions",
    "playground",
)
"""In the order in which a teacher reads them: strengths first."""


class SummaryStatus(StrEnum):
    """What a version is on a day; none, where none was ever published."""

    NONE = "none"
    PUBLISHED = "published"
    UPCOMING = "upcoming"
    RECALLED = "recalled"
    SUPERSEDED = "superseded"


REQUIRED_SECTIONS = ("strengths", "helps")
LIMITS: dict[str, int] = {"helps": 5}  # "what helps" has at most five, or nobody does any of them
DEFAULT_LIMIT = 8


class Source(TypedDict):
    """What a statement rests on: a note, a strategy or a goal, and the number of its text when it was cited."""

    kind: str
    entry: str
    version: int


class Statement(TypedDict):
    """One sentence or two for the teacher, with what it rests on (may be nothing)."""

    text: str
    sources: list[Source]


Citable = Note | Strategy | Goal
"""What a statement may rest on."""


@dataclass(frozen=True, slots=True)
class SummaryContent:
    """What a professional publishes. ``statements`` maps a section to (text, cited entries) pairs, in order."""

    statements: Mapping[str, Sequence[tuple[str, Sequence[UUID]]]]
    contact: str
    valid_from: date | None
    review_date: date | None


class SummaryPublished(CoordEvent):
    """A professional approved and published a version of the page for the school."""

    TOPIC = "case.summary-published.v1"
    HISTORY = in_the_history("School summary published")
    class_version = 2
    version: int
    """Its number, from 1."""
    statements: dict[str, list[Statement]]
    """By section (``strengths``, ``helps``, ``avoid``, ``overload-signs``, ``overload-response``, ``aims``,
    ``lessons``, ``transitions``, ``playground``), each with its ``text`` and its ``sources``: the ``kind`` (note,
    strategy, goal), the ``entry`` and the ``version`` of its text that it rests on. In the first version of this event
    a source was a note: ``note`` and ``text_version``."""
    contact: str
    """How the school reaches the team."""
    valid_from: str
    """The first day it is meant for, of the clinic's calendar: until then the school reads the version before."""
    review_date: str
    """The day by which it has to be looked at again."""
    signed_at: datetime
    """When it was approved."""
    in_place_of: Sequence[int] = ()
    """The numbers of the versions that were for a later day and, since this one begins no later, will never be in
    force; without it, none."""

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """What was rested on was a note, and was called so."""
        state["statements"] = {
            section: [
                {
                    **statement,
                    "sources": [
                        {"kind": "note", "entry": source["note"], "version": source["text_version"]}
                        for source in statement["sources"]
                    ],
                }
                for statement in statements
            ]
            for section, statements in state["statements"].items()
        }

    def apply(self, aggregate: Case) -> None:
        """This version is in force, or will be from its day on."""
        state: SummaryState = {"valid_from": self.valid_from, "recalled": False, "before_its_day": False}
        aggregate.summaries = {**states_of(aggregate), str(self.version): state}
        aggregate.summary_version, aggregate.summary_status = self.version, "published"

    def told(self) -> Particulars:
        """Which version."""
        return {"version": self.version, "valid_from": self.valid_from, "review_date": self.review_date}


class SummaryRecalled(CoordEvent):
    """A published version was taken back. Who had read it is in the access log."""

    TOPIC = "case.summary-recalled.v1"
    HISTORY = in_the_history("School summary recalled")
    version: int
    """Which version."""
    reason: str
    """Why; for the team, not shown to the school."""
    before_its_day: bool = False
    """It was taken back before the day it is meant for: what the school reads stays as it is. Since then there have
    been versions for a later day; without it, false."""
    gives_back: Sequence[int] = ()
    """The numbers of the versions that will be in force on their day after all, since this one no longer stands in
    place of them; without it, none."""

    def apply(self, aggregate: Case) -> None:
        """This version is for nobody at school any more."""
        states, number = states_of(aggregate), str(self.version)
        known: SummaryState = {"valid_from": "", "recalled": True, "before_its_day": False}  # see `states_of`
        state: SummaryState = {**states.get(number, known), "recalled": True, "before_its_day": self.before_its_day}
        aggregate.summaries = {**states, number: state}
        if self.version == aggregate.summary_version:
            aggregate.summary_status = "recalled"

    def told(self) -> Particulars:
        """Which version, and why."""
        return {"version": self.version, "reason": self.reason}


def states_of(case: Case) -> Mapping[str, SummaryState]:
    """Every version that may still count, by its number."""
    number = str(case.summary_version)
    if not case.summary_version or number in case.summaries:
        return case.summaries
    # A snapshot from before versions were kept: of those the latest alone counted, and at once.
    recalled = case.summary_status == "recalled"
    return {**case.summaries, number: {"valid_from": "", "recalled": recalled, "before_its_day": False}}


def standing(versions: Iterable[tuple[int, SummaryState]], today: date) -> dict[int, str]:
    """What each version is on a day: published (in force), upcoming (for a later day), superseded or recalled.

    From its first day on a version stands in place of every earlier one, also when it is recalled after that; one that
    was recalled before its day never stood for anything.
    """
    day, found = today.isoformat(), dict[int, str]()
    replaced_from: str | None = None  # from when on something newer stands in place of it
    for number, state in sorted(versions, key=lambda v: v[0], reverse=True):
        start = state["valid_from"]
        if state["recalled"]:
            found[number] = "recalled"
        elif replaced_from is not None and replaced_from <= max(start, day):
            found[number] = "superseded"
        else:
            found[number] = "published" if start <= day else "upcoming"
        if not state["before_its_day"]:
            replaced_from = _first_day(state) if replaced_from is None else min(replaced_from, _first_day(state))
    return found


def of_day(versions: Iterable[tuple[int, SummaryState]], day: date) -> int | None:
    """The version that counts on a day, be it recalled; None before the first."""
    begun = (n for n, state in versions if _first_day(state) <= day.isoformat() and not state["before_its_day"])
    return max(begun, default=None)


def counts_from_its_day(case: Case, version: int) -> bool:
    """Whether it did or will: it was not recalled before, and nothing newer stands in its place on that day."""
    states = states_of(case)
    return of_day(_numbered(states), date.fromisoformat(states[str(version)]["valid_from"])) == version


def _first_day(state: SummaryState) -> str:
    """From when on a version counts. Before there were any for a later day each did at once: one that was recalled
    while in force had begun, whatever day it names."""
    return "" if state["recalled"] and not state["before_its_day"] else state["valid_from"]


def standing_of(case: Case, today: date) -> dict[int, str]:
    """`standing` of the versions of a case."""
    return standing(_numbered(states_of(case)), today)


def _numbered(states: Mapping[str, SummaryState]) -> list[tuple[int, SummaryState]]:
    return [(int(number), state) for number, state in states.items()]


def publish(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    today: date,
    expected_version: int,
    content: SummaryContent,
    entries: Mapping[UUID, Citable],
    corrected: Set[UUID] = frozenset(),
) -> None:
    """Publish a new version. ``entries`` are those cited that this actor may read; nobody rests a statement on a text
    that they have not seen, as on those ``corrected`` since, or on advice that is no longer given.

    ``expected_version`` is the version that the person started from (0 for the first). Raises `Stale`, `Conflict` when
    the case is closed, and `InvalidInput`.
    """
    case.refuse_if_closed()
    if expected_version != case.summary_version:
        raise Stale(case.summary_version, ["summary"])
    check = Input()
    statements = _checked_statements(check, content, entries, corrected)
    contact = check.text("/contact", content.contact, limit=STATEMENT)
    valid_from = content.valid_from.isoformat() if content.valid_from else ""
    review_date = content.review_date.isoformat() if content.review_date else ""
    if content.valid_from is None:
        check.problem("/valid_from", "missing")
    if content.review_date is None:
        check.problem("/review_date", "missing")
    elif content.valid_from is not None and content.review_date <= content.valid_from:
        check.problem("/review_date", "before-the-start")
    elif content.review_date < today:
        check.problem("/review_date", "in-the-past")
    check.refuse_if_any()
    version, to_come = case.summary_version + 1, _to_come(states_of(case), today)
    state: SummaryState = {"valid_from": valid_from, "recalled": False, "before_its_day": False}
    case.trigger_event(
        SummaryPublished,
        timestamp=at,
        by=actor.by(),
        version=version,
        statements=statements,
        contact=contact,
        valid_from=valid_from,
        review_date=review_date,
        signed_at=at,
        in_place_of=sorted(to_come - _to_come({**states_of(case), str(version): state}, today)),
    )


def recall(case: Case, *, at: datetime, actor: Actor, today: date, reason: str, version: int | None = None) -> None:
    """Take a published version back, saying why: by default the one that the school reads, or where it never had one,
    the latest to come.

    Raises `Conflict` when it is not published (any more): said twice, it takes back no other.
    """
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    stands = {number: how for number, how in standing_of(case, today).items() if how in ("published", "upcoming")}
    if version is None:
        version = of_day(_numbered(states_of(case)), today) or case.summary_version
    if version not in stands:
        raise Conflict("no-summary-published")
    early, states = stands[version] == "upcoming", states_of(case)
    state: SummaryState = {**states[str(version)], "recalled": True, "before_its_day": early}
    case.trigger_event(
        SummaryRecalled,
        timestamp=at,
        by=actor.by(),
        version=version,
        reason=reason,
        before_its_day=early,
        gives_back=sorted(_to_come({**states, str(version): state}, today) - _to_come(states, today)),
    )


def _to_come(states: Mapping[str, SummaryState], today: date) -> set[int]:
    return {number for number, how in standing(_numbered(states), today).items() if how == "upcoming"}


def _checked_statements(
    check: Input, content: SummaryContent, entries: Mapping[UUID, Citable], corrected: Set[UUID]
) -> dict[str, list[Statement]]:
    for section in content.statements:
        if section not in SECTIONS:
            check.problem(f"/statements/{section}", "unknown-section", choices=list(SECTIONS))
    clean: dict[str, list[Statement]] = {}
    for section in SECTIONS:
        given = content.statements.get(section, ())
        limit = LIMITS.get(section, DEFAULT_LIMIT)
        if len(given) > limit:
            check.problem(f"/statements/{section}", "too-many", limit=limit)
            continue
        kept: list[Statement] = []
        for i, (text, cited) in enumerate(given):
            pointer = f"/statements/{section}/{i}"
            cleaned = check.text(f"{pointer}/text", text, limit=STATEMENT)
            sources: list[Source] = []
            for j, entry_id in enumerate(dict.fromkeys(cited)):
                entry = entries.get(entry_id)
                if entry is None:
                    check.problem(f"{pointer}/sources/{j}", "no-such-source")
                elif entry.status == "entered-in-error":
                    check.problem(f"{pointer}/sources/{j}", "source-in-error")
                elif entry.status in ("ended", "stopped"):
                    check.problem(f"{pointer}/sources/{j}", "source-ended")
                elif entry_id in corrected:
                    check.problem(f"{pointer}/sources/{j}", "source-corrected")
                else:
                    sources.append(_source(entry))
            kept.append({"text": cleaned, "sources": sources})
        if kept:
            clean[section] = kept
        elif section in REQUIRED_SECTIONS:
            check.problem(f"/statements/{section}", "missing")
    return clean


def _source(entry: Citable) -> Source:
    if isinstance(entry, Note):
        return {"kind": "note", "entry": str(entry.id), "version": entry.text_version}
    if isinstance(entry, Goal):
        return {"kind": "goal", "entry": str(entry.id), "version": len(entry.versions)}
    return {"kind": "strategy", "entry": str(entry.id), "version": 1}  # its words never change
