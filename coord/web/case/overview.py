"""The first page about a child: who is this, and what now. Everything on it leads to where it comes from."""

from __future__ import annotations

from typing import NamedTuple, cast
from uuid import UUID

from flask import make_response, render_template
from werkzeug.wrappers import Response

from coord.application.overview.questions import NoteAtAGlance, Overview, ReadOverview
from coord.web.case.page import pages
from coord.web.goals import words as goal_words
from coord.web.headlines import headline_of, in_order, telling
from coord.web.kit.child import around
from coord.web.labels import label
from coord.web.sections import format_called
from coord.web.visit import here

LETTERS = 180
"""Of a note, after its headline: two lines."""


class LastNote(NamedTuple):
    """The last note of a discipline: its headline, and how it goes on."""

    note: NoteAtAGlance
    mark: str
    word: str
    headline: str
    rest: str


@pages.get("/children/<uuid:case_id>/overview")
def overview(case_id: UUID) -> Response:
    """The child at a glance, as far as this person may see it."""
    services, actor = here()
    answer = cast(Overview, services.doors.ask(actor, ReadOverview(case_id)))
    page = render_template(
        "case/overview.html",
        answer=answer,
        words=goal_words,
        notes=[_last(note) for note in answer.notes],
        today=services.clock().astimezone(services.settings.zone).date(),
        **around(answer),
    )
    return make_response(page)


def _last(note: NoteAtAGlance) -> LastNote:
    discipline = note["author"]["discipline"]
    mark, word = (discipline, label("discipline", discipline)) if discipline else ("note", label("kind", "note"))
    kept = note["written_in"]
    sections = in_order(note["format"], note["sections"], kept)
    chosen = telling(sections, kept)
    if chosen is None:
        return LastNote(note, mark, word, format_called(note["format"], kept), "")
    first = headline_of(sections[chosen][1])
    rest = " ".join(first.rest.split())
    if first.cut:
        return LastNote(note, mark, word, first.text, "")
    if len(rest) > LETTERS:
        rest = f"{rest[:LETTERS].rsplit(' ', 1)[0]}…"
    return LastNote(note, mark, word, first.text, rest)
