"""The writing page's form: from what was typed to a draft and to a note, and back, with nothing lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_time
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.domain.actors import Actor
from coord.domain.case import Audience, NoteContent, Setting
from coord.domain.case.notes import FORMATS, Format, checked_content
from coord.domain.errors import FieldProblem, InvalidInput
from coord.web.labels import label
from coord.web.local_time import NotADate, NotATime, Readings, SkippedTime, read_day, read_time, readings
from coord.web.messages import field_message

SECTION = "section-"
_FIELD_OF_POINTER = {"observed_from": "from-day", "observed_to": "to-day"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right: the field it is at (an element's id, or empty), what that is called, and what to do."""

    field: str
    name: str
    text: str

    @property
    def in_summary(self) -> dict[str, str]:
        """A line of the error summary, which must say by itself what it is about."""
        line = {"text": f"{self.name}: {self.text}" if self.name else self.text}
        return line | ({"href": f"#{self.field}"} if self.field else {})


@dataclass(frozen=True, slots=True)
class When:
    """A date and a time as typed; ``second`` asks for the later of the two where the clocks went back over them."""

    day: str = ""
    at: str = ""
    second: bool = False

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> When:
        """As a person in the clinic would type it."""
        local = moment.astimezone(zone)
        return cls(local.strftime("%d/%m/%Y"), local.strftime("%H:%M"), local.fold == 1)

    def read(self, zone: ZoneInfo) -> Readings:
        """What it can mean. Raises `NotADate`, `NotATime` or `SkippedTime`."""
        return readings(read_day(self.day), read_time(self.at), zone)

    def twice(self, zone: ZoneInfo) -> bool:
        """Whether the clocks went back over it, so that it came twice."""
        try:
            return self.read(zone).second is not None
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class NoteForm:
    """What stands in the writing page's fields.

    ``tab`` and ``turn`` tell this page's own later words from another tab's: see `follows`.
    """

    format: str
    sections: Mapping[str, str] = field(default_factory=dict)
    start: When = field(default_factory=When)
    end: When = field(default_factory=When)
    setting: str = Setting.THERAPY_ROOM.value
    present: str = ""
    audience: str = Audience.CARE_TEAM.value
    linked: Sequence[UUID] = ()
    revision: int = 0
    tab: str = ""
    turn: int = 0

    @classmethod
    def blank(cls, name: str, now: datetime, zone: ZoneInfo, linked: Sequence[UUID] = ()) -> NoteForm:
        """A page for the hour that has just passed."""
        end = now - timedelta(minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond)
        start = end - timedelta(hours=1)
        return cls(name, start=When.of(start, zone), end=When.of(end, zone), linked=linked, tab=uuid4().hex)

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> NoteForm:
        """What the browser sent."""
        return cls(
            format=form.get("format", ""),
            sections={k.removeprefix(SECTION): lines_of(v) for k, v in form.items() if k.startswith(SECTION)},
            start=When(form.get("from-day", ""), form.get("from-time", ""), form.get("from-second") == "yes"),
            end=When(form.get("to-day", ""), form.get("to-time", ""), form.get("to-second") == "yes"),
            setting=form.get("setting", ""),
            present=lines_of(form.get("present", "")),
            audience=form.get("audience", ""),
            linked=_ids(form.getlist("linked")),
            revision=number_in(form.get("revision", "")),
            tab=form.get("tab", "")[:64],
            turn=number_in(form.get("turn", "")),
        )

    @classmethod
    def kept(cls, body: Mapping[str, Any], revision: int, zone: ZoneInfo) -> NoteForm:
        """What a draft holds, whether a page made it or the API. It goes on as another tab."""
        typed = body.get("typed") or {}
        present = typed.get("present")
        return cls(
            format=str(body.get("format", "")),
            sections={str(k): str(v) for k, v in (body.get("sections") or {}).items()},
            start=_when(typed, "from", body.get("observed_from"), zone),
            end=_when(typed, "to", body.get("observed_to"), zone),
            setting=str(body.get("setting", "")),
            present="\n".join(str(p) for p in body.get("present") or ()) if present is None else str(present),
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

    def apart(self) -> NoteForm:
        """The same words for a draft of its own."""
        return replace(self, revision=0, tab=uuid4().hex, turn=0)

    # ---- what is kept and signed

    def body(self, zone: ZoneInfo) -> dict[str, object]:
        """What a draft keeps: the content as the API has it, and beside it what was typed, complete or not."""
        start, end, _problems = self._times(zone)
        return {
            "format": self.format,
            "sections": {name: text for name, text in self.sections.items() if text},
            "observed_from": start.isoformat() if start else "",
            "observed_to": end.isoformat() if end else "",
            "setting": self.setting,
            "present": self._people(),
            "audience": self.audience,
            "linked": [str(i) for i in self.linked],
            "typed": {
                "from-day": self.start.day,
                "from-time": self.start.at,
                "from-second": self.start.second,
                "to-day": self.end.day,
                "to-time": self.end.at,
                "to-second": self.end.second,
                "present": self.present,
            },
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
        start, end, problems = self._times(zone)
        of_template = self.template(actor).sections
        content = NoteContent(
            format=self.format,
            sections={name: text for name, text in self.sections.items() if name in of_template},
            observed_from=start,
            observed_to=end,
            setting=self.setting,
            present=self._people(),
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

    def _people(self) -> list[str]:
        return [line.strip() for line in self.present.splitlines() if line.strip()]

    def _times(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None, list[Problem]]:
        problems: list[Problem] = []
        start = self._time("from", self.start, zone, problems)
        begun = start.chosen(second=self.start.second) if start else None
        if not self.end.at.strip():
            if self._ends_on_another_day():
                problems.append(Problem("to-time", times()["to"], _message("not-a-time")))
            return begun, None, problems
        end = self._time("to", self.end, zone, problems)
        return begun, end.chosen(second=self.end.second, not_before=begun) if end else None, problems

    def _ends_on_another_day(self) -> bool:
        try:
            return bool(self.end.day.strip()) and read_day(self.end.day) != read_day(self.start.day)
        except NotADate:
            return False

    def _time(self, which: str, when: When, zone: ZoneInfo, problems: list[Problem]) -> Readings | None:
        name = times()[which]
        try:
            return when.read(zone)
        except NotADate:
            problems.append(Problem(f"{which}-day", name, _message("not-a-date")))
        except NotATime:
            problems.append(Problem(f"{which}-time", name, _message("not-a-time")))
        except SkippedTime as skipped:
            text = _(
                "On %(day)s the clocks went forward from %(before)s to %(after)s, so there was no %(time)s. "
                "Enter the time that the clock showed",
                day=format_date(read_day(when.day), "long"),
                before=_clock(skipped.before),
                after=_clock(skipped.after),
                time=_clock(read_time(when.at)),
            )
            problems.append(Problem(f"{which}-time", name, text))
        return None


class InvalidForm(Exception):
    """The page's fields cannot be signed as they are."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """At least one problem is expected."""
        super().__init__("invalid-form")
        self.problems = tuple(problems)


def formats_of(actor: Actor) -> list[Format]:
    """The templates that the person's role writes in, in their order."""
    return [f for f in FORMATS.values() if actor.role in f.roles]


def times() -> dict[str, str]:
    """What the two ends of the observation are called."""
    return {"from": _("Observed from"), "to": _("Observed until")}


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


def _message(code: str) -> str:
    return field_message(FieldProblem("", code))


def _clock(at: time) -> str:
    return str(format_time(datetime.combine(date(2000, 1, 1), at, UTC), "short", rebase=False))


def _when(typed: Mapping[str, Any], which: str, kept: object, zone: ZoneInfo) -> When:
    if f"{which}-day" in typed:
        return When(str(typed[f"{which}-day"]), str(typed.get(f"{which}-time", "")), bool(typed.get(f"{which}-second")))
    try:
        return When.of(datetime.fromisoformat(str(kept)), zone)
    except ValueError:
        return When()


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


def lines_of(text: str) -> str:
    """Text with the line ends that it was typed with; a form sends others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
