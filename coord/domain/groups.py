"""Therapeutic groups: the five kinds."""

from __future__ import annotations

from enum import StrEnum


class GroupKind(StrEnum):
    """What a group is for. Each kind has a policy of its own (see `coord.domain.policy`)."""

    THERAPEUTIC_PLAY = "therapeutic-play"
    # Shown as "ASI-informed" everywhere: fidelity to Ayres Sensory Integration is rated per child, never inferred.
    SENSORY_INTEGRATION = "sensory-integration"
    SOCIAL_SKILLS = "social-skills"
    PSYCHO_EDUCATIONAL = "psycho-educational"  # for children and their parents
    SCHOOL_SKILLS = "school-skills"  # school and pre-school
