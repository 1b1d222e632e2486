"""The formats that come with Coord: the named sections of a note, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from coord.domain.actors import Role
from coord.domain.said import Said


class NoteFormat(StrEnum):
    """The templates (domain: SOAP, DAP, BIRP, narrative, school observation)."""

    SOAP = "soap"
    DAP = "dap"
    BIRP = "birp"
    NARRATIVE = "narrative"
    SCHOOL_OBSERVATION = "school-observation"


class NoteSection(StrEnum):
    """The sections of all templates."""

    SUBJECTIVE = "subjective"
    OBJECTIVE = "objective"
    ASSESSMENT = "assessment"
    PLAN = "plan"
    DATA = "data"
    BEHAVIOUR = "behaviour"
    INTERVENTION = "intervention"
    RESPONSE = "response"
    TEXT = "text"
    SITUATION = "situation"
    OBSERVED = "observed"
    WHAT_HELPED = "what-helped"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Format:
    """A template: the named sections of a note, in their order, and which roles write in it."""

    name: str
    sections: tuple[str, ...]
    roles: frozenset[Role] = frozenset({Role.THERAPIST, Role.STUDENT, Role.TEAM_LEAD})


FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("soap", ("subjective", "objective", "assessment", "plan")),
        Format("dap", ("data", "assessment", "plan")),
        Format("birp", ("behaviour", "intervention", "response", "plan")),
        Format("narrative", ("text",)),
        Format(
            "school-observation",
            ("situation", "observed", "what-helped", "question"),
            frozenset({Role.THERAPIST, Role.STUDENT, Role.TEAM_LEAD, Role.TEACHER}),
        ),
    )
}
"""Templates as data."""

Sections = Annotated[Mapping[str, str], Said("By section; which ones there are depends on the format", of=NoteSection)]
"""The text of a note."""
