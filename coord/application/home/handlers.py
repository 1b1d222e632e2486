"""Home: my children, what is new with each, my drafts, what waits for a signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from coord.application.case.left_behind import cosigners, nobody_cosigns
from coord.application.doors import Reading, answers
from coord.application.home.pupils import cards_of, known_now
from coord.application.home.questions import Awaiting, CaseloadAnswer, DraftLeft, MyChild, MyDraft, ReadCaseload
from coord.application.looking import Category
from coord.application.notes.drafts import AFTER_SIGNING
from coord.application.notes.questions import DraftKind
from coord.application.rights import FOR_TEACHERS
from coord.application.summary.given import out_of_date
from coord.domain.actors import Relationship
from coord.domain.permissions import leads_service_team
from coord.projections import Caseload, Summaries, Timeline

EXCERPT = 80
"""Characters of a draft that the first page shows."""


@answers(ReadCaseload)
def read_caseload(reading: Reading, question: ReadCaseload) -> CaseloadAnswer:
    """Everything that one's first page shows, from one state of the views."""
    connection = reading.snapshot.connection
    caseload = reading.snapshot.view(Caseload)
    known = known_now(reading)
    relations = {case["case_id"]: child for case, child in known}
    visits = reading.access.last_visits(reading.actor.person_id, "ReadTimeline", relations)
    since = {case_id: position for case_id, (position, _) in visits.items()}
    visited = {case_id: at.astimezone(reading.zone).date() for case_id, (_, at) in visits.items()}
    news = reading.snapshot.view(Timeline).news(
        connection, actor=reading.actor, since=since, visited=visited, children=relations, today=reading.today
    )
    with_cards = question.cards and reading.actor.sight.as_school
    view = reading.snapshot.view(Summaries)
    summaries = view.states(connection, list(relations), reading.today, whole=with_cards)
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
    own = reading.drafts.of(reading.actor.person_id)
    drafts: list[MyDraft] = [
        {
            "id": d.draft_id,
            "case_id": d.case_id,
            "preferred_name": names[d.case_id],
            "kind": DraftKind(d.kind),
            "note_id": UUID(d.body["note"]) if d.kind in AFTER_SIGNING else None,
            "updated_at": d.updated_at,
            "excerpt": _first_words(d.body),
        }
        for d in own
        if d.case_id in names
    ]
    # Of a child whom they know no more neither the name: they can read their words once more, and throw them away. Of
    # one whom they know in another of their roles nothing: the draft waits there.
    elsewhere = _known_in_another_role(reading)
    left: list[DraftLeft] = [
        {"id": d.draft_id, "case_id": d.case_id, "kind": DraftKind(d.kind), "updated_at": d.updated_at}
        for d in own
        if d.case_id not in names and d.case_id not in elsewhere
    ]
    awaiting, mine = caseload.awaiting_for(connection, reading.actor, reading.today)
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
        awaiting=[cast("Awaiting", a) for a in awaiting if a["case_id"] in names],
        mine_awaiting=[cast("Awaiting", m) for m in mine if m["case_id"] in names],
        drafts_left=left,
        nobody_cosigns=_waiting_for_nobody(reading, [case for case, child in known if _leads(reading, child)]),
        shown=reading.shown,
        cards=cards,
        kept=kept,
    )


def _known_in_another_role(reading: Reading) -> set[UUID]:
    found: set[UUID] = set()
    for one in reading.actor.also:
        there = replace(reading.actor, role=one.role, discipline=one.discipline, team=one.team, further=True)
        known = reading.snapshot.view(Caseload).children_of(reading.snapshot.connection, there, reading.today)
        found |= {case["case_id"] for case, _ in known}
    return found


def _leads(reading: Reading, child: Relationship) -> bool:
    return leads_service_team(reading.actor, child)


def _waiting_for_nobody(reading: Reading, cases: Sequence[Mapping[str, Any]]) -> list[Awaiting]:
    """Of the children whose service team the actor leads, the notes that nobody on the care team can co-sign."""
    names = {case["case_id"]: case["preferred_name"] for case in cases}
    if not names:
        return []
    waiting = reading.snapshot.view(Caseload).waiting_in(reading.snapshot.connection, list(names))
    therapists = cosigners(reading.snapshot, {note["case_id"] for note in waiting}, reading.today)
    left = [n for n in waiting if nobody_cosigns(n, therapists[n["case_id"]], reading.actor.person_id)]
    readable = reading.snapshot.view(Timeline).readable_ids(
        reading.snapshot.connection,
        actor=reading.actor,
        children=dict.fromkeys(names, Relationship(same_service_team=True)),
        entries=[note["note_id"] for note in left],
    )
    return [
        cast("Awaiting", note | {"preferred_name": names[note["case_id"]]})
        for note in left
        if (note["case_id"], note["note_id"]) in readable
    ]


def _first_words(body: Mapping[str, Any]) -> str:
    """What a draft begins with, to tell it from others; of a summary there is only one for each child."""
    sections = body.get("sections")
    texts = sections.values() if isinstance(sections, Mapping) else ()
    words = " ".join(" ".join(str(text) for text in texts if isinstance(text, str)).split())
    return words if len(words) <= EXCERPT else f"{words[:EXCERPT].rstrip()}…"
