"""How far a goal has come: what was seen of it, by whom, where and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from coord.domain.actors import Actor, By, Role
from coord.domain.case.aggregate import Case
from coord.domain.case.goals.goal import Goal, GoalObservationEnteredInError, GoalObserved, Observation
from coord.domain.case.goals.life import refuse_unless_own
from coord.domain.case.goals.wording import SUPPORTS, Context
from coord.domain.errors import Conflict, NotFound
from coord.domain.input import REASON, SHORT, Input

OBSERVABLE = frozenset({"proposed", "agreed", "active", "on-hold", "achieved", "maintained"})
"""Observed before the work starts (a baseline) and after it ended (is it still there?), not once it was given up."""


@dataclass(frozen=True, slots=True)
class ObservationContent:
    """What somebody saw. At least one of level, support and remark is there; the time carries a zone."""

    context: str
    level: int | None = None
    support: str = ""
    remark: str = ""
    observed_at: datetime | None = None
    reported_by: str = ""
    note: UUID | None = None
    scale_version: int | None = None
    """The scale that its writer had before them; None for the present one, whichever that is."""


_CONTEXTS = tuple(c.value for c in Context)


def contexts_of(actor: Actor) -> list[str]:
    """Where a person of this role observes: a teacher at school, everybody else anywhere."""
    return [Context.SCHOOL.value] if actor.role is Role.TEACHER else list(_CONTEXTS)


def observe(
    case: Case, goal: Goal, *, at: datetime, actor: Actor, observation_id: UUID, content: ObservationContent
) -> None:
    """Keep what somebody saw of the goal; in a closed case only what was seen before. Raises `Conflict` (closed, given
    up) and `InvalidInput`."""
    if content.observed_at is None or content.observed_at.tzinfo is None:
        case.refuse_if_closed()  # what is seen now
    else:
        case.refuse_if_closed_by(content.observed_at)
    if goal.status not in OBSERVABLE:
        raise Conflict("goal-ended")
    check = Input()
    context = check.choice("/context", content.context, contexts_of(actor))
    level = check.number("/level", content.level, -2, 2, required=False)
    if level is not None and goal.content["scale"] is None:
        check.problem("/level", "no-scale")
    elif level is not None and content.scale_version not in (None, goal.scale_version):
        check.problem("/level", "other-scale")  # the words of that level may be others now
    support = check.choice("/support", content.support, SUPPORTS, required=False)
    remark = check.text("/remark", content.remark, limit=REASON, required=False)
    reported_by = check.text("/reported_by", content.reported_by, limit=SHORT, required=False, lines=False)
    observed_at = check.moment("/observed_at", content.observed_at or at, now=at, born=case.born)
    if level is None and not support and not remark and not check.problems:
        check.problem("/level" if goal.content["scale"] else "/support", "missing")
    check.refuse_if_any()
    case.trigger_event(
        GoalObserved,
        timestamp=at,
        by=actor.by(),
        goal_id=goal.id,
        observation_id=observation_id,
        context=context,
        level=None if level is None else int(level),
        scale_version=goal.scale_version,
        support=support,
        remark=remark,
        observed_at=observed_at,
        reported_by=reported_by,
        note=str(content.note) if content.note else "",
    )


def same_observation(found: Observation, content: ObservationContent, actor: Actor) -> bool:
    """Whether this is the same observation sent again (its time may have been left to us)."""
    check = Input()
    given = (
        content.context,
        content.level,
        content.support or "",
        content.note,
        check.text("/remark", content.remark, limit=REASON, required=False),
        check.text("/reported_by", content.reported_by, required=False),
    )
    return (
        not check.problems
        and found.by["person"] == str(actor.person_id)
        and (found.context, found.level, found.support, found.note, found.remark, found.reported_by) == given
        and (content.observed_at is None or content.observed_at == found.observed_at)
    )


def enter_observation_in_error(
    case: Case, goal: Goal, *, at: datetime, actor: Actor, observation_id: UUID, reason: str
) -> None:
    """Mark an observation as a mistake. Who wrote it may, and the team lead of the service team.

    Raises `NotFound`, `NotPermitted`, `InvalidInput`, and `Conflict` if it is marked already.
    """
    observation = next((o for o in goal.observations if o.id == observation_id), None)
    if observation is None:
        raise NotFound("no-such-observation")
    if observation.error:
        raise Conflict("entered-in-error")
    refuse_unless_own(case, actor, observation.by)
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    mark_observation(case, goal, at=at, by=actor.by(), observation_id=observation_id, reason=reason)


def mark_observation(case: Case, goal: Goal, *, at: datetime, by: By, observation_id: UUID, reason: str) -> None:
    """Mark an observation as a mistake; whether that may be done was decided before."""
    case.trigger_event(
        GoalObservationEnteredInError,
        timestamp=at,
        by=by,
        goal_id=goal.id,
        observation_id=observation_id,
        reason=reason,
    )
