"""The school summary as an accessible PDF, on one page where it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from coord.web.accessible_pdf import accessible_pdf


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its statements; ``do`` and ``dont`` get their mark and colour."""

    kind: Literal["do", "dont", "plain"]
    heading: str
    statements: Sequence[str]


@dataclass(frozen=True, slots=True)
class Fact:
    """A line such as who to ask. ``written`` by a person, hence in the language of the statements."""

    name: str
    value: str
    written: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is printed, in the reader's language where it is ours. Parts of one row stand side by side."""

    language: str
    text_language: str
    title: str
    kind: str
    heading: str
    subtitle: str
    notices: Sequence[str]
    rows: Sequence[Sequence[Part]]
    facts: Sequence[Fact]
    notes: Sequence[str]
    footer: str
    missing: str
    """What to say if a character could not be drawn."""


def summary_pdf(sheet: Sheet, *, at: datetime) -> bytes:
    """The file, made at ``at``."""
    return accessible_pdf("school-summary.typ", asdict(sheet), missing=sheet.missing, at=at)
