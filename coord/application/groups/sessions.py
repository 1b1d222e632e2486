"""Handlers: sessions planned, cancelled, recorded and corrected. One recording is one transaction over the course's
stream and those of all children concerned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast
from uuid import UUID, uuid5

from coord.application.commands import Receipt
from coord.application.doors import Work, answers
from coord.application.groups.commands import (
    CancelSession,
    ChildRecord,
    CorrectSession,
    HandedOver,
    PlanSession,
    Rating,
    RecordSession,
)
from coord.application.groups.writing import names_in, refuse_names, write_place
from coord.domain.actors import Actor
from coord.domain.case import Case, Goal, GroupLine, ObservationContent, Strategy, goals, groups, strategies
from coord.domain.case.goals import OBSERVABLE, Context, Observation
from coord.domain.case.groups import Line, RatingRef
from coord.domain.course import Course, cancel_session, correct_session, plan_session, record_session
from coord.domain.course.aggregate import GroupNote, Recording
from coord.domain.course.names import names_found
from coord.domain.course.sessions import (
    checked_note,
    checked_times,
    recording_of,
    refuse_unless_own_recording,
)
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, NotFound, Stale
from coord.domain.input import REASON, STATEMENT, Input

MOST_RATINGS = 12
MOST_STRATEGIES = 6


@answers(PlanSession)
def plan(work: Work, command: PlanSession) -> Receipt:
    """A plan, with the activities as they are in the library now."""
    course = work.the_course
    problems = []
    steps = []
    for i, step in enumerate(command.plan.steps):
        if step.activity is None:
            steps.append(replace(step, title="", text_version=0))
            continue
        try:
            activity = work.record.activity(step.activity)
        except NotFound:
            problems.append(FieldProblem(f"/steps/{i}/activity", "no-such-activity"))
            continue
        if activity.retired and str(step.activity) not in course.session(command.number)["activities"]:
            problems.append(FieldProblem(f"/steps/{i}/activity", "activity-retired"))
        steps.append(replace(step, title=activity.content["title"], text_version=activity.text_version))
    if problems:
        raise InvalidInput(problems)
    plan_session(
        course,
        at=work.now,
        by=work.actor.by(),
        number=command.number,
        expected_version=command.expected_version,
        content=replace(command.plan, steps=steps),
    )
    return Receipt(course.id, course.version, work.record.append(course), "planned")


@answers(CancelSession)
def cancel(work: Work, command: CancelSession) -> Receipt:
    """It does not take place; which the whole service team reads. The children's own streams lose the date."""
    course = work.the_course
    cancel_session(
        course,
        at=work.now,
        by=work.actor.by(),
        number=command.number,
        expected_version=command.expected_version,
        reason=command.reason,
    )
    every = work.record.cases([UUID(case) for case in course.places])
    refuse_names("/reason", command.reason, every)
    cases = [case for id, case in every.items() if course.places[str(id)]["status"] != "left"]
    for case in cases:
        write_place(work, course, case, course.places[str(case.id)]["membership"], "revised")
    return Receipt(course.id, course.version, work.record.append(course, *cases), "cancelled")


# ---- recording ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Children:
    """The children whom a recording is about, loaded together: their cases, goals and earlier lines. ``known`` is what
    has the ids sent already, ``observed`` are the ids of what was observed of each goal. ``day``: of the session."""

    course: Course
    day: date
    cases: dict[UUID, Case]
    names: dict[UUID, Mapping[str, str]]
    goals: dict[UUID, Goal]
    known: Mapping[UUID, object]
    observed: Mapping[UUID, Set[UUID]]

    @classmethod
    def of(cls, work: Work, children: Sequence[ChildRecord], day: date) -> _Children:
        """Everybody who was ever in the course, for their names; how the goals rated stand, and what has the ids sent.

        The goals come without their observations: eight children may have thousands.
        """
        found = work.record.standings(_ids_sent(children))
        rated = {id: standing.goal for id, standing in found.items() if standing is not None}
        observed = {id: standing.observed for id, standing in found.items() if standing is not None}
        return cls(work.the_course, day, *_members(work), rated, found, observed)

    @classmethod
    def to_correct(cls, work: Work, children: Sequence[ChildRecord], day: date, more: Iterable[UUID]) -> _Children:
        """The same with the goals' observations, which may be taken back, and with ``more`` entries."""
        found = work.record.entries([*_ids_sent(children), *more])
        rated = {id: entry for id, (_, entry) in found.items() if isinstance(entry, Goal)}
        observed = {id: {o.id for o in goal.observations} for id, goal in rated.items()}
        return cls(work.the_course, day, *_members(work), rated, found, observed)


def _ids_sent(children: Sequence[ChildRecord]) -> list[UUID]:
    ids = [r.goal_id for child in children for r in child.ratings]
    return [*ids, *(child.line_id for child in children), *(s.strategy_id for c in children for s in c.strategies)]


def _members(work: Work) -> tuple[dict[UUID, Case], dict[UUID, Mapping[str, str]]]:
    cases = work.record.cases([UUID(case) for case in work.the_course.places])
    return cases, {id: names_in(case) for id, case in cases.items()}


@answers(RecordSession)
def record(work: Work, command: RecordSession) -> Receipt:
    """The group's note and each child's line, all or nothing."""
    course = work.the_course
    session = course.session(command.number)
    before = _recorded_before(work, course, command)
    if before is not None:
        return before
    check = Input()
    if session["status"] == "cancelled" and not command.took_place:
        check.problem("/took_place", "cancelled-before")
    if work.today.isoformat() < (planned := course.dates[command.number - 1]):
        check.problem("/started_at", "before-its-day", day=planned)
    note = checked_note(check, command.note)
    started, ended = checked_times(check, command.started_at, command.ended_at, now=work.now)
    staff = _staff(check, course, command.staff or [work.actor.person_id], work.actor)
    day = started.astimezone(work.zone).date()
    children = _Children.of(work, command.children, day)
    lines = [_checked(check, i, child, children) for i, child in enumerate(command.children)]
    _refuse_twice(check, command.children)
    elsewhere = {case for r in session["recordings"].values() for case in r["lines"] if case not in r["taken_back"]}
    told = {str(child.case_id) for child in command.children}
    seen = told | elsewhere
    expected = [case for case in course.expected(day) if children.cases[UUID(case)].status != "closed"]
    missing = [case for case in expected if case not in seen]
    if missing:
        check.problem("/children", "without-attendance", cases=missing, children=len(missing))
    elif not told:
        check.problem("/children", "missing")
    _check_names(check, command, children, note)
    check.refuse_if_any()
    for i, (child, line) in enumerate(zip(command.children, lines, strict=True)):
        case = children.cases[child.case_id]
        if case.status == "closed":
            check.problem(f"/children/{i}/case", "case-closed")
            continue
        groups.record_line(
            case,
            at=work.now,
            by=work.actor.by(),
            line_id=child.line_id,
            membership=course.places[str(child.case_id)]["membership"],
            kind=course.content["kind"],
            session=command.number,
            line=line,
            observed_from=started,
            observed_to=ended,
        )
        for j, rating in enumerate(child.ratings):
            with _under(check, f"/children/{i}/ratings/{j}"):
                _rate(work, child, rating, children, started)
        for j, strategy in enumerate(child.strategies):
            with _under(check, f"/children/{i}/strategies/{j}"):
                _hand_over(work, child, strategy, children)
    check.refuse_if_any()
    record_session(
        course,
        at=work.now,
        by=work.actor.by(),
        number=command.number,
        recording_id=command.recording_id,
        started_at=started,
        ended_at=ended,
        staff=staff,
        note=note,
        lines={str(child.case_id): str(child.line_id) for child in command.children},
    )
    position = work.record.append(course, *(children.cases[child.case_id] for child in command.children))
    beside = [r["name"] for r in session["recordings"].values()]
    return Receipt(command.recording_id, 1, position, "recorded", detail={"beside": beside, "course": course.version})


def _recorded_before(work: Work, course: Course, command: RecordSession) -> Receipt | None:
    """The receipt of the same recording sent before by the same person; None if it is new; else the id is taken."""
    for number, session in course.sessions.items():
        found = session["recordings"].get(str(command.recording_id))
        if found is None:
            continue
        sent = {str(child.case_id): str(child.line_id) for child in command.children}
        first = next(
            r for r in work.record.stream(course.id) if getattr(r.event, "recording_id", None) == command.recording_id
        )
        mine = found["by"] == str(work.actor.person_id) and number == command.number
        if mine and vars(first.event)["lines"] == sent and _says_what_it_said(work, command, vars(first.event)["note"]):
            # Everything that was saved with it came right after it, in one go.
            saved = sum(1 + len(child.ratings) + len(child.strategies) for child in command.children)
            return Receipt(command.recording_id, 1, first.position + saved, "recorded", repeated=True)
        raise InvalidInput([FieldProblem("/id", "id-taken")])
    return None


def _says_what_it_said(work: Work, command: RecordSession, note: Mapping[str, object]) -> bool:
    """Whether the words are those of the first time, so that no other ones are lost for being called a repetition. Its
    times apart: an end that was left empty moves."""
    check = Input()
    found = {id: entry for id, (_, entry) in work.record.entries(_ids_sent(command.children)).items()}
    for child in command.children:
        first = found[child.line_id]
        worked_on = [*child.content.goals, *(r.goal_id for r in child.ratings)]
        line = groups.checked_line(
            check,
            "",
            replace(child.content, goals=worked_on),
            ratings=[{"goal": str(r.goal_id), "observation": str(r.observation_id)} for r in child.ratings],
            strategies=[s.strategy_id for s in child.strategies],
        )
        if not isinstance(first, GroupLine) or first.versions[0].line != line:
            return False
        if not all(_rated_so(check, rating, found[rating.goal_id]) for rating in child.ratings):
            return False
        if not all(_handed_so(check, strategy, found[strategy.strategy_id]) for strategy in child.strategies):
            return False
    return checked_note(check, command.note) == note and not check.problems


def _rated_so(check: Input, rating: Rating, goal: object) -> bool:
    remark = check.text("", rating.remark, limit=REASON, required=False)
    return isinstance(goal, Goal) and any(
        (o.id, o.level, o.support, o.remark) == (rating.observation_id, rating.level, rating.support, remark)
        for o in goal.observations
    )


def _handed_so(check: Input, strategy: HandedOver, kept: object) -> bool:
    return isinstance(kept, Strategy) and kept.text == check.text("", strategy.text, limit=STATEMENT)


def _staff(check: Input, course: Course, staff: Sequence[UUID], actor: Actor) -> list[str]:
    """Those who ran the session: of the course's staff, or the lead who records."""
    for i, person in enumerate(staff):
        if str(person) not in course.staff and person != actor.person_id:
            check.problem(f"/staff/{i}", "not-on-staff")
    return [str(person) for person in dict.fromkeys(staff)]


def _refuse_twice(check: Input, children: Sequence[ChildRecord]) -> None:
    seen: set[UUID] = set()
    for i, child in enumerate(children):
        if child.case_id in seen:
            check.problem(f"/children/{i}/case", "named-twice")
        seen.add(child.case_id)
    ids = [id for c in children for id in (c.line_id, *(r.observation_id for r in c.ratings))]
    ids += [s.strategy_id for c in children for s in c.strategies]
    if len(set(ids)) < len(ids):
        check.problem("/children", "id-taken")


def _checked(check: Input, i: int, child: ChildRecord, children: _Children, standing: GroupLine | None = None) -> Line:
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


def _check_names(check: Input, command: RecordSession | CorrectSession, children: _Children, note: GroupNote) -> None:
    """No child's name in what is written about another, nor in what is written about the group."""
    if command.names_confirmed:
        return
    about_all = {f"/note/{name}": str(text) for name, text in note.items()}
    if isinstance(command, CorrectSession):
        about_all["/reason"] = command.reason
    found = names_found(about_all, children.names.values(), {})
    for i, child in enumerate(command.children):
        at = f"/children/{i}"
        texts = {f"{at}/{name}": text for name in groups.TEXTS if (text := getattr(child.content, name))}
        texts |= {f"{at}/ratings/{j}/remark": r.remark for j, r in enumerate(child.ratings)}
        texts |= {f"{at}/strategies/{j}/text": s.text for j, s in enumerate(child.strategies)}
        others = [names for case_id, names in children.names.items() if case_id != child.case_id]
        if any(texts.values()):
            found |= names_found(texts, others, children.names.get(child.case_id, {}))
    for pointer, name in found.items():
        check.problem(pointer, "names-another-child", name=name)


def _as_of_line(work: Work, line_id: UUID) -> Actor:
    """The actor under a request id of the child's own: the true one is shared by all children of the group."""
    return replace(work.actor, request_id=str(line_id))


def _rate(work: Work, child: ChildRecord, rating: Rating, children: _Children, seen_at: datetime) -> None:
    """A rating is an observation in therapy like any other, and comes from the child's line."""
    goals.observe(
        children.cases[child.case_id],
        children.goals[rating.goal_id],
        at=work.now,
        actor=_as_of_line(work, child.line_id),
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
    )


def _hand_over(work: Work, child: ChildRecord, strategy: HandedOver, children: _Children) -> None:
    strategies.offer(
        children.cases[child.case_id],
        at=work.now,
        actor=_as_of_line(work, child.line_id),
        strategy_id=strategy.strategy_id,
        text=strategy.text,
        context=Context.HOME.value,
        goal=None,
    )


@contextmanager
def _under(check: Input, pointer: str) -> Iterator[None]:
    """Problems raised inside are noted in ``check``, each under a pointer."""
    try:
        yield
    except InvalidInput as invalid:
        for problem in invalid.problems:
            check.problem(pointer + problem.pointer, problem.code, **problem.params)
    except Conflict as conflict:
        check.problem(pointer, conflict.code, **conflict.params)


# ---- correcting --------------------------------------------------------------------------------------------------


@answers(CorrectSession)
def correct(work: Work, command: CorrectSession) -> Receipt:
    """Into the course's stream, and into that of each child whom it concerns."""
    course = work.the_course
    present = recording_of(course, command.number, command.recording_id)
    refuse_unless_own_recording(course, present, work.actor)
    if command.expected_version != present["version"]:  # what is sent may name what the line has no more
        raise Stale(present["version"], ["recording"])
    check = Input()
    reason = check.text("/reason", command.reason, limit=REASON)
    note = present["note"] if command.note is None else checked_note(check, command.note)
    started, ended = checked_times(
        check,
        command.started_at or present["started_at"],
        command.ended_at or present["ended_at"],
        now=work.now,
    )
    _refuse_twice(check, command.children)
    correction = _Correction.of(work, command, present, started.astimezone(work.zone).date())
    correction.check(check)
    _check_names(check, command, correction.children, note)
    check.refuse_if_any()
    moved = (started, ended) != (present["started_at"], present["ended_at"])
    correction.write(check, reason, started, ended, moved=moved)
    check.refuse_if_any()
    changed = [case for case in correction.children.cases.values() if case.pending_events]
    if not changed and note == present["note"]:
        raise Conflict("nothing-changed")
    correct_session(
        course,
        at=work.now,
        by=work.actor.by(),
        number=command.number,
        recording_id=command.recording_id,
        started_at=started,
        ended_at=ended,
        staff=present["staff"],
        note=note,
        lines=correction.lines,
        corrected=[str(case.id) for case in changed if case.id not in command.in_error],
        in_error=[str(case_id) for case_id in command.in_error],
        reason=reason,
    )
    position = work.record.append(course, *changed)
    return Receipt(command.recording_id, present["version"] + 1, position, "corrected")


@dataclass(slots=True)
class _Correction:
    """A correction under way: the children, their lines as they stand, and which line is whose afterwards."""

    work: Work
    command: CorrectSession
    children: _Children
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
        children = _Children.to_correct(work, command.children, day, [*rated, *offered])
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
            self.wanted.append(_checked(check, i, child, self.children, standing))
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
            with _under(check, "/in_error"):
                self._take_back(case_id, reason)
        for i, (child, line) in enumerate(zip(self.command.children, self.wanted, strict=True)):
            with _under(check, f"/children/{i}"):
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
        strategy = self._strategy(strategy_id)
        if not strategy.ended:
            actor = _as_of_line(self.work, standing.id)
            strategies.end(case, strategy, at=self.work.now, actor=actor, reason=reason)

    def _strategy(self, strategy_id: str) -> Strategy:
        """One that a line handed over."""
        return cast("tuple[UUID, Strategy]", self.children.known[UUID(strategy_id)])[1]

    def _take_back_rating(self, case: Case, standing: GroupLine, ref: RatingRef, reason: str) -> None:
        goal = self.children.goals[UUID(ref["goal"])]
        if any(str(o.id) == ref["observation"] and not o.error for o in goal.observations):
            goals.mark_observation(
                case,
                goal,
                at=self.work.now,
                by=groups.apart(self.work.actor.by(), str(standing.id)),
                observation_id=UUID(ref["observation"]),
                reason=reason,
            )

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
                membership=self.work.the_course.places[str(child.case_id)]["membership"],
                kind=self.work.the_course.content["kind"],
                session=self.command.number,
                line=line,
                observed_from=started,
                observed_to=ended,
            )
            for j, rating in enumerate(child.ratings):
                with _under(check, f"/children/{i}/ratings/{j}"):
                    _rate(self.work, child, rating, self.children, started)
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
                with _under(check, f"{pointer}/{j}"):
                    _hand_over(self.work, child, strategy, self.children)
            elif not _handed_so(check, strategy, self._strategy(str(strategy.strategy_id))):
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
            with _under(check, f"{pointer}/ratings/{j}"):
                _rate(self.work, child, rating, self.children, started)
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
        child = ChildRecord(case_id, standing.id, groups.LineContent())
        refs: list[RatingRef] = []
        for ref in standing.line["ratings"]:
            goal, o = self.children.goals[UUID(ref["goal"])], self._observation(ref)
            if not self._can_be_rated_anew(case, goal, o):
                refs.append(ref)
                continue
            self._take_back_rating(case, standing, ref, reason)
            again = uuid5(o.id, str(self.command.expected_version + 1))
            _rate(self.work, child, Rating(again, goal.id, o.level, o.support, o.remark), self.children, started)
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
