"""What a goal says: the skill, where it should hold, with how much help it counts, and when it is looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, TypedDict

from coord.domain.actors import Actor, Discipline
from coord.domain.case.goals.scales import Scale, ScaleContent, checked_scale
from coord.domain.case.notes import AUDIENCES_OF_ROLE, Audience
from coord.domain.icf import ICF_CHAPTERS, IcfChapter
from coord.domain.input import REASON, STATEMENT, Input
from coord.domain.said import Said


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


class AgreedSupport(StrEnum):
    """How much help may be given for a goal to count as met; "not achieved" is no help to agree on."""

    INDEPENDENT = "independent"
    VERBAL = "verbal"
    VISUAL = "visual"
    PHYSICAL = "physical"


class GoalStatus(StrEnum):
    """Where a goal is in its life."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    ACTIVE = "active"
    ON_HOLD = "on-hold"
    ACHIEVED = "achieved"
    MAINTAINED = "maintained"
    STOPPED = "stopped"
    ENTERED_IN_ERROR = "entered-in-error"


SUPPORTS = tuple(s.value for s in Support)
AGREED_SUPPORT = tuple(s.value for s in AgreedSupport)


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

    statement: Annotated[str, Said("In words that a parent understands", most=STATEMENT)]
    contexts: Annotated[Sequence[Annotated[str, Said(of=Context)]], Said("Where it should hold")]
    disciplines: Annotated[
        Sequence[Annotated[str, Said(of=Discipline)]], Said("That share it; your own, if left out")
    ] = ()
    child_view: Annotated[str, Said("The child's own view of it", most=REASON)] = ""
    icf: Annotated[str, Said("Chapter of the ICF's activities and participation", of=IcfChapter, null=True)] = ""
    condition: Annotated[str, Said("Under which condition", most=STATEMENT)] = ""
    criterion: Annotated[str, Said("From when on it counts as met", most=STATEMENT)] = ""
    support: Annotated[str, Said("The most help with which it still counts", of=AgreedSupport)] = (
        Support.INDEPENDENT.value
    )
    baseline: Annotated[str, Said("How it is at the start", most=REASON)] = ""
    review_date: date | None = field(kw_only=True)
    audience: Annotated[str, Said("Who, beside you, may read it", of=Audience)] = Audience.CARE_TEAM.value
    scale: Annotated[ScaleContent | None, Said("Replaces the one before as a whole", null=True)] = None


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
