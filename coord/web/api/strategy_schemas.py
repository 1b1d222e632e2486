"""The shapes of requests and answers about strategies."""

from __future__ import annotations

from marshmallow import fields

from coord.domain.actors import Discipline, Role
from coord.domain.case.goals.wording import Context
from coord.domain.case.strategies import OUTCOMES
from coord.domain.input import REASON, SHORT
from coord.web.api.fields import Strict, Switch, choice, id_, time_, whole, words
from coord.web.api.of_a_case import OfACase
from coord.web.api.schemas import NEW_ID

_CONTEXTS = tuple(c.value for c in Context)


# ---- requests ----------------------------------------------------------------------------------------------------


class NewTrial(Strict):
    """What came of trying it; `not-yet` is an answer too."""

    id = id_(NEW_ID)
    outcome = choice(*OUTCOMES, required=True)
    remark = words(limit=REASON)
    tried_at = time_("Now, if left out", null=True)
    reported_by = words("Who tried it, where that is not you", limit=SHORT)


class StrategiesQuery(Strict):
    """Which strategies."""

    ended = Switch(load_default=False, metadata={"description": "Those no longer advised too"})


# ---- answers -----------------------------------------------------------------------------------------------------


class Trial(Strict):
    """One report of trying it."""

    id = id_(required=True)
    outcome = choice(*OUTCOMES, required=True)
    remark = words(required=True)
    tried_at = time_(required=True)
    reported_by = words(required=True)
    person = id_(required=True)
    name = words(required=True)
    role = choice(*(r.value for r in Role), required=True)


TrialCounts = Strict.from_dict({outcome: whole() for outcome in OUTCOMES}, name="TrialCounts")
"""How often it helped, did not, or was not tried yet."""


class StrategyLine(Strict):
    """A strategy, with what came of it, newest first."""

    id = id_(required=True)
    text = words(required=True)
    context = choice(*_CONTEXTS, required=True)
    goal = id_(required=True, null=True)
    status = choice("offered", "ended", required=True)
    author_name = words(required=True)
    discipline = choice(*(d.value for d in Discipline), required=True, null=True)
    offered_at = time_(required=True)
    ended_reason = words("Not for teachers", required=True, null=True)
    counts = fields.Nested(TrialCounts, required=True)
    trials = fields.List(fields.Nested(Trial), required=True)


class StrategiesAnswer(OfACase):
    """What helps, in the order in which it was offered."""

    items = fields.List(fields.Nested(StrategyLine), required=True)
