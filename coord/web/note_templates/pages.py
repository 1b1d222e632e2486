"""Templates of notes: the list, one with its versions, and the editor of the lead whose team keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord.application.declared import Command
from coord.application.note_templates.commands import (
    ChangeNoteTemplate,
    DrawUpNoteTemplate,
    RestoreNoteTemplate,
    RetireNoteTemplate,
)
from coord.application.note_templates.questions import (
    NoteTemplateAnswer,
    NoteTemplatesAnswer,
    ReadNoteTemplate,
    ReadNoteTemplates,
)
from coord.domain.actors import Actor
from coord.domain.errors import NotPermitted
from coord.domain.note_template import TemplateText
from coord.domain.permissions import refuse_unless_permitted
from coord.web.differences import Part, word_parts
from coord.web.kit.done import Done
from coord.web.kit.form import Declared, Form
from coord.web.kit.reason import Act, Asks, seen, why
from coord.web.labels import label
from coord.web.note_templates.form import CHANGED, NEW, as_typed, begun, changed, content_of, rows_of, sent
from coord.web.visit import require_actor, see_other, the_services

pages = Blueprint("note_templates", __name__)

DONE = Done("note-template")
"""What was just done, said once."""


@pages.get("/note-templates")
def index() -> Response:
    """Those of one's own team and those for all, in use and out of use."""
    answer: NoteTemplatesAnswer = the_services().doors.ask(require_actor(), ReadNoteTemplates())
    return make_response(render_template("note_templates/index.html", answer=answer))


@pages.get("/note-templates/<uuid:template_id>")
def show(template_id: UUID) -> Response:
    """One, as it looks to who writes in it; below it every version, with what changed, by whom and why."""
    answer = _read(require_actor(), template_id)
    page = render_template(
        "note_templates/show.html",
        answer=answer,
        template=answer.template,
        changes=_changes(answer),
        done=DONE.once(),
    )
    return make_response(page)


def _read(actor: Actor, template_id: UUID) -> NoteTemplateAnswer:
    return cast("NoteTemplateAnswer", the_services().doors.ask(actor, ReadNoteTemplate(template_id)))


def _changes(answer: NoteTemplateAnswer) -> list[dict[str, Any]]:
    """Each change with the differences to the version before it, the newest first."""
    found: list[dict[str, Any]] = []
    before: TemplateText | None = None
    for change in reversed(answer.changes):
        content = change["content"]
        differences: list[tuple[str, list[Part]]] = []
        if content is not None and before is not None:
            differences = [
                (called, word_parts(old, new))
                for called, old, new in (
                    (_("Name"), before["name"], content["name"]),
                    (_("For"), _for_whom(before, answer), _for_whom(content, answer)),
                    (_("Sections"), _in_words(before), _in_words(content)),
                )
                if old != new
            ]
        found.append({**change, "differences": differences})
        before = content or before
    return found[::-1]


def _for_whom(content: TemplateText, answer: NoteTemplateAnswer) -> str:
    return _("every service team") if content["all_teams"] else answer.template["team"]


def _in_words(content: Mapping[str, Any]) -> str:
    """The sections as one text, a line each."""
    lines = []
    for number, section in enumerate(content["sections"], 1):
        told = [section["hint"], _("needed") if section["required"] else "", label("counts-as", section["counts_as"])]
        said = "; ".join(part for part in told if part)
        lines.append(f"{number}. {section['label']}" + (f" ({said})" if said else ""))
    return "\n".join(lines)


# ---- drawn up and changed ----------------------------------------------------------------------------------------


@pages.get("/note-templates/new")
def new() -> Response:
    """The form of a new one, with three rows; or with what another has (``like``)."""
    actor = require_actor()
    refuse_unless_permitted("DrawUpNoteTemplate", actor, None)
    if not actor.team:
        raise NotPermitted("no-service-team")
    like = request.args.get("like", type=UUID)
    if like is None:
        return _form_page(begun(NEW, {}, [{}, {}, {}]))
    copied = _read(actor, like).template
    rows = [{**section, "key": ""} for section in copied["sections"]]
    return _form_page(begun(NEW, {"name": copied["name"]}, rows))


@pages.post("/note-templates/new", endpoint="draw_up")
def draw_up() -> Response:
    """Back to what was drawn up; or the form again."""
    form = sent(NEW)

    def command(values: Mapping[str, Any]) -> Command:
        return DrawUpNoteTemplate(form.id, content_of(form, values))

    return _sent(NEW, form, command, lambda: _done(form.id, "drawn-up"), lambda: _form_page(form))


@pages.get("/note-templates/<uuid:template_id>/change")
def edit(template_id: UUID) -> Response:
    """The form with what stands."""
    actor = require_actor()
    refuse_unless_permitted("ChangeNoteTemplate", actor, None)
    answer = _read(actor, template_id)
    if "ChangeNoteTemplate" not in answer.may:
        return see_other(url_for("note_templates.show", template_id=template_id))
    stands = {**answer.template, "expected_version": answer.template["version"]}
    return _form_page(begun(CHANGED, stands, answer.template["sections"]), answer)


@pages.post("/note-templates/<uuid:template_id>/change", endpoint="change")
def change(template_id: UUID) -> Response:
    """Back to the template; or the form again, beside what stands now if somebody else was faster."""
    form = sent(CHANGED)

    def command(values: Mapping[str, Any]) -> Command:
        return ChangeNoteTemplate(template_id, form.version, content_of(form, values), values["reason"])

    def again() -> Response:
        return _form_page(form, _read(require_actor(), template_id))

    return _sent(CHANGED, form, command, lambda: _done(template_id, "changed"), again)


def _sent(
    declared: Declared,
    form: Form,
    command: Callable[[Mapping[str, Any]], Command],
    done: Callable[[], Response],
    again: Callable[[], Response],
) -> Response:
    """A button about one section gives the form again; the one that saves carries it out."""

    def act() -> Response:
        other = changed(declared, form)
        if other is not None:
            form.become(other)
            return again()
        the_services().doors.execute(require_actor(), command(form.values()))
        return done()

    return form.send(act, again)


def _done(template_id: UUID, said: str) -> Response:
    return DONE.then(said, url_for("note_templates.show", template_id=template_id))


def _form_page(form: Form, answer: NoteTemplateAnswer | None = None) -> Response:
    if answer is not None:
        form.beside(answer.template["version"], answer.template)
        stands = _in_words(answer.template)
        if form.stands_now is not None and stands != _in_words({"sections": as_typed(form)}):
            form.stands_now.append((_("Sections"), stands))
    page = render_template(
        "note_templates/form.html",
        form=form,
        answer=answer,
        rows=len(rows_of(form)),
        preview=as_typed(form) if request.form.get("action") == "look" else (),
    )
    return make_response(page)


# ---- out of use, and in use again --------------------------------------------------------------------------------

asks = Asks(pages, DONE, lambda template_id: _read(require_actor(), template_id))
_WHY = why(_l("It stands among the versions for everybody to read"))


@asks("/note-templates/<uuid:template_id>/retire", [_WHY], "RetireNoteTemplate")
def retire(answer: NoteTemplateAnswer | None, template_id: UUID) -> Act:
    """A template goes out of use, with a reason."""
    return Act(
        _("Take a template out of use"),
        _("Take this template out of use"),
        lambda form: RetireNoteTemplate(template_id, form["reason"], seen("expected_version")),
        said="retired",
        about=[
            _("It is offered no longer when somebody begins a note. Drafts in it can still be signed."),
            _("Notes that were written in it stay as they are. It can be offered again."),
        ],
        **_around(answer, template_id, "RetireNoteTemplate"),
    )


@asks("/note-templates/<uuid:template_id>/restore", [_WHY], "RestoreNoteTemplate")
def restore(answer: NoteTemplateAnswer | None, template_id: UUID) -> Act:
    """It is offered again, with a reason."""
    return Act(
        _("Offer a template again"),
        _("Offer this template again"),
        lambda form: RestoreNoteTemplate(template_id, form["reason"], seen("expected_version")),
        said="restored",
        about=[_("It is offered again when somebody begins a note, as it stands.")],
        **_around(answer, template_id, "RestoreNoteTemplate"),
    )


def _around(answer: NoteTemplateAnswer | None, template_id: UUID, needs: str) -> dict[str, Any]:
    return {
        "back": (url_for("note_templates.show", template_id=template_id), _("Back to the template")),
        "caption": answer.template["name"] if answer else "",
        "seen": {"expected_version": answer.template["version"] if answer else ""},
        "may": lambda: answer is None or needs in answer.may,
    }
