"""The rows of a timeline, each with what it tells and where more of it can be read, by the day they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import url_for

from coord.domain.case.notes import FORMATS
from coord.web.goals.words import KINDS_IN_WORDS, entry_sentence, lower_first
from coord.web.labels import label


def row(item: Mapping[str, Any], parts: Mapping[UUID, str]) -> dict[str, Any]:
    """A row of the timeline, with its sections in the order of their format.

    What is told of a goal, a strategy or a measure is a sentence; ``parts`` says what each person is to the child.
    """
    sections: Mapping[str, str] = item["sections"]
    known = FORMATS[item["format"]].sections if item["format"] in FORMATS else ()
    names = [n for n in known if n in sections] + [n for n in sections if n not in known]
    return {
        **item,
        "texts": [(name, sections[name]) for name in names],
        "sentence": entry_sentence(item, _who(item, parts)) if item["kind"] in KINDS_IN_WORDS else "",
        "place": _place(item),
    }


def _who(item: Mapping[str, Any], parts: Mapping[UUID, str]) -> str:
    """As in "Tove Dahl, class teacher": what they are to this child, or, if they have no part in it today, their role
    and discipline: "Bo Lind, therapist, psychology"."""
    part = parts.get(item["author_id"])
    if part:
        return f"{item['author_name']}, {lower_first(label('relation', part))}"
    known = [label("role", item["role"])]
    if item["discipline"] not in (None, "", "school"):
        known.append(label("discipline", item["discipline"]))
    return ", ".join([item["author_name"], *(lower_first(words) for words in known)])


def _place(item: Mapping[str, Any]) -> str | None:
    """Where more can be read of what an entry tells in a sentence."""
    case_id, what = item["case_id"], item["detail"].get("what")
    if item["kind"] == "goal":
        anchor = f"observation-{item['detail']['observation']}" if what == "observed" else None
        return url_for("goals.show", case_id=case_id, goal_id=item["subject_id"], _anchor=anchor)
    if item["kind"] == "measure" and what == "scored":
        return url_for("goals.index", case_id=case_id, _anchor="score")
    if item["kind"] in ("group", "message"):
        anchor = f"line-{item['subject_id']}" if item["subject_id"] else None
        return url_for("child_groups.index", case_id=case_id, _anchor=anchor)
    endpoint = {"strategy": "strategies.index", "measure": "measures.index"}.get(item["kind"], "")
    return url_for(endpoint, case_id=case_id) if endpoint else None


def by_day(entries: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> list[tuple[date, list[Mapping[str, Any]]]]:
    """The rows of each day, in their order."""

    def day_of(entry: Mapping[str, Any]) -> date:
        observed: datetime = entry["observed_from"]
        return observed.astimezone(zone).date()

    return [(day, list(group)) for day, group in groupby(entries, key=day_of)]
