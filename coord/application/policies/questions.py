"""Looks at policies, with the shape of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypedDict

from coord.application.declared import Question, question
from coord.application.looking import Purpose
from coord.application.shown import GivenWhole, Shown
from coord.domain.actors import By
from coord.domain.permissions import clinician
from coord.domain.policy import PolicyName
from coord.domain.said import FLAT, INSIDE, Said


@question(clinician, "Looked at the policies of the service team", purpose=Purpose.SERVICE)
class ReadPolicies(Question):
    """The policies of one's own service team, beside the defaults, with every earlier value."""


class PolicyChange(TypedDict):
    """A change: from which values to which."""

    name: Annotated[str, INSIDE]
    version: int
    values: Mapping[str, Any]
    before: Mapping[str, Any]
    reason: str
    by: By
    at: datetime


class Policy(TypedDict):
    """One policy: what is in force, beside the default; and its changes, the newest first."""

    name: Annotated[str, Said(of=PolicyName)]
    values: Mapping[str, Any]
    defaults: Mapping[str, Any]
    changes: Sequence[PolicyChange]


@dataclass(frozen=True, slots=True)
class PoliciesAnswer(GivenWhole):
    """The policies of your service team."""

    team: str
    version: Annotated[int, Said("What a change has to name in If-Match; 0 as long as all are the defaults")]
    items: Sequence[Policy]
    may_change: Annotated[bool, INSIDE]
    shown: Annotated[Shown, FLAT]
