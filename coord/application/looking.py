"""What a look was for, and which data of a child it showed: the codes that the access log keeps with each.

An access record says who, whose, when, *for which purpose* and *which categories of data*. Both follow from the
declaration of each question (`coord.application.declared`), so that no handler can forget them; what depends on the
answer is added by its handler.
"""

from __future__ import annotations

from enum import StrEnum

from coord.domain.actors import Actor, Relationship, Role
from coord.domain.permissions import is_operator


class Purpose(StrEnum):
    """What somebody looked for."""

    CARE = "care"
    SCHOOL = "school"
    REVIEW = "team-lead-review"
    EXPORT = "export"
    SERVICE = "service"
    ACCOUNT = "account"
    OPERATOR = "operator"


class Category(StrEnum):
    """Which data of a child were shown. A name alone is `IDENTITY`."""

    IDENTITY = "identity"
    CARE_TEAM = "care-team"
    ALERTS = "alerts"
    NOTES = "notes"
    DRAFTS = "drafts"
    GOALS = "goals"
    MEASURES = "measures"
    STRATEGIES = "strategies"
    SUMMARY = "summary"
    GROUPS = "groups"
    HISTORY = "history"
    RECORD = "record"


OF_THE_TIMELINE: dict[str, Category] = {
    "note": Category.NOTES,
    "summary": Category.SUMMARY,
    "team": Category.CARE_TEAM,
    "case": Category.IDENTITY,
    "goal": Category.GOALS,
    "strategy": Category.STRATEGIES,
    "measure": Category.MEASURES,
    "group": Category.GROUPS,
    "message": Category.GROUPS,
    "alert": Category.ALERTS,
}
"""What an entry of the timeline tells, by its kind."""


def purpose_of(declared: Purpose | None, actor: Actor, relation: Relationship, *, export: bool = False) -> Purpose:
    """What a look is for: by what the question declares, by whether a file leaves, and by who asks as what to the child
    (or course).

    A lead who looks as lead, and not as one of those who work with the child, reviews.
    """
    if is_operator(actor):
        return Purpose.OPERATOR
    if declared is Purpose.ACCOUNT:
        return declared
    if export:
        return Purpose.EXPORT
    if declared is not None:
        return declared
    if actor.role is Role.TEACHER:
        return Purpose.SCHOOL
    if actor.role is Role.TEAM_LEAD and not (relation.on_care_team or relation.on_staff):
        return Purpose.REVIEW
    return Purpose.CARE
