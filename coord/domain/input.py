"""Checks of what people send, collected so that they hear of every problem at once."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from coord.domain.errors import FieldProblem, InvalidInput
from coord.words import can_be_seen, without_unseen

SHORT = 200  # characters: a name, a class, a reason in a line
STATEMENT = 500  # characters: one statement of a summary
REASON = 1_000  # characters
LONG = 20_000  # characters: one section of a note
CLOCK_SKEW = timedelta(minutes=2)  # a device's clock may run ahead of ours by this much

EARLIEST_ZONE = timedelta(hours=14)  # a day begins so much before UTC's where it begins first: born there, it was then

# Control characters, halves of surrogate pairs, and code points that Unicode keeps for no character at all.
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_BREAKS = re.compile(r"[\n\r\t]")


ANSWERED_AT_ONCE = frozenset({"names-another-child"})
"""Codes that, sent among the answers, answer all of their questions: what callers said before each had its own."""


def answer_to(code: str, about: object) -> str:
    """What confirms the question ``code`` about what was typed; of no use for anything else that may be typed.

    It stands for the words without holding them, so that it may pass through an address, a log or a form.
    """
    return f"{code}.{hashlib.sha256(str(about).encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


class Input:
    """Collects the problems of one command; ``refuse_if_any`` raises them together.

    Each check returns the cleaned value (stripped, NFC), or an empty one after noting a problem.
    """

    def __init__(self, confirmed: Collection[str] = ()) -> None:
        """Start with no problem; ``confirmed`` are the answers that came with the command (see `ask`)."""
        self.problems: list[FieldProblem] = []
        self.answered: list[dict[str, object]] = []
        """What was asked about and is meant: pointer, code and params of each. The event keeps it."""
        self._confirmed = frozenset(confirmed)

    def problem(self, pointer: str, code: str, **params: object) -> None:
        """Note that the input at ``pointer`` is wrong in the way ``code`` says."""
        self.problems.append(FieldProblem(pointer, code, params))

    def take(self, problem: FieldProblem, under: str = "") -> None:
        """Note a problem that another check found, with the answer it asks for; ``under`` goes before its pointer."""
        self.problems.append(replace(problem, pointer=under + problem.pointer))

    def ask(self, pointer: str, code: str, about: object, /, *, kept: bool = True, **params: object) -> None:
        """Ask once about what is implausible and may yet be meant; what is impossible is a `problem`.

        ``about`` is what was typed: an answer counts for just that, and something else typed since is asked about
        anew. An answer that came with the command is kept in ``answered``, for the event; with the ``params``, unless
        they are not ``kept``: what names somebody, or another entry, is not for everybody who reads the event.
        """
        answer = answer_to(code, about)
        if answer in self._confirmed or (code in ANSWERED_AT_ONCE and code in self._confirmed):
            self.answered.append({"pointer": pointer, "code": code, "params": dict(params) if kept else {}})
        else:
            self.problems.append(FieldProblem(pointer, code, params, answer))

    def refuse_if_any(self) -> None:
        """Raise `InvalidInput` with all problems noted so far, if there are any."""
        if self.problems:
            raise InvalidInput(self.problems)

    def text(
        self, pointer: str, value: object, *, limit: int = SHORT, required: bool = True, lines: bool = True
    ) -> str:
        """Check a text: present if required, at most ``limit`` characters, no control or broken characters.

        What nobody can see is taken out, and a text of nothing else is none.
        """
        if value is None or value == "":  # most fields of most forms
            if required:
                self.problem(pointer, "missing")
            return ""
        if not isinstance(value, str):
            self.problem(pointer, "not-text")
            return ""
        if len(value) > limit:
            self.problem(pointer, "too-long", limit=limit, length=len(value))
            return ""
        value = without_unseen(value)
        if _BROKEN.search(value) or (not lines and _LINE_BREAKS.search(value)):
            self.problem(pointer, "broken-characters")
            return ""
        cleaned = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if not can_be_seen(cleaned):  # a name of blanks leaves a link that nobody can find
            cleaned = ""
        if required and not cleaned:
            self.problem(pointer, "missing")
        return cleaned

    def moment(
        self, pointer: str, value: datetime | None, *, now: datetime, born: date | None = None
    ) -> datetime | None:
        """Check a point in time (zone given, not in the future, not before 1900, nor before the child was ``born``) and
        give it in UTC.

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
        if born is not None and (value.astimezone(UTC) + EARLIEST_ZONE).date() < born:
            self.problem(pointer, "before-birth")
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

    def choice(self, pointer: str, value: object, choices: Iterable[str], *, required: bool = True) -> str:
        """Check one of a few words; empty is fine if it is not required."""
        if value is None or value == "":
            if required:
                self.problem(pointer, "missing")
            return ""
        known = list(choices)
        if not isinstance(value, str) or value not in known:
            self.problem(pointer, "unknown-choice", choices=known)
            return ""
        return value

    def chosen(
        self, pointer: str, values: Sequence[object], choices: Sequence[str], *, required: bool = True
    ) -> list[str]:
        """Check some of a few words, each once; in the order of ``choices``."""
        wrong = [i for i, value in enumerate(values) if value not in choices]
        for i in wrong:
            self.problem(f"{pointer}/{i}", "unknown-choice", choices=list(choices))
        clean = [choice for choice in choices if choice in values]
        if required and not clean and not wrong:
            self.problem(pointer, "missing")
        return clean

    def number(
        self, pointer: str, value: object, least: int, most: int, *, required: bool = True, whole: bool = True
    ) -> float | None:
        """Check a number from ``least`` to ``most``, both included; whole unless said otherwise."""
        if value is None:
            if required:
                self.problem(pointer, "missing")
            return None
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or value != value:
            self.problem(pointer, "wrong-type")
            return None
        if not least <= value <= most:
            self.problem(pointer, "out-of-range", least=least, most=most)
            return None
        return value
