"""A goal is proposed, put in other words, agreed, worked on and ended; or should never have been."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from coord.domain.actors import Actor, By, Role
from coord.domain.case.aggregate import Case
from coord.domain.case.goals.goal import Goal, GoalAgreed, GoalProposed, GoalRevised, GoalStatusChanged
from coord.domain.case.goals.wording import Content, GoalContent, GoalStatus, checked
from coord.domain.case.notes import Audience
from coord.domain.case.parties import checked_parties
from coord.domain.errors import Conflict, NotPermitted, Stale
from coord.domain.input import REASON, Input

NEXT: dict[str, frozenset[str]] = {
    "proposed": frozenset({"stopped"}),
    "agreed": frozenset({"active", "on-hold", "stopped"}),
    "active": frozenset({"on-hold", "achieved", "stopped"}),
    "on-hold": frozenset({"active", "stopped"}),
    "achieved": frozenset({"maintained", "active", "stopped"}),
    "maintained": frozenset({"active", "stopped"}),
    "stopped": frozenset({"active"}),
    "entered-in-error": frozenset(),
}
"""Which state may follow which. A proposed goal becomes agreed by an agreement alone; an error is a wish of its own."""
WITHOUT_A_REASON = frozenset({("agreed", "active"), ("active", "achieved"), ("achieved", "maintained")})
"""Steps forward need no reason; all others do."""
ENDED = frozenset({"achieved", "maintained", "stopped", "entered-in-error"})


def propose(case: Case, *, at: datetime, actor: Actor, today: date, goal_id: UUID, content: GoalContent) -> None:
    """Put a goal into words. Raises `Conflict` when the case is closed, and `InvalidInput`."""
    case.refuse_if_closed()
    clean = checked(content, actor=actor, today=today)
    case.trigger_event(GoalProposed, timestamp=at, by=actor.by(), goal_id=goal_id, content=clean)


def revise(
    case: Case,
    goal: Goal,
    *,
    at: datetime,
    actor: Actor,
    today: date,
    expected_version: int,
    content: GoalContent,
    reason: str,
) -> None:
    """Put it in other words. Raises `Conflict` (closed, ended, nothing changed), `Stale`, `InvalidInput`.

    The present review date may stand although it has passed. Other levels begin a new scale, rated or not: somebody
    may have the old ones before them, and rate on those.
    """
    case.refuse_if_closed()
    if goal.status in ENDED:
        raise Conflict("goal-ended")
    _refuse_if_stale(goal, expected_version)
    same_date = content.review_date and content.review_date.isoformat() == goal.content["review_date"]
    clean = checked(content, actor=actor, today=content.review_date if same_date and content.review_date else today)
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    own = actor.discipline.value if actor.discipline else None
    if clean["audience"] != goal.audience and clean["audience"] == Audience.OWN_DISCIPLINE and own != goal.discipline:
        check.problem("/audience", "not-for-your-role")  # it would be gone from their own eyes
    check.refuse_if_any()
    if clean == goal.content:
        raise Conflict("nothing-changed")
    before = _levels(goal.content)
    other_scale = before is not None and _levels(clean) != before
    case.trigger_event(
        GoalRevised,
        timestamp=at,
        by=actor.by(),
        goal_id=goal.id,
        content=clean,
        content_version=goal.versions[-1].number + 1,
        scale_version=goal.scale_version + other_scale,
        reason=reason,
    )


def _levels(content: Content) -> dict[str, str] | None:
    # Weight and baseline are no part of what was rated: levels stay comparable when those are put right.
    return content["scale"]["levels"] if content["scale"] else None


def agree(
    case: Case,
    goal: Goal,
    *,
    at: datetime,
    actor: Actor,
    expected_version: int,
    parties: Sequence[tuple[str, str]],
) -> None:
    """Keep who agreed to the present wording, as (name, party) pairs; a proposed goal is agreed by it.

    Raises `Conflict` (closed, ended), `Stale`, `InvalidInput`.
    """
    case.refuse_if_closed()
    if goal.status in ENDED:
        raise Conflict("goal-ended")
    _refuse_if_stale(goal, expected_version)
    check = Input()
    clean = checked_parties(check, parties)
    check.refuse_if_any()
    case.trigger_event(
        GoalAgreed,
        timestamp=at,
        by=actor.by(),
        goal_id=goal.id,
        content_version=goal.versions[-1].number,
        parties=clean,
    )


def possible_statuses(goal: Goal) -> list[str]:
    """Which states may follow now, in the order of a goal's life."""
    following = NEXT[goal.status]
    if goal.status == "stopped" and not goal.agreed:
        following = frozenset()
    return [s.value for s in GoalStatus if s.value in following]


def change_status(
    case: Case, goal: Goal, *, at: datetime, actor: Actor, expected_version: int, status: str, reason: str
) -> None:
    """Begin, pause, achieve, stop, or begin again.

    Raises `Conflict` (closed, or not after the present state), `Stale`, `InvalidInput`.
    """
    case.refuse_if_closed()
    _refuse_if_stale(goal, expected_version)
    check = Input()
    status = check.choice("/status", status, [s.value for s in GoalStatus if s is not GoalStatus.ENTERED_IN_ERROR])
    needed = (goal.status, status) not in WITHOUT_A_REASON
    reason = check.text("/reason", reason, limit=REASON, required=needed)
    check.refuse_if_any()
    if status not in possible_statuses(goal):
        raise Conflict("not-after-this-status", status=goal.status)
    case.trigger_event(
        GoalStatusChanged,
        timestamp=at,
        by=actor.by(),
        goal_id=goal.id,
        status=status,
        before=goal.status,
        reason=reason,
    )


def enter_in_error(
    case: Case, goal: Goal, *, at: datetime, actor: Actor, expected_version: int | None, reason: str
) -> None:
    """Mark a goal that should never have existed. Its author may, and the team lead of the service team.

    Raises `NotPermitted`, `Stale`, `InvalidInput`, and `Conflict` if it is marked already.
    """
    if goal.status == "entered-in-error":
        raise Conflict("entered-in-error")
    refuse_unless_own(case, actor, goal.author)
    _refuse_if_stale(goal, expected_version)
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    case.trigger_event(
        GoalStatusChanged,
        timestamp=at,
        by=actor.by(),
        goal_id=goal.id,
        status="entered-in-error",
        before=goal.status,
        reason=reason,
    )


def _refuse_if_stale(goal: Goal, expected_version: int | None) -> None:
    if expected_version is not None and expected_version != goal.version:
        raise Stale(goal.version, ["goal"])


def refuse_unless_own(case: Case, actor: Actor, author: By) -> None:
    """Who wrote something may mark it as a mistake, and the team lead of the service team; nobody else."""
    leads = actor.role is Role.TEAM_LEAD and bool(actor.team) and actor.team == case.details["team"]
    if author["person"] != str(actor.person_id) and not leads:
        raise NotPermitted("not-the-author")
