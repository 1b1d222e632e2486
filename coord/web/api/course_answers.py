"""Answers about courses as JSON; `course_schemas` describes the same shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from coord.application.groups.questions import (
    CourseAnswer,
    CourseLine,
    CoursesAnswer,
    FitAnswer,
    GoalToAddress,
    RosterAnswer,
    RosterChild,
    SessionLine,
)
from coord.domain.course import GroupPicture, Reason
from coord.domain.course.picture import UNKNOWN
from coord.web.api.answers import place, plain
from coord.web.api.group_lines import line, profile


def courses(found: CoursesAnswer) -> dict[str, Any]:
    """The courses of a team."""
    return {
        "team": found.team,
        "items": [course(c) for c in found.courses],
        "policies": found.policies,
        "may": sorted(found.may),
        **place(found.shown),
    }


def one_course(found: CourseAnswer) -> dict[str, Any]:
    """A course with its policy."""
    return {**course(found.course), "policy": found.policy, **place(found.shown)}


def course(found: CourseLine) -> dict[str, Any]:
    """A course without its children."""
    return {
        "id": found.id,
        "team": found.team,
        "status": found.status,
        "version": found.version,
        "content_version": found.content_version,
        **found.content,
        "why_otherwise": found.why_otherwise,
        "staff": [_member(member) for member in found.staff],
        "calendar": [session(s) for s in found.sessions],
        "enrolled": found.enrolled,
        "waiting": found.waiting,
        "free": found.free,
        "staff_needed": found.staff_needed,
        "on_staff": found.on_staff,
        "may": sorted(found.may),
    }


def _member(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"person": row["person_id"], "name": row["name"], "role": row["role"], "discipline": row["discipline"]}


def session(found: SessionLine) -> dict[str, Any]:
    """One session in a calendar."""
    return {
        "number": found.number,
        "starts_at": plain(found.starts_at),
        "ends_at": plain(found.ends_at),
        "room": found.room,
        "status": found.status,
        "plan_version": found.plan_version,
        "recorded_by": list(found.recorded_by),
        "reason": found.reason or None,
        "moved": _moved(found.moved) if found.moved is not None else None,
        "stand_ins": list(found.stand_ins),
        "nobody_came": found.nobody_came,
        "unclear": found.unclear,
    }


def _moved(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"from_day": row["from_day"], "from_time": row["from_time"], "reason": row["reason"], "by": row["by_name"]}


def group(found: GroupPicture) -> dict[str, Any]:
    """The children as a group."""
    copes_with = {
        name: {"unsaid" if level == UNKNOWN else level: number for level, number in told.items()}
        for name, told in found.spread().items()
    }
    return {"children": found.children, "ages": list(found.ages), "copes_with": copes_with}


def roster(found: RosterAnswer) -> dict[str, Any]:
    """Who is in a course."""
    return {
        "course": course(found.course),
        "children": [_child(child) for child in found.children],
        "group": group(found.picture),
        "policy": found.policy,
        **place(found.shown),
    }


def _child(found: RosterChild) -> dict[str, Any]:
    return {
        "case": found.case_id,
        "preferred_name": found.preferred_name,
        "age": found.age,
        "place": found.status,
        "since": found.since,
        "periods": [dict(stay) for stay in found.periods],
        "goals": goals(found.goals),
        "guardians": list(found.guardians),
        "fit": _reasons(found.fit),
        "override": found.override,
        "profile": profile(found.profile),
        "lines": [line(told) for _, lines in sorted(found.lines.items()) for told in lines],
        "may_open": found.may_open,
    }


def fit(found: FitAnswer) -> dict[str, Any]:
    """What speaks for a child in a course, and what against."""
    return {
        "course": course(found.course),
        "case": found.case_id,
        "preferred_name": found.preferred_name,
        "age": found.age,
        "reasons": _reasons(found.reasons),
        "profile": profile(found.profile),
        "goals": goals(found.goals),
        "place": found.place or None,
        "chosen": [goal.id for goal in found.goals if goal.id in found.chosen],
        "guardians": list(found.guardians),
        "since": found.since,
        "until": found.until,
        "group": group(found.picture) if found.picture is not None else None,
        "may": sorted(found.may),
        "may_describe": found.may_describe,
        "policy": found.policy,
        **place(found.shown),
    }


def goals(found: Iterable[GoalToAddress]) -> list[dict[str, Any]]:
    """Goals that a group works on."""
    return [
        {
            "id": goal.id,
            "statement": goal.statement,
            "levels": goal.levels,
            "scale_version": goal.scale_version,
            "status": goal.status,
            "open": goal.open,
        }
        for goal in found
    ]


def _reasons(found: Iterable[Reason]) -> list[dict[str, Any]]:
    return [{"code": r.code, "favours": r.favours, "params": plain(r.params)} for r in found]
