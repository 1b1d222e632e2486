"""Every read about goals, measures and strategies, as data, with the shape of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypedDict
from uuid import UUID

from coord.application.declared import CaseQuestion, question
from coord.application.looking import Category
from coord.application.questions import AroundTheChild, ListOfACase, OfACase
from coord.domain.actors import Discipline, Role
from coord.domain.case import Goal
from coord.domain.case.attainment import Attainment, Basis
from coord.domain.case.generalisation import Generalisation, Rule
from coord.domain.case.goals.wording import Context
from coord.domain.case.measures import (
    COPM_THRESHOLD,
    CopmChange,
    CopmProblem,
    Informant,
    InstrumentScore,
    MeasureKind,
)
from coord.domain.case.strategies import Outcome
from coord.domain.permissions import anyone_who_knows_the_child, clinician_of_the_child
from coord.domain.said import Said


@question(
    anyone_who_knows_the_child, "Looked at the goals", shows=(Category.IDENTITY, Category.GOALS, Category.STRATEGIES)
)
class ReadGoals(CaseQuestion):
    """The child's goals at a glance: levels over time by context, the matrix, the T-score beside them, what helps.

    ``ended`` adds what was stopped or entered in error, ``ended_strategies`` only what is advised no longer.
    """

    ended: bool = False
    ended_strategies: bool = False
    export: str = ""
    """``pdf`` when it leaves as a file; recorded as such."""


@question(
    anyone_who_knows_the_child, "Looked at a goal", shows=(Category.IDENTITY, Category.GOALS, Category.STRATEGIES)
)
class ReadGoal(CaseQuestion):
    """One goal's story: wordings, agreements, states, observations, its row of the matrix, its strategies."""

    goal_id: UUID

    @property
    def entry(self) -> UUID:
        """The goal."""
        return self.goal_id


@question(clinician_of_the_child, "Looked at the measures", shows=(Category.IDENTITY, Category.MEASURES))
class ReadMeasures(CaseQuestion):
    """What was measured: each COPM with its change, and every named instrument."""


@dataclass(frozen=True, slots=True)
class GoalObservation:
    """One observation as shown. ``shown`` says whether the rule takes it for the skill shown; None for a remark alone.

    ``comparable`` is False for a level on an earlier scale. ``seen_as`` is writer, team, circle or written (a name that
    was only typed; ``seen_person`` says who of the circle it is, if anybody said so); ``reported_by`` and
    ``seen_relation`` are name and relation of who saw it, where that is not who wrote it down. ``answered`` is what was
    asked about and is meant. ``note_id`` is the entry that it comes from: a note, or (``from_group``) what a group
    session was for the child. ``marked`` is the reason if it was entered in error.
    """

    id: UUID
    context: str
    level: int | None
    scale_version: int
    comparable: bool
    support: str
    shown: bool | None
    remark: str
    observed_at: datetime
    received_at: datetime
    observer_id: UUID
    observer_name: str
    role: str
    discipline: str | None
    seen_as: str
    seen_person: UUID | None
    seen_relation: str
    reported_by: str
    answered: Sequence[Mapping[str, Any]]
    note_id: UUID | None
    from_group: bool
    marked: str

    @property
    def rater(self) -> str:
        """The name of who saw it."""
        return self.reported_by or self.observer_name


class Trial(TypedDict):
    """One report of trying it."""

    trial_id: Annotated[UUID, Said(name="id")]
    outcome: Outcome
    remark: str
    tried_at: datetime
    reported_by: str
    person_id: UUID
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """A strategy, with what came of it, newest first."""

    id: UUID
    text: str
    context: Context
    goal_id: UUID | None
    status: Literal["offered", "ended"]
    author_name: str
    discipline: Discipline | None
    offered_at: datetime
    ended_reason: Annotated[str | None, Said("Not for teachers")]
    trials: Sequence[Trial]
    counts: Annotated[Mapping[Outcome, int], Said("How often each came of it")]


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal at a glance. ``content`` as in `coord.domain.case.goals.wording.Content` (for a teacher, what a teacher
    needs).

    ``observations`` are oldest first, without those entered in error. ``latest`` is the latest comparable level in each
    context; ``level`` the latest of all, with ``level_on``, ``level_context`` and ``level_by``. ``state_before`` is
    what the goal's state would be by the rule before its last change, where that is another; empty otherwise. ``may``
    names the commands that this person could carry out on it now.
    """

    id: UUID
    status: str
    version: int
    content: Mapping[str, Any]
    scale_version: int
    author_name: str
    discipline: str | None
    proposed_at: datetime
    agreed_as_it_stands: bool
    review_date: date
    review_passed: bool
    observations: Sequence[GoalObservation]
    level: int | None
    level_on: datetime | None
    level_context: str
    level_by: str
    latest: Mapping[str, GoalObservation]
    generalisation: Generalisation
    state_before: str
    may: frozenset[str]

    @property
    def rated(self) -> list[GoalObservation]:
        """The levels that can be held against one another, as they came."""
        return [o for o in self.observations if o.level is not None and o.comparable]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """The last change of the rule of generalisation by the child's service team; ``before`` is the rule until then."""

    at: datetime
    by: str
    reason: str
    before: Rule


@dataclass(frozen=True, slots=True)
class ScoreInContext:
    """The score as of now over the latest levels in one context."""

    context: str
    attainment: Attainment


@dataclass(frozen=True, slots=True)
class EarlierScore:
    """The score kept before on the same basis, and why the two are not to be compared, if they are not: the goals that
    are in one of them alone, and those whose scale was written anew in between."""

    at: datetime
    t: float
    other_goals: bool
    other_scales: Sequence[str]


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A T-score that was kept, with its basis and what it was made of; ``goals`` carry statement, weight, level and
    baseline, context, rater and time of the level, and whether they were entered in error since."""

    id: UUID
    at: datetime
    by: str
    t: float
    baseline_t: float | None
    rho: float
    rated: int
    scaled: int
    basis: Basis
    goals: Sequence[Mapping[str, Any]]
    earlier: EarlierScore | None


@dataclass(frozen=True, slots=True)
class GoalsAnswer(ListOfACase):
    """``attainments`` are the scores as of now, one for each context in which a goal is rated (none for a teacher);
    ``scores`` are those kept, newest first.

    ``withheld`` counts kept scores that rest on a goal which this reader may not read.
    """

    goals: Sequence[GoalLine]
    strategies: Sequence[StrategyLine]
    attainments: Sequence[ScoreInContext]
    scores: Sequence[ScoreLine]
    withheld: int
    rule: Rule
    rule_change: RuleChange | None
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class StrategiesAnswer(ListOfACase):
    """What helps, in the order in which it was offered: of the answer about a child's goals, the strategies alone."""

    strategies: Annotated[Sequence[StrategyLine], Said(name="items")]


@dataclass(frozen=True, slots=True)
class GoalAnswer(OfACase):
    """``line`` as on the page of all goals; ``goal`` the folded story, reduced to what this reader may know.

    ``observations`` are newest first, those entered in error included where this reader deals with them.
    ``next_statuses`` may follow now.
    """

    line: GoalLine
    goal: Goal
    observations: Sequence[GoalObservation]
    strategies: Sequence[StrategyLine]
    next_statuses: Sequence[str]
    contexts: Sequence[str]
    """Where this person may observe."""
    around: Sequence[AroundTheChild]
    """Whom this person may name as who saw something, beside themselves."""
    rule: Rule
    rule_change: RuleChange | None


class Copm(TypedDict):
    """A Canadian Occupational Performance Measure, as one informant rated it."""

    problems: Sequence[CopmProblem]
    informant: Informant
    informant_name: str
    earlier: UUID | None
    remark: str
    change: CopmChange


class Instrument(TypedDict):
    """What a named instrument gave. Scores of different metrics are never averaged."""

    instrument: str
    edition: str
    norm_set: str
    language: str
    informant: Informant
    informant_name: str
    scores: Sequence[InstrumentScore]
    validity: str
    summary: str
    answered: Annotated[
        Sequence[Mapping[str, Any]],
        Said("What was implausible, asked about and is meant: `pointer`, `code`, `params`"),
    ]


class Age(TypedDict):
    """Age at the test."""

    years: int
    months: int


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A measure: `copm` or `instrument`, as its kind says."""

    id: UUID
    kind: MeasureKind
    measured_on: date
    age: Age
    person_id: Annotated[UUID, Said("Who recorded it")]
    name: str
    discipline: Discipline | None
    copm: Annotated[Copm | None, Said(absent=True)]
    instrument: Annotated[Instrument | None, Said(absent=True)]
    error_reason: Annotated[str | None, Said("Why it was entered in error; null if it stands")]
    may: frozenset[str]

    @property
    def content(self) -> Mapping[str, Any]:
        """What was recorded, of whichever kind."""
        return self.copm or self.instrument or {}


@dataclass(frozen=True, slots=True)
class MeasuresAnswer(ListOfACase):
    """What was measured, newest first."""

    measures: Annotated[Sequence[MeasureLine], Said(name="items")]
    may: frozenset[str]

    @property
    def copm_threshold(
        self,
    ) -> Annotated[
        int,
        Said("The manual's change that matters; studies found best cut-offs from 0.9 to 1.9. Never proof, only a note"),
    ]:
        """Shown beside every change."""
        return COPM_THRESHOLD
