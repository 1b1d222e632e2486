"""Every read about goals, measures and strategies, as data, with the shape of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, NotRequired, TypedDict, cast
from uuid import UUID

from coord.application.case.questions import AroundTheChild
from coord.application.declared import CaseQuestion, question
from coord.application.looking import Category
from coord.application.shown import Author, GivenWhole, OfACase
from coord.domain.actors import By, Discipline
from coord.domain.case import Goal
from coord.domain.case.attainment import Attainment, Basis, latest_in
from coord.domain.case.generalisation import Generalisation, Rule
from coord.domain.case.goals.goal import Agreement, KnownAs, StatusChange
from coord.domain.case.goals.scales import LEVELS
from coord.domain.case.goals.wording import AgreedSupport, Context, GoalStatus, Support
from coord.domain.case.measures import (
    COPM_THRESHOLD,
    CopmChange,
    CopmProblem,
    Informant,
    InstrumentScore,
    MeasureKind,
)
from coord.domain.case.notes import Audience
from coord.domain.case.strategies import Outcome, StrategyStatus, Trial
from coord.domain.icf import IcfChapter
from coord.domain.permissions import anyone_who_knows_the_child, clinician_of_the_child
from coord.domain.said import FLAT, INSIDE, DayText, Said


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


class WhoSawIt(TypedDict):
    """Who wrote it down (`writer`), somebody of the care team or of the child's circle, or a name that was only typed
    (`written`; `person` says who of the circle it is, if anybody said so). Name and relation are as they were then."""

    known_as: KnownAs
    person: UUID | None
    name: str
    relation: str


@dataclass(frozen=True, slots=True)
class GoalObservation:
    """What somebody saw, in a context."""

    id: UUID
    context: Context
    level: int | None
    scale_version: int
    comparable: Annotated[bool, Said("Whether the level is on the present scale")]
    support: Annotated[str, Said(of=Support, null=True)]
    shown: Annotated[bool | None, Said("Whether the rule takes it for the skill shown; null where it cannot say")]
    remark: str
    observed_at: datetime
    received_at: datetime
    observer: Author
    seen_by: WhoSawIt
    answered: Annotated[Sequence[Mapping[str, Any]], INSIDE]
    """What was asked about and is meant."""
    note_id: UUID | None
    """The entry that it comes from: a note, or (``from_group``) what a group session was for the child."""
    from_group: Annotated[bool, INSIDE]
    marked: Annotated[str, Said("Why it was entered in error; null if it stands", name="error_reason", null=True)]

    @property
    def reported_by(self) -> Annotated[str, Said("Who saw it, where that is not the observer")]:
        """Empty where the observer saw it."""
        return self.seen_by["name"]

    @property
    def rater(self) -> str:
        """The name of who saw it."""
        return self.reported_by or self.observer["name"]


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """A strategy, with what came of it, newest first."""

    id: UUID
    text: str
    context: Context
    goal_id: UUID | None
    status: StrategyStatus
    author_name: str
    discipline: Discipline | None
    offered_at: datetime
    ended_reason: Annotated[str | None, Said("Not for teachers")]
    trials: Sequence[Trial]
    counts: Annotated[Mapping[Outcome, int], Said("How often each came of it")]
    version: Annotated[
        int | None, Said("Counts what was told of it; what an ending may name in If-Match. Not for teachers")
    ]


class LevelText(TypedDict):
    """What one sees at a level: from much less than expected (-2) to much more than expected (2)."""

    level: int
    text: str


class ScaleText(TypedDict):
    """Five levels and what the weight is made of. A teacher gets the levels."""

    levels: Sequence[LevelText]
    baseline: NotRequired[int | None]
    importance: NotRequired[int | None]
    difficulty: NotRequired[int | None]


class GoalText(TypedDict):
    """What a goal says. `icf`, `disciplines` and `baseline` are not for teachers."""

    statement: str
    child_view: str
    icf: NotRequired[Annotated[str, Said(of=IcfChapter, null=True)]]
    disciplines: NotRequired[Annotated[Sequence[str], Said(of=Discipline)]]
    contexts: Annotated[Sequence[str], Said(of=Context)]
    condition: str
    criterion: str
    support: Annotated[str, Said(of=AgreedSupport)]
    baseline: NotRequired[str]
    review_date: DayText
    audience: Annotated[str, Said(of=Audience)]
    scale: ScaleText | None


def text_of(content: Mapping[str, Any], like: Mapping[str, Any]) -> GoalText:
    """What a goal says, as far as ``like`` has it: what this reader sees of its present wording."""
    text = {name: content[name] for name in GoalText.__annotations__ if name in like}
    if (scale := content["scale"]) is not None:
        text["scale"] = (scale if "icf" in like else {}) | {"levels": levels_of(scale)}
    return cast(GoalText, text)


def levels_of(scale: Mapping[str, Any]) -> list[LevelText]:
    """The levels of a scale as it is kept, the lowest first."""
    return [{"level": level, "text": scale["levels"][str(level)]} for level in LEVELS]


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal as it stands, with what was observed of it, oldest first, without what was entered in error."""

    id: UUID
    status: GoalStatus
    version: Annotated[int, Said("What an edit has to name in If-Match; an observation does not change it")]
    content: Annotated[Mapping[str, Any], INSIDE]
    """As `coord.domain.case.goals.wording.Content`; for a teacher, what a teacher needs."""
    scale_version: int
    author_name: str
    discipline: Annotated[Discipline | None, Said("That it was proposed from")]
    proposed_at: datetime
    agreed_as_it_stands: bool
    review_date: Annotated[date, INSIDE]
    review_passed: bool
    observations: Sequence[GoalObservation]
    level: Annotated[int | None, Said("The latest comparable one; null is unrated, which is not zero")]
    level_on: datetime | None
    level_context: Annotated[str, Said(of=Context, null=True)]
    level_by: Annotated[str, Said("Who saw it", null=True)]
    latest: Annotated[Mapping[str, GoalObservation], INSIDE]
    """The latest comparable level in each context."""
    generalisation: Generalisation
    may: Annotated[frozenset[str], Said("Commands that you could carry out on it now")]

    @property
    def text(self) -> Annotated[GoalText, FLAT]:
        """What it says."""
        return text_of(self.content, self.content)

    @property
    def statement(self) -> str:
        """The sentence that it is called by."""
        return str(self.content["statement"])

    @property
    def rated(self) -> list[GoalObservation]:
        """The levels that can be held against one another, as they came."""
        return [o for o in self.observations if o.level is not None and o.comparable]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """The last change of the rule by the child's service team, and the rule until then."""

    at: datetime
    by: Annotated[str, Said("The name")]
    reason: str
    before: Rule


@dataclass(frozen=True, slots=True)
class ScoreInContext:
    """The T-score over the goals as they are rated now in one context. A summary, and never to rank children by."""

    context: Annotated[str, INSIDE]
    attainment: Annotated[Attainment, FLAT]

    @property
    def basis(self) -> Annotated[Basis, Said()]:
        """The latest levels there."""
        return latest_in(self.context)


@dataclass(frozen=True, slots=True)
class EarlierScore:
    """The score kept before on the same basis. It is not to be compared where other goals were in it, or where the
    scale of a goal was written anew in between."""

    at: datetime
    t: float
    other_goals: bool
    other_scales: Annotated[Sequence[str], Said("The statements of the goals")]


class KeptGoal(TypedDict):
    """A goal in a kept score, as it was then: its level stands beside the T-score; of a latest level also where and
    when it was seen, and by whom."""

    goal: UUID
    statement: str
    weight: int
    level: int
    baseline: int | None
    scale_version: int
    context: Annotated[str, Said(of=Context, null=True)]
    seen_at: datetime | None
    rater: Annotated[str, Said("Who saw it", null=True)]
    reported: Annotated[bool, Said("They told it to who wrote it down")]
    observation: UUID | None
    in_error: Annotated[bool, INSIDE]
    """Whether the goal was entered in error since."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A T-score that was kept, with all that it was made of."""

    id: UUID
    at: datetime
    by: Annotated[str, Said("The name")]
    t: float
    baseline_t: float | None
    rho: float
    rated: int
    scaled: int
    basis: Basis
    goals: Sequence[KeptGoal]
    earlier: EarlierScore | None


@dataclass(frozen=True, slots=True)
class GoalsAnswer(GivenWhole, OfACase):
    """The child's goals at a glance. Scores are not for teachers."""

    goals: Annotated[Sequence[GoalLine], Said(name="items")]
    strategies: Sequence[StrategyLine]
    attainments: Annotated[Sequence[ScoreInContext], Said("One for each context with a rating")]
    scores: Annotated[Sequence[ScoreLine], Said("Kept ones, newest first")]
    withheld: Annotated[int, Said("Kept scores that rest on a goal which you may not read", name="scores_withheld")]
    rule: Rule
    rule_change: RuleChange | None
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class StrategiesAnswer(GivenWhole, OfACase):
    """What helps, in the order in which it was offered: of the answer about a child's goals, the strategies alone."""

    strategies: Annotated[Sequence[StrategyLine], Said(name="items")]


@dataclass(frozen=True, slots=True)
class GeneralisationRow:
    """One goal's row of the matrix."""

    id: Annotated[UUID, Said(name="goal")]
    statement: str
    status: GoalStatus
    generalisation: Annotated[Generalisation, FLAT]


@dataclass(frozen=True, slots=True)
class GeneralisationAnswer(GivenWhole, OfACase):
    """The matrix, goal by context, and the numbers of its rule: of the answer about a child's goals, that alone."""

    goals: Annotated[Sequence[GeneralisationRow], Said(name="items")]
    rule: Rule
    rule_change: RuleChange | None


class Wording(TypedDict):
    """One wording of a goal."""

    number: int
    scale_version: int
    content: GoalText
    by: By
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class GoalAnswer(OfACase):
    """One goal's story. Observations are newest first; those entered in error are there for who deals with them."""

    line: Annotated[GoalLine, FLAT]
    goal: Annotated[Goal, INSIDE]
    """The folded story, reduced to what this reader may know."""
    observations: Sequence[GoalObservation]
    strategies: Sequence[StrategyLine]
    next_statuses: Annotated[Sequence[str], Said("Which may follow now", of=GoalStatus)]
    contexts: Annotated[Sequence[str], Said("Where you may observe", of=Context, name="observe_in")]
    around: Annotated[Sequence[AroundTheChild], Said("Whom you may name in `seen_by`")]
    rule: Rule
    rule_change: RuleChange | None

    @property
    def versions(self) -> Annotated[Sequence[Wording], Said()]:
        """Every wording."""
        return [
            {
                "number": v.number,
                "scale_version": v.scale_version,
                "content": text_of(v.content, self.line.content),
                "by": v.by,
                "at": v.at,
                "reason": v.reason,
            }
            for v in self.goal.versions
        ]

    @property
    def agreements(self) -> Annotated[Sequence[Agreement], Said()]:
        """Who agreed to which wording."""
        return self.goal.agreements

    @property
    def statuses(self) -> Annotated[Sequence[StatusChange], Said()]:
        """How it went on."""
        return self.goal.statuses


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
class MeasuresAnswer(GivenWhole, OfACase):
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
