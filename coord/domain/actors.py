"""Who acts: roles, disciplines, and the relation of a person to a child."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, TypedDict
from uuid import UUID

from coord.domain.said import INSIDE, Said


class Role(StrEnum):
    """What a person is in Coord. One person may have several, and is here in one of them at a time."""

    THERAPIST = "therapist"
    STUDENT = "student"  # students and assistants: what they sign needs a co-signature
    TEACHER = "teacher"
    TEAM_LEAD = "team-lead"
    ADMINISTRATOR = "administrator"  # accounts, no clinical content


class Discipline(StrEnum):
    """The field a person writes from."""

    OT = "ot"
    SLT = "slt"
    PSYCHOLOGY = "psychology"
    OTHER = "other"
    SCHOOL = "school"


class Relation(StrEnum):
    """What a person on the care team is to this child."""

    OCCUPATIONAL_THERAPIST = "occupational-therapist"
    SPEECH_THERAPIST = "speech-therapist"
    PSYCHOLOGIST = "psychologist"
    OTHER_PROFESSIONAL = "other-professional"
    COORDINATOR = "coordinator"
    STUDENT = "student"
    CLASS_TEACHER = "class-teacher"
    SUPPORT_TEACHER = "support-teacher"


CLINICAL_DISCIPLINES = frozenset({Discipline.OT, Discipline.SLT, Discipline.PSYCHOLOGY, Discipline.OTHER})

RELATIONS_OF_ROLE: dict[Role, frozenset[Relation]] = {
    Role.THERAPIST: frozenset(
        {
            Relation.OCCUPATIONAL_THERAPIST,
            Relation.SPEECH_THERAPIST,
            Relation.PSYCHOLOGIST,
            Relation.OTHER_PROFESSIONAL,
            Relation.COORDINATOR,
        }
    ),
    Role.STUDENT: frozenset({Relation.STUDENT}),
    Role.TEACHER: frozenset({Relation.CLASS_TEACHER, Relation.SUPPORT_TEACHER}),
    Role.TEAM_LEAD: frozenset({Relation.COORDINATOR, Relation.OTHER_PROFESSIONAL}),
    Role.ADMINISTRATOR: frozenset(),
}
"""Which relations a person of a role can have to a child: a teacher is not added as a therapist by mistake."""


class By(TypedDict):
    """Who did it, as they were then; every event carries one."""

    person: Annotated[str, Said(id=True)]
    name: str
    role: Annotated[str, Said(of=Role)]
    discipline: Annotated[str | None, Said(of=Discipline)]
    request: Annotated[str, INSIDE]


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody of a role is shown of a child, beside what an entry's audience says. Who may ask at all stands in
    `coord.domain.permissions`."""

    as_school: bool = False
    """Only what is for the school, in the school's words: attested, agreed, from its day on."""
    identity: bool = False
    """Full name, birth date, languages."""
    colleagues: bool = False
    """Who else works with the child, or is around them outside school."""
    clinical: bool = False
    """What professionals work with: scores, weights, codes, profiles, reasons, what stood before."""


_OF_STAFF = Sight(identity=True, colleagues=True, clinical=True)
SIGHT_OF_ROLE: dict[Role, Sight] = {
    Role.THERAPIST: _OF_STAFF,
    Role.STUDENT: _OF_STAFF,
    Role.TEACHER: Sight(as_school=True),
    Role.TEAM_LEAD: _OF_STAFF,
    Role.ADMINISTRATOR: Sight(colleagues=True),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One of the roles of a person: with its discipline, in a service team or school."""

    role: Role
    discipline: Discipline | None
    team: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person (or the command line) for the length of one request, in one of their roles.

    ``team`` is the service team's name; ``request_id`` ties the record to the request log; ``channel`` is ``page``,
    ``api`` or ``cli``. ``also`` are the person's other roles, in which they may be here another time; ``further`` says
    that this is not their first, and ``apart`` which other roles they were given beside it, be they held still or not.
    """

    person_id: UUID
    name: str
    role: Role
    discipline: Discipline | None = None
    team: str = ""
    request_id: str = ""
    channel: str = "cli"
    also: tuple[Standing, ...] = ()
    further: bool = False
    apart: tuple[str, ...] = ()

    def is_here_by(self, role: str) -> bool:
        """Whether a stay on a care team in ``role`` is one for the role that the actor is here in. A stay from before
        the first role changed goes on with it; one in a role beside it never opens a child to another of them."""
        return role == self.role.value if self.further else role not in self.apart

    def in_other_roles(self) -> list[Actor]:
        """The same person as they would be here in each of their other roles, to ask what they know there."""
        found = []
        for number, one in enumerate(self.also):
            first = self.further and number == 0
            apart = tuple(sorted({*self.apart, self.role.value} - {one.role.value}))
            there = replace(self, role=one.role, discipline=one.discipline, team=one.team)
            found.append(replace(there, also=(), further=not first, apart=apart))
        return found

    @property
    def sight(self) -> Sight:
        """What the actor is shown of what they may read."""
        return SIGHT_OF_ROLE[self.role]

    def by(self) -> By:
        """What an event keeps of this actor."""
        return {
            "person": str(self.person_id),
            "name": self.name,
            "role": self.role.value,
            "discipline": self.discipline.value if self.discipline else None,
            "request": self.request_id,
        }


COMMAND_LINE = Actor(UUID(int=0), "coord (command line)", Role.ADMINISTRATOR)
"""The operator at the machine itself: sets up people. Holds no clinical permission either."""


@dataclass(frozen=True, slots=True)
class Relationship:
    """What an actor is at this moment to one child, or to one course (``on_staff``: they run it; ``stands_in``: they
    run the one session that is asked about)."""

    relation: Relation | None = None
    same_service_team: bool = False
    on_staff: bool = False
    stands_in: bool = False

    @property
    def on_care_team(self) -> bool:
        """Whether the actor is on the child's care team now."""
        return self.relation is not None
