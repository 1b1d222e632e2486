"""Handler of the question about a child's groups, and the lines of sessions as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from coord.application.doors import Reading, answers
from coord.application.groups.questions import (
    GroupOfChild,
    GroupsAnswer,
    LineShown,
    LineTold,
    ReadGroups,
)
from coord.application.groups.reading import day_of, profile_of, view_of
from coord.application.looking import Category
from coord.application.rights import about_the_child, known_case, permitted
from coord.domain.actors import Relationship
from coord.domain.case import GroupLine
from coord.domain.case.groups import LineVersion, attendance_told
from coord.domain.course.hours import at_clock
from coord.domain.permissions import (
    leads_service_team,
)
from coord.projections import Courses, Goals, Strategies


@answers(ReadGroups)
def read_groups(reading: Reading, question: ReadGroups) -> GroupsAnswer:
    """The groups of one child."""
    row = known_case(reading, question.case_id)
    view, connection = view_of(reading), reading.snapshot.connection
    teacher = reading.actor.sight.as_school
    rows = [g for g in view.of_child(connection, question.case_id) if g["had_place"] or not teacher]
    lines = lines_of(reading, view.lines_of_child(connection, question.case_id), reading.child, earlier=not teacher)
    goals = reading.snapshot.view(Goals).of_case(connection, question.case_id, reading.actor, reading.child)
    statements = {g["goal_id"]: g["content"]["statement"] for g in goals}
    of_group: dict[UUID, list[LineShown]] = {}
    for line in lines:
        shown = _for_the_school(line) if teacher else _with_goals(line, statements)
        of_group.setdefault(line.membership_id, []).append(shown)
    profiles = {} if teacher else view.profiles_of(connection, [question.case_id])
    reading.entries.extend(line.id for line in lines)
    shown_lines = [line for group in of_group.values() for line in group]
    told = {words for line in shown_lines for words in line.worked_on}
    told |= {rating["statement"] for line in shown_lines for rating in line.ratings}
    reading.entries.extend(goal for goal, words in statements.items() if words in told)
    reading.entries.extend({s["strategy_id"] for line in shown_lines for s in line.strategies})
    if any(line.strategies for line in shown_lines):
        reading.categories.add(Category.STRATEGIES)
    may = {"DescribeProfile"} if row["status"] == "open" else set()
    return GroupsAnswer(
        **about_the_child(reading, row),
        groups=[
            _group(reading, g, of_group.get(g["membership"], []), teacher=teacher, open_case=row["status"] == "open")
            for g in rows
        ],
        profile=profile_of(profiles.get(question.case_id)),
        may=permitted(may, reading.actor, reading.relation),
    )


def _group(
    reading: Reading, row: Mapping[str, Any], lines: Sequence[LineShown], *, teacher: bool, open_case: bool
) -> GroupOfChild:
    of_session: dict[int, list[Mapping[str, Any]]] = {}
    for line in lines:
        if not line.error:
            of_session.setdefault(line.number, []).append(line.line)
    told = [attendance_told(said) for said in of_session.values()]
    status, upcoming = _place_now(reading, row, open_case=open_case)
    return GroupOfChild(
        membership_id=row["membership"],
        kind=row["kind"],
        aims=row["aims"],
        status=status,
        reason="" if teacher else row["reason"],
        since=row["since"],
        next_dates=upcoming,
        attended=told.count("there"),
        held=len(told),
        unclear=told.count("unclear"),
        joined=day_of(row["joined"]) if row["had_place"] else None,
        left_on=day_of(row["until"]),
        lines=lines,
    )


def _place_now(reading: Reading, row: Mapping[str, Any], *, open_case: bool) -> tuple[str, list[datetime]]:
    """How it is with a place today, and when its sessions to come begin."""
    status, until = row["status"], day_of(row["until"])
    if status == "left" and until is not None and until > reading.today and row["had_place"]:
        status = "enrolled"  # the last day is still to come
    if status != "enrolled" or not open_case:
        return status, []
    starts = [
        at_clock(date.fromisoformat(day), row["other_times"].get(day, row["start_time"]), reading.zone)
        for day in row["dates"]
    ]
    return status, sorted(start for start in starts if start >= reading.now)


def places_under_way(reading: Reading, case_id: UUID, *, open_case: bool) -> list[dict[str, Any]]:
    """The places that a child has or waits for, as this reader may know of them, with the next three dates of each."""
    found = []
    for row in view_of(reading).of_child(reading.snapshot.connection, case_id):
        status, upcoming = _place_now(reading, row, open_case=open_case)
        known = row["had_place"] or not reading.actor.sight.as_school
        if known and (upcoming or status == "waiting"):
            waiting = status == "waiting"
            found.append({"id": row["membership"], "kind": row["kind"], "waiting": waiting, "next_dates": upcoming[:3]})
    return found


def _with_goals(shown: LineShown, statements: Mapping[UUID, str]) -> LineShown:
    """The line with the words of each goal worked on; without those that this reader may not read (any more)."""
    read: Any = [{**r, "statement": statements[r["goal_id"]]} for r in shown.ratings if r["goal_id"] in statements]
    unrated = {UUID(goal) for goal in shown.line["goals"]} - {r["goal_id"] for r in shown.ratings}
    return replace(shown, ratings=read, worked_on=sorted(statements[g] for g in unrated if g in statements))


def _for_the_school(shown: LineShown) -> LineShown:
    line: LineTold = {"attendance": shown.line["attendance"], "message_school": shown.line["message_school"]}
    return replace(shown, line=line, ratings=(), strategies=(), corrected="")


def lines_of(
    reading: Reading, rows: Sequence[Mapping[str, Any]], relation: Relationship, *, earlier: bool = False
) -> list[LineShown]:
    """Lines with their ratings and strategies spelled out; ``earlier`` versions too, for who may ask for the past of
    the child's record: not for the staff of a course. What was entered in error is for who wrote it, and the team lead
    (``relation`` is this person's to the child, or to the course)."""
    if Courses.NAME in reading.snapshot.incomplete:
        rows = _as_they_stand(reading, rows)
    leads = leads_service_team(reading.actor, relation)
    rows = [r for r in rows if not r["error"] or leads or r["by_id"] == reading.actor.person_id]
    connection = reading.snapshot.connection
    observed = [UUID(r["observation"]) for row in rows for r in row["line"]["ratings"]]
    ratings: Mapping[Any, Any] = reading.snapshot.view(Goals).rated(connection, observed)
    offered = [UUID(s) for row in rows for s in row["line"]["strategies"]]
    texts = reading.snapshot.view(Strategies).texts(connection, offered)
    before = _versions_before(reading, rows) if earlier else {}
    return [
        LineShown(
            id=row["line_id"],
            case_id=row["case_id"],
            membership_id=row["membership"],
            kind=row["kind"],
            number=row["number"],
            version=row["version"],
            line=row["line"],
            ratings=[
                ratings[rated]
                for r in row["line"]["ratings"]
                if (rated := (UUID(r["goal"]), UUID(r["observation"]))) in ratings
            ],
            strategies=[
                {"strategy_id": UUID(s), "text": texts[UUID(s)]} for s in row["line"]["strategies"] if UUID(s) in texts
            ],
            observed_from=row["observed_from"],
            observed_to=row["observed_to"],
            by_name=row["by_name"],
            recorded_at=row["recorded_at"],
            corrected=row["corrected"],
            error=row["error"],
            earlier=before.get(row["line_id"], ()),
            instead=row["instead"],
        )
        for row in rows
    ]


def _as_they_stand(reading: Reading, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The view has stopped, and a line may have been corrected or taken back since: the record decides what it says."""
    found = reading.record.entries([row["line_id"] for row in rows])
    lines = {id: line for id, (_, line) in found.items() if isinstance(line, GroupLine)}
    now = [(row, lines[row["line_id"]]) for row in rows]
    return [
        {
            **row,
            "line": line.line,
            "version": line.version,
            "error": line.error,
            "instead": UUID(line.instead) if line.instead else None,
        }
        for row, line in now
    ]


def _versions_before(reading: Reading, rows: Sequence[Mapping[str, Any]]) -> Mapping[UUID, Sequence[LineVersion]]:
    corrected = {row["line_id"]: row["version"] for row in rows if row["version"] > 1}
    return {
        id: [version for version in line.versions if version.number < corrected[id]]
        for id, (_, line) in reading.record.entries(list(corrected)).items()
        if isinstance(line, GroupLine)
    }
