"""The history as a file: CSV for a spreadsheet, JSON Lines for a program.

A person's CSV says everything as the page does: the clinic's time, the page's words for its columns. JSON Lines, and
the API's CSV, have codes and ids, and times in UTC.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from coord.web.history.words import Row, kept_by, rows, texts, what
from coord.web.labels import label
from coord.web.spelling import format_datetime

COLUMNS = (
    "at",
    "sort",
    "kind",
    "what",
    "outcome",
    "person",
    "person_name",
    "role",
    "discipline",
    "case",
    "preferred_name",
    "entry",
    "position",
    "observed_at",
    "recorded_at",
    "version_before",
    "version_after",
    "before",
    "after",
    "labels",
    "withheld",
    "reason",
    "channel",
    "purpose",
    "categories",
    "request",
    "detail",
)
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
CUT_OFF = "cut-off"
"""The ``sort`` of a last row that says that the file holds no more than the limit; so that nobody takes it for all."""
MOST_IN_A_CELL = 32_767
"""Characters of a cell that spreadsheets take, counted as they count (in UTF-16)."""
_UNSEEN = (  # what a spreadsheet passes over, or nobody sees: blanks, controls, marks of direction, fillers, quotes
    "\\s\x00-\x1f\x7f-\x9f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e"
    '\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffd\\U000e0000-\\U000e0fff"\u201c\u201d'
)
_ENDS_A_CELL = ";|\t\r\n"
"""What an office may take for the end of a cell. Many split at the semicolon, and where they do, quotes do not hold."""
_BETWEEN = re.compile(f"[{_UNSEEN}{_ENDS_A_CELL}]+")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def as_file(
    form: str, pages: Iterable[Iterable[Mapping[str, Any]]], most: int, *, zone: ZoneInfo | None = None
) -> Iterator[str]:
    """The file piece by piece, a page of the history each; at most ``most`` rows, and a last one saying so.

    ``zone`` is the clinic's, for a CSV that people read.
    """
    plain = form == "csv" and zone is not None
    if form == "csv":  # the mark lets a spreadsheet read the accents
        yield "\ufeff" + _csv([_headings(zone) if zone is not None else COLUMNS])
    write = _plain_rows if plain else _csv_rows if form == "csv" else _json_rows
    left = most
    for page in pages:
        items = list(page)
        told = items[:left]
        cut = len(items) > left or left == 0
        left -= len(told)
        yield write(told, most if cut else None)
        if cut:
            return


def _headings(zone: ZoneInfo) -> list[str]:
    time = {"zone": zone.key}
    return [
        _("When (time in %(zone)s)", **time),
        _("What"),
        _("Entry"),
        _("Outcome"),
        _("Who"),
        _("Role and discipline"),
        _("Child"),
        _("Particulars"),
        _("Reason"),
        _("From version"),
        _("To version"),
        _("Before"),
        _("After"),
        _("Words withheld"),
        _("Position"),
    ]


def _plain_rows(items: list[Mapping[str, Any]], cut: int | None) -> str:
    """As the page shows them."""
    names = {str(item["person"]): item["person_name"] for item in items if item["person"] is not None}
    names |= {str(item["case_id"]): item["preferred_name"] for item in items if item["preferred_name"]}
    lines = [_plain_row(row) for row in rows(items, names)]
    if cut is not None:
        lines.append(["", _("The file ends here: it holds no more than %(rows)s rows.", rows=cut)])
    return _csv([[_cell(value) for value in line] for line in lines])


def _plain_row(row: Row) -> list[Any]:
    item = row.item
    return [
        format_datetime(item["at"], "yyyy-MM-dd HH:mm:ss"),
        row.what,
        row.which,
        label("outcome", item["outcome"]),
        item["person_name"] or _("Somebody who did not prove who they are"),
        row.who,
        item["preferred_name"],
        "\n".join(f"{name}: {value}" for name, value in row.facts),
        row.reason,
        item["version_before"],
        item["version_after"],
        texts(item["before"], kept_by(item)),
        texts(item["after"], kept_by(item)),
        _("yes") if item["withheld"] else "",
        item["position"],
    ]


def _row(item: Mapping[str, Any]) -> dict[str, Any]:
    detail = dict(item["detail"])
    reason = detail.pop("reason", "")
    return {
        **{name: item[name] for name in COLUMNS if name in item},
        "what": what(item),
        "outcome": label("outcome", item["outcome"]),
        "case": item["case_id"],
        "entry": item["entry_id"],
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


def _told(items: list[Mapping[str, Any]], cut: int | None) -> list[dict[str, Any]]:
    last = dict.fromkeys(COLUMNS) | {"sort": CUT_OFF, "detail": {"rows": cut}}
    return [*(_row(item) for item in items), *([last] if cut is not None else ())]


def _json_rows(items: list[Mapping[str, Any]], cut: int | None) -> str:
    return "".join(_json({name: row.get(name) for name in COLUMNS}) + "\n" for row in _told(items, cut))


def _csv_rows(items: list[Mapping[str, Any]], cut: int | None) -> str:
    return _csv([[_cell(row.get(name)) for name in COLUMNS] for row in _told(items, cut)])


def _csv(lines: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(lines)
    return out.getvalue()


def _cell(value: Any) -> str:
    """A cell's text: what a spreadsheet would take for a formula gets an apostrophe in front and stays text; what is
    longer than it takes is cut, and says so."""
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
    return _fitting(_no_formula(text))


def _no_formula(text: str) -> str:
    def marked(found: re.Match[str]) -> str:
        run, at = found[0], found.end()
        begins = found.start() == 0 or any(mark in run for mark in _ENDS_A_CELL)
        return f"{run}'" if begins and text.startswith(_STARTS_A_FORMULA, at) else run

    kept = _BETWEEN.sub(marked, text)
    return f"'{kept}" if text.startswith((*_STARTS_A_FORMULA, "\t", "\r", "\n")) else kept


def _fitting(text: str) -> str:
    if len(text) <= MOST_IN_A_CELL // 2:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * MOST_IN_A_CELL:
        return text
    words: str = "\n" + _(
        "[Cut here: it has %(all)s characters, and a spreadsheet takes %(most)s. The JSON Lines file has it all.]",
        all=len(text),
        most=MOST_IN_A_CELL,
    )
    room = MOST_IN_A_CELL - len(words.encode("utf-16-le")) // 2
    return units[: 2 * room].decode("utf-16-le", "ignore") + words
