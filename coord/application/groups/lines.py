"""What a session was for each child, as it is sent: checked, and written into the child's own case."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from coord.application.doors import Work
from coord.application.groups.commands import ChildRecord, CorrectSession, HandedOver, Rating, RecordSession
from coord.application.groups.writing import names_in
from coord.domain.actors import Actor
from coord.domain.case import Case, Goal, GroupLine, ObservationContent, Strategy, goals, groups, strategies
from coord.domain.case.goals.wording import Context
from coord.domain.case.groups import Line, RatingRef
from coord.domain.course import Course
from coord.domain.course.aggregate import GroupNote
from coord.domain.errors import Conflict, InvalidInput
from coord.domain.input import STATEMENT, Input
from coord.domain.names import NO_NAMES, Names, ask_about_names, seeming

MOST_RATINGS = 12
MOST_STRATEGIES = 6


@dataclass(slots=True)
class Children:
    """The children whom a recording is about, loaded together: their cases, goals and earlier lines. ``known`` is what
    has the ids sent already, ``observed`` are the ids of what was observed of each goal. ``day``: of the session."""

    course: Course
    day: date
    cases: dict[UUID, Case]
    names: dict[UUID, Names]
    goals: dict[UUID, Goal]
    known: Mapping[UUID, object]
    observed: Mapping[UUID, Set[UUID]]

    @classmethod
    def of(cls, work: Work, children: Sequence[ChildRecord], day: date) -> Children:
        """Everybody who was ever in the course, for their names; how the goals rated stand, and what has the ids sent.

        The goals come without their observations: eight children may have thousands.
        """
        found = work.record.standings(ids_sent(children))
        rated = {id: standing.goal for id, standing in found.items() if standing is not None}
        observed = {id: standing.observed for id, standing in found.items() if standing is not None}
        return cls(work.the_course, day, *_members(work), rated, found, observed)

    @classmethod
    def to_correct(cls, work: Work, children: Sequence[ChildRecord], day: date, more: Iterable[UUID]) -> Children:
        """The same with the goals' observations, which may be taken back, and with ``more`` entries."""
        found = work.record.entries([*ids_sent(children), *more])
        rated = {id: entry for id, (_, entry) in found.items() if isinstance(entry, Goal)}
        observed = {id: {o.id for o in goal.observations} for id, goal in rated.items()}
        return cls(work.the_course, day, *_members(work), rated, found, observed)


def ids_sent(children: Sequence[ChildRecord]) -> list[UUID]:
    """The goals, lines and strategies that are named in what is sent."""
    ids = [r.goal_id for child in children for r in child.ratings]
    return [*ids, *(child.line_id for child in children), *(s.strategy_id for c in children for s in c.strategies)]


def _members(work: Work) -> tuple[dict[UUID, Case], dict[UUID, Names]]:
    cases = work.record.cases([UUID(case) for case in work.the_course.places])
    return cases, {id: names_in(case) for id, case in cases.items()}


def refuse_twice(check: Input, children: Sequence[ChildRecord]) -> None:
    """No child twice, and no id twice."""
    seen: set[UUID] = set()
    for i, child in enumerate(children):
        if child.case_id in seen:
            check.problem(f"/children/{i}/case", "named-twice")
        seen.add(child.case_id)
    ids = [id for c in children for id in (c.line_id, *(r.observation_id for r in c.ratings))]
    ids += [s.strategy_id for c in children for s in c.strategies]
    if len(set(ids)) < len(ids):
        check.problem("/children", "id-taken")


def checked_child(
    check: Input, i: int, child: ChildRecord, children: Children, standing: GroupLine | None = None
) -> Line:
    """One child's line, with what it names checked against the child's place in the course; and against the line as it
    is ``standing``, if it is to be corrected: what that names it may name again, whatever became of the place."""
    at = f"/children/{i}"
    place = children.course.places.get(str(child.case_id))
    if standing is None and not children.course.can_have_been_there(child.case_id, children.day):
        check.problem(f"{at}/case", "not-in-the-course")
        place = None
    goals_of_place = place["goals"] if place is not None else []
    rated_before: set[str] = set()
    handed_before: list[str] = []
    if standing is not None:
        goals_of_place = [*goals_of_place, *standing.line["goals"]]  # those rated were worked on
        rated_before = {r["observation"] for r in standing.line["ratings"]}
        handed_before = standing.line["strategies"]
    elif child.line_id in children.known:
        check.problem(f"{at}/line", "id-taken")
    for j, goal_id in enumerate(child.content.goals):
        if str(goal_id) not in goals_of_place:
            check.problem(f"{at}/goals/{j}", "no-such-goal")
    if len(child.ratings) > MOST_RATINGS:
        check.problem(f"{at}/ratings", "too-many", limit=MOST_RATINGS)
    if len(child.strategies) > MOST_STRATEGIES:
        check.problem(f"{at}/strategies", "too-many", limit=MOST_STRATEGIES)
    for j, rating in enumerate(child.ratings):
        goal = children.goals.get(rating.goal_id)
        if str(rating.goal_id) not in goals_of_place or goal is None:
            check.problem(f"{at}/ratings/{j}/goal", "no-such-goal")
        elif rating.observation_id in children.observed[goal.id] and str(rating.observation_id) not in rated_before:
            # Somebody else's, perhaps: to rate under its id, and to take the rating back, would take theirs back.
            check.problem(f"{at}/ratings/{j}/id", "id-taken")
    for j, strategy in enumerate(child.strategies):
        if strategy.strategy_id in children.known and str(strategy.strategy_id) not in handed_before:
            check.problem(f"{at}/strategies/{j}/id", "id-taken")
    refs: list[RatingRef] = [
        {"goal": str(r.goal_id), "observation": str(r.observation_id)} for r in child.ratings[:MOST_RATINGS]
    ]
    worked_on = [*child.content.goals, *(r.goal_id for r in child.ratings)]
    return groups.checked_line(
        check,
        at,
        replace(child.content, goals=worked_on),
        ratings=refs,
        strategies=[s.strategy_id for s in child.strategies],
    )


def check_names(check: Input, command: RecordSession | CorrectSession, children: Children, note: GroupNote) -> None:
    """No child's name in what is written about another, nor in what is written about the group."""
    about_all = {f"/note/{name}": str(text) for name, text in note.items()}
    if isinstance(command, CorrectSession):
        about_all["/reason"] = command.reason
    found = seeming(about_all, children.names.values(), NO_NAMES)
    for i, child in enumerate(command.children):
        at = f"/children/{i}"
        texts = {f"{at}/{name}": text for name in groups.TEXTS if (text := getattr(child.content, name))}
        texts |= {f"{at}/ratings/{j}/remark": r.remark for j, r in enumerate(child.ratings)}
        texts |= {f"{at}/strategies/{j}/text": s.text for j, s in enumerate(child.strategies)}
        others = [names for case_id, names in children.names.items() if case_id != child.case_id]
        if any(texts.values()):
            found += seeming(texts, others, children.names.get(child.case_id, NO_NAMES))
    ask_about_names(check, found)


def as_of_line(work: Work, line_id: UUID) -> Actor:
    """The actor under a request id of the child's own: the true one is shared by all children of the group."""
    return replace(work.actor, request_id=str(line_id))


def rate(
    work: Work,
    child: ChildRecord,
    rating: Rating,
    children: Children,
    seen_at: datetime,
    confirmed: Collection[str],
) -> None:
    """A rating is an observation in therapy like any other, and comes from the child's line."""
    goals.observe(
        children.cases[child.case_id],
        children.goals[rating.goal_id],
        at=work.now,
        actor=as_of_line(work, child.line_id),
        observation_id=rating.observation_id,
        content=ObservationContent(
            context=Context.THERAPY.value,
            level=rating.level,
            support=rating.support,
            remark=rating.remark,
            observed_at=seen_at,
            note=child.line_id,
            scale_version=rating.scale_version,
        ),
        confirmed=confirmed,
    )


def hand_over(work: Work, child: ChildRecord, strategy: HandedOver, children: Children) -> None:
    """A strategy handed over in the session is one for home, like any other."""
    strategies.offer(
        children.cases[child.case_id],
        at=work.now,
        actor=as_of_line(work, child.line_id),
        strategy_id=strategy.strategy_id,
        text=strategy.text,
        context=Context.HOME.value,
        goal=None,
    )


def take_back_rating(work: Work, case: Case, standing: GroupLine, goal: Goal, ref: RatingRef, reason: str) -> None:
    """A rating that a line made, and that should not have been, is marked as a mistake; nothing happens if it is."""
    if any(str(o.id) == ref["observation"] and not o.error for o in goal.observations):
        goals.mark_observation(
            case,
            goal,
            at=work.now,
            by=groups.apart(work.actor.by(), str(standing.id)),
            observation_id=UUID(ref["observation"]),
            reason=reason,
        )


def take_back_strategy(work: Work, case: Case, standing: GroupLine, strategy: Strategy, reason: str) -> None:
    """A strategy that a line handed over, and that should not have been, is advised no longer."""
    if not strategy.ended:
        strategies.end(case, strategy, at=work.now, actor=as_of_line(work, standing.id), reason=reason)


def handed_so(check: Input, strategy: HandedOver, kept: object) -> bool:
    """Whether the strategy kept has these words."""
    return isinstance(kept, Strategy) and kept.text == check.text("", strategy.text, limit=STATEMENT)


@contextmanager
def under(check: Input, pointer: str) -> Iterator[None]:
    """Problems raised inside are noted in ``check``, each under a pointer."""
    try:
        yield
    except InvalidInput as invalid:
        for problem in invalid.problems:
            check.take(problem, pointer)
    except Conflict as conflict:
        check.problem(pointer, conflict.code, **conflict.params)
