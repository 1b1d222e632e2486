"""Templates of notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from coord.application.note_templates.commands import (
    ChangeNoteTemplate,
    DrawUpNoteTemplate,
    RestoreNoteTemplate,
    RetireNoteTemplate,
)
from coord.application.note_templates.questions import (
    NoteTemplateAnswer,
    NoteTemplatesAnswer,
    ReadNoteTemplate,
    ReadNoteTemplates,
)
from coord.web.api.operations import ApiBlueprint, actor, services
from coord.web.api.routes import reads, sends

blueprint = ApiBlueprint(
    "note_templates", "Templates of notes, beside the five formats: a service team's own sections, in versions."
)
TEMPLATE = "/note-templates/<uuid:template>"

reads(
    blueprint,
    "/note-templates",
    ReadNoteTemplates,
    NoteTemplatesAnswer,
    about="""List the templates of notes of your service team, and those for all teams

    Therapists, students and team leads read them. A note in one names its `id` and `text_version` as `template`.
    """,
)

sends(
    blueprint,
    "POST",
    "/note-templates",
    DrawUpNoteTemplate,
    status=201,
    makes="template_id",
    at="/note-templates/{id}",
    example={
        "name": "First visit",
        "sections": [
            {"label": "Why they came", "hint": "In the family's words", "counts_as": "subjective"},
            {"label": "What I saw", "required": True, "counts_as": "objective"},
            {"label": "What comes next", "required": True, "counts_as": "plan"},
        ],
    },
    about="""Draw up a template of notes (team lead)

    It belongs to your service team. Each section gets a `key`, under which a note has its words.
    """,
)

reads(
    blueprint,
    TEMPLATE,
    ReadNoteTemplate,
    NoteTemplateAnswer,
    etag="version",
    about="Read a template of notes with all its versions",
)


def _standing(template: UUID) -> dict[str, Any]:
    stands: Mapping[str, Any] = services().doors.ask(actor(), ReadNoteTemplate(template)).template
    return {name: stands[name] for name in ("name", "all_teams", "sections")}


sends(
    blueprint,
    "PATCH",
    TEMPLATE,
    ChangeNoteTemplate,
    standing=_standing,
    example={"name": "First visit, at home", "reason": "The second one is at school"},
    about="""Give a template of your service team another version (team lead)

    `sections` as a whole; one that has its `key` keeps its words in drafts that take the new version. Notes stay in the
    version that they were written in.
    """,
)

sends(
    blueprint,
    "POST",
    f"{TEMPLATE}/retirement",
    RetireNoteTemplate,
    example={"reason": "Nobody writes in it"},
    about="""Take a template out of use (team lead)

    What was begun in it can still be signed; notes in it stay as they are.
    """,
)

sends(
    blueprint,
    "POST",
    f"{TEMPLATE}/restoration",
    RestoreNoteTemplate,
    example={"reason": "We need it after all"},
    about="Offer a template of your service team again (team lead)",
)
