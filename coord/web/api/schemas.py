"""The shapes that every area of the API shares: a body that says no more than why, a receipt, a refusal.

All others follow from commands (`coord.web.api.routes`) and from answers (`coord.web.api.typed`). What neither says
stands beside its area, in ``*_schemas.py``.
"""

from __future__ import annotations

from marshmallow import fields

from coord.domain.input import REASON
from coord.web.api.fields import Strict, id_, whole, words

NEW_ID = "Chosen by you, a random UUID; makes a repeated post the same post"
CURSOR = "The `next` of the page before"


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


class Receipt(Strict):
    """What was done, and where in the record it stands. For a draft the position is that of the record at the time."""

    id = id_(required=True)
    status = words(required=True)
    version = whole("What the next edit has to name in If-Match")
    position = whole()
