"""Changes to policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coord.application.commands import Command


@dataclass(frozen=True, slots=True)
class ChangePolicy(Command):
    """Change some of the values of one policy of one's own service team, saying why. ``expected_version`` is that of
    the team's policies as one saw them (0: all of them the defaults)."""

    name: str
    expected_version: int
    values: Mapping[str, object]
    reason: str
