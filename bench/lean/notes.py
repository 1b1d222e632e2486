"""The lean app's API: sign a note, read a timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import Connection, Row, Select, bindparam, insert, select

from bench.lean.app import answer, asking, bearer
from bench.lean.tables import CHANGES, ENTRIES, PEOPLE
from bench.lean.words import AUDIENCES, FORMATS, SECTIONS, SETTINGS

api = Blueprint("api", __name__)

PAGE, LATE = 20, timedelta(hours=48)
NEWEST = (
    select(ENTRIES, PEOPLE.c.name.label("author_name"), PEOPLE.c.role, PEOPLE.c.discipline)
    .join_from(ENTRIES, PEOPLE)
    .where(ENTRIES.c.child == bindparam("child"))
    .order_by(ENTRIES.c.observed_from.desc(), ENTRIES.c.position.desc())
    .limit(PAGE + 1)
)
COLUMNS = [str(column.key) for column in NEWEST.selected_columns]
SAME: dict[str, Any] = {"subject": None, "status": "signed", "version": 1, "text_version": 1, "addenda": []}
"""What is the same of every entry: none is ever changed."""
ADD_CHANGE, ADD_ENTRY = insert(CHANGES), insert(ENTRIES)


def newest(connection: Connection, child: str, wanted: Select[Any] = NEWEST) -> tuple[list[Row[Any]], str]:
    """A page of the timeline, and where the next one begins."""
    after = request.args.get("after", "")
    if after:
        at, _, position = after.partition("|")
        e = ENTRIES.c
        try:
            moment, number = datetime.fromisoformat(at), int(position)
        except ValueError:
            abort(400)
        wanted = wanted.where((e.observed_from < moment) | ((e.observed_from == moment) & (e.position < number)))
    rows = list(connection.execute(wanted, {"child": child}))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return rows, f"{rows[-1].observed_from.isoformat()}|{rows[-1].position}" if more else ""


def is_late(row: Row[Any]) -> bool:
    """Whether a note was signed long after what it tells of."""
    return bool(row.kind == "note" and row.signed_at - row.observed_to > LATE)


@api.get("/timeline")
def timeline(case: UUID) -> Response:
    """The newest entries."""
    with asking() as connection:
        me = bearer(connection, case)
        rows, older = newest(connection, me.child)
    body = {
        "position": me.position,
        "position_recorded_at": me.at,
        "case": me.child,
        "preferred_name": me.preferred_name,
        "items": [told(row) for row in rows],
        "next": older or None,
        "further_down": [],
    }
    return answer(body)


def told(row: Row[Any]) -> dict[str, Any]:
    """An entry."""
    entry = dict(zip(COLUMNS, row, strict=True))
    del entry["child"]
    author = {"person": entry.pop("author"), "name": entry.pop("author_name")}
    author |= {"role": entry.pop("role"), "discipline": entry.pop("discipline")}
    return SAME | entry | {"author": author, "first_position": row.position, "late": is_late(row)}


@api.post("/notes")
def sign(case: UUID) -> Response:
    """Keep a signed note."""
    with current_app.extensions["lean"].begin() as connection:
        me, now = bearer(connection, case), datetime.now(UTC)
        note = checked(now)
        note |= {"id": str(uuid4()), "child": me.child, "author": me.id, "kind": "note", "detail": {}}
        note |= dict.fromkeys(("recorded_at", "signed_at", "received_at"), now)
        change = connection.execute(ADD_CHANGE, {"at": now, "person": me.id, "what": "note-signed"})
        note["position"] = change.inserted_primary_key[0]
        connection.execute(ADD_ENTRY, note)
    return answer({"id": note["id"], "status": "signed", "version": 1, "position": note["position"]}, 201)


def checked(now: datetime) -> dict[str, Any]:
    """What was sent, if all of it may be signed."""
    wrong = []
    try:
        sent = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        abort(answer({"code": "not-json"}, 400))
    sent = sent if isinstance(sent, Mapping) else {}
    for name, choices in (("format", FORMATS), ("setting", SETTINGS), ("audience", AUDIENCES), ("sign", {True})):
        if sent.get(name) not in choices:
            wrong.append(f"/{name}")
    sections = sent.get("sections")
    texts = sections.items() if isinstance(sections, Mapping) else ()
    if not texts or not all(name in SECTIONS and isinstance(text, str) and text.strip() for name, text in texts):
        wrong.append("/sections")
    try:
        observed = datetime.fromisoformat(str(sent.get("observed_from")))
        if observed.tzinfo is None or observed > now:
            wrong.append("/observed_from")
    except ValueError:
        wrong.append("/observed_from")
        observed = now
    present = sent.get("present", [])
    if not isinstance(present, list) or not all(isinstance(name, str) for name in present):
        wrong.append("/present")
    if wrong:
        abort(answer({"code": "invalid-input", "errors": wrong}, 422))
    kept = {name: sent[name] for name in ("format", "setting", "audience", "sections")}
    return kept | {"present": present, "observed_from": observed, "observed_to": observed}
