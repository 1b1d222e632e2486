"""The policies of a service team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import ValidationError, fields

from coord.application.policies.commands import ChangePolicy
from coord.application.policies.questions import PoliciesAnswer as Policies
from coord.application.policies.questions import ReadPolicies
from coord.domain.input import REASON
from coord.domain.policy import POLICIES, Whole, Words
from coord.web.api import answers, schemas
from coord.web.api.fields import Anything, Coded, Strict, choice, time_, whole, words
from coord.web.api.intake import expected_version
from coord.web.api.operations import ApiBlueprint, actor, operation, services

blueprint = ApiBlueprint("policies", "The numbers and words that your service team works by.")


class PolicyValues(Coded, fields.Dict):
    """Values by name; which there are depends on the policy, and the domain says what is wrong with them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        wrong = {name: ["wrong-type"] for name, v in value.items() if not _is_value(v)}
        if wrong:
            raise ValidationError(wrong)
        return value


def _is_value(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(v, str) for v in value)
    return isinstance(value, int | str) and not isinstance(value, bool)


_PARTS = {
    part: {"type": "integer", "minimum": kind.least, "maximum": kind.most}
    if isinstance(kind, Whole)
    else {"type": "string"}
    if isinstance(kind, Words)
    else {"type": "array", "items": {"type": "string", "enum": list(kind.choices)}}
    for parts in POLICIES.values()
    for part, kind in parts.items()
}


class PolicyChanges(Strict):
    """Some of the values of one policy, and why; the rest stays."""

    name = choice(*POLICIES, required=True)
    values = PolicyValues(required=True, metadata={"properties": _PARTS, "additionalProperties": False})
    reason = words(required=True, limit=REASON)


class PolicyChange(Strict):
    """A change: from which values to which."""

    version = whole()
    values = Anything(required=True)
    before = Anything(required=True)
    reason = words(required=True)
    by = fields.Nested(schemas.Person, required=True)
    at = time_(required=True)


class Policy(Strict):
    """One policy: what is in force, beside the default; and its changes, the newest first."""

    name = choice(*POLICIES, required=True)
    values = Anything(required=True)
    defaults = Anything(required=True)
    changes = fields.List(fields.Nested(PolicyChange), required=True)


class PoliciesAnswer(schemas.Placed):
    """The policies of your service team."""

    team = words(required=True)
    version = whole("What a change has to name in If-Match; 0 as long as all are the defaults")
    items = fields.List(fields.Nested(Policy), required=True)


@operation(blueprint, "GET", "/policies", answer=PoliciesAnswer)
def read_policies() -> Response:
    """Read the policies of your service team, beside the defaults

    Therapists, students and team leads read them.
    """
    found: Policies = services().doors.ask(actor(), ReadPolicies())
    content = {
        "team": found.team,
        "version": found.version,
        "items": [
            {**policy, "changes": [_change(change) for change in policy["changes"]]} for policy in found.policies
        ],
        **answers.place(found.shown),
    }
    return answers.json_answer(content, etag=found.version)


@operation(
    blueprint,
    "PATCH",
    "/policies",
    body=PolicyChanges,
    answer=schemas.Receipt,
    if_match="required",
    example={"name": "generalisation", "values": {"occasions": 4}, "reason": "Three were too few to be sure"},
)
def change_policy(body: dict[str, Any]) -> Response:
    """Change a policy of your service team (team lead)

    One policy at a time. The values before stay readable.
    """
    version = expected_version() or 0
    command = ChangePolicy(body["name"], version, body["values"], body["reason"])
    return answers.receipt(services().doors.execute(actor(), command))


def _change(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("version", "values", "before", "reason", "at")
    return {**{name: row[name] for name in kept}, "by": answers.by(row["by"])}
