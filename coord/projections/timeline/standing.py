"""What somebody is to a child, as far as it decides what they may read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

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


def alike(actor: Actor, children: Mapping[UUID, Relationship]) -> dict[Standing, list[UUID]]:
    """The children by how the actor knows them, without those they do not: what is readable is the same for all of
    whom one knows in the same way."""
    alike: dict[Standing, list[UUID]] = {}
    for case_id, child in children.items():
        alike.setdefault(standing_of(actor, child), []).append(case_id)
    return {standing: cases for standing, cases in alike.items() if standing.knows}
