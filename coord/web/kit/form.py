"""One form: its fields are declared once, and whatever is refused, it comes back with every word as it was typed.

An area declares the fields of a form (`declared`). `Form.of` begins it with what stands, `Form.sent` is what the
browser sent, `Form.values` what that means for the command. `Form.send` carries it out; what the doors refuse is taken
over, field by field by JSON pointer, and the page is made again. Where the page around the form cannot be shown any
more (the right to it was lost, a store does not answer), the form stands alone. The macros are in `_macros/form.html`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from flask import make_response, render_template, request
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from coord.domain.errors import DomainError, FieldProblem, InvalidInput, NotPermitted, Unavailable
from coord.web.kit.asking import Asked, confirmed, questions
from coord.web.kit.sent import Refusal, sent
from coord.web.local_time import NotADate, NotATime, read_day, read_time, typed_day
from coord.web.messages import Explanation, field_message
from coord.web.spelling import format_date

Text: TypeAlias = "str | LazyString"
Words: TypeAlias = "Mapping[str, Text]"


class Kind(StrEnum):
    """What is typed into a field; the last four are not seen. ``NAMES`` are a few people, each in a place of
    their own; ``ROWS`` is where rows of fields are, as a whole."""

    TEXT = "text"
    LONG = "long"
    LINES = "lines"
    NAMES = "names"
    CHOICE = "choice"
    RADIOS = "radios"
    SEVERAL = "several"
    STEPS = "steps"
    TICK = "tick"
    DAY = "day"
    DAYS = "days"
    TIME = "time"
    WHOLE = "whole"
    ID = "id"
    VERSION = "version"
    HIDDEN = "hidden"
    ROWS = "rows"


MANY = (Kind.SEVERAL, Kind.STEPS)
_SMALL_CHOICES = {Kind.RADIOS: "nhsuk-radios--small", Kind.SEVERAL: "nhsuk-checkboxes--small"}
UNSEEN = (Kind.ID, Kind.VERSION, Kind.HIDDEN, Kind.ROWS)
_EMPTY: Mapping[Kind, Any] = {Kind.DAY: None, Kind.WHOLE: None, Kind.VERSION: 0}
_ONE_OR_MORE_DAYS = re.compile(r"[,;]")


class Unread(ValueError):
    """What was typed is nothing of its kind. ``line`` is the one of several that it is about, from 0."""

    def __init__(self, code: str, line: int | None = None) -> None:
        """``code`` says what is wrong, as in a `FieldProblem`."""
        super().__init__(code)
        self.code, self.line = code, line


@dataclass(frozen=True, slots=True)
class Field:
    """One field. What only some need:

    ``optional``: the command may go without it. ``options`` are the codes to choose from with their words, and
    ``first`` the words for none of them; a form that knows its choices only later says them with `Form.offer`, and
    ``before`` stands for a choice that was made and is not offered any more.
    ``becomes`` makes the command's value of a choice or of a text. ``says`` has closer words for some codes, ``called``
    a shorter name for the summary. ``pointer`` and ``target`` are where the domain and the page have it, where that is
    not under its name. ``look`` goes to the macro of `_macros/fields.html` as it is.
    """

    name: str
    kind: Kind
    label: Text = ""
    hint: Text = ""
    optional: bool = False
    options: Words | Callable[[], Words] | None = None
    first: Text = ""
    before: Text = ""
    becomes: Callable[[str], Any] | None = None
    says: Words = field(default_factory=dict)
    called: Text = ""
    pointer: str = ""
    target: str = ""
    width: int = 0
    rows: int = 0
    look: Mapping[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> str:
        """The JSON pointer by which the domain speaks of it."""
        return self.pointer or f"/{self.name}"

    def words(self) -> Words:
        """The options with their words."""
        return self.options() if callable(self.options) else self.options or {}

    def as_typed(self, value: Any) -> Any:
        """What stands, as somebody would have typed it."""
        if self.kind in (*MANY, Kind.NAMES):
            return [_plain(one) for one in value or ()]
        if self.kind is Kind.DAYS:
            return "\n".join(typed_day(_plain(day)) for day in value or ())
        if self.kind is Kind.LINES:
            return "\n".join(value or ())
        if self.kind is Kind.TICK:
            return "yes" if value else ""
        return _plain(value or uuid4()) if self.kind is Kind.ID else _plain(value)

    def from_browser(self, source: MultiDict[str, str]) -> Any:
        """What was typed, with line ends of one kind."""
        if self.kind is Kind.STEPS:
            return [one for one in source.getlist(self.name) if one]
        if self.kind is Kind.SEVERAL:
            return list(dict.fromkeys(source.getlist(self.name)))
        if self.kind is Kind.NAMES:
            return source.getlist(self.name)
        typed = source.get(self.name, "").replace("\r\n", "\n").replace("\r", "\n")
        return str(uuid_of(typed) or uuid4()) if self.kind is Kind.ID else typed

    def read(self, typed: Any) -> Any:
        """What it means for a command. Raises `Unread`."""
        if self.kind in MANY:
            return [value for one in typed if (value := self._became(one)) is not None]
        if self.kind is Kind.NAMES:
            return typed
        if not typed.strip() and (self.becomes or self.kind in _EMPTY):
            if self.becomes and not self.optional:
                raise Unread("unknown-choice")
            return _EMPTY.get(self.kind)
        reader = _READERS.get(self.kind)
        return self._became(typed) if reader is None else reader(typed)

    def _became(self, text: str) -> Any:
        try:
            return self.becomes(text) if self.becomes else text
        except ValueError:
            raise Unread("unknown-choice") from None

    def in_words(self, typed: Any, known: Mapping[str, str] | None = None) -> str:
        """What was typed as a text to be read; ``known`` are the words of what was offered."""
        words = known or self.words()
        if self.kind in (*MANY, Kind.NAMES):
            return ", ".join(str(words.get(one, one)) for one in typed)
        if self.kind is Kind.DAY and typed.strip():
            return str(format_date(read_day(typed), "long"))
        return str(words.get(typed, (known and self.before) or typed))


def _plain(value: Any) -> str:
    return "" if value is None else str(getattr(value, "value", value))


def _lines(text: str) -> list[str]:
    """A typed list; an empty line keeps its place for what is said of the others."""
    return text.rstrip("\n").split("\n") if text.strip() else []


def _day(text: str) -> date:
    try:
        return read_day(text)
    except NotADate:
        raise Unread("not-a-date") from None


def _days(text: str) -> list[date]:
    days = []
    for number, line in enumerate(text.split("\n")):
        try:
            days += [read_day(part) for part in _ONE_OR_MORE_DAYS.split(line) if part.strip()]
        except NotADate:
            raise Unread("not-a-date", number) from None
    return days


def _time(text: str) -> str:
    """``9.30`` and ``0930`` are 09:30; nothing is left to the domain, which says that it is missing."""
    try:
        return read_time(text).strftime("%H:%M") if text.strip() else ""
    except NotATime:
        raise Unread("not-a-time") from None


def _whole(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Unread("not-a-number")
    return int(text)


def _version(text: str) -> int:
    """Of what one decided on; what is no number, which only a forged form has, is none that ever stood."""
    return number_of(text) or 0


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.LINES: _lines,
    Kind.TICK: lambda text: text == "yes",
    Kind.DAY: _day,
    Kind.DAYS: _days,
    Kind.TIME: _time,
    Kind.WHOLE: _whole,
    Kind.ID: UUID,
    Kind.VERSION: _version,
}


def among(words: Container[str]) -> Callable[[str], str]:
    """For what a choice ``becomes``: itself, where it is one of these."""

    def known(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return known


def uuid_of(text: str) -> UUID | None:
    """The identifier, or None: only a forged form has another."""
    try:
        return UUID(text)
    except ValueError:
        return None


def number_of(text: str) -> int | None:
    """A small whole number with or without a sign, or None."""
    text = text.strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


@dataclass(slots=True)
class Form:
    """A form on its way: what was typed, and why it came back. ``at`` goes before the ids of its elements, where a page
    has several forms; ``under`` before the pointers of its fields; ``taken`` is what to say when its id was used for
    something else, and a new one was given to it; ``small`` ones have small choices and labels."""

    fields: dict[str, Field]
    typed: dict[str, Any]
    under: str = ""
    taken: Text = ""
    small: bool = False
    at: str = ""
    status: int = 200
    title: str | None = None
    notice: Explanation | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    """What is wrong, by the name of the field."""
    elsewhere: list[str] = field(default_factory=list)
    """What is wrong with no field of it."""
    questions: Sequence[FieldProblem] = ()
    """Of all that is wrong, what may yet be meant."""
    where: Callable[[FieldProblem], str] = lambda _problem: ""
    """The address of what a question is about; "" where that has none."""
    error: DomainError | None = None
    """Why it was refused."""
    given: Sequence[str] = ()
    """The answers that came with it."""
    offered: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    stands_now: list[tuple[str, str]] | None = None
    """What stands otherwise than it was typed, where somebody else was faster."""
    counted: dict[str, str] = field(default_factory=dict)
    """Where the domain counts otherwise than the page, for rows of nothing are left out: fields by its pointers."""
    _unread: list[FieldProblem] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        """What a field means, on its own. Raises `Unread`."""
        return self.fields[name].read(self.typed[name])

    @property
    def id(self) -> UUID:
        """What makes a form that is sent twice one."""
        return next(UUID(self.typed[name]) for name, one in self.fields.items() if one.kind is Kind.ID)

    @property
    def version(self) -> int:
        """Of what it was decided on; 0, which nothing ever has, where there is none."""
        return next((int(self[name]) for name, one in self.fields.items() if one.kind is Kind.VERSION), 0)

    def values(self) -> dict[str, Any]:
        """What was typed, for the command; what cannot be read is left out.

        Raises `InvalidInput` where the command would be carried out without it: then what is missing is said at the
        same time.
        """
        found: dict[str, Any] = {}
        self._unread, lost = [], False
        for name, one in self._seen():
            try:
                found[name] = one.read(self.typed[name])
            except Unread as unread:
                pointer = self.under + one.at + ("" if unread.line is None else f"/{unread.line}")
                self._unread.append(FieldProblem(pointer, unread.code))
                lost = lost or one.optional or one.becomes is not None
                found[name] = "" if one.kind is Kind.TIME else None
        if lost:
            empty = [one for name, one in self._seen() if not one.optional and _nothing(found[name])]
            raise InvalidInput([*self._unread, *(FieldProblem(self.under + one.at, "missing") for one in empty)])
        return found

    def unread(self, name: str, code: str, **params: object) -> None:
        """Say of a field what only several of them together tell: that they mean nothing."""
        self._unread.append(FieldProblem(self.under + self.fields[name].at, code, params))

    def refuse_unread(self) -> None:
        """Raise `InvalidInput` with what could not be read."""
        if self._unread:
            raise InvalidInput(self._unread)

    def counts(self, pointer: str, names: Mapping[str, str]) -> None:
        """A row of the domain's: which field has which part of it."""
        self.counted |= {f"{pointer}/{part}" if part else pointer: name for part, name in names.items()}

    def _seen(self) -> list[tuple[str, Field]]:
        return [(name, one) for name, one in self.fields.items() if one.kind not in UNSEEN]

    def send(
        self,
        act: Callable[[], Response],
        again: Callable[[], Response],
        explained: Callable[[DomainError], Explanation] | None = None,
    ) -> Response:
        """What ``act`` answers; or, whatever is refused, the page ``again``. ``explained`` has an area's own words for
        what is wrong with no field. Raises `NotFound` as it comes."""

        def once_more(refusal: Refusal) -> Response:
            self.take(refusal)
            if explained and self.notice and refusal.error:
                self.notice = explained(refusal.error)
            try:
                return again()
            except (NotPermitted, Unavailable):
                return make_response(render_template("kit/form_alone.html", form=self))

        return sent(act, once_more)

    def take(self, refusal: Refusal) -> None:
        """Take over why it was refused: at each field, or on top."""
        self.status, self.notice = refusal.status, refusal.explained
        self.title = refusal.title if refusal.problems else None
        self.questions = [problem for problem in refusal.problems if problem.answer]
        self.error = refusal.error
        for problem in (*self._unread, *refusal.problems):
            if not problem.answer:
                self.say(problem)

    @property
    def asked(self) -> list[Asked]:
        """What is asked, each with the field that it is about where that has a name of its own."""
        return questions(self.questions, self._question, self.where)

    def _question(self, problem: FieldProblem) -> str:
        one, _rest = self._field_at(problem.pointer)
        words = field_message(problem)
        return f"{one.called}: {words}" if one and one.called else words

    def say(self, problem: FieldProblem) -> None:
        """One sentence for a field, the first one counts; of a list of lines, with the line."""
        one, rest = self._field_at(problem.pointer)
        if one is None or one.kind is Kind.ID or (one.kind is Kind.HIDDEN and not one.called):
            self.elsewhere.append(self._renewed() if problem.code == "id-taken" else field_message(problem))
            return
        words = str(one.says.get(problem.code) or field_message(problem))
        if rest.isdigit() and (one.kind is Kind.LINES or (one.kind is Kind.DAYS and problem in self._unread)):
            words = _("Line %(number)s: %(problem)s", number=int(rest) + 1, problem=words)
        self.wrong.setdefault(one.name, words)

    def _field_at(self, pointer: str) -> tuple[Field | None, str]:
        """The field at a pointer, or in which that is; and the rest of the pointer."""
        pointer, rest = pointer.removeprefix(self.under), ""
        by_pointer = {one.at: one for one in self.fields.values()}
        by_pointer |= {at: self.fields[name] for at, name in self.counted.items()}
        while pointer and pointer not in by_pointer:
            pointer, _slash, rest = pointer.rpartition("/")
        return by_pointer.get(pointer), rest

    def become(self, other: Form) -> None:
        """Go on with the fields and the words of another, and with what was said of this one."""
        self.fields, self.typed = other.fields, other.typed

    def renew(self) -> None:
        """Its id was used: from now on it is a form of its own."""
        self.typed |= {name: str(uuid4()) for name, one in self.fields.items() if one.kind is Kind.ID}

    def _renewed(self) -> str:
        self.renew()
        return str(self.taken) or field_message(FieldProblem("/id", "id-taken"))

    def beside(self, version: int, content: Mapping[str, Any]) -> None:
        """What stands by now, to be shown beside what was typed where somebody else was faster: one decides on that."""
        if self.status != 412:
            return
        self.typed |= {name: str(version) for name, one in self.fields.items() if one.kind is Kind.VERSION}
        self.stands_now = []
        for name, one in self._seen():
            stands = one.as_typed(content.get(name))
            if name in content and not _alike(one, stands, self.typed[name]):
                self.stands_now.append((str(one.called or one.label), self.in_words(name, stands) or "–"))

    def in_words(self, name: str, typed: Any) -> str:
        """What could be typed into a field, as a text to be read."""
        known = {str(item["value"]): str(item["text"]) for item in self.offered.get(name, ())}
        return self.fields[name].in_words(typed, known)

    def offer(self, name: str, items: Iterable[Mapping[str, Any]]) -> None:
        """What can be chosen in a field, as the macros take it: value, text, and a hint."""
        self.offered[name] = list(items)

    def items(self, name: str) -> list[dict[str, Any]]:
        """What can be chosen, with what was. A choice that was made and is not offered any more can be unmade."""
        one, typed = self.fields[name], self.typed[name]
        chosen = typed if one.kind in MANY else [typed]
        items = self.offered.get(name)
        if items is None:
            items = [{"value": value, "text": str(text)} for value, text in one.words().items()]
        if one.options is None:
            known = {str(item["value"]) for item in items}
            lost = [value for value in chosen if value and value not in known]
            items = [
                *items,
                *({"value": value, "text": str(one.before) or _("What you chose before")} for value in lost),
            ]
        first = [{"value": "", "text": str(one.first)}] if one.first else []
        mark = "selected" if one.kind is Kind.CHOICE else "checked"
        return [{**item, mark: item["value"] in chosen} for item in (*first, *items)]

    def look(self, name: str) -> dict[str, Any]:
        """What the macro of a field is given, beside its words and its value."""
        one = self.fields[name]
        look: dict[str, Any] = {"name": name, "hint": str(one.hint), "wrong": self.wrong.get(name)}
        if one.kind in _SMALL_CHOICES and self.small:
            look |= {"classes": _SMALL_CHOICES[one.kind], "legend_class": "nhsuk-fieldset__legend--s"}
        elif self.small:
            look["label_class"] = "nhsuk-label--s"
        if one.kind is Kind.DAY:
            look |= {"classes": "nhsuk-input--width-10", "autocomplete": "off"}
        elif one.kind is Kind.WHOLE:
            look["inputmode"] = "numeric"
        look |= {"classes": f"nhsuk-input--width-{one.width}"} if one.width else {}
        return look | ({"rows": one.rows} if one.rows else {}) | dict(one.look)

    def shown(self, name: str) -> str:
        """What a field of one line or of several shows."""
        one = self.fields[name]
        return typed_day(self.typed[name]) if one.kind is Kind.DAY else str(self.typed[name])

    @property
    def problems(self) -> Sequence[FieldProblem]:
        """All that is wrong with what was typed."""
        return self.error.problems if isinstance(self.error, InvalidInput) else ()

    @property
    def codes(self) -> set[str]:
        """Of all that is wrong."""
        return {problem.code for problem in self.problems}

    @property
    def came_back(self) -> bool:
        """Whether it was refused."""
        return self.status != 200

    @property
    def says_something(self) -> bool:
        """Whether there is anything in it to be typed or chosen."""
        return bool(self._seen())

    @property
    def errors(self) -> list[dict[str, str]]:
        """The summary on top, in the order of the page."""
        found = [{"text": text} for text in self.elsewhere]
        for name, text in sorted(self.wrong.items(), key=lambda said: list(self.fields).index(said[0])):
            one = self.fields[name]
            called = one.called or one.label
            target = f"{self.at}{one.target or name}"
            found.append({"text": f"{called}: {text}" if called else text, "href": f"#{target}"})
        said, ticks = {one["text"] for one in found}, enumerate(self.asked if self.came_back else (), 1)
        asked = [{"text": one.text, "href": f"#{self.at}asked-{number}"} for number, one in ticks]
        return found + [one for one in asked if one["text"] not in said]


def _nothing(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _alike(one: Field, stands: Any, typed: Any) -> bool:
    """Whether two say the same, however they are written."""
    if one.kind is Kind.SEVERAL:
        return set(stands) == set(typed)
    try:
        mine, theirs = one.read(typed), one.read(stands)
    except Unread:
        return False
    return bool(mine.split() == theirs.split() if isinstance(mine, str) else mine == theirs)


@dataclass(frozen=True, slots=True)
class Declared:
    """The fields of a form, in the order of the page; with what `Form` says of ``under``, ``taken`` and ``small``."""

    fields: Sequence[Field]
    under: str = ""
    taken: Text = ""
    small: bool = False

    def of(self, stands: Mapping[str, Any] | None = None, *, at: str = "") -> Form:
        """To begin with: what stands, or nothing."""
        typed = {one.name: one.as_typed((stands or {}).get(one.name)) for one in self.fields}
        return self._form(typed, at)

    def sent(self, *, at: str = "") -> Form:
        """What came with the request."""
        return self._form({one.name: one.from_browser(request.form) for one in self.fields}, at, confirmed())

    def asked(self) -> Form:
        """What the address of a list asks for: see `coord.web.kit.listed`."""
        typed = ((one.name, one.from_browser(request.args)) for one in self.fields)
        return self._form({name: text.strip() if isinstance(text, str) else text for name, text in typed}, "")

    def _form(self, typed: dict[str, Any], at: str, given: Sequence[str] = ()) -> Form:
        return Form({one.name: one for one in self.fields}, typed, self.under, self.taken, self.small, at, given=given)


DECLARED: dict[str, Declared] = {}
"""Every form, by a name of its own: the tests walk over it."""


def declared(name: str, *fields: Field, under: str = "", taken: Text = "", small: bool = False) -> Declared:
    """Declare a form."""
    DECLARED[name] = found = Declared(fields, under, taken, small)
    return found


def lines(text: str) -> str:
    """A text with line ends of one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
