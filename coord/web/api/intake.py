"""What comes in: one strict reading of bodies, query parameters and conditions. What is not expected is refused.

Everything wrong with the form of a request ends here, before a door is opened: in a 400 (not readable), 413, 415, 422
(field by field) or 428. What a text means, and whether it may be written, is the domain's business.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from flask import g, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import HTTPException

from coord.domain.errors import FieldProblem, InvalidInput
from coord.web.errors import problem

DEEPEST = 12
"""Levels of nesting; the deepest body that makes sense has five."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ETAG = re.compile(r'"(\d{1,9})"', re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)


def refuse(status: int, code: str, **more: Any) -> NoReturn:
    """End the request with a problem document."""
    raise HTTPException(response=problem(status, code, **more))


# ---- bodies ------------------------------------------------------------------------------------------------------


class _DuplicateKey(ValueError):
    pass


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers of the same bytes must not see two different values: a name given twice is refused."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKey
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_once_each, parse_constant=_no_constant)


def body_value(*, optional: bool = False) -> Any:
    """The request's JSON, read once. An absent body is ``{}`` where none is needed."""
    if "body_value" not in g:
        g.body_value = _read_body(optional)
    return g.body_value


def _read_body(optional: bool) -> Any:
    raw = request.get_data(cache=True)  # raises 413 beyond the application's limit
    if not raw and optional:
        return {}
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in ("utf-8", "utf8"):
        refuse(415, "unsupported-media-type")
    try:
        value = _DECODER.decode(raw.decode())
    except _DuplicateKey:
        refuse(400, "duplicate-key")
    except RecursionError:
        refuse(400, "too-deep")
    except ValueError:  # not UTF-8, not JSON, or a number of thousands of digits
        refuse(400, "malformed-json")
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and _depth(value) > DEEPEST:
        refuse(400, "too-deep")
    if b"\\u" in raw:  # only an escape can smuggle in half a character or a NUL
        problems: list[FieldProblem] = []
        _find_unstorable(value, "", problems)
        if problems:
            raise InvalidInput(problems)
    return value


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            break
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner += [v for v in item.values() if isinstance(v, dict | list)]
            elif isinstance(item, list):
                inner += [v for v in item if isinstance(v, dict | list)]
        level = inner
    return depth


def _find_unstorable(value: Any, pointer: str, problems: list[FieldProblem]) -> None:
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            problems.append(FieldProblem(pointer, "broken-characters"))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            _find_unstorable(item, f"{pointer}/{i}", problems)
    elif isinstance(value, dict):
        for name, item in value.items():
            if _UNSTORABLE.search(name):
                problems.append(FieldProblem(pointer, "broken-characters"))
            else:
                _find_unstorable(item, f"{pointer}/{_escaped(name)}", problems)


def _escaped(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


# ---- marshmallow's findings as ours ------------------------------------------------------------------------------


def problems_of(messages: Any, pointer: str = "") -> list[FieldProblem]:
    """Field problems from marshmallow's messages; our fields put codes where marshmallow puts sentences."""
    if isinstance(messages, Mapping):
        return [
            found
            for name, inner in messages.items()
            for found in problems_of(inner, pointer if name == "_schema" else f"{pointer}/{_escaped(name)}")
        ]
    if isinstance(messages, list):
        return [found for inner in messages for found in problems_of(inner, pointer)]
    if isinstance(messages, FieldProblem):
        return [FieldProblem(pointer, messages.code, messages.params)]
    return [FieldProblem(pointer, str(messages))]


def read_body(schema: Schema) -> Any:
    """The body as ``schema`` has it; it may be absent where every field of it may be."""
    return _loaded(schema, body_value(optional=not any(field.required for field in schema.fields.values())))


def read_query(schema: Schema) -> Any:
    """The query as ``schema`` has it: each parameter once, of whole characters."""
    if not request.query_string:
        return _loaded(schema, {}) if schema.fields else {}
    problems, found = _not_utf8(request.query_string), {}
    for name, values in request.args.lists():
        if _UNSTORABLE.search(name):
            problems.append(FieldProblem("", "broken-characters"))
        elif len(values) > 1:
            problems.append(FieldProblem(f"/{_escaped(name)}", "given-twice"))
        elif _UNSTORABLE.search(values[0]):
            problems.append(FieldProblem(f"/{_escaped(name)}", "broken-characters"))
        found[name] = values[0]
    if problems:
        raise InvalidInput(problems)
    return _loaded(schema, found)


def _loaded(schema: Schema, value: Any) -> Any:
    try:
        return schema.load(value)
    except ValidationError as error:  # as the domain would say it
        raise InvalidInput(problems_of(error.messages)) from error


def _not_utf8(query: bytes) -> list[FieldProblem]:
    """Parameters whose bytes are no text; the framework would hand them on as they are spelled."""
    problems = []
    for pair in query.split(b"&") if b"%" in query else ():
        try:
            unquote_to_bytes(pair).decode()
        except UnicodeDecodeError:
            name = unquote_to_bytes(pair.partition(b"=")[0]).decode(errors="replace")
            problems.append(FieldProblem(f"/{_escaped(name)}", "broken-characters"))
    return problems


# ---- conditions --------------------------------------------------------------------------------------------------


def expected_version(*, required: bool = True) -> int | None:
    """The version that ``If-Match`` names. Refuses with 428 where one is needed, 400 where it names none."""
    header = request.headers.get("If-Match")
    if header is None:
        if required:
            refuse(428, "precondition-required")
        return None
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        refuse(400, "bad-if-match")
    return int(found[1])


def version_to_replace() -> int:
    """As `expected_version`, and ``If-None-Match: *`` for what must not exist yet."""
    if request.headers.get("If-None-Match", "").strip() == "*" and "If-Match" not in request.headers:
        return 0
    return expected_version() or 0


def idempotency_key() -> str | None:
    """The ``Idempotency-Key``, if one was sent; 400 if it is none that we keep."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        refuse(400, "bad-idempotency-key")
    return key
