"""The timeline of a child, as its reader may see it now or as it was known then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from coord.application.cursors import read_cursor, write_cursor
from coord.application.doors import Reading, answers
from coord.application.looking import OF_THE_TIMELINE, Category
from coord.application.readers import choosable, reader_then
from coord.application.rights import alert_readable, goal_readable, known_case, readable, row_readable
from coord.application.timeline.gathering import Visit, gathers, last_visit, with_news, with_ratings, without_those_in
from coord.application.timeline.questions import (
    EntryKind,
    ReadTimeline,
    ReadTimelineAs,
    TimelineAnswer,
    TimelineEntry,
    TimelineFilter,
)
from coord.domain.actors import Actor, Relationship
from coord.domain.case.summary import counts_from_its_day
from coord.domain.errors import FieldProblem, InvalidInput
from coord.domain.input import Input
from coord.domain.permissions import knows_child
from coord.projections import Caseload, History, Timeline
from coord.projections.timeline import PageEnd, Selection, with_readable_addenda

MOST_ROWS = 100


@answers(ReadTimeline)
def read_timeline(reading: Reading, question: ReadTimeline) -> TimelineAnswer:
    """A page of the timeline for the actor."""
    return _timeline(
        reading,
        question.case_id,
        reader=reading.actor,
        child=reading.child,
        wanted=question.filter,
        as_of=question.as_of,
        cursor=question.cursor,
        limit=question.limit,
        present_rights_too=True,
        gathered=question.gathered,
    )


@answers(ReadTimelineAs)
def read_timeline_as(reading: Reading, question: ReadTimelineAs) -> TimelineAnswer:
    """The timeline as somebody else could see it then.

    Their role, their place on the care team, what each entry said and who might read it are those of the time asked
    for. What the team lead may not read themselves stays out, unless the reader is the lead.
    """
    row = known_case(reading, question.case_id)
    readers = choosable(reading, question.case_id)
    nothing = TimelineAnswer(question.case_id, row["preferred_name"], (), None, reading.shown, readers=readers)
    if question.reader is None:
        return nothing
    if isinstance(question.as_of, datetime) and question.as_of.tzinfo is None:
        raise InvalidInput([FieldProblem("/as_of", "no-time-zone")])
    then = reader_then(reading, question.case_id, question.reader, question.as_of)
    knew = then.active and knows_child(then.actor, then.child)
    reader = {
        "person_id": then.actor.person_id,
        "name": then.actor.name,
        "role": then.actor.role.value,
        "discipline": then.actor.discipline.value if then.actor.discipline else None,
        "relation": then.child.relation.value if then.child.relation else None,
        "active": then.active,
        "knew": knew,
    }
    reading.detail["reader"] = str(question.reader)
    if not knew:
        return replace(nothing, reader=reader)
    answer = _timeline(
        reading,
        question.case_id,
        reader=then.actor,
        child=then.child,
        wanted=question.filter,
        as_of=question.as_of,
        cursor=question.cursor,
        limit=question.limit,
        present_rights_too=False,
    )
    return replace(answer, reader=reader, readers=readers)


def _timeline(
    reading: Reading,
    case_id: UUID,
    *,
    reader: Actor,
    child: Relationship,
    wanted: TimelineFilter,
    as_of: int | datetime | None,
    cursor: str,
    limit: int,
    present_rights_too: bool,
    gathered: bool = False,
) -> TimelineAnswer:
    connection = reading.snapshot.connection
    row = known_case(reading, case_id)
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput([FieldProblem("/limit", "out-of-range", {"least": 1, "most": MOST_ROWS})])
    check = Input()
    text = check.text("/filter/text", wanted.text, required=False)
    for name in ("discipline", "setting", "kind"):
        check.text(f"/filter/{name}", getattr(wanted, name), required=False)
    for name in ("start", "end"):
        value = getattr(wanted, name)
        if value is not None and value.tzinfo is None:
            check.problem(f"/filter/{name}", "no-time-zone")
    check.refuse_if_any()
    position = position_of(reading, case_id, as_of)
    inside = gathered and gathers(wanted)
    w = wanted
    selection = Selection(w.discipline, w.setting, w.kind, w.author, w.start, w.end, text, gathered=inside)
    place = read_cursor(cursor, list(EntryKind))
    items, end = rows_as(
        reading,
        case_id,
        reader,
        child,
        selection,
        position=position,
        day=day_of(reading, as_of),
        limit=limit,
        after=PageEnd(place.at, place.number, place.sort, place.id) if place else None,
        present_rights_too=present_rights_too,
    )
    stopped = Timeline.NAME in reading.snapshot.incomplete

    def stands(row: dict[str, Any]) -> bool:
        return not stopped or still_readable(reading, case_id, row)

    if stopped:
        # The view has stopped, and an entry may have been taken from this reader since: the record decides. What came
        # since is not shown: it stays new, for this look is no visit.
        reading.detail["incomplete"] = True
        # A goal's words may have been taken from them too, and no entry needs them.
        items = [{**i, "worked_on": {}} for i in items if stands(i)]
    if position is not None:
        reading.detail["as_of"] = position
    if text:
        reading.detail["searched"] = True
    chosen = [n for n in ("discipline", "setting", "kind", "author", "start", "end") if getattr(wanted, n) is not None]
    if chosen:
        reading.detail["filtered"] = chosen
    if place is not None:
        reading.detail["older"] = True
    further_down: list[dict[str, Any]] = []
    # A look without a detail is a visit: what is new counts as seen from now on, so it is shown wherever it stands.
    visit = None if reading.detail or (end is None and not gathered) else last_visit(reading, case_id)
    if end is not None and visit is not None:
        further_down = _news_below(reading, case_id, end, visit)
    if inside:
        further_down = without_those_in(items, further_down)
    items, further_down = (
        with_news(reading, with_ratings(reading, case_id, rows, position, stands, gathered=inside), visit)
        for rows in (items, further_down)
    )
    if reader.sight.as_school:
        items, further_down = (
            [i if i["author_id"] == reader.person_id else for_the_school(i) for i in found]
            for found in (items, further_down)
        )
    shown = tuple(one for i in (*items, *further_down) for one in (i, *i["ratings"]))
    note_as_shown(reading, shown)
    return TimelineAnswer(
        case_id=case_id,
        preferred_name=row["preferred_name"],
        items=cast("list[TimelineEntry]", items),
        next=write_cursor(*end) if end else None,
        shown=reading.shown,
        as_of=position,
        relationship=child,
        status=row["status"],
        members=reading.snapshot.view(Caseload).team_of(connection, case_id),
        further_down=cast("list[TimelineEntry]", further_down),
        visited=visit.at if visit else None,
    )


def rows_as(
    reading: Reading,
    case_id: UUID,
    reader: Actor,
    child: Relationship,
    selection: Selection,
    *,
    position: int | None,
    day: date,
    limit: int,
    after: PageEnd | None,
    present_rights_too: bool,
    hide_errors: bool = True,
) -> tuple[list[dict[str, Any]], PageEnd | None]:
    """Rows of the timeline with the eyes of a ``reader``, and where they end if there are more. What the actor may not
    read, neither then nor now, stays out: nobody's eyes are borrowed to see more."""
    connection, view = reading.snapshot.connection, reading.snapshot.view(Timeline)
    items, end = view.page(
        connection,
        case_id=case_id,
        actor=reader,
        child=child,
        day=day,
        selection=selection,
        limit=limit,
        after=after,
        as_of=position,
        present_rights_too=present_rights_too,
        hide_errors=hide_errors,
    )
    if reader is reading.actor:
        return items, end
    ids = [i["entry_id"] for i in items]
    now = view.readable_ids(connection, actor=reading.actor, children={case_id: reading.child}, entries=ids)
    items = [i for i in items if (case_id, i["entry_id"]) in now and row_readable(reading, i)]
    items = [with_readable_addenda(i, reading.actor, reading.child) for i in items]
    goals = {goal for i in items for goal in i["worked_on"]}
    mine = view.goal_words(connection, case_id=case_id, actor=reading.actor, child=reading.child, goals=goals)
    for item in items:
        item["worked_on"] = {goal: said for goal, said in item["worked_on"].items() if goal in mine}
    return items, end


def note_as_shown(reading: Reading, shown: Sequence[Mapping[str, Any]]) -> None:
    """That the words of these rows are in the answer. Of a note or a session the entry is the thing itself; of a goal,
    a strategy, a measure it is one of many about it."""
    reading.entries.extend(i["entry_id"] for i in shown if i["kind"] in _THEMSELVES)
    reading.entries.extend(i["subject_id"] for i in shown if i["subject_id"] not in (None, i["case_id"]))
    reading.entries.extend(goal for i in shown for goal in i["worked_on"])
    reading.entries[:] = dict.fromkeys(reading.entries)
    reading.categories |= {OF_THE_TIMELINE[i["kind"]] for i in shown}
    if any(i["worked_on"] for i in shown):
        reading.categories.add(Category.GOALS)


_THEMSELVES = ("note", "group", "message")


def _news_below(reading: Reading, case_id: UUID, end: PageEnd, visit: Visit) -> list[dict[str, Any]]:
    return reading.snapshot.view(Timeline).news_below(
        reading.snapshot.connection,
        case_id=case_id,
        actor=reading.actor,
        child=reading.child,
        since=visit.position,
        visited=visit.at.astimezone(reading.zone).date(),
        today=reading.today,
        end=end,
    )


def for_the_school(item: Mapping[str, Any]) -> dict[str, Any]:
    """A row without that or why it was corrected: perhaps before the school could read it."""
    unsaid = ("amended_reason", "circumstances_corrected")
    detail = {name: value for name, value in item["detail"].items() if name not in unsaid}
    return {**item, "detail": detail}


def still_readable(reading: Reading, case_id: UUID, item: Mapping[str, Any]) -> bool:
    """Whether the record still has an entry that a view which has stopped shows, and for this reader."""
    match item["kind"]:
        case "note":
            note = reading.record.note(case_id, item["entry_id"])
            return note.status != "entered-in-error" and readable(reading.actor, reading.child, note)
        case "goal":
            goal = reading.record.goal(case_id, item["subject_id"])
            wrong = {str(o.id) for o in goal.observations if o.error}
            if goal.status == "entered-in-error" or item["detail"].get("observation") in wrong:
                return False
            return goal_readable(reading.actor, reading.child, goal)
        case "strategy" if trial := item["detail"].get("trial"):
            strategy = reading.record.strategy(case_id, item["subject_id"])
            return trial not in {str(told.id) for told in strategy.trials if told.error}
        case "alert":
            alert = reading.record.case(case_id).alerts[str(item["subject_id"])]
            return alert_readable(reading.actor, reading.child, alert)
        case "measure" if item["subject_id"] is not None:
            return not reading.record.measure(case_id, item["subject_id"]).error
        case "group" | "message" if item["subject_id"] is not None:
            line = reading.record.line(case_id, item["subject_id"])
            return not line.error and (item["kind"] == "group" or bool(dict(line.line)[item["detail"]["what"]]))
        case "summary" if reading.actor.sight.as_school and item["detail"]["what"] == "published":
            return counts_from_its_day(reading.record.case(case_id), item["detail"]["version"])
    return True


def day_of(reading: Reading, as_of: int | datetime | None) -> date:
    """The clinic's day that is read; a place in the record does not tell its day, and is read today."""
    if isinstance(as_of, datetime) and as_of < reading.now:
        with suppress(OverflowError):
            return as_of.astimezone(reading.zone).date()
        return date.min
    return reading.today


def position_of(reading: Reading, case_id: UUID, as_of: int | datetime | None) -> int | None:
    """The place in the record that a place or a moment means for this child; None for now. Raises `InvalidInput`."""
    if as_of is None:
        return None
    if isinstance(as_of, datetime):
        if as_of.tzinfo is None:
            raise InvalidInput([FieldProblem("/as_of", "no-time-zone")])
        return reading.snapshot.view(History).position_at(reading.snapshot.connection, case_id, as_of)
    if as_of < 0:
        raise InvalidInput([FieldProblem("/as_of", "out-of-range", {"least": 0, "most": reading.snapshot.position})])
    return min(as_of, reading.snapshot.position)
