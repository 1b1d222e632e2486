"""Handlers of the questions about goals, measures and strategies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from coord.application.case.circle import who_may_have_seen, whose_names
from coord.application.doors import Reading, answers
from coord.application.goals.questions import (
    Age,
    Copm,
    EarlierScore,
    GoalAnswer,
    GoalLine,
    GoalObservation,
    GoalsAnswer,
    Instrument,
    KeptGoal,
    MeasureLine,
    MeasuresAnswer,
    ReadGoal,
    ReadGoals,
    ReadMeasures,
    RuleChange,
    ScoreInContext,
    ScoreLine,
    StrategyLine,
)
from coord.application.goals.writing import counts
from coord.application.policies.handlers import policy_for
from coord.application.rights import about_the_child, goal_readable, known_case, permitted, readable_trials
from coord.application.summary.questions import SchoolGoal, SchoolStrategy
from coord.domain.case import Goal
from coord.domain.case.attainment import ScaledGoal, attainment
from coord.domain.case.generalisation import SOMEBODY, Rule, Seen, generalisation, is_shown, says_something
from coord.domain.case.goals import possible_statuses
from coord.domain.case.goals.life import ENDED, NEXT
from coord.domain.case.goals.observing import OBSERVABLE, contexts_of
from coord.domain.case.goals.scales import weight_of
from coord.domain.case.goals.wording import Context
from coord.domain.case.measures import MeasureKind, copm_change
from coord.domain.case.notes import Audience
from coord.domain.case.strategies import Trial, counted, version_of
from coord.domain.errors import FieldProblem, InvalidInput, NotFound
from coord.domain.permissions import leads_service_team
from coord.domain.policy import Values, in_force
from coord.projections import Goals, Measures, Policies, Strategies, Timeline
from coord.words import spelled_alike

EXPORTS = ("", "pdf")
_FOR_THE_SCHOOL = (
    "statement",
    "child_view",
    "contexts",
    "condition",
    "criterion",
    "support",
    "review_date",
    "audience",
)
"""What of a goal a teacher needs; baseline, weight, codes and disciplines are no business of the school's."""


def rule_for(reading: Reading, team: str) -> Rule:
    """The numbers of the generalisation rule by which the child's service team works."""
    return _rule(policy_for(reading, team, "generalisation"))


def _rule(values: Values) -> Rule:
    return Rule(**{part.name: int(str(values[part.name])) for part in fields(Rule)})


def rule_change(reading: Reading, team: str) -> RuleChange | None:
    """The last change of that rule; None as long as it is the default, and for the school, which sees no whole."""
    if not reading.actor.sight.clinical:
        return None
    for change in reading.snapshot.view(Policies).changes_of(reading.snapshot.connection, team):
        if change["name"] == "generalisation":
            before = _rule(in_force("generalisation", change["before"]))
            return RuleChange(change["at"], change["by"]["name"], change["reason"], before)
    return None


@dataclass(frozen=True, slots=True)
class Rules:
    """What goals are judged by: the rule in force, the one before its last change, and whose typed names are."""

    rule: Rule
    change: RuleChange | None
    whose: Mapping[str, UUID]

    @classmethod
    def of(cls, reading: Reading, case_id: UUID, team: str) -> Rules:
        """Of a child of this service team."""
        return cls(rule_for(reading, team), rule_change(reading, team), whose_names(reading, case_id))


@answers(ReadGoals)
def read_goals(reading: Reading, question: ReadGoals) -> GoalsAnswer:
    """All goals at a glance."""
    if question.export not in EXPORTS:
        raise InvalidInput([FieldProblem("/export", "unknown-choice", {"choices": list(EXPORTS[1:])})])
    case_id = question.case_id
    row = known_case(reading, case_id)
    rules = Rules.of(reading, case_id, row["team"])
    rows = goal_rows(reading, case_id)
    shown_rows = [r for r in rows if question.ended or r["status"] not in ("stopped", "entered-in-error")]
    observed = _observed(reading, case_id, [r["goal_id"] for r in shown_rows])
    lines = [_line(reading, r, observed[r["goal_id"]], rules, row["status"]) for r in shown_rows]
    clinical = reading.actor.sight.clinical
    scores, withheld = _scores(reading, case_id, rows) if clinical else ([], 0)
    ended_too = question.ended or question.ended_strategies
    strategies = strategy_lines(reading, case_id, {r["goal_id"] for r in rows}, ended_too=ended_too)
    reading.entries.extend([line.id for line in lines] + [s.id for s in strategies])
    if question.export:
        reading.detail["export"] = question.export
    may = {"EndStrategy"}
    if row["status"] == "open":
        may |= {"ProposeGoal", "OfferStrategy", "TellOfStrategy", "ScoreAttainment"}
    return GoalsAnswer(
        **about_the_child(reading, row),
        goals=lines,
        strategies=strategies,
        attainments=_attainments(lines) if clinical else [],
        scores=scores,
        withheld=withheld,
        rule=rules.rule,
        rule_change=rules.change,
        may=permitted(may, reading.actor, reading.child),
    )


@answers(ReadGoal)
def read_goal(reading: Reading, question: ReadGoal) -> GoalAnswer:
    """One goal's story."""
    case_id = question.case_id
    row = known_case(reading, case_id)
    rules = Rules.of(reading, case_id, row["team"])
    rows = goal_rows(reading, case_id, question.goal_id)
    if not rows:
        raise NotFound("no-such-goal")
    goal = reading.record.goal(case_id, question.goal_id)
    if not goal_readable(reading.actor, reading.child, goal):  # taken from this reader in this very moment
        raise NotFound("no-such-goal")
    every = _observed(reading, case_id, [question.goal_id], marked_too=True)[question.goal_id]
    agreed = rows[0]["content"]["support"]
    line = _line(reading, rows[0], [o for o in every if not o["marked"]], rules, row["status"])
    notes = {o["observation_id"]: o["note_id"] for o in every}
    readable = tuple(replace(o, note=notes[o.id]) for o in goal.observations if o.id in notes)
    goal = replace(goal, observations=readable)
    if reading.actor.sight.as_school:
        goal = goal_for_the_school(goal, str(reading.actor.person_id))
    strategies = strategy_lines(reading, case_id, {question.goal_id}, goal_id=question.goal_id, ended_too=True)
    reading.entries.extend([goal.id] + [s.id for s in strategies])
    return GoalAnswer(
        **about_the_child(reading, row),
        line=line,
        goal=goal,
        observations=[_observation(o, line.scale_version, agreed, rules.whose) for o in reversed(every)],
        strategies=strategies,
        next_statuses=possible_statuses(goal) if "ChangeGoalStatus" in line.may else (),
        contexts=contexts_of(reading.actor),
        around=who_may_have_seen(reading, case_id) if "ObserveGoal" in line.may else (),
        rule=rules.rule,
        rule_change=rules.change,
    )


@answers(ReadMeasures)
def read_measures(reading: Reading, question: ReadMeasures) -> MeasuresAnswer:
    """Every measure, newest first."""
    row = known_case(reading, question.case_id)
    view = reading.snapshot.view(Measures)
    rows = view.of_case(reading.snapshot.connection, question.case_id, reading.actor, reading.child)
    if Measures.NAME in reading.snapshot.incomplete:
        rows = [r for r in (_measure_now(reading, r) for r in rows) if _measure_readable(reading, r)]
    by_id = {r["measure_id"]: r for r in rows}
    reading.entries.extend(by_id)
    may = {"RecordCopm", "RecordInstrument"} if row["status"] == "open" else set()
    return MeasuresAnswer(
        **about_the_child(reading, row),
        measures=[_measure(reading, r, by_id, row["birth_date"]) for r in rows],
        may=permitted(may, reading.actor, reading.child),
    )


def _measure_now(reading: Reading, row: Mapping[str, Any]) -> dict[str, Any]:
    """The view has stopped, and it may be marked as a mistake by now: the record decides."""
    return {**row, "marked": reading.record.measure(row["case_id"], row["measure_id"]).error}


def _measure_readable(reading: Reading, row: Mapping[str, Any]) -> bool:
    own = row["by_id"] == reading.actor.person_id
    return not row["marked"] or own or leads_service_team(reading.actor, reading.child)


# ---- for the school summary --------------------------------------------------------------------------------------


def strategies_for_school(reading: Reading, case_id: UUID) -> list[SchoolStrategy]:
    """What is offered for class now, with what came of it: what a school summary may say helps."""
    lines = strategy_lines(reading, case_id, ())
    return [SchoolStrategy(s.id, s.text, s.counts) for s in lines if s.context == Context.SCHOOL]


def goals_for_school(reading: Reading, case_id: UUID) -> list[SchoolGoal]:
    """The goals agreed or under way that the school may read: what a school summary may say is worked on."""
    return [
        {
            "id": r["goal_id"],
            "statement": r["content"]["statement"],
            "status": r["status"],
            "agreed_as_it_stands": r["agreed_version"] == r["content_version"],
        }
        for r in goal_rows(reading, case_id)
        if r["status"] in ("agreed", "active") and r["audience"] == Audience.CARE_TEAM_AND_SCHOOL
    ]


def words_to_cite(reading: Reading, case_id: UUID, entries: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Of the strategies and goals among these entries, also ended ones, those that this reader may read: ``text`` and
    ``author_name``."""
    if not entries:
        return {}
    goals = {
        r["goal_id"]: {"text": r["content"]["statement"], "author_name": r["author_name"]}
        for r in goal_rows(reading, case_id)
    }
    lines = strategy_lines(reading, case_id, (), ended_too=True)
    strategies = {line.id: {"text": line.text, "author_name": line.author_name} for line in lines}
    return {entry: found for entry, found in (goals | strategies).items() if entry in entries}


# ---- parts -------------------------------------------------------------------------------------------------------


def goal_rows(reading: Reading, case_id: UUID, goal_id: UUID | None = None) -> list[dict[str, Any]]:
    """The goals of a child that this reader may read, as rows of their view; or one of them."""
    view = reading.snapshot.view(Goals)
    rows = view.of_case(reading.snapshot.connection, case_id, reading.actor, reading.child, goal_id=goal_id)
    if Goals.NAME in reading.snapshot.incomplete:
        # The view has stopped, and a goal may have been taken from this reader since: the record decides.
        rows = [r for r in rows if goal_readable(reading.actor, reading.child, _now(reading, r))]
    return rows


def _now(reading: Reading, row: Mapping[str, Any]) -> Goal:
    return reading.record.goal(row["case_id"], row["goal_id"])


def _observed(
    reading: Reading, case_id: UUID, goals: Sequence[UUID], *, marked_too: bool = False
) -> dict[UUID, list[dict[str, Any]]]:
    view = reading.snapshot.view(Goals)
    found = view.observed_of(
        reading.snapshot.connection, case_id, reading.actor, reading.child, goals, marked_too=marked_too
    )
    if Goals.NAME in reading.snapshot.incomplete:
        for goal_id, rows in found.items():
            wrong = {o.id for o in reading.record.goal(case_id, goal_id).observations if o.error}
            found[goal_id] = [o for o in rows if o["marked"] or o["observation_id"] not in wrong]
    _hide_notes(reading, case_id, [o for observed in found.values() for o in observed])
    return found


def _hide_notes(reading: Reading, case_id: UUID, observed: Sequence[dict[str, Any]]) -> None:
    """An observation may come from a note that its reader may not know of; or from a group session, no note at all."""
    notes = {o["note_id"] for o in observed} - {None}
    known = reading.snapshot.view(Timeline).readable_kinds(
        reading.snapshot.connection,
        actor=reading.actor,
        children={case_id: reading.child},
        entries=notes,
    )
    for o in observed:
        kind = known.get((case_id, o["note_id"]))
        if kind is None:
            o["note_id"] = None
        o["from_group"] = kind == "group"


def _line(
    reading: Reading, row: Mapping[str, Any], observed: Sequence[Mapping[str, Any]], rules: Rules, case_status: str
) -> GoalLine:
    content = dict(row["content"])
    contexts = content["contexts"]
    if reading.actor.sight.as_school:
        scale = content["scale"]
        content = {name: content[name] for name in _FOR_THE_SCHOOL}
        content["scale"] = None if scale is None else {"levels": scale["levels"]}
        contexts = [c for c in contexts if c == Context.SCHOOL]
    agreed = row["content"]["support"]
    writers = {spelled_alike(o["observer_name"]): str(o["observer_id"]) for o in observed}
    telling = [_seen(reading, o, writers, rules.whose) for o in observed if _on_this_scale(o, row)]
    by_rule = partial(
        generalisation,
        telling,
        contexts=contexts,
        agreed_support=agreed,
        begun=row["status"] not in ("proposed", "agreed"),
        today=reading.today,
    )
    found = by_rule(rule=rules.rule)
    before = by_rule(rule=rules.change.before).state if rules.change else found.state
    if before != found.state:
        found = replace(found, state_before=before)
    seen = [_observation(o, row["scale_version"], agreed, rules.whose) for o in observed]
    rated = [o for o in seen if o.level is not None and o.comparable]
    latest = rated[-1] if rated else None
    return GoalLine(
        id=row["goal_id"],
        status=row["status"],
        version=row["version"],
        content=content,
        scale_version=row["scale_version"],
        author_name=row["author_name"],
        discipline=row["discipline"],
        proposed_at=row["proposed_at"],
        agreed_as_it_stands=row["agreed_version"] == row["content_version"],
        review_date=row["review_date"],
        review_passed=row["review_date"] < reading.today and row["status"] not in ENDED,
        observations=seen,
        level=latest.level if latest else None,
        level_on=latest.observed_at if latest else None,
        level_context=latest.context if latest else "",
        level_by=latest.rater if latest else "",
        latest={o.context: o for o in rated},
        generalisation=found,
        may=_may(reading, row, case_status),
    )


def _on_this_scale(observed: Mapping[str, Any], goal: Mapping[str, Any]) -> bool:
    """A level of an earlier scale says nothing about this one, nor does the help beside it; help told of alone does."""
    return observed["level"] is None or observed["scale_version"] == goal["scale_version"]


def _seen(reading: Reading, o: Mapping[str, Any], writers: Mapping[str, str], whose: Mapping[str, UUID]) -> Seen:
    """An observation as the rule sees it: by whom, as far as anybody knows.

    A name that was only typed is a writer's, where it is theirs to the letter, or of the circle, where somebody said
    so; otherwise nobody knows whose it is.
    """
    writer, observer, listed = str(o["observer_id"]), str(o["seen_person"]), o["seen_as"] == "circle"
    if o["seen_as"] == "writer":
        observer = writer
    elif o["seen_as"] == "written":
        name = spelled_alike(o["reported_by"])
        listed = name in whose
        observer = str(whose[name]) if listed else writers.get(name, SOMEBODY)
    on = o["observed_at"].astimezone(reading.zone).date()
    reported = observer != writer
    return Seen(o["observation_id"], o["context"], on, observer, o["level"], o["support"], listed, reported)


def _observation(
    o: Mapping[str, Any], scale_version: int, agreed_support: str, whose: Mapping[str, UUID]
) -> GoalObservation:
    comparable = o["level"] is None or o["scale_version"] == scale_version
    seen = Seen(o["observation_id"], o["context"], date.min, "", o["level"], o["support"])
    telling = comparable and says_something(seen) and not o["marked"]
    return GoalObservation(
        id=o["observation_id"],
        context=o["context"],
        level=o["level"],
        scale_version=o["scale_version"],
        comparable=comparable,
        support=o["support"],
        shown=is_shown(seen, agreed_support) if telling else None,
        remark=o["remark"],
        observed_at=o["observed_at"],
        received_at=o["received_at"],
        observer={
            "person": o["observer_id"],
            "name": o["observer_name"],
            "role": o["role"],
            "discipline": o["discipline"],
        },
        seen_by={
            "known_as": o["seen_as"],
            "person": whose.get(spelled_alike(o["reported_by"])) if o["seen_as"] == "written" else o["seen_person"],
            "name": o["reported_by"],
            "relation": o["seen_relation"],
        },
        answered=o["answered"],
        note_id=o["note_id"],
        from_group=o["from_group"],
        marked=o["marked"],
    )


def _may(reading: Reading, row: Mapping[str, Any], case_status: str) -> frozenset[str]:
    """Which commands this person could carry out on the goal now: what the page offers."""
    if row["status"] == "entered-in-error":
        return frozenset()
    may: set[str] = {"EnterObservationInError"}  # what was written can still be put right in a closed case
    if row["author_id"] == reading.actor.person_id or leads_service_team(reading.actor, reading.child):
        may.add("EnterGoalInError")
    if case_status != "open":
        return permitted(may, reading.actor, reading.child)
    may.add("OfferStrategy")
    if row["status"] in OBSERVABLE:
        may.add("ObserveGoal")
    if row["status"] not in ENDED:
        may |= {"ReviseGoal", "AgreeGoal"}
    if NEXT[row["status"]] and (row["status"] != "stopped" or row["agreed_version"]):
        may.add("ChangeGoalStatus")
    return permitted(may, reading.actor, reading.child)


def _attainments(lines: Sequence[GoalLine]) -> list[ScoreInContext]:
    """One score for each context in which a goal is rated: levels of several are never mixed."""
    counting = [line for line in lines if counts(line.status, line.content["scale"])]
    contexts = [c.value for c in Context if any(c.value in line.latest for line in counting)]
    return [ScoreInContext(c, attainment([_scaled(line, line.latest.get(c)) for line in counting])) for c in contexts]


def _scaled(line: GoalLine, latest: GoalObservation | None) -> ScaledGoal:
    scale = line.content["scale"]
    unrated = ScaledGoal(line.id, weight_of(scale), None, scale["baseline"], line.scale_version)
    if latest is None:
        return unrated
    return replace(
        unrated,
        level=latest.level,
        context=latest.context,
        seen_at=latest.observed_at,
        rater=latest.rater,
        reported=latest.seen_by["known_as"] != "writer",
        observation=latest.id,
    )


def _scores(reading: Reading, case_id: UUID, goals: Sequence[Mapping[str, Any]]) -> tuple[list[ScoreLine], int]:
    """The kept scores of which this reader may read every goal; and how many others there are."""
    known = {str(g["goal_id"]): g for g in goals}
    found: list[ScoreLine] = []
    withheld = 0
    for s in reversed(reading.snapshot.view(Goals).scores_of(reading.snapshot.connection, case_id)):
        if any(g["goal"] not in known for g in s["goals"]):
            withheld += 1
            continue
        made_of = [_kept(g, known[g["goal"]]) for g in s["goals"]]
        line = ScoreLine(
            id=s["score_id"],
            at=s["at"],
            by=s["by_name"],
            t=s["t"],
            baseline_t=s["baseline_t"],
            rho=s["rho"],
            rated=s["rated"],
            scaled=s["scaled"],
            basis=s["basis"],
            goals=made_of,
            earlier=None,
        )
        same_basis = [one for one in found if _same_basis(one, line)]
        found.append(replace(line, earlier=_beside(line, same_basis[-1])) if same_basis else line)
    return found[::-1], withheld


def _kept(scored: Mapping[str, Any], goal: Mapping[str, Any]) -> KeptGoal:
    seen_at, observation = scored["seen_at"], scored["observation"]
    typed = {
        "goal": UUID(scored["goal"]),
        "seen_at": datetime.fromisoformat(seen_at) if seen_at else None,
        "observation": UUID(observation) if observation else None,
        "statement": goal["content"]["statement"],
        "in_error": goal["status"] == "entered-in-error",
    }
    return cast(KeptGoal, {**scored, **typed})


def _same_basis(one: ScoreLine, other: ScoreLine) -> bool:
    mine, yours = one.basis, other.basis
    return mine["kind"] != "not-kept" and (mine["kind"], mine["context"]) == (yours["kind"], yours["context"])


def _beside(line: ScoreLine, before: ScoreLine) -> EarlierScore:
    """The score before, and what makes the two no pair to compare."""
    then = {g["goal"]: g["scale_version"] for g in before.goals}
    anew = [g["statement"] for g in line.goals if then.get(g["goal"], g["scale_version"]) != g["scale_version"]]
    return EarlierScore(before.at, before.t, then.keys() != {g["goal"] for g in line.goals}, anew)


def strategy_lines(
    reading: Reading,
    case_id: UUID,
    goals: Collection[UUID],
    *,
    goal_id: UUID | None = None,
    ended_too: bool = False,
) -> list[StrategyLine]:
    """Strategies that this reader may use; each names its goal only if that is among ``goals``, which they may read."""
    view, connection = reading.snapshot.view(Strategies), reading.snapshot.connection
    rows = view.of_case(connection, case_id, reading.actor, reading.child, goal_id=goal_id, ended_too=ended_too)
    trials: Mapping[UUID, Sequence[Trial]] = view.trials_of(connection, [r["strategy_id"] for r in rows])
    if Strategies.NAME in reading.snapshot.incomplete:  # the view has stopped: the record decides
        now = {r["strategy_id"]: reading.record.strategy(case_id, r["strategy_id"]) for r in rows}
        rows = [{**r, "status": (s := now[r["strategy_id"]]).status, "ended_reason": s.ended} for r in rows]
        rows = [r for r in rows if ended_too or r["status"] == "offered"]
        trials = {strategy: found.trials for strategy, found in now.items()}
    told = {
        r["strategy_id"]: readable_trials(reading.actor, reading.child, r["audience"], trials[r["strategy_id"]])
        for r in rows
    }
    clinical = reading.actor.sight.clinical
    return [
        StrategyLine(
            id=r["strategy_id"],
            text=r["text"],
            context=r["context"],
            goal_id=r["goal_id"] if r["goal_id"] in goals else None,
            status=r["status"],
            author_name=r["author_name"],
            discipline=r["discipline"],
            offered_at=r["offered_at"],
            ended_reason=(r["ended_reason"] or None) if clinical else None,
            trials=sorted(told[r["strategy_id"]], key=lambda t: t.tried_at)[::-1],
            counts=counted(told[r["strategy_id"]]),
            version=version_of(trials[r["strategy_id"]], ended=r["status"] != "offered") if clinical else None,
        )
        for r in rows
    ]


def goal_for_the_school(goal: Goal, reader: str) -> Goal:
    """The story without what is no business of the school's: earlier wordings, reasons, who else agreed."""
    latest = goal.versions[-1]
    scale = latest.content["scale"]
    content = latest.content | {"baseline": "", "icf": "", "disciplines": []}
    if scale is not None:
        content["scale"] = scale | {"baseline": None, "importance": None, "difficulty": None}
    return replace(
        goal,
        versions=(replace(latest, content=content, reason=""),),
        agreements=(),
        statuses=tuple(replace(s, reason="") for s in goal.statuses),
        observations=tuple(o if o.by["person"] == reader else replace(o, note=None) for o in goal.observations),
    )


def _measure(
    reading: Reading, row: Mapping[str, Any], by_id: Mapping[UUID, Mapping[str, Any]], born: date
) -> MeasureLine:
    may: set[str] = set()
    own = row["by_id"] == reading.actor.person_id
    if not row["marked"] and (own or leads_service_team(reading.actor, reading.child)):
        may.add("EnterMeasureInError")
    return MeasureLine(
        id=row["measure_id"],
        kind=row["kind"],
        measured_on=row["measured_on"],
        age=age_on(born, row["measured_on"]),
        person_id=row["by_id"],
        name=row["by_name"],
        discipline=row["discipline"],
        copm=_copm(row["content"], by_id) if row["kind"] == MeasureKind.COPM else None,
        instrument=_instrument(row["content"]) if row["kind"] == MeasureKind.INSTRUMENT else None,
        error_reason=row["marked"] or None,
        may=permitted(may, reading.actor, reading.child),
    )


def _copm(content: Mapping[str, Any], by_id: Mapping[UUID, Mapping[str, Any]]) -> Copm:
    """With the change since the one that it names, where that is there and no mistake."""
    named = UUID(content["earlier"]) if content["earlier"] else None
    earlier = by_id.get(named) if named else None
    if earlier is None or earlier["marked"]:
        change = copm_change(content["problems"], None)
    else:
        then = earlier["content"]
        change = copm_change(content["problems"], then["problems"], same_informant=_same_informant(then, content))
    return cast(Copm, {**content, "earlier": named, "change": change})


def _instrument(content: Mapping[str, Any]) -> Instrument:
    """Older ones were not asked about anything."""
    return cast(Instrument, {"answered": [], **content})


def _same_informant(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the same person answered; a name in other capitals is one. Of two without a name, but for the child,
    nobody knows: a mother and a father are both a parent."""
    if then["informant"] != now["informant"]:
        return False
    name = spelled_alike(now["informant_name"])
    return now["informant"] == "child" or bool(name and name == spelled_alike(then["informant_name"]))


def age_on(born: date, day: date) -> Age:
    """Age in whole years and months; none for a day before birth (a birth date corrected since)."""
    years, months = divmod(max(0, (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)), 12)
    return {"years": years, "months": months}
