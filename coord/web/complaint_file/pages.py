"""Where a team lead asks for a child's complaint file, sees how far it is, and takes it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, render_template, stream_with_context, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.application.complaint_file.questions import (
    AskForComplaintFile,
    ReadComplaintFiles,
    ReadersAnswer,
)
from coord.application.doors import stores_answer
from coord.domain.errors import NotFound
from coord.office.complaint_files import DATA, KEPT, PDF, UNFINISHED, ComplaintFile, ComplaintFiles
from coord.web.complaint_file.form import COMPLAINT_FILE
from coord.web.complaint_file.ordering import order
from coord.web.complaint_file.taking import MEDIA_TYPES, WAS_TAKEN_BACK, taken
from coord.web.complaint_file.words import how_far
from coord.web.kit.child import around
from coord.web.kit.done import Done
from coord.web.kit.form import Form
from coord.web.kit.listed import moment
from coord.web.visit import here, require_proof, see_other

pages = Blueprint("complaint_files", __name__)

DONE = Done("complaint-file")
"""What was just done, said once."""


@pages.get("/children/<uuid:case_id>/complaint-files")
def index(case_id: UUID) -> Response:
    """The form, and one's own files of this child with how far they are."""
    return _page(case_id, COMPLAINT_FILE.of())


@pages.post("/children/<uuid:case_id>/complaint-files")
def ask(case_id: UUID) -> Response:
    """It is asked for; or the form again."""
    require_proof()
    form = COMPLAINT_FILE.sent()
    form.counts("/as_of", {"": "date"})

    def act() -> Response:
        services, actor = here()
        values = form.values()
        when = moment(values, "date", "time")
        form.refuse_unread()
        as_of = when.chosen(second=False) if when else None
        question = AskForComplaintFile(case_id, values["reason"] or "", values["reader"], as_of)
        order(services, actor, question, str(get_locale().language))
        return DONE.then("asked", url_for("complaint_files.index", case_id=case_id, _anchor="files"))

    return form.send(act, lambda: _page(case_id, form))


@pages.get("/children/<uuid:case_id>/complaint-files/<uuid:file_id>/progress")
def progress(case_id: UUID, file_id: UUID) -> Response:
    """How far a file of one's own is: nothing of the child, so no look."""
    return make_response(render_template("complaint_file/_file.html", **_shown(_own(case_id, file_id))))


@pages.post("/children/<uuid:case_id>/complaint-files/<uuid:file_id>/remove")
def remove(case_id: UUID, file_id: UUID) -> Response:
    """It is not made any more, or is gone."""
    services, actor = here()
    file = _own(case_id, file_id)
    ComplaintFiles(services.office).cancel(file.id, actor.person_id, services.clock())
    return DONE.then("removed", url_for("complaint_files.index", case_id=case_id, _anchor="files"))


@pages.get("/children/<uuid:case_id>/complaint-files/<uuid:file_id>.pdf")
def take(case_id: UUID, file_id: UUID) -> Response:
    """The file, once it is ready: its leaving is recorded first."""
    return _taken(case_id, file_id, PDF, "pdf")


@pages.get("/children/<uuid:case_id>/complaint-files/<uuid:file_id>.zip")
def take_data(case_id: UUID, file_id: UUID) -> Response:
    """The same as data."""
    return _taken(case_id, file_id, DATA, "zip")


def _taken(case_id: UUID, file_id: UUID, form: str, ending: str) -> Response:
    require_proof()
    services, actor = here()
    file = _own(case_id, file_id)
    if file.status != "ready":
        return see_other(url_for("complaint_files.index", case_id=case_id, _anchor="files"))
    try:
        pieces = taken(services, actor, file, form)
    except NotFound as refused:
        if refused.code != WAS_TAKEN_BACK:
            raise
        return see_other(url_for("complaint_files.index", case_id=case_id, _anchor="files"))  # where it says so
    response = Response(stream_with_context(pieces), content_type=MEDIA_TYPES[form])
    response.content_length = file.pdf_size if form == PDF else file.data_size
    # No name in it: it would be read by whoever looks into the folder of downloads.
    name = _("complaint-file") + f"-{file.position}.{ending}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _own(case_id: UUID, file_id: UUID) -> ComplaintFile:
    """Raises `NotFound` for one of somebody else or of another child, and for one whose days are over."""
    services, actor = here()
    with stores_answer():
        file = ComplaintFiles(services.office).one(file_id, actor.person_id, services.clock())
    if file is None or file.case_id != case_id:
        raise NotFound
    return file


def _shown(file: ComplaintFile) -> dict[str, object]:
    services, _actor = here()
    with stores_answer():
        alone = ComplaintFiles(services.office).unattended(file, services.clock())
    return {
        "file": file,
        "words": how_far(file, unattended=alone),
        "unfinished": file.status in UNFINISHED,
        "unattended": alone,
    }


def _page(case_id: UUID, form: Form) -> Response:
    services, actor = here()
    answer: ReadersAnswer = services.doors.ask(actor, ReadComplaintFiles(case_id))
    form.offer("reader", ({"value": str(p["person_id"]), "text": p["name"]} for p in answer.readers))
    with stores_answer():
        files = ComplaintFiles(services.office).of(actor.person_id, case_id, services.clock())
    names = {p["person_id"]: p["name"] for p in answer.readers}
    page = render_template(
        "complaint_file/index.html",
        **around(answer),
        form=form,
        files=[_shown(file) for file in files],
        readers=names,
        days=KEPT.days,
        done=DONE.once(),
    )
    return make_response(page, form.status)
