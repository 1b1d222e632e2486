"""The audit history: every change and every access, for a child and for a service team."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import Response, request

from coord.application.history.questions import (
    HistoryAnswer,
    HistoryFilter,
    HistoryItem,
    ReadAudit,
    ReadHistory,
)
from coord.domain.errors import FieldProblem, InvalidInput
from coord.domain.input import SHORT
from coord.web.api import answers
from coord.web.api.fields import Strict, Whole, Words, choice, id_, time_
from coord.web.api.operations import ApiBlueprint, actor, operation, services
from coord.web.api.schemas import CURSOR
from coord.web.api.typed import shape, told
from coord.web.history.files import as_file

blueprint = ApiBlueprint("history", "Who changed what, and who looked at what. Looking here is recorded as well.")
CSV, LINES = "text/csv", "application/x-ndjson"
MOST_IN_JSON, MOST_IN_A_FILE = 200, 5_000
_KINDS = "`changes` or `accesses`; one kind of change (`note-signed`) or access (`ReadNote`); `refused`"
_LIMIT = "At most 200 in JSON (50, if left out), 5000 in a file (all, if left out)"


class HistoryQuery(Strict):
    """What to show of changes and accesses."""

    person = id_("Who did it")
    kind = Words(most=60, metadata={"description": _KINDS})
    start = time_("At this time or later", key="from")
    end = time_("Before this time", key="to")
    cursor = Words(most=SHORT, metadata={"description": CURSOR})
    limit = Whole(1, MOST_IN_A_FILE, metadata={"description": _LIMIT})
    format = choice(("json", "csv", "jsonl"), about="Instead of an `Accept` header")


class AuditQuery(HistoryQuery):
    """The same for the service team."""

    case = id_("One child of the team")


@operation(
    blueprint,
    "GET",
    "/cases/<uuid:case>/history",
    query=HistoryQuery,
    answer=shape(HistoryAnswer),
    also=(CSV, LINES),
)
def read_history(case: UUID, query: dict[str, Any]) -> Response:
    """Read a child's history (team lead)

    Every change and every access, newest first. As a file (`format`, or an `Accept` header) it holds up to 5,000 rows;
    a `Link` header leads to the next ones.
    """
    export, cursor, limit = _form(query)
    return _answer(
        services().doors.ask(actor(), ReadHistory(case, HistoryFilter(**query), cursor, limit, export)), export
    )


@operation(blueprint, "GET", "/audit", query=AuditQuery, answer=shape(HistoryAnswer), also=(CSV, LINES))
def read_audit(query: dict[str, Any]) -> Response:
    """Read the history of my service team (team lead)

    Of its children and its people: `case` and `person` answer who saw a child, and what somebody opened. Files as for
    one child.
    """
    export, cursor, limit = _form(query)
    question = ReadAudit(HistoryFilter(**query), cursor, limit, export)
    return _answer(services().doors.ask(actor(), question), export)


def _form(query: dict[str, Any]) -> tuple[str, str, int]:
    """The kind of file (empty for JSON), from where on and how many rows; taken out of the query."""
    named = query.pop("format", None)
    if named is None:
        accepted = request.accept_mimetypes.best_match(["application/json", CSV, LINES], "application/json")
        named = {CSV: "csv", LINES: "jsonl"}.get(accepted, "json")
    export = "" if named == "json" else named
    most = MOST_IN_A_FILE if export else MOST_IN_JSON
    limit: int = query.pop("limit", most if export else 50)
    if limit > most:
        raise InvalidInput([FieldProblem("/limit", "out-of-range", {"least": 1, "most": most})])
    return export, query.pop("cursor", ""), limit


def _answer(found: HistoryAnswer, export: str) -> Response:
    if not export:
        return answers.json_answer(told(found))
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
    return b"".join(orjson.dumps(told(row, HistoryItem), option=options) for row in found.items)
