"""Looks at the templates of notes, with the shapes of their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypedDict
from uuid import UUID

from coord.application.declared import Question, question
from coord.application.looking import Purpose
from coord.application.shown import GivenWhole, Shown
from coord.domain.actors import By
from coord.domain.note_template import TemplateText
from coord.domain.permissions import clinician
from coord.domain.said import FLAT, INSIDE, Said


@question(clinician, "Looked at the note templates", purpose=Purpose.SERVICE)
class ReadNoteTemplates(Question):
    """The templates of notes of one's own service team and those for all teams, as they stand."""


@question(clinician, "Read a note template", purpose=Purpose.SERVICE)
class ReadNoteTemplate(Question):
    """One template of one's own service team, or for all teams, with every version."""

    template_id: UUID


class NoteTemplate(TemplateText):
    """A template as it stands."""

    template_id: Annotated[UUID, Said(name="id")]
    team: Annotated[str, Said("The service team whose lead keeps it")]
    status: Literal["in-use", "retired"]
    version: Annotated[int, Said("What the next edit has to name in If-Match")]
    text_version: Annotated[int, Said("What a note in it names and keeps")]
    changed_at: datetime
    called: Annotated[Mapping[str, str], INSIDE]
    """What every section is called that it has or had, by its key."""


@dataclass(frozen=True, slots=True)
class NoteTemplatesAnswer(GivenWhole):
    """The templates of notes that are there for you: those in use by name, then those out of use."""

    items: Sequence[NoteTemplate]
    may: Annotated[frozenset[str], Said("Commands that you could carry out now")]
    shown: Annotated[Shown, FLAT]


class NoteTemplateChange(TypedDict):
    """Something that happened to a template; with its text, where that is another version."""

    what: Literal["drawn-up", "changed", "retired", "restored"]
    version: int
    text_version: int | None
    by: By
    at: datetime
    reason: str
    content: TemplateText | None


@dataclass(frozen=True, slots=True)
class NoteTemplateAnswer:
    """A template of notes with everything that happened to it, the newest first."""

    template: Annotated[NoteTemplate, FLAT]
    changes: Sequence[NoteTemplateChange]
    may: Annotated[frozenset[str], Said("Commands that you could carry out on it now")]
    shown: Annotated[Shown, FLAT]

    @property
    def version(self) -> int:
        """What the next edit has to name."""
        return self.template["version"]
