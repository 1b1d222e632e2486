"""What goes out: JSON with its version, the receipt of a command, and what no type says. Times leave in UTC.

What an answer of the doors is made of follows from its class (`coord.web.api.typed`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import orjson
from flask import Response

from coord.application.declared import Receipt

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
