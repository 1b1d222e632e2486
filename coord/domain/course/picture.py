"""The group as it is: how old its children are, what they cope with, and how many of them an activity suits. No names,
and nothing that goes into a child's record: it is for those who plan a session, and who know who is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from coord.domain.activity import DEMANDS, ActivityText, Demand
from coord.domain.course.fit import demands_beyond, demands_short

UNKNOWN = "unknown"
"""Nobody has said: neither much nor little."""
COPES_WITH = (*DEMANDS, "sensory", "attention")
"""What a profile says of a child; activities say of the first three how much they demand."""


class Suits(StrEnum):
    """How an activity suits a child."""

    AS_WRITTEN = "as-written"
    DOWN = "down"
    UP = "up"
    TOO_MUCH = "too-much"
    UNKNOWN = "unknown"


def how_it_suits(profile: Mapping[str, str] | None, activity: ActivityText) -> Suits:
    """How an activity suits a child with this profile: it may ask one step more than the child copes with, and is
    graded down then; two are too many. Graded up is what asks less in everything."""
    if profile is None:
        return Suits.UNKNOWN
    beyond = demands_beyond(profile, activity)
    if any(steps > 1 for steps in beyond.values()):
        return Suits.TOO_MUCH
    if beyond:
        return Suits.DOWN
    return Suits.UP if demands_short(profile, activity) else Suits.AS_WRITTEN


@dataclass(frozen=True, slots=True)
class GroupPicture:
    """The children of a group as numbers: the ``ages`` of all in full years, and their ``profiles`` (None: nobody has
    described the child), in no order that would tell who is who."""

    ages: Sequence[int]
    profiles: Sequence[Mapping[str, str] | None]

    @classmethod
    def of(cls, children: Sequence[tuple[int, Mapping[str, str] | None]]) -> GroupPicture:
        """Of these children, each with age and profile."""
        profiles = sorted((p for _, p in children), key=lambda p: sorted((p or {}).items()))
        return cls(sorted(age for age, _ in children), profiles)

    @property
    def children(self) -> int:
        """How many they are."""
        return len(self.ages)

    def spread(self) -> dict[str, dict[str, int]]:
        """For each thing to cope with, how many children cope with how much of it; `UNKNOWN` where nobody has said."""
        found: dict[str, dict[str, int]] = {}
        for name in COPES_WITH:
            told = Counter((profile or {}).get(name) or UNKNOWN for profile in self.profiles)
            found[name] = {level: told[level] for level in (*(d.value for d in Demand), UNKNOWN)}
        return found

    def suits(self, activity: ActivityText) -> dict[str, int]:
        """How many children an activity suits in which way."""
        told = Counter(how_it_suits(profile, activity) for profile in self.profiles)
        return {way.value: told[way] for way in Suits}

    def of_another_age(self, activity: ActivityText) -> int:
        """How many children are younger or older than those an activity is for."""
        return sum(not activity["age_from"] <= age <= activity["age_to"] for age in self.ages)
