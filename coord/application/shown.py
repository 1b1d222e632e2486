"""What answers have in common: which position they show, of whom, and by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, TypedDict
from uuid import UUID

from coord.domain.actors import Discipline, Relation, Relationship, Role
from coord.domain.case import Audience, CaseStatus
from coord.domain.case.alerts import AlertKind
from coord.domain.said import FLAT, INSIDE, Said

CURSOR_OF_THE_NEXT = "The cursor of the next page; null: there is no more"


@dataclass(frozen=True, slots=True)
class AlertShown:
    """What must be known of a child before anything else. One that was to be looked at still counts."""

    id: UUID
    text: Annotated[str, Said("In a few words")]
    what_to_do: str
    kind: Annotated[str, Said(of=AlertKind)]
    since: date
    review_on: date | None
    due: Annotated[bool, Said("It was to be looked at again by today")]
    audience: Annotated[str, Said(of=Audience)]
    version: Annotated[int, Said("What a change has to name in If-Match")]


@dataclass(frozen=True, slots=True)
class ChildShown:
    """Whose record an answer is from, as far as its reader may know: a teacher knows neither full name nor birth."""

    preferred_name: str
    school_class: str
    full_name: str = ""
    birth_date: date | None = None
    age: int | None = None
    """Full years, on the day of the answer."""
    alerts: Sequence[AlertShown] = ()
    """Those that are for the reader."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which place of the record an answer shows, and for one about a child, of whose record.

    ``incomplete`` names views that have stopped, with the time since.
    """

    position: Annotated[int, Said("The position in the record that this shows")]
    recorded_at: Annotated[datetime | None, Said("When that position was recorded", name="position_recorded_at")]
    incomplete: Annotated[
        Mapping[str, datetime],
        Said("Views that have stopped, and since when: there only if there are any", absent=True),
    ] = field(default_factory=dict)
    child: Annotated[ChildShown | None, INSIDE] = None


class GivenWhole:
    """A list that is not cut into pages, in the envelope of those that are."""

    __slots__ = ()

    @property
    def next(self) -> Annotated[str | None, Said(CURSOR_OF_THE_NEXT)]:
        """There is never more of it."""
        return None


@dataclass(frozen=True, slots=True)
class OfACase:
    """What every answer about one child begins with: whose it is, and what the reader is to the child."""

    case_id: UUID
    preferred_name: str
    status: Annotated[str, Said(name="case_status", of=CaseStatus)]
    relationship: Annotated[Relationship, INSIDE]
    shown: Annotated[Shown, FLAT]

    @property
    def relation(self) -> Annotated[Relation | None, Said()]:
        """What the reader is to the child."""
        return self.relationship.relation


class Author(TypedDict):
    """Who wrote it, as they were then."""

    person: UUID
    name: str
    role: Role
    discipline: Discipline | None
