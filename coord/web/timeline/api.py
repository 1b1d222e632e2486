"""My children, and a child's timeline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coord.application.home.questions import CaseloadAnswer, ReadCaseload
from coord.application.timeline.questions import ReadTimeline, ReadTimelineAs, TimelineAnswer, TimelineFilter
from coord.web.api.answers import json_answer
from coord.web.api.operations import ApiBlueprint, actor, operation, services
from coord.web.api.routes import reads
from coord.web.api.typed import shape, told
from coord.web.timeline.schemas import TimelineQuery

blueprint = ApiBlueprint("timeline", "What happened, newest observation first.")


reads(
    blueprint,
    "/cases",
    ReadCaseload,
    CaseloadAnswer,
    about="""List my children

    With what is new since my last visit to each, my drafts, and what awaits a co-signature.
    """,
)


@operation(blueprint, "GET", "/cases/<uuid:case>/timeline", query=TimelineQuery, answer=shape(TimelineAnswer))
def read_timeline(case: UUID, query: dict[str, Any]) -> Response:
    """Read a child's timeline

    Only what you may read is in it. With `as_of` it is the record as it stood then; with `reader` the team lead sees it
    as another person could.
    """
    q = query
    wanted = TimelineFilter(
        discipline=q.get("discipline"),
        setting=q.get("setting"),
        kind=q.get("kind"),
        author=q.get("author"),
        start=q.get("start"),
        end=q.get("end"),
        text=q.get("q", ""),
    )
    as_of, cursor, limit = q.get("as_of"), q.get("cursor", ""), q["limit"]
    question: ReadTimeline | ReadTimelineAs = ReadTimeline(case, wanted, as_of, cursor, limit)
    if "reader" in q:
        question = ReadTimelineAs(case, q["reader"], as_of, wanted, cursor, limit)
    found: TimelineAnswer = services().doors.ask(actor(), question)
    return json_answer(told(found))
