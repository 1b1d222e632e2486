"""A goal's story for the page: its wordings with what each changed, and what has changed since somebody looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from coord.domain.case import Goal
from coord.domain.case.goals.goal import GoalVersion, StatusChange
from coord.web.differences import Part, word_parts
from coord.web.goals.words import facts
from coord.web.labels import label

Changes = list[tuple[str, list[Part]]]
"""The name of each field that differs, and how."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a goal with what it changed in the one before, and who agreed to it."""

    version: GoalVersion
    changes: Changes
    new_scale: bool
    agreements: Sequence[Mapping[str, Any]]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """Field by field, what differs."""
    old, new = facts(before), facts(after)
    return [(name, word_parts(old[name], new[name])) for name in new if old[name] != new[name]]


def wordings(goal: Goal) -> list[Wording]:
    """Every wording, newest first."""
    found = []
    for i, version in enumerate(goal.versions):
        earlier = goal.versions[i - 1] if i else None
        agreed = [
            {
                "parties": agreement.parties,
                "by": agreement.by,
                "at": agreement.at,
                "guardian": any(party["party"] == "guardian" for party in agreement.parties),
            }
            for agreement in goal.agreements
            if agreement.content_version == version.number
        ]
        found.append(
            Wording(
                version,
                changes(earlier.content, version.content) if earlier else [],
                earlier is not None and earlier.scale_version != version.scale_version,
                agreed,
            )
        )
    return found[::-1]


def states(goal: Goal) -> list[StatusChange]:
    """Every change of state, newest first; that it was agreed is told with who agreed."""
    return list(reversed(goal.statuses))


def meanwhile(goal: Goal, *, seen_wording: int, seen_status: str, seen_agreements: int) -> tuple[Changes, list[str]]:
    """What has changed since somebody saw that wording in that state: in the words, and otherwise."""
    seen = next((v for v in goal.versions if v.number == seen_wording), goal.versions[0])
    others = []
    if goal.versions[-1].number != seen.number:
        latest = goal.versions[-1]
        others.append(_("%(who)s put it in other words: %(reason)s", who=latest.by["name"], reason=latest.reason))
    if seen_status and seen_status != goal.status:
        others.append(
            _(
                "Its state was “%(before)s”, and is “%(after)s” now.",
                before=label("goal-status", seen_status),
                after=label("goal-status", goal.status),
            )
        )
    for agreement in goal.agreements[seen_agreements:]:
        parties = ", ".join(party["name"] for party in agreement.parties)
        others.append(_("An agreement was written down meanwhile: %(names)s", names=parties))
    return changes(seen.content, goal.content), others
