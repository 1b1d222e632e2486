"""What a page has to say about one of its fields."""

from __future__ import annotations

from dataclasses import dataclass


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
