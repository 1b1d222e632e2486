"""Home: my children, what is new with each, my drafts, what waits for a signature."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from coord.application.doors import Reading, answers
from coord.application.home.pupils import cards_of
from coord.application.home.questions import Awaiting, CaseloadAnswer, DraftLeft, MyChild, MyDraft, ReadCaseload
from coord.application.looking import Category
from coord.application.notes.drafts import AFTER_SIGNING
from coord.application.notes.questions import DraftKind
from coord.application.rights import FOR_TEACHERS
from coord.application.summary.given import out_of_date
from coord.application.waiting.handlers import waiting_of
from coord.application.waiting.mine import Mine, first_words
from coord.application.waiting.questions import ReadWaiting
from coord.projections import Timeline


@answers(ReadCaseload)
def read_caseload(reading: Reading, question: ReadCaseload) -> CaseloadAnswer:
    """Everything that one's first page shows, from one state of the views."""
    connection = reading.snapshot.connection
    with_cards = question.cards and reading.actor.sight.as_school
    mine = Mine(reading, whole_summaries=with_cards)
    known, relations = mine.known, mine.relations
    visits = reading.access.last_visits(reading.actor.person_id, "ReadTimeline", relations)
    since = {case_id: position for case_id, (position, _) in visits.items()}
    visited = {case_id: at.astimezone(reading.zone).date() for case_id, (_, at) in visits.items()}
    news = reading.snapshot.view(Timeline).news(
        connection, actor=reading.actor, since=since, visited=visited, children=relations, today=reading.today
    )
    summaries = mine.summaries
    children: list[MyChild] = []
    for case, child in known:
        case_id = case["case_id"]
        summary = summaries.get(case_id)
        row: dict[str, Any] = {name: case[name] for name in ("case_id", "status", *FOR_TEACHERS)}
        if reading.actor.sight.identity:
            row |= {"full_name": case["full_name"], "birth_date": case["birth_date"]}
        count, latest = news[case_id]
        row |= {
            "relation": child.relation.value if child.relation else None,
            "new": count,
            "latest": latest,
            "last_visit": visits[case_id][1] if case_id in visits else None,
            "summary_status": summary["status"] if summary else "none",
            "summary_version": summary["version"] if summary else 0,
            "summary_review_date": summary["review_date"] if summary else None,
            "summary_out_of_date": out_of_date(reading, summary),
        }
        children.append(cast("MyChild", row))
    names = {case["case_id"]: case["preferred_name"] for case, _ in known}
    drafts: list[MyDraft] = [
        {
            "id": d.draft_id,
            "case_id": d.case_id,
            "preferred_name": names[d.case_id],
            "kind": DraftKind(d.kind),
            "note_id": UUID(d.body["note"]) if d.kind in AFTER_SIGNING else None,
            "updated_at": d.updated_at,
            "excerpt": first_words(d.body),
        }
        for d in mine.drafts
        if d.case_id in names
    ]
    # Of a child whom they know no more neither the name: they can read their words once more, and throw them away.
    left: list[DraftLeft] = [
        {"id": d.draft_id, "case_id": d.case_id, "kind": DraftKind(d.kind), "updated_at": d.updated_at}
        for d in mine.drafts
        if d.case_id not in names
    ]
    to_cosign, of_mine = mine.cosignatures
    for case_id, child in relations.items():
        reading.shows(case_id, Category.IDENTITY, relation=child)
        if case_id in summaries:
            reading.shows(case_id, Category.SUMMARY)
    for draft in drafts:
        reading.shows(draft["case_id"], Category.DRAFTS)
    still_open = [(case, child) for case, child in known if case["status"] == "open"]
    cards, kept = cards_of(reading, question, still_open, summaries) if with_cards else ({}, None)
    reading.detail["children"] = len(relations)
    return CaseloadAnswer(
        children=children,
        drafts=drafts,
        awaiting=[cast("Awaiting", note) for note in to_cosign],
        mine_awaiting=[cast("Awaiting", note) for note in of_mine],
        drafts_left=left,
        nobody_cosigns=[cast("Awaiting", note) for note in mine.nobody_cosigns],
        shown=reading.shown,
        cards=cards,
        kept=kept,
        waiting=waiting_of(mine, ReadWaiting(limit=question.waiting)) if question.waiting else None,
    )
