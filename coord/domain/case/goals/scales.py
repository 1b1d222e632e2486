"""A goal's scale: five observable levels, written before the work starts, and what the goal weighs among others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypedDict

from coord.domain.input import STATEMENT, Input
from coord.domain.said import Said

LEVELS = (-2, -1, 0, 1, 2)
"""Much less than expected, less, expected, more, much more than expected."""


class Scale(TypedDict):
    """Five observable levels, written before the work starts; keys are "-2" to "2". The weight is 1, or importance
    times difficulty where both are given (0 to 3 each)."""

    levels: dict[str, str]
    baseline: int | None
    importance: int | None
    difficulty: int | None


@dataclass(frozen=True, slots=True)
class ScaleContent:
    """Five levels, each to be told from the others by what one sees; written before the work starts.

    The weight is importance times difficulty where both are given, else 1.
    """

    levels: Mapping[int, str]
    baseline: Annotated[int | None, Said("The level at the start", least=-2, most=2, null=True)] = None
    importance: Annotated[int | None, Said(least=0, most=3, null=True)] = None
    difficulty: Annotated[int | None, Said(least=0, most=3, null=True)] = None


def weight_of(scale: Scale) -> int:
    """1, or importance times difficulty."""
    importance, difficulty = scale["importance"], scale["difficulty"]
    return 1 if importance is None or difficulty is None else importance * difficulty


def checked_scale(check: Input, scale: ScaleContent | None) -> Scale | None:
    """The scale cleaned; what is wrong with it is noted in ``check``."""
    if scale is None:
        return None
    for level in scale.levels:
        if level not in LEVELS:
            check.problem("/scale/levels", "unknown-choice", choices=list(LEVELS))
    levels = {str(n): check.text(f"/scale/levels/{n}", scale.levels.get(n), limit=STATEMENT) for n in LEVELS}
    seen: dict[str, str] = {}
    for number, text in levels.items():
        same = " ".join(text.split()).casefold()  # more spaces, or other ones, tell no two levels apart
        if text and same in seen:
            check.problem(f"/scale/levels/{number}", "same-as-another")
        seen[same] = number
    baseline = check.number("/scale/baseline", scale.baseline, -2, 2, required=False)
    importance = check.number("/scale/importance", scale.importance, 0, 3, required=scale.difficulty is not None)
    difficulty = check.number("/scale/difficulty", scale.difficulty, 0, 3, required=scale.importance is not None)
    return {
        "levels": levels,
        "baseline": None if baseline is None else int(baseline),
        "importance": None if importance is None else int(importance),
        "difficulty": None if difficulty is None else int(difficulty),
    }
