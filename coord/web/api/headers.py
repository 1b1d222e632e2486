"""The headers of answers, as the OpenAPI document names them. What a browser reads of them is in docs/api.md."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

HEADERS = {
    "X-Request-Id": "Names the request in the service's log and in the record; a refusal has it as its `instance` too",
    "ETag": 'The version, in quotes (`"3"`): what an edit has to name in If-Match. Never for a 304',
    "Content-Encoding": "`gzip`, if the request takes it (`Accept-Encoding`) and the answer is worth it",
    "Location": "Where what was made is read",
    "Idempotent-Replayed": "`true`: this is the answer that the first request with this Idempotency-Key was given",
    "Content-Disposition": "Of a file: its name",
    "Coord-Position": "Of a file: the position in the record that it shows",
    "Link": 'Of a file that is not all: where it goes on, as `<...>; rel="next"`',
    "WWW-Authenticate": "`Bearer`, with `error` where there was a token",
    "Allow": "The methods that the address knows",
    "Retry-After": "Seconds after which the same request makes sense again",
}
OF_A_FILE = ("Content-Disposition", "Coord-Position", "Link")
_OF_A_REFUSAL = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate",),
    HTTPStatus.METHOD_NOT_ALLOWED: ("Allow",),
    HTTPStatus.CONFLICT: ("Retry-After",),
    HTTPStatus.PRECONDITION_FAILED: ("ETag",),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
}


def described(*names: str) -> dict[str, Any]:
    """References to these, and to what every answer has, or may have: what has an ETag goes out byte by byte."""
    of_every = ("X-Request-Id",) if "ETag" in names else ("X-Request-Id", "Content-Encoding")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*of_every, *names)}


def of_refusal(status: int) -> dict[str, Any]:
    """Those of a refusal with this status."""
    return described(*_OF_A_REFUSAL.get(HTTPStatus(status), ()))
