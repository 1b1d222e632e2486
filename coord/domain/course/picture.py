"""The group as it is: how old its children are, what they cope with, and how many of them an activity suits. No names,
and nothing that goes into a child's record: it is for those who plan a session, and who know who is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, TypedDict, cast

from coord.domain.activity import DEMANDS, ActivityText, Demand
from coord.domain.course.fit import demands_beyond, demands_short
from coord.domain.said import INSIDE, Said

UNSAID = "unsaid"
"""Nobody has said: neither much nor little."""
COPES_WITH = (*DEMANDS, "sensory", "attention")
"""What a profile says of a child; activities say of the first three how much they demand."""


class Suits(StrEnum):
    """How an activity suits a child."""

    AS_WRITTEN = "as-written"
    DOWN = "down"
    UP = "up"
    TOO_MUCH = "too-much"
    UNSAID = "unsaid"


def how_it_suits(profile: Mapping[str, str] | None, activity: ActivityText) -> Suits:
    """How an activity suits a child with this profile: it may ask one step more than the child copes with, and is
    graded down then; two are too many. Graded up is what asks less in everything."""
    if profile is None:
        return Suits.UNSAID
    beyond = demands_beyond(profile, activity)
    if any(steps > 1 for steps in beyond.values()):
        return Suits.TOO_MUCH
    if beyond:
        return Suits.DOWN
    return Suits.UP if demands_short(profile, activity) else Suits.AS_WRITTEN


class HowItSuits(TypedDict):
    """How many children of a group an activity suits, and how; and how many it is not the age for."""

    as_written: int
    down: Annotated[int, Said("Graded down")]
    up: Annotated[int, Said("Graded up")]
    too_much: Annotated[int, Said("Two steps beyond what they cope with")]
    unsaid: Annotated[int, Said("Nobody has described them")]
    another_age: int


class SpreadOfDemand(TypedDict):
    """How many children cope with how much."""

    low: int
    moderate: int
    high: int
    unsaid: Annotated[int, Said("Nobody has said: neither much nor little")]


class SpreadOfGroup(TypedDict):
    """What the children of the group cope with."""

    cognitive: SpreadOfDemand
    motor: SpreadOfDemand
    communication: SpreadOfDemand
    sensory: SpreadOfDemand
    attention: SpreadOfDemand


@dataclass(frozen=True, slots=True)
class GroupPicture:
    """The children as a group: numbers, no names. ``profiles`` (None: nobody has described the child) are in no order
    that would tell who is who."""

    ages: Annotated[Sequence[int], Said("In full years, the youngest first")]
    profiles: Annotated[Sequence[Mapping[str, str] | None], INSIDE]

    @classmethod
    def of(cls, children: Sequence[tuple[int, Mapping[str, str] | None]]) -> GroupPicture:
        """Of these children, each with age and profile."""
        profiles = sorted((p for _, p in children), key=lambda p: sorted((p or {}).items()))
        return cls(sorted(age for age, _ in children), profiles)

    @property
    def children(self) -> Annotated[int, Said()]:
        """How many they are."""
        return len(self.ages)

    @property
    def spread(self) -> Annotated[SpreadOfGroup, Said(name="copes_with")]:
        """For each thing to cope with, how many children cope with how much of it."""
        found: dict[str, Any] = {}
        for name in COPES_WITH:
            told = Counter((profile or {}).get(name) or UNSAID for profile in self.profiles)
            found[name] = {level: told[level] for level in (*(d.value for d in Demand), UNSAID)}
        return cast("SpreadOfGroup", found)

    def suits(self, activity: ActivityText) -> HowItSuits:
        """How many children an activity suits in which way, and how many are younger or older than it is for."""
        told = Counter(how_it_suits(profile, activity) for profile in self.profiles)
        return {
            "as_written": told[Suits.AS_WRITTEN],
            "down": told[Suits.DOWN],
            "up": told[Suits.UP],
            "too_much": told[Suits.TOO_MUCH],
            "unsaid": told[Suits.UNSAID],
            "another_age": sum(not activity["age_from"] <= age <= activity["age_to"] for age in self.ages),
        }
