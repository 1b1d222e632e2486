"""The pupils of a teacher: the card of each on the first page, and the page for who stands in for the teacher."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from coord.application.doors import Reading, answers
from coord.application.home.questions import (
    Kept,
    Pupil,
    PupilGoal,
    ReadCaseload,
    ReadForSupply,
    SupplyAnswer,
    SupplyPupil,
)
from coord.application.looking import Category
from coord.application.rights import alerts_for, goal_readable
from coord.application.shown import AlertShown
from coord.application.summary.given import Given, given_to_the_school
from coord.application.waiting.mine import known_now
from coord.domain.actors import Relationship
from coord.domain.case.goals.wording import Context
from coord.projections import Goals, Summaries

GOALS_ON_A_CARD = 3
GOOD_FOR = timedelta(days=7)
"""How long a printed page is good at most: a summary can be recalled, and paper does not hear of it."""
_WORKED_ON = ("active", "agreed")
"""Goals that a card offers to rate, those under way first. Of the others the child's goals tell."""


def cards_of(
    reading: Reading,
    question: ReadCaseload,
    known: Sequence[tuple[Mapping[str, Any], Relationship]],
    states: Mapping[UUID, Mapping[str, Any]],
) -> tuple[dict[UUID, Pupil], Kept | None]:
    """The card of each of these children, with what was just kept; ``states`` are those of their summaries."""
    alerts = {case["case_id"]: _alerts(reading, case, child) for case, child in known}
    children = {case["case_id"]: child for case, child in known}
    given = given_to_the_school(reading, {case_id: states[case_id] for case_id in children if case_id in states})
    goals = _goals_of(reading, children)
    cards = {}
    for case_id in children:
        first = goals[case_id][:GOALS_ON_A_CARD]
        cards[case_id] = Pupil(alerts[case_id], *_advice(given.get(case_id)), first, len(goals[case_id]) - len(first))
        if first:
            reading.shows(case_id, Category.GOALS, entries=[goal.id for goal in first])
    return cards, _kept(reading, question, cards)


def _alerts(reading: Reading, case: Mapping[str, Any], child: Relationship) -> list[AlertShown]:
    """Those of the child that are for the reader: the look at it says so."""
    found = alerts_for(reading, case, child)
    if found:
        reading.shows(case["case_id"], Category.ALERTS, relation=child)
    return found


def _advice(given: Given | None) -> tuple[list[str], list[str]]:
    statements = given.statements if given else {}
    return list(statements.get("helps", ())), list(statements.get("avoid", ()))


def _goals_of(reading: Reading, children: Mapping[UUID, Relationship]) -> dict[UUID, list[PupilGoal]]:
    view = reading.snapshot.view(Goals)
    rows = view.of_children(reading.snapshot.connection, reading.actor, children, _WORKED_ON)
    if Goals.NAME in reading.snapshot.incomplete:
        # The view has stopped, and a goal may have ended or been taken from this reader since: the record decides.
        rows = [row for row in rows if _still_there(reading, children[row["case_id"]], row)]
    rows.sort(key=lambda row: (_WORKED_ON.index(row["status"]), Context.SCHOOL not in row["content"]["contexts"]))
    found: dict[UUID, list[PupilGoal]] = {case_id: [] for case_id in children}
    for row in rows:
        scale = row["content"]["scale"]
        levels = None if scale is None else scale["levels"]
        goal = PupilGoal(row["goal_id"], row["content"]["statement"], levels, row["scale_version"])
        found[row["case_id"]].append(goal)
    return found


def _still_there(reading: Reading, child: Relationship, row: Mapping[str, Any]) -> bool:
    goal = reading.record.goal(row["case_id"], row["goal_id"])
    return goal.status in _WORKED_ON and goal_readable(reading.actor, child, goal)


def _kept(reading: Reading, question: ReadCaseload, cards: Mapping[UUID, Pupil]) -> Kept | None:
    """What the reader themselves just kept of a goal on a card."""
    if question.kept is None or question.kept[0] not in {goal.id for card in cards.values() for goal in card.goals}:
        return None
    view = reading.snapshot.view(Goals)
    row = view.rated(reading.snapshot.connection, [question.kept[1]]).get(question.kept)
    if row is None or row["observer_id"] != reading.actor.person_id:
        return None
    return Kept(row["level"], row["support"])


@answers(ReadForSupply)
def read_for_supply(reading: Reading, question: ReadForSupply) -> SupplyAnswer:
    """What helps each pupil of a class, or of all; of children with an open case."""
    known = [(case, child) for case, child in known_now(reading) if case["status"] == "open"]
    wanted = (question.school, question.school_class)
    chosen = [(case, child) for case, child in known if wanted in ((None, None), _class_of(case))]
    classes = sorted({_class_of(case) for case, _ in chosen})
    view = reading.snapshot.view(Summaries)
    ids = [case["case_id"] for case, _ in chosen]
    given = given_to_the_school(reading, view.states(reading.snapshot.connection, ids, reading.today, whole=True))
    pupils = []
    for case, child in chosen:
        case_id = case["case_id"]
        one = given.get(case_id)
        helps, avoid = _advice(one)
        names = (case["preferred_name"], case["school"], case["school_class"])
        about = (_alerts(reading, case, child), helps, avoid)
        pupils.append(SupplyPupil(case_id, *names, *about, one is not None, bool(one and one.out_of_date)))
        reading.shows(case_id, Category.IDENTITY, *((Category.SUMMARY,) if one else ()), relation=child)
    reading.detail["children"] = len(pupils)
    return SupplyAnswer(pupils, good_until(reading.today, given.values()), classes, reading.shown)


def _class_of(case: Mapping[str, Any]) -> tuple[str, str]:
    return case["school"], case["school_class"]


def good_until(today: date, given: Iterable[Given]) -> date:
    """Until when a page with these summaries is good: a few days, and not beyond the day on which one is due to be
    reviewed. (One that is due already says so itself.)"""
    reviews = (one.review_date for one in given if one.review_date >= today)
    return min([today + GOOD_FOR, *reviews])
