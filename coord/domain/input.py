"""Checks of what people send, collected so that they hear of every problem at once."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta

from coord.domain.errors import FieldProblem, InvalidInput

SHORT = 200  # characters: a name, a class, a reason in a line
STATEMENT = 500  # characters: one statement of a summary
REASON = 1_000  # characters
LONG = 20_000  # characters: one section of a note
CLOCK_SKEW = timedelta(minutes=2)  # a device's clock may run ahead of ours by this much

# Control characters, halves of surrogate pairs, and code points that Unicode keeps for no character at all.
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_BREAKS = re.compile(r"[\n\r\t]")


class Input:
    """Collects the problems of one command; ``refuse_if_any`` raises them together.

    Each check returns the cleaned value (stripped, NFC), or an empty one after noting a problem.
    """

    def __init__(self) -> None:
        """Start with no problem."""
        self.problems: list[FieldProblem] = []

    def problem(self, pointer: str, code: str, **params: object) -> None:
        """Note that the input at ``pointer`` is wrong in the way ``code`` says."""
        self.problems.append(FieldProblem(pointer, code, params))

    def refuse_if_any(self) -> None:
        """Raise `InvalidInput` with all problems noted so far, if there are any."""
        if self.problems:
            raise InvalidInput(self.problems)

    def text(
        self, pointer: str, value: object, *, limit: int = SHORT, required: bool = True, lines: bool = True
    ) -> str:
        """Check a text: present if required, at most ``limit`` characters, no control or broken characters."""
        if value is None:
            value = ""
        if not isinstance(value, str):
            self.problem(pointer, "not-text")
            return ""
        if len(value) > limit:
            self.problem(pointer, "too-long", limit=limit, length=len(value))
            return ""
        if _BROKEN.search(value) or (not lines and _LINE_BREAKS.search(value)):
            self.problem(pointer, "broken-characters")
            return ""
        cleaned = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if required and not cleaned:
            self.problem(pointer, "missing")
        return cleaned

    def moment(self, pointer: str, value: datetime | None, *, now: datetime) -> datetime | None:
        """Check a point in time (zone given, not in the future, not before 1900) and give it in UTC.

        Two times of one zone compare by the clock on the wall, which is wrong in the hour that happens twice.
        """
        if value is None:
            self.problem(pointer, "missing")
            return None
        if value.tzinfo is None:
            self.problem(pointer, "no-time-zone")
            return None
        if value > now + CLOCK_SKEW:
            self.problem(pointer, "in-the-future")
            return None
        if value.year < 1900:
            self.problem(pointer, "too-long-ago")
            return None
        return value.astimezone(UTC)

    def birth_date(self, pointer: str, value: date | None, *, today: date) -> date | None:
        """Check a birth date: not in the future and not more than 26 years ago (records end at the 25th birthday)."""
        if value is None:
            self.problem(pointer, "missing")
            return None
        if value > today:
            self.problem(pointer, "in-the-future")
            return None
        if value.year < today.year - 26:
            self.problem(pointer, "too-long-ago")
            return None
        return value
