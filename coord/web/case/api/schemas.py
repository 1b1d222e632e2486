"""The shapes of requests and answers about a case: its details, its care team, its export."""

from __future__ import annotations

from coord.domain.actors import Relation
from coord.domain.input import REASON, SHORT
from coord.web.api.fields import Day, Items, Several, Strict, choice, words


class CaseChanges(Strict):
    """What is wrong, as it should be; the rest stays."""

    preferred_name = words(limit=SHORT)
    full_name = words(limit=SHORT)
    birth_date = Day()
    languages = Items(words())
    school = words(limit=SHORT)
    school_class = words(limit=SHORT)
    team = words("Only the team lead may change it", limit=SHORT)
    reason = words("Why it is corrected", required=True, limit=REASON)


class MemberChange(Strict):
    """What is to be otherwise with a stay on the care team; the rest stays."""

    since = Day(metadata={"description": "The first day of the stay; the present one, or else the next, if left out"})
    until = Day(allow_none=True, metadata={"description": "The last day; null takes the end away"})
    relation = choice(Relation, about="What the person is from `start` on")
    start = Day(metadata={"description": "The day from which the relation is another; today, if left out"})


class StayQuery(Strict):
    """Which stay, and what was asked about and is meant as it is."""

    since = Day(metadata={"description": "The first day of the stay; everything that is not over, if left out"})
    confirmed = Several(words(limit=100), metadata={"description": "The `answer` of each error of the refusal before"})
