"""The activity library: searched, read, printed, written and improved. No child is on these pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord import library
from coord.application.activities.commands import RestoreActivity, RetireActivity, ReviseActivity, WriteActivity
from coord.application.activities.questions import (
    ActivityAnswer,
    ActivityFilter,
    ReadActivity,
    SearchActivities,
)
from coord.domain.activity import DEMANDS, FIELDS, LINES, ActivityContent
from coord.domain.actors import Actor, Relationship
from coord.domain.permissions import PERMISSIONS, refuse_unless_permitted
from coord.office.accounts import LANGUAGES, Language
from coord.web.activities.form import FILTERS, NEW, REVISED, SOME
from coord.web.differences import Part, word_parts
from coord.web.kit.done import Done
from coord.web.kit.form import Form
from coord.web.kit.listed import answered, asked, away_from_here, next_page
from coord.web.kit.reason import Act, Asks, seen, why
from coord.web.labels import label, with_code
from coord.web.visit import require_actor, see_other, the_services

pages = Blueprint("activities", __name__)

DONE = Done("activity")
"""What was just done, said once."""


def _may(actor: Actor, command: str) -> bool:
    return PERMISSIONS[command].who(actor, Relationship())


# ---- the library -------------------------------------------------------------------------------------------------


@pages.get("/activities")
def index() -> Response:
    """What the library has, by title; with a filter, what fits it."""
    if away := away_from_here("activities.index"):
        return away
    form, cursor = FILTERS.asked(), request.args.get("cursor", "")
    _question, answer = answered(form, lambda values: SearchActivities(_wanted(values), cursor))
    more = [name for name in form.fields if name not in SOME]
    page = render_template(
        "activities/index.html",
        answer=answer,
        form=form,
        some=SOME,
        more=more,
        more_open=any(form.typed[name] or name in form.wrong for name in more),
        filtered=bool(asked(form)),
        older=next_page(form, answer, "activities.index"),
        paging=bool(cursor),
        may_write=_may(require_actor(), "WriteActivity"),
        shipped=_shipped_languages(),
        done=DONE.once(),
    )
    return make_response(page, form.status)


def _wanted(values: Mapping[str, Any]) -> ActivityFilter:
    chosen = {name: value or "" for name, value in values.items() if name not in ("q", "age", "status")}
    return ActivityFilter(text=values["q"], age=values["age"], status=values["status"] or "in-use", **chosen)


# ---- one activity ------------------------------------------------------------------------------------------------


@pages.get("/activities/<uuid:activity_id>")
def show(activity_id: UUID) -> Response:
    """One activity, as a sheet to work from; below it what was changed, when, by whom and why."""
    answer = _read(require_actor(), activity_id)
    page = render_template(
        "activities/show.html",
        answer=answer,
        activity=answer.activity,
        changes=_changes(answer),
        done=DONE.once(),
    )
    return make_response(page)


def _read(actor: Actor, activity_id: UUID) -> ActivityAnswer:
    return cast("ActivityAnswer", the_services().doors.ask(actor, ReadActivity(activity_id)))


def _changes(answer: ActivityAnswer) -> list[dict[str, Any]]:
    """Each change with the differences to the text before it, the newest first."""
    found: list[dict[str, Any]] = []
    before: Mapping[str, Any] | None = None
    for change in reversed(answer.changes):
        differences: list[tuple[str, list[Part]]] = []
        content: Mapping[str, Any] | None = change["content"]
        if content is not None and before is not None:
            differences = [
                (name, word_parts(in_words(name, before[name]), in_words(name, content[name])))
                for name in FIELDS
                if before[name] != content[name]
            ]
        words = [(name, text) for name in FIELDS if (text := in_words(name, content[name]))] if content else []
        found.append({**change, "differences": differences, "words": words})
        before = content or before
    return found[::-1]


def in_words(name: str, value: Any) -> str:
    """The value of a field as one text."""
    tables = {"kinds": "group-kind", "skills": "skill"}
    if name == "icf":
        return ", ".join(with_code(code) for code in value)
    if name in tables:
        return ", ".join(label(tables[name], code) for code in value)
    if name in DEMANDS:
        return label("demand", value)
    return "\n".join(value) if name in LINES else str(value)


# ---- what Coord brings along ----------------------------------------------------------------------------------------


@pages.post("/activities/shipped", endpoint="load_shipped")
def load_shipped() -> Response:
    """The library, with the activities that come along: each is written in the name of whoever asks for them.

    Sent twice, or again after it was interrupted, it writes what is not there yet.
    """
    actor = require_actor()
    refuse_unless_permitted("WriteActivity", actor, None)
    wanted = request.form.get("language", "")
    language = next((known for known in LANGUAGES if known == wanted), the_services().settings.language)
    library.load(the_services().doors, actor, language)
    DONE.say("loaded")
    return see_other(url_for("activities.index"))


def _shipped_languages() -> list[tuple[Language, str]]:
    """The languages that they come in, with the button for each; that of the clinic first."""
    names: dict[Language, str] = {"en": _("Load them in English"), "it": _("Load them in Italian")}
    first = the_services().settings.language
    return sorted(names.items(), key=lambda item: item[0] != first)


# ---- writing and revising ----------------------------------------------------------------------------------------


@pages.get("/activities/new")
def new() -> Response:
    """The form for a new activity."""
    refuse_unless_permitted("WriteActivity", require_actor(), None)
    return _form_page(NEW.of())


@pages.post("/activities/new", endpoint="write")
def write() -> Response:
    """The new activity's page; or the form again, with everything typed."""
    actor, form = require_actor(), NEW.sent()

    def act() -> Response:
        the_services().doors.execute(actor, WriteActivity(form.id, ActivityContent(**form.values())))
        return _done(form.id, "written")

    return form.send(act, lambda: _form_page(form))


@pages.get("/activities/<uuid:activity_id>/revise")
def edit(activity_id: UUID) -> Response:
    """The form with what stands."""
    actor = require_actor()
    refuse_unless_permitted("ReviseActivity", actor, None)
    answer = _read(actor, activity_id)
    return _form_page(REVISED.of({**answer.activity, "expected_version": answer.activity["version"]}), answer)


@pages.post("/activities/<uuid:activity_id>/revise", endpoint="revise")
def revise(activity_id: UUID) -> Response:
    """Back to the activity; or the form again, beside what stands now if somebody else was faster."""
    actor, form = require_actor(), REVISED.sent()

    def act() -> Response:
        values = form.values()
        reason = values.pop("reason")
        command = ReviseActivity(activity_id, form.version, ActivityContent(**values), reason)
        the_services().doors.execute(actor, command)
        return _done(activity_id, "revised")

    return form.send(act, lambda: _form_page(form, _read(actor, activity_id)))


def _done(activity_id: UUID, said: str) -> Response:
    return DONE.then(said, url_for("activities.show", activity_id=activity_id))


def _form_page(form: Form, answer: ActivityAnswer | None = None) -> Response:
    if answer is not None:
        form.beside(answer.activity["version"], answer.activity)
    return make_response(render_template("activities/form.html", form=form, answer=answer))


# ---- out of use, and in use again --------------------------------------------------------------------------------


asks = Asks(pages, DONE, lambda activity_id: _read(require_actor(), activity_id))


_WHY = why(_l("It stands among the versions for everybody to read"))


@asks("/activities/<uuid:activity_id>/retire", [_WHY], "RetireActivity")
def retire(answer: ActivityAnswer | None, activity_id: UUID) -> Act:
    """An activity goes out of use, with a reason."""
    about = _(
        "It is no longer found among the activities in use. It can still be read, and offered again;"
        " what was done with it stays."
    )
    return Act(
        _("Take an activity out of use"),
        _("Take it out of use"),
        lambda form: RetireActivity(activity_id, form["reason"], seen("expected_version")),
        said="retired",
        about=[about],
        **_around(answer, activity_id),
    )


@asks("/activities/<uuid:activity_id>/restore", [_WHY], "RestoreActivity")
def restore(answer: ActivityAnswer | None, activity_id: UUID) -> Act:
    """It is offered again, with a reason."""
    return Act(
        _("Offer an activity again"),
        _("Offer it again"),
        lambda form: RestoreActivity(activity_id, form["reason"], seen("expected_version")),
        said="restored",
        about=[_("It is found among the activities in use again, as it stands.")],
        **_around(answer, activity_id),
    )


def _around(answer: ActivityAnswer | None, activity_id: UUID) -> dict[str, Any]:
    return {
        "back": (url_for("activities.show", activity_id=activity_id), _("Back to the activity")),
        "caption": answer.activity["title"] if answer else "",
        "seen": {"expected_version": answer.activity["version"] if answer else ""},
    }
