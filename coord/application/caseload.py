"""Home: my children, what is new with each, my drafts, what waits for a signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from coord.application.doors import Reading, answers
from coord.application.notes import AFTER_SIGNING
from coord.application.questions import CaseloadAnswer, ReadCaseload
from coord.domain.actors import Relationship
from coord.domain.permissions import knows_child
from coord.projections import Caseload, Summaries, Timeline

EXCERPT = 80
"""Characters of a draft that the first page shows."""


@answers(ReadCaseload)
def read_caseload(reading: Reading, _: ReadCaseload) -> CaseloadAnswer:
    """Everything that one's first page shows, from one state of the views."""
    connection = reading.snapshot.connection
    caseload = reading.snapshot.view(Caseload)
    known = caseload.children_of(connection, reading.actor, reading.today)
    if Caseload.NAME in reading.snapshot.incomplete:  # who left since is known to the record, not to a stopped view
        known = [(case, child) for case, child in known if knows_child(reading.actor, _now(reading, case["case_id"]))]
    relations = {case["case_id"]: child for case, child in known}
    visits = reading.access.last_visits(reading.actor.person_id, "ReadTimeline", relations)
    since = {case_id: position for case_id, (position, _) in visits.items()}
    visited = {case_id: at.astimezone(reading.zone).date() for case_id, (_, at) in visits.items()}
    news = reading.snapshot.view(Timeline).news(
        connection, actor=reading.actor, since=since, visited=visited, children=relations, today=reading.today
    )
    summaries = reading.snapshot.view(Summaries).states(connection, list(relations), reading.today)
    teacher = reading.actor.role.value == "teacher"
    children = []
    for case, child in known:
        case_id = case["case_id"]
        summary = summaries.get(case_id)
        row = {name: case[name] for name in ("case_id", "preferred_name", "school", "school_class", "team", "status")}
        if not teacher:
            row["full_name"] = case["full_name"]
        count, latest = news[case_id]
        row |= {
            "relation": child.relation.value if child.relation else None,
            "new": count,
            "latest": latest,
            "last_visit": visits[case_id][1] if case_id in visits else None,
            "summary_status": summary["status"] if summary else "none",
            "summary_version": summary["version"] if summary else 0,
            "summary_review_date": summary["review_date"] if summary else None,
            "summary_out_of_date": bool(
                summary
                and summary["status"] == "published"
                and (summary["problems"] or summary["review_date"] < reading.today)
            ),
        }
        children.append(row)
    names = {case["case_id"]: case["preferred_name"] for case, _ in known}
    drafts = [
        {
            "id": d.draft_id,
            "case_id": d.case_id,
            "preferred_name": names[d.case_id],
            "kind": d.kind,
            "note_id": UUID(d.body["note"]) if d.kind in AFTER_SIGNING else None,
            "updated_at": d.updated_at,
            "excerpt": _first_words(d.body),
        }
        for d in reading.drafts.of(reading.actor.person_id)
        if d.case_id in names
    ]
    awaiting, mine = caseload.awaiting_for(connection, reading.actor, reading.today)
    return CaseloadAnswer(
        children=children,
        drafts=drafts,
        awaiting=[a for a in awaiting if a["case_id"] in names],
        mine_awaiting=[m for m in mine if m["case_id"] in names],
        shown=reading.shown,
    )


def _first_words(body: Mapping[str, Any]) -> str:
    """What a draft begins with, to tell it from others; of a summary there is only one for each child."""
    sections = body.get("sections")
    texts = sections.values() if isinstance(sections, Mapping) else ()
    words = " ".join(" ".join(str(text) for text in texts if isinstance(text, str)).split())
    return words if len(words) <= EXCERPT else f"{words[:EXCERPT].rstrip()}…"


def _now(reading: Reading, case_id: UUID) -> Relationship:
    return reading.record.case(case_id).relationship_of(reading.actor, reading.today)
