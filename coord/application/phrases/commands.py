"""What can be done with one's own phrases: commands, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from coord.application.declared import Command, command
from coord.domain.permissions import writes_notes
from coord.domain.phrases import PhraseName, PhraseText
from coord.domain.said import INSIDE, Said


@command(writes_notes, "Tried to keep a phrase")
class KeepPhrase(Command):
    """Keep a phrase of one's own under a short name, in place of what stood there. ``before`` is the name that it had,
    if that is another one. ``expected_version`` is the version that one saw (0: there was none); None does not ask."""

    name: PhraseName
    text: PhraseText
    shared: Annotated[bool, Said("Colleagues can read it and take it over")] = False
    before: Annotated[str, INSIDE] = ""
    expected_version: int | None = None


@command(writes_notes, "Tried to remove a phrase")
class RemovePhrase(Command):
    """Throw a phrase of one's own away. What was written with it stays, and so does what a colleague took over."""

    name: PhraseName


@command(writes_notes, "Tried to take phrases from a file")
class ImportPhrases(Command):
    """Take phrases from a file: all of them, or none and what is wrong with which. One's own of the same name and other
    words is only replaced if that is said."""

    rows: Sequence[Mapping[str, object]]
    replace: bool = False
