"""What can be asked about a child's case, care team and circle: questions, and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypedDict
from uuid import UUID

from coord.application.declared import CaseQuestion, Question, question
from coord.application.looking import Category, Purpose
from coord.application.shown import AlertShown, OfACase, Shown
from coord.domain.actors import Discipline, Relation, Relationship, Role
from coord.domain.case import CaseStatus
from coord.domain.case.circle import Kinship
from coord.domain.errors import FieldProblem
from coord.domain.permissions import (
    administrator,
    anyone_who_knows_the_child,
    clinician_of_the_child,
    leads_service_team_or_is_operator,
    therapist_or_lead_of_the_child,
)
from coord.domain.said import FLAT, INSIDE, Said


@question(anyone_who_knows_the_child, "Looked at details and care team", shows=(Category.IDENTITY, Category.CARE_TEAM))
class ReadCase(CaseQuestion):
    """The child's details and care team. Teachers get what a teacher needs (preferred name, school, class, team)."""


@question(clinician_of_the_child, "Looked at who is around the child", shows=(Category.IDENTITY, Category.CARE_TEAM))
class ReadCircle(CaseQuestion):
    """Who is around the child without an account, and the names that were only typed for who saw something."""


@question(therapist_or_lead_of_the_child, "Looked at what would be left behind", shows=(Category.IDENTITY,))
class ReadLeftBehind(CaseQuestion):
    """What would be left behind if the case were closed, or (with ``person_id``) if this person left the care team."""

    person_id: UUID | None = None


@question(administrator, "Looked at what a person would leave behind", purpose=Purpose.ACCOUNT)
class ReadLeftBehindBy(Question):
    """What a person would leave behind everywhere if they lost access."""

    person_id: UUID


@question(
    leads_service_team_or_is_operator, "Exported the whole record", shows=(Category.RECORD,), purpose=Purpose.EXPORT
)
class ExportCase(CaseQuestion):
    """One child's record, complete: every event in order. For the team lead."""


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """The child and the care team."""

    case_id: Annotated[UUID, Said(name="id")]
    details: Annotated[ChildDetails, FLAT]
    version: Annotated[int, Said("Of the details")]
    status: Annotated[str, Said(of=CaseStatus)]
    members: Sequence[OnTheTeam]
    alerts: Annotated[Sequence[AlertShown], Said("What must be known before anything else, as far as it is for you")]
    relationship: Annotated[Relationship, INSIDE]
    shown: Annotated[Shown, FLAT]

    @property
    def preferred_name(self) -> str:
        """What the child is called."""
        return self.details["preferred_name"]

    @property
    def relation(self) -> Annotated[Relation | None, Said("What you are to the child")]:
        """What the reader is to the child."""
        return self.relationship.relation


class Around(StrEnum):
    """In what way somebody is around the child."""

    TEAM = "team"
    CIRCLE = "circle"


@dataclass(frozen=True, slots=True)
class AroundTheChild:
    """Somebody who may have seen something: of the care team, or of the child's circle."""

    id: UUID
    kind: Around
    name: str
    relation: Annotated[str, Said("What they are to the child")]


@dataclass(frozen=True, slots=True)
class CirclePerson:
    """Somebody of the circle."""

    id: UUID
    name: str
    relation: Annotated[str, Said(of=Kinship)]
    listed: bool
    version: Annotated[int, Said("What a correction has to name in If-Match")]


@dataclass(frozen=True, slots=True)
class TypedName:
    """A name that was only typed for who saw something."""

    written: str
    observations: Annotated[int, Said("That have it, of goals that you may read")]
    person: Annotated[UUID | None, Said("Who of the circle it is, if anybody said so")]


@dataclass(frozen=True, slots=True)
class CircleAnswer(OfACase):
    """Who is around the child without an account, also those who are not listed any more; and the names that were only
    typed."""

    people: Sequence[CirclePerson]
    typed: Sequence[TypedName]
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class LeftBehindAnswer:
    """How much of each kind; and the question that would be asked, if there is any."""

    counts: Mapping[str, int]
    asked: Sequence[FieldProblem]
    shown: Shown


@dataclass(frozen=True, slots=True)
class ExportAnswer:
    """Every event of the child's record, in order. `withheld` stands where the words are not for you."""

    case_id: UUID
    events: Sequence[Mapping[str, Any]]
    shown: Annotated[Shown, FLAT]


class Colleague(TypedDict):
    """Somebody of the clinic or the school."""

    person_id: UUID
    name: str
    role: Role
    discipline: Discipline | None


# ---- children ----------------------------------------------------------------------------------------------------


class ForTheSchool(TypedDict):
    """What of a child's details a teacher needs."""

    preferred_name: str
    school: str
    school_class: str
    team: str


class ChildDetails(ForTheSchool, total=False):
    """A child's details, as far as the reader gets them: a teacher gets no more than the above."""

    full_name: Annotated[str, Said("Not for teachers")]
    birth_date: Annotated[date, Said("Not for teachers")]
    languages: Annotated[list[str], Said("Not for teachers")]


class OnTheTeam(Colleague):
    """A stay on the care team: one that is over, the present one, or one to come. A person may have several."""

    relation: Relation
    since: date
    until: date | None
    left_on: Annotated[
        date | None, Said("The day on which they were taken off the team at once, the one after `until`")
    ]
    current: Annotated[bool, Said("On the team today, and with access")]
    over: bool
    active: Annotated[bool, Said("Whether they have access")]
