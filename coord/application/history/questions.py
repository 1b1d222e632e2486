"""What can be asked about who did and who saw what: questions, and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID

from coord.application.declared import CaseQuestion, Question, question
from coord.application.looking import Category, Purpose
from coord.application.shown import CURSOR_OF_THE_NEXT, Shown
from coord.domain.actors import Discipline
from coord.domain.permissions import (
    leads_service_team,
    team_lead,
)
from coord.domain.said import FLAT, INSIDE, Said


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What to show of changes and accesses. ``kind`` is an event topic's middle part or an access label; or
    ``changes`` / ``accesses`` for one sort altogether."""

    person: UUID | None = None
    case: UUID | None = None
    kind: str = ""
    start: datetime | None = None
    end: datetime | None = None


@question(
    leads_service_team,
    "Looked at the history of a child",
    shows=(Category.IDENTITY, Category.HISTORY),
    purpose=Purpose.REVIEW,
)
class ReadHistory(CaseQuestion):
    """Every change to, and every access of, one child's record; newest first."""

    filter: HistoryFilter = field(default_factory=HistoryFilter)
    cursor: str = ""
    limit: int = 50
    export: str = ""
    """``csv`` or ``jsonl`` when it leaves as a file; recorded as such."""
    grouped: bool = False
    """Answer also who saw the child in the filter's period (``seen_by``), and whom one may filter for (``people``)."""


@question(team_lead, "Looked at the history of the service team", others=True, purpose=Purpose.REVIEW)
class ReadAudit(Question):
    """The same for a whole service team, the team lead's own: its children, people and policies, and what its people
    did to the activity library."""

    filter: HistoryFilter = field(default_factory=HistoryFilter)
    cursor: str = ""
    limit: int = 50
    export: str = ""
    grouped: bool = False
    """Answer also who saw the child filtered for (``seen_by``), or what the person filtered for opened (``opened``)."""
    choices: bool = False
    """Answer also the ``children`` and ``people`` of the team, to choose from: each child named counts as seen."""


# ---- answers -----------------------------------------------------------------------------------------------------

_PURPOSE = "What a look was for; empty where nothing was shown; null of a change, and where it was not kept yet"


class HistoryItem(TypedDict):
    """A change, or an access."""

    sort: Literal["change", "access"]
    at: datetime
    person: UUID | None
    person_name: str
    role: str
    discipline: Discipline | None
    kind: str
    case_id: UUID | None
    preferred_name: str
    entry_id: UUID | None
    position: int | None
    observed_at: datetime | None
    recorded_at: datetime | None
    version_before: int | None
    version_after: int | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    labels: NotRequired[
        Annotated[
            Mapping[str, str],
            Said("What the sections in `before` and `after` are called, of a note in a template; there only then"),
        ]
    ]
    withheld: Annotated[bool, Said("There are words, and they are not for you")]
    detail: dict[str, Any]
    outcome: Annotated[str, Said(of=("done", "shown", "refused", "failed"), open=True)]
    request: str
    channel: str
    purpose: Annotated[str | None, Said(_PURPOSE, of=("", *Purpose), open=True)]
    categories: Annotated[
        Sequence[Annotated[str, Said(of=Category, open=True)]] | None,
        Said("Which data of the child a look showed; null as `purpose`"),
    ]
    number: Annotated[int, INSIDE]
    """Its place among those of its sort."""
    stream: Annotated[NotRequired[UUID], INSIDE]
    """Of a change: what was changed."""
    entry: Annotated[Mapping[str, Any] | None, INSIDE]
    """What this reader may know of the entry: ``kind``, ``observed_from``, ``author_name``, ``format``; of a
    note in a template its version (``written_in``), of one that was looked at its ``sections``; of a goal its
    ``statement``."""
    may_open: Annotated[NotRequired[bool], INSIDE]
    """Whether this reader may open it; not in a file."""


@dataclass(frozen=True, slots=True)
class HistoryAnswer:
    """Changes and accesses in one list, newest first."""

    items: Sequence[HistoryItem]
    next: Annotated[str | None, Said(CURSOR_OF_THE_NEXT)]
    shown: Annotated[Shown, FLAT]
    children: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    people: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    """Those one may filter for: of a team its own (``choices``), of a child (``grouped``) everybody who changed or saw
    something or was ever on the care team."""
    seen_by: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    """If asked for, the latest first: case_id, preferred_name, person_id, person_name, role, discipline, first, last,
    times, and ``in_lists``: how often, beside that, only the name in a list."""
    opened: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    """As ``seen_by``."""
