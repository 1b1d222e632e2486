"""What an author writes and signs, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from coord.domain.actors import Actor
from coord.domain.case.circumstances import Setting, checked_circumstances
from coord.domain.case.notes.formats import FORMATS, Format, NoteFormat
from coord.domain.case.notes.readers import AUDIENCES_OF_ROLE, Audience
from coord.domain.errors import InvalidInput
from coord.domain.input import LONG, Input
from coord.domain.said import Said

_BY_SECTION = "By section (`NoteSection`); which there are depends on the format. A draft may have any"


@dataclass(frozen=True, slots=True)
class NoteWords:
    """What an author writes. A draft may lack any of it."""

    format: Annotated[str | None, Said(of=NoteFormat, null=True)] = None
    sections: Annotated[Mapping[str, str], Said(_BY_SECTION)] = field(default_factory=dict)
    observed_from: Annotated[datetime | None, Said("When it began", null=True)] = None
    observed_to: Annotated[datetime | None, Said("When it ended; the beginning, if left out", null=True)] = None
    setting: Annotated[str | None, Said(of=Setting, null=True)] = None
    present: Annotated[Sequence[str], Said("Who was there; at most 20")] = ()
    audience: Annotated[str | None, Said("Who, beside you, may read it", of=Audience, null=True)] = None
    linked: Annotated[Sequence[UUID], Said("Earlier notes that it goes back to; at most 20")] = ()


@dataclass(frozen=True, slots=True)
class NoteContent(NoteWords):
    """What is signed. Times carry a zone; the end may equal the start."""

    format: str
    sections: Mapping[str, str]
    observed_from: datetime | None
    setting: str = Setting.THERAPY_ROOM.value
    audience: str = Audience.CARE_TEAM.value


def checked_content(content: NoteContent, *, actor: Actor, now: datetime, born: date | None = None) -> NoteContent:
    """The content cleaned and complete, ready to sign. Raises `InvalidInput` with every problem in it."""
    check = Input()
    template = FORMATS.get(content.format)
    if template is None:
        check.problem("/format", "unknown-choice", choices=sorted(FORMATS))
    elif actor.role not in template.roles:
        check.problem("/format", "not-for-your-role")
    sections = checked_sections(check, template, content.sections)
    circumstances = checked_circumstances(
        check,
        observed_from=content.observed_from,
        observed_to=content.observed_to,
        setting=content.setting,
        present=content.present,
        now=now,
        born=born,
    )
    if content.audience not in set(Audience):
        check.problem("/audience", "unknown-choice", choices=[a.value for a in Audience])
    elif Audience(content.audience) not in AUDIENCES_OF_ROLE[actor.role]:
        check.problem("/audience", "not-for-your-role")
    if len(content.linked) > 20:
        check.problem("/linked", "too-many", limit=20)
    if circumstances is None or check.problems:
        raise InvalidInput(check.problems)
    return NoteContent(
        format=content.format,
        sections=sections,
        observed_from=circumstances.observed_from,
        observed_to=circumstances.observed_to,
        setting=circumstances.setting,
        present=circumstances.present,
        audience=content.audience,
        linked=tuple(content.linked),
    )


def checked_sections(check: Input, template: Format | None, sections: Mapping[str, str]) -> dict[str, str]:
    """Known sections only, at least one with words in it; in the template's order, empty ones left out."""
    if template is None:
        return {}
    for name in sections:
        if name not in template.sections:
            check.problem(f"/sections/{name}", "unknown-section", choices=list(template.sections))
    before = len(check.problems)
    clean = {
        name: check.text(f"/sections/{name}", sections.get(name), limit=LONG, required=False)
        for name in template.sections
        if name in sections
    }
    clean = {name: text for name, text in clean.items() if text}
    if not clean and len(check.problems) == before:
        check.problem(f"/sections/{template.sections[0]}", "nothing-written")
    return clean
