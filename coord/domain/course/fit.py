"""Does a group fit a child? Reasons for and against; a therapist decides.

The ages, sizes and words come from the team's policy for the kind (domain.md section 4 gives the defaults). What a
child copes with (`coord.domain.case.child.Profile`) is compared with what the planned activities demand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

from coord.domain.activity import DEMANDS, ActivityText, Demand
from coord.domain.policy import Values

_HOW_MUCH = {demand.value: number for number, demand in enumerate(Demand, 1)}


class ReasonText(TypedDict):
    """A reason as it is kept."""

    code: str
    favours: bool
    params: dict[str, object]


@dataclass(frozen=True, slots=True)
class FitReason:
    """One reason for or against, as a code with what its sentence needs."""

    code: str
    favours: bool
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> ReasonText:
        """As it is kept."""
        return {"code": self.code, "favours": self.favours, "params": dict(self.params)}


def age_on(birth_date: date, day: date) -> int:
    """Full years of age; who was born on 29 February has their birthday on 1 March of other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def fit(
    *,
    birth_date: date,
    first_date: date,
    policy: Values,
    profile: Mapping[str, str] | None,
    activities: Sequence[ActivityText],
    goal_chapters: Sequence[str],
    overlaps: Sequence[tuple[str, str]],
) -> list[FitReason]:
    """The reasons for and against.

    ``profile`` says for each of `DEMANDS` how much the child copes with (None: nobody has described it);
    ``activities`` are those planned so far; ``goal_chapters`` the ICF chapters of the goals that the child would work
    on, "" for a goal without one; ``overlaps`` the kind and date of sessions of other groups of the child at that time.
    """
    reasons: list[FitReason] = []
    age = age_on(birth_date, first_date)
    least, most = int(str(policy["age_from"])), int(str(policy["age_to"]))
    code = "age-below" if age < least else "age-above" if age > most else "age-fits"
    reasons.append(FitReason(code, code == "age-fits", {"age": age, "least": least, "most": most}))
    reasons += [_of_another_age(age, a) for a in activities if not a["age_from"] <= age <= a["age_to"]]
    if profile is None:
        reasons.append(FitReason("profile-unknown", False))
    else:
        reasons += _of_demands(profile, activities)
    trained = {chapter for activity in activities for chapter in activity["icf"]}
    chapters = [chapter for chapter in dict.fromkeys(goal_chapters) if chapter]
    shared = [chapter for chapter in chapters if chapter in trained]
    if not goal_chapters:
        reasons.append(FitReason("no-goal", False))
    elif shared:
        reasons.append(FitReason("goals-shared", True, {"chapters": shared}))
    elif activities and chapters:
        reasons.append(FitReason("goals-elsewhere", False, {"chapters": chapters}))
    else:  # nothing is planned, or nobody said which area of life the goals are about: nothing speaks against them
        reasons.append(FitReason("goal-named", True))
    if overlaps:
        kind, day = overlaps[0]
        reasons.append(FitReason("overlap", False, {"kind": kind, "date": day, "times": len(overlaps)}))
    return reasons


def _of_another_age(age: int, activity: ActivityText) -> FitReason:
    params = {"activity": activity["title"], "age": age, "least": activity["age_from"], "most": activity["age_to"]}
    return FitReason("activity-age", False, params)


def _of_demands(profile: Mapping[str, str], activities: Sequence[ActivityText]) -> list[FitReason]:
    """An activity may ask one step more than a child copes with: it is graded down then. Two steps are too many."""
    reasons: list[FitReason] = []
    graded: list[str] = []
    for activity in activities:
        beyond = demands_beyond(profile, activity)
        if any(steps > 1 for steps in beyond.values()):
            what = [name for name, steps in beyond.items() if steps > 1]
            reasons.append(FitReason("demands-too-much", False, {"activity": activity["title"], "what": what}))
        elif beyond:
            graded.append(activity["title"])
    if graded:
        reasons.append(FitReason("grade-down", True, {"activities": graded}))
    if activities and not reasons:
        reasons.append(FitReason("demands-fit", True))
    return reasons


def demands_beyond(profile: Mapping[str, str], activity: ActivityText) -> dict[str, int]:
    """For what of an activity the child needs a grading down, and by how many steps its demand is above the child."""
    beyond = {
        name: _HOW_MUCH[str(activity[name])] - _HOW_MUCH[profile[name]]  # type: ignore[literal-required]
        for name in DEMANDS
    }
    return {name: steps for name, steps in beyond.items() if steps > 0}


def demands_short(profile: Mapping[str, str], activity: ActivityText) -> bool:
    """Whether an activity asks less than the child copes with in everything: it can be graded up."""
    return all(
        _HOW_MUCH[str(activity[name])] < _HOW_MUCH[profile[name]]  # type: ignore[literal-required]
        for name in DEMANDS
    )
