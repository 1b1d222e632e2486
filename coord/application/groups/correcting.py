"""Handler: what was recorded of a session is corrected, in one transaction like the recording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast
from uuid import UUID, uuid5

from coord.application.carrying import decide
from coord.application.declared import Receipt
from coord.application.doors import Work, answers
from coord.application.groups.commands import ChildRecord, CorrectSession, Rating
from coord.application.groups.lines import (
    Children,
    check_names,
    checked_child,
    hand_over,
    handed_so,
    rate,
    refuse_twice,
    take_back_rating,
    take_back_strategy,
    under,
)
from coord.application.groups.recording import stand_in, who_ran_it
from coord.domain.case import Case, Goal, GroupLine, Strategy, groups
from coord.domain.case.goals.goal import Observation
from coord.domain.case.goals.observing import OBSERVABLE
from coord.domain.case.groups import Line, RatingRef
from coord.domain.course import correct_session
from coord.domain.course.aggregate import Recording
from coord.domain.course.sessions import checked_note, checked_times, recording_of, refuse_unless_own_recording
from coord.domain.errors import Conflict, Stale
from coord.domain.input import REASON, Input


@answers(CorrectSession)
def correct(work: Work, command: CorrectSession) -> Receipt:
    """Into the course's stream, and into that of each child whom it concerns."""
    course = work.the_course
    present = recording_of(course, command.number, command.recording_id)
    refuse_unless_own_recording(course, present, work.actor)
    if command.expected_version != present["version"]:  # what is sent may name what the line has no more
        raise Stale(present["version"], ["recording"])
    check = Input(command.confirmed)
    reason = check.text("/reason", command.reason, limit=REASON)
    note = present["note"] if command.note is None else checked_note(check, command.note)
    started, ended = checked_times(
        check,
        command.started_at or present["started_at"],
        command.ended_at or present["ended_at"],
        now=work.now,
    )
    staff = dict(present["staff"])
    if command.staff is not None:
        if not command.staff:
            check.problem("/staff", "missing")
        staff = who_ran_it(work, check, command.staff, command.number, started, ended, present["staff"])
    refuse_twice(check, command.children)
    correction = _Correction.of(work, command, present, started.astimezone(work.zone).date())
    correction.check(check)
    check_names(check, command, correction.children, note)
    check.refuse_if_any()
    moved = (started, ended) != (present["started_at"], present["ended_at"])
    correction.write(check, reason, started, ended, moved=moved)
    check.refuse_if_any()
    changed = [case for case in correction.children.cases.values() if case.pending_events]
    if not changed and note == present["note"] and set(staff) == set(present["staff"]):
        raise Conflict("nothing-changed")
    stand_in(work, command.number, staff, present["staff"])
    decide(
        work,
        correct_session,
        command,
        course,
        started_at=started,
        ended_at=ended,
        staff=staff,
        note=note,
        lines=correction.lines,
        corrected=[str(case.id) for case in changed if case.id not in command.in_error],
        in_error=[str(case_id) for case_id in command.in_error],
        reason=reason,
        answered=check.answered,
    )
    position = work.record.append(course, *changed)
    return Receipt(command.recording_id, present["version"] + 1, position, "corrected")


@dataclass(slots=True)
class _Correction:
    """A correction under way: the children, their lines as they stand, and which line is whose afterwards."""

    work: Work
    command: CorrectSession
    children: Children
    before: dict[UUID, GroupLine]
    lines: dict[str, str]
    wanted: list[Line]

    @classmethod
    def of(cls, work: Work, command: CorrectSession, present: Recording, day: date) -> _Correction:
        """Everything that is concerned, loaded together."""
        ids = [UUID(line) for line in present["lines"].values()]
        told = work.record.entries(ids)
        before = {case: line for case, line in told.values() if isinstance(line, GroupLine)}
        rated = [UUID(r["goal"]) for line in before.values() for r in line.line["ratings"]]
        offered = [UUID(s) for line in before.values() for s in line.line["strategies"]]
        children = Children.to_correct(work, command.children, day, [*rated, *offered])
        return cls(work, command, children, before, dict(present["lines"]), [])

    def check(self, check: Input) -> None:
        """What is sent, against what stands."""
        for i, child in enumerate(self.command.children):
            before, standing = self.before.get(child.case_id), self._standing(child)
            if standing is not None and child.line_id != standing.id:
                check.problem(f"/children/{i}/line", "not-the-line")
            if before is not None and before.error and child.line_id == before.id:
                check.problem(f"/children/{i}/line", "entered-in-error")
            if child.case_id in self.command.in_error:
                check.problem(f"/children/{i}/case", "named-twice")
            self.wanted.append(checked_child(check, i, child, self.children, standing))
        for i, case_id in enumerate(self.command.in_error):
            if case_id not in self.before:
                check.problem(f"/in_error/{i}", "no-such-line")

    def _standing(self, child: ChildRecord) -> GroupLine | None:
        """The line that is to be corrected; None for a child who has none, or none that should ever have been."""
        line = self.before.get(child.case_id)
        return line if line is not None and not line.error else None

    def write(self, check: Input, reason: str, started: datetime, ended: datetime, *, moved: bool) -> None:
        """Each child's part, into the child's own case."""
        for case_id in dict.fromkeys(self.command.in_error):
            with under(check, "/in_error"):
                self._take_back(case_id, reason)
        for i, (child, line) in enumerate(zip(self.command.children, self.wanted, strict=True)):
            with under(check, f"/children/{i}"):
                self._write_line(check, i, child, line, reason, started, ended, moved=moved)
        told = {child.case_id for child in self.command.children} | set(self.command.in_error)
        for case_id, standing in self.before.items():
            if moved and case_id not in told and not standing.error:
                line = self._rated_anew(case_id, standing, reason, started)
                self._correct(case_id, standing, line, reason, started, ended)

    def _take_back(self, case_id: UUID, reason: str) -> None:
        case, standing = self.children.cases[case_id], self.before[case_id]
        groups.enter_line_in_error(case, standing, at=self.work.now, by=self.work.actor.by(), reason=reason)
        for ref in standing.line["ratings"]:
            self._take_back_rating(case, standing, ref, reason)
        for strategy_id in standing.line["strategies"]:
            self._take_back_strategy(case, standing, strategy_id, reason)

    def _take_back_strategy(self, case: Case, standing: GroupLine, strategy_id: str, reason: str) -> None:
        take_back_strategy(self.work, case, standing, self._strategy(strategy_id), reason)

    def _strategy(self, strategy_id: str) -> Strategy:
        """One that a line handed over."""
        return cast("tuple[UUID, Strategy]", self.children.known[UUID(strategy_id)])[1]

    def _take_back_rating(self, case: Case, standing: GroupLine, ref: RatingRef, reason: str) -> None:
        take_back_rating(self.work, case, standing, self.children.goals[UUID(ref["goal"])], ref, reason)

    def _write_line(
        self,
        check: Input,
        i: int,
        child: ChildRecord,
        line: Line,
        reason: str,
        started: datetime,
        ended: datetime,
        *,
        moved: bool,
    ) -> None:
        case, standing = self.children.cases[child.case_id], self._standing(child)
        if standing is None:
            self.lines[str(child.case_id)] = str(child.line_id)
            groups.record_line(
                case,
                at=self.work.now,
                by=self.work.actor.by(),
                line_id=child.line_id,
                membership=self.work.the_course.membership_on(child.case_id, self.children.day),
                kind=self.work.the_course.content["kind"],
                session=self.command.number,
                line=line,
                observed_from=started,
                observed_to=ended,
            )
            for j, rating in enumerate(child.ratings):
                with under(check, f"/children/{i}/ratings/{j}"):
                    rate(self.work, child, rating, self.children, started, self.command.confirmed)
        else:
            refs = self._ratings(check, f"/children/{i}", standing, child, reason, started, moved=moved)
            self._correct(child.case_id, standing, {**line, "ratings": refs}, reason, started, ended)
        self._strategies(check, f"/children/{i}/strategies", standing, child, reason)

    def _strategies(
        self, check: Input, pointer: str, standing: GroupLine | None, child: ChildRecord, reason: str
    ) -> None:
        """The strategies of a corrected line: what is left out is advised no longer, what is new is handed over. The
        words of one that stays are not changed: somebody may have tried it, or may do it."""
        handed = standing.line["strategies"] if standing is not None else []
        sent = {str(s.strategy_id) for s in child.strategies}
        for strategy_id in handed:
            if standing is not None and strategy_id not in sent:
                self._take_back_strategy(self.children.cases[child.case_id], standing, strategy_id, reason)
        for j, strategy in enumerate(child.strategies):
            if str(strategy.strategy_id) not in handed:
                with under(check, f"{pointer}/{j}"):
                    hand_over(self.work, child, strategy, self.children)
            elif not handed_so(check, strategy, self._strategy(str(strategy.strategy_id))):
                check.problem(f"{pointer}/{j}/text", "strategy-handed-over")

    def _ratings(
        self,
        check: Input,
        pointer: str,
        standing: GroupLine,
        child: ChildRecord,
        reason: str,
        started: datetime,
        *,
        moved: bool,
    ) -> list[RatingRef]:
        """The ratings of a corrected line: what is left out or changed is marked as a mistake; what is changed or new
        is observed, under an id derived from the earlier one where there is one."""
        case = self.children.cases[child.case_id]
        before = {r["observation"]: r for r in standing.line["ratings"]}
        sent = {str(r.observation_id) for r in child.ratings}
        for ref in before.values():
            if ref["observation"] not in sent:
                self._take_back_rating(case, standing, ref, reason)
        refs: list[RatingRef] = []
        for j, rating in enumerate(child.ratings):
            known = before.get(str(rating.observation_id))
            if known is not None:
                if self._stays(case, known, rating, moved=moved):
                    refs.append(known)
                    continue
                self._take_back_rating(case, standing, known, reason)
                again = uuid5(rating.observation_id, str(self.command.expected_version + 1))
                rating = replace(rating, observation_id=again)
            with under(check, f"{pointer}/ratings/{j}"):
                rate(self.work, child, rating, self.children, started, self.command.confirmed)
            refs.append({"goal": str(rating.goal_id), "observation": str(rating.observation_id)})
        return refs

    def _stays(self, case: Case, known: RatingRef, rating: Rating, *, moved: bool) -> bool:
        """Whether a rating that is sent again is as it was, and need not be made anew at another time."""
        o = self._observation(known)
        remark = Input().text("", rating.remark, limit=REASON, required=False)
        same = known["goal"] == str(rating.goal_id) and (o.level, o.support, o.remark) == (
            rating.level,
            rating.support,
            remark,
        )
        return same and not (moved and self._can_be_rated_anew(case, self.children.goals[rating.goal_id], o))

    @staticmethod
    def _can_be_rated_anew(case: Case, goal: Goal, o: Observation) -> bool:
        if case.status == "closed" or o.error or goal.status not in OBSERVABLE:
            return False
        return o.level is None or o.scale_version == goal.scale_version

    def _observation(self, ref: RatingRef) -> Observation:
        goal = self.children.goals[UUID(ref["goal"])]
        return next(o for o in goal.observations if str(o.id) == ref["observation"])

    def _rated_anew(self, case_id: UUID, standing: GroupLine, reason: str, started: datetime) -> Line:
        """The line of a child for whom only the time changes: its ratings were made at the new time.

        What cannot be observed any more (a goal given up, another scale by now, a closed case) stays as it was rated;
        and what was marked as a mistake since stays one.
        """
        case = self.children.cases[case_id]
        child = ChildRecord(case_id, standing.id, groups.LineContent(""))
        refs: list[RatingRef] = []
        for ref in standing.line["ratings"]:
            goal, o = self.children.goals[UUID(ref["goal"])], self._observation(ref)
            if not self._can_be_rated_anew(case, goal, o):
                refs.append(ref)
                continue
            self._take_back_rating(case, standing, ref, reason)
            again = uuid5(o.id, str(self.command.expected_version + 1))
            rating = Rating(again, goal.id, o.level, o.support, o.remark)
            rate(self.work, child, rating, self.children, started, self.command.confirmed)
            refs.append({"goal": ref["goal"], "observation": str(again)})
        return {**standing.line, "ratings": refs}

    def _correct(
        self, case_id: UUID, standing: GroupLine, line: Line, reason: str, started: datetime, ended: datetime
    ) -> None:
        groups.correct_line(
            self.children.cases[case_id],
            standing,
            at=self.work.now,
            by=self.work.actor.by(),
            line=line,
            observed_from=started,
            observed_to=ended,
            reason=reason,
        )
