"""What somebody is to a child, as far as it decides what they may read of it."""

from __future__ import annotations

from dataclasses import dataclass

from coord.domain.actors import Actor, Discipline, Relationship
from coord.domain.permissions import knows_child, leads_service_team


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a statement about what somebody may read is made of, beside who they are: that is a parameter of it.

    So who stands alike can share a statement, and what is not here makes no difference to anybody.
    """

    as_school: bool
    """Reads what is for the school: see `Sight`."""
    discipline: Discipline | None
    knows: bool
    """The child: see `knows_child`."""
    leads: bool
    """The child's service team."""


def standing_of(actor: Actor, child: Relationship) -> Standing:
    """What the actor, who is this to a child, is as a reader of it."""
    return Standing(
        actor.sight.as_school, actor.discipline, knows_child(actor, child), leads_service_team(actor, child)
    )
