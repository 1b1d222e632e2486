"""Measures: the COPM, and any named instrument. Names and numbers only; never test items, stimuli, keys or norms."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from statistics import NormalDist
from typing import Annotated, Literal, TypedDict
from uuid import UUID

from coord.domain.actors import Actor, By, Role
from coord.domain.case.aggregate import Case
from coord.domain.errors import Conflict, NotPermitted
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, SHORT, Input
from coord.domain.said import Said
from coord.words import spelled_alike

MOST_PROBLEMS = 5
MOST_SCORES = 30


class MeasureKind(StrEnum):
    """Of which kind a measure is."""

    COPM = "copm"
    INSTRUMENT = "instrument"


class Informant(StrEnum):
    """Who answered. For a young child often somebody else does, who need not see the same deficits."""

    CHILD = "child"
    GUARDIAN = "guardian"
    TEACHER = "teacher"
    PROFESSIONAL = "professional"
    OTHER = "other"


class Metric(StrEnum):
    """What a standard score means: mean and standard deviation. Scores of different metrics are never averaged."""

    STANDARD = "standard-100-15"
    SCALED = "scaled-10-3"
    T = "t-50-10"
    Z = "z-0-1"
    PERCENTILE_ONLY = "percentile-only"
    RAW_ONLY = "raw-only"
    OTHER = "other"


class Direction(StrEnum):
    """Whether higher is better."""

    HIGHER_IS_BETTER = "higher-is-better"
    HIGHER_IS_WORSE = "higher-is-worse"
    UNKNOWN = "unknown"


INFORMANTS = tuple(i.value for i in Informant)
METRICS = tuple(m.value for m in Metric)
DIRECTIONS = tuple(d.value for d in Direction)
WITHOUT_STANDARD = ("percentile-only", "raw-only")
"""With these there is no standard score: beside one they would say of 85 that it is a raw score."""
SCALE_OF_METRIC = {"standard-100-15": (100, 15), "scaled-10-3": (10, 3), "t-50-10": (50, 10), "z-0-1": (0, 1)}
"""Mean and standard deviation of what a standard score means."""
POSSIBLE, PLAUSIBLE = 6, 4
"""Standard deviations from the mean. No norm table goes beyond the first; whoever is beyond the second is one child in
thirty thousand, and more often a slip of the finger: that is asked about."""
_SCALED_POSSIBLE, _SCALED_PLAUSIBLE = (0, 20), (1, 19)
"""Scaled scores are cut off by the instruments that use them."""
PERCENTILE_SLACK = 10
"""Percentile points by which a norm table may differ from the normal curve; more is asked about."""
COPM_THRESHOLD = 2
"""The manual's change of two points began as opinion; studies found best cut-offs from 0.9 to 1.9, and minimal
important changes of 2.20 (performance) and 2.06 (satisfaction). Shown with that note, never as proof."""


_RATING = Said(least=1, most=10)


class CopmProblem(TypedDict):
    """One everyday activity of a COPM; importance, performance and satisfaction from 1 to 10."""

    activity: Annotated[str, Said(most=SHORT)]
    importance: Annotated[int, _RATING]
    performance: Annotated[int, _RATING]
    satisfaction: Annotated[int, _RATING]


class InstrumentScore(TypedDict):
    """One scale of an instrument. Numbers as the instrument gives them; None where it gives none."""

    scale: str
    raw: float | None
    standard: float | None
    metric: Annotated[str, Said(of=Metric)]
    percentile: float | None
    low: float | None
    high: float | None
    interval: int | None  # per cent, of the confidence interval from low to high
    direction: Annotated[str, Said(of=Direction)]
    band: str


class MeasureEvent(CoordEvent):
    """An event about one measure; the case's own state does not change with it."""

    measure_id: UUID
    """The measure. Its id was chosen at random by the sender."""

    @property
    def entry_id(self) -> UUID:
        """The measure."""
        return self.measure_id

    def apply(self, aggregate: Case) -> None:
        """Measures are folded apart (see `Measure`)."""


class CopmRecorded(MeasureEvent):
    """The Canadian Occupational Performance Measure was taken."""

    TOPIC = "case.copm-recorded.v1"
    HISTORY = in_the_history("COPM recorded")
    BEGINS_ENTRY = True
    problems: list[CopmProblem]
    """Up to five, each with ``activity`` in own words, ``importance``, ``performance`` and ``satisfaction`` from 1 to
    10."""
    informant: str
    """Who answered: ``child``, ``guardian``, ``teacher``, ``professional``, ``other``; part of what the numbers
    mean."""
    informant_name: str
    """Their name, as typed."""
    measured_on: str
    """The day."""
    earlier: str
    """The COPM that it is compared with, or empty."""
    remark: str
    """In words."""

    def told(self) -> Particulars:
        """By whose rating."""
        return {"informant": self.informant, "measured_on": self.measured_on}


class InstrumentRecorded(MeasureEvent):
    """A named instrument was used. Names and numbers only: no items, stimuli, keys or norms."""

    TOPIC = "case.instrument-recorded.v1"
    HISTORY = in_the_history("Instrument recorded")
    BEGINS_ENTRY = True
    instrument: str
    """Its name."""
    edition: str
    """Which edition."""
    norm_set: str
    """Which norms."""
    language: str
    """In which language it was given."""
    informant: str
    """Who answered, as above."""
    informant_name: str
    """Their name, as typed."""
    measured_on: str
    """The day."""
    scores: list[InstrumentScore]
    """Each with ``scale``, ``raw``, ``standard`` and its ``metric`` (mean and deviation), ``percentile``, ``low`` and
    ``high`` of the confidence interval of ``interval`` per cent, ``direction`` (whether higher is better), ``band``;
    null where the instrument gives none."""
    validity: str
    """What has to be known before the numbers are believed."""
    summary: str
    """In own words."""
    answered: Sequence[Mapping[str, object]] = ()
    """What was implausible, asked about and is meant; without it, nothing was asked."""

    def told(self) -> Particulars:
        """Which one."""
        return {"instrument": self.instrument, "measured_on": self.measured_on}


class MeasureEnteredInError(MeasureEvent):
    """The measure should never have been recorded. It is hidden from ordinary views and kept."""

    TOPIC = "case.measure-entered-in-error.v1"
    HISTORY = in_the_history("Measure marked as entered in error")
    MISTAKE = "measure_id"
    reason: str
    """What happened."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure folded from its events; ``error`` is the reason if it was entered in error."""

    id: UUID
    by: By
    recorded: CopmRecorded | InstrumentRecorded
    error: str = ""

    @classmethod
    def from_events(cls, events: Iterable[CoordEvent]) -> Measure | None:
        """Fold a measure's events, in order; None if there are none. Raises `ValueError` when the record is broken."""
        measure: Measure | None = None
        for event in events:
            if isinstance(event, CopmRecorded | InstrumentRecorded):
                measure = Measure(event.measure_id, event.by, event)
            elif isinstance(event, MeasureEnteredInError) and measure is not None:
                measure = replace(measure, error=event.reason)
            else:
                raise ValueError(f"{type(event).__name__} is no event of a measure, or came before it was recorded")
        return measure


@dataclass(frozen=True, slots=True)
class CopmContent:
    """A COPM as it is written. ``problems`` are (activity, importance, performance, satisfaction)."""

    problems: Annotated[
        Sequence[tuple[str, int | None, int | None, int | None]], Said(each=CopmProblem, most=MOST_PROBLEMS)
    ]
    informant: Annotated[str, Said(of=Informant)]
    informant_name: Annotated[str, Said(most=SHORT)] = ""
    measured_on: date | None = field(kw_only=True)
    earlier: Annotated[UUID | None, Said("The one that it is compared with", null=True)] = None
    remark: Annotated[str, Said(most=REASON)] = ""


_ANY = Said(least=-10_000, most=10_000, null=True)


@dataclass(frozen=True, slots=True)
class ScoreContent:
    """One scale, with at least one of `raw`, `standard`, `percentile` and `band`; null where there is no number."""

    scale: Annotated[str, Said(most=SHORT)]
    raw: Annotated[float | None, _ANY] = None
    standard: Annotated[float | None, _ANY] = None
    metric: Annotated[str, Said("What the standard score means; `raw-only`, if left out", of=Metric)] = "raw-only"
    percentile: Annotated[float | None, Said(least=0, most=100, null=True)] = None
    low: Annotated[float | None, replace(_ANY, about="Of the confidence interval")] = None
    high: Annotated[float | None, _ANY] = None
    interval: Annotated[int | None, Said("Per cent", least=50, most=99, null=True)] = None
    direction: Annotated[str, Said("`unknown`, if left out", of=Direction)] = "unknown"
    band: Annotated[str, Said(most=SHORT)] = ""


@dataclass(frozen=True, slots=True)
class InstrumentContent:
    """An instrument as it is written. Edition, norms and language are part of what the numbers mean."""

    instrument: Annotated[str, Said(most=SHORT)]
    edition: Annotated[str, Said(most=SHORT)]
    measured_on: date | None
    scores: Annotated[Sequence[ScoreContent], Said(most=MOST_SCORES)]
    informant: Annotated[str, Said(of=Informant)]
    norm_set: Annotated[str, Said(most=SHORT)] = ""
    language: Annotated[str, Said(most=SHORT)] = ""
    informant_name: Annotated[str, Said(most=SHORT)] = ""
    validity: Annotated[str, Said("What speaks against taking the numbers as they are", most=REASON)] = ""
    summary: Annotated[str, Said("In your own words", most=REASON)] = ""


@dataclass(frozen=True, slots=True)
class CopmChange:
    """Means over the problems (they are comparable only within one COPM): from then to now.

    ``performance`` and ``satisfaction`` are over all activities of now. The change is over the activities that were
    rated both times: their means ``..._before`` and ``..._now``, None where there is none. ``new`` are activities that
    were not rated then, ``gone`` those that are not rated any more.
    """

    performance: float
    satisfaction: float
    performance_before: float | None = None
    satisfaction_before: float | None = None
    same_informant: Annotated[bool, Said("Another informant need not see the same")] = True
    performance_now: float | None = None
    satisfaction_now: float | None = None
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def copm_change(
    problems: Sequence[CopmProblem], earlier: Sequence[CopmProblem] | None, *, same_informant: bool = True
) -> CopmChange:
    """The two means, and the change since the earlier one over the activities that were rated both times."""
    performance, satisfaction = _mean(problems, "performance"), _mean(problems, "satisfaction")
    if earlier is None:
        return CopmChange(performance, satisfaction)
    before, now = ({spelled_alike(p["activity"]): p for p in found} for found in (earlier, problems))
    both = [name for name in now if name in before]
    then_known, now_known = [before[name] for name in both], [now[name] for name in both]
    return CopmChange(
        performance,
        satisfaction,
        _mean(then_known, "performance") if both else None,
        _mean(then_known, "satisfaction") if both else None,
        same_informant,
        _mean(now_known, "performance") if both else None,
        _mean(now_known, "satisfaction") if both else None,
        tuple(p["activity"] for name, p in now.items() if name not in before),
        tuple(p["activity"] for name, p in before.items() if name not in now),
    )


def _mean(problems: Sequence[CopmProblem], of: Literal["performance", "satisfaction"]) -> float:
    return sum(p[of] for p in problems) / len(problems)


def _day(check: Input, case: Case, value: date | None, today: date) -> str:
    if value is None:
        check.problem("/measured_on", "missing")
        return ""
    if value > today:
        check.problem("/measured_on", "in-the-future")
    elif value.year < today.year - 26:
        check.problem("/measured_on", "too-long-ago")
    elif value < case.born:
        check.problem("/measured_on", "before-birth")
    return value.isoformat()


def record_copm(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    today: date,
    measure_id: UUID,
    content: CopmContent,
    earlier_on: date | None = None,
) -> None:
    """Keep a COPM. ``earlier_on`` is the day of the earlier one that it names; None if that is no COPM of this child.

    Raises `Conflict` when the case is closed, and `InvalidInput`.
    """
    case.refuse_if_closed()
    check = Input()
    if not content.problems:
        check.problem("/problems", "missing")
    elif len(content.problems) > MOST_PROBLEMS:
        check.problem("/problems", "too-many", limit=MOST_PROBLEMS)
    problems: list[CopmProblem] = []
    for i, (activity, *numbers) in enumerate(content.problems[:MOST_PROBLEMS]):
        importance, performance, satisfaction = (
            int(check.number(f"/problems/{i}/{name}", number, 1, 10) or 0)
            for name, number in zip(("importance", "performance", "satisfaction"), numbers, strict=True)
        )
        problems.append(
            {
                "activity": check.text(f"/problems/{i}/activity", activity, lines=False),
                "importance": importance,
                "performance": performance,
                "satisfaction": satisfaction,
            }
        )
    names = [spelled_alike(p["activity"]) for p in problems]
    for i, name in enumerate(names):
        if name and name in names[:i]:
            check.problem(f"/problems/{i}/activity", "given-twice")  # which of them was rated then?
    informant = check.choice("/informant", content.informant, INFORMANTS)
    informant_name = check.text("/informant_name", content.informant_name, limit=SHORT, required=False, lines=False)
    measured_on = _day(check, case, content.measured_on, today)
    remark = check.text("/remark", content.remark, limit=REASON, required=False)
    if content.earlier is not None and earlier_on is None:
        check.problem("/earlier", "no-such-measure")
    elif earlier_on is not None and measured_on and earlier_on > date.fromisoformat(measured_on):
        check.problem("/earlier", "later-than-this")  # the change would be told the wrong way round
    check.refuse_if_any()
    case.trigger_event(
        CopmRecorded,
        timestamp=at,
        by=actor.by(),
        measure_id=measure_id,
        problems=problems,
        informant=informant,
        informant_name=informant_name,
        measured_on=measured_on,
        earlier=str(content.earlier) if content.earlier else "",
        remark=remark,
    )


def record_instrument(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    today: date,
    measure_id: UUID,
    content: InstrumentContent,
    confirmed: Collection[str] = (),
) -> None:
    """Keep what an instrument gave. What is impossible is refused; what is implausible is asked about once, and what
    was ``confirmed`` is kept with it.

    Raises `Conflict` when the case is closed, and `InvalidInput`.
    """
    case.refuse_if_closed()
    check = Input(confirmed)
    if not content.scores:
        check.problem("/scores", "missing")
    elif len(content.scores) > MOST_SCORES:
        check.problem("/scores", "too-many", limit=MOST_SCORES)
    scores = [_checked_score(check, f"/scores/{i}", s) for i, s in enumerate(content.scores[:MOST_SCORES])]
    scales = [spelled_alike(score["scale"]) for score in scores]
    for i, scale in enumerate(scales):
        if scale and scale in scales[:i]:
            check.problem(f"/scores/{i}/scale", "given-twice")  # which of them is the child's?
    clean = {
        "instrument": check.text("/instrument", content.instrument, limit=SHORT, lines=False),
        "edition": check.text("/edition", content.edition, limit=SHORT, lines=False),
        "norm_set": check.text("/norm_set", content.norm_set, limit=SHORT, required=False, lines=False),
        "language": check.text("/language", content.language, limit=SHORT, required=False, lines=False),
        "informant": check.choice("/informant", content.informant, INFORMANTS),
        "informant_name": check.text(
            "/informant_name", content.informant_name, limit=SHORT, required=False, lines=False
        ),
        "measured_on": _day(check, case, content.measured_on, today),
        "validity": check.text("/validity", content.validity, limit=REASON, required=False),
        "summary": check.text("/summary", content.summary, limit=REASON, required=False),
    }
    check.refuse_if_any()
    case.trigger_event(
        InstrumentRecorded,
        timestamp=at,
        by=actor.by(),
        measure_id=measure_id,
        scores=scores,
        answered=check.answered,
        **clean,
    )


def _checked_score(check: Input, pointer: str, score: ScoreContent) -> InstrumentScore:
    def number(name: str, value: float | None, least: int, most: int) -> float | None:
        return check.number(f"{pointer}/{name}", value, least, most, required=False, whole=False)

    interval = number("interval", score.interval, 50, 99)
    clean: InstrumentScore = {
        "scale": check.text(f"{pointer}/scale", score.scale, limit=SHORT, lines=False),
        "raw": number("raw", score.raw, -10_000, 10_000),
        "standard": number("standard", score.standard, -10_000, 10_000),
        "metric": check.choice(f"{pointer}/metric", score.metric, METRICS),
        "percentile": number("percentile", score.percentile, 0, 100),
        "low": number("low", score.low, -10_000, 10_000),
        "high": number("high", score.high, -10_000, 10_000),
        "interval": None if interval is None else int(interval),
        "direction": check.choice(f"{pointer}/direction", score.direction, DIRECTIONS),
        "band": check.text(f"{pointer}/band", score.band, limit=SHORT, required=False, lines=False),
    }
    if clean["raw"] is None and clean["standard"] is None and clean["percentile"] is None and not clean["band"]:
        check.problem(f"{pointer}/raw", "missing")
    if clean["standard"] is not None and clean["metric"] in WITHOUT_STANDARD:
        check.problem(f"{pointer}/metric", "meaning-of-standard")
    if (clean["low"] is None) != (clean["high"] is None):
        check.problem(f"{pointer}/{'low' if clean['low'] is None else 'high'}", "missing")
    elif clean["low"] is not None and clean["high"] is not None and clean["low"] > clean["high"]:
        check.problem(f"{pointer}/high", "less-than-low")
    else:
        _check_interval(check, pointer, clean)
    _check_standard(check, pointer, clean)
    return clean


def _check_interval(check: Input, pointer: str, score: InstrumentScore) -> None:
    """An interval is one about a number of its scale: it holds that number."""
    low, high = score["low"], score["high"]
    numbers = [n for n in (score["standard"], score["raw"], score["percentile"]) if n is not None]
    if low is not None and high is not None and numbers and not any(low <= n <= high for n in numbers):
        check.problem(f"{pointer}/low", "interval-without-score")


def _check_standard(check: Input, pointer: str, score: InstrumentScore) -> None:
    """A standard score within what its mean and standard deviation allow, and a percentile that goes with it."""
    standard, metric, percentile = score["standard"], score["metric"], score["percentile"]
    if standard is None or metric not in SCALE_OF_METRIC:
        return
    mean, deviation = SCALE_OF_METRIC[metric]
    possible = (mean - POSSIBLE * deviation, mean + POSSIBLE * deviation)
    plausible = (mean - PLAUSIBLE * deviation, mean + PLAUSIBLE * deviation)
    if metric == "scaled-10-3":
        possible, plausible = _SCALED_POSSIBLE, _SCALED_PLAUSIBLE
    if not possible[0] <= standard <= possible[1]:
        check.problem(f"{pointer}/standard", "out-of-range", least=possible[0], most=possible[1])
        return
    if not plausible[0] <= standard <= plausible[1]:
        far = (score["scale"], metric, standard)
        check.ask(f"{pointer}/standard", "far-from-the-mean", far, mean=mean, deviation=deviation)
    if percentile is None:
        return
    z = (standard - mean) / deviation
    expected = 100 * NormalDist().cdf(z)
    if abs(percentile - expected) <= PERCENTILE_SLACK:
        return
    about = (score["scale"], metric, standard, percentile)
    opposite = abs(z) >= 1 and (z > 0) != (percentile > 50)
    if opposite and score["direction"] != "higher-is-worse":
        check.problem(f"{pointer}/percentile", "contradicts-standard", expected=round(expected))
    else:  # a table far from the normal curve, or percentiles counted from the other end
        check.ask(f"{pointer}/percentile", "far-from-standard", about, expected=round(expected))


def enter_in_error(case: Case, measure: Measure, *, at: datetime, actor: Actor, reason: str) -> None:
    """Mark a measure as a mistake. Who recorded it may, and the team lead of the service team.

    Raises `NotPermitted`, `InvalidInput`, and `Conflict` if it is marked already.
    """
    if measure.error:
        raise Conflict("entered-in-error")
    leads = actor.role is Role.TEAM_LEAD and bool(actor.team) and actor.team == case.details["team"]
    if measure.by["person"] != str(actor.person_id) and not leads:
        raise NotPermitted("not-the-author")
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    case.trigger_event(MeasureEnteredInError, timestamp=at, by=actor.by(), measure_id=measure.id, reason=reason)
