"""The child's circle: relatives and others who tell how it goes, so that one person is one observer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coord.application.commands import CorrectInCircle, JoinNameToCircle, NameInCircle
from coord.application.questions import CircleAnswer, ReadCircle
from coord.web.api import answers, circle_answers, circle_schemas, schemas
from coord.web.api.intake import expected_version
from coord.web.api.operations import ApiBlueprint, actor, new_id, operation, services

blueprint = ApiBlueprint("circle", "The child's circle: who is around the child without an account.")
CIRCLE = "/cases/<uuid:case>/circle"


@operation(blueprint, "GET", CIRCLE, answer=circle_schemas.CircleAnswer)
def read_circle(case: UUID) -> Response:
    """Read who is around a child

    With the names that were only typed for who saw something, and whose they are. Not for teachers.
    """
    found: CircleAnswer = services().doors.ask(actor(), ReadCircle(case))
    return answers.json_answer(circle_answers.circle(found))


@operation(
    blueprint,
    "POST",
    CIRCLE,
    body=circle_schemas.NewInCircle,
    answer=schemas.Receipt,
    status=201,
    example={"name": "Mia", "relation": "mother"},
)
def name_in_circle(case: UUID, body: dict[str, Any]) -> Response:
    """Name somebody around a child

    Once; from then on what they saw is theirs (`seen_by` of an observation), however they are called.
    """
    command = NameInCircle(case, new_id(body.get("id")), body["name"], body["relation"])
    return answers.receipt(services().doors.execute(actor(), command), 201)


@operation(
    blueprint,
    "PATCH",
    f"{CIRCLE}/<uuid:person>",
    body=circle_schemas.CircleChanges,
    answer=schemas.Receipt,
    if_match="required",
    example={"name": "Mia Rossi", "reason": "Her full name"},
)
def correct_in_circle(case: UUID, person: UUID, body: dict[str, Any]) -> Response:
    """Put right what is said of somebody around a child

    What they told stays as it was written then.
    """
    changes = {name: body.get(name) for name in ("name", "relation", "listed")}
    command = CorrectInCircle(case, person, expected_version(), body["reason"], **changes)
    return answers.receipt(services().doors.execute(actor(), command))


@operation(
    blueprint,
    "POST",
    f"{CIRCLE}/names",
    body=circle_schemas.JoinedName,
    answer=schemas.Receipt,
    example={"written": "Mum", "person": "0198f3a2-0000-7000-8000-00000000000b"},
)
def join_name_to_circle(case: UUID, body: dict[str, Any]) -> Response:
    """Say whose a typed name is

    Until then a name that was only typed may be anybody's: all such names count as one observer together.
    """
    command = JoinNameToCircle(case, body["written"], body["person"])
    return answers.receipt(services().doors.execute(actor(), command))
