"""The audit history: every change and every access, for a child and for a service team."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import Response, request

from coord.application.questions import HistoryAnswer, HistoryFilter, ReadAudit, ReadHistory
from coord.domain.errors import FieldProblem, InvalidInput
from coord.web.api import answers
from coord.web.api import history_schemas as shapes
from coord.web.api.operations import ApiBlueprint, actor, operation, services
from coord.web.history_files import as_file

blueprint = ApiBlueprint("history", "Who changed what, and who looked at what. Looking here is recorded as well.")
CSV, LINES = "text/csv", "application/x-ndjson"
MOST_IN_JSON, MOST_IN_A_FILE = 200, 5_000


@operation(
    blueprint,
    "GET",
    "/cases/<uuid:case>/history",
    query=shapes.HistoryQuery,
    answer=shapes.HistoryAnswer,
    also=(CSV, LINES),
)
def read_history(case: UUID, query: dict[str, Any]) -> Response:
    """Read a child's history (team lead)

    Every change and every access, newest first. As a file (`format`, or an `Accept` header) it holds up to 5,000 rows;
    a `Link` header leads to the next ones.
    """
    export, limit = _form(query)
    wanted = _wanted(query, None)
    question = ReadHistory(case, wanted, query.get("cursor", ""), limit, export)
    return _answer(services().doors.ask(actor(), question), export)


@operation(blueprint, "GET", "/audit", query=shapes.AuditQuery, answer=shapes.HistoryAnswer, also=(CSV, LINES))
def read_audit(query: dict[str, Any]) -> Response:
    """Read the history of my service team (team lead)

    Of its children and its people: `case` and `person` answer who saw a child, and what somebody opened. Files as for
    one child.
    """
    export, limit = _form(query)
    question = ReadAudit(_wanted(query, query.get("case")), query.get("cursor", ""), limit, export)
    return _answer(services().doors.ask(actor(), question), export)


def _wanted(q: dict[str, Any], case: UUID | None) -> HistoryFilter:
    return HistoryFilter(q.get("person"), case, q.get("kind", ""), q.get("start"), q.get("end"))


def _form(query: dict[str, Any]) -> tuple[str, int]:
    """The kind of file (empty for JSON) and how many rows."""
    named = query.get("format")
    if named is None:
        accepted = request.accept_mimetypes.best_match(["application/json", CSV, LINES], "application/json")
        named = {CSV: "csv", LINES: "jsonl"}.get(accepted, "json")
    export = "" if named == "json" else named
    most = MOST_IN_A_FILE if export else MOST_IN_JSON
    limit: int = query.get("limit", most if export else 50)
    if limit > most:
        raise InvalidInput([FieldProblem("/limit", "out-of-range", {"least": 1, "most": most})])
    return export, limit


def _answer(found: HistoryAnswer, export: str) -> Response:
    if not export:
        page = {
            "items": [_item(row) for row in found.items],
            "next": found.next or None,
            **answers.place(found.shown),
        }
        return answers.json_answer(page)
    # Whole, not streamed: 5,000 rows are a few megabytes, and half a file would look like a whole one.
    rows = found.items
    content = "".join(as_file("csv", [rows], len(rows) + 1)).encode() if export == "csv" else _lines(found)
    response = Response(content, mimetype=CSV if export == "csv" else LINES)
    response.headers["Content-Disposition"] = f'attachment; filename="history.{export}"'
    response.headers["Coord-Position"] = str(found.shown.position)
    if found.next:
        arguments = request.args.to_dict() | {"cursor": found.next, "format": export}
        response.headers["Link"] = f'<{request.path}?{urlencode(arguments)}>; rel="next"'
    return response


def _lines(found: HistoryAnswer) -> bytes:
    options = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
    return b"".join(orjson.dumps(_item(row), option=options) for row in found.items)


_AS_THEY_ARE = (
    "sort",
    "at",
    "person",
    "person_name",
    "role",
    "discipline",
    "kind",
    "preferred_name",
    "position",
    "observed_at",
    "recorded_at",
    "version_before",
    "version_after",
    "before",
    "after",
    "withheld",
    "detail",
    "outcome",
    "request",
    "channel",
    "purpose",
    "categories",
)


def _item(row: Any) -> dict[str, Any]:
    found = {name: row[name] for name in _AS_THEY_ARE}
    return {**found, "case": row["case_id"], "entry": row["entry_id"]}
