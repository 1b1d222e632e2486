"""What waits for somebody, from all sources, in one order, page by page; and the looks that it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coord.application.cursors import order_cursor, read_order_cursor
from coord.application.doors import Reading, answers
from coord.application.looking import Category
from coord.application.rights import details_for
from coord.application.waiting.mine import Mine
from coord.application.waiting.questions import ReadWaiting, Urgency, Waiting, WaitingAnswer, WaitingKind
from coord.application.waiting.sources import SOURCES, for_others
from coord.domain.actors import Relationship
from coord.domain.errors import FieldProblem, InvalidInput, NotFound

MOST_ROWS = 200
_SHOWN = {
    WaitingKind.ALERT: Category.ALERTS,
    WaitingKind.SUMMARY: Category.SUMMARY,
    WaitingKind.GOAL_REVIEW: Category.GOALS,
    WaitingKind.GOAL_AGREEMENT: Category.GOALS,
    WaitingKind.DRAFT: Category.DRAFTS,
}
"""Which data of a child one line tells, beside the name."""
_URGENCIES, _KINDS = list(Urgency), list(WaitingKind)
_PARTS = 6


@answers(ReadWaiting)
def read_waiting(reading: Reading, question: ReadWaiting) -> WaitingAnswer:
    """All of it from one state of the views; only the children on the page leave a look, and those to choose from."""
    if question.limit is not None and not 1 <= question.limit <= MOST_ROWS:
        raise InvalidInput([FieldProblem("/limit", "out-of-range", {"least": 1, "most": MOST_ROWS})])
    mine = Mine(reading)
    if question.child is not None and question.child not in mine.relations:
        raise NotFound
    return waiting_of(mine, question)


def waiting_of(mine: Mine, question: ReadWaiting) -> WaitingAnswer:
    """The page that is asked for, of somebody of whom something may have been found already."""
    reading = mine.reading
    after = read_order_cursor(question.cursor, _PARTS)
    every = sorted(_all_of(mine), key=in_order)
    wanted = [one for one in every if _fits(one, question)]
    rest = wanted if after is None else [one for one in wanted if in_order(one) > after]
    shown = rest[: question.limit]
    apart = [one for one in for_others(mine) if _fits(one, question)] if after is None else []
    told = mine.relations.keys() & {one.case_id for one in every} if question.choices else set()
    _leave_looks(mine, [*shown, *apart])
    for case_id in told:
        reading.shows(case_id, Category.IDENTITY, relation=mine.relations[case_id])
    return WaitingAnswer(
        items=shown,
        total=len(wanted),
        for_others=apart,
        next=order_cursor(in_order(shown[-1])) if shown and len(shown) < len(rest) else None,
        shown=reading.shown,
        kinds=sorted({one.kind for one in every}, key=_KINDS.index),
        children=[
            {"case_id": case["case_id"], "listed": case["case_id"] in told, **details_for(reading, case)}
            for case, _ in (mine.known if question.choices else ())
        ],
    )


def _all_of(mine: Mine) -> Iterable[Waiting]:
    nobody = Relationship()
    for source in SOURCES:
        if source.who(mine.reading.actor, nobody):
            yield from source.find(mine)


def _fits(one: Waiting, question: ReadWaiting) -> bool:
    return question.kind in (None, one.kind) and question.child in (None, one.case_id)


def in_order(one: Waiting) -> tuple[str, ...]:
    """By how soon it is, and by its day where that is near; then by kind, and what waits longest first. The rest only
    tells two of them apart, so that every page begins where the one before ended."""
    return (
        str(_URGENCIES.index(one.urgency)),
        one.due.isoformat() if one.due and one.urgency is not Urgency.OPEN else "",
        f"{_KINDS.index(one.kind):02}",
        one.since.isoformat() if one.since else "",
        str(one.case_id or one.id),
        f"{one.id} {one.number or 0:09}",
    )


def _leave_looks(mine: Mine, shown: Sequence[Waiting]) -> None:
    for one in shown:
        if one.case_id in mine.relations:
            category = _SHOWN.get(one.kind)
            goals = [one.id] if category is Category.GOALS and one.id else []
            categories = (Category.IDENTITY, *((category,) if category else ()))
            mine.reading.shows(one.case_id, *categories, entries=goals, relation=mine.relations[one.case_id])
