"""What was found, in words: where it is read, and which of its words were meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from coord.domain.actors import Actor, Relationship
from coord.domain.permissions import PERMISSIONS
from coord.web.kit.entry import place_of
from coord.web.labels import label
from coord.web.sections import format_called, written_in
from coord.words import folded, found_in

_WORD = re.compile(r"(\s+)")
_AROUND = ".,;:!?…()[]«»“”„\"'"


def place(entry: Mapping[str, Any]) -> str:
    """Where an entry is read in full; what only the timeline tells, there."""
    return place_of(entry) or url_for("timeline.show", case_id=entry["case_id"])


def headline(entry: Mapping[str, Any]) -> str:
    """What kind of entry it is: of a note, its format."""
    return format_called(entry["format"], written_in(entry)) if entry["format"] else label("kind", entry["kind"])


def marked(text: str, wanted: Sequence[str]) -> list[tuple[str, bool]]:
    """A text in parts, each with whether it is a word that has one of those looked for. It is marked whole, but for the
    marks around it: "æ" is two letters to a search."""
    parts: list[tuple[str, bool]] = []
    for part in _WORD.split(text):
        before, word, after = _ends_of(part)
        if not any(one in folded(word) for one in wanted):
            before, word, after = "", part, ""
        found = any(one in folded(word) for one in wanted)
        for piece, mark in ((before, False), (word, found), (after, False)):
            if piece and parts and parts[-1][1] is mark is False:
                parts[-1] = (parts[-1][0] + piece, False)
            elif piece:
                parts.append((piece, mark))
    return parts


def _ends_of(part: str) -> tuple[str, str, str]:
    """What is around a word, and the word."""
    word = part.strip(_AROUND)
    before, _word, after = part.partition(word) if word else (part, "", "")
    return before, word, after


def pages_found(actor: Actor, wanted: Sequence[str]) -> list[tuple[str, str]]:
    """Pages that are about no child: title and address, of those that the person may open."""
    asked = (
        (pgettext("the first page", "Home"), "home.show", "ReadCaseload"),
        (_("Waiting for you"), "waiting.index", "ReadWaiting"),
        (_("Groups"), "groups.index", "ReadCourses"),
        (_("My sessions in my calendar"), "calendar.show", "ReadMySessions"),
        (_("Activities"), "activities.index", "SearchActivities"),
        (_("Write an activity"), "activities.new", "WriteActivity"),
        (_("Plan a course"), "groups.new", "PlanCourse"),
        (_("Open a case"), "children.new", "OpenCase"),
        (_("Policies"), "policies.index", "ReadPolicies"),
        (_("Templates of notes"), "note_templates.index", "ReadNoteTemplates"),
        (_("Draw up a template of notes"), "note_templates.new", "DrawUpNoteTemplate"),
        (_("Audit of your service team"), "audit.team", "ReadAudit"),
        (_("Your account"), "account.show", "ReadMe"),
    )
    may = [(str(title), url_for(page)) for title, page, kind in asked if PERMISSIONS[kind].who(actor, Relationship())]
    return [(title, address) for title, address in may if wanted and found_in(list(wanted), title)]
