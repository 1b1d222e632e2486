"""Thirty activities to begin with, as data: in each language one TOML file for each kind of group. All are invented."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from coord.application import Doors
from coord.application.activities.commands import WriteActivity
from coord.application.activities.questions import ActivitiesAnswer, ActivityFilter, SearchActivities
from coord.domain.activity import ActivityContent
from coord.domain.actors import Actor
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


def _known(doors: Doors, reader: Actor) -> set[UUID]:
    known: set[UUID] = set()
    cursor = ""
    while True:
        page: ActivitiesAnswer = doors.ask(reader, SearchActivities(ActivityFilter(status="all"), cursor, limit=100))
        known |= {item["activity_id"] for item in page.items}
        cursor = page.next
        if not cursor:
            return known


__all__ = ["Shipped", "load", "shipped"]
