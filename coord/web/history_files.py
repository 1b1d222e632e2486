"""The history as a file: CSV for a spreadsheet, JSON Lines for a program. Times in UTC, nothing shortened."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from coord.web.history_words import what
from coord.web.labels import label

COLUMNS = (
    "at",
    "sort",
    "kind",
    "what",
    "outcome",
    "person_id",
    "person_name",
    "role",
    "discipline",
    "case_id",
    "child",
    "entry_id",
    "position",
    "observed_at",
    "recorded_at",
    "version_before",
    "version_after",
    "before",
    "after",
    "withheld",
    "reason",
    "channel",
    "request",
    "detail",
)
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
CUT_OFF = "cut-off"
"""The ``sort`` of a last row that says that the file holds no more than the limit; so that nobody takes it for all."""
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_file(form: str, pages: Iterable[Iterable[Mapping[str, Any]]], most: int) -> Iterator[str]:
    """The file piece by piece, a page of the history each; at most ``most`` rows, and a last one saying so."""
    if form == "csv":
        yield "\ufeff" + _csv([COLUMNS])  # the mark lets a spreadsheet read the accents
    write = _csv_rows if form == "csv" else _json_rows
    left = most
    for page in pages:
        items = list(page)
        rows = [_row(item) for item in items[:left]]
        cut = len(items) > left or left == 0
        left -= len(rows)
        if cut:
            rows.append(dict.fromkeys(COLUMNS) | {"sort": CUT_OFF, "detail": {"rows": most}})
        yield write(rows)
        if cut:
            return


def _row(item: Mapping[str, Any]) -> dict[str, Any]:
    detail = dict(item["detail"])
    reason = detail.pop("reason", "")
    return {
        **{name: item[name] for name in COLUMNS if name in item},
        "what": what(item),
        "outcome": label("outcome", item["outcome"]),
        "person_id": item["person"],
        "child": item["preferred_name"],
        "reason": reason,
        "detail": detail,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (date, UUID)):
        return str(value)
    raise TypeError(type(value).__name__)


def _json(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _json_rows(rows: list[dict[str, Any]]) -> str:
    return "".join(_json({name: row.get(name) for name in COLUMNS}) + "\n" for row in rows)


def _csv_rows(rows: list[dict[str, Any]]) -> str:
    return _csv([[_cell(row.get(name)) for name in COLUMNS] for row in rows])


def _csv(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue()


def _cell(value: Any) -> str:
    """A cell's text. What a spreadsheet would take for a formula gets an apostrophe in front, and stays text."""
    if value is None or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (dict, list)):
        text = _json(value)
    elif isinstance(value, (datetime, date, UUID)):
        text = _plain(value)
    else:
        text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else text
