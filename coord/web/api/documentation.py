"""The OpenAPI document, and a page that reads it aloud: made here, with nothing from another host and no script."""

from __future__ import annotations

import json
from typing import Any, cast

import orjson
from flask import Blueprint, Response, current_app, render_template, request, url_for

from coord.web.api.fields import OPEN
from coord.web.api.operations import PREFIX

blueprint = Blueprint("api-documentation", __name__, url_prefix=PREFIX)
Document = dict[str, Any]
SAMPLE_ID = "4b7c9e52-0c1f-4d3a-9a54-1f6f7f0f2a11"


@blueprint.get("/", strict_slashes=False)
def start() -> Response:
    """Where the two descriptions are: what a program, or somebody at its keyboard, finds at the API's own address."""
    found = {"openapi": url_for(".openapi"), "docs": url_for(".docs")}
    return Response(orjson.dumps(found), mimetype="application/json")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The API, described for programs. It names no child and no person, so that everybody may read it."""
    return Response(orjson.dumps(document()), mimetype="application/json")


@blueprint.get("/docs")
def docs() -> str:
    """The same for people, with a curl line for each operation."""
    spec = document()
    root = request.url_root.rstrip("/")
    areas = [
        {**tag, "operations": [o for o in _operations(spec, root) if o["tag"] == tag["name"]]} for tag in spec["tags"]
    ]
    shapes = [_shape(name, schema) for name, schema in sorted(spec["components"]["schemas"].items())]
    return render_template("api/docs.html", spec=spec, areas=areas, shapes=shapes, root=root, prefix=PREFIX)


def document() -> Document:
    """The OpenAPI document of this application."""
    return cast(Document, current_app.extensions["coord-api"]())


def _operations(spec: Document, root: str) -> list[Document]:
    return [
        _operation(root, path, method, operation, item.get("parameters", []))
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def _operation(root: str, path: str, method: str, operation: Document, shared: list[Document]) -> Document:
    parameters = [
        {
            "name": p["name"],
            "place": p["in"],
            "required": p.get("required", False),
            "kind": kind_of(p["schema"]),
            "description": p.get("description", ""),
        }
        for p in [*shared, *operation.get("parameters", [])]
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    success = next(code for code in operation["responses"] if code.startswith("2"))
    kinds = operation["responses"][success]["content"]
    return {
        "id": operation["operationId"],
        "tag": operation["tags"][0],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": parameters,
        "body": kind_of(body["schema"]) if body else None,
        "success": success,
        "answer": kind_of(next(iter(kinds.values()))["schema"]),
        "media_types": list(kinds),
        "headers": list(operation["responses"][success]["headers"]),
        "refusals": sorted(code for code in operation["responses"] if not code.startswith("2")),
        "curl": _curl(root, path, method, parameters, body),
    }


def _curl(root: str, path: str, method: str, parameters: list[Document], body: Document | None) -> str:
    for parameter in parameters:
        path = path.replace("{" + parameter["name"] + "}", SAMPLE_ID)
    lines = ["curl" if method == "get" else f"curl -X {method.upper()}", f'"{root}{path}"']
    lines.append('-H "Authorization: Bearer $COORD_TOKEN"')
    required = {p["name"] for p in parameters if p["required"] and p["place"] == "header"}
    if "If-Match" in required:
        lines.append("""-H 'If-Match: "1"'""")
    if body is not None:
        example = json.dumps(body.get("example", {}), ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d '{example}'"]
    return " \\\n  ".join(lines)


def _shape(name: str, schema: Document) -> Document:
    required = set(schema.get("required", ()))
    fields = [
        {
            "name": field,
            "kind": kind_of(inner),
            "required": field in required,
            "description": inner.get("description", ""),
        }
        for field, inner in schema.get("properties", {}).items()
    ]
    return {"name": name, "fields": fields, "words": schema.get("enum", [])}


def kind_of(schema: Document) -> Document:
    """What a schema is, for a reader: words, and the name of the shape that it refers to if there is one."""
    if "$ref" in schema:
        return {"words": "", "shape": schema["$ref"].rsplit("/", 1)[1], "choices": []}
    for combined in ("allOf", "anyOf", "oneOf"):
        if combined in schema:
            inner = [kind_of(s) for s in schema[combined] if s.get("type") != "null"]
            null = any(s.get("type") == "null" for s in schema[combined])
            return {**inner[0], "words": inner[0]["words"] + (" or null" if null else "")}
    if schema.get("type") == "array":
        inner_kind = kind_of(schema["items"])
        return {**inner_kind, "words": f"list of {inner_kind['words']}".strip()}
    types = schema.get("type", "object")
    names = [types] if isinstance(types, str) else list(types)
    words = " or ".join(str(schema["format"]) if t == "string" and "format" in schema else t for t in names)
    if "maxLength" in schema:
        words += f", at most {schema['maxLength']} characters"
    if "minimum" in schema and "maximum" in schema:
        words += f" from {schema['minimum']} to {schema['maximum']}"
    if OPEN in schema:
        words += ", today one of"
    choices = schema.get("enum") or schema.get(OPEN, [])
    return {"words": words, "shape": None, "choices": [c for c in choices if c is not None]}
