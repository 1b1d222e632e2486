"""The numbers and words that a service team works by: defaults in code, changed by its team lead with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar, Self, TypeAlias
from uuid import UUID, uuid5

from eventsourcing.domain import BaseAggregate

from coord.domain.actors import By, Role
from coord.domain.errors import Conflict, Stale
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.groups import GroupKind
from coord.domain.input import REASON, STATEMENT, Input

Value: TypeAlias = "int | str | list[str]"
Values: TypeAlias = "dict[str, Value]"

_TEAMS = UUID("5b0f3c1e-9f0a-4f5c-8f2d-6c0a4d3b7e11")
"""The namespace of the streams. A team is no child: its stream may be derived from its name."""
MOST_STEPS = 12

SESSION_STEPS = ("welcome", "warm-up", "main", "cool-down", "reflection", "debrief")
"""What a session can consist of; "welcome" has the visual schedule, "reflection" the message for home or school."""
RECORDED = (
    "attendance",
    "arrival",
    "goals",
    "grading",
    "support",
    "response",
    "ratings",
    "incident",
    "message",
    "guardian",
    "practice",
)
"""What can be recorded for each child of a group."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``least`` to ``most``. ``from_field`` names the number that it must not be below."""

    default: int
    least: int
    most: int
    from_field: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence or two."""

    default: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some of a few codes: in the order given (``ordered``; one may come twice), or each once."""

    default: tuple[str, ...]
    choices: tuple[str, ...]
    ordered: bool = False


Part: TypeAlias = "Whole | Words | Chosen"


class PolicyName(StrEnum):
    """What there is a policy for: when a skill counts as generalised, each kind of group, and who signs in how."""

    GENERALISATION = "generalisation"
    THERAPEUTIC_PLAY = "therapeutic-play"
    SENSORY_INTEGRATION = "sensory-integration"
    SOCIAL_SKILLS = "social-skills"
    PSYCHO_EDUCATIONAL = "psycho-educational"
    SCHOOL_SKILLS = "school-skills"
    SIGNING_IN = "signing-in"


def _group(
    suits: str,
    *,
    age: tuple[int, int],
    size: tuple[int, int],
    per_staff: int,
    minutes: tuple[int, int],
    sessions: tuple[int, int],
    staff: int = 1,
    also_recorded: tuple[str, ...] = (),
) -> dict[str, Part]:
    recorded = tuple(code for code in RECORDED if code not in ("guardian", "practice") or code in also_recorded)
    return {
        "suits": Words(suits),
        "age_from": Whole(age[0], 0, 18),
        "age_to": Whole(age[1], 0, 18, "age_from"),
        "size_least": Whole(size[0], 1, 20),
        "size_most": Whole(size[1], 1, 20, "size_least"),
        "children_per_staff": Whole(per_staff, 1, 12),
        "staff_least": Whole(staff, 1, 6),
        "minutes_from": Whole(minutes[0], 10, 240),
        "minutes_to": Whole(minutes[1], 10, 240, "minutes_from"),
        "sessions_from": Whole(sessions[0], 1, 60),
        "sessions_to": Whole(sessions[1], 1, 60, "sessions_from"),
        "shape": Chosen(SESSION_STEPS, SESSION_STEPS, ordered=True),
        "record": Chosen(recorded, RECORDED),
    }


POLICIES: dict[str, dict[str, Part]] = {
    # When a skill counts as generalised, as maintained, and as lost.
    "generalisation": {
        "occasions": Whole(3, 1, 20),
        "contexts": Whole(2, 1, 3),  # outside therapy: home, school, community
        "observers": Whole(2, 1, 10),
        "maintained_weeks": Whole(6, 1, 52),
        "lost_after": Whole(2, 1, 10),  # days in a row without it
        "look_again_weeks": Whole(12, 1, 104),  # after so long without a look nobody can say how it is
    },
    GroupKind.THERAPEUTIC_PLAY.value: _group(
        "Children with developmental or psychomotor difficulties, for whom play is the work: hands, words, others.",
        age=(3, 7),
        size=(3, 6),
        per_staff=3,
        minutes=(45, 60),
        sessions=(8, 12),
    ),
    GroupKind.SENSORY_INTEGRATION.value: _group(
        "Children with sensory processing difficulties, ADHD or autism, whose senses or planning of movement hold them "
        "back.",
        age=(3, 10),
        size=(2, 4),
        per_staff=2,
        minutes=(45, 60),
        sessions=(10, 20),
    ),
    GroupKind.SOCIAL_SKILLS.value: _group(
        "Children with autism or behavioural difficulties, who can be with others for a while and want to learn how.",
        age=(5, 12),
        size=(4, 8),
        per_staff=4,
        staff=2,
        minutes=(60, 90),
        sessions=(10, 16),
    ),
    GroupKind.PSYCHO_EDUCATIONAL.value: _group(
        "Children and their parents, who want to go on at home with what is begun here. Sizes count families.",
        age=(3, 12),
        size=(4, 8),
        per_staff=4,
        staff=2,
        minutes=(60, 120),
        sessions=(6, 14),
        also_recorded=("guardian", "practice"),
    ),
    GroupKind.SCHOOL_SKILLS.value: _group(
        "Children with specific learning difficulties or cognitive delay, before and in the first years of school.",
        age=(4, 9),
        size=(4, 6),
        per_staff=4,
        minutes=(45, 60),
        sessions=(8, 12),
    ),
    # Who shows a second factor: by default whoever sees children, for which a password alone is not enough. A school
    # has no lead who could change it: for teachers the defaults hold.
    PolicyName.SIGNING_IN.value: {
        "second_factor": Chosen(
            tuple(role.value for role in Role if role is not Role.ADMINISTRATOR), tuple(role.value for role in Role)
        ),
        "grace_days": Whole(14, 0, 90),  # from the first sign-in under it
    },
}
"""Every named policy: its parts, with their defaults and limits."""


def defaults(name: str) -> Values:
    """What holds as long as nobody has changed it. Raises `KeyError` for a name that is no policy."""
    return {
        part: list(kind.default) if isinstance(kind, Chosen) else kind.default for part, kind in POLICIES[name].items()
    }


def in_force(name: str, changed: Mapping[str, Value] | None) -> Values:
    """The values of a policy: as last changed, and the default for a part that did not exist then."""
    known = defaults(name)
    return known | {part: value for part, value in (changed or {}).items() if part in known}


def days_for_second_factor(role: Role, values: Mapping[str, Value]) -> int | None:
    """In how many days somebody has to set up a second factor, by a policy of signing in; None if they need none."""
    roles, days = values["second_factor"], values["grace_days"]
    return days if isinstance(days, int) and isinstance(roles, list) and role.value in roles else None


def policy_id(team: str) -> UUID:
    """The stream of a service team's policies."""
    return uuid5(_TEAMS, team)


class PolicyChanged(CoordEvent):
    """The team lead changed one of the team's policies; what nobody changed is the default in the code.

    The first one of a team begins its stream: until then the defaults hold, and nobody has to set them up.
    """

    TOPIC = "policy.changed.v1"
    HISTORY = in_the_history("Policy changed")
    team: str
    """The service team's name."""
    name: str
    """``generalisation``, a kind of group, or ``signing-in``."""
    values: dict[str, Value]
    """All values of this policy from now on."""
    before: dict[str, Value]
    """Those it had until now."""
    reason: str

    def mutate(self, aggregate: Policy | None) -> Policy | None:  # type: ignore[override]
        """Change the policy; the first change begins it."""
        return super().mutate(aggregate if aggregate is not None else Policy.of(self.team))

    def apply(self, aggregate: Policy) -> None:
        """Take over the values."""
        aggregate.changed = {**aggregate.changed, self.name: self.values}
        aggregate.changed_in = {**aggregate.changed_in, self.name: self.originator_version}

    def told(self) -> Particulars:
        """Which policy, and from which values to which."""
        changed = [part for part, value in self.values.items() if self.before.get(part) != value]
        return {
            "policy": self.name,
            "reason": self.reason,
            "before": {part: self.before.get(part) for part in changed},
            "after": {part: self.values[part] for part in changed},
        }


class Policy(BaseAggregate[UUID]):
    """The stream of one service team's policies. ``version`` is 0 as long as all of them are the defaults."""

    TOPIC = "policy"
    NEVER: ClassVar[datetime] = datetime(2000, 1, 1, tzinfo=UTC)
    team: str
    changed: dict[str, Values]
    changed_in: dict[str, int]

    def __init__(self, team: str) -> None:
        """State comes from the events alone."""
        self.team = team
        self.changed = {}
        self.changed_in = {}

    def __deepcopy__(self, memo: dict[int, object]) -> Policy:
        """One that can be changed without the cached one: events replace what they change, and alter nothing."""
        copy = object.__new__(Policy)
        copy.__dict__ = {**self.__dict__, "_pending_events": []}
        return copy

    @classmethod
    def of(cls, team: str) -> Self:
        """The policies of a team that never changed any."""
        policy = object.__new__(cls)
        policy.__base_init__(policy_id(team), 0, cls.NEVER)
        Policy.__init__(policy, team)
        return policy

    def values(self, name: str) -> Values:
        """What is in force. Raises `KeyError` for a name that is no policy."""
        return in_force(name, self.changed.get(name))

    def change(
        self, *, at: datetime, by: By, expected_version: int, name: str, values: Mapping[str, object], reason: str
    ) -> None:
        """Change some of the values of one policy, saying why; those not named stay.

        Raises `InvalidInput` field by field, `Stale` when any policy of the team changed since ``expected_version``,
        `Conflict` when nothing changes.
        """
        check = Input()
        reason = check.text("/reason", reason, limit=REASON)
        if name not in POLICIES:
            check.problem("/name", "unknown-choice", choices=list(POLICIES))
            check.refuse_if_any()
        before = self.values(name)
        new = _checked(check, name, before, values)
        check.refuse_if_any()
        if expected_version != self.version:
            raise Stale(self.version, [n for n, version in self.changed_in.items() if version > expected_version])
        if new == before:
            raise Conflict("nothing-changed")
        self.trigger_event(
            PolicyChanged, timestamp=at, by=by, team=self.team, name=name, values=new, before=before, reason=reason
        )


def _checked(check: Input, name: str, before: Values, given: Mapping[str, object]) -> Values:
    parts = POLICIES[name]
    for part in given:
        if part not in parts:
            check.problem(f"/values/{part}", "unknown-field")
    new = dict(before)
    for part, kind in parts.items():
        if part in given:
            new[part] = _value(check, f"/values/{part}", kind, given[part])
    for part, kind in parts.items():
        lower = new.get(kind.from_field) if isinstance(kind, Whole) and kind.from_field else None
        upper = new[part]
        if isinstance(lower, int) and isinstance(upper, int) and upper < lower and not check.problems:
            check.problem(f"/values/{part}", "less-than-from")
    return new


def _value(check: Input, pointer: str, kind: Part, value: object) -> Value:
    if isinstance(kind, Whole):
        if isinstance(value, bool) or not isinstance(value, int):
            check.problem(pointer, "missing" if value is None else "wrong-type")
        elif not kind.least <= value <= kind.most:
            check.problem(pointer, "out-of-range", least=kind.least, most=kind.most)
        else:
            return value
        return 0
    if isinstance(kind, Words):
        return check.text(pointer, value, limit=STATEMENT)
    return _codes(check, pointer, kind, value)


def _codes(check: Input, pointer: str, kind: Chosen, value: object) -> list[str]:
    if not isinstance(value, Iterable) or isinstance(value, str | Mapping):
        check.problem(pointer, "wrong-type")
        return []
    codes = list(value)
    if not codes:
        check.problem(pointer, "missing")
    elif len(codes) > MOST_STEPS:
        check.problem(pointer, "too-many", limit=MOST_STEPS)
    for i, code in enumerate(codes):
        if code not in kind.choices:
            check.problem(f"{pointer}/{i}", "unknown-choice", choices=list(kind.choices))
    return [str(c) for c in codes] if kind.ordered else [c for c in kind.choices if c in codes]
