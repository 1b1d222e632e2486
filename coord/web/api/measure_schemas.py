"""The shapes of requests and answers about measures: names and numbers only, never test items or norms."""

from __future__ import annotations

from coord.domain.case.measures import INFORMANTS, MOST_PROBLEMS
from coord.domain.input import REASON, SHORT
from coord.web.api.fields import (
    Day,
    Items,
    Part,
    Strict,
    choice,
    id_,
    number,
    words,
)
from coord.web.api.schemas import NEW_ID

_WIDE = 10_000


# ---- requests ----------------------------------------------------------------------------------------------------


class NewProblem(Strict):
    """An everyday activity, rated from 1 to 10."""

    activity = words(required=True, limit=SHORT)
    importance = number(1, 10, required=True)
    performance = number(1, 10, required=True)
    satisfaction = number(1, 10, required=True)


class NewCopm(Strict):
    """A Canadian Occupational Performance Measure, as one informant rated it."""

    id = id_(NEW_ID)
    problems = Items(Part(NewProblem), required=True, metadata={"maxItems": MOST_PROBLEMS})
    informant = choice(*INFORMANTS, required=True)
    informant_name = words(limit=SHORT)
    measured_on = Day(required=True)
    earlier = id_("The one that it is compared with", null=True)
    remark = words(limit=REASON)
