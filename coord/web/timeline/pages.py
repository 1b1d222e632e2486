"""The child's timeline."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from coord.application.case.questions import CaseAnswer, ReadCase
from coord.application.timeline.questions import ReadTimeline, TimelineAnswer
from coord.web.kit.child import DONE, around
from coord.web.kit.listed import answered, asked, away_from_here, next_page
from coord.web.timeline.rows import Rows, by_month
from coord.web.timeline.search import SEARCH, active_in, offer_authors, question
from coord.web.visit import here

pages = Blueprint("timeline", __name__)


@pages.get("/children/<uuid:case_id>")
def show(case_id: UUID) -> Response:
    """The child's timeline, newest first: everything that this person may read, in full."""
    if away := away_from_here("timeline.show", case_id=case_id):
        return away
    services, actor = here()
    form, cursor = SEARCH.asked(), request.args.get("cursor", "")
    found = answered(form, lambda values: question(case_id, values, cursor))
    wanted, answer = cast("tuple[ReadTimeline | None, TimelineAnswer | None]", found)
    case: CaseAnswer | None = None if answer else services.doors.ask(actor, ReadCase(case_id))
    child: Any = answer or case  # nothing is shown until the question makes sense
    offer_authors(form, child.members)
    rows = Rows({m["person_id"]: m["relation"] for m in child.members})
    entries, further_down = (
        [rows.row(item) for item in items] for items in ((answer.items, answer.further_down) if answer else ((), ()))
    )
    filters = asked(form)
    then: dict[str, Any] = {name: value for name, value in filters.items() if name.startswith("as_of")}
    page = render_template(
        "timeline/show.html",
        form=form,
        **around(child),
        closed=child.status == "closed",
        months=by_month(entries, services.settings.zone),
        first_new=next((entry.id for entry in entries if entry.new), None),
        visited=answer.visited if answer else None,
        unfolded=bool(wanted and wanted.filter.text),  # what was searched for is to be seen
        further_down=further_down,
        older=next_page(form, answer, "timeline.show", case_id=case_id),
        newest=filters,
        paging="cursor" in request.args,
        added="HX-Request" in request.headers,
        as_of=wanted.as_of if wanted else None,
        active=active_in(form) if answer else [],
        unfiltered=url_for("timeline.show", case_id=case_id, **then),
        done=DONE.once(),
    )
    return make_response(page, form.status)
