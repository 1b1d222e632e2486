"""My children, and a child's timeline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coord.application.questions import (
    CaseloadAnswer,
    ReadCaseload,
    ReadTimeline,
    ReadTimelineAs,
    TimelineAnswer,
    TimelineFilter,
)
from coord.web.api import answers, caseload_schemas
from coord.web.api import timeline_schemas as shapes
from coord.web.api.operations import ApiBlueprint, actor, operation, services

blueprint = ApiBlueprint("timeline", "What happened, newest observation first.")


@operation(blueprint, "GET", "/cases", answer=caseload_schemas.CaseloadAnswer)
def read_caseload() -> Response:
    """List my children

    With what is new since my last visit to each, my drafts, and what awaits a co-signature.
    """
    found: CaseloadAnswer = services().doors.ask(actor(), ReadCaseload())
    content = {
        "items": [_renamed(row, {"case_id": "id"}) for row in found.children],
        "drafts": [_renamed(row, {"case_id": "case", "note_id": "note"}) for row in found.drafts],
        "awaiting": [_renamed(row, _AWAITING) for row in found.awaiting],
        "mine_awaiting": [_renamed(row, _AWAITING) for row in found.mine_awaiting],
        "drafts_left": [_renamed(row, {"case_id": "case"}) for row in found.drafts_left],
        "nobody_cosigns": [_renamed(row, _AWAITING) for row in found.nobody_cosigns],
        **answers.place(found.shown),
    }
    return answers.json_answer(content)


_AWAITING = {"note_id": "note", "case_id": "case", "author_id": "author"}


def _renamed(row: Any, names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in row.items()}


@operation(blueprint, "GET", "/cases/<uuid:case>/timeline", query=shapes.TimelineQuery, answer=shapes.TimelineAnswer)
def read_timeline(case: UUID, query: dict[str, Any]) -> Response:
    """Read a child's timeline

    Only what you may read is in it. With `as_of` it is the record as it stood then; with `reader` the team lead sees it
    as another person could.
    """
    q = query
    wanted = TimelineFilter(
        q.get("discipline"),
        q.get("setting"),
        q.get("kind"),
        q.get("author"),
        q.get("start"),
        q.get("end"),
        q.get("q", ""),
    )
    as_of, cursor, limit = q.get("as_of"), q.get("cursor", ""), q["limit"]
    question: ReadTimeline | ReadTimelineAs = ReadTimeline(case, wanted, as_of, cursor, limit)
    if "reader" in q:
        question = ReadTimelineAs(case, q["reader"], as_of, wanted, cursor, limit)
    found: TimelineAnswer = services().doors.ask(actor(), question)
    return answers.json_answer(answers.timeline(found, services().settings.late_after))
