"""The groups of one child, and how much the child copes with."""

from __future__ import annotations

from coord.application.groups.commands import DescribeProfile
from coord.application.groups.questions import GroupsAnswer, ReadGroups
from coord.web.api.operations import ApiBlueprint
from coord.web.api.routes import reads, sends

blueprint = ApiBlueprint("groups", "The groups of one child. Nothing of the other children, nor how many there are.")


reads(
    blueprint,
    "/cases/<uuid:case>/groups",
    ReadGroups,
    GroupsAnswer,
    about="""Read a child's groups

    Kind, aims, dates, attendance and messages. A teacher gets attendance and what is for the school.
    """,
)


sends(
    blueprint,
    "PUT",
    "/cases/<uuid:case>/profile",
    DescribeProfile,
    etag=False,
    example={"cognitive": "moderate", "motor": "low", "communication": "moderate", "remark": "Seen over three weeks."},
    about="""Describe how much a child copes with

    For choosing groups and grading activities. The version in the answer is that of the child's details, which this
    does not change.
    """,
)
