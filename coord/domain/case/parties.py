"""Who agreed to something, and as what: to a goal in its words, or to the levels at a review."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, TypedDict

from coord.domain.input import SHORT, Input
from coord.domain.said import Said

MOST_PARTIES = 12


class PartyKind(StrEnum):
    """As what somebody agreed."""

    CHILD = "child"
    GUARDIAN = "guardian"
    TEACHER = "teacher"
    PROFESSIONAL = "professional"
    OTHER = "other"


PARTIES = tuple(kind.value for kind in PartyKind)


class Party(TypedDict):
    """Somebody who agreed, and as what."""

    name: Annotated[str, Said(most=SHORT)]
    party: Annotated[str, Said(of=PartyKind)]


Parties = Annotated[Sequence[tuple[str, str]], Said(each=Party, most=MOST_PARTIES)]
"""As they are typed: (name, party) pairs."""


def checked_parties(check: Input, parties: Parties) -> list[Party]:
    """The (name, party) pairs cleaned, at least one; what is wrong is noted in ``check``."""
    if not parties:
        check.problem("/parties", "missing")
    elif len(parties) > MOST_PARTIES:
        check.problem("/parties", "too-many", limit=MOST_PARTIES)
    return [
        {
            "name": check.text(f"/parties/{i}/name", name, limit=SHORT, lines=False),
            "party": check.choice(f"/parties/{i}/party", party, PARTIES),
        }
        for i, (name, party) in enumerate(parties[:MOST_PARTIES])
    ]
