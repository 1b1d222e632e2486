"""Children and their care teams."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coord.application.case.commands import (
    AddToTeam,
    ChangeOnTeam,
    CloseCase,
    CorrectDetails,
    OpenCase,
    RemoveFromTeam,
    ReopenCase,
)
from coord.application.case.questions import CaseAnswer, ExportAnswer, ExportCase, ReadCase
from coord.application.overview.questions import Overview, ReadOverview
from coord.domain.actors import Relation
from coord.web.api import answers, schemas
from coord.web.api.intake import expected_version
from coord.web.api.operations import ApiBlueprint, actor, operation, services
from coord.web.api.routes import reads, sends
from coord.web.case.api import schemas as shapes

blueprint = ApiBlueprint("cases", "Children: who they are, and who works with them.")
REASON = {"reason": "The family has moved away"}


sends(
    blueprint,
    "POST",
    "/cases",
    OpenCase,
    status=201,
    makes="case_id",
    at="/cases/{id}",
    example={
        "preferred_name": "Zig",
        "full_name": "Sigmund Zander",
        "birth_date": "2019-05-04",
        "languages": ["Italian", "German"],
        "school": "Hill School",
        "school_class": "2B",
    },
    about="""Open a case

    The therapist who opens it is on the care team from today. That there may be a record of the child already (the same
    full name, or the same birth date and a similar name) is asked about once: among the children whom you know
    (`known-to-you`), or in your service team, without telling which child (`known-in-the-team`).
    """,
)


reads(
    blueprint, "/cases/<uuid:case>", ReadCase, CaseAnswer, etag="version", about="Read a child's details and care team"
)


@operation(
    blueprint,
    "PATCH",
    "/cases/<uuid:case>",
    body=shapes.CaseChanges,
    answer=schemas.Receipt,
    if_match="required",
    example={"school_class": "3B", "reason": "A new school year"},
)
def correct_case(case: UUID, body: dict[str, Any]) -> Response:
    """Correct a child's details

    Only what is sent is changed. What was there before stays in the history.
    """
    version = expected_version() or 0
    reason = body.pop("reason")
    done = services().doors.execute(actor(), CorrectDetails(case, version, body, reason))
    return answers.receipt(done)


sends(
    blueprint,
    "POST",
    "/cases/<uuid:case>/closing",
    CloseCase,
    example=REASON,
    about="""Close a case

    What is left open (`left-behind`: drafts, notes that await a co-signature, open goals, places in courses, sessions
    not recorded) is asked about once.
    """,
)


sends(
    blueprint,
    "POST",
    "/cases/<uuid:case>/reopening",
    ReopenCase,
    example={"reason": "The family is back"},
    about="Reopen a closed case",
)


sends(
    blueprint,
    "POST",
    "/cases/<uuid:case>/team",
    AddToTeam,
    status=201,
    example={"person": "00000000-0000-4000-8000-000000000001", "relation": "class-teacher"},
    about="""Put a person on the care team

    Being on it in just this way already is no error. No day is taken away from who is there already: days in the same
    relation become one stay; in another one, they are that for just these days.
    """,
)


@operation(
    blueprint,
    "PATCH",
    "/cases/<uuid:case>/team/<uuid:person>",
    body=shapes.MemberChange,
    answer=schemas.Receipt,
    example={"until": "2026-06-30"},
)
def change_on_team(case: UUID, person: UUID, body: dict[str, Any]) -> Response:
    """Change a stay on the care team

    Its last day, or what the person is to the child from a day on. What was before today stays as it was.
    """
    relation = body.get("relation")
    command = ChangeOnTeam(
        case,
        person,
        body.get("since"),
        until=body.get("until"),
        open_end="until" in body and body["until"] is None,
        relation=Relation(relation) if relation else None,
        start=body.get("start"),
    )
    return answers.receipt(services().doors.execute(actor(), command))


@operation(blueprint, "DELETE", "/cases/<uuid:case>/team/<uuid:person>", query=shapes.StayQuery, answer=schemas.Receipt)
def remove_from_team(case: UUID, person: UUID, query: dict[str, Any]) -> Response:
    """Take a person off the care team, at once

    Also off what is to come; or only the stay that begins on `since`. What they leave behind (`left-behind`) is asked
    about once.
    """
    command = RemoveFromTeam(case, person, query.get("since"), query.get("confirmed", ()))
    return answers.receipt(services().doors.execute(actor(), command))


reads(
    blueprint,
    "/cases/<uuid:case>/overview",
    ReadOverview,
    Overview,
    about="""Read a child at a glance

    Who is this, and what now: of each part, as much as you may read where it comes from.
    """,
)


reads(
    blueprint,
    "/cases/<uuid:case>/export",
    ExportCase,
    ExportAnswer,
    about="""Export a child's whole record (team lead)

    Every event in order. Where the words of an entry are not for you, it says `withheld`.
    """,
)
