"""What can be asked of a child at a glance: who is this, and what now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TypedDict
from uuid import UUID

from coord.application.case.questions import OnTheTeam
from coord.application.declared import CaseQuestion, question
from coord.application.goals.questions import ScoreInContext, StrategyLine
from coord.application.looking import Category
from coord.application.shown import AlertShown, Author, OfACase
from coord.application.timeline.questions import EntryStatus
from coord.domain.case import SummaryStatus
from coord.domain.case.generalisation import CellState, SkillState
from coord.domain.case.goals.wording import Context, GoalStatus, Support
from coord.domain.case.notes import NoteFormat
from coord.domain.groups import GroupKind
from coord.domain.note_template import WrittenIn
from coord.domain.permissions import anyone_who_knows_the_child
from coord.domain.said import INSIDE, Said


@question(anyone_who_knows_the_child, "Looked at the child at a glance", shows=(Category.IDENTITY,))
class ReadOverview(CaseQuestion):
    """Who is this, and what now: alerts, what helps, goals under way and where they hold, groups, the last note of each
    discipline, what is out of date; each as far as the reader may see it."""


class WhatToRenew(StrEnum):
    """What is out of date."""

    ALERT = "alert"
    SUMMARY = "summary"
    GOAL = "goal"


@dataclass(frozen=True, slots=True)
class ToRenew:
    """Something that was to be looked at again, or should not be relied on as it is."""

    what: WhatToRenew
    id: Annotated[UUID | None, Said("Of the alert or the goal")]
    text: Annotated[str, Said("Its words")]
    since: Annotated[date | None, Said("The day on which it was to be looked at; of a summary its review date")]


@dataclass(frozen=True, slots=True)
class WhereItHolds:
    """How a goal stands in one context."""

    context: Context
    state: CellState
    last_look: date | None
    look_again: Annotated[bool, Said("The last observation is too long ago to go by")]


@dataclass(frozen=True, slots=True)
class HelpAtAGlance:
    """How much help was needed, when and where."""

    support: Support
    on: datetime
    context: Context


@dataclass(frozen=True, slots=True)
class GoalAtAGlance:
    """A goal under way: how far, and where."""

    id: UUID
    statement: str
    status: GoalStatus
    level: Annotated[int | None, Said("The latest comparable one; null is unrated, which is not zero")]
    level_on: datetime | None
    level_context: Annotated[str, Said(of=Context, null=True)]
    scaled: Annotated[bool, Said("Without a scale it has no level, and is told by the help that was needed")]
    help: Annotated[HelpAtAGlance | None, Said("That was told of last")]
    levels: Annotated[Sequence[int], Said("The latest comparable ones, the newest last")]
    generalisation: Annotated[str, Said(of=SkillState)]
    where: Annotated[Sequence[WhereItHolds], Said("For each context where it should hold; of a teacher, school")]
    review_date: date


@dataclass(frozen=True, slots=True)
class GroupAtAGlance:
    """A place in a group, or one that the child waits for."""

    id: Annotated[UUID, Said("The place, as the child's own record knows it")]
    kind: Annotated[str, Said(of=GroupKind)]
    waiting: bool
    next_dates: Annotated[Sequence[datetime], Said("When the sessions to come begin; at most three")]


class NoteAtAGlance(TypedDict):
    """The last note of a discipline."""

    id: UUID
    author: Author
    format: NoteFormat
    status: EntryStatus
    observed_from: datetime
    sections: dict[str, str]
    written_in: Annotated[WrittenIn | None, Said("The version of a template that it was written in, if it was")]


@dataclass(frozen=True, slots=True)
class Overview(OfACase):
    """A child at a glance. Scores and the care team are not for teachers."""

    alerts: Sequence[AlertShown]
    strengths: Annotated[Sequence[str], Said("By the school summary in force, as are `helps` and `avoid`")]
    helps: Sequence[str]
    avoid: Sequence[str]
    summary_status: SummaryStatus
    summary_version: int
    strategies: Annotated[Sequence[StrategyLine], Said("That helped more often than not")]
    goals: Annotated[Sequence[GoalAtAGlance], Said("Under way, those begun first")]
    ended_goals: Annotated[int, INSIDE]
    """How many there are beside them: proposed, on hold, reached."""
    attainments: Annotated[Sequence[ScoreInContext], Said("One for each context with a rating")]
    groups: Sequence[GroupAtAGlance]
    notes: Annotated[Sequence[NoteAtAGlance], Said("The last of each discipline among the newest entries")]
    team: Annotated[Sequence[OnTheTeam], Said("Who is on the care team today, and has access")]
    to_renew: Annotated[Sequence[ToRenew], Said("What is out of date")]
    may: frozenset[str]
