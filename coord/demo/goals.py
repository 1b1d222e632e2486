"""The verbs of the stories that are about goals, measures and strategies; `stories/README.md` explains them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from coord.application import Doors
from coord.application.case.commands import CorrectInCircle, JoinNameToCircle, NameInCircle
from coord.application.declared import DECLARED, Command
from coord.application.goals import commands as g
from coord.demo.story import AUDIENCES, Step
from coord.domain.actors import Actor
from coord.domain.case import Goal, GoalContent, ObservationContent
from coord.domain.case.goals import ScaleContent
from coord.domain.case.measures import CopmContent, InstrumentContent, ScoreContent
from coord.domain.case.parties import PARTIES
from coord.domain.case.strategies import TrialContent

LEVELS = {"much-less": -2, "less": -1, "expected": 0, "more": 1, "much-more": 2}
STATUSES = {
    "begins": "active",
    "pauses": "on-hold",
    "achieves": "achieved",
    "maintains": "maintained",
    "stops": "stopped",
}
_NUMBERS = ("raw", "standard", "percentile", "low", "high")


class Child(Protocol):
    """What is known of a child on the stage: the case, and what its entries are called in the story."""

    case_id: UUID
    notes: dict[str, UUID]
    names: dict[str, UUID]


class GoalVerbs:
    """Carries out one step each; ``people`` are those of the stage, as they are at that moment."""

    def __init__(self, doors: Doors, people: Mapping[str, Actor], zone: ZoneInfo) -> None:
        """Through the same doors as everybody."""
        self._doors, self._people, self._zone = doors, people, zone
        self._verbs: dict[str, Callable[[Child, Step], None]] = {
            "proposes": self._proposes,
            "revises": self._revises,
            "agrees": self._agrees,
            **dict.fromkeys(STATUSES, self._becomes),
            "observes": self._observes,
            "renames": self._renames,
            "joins": self._joins,
            "scores": self._scores,
            "copm": self._copm,
            "instrument": self._instrument,
            "offers": self._offers,
            "tells": self._tells,
        }

    def verb(self, verb: str) -> Callable[[Child, Step], None] | None:
        """What a step with this verb does: a command that is called so says all by itself."""
        declared = DECLARED.get("".join(part.capitalize() for part in verb.split("-")))
        return partial(self._does, declared.kind) if declared else self._verbs.get(verb)

    def _does(self, command: Any, child: Child, step: Step) -> None:
        """Of the child, of what the words call so, and of the fields that are told."""
        ids = (child.names[word] for word in step.words)
        self._do(step, command(child.case_id, *ids, **{name: step.text(name) for name in step.fields}))

    # ---- goals

    def _proposes(self, child: Child, step: Step) -> None:
        content = self._content(step, None)
        self._do(step, g.ProposeGoal(child.case_id, self._new(child, step.words[0]), content))

    def _revises(self, child: Child, step: Step) -> None:
        goal = self._goal(child, step)
        command = g.ReviseGoal(child.case_id, goal.id, goal.version, self._content(step, goal), step.text("reason"))
        self._do(step, command)

    def _content(self, step: Step, before: Goal | None) -> GoalContent:
        """What the step says; for a revision, what it does not say stays."""
        old = before.content if before else None

        def text(field: str, name: str) -> str:
            return step.text(field) if field in step.fields or old is None else str(old[name])  # type: ignore[literal-required]

        def words(option: str, name: str) -> list[str]:
            given = step.options.get(option)
            return given.split(",") if given or old is None else list(old[name])  # type: ignore[literal-required,union-attr]

        today = self._doors.clock().astimezone(self._zone).date()
        return GoalContent(
            statement=text("goal", "statement"),
            contexts=words("in", "contexts"),
            disciplines=words("disciplines", "disciplines") if "disciplines" in step.options or old else (),
            child_view=text("view", "child_view"),
            icf=step.options.get("icf", old["icf"] if old else ""),
            condition=text("condition", "condition"),
            criterion=text("criterion", "criterion"),
            support=step.options.get("help", old["support"] if old else "independent"),
            baseline=text("baseline", "baseline"),
            review_date=today + timedelta(weeks=int(step.options.get("review", 12))),
            audience=AUDIENCES[step.options["for"]] if "for" in step.options else text("", "audience") or "care-team",
            scale=self._scale(step, before),
        )

    def _scale(self, step: Step, before: Goal | None) -> ScaleContent | None:
        old = before.content["scale"] if before else None
        levels = {int(n): words for n, words in old["levels"].items()} if old else {}
        levels |= {n: step.text(field) for field, n in LEVELS.items() if field in step.fields}
        if not levels:
            return None
        importance, _, difficulty = step.options.get("weight", "").partition("x")
        baseline = step.options.get("base")
        return ScaleContent(
            levels,
            int(baseline) if baseline else old["baseline"] if old else None,
            int(importance) if importance else old["importance"] if old else None,
            int(difficulty) if difficulty else old["difficulty"] if old else None,
        )

    def _agrees(self, child: Child, step: Step) -> None:
        goal = self._goal(child, step)
        parties = [(name, party) for party in PARTIES for name in step.fields.get(party, ())]
        self._do(step, g.AgreeGoal(child.case_id, goal.id, goal.version, parties))

    def _becomes(self, child: Child, step: Step) -> None:
        goal = self._goal(child, step)
        status = STATUSES[step.verb]
        self._do(step, g.ChangeGoalStatus(child.case_id, goal.id, goal.version, status, step.text("reason")))

    def _observes(self, child: Child, step: Step) -> None:
        note = step.options.get("note")
        around = self._around(child, step) if "kin" in step.options else None
        content = ObservationContent(
            context=step.options.get("in", "school"),
            level=int(step.words[1]) if len(step.words) > 1 else None,
            support=step.options.get("help", ""),
            remark=step.text("text"),
            reported_by="" if around else step.text("by"),
            note=child.notes[note] if note else None,
            seen_by=around,
        )
        observation = self._new(child, step.options.get("id", step.where))
        self._do(step, g.ObserveGoal(child.case_id, self._goal(child, step).id, observation, content))

    def _around(self, child: Child, step: Step) -> UUID:
        """Who saw it, of the child's circle: named there the first time."""
        name = step.text("by")
        if name not in child.names:
            self._do(step, NameInCircle(child.case_id, self._new(child, name), name, step.options["kin"]))
        return child.names[name]

    def _renames(self, child: Child, step: Step) -> None:
        person, name = child.names[step.text("by")], step.text("name")
        child.names[name] = person
        self._do(step, CorrectInCircle(child.case_id, person, None, step.text("reason"), name=name))

    def _joins(self, child: Child, step: Step) -> None:
        self._do(step, JoinNameToCircle(child.case_id, step.text("written"), child.names[step.text("by")]))

    def _scores(self, child: Child, step: Step) -> None:
        self._do(step, g.ScoreAttainment(child.case_id, uuid4(), step.options.get("in", "therapy")))

    # ---- measures

    def _copm(self, child: Child, step: Step) -> None:
        problems = []
        for line in step.fields.get("problem", ()):
            activity, _, numbers = line.partition(" | ")
            importance, performance, satisfaction = (int(n) for n in numbers.split())
            problems.append((activity, importance, performance, satisfaction))
        earlier = step.options.get("earlier")
        content = CopmContent(
            problems,
            step.options.get("rater", "guardian"),
            step.text("by"),
            child.names[earlier] if earlier else None,
            step.text("text"),
            measured_on=step.at.date(),
        )
        self._do(step, g.RecordCopm(child.case_id, self._new(child, step.words[0]), content))

    def _instrument(self, child: Child, step: Step) -> None:
        content = InstrumentContent(
            instrument=step.text("name"),
            edition=step.text("edition"),
            measured_on=step.at.date(),
            scores=[_score(line) for line in step.fields.get("score", ())],
            informant=step.options.get("rater", "professional"),
            norm_set=step.text("norms"),
            language=step.text("language"),
            informant_name=step.text("by"),
            validity=step.text("validity"),
            summary=step.text("summary"),
        )
        self._do(step, g.RecordInstrument(child.case_id, self._new(child, step.words[0]), content))

    # ---- strategies

    def _offers(self, child: Child, step: Step) -> None:
        goal = step.options.get("goal")
        strategy = self._new(child, step.words[0])
        where = step.options.get("in", "school")
        aim = child.names[goal] if goal else None
        self._do(step, g.OfferStrategy(child.case_id, strategy, step.text("text"), where, aim))

    def _tells(self, child: Child, step: Step) -> None:
        name, outcome = step.words
        told = TrialContent(outcome, step.text("text"), None, step.text("by"))
        trial = self._new(child, step.options.get("id", ""))
        self._do(step, g.TellOfStrategy(child.case_id, child.names[name], trial, told))

    # ---- the parts

    def _do(self, step: Step, command: Command) -> None:
        self._doors.execute(self._people[step.who], command)

    def _new(self, child: Child, name: str) -> UUID:
        child.names[name] = uuid4()
        return child.names[name]

    def _goal(self, child: Child, step: Step) -> Goal:
        return self._doors.record.goal(child.case_id, child.names[step.words[0]])


def _score(line: str) -> ScoreContent:
    """``Scale | raw=21 percentile=16 band=at_risk``: numbers as they are, blanks of words as underscores."""
    scale, _, rest = line.partition(" | ")
    given = dict(word.split("=", 1) for word in rest.split())
    numbers: dict[str, float | None] = {name: float(given[name]) if name in given else None for name in _NUMBERS}
    words: Sequence[str] = [given.get(name, "").replace("_", " ") for name in ("metric", "direction", "band")]
    return ScoreContent(
        scale,
        raw=numbers["raw"],
        standard=numbers["standard"],
        metric=words[0] or "raw-only",
        percentile=numbers["percentile"],
        low=numbers["low"],
        high=numbers["high"],
        interval=int(given["interval"]) if "interval" in given else None,
        direction=words[1] or "unknown",
        band=words[2],
    )
