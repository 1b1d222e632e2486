"""Changes to policies."""

from __future__ import annotations

from collections.abc import Mapping

from coord.application.declared import Command, Reason, command
from coord.domain.permissions import team_lead


@command(team_lead, "Tried to change a policy")
class ChangePolicy(Command):
    """Change some of the values of one policy of one's own service team, saying why. ``expected_version`` is that of
    the team's policies as one saw them (0: all of them the defaults)."""

    name: str
    expected_version: int
    values: Mapping[str, object]
    reason: Reason
