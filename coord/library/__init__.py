"""Thirty activities to begin with, as data: in each language one TOML file for each kind of group. All are invented."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from coord.application import Doors
from coord.application.activities.commands import ReviseActivity, WriteActivity
from coord.application.activities.questions import ActivitiesAnswer, ActivityFilter, SearchActivities
from coord.domain.activity import ActivityContent
from coord.domain.actors import Actor
from coord.domain.errors import Conflict, Stale
from coord.office.accounts import Language

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Shipped:
    """An activity with the id that it has in every store and language: loading it twice is loading it once."""

    id: UUID
    content: ActivityContent


def shipped(language: Language) -> list[Shipped]:
    """All of them in one language, file by file. Raises `ValueError` naming the file that cannot be read."""
    found = []
    for file in sorted((FOLDER / language).glob("*.toml")):
        try:
            for entry in tomllib.loads(file.read_text(encoding="utf-8"))["activity"]:
                found.append(Shipped(UUID(entry.pop("id")), ActivityContent(**entry)))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{language}/{file.name}: {error}") from error
    return found


def load(doors: Doors, author: Actor, language: Language) -> tuple[int, int]:
    """Write those that the library does not have, in the name of ``author``; how many, and how many it had.

    What the clinic has revised or retired since stays as it is, and so does what it has in another language.
    """
    known, activities = _known(doors, author), shipped(language)
    new = [activity for activity in activities if activity.id not in known]
    for activity in new:
        doors.execute(author, WriteActivity(activity.id, activity.content))
    return len(new), len(activities) - len(new)


def renew(doors: Doors, author: Actor) -> int:
    """Bring what was loaded earlier up to the texts of today, as a revision in the name of ``author``; how many.

    A text that comes along is sometimes mended because it was not safe, and a library that had it before shall not keep
    it. What the clinic has revised or retired stays as it is. In which language it was loaded, its title says.
    """
    known, renewed = _known(doors, author), 0
    for language, reason in _WHY_RENEWED.items():
        for activity in shipped(language):
            item = known.get(activity.id)
            if item is None or item["text_version"] != 1 or item["status"] != "in-use":
                continue
            if item["title"] != activity.content.title:
                continue
            try:
                doors.execute(author, ReviseActivity(activity.id, item["version"], activity.content, reason))
            except (Conflict, Stale):  # it says so already, or somebody has just changed it
                continue
            renewed += 1
    return renewed


_WHY_RENEWED: dict[Language, str] = {
    "en": "The text that comes along with Coord was improved",
    "it": "Il testo fornito con Coord è stato migliorato",
}


def _known(doors: Doors, reader: Actor) -> dict[UUID, Mapping[str, Any]]:
    known: dict[UUID, Mapping[str, Any]] = {}
    cursor = ""
    while True:
        page: ActivitiesAnswer = doors.ask(reader, SearchActivities(ActivityFilter(status="all"), cursor, limit=100))
        known |= {item["activity_id"]: item for item in page.items}
        if page.next is None:
            return known
        cursor = page.next


__all__ = ["Shipped", "load", "shipped"]
