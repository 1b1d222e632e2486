"""The policies of a service team."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields

from coord.application.policies.commands import ChangePolicy
from coord.application.policies.questions import PoliciesAnswer, ReadPolicies
from coord.domain.input import REASON
from coord.domain.policy import POLICIES, PolicyName, Whole, Words
from coord.web.api.fields import Coded, Strict, choice, words
from coord.web.api.operations import ApiBlueprint
from coord.web.api.routes import reads, sends

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

    name = choice(PolicyName, required=True)
    values = PolicyValues(required=True, metadata={"properties": _PARTS, "additionalProperties": False})
    reason = words(required=True, limit=REASON)


reads(
    blueprint,
    "/policies",
    ReadPolicies,
    PoliciesAnswer,
    etag="version",
    about="""Read the policies of your service team, beside the defaults

    Therapists, students and team leads read them.
    """,
)


sends(
    blueprint,
    "PATCH",
    "/policies",
    ChangePolicy,
    body=PolicyChanges,
    example={"name": "generalisation", "values": {"occasions": 4}, "reason": "Three were too few to be sure"},
    about="""Change a policy of your service team (team lead)

    One policy at a time. The values before stay readable.
    """,
)
