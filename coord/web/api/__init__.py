"""The API under /api/v1: the same doors, the same permissions, bearer tokens."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask
from flask_smorest import Api

from coord.application.services import Services
from coord.office.idempotency import Replies
from coord.web.activities import api as activities
from coord.web.api import documentation
from coord.web.api.headers import HEADERS, of_refusal
from coord.web.api.named import name_enumerations
from coord.web.api.schemas import Problem
from coord.web.case.api import alerts, cases, circle
from coord.web.complaint_file import api as complaint_files
from coord.web.errors import PROBLEM
from coord.web.find import api as find
from coord.web.goals import api as goals
from coord.web.groups.api import child_groups, courses
from coord.web.groups.api import sessions as group_sessions
from coord.web.history import api as history
from coord.web.measures import api as measures
from coord.web.note_templates import api as note_templates
from coord.web.notes import api as notes
from coord.web.people import api as people
from coord.web.phrases import api as phrases
from coord.web.policies import api as policies
from coord.web.strategies import api as strategies
from coord.web.summary import api as summaries
from coord.web.timeline import api as timeline
from coord.web.waiting import api as waiting

AREAS = (
    *(cases, alerts, circle, notes, timeline, summaries, goals, strategies, measures, child_groups),
    *(
        waiting,
        find,
        history,
        complaint_files,
        people,
        activities,
        note_templates,
        phrases,
        policies,
        courses,
        group_sessions,
    ),
)
DESCRIPTION = (
    "One child, one timeline. Every request carries `Authorization: Bearer <token>`; `coord token --for EMAIL` makes "
    "one. The same rules hold as in the pages: what you may not see does not exist (404), and every look at a child is "
    "recorded before it is shown. Times are ISO 8601 with their zone, in UTC on the way out. Every answer says which "
    "`position` of the record it shows."
)
DESCRIPTIONS = {
    400: "Not readable: malformed JSON, a name given twice, too deeply nested, a condition that is none",
    401: "No valid token",
    403: "You may know of it, yet not do this",
    404: "There is no such thing, as far as you may know",
    405: "The address is there, yet not for this method: so says a service that is older than this description too",
    409: "Not in its present state; or a request with the same key is still at work",
    412: "Changed since the version that you named: `current_version` says what stands now",
    413: "More than a megabyte",
    415: "The body is not JSON",
    422: "Something in it cannot be accepted: `errors` has a pointer and a code for each",
    428: "Say in `If-Match` which version you decided on",
    503: "A store does not answer; nothing was written. Try again",
}


class CoordApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest with our refusals: `coord.web.errors` answers, and the document says so."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """There is one place for errors already."""

    def _register_responses(self) -> None:
        for status, description in DESCRIPTIONS.items():
            refusal = {"description": description, "content": {PROBLEM: {"schema": Problem}}}
            refusal["headers"] = of_refusal(status)
            self.spec.components.response(HTTPStatus(status).name, refusal, lazy=True)
        for name, about in HEADERS.items():
            self.spec.components.header(name, {"description": about, "schema": {"type": "string"}})


def init_api(app: Flask, services: Services) -> list[Blueprint]:
    """Register the API; gives the blueprints, for which cookies and so CSRF tokens mean nothing."""
    app.extensions["coord-replies"] = Replies(services.office, *services.settings.secret_keys)
    app.extensions["coord-api"] = openapi_document
    blueprints = [*(area.blueprint for area in AREAS), documentation.blueprint]
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    return blueprints


@cache
def openapi_document() -> dict[str, Any]:
    """The OpenAPI document: the same in every process, so described when somebody asks, and not at every start.

    To describe takes longer than all else that an application does when it starts. flask-smorest wants an application
    for it; nothing of it runs when a request is answered (see `coord.web.api.operations.operation`).
    """
    specification: dict[str, Any] = {
        "title": "Coord",
        "version": "1",
        "openapi_version": "3.1.0",
        "info": {"description": DESCRIPTION},
        "security": [{"bearer": []}],
        "servers": [{"url": "/"}],
    }
    api = CoordApi(Flask(__name__), spec_kwargs=specification)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    for area in AREAS:
        api.register_blueprint(area.blueprint)
    api.spec._tags = [{"name": a.blueprint.tag, "description": a.blueprint.description} for a in AREAS]
    document: dict[str, Any] = api.spec.to_dict()
    name_enumerations(document)
    return document


__all__ = ["AREAS", "init_api", "openapi_document"]
