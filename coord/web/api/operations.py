"""One decorator for every route: who asks, what may come in, what is documented, how a repeated POST is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Any, Literal, cast
from uuid import UUID

import orjson
from flask import Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import Schema, missing
from sqlalchemy.exc import SQLAlchemyError
from uuid6 import uuid7

from coord.application.declared import Command, Receipt
from coord.application.doors import Doors, stores_answer
from coord.application.services import Services
from coord.domain.actors import Actor
from coord.domain.errors import DomainError, NotFound, NotPermitted
from coord.office.idempotency import Claim, Replies, Reply
from coord.office.tokens import Unauthenticated
from coord.web.api import schemas
from coord.web.api.fields import null_is_left_out
from coord.web.api.headers import OF_A_FILE, described
from coord.web.api.intake import body_value, idempotency_key, read_body, read_query
from coord.web.api.schemas import NoParameters
from coord.web.errors import problem
from coord.web.visit import actor_from_bearer, the_services

log = logging.getLogger(__name__)

PREFIX = "/api/v1"
Condition = Literal["none", "optional", "required"]
View = Callable[..., Response]
RETRY_AFTER_IN_PROGRESS = 2  # seconds

IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "description": "The version that you decided on: the ETag of the answer you read.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$', "examples": ['"1"']},
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": (
        "Chosen by you, one for each thing you mean to do. The same request with the same key within 48 hours gives "
        "the first answer again (`Idempotent-Replayed: true`); another request with it is refused."
    ),
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$", "examples": ["5f0c7a52-note-1"]},
}


class ApiBlueprint(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """An area of the API: strict input, and a bearer token on every request."""

    def __init__(self, name: str, description: str) -> None:
        """``name`` is the area's title in the documentation."""
        super().__init__(f"api-{name}", __name__, url_prefix=PREFIX, description=description)
        self.tag = name
        self.before_request(authenticate)


def services() -> Services:
    """The services of this application; before an answer is given again, with doors that only ask for the right."""
    found = the_services()
    return replace(found, doors=cast(Doors, _RightsAlone(found.doors))) if g.get("replaying") else found


def replies() -> Replies:
    """The kept answers of this application."""
    return cast(Replies, current_app.extensions["coord-replies"])


def actor() -> Actor:
    """Whose token came with this request."""
    return cast(Actor, g.api_actor)


def authenticate() -> Response | None:
    """Find out who asks, before anything of the request is read. A page's cookie means nothing here."""
    g.visit = None
    try:
        with stores_answer():
            g.api_actor = actor_from_bearer(request.headers.get("Authorization"))
    except Unauthenticated as refused:
        response = problem(401, refused.code)
        hint = "" if refused.code == "token-missing" else ' error="invalid_token"'
        response.headers["WWW-Authenticate"] = f"Bearer{hint}"
        return response
    return None


def new_id(given: UUID | None) -> UUID:
    """The id of a new thing: the client's own; else one that a retry with the same key makes again; else any."""
    return given_id(given) or any_id()


def given_id(given: UUID | None) -> UUID | None:
    """The id that a new thing must have: the client's own, or one that a retry with the same key makes again."""
    claim = cast("Claim | None", g.get("claim"))
    return given or (claim.new_id if claim else None)


def any_id() -> UUID:
    """An id that nobody has used."""
    return UUID(int=uuid7().int)


def operation(
    blueprint: ApiBlueprint,
    method: str,
    rule: str,
    *,
    answer: type[Schema],
    status: int = 200,
    body: type[Schema] | None = None,
    example: Mapping[str, Any] | None = None,
    query: type[Schema] | None = None,
    if_match: Condition = "none",
    also: Sequence[str] = (),
    etag: bool | None = None,
    located: bool = False,
) -> Callable[[View], View]:
    """Register a view as ``method rule`` with its documentation.

    The view gets the path's ids by name, and ``body`` and ``query`` where there is a schema for them. ``also`` names
    further media types of the answer. ``etag`` says whether that has one, which a receipt has if nothing is said;
    ``located`` whether it says where what was made is.
    """
    if body is not None:
        null_is_left_out(body, changes=method == "PATCH")

    def register(view: View) -> View:
        view_of = view if query is not None else _without(view, "query")
        view_of = view_of if body is None or body().fields else _without(view_of, "body")
        inner = _once(view_of) if method == "POST" else view_of
        documented: Any = inner
        for media_type in reversed(also):  # what comes last stands first: a client takes the first for the answer
            text = {"type": "string"}
            documented = blueprint.alt_response(status, schema=text, content_type=media_type, success=True)(documented)
        headers = _headers(method, answer is schemas.Receipt if etag is None else etag, located, bool(also))
        said = {"description": HTTPStatus(status).phrase, "headers": headers}
        documented = blueprint.response(status, answer, **said)(documented)
        for code in _refusals(method, body, if_match):
            documented = blueprint.alt_response(code, HTTPStatus(code).name)(documented)
        if body is not None:
            more = {} if example is None else {"example": example}
            required = any(field.required for field in body().fields.values())
            documented = blueprint.arguments(body, location="json", required=required, **more)(documented)
        documented = blueprint.arguments(query or NoParameters, location="query")(documented)
        parameters = documented._apidoc["arguments"]["parameters"]
        if if_match != "none":
            parameters.append({**IF_MATCH, "required": if_match == "required"})
        if method == "POST":
            parameters.append(IDEMPOTENCY_KEY)
        documented = blueprint.doc(operationId=view.__name__)(documented)
        # What describes is wrapped around what runs a dozen times; only the description is kept of that.
        runs: Any = _reading(inner, query or NoParameters, body)
        runs._apidoc = documented._apidoc
        blueprint.route(rule, methods=[method], tags=[blueprint.tag])(runs)
        return view

    return register


def _headers(method: str, etag: bool, located: bool, files: bool) -> dict[str, Any]:
    has = {"ETag": etag, "Location": located, "Idempotent-Replayed": method == "POST"} | dict.fromkeys(OF_A_FILE, files)
    return described(*(name for name, there in has.items() if there))


def _refusals(method: str, body: type[Schema] | None, if_match: Condition) -> list[int]:
    codes = [401, 403, 404, 405, 422, 503]
    if method != "GET":
        codes += [400, 409]
    if body is not None:
        codes += [413, 415]
    if if_match == "required":
        codes += [428]
    if if_match != "none" or method in ("POST", "PATCH"):
        codes += [412]
    return codes


def _reading(view: View, query: type[Schema], body: type[Schema] | None) -> View:
    """Read the query, then the body, and hand them to the view."""
    query_schema, body_schema = _ready(query), _ready(body) if body is not None else None

    @wraps(view)
    def reading(**arguments: Any) -> Response:
        arguments["query"] = read_query(query_schema)
        if body_schema is not None:
            arguments["body"] = read_body(body_schema)
        return view(**arguments)

    return reading


def _ready(kind: type[Schema]) -> Schema:
    """A schema that passes over what may be absent and is; marshmallow would go through every such field each time."""
    fields = kind().fields.items()
    return kind(partial={name for name, f in fields if not f.required and f.load_default is missing})


def _without(view: View, name: str) -> View:
    """For a view that has no query or body: that there is none has been checked by then."""

    @wraps(view)
    def without(**arguments: Any) -> Response:
        arguments.pop(name)
        return view(**arguments)

    return without


# ---- the same POST twice -----------------------------------------------------------------------------------------


def _once(view: View) -> View:
    """Answer a POST whose ``Idempotency-Key`` was used before as it was answered then."""

    @wraps(view)
    def once(**arguments: Any) -> Response:
        key = idempotency_key()
        if key is None:
            return view(**arguments)
        now, route, wanted = services().clock(), str(request.url_rule), _fingerprint()
        with stores_answer():
            claim = replies().claim(key, person_id=actor().person_id, route=route, request=wanted, now=now)
        if isinstance(claim, Reply):
            _refuse_unless_still_permitted(view, arguments)
            return _replayed(claim)
        if claim == "in-progress":
            response = problem(409, "in-progress")
            response.headers["Retry-After"] = str(RETRY_AFTER_IN_PROGRESS)
            return response
        if claim == "idempotency-key-reused":
            return problem(422, "idempotency-key-reused")
        return _carried_out(view, claim, arguments)

    return once


class _StillPermitted(Exception):
    """The command would be allowed now."""


class _RightsAlone:
    """Doors that carry nothing out: a command is asked whether it would be allowed, and that is all."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self.ask = doors.ask

    def execute(self, actor: Actor, command: Command) -> Receipt:
        self._doors.refuse_unless_permitted(actor, command)
        raise _StillPermitted


def _refuse_unless_still_permitted(view: View, arguments: dict[str, Any]) -> None:
    """Raise what the view would raise now for want of a right: who was removed meanwhile hears no kept answer."""
    g.replaying = True
    try:
        view(**arguments)
    except (NotPermitted, NotFound):
        raise
    except (_StillPermitted, DomainError):
        pass  # what else it would say now has no part in an answer that was given
    finally:
        g.replaying = False


def _fingerprint() -> bytes:
    """What makes this request the one it is: address, condition and body, however its JSON is spaced."""
    conditions = [request.path, request.headers.get("If-Match"), request.headers.get("If-None-Match")]
    return orjson.dumps([*conditions, body_value(optional=True)], option=orjson.OPT_SORT_KEYS)


def _carried_out(view: View, claim: Claim, arguments: dict[str, Any]) -> Response:
    g.claim = claim
    done = False
    try:
        response = view(**arguments)
        done = 200 <= response.status_code < 300
    finally:
        if not done:
            _quietly(lambda: replies().release(claim))
    reply = Reply(
        response.status_code, response.headers.get("ETag"), response.headers.get("Location"), response.get_data(True)
    )
    _quietly(lambda: replies().keep(claim, reply))
    return response


def _quietly(step: Callable[[], None]) -> None:
    """The command is done or refused, whatever the office says now; an answer not kept is found again by its id."""
    try:
        step()
    except SQLAlchemyError as error:
        log.error("a kept answer could not be written: %s", type(error).__name__)


def _replayed(reply: Reply) -> Response:
    response = Response(reply.body, status=reply.status, mimetype="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    if reply.etag:
        response.headers["ETag"] = reply.etag
    if reply.location:
        response.headers["Location"] = reply.location
    return response
