"""What happens in the clinic beside the children's stories: its activity library, and what a team works by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from coord import library
from coord.application import Doors
from coord.application.activities.commands import RestoreActivity, RetireActivity, ReviseActivity
from coord.application.declared import Command
from coord.application.phrases.commands import KeepPhrase
from coord.application.policies.commands import ChangePolicy
from coord.domain.actors import Actor
from coord.office.accounts import Language

Step = tuple[str, int, int, Callable[[], object]]
"""Day (as in a story's heading), hour, minute, and what is done."""


PHRASES = (
    KeepPhrase("laces", "Tied the laces [how often], with [help].", shared=True),
    KeepPhrase("warm-up", "Warm-up on the swing, [minutes] minutes; afterwards [calm, awake or tired].", shared=True),
    KeepPhrase("home", "At home until next time: [what], [how often], together with [whom]."),
)
CALMER: Mapping[Language, tuple[str, str]] = {
    "en": (
        "Two boats at a time: with four, nobody waited for the green light",
        "Tried it with the group on Tuesday",
    ),
    "it": (
        "Due barche alla volta: con quattro, nessuno aspettava il semaforo verde",
        "Provata con il gruppo martedì",
    ),
}


def steps(doors: Doors, people: Mapping[str, Actor], language: Language = "en") -> list[Step]:
    """An occupational therapist brings the library in, in the language of the clinic; it is improved, and so is what a
    team works by."""
    ida, helen = people["ida"], people["helen"]
    ids = {activity.content.title: activity.id for activity in library.shipped("en")}
    silent = ids["The silent relay"]
    race = next(activity for activity in library.shipped(language) if activity.id == ids["Boat race"])
    watch, why = CALMER[language]
    calmer = replace(race.content, watch=[*race.content.watch, watch])
    six = ChangePolicy("social-skills", 0, {"size_most": 6}, "The room at the Lighthouse holds six, and two adults")

    def do(who: Actor, command: Command) -> Callable[[], object]:
        return partial(doors.execute, who, command)

    return [
        ("start tue", 12, 10, partial(library.load, doors, ida, language)),
        ("28 wed", 12, 20, do(ida, ReviseActivity(race.id, 1, calmer, why))),
        ("24 thu", 12, 20, do(ida, RetireActivity(silent, "The large cloth is torn"))),
        ("20 mon", 12, 20, do(ida, RestoreActivity(silent, "There is a new cloth, with handles"))),
        ("16 mon", 9, 20, do(helen, six)),
        *(("15 mon", 12, 20 + i, do(ida, phrase)) for i, phrase in enumerate(PHRASES)),
    ]
