"""Who agreed to something, and as what: to a goal in its words, or to the levels at a review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from coord.domain.input import SHORT, Input

MOST_PARTIES = 12
PARTIES = ("child", "guardian", "teacher", "professional", "other")
"""As what somebody agreed."""


class Party(TypedDict):
    """Somebody who agreed, and as what (see `PARTIES`)."""

    name: str
    party: str


def checked_parties(check: Input, parties: Sequence[tuple[str, str]]) -> list[Party]:
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
