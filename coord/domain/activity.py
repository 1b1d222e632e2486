"""An activity of the library: written, revised, retired, restored. It is the whole service's, and names no child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self, TypedDict, cast
from uuid import UUID

from eventsourcing.domain import AggregateCreated, BaseAggregate

from coord.domain.actors import By
from coord.domain.errors import Conflict, Stale
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.groups import GroupKind
from coord.domain.icf import IcfChapter
from coord.domain.input import REASON, SHORT, STATEMENT, Input
from coord.domain.said import Said

MOST_LINES = 20
YOUNGEST, OLDEST = 0, 18
"""Years of age."""


class SkillArea(StrEnum):
    """What an activity exercises."""

    FINE_MOTOR = "fine-motor"
    GROSS_MOTOR = "gross-motor"
    SENSORY = "sensory"
    COGNITIVE = "cognitive"
    COMMUNICATION = "communication"
    SOCIAL = "social"
    EMOTIONAL_REGULATION = "emotional-regulation"
    ATTENTION = "attention"
    HAND_EYE_COORDINATION = "hand-eye-coordination"
    MEMORY = "memory"
    AUTONOMY = "autonomy"


class Demand(StrEnum):
    """How much an activity asks of a child before any grading."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


DEMANDS = ("cognitive", "motor", "communication")
"""What is demanded."""
LINES = (
    "materials",
    "contraindications",
    "watch",
    "steps",
    "grade_down",
    "grade_up",
    "at_home",
    "in_class",
)
"""The parts of an activity that are lists of lines."""
NEEDED_LINES = frozenset({"watch", "steps"})
"""Without these nobody could run it safely."""
_CHOICES: dict[str, tuple[str, ...]] = {
    "kinds": tuple(GroupKind),
    "skills": tuple(SkillArea),
    "icf": tuple(IcfChapter),
}


class ActivityText(TypedDict):
    """An activity's words, complete."""  # codes stand in the order of their enumeration, each once

    title: str
    purpose: str
    kinds: Annotated[list[str], Said(of=GroupKind)]
    skills: Annotated[list[str], Said(of=SkillArea)]
    icf: Annotated[list[str], Said(of=IcfChapter)]
    age_from: int
    age_to: int
    cognitive: Annotated[str, Said(of=Demand)]
    motor: Annotated[str, Said(of=Demand)]
    communication: Annotated[str, Said(of=Demand)]
    materials: list[str]
    contraindications: list[str]
    watch: list[str]
    steps: list[str]
    grade_down: list[str]
    grade_up: list[str]
    at_home: list[str]
    in_class: list[str]


FIELDS: tuple[str, ...] = tuple(ActivityText.__annotations__)
_Years = Annotated[int | None, Said("In years", least=YOUNGEST, most=OLDEST)]
_SUITS = "The groups that it suits; `sensory-integration` means ASI-informed"
_Line = Annotated[str, Said(most=STATEMENT)]


@dataclass(frozen=True, slots=True)
class ActivityContent:
    """What its author writes; `checked` says what is wrong with it."""

    title: Annotated[str, Said(most=SHORT)] = ""
    purpose: Annotated[str, Said("What it is for", most=REASON)] = ""
    kinds: Annotated[Sequence[Annotated[str, Said(of=GroupKind)]], Said(_SUITS)] = ()
    skills: Annotated[Sequence[Annotated[str, Said(of=SkillArea)]], Said("What it exercises")] = ()
    icf: Annotated[Sequence[Annotated[str, Said(of=IcfChapter)]], Said("Chapters of Activities and Participation")] = ()
    age_from: _Years = None
    age_to: _Years = None
    cognitive: Annotated[str, Said("Demands before any grading", of=Demand)] = ""
    motor: Annotated[str, Said(of=Demand)] = ""
    communication: Annotated[str, Said(of=Demand)] = ""
    materials: Annotated[Sequence[_Line], Said("What is needed", most=MOST_LINES)] = ()
    contraindications: Annotated[Sequence[_Line], Said("For whom it is not, or not yet", most=MOST_LINES)] = ()
    watch: Annotated[Sequence[_Line], Said("Safety: what could go wrong, and what prevents it", most=MOST_LINES)] = ()
    steps: Annotated[Sequence[_Line], Said("In order", most=MOST_LINES)] = ()
    grade_down: Annotated[Sequence[_Line], Said("To make it easier", most=MOST_LINES)] = ()
    grade_up: Annotated[Sequence[_Line], Said("To make it harder", most=MOST_LINES)] = ()
    at_home: Annotated[Sequence[_Line], Said("To try at home, in words for a family", most=MOST_LINES)] = ()
    in_class: Annotated[Sequence[_Line], Said("To try in class, in words for a teacher", most=MOST_LINES)] = ()


class ActivityWritten(CoordEvent, AggregateCreated):
    """An activity joined the library."""

    TOPIC = "activity.written.v1"
    HISTORY = in_the_history("Activity written")
    content: ActivityText
    """``title``, ``purpose``; ``kinds`` of group that it suits, ``skills``, ``icf`` chapters (codes); ``age_from``,
    ``age_to`` in years; ``cognitive``, ``motor`` and ``communication`` demands (``low``, ``moderate``, ``high``); and
    lists of lines: ``materials``, ``contraindications``, ``watch`` (for safety), ``steps``, ``grade_down``,
    ``grade_up``, ``at_home``, ``in_class``."""

    def apply(self, aggregate: Activity) -> None:
        """Take over what was written."""
        aggregate.content = self.content
        aggregate.text_version = 1
        aggregate.retired = False
        aggregate.changed_in = {}

    def told(self) -> Particulars:
        """Which activity, and the number of its text; the texts are in the library."""
        return {"title": self.content["title"], "version": 1}


class ActivityRevised(CoordEvent):
    """An activity was improved; the text before stays readable."""

    TOPIC = "activity.revised.v1"
    HISTORY = in_the_history("Activity revised")
    content: ActivityText
    """The whole new text."""
    reason: str
    version: int
    """The number of the text, from 2."""

    def apply(self, aggregate: Activity) -> None:
        """Take over the new text."""
        changed = dict.fromkeys(differing(aggregate.content, self.content), self.originator_version)
        aggregate.changed_in = {**aggregate.changed_in, **changed}
        aggregate.content = self.content
        aggregate.text_version = self.version

    def told(self) -> Particulars:
        """Which activity, and the number of its text; the texts are in the library."""
        return {"title": self.content["title"], "version": self.version, "reason": self.reason}


class ActivityRetired(CoordEvent):
    """An activity is no longer offered; what was done with it stays."""

    TOPIC = "activity.retired.v1"
    HISTORY = in_the_history("Activity taken out of use")
    reason: str

    def apply(self, aggregate: Activity) -> None:
        """No longer in use."""
        aggregate.retired = True
        aggregate.changed_in = {**aggregate.changed_in, "status": self.originator_version}

    def told(self) -> Particulars:
        """Out of use, or in use again, and why."""
        return {"reason": self.reason}


class ActivityRestored(CoordEvent):
    """A retired activity is offered again."""

    TOPIC = "activity.restored.v1"
    HISTORY = in_the_history("Activity offered again")
    reason: str

    def apply(self, aggregate: Activity) -> None:
        """In use again."""
        aggregate.retired = False
        aggregate.changed_in = {**aggregate.changed_in, "status": self.originator_version}

    def told(self) -> Particulars:
        """Out of use, or in use again, and why."""
        return {"reason": self.reason}


class Activity(BaseAggregate[UUID]):
    """The stream of one activity. ``version`` counts every change, ``text_version`` the texts."""

    TOPIC = "activity"
    content: ActivityText
    text_version: int
    retired: bool
    changed_in: dict[str, int]
    """In which version each field, or the ``status``, was last changed."""

    def __init__(self) -> None:
        """State comes from the events alone."""

    def __deepcopy__(self, memo: dict[int, object]) -> Activity:
        """One that can be changed without the cached one: events replace what they change, and alter nothing."""
        copy = object.__new__(Activity)
        copy.__dict__ = {**self.__dict__, "_pending_events": []}
        return copy

    @classmethod
    def write(cls, *, id: UUID, at: datetime, by: By, content: ActivityContent) -> Self:
        """Write an activity. Raises `InvalidInput` field by field."""
        check = Input()
        text = checked(check, content)
        check.refuse_if_any()
        return cls._create(ActivityWritten, id=id, timestamp=at, by=by, content=text)

    @property
    def status(self) -> str:
        """``in-use`` or ``retired``."""
        return "retired" if self.retired else "in-use"

    def revise(self, *, at: datetime, by: By, expected_version: int, content: ActivityContent, reason: str) -> None:
        """Improve the text, saying why; ``content`` is the whole new one.

        Raises `Stale` when it changed since ``expected_version``, `Conflict` when it is retired or nothing changes.
        """
        check = Input()
        text = checked(check, content)
        reason = check.text("/reason", reason, limit=REASON)
        check.refuse_if_any()
        self._refuse_stale(expected_version)
        if self.retired:
            raise Conflict("activity-retired")
        if not differing(self.content, text):
            raise Conflict("nothing-changed")
        self.trigger_event(
            ActivityRevised, timestamp=at, by=by, content=text, reason=reason, version=self.text_version + 1
        )

    def retire(self, *, at: datetime, by: By, reason: str, expected_version: int | None = None) -> None:
        """Take it out of use, saying why. Raises `Conflict` if it is out of use."""
        reason = self._reason(reason)
        self._refuse_stale(expected_version)
        if self.retired:
            raise Conflict("activity-retired")
        self.trigger_event(ActivityRetired, timestamp=at, by=by, reason=reason)

    def restore(self, *, at: datetime, by: By, reason: str, expected_version: int | None = None) -> None:
        """Offer it again, saying why. Raises `Conflict` if it is in use."""
        reason = self._reason(reason)
        self._refuse_stale(expected_version)
        if not self.retired:
            raise Conflict("activity-in-use")
        self.trigger_event(ActivityRestored, timestamp=at, by=by, reason=reason)

    def _reason(self, reason: str) -> str:
        check = Input()
        reason = check.text("/reason", reason, limit=REASON)
        check.refuse_if_any()
        return reason

    def _refuse_stale(self, expected: int | None) -> None:
        if expected is not None and expected != self.version:
            raise Stale(self.version, [name for name, version in self.changed_in.items() if version > expected])


def differing(one: ActivityText, other: ActivityText) -> list[str]:
    """The fields in which two texts differ."""
    return [name for name in FIELDS if one.get(name) != other.get(name)]


def checked(check: Input, content: ActivityContent) -> ActivityText:
    """The content cleaned; what is wrong with it is noted in ``check``."""
    text: dict[str, object] = {
        "title": check.text("/title", content.title, lines=False),
        "purpose": check.text("/purpose", content.purpose, limit=REASON),
        "kinds": _codes(check, "kinds", content.kinds, required=True),
        "skills": _codes(check, "skills", content.skills, required=True),
        "icf": _codes(check, "icf", content.icf, required=False),
        "age_from": _age(check, "/age_from", content.age_from),
        "age_to": _age(check, "/age_to", content.age_to),
    }
    young, old = content.age_from, content.age_to
    if isinstance(young, int) and isinstance(old, int) and YOUNGEST <= old <= OLDEST and old < young:
        check.problem("/age_to", "less-than-from")
    for name in DEMANDS:
        value = getattr(content, name)
        if not value:
            check.problem(f"/{name}", "missing")
        elif value not in tuple(Demand):
            check.problem(f"/{name}", "unknown-choice", choices=[d.value for d in Demand])
        text[name] = str(value)
    for name in LINES:
        text[name] = _lines(check, name, getattr(content, name))
    return cast("ActivityText", text)


def _codes(check: Input, name: str, given: Sequence[str], *, required: bool) -> list[str]:
    choices = _CHOICES[name]
    if required and not given:
        check.problem(f"/{name}", "missing")
    for i, code in enumerate(given):
        if code not in choices:
            check.problem(f"/{name}/{i}", "unknown-choice", choices=list(choices))
    return [str(code) for code in choices if code in given]


def _age(check: Input, pointer: str, years: int | None) -> int:
    if years is None:
        check.problem(pointer, "missing")
    elif not YOUNGEST <= years <= OLDEST:
        check.problem(pointer, "out-of-range", least=YOUNGEST, most=OLDEST)
    return years or 0


def _lines(check: Input, name: str, given: Sequence[str]) -> list[str]:
    if len(given) > MOST_LINES:
        check.problem(f"/{name}", "too-many", limit=MOST_LINES)
        return []
    problems = len(check.problems)
    lines = [
        check.text(f"/{name}/{i}", line, limit=STATEMENT, required=False, lines=False) for i, line in enumerate(given)
    ]
    lines = [line for line in lines if line]
    if name in NEEDED_LINES and not lines and len(check.problems) == problems:
        check.problem(f"/{name}", "missing")
    return lines
