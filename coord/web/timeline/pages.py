"""The child's timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from coord.application.timeline.questions import ReadTimeline, TimelineAnswer
from coord.domain.errors import InvalidInput
from coord.domain.permissions import leads_service_team
from coord.web.case.page import Form, case_of, rendered, the_services
from coord.web.kit.child import DONE
from coord.web.timeline.rows import by_day, row
from coord.web.timeline.search import FILTERS, active_in, choices_of, filter_labels, wanted_by
from coord.web.visit import current_actor, require_actor

pages = Blueprint("timeline", __name__)


@pages.get("/children/<uuid:case_id>")
def show(case_id: UUID) -> Response:
    """The child's timeline, newest first: everything that this person may read, in full."""
    if request.headers.get("HX-Request") and current_actor() is None:
        # Inside this page there is no room for the sign-in page: go there, and come back to the whole page.
        return Response(headers={"HX-Redirect": url_for("timeline.show", case_id=case_id)})
    actor = require_actor()
    services = the_services()
    zone, now = services.settings.zone, services.clock()
    form = Form({name: request.args.get(name, "").strip() for name in FILTERS}, filter_labels())
    wanted, as_of = wanted_by(form, zone, now)
    answer: TimelineAnswer | None = None
    members: Sequence[Mapping[str, Any]]
    if form.status == 200:
        question = ReadTimeline(case_id, wanted, as_of, request.args.get("cursor", ""))
        try:
            answer = services.doors.ask(actor, question)
        except InvalidInput as invalid:
            form.refuse(invalid)
    asked: dict[str, Any] = {name: value for name, value in form.values.items() if value}
    if answer is None:  # nothing is shown until the question makes sense
        case = case_of(actor, case_id)
        preferred_name, child, shown = case.details["preferred_name"], case.relationship, case.shown
        members, status, older = case.members, case.status, None
    else:
        preferred_name, child, shown = answer.preferred_name, answer.relationship, answer.shown
        members, status = answer.members, answer.status
        older = url_for("timeline.show", case_id=case_id, **{**asked, "cursor": answer.next}) if answer.next else None
    choices = choices_of(form.values, members)
    parts = {m["person_id"]: m["relation"] for m in members}
    entries, further_down = (
        [row(item, parts) for item in found] for found in ((answer.items, answer.further_down) if answer else ((), ()))
    )
    return rendered(
        "timeline/show.html",
        form,
        case_id=case_id,
        preferred_name=preferred_name,
        actor_role=actor.role.value,
        leads=leads_service_team(actor, child),
        shown=shown,
        closed=status == "closed",
        days=by_day(entries, zone),
        further_down=further_down,
        older=older,
        newest=asked,
        paging="cursor" in request.args,
        added="HX-Request" in request.headers,
        as_of=as_of,
        active=active_in(form, choices) if answer else [],
        unfiltered=url_for(
            "timeline.show", case_id=case_id, **{n: v for n, v in asked.items() if n.startswith("as_of")}
        ),
        choices=choices,
        done=DONE.once(),
    )
