"""A complaint file is asked for: recorded first, then kept for whoever makes it. Pages and API do it alike."""

from __future__ import annotations

from uuid import uuid4

from coord.application.complaint_file.questions import AskForComplaintFile, Extent, Wanted
from coord.application.services import Services
from coord.domain.actors import Actor
from coord.office.complaint_files import WAITING, ComplaintFile, ComplaintFiles


def order(services: Services, actor: Actor, question: AskForComplaintFile, language: str) -> ComplaintFile:
    """The file that will be made, or that is being made already for the same moment, reader and reason. Raises as the
    doors do, and then there is none."""
    wanted: Wanted = services.doors.ask(actor, question)
    extent = wanted.extent
    files, now = ComplaintFiles(services.office), services.clock()
    files.sweep(now)
    return files.ask(
        ComplaintFile(
            id=uuid4(),
            case_id=wanted.case_id,
            person_id=actor.person_id,
            language=language,
            reason=wanted.reason,
            reader=extent.reader,
            at=extent.at,
            position=extent.position,
            asked_at=now,  # after the look was recorded, which is the last that the file names
            status=WAITING,
            why="",
            attempt=0,
            beat_at=None,
            finished_at=None,
            chapter="",
            done=0,
            expected=0,
            pages=0,
            looks=0,
            pdf_size=0,
            data_size=0,
            role=actor.role.value,
        )
    )


def extent_of(file: ComplaintFile) -> Extent:
    """How much a file holds that was asked for."""
    return Extent(file.reader, file.at, file.position, file.asked_at)
