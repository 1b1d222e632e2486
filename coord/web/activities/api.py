"""The activity library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from coord.application.activities.commands import RestoreActivity, RetireActivity, ReviseActivity, WriteActivity
from coord.application.activities.questions import ActivitiesAnswer, ActivityAnswer, ReadActivity, SearchActivities
from coord.domain.activity import FIELDS, OLDEST, YOUNGEST, Demand, SkillArea
from coord.domain.groups import GroupKind
from coord.domain.icf import IcfChapter
from coord.domain.input import SHORT
from coord.web.api.fields import Strict, Whole, Words, choice
from coord.web.api.operations import ApiBlueprint, actor, services
from coord.web.api.routes import reads, sends
from coord.web.api.schemas import CURSOR

blueprint = ApiBlueprint("activities", "The activity library: what one can do in a group, and how. About no child.")
ACTIVITY = "/activities/<uuid:activity>"


def _most() -> Words:
    return choice(Demand, about="The most that it may demand")


class ActivitiesQuery(Strict):
    """What to leave out of the library."""

    text = Words(
        most=SHORT, data_key="q", metadata={"description": "Words that it has, in any order", "maxLength": SHORT}
    )
    kind = choice(GroupKind)
    skill = choice(SkillArea)
    icf = choice(IcfChapter)
    age = Whole(YOUNGEST, OLDEST, metadata={"description": "Of a child whom it should suit, in years"})
    cognitive = _most()
    motor = _most()
    communication = _most()
    status = choice(("in-use", "retired", "all"), about="`in-use`, if left out")
    cursor = Words(most=SHORT, metadata={"description": CURSOR})
    limit = Whole(1, 100, load_default=20)


reads(
    blueprint,
    "/activities",
    SearchActivities,
    ActivitiesAnswer,
    query=ActivitiesQuery,
    about="""Search the activity library

    By title. Therapists, students and team leads read it.
    """,
)


sends(
    blueprint,
    "POST",
    "/activities",
    WriteActivity,
    status=201,
    makes="activity_id",
    at="/activities/{id}",
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
    about="Write an activity (therapists and team leads)",
)


reads(
    blueprint,
    ACTIVITY,
    ReadActivity,
    ActivityAnswer,
    etag="version",
    about="Read an activity with all its versions",
)


def _standing(activity: UUID) -> dict[str, Any]:
    stands: Mapping[str, Any] = services().doors.ask(actor(), ReadActivity(activity)).activity
    return {name: stands[name] for name in FIELDS}


sends(
    blueprint,
    "PATCH",
    ACTIVITY,
    ReviseActivity,
    standing=_standing,
    example={"age_from": 4, "reason": "Too hard for three-year-olds"},
    about="""Revise an activity (therapists and team leads)

    The text before stays readable.
    """,
)


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
