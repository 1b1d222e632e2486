"""The complaint file, chapter by chapter: what the stated reader could read then, and the asker may read as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from coord.application.complaint_file.questions import (
    AskForComplaintFile,
    Chapter,
    ChapterAnswer,
    Extent,
    Held,
    ReadComplaintFiles,
    ReadersAnswer,
    ReadForComplaintFile,
    TakeComplaintFile,
    TakenAnswer,
    Wanted,
)
from coord.application.cursors import read_cursor, write_cursor
from coord.application.doors import Reading, answers
from coord.application.goals.reading import goal_for_the_school
from coord.application.history.handlers import history_of
from coord.application.history.questions import HistoryFilter, ReadHistory
from coord.application.looking import Category
from coord.application.readers import choosable, reader_then
from coord.application.rights import FOR_TEACHERS, about_the_child, goal_readable, known_case, readable_addenda
from coord.application.summary.handlers import advice_ended, withdrawn
from coord.application.timeline.handlers import for_the_school, note_as_shown, position_of, rows_as
from coord.application.timeline.questions import EntryKind
from coord.domain.actors import Actor, Relationship
from coord.domain.case import Goal, Note
from coord.domain.case.summary import standing, states_of
from coord.domain.errors import FieldProblem, InvalidInput, NotFound, Unavailable
from coord.domain.input import REASON, Input
from coord.domain.permissions import PERMISSIONS, knows_child
from coord.projections import Summaries, Timeline
from coord.projections.timeline import PageEnd, Selection

MOST_ROWS = 500
EXPORTS = ("pdf", "data")
ADDED = "case.note-addendum-added"
TOLD_TO_STAFF = (
    *("case.opened", "case.closed", "case.reopened", "case.summary-published", "case.summary-recalled"),
    *("case.team-member-joined", "case.team-member-changed", "case.team-member-left"),
)
"""Changes that who works with a child can see; another is in a reader's file only with an entry of theirs."""
TOLD_TO_SCHOOL = (
    *("case.note-signed", "case.note-cosigned", "case.note-addendum-added", "case.note-amended"),
    *("case.goal-proposed", "case.goal-status-changed"),
)
"""Of what others did with such an entry, what the school's pages tell of them. Who let whom read or co-sign it, who
else agreed, and who saw what elsewhere would say who else works with the child: no question of the school's."""


@answers(ReadComplaintFiles)
def read_complaint_files(reading: Reading, question: ReadComplaintFiles) -> ReadersAnswer:
    """Whom one may choose."""
    row = known_case(reading, question.case_id)
    return ReadersAnswer(**about_the_child(reading, row), readers=choosable(reading, question.case_id))


@answers(AskForComplaintFile)
def ask_for_complaint_file(reading: Reading, question: AskForComplaintFile) -> Wanted:
    """What is to be made: nothing of it is told yet."""
    row = known_case(reading, question.case_id)
    check = Input()
    reason = check.text("/reason", question.reason, limit=REASON)
    if question.as_of is not None and question.as_of.tzinfo is None:
        check.problem("/as_of", "no-time-zone")
    elif question.as_of is not None and question.as_of > reading.now:
        check.problem("/as_of", "in-the-future")
    check.refuse_if_any()
    at = question.as_of or reading.now
    position = position_of(reading, question.case_id, question.as_of)
    if position == 0:
        raise InvalidInput([FieldProblem("/as_of", "before-the-record")])
    extent = Extent(question.reader, at, reading.snapshot.position if position is None else position, reading.now)
    if question.reader is not None and all(
        p["person_id"] != question.reader for p in choosable(reading, question.case_id)
    ):
        raise InvalidInput([FieldProblem("/reader", "no-such-person")])
    _eyes(reading, question.case_id, extent)
    reading.detail |= {"reason": reason, "as_of": extent.position}
    if question.reader is not None:
        reading.detail["reader"] = str(question.reader)
    return Wanted(question.case_id, row["preferred_name"], reason, extent, reading.shown)


@answers(ReadForComplaintFile)
def read_for_complaint_file(reading: Reading, question: ReadForComplaintFile) -> ChapterAnswer:
    """A part of a chapter."""
    row = known_case(reading, question.case_id)
    extent = question.extent
    if not 1 <= question.limit <= MOST_ROWS:
        raise InvalidInput([FieldProblem("/limit", "out-of-range", {"least": 1, "most": MOST_ROWS})])
    if extent.at.tzinfo is None or extent.asked_at.tzinfo is None:
        raise InvalidInput([FieldProblem("/extent", "no-time-zone")])
    eyes = _eyes(reading, question.case_id, extent)
    rows, following = CHAPTERS[question.chapter](reading, question, eyes)
    holds = frozenset(reading.entries)  # of what is told about other entries, it is not their words
    if question.chapter is Chapter.ENTRIES:
        holds |= {row["entry_id"] for row in rows}
    reading.detail = {"chapter": question.chapter.value, "as_of": extent.position}
    if question.cursor:
        reading.detail["older"] = True
    if extent.reader is not None:
        reading.detail["reader"] = str(extent.reader)
    who = eyes.actor
    reader = {
        "name": who.name,
        "role": who.role.value,
        "discipline": who.discipline.value if who.discipline else None,
        "as_school": who.sight.as_school,
    }
    return ChapterAnswer(question.case_id, row["preferred_name"], reader, rows, following, holds, reading.shown)


@answers(TakeComplaintFile)
def take_complaint_file(reading: Reading, question: TakeComplaintFile) -> TakenAnswer:
    """That it leaves. Raises `NotFound` when something in it was taken from the sight of who asked for it, or of whom
    it is for, since it was made, and `Unavailable` when that cannot be told."""
    row = known_case(reading, question.case_id)
    if question.export not in EXPORTS:
        raise InvalidInput([FieldProblem("/export", "unknown-choice", {"choices": list(EXPORTS)})])
    if Timeline.NAME in reading.snapshot.incomplete:  # what was taken back since it stopped, it does not know
        raise Unavailable("picture-incomplete")
    if question.held is None or _taken_back(reading, question, question.held):
        raise NotFound("complaint-file-withdrawn")
    reading.detail |= {"export": question.export, "as_of": question.extent.position}
    return TakenAnswer(question.case_id, row["preferred_name"], reading.shown)


def _taken_back(reading: Reading, question: TakeComplaintFile, held: Held) -> bool:
    """Whether one of the entries was taken from somebody's sight since.

    Whoever takes the file leads the service team, as when it was made: all that their reading follows from beside is
    their discipline (`Standing`) and what became of the entries. So only what changed since is looked at, however much
    the file holds. What was marked as a mistake since is in no reader's file.
    """
    if held.discipline != reading.actor.discipline:
        return True
    extent, eyes = question.extent, [(reading.actor, reading.child)]
    if extent.reader is not None:
        then = reader_then(reading, question.case_id, extent.reader, extent.at)
        eyes.append((then.actor, then.child))
    mistakes_too = extent.reader is not None
    taken, goals = reading.snapshot.view(Timeline).taken_since(
        reading.snapshot.connection,
        case_id=question.case_id,
        eyes=eyes,
        since=held.position,
        mistakes_too=mistakes_too,
    )
    if not held.entries.isdisjoint(taken):
        return True
    return _a_goal_is_taken(reading, held.entries & goals, held.position, eyes, mistakes_too=mistakes_too)


def _a_goal_is_taken(
    reading: Reading,
    goals: Set[UUID],
    since: int,
    eyes: Sequence[tuple[Actor, Relationship]],
    *,
    mistakes_too: bool,
) -> bool:
    """Whether one of these goals was kept from somebody's sight after a position, if only for a while.

    The record is asked, all at once: a therapist who rates, or puts the goal in other words, writes what is not for the
    school of a goal that still is.
    """
    if not goals:
        return False
    stand, stood = (of.entries(sorted(goals)) for of in (reading.record, reading.record.before(since + 1)))
    for goal_id, (_case, goal) in stand.items():
        if not isinstance(goal, Goal):
            continue
        if mistakes_too and goal.status == "entered-in-error":
            return True
        before = stood[goal_id][1] if goal_id in stood else None
        known = len(before.versions) if isinstance(before, Goal) else 1
        in_turn = [replace(goal, versions=goal.versions[:number]) for number in range(known, len(goal.versions) + 1)]
        if not all(goal_readable(actor, child, one) for actor, child in eyes for one in in_turn):
            return True
    return False


# ---- with whose eyes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Eyes:
    """Who reads, as what, on which day; ``whole``: whoever asks, all that they may."""

    actor: Actor
    child: Relationship
    day: date
    whole: bool


def _eyes(reading: Reading, case_id: UUID, extent: Extent) -> _Eyes:
    """Raises `InvalidInput` for somebody to whom the child was not there then."""
    day = extent.at.astimezone(reading.zone).date()
    if extent.reader is None:
        return _Eyes(reading.actor, reading.child, day, whole=True)
    then = reader_then(reading, case_id, extent.reader, extent.at)
    if not (then.active and knows_child(then.actor, then.child)):
        raise InvalidInput([FieldProblem("/reader", "could-not-read")])
    return _Eyes(then.actor, then.child, day, whole=False)


# ---- chapters ----------------------------------------------------------------------------------------------------

_Rows = tuple[list[dict[str, Any]], "str | None"]


def _child(reading: Reading, question: ReadForComplaintFile, eyes: _Eyes) -> _Rows:
    """Details, care team with its stays, and who is around the child, as known then."""
    case = reading.record.before(question.extent.position + 1).case(question.case_id)
    details = dict(case.details)
    sight = eyes.actor.sight
    if not sight.identity:
        details = {name: value for name, value in details.items() if name in FOR_TEACHERS}
    whose = case.members
    if not sight.colleagues:  # who else works with the child is no question of the school's
        whose = {person: stays for person, stays in whose.items() if person == str(eyes.actor.person_id)}
    stays = [stay for stays in whose.values() for stay in stays]
    stays.sort(key=lambda stay: (stay["since"], stay["name"]))
    reading.categories |= {Category.CARE_TEAM}
    rows = [{"what": "details", **details, "status": case.status}, *({"what": "stay", **stay} for stay in stays)]
    if sight.colleagues:
        rows += [{"what": "around", "name": p["name"], "relation": p["relation"]} for p in case.circle.values()]
    return rows, None


def _summaries(reading: Reading, question: ReadForComplaintFile, eyes: _Eyes) -> _Rows:
    """Each version of the school summary, with what it was on the day; the school's reader has the one in force."""
    case_id, view = question.case_id, reading.snapshot.view(Summaries)
    case = reading.record.before(question.extent.position + 1).case(case_id)
    stands = standing(((int(n), state) for n, state in states_of(case).items()), eyes.day)
    rows = []
    for number in sorted(stands, reverse=True):
        found = view.version(reading.snapshot.connection, case_id, number)
        row = {
            name: found[name]
            for name in ("version", "valid_from", "review_date", "contact", "published_by", "published_at")
        }
        row |= {"status": stands[number], "statements": found["statements"]}
        if eyes.actor.sight.as_school:
            if stands[number] != "published":
                continue
            row["statements"] = _given(reading, case_id, found["statements"])
        rows.append(row)
    reading.categories |= {Category.SUMMARY}
    return rows, None


def _given(reading: Reading, case_id: UUID, statements: Mapping[str, Any]) -> dict[str, Any]:
    """Without advice that was ended."""
    ended = withdrawn(statements, advice_ended(reading, [case_id])[case_id])
    return {section: [s for s in said if s["text"] not in ended] for section, said in statements.items()}


def _goals(reading: Reading, question: ReadForComplaintFile, eyes: _Eyes) -> _Rows:
    """Each goal as it stood then, with its earlier wordings, agreements and states; what was observed of it is told
    with the entries."""
    past = reading.record.before(question.extent.position + 1)
    rows = []
    for goal_id in map(UUID, past.case(question.case_id).goals):
        goal = past.goal(question.case_id, goal_id)
        now = reading.record.goal(question.case_id, goal_id)
        if not (goal_readable(eyes.actor, eyes.child, goal) and goal_readable(reading.actor, reading.child, now)):
            continue
        if eyes.actor.sight.as_school:
            goal = goal_for_the_school(goal, str(eyes.actor.person_id))
        rows.append(
            {
                name: getattr(goal, name)
                for name in ("author", "status", "proposed_at", "versions", "agreements", "statuses")
            }
        )
        reading.entries.append(goal_id)
        reading.categories |= {Category.GOALS}
    return rows, None


def _entries(reading: Reading, question: ReadForComplaintFile, eyes: _Eyes) -> _Rows:
    """What was recorded, by the day that it tells of."""
    place = read_cursor(question.cursor, list(EntryKind))
    rows, end = rows_as(
        reading,
        question.case_id,
        eyes.actor,
        eyes.child,
        Selection(),
        position=question.extent.position,
        day=eyes.day,
        limit=question.limit,
        after=PageEnd(place.at, place.number, place.sort, place.id) if place else None,
        present_rights_too=eyes.whole,
        hide_errors=not eyes.whole,
    )
    note_as_shown(reading, rows)
    if eyes.actor.sight.as_school:
        rows = [row if row["author_id"] == eyes.actor.person_id else for_the_school(row) for row in rows]
    return rows, write_cursor(*end) if end else None


def _changes(reading: Reading, question: ReadForComplaintFile, eyes: _Eyes) -> _Rows:
    """Who wrote and changed what, with the words of before and after."""
    wanted = HistoryFilter(kind="changes")
    found = history_of(reading, question.case_id, wanted, question.cursor, question.limit)
    rows = [dict(row) for row in found.items if (row["position"] or 0) <= question.extent.position]
    if not eyes.whole:
        rows = list(_of_ones_own_entries(reading, question, eyes, rows))
    return rows, found.next


def _of_ones_own_entries(
    reading: Reading, question: ReadForComplaintFile, eyes: _Eyes, rows: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Those about an entry that the reader could read, and those that all who work with the child can see; to the
    school without the words of before, which may not have been for it."""
    told = TOLD_TO_STAFF if eyes.actor.sight.colleagues else ()
    about = {row["entry_id"] for row in rows if row["entry_id"] is not None}
    connection, view, then = reading.snapshot.connection, reading.snapshot.view(Timeline), question.extent.position
    whose = {"case_id": question.case_id, "actor": eyes.actor, "child": eyes.child, "as_of": then}
    of_goals: Mapping[UUID, str] = view.goal_words(connection, goals=about, **whose)  # type: ignore[arg-type]
    readable: set[UUID] = view.readable_then(connection, entries=about, **whose) | set(of_goals)  # type: ignore[arg-type]
    notes = reading.record.entries([row["entry_id"] for row in rows if row["kind"] == ADDED])
    for row in rows:
        if row["entry_id"] not in readable if row["entry_id"] else row["kind"] not in told:
            continue
        own = row["person"] == eyes.actor.person_id
        if eyes.actor.sight.as_school and not own and row["kind"] not in TOLD_TO_SCHOOL:
            continue
        if row["kind"] == ADDED and not _addendum_is_theirs(row, eyes, notes[row["entry_id"]][1]):
            continue
        if eyes.actor.sight.as_school:
            detail = {name: value for name, value in row["detail"].items() if name != "reason"}
            row |= {"before": {}, "after": {}, "detail": detail}
            row.pop("labels", None)
        yield row


def _addendum_is_theirs(row: Mapping[str, Any], eyes: _Eyes, note: object) -> bool:
    """Some are for fewer than their note."""
    mine = readable_addenda(eyes.actor, eyes.child, note) if isinstance(note, Note) else ()
    return row["detail"]["addendum"] in {str(addendum.id) for addendum in mine}


def _looks(reading: Reading, question: ReadForComplaintFile, eyes: _Eyes) -> _Rows:
    """Every look at the child until the file was asked for, that one included. A reader's file has those that this
    reader could have been told of then: every one for who led the service team, for anybody else their own."""
    until = question.extent.asked_at + timedelta(microseconds=1)
    told_all = eyes.whole or PERMISSIONS[ReadHistory.__name__].who(eyes.actor, eyes.child)
    wanted = HistoryFilter(kind="accesses", end=until, person=None if told_all else eyes.actor.person_id)
    found = history_of(reading, question.case_id, wanted, question.cursor, question.limit)
    rows = [dict(row) for row in found.items]
    if not eyes.whole:  # who looked and when; not what at, for that may not have been theirs
        rows = [{**row, "entry": None, "entry_id": None, "detail": {}, "categories": [], "purpose": ""} for row in rows]
    return rows, found.next


CHAPTERS: dict[Chapter, Callable[[Reading, ReadForComplaintFile, _Eyes], _Rows]] = {
    Chapter.CHILD: _child,
    Chapter.SUMMARIES: _summaries,
    Chapter.GOALS: _goals,
    Chapter.ENTRIES: _entries,
    Chapter.CHANGES: _changes,
    Chapter.LOOKS: _looks,
}
