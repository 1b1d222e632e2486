"""The shapes of requests and answers about a case: its details, its care team, its export."""

from __future__ import annotations

from marshmallow import fields

from coord.domain.input import REASON, SHORT
from coord.web.api.fields import Anything, Day, Flag, Items, Several, Strict, choice, confirmed, id_, whole, words
from coord.web.api.schemas import NEW_ID, RELATIONS, Person, Placed


class NewCase(Strict):
    """A child and an episode of care."""

    id = id_(NEW_ID)
    preferred_name = words("What the child is called", required=True, limit=SHORT)
    full_name = words(required=True, limit=SHORT)
    birth_date = Day(required=True)
    languages = Items(words(), metadata={"description": "Spoken at home; at most ten"})
    school = words(limit=SHORT)
    school_class = words(limit=SHORT)
    team = words("The service team, your own if left out", limit=SHORT)
    confirmed = confirmed()


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
    relation = choice(*RELATIONS, about="What the person is from `start` on")
    start = Day(metadata={"description": "The day from which the relation is another; today, if left out"})


class StayQuery(Strict):
    """Which stay, and what was asked about and is meant as it is."""

    since = Day(metadata={"description": "The first day of the stay; everything that is not over, if left out"})
    confirmed = Several(words(limit=100), metadata={"description": "The `answer` of each error of the refusal before"})


class Member(Person):
    """A stay on the care team: one that is over, the present one, or one to come. A person may have several."""

    relation = choice(*RELATIONS, required=True)
    since = Day(required=True)
    until = Day(required=True, allow_none=True)
    left_on = Day(
        required=True,
        allow_none=True,
        metadata={"description": "The day on which they were taken off the team at once, the one after `until`"},
    )
    current = Flag(required=True, metadata={"description": "On the team today, and with access"})
    over = Flag(required=True)
    active = Flag(required=True, metadata={"description": "Whether they have access"})


class CaseAnswer(Placed):
    """The child and the care team. `full_name`, `birth_date` and `languages` are not for teachers."""

    id = id_(required=True)
    status = choice("open", "closed", required=True)
    version = whole("Of the details")
    preferred_name = words(required=True)
    full_name = words()
    birth_date = Day()
    languages = fields.List(fields.String())
    school = words(required=True)
    school_class = words(required=True)
    team = words(required=True)
    relation = choice(*RELATIONS, required=True, null=True, about="What you are to the child")
    members = fields.List(fields.Nested(Member), required=True)


class ExportAnswer(Placed):
    """Every event of the child's record, in order. `withheld` stands where the words are not for you."""

    case = id_(required=True)
    events = fields.List(Anything(), required=True)
