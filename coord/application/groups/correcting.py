"""Handler: what was recorded of a session is corrected, in one transaction like the recording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from coord.application.carrying import decide
from coord.application.declared import Receipt
from coord.application.doors import Work, answers
from coord.application.groups.commands import ChildRecord, CorrectSession, Rating
from coord.application.groups.lines import Told, take_back, take_back_rating, take_back_strategy, under
from coord.application.groups.recording import stand_in, who_ran_it
from coord.domain.case import GroupLine, groups
from coord.domain.case.goals.goal import Observation
from coord.domain.case.goals.observing import OBSERVABLE
from coord.domain.case.groups import Line, RatingRef
from coord.domain.course import correct_session
from coord.domain.course.aggregate import Recording
from coord.domain.course.sessions import checked_note, checked_times, recording_of, refuse_unless_own_recording
from coord.domain.errors import Conflict, Stale
from coord.domain.input import REASON, STATEMENT, Input


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
    correction = _Correction.of(work, check, command, present, started, ended, reason)
    correction.told.ask_about_names(note, command.reason)
    check.refuse_if_any()
    correction.write()
    check.refuse_if_any()
    changed = [case for case in correction.told.cases.values() if case.pending_events]
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
    """A correction under way: what is told of the children, and which line is whose afterwards. ``moved``: the session
    was at another time, which concerns every child."""

    work: Work
    command: CorrectSession
    told: Told
    lines: dict[str, str]
    reason: str
    started: datetime
    ended: datetime
    moved: bool

    @classmethod
    def of(
        cls,
        work: Work,
        check: Input,
        command: CorrectSession,
        present: Recording,
        started: datetime,
        ended: datetime,
        reason: str,
    ) -> _Correction:
        """What is sent, checked against what stands."""
        entries = work.record.entries([UUID(line) for line in present["lines"].values()])
        before = {case: line for case, line in entries.values() if isinstance(line, GroupLine)}
        told = Told.of(work, check, command, started.astimezone(work.zone).date(), before)
        for i, child in enumerate(command.children):
            if child.case_id in command.in_error:
                check.problem(f"/children/{i}/case", "named-twice")
        for i, case_id in enumerate(command.in_error):
            if case_id not in before:
                check.problem(f"/in_error/{i}", "no-such-line")
        moved = (started, ended) != (present["started_at"], present["ended_at"])
        return cls(work, command, told, dict(present["lines"]), reason, started, ended, moved)

    def write(self) -> None:
        """Each child's part, into the child's own case."""
        told, check = self.told, self.told.check
        for case_id in dict.fromkeys(self.command.in_error):
            with under(check, "/in_error"):
                take_back(self.work, told.cases[case_id], told.before[case_id], told.known, self.reason)
        for i, child in enumerate(self.command.children):
            with under(check, f"/children/{i}"):
                self._write_line(i, child)
        spoken_of = {child.case_id for child in self.command.children} | set(self.command.in_error)
        for case_id, standing in told.before.items():
            if self.moved and case_id not in spoken_of and not standing.error:
                refs = [self._rated_anew(case_id, standing, ref) for ref in standing.line["ratings"]]
                self._correct(case_id, standing, {**standing.line, "ratings": refs})

    def _write_line(self, i: int, child: ChildRecord) -> None:
        standing = self.told.standing(child.case_id)
        if standing is None:
            self.lines[str(child.case_id)] = str(child.line_id)
            self.told.record(i, self.started, self.ended)
        else:
            refs = self._ratings(f"/children/{i}/ratings", standing, child)
            self._correct(child.case_id, standing, {**self.told.lines[i], "ratings": refs})
        self._strategies(f"/children/{i}/strategies", standing, child)

    def _strategies(self, at: str, standing: GroupLine | None, child: ChildRecord) -> None:
        """The strategies of a corrected line: what is left out is advised no longer, what is new is handed over. The
        words of one that stays are not changed: somebody may have tried it, or may do it."""
        handed = standing.line["strategies"] if standing is not None else []
        sent = {str(s.strategy_id) for s in child.strategies}
        for strategy_id in handed:
            if standing is not None and strategy_id not in sent:
                strategy = self.told.known[UUID(strategy_id)][1]
                take_back_strategy(self.work, self.told.cases[child.case_id], standing, strategy, self.reason)
        for j, new in enumerate(child.strategies):
            if str(new.strategy_id) not in handed:
                self.told.hand_over(f"{at}/{j}", child, new)
            elif self.told.known[new.strategy_id][1].text != Input().text("/text", new.text, limit=STATEMENT):
                self.told.check.problem(f"{at}/{j}/text", "strategy-handed-over")

    def _ratings(self, at: str, standing: GroupLine, child: ChildRecord) -> list[RatingRef]:
        """The ratings of a corrected line: what is left out or changed is marked as a mistake; what is changed or new
        is observed, under an id derived from the earlier one where there is one."""
        before = {r["observation"]: r for r in standing.line["ratings"]}
        sent = {str(r.observation_id) for r in child.ratings}
        for ref in before.values():
            if ref["observation"] not in sent:
                self._take_back_rating(child.case_id, standing, ref)
        refs: list[RatingRef] = []
        for j, rating in enumerate(child.ratings):
            known = before.get(str(rating.observation_id))
            if known is not None:
                if self._stays(child.case_id, known, rating):
                    refs.append(known)
                    continue
                self._take_back_rating(child.case_id, standing, known)
                rating = replace(rating, observation_id=self._anew(rating.observation_id))
            refs.append(self.told.rate(f"{at}/{j}", child.case_id, child.line_id, rating, self.started))
        return refs

    def _anew(self, observation_id: UUID) -> UUID:
        """The id of a rating in the place of an earlier one."""
        return uuid5(observation_id, str(self.command.expected_version + 1))

    def _take_back_rating(self, case_id: UUID, standing: GroupLine, ref: RatingRef) -> None:
        case, goal = self.told.cases[case_id], self.told.goals[UUID(ref["goal"])]
        take_back_rating(self.work, case, standing, goal, ref, self.reason)

    def _stays(self, case_id: UUID, known: RatingRef, rating: Rating) -> bool:
        """Whether a rating that is sent again is as it was, and need not be made anew at another time."""
        o = self._observation(known)
        check = Input()
        remark = check.text("/remark", rating.remark, limit=REASON, required=False)
        same = (known["goal"], o.level, o.support, o.remark) == (
            str(rating.goal_id),
            rating.level,
            rating.support,
            remark,
        )
        return same and not check.problems and not (self.moved and self._can_be_rated_anew(case_id, known))

    def _can_be_rated_anew(self, case_id: UUID, ref: RatingRef) -> bool:
        goal, o = self.told.goals[UUID(ref["goal"])], self._observation(ref)
        if self.told.cases[case_id].status == "closed" or o.error or goal.status not in OBSERVABLE:
            return False
        return o.level is None or o.scale_version == goal.scale_version

    def _observation(self, ref: RatingRef) -> Observation:
        goal = self.told.goals[UUID(ref["goal"])]
        return next(o for o in goal.observations if str(o.id) == ref["observation"])

    def _rated_anew(self, case_id: UUID, standing: GroupLine, ref: RatingRef) -> RatingRef:
        """A rating of a child for whom only the time changes, made at the new time.

        What cannot be observed any more (a goal given up, another scale by now, a closed case) stays as it was rated;
        and what was marked as a mistake since stays one.
        """
        if not self._can_be_rated_anew(case_id, ref):
            return ref
        o = self._observation(ref)
        self._take_back_rating(case_id, standing, ref)
        rating = Rating(self._anew(o.id), UUID(ref["goal"]), o.level, o.support, o.remark)
        return self.told.rate("", case_id, standing.id, rating, self.started)

    def _correct(self, case_id: UUID, standing: GroupLine, line: Line) -> None:
        groups.correct_line(
            self.told.cases[case_id],
            standing,
            at=self.work.now,
            by=self.work.actor.by(),
            line=line,
            observed_from=self.started,
            observed_to=self.ended,
            reason=self.reason,
        )
