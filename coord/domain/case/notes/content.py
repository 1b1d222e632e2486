"""What an author writes and signs, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from coord.domain.actors import Actor
from coord.domain.case.circumstances import Setting, checked_circumstances
from coord.domain.case.notes.formats import BY_SECTION, FORMATS, Format, NoteFormat, format_of
from coord.domain.case.notes.readers import AUDIENCES_OF_ROLE, Audience
from coord.domain.errors import InvalidInput
from coord.domain.input import LONG, Input
from coord.domain.note_template import TemplateUsed, WrittenIn
from coord.domain.said import Said


@dataclass(frozen=True, slots=True)
class NoteWords:
    """What an author writes. A draft may lack any of it."""

    format: Annotated[str | None, Said(of=NoteFormat, null=True)] = None
    sections: Annotated[Mapping[str, str], Said(f"{BY_SECTION}. A draft may have any")] = field(default_factory=dict)
    observed_from: Annotated[datetime | None, Said("When it began", null=True)] = None
    observed_to: Annotated[datetime | None, Said("When it ended; the beginning, if left out", null=True)] = None
    setting: Annotated[str | None, Said(of=Setting, null=True)] = None
    present: Annotated[Sequence[str], Said("Who was there; at most 20")] = ()
    audience: Annotated[str | None, Said("Who, beside you, may read it", of=Audience, null=True)] = None
    linked: Annotated[Sequence[UUID], Said("Earlier notes that it goes back to; at most 20")] = ()
    template: Annotated[TemplateUsed | None, Said("Of a note in the format `template`: which, and which version")] = (
        None
    )


@dataclass(frozen=True, slots=True)
class NoteContent(NoteWords):
    """What is signed. Times carry a zone; the end may equal the start."""

    format: str
    sections: Mapping[str, str]
    observed_from: datetime | None
    setting: str = Setting.THERAPY_ROOM.value
    audience: str = Audience.CARE_TEAM.value


def checked_content(
    content: NoteContent,
    *,
    actor: Actor,
    now: datetime,
    born: date | None = None,
    written_in: WrittenIn | None = None,
) -> NoteContent:
    """The content cleaned and complete, ready to sign; ``written_in`` is the version of the template that it names, if
    there is one. Raises `InvalidInput` with every problem in it."""
    check = Input()
    sections = checked_sections(check, _checked_format(check, content, actor, written_in), content.sections)
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
        template=content.template,
    )


def _checked_format(check: Input, content: NoteContent, actor: Actor, written_in: WrittenIn | None) -> Format | None:
    """What the note consists of; None, and a problem, where it is in no format or template that the actor writes in."""
    found = format_of(content.format, written_in)
    if content.format == NoteFormat.TEMPLATE and found is None:
        check.problem("/template", "missing" if content.template is None else "no-such-template")
    elif found is None:
        check.problem("/format", "unknown-choice", choices=[*sorted(FORMATS), NoteFormat.TEMPLATE.value])
    elif content.template is not None and found.written_in is None:
        check.problem("/template", "not-in-a-template")
    elif actor.role not in found.roles:
        check.problem("/format", "not-for-your-role")
    return found


def checked_sections(check: Input, template: Format | None, sections: Mapping[str, str]) -> dict[str, str]:
    """Known sections only, with words in those that are required, or at least in one; in the order of the format or
    template, empty ones left out."""
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
    if len(check.problems) == before:
        for name in template.required:
            if name not in clean:
                check.problem(f"/sections/{name}", "missing")
    if not clean and len(check.problems) == before:
        check.problem(f"/sections/{template.sections[0]}", "nothing-written")
    return clean
