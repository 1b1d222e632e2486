"""The search of everything: a child, a colleague, a page, an activity, or words in the records of one's children."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord.application.find.questions import Find, FindAnswer
from coord.domain.actors import Relationship
from coord.domain.errors import NotPermitted
from coord.domain.permissions import PERMISSIONS
from coord.web.find.words import headline, marked, pages_found, place
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import declared
from coord.web.kit.listed import answered
from coord.web.kit.namesakes import marks_of, names_of
from coord.web.visit import require_actor
from coord.words import words_wanted

pages = Blueprint("find", __name__)
WORDS = declared("find", Field("q", Kind.TEXT, _l("Words to find"), called=_l("Words"), pointer="/text", optional=True))


@pages.get("/find")
def show() -> Response:
    """What fits the words, in groups; without words, what can be found here."""
    actor, form = require_actor(), WORDS.asked()
    if not PERMISSIONS["Find"].who(actor, Relationship()):
        raise NotPermitted
    text, answer = form.typed["q"], None
    if text:
        _question, answer = answered(form, lambda values: Find(values["q"]))
    page = render_template(
        "find/show.html",
        form=form,
        text=text,
        answer=answer,
        teacher=actor.sight.as_school,
        pages=pages_found(actor, words_wanted(text)) if answer else [],
        **_in_words(answer, words_wanted(text)),
    )
    return make_response(page, form.status)


def _in_words(answer: FindAnswer | None, wanted: list[str]) -> dict[str, object]:
    """What was found as the page shows it; namesakes told apart."""
    marks = marks_of(answer.known) if answer else {}
    entries = answer.entries if answer else ()
    return {
        "marks": marks,
        "names": names_of(answer.known, marks) if answer else {},
        "entries": [(entry, headline(entry), place(entry), marked(entry["excerpt"], wanted)) for entry in entries],
        "in_whole": list(dict.fromkeys(entry["case_id"] for entry in entries)),
    }
