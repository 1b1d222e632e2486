"""A template of notes, as the lead of a service team draws it up: which sections, in which words, which are needed.

It has versions, and a note keeps the one that it was written in: what the note says of it (`WrittenIn`) stands in the
note's own event, so that no change of the template changes how a note reads. A section has a key for good, by which
its words are found again in a later version; it is made of the template's id, so that no two templates share one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self, TypedDict
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateCreated, BaseAggregate

from coord.domain.actors import Actor
from coord.domain.errors import Conflict, NotPermitted, Stale
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, Input
from coord.domain.said import Said
from coord.words import spelled_alike

MOST_IN_USE = 60
"""Of a service team: each is a button where a note is begun. What was retired stays, and is not counted."""
MOST_SECTIONS = 12
NAME_LIMIT = 60
"""It is the words of a button."""
LABEL_LIMIT = 80
HINT_LIMIT = 200


class CountsAs(StrEnum):
    """What a section is, whatever it is called: what finds the headline and the plan of a note, and takes words over
    from one template into another."""

    SUBJECTIVE = "subjective"
    OBJECTIVE = "objective"
    ASSESSMENT = "assessment"
    PLAN = "plan"


class TemplateSection(TypedDict):
    """A section as it was drawn up."""

    key: str
    label: str
    hint: str
    required: bool
    counts_as: Annotated[str, Said("What it is, whatever it is called", of=CountsAs, null=True)]


class TemplateText(TypedDict):
    """A template as it was drawn up, complete."""

    name: str
    all_teams: bool
    sections: list[TemplateSection]


class WrittenIn(TypedDict):
    """The version of a template that a note was written in, with all that it takes to read the note."""

    id: Annotated[str, Said(id=True)]
    version: int
    name: str
    sections: list[TemplateSection]


@dataclass(frozen=True, slots=True)
class TemplateUsed:
    """The version of a template that a note is written in."""

    id: UUID
    version: Annotated[int, Said(least=1, most=10_000)]


class TemplateVersion(TypedDict):
    """Which version of which template a note is written in."""

    id: UUID
    version: int


def told_of(used: TemplateUsed | None) -> TemplateVersion | None:
    """The same as it is told."""
    return {"id": used.id, "version": used.version} if used else None


@dataclass(frozen=True, slots=True)
class SectionContent:
    """A section of a template: its lead's words."""

    label: Annotated[str, Said("What stands above the box", most=LABEL_LIMIT)]
    hint: Annotated[str, Said("A line of help", most=HINT_LIMIT)] = ""
    required: Annotated[bool, Said("Whether a note can be signed without it")] = False
    counts_as: Annotated[str, Said("What it is, whatever it is called; left out if none of these", of=CountsAs)] = ""
    key: Annotated[str, Said("Of a section that the template has or had; left out for a new one", most=12)] = ""


@dataclass(frozen=True, slots=True)
class TemplateContent:
    """What a lead draws up; `checked` says what is wrong with it."""

    name: Annotated[str, Said(most=NAME_LIMIT)]
    sections: Annotated[Sequence[SectionContent], Said("In order; at least one is needed", most=MOST_SECTIONS)]
    all_teams: Annotated[bool, Said("For every service team, not only your own")] = False


class TemplateDrawnUp(CoordEvent, AggregateCreated):
    """The lead of a service team drew up a template of notes."""

    TOPIC = "note-template.drawn-up.v1"
    HISTORY = in_the_history("Note template drawn up")
    team: str
    """The service team whose lead drew it up, and keeps it."""
    content: TemplateText
    """``name``; ``all_teams`` if every team is offered it; ``sections`` in order, each with its ``key`` for good, its
    ``label`` and ``hint``, whether it is ``required``, and what it ``counts_as`` (``subjective``, ``objective``,
    ``assessment``, ``plan``, or nothing)."""

    def apply(self, aggregate: NoteTemplate) -> None:
        """Take over what was drawn up."""
        aggregate.team = self.team
        aggregate.texts = (self.content,)
        aggregate.retired = False
        aggregate.changed_in = {}

    def told(self) -> Particulars:
        """Which one, and the number of its version; the sections are with the template."""
        return {"template": self.content["name"], "team": self.team, "version": 1}


class TemplateChanged(CoordEvent):
    """A template has another version from now on. What was written in the one before stays as it was."""

    TOPIC = "note-template.changed.v1"
    HISTORY = in_the_history("Note template changed")
    content: TemplateText
    """The whole new version."""
    reason: str
    version: int
    """Its number, from 2."""

    def apply(self, aggregate: NoteTemplate) -> None:
        """The next version."""
        changed = dict.fromkeys(differing(aggregate.content, self.content), self.originator_version)
        aggregate.changed_in = {**aggregate.changed_in, **changed}
        aggregate.texts = (*aggregate.texts, self.content)

    def told(self) -> Particulars:
        """Which one, the number of its version, and why."""
        return {"template": self.content["name"], "version": self.version, "reason": self.reason}


class TemplateRetired(CoordEvent):
    """A template is not offered any more. Notes and drafts in it stay, and a draft can still be signed."""

    TOPIC = "note-template.retired.v1"
    HISTORY = in_the_history("Note template taken out of use")
    reason: str

    def apply(self, aggregate: NoteTemplate) -> None:
        """No longer offered."""
        aggregate.retired = True
        aggregate.changed_in = {**aggregate.changed_in, "status": self.originator_version}

    def told(self) -> Particulars:
        """Why."""
        return {"reason": self.reason}


class TemplateRestored(CoordEvent):
    """A template is offered again."""

    TOPIC = "note-template.restored.v1"
    HISTORY = in_the_history("Note template offered again")
    reason: str

    def apply(self, aggregate: NoteTemplate) -> None:
        """Offered again."""
        aggregate.retired = False
        aggregate.changed_in = {**aggregate.changed_in, "status": self.originator_version}

    def told(self) -> Particulars:
        """Why."""
        return {"reason": self.reason}


class NoteTemplate(BaseAggregate[UUID]):
    """The stream of one template. ``version`` counts every change, ``text_version`` the versions that notes keep."""

    TOPIC = "note-template"
    team: str
    texts: tuple[TemplateText, ...]
    """Every version, from the first."""
    retired: bool
    changed_in: dict[str, int]
    """In which version of the stream the name, the sections, or the ``status`` were last changed."""

    def __init__(self) -> None:
        """State comes from the events alone."""

    def __deepcopy__(self, memo: dict[int, object]) -> NoteTemplate:
        """One that can be changed without the cached one: events replace what they change, and alter nothing."""
        copy = object.__new__(NoteTemplate)
        copy.__dict__ = {**self.__dict__, "_pending_events": []}
        return copy

    @classmethod
    def draw_up(cls, *, id: UUID, at: datetime, actor: Actor, content: TemplateContent, in_use: int = 0) -> Self:
        """Draw one up for one's own service team, which has so many ``in_use``. Raises `InvalidInput` field by field,
        `NotPermitted` for a lead of none, and `Conflict` when there are `MOST_IN_USE`."""
        if not actor.team:
            raise NotPermitted("no-service-team")
        check = Input()
        text = checked(check, content, template=id, known=())
        check.refuse_if_any()
        _refuse_if_full(in_use)
        return cls._create(TemplateDrawnUp, id=id, timestamp=at, by=actor.by(), team=actor.team, content=text)

    @property
    def content(self) -> TemplateText:
        """As it stands."""
        return self.texts[-1]

    @property
    def text_version(self) -> int:
        """The number of the version that stands."""
        return len(self.texts)

    @property
    def status(self) -> str:
        """``in-use`` or ``retired``."""
        return "retired" if self.retired else "in-use"

    def is_for(self, team: str) -> bool:
        """Whether it is there for who belongs to a service team: their own, or one that is for all, or was."""
        return (bool(team) and team == self.team) or any(text["all_teams"] for text in self.texts)

    def written_in(self, version: int, *, team: str) -> WrittenIn | None:
        """What a note keeps of one of its versions; None where there is no such version for who belongs to ``team``."""
        if not 1 <= version <= len(self.texts):
            return None
        text = self.texts[version - 1]
        if not text["all_teams"] and not (team and team == self.team):
            return None
        return {"id": str(self.id), "version": version, "name": text["name"], "sections": text["sections"]}

    def change(
        self, *, at: datetime, actor: Actor, expected_version: int, content: TemplateContent, reason: str
    ) -> None:
        """Give it another version, saying why; ``content`` is the whole of it.

        Raises `NotPermitted` for who does not lead its team, `Stale` when it changed since ``expected_version``,
        `Conflict` when it is retired or nothing changes, `InvalidInput`.
        """
        self._refuse_other_leads(actor)
        check = Input()
        text = checked(check, content, template=self.id, known=_keys(self.texts))
        reason = check.text("/reason", reason, limit=REASON)
        check.refuse_if_any()
        self._refuse_stale(expected_version)
        if self.retired:
            raise Conflict("template-retired")
        if text == self.content:
            raise Conflict("nothing-changed")
        version = self.text_version + 1
        self.trigger_event(TemplateChanged, timestamp=at, by=actor.by(), content=text, reason=reason, version=version)

    def retire(self, *, at: datetime, actor: Actor, reason: str, expected_version: int | None = None) -> None:
        """Take it out of use, saying why. Raises `Conflict` if it is out of use, `NotPermitted`, `Stale`."""
        reason = self._decided(actor, reason, expected_version)
        if self.retired:
            raise Conflict("template-retired")
        self.trigger_event(TemplateRetired, timestamp=at, by=actor.by(), reason=reason)

    def restore(
        self, *, at: datetime, actor: Actor, reason: str, expected_version: int | None = None, in_use: int = 0
    ) -> None:
        """Offer it again, saying why. Raises `Conflict` if it is in use or the team has `MOST_IN_USE`, `NotPermitted`,
        `Stale`."""
        reason = self._decided(actor, reason, expected_version)
        if not self.retired:
            raise Conflict("template-in-use")
        _refuse_if_full(in_use)
        self.trigger_event(TemplateRestored, timestamp=at, by=actor.by(), reason=reason)

    def _decided(self, actor: Actor, reason: str, expected_version: int | None) -> str:
        self._refuse_other_leads(actor)
        check = Input()
        reason = check.text("/reason", reason, limit=REASON)
        check.refuse_if_any()
        self._refuse_stale(expected_version)
        return reason

    def _refuse_other_leads(self, actor: Actor) -> None:
        if not actor.team or actor.team != self.team:
            raise NotPermitted("another-teams-template")

    def _refuse_stale(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise Stale(self.version, [name for name, version in self.changed_in.items() if version > expected])


def _refuse_if_full(in_use: int) -> None:
    if in_use >= MOST_IN_USE:
        raise Conflict("templates-full", limit=MOST_IN_USE)


def differing(one: TemplateText, other: TemplateText) -> list[str]:
    """The parts in which two versions differ."""
    before: Mapping[str, object] = one
    return [name for name, value in other.items() if before[name] != value]


def section_key(template: UUID, number: int) -> str:
    """The key of the section that was drawn up as the ``number``-th of a template, for good."""
    return uuid5(template, f"section/{number}").hex[:12]


def _keys(texts: Sequence[TemplateText]) -> list[str]:
    """Of every section that a template ever had, in the order in which they came."""
    return list(dict.fromkeys(section["key"] for text in texts for section in text["sections"]))


def checked(check: Input, content: TemplateContent, *, template: UUID, known: Sequence[str]) -> TemplateText:
    """The content cleaned, each new section with a key; what is wrong with it is noted in ``check``. ``known`` are the
    keys of all sections that the template ever had."""
    name = check.text("/name", content.name, limit=NAME_LIMIT, lines=False)
    sections: list[TemplateSection] = []
    if len(content.sections) > MOST_SECTIONS:
        check.problem("/sections", "too-many", limit=MOST_SECTIONS)
        return {"name": name, "all_teams": content.all_teams, "sections": sections}
    if not content.sections:
        check.problem("/sections", "missing")
    elif not any(section.required for section in content.sections):
        check.problem("/sections", "none-required")
    new = len(known)
    for i, section in enumerate(content.sections):
        one = _checked_section(check, f"/sections/{i}", section, known, sections)
        if not one["key"]:
            new += 1
            one["key"] = section_key(template, new)
        sections.append(one)
    return {"name": name, "all_teams": content.all_teams, "sections": sections}


def _checked_section(
    check: Input, at: str, section: SectionContent, known: Sequence[str], before: Sequence[TemplateSection]
) -> TemplateSection:
    label = check.text(f"{at}/label", section.label, limit=LABEL_LIMIT, lines=False)
    if label and any(spelled_alike(label) == spelled_alike(one["label"]) for one in before):
        check.problem(f"{at}/label", "given-twice")
    if section.key and section.key not in known:
        check.problem(f"{at}/key", "unknown-choice", choices=list(known))
    elif section.key and any(one["key"] == section.key for one in before):
        check.problem(f"{at}/key", "given-twice")
    return {
        "key": section.key,
        "label": label,
        "hint": check.text(f"{at}/hint", section.hint, limit=HINT_LIMIT, required=False, lines=False),
        "required": section.required,
        "counts_as": check.choice(f"{at}/counts_as", section.counts_as, CountsAs, required=False),
    }
