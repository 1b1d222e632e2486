"""What a session was for each child, as it is sent: checked, and written into the child's own case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from coord.application.doors import Work
from coord.application.groups.commands import ChildRecord, CorrectSession, HandedOver, Rating, RecordSession
from coord.application.groups.writing import names_in
from coord.domain.actors import Actor
from coord.domain.case import Case, Goal, GroupLine, ObservationContent, Strategy, goals, groups, strategies
from coord.domain.case.goals.wording import Context
from coord.domain.case.groups import Line, RatingRef
from coord.domain.course.aggregate import GroupNote
from coord.domain.errors import Conflict, InvalidInput
from coord.domain.input import Input
from coord.domain.names import NO_NAMES, Names, ask_about_names, seeming

MOST_RATINGS = 12
MOST_STRATEGIES = 6


@dataclass(slots=True)
class Told:
    """What a recording of a session, or a correction of one, tells of the children: checked here, once for both, and
    written into each child's own case.

    ``before`` are the lines of a recording that is corrected, by case; ``lines`` what is to stand. ``cases`` and
    ``names`` are of everybody who was ever in the course, ``known`` is what has the ids sent already, ``observed`` are
    the ids of what was observed of each goal. ``day``: of the session.
    """

    work: Work
    check: Input
    command: RecordSession | CorrectSession
    day: date
    cases: dict[UUID, Case]
    names: dict[UUID, Names]
    before: Mapping[UUID, GroupLine] = field(default_factory=dict)
    goals: dict[UUID, Goal] = field(default_factory=dict)
    known: Mapping[UUID, Any] = field(default_factory=dict)
    observed: Mapping[UUID, Set[UUID]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        work: Work,
        check: Input,
        command: RecordSession | CorrectSession,
        day: date,
        before: Mapping[UUID, GroupLine] | None = None,
    ) -> Told:
        """Everything that is concerned, loaded together, and what is sent against it.

        In a recording the goals come without their observations: eight children may have thousands. A correction may
        take some of them back.
        """
        cases = work.record.cases([UUID(case) for case in work.the_course.places])
        told = cls(work, check, command, day, cases, {id: names_in(case) for id, case in cases.items()}, before or {})
        sent = command.children
        ids = [id for c in sent for id in (c.line_id, *(r.goal_id for r in c.ratings))]
        ids += [s.strategy_id for c in sent for s in c.strategies]
        if before is None:
            found = work.record.standings(ids)
            told.goals = {id: standing.goal for id, standing in found.items() if standing is not None}
            told.observed = {id: standing.observed for id, standing in found.items() if standing is not None}
            told.known = found
        else:
            told.known = work.record.entries([*ids, *came_of(before.values())])
            told.goals = {id: entry for id, (_, entry) in told.known.items() if isinstance(entry, Goal)}
            told.observed = {id: {o.id for o in goal.observations} for id, goal in told.goals.items()}
        told.lines = [told._checked(f"/children/{i}", child) for i, child in enumerate(sent)]
        told._refuse_twice()
        return told

    # ---- checking

    def standing(self, case_id: UUID) -> GroupLine | None:
        """The line that is to be corrected; None for a child who has none, or none that should ever have been."""
        line = self.before.get(case_id)
        return line if line is not None and not line.error else None

    def _checked(self, at: str, child: ChildRecord) -> Line:
        """One child's line, with what it names checked against the child's place in the course; and against the line
        that stands, if it is to be corrected: what that names it may name again, whatever became of the place."""
        check, course, standing = self.check, self.work.the_course, self.standing(child.case_id)
        place = course.places.get(str(child.case_id))
        goals_of_place, rated_before, handed_before = place["goals"] if place is not None else [], set(), []
        if standing is not None:
            goals_of_place = [*goals_of_place, *standing.line["goals"]]  # those rated were worked on
            rated_before = {r["observation"] for r in standing.line["ratings"]}
            handed_before = standing.line["strategies"]
            if child.line_id != standing.id:
                check.problem(f"{at}/line", "not-the-line")
        else:
            if not course.can_have_been_there(child.case_id, self.day):
                check.problem(f"{at}/case", "not-in-the-course")
                goals_of_place = []
            if child.case_id in self.before and child.line_id == self.before[child.case_id].id:
                check.problem(f"{at}/line", "entered-in-error")
            elif child.line_id in self.known:
                check.problem(f"{at}/line", "id-taken")
        for j, goal_id in enumerate(child.content.goals):
            if str(goal_id) not in goals_of_place:
                check.problem(f"{at}/goals/{j}", "no-such-goal")
        for name, most in (("ratings", MOST_RATINGS), ("strategies", MOST_STRATEGIES)):
            if len(getattr(child, name)) > most:
                check.problem(f"{at}/{name}", "too-many", limit=most)
        for j, rating in enumerate(child.ratings):
            goal = self.goals.get(rating.goal_id)
            if str(rating.goal_id) not in goals_of_place or goal is None:
                check.problem(f"{at}/ratings/{j}/goal", "no-such-goal")
            elif rating.observation_id in self.observed[goal.id] and str(rating.observation_id) not in rated_before:
                # Somebody else's, perhaps: to rate under its id, and to take the rating back, would take theirs back.
                check.problem(f"{at}/ratings/{j}/id", "id-taken")
        for j, strategy in enumerate(child.strategies):
            if strategy.strategy_id in self.known and str(strategy.strategy_id) not in handed_before:
                check.problem(f"{at}/strategies/{j}/id", "id-taken")
        worked_on = [*child.content.goals, *(r.goal_id for r in child.ratings)]
        return groups.checked_line(
            check,
            at,
            replace(child.content, goals=worked_on),
            ratings=[_ref(rating) for rating in child.ratings[:MOST_RATINGS]],
            strategies=[s.strategy_id for s in child.strategies],
        )

    def _refuse_twice(self) -> None:
        """No child twice, and no id twice."""
        seen: set[UUID] = set()
        for i, child in enumerate(self.command.children):
            if child.case_id in seen:
                self.check.problem(f"/children/{i}/case", "named-twice")
            seen.add(child.case_id)
        ids = [id for c in self.command.children for id in (c.line_id, *(r.observation_id for r in c.ratings))]
        ids += [s.strategy_id for c in self.command.children for s in c.strategies]
        if len(set(ids)) < len(ids):
            self.check.problem("/children", "id-taken")

    def ask_about_names(self, note: GroupNote, reason: str = "") -> None:
        """No child's name in what is written about another, nor in what is written about the group."""
        about_all = {f"/note/{name}": str(text) for name, text in note.items()} | {"/reason": reason}
        found = seeming(about_all, self.names.values(), NO_NAMES)
        for i, child in enumerate(self.command.children):
            at = f"/children/{i}"
            texts = {f"{at}/{name}": text for name in groups.TEXTS if (text := getattr(child.content, name))}
            texts |= {f"{at}/ratings/{j}/remark": r.remark for j, r in enumerate(child.ratings)}
            texts |= {f"{at}/strategies/{j}/text": s.text for j, s in enumerate(child.strategies)}
            others = [names for case_id, names in self.names.items() if case_id != child.case_id]
            if any(texts.values()):
                found += seeming(texts, others, self.names.get(child.case_id, NO_NAMES))
        ask_about_names(self.check, found)

    # ---- writing

    def record(self, i: int, started: datetime, ended: datetime) -> None:
        """A new line with its ratings, into the child's own case."""
        child, course = self.command.children[i], self.work.the_course
        groups.record_line(
            self.cases[child.case_id],
            at=self.work.now,
            by=self.work.actor.by(),
            line_id=child.line_id,
            membership=course.membership_on(child.case_id, self.day),
            kind=course.content["kind"],
            session=self.command.number,
            line=self.lines[i],
            observed_from=started,
            observed_to=ended,
        )
        for j, rating in enumerate(child.ratings):
            self.rate(f"/children/{i}/ratings/{j}", child.case_id, child.line_id, rating, started)

    def rate(self, at: str, case_id: UUID, line_id: UUID, rating: Rating, seen_at: datetime) -> RatingRef:
        """A rating is an observation in therapy like any other, and comes from the child's line."""
        with under(self.check, at):
            goals.observe(
                self.cases[case_id],
                self.goals[rating.goal_id],
                at=self.work.now,
                actor=as_of_line(self.work, line_id),
                observation_id=rating.observation_id,
                content=ObservationContent(
                    context=Context.THERAPY.value,
                    level=rating.level,
                    support=rating.support,
                    remark=rating.remark,
                    observed_at=seen_at,
                    note=line_id,
                    scale_version=rating.scale_version,
                ),
                confirmed=self.command.confirmed,
            )
        return _ref(rating)

    def hand_over(self, at: str, child: ChildRecord, strategy: HandedOver) -> None:
        """A strategy handed over in the session is one for home, like any other."""
        with under(self.check, at):
            strategies.offer(
                self.cases[child.case_id],
                at=self.work.now,
                actor=as_of_line(self.work, child.line_id),
                strategy_id=strategy.strategy_id,
                text=strategy.text,
                context=Context.HOME.value,
                goal=None,
            )


def _ref(rating: Rating) -> RatingRef:
    return {"goal": str(rating.goal_id), "observation": str(rating.observation_id)}


def came_of(lines: Iterable[GroupLine]) -> list[UUID]:
    """The goals that lines rated, and the strategies that they handed over."""
    told = [line.line for line in lines]
    return [UUID(id) for line in told for id in (*(r["goal"] for r in line["ratings"]), *line["strategies"])]


def as_of_line(work: Work, line_id: UUID) -> Actor:
    """The actor under a request id of the child's own: the true one is shared by all children of the group."""
    return replace(work.actor, request_id=str(line_id))


def take_back(
    work: Work, case: Case, line: GroupLine, known: Mapping[UUID, Any], reason: str, instead: UUID | None = None
) -> None:
    """Enter a line in error with all that came of it, which is among what is ``known``; ``instead`` is the line that
    holds in its place, if there is one."""
    groups.enter_line_in_error(case, line, at=work.now, by=work.actor.by(), reason=reason, instead=instead)
    for ref in line.line["ratings"]:
        take_back_rating(work, case, line, known[UUID(ref["goal"])][1], ref, reason)
    for strategy_id in line.line["strategies"]:
        take_back_strategy(work, case, line, known[UUID(strategy_id)][1], reason)


def take_back_rating(work: Work, case: Case, line: GroupLine, goal: Goal, ref: RatingRef, reason: str) -> None:
    """A rating that a line made, and that should not have been, is marked as a mistake; nothing happens if it is."""
    if any(str(o.id) == ref["observation"] and not o.error for o in goal.observations):
        by, observation = groups.apart(work.actor.by(), str(line.id)), UUID(ref["observation"])
        goals.mark_observation(case, goal, at=work.now, by=by, observation_id=observation, reason=reason)


def take_back_strategy(work: Work, case: Case, line: GroupLine, strategy: Strategy, reason: str) -> None:
    """A strategy that a line handed over, and that should not have been, is advised no longer."""
    if not strategy.ended:
        strategies.end(case, strategy, at=work.now, actor=as_of_line(work, line.id), reason=reason)


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
