"""The shapes of what is asked of changes and accesses, and of what they answer."""

from __future__ import annotations

from marshmallow import fields

from coord.application.looking import Category, Purpose
from coord.domain.input import SHORT
from coord.web.api.fields import Anything, Flag, Strict, Whole, Words, choice, id_, time_, whole, words
from coord.web.api.schemas import CURSOR, DISCIPLINES, Placed

PURPOSES = [purpose.value for purpose in Purpose]
CATEGORIES = [category.value for category in Category]


class HistoryQuery(Strict):
    """What to show of changes and accesses."""

    person = id_("Who did it")
    kind = Words(
        most=60,
        metadata={
            "description": (
                "`changes` or `accesses`; one kind of change (`note-signed`) or access (`ReadNote`); `refused`"
            )
        },
    )
    start = time_("At this time or later", key="from")
    end = time_("Before this time", key="to")
    cursor = Words(most=SHORT, metadata={"description": CURSOR})
    limit = Whole(
        1, 5000, metadata={"description": "At most 200 in JSON (50, if left out), 5000 in a file (all, if left out)"}
    )
    format = choice("json", "csv", "jsonl", about="Instead of an `Accept` header")


class AuditQuery(HistoryQuery):
    """The same for the service team."""

    case = id_("One child of the team")


class HistoryItem(Strict):
    """A change, or an access."""

    sort = choice("change", "access", required=True)
    at = time_(required=True)
    person = id_(required=True, null=True)
    person_name = words(required=True)
    role = words(required=True)
    discipline = choice(*DISCIPLINES, required=True, null=True)
    kind = words(required=True)
    case = id_(required=True, null=True)
    preferred_name = words(required=True)
    entry = id_(required=True, null=True)
    position = whole(null=True)
    observed_at = time_(required=True, null=True)
    recorded_at = time_(required=True, null=True)
    version_before = whole(null=True)
    version_after = whole(null=True)
    before = Anything(required=True)
    after = Anything(required=True)
    withheld = Flag(required=True, metadata={"description": "There are words, and they are not for you"})
    detail = Anything(required=True)
    outcome = words(required=True)
    request = words(required=True)
    channel = words(required=True)
    purpose = choice(
        *("", *PURPOSES),
        about="What a look was for; empty where nothing was shown; null of a change, and where it was not kept yet",
        required=True,
        null=True,
    )
    categories = fields.List(
        choice(*CATEGORIES),
        required=True,
        allow_none=True,
        metadata={"description": "Which data of the child a look showed; null as `purpose`"},
    )


class HistoryAnswer(Placed):
    """Changes and accesses in one list, newest first."""

    items = fields.List(fields.Nested(HistoryItem), required=True)
    next = words("The cursor of the next page", required=True, null=True)
