"""The activity library: written, revised, retired, restored; searched and read by all who work in the service."""

from __future__ import annotations

from dataclasses import fields

from coord.application.activities.commands import RestoreActivity, RetireActivity, ReviseActivity, WriteActivity
from coord.application.activities.questions import (
    ActivitiesAnswer,
    ActivityAnswer,
    ActivityFilter,
    ReadActivity,
    SearchActivities,
)
from coord.application.carrying import carries_out
from coord.application.cursors import id_in
from coord.application.declared import Command, Receipt
from coord.application.doors import Reading, Work, answers
from coord.application.rights import permitted
from coord.domain.activity import DEMANDS, OLDEST, YOUNGEST, Activity, Demand, SkillArea
from coord.domain.actors import Relationship
from coord.domain.errors import FieldProblem, InvalidInput, NotFound
from coord.domain.groups import GroupKind
from coord.domain.icf import IcfChapter
from coord.domain.input import Input
from coord.projections import Activities

MOST_ROWS = 100
STATUSES = ("in-use", "retired", "all")


@answers(WriteActivity)
def write_activity(work: Work, command: WriteActivity) -> Receipt:
    """Add to the library."""
    activity = Activity.write(id=command.activity_id, at=work.now, by=work.actor.by(), content=command.content)
    return work.keep(Receipt(activity.id, activity.version, 0, activity.status), activity)


def _saved(work: Work, activity: Activity) -> Receipt:
    position = work.record.append(activity)
    return Receipt(activity.id, activity.version, position, activity.status)


def _the_activity(work: Work, command: ReviseActivity | RetireActivity | RestoreActivity) -> tuple[Activity]:
    return (work.record.activity(command.activity_id),)


def _activity_saved(work: Work, _: Command, activity: Activity) -> Receipt:
    return _saved(work, activity)


carries_out(ReviseActivity, Activity.revise, _the_activity, _activity_saved)
carries_out(RetireActivity, Activity.retire, _the_activity, _activity_saved)
carries_out(RestoreActivity, Activity.restore, _the_activity, _activity_saved)


@answers(SearchActivities)
def search_activities(reading: Reading, question: SearchActivities) -> ActivitiesAnswer:
    """A page of what fits, by title."""
    wanted = question.filter
    _check(wanted, question.limit)
    view, connection = reading.snapshot.view(Activities), reading.snapshot.connection
    after = id_in(question.cursor)
    if after is not None and view.one(connection, after) is None:
        raise InvalidInput([FieldProblem("/cursor", "not-a-cursor")])
    found = {f.name: getattr(wanted, f.name) for f in fields(wanted)}
    items = view.page(connection, after=after, limit=question.limit + 1, **found)
    more = len(items) > question.limit
    items = items[: question.limit]
    reading.detail["searched"] = bool(wanted.text)
    following = str(items[-1]["activity_id"]) if more else None
    return ActivitiesAnswer(items, following, view.count(connection, **found), reading.shown)


def _check(wanted: ActivityFilter, limit: int) -> None:
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput([FieldProblem("/limit", "out-of-range", {"least": 1, "most": MOST_ROWS})])
    check = Input()
    check.text("/filter/text", wanted.text, required=False)
    choices: dict[str, tuple[str, ...]] = {
        "kind": tuple(GroupKind),
        "skill": tuple(SkillArea),
        "icf": tuple(IcfChapter),
        **dict.fromkeys(DEMANDS, tuple(Demand)),
    }
    for name, known in choices.items():
        value = getattr(wanted, name)
        if value and value not in known:
            check.problem(f"/filter/{name}", "unknown-choice", choices=[str(k) for k in known])
    if wanted.status not in STATUSES:
        check.problem("/filter/status", "unknown-choice", choices=list(STATUSES))
    if wanted.age is not None and not YOUNGEST <= wanted.age <= OLDEST:
        check.problem("/filter/age", "out-of-range", least=YOUNGEST, most=OLDEST)
    check.refuse_if_any()


@answers(ReadActivity)
def read_activity(reading: Reading, question: ReadActivity) -> ActivityAnswer:
    """One activity, with everything that happened to it."""
    view, connection = reading.snapshot.view(Activities), reading.snapshot.connection
    activity = view.one(connection, question.activity_id)
    if activity is None:
        raise NotFound("no-such-activity")
    possible = ("RestoreActivity",) if activity["status"] == "retired" else ("ReviseActivity", "RetireActivity")
    may = permitted(possible, reading.actor, Relationship())
    reading.detail |= {"activity": str(question.activity_id), "title": activity["title"]}
    return ActivityAnswer(activity, view.changes_of(connection, question.activity_id), may, reading.shown)
