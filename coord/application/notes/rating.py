"""Goals rated in the signature of a note: decided as any observation, recorded with the note or not at all."""

from __future__ import annotations

from uuid import UUID, uuid5

from coord.application.doors import Work
from coord.application.notes.commands import MOST_RATINGS, RatingInNote, SignNote
from coord.application.rights import goal_readable
from coord.domain.case import GoalStanding, ObservationContent, goals
from coord.domain.case.goals.observing import context_in
from coord.domain.errors import Conflict, InvalidInput
from coord.domain.input import Input
from coord.domain.permissions import refuse_unless_permitted


def rate_in(work: Work, command: SignNote, check: Input) -> None:
    """Decide each rating of the note into the child's case. What is wrong with one is noted in ``check``, under its
    place among them. Raises `NotPermitted` for who may not rate."""
    if not command.ratings:
        return
    refuse_unless_permitted("ObserveGoal", work.actor, work.child)
    if len(command.ratings) > MOST_RATINGS:
        check.problem("/ratings", "too-many", limit=MOST_RATINGS)
        return
    known = _goals_to_rate(work, [rating.goal_id for rating in command.ratings])
    rated: set[UUID] = set()
    for i, rating in enumerate(command.ratings):
        standing = known.get(rating.goal_id)
        if standing is None:
            check.problem(f"/ratings/{i}/goal", "no-such-goal")
        elif rating.goal_id in rated:
            check.problem(f"/ratings/{i}/goal", "rated-twice")
        else:
            rated.add(rating.goal_id)
            _rate(work, command, check, f"/ratings/{i}", standing, rating)


def observation_in(note_id: UUID, goal_id: UUID) -> UUID:
    """The id of what a note says of a goal: the same whenever the note is sent again."""
    return uuid5(note_id, f"{goal_id}/rating")


def _goals_to_rate(work: Work, ids: list[UUID]) -> dict[UUID, GoalStanding]:
    """Those of these goals that are the child's, and the actor may read; what they may not read does not exist for
    them. All are loaded together."""
    own = [id for id in ids if str(id) in work.the_case.goals]
    return {
        id: standing
        for id, standing in work.record.standings(own).items()
        if standing is not None and goal_readable(work.actor, work.child, standing.goal)
    }


def _rate(work: Work, command: SignNote, check: Input, at: str, standing: GoalStanding, rating: RatingInNote) -> None:
    content, goal = command.content, standing.goal
    observation_id = observation_in(command.note_id, goal.id)
    seen = ObservationContent(
        context=rating.context or context_in(content.setting, work.actor),
        level=rating.level,
        support=rating.support,
        observed_at=content.observed_from,
        note=command.note_id,
        scale_version=rating.scale_version,
    )
    if observation_id in standing.observed:
        check.problem(f"{at}/goal", "id-taken")
        return
    try:
        goals.observe(
            work.the_case,
            goal,
            at=work.now,
            actor=work.actor,
            observation_id=observation_id,
            content=seen,
            confirmed=command.confirmed,
        )
    except InvalidInput as invalid:
        for problem in invalid.problems:
            if problem.pointer != "/observed_at":  # the note's own time, of which the note itself says it
                check.take(problem, at)
    except Conflict as conflict:
        check.problem(f"{at}/goal", conflict.code, **conflict.params)
