"""What goes out: answers of the doors as JSON, by plain functions (a timeline page is a hot path).

`schemas` describes the same shapes for the OpenAPI document, and tests hold the two together. Times leave in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import orjson
from flask import Response

from coord.application.commands import Receipt
from coord.application.questions import NoteAnswer, Shown, SummaryAnswer, TimelineAnswer
from coord.domain.case import Circumstances, Note
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


_ADDENDUM = ("id", "text", "by", "role", "discipline", "audience")


def _chosen(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def timeline(answer: TimelineAnswer, late_after: timedelta) -> dict[str, Any]:
    """A page of entries."""
    found = {
        "case": answer.case_id,
        "preferred_name": answer.preferred_name,
        "items": [entry(row, late_after) for row in answer.items],
        "further_down": [entry(row, late_after) for row in answer.further_down],
        "next": answer.next or None,
        **place(answer.shown),
    }
    if answer.as_of is not None:
        found["as_of"] = answer.as_of
    return found


def entry(row: Mapping[str, Any], late_after: timedelta) -> dict[str, Any]:
    """One entry. Rows come from the view with their times in UTC."""
    return {
        "id": row["entry_id"],
        "kind": row["kind"],
        "subject": row["subject_id"] if row["kind"] != "summary" else None,
        "status": row["status"],
        "version": row["version"],
        "text_version": row["text_version"],
        "position": row["from_position"],
        "first_position": row["entered_position"],
        "author": {
            "person": row["author_id"],
            "name": row["author_name"],
            "role": row["role"],
            "discipline": row["discipline"],
        },
        "audience": row["audience"],
        "format": row["format"],
        "setting": row["setting"],
        "observed_from": row["observed_from"],
        "observed_to": row["observed_to"],
        "recorded_at": row["recorded_at"],
        "signed_at": row["signed_at"],
        "received_at": row["received_at"],
        "late": row["kind"] == "note"
        and (bool(row["detail"].get("after_closing")) or row["signed_at"] - row["observed_to"] > late_after),
        "present": row["present"],
        "sections": row["sections"],
        "addenda": [
            {**_chosen(a, _ADDENDUM), "at": datetime.fromisoformat(a["at"]).astimezone(UTC)} for a in row["addenda"]
        ],
        "detail": row["detail"],
    }


def note(answer: NoteAnswer, late_after: timedelta) -> tuple[dict[str, Any], int]:
    """A note with all its versions, or one's own draft; and the version that an edit has to name."""
    common: dict[str, Any] = {"case": answer.case_id, "preferred_name": answer.preferred_name}
    end = {"may": sorted(answer.may), **place(answer.shown)}
    if answer.note is None:
        draft = answer.draft or {}
        return {"id": draft["id"], **common, **_draft(draft), **end}, draft["revision"]
    n = answer.note
    return {"id": n.id, **common, **_signed(n, late_after), "linked": list(answer.linked_from), **end}, n.version


def by(who: Mapping[str, Any]) -> dict[str, Any]:
    """Who did it, as they were then."""
    return {"person": who["person"], "name": who["name"], "role": who["role"], "discipline": who["discipline"]}


def _signed(n: Note, late_after: timedelta) -> dict[str, Any]:
    error = n.error
    content = {
        "status": n.status,
        "version": n.version,
        "text_version": n.text_version,
        "author": by(n.author),
        "format": n.format,
        "audience": n.audience,
        "setting": n.setting,
        "present": n.present,
        "sections": n.sections,
        "observed_from": n.observed_from,
        "observed_to": n.observed_to,
        "recorded_at": n.recorded_at,
        "signed_at": n.signed_at,
        "received_at": n.received_at,
        "late": n.after_closing or n.signed_at - n.observed_to > late_after,
        "after_closing": n.after_closing,
        "versions": [
            {
                "number": t.number,
                "sections": t.sections,
                "by": by(t.by),
                "signed_at": t.signed_at,
                "received_at": t.received_at,
                "reason": t.reason,
            }
            for t in n.texts
        ],
        "addenda": [
            {
                "id": a.id,
                "text": a.text,
                "by": by(a.by),
                "audience": a.audience,
                "signed_at": a.signed_at,
                "received_at": a.received_at,
            }
            for a in n.addenda
        ],
        "cosignatures": [{"by": by(m.by), "at": m.at} for m in n.cosignatures],
        "audience_changes": [
            {"by": by(m.by), "at": m.at, **dict(zip(("from", "to"), m.detail.split(" -> "), strict=True))}
            for m in n.audience_changes
        ],
        "corrections": [
            {
                "number": c.number,
                "before": _circumstances(c.before),
                "after": _circumstances(c.after),
                "by": by(c.by),
                "signed_at": c.signed_at,
                "received_at": c.received_at,
                "reason": c.reason,
            }
            for c in n.corrections
        ],
        **({"entrusted": n.entrusted.to} if n.entrusted else {}),
        "error": {"by": by(error.by), "at": error.at, "reason": error.detail} if error else None,
    }
    found: dict[str, Any] = plain(content)
    return found


def _circumstances(then: Circumstances) -> dict[str, Any]:
    return {
        "observed_from": then.observed_from,
        "observed_to": then.observed_to,
        "setting": then.setting,
        "present": then.present,
    }


def _draft(draft: Mapping[str, Any]) -> dict[str, Any]:
    body: Mapping[str, Any] = draft["body"]
    return {
        "status": "draft",
        "version": draft["revision"],
        "format": body.get("format") or None,
        "audience": body.get("audience") or None,
        "setting": body.get("setting") or None,
        "present": [str(p) for p in body.get("present") or ()],
        "sections": {str(k): str(v) for k, v in (body.get("sections") or {}).items()},
        "observed_from": _moment(body.get("observed_from")),
        "observed_to": _moment(body.get("observed_to")),
        "linked": [str(i) for i in body.get("linked") or ()],
        "updated_at": plain(draft["updated_at"]),
    }


def _moment(text: Any) -> datetime | None:
    """A time as far as a draft has one: a page may have kept half a date."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


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
