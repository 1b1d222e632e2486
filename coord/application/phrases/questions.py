"""What can be asked about phrases: the question, and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from coord.application.declared import Question, question
from coord.application.looking import Purpose
from coord.application.shown import GivenWhole, Shown
from coord.domain.permissions import writes_notes
from coord.domain.phrases import PhraseName, PhraseText
from coord.domain.said import FLAT, Said


@question(writes_notes, "Looked at their phrases", purpose=Purpose.SERVICE)
class ReadPhrases(Question):
    """One's own phrases, and what colleagues share: who is in the same service team, or on a care team with one, and
    has access. Teachers see those of the care teams alone."""


class OwnPhrase(TypedDict):
    """A phrase of one's own."""

    name: PhraseName
    text: PhraseText
    shared: Annotated[bool, Said("Colleagues can read it and take it over")]
    revision: Annotated[int, Said("What a change may name in If-Match", name="version")]
    updated_at: datetime


class ColleaguesPhrase(TypedDict):
    """A phrase that a colleague shares."""

    name: PhraseName
    text: PhraseText
    person_id: Annotated[UUID, Said("Whose it is")]
    person_name: str


@dataclass(frozen=True, slots=True)
class PhrasesAnswer(GivenWhole):
    """Your phrases, and those that colleagues share."""

    items: Sequence[OwnPhrase]
    colleagues: Annotated[Sequence[ColleaguesPhrase], Said("Shared by whom you work with")]
    shown: Annotated[Shown, FLAT]
