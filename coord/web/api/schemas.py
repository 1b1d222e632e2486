"""The shapes that every area of the API shares: input is read by them, answers are described by them.

Each area has the shapes of its own requests and answers beside it, in ``*_schemas.py``.
"""

from __future__ import annotations

from marshmallow import fields

from coord.domain.actors import Discipline, Relation, Role
from coord.domain.case import Audience, Setting
from coord.domain.input import REASON
from coord.web.api.fields import Strict, choice, id_, time_, whole, words

NEW_ID = "Chosen by you, a random UUID; makes a repeated post the same post"
CURSOR = "The `next` of the page before"
AUDIENCES = tuple(a.value for a in Audience)
SETTINGS = tuple(s.value for s in Setting)
DISCIPLINES = tuple(d.value for d in Discipline)
ROLES = tuple(r.value for r in Role)
RELATIONS = tuple(r.value for r in Relation)


# ---- requests ----------------------------------------------------------------------------------------------------


class NoParameters(Strict):
    """A route without query parameters."""


class Reason(Strict):
    """Why."""

    reason = words(required=True, limit=REASON)


class Nothing(Strict):
    """No body is needed; `{}` is accepted."""


# ---- answers -----------------------------------------------------------------------------------------------------


class FieldError(Strict):
    """What is wrong with one field."""

    pointer = words("JSON pointer into the body, or the query parameter's name after a slash", required=True)
    code = words("Stable", required=True)
    detail = words("For people", required=True)
    answer = words("Where something is asked: what to send among the `confirmed` if it is meant as it is")


class Problem(Strict):
    """Why a request was refused (RFC 9457)."""

    type = words(required=True)
    title = words(required=True)
    status = whole()
    detail = words(required=True)
    code = words("Stable: what a program should look at", required=True)
    instance = words("Names the request in the log", required=True)
    errors = fields.List(fields.Nested(FieldError))
    current_version = fields.Integer()
    changed = fields.List(fields.String())


class Placed(Strict):
    """Which position of the record an answer shows."""

    position = whole("The position in the record that this shows")
    position_recorded_at = time_("When that position was recorded", required=True, null=True)
    incomplete = fields.Dict(
        keys=fields.String(),
        values=fields.DateTime(),
        metadata={"description": "Views that have stopped, and since when: there only if there are any"},
    )


class Receipt(Strict):
    """What was done, and where in the record it stands. For a draft the position is that of the record at the time."""

    id = id_(required=True)
    status = words(required=True)
    version = whole("What the next edit has to name in If-Match")
    position = whole()


class Person(Strict):
    """Who did something, as they were then."""

    person = id_(required=True)
    name = words(required=True)
    role = choice(*ROLES, required=True)
    discipline = choice(*DISCIPLINES, required=True, null=True)
