"""A client for each person of the house, which holds every answer against the OpenAPI document."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from werkzeug.test import TestResponse

from coord.domain.actors import Actor
from coord.office.tokens import Tokens
from coord.web import SECURITY_HEADERS
from tests.house import House, open_house

ALERT = {"text": "Nut allergy", "kind": "health", "audience": "care-team-and-school", "what_to_do": "Call 112."}
NOTE = {
    "format": "narrative",
    "sections": {"text": "Tied both laces."},
    "observed_from": "2026-03-10T09:00:00+01:00",
    "setting": "therapy-room",
    "audience": "care-team",
    "sign": True,
}
OF_EVERY_ANSWER = {"Content-Type", "Content-Length", "Cache-Control", "Vary", *SECURITY_HEADERS}
"""What is said once, in docs/api.md, and not of each operation."""
CIRCUMSTANCES = {"observed_from": "2026-03-09T09:00:00+01:00", "setting": "home", "present": ["a sister"]}


class Api:
    """The API as one person uses it. ``checked`` refuses an answer that the document does not describe."""

    def __init__(self, house: House, token: str | None, covered: set[tuple[str, str]]) -> None:
        self.house, self.covered = house, covered
        self.client = house.app.test_client(use_cookies=False)
        self.token = token

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = self.client.open(f"/api/v1{path}", method=method, headers={**bearer, **(headers or {})}, **more)
        check_documented(self.house, method, f"/api/v1{path}".split("?")[0], answer, self.covered)
        return answer

    def get(self, path: str, **more: Any) -> Any:
        return self.send("GET", path, **more)

    def post(self, path: str, json: Any = None, *, version: int | None = None, **more: Any) -> Any:
        return self._write("POST", path, json, version, more)

    def patch(self, path: str, json: Any = None, *, version: int | None = None, **more: Any) -> Any:
        return self._write("PATCH", path, json, version, more)

    def put(self, path: str, json: Any = None, *, version: int | None = None, **more: Any) -> Any:
        return self._write("PUT", path, json, version, more)

    def delete(self, path: str, **more: Any) -> Any:
        return self.send("DELETE", path, **more)

    def _write(self, method: str, path: str, json: Any, version: int | None, more: dict[str, Any]) -> Any:
        headers = more.pop("headers", {})
        if version is not None:
            headers = {"If-Match": f'"{version}"', **headers}
        if json is not None:
            more["json"] = json
        return self.send(method, path, headers=headers, **more)

    def note(self, case: UUID, **changes: Any) -> Any:
        """Write a note; of `NOTE` what is not changed."""
        body = {k: v for k, v in {**NOTE, **changes}.items() if v is not ...}
        return self.post(f"/cases/{case}/notes", body)


def check_documented(
    house: House, method: str, path: str, answer: TestResponse, covered: set[tuple[str, str]] | None = None
) -> None:
    document = house.app.extensions["coord-api"]()
    for template, item in document["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in item:
            break
    else:
        assert answer.status_code in (401, 404, 405) or path.endswith(("/openapi.json", "/docs")), (method, path)
        return
    responses = item[method.lower()]["responses"]
    assert str(answer.status_code) in responses, (method, template, answer.status_code, answer.text)
    response = responses[str(answer.status_code)]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    undocumented = {name for name, _ in answer.headers if name not in OF_EVERY_ANSWER} - response["headers"].keys()
    assert not undocumented, (method, template, answer.status_code, undocumented)
    if answer.status_code < 300:
        for name in {"ETag", "Location"} & response["headers"].keys():
            assert name in answer.headers, (method, template, name)
    media_type = answer.content_type.split(";")[0]
    assert media_type in response["content"], (template, media_type)
    if media_type.endswith("json") and media_type != "application/x-ndjson":
        schema = response["content"][media_type]["schema"]
        content = json_of(answer)
        errors = [e.message for e in _validator(house, str(schema), schema).iter_errors(content)]
        assert not errors, (method, template, errors, content)
    if covered is not None and answer.status_code < 300:
        covered.add((method, template.removeprefix("/api/v1")))


def json_of(answer: TestResponse) -> Any:
    """What it says, compressed or not."""
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return json.loads(gzip.decompress(answer.data) if packed else answer.data)


_validators: dict[str, Any] = {}


def _validator(house: House, name: str, schema: dict[str, Any]) -> Any:
    if name not in _validators:
        whole = {**schema, "components": house.app.extensions["coord-api"]()["components"]}
        _validators[name] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return _validators[name]


@pytest.fixture
def postgres_database(prepared_database: str) -> str:
    """With the tables in it: it is the houses' own."""
    return prepared_database


@pytest.fixture
def house(data_folder: Path, database_url: str | None) -> Iterator[House]:
    """On each store."""
    with open_house(data_folder, database_url) as house:
        yield house


@pytest.fixture
def sqlite_house(data_folder: Path) -> Iterator[House]:
    """On one store, where the store makes no difference."""
    with open_house(data_folder) as house:
        yield house


def token_of(house: House, person: Actor) -> str:
    now = house.clock.now
    return Tokens(house.services.office).issue(person.person_id, "test", now + timedelta(days=30), now=now)


Opener = Callable[..., Api]


def opener_for(house: House) -> Opener:
    covered: set[tuple[str, str]] = set()

    @cache
    def opener(person: Actor | None) -> Api:
        return Api(house, token_of(house, person) if person else None, covered)

    opener.covered = covered  # type: ignore[attr-defined]
    return opener


@pytest.fixture
def api(house: House) -> Opener:
    """``api(house.ot)``: the API as that person uses it; ``api(None)`` without a token."""
    return opener_for(house)


@pytest.fixture
def sqlite_api(sqlite_house: House) -> Opener:
    """The same on one store."""
    return opener_for(sqlite_house)
