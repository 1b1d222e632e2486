"""What somebody can write a note in: the templates of their service team, and the formats of their role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from flask_babel import gettext as _

from coord.application.note_templates.questions import NoteTemplate, NoteTemplateAnswer, ReadNoteTemplate
from coord.application.notes.questions import BesideAnswer
from coord.domain.actors import Actor
from coord.domain.case.notes import FORMATS, Format, NoteFormat, format_of
from coord.domain.errors import NotFound, NotPermitted, Unavailable
from coord.domain.note_template import TemplateSection, TemplateText, TemplateUsed, WrittenIn
from coord.web.kit.field import number_of, uuid_of
from coord.web.labels import label
from coord.web.sections import format_called
from coord.web.visit import here

TEMPLATE = NoteFormat.TEMPLATE.value


def spelled(used: TemplateUsed | None, format: object = "") -> str:
    """A format, or the version of a template, as the form of a note has it."""
    return f"{TEMPLATE}:{used.id}:{used.version}" if used else str(format)


def template_in(name: str) -> TemplateUsed | None:
    """The version of a template that a form of a note says; None where it is in a format."""
    kind, _colon, rest = name.partition(":")
    of, _colon, version = rest.partition(":")
    id, number = uuid_of(of), number_of(version)
    return TemplateUsed(id, number) if kind == TEMPLATE and id and number else None


def formats_of(actor: Actor) -> list[Format]:
    """The formats that the person's role writes in, in their order."""
    return [f for f in FORMATS.values() if actor.role in f.roles]


def format_named(name: str, actor: Actor) -> Format:
    """The format written in; the first of the person's own if it is none that they write. (Whoever writes none may
    have written before: their words have a place.)"""
    own = formats_of(actor) or list(FORMATS.values())
    return next((one for one in own if one.name == name), own[0])


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to write in: what the form has for it, and its words."""

    value: str
    text: str


@dataclass(slots=True)
class Offered:
    """What is offered to somebody who writes; ``templates`` is None where nobody can say."""

    actor: Actor
    templates: Sequence[NoteTemplate] | None = None
    unknown: bool = False
    """Whether a store did not say what a template is like."""
    _read: dict[UUID, NoteTemplateAnswer | None] = field(default_factory=dict)

    @classmethod
    def beside(cls, actor: Actor, answer: BesideAnswer | None) -> Offered:
        """As the answer about what stands beside a note has them."""
        return cls(actor, answer.templates if answer else None)

    def named(self, name: str) -> Format:
        """What is written in: a format of the person's role, or a version of a template; the first format where there
        is no such, or none any more."""
        used = template_in(name)
        kept = self._version(used) if used else None
        return format_of(TEMPLATE, kept) or format_named(name, self.actor)

    def now(self, name: str) -> str:
        """The same as it is begun today: of a template that is in use the version that stands."""
        used = template_in(name)
        stands = self._standing(used.id) if used else None
        if used and (stands is None or stands["status"] == "retired"):
            return ""
        return spelled(TemplateUsed(used.id, stands["text_version"])) if used and stands else name

    def newer(self, template: Format) -> Choice | None:
        """The version that stands by now of the template written in, where it is another and in use."""
        kept = template.written_in
        stands = self._standing(UUID(kept["id"])) if kept else None
        if kept is None or stands is None or stands["status"] == "retired" or stands["text_version"] == kept["version"]:
            return None
        return Choice(spelled(TemplateUsed(UUID(kept["id"]), stands["text_version"])), str(stands["text_version"]))

    def retired(self, template: Format) -> bool:
        """Whether the template written in is offered no longer."""
        stands = self._standing(UUID(template.written_in["id"])) if template.written_in else None
        return stands is not None and stands["status"] == "retired"

    def others(self, template: Format) -> list[Choice]:
        """What else one could write in: the templates in use first, then the formats."""
        there = [one for one in self.templates or () if one["status"] == "in-use"]
        written_in = UUID(template.written_in["id"]) if template.written_in else None
        own = [
            Choice(spelled(TemplateUsed(one["template_id"], one["text_version"])), one["name"])
            for one in there
            if one["template_id"] != written_in
        ]
        formats = (one for one in formats_of(self.actor) if template.written_in or one.name != template.name)
        return own + [Choice(one.name, format_called(one.name, None)) for one in formats]

    def called(self) -> dict[str, str]:
        """Every section of the templates that are known, by its key: for what was typed in another one, or in another
        version."""
        return {key: label for one in self.templates or () for key, label in one["called"].items()}

    def _standing(self, id: UUID) -> NoteTemplate | None:
        if self.templates is None:
            found = self._whole(id)
            return found.template if found else None
        return next((one for one in self.templates if one["template_id"] == id), None)

    def _version(self, used: TemplateUsed) -> WrittenIn | None:
        stands = self._standing(used.id)
        if stands is not None and stands["text_version"] == used.version:
            return _kept(used, stands)
        whole = self._whole(used.id)
        texts = {change["text_version"]: change["content"] for change in whole.changes} if whole else {}
        text = texts.get(used.version)
        return _kept(used, text) if text else None

    def _whole(self, id: UUID) -> NoteTemplateAnswer | None:
        """With all its versions; None where it is not there for this person, or nobody can say."""
        if id not in self._read:
            services, actor = here()
            try:
                self._read[id] = services.doors.ask(actor, ReadNoteTemplate(id))
            except (NotFound, NotPermitted):
                self._read[id] = None
            except Unavailable:
                self._read[id], self.unknown = None, True
        return self._read[id]


def stand_in(name: str, keys: Sequence[str]) -> Format | None:
    """For a template of which no store says what it is like: the boxes that are on the page, numbered."""
    used = template_in(name)
    if used is None:
        return None
    sections: list[TemplateSection] = [
        {"key": key, "label": _("Section %(number)s", number=i), "hint": "", "required": False, "counts_as": ""}
        for i, key in enumerate(keys, 1)
    ]
    kept: WrittenIn = {
        "id": str(used.id),
        "version": used.version,
        "name": label("format", TEMPLATE),
        "sections": sections,
    }
    return format_of(TEMPLATE, kept)


def _kept(used: TemplateUsed, text: TemplateText | NoteTemplate) -> WrittenIn:
    return {"id": str(used.id), "version": used.version, "name": text["name"], "sections": text["sections"]}
