"""From a refusal to an HTTP answer, once for pages and API."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from coord.application.doors import stores_answer
from coord.domain.errors import (
    Conflict,
    DomainError,
    FieldProblem,
    InvalidInput,
    NotFound,
    NotPermitted,
    Stale,
    Unavailable,
)
from coord.web.messages import explanation, field_message
from coord.web.visit import NEVER_GIVEN_BACK

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (InvalidInput, 422),
    (NotFound, 404),
    (NotPermitted, 403),
    (Stale, 412),
    (Conflict, 409),
    (Unavailable, 503),
)
RETRY_AFTER = 5  # seconds
MOST_GIVEN_BACK = 4_000_000
"""Bytes of a form that is too large to be taken, and whose words are still given back. Beyond that, the browser has
them."""
MOST_PARTS_GIVEN_BACK = 5_000
_CODES = {400: "bad-request", 404: "not-found", 405: "method-not-allowed", 413: "too-large", 403: "not-permitted"}
PROBLEM = "application/problem+json"


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def init_errors(app: Flask) -> None:
    """Register the handlers. An address under /api/ answers problem+json, all others a page."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)
    app.after_request(_say_when_to_try_again)


def _say_when_to_try_again(response: Response) -> Response:
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", str(RETRY_AFTER))
    return response


def problem(status: int, code: str, **more: Any) -> Response:
    """A problem document (RFC 9457): type, title, status, detail, and our stable ``code``."""
    words = explanation(code, page=False)
    body = {
        "type": "about:blank",
        "title": words.title,
        "status": status,
        "detail": words.message,
        "code": code,
        "instance": f"urn:request:{g.get('request_id', '')}",
        **more,
    }
    response = make_response(jsonify(body), status)
    response.content_type = PROBLEM
    return response


def _of_field(problem: FieldProblem) -> dict[str, str]:
    said = {"pointer": problem.pointer, "code": problem.code, "detail": field_message(problem)}
    return said | ({"answer": problem.answer} if problem.answer else {})


def problem_of(error: DomainError) -> Response:
    """The problem document of a refusal, with a pointer for each field and the current version where one is stale."""
    more: dict[str, Any] = {}
    if isinstance(error, InvalidInput):
        more["errors"] = [_of_field(p) for p in error.problems]
    if isinstance(error, Stale):
        more |= {"current_version": error.current_version, "changed": list(error.changed)}
    response = problem(status_of(error), error.code, **more)
    if isinstance(error, Stale):
        response.headers["ETag"] = f'"{error.current_version}"'
    return response


def error_page(status: int, code: str, *, kept_text: str = "") -> Response:
    """A page that says what happened and what to do."""
    words = explanation(code)
    page = render_template(
        "errors/error.html",
        title=words.title,
        message=words.message,
        what_next=words.what_next,
        kept_text=kept_text,
        reference=g.get("request_id", "") if status >= 500 else "",
    )
    return make_response(page, status)


def _for_machines() -> bool:
    return request.path.startswith("/api/")


def _kept_text() -> str:
    """What the person had typed, for the error page: nothing is lost because we failed."""
    if request.method != "POST":
        return ""
    parts = [v for k, values in _form().lists() if k not in NEVER_GIVEN_BACK for v in values if len(v) > 20]
    return "\n\n".join(parts)


def _form() -> MultiDict[str, str]:
    """What was sent, also of a form that was refused for its size; empty if it cannot be read at all."""
    try:
        return request.form
    except HTTPException:
        pass
    request.max_content_length = request.max_form_memory_size = MOST_GIVEN_BACK
    request.max_form_parts = MOST_PARTS_GIVEN_BACK
    try:
        return request.form
    except HTTPException:
        return MultiDict()


def _refused(error: DomainError) -> ResponseReturnValue:
    if _for_machines():
        return problem_of(error)
    return error_page(status_of(error), error.code, kept_text=_kept_text())


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if 300 <= status < 400 or error.response is not None:
        return error
    if status == 429:
        return error
    code = _CODES.get(status, "fault" if status >= 500 else "bad-request")
    response = problem(status, code) if _for_machines() else error_page(status, code, kept_text=_kept_text())
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def _fault(error: Exception) -> ResponseReturnValue:
    try:
        with (
            stores_answer()
        ):  # accounts and sign-ins do not pass the doors, which say by themselves that a store is gone
            raise error
    except Unavailable as unavailable:
        return _refused(unavailable)
    except Exception:  # noqa: S110 - a fault of ours, reported below
        pass
    # The type and place only: a message may quote what somebody wrote.
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}" if frame else "?"
    log.error("fault", extra={"fault": type(error).__name__, "where": where})
    return problem(500, "fault") if _for_machines() else error_page(500, "fault", kept_text=_kept_text())
