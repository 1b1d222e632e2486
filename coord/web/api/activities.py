"""The activity library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from coord.application.activities.commands import RestoreActivity, RetireActivity, ReviseActivity, WriteActivity
from coord.application.activities.questions import (
    ActivitiesAnswer,
    ActivityAnswer,
    ActivityFilter,
    ReadActivity,
    SearchActivities,
)
from coord.domain.activity import FIELDS, ActivityContent
from coord.web.api import activity_schemas as shapes
from coord.web.api import answers, schemas
from coord.web.api.intake import expected_version
from coord.web.api.operations import PREFIX, ApiBlueprint, actor, new_id, operation, services
from coord.web.api.routes import sends

blueprint = ApiBlueprint("activities", "The activity library: what one can do in a group, and how. About no child.")
ACTIVITY = "/activities/<uuid:activity>"
_NAMES = {"q": "text"}


@operation(blueprint, "GET", "/activities", query=shapes.ActivitiesQuery, answer=shapes.ActivitiesAnswer)
def search_activities(query: dict[str, Any]) -> Response:
    """Search the activity library

    By title. Therapists, students and team leads read it.
    """
    cursor, limit = query.pop("cursor", ""), query.pop("limit")
    wanted = ActivityFilter(**{_NAMES.get(name, name): value for name, value in query.items()})
    found: ActivitiesAnswer = services().doors.ask(actor(), SearchActivities(wanted, cursor, limit))
    content = {
        "items": [_activity(row) for row in found.items],
        "next": found.next or None,
        "count": found.count,
        **answers.place(found.shown),
    }
    return answers.json_answer(content)


@operation(
    blueprint,
    "POST",
    "/activities",
    body=shapes.NewActivity,
    answer=schemas.Receipt,
    status=201,
    example={
        "title": "Rain on the roof",
        "purpose": "Listening together, and starting and stopping at a sign.",
        "kinds": ["therapeutic-play"],
        "skills": ["attention", "social"],
        "icf": ["d1", "d7"],
        "age_from": 3,
        "age_to": 6,
        "cognitive": "low",
        "motor": "low",
        "communication": "low",
        "materials": ["A tin tray", "A cup of dry rice"],
        "watch": ["Rice on the floor is slippery: sweep at once"],
        "steps": ["Sit around the tray.", "Let it rain when the hand is open, stop when it is a fist."],
    },
)
def write_activity(body: dict[str, Any]) -> Response:
    """Write an activity (therapists and team leads)"""
    activity = new_id(body.pop("id", None))
    done = services().doors.execute(actor(), WriteActivity(activity, ActivityContent(**body)))
    return answers.receipt(done, 201, location=f"{PREFIX}/activities/{activity}")


@operation(blueprint, "GET", ACTIVITY, answer=shapes.ActivityAnswer)
def read_activity(activity: UUID) -> Response:
    """Read an activity with all its versions"""
    found: ActivityAnswer = services().doors.ask(actor(), ReadActivity(activity))
    content = {
        **_activity(found.activity),
        "changes": [_change(row) for row in found.changes],
        "may": sorted(found.may),
        **answers.place(found.shown),
    }
    return answers.json_answer(content, etag=found.activity["version"])


@operation(
    blueprint,
    "PATCH",
    ACTIVITY,
    body=shapes.ActivityChanges,
    answer=schemas.Receipt,
    if_match="required",
    example={"age_from": 4, "reason": "Too hard for three-year-olds"},
)
def revise_activity(activity: UUID, body: dict[str, Any]) -> Response:
    """Revise an activity (therapists and team leads)

    The text before stays readable.
    """
    version = expected_version() or 0
    reason = body.pop("reason")
    found: ActivityAnswer = services().doors.ask(actor(), ReadActivity(activity))
    content = ActivityContent(**{**{name: found.activity[name] for name in FIELDS}, **body})
    return answers.receipt(services().doors.execute(actor(), ReviseActivity(activity, version, content, reason)))


sends(
    blueprint,
    "POST",
    f"{ACTIVITY}/retirement",
    RetireActivity,
    example={"reason": "The trampoline is gone"},
    about="""Take an activity out of use (therapists and team leads)

    It can still be read, and offered again.
    """,
)


sends(
    blueprint,
    "POST",
    f"{ACTIVITY}/restoration",
    RestoreActivity,
    example={"reason": "We have a new trampoline"},
    about="Offer a retired activity again (therapists and team leads)",
)


def _activity(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"id" if name == "activity_id" else name: value for name, value in row.items()}


def _change(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("what", "version", "text_version", "at", "reason", "content")
    return {**{name: row[name] for name in kept}, "by": answers.by(row["by"])}
