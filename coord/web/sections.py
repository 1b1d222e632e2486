"""What the sections of a note are called, and the note itself: by its format, or by the template's version it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask_babel import gettext as _

from coord.domain.case.notes import section_in
from coord.domain.note_template import WrittenIn
from coord.web.labels import SECTIONS, label


def written_in(entry: Mapping[str, Any]) -> WrittenIn | None:
    """The version of a template that an entry of the timeline says it was written in."""
    return cast("WrittenIn | None", entry["detail"].get("written_in"))


def format_called(format: object, kept: WrittenIn | None) -> str:
    """What a note is: its template's name, as it was then, or its format."""
    return kept["name"] if kept else label("format", format)


def section_called(name: str, kept: WrittenIn | None) -> str:
    """What stands above a section of a note."""
    section = section_in(kept, name)
    return section["label"] if section else str(SECTIONS.get(name) or _("Written in another template"))
