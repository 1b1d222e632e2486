"""All that waits for somebody, a page at a time; the first page has its most urgent lines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord.application.waiting.questions import ReadWaiting, WaitingAnswer, WaitingKind
from coord.domain.actors import Relationship
from coord.domain.permissions import PERMISSIONS
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import declared
from coord.web.kit.listed import answered, asked, next_page
from coord.web.kit.namesakes import names_of
from coord.web.visit import here
from coord.web.waiting.words import KINDS, lines, lines_for_others

pages = Blueprint("waiting", __name__)
A_PAGE = 50
FILTERS = declared(
    "waiting-filters",
    Field("kind", Kind.CHOICE, _l("What"), optional=True, first=_l("Everything"), becomes=WaitingKind),
    Field("child", Kind.CHOICE, _l("Child"), optional=True, first=_l("All children"), becomes=UUID),
)


@pages.get("/waiting")
def index() -> Response:
    """What waits for this person, narrowed to a kind or a child; and what of theirs waits for others."""
    (services, actor), form, cursor = here(), FILTERS.asked(), request.args.get("cursor", "")

    def means(values: Any) -> ReadWaiting:
        return ReadWaiting(values["kind"], values["child"], cursor, A_PAGE, choices=True)

    _question, found = answered(form, means)
    answer: WaitingAnswer = found or services.doors.ask(actor, ReadWaiting(limit=1, choices=True))
    names = names_of(answer.children)
    form.offer("kind", ({"value": kind.value, "text": str(KINDS[kind])} for kind in answer.kinds))
    about = [(str(case["case_id"]), names[case["case_id"]]) for case in answer.children if case["listed"]]  # type: ignore[index]
    form.offer("child", ({"value": value, "text": text} for value, text in about))
    teacher = actor.sight.as_school
    page = render_template(
        "waiting/index.html",
        form=form,
        lines=lines(answer.items, names, teacher) if found else [],
        for_others=lines_for_others(answer.for_others, names) if found else [],
        about_children=bool(about),
        total=answer.total,
        narrowed=bool(asked(form)),
        paging=bool(cursor),
        beginning=url_for("waiting.index", **asked(form)),
        more=next_page(form, found, "waiting.index"),
        decides=PERMISSIONS["ReadProposals"].who(actor, Relationship()),
        shown=answer.shown,
    )
    return make_response(page, form.status)
