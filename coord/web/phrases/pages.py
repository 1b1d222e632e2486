"""My phrases: kept, changed, removed, taken over from a colleague, and to a file and back."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from coord.application.phrases.commands import ImportPhrases, KeepPhrase, RemovePhrase
from coord.application.phrases.questions import OwnPhrase, PhrasesAnswer, ReadPhrases
from coord.domain.errors import NotFound
from coord.domain.permissions import refuse_unless_permitted
from coord.domain.phrases import as_name, free_name
from coord.web.kit.done import Done
from coord.web.kit.field import uuid_of
from coord.web.kit.form import Form
from coord.web.phrases.form import FILE, PHRASE, as_file, by_row, rows_of
from coord.web.visit import here, require_actor, the_services

pages = Blueprint("phrases", __name__)

DONE = Done("phrase")
"""What was just done, said once."""


def _read() -> PhrasesAnswer:
    services, actor = here()
    return cast("PhrasesAnswer", services.doors.ask(actor, ReadPhrases()))


@pages.get("/phrases")
def index() -> ResponseReturnValue:
    """My phrases, and those that colleagues share."""
    return render_template("phrases/index.html", answer=_read(), done=DONE.once())


@pages.get("/phrases/new")
def new() -> ResponseReturnValue:
    """An empty form."""
    refuse_unless_permitted("KeepPhrase", require_actor(), None)
    return _form_page(PHRASE.of())


@pages.post("/phrases/new")
def add() -> ResponseReturnValue:
    """Kept; or the form again."""
    form = PHRASE.sent()
    return form.send(lambda: _keep(form, "", 0), lambda: _form_page(form))


@pages.get("/phrases/own/<name>")
def edit(name: str) -> ResponseReturnValue:
    """One of mine, to be changed or removed."""
    one = _own(_read(), name)
    return _form_page(PHRASE.of({**one, "expected_version": one["revision"]}), name)


@pages.post("/phrases/own/<name>")
def change(name: str) -> ResponseReturnValue:
    """Kept; or the form again, beside what stands where another tab was faster."""
    form = PHRASE.sent()

    def again() -> Response:
        if form.status == 412:
            stands = _own(_read(), name)
            form.beside(stands["revision"], stands)
        return _form_page(form, name)

    return form.send(lambda: _keep(form, name, form.version), again)


@pages.post("/phrases/own/<name>/remove")
def remove(name: str) -> ResponseReturnValue:
    """Gone; what was written with it stays."""
    services, actor = here()
    services.doors.execute(actor, RemovePhrase(name))
    return DONE.then("removed", url_for("phrases.index"))


@pages.post("/phrases/taken")
def take() -> ResponseReturnValue:
    """A colleague's phrase among mine; with a number behind its name where I have one of it."""
    services, actor = here()
    answer = _read()
    person, name = uuid_of(request.form.get("person", "")), request.form.get("name", "")
    theirs = next((p for p in answer.colleagues if (p["person_id"], p["name"]) == (person, name)), None)
    if theirs is None:
        raise NotFound("no-such-phrase")
    mine = {one["name"]: one["text"] for one in answer.items}
    if mine.get(name) != theirs["text"]:
        name = free_name(name, mine.keys())
        services.doors.execute(actor, KeepPhrase(name, theirs["text"], expected_version=0))
    return DONE.then("taken", url_for("phrases.edit", name=name))


@pages.get("/phrases/file")
def file() -> ResponseReturnValue:
    """To a file, and back."""
    refuse_unless_permitted("ImportPhrases", require_actor(), None)
    return _file_page(FILE.of())


@pages.get("/phrases/file.json")
def export() -> ResponseReturnValue:
    """My phrases as a file."""
    response = make_response(as_file(_read().items))
    response.mimetype = "application/json"
    response.headers.set("Content-Disposition", "attachment", filename="coord-phrases.json")
    return response


@pages.post("/phrases/file", endpoint="take_file")
def take_file() -> ResponseReturnValue:
    """All that the file holds; or none of it, and what is wrong with which."""
    form = FILE.sent()

    def act() -> Response:
        services, actor = here()
        refuse_unless_permitted("ImportPhrases", actor, None)
        rows = rows_of(request.files.get("file"))
        services.doors.execute(actor, ImportPhrases(rows, form["replace"]))
        return DONE.then("imported", url_for("phrases.index"))

    def again() -> Response:
        form.elsewhere = by_row(form.problems)
        return _file_page(form)

    return form.send(act, again)


def _keep(form: Form, before: str, version: int) -> Response:
    values = form.values() | {"before": before, "expected_version": version}
    the_services().doors.execute(require_actor(), KeepPhrase(**values))
    return DONE.then("kept", url_for("phrases.index"))


def _own(answer: PhrasesAnswer, name: str) -> OwnPhrase:
    """One of mine. Raises `NotFound`."""
    found = next((one for one in answer.items if one["name"] == as_name(name)), None)
    if found is None:
        raise NotFound("no-such-phrase")
    return found


def _form_page(form: Form, name: str = "") -> Response:
    done = None if form.came_back else DONE.once()
    return make_response(render_template("phrases/form.html", form=form, name=name, done=done))


def _file_page(form: Form) -> Response:
    return make_response(render_template("phrases/file.html", form=form))
