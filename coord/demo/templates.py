"""The templates of notes of the Lighthouse team: drawn up by its lead, changed once, and written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from coord.application import Doors
from coord.application.asked import as_meant
from coord.application.declared import Command
from coord.application.note_templates.commands import (
    ChangeNoteTemplate,
    DrawUpNoteTemplate,
    RestoreNoteTemplate,
    RetireNoteTemplate,
)
from coord.application.notes.commands import SignNote
from coord.demo.clinic import Step
from coord.demo.story import AUDIENCES
from coord.demo.story import Step as Told
from coord.domain.actors import Actor
from coord.domain.case import NoteContent
from coord.domain.note_template import SectionContent, TemplateContent, TemplateUsed, section_key

TEMPLATES = {
    "visit": UUID("6c1f0a5e-2b6d-4a0e-9a55-0c8f3d1b7e01"),
    "first": UUID("6c1f0a5e-2b6d-4a0e-9a55-0c8f3d1b7e02"),
}
"""What the stories call them."""
LASTS = timedelta(minutes=50)


def steps(doors: Doors, lead: Actor) -> list[Step]:
    """A visit at home or at school, with another section since it was tried; a first meeting, put away and taken out
    again."""
    visit, first = TEMPLATES["visit"], TEMPLATES["first"]
    said, seen, understood, coming = (
        SectionContent("What the family told", "In their own words", counts_as="subjective"),
        SectionContent("What I saw there", "The room, the people, the child in it", True, "objective"),
        SectionContent("How I understand it", counts_as="assessment", required=True),
        SectionContent("What we agreed", "Who does what, until when", counts_as="plan"),
    )
    sections = [said, seen, understood, coming]
    kept = [replace(section, key=section_key(visit, i)) for i, section in enumerate(sections, 1)]
    helped = SectionContent("What helps there", "What is in the room already, and works")
    changed = TemplateContent("Visit at home or at school", [*kept[:2], helped, *kept[2:]])
    why = "After ten visits: what helps was written somewhere else each time"
    meeting = TemplateContent("First meeting", [replace(said, required=True), coming])

    def do(command: Command) -> Callable[[], object]:
        return partial(doors.execute, lead, command)

    return [
        ("32 mon", 9, 10, do(DrawUpNoteTemplate(visit, TemplateContent("Visit at home or at school", sections)))),
        ("32 mon", 9, 20, do(DrawUpNoteTemplate(first, meeting))),
        ("21 mon", 9, 10, do(RetireNoteTemplate(first, "Everybody writes first meetings in SOAP"))),
        ("14 mon", 9, 10, do(ChangeNoteTemplate(visit, 1, changed, why))),
        ("13 mon", 9, 10, do(RestoreNoteTemplate(first, "Tomas asks for it, for his families on Fridays"))),
    ]


def write(doors: Doors, author: Actor, case_id: UUID, step: Told) -> None:
    """A note in a template, in the version of the day: the word is what the template is called, the fields are the
    first words of its sections."""
    template = doors.record.note_template(TEMPLATES[step.words[0]])
    sections: dict[str, str] = {}
    for given in step.fields:
        alike = [
            s["key"] for s in template.content["sections"] if s["label"].lower().startswith(given.replace("-", " "))
        ]
        if len(alike) != 1:
            step.wrong(f"{template.content['name']} has no section {given!r}")
        sections[alike[0]] = step.text(given)
    content = NoteContent(
        "template",
        sections,
        step.at - LASTS,
        observed_to=step.at,
        setting=step.options.get("in", "home"),
        audience=AUDIENCES[step.options.get("for", "team")],
        present=[name.replace("-", " ") for name in step.options.get("with", "").split(",") if name],
        template=TemplateUsed(template.id, template.text_version),
    )
    as_meant(doors, author, SignNote(case_id, uuid4(), content))
