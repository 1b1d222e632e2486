"""What a goal says: the skill, where it should hold, with how much help it counts, and when it is looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypedDict

from coord.domain.actors import Actor, Discipline
from coord.domain.case.goals.scales import Scale, ScaleContent, checked_scale
from coord.domain.case.notes import AUDIENCES_OF_ROLE, Audience
from coord.domain.icf import ICF_CHAPTERS
from coord.domain.input import REASON, STATEMENT, Input


class Context(StrEnum):
    """Where a skill is shown."""

    THERAPY = "therapy"
    HOME = "home"
    SCHOOL = "school"
    COMMUNITY = "community"


class Support(StrEnum):
    """The help that was needed, from least to most."""

    INDEPENDENT = "independent"
    VERBAL = "verbal"
    VISUAL = "visual"
    PHYSICAL = "physical"
    NOT_ACHIEVED = "not-achieved"


SUPPORTS = tuple(s.value for s in Support)
AGREED_SUPPORT = tuple(s.value for s in Support if s is not Support.NOT_ACHIEVED)
"""How much help may be given for a goal to count as met; "not achieved" is no help to agree on."""


class Content(TypedDict):
    """What a goal says. ``support`` is the most help with which it still counts; ``review_date`` an ISO date."""

    statement: str
    child_view: str
    icf: str
    disciplines: list[str]
    contexts: list[str]
    condition: str
    criterion: str
    support: str
    baseline: str
    review_date: str
    audience: str
    scale: Scale | None


@dataclass(frozen=True, slots=True)
class GoalContent:
    """A goal as it is written; see `Content`."""

    statement: str
    contexts: Sequence[str]
    disciplines: Sequence[str] = ()
    child_view: str = ""
    icf: str = ""
    condition: str = ""
    criterion: str = ""
    support: str = Support.INDEPENDENT.value
    baseline: str = ""
    review_date: date | None = None
    audience: str = Audience.CARE_TEAM.value
    scale: ScaleContent | None = None


def checked(content: GoalContent, *, actor: Actor, today: date) -> Content:
    """The content cleaned and complete. Raises `InvalidInput` with every problem in it."""
    check = Input()
    disciplines = [d.value for d in Discipline]
    audiences = [a.value for a in Audience if a in AUDIENCES_OF_ROLE[actor.role]]
    clean: Content = {
        "statement": check.text("/statement", content.statement, limit=STATEMENT),
        "child_view": check.text("/child_view", content.child_view, limit=REASON, required=False),
        "icf": check.choice("/icf", content.icf, ICF_CHAPTERS, required=False),
        "disciplines": check.chosen("/disciplines", content.disciplines, disciplines, required=False),
        "contexts": check.chosen("/contexts", content.contexts, [c.value for c in Context]),
        "condition": check.text("/condition", content.condition, limit=STATEMENT, required=False),
        "criterion": check.text("/criterion", content.criterion, limit=STATEMENT, required=False),
        "support": check.choice("/support", content.support, AGREED_SUPPORT),
        "baseline": check.text("/baseline", content.baseline, limit=REASON, required=False),
        "review_date": content.review_date.isoformat() if content.review_date else "",
        "audience": check.choice("/audience", content.audience, audiences),
        "scale": checked_scale(check, content.scale),
    }
    if content.review_date is None:
        check.problem("/review_date", "missing")
    elif content.review_date < today:
        check.problem("/review_date", "in-the-past")
    if not clean["disciplines"] and actor.discipline:
        clean["disciplines"] = [actor.discipline.value]
    check.refuse_if_any()
    return clean
