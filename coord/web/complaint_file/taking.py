"""A complaint file leaves: recorded first, and only while who asked for it may read all that it holds. Pages and API do
it alike."""

from __future__ import annotations

from collections.abc import Iterator

from coord.application.complaint_file.questions import TakeComplaintFile
from coord.application.services import Services
from coord.domain.actors import Actor
from coord.domain.errors import NotFound
from coord.office.complaint_files import DATA, HELD, PDF, WITHDRAWN, ComplaintFile, ComplaintFiles
from coord.patience import SERVING, answer_within
from coord.web.complaint_file.held import unpacked
from coord.web.complaint_file.ordering import extent_of

MEDIA_TYPES = {PDF: "application/pdf", DATA: "application/zip"}
WAS_TAKEN_BACK = "complaint-file-withdrawn"


def taken(services: Services, actor: Actor, file: ComplaintFile, form: str) -> Iterator[bytes]:
    """A file that is ready, in one of its forms, piece by piece. Raises as the doors do; and `NotFound` when something
    in it was taken back, or `WITHDRAWN` already: then nothing of it is left."""
    if file.status == WITHDRAWN:
        raise NotFound(WAS_TAKEN_BACK)
    files = ComplaintFiles(services.office)
    held = unpacked(files.pieces(file, HELD))
    try:
        services.doors.ask(actor, TakeComplaintFile(file.case_id, file.id, extent_of(file), form, held))
    except NotFound as refused:
        if refused.code == WAS_TAKEN_BACK:
            files.cancel(file.id, actor.person_id, services.clock(), WITHDRAWN)
        raise
    return _pieces(files, file, form)


def _pieces(files: ComplaintFiles, file: ComplaintFile, form: str) -> Iterator[bytes]:
    for piece in files.pieces(file, form):
        yield piece
        answer_within(SERVING)  # each piece anew: the file may be long
