"""Handlers of the commands about goals, measures and strategies."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import reduce
from typing import cast
from uuid import UUID

from coord.application.carrying import about, carries_out, decide, of_the_case
from coord.application.declared import Command, Receipt
from coord.application.doors import Work, answers
from coord.application.goals.commands import (
    AgreedLevels,
    ObserveGoal,
    OfferStrategy,
    ProposeGoal,
    RecordCopm,
    RecordInstrument,
    ScoreAttainment,
    TellOfStrategy,
)
from coord.application.rights import goal_readable, readable, readable_trials
from coord.domain.case import (
    Case,
    CopmRecorded,
    Goal,
    Strategy,
    attainment,
    goals,
    measures,
    strategies,
)
from coord.domain.case.attainment import ScaledGoal
from coord.domain.case.goals.goal import Observation
from coord.domain.case.goals.scales import Scale, weight_of
from coord.domain.case.goals.wording import Context
from coord.domain.errors import FieldProblem, InvalidInput, NotFound
from coord.domain.events import CoordEvent
from coord.domain.input import Input
from coord.domain.names import Seems, names_of, seeming
from coord.domain.person import Person

# ---- goals -------------------------------------------------------------------------------------------------------


@answers(ObserveGoal)
def observe_goal(work: Work, command: ObserveGoal) -> Receipt:
    """What somebody saw; the version in the receipt is the goal's, which an observation does not change."""
    goal = readable_goal(work, command.goal_id)
    note = command.content.note
    if note is not None and not _readable_note(work, note):
        raise InvalidInput([FieldProblem("/note", "no-such-note")])
    decide(
        work,
        goals.observe,
        command,
        work.the_case,
        goal,
        colleague=_colleague(work, command.content.seen_by),
        named=_seeming(work, command.content.remark) if command.content.remark else (),
    )
    return work.keep(Receipt(command.observation_id, goal.version, 0, "observed"), work.the_case)


def _colleague(work: Work, seen_by: UUID | None) -> Person | None:
    """Who saw it as they are now, if they are or were on the care team."""
    return work.record.person(seen_by) if seen_by is not None and str(seen_by) in work.the_case.members else None


def _seeming(work: Work, remark: str) -> list[Seems]:
    """No child's record names another. Looked for are the children whom the actor knows, by the names that the actor
    may see: who else there is, nobody finds out by trying names."""
    details = work.the_case.details
    own = names_of(details["preferred_name"], details["full_name"])
    name = "full_name" if work.actor.sight.identity else "preferred_name"
    others = [
        names_of(child["preferred_name"], child[name])
        for child in work.children_known()
        if child["case_id"] != work.the_case.id
    ]
    return seeming({"/remark": remark}, others, own)


@answers(ScoreAttainment)
def score_attainment(work: Work, command: ScoreAttainment) -> Receipt:
    """Keep the T-score of one basis."""
    case = work.the_case
    counting = [
        goal
        for goal in (work.record.goal(case.id, UUID(goal_id)) for goal_id in case.goals)
        if counts(goal.status, goal.content["scale"]) and goal_readable(work.actor, work.child, goal)
    ]
    if command.agreed is None:
        context = _context_to_score(command.context, counting)
        basis, scaled = attainment.latest_in(context), [scaled_goal(goal, context) for goal in counting]
    else:
        basis, scaled = _agreed(work, command.agreed, command.context, counting)
    attainment.score(case, at=work.now, actor=work.actor, score_id=command.score_id, basis=basis, goals=scaled)
    return work.keep(Receipt(command.score_id, 1, 0, "scored"), case)


def counts(status: str, scale: Scale | None) -> bool:
    """Whether a goal belongs into the score: it has a scale, and the work on it has begun and was not given up."""
    return scale is not None and status in ("active", "on-hold", "achieved", "maintained")


def _context_to_score(wanted: str, counting: Sequence[Goal]) -> str:
    """The context that was named, or the only one in which anything is rated: those of several are never mixed.

    Raises `InvalidInput`.
    """
    check = Input()
    everywhere = [c.value for c in Context]
    rated = [c for c in everywhere if any(_latest(goal, c) for goal in counting)]
    if not wanted and len(rated) > 1:
        check.problem("/context", "which-context", contexts=rated)
    context = check.choice("/context", wanted, everywhere, required=False)
    check.refuse_if_any()
    return context or (rated[0] if rated else Context.THERAPY.value)


def _latest(goal: Goal, context: str) -> Observation | None:
    """The latest level on the present scale in one context."""
    rated = [
        o
        for o in goal.observations
        if o.level is not None and o.scale_version == goal.scale_version and o.context == context and not o.error
    ]
    by_time = sorted(rated, key=lambda o: o.observed_at)  # of two at the same time, the one written later counts
    return by_time[-1] if by_time else None


def scaled_goal(goal: Goal, context: str) -> ScaledGoal:
    """A goal as the score of one context sees it: the latest level there on the present scale."""
    latest = _latest(goal, context)
    unrated = _unrated(goal)
    if latest is None:
        return unrated
    return replace(
        unrated,
        level=latest.level,
        context=context,
        seen_at=latest.observed_at,
        rater=latest.reported_by or latest.by["name"],
        reported=latest.seen_by["known_as"] != "writer",
        observation=latest.id,
    )


def _unrated(goal: Goal) -> ScaledGoal:
    scale = goal.content["scale"]
    if scale is None:
        raise ValueError("a goal without a scale has no place in a score")
    return ScaledGoal(goal.id, weight_of(scale), None, scale["baseline"], goal.scale_version)


def _agreed(
    work: Work, agreed: AgreedLevels, context: str, counting: Sequence[Goal]
) -> tuple[attainment.Basis, list[ScaledGoal]]:
    """The levels agreed at a review. Raises `InvalidInput`."""
    check = Input()
    if context:
        check.problem("/context", "two-bases")
    basis = attainment.agreed_on(check, agreed.on, agreed.parties, today=work.today)
    known = {goal.id for goal in counting}
    levels: dict[UUID, int] = {}
    for goal_id, level in dict(agreed.levels).items():
        if goal_id not in known:
            check.problem(f"/levels/{goal_id}", "no-such-goal")
        found = check.number(f"/levels/{goal_id}", level, -2, 2)
        if found is not None:
            levels[goal_id] = int(found)
    if not agreed.levels:
        check.problem("/levels", "missing")
    check.refuse_if_any()
    return basis, [replace(_unrated(goal), level=levels.get(goal.id)) for goal in counting]


# ---- measures ----------------------------------------------------------------------------------------------------


@answers(RecordCopm)
def record_copm(work: Work, command: RecordCopm) -> Receipt:
    """Keep a COPM."""
    earlier = command.content.earlier
    decide(
        work,
        measures.record_copm,
        command,
        work.the_case,
        earlier_on=None if earlier is None else _day_of_copm(work, earlier),
    )
    return work.keep(Receipt(command.measure_id, 1, 0, "recorded"), work.the_case)


def _day_of_copm(work: Work, measure_id: UUID) -> date | None:
    try:
        found = work.record.measure(work.the_case.id, measure_id)
    except NotFound:
        return None
    known = isinstance(found.recorded, CopmRecorded) and not found.error
    return date.fromisoformat(found.recorded.measured_on) if known else None


# ---- strategies --------------------------------------------------------------------------------------------------


@answers(OfferStrategy)
def offer_strategy(work: Work, command: OfferStrategy) -> Receipt:
    """Offer something to try."""
    if command.goal_id is not None:
        with suppress(NotFound):
            if readable_goal(work, command.goal_id).status != "entered-in-error":
                return _offered(work, command)
        raise InvalidInput([FieldProblem("/goal", "no-such-goal")])
    return _offered(work, command)


def _offered(work: Work, command: OfferStrategy) -> Receipt:
    decide(work, strategies.offer, command, work.the_case, goal=command.goal_id)
    return work.keep(Receipt(command.strategy_id, 1, 0, "offered"), work.the_case)


@answers(TellOfStrategy)
def tell_of_strategy(work: Work, command: TellOfStrategy) -> Receipt:
    """What came of it."""
    strategy = _readable_strategy(work, command.strategy_id)
    decide(work, strategies.tell, command, work.the_case, strategy)
    return work.keep(Receipt(command.trial_id, 1, 0, "told"), work.the_case)


# ---- what the actor may touch ------------------------------------------------------------------------------------


def readable_goal(work: Work, goal_id: UUID) -> Goal:
    """A goal that the actor may read; what they may not read does not exist for them. Raises `NotFound`."""
    goal = work.record.goal(work.the_case.id, goal_id)
    if not goal_readable(work.actor, work.child, goal):
        raise NotFound("no-such-goal")
    return goal


def _readable_strategy(work: Work, strategy_id: UUID) -> Strategy:
    found = work.record.strategy(work.the_case.id, strategy_id)
    if not readable(work.actor, work.child, found):
        raise NotFound("no-such-strategy")
    return replace(found, trials=readable_trials(work.actor, work.child, found.audience, found.trials))


def _readable_note(work: Work, note_id: UUID) -> bool:
    try:
        note = work.record.note(work.the_case.id, note_id)
    except NotFound:
        return False
    return readable(work.actor, work.child, note)


def _saved(work: Work, id: UUID, version: int, status: str) -> Receipt:
    """Of what was decided; where that is that something was a mistake, of that."""
    for event in _pending(work):
        if event.mistake:
            id, status = event.mistake, "entered-in-error"
    return Receipt(id, version, work.record.append(work.the_case), status)


def _pending(work: Work) -> list[CoordEvent]:
    return cast("list[CoordEvent]", list(work.the_case.pending_events))


def _goal_saved(work: Work, _: Command, _case: Case, goal: Goal) -> Receipt:
    goal = reduce(goals.evolve, _pending(work), goal)
    return _saved(work, goal.id, goal.version, goal.status)


def _strategy_saved(work: Work, _: Command, _case: Case, strategy: Strategy) -> Receipt:
    strategy = reduce(strategies.evolve, _pending(work), strategy)
    return _saved(work, strategy.id, strategy.version if strategy.ended else 2, strategy.status)


# ---- commands that say all that their decision asks --------------------------------------------------------------


about("goal", lambda work, command: readable_goal(work, command.goal_id), _goal_saved)
about("strategy", lambda work, command: _readable_strategy(work, command.strategy_id), _strategy_saved)
about(
    "measure",
    lambda work, command: work.record.measure(work.the_case.id, command.measure_id),
    lambda work, _, _case, measure: _saved(work, measure.id, 2, "recorded"),
)
carries_out(
    ProposeGoal,
    goals.propose,
    of_the_case,
    lambda work, command, case: work.keep(Receipt(command.goal_id, 1, 0, "proposed"), case),
)
carries_out(
    RecordInstrument,
    measures.record_instrument,
    of_the_case,
    lambda work, command, case: work.keep(Receipt(command.measure_id, 1, 0, "recorded"), case),
)
