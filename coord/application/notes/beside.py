"""What one needs beside a note that one writes, and of whom one writes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, cast
from uuid import UUID

from coord.application.doors import Reading, answers
from coord.application.goals.questions import levels_of
from coord.application.goals.reading import goal_rows, strategy_lines
from coord.application.looking import Category
from coord.application.note_templates.handlers import templates_for
from coord.application.notes.commands import MOST_RATINGS
from coord.application.notes.questions import (
    BesideAnswer,
    GoalToRate,
    NextAnswer,
    OwnLastNote,
    ReadBeside,
    ReadNextToWrite,
)
from coord.application.rights import about_the_child, known_case, permitted, readable
from coord.application.timeline.questions import TimelineEntry
from coord.application.waiting.mine import known_now
from coord.domain.case.goals.observing import OBSERVABLE, contexts_of
from coord.projections import Timeline

UNDER_WAY = ("active", "agreed")
"""Goals that are worked on, those begun first: what a note is likely to tell of. Any other is rated on its own page."""


@answers(ReadBeside)
def read_beside(reading: Reading, question: ReadBeside) -> BesideAnswer:
    """All of it from one state of the views; each note, goal and strategy in it is looked at."""
    case_id = question.case_id
    row = known_case(reading, case_id)
    lately = _lately(reading, case_id)
    own = next((note for note in lately if note["author_id"] == reading.actor.person_id), None)
    last = _in_words(reading, case_id, lately[0]["entry_id"]) if lately else None
    rates = row["status"] == "open" and permitted(("ObserveGoal",), reading.actor, reading.child)
    goals = _goals(reading, question) if rates else []
    strategies = strategy_lines(reading, case_id, {goal["id"] for goal in goals})
    reading.entries.extend([goal["id"] for goal in goals] + [s.id for s in strategies])
    if last is not None:
        reading.entries.append(last["entry_id"])
        reading.categories.add(Category.NOTES)
    return BesideAnswer(
        **about_the_child(reading, row),
        last=last,
        own=_told_of(own) if own else None,
        goals=goals,
        contexts=contexts_of(reading.actor),
        strategies=strategies,
        phrases=reading.phrases.of(reading.actor.person_id),
        templates=templates_for(reading),
    )


def _lately(reading: Reading, case_id: UUID) -> Sequence[Mapping[str, Any]]:
    connection, view = reading.snapshot.connection, reading.snapshot.view(Timeline)
    found = view.lately(connection, case_id=case_id, actor=reading.actor, child=reading.child)
    if Timeline.NAME in reading.snapshot.incomplete:
        # The view has stopped, and a note may have been taken from this reader since: the record decides.
        found = [note for note in found[:1] if _still_readable(reading, case_id, note["entry_id"])]
    return found


def _still_readable(reading: Reading, case_id: UUID, note_id: UUID) -> bool:
    note = reading.record.note(case_id, note_id)
    return note.status != "entered-in-error" and readable(reading.actor, reading.child, note)


def _in_words(reading: Reading, case_id: UUID, note_id: UUID) -> TimelineEntry | None:
    view, one = reading.snapshot.view(Timeline), [note_id]
    connection, actor, child = reading.snapshot.connection, reading.actor, reading.child
    found = view.present(connection, case_id=case_id, actor=actor, child=child, entries=one).get(note_id)
    if found is None:
        return None
    found.pop("unrated")  # only a group's session has any
    return cast("TimelineEntry", found | {"worked_on": {}})


def _told_of(note: Mapping[str, Any]) -> OwnLastNote:
    names = ("setting", "audience", "observed_from", "observed_to")
    return cast("OwnLastNote", {"id": note["entry_id"], **{name: note[name] for name in names}})


def _goals(reading: Reading, question: ReadBeside) -> list[GoalToRate]:
    rows = goal_rows(reading, question.case_id)
    rated = [row for row in rows if row["goal_id"] in question.rated and row["status"] in OBSERVABLE]
    others = [row for row in rows if row["goal_id"] not in question.rated and row["status"] in UNDER_WAY]
    others.sort(key=lambda row: UNDER_WAY.index(row["status"]))
    offered = rated + others[: max(0, MOST_RATINGS - len(rated))]
    offered.sort(key=lambda row: (row["status"] not in UNDER_WAY, row["status"] != UNDER_WAY[0]))
    return [
        {
            "id": row["goal_id"],
            "statement": row["content"]["statement"],
            "status": row["status"],
            "levels": levels_of(row["content"]["scale"]) if row["content"]["scale"] else [],
            "scale_version": row["scale_version"],
            "support": row["content"]["support"],
        }
        for row in offered
    ]


# ---- the next child ----------------------------------------------------------------------------------------------


@answers(ReadNextToWrite)
def read_next_to_write(reading: Reading, question: ReadNextToWrite) -> NextAnswer:
    """Round from the one named, as the first page has them."""
    connection, midnight = reading.snapshot.connection, datetime.combine(reading.today, time(), reading.zone)
    own = {
        case["case_id"]: (case, child)
        for case, child in known_now(reading)
        if child.on_care_team and case["status"] == "open"
    }
    written = reading.snapshot.view(Timeline).written_of(
        connection, author=reading.actor.person_id, children=own, since=midnight
    )
    order = list(own)
    first = order.index(question.after) + 1 if question.after in own else 0
    for case_id in (*order[first:], *order[:first]):
        case, child = own[case_id]
        if case_id not in written and case_id != question.after:
            reading.shows(case_id, Category.IDENTITY, relation=child)
            full_name = case["full_name"] if reading.actor.sight.identity else ""
            return NextAnswer(case_id, case["preferred_name"], full_name, case["school_class"], reading.shown)
    return NextAnswer(None, "", "", "", reading.shown)
