"""Answers about sessions as JSON; `group_session_schemas` describes the same shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coord.application.groups.questions import (
    MySession,
    MySessionsAnswer,
    RecordingShown,
    SessionAnswer,
    SessionChild,
)
from coord.domain.course import Suits
from coord.web.api.answers import place, plain
from coord.web.api.course_answers import course, goals, group
from coord.web.api.course_answers import session as session_line
from coord.web.api.group_lines import line


def session(found: SessionAnswer) -> dict[str, Any]:
    """A session with its plan, its children and its recordings."""
    return {
        "course": course(found.course),
        "session": session_line(found.session),
        "plan": _plan(found.plan),
        "last_plan": _plan(found.last_plan),
        "activities": [{"id": id, **activity} for id, activity in found.activities.items()],
        "children": [_child(child) for child in found.children],
        "recordings": [_recording(recording) for recording in found.recordings],
        "staff_then": [_runs_it(member) for member in found.staff_then],
        "stand_ins": [_runs_it(member) for member in found.stand_ins],
        "group": group(found.picture),
        "suits": [_suits(found, id) for id in found.activities],
        "policy": found.policy,
        "record": list(found.record),
        "may": sorted(found.may),
        **place(found.shown),
    }


def _plan(plan: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "aims": plan["aims"],
        "steps": [
            {**step, "activity": step["activity"] or None, "minutes": step["minutes"] or None} for step in plan["steps"]
        ],
        "children": [
            {"case": case, "grading": child["grading"] or None, "how": child["how"], "goals": child["goals"]}
            for case, child in plan["children"].items()
        ],
    }


def _child(found: SessionChild) -> dict[str, Any]:
    return {
        "case": found.case_id,
        "preferred_name": found.preferred_name,
        "age": found.age,
        "enrolled": found.enrolled,
        "since": found.since.isoformat(),
        "expected": found.expected,
        "recordable": found.recordable,
        "goals": goals(found.goals),
        "planned_goals": list(found.planned_goals),
        "guardians": list(found.guardians),
        "grading": found.grading or None,
        "how": found.how,
        "beyond": found.beyond,
        "lines": [line(told) for told in found.lines],
        "attendance": found.attendance or None,
        "may_settle": found.may_settle,
    }


def _suits(found: SessionAnswer, activity_id: str) -> dict[str, Any]:
    text: Any = found.activities[activity_id]
    told = found.picture.suits(text)
    return {
        "activity": activity_id,
        "as_written": told[Suits.AS_WRITTEN],
        "down": told[Suits.DOWN],
        "up": told[Suits.UP],
        "too_much": told[Suits.TOO_MUCH],
        "unsaid": told[Suits.UNKNOWN],
        "another_age": found.picture.of_another_age(text),
    }


def _runs_it(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"person": row["person_id"], "name": row["name"]}


def _recording(found: RecordingShown) -> dict[str, Any]:
    return {
        "id": found.id,
        "version": found.version,
        "author": found.by_id,
        "author_name": found.by_name,
        "recorded_at": plain(found.recorded_at),
        "started_at": plain(found.started_at),
        "ended_at": plain(found.ended_at),
        "staff": list(found.staff),
        "staff_ids": list(found.staff_ids),
        "note": found.note,
        "lines": [{"case": case, "line": line_id} for case, line_id in found.lines.items()],
        "corrections": [
            {"version": c["version"], "by": c["by_name"], "at": plain(c["at"]), "reason": c["reason"]}
            for c in found.corrections
        ],
        "may_correct": found.may_correct,
    }


def my_sessions(found: MySessionsAnswer) -> dict[str, Any]:
    """One's own sessions."""
    return {
        "from": found.start,
        "to": found.end,
        "items": [_mine(s) for s in found.sessions],
        "unrecorded": [_mine(s) for s in found.unrecorded],
        "unclear": [_mine(s) for s in found.unclear],
        **place(found.shown),
    }


def _mine(found: MySession) -> dict[str, Any]:
    return {
        "course": found.course_id,
        "title": found.title,
        "kind": found.kind,
        "room": found.room,
        "number": found.number,
        "of": found.of,
        "starts_at": plain(found.starts_at),
        "ends_at": plain(found.ends_at),
        "status": found.status,
        "planned": found.planned,
        "recorded": found.recorded,
        "version": found.version,
        "changes": found.changes,
        "changed_at": plain(found.changed_at),
        "stands_in": found.stands_in,
    }
