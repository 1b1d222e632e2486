"""What one session was for one child, in answers about the child and in those about the course: shape and content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from coord.application.groups.questions import LineShown
from coord.domain.activity import Demand
from coord.domain.case.aggregate import Profile
from coord.domain.case.goals.wording import SUPPORTS
from coord.domain.case.groups import ARRIVALS, ATTENDANCE, GRADINGS, GUARDIAN
from coord.domain.groups import GroupKind
from coord.web.api.fields import Strict, choice, id_, time_, whole, words

KINDS = tuple(k.value for k in GroupKind)
DEMANDS = tuple(d.value for d in Demand)
_CHOICES = ("arrival", "grading", "support", "guardian")


class LineRating(Strict):
    """A goal as it was rated in the session."""

    id = id_("As an observation of the goal", required=True)
    goal = id_(required=True)
    level = fields.Integer(required=True, allow_none=True, metadata={"description": "Unrated is not zero"})
    scale_version = whole(null=True)
    support = choice(*SUPPORTS, required=True, null=True)
    remark = words(required=True)


class LineStrategy(Strict):
    """A strategy for home, handed over in the session."""

    id = id_("As one of the child's strategies", required=True)
    text = words(required=True)


class Line(Strict):
    """What a session was for a child: one line for each recording. A teacher gets attendance and what is for school."""

    id = id_(required=True)
    membership = id_("The place that it belongs to", required=True)
    kind = choice(*KINDS, required=True)
    session = whole("Its number in the course")
    version = whole()
    attendance = choice(*ATTENDANCE, required=True)
    absence_reason = words()
    arrival = choice(*ARRIVALS, null=True)
    grading = choice(*GRADINGS, null=True)
    support = choice(*SUPPORTS, null=True)
    response = words()
    incident = words()
    message_home = words()
    message_school = words(required=True)
    guardian = choice(*GUARDIAN, null=True)
    practice = words()
    goals = fields.List(id_(), metadata={"description": "Worked on"})
    ratings = fields.List(fields.Nested(LineRating), required=True)
    strategies = fields.List(fields.Nested(LineStrategy), required=True)
    observed_from = time_(required=True)
    observed_to = time_(required=True)
    author_name = words(required=True)
    recorded_at = time_(required=True)
    correction_reason = words("Of the last correction", required=True, null=True)
    error_reason = words("Why it should never have been written", required=True, null=True)
    instead = id_("The line of another recording that holds in its place", required=True, null=True)


class ChildProfile(Strict):
    """How much a child copes with, as activities demand it. Null: nobody has said, which is no "no"."""

    cognitive = choice(*DEMANDS, required=True)
    motor = choice(*DEMANDS, required=True)
    communication = choice(*DEMANDS, required=True)
    sensory = choice(*DEMANDS, required=True, null=True, about="How much there may be to hear, see and touch")
    attention = choice(*DEMANDS, required=True, null=True, about="How long, and with how much around")


def line(found: LineShown) -> dict[str, Any]:
    """See `Line`; what is not for this reader is not in it."""
    told = {name: value for name, value in found.line.items() if name not in ("ratings", "strategies")}
    told |= {name: told[name] or None for name in _CHOICES if name in told}
    return {
        "id": found.id,
        "membership": found.membership_id,
        "kind": found.kind,
        "session": found.number,
        "version": found.version,
        **told,
        "ratings": [_rating(rating) for rating in found.ratings],
        "strategies": [{"id": s["strategy_id"], "text": s["text"]} for s in found.strategies],
        "observed_from": found.observed_from,
        "observed_to": found.observed_to,
        "author_name": found.by_name,
        "recorded_at": found.recorded_at,
        "correction_reason": found.corrected or None,
        "error_reason": found.error or None,
        "instead": found.instead,
    }


def _rating(row: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: row[name] for name in ("level", "scale_version", "remark")}
    return {"id": row["observation_id"], "goal": row["goal_id"], **said, "support": row["support"] or None}


def profile(found: Profile | None) -> dict[str, Any] | None:
    """See `ChildProfile`; None where nobody has described it."""
    return None if found is None else {name: level or None for name, level in found.items()}
