"""Who, beside its author, may read a note, and what was added to it."""

from __future__ import annotations

from enum import StrEnum

from coord.domain.actors import Role


class Audience(StrEnum):
    """Who, beside its author, may read an entry."""

    CARE_TEAM = "care-team"
    OWN_DISCIPLINE = "own-discipline"
    CARE_TEAM_AND_SCHOOL = "care-team-and-school"
    CARE_TEAM_AND_FAMILY = "care-team-and-family"


_READERS = {
    Audience.OWN_DISCIPLINE.value: frozenset({"discipline"}),
    Audience.CARE_TEAM.value: frozenset({"discipline", "team"}),
    Audience.CARE_TEAM_AND_SCHOOL.value: frozenset({"discipline", "team", "school"}),
    Audience.CARE_TEAM_AND_FAMILY.value: frozenset({"discipline", "team", "family"}),
}


def narrows(before: str, after: str) -> bool:
    """Whether somebody who could read an entry with the one audience cannot with the other."""
    return not _READERS[before] <= _READERS[after]


def narrower(audience: str, than: str) -> bool:
    """Whether an audience has fewer readers than another, and none that the other has not."""
    return _READERS[audience] < _READERS[than]


AUDIENCES_OF_ROLE: dict[Role, frozenset[Audience]] = {
    Role.THERAPIST: frozenset(Audience),
    Role.STUDENT: frozenset(Audience),
    Role.TEAM_LEAD: frozenset(Audience),
    Role.TEACHER: frozenset({Audience.CARE_TEAM, Audience.CARE_TEAM_AND_SCHOOL}),
    Role.ADMINISTRATOR: frozenset(),
}


def shared_by_both(one: str, other: str) -> str:
    """The audience of those who are in both. The school and the family have the care team in common."""
    if _READERS[other] <= _READERS[one]:
        return other
    return one if _READERS[one] < _READERS[other] else Audience.CARE_TEAM.value


def addendum_audience(present: str, *, author: str, changed_by: str, audience: str) -> str:
    """For whom an addendum is after somebody gave its note another ``audience``.

    It never has more readers than the note. It gets more only by the word of its own author: whoever wrote for the
    therapists did not write for the school.
    """
    return audience if author == changed_by else shared_by_both(present, audience)
