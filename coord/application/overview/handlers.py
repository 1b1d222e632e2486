"""A child at a glance: composed of what the pages about it show, each as far as this reader may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from coord.application.case.handlers import members_of
from coord.application.doors import Reading, answers
from coord.application.goals.questions import GoalLine, GoalObservation, ReadGoals
from coord.application.goals.reading import read_goals
from coord.application.groups.reading_lines import places_under_way
from coord.application.looking import Category
from coord.application.overview.questions import (
    GoalAtAGlance,
    GroupAtAGlance,
    HelpAtAGlance,
    NoteAtAGlance,
    Overview,
    ReadOverview,
    ToRenew,
    WhatToRenew,
    WhereItHolds,
)
from coord.application.rights import about_the_child, alerts_for, known_case
from coord.application.summary.handlers import summary_for
from coord.application.summary.questions import SummaryAnswer
from coord.application.timeline.handlers import still_readable
from coord.domain.case import SummaryStatus
from coord.domain.case.generalisation import CellState
from coord.domain.case.goals.wording import Context, GoalStatus, Support
from coord.domain.case.strategies import Outcome
from coord.projections import Timeline

UNDER_WAY = (GoalStatus.ACTIVE, GoalStatus.AGREED)
LEVELS_SHOWN = 6
"""Of a goal, the latest: whether it rises."""


@answers(ReadOverview)
def read_overview(reading: Reading, question: ReadOverview) -> Overview:
    """All of it from one state of the views; each goal, strategy and note in it is looked at."""
    case_id = question.case_id
    row = known_case(reading, case_id)
    alerts = alerts_for(reading, row, reading.child)
    goals = read_goals(reading, ReadGoals(case_id))
    lines = sorted((g for g in goals.goals if g.status in UNDER_WAY), key=lambda g: UNDER_WAY.index(g.status))
    helped = [s for s in goals.strategies if s.counts[Outcome.HELPED] > s.counts[Outcome.DID_NOT]]
    summary = summary_for(reading, case_id)
    in_force = summary if summary.status == SummaryStatus.PUBLISHED else None
    groups = places_under_way(reading, case_id, open_case=row["status"] == "open")
    notes = _last_notes(reading, case_id)
    team = members_of(reading, case_id) if reading.actor.sight.colleagues else []
    # Of what was read to make it, what is shown: not the goals that have ended, nor advice that was not tried yet.
    reading.entries[:] = [*(g.id for g in lines), *(s.id for s in helped), *(note["id"] for note in notes)]
    found = {
        Category.ALERTS: alerts,
        Category.GOALS: lines,
        Category.STRATEGIES: helped,
        Category.SUMMARY: in_force and in_force.statements,
        Category.GROUPS: groups,
        Category.NOTES: notes,
        Category.CARE_TEAM: team,
    }
    reading.categories |= {category for category, shown in found.items() if shown}
    return Overview(
        **about_the_child(reading, row),
        alerts=alerts,
        strengths=_said(in_force, "strengths"),
        helps=_said(in_force, "helps"),
        avoid=_said(in_force, "avoid"),
        summary_status=SummaryStatus(summary.status),
        summary_version=summary.version,
        strategies=helped,
        goals=[_goal(line) for line in lines],
        ended_goals=len(goals.goals) - len(lines),
        attainments=goals.attainments,
        groups=[GroupAtAGlance(**one) for one in groups],
        notes=notes,
        team=[m for m in team if m["current"]],
        to_renew=_to_renew(alerts, lines, summary),
        may=goals.may,
    )


def _said(summary: SummaryAnswer | None, section: str) -> list[str]:
    """The sentences of a section; without advice that was ended."""
    said = summary.statements.get(section, ()) if summary else ()
    return [statement["text"] for statement in said if not statement["withdrawn_at"]]


def _goal(line: GoalLine) -> GoalAtAGlance:
    cells = [
        WhereItHolds(Context(cell.context), CellState(cell.state), cell.last_look, cell.look_again)
        for cell in line.generalisation.cells
    ]
    helped = [o for o in line.observations if o.support]
    levels = [o.level for o in line.rated if o.level is not None][-LEVELS_SHOWN:]
    return GoalAtAGlance(
        id=line.id,
        statement=line.statement,
        status=line.status,
        level=line.level,
        level_on=line.level_on,
        level_context=line.level_context,
        scaled=bool(line.content["scale"]),
        help=_help(helped[-1]) if helped else None,
        levels=levels,
        generalisation=line.generalisation.state,
        where=cells,
        review_date=line.review_date,
    )


def _help(seen: GoalObservation) -> HelpAtAGlance:
    return HelpAtAGlance(Support(seen.support), seen.observed_at, Context(seen.context))


def _last_notes(reading: Reading, case_id: UUID) -> list[NoteAtAGlance]:
    """The newest note of each discipline, among the latest entries of the child that this reader may read."""
    connection, view = reading.snapshot.connection, reading.snapshot.view(Timeline)
    about: dict[str, Any] = {"case_id": case_id, "actor": reading.actor, "child": reading.child}
    first: dict[str, UUID] = {}
    for note in view.lately(connection, **about, every=True):
        first.setdefault(note["discipline"] or "", note["entry_id"])
    found = list(view.present(connection, **about, entries=list(first.values())).values())
    if Timeline.NAME in reading.snapshot.incomplete:  # one may have been taken from this reader since
        found = [note for note in found if still_readable(reading, case_id, note)]
    return [_note(note) for note in found]


def _note(note: Mapping[str, Any]) -> NoteAtAGlance:
    return {
        "id": note["entry_id"],
        "author": {
            "person": note["author_id"],
            "name": note["author_name"],
            "role": note["role"],
            "discipline": note["discipline"],
        },
        "format": note["format"],
        "status": note["status"],
        "observed_from": note["observed_from"],
        "sections": note["sections"],
        "written_in": note["detail"].get("written_in"),
    }


def _to_renew(alerts: Sequence[Any], lines: Sequence[GoalLine], summary: SummaryAnswer) -> list[ToRenew]:
    """What is out of date: alerts to be looked at, the summary that counts, goals whose review is due."""
    found = [ToRenew(WhatToRenew.ALERT, one.id, one.text, one.review_on) for one in alerts if one.due]
    if summary.out_of_date and summary.status in (SummaryStatus.PUBLISHED, SummaryStatus.UPCOMING):
        passed = any(one["why"] == "review-date-passed" for one in summary.out_of_date)
        found.append(ToRenew(WhatToRenew.SUMMARY, None, "", summary.review_date if passed else None))
    return [*found, *(ToRenew(WhatToRenew.GOAL, g.id, g.statement, g.review_date) for g in lines if g.review_passed)]
