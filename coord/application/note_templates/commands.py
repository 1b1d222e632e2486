"""Changes to the templates of notes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from coord.application.declared import Command, Reason, command
from coord.domain.input import REASON
from coord.domain.note_template import TemplateContent
from coord.domain.permissions import team_lead
from coord.domain.said import FLAT, Said


@command(team_lead, "Tried to draw up a note template", makes="template_id")
class DrawUpNoteTemplate(Command):
    """Draw up a template of notes for one's own service team (or for all teams): a name, and its sections in order, at
    least one of them required."""

    template_id: UUID
    content: Annotated[TemplateContent, FLAT]


@command(team_lead, "Tried to change a note template")
class ChangeNoteTemplate(Command):
    """Give a template of one's own service team another version: ``content`` is the whole of it, ``expected_version``
    the version one saw. Notes and drafts stay in the version that they were begun in."""

    template_id: UUID
    expected_version: int
    content: Annotated[TemplateContent, FLAT]
    reason: Annotated[str, Said("Why it is changed", most=REASON)]


@command(team_lead, "Tried to take a note template out of use")
class RetireNoteTemplate(Command):
    """Offer a template of one's own service team no longer, saying why. What was begun in it can still be signed."""

    template_id: UUID
    reason: Reason
    expected_version: int | None = None


@command(team_lead, "Tried to offer a note template again")
class RestoreNoteTemplate(Command):
    """Offer a template of one's own service team again, saying why."""

    template_id: UUID
    reason: Reason
    expected_version: int | None = None
