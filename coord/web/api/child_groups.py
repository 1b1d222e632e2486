"""The groups of one child, and how much the child copes with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields

from coord.application.groups.commands import DescribeProfile
from coord.application.groups.questions import GroupOfChild, GroupsAnswer, ReadGroups
from coord.domain.course.aggregate import PLACES
from coord.domain.course.picture import COPES_WITH
from coord.domain.input import REASON
from coord.web.api import answers, schemas
from coord.web.api.fields import Day, Strict, choice, id_, time_, whole, words
from coord.web.api.group_lines import DEMANDS, KINDS, ChildProfile, Line, line, profile
from coord.web.api.of_a_case import OfACase, of_a_case
from coord.web.api.operations import ApiBlueprint, actor, operation, services

blueprint = ApiBlueprint("groups", "The groups of one child. Nothing of the other children, nor how many there are.")


class NewProfile(Strict):
    """How much the child copes with, as activities demand it."""

    cognitive = choice(*DEMANDS, required=True)
    motor = choice(*DEMANDS, required=True)
    communication = choice(*DEMANDS, required=True)
    sensory = choice(*DEMANDS, null=True, about="Of what there is to hear, see and touch; not known, if left out")
    attention = choice(*DEMANDS, null=True, about="How long, and with how much around; not known, if left out")
    remark = words(limit=REASON)


class GroupOfAChild(Strict):
    """One place of the child in a group, with what each session was for the child, the oldest first."""

    id = id_("The place, as the child's own record knows it", required=True)
    kind = choice(*KINDS, required=True)
    aims = words(required=True)
    status = choice(*PLACES, required=True)
    reason = words("Why the child left; not for teachers", required=True)
    since = time_(required=True)
    next_dates = fields.List(time_(), required=True, metadata={"description": "When the sessions to come begin"})
    attended = whole()
    held = whole("Sessions that the child has a line of")
    unclear = whole("Of these, sessions whose recordings disagree about whether the child was there; not in `attended`")
    joined = Day(
        required=True, allow_none=True, metadata={"description": "The first day of the stay, where it is said"}
    )
    left_on = Day(required=True, allow_none=True, metadata={"description": "The last day of the stay, past or to come"})
    lines = fields.List(fields.Nested(Line), required=True)


class GroupsOfAChild(OfACase):
    """The groups of a child, the newest first."""

    groups = fields.List(fields.Nested(GroupOfAChild), required=True)
    profile = fields.Nested(
        ChildProfile, required=True, allow_none=True, metadata={"description": "Null if not described, or not for you"}
    )
    may = fields.List(fields.String(), required=True)


@operation(blueprint, "GET", "/cases/<uuid:case>/groups", answer=GroupsOfAChild)
def read_groups(case: UUID) -> Response:
    """Read a child's groups

    Kind, aims, dates, attendance and messages. A teacher gets attendance and what is for the school.
    """
    found: GroupsAnswer = services().doors.ask(actor(), ReadGroups(case))
    content = {
        **of_a_case(found),
        "groups": [_group(group) for group in found.groups],
        "profile": profile(found.profile),
        "may": sorted(found.may),
    }
    return answers.json_answer(content)


@operation(
    blueprint,
    "PUT",
    "/cases/<uuid:case>/profile",
    body=NewProfile,
    answer=schemas.Receipt,
    example={"cognitive": "moderate", "motor": "low", "communication": "moderate", "remark": "Seen over three weeks."},
)
def describe_profile(case: UUID, body: dict[str, Any]) -> Response:
    """Describe how much a child copes with

    For choosing groups and grading activities. The version in the answer is that of the child's details, which this
    does not change.
    """
    told = {name: body.get(name) or "" for name in (*COPES_WITH, "remark")}
    command = DescribeProfile(case, **told)
    return answers.receipt(services().doors.execute(actor(), command), etag=False)


def _group(found: GroupOfChild) -> dict[str, Any]:
    return {
        "id": found.membership_id,
        "kind": found.kind,
        "aims": found.aims,
        "status": found.status,
        "reason": found.reason,
        "since": answers.plain(found.since),
        "next_dates": answers.plain(found.next_dates),
        "attended": found.attended,
        "held": found.held,
        "unclear": found.unclear,
        "joined": found.joined,
        "left_on": found.left_on,
        "lines": [line(told) for told in found.lines],
    }
