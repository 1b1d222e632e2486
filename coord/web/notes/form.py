"""The writing page's form: from what was typed to a draft and to a note, and back, with nothing lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.domain.actors import Actor
from coord.domain.case import Audience, NoteContent
from coord.domain.case.notes import FORMATS, Format, checked_content
from coord.domain.errors import FieldProblem, InvalidInput
from coord.web.kit.circumstances import CircumstancesForm, lines_of, times
from coord.web.kit.problem import Problem
from coord.web.labels import label
from coord.web.messages import field_message

SECTION = "section-"
_FIELD_OF_POINTER = {"observed_from": "from-day", "observed_to": "to-day"}


@dataclass(frozen=True, slots=True)
class NoteForm:
    """What stands in the writing page's fields.

    ``tab`` and ``turn`` tell this page's own later words from another tab's: see `follows`.
    """

    format: str
    sections: Mapping[str, str] = field(default_factory=dict)
    circumstances: CircumstancesForm = field(default_factory=CircumstancesForm)
    audience: str = Audience.CARE_TEAM.value
    linked: Sequence[UUID] = ()
    revision: int = 0
    tab: str = ""
    turn: int = 0

    @classmethod
    def blank(cls, name: str, circumstances: CircumstancesForm, linked: Sequence[UUID] = ()) -> NoteForm:
        """A page without a word."""
        return cls(name, circumstances=circumstances, linked=linked, tab=uuid4().hex)

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> NoteForm:
        """What the browser sent."""
        return cls(
            format=form.get("format", ""),
            sections={k.removeprefix(SECTION): lines_of(v) for k, v in form.items() if k.startswith(SECTION)},
            circumstances=CircumstancesForm.sent(form),
            audience=form.get("audience", ""),
            linked=_ids(form.getlist("linked")),
            revision=number_in(form.get("revision", "")),
            tab=form.get("tab", "")[:64],
            turn=number_in(form.get("turn", "")),
        )

    @classmethod
    def kept(cls, body: Mapping[str, Any], revision: int, zone: ZoneInfo) -> NoteForm:
        """What a draft holds, whether a page made it or the API. It goes on as another tab."""
        return cls(
            format=str(body.get("format", "")),
            sections={str(k): str(v) for k, v in (body.get("sections") or {}).items()},
            circumstances=CircumstancesForm.kept(body, zone),
            audience=str(body.get("audience", "")),
            linked=_ids(body.get("linked") or ()),
            revision=revision,
            tab=uuid4().hex,
        )

    # ---- what the page shows

    def template(self, actor: Actor) -> Format:
        """The format written in; the first of the person's own if it is none that they write."""
        chosen = FORMATS.get(self.format)
        return chosen if chosen and actor.role in chosen.roles else formats_of(actor)[0]

    def leftover(self, actor: Actor) -> dict[str, str]:
        """Words in sections that the template does not have: typed before another template was chosen."""
        own = self.template(actor).sections
        return {name: text for name, text in self.sections.items() if name not in own and text.strip()}

    @property
    def has_words(self) -> bool:
        """Whether anything is written. When, where and for whom are filled in by the page itself."""
        return any(text.strip() for text in self.sections.values())

    def apart(self) -> NoteForm:
        """The same words for a draft of its own."""
        return replace(self, revision=0, tab=uuid4().hex, turn=0)

    # ---- what is kept and signed

    def body(self, zone: ZoneInfo) -> dict[str, object]:
        """What a draft keeps: the content as the API has it, and beside it what was typed, complete or not."""
        start, end, _problems = self.circumstances.read(zone)
        return {
            "format": self.format,
            "sections": {name: text for name, text in self.sections.items() if text},
            "observed_from": start.isoformat() if start else "",
            "observed_to": end.isoformat() if end else "",
            "setting": self.circumstances.setting,
            "present": self.circumstances.people(),
            "audience": self.audience,
            "linked": [str(i) for i in self.linked],
            "typed": self.circumstances.typed(),
            "tab": self.tab,
            "turn": self.turn,
        }

    def follows(self, body: Mapping[str, Any], zone: ZoneInfo) -> bool:
        """Whether these words may take the place of the kept ones: they say the same, or came later from the same tab.

        A page that is closed sends its last words without waiting for the answer to those before.
        """
        if self.tab and self.tab == body.get("tab") and self.turn > int(body.get("turn") or 0):
            return True
        own = {"tab": None, "turn": None}
        return {**self.body(zone), **own} == {**body, **own}

    def content(self, actor: Actor, now: datetime, zone: ZoneInfo) -> NoteContent:
        """The note to sign. Raises `InvalidForm` with every problem at once."""
        start, end, problems = self.circumstances.read(zone)
        of_template = self.template(actor).sections
        content = NoteContent(
            format=self.format,
            sections={name: text for name, text in self.sections.items() if name in of_template},
            observed_from=start,
            observed_to=end,
            setting=self.circumstances.setting,
            present=self.circumstances.people(),
            audience=self.audience,
            linked=tuple(self.linked),
        )
        try:
            checked_content(content, actor=actor, now=now)
        except InvalidInput as invalid:
            unread = {p.field.removesuffix("-time").removesuffix("-day") for p in problems}
            found = problems_of(invalid.problems, self.template(actor))
            problems = [*(p for p in found if p.field.removesuffix("-day") not in unread), *problems]
        if self.leftover(actor):
            first = next(iter(self.leftover(actor)))
            text = _("This is left from another template. Move what you need into the note, and clear it here")
            problems.append(Problem(SECTION + first, label("section", first), text))
        if problems:
            raise InvalidForm(problems)
        return content


class InvalidForm(Exception):
    """The page's fields cannot be signed as they are."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """At least one problem is expected."""
        super().__init__("invalid-form")
        self.problems = tuple(problems)


def formats_of(actor: Actor) -> list[Format]:
    """The templates that the person's role writes in, in their order."""
    return [f for f in FORMATS.values() if actor.role in f.roles]


def problems_of(problems: Sequence[FieldProblem], template: Format | None = None, *, reason: str = "") -> list[Problem]:
    """What the domain objects to, at the fields of the page; the same thing at the same field once. ``reason`` is what
    the page calls the field for one."""
    names = {
        "observed_from": times()["from"],
        "observed_to": times()["to"],
        "present": _("Who was present"),
        "setting": _("Setting"),
        "audience": _("Who will see this"),
        "linked": _("Earlier notes"),
        "format": _("Template"),
        "reason": reason,
        "person": _("Who shall co-sign it"),
        "text": _("Addendum"),
    }
    found: list[Problem] = []
    for problem in problems:
        head, _slash, rest = problem.pointer.lstrip("/").partition("/")
        if head == "sections":
            known = template is None or rest in template.sections
            one = Problem(SECTION + rest if known else "", label("section", rest), field_message(problem))
        else:
            one = Problem(_FIELD_OF_POINTER.get(head, head), names.get(head, ""), field_message(problem))
        if one not in found:
            found.append(one)
    return found


def _ids(texts: Sequence[Any]) -> tuple[UUID, ...]:
    ids = []
    for text in texts:
        try:
            ids.append(UUID(str(text)))
        except ValueError:
            continue  # only a forged form has these
    return tuple(dict.fromkeys(ids))


def number_in(text: str) -> int:
    """A number that a page put into its form; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
