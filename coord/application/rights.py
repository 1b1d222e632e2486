"""Who may read what of a child: the one room where a leak can be looked for.

The rules are the domain's (`coord.domain.permissions`), applied in SQL by the views to lists, and there alone to
what was observed of a goal; here they are applied to single entries, to the details of the child, and to what may be
done next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from coord.application.case.questions import ChildDetails
from coord.application.doors import Reading
from coord.application.looking import Category
from coord.application.shown import AlertShown, ChildShown
from coord.domain.actors import Actor, Relationship
from coord.domain.case import AttainmentScored, Audience, Goal, GroupLine, Note, Strategy
from coord.domain.case.alerts import in_order
from coord.domain.case.measures import Measure
from coord.domain.case.notes import Addendum, NoteAddendumAdded
from coord.domain.case.strategies import Trial
from coord.domain.course.fit import age_on
from coord.domain.errors import NotFound
from coord.domain.events import CoordEvent
from coord.domain.permissions import PERMISSIONS, may_read_addendum, may_read_entry, may_read_goal
from coord.projections import Caseload

WORDS_OF_AN_ENTRY = frozenset(
    # of a note; of a goal and its observations; of a strategy and its trials; of a measure; of a score; and below
    {"sections", "text", "reason", "present", "before"}
    | {"content", "parties", "remark", "reported_by", "seen_by", "answered", "level", "support"}
    | {"problems", "informant_name", "scores", "validity", "summary"}
    | {"goals", "t", "baseline_t", "basis"}
    | {"line"}  # of a group session
)
"""Names of the fields of events that hold what somebody wrote."""
FOR_TEACHERS = ("preferred_name", "school", "school_class", "team")
"""What of a child's details a teacher needs; the rest is no business of the school's."""


def permitted(names: Iterable[str], actor: Actor, relation: Relationship) -> frozenset[str]:
    """Those commands that the permission table allows as well: nothing is offered that the door would refuse."""
    return frozenset(name for name in names if PERMISSIONS[name].who(actor, relation))


def known_case(reading: Reading, case_id: UUID) -> dict[str, Any]:
    """The child's row; from here on the answer says whose record it is from. Raises `NotFound`."""
    row = reading.snapshot.view(Caseload).case(reading.snapshot.connection, case_id)
    if row is None:
        raise NotFound
    details = details_for(reading, row)
    born = details.get("birth_date")
    reading.whose = ChildShown(
        preferred_name=details["preferred_name"],
        school_class=details["school_class"],
        full_name=details.get("full_name", ""),
        birth_date=born,
        age=age_on(born, reading.today) if born else None,
        alerts=alerts_for(reading, row, reading.child),
    )
    if reading.whose.alerts and reading.actor.channel == "page":  # each page about a child bears them
        reading.categories.add(Category.ALERTS)
    return row


def alerts_for(
    reading: Reading, row: Mapping[str, Any], child: Relationship, *, in_a_group: bool = False
) -> list[AlertShown]:
    """What must be known of a child before anything else, as far as it is for this reader, from the child's row.

    Whoever runs a group that the child is in (``in_a_group``) is with the child then: what is for all who are with it
    is for them too, and what is for the professionals alone only if they know the child.
    """
    alerts = row["alerts"]
    if Caseload.NAME in reading.snapshot.incomplete:  # one may have been ended, or taken from this reader, since
        alerts = [{"id": id, **one} for id, one in in_order(reading.record.case(row["case_id"]).alerts).items()]
    for_all = (Audience.CARE_TEAM_AND_SCHOOL.value,) if in_a_group else ()
    theirs = [one for one in alerts if one["audience"] in for_all or alert_readable(reading.actor, child, one)]
    return [_alert_shown(one, reading.today) for one in theirs]


def alert_readable(actor: Actor, child: Relationship, alert: Mapping[str, Any]) -> bool:
    """Whether an alert, as its case or the child's row has it, is for the actor."""
    return may_read_entry(
        actor, child, author=alert["author"], audience=alert["audience"], discipline=None, status="signed"
    )


def _alert_shown(alert: Mapping[str, Any], today: date) -> AlertShown:
    review_on = date.fromisoformat(alert["review_on"]) if alert["review_on"] else None
    due = review_on is not None and review_on <= today
    words = {name: alert[name] for name in ("text", "what_to_do", "kind", "audience", "version")}
    since = date.fromisoformat(alert["since"])
    return AlertShown(UUID(alert["id"]), since=since, review_on=review_on, due=due, **words)


def about_the_child(reading: Reading, row: Mapping[str, Any]) -> dict[str, Any]:
    """What every answer about one child begins with (`OfACase`), from its row."""
    return {
        "case_id": row["case_id"],
        "preferred_name": row["preferred_name"],
        "status": row["status"],
        "relationship": reading.child,
        "shown": reading.shown,
    }


def details_for(reading: Reading, row: dict[str, Any]) -> ChildDetails:
    """The details that this reader may see."""
    names: tuple[str, ...] = FOR_TEACHERS
    if reading.actor.sight.identity:
        names = (*FOR_TEACHERS, "full_name", "birth_date", "languages")
    return cast("ChildDetails", {name: row[name] for name in names})


def readable(actor: Actor, child: Relationship, entry: Note | Strategy) -> bool:
    """Whether the actor may read this note, or this strategy, of a child."""
    return may_read_entry(
        actor,
        child,
        author=entry.author["person"],
        audience=entry.audience,
        discipline=entry.discipline,
        status=entry.status,
    )


def readable_trials(actor: Actor, child: Relationship, audience: str, trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """What came of a strategy for this ``audience``, as far as the actor may read it, who may read the strategy."""
    return tuple(
        t
        for t in trials
        if may_read_entry(actor, child, author=t.by["person"], audience=audience, discipline=None, status=t.status)
    )


def row_readable(reading: Reading, item: Mapping[str, Any]) -> bool:
    """Whether the reader may read an entry of the timeline, a row of its view, as it stands."""
    return may_read_entry(
        reading.actor,
        reading.child,
        author=str(item["author_id"]),
        audience=item["audience"],
        discipline=item["discipline"],
        status=item["status"],
    )


def readable_addenda(actor: Actor, child: Relationship, note: Note) -> tuple[Addendum, ...]:
    """The addenda to a note that the actor may read, who may read the note."""
    return tuple(
        a
        for a in note.addenda
        if may_read_addendum(
            actor,
            child,
            author=a.by["person"],
            audience=a.audience,
            attested=a.attested,
            note_author=note.author["person"],
            note_discipline=note.discipline,
        )
    )


def goal_readable(actor: Actor, child: Relationship, goal: Goal) -> bool:
    """Whether the actor may read this goal of a child."""
    return may_read_goal(
        actor,
        child,
        author=goal.author["person"],
        audience=goal.audience,
        discipline=goal.discipline,
        status=goal.status,
        agreed=goal.agreed,
    )


def entry_readable(reading: Reading, case_id: UUID, entry_id: UUID) -> bool:
    """Whether the words of an entry of the child's record, of whatever kind, are for this reader."""
    found = reading.record.entry(entry_id)
    match found[1] if found else None:
        case Note() | Strategy() as entry:
            return readable(reading.actor, reading.child, entry)
        case Goal() as goal:
            return goal_readable(reading.actor, reading.child, goal)
        case Measure() | GroupLine():
            return True  # who may export may read measures, and what group sessions were for the child
        case AttainmentScored() as score:
            # It tells the levels of the goals that it rests on.
            goals = [reading.record.goal(case_id, UUID(g["goal"])) for g in score.goals]
            return all(goal_readable(reading.actor, reading.child, goal) for goal in goals)
    return False


def addendum_readable(reading: Reading, case_id: UUID, event: CoordEvent) -> bool:
    """Whether this is no addendum, or one that the reader of its note may read: some are for fewer than the note."""
    if not isinstance(event, NoteAddendumAdded):
        return True
    note = reading.record.note(case_id, event.note_id)
    return event.addendum_id in {a.id for a in readable_addenda(reading.actor, reading.child, note)}
