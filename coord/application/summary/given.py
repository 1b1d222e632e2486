"""What the school is given of the summaries of many children, in as many statements as of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from coord.application.doors import Reading
from coord.application.summary.handlers import advice_ended, withdrawn
from coord.domain.case.summary import of_day, standing, states_of
from coord.projections import Summaries


@dataclass(frozen=True, slots=True)
class Given:
    """The statements of a summary in force by section, without advice that was ended since."""

    statements: Mapping[str, Sequence[str]]
    review_date: date
    out_of_date: bool


def given_to_the_school(reading: Reading, states: Mapping[UUID, Mapping[str, Any]]) -> dict[UUID, Given]:
    """What the school is given, of each of these children that has a summary in force: as `summary_for` has it for one.

    ``states`` is what `Summaries.states` says of them, with their statements.
    """
    if Summaries.NAME in reading.snapshot.incomplete:
        # The view has stopped, and what it shows may have been recalled or replaced since: the record decides.
        states = {case_id: now for case_id in states if (now := by_the_record(reading, case_id)) is not None}
    in_force = {case_id: state for case_id, state in states.items() if state["status"] == "published"}
    advice = advice_ended(reading, list(in_force))
    return {
        case_id: Given(_said(state["statements"], advice[case_id]), state["review_date"], out_of_date(reading, state))
        for case_id, state in in_force.items()
    }


def out_of_date(reading: Reading, state: Mapping[str, Any] | None) -> bool:
    """Whether a summary in force should not be relied on as it is."""
    if state is None or state["status"] != "published":
        return False
    return bool(state["problems"]) or state["review_date"] < reading.today


def by_the_record(reading: Reading, case_id: UUID) -> Mapping[str, Any] | None:
    """The version that counts today, if the view has it."""
    connection, view = reading.snapshot.connection, reading.snapshot.view(Summaries)
    states = {int(number): state for number, state in states_of(reading.record.case(case_id)).items()}
    number = of_day(states.items(), reading.today)
    if number is None or number not in {version["version"] for version in view.versions_of(connection, case_id)}:
        return None
    stands = standing(states.items(), reading.today)
    problems = view.problems(connection, case_id, number)
    now = {"status": stands[number], "problems": len(problems), "upcoming": "upcoming" in stands.values()}
    return {**view.version(connection, case_id, number), **now}


def _said(statements: Mapping[str, Any], advice: Mapping[UUID, Any]) -> dict[str, list[str]]:
    ended = withdrawn(statements, advice)
    found = {section: [one["text"] for one in said if one["text"] not in ended] for section, said in statements.items()}
    return {section: texts for section, texts in found.items() if texts}
