"""The formats of notes: the five that come with Coord, as data, and what the templates of service teams are like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from coord.domain.actors import Role
from coord.domain.note_template import CountsAs, TemplateSection, WrittenIn
from coord.domain.said import Said


class NoteFormat(StrEnum):
    """What a note is written in: one of five formats (domain: SOAP, DAP, BIRP, narrative, school observation), or a
    template of a service team."""

    SOAP = "soap"
    DAP = "dap"
    BIRP = "birp"
    NARRATIVE = "narrative"
    SCHOOL_OBSERVATION = "school-observation"
    TEMPLATE = "template"


class NoteSection(StrEnum):
    """The sections of the five formats. Those of a template have keys of their own."""

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
    """The named sections of a note, in their order, and which roles write in it; of a template of a service team the
    version that it is ``written_in``."""

    name: str
    sections: tuple[str, ...]
    roles: frozenset[Role] = frozenset({Role.THERAPIST, Role.STUDENT, Role.TEAM_LEAD})
    written_in: WrittenIn | None = None

    @property
    def required(self) -> list[str]:
        """The sections without which nothing is signed. (Of the five formats any one is enough.)"""
        return [one["key"] for one in self.written_in["sections"] if one["required"]] if self.written_in else []


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
"""The five formats as data."""

BY_SECTION = f"By section, as its format has them ({', '.join(NoteSection)}), or by the key of one of its template"
Sections = Annotated[Mapping[str, str], Said(BY_SECTION)]
"""The text of a note."""


def format_of(name: str | None, written_in: WrittenIn | None) -> Format | None:
    """What a note of this format, or in this version of a template, consists of; None where there is no such."""
    if name == NoteFormat.TEMPLATE and written_in is not None:
        keys = tuple(section["key"] for section in written_in["sections"])
        return Format(NoteFormat.TEMPLATE.value, keys, written_in=written_in)
    return FORMATS.get(name or "")


def section_in(written_in: WrittenIn | None, key: str) -> TemplateSection | None:
    """A section of a template, as the note's version has it."""
    return next((one for one in written_in["sections"] if one["key"] == key), None) if written_in else None


def counts_as(name: str, written_in: WrittenIn | None) -> str:
    """What a section of a note is, whatever it is called: see `CountsAs`; "" where it is none of these."""
    section = section_in(written_in, name)
    if section is not None:
        return section["counts_as"]
    return name if name in tuple(CountsAs) else ""
