"""The complaint file for programs: asked for, how far it is, and the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import Response, g

from coord.application.complaint_file.questions import AskForComplaintFile, ReadComplaintFiles
from coord.application.doors import stores_answer
from coord.domain.errors import NotFound
from coord.domain.said import Said
from coord.office.complaint_files import DATA, PDF, READY, WITHDRAWN, ComplaintFile, ComplaintFiles
from coord.web.api import answers
from coord.web.api.fields import Strict, choice, id_, time_, words
from coord.web.api.operations import PREFIX, ApiBlueprint, actor, operation, services
from coord.web.api.typed import shape, told
from coord.web.complaint_file.ordering import order
from coord.web.complaint_file.taking import MEDIA_TYPES, taken

blueprint = ApiBlueprint("complaint-files", "A child's record in one file, to be taken away. For the team lead.")
FILES = "/cases/<uuid:case>/complaint-files"
FILE = f"{FILES}/<uuid:file>"


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """A complaint file that was asked for."""

    id: UUID
    status: Annotated[
        str,
        Said(
            "`cancelled`, `failed` and `withdrawn` are final. A `ready` one is `withdrawn` when somebody takes it and "
            "something in it was taken back since",
            of=("waiting", "making", "ready", "failed", "cancelled", "withdrawn"),
        ),
    ]
    why: Annotated[str, Said("A code, if it failed; else empty")]
    reader: Annotated[UUID | None, Said("Whose eyes; null: all that you may read")]
    as_of: datetime
    position: Annotated[int, Said("The place in the record that it shows")]
    asked_at: datetime
    unattended: Annotated[
        bool,
        Said(
            "Nothing has worked on it for ten minutes: the worker may not be running. It is made as soon as that does"
        ),
    ]
    percent: Annotated[int, Said("How much of it is made")]
    pages: int
    looks: Annotated[int, Said("That it names")]
    until: Annotated[datetime | None, Said("Until when it can be taken; then nothing of it is left")]


class AskedFor(Strict):
    """What file is wanted."""

    reason = words(required=True)
    reader = id_("As this person could read the record; left out, all that you may read")
    as_of = time_("As the record was known then; left out, now")


class Form(Strict):
    """In which form."""

    format = choice((PDF, DATA), about="`pdf` (PDF/UA), or `data`: JSON Lines in a ZIP, with plain words for keys")


@operation(
    blueprint,
    "POST",
    FILES,
    body=AskedFor,
    answer=shape(FileAnswer),
    status=202,
    etag=False,
    located=True,
    example={"reason": "Complaint of the parents of 27 March"},
)
def ask_for_complaint_file(case: UUID, body: dict[str, Any]) -> Response:
    """Ask for a child's complaint file (team lead)

    The record as it was known at one moment, with who wrote, changed and looked. That it is asked for, and why, is
    recorded first. It is made beside: `Location` tells how far it is. The same (moment, reader, reason) is made once at
    a time.
    """
    if g.get("replaying"):  # only whether it would be allowed
        services().doors.ask(actor(), ReadComplaintFiles(case))
        return Response()
    question = AskForComplaintFile(case, body["reason"], body.get("reader"), body.get("as_of"))
    file = order(services(), actor(), question, services().settings.language)
    return answers.json_answer(told(_answer(file)), 202, location=f"{PREFIX}/cases/{case}/complaint-files/{file.id}")


@operation(blueprint, "GET", FILE, answer=shape(FileAnswer))
def read_complaint_file(case: UUID, file: UUID) -> Response:
    """How far a complaint file of yours is

    It tells nothing of the child, so this is no look.
    """
    return answers.json_answer(told(_answer(_own(case, file))))


@operation(blueprint, "GET", f"{FILE}/content", query=Form, answer=shape(FileAnswer), also=tuple(MEDIA_TYPES.values()))
def take_complaint_file(case: UUID, file: UUID, query: dict[str, Any]) -> Response:
    """Take a complaint file of yours

    Its leaving is recorded first. 404 as long as it is not ready (`not-ready`); and where something in it is no longer
    for you or for its reader, or was marked as a mistake since (`complaint-file-withdrawn`): ask for it anew.
    """
    found, form = _own(case, file), query.get("format", PDF)
    if found.status not in (READY, WITHDRAWN):
        raise NotFound("not-ready")
    response = Response(taken(services(), actor(), found, form), mimetype=MEDIA_TYPES[form])
    response.content_length = found.pdf_size if form == PDF else found.data_size
    ending = "pdf" if form == PDF else "zip"
    response.headers["Content-Disposition"] = f'attachment; filename="complaint-file-{found.position}.{ending}"'
    response.headers["Coord-Position"] = str(found.position)
    return response


@operation(blueprint, "DELETE", FILE, answer=shape(FileAnswer))
def remove_complaint_file(case: UUID, file: UUID) -> Response:
    """Stop making a complaint file of yours, or remove it"""
    found = _own(case, file)
    ComplaintFiles(services().office).cancel(found.id, actor().person_id, services().clock())
    return answers.json_answer(told(_answer(_own(case, file))))


def _own(case: UUID, file: UUID) -> ComplaintFile:
    with stores_answer():
        found = ComplaintFiles(services().office).one(file, actor().person_id, services().clock())
    if found is None or found.case_id != case:
        raise NotFound
    return found


def _answer(file: ComplaintFile) -> FileAnswer:
    return FileAnswer(
        file.id,
        file.status,
        file.why,
        file.reader,
        file.at,
        file.position,
        file.asked_at,
        ComplaintFiles(services().office).unattended(file, services().clock()),
        file.percent,
        file.pages,
        file.looks,
        file.until if file.status == READY else None,
    )
