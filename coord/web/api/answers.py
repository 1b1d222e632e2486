"""What goes out: answers of the doors as JSON, by plain functions (a timeline page is a hot path).

`schemas` describes the same shapes for the OpenAPI document, and tests hold the two together. Times leave in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import orjson
from flask import Response

from coord.application.commands import Receipt
from coord.application.questions import Shown, SummaryAnswer
from coord.domain.case.strategies import OUTCOMES

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def json_answer(
    content: Mapping[str, Any], status: int = 200, *, etag: int | None = None, location: str | None = None
) -> Response:
    """A JSON response; ``etag`` is the version that an edit has to name."""
    response = Response(orjson.dumps(content, option=_OPTIONS), status=status, mimetype="application/json")
    if etag is not None:
        response.headers["ETag"] = f'"{etag}"'
    if location is not None:
        response.headers["Location"] = location
    return response


def receipt(done: Receipt, status: int = 200, *, location: str | None = None, etag: bool = True) -> Response:
    """What a command answers: ids, version and position, and nothing that anybody wrote."""
    content = {"id": done.id, "status": done.status, "version": done.version, "position": done.position}
    return json_answer(content, status, etag=done.version if etag else None, location=location)


def place(shown: Shown) -> dict[str, Any]:
    """Which position of the record an answer shows, and which views have stopped if any have."""
    found: dict[str, Any] = {"position": shown.position, "position_recorded_at": shown.recorded_at}
    if shown.incomplete:
        found["incomplete"] = dict(shown.incomplete)
    return found


def plain(value: Any) -> Any:
    """Any structure of the domain as JSON knows it, times in UTC. Not for hot paths."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    return value


def _chosen(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def by(who: Mapping[str, Any]) -> dict[str, Any]:
    """Who did it, as they were then."""
    return {"person": who["person"], "name": who["name"], "role": who["role"], "discipline": who["discipline"]}


def summary(answer: SummaryAnswer) -> dict[str, Any]:
    """The summary with what no longer stands about it, and a list of its versions."""
    a = answer
    found: dict[str, Any] = plain(
        {
            "case": a.case_id,
            "preferred_name": a.details["preferred_name"],
            "version": a.version,
            "status": a.status,
            "statements": {
                section: [
                    {
                        "text": s["text"],
                        "sources": [_chosen(x, ("visible", "kind", "entry", "version")) for x in s["sources"]],
                        "withdrawn_at": s["withdrawn_at"],
                    }
                    for s in statements
                ]
                for section, statements in a.statements.items()
            },
            "contact": a.contact,
            "valid_from": a.valid_from,
            "review_date": a.review_date,
            "published_by": by(a.published_by) if a.published_by else None,
            "published_at": a.published_at,
            "recalled_by": by(a.recalled_by) if a.recalled_by else None,
            "recalled_at": a.recalled_at,
            "recall_reason": a.recall_reason,
            "out_of_date": [_chosen(o, ("why", "kind", "entry", "since", "visible")) for o in a.out_of_date],
            "versions": [{**_chosen(v, _VERSION), "published_by": by(v["published_by"])} for v in a.versions],
            **place(a.shown),
        }
    )
    return found


def school_strategy(s: Mapping[str, Any]) -> dict[str, Any]:
    """A strategy offered for school, and how often it helped."""
    outcomes = {outcome.replace("-", "_"): s["counts"].get(outcome, 0) for outcome in OUTCOMES}
    return {"id": s["id"], "text": s["text"], **outcomes}


_VERSION = ("version", "status", "valid_from", "published_at", "recalled_at", "recall_reason")
