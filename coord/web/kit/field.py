"""One field of a form: of what kind it is, what it is called, and what was typed into it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from werkzeug.datastructures import MultiDict

from coord.web.local_time import NotADate, NotATime, read_day, read_time, typed_day
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
        typed = lines(source.get(self.name, ""))
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

    def alike(self, stands: Any, typed: Any) -> bool:
        """Whether two say the same, however they are written."""
        if self.kind is Kind.SEVERAL:
            return set(stands) == set(typed)
        try:
            mine, theirs = self.read(typed), self.read(stands)
        except Unread:
            return False
        return bool(mine.split() == theirs.split() if isinstance(mine, str) else mine == theirs)

    def in_words(self, typed: Any, known: Mapping[str, str] | None = None) -> str:
        """What was typed as a text to be read; ``known`` are the words of what was offered."""
        words = known or self.words()
        if self.kind in (*MANY, Kind.NAMES):
            return ", ".join(str(words.get(one, one)) for one in typed)
        if self.kind is Kind.TICK:
            return str(_("Yes") if typed else _("No"))
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


def lines(text: str) -> str:
    """A text with line ends of one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
