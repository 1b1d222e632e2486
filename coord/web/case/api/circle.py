"""The child's circle: relatives and others who tell how it goes, so that one person is one observer."""

from __future__ import annotations

from coord.application.case.commands import CorrectInCircle, JoinNameToCircle, NameInCircle
from coord.application.case.questions import CircleAnswer, ReadCircle
from coord.web.api.operations import ApiBlueprint
from coord.web.api.routes import reads, sends

blueprint = ApiBlueprint("circle", "The child's circle: who is around the child without an account.")
CIRCLE = "/cases/<uuid:case>/circle"


reads(
    blueprint,
    CIRCLE,
    ReadCircle,
    CircleAnswer,
    about="""Read who is around a child

    With the names that were only typed for who saw something, and whose they are. Not for teachers.
    """,
)


sends(
    blueprint,
    "POST",
    CIRCLE,
    NameInCircle,
    status=201,
    makes="person_id",
    example={"name": "Mia", "relation": "mother"},
    about="""Name somebody around a child

    Once; from then on what they saw is theirs (`seen_by` of an observation), however they are called.
    """,
)


sends(
    blueprint,
    "PATCH",
    f"{CIRCLE}/<uuid:person>",
    CorrectInCircle,
    if_match="required",
    example={"name": "Mia Rossi", "reason": "Her full name"},
    about="""Put right what is said of somebody around a child

    What they told stays as it was written then.
    """,
)


sends(
    blueprint,
    "POST",
    f"{CIRCLE}/names",
    JoinNameToCircle,
    example={"written": "Mum", "person": "0198f3a2-0000-7000-8000-00000000000b"},
    about="""Say whose a typed name is

    Until then a name that was only typed may be anybody's: all such names count as one observer together.
    """,
)
