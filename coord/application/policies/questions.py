"""Looks at policies, with the shape of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coord.application.declared import Question, question
from coord.application.looking import Purpose
from coord.application.questions import Shown
from coord.domain.permissions import clinician


@question(clinician, "Looked at the policies of the service team", purpose=Purpose.SERVICE)
class ReadPolicies(Question):
    """The policies of one's own service team, beside the defaults, with every earlier value."""


@dataclass(frozen=True, slots=True)
class PoliciesAnswer:
    """``policies``: one mapping a name, with name, ``values`` in force, ``defaults``, and ``changes`` (newest first:
    version, values, before, reason, by, at). ``version`` is what a change has to name."""

    team: str
    version: int
    policies: Sequence[Mapping[str, Any]]
    may_change: bool
    shown: Shown
