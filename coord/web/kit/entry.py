"""An entry of a child's record, wherever it is listed: where it is read in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for


def place_of(item: Mapping[str, Any]) -> str | None:
    """The address where more can be read of what an entry tells; none, where the timeline says all of it."""
    case_id, what = item["case_id"], item["detail"].get("what")
    if item["kind"] == "note":
        return url_for("notes.show", case_id=case_id, note_id=item["entry_id"])
    if item["kind"] == "goal":
        anchor = f"observation-{item['detail']['observation']}" if what == "observed" else None
        return url_for("goals.show", case_id=case_id, goal_id=item["subject_id"], _anchor=anchor)
    if item["kind"] == "measure" and what == "scored":
        return url_for("goals.index", case_id=case_id, _anchor="score")
    if item["kind"] in ("group", "message"):
        anchor = f"line-{item['subject_id']}" if item["subject_id"] else None
        return url_for("child_groups.index", case_id=case_id, _anchor=anchor)
    endpoint = {
        "strategy": "strategies.index",
        "measure": "measures.index",
        "summary": "summaries.show",
        "alert": "children.alerts",
    }
    return url_for(endpoint[item["kind"]], case_id=case_id) if item["kind"] in endpoint else None
